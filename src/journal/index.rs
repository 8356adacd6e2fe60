//! The index: what is asked of the journal often, in SQLite, made from the segments and never trusted over them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::disk::Disk;
use super::walk::Entries;
use checkpoint::passage::day::Restart;
use checkpoint::passage::record::{Entry, Event, JournalId, Record};
use checkpoint::passage::{Direction, Outcome};
use checkpoint::screen::Totals;
use checkpoint::statistics::{Cause, ScanHistogram, Statistics};
use checkpoint::time;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql};

pub use checkpoint::statistics::Hour;

/// Name of the index's file, beside the segments.
pub const INDEX_FILE: &str = "index.sqlite";

/// Grows with every change of the tables: an index of another version is made anew.
const INDEX_VERSION: i64 = 3;

/// How long a reader waits for the writer, and the other way round.
const BUSY: Duration = Duration::from_secs(2);

/// Columns beside the record's text are those that are asked for. Times are milliseconds since 1970, UTC. Table `hour` counts the
/// passages of each hour, so that counts over weeks read hundreds of rows in place of hundreds of thousands; the triggers keep it
/// in step with the rows.
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
        PRIMARY KEY (hour, outcome, direction, reason)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER record_counted AFTER INSERT ON record WHEN new.outcome IS NOT NULL BEGIN
        INSERT INTO hour VALUES (new.at / 3600000, new.outcome, new.direction, ifnull(new.reason, ''), 1)
            ON CONFLICT DO UPDATE SET passages = passages + 1;
    END;
    CREATE TRIGGER record_replaced AFTER DELETE ON record WHEN old.outcome IS NOT NULL BEGIN
        UPDATE hour SET passages = passages - 1 WHERE hour = old.at / 3600000 AND outcome = old.outcome
            AND direction = old.direction AND reason = ifnull(old.reason, '');
    END;
";

/// Milliseconds of an hour. Viet Nam is ahead of UTC by whole hours, so its hours are UTC's.
const HOUR_MILLIS: i64 = 3_600_000;

/// What is asked for; `None` is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// From this instant on.
    pub since: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only passages with this outcome.
    pub outcome: Option<Outcome>,
    /// Only passages in this direction.
    pub direction: Option<Direction>,
    /// Only passages with this short code among those of their reason: what a guard typed from paper carries two.
    pub reason: Option<String>,
    /// Leave out everything that is no passage.
    pub passages_only: bool,
}

