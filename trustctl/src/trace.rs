//! Contact tracing: opens batches with the tracing keys and says who was where.
//!
//! Batches come from kiosks on sticks or by synchronisation (`docs/batch.md`). Only what is signed by a device of the bundle
//! counts; what is missing, doubled or contradicts itself is reported beside every answer, so that nobody takes "found
//! nothing" for "was not there". `docs/tracing.md` is the guide.

pub mod archive;
pub mod clocks;
pub mod corrections;
pub mod day_keys;
pub mod findings;
pub mod named;
pub mod people;
pub mod remarks;
pub mod report;
pub mod stays;
