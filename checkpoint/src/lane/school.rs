//! A school's gate: the roster, who is still inside, and who picks up whom.
//!
//! The roster lives here and in memory alone; with another mode of the kiosk it is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveTime;

use super::heads::About;
use super::line::InLine;
use super::{Found, Lane, Now, Standing, State, Turn};
use crate::evidence::likeness::Subject;
use crate::evidence::{Evidence, Guardianship};
use crate::passage::day::Updated;
use crate::passage::record::Event;
use crate::passback::{Inside, Passback};
use crate::roster::{Member, Roster, RosterFault};
use crate::rules::{self, Decision};
use crate::screen::{InsideShown, SchoolShown};
use crate::time::{day_in_vietnam, vietnam};
use crate::verdict::{Reason, Step};

/// Most numbers of damaged lines on the screen: whoever mends the file begins with these.
const DAMAGED_SHOWN: usize = 12;

/// What a lane knows of the school whose gate it is.
#[derive(Clone, Debug, Default)]
pub struct School {
    /// When the school is over (+07:00): who is inside after that is the guard's to look for.
    over_at: Option<NaiveTime>,
    roster: Option<Arc<Roster>>,
    fault: Option<RosterFault>,
    inside: Inside,
}

impl School {
    /// A school without a roster so far.
    pub fn new(over_at: Option<NaiveTime>) -> Self {
        Self { over_at, ..Self::default() }
    }

    /// Its roster.
    pub(super) fn roster(&self) -> Option<&Arc<Roster>> {
        self.roster.as_ref()
    }

    pub(super) fn shown(&self, now: Now) -> SchoolShown {
        let local = now.time.estimate().with_timezone(&vietnam()).time();
        let (on_roster, damaged) = match &self.roster {
            Some(roster) => (Some(roster.members().len() as u32), roster.damaged().len() as u32),
            None => (None, 0),
        };
        let over = self.over_at.is_some_and(|over_at| local >= over_at);
        SchoolShown { on_roster, damaged, fault: self.fault, inside: self.inside, over }
    }

    /// Counts again: somebody passed, or another day began.
    pub(super) fn count(&mut self, passback: Option<&Passback>, now: Now) {
        let today = day_in_vietnam(now.time.estimate());
        self.inside = passback.map_or(Inside::default(), |passback| passback.inside(today));
    }
}

impl Lane {
    /// A roster was brought, or something that is none: the one before it stays then.
    pub(super) fn roster_brought(&mut self, turn: &mut Turn<'_>, brought: Result<Arc<Roster>, RosterFault>) {
        let Some(school) = &mut self.school else { return };
        match brought {
            Ok(roster) => {
                let people = |roster: &Arc<Roster>| roster.members().len().to_string();
                let from = school.roster.as_ref().map(people);
                let event = Updated { what: "roster".into(), from, to: people(&roster) };
                (school.roster, school.fault) = (Some(roster), None);
                turn.log(Event::Updated(event));
            }
            Err(fault) => school.fault = Some(fault),
        }
    }

    /// Whether a text is nothing but the code of somebody of the roster, or of one who may pick up the pupil that waits.
    pub(super) fn listed_code(&mut self, turn: &mut Turn<'_>, code: &InLine) -> bool {
        let text = code.text();
        if let Some(evidence) = self.leaves_with_somebody()
            && let Some(guardian) = evidence.member().and_then(|pupil| pupil.guardian_of_code(text))
        {
            let (evidence, name) = (evidence.clone(), guardian.name().to_owned());
            self.guardian_came(turn, evidence, Guardianship::Registered(name));
            return true;
        }
        let Some(member) = self.roster().and_then(|roster| roster.by_code(text)).cloned() else { return false };
        let found = Ok(Found::Member(Box::new(member)));
        if self.must_wait(turn, &found) {
            self.stand_in_line(code.clone());
        } else if let Ok(found) = found {
            self.found(turn, found, false);
        }
        true
    }

    /// A code while a pupil waits for whoever picks it up: true where it was taken for theirs. They are no other person in the
    /// pupil's visit.
    pub(super) fn came_to_pick_up(
        &mut self,
        turn: &mut Turn<'_>,
        subject: &Subject,
        line: impl FnOnce() -> String,
    ) -> bool {
        let Some(evidence) = self.leaves_with_somebody() else { return false };
        let Some(pupil) = evidence.member() else { return false };
        let registered = pupil.guardian(subject).map(|guardian| Guardianship::Registered(guardian.name().to_owned()));
        let waits = matches!(self.state, State::Visit(_));
        // The pupil's own code again, or, once a verdict stands, anybody else's: that is no guardian's.
        if registered.is_none() && (!waits || is_pupils(evidence, pupil, subject)) {
            return false;
        }
        let evidence = evidence.clone();
        self.guardian_came(turn, evidence, registered.unwrap_or_else(|| Guardianship::Other(line())));
        true
    }

