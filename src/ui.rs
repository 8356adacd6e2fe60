//! The window: draws a `Screen`, returns what was pressed, decides nothing.
//!
//! Other threads hand screens and pictures to a `WindowHandle`; presses and a scanner's keystrokes leave through channels.
//! Nobody waits: a slot holds the newest, the window takes it when it draws.

pub mod aim;
pub mod bar;
pub mod desk;
pub mod entry;
pub mod icons;
pub mod pages;
pub mod panels;
pub mod picture;
pub mod stage;
pub mod status;
pub mod text;
pub mod theme;
pub mod view;
pub mod wedge;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use checkpoint::screen::{GuardAction, Screen};
use egui::{ColorImage, Context, RawInput, ViewportBuilder, ViewportCommand};

use crate::frame::Frame;
use crate::memory::wipe_stack;
use crate::words::{Language, Words};
use aim::Aim;
use desk::{DeskAsk, DeskShown};
use picture::{CameraTouch, Picture, Tools};
use theme::{Look, TextSize, Theme, ThemeFile};
use view::{Local, Middle, Press, Question, Subject, View, screen_ui};
pub use wedge::{Keystroke, Stroke};

/// Hands screens and pictures to the window, from any thread, before it opens or after. Clones are the same window.
#[derive(Clone, Default)]
pub struct WindowHandle {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    screen: Mutex<Option<(Screen, Option<Cause>)>>,
    frame: Mutex<Option<(Frame, bool)>>,
    aim: Mutex<Aim>,
    tools: Mutex<Tools>,
    desk: Mutex<Option<DeskShown>>,
    closing: AtomicBool,
    context: OnceLock<Context>,
}

impl WindowHandle {
    /// Shows this screen from now on. One that was not drawn yet is dropped.
    pub fn show(&self, screen: Screen) {
        self.show_because(screen, None);
    }

    /// The same, of a screen that a frame led to: how long that took is logged once it is drawn.
    pub fn show_because(&self, screen: Screen, cause: Option<Cause>) {
        let mut slot = lock(&self.shared.screen);
        // A screen that was dropped before it was drawn leaves its cause: the delay counts from the first frame.
        let cause = slot.take().and_then(|(_, cause)| cause).or(cause);
        *slot = Some((screen, cause));
        drop(slot);
        self.wake();
    }

    /// Shows this picture from now on, as in a mirror where the camera faces whoever looks at the screen. One that was not
    /// drawn yet is dropped.
    pub fn picture(&self, frame: Frame, mirrored: bool) {
        *lock(&self.shared.frame) = Some((frame, mirrored));
        self.wake();
    }

    /// Says what was found in the picture. Nothing is drawn anew where it is the same as before.
    pub fn aim(&self, aim: &Aim) {
        let mut known = lock(&self.shared.aim);
        if *known != *aim {
            known.clone_from(aim);
            drop(known);
            self.wake();
        }
    }

    /// Says what can be done to the camera.
    pub fn tools(&self, tools: Tools) {
        *lock(&self.shared.tools) = tools;
        self.wake();
    }

    /// Shows what the desk knows from now on.
    pub fn desk(&self, shown: DeskShown) {
        *lock(&self.shared.desk) = Some(shown);
        self.wake();
    }

    /// What the desk showed last, where no window took it.
    #[cfg(test)]
    pub(crate) fn desk_shown(&self) -> Option<DeskShown> {
        lock(&self.shared.desk).clone()
    }

    /// Closes the window: `run` returns.
    pub fn close(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        self.wake();
    }

    fn wake(&self) {
        if let Some(context) = self.shared.context.get() {
            // `request_repaint` would paint two passes a call.
            context.request_repaint_after(Duration::from_millis(1));
        }
    }
}

/// What a screen came of.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// When the program had the frame with the code.
    pub frame: Instant,
    /// How long the journal took until the passage was durable.
    pub synced: Duration,
}

