//! Contact tracing from end to end: kiosks seal and sign, sticks come in, the tracing authority asks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::passage::batch::Batch;
use checkpoint::passage::record::{Digest, Entry, JournalId, Place, device_id};
use checkpoint::passage::sealed::{Sealer, TracingKey};
use checkpoint::passage::{Direction, Draft, Identity, Outcome, Proof};
use checkpoint::time::{PartialDate, day_in_vietnam, vietnam};
use checkpoint::trust::credential::Person;
use checkpoint::trust::files::{BUNDLE_TYPE, ROOT_TYPE};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ed25519_dalek::SigningKey;
use serde_json::json;
use trustctl::keys::days::DayKeys;
use trustctl::keys::passphrase::Passphrase;
use trustctl::keys::write_secret;

const PASSPHRASE: &str = "correct horse battery";
const FIRST_DAY: &str = "2026-03-01";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A time in Viet Nam.
fn at(text: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    local.and_local_timezone(vietnam()).unwrap().with_timezone(&Utc)
}

fn person(name: &str, birth: &str, number: Option<&str>) -> Identity {
    let person = Person {
        name: name.into(),
        name_transliterated: None,
        birth: PartialDate::parse(birth).unwrap(),
        number: number.map(str::to_owned),
    };
    Identity::of(person, Proof::Verified, vec!["native VN x".into()])
}

fn an() -> Identity {
    person("Nguyễn Văn An", "1987-01-18", Some("001087000001"))
}

fn binh() -> Identity {
    person("Trần Thị Bình", "1990-05-02", Some("001190000002"))
}

fn chi() -> Identity {
    person("Lê Thị Chi", "1999-07-21", Some("001199000003"))
}

/// One kiosk with its journal.
struct Kiosk {
    key: SigningKey,
    journal: JournalId,
    location: &'static str,
    public: BTreeMap<NaiveDate, [u8; 32]>,
    entries: Vec<Entry>,
}

impl Kiosk {
    fn new(office: &Office, number: u8, location: &'static str) -> Self {
        let public = office.public.clone();
        let key = SigningKey::from_bytes(&[number; 32]);
        Self { key, journal: JournalId([number; 16]), location, public, entries: Vec::new() }
    }

    fn device(&self) -> String {
        device_id(&self.key.verifying_key())
    }

    fn pass(&mut self, time: &str, direction: Direction, outcome: Outcome, who: Identity) {
        let draft = Draft {
            at: at(time),
            floor: at(time),
            location: self.location.into(),
            direction,
            outcome,
            reason: None,
            rule_sets: Vec::new(),
            trust_list: Some(1),
            refers_to: None,
            visitors: 1,
            seen_before: None,
            with_guardian: false,
            scan: None,
            identity: Some(who),
        };
        let day = day_in_vietnam(draft.floor);
        let key = TracingKey { day, key: self.public[&day] };
        let sealer = Sealer::new(key, &mut hpke::rand_core::UnwrapErr(getrandom::SysRng)).unwrap();
        let previous = self.entries.last().map_or_else(|| Digest::genesis(self.journal), Entry::hash);
        let place = Place { device: self.device(), sequence: self.entries.len() as u64 + 1, previous };
        self.entries.push(Entry::passage(place, &draft, Some(sealer)).unwrap());
    }

    /// Records `from` to `to` as a batch on a stick.
    fn send(&self, stick: &Path, from: usize, to: usize) -> PathBuf {
        let batch = Batch::new(&self.device(), self.journal, self.entries[from - 1..to].to_vec()).unwrap();
        let passages = stick.join("passages");
        fs::create_dir_all(&passages).unwrap();
        let path = passages.join(format!("batch-{}-{from:010}-{to:010}.json", self.device()));
        fs::write(&path, serde_json::to_vec(&batch.sign(&self.key)).unwrap()).unwrap();
        path
    }
}

/// The authority's desk: root, bundle, secrets.
struct Office {
    folder: tempfile::TempDir,
    public: BTreeMap<NaiveDate, [u8; 32]>,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = DayKeys::make(day(FIRST_DAY), 10, |day| Ok([day.to_string().as_bytes()[9]; 32].into())).unwrap();
        let path = |name: &str| folder.path().join(name);
        made.save(&path("secrets"), &Passphrase::from(PASSPHRASE)).unwrap();
        write_secret(&path("passphrase"), PASSPHRASE).unwrap();
        fs::create_dir(path("trust")).unwrap();
        let key = |seed: u8| SigningKey::from_bytes(&[seed; 32]);
        let public = |seed: u8| BASE64_STANDARD.encode(key(seed).verifying_key().as_bytes());
        let id = |seed: u8| key_id(&key(seed).verifying_key());
        let role = |seeds: &[u8], threshold: usize| json!({"threshold": threshold, "keyids": seeds.iter().map(|seed| id(*seed)).collect::<Vec<_>>()});
        let keys: BTreeMap<String, String> = (101..=105).map(|seed| (id(seed), public(seed))).collect();
        let root = json!({"version": 1, "authority": "Test", "demo": true, "keys": keys, "root": role(&[101, 102], 1),
            "bundle": role(&[103, 104], 2), "distrust": role(&[105], 1)});
        let devices: BTreeMap<String, String> =
            (1..=3).map(|number| (format!("gate-{number}"), public(number))).collect();
        let bundle = json!({"version": 1, "signed_at": at("2026-03-01 00:00"), "soft_days": 7, "hard_days": 30,
            "keys": [], "tracing_keys": made.public, "devices": devices});
        for (name, payload_type, payload, seeds) in
            [("1.root.json", ROOT_TYPE, root, [101, 102]), ("bundle.json", BUNDLE_TYPE, bundle, [103, 104])]
        {
            let mut file = SignedFile::unsigned(payload_type, payload.to_string().as_bytes());
            seeds.iter().for_each(|seed| file.sign(&key(*seed)));
            fs::write(path("trust").join(name), serde_json::to_string(&file).unwrap()).unwrap();
        }
        let public = made
            .public
            .iter()
            .map(|(day, text)| (*day, <[u8; 32]>::try_from(BASE64_STANDARD.decode(text).unwrap()).unwrap()));
        Self { public: public.collect(), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn trace(&self, question: &[&str], batches: &Path) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trustctl"));
        command.arg("trace").args(question).arg("--batches").arg(batches);
        command.arg("--trust").arg(self.path("trust")).arg("--secrets").arg(self.path("secrets"));
        command.arg("--passphrase-file").arg(self.path("passphrase")).output().unwrap()
    }

