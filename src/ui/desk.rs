//! What the window asks of the desk, and what the desk says: everything of a guard's day that is about no visitor.
//!
//! The desk is a thread that may take its time: it reads the index, checks a PIN, draws a code. The window asks and goes on
//! drawing; the answer stands in the next `DeskShown`.

use std::sync::Arc;

use checkpoint::passage::{Location, Outcome};
use checkpoint::screen::{GuardNumber, Totals};
use checkpoint::statistics::Statistics;
use chrono::{DateTime, Days, NaiveDate, Utc};
use zeroize::Zeroizing;

use super::journal::JournalShown;
use super::view::Question;
use crate::mode::{Mode, Ways};
use crate::practice::Case;

/// What the guard asks for.
#[derive(Clone, PartialEq)]
pub enum DeskAsk {
    /// Statistics of this time, as seen from a day.
    Figures(Span, NaiveDate),
    /// The code of this place.
    PlaceCode,
    /// The files of its poster.
    SavePlaceCode,
    /// The poster on paper.
    PrintPlaceCode,
    /// Play a sound.
    TrySound,
    /// A guard takes over, now.
    ShiftBegins(GuardNumber, DateTime<Utc>),
    /// What passed since the shift began.
    ShiftFigures,
    /// The guard leaves, now.
    ShiftEnds,
    /// A checklist is done: its number in the list, what is in order, who says so, and when.
    Checked(usize, Vec<bool>, GuardNumber, DateTime<Utc>),
    /// Look whether there are other places to choose from.
    Places,
    /// Stand at the place of this code.
    Stand(String),
    /// Play the codes of this exercise.
    Practise(usize),
    /// Work in another way; the digits of the PIN allow it.
    Change(Change, Pin),
}

/// What takes a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another mode.
    Mode(Mode),
    /// Other rule sets, by their ids.
    Rules(Vec<String>),
    /// Nothing yet: what the guard can do, on a screen that faces visitors.
    Open,
}

/// Digits that open what takes a PIN. Overwritten when they go, and never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(pub Zeroizing<String>);

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(..)")
    }
}

impl std::fmt::Debug for DeskAsk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Figures(span, today) => write!(f, "Figures({span:?}, {today})"),
            Self::PlaceCode => f.write_str("PlaceCode"),
            Self::SavePlaceCode => f.write_str("SavePlaceCode"),
            Self::PrintPlaceCode => f.write_str("PrintPlaceCode"),
            Self::TrySound => f.write_str("TrySound"),
            Self::ShiftBegins(guard, _) => write!(f, "ShiftBegins({})", guard.0),
            Self::ShiftFigures => f.write_str("ShiftFigures"),
            Self::ShiftEnds => f.write_str("ShiftEnds"),
            Self::Checked(list, done, guard, _) => write!(f, "Checked({list}, {done:?}, {})", guard.0),
            Self::Places => f.write_str("Places"),
            Self::Stand(place) => write!(f, "Stand({place})"),
            Self::Practise(exercise) => write!(f, "Practise({exercise})"),
            Self::Change(change, _) => write!(f, "Change({change:?})"),
        }
    }
}

