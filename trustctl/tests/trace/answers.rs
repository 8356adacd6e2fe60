//! What an answer says of stays, of papers that are not who they say, and of what nobody can know.

use std::fs;
use std::process::Command;

use checkpoint::passage::day::{ClockChanged, HeadText};
use checkpoint::passage::record::{Event, JournalId};
use checkpoint::passage::{Direction, Draft, Identity, Outcome, PassageId, Proof};
use chrono::NaiveDate;
use trustctl::keys::days::DayKeys;
use trustctl::keys::passphrase::Passphrase;

use super::office::{Kiosk, Office, an, binh, cells, chi, kinds, only, person};

use Direction::{In, Out};
use Outcome::{Admit, Override, Refuse, Registered, Waved};

const AN: [&str; 2] = ["--number", "001087000001"];
const BINH: [&str; 2] = ["--number", "001190000002"];

/// A kiosk's records, all on one stick, and a question about them.
fn ask(office: &Office, kiosks: &[&Kiosk], question: &[&str]) -> (Vec<serde_json::Value>, serde_json::Value) {
    let stick = tempfile::tempdir().unwrap();
    for kiosk in kiosks {
        kiosk.send(stick.path(), 1, kiosk.entries.len());
    }
    office.ask(question, stick.path())
}

fn market(office: &Office) -> Kiosk {
    Kiosk::new(office, 1, "HN-MARKET")
}

/// A later record that says what really happened in an earlier one.
fn correct(kiosk: &mut Kiosk, time: &str, of: u64, outcome: Outcome, reason: &str, who: Identity) {
    #[expect(clippy::disallowed_methods, reason = "a journal of a test: the record that is corrected is in it")]
    let refers_to = Some(PassageId::durable(of));
    let draft = kiosk.draft(time, In, outcome);
    kiosk.record(&Draft { refers_to, reason: Some(reason.into()), identity: Some(who), ..draft });
}

#[test]
fn whoever_was_inside_over_the_whole_time_was_there() {
    let office = Office::new();
    let mut kiosk = market(&office);
    kiosk.pass("2026-03-01 06:00", In, Admit, chi());
    kiosk.pass("2026-03-01 07:00", In, Admit, an());
    kiosk.pass("2026-03-01 08:10", In, Admit, binh());
    kiosk.pass("2026-03-01 11:00", Out, Admit, an());
    let window = ["--from", "2026-03-01 08:00", "--to", "2026-03-01 09:00"];
    let (rows, _) = ask(&office, &[&kiosk], &[&["place", "HN-MARKET"][..], &window].concat());
    assert_eq!(
        cells(&rows, &["what", "time", "until", "minutes", "ends", "why", "name"]),
        [
            ["stay", "2026-03-01T07:00:00+07:00", "2026-03-01T11:00:00+07:00", "240", "recorded", "", "Nguyễn Văn An"],
            ["passage", "2026-03-01T08:10:00+07:00", "", "null", "", "", "Trần Thị Bình"],
            [
                "stay",
                "2026-03-01T08:10:00+07:00",
                "2026-03-01T09:10:00+07:00",
                "60",
                "assumed",
                "no-out",
                "Trần Thị Bình"
            ],
        ],
        "Chi, who came at six, is not assumed to be there any more"
    );
    let (rows, _) = ask(&office, &[&kiosk], &[&["person"][..], &AN, &window].concat());
    assert_eq!(cells(&rows, &["what", "minutes"]), [["stay", "240"]]);
    let (rows, _) = ask(&office, &[&kiosk], &[&["place", "HN-MARKET", "--stay", "180"][..], &window].concat());
    assert_eq!(rows.len(), 4, "with longer visits assumed, she may be");
}

