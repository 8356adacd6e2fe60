//! Reads QR codes (ISO/IEC 18004, model 2) from gray pixels.
//!
//! [`Reader::read`] takes an image and gives the codes in it; [`symbol::read`] takes modules and gives what they say.
//! Nothing here does I/O, and no input makes it panic.
#![forbid(unsafe_code)]

/// Says on standard error how a reading goes, where the crate is built with the feature `trace`.
macro_rules! trace {
    ($($argument:tt)*) => {
        if cfg!(feature = "trace") {
            eprintln!($($argument)*);
        }
    };
}

mod binarize;
mod equalise;
mod faint;
mod finder;
mod format;
mod fusion;
mod galois;
mod geometry;
mod grid;
mod hint;
mod image;
mod locate;
#[cfg(test)]
mod numbers;
mod outline;
mod patch;
mod reader;
mod reed_solomon;
mod register;
mod sample;
mod segments;
mod soft;
pub mod symbol;
pub mod text;
mod unrest;
mod version;

pub use fusion::FrameReader;
pub use hint::Hindrance;
pub use reader::{Code, Reader, Reading};
pub use segments::{Message, StructuredAppend};
pub use symbol::Correction;
pub use version::Level;
