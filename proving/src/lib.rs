//! The proving ground: what the programs in `bin/` share. Nothing here is shipped.

#[cfg(feature = "ours")]
pub mod canaries;
pub mod conformance;
pub mod drawn;
pub mod pairs;
pub mod peers;
#[cfg(feature = "journal")]
pub mod powercut;
pub mod scan;
pub mod sequences;
#[cfg(feature = "journal")]
pub mod tamper;
