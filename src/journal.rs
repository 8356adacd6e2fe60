//! The journal: every passage is on disk, and would survive a power cut, before the screen says so.
//!
//! Records stand in segments: files whose room was reserved ahead, of aligned blocks, one block for each record. To record
//! is one write of a whole block and one `fdatasync`; a block whose record was acknowledged is never written again. When
//! that fails, nobody can know whether the block reached the disk: it is given up, and the record of the same number goes
//! to the next block, where it counts instead. `docs/journal.md` is the specification of the files.

pub mod block;
pub mod disk;
pub mod index;
pub mod retention;
pub mod verify;
pub mod walk;

#[cfg(test)]
mod power;

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::{HeadText, Reopened, Restart};
use checkpoint::passage::record::{Digest, Entry, Event, JournalId, Place as ChainPlace, Record, RecordFault};
use checkpoint::passage::sealed::{Sealer, TracingKey};
use checkpoint::passage::{Draft, Note, Outcome, PassageId};
use checkpoint::screen::{Fault, Totals};
use checkpoint::time::{self, Remembered};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use ed25519_dalek::SigningKey;
use hpke::rand_core::UnwrapErr;

use block::{Block, Geometry, Rewritten, SegmentHeader};
use disk::{Access, BlockFile, Disk, Folder};
use index::{INDEX_FILE, Index};
use walk::{Entries, Place, Segment, Stored, segment_name};

/// The file that the writer locks.
const LOCK_FILE: &str = "LOCK";

/// Records that the index takes in at once: some ten milliseconds on a tablet, so that no visitor waits for it.
const INDEX_STEP: usize = 500;

/// Records that may wait for the index when there is no quiet moment; then one of them takes in all.
const INDEX_WAITING_MAX: usize = 64;

/// Sealings that are made ahead: one takes half a millisecond on a tablet, and visitors come one at a time.
const SEALERS: usize = 4;

/// Bytes of the next segment that are written in one quiet moment: a slow card takes them in fifty milliseconds.
const PREPARE_STEP: u64 = 256 * 1024;

/// Records after which the device signs the head of the chain once more, in a quiet moment.
pub const CHECKPOINT_EVERY: u64 = 256;

/// Records that the index may lack at start and take in before the first visitor; more wait for quiet moments.
const INDEX_AT_START: u64 = 2_000;

/// Why the journal cannot do what it was asked. Says what to do; never who passed.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// Nothing was written.
    #[error("the disk is full: nothing was recorded; make room, the kiosk goes on by itself")]
    DiskFull,
    /// Nothing was written.
    #[error(
        "the disk cannot be written (it is read-only, or the kiosk may not write there); make it writable: {doing}"
    )]
    ReadOnly {
        /// What was tried.
        doing: &'static str,
    },
    /// Nothing was touched.
    #[error(
        "{file} is of version {version} and this program knows up to {version_max}; start the newer program again, nothing was changed"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        version: u32,
        /// The newest that we read.
        version_max: u32,
    },
    /// Nothing was touched, and nothing may be.
    #[error(
        "the journal is damaged in {file}, block {block}: {what}; keep the directory as it is, call the office, and start with a new directory"
    )]
    Corrupt {
        /// The file.
        file: String,
        /// Number of the block; 0 is the header.
        block: u32,
        /// What is wrong there.
        what: &'static str,
    },
    /// Another program is the writer.
    #[error("another kiosk writes to the journal in {dir}; end it first")]
    Locked {
        /// The journal's directory.
        dir: PathBuf,
    },
    /// The records are another device's.
    #[error(
        "the journal was kept by device {found} and this is device {ours}; bring back its key file, or start with a new directory"
    )]
    OtherDevice {
        /// Who kept it.
        found: String,
        /// Who we are.
        ours: String,
    },
    /// There is none to read.
    #[error("there is no journal in {dir}; name its directory, or start the kiosk once")]
    Missing {
        /// The directory.
        dir: PathBuf,
    },
    /// The record does not fit into a block.
    #[error("the passage cannot be recorded: {0}")]
    Record(#[from] RecordFault),
    /// The disk failed. Whether the record reached it, nobody knows: it was not acknowledged.
    #[error("the disk failed ({doing}): {source}; if it happens again, change the card")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The index cannot be asked, not even one in memory.
    #[error("the journal's index cannot be asked: {0}; remove the file index.sqlite, it is made again")]
    Index(#[from] rusqlite::Error),
}

impl JournalFault {
    /// What the guard is shown.
    pub fn shown(&self) -> Fault {
        match self {
            Self::DiskFull => Fault::DiskFull,
            Self::Newer { .. } => Fault::JournalNewer,
            Self::Corrupt { .. } | Self::OtherDevice { .. } => Fault::JournalCorrupt,
            Self::ReadOnly { .. }
            | Self::Locked { .. }
            | Self::Missing { .. }
            | Self::Record(_)
            | Self::Disk { .. }
            | Self::Index(_) => Fault::DiskFault,
        }
    }

    fn from_io(doing: &'static str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly { doing },
            _ => Self::Disk { doing, source },
        }
    }
}

