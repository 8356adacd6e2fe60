//! The documents of one visit: which of them may be one person's, and what may stand between two that are not sure of each other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod forge;
mod gate;

use gate::*;

const PERSONAL_QR: &str = "******000001|NGUYEN VAN AN|1990-**-**|0|162979388586171100|";

#[test]
fn defect_a_code_that_hides_half_joined_two_documents_that_differ() {
    let mut gate = Gate::new();
    gate.scan(PERSONAL_QR);
    gate.scan(&certificate(VISITOR));
    gate.scan(&declaration((VISITOR.0, "1990-01-25")));
    assert_eq!(gate.shows(), "needs identity", "the code of a telephone is no identity card");
    gate.scan("001090000001||Nguyễn Văn An|18011990|Nam|Hà Nội|15042021");
    assert_eq!(gate.recorded(), ["refer V-MATCH"]);
}

#[test]
fn defect_a_card_without_marks_joined_two_names() {
    let (hoa, another) = (("Trần Thị Hoa", "1990-01-18"), ("Trần Thị Hòa", "1990-01-18"));
    for card in
        ["001190000001||TRAN THI HOA|18011990|Nữ|Huế|15042021", "001190000001||Trần Thị Hoa|18011990|Nữ|Huế|15042021"]
    {
        let mut gate = Gate::new();
        gate.scan(&certificate(hoa));
        gate.scan(&declaration(another));
        assert_eq!(gate.shows(), "needs identity");
        gate.scan(card);
        assert_eq!(gate.recorded(), ["refer V-MATCH"]);
    }
}

#[test]
fn a_telephones_code_and_an_insurance_card_do_no_harm_where_the_documents_agree() {
    for card in
        [PERSONAL_QR, CARD, "DN4010000000000|4e677579e1bb856e2056c4836e20416e|18/01/1990|1||01 - 043|-|-|-|-|-|-|-|-|$"]
    {
        let mut gate = Gate::new();
        gate.scan(card);
        gate.scan(&certificate(("NGUYEN VAN AN", "1990")));
        gate.scan(&declaration(VISITOR));
        assert_eq!(gate.recorded(), ["admit"], "{card}");
    }
}

#[test]
fn defect_people_with_one_name_never_passed_with_two_documents() {
    for name in ["K'Brơi", "SUHARTO"] {
        let person = (name, "1970-05-05");
        let mut gate = Gate::new();
        gate.scan(&certificate(person));
        gate.wait(5);
        gate.scan(&certificate(person));
        assert_eq!(gate.shows(), "needs declaration", "the same code again is no other person");
        gate.scan(&declaration(person));
        assert_eq!(gate.recorded(), ["admit"], "{name}");
    }
    let mut gate = Gate::new();
    gate.scan(&certificate(("SUHARTO", "1970")));
    gate.scan(&declaration(("SUHARTO", "1970-05-05")));
    assert_eq!(gate.shows(), "needs identity", "a single word and a year are many people");
}

#[test]
fn the_same_code_again_is_no_other_person_however_little_it_says() {
    let mut gate = Gate::new();
    let nobody_knows_when = certificate(("K'Brơi", ""));
    gate.scan(&nobody_knows_when);
    gate.wait(5);
    gate.scan(&nobody_knows_when);
    assert_eq!(gate.shows(), "needs declaration");
}

#[test]
fn two_scripts_are_unsure_and_never_green_by_themselves() {
    let mut gate = Gate::new();
    gate.scan(&certificate(("សុខ សុភា", "1990-01-18")));
    gate.scan(&declaration(("Sok Sophea", "1990-01-18")));
    assert_eq!(gate.shows(), "needs identity");
    let mut gate = Gate::new();
    gate.scan(&certificate(("សុខ សុភា", "1990-01-18")));
    gate.scan(&declaration(("Sok Sophea", "1962-11-30")));
    assert_eq!(gate.shows(), "refer V-PERSON");
}

#[test]
fn what_is_missing_is_what_the_guard_asks_for() {
    use checkpoint::verdict::{Advice, Reason, Step};
    assert_eq!(Reason::Incomplete { missing: Step::ShowDeclaration }.advice(), Advice::ShowMissing);
    assert_eq!(Reason::Unverified { missing: Step::ShowCertificate }.advice(), Advice::ShowMissing);
    assert_eq!(Reason::Incomplete { missing: Step::ShowGuardian }.advice(), Advice::RingGuardian);
}

#[test]
fn defect_any_websites_token_was_a_forgery() {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
    for header in [
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"ES256","typ":"vc+sd-jwt","x5c":["MIIB"]}"#,
        r#"{"alg":"RS256","kid":"1"}"#,
        r#"{"alg":"EdDSA","kid":"AAAAAAAAAAA"}"#,
    ] {
        let token = format!("{}.{}.{}", part(header), part(r#"{"sub":"1"}"#), part("signature"));
        let mut gate = Gate::new();
        gate.scan(&token);
        assert_eq!(
            (gate.shows().as_str(), gate.notice().as_deref()),
            ("needs certificate", Some("E-UNKNOWN")),
            "{header}"
        );
    }
    let mut gate = Gate::new();
    gate.scan(&format!("{}.{}.{}", part(r#"{"alg":"none","typ":"hc+jwt"}"#), part("{}"), part("x")));
    assert_eq!(gate.recorded(), ["refuse E-ALG"], "what says that it is ours is judged as ours");
}

#[test]
fn defect_a_code_without_its_end_was_unknown() {
    let whole = complete(VISITOR);
    let ends = [whole.rfind('.').unwrap(), whole.len() - 40];
    for (cut, text) in ends.map(|end| (end, &whole[..end])) {
        let mut gate = Gate::new();
        gate.scan(text);
        assert_eq!(gate.notice().as_deref(), Some("E-FORM"), "cut at {cut}: scan again");
        gate.scan(&whole);
        assert_eq!(gate.recorded(), ["admit"]);
    }
}
