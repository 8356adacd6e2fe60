//! The files that records stand in: their names, and one whose header was proven.

use std::fmt;
use std::io;

use crate::journal::JournalFault;
use crate::journal::block::{FORMAT, Geometry, HeaderFault, SegmentHeader};
use crate::journal::disk::{Access, BlockFile, Disk};

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

    pub(super) fn geometry(&self) -> Geometry {
        self.header.geometry
    }
}