/// What was found at start, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Number of the last record; 0 for a new journal.
    pub sequence: u64,
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

/// The journal, open for its one writer.
pub struct Journal {
    disk: Arc<dyn Disk>,
    device: String,
    id: JournalId,
    geometry: Geometry,
    segment: Segment,
    /// Next block in `segment`.
    next_block: u32,
    /// The segment after this one stands on the disk, durable and empty.
    prepared: bool,
    /// The segment after this one, as far as it was made.
    preparing: Option<Unfinished>,
    sequence: u64,
    head: Digest,
    remembered: Option<Remembered>,
    /// The last record of an earlier run may never have been acknowledged: perhaps only memory holds it, since its sync
    /// failed. Before another record is chained to it, it is written once more. Also, names may not be durable yet.
    unsettled: bool,
    last: Option<Entry>,
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
                let header = SegmentHeader { geometry, number: 1, journal: id, rewritten: Rewritten::No };
                Unfinished::begin(&*disk, header)?.go_on(&*disk, u64::MAX)?;
                walk::tail(&disk)?.ok_or(JournalFault::Corrupt {
                    file: segment_name(1),
                    block: 0,
                    what: "the file disappeared as soon as it was made",
                })?
            }
        };
        let last = tail.last.map(|found| found.entry);
        if let Some(found) = last.as_ref().map(|entry| &entry.record().device)
            && found != device
        {
            return Err(JournalFault::OtherDevice { found: found.clone(), ours: device.to_owned() });
        }
        // The next block may be the first of a segment that nobody has made yet.
        let number = tail.next.segment.min(tail.last_segment);
        let segment = Segment::open(&*disk, number, Access::Write)?.ok_or_else(|| JournalFault::Corrupt {
            file: segment_name(number),
            block: 0,
            what: "the file disappeared while it was read",
        })?;
        let next_block = if number == tail.next.segment { tail.next.block } else { segment.whole_blocks };
        let sequence = last.as_ref().map_or(0, |entry| entry.record().sequence);
        let head = last.as_ref().map_or_else(|| Digest::genesis(tail.journal), Entry::hash);
        let remembered = last.as_ref().map(|entry| Remembered { at: entry.record().at, floor: entry.record().floor });
        let mut journal = Self {
            device: device.to_owned(),
            id: tail.journal,
            geometry,
            next_block,
            prepared: tail.last_segment > number,
            preparing: None,
            segment,
            sequence,
            head,
            remembered,
            unsettled: true,
            last,
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
            skipped: tail.torn,
            index_lacks: (settled + 1).saturating_sub(journal.index_next),
            index_ahead,
        };
        Ok((journal, recovery))
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
        let sealer = tracing.and_then(|(day, key)| self.sealer(TracingKey { day, key }));
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
        let restart = Restart { program: env!("CARGO_PKG_VERSION").to_owned(), skipped: self.skipped, trust_list };
        self.append_note(Note { at, floor, event: Event::Restart(restart) })
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

    /// The program's version at the last start, as far as the index knows it.
    pub fn program_before(&self) -> Option<String> {
        self.index.as_ref()?.last_restart().ok().flatten().map(|restart| restart.program)
    }

    /// Appends something of the day that is no passage.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_note(&mut self, note: Note) -> Result<PassageId, JournalFault> {
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

    /// Records for which room is reserved already: so many are taken even when the disk is full.
    pub fn room(&self) -> u64 {
        let here = self.segment.whole_blocks.saturating_sub(self.next_block);
        u64::from(here) + if self.prepared { u64::from(self.geometry.blocks) - 1 } else { 0 }
    }

    /// Does some of what can wait for a quiet moment, for at most some fifty milliseconds: the index takes in records, keys
    /// for the next visitors and the next segment are made. `true` while there is more to do.
    ///
    /// # Errors
    /// What keeps the next segment from being made: passages are still taken while there is `room`.
    pub fn tend(&mut self) -> Result<bool, JournalFault> {
        self.take_in();
        while let Some(key) = self.sealing_to.filter(|_| self.sealers.len() < SEALERS) {
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
        let left = self.segment.whole_blocks.saturating_sub(self.next_block);
        if self.prepared || left > self.segment.whole_blocks / 2 {
            return Ok(false);
        }
        self.prepare(PREPARE_STEP)?;
        Ok(!self.prepared)
    }

    /// Makes sure that the next record can be chained to the last one, and says where it goes.
    fn settle(&mut self) -> Result<ChainPlace, JournalFault> {
        if self.unsettled {
            self.disk.sync().map_err(|error| JournalFault::from_io("make the journal's directory durable", error))?;
            if let Some(last) = self.last.take() {
                let written = self.write(&last);
                self.last = Some(last);
                written?;
            }
            self.unsettled = false;
            if let Some(last) = self.last.clone().filter(|_| self.index_next == self.sequence) {
                self.waiting.push(last);
            }
        }
        Ok(ChainPlace { device: self.device.clone(), sequence: self.sequence + 1, previous: self.head })
    }

    /// Writes the next record and makes it the last.
    fn acknowledge(&mut self, entry: Entry) -> Result<PassageId, JournalFault> {
        self.write(&entry)?;
        let record = entry.record();
        self.sequence = record.sequence;
        self.head = entry.hash();
        self.remembered = Some(Remembered { at: record.at, floor: record.floor });
        // The text is all that the index needs.
        self.waiting.push(entry.clone());
        self.last = Some(entry);
        if self.waiting.len() >= INDEX_WAITING_MAX {
            self.take_in();
        }
        #[expect(clippy::disallowed_methods, reason = "the block was synced: this is the one place that may say so")]
        Ok(PassageId::durable(self.sequence))
    }

    /// One block, one `fdatasync`. Only when both succeed has anything been recorded.
    fn write(&mut self, entry: &Entry) -> Result<(), JournalFault> {
        if self.next_block >= self.segment.whole_blocks {
            self.next_segment()?;
        }
        let geometry = self.segment.header.geometry;
        let bytes = Block::encode(entry, geometry.block_bytes).ok_or(RecordFault::TooLarge {
            bytes: entry.text().len() + entry.sealed().map_or(0, <[u8]>::len),
            bytes_max: geometry.block_bytes as usize,
        })?;
        match self.segment.file.write_at(&bytes, geometry.offset(self.next_block)) {
            Ok(()) => {}
            Err(error) => {
                let fault = JournalFault::from_io("write a passage", error);
                // The disk did not take it, and no sync has failed on it: the same block serves when there is room again.
                if !matches!(fault, JournalFault::DiskFull | JournalFault::ReadOnly { .. }) {
                    self.next_block += 1;
                }
                return Err(fault);
            }
        }
        // Whatever the sync says, this block is never written again: after a failure the system holds it for clean,
        // whether it reached the disk or not, and a second sync would succeed without writing anything.
        self.next_block += 1;
        self.segment.file.sync_data().map_err(|error| match JournalFault::from_io("sync a passage", error) {
            // Here these are no promise that nothing was written.
            JournalFault::DiskFull => {
                JournalFault::Disk { doing: "sync a passage", source: io::ErrorKind::StorageFull.into() }
            }
            JournalFault::ReadOnly { doing } => {
                JournalFault::Disk { doing, source: io::ErrorKind::ReadOnlyFilesystem.into() }
            }
            fault => fault,
        })
    }

    /// Goes on in the next segment, reserved now if nobody had a quiet moment.
    fn next_segment(&mut self) -> Result<(), JournalFault> {
        if !self.prepared {
            self.prepare(u64::MAX)?;
        }
        let number = self.segment.header.number + 1;
        let segment = Segment::open(&*self.disk, number, Access::Write)?.ok_or_else(|| JournalFault::Corrupt {
            file: segment_name(number),
            block: 0,
            what: "the file was reserved and is gone",
        })?;
        if segment.header.journal != self.id {
            let file = segment_name(number);
            return Err(JournalFault::Corrupt { file, block: 0, what: "the file is of another journal" });
        }
        self.segment = segment;
        self.next_block = 1;
        self.prepared = false;
        Ok(())
    }

    /// Makes the segment after this one, or so many bytes more of it.
    fn prepare(&mut self, bytes: u64) -> Result<(), JournalFault> {
        let number = self.segment.header.number + 1;
        let header = SegmentHeader { geometry: self.geometry, number, journal: self.id, rewritten: Rewritten::No };
        let unfinished = match self.preparing.take() {
            Some(unfinished) => unfinished,
            None => Unfinished::begin(&*self.disk, header)?,
        };
        self.preparing = unfinished.go_on(&*self.disk, bytes)?;
        self.prepared = self.preparing.is_none();
        Ok(())
    }

    /// Opens the index and finds what it lacks. Returns the newest record that it knows and the segments do not.
    fn open_index(&mut self) -> Option<u64> {
        let path = self.index_path.clone()?;
        let mut ahead = None;
        let opened = Index::open(&path, self.id).and_then(|index| {
            let newest = index.newest()?;
            if let Some((sequence, _)) = newest
                && sequence > self.sequence
            {
                ahead = Some(sequence);
            }
            // The newest record must be the same here and there, or the index is of an older or another copy.
            let same = newest.is_none_or(|(sequence, hash)| self.hash_of(sequence) == Some(Digest(hash)));
            if same {
                return Ok((index, newest));
            }
            drop(index);
            remove_index(&path);
            Index::open(&path, self.id).map(|index| (index, None))
        });
        match opened {
            Ok((index, newest)) => {
                self.index_next = newest.map_or(1, |(sequence, _)| sequence + 1);
                self.index = Some(index);
                self.index_reads = None;
            }
            Err(error) => {
                tracing::warn!(%error, "the journal's index cannot be opened; passages are recorded without it")
            }
        }
        ahead
    }

    /// Hash of one record, read from the segments.
    fn hash_of(&self, sequence: u64) -> Option<Digest> {
        if sequence == self.sequence {
            return Some(self.head);
        }
        let stored = Entries::from(self.disk.clone(), sequence).ok()?.next()?.ok()?;
        (stored.entry.record().sequence == sequence).then(|| stored.entry.hash())
    }

    /// Gives the index the records that wait for it, if it has all before them.
    fn take_in(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let (Some(first), Some(last)) = (waiting.first(), waiting.last()) else { return };
        let (first, last) = (first.record().sequence, last.record().sequence);
        let Some(index) = &mut self.index else {
            for (at, outcome) in waiting.iter().filter_map(|entry| passed(entry.record())) {
                let day = time::day_in_vietnam(at);
                if self.uncounted.0 != day {
                    self.uncounted = (day, Totals::default());
                }
                self.uncounted.1.count(outcome);
            }
            return;
        };
        // An index that lacks older records reads these from the segments too, in its turn.
        if self.index_next == first {
            match index.add(&waiting) {
                Ok(()) => self.index_next = last + 1,
                Err(error) => {
                    self.lose_index(&error);
                    self.waiting = waiting;
                }
            }
        }
    }

    /// Reads some of the records that the index lacks. `false` when it cannot go on.
    fn fill_index(&mut self) -> bool {
        let reads = match self.index_reads.take() {
            Some(reads) => Ok(reads),
            None => Entries::from(self.disk.clone(), self.index_next),
        };
        let limit = if self.unsettled { self.sequence.saturating_sub(1) } else { self.sequence };
        let batch: Result<Vec<Stored>, JournalFault> = reads.and_then(|mut reads| {
            let batch = reads.by_ref().take(INDEX_STEP).collect();
            self.index_reads = Some(reads);
            batch
        });
        let batch = match batch {
            Ok(batch) => batch,
            Err(fault) => {
                tracing::error!(%fault, "an older part of the journal cannot be read; passages are still recorded");
                self.index = None;
                self.index_path = None;
                return false;
            }
        };
        let entries: Vec<&Entry> =
            batch.iter().map(|stored| &stored.entry).filter(|entry| entry.record().sequence <= limit).collect();
        let Some(newest) = entries.last().map(|entry| entry.record().sequence) else {
            // At the end of what these reads can see.
            self.index_reads = None;
            return false;
        };
        let Some(index) = &mut self.index else { return false };
        match index.add(entries) {
            Ok(()) => {
                self.index_next = newest + 1;
                true
            }
            Err(error) => {
                self.lose_index(&error);
                false
            }
        }
    }

    fn lose_index(&mut self, error: &rusqlite::Error) {
        tracing::warn!(%error, "the journal's index failed; passages are recorded without it until it is made again");
        self.index = None;
        self.index_reads = None;
        let damaged = matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        );
        if let Some(path) = self.index_path.as_ref().filter(|_| damaged) {
            remove_index(path);
        }
    }
}

