//! Native credentials, sound and forged, each with the reason that it deserves.

mod forge;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::time::{Confidence, TrustedTime};
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::{Statement, TestResult};
use forge::{at, bundle, check, check_with, key, list, native, now, verdict};
use serde_json::json;

const MALFORMED: &str = "E-FORM scan-again";
const SCHEMA: &str = "C-SCHEMA ask-for-another";
const FORGED: &str = "S-SIG call-supervisor";

#[test]
fn a_sound_credential_says_what_it_was_given() {
    let credential = verdict(&list(&bundle()), &native().text(), now()).unwrap();
    let claims = credential.claims();
    assert_eq!(claims.issuer, "VN-HN-CDC");
    assert_eq!(claims.id.as_deref(), Some("J-1"));
    assert_eq!(claims.not_after, Some(at("2026-05-28T20:26:40Z")));
    assert_eq!(claims.person.name, "Nguyễn Văn Thử");
    assert_eq!(claims.person.number.as_deref(), Some("001090000001"));
    assert_eq!(claims.person.birth.to_string(), "1990-01-18");
    let [Statement::Vaccination(dose)] = claims.statements.as_slice() else { panic!("one vaccination") };
    assert_eq!((dose.dose, dose.doses_total, dose.vaccine.as_str()), (2, 2, "EU/1/20/1528"));
    assert_eq!(dose.date.to_string(), "2026-01-10");
}

#[test]
fn every_kind_of_statement_is_read() {
    let text = native()
        .claims(|claims| {
            claims["tst"] =
                json!([{"tg": "840539006", "tt": "LP6464-4", "tr": "260373001", "sc": 1_772_300_000, "co": "VN"}]);
            claims["rec"] =
                json!([{"tg": "840539006", "fr": "2026-01-01", "df": "2026-01-12", "du": "2026-07-01", "co": "VN"}]);
            claims["dec"] =
                json!({"at": 1_772_400_000, "sym": ["R05"], "con": true, "plc": ["HN-01", "HP-02"], "ent": false});
            claims["per"] = json!({"pur": "work", "fr": "HN", "to": "HP", "plt": "29A-12345"});
        })
        .text();
    let credential = verdict(&list(&bundle()), &text, now()).unwrap();
    let statements = &credential.claims().statements;
    assert_eq!(statements.len(), 5);
    let [
        _,
        Statement::Test(test),
        Statement::Recovery(recovery),
        Statement::Declaration(made),
        Statement::TravelPermit(permit),
    ] = statements.as_slice()
    else {
        panic!("in the order of the specification")
    };
    assert_eq!((test.result, test.sampled_at), (TestResult::Detected, Some(at("2026-02-28T17:33:20Z"))));
    assert_eq!(recovery.valid_until.to_string(), "2026-07-01");
    assert_eq!((made.symptoms.len(), made.contact, made.places.len()), (1, true, 2));
    assert_eq!(permit.plate.as_deref(), Some("29A-12345"));
}

#[test]
fn birth_may_be_known_in_part_or_not_at_all() {
    for birth in ["", "1990", "1990-01"] {
        let credential =
            verdict(&list(&bundle()), &native().claims(|claims| claims["dob"] = json!(birth)).text(), now());
        assert_eq!(credential.unwrap().claims().person.birth.to_string(), birth);
    }
    for birth in ["1990-13", "1990-02-30", "18/01/1990", "1990-01-18T00:00:00Z"] {
        check(&native().claims(|claims| claims["dob"] = json!(birth)).text(), SCHEMA);
    }
}

#[test]
fn refuses_other_algorithms_by_name() {
    for alg in ["none", "HS256", "ES256", "eddsa", ""] {
        check(&native().header(|header| header["alg"] = json!(alg)).text(), "E-ALG call-supervisor");
    }
    // What an attacker sends: no key, no type, no signature.
    let text = native().text();
    let payload = text.split('.').nth(1).unwrap();
    let bare = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    check(&format!("{bare}.{payload}."), "E-ALG call-supervisor");
}

