//! Contact tracing from end to end: kiosks seal and sign, sticks come in, the tracing authority asks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod office;

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::passage::{Direction, Outcome};
use office::{Kiosk, Office, an, binh, cells, chi, kinds, only, person};

/// Two gates over two days: a market with in and out, a school with in alone.
fn two_gates(office: &Office, stick: &Path) -> [Kiosk; 2] {
    use Direction::{In, Out};
    use Outcome::{Admit, Override, Refuse};
    let mut market = Kiosk::new(office, 1, "HN-MARKET");
    let mut school = Kiosk::new(office, 2, "HN-SCHOOL");
    market.pass("2026-03-01 08:00", In, Admit, an());
    market.pass("2026-03-01 08:30", In, Admit, binh());
    market.pass("2026-03-01 08:40", In, Refuse, chi());
    market.pass("2026-03-01 09:00", Out, Admit, an());
    market.pass("2026-03-01 09:45", Out, Admit, person("NGUYEN VAN AN", "1987-01-18", None));
    market.pass("2026-03-01 10:00", Out, Admit, binh());
    school.pass("2026-03-01 07:00", In, Admit, person("=cmd|' /C calc'!A0", "1970", None));
    school.pass("2026-03-02 07:10", In, Admit, an());
    let mut family = chi();
    family.companions.push(person("Lê Văn Dũng", "2015-02-03", None));
    family.plate = Some("29A-12345".into());
    school.pass("2026-03-02 07:30", In, Override, family);
    market.send(stick, 1, 4);
    market.send(stick, 5, 6);
    school.send(stick, 1, 3);
    [market, school]
}

#[test]
fn says_who_was_where_and_with_whom() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());

    let (rows, about) =
        office.ask(&["place", "HN-MARKET", "--from", "2026-03-01 08:15", "--to", "2026-03-01 09:00"], stick.path());
    assert_eq!(
        cells(&only("passage", &rows), &["time", "direction", "outcome", "name", "number"]),
        [
            ["2026-03-01T08:30:00+07:00", "in", "admit", "Trần Thị Bình", "001190000002"],
            ["2026-03-01T08:40:00+07:00", "in", "refuse", "Lê Thị Chi", "001199000003"],
        ]
    );
    assert_eq!((about["batches"].as_u64(), about["findings"].as_array().unwrap().len()), (Some(3), 0));
    assert_eq!(about["people"], 3, "only that place's are opened");

    let (rows, _) = office.ask(&["person", "--number", "001087000001"], stick.path());
    let places = ["location", "direction"];
    let everywhere = [["HN-MARKET", "in"], ["HN-MARKET", "out"], ["HN-MARKET", "out"], ["HN-SCHOOL", "in"]];
    assert_eq!(cells(&only("passage", &rows), &places), everywhere, "a paper without the number is the same person's");
    let (rows, _) = office.ask(&["person", "--name", "nguyen van an", "--birth", "1987-01-18"], stick.path());
    assert_eq!(cells(&only("passage", &rows), &places), everywhere);
    let (rows, _) = office.ask(&["person", "--name", "nguyen van an", "--birth", "1988-02-19"], stick.path());
    assert!(rows.is_empty());
    let (rows, _) =
        office.ask(&["person", "--number", "001087000001", "--from", "2026-03-02", "--to", "2026-03-03"], stick.path());
    assert_eq!(cells(&only("passage", &rows), &places), [["HN-SCHOOL", "in"]]);

    let (rows, _) = office.ask(&["contacts", "--number", "001087000001", "--stay", "45"], stick.path());
    assert_eq!(
        cells(&rows, &["minutes", "location", "name", "ends"]),
        [
            // An stayed until 9:00; the paper of 9:45 is a second way out, with an assumed beginning at 9:00.
            ["45", "HN-MARKET", "Trần Thị Bình", "assumed"],
            ["30", "HN-MARKET", "Trần Thị Bình", "recorded"],
            ["25", "HN-SCHOOL", "Lê Thị Chi", "assumed"],
            ["25", "HN-SCHOOL", "Lê Văn Dũng", "assumed"],
            ["0", "HN-MARKET", "Lê Thị Chi", "recorded"],
        ]
    );
    let (rows, _) =
        office.ask(&["contacts", "--number", "001087000001", "--stay", "45", "--at-least", "30"], stick.path());
    assert_eq!(rows.len(), 2);
}

