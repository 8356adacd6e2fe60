//! A mirror that is there: what is done with it, from the first look to the next record.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use checkpoint::passage::record::{Digest, Entry, JournalId};
use chrono::NaiveDate;

use super::{MARK_FILE, Mark, On, Settings, Shared, State};
use crate::journal::block::{Geometry, Rewritten, SegmentHeader};
use crate::journal::disk::{Access, Disk, Folder};
use crate::journal::retention::{Pass, Step};
use crate::journal::walk::{self, Entries, Segment, Tail, Walk, segment_numbers_found};
use crate::journal::writer::Writer;
use crate::journal::{JournalFault, lock};

/// Records that are taken in one by one, each durable before the next is written: were two on their way when the power goes, the
/// later one could be there without the earlier. Where the mirror lacks more, it is caught up with whole segments.
const ONE_BY_ONE: u64 = 64;

/// What is mirrored, and where.
pub(in crate::journal) struct Source {
    pub settings: Settings,
    /// Folder of the journal.
    pub journal: PathBuf,
    pub id: JournalId,
    pub device: String,
    /// Of new segments of the mirror.
    pub geometry: Geometry,
}

/// Why the mirror is not written.
#[derive(Debug)]
pub(super) enum Refused {
    /// The folder is not there, or is not the one that was begun with.
    Gone,
    /// It would begin on the journal's own device.
    SameDevice,
    /// Another device's, or something that is no mirror.
    NotOurs,
    /// It holds what the journal does not.
    Ahead { newest: u64 },
    /// The journal is closed.
    Stopped,
    /// The journal or the mirror cannot be read or written.
    Fault(JournalFault),
}

impl Refused {
    pub fn state(&self) -> State {
        match self {
            Self::Gone | Self::SameDevice => State::Lost,
            Self::NotOurs => State::Refused,
            Self::Ahead { .. } => State::Ahead,
            Self::Stopped => State::CatchingUp,
            Self::Fault(JournalFault::DiskFull) => State::Full,
            Self::Fault(
                JournalFault::Newer { .. } | JournalFault::Corrupt { .. } | JournalFault::OtherDevice { .. },
            ) => State::Refused,
            Self::Fault(_) => State::Lost,
        }
    }
}

