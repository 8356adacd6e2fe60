//! The window at work: takes what is new, draws it, sends on what was pressed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use checkpoint::screen::{GuardAction, Screen, Stage};
use egui::{Context, RawInput, ViewportCommand};

use super::aim::Aim;
use super::desk::DeskShown;
use super::handle::{Shared, lock};
use super::journal::JournalShown;
use super::latency::Drawing;
use super::panels::Panel;
use super::picture::{CameraTouch, Picture, Tools};
use super::screenshots::ScreenCamera;
use super::theme::{Look, TextSize, Theme, ThemeFile};
use super::view::{self, Local, Middle, Press, Question, View, screen_ui};
use super::{Options, Outbox, prepare, wedge};
use crate::memory::wipe_stack;
use crate::words::{Language, Words};

/// A panel that nobody touches for so long closes: what was half typed is somebody's name, and the next visitor waits.
const PANEL_IDLE: Duration = Duration::from_secs(60);

/// How long the waiting screen says what a start found of the journal, unless somebody touches it.
const JOURNAL_TOLD: Duration = Duration::from_secs(60);

/// How often the lane hears that the guard still types.
const TYPES_EVERY: Duration = Duration::from_secs(2);

/// Presses that come so soon after a change were meant for what stood there before.
const PRESS_AGE_MIN: Duration = Duration::from_millis(300);

pub(super) struct Window {
    shared: Arc<Shared>,
    outbox: Outbox,
    file: ThemeFile,
    dpi: f32,
    theme: Theme,
    dressed: (Look, TextSize, f32),
    words: Words,
    local: Local,
    aim: Aim,
    tools: Tools,
    desk: DeskShown,
    screen: Option<(Screen, Instant)>,
    drawing: Option<Drawing>,
    changed: Option<Instant>,
    touched: Instant,
    /// When the lane was told last that the guard types.
    types: Option<Instant>,
    /// Since when the waiting screen says what the start found of the journal.
    told: Option<Instant>,
    /// Since when the waiting screen may say that a restart ended training.
    learnt: Option<Instant>,
    home: Language,
    language_for: Duration,
    question: Option<Question>,
    picture: Option<Picture>,
    camera: Option<ScreenCamera>,
}

impl Window {
    pub(super) fn new(
        context: &Context,
        shared: Arc<Shared>,
        outbox: Outbox,
        options: Options,
        camera: Option<ScreenCamera>,
    ) -> Self {
        prepare(context);
        // The handle may have been shown something already: it is taken in the first pass.
        let _ = shared.context.set(context.clone());
        let mut local = Local::new(options.language);
        (local.look, local.text) = (options.look, options.text);
        let dressed = (options.look, options.text, options.dpi / context.pixels_per_point());
        Self {
            shared,
            outbox,
            theme: options.theme.dress(dressed.0, dressed.1, dressed.2),
            file: options.theme,
            dpi: options.dpi,
            dressed,
            words: Words::new(options.language),
            local,
            aim: Aim::default(),
            tools: Tools::default(),
            desk: DeskShown::default(),
            screen: None,
            drawing: None,
            changed: None,
            touched: Instant::now(),
            types: None,
            told: None,
            learnt: None,
            home: options.language,
            language_for: options.language_for,
            question: None,
            picture: None,
            camera,
        }
    }
}

impl Window {
    /// When a visitor's language goes back to the first one: some time after the visit and after the last touch. `None` while it is
    /// the first one, a visit lasts, or a guard looks at the screen.
    fn language_due(&self) -> Option<Duration> {
        let waits = self.screen.as_ref().is_some_and(|(screen, _)| screen.stage == Stage::Waiting);
        let due = self.desk.ways.faces_visitor && waits && self.local.language != self.home;
        let quiet = self.changed.map_or(Duration::MAX, |changed| changed.elapsed()).min(self.touched.elapsed());
        due.then(|| self.language_for.saturating_sub(quiet))
    }