#[test]
fn a_name_is_no_formula_and_answers_are_written_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());
    let csv = office.trace(&["place", "HN-SCHOOL", "--csv"], stick.path());
    let csv = String::from_utf8(csv.stdout).unwrap();
    assert!(csv.lines().nth(1).unwrap().contains(",'=cmd|' /C calc'!A0,1970,"), "{csv}");
    let out = office.path("answer.csv");
    let output = office.trace(&["place", "HN-SCHOOL", "--csv", "--out", out.to_str().unwrap()], stick.path());
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&out).unwrap().trim_end(), csv.trim_end());
    let table = office.trace(&["place", "HN-SCHOOL"], stick.path());
    assert!(String::from_utf8(table.stdout).unwrap().starts_with("WHAT "));
}

#[test]
fn a_day_whose_key_was_destroyed_cannot_be_read_and_is_named() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());
    let destroy = Command::new(env!("CARGO_BIN_EXE_trustctl"))
        .args([
            "tracing",
            "destroy",
            "--yes",
            "--even-days-that-are-still-needed",
            "--before",
            "2026-03-02",
            "--secrets",
        ])
        .arg(office.path("secrets"))
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(destroy.stdout).unwrap(),
        "destroyed   the keys of 1 days, 2026-03-01 to 2026-03-01\n"
    );
    let (rows, about) = office.ask(&["person", "--number", "001087000001"], stick.path());
    assert_eq!(cells(&only("passage", &rows), &["time"]), [["2026-03-02T07:10:00+07:00"]]);
    assert_eq!(about["closed"], serde_json::json!([{"day": "2026-03-01", "why": "destroyed", "passages": 7}]));
    let (rows, about) = office.ask(&["place", "HN-MARKET"], stick.path());
    assert!(rows.is_empty() && about["people"] == 0, "nothing of that day can be read");
    // Neither is it in the files: no name or number stands in a batch.
    for file in fs::read_dir(stick.path().join("passages")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let payload: serde_json::Value = serde_json::from_str(&text).unwrap();
        let payload = BASE64_STANDARD.decode(payload["payload"].as_str().unwrap()).unwrap();
        let payload = String::from_utf8(payload).unwrap();
        assert!(!payload.contains("An\"") && !payload.contains("001087000001"));
    }
}

