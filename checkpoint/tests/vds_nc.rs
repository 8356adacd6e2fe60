//! VDS-NC seals that are sound: what is read of them. The forged ones stand in `forged.rs`.

mod forge;

use checkpoint::trust::credential::{Statement, TestResult};
use forge::seal::{Seal, X509, csca, name, seal, sealing_bundle, signer, test_seal};
use forge::{at, check_with, der, list, now, verdict};
use serde_json::json;

#[test]
fn a_sound_proof_of_vaccination_says_what_it_was_given() {
    let credential = verdict(&list(&sealing_bundle()), &seal().text(), now()).unwrap();
    let claims = credential.claims();
    assert_eq!((claims.issuer.as_str(), claims.id.as_deref()), ("VNM", Some("VN-1")));
    assert_eq!((claims.issued_at, claims.not_after), (None, Some(at("2036-12-31T23:59:59Z"))));
    assert_eq!(claims.person.name, "NGUYEN VAN THU");
    assert_eq!(claims.person.name_transliterated.as_deref(), Some("NGUYEN VAN THU"));
    assert_eq!((claims.person.birth.to_string().as_str(), claims.person.number.as_deref()), ("1990-01-18", None));
    let doses: Vec<_> = claims
        .statements
        .iter()
        .map(|statement| {
            let Statement::Vaccination(dose) = statement else { panic!("a dose") };
            (dose.disease.as_str(), dose.vaccine.as_str(), dose.dose, dose.date.to_string(), dose.country.as_str())
        })
        .collect();
    assert_eq!(
        doses,
        [
            ("840539006", "EU/1/20/1528", 1, "2025-12-10".to_owned(), "VN"),
            ("840539006", "EU/1/20/1528", 2, "2026-01-10".to_owned(), "VN"),
        ]
    );
}

#[test]
fn a_sound_proof_of_testing_says_what_it_was_given() {
    let credential = verdict(&list(&sealing_bundle()), &test_seal().text(), now()).unwrap();
    let claims = credential.claims();
    assert_eq!(claims.person.number.as_deref(), Some("001090000001"));
    let [Statement::Test(test)] = claims.statements.as_slice() else { panic!("one test") };
    assert_eq!((test.kind.as_str(), test.result, test.country.as_str()), ("LP6464-4", TestResult::NotDetected, "VN"));
    assert_eq!(test.sampled_at, Some(at("2026-03-01T01:00:00Z")));
}

#[test]
fn unknown_codes_stay_as_they_are_and_mean_nothing() {
    let text = test_seal().data(|data| data["msg"]["tr"] = json!({"tc": "sniffing dog", "r": "abnormal"})).text();
    let credential = verdict(&list(&sealing_bundle()), &text, now()).unwrap();
    let [Statement::Test(test)] = credential.claims().statements.as_slice() else { panic!("one test") };
    assert_eq!((test.kind.as_str(), test.result), ("sniffing dog", TestResult::Unknown));
}

#[test]
fn what_is_signed_is_the_canonical_form() {
    // The same seal with its members turned round, spaces between them and letters escaped: the same data, the same signature.
    let seal = seal();
    let sorted = seal.text();
    let turned = format!(
        " {{ \"sig\" : {} ,\n\"data\": {{\"msg\": {}, \"hdr\": {{\"v\": 1.0, \"\\u0069s\": \"VN\\u004d\", \"t\": \"icao.vacc\"}} }} }}\r\n",
        seal.json()["sig"],
        seal.data["msg"]
    );
    let list = list(&sealing_bundle());
    assert_eq!(verdict(&list, &turned, now()), verdict(&list, &sorted, now()));
    check_with(&list, &turned, now(), "ok");
}

#[test]
fn names_of_authorities_are_compared_as_people_read_them() {
    let list = list(&sealing_bundle());
    for issuer in [name("vn", "csca  FORGED"), name("VN", " CSCA Forged ")] {
        check_with(&list, &seal().by(&X509 { issuer, ..signer() }).text(), now(), "ok");
    }
}

#[test]
fn of_two_authorities_with_one_name_the_one_that_signed_is_found() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use checkpoint::trust::files::KeyMaterial;
    let mut bundle = sealing_bundle();
    let mut other = bundle.keys[3].clone();
    let older = X509 { seed: 110, signed_by: 110, extensions: csca().extensions[..2].to_vec(), ..csca() };
    other.key = KeyMaterial::Csca(BASE64_STANDARD.encode(older.der()));
    bundle.keys.insert(0, other);
    let list = list(&bundle);
    check_with(&list, &seal().text(), now(), "ok");
    let by_the_older = X509 { signed_by: 110, extensions: signer().extensions[..2].to_vec(), ..signer() };
    check_with(&list, &seal().by(&by_the_older).text(), now(), "ok");
}

#[test]
fn no_change_of_a_letter_is_accepted() {
    let list = list(&sealing_bundle());
    let sound = verdict(&list, &seal().text(), now()).unwrap();
    let text = seal().text();
    for place in (0..text.len()).step_by(3) {
        let letter = if text.as_bytes()[place] == b'A' { "B" } else { "A" };
        let mut forged = text.clone();
        forged.replace_range(place..=place, letter);
        if let Ok(credential) = verdict(&list, &forged, now()) {
            panic!("{place}: {credential:?}, not {sound:?}");
        }
        assert!(verdict(&list, &text[..place], now()).is_err(), "cut at {place}");
    }
}

#[test]
fn a_signer_may_use_the_larger_curve() {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    use p521::ecdsa::signature::Signer;
    let key = p521::ecdsa::SigningKey::from_slice(&[&[0; 2][..], &[7; 64]].concat()).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let algorithm =
        der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x02\x01"]), &der(0x06, &[b"\x2b\x81\x04\x00\x23"])]);
    let certificate = signer().der_with_key(&der(0x30, &[&algorithm, &der(0x03, &[&[0], point.as_bytes()])]));
    let seal = Seal { alg: "ES512", certificate, ..seal() };
    let signature: p521::ecdsa::Signature = key.sign(seal.data.to_string().as_bytes());
    let signed = |alg: &str| {
        seal.text_with(|json| {
            json["sig"]["alg"] = json!(alg);
            json["sig"]["sigvl"] = json!(BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()));
        })
    };
    let list = list(&sealing_bundle());
    check_with(&list, &signed("ES512"), now(), "ok");
    check_with(&list, &signed("ES384"), now(), "S-SIG call-supervisor");
}

#[test]
fn the_specifications_own_specimen_holds() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let page = include_str!("../../docs/vds-nc.md");
    let block = |name: &str| {
        let found = page.split("```").find_map(|block| block.strip_prefix(name)).unwrap();
        found.lines().map(str::trim).collect::<String>()
    };
    assert_eq!(block("csca"), BASE64_STANDARD.encode(csca().der()), "the forger writes what the page shows");
    assert_eq!(block("seal"), seal().text(), "the forger writes what the page shows");
    check_with(&list(&sealing_bundle()), &block("seal"), now(), "ok");
}
