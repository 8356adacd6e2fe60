//! The main loop's turn: one event through the lane, and its effects into the world.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use checkpoint::lane::{Afresh, Effect, Event, Lane, Now, Settings, Verifier};
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::{ClockChanged, ModeChanged, Updated};
use checkpoint::passage::record::Event as RecordEvent;
use checkpoint::passage::{Draft, Note, PassageId};
use checkpoint::passback::Passback;
use checkpoint::presence::Presence;
use checkpoint::rules::RuleSet;
use checkpoint::screen::{Fault, HeadShown, Screen, Sound, Totals};
use checkpoint::statistics::Statistics;
use checkpoint::time::{Moved, Remembered, TrustedTime, day_in_vietnam};
use checkpoint::trust::TrustList;
use chrono::{DateTime, NaiveDate, Utc};
use zeroize::Zeroizing;

use super::place::journal_dir;
use super::replay::Throwaway;
use crate::config::Config;
use crate::device::{Device, DeviceFault};
use crate::journal::{Journal, JournalFault, Recovery, index, mirror};
use crate::memory::wipe_stack;
use crate::ui::journal::JournalShown;

/// How long the end waits for the mirror to take in the last records.
const MIRROR_AT_END: Duration = Duration::from_secs(2);

/// What a lane shows and plays. `run` has a window and a loudspeaker, `replay` prints.
pub trait Audience {
    /// Draw this.
    fn show(&mut self, screen: &Screen);
    /// Play this.
    fn play(&mut self, sound: Sound);
    /// A passage is durable; the journal took so long.
    fn passed(&mut self, passage: PassageId, draft: &Draft, synced: Duration);
}

/// What a lane keeps in memory beyond one visit, of what the settings ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// All of it: a checkpoint.
    AsSet,
    /// Who passed. A recording's answers were given to questions of another start, which nobody can know again.
    HoldersAlone,
    /// The questions on the screen. The visitors of a recording that repeats come again and again.
    QuestionsAlone,
}

/// A lane of these settings. What it remembers is under secrets that are new at every start.
///
/// # Errors
/// No random numbers; a location that cannot stand in a question.
pub fn new_lane(
    config: &Config,
    totals: Totals,
    now: DateTime<Utc>,
    memory: Memory,
) -> Result<Lane, Box<dyn std::error::Error>> {
    let secret = || {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *secret).map_err(|fault| format!("the system gives no random numbers: {fault}"))?;
        Ok::<_, String>(secret)
    };
    let mut lane = Lane::new(config.lane.clone(), totals, day_in_vietnam(now));
    if let Some(settings) = config.passback.filter(|_| memory != Memory::QuestionsAlone) {
        lane = lane.with_passback(Passback::new(&*secret()?, settings, now));
    }
    if config.presence && memory != Memory::HoldersAlone {
        lane = lane.with_presence(Presence::new(&*secret()?, &config.lane.location)?);
    }
    Ok(lane)
}

/// The journal, or why there is none at the moment. A kiosk without one admits nobody, and tries again.
pub struct Ledger {
    state: Result<Journal, LedgerFault>,
    /// With what the device signs; `None` while its key cannot be read.
    device: Option<Device>,
    /// The index knew of more records than the journal has: its tail was cut, or an older copy was put back.
    cut: bool,
    /// Where it can be opened again; `None` for one that is thrown away.
    storage: Option<PathBuf>,
    mirroring: Option<Mirroring>,
    /// What was found when it was opened last.
    recovery: Option<Recovery>,
    /// There is more to do in quiet moments.
    busy: bool,
}

/// The journal's mirror, as the lane follows it.
struct Mirroring {
    settings: mirror::Settings,
    /// How it was when a record last said so; at the start as it should be.
    noted: mirror::State,
    /// What the guard is shown of it.
    shown: Option<Fault>,
}

/// Why no passage can be recorded.
#[derive(Debug, thiserror::Error)]
pub enum LedgerFault {
    /// The journal's own fault.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// The device's key cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceFault),
    /// Nobody opened it yet.
    #[error("the journal is closed")]
    Closed,
}

impl LedgerFault {
    /// What the guard is shown.
    fn shown(&self) -> Fault {
        match self {
            Self::Journal(fault) => fault.shown(),
            Self::Device(_) | Self::Closed => Fault::DiskFault,
        }
    }
}

