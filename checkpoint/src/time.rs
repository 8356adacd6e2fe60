//! The time that a decision may rest on.

mod clockwork;

use std::fmt;
use std::ops::RangeInclusive;

use chrono::{DateTime, FixedOffset, Months, NaiveDate, TimeDelta, Utc};

pub use clockwork::{Clockwork, Moved, Remembered};

/// Seconds that Viet Nam's civil time is ahead of UTC. Days are calendar days there; there is no daylight saving.
const VIETNAM_OFFSET_SECS: i32 = 7 * 3600;

/// How far a clock may be ahead of the proven time and still be believed. A kiosk that had neither a newer list nor power for longer
/// needs a person to look at its clock; its list has long gone stale by then.
pub const AHEAD_MAX: TimeDelta = TimeDelta::days(31);

/// Months after the floor beyond which no credential holds, for a kiosk that has no clock to go by: a century.
const LIFETIME_MONTHS: u32 = 1200;

/// What the kiosk knows of the time. Made by `Clockwork` for the kiosk's clock, or by `--now`.
///
/// The floor is proven: it is at least as late as every signed or durable time seen. The estimate is the best guess. Neither is enough
/// alone: a tablet without a battery wakes up in 1970, and a set-back clock turns red into green. So every comparison is made at both,
/// and at the latest time that cannot be excluded; where the answers differ, nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedTime {
    floor: DateTime<Utc>,
    estimate: DateTime<Utc>,
    latest: DateTime<Utc>,
    confidence: Confidence,
}

/// Why the estimate may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// Given by a person or by the recording (`--now`, `replay`): floor and estimate are the same.
    Given,
    /// The clock is near the proven time, and has run without a step.
    Steady,
    /// Something speaks against the clock: the screen says so.
    Doubtful,
}

impl Confidence {
    /// One word, for records and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Steady => "steady",
            Self::Doubtful => "doubtful",
        }
    }
}

/// A comparison came out differently at the floor and at the estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InDoubt {
    /// The proven time.
    pub floor: DateTime<Utc>,
    /// The clock's time.
    pub estimate: DateTime<Utc>,
}

impl TrustedTime {
    /// Floor and estimate at one instant that somebody vouches for.
    pub fn given(now: DateTime<Utc>) -> Self {
        Self { floor: now, estimate: now, latest: now, confidence: Confidence::Given }
    }

    /// A clock's reading and the proven floor. A reading before the floor is a lie, and says nothing of how late it is.
    pub fn measured(floor: DateTime<Utc>, estimate: DateTime<Utc>, confidence: Confidence) -> Self {
        if estimate < floor {
            return Self::unmeasured(floor, floor);
        }
        Self { floor, estimate, latest: estimate, confidence }
    }

