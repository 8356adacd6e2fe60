//! A folder that batches go to and trust files come from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use checkpoint::dsse::SignedFile;
use checkpoint::passage::batch::{BATCH_FILE_BYTES_MAX, BATCH_RECORDS_MAX, Batch};
use checkpoint::passage::record::JournalId;
use ed25519_dalek::VerifyingKey;

use super::{BeforeStep, CourierFault, Step, UNFINISHED, write_whole};

/// Where batches go.
const PASSAGES: &str = "passages";
/// Where trust files come from: the trust store reads them itself.
pub const TRUST_DIR: &str = "trust-keys";

/// What to do with a folder that holds nothing of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bare {
    /// Somebody named this folder by hand: begin with it, and look at every batch that lies in it.
    Begin,
    /// It may be the empty place where a stick should be mounted: what is written there would never arrive.
    Refuse,
}

/// The name of a batch that the folder holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    name: String,
    /// Its first record, as the name says.
    pub first: u64,
    /// See `first`.
    pub last: u64,
}

impl Held {
    /// Whether it should hold this record.
    pub fn covers(&self, sequence: u64) -> bool {
        (self.first..=self.last).contains(&sequence)
    }

    /// Whether a batch may be of these records at all.
    pub fn may_be(&self) -> bool {
        self.first > 0 && self.first <= self.last && self.last - self.first < BATCH_RECORDS_MAX as u64
    }
}

/// A folder, open.
pub struct Folder {
    dir: PathBuf,
    passages: PathBuf,
}

impl Folder {
    /// Opens a folder and clears away what an earlier run left unfinished.
    pub fn open(dir: &Path, bare: Bare, before: &mut BeforeStep<'_>) -> Result<Self, CourierFault> {
        let folder = Self { dir: dir.to_owned(), passages: dir.join(PASSAGES) };
        before(Step::Look).map_err(|error| folder.fault(error))?;
        if !dir.is_dir() {
            return Err(CourierFault::NoFolder { dir: dir.to_owned() });
        }
        if !folder.passages.is_dir() {
            if bare == Bare::Refuse && !dir.join(TRUST_DIR).is_dir() {
                return Err(CourierFault::BareFolder { dir: dir.to_owned() });
            }
            let made = fs::create_dir(&folder.passages).and_then(|()| fs::File::open(dir)?.sync_all());
            match made {
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
                made => made.map_err(|error| folder.fault(error))?,
            }
        }
        Ok(folder)
    }

    /// Batches of a device's journal that the folder holds, by their names. What is unfinished of this device is removed.
    pub fn held(&self, device: &str, journal: JournalId) -> Result<Vec<Held>, CourierFault> {
        let prefix = batch_prefix(device, journal);
        let mut held = Vec::new();
        for file in fs::read_dir(&self.passages).map_err(|error| self.fault(error))? {
            let file = file.map_err(|error| self.fault(error))?;
            let Ok(name) = file.file_name().into_string() else { continue };
            let Some(range) = name.strip_prefix(&prefix) else { continue };
            if name.ends_with(UNFINISHED) {
                // If it cannot be removed, writing will say why.
                let _ = fs::remove_file(file.path());
                continue;
            }
            let range = range.strip_suffix(".json").and_then(|range| range.split_once('-'));
            if let Some((first, last)) = range
                && let (Ok(first), Ok(last)) = (first.parse(), last.parse())
            {
                held.push(Held { name, first, last });
            }
        }
        Ok(held)
    }

    /// A batch that the folder holds, if it is whole, signed by this key, and what its name says.
    pub fn read(&self, held: &Held, key: &VerifyingKey) -> Option<Batch> {
        let batch = Batch::read(&read_bounded(&self.passages.join(&held.name), BATCH_FILE_BYTES_MAX)?, &[*key]).ok()?;
        (batch.first() == held.first && batch.last() == held.last).then_some(batch)
    }

    /// Removes a batch that cannot be read.
    pub fn remove(&self, held: &Held, before: &mut BeforeStep<'_>) -> Result<(), CourierFault> {
        let removed = before(Step::Remove).and_then(|()| fs::remove_file(self.passages.join(&held.name)));
        removed.map_err(|error| self.fault(error))
    }

    /// Writes a batch: afterwards it is there, whole and durable, or not at all.
    pub fn write(&self, batch: &Batch, file: &SignedFile, before: &mut BeforeStep<'_>) -> Result<(), CourierFault> {
        let range = format!("{:010}-{:010}", batch.first(), batch.last());
        let name = format!("{}{range}.json", batch_prefix(batch.device(), batch.journal()));
        let bytes = serde_json::to_vec(file).map_err(|error| self.fault(error.into()))?;
        write_whole(&self.passages, &name, &bytes, before).map_err(|error| {
            // On a full stick, half a file would only be in the way.
            let _ = fs::remove_file(self.passages.join(format!("{name}{UNFINISHED}")));
            self.fault(error)
        })
    }

    fn fault(&self, source: io::Error) -> CourierFault {
        let dir = self.dir.clone();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => CourierFault::Full { dir },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => CourierFault::ReadOnly { dir },
            io::ErrorKind::NotFound => CourierFault::NoFolder { dir },
            _ => CourierFault::Folder { dir, source },
        }
    }
}

/// How the names of batches of one journal begin. Lower case, digits and hyphens: every file system takes it.
fn batch_prefix(device: &str, journal: JournalId) -> String {
    format!("batch-{device}-{}-", &journal.to_string()[..8])
}

/// A whole file, if it is no larger than this.
fn read_bounded(path: &Path, bytes_max: u64) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(bytes_max + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= bytes_max).then_some(bytes)
}
