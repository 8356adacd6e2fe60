//! The journal on a real file system: recorded, reopened, listed, counted; damaged, full, locked, newer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use checkpoint::passage::record::{Digest, Entry, Event, Identified, JournalId, Place};
use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Identity, Outcome, Proof, RuleSetUsed};
use checkpoint::screen::Fault;
use checkpoint::statistics::ScanHistogram;
use checkpoint::time::PartialDate;
use checkpoint::trust::credential::Person;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kiosk::journal::index::{Index, Query};
use kiosk::journal::{Journal, JournalFault, Reader};

const DEVICE: &str = "0123456789abcdef";
const PRIVATE: [u8; 32] = [7; 32];
const BLOCK_BYTES: u64 = 16 * 1024;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn morning() -> DateTime<Utc> {
    at("2026-03-01T01:00:00Z")
}

fn key() -> Option<(NaiveDate, [u8; 32])> {
    Some(("2026-03-01".parse().unwrap(), public_key(&PRIVATE).unwrap()))
}

fn visitor(name: &str) -> Identity {
    let person = Person {
        name: name.into(),
        name_transliterated: None,
        birth: PartialDate::Year(1987),
        number: Some("001093029317".into()),
    };
    Identity::of(person, Proof::Verified, vec!["native VN-MOH x-1".into()])
}

fn draft(at: DateTime<Utc>, outcome: Outcome) -> Draft {
    Draft {
        reason: (outcome != Outcome::Admit).then(|| "R-DOSES".into()),
        rule_sets: vec![RuleSetUsed { id: "two-doses-14-days".into(), version: 1, province: Some("Hà Nội".into()) }],
        trust_list: Some(7),
        identity: Some(visitor("Nguyễn Thị Bưởi")),
        ..Draft::plain(at, "HN-CK-0023", Direction::In, outcome)
    }
}

fn open(dir: &Path) -> Journal {
    Journal::open(dir, DEVICE).unwrap().0
}

/// Records `count` admissions, a minute apart.
fn filled(dir: &Path, count: u64) {
    let mut journal = open(dir);
    for minute in 0..count {
        let at = morning() + TimeDelta::minutes(minute as i64);
        assert_eq!(journal.append(&draft(at, Outcome::Admit), key()).unwrap().sequence(), minute + 1);
    }
}

fn sequences(dir: &Path) -> Vec<u64> {
    let entries = Reader::open(dir).unwrap().entries(1).unwrap();
    entries.map(|stored| stored.unwrap().entry.record().sequence).collect()
}

fn upto(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

#[test]
fn records_are_numbered_kept_and_go_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 3);
    let (mut journal, recovery) = Journal::open(dir.path(), DEVICE).unwrap();
    assert_eq!(recovery.sequence, 3);
    assert_eq!(recovery.to_string(), "journal of 3 records");
    assert_eq!(journal.remembered().map(|last| last.floor), Some(morning() + TimeDelta::minutes(2)));
    assert_eq!(journal.append_restart(morning(), morning(), None).unwrap().sequence(), 4);
    assert_eq!(journal.append(&draft(morning(), Outcome::Refer), None).unwrap().sequence(), 5);
    assert_eq!(sequences(dir.path()), upto(5));
}

#[test]
fn totals_count_the_day_in_viet_nam() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    for (time, outcome) in [
        ("2026-02-28T16:59:59Z", Outcome::Admit),
        ("2026-02-28T17:00:00Z", Outcome::Admit),
        ("2026-03-01T05:00:00Z", Outcome::Refuse),
        ("2026-03-01T16:59:59Z", Outcome::Override),
        ("2026-03-01T17:00:00Z", Outcome::Refer),
    ] {
        journal.append(&draft(at(time), outcome), None).unwrap();
    }
    journal.append_restart(morning(), morning(), None).unwrap();
    let totals = journal.totals(morning());
    assert_eq!((totals.admitted, totals.refused, totals.overridden, totals.referred), (1, 1, 1, 0));
    assert_eq!(journal.totals(at("2026-03-01T17:00:00Z")).referred, 1);
    drop(journal);
    assert_eq!(open(dir.path()).totals(morning()).all(), 3, "the same after a restart");
}