#[test]
fn papers_that_were_not_this_persons_make_no_stay_and_no_contact() {
    let office = Office::new();
    let mut kiosk = market(&office);
    kiosk.pass("2026-03-01 08:00", In, Admit, an());
    correct(&mut kiosk, "2026-03-01 08:01", 1, Refuse, "G-NOT-THIS-PERSON", an());
    kiosk.pass("2026-03-01 08:10", In, Admit, binh());
    let (rows, _) = ask(&office, &[&kiosk], &[&["contacts"][..], &BINH].concat());
    assert!(rows.is_empty(), "{rows:?}");
    let (rows, _) = ask(&office, &[&kiosk], &[&["person"][..], &AN].concat());
    assert_eq!(cells(&rows, &["what", "outcome"]), [["passage", "admit"], ["passage", "refuse"]], "no stay");
    let notes = rows[0]["notes"].as_str().unwrap();
    assert_eq!(notes, "corrected by record 2 of 2026-03-01 08:01:00: G-NOT-THIS-PERSON");
    // The guard lets the one pass all the same who carries these papers: that somebody went in is a contact, and is said.
    correct(&mut kiosk, "2026-03-01 08:02", 2, Override, "G-ORDER", an());
    let (rows, _) = ask(&office, &[&kiosk], &[&["person"][..], &AN].concat());
    let stays = only("stay", &rows);
    assert_eq!(cells(&stays, &["time", "ends"]), [["2026-03-01T08:02:00+07:00", "assumed"]]);
    let said = "the guard said before (record 2) that this is not this person";
    assert!(stays[0]["notes"].as_str().unwrap().contains(said));
    let (rows, _) = ask(&office, &[&kiosk], &[&["contacts"][..], &BINH].concat());
    assert!(rows.len() == 1 && rows[0]["notes"].as_str().unwrap().contains(said), "{rows:?}");
}

#[test]
fn whoever_was_let_pass_after_all_was_there_from_then_on() {
    let office = Office::new();
    let mut kiosk = market(&office);
    kiosk.pass("2026-03-01 08:00", In, Refuse, an());
    correct(&mut kiosk, "2026-03-01 08:05", 1, Override, "G-ORDER", an());
    kiosk.pass("2026-03-01 08:30", Out, Admit, an());
    let (rows, _) = ask(&office, &[&kiosk], &[&["person"][..], &AN].concat());
    let stays = only("stay", &rows);
    assert_eq!(cells(&stays, &["time", "minutes", "ends"]), [["2026-03-01T08:05:00+07:00", "25", "recorded"]]);
}

#[test]
fn a_borrowed_number_renames_nobody() {
    let office = Office::new();
    let mut kiosk = market(&office);
    let mut gian = person("Phạm Văn Gian", "1970-01-01", Some("001087000001"));
    gian.proof = Proof::Unsigned;
    kiosk.pass("2026-03-01 07:00", In, Registered, gian);
    kiosk.pass("2026-03-01 09:00", In, Admit, an());
    kiosk.pass("2026-03-01 09:30", In, Admit, person("NGUYEN VAN AN", "1987", Some("0010 8700 0001")));
    let (rows, about) = ask(&office, &[&kiosk], &["place", "HN-MARKET"]);
    assert_eq!(about["people"], 2);
    assert_eq!(
        cells(&only("passage", &rows), &["name", "proof", "known_as"]),
        [
            ["Phạm Văn Gian", "unsigned", ""],
            ["Nguyễn Văn An", "verified", ""],
            ["NGUYEN VAN AN", "verified", "Nguyễn Văn An"],
        ]
    );
    let (rows, about) = ask(&office, &[&kiosk], &[&["person"][..], &AN].concat());
    assert_eq!(only("passage", &rows).len(), 3, "each who showed the number is found by it");
    assert_eq!(kinds(&about["remarks"]), ["one-number"]);
    let named = ["person", "--name", "Nguyễn Văn An", "--birth", "1987-01-18"];
    let (rows, about) = ask(&office, &[&kiosk], &named);
    assert_eq!((only("passage", &rows).len(), about["remarks"].as_array().unwrap().len()), (2, 0));
}

#[test]
fn the_best_proven_paper_names_somebody_whatever_came_first() {
    let office = Office::new();
    let mut kiosk = market(&office);
    let mut mistyped = person("Nguyễn Văn Ân", "1987-01-18", Some("001087000001"));
    mistyped.proof = Proof::ByEye;
    kiosk.pass("2026-03-01 08:00", In, Admit, mistyped);
    kiosk.pass("2026-03-01 08:05", In, Admit, binh());
    kiosk.pass("2026-03-01 08:10", In, Admit, an());
    let (rows, _) = ask(&office, &[&kiosk], &[&["contacts"][..], &BINH].concat());
    assert_eq!(
        cells(&rows, &["name", "proof", "known_as"]),
        [["Nguyễn Văn An", "verified", ""], ["Nguyễn Văn Ân", "by-eye", "Nguyễn Văn An"]],
        "each contact rests on its own paper"
    );
}

