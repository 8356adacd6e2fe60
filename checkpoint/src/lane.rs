//! The state machine of one lane: `(state, event, now) → (state, effects)`.
//!
//! A visit opens with the first code of a person, gathers what the rules ask for, and ends with one passage. The
//! verdict is shown only once the journal says that the passage is durable.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::envelope::{Chunk, Chunks, Envelope, Joined};
use crate::evidence::Evidence;
use crate::passage::{Direction, Draft, Identity, Location, Outcome, PassageId};
use crate::rules::{self, Decision, RuleSet};
use crate::screen::{
    Fault, Freshness, Gathering, GuardAction, OverrideReason, Screen, Shown, Sound, Stage, Totals, TrustStatus, Who,
};
use crate::time::{Confidence, TrustedTime, day_in_vietnam};
use crate::trust::TrustList;
use crate::trust::credential::Credential;
use crate::verdict::{Answer, Reason, Step, Verdict};

/// Most different codes remembered as "still before the camera". A page full of codes must not grow memory.
const SEEN_MAX: usize = 64;

/// What the lane needs to judge a code.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    /// Whom the kiosk believes.
    pub trust: TrustList,
    /// What is required here, all of them.
    pub rule_sets: Vec<RuleSet>,
}

impl Verifier {
    /// A text's whole way to proven claims.
    ///
    /// # Errors
    /// The reason that the guard is shown.
    pub fn verify(&self, text: &str, now: TrustedTime) -> Result<Credential, Reason> {
        let envelope = Envelope::decode(text)?;
        self.trust.verify(envelope, now)
    }
}

/// Settings of a lane, from `kiosk.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where the kiosk stands.
    pub location: Location,
    /// Which way visitors pass at the start.
    pub direction: Direction,
    /// How long green stands.
    pub admitted_for: Duration,
    /// How long anything else stands.
    pub others_for: Duration,
    /// After how long nobody's name is on the screen.
    pub masked_after: Duration,
    /// How long a visit waits for what is missing.
    pub visit_for: Duration,
    /// How long a code must be away before it counts again.
    pub away_for: Duration,
}

/// The time as one turn of the loop sees it: read once.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For decisions and records.
    pub time: TrustedTime,
    /// Monotonic since the start, for deadlines.
    pub tick: Duration,
}

/// What can happen to a lane. Closed on purpose.
#[derive(Clone, Debug)]
pub enum Event {
    /// Texts read in one picture, or one text of a hand scanner.
    Codes(Vec<String>),
    /// The guard pressed something.
    Guard(GuardAction),
    /// The journal's answer to `Effect::Record`.
    Recorded(Result<PassageId, Fault>),
    /// A part of the kiosk became faulty, or whole again.
    Condition {
        /// Which fault.
        fault: Fault,
        /// Whether it is there now.
        present: bool,
    },
    /// Nothing happened until the deadline.
    Tick,
}

/// What a lane wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Make this passage durable and answer with `Event::Recorded`.
    Record(Box<Draft>),
    /// Draw this.
    Show(Box<Screen>),
    /// Play this.
    Sound(Sound),
}

/// One lane.
#[derive(Clone, Debug)]
pub struct Lane {
    settings: Settings,
    direction: Direction,
    totals: Totals,
    totals_of: Option<NaiveDate>,
    faults: BTreeSet<u8>,
    seen: Vec<Seen>,
    chunks: Chunks,
    state: State,
    drawn: Option<Screen>,
}

/// A code that is, or was a moment ago, before the camera. Its text is not kept.
#[derive(Clone, Debug)]
struct Seen {
    digest: [u8; 32],
    last: Duration,
}

#[derive(Clone, Debug)]
enum State {
    Waiting,
    Visit(Visit),
    Recording(Box<Pending>),
    Standing(Box<Standing>),
    OutOfService(Fault),
}

/// Somebody has shown something, and something is missing.
#[derive(Clone, Debug)]
struct Visit {
    evidence: Evidence,
    step: Step,
    notice: Option<Reason>,
    named_at: Option<Duration>,
    until: Duration,
}

/// Decided, on its way to the disk.
#[derive(Clone, Debug)]
struct Pending {
    outcome: Outcome,
    reason: Option<Reason>,
    holds_until: Option<DateTime<Utc>>,
    evidence: Evidence,
    shown_after: bool,
}

