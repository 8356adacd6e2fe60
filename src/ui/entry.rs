//! What a guard types at the screen: a plate, a badge number, what stands on paper. One question at a time, then an action.

use checkpoint::screen::{GuardAction, GuardNumber, Paper, PaperKind, Plate, SurgeReason};
use checkpoint::time::PartialDate;
use checkpoint::unsigned::date_of_digits;
use chrono::{DateTime, NaiveTime, Utc};
use zeroize::{Zeroize, Zeroizing};

use super::desk::{Change, DeskAsk, Pin};

/// Most digits of a PIN, and least.
pub const PIN_DIGITS_MAX: usize = 12;
pub const PIN_DIGITS_MIN: usize = 4;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The plate of a group's vehicle; may stay empty.
    Plate,
    /// The badge number of the guard who opens the checkpoint.
    Guard(SurgeReason),
    /// The name on the paper.
    Name,
    /// The birth date on it, as far as it is written; may stay empty.
    Birth,
    /// The identity number on it; may stay empty.
    Number,
    /// How many doses it states.
    Doses,
    /// The vaccine of the last dose; may stay empty.
    Vaccine,
    /// The day of the last dose, of the test or of the permit; may stay empty.
    Date,
    /// The time at which a test was taken; may stay empty.
    Time,
    /// The badge number of the guard who takes over.
    Shift,
    /// The badge number of the guard who did a checklist.
    Checked,
    /// The digits that allow a change.
    Pin,
}

impl Ask {
    /// The message's name after `ask-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plate => "plate",
            Self::Guard(_) => "guard",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Number => "number",
            Self::Doses => "doses",
            Self::Vaccine => "vaccine",
            Self::Date => "date",
            Self::Time => "time",
            Self::Shift => "shift",
            Self::Checked => "checked",
            Self::Pin => "pin",
        }
    }

    /// Whether letters can be typed, or digits alone.
    pub fn letters(self) -> bool {
        matches!(self, Self::Plate | Self::Name | Self::Vaccine)
    }

    /// Most characters.
    fn chars_max(self) -> usize {
        match self {
            Self::Plate => Plate::CHARS_MAX,
            Self::Guard(_) | Self::Shift | Self::Checked => 8,
            Self::Pin => PIN_DIGITS_MAX,
            Self::Name => 60,
            Self::Vaccine => 24,
            Self::Birth | Self::Date => 8,
            Self::Time => 4,
            Self::Number => 12,
            Self::Doses => 1,
        }
    }
}

/// Something half typed. It lives in the window alone, and is overwritten when it goes.
#[derive(Clone)]
pub struct Entry {
    ask: Ask,
    text: String,
    wrong: bool,
    paper: Option<Paper>,
    then: Then,
}

/// What the answer is for.
#[derive(Clone, Default)]
enum Then {
    #[default]
    Nothing,
    Checked(usize, Vec<bool>),
    Change(Change),
}

/// What comes after an answer.
pub enum Next {
    /// It was the last one.
    Act(GuardAction),
    /// It was the last one, and it is for the desk.
    Desk(DeskAsk),
    /// Another question, or the same one again because the answer cannot be.
    Ask(Entry),
}

impl Entry {
    /// Asks for a vehicle's plate.
    pub fn plate() -> Self {
        Self::asking(Ask::Plate, None)
    }

    /// Asks who opens the checkpoint.
    pub fn guard(reason: SurgeReason) -> Self {
        Self::asking(Ask::Guard(reason), None)
    }

    /// Asks what stands on a paper of this kind.
    pub fn paper(kind: PaperKind) -> Self {
        let nothing = Paper {
            kind,
            name: String::new(),
            birth: PartialDate::Unknown,
            number: None,
            doses: None,
            vaccine: None,
            date: None,
            time: None,
        };
        Self::asking(Ask::Name, Some(nothing))
    }

    /// Asks who takes over.
    pub fn shift() -> Self {
        Self::asking(Ask::Shift, None)
    }

    /// Asks who did a checklist.
    pub fn checked(list: usize, done: Vec<bool>) -> Self {
        let mut entry = Self::asking(Ask::Checked, None);
        entry.then = Then::Checked(list, done);
        entry
    }

    /// Asks for the PIN that allows a change.
    pub fn pin(change: Change) -> Self {
        let mut entry = Self::asking(Ask::Pin, None);
        entry.then = Then::Change(change);
        entry
    }

    fn asking(ask: Ask, paper: Option<Paper>) -> Self {
        // All the room at once: a text that grows leaves copies of itself in memory.
        Self { ask, text: String::with_capacity(ask.chars_max()), wrong: false, paper, then: Then::Nothing }
    }

    /// What is asked now.
    pub fn ask(&self) -> Ask {
        self.ask
    }

