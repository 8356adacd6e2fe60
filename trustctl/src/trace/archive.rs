//! What kiosks sent: every record once, proven, and everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use checkpoint::dsse::SignedFile;
use checkpoint::passage::batch::{BATCH_FILE_BYTES_MAX, Batch, BatchFault};
use checkpoint::passage::checkpoint::{Checkpoint, CheckpointFault};
use checkpoint::passage::record::{Digest, Entry, Event, JournalId};
use checkpoint::question::nearest;
use chrono::{DateTime, NaiveDate, Utc};
use ed25519_dalek::VerifyingKey;

use super::findings::Finding;
use crate::authority::published::Published;
use crate::fault::Fault;
use crate::keys::public_key;

/// Folders within folders that are looked into: a stick's `passages`, sticks beside each other.
const DEPTH_MAX: usize = 6;

/// The devices whose batches count: those of a published bundle, which the root's threshold signed.
///
/// # Errors
/// `DoesNotHold` for too few signatures; `WrongFile`; `Read`; `Unsound` for a key that is none.
pub fn devices(trust: &Path) -> Result<Vec<VerifyingKey>, Fault> {
    let published = Published::load(trust)?;
    let published =
        published.ok_or_else(|| Fault::wrong_file(trust, "a published folder", "it holds no bundle.json and roots"))?;
    published.verify()?;
    let (_, bundle) = published.payloads()?;
    bundle.devices.values().map(|text| public_key(text)).collect()
}

/// One journal of one device.
pub type JournalName = (String, JournalId);

/// Every record that arrived, once.
#[derive(Default)]
pub struct Archive {
    records: BTreeMap<JournalName, BTreeMap<u64, Entry>>,
    /// Records whose number another one has: somebody was there all the same.
    others: BTreeMap<JournalName, BTreeMap<u64, Vec<Entry>>>,
    of_files: Vec<Finding>,
    /// Whose signatures count.
    devices: Vec<VerifyingKey>,
    /// Files that were read.
    pub batches: u64,
    /// Records that arrived more than once, the same each time: no news, and no fault.
    pub again: u64,
}

impl Archive {
    /// Reads every batch in these folders and files.
    ///
    /// # Errors
    /// A folder or file that is not there. What is wrong with a batch is a finding.
    pub fn read(paths: &[PathBuf], devices: &[VerifyingKey]) -> Result<Self, Fault> {
        let mut archive = Self { devices: devices.to_vec(), ..Self::default() };
        for path in paths {
            let mut files = Vec::new();
            list(path, DEPTH_MAX, &mut files).map_err(|source| Fault::Read { path: path.clone(), source })?;
            if files.is_empty() {
                archive.of_files.push(Finding::NoBatches { folder: path.clone() });
            }
            files.sort();
            for file in files {
                match read_batch(&file, devices) {
                    Ok(batch) => archive.take(&batch),
                    Err(why) => archive.of_files.push(Finding::Refused { file, why }),
                }
            }
        }
        Ok(archive)
    }

    /// Takes a batch in.
    pub fn take(&mut self, batch: &Batch) {
        self.batches += 1;
        let name = (batch.device().to_owned(), batch.journal());
        let records = self.records.entry(name.clone()).or_default();
        for entry in batch.entries() {
            let sequence = entry.record().sequence;
            match records.get(&sequence) {
                None => {
                    records.insert(sequence, entry.clone());
                }
                Some(known) if known.hash() == entry.hash() => {
                    self.again += 1;
                    // It was erased by the time of one of the batches.
                    if known.sealed().is_none() && entry.sealed().is_some() {
                        records.insert(sequence, entry.clone());
                    }
                }
                Some(_) => {
                    let others = self.others.entry(name.clone()).or_default().entry(sequence).or_default();
                    if others.iter().all(|other| other.hash() != entry.hash()) {
                        others.push(entry.clone());
                    }
                }
            }
        }
    }

    /// All records with the journal that they are of, journal by journal, in order; after them those that contradict one of them.
    pub fn entries(&self) -> impl Iterator<Item = (&JournalName, &Entry)> {
        let records = self.records.iter().flat_map(|(name, records)| records.values().map(move |entry| (name, entry)));
        let others =
            self.others.iter().flat_map(|(name, others)| others.values().flatten().map(move |one| (name, one)));
        records.chain(others)
    }

    /// Days of the keys that sealed parts open with; of one place alone, where one is asked for.
    pub fn days(&self, location: Option<&str>) -> BTreeSet<NaiveDate> {
        let asked = self.entries().filter(|(_, entry)| is_of(entry, location));
        asked.filter_map(|(_, entry)| entry.sealed_day()).collect()
    }

    /// What keeps a question from having an answer: nobody may take that for "nobody was there".
    pub fn unanswerable(&self, location: Option<&str>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let times = || self.entries().map(|(_, entry)| entry.record().at);
        let arrived = times().min().zip(times().max());
        // Where there are records before and after, nothing happened in between; what did not arrive is a gap of its own.
        if arrived.is_none_or(|(first, last)| last < from || first >= to) {
            findings.push(Finding::NoRecordsThen { arrived });
        }
        let passages = self.entries().filter_map(|(_, entry)| entry.record().event.passage());
        let known: BTreeSet<String> = passages.map(|passage| passage.location.clone()).collect();
        if let Some(location) = location.filter(|location| !known.contains(*location)) {
            let nearest = nearest(location, known.iter().map(String::as_str)).map(str::to_owned);
            findings.push(Finding::UnknownPlace { location: location.to_owned(), nearest, known });
        }
        findings
    }

