//! A disk in memory whose power can be cut at any step: what is durable on it, what only waits for a sync, and what is left
//! when the power goes.
//!
//! The tests of the kiosk's journal work on it through the journal's own trait ([`MemoryDisk`]), with steps that fail or only
//! pretend. The proving ground records the real journal on a file system in user space instead, and applies its steps ([`Op`])
//! to the same model ([`Model`]): what a cut does to a disk ([`Cut`]) is said here once, for both.

mod content;
mod cut;
mod memory;
mod model;
mod seeded;

pub use content::Content;
pub use cut::Cut;
pub use memory::{Failing, MemoryDisk, Steps};
pub use model::{Acknowledged, FileId, Model, Node, Op};
pub use seeded::Seeded;
