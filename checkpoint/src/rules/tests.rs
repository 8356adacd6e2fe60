//! The rule sets that come with the kiosk, row by row.

use chrono::{DateTime, Utc};

use super::*;
use crate::time::Confidence;
use crate::trust::credential::{Claims, Credential, Person};

const NOW: &str = "2021-09-20T05:00:00Z"; // noon of 20 September in Viet Nam

fn shipped() -> Vec<RuleSet> {
    [
        include_str!("../../../assets/rules/two-doses-14-days.json"),
        include_str!("../../../assets/rules/declaration-72h.json"),
    ]
    .map(|text| RuleSet::parse(text).unwrap())
    .into()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn dose(vaccine: &str, dose: u32, date: &str) -> Statement {
    Statement::Vaccination(Vaccination {
        disease: "840539006".into(),
        vaccine: vaccine.into(),
        dose,
        doses_total: 2,
        date: PartialDate::parse(date).unwrap(),
        country: "VN".into(),
    })
}

fn declaration(made_at: &str, symptoms: &[&str], contact: bool) -> Statement {
    Statement::Declaration(Declaration {
        made_at: at(made_at),
        symptoms: symptoms.iter().map(|symptom| (*symptom).into()).collect(),
        contact,
        places: Vec::new(),
        at_entry: false,
    })
}

fn evidence(statements: Vec<Statement>) -> Evidence {
    let person = Person {
        name: "Nguyễn Văn A".into(),
        name_transliterated: None,
        birth: PartialDate::parse("1990-01-18").unwrap(),
        number: None,
    };
    let mut evidence = Evidence::default();
    for statement in statements {
        let claims = Claims {
            issuer: "VN-HN".into(),
            issued_at: None,
            not_before: None,
            not_after: None,
            id: None,
            person: person.clone(),
            statements: vec![statement],
        };
        evidence.add(Credential::as_if_verified(claims)).unwrap();
    }
    evidence
}

/// What is decided, as one word: `admit`, `needs-…`, or the reason's code.
fn word(rule_sets: &[RuleSet], statements: Vec<Statement>, now: TrustedTime) -> String {
    match decide(rule_sets, &evidence(statements), now) {
        Decision::Needs(step) => format!("needs-{}", step.word()),
        Decision::Decided(verdict) => verdict.reason().map_or("admit", Reason::code).to_owned(),
    }
}

#[track_caller]
fn check(statements: Vec<Statement>, expected: &str) {
    assert_eq!(word(&shipped(), statements, TrustedTime::given(at(NOW))), expected);
}

fn fine() -> Statement {
    declaration("2021-09-19T05:00:00Z", &[], false)
}

#[test]
fn an_empty_rule_set_admits_nobody() {
    let now = TrustedTime::given(at(NOW));
    assert_eq!(word(&[], vec![dose("EU/1/20/1528", 2, "2021-08-01"), fine()], now), "R-NONE");
}

#[test]
fn day_fourteen_counts_and_day_thirteen_does_not() {
    check(vec![dose("EU/1/20/1528", 2, "2021-09-06"), fine()], "admit");
    check(vec![dose("EU/1/20/1528", 2, "2021-09-07"), fine()], "R-RECENT");
}

#[test]
fn days_are_counted_in_viet_nam() {
    // 18:00 UTC on the 19th is 01:00 on the 20th in Viet Nam.
    let now = TrustedTime::given(at("2021-09-19T18:00:00Z"));
    assert_eq!(word(&shipped(), vec![dose("EU/1/20/1528", 2, "2021-09-06"), fine()], now), "admit");
}

#[test]
fn the_wait_is_said_with_its_first_good_day() {
    let evidence = evidence(vec![dose("EU/1/20/1528", 2, "2021-09-08"), fine()]);
    let Decision::Decided(verdict) = decide(&shipped(), &evidence, TrustedTime::given(at(NOW))) else {
        panic!("decided")
    };
    let holds_from = NaiveDate::from_ymd_opt(2021, 9, 22).unwrap();
    assert_eq!(verdict.reason(), Some(&Reason::DoseTooRecent { days: 12, days_min: 14, holds_from }));
}

#[test]
fn one_dose_is_too_few_unless_the_product_needs_one() {
    check(vec![dose("EU/1/20/1528", 1, "2021-07-01"), fine()], "R-DOSES");
    check(vec![dose("EU/1/20/1525", 1, "2021-07-01"), fine()], "admit");
}

#[test]
fn a_fresh_third_dose_does_not_undo_two_valid_ones() {
    check(vec![dose("EU/1/20/1528", 3, "2021-09-19"), fine()], "admit");
    check(vec![dose("EU/1/20/1528", 2, "2021-06-01"), dose("EU/1/20/1528", 3, "2021-09-19"), fine()], "admit");
}

#[test]
fn the_best_of_several_certificates_counts() {
    check(vec![dose("EU/1/20/1528", 1, "2021-07-01"), dose("EU/1/20/1528", 2, "2021-08-01"), fine()], "admit");
    check(vec![dose("EU/1/20/1528", 1, "2021-07-01"), dose("EU/1/20/1528", 2, "2021-09-19"), fine()], "R-RECENT");
}

#[test]
fn an_unknown_product_is_referred() {
    check(vec![dose("EU/1/99/9999", 2, "2021-08-01"), fine()], "R-VACCINE");
}

#[test]
fn a_partly_known_day_counts_only_where_every_day_of_it_would() {
    check(vec![dose("EU/1/20/1528", 2, "2021-07"), fine()], "admit");
    check(vec![dose("EU/1/20/1528", 2, "2021-09"), fine()], "R-DATE");
    check(vec![dose("EU/1/20/1528", 2, ""), fine()], "R-DATE");
}

#[test]
fn a_dose_from_the_future_is_referred() {
    check(vec![dose("EU/1/20/1528", 2, "2021-09-21"), fine()], "R-DATE");
}

#[test]
fn what_is_missing_is_asked_for() {
    check(vec![dose("EU/1/20/1528", 2, "2021-08-01")], "needs-declaration");
    check(vec![fine()], "needs-certificate");
}

#[test]
fn a_known_failure_decides_while_something_is_missing() {
    check(vec![dose("EU/1/20/1528", 1, "2021-08-01")], "R-DOSES");
    check(vec![declaration("2021-09-19T05:00:00Z", &["fever"], false)], "R-SYMPTOMS");
}

#[test]
fn a_declaration_holds_for_seventy_two_hours_to_the_second() {
    let fresh = dose("EU/1/20/1528", 2, "2021-08-01");
    check(vec![fresh.clone(), declaration("2021-09-17T05:00:00Z", &[], false)], "admit");
    check(vec![fresh, declaration("2021-09-17T04:59:59Z", &[], false)], "R-DECLOLD");
}

#[test]
fn the_newest_declaration_counts() {
    let fresh = dose("EU/1/20/1528", 2, "2021-08-01");
    let old_and_ill = declaration("2021-09-18T05:00:00Z", &["fever"], false);
    check(vec![fresh.clone(), old_and_ill.clone(), fine()], "admit");
    check(vec![fresh, fine(), declaration("2021-09-20T04:00:00Z", &["cough"], false)], "R-SYMPTOMS");
}

#[test]
fn contact_and_a_declaration_from_the_future_are_refused() {
    let fresh = dose("EU/1/20/1528", 2, "2021-08-01");
    check(vec![fresh.clone(), declaration("2021-09-20T04:00:00Z", &[], true)], "R-CONTACT");
    check(vec![fresh.clone(), declaration("2021-09-20T05:06:00Z", &[], false)], "C-EARLY");
    check(vec![fresh, declaration("2021-09-20T05:04:00Z", &[], false)], "admit");
}

#[test]
fn an_admission_says_until_when_it_holds() {
    let evidence = evidence(vec![dose("EU/1/20/1528", 2, "2021-08-01"), fine()]);
    let Decision::Decided(verdict) = decide(&shipped(), &evidence, TrustedTime::given(at(NOW))) else {
        panic!("decided")
    };
    assert_eq!(verdict.holds_until(), Some(at("2021-09-22T05:00:00Z")));
}

#[test]
fn a_doubtful_clock_refers_where_the_answer_depends_on_it() {
    let doubtful = TrustedTime::measured(at("2021-09-10T05:00:00Z"), at(NOW), Confidence::Doubtful);
    let newly = vec![dose("EU/1/20/1528", 2, "2021-09-01"), declaration("2021-09-10T05:00:00Z", &[], false)];
    assert_eq!(word(&shipped(), newly, doubtful), "K-CLOCK");
    let long_ago = TrustedTime::measured(at("2021-09-19T06:00:00Z"), at(NOW), Confidence::Doubtful);
    assert_eq!(word(&shipped(), vec![dose("EU/1/20/1528", 2, "2021-08-01"), fine()], long_ago), "admit");
}

#[test]
fn a_rule_set_that_nobody_or_everybody_meets_is_not_read() {
    let shipped = include_str!("../../../assets/rules/two-doses-14-days.json");
    assert!(RuleSet::parse(&shipped.replace("\"doses\": 1", "\"doses\": 0")).unwrap_err().contains("everybody"));
    assert!(RuleSet::parse(&shipped.replace("\"source\"", "\"sauce\"")).unwrap_err().contains("sauce"));
}
