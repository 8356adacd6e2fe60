//! The courier: signed batches of records out, newer trust files in. The first transport is a folder: a stick, or a share.
//!
//! Nothing is lost and nothing is sent twice by itself: a batch gets its name in the folder only when it is whole and durable, and
//! only then the cursor moves. Whoever pulls the stick loses the batch that was being written, and the next run writes it
//! again. The folder and the cursor are both asked where to go on, so it does not matter between which steps the power was
//! cut. `docs/batch.md` is the specification of the files.

mod cursor;
mod folder;

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use checkpoint::passage::batch::{BATCH_RECORDS_MAX, Batch, BatchFault};
use checkpoint::passage::record::{Entry, JournalId};
use ed25519_dalek::{SigningKey, VerifyingKey};

use cursor::Cursor;
use folder::{Folder, Held};

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
    /// A file is removed.
    Remove,
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
    /// Batches of the folder that were damaged, and were written anew or removed because others hold their records.
    pub mended: u64,
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
    /// Sends what was not sent so far. A batch that is found damaged in the folder is written anew; by hand (`Bare::Begin`) all
    /// that lie there are looked at.
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
        self.send_from(None, dir, bare, source, before)
    }

    /// The same, and from this record on also what was sent before and the folder does not hold whole: for a stick that was lost, or
    /// batches that somebody removed.
    ///
    /// # Errors
    /// Every `CourierFault`.
    pub fn send_from(
        &self,
        from: Option<u64>,
        dir: &Path,
        bare: Bare,
        source: &impl Source,
        before: &mut BeforeStep<'_>,
    ) -> Result<Sent, CourierFault> {
        let folder = Folder::open(dir, bare, before)?;
        let journal = source.journal();
        let mut cursor = Cursor::load(self.storage, journal);
        let mut records = Records { held: folder.held(self.device, journal)?, ..Records::default() };
        let mut sent = Sent { upto: cursor.sent, ..Sent::default() };
        let noted = cursor.sent;
        if let Some(from) = from.filter(|from| *from <= noted) {
            // The journal must hold what was sent, as ever.
            drop(self.after(source, &cursor)?);
            cursor = cursor.back_to(from, source)?;
        }
        loop {
            if let Some(last) = self.found(&folder, source, &cursor, &mut records)? {
                sent.found += last.record().sequence.saturating_sub(cursor.sent.max(noted));
                self.note(&mut cursor, noted, &last, before)?;
                sent.upto = sent.upto.max(cursor.sent);
                continue;
            }
            let run: Vec<Entry> = self.after(source, &cursor)?.take(BATCH_RECORDS_MAX).collect::<Result<_, _>>()?;
            let Some(last) = run.last().cloned() else { break };
            let batch = Batch::new(self.device, journal, run)?;
            folder.write(&batch, &batch.sign(self.key), before)?;
            records.whole.push((batch.first(), batch.last()));
            sent.batches += 1;
            sent.records += batch.entries().len() as u64;
            self.note(&mut cursor, noted, &last, before)?;
            sent.upto = sent.upto.max(cursor.sent);
        }
        if bare == Bare::Begin {
            records.examine_all(&folder, &self.key.verifying_key());
        }
        for damaged in records.damaged() {
            sent.mended += u64::from(self.mend(&folder, source, damaged, &records, before)?);
        }
        Ok(sent)
    }

    /// The last record of a batch that an earlier run finished, and was cut off before it could note that.
    fn found(
        &self,
        folder: &Folder,
        source: &impl Source,
        cursor: &Cursor,
        records: &mut Records,
    ) -> Result<Option<Entry>, CourierFault> {
        let mut covering: Vec<Held> =
            records.held.iter().filter(|held| held.covers(cursor.sent + 1)).cloned().collect();
        covering.sort_by_key(|held| std::cmp::Reverse(held.last));
        for held in covering {
            let Some(batch) = records.examine(&held, folder, &self.key.verifying_key()) else { continue };
            let last = self
                .after(source, cursor)?
                .find(|entry| entry.as_ref().map_or(true, |entry| entry.record().sequence >= held.last));
            match last.transpose()? {
                Some(last) if last.hash() == batch.head() => return Ok(Some(last)),
                // The device signed another record of this number: what lies there is evidence, and is not written over.
                Some(last) if last.record().sequence == held.last => {
                    return Err(CourierFault::NotWhatWasSent { sequence: held.last });
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Writes a damaged batch anew, or removes it where whole ones hold its records. `false` where the journal does not hold them.
    fn mend(
        &self,
        folder: &Folder,
        source: &impl Source,
        damaged: &Held,
        records: &Records,
        before: &mut BeforeStep<'_>,
    ) -> Result<bool, CourierFault> {
        if records.hold(damaged.first, damaged.last) {
            folder.remove(damaged, before)?;
            return Ok(true);
        }
        if !damaged.may_be() {
            return Ok(false);
        }
        let run = source.entries(damaged.first).take((damaged.last - damaged.first + 1) as usize);
        let run: Vec<Entry> = run.map(|entry| entry.map_err(CourierFault::Journal)).collect::<Result<_, _>>()?;
        let ends = run.first().zip(run.last()).map(|(first, last)| (first.record().sequence, last.record().sequence));
        if ends != Some((damaged.first, damaged.last)) {
            return Ok(false);
        }
        let batch = Batch::new(self.device, source.journal(), run)?;
        folder.write(&batch, &batch.sign(self.key), before)?;
        Ok(true)
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

    /// Goes on behind a record that is out. What was noted stays noted while older records are sent again: it is a witness.
    fn note(
        &self,
        cursor: &mut Cursor,
        noted: u64,
        last: &Entry,
        before: &mut BeforeStep<'_>,
    ) -> Result<(), CourierFault> {
        cursor.sent = last.record().sequence;
        cursor.head = Some(last.hash());
        if cursor.sent <= noted {
            return Ok(());
        }
        cursor.store(self.storage, before).map_err(|source| CourierFault::Cursor { source })
    }
}

/// What the folder holds of this journal, as far as it was looked at.
#[derive(Default)]
struct Records {
    /// Batches by their names.
    held: Vec<Held>,
    /// Names that were looked at, and could be read or not.
    examined: BTreeMap<Held, bool>,
    /// First and last record of batches that are whole.
    whole: Vec<(u64, u64)>,
}

impl Records {
    fn examine(&mut self, held: &Held, folder: &Folder, key: &VerifyingKey) -> Option<Batch> {
        let batch = folder.read(held, key);
        if batch.is_some() {
            self.whole.push((held.first, held.last));
        }
        self.examined.insert(held.clone(), batch.is_some());
        batch
    }

    /// Looks at what was not looked at yet.
    fn examine_all(&mut self, folder: &Folder, key: &VerifyingKey) {
        for held in self.held.clone() {
            if !self.examined.contains_key(&held) && !self.whole.contains(&(held.first, held.last)) {
                self.examine(&held, folder, key);
            }
        }
    }

    /// Those that could not be read, and were not written since.
    fn damaged(&self) -> impl Iterator<Item = &Held> {
        let unread = self.examined.iter().filter(|(_, is_whole)| !**is_whole).map(|(held, _)| held);
        unread.filter(|held| !self.whole.contains(&(held.first, held.last)))
    }

    /// Whether whole batches hold all of these records.
    fn hold(&self, first: u64, last: u64) -> bool {
        let mut whole = self.whole.clone();
        whole.sort_unstable();
        let next = whole.into_iter().fold(first, |next, (from, to)| if from <= next { next.max(to + 1) } else { next });
        next > last
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
