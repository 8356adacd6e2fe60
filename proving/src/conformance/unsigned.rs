//! The unsigned Vietnamese codes: what is read of each, and that none of them ever becomes a credential.

use checkpoint::envelope::Envelope;
use checkpoint::unsigned::Read;
use serde_json::Value;

use super::{Line, Score};

/// The suite's names of the kinds, and ours.
const KINDS: [(&str, &str); 5] = [
    ("personal_qr", "personal-qr"),
    ("cccd_qr", "cccd"),
    ("bhyt_qr", "bhyt"),
    ("health_declaration_url", "link"),
    ("location_url", "link"),
];

/// Scores one line: read or not, the kind, every field that the suite names, and that no envelope is made of it.
pub fn score(line: &Line, score: &mut Score) {
    let text = line.qr_text.as_deref().unwrap_or_default();
    let read = Read::new(text);
    let code = read.as_ref().err().map_or("", |reason| reason.code());
    if let Some(expected) = line.expects("decode").and_then(Value::as_str) {
        score.count(line, "decode", expected, if read.is_ok() { "ok" } else { "fail" }, code);
    }
    let signed = if Envelope::decode(text).is_ok() { "envelope" } else { "none" };
    score.count(line, "unsigned", "none", signed, "");
    let Ok(read) = read else { return };
    let expected = line.kind.as_deref().and_then(|kind| KINDS.iter().find(|(theirs, _)| *theirs == kind));
    if let Some((_, expected)) = expected {
        score.count(line, "kind", expected, read.kind(), "");
    }
    for (name, expected) in line.fields.iter().flat_map(Value::as_object).flatten() {
        let got = read.fields.get(name).unwrap_or(&Value::Null);
        score.count(line, "field", &expected.to_string(), &got.to_string(), name);
    }
}