    /// No clock to go by: any time from the floor on. `guess` is for the screen and the record.
    pub fn unmeasured(floor: DateTime<Utc>, guess: DateTime<Utc>) -> Self {
        let latest = floor.checked_add_months(Months::new(LIFETIME_MONTHS)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { floor, estimate: guess.max(floor), latest, confidence: Confidence::Doubtful }
    }

    /// The same, where it may be as late as this.
    pub fn or_as_late_as(self, latest: DateTime<Utc>) -> Self {
        Self { latest: self.latest.max(latest), ..self }
    }

    /// The latest time that is proven to have passed.
    pub fn floor(&self) -> DateTime<Utc> {
        self.floor
    }

    /// The best guess, for the screen and for the record.
    pub fn estimate(&self) -> DateTime<Utc> {
        self.estimate
    }

    /// The latest time that cannot be excluded.
    pub fn latest(&self) -> DateTime<Utc> {
        self.latest
    }

    /// How far the estimate may be believed.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// The days (+07:00) to whose tracing key what happens now may be sealed, the best one last: the estimate's while the clock is
    /// believed, else the floor's, which is the first.
    ///
    /// The authority destroys a day's key by the calendar. A kiosk that was off for weeks has a floor of weeks ago: what is sealed to
    /// that day can be opened by nobody soon, or already.
    pub fn sealing_days(&self) -> RangeInclusive<NaiveDate> {
        let first = day_in_vietnam(self.floor);
        match self.confidence {
            Confidence::Given | Confidence::Steady => first..=day_in_vietnam(self.estimate),
            Confidence::Doubtful => first..=first,
        }
    }

    /// Makes one comparison at the floor, at the estimate, and at the latest time that cannot be excluded. Enough for what begins once
    /// and ends once; rules, which may hold, not hold and hold again, are followed through all of the time between.
    ///
    /// # Errors
    /// `InDoubt` where the answers differ: the caller must refer, not guess.
    pub fn judge<T: PartialEq>(&self, compare: impl Fn(DateTime<Utc>) -> T) -> Result<T, InDoubt> {
        let at_estimate = compare(self.estimate);
        let agrees = |at: DateTime<Utc>| at == self.estimate || compare(at) == at_estimate;
        if agrees(self.floor) && agrees(self.latest) {
            Ok(at_estimate)
        } else {
            Err(InDoubt { floor: self.floor, estimate: self.estimate })
        }
    }

    /// The moment that a listed key's signature proves to have come, for what it signed and for nothing else; `None` where it proves
    /// nothing: the clock has not come there yet, or is not believed. It never moves the floor.
    pub fn proven_by(&self, signed_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self.confidence == Confidence::Steady && signed_at <= self.estimate).then_some(signed_at)
    }

    /// The time as it is for one credential, which was signed at this moment by a key of the list.
    ///
    /// It cannot have been signed in the future. So what was signed since the floor is not too early because the floor lags, as it
    /// does after each night without power. And where the clock has not come there yet, the clock may be slow. Neither counts for more
    /// than `AHEAD_MAX` after the floor, nor while the clock is doubtful: an issuer's lie beside a clock's lie proves nothing.
    pub fn for_what_was_signed_at(&self, signed_at: DateTime<Utc>) -> Self {
        let plausible = signed_at.signed_duration_since(self.floor) <= AHEAD_MAX;
        if self.confidence != Confidence::Steady || !plausible {
            return *self;
        }
        Self { floor: self.floor.max(signed_at.min(self.estimate)), latest: self.latest.max(signed_at), ..*self }
    }
}

/// Viet Nam's civil time.
pub fn vietnam() -> FixedOffset {
    FixedOffset::east_opt(VIETNAM_OFFSET_SECS).expect("seven hours are a valid offset")
}

/// The calendar day in Viet Nam at an instant.
pub fn day_in_vietnam(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&vietnam()).date_naive()
}

/// A date of which the day, or the month and the day, may be unknown; nothing known at all is `Unknown`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartialDate {
    /// No part of it is known.
    Unknown,
    /// Only the year.
    Year(i32),
    /// Year and month (1 to 12).
    Month(i32, u32),
    /// All of it.
    Day(NaiveDate),
}

