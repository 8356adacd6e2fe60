//! New Zealand COVID Passes.

use checkpoint::trust::trace::Layer;
use serde_json::{Value, json};

use super::hcert::{codes, explain_by, score_layers};
use super::{Line, Score};

/// The suite's names of layers, and ours.
const EXPECTATIONS: [(&str, &[Layer]); 5] = [
    ("decode", &[Layer::Prefix, Layer::Letters, Layer::Structure]),
    ("issuer", &[Layer::KeyUse]),
    ("signature", &[Layer::Signature]),
    ("time", &[Layer::Validity]),
    ("schema", &[Layer::Content, Layer::Schema]),
];

/// Scores one line, layer by layer.
pub fn score(line: &Line, score: &mut Score) {
    let explained = explain_by(line, &list(line), line.qr_text.as_deref().unwrap_or_default());
    score_layers(line, &explained, &EXPECTATIONS, score);
    if let Some(expected) = line.expects("verdict").and_then(Value::as_str) {
        let got = if explained.outcome.is_ok() { "accept" } else { "reject" };
        score.count(line, "verdict", expected, got, &codes(&explained, &Layer::ALL));
    }
}

/// The line's DID document as an unsigned list: its keys that may make assertions.
fn list(line: &Line) -> Value {
    let did = line.key.as_ref().map_or(&Value::Null, |key| &key["did"]);
    let methods = did["verificationMethod"].as_array().into_iter().flatten().filter(|method| {
        let asserting = did["assertionMethod"].as_array().is_some_and(|names| names.contains(&method["id"]));
        asserting && method["type"] == "JsonWebKey2020" && method["publicKeyJwk"].get("d").is_none()
    });
    let keys = methods.map(|method| {
        let fragment = method["id"].as_str().and_then(|id| id.split_once('#')).map(|(_, fragment)| fragment);
        let jwk = &method["publicKeyJwk"];
        let jwk = json!({ "kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"], "kid": fragment });
        json!({ "jwk": jwk, "scheme": "nzcp", "issuers": [did["id"]] })
    });
    json!({ "keys": keys.collect::<Vec<_>>() })
}
