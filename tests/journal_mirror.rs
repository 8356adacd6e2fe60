//! The journal's mirror on another device: follows, is pulled out and put back, is full, is another's, forgets in time, brings
//! the journal back, and knows of a tail that was cut.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use checkpoint::passage::record::device_id;
use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Identity, Outcome, Proof};
use checkpoint::screen::Fault;
use checkpoint::time::{PartialDate, TrustedTime};
use checkpoint::trust::credential::Person;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use kiosk::device::Device;
use kiosk::journal::mirror::{MARK_FILE, On, Settings, State, look};
use kiosk::journal::restore::{RestoreFault, restore};
use kiosk::journal::verify::{Checks, Known, Severity, Witness, verify};
use kiosk::journal::{Journal, JournalFault, Reader};

const DAYS: u32 = 21;
const LONG: Duration = Duration::from_secs(30);

/// A kiosk's disk and a stick.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(desk.stick()).unwrap();
        desk
    }

    fn journal(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    fn stick(&self) -> PathBuf {
        self.dir.path().join("stick")
    }

    fn pulled(&self) -> PathBuf {
        self.dir.path().join("pulled")
    }

    /// The journal with its mirror; nothing was recorded yet.
    fn open(&self) -> Journal {
        let (mut journal, _) = Journal::open(&self.journal(), &device()).unwrap();
        let settings = Settings { dir: self.stick(), on: On::AnyDevice, look_every: Duration::from_millis(20) };
        journal.mirror_to(&settings, &self.journal());
        journal
    }

    /// The kiosk starts, on a day.
    fn start(&self, number: u64) -> Journal {
        let mut journal = self.open();
        journal.append_restart(noon(number), noon(number), None).unwrap();
        journal.append_checkpoint(&key(), noon(number), noon(number)).unwrap();
        retain(&mut journal, number);
        journal
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn device() -> String {
    device_id(&key().verifying_key())
}

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(number)
}

/// Noon of a day.
fn noon(number: u64) -> DateTime<Utc> {
    day(number).and_hms_opt(5, 0, 0).unwrap().and_utc()
}

/// Erases what is over, as the lane does in quiet moments.
fn retain(journal: &mut Journal, number: u64) {
    while journal.retain(TrustedTime::given(noon(number)), DAYS).unwrap() {
        journal.tend().unwrap();
    }
}

/// So many visitors, on a day.
fn pass(journal: &mut Journal, number: u64, visitors: u64) {
    for visitor in 0..visitors {
        let at = noon(number) + TimeDelta::seconds(visitor as i64);
        let person = Person {
            name: "Nguyễn Thị Bưởi".into(),
            name_transliterated: None,
            birth: PartialDate::Year(1987),
            number: None,
        };
        let draft = Draft {
            trust_list: Some(7),
            identity: Some(Identity::of(person, Proof::Verified, Vec::new())),
            ..Draft::plain(at, "HN-CK-0023", Direction::In, Outcome::Admit)
        };
        journal.append(&draft, Some((day(number), public_key(&[7; 32]).unwrap()))).unwrap();
    }
}

fn settled(journal: &Journal) -> State {
    journal.mirror().unwrap().settle(LONG)
}

/// Waits until the mirror is so.
fn wait_for(journal: &Journal, state: State) {
    let began = Instant::now();
    while journal.mirror().unwrap().state() != state {
        assert!(began.elapsed() < LONG, "{:?} instead of {state:?}", journal.mirror().unwrap().state());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Number and hash of every record, and the days of the sealed parts.
fn held(dir: &Path) -> (Vec<(u64, String)>, Vec<NaiveDate>) {
    let entries = Reader::open(dir).unwrap().entries(1).unwrap().map(|stored| stored.unwrap().entry);
    let (mut records, mut sealed) = (Vec::new(), Vec::new());
    for entry in entries {
        records.push((entry.record().sequence, entry.hash().to_string()));
        sealed.extend(entry.sealed_day());
    }
    sealed.dedup();
    (records, sealed)
}

fn severity(dir: &Path, witnesses: &[Witness]) -> (Severity, String) {
    let known = Known { devices: &[key().verifying_key()], witnesses, checks: Checks::ALL };
    let report = verify(dir, &known).unwrap();
    let worst = report.severity();
    let findings = report.findings.iter().filter(|finding| finding.severity == worst).map(ToString::to_string);
    (worst, findings.collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_mirror_holds_every_acknowledged_record_and_is_proven_like_the_journal() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    // More than a segment.
    pass(&mut journal, 0, 600);
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(journal.tend_mirror(), Some((State::Follows, None)));
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
    let (worst, findings) = severity(&desk.stick(), &[]);
    assert_eq!(worst, Severity::Unproven, "{findings}");
    assert!(findings.lines().all(|line| line.contains("no witness") || line.contains("no signature")), "{findings}");
    // A new start goes on with it.
    drop(journal);
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 3);
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
}

#[test]
fn a_mirror_that_erased_before_it_heard_of_it_brings_the_journal_back() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 20);
    settled(&journal);
    drop(journal);
    // On day 30 the mirror erases at once, and the journal dies before it says so.
    let mut journal = desk.open();
    journal.append_restart(noon(30), noon(30), None).unwrap();
    assert!(journal.retain(TrustedTime::given(noon(30)), DAYS).unwrap());
    assert_eq!(settled(&journal), State::Follows);
    let records = journal.sequence();
    drop(journal);
    assert!(held(&desk.stick()).1.is_empty(), "nothing sealed is left on the stick");
    assert_eq!(severity(&desk.stick(), &[]).0, Severity::Unproven);
    fs::remove_dir_all(desk.journal()).unwrap();
    restore(&desk.journal(), &desk.stick(), &device(), &[key().verifying_key()]).unwrap();
    assert_eq!(held(&desk.journal()).0.len() as u64, records);
    assert_eq!(severity(&desk.journal(), &[]).0, Severity::Unproven, "the mark came along");
    // The next run says so in the chain.
    let journal = desk.start(30);
    assert_eq!(settled(&journal), State::Follows);
    drop(journal);
    assert!(!desk.journal().join(MARK_FILE).exists());
    for dir in [desk.journal(), desk.stick()] {
        let (worst, findings) = severity(&dir, &[]);
        assert_eq!(worst, Severity::Unproven);
        assert!(findings.lines().all(|line| !line.contains("sealed part")), "{findings}");
    }
}

#[test]
fn a_stick_that_is_pulled_out_delays_nobody_and_catches_up_when_it_is_back() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 5);
    assert_eq!(settled(&journal), State::Follows);
    fs::rename(desk.stick(), desk.pulled()).unwrap();
    pass(&mut journal, 0, 300);
    wait_for(&journal, State::Lost);
    assert_eq!(journal.tend_mirror(), Some((State::Lost, Some(Fault::MirrorLost))));
    assert!(!desk.stick().exists(), "nothing is made where the stick is missing");
    let before = held(&desk.pulled()).0.len();
    assert!(before < held(&desk.journal()).0.len());
    fs::rename(desk.pulled(), desk.stick()).unwrap();
    wait_for(&journal, State::Follows);
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(journal.tend_mirror(), Some((State::Follows, None)));
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
}

