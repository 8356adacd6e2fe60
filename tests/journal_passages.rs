//! `kiosk passages`, as text.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use checkpoint::passage::day::Works;
use checkpoint::passage::record::Event;
use checkpoint::passage::{Direction, Draft, Note, Outcome, RuleSetUsed};
use chrono::{DateTime, Utc};
use clap::Parser;
use kiosk::commands::passages::{PassagesArgs, passages};
use kiosk::journal::Journal;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: PassagesArgs,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A morning at the checkpoint.
fn morning(dir: &Path) -> Journal {
    let mut journal = Journal::open(dir, "0123456789abcdef").unwrap().0;
    journal.append_restart(at("2026-02-28T23:55:00Z"), at("2026-02-28T23:55:00Z"), None).unwrap();
    let mut corrected = None;
    for (time, direction, outcome, reason) in [
        ("2026-03-01T00:10:00Z", Direction::In, Outcome::Admit, None),
        ("2026-03-01T00:20:00Z", Direction::Out, Outcome::Admit, None),
        ("2026-03-01T01:05:00Z", Direction::In, Outcome::Refuse, Some("R-DOSES")),
        ("2026-03-01T01:06:00Z", Direction::In, Outcome::Override, Some("G-emergency")),
    ] {
        let draft = Draft {
            reason: reason.map(str::to_owned),
            rule_sets: vec![RuleSetUsed {
                id: "two-doses-14-days".into(),
                version: 2,
                province: Some("Hà Nội".into()),
            }],
            trust_list: Some(7),
            refers_to: corrected.filter(|_| outcome == Outcome::Override),
            ..Draft::plain(at(time), "HN-CK-0023", direction, outcome)
        };
        corrected = Some(journal.append(&draft, None).unwrap());
    }
    journal
}

/// What is written, and what is said beside it: that nothing matches, or why there is no answer.
fn asked(dir: &Path, line: &str) -> (String, String) {
    let line = Line::try_parse_from(std::iter::once("passages").chain(line.split_whitespace())).unwrap();
    let mut out = Vec::new();
    let said = match passages(&line.args, dir, at("2026-03-01T12:00:00Z"), &mut out) {
        Ok(nothing) => nothing.map(|nothing| nothing.to_string()).unwrap_or_default(),
        Err(fault) => format!("error: {fault}"),
    };
    (String::from_utf8(out).unwrap(), said)
}

fn says(dir: &Path, line: &str) -> String {
    let (out, said) = asked(dir, line);
    assert_eq!(said, "", "{line}");
    out
}

#[test]
fn lists_for_people_while_the_kiosk_runs() {
    let dir = tempfile::tempdir().unwrap();
    let _running = morning(dir.path());
    let expected = [
        "     NO  TIME (+07:00)        DIR  OUTCOME     REASON            LOCATION        LIST    IDENTITY        RULE SETS",
        "      1  2026-03-01 06:55:00  -    kiosk started, program 0.1.0",
        "      2  2026-03-01 07:10:00  in   admit       -                 HN-CK-0023      7       nobody          two-doses-14-days@2",
        "      3  2026-03-01 07:20:00  out  admit       -                 HN-CK-0023      7       nobody          two-doses-14-days@2",
        "      4  2026-03-01 08:05:00  in   refuse      R-DOSES           HN-CK-0023      7       nobody          two-doses-14-days@2",
        "      5  2026-03-01 08:06:00  in   override    G-emergency #4    HN-CK-0023      7       nobody          two-doses-14-days@2",
    ];
    assert_eq!(says(dir.path(), "").lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_start_says_how_the_kiosk_works_from_there_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path(), "0123456789abcdef").unwrap().0;
    let works = Works {
        mode: "training".into(),
        location: "HN-CK-0023".into(),
        direction: Direction::In,
        rule_sets: vec![RuleSetUsed { id: "two-doses-14-days".into(), version: 2, province: Some("Hà Nội".into()) }],
        retention_days: 1,
        settings: "00112233445566ff".into(),
    };
    let start = at("2026-02-28T23:55:00Z");
    let event = Event::Restart(journal.restart(Some(7), Some(works)));
    journal.append_note(Note { at: start, floor: start, event }).unwrap();
    journal.append(&Draft::plain(start, "HN-CK-0023", Direction::In, Outcome::Admit), None).unwrap();
    let expected = "kiosk started, program 0.1.0, training at HN-CK-0023, in, rules two-doses-14-days@2, names for 1 days, \
                    settings 00112233445566ff";
    let said = says(dir.path(), "");
    assert!(said.contains(expected), "{said}");
}

#[test]
fn counts_by_hour_and_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let _running = morning(dir.path());
    let expected = "\
HOUR (+07:00)          admit      refuse       refer    override  registered       waved         all
2026-03-01 07:00           2           0           0           0           0           0           2
2026-03-01 08:00           0           1           0           1           0           0           2
all                        2           1           0           1           0           0           4
";
    assert_eq!(says(dir.path(), "--count"), expected);
    assert_eq!(says(dir.path(), "--count --direction out --csv").lines().last(), Some("all,1,0,0,0,0,0,1"));
}

#[test]
fn machine_output_is_one_record_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let _running = morning(dir.path());
    let json = says(dir.path(), "--json --outcome refuse");
    let line: serde_json::Value = serde_json::from_str(json.trim_end()).unwrap();
    assert_eq!(line["sequence"], 4);
    assert_eq!(line["event"]["reason"], "R-DOSES");
    let csv = says(dir.path(), "--csv --since 2026-03-01T08:06 --until 2026-03-01T08:07");
    assert_eq!(
        csv.lines().nth(1),
        Some(
            "5,2026-03-01T08:06:00+07:00,passage,HN-CK-0023,in,override,G-emergency,two-doses-14-days@2,7,4,nobody,\
             0123456789abcdef"
        )
    );
}

