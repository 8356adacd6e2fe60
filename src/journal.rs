//! The journal: every passage is on disk, and would survive a power cut, before the screen says so.
//!
//! Records stand in segments: files whose room was reserved ahead, of aligned blocks, one block for each record. To record
//! is one write of a whole block and one `fdatasync`; a block whose record was acknowledged is never written again. When
//! that fails, nobody can know whether the block reached the disk: it is given up, and the record of the same number goes
//! to the next block, where it counts instead. `docs/journal.md` is the specification of the files.

pub mod block;
pub mod disk;
mod fault;
pub mod index;
mod indexing;
pub mod mirror;
mod reader;
mod recovery;
pub mod restore;
pub mod retention;
pub mod verify;
pub mod walk;
mod writer;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::{HeadText, Reopened, Restart, Works};
use checkpoint::passage::record::{Digest, Entry, Event, JournalId, Place as ChainPlace};
use checkpoint::passage::sealed::{Sealer, TracingKey};
use checkpoint::passage::{Draft, Note, PassageId};
use checkpoint::screen::{Fault, Totals};
use checkpoint::time::{self, Remembered};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use ed25519_dalek::SigningKey;
use hpke::rand_core::UnwrapErr;

use block::Geometry;
use disk::{Disk, Folder};
pub use fault::JournalFault;
use index::{INDEX_FILE, Index};
use indexing::passed;
use mirror::Mirror;
pub use reader::Reader;
pub use recovery::Recovery;
use walk::{Entries, segment_name};
use writer::Writer;

/// The file that the writer locks.
const LOCK_FILE: &str = "LOCK";

/// Records that may wait for the index when there is no quiet moment; then one of them takes in all.
const INDEX_WAITING_MAX: usize = 64;

/// Sealings that are made ahead: as many visitors may come without a quiet moment between them.
const SEALERS: usize = 32;

/// Sealings that are made in one quiet moment: one takes half a millisecond on a tablet.
const SEALERS_STEP: usize = 8;

/// Records after which the device signs the head of the chain once more, in a quiet moment.
pub const CHECKPOINT_EVERY: u64 = 256;

/// Records that the index may lack at start and take in before the first visitor; more wait for quiet moments.
const INDEX_AT_START: u64 = 2_000;

/// The journal, open for its one writer.
pub struct Journal {
    disk: Arc<dyn Disk>,
    device: String,
    id: JournalId,
    writer: Writer,
    /// Of new segments, here and in the mirror.
    geometry: Geometry,
    sequence: u64,
    head: Digest,
    remembered: Option<Remembered>,
    /// The last record of an earlier run may never have been acknowledged: perhaps only memory holds it, since its sync
    /// failed. Before another record is chained to it, it is written once more. Also, names may not be durable yet.
    unsettled: bool,
    /// That record, until it was written again.
    of_before: Option<Entry>,
    /// The tracing key that was used last, and sealings to it for the next visitors.
    sealing_to: Option<TracingKey>,
    sealers: Vec<Sealer>,
    /// Acknowledged, and not yet in the index.
    waiting: Vec<Entry>,
    index: Option<Index>,
    index_path: Option<PathBuf>,
    /// The first record that the index lacks.
    index_next: u64,
    index_reads: Option<Entries>,
    /// Passages of a day that the index never got, since it is broken: the screen has its numbers all the same.
    uncounted: (NaiveDate, Totals),
    skipped: u64,
    /// Number of the last record that the device signed since the start.
    signed_upto: u64,
    retention: retention::Progress,
    mirror: Option<Mirror>,
    _lock: Option<File>,
}

impl Journal {
    /// Opens the journal in a directory, made if it is missing, for `device` (`device_id`), and locks it.
    ///
    /// Reads the last segments only, so the time does not grow with the journal.
    ///
    /// # Errors
    /// Every `JournalFault`; nothing that is there was changed.
    pub fn open(dir: &Path, device: &str) -> Result<(Self, Recovery), JournalFault> {
        Self::open_with(dir, device, Geometry::USUAL)
    }

