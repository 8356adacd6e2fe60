//! The authority's tool as a library: keys, signed files, credentials, and the demonstration made from them.
//!
//! A package of its own, so that no code that issues health statements can end up in the kiosk
//! (`docs/decisions/001-trustctl-is-its-own-package.md`). Tests of the kiosk may use it; the kiosk does not.

#![forbid(unsafe_code)]

pub mod authority;
pub mod certificate;
pub mod demo;
pub mod describe;
pub mod fault;
pub mod hc1;
pub mod import;
pub mod keys;
pub mod native;
pub mod qr;
pub mod show;
pub mod terminal;
pub mod trace;