#[test]
fn an_identity_is_on_disk_only_sealed_and_opens_with_the_days_key() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1);
    let mut journal = open(dir.path());
    journal.append(&draft(morning(), Outcome::Admit), None).unwrap();
    drop(journal);
    for file in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for secret in ["Nguyễn", "Bưởi", "001093029317", "VN-MOH"] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} is in clear");
        }
    }
    let stored: Vec<_> = Reader::open(dir.path()).unwrap().entries(1).unwrap().map(Result::unwrap).collect();
    assert!(stored[0].entry.open(&PRIVATE).unwrap() == Some(visitor("Nguyễn Thị Bưởi")));
    let Event::Passage(passage) = &stored[1].entry.record().event else { panic!("a passage") };
    assert_eq!(passage.identity, Identified::NoTracingKey, "without a key the record says so");
    assert_eq!(stored[1].entry.sealed(), None);
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    journal.append(&draft(morning(), Outcome::Admit), None).unwrap();
    let refused = Journal::open(dir.path(), DEVICE).err().unwrap();
    assert!(matches!(refused, JournalFault::Locked { .. }), "{refused}");
    assert!(refused.to_string().contains("end it first"));
    assert_eq!(sequences(dir.path()), [1]);
}

#[test]
fn lists_and_counts_what_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    for minute in 0..200 {
        let outcome = if minute % 4 == 0 { Outcome::Refuse } else { Outcome::Admit };
        let direction = if minute % 2 == 0 { Direction::In } else { Direction::Out };
        let at = morning() + TimeDelta::minutes(minute);
        journal.append(&Draft { direction, ..draft(at, outcome) }, None).unwrap();
    }
    let index = Reader::open(dir.path()).unwrap().index().unwrap();
    let listed = |query: &Query| {
        let mut listed = Vec::new();
        index
            .list(query, |record, _| {
                listed.push(record.sequence);
                true
            })
            .unwrap();
        listed
    };
    assert_eq!(listed(&Query::default()), upto(200));
    let hour = Query {
        since: Some(morning() + TimeDelta::minutes(10)),
        until: Some(morning() + TimeDelta::minutes(14)),
        ..Query::default()
    };
    assert_eq!(listed(&hour), [11, 12, 13, 14], "from the first instant to before the last");
    let refused = Query { outcome: Some(Outcome::Refuse), ..hour.clone() };
    assert_eq!(listed(&refused), [13]);
    assert_eq!(listed(&Query { reason: Some("R-DOSES".into()), ..hour.clone() }), [13]);
    assert_eq!(listed(&Query { direction: Some(Direction::Out), ..hour.clone() }), [12, 14]);
    assert_eq!(listed(&Query { direction: Some(Direction::Out), ..refused }), [0; 0]);
    let hours = index.count_by_hour(&Query::default()).unwrap();
    assert_eq!(hours.iter().map(|hour| hour.totals.all()).collect::<Vec<_>>(), [60, 60, 60, 20]);
    assert_eq!(index.count(&Query::default()).unwrap().refused, 50);
}

