//! What the guard's hand does to a lane.

use super::{Lane, State, Turn};
use crate::evidence::Evidence;
use crate::lane::record::Pending;
use crate::passage::{Direction, Outcome};
use crate::screen::{GuardAction, OverrideReason};
use crate::verdict::Reason;

impl Lane {
    pub(super) fn guard(&mut self, turn: &mut Turn<'_>, action: GuardAction) {
        match action {
            GuardAction::Turn => {
                self.direction = match self.direction {
                    Direction::In => Direction::Out,
                    Direction::Out => Direction::In,
                };
            }
            GuardAction::Hold => {
                if let State::Standing(standing) = &mut self.state {
                    standing.held = !standing.held;
                    if !standing.held {
                        // The full time again: a verdict that vanishes at the touch would surprise.
                        standing.since = turn.now.tick;
                    }
                }
            }
            GuardAction::Dismiss => match std::mem::replace(&mut self.state, State::Waiting) {
                State::Visit(visit) => self.incomplete(turn, visit, false),
                recording @ State::Recording(_) => self.state = recording,
                State::Standing(standing) => {
                    if standing.shown.reason() == Some(&Reason::AnotherPerson) {
                        // The other one's code may still lie before the camera: now it opens a visit of its own.
                        self.seen.clear();
                    }
                }
                State::Waiting | State::OutOfService(_) => {}
            },
            GuardAction::Override(why) => self.overridden(turn, why),
        }
    }

    fn overridden(&mut self, turn: &mut Turn<'_>, why: OverrideReason) {
        let (evidence, refers_to) = match &self.state {
            State::Standing(standing) if standing.shown.outcome() != Outcome::Admit => {
                (standing.evidence.clone(), Some(standing.shown.passage()))
            }
            State::Visit(visit) => (visit.evidence.clone(), None),
            // Without a code: an ambulance does not wait for one.
            State::Waiting => (Evidence::default(), None),
            State::Standing(_) | State::Recording(_) | State::OutOfService(_) => return,
        };
        let pending = Pending {
            outcome: Outcome::Override,
            reason: Some(Reason::Override),
            holds_until: None,
            evidence,
            shown_after: true,
        };
        self.record(turn, pending, Some(format!("G-{}", why.word().to_uppercase())), refers_to);
    }
}