#[test]
fn what_a_pulled_stick_lost_of_its_last_segment_is_written_again() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 20);
    assert_eq!(settled(&journal), State::Follows);
    drop(journal);
    // Blocks in the middle never reached the stick, though the system took them for written.
    let path = desk.stick().join("segment-00000001.journal");
    let mut bytes = fs::read(&path).unwrap();
    bytes[19 * 16384..].fill(0);
    fs::write(&path, bytes).unwrap();
    let began = Instant::now();
    let mut journal = loop {
        // The thread of the run before may still hold the lock.
        let journal = desk.start(0);
        if settled(&journal) == State::Follows || began.elapsed() > LONG {
            break journal;
        }
    };
    pass(&mut journal, 0, 1);
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
}

#[test]
fn another_devices_mirror_a_journal_and_a_file_are_left_as_they_are() {
    let other = Desk::new();
    {
        let (mut journal, _) = Journal::open(&other.journal(), "0123456789abcdef").unwrap();
        let settings = Settings { dir: other.stick(), on: On::AnyDevice, look_every: Duration::from_millis(20) };
        journal.mirror_to(&settings, &other.journal());
        journal.append_restart(noon(0), noon(0), None).unwrap();
        retain(&mut journal, 0);
        assert_eq!(settled(&journal), State::Follows);
    }
    let files = |dir: &Path| {
        let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect::<Vec<_>>()
    };
    for (what, from) in [("a mirror", other.stick()), ("a journal", other.journal())] {
        let desk = Desk::new();
        fs::remove_dir(desk.stick()).unwrap();
        fs::rename(&from, desk.stick()).unwrap();
        let before = files(&desk.stick());
        let mut journal = desk.start(0);
        pass(&mut journal, 0, 2);
        assert_eq!(settled(&journal), State::Refused, "{what}");
        assert_eq!(journal.tend_mirror(), Some((State::Refused, Some(Fault::MirrorRefused))), "{what}");
        assert!(files(&desk.stick()) == before, "{what} was touched");
    }
    let desk = Desk::new();
    fs::write(desk.stick().join(MARK_FILE), "no mark").unwrap();
    assert_eq!(settled(&desk.start(0)), State::Refused);
}

