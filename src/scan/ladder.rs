//! Which reader looks at which frame, and for how long.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use qrscan::{Hindrance, StructuredAppend};

use super::append::Parts;
use super::guard::guarded;
use super::{Gray, QrText, TEXT_CHARS_MAX};
use crate::memory::wipe_stack;

/// Longest side that a rung sees, in pixels: what a Full HD camera gives. rqrr took 23 s on a picture of 12 megapixels.
const SIDE_MAX: usize = 1920;
/// After this long on one frame no further rung begins: at fifteen frames a second the next frame is due.
const FRAME_BUDGET: Duration = Duration::from_millis(50);
/// A rung that has not come back after this long is left behind on its thread.
const PATIENCE: Duration = Duration::from_millis(400);
/// Most frames that a rung rests after it took too long: some ten seconds before a camera.
const REST_MAX: u32 = 150;

/// How far rungs that yield stand back, of 19 (`nice(7)`).
const NICENESS: i32 = 10;

/// One code as a rung found it.
#[derive(Clone, PartialEq)]
pub struct Found {
    pub text: String,
    pub bytes: Vec<u8>,
    /// Corners in pixels of the picture that the rung was given.
    pub corners: [[f32; 2]; 4],
    /// Its place in a message of several symbols, where the rung tells.
    pub part: Option<StructuredAppend>,
}

/// What a rung made of a picture.
#[derive(Clone, Default)]
pub struct Seen {
    pub found: Vec<Found>,
    /// What hindered the reading, where the rung tells.
    pub hindrances: Vec<Hindrance>,
}

impl From<Vec<Found>> for Seen {
    fn from(found: Vec<Found>) -> Self {
        Self { found, hindrances: Vec::new() }
    }
}

/// A reader on the ladder.
pub struct Rung {
    pub name: &'static str,
    /// What it may take of one frame. A rung that takes n times as long rests for n frames: on average it keeps its budget.
    pub budget: Duration,
    /// Reads a picture; the time is a frame's, of a camera or a recording, with which frames before it may be joined. It may
    /// panic, and it may take long; what it keeps belongs to its thread.
    pub read: fn(&Gray, Option<Duration>) -> Seen,
}

/// What a frame gave.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// No two of the same bytes; empty if nothing was read.
    pub texts: Vec<QrText>,
    /// What hindered the reading, as far as that is known; empty where something was read.
    pub hindrances: Vec<Hindrance>,
    /// From the frame's arrival to this answer.
    pub took: Duration,
}

/// What a rung has done so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RungFigures {
    pub name: &'static str,
    /// Frames that it looked at.
    pub runs: u64,
    /// Frames on which it read something.
    pub reads: u64,
    pub panics: u64,
    /// Runs that took longer than its budget.
    pub overruns: u64,
    /// Runs that were left behind.
    pub abandoned: u64,
    /// Time on all of its runs, but for those left behind.
    pub spent: Duration,
}

/// The rungs with what is known of each.
pub struct Ladder {
    rungs: &'static [Rung],
    states: Vec<State>,
    hands: Hands,
    parts: Parts,
    /// How many rungs see every frame: they join frames. The others take turns and rest.
    steady: usize,
    /// The rung of the others whose turn it is.
    turn: usize,
}

#[derive(Default)]
struct State {
    figures: RungFigures,
    /// Frames left to rest.
    rest: u32,
    /// The thread that this rung was left behind on. While it still runs, the rung is not tried again: at most one thread for
    /// each rung is ever lost.
    stuck: Option<JoinHandle<()>>,
}

/// Where rungs run.
enum Hands {
    /// On the caller's thread, each to its end.
    Own,
    /// On a thread that can be left behind; of this pace.
    Watched(Option<Worker>, Pace),
}

/// Which work goes first where there are not enough processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// This: a visitor waits.
    Usual,
    /// All other: the reader that sees every frame, the lane and the window.
    Yielding,
}

/// What became of one run.
enum Attempt {
    Done(Seen),
    Panicked,
    LeftBehind(JoinHandle<()>),
    /// No thread could be started.
    NotRun,
}

