//! Dates and times as CertLogic has them: milliseconds of UTC, made of text by `plusTime` and `dccDateOfBirth` alone.
//!
//! A time knows whether it follows the clock. So a comparison can say not only how it comes out now but also when it
//! could come out differently, and "how long does this still hold" needs no guessing.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

use super::Fault;
use crate::time::{day_in_vietnam, vietnam};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// A date or a time that is already read, as our own data hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// An instant, in milliseconds since 1970; of a day, its midnight in UTC.
    Fixed(i64),
    /// Now, and so many milliseconds more.
    Now {
        /// Milliseconds after now.
        ahead_ms: i64,
    },
    /// The latest moment that what is proven by now may speak of: now or, where that is later, a moment that a signature proved to
    /// have come; and so many milliseconds more.
    Soon {
        /// Milliseconds after it.
        ahead_ms: i64,
        /// Milliseconds since 1970 of the signature.
        proven_ms: i64,
    },
    /// Midnight in UTC of the calendar day that it is now in +07:00: to be compared with other days.
    Today,
}

impl Stamp {
    /// A calendar day.
    pub fn day(day: NaiveDate) -> Self {
        Self::Fixed(midnight_ms(day))
    }

    /// An instant.
    pub fn instant(at: DateTime<Utc>) -> Self {
        Self::Fixed(at.timestamp_millis())
    }
}

/// A time to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Milliseconds since 1970.
    pub ms: i64,
    pub(super) moves: Moves,
}

/// How a time changes while the clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moves {
    Never,
    /// A millisecond each millisecond.
    WithTheClock,
    /// A day at each midnight in +07:00.
    WithTheDay,
}

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
    Hour,
}

impl Unit {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "year" => Some(Self::Year),
            "month" => Some(Self::Month),
            "day" => Some(Self::Day),
            "hour" => Some(Self::Hour),
            _ => None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }
}

/// The instant of an evaluation, and when it could come out differently.
#[derive(Clone, Debug)]
pub struct Clock {
    now: DateTime<Utc>,
    now_ms: i64,
    today: NaiveDate,
    change_ms: Option<i64>,
}

impl Clock {
    /// Stands at an instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, now_ms: now.timestamp_millis(), today: day_in_vietnam(now), change_ms: None }
    }

    /// The instant.
    pub(in crate::rules) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The first instant after now at which one of the comparisons made so far could come out differently. Before it,
    /// none does. `None`: never.
    pub fn change(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.change_ms?)
    }

    /// The day that it is in +07:00.
    pub(in crate::rules) fn today(&self) -> NaiveDate {
        self.today
    }

    fn changes_at(&mut self, ms: i64) {
        self.change_ms = Some(self.change_ms.map_or(ms, |earlier| earlier.min(ms)));
    }

    /// When the day that is now so many days ahead begins in +07:00.
    fn day_begins_ms(&self, days_ahead: i64) -> i64 {
        midnight_ms(self.today)
            .saturating_add(days_ahead.saturating_mul(DAY_MS))
            .saturating_sub(i64::from(vietnam().local_minus_utc()) * 1000)
    }

    /// A stamp with an amount added. A time that no calendar holds is a fault.
    pub(super) fn offset(&mut self, stamp: Stamp, amount: i64, unit: Unit) -> Result<Time, Fault> {
        let (ms, moves) = match stamp {
            Stamp::Fixed(ms) => (ms, Moves::Never),
            Stamp::Now { ahead_ms } => (self.now_ms.checked_add(ahead_ms).ok_or(Fault::Range)?, Moves::WithTheClock),
            Stamp::Soon { ahead_ms, proven_ms } => {
                let (from, moves) = if proven_ms > self.now_ms {
                    self.changes_at(proven_ms);
                    (proven_ms, Moves::Never)
                } else {
                    (self.now_ms, Moves::WithTheClock)
                };
                (from.checked_add(ahead_ms).ok_or(Fault::Range)?, moves)
            }
            Stamp::Today => (midnight_ms(self.today), Moves::WithTheDay),
        };
        if amount != 0 && matches!(unit, Unit::Month | Unit::Year) {
            // Months differ in length: the offset is the same for one calendar day only.
            match moves {
                Moves::Never => {}
                Moves::WithTheClock => self.changes_at(self.now_ms.saturating_add(DAY_MS - ms.rem_euclid(DAY_MS))),
                Moves::WithTheDay => self.changes_at(self.day_begins_ms(1)),
            }
        }
        Ok(Time { ms: plus(ms, amount, unit).ok_or(Fault::Range)?, moves })
    }

    /// Both sides of one comparison, after noting when it could come out differently.
    pub(super) fn compare(&mut self, a: Time, b: Time) -> std::cmp::Ordering {
        // How far the side that moves less has to go until both are level.
        let ahead = b.ms.saturating_sub(a.ms);
        match (a.moves, b.moves) {
            (Moves::Never, Moves::Never)
            | (Moves::WithTheClock, Moves::WithTheClock)
            | (Moves::WithTheDay, Moves::WithTheDay) => {}
            (Moves::WithTheClock, Moves::Never) => self.level_after(ahead),
            (Moves::Never, Moves::WithTheClock) => self.level_after(-ahead),
            (Moves::WithTheDay, Moves::Never) => self.level_after_days(ahead),
            (Moves::Never, Moves::WithTheDay) => self.level_after_days(-ahead),
            (Moves::WithTheClock, Moves::WithTheDay) => {
                self.level_after(ahead);
                self.changes_at(self.day_begins_ms(1));
            }
            (Moves::WithTheDay, Moves::WithTheClock) => {
                self.level_after(-ahead);
                self.changes_at(self.day_begins_ms(1));
            }
        }
        a.ms.cmp(&b.ms)
    }

    /// A moving side is behind by so much: it is level then, and past it one millisecond later.
    fn level_after(&mut self, behind_ms: i64) {
        if behind_ms >= 0 {
            self.changes_at(self.now_ms.saturating_add(behind_ms.max(1)));
        }
    }

    fn level_after_days(&mut self, behind_ms: i64) {
        if behind_ms >= 0 {
            let days = behind_ms / DAY_MS + i64::from(behind_ms % DAY_MS > 0);
            self.changes_at(self.day_begins_ms(days.max(1)));
        }
    }
}

