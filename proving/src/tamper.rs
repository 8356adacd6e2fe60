//! Mutations of a journal, its index and its batches, and whether a verification finds them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use checkpoint::passage::Note;
use checkpoint::passage::batch::Batch;
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::Restart;
use checkpoint::passage::record::{Entry, Event, Place, device_id};
use ed25519_dalek::{SigningKey, VerifyingKey};
use kiosk::journal::block::Block;
use kiosk::journal::index::INDEX_FILE;
use kiosk::journal::verify::{Checks, Finding, Known, Report, Severity, Witness, batches, verify};
use kiosk::journal::{Journal, Reader};
use simdisk::Seeded;

use crate::powercut::life::{SMALL, at, draft, tracing_key};

/// Records of the journal that is changed.
const PASSAGES: u64 = 60;
/// Records in each batch.
const BATCH: usize = 10;
const BLOCK: usize = SMALL.block_bytes as usize;

/// The journal before it is changed.
#[derive(Clone)]
pub struct Original {
    dir: PathBuf,
    older: PathBuf,
    device: String,
    key: [u8; 32],
    checks: Checks,
}

/// What a verification has beside the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Witnessed {
    /// Nothing.
    Nothing,
    /// The batches of the original; those beside the copy must be whole.
    Batches,
    /// A checkpoint that another kiosk scanned.
    Checkpoint,
}

/// What became of the mutations of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Told as broken, or noted where nothing was before.
    pub found: u64,
    /// Told as not provable without a witness, and found with one.
    pub by_witness: u64,
    /// Nothing that the journal says was changed: unused bytes of the index.
    pub harmless: u64,
    /// Neither.
    pub missed: u64,
}

impl Counts {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.found + self.by_witness + self.harmless + self.missed
    }
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// By kind of mutation.
    pub kinds: BTreeMap<&'static str, Counts>,
    /// The first few that were missed.
    pub missed: Vec<String>,
}

impl Tally {
    /// Mutations of every kind.
    pub fn mutations(&self) -> u64 {
        self.kinds.values().map(Counts::all).sum()
    }
}

/// One kind of mutation. `false` where it changed nothing.
type Mutation = fn(&Original, &Path, &mut Seeded) -> Result<bool, Box<dyn Error>>;

const MUTATIONS: [(&str, Mutation); 20] = [
    ("flip in a segment", flip_in_segment),
    ("cut a segment", cut_segment),
    ("swap two blocks", swap_blocks),
    ("insert a copy of a block", insert_block),
    ("replay a block over another", replay_block),
    ("swap two segments", swap_segments),
    ("remove a segment", remove_segment),
    ("wipe a segment", wipe_segment),
    ("remove the newest records", cut_tail),
    ("put back an older copy", older_copy),
    ("put back an older segment", older_segment),
    ("change a record and its checksum", forge_record),
    ("change a record and all after it", forge_chain),
    ("erase a sealed part", erase_sealed),
    ("exchange a sealed part", exchange_sealed),
    ("append a forged record", append_forged),
    ("flip in the index", flip_in_index),
    ("change a row of the index", change_row),
    ("put back an older index", older_index),
    ("change a batch", change_batch),
];

