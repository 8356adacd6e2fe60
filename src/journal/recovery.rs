//! What a start finds.

use std::fmt;

use chrono::{DateTime, Utc};

/// What was found at start, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Number of the last record; 0 for a new journal.
    pub sequence: u64,
    /// When the last one was recorded.
    pub newest: Option<DateTime<Utc>>,
    /// Blocks near the end that hold no whole record: a power cut, or a write that failed.
    pub skipped: u64,
    /// Records that the index lacks and takes in as the kiosk works.
    pub index_lacks: u64,
    /// The index knows of records that the segments no longer hold: somebody put back an older copy, or the disk lost
    /// what it had confirmed. Number of the newest of them.
    pub index_ahead: Option<u64>,
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sequence {
            0 => write!(f, "new journal")?,
            n => write!(f, "journal of {n} records")?,
        }
        match self.skipped {
            0 => {}
            n => write!(f, ", {n} unfinished block(s) skipped")?,
        }
        match self.index_lacks {
            0 => {}
            n => write!(f, ", index takes in {n} records")?,
        }
        match self.index_ahead {
            None => Ok(()),
            Some(n) => {
                write!(f, ", WARNING: records up to {n} were known and are gone; keep a copy and call the office")
            }
        }
    }
}
