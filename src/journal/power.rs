//! Power is cut at any instant, and the disk fails at any step: nothing acknowledged is lost.
//!
//! The disk is simulated: it knows what was synced, what only waits in memory, and what a failed sync left behind, which
//! reads as written until the power goes. A cut keeps what was synced, and of the rest what its kind says.

use std::collections::BTreeMap;
use std::sync::Mutex;

use checkpoint::passage::record::RecordFault;
use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Outcome};
use rustix::io::Errno;

use super::disk::{Access, BlockFile};
use super::*;

mod retention;

const DEVICE: &str = "0123456789abcdef";

/// What a cut does to writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// None of them reached the disk.
    Nothing,
    /// All of them did.
    Everything,
    /// The first few did.
    Prefix,
    /// Some did, some did not.
    Dropped,
    /// Some pieces of this many bytes did.
    Torn(usize),
    /// As torn, and some pieces hold garbage.
    TornWithGarbage(usize),
    /// Every block that was being written is destroyed whole, as cards do, also where part of it was durable.
    BlockDestroyed,
}

impl Cut {
    /// Nine kinds; what is destroyed is as large as a block, the promise that the size of blocks rests on.
    const ALL: [Self; 9] = [
        Self::Nothing,
        Self::Everything,
        Self::Prefix,
        Self::Dropped,
        Self::Torn(4096),
        Self::Torn(512),
        Self::TornWithGarbage(4096),
        Self::TornWithGarbage(512),
        Self::BlockDestroyed,
    ];
}

/// Numbers that look random and follow from a seed (xorshift64*).
#[derive(Clone, Debug)]
struct Seeded(u64);

