//! The demonstration: an authority whose keys everybody knows, and a recording of visitors before a camera.

pub mod authority;

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::fault::Fault;

/// The seed of the demonstration that ships.
pub const SEED: u64 = 20_260_302;

/// What was written.
pub struct Made {
    /// Pictures.
    pub frames: usize,
    /// Visitors.
    pub visitors: usize,
}

/// When the recording begins.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T08:00:00+07:00".parse().expect("written in this file as RFC 3339")
}

/// Writes the demonstration.
pub fn write(folder: &Path, _seed: u64, _progress: impl Fn(usize, usize) + Sync) -> Result<Made, Fault> {
    authority::write_trust_keys(&folder.join("trust-keys"))?;
    Ok(Made { frames: 0, visitors: 0 })
}
