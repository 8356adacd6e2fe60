//! SMART Health Cards, sound and forged, each with the reason that it deserves.

mod forge;

use std::io::Write;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::{Chunk, Chunks, Joined, Scheme, join};
use checkpoint::trust::credential::{Claims, Statement, StatementKind, TestResult};
use checkpoint::trust::files::KeyMaterial;
use checkpoint::trust::trace::Layer;
use checkpoint::trust::{TrustList, revocation_digest};
use checkpoint::verdict::Step;
use ciborium::Value as Cbor;
use forge::shc::{ISSUER, Shc, code, codes, deflated, digits, entry, immunization, kid, observation, patient, shc};
use forge::table::{Forged, check_forged};
use forge::{Hcert, bundle, cbor_bytes, hc1_text, hcert, list, now, verdict};
use serde_json::{Value, json};

fn claims(text: &str) -> Claims {
    verdict(&list(&bundle()), text, now()).expect("a sound card").claims().clone()
}

fn doses(card: Shc) -> Vec<(String, String, u32, u32, String)> {
    let dose = |statement: &Statement| match statement {
        Statement::Vaccination(dose) => {
            Some((dose.disease.clone(), dose.vaccine.clone(), dose.dose, dose.doses_total, dose.date.to_string()))
        }
        _ => None,
    };
    claims(&card.text()).statements.iter().filter_map(dose).collect()
}

/// A list that took back these entries of the issuer's key.
fn revoking(entries: &[&str]) -> TrustList {
    let digest = |entry: &&str| {
        let (rid, end) = entry.split_at(entry.find('.').unwrap_or(entry.len()));
        let digest = revocation_digest(ISSUER, &format!("{}/{rid}", kid(3)));
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + end
    };
    let mut bundle = bundle();
    bundle.revoked = entries.iter().map(digest).collect();
    list(&bundle)
}

fn with_rid() -> Shc {
    shc().vc(|vc| vc["rid"] = "AQPCj4wwk6Mt".into())
}

#[test]
fn a_sound_card_says_what_it_was_given() {
    let claims = claims(&shc().text());
    assert_eq!((claims.issuer.as_str(), claims.id.as_deref()), (ISSUER, None));
    let end = claims.issued_at.map(|signed_at| signed_at + chrono::TimeDelta::days(12_000));
    assert_eq!(claims.not_after, end, "it names no end: its key's longest validity is the end");
    assert_eq!(claims.issued_at, Some(forge::at("2026-02-25T06:13:20Z")), "the fraction is cut");
    assert_eq!(
        (claims.person.name.as_str(), claims.person.birth.to_string().as_str()),
        ("Nguyễn Văn Thử", "1990-01-18")
    );
    let dose = |number, day: &str| {
        ("840539006".to_owned(), "http://hl7.org/fhir/sid/cvx|208".to_owned(), number, 0, day.to_owned())
    };
    assert_eq!(doses(shc()), [dose(1, "2025-12-01"), dose(2, "2026-01-10")]);
}

