//! What the index counts: passages of each hour by what came of them, and how long their scans took.
//!
//! Statistics of three weeks read some thousand rows in place of a quarter of a million, and are exact: an hour keeps every scan
//! time, packed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use checkpoint::passage::Outcome;
use checkpoint::passage::record::Record;
use checkpoint::screen::Totals;
use checkpoint::statistics::{Cause, Hour, ScanHistogram, Statistics};
use chrono::DateTime;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::Index;
use super::query::{HOUR_MILLIS, Query};

/// What passages have in common that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// Hours since 1970, UTC.
    pub hour: i64,
    pub outcome: &'static str,
    pub direction: &'static str,
    /// Empty where there is none.
    pub reason: String,
}

/// Passages of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub passages: u64,
    pub times: Times,
}

impl Tally {
    pub(super) fn add(&mut self, scan_ms: Option<u32>) {
        self.passages += 1;
        if let Some(millis) = scan_ms {
            self.times.push(millis);
        }
    }

    fn take_back(&mut self, scan_ms: Option<u32>) {
        self.passages = self.passages.saturating_sub(1);
        if let Some(millis) = scan_ms {
            self.times.remove(millis);
        }
    }
}

/// What a record counts as, and how long its scan took in milliseconds; `None` where it is no passage.
pub(super) fn counted(record: &Record) -> Option<(Kind, Option<u32>)> {
    let passage = record.event.passage()?;
    let kind = Kind {
        hour: record.at.timestamp_millis() / HOUR_MILLIS,
        outcome: passage.outcome.word(),
        direction: passage.direction.word(),
        reason: passage.reason.clone().unwrap_or_default(),
    };
    Some((kind, passage.scan_ms))
}

/// Scan times in milliseconds, in seven bits a byte, the lowest first; the eighth says that more follow. Up to 16 seconds are two bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Times(Vec<u8>);

impl Times {
    pub(super) fn push(&mut self, mut millis: u32) {
        while millis >= 0x80 {
            self.0.push(millis as u8 | 0x80);
            millis >>= 7;
        }
        self.0.push(millis as u8);
    }

    /// One of this length goes.
    fn remove(&mut self, millis: u32) {
        let mut left: Vec<u32> = times(&self.0).collect();
        if let Some(at) = left.iter().position(|time| *time == millis) {
            left.remove(at);
        }
        *self = Self::default();
        left.into_iter().for_each(|millis| self.push(millis));
    }

    /// The same ones in the order of their length.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut sorted: Vec<u32> = times(&self.0).collect();
        sorted.sort_unstable();
        sorted
    }
}

/// Reads what `Times` packs. A number has at most five bytes; what is cut off ends the list.
fn times(packed: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut bytes = packed.iter();
    std::iter::from_fn(move || {
        let mut millis = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let byte = *bytes.next()?;
            millis |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        Some(millis)
    })
}

/// Tallies that change together, until they are written.
pub(super) struct Changes<'c> {
    db: &'c Connection,
    changed: BTreeMap<Kind, Tally>,
}

impl<'c> Changes<'c> {
    pub(super) fn new(db: &'c Connection) -> Self {
        Self { db, changed: BTreeMap::new() }
    }

    /// The record counts from here on.
    pub(super) fn add(&mut self, record: &Record) -> rusqlite::Result<()> {
        let Some((kind, scan_ms)) = counted(record) else { return Ok(()) };
        self.of(kind)?.add(scan_ms);
        Ok(())
    }

    /// The record, which counted until here, does no longer.
    pub(super) fn take_back(&mut self, record: &Record) -> rusqlite::Result<()> {
        let Some((kind, scan_ms)) = counted(record) else { return Ok(()) };
        self.of(kind)?.take_back(scan_ms);
        Ok(())
    }

    fn of(&mut self, kind: Kind) -> rusqlite::Result<&mut Tally> {
        match self.changed.entry(kind) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => {
                let Kind { hour, outcome, direction, reason } = new.key();
                let mut select = self.db.prepare_cached(
                    "SELECT passages, times FROM hour WHERE hour = ? AND outcome = ? AND direction = ? AND reason = ?",
                )?;
                let stored = select.query_row((hour, outcome, direction, reason), tally_at(0)).optional()?;
                Ok(new.insert(stored.unwrap_or_default()))
            }
        }
    }

    pub(super) fn write(self) -> rusqlite::Result<()> {
        let mut insert = self.db.prepare_cached("INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?, ?)")?;
        let mut delete = self
            .db
            .prepare_cached("DELETE FROM hour WHERE hour = ? AND outcome = ? AND direction = ? AND reason = ?")?;
        for (Kind { hour, outcome, direction, reason }, Tally { passages, times }) in self.changed {
            if passages == 0 {
                delete.execute((hour, outcome, direction, reason))?;
            } else {
                insert.execute((hour, outcome, direction, reason, passages.cast_signed(), times.0))?;
            }
        }
        Ok(())
    }
}

/// Reads how many and how long from two columns of table `hour`.
fn tally_at(column: usize) -> impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<Tally> {
    move |row| Ok(Tally { passages: row.get::<_, i64>(column)?.cast_unsigned(), times: Times(row.get(column + 1)?) })
}

