//! What must hold after any cut: the real journal begins again, holds every acknowledged record, its chain has no gap, and it
//! takes the next passage.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kiosk::device::Device;
use kiosk::journal::block::Geometry;
use kiosk::journal::disk::Disk;
use kiosk::journal::index::Query;
use kiosk::journal::walk::Entries;
use kiosk::journal::{Journal, Reader};
use simdisk::{Acknowledged, Cut, MemoryDisk, Model, Op, Seeded};

use super::life::{self, JOURNAL_DIR};

/// Of so many cuts, one is also checked on real files: with the index and the device's key, as the kiosk opens them.
const ON_FILES_EVERY: u64 = 16;

/// What was recorded.
pub struct Recorded {
    /// Every step, with the acknowledgements.
    pub ops: Vec<Op>,
    /// Who recorded.
    pub device: String,
    /// How segments are divided.
    pub geometry: Geometry,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Cuts in all.
    pub cuts: u64,
    /// Of them during recovery from an earlier one.
    pub in_recovery: u64,
    /// Of them checked on real files too.
    pub on_files: u64,
    /// Cuts by kind, and of them those after which something was lost.
    pub kinds: BTreeMap<String, (u64, u64)>,
    /// The first few losses.
    pub lost: Vec<String>,
}

impl Tally {
    /// One more cut.
    pub fn count(&mut self, kind: impl fmt::Display, what: impl FnOnce() -> String, result: Result<(), String>) {
        self.cuts += 1;
        let (cuts, lost) = self.kinds.entry(kind.to_string()).or_default();
        *cuts += 1;
        if let Err(loss) = result {
            *lost += 1;
            if self.lost.len() < 8 {
                self.lost.push(format!("{}: {loss}", what()));
            }
        }
    }

    /// Cuts after which something was lost.
    pub fn lost_count(&self) -> u64 {
        self.kinds.values().map(|(_, lost)| lost).sum()
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.cuts += other.cuts;
        self.in_recovery += other.in_recovery;
        self.on_files += other.on_files;
        for (kind, (cuts, lost)) in other.kinds {
            let sum = self.kinds.entry(kind).or_default();
            (sum.0, sum.1) = (sum.0 + cuts, sum.1 + lost);
        }
        self.lost.extend(other.lost);
        self.lost.truncate(8);
    }
}