impl Original {
    /// Makes a journal with restarts, signed heads and batches, and keeps a copy of how it was half-way.
    ///
    /// # Errors
    /// The disk works, so there should be none.
    pub fn make(root: &Path) -> Result<Self, Box<dyn Error>> {
        let (dir, older) = (root.join("now"), root.join("older"));
        let key = SigningKey::from_bytes(&[5; 32]);
        let device = device_id(&key.verifying_key());
        fs::create_dir_all(dir.join("journal"))?;
        fs::create_dir_all(dir.join("passages"))?;
        let mut number = 0;
        while number < PASSAGES {
            let (mut journal, _) = Journal::open_with(&dir.join("journal"), &device, SMALL)?;
            journal.append_restart(at(number), at(number), Some(7))?;
            for _ in 0..15 {
                journal.append(&draft(number), tracing_key(0))?;
                number += 1;
                if number % 10 == 0 {
                    journal.append_checkpoint(&key, at(number), at(number))?;
                }
                journal.tend()?;
            }
            if number == PASSAGES {
                // As the kiosk does when it is closed in order.
                journal.append_checkpoint(&key, at(number), at(number))?;
            }
            drop(journal);
            if number * 2 == PASSAGES {
                copy(&dir, &older)?;
            }
        }
        let reader = Reader::open(&dir.join("journal"))?;
        let entries: Vec<Entry> = reader.settled(1)?.collect::<Result<_, _>>()?;
        for run in entries.chunks(BATCH) {
            let batch = Batch::new(&device, reader.id(), run.to_vec())?;
            let name = format!(
                "batch-{device}-{}-{:010}-{:010}.json",
                &reader.id().to_string()[..8],
                batch.first(),
                batch.last()
            );
            fs::write(dir.join("passages").join(name), serde_json::to_vec(&batch.sign(&key))?)?;
        }
        Ok(Self { dir, older, device, key: key.to_bytes(), checks: Checks::ALL })
    }

    /// The same, verified with one check less.
    pub fn with_checks_left_out(&self) -> Vec<(&'static str, Self)> {
        let without = |change: fn(&mut Checks)| {
            let mut original = self.clone();
            change(&mut original.checks);
            original
        };
        vec![
            ("checksums", without(|checks| checks.checksums = false)),
            ("the chain", without(|checks| checks.chain = false)),
            ("signatures", without(|checks| checks.signatures = false)),
            ("commitments", without(|checks| checks.commitments = false)),
            ("the index", without(|checks| checks.index = false)),
            ("witnesses", without(|checks| checks.witnesses = false)),
        ]
    }

    /// The head of the original, as another kiosk would have scanned it.
    fn witness(&self) -> Result<Witness, Box<dyn Error>> {
        let records = records(&self.dir)?;
        let (.., last) = records.last().ok_or("no records")?;
        let checkpoint = Checkpoint {
            device: self.device.clone(),
            journal: Reader::open(&self.dir.join("journal"))?.id(),
            sequence: last.record().sequence,
            head: last.hash(),
            at: last.record().at,
        };
        let proven = Checkpoint::verify(&checkpoint.sign(&self.key()), &[self.key().verifying_key()])?;
        Ok(Witness::of_checkpoint(&proven, "the checkpoint that another kiosk scanned"))
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.key)
    }

    /// Verifies a copy.
    fn verify(&self, dir: &Path, witnessed: Witnessed) -> Result<Report, Box<dyn Error>> {
        let devices: [VerifyingKey; 1] = [self.key().verifying_key()];
        let (mut witnesses, mut findings) = (Vec::new(), Vec::new());
        match witnessed {
            Witnessed::Nothing => {}
            Witnessed::Batches => {
                witnesses = batches(&self.dir.join("passages"), &self.device, &devices)?.0;
                findings = batches(&dir.join("passages"), &self.device, &devices)?.1;
            }
            Witnessed::Checkpoint => witnesses.push(self.witness()?),
        }
        let known = Known { devices: &devices, witnesses: &witnesses, checks: self.checks };
        let mut report = verify(&dir.join("journal"), &known)?;
        report.findings.extend(findings);
        Ok(report)
    }
}

/// How long a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// So many mutations were made.
    All(u64),
    /// One was missed, or so many were made.
    Missed(u64),
}