impl PartialDate {
    /// Reads `2021`, `2021-07`, `2021-07-30`, the same followed by a time of day, or nothing. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.split_once('T').map_or(text, |(date, _)| date);
        if date.is_empty() {
            return Some(Self::Unknown);
        }
        if !date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return None;
        }
        match date.len() {
            4 => date.parse().ok().map(Self::Year),
            7 => {
                let (year, month) = date.split_once('-')?;
                let month: u32 = month.parse().ok()?;
                (1..=12).contains(&month).then(|| year.parse().ok().map(|year| Self::Month(year, month)))?
            }
            10 => NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().map(Self::Day),
            _ => None,
        }
    }

    /// The first and the last day that it can be. `None` where nothing of it is known.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        match *self {
            Self::Unknown => None,
            Self::Year(year) => Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?)),
            Self::Month(year, month) => {
                let first = NaiveDate::from_ymd_opt(year, month, 1)?;
                Some((first, first.checked_add_months(chrono::Months::new(1))?.pred_opt()?))
            }
            Self::Day(day) => Some((day, day)),
        }
    }

    /// The year, if any part is known.
    pub fn year(&self) -> Option<i32> {
        match self {
            Self::Unknown => None,
            Self::Year(year) | Self::Month(year, _) => Some(*year),
            Self::Day(date) => Some(chrono::Datelike::year(date)),
        }
    }

    /// Whether both could be the same day, as far as both are known.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let parts = |date: &Self| match date {
            Self::Unknown => (None, None, None),
            Self::Year(year) => (Some(*year), None, None),
            Self::Month(year, month) => (Some(*year), Some(*month), None),
            Self::Day(day) => {
                use chrono::Datelike;
                (Some(day.year()), Some(day.month()), Some(day.day()))
            }
        };
        let (a, b) = (parts(self), parts(other));
        let same = |a: Option<i64>, b: Option<i64>| a.zip(b).is_none_or(|(a, b)| a == b);
        same(a.0.map(i64::from), b.0.map(i64::from))
            && same(a.1.map(i64::from), b.1.map(i64::from))
            && same(a.2.map(i64::from), b.2.map(i64::from))
    }
}