    /// A plate, a paper, who opens the checkpoint; and not what the guard types for himself.
    pub fn is_about_visitor(&self) -> bool {
        !matches!(self.ask, Ask::Shift | Ask::Checked | Ask::Pin)
    }

    /// Nothing was typed that would be lost.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.paper.as_ref().is_none_or(|paper| paper.name.is_empty())
    }

    /// What was typed so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is shown of it: of a PIN only how many digits.
    pub fn shown(&self) -> String {
        match self.ask {
            Ask::Pin => "•".repeat(self.text.len()),
            _ => self.text.clone(),
        }
    }

    /// The last answer could not be.
    pub fn is_wrong(&self) -> bool {
        self.wrong
    }

    /// One key.
    pub fn key(&mut self, key: char) {
        self.wrong = false;
        if self.text.len() < self.ask.chars_max() {
            self.text.push(key);
        }
    }

    /// Takes the last key back.
    pub fn erase(&mut self) {
        self.wrong = false;
        self.text.pop();
    }

    /// The answer is complete, `now`.
    pub fn done(mut self, now: DateTime<Utc>) -> Next {
        match self.answer(now) {
            Some(next) => next,
            None => {
                self.wrong = true;
                Next::Ask(self)
            }
        }
    }

    /// `None` for an answer that cannot be.
    fn answer(&self, now: DateTime<Utc>) -> Option<Next> {
        let text = self.text.trim();
        let paper = || self.paper.clone();
        let ask = |ask, paper| Some(Next::Ask(Self::asking(ask, Some(paper))));
        let vouch = |paper| Some(Next::Act(GuardAction::Vouch(Box::new(paper))));
        let desk = |ask| Some(Next::Desk(ask));
        let guard = || Some(GuardNumber(text.parse().ok()?));
        match self.ask {
            Ask::Shift => desk(DeskAsk::ShiftBegins(guard()?, now)),
            Ask::Checked => match &self.then {
                Then::Checked(list, done) => desk(DeskAsk::Checked(*list, done.clone(), guard()?, now)),
                Then::Nothing | Then::Change(_) => None,
            },
            Ask::Pin => match &self.then {
                Then::Change(change) if text.len() >= PIN_DIGITS_MIN => {
                    desk(DeskAsk::Change(change.clone(), Pin(Zeroizing::new(text.to_owned()))))
                }
                Then::Nothing | Then::Checked(..) | Then::Change(_) => None,
            },
            Ask::Plate if text.is_empty() => Some(Next::Act(GuardAction::EndParty(None))),
            Ask::Plate => Some(Next::Act(GuardAction::EndParty(Some(Plate::parse(text)?)))),
            Ask::Guard(reason) => Some(Next::Act(GuardAction::Open(reason, guard()?))),
            Ask::Name if text.is_empty() => None,
            Ask::Name => ask(Ask::Birth, Paper { name: text.to_owned(), ..paper()? }),
            Ask::Birth => ask(Ask::Number, Paper { birth: birth(text)?, ..paper()? }),
            Ask::Number => {
                let paper = Paper { number: (!text.is_empty()).then(|| text.to_owned()), ..paper()? };
                match paper.kind {
                    PaperKind::Vaccination => ask(Ask::Doses, paper),
                    PaperKind::PcrTest | PaperKind::AntigenTest | PaperKind::Permit => ask(Ask::Date, paper),
                    PaperKind::App => vouch(paper),
                }
            }
            Ask::Doses => {
                let doses: u8 = text.parse().ok().filter(|doses| *doses > 0)?;
                ask(Ask::Vaccine, Paper { doses: Some(doses), ..paper()? })
            }
            Ask::Vaccine => {
                let vaccine = (!text.is_empty()).then(|| text.to_owned());
                ask(Ask::Date, Paper { vaccine, ..paper()? })
            }
            Ask::Date => {
                let date = match birth(text)? {
                    PartialDate::Day(date) => Some(date),
                    PartialDate::Unknown => None,
                    PartialDate::Year(_) | PartialDate::Month(..) => return None,
                };
                let paper = Paper { date, ..paper()? };
                match paper.kind {
                    PaperKind::PcrTest | PaperKind::AntigenTest if date.is_some() => ask(Ask::Time, paper),
                    _ => vouch(paper),
                }
            }
            Ask::Time if text.is_empty() => vouch(paper()?),
            Ask::Time => {
                let part = |from: usize, to: usize| text.get(from..to)?.parse().ok();
                let time = NaiveTime::from_hms_opt(part(0, 2)?, part(2, 4)?, 0)?;
                vouch(Paper { time: Some(time), ..paper()? })
            }
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.text.zeroize();
        if let Some(paper) = &mut self.paper {
            paper.name.zeroize();
            paper.number.zeroize();
        }
    }
}

