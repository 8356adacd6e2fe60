//! Who was seen where: records opened with their days' keys, and the people in them told apart.

use std::collections::{BTreeMap, HashMap};

use checkpoint::evidence::likeness::{Sameness, Subject};
use checkpoint::passage::record::{Entry, Event, Identified};
use checkpoint::passage::{Direction, Identity, Outcome, Proof};
use checkpoint::time::{PartialDate, day_in_vietnam};
use checkpoint::trust::credential::Person;
use chrono::{DateTime, NaiveDate, Utc};

use super::archive::Archive;
use super::day_keys::{DayKeys, NoKey};

/// One person at one gate at one moment.
#[derive(Clone)]
pub struct Sighting {
    /// Index of the person in `Opened::people`.
    pub person: usize,
    /// When, by the kiosk's best guess.
    pub at: DateTime<Utc>,
    /// Location code.
    pub location: String,
    /// In or out.
    pub direction: Direction,
    /// What happened.
    pub outcome: Outcome,
    /// What stands behind the name.
    pub proof: Proof,
    /// The vehicle's plate.
    pub plate: Option<String>,
    /// Device that recorded it.
    pub device: String,
    /// Number of its record there.
    pub sequence: u64,
}

/// Somebody, as their papers name them.
pub struct Known {
    /// Name, birth date and number as far as any of their papers said.
    pub person: Person,
    subject: Subject,
}

/// Why records of a day could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// There is no key.
    NoKey(NoKey),
    /// There is one, and the sealed part does not open with it: it was sealed to another key.
    WrongKey,
    /// The sealed part was erased before it was sent.
    Erased,
    /// The kiosk had no tracing key and kept no name.
    NeverSealed,
}

impl Closed {
    /// The word in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoKey(no_key) => no_key.word(),
            Self::WrongKey => "wrong-key",
            Self::Erased => "erased",
            Self::NeverSealed => "never-sealed",
        }
    }
}

/// Everything that the keys open, of some time and places.
#[derive(Default)]
pub struct Opened {
    /// Everybody who was seen.
    pub people: Vec<Known>,
    /// In the order of time.
    pub sightings: Vec<Sighting>,
    /// Passages whose names stay closed, by day of the key (of the passage, where nothing was sealed) and cause.
    pub closed: BTreeMap<(NaiveDate, Closed), u64>,
    by_number: HashMap<String, usize>,
    by_birth: HashMap<PartialDate, Vec<usize>>,
}

impl Opened {
    /// Opens the records of an archive that were made from `from` on and before `to`.
    pub fn of(archive: &Archive, keys: &DayKeys, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let mut opened = Self::default();
        for entry in archive.entries().filter(|entry| (from..to).contains(&entry.record().at)) {
            opened.open(entry, keys);
        }
        opened.sightings.sort_by(|a, b| (a.at, &a.device, a.sequence).cmp(&(b.at, &b.device, b.sequence)));
        opened
    }

    fn open(&mut self, entry: &Entry, keys: &DayKeys) {
        let record = entry.record();
        let Event::Passage(passage) = &record.event else { return };
        let commitment = match &passage.identity {
            Identified::Nobody => return,
            Identified::NoTracingKey => return self.close(day_in_vietnam(record.at), Closed::NeverSealed),
            Identified::Sealed(commitment) => commitment,
        };
        let day = commitment.day;
        let identity = match keys.of(day) {
            _ if entry.sealed().is_none() => return self.close(day, Closed::Erased),
            Err(no_key) => return self.close(day, Closed::NoKey(no_key)),
            Ok(key) => match entry.open(key) {
                Ok(Some(identity)) => identity,
                Ok(None) | Err(_) => return self.close(day, Closed::WrongKey),
            },
        };
        for one in std::iter::once(&identity).chain(&identity.companions) {
            // A group may be of people of whom nothing is known.
            if one.person.name.is_empty() && one.person.number.is_none() {
                continue;
            }
            let person = self.person(&one.person);
            self.sightings.push(Sighting {
                person,
                at: record.at,
                location: passage.location.clone(),
                direction: passage.direction,
                outcome: passage.outcome,
                proof: one.proof,
                plate: plate(&identity, one),
                device: record.device.clone(),
                sequence: record.sequence,
            });
        }
    }

    fn close(&mut self, day: NaiveDate, why: Closed) {
        *self.closed.entry((day, why)).or_default() += 1;
    }

    /// The index of a person: the same as before where number, or birth date and name, say so.
    fn person(&mut self, person: &Person) -> usize {
        let number = person.number.as_deref().and_then(whole_number);
        let subject = Subject::from(person);
        let by_number = number.as_ref().and_then(|number| self.by_number.get(number).copied());
        let same = by_number.or_else(|| {
            let born = self.by_birth.get(&person.birth)?;
            born.iter().copied().find(|known| {
                let known = &self.people[*known];
                subject.likeness(&known.subject).sameness == Sameness::Same
            })
        });
        let index = same.unwrap_or_else(|| {
            self.people.push(Known { person: person.clone(), subject });
            self.people.len() - 1
        });
        if let Some(number) = number {
            let known = &mut self.people[index].person;
            if known.number.as_deref().and_then(whole_number).is_none() {
                known.number = person.number.clone();
            }
            self.by_number.entry(number).or_insert(index);
        }
        let born = self.by_birth.entry(person.birth).or_default();
        if !born.contains(&index) {
            born.push(index);
        }
        index
    }

    /// Who could be meant, surely or perhaps; nobody else.
    pub fn find(&self, wanted: &Wanted) -> Vec<(usize, Sameness)> {
        let people = self.people.iter().enumerate().map(|(index, known)| (index, wanted.is(known)));
        people.filter(|(_, sameness)| *sameness != Sameness::Another).collect()
    }
}

/// A group's vehicle is everybody's in it.
fn plate(identity: &Identity, one: &Identity) -> Option<String> {
    one.plate.clone().or_else(|| identity.plate.clone())
}

/// A number without spaces and in capitals; `None` where a part of it is hidden.
pub fn whole_number(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    (!text.is_empty() && !text.contains('*')).then_some(text)
}

/// Whom somebody asks for: a number, a name and birth date, or all of it.
pub struct Wanted {
    number: Option<String>,
    subject: Option<Subject>,
}

impl Wanted {
    /// Somebody by number, or by name and birth date. A name without a birth date is nobody in particular.
    pub fn new(name: Option<&str>, birth: PartialDate, number: Option<&str>) -> Self {
        let subject = name.map(|name| {
            Subject::from(&Person {
                name: name.to_owned(),
                name_transliterated: None,
                birth,
                number: number.map(str::to_owned),
            })
        });
        Self { number: number.and_then(whole_number), subject }
    }

    fn is(&self, known: &Known) -> Sameness {
        let number = known.person.number.as_deref().and_then(whole_number);
        match (&self.number, number, &self.subject) {
            (Some(wanted), Some(number), None) if *wanted == number => Sameness::Same,
            (_, _, None) => Sameness::Another,
            (_, _, Some(subject)) => subject.likeness(&known.subject).sameness,
        }
    }
}
