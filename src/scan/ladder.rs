//! Which reader looks at which frame, and for how long.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::guard::guarded;
use super::{Gray, QrText, TEXT_CHARS_MAX};

/// Longest side that a rung sees, in pixels: what a Full HD camera gives. rqrr took 23 s on a picture of 12 megapixels.
const SIDE_MAX: usize = 1920;
/// After this long on one frame no further rung begins: at fifteen frames a second the next frame is due.
const FRAME_BUDGET: Duration = Duration::from_millis(50);
/// A rung that has not come back after this long is left behind on its thread.
const PATIENCE: Duration = Duration::from_millis(400);
/// Most frames that a rung rests after it took too long: some ten seconds before a camera.
const REST_MAX: u32 = 150;

/// One code as a rung found it.
#[derive(Clone, PartialEq)]
pub struct Found {
    pub text: String,
    pub bytes: Vec<u8>,
    /// Corners in pixels of the picture that the rung was given.
    pub corners: [[f32; 2]; 4],
}

/// A reader on the ladder.
pub struct Rung {
    pub name: &'static str,
    /// What it may take of one frame. A rung that takes n times as long rests for n frames: on average it keeps its budget.
    pub budget: Duration,
    /// Reads a picture. It may panic, and it may take long; it keeps nothing.
    pub read: fn(&Gray) -> Vec<Found>,
}

/// What a frame gave.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// No two of the same bytes; empty if nothing was read.
    pub texts: Vec<QrText>,
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
    /// The rung after the first whose turn it is.
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
    /// On a thread that can be left behind.
    Watched(Option<Worker>),
}

/// What became of one run.
enum Attempt {
    Done(Vec<Found>),
    Panicked,
    LeftBehind(JoinHandle<()>),
    /// No thread could be started.
    NotRun,
}

impl Ladder {
    /// A ladder for pictures that will not come again: every rung is tried until one reads, on the caller's thread, however
    /// long it takes.
    pub fn for_stills(rungs: &'static [Rung]) -> Self {
        Self::with(rungs, Hands::Own)
    }

    /// A ladder for a camera. The first rung sees every frame; the others take turns within the time of a frame, rest when they
    /// took too long, and are left behind when they do not come back.
    pub fn for_camera(rungs: &'static [Rung]) -> Self {
        Self::with(rungs, Hands::Watched(None))
    }

    fn with(rungs: &'static [Rung], hands: Hands) -> Self {
        let state = |rung: &Rung| State {
            figures: RungFigures { name: rung.name, ..RungFigures::default() },
            ..State::default()
        };
        Self { rungs, states: rungs.iter().map(state).collect(), hands, turn: 1 }
    }

    /// What each rung has done, in the order of the ladder.
    pub fn figures(&self) -> Vec<RungFigures> {
        self.states.iter().map(|state| state.figures.clone()).collect()
    }