    fn guardian_came(&mut self, turn: &mut Turn<'_>, mut evidence: Evidence, guardianship: Guardianship) {
        evidence.note_guardian(guardianship);
        match rules::decide(&turn.verifier.rule_sets, &evidence, self.place(), turn.now.time) {
            Decision::Decided(verdict) => self.decided(turn, verdict, evidence),
            Decision::Needs(step) => self.gather(turn, evidence, step),
        }
    }

    /// What a pupil has shown who may leave with somebody alone, and who did not come yet.
    fn leaves_with_somebody(&self) -> Option<&Evidence> {
        match &self.state {
            State::Visit(visit) if visit.step == Step::ShowGuardian => Some(&visit.evidence),
            State::Standing(standing) if standing.waits_for_guardian() => Some(&standing.evidence),
            _ => None,
        }
    }

    /// Whether it is one who may pick up the pupil that waits.
    pub(super) fn may_pick_up(&self, subject: &Subject) -> bool {
        let pupil = self.leaves_with_somebody().and_then(Evidence::member);
        pupil.is_some_and(|pupil| pupil.guardian(subject).is_some())
    }

    /// Whether the visit waits for whoever picks the pupil up: a code that is no good says nothing of the pupil.
    pub(super) fn waits_for_guardian(&self) -> bool {
        matches!(&self.state, State::Visit(visit) if visit.step == Step::ShowGuardian)
    }

    /// Says who of the roster a document names.
    pub(super) fn enlist(&self, evidence: &mut Evidence, subject: &Subject) {
        if let Some(member) = self.roster().and_then(|roster| roster.find(subject)) {
            evidence.note_member(member);
        }
    }

    pub(super) fn roster(&self) -> Option<&Arc<Roster>> {
        self.school.as_ref().and_then(School::roster)
    }

    /// The guard wants to see who is still inside.
    pub(super) fn show_inside(&mut self, turn: &Turn<'_>, class: Option<&str>) {
        let idle = matches!(self.state, State::Waiting | State::Standing(_) | State::About(..)) && self.party.is_none();
        if let Some(inside) = self.inside(turn.now, class).filter(|_| idle) {
            self.state = State::About(About::Inside(Box::new(inside)), turn.now.tick);
        }
    }

    /// Who is still inside: how many of each class, and the names of one.
    fn inside(&self, now: Now, class: Option<&str>) -> Option<InsideShown> {
        let (school, passback) = (self.school.as_ref()?, self.passback.as_ref()?);
        let today = day_in_vietnam(now.time.estimate());
        let mut classes = BTreeMap::<&str, u32>::new();
        let mut names = Vec::new();
        let members = school.roster.as_ref().map_or(&[][..], |roster| roster.members());
        for member in members {
            if let Some(since) = passback.in_since(&member.person(), today) {
                *classes.entry(member.class()).or_default() += 1;
                if class == Some(member.class()) {
                    names.push((crate::screen::plain(member.name()), since));
                }
            }
        }
        names.sort();
        let damaged = school.roster.iter().flat_map(|roster| roster.damaged());
        Some(InsideShown {
            since: passback.since(),
            inside: passback.inside(today),
            classes: classes.into_iter().map(|(class, count)| (class.to_owned(), count)).collect(),
            named: class.map(|class| (class.to_owned(), names)),
            damaged: damaged.map(|damage| damage.line).take(DAMAGED_SHOWN).collect(),
        })
    }
}

/// Whether a document names the pupil itself.
fn is_pupils(evidence: &Evidence, pupil: &Member, subject: &Subject) -> bool {
    let same = |known: &Subject| known.likeness(subject).sameness == crate::evidence::likeness::Sameness::Same;
    evidence.is_of(subject) || same(&pupil.subject())
}

impl Standing {
    /// It ended because nobody came who may pick the pupil up.
    fn waits_for_guardian(&self) -> bool {
        let guardian = Step::ShowGuardian;
        match self.shown.reason() {
            Some(Reason::NotTheGuardian) => true,
            Some(Reason::Incomplete { missing } | Reason::Unverified { missing }) => *missing == guardian,
            _ => false,
        }
    }
}
