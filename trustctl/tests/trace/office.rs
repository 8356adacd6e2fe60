//! An authority's desk and its kiosks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::passage::batch::Batch;
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::record::{Digest, Entry, Event, JournalId, Place, device_id};
use checkpoint::passage::sealed::{Sealer, TracingKey};
use checkpoint::passage::{Direction, Draft, Identity, Note, Outcome, Proof};
use checkpoint::time::{PartialDate, day_in_vietnam, vietnam};
use checkpoint::trust::credential::Person;
use checkpoint::trust::files::{BUNDLE_TYPE, ROOT_TYPE};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use trustctl::keys::days::DayKeys;
use trustctl::keys::passphrase::Passphrase;
use trustctl::keys::write_secret;

const PASSPHRASE: &str = "correct horse battery";
const FIRST_DAY: &str = "2026-03-01";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A time in Viet Nam.
pub fn at(text: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    local.and_local_timezone(vietnam()).unwrap().with_timezone(&Utc)
}

pub fn person(name: &str, birth: &str, number: Option<&str>) -> Identity {
    let person = Person {
        name: name.into(),
        name_transliterated: None,
        birth: PartialDate::parse(birth).unwrap(),
        number: number.map(str::to_owned),
    };
    Identity::of(person, Proof::Verified, vec!["native VN x".into()])
}

pub fn an() -> Identity {
    person("Nguyễn Văn An", "1987-01-18", Some("001087000001"))
}

pub fn binh() -> Identity {
    person("Trần Thị Bình", "1990-05-02", Some("001190000002"))
}

pub fn chi() -> Identity {
    person("Lê Thị Chi", "1999-07-21", Some("001199000003"))
}

/// One kiosk with its journal.
pub struct Kiosk {
    pub key: SigningKey,
    pub journal: JournalId,
    pub location: &'static str,
    pub public: BTreeMap<NaiveDate, [u8; 32]>,
    pub entries: Vec<Entry>,
}

impl Kiosk {
    pub fn new(office: &Office, number: u8, location: &'static str) -> Self {
        let public = office.public.clone();
        let key = SigningKey::from_bytes(&[number; 32]);
        Self { key, journal: JournalId([number; 16]), location, public, entries: Vec::new() }
    }

    pub fn device(&self) -> String {
        device_id(&self.key.verifying_key())
    }

    /// A passage of nobody at this time.
    pub fn draft(&self, time: &str, direction: Direction, outcome: Outcome) -> Draft {
        Draft { trust_list: Some(1), ..Draft::plain(at(time), self.location, direction, outcome) }
    }

    pub fn pass(&mut self, time: &str, direction: Direction, outcome: Outcome, who: Identity) {
        let draft = Draft { identity: Some(who), ..self.draft(time, direction, outcome) };
        self.record(&draft);
    }

    pub fn record(&mut self, draft: &Draft) {
        let day = day_in_vietnam(draft.floor);
        let key = TracingKey { day, key: self.public[&day] };
        let sealer = Sealer::new(key, &mut hpke::rand_core::UnwrapErr(getrandom::SysRng)).unwrap();
        self.entries.push(Entry::passage(self.place(), draft, Some(sealer)).unwrap());
    }

    pub fn note(&mut self, time: &str, event: Event) {
        self.entries.push(Entry::note(self.place(), Note { at: at(time), floor: at(time), event }).unwrap());
    }

    /// The signed head, as its screen shows it.
    pub fn head(&self, time: &str) -> String {
        let last = self.entries.last().unwrap();
        let (sequence, head) = (last.record().sequence, last.hash());
        Checkpoint { device: self.device(), journal: self.journal, sequence, head, at: at(time) }.sign(&self.key)
    }

    fn place(&self) -> Place {
        let previous = self.entries.last().map_or_else(|| Digest::genesis(self.journal), Entry::hash);
        Place { device: self.device(), sequence: self.entries.len() as u64 + 1, previous }
    }

    /// Records `from` to `to` as a batch on a stick.
    pub fn send(&self, stick: &Path, from: usize, to: usize) -> PathBuf {
        let batch = Batch::new(&self.device(), self.journal, self.entries[from - 1..to].to_vec()).unwrap();
        let passages = stick.join("passages");
        fs::create_dir_all(&passages).unwrap();
        let path = passages.join(format!("batch-{}-{}-{from:010}-{to:010}.json", self.device(), self.journal));
        fs::write(&path, serde_json::to_vec(&batch.sign(&self.key)).unwrap()).unwrap();
        path
    }
}

/// The authority's desk: root, bundle, secrets.
pub struct Office {
    folder: tempfile::TempDir,
    public: BTreeMap<NaiveDate, [u8; 32]>,
}

impl Office {
    pub fn new() -> Self {
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

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn trace(&self, question: &[&str], batches: &Path) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trustctl"));
        command.arg("trace").args(question).arg("--batches").arg(batches);
        command.arg("--trust").arg(self.path("trust")).arg("--secrets").arg(self.path("secrets"));
        command.arg("--passphrase-file").arg(self.path("passphrase")).output().unwrap()
    }

    /// The answer's rows as JSON, and what it must be read with.
    pub fn ask(&self, question: &[&str], batches: &Path) -> (Vec<serde_json::Value>, serde_json::Value) {
        let output = self.trace(&[question, &["--json"]].concat(), batches);
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let about = lines.pop().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (lines, about["about"].clone())
    }
}

/// These columns of the rows, as texts.
pub fn cells(rows: &[Value], names: &[&str]) -> Vec<Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    rows.iter().map(|row| names.iter().map(|name| text(&row[*name])).collect()).collect()
}

/// The rows that are passages, or stays.
pub fn only(what: &str, rows: &[Value]) -> Vec<Value> {
    rows.iter().filter(|row| row["what"] == what).cloned().collect()
}

/// The kinds of what stands beside an answer.
pub fn kinds(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect()
}
