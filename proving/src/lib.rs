//! The proving ground: what the programs in `bin/` share. Nothing here is shipped.

pub mod conformance;
pub mod drawn;
pub mod pairs;
pub mod peers;
pub mod scan;
pub mod sequences;
