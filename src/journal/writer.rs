//! Writing blocks into segments, one after the other.

use std::io;
use std::sync::Arc;

use checkpoint::passage::record::{Entry, JournalId, RecordFault};

use super::JournalFault;
use super::block::{Block, Geometry, Rewritten, SegmentHeader};
use super::disk::{Access, BlockFile, Disk};
use super::walk::{Segment, Tail, segment_name};

/// Bytes of the next segment that are written in one quiet moment: a slow card takes them in fifty milliseconds.
pub const PREPARE_STEP: u64 = 256 * 1024;

/// Where the next block goes, and the room for those after it.
pub struct Writer {
    disk: Arc<dyn Disk>,
    id: JournalId,
    /// Of new segments.
    geometry: Geometry,
    segment: Segment,
    /// Next block in `segment`.
    next_block: u32,
    /// The segment after this one stands on the disk, durable and empty.
    prepared: bool,
    /// The segment after this one, as far as it was made.
    preparing: Option<Unfinished>,
    /// The bytes of a block, kept so that no passage waits for them to be allocated.
    buffer: Vec<u8>,
}

impl Writer {
    /// Makes the first segment of a journal.
    ///
    /// # Errors
    /// What keeps it from being made.
    pub fn begin(disk: &dyn Disk, id: JournalId, geometry: Geometry) -> Result<(), JournalFault> {
        let header = SegmentHeader { geometry, number: 1, journal: id, rewritten: Rewritten::No };
        Unfinished::begin(disk, header)?.go_on(disk, u64::MAX).map(drop)
    }

    /// Writes one segment whole: these records, then room. It takes the place of one of the same number, which stands until
    /// then.
    ///
    /// # Errors
    /// What keeps it from being written, or the records from being read: whatever stood there stands.
    pub fn replace(
        disk: &dyn Disk,
        header: SegmentHeader,
        entries: impl Iterator<Item = Result<Entry, JournalFault>>,
    ) -> Result<(), JournalFault> {
        let geometry = header.geometry;
        let Unfinished { header, file, .. } = Unfinished::begin(disk, header)?;
        let fail = |error| Unfinished::give_up(disk, header.number, error);
        let mut buffer = vec![0; geometry.block_bytes as usize];
        let mut block = 1;
        for entry in entries {
            let entry = entry.inspect_err(|_| drop(disk.remove(&unfinished_name(header.number))))?;
            if block >= geometry.blocks || !Block::encode_into(&entry, &mut buffer) {
                return Err(fail(io::ErrorKind::InvalidData.into()));
            }
            file.write_at(&buffer, geometry.offset(block)).map_err(fail)?;
            block += 1;
        }
        buffer.fill(0);
        file.write_at(&buffer, 0).map_err(fail)?;
        while block < geometry.blocks {
            file.write_at(&buffer, geometry.offset(block)).map_err(fail)?;
            block += 1;
        }
        Unfinished { header, file, written: geometry.bytes() }.finish(disk)
    }

    /// Goes on where a journal ends.
    ///
    /// # Errors
    /// Its last segment cannot be opened.
    pub fn at(disk: Arc<dyn Disk>, tail: &Tail, geometry: Geometry) -> Result<Self, JournalFault> {
        // The next block may be the first of a segment that nobody has made yet.
        let number = tail.next.segment.min(tail.last_segment);
        let segment = Segment::open(&*disk, number, Access::Write)?.ok_or_else(|| JournalFault::Corrupt {
            file: segment_name(number),
            block: 0,
            what: "the file disappeared while it was read",
        })?;
        let next_block = if number == tail.next.segment { tail.next.block } else { segment.whole_blocks };
        let prepared = tail.last_segment > number;
        let (id, buffer) = (tail.journal, Vec::new());
        Ok(Self { disk, id, geometry, segment, next_block, prepared, preparing: None, buffer })
    }

    /// Number of the segment that is written to.
    pub fn segment(&self) -> u64 {
        self.segment.header.number
    }

    /// Blocks for which room is reserved already.
    pub fn room(&self) -> u64 {
        u64::from(self.left()) + if self.prepared { u64::from(self.geometry.blocks) - 1 } else { 0 }
    }