/// A slot is whole at any time, also after a panic of whoever held it.
fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the window looks and what it keeps.
#[derive(Clone, Debug)]
pub struct Options {
    /// The whole screen, as at a checkpoint; otherwise a window.
    pub fullscreen: bool,
    /// Width and height of the window in points.
    pub size: [f32; 2],
    /// The language that it starts with.
    pub language: Language,
    /// Colours and sizes.
    pub theme: ThemeFile,
    /// How the screen is dressed at the start.
    pub look: Look,
    /// How large texts are at the start.
    pub text: TextSize,
    /// Dots an inch of the display, as measured; 0 where nobody did.
    pub dpi: f32,
    /// Where pictures of the screen go, if they are asked for. They show what the screen shows: names too.
    pub screenshots: Option<Screenshots>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fullscreen: true,
            size: [1280.0, 800.0],
            language: Language::default(),
            theme: ThemeFile::built_in(),
            look: Look::default(),
            text: TextSize::default(),
            dpi: 0.0,
            screenshots: None,
        }
    }
}

/// Pictures of the screen, one for each new thing in its middle: `001-waiting.png`, `002-admit.png`, ...
#[derive(Clone, Debug)]
pub struct Screenshots {
    /// The folder; it is made if it is missing.
    pub folder: PathBuf,
    /// The window closes after this many.
    pub count_max: Option<usize>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum UiFault {
    /// Nothing to draw on.
    #[error(
        "no display: neither DISPLAY nor WAYLAND_DISPLAY is set; start the kiosk from a graphical session, or play it \
         without a window"
    )]
    NoDisplay,
    /// The display does not take us.
    #[error(
        "the window could not be opened: {0}; check that the display server runs, that this user may use it, and that \
         its OpenGL libraries are installed (Debian: libgl1 libegl1 libgl1-mesa-dri)"
    )]
    Refused(String),
    /// A library of the window gave up.
    #[error(
        "the window broke down: {0}; under Wayland check that libwayland-egl1 and libxkbcommon0 are installed, under \
         X11 libx11-xcb1, libxcursor1, libxi6, libxrandr2 and libxkbcommon-x11-0"
    )]
    Broken(String),
    /// The folder for pictures of the screen.
    #[error("pictures of the screen cannot be kept in {folder}: {source}; choose a folder that can be written")]
    Screenshots {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Where what is pressed and typed goes.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// For the lane.
    pub actions: Sender<GuardAction>,
    /// For the camera.
    pub camera: Sender<CameraTouch>,
    /// For the desk.
    pub desk: Sender<DeskAsk>,
    /// A scanner's keystrokes.
    pub keys: Sender<Keystroke>,
}

/// Opens the window and returns when it is closed. Must be called from the main thread.
///
/// Presses that are for the lane go to `actions`, those for the camera to `camera`, a scanner's keystrokes to `keys`; a receiver
/// that is gone is not missed.
///
/// # Errors
/// `UiFault`: there is no display, or it broke down. The lane can go on without a window.
pub fn run(handle: &WindowHandle, outbox: Outbox, options: Options) -> Result<(), UiFault> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(set) {
        return Err(UiFault::NoDisplay);
    }
    let camera = match &options.screenshots {
        Some(screenshots) => Some(ScreenCamera::new(screenshots, handle.clone())?),
        None => None,
    };
    let viewport = ViewportBuilder::default()
        .with_app_id("kiosk")
        .with_title(Words::new(options.language).get("app-title"))
        .with_inner_size(options.size)
        .with_fullscreen(options.fullscreen);
    let native = eframe::NativeOptions { viewport, ..Default::default() };
    let shared = handle.shared.clone();
    let opened_once = shared.clone();
    let opened = AssertUnwindSafe(move || {
        eframe::run_native(
            "kiosk",
            native,
            Box::new(move |created| Ok(Box::new(Window::new(&created.egui_ctx, shared, outbox, options, camera)))),
        )
    });
    // Libraries below panic where a system library is missing.
    match catch_unwind(opened) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(UiFault::Refused(error.to_string())),
        Err(panic) => {
            // Once the window stands, a message that was made at run time may quote what it showed.
            let made = panic.downcast_ref::<String>().filter(|_| opened_once.context.get().is_none());
            let text = panic.downcast_ref::<&'static str>().copied().or(made.map(String::as_str));
            Err(UiFault::Broken(text.unwrap_or("a library panicked").to_owned()))
        }
    }
}

