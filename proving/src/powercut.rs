//! Power is cut at every instant of the kiosk's journal: what the program `powercut` is made of.
//!
//! A file system in user space records every write, sync and change of a name while the real journal works on it, and
//! the acknowledgements between them. From the record follows what a disk may hold when the power goes at each point, and
//! the real journal is begun again on each of these.

pub mod check;
pub mod controls;
#[cfg(feature = "ours")]
pub mod faults;
pub mod life;
pub mod mirrored;
pub mod recorder;
pub mod work;
