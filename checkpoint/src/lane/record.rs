//! From a decision to a durable passage to what the guard sees.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::party::Crowd;
use super::surge::SurgeStep;
use super::{Effect, Lane, Standing, State, Turn, Visit};
use crate::evidence::{Evidence, Guardianship};
use crate::passage::{Draft, Identity, Outcome, PassageId, SeenBefore};
use crate::screen::{Fault, Noted, Shown, Sound, Who};
use crate::trust::credential::Person;
use crate::verdict::{Answer, Reason, Step, Verdict};

/// What the lane waits for the disk with.
#[derive(Clone, Debug)]
pub(super) enum Awaited {
    /// A passage.
    Passage(Box<Pending>),
    /// A step of an open checkpoint.
    Surge(SurgeStep),
    /// The signed head.
    Head,
    /// Another kiosk's signed head.
    Witness(Noted),
}

/// Decided, on its way to the disk.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<Reason>,
    pub(super) holds_until: Option<DateTime<Utc>>,
    pub(super) evidence: Evidence,
    pub(super) shown_after: bool,
    /// The passage that this one corrects.
    pub(super) refers_to: Option<PassageId>,
    /// The group whose passage this is; `evidence` is empty then.
    pub(super) crowd: Option<Box<Crowd>>,
    /// How long it took from the first sight of a code to the decision, where codes decided.
    pub(super) scan: Option<Duration>,
}

impl Pending {
    /// One visitor, judged by codes.
    pub(super) fn of(verdict: &Verdict, evidence: Evidence) -> Self {
        Self {
            outcome: if verdict.is_vouched() { Outcome::Override } else { verdict.answer().into() },
            reason: verdict.reason().cloned(),
            holds_until: verdict.holds_until(),
            evidence,
            shown_after: true,
            refers_to: None,
            crowd: None,
            scan: None,
        }
    }

    /// What is sealed with the passage.
    fn identity(&self) -> Option<Identity> {
        self.crowd.as_ref().map_or_else(|| self.evidence.identity(), |crowd| crowd.identity())
    }

    /// Name and birth year for the screen; how many for a group.
    fn who(&self) -> Option<Who> {
        match &self.crowd {
            Some(crowd) => Some(Who::Party { visitors: crowd.count(), stopped: crowd.stopped() }),
            None => self.evidence.who(),
        }
    }

    /// What everybody in it showed.
    fn evidences(&self) -> impl Iterator<Item = &Evidence> {
        let crowd = self.crowd.as_deref().into_iter().flat_map(Crowd::visitors);
        crowd.chain(self.crowd.is_none().then_some(&self.evidence))
    }

    /// Everybody in it, and whether the place's roster names them.
    fn people(&self) -> Vec<(Person, bool)> {
        let known = |evidence: &Evidence| Some((evidence.known_as()?, evidence.member().is_some()));
        match &self.crowd {
            Some(crowd) => crowd.visitors().filter_map(known).collect(),
            None => known(&self.evidence).into_iter().collect(),
        }
    }

    /// Whether a pupil leaves with somebody who may pick it up.
    fn is_with_guardian(&self) -> bool {
        let with = |evidence: &Evidence| matches!(evidence.guardianship(), Guardianship::Registered(_));
        match &self.crowd {
            Some(crowd) => crowd.visitors().any(with),
            None => with(&self.evidence),
        }
    }
}

/// A passage of the lane as it stands now. Who it was comes later.
pub(super) fn draft(
    lane: &Lane,
    turn: &Turn<'_>,
    outcome: Outcome,
    reason: Option<String>,
    refers_to: Option<PassageId>,
) -> Draft {
    let Turn { verifier, now, .. } = *turn;
    Draft {
        at: now.time.estimate(),
        floor: now.time.floor(),
        location: lane.settings.location.code.clone(),
        direction: lane.direction,
        outcome,
        reason,
        rule_sets: verifier.rule_sets.iter().map(|rule_set| rule_set.used(&lane.settings.location)).collect(),
        trust_list: verifier.trust.is_loaded().then(|| verifier.trust.version()),
        refers_to,
        visitors: 1,
        seen_before: None,
        with_guardian: false,
        scan: None,
        identity: None,
    }
}

impl Lane {
    pub(super) fn decided(&mut self, turn: &mut Turn<'_>, verdict: Verdict, evidence: Evidence) {
        let verdict = self.unless_passed_before(turn, verdict, &evidence);
        let scan = self.first_seen.take().map(|since| turn.now.tick.saturating_sub(since));
        self.record_decided(turn, Pending { scan, ..Pending::of(&verdict, evidence) });
    }

    /// Keeps a decision with the code of its reason. Where it rests on what the guard typed, the code of that stands before it.
    pub(super) fn record_decided(&mut self, turn: &mut Turn<'_>, pending: Pending) {
        let typed = !pending.evidence.papers().is_empty();
        let code = pending.reason.as_ref().map(|reason| match reason {
            Reason::PaperTyped | Reason::AppChecked | Reason::NotThisPerson => reason.code().to_owned(),
            reason if typed => format!("{} {}", Reason::PaperTyped.code(), reason.code()),
            reason => reason.code().to_owned(),
        });
        self.record(turn, pending, code);
    }