impl Ledger {
    /// The journal and the device's key in this folder; both are made where they are missing.
    pub fn at(storage: &Path) -> Self {
        let mut ledger = Self {
            state: Err(LedgerFault::Closed),
            device: None,
            cut: false,
            storage: Some(storage.into()),
            mirroring: None,
            recovery: None,
            busy: false,
        };
        ledger.open(storage);
        if let Err(fault) = &ledger.state {
            tracing::error!(%fault, "the journal cannot be opened: nobody is admitted");
        }
        ledger
    }

    /// The same, whose journal is kept on another device too.
    pub fn mirrored(mut self, settings: Option<mirror::Settings>) -> Self {
        self.mirroring = settings.map(|settings| Mirroring { settings, noted: mirror::State::Follows, shown: None });
        self.mirror();
        self
    }

    /// Begins to mirror the journal, where both are there.
    fn mirror(&mut self) {
        if let (Ok(journal), Some(mirroring), Some(storage)) = (&mut self.state, &self.mirroring, &self.storage) {
            journal.mirror_to(&mirroring.settings, &journal_dir(storage));
        }
    }

    /// What the last opening found, and how much of the index is made.
    fn journal_shown(&self) -> Option<JournalShown> {
        // That its end is missing is a fault of its own.
        let recovery = self.recovery.as_ref().filter(|recovery| recovery.index_ahead.is_none())?;
        let journal = self.state.as_ref().ok()?;
        Some(JournalShown {
            records: recovery.sequence,
            newest: recovery.newest,
            dropped: recovery.skipped,
            indexed: journal.index_progress(),
            fresh: true,
        })
    }

    /// What changed about the mirror; that it was lost or came back is a record.
    fn tend_mirror(&mut self, now: Now) -> Vec<(Fault, bool)> {
        let (Ok(journal), Some(mirroring)) = (&mut self.state, &mut self.mirroring) else { return Vec::new() };
        let Some((state, shown)) = journal.tend_mirror() else { return Vec::new() };
        let mut changed = Vec::new();
        if shown != mirroring.shown {
            let over = std::mem::replace(&mut mirroring.shown, shown);
            changed.extend(over.filter(|fault| *fault != Fault::JournalCut || !self.cut).map(|fault| (fault, false)));
            changed.extend(shown.map(|fault| (fault, true)));
        }
        if state != mirror::State::CatchingUp && state != mirroring.noted {
            let (from, to) =
                (std::mem::replace(&mut mirroring.noted, state).word().to_owned(), state.word().to_owned());
            let event = RecordEvent::ModeChanged(ModeChanged { mode: "mirror".into(), from, to, guard: None });
            let note = Note { at: now.time.estimate(), floor: now.time.floor(), event };
            if let Err(fault) = self.append_note(note) {
                changed.push((fault, true));
            }
        }
        changed
    }

    /// Keeps that the kiosk started, and that its program is another one than at the start before: both are records too.
    pub fn started(&mut self, now: Now, trust_list: Option<u64>) {
        let Ok(journal) = &mut self.state else { return };
        let (at, floor) = (now.time.estimate(), now.time.floor());
        let before = journal.program_before();
        let mut started = journal.append_restart(at, floor, trust_list);
        let program = env!("CARGO_PKG_VERSION");
        if started.is_ok() && before.as_ref().is_some_and(|before| before != program) {
            let event = RecordEvent::Updated(Updated { what: "program".into(), from: before, to: program.into() });
            started = journal.append_note(Note { at, floor, event });
        }
        if let Err(fault) = started {
            tracing::error!(%fault, "the start could not be recorded: nobody is admitted");
            self.state = Err(fault.into());
        }
        // If it cannot be signed now, the next quiet moment tries it.
        let _ = self.sign(now);
    }

    /// The device signs the head of the chain; a record keeps the signature. Its text is for another kiosk to scan.
    ///
    /// # Errors
    /// What the guard is shown: nothing was signed.
    pub fn sign(&mut self, now: Now) -> Result<(Checkpoint, String), Fault> {
        let Some(device) = &self.device else {
            return Err(self.state.as_ref().err().map_or(Fault::DiskFault, LedgerFault::shown));
        };
        let key = device.key().clone();
        self.write(|journal| journal.append_checkpoint(&key, now.time.estimate(), now.time.floor()))
    }

    /// Opens the journal and reads the device's key; both are made where they are missing.
    fn open(&mut self, storage: &Path) {
        let opened = Device::load_or_make(storage, None).map_err(LedgerFault::from).and_then(|device| {
            let (journal, recovery) = Journal::open(&journal_dir(storage), device.id())?;
            tracing::info!("{recovery}");
            Ok((device, journal, recovery))
        });
        match opened {
            Ok((device, journal, recovery)) => {
                (self.device, self.state) = (Some(device), Ok(journal));
                self.cut |= recovery.index_ahead.is_some();
                self.recovery = Some(recovery);
            }
            Err(fault) => self.state = Err(fault),
        }
    }

