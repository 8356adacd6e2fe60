//! Proving a journal: what somebody did to its files is found, however much else there is to say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::Retention;
use checkpoint::passage::record::{Entry, Event, Place, device_id};
use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Identity, Note, Outcome, Proof};
use checkpoint::time::PartialDate;
use checkpoint::trust::credential::Person;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use kiosk::commands::journal::{VerifyJournalArgs, prove};
use kiosk::journal::block::{Block, Geometry};
use kiosk::journal::verify::{Checks, Finding, Known, Report, Severity, Witness, verify};
use kiosk::journal::{Journal, Reader};

/// Seven records in a segment.
const SMALL: Geometry = Geometry { block_bytes: 4096, blocks: 8 };
const BLOCK: usize = SMALL.block_bytes as usize;

fn device() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn at(minute: u64) -> DateTime<Utc> {
    "2026-03-01T01:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute as i64)
}

fn draft(minute: u64) -> Draft {
    let person = Person {
        name: "Nguyễn Thị Bưởi".into(),
        name_transliterated: None,
        birth: PartialDate::Year(1987),
        number: None,
    };
    Draft {
        identity: Some(Identity::of(person, Proof::Verified, Vec::new())),
        ..Draft::plain(at(minute), "HN-CK-0023", Direction::In, Outcome::Admit)
    }
}

/// A journal of so many passages with a sealed name, signed every seventh, its index made.
fn filled(dir: &Path, count: u64) {
    let (mut journal, _) = Journal::open_with(dir, &device_id(&device().verifying_key()), SMALL).unwrap();
    let day: NaiveDate = "2026-03-01".parse().unwrap();
    let key = Some((day, public_key(&[7; 32]).unwrap()));
    for minute in 0..count {
        journal.append(&draft(minute), key).unwrap();
        if minute % 7 == 6 {
            journal.append_checkpoint(&device(), at(minute), at(minute)).unwrap();
        }
        while journal.tend().unwrap() {}
    }
}

fn proven(dir: &Path, witnesses: &[Witness]) -> Report {
    verify(dir, &Known { devices: &[device().verifying_key()], witnesses, checks: Checks::ALL }).unwrap()
}

fn broken(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.severity == Severity::Broken).collect()
}

/// The head as another kiosk scanned it.
fn witness(dir: &Path) -> Witness {
    let reader = Reader::open(dir).unwrap();
    let last = reader.entries(1).unwrap().last().unwrap().unwrap().entry;
    let checkpoint = Checkpoint {
        device: last.record().device.clone(),
        journal: reader.id(),
        sequence: last.record().sequence,
        head: last.hash(),
        at: last.record().at,
    };
    Witness::of_checkpoint(&checkpoint, "the checkpoint that another kiosk scanned")
}

fn without_index(dir: &Path) {
    fs::remove_file(dir.join("index.sqlite")).unwrap();
}

/// Changes the bytes of a segment.
fn change(dir: &Path, segment: u64, change: impl FnOnce(&mut [u8])) {
    let path = dir.join(format!("segment-{segment:08}.journal"));
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn no_number_of_small_findings_hides_a_bad_one() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 18);
    let whole = witness(dir.path());
    assert_eq!(broken(&proven(dir.path(), std::slice::from_ref(&whole))), Vec::<&Finding>::new());
    for number in 0..300 {
        fs::write(dir.path().join(format!("holiday-{number}.jpeg")), "").unwrap();
    }
    // The newest records, and the index that would tell of them.
    change(dir.path(), 3, |bytes| bytes[3 * BLOCK..].fill(0xa5));
    without_index(dir.path());
    let report = proven(dir.path(), &[whole]);
    assert_eq!(report.severity(), Severity::Broken);
    let found = broken(&report);
    assert!(found.len() == 1 && found[0].what.contains("it was cut off"), "{found:?}");
    assert!(report.more > 200, "the rest of the small ones are counted: {}", report.more);
}

#[test]
fn a_first_segment_that_was_wiped_is_found() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 20);
    let later = witness(dir.path());
    change(dir.path(), 1, |bytes| bytes[BLOCK..].fill(0));
    without_index(dir.path());
    for witnesses in [Vec::new(), vec![later]] {
        let report = proven(dir.path(), &witnesses);
        let found = broken(&report);
        assert!(found.len() == 1 && found[0].what.contains("record 1 should stand here"), "{found:?}");
    }
    let read = Reader::open(dir.path()).unwrap().entries(1).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    assert!(read.is_err(), "whoever lists the records is told too");
}

#[test]
fn the_checkpoint_of_another_kiosk_accuses_nobody() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 18);
    let own = Reader::open(dir.path()).unwrap();
    let last = own.entries(1).unwrap().last().unwrap().unwrap().entry;
    let other = SigningKey::from_bytes(&[6; 32]);
    let signed = |key: &SigningKey| {
        let device = device_id(&key.verifying_key());
        let (sequence, head) = (last.record().sequence, last.hash());
        Checkpoint { device, journal: own.id(), sequence, head, at: at(30) }.sign(key)
    };
    let asked = |key: &SigningKey| {
        let args = VerifyJournalArgs { journal: None, batches: Vec::new(), witness: vec![signed(key)], json: false };
        prove(&args, dir.path(), None, None, &[device().verifying_key(), other.verifying_key()]).unwrap()
    };
    assert_eq!(asked(&device()).witnessed.unwrap().0, 20);
    let report = asked(&other);
    assert_eq!((broken(&report), report.witnessed.clone()), (Vec::new(), None));
    assert!(report.findings.iter().any(|finding| finding.what.contains("this is the journal of device")), "{report:?}");
}

