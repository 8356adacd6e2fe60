//! What a code does to a lane.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::party::{Crowd, Party};
use super::{Effect, Found, Lane, Now, Seen, Standing, State, Turn, Visit};
use crate::envelope::{Chunk, Joined};
use crate::evidence::Evidence;
use crate::evidence::likeness::Subject;
use crate::passage::checkpoint::Checkpoint;
use crate::presence::Answer;
use crate::rules::{self, Decision, Place};
use crate::screen::Sound;
use crate::trust::Refused;
use crate::verdict::{self, Reason, Step, Verdict};

/// Most different codes remembered as "still before the camera". A page full of codes must not grow memory.
const SEEN_MAX: usize = 64;

impl Lane {
    pub(super) fn codes(&mut self, turn: &mut Turn<'_>, texts: Vec<String>) {
        for text in texts {
            let group_waits_for_the_disk = self.party.is_some() && matches!(self.state, State::OutOfService(_));
            if matches!(self.state, State::Recording(_) | State::Open(_))
                || self.party.as_ref().is_some_and(Party::is_full)
                || group_waits_for_the_disk
                || self.is_typing(turn.now)
            {
                // One decision at a time: what is still before the camera comes again with the next picture. And while the
                // checkpoint stands open, or no more fit into a group, nobody is judged.
                break;
            }
            if self.still_there(&text, turn.now) {
                continue;
            }
            if Checkpoint::is_meant_by(&text) {
                self.head_scanned(turn, &text);
                continue;
            }
            if self.first_seen.is_none() || !matches!(self.state, State::Visit(_)) {
                self.first_seen = Some(turn.now.tick.saturating_sub(self.seen_for));
            }
            if self.listed_code(turn, &text) {
                continue;
            }
            if let Some(Ok(chunk)) = Chunk::parse(&text) {
                self.chunk(turn, &chunk);
                continue;
            }
            let answer = Answer::of(&text);
            let credential = answer.map_or(text.as_str(), |answer| answer.credential);
            match (turn.verifier.read(credential, turn.now.time), answer) {
                (Ok(found), None) => self.found(turn, found, false),
                (Ok(found), Some(answer)) => self.answered(turn, found, answer),
                (Err(refused), _) => self.refused(turn, refused),
            }
        }
        self.seen_for = Duration::ZERO;
    }

    /// A credential with an app's answer behind it. Where the kiosk asks nothing, the credential counts as it would alone.
    fn answered(&mut self, turn: &mut Turn<'_>, found: Found, answer: Answer<'_>) {
        let (Found::Credential(credential), Some(presence)) = (&found, &mut self.presence) else {
            return self.found(turn, found, false);
        };
        match presence.check(answer, credential, turn.now.tick) {
            Ok(()) => self.found(turn, found, true),
            Err(reason) => {
                let person = Some(Box::new(credential.claims().person.clone()));
                self.refused(turn, Refused { reason, person });
            }
        }
    }

    /// One of the codes over which a card is spread: the visit waits for the next; the whole is verified as if it had been one.
    fn chunk(&mut self, turn: &mut Turn<'_>, chunk: &Chunk<'_>) {
        let until = turn.now.tick + self.settings.visit_for;
        let whole = match self.chunks.add(chunk, turn.now.tick, until) {
            Ok(Joined::Whole(text)) => turn.verifier.read(&text, turn.now.time),
            Ok(Joined::Missing(step)) => return self.ask_for_next_code(turn, step, until),
            Err(reason) => Err(reason.into()),
        };
        match whole {
            Ok(found) => self.found(turn, found, false),
            // Codes of two cards may have been joined: that is no forgery, and all of them are needed again.
            Err(Refused { reason: Reason::BadSignature | Reason::Malformed { .. }, .. }) => {
                self.ask_for_next_code(turn, Step::ShowNextCode { shown: 0, of: chunk.of() }, until);
                self.unhelpful(turn, Reason::Malformed { layer: "chunks" });
            }
            Err(refused) => self.refused(turn, refused),
        }
    }

    /// While a verdict stands the codes are gathered, and nothing is asked for.
    fn ask_for_next_code(&mut self, turn: &mut Turn<'_>, step: Step, until: Duration) {
        match &mut self.state {
            State::Visit(visit) => **visit = Visit { step, notice: None, until, ..visit.as_ref().clone() },
            State::Waiting | State::About(..) | State::OutOfService(_) => {
                let evidence = Evidence::default();
                self.state = State::Visit(Box::new(Visit { evidence, step, notice: None, named_at: None, until }));
            }
            State::Standing(_) | State::Recording(_) | State::Open(_) => return,
        }
        turn.effects.push(Effect::Sound(Sound::Read));
    }

