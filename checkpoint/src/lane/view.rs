//! What a lane shows, and for how long.

use std::time::Duration;

use chrono::{DurationRound, TimeDelta};

use super::heads::About;
use super::party::Party;
use super::typing::Typing;
use super::{Lane, Now, Settings, Standing, State, Turn, Verifier};
use crate::passback::Passback;
use crate::screen::{Fault, Freshness, Gathering, Screen, Stage, TrustStatus, Who};
use crate::time::Confidence;

impl Lane {
    /// Ends what its time has ended.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now;
        let about_is_over = match &self.state {
            State::About(about, since) => now.tick >= self.about_until(about, *since),
            _ => false,
        };
        match &mut self.state {
            State::Visit(visit) if now.tick >= visit.until => {
                let visit = visit.as_ref().clone();
                self.incomplete(turn, visit, true);
            }
            State::Standing(standing) => {
                let until = stays_until(&self.settings, standing, self.typing);
                if !standing.held && now.tick >= until {
                    self.state = State::Waiting;
                } else {
                    let masked = now.tick.saturating_sub(standing.since) >= self.settings.masked_after;
                    let remaining = (!standing.held).then(|| whole_secs(until.saturating_sub(now.tick)));
                    standing.shown.refresh(standing.held, remaining, masked);
                }
            }
            State::About(..) if about_is_over => self.state = State::Waiting,
            State::About(..)
            | State::Waiting
            | State::Visit(_)
            | State::Recording(_)
            | State::Open(_)
            | State::OutOfService(_) => {}
        }
        let party_is_over = self.party.as_ref().is_some_and(|party| now.tick >= party.until()) && !self.is_typing(now);
        if party_is_over && matches!(self.state, State::Waiting) {
            self.end_party(turn, None);
        }
    }

    /// Until when a verdict stands that nobody holds.
    pub(super) fn stands_until(&self, standing: &Standing) -> Duration {
        stays_until(&self.settings, standing, self.typing)
    }

    pub(super) fn screen(&self, turn: &Turn<'_>) -> Screen {
        let Turn { verifier, now, .. } = *turn;
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
            State::Open(surge) => Stage::Open(surge.shown()),
            State::About(About::Head(head), _) => Stage::Head(head.clone()),
            State::About(About::Noted(noted), _) => Stage::Noted(noted.clone()),
            State::About(About::Inside(inside), _) => Stage::Inside(inside.clone()),
            State::OutOfService(fault) => Stage::OutOfService(*fault),
        };
        let trust = trust_status(verifier, now);
        let mut faults: Vec<Fault> = self.faults.iter().map(|rank| Fault::ALL[usize::from(*rank)]).collect();
        match trust {
            TrustStatus::Missing => faults.push(Fault::TrustMissing),
            TrustStatus::Loaded { freshness: Freshness::Stale, .. } => faults.push(Fault::TrustStale),
            TrustStatus::Loaded { .. } => {
                if verifier.trust.sealing_key(now.time.sealing_days()).is_none() {
                    faults.push(Fault::TracingKeyMissing);
                }
            }
        }
        if now.time.confidence() == Confidence::Doubtful {
            faults.push(Fault::ClockInDoubt);
        }
        faults.sort_by_key(|fault| Fault::ALL.iter().position(|known| known == fault));
        Screen {
            stage,
            location: self.settings.location.clone(),
            direction: self.direction,
            totals: self.totals,
            trust,
            demo: verifier.trust.demo(),
            faults,
            clock: now.time.estimate().duration_trunc(TimeDelta::minutes(1)).unwrap_or(now.time.estimate()),
            question: match &self.state {
                State::About(About::Head(head), _) => Some(head.text.clone()),
                _ => self.presence.as_ref().map(|presence| presence.question(now.tick)),
            },
            remembers_since: self.passback.as_ref().map(Passback::since),
            party: self.party.as_ref().map(Party::shown),
            school: self.school.as_ref().map(|school| school.shown(now)),
        }
    }
}

fn trust_status(verifier: &Verifier, now: Now) -> TrustStatus {
    let Some((age, freshness)) = verifier.trust.freshness(now.time) else {
        return TrustStatus::Missing;
    };
    let whole_hours = |time: Duration| Duration::from_secs(time.as_secs() / 3600 * 3600);
    TrustStatus::Loaded {
        version: verifier.trust.version(),
        age: whole_hours(age),
        freshness,
        green_for: verifier.trust.green_for(now.time).map(whole_hours),
    }
}

fn stays_until(settings: &Settings, standing: &Standing, typing: Option<Typing>) -> Duration {
    if standing.shown.outcome().lets_pass() {
        return standing.since + settings.admitted_for;
    }
    // What is typed may still be about it.
    let until = standing.since + settings.others_for;
    typing.map_or(until, |typing| until.max(typing.at() + settings.visit_for))
}

/// Rounded up to whole seconds, so that a countdown changes once a second.
fn whole_secs(left: Duration) -> Duration {
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}