#[test]
fn counts_are_those_of_the_rows_also_where_the_time_begins_or_ends_within_an_hour() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    for number in 0..240 {
        let outcome = [Outcome::Admit, Outcome::Refuse, Outcome::Refer, Outcome::Override][number as usize % 4];
        let direction = if number % 3 == 0 { Direction::In } else { Direction::Out };
        let reason = (outcome != Outcome::Admit).then(|| ["R-DOSES", "S-OLD"][number as usize % 5 / 3].into());
        let at = morning() + TimeDelta::seconds(97 * number);
        let scan = (number % 7 > 0).then(|| Duration::from_millis((number * number * 53 % 20_011).cast_unsigned()));
        journal.append(&Draft { direction, reason, scan, ..draft(at, outcome) }, None).unwrap();
    }
    journal.append_restart(morning(), morning(), None).unwrap();
    let index = Reader::open(dir.path()).unwrap().index().unwrap();
    let edges = [None, Some(0), Some(10), Some(59), Some(60), Some(61), Some(119), Some(120), Some(387), Some(2000)];
    let edge = |minutes: Option<i64>| minutes.map(|minutes| morning() + TimeDelta::minutes(minutes));
    let mut asked = 0;
    for since in edges {
        for until in edges {
            for kind in [
                Query::default(),
                Query { outcome: Some(Outcome::Refer), ..Query::default() },
                Query { direction: Some(Direction::In), ..Query::default() },
                Query { reason: Some("S-OLD".into()), direction: Some(Direction::Out), ..Query::default() },
            ] {
                let query = Query { since: edge(since), until: edge(until), passages_only: true, ..kind };
                let (mut all, mut hours) = (0, std::collections::BTreeMap::<i64, u64>::new());
                let (mut scans, mut caused) = (ScanHistogram::default(), 0);
                let each = |record: checkpoint::passage::record::Record, _: &str| {
                    all += 1;
                    let passage = record.event.passage().unwrap();
                    passage.scan_ms.into_iter().for_each(|millis| scans.add(Duration::from_millis(millis.into())));
                    caused += u64::from(passage.reason.is_some());
                    *hours.entry(record.at.timestamp() / 3600).or_default() += 1;
                    true
                };
                index.list(&query, each).unwrap();
                assert_eq!(index.count(&query).unwrap().all(), all, "{query:?}");
                let counted = index.count_by_hour(&query).unwrap();
                let statistics = index.statistics(&query).unwrap();
                assert_eq!((&statistics.hours, statistics.totals.all()), (&counted, all), "{query:?}");
                assert_eq!(statistics.scans, scans.times(), "{query:?}");
                assert_eq!(statistics.reasons.iter().map(|cause| cause.count).sum::<u64>(), caused, "{query:?}");
                let counted = counted.iter().map(|hour| (hour.from.timestamp() / 3600, hour.totals.all()));
                assert_eq!(counted.collect::<Vec<_>>(), hours.into_iter().collect::<Vec<_>>(), "{query:?}");
                asked += usize::from(all > 0);
            }
        }
    }
    assert!(asked > 100, "most of them have an answer: {asked}");
}

#[test]
fn a_record_that_another_one_replaces_is_counted_no_more() {
    let id = JournalId([7; 16]);
    let mut index = Index::in_memory(id).unwrap();
    let entry = |sequence, outcome, millis| {
        let place = Place { device: DEVICE.into(), sequence, previous: Digest::genesis(id) };
        let scan = Some(Duration::from_millis(millis));
        Entry::passage(place, &Draft { scan, ..draft(morning(), outcome) }, None).unwrap()
    };
    let (first, second) = (entry(1, Outcome::Admit, 300), entry(2, Outcome::Admit, 300));
    index.add([&first, &second]).unwrap();
    index.add([&second]).unwrap();
    let said = |index: &Index| {
        let statistics = index.statistics(&Query::default()).unwrap();
        let scans = statistics.scans.unwrap();
        (statistics.totals.admitted, statistics.totals.refused, scans.count, scans.longest.as_millis())
    };
    assert_eq!(said(&index), (2, 0, 2, 300), "the same once more");
    index.add([&entry(2, Outcome::Refuse, 900), &entry(3, Outcome::Refuse, 20)]).unwrap();
    assert_eq!(said(&index), (1, 2, 3, 900));
    index.add([&entry(1, Outcome::Refuse, 1), &entry(1, Outcome::Refuse, 2), &entry(2, Outcome::Refuse, 3)]).unwrap();
    assert_eq!(said(&index), (0, 3, 3, 20), "the last of three of one number counts, and of an emptied kind nothing");
}

/// The journal's first segment.
fn segment(dir: &Path) -> fs::File {
    fs::File::options().read(true).write(true).open(dir.join("segment-00000001.journal")).unwrap()
}

