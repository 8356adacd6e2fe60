//! Reading records in order, proving as one goes that none is missing.

use std::fmt;
use std::io;
use std::sync::Arc;

use checkpoint::passage::record::{Digest, Entry, JournalId};

use super::JournalFault;
use super::block::{Block, FORMAT, Geometry, HeaderFault, Rewritten, SegmentHeader};
use super::disk::{Access, BlockFile, Disk};

/// Bytes read at once: 64 blocks of the usual size.
const READ_BYTES: usize = 1 << 20;

/// Segments that recovery reads at first, counted from the last: one may be prepared and empty, one may have just begun,
/// and in one the last record then stands.
const RECOVERY_SEGMENTS: u64 = 3;

/// Name of a segment's file.
pub fn segment_name(number: u64) -> String {
    format!("segment-{number:08}.journal")
}

/// Number of the segment that a file of this name holds.
fn segment_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix("segment-")?.strip_suffix(".journal")?.parse().ok()?;
    (segment_name(number) == name).then_some(number)
}

/// Numbers of the segments of a journal, in order.
///
/// # Errors
/// `Corrupt` where one is missing between two others.
pub fn segment_numbers(disk: &dyn Disk) -> Result<Vec<u64>, JournalFault> {
    let names = disk.names().map_err(|error| JournalFault::from_io("list the journal's files", error))?;
    let numbers = segment_numbers_found(&names);
    match numbers.windows(2).find(|pair| pair[1] != pair[0] + 1) {
        Some(pair) => Err(JournalFault::Corrupt {
            file: segment_name(pair[0] + 1),
            block: 0,
            what: "the file is missing between two others",
        }),
        None => Ok(numbers),
    }
}

/// Numbers of the segments among some names, in order, also where one is missing.
pub fn segment_numbers_found(names: &[String]) -> Vec<u64> {
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| segment_number(name)).collect();
    numbers.sort_unstable();
    numbers
}

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the segment, from 1.
    pub segment: u64,
    /// Number of the block in it, from 1; 0 is the segment's header.
    pub block: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, block {}", segment_name(self.segment), self.block)
    }
}

/// A segment whose header was proven.
pub struct Segment {
    /// What the header says.
    pub header: SegmentHeader,
    /// The open file.
    pub file: Box<dyn BlockFile>,
    /// Length of the file in whole blocks: fewer than the header says when the file was cut.
    pub whole_blocks: u32,
}

impl Segment {
    /// Opens a segment; `None` if there is no file of this number.
    ///
    /// # Errors
    /// `Newer`, `Corrupt`, and what the disk says.
    pub fn open(disk: &dyn Disk, number: u64, access: Access) -> Result<Option<Self>, JournalFault> {
        let name = segment_name(number);
        let file = match disk.open(&name, access) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(JournalFault::from_io("open a segment of the journal", error)),
        };
        let corrupt = |what| JournalFault::Corrupt { file: name.clone(), block: 0, what };
        let read = |error| JournalFault::from_io("read a segment of the journal", error);
        let bytes = file.bytes().map_err(read)?;
        let mut sector = [0; 512];
        if bytes < sector.len() as u64 {
            return Err(corrupt("the file is cut off within its header"));
        }
        file.read_at(&mut sector, 0).map_err(read)?;
        let header = match SegmentHeader::decode(&sector) {
            Ok(header) => header,
            Err(HeaderFault::Newer { version }) => {
                return Err(JournalFault::Newer { file: name, version: version.into(), version_max: FORMAT.into() });
            }
            Err(HeaderFault::Damaged) => return Err(corrupt("the header is damaged")),
        };
        if header.number != number {
            return Err(corrupt("the header belongs to another segment"));
        }
        let whole_blocks = (bytes / u64::from(header.geometry.block_bytes)).min(header.geometry.blocks.into()) as u32;
        Ok(Some(Self { header, file, whole_blocks }))
    }

    fn geometry(&self) -> Geometry {
        self.header.geometry
    }
}

/// A record that was found, and where.
#[derive(Debug)]
pub struct Found {
    /// The record.
    pub entry: Entry,
    /// Its block.
    pub place: Place,
}

/// What the next record is compared with.
#[derive(Clone, Copy)]
struct Link {
    sequence: u64,
    previous: Digest,
    hash: Digest,
    place: Place,
    torn: u64,
    /// Where the segment's use ended when this record was found.
    used_to: Place,
}

/// Goes through the blocks in order and gives every whole record, also those that a later block takes the place of.
///
/// Whoever reads while the writer writes may see half a block and, a moment later, the whole one after it. So a gap is
/// believed only after the blocks before it were read again.
pub struct Walk {
    disk: Arc<dyn Disk>,
    /// The segment that it began with.
    began: u64,
    journal: Option<JournalId>,
    segment: Option<Segment>,
    next: Place,
    last: Option<Link>,
    used_to: Place,
    torn: u64,
    read_again: bool,
    buffer: Vec<u8>,
    buffer_from: Place,
    done: bool,
}

