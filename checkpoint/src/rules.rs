//! Rule sets as data: `Evidence → Decided(Verdict) | Needs(Step)`.

pub mod certlogic;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

use crate::evidence::Evidence;
use crate::passage::RuleSetUsed;
use crate::time::{PartialDate, TrustedTime, day_in_vietnam};
use crate::trust::credential::{Declaration, Statement, Vaccination};
use crate::verdict::{Answer, Reason, Step, Verdict};

/// How far a visitor's phone clock may run ahead of ours before a declaration counts as made in the future.
const CLOCK_SKEW_SECS_MAX: i64 = 300;

/// One requirement with its name and version, as a file of `assets/rules/` holds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Name that `kiosk.toml` uses and every passage carries.
    pub id: String,
    /// Grows with every change.
    pub version: u32,
    /// Where the rule comes from, for people.
    pub source: String,
    /// What it asks.
    pub requires: Requirement,
}

/// What a rule set asks of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Requirement {
    /// A completed series of doses.
    Vaccination {
        /// SNOMED CT code of the disease.
        disease: String,
        /// Products and how many doses complete their series.
        products: Vec<Product>,
        /// Calendar days (+07:00) since the completing dose; that day itself counts.
        days_since_last_min: i64,
        /// Calendar days since the last dose after which it no longer counts.
        #[serde(default)]
        days_since_last_max: Option<i64>,
    },
    /// A declaration of health.
    Declaration {
        /// Hours since it was made.
        hours_max: i64,
        /// Whether a symptom refuses.
        refuse_symptoms: bool,
        /// Whether contact with a case refuses.
        refuse_contact: bool,
    },
}

/// A vaccine product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its code, as in HC1 `mp`.
    pub code: String,
    /// Its name, for people.
    pub name: String,
    /// Doses that complete the series.
    pub doses: u32,
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
    Met { until: Option<DateTime<Utc>> },
    Missing(Step),
    Failed(Reason),
}

impl Standing {
    /// Which of the answers it leads to: what must be equal at the floor and at the estimate.
    fn class(&self) -> (u8, &'static str) {
        match self {
            Self::Met { .. } => (0, ""),
            Self::Missing(step) => (1, step.word()),
            Self::Failed(reason) => (2, reason.code()),
        }
    }
}

impl RuleSet {
    /// Reads a rule set.
    ///
    /// # Errors
    /// What is wrong with it, with line and column, for the person who wrote it.
    pub fn parse(json: &str) -> Result<Self, String> {
        let rule_set: Self = serde_json::from_str(json).map_err(|fault| fault.to_string())?;
        match &rule_set.requires {
            Requirement::Vaccination { products, .. } if products.is_empty() => {
                Err(format!("rule set {}: no product counts, so nobody could ever meet it", rule_set.id))
            }
            Requirement::Vaccination { products, .. } if products.iter().any(|product| product.doses == 0) => {
                Err(format!("rule set {}: a product with 0 doses would admit everybody", rule_set.id))
            }
            Requirement::Declaration { hours_max, .. } if *hours_max <= 0 => {
                Err(format!("rule set {}: hours_max must be at least 1", rule_set.id))
            }
            _ => Ok(rule_set),
        }
    }

    /// Its name and version, for the passage.
    pub fn used(&self) -> RuleSetUsed {
        RuleSetUsed { id: self.id.clone(), version: self.version }
    }

    fn stand(&self, evidence: &Evidence, at: DateTime<Utc>) -> Standing {
        match &self.requires {
            Requirement::Vaccination { disease, products, days_since_last_min, days_since_last_max } => {
                let rule = DoseRule { products, days_min: *days_since_last_min, days_max: *days_since_last_max };
                let doses = evidence.statements().filter_map(|(_, statement)| match statement {
                    Statement::Vaccination(dose) if dose.disease == *disease => Some(rule.stand(dose, at)),
                    _ => None,
                });
                best(doses).unwrap_or(Standing::Missing(Step::ShowCertificate))
            }
            Requirement::Declaration { hours_max, refuse_symptoms, refuse_contact } => {
                let newest = evidence
                    .statements()
                    .filter_map(|(_, statement)| match statement {
                        Statement::Declaration(declaration) => Some(declaration),
                        _ => None,
                    })
                    .max_by_key(|declaration| declaration.made_at);
                newest.map_or(Standing::Missing(Step::ShowDeclaration), |declaration| {
                    declared(declaration, *hours_max, *refuse_symptoms, *refuse_contact, at)
                })
            }
        }
    }
}

/// The best of several: one that is met, else the one nearest to it. `None` of none.
fn best(standings: impl Iterator<Item = Standing>) -> Option<Standing> {
    standings.min_by_key(|standing| match standing {
        Standing::Met { .. } => 0,
        Standing::Failed(reason) if reason.answer() == Answer::Refer => 1,
        Standing::Failed(Reason::DoseTooRecent { .. }) => 2,
        Standing::Failed(_) => 3,
        Standing::Missing(_) => 4,
    })
}

struct DoseRule<'a> {
    products: &'a [Product],
    days_min: i64,
    days_max: Option<i64>,
}