/// Decided and durable: a verdict on the screen.
#[derive(Clone, Debug)]
struct Standing {
    shown: Shown,
    evidence: Evidence,
    since: Duration,
    held: bool,
}

impl Lane {
    /// A lane that waits. `totals` are today's passages so far, from the journal; `today` is the day they count.
    pub fn new(settings: Settings, totals: Totals, today: NaiveDate) -> Self {
        let direction = settings.direction;
        Self {
            settings,
            direction,
            totals,
            totals_of: Some(today),
            faults: BTreeSet::new(),
            seen: Vec::new(),
            chunks: Chunks::default(),
            state: State::Waiting,
            drawn: None,
        }
    }

    /// When `Event::Tick` is due if nothing else happens: the screen's next change.
    pub fn deadline(&self, now: Now) -> Duration {
        let next_second = |until: Duration| {
            let left = until.saturating_sub(now.tick);
            now.tick + Duration::from_nanos(u64::from(left.subsec_nanos()).max(1_000_000))
        };
        let of_state = match &self.state {
            State::Visit(visit) => Some(next_second(visit.until)),
            State::Standing(standing) if !standing.held => Some(next_second(stands_until(&self.settings, standing))),
            State::Standing(standing) => {
                Some(standing.since + self.settings.masked_after).filter(|due| *due > now.tick)
            }
            State::Waiting | State::Recording(_) | State::OutOfService(_) => None,
        };
        let into_minute = now.time.estimate().timestamp().rem_euclid(60).unsigned_abs();
        let next_minute = now.tick + Duration::from_secs(60 - into_minute);
        of_state.map_or(next_minute, |due| due.min(next_minute))
    }

    /// One turn.
    pub fn handle(mut self, verifier: &Verifier, now: Now, event: Event) -> (Self, Vec<Effect>) {
        let mut effects = Vec::new();
        self.turn_the_day(now);
        match event {
            Event::Codes(texts) => self.codes(verifier, now, texts, &mut effects),
            Event::Guard(action) => self.guard(verifier, now, action, &mut effects),
            Event::Recorded(Ok(passage)) => self.recorded(now, passage, &mut effects),
            Event::Recorded(Err(fault)) => {
                // Nobody was shown anything, so the same code may try again at once when the disk is whole.
                self.seen.clear();
                self.state = State::OutOfService(fault);
                effects.push(Effect::Sound(Sound::Refer));
            }
            Event::Condition { fault, present } => self.condition(fault, present),
            Event::Tick => {}
        }
        self.expire(verifier, now, &mut effects);
        let screen = self.screen(verifier, now);
        if self.drawn.as_ref() != Some(&screen) {
            self.drawn = Some(screen.clone());
            effects.push(Effect::Show(Box::new(screen)));
        }
        (self, effects)
    }

    fn codes(&mut self, verifier: &Verifier, now: Now, texts: Vec<String>, effects: &mut Vec<Effect>) {
        for text in texts {
            if matches!(self.state, State::Recording(_)) {
                // One decision at a time: what is still before the camera comes again with the next picture.
                break;
            }
            if self.still_there(&text, now) {
                continue;
            }
            if let Some(Ok(chunk)) = Chunk::parse(&text) {
                self.chunk(verifier, now, &chunk, effects);
                continue;
            }
            match verifier.verify(&text, now.time) {
                Ok(credential) => self.proven(verifier, now, credential, effects),
                Err(reason) => self.unproven(verifier, now, reason, effects),
            }
        }
    }

    /// One of the codes over which a card is spread: the visit waits for the next; the whole is verified as if it had been one.
    fn chunk(&mut self, verifier: &Verifier, now: Now, chunk: &Chunk<'_>, effects: &mut Vec<Effect>) {
        let until = now.tick + self.settings.visit_for;
        let whole = match self.chunks.add(chunk, now.tick, until) {
            Ok(Joined::Whole(text)) => verifier.verify(&text, now.time),
            Ok(Joined::Missing(step)) => return self.ask_for_next_code(step, until, effects),
            Err(reason) => Err(reason),
        };
        match whole {
            Ok(credential) => self.proven(verifier, now, credential, effects),
            // Codes of two cards may have been joined: that is no forgery, and all of them are needed again.
            Err(Reason::BadSignature | Reason::Malformed { .. }) => {
                self.ask_for_next_code(Step::ShowNextCode { shown: 0, of: chunk.of() }, until, effects);
                self.unproven(verifier, now, Reason::Malformed { layer: "chunks" }, effects);
            }
            Err(reason) => self.unproven(verifier, now, reason, effects),
        }
    }

