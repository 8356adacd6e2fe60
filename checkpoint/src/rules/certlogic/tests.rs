//! The engine by itself. The public suites are in `proving`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::*;

const NOW: &str = "2021-09-20T05:00:00Z"; // noon of 20 September in Viet Nam

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn read(json: &str) -> Result<Expression, String> {
    serde_json::from_str(json).map_err(|fault| fault.to_string())
}

/// The value of an expression over some data, in words.
fn word(expression: &str, data: serde_json::Value) -> String {
    let expression = read(expression).unwrap();
    match expression.evaluate(&Value::from_json(&data), &mut Clock::at(at(NOW))) {
        Ok(Value::Time(time)) => DateTime::from_timestamp_millis(time.ms).unwrap().to_rfc3339(),
        Ok(value) => format!("{value:?}"),
        Err(fault) => fault.word().into(),
    }
}

#[test]
fn dates_are_read_in_every_format_of_the_specification_and_in_no_other() {
    for (text, expected) in [
        ("2021", "2021-12-31T00:00:00+00:00"),
        ("2020-02", "2020-02-29T00:00:00+00:00"),
        ("2021-02", "2021-02-28T00:00:00+00:00"),
        ("2021-12", "2021-12-31T00:00:00+00:00"),
        ("2021-05-04", "2021-05-04T00:00:00+00:00"),
        ("2021-05-04T13:37:42", "2021-05-04T13:37:42+00:00"),
        ("2021-05-04T13:37:42Z", "2021-05-04T13:37:42+00:00"),
        ("2021-05-04T13:37:42+7", "2021-05-04T06:37:42+00:00"),
        ("2021-05-04T13:37:42-07", "2021-05-04T20:37:42+00:00"),
        ("2021-05-04T13:37:42+530", "2021-05-04T08:07:42+00:00"),
        ("2021-05-04T13:37:42+0530", "2021-05-04T08:07:42+00:00"),
        ("2021-05-04T13:37:42+5:30", "2021-05-04T08:07:42+00:00"),
        ("2021-05-04T13:37:42-05:30", "2021-05-04T19:07:42+00:00"),
        ("2021-05-04T13:37:42.1", "2021-05-04T13:37:42.100+00:00"),
        ("2021-05-04T13:37:42.0199999999999999999999Z", "2021-05-04T13:37:42.019+00:00"),
        ("2021-05-04T13:37:42.001+07:00", "2021-05-04T06:37:42.001+00:00"),
    ] {
        assert_eq!(word(r#"{"plusTime": [{"var": ""}, 0, "day"]}"#, json!(text)), expected, "{text}");
    }
    for text in [
        "",
        "21",
        "202",
        "20211",
        "2021-",
        "2021-1",
        "2021-13",
        "2021-00",
        "2021-02-30",
        "2021-2-3",
        "2021-02-03T",
        "2021-02-03T1:02:03",
        "2021-02-03T01:02",
        "2021-02-03T24:00:00",
        "2021-02-03T01:02:60",
        "2021-02-03 01:02:03",
        "2021-02-03T01:02:03.",
        "2021-02-03T01:02:03.Z",
        "2021-02-03T01:02:03z",
        "2021-02-03T01:02:03+",
        "2021-02-03T01:02:03+24",
        "2021-02-03T01:02:03+0160",
        "2021-02-03T01:02:03+12345",
        "2021-02-03T01:02:03+1:2",
        "2021-02-03T01:02:03+01:00:00",
        "+2021-02-03",
        "2021-02-03\n",
        "2021-02-0３",
        "à021",
        "2021-é1",
    ] {
        assert_eq!(word(r#"{"plusTime": [{"var": ""}, 0, "day"]}"#, json!(text)), "date", "{text}");
    }
}

#[test]
fn amounts_are_added_as_ecmascript_does() {
    for (text, amount, unit, expected) in [
        ("2020-02-29", 1, "day", "2020-03-01T00:00:00+00:00"),
        ("2020-02-29", 1, "month", "2020-03-29T00:00:00+00:00"),
        ("2020-02-29", 1, "year", "2021-03-01T00:00:00+00:00"),
        ("2020-02-29", -1, "year", "2019-03-01T00:00:00+00:00"),
        ("2021-01-31T10:00:00", 1, "month", "2021-03-03T10:00:00+00:00"),
        ("2021-01-31", -2, "month", "2020-12-01T00:00:00+00:00"),
        ("2021-12-01", -12, "month", "2020-12-01T00:00:00+00:00"),
        ("2021-06-23", -180, "day", "2020-12-25T00:00:00+00:00"),
        ("2021-06-23T00:00:00.000Z", -72, "hour", "2021-06-20T00:00:00+00:00"),
    ] {
        let expression = json!({ "plusTime": [text, amount, unit] }).to_string();
        assert_eq!(word(&expression, json!(null)), expected, "{text} {amount} {unit}");
    }
    for (amount, unit) in [(INTEGER_MAX, "day"), (-INTEGER_MAX, "hour"), (INTEGER_MAX, "year"), (-300_000, "year")] {
        let expression = json!({ "plusTime": ["2021", amount, unit] }).to_string();
        assert_eq!(word(&expression, json!(null)), "range", "{amount} {unit}");
    }
}

#[test]
fn a_type_that_does_not_fit_is_a_fault() {
    for (expression, fault) in [
        (r#"{"+": [1, "1"]}"#, "type"),
        (r#"{"<": [1, true]}"#, "type"),
        (r#"{"before": ["2021-01-01", "2021-01-02"]}"#, "type"),
        (r#"{"in": [1, "text"]}"#, "type"),
        (r#"{"in": [1, {"var": "nothing"}]}"#, "type"),
        (r#"{"===": [[], []]}"#, "type"),
        (r#"{"plusTime": [{"plusTime": ["2021", 0, "day"]}, 0, "day"]}"#, "type"),
        (r#"{"plusTime": [{"var": "nothing"}, 0, "day"]}"#, "type"),
        (r#"{"!": [{"plusTime": ["2021", 0, "day"]}]}"#, "type"),
        (r#"{"!": [{"var": "half"}]}"#, "type"),
        (r#"{"reduce": [1, 1, 1]}"#, "type"),
        (r#"{"extractFromUVCI": [1, 1]}"#, "type"),
        (r#"{"dccDateOfBirth": ["2021-01-01T00:00:00Z"]}"#, "date"),
        (r#"{"+": [9007199254740991, 1]}"#, "range"),
        (r#"{"or": [true, false]}"#, "operation"),
        (r#"{"and": [true, {"future-operation": [1]}]}"#, "operation"),
    ] {
        assert_eq!(word(expression, json!({ "half": 0.5 })), fault, "{expression}");
    }
    // What is not evaluated is no fault.
    assert_eq!(word(r#"{"and": [false, {"or": [1]}]}"#, json!({})), "Bool(false)");
    assert_eq!(word(r#"{"if": [true, 1, {"or": [1]}]}"#, json!({})), "Integer(1)");
}

#[test]
fn a_hostile_expression_is_refused_with_its_line() {
    let deep = format!("{}true{}", "{\"!\":[\n".repeat(60), "]}".repeat(60));
    let bomb = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("[{}1]", "1,\n".repeat(5000));
    for (json, says) in [
        (deep.as_str(), "more than 96"),
        (bomb.as_str(), "more than 96"),
        (wide.as_str(), "more than 4096"),
        ("\n\n{\"+\": [1]}", "\"+\" takes 2 operands and has 1 at line 3"),
        ("{\"===\": [1, 1],\n\"===\": [1, 1]}", "one operation in each object"),
        ("{}", "an empty object"),
        ("null", "invalid type: null"),
        ("{\"and\": [true]}", "takes 2 or more operands"),
        ("{\"!\": true}", "stand in an array"),
        ("{\"var\": 1}", "invalid type: integer"),
        ("{\"var\": [\"a\"]}", "invalid type: sequence"),
        ("{\"plusTime\": [\"2021\", \"1\", \"day\"]}", "both written out"),
        ("{\"plusTime\": [\"2021\", 1, \"week\"]}", "\"year\", \"month\", \"day\" or \"hour\""),
        ("9007199254740992", "too large"),
        ("18446744073709551615", "too large"),
        ("1e400", "number out of range"),
        ("0.5", "not a whole number"),
        ("\"\\ud800\"", "hex escape"),
        ("[1, 2", "EOF"),
    ] {
        let fault = read(json).unwrap_err();
        assert!(fault.contains(says) && fault.contains("line"), "{json:.40}: {fault}");
    }
    assert!(read(&format!("\"{}\"", "x".repeat(300))).unwrap_err().contains("300 bytes"));
}

#[test]
fn nested_reductions_run_out_of_steps() {
    let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!({"reduce": [{"var": "data.x"}, inner, 0]}));
    let expression = json!({"reduce": [{"var": "x"}, {"reduce": [{"var": "data.x"}, {"reduce": [{"var": "data.data.x"}, 1, 0]}, 0]}, 0]});
    let data = json!({ "x": vec![1; 40] });
    assert_eq!(word(&expression.to_string(), data.clone()), "steps");
    assert_eq!(word(&nested(1).to_string(), data), "Integer(0)", "\"data\" is there inside of a reduction only");
}

#[test]
fn a_comparison_says_when_it_may_come_out_differently() {
    let stamps = [
        ("now", Value::Stamp(Stamp::Now { ahead_ms: 0 })),
        ("today", Value::Stamp(Stamp::Today)),
        ("day", Value::Stamp(Stamp::day("2021-09-08".parse().unwrap()))),
    ];
    let data = Value::object(stamps);
    for (expression, change) in [
        // 72 hours from 18 September, 00:00 UTC: level at that instant, past it a millisecond later.
        (r#"{"not-after": [$now, {"plusTime": ["2021-09-18", 72, "hour"]}]}"#, Some("2021-09-21T00:00:00Z")),
        (
            r#"{"not-after": [$now, {"plusTime": ["2021-09-20T05:00:00Z", 0, "hour"]}]}"#,
            Some("2021-09-20T05:00:00.001Z"),
        ),
        (r#"{"not-after": [$now, {"plusTime": ["2021-09-20T04:59:59Z", 0, "hour"]}]}"#, None),
        // Day 14 is 22 September, and begins at 17:00 UTC on the 21st.
        (r#"{"not-before": [$today, {"plusTime": [{"var": "day"}, 14, "day"]}]}"#, Some("2021-09-21T17:00:00Z")),
        (r#"{"not-before": [{"plusTime": [{"var": "day"}, 14, "day"]}, $today]}"#, Some("2021-09-21T17:00:00Z")),
        (r#"{"not-before": [$today, {"plusTime": [{"var": "day"}, 12, "day"]}]}"#, Some("2021-09-20T17:00:00Z")),
        (r#"{"not-before": [$today, {"plusTime": [{"var": "day"}, 11, "day"]}]}"#, None),
        (r#"{"before": [$today, $now]}"#, Some("2021-09-20T17:00:00Z")),
        (r#"{"before": [$now, {"plusTime": [{"var": "now"}, 1, "hour"]}]}"#, None),
        // Years and months of the clock: looked at again each day.
        (r#"{"before": [{"plusTime": [{"var": "today"}, -12, "year"]}, $now]}"#, Some("2021-09-20T17:00:00Z")),
        (r#"{"before": [{"plusTime": [{"var": "now"}, -1, "month"]}, $now]}"#, Some("2021-09-21T00:00:00Z")),
        // What is not evaluated changes nothing.
        (r#"{"and": [false, {"before": [$now, {"plusTime": ["2030", 0, "day"]}]}]}"#, None),
    ] {
        let written = expression
            .replace("$now", r#"{"plusTime": [{"var": "now"}, 0, "day"]}"#)
            .replace("$today", r#"{"plusTime": [{"var": "today"}, 0, "day"]}"#);
        let mut clock = Clock::at(at(NOW));
        read(&written).unwrap().holds(&data, &mut clock).unwrap();
        assert_eq!(clock.change(), change.map(at), "{expression}");
    }
}

/// Random conditions over clock and dates: between now and the change that is announced, nothing changes.
#[test]
fn nothing_changes_before_the_change_that_is_announced() {
    let mut seed = 1u64;
    let mut dice = |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    for round in 0..3000 {
        let mut time = || {
            let stamp = match dice(4) {
                0 => json!({"var": "now"}),
                1 => json!({"var": "today"}),
                2 => json!(format!("2021-09-{:02}", 1 + dice(30))),
                _ => json!(format!("2021-09-{:02}T{:02}:00:00+07:00", 1 + dice(30), dice(24))),
            };
            let unit = ["hour", "day", "month", "year"][dice(4) as usize];
            let amount = if matches!(unit, "month" | "year") { dice(3) as i64 - 1 } else { dice(40) as i64 - 20 };
            json!({"plusTime": [stamp, amount, unit]})
        };
        let (a, b, c) = (time(), time(), time());
        let operation = ["before", "not-after", "after", "not-before"][dice(4) as usize];
        let json = json!({"and": [{operation: [a.clone(), b]}, {operation: [c, a]}]}).to_string();
        let expression = read(&json).unwrap();
        let data =
            Value::object([("now", Value::Stamp(Stamp::Now { ahead_ms: 0 })), ("today", Value::Stamp(Stamp::Today))]);
        let start = at("2021-09-10T00:00:00Z") + TimeDelta::minutes(dice(20 * 24 * 60) as i64);
        let mut clock = Clock::at(start);
        let holds = expression.holds(&data, &mut clock).unwrap();
        let end = clock.change().unwrap_or(start + TimeDelta::days(60)).min(start + TimeDelta::days(60));
        assert!(end > start, "round {round}: {json}");
        let mut later = start;
        while later < end {
            assert_eq!(expression.holds(&data, &mut Clock::at(later)), Ok(holds), "round {round} at {later}: {json}");
            later += TimeDelta::minutes(61);
        }
        let last = end - TimeDelta::milliseconds(1);
        assert_eq!(expression.holds(&data, &mut Clock::at(last)), Ok(holds), "round {round} at {last}: {json}");
    }
}