impl Ladder {
    /// A ladder that takes its time, for stills and recordings: every rung is tried until one reads, on the caller's thread,
    /// however long it takes.
    pub fn unhurried(rungs: &'static [Rung]) -> Self {
        Self::with(rungs, Hands::Own, 1)
    }

    /// A ladder for a camera. The first rung sees every frame; the others take turns within the time of a frame, rest when they
    /// took too long, and are left behind when they do not come back.
    pub fn for_camera(rungs: &'static [Rung]) -> Self {
        Self::with(rungs, Hands::Watched(None, Pace::Usual), 1)
    }

    /// The rest of a camera's ladder, for frames of which its first rungs made nothing: all of them take turns and rest, and give way
    /// to whatever else the machine has to do.
    pub fn behind_camera(rungs: &'static [Rung]) -> Self {
        Self::with(rungs, Hands::Watched(None, Pace::Yielding), 0)
    }

    fn with(rungs: &'static [Rung], hands: Hands, steady: usize) -> Self {
        let state = |rung: &Rung| State {
            figures: RungFigures { name: rung.name, ..RungFigures::default() },
            ..State::default()
        };
        let states = rungs.iter().map(state).collect();
        Self { rungs, states, hands, parts: Parts::default(), steady, turn: steady }
    }

    /// What each rung has done, in the order of the ladder.
    pub fn figures(&self) -> Vec<RungFigures> {
        self.states.iter().map(|state| state.figures.clone()).collect()
    }

    /// Reads one picture that has nothing to do with the others. The parts of a message are joined where all are in it.
    pub fn read_still(&mut self, picture: &Gray) -> Reading {
        self.read(picture, None)
    }

    /// Reads the next frame, taken at this time since the source was opened. Frames are joined, and so are the parts of a
    /// message in several symbols, which come one after the other.
    pub fn read_frame(&mut self, picture: &Gray, at: Duration) -> Reading {
        self.read(picture, Some(at))
    }

    fn read(&mut self, picture: &Gray, at: Option<Duration>) -> Reading {
        let arrived = Instant::now();
        if let Some(at) = at {
            self.parts.forget_late(at);
        }
        let (picture, step) = picture.at_most(SIDE_MAX);
        let (mut texts, mut hindrances) = (Vec::new(), Vec::new());
        for index in self.order() {
            if self.is_live() {
                if arrived.elapsed() >= FRAME_BUDGET {
                    self.turn = index;
                    break;
                }
                if self.states[index].rests() {
                    continue;
                }
            }
            let seen = self.climb(index, &picture, at);
            hindrances.extend(seen.hindrances);
            if !seen.found.is_empty() {
                let whole = match at {
                    Some(at) => self.parts.gather(seen.found, at),
                    None => whole_or_parts(seen.found),
                };
                texts = self::texts(whole, self.rungs[index].name, step);
                hindrances.clear();
                break;
            }
        }
        Reading { texts, hindrances, took: arrived.elapsed() }
    }

    /// The rungs that see every frame, then the others from the one whose turn it is.
    fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (count, steady, turn) = (self.rungs.len(), self.steady.min(self.rungs.len()), self.turn);
        let others = (count - steady).max(1);
        let in_turn = move |place| steady + (place + turn.saturating_sub(steady)) % others;
        (0..steady).chain((0..count - steady).map(in_turn))
    }

    fn is_live(&self) -> bool {
        matches!(self.hands, Hands::Watched(..))
    }

    /// Lets one rung look at the picture, and takes note of how it went.
    fn climb(&mut self, index: usize, picture: &Gray, at: Option<Duration>) -> Seen {
        let rung = &self.rungs[index];
        let started = Instant::now();
        let attempt = self.hands.run(rung, picture, at);
        let took = started.elapsed();
        let state = &mut self.states[index];
        let figures = &mut state.figures;
        let mut seen = match attempt {
            Attempt::NotRun => return Seen::default(),
            Attempt::LeftBehind(thread) => {
                figures.runs += 1;
                figures.abandoned += 1;
                state.stuck = Some(thread);
                state.rest = REST_MAX;
                return Seen::default();
            }
            Attempt::Panicked => {
                figures.panics += 1;
                Seen::default()
            }
            Attempt::Done(seen) => seen,
        };
        figures.runs += 1;
        figures.spent += took;
        if took > rung.budget {
            figures.overruns += 1;
            let times = took.as_secs_f64() / rung.budget.as_secs_f64().max(1e-6);
            // What joins frames sees every one.
            state.rest = if index < self.steady { 0 } else { (times as u32).min(REST_MAX) };
        }
        // No symbol holds less or more.
        seen.found.retain(|found| !found.text.is_empty() && found.text.chars().count() <= TEXT_CHARS_MAX);
        figures.reads += u64::from(!seen.found.is_empty());
        seen
    }
}

