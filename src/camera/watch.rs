//! The thread that keeps a source open: it reads, says what is wrong, and tries again for ever.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Frames;
use super::fault::{CameraFault, Remedy};
use super::luma;
use super::mode::Mode;
use super::recorder::{Recorder, RecorderSettings, RecorderState};
use super::slot::Slot;
use super::source::Source;
use crate::frame::Frame;

/// Pause before a source is opened again: the first, and the longest. It doubles from one to the other.
const RETRY_FIRST: Duration = Duration::from_millis(300);
const RETRY_MAX: Duration = Duration::from_secs(5);
/// The longest for a camera that is not there: who plugs it in looks at the screen.
const RETRY_ABSENT_MAX: Duration = Duration::from_secs(1);
/// How long a source is asked at a time; a request to stop waits so long at most.
const ASK: Duration = Duration::from_millis(200);
/// How long stopping waits for a driver that holds our thread.
const STOP_MAX: Duration = Duration::from_secs(2);

/// How the source is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum CameraState {
    /// Being opened for the first time, or no picture has come yet.
    Opening,
    /// Pictures come: `fps` a second, measured over about two seconds; what the mode promises until then.
    /// `device` is a camera's node.
    Live { mode: Option<Mode>, fps: f32, light: Light, device: Option<PathBuf> },
    /// None come, or one was lost. Whatever can be tried again is being tried again.
    Fault(CameraFault),
    /// A recording is over.
    Ended,
}

/// A hint, from the mean of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    Enough,
    /// The lens is covered, or it is night.
    Dark,
}

/// A source being watched. Dropping it stops the thread.
pub struct Watch {
    frames: Arc<Slot<Frame>>,
    stop: Arc<Stop>,
    done: Receiver<()>,
    recorder: Arc<Mutex<Option<Recorder>>>,
    switch: Switch,
}

/// Asks a watched source for its next camera, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Switch(Arc<AtomicUsize>);

