//! The whole screen: where everything stands, and what was pressed.

use std::time::Duration;

use checkpoint::passage::{Outcome, PassageId};
use checkpoint::screen::{Fault, Gathering, GuardAction, HeadShown, Noted, Open, Screen, Shown, Stage, Who};
use checkpoint::verdict::{Advice, Reason};
use chrono::{DateTime, Utc};
use egui::accesskit::Role;
use egui::{Align2, Rect, Ui};
use qrcode::{Color, EcLevel, QrCode};

use super::aim::Aim;
use super::bar::bar_ui;
use super::desk::{DeskAsk, DeskShown};
use super::pages::Page;
use super::panels::{Panel, panel_ui};
use super::picture::{CameraTouch, Picture, Tools, picture_ui};
use super::stage::{gathering_ui, head_ui, noted_ui, open_ui, out_of_service_ui, verdict_ui, waiting_ui};
use super::status::{faults_ui, place_ui, totals_ui, trust_ui};
use super::text::{self, Type};
use super::theme::{Look, Scale, TextSize, Theme, Weight};
use super::{icons, text::rect};
use crate::mode::Ways;
use crate::words::{Language, Words};

/// What one pass draws. Borrowed: the window keeps one copy of a name and no more.
pub struct View<'a> {
    /// Everything around the middle.
    pub screen: &'a Screen,
    /// What stands in the middle.
    pub middle: Middle<'a>,
    /// Time since the lane made the screen: what remains grows shorter by it.
    pub since: Duration,
    /// The newest picture.
    pub picture: Option<&'a Picture>,
    /// What was found in it.
    pub aim: Option<&'a Aim>,
    /// What can be done to the camera.
    pub tools: Tools,
    /// The code for the visitor's app, drawn from `screen.question`.
    pub question: Option<&'a Question>,
    /// What the desk knows.
    pub desk: &'a DeskShown,
    /// Texts.
    pub words: &'a Words,
    /// Colours and sizes.
    pub theme: &'a Theme,
}

impl View<'_> {
    /// The clock's time now.
    pub fn now(&self) -> DateTime<Utc> {
        self.screen.clock + self.since
    }

    /// What is left of a time that the lane gave, in whole seconds, rounded up: 0 means it is over.
    pub fn seconds_left(&self, remaining: Duration) -> i64 {
        remaining.saturating_sub(self.since).as_millis().div_ceil(1000) as i64
    }

    /// What is wrong, without what stands in the middle anyway.
    pub fn faults(&self) -> impl Iterator<Item = Fault> + Clone {
        let shown = match self.middle {
            Middle::OutOfService(fault) => Some(fault),
            _ => None,
        };
        self.screen.faults.iter().copied().filter(move |fault| Some(*fault) != shown)
    }
}

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
            Stage::OutOfService(fault) => Self::OutOfService(*fault),
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
        matches!(self.who, Some(Who::Named { .. } | Who::Masked))
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

/// What only the window knows. Of a visitor, only what the guard is typing.
#[derive(Clone)]
pub struct Local {
    /// The language of the texts.
    pub language: Language,
    /// How the screen is dressed.
    pub look: Look,
    /// How large texts are.
    pub text: TextSize,
    /// What the guard has opened over the middle.
    pub panel: Panel,
    /// What is ticked of a checklist that is not done yet: a visitor may come in between.
    pub ticks: Option<(usize, Vec<bool>)>,
    about: Subject,
}

impl Local {
    /// A window that has shown nothing yet.
    pub fn new(language: Language) -> Self {
        let (look, text) = (Look::default(), TextSize::default());
        Self { language, look, text, panel: Panel::Closed, ticks: None, about: Subject::Waiting }
    }

    /// Nobody has touched the screen for a while: what was opened or half typed goes. A screen that visitors use goes back to its
    /// language.
    pub fn rest(&mut self, home: Option<Language>) {
        self.panel = Panel::Closed;
        if let Some(home) = home {
            self.language = home;
        }
    }