#[test]
fn a_stay_over_days_is_found_within_and_is_assumed_beyond_the_longest() {
    let office = Office::new();
    let mut kiosk = Kiosk::new(&office, 1, "HN-FACTORY");
    kiosk.pass("2026-03-01 07:00", In, Admit, an());
    kiosk.pass("2026-03-01 07:05", In, Admit, binh());
    kiosk.pass("2026-03-09 18:00", Out, Admit, binh());
    kiosk.pass("2026-03-09 18:05", Out, Admit, an());
    let window = ["--from", "2026-03-04", "--to", "2026-03-05"];
    let question = [&["contacts"][..], &AN, &window].concat();
    let (rows, about) = ask(&office, &[&kiosk], &question);
    assert_eq!(about["findings"].as_array().unwrap().len(), 0, "records before and after it arrived");
    assert_eq!(cells(&rows, &["name", "minutes", "ends", "why"]), [["Trần Thị Bình", "12175", "assumed", "long"]]);
    let (rows, _) = ask(&office, &[&kiosk], &[&question[..], &["--longest", "240"]].concat());
    assert_eq!(cells(&rows, &["minutes", "ends", "why"]), [["12175", "recorded", ""]]);
    let (rows, _) = ask(&office, &[&kiosk], &[&["place", "HN-FACTORY"][..], &window].concat());
    assert_eq!(cells(&rows, &["what", "name"]), [["stay", "Nguyễn Văn An"], ["stay", "Trần Thị Bình"]]);
}

#[test]
fn whom_the_sealed_lines_name_is_found_and_what_was_shown_is_shown() {
    let office = Office::new();
    let mut kiosk = Kiosk::new(&office, 1, "HN-SCHOOL");
    let mut pupil = person("Bé Na", "2017-01-01", Some("HS-1"));
    pupil.shown.push("picked up by: Trần Thị Mẫu, 1985, 001185000002".into());
    kiosk.pass("2026-03-01 16:30", Out, Admit, pupil);
    let mut visitor = an();
    visitor.shown = vec![
        "VN-MOH x: declaration 2026-03-01 symptoms [] contact false places [Đà Nẵng; Huế]".into(),
        "unsigned cccd: Nguyễn Văn An, 1987-01-18, 012345678".into(),
        "another person: unsigned cccd: Lê Thị Chi, 1999-07-21, 001199000003".into(),
    ];
    kiosk.pass("2026-03-01 16:40", In, Admit, visitor);
    let found = |number: &str| ask(&office, &[&kiosk], &["person", "--number", number]).0;
    let columns = ["what", "name", "as", "proof", "notes"];
    assert_eq!(
        cells(&found("001185000002"), &columns),
        [["passage", "Trần Thị Mẫu", "picked-up", "unsigned", "named in the visit of Bé Na"]]
    );
    assert_eq!(
        cells(&found("001199000003"), &columns),
        [["passage", "Lê Thị Chi", "code-shown", "unsigned", "named in the visit of Nguyễn Văn An"]]
    );
    let other_paper = only("passage", &found("012345678"));
    assert_eq!(cells(&other_paper, &["name", "as"]), [["Nguyễn Văn An", "visitor"]]);
    let shown = other_paper[0]["shown"].as_str().unwrap();
    assert!(shown.contains("places [Đà Nẵng; Huế]") && shown.contains("another person: "), "{shown}");
    let (rows, _) = ask(&office, &[&kiosk], &["contacts", "--number", "HS-1"]);
    assert_eq!(cells(&rows, &["name", "minutes"])[0][0], "Trần Thị Mẫu", "{rows:?}");
}

