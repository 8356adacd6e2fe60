//! The threads between the camera and the lane.
//!
//! The first rung of the ladder looks at every frame and never waits for the others: those look, on a second thread, at a frame of
//! which it made nothing, one at a time. A code is read within the first rung's time, whatever the others are busy with.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Gray, Hindrance, LADDER, Ladder, QrText, Reading, RungFigures};
use crate::frame::Frame;
use crate::memory::wipe_stack;

/// A frame on which something was read.
#[derive(Clone, Debug)]
pub struct Scanned {
    pub frame: Frame,
    /// At least one.
    pub texts: Vec<QrText>,
    /// From taking the frame to this answer.
    pub took: Duration,
    /// From the first picture in which a code was seen, though not read, to this answer. A glimpse that is long past is another's.
    pub seen_for: Duration,
}

/// How scanning has gone since it began.
#[derive(Clone, Debug, Default)]
pub struct ScanFigures {
    pub frames: u64,
    /// Frames on which something was read.
    pub read: u64,
    /// Frames whose texts nobody took in time. The code is still there: the next frame reads it again.
    pub dropped: u64,
    /// Time on all frames, and on the slowest.
    pub spent: Duration,
    pub longest: Duration,
    /// What hindered the reading of the last frame; empty where something was read, and where nothing is known.
    pub hindrances: Vec<Hindrance>,
    /// In the order of the ladder.
    pub rungs: Vec<RungFigures>,
}

impl ScanFigures {
    /// Mean time on a frame; zero before the first.
    pub fn mean(&self) -> Duration {
        u32::try_from(self.frames)
            .ok()
            .filter(|&frames| frames > 0)
            .map_or(Duration::ZERO, |frames| self.spent / frames)
    }
}

