//! How the writer keeps its index: in quiet moments, and never in a passage's way.

use std::fs;
use std::path::Path;

use checkpoint::passage::Outcome;
use checkpoint::passage::record::{Digest, Entry, Record};
use checkpoint::screen::Totals;
use checkpoint::time;
use chrono::{DateTime, Utc};

use super::index::Index;
use super::walk::{Entries, Stored};
use super::{Journal, JournalFault};

/// Records that the index takes in at once: some ten milliseconds on a tablet, so that no visitor waits for it.
const INDEX_STEP: usize = 500;

impl Journal {
    /// Opens the index and finds what it lacks. Returns the newest record that it knows and the segments do not.
    pub(super) fn open_index(&mut self) -> Option<u64> {
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
    pub(super) fn hash_of(&self, sequence: u64) -> Option<Digest> {
        if sequence == self.sequence {
            return Some(self.head);
        }
        let stored = Entries::from(self.disk.clone(), sequence).ok()?.next()?.ok()?;
        (stored.entry.record().sequence == sequence).then(|| stored.entry.hash())
    }

    /// Gives the index the records that wait for it, if it has all before them.
    pub(super) fn take_in(&mut self) {
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
    pub(super) fn fill_index(&mut self) -> bool {
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

    pub(super) fn lose_index(&mut self, error: &rusqlite::Error) {
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

/// When and what, where the record is a passage.
pub(super) fn passed(record: &Record) -> Option<(DateTime<Utc>, Outcome)> {
    record.event.passage().map(|passage| (record.at, passage.outcome))
}

fn remove_index(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // What cannot be removed shows when it is opened.
        let _ = fs::remove_file(name);
    }
}