impl Recorded {
    /// What a life of the kiosk recorded.
    ///
    /// # Errors
    /// The life did not end in order.
    pub fn of(ops: Vec<Op>, geometry: Geometry) -> Result<Self, Box<dyn std::error::Error>> {
        let mut model = Model::default();
        ops.iter().for_each(|op| model.apply(op));
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::new(model, JOURNAL_DIR));
        let first = Entries::from(disk, 1)?.next().ok_or("nothing was recorded")??;
        let device = first.entry.record().device.clone();
        Ok(Self { ops, device, geometry })
    }

    /// Cuts the power `cuts` times, evenly over every point of the record, on so many threads.
    pub fn explore(&self, cuts: u64, seed: u64, threads: u64, scratch: &Path) -> Tally {
        let mut all = Tally::default();
        std::thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|part| {
                    let scratch = scratch.join(part.to_string());
                    scope.spawn(move || self.explore_part(cuts, seed, (part, threads), &scratch))
                })
                .collect();
            for part in parts {
                all.add(part.join().expect("a check does not panic"));
            }
        });
        all
    }

    fn explore_part(&self, cuts: u64, seed: u64, (part, parts): (u64, u64), scratch: &Path) -> Tally {
        let mut tally = Tally::default();
        let (mut model, mut acknowledged) = (Model::default(), Vec::new());
        let points = self.ops.len() as u64 + 1;
        for point in 0..points {
            if point % parts == part {
                let mut left = cuts * (point + 1) / points - cuts * point / points;
                let mut round = 0;
                while left > 0 {
                    let cut = Cut::ALL[((point + round) % Cut::ALL.len() as u64) as usize];
                    let mut seeded = Seeded::new(seed ^ (point << 20) ^ round);
                    let after = model.cut(cut, &mut seeded);
                    let place = || format!("step {point} of {points}, round {round}, {cut:?}");
                    if (point + round).is_multiple_of(ON_FILES_EVERY) {
                        tally.on_files += 1;
                        let result = self.on_files(&after, &acknowledged, scratch);
                        if result.is_err() {
                            tally.count(cut, || format!("{}, on files", place()), result);
                        }
                    }
                    let (steps, result) = self.in_memory(after.clone(), &acknowledged);
                    let recovered = result.is_ok();
                    tally.count(cut, place, result);
                    left -= 1;
                    // The power comes back, and goes again while the journal recovers and takes its first passage.
                    if recovered && left > 0 && round % 2 == 1 {
                        let second = seeded.below(steps.len() as u64 + 1) as usize;
                        let cut = Cut::ALL[((point + round / 2) % Cut::ALL.len() as u64) as usize];
                        let (mut again, mut more) = (after, acknowledged.clone());
                        for op in &steps[..second] {
                            again.apply(op);
                            if let Op::Acknowledged(acknowledged) = op {
                                more.push(*acknowledged);
                            }
                        }
                        let (_, result) = self.in_memory(again.cut(cut, &mut seeded), &more);
                        let place = || format!("{}, then step {second} of recovery, {cut:?}", place());
                        tally.count(cut, place, result);
                        tally.in_recovery += 1;
                        left -= 1;
                    }
                    round += 1;
                }
            }
            if let Some(op) = self.ops.get(point as usize) {
                model.apply(op);
                if let Op::Acknowledged(one) = op {
                    acknowledged.push(*one);
                }
            }
        }
        tally
    }

    /// Begins again in memory. Returns the steps that this took, with the acknowledgement of the next passage.
    fn in_memory(&self, model: Model, acknowledged: &[Acknowledged]) -> (Vec<Op>, Result<(), String>) {
        let disk = MemoryDisk::new(model, JOURNAL_DIR);
        disk.make_dir();
        let begun = Journal::open_on(Arc::new(disk.clone()), None, &self.device, self.geometry, None);
        let next = begun.map_err(|fault| format!("does not open: {fault}")).and_then(|(mut journal, _)| {
            let next =
                journal.append(&life::draft(1), None).map_err(|fault| format!("takes no next record: {fault}"))?;
            Ok(life::acknowledged(&journal, next))
        });
        let next = match next {
            Ok(next) => next,
            Err(loss) => return (Vec::new(), Err(loss)),
        };
        disk.acknowledged(next);
        let steps = disk.steps();
        let entries = match Entries::from(Arc::new(disk), 1) {
            Ok(entries) => entries,
            Err(fault) => return (steps, Err(format!("cannot be read: {fault}"))),
        };
        let result = holds(entries.map(|stored| stored.map(|stored| stored.entry)), acknowledged, next);
        (steps, result)
    }

    /// Begins again on real files, as the kiosk does: its key, the journal's lock, the index.
    fn on_files(&self, model: &Model, acknowledged: &[Acknowledged], scratch: &Path) -> Result<(), String> {
        // What is left of the cut before is none of this one's.
        let _ = std::fs::remove_dir_all(scratch);
        std::fs::create_dir_all(scratch).and_then(|()| model.write_to(scratch)).map_err(|fault| fault.to_string())?;
        let device = Device::load_or_make(scratch, None).map_err(|fault| format!("no key: {fault}"))?;
        if !acknowledged.is_empty() && device.id() != self.device {
            return Err("the device's key is lost".to_owned());
        }
        let dir = life::journal_dir(scratch);
        let opened = Journal::open_with(&dir, device.id(), self.geometry);
        let (mut journal, _) = opened.map_err(|fault| format!("does not open: {fault}"))?;
        journal
            .append_restart(life::at(0), life::at(0), None)
            .map_err(|fault| format!("takes no next record: {fault}"))?;
        let next = journal.append(&life::draft(1), None).map_err(|fault| format!("takes no next record: {fault}"))?;
        let next = life::acknowledged(&journal, next);
        while journal.tend().map_err(|fault| format!("cannot be tended: {fault}"))? {}
        let from_index = journal.index().ok_or("the index was given up")?.count(&Query::default());
        drop(journal);
        let reader = Reader::open(&dir).map_err(|fault| fault.to_string())?;
        let entries: Vec<_> = reader.entries(1).map_err(|fault| fault.to_string())?.collect();
        let passages =
            entries.iter().flatten().filter(|stored| stored.entry.record().event.passage().is_some()).count() as u64;
        holds(entries.into_iter().map(|stored| stored.map(|stored| stored.entry)), acknowledged, next)?;
        let indexed = from_index.map_err(|fault| fault.to_string())?.all();
        if indexed == passages { Ok(()) } else { Err(format!("the index counts {indexed} passages of {passages}")) }
    }
}

/// Every number once, every acknowledged record among them, the next one last.
fn holds<E: std::fmt::Display>(
    entries: impl Iterator<Item = Result<checkpoint::passage::record::Entry, E>>,
    acknowledged: &[Acknowledged],
    next: Acknowledged,
) -> Result<(), String> {
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|fault| format!("cannot be read: {fault}"))?;
        if entry.record().sequence != found.len() as u64 + 1 {
            return Err(format!("number {} stands where {} should", entry.record().sequence, found.len() + 1));
        }
        found.push(entry.hash().0);
    }
    let is_there = |one: &Acknowledged| found.get(one.sequence as usize - 1) == Some(&one.hash);
    if !is_there(&next) || next.sequence != found.len() as u64 {
        return Err("the next record is not the last".to_owned());
    }
    match acknowledged.iter().find(|one| !is_there(one)) {
        Some(one) => Err(format!("acknowledged record {} is lost", one.sequence)),
        None => Ok(()),
    }
}