/// What the desk knows, as the window draws it.
#[derive(Clone, Default)]
pub struct DeskShown {
    /// What the kiosk is used for.
    pub mode: Mode,
    /// And what that changes.
    pub ways: Ways,
    /// Places to choose from: those that were chosen last come first.
    pub places: Vec<PlaceShown>,
    /// The authority signed them.
    pub places_signed: bool,
    /// Rule sets that are known here, and whether each is required.
    pub rules: Vec<(String, bool)>,
    /// Statistics of the time that was asked for last.
    pub figures: Option<Figures>,
    /// The code of this place.
    pub place_code: Option<Question>,
    /// What became of the poster.
    pub poster: Option<Poster>,
    /// The printer that prints it; `None` where there is none.
    pub printer: Option<String>,
    /// Who is on duty, and since when.
    pub shift: Option<Shift>,
    /// What passed since the shift began.
    pub shift_figures: Option<Totals>,
    /// Checklists of this place.
    pub checklists: Vec<Checklist>,
    /// What guards learn with; nothing where nobody learns.
    pub practice: Arc<[Exercise]>,
    /// Whether a sound can be played.
    pub sound: bool,
    /// What became of the PIN that was typed last.
    pub pin: PinSays,
    /// Grows with every change that a PIN allowed.
    pub changes: u64,
    /// Grows whenever a PIN opened what the guard can do.
    pub opened: u64,
    /// A restart ended training: said until somebody touches the screen.
    pub training_over: bool,
    /// What the start found of the journal.
    pub journal: Option<JournalShown>,
    /// Versions and names: the message's name after `about-`, and a value.
    pub about: Vec<(&'static str, String)>,
}

/// What became of a location code's poster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poster {
    /// Its files are in this folder of the stick.
    OnStick(String),
    /// There is no stick: they are in this folder of the kiosk itself.
    Here(String),
    /// The printer of this name has it.
    Printed(String),
    /// It could not be made, saved or printed: why.
    Failed(String),
}

/// Which days statistics are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// Since midnight (+07:00).
    #[default]
    Today,
    /// The day before.
    Yesterday,
    /// Seven days, today among them.
    Week,
}

impl Span {
    /// Every one, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Today, Self::Yesterday, Self::Week];

    /// The message's name after `span-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::Week => "week",
        }
    }

    /// The first day and the last.
    pub fn days(self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let before = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (before(1), before(1)),
            Self::Week => (before(6), today),
        }
    }
}

/// A place to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceShown {
    /// Where.
    pub location: Location,
    /// In which part of the province; empty where it is not said.
    pub region: String,
}

/// Statistics of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Which days.
    pub span: Span,
    /// Seen from this day (+07:00).
    pub today: NaiveDate,
    /// What they say.
    pub statistics: Statistics,
}

/// Who is on duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The number on the badge.
    pub guard: GuardNumber,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A daily safety checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checklist {
    /// Its name in each language, by tag.
    pub title: Vec<(String, String)>,
    /// What is looked at, in each language.
    pub items: Vec<Vec<(String, String)>>,
    /// The day on which it was done last.
    pub done: Option<NaiveDate>,
}

impl Checklist {
    /// The text in a language; else in the first one.
    pub fn text<'a>(texts: &'a [(String, String)], language: &str) -> &'a str {
        let own = texts.iter().find(|(tag, _)| tag == language);
        own.or(texts.first()).map_or("", |(_, text)| text)
    }
}

/// Codes that guards learn with: to be shown to another kiosk, or played here.
#[derive(Clone)]
pub struct Exercise {
    /// The message's name after `practice-`.
    pub id: String,
    /// Its outcome with the rule sets that most places require, for the sign on its button.
    pub outcome: Outcome,
    /// Its codes, in the order in which they are shown.
    pub codes: Vec<Question>,
}

impl Exercise {
    /// The case as it is drawn; `None` where its outcome is no outcome or a text can be no code.
    pub fn of(case: &Case) -> Option<Self> {
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == case.outcome)?;
        let codes = case.codes.iter().map(|text| Question::of(text, None)).collect::<Option<_>>()?;
        Some(Self { id: case.id.clone(), outcome, codes })
    }
}

/// What became of a PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinSays {
    /// None was typed, or it was right.
    #[default]
    Nothing,
    /// It is being checked.
    Checking,
    /// It is wrong; so many more tries before it is locked.
    Wrong { tries_left: u32 },
    /// Too many tries: locked for so many seconds.
    Locked { secs: u64 },
    /// Nobody has set one.
    NotSet,
    /// It was right, and a group is being gathered or the checkpoint stands open: that is ended first.
    Engaged,
    /// It was right, and what it was to allow could not be done: the journal could not keep it.
    NotKept,
}