    /// Reads one picture.
    pub fn read(&mut self, picture: &Gray) -> Reading {
        let arrived = Instant::now();
        let (picture, step) = picture.at_most(SIDE_MAX);
        let mut texts = Vec::new();
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
            texts = self.climb(index, &picture, step);
            if !texts.is_empty() {
                break;
            }
        }
        Reading { texts, took: arrived.elapsed() }
    }

    /// The first rung, then the others from the one whose turn it is.
    fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (count, turn) = (self.rungs.len(), self.turn);
        let others = count.saturating_sub(1).max(1);
        (0..count).map(move |place| if place == 0 { 0 } else { 1 + (place - 1 + turn - 1) % others })
    }

    fn is_live(&self) -> bool {
        matches!(self.hands, Hands::Watched(_))
    }

    /// Lets one rung look at the picture, and takes note of how it went.
    fn climb(&mut self, index: usize, picture: &Gray, step: f32) -> Vec<QrText> {
        let rung = &self.rungs[index];
        let started = Instant::now();
        let attempt = self.hands.run(rung, picture);
        let took = started.elapsed();
        let state = &mut self.states[index];
        let figures = &mut state.figures;
        let found = match attempt {
            Attempt::NotRun => return Vec::new(),
            Attempt::LeftBehind(thread) => {
                figures.runs += 1;
                figures.abandoned += 1;
                state.stuck = Some(thread);
                state.rest = REST_MAX;
                return Vec::new();
            }
            Attempt::Panicked => {
                figures.panics += 1;
                Vec::new()
            }
            Attempt::Done(found) => found,
        };
        figures.runs += 1;
        figures.spent += took;
        if took > rung.budget {
            figures.overruns += 1;
            let times = took.as_secs_f64() / rung.budget.as_secs_f64().max(1e-6);
            state.rest = (times as u32).min(REST_MAX);
        }
        let texts = texts(found, rung.name, step);
        figures.reads += u64::from(!texts.is_empty());
        texts
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

/// What was found, in pixels of the frame; without empty texts, repeated ones, and ones that no symbol can hold.
fn texts(found: Vec<Found>, rung: &'static str, step: f32) -> Vec<QrText> {
    let mut texts: Vec<QrText> = Vec::new();
    for Found { text, bytes, corners } in found {
        let seen = texts.iter().any(|text| text.bytes == bytes);
        if !seen && !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX {
            texts.push(QrText { text, bytes, corners: corners.map(|corner| corner.map(|value| value * step)), rung });
        }
    }
    texts
}

impl Hands {
    fn run(&mut self, rung: &'static Rung, picture: &Gray) -> Attempt {
        let worker = match self {
            Self::Own => return guarded(|| (rung.read)(picture)).map_or(Attempt::Panicked, Attempt::Done),
            Self::Watched(worker) => worker,
        };
        let Some(busy) = worker.take().or_else(Worker::start) else { return Attempt::NotRun };
        if busy.jobs.send((rung, picture.clone())).is_err() {
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

/// A thread that runs rungs, one at a time.
struct Worker {
    jobs: SyncSender<(&'static Rung, Gray)>,
    answers: Receiver<Option<Vec<Found>>>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Starts a thread that ends once nobody waits for it. `None` if the system gives no thread.
    fn start() -> Option<Self> {
        let (jobs, to_do) = sync_channel::<(&'static Rung, Gray)>(1);
        let (answer, answers) = sync_channel(1);
        let work = move || {
            while let Ok((rung, picture)) = to_do.recv() {
                if answer.send(guarded(|| (rung.read)(&picture))).is_err() {
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
        Found { text: text.into(), bytes: text.as_bytes().to_vec(), corners }
    }

    fn reads_nothing(_: &Gray) -> Vec<Found> {
        Vec::new()
    }

    fn reads_twice(_: &Gray) -> Vec<Found> {
        vec![code("A"), code("A"), code(""), code(&"7".repeat(TEXT_CHARS_MAX + 1))]
    }

    fn panics(_: &Gray) -> Vec<Found> {
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
        for mut ladder in [Ladder::for_stills(RUNGS), Ladder::for_camera(RUNGS)] {
            for _ in 0..3 {
                let texts = ladder.read(&blank()).texts;
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
        assert!(Ladder::for_stills(&[]).read(&blank()).texts.is_empty());
        assert!(Ladder::for_camera(&[]).read(&blank()).texts.is_empty());
    }

    #[test]
    fn corners_are_in_pixels_of_the_frame() {
        static RUNGS: &[Rung] = &[Rung { name: "good", budget: AMPLE, read: reads_twice }];
        let large = Gray::new(vec![255; SIDE_MAX * 3 * 4], SIDE_MAX * 3, 4).unwrap();
        let texts = Ladder::for_stills(RUNGS).read(&large).texts;
        assert_eq!(texts[0].corners[2], [27.0, 27.0]);
    }

    #[test]
    fn a_slow_rung_rests_as_many_frames_as_it_took_budgets() {
        static RUNGS: &[Rung] = &[
            Rung { name: "quick", budget: AMPLE, read: reads_nothing },
            Rung { name: "slow", budget: Duration::from_millis(2), read: slow },
        ];
        fn slow(_: &Gray) -> Vec<Found> {
            thread::sleep(Duration::from_millis(9));
            Vec::new()
        }
        let mut ladder = Ladder::for_camera(RUNGS);
        while ladder.figures()[1].runs == 0 {
            ladder.read(&blank());
        }
        (0..4).for_each(|_| drop(ladder.read(&blank())));
        let slow = &ladder.figures()[1];
        assert_eq!((slow.runs, slow.overruns), (1, 1));
        // A still has no next frame: nothing rests.
        let mut ladder = Ladder::for_stills(RUNGS);
        (0..3).for_each(|_| drop(ladder.read(&blank())));
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
        fn costly(_: &Gray) -> Vec<Found> {
            thread::sleep(FRAME_BUDGET);
            Vec::new()
        }
        let mut ladder = Ladder::for_camera(RUNGS);
        let runs = |ladder: &Ladder| ladder.figures().iter().map(|rung| rung.runs).collect::<Vec<_>>();
        // On a busy machine the first rung alone may use up a frame, so the frames are as many as it takes.
        let mut frames = 0;
        while runs(&ladder)[1..].iter().any(|&runs| runs < 2) {
            ladder.read(&blank());
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
        fn hangs(_: &Gray) -> Vec<Found> {
            HUNG.fetch_add(1, Ordering::SeqCst);
            while !FREE.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            vec![code("too late")]
        }
        let mut ladder = Ladder::for_camera(RUNGS);
        let first = ladder.read(&blank());
        assert!(first.texts.is_empty() && first.took < PATIENCE * 3, "{:?}", first.took);
        for _ in 0..REST_MAX * 2 {
            let reading = ladder.read(&blank());
            assert_eq!(reading.texts[0].rung, "good");
        }
        assert_eq!(HUNG.load(Ordering::SeqCst), 1, "not tried again while its thread is lost");
        assert_eq!(ladder.figures()[0].abandoned, 1);
        FREE.store(true, Ordering::SeqCst);
        while ladder.states[0].stuck.as_ref().is_some_and(|thread| !thread.is_finished()) {
            thread::sleep(Duration::from_millis(5));
        }
        (0..=REST_MAX).for_each(|_| drop(ladder.read(&blank())));
        assert_eq!(HUNG.load(Ordering::SeqCst), 2, "tried again once its thread had ended");
    }
}