#[test]
fn statistics_are_by_hour_by_reason_and_of_scan_times() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = morning(dir.path());
    for (millis, reason) in [(300, "R-DOSES"), (100, "R-EXPIRED"), (900, "R-DOSES")] {
        let draft = Draft {
            reason: Some(reason.into()),
            scan: Some(std::time::Duration::from_millis(millis)),
            ..Draft::plain(at("2026-03-01T02:00:00Z"), "HN-CK-0023", Direction::In, Outcome::Refuse)
        };
        running.append(&draft, None).unwrap();
    }
    let expected = "\
HOUR (+07:00)          admit      refuse       refer    override  registered       waved         all
2026-03-01 07:00           2           0           0           0           0           0           2
2026-03-01 08:00           0           1           0           1           0           0           2
2026-03-01 09:00           0           3           0           0           0           0           3
all                        2           4           0           1           0           0           7

REASON                 COUNT  OUTCOME
R-DOSES                    3  refuse
G-emergency                1  override
R-EXPIRED                  1  refuse

scan time: median 300 ms, p95 900 ms, longest 900 ms, of 3 passages
";
    assert_eq!(says(dir.path(), "--statistics"), expected);
    let json: serde_json::Value =
        serde_json::from_str(says(dir.path(), "--statistics --json --outcome refuse").trim_end()).unwrap();
    assert_eq!(json["scans"]["median_ms"], 300);
    assert_eq!(json["hours"].as_array().unwrap().len(), 2);
    assert_eq!(json["reasons"][0], serde_json::json!({"reason": "R-DOSES", "outcome": "refuse", "count": 3}));
    let csv = says(dir.path(), "--statistics --csv");
    assert_eq!(csv.lines().next(), Some("what,of,outcome,count"));
    assert!(
        csv.contains("hour,2026-03-01T09:00:00+07:00,refuse,3\n") && csv.ends_with("scan,longest_ms,,900\n"),
        "{csv}"
    );
    let (empty, _) = asked(dir.path(), "--statistics --until 2026-02-01");
    assert!(empty.ends_with("scan time: no passage says\n"), "{empty}");
}

#[test]
fn says_where_no_journal_is() {
    let dir = tempfile::tempdir().unwrap();
    let (out, said) = asked(dir.path(), "");
    assert!(out.is_empty() && said.starts_with("error: there is no journal in "), "{said}");
}

#[test]
fn an_empty_list_is_told_from_a_quiet_day() {
    let dir = tempfile::tempdir().unwrap();
    let _running = morning(dir.path());
    let nothing =
        "nothing matches; the journal holds 5 records from 2026-03-01 06:55:00 to 2026-03-01 08:06:00 (+07:00)";
    for (line, expected) in [
        // A reason that can come and did not, and times without a passage, are quiet.
        ("--reason S-SIG", nothing),
        ("--reason R-DOSES --outcome admit --count", nothing),
        ("--since 2026-03-01T09:00 --statistics", nothing),
        ("--until 2026-02-01 --csv", nothing),
        // What nobody can have meant is an error.
        (
            "--reason R-DOSE",
            "error: no reason has the code R-DOSE, did you mean R-DOSES?; passages of this journal have G-emergency, R-DOSES",
        ),
        (
            "--reason emergency",
            "error: no reason has the code emergency, did you mean G-EMERGENCY?; passages of this journal have G-emergency, R-DOSES",
        ),
        (
            "--reason tired --json",
            "error: no reason has the code tired; passages of this journal have G-emergency, R-DOSES",
        ),
        (
            "--since 2026-03-01T08:00 --until 2026-03-01T07:00",
            "error: no time lies between --since 2026-03-01 08:00:00 and --until 2026-03-01 07:00:00 (+07:00): give the earlier one as --since",
        ),
        (
            "--since 2026-03-01 --until 2026-03-01 --count",
            "error: no time lies between --since 2026-03-01 00:00:00 and --until 2026-03-01 00:00:00 (+07:00): give the earlier one as --since",
        ),
        (
            "--since 2026-03-02",
            "error: --since 2026-03-02 00:00:00 (+07:00) has not come yet: it is 2026-03-01 19:00:00",
        ),
    ] {
        assert_eq!(asked(dir.path(), line).1, expected, "{line}");
    }
    let fresh = tempfile::tempdir().unwrap();
    drop(Journal::open(fresh.path(), "0123456789abcdef").unwrap());
    assert_eq!(asked(fresh.path(), "").1, "nothing was recorded yet");
    for bad in ["--outcome late", "--direction up", "--since soon"] {
        let line = Line::try_parse_from(std::iter::once("passages").chain(bad.split_whitespace()));
        assert!(line.is_err_and(|error| error.to_string().contains("give ")), "{bad}");
    }
}

#[test]
fn a_reason_is_found_beside_the_word_that_a_guard_typed_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = morning(dir.path());
    let draft = Draft {
        reason: Some("G-PAPER-TYPED R-DOSES".into()),
        ..Draft::plain(at("2026-03-01T02:00:00Z"), "HN-CK-0023", Direction::In, Outcome::Refer)
    };
    running.append(&draft, None).unwrap();
    for (line, found) in [("R-DOSES", 2), ("G-PAPER-TYPED", 1)] {
        let csv = says(dir.path(), &format!("--csv --reason {line}"));
        assert_eq!(csv.lines().count(), 1 + found, "{csv}");
        let counts = says(dir.path(), &format!("--csv --count --reason {line}"));
        assert!(counts.ends_with(&format!(",{found}\n")), "{counts}");
    }
}