/// Makes mutations, each of a fresh copy.
///
/// # Errors
/// A copy could not be made or read.
pub fn run(original: &Original, until: Until, seed: u64, scratch: &Path) -> Result<Tally, Box<dyn Error>> {
    let mut tally = Tally::default();
    let clean =
        (original.verify(&original.dir, Witnessed::Nothing)?, original.verify(&original.dir, Witnessed::Batches)?);
    if clean.1.severity() == Severity::Broken {
        return Err(format!("the original is not whole: {:?}", clean.1.findings).into());
    }
    let dir = scratch.join("mutated");
    let (Until::All(mutations) | Until::Missed(mutations)) = until;
    for number in 0..mutations {
        if matches!(until, Until::Missed(_)) && !tally.missed.is_empty() {
            break;
        }
        let (kind, mutation) = MUTATIONS[(number % MUTATIONS.len() as u64) as usize];
        let mut seeded = Seeded::new(seed ^ number << 8);
        copy(&original.dir, &dir)?;
        let mut changed = false;
        // What changes nothing is no mutation: another one is drawn.
        for _ in 0..20 {
            changed = mutation(original, &dir, &mut seeded).map_err(|fault| format!("{kind}: {fault}"))?;
            if changed {
                break;
            }
            copy(&original.dir, &dir)?;
        }
        if !changed {
            return Err(format!("{kind}: no mutation {number} of seed {seed} changes anything").into());
        }
        let counts = tally.kinds.entry(kind).or_default();
        // A journal that cannot even be read is found too.
        let alone = original.verify(&dir, Witnessed::Nothing).ok();
        let by = if number % 2 == 0 || kind == "change a batch" { Witnessed::Batches } else { Witnessed::Checkpoint };
        let witnessed = original.verify(&dir, by).ok();
        let found = |report: &Option<Report>, clean: &Report| {
            report.as_ref().is_none_or(|report| {
                // That the index is missing says nothing: anybody may remove it, and the kiosk makes it again.
                let told = |now: &&Finding| {
                    now.severity != Severity::Unproven && now.file != INDEX_FILE && !clean.findings.contains(now)
                };
                report.severity() == Severity::Broken || report.findings.iter().any(|now| told(&now))
            })
        };
        let not_provable = alone.as_ref().is_none_or(|report| report.severity() >= Severity::Unproven);
        if found(&alone, &clean.0) || (kind == "change a batch" && found(&witnessed, &clean.1)) {
            counts.found += 1;
        } else if not_provable && found(&witnessed, &clean.1) {
            counts.by_witness += 1;
        } else if kind == "flip in the index" && original.checks == Checks::ALL {
            // Every row was compared and SQLite found its file sound: what was hit says nothing.
            counts.harmless += 1;
        } else {
            counts.missed += 1;
            if tally.missed.len() < 8 {
                tally.missed.push(format!("{kind}, mutation {number}, seed {seed}"));
            }
        }
    }
    Ok(tally)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let _ = fs::remove_dir_all(to);
    for folder in ["journal", "passages"] {
        fs::create_dir_all(to.join(folder))?;
        for file in fs::read_dir(from.join(folder))? {
            let file = file?;
            fs::copy(file.path(), to.join(folder).join(file.file_name()))?;
        }
    }
    Ok(())
}

fn files(dir: &Path, what: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(what)));
    paths.sort();
    Ok(paths)
}

fn segments(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    files(&dir.join("journal"), "segment-")
}

fn pick(paths: &[PathBuf], seeded: &mut Seeded) -> PathBuf {
    paths[seeded.below(paths.len() as u64) as usize].clone()
}

/// Every block that holds a record: its file, where it begins, and the record.
fn records(dir: &Path) -> Result<Vec<(PathBuf, usize, Entry)>, Box<dyn Error>> {
    let mut found = Vec::new();
    for path in segments(dir)? {
        let bytes = fs::read(&path)?;
        for (number, block) in bytes.chunks_exact(BLOCK).enumerate().skip(1) {
            if let Block::Record(entry) = Block::decode(block) {
                found.push((path.clone(), number * BLOCK, *entry));
            }
        }
    }
    Ok(found)
}

fn write_block(path: &Path, offset: usize, block: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut bytes = fs::read(path)?;
    bytes[offset..offset + block.len()].copy_from_slice(block);
    Ok(fs::write(path, bytes)?)
}

fn encoded(entry: &Entry) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(Block::encode(entry, SMALL.block_bytes).ok_or("it does not fit")?)
}

fn flip(path: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let mut bytes = fs::read(path)?;
    if bytes.is_empty() {
        return Ok(false);
    }
    let at = seeded.below(bytes.len() as u64) as usize;
    bytes[at] ^= 1 << seeded.below(8);
    fs::write(path, bytes)?;
    Ok(true)
}