    /// Another subject closes a choice that was begun for the one before: nobody is let pass by mistake. Says whether
    /// the subject is another one.
    pub fn follow(&mut self, subject: Subject) -> bool {
        let changed = self.about != subject;
        if changed {
            self.about = subject;
            self.panel = Panel::Closed;
        }
        changed
    }
}

/// What was pressed.
#[derive(Clone, Debug, PartialEq)]
pub enum Press {
    /// For the lane.
    Guard(GuardAction),
    /// For the camera.
    Camera(CameraTouch),
    /// For the desk.
    Desk(DeskAsk),
}

impl From<DeskAsk> for Press {
    fn from(ask: DeskAsk) -> Self {
        Self::Desk(ask)
    }
}

/// Draws everything into `ui` and returns what was pressed.
pub fn screen_ui(ui: &mut Ui, view: &View<'_>, local: &mut Local) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    let whole = ui.max_rect();
    let scale = Scale::new(whole.size(), sizes);
    ui.painter().rect_filled(whole, 0.0, paint.ground);

    let camera_fault = view.faults().find(|fault| is_camera(*fault));
    let faults: Vec<_> = view.faults().filter(|fault| Some(*fault) != camera_fault).collect();
    let ways = &view.desk.ways;
    let banner = view.screen.demo || !ways.records;
    let plan = Plan::new(whole, &scale, view.theme, ways, banner, faults.len());

    if place_ui(ui, plan.place, view, &scale) {
        local.panel = Panel::Page(Page::Places);
    }
    if let Some(place) = plan.demo {
        demo_ui(ui, place, view, &scale);
    }
    let wide = local.panel.is_wide();
    let mut touched = None;
    if !wide {
        touched = picture_ui(ui, plan.picture, view, camera_fault, &scale);
        if !ways.faces_visitor {
            totals_ui(ui, plan.totals, &view.screen.totals, view.words, view.theme, &scale);
        }
        match plan.faults {
            Some(place) => faults_ui(ui, place, &faults, view.words, view.theme, &scale),
            None if ways.faces_visitor => {}
            None => trust_ui(ui, plan.trust, &view.screen.trust, view.words, view.theme, &scale),
        }
    }
    let chosen = if local.panel.is_open() {
        panel_ui(ui, if wide { plan.middle } else { plan.stage }, local, view, &scale)
    } else {
        match &view.middle {
            Middle::Waiting => waiting_ui(ui, plan.stage, view, &scale),
            Middle::Gathering(gathering) => gathering_ui(ui, plan.stage, gathering, view, &scale),
            Middle::Decided(card) => verdict_ui(ui, plan.stage, card, view, &scale),
            Middle::Open(open) => open_ui(ui, plan.stage, open, view, &scale),
            Middle::Head(head) => head_ui(ui, plan.stage, head, view, &scale),
            Middle::Noted(noted) => noted_ui(ui, plan.stage, noted, view, &scale),
            Middle::OutOfService(fault) => out_of_service_ui(ui, plan.stage, *fault, view, &scale),
        }
        None
    };
    chosen.or(bar_ui(ui, plan.bar, view, local, &scale).map(Press::Guard)).or(touched.map(Press::Camera))
}

/// Whether no picture comes: the last one is of the past.
pub fn has_no_picture(screen: &Screen) -> bool {
    screen.faults.iter().any(|fault| is_camera(*fault) && *fault != Fault::CameraDark)
}

/// Faults that stand where the picture would be.
fn is_camera(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::CameraMissing | Fault::CameraBusy | Fault::CameraWedged | Fault::CameraDark | Fault::RecordingEnded
    )
}

/// The authority is a demonstration, and nobody may take it for more.
fn demo_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    ui.painter().rect_filled(place, 0.0, paint.demo);
    let words = view.words.get(if view.desk.ways.records { "demo-banner" } else { "training-banner" });
    let style =
        Type::line(scale.of(20.0), sizes.smallest, Weight::ExtraBold, paint.demo_ink.into()).at(Align2::CENTER_CENTER);
    let middle = place.shrink2(egui::vec2(place.height() * 3.0, 0.0));
    let written = text::paint(ui, middle, &words, style).0;
    text::name(ui, written, ui.scope_id().with("demo"), Role::Alert, &words);
    let gap = place.height() * 0.5;
    for side in [place.with_max_x(written.left() - gap), place.with_min_x(written.right() + gap)] {
        icons::stripes(ui.painter(), side, paint.demo_ink.into());
    }
}