impl Walk {
    /// From the first block of a segment.
    pub fn from_segment(disk: Arc<dyn Disk>, segment: u64) -> Self {
        let first = Place { segment, block: 1 };
        Self {
            disk,
            began: segment,
            journal: None,
            segment: None,
            next: first,
            last: None,
            used_to: first,
            torn: 0,
            read_again: false,
            buffer: Vec::new(),
            buffer_from: first,
            done: false,
        }
    }

    /// The journal that the segments read so far belong to.
    pub fn journal(&self) -> Option<JournalId> {
        self.journal
    }

    /// The first place after every block that is not empty.
    pub fn used_to(&self) -> Place {
        self.used_to
    }

    /// Blocks that hold something that is no record.
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// `Newer`, `Corrupt`, and what the disk says. Afterwards there is nothing more.
    pub fn step(&mut self) -> Result<Option<Found>, JournalFault> {
        if self.done {
            return Ok(None);
        }
        let found = self.advance();
        self.done = !matches!(found, Ok(Some(_)));
        found
    }

    fn advance(&mut self) -> Result<Option<Found>, JournalFault> {
        loop {
            let Some(block) = self.load()? else { return Ok(None) };
            let place = self.next;
            self.next.block += 1;
            match block {
                Block::Empty => {}
                Block::Torn => {
                    self.torn += 1;
                    self.used_to = self.next;
                }
                Block::Newer { version } => {
                    let file = segment_name(place.segment);
                    return Err(JournalFault::Newer {
                        file,
                        version,
                        version_max: checkpoint::passage::record::RECORD_VERSION,
                    });
                }
                Block::Record(entry) => {
                    self.used_to = self.next;
                    if self.continues(&entry) {
                        self.read_again = false;
                        let record = entry.record();
                        self.last = Some(Link {
                            sequence: record.sequence,
                            previous: record.previous,
                            hash: entry.hash(),
                            place,
                            torn: self.torn,
                            used_to: self.used_to,
                        });
                        return Ok(Some(Found { entry: *entry, place }));
                    }
                    if self.read_again {
                        let what = "a record before this one is missing, changed or damaged";
                        return Err(JournalFault::Corrupt {
                            file: segment_name(place.segment),
                            block: place.block,
                            what,
                        });
                    }
                    self.go_back();
                }
            }
        }
    }

    /// Whether a record is the next of its chain, or takes the place of the last one: the writer writes a record again,
    /// or another one of the same number, when it cannot know whether the block before reached the disk.
    fn continues(&self, entry: &Entry) -> bool {
        let record = entry.record();
        match &self.last {
            Some(last) if record.sequence == last.sequence => record.previous == last.previous,
            Some(last) => record.sequence == last.sequence + 1 && record.previous == last.hash,
            // The very first record, also where nothing stands in the first segment. A walk that begins later has nothing to
            // compare its first record with.
            None if self.began == 1 => {
                record.sequence == 1 && self.journal.is_some_and(|journal| record.previous == Digest::genesis(journal))
            }
            None => true,
        }
    }

    /// Back to the block after the last record, to read again what did not fit.
    fn go_back(&mut self) {
        self.read_again = true;
        self.buffer.clear();
        let first = Place { segment: 1, block: 1 };
        let (after, torn, used_to) = match &self.last {
            Some(last) => (Place { block: last.place.block + 1, ..last.place }, last.torn, last.used_to),
            None => (first, 0, first),
        };
        if after.segment != self.next.segment {
            self.segment = None;
        }
        (self.next, self.torn, self.used_to) = (after, torn, used_to);
    }

    /// The block at `next`, in the next segment where this one ends; `None` after the last segment.
    fn load(&mut self) -> Result<Option<Block>, JournalFault> {
        loop {
            if self.segment.is_none() {
                let Some(segment) = Segment::open(&*self.disk, self.next.segment, Access::Read)? else {
                    // Proves that the end is the end: no segment stands after the one that is not there.
                    segment_numbers(&*self.disk)?;
                    return Ok(None);
                };
                if self.journal.is_some_and(|journal| journal != segment.header.journal) {
                    let file = segment_name(self.next.segment);
                    return Err(JournalFault::Corrupt { file, block: 0, what: "the file is of another journal" });
                }
                self.journal = Some(segment.header.journal);
                self.segment = Some(segment);
                self.buffer.clear();
            }
            let Some(segment) = &self.segment else { continue };
            if self.next.block < segment.whole_blocks {
                break;
            }
            if segment.whole_blocks < segment.geometry().blocks {
                // A file that was cut takes no more records: what would stand after the cut may have been lost.
                self.torn += 1;
                self.used_to = Place { segment: self.next.segment + 1, block: 1 };
            } else if segment.header.rewritten != Rewritten::No {
                // It has no room after its last record, and its blocks are smaller than what a card destroys at once.
                self.used_to = Place { segment: self.next.segment + 1, block: 1 };
            }
            self.next = Place { segment: self.next.segment + 1, block: 1 };
            self.segment = None;
        }
        let Some(segment) = &self.segment else { return Ok(None) };
        let size = segment.geometry().block_bytes as usize;
        let inside = |place: Place, buffer: &Vec<u8>, from: Place| {
            let at = place.block.checked_sub(from.block)? as usize * size;
            (place.segment == from.segment && at + size <= buffer.len()).then_some(at)
        };
        let at = match inside(self.next, &self.buffer, self.buffer_from) {
            Some(at) => at,
            None => {
                let left = (segment.whole_blocks - self.next.block) as usize;
                self.buffer.resize(left.min((READ_BYTES / size).max(1)) * size, 0);
                self.buffer_from = self.next;
                let read = segment.file.read_at(&mut self.buffer, segment.geometry().offset(self.next.block));
                if let Err(error) = read {
                    self.buffer.clear();
                    return Err(JournalFault::from_io("read a segment of the journal", error));
                }
                0
            }
        };
        Ok(Some(Block::decode(&self.buffer[at..at + size])))
    }
}

