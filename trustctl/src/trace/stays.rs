//! From passages in and out to stays, and from stays to contacts.

use std::collections::{BTreeMap, BTreeSet};

use checkpoint::passage::Direction;
use chrono::{DateTime, TimeDelta, Utc};

use super::people::{Opened, Passes, Sighting};

/// What stands in for records that there are not.
#[derive(Clone, Copy, Debug)]
pub struct Lengths {
    /// How long somebody stays of whom only one end was recorded.
    pub assumed: TimeDelta,
    /// A stay that is recorded as longer than this may be two, whose inner ends were not recorded.
    pub longest: TimeDelta,
}

/// Why a stay is not simply what was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The way in was not recorded.
    NoIn,
    /// The way out was not.
    NoOut,
    /// It is longer than people stay: a way out and a way in may be missing in between.
    Long,
    /// They were stopped with a group and may have gone on without it.
    Group,
    /// The kiosk doubted its clock.
    Clock,
}

impl Doubt {
    /// The word in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoIn => "no-in",
            Self::NoOut => "no-out",
            Self::Long => "long",
            Self::Group => "group",
            Self::Clock => "clock",
        }
    }
}

/// How long somebody was at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Index of the person.
    pub person: usize,
    /// Location code.
    pub location: String,
    /// From and until when.
    pub from: DateTime<Utc>,
    /// See `from`; the same where somebody came no further than the gate.
    pub until: DateTime<Utc>,
    /// Why it is not simply what was recorded; empty where it is.
    pub doubts: BTreeSet<Doubt>,
    /// Index of the sighting that begins it, or ends it where only its end was recorded.
    pub sighting: usize,
}

impl Stay {
    /// Whether it was longer than a moment at the gate, and shares a moment with a time (`from` on, before `to`).
    pub fn is_within(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.from < self.until && self.from < to && self.until >= from
    }

    /// Whole minutes, rounded up.
    pub fn minutes(&self) -> i64 {
        minutes(self.from, self.until)
    }
}

/// Two people at one place at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Index of the one whose contacts were asked for.
    pub of: usize,
    /// Index of the other.
    pub person: usize,
    /// Location code.
    pub location: String,
    /// From and until when both were there.
    pub from: DateTime<Utc>,
    /// See `from`.
    pub until: DateTime<Utc>,
    /// Why the stay of one of the two is not simply what was recorded.
    pub doubts: BTreeSet<Doubt>,
    /// Indexes of the sightings that their stays rest on: of the one who was asked for, and of the other.
    pub sightings: [usize; 2],
}

impl Contact {
    /// Whole minutes, rounded up; 0 for a moment at the gate.
    pub fn minutes(&self) -> i64 {
        minutes(self.from, self.until)
    }
}

fn minutes(from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
    ((until - from).num_seconds() + 59) / 60
}

/// Somebody who went in and was not seen to leave.
struct Inside {
    since: DateTime<Utc>,
    sighting: usize,
    doubts: BTreeSet<Doubt>,
}

