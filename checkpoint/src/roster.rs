//! The roster of a school: who belongs there, and who may pick up whom. Read from a stick into memory, and never anywhere else.
//!
//! Nobody signs it, so it names people and says whether somebody stands on it; it proves nothing, and nothing of it is ever
//! green. `docs/roster.md` has the format of the file.

mod read;

use std::fmt;

use zeroize::Zeroize;

pub use read::{Damage, ROSTER_BYTES_MAX, ROSTER_ROWS_MAX, RosterFault};

use crate::evidence::likeness::{Sameness, Subject};
use crate::time::PartialDate;
use crate::trust::credential::Person;

/// Longest number or code of a person, in characters: 12 of an identity card, and room for a school's own.
pub const CODE_CHARS_MAX: usize = 32;

/// Everybody who belongs to a school.
pub struct Roster {
    members: Vec<Member>,
    /// Members with a number, by that number.
    by_number: Vec<u32>,
    /// Members with a birth date, by its year.
    by_year: Vec<u32>,
    damaged: Vec<Damage>,
}

/// One pupil, or one of the staff. The strings are overwritten when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    number: String,
    name: String,
    birth: PartialDate,
    class: String,
    picked_up: Option<bool>,
    guardians: Vec<Guardian>,
}

/// Somebody who may pick a pupil up.
#[derive(Clone, PartialEq, Eq)]
pub struct Guardian {
    name: String,
    number: String,
    birth: PartialDate,
    phone: String,
    relation: String,
}

/// Personal data: `{:?}` says how many, and where the file is damaged.
impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roster").field("members", &self.members.len()).field("damaged", &self.damaged).finish()
    }
}

/// Personal data.
impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Member(..)")
    }
}

/// Personal data.
impl fmt::Debug for Guardian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guardian(..)")
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        for text in [&mut self.number, &mut self.name, &mut self.class] {
            text.zeroize();
        }
        self.birth = PartialDate::Unknown;
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        for text in [&mut self.name, &mut self.number, &mut self.phone, &mut self.relation] {
            text.zeroize();
        }
        self.birth = PartialDate::Unknown;
    }
}

impl Roster {
    /// Reads the file: UTF-8 with or without a byte order mark, a heading, and a line for each person. A line that is damaged is left
    /// out, and named by its number alone.
    ///
    /// # Errors
    /// `RosterFault`: it is no roster at all.
    pub fn parse(bytes: &[u8]) -> Result<Self, RosterFault> {
        let (members, damaged) = read::read(bytes)?;
        let numbers = |by: &u32| -> &str { &members[*by as usize].number };
        let year = |by: &u32| members[*by as usize].birth.year();
        let all = 0..members.len() as u32;
        let mut by_number: Vec<u32> = all.clone().filter(|by| !numbers(by).is_empty()).collect();
        by_number.sort_unstable_by(|a, b| numbers(a).cmp(numbers(b)));
        let mut by_year: Vec<u32> = all.filter(|by| year(by).is_some()).collect();
        by_year.sort_unstable_by_key(year);
        Ok(Self { by_number, by_year, members, damaged })
    }

    /// Everybody on it, in the order of the file.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Lines that were left out, in the order of the file.
    pub fn damaged(&self) -> &[Damage] {
        &self.damaged
    }

    /// Whose code this is: the text of a pupil's card, where it is nothing but the number.
    pub fn by_code(&self, text: &str) -> Option<&Member> {
        self.by_number(&code(text)?)
    }

    /// The one person on it whom a document names. `None` for nobody, and for several who are alike.
    ///
    /// Without a number that both have, two documents are surely of one person only where the years of birth agree: so nobody of
    /// another year is compared.
    pub fn find(&self, subject: &Subject) -> Option<&Member> {
        let is_same = |member: &&Member| member.subject().likeness(subject).sameness == Sameness::Same;
        let by_number = subject.identity_numbers().find_map(|number| self.by_number(number)).filter(is_same);
        if by_number.is_some() {
            return by_number;
        }
        let year = subject.birth().year()?;
        let of_year = |by: &u32| self.members[*by as usize].birth.year();
        let first = self.by_year.partition_point(|by| of_year(by) < Some(year));
        let of_that_year = self.by_year[first..].iter().take_while(|by| of_year(by) == Some(year));
        let mut same = of_that_year.map(|by| &self.members[*by as usize]).filter(is_same);
        let found = same.next()?;
        same.next().is_none().then_some(found)
    }

    fn by_number(&self, number: &str) -> Option<&Member> {
        let at = self.by_number.binary_search_by(|by| self.members[*by as usize].number.as_str().cmp(number)).ok()?;
        self.members.get(self.by_number[at] as usize)
    }
}

impl Member {
    /// The number or code: empty where the roster has none.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Date of birth, as far as it is written.
    pub fn birth(&self) -> PartialDate {
        self.birth
    }

    /// The class, or what the school calls where staff belong: empty where it is not said.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// Whether somebody picks this pupil up; `None` where the roster does not say.
    pub fn picked_up(&self) -> Option<bool> {
        self.picked_up
    }

    /// Who may do that.
    pub fn guardians(&self) -> &[Guardian] {
        &self.guardians
    }

    /// As a person of a passage.
    pub fn person(&self) -> Person {
        person(&self.name, self.birth, &self.number)
    }

    /// Ready to compare. A code of the school's own says nothing against the number of another paper.
    pub fn subject(&self) -> Subject {
        Subject::from(&person(&self.name, self.birth, comparable(&self.number)))
    }

    /// The guardian whose code this is, where it is nothing but the number.
    pub fn guardian_of_code(&self, text: &str) -> Option<&Guardian> {
        let code = code(text)?;
        self.guardians.iter().find(|guardian| guardian.number == code)
    }

    /// The guardian whom a document surely names.
    pub fn guardian(&self, subject: &Subject) -> Option<&Guardian> {
        self.guardians.iter().find(|guardian| {
            let theirs = Subject::from(&person(&guardian.name, guardian.birth, comparable(&guardian.number)));
            theirs.likeness(subject).sameness == Sameness::Same
        })
    }
}

impl Guardian {
    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Telephone, as written: for the guard to ring. Empty where it is not said.
    pub fn phone(&self) -> &str {
        &self.phone
    }

    /// What they are to the pupil, as written. Empty where it is not said.
    pub fn relation(&self) -> &str {
        &self.relation
    }
}

fn person(name: &str, birth: PartialDate, number: &str) -> Person {
    let number = (!number.is_empty()).then(|| number.to_owned());
    Person { name: name.to_owned(), name_transliterated: None, birth, number }
}

/// A number that other papers bear too: 12 digits, or the 9 of old cards.
fn comparable(number: &str) -> &str {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if digits && matches!(number.len(), 9 | 12) { number } else { "" }
}

/// A number or code as it is compared: upper-case letters, digits, and `.`, `_`, `/`, `-`. `None` for any other text.
fn code(text: &str) -> Option<String> {
    let text = text.trim_end_matches(['\r', '\n', '\t', ' ']);
    let sound = (1..=CODE_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte));
    sound.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests;