#[test]
fn a_mirror_does_not_begin_on_the_journals_own_device() {
    let desk = Desk::new();
    let (mut journal, _) = Journal::open(&desk.journal(), &device()).unwrap();
    journal.mirror_to(&Settings::on_another_device(desk.stick()), &desk.journal());
    journal.append_restart(noon(0), noon(0), None).unwrap();
    retain(&mut journal, 0);
    assert_eq!(settled(&journal), State::Lost);
    assert_eq!(fs::read_dir(desk.stick()).unwrap().count(), 0);
}

#[test]
fn names_go_from_the_mirror_in_time_also_from_one_that_was_away() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 4);
    pass(&mut journal, 1, 4);
    retain(&mut journal, 1);
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(held(&desk.stick()).1, [day(0), day(1)]);
    // Day 21: those of day 0 go, while the mirror follows.
    pass(&mut journal, 21, 4);
    retain(&mut journal, 21);
    let began = Instant::now();
    while held(&desk.stick()).1 != [day(1), day(21)] {
        assert!(began.elapsed() < LONG, "{:?}", held(&desk.stick()).1);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
    // Away for a month: everything on it is over when it comes back, and goes first.
    fs::rename(desk.stick(), desk.pulled()).unwrap();
    wait_for(&journal, State::Lost);
    pass(&mut journal, 50, 2);
    retain(&mut journal, 50);
    assert_eq!(held(&desk.journal()).1, [day(50)]);
    fs::rename(desk.pulled(), desk.stick()).unwrap();
    wait_for(&journal, State::Follows);
    assert_eq!(settled(&journal), State::Follows);
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
    assert_eq!(look(&desk.stick()).unwrap().unwrap().mark.erased_before, Some(day(30)));
    let (worst, findings) = severity(&desk.stick(), &[]);
    assert_ne!(worst, Severity::Broken, "{findings}");
    pass(&mut journal, 50, 2);
    assert_eq!(settled(&journal), State::Follows, "and it goes on");
    assert_eq!(held(&desk.stick()), held(&desk.journal()));
}

/// The journal loses what was recorded after a copy of it was made.
fn put_back(desk: &Desk, older: &Path) {
    fs::remove_dir_all(desk.journal()).unwrap();
    fs::rename(older, desk.journal()).unwrap();
}

fn copied(desk: &Desk) -> PathBuf {
    let older = desk.dir.path().join("older");
    fs::create_dir(&older).unwrap();
    for entry in fs::read_dir(desk.journal()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, older.join(path.file_name().unwrap())).unwrap();
    }
    older
}