/// The stays of everybody, by person and place.
///
/// Passages that did not let the visitor in or out are moments at the gate.
pub fn stays(opened: &Opened, lengths: Lengths) -> Vec<Stay> {
    let mut by_place: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for (number, sighting) in opened.sightings.iter().enumerate() {
        by_place.entry((sighting.person, &sighting.location)).or_default().push(number);
    }
    let Lengths { assumed, longest } = lengths;
    let mut stays = Vec::new();
    for ((person, location), sightings) in by_place {
        let mut stay = |from, until, sighting, doubts| {
            stays.push(Stay { person, location: location.to_owned(), from, until, doubts, sighting });
        };
        let mut inside: Option<Inside> = None;
        let mut left: Option<DateTime<Utc>> = None;
        for number in sightings {
            let sighting = &opened.sightings[number];
            let (at, doubts) = (sighting.at, doubts_of(sighting));
            match (sighting.passes, sighting.direction, inside.take()) {
                (Passes::No, _, Some(there)) => {
                    if at >= there.since + assumed {
                        stay(at, at, number, doubts);
                    }
                    inside = Some(there);
                }
                (Passes::No, _, None) => stay(at, at, number, doubts),
                (_, Direction::In, before) => {
                    // In twice: the first time, out was not recorded.
                    if let Some(Inside { since, sighting, doubts }) = before {
                        stay(since, at.min(since + assumed), sighting, with(doubts, Doubt::NoOut));
                    }
                    inside = Some(Inside { since: at, sighting: number, doubts });
                }
                (_, Direction::Out, Some(Inside { since, sighting, doubts: mut all })) => {
                    all.extend(doubts);
                    if at - since > longest {
                        all.insert(Doubt::Long);
                    }
                    stay(since, at, sighting, all);
                    left = Some(at);
                }
                // Out without in: not before the time that they were last seen to leave.
                (_, Direction::Out, None) => {
                    let from = left.map_or(at - assumed, |left| left.max(at - assumed));
                    stay(from, at, number, with(doubts, Doubt::NoIn));
                    left = Some(at);
                }
            }
        }
        if let Some(Inside { since, sighting, doubts }) = inside {
            stay(since, since + assumed, sighting, with(doubts, Doubt::NoOut));
        }
    }
    stays.sort_by(|a, b| (a.from, a.person, &a.location).cmp(&(b.from, b.person, &b.location)));
    stays
}

fn doubts_of(sighting: &Sighting) -> BTreeSet<Doubt> {
    let group = (sighting.passes == Passes::Perhaps).then_some(Doubt::Group);
    group.into_iter().chain(sighting.clock_in_doubt.then_some(Doubt::Clock)).collect()
}

fn with(mut doubts: BTreeSet<Doubt>, doubt: Doubt) -> BTreeSet<Doubt> {
    doubts.insert(doubt);
    doubts
}

/// Whoever was where each of these people was, while they were there: the longest first. Where several are asked for, by a number that
/// one of them borrowed, each may be the other's contact.
pub fn contacts(stays: &[Stay], of: &[usize]) -> Vec<Contact> {
    let mut by_place: BTreeMap<&str, Vec<&Stay>> = BTreeMap::new();
    for stay in stays {
        by_place.entry(&stay.location).or_default().push(stay);
    }
    let mut contacts = Vec::new();
    for case in stays.iter().filter(|stay| of.contains(&stay.person)) {
        let there = by_place.get(case.location.as_str()).into_iter().flatten();
        for other in there.filter(|other| other.person != case.person) {
            let (from, until) = (case.from.max(other.from), case.until.min(other.until));
            if from > until {
                continue;
            }
            contacts.push(Contact {
                of: case.person,
                person: other.person,
                location: case.location.clone(),
                from,
                until,
                doubts: case.doubts.union(&other.doubts).copied().collect(),
                sightings: [case.sighting, other.sighting],
            });
        }
    }
    contacts.sort_by(|a, b| (b.minutes(), a.from, a.person).cmp(&(a.minutes(), b.from, b.person)));
    contacts.dedup();
    contacts
}

#[cfg(test)]
mod tests {
    use super::*;
    use checkpoint::passage::{Outcome, Proof};
    use checkpoint::time::PartialDate;
    use checkpoint::trust::credential::Person;

    use crate::trace::named::Role;

