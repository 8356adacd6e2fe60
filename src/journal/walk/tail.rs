//! The end of a journal: where the next record goes.

use std::sync::Arc;

use checkpoint::passage::record::JournalId;

use super::{Found, Place, Walk, segment_name, segment_numbers};
use crate::journal::JournalFault;
use crate::journal::disk::Disk;

/// Segments that recovery reads at first, counted from the last: one may be prepared and empty, one may have just begun,
/// and in one the last record then stands.
const RECOVERY_SEGMENTS: u64 = 3;

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