/// Dates of birth are personal data: `{:?}` shows how much is known, never what.
impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::Year(_) => "Year(..)",
            Self::Month(..) => "Month(..)",
            Self::Day(_) => "Day(..)",
        })
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(date) => write!(f, "{date}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_seventeen_hours_utc_the_day_before() {
        assert_eq!(day_in_vietnam(at("2026-03-01T16:59:59Z")).to_string(), "2026-03-01");
        assert_eq!(day_in_vietnam(at("2026-03-01T17:00:00Z")).to_string(), "2026-03-02");
    }

    #[test]
    fn a_doubtful_clock_refuses_to_answer_where_floor_and_estimate_differ() {
        let now = TrustedTime::measured(at("2026-03-01T00:00:00Z"), at("2026-03-09T00:00:00Z"), Confidence::Doubtful);
        assert_eq!(now.judge(|t| t > at("2026-02-01T00:00:00Z")), Ok(true));
        assert!(now.judge(|t| t > at("2026-03-05T00:00:00Z")).is_err());
    }

    #[test]
    fn a_steady_clock_is_held_against_the_floor_too() {
        let now = TrustedTime::measured(at("2026-03-01T00:00:00Z"), at("2026-03-09T00:00:00Z"), Confidence::Steady);
        assert_eq!(now.judge(|t| t > at("2026-02-05T00:00:00Z")), Ok(true));
        assert!(now.judge(|t| t > at("2026-03-05T00:00:00Z")).is_err());
    }

    #[test]
    fn what_is_signed_since_the_floor_was_signed_in_the_past() {
        let now = TrustedTime::measured(at("2026-03-01T00:00:00Z"), at("2026-03-09T00:00:00Z"), Confidence::Steady);
        let signed_at = at("2026-03-08T00:00:00Z");
        let early = |time: TrustedTime| time.judge(|now| now < signed_at);
        assert!(early(now).is_err());
        assert_eq!(early(now.for_what_was_signed_at(signed_at)), Ok(false));
        // The clock has not come there: it may be slow.
        assert!(
            now.for_what_was_signed_at(at("2026-03-10T00:00:00Z"))
                .judge(|now| now < at("2026-03-10T00:00:00Z"))
                .is_err()
        );
        // Nobody believes what is too far ahead, nor anything while the clock is doubtful.
        let far = at("2026-05-01T00:00:00Z");
        assert_eq!(now.for_what_was_signed_at(far), now);
        let doubtful =
            TrustedTime::measured(at("2026-03-01T00:00:00Z"), at("2026-03-09T00:00:00Z"), Confidence::Doubtful);
        assert_eq!((doubtful.for_what_was_signed_at(signed_at), doubtful.proven_by(signed_at)), (doubtful, None));
        assert_eq!((now.proven_by(signed_at), now.proven_by(far)), (Some(signed_at), None));
    }

    #[test]
    fn a_believed_clock_says_the_day_that_is_sealed_to_and_one_in_doubt_does_not() {
        let (floor, estimate) = (at("2026-03-01T00:00:00Z"), at("2026-03-09T18:00:00Z"));
        let days = |time: TrustedTime| {
            let days = time.sealing_days();
            (days.start().to_string(), days.end().to_string())
        };
        let of = |confidence| days(TrustedTime::measured(floor, estimate, confidence));
        assert_eq!(of(Confidence::Steady), ("2026-03-01".into(), "2026-03-10".into()), "+07:00");
        assert_eq!(of(Confidence::Doubtful), ("2026-03-01".into(), "2026-03-01".into()));
        let set_back = TrustedTime::measured(estimate, floor, Confidence::Steady);
        assert_eq!(days(set_back), ("2026-03-10".into(), "2026-03-10".into()), "never before the floor");
    }

    #[test]
    fn without_a_clock_whatever_ends_may_have_ended() {
        let now = TrustedTime::measured(at("2026-03-01T00:00:00Z"), at("1970-01-01T00:00:00Z"), Confidence::Steady);
        assert!(now.judge(|t| t > at("2026-03-02T00:00:00Z")).is_err());
        assert_eq!(now.judge(|t| t > at("2026-02-28T00:00:00Z")), Ok(true), "what has ended has ended");
    }

    #[test]
    fn a_clock_before_the_floor_is_never_the_estimate() {
        let now = TrustedTime::measured(at("2026-03-01T00:00:00Z"), at("1970-01-01T00:00:00Z"), Confidence::Steady);
        assert_eq!(now.estimate(), at("2026-03-01T00:00:00Z"));
        assert_eq!(now.confidence(), Confidence::Doubtful);
    }

    #[test]
    fn reads_partial_dates_and_nothing_else() {
        assert_eq!(PartialDate::parse(""), Some(PartialDate::Unknown));
        assert_eq!(PartialDate::parse("1963"), Some(PartialDate::Year(1963)));
        assert_eq!(PartialDate::parse("1963-07"), Some(PartialDate::Month(1963, 7)));
        assert_eq!(PartialDate::parse("1963-07-30T10:00:00Z").map(|d| d.to_string()), Some("1963-07-30".into()));
        for bad in ["1963-13", "1963-XX", "63", "1963-02-30", "1963-7", "+963", "19634-07-1"] {
            assert_eq!(PartialDate::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_partial_date_has_a_first_and_a_last_day() {
        let days = |text| PartialDate::parse(text).unwrap().days().map(|(first, last)| format!("{first} {last}"));
        assert_eq!(days(""), None);
        assert_eq!(days("2024").as_deref(), Some("2024-01-01 2024-12-31"));
        assert_eq!(days("2024-02").as_deref(), Some("2024-02-01 2024-02-29"));
        assert_eq!(days("2021-12").as_deref(), Some("2021-12-01 2021-12-31"));
        assert_eq!(days("2021-02-03").as_deref(), Some("2021-02-03 2021-02-03"));
    }

    #[test]
    fn partial_dates_agree_as_far_as_both_are_known() {
        let day = PartialDate::parse("1990-01-18").unwrap();
        for (other, agrees) in [("", true), ("1990", true), ("1991", false), ("1990-01", true), ("1990-02", false)] {
            assert_eq!(day.agrees_with(&PartialDate::parse(other).unwrap()), agrees, "{other}");
        }
        assert!(!day.agrees_with(&PartialDate::parse("1990-01-19").unwrap()));
    }
}
