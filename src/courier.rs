//! The courier: signed batches of records out, newer trust files in. The first transport is a folder: a stick, or a share.
//!
//! Nothing is lost and nothing is sent twice: a batch gets its name in the folder only when it is whole and durable, and
//! only then the cursor moves. Whoever pulls the stick loses the batch that was being written, and the next run writes it
//! again. The folder and the cursor are both asked where to go on, so it does not matter between which steps the power was
//! cut. `docs/batch.md` is the specification of the files.

mod cursor;
mod folder;

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use checkpoint::passage::batch::{BATCH_RECORDS_MAX, Batch, BatchFault};
use checkpoint::passage::record::{Entry, JournalId};
use ed25519_dalek::SigningKey;

use cursor::Cursor;
use folder::Folder;

pub use cursor::sent_upto;
pub use folder::{Bare, TRUST_DIR};

/// One step that touches a disk, before it is made. Tests stop there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The folder is looked at.
    Look,
    /// A file is opened to be written.
    Create,
    /// The second half of a file is written.
    Write,
    /// A file is made durable.
    Sync,
    /// A file gets its name.
    Rename,
    /// Names are made durable.
    SyncNames,
}

/// Asked before every step; an error is taken for the step's own.
pub type BeforeStep<'a> = dyn FnMut(Step) -> io::Result<()> + 'a;

/// Where the records come from.
pub trait Source {
    /// The journal's name.
    fn journal(&self) -> JournalId;

    /// Acknowledged records from a sequence number on, in order.
    fn entries(&self, from: u64) -> Box<dyn Iterator<Item = Result<Entry, Box<dyn Error + Send + Sync>>> + '_>;
}

/// Who sends, and what it keeps.
pub struct Courier<'a> {
    /// `device_id` of the key.
    pub device: &'a str,
    /// The device's key.
    pub key: &'a SigningKey,
    /// The kiosk's storage: the cursor stands there.
    pub storage: &'a Path,
}

/// What one run sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Batches written.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Records that the folder held already though the cursor did not say so: an earlier run was cut off.
    pub found: u64,
    /// Number of the last record that is out; 0 if none.
    pub upto: u64,
}

/// Why a run ended early. What was sent before stays sent, and nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum CourierFault {
    /// There is no such folder.
    #[error("{dir} is not there; plug the stick in, or connect the share", dir = .dir.display())]
    NoFolder {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder holds nothing of ours: perhaps it is the empty place where the stick should be.
    #[error("{dir} was never used for a checkpoint (it holds neither `passages` nor `trust-keys`); is the stick plugged in? To begin with this folder, run `kiosk sync` by hand once", dir = .dir.display())]
    BareFolder {
        /// The folder.
        dir: PathBuf,
    },
    /// Nothing of the batch stays there.
    #[error("{dir} is full; bring another stick, or take away files that the office has", dir = .dir.display())]
    Full {
        /// The folder.
        dir: PathBuf,
    },
    /// It cannot be written.
    #[error("{dir} is read-only; open the stick's lock, or mount it so that the kiosk may write", dir = .dir.display())]
    ReadOnly {
        /// The folder.
        dir: PathBuf,
    },
    /// It went away, or broke.
    #[error("{dir} failed ({source}); if the stick was pulled out, plug it in again: the next run goes on", dir = .dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The batch is out, and that could not be noted: the next run finds it in the folder.
    #[error("the kiosk's own disk failed ({source}); see `kiosk doctor`", source = .source)]
    Cursor {
        /// What the system said.
        source: io::Error,
    },
    /// The journal cannot be read.
    #[error("the journal cannot be read: {0}")]
    Journal(Box<dyn Error + Send + Sync>),
    /// The journal holds less than was sent, or something else: an older copy was put back, or the disk lost records.
    #[error(
        "record {sequence} was sent before and the journal no longer holds it so: an older copy was put back, or the disk lost it; keep a copy of the journal and call the office"
    )]
    NotWhatWasSent {
        /// Number of the record.
        sequence: u64,
    },
    /// The records do not follow each other.
    #[error("the journal's records make no batch: {0}")]
    Batch(#[from] BatchFault),
}