/// Fonts and everything of egui's own that we do not want: once, before the first pass.
pub fn prepare(context: &Context) {
    context.set_fonts(theme::fonts());
    context.set_theme(egui::Theme::Light);
    context.all_styles_mut(|style| {
        // Selected text would be kept for the clipboard.
        style.interaction.selectable_labels = false;
        style.animation_time = 0.0;
    });
    // Control with plus or minus would change the size; a scanner may type them.
    context.options_mut(|options| options.zoom_with_keyboard = false);
}

/// A panel that nobody touches for so long closes: what was half typed is somebody's name, and the next visitor waits.
const PANEL_IDLE: Duration = Duration::from_secs(60);

/// Presses that come so soon after a change were meant for what stood there before.
const PRESS_AGE_MIN: Duration = Duration::from_millis(300);

struct Window {
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
    cause: Option<Cause>,
    drawn: Option<(Duration, Duration)>,
    changed: Option<Instant>,
    touched: Instant,
    home: Language,
    question: Option<Question>,
    picture: Option<Picture>,
    camera: Option<ScreenCamera>,
}

impl Window {
    fn new(
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
            cause: None,
            drawn: None,
            changed: None,
            touched: Instant::now(),
            home: options.language,
            question: None,
            picture: None,
            camera,
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
        if let Some((total, synced)) = self.drawn.take() {
            // Now it is known how long the graphics took too.
            let painted = Duration::from_secs_f32(frame.info().cpu_usage.unwrap_or_default());
            let (drawn_ms, synced_ms) = (millis(total), millis(synced));
            tracing::debug!(target: "kiosk::latency", drawn_ms, synced_ms, pass_ms = millis(painted), "verdict");
        }
        if let Some((screen, cause)) = lock(&self.shared.screen).take() {
            self.cause = cause;
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
        let idle = self.touched.elapsed();
        if idle >= PANEL_IDLE {
            self.local.rest(self.desk.ways.faces_visitor.then_some(self.home));
        }
        if self.screen.as_ref().is_some_and(|(screen, _)| view::has_no_picture(screen)) {
            // The last picture may show somebody's card: it goes, also from the graphics card.
            self.picture = None;
        }
        if let Some((frame, mirrored)) = lock(&self.shared.frame).take() {
            Picture::put(&mut self.picture, context, &frame, mirrored);
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
                self.local.panel = panels::Panel::Closed;
            }
            self.desk = desk;
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
        let pressed = screen_ui(ui, &view, &mut self.local);
        ui.ctx().request_repaint_after(next_change(&view));
        if self.local.panel.is_open() {
            ui.ctx()
                .request_repaint_after(PANEL_IDLE.saturating_sub(self.touched.elapsed()) + Duration::from_millis(5));
        }
        if let Some(cause) = self.cause.take().filter(|_| matches!(view.middle, Middle::Decided(_))) {
            self.drawn = Some((cause.frame.elapsed(), cause.synced));
        }
        if let Some(camera) = &mut self.camera {
            camera.look(ui.ctx(), &view);
        }
        let since_change = self.changed.map_or(Duration::MAX, |changed| changed.elapsed());
        match pressed {
            Some(Press::Guard(action)) if is_meant(&action, since_change) => {
                let _ = self.outbox.actions.send(action);
            }
            Some(Press::Camera(touch)) => {
                let _ = self.outbox.camera.send(touch);
            }
            Some(Press::Desk(ask)) => {
                let _ = self.outbox.desk.send(ask);
            }
            Some(Press::Guard(_)) | None => {}
        }
        let redressed = (self.local.look, self.local.text) != (self.dressed.0, self.dressed.1);
        if redressed || self.words.language() != self.local.language {
            self.words = Words::new(self.local.language);
            ui.ctx().request_repaint_after(Duration::from_millis(1));
        }
    }
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

/// Whether a press can be about what stands in the middle now. The direction is about no visitor.
fn is_meant(action: &GuardAction, since_change: Duration) -> bool {
    *action == GuardAction::Turn || since_change >= PRESS_AGE_MIN
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
        | Middle::OutOfService(_) => None,
    };
    let left = remaining.unwrap_or_default().saturating_sub(view.since).as_millis() as u64;
    if left == 0 { minute } else { minute.min(Duration::from_millis(left % SECOND + 1)) }
}

/// Takes a picture of the screen for each new thing in its middle.
struct ScreenCamera {
    seen: Option<Subject>,
    // Passes to wait, so that everything is laid out.
    passes: Option<u32>,
    taken: usize,
    count_max: Option<usize>,
    handle: WindowHandle,
    writer: SyncSender<(String, Arc<ColorImage>)>,
}

impl ScreenCamera {
    fn new(screenshots: &Screenshots, handle: WindowHandle) -> Result<Self, UiFault> {
        let folder = screenshots.folder.clone();
        std::fs::create_dir_all(&folder).map_err(|source| UiFault::Screenshots { folder: folder.clone(), source })?;
        let (writer, pictures) = mpsc::sync_channel::<(String, Arc<ColorImage>)>(8);
        let (count_max, closing) = (screenshots.count_max, handle.clone());
        std::thread::spawn(move || {
            for (count, (name, picture)) in (1..).zip(pictures) {
                if let Err(error) = save(&folder.join(name), &picture) {
                    tracing::warn!(%error, folder = %folder.display(), "a picture of the screen was not kept");
                }
                if count_max == Some(count) {
                    closing.close();
                }
            }
        });
        Ok(Self { seen: None, passes: None, taken: 0, count_max, handle, writer })
    }