    /// Whether this code has been before the camera without a break. Either way it is there now.
    fn still_there(&mut self, text: &str, now: Now) -> bool {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.digest == digest) {
            seen.last = now.tick;
            return true;
        }
        if self.seen.len() == SEEN_MAX {
            self.seen.remove(0);
        }
        self.seen.push(Seen { digest, last: now.tick });
        false
    }

    pub(super) fn forget_codes_that_left(&mut self, now: Now) {
        let away_for = self.settings.away_for;
        self.seen.retain(|seen| now.tick.saturating_sub(seen.last) < away_for);
    }

    /// A credential or a card: it joins the visit, opens one, or changes nothing.
    pub(super) fn found(&mut self, turn: &mut Turn<'_>, found: Found, answered: bool) {
        let subject = found.subject();
        if self.came_to_pick_up(turn, &subject, || found.line()) {
            return;
        }
        let standing = match &self.state {
            State::Standing(standing) if standing.is_of(&subject) => Some(standing),
            _ => None,
        };
        if standing.is_some_and(|standing| standing.is_closed()) {
            return; // Its holder may show more, nothing changes.
        }
        let mut evidence = match (&self.state, standing) {
            (State::Visit(visit), _) => visit.evidence.clone(),
            // Not admitted: a newer code of the same person opens the visit again.
            (_, Some(standing)) => standing.evidence.clone(),
            _ => Evidence::default(),
        };
        let proves = matches!(found, Found::Credential(_));
        let added = match found {
            Found::Credential(credential) => evidence.add(*credential),
            Found::Card(card) => evidence.add_card(card),
            Found::Member(member) => evidence.add_member(*member),
        };
        if let Err(reason) = added {
            return self.decided(turn, Verdict::because(reason), evidence);
        }
        self.enlist(&mut evidence, &subject);
        if answered {
            evidence.note_answer();
        }
        let mut decision = rules::decide(&turn.verifier.rule_sets, &evidence, self.place(), turn.now.time);
        let admits = matches!(&decision, Decision::Decided(verdict) if verdict.answer() == verdict::Answer::Admit);
        if admits && self.settings.answer_required && self.presence.is_some() && evidence.lacks_answer() {
            decision = Decision::Needs(Step::AnswerScreen);
        }
        // A card proves nothing: it opens a visit again only where it brings the visit further.
        if !proves && standing.is_some_and(|standing| !standing.is_furthered_by(&decision)) {
            return;
        }
        match decision {
            Decision::Decided(verdict) => self.decided(turn, verdict, evidence),
            Decision::Needs(step) => self.gather(turn, evidence, step),
        }
    }

    pub(super) fn place(&self) -> Place<'_> {
        let (asks_apps, has_roster) = (self.presence.is_some(), self.roster().is_some());
        Place { location: &self.settings.location, direction: self.direction, asks_apps, has_roster }
    }

    pub(super) fn gather(&mut self, turn: &mut Turn<'_>, evidence: Evidence, step: Step) {
        let named_at = match &self.state {
            State::Visit(visit) => visit.named_at.unwrap_or(turn.now.tick),
            _ => turn.now.tick,
        };
        let until = turn.now.tick + self.settings.visit_for;
        self.state = State::Visit(Box::new(Visit { evidence, step, notice: None, named_at: Some(named_at), until }));
        turn.effects.push(Effect::Sound(Sound::Read));
    }

    fn refused(&mut self, turn: &mut Turn<'_>, refused: Refused) {
        // Whoever picks a pupil up is not judged, and their code decides nothing about the pupil.
        if !refused.reason.says_something_about_the_visitor() || self.waits_for_guardian() {
            return self.unhelpful(turn, refused.reason);
        }
        let mut evidence = match &self.state {
            State::Visit(visit) => visit.evidence.clone(),
            _ => Evidence::default(),
        };
        let reason = evidence.note_refused(refused);
        self.decided(turn, Verdict::because(reason), evidence);
    }

    /// A bank's code, a poster, a card that was cut: the visitor may still show the right one, so the visit stays open for a
    /// while, and a verdict keeps standing.
    fn unhelpful(&mut self, turn: &mut Turn<'_>, reason: Reason) {
        match &mut self.state {
            State::Visit(visit) => visit.notice = Some(reason),
            State::Standing(standing) => standing.shown.notice(reason),
            State::Waiting | State::About(..) | State::OutOfService(_) => {
                let step =
                    match rules::decide(&turn.verifier.rule_sets, &Evidence::default(), self.place(), turn.now.time) {
                        Decision::Needs(step) => step,
                        Decision::Decided(verdict) => return self.decided(turn, verdict, Evidence::default()),
                    };
                self.state = State::Visit(Box::new(Visit {
                    evidence: Evidence::default(),
                    step,
                    notice: Some(reason),
                    named_at: None,
                    until: turn.now.tick + self.settings.visit_for,
                }));
                turn.effects.push(Effect::Sound(Sound::Read));
            }
            State::Recording(_) | State::Open(_) => {}
        }
    }
}

impl Standing {
    /// Whether it is about this person: alone, or among others.
    fn is_of(&self, subject: &Subject) -> bool {
        let among = |crowd: &Crowd| crowd.visitors().any(|evidence| evidence.is_of(subject));
        self.evidence.is_of(subject) || self.crowd.as_deref().is_some_and(among)
    }

    /// The visitor passed: the visit is over, whatever else its holder shows.
    fn is_closed(&self) -> bool {
        self.shown.outcome().lets_pass()
    }

    /// Whether the visit stands elsewhere with this decision than where it ended.
    fn is_furthered_by(&self, decision: &Decision) -> bool {
        match (self.shown.reason(), decision) {
            (Some(Reason::Incomplete { missing } | Reason::Unverified { missing }), Decision::Needs(step)) => {
                step != missing
            }
            (Some(Reason::Incomplete { .. } | Reason::Unverified { .. }), Decision::Decided(_)) => true,
            (Some(Reason::WeakMatch { .. } | Reason::AnotherPerson), Decision::Needs(_)) => true,
            (reason, Decision::Decided(verdict)) => verdict.reason().map(Reason::code) != reason.map(Reason::code),
            (_, Decision::Needs(_)) => false,
        }
    }
}
