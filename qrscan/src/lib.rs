//! Reads QR codes (ISO/IEC 18004, model 2) from gray pixels.
#![forbid(unsafe_code)]

mod binarize;
mod finder;
mod format;
mod galois;
mod geometry;
mod grid;
mod image;
mod locate;
mod outline;
mod reader;
mod reed_solomon;
mod sample;
mod segments;
pub mod symbol;
mod version;

pub use reader::{Code, Reader, Reading};
pub use segments::{Message, StructuredAppend};
pub use symbol::Correction;
pub use version::Level;
