//! The checkpoint kiosk: everything that touches the world.
//!
//! What decides is in the crate `checkpoint`; what reads codes is in `qrscan`. The rooms below know those two and
//! `frame`, never each other: they meet in `commands` through channels.

pub mod camera;
pub mod clock;
pub mod commands;
pub mod config;
pub mod courier;
pub mod device;
pub mod frame;
pub mod journal;
pub mod scan;
pub mod signals;
pub mod trust_store;
pub mod ui;
pub mod words;
