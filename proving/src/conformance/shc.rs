//! SMART Health Cards.

use checkpoint::envelope::join;
use checkpoint::trust::trace::Layer;
use checkpoint::trust::{Explained, revocation_digest};
use serde_json::{Value, json};

use super::hcert::{codes, explain_by, score_layers};
use super::{Line, Score};

/// The suite's names of layers, and ours.
const EXPECTATIONS: [(&str, &[Layer]); 8] = [
    ("decode", &[Layer::Prefix, Layer::Letters]),
    ("header", &[Layer::Structure]),
    ("inflate", &[Layer::Inflate]),
    ("payload", &[Layer::Content, Layer::Schema]),
    ("issuer", &[Layer::KeyUse]),
    ("signature", &[Layer::Signature]),
    ("time", &[Layer::Validity]),
    ("revoked", &[Layer::Revocation]),
];

/// Scores one line, layer by layer.
pub fn score(line: &Line, score: &mut Score) {
    let explained = explain(line);
    score_layers(line, &explained, &EXPECTATIONS, score);
    if let Some(expected) = line.expects("verdict").and_then(Value::as_str) {
        let got = if explained.outcome.is_ok() { "accept" } else { "reject" };
        score.count(line, "verdict", expected, got, &codes(&explained, &Layer::ALL));
    }
}

/// What the product says of a line's card, with the line's key, trusted issuers and clock.
pub fn explain(line: &Line) -> Explained {
    explain_by(line, &list(line), &text(line))
}

/// The card's text. Several codes are joined, the last first; where one is missing, the last stands for them.
fn text(line: &Line) -> String {
    if let Some(text) = line.qr_text.as_deref().filter(|text| !text.is_empty()) {
        return text.to_owned();
    }
    if let Some(jws) = &line.jws {
        let digits: String = jws.bytes().map(|byte| format!("{:02}", byte.wrapping_sub(b'-'))).collect();
        return format!("shc:/{digits}");
    }
    let mut texts = line.qr_chunks.clone().unwrap_or_default();
    texts.reverse();
    join(&texts).into_iter().next().unwrap_or_default()
}

/// The line's key set, issuers and revocation list as an unsigned list.
fn list(line: &Line) -> Value {
    let jwks = line.key.as_ref().and_then(|key| key.pointer("/jwks/keys")?.as_array());
    let keys = jwks.into_iter().flatten().filter(|jwk| jwk.get("d").is_none()).map(|jwk| {
        let jwk = json!({ "kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"], "kid": jwk["kid"] });
        json!({ "jwk": jwk, "scheme": "shc", "issuers": line.trusted_iss })
    });
    let crls = line.crl.iter().flat_map(|crl| crl.as_array().map_or_else(|| vec![crl], |crls| crls.iter().collect()));
    let revoked: Vec<_> = crls.filter(|crl| crl["method"] == "rid").flat_map(|crl| digests(line, crl)).collect();
    json!({ "keys": keys.collect::<Vec<_>>(), "revoked": revoked })
}

/// A revocation list's entries, as a bundle writes them.
fn digests(line: &Line, crl: &Value) -> Vec<String> {
    let key_id = crl["kid"].as_str().unwrap_or_default();
    let rids = crl["rids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let issuers = line.trusted_iss.as_deref().unwrap_or_default();
    rids.flat_map(|rid| {
        let (rid, end) = rid.split_at(rid.find('.').unwrap_or(rid.len()));
        issuers.iter().map(move |issuer| {
            let digest = revocation_digest(issuer, &format!("{key_id}/{rid}"));
            digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + end
        })
    })
    .collect()
}
