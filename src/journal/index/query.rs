//! What is asked of the index.

use checkpoint::passage::{Direction, Outcome};
use checkpoint::time;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rusqlite::ToSql;

/// Milliseconds of an hour. Viet Nam is ahead of UTC by whole hours, so its hours are UTC's.
pub(super) const HOUR_MILLIS: i64 = 3_600_000;

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

/// The query for one calendar day in Viet Nam.
pub fn day(day: NaiveDate) -> Query {
    let midnight = |day: NaiveDate| {
        day.and_time(NaiveTime::MIN).and_local_timezone(time::vietnam()).single().map(|at| at.with_timezone(&Utc))
    };
    Query { since: midnight(day), until: day.succ_opt().and_then(midnight), passages_only: true, ..Query::default() }
}

impl Query {
    /// Hour (`at / 3600000`), outcome, reason, how many passages, and how long their scans took: whole hours as table `hour` has them
    /// (a `Times`), and single rows (milliseconds or nothing) where the time that is asked for begins or ends within an hour.
    pub(super) fn tallies(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let edge = |at: Option<DateTime<Utc>>, open: i64| at.map_or(open, |at| at.timestamp_millis());
        let (since, until) = (edge(self.since, i64::MIN), edge(self.until, i64::MAX));
        let first = since.div_euclid(HOUR_MILLIS) + i64::from(since.rem_euclid(HOUR_MILLIS) != 0);
        let last = until.div_euclid(HOUR_MILLIS).max(first);
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(first), Box::new(last)];
        let mut sql = "SELECT hour, outcome, direction, reason, passages, times FROM hour WHERE hour >= ? AND hour < ?"
            .to_owned();
        let (whole_from, whole_to) = (first.saturating_mul(HOUR_MILLIS), last.saturating_mul(HOUR_MILLIS));
        for (from, to) in [(since, whole_from.min(until)), (whole_to.max(since), until)] {
            // Nothing lies between the last whole hour of all and the end of time.
            if from < to && from != i64::MIN && to != i64::MAX {
                sql += " UNION ALL SELECT at / 3600000, outcome, direction, ifnull(reason, ''), 1, scan_ms FROM record \
                        WHERE at >= ? AND at < ? AND outcome IS NOT NULL";
                values.extend([Box::new(from) as Box<dyn ToSql>, Box::new(to)]);
            }
        }
        let of_kind = Self { since: None, until: None, ..self.clone() };
        let (condition, more) = of_kind.condition();
        values.extend(more);
        (format!("SELECT hour, outcome, reason, passages, times FROM ({sql}) WHERE {condition}"), values)
    }

    /// The condition, and the values of its question marks.
    pub(super) fn condition(&self) -> (String, Vec<Box<dyn ToSql>>) {
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