/// What waits for the index is given to it, so that readers need not look for it in the segments.
impl Drop for Journal {
    fn drop(&mut self) {
        self.take_in();
    }
}

/// When and what, where the record is a passage.
fn passed(record: &Record) -> Option<(DateTime<Utc>, Outcome)> {
    record.event.passage().map(|passage| (record.at, passage.outcome))
}

/// A segment that is being made. It gets its name only when it is whole and durable.
///
/// Its room is reserved first, so that a full disk shows early, and then written with zeros: a block that was only reserved
/// makes each sync commit the file system's own journal, and with it whatever else was written, which doubles its time.
struct Unfinished {
    header: SegmentHeader,
    file: Box<dyn BlockFile>,
    written: u64,
}

impl Unfinished {
    fn begin(disk: &dyn Disk, header: SegmentHeader) -> Result<Self, JournalFault> {
        let name = unfinished_name(header.number);
        let begun = disk.create(&name).and_then(|file| file.reserve(header.geometry.bytes()).map(|()| file));
        match begun {
            Ok(file) => Ok(Self { header, file, written: 0 }),
            Err(error) => Err(Self::give_up(disk, header.number, error)),
        }
    }

    /// Writes so many bytes more; `None` once the segment stands.
    fn go_on(mut self, disk: &dyn Disk, bytes: u64) -> Result<Option<Self>, JournalFault> {
        let (all, number) = (self.header.geometry.bytes(), self.header.number);
        let upto = all.min(self.written.saturating_add(bytes));
        let mut write = || {
            let zeros = vec![0; PREPARE_STEP as usize];
            while self.written < upto {
                let part = (upto - self.written).min(PREPARE_STEP);
                self.file.write_at(&zeros[..part as usize], self.written)?;
                self.written += part;
            }
            if self.written < all {
                return self.file.sync_data();
            }
            self.file.write_at(&self.header.encode(), 0)?;
            self.file.sync_all()?;
            disk.rename(&unfinished_name(number), &segment_name(number))?;
            disk.sync()
        };
        match write() {
            Ok(()) => Ok((self.written < all).then_some(self)),
            Err(error) => Err(Self::give_up(disk, number, error)),
        }
    }

