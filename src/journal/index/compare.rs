//! Whether an index says what its journal holds: for whoever proves the journal.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use checkpoint::passage::record::JournalId;
use rusqlite::{Connection, OpenFlags};

use super::counts::{self, Kind, Tally};
use super::{BUSY, INDEX_VERSION, Index};
use crate::journal::disk::Disk;
use crate::journal::walk::Entries;

/// What a comparison of an index with its journal found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// It is of another journal or a newer version, or not made as we make it.
    pub foreign: bool,
    /// An older program made it; the next start makes it anew. It says nothing.
    pub outdated: bool,
    /// The newest record up to which all rows are right.
    pub newest: u64,
    /// The first row whose record the segments no longer hold.
    pub ahead: Option<u64>,
    /// The first record whose row is missing or says something else.
    pub differs: Option<u64>,
    /// The counts by hour are not those of the rows.
    pub miscounted: bool,
}

impl Index {
    /// Compares an index with the journal, row by row: everything in it must be what the segments hold.
    ///
    /// # Errors
    /// It is damaged, so that SQLite cannot read it.
    pub fn compare(path: &Path, journal: JournalId, disk: &Arc<dyn Disk>) -> rusqlite::Result<Compared> {
        let mut compared = Compared::default();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let index = Self { db: Connection::open_with_flags(path, flags)?, path: None };
        index.db.busy_timeout(BUSY)?;
        let schema = |index: &Self| -> rusqlite::Result<Vec<Option<String>>> {
            let mut select = index.db.prepare("SELECT sql FROM sqlite_schema ORDER BY name")?;
            select.query_map([], |row| row.get(0))?.collect()
        };
        if (1..INDEX_VERSION).contains(&index.version()?) {
            compared.outdated = true;
            return Ok(compared);
        }
        if !index.belongs_to(journal)? || schema(&index)? != schema(&Self::in_memory(journal)?)? {
            compared.foreign = true;
            return Ok(compared);
        }
        let sound: String = index.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
                Some(sound),
            ));
        }
        let mut select = index.db.prepare(
            "SELECT sequence, at, outcome, direction, reason, hash, text, scan_ms FROM record ORDER BY sequence",
        )?;
        let mut rows = select.query([])?;
        let mut entries = Entries::from(disk.clone(), 1).ok();
        let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let sequence = row.get::<_, i64>(0)?.cast_unsigned();
            let expected = compared.newest + 1;
            // Where the segments themselves are damaged, the rest has nothing to be compared with.
            let entry = match entries.as_mut().map(Iterator::next) {
                Some(Some(Ok(stored))) => stored.entry,
                Some(None) => {
                    compared.ahead = Some(sequence);
                    return Ok(compared);
                }
                Some(Some(Err(_))) | None => return Ok(compared),
            };
            let record = entry.record();
            let passage = record.event.passage();
            let word = |at: usize| row.get::<_, Option<String>>(at);
            let same = sequence == expected
                && sequence == record.sequence
                && row.get::<_, i64>(1)? == record.at.timestamp_millis()
                && word(2)?.as_deref() == passage.map(|passage| passage.outcome.word())
                && word(3)?.as_deref() == passage.map(|passage| passage.direction.word())
                && word(4)?.as_deref() == passage.and_then(|passage| passage.reason.as_deref())
                && row.get::<_, Option<u32>>(7)? == passage.and_then(|passage| passage.scan_ms)
                && row.get::<_, [u8; 32]>(5)? == entry.hash().0
                && word(6)?.as_deref() == Some(entry.text());
            if !same {
                compared.differs = Some(expected);
                return Ok(compared);
            }
            if let Some((kind, scan_ms)) = counts::counted(record) {
                tallies.entry(kind).or_default().add(scan_ms);
            }
            compared.newest = sequence;
        }
        compared.miscounted = !counts::says(&index.db, &tallies)?;
        Ok(compared)
    }
}