fn flip_in_segment(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let path = pick(&segments(dir)?, seeded);
    if seeded.below(2) == 0 {
        return flip(&path, seeded);
    }
    // Most of a block is empty: half of the flips hit what is used.
    let records = records(dir)?;
    let (path, offset, entry) = &records[seeded.below(records.len() as u64) as usize];
    let mut bytes = fs::read(path)?;
    let at = offset + seeded.below(Block::bytes_of(entry) as u64) as usize;
    bytes[at] ^= 1 << seeded.below(8);
    fs::write(path, bytes)?;
    Ok(true)
}

fn cut_segment(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let path = pick(&segments(dir)?, seeded);
    let file = fs::File::options().write(true).open(&path)?;
    file.set_len(seeded.below(file.metadata()?.len()))?;
    Ok(true)
}

fn swap_blocks(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let records = records(dir)?;
    let (one, other) = (seeded.below(records.len() as u64) as usize, seeded.below(records.len() as u64) as usize);
    let (first, second) = (encoded(&records[one].2)?, encoded(&records[other].2)?);
    if first == second {
        return Ok(false);
    }
    write_block(&records[one].0, records[one].1, &second)?;
    write_block(&records[other].0, records[other].1, &first)?;
    Ok(true)
}

fn insert_block(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    // Everything after it moves on by one block, through all segments.
    let records = records(dir)?;
    let after = seeded.below(records.len() as u64) as usize;
    let copied = encoded(&records[seeded.below(records.len() as u64) as usize].2)?;
    let mut moved = copied;
    for (path, offset, entry) in &records[after..] {
        let here = encoded(entry)?;
        write_block(path, *offset, &moved)?;
        moved = here;
    }
    let (path, offset, _) = records.last().ok_or("no records")?;
    let bytes = fs::read(path)?;
    if offset + 2 * BLOCK <= bytes.len() {
        write_block(path, offset + BLOCK, &moved)?;
    }
    Ok(true)
}

fn replay_block(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let records = records(dir)?;
    let block = encoded(&records[seeded.below(records.len() as u64) as usize].2)?;
    // Over any block: a used one, or one that was never written.
    let path = pick(&segments(dir)?, seeded);
    let bytes = fs::read(&path)?;
    let offset = (1 + seeded.below((bytes.len() / BLOCK) as u64 - 1) as usize) * BLOCK;
    if bytes[offset..offset + BLOCK] == block[..] {
        return Ok(false);
    }
    write_block(&path, offset, &block)?;
    Ok(true)
}

fn swap_segments(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let paths = segments(dir)?;
    let (one, other) = (pick(&paths, seeded), pick(&paths, seeded));
    let (first, second) = (fs::read(&one)?, fs::read(&other)?);
    fs::write(&one, &second)?;
    fs::write(&other, &first)?;
    Ok(one != other)
}

fn remove_segment(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let used: Vec<PathBuf> = records(dir)?.into_iter().map(|(path, ..)| path).collect();
    fs::remove_file(pick(&used, seeded))?;
    Ok(true)
}

/// Every record of it becomes a block that was never written, and the index that would tell is made again.
fn wipe_segment(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let used: Vec<PathBuf> = records(dir)?.into_iter().map(|(path, ..)| path).collect();
    let path = pick(&used, seeded);
    let mut bytes = fs::read(&path)?;
    bytes[BLOCK..].fill(0);
    fs::write(path, bytes)?;
    without_index(dir)?;
    Ok(true)
}

/// Whoever cuts the tail also lets the index be made again.
fn without_index(dir: &Path) -> Result<(), Box<dyn Error>> {
    for path in files(&dir.join("journal"), "index.sqlite")? {
        fs::remove_file(path)?;
    }
    Ok(())
}

fn cut_tail(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let records = records(dir)?;
    let kept = 1 + seeded.below(records.len() as u64 - 1) as usize;
    for (path, offset, _) in &records[kept..] {
        write_block(path, *offset, &[0; BLOCK])?;
    }
    without_index(dir)?;
    Ok(true)
}