    /// Its room may be all that is left on a full disk.
    fn give_up(disk: &dyn Disk, number: u64, error: io::Error) -> JournalFault {
        // If it cannot be removed, the next attempt begins by emptying it.
        let _ = disk.remove(&unfinished_name(number));
        JournalFault::from_io("make room for passages", error)
    }
}

fn unfinished_name(number: u64) -> String {
    format!("{}.new", segment_name(number))
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

fn remove_index(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // What cannot be removed shows when it is opened.
        let _ = fs::remove_file(name);
    }
}

/// The journal as everybody but the writer sees it: without a lock, also while the writer writes.
pub struct Reader {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    id: JournalId,
}

impl Reader {
    /// Opens the journal in a directory to read.
    ///
    /// # Errors
    /// `Missing`, `Newer`, `Corrupt`, and what the disk says.
    pub fn open(dir: &Path) -> Result<Self, JournalFault> {
        let missing = || JournalFault::Missing { dir: dir.to_owned() };
        if !dir.is_dir() {
            return Err(missing());
        }
        let disk: Arc<dyn Disk> = Arc::new(Folder::new(dir));
        let first = walk::segment_numbers(&*disk)?.first().copied().ok_or_else(missing)?;
        let segment = Segment::open(&*disk, first, Access::Read)?.ok_or_else(missing)?;
        Ok(Self { dir: dir.to_owned(), disk, id: segment.header.journal })
    }

