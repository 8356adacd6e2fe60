//! The lane's thread: one message at a time, the clock read once per turn; between them the journal is tended.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use checkpoint::lane::Event;
use checkpoint::passage::{Draft, Outcome, PassageId};
use checkpoint::screen::{Fault, Screen, Sound};

use super::mailbox::Read;
use super::{Message, Timekeeper};
use crate::camera::{CameraFault, CameraState, Light};
use crate::commands::lane_loop::{Audience, LaneLoop, Reformed};
use crate::commands::report;
use crate::scan::wedge::{Focus, Key, Wedge};
use crate::signals::Signal;
use crate::ui::{Cause, Keystroke, Stroke, WindowHandle};

/// How often the journal is tended (room ahead, another try after a fault), and the watchdog hears of us.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// Where that leaves something to do (an index that is made again, sealings for the next visitors), it goes on so soon: a visitor
/// waits for one step at most, and an index of 250,000 records is there within a minute.
const TEND_MORE_EVERY: Duration = Duration::from_millis(20);

/// Between two small steps of erasing what is over: a visitor waits for at most one.
const RETAIN_EVERY: Duration = Duration::from_millis(100);

/// Where somebody is always before the camera, one step is made all the same, this rarely.
const RETAIN_AT_LEAST_EVERY: Duration = Duration::from_secs(60);

pub(super) struct LaneThread {
    pub(super) lane: LaneLoop,
    pub(super) timekeeper: Timekeeper,
    pub(super) wedge: Wedge,
    pub(super) began: Instant,
    pub(super) audience: Live,
    pub(super) close_at_end: Option<WindowHandle>,
    /// Sealed parts are being erased.
    pub(super) retaining: bool,
}

impl LaneThread {
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
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
                    if self.lane.is_busy() {
                        self.tend();
                    }
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
        if let Some(journal) = self.lane.journal_shown() {
            self.audience.window.journal(&journal);
        }
    }

    /// How long nothing has to happen until something is due.
    fn patience(&mut self) -> Duration {
        let now = self.timekeeper.now();
        let of_lane = self.lane.deadline(now).saturating_sub(now.tick);
        let of_wedge = self.wedge.deadline().map(|due| due.saturating_sub(self.began.elapsed()));
        let longest = match (self.lane.is_busy(), self.retaining) {
            (true, _) => TEND_MORE_EVERY,
            (false, true) => RETAIN_EVERY,
            (false, false) => TEND_EVERY,
        };
        of_wedge.map_or(of_lane, |due| due.min(of_lane)).clamp(Duration::from_millis(1), longest)
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Read(Read { texts, seen, frame, taken, read }) => {
                let judged = Instant::now();
                self.turn(Event::SeenFor(seen.elapsed()));
                self.audience.cause = Some(Cause { frame, taken, read, judged, synced: Duration::ZERO, shown: judged });
                self.turn(Event::Codes(texts));
                self.audience.cause = None;
            }
            Message::Practise(text) if self.lane.in_training() => self.turn(Event::Codes(vec![text])),
            // Training is over meanwhile.
            Message::Practise(_) => {}
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
                let reformed = self.lane.reform(now, *reform, &mut self.audience);
                if reformed != Reformed::Done {
                    self.audience.names = before;
                }
                if let Some(reply) = reply {
                    let _ = reply.send(reformed);
                }
            }
            Message::Note(event) => {
                let now = self.timekeeper.now();
                self.lane.note(now, event, &mut self.audience);
            }
            Message::Roster(brought) => self.turn(Event::Roster(brought)),
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
pub(super) struct Live {
    pub(super) window: WindowHandle,
    pub(super) signals: Box<dyn Signal + Send>,
    pub(super) print: bool,
    pub(super) names: bool,
    pub(super) cause: Option<Cause>,
}

impl Audience for Live {
    fn show(&mut self, screen: &Screen) {
        let screen = screen.clone();
        let cause = self.cause.map(|cause| Cause { shown: Instant::now(), ..cause });
        self.window.show_because(if self.names { screen } else { screen.without_names() }, cause);
    }

    fn play(&mut self, sound: Sound) {
        self.signals.signal(sound);
    }

    fn passed(&mut self, _passage: PassageId, draft: &Draft, synced: Duration) {
        if draft.outcome == Outcome::Override {
            self.signals.let_pass();
        }
        if let Some(cause) = &mut self.cause {
            cause.synced += synced;
        }
        if self.print {
            println!("{}", report::line(draft));
        }
    }
}