/// A record as a reader gets it.
#[derive(Debug)]
pub struct Stored {
    /// The record.
    pub entry: Entry,
    /// Its block.
    pub place: Place,
    /// A later record follows, so this one was acknowledged. The last record of a journal may be one whose sync failed or
    /// is still under way: another may yet take its place.
    pub settled: bool,
}

/// The records of a journal in order, each number once.
pub struct Entries {
    walk: Walk,
    held: Option<Found>,
    from: u64,
    done: bool,
}

impl Entries {
    /// Those from a sequence number on.
    ///
    /// # Errors
    /// What keeps the right segment from being found.
    pub fn from(disk: Arc<dyn Disk>, sequence: u64) -> Result<Self, JournalFault> {
        let numbers = segment_numbers(&*disk)?;
        let mut start = numbers.first().copied().unwrap_or(1);
        for number in numbers.iter().rev().copied() {
            // The first record of a segment says whether the wanted one can stand before it.
            let mut walk = Walk::from_segment(disk.clone(), number);
            if walk
                .step()?
                .is_some_and(|found| found.place.segment == number && found.entry.record().sequence <= sequence)
            {
                start = number;
                break;
            }
        }
        Ok(Self { walk: Walk::from_segment(disk, start), held: None, from: sequence, done: false })
    }

    fn stored(&mut self, settled: bool) -> Option<Stored> {
        let Found { entry, place } = self.held.take()?;
        (entry.record().sequence >= self.from).then_some(Stored { entry, place, settled })
    }
}

impl Iterator for Entries {
    type Item = Result<Stored, JournalFault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            match self.walk.step() {
                Ok(Some(found)) => {
                    let same = |held: &Found| held.entry.record().sequence == found.entry.record().sequence;
                    let replaces = self.held.as_ref().is_some_and(same);
                    let before = if replaces { None } else { self.stored(true) };
                    self.held = Some(found);
                    if let Some(stored) = before {
                        return Some(Ok(stored));
                    }
                }
                Ok(None) => {
                    self.done = true;
                    return self.stored(false).map(Ok);
                }
                Err(fault) => {
                    self.done = true;
                    return Some(Err(fault));
                }
            }
        }
        None
    }
}

/// Where a journal ends.
pub struct Tail {
    /// Its name.
    pub journal: JournalId,
    /// The last record, if there is one.
    pub last: Option<Found>,
    /// Where the next block goes.
    pub next: Place,
    /// Blocks near the end that hold something that is no record.
    pub torn: u64,
    /// Number of the last segment.
    pub last_segment: u64,
}

/// Finds the end of a journal by reading its last segments; `None` where there is no journal yet.
///
/// # Errors
/// `Newer`, `Corrupt`, and what the disk says.
pub fn tail(disk: &Arc<dyn Disk>) -> Result<Option<Tail>, JournalFault> {
    let numbers = segment_numbers(&**disk)?;
    let (Some(first), Some(last_segment)) = (numbers.first().copied(), numbers.last().copied()) else {
        return Ok(None);
    };
    let mut segments = RECOVERY_SEGMENTS;
    loop {
        let start = (last_segment + 1).saturating_sub(segments).max(first);
        let mut walk = Walk::from_segment(disk.clone(), start);
        let mut last = None;
        while let Some(found) = walk.step()? {
            last = Some(found);
        }
        if last.is_none() && start > first {
            segments *= 4;
            continue;
        }
        if last.is_none() && first > 1 {
            let what = "no record is left in it, and the segments before it are gone";
            return Err(JournalFault::Corrupt { file: segment_name(first), block: 1, what });
        }
        let journal = walk.journal().ok_or_else(|| JournalFault::Corrupt {
            file: segment_name(start),
            block: 0,
            what: "the file disappeared while it was read",
        })?;
        return Ok(Some(Tail { journal, last, next: walk.used_to(), torn: walk.torn(), last_segment }));
    }
}
