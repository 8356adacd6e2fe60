//! Reading records in order, proving as one goes that none is missing.

mod entries;
mod segment;
mod tail;

use std::sync::Arc;

use checkpoint::passage::record::{Digest, Entry, JournalId};

use super::JournalFault;
use super::block::{Block, Rewritten};
use super::disk::{Access, Disk};
pub use entries::{Entries, Stored};
pub use segment::{Place, Segment, segment_name, segment_numbers, segment_numbers_found};
pub use tail::{Tail, tail};

/// Bytes read at once: 64 blocks of the usual size.
const READ_BYTES: usize = 1 << 20;

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
