//! Pairs of documents of one person and of two, to measure the matcher with.
//!
//! Written apart from the matcher: its own tables of frequent names, its own ways of writing them down. Every pair is drawn
//! from a seed; the half of its number's parity is held back while thresholds are chosen.

mod names;
mod write;

use checkpoint::evidence::likeness::{Sameness, Subject};

use crate::sequences::dice::Dice;
use names::Human;

/// Which half of the pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Looked at while costs and thresholds were chosen.
    Training,
    /// Not looked at until they were.
    HeldBack,
}

/// What differs between the two documents of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Nothing but the form of the document.
    None,
    /// One side without marks.
    NoMarks,
    /// Decomposed letters on one side.
    Decomposed,
    /// The tone on the other vowel: hoà, hòa.
    TonePlace,
    /// `NGUYEN<<BAO<DUY`.
    Zone,
    /// `NGUYEN<<BAO<DUY` cut at 30 characters, of long names.
    ZoneCut,
    /// Y for i at the end of a word, or the other way.
    YForI,
    /// Family name last, or everything turned about.
    Turned,
    /// Family and given name in the fields of HC1, each way that issuers split them.
    Split,
    /// Văn or Thị is missing.
    NoMiddle,
    /// Another middle name is missing.
    NoOtherMiddle,
    /// Middle names as initials.
    Initial,
    /// Two words written as one.
    Joined,
    /// Several of the above at once, and the birth date as far as one side knows it: what two offices make of one person.
    Several,
    /// Only the year of birth on one side.
    YearOnly,
    /// Only year and month.
    MonthOnly,
    /// No birth date on one side.
    NoBirth,
    /// The personal code hides day, month and six characters of the number, which the other side has.
    Masked,
    /// The same without a number on the other side.
    MaskedNoNumber,
    /// The number of twelve digits on both.
    Number,
    /// The number before it, of nine digits, which the identity card bears too.
    OldNumber,
    /// Nine digits on one side, another nine on the card: renewed in another province.
    OldNumberRenewed,
    /// One digit of the number wrong.
    NumberSlip,
    /// A wrong tone was typed.
    WrongTone,
    /// One letter of the name wrong.
    WrongLetter,
    /// Day and month turned about.
    TurnedDate,
    /// The first of January for a day that was not known.
    NewYear,
    /// One digit of the day wrong.
    WrongDay,
}

/// How the two people of a false pair are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// Drawn apart.
    Random,
    /// Drawn apart, of one year, of which one side shows no more.
    RandomOfOneYear,
    /// Family and middle name in common, born a few years apart.
    Sibling,
    /// Family and middle name and birth date in common.
    Twin,
    /// As twins, and their names differ in one letter: An, Anh.
    TwinOneLetter,
    /// As twins, and their names differ in the tone, written with marks: Hoa, Hòa.
    TwinTone,
    /// Family and middle name in common, 20 to 40 years apart.
    Parent,
    /// The same name, another birth date.
    Namesake,
    /// The same name and year, another day, known on both sides.
    NamesakeOfOneYear,
    /// The same name and year, and one side shows the year alone: documents without a number cannot tell them apart.
    NamesakeYearShown,
    /// Family and own name in common, another middle name, of one year of which one side shows no more.
    OtherMiddle,
    /// The same name, other numbers of twelve digits on both.
    NamesakeNumbers,
    /// Born on one day, other numbers that end alike, as a masked code shows them.
    SameLastDigits,
}

/// What a pair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One person.
    True(Difference),
    /// Two people.
    False(Stranger),
}

impl Kind {
    /// Every kind, in the order of the report.
    pub fn all() -> Vec<Self> {
        use Difference as D;
        use Stranger as S;
        let same = [
            D::None,
            D::NoMarks,
            D::Decomposed,
            D::TonePlace,
            D::Zone,
            D::ZoneCut,
            D::YForI,
            D::Turned,
            D::Split,
            D::NoMiddle,
            D::NoOtherMiddle,
            D::Initial,
            D::Joined,
            D::Several,
            D::YearOnly,
            D::MonthOnly,
            D::NoBirth,
            D::Masked,
            D::MaskedNoNumber,
            D::Number,
            D::OldNumber,
            D::OldNumberRenewed,
            D::NumberSlip,
            D::WrongTone,
            D::WrongLetter,
            D::TurnedDate,
            D::NewYear,
            D::WrongDay,
        ];
        let other = [
            S::Random,
            S::RandomOfOneYear,
            S::Sibling,
            S::Twin,
            S::TwinOneLetter,
            S::TwinTone,
            S::Parent,
            S::Namesake,
            S::NamesakeOfOneYear,
            S::NamesakeYearShown,
            S::OtherMiddle,
            S::NamesakeNumbers,
            S::SameLastDigits,
        ];
        same.map(Self::True).into_iter().chain(other.map(Self::False)).collect()
    }

    /// Whether somebody made a mistake, or the documents do not say enough: then "unsure" is the right answer too.
    pub fn is_for_the_guard(self) -> bool {
        use Difference as D;
        matches!(
            self,
            Self::True(
                D::NoBirth
                    | D::OldNumberRenewed
                    | D::NumberSlip
                    | D::WrongTone
                    | D::WrongLetter
                    | D::TurnedDate
                    | D::NewYear
                    | D::WrongDay
            )
        )
    }

    /// Whether two documents of this kind hold the same: nothing could tell the two people apart.
    pub fn is_beyond_telling(self) -> bool {
        self == Self::False(Stranger::NamesakeYearShown)
    }

    /// Its name in the report.
    pub fn name(self) -> String {
        match self {
            Self::True(difference) => format!("{difference:?}"),
            Self::False(stranger) => format!("{stranger:?}"),
        }
    }
}

/// Draws one pair of a kind. `index` counts within the kind; the two halves never share a draw.
pub fn draw(kind: Kind, half: Half, seed: u64, index: u64) -> (Subject, Subject) {
    let stream = (index * 2 + u64::from(half == Half::HeldBack)) * 64 + kind_number(kind);
    let mut dice = Dice::new(seed, stream);
    match kind {
        Kind::True(difference) => {
            let human = Human::draw(&mut dice);
            write::one_person(&human, difference, &mut dice)
        }
        Kind::False(stranger) => write::two_people(stranger, &mut dice),
    }
}

fn kind_number(kind: Kind) -> u64 {
    Kind::all().iter().position(|known| *known == kind).unwrap_or_default() as u64
}

/// How the pairs of one kind were answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers {
    /// One person.
    pub same: u64,
    /// For the guard.
    pub unsure: u64,
    /// Two people.
    pub another: u64,
}

impl Answers {
    /// Counts one answer.
    pub fn count(&mut self, sameness: Sameness) {
        match sameness {
            Sameness::Same => self.same += 1,
            Sameness::Unsure => self.unsure += 1,
            Sameness::Another => self.another += 1,
        }
    }

    /// All of them.
    pub fn all(&self) -> u64 {
        self.same + self.unsure + self.another
    }
}

/// Scores of `count` pairs of a kind, with the answer that each got.
pub fn measure(kind: Kind, half: Half, seed: u64, count: u64) -> Vec<(u8, Sameness)> {
    (0..count)
        .map(|index| {
            let (a, b) = draw(kind, half, seed, index);
            let likeness = a.likeness(&b);
            (likeness.score, likeness.sameness)
        })
        .collect()
}