    /// The answer's rows as JSON, and what it must be read with.
    fn ask(&self, question: &[&str], batches: &Path) -> (Vec<serde_json::Value>, serde_json::Value) {
        let output = self.trace(&[question, &["--json"]].concat(), batches);
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let about = lines.pop().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (lines, about["about"].clone())
    }
}

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

fn cells<'a>(rows: &'a [serde_json::Value], names: &[&str]) -> Vec<Vec<&'a str>> {
    rows.iter().map(|row| names.iter().map(|name| row[*name].as_str().unwrap()).collect()).collect()
}

#[test]
fn says_who_was_where_and_with_whom() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());

    let (rows, about) =
        office.ask(&["place", "HN-MARKET", "--from", "2026-03-01 08:15", "--to", "2026-03-01 09:00"], stick.path());
    assert_eq!(
        cells(&rows, &["time", "direction", "outcome", "name", "number"]),
        [
            ["2026-03-01T08:30:00+07:00", "in", "admit", "Trần Thị Bình", "001190000002"],
            ["2026-03-01T08:40:00+07:00", "in", "refuse", "Lê Thị Chi", "001199000003"],
        ]
    );
    assert_eq!((about["batches"].as_u64(), about["findings"].as_array().unwrap().len()), (Some(3), 0));
    assert_eq!(about["people"], 5);

    let (rows, _) = office.ask(&["person", "--number", "001087000001"], stick.path());
    let places = ["location", "direction"];
    let everywhere = [["HN-MARKET", "in"], ["HN-MARKET", "out"], ["HN-MARKET", "out"], ["HN-SCHOOL", "in"]];
    assert_eq!(cells(&rows, &places), everywhere, "a paper without the number is the same person's");
    let (rows, _) = office.ask(&["person", "--name", "nguyen van an", "--birth", "1987-01-18"], stick.path());
    assert_eq!(cells(&rows, &places), everywhere);
    let (rows, _) = office.ask(&["person", "--name", "nguyen van an", "--birth", "1988-02-19"], stick.path());
    assert!(rows.is_empty());
    let (rows, _) =
        office.ask(&["person", "--number", "001087000001", "--from", "2026-03-02", "--to", "2026-03-03"], stick.path());
    assert_eq!(cells(&rows, &places), [["HN-SCHOOL", "in"]]);

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
    assert!(String::from_utf8(table.stdout).unwrap().starts_with("TIME "));
}

#[test]
fn a_day_whose_key_was_destroyed_cannot_be_read_and_is_named() {
    let (office, stick) = (Office::new(), tempfile::tempdir().unwrap());
    two_gates(&office, stick.path());
    let destroy = Command::new(env!("CARGO_BIN_EXE_trustctl"))
        .args(["tracing", "destroy", "--before", "2026-03-02", "--secrets"])
        .arg(office.path("secrets"))
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(destroy.stdout).unwrap(),
        "destroyed   the keys of 1 days, 2026-03-01 to 2026-03-01\n"
    );
    let (rows, about) = office.ask(&["person", "--number", "001087000001"], stick.path());
    assert_eq!(cells(&rows, &["time"]), [["2026-03-02T07:10:00+07:00"]]);
    assert_eq!(about["closed"], serde_json::json!([{"day": "2026-03-01", "why": "destroyed", "passages": 7}]));
    let (rows, about) = office.ask(&["place", "HN-MARKET"], stick.path());
    assert!(rows.is_empty() && about["people"] == 3, "nothing of that day can be read");
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
    let kinds = |about: &serde_json::Value| {
        about["findings"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The same again is no finding.
    market.send(stick.path(), 2, 6);
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!((kinds(&about).len(), about["again"].as_u64()), (0, Some(5)));
    assert!(office.trace(&["check"], stick.path()).status.success());

    // A batch that did not arrive.
    let lost = tempfile::tempdir().unwrap();
    market.send(lost.path(), 1, 2);
    market.send(lost.path(), 5, 6);
    let (_, about) = office.ask(&["check"], lost.path());
    assert_eq!(kinds(&about), ["gap"]);
    assert!(about["findings"][0]["text"].as_str().unwrap().contains("records 3 to 4"));
    assert!(office.trace(&["check"], lost.path()).status.success(), "it may still arrive");

    // An older copy of the journal was put back, and others passed since.
    let mut older = Kiosk { entries: market.entries[..2].to_vec(), ..Kiosk::new(&office, 1, "HN-MARKET") };
    older.pass("2026-03-01 08:41", Direction::In, Outcome::Admit, chi());
    older.send(stick.path(), 1, 3);
    let output = office.trace(&["check"], stick.path());
    assert_eq!(output.status.code(), Some(1));
    let (_, about) = office.ask(&["check"], stick.path());
    assert_eq!(kinds(&about), ["contradicted"]);

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
    assert_eq!(kinds(&about), ["refused", "refused", "refused", "no-records-then", "unknown-place"]);
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
