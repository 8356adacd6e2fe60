//! Rule sets: what is read decides every visit, whatever its numbers are; and the expressions that they are made of.

use std::sync::LazyLock;

use checkpoint::evidence::Evidence;
use checkpoint::passage::{Direction, Location};
use checkpoint::rules::certlogic::{Clock, Expression, Value};
use checkpoint::rules::{Decision, Place, RuleSet, VaccineTable, decide};
use checkpoint::time::{Confidence, TrustedTime};
use checkpoint::verdict::Answer;

use crate::Budget;
use crate::credentials::visit;
use crate::forge;

/// A file of 4 KiB takes a few times its length. An evaluation may take 20,000 steps, and the end of an admission some
/// hundred evaluations.
const BUDGET: Budget = Budget { heap_bytes_max: 4 * 1024 * 1024, cpu_ms_max: 1000 };

/// The rule sets that are shipped.
const SHIPPED: [&str; 8] = [
    include_str!("../../assets/rules/declaration-72h.json"),
    include_str!("../../assets/rules/entry-declaration.json"),
    include_str!("../../assets/rules/khanh-hoa-colours.json"),
    include_str!("../../assets/rules/negative-test.json"),
    include_str!("../../assets/rules/register-only.json"),
    include_str!("../../assets/rules/school-gate.json"),
    include_str!("../../assets/rules/travel-permit.json"),
    include_str!("../../assets/rules/two-doses-14-days.json"),
];

static TABLES: LazyLock<Vec<VaccineTable>> = LazyLock::new(|| {
    let json = include_str!("../../assets/rules/covid-19.vaccines.json");
    vec![VaccineTable::parse(json).expect("a table that is shipped")]
});
static LOCATION: LazyLock<Location> =
    LazyLock::new(|| Location { code: "HN-CK-0023".into(), name: "Pháp Vân".into(), province: "HN".into() });

fn place() -> Place<'static> {
    Place { location: &LOCATION, direction: Direction::In, asks_apps: false, has_roster: false }
}

/// The rule sets that are shipped, read.
pub fn shipped() -> Vec<RuleSet> {
    SHIPPED.iter().map(|json| RuleSet::parse(json, &TABLES).expect("a rule set that is shipped")).collect()
}

/// What rule sets say of a visit, within the budget.
pub fn decided(rule_sets: &[RuleSet], evidence: &Evidence, now: TrustedTime) -> Decision {
    BUDGET.spend(|| decide(rule_sets, evidence, place(), now))
}

/// A rule set.
pub fn rule_set(input: &[u8]) {
    let json = String::from_utf8_lossy(input);
    LazyLock::force(&TABLES);
    let Ok(rule_set) = BUDGET.spend(|| RuleSet::parse(&json, &TABLES)) else { return };
    let (rule_sets, visit) = ([rule_set], visit());
    let doubtful =
        TrustedTime::measured(forge::at("2026-01-12T00:00:00Z"), forge::at(forge::NOW), Confidence::Doubtful);
    for now in [forge::now(), doubtful] {
        decided(&rule_sets, &visit, now);
        // Nothing shown is nothing admitted.
        match decided(&rule_sets, &Evidence::default(), now) {
            Decision::Decided(verdict) => assert!(verdict.answer() != Answer::Admit, "{verdict:?}"),
            Decision::Needs(_) => {}
        }
    }
    if let Decision::Decided(verdict) = decided(&rule_sets, &visit, forge::now())
        && let (Answer::Admit, Some(until)) = (verdict.answer(), verdict.holds_until())
    {
        let then = decided(&rule_sets, &visit, TrustedTime::given(until));
        let holds = matches!(&then, Decision::Decided(verdict) if verdict.answer() == Answer::Admit);
        assert!(holds, "admitted until {until}, and then {then:?}");
    }
}

/// Seeds of `rule_set`.
pub fn rule_set_seeds() -> Vec<Vec<u8>> {
    SHIPPED.map(|json| json.as_bytes().into()).into()
}

/// An expression, and after a NUL the data that it is evaluated over.
pub fn certlogic(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == 0).unwrap_or(input.len());
    let Ok(expression) = BUDGET.spend(|| serde_json::from_slice::<Expression>(&input[..end])) else { return };
    let data: serde_json::Value = serde_json::from_slice(input.get(end + 1..).unwrap_or_default()).unwrap_or_default();
    let data = Value::from_json(&data);
    let evaluate = || BUDGET.spend(|| expression.evaluate(&data, &mut Clock::at(forge::at(forge::NOW))));
    assert_eq!(evaluate(), evaluate(), "the same over the same");
}

/// Seeds of `certlogic`: every operation of the specification.
pub fn certlogic_seeds() -> Vec<Vec<u8>> {
    let data = r#"{"payload":{"v":[{"dn":2,"sd":2,"dt":"2026-01-10","mp":"EU/1/20/1528"}],"dob":"1990-01"},"external":{"validationClock":"2026-03-02T01:00:00Z","list":["a","b"],"n":[1,2,3]}}"#;
    [
        r#"{"if":[{"var":"payload.v.0"},{"===":[{"var":"payload.v.0.dn"},2]},false]}"#,
        r#"{"and":[{">":[{"var":"payload.v.0.dn"},0]},{"<=":[1,{"var":"payload.v.0.sd"},9]},{"!":[null]}]}"#,
        r#"{"not-before":[{"plusTime":[{"var":"external.validationClock"},0,"day"]},{"plusTime":[{"var":"payload.v.0.dt"},14,"day"]}]}"#,
        r#"{"in":[{"var":"payload.v.0.mp"},["EU/1/20/1528"]]}"#,
        r#"{"reduce":[{"var":"external.n"},{"+":[{"var":"accumulator"},{"var":"current"}]},0]}"#,
        r#"{"after":[{"dccDateOfBirth":[{"var":"payload.dob"}]},{"plusTime":["2021-05-04T13:37:42.1+07:00",-1,"month"]}]}"#,
        r#"{"extractFromUVCI":["URN:UVCI:01:VN:1#A",1]}"#,
        r#"{"before":[{"plusTime":["2021",1,"year"]},{"plusTime":["2021-02",1,"hour"]}]}"#,
    ]
    .map(|expression| format!("{expression}\0{data}").into())
    .into()
}