/// A date as people here type it, or nothing. `None` for what is no date.
fn birth(digits: &str) -> Option<PartialDate> {
    if digits.is_empty() { Some(PartialDate::Unknown) } else { date_of_digits(digits) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    /// Types each answer, and gives what comes of it.
    fn typed(mut entry: Entry, answers: &[&str]) -> Result<GuardAction, Box<Entry>> {
        for answer in answers {
            answer.chars().for_each(|key| entry.key(key));
            match entry.done(DateTime::UNIX_EPOCH) {
                Next::Act(action) => return Ok(action),
                Next::Desk(ask) => panic!("{ask:?} is not for the lane"),
                Next::Ask(next) => entry = next,
            }
        }
        Err(Box::new(entry))
    }

    #[test]
    fn a_slip_of_paper_is_asked_for_one_thing_at_a_time() {
        let action = typed(
            Entry::paper(PaperKind::Vaccination),
            &["NGUYEN VAN AN", "18011990", "001090000001", "2", "ASTRAZENECA", "10012026"],
        );
        let Ok(GuardAction::Vouch(paper)) = action else { panic!("not complete") };
        assert_eq!((paper.name.as_str(), paper.number.as_deref()), ("NGUYEN VAN AN", Some("001090000001")));
        assert_eq!((paper.doses, paper.date), (Some(2), NaiveDate::from_ymd_opt(2026, 1, 10)));
        assert_eq!(paper.birth, PartialDate::parse("1990-01-18").expect("a date"));
        assert_eq!(paper.vaccine.as_deref(), Some("ASTRAZENECA"));
        let action = typed(Entry::paper(PaperKind::PcrTest), &["LE VAN CUONG", "1985", "", "10012026", "0730"]);
        let Ok(GuardAction::Vouch(paper)) = action else { panic!("not complete") };
        assert_eq!((paper.date, paper.time), (NaiveDate::from_ymd_opt(2026, 1, 10), NaiveTime::from_hms_opt(7, 30, 0)));
        let action = typed(Entry::paper(PaperKind::App), &["TRAN THI BINH", "1985", ""]);
        assert!(matches!(action, Ok(GuardAction::Vouch(paper)) if paper.birth == PartialDate::Year(1985)));
    }

    #[test]
    fn what_cannot_be_is_asked_again_with_what_was_typed() {
        for (answers, ask) in [
            (&[""] as &[&str], Ask::Name),
            (&["A", "31022000"], Ask::Birth),
            (&["A", "131990"], Ask::Birth),
            (&["A", "199"], Ask::Birth),
            (&["A", "", "", "0"], Ask::Doses),
            (&["A", "", "", "2", "", "2026"], Ask::Date),
        ] {
            let Err(entry) = typed(Entry::paper(PaperKind::Vaccination), answers) else { panic!("{answers:?}") };
            assert!(entry.ask() == ask && entry.is_wrong(), "{answers:?}");
            assert_eq!(entry.text(), *answers.last().expect("an answer"));
        }
    }

    #[test]
    fn a_plate_may_be_missing_and_a_guards_number_may_not() {
        assert_eq!(typed(Entry::plate(), &[""]).ok(), Some(GuardAction::EndParty(None)));
        assert_eq!(typed(Entry::plate(), &["29A-12345"]).ok(), Some(GuardAction::EndParty(Plate::parse("29A-12345"))));
        assert!(typed(Entry::guard(SurgeReason::Queue), &[""]).is_err());
        let opened = GuardAction::Open(SurgeReason::Queue, GuardNumber(417));
        assert_eq!(typed(Entry::guard(SurgeReason::Queue), &["417"]).ok(), Some(opened));
    }

    #[test]
    fn a_pin_is_never_shown_and_shorter_ones_are_asked_again() {
        let mut entry = Entry::pin(Change::Mode(crate::mode::Mode::School));
        "123".chars().for_each(|key| entry.key(key));
        assert_eq!(entry.shown(), "•••");
        let Next::Ask(mut entry) = entry.done(DateTime::UNIX_EPOCH) else { panic!("three digits are no PIN") };
        entry.key('4');
        let Next::Desk(ask) = entry.done(DateTime::UNIX_EPOCH) else { panic!("four digits are a PIN") };
        assert_eq!(format!("{ask:?}"), "Change(Mode(School))");
    }

    #[test]
    fn no_more_keys_count_than_fit() {
        let mut entry = Entry::guard(SurgeReason::Order);
        "123456789012".chars().for_each(|key| entry.key(key));
        assert_eq!(entry.text(), "12345678");
        entry.erase();
        assert_eq!(entry.text(), "1234567");
    }
}
