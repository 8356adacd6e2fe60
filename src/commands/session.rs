//! A kiosk at work: the threads of all rooms, joined by channels.
//!
//! camera → (slot of one frame, newest wins) → scan → (bounded queue) → lane, the sole writer of the journal; courier;
//! window. Verification never waits for a repaint, the window never waits for a disk.

mod asked_to_stop;
mod lane_thread;
mod mailbox;
mod timekeeper;
mod window_args;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use checkpoint::passage::day::Works;
use checkpoint::screen::Screen;
use chrono::{DateTime, Utc};
use lane_thread::{LaneThread, Live};
use mailbox::Read;
pub use mailbox::{Mailbox, Message};
pub use timekeeper::Timekeeper;
pub use window_args::WindowArgs;

use super::desk::{Desk, DeskSetup};
use super::eye::{self, Eye, EyeMessage};
use super::lane_loop::LaneLoop;
use crate::camera::{self, CameraState, Source, Taken};
use crate::scan::wedge::Wedge;
use crate::scan::{Scanned, Scanner};
use crate::signals::{Both, Lamps, Signal, Silent, Speaker};
use crate::ui::picture::Stillness;
use crate::ui::{self, Outbox, UiFault, WindowHandle};

/// Most messages that wait for the lane. Codes that find no room come again with the next picture.
const MESSAGES_MAX: usize = 64;

/// How often the window gets the newest picture: 30 a second is as smooth as a camera is.
const PICTURE_EVERY: Duration = Duration::from_millis(33);

/// How long nothing is shown while the journal is opened: mostly it takes milliseconds.
const PATIENCE: Duration = Duration::from_millis(400);

/// Everything a kiosk at work is made of.
pub struct Session {
    /// Where pictures come from.
    pub source: Source,
    /// Makes the lane with what it judges by and writes to, and its time. Called in the lane's own thread: a journal that is put in
    /// order after a power cut may take a while, and the window says so. It is told how the desk lets the kiosk work.
    pub prepare: Box<dyn FnOnce(Works) -> Result<(LaneLoop, Timekeeper), String> + Send>,
    /// What is shown where that takes longer.
    pub meanwhile: Screen,
    /// The calendar of a recording: when the newest picture was taken.
    pub calendar: Option<Arc<Mutex<DateTime<Utc>>>>,
    /// The window.
    pub window: ui::Options,
    /// Where the camera's lamp is.
    pub light: camera::LampSetting,
    /// The camera faces whoever looks at the screen.
    pub mirror: bool,
    /// Sounds.
    pub signals: Box<dyn Signal + Send>,
    /// What the guard's day is made of.
    pub desk: DeskSetup,
    /// Print each passage.
    pub print: bool,
    /// Close the window when the recording has ended.
    pub close_at_end: bool,
    /// Write what the camera sees.
    pub record: Option<camera::RecorderSettings>,
}

