//! Cases of the base45 decoder.

use super::{Line, Score};

/// Scores one line: the bytes, or a refusal.
pub fn score(line: &Line, score: &mut Score) {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let text = line.text.as_deref().unwrap_or_default();
    let got = checkpoint::envelope::base45::decode(text).map_or_else(|_| "fail".into(), hex);
    // Here `null` says something: there are no such bytes.
    if let Some(expected) = line.expected.get("bytes_hex") {
        score.count(line, "decode", expected.as_str().unwrap_or("fail"), &got, "");
    }
}
