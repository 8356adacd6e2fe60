//! The index: what is asked of the journal often, in SQLite, made from the segments and never trusted over them.

mod compare;
mod counts;
mod query;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use checkpoint::passage::day::Restart;
use checkpoint::passage::record::{Entry, Event, JournalId, Record};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

pub use checkpoint::statistics::Hour;
pub use compare::Compared;
use counts::Changes;
pub use query::{Query, day};

/// Name of the index's file, beside the segments.
pub const INDEX_FILE: &str = "index.sqlite";

/// Grows with every change of the tables: an index of another version is made anew.
const INDEX_VERSION: i64 = 4;

/// How long a reader waits for the writer, and the other way round.
const BUSY: Duration = Duration::from_secs(2);

/// Columns beside the record's text are those that are asked for. Times are milliseconds since 1970, UTC. Table `hour` counts the
/// passages of each hour and keeps how long their scans took (`counts::Times`), so that statistics of weeks read thousands of rows in
/// place of hundreds of thousands; `add` keeps it in step with the rows.
const TABLES: &str = "
    CREATE TABLE journal (id TEXT NOT NULL, closed INTEGER NOT NULL) STRICT;
    CREATE TABLE record (
        sequence INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        outcome TEXT,
        direction TEXT,
        reason TEXT,
        scan_ms INTEGER,
        hash BLOB NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX record_at ON record (at, outcome, direction, reason, scan_ms);
    CREATE TABLE hour (
        hour INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        direction TEXT NOT NULL,
        reason TEXT NOT NULL,
        passages INTEGER NOT NULL,
        times BLOB NOT NULL,
        PRIMARY KEY (hour, outcome, direction, reason)
    ) STRICT, WITHOUT ROWID;
";

/// What a journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Records.
    pub records: u64,
    /// Time of the earliest.
    pub first: DateTime<Utc>,
    /// Time of the latest.
    pub last: DateTime<Utc>,
}

/// The index, open.
pub struct Index {
    db: Connection,
    /// `None` in memory.
    path: Option<PathBuf>,
}

impl Index {
    /// Opens the writer's index; an index that is missing, damaged, of another version or of another journal is made anew
    /// and empty.
    ///
    /// # Errors
    /// What keeps even a new one from being made. The journal works without.
    pub fn open(path: &Path, journal: JournalId) -> rusqlite::Result<Self> {
        let opened = Self::open_existing(path, journal);
        let index = match opened {
            Ok(Some(index)) => index,
            Ok(None) | Err(_) => Self::anew(path, journal)?,
        };
        index.db.execute("UPDATE journal SET closed = 0", [])?;
        Ok(index)
    }

    /// An index in memory, for readers without a file that they can use.
    pub fn in_memory(journal: JournalId) -> rusqlite::Result<Self> {
        let index = Self { db: Connection::open_in_memory()?, path: None };
        index.tables(journal)?;
        Ok(index)
    }

    /// An index for the records that the writer's lacks, with number and hash of the newest that the writer's has; `None` where that is
    /// no good. `with_writers` then shows both as one.
    ///
    /// The writer's rows stay on the disk, however many they are, and are seen as they were at this moment while this index lives.
    pub fn beside_writers(path: &Path, journal: JournalId) -> rusqlite::Result<Option<(Self, u64, [u8; 32])>> {
        if Self::open_to_read(path, journal).is_none() {
            return Ok(None);
        }
        let index = Self::in_memory(journal)?;
        index.db.busy_timeout(BUSY)?;
        let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        index.db.execute("ATTACH ? AS writer", [format!("file:{name}?mode=ro")])?;
        // The first question fixes what is seen until the transaction ends, with the connection.
        index.db.execute_batch("BEGIN")?;
        let newest = index.newest_in("writer.record")?;
        Ok(newest.map(|(sequence, hash)| (index, sequence, hash)))
    }

    /// From here on the writer's rows are seen too, and nothing can be added.
    pub fn with_writers(self) -> rusqlite::Result<Self> {
        // Names without a schema are looked up among the temporary ones first. A kind of passages may stand in both tables of hours:
        // whoever asks adds them up.
        self.db.execute_batch(
            "CREATE TEMP VIEW record AS SELECT * FROM main.record UNION ALL SELECT * FROM writer.record;
             CREATE TEMP VIEW hour AS SELECT * FROM main.hour UNION ALL SELECT * FROM writer.hour",
        )?;
        Ok(self)
    }