    /// The journal's name.
    pub fn id(&self) -> JournalId {
        self.id
    }

    /// The records from a sequence number on, in order.
    ///
    /// # Errors
    /// What keeps the first of them from being found; the iterator gives what comes later.
    pub fn entries(&self, from: u64) -> Result<Entries, JournalFault> {
        Entries::from(self.disk.clone(), from)
    }

    /// The records from a sequence number on that can no longer change: all but a last one of which nobody knows whether
    /// it was acknowledged. The index knows: the writer adds a record to it only afterwards.
    ///
    /// # Errors
    /// As `entries`.
    pub fn settled(&self, from: u64) -> Result<impl Iterator<Item = Result<Entry, JournalFault>>, JournalFault> {
        let index = Index::open_to_read(&self.dir.join(INDEX_FILE), self.id);
        let known = index.and_then(|index| index.newest().ok().flatten());
        Ok(self.entries(from)?.filter_map(move |stored| match stored {
            Ok(Stored { entry, settled, .. }) => {
                let acknowledged = settled || known == Some((entry.record().sequence, entry.hash().0));
                acknowledged.then_some(Ok(entry))
            }
            Err(fault) => Some(Err(fault)),
        }))
    }

    /// The last records that can no longer change: of a journal of any length, those from the index's newest on.
    ///
    /// # Errors
    /// As `settled`.
    pub fn settled_near_end(&self) -> Result<impl Iterator<Item = Result<Entry, JournalFault>>, JournalFault> {
        let index = Index::open_to_read(&self.dir.join(INDEX_FILE), self.id);
        let newest = index.and_then(|index| index.newest().ok().flatten()).map_or(1, |(sequence, _)| sequence);
        self.settled(newest)
    }

