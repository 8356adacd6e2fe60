//! What the guard's hand does to a lane.

use super::record::Pending;
use super::{Lane, State, Turn};
use crate::evidence::likeness::Subject;
use crate::evidence::{self, Evidence};
use crate::passage::day::ModeChanged;
use crate::passage::record::Event;
use crate::passage::{Direction, Outcome};
use crate::rules::{self, Decision};
use crate::screen::{GuardAction, Paper, PaperKind};
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
                State::Waiting | State::About(..) | State::OutOfService(_) => {}
            },
            GuardAction::Override(why) => self.let_pass(turn, why.code()),
            GuardAction::Types(still) => self.types(turn, still),
            GuardAction::Vouch(paper) => self.vouch(turn, *paper),
            GuardAction::NotThisPerson => self.not_this_person(turn),
            GuardAction::BeginParty => self.begin_party(turn),
            GuardAction::EndParty(plate) => self.end_party(turn, plate),
            GuardAction::Open(reason, guard) => self.open_checkpoint(turn, reason, guard),
            GuardAction::ShowHead => self.show_head(turn),
            GuardAction::ShowInside(class) => self.show_inside(turn, class.as_deref()),
            GuardAction::Wave => self.wave(turn),
            GuardAction::Close => self.close_checkpoint(turn),
        }
    }

    /// The guard lets somebody pass, against a verdict or without one.
    fn let_pass(&mut self, turn: &mut Turn<'_>, code: String) {
        let (evidence, crowd, refers_to) = match &self.state {
            State::Standing(standing) if !standing.shown.outcome().lets_pass() => {
                (standing.evidence.clone(), standing.crowd.clone(), Some(standing.shown.passage()))
            }
            State::Visit(visit) => (visit.evidence.clone(), None, None),
            // Without a code: an ambulance does not wait for one.
            State::Waiting | State::About(..) => (Evidence::default(), None, None),
            State::Standing(_) | State::Recording(_) | State::Open(_) | State::OutOfService(_) => return,
        };
        let verdict = Verdict::because(Reason::Override);
        let pending = Pending { outcome: Outcome::Override, crowd, refers_to, ..Pending::of(&verdict, evidence) };
        self.record(turn, pending, Some(code));
    }

    /// What the guard read by eye and typed in: the rules judge it like a code, on the guard's word. Where they are met, that word
    /// lets pass; where they are not, the screen says why, and letting pass all the same is another touch.
    fn vouch(&mut self, turn: &mut Turn<'_>, paper: Paper) {
        let subject = Subject::from(&paper);
        if self.came_to_pick_up(turn, &subject, || {
            format!("{}; {}", evidence::named_on(&paper), evidence::describe_paper(&paper))
        }) {
            return;
        }
        let (mut evidence, refers_to) = match &self.state {
            State::Standing(standing) if !standing.shown.outcome().lets_pass() && standing.crowd.is_none() => {
                (standing.evidence.clone(), Some(standing.shown.passage()))
            }
            // Of whom it stands there, everything is known.
            State::Standing(standing) if standing.evidence.is_of(&subject) => return,
            State::Visit(visit) => (visit.evidence.clone(), None),
            // The next one: what was typed is not lost because somebody passed meanwhile.
            State::Standing(_) | State::Waiting | State::About(..) => (Evidence::default(), None),
            State::Recording(_) | State::Open(_) | State::OutOfService(_) => return,
        };
        let kind = paper.kind;
        if let Err(another) = evidence.add_paper(paper) {
            return self.decided(turn, Verdict::because(another), evidence);
        }
        self.enlist(&mut evidence, &subject);
        let decision = if kind.is_judged() {
            rules::decide(&turn.verifier.rule_sets, &evidence, self.place(), turn.now.time)
        } else {
            let reason = if kind == PaperKind::App { Reason::AppChecked } else { Reason::PaperTyped };
            Decision::Decided(Verdict::because(reason))
        };
        match decision {
            Decision::Needs(step) => self.gather(turn, evidence, step),
            Decision::Decided(verdict) if refers_to.is_none() => self.decided(turn, verdict, evidence),
            Decision::Decided(verdict) => {
                let pending = Pending { refers_to, ..Pending::of(&verdict, evidence) };
                self.record_decided(turn, pending);
            }
        }
    }

    /// The codes are in order and somebody else shows them. The first record stays; this one says what the guard saw.
    fn not_this_person(&mut self, turn: &mut Turn<'_>) {
        let State::Standing(standing) = &self.state else { return };
        if standing.crowd.is_some() || standing.evidence.is_empty() {
            return; // Of nobody, or of many, the guard cannot say it.
        }
        let (evidence, refers_to) = (standing.evidence.clone(), standing.shown.passage());
        if let (Some(passback), Some(person)) = (&mut self.passback, evidence.known_as()) {
            passback.did_not_pass(&person, self.direction, turn.now);
        }
        self.read.did_not_pass(evidence.codes());
        self.count_inside(turn.now);
        let verdict = Verdict::because(Reason::NotThisPerson);
        let pending = Pending { refers_to: Some(refers_to), ..Pending::of(&verdict, evidence) };
        self.record_decided(turn, pending);
    }
}