#[test]
fn a_tail_that_was_cut_is_found_through_the_mirror_and_the_mirror_is_kept() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 5);
    journal.tend().unwrap();
    let older = copied(&desk);
    pass(&mut journal, 0, 5);
    assert_eq!(settled(&journal), State::Follows);
    drop(journal);
    put_back(&desk, &older);
    let of_stick = look(&desk.stick()).unwrap().unwrap();
    let (sequence, hash, _) = of_stick.last.unwrap();
    let witness = Witness { what: "the mirror".into(), journal: of_stick.mark.journal, sequence, hash };
    let (worst, findings) = severity(&desk.journal(), &[witness]);
    assert!(worst == Severity::Broken && findings.contains("the mirror names record 12"), "{findings}");
    let before = held(&desk.stick());
    let mut journal = desk.start(0);
    wait_for(&journal, State::Ahead);
    assert_eq!(journal.tend_mirror(), Some((State::Ahead, Some(Fault::JournalCut))));
    // Also when the journal has become longer again than the mirror.
    pass(&mut journal, 0, 20);
    drop(journal);
    let journal = desk.start(0);
    wait_for(&journal, State::Ahead);
    assert_eq!(held(&desk.stick()), before);
}

#[test]
fn a_lost_a_cut_and_a_damaged_journal_come_back_from_the_mirror() {
    type Harm = fn(&Desk);
    let harms: [(&str, Harm); 4] = [
        ("lost", |desk| fs::remove_dir_all(desk.journal()).unwrap()),
        ("begun anew", |desk| {
            fs::remove_dir_all(desk.journal()).unwrap();
            let (mut journal, _) = Journal::open(&desk.journal(), &device()).unwrap();
            journal.append_restart(noon(0), noon(0), None).unwrap();
        }),
        ("damaged", |desk| {
            let path = desk.journal().join("segment-00000001.journal");
            let mut bytes = fs::read(&path).unwrap();
            bytes[3 * 16384 + 200] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("cut", |desk| {
            let path = desk.journal().join("segment-00000001.journal");
            let mut bytes = fs::read(&path).unwrap();
            bytes[6 * 16384..].fill(0);
            fs::write(path, bytes).unwrap();
            fs::remove_file(desk.journal().join("index.sqlite")).unwrap();
        }),
    ];
    for (what, harm) in harms {
        let desk = Desk::new();
        let mut journal = desk.start(0);
        pass(&mut journal, 0, 10);
        assert_eq!(settled(&journal), State::Follows);
        let whole = held(&desk.journal());
        let running = restore(&desk.journal(), &desk.stick(), &device(), &[key().verifying_key()]).unwrap_err();
        assert!(matches!(running, RestoreFault::Journal(JournalFault::Locked { .. })), "{what}: {running}");
        drop(journal);
        let again = || {
            // The mirror's thread may hold the lock for a moment.
            let began = Instant::now();
            loop {
                match restore(&desk.journal(), &desk.stick(), &device(), &[key().verifying_key()]) {
                    Err(RestoreFault::Journal(JournalFault::Locked { .. })) if began.elapsed() < LONG => {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    restored => return restored,
                }
            }
        };
        let needless = again().unwrap_err();
        assert!(matches!(needless, RestoreFault::NothingToRestore { records: 12 }), "{what}: {needless}");
        harm(&desk);
        let foreign = restore(&desk.journal(), &desk.stick(), "0123456789abcdef", &[]).unwrap_err();
        assert!(matches!(foreign, RestoreFault::OtherDevice { .. }), "{what}: {foreign}");
        let restored = again().unwrap();
        assert_eq!((restored.report.records, restored.set_aside.is_some()), (12, what != "lost"), "{what}");
        assert_eq!(held(&desk.journal()), whole, "{what}");
        assert!(!desk.journal().join(MARK_FILE).exists(), "{what}: it is a journal again");
        let mut journal = desk.start(0);
        pass(&mut journal, 0, 2);
        assert_eq!(settled(&journal), State::Follows, "{what}");
        assert_eq!(held(&desk.stick()), held(&desk.journal()), "{what}");
    }
}

/// What a command says, and its exit code.
fn kiosk(config: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(arguments)
        .args(["--config".as_ref(), config.as_os_str()])
        .env_remove("KIOSK_LOG")
        .output()
        .unwrap();
    let said = [program.stdout, program.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    (said, program.status.code())
}

#[test]
fn the_commands_speak_of_the_mirror_and_bring_the_journal_back() {
    let desk = Desk::new();
    let device = Device::load_or_make(desk.dir.path(), None).unwrap();
    let settings = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml")).unwrap();
    let trust = concat!(env!("CARGO_MANIFEST_DIR"), "/trust-keys");
    let elsewhere = tempfile::tempdir().unwrap();
    let stick = elsewhere.path().join("stick");
    fs::create_dir(&stick).unwrap();
    let settings = settings
        .replace("\"/var/lib/kiosk\"", &format!("{:?}", desk.dir.path()))
        .replace("mirror_dir = \"\"", &format!("mirror_dir = {stick:?}"))
        .replace("\"trust-keys\"", &format!("{trust:?}"));
    let config = desk.dir.path().join("kiosk.toml");
    fs::write(&config, settings).unwrap();
    let doctor = |expected: &[&str]| {
        let (said, _) = kiosk(&config, &["doctor"]);
        for words in expected {
            assert!(said.contains(words), "{words:?} is missing in: {said}");
        }
    };
    doctor(&["is empty"]);
    {
        let (mut journal, _) = Journal::open(&desk.journal(), device.id()).unwrap();
        let of_stick = Settings { dir: stick.clone(), on: On::AnyDevice, look_every: Duration::from_millis(20) };
        journal.mirror_to(&of_stick, &desk.journal());
        pass(&mut journal, 0, 5);
        journal.append_checkpoint(device.key(), noon(0), noon(0)).unwrap();
        retain(&mut journal, 0);
        assert_eq!(settled(&journal), State::Follows);
    }
    doctor(&[
        "6 records, unbroken",
        "oldest sealed names are of 2026-03-01 and are erased on 2026-03-22",
        ": 6 records, to 01/03/2026",
    ]);
    let (said, code) = kiosk(&config, &["journal", "verify"]);
    assert!(code == Some(0) && said.contains("witnessed: up to record 6 by the mirror"), "{said}");
    let restore = ["journal", "restore", "--from", stick.to_str().unwrap()];
    let (said, code) = kiosk(&config, &restore);
    assert!(code == Some(1) && said.contains("nothing to restore"), "{said}");
    // Its tail is cut, with the index.
    fs::remove_file(desk.journal().join("index.sqlite")).unwrap();
    let path = desk.journal().join("segment-00000001.journal");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4 * 16384..].fill(0);
    fs::write(&path, bytes).unwrap();
    let (said, code) = kiosk(&config, &["journal", "verify"]);
    assert!(code == Some(1) && said.contains("the mirror names record 6 and the journal ends with 3"), "{said}");
    doctor(&["it holds what the journal does not"]);
    let (said, code) = kiosk(&config, &restore);
    assert!(code == Some(0) && said.contains("restored 6 records") && said.contains("journal.aside-1"), "{said}");
    let (said, code) = kiosk(&config, &["journal", "verify"]);
    assert!(code == Some(0) && said.contains("6 records"), "{said}");
    fs::rename(&stick, elsewhere.path().join("pulled")).unwrap();
    doctor(&["is not there"]);
}

#[test]
fn a_mirror_that_was_changed_brings_nothing_back() {
    let desk = Desk::new();
    let mut journal = desk.start(0);
    pass(&mut journal, 0, 10);
    assert_eq!(settled(&journal), State::Follows);
    drop(journal);
    fs::remove_dir_all(desk.journal()).unwrap();
    let path = desk.stick().join("segment-00000001.journal");
    let mut bytes = fs::read(&path).unwrap();
    bytes[5 * 16384 + 300] ^= 1;
    fs::write(path, bytes).unwrap();
    let began = Instant::now();
    let refused = loop {
        match restore(&desk.journal(), &desk.stick(), &device(), &[key().verifying_key()]).unwrap_err() {
            RestoreFault::Journal(JournalFault::Locked { .. }) if began.elapsed() < LONG => {}
            refused => break refused,
        }
    };
    // Either the proof or the first reading of its end finds it.
    let named = matches!(refused, RestoreFault::Broken { .. } | RestoreFault::Journal(JournalFault::Corrupt { .. }));
    assert!(named, "{refused}");
    let none = restore(&desk.journal(), desk.dir.path(), &device(), &[]).unwrap_err();
    assert!(matches!(none, RestoreFault::NoMirror { .. }), "{none}");
}
