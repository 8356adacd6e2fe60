//! Who was seen where: records opened with their days' keys, and the people in them told apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use checkpoint::evidence::likeness::{Sameness, Subject};
use checkpoint::passage::record::{Entry, Event, Identified, Passage};
use checkpoint::passage::{Direction, Identity, Outcome, Proof};
use checkpoint::time::{PartialDate, day_in_vietnam};
use checkpoint::trust::credential::Person;
use chrono::{DateTime, NaiveDate, Utc};

use super::archive::{Archive, JournalName, is_of};
use super::clocks::Clocks;
use super::corrections::Corrections;
use super::day_keys::{DayKeys, NoKey};
use super::named::{Role, named_in};

/// One person at one gate at one moment.
#[derive(Clone)]
pub struct Sighting {
    /// Index of the person in `Opened::people`.
    pub person: usize,
    /// As this record names them: another may write the name otherwise.
    pub named: Person,
    /// What they were there for.
    pub role: Role,
    /// When, by the kiosk's best guess.
    pub at: DateTime<Utc>,
    /// Location code.
    pub location: String,
    /// In or out.
    pub direction: Direction,
    /// What happened to them: in a group, what was decided on this one, where that was kept.
    pub outcome: Outcome,
    /// Whether they went in or out.
    pub passes: Passes,
    /// What stands behind the name.
    pub proof: Proof,
    /// The vehicle's plate.
    pub plate: Option<String>,
    /// What was shown, a line for each.
    pub shown: Vec<String>,
    /// What a reader must know of this record.
    pub notes: Vec<String>,
    /// The kiosk doubted its clock.
    pub clock_in_doubt: bool,
    /// Device that recorded it.
    pub device: String,
    /// Number of its record there.
    pub sequence: u64,
}

/// Whether somebody went in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// They did.
    Yes,
    /// Their group was stopped because of another, or of nobody knows whom: what they did then is not known.
    Perhaps,
    /// They came no further than the gate.
    No,
}

/// Somebody, as their papers name them.
pub struct Known {
    /// Name and birth date as the best proven of their papers has them, number as any.
    pub person: Person,
    /// What stands behind that.
    pub proof: Proof,
    /// Every number on their papers.
    numbers: BTreeSet<String>,
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

/// Visitors of a passage whom nobody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// When.
    pub at: DateTime<Utc>,
    /// Location code.
    pub location: String,
    /// What happened.
    pub outcome: Outcome,
    /// How many.
    pub visitors: u64,
}

/// Everything that the keys open, of all places or one.
#[derive(Default)]
pub struct Opened {
    /// Everybody who was seen.
    pub people: Vec<Known>,
    /// In the order of time.
    pub sightings: Vec<Sighting>,
    /// Passages whose names stay closed, by day of the key (of the passage, where nothing was sealed) and cause.
    pub closed: BTreeMap<(NaiveDate, Closed), u64>,
    /// Visitors of whom no name was kept, because no code named them.
    pub unnamed: Vec<Unnamed>,
    by_number: HashMap<String, Vec<usize>>,
    by_birth: HashMap<PartialDate, Vec<usize>>,
}

impl Opened {
    /// Opens all records of an archive, or those of one place: a stay may have begun long before the time that is asked for.
    pub fn of(archive: &Archive, keys: &DayKeys, location: Option<&str>) -> Self {
        let mut opened = Self::default();
        let (corrections, clocks) = (Corrections::of(archive), Clocks::of(archive));
        for (journal, entry) in archive.entries().filter(|(_, entry)| is_of(entry, location)) {
            opened.open(journal, entry, keys, &corrections, &clocks);
        }
        opened.sightings.sort_by(|a, b| (a.at, &a.device, a.sequence).cmp(&(b.at, &b.device, b.sequence)));
        opened
    }

