//! The cases of a rule set: a condition, and how a visit stands for which it holds.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};

use super::certlogic::{Clock, Expression, Fault, Stamp, Value};
use super::visit::Visit;
use super::{CASES_MAX, Standing};
use crate::time::vietnam;
use crate::verdict::{Reason, Step};

/// One case, as a rule set's file holds it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// Statements of which one is enough; it is `current` in the condition.
    each: Option<Each>,
    /// The condition. Only the last case has none: it stands for everybody else.
    when: Option<Expression>,
    then: Then,
}

/// Kinds of statement of which a visit may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Each {
    Vaccinations,
    Tests,
    Recoveries,
    Permits,
}

/// How the visit stands. The codes are those of `Reason`, and so are texts, advice and whether it is red or amber.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
enum Then {
    #[serde(rename = "met")]
    Met,
    #[serde(rename = "registered")]
    Registered,
    #[serde(rename = "needs")]
    Needs(#[serde(deserialize_with = "step")] Step),
    #[serde(rename = "C-EARLY")]
    NotYetValid(Bound),
    #[serde(rename = "C-EXPIRED")]
    Expired(Bound),
    #[serde(rename = "R-VACCINE")]
    UnknownVaccine,
    #[serde(rename = "R-DOSES")]
    TooFewDoses { doses: Expression, doses_min: Expression },
    #[serde(rename = "R-RECENT")]
    DoseTooRecent { date: Expression, days_min: i64 },
    #[serde(rename = "R-OLD")]
    DoseTooOld { date: Expression, days_max: i64 },
    #[serde(rename = "R-DATE")]
    DateUncertain,
    #[serde(rename = "R-DECLOLD")]
    DeclarationTooOld { made_at: Expression, hours_max: i64 },
    #[serde(rename = "R-SYMPTOMS")]
    Symptoms { count: Expression },
    #[serde(rename = "R-CONTACT")]
    Contact,
    #[serde(rename = "R-PLACES")]
    OutbreakPlaces { count: Expression },
    #[serde(rename = "R-TESTOLD")]
    TestTooOld { sampled_at: Expression, hours_max: i64 },
    #[serde(rename = "R-POSITIVE")]
    TestPositive,
    #[serde(rename = "R-TEST")]
    UnknownTest,
    #[serde(rename = "R-RECOVERED")]
    RecoveryTooOld { date: Expression, days_max: i64 },
    #[serde(rename = "R-YELLOW")]
    Yellow,
    #[serde(rename = "R-ROUTE")]
    PermitElsewhere,
    #[serde(rename = "V-ROSTER")]
    NotOnRoster,
    #[serde(rename = "V-GUARDIAN")]
    NotTheGuardian,
}

/// When something begins or ends to hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Bound {
    /// At an instant.
    Instant(Expression),
    /// With a whole day in +07:00.
    Day(Expression),
}

fn step<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Step, D::Error> {
    let word = String::deserialize(deserializer)?;
    Step::of_rules(&word).ok_or_else(|| {
        let known: Vec<_> =
            Step::ALL.map(Step::word).into_iter().filter(|word| Step::of_rules(word).is_some()).collect();
        serde::de::Error::custom(format!("no step \"{:.32}\"; known are {}", word, known.join(", ")))
    })
}

/// Whether the cases of a file make a rule set.
pub(super) fn check(cases: &[Case]) -> Result<(), String> {
    let Some((last, others)) = cases.split_last() else {
        return Err("no case, so nobody could ever meet it".into());
    };
    if cases.len() > CASES_MAX {
        return Err(format!("{} cases: at most {CASES_MAX}", cases.len()));
    }
    if last.when.is_some() || last.each.is_some() {
        return Err("the last case stands for everybody else: it has neither \"each\" nor \"when\"".into());
    }
    if matches!(last.then, Then::Met | Then::Registered) {
        return Err("the last case would admit everybody".into());
    }
    if let Some(at) = others.iter().position(|case| case.when.is_none()) {
        return Err(format!("case {} has no \"when\", so no case after it could count", at + 1));
    }
    if !others.iter().any(|case| matches!(case.then, Then::Met | Then::Registered)) {
        return Err("no case is \"met\", so nobody could ever meet it".into());
    }
    let added: Vec<_> = others.iter().filter_map(|case| case.when.as_ref()).flat_map(Expression::amounts).collect();
    for (amount, unit) in cases.iter().filter_map(|case| case.then.amount_said()) {
        if !added.contains(&(amount, unit)) {
            return Err(format!("a reason says {amount} {unit}s, and no condition adds {amount} {unit}s to anything"));
        }
    }
    Ok(())
}

/// The standing of the first case that holds.
pub(super) fn first_that_holds(cases: &[Case], visit: &mut Visit, clock: &mut Clock) -> Result<Standing, Fault> {
    for case in cases {
        for at in 0..visit.count(case.each) {
            let view = visit.view(case.each, at);
            let holds = match &case.when {
                Some(when) => when.holds(&view, clock)?,
                None => true,
            };
            if holds {
                return case.then.standing(&view, clock);
            }
        }
    }
    Err(Fault::Type("a rule set without a last case"))
}