    /// What the last record says of the time, where there is one.
    pub fn remembered(&self) -> Option<Remembered> {
        self.state.as_ref().ok().and_then(Journal::remembered)
    }

    /// A new journal in an empty folder that somebody throws away.
    ///
    /// # Errors
    /// As the journal and the device's key.
    pub fn throwaway(storage: &Path) -> Result<Self, LedgerFault> {
        let mut ledger = Self {
            state: Err(LedgerFault::Closed),
            device: None,
            cut: false,
            storage: None,
            mirroring: None,
            recovery: None,
            busy: false,
        };
        ledger.open(storage);
        match ledger.state {
            Ok(_) => Ok(ledger),
            Err(fault) => Err(fault),
        }
    }

    /// One small step of erasing sealed parts older than `days`; `true` while there is more to do.
    fn retain(&mut self, now: Now, days: u32) -> bool {
        let Ok(journal) = &mut self.state else { return false };
        journal.retain(now.time, days).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "sealed parts that are over could not be erased; it is tried again by itself");
            false
        })
    }

    /// Statistics of the day of `now` (+07:00); `None` while there is no index.
    fn statistics(&self, now: DateTime<Utc>) -> Option<Statistics> {
        let index = self.state.as_ref().ok()?.index()?;
        index.statistics(&index::day(day_in_vietnam(now))).ok()
    }

    /// What passed on the day of `now` (+07:00); nothing while the journal is closed.
    pub fn totals(&self, now: DateTime<Utc>) -> Totals {
        self.state.as_ref().map_or(Totals::default(), |journal| journal.totals(now))
    }

    fn append(&mut self, draft: &Draft, tracing_key: Option<(NaiveDate, [u8; 32])>) -> Result<PassageId, Fault> {
        self.write(|journal| journal.append(draft, tracing_key))
    }

    fn append_note(&mut self, note: Note) -> Result<PassageId, Fault> {
        self.write(|journal| journal.append_note(note))
    }

    fn write<T>(&mut self, append: impl FnOnce(&mut Journal) -> Result<T, JournalFault>) -> Result<T, Fault> {
        let appended = match &mut self.state {
            Ok(journal) => append(journal),
            Err(fault) => return Err(fault.shown()),
        };
        appended.map_err(|fault| {
            tracing::error!(%fault, "nothing was recorded, so nobody is shown a verdict");
            let fault = LedgerFault::from(fault);
            let shown = fault.shown();
            self.state = Err(fault);
            shown
        })
    }

    /// Does what can wait for a quiet moment; opens the journal again after a fault. What changed for the screen.
    fn tend(&mut self, now: Now) -> Vec<(Fault, bool)> {
        let mut changed = self.tend_journal(now);
        changed.extend(self.tend_mirror(now));
        changed
    }

    fn tend_journal(&mut self, now: Now) -> Vec<(Fault, bool)> {
        if self.state.as_ref().is_ok_and(Journal::checkpoint_due)
            && let Err(fault) = self.sign(now)
        {
            return vec![(fault, true)];
        }
        let before = match &mut self.state {
            Ok(journal) => {
                let tended = journal.tend();
                self.busy = matches!(tended, Ok(true));
                if let Err(fault) = tended {
                    tracing::warn!(%fault, "room for more passages could not be reserved; {} are still taken", journal.room());
                    return vec![(fault.shown(), true)];
                }
                return Vec::new();
            }
            Err(fault) => fault.shown(),
        };
        let Some(storage) = self.storage.clone() else { return Vec::new() };
        self.open(&storage);
        self.mirror();
        if self.state.is_ok() {
            // A disk that takes this takes passages again. If it does not, it is still out of service.
            let (at, floor) = (now.time.estimate(), now.time.floor());
            let _ = self.write(|journal| journal.append_reopened(at, floor, before));
        }
        match &self.state {
            Ok(_) => vec![(before, false)],
            Err(now) if now.shown() == before => vec![(before, true)],
            Err(now) => vec![(before, false), (now.shown(), true)],
        }
    }
}

/// How the journal says that the clock was found moved.
fn changed(moved: Moved) -> ClockChanged {
    let Moved { from, to, confidence } = moved;
    ClockChanged { from, to, by: "system".into(), guard: None, confidence: Some(confidence.word().into()) }
}