#[test]
fn visitors_without_a_name_and_a_clock_in_doubt_are_said() {
    let office = Office::new();
    let mut kiosk = market(&office);
    let opening = kiosk.draft("2026-03-01 07:00", In, Waved);
    kiosk.record(&Draft { visitors: 4, ..opening.clone() });
    kiosk.record(&opening);
    let group = Draft { visitors: 3, identity: Some(binh()), ..kiosk.draft("2026-03-01 07:30", In, Admit) };
    kiosk.record(&group);
    let clock = |confidence: &str| {
        Event::ClockChanged(ClockChanged {
            from: office_time(),
            to: office_time(),
            by: "system".into(),
            guard: None,
            confidence: Some(confidence.into()),
        })
    };
    kiosk.note("2026-03-01 08:00", clock("doubtful"));
    kiosk.pass("2026-03-01 08:01", In, Admit, an());
    kiosk.note("2026-03-01 08:02", clock("steady"));
    kiosk.pass("2026-03-01 08:03", In, Admit, chi());
    let (rows, about) = ask(&office, &[&kiosk], &["place", "HN-MARKET"]);
    assert_eq!(kinds(&about["remarks"]), ["unnamed", "clock-in-doubt"]);
    assert_eq!(
        about["remarks"][0]["text"],
        "7 visitor(s) of that time have no name here: no code named them (admit 2, waved 5)"
    );
    assert!(about["remarks"][1]["text"].as_str().unwrap().starts_with("1 passage(s) of 2026-03-01 08:01:00"));
    assert_eq!(
        cells(&only("passage", &rows), &["name", "why"]),
        [["Trần Thị Bình", ""], ["Nguyễn Văn An", "clock"], ["Lê Thị Chi", ""]]
    );
    let later = ["place", "HN-MARKET", "--from", "2026-03-01 08:00"];
    let (_, about) = ask(&office, &[&kiosk], &later);
    assert_eq!(kinds(&about["remarks"]), ["clock-in-doubt"], "nobody without a name came later");
}

fn office_time() -> chrono::DateTime<chrono::Utc> {
    super::office::at("2026-03-01 08:00")
}

#[test]
fn nobody_of_a_group_that_one_stopped_is_lost() {
    let office = Office::new();
    let mut kiosk = market(&office);
    let family = |own: Option<[Outcome; 2]>| {
        let (mut first, mut second) = (an(), binh());
        (first.outcome, second.outcome) = (own.map(|own| own[0]), own.map(|own| own[1]));
        first.companions.push(second);
        first
    };
    let group = |kiosk: &Kiosk, time: &str, own| Draft {
        visitors: 2,
        identity: Some(family(own)),
        ..kiosk.draft(time, In, Refuse)
    };
    let as_now = group(&kiosk, "2026-03-01 08:00", Some([Admit, Refuse]));
    kiosk.record(&as_now);
    kiosk.pass("2026-03-01 08:30", In, Admit, chi());
    let question = ["contacts", "--number", "001199000003"];
    let (rows, about) = ask(&office, &[&kiosk], &question);
    assert_eq!(
        cells(&rows, &["name", "minutes", "ends", "why"]),
        [["Nguyễn Văn An", "30", "assumed", "no-out group"]],
        "he was in order; she was stopped"
    );
    assert_eq!(kinds(&about["remarks"]), ["groups"]);
    // Sealed before each one's own was kept: either may have gone on.
    let mut before = market(&office);
    let as_then = group(&before, "2026-03-01 08:00", None);
    before.record(&as_then);
    before.pass("2026-03-01 08:30", In, Admit, chi());
    let (rows, _) = ask(&office, &[&before], &question);
    assert_eq!(cells(&rows, &["name", "minutes"]), [["Nguyễn Văn An", "30"], ["Trần Thị Bình", "30"]]);
}

