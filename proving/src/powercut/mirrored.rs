//! The same for the journal's mirror on another device: both are cut, together and apart, the kiosk begins again, and `restore`
//! brings the journal back from what the mirror holds.
//!
//! A thread of its own writes the mirror, so at each step of the journal the mirror may be at any of the steps that it had made
//! by then: which, is chosen from the seed. The two are recorded on one file system, in one row, while each record is waited for
//! before the next one is made, so that the steps are the same in each run; and then they are two disks, each with a cut of its own.

mod sides;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use checkpoint::time::TrustedTime;
use kiosk::device::Device;
use kiosk::journal::disk::Disk;
use kiosk::journal::mirror::State;
use kiosk::journal::restore::{RestoreFault, restore};
use kiosk::journal::walk::Entries;
use kiosk::journal::{Journal, JournalFault, Reader};
use sides::Sides;
pub use sides::{handed_over_too_early, told_too_early};
use simdisk::{Cut, MemoryDisk, Model, Op, Seeded};

use super::check::Tally;
use super::life::{self, JOURNAL_DIR, MINUTES_OF_A_DAY, MIRROR_DIR, SMALL};

/// How long somebody else may hold a lock.
const LONGEST: Duration = Duration::from_secs(30);

/// Folders that cuts were checked in: none is used twice.
static DIRS: AtomicU64 = AtomicU64::new(0);

/// What happened to the two disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The power of both was cut, and the mirror had done what it could.
    Both,
    /// The same, and the mirror was behind.
    Behind,
    /// The stick was pulled out, the kiosk went on without it, and the stick was put back.
    Pulled,
    /// The stick was pulled out, and an older copy of the journal was put in the journal's place.
    OlderJournal,
}

impl Way {
    fn of(round: u64) -> Self {
        match round % 8 {
            0..=2 => Self::Both,
            3 | 4 => Self::Behind,
            5 | 6 => Self::Pulled,
            _ => Self::OlderJournal,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => "both at once",
            Self::Behind => "both, mirror behind",
            Self::Pulled => "mirror alone",
            Self::OlderJournal => "mirror, older journal",
        })
    }
}

/// A disk between two of its steps, and what was said of it by then.
#[derive(Clone, Default)]
pub struct Point {
    /// The disk.
    pub disk: Model,
    /// The last record of which it was said that the disk holds it, and all before it; 0 for none.
    pub told: u64,
}

impl Point {
    fn after(&self, op: &Op) -> Self {
        let mut next = self.clone();
        next.disk.apply(op);
        if let Op::Acknowledged(one) | Op::Mirrored(one) = op {
            next.told = one.sequence;
        }
        next
    }
}

/// A life of a kiosk with a mirror.
pub struct Mirrored {
    /// Both disks after each of their steps.
    journal: Vec<Point>,
    mirror: Vec<Point>,
    /// At each point of the journal, the last point of the mirror.
    with: Vec<usize>,
    /// The hash of every record that the journal acknowledged, by number.
    records: Vec<[u8; 32]>,
}