/// Reads one of the formats that the specification lists. A partial date is its last day.
pub(super) fn parse(text: &str) -> Option<Stamp> {
    let Some((date, rest)) = text.split_once('T') else { return date_of_birth(text) };
    let day = full_date(date)?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [hours, minutes, seconds] = numbers::<3>(clock, b':')?;
    let time = NaiveTime::from_hms_opt(hours, minutes, seconds)?;
    let (millis, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, zone) = rest.split_at(digits);
            if digits == 0 {
                return None;
            }
            // Decimals after the third are ignored.
            (fraction.bytes().chain(*b"00").take(3).fold(0, |ms, digit| 10 * ms + i64::from(digit - b'0')), zone)
        }
    };
    let local = day.and_time(time).and_utc().timestamp_millis() + millis;
    Some(Stamp::Fixed(local - 60_000 * zone_minutes(zone)?))
}

/// Reads a date of birth as a DCC has it, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: the last day that it can be.
pub(super) fn date_of_birth(text: &str) -> Option<Stamp> {
    let day = match text.len() {
        4 => NaiveDate::from_ymd_opt(numbers::<1>(text, b'-')?[0].try_into().ok()?, 12, 31)?,
        7 => {
            let (year, month) = text.split_at_checked(4)?;
            let ([year], [month]) = (numbers::<1>(year, b'-')?, numbers::<1>(month.strip_prefix('-')?, b'-')?);
            let first = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, 1)?;
            first.checked_add_months(chrono::Months::new(1))?.pred_opt()?
        }
        _ => full_date(text)?,
    };
    Some(Stamp::day(day))
}

/// `YYYY-MM-DD`.
fn full_date(text: &str) -> Option<NaiveDate> {
    let (year, month_and_day) = text.split_at_checked(4)?;
    let [year] = numbers::<1>(year, b'-')?;
    if text.len() != 10 {
        return None;
    }
    let [month, day] = numbers::<2>(month_and_day.strip_prefix('-')?, b'-')?;
    NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)
}

/// Minutes ahead of UTC: nothing, `Z`, or a sign with `h`, `hh`, `hmm`, `hhmm`, `h:mm` or `hh:mm`.
fn zone_minutes(zone: &str) -> Option<i64> {
    let (sign, offset) = match zone.bytes().next() {
        None => return Some(0),
        Some(b'Z') => return (zone.len() == 1).then_some(0),
        Some(b'+') => (1, &zone[1..]),
        Some(b'-') => (-1, &zone[1..]),
        Some(_) => return None,
    };
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() <= 2 => (offset, "00"),
        None => offset.split_at_checked(offset.len() - 2)?,
    };
    if !(1..=2).contains(&hours.len()) || minutes.len() != 2 {
        return None;
    }
    let ([hours], [minutes]) = (numbers::<1>(hours, b':')?, numbers::<1>(minutes, b':')?);
    (hours < 24 && minutes < 60).then(|| sign * i64::from(60 * hours + minutes))
}

/// So many numbers of digits only; two digits each where there are several.
fn numbers<const N: usize>(text: &str, separator: u8) -> Option<[u32; N]> {
    if N > 1 && text.len() != 3 * N - 1 {
        return None;
    }
    let mut found = [0; N];
    let mut part = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' if N == 1 || at % 3 < 2 => found[part] = 10 * found[part] + u32::from(byte - b'0'),
            _ if byte == separator && N > 1 && at % 3 == 2 => part += 1,
            _ => return None,
        }
    }
    (!text.is_empty()).then_some(found)
}

/// Adds as the `setUTC…` methods of ECMAScript do: a day that a month does not have runs over into the next month.
fn plus(ms: i64, amount: i64, unit: Unit) -> Option<i64> {
    let months = match unit {
        Unit::Hour => return in_range(ms.checked_add(amount.checked_mul(HOUR_MS)?)?),
        Unit::Day => return in_range(ms.checked_add(amount.checked_mul(DAY_MS)?)?),
        _ if amount == 0 => return Some(ms),
        Unit::Month => amount,
        Unit::Year => amount.checked_mul(12)?,
    };
    let at = DateTime::from_timestamp_millis(ms)?;
    let date = at.date_naive();
    let month = (i64::from(date.year()) * 12 + i64::from(date.month0())).checked_add(months)?;
    let first = NaiveDate::from_ymd_opt(month.div_euclid(12).try_into().ok()?, month.rem_euclid(12) as u32 + 1, 1)?;
    let date = first.checked_add_days(Days::new(u64::from(date.day0())))?;
    in_range(midnight_ms(date) + ms.rem_euclid(DAY_MS))
}

/// Times of the calendar only: what a later step could not show as a date, or the day after as one, is refused here.
fn in_range(ms: i64) -> Option<i64> {
    const FIRST_MS: i64 = DateTime::<Utc>::MIN_UTC.timestamp_millis();
    const LAST_MS: i64 = DateTime::<Utc>::MAX_UTC.timestamp_millis() - DAY_MS;
    (FIRST_MS..=LAST_MS).contains(&ms).then_some(ms)
}

fn midnight_ms(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}
