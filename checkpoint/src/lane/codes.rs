//! What a code does to a lane.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::line::InLine;
use super::party::{Crowd, Party};
use super::{Digest, Effect, Found, Lane, Now, Seen, Standing, State, Turn, Visit};
use crate::envelope::{Chunk, Joined};
use crate::evidence::Evidence;
use crate::evidence::likeness::Subject;
use crate::passage::SeenBefore;
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
        self.next_in_line(turn);
        for text in texts {
            if !self.takes_codes(turn.now) {
                // One decision at a time: what is still before the camera comes again with the next picture.
                break;
            }
            if self.still_there(&text, turn.now) {
                continue;
            }
            if Checkpoint::is_meant_by(&text) {
                self.head_scanned(turn, &text);
                continue;
            }
            let first_seen = turn.now.tick.saturating_sub(self.seen_for);
            self.read_code(turn, InLine::new(text, first_seen));
        }
        self.seen_for = Duration::ZERO;
    }

    /// Whether a code can be judged now. Not while another decision is on its way to the disk, while the checkpoint stands open, while
    /// the guard types, or where no more fit into a group.
    pub(super) fn takes_codes(&self, now: Now) -> bool {
        let group_waits_for_the_disk = self.party.is_some() && matches!(self.state, State::OutOfService(_));
        !matches!(self.state, State::Recording(_) | State::Open(_))
            && !self.party.as_ref().is_some_and(Party::is_full)
            && !group_waits_for_the_disk
            && !self.is_typing(now)
    }

    /// One code, not seen before or come to its turn.
    pub(super) fn read_code(&mut self, turn: &mut Turn<'_>, code: InLine) {
        let first_seen = self.first_seen;
        if self.first_seen.is_none() || !matches!(self.state, State::Visit(_)) {
            self.first_seen = Some(code.first_seen());
        }
        self.reading = Some(digest(code.text()));
        let text = code.text();
        if self.listed_code(turn, &code) {
            return;
        }
        if let Some(Ok(chunk)) = Chunk::parse(text) {
            return self.chunk(turn, &chunk, code.first_seen());
        }
        let answer = Answer::of(text);
        let read = turn.verifier.read(answer.map_or(text, |answer| answer.credential), turn.now.time);
        if self.must_wait(turn, &read) {
            self.first_seen = first_seen;
            return self.stand_in_line(code);
        }
        match (read, answer) {
            (Ok(found), None) => self.found(turn, found, false),
            (Ok(found), Some(answer)) => self.answered(turn, found, answer),
            (Err(refused), _) => self.refused(turn, refused),
        }
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
    fn chunk(&mut self, turn: &mut Turn<'_>, chunk: &Chunk<'_>, first_seen: Duration) {
        let until = turn.now.tick + self.settings.visit_for;
        let whole = match self.chunks.add(chunk, turn.now.tick, until) {
            Ok(Joined::Whole(text)) => {
                let read = turn.verifier.read(&text, turn.now.time);
                let of_two = matches!(&read, Err(refused) if is_of_two_cards(&refused.reason));
                if !of_two && self.must_wait(turn, &read) {
                    return self.stand_in_line(InLine::new(text, first_seen));
                }
                read
            }
            Ok(Joined::Missing(step)) => return self.ask_for_next_code(turn, step, until),
            Err(reason) => Err(reason.into()),
        };
        match whole {
            Ok(found) => self.found(turn, found, false),
            // Codes of two cards may have been joined: that is no forgery, and all of them are needed again.
            Err(refused) if is_of_two_cards(&refused.reason) => {
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
        let digest = digest(text);
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

    /// As if it had not been before the camera: the next picture brings it again.
    pub(super) fn unsee(&mut self, text: &str) {
        let digest = digest(text);
        self.seen.retain(|seen| seen.digest != digest);
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
            return; // Its holder may show more, nothing changes. Nor where the guard said that somebody else shows it.
        }
        if let Some(seen) = self.just_passed(turn.now) {
            return self.unhelpful(turn, Reason::PassedBefore(seen));
        }
        let mut evidence = match (&self.state, standing) {
            (State::Visit(visit), _) => visit.evidence.clone(),
            // Not admitted: a newer code of the same person opens the visit again.
            (_, Some(standing)) => standing.evidence_of(&subject),
            // So it does for one of a group.
            _ => self.party.as_ref().and_then(|party| party.evidence_of(&subject)).unwrap_or_default(),
        };
        self.reading.into_iter().for_each(|code| evidence.note_code(code));
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
        let subject = refused.person.as_deref().map(Subject::from);
        let standing = match (&self.state, &subject) {
            (State::Standing(standing), Some(subject)) if standing.is_of(subject) => Some(standing),
            _ => None,
        };
        let is_outweighed = refused.reason.is_outweighed();
        let mut evidence = match (&self.state, standing, subject) {
            (State::Visit(visit), _, Some(subject))
                if is_outweighed && !visit.evidence.credentials().is_empty() && visit.evidence.is_of(&subject) =>
            {
                return self.outweighed(turn, refused);
            }
            (State::Visit(visit), ..) => visit.evidence.clone(),
            (_, Some(standing), _) if standing.shown.reason() == Some(&Reason::NotThisPerson) => return,
            // Nothing new is said.
            (_, Some(standing), _) if standing.says(&refused.reason) => return,
            (_, Some(standing), Some(subject)) => {
                let evidence = standing.evidence_of(&subject);
                if is_outweighed && (standing.is_closed() || !evidence.credentials().is_empty()) {
                    return self.unhelpful(turn, refused.reason);
                }
                evidence
            }
            _ => Evidence::default(),
        };
        self.reading.into_iter().for_each(|code| evidence.note_code(code));
        let beside_a_good_one = standing.is_some_and(|standing| standing.is_closed()) && refused.reason.is_blemish();
        let reason = evidence.note_refused(refused);
        let verdict = Verdict::because(reason);
        self.decided(turn, if beside_a_good_one { verdict.by_eye() } else { verdict }, evidence);
    }

    /// A copy that ended beside what counts: the visit goes on, the guard reads why the copy changes nothing, and it is in the sealed
    /// record.
    fn outweighed(&mut self, turn: &mut Turn<'_>, refused: Refused) {
        let reason = refused.reason.clone();
        if let State::Visit(visit) = &mut self.state {
            visit.evidence.note_refused(refused);
        }
        self.unhelpful(turn, reason);
    }

    /// Whether the code that is being read let somebody pass a moment ago, the same way, where that is noticed: their telephone crosses
    /// the camera once more, or was handed back to the next. Neither is green, and neither is another passage.
    fn just_passed(&self, now: Now) -> Option<SeenBefore> {
        let (tick, seen) = self.read.just_passed(&self.reading?)?;
        let ago = now.tick.saturating_sub(tick);
        self.passback.as_ref()?.is_passing_back(seen.direction, ago, self.direction).then_some(seen)
    }

    /// A bank's code, a poster, a card that was cut: the visitor may still show the right one, so the visit stays open for a
    /// while, and a verdict keeps standing.
    fn unhelpful(&mut self, turn: &mut Turn<'_>, reason: Reason) {
        let reading = self.reading;
        match &mut self.state {
            State::Visit(visit) => {
                reading.into_iter().for_each(|code| visit.evidence.note_code(code));
                visit.notice = Some(reason);
            }
            State::Standing(standing) => standing.shown.notice(reason),
            State::Waiting | State::About(..) | State::OutOfService(_) => {
                let step =
                    match rules::decide(&turn.verifier.rule_sets, &Evidence::default(), self.place(), turn.now.time) {
                        Decision::Needs(step) => step,
                        Decision::Decided(verdict) => return self.decided(turn, verdict, Evidence::default()),
                    };
                let mut evidence = Evidence::default();
                reading.into_iter().for_each(|code| evidence.note_code(code));
                self.state = State::Visit(Box::new(Visit {
                    evidence,
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

/// The SHA-256 of a code's text.
fn digest(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

/// What it looks like when codes of two cards were joined.
fn is_of_two_cards(reason: &Reason) -> bool {
    matches!(reason, Reason::BadSignature | Reason::Malformed { .. })
}

impl Standing {
    /// Whether it is about this person: alone, or among others.
    pub(super) fn is_of(&self, subject: &Subject) -> bool {
        let among = |crowd: &Crowd| crowd.visitors().any(|evidence| evidence.is_of(subject));
        self.evidence.is_of(subject) || self.crowd.as_deref().is_some_and(among)
    }

    /// What this person showed.
    fn evidence_of(&self, subject: &Subject) -> Evidence {
        let among = self.crowd.as_deref().and_then(|crowd| crowd.visitors().find(|evidence| evidence.is_of(subject)));
        among.unwrap_or(&self.evidence).clone()
    }

    /// Whether it stands there for this reason already.
    fn says(&self, reason: &Reason) -> bool {
        self.shown.reason().is_some_and(|shown| shown.code() == reason.code())
    }

    /// The visit is over, whatever else its holder shows: the visitor passed, or the guard saw that these are somebody else's codes.
    pub(super) fn is_closed(&self) -> bool {
        self.shown.outcome().lets_pass() || self.shown.reason() == Some(&Reason::NotThisPerson)
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
