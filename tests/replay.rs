//! The demonstration, from pixels to passages: the flow test of the whole kiosk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The demonstration, made once for all tests here.
fn demo() -> &'static Path {
    static DEMO: OnceLock<PathBuf> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        let _ = std::fs::remove_dir_all(&folder);
        trustctl::demo::write(&folder, trustctl::demo::SEED, |_, _| ()).unwrap();
        folder
    })
}

fn replay(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kiosk")).arg("replay").arg(demo()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The plain replay, read once for all tests here.
fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| replay(&[]))
}

/// The same as JSON.
fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| replay(&["--json"]))
}

#[test]
fn the_demo_replays_to_the_same_text_on_every_machine() {
    let expected = include_str!("replay-demo.txt");
    assert_eq!(text(), expected, "if this is meant, write the new text to tests/replay-demo.txt");
}

#[test]
fn every_visitor_of_the_demo_gets_what_the_script_says() {
    let visitors = std::fs::read_to_string(demo().join("visitors.json")).unwrap();
    let visitors: Vec<serde_json::Value> = serde_json::from_str(&visitors).unwrap();
    let passages: Vec<serde_json::Value> = json().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected: Vec<_> = visitors.iter().map(|visitor| (&visitor["outcome"], &visitor["reason"])).collect();
    let happened: Vec<_> = passages.iter().map(|passage| (&passage["outcome"], &passage["reason"])).collect();
    assert_eq!(happened, expected);
    assert!(visitors.len() >= 12, "a dozen visitors, one for each outcome");
}

#[test]
fn no_name_and_no_number_is_in_what_a_replay_prints() {
    let visitors = std::fs::read_to_string(demo().join("visitors.json")).unwrap();
    let printed = format!("{}{}", text(), json());
    for word in ["Nguyễn", "Trần", "Lê ", "Phạm", "Hoàng", "999"] {
        assert!(!printed.contains(word), "{word}");
    }
    assert!(visitors.contains("outcome"));
}

#[test]
fn another_time_changes_the_verdicts() {
    // Four months later every declaration is old, and what was signed for a week has ended.
    let later = replay(&["--now", "2026-07-02T08:00:00+07:00"]);
    assert!(!later.contains("ADMIT"), "{later}");
    assert!(later.contains("C-EXPIRED") || later.contains("S-OLDLIST"), "{later}");
}

/// The demonstration's first visitor before the camera, and again a minute later, where the settings remember this long.
fn first_visitor_twice(again_minutes: u64) -> Vec<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("again-{again_minutes}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let index = std::fs::read_to_string(demo().join("recording.jsonl")).unwrap();
    let mut lines = index.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let head = lines.next().unwrap();
    let frames: Vec<_> = lines.take_while(|frame| frame["ms"].as_u64().unwrap() < 8_000).collect();
    let mut written = format!("{head}\n");
    for later_ms in [0, 60_000] {
        for frame in &frames {
            let file = frame["file"].as_str().unwrap();
            std::fs::copy(demo().join(file), folder.join(file)).unwrap();
            let mut frame = frame.clone();
            frame["ms"] = (frame["ms"].as_u64().unwrap() + later_ms).into();
            written += &format!("{frame}\n");
        }
    }
    std::fs::write(folder.join("recording.jsonl"), written).unwrap();
    let settings = std::fs::read_to_string(demo().join("kiosk.toml")).unwrap();
    assert!(!settings.contains("[passback]"), "one table of that name");
    let settings = format!("{settings}\n[passback]\nagain_minutes = {again_minutes}\n");
    std::fs::write(folder.join("kiosk.toml"), settings).unwrap();
    let trust = demo().join("trust-keys");
    let output =
        Command::new(env!("CARGO_BIN_EXE_kiosk")).arg("replay").arg(&folder).arg("--trust").arg(trust).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let words = |line: &str| line.split_whitespace().skip(2).take(2).collect::<Vec<_>>().join(" ");
    String::from_utf8(output.stdout).unwrap().lines().map(words).collect()
}

#[test]
fn a_replay_notices_who_passed_before_as_the_settings_say() {
    assert_eq!(first_visitor_twice(5), ["ADMIT -", "REFER V-AGAIN"]);
    assert_eq!(first_visitor_twice(0), ["ADMIT -", "ADMIT -"]);
}
