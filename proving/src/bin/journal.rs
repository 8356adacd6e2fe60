//! What a durable passage costs beside the bare `fdatasync` that it cannot do without, and what a long journal costs.
//!
//! `cargo run --release -p proving --no-default-features --features journal --bin journal -- [DIR] [RECORDS]`: in DIR (a
//! temporary directory by default; name the disk that is to be measured) alternates bare writes and syncs of one block into a
//! file of written zeros with passages, so that both meet the disk in the same mood: one by one with a quiet moment before each,
//! as visitors come, and eight by eight without one. It gives the median of the rounds' ratios. What counts is the time until a
//! passage is acknowledged: sealed, chained, written, synced. Its row in the index, the next sealings and the next segment are
//! work of the quiet moments. Then records up to RECORDS passages, 12,000 a day, and times a start, a day's totals, counts by
//! hour, statistics and an index made again, and counts sealings a second.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use checkpoint::passage::sealed::{Bound, Sealer, TracingKey, public_key};
use checkpoint::passage::{Draft, Outcome};
use chrono::NaiveDate;
use kiosk::journal::block::Geometry;
use kiosk::journal::disk::{Access, BlockFile, Disk, Folder};
use kiosk::journal::index::{INDEX_FILE, Query, day};
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
///
/// Both sides write whole blocks with `pwrite` at offsets of whole blocks into a file that was written with zeros and synced
/// before, and make each durable with one `fdatasync`; neither file has a flag that the other has not.
fn rates(dir: &Path) -> u64 {
    let bare = Bare::new(dir, 4 * ROUNDS * ROUND);
    let watched = Watched::default();
    let path = dir.join("journal");
    std::fs::create_dir(&path).unwrap();
    let disk = Arc::new(WatchedFolder(Folder::new(&path), watched.clone()));
    let (mut journal, _) = Journal::open_on(disk, Some(path.join(INDEX_FILE)), DEVICE, Geometry::USUAL, None).unwrap();
    journal.append_restart(draft(0).at, draft(0).floor, None).unwrap();
    // As the trust list hands it over: no arithmetic is left to do.
    let (mut number, key) = (0, key());
    for (what, named) in [("without a name", false), ("with a sealed name", true)] {
        let next = |number: &mut u64| {
            *number += 1;
            draft(if named { 3 * *number + 1 } else { 3 * *number })
        };
        // One visitor at a time: before each write, on both sides, comes the same quiet work, so that both find caches and disk
        // in the same mood.
        let mut visitors = Pairs::default();
        for round in 0..ROUNDS {
            let mut took = [Duration::ZERO; 2];
            for _ in 0..ROUND {
                for side in [round % 2, (round + 1) % 2] {
                    while journal.tend().unwrap() {}
                    if side == 0 {
                        took[0] += bare.write();
                    } else {
                        let draft = next(&mut number);
                        let start = Instant::now();
                        journal.append(&draft, key).unwrap();
                        took[1] += start.elapsed();
                    }
                }
            }
            visitors.add(took, watched.take(), ROUND);
        }
        visitors.print(&format!("one visitor at a time, {what}"));
        // As many without a quiet moment between them: their rows in the index come in the next one.
        let mut crowd = Pairs::default();
        for round in 0..ROUNDS {
            while journal.tend().unwrap() {}
            watched.take();
            let drafts: Vec<Draft> = (0..ROUND).map(|_| next(&mut number)).collect();
            let mut took = [Duration::ZERO; 2];
            for side in [round % 2, (round + 1) % 2] {
                if side == 0 {
                    took[0] = (0..ROUND).map(|_| bare.write()).sum();
                } else {
                    let start = Instant::now();
                    for draft in &drafts {
                        journal.append(draft, key).unwrap();
                    }
                    took[1] = start.elapsed();
                }
            }
            crowd.add(took, watched.take(), ROUND);
        }
        crowd.print(&format!("one after the other, {what}"));
    }
    number
}

/// The bare loop: a file of written zeros, and the next block of it.
struct Bare {
    file: File,
    block: Vec<u8>,
    next: Cell<u64>,
}

impl Bare {
    fn new(dir: &Path, blocks: usize) -> Self {
        let file = File::options().read(true).write(true).create_new(true).open(dir.join("bare")).unwrap();
        file.write_all_at(&vec![0; blocks * BLOCK_BYTES], 0).unwrap();
        file.sync_all().unwrap();
        Self { file, block: vec![0xa5; BLOCK_BYTES], next: Cell::new(0) }
    }

    fn write(&self) -> Duration {
        let start = Instant::now();
        self.file.write_all_at(&self.block, self.next.get() * BLOCK_BYTES as u64).unwrap();
        self.file.sync_data().unwrap();
        self.next.set(self.next.get() + 1);
        start.elapsed()
    }
}

/// Rounds of both sides.
#[derive(Default)]
struct Pairs {
    ratios: Vec<f64>,
    /// Microseconds of one bare write, of one passage, and of what the passage spent in the disk.
    bare: Vec<f64>,
    passages: Vec<f64>,
    disk: Vec<f64>,
}

