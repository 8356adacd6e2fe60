//! Several visitors as one passage: a family, a bus, a motorbike with two.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::record::Pending;
use super::{Effect, Lane, State, Turn};
use crate::evidence::Evidence;
use crate::evidence::likeness::Subject;
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
    /// The plate that was typed when the guard ended the group and the disk failed.
    plate: Option<Plate>,
    touched: Duration,
}

/// One of them, decided on.
#[derive(Clone, Debug)]
struct Member {
    outcome: Outcome,
    reason: Option<Reason>,
    /// The code that stands in the journal: that of the reason, or the guard's own.
    code: Option<String>,
    holds_until: Option<DateTime<Utc>>,
    evidence: Evidence,
}

/// A group that ended, on its way to the disk and while its verdict stands.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    members: Vec<Member>,
    plate: Option<Plate>,
}

impl Party {
    pub(super) fn shown(&self) -> PartyShown {
        PartyShown { visitors: self.members.len() as u16, stopped: stopped(&self.members), full: self.is_full() }
    }

    /// What one of them has shown.
    pub(super) fn evidence_of(&self, subject: &Subject) -> Option<Evidence> {
        let known = self.members.iter().find(|member| member.evidence.is_of(subject))?;
        Some(known.evidence.clone())
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
    /// How many.
    pub(super) fn count(&self) -> u16 {
        self.members.len() as u16
    }

    /// How many of them are not green.
    pub(super) fn stopped(&self) -> u16 {
        stopped(&self.members)
    }

    /// What each of them showed.
    pub(super) fn visitors(&self) -> impl Iterator<Item = &Evidence> {
        self.members.iter().map(|member| &member.evidence)
    }

    /// The group again, as it was before it ended: its passage is not on disk.
    pub(super) fn gathered_again(self, tick: Duration) -> Party {
        Party { members: self.members, plate: self.plate, touched: tick }
    }

    /// Everybody with their own outcome, under the first who is named. A plate alone is kept too: whose it is, a tracer can find.
    pub(super) fn identity(&self) -> Option<Identity> {
        let mut named = self.members.iter().filter_map(|member| {
            let mut identity = member.evidence.identity()?;
            identity.outcome = Some(member.outcome);
            Some(identity)
        });
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
            self.party = Some(Party { members: Vec::new(), plate: None, touched: turn.now.tick });
        }
    }

    /// Whether the visitor who was decided on joins a group instead of being recorded alone.
    pub(super) fn joined(&mut self, turn: &mut Turn<'_>, pending: &Pending, code: Option<&String>) -> bool {
        let Some(party) = &mut self.party else { return false };
        if party.is_full() {
            return false;
        }
        let Pending { outcome, ref reason, holds_until, ref evidence, .. } = *pending;
        party.touched = turn.now.tick;
        let member =
            Member { outcome, reason: reason.clone(), code: code.cloned(), holds_until, evidence: evidence.clone() };
        // Whoever shows more, or shows it again, is no further visitor: the better answer counts. A forged code names nobody, and is
        // known by itself.
        let subject = evidence.holder().map(|person| Subject::from(&person));
        let same_code = |of: &Member| of.evidence.codes().iter().any(|code| evidence.codes().contains(code));
        let known = |of: &&mut Member| match &subject {
            Some(subject) => of.evidence.is_of(subject),
            None => same_code(of),
        };
        match party.members.iter_mut().find(known) {
            Some(known) if severity(outcome) <= severity(known.outcome) => *known = member,
            Some(_) => {}
            None => party.members.push(member),
        }
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
            holds_until: worst.outcome.lets_pass().then(|| holds_until(&party.members)).flatten(),
            evidence: Evidence::default(),
            shown_after: true,
            refers_to: None,
            crowd: None,
            scan: None,
        };
        let code = worst.code.clone();
        let crowd = Crowd { plate: plate.or(party.plate), members: party.members };
        self.record(turn, Pending { crowd: Some(Box::new(crowd)), ..pending }, code);
    }
}

/// Until when all of them may pass.
fn holds_until(members: &[Member]) -> Option<DateTime<Utc>> {
    members.iter().filter_map(|member| member.holds_until).min()
}

/// How many are not green.
fn stopped(members: &[Member]) -> u16 {
    members.iter().filter(|member| !member.outcome.lets_pass()).count() as u16
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
