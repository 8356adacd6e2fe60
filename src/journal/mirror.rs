//! The mirror: the journal once more on another device, so that a card that dies takes no passage with it.
//!
//! A thread of its own writes it, from what the lane acknowledged: a slow, full, dead or missing stick never delays a passage and
//! never fails one. The mirror is a journal like any other (the same segments, blocks and chain), beside a file `MIRROR` that
//! says whose it is. Whenever the thread begins with it, it erases what is over, writes the last segment anew (nobody knows which
//! of its blocks a stick that was pulled out had taken) and catches up from its own last record.
//!
//! What knows more than the journal is never written to: it is the witness that the journal's tail was cut.

mod attached;
mod mark;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use checkpoint::passage::record::Entry;
use checkpoint::screen::Fault;
use chrono::NaiveDate;

use attached::Attached;
pub(super) use attached::Source;
pub use mark::{MARK_FILE, Mark, Mirrored, look};

/// Records that wait for the thread; more are read from the journal's own segments.
const RECORDS_WAITING: usize = 256;

/// Between two looks at whether the mirror is still there, and two tries where it was not.
pub const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks that are left out after a fault that will not go by itself: each try may write a whole segment.
const LOOKS_LEFT_OUT: u32 = 12;

/// How long the newest record may be missing from a mirror that works, until the guard is told.
const BEHIND: Duration = Duration::from_secs(60);

/// Which mirror, of which journal.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the mirror. It must exist: on a stick that is not there, it does not, and nothing is written in its stead.
    pub dir: PathBuf,
    /// On which devices it may begin.
    pub on: On,
    /// Time between two looks at whether it is there: `LOOK_EVERY`.
    pub look_every: Duration,
}

impl Settings {
    /// A mirror in this folder, on another device than the journal's.
    pub fn on_another_device(dir: PathBuf) -> Self {
        Self { dir, on: On::AnotherDevice, look_every: LOOK_EVERY }
    }
}

/// On which devices a mirror may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On another one than the journal's alone: a mount point without its stick is a folder of the journal's own disk.
    AnotherDevice,
    /// On any: for tests.
    AnyDevice,
}

/// How the mirror is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It is looked at, or catches up.
    #[default]
    CatchingUp,
    /// It holds every record, but for those of the last moment.
    Follows,
    /// It is not there, or cannot be read or written.
    Lost,
    /// It has no room.
    Full,
    /// It is another device's or damaged, or something else stands there: it is left as it is.
    Refused,
    /// It holds records that the journal does not: the journal's tail was cut, or another one was put in its place.
    Ahead,
}

impl State {
    /// One word, for records and machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::CatchingUp => "catching-up",
            Self::Follows => "follows",
            Self::Lost => "lost",
            Self::Full => "full",
            Self::Refused => "refused",
            Self::Ahead => "ahead",
        }
    }

    /// What the guard is shown.
    fn shown(self) -> Option<Fault> {
        match self {
            Self::CatchingUp | Self::Follows => None,
            Self::Lost => Some(Fault::MirrorLost),
            Self::Full => Some(Fault::MirrorFull),
            Self::Refused => Some(Fault::MirrorRefused),
            Self::Ahead => Some(Fault::JournalCut),
        }
    }
}

/// What the lane's thread and the mirror's own both know.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Number of the last record that is durable on the mirror.
    upto: AtomicU64,
    /// Number of the last record that the journal acknowledged.
    acknowledged: AtomicU64,
    stopping: AtomicBool,
}

impl Shared {
    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

enum Message {
    /// A record that was acknowledged.
    Record(Box<Entry>),
    /// Sealed parts of days before this one are erased.
    KeepFrom(NaiveDate),
}

/// The mirror, as the journal's writer holds it. It never waits.
pub struct Mirror {
    sender: SyncSender<Message>,
    shared: Arc<Shared>,
    kept_from: Option<NaiveDate>,
    behind_since: Option<Instant>,
}

impl Mirror {
    /// Begins to mirror a journal. The mirror itself is looked at by the thread, once it is told how long sealed parts are kept.
    ///
    /// # Errors
    /// The thread could not be made.
    pub(super) fn start(source: Source) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(RECORDS_WAITING);
        let shared = Arc::new(Shared::default());
        let follower = Follower { source, receiver, shared: shared.clone(), keep_from: None };
        thread::Builder::new().name("mirror".into()).spawn(move || follower.run())?;
        Ok(Self { sender, shared, kept_from: None, behind_since: None })
    }