#[test]
fn a_torn_last_block_is_skipped_wherever_it_is_torn() {
    let whole = tempfile::tempdir().unwrap();
    filled(whole.path(), 3);
    // Header, the edges of each field, the text, the sealed part, the padding, and every 2 KiB.
    let edges = [0, 1, 7, 8, 10, 12, 16, 20, 24, 32, 63, 64, 95, 96, 97, 400, 700, 1000, 1500, 1900];
    for cut in edges.into_iter().chain((0..BLOCK_BYTES).step_by(2048)).chain([BLOCK_BYTES - 1]) {
        for fill in [0u8, 0xa5] {
            let dir = tempfile::tempdir().unwrap();
            for file in ["segment-00000001.journal", "index.sqlite"] {
                fs::copy(whole.path().join(file), dir.path().join(file)).unwrap();
            }
            let rest = vec![fill; (BLOCK_BYTES - cut) as usize];
            let mut before = vec![0; rest.len()];
            segment(dir.path()).read_exact_at(&mut before, 3 * BLOCK_BYTES + cut).unwrap();
            segment(dir.path()).write_all_at(&rest, 3 * BLOCK_BYTES + cut).unwrap();
            let kept = if rest == before { 3 } else { 2 };
            let (mut journal, recovery) = Journal::open(dir.path(), DEVICE).unwrap();
            assert_eq!(recovery.sequence, kept, "cut at {cut}, filled with {fill}");
            assert_eq!(recovery.skipped > 0, kept == 2 && (cut > 0 || fill != 0), "cut at {cut}, filled with {fill}");
            assert_eq!(recovery.index_ahead, (kept == 2).then_some(3), "the index remembers");
            assert_eq!(journal.append(&draft(morning(), Outcome::Admit), None).unwrap().sequence(), kept + 1);
            drop(journal);
            assert_eq!(sequences(dir.path()), upto(kept + 1));
        }
    }
}

#[test]
fn a_file_that_was_cut_anywhere_keeps_what_is_before_the_cut() {
    let whole = tempfile::tempdir().unwrap();
    filled(whole.path(), 4);
    for bytes in [4 * BLOCK_BYTES + 1, 4 * BLOCK_BYTES, 3 * BLOCK_BYTES + 5000, 2 * BLOCK_BYTES, BLOCK_BYTES + 1] {
        let dir = tempfile::tempdir().unwrap();
        let name = "segment-00000001.journal";
        fs::copy(whole.path().join(name), dir.path().join(name)).unwrap();
        segment(dir.path()).set_len(bytes).unwrap();
        let kept = bytes / BLOCK_BYTES - 1;
        let (mut journal, recovery) = Journal::open(dir.path(), DEVICE).unwrap();
        assert_eq!(recovery.sequence, kept, "cut to {bytes}");
        assert_eq!(journal.append(&draft(morning(), Outcome::Admit), None).unwrap().sequence(), kept + 1);
        drop(journal);
        assert_eq!(sequences(dir.path()), upto(kept + 1));
    }
}

#[test]
fn damage_in_the_middle_is_named_and_the_file_left_alone() {
    for byte in [0, 8, 12, 24, 40, 70, 100, 300, 9000] {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), 5);
        let offset = 3 * BLOCK_BYTES + byte;
        let mut old = [0];
        segment(dir.path()).read_exact_at(&mut old, offset).unwrap();
        segment(dir.path()).write_all_at(&[old[0] ^ 1], offset).unwrap();
        let before = fs::read(dir.path().join("segment-00000001.journal")).unwrap();
        match Journal::open(dir.path(), DEVICE) {
            Err(fault @ JournalFault::Corrupt { block: 4, .. }) => {
                assert_eq!(fault.shown(), Fault::JournalCorrupt);
                assert!(fault.to_string().contains("segment-00000001.journal, block 4"), "{fault}");
            }
            other => panic!("byte {byte}: {:?}", other.map(|(_, recovery)| recovery)),
        }
        assert!(before == fs::read(dir.path().join("segment-00000001.journal")).unwrap());
        let read: Vec<_> = Reader::open(dir.path()).unwrap().entries(1).unwrap().collect();
        assert_eq!(read.iter().filter(|stored| stored.is_ok()).count(), 1, "what is settled before the damage is read");
        assert!(matches!(read.last(), Some(Err(JournalFault::Corrupt { .. }))));
    }
}