    const LENGTHS: Lengths = Lengths { assumed: TimeDelta::minutes(60), longest: TimeDelta::hours(24) };

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_323_200 + 60 * minute, 0).unwrap()
    }

    /// Sightings of one place as (person, minute, direction, outcome).
    fn opened(seen: &[(usize, i64, Direction, Outcome)]) -> Opened {
        let sightings = seen.iter().map(|(person, minute, direction, outcome)| Sighting {
            person: *person,
            named: Person { name: "A".into(), name_transliterated: None, birth: PartialDate::Unknown, number: None },
            role: Role::Visitor,
            at: at(*minute),
            location: "L".into(),
            direction: *direction,
            outcome: *outcome,
            passes: if outcome.lets_pass() { Passes::Yes } else { Passes::No },
            proof: Proof::Verified,
            plate: None,
            shown: Vec::new(),
            notes: Vec::new(),
            clock_in_doubt: false,
            device: String::new(),
            sequence: 0,
        });
        let mut opened = Opened::default();
        opened.sightings.extend(sightings);
        opened
    }

    fn spans(seen: &[(usize, i64, Direction, Outcome)]) -> Vec<(i64, i64, bool)> {
        let minute = |at_: DateTime<Utc>| (at_ - at(0)).num_minutes();
        stays(&opened(seen), LENGTHS)
            .into_iter()
            .map(|stay| (minute(stay.from), minute(stay.until), !stay.doubts.is_empty()))
            .collect()
    }

    #[test]
    fn passages_become_stays() {
        use Direction::{In, Out};
        use Outcome::{Admit, Override, Refer, Refuse};
        for (seen, expected) in [
            (&[][..], &[][..]),
            (&[(0, 10, In, Admit), (0, 50, Out, Admit)], &[(10, 50, false)]),
            (&[(0, 10, In, Admit), (0, 300, Out, Admit)], &[(10, 300, false)]),
            (&[(0, 10, In, Admit)], &[(10, 70, true)]),
            (&[(0, 100, Out, Admit)], &[(40, 100, true)]),
            (&[(0, 10, In, Admit), (0, 30, In, Admit)], &[(10, 30, true), (30, 90, true)]),
            (&[(0, 0, In, Admit), (0, 100, In, Admit), (0, 110, Out, Admit)], &[(0, 60, true), (100, 110, false)]),
            (&[(0, 10, In, Admit), (0, 20, Out, Admit), (0, 40, Out, Admit)], &[(10, 20, false), (20, 40, true)]),
            (&[(0, 10, In, Refuse)], &[(10, 10, false)]),
            (&[(0, 10, In, Refer), (0, 11, In, Override), (0, 20, Out, Admit)], &[(10, 10, false), (11, 20, false)]),
            (&[(0, 10, In, Admit), (0, 15, Out, Refer), (0, 20, Out, Override)], &[(10, 20, false)]),
            // A day is a shift and a night; beyond that, two visits may be half recorded.
            (&[(0, 0, In, Admit), (0, 1440, Out, Admit)], &[(0, 1440, false)]),
            (&[(0, 0, In, Admit), (0, 1441, Out, Admit)], &[(0, 1441, true)]),
        ] {
            assert_eq!(
                spans(seen),
                expected,
                "{:?}",
                seen.iter().map(|seen| (seen.1, seen.2, seen.3)).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn contacts_are_those_who_were_there_at_the_same_time() {
        use Direction::{In, Out};
        use Outcome::{Admit, Refuse};
        let opened = opened(&[
            (0, 10, In, Admit),
            (0, 50, Out, Admit),
            (1, 0, In, Admit),
            (1, 20, Out, Admit),
            (2, 45, In, Admit),
            (3, 60, In, Admit),
            (4, 30, In, Refuse),
            (5, 50, In, Admit),
        ]);
        let found = contacts(&stays(&opened, LENGTHS), &[0]);
        let found: Vec<_> =
            found.iter().map(|contact| (contact.person, contact.minutes(), !contact.doubts.is_empty())).collect();
        // 5 came in the minute in which 0 left; 3 came later.
        assert_eq!(found, [(1, 10, false), (2, 5, true), (4, 0, false), (5, 0, true)]);
        let found = contacts(&stays(&opened, LENGTHS), &[0, 1]);
        let between = found.iter().filter(|contact| [0, 1].contains(&contact.person)).count();
        assert_eq!(between, 2, "whoever borrowed a number and whose it is may have met");
    }

    #[test]
    fn whoever_was_stopped_with_a_group_may_have_gone_on() {
        let mut opened = opened(&[(0, 10, Direction::In, Outcome::Admit), (1, 20, Direction::In, Outcome::Admit)]);
        opened.sightings[0].passes = Passes::Perhaps;
        let found = contacts(&stays(&opened, LENGTHS), &[1]);
        let found: Vec<_> = found.iter().map(|one| (one.person, one.minutes(), one.doubts.clone())).collect();
        assert_eq!(found, [(0, 50, BTreeSet::from([Doubt::NoOut, Doubt::Group]))]);
    }
}