/// Whether table `hour` says exactly this. Of the times only their order is free: a record that was replaced comes last.
pub(super) fn says(db: &Connection, expected: &BTreeMap<Kind, Tally>) -> rusqlite::Result<bool> {
    let mut select =
        db.prepare("SELECT hour, outcome, direction, reason, passages, times FROM hour ORDER BY 1, 2, 3, 4")?;
    let mut rows = select.query([])?;
    let mut tally = tally_at(4);
    for (kind, wanted) in expected {
        let Some(row) = rows.next()? else { return Ok(false) };
        let same_kind = row.get::<_, i64>(0)? == kind.hour
            && row.get_ref(1)?.as_str()? == kind.outcome
            && row.get_ref(2)?.as_str()? == kind.direction
            && row.get_ref(3)?.as_str()? == kind.reason;
        let found = tally(row)?;
        if !same_kind || found.passages != wanted.passages || found.times.sorted() != wanted.times.sorted() {
            return Ok(false);
        }
    }
    Ok(rows.next()?.is_none())
}

/// A row of what was asked for.
struct Counted<'r> {
    hour: i64,
    outcome: Outcome,
    reason: &'r str,
    passages: u64,
    times: ValueRef<'r>,
}

impl Index {
    /// Passages that are asked for, by outcome.
    pub fn count(&self, query: &Query) -> rusqlite::Result<Totals> {
        let mut totals = Totals::default();
        self.each(query, |counted| totals.add(counted.outcome, counted.passages))?;
        Ok(totals)
    }

    /// Passages that are asked for, by hour of Viet Nam's civil time and outcome; hours without any are left out.
    pub fn count_by_hour(&self, query: &Query) -> rusqlite::Result<Vec<Hour>> {
        let mut hours = Hours::default();
        self.each(query, |counted| hours.add(&counted))?;
        Ok(hours.list())
    }

    /// Everything that guard and commander want to see of the passages that are asked for, in bounded memory.
    pub fn statistics(&self, query: &Query) -> rusqlite::Result<Statistics> {
        let (mut hours, mut totals, mut histogram) = (Hours::default(), Totals::default(), ScanHistogram::default());
        let mut causes: BTreeMap<String, Totals> = BTreeMap::new();
        self.each(query, |counted| {
            hours.add(&counted);
            totals.add(counted.outcome, counted.passages);
            let stopped = matches!(counted.outcome, Outcome::Refuse | Outcome::Refer | Outcome::Override);
            if stopped && !counted.reason.is_empty() {
                if !causes.contains_key(counted.reason) {
                    causes.insert(counted.reason.to_owned(), Totals::default());
                }
                if let Some(cause) = causes.get_mut(counted.reason) {
                    cause.add(counted.outcome, counted.passages);
                }
            }
            match counted.times {
                ValueRef::Blob(packed) => times(packed).for_each(|millis| histogram.add(from_millis(millis))),
                ValueRef::Integer(millis) => histogram.add(Duration::from_millis(millis.cast_unsigned())),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) => {}
            }
        })?;
        let of_cause = |(reason, totals): (String, Totals)| {
            let led_to = move |outcome| Cause { reason: reason.clone(), outcome, count: totals.of(outcome) };
            Outcome::ALL.into_iter().map(led_to).filter(|cause| cause.count > 0)
        };
        let mut reasons: Vec<Cause> = causes.into_iter().flat_map(of_cause).collect();
        reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        Ok(Statistics { hours: hours.list(), totals, reasons, scans: histogram.times() })
    }

    fn each(&self, query: &Query, mut each: impl FnMut(Counted<'_>)) -> rusqlite::Result<()> {
        let (sql, values) = query.tallies();
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(values.iter()))?;
        while let Some(row) = rows.next()? {
            let word = row.get_ref(1)?.as_str()?;
            let Some(outcome) = Outcome::ALL.into_iter().find(|known| known.word() == word) else { continue };
            each(Counted {
                hour: row.get(0)?,
                outcome,
                reason: row.get_ref(2)?.as_str()?,
                passages: row.get::<_, i64>(3)?.cast_unsigned(),
                times: row.get_ref(4)?,
            });
        }
        Ok(())
    }
}

fn from_millis(millis: u32) -> Duration {
    Duration::from_millis(millis.into())
}

/// Passages by hours since 1970.
#[derive(Default)]
struct Hours(BTreeMap<i64, Totals>);

impl Hours {
    fn add(&mut self, counted: &Counted<'_>) {
        self.0.entry(counted.hour).or_default().add(counted.outcome, counted.passages);
    }

    fn list(self) -> Vec<Hour> {
        let from = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap_or_default();
        self.0.into_iter().map(|(hour, totals)| Hour { from: from(hour), totals }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_were_packed() {
        let all = [0, 1, 127, 128, 300, 16_383, 16_384, 120_000, u32::MAX];
        let mut packed = Times::default();
        all.into_iter().for_each(|millis| packed.push(millis));
        assert_eq!(times(&packed.0).collect::<Vec<_>>(), all);
        assert_eq!(packed.0.len(), 3 + 3 * 2 + 2 * 3 + 5);
        packed.remove(128);
        packed.remove(128);
        assert_eq!(packed.sorted(), [0, 1, 127, 300, 16_383, 16_384, 120_000, u32::MAX]);
        assert_eq!(times(&[0x80]).count(), 0, "cut off");
        assert_eq!(times(&[0xff; 40]).count(), 8, "five bytes each");
    }
}