/// Another way to work: other settings, rules, or a journal that is thrown away.
pub struct Reform {
    /// Settings from here on.
    pub settings: Settings,
    /// Rule sets from here on.
    pub rule_sets: Vec<RuleSet>,
    /// What the lane remembers, begun anew; `None` keeps it.
    pub afresh: Option<Afresh>,
    /// Guards learn: nothing is kept. `None`: passages are kept.
    pub training: Option<Training>,
    /// Whether names are shown.
    pub names: bool,
    /// What the journal keeps of the change, before it happens.
    pub events: Vec<RecordEvent>,
}

/// What training needs instead of the real.
pub struct Training {
    /// Thrown away with its folder.
    pub ledger: Ledger,
    /// The folder.
    pub throwaway: Throwaway,
    /// A demonstration's list, so that demonstration codes can be shown; `None` judges by the real one.
    pub trust: Option<TrustList>,
    /// When training begins by the calendar of those codes; `None`: now.
    pub at: Option<DateTime<Utc>>,
}

/// A lane with what it judges by and what it writes to: the sole writer of the journal.
pub struct LaneLoop {
    lane: Option<Lane>,
    verifier: Verifier,
    ledger: Ledger,
    retention_days: Option<u32>,
    /// While guards learn: the real journal and list, and the folder that goes when they have learnt.
    aside: Option<Aside>,
}

struct Aside {
    ledger: Ledger,
    trust: Option<TrustList>,
    /// The calendar of the codes that guards learn with: when it began, and by which tick.
    calendar: Option<(DateTime<Utc>, Duration)>,
    _throwaway: Throwaway,
}

impl LaneLoop {
    /// A lane at its start. Nothing is erased unless `with_retention` says so.
    pub fn new(lane: Lane, verifier: Verifier, ledger: Ledger) -> Self {
        Self { lane: Some(lane), verifier, ledger, retention_days: None, aside: None }
    }

    /// The same, whose sealed parts are erased when they are so many days old.
    pub fn with_retention(self, days: u32) -> Self {
        Self { retention_days: Some(days), ..self }
    }

    /// For a moment in which nobody waits: one small step of retention. `true` while there is more to do.
    pub fn retain(&mut self, now: Now) -> bool {
        self.retention_days.is_some_and(|days| self.real().retain(now, days))
    }

    /// Whether guards learn: nothing is kept.
    pub fn in_training(&self) -> bool {
        self.aside.is_some()
    }

    /// The time by which visitors are judged: while guards learn with codes of their own calendar, that one's.
    fn of_lane(&self, now: Now) -> Now {
        match self.aside.as_ref().and_then(|aside| aside.calendar) {
            None => now,
            Some((at, began)) => Now { time: TrustedTime::given(at + now.tick.saturating_sub(began)), tick: now.tick },
        }
    }

    /// The journal that is kept.
    fn real(&mut self) -> &mut Ledger {
        self.aside.as_mut().map_or(&mut self.ledger, |aside| &mut aside.ledger)
    }

    /// Works in another way from the next visitor on. `false` where the journal cannot keep that it does: nothing is changed.
    pub fn reform(&mut self, now: Now, reform: Reform, audience: &mut impl Audience) -> bool {
        if !reform.events.into_iter().all(|event| self.note(now, event, audience)) {
            return false;
        }
        if let Some(aside) = self.aside.take() {
            self.ledger = aside.ledger;
            if let Some(trust) = aside.trust {
                self.verifier.trust = trust;
            }
        }
        // Keys count by province and place: a patrol that moves leaves some behind.
        self.verifier.trust.stand_at(reform.settings.location.clone());
        if let Some(Training { ledger, throwaway, trust, at }) = reform.training {
            let trust = trust.map(|trust| std::mem::replace(&mut self.verifier.trust, trust));
            let ledger = std::mem::replace(&mut self.ledger, ledger);
            let calendar = at.map(|at| (at, now.tick));
            self.aside = Some(Aside { ledger, trust, calendar, _throwaway: throwaway });
        }
        self.verifier.rule_sets = reform.rule_sets;
        let at = self.of_lane(now).time.estimate();
        let (totals, today) = (self.ledger.totals(at), day_in_vietnam(at));
        self.lane = self.lane.take().map(|lane| lane.under(reform.settings, reform.afresh, totals, today));
        self.turn(now, Event::Tick, audience);
        true
    }

    /// Keeps something of the day that is no passage, in the real journal. `false` where it could not be kept; the screen says so.
    pub fn note(&mut self, now: Now, event: RecordEvent, audience: &mut impl Audience) -> bool {
        let note = Note { at: now.time.estimate(), floor: now.time.floor(), event };
        match self.real().append_note(note) {
            Ok(_) => true,
            Err(fault) => {
                self.turn(now, Event::Condition { fault, present: true }, audience);
                false
            }
        }
    }

