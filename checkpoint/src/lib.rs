//! What a checkpoint decides, without touching the world.
//!
//! `QrText → Envelope → Credential → Evidence → Verdict → Passage`: every arrow consumes what it is given, and each
//! type says what was proven. Bytes and the time come in as arguments; no file, clock, thread, socket, pixel or SQL.

#![forbid(unsafe_code)]

pub mod csv;
pub mod dsse;
pub mod envelope;
pub mod evidence;
pub mod lane;
pub mod passage;
pub mod passback;
pub mod presence;
pub mod question;
pub mod roster;
pub mod rules;
pub mod screen;
pub mod statistics;
pub mod time;
pub mod trust;
pub mod unsigned;
pub mod verdict;