#[test]
fn refuses_a_header_that_is_not_exactly_ours() {
    for (name, value) in
        [("crit", json!(["exp"])), ("jwk", json!({})), ("jku", json!("https://a")), ("b64", json!(false))]
    {
        check(&native().header(|header| header[name] = value).text(), MALFORMED);
    }
    check(&native().header(|header| header["typ"] = json!(1)).text(), MALFORMED);
    // Any website's token: no document, and no forgery of one.
    for typ in [json!("JWT"), json!(null), json!("HC+JWT")] {
        check(&native().header(|header| header["typ"] = typ).text(), "E-UNKNOWN ask-for-another");
    }
    for kid in ["", "AAAA", "AAAAAAAAAAAAAAA", "not base64url!"] {
        check(&native().header(|header| header["kid"] = json!(kid)).text(), MALFORMED);
    }
    check(&native().header(|header| drop(header.as_object_mut().unwrap().remove("kid"))).text(), MALFORMED);
    let mut twice = native();
    twice.header = twice.header.replacen('{', r#"{"alg":"EdDSA","#, 1);
    check(&twice.text(), MALFORMED);
}

#[test]
fn refuses_sloppy_base64url() {
    let text = native().text();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    check(&format!("{text}="), MALFORMED);
    check(&format!("{text}A"), MALFORMED);
    check(&format!("{signed}.{}+/", &signature[..84]), MALFORMED);
    check(&format!("{signed}.\n{signature}"), MALFORMED);
    // The last character of 64 bytes carries four stray bits: only zeros will do, or one signature would have sixteen texts.
    let last = signature.chars().last().unwrap();
    let stray = char::from_u32(u32::from(last) + 1).unwrap();
    check(&format!("{signed}.{}{stray}", &signature[..signature.len() - 1]), MALFORMED);
    check(&format!("{signed}.{}", &signature[..84]), MALFORMED);
}

#[test]
fn what_is_no_credential_is_an_unknown_code() {
    for text in
        ["", "hello", "a.b.c", "eyJ.x", "eyJ.a.b.c", "https://example.org/eyJ", "001090000001|NGUYEN VAN A|1990"]
    {
        check(text, "E-UNKNOWN ask-for-another");
    }
    check(&format!("eyJ.{}.", "A".repeat(5000)), "E-SIZE ask-for-another");
}

#[test]
fn refuses_a_signature_of_somebody_else_under_a_known_name() {
    let mut swapped = native();
    swapped.key = key(9);
    check(&swapped.text(), FORGED);
}

#[test]
fn refuses_changed_claims() {
    let text = native().text();
    let other = native().claims(|claims| claims["nam"] = json!("Trần Thị Khác")).text();
    let (_, signature) = text.rsplit_once('.').unwrap();
    let (signed, _) = other.rsplit_once('.').unwrap();
    check(&format!("{signed}.{signature}"), FORGED);
}

#[test]
fn refers_what_an_unknown_key_signed() {
    check(&native().by(9).text(), "S-KEY update-list");
}

#[test]
fn says_forged_and_not_broken_when_both_are_true() {
    let mut swapped = native().claims_text(|_| "{".into());
    swapped.key = key(9);
    check(&swapped.text(), FORGED);
}

#[test]
fn refuses_a_key_not_allowed_for_this_kind() {
    let declared = |seed| {
        native().by(seed).claims(|claims| {
            claims["dec"] = json!({"at": 1_772_400_000, "sym": [], "con": false, "plc": [], "ent": false});
        })
    };
    check(&declared(1).text(), "ok");
    check(&declared(2).text(), "S-USE call-supervisor");
    check(&native().by(2).text(), "ok");
}

#[test]
fn refuses_a_key_not_allowed_for_this_issuer() {
    for issuer in ["VN-HCM-CDC", "VN", "vn-hn-cdc", "VN-HN-CDC "] {
        check(&native().claims(|claims| claims["iss"] = json!(issuer)).text(), "S-USE call-supervisor");
    }
}

#[test]
fn an_empty_scope_allows_nothing() {
    for empty in ["schemes", "statements", "issuers"] {
        let mut bundle = bundle();
        let key = &mut bundle.keys[0];
        match empty {
            "schemes" => key.schemes.clear(),
            "statements" => key.statements.clear(),
            _ => key.issuers.clear(),
        }
        check_with(&list(&bundle), &native().text(), now(), "S-USE call-supervisor");
    }
}

#[test]
fn refuses_a_signature_from_outside_of_the_keys_window() {
    let signed_at = |text: &str| native().claims(|claims| claims["iat"] = json!(at(text).timestamp())).text();
    check(&signed_at("2025-01-01T00:00:00Z"), "ok");
    check(&signed_at("2024-12-31T23:59:59Z"), "S-WINDOW call-supervisor");
    let mut bundle = bundle();
    bundle.keys[0].not_after = at("2026-02-01T00:00:00Z");
    check_with(&list(&bundle), &native().text(), now(), "S-WINDOW call-supervisor");
}

#[test]
fn validity_ends_after_its_last_second() {
    let list = list(&bundle());
    let text = native().claims(|claims| claims["exp"] = json!(at("2026-03-02T01:00:00Z").timestamp())).text();
    let given = |time| TrustedTime::given(at(time));
    check_with(&list, &text, given("2026-03-02T01:00:00.999Z"), "ok");
    check_with(&list, &text, given("2026-03-02T01:00:01Z"), "C-EXPIRED ask-for-another");
}

#[test]
fn validity_begins_with_iat_and_nbf() {
    let list = list(&bundle());
    let begin = at("2026-03-02T01:00:00Z").timestamp();
    let iat = native().claims(|claims| claims["iat"] = json!(begin)).text();
    let nbf = native().claims(|claims| claims["nbf"] = json!(begin)).text();
    for text in [iat, nbf] {
        check_with(&list, &text, TrustedTime::given(at("2026-03-02T01:00:00Z")), "ok");
        check_with(&list, &text, TrustedTime::given(at("2026-03-02T00:59:59Z")), "C-EARLY ask-for-another");
    }
}

#[test]
fn refers_when_the_clock_decides_and_nothing_speaks_for_it() {
    let list = list(&bundle());
    let text = native().claims(|claims| claims["exp"] = json!(at("2026-03-05T00:00:00Z").timestamp())).text();
    let measured = |estimate, confidence| TrustedTime::measured(at("2026-03-02T00:00:00Z"), at(estimate), confidence);
    check_with(&list, &text, measured("2026-03-09T00:00:00Z", Confidence::Doubtful), "K-CLOCK check-clock");
    check_with(&list, &text, measured("2026-03-09T00:00:00Z", Confidence::Steady), "K-CLOCK check-clock");
    check_with(&list, &text, measured("2026-03-03T00:00:00Z", Confidence::Doubtful), "ok");
}

#[test]
fn refuses_what_was_taken_back() {
    let mut bundle = bundle();
    let digest = checkpoint::trust::revocation_digest("VN-HN-CDC", "J-1");
    bundle.revoked = vec![digest.iter().map(|byte| format!("{byte:02x}")).collect()];
    let list = list(&bundle);
    check_with(&list, &native().text(), now(), "S-REVOKED call-supervisor");
    check_with(&list, &native().claims(|claims| claims["jti"] = json!("J-2")).text(), now(), "ok");
}

#[test]
fn refers_when_the_list_is_older_than_its_hard_limit() {
    let list = list(&bundle());
    let given = |time| TrustedTime::given(at(time));
    check_with(&list, &native().text(), given("2026-03-31T00:00:00Z"), "ok");
    check_with(&list, &native().text(), given("2026-03-31T00:00:01Z"), "S-OLDLIST update-list");
}

#[test]
fn refers_everything_without_a_list() {
    check_with(&TrustList::default(), &native().text(), now(), "S-NOLIST update-list");
}

#[test]
fn refuses_claims_that_are_not_exactly_the_specification() {
    let with = |name: &str, value: serde_json::Value| native().claims(|claims| claims[name] = value).text();
    check(&with("adm", json!(true)), SCHEMA);
    check(&with("nbf", json!(null)), SCHEMA);
    check(&with("iat", json!(1_772_000_000.5)), SCHEMA);
    check(&with("iat", json!("1772000000")), SCHEMA);
    check(&with("exp", json!(-1)), SCHEMA);
    check(&with("exp", json!(253_402_300_800_u64)), SCHEMA);
    check(&with("exp", json!(u64::MAX)), SCHEMA);
    check(&with("exp", json!(253_402_300_799_u64)), "S-LIFETIME call-supervisor");
    check(&with("nam", json!(" ")), SCHEMA);
    check(&with("jti", json!("")), SCHEMA);
    check(&with("vac", json!([])), SCHEMA);
    check(&with("vac", json!([[]])), SCHEMA);
    for (name, value) in
        [("dn", json!(0)), ("sd", json!(0)), ("dn", json!(1.0)), ("dt", json!("2026-01")), ("lot", json!(""))]
    {
        check(&native().claims(|claims| claims["vac"][0][name] = value).text(), SCHEMA);
    }
    let places =
        |count: usize| with("dec", json!({"at": 1, "sym": [], "con": false, "plc": vec!["X"; count], "ent": false}));
    check(&places(8), "ok");
    check(&places(9), SCHEMA);
    for name in ["iss", "iat", "exp", "jti", "nam", "dob"] {
        check(&native().claims(|claims| drop(claims.as_object_mut().unwrap().remove(name))).text(), SCHEMA);
    }
}

#[test]
fn refuses_json_that_means_two_things() {
    check(&native().claims_text(|text| text.replacen('{', r#"{"exp":1,"#, 1)).text(), SCHEMA);
    check(&native().claims_text(|text| text.replace(r#""dn":2"#, r#""dn":1,"dn":2"#)).text(), SCHEMA);
    check(&native().claims_text(|text| text + "{}").text(), SCHEMA);
    check(&native().claims_text(|text| text.replace("Nguyễn", r"\ud800")).text(), SCHEMA);
    check(
        &native().claims_text(|text| text.replace(r#""vac":["#, &format!(r#""vac":{}"#, "[".repeat(1500)))).text(),
        SCHEMA,
    );
    check(&native().claims_text(|text| text.replace("1780000000", "1e400")).text(), SCHEMA);
}

#[test]
fn no_mutation_of_a_sound_text_is_accepted() {
    let list = list(&bundle());
    let text = native().text();
    let mut accepted = Vec::new();
    for place in 0..text.len() {
        for letter in ['A', 'z', '_', '.', '='] {
            let mut forged = text.clone();
            forged.replace_range(place..=place, letter.encode_utf8(&mut [0; 4]));
            if forged != text && verdict(&list, &forged, now()).is_ok() {
                accepted.push(place);
            }
        }
        assert!(verdict(&list, &text[..place], now()).is_err(), "cut at {place}");
    }
    assert_eq!(accepted, Vec::<usize>::new());
}

#[test]
fn the_specifications_own_vectors_hold() {
    let page = include_str!("../../docs/native-credential.md");
    let mut vectors = 0;
    for block in page.split("```vector ").skip(1) {
        let (expected, rest) = block.split_once('\n').unwrap();
        let text: String = rest.split("```").next().unwrap().split_whitespace().collect();
        let got = verdict(&list(&bundle()), &text, now()).map_or_else(|reason| reason.code(), |_| "ok");
        assert_eq!(got, expected, "{text}");
        vectors += 1;
    }
    assert_eq!(vectors, 8);
    assert!(page.replace('\n', "").contains(&native().text()), "the forger writes what the page shows");
}