impl Mirrored {
    /// What was recorded on two disks that held this much before.
    ///
    /// # Errors
    /// The life did not end in order.
    pub fn of(journal: Point, mirror: Point, ops: &[Op]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut sides = Sides::of(&mirror.disk);
        let (mut journal, mut mirror, mut with) = (vec![journal], vec![mirror], vec![0]);
        for op in ops {
            if sides.is_mirrors(op) {
                mirror.push(mirror[mirror.len() - 1].after(op));
                with.pop();
            } else {
                journal.push(journal[journal.len() - 1].after(op));
            }
            with.push(mirror.len() - 1);
        }
        let end = journal[journal.len() - 1].disk.clone();
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::new(end, JOURNAL_DIR));
        let mut records = Vec::new();
        for stored in Entries::from(disk, 1)? {
            records.push(stored?.entry.hash().0);
        }
        Ok(Self { journal, mirror, with, records })
    }

    /// How many steps both disks made.
    pub fn steps(&self) -> usize {
        self.journal.len() + self.mirror.len() - 2
    }

    /// The two disks after a cut somewhere in this life, to begin again on: the journal's, the mirror's.
    pub fn somewhere(&self, seeded: &mut Seeded) -> (Point, Point) {
        let at = seeded.below(self.journal.len() as u64) as usize;
        let (journal, mirror) = (&self.journal[at], &self.mirror[self.with[at]]);
        let mut cut = |point: &Point| {
            let cut = Cut::ALL[seeded.below(Cut::ALL.len() as u64) as usize];
            Point { disk: point.disk.cut(cut, seeded), told: point.told }
        };
        (cut(journal), cut(mirror))
    }

    /// Cuts the power `cuts` times, evenly over every point of the journal, on so many threads. The disks of the first cut after
    /// which something was lost are kept in `keep`.
    pub fn explore(&self, cuts: u64, seed: u64, threads: u64, scratch: &Path, keep: &Path) -> Tally {
        let mut all = Tally::default();
        std::thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|part| scope.spawn(move || self.explore_part(cuts, seed, (part, threads), scratch, keep)))
                .collect();
            for part in parts {
                all.add(part.join().expect("a check does not panic"));
            }
        });
        all
    }

    fn explore_part(&self, cuts: u64, seed: u64, (part, parts): (u64, u64), scratch: &Path, keep: &Path) -> Tally {
        let mut tally = Tally::default();
        let points = self.journal.len() as u64;
        for number in (part..cuts).step_by(parts as usize) {
            let mut seeded = Seeded::new(seed ^ (number << 20));
            let at = (number * points / cuts) as usize;
            let cut = Cut::ALL[number as usize % Cut::ALL.len()];
            let two = self.cut(Way::of(seeded.below(8)), at, cut, &mut seeded);
            // The thread of the mirror before may still look at its own.
            let dir = scratch.join(format!("mirrored-{}", DIRS.fetch_add(1, Ordering::Relaxed)));
            let checked = self.check(&two, seeded.below(2), &dir);
            let _ = std::fs::remove_dir_all(&dir);
            if checked.is_err() && !keep.exists() {
                let kept = two.write_to(keep);
                kept.unwrap_or_else(|fault| eprintln!("the disks of a cut cannot be kept: {fault}"));
            }
            tally.count(two.way, || format!("{two}, {cut:?}, cut {number} of {cuts}"), checked);
        }
        tally
    }

    /// The two disks after a cut at this point of the journal.
    fn cut(&self, way: Way, at: usize, cut: Cut, seeded: &mut Seeded) -> Two {
        let latest = self.with[at];
        let any = |seeded: &mut Seeded, points: usize| seeded.below(points as u64) as usize;
        // An older journal lacks two records that the mirror said it holds: the last one may be there, unacknowledged.
        let older = self.journal.partition_point(|point| point.told + 2 <= self.mirror[latest].told);
        let begun = self.journal.partition_point(|point| point.told == 0);
        let (way, journal, mirror) = match way {
            Way::OlderJournal if begun < older => (way, begun + any(seeded, older - begun), latest),
            Way::Both | Way::OlderJournal => (Way::Both, at, latest),
            Way::Behind | Way::Pulled => (way, at, any(seeded, latest + 1)),
        };
        let of_journal = match way {
            Way::Both | Way::Behind => Cut::ALL[any(seeded, Cut::ALL.len())],
            Way::Pulled | Way::OlderJournal => Cut::Everything,
        };
        let after = |point: &Point, cut, seeded: &mut Seeded| Point { disk: point.disk.cut(cut, seeded), ..*point };
        Two {
            way,
            steps: (journal, mirror),
            journal: after(&self.journal[journal], of_journal, seeded),
            mirror: after(&self.mirror[mirror], cut, seeded),
        }
    }

    /// What must hold on two disks after a cut. Half of the restarts find that the first day is over.
    fn check(&self, two: &Two, days: u64, dir: &Path) -> Result<(), String> {
        two.write_to(dir).map_err(|fault| fault.to_string())?;
        let device = Device::load_or_make(dir, None).map_err(|fault| format!("no key: {fault}"))?;
        let (journal, mirror) = (dir.join(JOURNAL_DIR), dir.join(MIRROR_DIR));
        let acknowledged = two.journal.told;

        // What the mirror alone is worth.
        let alone = dir.join("restored");
        match brought_back(&alone, &mirror, &device) {
            Ok(_) => {
                let held = self.held(&alone)?;
                if held < two.mirror.told {
                    return Err(format!("the mirror said that it holds {}, and brings back {held}", two.mirror.told));
                }
                // A record may be acknowledged a moment before it is told.
                if two.way != Way::OlderJournal && held > acknowledged + 1 {
                    return Err(format!("{held} records come back of {acknowledged} that were acknowledged"));
                }
                let mut again = opened(&alone, &device)?;
                begin(&mut again, days)?;
            }
            Err(fault) if two.mirror.told > 0 => return Err(format!("the mirror does not bring it back: {fault}")),
            Err(_) if Reader::open(&alone).is_ok() => return Err("what cannot be brought back stands there".into()),
            Err(_) => {}
        }

        // The kiosk begins again with both.
        let untouched = files_of(&mirror)?;
        let mut begun = opened(&journal, &device)?;
        begun.mirror_to(&life::mirror_settings(dir), &journal);
        begin(&mut begun, days)?;
        if two.way != Way::OlderJournal {
            life::follow(&begun)?;
            drop(begun);
            self.holds(&journal, acknowledged)?;
            return same(&journal, &mirror);
        }
        let state = life::known(&begun)?;
        drop(begun);
        if state != State::Ahead {
            return Err(format!("a mirror that knows more than the journal is {}", state.word()));
        }
        if files_of(&mirror)? != untouched {
            return Err("a mirror that knows more than the journal was written to".into());
        }
        let restored =
            brought_back(&journal, &mirror, &device).map_err(|fault| format!("not brought back: {fault}"))?;
        if restored.is_none_or(|aside| !aside.is_dir()) {
            return Err("the older journal was not set aside".into());
        }
        self.holds(&journal, two.mirror.told)?;
        let mut begun = opened(&journal, &device)?;
        begun.mirror_to(&life::mirror_settings(dir), &journal);
        begin(&mut begun, days)?;
        life::follow(&begun)?;
        drop(begun);
        same(&journal, &mirror)
    }

    /// How many records of this life a journal holds, one after the other, and none but these.
    fn held(&self, dir: &Path) -> Result<u64, String> {
        let records = records_of(dir)?;
        match records.iter().zip(&self.records).position(|((_, hash, _), ours)| hash != ours) {
            Some(at) => Err(format!("record {} is none that the journal acknowledged", at + 1)),
            None if records.len() > self.records.len() => Err("there are records that nobody made".into()),
            None => Ok(records.len() as u64),
        }
    }

    /// A journal that goes on after a cut: every record that was acknowledged, and then others.
    fn holds(&self, dir: &Path, acknowledged: u64) -> Result<(), String> {
        let records = records_of(dir)?;
        let lost =
            (0..acknowledged as usize).find(|at| records.get(*at).map(|(_, hash, _)| hash) != self.records.get(*at));
        lost.map_or(Ok(()), |at| Err(format!("acknowledged record {} is lost", at + 1)))
    }
}