impl Switch {
    /// The next camera, where there is more than one.
    pub fn next(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often another one was asked for.
    pub fn turn(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Watches `source` in a thread of its own, and tells `report` whenever its state changes.
///
/// `report` is called from that thread and must not block. The newest picture is in [`Watch::frames`], which is empty
/// while the source is at fault: nobody reads or shows an old picture.
pub fn watch(source: Source, report: impl FnMut(CameraState) + Send + 'static) -> Watch {
    watch_with(source.name(), move |turn| source.open(turn), report)
}

/// As [`watch`], with any way to open a source; `name` is what to call it.
fn watch_with(
    name: PathBuf,
    open: impl FnMut(usize) -> Result<Box<dyn Frames>, CameraFault> + Send + 'static,
    report: impl FnMut(CameraState) + Send + 'static,
) -> Watch {
    let frames = Arc::new(Slot::new());
    let stop = Arc::new(Stop::default());
    let recorder = Arc::new(Mutex::new(None));
    let switch = Switch::default();
    let (finished, done) = mpsc::channel();
    let watcher = Watcher {
        name,
        frames: frames.clone(),
        stop: stop.clone(),
        recorder: recorder.clone(),
        switch: switch.clone(),
        report: Box::new(report),
        said: None,
        began: Instant::now(),
        next_sequence: 0,
        _finished: finished,
    };
    // Without a thread the watcher is dropped at once, and that closes the slot: the reader learns that nothing comes.
    if let Err(error) = thread::Builder::new().name("camera".to_owned()).spawn(move || watcher.run(open)) {
        tracing::error!("the camera's thread cannot start: {error}");
    }
    Watch { frames, stop, done, recorder, switch }
}

impl Watch {
    /// Where the newest picture is: take it to read it, peek to show it.
    pub fn frames(&self) -> &Arc<Slot<Frame>> {
        &self.frames
    }

    /// The way to the next camera.
    pub fn switch(&self) -> Switch {
        self.switch.clone()
    }

    /// Records from now on, in place of any recording under way.
    pub fn record(&self, settings: RecorderSettings) {
        let before = self.recorder().replace(Recorder::start(settings));
        drop(before);
    }

    /// Ends the recording under way, and says how it ended.
    pub fn stop_recording(&self) -> Option<RecorderState> {
        let recorder = self.recorder().take();
        recorder.map(Recorder::stop)
    }

    /// How the recording is going; `None` when there is none.
    pub fn recorder_state(&self) -> Option<RecorderState> {
        self.recorder().as_ref().map(Recorder::state)
    }

    /// Stops, and waits until the source is closed, but for two seconds at most: a driver that holds the thread for
    /// longer keeps it, and the kiosk goes on.
    pub fn stop(self) {
        drop(self);
    }

    fn recorder(&self) -> std::sync::MutexGuard<'_, Option<Recorder>> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.now();
        self.stop_recording();
        // The other end is dropped when the thread ends, and nothing is ever sent.
        let _ = self.done.recv_timeout(STOP_MAX);
    }
}

/// A request to stop that can be waited for.
#[derive(Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn now(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits for the request, for `timeout` at most; whether it came.
    fn within(&self, timeout: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(asked, timeout, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

struct Watcher {
    name: PathBuf,
    frames: Arc<Slot<Frame>>,
    stop: Arc<Stop>,
    recorder: Arc<Mutex<Option<Recorder>>>,
    switch: Switch,
    report: Box<dyn FnMut(CameraState) + Send>,
    /// The state reported last.
    said: Option<CameraState>,
    began: Instant,
    next_sequence: u64,
    _finished: Sender<()>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.frames.close();
    }
}

impl Watcher {
    fn run(mut self, mut open: impl FnMut(usize) -> Result<Box<dyn Frames>, CameraFault>) {
        let mut pause = RETRY_FIRST;
        self.say(CameraState::Opening);
        while !self.stop.within(Duration::ZERO) {
            let opened_at = self.began.elapsed();
            let sequence_before = self.next_sequence;
            // The source is opened, read and closed under one guard: a library that panics costs one reopening.
            let read = catch_unwind(AssertUnwindSafe(|| {
                let turn = self.switch.turn();
                let mut source = open(turn)?;
                self.read(&mut *source, opened_at, turn)
            }));
            let fault = match read {
                Ok(Ok(())) if self.stop.within(Duration::ZERO) => return,
                Ok(Ok(())) => {
                    // Another camera is wanted: the picture of this one is no longer the present.
                    self.frames.clear();
                    self.say(CameraState::Opening);
                    continue;
                }
                Ok(Err(CameraFault::EndOfRecording)) => return self.say(CameraState::Ended),
                Ok(Err(fault)) => fault,
                Err(_) => CameraFault::Driver {
                    path: self.name.clone(),
                    doing: "work",
                    problem: "a library gave up".to_owned(),
                },
            };
            self.frames.clear();
            if self.next_sequence > sequence_before {
                pause = RETRY_FIRST;
            }
            let absent = matches!(fault, CameraFault::Missing { .. } | CameraFault::Unplugged { .. });
            self.say(CameraState::Fault(fault));
            if self.stop.within(pause) {
                return;
            }
            pause = (pause * 2).min(if absent { RETRY_ABSENT_MAX } else { RETRY_MAX });
        }
    }

    /// Reads until told to stop, or until another camera than that of `turn` is asked for.
    ///
    /// # Errors
    /// The first fault after which asking again is of no use.
    fn read(&mut self, source: &mut dyn Frames, opened_at: Duration, turn: usize) -> Result<(), CameraFault> {
        let mut pulse = Pulse::default();
        let sequence_base = self.next_sequence;
        let device = source.device();
        while !self.stop.within(Duration::ZERO) && self.switch.turn() == turn {
            match source.next(Instant::now() + ASK) {
                Ok(None) => {}
                Ok(Some(mut frame)) => {
                    frame.at += opened_at;
                    frame.sequence += sequence_base;
                    self.next_sequence = frame.sequence + 1;
                    let (fps, light) = pulse.beat(&frame);
                    let mode = source.mode();
                    let fps = fps.or(mode.and_then(|mode| mode.fps)).unwrap_or(0.0);
                    if let Some(recorder) = &*self.recorder.lock().unwrap_or_else(PoisonError::into_inner) {
                        recorder.offer(&frame);
                    }
                    self.frames.put(frame);
                    self.say(CameraState::Live { mode, fps, light, device: device.clone() });
                }
                Err(fault) if fault.remedy() == Remedy::AskAgain => self.say(CameraState::Fault(fault)),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Reports a state that is news.
    fn say(&mut self, state: CameraState) {
        let known = match (&self.said, &state) {
            (
                Some(CameraState::Live { fps, light, device, .. }),
                CameraState::Live { fps: new_fps, light: new_light, device: new_device, .. },
            ) => light == new_light && (fps - new_fps).abs() < 1.0 && device == new_device,
            // How long it has waited by now is no news.
            (Some(CameraState::Fault(before)), CameraState::Fault(now)) if now.remedy() == Remedy::Reopen => {
                before.code() == now.code()
            }
            (before, now) => before.as_ref() == Some(now),
        };
        if !known {
            self.said = Some(state.clone());
            (self.report)(state);
        }
    }
}

/// Rate and light of what comes.
#[derive(Default)]
struct Pulse {
    window: Option<(Duration, u32)>,
    fps: Option<f32>,
    dark_since: Option<Duration>,
}

impl Pulse {
    /// Over how long the rate is measured.
    const WINDOW: Duration = Duration::from_secs(2);
    /// Darker than this is dark: a covered lens gives black, which is 16 in the range that cameras use, and noise.
    const DARK_MAX: u8 = 28;
    /// For so long, so that a card held before the lens is not taken for a cover.
    const DARK_FOR: Duration = Duration::from_secs(1);

    /// Takes in one picture; the rate once it is known, and the light.
    fn beat(&mut self, frame: &Frame) -> (Option<f32>, Light) {
        let (since, count) = *self.window.get_or_insert((frame.at, 0));
        let elapsed = frame.at.saturating_sub(since);
        self.window = Some((since, count + 1));
        if elapsed >= Self::WINDOW {
            self.fps = Some(count as f32 / elapsed.as_secs_f32());
            self.window = Some((frame.at, 1));
        }
        let dark = luma::mean_luma(&frame.luma, frame.width) < Self::DARK_MAX;
        self.dark_since = dark.then(|| self.dark_since.unwrap_or(frame.at));
        let long = self.dark_since.is_some_and(|since| frame.at.saturating_sub(since) >= Self::DARK_FOR);
        (self.fps, if long { Light::Dark } else { Light::Enough })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::recording::{Pace, RecordingSettings, Repeat};
    use crate::camera::slot::Taken;

    const LONG: Duration = Duration::from_secs(8);

    /// A source that does one thing after the other; then it has no more pictures.
    struct Script(std::vec::IntoIter<Act>);

    #[derive(Clone)]
    enum Act {
        Picture(u8),
        Wait,
        Fault(CameraFault),
        Panic,
        PanicWhenClosed,
    }
    use Act::*;

    impl Frames for Script {
        fn next(&mut self, _: Instant) -> Result<Option<Frame>, CameraFault> {
            match self.0.next() {
                Some(Picture(gray)) => Ok(Frame::new(vec![gray; 64], 8, 8, 0, Duration::ZERO)),
                Some(Wait) => Ok(None),
                Some(Fault(fault)) => Err(fault),
                Some(Panic) => panic!("a library gives up"),
                Some(PanicWhenClosed) | None => {
                    thread::sleep(Duration::from_millis(10));
                    Ok(None)
                }
            }
        }

        fn mode(&self) -> Option<Mode> {
            None
        }
    }

    impl Drop for Script {
        fn drop(&mut self) {
            if matches!(self.0.clone().next(), Some(PanicWhenClosed)) && !thread::panicking() {
                panic!("a library gives up while closing");
            }
        }
    }

    fn busy() -> CameraFault {
        CameraFault::Busy { path: "/dev/video0".into() }
    }

    /// Opens one script after the other; a fault instead of a script is met when opening.
    fn watch_scripts(scripts: Vec<Result<Vec<Act>, CameraFault>>) -> (Watch, Receiver<CameraState>) {
        let (report, states) = mpsc::channel();
        let mut scripts = scripts.into_iter();
        let open = move |_: usize| -> Result<Box<dyn Frames>, CameraFault> {
            let script = scripts.next().unwrap_or(Err(CameraFault::EndOfRecording))?;
            Ok(Box::new(Script(script.into_iter())))
        };
        (watch_with("/dev/video0".into(), open, move |state| report.send(state).unwrap_or(())), states)
    }

    fn names(states: &Receiver<CameraState>) -> Vec<&'static str> {
        let name = |state| match state {
            CameraState::Opening => "opening",
            CameraState::Live { .. } => "live",
            CameraState::Fault(fault) => fault.code(),
            CameraState::Ended => "ended",
        };
        let mut names = Vec::new();
        while let Ok(state) = states.recv_timeout(LONG) {
            names.push(name(state));
        }
        names
    }

    #[test]
    fn tries_again_whatever_happened() {
        let (watch, states) = watch_scripts(vec![
            Err(busy()),
            Err(busy()),
            Ok(vec![Picture(100), Wait, Picture(100), Fault(busy())]),
            Ok(vec![Picture(100), Panic]),
            Ok(vec![Picture(100), Fault(CameraFault::EndOfRecording), PanicWhenClosed]),
        ]);
        // A fault that stays is told once; a panic is a fault of the driver, also one while closing.
        let expected = ["opening", "CAM-BUSY", "live", "CAM-BUSY", "live", "CAM-FAIL", "live", "CAM-FAIL", "ended"];
        assert_eq!(names(&states), expected);
        assert!(matches!(watch.frames().take(LONG), Taken::Closed));
    }

    #[test]
    fn another_camera_is_opened_when_it_is_asked_for_and_the_old_picture_goes() {
        let (report, states) = mpsc::channel();
        let open = |turn: usize| -> Result<Box<dyn Frames>, CameraFault> {
            Ok(Box::new(Script(vec![Picture(turn as u8 + 1)].into_iter())))
        };
        let watch = watch_with("/dev/video0".into(), open, move |state| report.send(state).unwrap_or(()));
        for expected in 1..=3 {
            let Taken::New(frame) = watch.frames().take(LONG) else { panic!("no picture of camera {expected}") };
            assert_eq!((frame.luma[0], frame.sequence), (expected, u64::from(expected) - 1));
            watch.switch().next();
        }
        watch.stop();
        assert_eq!(names(&states)[..3], ["opening", "live", "opening"]);
    }

    #[test]
    fn counts_on_over_reopenings() {
        let (watch, states) = watch_scripts(vec![Ok(vec![Picture(1), Fault(busy())]), Ok(vec![Picture(2)])]);
        let mut frames = Vec::new();
        while frames.len() < 2 {
            match watch.frames().take(LONG) {
                Taken::New(frame) => frames.push(frame),
                // The first may be gone before anybody looks.
                Taken::TimedOut | Taken::Closed => panic!("no picture"),
            }
            if frames.last().is_some_and(|frame| frame.luma[0] == 2) {
                break;
            }
        }
        let last = frames.last().unwrap();
        assert_eq!((last.luma[0], last.sequence), (2, 1));
        assert!(last.at >= RETRY_FIRST, "{:?}", last.at);
        watch.stop();
        assert_eq!(names(&states), ["opening", "live", "CAM-BUSY", "live"]);
    }

    #[test]
    fn a_fault_leaves_no_picture_behind() {
        let (watch, states) = watch_scripts(vec![Ok(vec![Picture(1), Fault(busy())]), Ok(vec![])]);
        while !matches!(states.recv_timeout(LONG).unwrap(), CameraState::Fault(_)) {}
        assert!(watch.frames().peek().is_none());
        assert!(matches!(watch.frames().take(Duration::from_millis(50)), Taken::TimedOut));
    }

    #[test]
    fn one_bad_picture_does_not_close_the_source() {
        let bad = CameraFault::BadPicture { path: "a.png".into(), problem: "torn".to_owned() };
        let end = Fault(CameraFault::EndOfRecording);
        let (_watch, states) = watch_scripts(vec![Ok(vec![Picture(1), Fault(bad), Picture(2), end])]);
        assert_eq!(names(&states), ["opening", "live", "REC-PICTURE", "live", "ended"]);
    }

    #[test]
    fn stops_while_it_waits_to_try_again() {
        let (watch, states) = watch_scripts(vec![Err(busy()); 100]);
        while !matches!(states.recv_timeout(LONG).unwrap(), CameraState::Fault(_)) {}
        let began = Instant::now();
        watch.stop();
        assert!(began.elapsed() < Duration::from_millis(200), "{:?}", began.elapsed());
    }

    #[test]
    fn goes_on_without_a_driver_that_holds_the_thread() {
        let open = |_: usize| -> Result<Box<dyn Frames>, CameraFault> {
            thread::sleep(Duration::from_secs(600));
            Err(CameraFault::EndOfRecording)
        };
        let watch = watch_with("/dev/video0".into(), open, |_| {});
        let began = Instant::now();
        watch.stop();
        assert!(began.elapsed() < STOP_MAX + Duration::from_secs(1));
    }

    #[test]
    fn plays_a_recording_in_time_and_says_when_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        for (name, gray) in [("a.png", 50_u8), ("b.png", 60), ("c.png", 70)] {
            image::GrayImage::from_pixel(8, 8, image::Luma([gray])).save(folder.path().join(name)).unwrap();
        }
        let settings =
            RecordingSettings { pace: Pace::RealTime, repeat: Repeat::Once, ..RecordingSettings::new(folder.path()) };
        let (report, states) = mpsc::channel();
        let watch = watch(Source::Recording(settings), move |state| report.send(state).unwrap_or(()));
        let mut seen = Vec::new();
        while let Taken::New(frame) = watch.frames().take(LONG) {
            seen.push(frame.luma[0]);
        }
        assert_eq!(seen, [50, 60, 70]);
        assert_eq!(names(&states), ["opening", "live", "ended"]);
    }

    fn beats(gray: u8, millis: impl Iterator<Item = u64>) -> (Option<f32>, Light) {
        let mut pulse = Pulse::default();
        let frame = |at| Frame::new(vec![gray; 64], 8, 8, 0, Duration::from_millis(at)).unwrap();
        millis.map(|at| pulse.beat(&frame(at))).last().unwrap()
    }

    #[test]
    fn measures_the_rate() {
        assert_eq!(beats(100, (0..60).map(|i| i * 33)).0, None);
        let fps = beats(100, (0..70).map(|i| i * 33)).0.unwrap();
        assert!((fps - 30.3).abs() < 0.1, "{fps}");
    }

    #[test]
    fn notices_a_covered_lens_after_a_second() {
        assert_eq!(beats(18, (0..5).map(|i| i * 200)).1, Light::Enough);
        assert_eq!(beats(18, (0..6).map(|i| i * 200)).1, Light::Dark);
        assert_eq!(beats(60, (0..20).map(|i| i * 200)).1, Light::Enough);
    }
}
