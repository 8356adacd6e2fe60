//! ICAO VDS-NC lines.

use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use checkpoint::trust::trace::Layer;
use serde_json::{Value, json};

use super::hcert::{codes, instant, passed};
use super::{Line, Score};

/// The suite's names of layers, and ours.
const EXPECTATIONS: [(&str, &[Layer]); 3] =
    [("decode", &[Layer::Structure, Layer::Content]), ("signature", &[Layer::Signature]), ("chain", &[Layer::Chain])];

/// Scores one line: layer by layer, its fields, and the verdict.
pub fn score(line: &Line, score: &mut Score) {
    let pem = line.key.as_ref().and_then(|key| key.get("csca_pem"));
    let list = json!({ "csca": pem.map(|pem| json!({ "pem": pem })).into_iter().collect::<Vec<_>>() });
    let trust = TrustList::unsigned(list.to_string().as_bytes()).unwrap_or_default();
    let now = TrustedTime::given(line.clock.as_deref().and_then(instant).unwrap_or_default());
    let text = line.qr_text.as_deref().unwrap_or_default();
    let explained = trust.explain(text, now);
    let verified = Envelope::decode(text).and_then(|envelope| trust.verify(envelope, now));
    assert_eq!(explained.outcome, verified, "{}: to explain and to verify must be one walk", line.id);
    for (expectation, layers) in EXPECTATIONS {
        let Some(expected) = line.expects(expectation).and_then(Value::as_str) else { continue };
        let got = match (expectation, passed(&explained, layers)) {
            ("signature", true) => "valid",
            ("signature", false) => "invalid",
            (_, true) => "ok",
            (_, false) => "fail",
        };
        score.count(line, expectation, expected, got, &codes(&explained, layers));
    }
    if let Some(Value::Object(fields)) = &line.fields {
        let message = explained.content.as_ref().and_then(|content| content.get("msg"));
        for (name, expected) in fields {
            let person = message.and_then(|message| message.get("pid"));
            let got = person.and_then(|person| person.get(name)).or_else(|| message?.get(name));
            score.count(line, "fields", &expected.to_string(), &got.map_or_else(String::new, Value::to_string), name);
        }
    }
    if let Some(expected) = line.expects("verdict").and_then(Value::as_str) {
        let got = if explained.outcome.is_ok() { "accept" } else { "reject" };
        score.count(line, "verdict", expected, got, &codes(&explained, &Layer::ALL));
    }
}