#[test]
fn cards_that_issuers_really_write_are_read() {
    for (what, card) in [
        ("a type and a header that nobody asked for", shc().header(|header| header["typ"] = "JWT".into())),
        ("white space", Shc { card: serde_json::to_vec_pretty(&forge::shc::card()).unwrap(), ..shc() }),
        ("whole seconds", shc().card(|card| card["nbf"] = 1_772_000_000.into())),
        ("an end", shc().card(|card| card["exp"] = 1_780_000_000.25.into())),
        ("a partial date of birth", shc().replaced("1990-01-18", "1990-01")),
        ("no date of birth", shc().replaced(r#""birthDate":"1990-01-18","#, "")),
        ("more types", shc().vc(|vc| vc["type"].as_array_mut().unwrap().push("VerifiableCredential".into()))),
        ("a revocation identifier", with_rid()),
        ("resources that nobody reads", shc().entries(vec![patient(), json!({"resourceType": "Location"})])),
        ("a card of up to 64 KiB", shc().card(|card| card["padding"] = " ".repeat(60_000).into())),
    ] {
        assert!(verdict(&list(&bundle()), &card.text(), now()).is_ok(), "{what}");
    }
}

#[test]
fn a_dose_has_the_number_that_is_said_or_else_that_of_the_days_before_it() {
    let numbers = |entries: Vec<Value>| {
        let mut all = vec![patient()];
        all.extend(entries);
        doses(shc().entries(all)).iter().map(|dose| dose.2).collect::<Vec<_>>()
    };
    let dose = immunization;
    assert_eq!(numbers(vec![dose("208", "2026-01-10"), dose("207", "2025-12-01")]), [2, 1], "by day, of any product");
    assert_eq!(
        numbers(vec![dose("208", "2026-01-10"), dose("208", "2026-01-10")]),
        [1, 1],
        "one dose, written down twice"
    );
    assert_eq!(numbers(vec![dose("208", "2025-12"), dose("208", "2026-01-10")]), [1, 1], "a month is no day");
    assert_eq!(
        numbers(vec![dose("140", "2025-12-01"), dose("208", "2026-01-10")]),
        [1, 1],
        "influenza is another disease"
    );
    let mut said = dose("208", "2026-01-10");
    said["protocolApplied"] = json!([{"doseNumberPositiveInt": 3, "seriesDosesPositiveInt": 2}]);
    assert_eq!(numbers(vec![said]), [3]);
}

#[test]
fn codes_stay_what_they_are() {
    let read = |resource: Value| doses(shc().entries(vec![patient(), resource]))[0].clone();
    let coded = |codings: Value, disease: Option<&str>| {
        let mut dose = immunization("208", "2026-01-10");
        dose["vaccineCode"]["coding"] = codings;
        if let Some(disease) = disease {
            let coding = json!([{"system": "http://snomed.info/sct", "code": disease}]);
            dose["protocolApplied"] = json!([{"targetDisease": [{"coding": coding}]}]);
        }
        let (disease, vaccine, ..) = read(dose);
        (disease, vaccine)
    };
    let pair = |disease: &str, vaccine: &str| (disease.to_owned(), vaccine.to_owned());
    let snomed = json!([{"system": "http://snomed.info/sct", "code": "1119349007"}]);
    assert_eq!(coded(snomed.clone(), None), pair("", "http://snomed.info/sct|1119349007"));
    assert_eq!(coded(snomed, Some("840539006")), pair("840539006", "http://snomed.info/sct|1119349007"));
    let both = json!([{"system": "urn:x", "code": "Y"}, {"system": "http://hl7.org/fhir/sid/cvx", "code": "511"}]);
    assert_eq!(coded(both, None), pair("840539006", "http://hl7.org/fhir/sid/cvx|511"));
    assert_eq!(coded(json!([{"system": "http://hl7.org/fhir/sid/cvx", "code": "99999"}]), None).0, "");
    assert_eq!(coded(json!([{"code": "208"}]), None), pair("", "|208"), "a code without a system is no CVX");
    assert_eq!(coded(json!([]), None), pair("", ""));
}

#[test]
fn only_doses_that_were_given_to_the_cards_person_count() {
    let counted = |edit: &dyn Fn(&mut Value)| {
        let mut dose = immunization("208", "2026-01-10");
        edit(&mut dose);
        doses(shc().entries(vec![patient(), dose])).len()
    };
    assert_eq!(counted(&|_| ()), 1);
    assert_eq!(counted(&|dose| dose["status"] = "not-done".into()), 0);
    assert_eq!(counted(&|dose| dose["status"] = "entered-in-error".into()), 0);
    assert_eq!(counted(&|dose| dose["isSubpotent"] = true.into()), 0);
    assert_eq!(counted(&|dose| dose["patient"]["reference"] = "resource:1".into()), 0);
    assert_eq!(counted(&|dose| dose["patient"] = Value::Null), 0);
    // Without a Patient the card is nobody's.
    let claims = claims(&shc().entries(vec![immunization("208", "2026-01-10")]).text());
    assert_eq!((claims.person.name.as_str(), claims.statements.len()), ("", 1));
    assert_eq!(claims.statements[0].kind(), StatementKind::Other);
}

#[test]
fn results_are_read_with_their_time() {
    for (code, expected) in [
        ("260415000", TestResult::NotDetected),
        ("260385009", TestResult::NotDetected),
        ("260373001", TestResult::Detected),
        ("10828004", TestResult::Detected),
        ("419984006", TestResult::Unknown),
    ] {
        let claims = claims(&shc().entries(vec![patient(), observation(code)]).text());
        let [Statement::Test(test)] = claims.statements.as_slice() else { panic!("a test") };
        assert_eq!((test.result, test.kind.as_str()), (expected, "http://loinc.org|94500-6"));
        assert_eq!(test.sampled_at, Some(forge::at("2026-03-01T01:00:00Z")));
    }
    let mut cancelled = observation("260415000");
    cancelled["status"] = "cancelled".into();
    assert_eq!(claims(&shc().entries(vec![patient(), cancelled]).text()).statements[0].kind(), StatementKind::Other);
}

#[test]
fn a_card_is_taken_back_by_its_keys_list_and_by_when_it_was_signed() {
    // Signed at 1772000000.5.
    let revoked = |entries: &[&str]| {
        verdict(&revoking(entries), &with_rid().text(), now()).is_err_and(|r| r.code() == "S-REVOKED")
    };
    assert!(revoked(&["AQPCj4wwk6Mt"]));
    assert!(revoked(&["AQPCj4wwk6Mt.1772000001"]));
    assert!(!revoked(&["AQPCj4wwk6Mt.1772000000"]));
    assert!(revoked(&["AQPCj4wwk6Mt.1772000000", "AQPCj4wwk6Mt"]), "the stronger entry counts");
    assert!(revoked(&["AQPCj4wwk6Mt.1772000001", "AQPCj4wwk6Mt.1"]));
    assert!(!revoked(&["aqpcj4wwk6mt", "AQPCj4wwk6M"]));
    assert!(verdict(&revoking(&["AQPCj4wwk6Mt"]), &shc().text(), now()).is_ok(), "a card without an identifier");
    let mut bundle = bundle();
    for broken in ["00.1", "x", &format!("{}.", "0".repeat(64)), &format!("{}.1.5", "0".repeat(64))] {
        bundle.revoked = vec![broken.to_owned()];
        assert!(
            TrustList::load(&[forge::signed_root(&forge::root(1), &[201, 202])], &forge::signed_bundle(&bundle))
                .is_err()
        );
    }
}

#[test]
fn refuses_texts_that_are_no_pairs_of_digits() {
    let text = shc().text();
    let jws = shc().jws();
    let cases: Vec<Forged> = vec![
        ("nothing", "shc:/".into(), "E-FORM jws"),
        ("another case", text.replacen("shc", "SHC", 1), "E-UNKNOWN"),
        ("no slash", text.replacen(":/", ":", 1), "E-UNKNOWN"),
        ("an invisible character before", format!("\u{200b}{text}"), "E-UNKNOWN"),
        ("a digit too few", text[..text.len() - 1].into(), "E-FORM digits"),
        ("a digit too many", format!("{text}1"), "E-FORM digits"),
        ("a letter", format!("{text}1A"), "E-FORM digits"),
        ("a sign", format!("{text}-1"), "E-FORM digits"),
        ("a space", format!("{text} 1"), "E-FORM digits"),
        ("a line end", format!("{text}\r\n"), "E-FORM digits"),
        ("a digit of another script", format!("{text}\u{0661}"), "E-FORM digits"),
        ("a pair beyond ASCII", format!("{text}99"), "E-FORM digits"),
        ("a pair beyond base64url", format!("{text}78"), "E-FORM signature"),
        ("padding", format!("{text}{}", digits("==")), "E-FORM signature"),
        ("a slash of base64", code(&format!("{}/", &jws[..jws.len() - 1])), "E-FORM signature"),
        ("the JWS itself", jws.clone(), "E-UNKNOWN"),
        ("more than any card", format!("shc:/{}", "12".repeat(14 * 1024)), "E-SIZE"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_codes_of_several_that_cannot_be() {
    let parts = codes(&shc().jws(), 3);
    let body = digits("eyJ6aXAi");
    let mut cases: Vec<Forged> = vec![
        ("the first of three alone", parts[0].clone(), "V-MISSING"),
        ("the last of three alone", parts[2].clone(), "V-MISSING"),
        ("one of one", format!("shc:/1/1/{body}"), "V-MISSING"),
    ];
    let wrong = [
        "0/3/",
        "4/3/",
        "1/0/",
        "0/0/",
        "01/3/",
        "1/03/",
        "1/33/",
        "1/256/",
        "257/257/",
        "1/99999999999999999999/",
        "-1/3/",
        "+1/3/",
        " 1/3/",
        "1/ 3/",
        "a/3/",
        "1/b/",
        "/3/",
        "1//",
        "//",
        "1/3/12/",
        "1.0/3/",
        "1/3/A",
        "\u{0661}/3/",
    ];
    cases.extend(wrong.map(|head| (head, format!("shc:/{head}{body}"), "E-FORM chunk")));
    cases.push(("no digits", "shc:/1/3/".into(), "E-FORM chunk"));
    cases.push(("half of a pair", format!("shc:/1/3/{body}1"), "E-FORM chunk"));
    cases.push(("no body", "shc:/1/3".into(), "E-FORM chunk"));
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_what_is_not_this_jws() {
    let jws = shc().jws();
    let [header, payload, signature] = jws.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let with_signature = |bytes: &[u8]| code(&format!("{header}.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)));
    let raw = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let der = p256::ecdsa::Signature::from_slice(&raw).unwrap().to_der();
    let swapped = [&raw[32..], &raw[..32]].concat();
    let other =
        shc().vc(|vc| vc["credentialSubject"]["fhirBundle"]["entry"][0]["resource"]["birthDate"] = "1991-01-18".into());
    let another = BASE64_URL_SAFE_NO_PAD.encode(deflated(&other.card));
    let cases: Vec<Forged> = vec![
        ("two parts", code(&format!("{header}.{payload}")), "E-FORM jws"),
        ("one part", code(header), "E-FORM jws"),
        ("four parts", code(&format!("{jws}.{signature}")), "E-FORM payload"),
        ("no header", code(&format!(".{payload}.{signature}")), "E-FORM header"),
        ("a padded header", code(&format!("{header}==.{payload}.{signature}")), "E-FORM header"),
        ("bits to spare", code(&format!("{jws}A")), "E-FORM signature"),
        ("no signature", code(&format!("{header}.{payload}.")), "E-FORM signature"),
        ("a signature in DER", with_signature(der.as_bytes()), "E-FORM signature"),
        ("a byte too few", with_signature(&raw[..63]), "E-FORM signature"),
        ("a byte too many", with_signature(&[&raw[..], &[0]].concat()), "E-FORM signature"),
        ("a signature of zeros", with_signature(&[0; 64]), "S-SIG"),
        ("a signature of ones", with_signature(&[0xff; 64]), "S-SIG"),
        ("r alone", with_signature(&[&raw[..32], &[0; 32]].concat()), "S-SIG"),
        ("s before r", with_signature(&swapped), "S-SIG"),
        ("another's signature", Shc { seed: 9, ..shc() }.text(), "S-SIG"),
        ("another payload", code(&format!("{header}.{another}.{signature}")), "S-SIG"),
        ("the key of a pass under this name", Shc { seed: 4, ..shc() }.text(), "S-SIG"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_headers_that_confuse() {
    let with = |name: &str, value: Value| shc().header(|header| header[name] = value).text();
    let without = |name: &str| shc().header(|header| _ = header.as_object_mut().unwrap().remove(name)).text();
    let text = |header: &str| shc().header_text(header).text();
    let kid = kid(3);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b"});
    let cases: Vec<Forged> = vec![
        ("none", with("alg", "none".into()), "E-ALG"),
        ("None", with("alg", "None".into()), "E-ALG"),
        ("nothing", with("alg", "".into()), "E-ALG"),
        ("a key as a password", with("alg", "HS256".into()), "E-ALG"),
        ("RS256", with("alg", "RS256".into()), "E-ALG"),
        ("PS256", with("alg", "PS256".into()), "E-ALG"),
        ("ES384", with("alg", "ES384".into()), "E-ALG"),
        ("ES256K", with("alg", "ES256K".into()), "E-ALG"),
        ("EdDSA", with("alg", "EdDSA".into()), "E-ALG"),
        ("lower case", with("alg", "es256".into()), "E-ALG"),
        ("a number", with("alg", (-7).into()), "E-ALG"),
        ("a list", with("alg", json!(["ES256"])), "E-ALG"),
        ("no algorithm", without("alg"), "E-ALG"),
        (
            "two algorithms",
            text(&format!(r#"{{"alg":"ES256","alg":"none","zip":"DEF","kid":"{kid}"}}"#)),
            "E-FORM header",
        ),
        ("two keys", text(&format!(r#"{{"alg":"ES256","zip":"DEF","kid":"{kid}","\u006bid":"x"}}"#)), "E-FORM header"),
        ("no zip", without("zip"), "E-FORM header"),
        ("another zip", with("zip", "GZ".into()), "E-FORM header"),
        ("zip in lower case", with("zip", "def".into()), "E-FORM header"),
        ("crit", with("crit", json!(["exp"])), "E-FORM header"),
        ("crit of null", with("crit", Value::Null), "E-FORM header"),
        ("b64", with("b64", false.into()), "E-FORM header"),
        ("a key brought along", with("jwk", jwk), "E-FORM header"),
        ("a key to fetch", with("jku", "https://evil.example".into()), "E-FORM header"),
        ("a certificate brought along", with("x5c", json!(["MIIB"])), "E-FORM header"),
        ("a certificate to fetch", with("x5u", "https://evil.example".into()), "E-FORM header"),
        ("no key", without("kid"), "E-FORM header"),
        ("a key by number", with("kid", 3.into()), "E-FORM header"),
        ("a key without a name", with("kid", "".into()), "S-KEY"),
        ("a key that nobody has", with("kid", "x".repeat(43).into()), "S-KEY"),
        ("a key's name cut short", with("kid", kid[..42].into()), "S-KEY"),
        ("the key of a pass", Shc { seed: 4, ..shc() }.header(|header| header["kid"] = "key-1".into()).text(), "S-USE"),
        ("the name of a pass's key", with("kid", "key-1".into()), "S-SIG"),
        ("an array", text("[]"), "E-ALG"),
        ("not JSON", text("{"), "E-FORM header"),
        ("something behind", text(&format!("{} 0", shc().header)), "E-FORM header"),
        ("a byte order mark", text(&format!("\u{feff}{}", shc().header)), "E-FORM header"),
        ("half a surrogate", text(r#"{"alg":"ES256","zip":"DEF","kid":"\ud800"}"#), "E-FORM header"),
        (
            "depth",
            text(&format!(r#"{{"alg":"ES256","x":{}1{}}}"#, "[".repeat(4000), "]".repeat(4000))),
            "E-FORM header",
        ),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_what_does_not_inflate_to_a_card() {
    let over = |payload: &[u8]| code(&shc().jws_over(payload));
    let card = shc().card;
    let wrapped = |mut encoder: Box<dyn FnMut(&[u8]) -> Vec<u8>>| over(&encoder(&card));
    let zlib = wrapped(Box::new(|bytes| {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(bytes).unwrap();
        zlib.finish().unwrap()
    }));
    let gzip = wrapped(Box::new(|bytes| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }));
    let raw = deflated(&card);
    let cases: Vec<Forged> = vec![
        ("zlib", zlib, "E-FORM deflate"),
        ("gzip", gzip, "E-FORM deflate"),
        ("not compressed", over(&card), "E-FORM deflate"),
        ("nothing", over(&[]), "E-FORM deflate"),
        ("a byte behind", over(&[&raw[..], &[0]].concat()), "E-FORM deflate"),
        ("a byte too few", over(&raw[..raw.len() - 1]), "E-FORM deflate"),
        ("half", over(&raw[..raw.len() / 2]), "E-FORM deflate"),
        ("a block type that does not exist", over(&[0x07]), "E-FORM deflate"),
        ("a distance before the start", over(&[0x03, 0x02, 0x00]), "E-FORM deflate"),
        ("a byte over the bound", over(&deflated(&vec![b' '; 64 * 1024 + 1])), "E-SIZE"),
        ("a bomb of 1 MB", over(&deflated(&vec![0; 1_000_000])), "E-SIZE"),
        ("a bomb of 8 MB", over(&deflated(&vec![0; 8_000_000])), "E-SIZE"),
        ("spaces up to the bound", over(&deflated(&vec![b' '; 64 * 1024])), "C-SCHEMA"),
        ("an empty text", over(&deflated(&[])), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_json_that_means_two_things() {
    let replaced = |from: &str, to: &[u8]| shc().replaced(from, to).text();
    let padded = |bytes: &[u8]| Shc { card: [&shc().card[..], bytes].concat(), ..shc() }.text();
    let deep = format!(r#""deep":{}1{},"iss""#, "[".repeat(5000), "]".repeat(5000));
    let deep_objects = format!(r#""deep":{}1{},"iss""#, r#"{"a":"#.repeat(2000), "}".repeat(2000));
    let crowded: String = (0..3000).map(|n| format!("\"{n}\":0,")).collect();
    let twin = format!("{{{crowded}\"2999\":1,");
    let cases: Vec<Forged> = vec![
        ("an issuer twice", replaced(r#""iss""#, br#""iss":"x","iss""#), "C-SCHEMA"),
        ("an issuer twice, once escaped", replaced(r#""iss""#, br#""\u0069ss":"x","iss""#), "C-SCHEMA"),
        ("a date of birth twice", replaced(r#""birthDate""#, br#""birthDate":"1991-01-18","birthDate""#), "C-SCHEMA"),
        ("a status twice", replaced(r#""status""#, br#""status":"not-done","status""#), "C-SCHEMA"),
        ("a twin that nobody reads", replaced(r#""iss""#, br#""x":{"y":1,"y":2},"iss""#), "C-SCHEMA"),
        ("a twin in a crowd", replaced("{", twin.as_bytes()), "C-SCHEMA"),
        ("half a surrogate in a name", replaced("Thử", br"Th\ud800"), "C-SCHEMA"),
        ("surrogates in the wrong order", replaced("Thử", br"\udc00\ud800"), "C-SCHEMA"),
        ("bytes that are no text", replaced("Thử", b"Th\xff"), "C-SCHEMA"),
        ("a letter in too many bytes", replaced("Thử", b"\xc0\xaf"), "C-SCHEMA"),
        ("lists in lists", replaced(r#""iss""#, deep.as_bytes()), "C-SCHEMA"),
        ("objects in objects", replaced(r#""iss""#, deep_objects.as_bytes()), "C-SCHEMA"),
        ("something behind", padded(b"{}"), "C-SCHEMA"),
        ("a zero byte behind", padded(b"\0"), "C-SCHEMA"),
        ("a comma too many", replaced("}]}", b"},]}"), "C-SCHEMA"),
        ("a comment", replaced("{", b"{/**/"), "C-SCHEMA"),
        ("a byte order mark", replaced("{", b"\xef\xbb\xbf{"), "C-SCHEMA"),
        ("an array", Shc { card: b"[]".to_vec(), ..shc() }.text(), "C-SCHEMA"),
        ("null", Shc { card: b"null".to_vec(), ..shc() }.text(), "C-SCHEMA"),
        ("a number that is none", replaced("1772000000.5", b"NaN"), "C-SCHEMA"),
        ("a number that is too large", replaced("1772000000.5", b"1e400"), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_times_issuers_and_types_that_do_not_hold() {
    let with = |name: &str, value: Value| shc().card(|card| card[name] = value).text();
    let without = |name: &str| shc().card(|card| _ = card.as_object_mut().unwrap().remove(name)).text();
    let vc = |name: &str, value: Value| shc().vc(|vc| vc[name] = value).text();
    let cases: Vec<Forged> = vec![
        ("no issuer", without("iss"), "C-SCHEMA"),
        ("an issuer by number", with("iss", 1.into()), "C-SCHEMA"),
        ("an empty issuer", with("iss", "".into()), "C-SCHEMA"),
        ("another issuer", with("iss", "https://evil.example".into()), "S-USE"),
        ("the issuer with a slash", with("iss", format!("{ISSUER}/").into()), "S-USE"),
        ("the issuer in another case", with("iss", ISSUER.to_uppercase().into()), "S-USE"),
        ("the issuer without its s", with("iss", ISSUER.replacen("https", "http", 1).into()), "S-USE"),
        ("the issuer in letters that look alike", with("iss", ISSUER.replacen('a', "\u{430}", 1).into()), "S-USE"),
        ("no beginning", without("nbf"), "C-SCHEMA"),
        ("null for a beginning", with("nbf", Value::Null), "C-SCHEMA"),
        ("a text for a beginning", with("nbf", "1772000000".into()), "C-SCHEMA"),
        ("truth for a beginning", with("nbf", true.into()), "C-SCHEMA"),
        ("before 1970", with("nbf", (-1).into()), "C-SCHEMA"),
        ("milliseconds", with("nbf", 1_772_000_000_000_i64.into()), "C-SCHEMA"),
        ("64 bits", with("nbf", u64::MAX.into()), "C-SCHEMA"),
        ("1e300", with("nbf", json!(1e300)), "C-SCHEMA"),
        ("not yet", with("nbf", 1_772_413_201.into()), "C-EARLY"),
        ("a fraction of a second too early", with("nbf", json!(1_772_413_201.000_1)), "C-EARLY"),
        ("signed before the key was valid", with("nbf", 1_700_000_000.into()), "S-WINDOW"),
        ("signed after the key was valid", with("nbf", 1_800_000_000.into()), "S-WINDOW"),
        ("over", with("exp", 1_772_413_199.into()), "C-EXPIRED"),
        ("over by a fraction", with("exp", json!(1_772_413_199.9)), "C-EXPIRED"),
        ("null for an end", with("exp", Value::Null), "C-SCHEMA"),
        ("a text for an end", with("exp", "1780000000".into()), "C-SCHEMA"),
        ("an end before 1970", with("exp", (-1).into()), "C-SCHEMA"),
        ("an end beyond all time", with("exp", json!(1e300)), "C-SCHEMA"),
        ("no credential", without("vc"), "C-SCHEMA"),
        ("a list of credentials", with("vc", json!([])), "C-SCHEMA"),
        ("no type", vc("type", Value::Null), "C-SCHEMA"),
        ("a type that is no list", vc("type", "https://smarthealth.cards#health-card".into()), "C-SCHEMA"),
        ("another type", vc("type", json!(["https://smarthealth.cards#wrong-health-card"])), "C-SCHEMA"),
        ("a type with a space", vc("type", json!(["https://smarthealth.cards#health-card "])), "C-SCHEMA"),
        ("a type that is no text", vc("type", json!(["https://smarthealth.cards#health-card", 1])), "C-SCHEMA"),
        ("a type without the card's", vc("type", json!(["https://smarthealth.cards#immunization"])), "C-SCHEMA"),
        ("a long revocation identifier", vc("rid", "x".repeat(25).into()), "C-SCHEMA"),
        ("an empty revocation identifier", vc("rid", "".into()), "C-SCHEMA"),
        ("a revocation identifier with a dot", vc("rid", "AQPCj4wwk6Mt.1".into()), "C-SCHEMA"),
        ("a revocation identifier by number", vc("rid", 1.into()), "C-SCHEMA"),
        ("null for a revocation identifier", vc("rid", Value::Null), "C-SCHEMA"),
        ("no subject", vc("credentialSubject", Value::Null), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
    check_forged(&revoking(&["AQPCj4wwk6Mt"]), &[("taken back", with_rid().text(), "S-REVOKED")]);
}

#[test]
fn refuses_bundles_of_nobody_and_of_two() {
    let subject = |name: &str, value: Value| shc().vc(|vc| vc["credentialSubject"][name] = value).text();
    let in_bundle =
        |name: &str, value: Value| shc().vc(|vc| vc["credentialSubject"]["fhirBundle"][name] = value).text();
    let patient_with = |name: &str, value: Value| {
        let mut patient = patient();
        patient[name] = value;
        shc().entries(vec![patient, immunization("208", "2026-01-10")]).text()
    };
    let named = |name: &str| patient_with("name", json!([{"family": name}]));
    let cases: Vec<Forged> = vec![
        ("no version", subject("fhirVersion", Value::Null), "C-SCHEMA"),
        ("a version by number", subject("fhirVersion", json!(4.0)), "C-SCHEMA"),
        ("no bundle", subject("fhirBundle", Value::Null), "C-SCHEMA"),
        ("another resource", in_bundle("resourceType", "Patient".into()), "C-SCHEMA"),
        ("no entries", in_bundle("entry", Value::Null), "C-SCHEMA"),
        ("one entry that is no list", in_bundle("entry", entry(0, patient())), "C-SCHEMA"),
        ("an entry without a resource", in_bundle("entry", json!([{"fullUrl": "resource:0"}])), "C-SCHEMA"),
        ("an entry that is a text", in_bundle("entry", json!(["resource:0"])), "C-SCHEMA"),
        ("two people", shc().entries(vec![patient(), patient(), immunization("208", "2026-01-10")]).text(), "C-SCHEMA"),
        ("no name", patient_with("name", Value::Null), "C-SCHEMA"),
        ("no names", patient_with("name", json!([])), "C-SCHEMA"),
        ("a name that is a text", patient_with("name", json!(["Thử"])), "C-SCHEMA"),
        ("a blank name", named(" \u{a0}"), "C-SCHEMA"),
        ("a name turned around", named("Nguyễn \u{202e}ửhT năV"), "C-SCHEMA"),
        ("a name isolated", named("\u{2067}Thử\u{2069}"), "C-SCHEMA"),
        ("a name of two lines", named("Nguyễn\nADMIT"), "C-SCHEMA"),
        ("a name of two paragraphs", named("Nguyễn\u{2029}ADMIT"), "C-SCHEMA"),
        ("a name with a zero byte", named("Nguyễn\u{0}"), "C-SCHEMA"),
        ("a name with an escape", named("\u{1b}[32mNguyễn"), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn a_key_is_held_to_its_scheme_and_to_what_it_may_state() {
    let changed = |edit: &dyn Fn(&mut checkpoint::trust::files::CredentialKey)| {
        let mut bundle = bundle();
        edit(&mut bundle.keys[3]);
        list(&bundle)
    };
    for scheme in [Scheme::Native, Scheme::Hc1, Scheme::Nzcp] {
        let list = changed(&|key| key.schemes = vec![scheme]);
        check_forged(&list, &[("a card by another scheme's key", shc().text(), "S-USE")]);
    }
    let list_of_vaccinations = changed(&|key| key.statements = vec![StatementKind::Vaccination]);
    let tested = shc().entries(vec![patient(), immunization("208", "2026-01-10"), observation("260415000")]);
    check_forged(
        &list_of_vaccinations,
        &[
            ("a test beside a dose", tested.text(), "S-USE"),
            ("nothing that can be counted", shc().entries(vec![patient()]).text(), "S-USE"),
        ],
    );
    assert!(verdict(&list_of_vaccinations, &shc().text(), now()).is_ok());
    // The card's key under a certificate's message: neither its name nor its signature makes it HC1's.
    let name = Cbor::Bytes(kid(3).into_bytes());
    let certificate =
        Hcert { protected: Some(Cbor::Map(vec![(1.into(), (-7).into()), (4.into(), name)])), seed: 3, ..hcert() };
    let unnamed = Hcert { seed: 3, ..hcert() };
    check_forged(
        &list(&bundle()),
        &[
            ("HC1 by the card's key", certificate.text(), "S-USE"),
            ("HC1 by the card's key under HC1's name", unnamed.text(), "S-SIG"),
            ("a card inside of COSE", hc1_text(&cbor_bytes(&Cbor::Array(hcert().parts_over(&shc().card)))), "C-SCHEMA"),
        ],
    );
    // A list never holds a card's key under another name than its thumbprint, or one that is no point of the curve.
    let root = [forge::signed_root(&forge::root(1), &[201, 202])];
    for (kid, point) in [(Some("key-1"), None), (None, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))] {
        let mut bundle = bundle();
        let mut jwk = forge::jwk(3, kid);
        jwk.x = point.map_or(jwk.x, Into::into);
        bundle.keys[3].key = KeyMaterial::Jwk(jwk);
        assert!(TrustList::load(&root, &forge::signed_bundle(&bundle)).is_err());
    }
}

#[test]
fn codes_of_one_card_are_joined_in_any_order() {
    let (now, soon, late) = (Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(9));
    let until = Duration::from_secs(5);
    let parts = codes(&shc().jws(), 3);
    let chunk = |place: usize| Chunk::parse(&parts[place]).unwrap().unwrap();
    let missing = |shown| Ok(Joined::Missing(Step::ShowNextCode { shown, of: 3 }));
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut chunks = Chunks::default();
        assert_eq!(chunks.add(&chunk(order[0]), now, until), missing(1));
        assert_eq!(chunks.add(&chunk(order[0]), soon, until), missing(1), "the same again");
        assert_eq!(chunks.add(&chunk(order[1]), soon, until), missing(2));
        assert_eq!(chunks.add(&chunk(order[2]), soon, until), Ok(Joined::Whole(shc().text())));
        assert_eq!(chunks, Chunks::default(), "nothing is kept");
    }
    let mut picture = parts.clone();
    picture.insert(1, "https://example.com/".into());
    assert_eq!(join(&picture), ["https://example.com/".to_owned(), shc().text()]);
    assert_eq!(join(&picture[..3]), picture[..3], "one is missing");
    // Too late: the first is forgotten.
    let mut chunks = Chunks::default();
    chunks.add(&chunk(0), now, until).unwrap();
    assert_eq!(chunks.add(&chunk(1), late, late + until), missing(1));
    // Another card: as many codes with another text, or another number of codes.
    let other = codes(&Shc { seed: 9, ..shc() }.card(|card| card["nbf"] = 1.into()).jws(), 3);
    assert_eq!(chunks.add(&Chunk::parse(&other[1]).unwrap().unwrap(), late, late + until), missing(1));
    let two = codes(&shc().jws(), 2);
    let joined = chunks.add(&Chunk::parse(&two[0]).unwrap().unwrap(), late, late + until);
    assert_eq!(joined, Ok(Joined::Missing(Step::ShowNextCode { shown: 1, of: 2 })));
    // Thirty-two codes of two thousand digits are more than any card.
    let huge = |n: usize| format!("shc:/{n}/32/{}", "12".repeat(1000));
    let grown = (1..=32)
        .map(|n| chunks.add(&Chunk::parse(&huge(n)).unwrap().unwrap(), late, late + until))
        .find_map(Result::err);
    assert_eq!(grown.unwrap().code(), "E-SIZE");
    // Codes of two cards with as many codes each: the signature notices.
    let mut chunks = Chunks::default();
    chunks.add(&Chunk::parse(&two[0]).unwrap().unwrap(), now, until).unwrap();
    let other = codes(&shc().replaced("1990", "1991").jws(), 2);
    let Ok(Joined::Whole(mixed)) = chunks.add(&Chunk::parse(&other[1]).unwrap().unwrap(), now, until) else {
        panic!("whole")
    };
    assert!(verdict(&list(&bundle()), &mixed, forge::now()).is_err());
}

#[test]
fn explaining_goes_on_after_a_fault() {
    let explained =
        list(&bundle()).explain(&Shc { seed: 9, ..shc() }.card(|card| card["exp"] = 1.into()).text(), now());
    let failed: Vec<_> = explained.steps.iter().filter(|step| step.result.is_err()).map(|step| step.layer).collect();
    assert_eq!(failed, [Layer::Signature, Layer::Validity]);
    assert_eq!((explained.outcome.unwrap_err().code(), explained.scheme), ("S-SIG", Some(Scheme::Shc)));
    assert_eq!(explained.content.unwrap()["vc"]["credentialSubject"]["fhirVersion"], "4.0.1");
}

#[test]
fn no_mutation_of_a_sound_card_is_accepted() {
    let list = list(&bundle());
    let jws = shc().jws();
    for place in 0..jws.len() {
        let mut forged = jws.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        assert!(verdict(&list, &code(std::str::from_utf8(&forged).unwrap()), now()).is_err(), "changed at {place}");
        assert!(verdict(&list, &code(&jws[..place]), now()).is_err(), "cut at {place}");
    }
}