impl Courier<'_> {
    /// Sends what the folder lacks.
    ///
    /// # Errors
    /// Every `CourierFault`.
    pub fn send(
        &self,
        dir: &Path,
        bare: Bare,
        source: &impl Source,
        before: &mut BeforeStep<'_>,
    ) -> Result<Sent, CourierFault> {
        let folder = Folder::open(dir, bare, before)?;
        let journal = source.journal();
        let mut cursor = Cursor::load(self.storage, journal);
        let held = folder.held(self.device, journal)?;
        let mut sent = Sent { upto: cursor.sent, ..Sent::default() };
        loop {
            let mut entries = self.after(source, &cursor)?.peekable();
            // A batch that an earlier run finished, and was cut off before it could note that.
            if let Some(batch) = held.iter().filter(|held| held.covers(cursor.sent + 1)).max_by_key(|held| held.last) {
                let last =
                    entries.find(|entry| entry.as_ref().map_or(true, |entry| entry.record().sequence >= batch.last));
                if let Some(last) = last.transpose()?
                    && folder.read(batch, &self.key.verifying_key()).is_some_and(|read| read.head() == last.hash())
                {
                    sent.found += batch.last - cursor.sent;
                    self.note(&mut cursor, &last, before)?;
                    sent.upto = cursor.sent;
                    continue;
                }
                entries = self.after(source, &cursor)?.peekable();
            }
            let run: Vec<Entry> = entries.take(BATCH_RECORDS_MAX).collect::<Result<_, _>>()?;
            let Some(last) = run.last().cloned() else { return Ok(sent) };
            let batch = Batch::new(self.device, journal, run)?;
            folder.write(&batch, &batch.sign(self.key), before)?;
            sent.batches += 1;
            sent.records += batch.entries().len() as u64;
            self.note(&mut cursor, &last, before)?;
            sent.upto = cursor.sent;
        }
    }

    /// Records after the cursor, which must be in the journal as they were sent.
    fn after<'s>(
        &self,
        source: &'s impl Source,
        cursor: &Cursor,
    ) -> Result<impl Iterator<Item = Result<Entry, CourierFault>> + 's, CourierFault> {
        let mut entries = source.entries(cursor.sent.max(1)).map(|entry| entry.map_err(CourierFault::Journal));
        if let Some(head) = cursor.head {
            let sent = entries.next().transpose()?;
            if sent.is_none_or(|entry| entry.hash() != head || entry.record().sequence != cursor.sent) {
                return Err(CourierFault::NotWhatWasSent { sequence: cursor.sent });
            }
        }
        Ok(entries)
    }

    fn note(&self, cursor: &mut Cursor, last: &Entry, before: &mut BeforeStep<'_>) -> Result<(), CourierFault> {
        cursor.sent = last.record().sequence;
        cursor.head = Some(last.hash());
        cursor.store(self.storage, before).map_err(|source| CourierFault::Cursor { source })
    }
}

/// Gives a file its name only when it is whole and durable; an older file of this name is replaced at that moment.
fn write_whole(dir: &Path, name: &str, bytes: &[u8], before: &mut BeforeStep<'_>) -> io::Result<()> {
    use std::fs::{File, OpenOptions, rename};
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let unfinished = dir.join(format!("{name}{UNFINISHED}"));
    before(Step::Create)?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let (first, second) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    before(Step::Write)?;
    file.write_all(second)?;
    before(Step::Sync)?;
    file.sync_all()?;
    drop(file);
    before(Step::Rename)?;
    rename(&unfinished, dir.join(name))?;
    before(Step::SyncNames)?;
    match File::open(dir)?.sync_all() {
        // Some network shares cannot sync a directory; there, the rename itself is as durable as it gets.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// How the name of a file ends that is being written.
const UNFINISHED: &str = ".part";
