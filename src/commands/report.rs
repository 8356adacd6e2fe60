//! A passage as one line of text, and as one line of JSON: for `replay` and the headless demo. No identity, no hash.

use checkpoint::passage::Draft;
use checkpoint::time::vietnam;
use chrono::SecondsFormat;

/// `08:00:03  in   ADMIT     -           two-doses-14-days/2 declaration-72h/2`
pub fn line(draft: &Draft) -> String {
    let at = draft.at.with_timezone(&vietnam()).format("%H:%M:%S");
    let rules: Vec<_> = draft.rule_sets.iter().map(|used| format!("{}/{}", used.id, used.version)).collect();
    let line = format!(
        "{at}  {:<3}  {:<10}  {:<11}  {}",
        draft.direction.word(),
        draft.outcome.word().to_uppercase(),
        draft.reason.as_deref().unwrap_or("-"),
        rules.join(" ")
    );
    line.trim_end().to_owned()
}

/// The same as one JSON object.
pub fn json(draft: &Draft) -> serde_json::Value {
    serde_json::json!({
        "at": draft.at.with_timezone(&vietnam()).to_rfc3339_opts(SecondsFormat::Secs, false),
        "location": draft.location,
        "direction": draft.direction.word(),
        "outcome": draft.outcome.word(),
        "reason": draft.reason,
        "rule_sets": draft.rule_sets,
        "trust_list": draft.trust_list,
        "identified": draft.identity.is_some(),
    })
}