/// Two disks after a cut.
struct Two {
    way: Way,
    /// After how many of their steps they were cut: the journal's, the mirror's.
    steps: (usize, usize),
    journal: Point,
    mirror: Point,
}

impl Two {
    fn write_to(&self, dir: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(dir.join(MIRROR_DIR))?;
        self.journal.disk.write_to(dir)?;
        self.mirror.disk.write_to(dir)
    }
}

impl fmt::Display for Two {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, step {} of the journal's disk, {} of the mirror's", self.way, self.steps.0, self.steps.1)
    }
}

fn opened(dir: &Path, device: &Device) -> Result<Journal, String> {
    let opened = Journal::open_with(dir, device.id(), SMALL);
    opened.map(|(journal, _)| journal).map_err(|fault| format!("does not open: {fault}"))
}

/// A start of the kiosk, on the first day or two days later, and its next visitor. The proven time never goes back.
fn begin(journal: &mut Journal, days: u64) -> Result<(), String> {
    let now = life::at(2 * days * MINUTES_OF_A_DAY);
    let now = journal.remembered().map_or(now, |last| now.max(last.floor));
    let begun = journal.append_restart(now, now, None).and_then(|_| {
        while journal.retain(TrustedTime::given(now), 1)? {
            journal.tend()?;
        }
        journal.append(&life::draft(1), None)
    });
    begun.map(drop).map_err(|fault| format!("cannot be gone on with: {fault}"))
}

/// Brings the journal back, and says where the one that stood there is now. The mirror's thread may hold its lock for a moment.
fn brought_back(journal: &Path, mirror: &Path, device: &Device) -> Result<Option<PathBuf>, RestoreFault> {
    let began = Instant::now();
    loop {
        match restore(journal, mirror, device.id(), &[device.key().verifying_key()]) {
            Err(RestoreFault::Journal(JournalFault::Locked { .. })) if began.elapsed() < LONGEST => {
                std::thread::sleep(Duration::from_millis(1));
            }
            restored => return restored.map(|restored| restored.set_aside),
        }
    }
}

/// Number, hash and sealed part of every record.
type Records = Vec<(u64, [u8; 32], Option<Vec<u8>>)>;

fn records_of(dir: &Path) -> Result<Records, String> {
    let read = || -> Result<Records, JournalFault> {
        let mut records = Vec::new();
        for stored in Reader::open(dir)?.entries(1)? {
            let entry = stored?.entry;
            records.push((entry.record().sequence, entry.hash().0, entry.sealed().map(<[u8]>::to_vec)));
        }
        Ok(records)
    };
    let records = read().map_err(|fault| format!("cannot be read: {fault}"))?;
    match records.iter().zip(1..).find(|((found, ..), number)| found != number) {
        Some(((found, ..), number)) => Err(format!("number {found} stands where {number} should")),
        None => Ok(records),
    }
}

/// Whether the mirror is the journal, sealed parts and all.
fn same(journal: &Path, mirror: &Path) -> Result<(), String> {
    let (ours, theirs) = (records_of(journal)?, records_of(mirror)?);
    match ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs) {
        Some(((number, ours, _), (_, theirs, _))) => {
            let what = if ours == theirs { "sealed part" } else { "record" };
            Err(format!("{what} {number} of the mirror is not the journal's"))
        }
        None if ours.len() != theirs.len() => {
            Err(format!("the mirror holds {} records, the journal {}", theirs.len(), ours.len()))
        }
        None => Ok(()),
    }
}

/// Every file of a mirror but its lock.
fn files_of(mirror: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let read = || -> std::io::Result<_> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(mirror)? {
            let path = entry?.path();
            if !path.ends_with("LOCK") {
                let bytes = std::fs::read(&path)?;
                files.insert(path, bytes);
            }
        }
        Ok(files)
    };
    read().map_err(|fault| format!("the mirror cannot be listed: {fault}"))
}
