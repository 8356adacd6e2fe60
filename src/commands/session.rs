//! A kiosk at work: the threads of all rooms, joined by channels.
//!
//! camera → (slot of one frame, newest wins) → scan → (bounded queue) → lane, the sole writer of the journal; courier;
//! window. Verification never waits for a repaint, the window never waits for a disk.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use checkpoint::lane::{Event, Now};
use checkpoint::passage::record::Event as RecordEvent;
use checkpoint::passage::{Draft, PassageId};
use checkpoint::screen::{Fault, GuardAction, Screen, Sound};
use checkpoint::time::{Moved, TrustedTime};
use checkpoint::trust::TrustList;
use chrono::{DateTime, Utc};

use super::desk::{Desk, DeskSetup};
use super::eye::{self, Eye, EyeMessage};
use super::lane_loop::{Audience, LaneLoop, Reform};
use super::report;
use crate::camera::{self, CameraFault, CameraState, Light, Source, Taken};
use crate::clock::Clock;
use crate::scan::wedge::{Focus, Key, Wedge};
use crate::scan::{Scanned, Scanner};
use crate::signals::{Both, Lamps, Signal, Silent, Speaker};
use crate::ui::picture::Stillness;
use crate::ui::theme::TextSize;
use crate::ui::{self, Cause, Keystroke, Outbox, Stroke, UiFault, WindowHandle};

/// Most messages that wait for the lane. Codes that find no room come again with the next picture.
const MESSAGES_MAX: usize = 64;

/// How often the window gets the newest picture: 30 a second is as smooth as a camera is.
const PICTURE_EVERY: Duration = Duration::from_millis(33);

/// How long nothing is shown while the journal is opened: mostly it takes milliseconds.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the journal is tended (room ahead, another try after a fault), and the watchdog hears of us.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// What arrives at the lane's thread.
pub enum Message {
    /// Texts of one picture, since when a code was seen there, and when the program had the picture.
    Read(Vec<String>, Instant, Instant),
    /// A key of a hand scanner.
    Key(Keystroke),
    /// The guard pressed something.
    Guard(GuardAction),
    /// The camera's state changed.
    Camera(CameraState),
    /// A newer trust list is in force.
    Trust(Box<TrustList>),
    /// A list was brought and refused; the old one stays in force.
    TrustRejected,
    /// Work in another way, and say whether the journal could keep it.
    Reform(Box<Reform>, Option<SyncSender<bool>>),
    /// Keep something of the day that is no passage.
    Note(RecordEvent),
    /// Sign the head of the journal, and give its text.
    Seal(SyncSender<Option<String>>),
    /// Play a sound, so that the guard knows it.
    TrySound,
    /// The window was closed.
    Stop,
}

/// Where a session's time comes from.
pub enum Timekeeper {
    /// The system's clock, held against proven time.
    Live(Box<Clock>),
    /// The recording's own calendar: the demonstration never goes stale.
    Recording {
        /// When the session began.
        started: Instant,
        /// When the newest picture was taken.
        taken_at: Arc<Mutex<DateTime<Utc>>>,
    },
}

impl Timekeeper {
    fn now(&mut self) -> Now {
        match self {
            Self::Live(clock) => clock.now(),
            Self::Recording { started, taken_at } => {
                let at = *taken_at.lock().unwrap_or_else(PoisonError::into_inner);
                Now { time: TrustedTime::given(at), tick: started.elapsed() }
            }
        }
    }

    fn moved(&mut self) -> Option<Moved> {
        match self {
            Self::Live(clock) => clock.moved(),
            Self::Recording { .. } => None,
        }
    }

    fn prove(&mut self, signed: DateTime<Utc>) {
        if let Self::Live(clock) = self {
            clock.prove(signed);
        }
    }
}

/// Between two small steps of erasing what is over: a visitor waits for at most one.
const RETAIN_EVERY: Duration = Duration::from_millis(100);

/// Where somebody is always before the camera, one step is made all the same, this rarely.
const RETAIN_AT_LEAST_EVERY: Duration = Duration::from_secs(60);

/// Everything a kiosk at work is made of.
pub struct Session {
    /// Where pictures come from.
    pub source: Source,
    /// Makes the lane with what it judges by and writes to, and its time. Called in the lane's own thread: a journal that is put in
    /// order after a power cut may take a while, and the window says so.
    pub prepare: Box<dyn FnOnce() -> Result<(LaneLoop, Timekeeper), String> + Send>,
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

/// A way to give the lane messages, from any thread.
#[derive(Clone)]
pub struct Mailbox(SyncSender<Message>);

impl Mailbox {
    /// Puts messages into this channel.
    #[cfg(test)]
    pub(super) fn new(sender: SyncSender<Message>) -> Self {
        Self(sender)
    }

    /// Waits until there is room. `false` once the lane is gone.
    pub fn send(&self, message: Message) -> bool {
        self.0.send(message).is_ok()
    }