impl Refused {
    /// It may be over in a moment.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Gone | Self::Stopped | Self::Fault(JournalFault::Locked { .. }))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("its folder is not there: put the stick or card back"),
            Self::SameDevice => f.write_str("its folder is on the journal's own disk: name one on another device"),
            Self::NotOurs => f.write_str("what stands there is not a mirror of this device: it is left as it is"),
            Self::Ahead { newest } => {
                write!(f, "it holds record {newest}, which the journal does not: see `kiosk journal restore --help`")
            }
            Self::Stopped => f.write_str("the journal is closed"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl From<JournalFault> for Refused {
    fn from(fault: JournalFault) -> Self {
        Self::Fault(fault)
    }
}

fn failed(doing: &'static str) -> impl Fn(std::io::Error) -> Refused {
    move |error| Refused::Fault(JournalFault::from_io(doing, error))
}

/// A mirror that holds every record up to `newest`.
pub(super) struct Attached {
    dir: PathBuf,
    /// Device and inode of the mark: another stick at the same place is another mirror.
    identity: (u64, u64),
    mark: Mark,
    journal: Arc<dyn Disk>,
    disk: Arc<dyn Disk>,
    writer: Writer,
    geometry: Geometry,
    newest: u64,
    head: Digest,
    kept_from: NaiveDate,
    _lock: File,
}

impl Attached {
    /// Begins with the mirror: proves whose it is and that it is the journal's past, erases what is over, and catches up.
    pub fn begin(source: &Source, keep_from: NaiveDate, shared: &Shared) -> Result<Self, Refused> {
        let dir = source.settings.dir.clone();
        let there = fs::metadata(&dir).map_err(|_| Refused::Gone)?;
        if !there.is_dir() {
            return Err(Refused::NotOurs);
        }
        let disk: Arc<dyn Disk> = Arc::new(Folder::new(&dir));
        let journal: Arc<dyn Disk> = Arc::new(Folder::new(&source.journal));
        let marked = match Mark::read(&dir) {
            Ok(marked) => marked,
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => return Err(Refused::NotOurs),
            Err(error) => return Err(failed("read the mark of the mirror")(error)),
        };
        let mark = match marked {
            Some(mark) if mark.device != source.device => return Err(Refused::NotOurs),
            // This device began another journal: what the mirror holds of the one before is all that is left of it.
            Some(mark) if mark.journal != source.id => {
                let last = walk::tail(&disk)?.and_then(|tail| tail.last);
                match last {
                    Some(found) => return Err(Refused::Ahead { newest: found.entry.record().sequence }),
                    None => return Err(Refused::NotOurs),
                }
            }
            Some(mark) => mark,
            None => begin_new(source, &*disk, there.dev())?,
        };
        let lock = lock(&dir)?;
        let standing = fs::metadata(dir.join(MARK_FILE)).map_err(|_| Refused::Gone)?;
        let tail = tail_of(&disk, &mark, source.geometry)?;
        let (newest, head) = match &tail.last {
            None => (0, Digest::genesis(mark.journal)),
            Some(found) => {
                let record = found.entry.record();
                if record.device != source.device {
                    return Err(Refused::NotOurs);
                }
                let (newest, hash) = (record.sequence, found.entry.hash());
                let held = Entries::from(journal.clone(), newest)?.next().transpose()?;
                let same =
                    held.is_some_and(|stored| stored.entry.record().sequence == newest && stored.entry.hash() == hash);
                if !same || newest > shared.acknowledged.load(Ordering::Acquire) {
                    return Err(Refused::Ahead { newest });
                }
                (newest, hash)
            }
        };
        let writer = Writer::at(disk.clone(), &tail, source.geometry)?;
        let mut mirror = Self {
            dir,
            identity: (standing.dev(), standing.ino()),
            mark,
            journal,
            disk,
            writer,
            geometry: source.geometry,
            newest,
            head,
            kept_from: NaiveDate::MIN,
            _lock: lock,
        };
        // Names first: however long it takes to catch up, what is over is gone.
        mirror.erase(keep_from)?;
        shared.set(State::CatchingUp);
        // A sync that failed, or a stick that was pulled out, may have left records of the last segment in memory alone.
        mirror.write_segments_anew(shared)?;
        mirror.catch_up(shared)?;
        Ok(mirror)
    }

    /// Takes in what was acknowledged, and erases what is over.
    pub fn go_on(&mut self, keep_from: NaiveDate, entries: Vec<Entry>, shared: &Shared) -> Result<(), Refused> {
        let standing = fs::metadata(self.dir.join(MARK_FILE)).map_err(|_| Refused::Gone)?;
        if (standing.dev(), standing.ino()) != self.identity {
            return Err(Refused::Gone);
        }
        if keep_from > self.kept_from {
            self.erase(keep_from)?;
        }
        if entries.len() as u64 <= ONE_BY_ONE {
            for entry in entries {
                let record = entry.record();
                if record.sequence == self.newest + 1 && record.previous == self.head {
                    self.write(entry, shared)?;
                }
            }
        }
        self.catch_up(shared)?;
        // Room for the next ones, while nobody waits.
        while self.writer.tend()? {}
        Ok(())
    }

    /// Takes in what the journal acknowledged and the mirror lacks, from the journal's segments.
    fn catch_up(&mut self, shared: &Shared) -> Result<(), Refused> {
        loop {
            let upto = shared.acknowledged.load(Ordering::Acquire);
            if self.newest >= upto {
                return Ok(());
            }
            let before = self.newest;
            if upto - before > ONE_BY_ONE {
                self.write_segments_anew(shared)?;
            } else {
                for stored in Entries::from(self.journal.clone(), before + 1)? {
                    let entry = stored?.entry;
                    if entry.record().sequence > upto {
                        break;
                    }
                    if entry.record().sequence != self.newest + 1 || entry.record().previous != self.head {
                        return Err(Refused::Ahead { newest: self.newest });
                    }
                    self.write(entry, shared)?;
                }
            }
            if self.newest == before {
                // The journal's own files do not hold what it acknowledged.
                return Err(Refused::Gone);
            }
        }
    }

    /// Writes one record, durable.
    fn write(&mut self, entry: Entry, shared: &Shared) -> Result<(), Refused> {
        let entry = without_what_is_over(entry, self.kept_from);
        self.writer.write(&entry)?;
        (self.newest, self.head) = (entry.record().sequence, entry.hash());
        shared.upto.store(self.newest, Ordering::Release);
        Ok(())
    }

    /// Erases sealed parts of days before this one.
    fn erase(&mut self, before: NaiveDate) -> Result<(), Refused> {
        // Its own segment is erased like the others; records go on in the next one.
        let own = self.writer.segment();
        let mut pass = Pass::begin(self.disk.clone(), before, 1, own + 1)?;
        loop {
            match pass.step(u64::MAX) {
                Ok(Step::More) => {}
                Ok(Step::Done) => break,
                Ok(Step::Announce) => {
                    // The journal's chain says so, but perhaps in a record that is not here yet.
                    self.mark.erased_before = Some(before);
                    self.mark.write(&self.dir).map_err(failed("write the mark of the mirror"))?;
                    let standing = fs::metadata(self.dir.join(MARK_FILE)).map_err(|_| Refused::Gone)?;
                    self.identity = (standing.dev(), standing.ino());
                    pass.announced = true;
                }
                Ok(Step::GoOnElsewhere) => self.writer.next_segment()?,
                Err(fault) => {
                    pass.give_up();
                    return Err(fault.into());
                }
            }
        }
        self.kept_from = before;
        let own = Segment::open(&*self.disk, own, Access::Read)?;
        if own.is_some_and(|own| own.header.rewritten != Rewritten::No) {
            self.writer.next_segment()?;
        }
        Ok(())
    }

    /// Writes the segment of the last record anew from the journal, with as many records that the mirror lacks as have room in it,
    /// and the others into segments after it. Whatever stands there stands until its successor is durable.
    fn write_segments_anew(&mut self, shared: &Shared) -> Result<(), Refused> {
        let (upto, kept_from) = (shared.acknowledged.load(Ordering::Acquire), self.kept_from);
        let tail = walk::tail(&self.disk)?.ok_or(Refused::Gone)?;
        let number = tail.last.as_ref().map_or(1, |last| last.place.segment);
        let mut header = Segment::open(&*self.disk, number, Access::Read)?.ok_or(Refused::Gone)?.header;
        let mut first =
            Walk::from_segment(self.disk.clone(), number).step()?.map_or(1, |found| found.entry.record().sequence);
        if header.rewritten != Rewritten::No {
            // Whoever rewrote it synced it, and it takes no more records.
            header = self.header_after(header);
            first = self.newest + 1;
        }
        let mut entries = Entries::from(self.journal.clone(), first)?
            .take_while(|stored| !matches!(stored, Ok(stored) if stored.entry.record().sequence > upto))
            .peekable();
        while entries.peek().is_some() {
            let (mut newest, mut head) = (self.newest, self.head);
            let of_segment = entries.by_ref().take(header.geometry.blocks as usize - 1).map(|stored| {
                let entry = without_what_is_over(stored?.entry, kept_from);
                (newest, head) = (entry.record().sequence, entry.hash());
                Ok(entry)
            });
            Writer::replace(&*self.disk, header, of_segment)?;
            (self.newest, self.head) = (newest, head);
            shared.upto.store(newest, Ordering::Release);
            if shared.stopping.load(Ordering::Acquire) {
                return Err(Refused::Stopped);
            }
            header = self.header_after(header);
        }
        let tail = walk::tail(&self.disk)?.ok_or(Refused::Gone)?;
        self.writer = Writer::at(self.disk.clone(), &tail, self.geometry)?;
        shared.upto.store(self.newest, Ordering::Release);
        Ok(())
    }

    /// Of the segment that follows.
    fn header_after(&self, header: SegmentHeader) -> SegmentHeader {
        SegmentHeader { number: header.number + 1, geometry: self.geometry, rewritten: Rewritten::No, ..header }
    }
}

/// A record as the mirror keeps it.
fn without_what_is_over(entry: Entry, kept_from: NaiveDate) -> Entry {
    if entry.sealed_day().is_some_and(|day| day < kept_from) { entry.erased() } else { entry }
}

/// Begins a mirror in a folder that holds none.
fn begin_new(source: &Source, disk: &dyn Disk, device: u64) -> Result<Mark, Refused> {
    let names = disk.names().map_err(failed("list the mirror's files"))?;
    if !segment_numbers_found(&names).is_empty() {
        return Err(Refused::NotOurs);
    }
    let of_journal = fs::metadata(&source.journal).map_err(failed("look at the journal's folder"))?.dev();
    if source.settings.on == On::AnotherDevice && of_journal == device {
        return Err(Refused::SameDevice);
    }
    let mark = Mark::new(&source.device, source.id);
    mark.write(&source.settings.dir).map_err(failed("write the mark of the mirror"))?;
    Ok(mark)
}

/// Where the mirror ends; its first segment is made where there is none.
fn tail_of(disk: &Arc<dyn Disk>, mark: &Mark, geometry: Geometry) -> Result<Tail, Refused> {
    if let Some(tail) = walk::tail(disk)? {
        return if tail.journal == mark.journal { Ok(tail) } else { Err(Refused::NotOurs) };
    }
    Writer::begin(&**disk, mark.journal, geometry)?;
    walk::tail(disk)?.ok_or(Refused::Gone)
}
