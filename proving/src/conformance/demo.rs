//! Demonstration codes of the WHO: they have no key, so all that is asked is whether they can be taken apart.

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::envelope::Envelope;
use checkpoint::unsigned::Read;
use checkpoint::verdict::Reason;
use serde_json::Value;

use super::{Line, Score};

/// Scores one line.
pub fn score(line: &Line, score: &mut Score) {
    let Some(expected) = line.expects("decode").and_then(Value::as_str) else { return };
    // A code without a text holds bytes: as our reader shows them, UTF-8 where they are that, else one letter each.
    let bytes = || BASE64_STANDARD.decode(line.qr_bytes_b64.as_deref().unwrap_or_default()).unwrap_or_default();
    let shown = || String::from_utf8(bytes()).unwrap_or_else(|_| bytes().into_iter().map(char::from).collect());
    let text = line.qr_text.clone().unwrap_or_else(shown);
    match Envelope::decode(&text) {
        Ok(envelope) => score.count(line, "decode", expected, "ok", envelope.scheme().word()),
        // What the kiosk takes apart and cannot prove is decoded too, and never becomes an envelope.
        Err(Reason::UnknownCode) => match Read::new(&text) {
            Ok(read) => score.count(line, "decode", expected, "ok", read.kind()),
            Err(reason) => score.count(line, "decode", expected, "fail", reason.code()),
        },
        Err(reason) => score.count(line, "decode", expected, "fail", reason.code()),
    }
}