fn older_copy(original: &Original, dir: &Path, _: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let kept = dir.join("passages");
    let _ = fs::remove_dir_all(dir.join("journal"));
    fs::create_dir_all(dir.join("journal"))?;
    for file in fs::read_dir(original.older.join("journal"))? {
        let file = file?;
        fs::copy(file.path(), dir.join("journal").join(file.file_name()))?;
    }
    Ok(kept.is_dir())
}

fn older_segment(original: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let mut changed = Vec::new();
    for path in segments(&original.older)? {
        let now = dir.join("journal").join(path.file_name().ok_or("no name")?);
        if fs::read(&now)? != fs::read(&path)? {
            changed.push((path, now));
        }
    }
    let (old, now) = &changed[seeded.below(changed.len() as u64) as usize];
    fs::copy(old, now)?;
    Ok(true)
}

/// The record with another text: what a forger who has the program, and not the key, can write.
fn forged(entry: &Entry, previous: Option<&Entry>) -> Result<Entry, Box<dyn Error>> {
    let mut text = entry.text().to_owned();
    if let Some(previous) = previous {
        text = text.replace(&entry.record().previous.to_string(), &previous.hash().to_string());
    } else {
        text = text.replace("HN-CK-0023", "HN-CK-0024").replace("\"program\":\"", "\"program\":\"9");
    }
    Ok(Entry::read(&text, entry.sealed().map(<[u8]>::to_vec))?)
}

fn forge_record(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let records = records(dir)?;
    let (path, offset, entry) = &records[seeded.below(records.len() as u64) as usize];
    let forged = forged(entry, None)?;
    write_block(path, *offset, &encoded(&forged)?)?;
    Ok(forged != *entry)
}

/// One record and the whole chain after it. Signatures cannot be made anew; the forger keeps them, or leaves them out.
fn forge_chain(original: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let records = records(dir)?;
    let first = seeded.below(records.len() as u64) as usize;
    let leaves_out = seeded.below(2) == 0;
    let mut before: Option<Entry> = None;
    let mut changed = false;
    for (number, (path, offset, entry)) in records.iter().enumerate().skip(first) {
        let next = match &before {
            None => forged(entry, None)?,
            // What stands twice, as at a start, stands twice again.
            Some(last) if last.record().sequence == entry.record().sequence => last.clone(),
            Some(last) if leaves_out && matches!(entry.record().event, Event::Checkpoint(_)) => {
                let record = entry.record();
                let event =
                    Event::Restart(Restart { program: "0.1.0".into(), skipped: 0, trust_list: None, works: None });
                let place = Place { device: original.device.clone(), sequence: record.sequence, previous: last.hash() };
                Entry::note(place, Note { at: record.at, floor: record.floor, event })?
            }
            Some(last) => forged(entry, Some(last))?,
        };
        changed |= number == first && next != *entry;
        if !changed {
            return Ok(false);
        }
        write_block(path, *offset, &encoded(&next)?)?;
        before = Some(next);
    }
    without_index(dir)?;
    Ok(true)
}

fn erase_sealed(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let mut records = records(dir)?;
    records.retain(|(_, _, entry)| entry.sealed().is_some());
    let (path, offset, entry) = &records[seeded.below(records.len() as u64) as usize];
    write_block(path, *offset, &encoded(&Entry::read(entry.text(), None)?)?)?;
    Ok(true)
}

fn exchange_sealed(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let mut records = records(dir)?;
    records.retain(|(_, _, entry)| entry.sealed().is_some());
    let one = seeded.below(records.len() as u64) as usize;
    let other = (one + 1 + seeded.below(records.len() as u64 - 1) as usize) % records.len();
    let sealed = records[other].2.sealed().ok_or("it is sealed")?.to_vec();
    let (path, offset, entry) = &records[one];
    // The block's checksum is right; what it holds is not what the record commits to.
    let mut block = encoded(&Entry::read(entry.text(), None)?)?;
    block[16..20].copy_from_slice(&(sealed.len() as u32).to_le_bytes());
    let used = 96 + entry.text().len();
    block[used..used + sealed.len()].copy_from_slice(&sealed);
    let checksum = sha256(&[&block[..64], &block[96..used + sealed.len()]]);
    block[64..96].copy_from_slice(&checksum);
    write_block(path, *offset, &block)?;
    Ok(records[other].2.sealed() != entry.sealed())
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    checkpoint::passage::record::Digest::of(&parts.concat()).0
}

