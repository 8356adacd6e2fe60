//! The checkpoint kiosk: everything that touches the world.
//!
//! What decides is in the crate `checkpoint`; what reads codes is in `qrscan`. The rooms below know those two and
//! `frame`, `mode` and `words`, never each other: they meet in `commands` through channels. Without the feature `whole` only the journal, the
//! courier and the device's key are built.

#[cfg(feature = "whole")]
pub mod camera;
#[cfg(feature = "whole")]
pub mod checklist;
#[cfg(feature = "whole")]
pub mod clock;
#[cfg(feature = "whole")]
pub mod commands;
#[cfg(feature = "whole")]
pub mod config;
pub mod courier;
pub mod device;
#[cfg(feature = "whole")]
pub mod frame;
pub mod journal;
pub mod memory;
#[cfg(feature = "whole")]
pub mod mode;
#[cfg(feature = "whole")]
pub mod pin;
pub mod practice;
#[cfg(feature = "whole")]
pub mod scan;
#[cfg(feature = "whole")]
pub mod signals;
#[cfg(feature = "whole")]
pub mod trust_store;
#[cfg(feature = "whole")]
pub mod ui;
#[cfg(feature = "whole")]
pub mod words;