    /// While the guard types what is about a visitor, the lane waits.
    fn tell_of_typing(&mut self, context: &Context) {
        let types = self.local.panel.is_about_visitor();
        let due = self.types.is_none_or(|told| told.elapsed() >= TYPES_EVERY);
        if if types { due } else { self.types.is_some() } {
            let _ = self.outbox.actions.send(GuardAction::Types(types));
            self.types = types.then(Instant::now);
        }
        if types {
            context.request_repaint_after(TYPES_EVERY);
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, context: &Context, frame: &mut eframe::Frame) {
        if self.shared.closing.load(Ordering::Relaxed) {
            context.send_viewport_cmd(ViewportCommand::Close);
        }
        // What the pass before left: it laid out a name perhaps.
        wipe_stack();
        if let Some(drawing) = self.drawing.take() {
            // Now it is known how long the graphics took too.
            drawing.log(Duration::from_secs_f32(frame.info().cpu_usage.unwrap_or_default()));
        }
        if let Some((screen, cause)) = lock(&self.shared.screen).take() {
            self.drawing = cause.map(Drawing::begin);
            if self.local.follow(Middle::from(&screen.stage).subject()) {
                self.changed = Some(Instant::now());
            }
            let drawn = self.question.take();
            self.question = screen.question.as_deref().and_then(|text| Question::of(text, drawn));
            self.screen = Some((screen, Instant::now()));
            // egui keeps the layout of texts for one pass more: one more pass, and a masked name is gone from it too.
            context.request_repaint_after(Duration::from_millis(40));
        }
        if context.input(|input| input.pointer.any_down() || input.pointer.any_released()) {
            self.touched = Instant::now();
        }
        if self.touched.elapsed() >= PANEL_IDLE {
            self.local.rest();
        }
        if self.language_due().is_some_and(|left| left.is_zero()) {
            // The visit is over, and the next visitor reads what most do.
            self.local.language = self.home;
        }
        let frame = lock(&self.shared.frame).take();
        if self.screen.as_ref().is_some_and(|(screen, _)| view::has_no_picture(screen)) {
            // The last picture may show somebody's card: it goes, also from the graphics card, and so does one that waited.
            self.picture = None;
        } else if let Some((frame, mirrored)) = frame {
            Picture::put(&mut self.picture, context, &frame, mirrored || self.desk.ways.faces_visitor);
        }
        self.aim.clone_from(&lock(&self.shared.aim));
        self.tools = *lock(&self.shared.tools);
        if let Some(desk) = lock(&self.shared.desk).take() {
            if desk.mode != self.desk.mode
                && let Some(look) = desk.ways.look
            {
                self.local.look = look;
            }
            if desk.changes != self.desk.changes {
                self.local.panel = Panel::Closed;
            }
            if desk.opened != self.desk.opened {
                self.local.panel = Panel::More;
            }
            if desk.ways.faces_visitor != self.desk.ways.faces_visitor {
                let _ = self.outbox.camera.send(CameraTouch::Facing(desk.ways.faces_visitor));
            }
            self.desk = desk;
        }
        // Once is enough, and it takes somebody who reads it.
        if self.desk.training_over {
            self.desk.training_over = self.touched <= *self.learnt.get_or_insert_with(Instant::now);
        }
        if let Some(journal) = lock(&self.shared.journal).clone() {
            let told = *self.told.get_or_insert_with(Instant::now);
            let read = self.touched > told || told.elapsed() >= JOURNAL_TOLD;
            if !read {
                context.request_repaint_after(JOURNAL_TOLD.saturating_sub(told.elapsed()));
            }
            self.desk.journal = Some(JournalShown { fresh: !read || journal.indexed.is_some(), ..journal });
        }
        let dressed = (self.local.look, self.local.text, self.dpi / context.pixels_per_point());
        if self.dressed != dressed {
            self.dressed = dressed;
            self.theme = self.file.dress(dressed.0, dressed.1, dressed.2);
        }
    }

    fn raw_input_hook(&mut self, context: &Context, input: &mut RawInput) {
        if context.text_edit_focused() {
            return;
        }
        for keystroke in wedge::take(input, Instant::now()) {
            let _ = self.outbox.keys.send(keystroke);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let Some((screen, since)) = &self.screen else {
            ui.painter().rect_filled(ui.max_rect(), 0.0, self.theme.paint.ground);
            return;
        };
        let view = View {
            screen,
            middle: Middle::from(&screen.stage),
            since: since.elapsed(),
            picture: self.picture.as_ref(),
            aim: Some(&self.aim),
            tools: self.tools,
            desk: &self.desk,
            question: self.question.as_ref(),
            words: &self.words,
            theme: &self.theme,
        };
        let since_change = self.changed.map_or(Duration::MAX, |changed| changed.elapsed());
        let was_open = self.local.panel.is_open();
        let pressed = screen_ui(ui, &view, &mut self.local);
        // What is typed outlives a change; everything else that is open was opened after it.
        let meant = was_open || since_change >= PRESS_AGE_MIN;
        if !meant && self.local.panel.is_open() {
            self.local.panel = Panel::Closed;
            ui.ctx().request_repaint();
        }
        ui.ctx().request_repaint_after(next_change(&view));
        if self.local.panel.is_open() {
            ui.ctx()
                .request_repaint_after(PANEL_IDLE.saturating_sub(self.touched.elapsed()) + Duration::from_millis(5));
        }
        if let Some(left) = self.language_due() {
            ui.ctx().request_repaint_after(left + Duration::from_millis(5));
        }
        self.drawing = self.drawing.filter(|_| matches!(view.middle, Middle::Decided(_))).map(Drawing::laid);
        if let Some(camera) = &mut self.camera {
            camera.look(ui.ctx(), &view);
        }
        match pressed {
            // The direction is about no visitor.
            Some(Press::Guard(action)) if meant || action == GuardAction::Turn => {
                let _ = self.outbox.actions.send(action);
            }
            Some(Press::Camera(touch)) => {
                let _ = self.outbox.camera.send(touch);
            }
            Some(Press::Desk(ask)) if meant => {
                let _ = self.outbox.desk.send(ask);
            }
            Some(Press::Guard(_) | Press::Desk(_)) | None => {}
        }
        self.tell_of_typing(ui.ctx());
        let redressed = (self.local.look, self.local.text) != (self.dressed.0, self.dressed.1);
        // What a guard opened with the PIN speaks to the guard.
        let to_visitor = self.desk.ways.faces_visitor && !self.local.panel.is_open();
        if redressed || self.words.language() != self.local.language || self.words.speaks_to_visitor() != to_visitor {
            self.words = Words::new(self.local.language).for_visitor(to_visitor);
            ui.ctx().request_repaint_after(Duration::from_millis(1));
        }
    }
}

/// When the screen looks different by time alone: a second less, or a minute more.
fn next_change(view: &View<'_>) -> Duration {
    const SECOND: u64 = 1000;
    let into_minute = view.now().timestamp_millis().rem_euclid(60_000) as u64;
    let minute = Duration::from_millis(60_000 - into_minute);
    let remaining = match &view.middle {
        Middle::Gathering(gathering) => Some(gathering.remaining),
        Middle::Decided(card) if !card.held => card.remaining,
        Middle::Decided(_)
        | Middle::Waiting
        | Middle::Open(_)
        | Middle::Head(_)
        | Middle::Noted(_)
        | Middle::Inside(_)
        | Middle::OutOfService(_) => None,
    };
    let left = remaining.unwrap_or_default().saturating_sub(view.since).as_millis() as u64;
    if left == 0 { minute } else { minute.min(Duration::from_millis(left % SECOND + 1)) }
}