fn append_forged(original: &Original, dir: &Path, _: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let records = records(dir)?;
    let (path, offset, last) = records.last().ok_or("no records")?;
    let event = Event::Restart(Restart { program: "0.1.0".into(), skipped: 0, trust_list: None, works: None });
    let place =
        Place { device: original.device.clone(), sequence: last.record().sequence, previous: last.record().previous };
    // In place of the last one, which nothing after it vouches for.
    let entry = Entry::note(place, Note { at: last.record().at, floor: last.record().floor, event })?;
    write_block(path, *offset, &encoded(&entry)?)?;
    without_index(dir)?;
    Ok(true)
}

fn flip_in_index(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    flip(&dir.join("journal/index.sqlite"), seeded)
}

fn change_row(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let db = rusqlite::Connection::open(dir.join("journal/index.sqlite"))?;
    let sequence = 1 + seeded.below(PASSAGES).cast_signed();
    let changed = match seeded.below(6) {
        0 => db.execute("DELETE FROM record WHERE sequence = ?", [sequence])?,
        1 => db.execute("UPDATE record SET outcome = 'admit' WHERE sequence = ? AND outcome <> 'admit'", [sequence])?,
        2 => db.execute("UPDATE record SET at = at + 60000 WHERE sequence = ?", [sequence])?,
        3 => db.execute("UPDATE record SET text = replace(text, 'HN-CK', 'HN-CX') WHERE sequence = ? AND outcome IS NOT NULL", [sequence])?,
        4 => db.execute("UPDATE record SET hash = zeroblob(32) WHERE sequence = ?", [sequence])?,
        _ => db.execute(
            "INSERT INTO record SELECT sequence + 1000, at, outcome, direction, reason, scan_ms, hash, text FROM record WHERE sequence = ?",
            [sequence],
        )?,
    };
    Ok(changed > 0)
}

fn older_index(original: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    // Cutting an index is found as damage; an older one lacks only the newest rows, and is taken for what it is.
    let path = dir.join("journal/index.sqlite");
    if seeded.below(2) == 0 {
        let file = fs::File::options().write(true).open(&path)?;
        file.set_len(seeded.below(file.metadata()?.len()))?;
        return Ok(true);
    }
    // Of another journal: the numbers are right and the records are not.
    let foreign = original.dir.with_file_name("foreign");
    if !foreign.exists() {
        fs::create_dir_all(&foreign)?;
        let (mut journal, _) = Journal::open_with(&foreign, &original.device, SMALL)?;
        for number in 0..20 {
            journal.append(&draft(number), None)?;
        }
    }
    fs::copy(foreign.join("index.sqlite"), path)?;
    Ok(true)
}

fn change_batch(_: &Original, dir: &Path, seeded: &mut Seeded) -> Result<bool, Box<dyn Error>> {
    let paths = files(&dir.join("passages"), "batch-")?;
    let path = pick(&paths, seeded);
    match seeded.below(4) {
        0 => flip(&path, seeded),
        1 => {
            let file = fs::File::options().write(true).open(&path)?;
            file.set_len(seeded.below(file.metadata()?.len()))?;
            Ok(true)
        }
        2 => {
            let other = pick(&paths, seeded);
            let (first, second) = (fs::read(&path)?, fs::read(&other)?);
            fs::write(&path, &second)?;
            fs::write(&other, &first)?;
            Ok(path != other)
        }
        _ => {
            // One from the middle: whether the newest went, only who receives them knows.
            let inner = &paths[1..paths.len() - 1];
            fs::remove_file(pick(inner, seeded))?;
            Ok(true)
        }
    }
}
