//! From passages in and out to stays, and from stays to contacts.

use std::collections::BTreeMap;

use checkpoint::passage::Direction;
use chrono::{DateTime, TimeDelta, Utc};

use super::people::{Opened, Sighting};

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
    /// One end was not recorded, and the assumed length of a stay stands in for it.
    pub assumed: bool,
}

/// Two people at one place at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Index of the other.
    pub person: usize,
    /// Location code.
    pub location: String,
    /// From and until when both were there.
    pub from: DateTime<Utc>,
    /// See `from`.
    pub until: DateTime<Utc>,
    /// An end of one of the two stays was assumed.
    pub assumed: bool,
}

impl Contact {
    /// Whole minutes, rounded up; 0 for a moment at the gate.
    pub fn minutes(&self) -> i64 {
        let seconds = (self.until - self.from).num_seconds();
        (seconds + 59) / 60
    }
}

/// The stays of everybody, by person and place. `assumed` is how long somebody stays of whom only one end was recorded.
///
/// Passages that did not let the visitor in or out are moments at the gate.
pub fn stays(opened: &Opened, assumed: TimeDelta) -> Vec<Stay> {
    let mut by_place: BTreeMap<(usize, &str), Vec<&Sighting>> = BTreeMap::new();
    for sighting in &opened.sightings {
        by_place.entry((sighting.person, &sighting.location)).or_default().push(sighting);
    }
    let mut stays = Vec::new();
    for ((person, location), sightings) in by_place {
        let stay = |from, until, assumed| Stay { person, location: location.to_owned(), from, until, assumed };
        let mut inside: Option<DateTime<Utc>> = None;
        let mut left: Option<DateTime<Utc>> = None;
        for sighting in sightings {
            let at = sighting.at;
            match (sighting.outcome.lets_pass(), sighting.direction, inside) {
                (false, _, Some(since)) if at < since + assumed => {}
                (false, _, _) => stays.push(stay(at, at, false)),
                // In twice: the first time, out was not recorded.
                (true, Direction::In, Some(since)) => {
                    stays.push(stay(since, at.min(since + assumed), true));
                    inside = Some(at);
                }
                (true, Direction::In, None) => inside = Some(at),
                (true, Direction::Out, Some(since)) => {
                    stays.push(stay(since, at, false));
                    (inside, left) = (None, Some(at));
                }
                // Out without in: not before the time that they were last seen to leave.
                (true, Direction::Out, None) => {
                    let from = left.map_or(at - assumed, |left| left.max(at - assumed));
                    stays.push(stay(from, at, true));
                    left = Some(at);
                }
            }
        }
        if let Some(since) = inside {
            stays.push(stay(since, since + assumed, true));
        }
    }
    stays.sort_by(|a, b| (a.from, a.person, &a.location).cmp(&(b.from, b.person, &b.location)));
    stays
}

/// Everybody else who was where these people were, while they were there: the longest first.
pub fn contacts(stays: &[Stay], of: &[usize]) -> Vec<Contact> {
    let mut by_place: BTreeMap<&str, Vec<&Stay>> = BTreeMap::new();
    for stay in stays.iter().filter(|stay| !of.contains(&stay.person)) {
        by_place.entry(&stay.location).or_default().push(stay);
    }
    let mut contacts = Vec::new();
    for case in stays.iter().filter(|stay| of.contains(&stay.person)) {
        for other in by_place.get(case.location.as_str()).into_iter().flatten() {
            let (from, until) = (case.from.max(other.from), case.until.min(other.until));
            if from > until {
                continue;
            }
            contacts.push(Contact {
                person: other.person,
                location: case.location.clone(),
                from,
                until,
                assumed: case.assumed || other.assumed,
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

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_323_200 + 60 * minute, 0).unwrap()
    }

    /// Sightings of one place as (person, minute, direction, outcome).
    fn opened(seen: &[(usize, i64, Direction, Outcome)]) -> Opened {
        let sightings = seen.iter().map(|(person, minute, direction, outcome)| Sighting {
            person: *person,
            at: at(*minute),
            location: "L".into(),
            direction: *direction,
            outcome: *outcome,
            proof: Proof::Verified,
            plate: None,
            device: String::new(),
            sequence: 0,
        });
        let mut opened = Opened::default();
        opened.sightings.extend(sightings);
        opened
    }

    fn spans(seen: &[(usize, i64, Direction, Outcome)]) -> Vec<(i64, i64, bool)> {
        let minute = |at_: DateTime<Utc>| (at_ - at(0)).num_minutes();
        stays(&opened(seen), TimeDelta::minutes(60))
            .into_iter()
            .map(|stay| (minute(stay.from), minute(stay.until), stay.assumed))
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
        let found = contacts(&stays(&opened, TimeDelta::minutes(60)), &[0]);
        let found: Vec<_> = found.iter().map(|contact| (contact.person, contact.minutes(), contact.assumed)).collect();
        // 5 came in the minute in which 0 left; 3 came later.
        assert_eq!(found, [(1, 10, false), (2, 5, true), (4, 0, false), (5, 0, true)]);
    }
}