    /// The writer's index as it stands, only to read; `None` where it is no good.
    pub fn open_to_read(path: &Path, journal: JournalId) -> Option<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).ok()?;
        let index = Self { db, path: None };
        index.db.busy_timeout(BUSY).ok()?;
        index.belongs_to(journal).ok()?.then_some(index)
    }

    fn open_existing(path: &Path, journal: JournalId) -> rusqlite::Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let index = Self { db: Connection::open(path)?, path: Some(path.to_owned()) };
        index.settings()?;
        if !index.belongs_to(journal)? {
            return Ok(None);
        }
        // Whoever was not closed may have been cut off, and a card may have destroyed what it was writing.
        let closed: bool = index.db.query_row("SELECT closed FROM journal", [], |row| row.get(0))?;
        let good = closed || index.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))? == "ok";
        Ok(good.then_some(index))
    }

    fn anew(path: &Path, journal: JournalId) -> rusqlite::Result<Self> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            // What cannot be removed shows at the next step.
            let _ = std::fs::remove_file(name);
        }
        let index = Self { db: Connection::open(path)?, path: Some(path.to_owned()) };
        index.settings()?;
        index.tables(journal)?;
        Ok(index)
    }

    fn settings(&self) -> rusqlite::Result<()> {
        self.db.busy_timeout(BUSY)?;
        self.db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        // A cut may take the newest rows: they are read again from the segments.
        self.db.pragma_update(None, "synchronous", "NORMAL")
    }

    fn tables(&self, journal: JournalId) -> rusqlite::Result<()> {
        self.db.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {INDEX_VERSION}; COMMIT"))?;
        self.db.execute("INSERT INTO journal VALUES (?, 0)", [journal.to_string()])?;
        Ok(())
    }

    fn version(&self) -> rusqlite::Result<i64> {
        self.db.query_row("PRAGMA user_version", [], |row| row.get(0))
    }

    fn belongs_to(&self, journal: JournalId) -> rusqlite::Result<bool> {
        Ok(self.version()? == INDEX_VERSION
            && self.db.query_row("SELECT id FROM journal", [], |row| row.get::<_, String>(0))? == journal.to_string())
    }

    /// Sequence number and hash of the newest record in it.
    pub fn newest(&self) -> rusqlite::Result<Option<(u64, [u8; 32])>> {
        self.newest_in("record")
    }

    fn newest_in(&self, table: &str) -> rusqlite::Result<Option<(u64, [u8; 32])>> {
        let sql = format!("SELECT sequence, hash FROM {table} ORDER BY sequence DESC LIMIT 1");
        self.db.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))).optional()
    }

    /// How many records it holds, and from when to when; `None` where it holds none.
    pub fn span(&self) -> rusqlite::Result<Option<Span>> {
        // Each of them alone is one step down a tree; numbers have no gaps.
        let sql =
            "SELECT (SELECT max(sequence) FROM record), (SELECT min(at) FROM record), (SELECT max(at) FROM record)";
        self.db.query_row(sql, [], |row| {
            let at = |column| -> rusqlite::Result<_> {
                Ok(row.get::<_, Option<i64>>(column)?.and_then(DateTime::from_timestamp_millis))
            };
            let records = row.get::<_, Option<i64>>(0)?.map(i64::cast_unsigned);
            let span = records.zip(at(1)?.zip(at(2)?));
            Ok(span.map(|(records, (first, last))| Span { records, first, last }))
        })
    }

    /// Every short code of a reason that a passage carries, in order.
    pub fn reasons(&self) -> rusqlite::Result<BTreeSet<String>> {
        let mut select = self.db.prepare("SELECT DISTINCT reason FROM hour")?;
        let mut rows = select.query([])?;
        let mut codes = BTreeSet::new();
        while let Some(row) = rows.next()? {
            codes.extend(row.get_ref(0)?.as_str()?.split_whitespace().map(str::to_owned));
        }
        Ok(codes)
    }

    /// The newest start of the kiosk that it holds.
    pub fn last_restart(&self) -> rusqlite::Result<Option<Restart>> {
        let mut select = self.db.prepare("SELECT text FROM record WHERE outcome IS NULL ORDER BY sequence DESC")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let record: Option<Record> = serde_json::from_str(row.get_ref(0)?.as_str()?).ok();
            if let Some(Event::Restart(restart)) = record.map(|record| record.event) {
                return Ok(Some(restart));
            }
        }
        Ok(None)
    }

    /// Adds records, all or none. One that is there is replaced.
    pub fn add<'e>(&mut self, entries: impl IntoIterator<Item = &'e Entry>) -> rusqlite::Result<()> {
        // Within the transaction of whoever sees the writer's rows too, a transaction of its own elsewhere.
        let all = self.db.savepoint()?;
        {
            let mut newest: Option<i64> = all.query_row("SELECT max(sequence) FROM record", [], |row| row.get(0))?;
            let mut remove = all.prepare_cached("DELETE FROM record WHERE sequence = ? RETURNING text")?;
            let mut insert = all.prepare_cached("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
            let mut changes = Changes::new(&all);
            for entry in entries {
                let record = entry.record();
                let sequence = record.sequence.cast_signed();
                if newest.is_some_and(|newest| sequence <= newest) {
                    let replaced: Option<String> = remove.query_row([sequence], |row| row.get(0)).optional()?;
                    if let Some(replaced) = replaced {
                        changes.take_back(&parsed(&replaced)?)?;
                    }
                }
                newest = newest.max(Some(sequence));
                let passage = record.event.passage();
                insert.execute((
                    sequence,
                    record.at.timestamp_millis(),
                    passage.map(|passage| passage.outcome.word()),
                    passage.map(|passage| passage.direction.word()),
                    passage.and_then(|passage| passage.reason.as_deref()),
                    passage.and_then(|passage| passage.scan_ms),
                    entry.hash().0,
                    entry.text(),
                ))?;
                changes.add(record)?;
            }
            changes.write()?;
        }
        all.commit()
    }

    /// Records that are asked for, in order. `each` may stop by returning `false`.
    pub fn list(&self, query: &Query, mut each: impl FnMut(Record, &str) -> bool) -> rusqlite::Result<()> {
        let (condition, values) = query.condition();
        let mut select = self.db.prepare(&format!("SELECT text FROM record WHERE {condition} ORDER BY sequence"))?;
        let mut rows = select.query(rusqlite::params_from_iter(values.iter()))?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            if !each(parsed(&text)?, &text) {
                break;
            }
        }
        Ok(())
    }
}

/// A writer's index says that it was closed in order, so that the next start need not examine it.
impl Drop for Index {
    fn drop(&mut self) {
        if self.path.is_some() {
            // If it cannot be said, the next start examines it.
            let _ = self.db.execute("UPDATE journal SET closed = 1", []);
        }
    }
}

/// A record's text, read back.
fn parsed(text: &str) -> rusqlite::Result<Record> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}