    fn look(&mut self, context: &Context, view: &View<'_>) {
        let subject = view.middle.subject();
        if self.seen != Some(subject) {
            self.seen = Some(subject);
            self.passes = Some(2);
        }
        match self.passes {
            Some(0) if self.count_max.is_none_or(|max| self.taken < max) => {
                self.passes = None;
                self.taken += 1;
                let name = format!("{:03}-{}.png", self.taken, stage_word(&view.middle));
                let (writer, handle) = (self.writer.clone(), self.handle.clone());
                context.request_screenshot(move |picture| {
                    // A writer that is behind loses pictures; the window does not wait for it.
                    let _ = writer.try_send((name, picture));
                    handle.wake();
                });
            }
            Some(0) | None => {}
            Some(passes) => {
                self.passes = Some(passes - 1);
                context.request_repaint_after(Duration::from_millis(20));
            }
        }
    }
}

/// The middle in one word, for names of pictures.
fn stage_word(middle: &Middle<'_>) -> &'static str {
    match middle {
        Middle::Waiting => "waiting",
        Middle::Gathering(_) => "gathering",
        Middle::Decided(card) => card.outcome.word(),
        Middle::Open(_) => "open",
        Middle::Head(_) => "head",
        Middle::Noted(_) => "noted",
        Middle::OutOfService(_) => "out-of-service",
    }
}

/// Writes a PNG.
fn save(path: &std::path::Path, picture: &ColorImage) -> Result<(), image::ImageError> {
    let [width, height] = picture.size;
    let rgb: Vec<u8> = picture.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    image::save_buffer(path, &rgb, width as u32, height as u32, image::ExtendedColorType::Rgb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_meant_for_the_visitor_before_is_dropped() {
        for (action, millis, expected) in [
            (GuardAction::Dismiss, 299, false),
            (GuardAction::Dismiss, 300, true),
            (GuardAction::Hold, 0, false),
            (GuardAction::Turn, 0, true),
        ] {
            assert_eq!(is_meant(&action, Duration::from_millis(millis)), expected, "{action:?} after {millis} ms");
        }
    }

    #[test]
    fn a_slot_holds_the_newest_and_outlives_a_panic() {
        let handle = WindowHandle::default();
        let other = handle.clone();
        let _ = std::thread::spawn(move || {
            let _held = other.shared.frame.lock();
            panic!("a thread that holds the slot breaks down");
        })
        .join();
        for sequence in 1..=3 {
            handle.picture(Frame::new(vec![0], 1, 1, sequence, Duration::ZERO).unwrap(), false);
        }
        assert_eq!(lock(&handle.shared.frame).take().map(|(frame, _)| frame.sequence), Some(3));
    }
}
