//! Power is cut, and steps fail, while sealed parts are erased.

use checkpoint::passage::record::Event;
use checkpoint::passage::{Identity, Proof};
use checkpoint::time::TrustedTime;
use checkpoint::trust::credential::Person;
use chrono::Utc;
use kiosk::journal::block::Rewritten;
use kiosk::journal::disk::{Access, Disk};
use kiosk::journal::retention::first_day_kept;
use kiosk::journal::walk::{Segment, segment_name, segment_numbers};

use super::*;

const DAYS: u32 = 21;

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + chrono::Days::new(number)
}

/// Noon of a day.
fn noon(number: u64) -> TrustedTime {
    TrustedTime::given(day(number).and_hms_opt(5, 0, 0).unwrap().and_utc())
}

fn key() -> [u8; 32] {
    public_key(&[7; 32]).unwrap()
}

/// One passage of somebody, on a day.
fn pass(journal: &mut Journal, number: u64) -> Result<Acknowledged, JournalFault> {
    pass_sealed_to(journal, number, number)
}

/// The same, sealed to the key of another day than the proven one.
fn pass_sealed_to(journal: &mut Journal, number: u64, sealed_to: u64) -> Result<Acknowledged, JournalFault> {
    let at = noon(number).estimate();
    let person = Person {
        name: "Nguyễn Thị Bưởi".into(),
        name_transliterated: None,
        birth: time::PartialDate::Year(1987),
        number: Some("001093029317".into()),
    };
    let draft =
        Draft { at, floor: at, identity: Some(Identity::of(person, Proof::Verified, Vec::new())), ..draft(number) };
    let passage = journal.append(&draft, Some((day(sealed_to), key())))?;
    Ok(Acknowledged { sequence: passage.sequence(), hash: journal.head().0 })
}

/// All steps of a pass.
fn retain(journal: &mut Journal, number: u64) -> Result<u64, JournalFault> {
    let mut steps = 1;
    while journal.retain(noon(number), DAYS)? {
        steps += 1;
        assert!(steps < 10_000, "a pass must end");
    }
    Ok(steps)
}

/// The days of the sealed parts that are there, in order.
fn sealed_days(state: Model) -> Vec<NaiveDate> {
    let disk: Arc<dyn Disk> = Arc::new(disk(state, Steps::Work));
    Entries::from(disk, 1).unwrap().filter_map(|stored| stored.unwrap().entry.sealed_day()).collect()
}

/// A kiosk with two passages a day for `days` days.
fn kept(days: u64) -> (Model, Vec<Acknowledged>) {
    let disk = disk(Model::default(), Steps::Work);
    let mut journal = open(&disk).unwrap();
    let mut acknowledged = Vec::new();
    for number in 0..days {
        for _ in 0..2 {
            acknowledged.push(pass(&mut journal, number).unwrap());
            journal.tend().unwrap();
        }
    }
    (disk.model(), acknowledged)
}

#[test]
fn sealed_parts_go_when_their_days_are_over_and_the_chain_stays() {
    let (state, mut acknowledged) = kept(10);
    let disk = disk(state, Steps::Work);
    let mut journal = open(&disk).unwrap();
    retain(&mut journal, DAYS.into()).unwrap();
    assert_eq!(sealed_days(disk.model()).len(), 20, "not before the first record of this run");
    acknowledged.push(pass(&mut journal, 20).unwrap());
    retain(&mut journal, 20).unwrap();
    assert_eq!(sealed_days(disk.model()).len(), 21, "day 0 is kept for 21 days: 0 to 20");
    for now in 21..40 {
        retain(&mut journal, now).unwrap();
        let expected: Vec<_> = (0..10).flat_map(|n| [n, n]).chain([20]).filter(|n| n + 21 > now).map(day).collect();
        assert_eq!(sealed_days(disk.model()), expected, "on day {now}");
    }
    // Its own last record too, in the segment that it was writing to.
    retain(&mut journal, 41).unwrap();
    assert!(sealed_days(disk.model()).is_empty());
    acknowledged.push(pass(&mut journal, 41).unwrap());
    check(disk.model(), &acknowledged[..21]).unwrap();
    let all: Arc<dyn Disk> = Arc::new(disk);
    let entries: Vec<_> = Entries::from(all.clone(), 1).unwrap().map(|stored| stored.unwrap().entry).collect();
    let said: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.record().event {
            Event::Retention(retention) => Some((retention.before, retention.days)),
            _ => None,
        })
        .collect();
    assert_eq!(said.first(), Some(&(day(1), DAYS)), "each pass that erases says so first");
    assert_eq!(said.len(), 11);
    let bytes = |number| Segment::open(&*all, number, Access::Read).unwrap().unwrap();
    let first = bytes(1);
    assert_eq!(first.header.rewritten, Rewritten::Wholly);
    assert!(first.header.geometry.block_bytes < SMALL.block_bytes, "what is left takes less room");
}

