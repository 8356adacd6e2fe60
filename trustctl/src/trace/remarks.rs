//! What an answer leaves open though nothing is wrong with the batches: said beside it, so that nobody takes it for more than it is.

use std::collections::BTreeMap;
use std::fmt;

use checkpoint::question::shown;
use chrono::{DateTime, Utc};

use super::people::{Opened, Passes};

/// Something that an answer leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Nobody who could be opened is the person who is asked for.
    Nobody {
        /// How many could be opened.
        people: usize,
    },
    /// More may be, where papers leave it open.
    Unsure {
        /// How many.
        people: usize,
    },
    /// Several people showed the number that is asked for, with names or birth dates that do not fit one person.
    OneNumber {
        /// How many.
        people: usize,
    },
    /// Visitors in the time (and at the place) that is asked for whom nobody named: any of them may be anybody.
    Unnamed {
        /// How many.
        visitors: u64,
        /// The same by what happened, as words.
        by_outcome: BTreeMap<&'static str, u64>,
    },
    /// Passages whose time is a guess: they may have been at another time, also those that are not in the answer.
    ClockInDoubt {
        /// How many could be opened, at any time.
        passages: usize,
        /// Time of the first and the last of them, as the clock had it.
        from: DateTime<Utc>,
        /// See `from`.
        to: DateTime<Utc>,
    },
    /// Visitors who were stopped as a group in that time: whether each of them went on is not known, and is assumed.
    Groups {
        /// How many.
        visitors: usize,
    },
}

impl Remark {
    /// The word in machine output.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Nobody { .. } => "nobody",
            Self::Unsure { .. } => "unsure",
            Self::OneNumber { .. } => "one-number",
            Self::Unnamed { .. } => "unnamed",
            Self::ClockInDoubt { .. } => "clock-in-doubt",
            Self::Groups { .. } => "groups",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody { people } => write!(f, "nobody of the {people} people who could be opened is this person"),
            Self::Unsure { people } => {
                write!(f, "{people} more may be this person, where papers leave it open: --unsure shows them")
            }
            Self::OneNumber { people } => write!(
                f,
                "{people} people showed this number, and their names or birth dates do not fit: somebody borrowed or mistyped it; ask with --name and --birth for one of them"
            ),
            Self::Unnamed { visitors, by_outcome } => {
                write!(f, "{visitors} visitor(s) of that time have no name here: no code named them (")?;
                for (at, (outcome, visitors)) in by_outcome.iter().enumerate() {
                    write!(f, "{}{outcome} {visitors}", if at > 0 { ", " } else { "" })?;
                }
                write!(f, ")")
            }
            Self::ClockInDoubt { passages, from, to } => write!(
                f,
                "{passages} passage(s) of {} to {} (+07:00) were recorded while the kiosk doubted its clock: they may have been at another time",
                shown(*from),
                shown(*to)
            ),
            Self::Groups { visitors } => {
                write!(
                    f,
                    "{visitors} visitor(s) were stopped as a group: who of them went on is not known, and is assumed of each"
                )
            }
        }
    }
}

/// What the passages leave open that were opened for a question about this time.
pub fn of_answer(opened: &Opened, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut by_outcome = BTreeMap::new();
    for unnamed in opened.unnamed.iter().filter(|unnamed| (from..to).contains(&unnamed.at)) {
        *by_outcome.entry(unnamed.outcome.word()).or_default() += unnamed.visitors;
    }
    if !by_outcome.is_empty() {
        remarks.push(Remark::Unnamed { visitors: by_outcome.values().sum(), by_outcome });
    }
    let doubted = opened.sightings.iter().filter(|sighting| sighting.clock_in_doubt).map(|sighting| sighting.at);
    if let Some((from, to)) = doubted.clone().min().zip(doubted.clone().max()) {
        remarks.push(Remark::ClockInDoubt { passages: doubted.count(), from, to });
    }
    let groups = opened.sightings.iter().filter(|one| one.passes == Passes::Perhaps && (from..to).contains(&one.at));
    match groups.count() {
        0 => {}
        visitors => remarks.push(Remark::Groups { visitors }),
    }
    remarks
}