    /// Drops the message where there is no room: for what comes again by itself. `false` once the lane is gone.
    fn offer(&self, message: Message) -> bool {
        match self.0.try_send(message) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                tracing::warn!("the lane is behind: a message was dropped, and comes again by itself");
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}

impl Session {
    /// Works until the window is closed. `attend` gets the lane's mailbox before the first picture: the courier's way in.
    ///
    /// # Errors
    /// There is no window, or a thread could not be made.
    pub fn run(self, attend: impl FnOnce(Mailbox)) -> Result<(), Box<dyn std::error::Error>> {
        let (sender, messages) = sync_channel(MESSAGES_MAX);
        let mailbox = Mailbox(sender);
        let window = WindowHandle::default();
        let stopping = Arc::new(AtomicBool::new(false));

        let has_sound = Speaker::find().is_some() && self.desk.config.sound;
        let desk = Desk::start(self.desk, has_sound, window.clone(), mailbox.clone())?;
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
            for Scanned { texts, frame, seen_for, .. } in scanned {
                let since = Instant::now().checked_sub(seen_for).unwrap_or_else(Instant::now);
                if !of_scan.offer(Message::Read(texts.into_iter().map(|read| read.text).collect(), since, frame.made)) {
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
            let (lane, timekeeper) = prepare()?;
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

struct LaneThread {
    lane: LaneLoop,
    timekeeper: Timekeeper,
    wedge: Wedge,
    began: Instant,
    audience: Live,
    close_at_end: Option<WindowHandle>,
    /// Sealed parts are being erased.
    retaining: bool,
}

impl LaneThread {
    fn run(mut self, messages: &Receiver<Message>) {
        let (mut tended, mut retained) = (Instant::now(), Instant::now());
        self.turn(Event::Tick);
        for (fault, present) in self.lane.conditions() {
            self.turn(Event::Condition { fault, present });
        }
        self.tend();
        // systemd is not there on a developer's machine: then nobody listens, and that is fine.
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
        loop {
            if tended.elapsed() >= TEND_EVERY {
                tended = Instant::now();
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
                self.tend();
            }
            match messages.recv_timeout(self.patience()) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    let now = self.timekeeper.now();
                    return self.lane.stopped(now);
                }
                Ok(message) => {
                    self.take(message);
                    if retained.elapsed() >= RETAIN_AT_LEAST_EVERY {
                        retained = Instant::now();
                        self.retain();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(text) = self.wedge.tick(self.began.elapsed()) {
                        self.turn(Event::Codes(vec![text]));
                    }
                    self.turn(Event::Tick);
                    // Nobody has come since: some of what can wait longest.
                    retained = Instant::now();
                    self.retain();
                }
            }
        }
    }

    /// One small step of erasing what is over.
    fn retain(&mut self) {
        let now = self.timekeeper.now();
        self.retaining = self.lane.retain(now);
    }

    /// The journal's quiet moment, and what it changes on the screen.
    fn tend(&mut self) {
        let now = self.timekeeper.now();
        for (fault, present) in self.lane.tend(now) {
            self.turn(Event::Condition { fault, present });
        }
    }

    /// How long nothing has to happen until something is due.
    fn patience(&mut self) -> Duration {
        let now = self.timekeeper.now();
        let of_lane = self.lane.deadline(now).saturating_sub(now.tick);
        let of_wedge = self.wedge.deadline().map(|due| due.saturating_sub(self.began.elapsed()));
        let longest = if self.retaining { RETAIN_EVERY } else { TEND_EVERY };
        of_wedge.map_or(of_lane, |due| due.min(of_lane)).clamp(Duration::from_millis(1), longest)
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Read(texts, since, made) => {
                self.turn(Event::SeenFor(since.elapsed()));
                self.audience.cause = Some(Cause { frame: made, synced: Duration::ZERO });
                self.turn(Event::Codes(texts));
                self.audience.cause = None;
            }
            Message::Guard(action) => self.turn(Event::Guard(action)),
            Message::Key(Keystroke { stroke, at }) => {
                let key = match stroke {
                    Stroke::Char(letter) => Key::Char(letter),
                    Stroke::Enter => Key::Enter,
                    Stroke::Tab => Key::Tab,
                };
                // The window sends keys only while no text field has the focus.
                if let Some(text) = self.wedge.key(key, at.saturating_duration_since(self.began), Focus::Nothing) {
                    self.turn(Event::Codes(vec![text]));
                }
            }
            Message::Camera(state) => self.camera(&state),
            Message::Trust(list) => {
                self.timekeeper.prove(list.signed_at());
                let now = self.timekeeper.now();
                self.lane.replace_trust(now, *list, &mut self.audience);
                self.turn(Event::Condition { fault: Fault::TrustRejected, present: false });
            }
            Message::TrustRejected => self.turn(Event::Condition { fault: Fault::TrustRejected, present: true }),
            Message::Reform(reform, reply) => {
                let (now, names) = (self.timekeeper.now(), reform.names);
                let before = std::mem::replace(&mut self.audience.names, names);
                let kept = self.lane.reform(now, *reform, &mut self.audience);
                if !kept {
                    self.audience.names = before;
                }
                if let Some(reply) = reply {
                    let _ = reply.send(kept);
                }
            }
            Message::Note(event) => {
                let now = self.timekeeper.now();
                self.lane.note(now, event, &mut self.audience);
            }
            Message::Seal(reply) => {
                let now = self.timekeeper.now();
                let _ = reply.send(self.lane.seal(now));
            }
            Message::TrySound => self.audience.play(Sound::Admit),
            Message::Stop => {}
        }
    }

    /// The camera's faults as the screen knows them; at most one at a time.
    fn camera(&mut self, state: &CameraState) {
        let now = match state {
            CameraState::Opening | CameraState::Live { light: Light::Enough, .. } => None,
            CameraState::Live { light: Light::Dark, .. } => Some(Fault::CameraDark),
            CameraState::Ended => Some(Fault::RecordingEnded),
            CameraState::Fault(fault) => {
                tracing::warn!(%fault, "the camera gives no picture");
                Some(match fault {
                    CameraFault::Missing { .. } | CameraFault::Unplugged { .. } => Fault::CameraMissing,
                    CameraFault::Busy { .. } => Fault::CameraBusy,
                    CameraFault::NotACamera { .. }
                    | CameraFault::Permission { .. }
                    | CameraFault::NoUsableMode { .. }
                    | CameraFault::NoPicture { .. }
                    | CameraFault::Driver { .. } => Fault::CameraWedged,
                    CameraFault::NoRecording { .. }
                    | CameraFault::EmptyRecording { .. }
                    | CameraFault::BadIndex { .. }
                    | CameraFault::BadPicture { .. }
                    | CameraFault::Unreadable { .. }
                    | CameraFault::EndOfRecording => Fault::RecordingEnded,
                })
            }
        };
        for fault in
            [Fault::CameraMissing, Fault::CameraBusy, Fault::CameraWedged, Fault::CameraDark, Fault::RecordingEnded]
        {
            self.turn(Event::Condition { fault, present: now == Some(fault) });
        }
        if *state == CameraState::Ended
            && let Some(window) = &self.close_at_end
        {
            window.close();
        }
    }

    fn turn(&mut self, event: Event) {
        let now = self.timekeeper.now();
        if let Some(moved) = self.timekeeper.moved() {
            self.lane.clock_moved(now, moved, &mut self.audience);
        }
        self.lane.turn(now, event, &mut self.audience);
    }
}

/// Guard and visitor: a window and a loudspeaker.
struct Live {
    window: WindowHandle,
    signals: Box<dyn Signal + Send>,
    print: bool,
    names: bool,
    cause: Option<Cause>,
}

impl Audience for Live {
    fn show(&mut self, screen: &Screen) {
        let screen = screen.clone();
        self.window.show_because(if self.names { screen } else { screen.without_names() }, self.cause);
    }

    fn play(&mut self, sound: Sound) {
        self.signals.signal(sound);
    }

    fn passed(&mut self, _passage: PassageId, draft: &Draft, synced: Duration) {
        if let Some(cause) = &mut self.cause {
            cause.synced += synced;
        }
        if self.print {
            println!("{}", report::line(draft));
        }
    }
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

/// How the window is asked for on the command line.
#[derive(clap::Args, Clone, Debug)]
pub struct WindowArgs {
    /// Language at the start, in place of the settings': vi, en, or one of screen.messages_dir.
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<crate::words::Language>,
    /// What the kiosk is used for at the start, in place of the settings': checkpoint, patrol, school, unattended, register or
    /// training. What was chosen at the screen before counts more.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub mode: Option<crate::mode::Mode>,
    /// A window of 1280x800 in place of the whole screen.
    #[arg(long)]
    pub windowed: bool,
    /// Keep a picture of each new state of the screen in this folder. They show what the screen shows: names too.
    #[arg(long, value_name = "DIR")]
    pub screenshots: Option<PathBuf>,
}

fn mode(word: &str) -> Result<crate::mode::Mode, String> {
    let words = || crate::mode::Mode::ALL.map(crate::mode::Mode::word).join(", ");
    let known = crate::mode::Mode::ALL.into_iter().find(|mode| mode.word() == word);
    known.ok_or_else(|| format!("the modes are {}", words()))
}

impl WindowArgs {
    /// The window's options.
    pub fn options(&self, config: &crate::config::Config) -> ui::Options {
        ui::Options {
            fullscreen: config.fullscreen && !self.windowed,
            language: self.language.unwrap_or(config.language),
            look: config.look,
            text: if config.large_text { TextSize::Large } else { TextSize::Usual },
            dpi: config.dpi,
            screenshots: self.screenshots.clone().map(|folder| ui::Screenshots { folder, count_max: None }),
            ..Default::default()
        }
    }
}