    /// Whoever may pass, and did a moment ago or is in already, or shows a code that was taken back too, is the guard's to look at.
    fn unless_passed_before(&self, turn: &Turn<'_>, verdict: Verdict, evidence: &Evidence) -> Verdict {
        let lets_pass = matches!(verdict.answer(), Answer::Admit | Answer::Registered) || verdict.is_vouched();
        if let Some(blemish) = evidence.blemish().filter(|_| lets_pass) {
            // Good codes beside one that was taken back: never silently green, and not known to be wrong.
            return Verdict::because(blemish.clone()).by_eye();
        }
        let (Some(passback), Some(person)) = (self.passback.as_ref().filter(|_| lets_pass), evidence.known_as()) else {
            return verdict;
        };
        let borrowed = passback.borrowed_at(&person, turn.now).map(|at| Reason::Borrowed { at });
        let seen = || passback.seen_before(&person, self.direction, turn.now).map(Reason::PassedBefore);
        borrowed.or_else(seen).map_or(verdict, Verdict::because)
    }

    /// A visit ends before everything was shown.
    pub(super) fn incomplete(&mut self, turn: &mut Turn<'_>, visit: Visit, shown_after: bool) {
        self.first_seen = None;
        let missing = visit.step;
        let says_nothing = visit.notice.as_ref().is_some_and(Reason::is_of_nobody) && visit.evidence.is_empty();
        if says_nothing && (self.party.is_some() || self.is_known_to_name_nobody(turn, &visit)) {
            self.state = State::Waiting;
            return;
        }
        let reason = match visit.notice {
            // Who it is, is known; who picks the pupil up, is not.
            _ if missing == Step::ShowGuardian => Reason::Incomplete { missing },
            // Where nobody was named, the last code's own fault says more than what is missing.
            Some(notice) if visit.evidence.is_empty() => notice,
            _ if visit.evidence.credentials().is_empty() && !visit.evidence.is_empty() => {
                Reason::Unverified { missing }
            }
            _ => Reason::Incomplete { missing },
        };
        let pending = Pending { shown_after, ..Pending::of(&Verdict::because(reason), visit.evidence) };
        self.record_decided(turn, pending);
    }

    /// Whether all that was shown names nobody and made a passage before: a poster in the camera's view, a shop's code. What just let
    /// pass makes none either.
    fn is_known_to_name_nobody(&mut self, turn: &Turn<'_>, visit: &Visit) -> bool {
        let just_passed = matches!(visit.notice, Some(Reason::PassedBefore(_)));
        just_passed || self.read.names_nobody(visit.evidence.codes(), turn.now.tick)
    }

    /// Hands a passage to the journal under this code, or adds the visitor to the group that is being gathered.
    pub(super) fn record(&mut self, turn: &mut Turn<'_>, pending: Pending, code: Option<String>) {
        if pending.refers_to.is_none() && pending.crowd.is_none() && self.joined(turn, &pending, code.as_ref()) {
            return;
        }
        let mut draft = draft(self, turn, pending.outcome, code, pending.refers_to);
        draft.visitors = pending.crowd.as_ref().map_or(1, |crowd| crowd.count());
        draft.seen_before = match &pending.reason {
            Some(Reason::PassedBefore(seen)) => Some(*seen),
            _ => None,
        };
        draft.with_guardian = pending.is_with_guardian();
        draft.identity = pending.identity();
        draft.scan = pending.scan;
        turn.effects.push(Effect::Record(Box::new(draft)));
        self.state = State::Recording(Awaited::Passage(Box::new(pending)));
    }

    /// The disk failed: nobody was shown anything. A group is gathered again, to be ended again when the disk is whole; a visitor's code
    /// may try again at once.
    pub(super) fn not_recorded(&mut self, turn: &Turn<'_>, fault: Fault) {
        let awaited = std::mem::replace(&mut self.state, State::OutOfService(fault));
        let group = match awaited {
            State::Recording(Awaited::Passage(pending)) if pending.refers_to.is_none() => pending.crowd,
            _ => None,
        };
        match group {
            Some(crowd) => self.party = Some(crowd.gathered_again(turn.now.tick)),
            None => self.seen.clear(),
        }
    }

    pub(super) fn recorded(&mut self, turn: &mut Turn<'_>, passage: PassageId) {
        if !matches!(self.state, State::Recording(_)) {
            return; // An answer that nobody waits for changes nothing.
        }
        let State::Recording(awaited) = std::mem::replace(&mut self.state, State::Waiting) else { return };
        let pending = match awaited {
            Awaited::Passage(pending) => pending,
            // What is signed has an answer of its own.
            Awaited::Head => return self.state = State::Recording(Awaited::Head),
            Awaited::Witness(kept) => return self.witness_recorded(turn, kept),
            Awaited::Surge(step) => return self.surge_recorded(turn, passage, step),
        };
        self.totals.count(pending.outcome);
        if let Some(passback) = self.passback.as_mut().filter(|_| pending.outcome.lets_pass()) {
            for (person, listed) in pending.people() {
                passback.passed(&person, listed, self.direction, turn.now);
            }
            let seen = SeenBefore { at: turn.now.time.estimate(), direction: self.direction };
            pending.evidences().for_each(|evidence| self.read.passed(evidence.codes(), turn.now.tick, seen));
        }
        self.count_inside(turn.now);
        if !pending.shown_after {
            return;
        }
        turn.effects.push(Effect::Sound(match pending.outcome {
            Outcome::Admit => Answer::Admit.into(),
            Outcome::Refuse => Answer::Refuse.into(),
            Outcome::Refer => Answer::Refer.into(),
            Outcome::Registered | Outcome::Override | Outcome::Waved => Sound::Read,
        }));
        let who = pending.who();
        let Pending { outcome, reason, holds_until, mut evidence, crowd, .. } = *pending;
        evidence.forget_others();
        let shown = Shown::new(passage, outcome, reason, who, holds_until);
        self.state = State::Standing(Box::new(Standing { shown, evidence, crowd, since: turn.now.tick, held: false }));
    }
}
