//! Rule sets as data: `Evidence → Decided(Verdict) | Needs(Step)`.
//!
//! A rule set is a list of cases, tried in order; the first that holds says how the visit stands. Its conditions are
//! CertLogic over what `visit` shows of a visit. `docs/rules.md` says how to write one.

mod case;
pub mod certlogic;
mod vaccines;
mod visit;

pub use vaccines::{Product, VaccineTable};

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::Deserialize;

use crate::evidence::Evidence;
use crate::passage::{Direction, Location, RuleSetUsed};
use crate::time::TrustedTime;
use crate::verdict::{Answer, Reason, Step, Verdict};
use case::Case;
use certlogic::Clock;
use visit::Visit;

/// Longest name of a rule set or table, in bytes: it stands in every passage.
const NAME_BYTES_MAX: usize = 64;

/// Most cases of a rule set. The largest that comes with the kiosk has twenty.
const CASES_MAX: usize = 64;

/// Most changes that are looked through for the end of an admission. A rule set on days and hours has a few; one that
/// adds months or years to the clock is looked at each day.
const CHANGES_MAX: usize = 400;

/// What is asked of a visit, with its name and version, as a file of `assets/rules/` holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    /// Name that `kiosk.toml` uses and every passage carries.
    pub id: String,
    /// Grows with every change.
    pub version: u32,
    /// Where the rule comes from, for people.
    pub source: String,
    /// Provinces whose rule it is; none means every province.
    pub provinces: Vec<String>,
    disease: Option<String>,
    vaccines: Option<Arc<VaccineTable>>,
    outbreak_places: Vec<String>,
    cases: Vec<Case>,
}

/// The file, before it is checked as a whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AsWritten {
    id: String,
    version: u32,
    source: String,
    #[serde(default)]
    provinces: Vec<String>,
    #[serde(default)]
    disease: Option<String>,
    #[serde(default)]
    vaccines: Option<String>,
    #[serde(default)]
    outbreak_places: Vec<String>,
    cases: Vec<Case>,
}

/// Where a visit takes place.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Where the kiosk stands.
    pub location: &'a Location,
    /// Which way the visitor passes.
    pub direction: Direction,
    /// Whether its screen asks the visitors' apps (`presence`).
    pub asks_apps: bool,
    /// Whether it has a roster of those who belong there (`roster`).
    pub has_roster: bool,
}

/// What `decide` says of a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The visit is over.
    Decided(Verdict),
    /// Something is missing.
    Needs(Step),
}

/// How one rule set stands.
#[derive(Clone, Debug, PartialEq)]
enum Standing {
    Met,
    Registered,
    Missing(Step),
    Failed(Reason),
}

impl Standing {
    /// Which of the answers it leads to: what must be equal at the floor and at the estimate.
    fn class(&self) -> (u8, &'static str) {
        match self {
            Self::Met => (0, ""),
            Self::Registered => (1, ""),
            Self::Missing(step) => (2, step.word()),
            Self::Failed(reason) => (3, reason.code()),
        }
    }
}

impl RuleSet {
    /// Reads a rule set. `tables` are the vaccine tables that it may name.
    ///
    /// # Errors
    /// What is wrong with it, with line and column where it has one, for the person who wrote it.
    pub fn parse(json: &str, tables: &[VaccineTable]) -> Result<Self, String> {
        let AsWritten { id, version, source, provinces, disease, vaccines, outbreak_places, cases } =
            serde_json::from_str(json).map_err(|fault| fault.to_string())?;
        bounded_name(&id)?;
        let vaccines = match &vaccines {
            None => None,
            Some(name) => {
                Some(Arc::new(tables.iter().find(|table| table.name() == *name).cloned().ok_or_else(|| {
                    let known: Vec<_> = tables.iter().map(VaccineTable::name).collect();
                    format!("rule set {id}: no vaccine table \"{name}\"; known are {}", known.join(", "))
                })?))
            }
        };
        case::check(&cases).map_err(|fault| format!("rule set {id}: {fault}"))?;
        Ok(Self { id, version, source, provinces, disease, vaccines, outbreak_places, cases })
    }

    /// Whether it is the rule of a province.
    pub fn holds_in(&self, province: &str) -> bool {
        self.provinces.is_empty() || self.provinces.iter().any(|of| of == province)
    }

    /// Its name and version and where it was used, for the passage.
    pub fn used(&self, location: &Location) -> RuleSetUsed {
        RuleSetUsed { id: self.id.clone(), version: self.version, province: Some(location.province.clone()) }
    }

    /// How a visit stands at an instant, and the first later one at which that may change.
    fn stand(&self, visit: &mut Visit, at: DateTime<Utc>) -> (Standing, Option<DateTime<Utc>>) {
        let mut clock = Clock::at(at);
        let standing = case::first_that_holds(&self.cases, visit, &mut clock)
            .unwrap_or_else(|fault| Standing::Failed(Reason::RulesFault { fault: fault.word() }));
        (standing, clock.change())
    }

    /// The last second at which a visit that stands well stands so well without a break. `None`: nothing in it ends.
    fn holds_until(
        &self,
        visit: &mut Visit,
        stands: &Standing,
        mut change: Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        for _ in 0..CHANGES_MAX {
            let at = change?;
            let (standing, next) = self.stand(visit, at);
            if standing != Standing::Met && standing != *stands {
                return Some((at - TimeDelta::milliseconds(1)).trunc_subsecs(0));
            }
            change = next;
        }
        None
    }
}

