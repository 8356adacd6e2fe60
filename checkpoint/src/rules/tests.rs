//! The rule sets that come with the kiosk, row by row.

use chrono::{Days, NaiveDate};

use super::*;
use crate::evidence::Guardianship;
use crate::roster::Roster;
use crate::screen::{Paper, PaperKind};
use crate::time::{Confidence, PartialDate, day_in_vietnam};
use crate::trust::credential::{
    Claims, Credential, Declaration, Person, Recovery, Statement, Test, TestResult, TravelPermit, Vaccination,
};

const NOW: &str = "2021-09-20T05:00:00Z"; // noon of 20 September in Viet Nam

const VACCINES: &str = include_str!("../../../assets/rules/covid-19.vaccines.json");

const TWO_DOSES: &str = include_str!("../../../assets/rules/two-doses-14-days.json");
const DECLARATION: &str = include_str!("../../../assets/rules/declaration-72h.json");
const ENTRY: &str = include_str!("../../../assets/rules/entry-declaration.json");
const KHANH_HOA: &str = include_str!("../../../assets/rules/khanh-hoa-colours.json");
const NEGATIVE_TEST: &str = include_str!("../../../assets/rules/negative-test.json");
const REGISTER: &str = include_str!("../../../assets/rules/register-only.json");
const SCHOOL: &str = include_str!("../../../assets/rules/school-gate.json");
const PERMIT: &str = include_str!("../../../assets/rules/travel-permit.json");
const ANSWER: &str = include_str!("../../../assets/rules/answer-or-card.json");

const SHIPPED: [&str; 9] = [TWO_DOSES, DECLARATION, ENTRY, KHANH_HOA, NEGATIVE_TEST, REGISTER, SCHOOL, PERMIT, ANSWER];

const PFIZER: &str = "EU/1/20/1528"; // two doses
const JANSSEN: &str = "EU/1/20/1525"; // one dose
const PCR: &str = "LP6464-4";
const ANTIGEN: &str = "LP217198-3";

fn parse(json: &str) -> Result<RuleSet, String> {
    RuleSet::parse(json, &[VaccineTable::parse(VACCINES).unwrap()])
}

fn shipped() -> Vec<RuleSet> {
    vec![parse(TWO_DOSES).unwrap(), parse(DECLARATION).unwrap()]
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn dose_of(vaccine: &str, dose: u32, doses_total: u32, date: &str) -> Statement {
    Statement::Vaccination(Vaccination {
        disease: "840539006".into(),
        vaccine: vaccine.into(),
        dose,
        doses_total,
        date: PartialDate::parse(date).unwrap(),
        country: "VN".into(),
    })
}

fn dose(vaccine: &str, dose: u32, date: &str) -> Statement {
    dose_of(vaccine, dose, 2, date)
}

fn test(kind: &str, result: TestResult, sampled_at: Option<&str>) -> Statement {
    Statement::Test(Test {
        disease: "840539006".into(),
        kind: kind.into(),
        result,
        sampled_at: sampled_at.map(at),
        country: "VN".into(),
    })
}

fn negative(kind: &str, sampled_at: &str) -> Statement {
    test(kind, TestResult::NotDetected, Some(sampled_at))
}

fn recovery(positive: &str, from: &str, until: &str) -> Statement {
    let [first_positive, valid_from, valid_until] = [positive, from, until].map(|day| PartialDate::parse(day).unwrap());
    let (disease, country) = ("840539006".into(), "VN".into());
    Statement::Recovery(Recovery { disease, first_positive, valid_from, valid_until, country })
}

fn declare(made_at: &str, symptoms: &[&str], contact: bool, places: &[&str], at_entry: bool) -> Statement {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).into()).collect();
    Statement::Declaration(Declaration {
        made_at: at(made_at),
        symptoms: texts(symptoms),
        contact,
        places: texts(places),
        at_entry,
    })
}

fn declaration(made_at: &str, symptoms: &[&str], contact: bool) -> Statement {
    declare(made_at, symptoms, contact, &["HN-0012"], false)
}

fn permit(from: &str, to: &str) -> Statement {
    Statement::TravelPermit(TravelPermit { purpose: "work".into(), from: from.into(), to: to.into(), plate: None })
}

