//! The demonstration, from pixels to passages: the flow test of the whole kiosk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The first visitor of the demonstration has left by then, and the first few.
const FIRST_MS: u64 = 8_000;
const FEW_MS: u64 = 48_000;

/// The demonstration. It depends on its maker alone, which is part of this program: what was made after the program was built is
/// kept for the next run.
fn demo() -> &'static Path {
    static DEMO: OnceLock<PathBuf> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        let age = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
        // The index is written last.
        let made = age(&folder.join("recording.jsonl"));
        if made.is_none() || made <= age(&std::env::current_exe().unwrap()) {
            let _ = std::fs::remove_dir_all(&folder);
            trustctl::demo::write(&folder, trustctl::demo::SEED, |_, _| ()).unwrap();
        }
        folder
    })
}

fn replay(recording: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_kiosk")).arg("replay").arg(recording).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The plain replay, read once for all tests here.
fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| replay(demo(), &[]))
}

/// What came before this many milliseconds, as a demonstration of its own. With `again_ms`, the same once more from then on; with
/// `settings`, more of them.
fn part(name: &str, until_ms: u64, again_ms: Option<u64>, settings: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("trust-keys")).unwrap();
    let index = std::fs::read_to_string(demo().join("recording.jsonl")).unwrap();
    let mut lines = index.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let head = lines.next().unwrap();
    let frames: Vec<_> = lines.take_while(|frame| frame["ms"].as_u64().unwrap() < until_ms).collect();
    let mut written = format!("{head}\n");
    for later_ms in [0].into_iter().chain(again_ms) {
        for frame in &frames {
            let file = frame["file"].as_str().unwrap();
            std::fs::copy(demo().join(file), folder.join(file)).unwrap();
            let mut frame = frame.clone();
            frame["ms"] = (frame["ms"].as_u64().unwrap() + later_ms).into();
            written += &format!("{frame}\n");
        }
    }
    std::fs::write(folder.join("recording.jsonl"), written).unwrap();
    let whole = std::fs::read_to_string(demo().join("kiosk.toml")).unwrap();
    std::fs::write(folder.join("kiosk.toml"), format!("{whole}\n{settings}")).unwrap();
    for file in std::fs::read_dir(demo().join("trust-keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.join("trust-keys").join(file.file_name())).unwrap();
    }
    folder
}

/// Outcome and reason of each line.
fn words(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().skip(2).take(2).collect::<Vec<_>>().join(" ")).collect()
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
    let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let expected = visitors
        .iter()
        .map(|visitor| format!("{} {}", word(&visitor["outcome"]).to_uppercase(), word(&visitor["reason"])));
    assert_eq!(words(text()), expected.collect::<Vec<_>>());
    assert!(visitors.len() >= 12, "a dozen visitors, one for each outcome");
}

#[test]
fn as_json_a_passage_says_the_same_and_neither_names_anybody() {
    let visitors = std::fs::read_to_string(demo().join("visitors.json")).unwrap();
    assert!(visitors.contains("outcome"));
    let json = replay(&part("few", FEW_MS, None, ""), &["--json"]);
    let passages: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = passages.iter().map(|passage| {
        let word = |name: &str| passage[name].as_str().unwrap_or("-").to_owned();
        format!("{} {}", word("outcome").to_uppercase(), word("reason"))
    });
    let said: Vec<_> = said.collect();
    assert!(said.len() >= 3, "{said:?}");
    assert_eq!(said, words(text())[..said.len()]);
    for word in ["Nguyễn", "Trần", "Lê ", "Phạm", "Hoàng", "999"] {
        assert!(!text().contains(word) && !json.contains(word), "{word}");
    }
}

#[test]
fn another_time_changes_the_verdicts() {
    // Four months later every declaration is old, and what was signed for a week has ended.
    let later = replay(&part("later", FEW_MS, None, ""), &["--now", "2026-07-02T08:00:00+07:00"]);
    assert!(text().contains("ADMIT") && !later.contains("ADMIT"), "{later}");
    assert!(later.contains("C-EXPIRED") || later.contains("S-OLDLIST"), "{later}");
}

#[test]
fn a_replay_notices_who_passed_before_as_the_settings_say() {
    for (again_minutes, expected) in [(5, ["ADMIT -", "REFER V-AGAIN"]), (0, ["ADMIT -", "ADMIT -"])] {
        let settings = format!("[passback]\nagain_minutes = {again_minutes}\n");
        let twice = part(&format!("again-{again_minutes}"), FIRST_MS, Some(60_000), &settings);
        assert_eq!(words(&replay(&twice, &[])), expected, "{again_minutes} minutes");
    }
}
