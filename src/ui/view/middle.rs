//! What stands in the middle, as it is drawn, and what a press there is about.

use std::time::Duration;

use checkpoint::passage::{Outcome, PassageId};
use checkpoint::screen::{Fault, Gathering, HeadShown, InsideShown, Noted, Open, Shown, Stage, Who};
use checkpoint::verdict::{Advice, Reason};
use chrono::{DateTime, Utc};
use qrcode::{Color, EcLevel, QrCode};

/// What stands in the middle, as it is drawn.
#[derive(Clone, Copy)]
pub enum Middle<'a> {
    /// Nobody is being checked.
    Waiting,
    /// Something is missing.
    Gathering(&'a Gathering),
    /// A verdict that is on disk.
    Decided(Card<'a>),
    /// The checkpoint stands open.
    Open(&'a Open),
    /// The signed head of the journal, for another kiosk.
    Head(&'a HeadShown),
    /// What became of another kiosk's.
    Noted(&'a Noted),
    /// Who is still inside.
    Inside(&'a InsideShown),
    /// The kiosk cannot work.
    OutOfService(Fault),
}

impl<'a> From<&'a Stage> for Middle<'a> {
    fn from(stage: &'a Stage) -> Self {
        match stage {
            Stage::Waiting => Self::Waiting,
            Stage::Gathering(gathering) => Self::Gathering(gathering),
            Stage::Decided(shown) => Self::Decided(Card::from(shown.as_ref())),
            Stage::Open(open) => Self::Open(open),
            Stage::Head(head) => Self::Head(head),
            Stage::Noted(noted) => Self::Noted(noted),
            Stage::Inside(inside) => Self::Inside(inside),
            Stage::OutOfService(fault) => Self::OutOfService(*fault),
        }
    }
}

impl Middle<'_> {
    /// What a press is about: the same for every pass of one stage, another for the next visitor.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Waiting => Subject::Waiting,
            Self::Gathering(_) => Subject::Gathering,
            Self::Decided(card) => Subject::Decided(card.passage),
            Self::Open(_) => Subject::Open,
            Self::Head(_) => Subject::Head,
            Self::Noted(_) => Subject::Noted,
            Self::Inside(_) => Subject::Inside,
            Self::OutOfService(_) => Subject::OutOfService,
        }
    }
}

/// What a press is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Waiting,
    Gathering,
    Decided(PassageId),
    Open,
    Head,
    Noted,
    Inside,
    OutOfService,
}

/// A verdict as it is drawn. There is none without the passage that makes it durable.
#[derive(Clone, Copy)]
pub struct Card<'a> {
    /// The record behind it.
    pub passage: PassageId,
    /// Colour, shape and word.
    pub outcome: Outcome,
    /// Why not.
    pub reason: Option<&'a Reason>,
    /// What the guard does next.
    pub advice: Advice,
    /// Whom it is about.
    pub who: Option<&'a Who>,
    /// Until when an admission holds.
    pub holds_until: Option<DateTime<Utc>>,
    /// Why the last code, shown while this stands, changed nothing.
    pub notice: Option<&'a Reason>,
    /// The guard holds the screen.
    pub held: bool,
    /// How long it still stands.
    pub remaining: Option<Duration>,
}

impl Card<'_> {
    /// Whether it is about one person: of nobody, or of a group, the guard cannot say that it is another.
    pub fn names_somebody(&self) -> bool {
        matches!(self.who, Some(Who::Named { .. } | Who::Listed(_) | Who::Masked))
    }
}

impl<'a> From<&'a Shown> for Card<'a> {
    fn from(shown: &'a Shown) -> Self {
        Self {
            passage: shown.passage(),
            outcome: shown.outcome(),
            reason: shown.reason(),
            advice: shown.advice(),
            who: shown.who(),
            holds_until: shown.holds_until(),
            notice: shown.last_notice(),
            held: shown.held(),
            remaining: shown.remaining(),
        }
    }
}

/// The modules of the code for the visitor's app.
#[derive(Clone)]
pub struct Question {
    text: String,
    /// Row by row; `true` is dark.
    pub dark: Vec<bool>,
    /// Modules of a side.
    pub side: usize,
}

impl Question {
    /// Draws the code of this text, or keeps the one that is drawn already. `None` where it cannot be a code.
    pub fn of(text: &str, drawn: Option<Self>) -> Option<Self> {
        if let Some(drawn) = drawn.filter(|drawn| drawn.text == text) {
            return Some(drawn);
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let dark = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        Some(Self { text: text.to_owned(), dark, side: code.width() })
    }
}