    /// A newer trust list takes effect with the next code. That it does is a record.
    pub fn replace_trust(&mut self, now: Now, mut trust: TrustList, audience: &mut impl Audience) {
        let before = match &mut self.aside {
            Some(Aside { trust: Some(real), .. }) => real,
            _ => &mut self.verifier.trust,
        };
        let event = RecordEvent::Updated(Updated {
            what: "trust-list".into(),
            from: before.is_loaded().then(|| before.version().to_string()),
            to: trust.version().to_string(),
        });
        // Where the kiosk stands is the lane's to say: whoever brought the list knows the settings' place only.
        if let Some(place) = before.place() {
            trust.stand_at(place.clone());
        }
        *before = trust;
        self.note(now, event, audience);
    }

    /// What the journal's opening showed that a guard must know.
    pub fn conditions(&self) -> Vec<(Fault, bool)> {
        if self.ledger.cut { vec![(Fault::JournalCut, true)] } else { Vec::new() }
    }

    /// The clock was found to be moved: a record, so that the office sees what the times of the others are worth.
    pub fn clock_moved(&mut self, now: Now, moved: Moved, audience: &mut impl Audience) {
        tracing::warn!(from = %moved.from, to = %moved.to, confidence = moved.confidence.word(), "the clock was moved");
        let event = RecordEvent::ClockChanged(changed(moved));
        self.note(now, event, audience);
    }

    /// For a quiet moment: room for the next passages, and another try where the journal had failed. What changed for the
    /// screen: which fault, and whether it is there now.
    pub fn tend(&mut self, now: Now) -> Vec<(Fault, bool)> {
        let indexing = |ledger: &Ledger| ledger.state.as_ref().is_ok_and(|journal| journal.index_progress().is_some());
        let before = indexing(&self.ledger);
        let changed = self.ledger.tend(now);
        if before && !indexing(&self.ledger) {
            // Today's numbers could not be known while the index was being made.
            let totals = self.ledger.totals(now.time.estimate());
            self.lane = self.lane.take().map(|lane| lane.recounted(totals));
        }
        changed
    }

    /// There is more to do as soon as nobody waits.
    pub fn is_busy(&self) -> bool {
        self.ledger.busy
    }

    /// What the guard is told of the journal after a start; of the real one also while guards learn.
    pub fn journal_shown(&self) -> Option<JournalShown> {
        self.aside.as_ref().map_or(&self.ledger, |aside| &aside.ledger).journal_shown()
    }

    /// The kiosk is closed in order: what was recorded is signed, also what was before guards began to learn.
    pub fn stopped(&mut self, now: Now) {
        let ledger = self.real();
        if let Err(fault) = ledger.sign(now) {
            tracing::warn!(fault = fault.word(), "the end could not be signed; the records are on disk all the same");
        }
        if let Some(mirror) = ledger.state.as_ref().ok().and_then(Journal::mirror) {
            mirror.settle(MIRROR_AT_END);
        }
    }

    /// Statistics of today, as far as the index has taken records in: some 64 passages behind at most.
    pub fn statistics(&self, now: Now) -> Option<Statistics> {
        self.ledger.statistics(now.time.estimate())
    }

    /// When the next turn is due if nothing happens.
    pub fn deadline(&self, now: Now) -> Duration {
        self.lane.as_ref().map_or(now.tick, |lane| lane.deadline(self.of_lane(now)))
    }

