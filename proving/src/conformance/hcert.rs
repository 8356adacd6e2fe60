//! EU DCC / HC1 lines, and the hostile ones among them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::trace::Layer;
use checkpoint::trust::{Explained, TrustList};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use super::{Line, Score};
/// Most thread CPU time that one hostile code may cost, in milliseconds.
const HOSTILE_MS_MAX: f64 = 50.0;

/// The suite's names of layers, and ours.
const EXPECTATIONS: [(&str, &[Layer]); 8] = [
    ("unprefix", &[Layer::Prefix]),
    ("base45", &[Layer::Letters]),
    ("decompress", &[Layer::Inflate]),
    ("decode", &[Layer::Structure, Layer::Content]),
    ("schema", &[Layer::Schema]),
    ("signature", &[Layer::Signature]),
    ("expiry", &[Layer::Validity, Layer::KeyWindow]),
    ("key_usage", &[Layer::KeyUse]),
];

/// Scores one line, layer by layer.
pub fn score(line: &Line, score: &mut Score) {
    let explained = explain(line);
    score_layers(line, &explained, &EXPECTATIONS, score);
    if let Some(expected) = line.expects("json").and_then(Value::as_str) {
        let same = match (&explained.content, &line.upstream_json) {
            (Some(content), Some(upstream)) => same_certificate(content, upstream),
            (content, _) => content.is_some(),
        };
        score.count(line, "json", expected, if same { "ok" } else { "fail" }, "");
    }
    if let Some(expected) = line.expects("verdict").and_then(Value::as_str) {
        score.count(line, "verdict", expected, verdict(&explained), &codes(&explained, &Layer::ALL));
    }
}

/// Scores what a suite expects of single layers, whose names there and here are given.
pub(super) fn score_layers(line: &Line, explained: &Explained, expectations: &[(&str, &[Layer])], score: &mut Score) {
    for &(expectation, layers) in expectations {
        let Some(expected) = line.expects(expectation).and_then(Value::as_str) else { continue };
        let passed = passed(explained, layers);
        let got = match (expectation, passed) {
            ("signature", true) => "valid",
            ("signature", false) => "invalid",
            (_, true) => "ok",
            (_, false) => "fail",
        };
        score.count(line, expectation, expected, got, &codes(explained, layers));
    }
}

/// Scores one hostile line: rejected, in time, without a panic.
pub fn score_hostile(mut line: Line, explain: impl Fn(&Line) -> Explained, score: &mut Score) {
    line.scheme = format!("hostile {}", line.scheme);
    let started = thread_cpu_ms();
    let explained = catch_unwind(AssertUnwindSafe(|| explain(&line)));
    let cpu_ms = thread_cpu_ms() - started;
    let got = explained.as_ref().map_or("panic", verdict);
    score.count(&line, "verdict", "reject", got, "");
    let pace = if cpu_ms <= HOSTILE_MS_MAX { "in time" } else { "too slow" };
    score.count(&line, "time", "in time", pace, &format!("{cpu_ms:.1} ms"));
    let (lines, slowest) = score.hostile.unwrap_or_default();
    score.hostile = Some((lines + 1, slowest.max(cpu_ms)));
}

/// CPU time that this thread has used, in milliseconds.
fn thread_cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// What the product says of a line's code, with the line's key and clock.
pub(super) fn explain(line: &Line) -> Explained {
    let pem = line.key.as_ref().and_then(|key| key.get("pem"));
    let list = json!({ "certificates": pem.map(|pem| json!({ "pem": pem })).into_iter().collect::<Vec<_>>() });
    explain_by(line, &list, line.qr_text.as_deref().unwrap_or_default())
}

/// What the product says of a text by an unsigned list, at the line's clock.
pub(super) fn explain_by(line: &Line, list: &Value, text: &str) -> Explained {
    let trust = TrustList::unsigned(list.to_string().as_bytes()).unwrap_or_default();
    let now = TrustedTime::given(line.clock.as_deref().and_then(instant).unwrap_or_default());
    let explained = trust.explain(text, now);
    let verified = Envelope::decode(text).and_then(|envelope| trust.verify(envelope, now));
    assert_eq!(explained.outcome, verified, "{}: to explain and to verify must be one walk", line.id);
    explained
}

/// Every one of these layers that was walked passed, and at least the first was walked.
pub(super) fn passed(explained: &Explained, layers: &[Layer]) -> bool {
    let mut steps = explained.steps.iter().filter(|step| layers.contains(&step.layer)).peekable();
    let walked = explained.steps.iter().any(|step| step.layer == layers[layers.len() - 1] || step.layer == layers[0]);
    walked && steps.peek().is_some() && steps.all(|step| step.result.is_ok())
}

/// The codes of what went wrong in these layers.
pub(super) fn codes(explained: &Explained, layers: &[Layer]) -> String {
    let faults = explained.steps.iter().filter(|step| layers.contains(&step.layer));
    faults.filter_map(|step| step.result.as_ref().err()).map(|reason| reason.code()).collect::<Vec<_>>().join(" ")
}

/// Accepted: every layer passes. The suite's verdict leaves the signer's own validity out of account.
fn verdict(explained: &Explained) -> &'static str {
    let passed = explained.steps.iter().all(|step| step.layer == Layer::KeyWindow || step.result.is_ok());
    let walked_to_the_end = explained.steps.iter().any(|step| step.layer == Layer::Revocation);
    let accepted = passed && walked_to_the_end;
    if accepted { "accept" } else { "reject" }
}

/// A suite's clock: RFC 3339, or in UTC where it leaves out the offset, the seconds or the time of day.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let local = |form| NaiveDateTime::parse_from_str(text, form).ok();
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc()).or_else(|| {
        local("%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|| local("%Y-%m-%dT%H:%M"))
            .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
            .map(|instant| instant.and_utc())
    })
}

/// The same certificate: equal values, and equal instants where both texts name one.
fn same_certificate(a: &Value, b: &Value) -> bool {
    let instant = |text: &str| {
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z")).ok()
    };
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same_certificate(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_certificate(a, b))
        }
        (Value::String(a), Value::String(b)) => a == b || instant(a).is_some_and(|at| instant(b) == Some(at)),
        (a, b) => a == b,
    }
}