#[test]
fn what_is_missing_doubled_forged_or_put_back_is_told() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    let [market, school] = two_gates(&office, stick.path());
    // The same again is no finding.
    market.send(stick.path(), 2, 6);
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!((kinds(&about["findings"]).len(), about["again"].as_u64()), (0, Some(5)));
    assert!(office.trace(&["check"], stick.path()).status.success());

    // A batch that did not arrive.
    let lost = tempfile::tempdir().unwrap();
    market.send(lost.path(), 1, 2);
    market.send(lost.path(), 5, 6);
    let (_, about) = office.ask(&["check"], lost.path());
    assert_eq!(kinds(&about["findings"]), ["gap"]);
    assert!(about["findings"][0]["text"].as_str().unwrap().contains("records 3 to 4"));
    assert!(office.trace(&["check"], lost.path()).status.success(), "it may still arrive");

    // An older copy of the journal was put back, and others passed since.
    let mut older = Kiosk { entries: market.entries[..2].to_vec(), ..Kiosk::new(&office, 1, "HN-MARKET") };
    older.pass("2026-03-01 08:41", Direction::In, Outcome::Admit, chi());
    older.send(stick.path(), 1, 3);
    let output = office.trace(&["check"], stick.path());
    assert_eq!(output.status.code(), Some(1));
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!(kinds(&about["findings"]), ["contradicted"]);

    // A device that the bundle does not name, a changed file, no batch at all.
    let forged = tempfile::tempdir().unwrap();
    let mut stranger = Kiosk::new(&office, 9, "HN-MARKET");
    stranger.pass("2026-03-01 08:00", Direction::In, Outcome::Admit, an());
    stranger.send(forged.path(), 1, 1);
    let changed = school.send(forged.path(), 1, 3);
    let text = fs::read_to_string(&changed).unwrap();
    let middle = text.len() / 2;
    let swapped = if &text[middle..=middle] == "A" { "B" } else { "A" };
    fs::write(&changed, format!("{}{swapped}{}", &text[..middle], &text[middle + 1..])).unwrap();
    fs::write(forged.path().join("batch-x.json"), "{}").unwrap();
    let (rows, about) = office.ask(&["place", "HN-MARKET"], forged.path());
    assert!(rows.is_empty(), "nothing of it counts");
    assert_eq!(kinds(&about["findings"]), ["refused", "refused", "refused", "no-records-then", "unknown-place"]);
    assert_eq!(office.trace(&["check"], forged.path()).status.code(), Some(1));
}

#[test]
fn what_cannot_have_an_answer_is_told_from_nobody_was_there() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());
    let check = |question: &str, code: i32, said: &str| {
        let question: Vec<&str> = question.split_whitespace().collect();
        let output = office.trace(&question, stick.path());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.contains(said)), (Some(code), true), "{question:?}: {stderr}");
    };
    // A day on which nobody passed there, and a stranger: the answer is that there was nobody.
    check("place HN-MARKET --from 2026-03-02", 0, "nothing was found in what could be opened");
    check("person --number 001087999999", 0, "nothing was found in what could be opened");
    check("contacts --number 001087999999", 0, "nobody of the 5 people who could be opened is this person");
    // What nobody can have meant, or of which nothing can be known, is not.
    check(
        "place HN-MARKT",
        1,
        "unknown-place: no record that arrived is of HN-MARKT, did you mean HN-MARKET?; records are of HN-MARKET, HN-SCHOOL",
    );
    check("place DN-PORT", 1, "no record that arrived is of DN-PORT; records are of HN-MARKET, HN-SCHOOL");
    check(
        "place HN-MARKET --from 2027-01-01",
        1,
        "no-records-then: no record that arrived is of that time, so nothing can be known of it: they are of \
         2026-03-01 07:00:00 to 2026-03-02 07:30:00 (+07:00)",
    );
    check(
        "person --number 001087000001 --from 2026-03-02 --to 2026-03-01",
        2,
        "no time lies between --from 2026-03-02 00:00:00 and --to 2026-03-01 00:00:00 (+07:00): give the earlier one as --from",
    );
    check("person --number 00108*****01", 2, "give the whole number");
    check("person --number 001087000001 --birth 1987", 2, "--name");
    check("person --name An --birth=", 2, "give YYYY-MM-DD");
    check("contacts --number 001087000001 --at-least=-5", 2, "-5 is not in 0");
    let none = tempfile::tempdir().unwrap();
    check(&format!("check --batches {}", none.path().display()), 1, "holds no batch (batch-*.json): name a stick");
    let keys = format!("check --secrets {}", office.path("trust").display());
    check(&keys, 4, "is not a folder of the days' keys: it holds no DAY.key");
}

#[test]
fn a_bundle_that_too_few_signed_is_refused() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());
    let path = office.path("trust").join("bundle.json");
    let mut bundle: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    bundle["signatures"].as_array_mut().unwrap().pop();
    fs::write(&path, bundle.to_string()).unwrap();
    let output = office.trace(&["check"], stick.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("not signed by 2 keys of root 1"));
}
