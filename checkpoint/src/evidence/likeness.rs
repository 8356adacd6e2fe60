//! Whether two documents name one person: same, another, or unsure.

use chrono::{Datelike, NaiveDate};

use super::name::Name;
use super::number::{self, Number, Numbers};
use crate::screen::Paper;
use crate::time::PartialDate;
use crate::trust::credential::Person;
use crate::unsigned::Card;

/// From this score on two documents name one person.
///
/// Chosen on the training half of the pairs of `proving --bin match`, so that none of the hard kinds of false pairs passes that a
/// document can tell apart; `docs/evidence.md` has the figures of the half that was held back.
pub const SAME_MIN: u8 = 84;
/// Below this score they name two people. Between the two the guard compares.
pub const UNSURE_MIN: u8 = 45;

/// What each disagreement about the birth date costs, in points of 100.
mod cost {
    /// Year and month agree, one side knows no day.
    pub const MONTH_ONLY: u32 = 5;
    /// The year agrees, one side knows no more: one of 60 strangers agrees too.
    pub const YEAR_ONLY: u32 = 10;
    /// One side knows nothing.
    pub const UNKNOWN: u32 = 40;
    /// Day and month are turned about.
    pub const TURNED: u32 = 25;
    /// The first of January of the same year: what offices write for an unknown day.
    pub const NEW_YEAR: u32 = 25;
    /// One of day, month and year differs: mistyped, or a brother.
    pub const ONE_PART: u32 = 35;
    /// Two people.
    pub const CONFLICT: u32 = 70;
}

/// What one document says of whom it names, ready to compare.
#[derive(Clone)]
pub struct Subject {
    names: Vec<Name>,
    birth: PartialDate,
    numbers: Vec<Number>,
}

impl From<&Person> for Subject {
    fn from(person: &Person) -> Self {
        let names = [Some(person.name.as_str()), person.name_transliterated.as_deref()];
        Self {
            names: names.into_iter().flatten().filter_map(Name::read).collect(),
            birth: person.birth,
            numbers: person.number.as_deref().and_then(Number::identity).into_iter().collect(),
        }
    }
}

impl From<&Card> for Subject {
    fn from(card: &Card) -> Self {
        let identity = [card.number(), card.number_old()].into_iter().flatten().filter_map(Number::identity);
        Self {
            names: Name::read(card.name()).into_iter().collect(),
            birth: card.birth(),
            numbers: identity.chain(card.insurance().and_then(Number::insurance)).collect(),
        }
    }
}

impl From<&Paper> for Subject {
    fn from(paper: &Paper) -> Self {
        Self {
            names: Name::read(&paper.name).into_iter().collect(),
            birth: paper.birth,
            numbers: paper.number.as_deref().and_then(Number::identity).into_iter().collect(),
        }
    }
}

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sameness {
    /// Two people.
    Another,
    /// One person perhaps: the guard compares.
    Unsure,
    /// One person.
    Same,
}

/// How alike two documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// 0 to 100, by name and birth date; numbers raise it or bound it.
    pub score: u8,
    /// What follows from it.
    pub sameness: Sameness,
}

impl Subject {
    /// Its numbers, as they are compared.
    pub(crate) fn identity_numbers(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(Number::text)
    }

    /// Whether it says enough to stand between two documents that are unsure of each other: a name with its marks, and a birth date
    /// to the day.
    pub(crate) fn is_whole(&self) -> bool {
        self.names.iter().any(Name::is_marked) && matches!(self.birth, PartialDate::Day(_))
    }

    /// Its date of birth.
    pub(crate) fn birth(&self) -> PartialDate {
        self.birth
    }

    /// Compares two documents: by number where both have one of a kind, else by birth date and name.
    ///
    /// Not knowing is never the same: without a name on both sides nothing is, and without a birth date only a number can tell.
    pub fn likeness(&self, other: &Self) -> Likeness {
        let names = self.names.iter().flat_map(|a| other.names.iter().map(move |b| a.distance(b))).min();
        let (name, birth) = (names.unwrap_or(100), births(self.birth, other.birth));
        let score = 100_u32.saturating_sub(name + birth) as u8;
        let just_unsure = |score: u8| score.clamp(UNSURE_MIN, SAME_MIN - 1);
        let score = match number::compare(&self.numbers, &other.numbers) {
            // The same number with another name and birth date was mistyped, or borrowed.
            Numbers::Same if score >= UNSURE_MIN => score.max(SAME_MIN),
            Numbers::Same => just_unsure(score),
            Numbers::SameAsShown if score >= UNSURE_MIN => score.saturating_add(cost::YEAR_ONLY as u8 * 2).min(100),
            Numbers::SameAsShown | Numbers::Silent => score,
            Numbers::Renewed => score.min(SAME_MIN - 1),
            Numbers::Slip if score >= SAME_MIN => just_unsure(score),
            Numbers::Slip | Numbers::Another => score.min(UNSURE_MIN - 1),
        };
        let sameness = match score {
            SAME_MIN.. => Sameness::Same,
            UNSURE_MIN.. => Sameness::Unsure,
            _ => Sameness::Another,
        };
        Likeness { score, sameness }
    }
}

/// What it costs to take two birth dates for one.
fn births(a: PartialDate, b: PartialDate) -> u32 {
    match (a, b) {
        (PartialDate::Unknown, _) | (_, PartialDate::Unknown) => cost::UNKNOWN,
        (PartialDate::Day(a), PartialDate::Day(b)) => days(a, b),
        (a, b) if a.agrees_with(&b) => match (a, b) {
            (PartialDate::Year(_), _) | (_, PartialDate::Year(_)) => cost::YEAR_ONLY,
            _ => cost::MONTH_ONLY,
        },
        _ => cost::CONFLICT,
    }
}

fn days(a: NaiveDate, b: NaiveDate) -> u32 {
    if a == b {
        return 0;
    }
    let is_new_year = |day: NaiveDate| day.month() == 1 && day.day() == 1;
    let same = [a.year() == b.year(), a.month() == b.month(), a.day() == b.day()];
    if same[0] && a.month() == b.day() && a.day() == b.month() {
        cost::TURNED
    } else if same[0] && (is_new_year(a) || is_new_year(b)) {
        cost::NEW_YEAR
    } else if same.iter().filter(|same| **same).count() == 2 {
        cost::ONE_PART
    } else {
        cost::CONFLICT
    }
}

#[cfg(test)]
mod tests;
