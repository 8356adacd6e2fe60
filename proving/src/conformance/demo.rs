//! Demonstration codes of the WHO: they have no key, so all that is asked is whether they can be taken apart.

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::envelope::Envelope;
use serde_json::Value;

use super::{Line, Score};

/// Scores one line.
pub fn score(line: &Line, score: &mut Score) {
    let Some(expected) = line.expects("decode").and_then(Value::as_str) else { return };
    // A code without a text holds bytes: as a reader shows them, one letter each.
    let bytes = || BASE64_STANDARD.decode(line.qr_bytes_b64.as_deref().unwrap_or_default()).unwrap_or_default();
    let text = line.qr_text.clone().unwrap_or_else(|| bytes().into_iter().map(char::from).collect());
    match Envelope::decode(&text) {
        Ok(envelope) => score.count(line, "decode", expected, "ok", envelope.scheme().word()),
        Err(reason) => score.count(line, "decode", expected, "fail", reason.code()),
    }
}
