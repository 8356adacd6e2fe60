//! The CertLogic suite, and business rules of member states with their tests.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use checkpoint::rules::certlogic::{Clock, Expression, Value};
use chrono::DateTime;
use serde_json::{Map, Value as Json};

use super::{Line, Score, lines};

/// Value sets by their file, each read once.
type ValueSets = HashMap<PathBuf, Json>;

/// Scores both suites of a folder; either may be absent.
///
/// # Errors
/// A file that cannot be read or is not what it should be, named.
pub fn score_all(dir: &Path, score: &mut Score) -> Result<(), String> {
    for line in lines(&dir.join("certlogic.jsonl"))? {
        let null = Json::Null;
        let (expression, data) = (line.expression.as_ref().unwrap_or(&null), line.data.as_ref().unwrap_or(&null));
        score_one(&line, expression, data, score);
    }
    let mut value_sets = ValueSets::new();
    for line in lines(&dir.join("rules.jsonl"))? {
        let logic = line.rule.as_ref().and_then(|rule| rule.get("Logic")).unwrap_or(&Json::Null);
        score_one(&line, logic, &data_of(&line, dir, &mut value_sets)?, score);
    }
    Ok(())
}

/// `{"payload": the certificate, "external": {"validationClock", "valueSets", ...}}`, as the Commission's rules have it.
fn data_of(line: &Line, dir: &Path, known: &mut ValueSets) -> Result<Json, String> {
    let mut external = match &line.external {
        Some(Json::Object(external)) => external.clone(),
        _ => Map::new(),
    };
    // Tests without a clock are about rules that do not ask for the time, or ask for it when there is something to date.
    external.entry("validationClock").or_insert_with(|| line.clock.clone().map_or(Json::Null, Json::String));
    if let Some(reference) = &line.value_sets_ref {
        // The suite names the folder in which it was put together; the files lie beside the suite.
        let name = Path::new(reference).file_name().unwrap_or_default();
        let path = dir.join("valuesets").join(name);
        if !known.contains_key(&path) {
            let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let sets = serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            known.insert(path.clone(), sets);
        }
        external.insert("valueSets".into(), known[&path].clone());
    }
    let payload = line.payload.clone().unwrap_or(Json::Null);
    Ok(Json::Object(
        [("payload".to_owned(), payload), ("external".to_owned(), Json::Object(external))].into_iter().collect(),
    ))
}

fn score_one(line: &Line, expression: &Json, data: &Json, score: &mut Score) {
    // Here `null` says something: the value is null.
    let Some(expected) = line.says("value") else { return };
    let got = evaluate(expression, data);
    score.count(line, "value", &expected.to_string(), &got, "");
}

/// The value as JSON, or what went wrong.
fn evaluate(expression: &Json, data: &Json) -> String {
    // Through text, as a file of rules is read.
    let expression: Expression = match serde_json::from_str(&expression.to_string()) {
        Ok(expression) => expression,
        Err(error) => return format!("fault: {error}"),
    };
    // These suites bring their clock as data.
    let mut clock = Clock::at(DateTime::UNIX_EPOCH);
    match expression.evaluate(&Value::from_json(data), &mut clock) {
        Ok(value) => json(&value).map_or_else(|| "fault: no JSON".into(), |json| json.to_string()),
        Err(fault) => format!("fault: {fault}"),
    }
}

/// `None` for what JSON does not have.
fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(number) => Json::from(*number),
        Value::Text(text) => Json::from(*text),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Value::Object(entries) => Json::Object(
            entries.iter().map(|(key, value)| Some(((*key).to_owned(), json(value)?))).collect::<Option<_>>()?,
        ),
        Value::OtherNumber | Value::Stamp(_) | Value::Time(_) => return None,
    })
}