    fn open(
        &mut self,
        journal: &JournalName,
        entry: &Entry,
        keys: &DayKeys,
        corrections: &Corrections,
        clocks: &Clocks,
    ) {
        let record = entry.record();
        let Event::Passage(passage) = &record.event else { return };
        let commitment = match &passage.identity {
            Identified::Nobody => return self.nobody_named(record.at, passage, u64::from(passage.visitors)),
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
        let corrected = corrections.of_record(journal, record.sequence);
        let clock_in_doubt = clocks.is_in_doubt(journal, record);
        let mut named = 0;
        for one in std::iter::once(&identity).chain(&identity.companions) {
            // A group may be of people of whom nothing is known.
            if is_nameless(&one.person) && one.person.number.is_none() {
                continue;
            }
            named += 1;
            let (outcome, passes) = happened(passage, one.outcome);
            let mut notes = corrected.notes();
            if passes == Passes::Perhaps {
                notes.push("stopped as a group: whether this one passed is not known".into());
            }
            let mut sighting = Sighting {
                person: self.person(&one.person, one.proof),
                named: one.person.clone(),
                role: Role::Visitor,
                at: record.at,
                location: passage.location.clone(),
                direction: passage.direction,
                outcome,
                passes: if corrected.is_superseded() { Passes::No } else { passes },
                proof: one.proof,
                plate: plate(&identity, one),
                shown: one.shown.clone(),
                notes,
                clock_in_doubt,
                device: record.device.clone(),
                sequence: record.sequence,
            };
            self.sightings.push(sighting.clone());
            for (role, other) in one.shown.iter().filter_map(|line| named_in(line)) {
                if role == Role::Visitor {
                    self.also(sighting.person, &other);
                    continue;
                }
                // They stood at the gate; that they went in or out is not said.
                (sighting.person, sighting.role) = (self.person(&other, Proof::Unsigned), role);
                (sighting.named, sighting.proof) = (other, Proof::Unsigned);
                (sighting.passes, sighting.plate) = (Passes::No, None);
                let visitor = &one.person.name;
                sighting.notes = vec![format!("named in the visit of {visitor}")];
                self.sightings.push(sighting.clone());
            }
        }
        let unnamed = u64::from(passage.visitors).saturating_sub(named);
        if unnamed > 0 {
            self.nobody_named(record.at, passage, unnamed);
        }
    }

    fn close(&mut self, day: NaiveDate, why: Closed) {
        *self.closed.entry((day, why)).or_default() += 1;
    }

    fn nobody_named(&mut self, at: DateTime<Utc>, passage: &Passage, visitors: u64) {
        let (location, outcome) = (passage.location.clone(), passage.outcome);
        self.unnamed.push(Unnamed { at, location, outcome, visitors });
    }

    /// The index of a person: the same as before where birth date and name say so, or the number does and they do not deny it. A number
    /// alone makes nobody the same: it may be borrowed.
    fn person(&mut self, person: &Person, proof: Proof) -> usize {
        let number = person.number.as_deref().and_then(whole_number);
        let subject = Subject::from(person);
        let without = without_number(person);
        let by_number = number.as_ref().and_then(|number| {
            let bearers = self.by_number.get(number)?;
            bearers.iter().copied().find(|known| agree(&without, &self.people[*known].person))
        });
        let same = by_number.or_else(|| {
            let born = self.by_birth.get(&person.birth)?;
            born.iter().copied().find(|known| {
                let known = &self.people[*known];
                subject.likeness(&known.subject).sameness == Sameness::Same
            })
        });
        let index = same.unwrap_or_else(|| {
            self.people.push(Known { person: person.clone(), proof, numbers: BTreeSet::new(), subject });
            self.people.len() - 1
        });
        let known = &mut self.people[index];
        // What is better proven names them, whatever came first.
        if strength(proof) > strength(known.proof) && !is_nameless(person) {
            let number = known.person.number.take();
            (known.person, known.proof) = (person.clone(), proof);
            known.person.number = known.person.number.take().or(number);
            known.subject = Subject::from(&known.person);
        }
        self.also(index, person);
        let born = self.by_birth.entry(person.birth).or_default();
        if !born.contains(&index) {
            born.push(index);
        }
        index
    }

    /// Another paper of somebody: its number finds them too.
    fn also(&mut self, index: usize, person: &Person) {
        let Some(number) = person.number.as_deref().and_then(whole_number) else { return };
        let known = &mut self.people[index];
        if known.person.number.as_deref().and_then(whole_number).is_none() {
            known.person.number.clone_from(&person.number);
        }
        known.numbers.insert(number.clone());
        let bearers = self.by_number.entry(number).or_default();
        if !bearers.contains(&index) {
            bearers.push(index);
        }
    }

    /// Who could be meant, surely or perhaps; nobody else.
    pub fn find(&self, wanted: &Wanted) -> Vec<(usize, Sameness)> {
        let people = self.people.iter().enumerate().map(|(index, known)| (index, wanted.is(known)));
        people.filter(|(_, sameness)| *sameness != Sameness::Another).collect()
    }
}

/// What happened to one of a passage, and whether they went on. A group is recorded as the one of it who is worst off: whoever was in
/// order himself, or of whom that was not kept, may have gone on without the others.
fn happened(passage: &Passage, own: Option<Outcome>) -> (Outcome, Passes) {
    let whole = passage.outcome;
    match own {
        _ if whole.lets_pass() => (own.filter(|own| own.lets_pass()).unwrap_or(whole), Passes::Yes),
        Some(own) if own.lets_pass() => (own, Passes::Perhaps),
        Some(own) => (own, Passes::No),
        None if passage.visitors > 1 => (whole, Passes::Perhaps),
        None => (whole, Passes::No),
    }
}

/// Whether name and birth date leave it open that two are one. Where one of them has no name, nothing denies it.
fn agree(person: &Person, known: &Person) -> bool {
    is_nameless(person)
        || is_nameless(known)
        || Subject::from(person).likeness(&Subject::from(&without_number(known))).sameness != Sameness::Another
}

fn is_nameless(person: &Person) -> bool {
    person.name.trim().is_empty() && person.name_transliterated.as_deref().is_none_or(|name| name.trim().is_empty())
}

fn without_number(person: &Person) -> Person {
    Person { number: None, ..person.clone() }
}

/// Which of two proofs names somebody better.
fn strength(proof: Proof) -> u8 {
    match proof {
        Proof::Verified => 3,
        Proof::Refused => 2,
        Proof::ByEye => 1,
        Proof::Unsigned => 0,
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
        match (&self.number, &self.subject) {
            (Some(wanted), None) if known.numbers.contains(wanted) => Sameness::Same,
            (_, None) => Sameness::Another,
            (_, Some(subject)) => subject.likeness(&known.subject).sameness,
        }
    }
}
