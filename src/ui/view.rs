//! The whole screen: where everything stands, and what was pressed.

mod middle;
mod plan;

use std::time::Duration;

use checkpoint::screen::{Fault, GuardAction, Screen};
use chrono::{DateTime, Utc};
use egui::accesskit::Role;
use egui::{Align2, Rect, Ui};
pub use middle::{Card, Middle, Question, Subject};
pub use plan::{FAULTS_MAX, Plan, fault_height};

use super::aim::Aim;
use super::bar::bar_ui;
use super::desk::{DeskAsk, DeskShown};
use super::icons;
use super::pages::{Page, inside_ui};
use super::panels::{Panel, panel_ui};
use super::picture::{CameraTouch, Picture, Tools, picture_ui};
use super::stage::{due_ui, gathering_ui, head_ui, noted_ui, open_ui, out_of_service_ui, verdict_ui, waiting_ui};
use super::status::{faults_ui, place_ui, totals_ui, trust_ui};
use super::text::{self, Type};
use super::theme::{Look, Scale, TextSize, Theme, Weight};
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

    /// A group is being gathered or the checkpoint stands open: place and mode stay until the guard ends it.
    pub fn is_engaged(&self) -> bool {
        self.screen.party.is_some() || matches!(self.middle, Middle::Open(_))
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
    /// How many pages of a long list were turned.
    pub turned: usize,
    about: Subject,
}

impl Local {
    /// A window that has shown nothing yet.
    pub fn new(language: Language) -> Self {
        let (look, text) = (Look::default(), TextSize::default());
        Self { language, look, text, panel: Panel::Closed, ticks: None, turned: 0, about: Subject::Waiting }
    }

    /// Nobody has touched the screen for a while: what was opened or half typed goes.
    pub fn rest(&mut self) {
        self.panel = Panel::Closed;
    }

    /// Another subject closes a choice that was begun for the one before: nobody is let pass by mistake. What was half typed about a
    /// visitor stays. Says whether the subject is another one.
    pub fn follow(&mut self, subject: Subject) -> bool {
        let changed = self.about != subject;
        if changed {
            self.about = subject;
            self.turned = 0;
            let is_typed = matches!(&self.panel, Panel::Entry(entry) if entry.is_about_visitor() && !entry.is_empty());
            if !is_typed || matches!(subject, Subject::OutOfService | Subject::Open) {
                self.panel = Panel::Closed;
            }
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

    let mut looks = None;
    if place_ui(ui, plan.place, view, &scale) {
        (local.panel, local.turned) = (Panel::Page(Page::Places(None)), 0);
        looks = Some(DeskAsk::Places.into());
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
        let mut asked = None;
        match &view.middle {
            Middle::Waiting => {
                let rest = due_ui(ui, plan.stage, view, local, &scale);
                asked = waiting_ui(ui, rest, view, &scale);
            }
            Middle::Gathering(gathering) => gathering_ui(ui, plan.stage, gathering, view, &scale),
            Middle::Decided(card) => verdict_ui(ui, plan.stage, card, view, &scale),
            Middle::Open(open) => open_ui(ui, plan.stage, open, view, &scale),
            Middle::Head(head) => head_ui(ui, plan.stage, head, view, &scale),
            Middle::Noted(noted) => noted_ui(ui, plan.stage, noted, view, &scale),
            Middle::Inside(inside) => asked = inside_ui(ui, plan.stage, inside, &mut local.turned, view, &scale),
            Middle::OutOfService(fault) => out_of_service_ui(ui, plan.stage, *fault, view, &scale),
        }
        asked
    };
    chosen.or(looks).or(bar_ui(ui, plan.bar, view, local, &scale).map(Press::Guard)).or(touched.map(Press::Camera))
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
