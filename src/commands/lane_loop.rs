//! The main loop's turn: one event through the lane, and its effects into the world.

mod ledger;
mod reform;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use checkpoint::lane::{Effect, Event, Lane, Now, Verifier};
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::ClockChanged;
use checkpoint::passage::record::Event as RecordEvent;
use checkpoint::passage::{Draft, Note, PassageId};
use checkpoint::passback::Passback;
use checkpoint::presence::Presence;
use checkpoint::screen::{Fault, HeadShown, Screen, Sound, Totals};
use checkpoint::statistics::Statistics;
use checkpoint::time::{Moved, day_in_vietnam};
use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::journal::Journal;
use crate::memory::wipe_stack;
use crate::ui::journal::JournalShown;
pub use ledger::{Ledger, LedgerFault};
use reform::Aside;
pub use reform::{Reform, Reformed, Training};

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

/// How the journal says that the clock was found moved.
fn changed(moved: Moved) -> ClockChanged {
    let Moved { from, to, confidence } = moved;
    ClockChanged { from, to, by: "system".into(), guard: None, confidence: Some(confidence.word().into()) }
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
        let mut changed = self.ledger.tend(now);
        if let Some(aside) = &mut self.aside {
            changed.extend(aside.ledger.tend(now));
        }
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
                        events.push_back(Event::Recorded(self.record(self.of_lane(now), *draft, audience)));
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

    fn record(&mut self, now: Now, mut draft: Draft, audience: &mut impl Audience) -> Result<PassageId, Fault> {
        // A journal that could not be opened at the start knows of a later proven time than the clock.
        let proven = self.ledger.remembered().map_or(draft.floor, |last| last.floor.max(draft.floor));
        draft.floor = proven;
        let (_, last) = now.time.sealing_days().into_inner();
        let first = day_in_vietnam(proven);
        let key = self.verifier.trust.sealing_key(first..=last.max(first));
        let sealed_to = match (&self.aside, self.ledger.nobodys_key) {
            // A guard's own card, or a real visitor's, is not kept at all.
            (Some(_), _) => None,
            (None, Some(nobodys)) => key.map(|(day, _)| (day, nobodys)),
            (None, None) => key,
        };
        let began = Instant::now();
        let passage = self.ledger.append(&draft, sealed_to)?;
        audience.passed(passage, &draft, began.elapsed());
        Ok(passage)
    }
}

#[cfg(test)]
mod tests;