    /// An index that holds every record: the writer's, or one in memory where that is missing, behind or damaged.
    ///
    /// # Errors
    /// What keeps the segments from being read.
    pub fn index(&self) -> Result<Index, JournalFault> {
        let path = self.dir.join(INDEX_FILE);
        if let Some(index) = Index::open_to_read(&path, self.id)
            && let Ok(Some((newest, hash))) = index.newest()
        {
            let mut entries = self.entries(newest)?;
            let same = entries
                .next()
                .transpose()?
                .is_some_and(|stored| stored.entry.record().sequence == newest && stored.entry.hash() == Digest(hash));
            if same {
                let later: Vec<Stored> = entries.collect::<Result<_, _>>()?;
                if later.is_empty() {
                    return Ok(index);
                }
                if let Ok(mut copy) = Index::copy(&path, self.id) {
                    copy.add(
                        later.iter().map(|stored| &stored.entry).filter(|entry| entry.record().sequence > newest),
                    )?;
                    return Ok(copy);
                }
            }
        }
        let mut index = Index::in_memory(self.id)?;
        let mut entries = self.entries(1)?;
        loop {
            let batch: Vec<Stored> = entries.by_ref().take(INDEX_STEP).collect::<Result<_, _>>()?;
            if batch.is_empty() {
                return Ok(index);
            }
            index.add(batch.iter().map(|stored| &stored.entry))?;
        }
    }
}

/// The last place of the journal, for tests and reports.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, block {}", segment_name(self.segment), self.block)
    }
}
