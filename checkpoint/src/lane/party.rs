//! Several visitors as one passage: a family, a bus, a motorbike with two.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::record::Pending;
use super::{Effect, Lane, State, Turn};
use crate::evidence::Evidence;
use crate::passage::{Identity, Outcome, Proof};
use crate::screen::{PartyShown, Plate, Sound};
use crate::time::PartialDate;
use crate::trust::credential::Person;
use crate::verdict::Reason;

/// Most visitors in one passage: their names fit into one sealed part.
const VISITORS_MAX: usize = 24;
/// A group to which nobody is added for this long is over.
const WAITS_FOR: Duration = Duration::from_secs(300);

/// The visitors so far. Nothing of it is on disk before the guard ends the group.
#[derive(Clone, Debug)]
pub(super) struct Party {
    members: Vec<Member>,
    touched: Duration,
}

/// One of them, decided on.
#[derive(Clone, Debug)]
struct Member {
    outcome: Outcome,
    reason: Option<Reason>,
    holds_until: Option<DateTime<Utc>>,
    evidence: Evidence,
}

/// A group that ended, on its way to the disk and while its verdict stands.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    pub(super) members: Vec<Evidence>,
    pub(super) stopped: u16,
    plate: Option<Plate>,
}

impl Party {
    pub(super) fn shown(&self) -> PartyShown {
        let stopped = self.members.iter().filter(|member| !member.outcome.lets_pass()).count();
        PartyShown {
            visitors: self.members.len() as u16,
            stopped: stopped as u16,
            full: self.members.len() == VISITORS_MAX,
        }
    }

    /// When it is over by itself.
    pub(super) fn until(&self) -> Duration {
        self.touched + WAITS_FOR
    }

    pub(super) fn is_full(&self) -> bool {
        self.members.len() == VISITORS_MAX
    }
}

impl Crowd {
    pub(super) fn visitors(&self) -> u16 {
        self.members.len() as u16
    }

    /// Everybody, under the first who is named. A plate alone is kept too: whose it is, a tracer can find.
    pub(super) fn identity(&self) -> Option<Identity> {
        let mut named = self.members.iter().filter_map(Evidence::identity);
        let nobody = || {
            let person =
                Person { name: String::new(), name_transliterated: None, birth: PartialDate::Unknown, number: None };
            Identity::of(person, Proof::ByEye, Vec::new())
        };
        let mut first = named.next().or_else(|| self.plate.is_some().then(nobody))?;
        first.companions = named.collect();
        first.plate = self.plate.as_ref().map(|plate| plate.text().to_owned());
        Some(first)
    }
}

impl Lane {
    pub(super) fn begin_party(&mut self, turn: &Turn<'_>) {
        if matches!(self.state, State::Waiting) && self.party.is_none() {
            self.party = Some(Party { members: Vec::new(), touched: turn.now.tick });
        }
    }

    /// Whether the visitor who was decided on joins a group instead of being recorded alone.
    pub(super) fn joined(&mut self, turn: &mut Turn<'_>, pending: &Pending) -> bool {
        let Some(party) = &mut self.party else { return false };
        if party.is_full() {
            return false;
        }
        let Pending { outcome, ref reason, holds_until, ref evidence, .. } = *pending;
        party.touched = turn.now.tick;
        party.members.push(Member { outcome, reason: reason.clone(), holds_until, evidence: evidence.clone() });
        turn.effects.push(Effect::Sound(match outcome {
            Outcome::Refuse => Sound::Refuse,
            Outcome::Refer => Sound::Refer,
            Outcome::Admit | Outcome::Override | Outcome::Registered | Outcome::Waved => Sound::Read,
        }));
        self.state = State::Waiting;
        true
    }

    /// One passage for all of them, as the one of them who is worst off.
    pub(super) fn end_party(&mut self, turn: &mut Turn<'_>, plate: Option<Plate>) {
        let visit = match std::mem::replace(&mut self.state, State::Waiting) {
            State::Visit(visit) => Some(*visit),
            other => {
                self.state = other;
                None
            }
        };
        if let Some(visit) = visit.filter(|_| self.party.is_some()) {
            // The last of them has not shown everything: that counts too.
            self.incomplete(turn, visit, false);
        }
        let Some(party) = self.party.take() else { return };
        let Some(worst) = party.members.iter().max_by_key(|member| severity(member.outcome)) else { return };
        let pending = Pending {
            outcome: worst.outcome,
            reason: worst.reason.clone(),
            holds_until: party.members.iter().filter_map(|member| member.holds_until).min(),
            evidence: Evidence::default(),
            shown_after: true,
            vouched: None,
            crowd: Some(Box::new(Crowd {
                stopped: party.shown().stopped,
                members: party.members.iter().map(|member| member.evidence.clone()).collect(),
                plate,
            })),
        };
        let reason = pending.reason.as_ref().map(|reason| reason.code().to_owned());
        self.record(turn, pending, reason, None);
    }
}

fn severity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Refuse => 5,
        Outcome::Refer => 4,
        Outcome::Override => 3,
        Outcome::Registered => 2,
        Outcome::Waved => 1,
        Outcome::Admit => 0,
    }
}