impl Session {
    /// Works until the window is closed, or the system asks to stop. `attend` gets the lane's mailbox before the first picture: the courier's way in.
    ///
    /// # Errors
    /// There is no window, or a thread could not be made.
    pub fn run(self, attend: impl FnOnce(Mailbox)) -> Result<(), Box<dyn std::error::Error>> {
        let (sender, messages) = sync_channel(MESSAGES_MAX);
        let mailbox = Mailbox::new(sender);
        asked_to_stop::listen(mailbox.clone())?;
        let window = WindowHandle::default();
        let stopping = Arc::new(AtomicBool::new(false));

        let has_sound = Speaker::find().is_some() && self.desk.config.sound;
        let (desk, works) = Desk::start(self.desk, has_sound, window.clone(), mailbox.clone())?;
        let of_camera = mailbox.clone();
        let (device_sender, device) = std::sync::mpsc::channel();
        let source = self.source.clone();
        let watch = camera::watch(self.source, move |state| {
            let device = match &state {
                CameraState::Live { device, .. } => Some(device.clone()),
                CameraState::Fault(_) | CameraState::Ended => Some(None),
                CameraState::Opening => None,
            };
            if let Some(device) = device {
                let _ = device_sender.send(device);
            }
            of_camera.offer(Message::Camera(state));
        });
        let (lens, eye) = Eye::start(&source, self.light, self.mirror, watch.switch(), window.clone())?;
        let (of_device, mut known) = (eye.clone(), None);
        spawn("device", move || {
            for device in device {
                if known.as_ref() != Some(&device) {
                    known = Some(device.clone());
                    let _ = of_device.send(EyeMessage::Device(device));
                }
            }
        })?;
        if let Some(settings) = self.record {
            watch.record(settings);
        }
        let calendar = self.calendar;
        let (scanned_sender, scanned) = sync_channel::<Scanned>(MESSAGES_MAX);
        let (frames, stop, of_scanner) = (watch.frames().clone(), stopping.clone(), lens.clone());
        let scanner = Scanner::start(
            move || {
                loop {
                    match frames.take(PICTURE_EVERY) {
                        Taken::New(frame) => {
                            if let (Some(calendar), Some(at)) = (&calendar, frame.recorded_at) {
                                *calendar.lock().unwrap_or_else(PoisonError::into_inner) = at;
                            }
                            return Some(of_scanner.see(frame));
                        }
                        Taken::TimedOut if stop.load(Ordering::Relaxed) => return None,
                        Taken::TimedOut => {}
                        Taken::Closed => return None,
                    }
                }
            },
            scanned_sender,
            eye::aim(window.clone()),
        )?;
        let of_scan = mailbox.clone();
        spawn("codes", move || {
            for scanned in scanned {
                if !of_scan.offer(Message::Read(Read::from(scanned))) {
                    return;
                }
            }
        })?;

        let (frames, shown, stop) = (watch.frames().clone(), window.clone(), stopping.clone());
        spawn("picture", move || {
            let (mut last, mut stillness) = (None, Stillness::default());
            while !stop.load(Ordering::Relaxed) {
                if let Some(frame) = frames.peek().filter(|frame| last != Some(frame.sequence)) {
                    last = Some(frame.sequence);
                    let frame = lens.see(frame);
                    if stillness.moved(&frame) {
                        shown.picture(frame, lens.mirrored());
                    }
                }
                thread::sleep(PICTURE_EVERY);
            }
        })?;

        let (actions_sender, actions) = std::sync::mpsc::channel();
        let (keys_sender, keys) = std::sync::mpsc::channel();
        forward("actions", actions, mailbox.clone(), Message::Guard)?;
        forward("keys", keys, mailbox.clone(), Message::Key)?;
        let (camera_sender, touches) = std::sync::mpsc::channel();
        spawn("touches", move || touches.into_iter().try_for_each(|touch| eye.send(EyeMessage::Touch(touch))))?;

        let audience =
            Live { window: window.clone(), signals: self.signals, print: self.print, names: true, cause: None };
        let close_at_end = self.close_at_end.then(|| window.clone());
        let closing = CloseWindow(window.clone());
        let (prepare, ready) = (self.prepare, Arc::new(AtomicBool::new(false)));
        let (meanwhile, is_ready, patient) = (self.meanwhile, ready.clone(), window.clone());
        spawn("meanwhile", move || {
            thread::sleep(PATIENCE);
            if !is_ready.load(Ordering::Relaxed) {
                patient.show(meanwhile);
            }
        })?;
        let lane = spawn("lane", move || {
            // A window without its lane would show an old verdict for ever.
            let _closing = closing;
            let (lane, timekeeper) = prepare(works)?;
            ready.store(true, Ordering::Relaxed);
            let (wedge, began) = (Wedge::default(), Instant::now());
            LaneThread { lane, timekeeper, wedge, began, audience, close_at_end, retaining: false }.run(&messages);
            Ok::<_, String>(())
        })?;
        attend(mailbox.clone());

        let outbox = Outbox { actions: actions_sender, camera: camera_sender, desk, keys: keys_sender };
        let closed = ui::run(&window, outbox, self.window);
        stopping.store(true, Ordering::Relaxed);
        mailbox.send(Message::Stop);
        let lane_ended = lane.join();
        watch.stop();
        let figures = scanner.join();
        tracing::info!(frames = figures.frames, read = figures.read, dropped = figures.dropped, "scanned");
        match (closed, lane_ended) {
            (
                Err(
                    fault @ (UiFault::NoDisplay
                    | UiFault::Refused(_)
                    | UiFault::Broken(_)
                    | UiFault::Screenshots { .. }),
                ),
                _,
            ) => Err(fault.into()),
            (Ok(()), Err(_)) => {
                Err("the lane broke down; what it had acknowledged is on disk. Start the kiosk again".into())
            }
            (Ok(()), Ok(Err(fault))) => Err(fault.into()),
            (Ok(()), Ok(Ok(()))) => Ok(()),
        }
    }
}

/// Closes the window when the lane ends, also when it breaks down.
struct CloseWindow(WindowHandle);

impl Drop for CloseWindow {
    fn drop(&mut self) {
        self.0.close();
    }
}

pub(super) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().name(name.into()).spawn(work)
}

/// Carries what the window sends to the lane: the window itself never waits.
fn forward<T: Send + 'static>(
    name: &str,
    from: Receiver<T>,
    to: Mailbox,
    wrap: impl Fn(T) -> Message + Send + 'static,
) -> std::io::Result<()> {
    spawn(name, move || {
        for thing in from {
            if !to.send(wrap(thing)) {
                return;
            }
        }
    })
    .map(drop)
}

/// Loudspeaker, lamps and relay, where they are wanted and there.
pub fn signal(config: &crate::config::Config) -> Box<dyn Signal + Send> {
    let sound: Box<dyn Signal + Send> = match Speaker::find().filter(|_| config.sound) {
        Some(speaker) => Box::new(speaker),
        None => Box::new(Silent),
    };
    match Lamps::start(&config.lamps) {
        Some(lamps) => Box::new(Both(sound, Box::new(lamps))),
        None => sound,
    }
}