/// Names go into records and onto command lines.
fn bounded_name(name: &str) -> Result<(), String> {
    let good = (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let shown: String = name.chars().filter(|letter| !letter.is_control()).take(NAME_BYTES_MAX).collect();
    if good { Ok(()) } else { Err(format!("id \"{shown}\": 1 to {NAME_BYTES_MAX} letters a-z, digits and hyphens")) }
}

/// What a code that was not proven decides by itself.
pub fn refuse_or_refer(reason: Reason) -> Decision {
    Decision::Decided(Verdict::because(reason))
}

/// Decides a visit by every rule set that is required here. None required admits nobody.
///
/// What the guard typed from paper is judged by the same rules, on the guard's word: where they are met only with it, the reason is
/// `PaperTyped`, and where they are not, what would be red is amber. What codes prove by themselves stays as it is.
pub fn decide(rule_sets: &[RuleSet], evidence: &Evidence, place: Place, now: TrustedTime) -> Decision {
    if evidence.papers().is_empty() {
        return judge(rule_sets, evidence, place, now);
    }
    let proven = judge(rule_sets, &evidence.without_papers(), place, now);
    let met = |verdict: &Verdict| matches!(verdict.answer(), Answer::Admit | Answer::Registered);
    match (judge(rule_sets, evidence, place, now), &proven) {
        (Decision::Decided(verdict), Decision::Decided(alone)) if met(&verdict) && met(alone) => proven,
        (Decision::Decided(verdict), _) if met(&verdict) => {
            Decision::Decided(Verdict::because(Reason::PaperTyped).until(verdict.holds_until()))
        }
        (Decision::Decided(verdict), Decision::Decided(alone)) if verdict.reason() == alone.reason() => proven,
        (Decision::Decided(verdict), _) => Decision::Decided(verdict.by_eye()),
        (needs, _) => needs,
    }
}

/// Decides by everything that was shown or typed, as if all of it were proven.
///
/// A rule set that is known not to be met decides at once, also while something else is missing. Comparisons are made
/// at the floor and at the estimate of the time; where they differ, the visit is referred. Where every rule set only
/// registers, the visitor is registered; nobody is admitted without a verified credential, whatever the rule sets say.
fn judge(rule_sets: &[RuleSet], evidence: &Evidence, place: Place, now: TrustedTime) -> Decision {
    if rule_sets.is_empty() {
        return Decision::Decided(Verdict::because(Reason::NoRules));
    }
    let mut missing = None;
    let mut referred = None;
    let mut met = false;
    let signed_at = evidence.credentials().iter().filter_map(|credential| credential.claims().issued_at).max();
    let proven = signed_at.and_then(|signed_at| now.proven_by(signed_at));
    let mut until = evidence.credentials().iter().filter_map(|credential| credential.claims().not_after).min();
    for rule_set in rule_sets {
        let mut visit = Visit::new(rule_set, evidence, &place, proven);
        let mut stand = |at| {
            if rule_set.holds_in(&place.location.province) {
                rule_set.stand(&mut visit, at)
            } else {
                (Standing::Failed(Reason::RulesElsewhere), None)
            }
        };
        let (standing, change) = stand(now.estimate());
        let standing = if !stands_throughout(now, standing.class(), stand) {
            Standing::Failed(Reason::ClockInDoubt { floor: now.floor(), estimate: now.estimate() })
        } else if standing == Standing::Missing(Step::AnswerScreen) && !place.asks_apps {
            // A screen without a question cannot be answered.
            Standing::Failed(Reason::RulesFault { fault: "presence" })
        } else {
            standing
        };
        match standing {
            Standing::Met => {
                met = true;
                until = [until, rule_set.holds_until(&mut visit, &standing, change)].into_iter().flatten().min();
            }
            Standing::Registered => {}
            Standing::Missing(step) => missing = missing.or(Some(step)),
            Standing::Failed(reason) if reason.answer() == Answer::Refuse => {
                return Decision::Decided(Verdict::because(reason));
            }
            Standing::Failed(Reason::Yellow) => {
                until = [until, rule_set.holds_until(&mut visit, &standing, change)].into_iter().flatten().min();
                referred = referred.or(Some(Reason::Yellow));
            }
            Standing::Failed(reason) => referred = referred.or(Some(reason)),
        }
    }
    match (referred, missing) {
        (Some(Reason::Yellow), _) => Decision::Decided(Verdict::because(Reason::Yellow).until(until)),
        (Some(reason), _) => Decision::Decided(Verdict::because(reason)),
        (None, Some(step)) => Decision::Needs(step),
        (None, None) if !met => Decision::Decided(Verdict::registered()),
        (None, None) if evidence.credentials().is_empty() && evidence.papers().is_empty() => {
            Decision::Needs(Step::ShowCertificate)
        }
        (None, None) => match evidence.doubt() {
            None => Decision::Decided(Verdict::admit(until)),
            // A card may match both of two codes that match each other too weakly.
            Some(_) if !evidence.has_identity_card() => Decision::Needs(Step::ShowIdentity),
            Some(reason) => Decision::Decided(Verdict::because(reason)),
        },
    }
}

/// Whether a visit stands the same at every time that it may be, from the floor to the latest. It is evaluated wherever it can change,
/// so that no gap between two good times is missed.
fn stands_throughout(
    now: TrustedTime,
    class: (u8, &'static str),
    mut stand: impl FnMut(DateTime<Utc>) -> (Standing, Option<DateTime<Utc>>),
) -> bool {
    if now.floor() == now.latest() {
        return true;
    }
    let mut at = now.floor();
    for _ in 0..CHANGES_MAX {
        let (standing, change) = stand(at);
        if standing.class() != class {
            return false;
        }
        match change {
            Some(next) if next <= now.latest() => at = next,
            _ => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests;