    /// While a verdict stands the codes are gathered, and nothing is asked for.
    fn ask_for_next_code(&mut self, step: Step, until: Duration, effects: &mut Vec<Effect>) {
        match &mut self.state {
            State::Visit(visit) => *visit = Visit { step, notice: None, until, ..visit.clone() },
            State::Waiting | State::OutOfService(_) => {
                let evidence = Evidence::default();
                self.state = State::Visit(Visit { evidence, step, notice: None, named_at: None, until });
            }
            State::Standing(_) | State::Recording(_) => return,
        }
        effects.push(Effect::Sound(Sound::Read));
    }

    /// Whether this code has been before the camera without a break. Either way it is there now.
    fn still_there(&mut self, text: &str, now: Now) -> bool {
        let away_for = self.settings.away_for;
        self.seen.retain(|seen| now.tick.saturating_sub(seen.last) < away_for);
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

    fn proven(&mut self, verifier: &Verifier, now: Now, credential: Credential, effects: &mut Vec<Effect>) {
        let mut evidence = match &self.state {
            State::Visit(visit) => visit.evidence.clone(),
            State::Standing(standing) if standing.evidence.is_of(&credential.claims().person) => {
                if standing.shown.outcome() == Outcome::Admit {
                    return; // A decided visit is closed; its holder may show more, nothing changes.
                }
                standing.evidence.clone() // Not admitted: a newer code of the same person opens the visit again.
            }
            _ => Evidence::default(),
        };
        if let Err(reason) = evidence.add(credential) {
            return self.decided(verifier, now, Verdict::because(reason), evidence, effects);
        }
        match rules::decide(&verifier.rule_sets, &evidence, now.time) {
            Decision::Decided(verdict) => self.decided(verifier, now, verdict, evidence, effects),
            Decision::Needs(step) => {
                let named_at = match &self.state {
                    State::Visit(Visit { named_at: Some(at), .. }) => *at,
                    _ => now.tick,
                };
                let until = now.tick + self.settings.visit_for;
                self.state = State::Visit(Visit { evidence, step, notice: None, named_at: Some(named_at), until });
                effects.push(Effect::Sound(Sound::Read));
            }
        }
    }

    fn unproven(&mut self, verifier: &Verifier, now: Now, reason: Reason, effects: &mut Vec<Effect>) {
        let says_nothing_about_the_visitor =
            matches!(reason, Reason::UnknownCode | Reason::Malformed { .. } | Reason::TooLarge { .. });
        if !says_nothing_about_the_visitor {
            let evidence = match &self.state {
                State::Visit(visit) => visit.evidence.clone(),
                _ => Evidence::default(),
            };
            return self.decided(verifier, now, Verdict::because(reason), evidence, effects);
        }
        // A bank's code or a poster: the visitor may still show the right one, so the visit stays open for a while.
        match &mut self.state {
            State::Visit(visit) => visit.notice = Some(reason),
            State::Waiting | State::OutOfService(_) => {
                let step = match rules::decide(&verifier.rule_sets, &Evidence::default(), now.time) {
                    Decision::Needs(step) => step,
                    Decision::Decided(verdict) => {
                        return self.decided(verifier, now, verdict, Evidence::default(), effects);
                    }
                };
                self.state = State::Visit(Visit {
                    evidence: Evidence::default(),
                    step,
                    notice: Some(reason),
                    named_at: None,
                    until: now.tick + self.settings.visit_for,
                });
                effects.push(Effect::Sound(Sound::Read));
            }
            State::Standing(_) | State::Recording(_) => {}
        }
    }

    fn decided(
        &mut self,
        verifier: &Verifier,
        now: Now,
        verdict: Verdict,
        evidence: Evidence,
        effects: &mut Vec<Effect>,
    ) {
        let pending = Pending {
            outcome: verdict.answer().into(),
            reason: verdict.reason().cloned(),
            holds_until: verdict.holds_until(),
            evidence,
            shown_after: true,
        };
        let identity = pending.evidence.identity();
        let reason = pending.reason.as_ref().map(|reason| reason.code().to_owned());
        self.record(verifier, now, pending, reason, identity, None, effects);
    }

    #[expect(clippy::too_many_arguments, reason = "one call for each field of the record that differs")]
    fn record(
        &mut self,
        verifier: &Verifier,
        now: Now,
        pending: Pending,
        reason: Option<String>,
        identity: Option<Identity>,
        refers_to: Option<PassageId>,
        effects: &mut Vec<Effect>,
    ) {
        let trusted = !matches!(self.trust_status(verifier, now), TrustStatus::Missing);
        effects.push(Effect::Record(Box::new(Draft {
            at: now.time.estimate(),
            floor: now.time.floor(),
            location: self.settings.location.code.clone(),
            direction: self.direction,
            outcome: pending.outcome,
            reason,
            rule_sets: verifier.rule_sets.iter().map(RuleSet::used).collect(),
            trust_list: trusted.then(|| verifier.trust.version()),
            refers_to,
            visitors: 1,
            seen_before: None,
            identity,
        })));
        self.state = State::Recording(Box::new(pending));
    }

    fn recorded(&mut self, now: Now, passage: PassageId, effects: &mut Vec<Effect>) {
        let State::Recording(pending) = std::mem::replace(&mut self.state, State::Waiting) else {
            return; // An answer that nobody waits for changes nothing.
        };
        self.totals.count(pending.outcome);
        if !pending.shown_after {
            return;
        }
        effects.push(Effect::Sound(match pending.outcome {
            Outcome::Admit => Answer::Admit.into(),
            Outcome::Refuse => Answer::Refuse.into(),
            Outcome::Refer => Answer::Refer.into(),
            Outcome::Registered | Outcome::Override | Outcome::Waved => Sound::Read,
        }));
        let who = pending.evidence.who();
        let shown = Shown::new(passage, pending.outcome, pending.reason, who, pending.holds_until);
        self.state =
            State::Standing(Box::new(Standing { shown, evidence: pending.evidence, since: now.tick, held: false }));
    }

    fn guard(&mut self, verifier: &Verifier, now: Now, action: GuardAction, effects: &mut Vec<Effect>) {
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
                        standing.since = now.tick;
                    }
                }
            }
            GuardAction::Dismiss => match std::mem::replace(&mut self.state, State::Waiting) {
                State::Visit(visit) => self.incomplete(verifier, now, visit, false, effects),
                recording @ State::Recording(_) => self.state = recording,
                State::Waiting | State::Standing(_) | State::OutOfService(_) => {}
            },
            GuardAction::Override(why) => self.overridden(verifier, now, why, effects),
        }
    }

    fn overridden(&mut self, verifier: &Verifier, now: Now, why: OverrideReason, effects: &mut Vec<Effect>) {
        let (evidence, refers_to) = match &self.state {
            State::Standing(standing) if standing.shown.outcome() != Outcome::Admit => {
                (standing.evidence.clone(), Some(standing.shown.passage()))
            }
            State::Visit(visit) => (visit.evidence.clone(), None),
            // Without a code: an ambulance does not wait for one.
            State::Waiting => (Evidence::default(), None),
            State::Standing(_) | State::Recording(_) | State::OutOfService(_) => return,
        };
        let identity = evidence.identity();
        let pending = Pending {
            outcome: Outcome::Override,
            reason: Some(Reason::Override),
            holds_until: None,
            evidence,
            shown_after: true,
        };
        self.record(
            verifier,
            now,
            pending,
            Some(format!("G-{}", why.word().to_uppercase())),
            identity,
            refers_to,
            effects,
        );
    }

    fn incomplete(
        &mut self,
        verifier: &Verifier,
        now: Now,
        visit: Visit,
        shown_after: bool,
        effects: &mut Vec<Effect>,
    ) {
        // Where nothing at all was proven, the last code's own fault says more than what is missing.
        let reason = match visit.notice {
            Some(notice) if visit.evidence.is_empty() => notice,
            _ => Reason::Incomplete { missing: visit.step },
        };
        let pending = Pending {
            outcome: reason.answer().into(),
            reason: Some(reason.clone()),
            holds_until: None,
            evidence: visit.evidence,
            shown_after,
        };
        let identity = pending.evidence.identity();
        self.record(verifier, now, pending, Some(reason.code().to_owned()), identity, None, effects);
    }

    /// Ends what its time has ended.
    fn expire(&mut self, verifier: &Verifier, now: Now, effects: &mut Vec<Effect>) {
        match &mut self.state {
            State::Visit(visit) if now.tick >= visit.until => {
                let visit = visit.clone();
                self.incomplete(verifier, now, visit, true, effects);
            }
            State::Standing(standing) => {
                let until = stands_until(&self.settings, standing);
                if !standing.held && now.tick >= until {
                    self.state = State::Waiting;
                } else {
                    let masked = now.tick.saturating_sub(standing.since) >= self.settings.masked_after;
                    let remaining = (!standing.held).then(|| whole_secs(until.saturating_sub(now.tick)));
                    standing.shown.refresh(standing.held, remaining, masked);
                }
            }
            State::Waiting | State::Visit(_) | State::Recording(_) | State::OutOfService(_) => {}
        }
    }

    fn condition(&mut self, fault: Fault, present: bool) {
        let rank = Fault::ALL.iter().position(|known| *known == fault).unwrap_or_default() as u8;
        if present {
            self.faults.insert(rank);
            let nothing_can_be_recorded =
                matches!(fault, Fault::DiskFull | Fault::DiskFault | Fault::JournalNewer | Fault::JournalCorrupt);
            if nothing_can_be_recorded && matches!(self.state, State::Waiting | State::OutOfService(_)) {
                self.state = State::OutOfService(fault);
            }
        } else {
            self.faults.remove(&rank);
            if matches!(self.state, State::OutOfService(out) if out == fault) {
                self.state = State::Waiting;
            }
        }
    }

    fn turn_the_day(&mut self, now: Now) {
        let today = day_in_vietnam(now.time.estimate());
        if self.totals_of != Some(today) {
            self.totals = Totals::default();
            self.totals_of = Some(today);
        }
    }

    fn trust_status(&self, verifier: &Verifier, now: Now) -> TrustStatus {
        let Some((age, freshness)) = verifier.trust.freshness(now.time) else {
            return TrustStatus::Missing;
        };
        let age = Duration::from_secs(age.as_secs() / 3600 * 3600);
        TrustStatus::Loaded { version: verifier.trust.version(), age, freshness }
    }

    fn screen(&self, verifier: &Verifier, now: Now) -> Screen {
        let stage = match &self.state {
            State::Waiting => Stage::Waiting,
            // While the disk works the last picture stays; a waiting screen would be a lie, a verdict too.
            State::Recording(_) => self.drawn.as_ref().map_or(Stage::Waiting, |drawn| drawn.stage.clone()),
            State::Visit(visit) => {
                let masked = visit.named_at.is_some_and(|at| now.tick.saturating_sub(at) >= self.settings.masked_after);
                Stage::Gathering(Gathering {
                    step: visit.step,
                    who: visit.evidence.who().map(|who| if masked { Who::Masked } else { who }),
                    notice: visit.notice.clone(),
                    remaining: whole_secs(visit.until.saturating_sub(now.tick)),
                })
            }
            State::Standing(standing) => Stage::Decided(Box::new(standing.shown.clone())),
            State::OutOfService(fault) => Stage::OutOfService(*fault),
        };
        let trust = self.trust_status(verifier, now);
        let mut faults: Vec<Fault> = self.faults.iter().map(|rank| Fault::ALL[usize::from(*rank)]).collect();
        match trust {
            TrustStatus::Missing => faults.push(Fault::TrustMissing),
            TrustStatus::Loaded { freshness: Freshness::Stale, .. } => faults.push(Fault::TrustStale),
            TrustStatus::Loaded { .. } => {
                if verifier.trust.tracing_key(day_in_vietnam(now.time.floor())).is_none() {
                    faults.push(Fault::TracingKeyMissing);
                }
            }
        }
        if now.time.confidence() == Confidence::Doubtful {
            faults.push(Fault::ClockInDoubt);
        }
        Screen {
            stage,
            location: self.settings.location.clone(),
            direction: self.direction,
            totals: self.totals,
            trust,
            demo: verifier.trust.demo(),
            faults,
            clock: now.time.estimate().duration_trunc(TimeDelta::minutes(1)).unwrap_or(now.time.estimate()),
        }
    }
}

fn stands_until(settings: &Settings, standing: &Standing) -> Duration {
    let stands_for = match standing.shown.outcome() {
        Outcome::Admit | Outcome::Registered | Outcome::Override | Outcome::Waved => settings.admitted_for,
        Outcome::Refuse | Outcome::Refer => settings.others_for,
    };
    standing.since + stands_for
}

/// Rounded up to whole seconds, so that a countdown changes once a second.
fn whole_secs(left: Duration) -> Duration {
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}
