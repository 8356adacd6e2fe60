//! The open checkpoint (xả chốt): when hundreds queue, visitors are waved through and counted.
//!
//! The beginning, everyone who is waved through and the end are records of their own, so a cut of the power loses at most
//! the last touch, and the screen counts only what is on disk.

use chrono::{DateTime, Utc};

use super::record::{Awaited, draft};
use super::{Effect, Lane, State, Turn};
use crate::passage::day::{SurgeBegan, SurgeEnded};
use crate::passage::record::Event;
use crate::passage::{Note, Outcome, PassageId};
use crate::screen::{GuardNumber, Open, Sound, SurgeReason};

/// While it stands open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surge {
    began: PassageId,
    open: Open,
}

impl Surge {
    pub(super) fn shown(&self) -> Open {
        self.open
    }
}

/// What becomes durable, and then counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum SurgeStep {
    Begins { since: DateTime<Utc>, reason: SurgeReason },
    Waves(Surge),
    Ends,
}

impl Lane {
    pub(super) fn open_checkpoint(&mut self, turn: &mut Turn<'_>, reason: SurgeReason, guard: GuardNumber) {
        if !matches!(self.state, State::Waiting | State::About(..) | State::Standing(_)) || self.party.is_some() {
            return;
        }
        let event = Event::SurgeBegan(SurgeBegan {
            location: self.settings.location.code.clone(),
            reason: reason.word().to_owned(),
            guard: guard.0.to_string(),
        });
        self.note(turn, event, SurgeStep::Begins { since: turn.now.time.estimate(), reason });
    }

    pub(super) fn wave(&mut self, turn: &mut Turn<'_>) {
        let State::Open(surge) = self.state else { return };
        let mut draft = draft(self, turn, Outcome::Waved, None, Some(surge.began));
        // Nobody was checked by any of them.
        draft.rule_sets.clear();
        turn.effects.push(Effect::Record(Box::new(draft)));
        self.state = State::Recording(Awaited::Surge(SurgeStep::Waves(surge)));
    }

    pub(super) fn close_checkpoint(&mut self, turn: &mut Turn<'_>) {
        let State::Open(surge) = self.state else { return };
        let event = Event::SurgeEnded(SurgeEnded { began: surge.began.sequence(), waved: surge.open.waved });
        self.note(turn, event, SurgeStep::Ends);
    }

    fn note(&mut self, turn: &mut Turn<'_>, event: Event, step: SurgeStep) {
        let time = turn.now.time;
        let note = Note { at: time.estimate(), floor: time.floor(), event };
        turn.effects.push(Effect::Note(Box::new(note)));
        self.state = State::Recording(Awaited::Surge(step));
    }

    /// A step is on disk.
    pub(super) fn surge_recorded(&mut self, turn: &mut Turn<'_>, id: PassageId, step: SurgeStep) {
        turn.effects.push(Effect::Sound(Sound::Read));
        self.state = match step {
            SurgeStep::Begins { since, reason } => {
                State::Open(Surge { began: id, open: Open { since, reason, waved: 0 } })
            }
            SurgeStep::Waves(mut surge) => {
                self.totals.count(Outcome::Waved);
                surge.open.waved += 1;
                State::Open(surge)
            }
            SurgeStep::Ends => State::Waiting,
        };
    }
}