impl DoseRule<'_> {
    fn stand(&self, dose: &Vaccination, at: DateTime<Utc>) -> Standing {
        let Some(product) = self.products.iter().find(|product| product.code == dose.vaccine) else {
            return Standing::Failed(Reason::UnknownVaccine);
        };
        if dose.dose < product.doses {
            return Standing::Failed(Reason::TooFewDoses { doses: dose.dose, doses_min: product.doses });
        }
        let Some((first, last)) = days_possible(dose.date) else {
            return Standing::Failed(Reason::DoseDateUncertain);
        };
        let (early, late) = (self.stand_on(first, dose, product, at), self.stand_on(last, dose, product, at));
        if early.class() == late.class() { late } else { Standing::Failed(Reason::DoseDateUncertain) }
    }

    fn stand_on(&self, date: NaiveDate, dose: &Vaccination, product: &Product, at: DateTime<Utc>) -> Standing {
        let days = day_in_vietnam(at).signed_duration_since(date).num_days();
        if days < 0 {
            return Standing::Failed(Reason::DoseDateUncertain);
        }
        if let Some(days_max) = self.days_max
            && days > days_max
        {
            return Standing::Failed(Reason::DoseTooOld { days, days_max });
        }
        // A further dose does not undo a completed series: only the completing dose has to wait.
        let completing = dose.dose == product.doses;
        if completing && days < self.days_min {
            let holds_from = date.checked_add_days(Days::new(self.days_min.unsigned_abs())).unwrap_or(date);
            return Standing::Failed(Reason::DoseTooRecent { days, days_min: self.days_min, holds_from });
        }
        let until =
            self.days_max.and_then(|days_max| end_of_day(date.checked_add_days(Days::new(days_max.unsigned_abs()))?));
        Standing::Met { until }
    }
}

/// The first and the last day that a partly known date can be. `None` where nothing of it is known.
fn days_possible(date: PartialDate) -> Option<(NaiveDate, NaiveDate)> {
    match date {
        PartialDate::Unknown => None,
        PartialDate::Year(year) => Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?)),
        PartialDate::Month(year, month) => {
            let first = NaiveDate::from_ymd_opt(year, month, 1)?;
            let last = first.checked_add_months(chrono::Months::new(1))?.pred_opt()?;
            debug_assert_eq!(last.month(), month);
            Some((first, last))
        }
        PartialDate::Day(day) => Some((day, day)),
    }
}

/// The last second of a calendar day in +07:00.
fn end_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_hms_opt(23, 59, 59)?.and_local_timezone(crate::time::vietnam()).single()?.with_timezone(&Utc))
}

fn declared(
    declaration: &Declaration,
    hours_max: i64,
    refuse_symptoms: bool,
    refuse_contact: bool,
    at: DateTime<Utc>,
) -> Standing {
    let age = at.signed_duration_since(declaration.made_at);
    if age.num_seconds() < -CLOCK_SKEW_SECS_MAX {
        return Standing::Failed(Reason::NotYetValid { now: at, not_before: declaration.made_at });
    }
    if age > TimeDelta::hours(hours_max) {
        return Standing::Failed(Reason::DeclarationTooOld { hours: age.num_hours(), hours_max });
    }
    if refuse_symptoms && !declaration.symptoms.is_empty() {
        return Standing::Failed(Reason::Symptoms { count: declaration.symptoms.len() });
    }
    if refuse_contact && declaration.contact {
        return Standing::Failed(Reason::Contact);
    }
    Standing::Met { until: declaration.made_at.checked_add_signed(TimeDelta::hours(hours_max)) }
}

/// What a code that was not proven decides by itself.
pub fn refuse_or_refer(reason: Reason) -> Decision {
    Decision::Decided(Verdict::because(reason))
}

/// Decides a visit by every rule set that is required here. None required admits nobody.
///
/// A rule set that is known not to be met decides at once, also while something else is missing. Comparisons are made
/// at the floor and at the estimate of the time; where they differ, the visit is referred.
pub fn decide(rule_sets: &[RuleSet], evidence: &Evidence, now: TrustedTime) -> Decision {
    if rule_sets.is_empty() {
        return Decision::Decided(Verdict::because(Reason::NoRules));
    }
    let mut missing = None;
    let mut referred = None;
    let mut until = evidence.credentials().iter().filter_map(|credential| credential.claims().not_after).min();
    for rule_set in rule_sets {
        let standing = match now.judge(|at| rule_set.stand(evidence, at).class()) {
            Ok(_) => rule_set.stand(evidence, now.estimate()),
            Err(doubt) => Standing::Failed(doubt.into()),
        };
        match standing {
            Standing::Met { until: end } => until = [until, end].into_iter().flatten().min(),
            Standing::Missing(step) => missing = missing.or(Some(step)),
            Standing::Failed(reason) if reason.answer() == Answer::Refuse => {
                return Decision::Decided(Verdict::because(reason));
            }
            Standing::Failed(reason) => referred = referred.or(Some(reason)),
        }
    }
    match (referred, missing) {
        (Some(reason), _) => Decision::Decided(Verdict::because(reason)),
        (None, Some(step)) => Decision::Needs(step),
        (None, None) => match evidence.doubt() {
            None => Decision::Decided(Verdict::admit(until)),
            // A card may match both of two codes that match each other too weakly.
            Some(_) if evidence.cards().is_empty() => Decision::Needs(Step::ShowIdentity),
            Some(reason) => Decision::Decided(Verdict::because(reason)),
        },
    }
}

#[cfg(test)]
mod tests;