impl Then {
    /// The limit that the reason tells the guard.
    fn amount_said(&self) -> Option<(i64, &'static str)> {
        match self {
            Self::DoseTooRecent { days_min: days, .. }
            | Self::DoseTooOld { days_max: days, .. }
            | Self::RecoveryTooOld { days_max: days, .. } => Some((*days, "day")),
            Self::DeclarationTooOld { hours_max: hours, .. } | Self::TestTooOld { hours_max: hours, .. } => {
                Some((*hours, "hour"))
            }
            _ => None,
        }
    }

    fn standing(&self, view: &Value, clock: &mut Clock) -> Result<Standing, Fault> {
        let now = clock.now();
        let today = clock.today();
        let days_since = |day: NaiveDate| today.signed_duration_since(day).num_days();
        let hours_since = |at: DateTime<Utc>| now.signed_duration_since(at).num_hours();
        Ok(Standing::Failed(match self {
            Self::Met => return Ok(Standing::Met),
            Self::Registered => return Ok(Standing::Registered),
            Self::Needs(step) => return Ok(Standing::Missing(*step)),
            Self::NotYetValid(Bound::Instant(at)) => Reason::NotYetValid { now, not_before: instant(at, view, clock)? },
            Self::NotYetValid(Bound::Day(date)) => {
                Reason::NotYetValid { now, not_before: beginning(day(date, view, clock)?)? }
            }
            Self::Expired(Bound::Instant(at)) => Reason::Expired { now, not_after: instant(at, view, clock)? },
            Self::Expired(Bound::Day(date)) => {
                let next = day(date, view, clock)?.succ_opt().ok_or(Fault::Range)?;
                Reason::Expired { now, not_after: beginning(next)? - TimeDelta::seconds(1) }
            }
            Self::UnknownVaccine => Reason::UnknownVaccine,
            Self::TooFewDoses { doses, doses_min } => {
                Reason::TooFewDoses { doses: count(doses, view, clock)?, doses_min: count(doses_min, view, clock)? }
            }
            Self::DoseTooRecent { date, days_min } => {
                let date = day(date, view, clock)?;
                let wait = TimeDelta::try_days(*days_min).ok_or(Fault::Range)?;
                let holds_from = date.checked_add_signed(wait).ok_or(Fault::Range)?;
                Reason::DoseTooRecent { days: days_since(date), days_min: *days_min, holds_from }
            }
            Self::DoseTooOld { date, days_max } => {
                Reason::DoseTooOld { days: days_since(day(date, view, clock)?), days_max: *days_max }
            }
            Self::DateUncertain => Reason::DateUncertain,
            Self::DeclarationTooOld { made_at, hours_max } => {
                Reason::DeclarationTooOld { hours: hours_since(instant(made_at, view, clock)?), hours_max: *hours_max }
            }
            Self::Symptoms { count } => Reason::Symptoms { count: self::count(count, view, clock)? as usize },
            Self::Contact => Reason::Contact,
            Self::OutbreakPlaces { count } => {
                Reason::OutbreakPlaces { count: self::count(count, view, clock)? as usize }
            }
            Self::TestTooOld { sampled_at, hours_max } => {
                Reason::TestTooOld { hours: hours_since(instant(sampled_at, view, clock)?), hours_max: *hours_max }
            }
            Self::TestPositive => Reason::TestPositive,
            Self::UnknownTest => Reason::UnknownTest,
            Self::RecoveryTooOld { date, days_max } => {
                Reason::RecoveryTooOld { days: days_since(day(date, view, clock)?), days_max: *days_max }
            }
            Self::Yellow => Reason::Yellow,
            Self::PermitElsewhere => Reason::PermitElsewhere,
            Self::NotOnRoster => Reason::NotOnRoster,
            Self::NotTheGuardian => Reason::NotTheGuardian,
        }))
    }
}

/// How many: a whole number, or the length of a list.
fn count(expression: &Expression, view: &Value, clock: &mut Clock) -> Result<u32, Fault> {
    match expression.evaluate(view, clock)? {
        Value::Integer(number) => number.try_into().map_err(|_| Fault::Range),
        Value::List(items) => items.len().try_into().map_err(|_| Fault::Range),
        _ => Err(Fault::Type("a reason counts with a whole number or a list")),
    }
}

fn instant(expression: &Expression, view: &Value, clock: &mut Clock) -> Result<DateTime<Utc>, Fault> {
    let ms = match expression.evaluate(view, clock)? {
        Value::Stamp(Stamp::Fixed(ms)) => ms,
        Value::Time(time) => time.ms,
        _ => return Err(Fault::Type("a reason dates with a date or a time")),
    };
    DateTime::from_timestamp_millis(ms).ok_or(Fault::Range)
}

/// A calendar day: CertLogic has it as its midnight in UTC.
fn day(expression: &Expression, view: &Value, clock: &mut Clock) -> Result<NaiveDate, Fault> {
    Ok(instant(expression, view, clock)?.date_naive())
}

/// The beginning of a calendar day in +07:00.
pub(super) fn beginning(day: NaiveDate) -> Result<DateTime<Utc>, Fault> {
    let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(vietnam()).single().ok_or(Fault::Range)?;
    Ok(midnight.with_timezone(&Utc))
}
