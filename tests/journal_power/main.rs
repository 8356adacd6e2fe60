//! Power is cut at any instant, and the disk fails at any step: nothing acknowledged is lost.
//!
//! The disk is simulated: it knows what was synced, what only waits in memory, and what a failed sync left behind, which
//! reads as written until the power goes. A cut keeps what was synced, and of the rest what its kind says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod retention;

use std::sync::Arc;

use checkpoint::passage::record::RecordFault;
use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Outcome};
use checkpoint::screen::Fault;
use checkpoint::time;
use chrono::{DateTime, NaiveDate};
use kiosk::journal::block::Geometry;
use kiosk::journal::walk::Entries;
use kiosk::journal::{Journal, JournalFault};
use rustix::io::Errno;
use simdisk::{Acknowledged, Cut, Failing, MemoryDisk, Model, Op, Seeded, Steps};

const DEVICE: &str = "0123456789abcdef";

/// Few blocks, so that segments change often; as large as what a cut destroys, the promise that the size of blocks rests on.
const SMALL: Geometry = Geometry { block_bytes: 16 * 1024, blocks: 4 };

/// A disk with a plan for its steps.
fn disk(model: Model, plan: Steps) -> MemoryDisk {
    let disk = MemoryDisk::new(model, "");
    disk.plan(plan);
    disk
}

fn draft(number: u64) -> Draft {
    let at = DateTime::from_timestamp(1_772_323_200 + number as i64, 0).unwrap();
    let direction = if number.is_multiple_of(2) { Direction::In } else { Direction::Out };
    Draft { trust_list: Some(7), ..Draft::plain(at, "HN-CK-0023", direction, Outcome::Admit) }
}

fn open(disk: &MemoryDisk) -> Result<Journal, JournalFault> {
    Journal::open_on(Arc::new(disk.clone()), None, DEVICE, SMALL, None).map(|(journal, _)| journal)
}

fn append(journal: &mut Journal, number: u64) -> Result<Acknowledged, JournalFault> {
    let passage = journal.append(&draft(number), None)?;
    Ok(Acknowledged { sequence: passage.sequence(), hash: journal.head().0 })
}

/// What must hold after any cut: the journal opens, every acknowledged record is there, and the next one is taken.
fn check(model: Model, acknowledged: &[Acknowledged]) -> Result<(), String> {
    let disk = disk(model, Steps::Work);
    let mut journal = open(&disk).map_err(|fault| format!("does not open: {fault}"))?;
    let next = append(&mut journal, 1_000_000).map_err(|fault| format!("takes no next record: {fault}"))?;
    drop(journal);
    let entries = Entries::from(Arc::new(disk), 1).map_err(|fault| fault.to_string())?;
    let mut found = Vec::new();
    for stored in entries {
        let stored = stored.map_err(|fault| format!("cannot be read: {fault}"))?;
        found.push(Acknowledged { sequence: stored.entry.record().sequence, hash: stored.entry.hash().0 });
    }
    if found.iter().map(|one| one.sequence).ne(1..=found.len() as u64) {
        return Err("numbers are missing or doubled".to_owned());
    }
    if found.last() != Some(&next) {
        return Err("the next record is not the last".to_owned());
    }
    match acknowledged.iter().find(|one| found.get(one.sequence as usize - 1) != Some(one)) {
        Some(one) => Err(format!("acknowledged record {} is lost", one.sequence)),
        None => Ok(()),
    }
}

/// What a run on a disk made of `before`: the disk before each of its steps and at the end, and how many records were
/// acknowledged by then.
fn every_step(before: Model, run: &MemoryDisk, acknowledged: usize) -> Vec<(Model, usize)> {
    let mut states = vec![(before, acknowledged)];
    for op in run.steps() {
        let Some((mut model, mut count)) = states.last().cloned() else { unreachable!() };
        model.apply(&op);
        count += usize::from(matches!(op, Op::Acknowledged(_)));
        states.push((model, count));
    }
    states
}