    /// One event, and every answer that it causes, until the lane rests.
    pub fn turn(&mut self, now: Now, event: Event, audience: &mut impl Audience) {
        let mut personal = matches!(event, Event::Codes(_) | Event::Guard(_) | Event::Roster(_));
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            // Never empty here: it is put back at once, and moved rather than copied, for it knows a name.
            let Some(lane) = self.lane.take() else { return };
            let (next, effects) = lane.handle(&self.verifier, self.of_lane(now), event);
            self.lane = Some(next);
            for effect in effects {
                match effect {
                    Effect::Record(draft) => {
                        personal = true;
                        events.push_back(Event::Recorded(self.record(self.of_lane(now), &draft, audience)));
                    }
                    Effect::Note(note) => events.push_back(Event::Recorded(self.ledger.append_note(*note))),
                    Effect::Log(note) => {
                        if let Err(fault) = self.ledger.append_note(*note) {
                            events.push_back(Event::Condition { fault, present: true });
                        }
                    }
                    Effect::Sign => {
                        // A witness is of the real journal, also while guards learn.
                        let signed = self.real().sign(now).map(|(checkpoint, text)| {
                            let Checkpoint { device, sequence, at, .. } = checkpoint;
                            HeadShown { text, device, sequence, at }
                        });
                        events.push_back(Event::Signed(signed));
                    }
                    Effect::Show(screen) => audience.show(&screen),
                    Effect::Sound(sound) => audience.play(sound),
                }
            }
        }
        if personal {
            wipe_stack();
        }
    }

    fn record(&mut self, now: Now, draft: &Draft, audience: &mut impl Audience) -> Result<PassageId, Fault> {
        // In doubt the floor's day: its key is the one that the authority destroys first. Never a day before the last record's:
        // a journal that could not be opened at the start knows of a later one.
        let floor = now.time.floor();
        let day = day_in_vietnam(self.ledger.remembered().map_or(floor, |last| last.floor.max(floor)));
        let sealed_to = self.verifier.trust.tracing_key(day).map(|key| (day, key));
        let began = Instant::now();
        let passage = self.ledger.append(draft, sealed_to)?;
        audience.passed(passage, draft, began.elapsed());
        Ok(passage)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use checkpoint::passage::{Direction, Location, Outcome};
    use checkpoint::screen::{GuardAction, OverrideReason, Stage};
    use checkpoint::time::{Clockwork, TrustedTime};

    use super::*;
    use crate::config::{Config, Under};
    use crate::journal::Reader;
    use crate::mode::Mode;
    use crate::practice::Practice;

    #[test]
    fn a_clock_that_was_moved_is_a_record_and_the_next_start_remembers_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let mut clock = Clockwork::start([at("2027-03-01T00:00:00Z")], None);
        clock.read(at("2027-03-09T00:00:00Z"), Duration::ZERO);
        let hour = Duration::from_secs(3600);
        let now = Now { time: clock.read(at("2027-03-05T00:00:00Z"), hour), tick: hour };
        let moved = clock.moved().expect("four days back");
        let mut ledger = Ledger::at(folder.path());
        let note = RecordEvent::ClockChanged(changed(moved));
        ledger.append_note(Note { at: now.time.estimate(), floor: now.time.floor(), event: note }).unwrap();
        drop(ledger);
        let reader = Reader::open(&journal_dir(folder.path())).unwrap();
        let events: Vec<RecordEvent> =
            reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.clone()).collect();
        let [.., RecordEvent::ClockChanged(kept)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((kept.from, kept.to), (at("2027-03-09T01:00:00Z"), at("2027-03-05T00:00:00Z")));
        assert_eq!((kept.by.as_str(), kept.confidence.as_deref()), ("system", Some("doubtful")));
        let remembered = Ledger::at(folder.path()).remembered().expect("a record");
        assert_eq!((remembered.at, remembered.floor), (at("2027-03-09T01:00:00Z"), at("2027-03-01T01:00:00Z")));
        let mut next = Clockwork::start([at("2027-03-01T00:00:00Z")], Some(remembered));
        let time = next.read(at("2027-03-05T01:00:00Z"), Duration::ZERO);
        assert_eq!(time.confidence(), checkpoint::time::Confidence::Doubtful, "set back, and not forgotten");
    }

    #[test]
    fn a_mirror_that_is_lost_and_back_is_told_and_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (storage, stick) = (folder.path().join("kiosk"), folder.path().join("stick"));
        std::fs::create_dir_all(&storage).unwrap();
        let look_every = Duration::from_millis(10);
        let settings = mirror::Settings { dir: stick.clone(), on: mirror::On::AnyDevice, look_every };
        let mut ledger = Ledger::at(&storage).mirrored(Some(settings));
        ledger.started(at(0), None);
        let began = Instant::now();
        let told = |ledger: &mut Ledger, expected: &[(Fault, bool)]| {
            let mut changed = Vec::new();
            while changed != expected {
                ledger.retain(at(1), 21);
                changed.extend(ledger.tend(at(1)));
                assert!(began.elapsed() < Duration::from_secs(20), "{changed:?} instead of {expected:?}");
                std::thread::sleep(look_every);
            }
        };
        told(&mut ledger, &[(Fault::MirrorLost, true)]);
        std::fs::create_dir(&stick).unwrap();
        told(&mut ledger, &[(Fault::MirrorLost, false)]);
        while ledger.mirroring.as_ref().unwrap().noted != mirror::State::Follows {
            told(&mut ledger, &[]);
            ledger.tend(at(2));
        }
        drop(ledger);
        let reader = Reader::open(&journal_dir(&storage)).unwrap();
        let changes = reader.settled(1).unwrap().filter_map(|entry| match &entry.unwrap().record().event {
            RecordEvent::ModeChanged(ModeChanged { mode, from, to, .. }) => Some(format!("{mode} {from} {to}")),
            _ => None,
        });
        assert_eq!(changes.collect::<Vec<_>>(), ["mirror follows lost", "mirror lost follows"]);
    }

    #[test]
    fn todays_numbers_are_right_once_the_index_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
        let mut ledger = Ledger::at(folder.path());
        let wave = |ledger: &mut Ledger| {
            let draft = Draft::plain(at(0).time.estimate(), "DEMO-0001", Direction::In, Outcome::Admit);
            ledger.append(&draft, None).unwrap();
        };
        // More than a start takes in before the first visitor.
        (0..2_100).for_each(|_| wave(&mut ledger));
        drop(ledger);
        std::fs::remove_file(journal_dir(folder.path()).join("index.sqlite")).unwrap();
        let ledger = Ledger::at(folder.path());
        let before = ledger.totals(at(0).time.estimate());
        let lane = Lane::new(config.lane.clone(), before, day_in_vietnam(at(0).time.estimate()));
        let mut lane = LaneLoop::new(lane, Verifier::default(), ledger);
        assert!(before.admitted < 2_100);
        let shown = lane.journal_shown().unwrap();
        assert_eq!((shown.records, shown.dropped, shown.indexed), (2_100, 0, Some(0)));
        let mut eyes = Eyes::default();
        let kept = RecordEvent::Updated(Updated { what: "settings".into(), from: None, to: "1".into() });
        assert!(lane.note(at(1), kept, &mut eyes));
        let mut percents = Vec::new();
        while lane.journal_shown().unwrap().indexed.is_some() {
            lane.tend(at(1));
            percents.extend(lane.journal_shown().unwrap().indexed);
            assert!(lane.is_busy() || lane.journal_shown().unwrap().indexed.is_none());
        }
        assert!(percents.len() > 2 && percents.is_sorted(), "{percents:?}");
        lane.turn(at(2), Event::Tick, &mut eyes);
        assert_eq!(eyes.0.unwrap().totals.admitted, 2_100);
    }

    #[derive(Default)]
    struct Eyes(Option<Screen>);

    impl Audience for Eyes {
        fn show(&mut self, screen: &Screen) {
            self.0 = Some(screen.clone());
        }

        fn play(&mut self, _sound: Sound) {}

        fn passed(&mut self, _passage: PassageId, _draft: &Draft, _synced: Duration) {}
    }

    fn at(secs: u64) -> Now {
        let time = DateTime::from_timestamp(1_780_000_000 + secs as i64, 0).unwrap();
        Now { time: TrustedTime::given(time), tick: Duration::from_secs(secs) }
    }

    #[test]
    fn a_patrol_that_moves_takes_its_trust_list_along() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
        let home = config.lane.location.clone();
        let away = Location { code: "KH-TT-0101".into(), name: "Chợ Đầm".into(), province: "Khánh Hòa".into() };
        let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
        let verifier = Verifier { trust: TrustList::default().at(home.clone()), ..Verifier::default() };
        let mut lane = LaneLoop::new(lane, verifier, Ledger::at(folder.path()));
        let mut eyes = Eyes::default();
        let reform = |mode: Mode, place: &Location| {
            let Under { settings, .. } = config.under(mode, None, Some(place)).unwrap();
            let training = (mode == Mode::Training).then(|| {
                let throwaway = Throwaway::new().unwrap();
                let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
                Training { ledger, throwaway, trust: Some(TrustList::default()), at: None }
            });
            Reform { settings, rule_sets: Vec::new(), afresh: None, training, names: true, events: Vec::new() }
        };
        assert!(lane.reform(at(1), reform(Mode::Patrol, &away), &mut eyes));
        assert_eq!(lane.verifier.trust.place(), Some(&away));
        lane.replace_trust(at(2), TrustList::default().at(home.clone()), &mut eyes);
        assert_eq!(lane.verifier.trust.place(), Some(&away), "a newer list from a stick");
        assert!(lane.reform(at(3), reform(Mode::Training, &home), &mut eyes));
        lane.replace_trust(at(4), TrustList::default().at(away.clone()), &mut eyes);
        assert_eq!(lane.verifier.trust.place(), None, "a recording's list stands nowhere");
        assert!(lane.reform(at(5), reform(Mode::Patrol, &home), &mut eyes));
        assert_eq!(lane.verifier.trust.place(), Some(&home));
    }

    #[test]
    fn training_keeps_nothing_and_that_it_began_and_ended_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
        let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
        let mut lane = LaneLoop::new(lane, Verifier::default(), Ledger::at(folder.path()));
        let mut eyes = Eyes::default();
        let pass = |lane: &mut LaneLoop, eyes: &mut Eyes, secs: u64| {
            lane.turn(at(secs), Event::Guard(GuardAction::Override(OverrideReason::Order)), eyes);
            lane.turn(at(secs + 1), Event::Guard(GuardAction::Dismiss), eyes);
            eyes.0.as_ref().unwrap().totals.overridden
        };
        assert_eq!(pass(&mut lane, &mut eyes, 1), 1);
        let reform = |to: Mode| {
            let throwaway = Throwaway::new().unwrap();
            let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
            let training = (to == Mode::Training).then_some(Training { ledger, throwaway, trust: None, at: None });
            let changed = ModeChanged { mode: "mode".into(), from: String::new(), to: to.word().into(), guard: None };
            let events = vec![RecordEvent::ModeChanged(changed)];
            let under = config.under(to, None, None).unwrap();
            Reform { settings: under.settings, rule_sets: under.rule_sets, afresh: None, training, names: true, events }
        };
        assert!(lane.reform(at(10), reform(Mode::Training), &mut eyes));
        assert_eq!(eyes.0.as_ref().unwrap().totals, Totals::default());
        assert_eq!((pass(&mut lane, &mut eyes, 11), pass(&mut lane, &mut eyes, 21)), (1, 2));
        assert!(lane.reform(at(30), reform(Mode::Checkpoint), &mut eyes));
        let screen = eyes.0.as_ref().unwrap();
        assert!(screen.totals.overridden == 1 && screen.stage == Stage::Waiting);
        assert_eq!(pass(&mut lane, &mut eyes, 31), 2);
        drop(lane);
        let reader = Reader::open(&journal_dir(folder.path())).unwrap();
        let kinds: Vec<_> =
            reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.kind().to_owned()).collect();
        assert_eq!(kinds, ["passage", "mode-changed", "mode-changed", "passage"]);
    }

    /// Every practice code through the kiosk's own lane: what must come of it comes, at the codes' own time, and the real journal
    /// holds no trace but that training began.
    #[test]
    fn practice_codes_are_judged_at_their_own_time_and_nothing_of_them_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
        let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
        let mut lane = LaneLoop::new(lane, Verifier::default(), Ledger::at(folder.path()));
        let mut eyes = Eyes::default();
        let throwaway = Throwaway::new().unwrap();
        let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
        let practice = Practice::built_in();
        let training = Training { ledger, throwaway, trust: Practice::trust(), at: Some(practice.at) };
        let under = config.under(Mode::Training, None, None).unwrap();
        let changed = ModeChanged { mode: "mode".into(), from: String::new(), to: "training".into(), guard: None };
        let reform = Reform {
            settings: under.settings,
            rule_sets: under.rule_sets,
            afresh: None,
            training: Some(training),
            names: true,
            events: vec![RecordEvent::ModeChanged(changed)],
        };
        assert!(!lane.in_training() && lane.reform(at(5), reform, &mut eyes) && lane.in_training());
        let mut secs = 10;
        for case in practice.cases {
            for text in case.codes {
                lane.turn(at(secs), Event::Codes(vec![text]), &mut eyes);
                secs += 1;
            }
            if !matches!(eyes.0.as_ref().unwrap().stage, Stage::Decided(_)) {
                // A visit that stays incomplete ends by itself.
                secs += 30;
                lane.turn(at(secs), Event::Tick, &mut eyes);
            }
            let screen = eyes.0.as_ref().unwrap();
            let Stage::Decided(shown) = &screen.stage else { panic!("{}: {:?}", case.id, screen.stage) };
            let reason = shown.reason().map(|reason| reason.code().to_owned());
            assert_eq!((shown.outcome().word(), reason), (case.outcome.as_str(), case.reason), "{}", case.id);
            assert_eq!(day_in_vietnam(screen.clock), day_in_vietnam(practice.at), "{}", case.id);
            lane.turn(at(secs + 1), Event::Guard(GuardAction::Dismiss), &mut eyes);
            secs += 10;
        }
        drop(lane);
        let reader = Reader::open(&journal_dir(folder.path())).unwrap();
        let kinds: Vec<_> =
            reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.kind().to_owned()).collect();
        assert_eq!(kinds, ["mode-changed"]);
    }
}
