//! What a checkpoint decides, without touching the world.
//!
//! `QrText → Envelope → Credential → Evidence → Verdict → Passage`: every arrow consumes what it is given, and each
//! type says what was proven. Bytes and the time come in as arguments; no file, clock, thread, socket, pixel or SQL.

#![forbid(unsafe_code)]

pub mod envelope;
pub mod dsse;
pub mod trust;
pub mod time;
pub mod evidence;
pub mod rules;
pub mod verdict;
pub mod lane;
pub mod screen;
pub mod passage;