/// A code that is seen and cannot be read yet.
#[derive(Default)]
struct Glimpse {
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Glimpse {
    /// How long the gap between two glimpses of one code may be.
    const GAP_MAX: Duration = Duration::from_secs(1);

    /// One picture, and how long the code in it has been seen, where it was read.
    fn look(&mut self, arrived: Instant, hindrances: &[Hindrance], read: bool) -> Duration {
        if self.last.is_some_and(|last| arrived.saturating_duration_since(last) > Self::GAP_MAX) {
            *self = Self::default();
        }
        if read {
            let first = std::mem::take(self).first.unwrap_or(arrived);
            return first.elapsed();
        }
        let seen = |hindrance: &Hindrance| {
            matches!(hindrance, Hindrance::Blurred | Hindrance::TooSmall | Hindrance::PartlySeen)
        };
        if hindrances.iter().any(seen) {
            self.first.get_or_insert(arrived);
            self.last = Some(arrived);
        }
        Duration::ZERO
    }
}

/// What both threads tell and count.
struct Findings<S> {
    results: SyncSender<Scanned>,
    seen: S,
    glimpse: Glimpse,
    figures: Arc<Mutex<ScanFigures>>,
    /// The newest frame on which something was read.
    read_last: Option<u64>,
}

impl<S: FnMut(&Frame, &[QrText], &[Hindrance])> Findings<S> {
    /// Gives away what was read in a frame that was taken at `arrived`. `false` once nobody is left to take it.
    fn give(&mut self, frame: Frame, texts: Vec<QrText>, arrived: Instant) -> bool {
        lock(&self.figures).read += 1;
        self.read_last = Some(frame.sequence);
        let seen_for = self.glimpse.look(arrived, &[], true);
        match self.results.try_send(Scanned { frame, texts, took: arrived.elapsed(), seen_for }) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                lock(&self.figures).dropped += 1;
                tracing::warn!("nobody took a reading in time: it was dropped, and comes again with the next frame");
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// What the first rung made of a frame. `false` once nobody is left to take it.
    fn first(&mut self, frame: &Frame, reading: Reading, arrived: Instant, rungs: Vec<RungFigures>) -> bool {
        let Reading { texts, hindrances, .. } = reading;
        let took = arrived.elapsed();
        (self.seen)(frame, &texts, &hindrances);
        let mut figures = lock(&self.figures);
        figures.frames += 1;
        figures.spent += took;
        figures.longest = figures.longest.max(took);
        figures.rungs.splice(..rungs.len(), rungs);
        figures.hindrances.clone_from(&hindrances);
        drop(figures);
        if texts.is_empty() {
            self.glimpse.look(arrived, &hindrances, false);
            return true;
        }
        self.give(frame.clone(), texts, arrived)
    }

    /// What the other rungs made of a frame. `false` once nobody is left to take it.
    fn others(&mut self, frame: Frame, texts: Vec<QrText>, arrived: Instant, rungs: Vec<RungFigures>) -> bool {
        let mut figures = lock(&self.figures);
        let from = figures.rungs.len() - rungs.len();
        figures.rungs.splice(from.., rungs);
        drop(figures);
        // Meanwhile a newer frame was read: what is still before the camera comes again, what is gone is the past.
        if texts.is_empty() || self.read_last.is_some_and(|last| last >= frame.sequence) {
            return true;
        }
        (self.seen)(&frame, &texts, &[]);
        self.give(frame, texts, arrived)
    }
}

/// Nothing in them is in disorder after a panic of whoever held them.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running scanning threads.
pub struct Scanner {
    figures: Arc<Mutex<ScanFigures>>,
    thread: JoinHandle<()>,
}

impl Scanner {
    /// Starts the threads. `take` waits for a frame and gives the newest; `None` ends them, and so does a lane that has
    /// dropped the other end of `results`. `seen` is told of every frame what was read in it and what hindered reading, and again
    /// where another rung read it later; it must not block.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        mut take: impl FnMut() -> Option<Frame> + Send + 'static,
        results: SyncSender<Scanned>,
        seen: impl FnMut(&Frame, &[QrText], &[Hindrance]) + Send + 'static,
    ) -> io::Result<Self> {
        let (first, others) = LADDER.split_at(1);
        let (mut ladder, mut behind) = (Ladder::for_camera(first), Ladder::behind_camera(others));
        let rungs = ladder.figures().into_iter().chain(behind.figures()).collect();
        let figures = Arc::new(Mutex::new(ScanFigures { rungs, ..ScanFigures::default() }));
        // Of the threads alone: whoever takes the results learns that both have ended.
        let findings =
            Findings { results, seen, glimpse: Glimpse::default(), figures: Arc::clone(&figures), read_last: None };
        let findings = Arc::new(Mutex::new(findings));
        // No room at all: a frame is handed over only while the other thread waits for one, so it is never an old one.
        let (unread, jobs) = sync_channel::<(Frame, Instant)>(0);
        let of_others = Arc::clone(&findings);
        let help = move || {
            for (frame, arrived) in jobs {
                let Reading { texts, .. } = behind.read_frame(&Gray::from(&frame), frame.at);
                wipe_stack();
                if !lock(&of_others).others(frame, texts, arrived, behind.figures()) {
                    break;
                }
            }
        };
        let helper = thread::Builder::new().name("scan-behind".into()).spawn(help)?;
        let scan = move || {
            while let Some(frame) = take() {
                let arrived = Instant::now();
                let reading = ladder.read_frame(&Gray::from(&frame), frame.at);
                let is_read = !reading.texts.is_empty();
                if !lock(&findings).first(&frame, reading, arrived, ladder.figures()) {
                    break;
                }
                if is_read {
                    wipe_stack();
                } else {
                    let _ = unread.try_send((frame, arrived));
                }
            }
            drop(unread);
            // A panic outside the guarded rungs was already printed by its hook.
            drop(helper.join());
        };
        let thread = thread::Builder::new().name("scan".into()).spawn(scan)?;
        Ok(Self { figures, thread })
    }

    /// How scanning has gone so far.
    pub fn figures(&self) -> ScanFigures {
        lock(&self.figures).clone()
    }

    /// Whether the threads have ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the threads to end, once `take` has given `None`. Gives the last figures.
    pub fn join(self) -> ScanFigures {
        // A panic outside the guarded rungs was already printed by its hook; the figures hold up to then.
        drop(self.thread.join());
        lock(&self.figures).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_seen_from_its_first_glimpse_on() {
        let ago = |millis| Instant::now().checked_sub(Duration::from_millis(millis)).unwrap();
        let mut glimpse = Glimpse::default();
        assert!(glimpse.look(ago(0), &[], true) < Duration::from_millis(500), "read at first sight");
        glimpse.look(ago(5_000), &[Hindrance::Blurred], false);
        glimpse.look(ago(3_000), &[Hindrance::PartlySeen], false);
        glimpse.look(ago(2_500), &[], false);
        glimpse.look(ago(2_200), &[Hindrance::TooSmall], false);
        let seen = glimpse.look(ago(2_000), &[], true);
        assert!((3_000..3_500).contains(&seen.as_millis()), "{seen:?}: the glimpse before was another's");
        glimpse.look(ago(900), &[Hindrance::TooDark], false);
        assert!(glimpse.look(ago(0), &[], true) < Duration::from_millis(500), "darkness is no code");
    }
}