#[test]
fn a_head_that_another_kiosk_scanned_tells_what_did_not_arrive() {
    let office = Office::new();
    let (mut market, mut gate) = (market(&office), Kiosk::new(&office, 2, "HN-GATE"));
    for (time, who) in [("2026-03-01 07:00", an()), ("2026-03-01 07:01", binh()), ("2026-03-01 07:02", chi())] {
        market.pass(time, In, Admit, who);
    }
    gate.note("2026-03-01 08:00", Event::Witness(HeadText { text: market.head("2026-03-01 07:03") }));
    let stick = tempfile::tempdir().unwrap();
    gate.send(stick.path(), 1, 1);
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!(kinds(&about["findings"]), ["behind"]);
    assert!(about["findings"][0]["text"].as_str().unwrap().contains("none of its records arrived"));
    market.send(stick.path(), 1, 2);
    let (_, about) = office.ask(&["check"], stick.path());
    let text = about["findings"][0]["text"].as_str().unwrap();
    assert!(text.contains("records 3 to 3 did not arrive") && text.contains("record 1 of"), "{text}");
    assert!(office.trace(&["check"], stick.path()).status.success(), "they may still arrive");
    market.send(stick.path(), 3, 3);
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!(about["findings"].as_array().unwrap().len(), 0);

    // An older copy was put back, and what was scanned is no more.
    let mut older = Kiosk { entries: market.entries[..2].to_vec(), ..self::market(&office) };
    older.pass("2026-03-01 07:02", In, Admit, an());
    let stick = tempfile::tempdir().unwrap();
    gate.send(stick.path(), 1, 1);
    older.send(stick.path(), 1, 3);
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!(kinds(&about["findings"]), ["witness-contradicts"]);
    assert_eq!(office.trace(&["check"], stick.path()).status.code(), Some(1));
}

#[test]
fn a_device_that_began_another_journal_is_told() {
    let office = Office::new();
    let (mut first, mut second) = (market(&office), market(&office));
    second.journal = JournalId([9; 16]);
    first.pass("2026-03-01 07:00", In, Admit, an());
    second.pass("2026-03-01 08:00", In, Admit, chi());
    let (rows, about) = ask(&office, &[&first, &second], &["place", "HN-MARKET"]);
    assert_eq!((only("passage", &rows).len(), kinds(&about["findings"])), (2, vec!["two-journals"]));
    let text = about["findings"][0]["text"].as_str().unwrap();
    assert!(text.contains("has 2 journals") && text.contains("records up to 1 of 2026-03-01 07:00:00"), "{text}");
}

#[test]
fn numbers_are_numbers_excel_reads_names_and_no_name_turns_the_terminal_about() {
    let office = Office::new();
    let mut kiosk = market(&office);
    kiosk.pass(
        "2026-03-01 07:00",
        In,
        Registered,
        person("An \u{202e}imda\u{202c} x\u{2028}y", "1987", Some("1234567")),
    );
    let stick = tempfile::tempdir().unwrap();
    kiosk.send(stick.path(), 1, 1);
    let (rows, _) = office.ask(&["place", "HN-MARKET"], stick.path());
    let stay = &only("stay", &rows)[0];
    assert_eq!((stay["minutes"].as_i64(), stay["record"].as_i64()), (Some(60), Some(1)));
    let csv = office.trace(&["place", "HN-MARKET", "--csv"], stick.path()).stdout;
    assert!(csv.starts_with(b"\xef\xbb\xbfwhat,time,"), "{}", String::from_utf8_lossy(&csv));
    let table = String::from_utf8(office.trace(&["place", "HN-MARKET"], stick.path()).stdout).unwrap();
    assert!(table.contains("An \u{fffd}imda\u{fffd} x\u{fffd}y") && !table.contains('\u{202e}'), "{table}");
}

#[test]
fn keys_that_are_still_needed_are_not_destroyed_by_a_slip() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let day: NaiveDate = "2099-01-01".parse().unwrap();
    let made = DayKeys::make(day, 2, |_| Ok([7; 32].into())).unwrap();
    made.save(&keys, &Passphrase::from("correct horse battery")).unwrap();
    let destroy = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trustctl"));
        command.args(["tracing", "destroy", "--before", "2099-06-01", "--secrets"]).arg(&keys).args(more);
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let left = fs::read_dir(&keys)
            .unwrap()
            .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "key"));
        (output.status.code(), left.count(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, left, said) = destroy(&["--yes"]);
    assert_eq!((code, left), (Some(2), 2), "{said}");
    assert!(said.contains("the key of 2099-01-01 is needed until 2099-01-22"), "{said}");
    let (code, left, _) = destroy(&["--even-days-that-are-still-needed"]);
    assert_eq!((code, left), (Some(6), 2), "nobody said yes");
    let (code, left, _) = destroy(&["--even-days-that-are-still-needed", "--yes"]);
    assert_eq!((code, left), (Some(0), 0));
}