impl Pairs {
    fn add(&mut self, [bare, passages]: [Duration; 2], disk: Duration, count: usize) {
        let micros = |took: Duration| took.as_secs_f64() * 1e6 / count as f64;
        self.ratios.push(bare.as_secs_f64() / passages.as_secs_f64());
        self.bare.push(micros(bare));
        self.passages.push(micros(passages));
        self.disk.push(micros(disk));
    }

    fn print(&mut self, what: &str) {
        println!(
            "{what}: passage {:.0} us ({:.0} us of it write and sync), bare write and sync {:.0} us: rate {:.3} of bare \
             (medians of {ROUNDS} rounds of {ROUND})",
            median(&mut self.passages),
            median(&mut self.disk),
            median(&mut self.bare),
            median(&mut self.ratios)
        );
    }
}

/// How long writes of whole blocks and their syncs took, in nanoseconds.
#[derive(Clone, Default)]
struct Watched(Arc<AtomicU64>);

impl Watched {
    fn take(&self) -> Duration {
        Duration::from_nanos(self.0.swap(0, Ordering::Relaxed))
    }

    fn during<T>(&self, act: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let out = act();
        self.0.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        out
    }
}

/// The journal's folder, watched.
struct WatchedFolder(Folder, Watched);

struct WatchedFile(Box<dyn BlockFile>, Watched);

impl Disk for WatchedFolder {
    fn names(&self) -> io::Result<Vec<String>> {
        self.0.names()
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn BlockFile>> {
        // A segment that is being made belongs to the quiet moment.
        self.0.create(name)
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Box<dyn BlockFile>> {
        Ok(Box::new(WatchedFile(self.0.open(name, access)?, self.1.clone())))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

impl BlockFile for WatchedFile {
    fn bytes(&self) -> io::Result<u64> {
        self.0.bytes()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.1.during(|| self.0.write_at(bytes, offset))
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.0.reserve(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.1.during(|| self.0.sync_data())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }
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
        Sealer::new(key, &mut rng).unwrap().seal(&identity, &bound).unwrap();
        count += 1;
    }
    println!("sealing: {:.0} a second on one core", count as f64 / start.elapsed().as_secs_f64());
}

/// A passage as at a gate that is never empty: 12,000 a day (250,000 are 21 days), with why somebody did not pass and how long the
/// scan took: a second or less, and for one visitor in sixteen up to nine.
fn crowded(number: u64) -> Draft {
    let at = draft(0).at + chrono::TimeDelta::milliseconds(7_200 * number as i64);
    // Knuth's multiplicative hash: the same passages in every run.
    let chance = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100_000;
    let outcome = match chance % 20 {
        0 => Outcome::Refuse,
        1 => Outcome::Refer,
        2 => Outcome::Override,
        3 => Outcome::Registered,
        _ => Outcome::Admit,
    };
    let reason = match outcome {
        Outcome::Refuse => Some(["R-DOSES", "R-RECENT", "C-EXPIRED", "S-SIG"][(chance / 20 % 4) as usize]),
        Outcome::Refer => Some(["V-MISSING", "E-FORM", "S-KEY", "V-MATCH"][(chance / 20 % 4) as usize]),
        Outcome::Override => Some(["G-EMERGENCY", "G-ORDER"][(chance / 20 % 2) as usize]),
        Outcome::Admit | Outcome::Registered | Outcome::Waved => None,
    };
    let slow = if number.is_multiple_of(16) { chance % 8_000 } else { 0 };
    let scan = Some(Duration::from_millis(150 + chance % 850 + slow));
    Draft { at, floor: at, outcome, reason: reason.map(str::to_owned), scan, ..draft(number) }
}

/// A journal of so many passages: start, queries, the index made again.
fn long(path: &Path, mut number: u64, records: u64) {
    let (mut journal, _) = Journal::open(path, DEVICE).unwrap();
    let (start, first, key) = (Instant::now(), number, key());
    while number < records {
        journal.append(&crowded(number), key).unwrap();
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
    let now = crowded(number - 1).at;
    timed("start", &mut || drop(Journal::open(path, DEVICE).unwrap()));
    let (journal, _) = Journal::open(path, DEVICE).unwrap();
    timed("totals of the day", &mut || assert!(journal.totals(now).all() > 0));
    drop(journal);
    let bytes = std::fs::metadata(path.join(INDEX_FILE)).unwrap().len();
    println!("index: {:.1} MB", bytes as f64 / 1e6);
    // Beside a kiosk whose newest passage is not in its index yet, as nearly always.
    let (mut journal, _) = Journal::open(path, DEVICE).unwrap();
    journal.append(&crowded(number), key).unwrap();
    timed("opened to ask", &mut || drop(Reader::open(path).unwrap().index().unwrap()));
    let index = Reader::open(path).unwrap().index().unwrap();
    assert_eq!(index.newest().unwrap().unwrap().0, journal.sequence());
    let today = day(checkpoint::time::day_in_vietnam(now));
    timed("count of the day by hour", &mut || assert!(!index.count_by_hour(&today).unwrap().is_empty()));
    timed("statistics of the day", &mut || assert!(index.statistics(&today).unwrap().totals.all() > 0));
    timed("statistics of everything", &mut || assert!(index.statistics(&Query::default()).unwrap().totals.all() > 0));
    timed("count of everything by hour", &mut || assert!(!index.count_by_hour(&Query::default()).unwrap().is_empty()));
    drop(index);
    drop(journal);
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