impl State {
    /// Whether the rung sits this frame out.
    fn rests(&mut self) -> bool {
        if self.stuck.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return true;
        }
        self.stuck = None;
        let rests = self.rest > 0;
        self.rest = self.rest.saturating_sub(1);
        rests
    }
}

/// What one picture holds whole; of a message that is not all there, its parts.
fn whole_or_parts(found: Vec<Found>) -> Vec<Found> {
    let mut parts = Parts::default();
    let mut whole = parts.gather(found, Duration::ZERO);
    whole.extend(parts.into_waiting());
    whole
}

/// What was found, in pixels of the frame, without what was found twice.
fn texts(found: Vec<Found>, rung: &'static str, step: f32) -> Vec<QrText> {
    let mut texts: Vec<QrText> = Vec::new();
    for Found { text, bytes, corners, .. } in found {
        if texts.iter().all(|text| text.bytes != bytes) {
            texts.push(QrText { text, bytes, corners: corners.map(|corner| corner.map(|value| value * step)), rung });
        }
    }
    texts
}

impl Hands {
    fn run(&mut self, rung: &'static Rung, picture: &Gray, at: Option<Duration>) -> Attempt {
        let (worker, pace) = match self {
            Self::Own => return guarded(|| (rung.read)(picture, at)).map_or(Attempt::Panicked, Attempt::Done),
            Self::Watched(worker, pace) => (worker, *pace),
        };
        let Some(busy) = worker.take().or_else(|| Worker::start(pace)) else { return Attempt::NotRun };
        if busy.jobs.send((rung, picture.clone(), at)).is_err() {
            return Attempt::NotRun;
        }
        match busy.answers.recv_timeout(PATIENCE) {
            Ok(found) => {
                *worker = Some(busy);
                found.map_or(Attempt::Panicked, Attempt::Done)
            }
            // Its answer, should it ever come, finds nobody; then the thread ends.
            Err(RecvTimeoutError::Timeout) => Attempt::LeftBehind(busy.thread),
            Err(RecvTimeoutError::Disconnected) => Attempt::Panicked,
        }
    }
}

