//! Rule sets: what is read decides every visit, whatever its numbers are.

use checkpoint::evidence::Evidence;
use checkpoint::rules::{Decision, RuleSet, decide};
use checkpoint::time::{Confidence, TrustedTime};
use checkpoint::verdict::Answer;

use crate::Budget;
use crate::credentials::visit;
use crate::forge;

/// A file of 4 KiB takes a few times its length.
const BUDGET: Budget = Budget { heap_bytes_max: 256 * 1024, cpu_ms_max: 50 };

/// The rule sets that are shipped.
pub fn shipped() -> Vec<RuleSet> {
    [include_str!("../../assets/rules/two-doses-14-days.json"), include_str!("../../assets/rules/declaration-72h.json")]
        .map(|json| RuleSet::parse(json).expect("a rule set that is shipped"))
        .into()
}

/// What rule sets say of a visit, within the budget.
pub fn decided(rule_sets: &[RuleSet], evidence: &Evidence, now: TrustedTime) -> Decision {
    BUDGET.spend(|| decide(rule_sets, evidence, now))
}

/// A rule set.
pub fn rule_set(input: &[u8]) {
    let json = String::from_utf8_lossy(input);
    let Ok(rule_set) = BUDGET.spend(|| RuleSet::parse(&json)) else { return };
    let (rule_sets, visit) = ([rule_set], visit());
    let doubtful =
        TrustedTime::measured(forge::at("2026-01-12T00:00:00Z"), forge::at(forge::NOW), Confidence::Doubtful);
    for now in [forge::now(), doubtful] {
        decided(&rule_sets, &visit, now);
        // Nothing shown is nothing admitted.
        match decided(&rule_sets, &Evidence::default(), now) {
            Decision::Decided(verdict) => assert!(verdict.answer() != Answer::Admit),
            Decision::Needs(_) => {}
        }
    }
}

/// Seeds of `rule_set`: those that are shipped.
pub fn rule_set_seeds() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../assets/rules/two-doses-14-days.json").into(),
        include_bytes!("../../assets/rules/declaration-72h.json").into(),
        br#"{"id":"a","version":1,"source":"s","requires":{"kind":"vaccination","disease":"840539006","products":[{"code":"EU/1/20/1528","name":"n","doses":2}],"days_since_last_min":14,"days_since_last_max":270}}"#.into(),
    ]
}
