//! What a durable passage costs beside the bare `fdatasync` that it cannot do without, and what a long journal costs.
//!
//! `cargo run --release -p proving --no-default-features --features journal --bin journal -- [DIR] [RECORDS]`: in DIR (a
//! temporary directory by default; name the disk that is to be measured) alternates short rounds of bare writes and syncs of
//! one block into a file of written zeros with as short rounds of passages, so that both meet the disk in the same mood, and
//! gives the median of the rounds' ratios. Then records up to RECORDS passages and times a start, a day's totals, counts by
//! hour and an index made again, and counts sealings a second.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use checkpoint::passage::sealed::{Bound, Sealer, TracingKey, public_key};
use chrono::NaiveDate;
use kiosk::journal::block::Geometry;
use kiosk::journal::index::{Query, day};
use kiosk::journal::{Journal, Reader};
use proving::powercut::life::draft;

const DEVICE: &str = "0123456789abcdef";
const BLOCK_BYTES: usize = Geometry::USUAL.block_bytes as usize;
const ROUNDS: usize = 60;
/// Writes of each kind in a round. Short, so that both meet the same disk.
const ROUND: usize = 8;

fn main() {
    let mut args = std::env::args().skip(1);
    let temporary = tempfile::tempdir().unwrap();
    let dir = args.next().map_or_else(|| temporary.path().to_owned(), PathBuf::from).join("journal-bench");
    let records: u64 = args.next().map_or(2_000, |text| text.parse().unwrap());
    std::fs::create_dir_all(&dir).unwrap();
    sealings();
    let recorded = rates(&dir);
    long(&dir.join("journal"), recorded, records);
    std::fs::remove_dir_all(&dir).unwrap();
}

fn key() -> Option<(NaiveDate, [u8; 32])> {
    Some(("2026-03-01".parse().unwrap(), public_key(&[7; 32]).unwrap()))
}

/// Passages against bare syncs. Returns how many passages it recorded.
fn rates(dir: &Path) -> u64 {
    let bare = File::create(dir.join("bare")).unwrap();
    bare.write_all_at(&vec![0; 2 * ROUNDS * ROUND * BLOCK_BYTES], 0).unwrap();
    bare.sync_all().unwrap();
    let (mut journal, _) = Journal::open(&dir.join("journal"), DEVICE).unwrap();
    journal.append_restart(draft(0).at, draft(0).floor, None).unwrap();
    let block = vec![0xa5; BLOCK_BYTES];
    let (mut at, mut number) = (0, 0);
    for (what, named) in [("without a name", false), ("with a sealed name", true)] {
        let (mut ratios, mut syncs, mut passages) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            // What can be done ahead is done in the quiet moment between visitors, and so is the room for the next ones.
            while journal.tend().unwrap() {}
            let mut bare_round = || {
                let start = Instant::now();
                for _ in 0..ROUND {
                    bare.write_all_at(&block, at).unwrap();
                    bare.sync_data().unwrap();
                    at += BLOCK_BYTES as u64;
                }
                start.elapsed()
            };
            let mut passage_round = |number: &mut u64| {
                let mut spent = Duration::ZERO;
                for _ in 0..ROUND {
                    let draft = if named { draft(3 * *number + 1) } else { draft(3 * *number) };
                    *number += 1;
                    let start = Instant::now();
                    journal.append(&draft, key()).unwrap();
                    spent += start.elapsed();
                    // One visitor at a time: the next sealing is made ready before the next visitor comes.
                    journal.tend().unwrap();
                }
                spent
            };
            // Neither is always the first.
            let (bare_took, passage_took) = if round % 2 == 0 {
                let bare_took = bare_round();
                (bare_took, passage_round(&mut number))
            } else {
                let passage_took = passage_round(&mut number);
                (bare_round(), passage_took)
            };
            ratios.push(bare_took.as_secs_f64() / passage_took.as_secs_f64());
            syncs.push(bare_took.as_secs_f64() * 1e6 / ROUND as f64);
            passages.push(passage_took.as_secs_f64() * 1e6 / ROUND as f64);
        }
        println!(
            "passage {what}: {:.0} us; bare fdatasync: {:.0} us; rate {:.2} of bare (medians of {ROUNDS} rounds)",
            median(&mut passages),
            median(&mut syncs),
            median(&mut ratios)
        );
    }
    number
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How many identities one core seals a second, with all of the curve arithmetic.
fn sealings() {
    let (day, public) = key().unwrap();
    let key = TracingKey { day, key: public };
    let identity = draft(1).identity.unwrap();
    let start = Instant::now();
    let mut count = 0_u64;
    while start.elapsed() < Duration::from_secs(2) {
        let bound = Bound { device: DEVICE, location: "HN-CK-0023", sequence: count + 1, day };
        let mut rng = hpke::rand_core::UnwrapErr(getrandom::SysRng);
        Sealer::new(key, &mut rng).unwrap().seal(identity.clone(), &bound).unwrap();
        count += 1;
    }
    println!("sealing: {:.0} a second on one core", count as f64 / start.elapsed().as_secs_f64());
}

/// A journal of so many passages: start, queries, the index made again.
fn long(path: &Path, mut number: u64, records: u64) {
    let (mut journal, _) = Journal::open(path, DEVICE).unwrap();
    let (start, first) = (Instant::now(), number);
    while number < records {
        journal.append(&draft(number), key()).unwrap();
        number += 1;
        if number.is_multiple_of(100) {
            while journal.tend().unwrap() {}
        }
    }
    if number > first {
        let secs = start.elapsed().as_secs_f64();
        println!("{} more passages: {:.0} a second", number - first, (number - first) as f64 / secs);
    }
    drop(journal);
    let timed = |what: &str, act: &mut dyn FnMut()| {
        let start = Instant::now();
        act();
        println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    };
    println!("of {number} passages:");
    let now = draft(number - 1).at;
    timed("start", &mut || drop(Journal::open(path, DEVICE).unwrap()));
    let (journal, _) = Journal::open(path, DEVICE).unwrap();
    timed("totals of the day", &mut || assert!(journal.totals(now).all() > 0));
    drop(journal);
    timed("opened to ask", &mut || drop(Reader::open(path).unwrap().index().unwrap()));
    let index = Reader::open(path).unwrap().index().unwrap();
    let today = day(checkpoint::time::day_in_vietnam(now));
    timed("count of the day by hour", &mut || assert!(!index.count_by_hour(&today).unwrap().is_empty()));
    timed("statistics of the day", &mut || assert!(index.statistics(&today).unwrap().totals.all() > 0));
    timed("statistics of everything", &mut || assert!(index.statistics(&Query::default()).unwrap().totals.all() > 0));
    timed("count of everything by hour", &mut || assert!(!index.count_by_hour(&Query::default()).unwrap().is_empty()));
    drop(index);
    std::fs::remove_file(path.join("index.sqlite")).unwrap();
    timed("index made again", &mut || {
        let (mut journal, _) = Journal::open(path, DEVICE).unwrap();
        journal.append_restart(now, now, None).unwrap();
        let mut told = 0;
        while journal.tend().unwrap() {
            let done = journal.indexed();
            if done >= told + 50_000 {
                told = done;
                println!("  {done} of {} records", journal.sequence());
            }
        }
        assert_eq!(journal.indexed(), journal.sequence());
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("?").trim();
    println!("most memory of this process: {most}");
}
