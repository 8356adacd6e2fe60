//! The records of a journal, each number once.

use std::sync::Arc;

use checkpoint::passage::record::Entry;

use super::{Found, Place, Walk, segment_numbers};
use crate::journal::JournalFault;
use crate::journal::disk::Disk;

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
