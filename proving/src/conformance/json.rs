//! Cases of the JSON reader: its grammar. Members given twice are within the grammar, and every scheme of ours refuses them.

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::envelope::json::Json;
use serde_json::Value;

use super::{Line, Score};

/// Scores one line.
pub fn score(line: &Line, score: &mut Score) {
    let Some(expected) = line.expects("parse").and_then(Value::as_str) else { return };
    let bytes = BASE64_STANDARD.decode(line.bytes_b64.as_deref().unwrap_or_default()).unwrap_or_default();
    let got = if Json::read(&bytes).is_some() { "ok" } else { "fail" };
    score.count(line, "parse", expected, got, "");
}