impl Query {
    /// Passages by hour (`at / 3600000`), outcome, direction and reason: whole hours as table `hour` counts them, and single rows
    /// where the time that is asked for begins or ends within an hour.
    fn passages(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let edge = |at: Option<DateTime<Utc>>, open: i64| at.map_or(open, |at| at.timestamp_millis());
        let (since, until) = (edge(self.since, i64::MIN), edge(self.until, i64::MAX));
        let first = since.div_euclid(HOUR_MILLIS) + i64::from(since.rem_euclid(HOUR_MILLIS) != 0);
        let last = until.div_euclid(HOUR_MILLIS).max(first);
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(first), Box::new(last)];
        let mut sql =
            "SELECT hour, outcome, direction, reason, passages FROM hour WHERE hour >= ? AND hour < ? AND passages > 0"
                .to_owned();
        let (whole_from, whole_to) = (first.saturating_mul(HOUR_MILLIS), last.saturating_mul(HOUR_MILLIS));
        for (from, to) in [(since, whole_from.min(until)), (whole_to.max(since), until)] {
            // Nothing lies between the last whole hour of all and the end of time.
            if from < to && from != i64::MIN && to != i64::MAX {
                sql += " UNION ALL SELECT at / 3600000, outcome, direction, ifnull(reason, ''), 1 FROM record \
                        WHERE at >= ? AND at < ? AND outcome IS NOT NULL";
                values.extend([Box::new(from) as Box<dyn ToSql>, Box::new(to)]);
            }
        }
        let of_kind = Self { since: None, until: None, ..self.clone() };
        let (condition, more) = of_kind.condition();
        values.extend(more);
        (format!("(SELECT * FROM ({sql}) WHERE {condition})"), values)
    }

    /// The condition, and the values of its question marks.
    fn condition(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let mut parts = vec!["1"];
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        let mut part = |text, value: Option<Box<dyn ToSql>>| {
            if let Some(value) = value {
                parts.push(text);
                values.push(value);
            }
        };
        part("at >= ?", self.since.map(|at| Box::new(at.timestamp_millis()) as _));
        part("at < ?", self.until.map(|at| Box::new(at.timestamp_millis()) as _));
        part("outcome = ?", self.outcome.map(|outcome| Box::new(outcome.word()) as _));
        part("direction = ?", self.direction.map(|direction| Box::new(direction.word()) as _));
        part(
            "instr(' ' || reason || ' ', ?) > 0",
            self.reason.as_ref().map(|reason| Box::new(format!(" {reason} ")) as _),
        );
        if self.passages_only {
            parts.push("outcome IS NOT NULL");
        }
        (parts.join(" AND "), values)
    }
}

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
        index.replacing()?;
        index.tables(journal)?;
        Ok(index)
    }

    /// The rows of the writer's index, in memory, so that more can be added.
    pub fn copy(path: &Path, journal: JournalId) -> rusqlite::Result<Self> {
        let index = Self::in_memory(journal)?;
        index.db.execute("ATTACH ? AS writer", [path.to_string_lossy()])?;
        index.db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        // One moment of the writer's for both tables.
        index.db.execute_batch(
            "BEGIN; INSERT INTO record SELECT * FROM writer.record; INSERT INTO hour SELECT * FROM writer.hour; COMMIT",
        )?;
        index.db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
        index.db.execute("DETACH writer", [])?;
        Ok(index)
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

    /// A row that is replaced is taken out of the counts: SQLite asks the trigger only then.
    fn replacing(&self) -> rusqlite::Result<()> {
        self.db.pragma_update(None, "recursive_triggers", true)
    }

    fn settings(&self) -> rusqlite::Result<()> {
        self.db.busy_timeout(BUSY)?;
        self.replacing()?;
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
        self.db
            .query_row("SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, i64>(0)? as u64, row.get(1)?))
            })
            .optional()
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
        let mut select = self.db.prepare("SELECT DISTINCT reason FROM hour WHERE passages > 0")?;
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
            compared.newest = sequence;
        }
        let counted = "SELECT hour, outcome, direction, reason, passages FROM hour WHERE passages <> 0";
        let rows = "SELECT at / 3600000, outcome, direction, ifnull(reason, ''), count(*) FROM record \
                    WHERE outcome IS NOT NULL GROUP BY 1, 2, 3, 4";
        let differ = format!(
            "SELECT EXISTS (SELECT * FROM ({counted} EXCEPT {rows})) OR EXISTS (SELECT * FROM ({rows} EXCEPT {counted}))"
        );
        compared.miscounted = index.db.query_row(&differ, [], |row| row.get(0))?;
        Ok(compared)
    }

    /// Adds records, all or none. One that is there is replaced.
    pub fn add<'e>(&mut self, entries: impl IntoIterator<Item = &'e Entry>) -> rusqlite::Result<()> {
        let all = self.db.transaction()?;
        {
            let mut insert = all.prepare_cached("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
            for entry in entries {
                let record = entry.record();
                let passage = record.event.passage();
                insert.execute((
                    record.sequence as i64,
                    record.at.timestamp_millis(),
                    passage.map(|passage| passage.outcome.word()),
                    passage.map(|passage| passage.direction.word()),
                    passage.and_then(|passage| passage.reason.as_deref()),
                    passage.and_then(|passage| passage.scan_ms),
                    entry.hash().0,
                    entry.text(),
                ))?;
            }
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
            let record = serde_json::from_str(&text).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
            })?;
            if !each(record, &text) {
                break;
            }
        }
        Ok(())
    }

    /// Passages that are asked for, by outcome.
    pub fn count(&self, query: &Query) -> rusqlite::Result<Totals> {
        let (passages, values) = query.passages();
        let sql = format!("SELECT outcome, sum(passages) FROM {passages} GROUP BY outcome");
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(values.iter()))?;
        let mut totals = Totals::default();
        while let Some(row) = rows.next()? {
            add_to(&mut totals, &row.get::<_, String>(0)?, row.get::<_, i64>(1)? as u64);
        }
        Ok(totals)
    }

    /// Passages that are asked for, by hour of Viet Nam's civil time and outcome; hours without any are left out.
    pub fn count_by_hour(&self, query: &Query) -> rusqlite::Result<Vec<Hour>> {
        let (passages, values) = query.passages();
        let sql = format!("SELECT hour, outcome, sum(passages) FROM {passages} GROUP BY 1, 2 ORDER BY 1");
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(values.iter()))?;
        let mut hours: Vec<Hour> = Vec::new();
        while let Some(row) = rows.next()? {
            let from = DateTime::from_timestamp(row.get::<_, i64>(0)? * 3600, 0).unwrap_or_default();
            if hours.last().is_none_or(|hour| hour.from != from) {
                hours.push(Hour { from, totals: Totals::default() });
            }
            if let Some(hour) = hours.last_mut() {
                add_to(&mut hour.totals, &row.get::<_, String>(1)?, row.get::<_, i64>(2)? as u64);
            }
        }
        Ok(hours)
    }
}

impl Index {
    /// Everything that guard and commander want to see of the passages that are asked for, in bounded memory.
    pub fn statistics(&self, query: &Query) -> rusqlite::Result<Statistics> {
        let (condition, values) = query.condition();
        let hours = self.count_by_hour(query)?;
        let totals = self.count(query)?;
        let (passages, of_passages) = query.passages();
        let sql = format!(
            "SELECT reason, outcome, sum(passages) FROM {passages} WHERE outcome IN ('refuse', 'refer', 'override') \
             AND reason <> '' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(of_passages.iter()))?;
        let mut reasons = Vec::new();
        while let Some(row) = rows.next()? {
            let word: String = row.get(1)?;
            if let Some(outcome) = Outcome::ALL.into_iter().find(|known| known.word() == word) {
                reasons.push(Cause { reason: row.get(0)?, outcome, count: row.get::<_, i64>(2)? as u64 });
            }
        }
        let sql = format!("SELECT scan_ms FROM record WHERE {condition} AND scan_ms IS NOT NULL");
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(values.iter()))?;
        let mut histogram = ScanHistogram::default();
        while let Some(row) = rows.next()? {
            histogram.add(Duration::from_millis(row.get::<_, u32>(0)?.into()));
        }
        Ok(Statistics { hours, totals, reasons, scans: histogram.times() })
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

/// The query for one calendar day in Viet Nam.
pub fn day(day: NaiveDate) -> Query {
    let midnight = |day: NaiveDate| {
        day.and_time(NaiveTime::MIN).and_local_timezone(time::vietnam()).single().map(|at| at.with_timezone(&Utc))
    };
    Query { since: midnight(day), until: day.succ_opt().and_then(midnight), passages_only: true, ..Query::default() }
}

fn add_to(totals: &mut Totals, outcome: &str, count: u64) {
    if let Some(outcome) = Outcome::ALL.into_iter().find(|known| known.word() == outcome) {
        totals.add(outcome, count);
    }
}