impl Seeded {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

/// One write that was not synced.
#[derive(Clone)]
struct Write {
    offset: usize,
    bytes: Vec<u8>,
}

/// A change of names that was not synced.
#[derive(Clone)]
enum Naming {
    Create(String, u64),
    Rename(String, String),
    Remove(String),
}

fn rename(names: &mut BTreeMap<String, u64>, naming: &Naming) {
    match naming {
        Naming::Create(name, file) => drop(names.insert(name.clone(), *file)),
        Naming::Rename(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Naming::Remove(name) => drop(names.remove(name)),
    }
}

#[derive(Clone, Default)]
struct SimulatedFile {
    /// What the disk holds.
    durable: Vec<u8>,
    /// What is read.
    cached: Vec<u8>,
    /// Waits for a sync.
    waiting: Vec<Write>,
    /// A sync failed on it: no later sync will write it, and it may be on the disk or not.
    lost: Vec<Write>,
}

fn apply(bytes: &mut Vec<u8>, write: &Write) {
    let end = write.offset + write.bytes.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[write.offset..end].copy_from_slice(&write.bytes);
}

#[derive(Clone, Default)]
struct State {
    files: BTreeMap<u64, SimulatedFile>,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    waiting_names: Vec<Naming>,
    created: u64,
}

impl State {
    /// The disk after the power came back.
    fn cut(&self, cut: Cut, seeded: &mut Seeded) -> Self {
        let mut after = Self { created: self.created, durable_names: self.durable_names.clone(), ..Self::default() };
        let namings = self.waiting_names.len() as u64;
        let survive = match cut {
            Cut::Nothing => 0,
            Cut::Everything => namings,
            _ => seeded.below(namings + 1),
        };
        for naming in &self.waiting_names[..survive as usize] {
            rename(&mut after.durable_names, naming);
        }
        after.names = after.durable_names.clone();
        for file in after.names.values() {
            let mut bytes = self.files[file].durable.clone();
            let SimulatedFile { waiting, lost, .. } = &self.files[file];
            for write in lost {
                tear(&mut bytes, write, Cut::TornWithGarbage(512), seeded);
            }
            let prefix = seeded.below(waiting.len() as u64 + 1) as usize;
            for (number, write) in waiting.iter().enumerate() {
                match cut {
                    Cut::Prefix if number < prefix => apply(&mut bytes, write),
                    Cut::Prefix => {}
                    cut => tear(&mut bytes, write, cut, seeded),
                }
            }
            let file_after = SimulatedFile { cached: bytes.clone(), durable: bytes, ..SimulatedFile::default() };
            after.files.insert(*file, file_after);
        }
        after
    }
}

/// What becomes of one write that was not synced.
fn tear(bytes: &mut Vec<u8>, write: &Write, cut: Cut, seeded: &mut Seeded) {
    let (piece, kinds) = match cut {
        Cut::Nothing => return,
        Cut::Everything => return apply(bytes, write),
        Cut::Prefix | Cut::Dropped => (usize::MAX, 2),
        Cut::Torn(piece) => (piece, 2),
        Cut::TornWithGarbage(piece) => (piece, 3),
        Cut::BlockDestroyed => {
            let unit = SMALL.block_bytes as usize;
            let first = write.offset / unit * unit;
            let last = (write.offset + write.bytes.len()).div_ceil(unit) * unit;
            let last = last.min(bytes.len());
            for byte in bytes.get_mut(first..last).unwrap_or_default() {
                *byte = seeded.below(256) as u8;
            }
            return;
        }
    };
    for (number, part) in write.bytes.chunks(piece.min(write.bytes.len().max(1))).enumerate() {
        let offset = write.offset + number * piece.min(write.bytes.len().max(1));
        match seeded.below(kinds) {
            0 => {}
            1 => apply(bytes, &Write { offset, bytes: part.to_vec() }),
            _ => {
                let garbage = part.iter().map(|_| seeded.below(256) as u8).collect();
                apply(bytes, &Write { offset, bytes: garbage });
            }
        }
    }
}

/// What happens at each step of the disk.
#[derive(Clone)]
enum Steps {
    /// It works, and the state before each step is kept.
    Keep(Vec<(State, usize)>),
    /// One step in so many fails.
    Fail(Seeded, u64),
    /// The step of this number fails, and none else.
    FailAt(u64, Errno),
    /// Syncs only pretend.
    Lie,
    /// It works.
    Work,
}

struct Inner {
    state: State,
    steps: Steps,
    /// Steps made so far.
    made: u64,
    /// Records acknowledged so far, noted beside every kept state.
    acknowledged: usize,
}

/// The simulated directory.
#[derive(Clone)]
struct Simulated(Arc<Mutex<Inner>>);

struct OpenFile(Simulated, u64);

impl Simulated {
    fn new(state: State, steps: Steps) -> Self {
        Self(Arc::new(Mutex::new(Inner { state, steps, made: 0, acknowledged: 0 })))
    }

    fn state(&self) -> State {
        self.0.lock().unwrap().state.clone()
    }

    /// One step; an error where the plan says so.
    fn step<T>(&self, act: impl FnOnce(&mut State, Option<Errno>, bool) -> io::Result<T>) -> io::Result<T> {
        let inner = &mut *self.0.lock().unwrap();
        inner.made += 1;
        let (mut fault, mut lie) = (None, false);
        match &mut inner.steps {
            Steps::Keep(states) => states.push((inner.state.clone(), inner.acknowledged)),
            Steps::Fail(seeded, one_in) => {
                if seeded.below(*one_in) == 0 {
                    fault = Some([Errno::IO, Errno::NOSPC, Errno::ROFS][seeded.below(3) as usize]);
                }
            }
            Steps::FailAt(number, errno) => fault = (inner.made == *number).then_some(*errno),
            Steps::Lie => lie = true,
            Steps::Work => {}
        }
        act(&mut inner.state, fault, lie)
    }
}

fn fail(fault: Option<Errno>) -> io::Result<()> {
    fault.map_or(Ok(()), |errno| Err(errno.into()))
}

impl Disk for Simulated {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.into_keys().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn BlockFile>> {
        let file = self.step(|state, fault, _| {
            fail(fault)?;
            state.created += 1;
            let naming = Naming::Create(name.to_owned(), state.created);
            rename(&mut state.names, &naming);
            state.waiting_names.push(naming);
            state.files.insert(state.created, SimulatedFile::default());
            Ok(state.created)
        })?;
        Ok(Box::new(OpenFile(self.clone(), file)))
    }

    fn open(&self, name: &str, _: Access) -> io::Result<Box<dyn BlockFile>> {
        let file = self.state().names.get(name).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(OpenFile(self.clone(), file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(|state, fault, _| {
            fail(fault)?;
            let naming = Naming::Rename(from.to_owned(), to.to_owned());
            rename(&mut state.names, &naming);
            state.waiting_names.push(naming);
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step(|state, fault, _| {
            fail(fault)?;
            let naming = Naming::Remove(name.to_owned());
            rename(&mut state.names, &naming);
            state.waiting_names.push(naming);
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.step(|state, fault, lie| {
            fail(fault)?;
            if !lie {
                for naming in std::mem::take(&mut state.waiting_names) {
                    rename(&mut state.durable_names, &naming);
                }
            }
            Ok(())
        })
    }
}

impl OpenFile {
    fn write(&self, write: Write) -> io::Result<()> {
        self.0.step(|state, fault, _| {
            let Some(file) = state.files.get_mut(&self.1) else { return Err(Errno::NOENT.into()) };
            let mut write = write;
            if fault.is_some() {
                // Some of it got through before the disk failed.
                write.bytes.truncate(write.bytes.len() / 2);
            }
            apply(&mut file.cached, &write);
            file.waiting.push(write);
            fail(fault)
        })
    }
}

impl BlockFile for OpenFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.0.0.lock().unwrap().state.files[&self.1].cached.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let inner = self.0.0.lock().unwrap();
        let from = inner.state.files[&self.1].cached.get(offset as usize..).unwrap_or_default();
        let from = from.get(..buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(from);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write(Write { offset: offset as usize, bytes: bytes.to_vec() })
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.write(Write { offset: 0, bytes: vec![0; bytes as usize] })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.step(|state, fault, lie| {
            let Some(file) = state.files.get_mut(&self.1) else { return Err(Errno::NOENT.into()) };
            if lie {
                return Ok(());
            }
            let waiting = std::mem::take(&mut file.waiting);
            match fault {
                Some(errno) => {
                    file.lost.extend(waiting);
                    Err(errno.into())
                }
                None => {
                    waiting.iter().for_each(|write| apply(&mut file.durable, write));
                    Ok(())
                }
            }
        })
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Few small blocks, so that segments change often and thousands of cuts take seconds.
const SMALL: Geometry = Geometry { block_bytes: 4096, blocks: 4 };

fn draft(number: u64) -> Draft {
    let at = DateTime::from_timestamp(1_772_323_200 + number as i64, 0).unwrap();
    let direction = if number.is_multiple_of(2) { Direction::In } else { Direction::Out };
    Draft { trust_list: Some(7), ..Draft::plain(at, "HN-CK-0023", direction, Outcome::Admit) }
}

fn open(disk: &Simulated) -> Result<Journal, JournalFault> {
    Journal::open_on(Arc::new(disk.clone()), None, DEVICE, SMALL, None).map(|(journal, _)| journal)
}

/// A record that was acknowledged: its number and its hash.
type Acknowledged = (u64, Digest);

fn append(journal: &mut Journal, number: u64) -> Result<Acknowledged, JournalFault> {
    let passage = journal.append(&draft(number), None)?;
    Ok((passage.sequence(), journal.head))
}

/// What must hold after any cut: the journal opens, every acknowledged record is there, and the next one is taken.
fn check(state: State, acknowledged: &[Acknowledged]) -> Result<(), String> {
    let disk = Simulated::new(state, Steps::Work);
    let mut journal = open(&disk).map_err(|fault| format!("does not open: {fault}"))?;
    let next = append(&mut journal, 1_000_000).map_err(|fault| format!("takes no next record: {fault}"))?;
    drop(journal);
    let entries = Entries::from(Arc::new(disk), 1).map_err(|fault| fault.to_string())?;
    let mut found = Vec::new();
    for stored in entries {
        let stored = stored.map_err(|fault| format!("cannot be read: {fault}"))?;
        found.push((stored.entry.record().sequence, stored.entry.hash()));
    }
    if found.iter().map(|(sequence, _)| *sequence).ne(1..=found.len() as u64) {
        return Err("numbers are missing or doubled".to_owned());
    }
    if found.last() != Some(&next) {
        return Err("the next record is not the last".to_owned());
    }
    match acknowledged.iter().find(|(sequence, hash)| found.get(*sequence as usize - 1) != Some(&(*sequence, *hash))) {
        Some((sequence, _)) => Err(format!("acknowledged record {sequence} is lost")),
        None => Ok(()),
    }
}

/// A run of the kiosk on a disk that keeps its state before every step.
fn recorded_run(state: State, acknowledged: &mut Vec<Acknowledged>, appends: u64) -> Vec<(State, usize)> {
    let disk = Simulated::new(state, Steps::Keep(Vec::new()));
    let told = |acknowledged: &Vec<Acknowledged>| disk.0.lock().unwrap().acknowledged = acknowledged.len();
    told(acknowledged);
    let mut journal = open(&disk).unwrap();
    for number in 0..appends {
        acknowledged.push(append(&mut journal, number).unwrap());
        told(acknowledged);
        if number % 3 == 2 {
            journal.tend().unwrap();
        }
    }
    let mut inner = disk.0.lock().unwrap();
    let Steps::Keep(mut states) = std::mem::replace(&mut inner.steps, Steps::Work) else { unreachable!() };
    states.push((inner.state.clone(), acknowledged.len()));
    states
}

#[test]
fn a_cut_at_any_step_loses_nothing_also_during_recovery() {
    let mut acknowledged = Vec::new();
    let states = recorded_run(State::default(), &mut acknowledged, 24);
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
    let disk = Simulated::new(State::default(), Steps::Lie);
    let mut journal = open(&disk).unwrap();
    let acknowledged: Vec<_> = (0..5).map(|number| append(&mut journal, number).unwrap()).collect();
    let state = disk.state();
    let lost = Cut::ALL.into_iter().filter(|cut| check(state.cut(*cut, &mut Seeded::new(1)), &acknowledged).is_err());
    assert!(lost.count() >= 8);
}

/// Runs of the kiosk on one disk, which fails here and there; between them the process ends or the power is cut.
fn troubled_life(seed: u64) -> Result<(), String> {
    let mut seeded = Seeded::new(seed);
    let (mut state, mut acknowledged, mut number) = (State::default(), Vec::<Acknowledged>::new(), 0);
    for _ in 0..4 {
        let one_in = [3, 8, 30, 1_000_000][seeded.below(4) as usize];
        let disk = Simulated::new(state, Steps::Fail(seeded.clone(), one_in));
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
        state = disk.state();
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
            let disk = Simulated::new(State::default(), Steps::FailAt(failing, errno));
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
            check(disk.state().cut(Cut::Nothing, &mut Seeded::new(failing)), &acknowledged).unwrap();
        }
    }
}

#[test]
fn a_record_that_only_memory_held_is_written_again_before_the_next_is_chained_to_it() {
    // The sync of the second record fails; the process ends; a new one reads it from memory as if it were there.
    let disk = Simulated::new(State::default(), Steps::Work);
    let mut journal = open(&disk).unwrap();
    let first = append(&mut journal, 1).unwrap();
    let steps = disk.0.lock().unwrap().made;
    disk.0.lock().unwrap().steps = Steps::FailAt(steps + 2, Errno::IO);
    append(&mut journal, 2).unwrap_err();
    drop(journal);
    let mut journal = open(&disk).unwrap();
    assert_eq!(journal.sequence(), 2, "it looks as if it had been recorded");
    let third = append(&mut journal, 3).unwrap();
    assert_eq!(third.0, 3);
    for seed in 0..50 {
        check(disk.state().cut(Cut::Nothing, &mut Seeded::new(seed)), &[first, third]).unwrap();
    }
}

#[test]
fn a_record_whose_sync_failed_gives_its_number_to_the_next() {
    let disk = Simulated::new(State::default(), Steps::Work);
    let mut journal = open(&disk).unwrap();
    append(&mut journal, 1).unwrap();
    let steps = disk.0.lock().unwrap().made;
    disk.0.lock().unwrap().steps = Steps::FailAt(steps + 2, Errno::IO);
    append(&mut journal, 2).unwrap_err();
    assert_eq!(append(&mut journal, 3).unwrap().0, 2);
    let settled: Vec<_> = Entries::from(Arc::new(disk), 1).unwrap().map(|stored| stored.unwrap()).collect();
    assert_eq!(settled.len(), 2);
    assert_eq!(settled[1].entry.hash(), journal.head, "the acknowledged one counts");
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
    let disk = Arc::new(Simulated::new(State::default(), Steps::Work));
    let geometry = Geometry { blocks: 8, ..Geometry::USUAL };
    let (mut journal, _) = Journal::open_on(disk, None, DEVICE, geometry, None).unwrap();
    let key = (NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), public_key(&[7; 32]).unwrap());
    journal.append(&draft, Some(key)).unwrap();
    let too_large = Draft { location: "L".repeat(5000), ..draft };
    let fault = journal.append(&too_large, Some(key)).unwrap_err();
    assert!(matches!(fault, JournalFault::Record(RecordFault::TooLarge { .. })), "{fault}");
    assert_eq!(append(&mut journal, 2).unwrap().0, 2, "and the journal goes on");
}