#[test]
fn a_missing_segment_and_a_foreign_one_are_named() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 2);
    let first = dir.path().join("segment-00000001.journal");
    fs::copy(&first, dir.path().join("segment-00000003.journal")).unwrap();
    let fault = Journal::open(dir.path(), DEVICE).err().unwrap();
    assert!(matches!(&fault, JournalFault::Corrupt { file, .. } if file == "segment-00000002.journal"), "{fault}");
    fs::rename(dir.path().join("segment-00000003.journal"), dir.path().join("segment-00000002.journal")).unwrap();
    let fault = Journal::open(dir.path(), DEVICE).err().unwrap();
    assert!(matches!(&fault, JournalFault::Corrupt { file, .. } if file == "segment-00000002.journal"), "{fault}");
}

#[test]
fn a_journal_of_a_newer_program_is_left_alone() {
    use sha2::Digest as _;
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 2);
    let mut sector = [0; 512];
    segment(dir.path()).read_exact_at(&mut sector, 0).unwrap();
    sector[8] = 9;
    let checksum = sha2::Sha256::digest(&sector[..480]);
    sector[480..].copy_from_slice(&checksum);
    segment(dir.path()).write_all_at(&sector, 0).unwrap();
    let before = fs::read(dir.path().join("segment-00000001.journal")).unwrap();
    let fault = Journal::open(dir.path(), DEVICE).err().unwrap();
    assert!(matches!(fault, JournalFault::Newer { version: 9, .. }), "{fault}");
    assert_eq!(fault.shown(), Fault::JournalNewer);
    assert!(matches!(Reader::open(dir.path()).err(), Some(JournalFault::Newer { .. })));
    assert!(before == fs::read(dir.path().join("segment-00000001.journal")).unwrap());
}

#[test]
fn the_index_is_made_again_when_it_is_missing_damaged_or_another_ones() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 20);
    let index = dir.path().join("index.sqlite");
    let other = tempfile::tempdir().unwrap();
    filled(other.path(), 3);
    type Damage<'d> = Box<dyn Fn() + 'd>;
    let damages: [(&str, Damage); 5] = [
        ("removed", Box::new(|| fs::remove_file(&index).unwrap())),
        ("garbage", Box::new(|| fs::write(&index, [0x5a; 20_000]).unwrap())),
        ("empty", Box::new(|| fs::write(&index, []).unwrap())),
        ("half", Box::new(|| fs::File::options().write(true).open(&index).unwrap().set_len(5000).unwrap())),
        ("another journal's", Box::new(|| assert!(fs::copy(other.path().join("index.sqlite"), &index).unwrap() > 0))),
    ];
    for (what, damage) in damages {
        damage();
        let count = |index: &kiosk::journal::index::Index| index.count(&Query::default()).unwrap().admitted;
        assert_eq!(count(&Reader::open(dir.path()).unwrap().index().unwrap()), 20, "{what}: a reader does without");
        let mut journal = open(dir.path());
        journal.append_restart(morning(), morning(), None).unwrap();
        journal.tend().unwrap();
        assert_eq!(journal.index().map(count), Some(20), "{what}: the writer makes it again");
        assert_eq!(journal.totals(morning()).admitted, 20, "{what}");
    }
}

#[test]
fn a_journal_of_another_device_is_not_continued() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1);
    let fault = Journal::open(dir.path(), "fedcba9876543210").err().unwrap();
    assert!(matches!(fault, JournalFault::OtherDevice { .. }), "{fault}");
}

#[test]
fn records_go_on_over_many_segments() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    for _ in 0..1100 {
        journal.append(&draft(morning(), Outcome::Admit), None).unwrap();
        journal.tend().unwrap();
    }
    drop(journal);
    assert!(dir.path().join("segment-00000003.journal").exists());
    assert_eq!(sequences(dir.path()), upto(1100));
    assert_eq!(open(dir.path()).sequence(), 1100);
    let late = Reader::open(dir.path()).unwrap().entries(1090).unwrap();
    assert_eq!(
        late.map(|stored| stored.unwrap().entry.record().sequence).collect::<Vec<_>>(),
        (1090..=1100).collect::<Vec<_>>()
    );
}