/// A clock that ran ahead, and then was in doubt: later days are sealed before earlier ones. Each goes when its own time comes.
#[test]
fn a_part_of_a_later_day_keeps_none_of_an_earlier_one() {
    let disk = disk(Model::default(), Steps::Work);
    let mut journal = open(&disk).unwrap();
    let mut acknowledged = Vec::new();
    let mut sealed = Vec::new();
    for (proven, ahead) in [(0, 25), (1, 0), (2, 31), (3, 0), (4, 1)] {
        // More than a segment of each.
        for _ in 0..2 * SMALL.blocks {
            acknowledged.push(pass_sealed_to(&mut journal, proven, proven + ahead).unwrap());
            sealed.push(proven + ahead);
            journal.tend().unwrap();
        }
    }
    for now in 4..56 {
        retain(&mut journal, now).unwrap();
        let expected: Vec<_> = sealed.iter().filter(|of| **of + 21 > now).map(|of| day(*of)).collect();
        assert_eq!(sealed_days(disk.model()), expected, "on day {now}");
    }
    assert!(sealed_days(disk.model()).is_empty());
    check(disk.model(), &acknowledged).unwrap();
}

#[test]
fn a_clock_that_lies_erases_nothing() {
    let (state, _) = kept(3);
    let disk = disk(state, Steps::Work);
    let mut journal = open(&disk).unwrap();
    pass(&mut journal, 3).unwrap();
    let lies: DateTime<Utc> = "2106-02-07T06:28:15Z".parse().unwrap();
    let time = TrustedTime::measured(noon(3).floor(), lies, time::Confidence::Doubtful);
    while journal.retain(time, DAYS).unwrap() {}
    assert_eq!(sealed_days(disk.model()).len(), 7);
    assert_eq!(first_day_kept(noon(30).floor(), 0), day(30), "never today's");
    assert_eq!(first_day_kept(noon(30).floor(), u32::MAX), NaiveDate::MIN);
}

/// A run that records, erases, and records: the state before each of its steps, and what was acknowledged by then.
fn recorded_retention(state: Model, acknowledged: &mut Vec<Acknowledged>, now: u64) -> Vec<(Model, usize)> {
    let (disk, count) = (disk(state.clone(), Steps::Work), acknowledged.len());
    let mut journal = open(&disk).unwrap();
    let mut passes = |journal: &mut Journal| {
        let record = pass(journal, now).unwrap();
        acknowledged.push(record);
        disk.acknowledged(record);
    };
    passes(&mut journal);
    while journal.retain(noon(now), DAYS).unwrap() {}
    passes(&mut journal);
    every_step(state, &disk, count)
}

/// What must hold after any cut: nothing acknowledged is lost, no sealed part of a day that is not over, and the next pass
/// erases what is.
fn check_retention(
    state: &Model,
    acknowledged: &[Acknowledged],
    now: u64,
    unexpired: &[NaiveDate],
) -> Result<(), String> {
    check(state.clone(), acknowledged)?;
    let disk = disk(state.clone(), Steps::Work);
    let mut journal = open(&disk).map_err(|fault| format!("does not open: {fault}"))?;
    append(&mut journal, 1_000_000).map_err(|fault| fault.to_string())?;
    let before = first_day_kept(noon(now).floor(), DAYS);
    let there: Vec<_> = sealed_days(disk.model()).into_iter().filter(|day| *day >= before).collect();
    if !there.starts_with(unexpired) {
        return Err(format!("a sealed part of a day that is not over is lost: {there:?}"));
    }
    retain(&mut journal, now).map_err(|fault| format!("cannot be gone on with: {fault}"))?;
    let names = disk.names().unwrap();
    drop(journal);
    let rest = sealed_days(disk.model());
    if rest.iter().any(|day| *day < before) || !rest.starts_with(unexpired) {
        return Err(format!("the next pass leaves {rest:?}"));
    }
    let numbers = segment_numbers(&disk).map_err(|fault| fault.to_string())?;
    let prepared = numbers.len() as u64 + 1;
    match names.iter().find(|name| name.ends_with(".new") && **name != format!("{}.new", segment_name(prepared))) {
        Some(name) => Err(format!("{name} was left behind")),
        None => Ok(()),
    }
}