fn evidence_of(birth: &str, statements: Vec<Statement>) -> Evidence {
    let person = Person {
        name: "Nguyễn Văn A".into(),
        name_transliterated: None,
        birth: PartialDate::parse(birth).unwrap(),
        number: Some("001090000001".into()),
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

fn evidence(statements: Vec<Statement>) -> Evidence {
    evidence_of("1990-01-18", statements)
}

fn location(province: &str) -> Location {
    Location { code: "CK-1".into(), name: "Chốt 1".into(), province: province.into() }
}

fn decided(rule_sets: &[RuleSet], evidence: &Evidence, direction: Direction, now: TrustedTime) -> Decision {
    decide(
        rule_sets,
        evidence,
        Place { location: &location("Khánh Hòa"), direction, asks_apps: false, has_roster: false },
        now,
    )
}

/// What is decided, as one word: `admit`, `registered`, `needs-…`, or the reason's code.
fn in_a_word(decision: &Decision) -> String {
    match decision {
        Decision::Needs(step) => format!("needs-{}", step.word()),
        Decision::Decided(verdict) => verdict.reason().map_or(verdict.answer().word(), Reason::code).to_owned(),
    }
}

fn word(rule_sets: &[RuleSet], statements: Vec<Statement>, now: TrustedTime) -> String {
    in_a_word(&decided(rule_sets, &evidence(statements), Direction::In, now))
}

/// One rule set, one visit, noon of 20 September.
#[track_caller]
fn rows(rule_set: &str, rows: Vec<(&str, Vec<Statement>, &str)>) {
    let rule_sets = [parse(rule_set).unwrap()];
    for (name, statements, expected) in rows {
        assert_eq!(word(&rule_sets, statements, TrustedTime::given(at(NOW))), expected, "{name}");
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
    let Decision::Decided(verdict) = decided(&shipped(), &evidence, Direction::In, TrustedTime::given(at(NOW))) else {
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
    let Decision::Decided(verdict) = decided(&shipped(), &evidence, Direction::In, TrustedTime::given(at(NOW))) else {
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
fn two_doses_and_fourteen_days() {
    rows(
        TWO_DOSES,
        vec![
            ("two, day 14", vec![dose(PFIZER, 2, "2021-09-06")], "admit"),
            ("two, day 13", vec![dose(PFIZER, 2, "2021-09-07")], "R-RECENT"),
            ("two, today", vec![dose(PFIZER, 2, "2021-09-20")], "R-RECENT"),
            ("two, tomorrow", vec![dose(PFIZER, 2, "2021-09-21")], "R-DATE"),
            ("one of one, day 14", vec![dose_of(JANSSEN, 1, 1, "2021-09-06")], "admit"),
            ("one of one, day 13", vec![dose_of(JANSSEN, 1, 1, "2021-09-07")], "R-RECENT"),
            ("two of one is a booster", vec![dose_of(JANSSEN, 2, 1, "2021-09-20")], "admit"),
            ("two of one with another product", vec![dose_of(PFIZER, 2, 1, "2021-09-20")], "admit"),
            ("three of two, today", vec![dose(PFIZER, 3, "2021-09-20")], "admit"),
            ("three of three, today", vec![dose_of(PFIZER, 3, 3, "2021-09-20")], "admit"),
            ("a booster of tomorrow", vec![dose(PFIZER, 3, "2021-09-21")], "R-DATE"),
            ("a booster of an unknown day", vec![dose(PFIZER, 3, "")], "R-DATE"),
            ("one of one where two are needed", vec![dose_of(PFIZER, 1, 1, "2021-01-01")], "R-DOSES"),
            ("one of none is no booster", vec![dose_of(PFIZER, 1, 0, "2021-01-01")], "R-DOSES"),
            ("two of three", vec![dose_of("Abdala", 2, 3, "2021-01-01")], "R-DOSES"),
            ("three of three, day 14", vec![dose_of("Abdala", 3, 3, "2021-09-06")], "admit"),
            ("unknown", vec![dose("Sputnik-Light", 1, "2021-01-01")], "R-VACCINE"),
            (
                "a good one beside an unknown one",
                vec![dose("X", 9, "2021-01-01"), dose(PFIZER, 2, "2021-01-01")],
                "admit",
            ),
            ("a month that is over for 14 days", vec![dose(PFIZER, 2, "2021-08")], "admit"),
            ("a month of which some days are", vec![dose(PFIZER, 2, "2021-09")], "R-DATE"),
            ("a year", vec![dose(PFIZER, 2, "2020")], "admit"),
            ("this year", vec![dose(PFIZER, 2, "2021")], "R-DATE"),
            (
                "another disease",
                vec![{
                    let Statement::Vaccination(other) = dose(PFIZER, 2, "2021-01-01") else { unreachable!() };
                    Statement::Vaccination(Vaccination { disease: "6142004".into(), ..other })
                }],
                "needs-certificate",
            ),
            ("a test is no dose", vec![negative(PCR, NOW)], "needs-certificate"),
            ("nothing", vec![], "needs-certificate"),
        ],
    );
}

#[test]
fn a_declaration_of_seventy_two_hours() {
    let made = |made_at| declaration(made_at, &[], false);
    rows(
        DECLARATION,
        vec![
            ("72 hours", vec![made("2021-09-17T05:00:00Z")], "admit"),
            ("a second more", vec![made("2021-09-17T04:59:59Z")], "R-DECLOLD"),
            ("a telephone five minutes ahead", vec![made("2021-09-20T05:05:00Z")], "admit"),
            ("a second more ahead", vec![made("2021-09-20T05:05:01Z")], "C-EARLY"),
            ("a symptom", vec![declaration(NOW, &["cough"], false)], "R-SYMPTOMS"),
            ("contact", vec![declaration(NOW, &[], true)], "R-CONTACT"),
            ("at entry counts too", vec![declare(NOW, &[], false, &[], true)], "admit"),
            ("nothing", vec![], "needs-declaration"),
        ],
    );
    let outbreak = DECLARATION.replace("\"outbreak_places\": []", "\"outbreak_places\": [\"HP-0007\", \"DN-0001\"]");
    let been = |places: &[&str]| vec![declare(NOW, &[], false, places, false)];
    rows(
        &outbreak,
        vec![
            ("elsewhere", been(&["HN-0012"]), "admit"),
            ("there", been(&["HN-0012", "HP-0007"]), "R-PLACES"),
            ("nowhere", been(&[]), "admit"),
        ],
    );
    let rule_sets = [parse(&outbreak).unwrap()];
    let there = evidence(been(&["DN-0001", "HN-0012", "HP-0007"]));
    let Decision::Decided(verdict) = decided(&rule_sets, &there, Direction::In, TrustedTime::given(at(NOW))) else {
        panic!("decided")
    };
    assert_eq!(verdict.reason(), Some(&Reason::OutbreakPlaces { count: 2 }));
    assert_eq!(verdict.answer(), Answer::Refer);
}

#[test]
fn a_declaration_at_entry() {
    rows(
        ENTRY,
        vec![
            ("at entry", vec![declare("2021-09-17T05:00:00Z", &[], false, &[], true)], "admit"),
            ("at entry, too old", vec![declare("2021-09-17T04:59:59Z", &[], false, &[], true)], "R-DECLOLD"),
            ("an everyday one", vec![declaration(NOW, &[], false)], "needs-entry-declaration"),
            (
                "a newer everyday one beside it",
                vec![declare("2021-09-18T05:00:00Z", &["fever"], false, &[], true), declaration(NOW, &[], false)],
                "R-SYMPTOMS",
            ),
            ("nothing", vec![], "needs-entry-declaration"),
        ],
    );
}

#[test]
fn a_negative_test() {
    rows(
        NEGATIVE_TEST,
        vec![
            ("PCR, 72 hours", vec![negative(PCR, "2021-09-17T05:00:00Z")], "admit"),
            ("PCR, a second more", vec![negative(PCR, "2021-09-17T04:59:59Z")], "R-TESTOLD"),
            ("antigen, 24 hours", vec![negative(ANTIGEN, "2021-09-19T05:00:00Z")], "admit"),
            ("antigen, a second more", vec![negative(ANTIGEN, "2021-09-19T04:59:59Z")], "R-TESTOLD"),
            ("an old one beside a good one", vec![negative(PCR, "2021-09-01T05:00:00Z"), negative(PCR, NOW)], "admit"),
            ("positive", vec![test(PCR, TestResult::Detected, Some(NOW))], "R-POSITIVE"),
            (
                "positive beats negative",
                vec![negative(PCR, NOW), test(ANTIGEN, TestResult::Detected, Some("2021-09-10T00:00:00Z"))],
                "R-POSITIVE",
            ),
            (
                "positive long ago",
                vec![negative(PCR, NOW), test(PCR, TestResult::Detected, Some("2021-09-06T04:59:59Z"))],
                "admit",
            ),
            ("another kind", vec![negative("LP1-1", NOW)], "R-TEST"),
            ("unknown result", vec![test(PCR, TestResult::Unknown, Some(NOW))], "R-TEST"),
            ("no time", vec![test(PCR, TestResult::NotDetected, None)], "R-TEST"),
            ("to come", vec![negative(PCR, "2021-09-20T05:05:01Z")], "C-EARLY"),
            ("nothing", vec![], "needs-test"),
        ],
    );
}

#[test]
fn the_colours_of_khanh_hoa() {
    rows(
        KHANH_HOA,
        vec![
            ("green: two doses, day 14", vec![dose(PFIZER, 2, "2021-09-06")], "admit"),
            ("green: one of a one-dose vaccine", vec![dose_of(JANSSEN, 1, 1, "2021-09-06")], "admit"),
            ("green: booster", vec![dose(PFIZER, 3, "2021-09-20")], "admit"),
            ("green: recovered, day 180", vec![recovery("2021-03-24", "2021-04-04", "2021-09-30")], "admit"),
            ("green: a recovery that says no validity", vec![recovery("2021-03-24", "", "")], "admit"),
            ("red: recovered, day 181", vec![recovery("2021-03-23", "2021-04-03", "2021-12-31")], "R-RECOVERED"),
            ("red: its validity is over", vec![recovery("2021-04-23", "2021-05-03", "2021-09-19")], "C-EXPIRED"),
            ("red: its validity is to come", vec![recovery("2021-09-15", "2021-09-26", "2022-03-01")], "C-EARLY"),
            ("amber: some days of the month are 180 ago", vec![recovery("2021-03", "", "")], "R-DATE"),
            ("amber: recovered tomorrow", vec![recovery("2021-09-21", "", "")], "R-DATE"),
            ("yellow: one dose, day 14", vec![dose(PFIZER, 1, "2021-09-06")], "R-YELLOW"),
            ("red: one dose, day 13", vec![dose(PFIZER, 1, "2021-09-07")], "R-RECENT"),
            ("yellow: a second dose of yesterday", vec![dose(PFIZER, 2, "2021-09-19")], "R-YELLOW"),
            ("yellow: PCR, 72 hours", vec![negative(PCR, "2021-09-17T05:00:00Z")], "R-YELLOW"),
            ("red: PCR, a second more", vec![negative(PCR, "2021-09-17T04:59:59Z")], "R-TESTOLD"),
            ("red: PCR to come", vec![negative(PCR, "2021-09-20T06:00:00Z")], "C-EARLY"),
            ("asked: antigen does not count", vec![negative(ANTIGEN, NOW)], "needs-health-proof"),
            (
                "red: positive, though vaccinated",
                vec![dose(PFIZER, 2, "2021-08-06"), test(PCR, TestResult::Detected, Some(NOW))],
                "R-POSITIVE",
            ),
            (
                "amber: positive at an unknown time",
                vec![dose(PFIZER, 2, "2021-08-06"), test(PCR, TestResult::Detected, None)],
                "R-TEST",
            ),
            ("amber: unknown vaccine", vec![dose("X", 2, "2021-08-06")], "R-VACCINE"),
            ("yellow beats unknown", vec![dose("X", 2, "2021-08-06"), negative(PCR, NOW)], "R-YELLOW"),
            ("asked", vec![], "needs-health-proof"),
        ],
    );
}

#[test]
fn yellow_is_referred_with_its_own_advice() {
    let rule_sets = [parse(KHANH_HOA).unwrap()];
    let one_dose = evidence(vec![dose(PFIZER, 1, "2021-08-01")]);
    let Decision::Decided(verdict) = decided(&rule_sets, &one_dose, Direction::In, TrustedTime::given(at(NOW))) else {
        panic!("decided")
    };
    assert_eq!((verdict.answer(), verdict.advice()), (Answer::Refer, crate::verdict::Advice::AskPurpose));
}

#[test]
fn yellow_says_how_long_it_still_holds() {
    for (what, statements, until) in [
        (
            "PCR of 41 hours ago: 31 hours left",
            vec![negative(PCR, "2021-09-18T12:00:00Z")],
            Some("2021-09-21T12:00:00Z"),
        ),
        ("one dose: nothing ends", vec![dose(PFIZER, 1, "2021-09-06")], None),
        ("then green, which ends no better", vec![dose(PFIZER, 1, "2021-08-01"), dose(PFIZER, 2, "2021-09-15")], None),
    ] {
        let shown = evidence(statements);
        let Decision::Decided(verdict) =
            decided(&[parse(KHANH_HOA).unwrap()], &shown, Direction::In, TrustedTime::given(at(NOW)))
        else {
            panic!("{what}")
        };
        assert_eq!((verdict.reason(), verdict.holds_until()), (Some(&Reason::Yellow), until.map(at)), "{what}");
    }
}

#[test]
fn defect_a_second_dose_of_an_unsaid_total_held_at_once_as_a_booster() {
    for (rules, date, expected) in [
        (TWO_DOSES, "2021-09-07", "R-RECENT"),
        (TWO_DOSES, "2021-09-06", "admit"),
        (KHANH_HOA, "2021-09-07", "R-YELLOW"),
        (KHANH_HOA, "2021-09-06", "admit"),
    ] {
        let card = dose_of("http://hl7.org/fhir/sid/cvx|208", 2, 0, date);
        assert_eq!(word(&[parse(rules).unwrap()], vec![card], TrustedTime::given(at(NOW))), expected, "{date}");
    }
}

/// A paper as the guard of this visit typed it.
fn typed(kind: PaperKind) -> Paper {
    Paper {
        kind,
        name: "NGUYEN VAN A".into(),
        birth: PartialDate::parse("1990-01-18").unwrap(),
        number: None,
        doses: None,
        vaccine: None,
        date: None,
        time: None,
    }
}

fn slip(doses: u8, vaccine: &str, date: &str) -> Paper {
    Paper {
        doses: Some(doses),
        vaccine: Some(vaccine.into()),
        date: date.parse().ok(),
        ..typed(PaperKind::Vaccination)
    }
}

#[test]
fn what_a_guard_types_is_judged_by_the_same_rules_and_is_never_green_or_red() {
    let fresh = || declaration(NOW, &[], false);
    let pcr =
        |time: &str| Paper { date: "2021-09-19".parse().ok(), time: time.parse().ok(), ..typed(PaperKind::PcrTest) };
    for (rules, statements, paper, expected) in [
        (TWO_DOSES, vec![], slip(2, "VERO CELL", "2021-09-06"), "refer G-PAPER-TYPED"),
        (TWO_DOSES, vec![], slip(2, "VERO CELL", "2021-09-07"), "refer R-RECENT"),
        (TWO_DOSES, vec![], slip(1, "ASTRAZENECA", "2021-01-07"), "refer R-DOSES"),
        (TWO_DOSES, vec![], slip(1, "JANSSEN", "2021-01-07"), "refer G-PAPER-TYPED"),
        (TWO_DOSES, vec![], slip(2, "", "2021-01-07"), "refer R-VACCINE"),
        (TWO_DOSES, vec![], slip(2, "VERO CELL", ""), "refer R-DATE"),
        (TWO_DOSES, vec![dose(PFIZER, 1, "2021-01-01")], slip(2, "PFIZER", "2021-02-01"), "refer G-PAPER-TYPED"),
        (TWO_DOSES, vec![dose(PFIZER, 1, "2021-01-01")], slip(1, "PFIZER", "2021-01-01"), "refuse R-DOSES"),
        (TWO_DOSES, vec![dose(PFIZER, 2, "2021-01-01")], slip(1, "PFIZER", "2021-09-19"), "admit"),
        (TWO_DOSES, vec![], typed(PaperKind::App), "needs certificate"),
        (NEGATIVE_TEST, vec![], pcr("12:00:00"), "refer G-PAPER-TYPED"),
        (NEGATIVE_TEST, vec![], pcr(""), "refer R-TEST"),
        (NEGATIVE_TEST, vec![], Paper { kind: PaperKind::AntigenTest, ..pcr("11:00:00") }, "refer R-TESTOLD"),
        (NEGATIVE_TEST, vec![test(PCR, TestResult::Detected, Some(NOW))], pcr("12:00:00"), "refuse R-POSITIVE"),
        (DECLARATION, vec![], slip(2, "PFIZER", "2021-01-01"), "needs declaration"),
        (DECLARATION, vec![fresh()], slip(2, "PFIZER", "2021-01-01"), "admit"),
        (REGISTER, vec![], slip(2, "PFIZER", "2021-01-01"), "refer G-PAPER-TYPED"),
    ] {
        let name = format!("{paper:?} {statements:?} {expected}");
        let mut shown = evidence(statements);
        shown.add_paper(paper).unwrap();
        let now = TrustedTime::given(at(NOW));
        let said = match decided(&[parse(rules).unwrap()], &shown, Direction::In, now) {
            Decision::Needs(step) => format!("needs {}", step.word()),
            Decision::Decided(verdict) => {
                let code = verdict.reason().map_or(String::new(), |reason| format!(" {}", reason.code()));
                format!("{}{code}", verdict.answer().word())
            }
        };
        assert_eq!(said, expected, "{name}");
    }
}

#[test]
fn a_rule_set_sees_whether_an_app_answered_and_asks_for_it() {
    let rule_sets = [parse(ANSWER).unwrap()];
    let location = location("Hà Nội");
    let card = || match crate::unsigned::Unsigned::read("001090000001||Nguyễn Văn A|18011990|Nam|Hà Nội|15042021")
    {
        Ok(crate::unsigned::Unsigned::Card(card)) => card,
        other => panic!("{other:?}"),
    };
    let bound = |key: bool| {
        let key = key.then(|| ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key());
        let mut evidence = Evidence::default();
        evidence.add(Credential::as_if_bound(key, crate::envelope::Scheme::Native)).unwrap();
        evidence
    };
    let says = |evidence: &Evidence, asks_apps: bool| {
        let place = Place { location: &location, direction: Direction::In, asks_apps, has_roster: false };
        in_a_word(&decide(&rule_sets, evidence, place, TrustedTime::given(at(NOW))))
    };
    assert_eq!(says(&Evidence::default(), true), "needs-certificate");
    assert_eq!(says(&bound(true), true), "needs-answer");
    assert_eq!(says(&bound(false), true), "needs-identity", "nobody could answer");
    assert_eq!(says(&bound(true), false), "needs-identity", "nobody is asked");
    let mut answered = bound(true);
    answered.note_answer();
    assert_eq!(says(&answered, true), "admit");
    let mut carded = evidence(vec![dose(PFIZER, 2, "2021-01-01")]);
    carded.add_card(card()).unwrap();
    assert_eq!(says(&carded, true), "admit");
    let mut alone = Evidence::default();
    alone.add_card(card()).unwrap();
    assert_eq!(says(&alone, true), "needs-certificate", "a card alone is never green");
}

#[test]
fn an_answer_to_a_screen_that_asks_nothing_is_not_waited_for() {
    let rule_set = r#"{"id": "a", "version": 1, "source": "", "cases": [
        {"when": {"===": [{"var": "presence"}, "proven"]}, "then": "met"}, {"then": {"needs": "answer"}}]}"#;
    let decision = decided(&[parse(rule_set).unwrap()], &evidence(vec![]), Direction::In, TrustedTime::given(at(NOW)));
    assert_eq!(decision, Decision::Decided(Verdict::because(Reason::RulesFault { fault: "presence" })));
}

#[test]
fn a_rule_set_of_one_province_decides_nothing_in_another() {
    let rule_sets = [parse(KHANH_HOA).unwrap()];
    let fine = evidence(vec![dose(PFIZER, 2, "2021-08-01")]);
    for (province, expected) in
        [("Khánh Hòa", "admit"), ("VN-34", "admit"), ("Hà Nội", "R-PROVINCE"), ("", "R-PROVINCE")]
    {
        let location = location(province);
        let place = Place { location: &location, direction: Direction::In, asks_apps: false, has_roster: false };
        assert_eq!(in_a_word(&decide(&rule_sets, &fine, place, TrustedTime::given(at(NOW)))), expected, "{province}");
        assert_eq!(rule_sets[0].used(&location).province.as_deref(), Some(province));
    }
}

#[test]
fn a_school_gate() {
    let well = || declaration(NOW, &[], false);
    let rule_sets = [parse(SCHOOL).unwrap()];
    let old_pcr = negative(PCR, "2021-09-17T04:59:59Z");
    for (birth, direction, statements, expected) in [
        ("2009-09-21", Direction::In, vec![well()], "admit"), // twelve tomorrow
        ("2009-09-20", Direction::In, vec![well()], "needs-health-proof"),
        ("2009", Direction::In, vec![well()], "needs-health-proof"),
        ("2010", Direction::In, vec![well()], "admit"),
        ("", Direction::In, vec![well()], "needs-health-proof"),
        ("2012", Direction::In, vec![], "needs-declaration"),
        ("2012", Direction::In, vec![declaration(NOW, &["fever"], false)], "R-SYMPTOMS"),
        ("2012", Direction::In, vec![well(), test(ANTIGEN, TestResult::Detected, Some(NOW))], "R-POSITIVE"),
        ("1985", Direction::In, vec![well(), dose(PFIZER, 2, "2021-09-06")], "admit"),
        ("1985", Direction::In, vec![dose(PFIZER, 2, "2021-09-06")], "needs-declaration"),
        ("1985", Direction::In, vec![well(), dose(PFIZER, 2, "2021-09-07")], "R-RECENT"),
        ("1985", Direction::In, vec![well(), dose(PFIZER, 2, "2021-09-07"), negative(ANTIGEN, NOW)], "admit"),
        ("1985", Direction::In, vec![well(), dose(PFIZER, 1, "2021-01-07")], "R-DOSES"),
        ("1985", Direction::In, vec![well(), recovery("2021-06-01", "2021-06-12", "2021-11-28")], "admit"),
        ("1985", Direction::In, vec![well(), negative(PCR, NOW)], "admit"),
        ("1985", Direction::In, vec![well(), old_pcr], "R-TESTOLD"),
        ("1985", Direction::Out, vec![declaration(NOW, &["fever"], false)], "registered"),
        ("1985", Direction::Out, vec![], "needs-identity"),
    ] {
        let name = format!("{birth} {direction:?} {statements:?}");
        let shown = evidence_of(birth, statements);
        // The person of `evidence_of` is found by the number, so that a birth date may be missing.
        assert_eq!(in_a_word(&decided(&rule_sets, &shown, direction, TrustedTime::given(at(NOW)))), expected, "{name}");
    }
}

#[test]
fn a_school_gate_with_a_roster() {
    let rule_sets = [parse(SCHOOL).unwrap()];
    let roster = "name,number,birth,picked_up\n\
                  Nguyễn Văn An,HS-1,2012-03-04,\n\
                  Trần Thị Bình,HS-2,2012-03-04,x\n\
                  Lê Văn Cường,HS-3,2013-09-21,\n\
                  Phạm Thị Dung,HS-4,2013-09-20,\n\
                  Đỗ Văn Em,HS-5,2015,không\n";
    let roster = Roster::parse(roster.as_bytes()).unwrap();
    let now = TrustedTime::given(at(NOW));
    let decided = |shown: &Evidence, direction, has_roster| {
        let place = Place { location: &location("Hà Nội"), direction, asks_apps: false, has_roster };
        in_a_word(&decide(&rule_sets, shown, place, now))
    };
    let on = |code: &str, guardian: Guardianship| {
        let mut shown = Evidence::default();
        shown.add_member(roster.by_code(code).unwrap().clone()).unwrap();
        shown.note_guardian(guardian);
        shown
    };
    let nobody = || Guardianship::Nobody;
    for (code, direction, guardian, expected) in [
        ("HS-1", Direction::In, nobody(), "registered"),
        ("HS-2", Direction::In, nobody(), "registered"),
        ("HS-1", Direction::Out, nobody(), "registered"),
        ("HS-2", Direction::Out, nobody(), "needs-guardian"),
        ("HS-2", Direction::Out, Guardianship::Registered("A".into()), "registered"),
        ("HS-2", Direction::Out, Guardianship::Other("A".into()), "V-GUARDIAN"),
        ("HS-3", Direction::Out, nobody(), "needs-guardian"), // eight tomorrow
        ("HS-4", Direction::Out, nobody(), "registered"),
        ("HS-5", Direction::Out, nobody(), "registered"), // the roster says that nobody picks it up
        ("HS-1", Direction::Out, Guardianship::Other("A".into()), "V-GUARDIAN"),
    ] {
        assert_eq!(
            decided(&on(code, guardian.clone()), direction, true),
            expected,
            "{code} {direction:?} {guardian:?}"
        );
    }
    // Who is not on it is the guard's to look at, whatever else is proven; what is red stays red, and nobody is green by the roster.
    let well = || declaration(NOW, &[], false);
    let stranger = |statements| evidence_of("2012", statements);
    for direction in [Direction::In, Direction::Out] {
        assert_eq!(decided(&stranger(vec![well()]), direction, true), "V-ROSTER");
        assert_eq!(decided(&Evidence::default(), direction, true), "needs-identity");
    }
    assert_eq!(decided(&stranger(vec![declaration(NOW, &["fever"], false)]), Direction::In, true), "R-SYMPTOMS");
    let mut known = stranger(vec![declaration(NOW, &["fever"], false)]);
    known.note_member(roster.by_code("HS-1").unwrap());
    assert_eq!(decided(&known, Direction::In, true), "R-SYMPTOMS");
    let mut known = stranger(vec![well()]);
    known.note_member(roster.by_code("HS-1").unwrap());
    assert_eq!(decided(&known, Direction::In, true), "admit");
    // Beside a rule set that asks for more, standing on the roster is not enough.
    let both = [parse(SCHOOL).unwrap(), parse(DECLARATION).unwrap()];
    let place =
        Place { location: &location("Hà Nội"), direction: Direction::In, asks_apps: false, has_roster: true };
    assert_eq!(in_a_word(&decide(&both, &on("HS-1", nobody()), place, now)), "needs-declaration");
}

#[test]
fn a_place_that_only_registers_shows_nobody_green() {
    rows(
        REGISTER,
        vec![
            ("somebody", vec![dose(PFIZER, 2, "2021-01-01")], "registered"),
            ("somebody ill", vec![declaration(NOW, &["fever"], false)], "registered"),
            ("nobody", vec![], "needs-identity"),
        ],
    );
    // Beside a rule set that asks for more, that one decides.
    let both = [parse(REGISTER).unwrap(), parse(TWO_DOSES).unwrap()];
    let now = TrustedTime::given(at(NOW));
    assert_eq!(word(&both, vec![dose(PFIZER, 2, "2021-09-06")], now), "admit");
    assert_eq!(word(&both, vec![dose(PFIZER, 2, "2021-09-07")], now), "R-RECENT");
    assert_eq!(word(&both, vec![negative(PCR, NOW)], now), "needs-certificate");
}

#[test]
fn a_travel_permit() {
    rows(
        PERMIT,
        vec![
            ("to here", vec![permit("Hà Nội", "Khánh Hòa")], "admit"),
            ("from here", vec![permit("Khánh Hòa", "Hà Nội")], "admit"),
            ("elsewhere", vec![permit("Hà Nội", "Hải Phòng")], "R-ROUTE"),
            ("one of two", vec![permit("Hà Nội", "Hải Phòng"), permit("Hà Nội", "Khánh Hòa")], "admit"),
            ("nothing", vec![], "needs-permit"),
        ],
    );
}

#[test]
fn nobody_is_admitted_without_a_verified_credential() {
    let everybody = r#"{"id": "a", "version": 1, "source": "", "cases": [
        {"when": true, "then": "met"}, {"then": {"needs": "certificate"}}]}"#;
    rows(everybody, vec![("nothing", vec![], "needs-certificate"), ("something", vec![permit("", "")], "admit")]);
}

/// For every shipped rule set, over many random visits and every hour of some days: what is said of the time is what
/// happens. An admission holds to the second that is said, and not a second longer; a dose that is too recent is good
/// enough on the day that is said, and not on the day before.
#[test]
fn what_is_said_of_the_time_is_what_happens() {
    let mut seed = 20_211_121u64;
    let mut dice = |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    let start = at("2021-09-20T00:00:00Z");
    let (mut admissions, mut waits) = (0, 0);
    for round in 0..2000 {
        let rule_sets = [parse(SHIPPED[dice(8) as usize]).unwrap()];
        let mut statements = Vec::new();
        for _ in 0..1 + dice(3) {
            let hours_ago = dice(24 * 30) as i64 - 24;
            let instant = start - TimeDelta::hours(hours_ago);
            let day = |days_ago: u64| (day_in_vietnam(start) - Days::new(days_ago)).to_string();
            statements.push(match dice(6) {
                0 | 1 => {
                    let date = day(dice(20));
                    let date = if dice(4) == 0 { &date[..7] } else { &date };
                    dose([PFIZER, JANSSEN][dice(2) as usize], 1 + dice(3) as u32, date)
                }
                2 => negative([PCR, ANTIGEN][dice(2) as usize], &instant.to_rfc3339()),
                3 => recovery(
                    &day(150 + dice(40)),
                    &day(dice(140)),
                    &(day_in_vietnam(start) + Days::new(dice(20))).to_string(),
                ),
                4 => declare(&instant.to_rfc3339(), &[], false, &[], dice(2) == 0),
                _ => permit("Khánh Hòa", "Hà Nội"),
            });
        }
        let shown = evidence_of(["1985", "2009-09-25"][dice(2) as usize], statements);
        let say = |now: DateTime<Utc>| decided(&rule_sets, &shown, Direction::In, TrustedTime::given(now));
        let end = start + TimeDelta::days(40);
        match say(start) {
            Decision::Decided(verdict) if verdict.answer() == Answer::Admit => {
                admissions += 1;
                let until = verdict.holds_until().unwrap_or(end).min(end);
                let mut now = start;
                while now <= until {
                    assert_eq!(in_a_word(&say(now)), "admit", "round {round}: {now} until {until} {shown:?}");
                    now += TimeDelta::hours(1);
                }
                assert_eq!(in_a_word(&say(until)), "admit", "round {round}: until {until}");
                if until < end {
                    assert_ne!(in_a_word(&say(until + TimeDelta::seconds(1))), "admit", "round {round}: after {until}");
                }
            }
            Decision::Decided(verdict) => {
                if let Some(Reason::DoseTooRecent { holds_from, days, days_min }) = verdict.reason() {
                    waits += 1;
                    assert_eq!(days_min - days, (*holds_from - day_in_vietnam(start)).num_days());
                    let first = case::beginning(*holds_from).unwrap();
                    let mut now = start;
                    while now < first {
                        assert_ne!(in_a_word(&say(now)), "admit", "round {round}: {now}");
                        now += TimeDelta::hours(1);
                    }
                    assert_ne!(in_a_word(&say(first)), "R-RECENT", "round {round}: on {holds_from}");
                }
            }
            Decision::Needs(_) => {}
        }
    }
    assert!(admissions > 100 && waits > 20, "{admissions} admissions, {waits} waits");
}

#[test]
fn an_admission_ends_with_the_last_second_of_a_day_or_an_hour() {
    for (rule_set, statement, until) in [
        (NEGATIVE_TEST, negative(PCR, "2021-09-18T12:00:00Z"), Some("2021-09-21T12:00:00Z")), // 31 hours more
        (KHANH_HOA, recovery("2021-03-24", "", ""), Some("2021-09-20T16:59:59Z")), // day 180 ends at midnight
        (KHANH_HOA, recovery("2021-06-01", "", "2021-09-30"), Some("2021-09-30T16:59:59Z")),
        (TWO_DOSES, dose(PFIZER, 2, "2021-01-01"), None),
    ] {
        let rule_sets = [parse(rule_set).unwrap()];
        let shown = evidence(vec![statement]);
        let Decision::Decided(verdict) = decided(&rule_sets, &shown, Direction::In, TrustedTime::given(at(NOW))) else {
            panic!("decided")
        };
        assert_eq!(verdict.holds_until(), until.map(at));
    }
    // A second proof goes on where the first ends.
    let rule_sets = [parse(NEGATIVE_TEST).unwrap()];
    let shown = evidence(vec![negative(ANTIGEN, "2021-09-19T12:00:00Z"), negative(PCR, "2021-09-18T12:00:00Z")]);
    let Decision::Decided(verdict) = decided(&rule_sets, &shown, Direction::In, TrustedTime::given(at(NOW))) else {
        panic!("decided")
    };
    assert_eq!(verdict.holds_until(), Some(at("2021-09-21T12:00:00Z")));
}

#[test]
fn an_operation_or_a_type_that_does_not_fit_is_referred() {
    for (condition, fault) in [
        (r#"{"some": [{"var": "tests"}, true]}"#, "operation"),
        (r#"{"<": [{"var": "place.province"}, 1]}"#, "type"),
        (r#"{"plusTime": ["yesterday", 0, "day"]}"#, "date"),
        (r#"{"+": [9007199254740991, 1]}"#, "range"),
    ] {
        let json = format!(
            r#"{{"id": "a", "version": 1, "source": "", "cases": [
            {{"when": {condition}, "then": "met"}}, {{"then": {{"needs": "certificate"}}}}]}}"#
        );
        let rule_sets = [parse(&json).unwrap()];
        let shown = evidence(vec![dose(PFIZER, 2, "2021-01-01")]);
        let Decision::Decided(verdict) = decided(&rule_sets, &shown, Direction::In, TrustedTime::given(at(NOW))) else {
            panic!("decided")
        };
        assert_eq!(verdict.reason(), Some(&Reason::RulesFault { fault }), "{condition}");
        assert_eq!(verdict.answer(), Answer::Refer);
    }
}

#[test]
fn every_shipped_rule_set_is_read_and_named_like_its_file() {
    let names: Vec<_> = SHIPPED.map(|json| parse(json).unwrap().id).into();
    let files = [
        "two-doses-14-days",
        "declaration-72h",
        "entry-declaration",
        "khanh-hoa-colours",
        "negative-test",
        "register-only",
        "school-gate",
        "travel-permit",
        "answer-or-card",
    ];
    assert_eq!(names, files);
}

#[test]
fn a_broken_rule_set_is_refused_with_what_is_wrong() {
    let line = |json: &str, part: &str| json.lines().position(|line| line.contains(part)).unwrap() + 1;
    let recent = line(TWO_DOSES, "R-RECENT");
    let set = |cases: &str| format!(r#"{{"id": "a", "version": 1, "source": "", "cases": {cases}}}"#);
    let many = format!("[{} {{\"then\": \"R-DATE\"}}]", "{\"when\": true, \"then\": \"met\"},".repeat(64));
    let deep = format!("[{{\"when\": {}true{}, \"then\": \"met\"}}]", "{\"!\": [".repeat(100), "]}".repeat(100));
    for (json, says) in [
        (TWO_DOSES.replace("\"source\"", "\"sauce\""), "unknown field `sauce`".to_owned()),
        (TWO_DOSES.replace("\"version\": 2", "\"version\": -2"), "line 3".into()),
        (TWO_DOSES.replace("\"version\": 2", "\"version\": 1e999"), "number out of range at line 3".into()),
        (TWO_DOSES.replace("covid-19/1", "covid-19/2"), "no vaccine table \"covid-19/2\"; known are covid-19/1".into()),
        (TWO_DOSES.replace("two-doses-14-days", "Two doses"), "letters a-z".into()),
        (TWO_DOSES.replace("R-RECENT", "R-RECNT"), "unknown variant `R-RECNT`, expected one of".into()),
        (TWO_DOSES.replace("R-RECENT", "R-RECNT"), format!("line {recent}")),
        (TWO_DOSES.replace("\"days_min\": 14", "\"days_min\": 15"), "no condition adds 15 days".into()),
        (TWO_DOSES.replace("\"days_min\": 14", "\"days_min\": \"14\""), format!("line {recent}")),
        (
            TWO_DOSES.replace("\"certificate\"", "\"certifikate\""),
            "no step \"certifikate\"; known are certificate".into(),
        ),
        (
            TWO_DOSES.replace("\"each\": \"vaccinations\"", "\"each\": \"vaccination\""),
            "unknown variant `vaccination`".into(),
        ),
        (TWO_DOSES.replace("\"not-after\"", "\"plusTime\""), "\"plusTime\" takes 3 operands and has 2 at line".into()),
        (set("[]"), "no case, so nobody".into()),
        (set("[{\"then\": \"met\"}]"), "admit everybody".into()),
        (set("[{\"when\": true, \"then\": \"met\"}]"), "the last case stands for everybody else".into()),
        (set("[{\"then\": \"met\"}, {\"then\": \"R-DATE\"}]"), "case 1 has no \"when\"".into()),
        (set("[{\"when\": true, \"then\": \"R-DATE\"}, {\"then\": \"R-DATE\"}]"), "nobody could ever meet it".into()),
        (set("[{\"when\": 1, \"if\": 2, \"then\": \"met\"}]"), "unknown field `if`".into()),
        (set(&many), "65 cases: at most 64".into()),
        (set(&deep), "more than 96 levels inside of each other at line 1".into()),
        (String::new(), "EOF while parsing a value at line 1".into()),
    ] {
        let fault = parse(&json).unwrap_err();
        assert!(fault.contains(&says), "{says}: {fault}");
    }
}

#[test]
fn a_broken_vaccine_table_is_refused_with_what_is_wrong() {
    for (from, to, says) in [
        ("\"doses\": 1 ", "\"doses\": 0 ", "admit everybody"),
        ("\"EU/1/20/1507\"", "\"EU/1/20/1528\"", "EU/1/20/1528 stands there twice"),
        ("\"doses\": 3", "\"doses\": 3.5", "line 16"),
        ("\"products\"", "\"produce\"", "unknown field `produce`"),
        ("\"covid-19\"", "\"\"", "letters a-z"),
    ] {
        let fault = VaccineTable::parse(&VACCINES.replace(from, to)).unwrap_err();
        assert!(fault.contains(says), "{says}: {fault}");
    }
    let nothing = r#"{"id": "a", "version": 1, "source": "", "products": []}"#;
    assert!(VaccineTable::parse(nothing).unwrap_err().contains("nobody"));
}