#[test]
fn a_long_run_of_missing_files_is_one_finding_and_takes_no_time() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 5);
    fs::write(dir.path().join("segment-99999999999.journal"), "").unwrap();
    let report = proven(dir.path(), &[]);
    let found: Vec<_> = broken(&report).iter().map(|finding| finding.what.clone()).collect();
    assert!(found.len() == 2 && found[0].contains("99999999998.journal, are missing"), "{found:?}");
}

/// A forger who took the disk has the device's key too: it writes a retention record and takes the names away.
fn erase_all(dir: &Path, retention: Retention, floor: DateTime<Utc>, after: Option<DateTime<Utc>>) {
    let last = Reader::open(dir).unwrap().entries(1).unwrap().last().unwrap().unwrap();
    for segment in 1..=last.place.segment {
        change(dir, segment, |bytes| {
            for block in bytes.chunks_exact_mut(BLOCK).skip(1) {
                if let Block::Record(entry) = Block::decode(block) {
                    block.copy_from_slice(&Block::encode(&entry.erased(), SMALL.block_bytes).unwrap());
                }
            }
        });
    }
    let place = |before: &Entry| Place {
        device: before.record().device.clone(),
        sequence: before.record().sequence + 1,
        previous: before.hash(),
    };
    let note = |floor| Note { at: floor, floor, event: Event::Retention(retention) };
    let mut entries = vec![Entry::note(place(&last.entry), note(floor)).unwrap()];
    if let Some(after) = after {
        let Note { event, .. } = note(after);
        entries.push(Entry::note(place(&entries[0]), Note { at: after, floor: after, event }).unwrap());
    }
    change(dir, last.place.segment, |bytes| {
        for (number, entry) in entries.iter().enumerate() {
            let from = (last.place.block as usize + 1 + number) * BLOCK;
            let block = Block::encode(entry, SMALL.block_bytes).unwrap();
            bytes[from..from + BLOCK].copy_from_slice(&block);
        }
    });
    without_index(dir);
}

#[test]
fn names_that_were_erased_before_their_time_are_found() {
    let days = |text: &str, days| Retention { before: text.parse().unwrap(), days };
    let later = at(0) + TimeDelta::days(21);
    // In its time: the passages are of 1 March.
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 3);
    erase_all(dir.path(), days("2026-03-02", 21), later, None);
    let report = proven(dir.path(), &[]);
    assert_eq!((broken(&report), report.erased), (Vec::new(), 3));
    // Long before it, by the record's own proven time.
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 3);
    erase_all(dir.path(), days("2099-01-01", 21), at(10), None);
    let found = proven(dir.path(), &[]);
    let found: Vec<_> = broken(&found).iter().map(|finding| finding.what.clone()).collect();
    assert!(found.len() == 2 && found[0].contains("was over by its proven time"), "{found:?}");
    assert!(found[1].contains("no later record says that it was to be erased"), "{found:?}");
    // By a proven time that nobody knew of afterwards.
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 3);
    erase_all(dir.path(), days("2026-03-02", 21), later, Some(at(20)));
    let report = proven(dir.path(), &[]);
    assert!(report.findings.iter().any(|finding| finding.what.contains("lies before that of record 4")), "{report:?}");
    // For fewer days than usual: it may have been ordered, and is said.
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 3);
    erase_all(dir.path(), days("2026-03-02", 1), at(0) + TimeDelta::days(1), None);
    let report = proven(dir.path(), &[]);
    assert_eq!(broken(&report), Vec::<&Finding>::new());
    assert!(report.findings.iter().any(|finding| finding.what.contains("kept for 1 days, before it 21")), "{report:?}");
}

#[test]
fn counts_by_hour_that_were_changed_are_found() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 90);
    assert_eq!(broken(&proven(dir.path(), &[])), Vec::<&Finding>::new());
    for change in [
        "UPDATE hour SET passages = passages + 1",
        "DELETE FROM hour",
        "INSERT INTO hour VALUES (1, 'admit', 'in', '', 3, x'')",
        "UPDATE hour SET times = x'05'",
        "UPDATE hour SET direction = 'out' WHERE direction = 'in'",
    ] {
        let path = dir.path().join("index.sqlite");
        let kept = fs::read(&path).unwrap();
        assert!(rusqlite::Connection::open(&path).unwrap().execute(change, []).unwrap() > 0, "{change}");
        let report = proven(dir.path(), &[]);
        let found = broken(&report);
        assert!(found.len() == 1 && found[0].what.contains("counts by hour"), "{change}: {found:?}");
        fs::write(&path, kept).unwrap();
    }
}

#[test]
fn an_index_of_an_older_program_proves_nothing_and_breaks_nothing() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 3);
    let outdated = || {
        let found = proven(dir.path(), &[]).findings;
        found.into_iter().find(|finding| finding.what.contains("an older program made it"))
    };
    assert_eq!(outdated(), None);
    let index = rusqlite::Connection::open(dir.path().join("index.sqlite")).unwrap();
    index.pragma_update(None, "user_version", 1).unwrap();
    drop(index);
    assert_eq!(outdated().map(|finding| finding.severity), Some(Severity::Unproven));
    drop(Journal::open(dir.path(), &device_id(&device().verifying_key())).unwrap());
    assert_eq!(outdated(), None, "the next start makes it anew");
}
