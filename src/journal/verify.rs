//! Proving a whole journal: headers, checksums, chain, commitments, the device's signatures, the index beside it, and what
//! witnesses say. Reads only.

mod audit;
mod batches;
mod report;

use std::path::Path;
use std::sync::Arc;

use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::record::{Digest, JournalId};
use ed25519_dalek::VerifyingKey;

use super::disk::{Disk, Folder};
use super::index::INDEX_FILE;
use super::mirror::{MARK_FILE, Mark};
use super::walk::segment_numbers_found;
use super::{JournalFault, LOCK_FILE};
use audit::Audit;
pub use batches::batches;
pub use report::{Finding, Report, Severity};

/// What somebody else knows of a journal: it held this record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What it is, for people.
    pub what: Arc<str>,
    /// The journal.
    pub journal: JournalId,
    /// Number of the record.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Witness {
    /// A signed head that was proven.
    pub fn of_checkpoint(checkpoint: &Checkpoint, what: &str) -> Self {
        Self { what: what.into(), journal: checkpoint.journal, sequence: checkpoint.sequence, hash: checkpoint.head }
    }
}

/// What is checked. The proving ground leaves single checks out, to see that what they find is then missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Each block's checksum, and that its rest is zero.
    pub checksums: bool,
    /// Numbers and previous hashes.
    pub chain: bool,
    /// The device's signatures.
    pub signatures: bool,
    /// Each sealed part against its record.
    pub commitments: bool,
    /// Each row of the index against its record.
    pub index: bool,
    /// What witnesses say.
    pub witnesses: bool,
}

impl Checks {
    /// All of them.
    pub const ALL: Self =
        Self { checksums: true, chain: true, signatures: true, commitments: true, index: true, witnesses: true };
}

/// What is known beside the journal itself.
#[derive(Clone, Debug)]
pub struct Known<'k> {
    /// Public keys of devices: this one's, and those that it may have scanned.
    pub devices: &'k [VerifyingKey],
    /// What others know.
    pub witnesses: &'k [Witness],
    /// What is checked.
    pub checks: Checks,
}

/// Proves the journal in a directory. Damage is what it reports, not an error.
///
/// # Errors
/// `Missing`, and a disk that cannot be read.
pub fn verify(dir: &Path, known: &Known<'_>) -> Result<Report, JournalFault> {
    let missing = || JournalFault::Missing { dir: dir.to_owned() };
    if !dir.is_dir() {
        return Err(missing());
    }
    let disk: Arc<dyn Disk> = Arc::new(Folder::new(dir));
    let names = disk.names().map_err(|error| JournalFault::from_io("list the journal's files", error))?;
    let numbers = segment_numbers_found(&names);
    if numbers.is_empty() {
        return Err(missing());
    }
    let mut audit = Audit::new(known);
    for name in names.iter().filter(|name| !is_ours(name)) {
        audit.note(name, None, None, "this file is none of the journal's".to_owned());
    }
    if let Ok(Some(mark)) = Mark::read(dir) {
        audit.is_mirror(mark.erased_before);
    }
    let mut expected = 1;
    for number in numbers {
        if number > expected {
            audit.missing(expected..number);
        }
        audit.segment(&*disk, number)?;
        expected = number + 1;
    }
    audit.end();
    audit.index_end(dir);
    audit.witnesses();
    Ok(audit.report)
}

/// Whether a name is one that the journal gives.
fn is_ours(name: &str) -> bool {
    name == LOCK_FILE
        || name == MARK_FILE
        || ["", "-wal", "-shm", "-journal"].iter().any(|suffix| name == format!("{INDEX_FILE}{suffix}"))
        || name.starts_with("segment-") && (name.ends_with(".journal") || name.ends_with(".journal.new"))
}