/// A rung, a picture, and a frame's time.
type Job = (&'static Rung, Gray, Option<Duration>);

/// A thread that runs rungs, one at a time.
struct Worker {
    jobs: SyncSender<Job>,
    answers: Receiver<Option<Seen>>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Starts a thread that ends once nobody waits for it. `None` if the system gives no thread.
    fn start(pace: Pace) -> Option<Self> {
        let (jobs, to_do) = sync_channel::<Job>(1);
        let (answer, answers) = sync_channel(1);
        let work = move || {
            if pace == Pace::Yielding {
                // Of this thread alone (`setpriority(2)`); a system that refuses shares its time evenly.
                let _ = rustix::process::setpriority_process(None, NICENESS);
            }
            while let Ok((rung, picture, at)) = to_do.recv() {
                let seen = guarded(|| (rung.read)(&picture, at));
                if seen.as_ref().is_none_or(|seen| !seen.found.is_empty()) {
                    wipe_stack();
                }
                if answer.send(seen).is_err() {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("scan-rung".into()).spawn(work).ok()?;
        Some(Self { jobs, answers, thread })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    fn blank() -> Gray {
        Gray::new(vec![255; 100], 10, 10).unwrap()
    }

    fn code(text: &str) -> Found {
        let corners = [[1.0, 1.0], [9.0, 1.0], [9.0, 9.0], [1.0, 9.0]];
        Found { text: text.into(), bytes: text.as_bytes().to_vec(), corners, part: None }
    }

    fn reads_nothing(_: &Gray, _: Option<Duration>) -> Seen {
        Seen::default()
    }

    fn reads_twice(_: &Gray, _: Option<Duration>) -> Seen {
        vec![code("A"), code("A"), code(""), code(&"7".repeat(TEXT_CHARS_MAX + 1))].into()
    }

    fn panics(_: &Gray, _: Option<Duration>) -> Seen {
        panic!("index out of bounds")
    }

    const AMPLE: Duration = Duration::from_secs(60);

    #[test]
    fn climbs_until_a_rung_reads() {
        static RUNGS: &[Rung] = &[
            Rung { name: "blind", budget: AMPLE, read: reads_nothing },
            Rung { name: "frail", budget: AMPLE, read: panics },
            Rung { name: "good", budget: AMPLE, read: reads_twice },
            Rung { name: "spare", budget: AMPLE, read: reads_twice },
        ];
        for mut ladder in [Ladder::unhurried(RUNGS), Ladder::for_camera(RUNGS)] {
            for _ in 0..3 {
                let texts = ladder.read_still(&blank()).texts;
                assert_eq!(
                    texts.iter().map(|text| (text.text.as_str(), text.rung)).collect::<Vec<_>>(),
                    [("A", "good")]
                );
            }
            let counts = ladder.figures().into_iter().map(|rung| (rung.runs, rung.reads, rung.panics));
            assert_eq!(counts.collect::<Vec<_>>(), [(3, 0, 0), (3, 0, 3), (3, 3, 0), (0, 0, 0)]);
        }
    }

    #[test]
    fn an_empty_ladder_reads_nothing() {
        assert!(Ladder::unhurried(&[]).read_still(&blank()).texts.is_empty());
        assert!(Ladder::for_camera(&[]).read_still(&blank()).texts.is_empty());
    }

    #[test]
    fn a_part_of_a_message_is_read_and_waits_before_a_camera_only() {
        static RUNGS: &[Rung] = &[
            Rung { name: "parts", budget: AMPLE, read: reads_a_part },
            Rung { name: "blind to marks", budget: AMPLE, read: reads_twice },
        ];
        fn reads_a_part(_: &Gray, at: Option<Duration>) -> Seen {
            let index = u8::from(at.is_some_and(|at| at > Duration::ZERO));
            let mark = StructuredAppend { index, count: 2, parity: b'A' ^ b'B' };
            vec![Found { part: Some(mark), ..code(["A", "B"][usize::from(index)]) }].into()
        }
        let texts = |reading: Reading| reading.texts.into_iter().map(|text| text.text).collect::<Vec<_>>();
        for mut ladder in [Ladder::unhurried(RUNGS), Ladder::for_camera(RUNGS)] {
            assert_eq!(texts(ladder.read_still(&blank())), ["A"]);
            assert!(texts(ladder.read_frame(&blank(), Duration::ZERO)).is_empty());
            assert_eq!(texts(ladder.read_frame(&blank(), Duration::from_secs(1))), ["AB"]);
        }
    }

    #[test]
    fn hindrances_are_told_where_nothing_is_read() {
        static RUNGS: &[Rung] = &[Rung { name: "dazzled", budget: AMPLE, read: dazzled }];
        static TWO: &[Rung] = &[
            Rung { name: "dazzled", budget: AMPLE, read: dazzled },
            Rung { name: "good", budget: AMPLE, read: reads_twice },
        ];
        fn dazzled(_: &Gray, _: Option<Duration>) -> Seen {
            Seen { found: Vec::new(), hindrances: vec![Hindrance::Glare] }
        }
        assert_eq!(Ladder::unhurried(RUNGS).read_still(&blank()).hindrances, [Hindrance::Glare]);
        assert!(Ladder::unhurried(TWO).read_still(&blank()).hindrances.is_empty());
    }

    #[test]
    fn corners_are_in_pixels_of_the_frame() {
        static RUNGS: &[Rung] = &[Rung { name: "good", budget: AMPLE, read: reads_twice }];
        let large = Gray::new(vec![255; SIDE_MAX * 3 * 4], SIDE_MAX * 3, 4).unwrap();
        let texts = Ladder::unhurried(RUNGS).read_still(&large).texts;
        assert_eq!(texts[0].corners[2], [27.0, 27.0]);
    }

    #[test]
    fn a_slow_rung_rests_as_many_frames_as_it_took_budgets() {
        static RUNGS: &[Rung] = &[
            Rung { name: "quick", budget: AMPLE, read: reads_nothing },
            Rung { name: "slow", budget: Duration::from_millis(2), read: slow },
        ];
        fn slow(_: &Gray, _: Option<Duration>) -> Seen {
            thread::sleep(Duration::from_millis(9));
            Seen::default()
        }
        let mut ladder = Ladder::for_camera(RUNGS);
        while ladder.figures()[1].runs == 0 {
            ladder.read_still(&blank());
        }
        (0..4).for_each(|_| drop(ladder.read_still(&blank())));
        let slow = &ladder.figures()[1];
        assert_eq!((slow.runs, slow.overruns), (1, 1));
        // A still has no next frame: nothing rests.
        let mut ladder = Ladder::unhurried(RUNGS);
        (0..3).for_each(|_| drop(ladder.read_still(&blank())));
        assert_eq!(ladder.figures()[1].runs, 3);
    }

    #[test]
    fn costly_rungs_take_turns_over_frames() {
        static RUNGS: &[Rung] = &[
            Rung { name: "first", budget: AMPLE, read: reads_nothing },
            Rung { name: "second", budget: AMPLE, read: costly },
            Rung { name: "third", budget: AMPLE, read: costly },
            Rung { name: "fourth", budget: AMPLE, read: costly },
        ];
        fn costly(_: &Gray, _: Option<Duration>) -> Seen {
            thread::sleep(FRAME_BUDGET);
            Seen::default()
        }
        let mut ladder = Ladder::for_camera(RUNGS);
        let runs = |ladder: &Ladder| ladder.figures().iter().map(|rung| rung.runs).collect::<Vec<_>>();
        // On a busy machine the first rung alone may use up a frame, so the frames are as many as it takes.
        let mut frames = 0;
        while runs(&ladder)[1..].iter().any(|&runs| runs < 2) {
            ladder.read_still(&blank());
            frames += 1;
        }
        assert!(frames >= 6, "no frame has time for two costly rungs: {frames}");
        assert_eq!(runs(&ladder), [frames, 2, 2, 2]);
    }

    #[test]
    fn a_rung_that_hangs_is_left_behind_and_the_others_go_on() {
        static FREE: AtomicBool = AtomicBool::new(false);
        static HUNG: AtomicU32 = AtomicU32::new(0);
        static RUNGS: &[Rung] = &[
            Rung { name: "hangs", budget: AMPLE, read: hangs },
            Rung { name: "good", budget: AMPLE, read: reads_twice },
        ];
        fn hangs(_: &Gray, _: Option<Duration>) -> Seen {
            HUNG.fetch_add(1, Ordering::SeqCst);
            while !FREE.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            vec![code("too late")].into()
        }
        let mut ladder = Ladder::for_camera(RUNGS);
        let first = ladder.read_still(&blank());
        assert!(first.texts.is_empty() && first.took < PATIENCE * 3, "{:?}", first.took);
        for _ in 0..REST_MAX * 2 {
            let reading = ladder.read_still(&blank());
            assert_eq!(reading.texts[0].rung, "good");
        }
        assert_eq!(HUNG.load(Ordering::SeqCst), 1, "not tried again while its thread is lost");
        assert_eq!(ladder.figures()[0].abandoned, 1);
        FREE.store(true, Ordering::SeqCst);
        while ladder.states[0].stuck.as_ref().is_some_and(|thread| !thread.is_finished()) {
            thread::sleep(Duration::from_millis(5));
        }
        (0..=REST_MAX).for_each(|_| drop(ladder.read_still(&blank())));
        assert_eq!(HUNG.load(Ordering::SeqCst), 2, "tried again once its thread had ended");
    }
}