    /// This record was acknowledged.
    pub(super) fn record(&mut self, entry: &Entry) {
        self.shared.acknowledged.store(entry.record().sequence, Ordering::Release);
        // A thread that is behind reads it from the segments; one that ended shows as behind.
        let _ = self.sender.try_send(Message::Record(Box::new(entry.clone())));
    }

    /// Sealed parts of days before this one are erased, there too.
    pub(super) fn keep_from(&mut self, day: NaiveDate) {
        if self.kept_from != Some(day) && self.sender.try_send(Message::KeepFrom(day)).is_ok() {
            self.kept_from = Some(day);
        }
    }

    /// How it is, and what the guard is shown of it. For each quiet moment.
    pub(super) fn tend(&mut self) -> (State, Option<Fault>) {
        let state = self.shared.state();
        let missing = matches!(state, State::CatchingUp | State::Follows) && self.upto() < self.acknowledged();
        let since = self.behind_since.filter(|_| missing).or_else(|| missing.then(Instant::now));
        self.behind_since = since;
        let behind = since.is_some_and(|since| since.elapsed() >= BEHIND);
        (state, state.shown().or(behind.then_some(Fault::MirrorBehind)))
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// Number of the last record that is durable on it.
    pub fn upto(&self) -> u64 {
        self.shared.upto.load(Ordering::Acquire)
    }

    fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::Acquire)
    }

    /// Waits until the mirror holds every acknowledged record, or cannot, for at most so long.
    pub fn settle(&self, longest: Duration) -> State {
        let began = Instant::now();
        loop {
            let state = self.state();
            let done = match state {
                State::CatchingUp => false,
                State::Follows => self.upto() >= self.acknowledged(),
                State::Lost | State::Full | State::Refused | State::Ahead => true,
            };
            if done || began.elapsed() >= longest {
                return state;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The thread ends by itself, without anybody waiting for it: a stick may hang for minutes.
impl Drop for Mirror {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
    }
}

/// The mirror's thread.
struct Follower {
    source: Source,
    receiver: Receiver<Message>,
    shared: Arc<Shared>,
    keep_from: Option<NaiveDate>,
}

impl Follower {
    fn run(mut self) {
        let mut attached: Option<Attached> = None;
        let mut waiting: Vec<Entry> = Vec::new();
        let every = self.source.settings.look_every;
        let mut next_try = Instant::now();
        loop {
            let mut ended = false;
            match self.receiver.recv_timeout(every) {
                Ok(message) => {
                    self.take(message, &mut waiting);
                    while let Ok(message) = self.receiver.try_recv() {
                        self.take(message, &mut waiting);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => ended = true,
            }
            let Some(keep_from) = self.keep_from else {
                // How long sealed parts are kept is not known yet; what is acknowledged meanwhile is read later.
                waiting.clear();
                if ended {
                    return;
                }
                continue;
            };
            let due = Instant::now() >= next_try;
            let worked = match attached.take() {
                Some(mut mirror) => {
                    let worked = mirror.go_on(keep_from, std::mem::take(&mut waiting), &self.shared);
                    worked.map(|()| Some(mirror))
                }
                None if due || ended => {
                    waiting.clear();
                    Attached::begin(&self.source, keep_from, &self.shared).map(Some)
                }
                None => {
                    waiting.clear();
                    Ok(None)
                }
            };
            match worked {
                Ok(Some(mirror)) => {
                    self.shared.set(State::Follows);
                    attached = Some(mirror);
                }
                Ok(None) => {}
                Err(refused) => {
                    let state = refused.state();
                    if self.shared.state() != state {
                        tracing::warn!(%refused, "the journal's mirror is not written; passages are recorded without it");
                    }
                    self.shared.set(state);
                    next_try = Instant::now() + if refused.may_pass() { every } else { every * LOOKS_LEFT_OUT };
                }
            }
            if ended {
                return;
            }
        }
    }

    fn take(&mut self, message: Message, waiting: &mut Vec<Entry>) {
        match message {
            Message::Record(entry) => waiting.push(*entry),
            Message::KeepFrom(day) => self.keep_from = Some(day),
        }
    }
}
