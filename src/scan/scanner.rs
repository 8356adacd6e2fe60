//! The thread between the camera and the lane.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
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

/// A running scanning thread.
pub struct Scanner {
    figures: Arc<Mutex<ScanFigures>>,
    thread: JoinHandle<()>,
}

impl Scanner {
    /// Starts the thread. `take` waits for a frame and gives the newest; `None` ends the thread, and so does a lane that has
    /// dropped the other end of `results`. `seen` is told of every frame what was read in it and what hindered reading; it must
    /// not block.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        mut take: impl FnMut() -> Option<Frame> + Send + 'static,
        results: SyncSender<Scanned>,
        mut seen: impl FnMut(&Frame, &[QrText], &[Hindrance]) + Send + 'static,
    ) -> io::Result<Self> {
        let figures = Arc::new(Mutex::new(ScanFigures::default()));
        let shared = Arc::clone(&figures);
        let scan = move || {
            let mut ladder = Ladder::for_camera(LADDER);
            let mut glimpse = Glimpse::default();
            while let Some(frame) = take() {
                let arrived = Instant::now();
                let Reading { texts, hindrances, .. } = ladder.read_frame(&Gray::from(&frame), frame.at);
                let took = arrived.elapsed();
                let seen_for = glimpse.look(arrived, &hindrances, !texts.is_empty());
                seen(&frame, &texts, &hindrances);
                let mut figures = shared.lock().unwrap_or_else(PoisonError::into_inner);
                figures.frames += 1;
                figures.spent += took;
                figures.longest = figures.longest.max(took);
                figures.hindrances = hindrances;
                figures.rungs = ladder.figures();
                if texts.is_empty() {
                    continue;
                }
                wipe_stack();
                figures.read += 1;
                match results.try_send(Scanned { frame, texts, took, seen_for }) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_)) => {
                        figures.dropped += 1;
                        tracing::warn!(
                            "nobody took a reading in time: it was dropped, and comes again with the next frame"
                        );
                    }
                    Err(TrySendError::Disconnected(_)) => break,
                }
            }
        };
        let thread = thread::Builder::new().name("scan".into()).spawn(scan)?;
        Ok(Self { figures, thread })
    }

    /// How scanning has gone so far.
    pub fn figures(&self) -> ScanFigures {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the thread to end, once `take` has given `None`. Gives the last figures.
    pub fn join(self) -> ScanFigures {
        // A panic outside the guarded rungs was already printed by its hook; the figures hold up to then.
        drop(self.thread.join());
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        figures.clone()
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