/// Where everything stands.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub place: Rect,
    pub demo: Option<Rect>,
    pub picture: Rect,
    pub totals: Rect,
    pub trust: Rect,
    /// In the place of the trust list's card: what is wrong with the list is a fault too.
    pub faults: Option<Rect>,
    /// Everything between the head and the bar.
    pub middle: Rect,
    pub stage: Rect,
    pub bar: Rect,
}

impl Plan {
    /// Divides `whole`: picture beside the verdict where it is wide, below it where it is high.
    pub fn new(whole: Rect, scale: &Scale, theme: &Theme, ways: &Ways, demo: bool, faults: usize) -> Self {
        let gap = scale.of(theme.sizes.gap);
        let (left, width) = (whole.left() + gap, whole.width() - 2.0 * gap);
        // Where the place is chosen, its line is a button.
        let high = if ways.picks_place { scale.touch() } else { scale.of(72.0) };
        let place = rect(whole.left(), whole.top(), whole.width(), high);
        let demo = demo.then(|| rect(whole.left(), place.bottom(), whole.width(), scale.of(36.0)));
        let top = demo.map_or(place.bottom(), |demo| demo.bottom()) + gap;
        let bar_rows = if scale.portrait { 2.0 } else { 1.0 };
        let bar_height = bar_rows * scale.touch() + (bar_rows - 1.0) * gap;
        let bar = rect(left, whole.bottom() - gap - bar_height, width, bar_height);
        let middle = Rect::from_min_max(egui::pos2(left, top), egui::pos2(left + width, bar.top() - gap));

        let (totals_height, trust_height) = (scale.of(122.0), scale.of(88.0));
        let rows = faults.min(FAULTS_MAX) as f32;
        // A line says how many more there are.
        let more = if faults > FAULTS_MAX { scale.of(30.0) } else { 0.0 };
        let faults_height = (rows > 0.0).then(|| rows * fault_height(scale) + (rows - 1.0) * gap * 0.5 + more);

        if scale.portrait {
            let stage = middle.with_max_y(middle.top() + middle.height() * 0.57);
            // Faults need the whole width.
            let faults_place = faults_height.map(|height| middle.with_min_y(middle.bottom() - height));
            let bottom = faults_place.map_or(middle.bottom(), |faults| faults.top() - gap);
            let row = middle.with_min_y(stage.bottom() + gap).with_max_y(bottom);
            let picture = row.with_max_x(row.left() + row.width() * if ways.faces_visitor { 1.0 } else { 0.52 });
            let side = row.with_min_x(picture.right() + gap);
            let trust = side.with_min_y(side.bottom() - trust_height.min(side.height() * 0.42));
            let totals = if faults_place.is_some() { side } else { side.with_max_y(trust.top() - gap) };
            Self { place, demo, picture, totals, trust, faults: faults_place, middle, stage, bar }
        } else {
            // Visitors look for themselves in the picture.
            let part = if ways.faces_visitor { 0.46 } else { 0.36 };
            let column = middle.with_max_x(middle.left() + middle.width() * part);
            let stage = middle.with_min_x(column.right() + gap);
            let trust = column.with_min_y(column.bottom() - faults_height.unwrap_or(trust_height));
            let totals = rect(left, trust.top() - gap - totals_height, column.width(), totals_height);
            let picture = column.with_max_y(match (ways.faces_visitor, faults_height) {
                (false, _) => totals.top() - gap,
                (true, Some(_)) => trust.top() - gap,
                (true, None) => column.bottom(),
            });
            Self { place, demo, picture, totals, trust, faults: faults_height.map(|_| trust), middle, stage, bar }
        }
    }
}

/// Height of one fault's card: two lines in the smallest letters always fit.
pub fn fault_height(scale: &Scale) -> f32 {
    scale.of(84.0).max(76.0)
}

/// As many faults as are written out; the others are counted.
pub const FAULTS_MAX: usize = 1;
