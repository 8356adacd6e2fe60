//! ICAO VDS-NC lines.

use checkpoint::trust::trace::Layer;
use serde_json::{Value, json};

use super::hcert::{codes, explain_by, score_layers};
use super::{Line, Score};

/// The suite's names of layers, and ours.
const EXPECTATIONS: [(&str, &[Layer]); 3] =
    [("decode", &[Layer::Structure, Layer::Content]), ("signature", &[Layer::Signature]), ("chain", &[Layer::Chain])];

/// Scores one line: layer by layer, its fields, and the verdict.
pub fn score(line: &Line, score: &mut Score) {
    let pem = line.key.as_ref().and_then(|key| key.get("csca_pem"));
    let list = json!({ "csca": pem.map(|pem| json!({ "pem": pem })).into_iter().collect::<Vec<_>>() });
    let explained = explain_by(line, &list, line.qr_text.as_deref().unwrap_or_default());
    score_layers(line, &explained, &EXPECTATIONS, score);
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
