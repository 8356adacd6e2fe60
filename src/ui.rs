//! The window: draws a `Screen`, returns what was pressed, decides nothing.
//!
//! Other threads hand screens and pictures to a `WindowHandle`; presses and a scanner's keystrokes leave through channels.
//! Nobody waits: a slot holds the newest, the window takes it when it draws.

pub mod aim;
pub mod bar;
pub mod desk;
pub mod entry;
mod handle;
pub mod icons;
pub mod journal;
pub mod latency;
pub mod pages;
pub mod panels;
pub mod picture;
mod screenshots;
pub mod stage;
pub mod status;
pub mod text;
pub mod theme;
pub mod view;
pub mod wedge;
mod window;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::Duration;

use checkpoint::screen::GuardAction;
use egui::{Context, ViewportBuilder};

use crate::words::{Language, Words};
use desk::DeskAsk;
pub use handle::WindowHandle;
pub use latency::Cause;
use picture::CameraTouch;
use screenshots::ScreenCamera;
pub use screenshots::Screenshots;
use theme::{Look, TextSize, ThemeFile};
pub use wedge::{Keystroke, Stroke};
use window::Window;

/// How the window looks and what it keeps.
#[derive(Clone, Debug)]
pub struct Options {
    /// The whole screen, as at a checkpoint; otherwise a window.
    pub fullscreen: bool,
    /// Width and height of the window in points.
    pub size: [f32; 2],
    /// The language that it starts with.
    pub language: Language,
    /// How long after a visit a screen that faces visitors keeps the language that one of them chose.
    pub language_for: Duration,
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
            language_for: Duration::from_secs(15),
            theme: ThemeFile::built_in(),
            look: Look::default(),
            text: TextSize::default(),
            dpi: 0.0,
            screenshots: None,
        }
    }
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
