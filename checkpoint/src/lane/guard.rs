//! What the guard's hand does to a lane.

use super::record::Pending;
use super::{Lane, State, Turn};
use crate::evidence::Evidence;
use crate::passage::day::ModeChanged;
use crate::passage::record::Event;
use crate::passage::{Direction, Outcome};
use crate::screen::{GuardAction, Paper};
use crate::verdict::{Reason, Verdict};

impl Lane {
    pub(super) fn guard(&mut self, turn: &mut Turn<'_>, action: GuardAction) {
        match action {
            GuardAction::Turn => {
                let from = self.direction;
                self.direction = match from {
                    Direction::In => Direction::Out,
                    Direction::Out => Direction::In,
                };
                let (mode, from, to) =
                    ("direction".to_owned(), from.word().to_owned(), self.direction.word().to_owned());
                turn.log(Event::ModeChanged(ModeChanged { mode, from, to, guard: None }));
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
                State::Visit(visit) => self.incomplete(turn, *visit, false),
                recording @ State::Recording(_) => self.state = recording,
                State::Standing(standing) => {
                    if standing.shown.reason() == Some(&Reason::AnotherPerson) {
                        // The other one's code may still lie before the camera: now it opens a visit of its own.
                        self.seen.clear();
                    }
                }
                open @ State::Open(_) => self.state = open,
                State::Waiting | State::OutOfService(_) => {}
            },
            GuardAction::Override(why) => {
                self.let_pass(turn, None, format!("G-{}", why.word().to_uppercase()));
            }
            GuardAction::Vouch(paper) => {
                let code = paper.kind.code().to_owned();
                self.let_pass(turn, Some(*paper), code);
            }
            GuardAction::NotThisPerson => self.not_this_person(turn),
            GuardAction::BeginParty => self.begin_party(turn),
            GuardAction::EndParty(plate) => self.end_party(turn, plate),
            GuardAction::Open(reason, guard) => self.open_checkpoint(turn, reason, guard),
            GuardAction::Wave => self.wave(turn),
            GuardAction::Close => self.close_checkpoint(turn),
        }
    }

    /// The guard lets somebody pass, against a verdict or without one, for a reason or on what was read by eye.
    fn let_pass(&mut self, turn: &mut Turn<'_>, vouched: Option<Paper>, code: String) {
        let (evidence, crowd, refers_to) = match &self.state {
            State::Standing(standing) if !standing.shown.outcome().lets_pass() => {
                (standing.evidence.clone(), standing.crowd.clone(), Some(standing.shown.passage()))
            }
            State::Visit(visit) => (visit.evidence.clone(), None, None),
            // Without a code: an ambulance does not wait for one.
            State::Waiting => (Evidence::default(), None, None),
            State::Standing(_) | State::Recording(_) | State::Open(_) | State::OutOfService(_) => return,
        };
        let verdict = Verdict::because(Reason::Override);
        let pending = Pending { outcome: Outcome::Override, vouched, crowd, ..Pending::of(&verdict, evidence) };
        self.record(turn, pending, Some(code), refers_to);
    }

    /// The codes are in order and somebody else shows them. The first record stays; this one says what the guard saw.
    fn not_this_person(&mut self, turn: &mut Turn<'_>) {
        let State::Standing(standing) = &self.state else { return };
        if standing.crowd.is_some() || standing.evidence.is_empty() {
            return; // Of nobody, or of many, the guard cannot say it.
        }
        let (evidence, refers_to) = (standing.evidence.clone(), standing.shown.passage());
        if let (Some(passback), Some(person)) = (&mut self.passback, evidence.holder()) {
            passback.did_not_pass(&person);
        }
        let pending = Pending::of(&Verdict::because(Reason::NotThisPerson), evidence);
        self.record(turn, pending, Some(Reason::NotThisPerson.code().to_owned()), Some(refers_to));
    }
}