    /// How many records there are, of how many journals.
    pub fn size(&self) -> (usize, usize) {
        (self.records.values().map(BTreeMap::len).sum(), self.records.len())
    }

    /// Everything that is wrong. What is missing after a journal's last record cannot be known from batches.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.of_files.clone();
        for (name, records) in &self.records {
            let doubled = |sequence: u64| self.others.get(name).is_some_and(|others| others.contains_key(&sequence));
            let (mut next, mut head): (u64, Option<Digest>) = (1, None);
            for (&sequence, entry) in records {
                if sequence > next {
                    findings.push(Finding::Gap { journal: short(name), first: next, last: sequence - 1 });
                } else if doubled(sequence) {
                    findings.push(Finding::Contradicted { journal: short(name), sequence });
                } else if head.is_some_and(|head| head != entry.record().previous) && !doubled(sequence - 1) {
                    findings.push(Finding::ChainBroken { journal: short(name), sequence });
                }
                (next, head) = (sequence + 1, Some(entry.hash()));
            }
        }
        findings.extend(self.begun_anew());
        findings.extend(self.witnessed());
        findings.sort();
        findings.dedup();
        findings
    }

    /// Devices with more than one journal.
    fn begun_anew(&self) -> Vec<Finding> {
        let mut by_device: BTreeMap<&String, Vec<&JournalName>> = BTreeMap::new();
        for name in self.records.keys() {
            by_device.entry(&name.0).or_default().push(name);
        }
        let about = |name: &JournalName| {
            let records = &self.records[name];
            let at = |entry: Option<(&u64, &Entry)>| entry.map_or(DateTime::UNIX_EPOCH, |(_, entry)| entry.record().at);
            let (first, last) = (records.first_key_value(), records.last_key_value());
            (short(name), last.map_or(0, |(sequence, _)| *sequence), at(first), at(last))
        };
        let anew = by_device.into_iter().filter(|(_, names)| names.len() > 1);
        anew.map(|(device, names)| {
            let mut journals: Vec<_> = names.into_iter().map(about).collect();
            journals.sort_by_key(|(.., from, _)| *from);
            Finding::TwoJournals { device: device.clone(), journals }
        })
        .collect()
    }

    /// Signed heads that kiosks scanned of each other, against what arrived: the newest that is not there for each journal, and every
    /// one that is of another record.
    fn witnessed(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut behind: BTreeMap<JournalName, (u64, String)> = BTreeMap::new();
        for (name, entry) in self.entries() {
            let Event::Witness(head) = &entry.record().event else { continue };
            let by = format!("record {} of {}", entry.record().sequence, short(name));
            let head = match Checkpoint::verify(&head.text, &self.devices) {
                Ok(head) => head,
                // A device that was enrolled when it was scanned, and is no more.
                Err(CheckpointFault::UnknownDevice { .. }) => continue,
                Err(fault) => {
                    findings.push(Finding::WitnessUnreadable { by, why: fault.to_string() });
                    continue;
                }
            };
            let of = (head.device.clone(), head.journal);
            let arrived = self.records.get(&of);
            let others = self.others.get(&of).and_then(|others| others.get(&head.sequence)).into_iter().flatten();
            let mut same_number =
                arrived.and_then(|records| records.get(&head.sequence)).into_iter().chain(others).peekable();
            if same_number.peek().is_some() {
                if !same_number.any(|entry| head.is_of(entry)) {
                    findings.push(Finding::WitnessContradicts { journal: short(&of), sequence: head.sequence, by });
                }
            } else if arrived.and_then(BTreeMap::last_key_value).is_none_or(|(last, _)| *last < head.sequence) {
                let newest = behind.entry(of).or_insert_with(|| (head.sequence, by.clone()));
                if newest.0 < head.sequence {
                    *newest = (head.sequence, by);
                }
            }
        }
        findings.extend(behind.into_iter().map(|(of, (witnessed, by))| {
            let last = self.records.get(&of).and_then(BTreeMap::last_key_value);
            Finding::Behind { journal: short(&of), arrived: last.map_or(0, |(last, _)| *last), witnessed, by }
        }));
        findings
    }
}

/// Whether a record is a passage of this place; every record is, where none is asked for.
pub fn is_of(entry: &Entry, location: Option<&str>) -> bool {
    let passage = entry.record().event.passage();
    location.is_none_or(|location| passage.is_some_and(|passage| passage.location == location))
}

/// Device and journal, as their batches' names have them.
pub fn short((device, journal): &JournalName) -> String {
    format!("{device}-{}", &journal.to_string()[..8])
}

/// Batches below a path, by their names; a path that is a file is one whatever its name.
fn list(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if fs::metadata(path)?.is_file() {
        files.push(path.into());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let is_batch = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("batch-") && name.ends_with(".json"));
        if is_batch {
            files.push(path);
        } else if depth > 0 && path.is_dir() && !path.is_symlink() {
            list(&path, depth - 1, files)?;
        }
    }
    Ok(())
}

fn read_batch(path: &Path, devices: &[VerifyingKey]) -> Result<Batch, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(BATCH_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > BATCH_FILE_BYTES_MAX {
        return Err("it is larger than any batch".into());
    }
    let file: SignedFile = serde_json::from_slice(&bytes).map_err(|_| BatchFault::NotABatch.to_string())?;
    Batch::verify(&file, devices).map_err(|fault| fault.to_string())
}