    /// Blocks of this segment that are left.
    pub fn left(&self) -> u32 {
        self.segment.whole_blocks.saturating_sub(self.next_block)
    }

    /// Some of the next segment is made, once half of this one is full. `true` while there is more to do.
    ///
    /// # Errors
    /// As `prepare`: blocks are still taken while there is `room`.
    pub fn tend(&mut self) -> Result<bool, JournalFault> {
        if self.prepared || self.left() > self.segment.whole_blocks / 2 {
            return Ok(false);
        }
        self.prepare(PREPARE_STEP)?;
        Ok(!self.prepared)
    }

    /// The next segment stands ready.
    pub fn is_prepared(&self) -> bool {
        self.prepared
    }

    /// One block, one `fdatasync`. Only when both succeed has anything been recorded.
    ///
    /// # Errors
    /// Nothing is acknowledged. `DiskFull` and `ReadOnly`: nothing was written.
    pub fn write(&mut self, entry: &Entry) -> Result<(), JournalFault> {
        self.put(entry)?;
        self.sync()
    }

    /// One block, not durable before `sync`.
    ///
    /// # Errors
    /// As `write`.
    pub fn put(&mut self, entry: &Entry) -> Result<(), JournalFault> {
        if self.next_block >= self.segment.whole_blocks {
            self.next_segment()?;
        }
        let geometry = self.segment.header.geometry;
        self.buffer.resize(geometry.block_bytes as usize, 0);
        if !Block::encode_into(entry, &mut self.buffer) {
            let bytes = entry.text().len() + entry.sealed().map_or(0, <[u8]>::len);
            return Err(RecordFault::TooLarge { bytes, bytes_max: self.buffer.len() }.into());
        }
        match self.segment.file.write_at(&self.buffer, geometry.offset(self.next_block)) {
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
        // Whatever the sync will say, this block is never written again: after a failure the system holds it for clean,
        // whether it reached the disk or not, and a second sync would succeed without writing anything.
        self.next_block += 1;
        Ok(())
    }

    /// Makes the blocks that were put since the last `sync` durable.
    ///
    /// # Errors
    /// Nobody knows which of them are.
    pub fn sync(&self) -> Result<(), JournalFault> {
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
    ///
    /// # Errors
    /// What keeps the segment from being made.
    pub fn next_segment(&mut self) -> Result<(), JournalFault> {
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
    ///
    /// # Errors
    /// What keeps it from being made; what was begun is taken away again.
    pub fn prepare(&mut self, bytes: u64) -> Result<(), JournalFault> {
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
        let all = self.header.geometry.bytes();
        let upto = all.min(self.written.saturating_add(bytes));
        let zeros = vec![0; PREPARE_STEP as usize];
        let mut write = || {
            while self.written < upto {
                let part = (upto - self.written).min(PREPARE_STEP);
                self.file.write_at(&zeros[..part as usize], self.written)?;
                self.written += part;
            }
            if self.written < all { self.file.sync_data() } else { Ok(()) }
        };
        match write() {
            Ok(()) if self.written < all => Ok(Some(self)),
            Ok(()) => self.finish(disk).map(|()| None),
            Err(error) => Err(Self::give_up(disk, self.header.number, error)),
        }
    }

    /// Gives it its header and its name, durable.
    fn finish(self, disk: &dyn Disk) -> Result<(), JournalFault> {
        let number = self.header.number;
        let finish = || {
            self.file.write_at(&self.header.encode(), 0)?;
            self.file.sync_all()?;
            disk.rename(&unfinished_name(number), &segment_name(number))?;
            disk.sync()
        };
        finish().map_err(|error| Self::give_up(disk, number, error))
    }

    /// Its room may be all that is left on a full disk.
    fn give_up(disk: &dyn Disk, number: u64, error: io::Error) -> JournalFault {
        // If it cannot be removed, the next attempt begins by emptying it.
        let _ = disk.remove(&unfinished_name(number));
        JournalFault::from_io("make room for passages", error)
    }
}

/// Name of a segment that is being made.
pub fn unfinished_name(number: u64) -> String {
    format!("{}.new", segment_name(number))
}
