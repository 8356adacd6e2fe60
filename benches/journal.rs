//! What a durable passage costs beside the bare `fdatasync` that it cannot do without.
//!
//! `cargo bench --bench journal -- [DIR] [RECORDS]`: in DIR (a temporary directory by default; name the disk that is to be
//! measured) alternates rounds of bare writes and syncs of one block into a file of written zeros with rounds of passages, so
//! that both meet the same disk. Then records up to RECORDS passages and times a start, a day's totals, a count by hour and
//! an index made again.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Identity, Outcome, Proof, RuleSetUsed};
use checkpoint::time::PartialDate;
use checkpoint::trust::credential::Person;
use chrono::{DateTime, TimeDelta, Utc};
use kiosk::journal::index::{Query, day};
use kiosk::journal::{Journal, Reader};

const DEVICE: &str = "0123456789abcdef";
const BLOCK_BYTES: usize = 16 * 1024;
const ROUNDS: usize = 5;
/// Blocks in a round; all rounds fit into one segment, so that none pays for the next one's room.
const ROUND: usize = 50;

fn draft(minute: i64, named: bool) -> Draft {
    let at: DateTime<Utc> = "2026-03-01T01:00:00Z".parse().unwrap();
    let at = at + TimeDelta::seconds(minute * 7);
    let person = Person {
        name: "Nguyễn Thị Bưởi".into(),
        name_transliterated: Some("NGUYEN THI BUOI".into()),
        birth: PartialDate::Year(1987),
        number: Some("001093029317".into()),
    };
    Draft {
        at,
        floor: at,
        location: "HN-CK-0023".into(),
        direction: Direction::In,
        outcome: Outcome::ALL[minute as usize % 5],
        reason: None,
        rule_sets: vec![RuleSetUsed { id: "two-doses-14-days".into(), version: 1, province: Some("Hà Nội".into()) }],
        trust_list: Some(7),
        refers_to: None,
        visitors: 1,
        seen_before: None,
        identity: named.then(|| Identity::of(person, Proof::Verified, vec!["native VN-MOH x-1 2 doses".into()])),
    }
}

fn main() {
    // `cargo bench` adds `--bench` to what it is given.
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let temporary = tempfile::tempdir().unwrap();
    let dir = args.next().map_or_else(|| temporary.path().to_owned(), PathBuf::from).join("journal-bench");
    let records: i64 = args.next().map_or(2_000, |text| text.parse().unwrap());
    std::fs::create_dir_all(&dir).unwrap();
    let key = Some(("2026-03-01".parse().unwrap(), public_key(&[7; 32]).unwrap()));

    let bare = File::create(dir.join("bare")).unwrap();
    bare.write_all_at(&vec![0; 2 * ROUNDS * ROUND * BLOCK_BYTES], 0).unwrap();
    bare.sync_all().unwrap();
    let (mut journal, _) = Journal::open(&dir.join("journal"), DEVICE).unwrap();
    journal.append_restart(Utc::now(), Utc::now(), None).unwrap();

    let block = vec![0xa5; BLOCK_BYTES];
    let (mut at, mut minute) = (0, 0);
    for (what, named) in [("without a name", false), ("with a sealed name", true)] {
        let (mut syncs, mut passages) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..ROUND {
                bare.write_all_at(&block, at).unwrap();
                bare.sync_data().unwrap();
                at += BLOCK_BYTES as u64;
            }
            syncs += start.elapsed();
            let drafts: Vec<_> = (0..ROUND as i64).map(|n| draft(minute + n, named)).collect();
            minute += ROUND as i64;
            for draft in &drafts {
                let start = Instant::now();
                journal.append(draft, key).unwrap();
                passages += start.elapsed();
                // The quiet moment between two visitors.
                while journal.tend().unwrap() {}
            }
        }
        let each = |total: Duration| total.as_secs_f64() * 1e6 / (ROUNDS * ROUND) as f64;
        println!(
            "passage {what}: {:.0} us; bare fdatasync: {:.0} us; rate {:.2} of bare",
            each(passages),
            each(syncs),
            syncs.as_secs_f64() / passages.as_secs_f64()
        );
    }

    let (start, first) = (Instant::now(), minute);
    while minute < records {
        journal.append(&draft(minute, true), key).unwrap();
        minute += 1;
        if minute % 100 == 0 {
            while journal.tend().unwrap() {}
        }
    }
    if minute > first {
        println!(
            "{} more passages: {:.0} a second",
            minute - first,
            (minute - first) as f64 / start.elapsed().as_secs_f64()
        );
    }
    drop(journal);

    let timed = |what: &str, act: &mut dyn FnMut()| {
        let start = Instant::now();
        act();
        println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    };
    let path = dir.join("journal");
    let now = draft(minute, false).at;
    timed("start", &mut || drop(Journal::open(&path, DEVICE).unwrap()));
    let (journal, _) = Journal::open(&path, DEVICE).unwrap();
    timed("totals of the day", &mut || assert!(journal.totals(now).all() > 0));
    let index = Reader::open(&path).unwrap().index().unwrap();
    let today = day(checkpoint::time::day_in_vietnam(now));
    timed("count of the day by hour", &mut || assert!(!index.count_by_hour(&today).unwrap().is_empty()));
    timed("count of everything by hour", &mut || assert!(!index.count_by_hour(&Query::default()).unwrap().is_empty()));
    drop((journal, index));
    std::fs::remove_file(path.join("index.sqlite")).unwrap();
    timed("index made again", &mut || {
        let (mut journal, _) = Journal::open(&path, DEVICE).unwrap();
        journal.append_restart(now, now, None).unwrap();
        while journal.tend().unwrap() {}
        assert_eq!(journal.totals(now).all() > 0, minute > 0);
    });
    std::fs::remove_dir_all(&dir).unwrap();
}