    /// As `open`; new segments are divided in this way.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(dir: &Path, device: &str, geometry: Geometry) -> Result<(Self, Recovery), JournalFault> {
        let fault = |error| JournalFault::from_io("make the journal's directory", error);
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(fault)?;
        // The directory's own name must outlast the power as well as what stands in it. Also where it was there: whoever
        // made it may have been cut off.
        sync_parent(dir).map_err(fault)?;
        let lock = lock(dir)?;
        let disk = Arc::new(Folder::new(dir));
        Self::open_on(disk, Some(dir.join(INDEX_FILE)), device, geometry, Some(lock))
    }

    /// The journal on any disk, for tests and for the proving ground: they cut its power.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        index_path: Option<PathBuf>,
        device: &str,
        geometry: Geometry,
        lock: Option<File>,
    ) -> Result<(Self, Recovery), JournalFault> {
        let tail = match walk::tail(&disk)? {
            Some(tail) => tail,
            None => {
                let mut id = JournalId([0; 16]);
                getrandom::fill(&mut id.0)
                    .map_err(|error| JournalFault::from_io("draw random numbers", io::Error::other(error)))?;
                Writer::begin(&*disk, id, geometry)?;
                walk::tail(&disk)?.ok_or(JournalFault::Corrupt {
                    file: segment_name(1),
                    block: 0,
                    what: "the file disappeared as soon as it was made",
                })?
            }
        };
        let last = tail.last.as_ref().map(|found| &found.entry);
        if let Some(found) = last.map(|entry| &entry.record().device)
            && found != device
        {
            return Err(JournalFault::OtherDevice { found: found.clone(), ours: device.to_owned() });
        }
        let writer = Writer::at(disk.clone(), &tail, geometry)?;
        let sequence = last.map_or(0, |entry| entry.record().sequence);
        let head = last.map_or_else(|| Digest::genesis(tail.journal), Entry::hash);
        let remembered = last.map(|entry| Remembered { at: entry.record().at, floor: entry.record().floor });
        let mut journal = Self {
            device: device.to_owned(),
            id: tail.journal,
            writer,
            geometry,
            sequence,
            head,
            remembered,
            unsettled: true,
            of_before: tail.last.map(|found| found.entry),
            sealing_to: None,
            sealers: Vec::new(),
            waiting: Vec::new(),
            index: None,
            index_path,
            index_next: 1,
            index_reads: None,
            uncounted: (NaiveDate::MIN, Totals::default()),
            skipped: tail.torn,
            signed_upto: sequence,
            retention: retention::Progress::default(),
            mirror: None,
            disk,
            _lock: lock,
        };
        let index_ahead = journal.open_index();
        // The unsettled last record is taken in with the first new one.
        let settled = journal.sequence.saturating_sub(1);
        let index_lacks = (settled + 1).saturating_sub(journal.index_next);
        if (1..=INDEX_AT_START).contains(&index_lacks) {
            while journal.index.is_some() && journal.index_next <= settled && journal.fill_index() {}
        }
        let recovery = Recovery {
            sequence,
            newest: remembered.map(|last| last.at),
            skipped: tail.torn,
            index_lacks: (settled + 1).saturating_sub(journal.index_next),
            index_ahead,
        };
        Ok((journal, recovery))
    }

    /// Keeps the journal, which stands in `dir`, on another device too, from here on. Nothing that happens there delays or fails
    /// a passage.
    pub fn mirror_to(&mut self, settings: &mirror::Settings, dir: &Path) {
        let source = mirror::Source {
            settings: settings.clone(),
            journal: dir.to_owned(),
            id: self.id,
            device: self.device.clone(),
            geometry: self.geometry,
        };
        match Mirror::start(source) {
            Ok(mirror) => self.mirror = Some(mirror),
            Err(error) => tracing::warn!(%error, "the mirror cannot be written; passages are recorded without it"),
        }
    }

    /// The mirror, where there is one.
    pub fn mirror(&self) -> Option<&Mirror> {
        self.mirror.as_ref()
    }

    /// How the mirror is, and what the guard is shown of it; `None` where none is wanted.
    pub fn tend_mirror(&mut self) -> Option<(mirror::State, Option<Fault>)> {
        self.mirror.as_mut().map(Mirror::tend)
    }

    /// The journal's name.
    pub fn id(&self) -> JournalId {
        self.id
    }

    /// Number of the last record; 0 if there is none.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What the last record says of the time: for the clock after a restart.
    pub fn remembered(&self) -> Option<Remembered> {
        self.remembered
    }

    /// Hash of the last record, or what the first one will carry as the hash before it.
    pub fn head(&self) -> Digest {
        self.head
    }

    /// Appends one passage and returns once it would survive a power cut. Its identity is sealed to the tracing key (a day
    /// and the X25519 public key for it); without one it is not kept, and the record says so.
    ///
    /// # Errors
    /// The passage was not acknowledged: nobody may be shown green for it. `DiskFull` and `ReadOnly`: nothing was written.
    /// After `Disk` it may be found recorded if power is cut before the next one; the next one then follows it.
    pub fn append(&mut self, draft: &Draft, tracing: Option<(NaiveDate, [u8; 32])>) -> Result<PassageId, JournalFault> {
        let place = self.settle()?;
        let named = tracing.filter(|_| draft.identity.is_some());
        let sealer = named.and_then(|(day, key)| self.sealer(TracingKey { day, key }));
        let entry = Entry::passage(place, draft, sealer)?;
        self.acknowledge(entry)
    }

    /// A sealing to this key: one that was made ahead, or a new one. `None` if it is no key.
    fn sealer(&mut self, key: TracingKey) -> Option<Sealer> {
        if self.sealing_to != Some(key) {
            self.sealing_to = Some(key);
            self.sealers.clear();
        }
        self.sealers.pop().or_else(|| Sealer::new(key, &mut UnwrapErr(getrandom::SysRng)).ok())
    }

    /// Appends the record of a start of the kiosk, with the version of the trust list in force.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_restart(
        &mut self,
        at: DateTime<Utc>,
        floor: DateTime<Utc>,
        trust_list: Option<u64>,
    ) -> Result<PassageId, JournalFault> {
        self.append_note(Note { at, floor, event: Event::Restart(self.restart(trust_list, None)) })
    }

    /// What a start of the kiosk says, with how it works from there on.
    pub fn restart(&self, trust_list: Option<u64>, works: Option<Works>) -> Restart {
        Restart { program: env!("CARGO_PKG_VERSION").to_owned(), skipped: self.skipped, trust_list, works }
    }

    /// Signs the head of the chain with the device's key, and records the signature: whoever changes a record before it would
    /// have to make another one. Returns the text, which another kiosk may scan.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_checkpoint(
        &mut self,
        key: &SigningKey,
        at: DateTime<Utc>,
        floor: DateTime<Utc>,
    ) -> Result<(Checkpoint, String), JournalFault> {
        let checkpoint = Checkpoint {
            device: self.device.clone(),
            journal: self.id,
            sequence: self.sequence,
            head: self.head,
            at: at.trunc_subsecs(3),
        };
        let text = checkpoint.sign(key);
        self.append_note(Note { at, floor, event: Event::Checkpoint(HeadText { text: text.clone() }) })?;
        self.signed_upto = self.sequence;
        Ok((checkpoint, text))
    }

    /// Whether enough was recorded since the device last signed.
    pub fn checkpoint_due(&self) -> bool {
        self.sequence - self.signed_upto >= CHECKPOINT_EVERY
    }

    /// Appends that the journal was opened again after a fault.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_reopened(
        &mut self,
        at: DateTime<Utc>,
        floor: DateTime<Utc>,
        fault: Fault,
    ) -> Result<PassageId, JournalFault> {
        let reopened = Reopened { fault: fault.word().to_owned(), skipped: self.skipped };
        self.append_note(Note { at, floor, event: Event::Reopened(reopened) })
    }

    /// What the last start said, as far as the index knows it.
    pub fn restart_before(&self) -> Option<Restart> {
        self.index.as_ref()?.last_restart().ok().flatten()
    }

    /// Appends something of the day that is no passage.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_note(&mut self, mut note: Note) -> Result<PassageId, JournalFault> {
        // What stood on this disk is proven too, also where the clock began without it.
        note.floor = self.remembered.map_or(note.floor, |last| last.floor.max(note.floor));
        let place = self.settle()?;
        self.acknowledge(Entry::note(place, note)?)
    }

    /// Passages of the calendar day (+07:00) of `now`, by outcome.
    pub fn totals(&self, now: DateTime<Utc>) -> Totals {
        let day = time::day_in_vietnam(now);
        let counted = self.index.as_ref().and_then(|index| index.count(&index::day(day)).ok());
        let mut totals = counted.unwrap_or_default();
        if counted.is_none() && self.uncounted.0 == day {
            totals = self.uncounted.1;
        }
        for (at, outcome) in self.waiting.iter().filter_map(|entry| passed(entry.record())) {
            if time::day_in_vietnam(at) == day {
                totals.count(outcome);
            }
        }
        totals
    }

    /// The index, to ask for lists and counts; `None` while it is broken. It may lack the newest records.
    pub fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// Number of the last record that the index holds: how far it is while it is made again.
    pub fn indexed(&self) -> u64 {
        self.index_next - 1
    }

    /// How much of the index is made, in percent; `None` where it is, but for the records of the last moments, and where there is
    /// none.
    pub fn index_progress(&self) -> Option<u8> {
        let lacks = self.sequence.saturating_sub(self.indexed());
        let made = self.index.is_some() && lacks > INDEX_WAITING_MAX as u64;
        made.then(|| (self.indexed() * 100 / self.sequence.max(1)) as u8)
    }

    /// Records for which room is reserved already: so many are taken even when the disk is full.
    pub fn room(&self) -> u64 {
        self.writer.room()
    }

    /// Does some of what can wait for a quiet moment, for at most some fifty milliseconds: the index takes in records, keys
    /// for the next visitors and the next segment are made. `true` while there is more to do.
    ///
    /// # Errors
    /// What keeps the next segment from being made: passages are still taken while there is `room`.
    pub fn tend(&mut self) -> Result<bool, JournalFault> {
        self.take_in();
        let sealers = (self.sealers.len() + SEALERS_STEP).min(SEALERS);
        while let Some(key) = self.sealing_to.filter(|_| self.sealers.len() < sealers) {
            match Sealer::new(key, &mut UnwrapErr(getrandom::SysRng)) {
                Ok(sealer) => self.sealers.push(sealer),
                Err(_) => self.sealing_to = None,
            }
        }
        if !self.unsettled && self.index_next <= self.sequence {
            if self.index.is_none() {
                self.open_index();
            }
            if self.index.is_some() && self.fill_index() && self.index_next <= self.sequence {
                return Ok(true);
            }
        }
        Ok(self.writer.tend()? || (self.sealing_to.is_some() && self.sealers.len() < SEALERS))
    }

    /// Makes sure that the next record can be chained to the last one, and says where it goes.
    fn settle(&mut self) -> Result<ChainPlace, JournalFault> {
        if self.unsettled {
            self.disk.sync().map_err(|error| JournalFault::from_io("make the journal's directory durable", error))?;
            if let Some(last) = self.of_before.take() {
                if let Err(fault) = self.writer.write(&last) {
                    self.of_before = Some(last);
                    return Err(fault);
                }
                if self.index_next == self.sequence {
                    self.waiting.push(last);
                }
            }
            self.unsettled = false;
        }
        Ok(ChainPlace { device: self.device.clone(), sequence: self.sequence + 1, previous: self.head })
    }

    /// Writes the next record and makes it the last.
    fn acknowledge(&mut self, entry: Entry) -> Result<PassageId, JournalFault> {
        self.writer.write(&entry)?;
        let record = entry.record();
        self.sequence = record.sequence;
        self.head = entry.hash();
        self.remembered = Some(Remembered { at: record.at, floor: record.floor });
        if let Some(mirror) = &mut self.mirror {
            mirror.record(&entry);
        }
        self.waiting.push(entry);
        if self.waiting.len() >= INDEX_WAITING_MAX {
            self.take_in();
        }
        #[expect(clippy::disallowed_methods, reason = "the block was synced: this is the one place that may say so")]
        Ok(PassageId::durable(self.sequence))
    }
}

/// What waits for the index is given to it, so that readers need not look for it in the segments.
impl Drop for Journal {
    fn drop(&mut self) {
        self.take_in();
    }
}

/// Makes a directory's own name durable.
fn sync_parent(dir: &Path) -> io::Result<()> {
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(parent)?.sync_all() {
        // Some file systems cannot sync a directory; there, the name is as durable as it gets.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// The one writer's lock; it ends with the process, however that ends.
fn lock(dir: &Path) -> Result<File, JournalFault> {
    let opened =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(dir.join(LOCK_FILE));
    let file = opened.map_err(|error| JournalFault::from_io("lock the journal", error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalFault::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(JournalFault::from_io("lock the journal", error)),
    }
}