/// A run of the kiosk.
fn recorded_run(before: Model, acknowledged: &mut Vec<Acknowledged>, appends: u64) -> Vec<(Model, usize)> {
    let (disk, count) = (disk(before.clone(), Steps::Work), acknowledged.len());
    let mut journal = open(&disk).unwrap();
    for number in 0..appends {
        acknowledged.push(append(&mut journal, number).unwrap());
        disk.acknowledged(acknowledged[acknowledged.len() - 1]);
        if number % 3 == 2 {
            journal.tend().unwrap();
        }
    }
    every_step(before, &disk, count)
}

#[test]
fn a_cut_at_any_step_loses_nothing_also_during_recovery() {
    let mut acknowledged = Vec::new();
    let states = recorded_run(Model::default(), &mut acknowledged, 24);
    let mut cuts = 0;
    for (step, (state, count)) in states.iter().enumerate() {
        for (kind, cut) in Cut::ALL.into_iter().enumerate() {
            let mut seeded = Seeded::new((step * Cut::ALL.len() + kind) as u64);
            let after = state.cut(cut, &mut seeded);
            check(after.clone(), &acknowledged[..*count]).unwrap_or_else(|lost| panic!("step {step}, {cut:?}: {lost}"));
            cuts += 1;
            // The power comes back, and goes again at every step of recovery and of the first passage.
            if kind != step % Cut::ALL.len() {
                continue;
            }
            let mut again = acknowledged[..*count].to_vec();
            for (second, (state, count)) in recorded_run(after, &mut again, 2).iter().enumerate() {
                let cut = Cut::ALL[(step + second) % Cut::ALL.len()];
                check(state.cut(cut, &mut seeded), &again[..*count])
                    .unwrap_or_else(|lost| panic!("step {step}, then step {second}, {cut:?}: {lost}"));
                cuts += 1;
            }
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 1000);
}

#[test]
fn a_disk_that_only_pretends_to_sync_is_caught() {
    // The control: were the checks blind, this would pass too.
    let disk = disk(Model::default(), Steps::Lie);
    let mut journal = open(&disk).unwrap();
    let acknowledged: Vec<_> = (0..5).map(|number| append(&mut journal, number).unwrap()).collect();
    let state = disk.model();
    let lost = Cut::ALL.into_iter().filter(|cut| check(state.cut(*cut, &mut Seeded::new(1)), &acknowledged).is_err());
    assert!(lost.count() >= 8);
}

/// Runs of the kiosk on one disk, which fails here and there; between them the process ends or the power is cut.
fn troubled_life(seed: u64) -> Result<(), String> {
    let mut seeded = Seeded::new(seed);
    let (mut state, mut acknowledged, mut number) = (Model::default(), Vec::<Acknowledged>::new(), 0);
    for _ in 0..4 {
        let one_in = [3, 8, 30, 1_000_000][seeded.below(4) as usize];
        let disk = disk(state, Steps::Fail(seeded.clone(), one_in));
        seeded.below(2);
        match open(&disk) {
            Ok(mut journal) => {
                for _ in 0..seeded.below(12) {
                    number += 1;
                    match append(&mut journal, number) {
                        Ok(record) => acknowledged.push(record),
                        Err(JournalFault::Disk { .. } | JournalFault::DiskFull | JournalFault::ReadOnly { .. }) => {}
                        Err(fault) => return Err(format!("a failing disk was taken for something else: {fault}")),
                    }
                    if seeded.below(3) == 0 {
                        let _ = journal.tend();
                    }
                }
            }
            Err(JournalFault::Disk { .. } | JournalFault::DiskFull | JournalFault::ReadOnly { .. }) => {}
            Err(fault) => return Err(format!("a failing disk was taken for something else: {fault}")),
        }
        state = disk.model();
        if seeded.below(2) == 0 {
            let cut = Cut::ALL[seeded.below(Cut::ALL.len() as u64) as usize];
            state = state.cut(cut, &mut seeded);
        }
    }
    check(state.clone(), &acknowledged)?;
    // And once more when all that only memory held is gone.
    check(state.cut(Cut::Nothing, &mut seeded), &acknowledged)
}

#[test]
fn a_disk_that_fails_and_power_that_goes_lose_nothing() {
    for seed in 0..1_000 {
        troubled_life(seed).unwrap_or_else(|lost| panic!("seed {seed}: {lost}"));
    }
}

#[test]
fn every_step_that_fails_is_told_and_the_next_passage_is_taken() {
    for errno in [Errno::IO, Errno::NOSPC, Errno::ROFS] {
        for failing in 1..40 {
            let disk = disk(Model::default(), Steps::FailAt(Failing { first: failing, count: 1, errno }));
            let mut faults = 0;
            let (mut journal, mut acknowledged) = (None, Vec::new());
            for number in 0..12 {
                let mut now = match journal.take() {
                    Some(journal) => journal,
                    None => match open(&disk) {
                        Ok(journal) => journal,
                        Err(fault) => {
                            faults += 1;
                            assert!(!matches!(fault, JournalFault::Corrupt { .. }), "step {failing}: {fault}");
                            continue;
                        }
                    },
                };
                match append(&mut now, number) {
                    Ok(record) => acknowledged.push(record),
                    Err(fault) => {
                        faults += 1;
                        let expected = if errno == Errno::NOSPC { Fault::DiskFull } else { Fault::DiskFault };
                        let shown = fault.shown();
                        assert!(shown == expected || shown == Fault::DiskFault, "step {failing}: {fault}");
                    }
                }
                journal = Some(now);
            }
            assert!(faults <= 1, "one failing step costs one passage, not {faults}");
            assert_eq!(acknowledged.len(), 12 - faults);
            check(disk.model().cut(Cut::Nothing, &mut Seeded::new(failing)), &acknowledged).unwrap();
        }
    }
}

#[test]
fn a_record_that_only_memory_held_is_written_again_before_the_next_is_chained_to_it() {
    // The sync of the second record fails; the process ends; a new one reads it from memory as if it were there.
    let disk = disk(Model::default(), Steps::Work);
    let mut journal = open(&disk).unwrap();
    let first = append(&mut journal, 1).unwrap();
    disk.plan(Steps::FailAt(Failing { first: disk.made() + 2, count: 1, errno: Errno::IO }));
    append(&mut journal, 2).unwrap_err();
    drop(journal);
    let mut journal = open(&disk).unwrap();
    assert_eq!(journal.sequence(), 2, "it looks as if it had been recorded");
    let third = append(&mut journal, 3).unwrap();
    assert_eq!(third.sequence, 3);
    for seed in 0..50 {
        check(disk.model().cut(Cut::Nothing, &mut Seeded::new(seed)), &[first, third]).unwrap();
    }
}

#[test]
fn a_record_whose_sync_failed_gives_its_number_to_the_next() {
    let disk = disk(Model::default(), Steps::Work);
    let mut journal = open(&disk).unwrap();
    append(&mut journal, 1).unwrap();
    disk.plan(Steps::FailAt(Failing { first: disk.made() + 2, count: 1, errno: Errno::IO }));
    append(&mut journal, 2).unwrap_err();
    assert_eq!(append(&mut journal, 3).unwrap().sequence, 2);
    let settled: Vec<_> = Entries::from(Arc::new(disk), 1).unwrap().map(|stored| stored.unwrap()).collect();
    assert_eq!(settled.len(), 2);
    assert_eq!(settled[1].entry.hash(), journal.head(), "the acknowledged one counts");
}

#[test]
fn a_sealed_record_of_the_largest_size_fits_into_a_block() {
    use checkpoint::passage::{Identity, Proof};
    use checkpoint::trust::credential::Person;
    let person =
        Person { name: "Đ".repeat(9000), name_transliterated: None, birth: time::PartialDate::Unknown, number: None };
    let draft = Draft {
        location: "L".repeat(3000),
        identity: Some(Identity::of(person, Proof::Verified, vec!["x".repeat(9000)])),
        ..draft(1)
    };
    let disk = Arc::new(disk(Model::default(), Steps::Work));
    let geometry = Geometry { blocks: 8, ..Geometry::USUAL };
    let (mut journal, _) = Journal::open_on(disk, None, DEVICE, geometry, None).unwrap();
    let key = (NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), public_key(&[7; 32]).unwrap());
    journal.append(&draft, Some(key)).unwrap();
    let too_large = Draft { location: "L".repeat(5000), ..draft };
    let fault = journal.append(&too_large, Some(key)).unwrap_err();
    assert!(matches!(fault, JournalFault::Record(RecordFault::TooLarge { .. })), "{fault}");
    assert_eq!(append(&mut journal, 2).unwrap().sequence, 2, "and the journal goes on");
}
