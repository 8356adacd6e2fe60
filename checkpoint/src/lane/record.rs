//! From a decision to a durable passage to what the guard sees.

use chrono::{DateTime, Utc};

use super::{Effect, Lane, Standing, State, Turn, Visit};
use crate::evidence::Evidence;
use crate::passage::{Draft, Outcome, PassageId};
use crate::screen::{Shown, Sound};
use crate::verdict::{Answer, Reason, Verdict};

/// Decided, on its way to the disk.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<Reason>,
    pub(super) holds_until: Option<DateTime<Utc>>,
    pub(super) evidence: Evidence,
    pub(super) shown_after: bool,
}

impl Lane {
    pub(super) fn decided(&mut self, turn: &mut Turn<'_>, verdict: Verdict, evidence: Evidence) {
        let pending = Pending {
            outcome: verdict.answer().into(),
            reason: verdict.reason().cloned(),
            holds_until: verdict.holds_until(),
            evidence,
            shown_after: true,
        };
        let reason = pending.reason.as_ref().map(|reason| reason.code().to_owned());
        self.record(turn, pending, reason, None);
    }

    /// A visit ends before everything was shown.
    pub(super) fn incomplete(&mut self, turn: &mut Turn<'_>, visit: Visit, shown_after: bool) {
        let missing = visit.step;
        let reason = match visit.notice {
            // Where nobody was named, the last code's own fault says more than what is missing.
            Some(notice) if visit.evidence.is_empty() => notice,
            _ if visit.evidence.credentials().is_empty() && !visit.evidence.is_empty() => {
                Reason::Unverified { missing }
            }
            _ => Reason::Incomplete { missing },
        };
        let code = reason.code().to_owned();
        let pending = Pending {
            outcome: reason.answer().into(),
            reason: Some(reason),
            holds_until: None,
            evidence: visit.evidence,
            shown_after,
        };
        self.record(turn, pending, Some(code), None);
    }

    pub(super) fn record(
        &mut self,
        turn: &mut Turn<'_>,
        pending: Pending,
        reason: Option<String>,
        refers_to: Option<PassageId>,
    ) {
        let Turn { verifier, now, .. } = *turn;
        let draft = Draft {
            at: now.time.estimate(),
            floor: now.time.floor(),
            location: self.settings.location.code.clone(),
            direction: self.direction,
            outcome: pending.outcome,
            reason,
            rule_sets: verifier.rule_sets.iter().map(|rule_set| rule_set.used(&self.settings.location)).collect(),
            trust_list: verifier.trust.is_loaded().then(|| verifier.trust.version()),
            refers_to,
            visitors: 1,
            seen_before: None,
            identity: pending.evidence.identity(),
        };
        turn.effects.push(Effect::Record(Box::new(draft)));
        self.state = State::Recording(Box::new(pending));
    }

    pub(super) fn recorded(&mut self, turn: &mut Turn<'_>, passage: PassageId) {
        let State::Recording(pending) = std::mem::replace(&mut self.state, State::Waiting) else {
            return; // An answer that nobody waits for changes nothing.
        };
        self.totals.count(pending.outcome);
        if !pending.shown_after {
            return;
        }
        turn.effects.push(Effect::Sound(match pending.outcome {
            Outcome::Admit => Answer::Admit.into(),
            Outcome::Refuse => Answer::Refuse.into(),
            Outcome::Refer => Answer::Refer.into(),
            Outcome::Registered | Outcome::Override | Outcome::Waved => Sound::Read,
        }));
        let Pending { outcome, reason, holds_until, mut evidence, .. } = *pending;
        evidence.forget_others();
        let shown = Shown::new(passage, outcome, reason, evidence.who(), holds_until);
        self.state = State::Standing(Box::new(Standing { shown, evidence, since: turn.now.tick, held: false }));
    }
}
