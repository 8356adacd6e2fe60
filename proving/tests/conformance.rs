//! The verifier against foreign suites of credentials, where they are there: `KIOSK_VECTORS` names their folder.

use std::path::PathBuf;

use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::{Claims, Statement};
use proving::conformance;
use serde_json::{Value, json};

/// The folder of credentials, or a word that the test skipped.
fn credentials() -> Option<PathBuf> {
    let folder = std::env::var_os("KIOSK_VECTORS").map(|folder| PathBuf::from(folder).join("credentials"));
    if folder.is_none() {
        println!("skipped: KIOSK_VECTORS is not set");
    }
    folder
}

fn lines(file: PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("a suite");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn every_expectation_of_what_is_built_is_met() {
    let Some(folder) = credentials() else { return };
    let score = conformance::run(&folder).expect("suites that can be read");
    let (passed, total) = score.total();
    // A zip archive with JSON-LD inside: its signature needs RDF canonicalisation, and the kiosk calls it unknown.
    let failures: Vec<_> = score.failures.iter().filter(|failure| !failure.starts_with("demo/DEMO-DIVOC-")).collect();
    assert!(failures.is_empty(), "{passed}/{total}\n{failures:#?}");
    assert!(total > 8000, "{total}: the suites are not what they were");
}

#[test]
fn viet_nams_own_code_verifies() {
    let Some(folder) = credentials() else { return };
    let lines = lines(folder.join("dcc.jsonl"));
    let line = lines.iter().find(|line| line["id"] == "dcc/qa/VN/1.3.0/VAC_VN.png").expect("Viet Nam's line");
    let list = json!({"certificates": [{"pem": line["key"]["pem"]}]}).to_string();
    let list = TrustList::unsigned(list.as_bytes()).expect("Viet Nam's signer");
    let clock = line["clock"].as_str().and_then(|clock| clock.parse().ok()).expect("a clock");
    let envelope = Envelope::decode(line["qr_text"].as_str().expect("a text")).expect("HC1");
    let credential = list.verify(envelope, TrustedTime::given(clock)).expect("a good credential");
    assert_eq!(credential.claims().issuer, "VN");
    assert!(matches!(credential.claims().statements[0], Statement::Vaccination(_)));
}

/// What claims say must be what the certificate's maker wrote down.
#[test]
fn claims_say_what_the_makers_wrote_down() {
    let Some(folder) = credentials() else { return };
    let mut compared = 0;
    for line in lines(folder.join("dcc.jsonl")) {
        let fields = &line["upstream_json"];
        let json_quarantined = line["quarantine"].as_array().into_iter().flatten().any(|q| q["expectation"] == "json");
        if line["expected"]["json"] != "ok" || json_quarantined || fields.is_null() {
            continue;
        }
        let list = json!({"certificates": [{"pem": line["key"]["pem"]}]}).to_string();
        let Ok(list) = TrustList::unsigned(list.as_bytes()) else { continue };
        let clock = line["clock"].as_str().and_then(conformance::hcert::instant).unwrap_or_default();
        let Ok(envelope) = Envelope::decode(line["qr_text"].as_str().unwrap_or_default()) else { continue };
        let Ok(credential) = list.verify(envelope, TrustedTime::given(clock)) else { continue };
        compare(&line["id"], credential.claims(), fields);
        compared += 1;
    }
    assert!(compared > 200, "{compared}");
}

fn compare(id: &Value, claims: &Claims, fields: &Value) {
    let name = &fields["nam"];
    let word = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let joined = format!("{} {}", word(&name["fn"]), word(&name["gn"]));
    assert_eq!(claims.person.name, joined.trim(), "{id}");
    let transliterated = format!("{} {}", word(&name["fnt"]), word(&name["gnt"])).replace('<', " ");
    let words: Vec<_> = transliterated.split_whitespace().collect();
    assert_eq!(claims.person.name_transliterated.as_deref().unwrap_or_default(), words.join(" "), "{id}");
    // As far as it is a date: some issuers write 00 where they know none, and one wrote 29 February 1982.
    let (birth, written) = (claims.person.birth.to_string(), word(&fields["dob"]));
    assert!(written.starts_with(&birth) && birth.is_empty() == written.is_empty(), "{id}: {birth} {written}");
    for (group, statement) in
        ["v", "t", "r"].iter().flat_map(|group| fields[group].as_array()).flatten().zip(&claims.statements)
    {
        match statement {
            Statement::Vaccination(dose) => {
                assert_eq!(
                    json!([dose.dose, dose.doses_total, dose.vaccine]),
                    json!([group["dn"], group["sd"], word(&group["mp"])])
                );
                assert_eq!(dose.date.to_string(), word(&group["dt"])[..10], "{id}");
            }
            Statement::Test(test) => {
                assert_eq!(test.kind, word(&group["tt"]), "{id}");
                assert!(test.sampled_at.is_some(), "{id}: {}", group["sc"]);
            }
            Statement::Recovery(recovery) => {
                assert_eq!(recovery.first_positive.to_string(), word(&group["fr"]), "{id}");
                assert_eq!(recovery.valid_until.to_string(), word(&group["du"]), "{id}");
            }
            Statement::Declaration(_) | Statement::TravelPermit(_) | Statement::Other(_) => {
                panic!("{id}: HC1 holds none")
            }
        }
    }
}