#[test]
fn a_cut_at_any_step_of_erasing_loses_nothing_and_the_next_pass_ends_it() {
    let mut cuts = 0;
    // Day 22: days 0 and 1 go, of which one ends within a segment. Day 60: everything goes, the writer's own segment too.
    for now in [22, 60] {
        let (state, before) = kept(4);
        let unexpired: Vec<_> = (0..4).flat_map(|n| [n, n]).filter(|n| n + 21 > now).map(day).collect();
        let mut acknowledged = before.clone();
        let states = recorded_retention(state, &mut acknowledged, now);
        assert!(states.len() > 20, "{} steps", states.len());
        for (step, (state, count)) in states.iter().enumerate() {
            for (kind, cut) in Cut::ALL.into_iter().enumerate() {
                let mut seeded = Seeded::new((step * Cut::ALL.len() + kind) as u64);
                let after = state.cut(cut, &mut seeded);
                check_retention(&after, &acknowledged[..*count], now, &unexpired)
                    .unwrap_or_else(|lost| panic!("day {now}, step {step}, {cut:?}: {lost}"));
                cuts += 1;
                // The power goes again while the next run erases.
                if kind != step % Cut::ALL.len() {
                    continue;
                }
                let mut again = acknowledged[..*count].to_vec();
                for (second, (state, count)) in recorded_retention(after, &mut again, now).iter().enumerate() {
                    let cut = Cut::ALL[(step + second) % Cut::ALL.len()];
                    check_retention(&state.cut(cut, &mut seeded), &again[..*count], now, &unexpired)
                        .unwrap_or_else(|lost| panic!("day {now}, step {step}, then {second}, {cut:?}: {lost}"));
                    cuts += 1;
                }
            }
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 1000);
}

#[test]
fn every_step_of_erasing_that_fails_loses_nothing_and_it_is_tried_again() {
    let (state, before) = kept(4);
    let mut failed = 0;
    for errno in [Errno::IO, Errno::NOSPC, Errno::ROFS] {
        for failing in 1..60 {
            let disk = disk(state.clone(), Steps::Work);
            let mut journal = open(&disk).unwrap();
            let mut acknowledged = before.clone();
            acknowledged.push(pass(&mut journal, 22).unwrap());
            disk.plan(Steps::FailAt(Failing { first: disk.made() + failing, count: 1, errno }));
            let erased = loop {
                match journal.retain(noon(22), DAYS) {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(fault) => break Err(fault),
                }
            };
            if let Err(fault) = erased {
                failed += 1;
                assert!(!matches!(fault, JournalFault::Corrupt { .. }), "step {failing}: {fault}");
                assert!(!journal.retain(noon(22), DAYS).unwrap(), "not again at once");
            }
            disk.plan(Steps::Work);
            acknowledged.push(pass(&mut journal, 22).unwrap());
            drop(journal);
            let cut = disk.model().cut(Cut::Nothing, &mut Seeded::new(failing));
            let unexpired: Vec<_> = [2, 2, 3, 3].map(day).into();
            for state in [disk.model(), cut] {
                check_retention(&state, &acknowledged, 22, &unexpired)
                    .unwrap_or_else(|lost| panic!("step {failing}, {errno:?}: {lost}"));
            }
        }
    }
    assert!(failed > 30, "{failed} steps can fail");
}

#[test]
fn a_rename_before_the_sync_would_be_caught() {
    // The control: on a disk that only pretends to sync while segments are rewritten, something is lost.
    let (state, acknowledged) = kept(4);
    let disk = disk(state, Steps::Work);
    let mut journal = open(&disk).unwrap();
    append(&mut journal, 5).unwrap();
    disk.plan(Steps::Lie);
    retain(&mut journal, 60).unwrap();
    drop(journal);
    let lost = Cut::ALL.into_iter().filter(|cut| {
        (0..20).any(|seed| check(disk.model().cut(*cut, &mut Seeded::new(seed)), &acknowledged).is_err())
    });
    assert!(lost.count() >= 5);
}
