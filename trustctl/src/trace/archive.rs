//! What kiosks sent: every record once, proven, and everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use checkpoint::dsse::SignedFile;
use checkpoint::passage::batch::{Batch, BatchFault};
use checkpoint::passage::record::{Digest, Entry, JournalId};
use checkpoint::question::{nearest, shown};
use chrono::{DateTime, NaiveDate, Utc};
use ed25519_dalek::VerifyingKey;

use crate::authority::published::Published;
use crate::fault::Fault;
use crate::keys::public_key;

/// Largest batch that is read, in bytes: five times a full one.
const BATCH_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Folders within folders that are looked into: a stick's `passages`, sticks beside each other.
const DEPTH_MAX: usize = 6;

/// Something that an answer must be read with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A file that is no batch that can be believed. Nothing of it counts.
    Refused {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// Two records of one number: an older copy of a journal was put back, or the device's key is used elsewhere.
    Contradicted {
        /// The journal.
        journal: String,
        /// Number of the record.
        sequence: u64,
    },
    /// A record does not carry the hash of the one before, which came in another batch.
    ChainBroken {
        /// The journal.
        journal: String,
        /// Number of the record.
        sequence: u64,
    },
    /// A folder without a batch in it.
    NoBatches {
        /// The folder.
        folder: PathBuf,
    },
    /// No record that arrived is of the place that is asked for.
    UnknownPlace {
        /// What was asked for.
        location: String,
        /// The place that was probably meant.
        nearest: Option<String>,
        /// Places that records are of.
        known: BTreeSet<String>,
    },
    /// No record that arrived is of the time that is asked for.
    NoRecordsThen {
        /// Time of the earliest record that arrived and of the latest; `None` where none did.
        arrived: Option<(DateTime<Utc>, DateTime<Utc>)>,
    },
    /// Records that are not there.
    Gap {
        /// The journal.
        journal: String,
        /// Number of the first and the last of them.
        first: u64,
        /// See `first`.
        last: u64,
    },
}

impl Finding {
    /// Whether the answer says nothing, or rests on what somebody forged, changed or put back; a gap may still arrive.
    pub fn is_grave(&self) -> bool {
        !matches!(self, Self::Gap { .. })
    }

    /// The word in machine output.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Contradicted { .. } => "contradicted",
            Self::ChainBroken { .. } => "chain-broken",
            Self::NoBatches { .. } => "no-batches",
            Self::UnknownPlace { .. } => "unknown-place",
            Self::NoRecordsThen { .. } => "no-records-then",
            Self::Gap { .. } => "gap",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { file, why } => write!(f, "{} does not count: {why}", file.display()),
            Self::Contradicted { journal, sequence } => write!(
                f,
                "journal {journal} has two records {sequence}: an older copy was put back, or its key is used elsewhere"
            ),
            Self::ChainBroken { journal, sequence } => {
                write!(f, "journal {journal}: record {sequence} does not continue the one before it")
            }
            Self::NoBatches { folder } => write!(
                f,
                "{} holds no batch (batch-*.json): name a stick, or the folder that its batches were copied to",
                folder.display()
            ),
            Self::UnknownPlace { location, nearest, known } => {
                write!(f, "no record that arrived is of {location}")?;
                if let Some(nearest) = nearest {
                    write!(f, ", did you mean {nearest}?")?;
                }
                match known.is_empty() {
                    true => write!(f, "; none is of any place"),
                    false => write!(f, "; records are of {}", known.iter().cloned().collect::<Vec<_>>().join(", ")),
                }
            }
            Self::NoRecordsThen { arrived: None } => write!(f, "no record arrived at all: nothing can be known"),
            Self::NoRecordsThen { arrived: Some((first, last)) } => write!(
                f,
                "no record that arrived is of that time, so nothing can be known of it: they are of {} to {} (+07:00)",
                shown(*first),
                shown(*last)
            ),
            Self::Gap { journal, first, last } => {
                write!(f, "journal {journal}: records {first} to {last} did not arrive")
            }
        }
    }
}

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
type JournalName = (String, JournalId);

/// Every record that arrived, once.
#[derive(Default)]
pub struct Archive {
    records: BTreeMap<JournalName, BTreeMap<u64, Entry>>,
    /// Records whose number another one has: somebody was there all the same.
    others: BTreeMap<JournalName, BTreeMap<u64, Vec<Entry>>>,
    of_files: Vec<Finding>,
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
        let mut archive = Self::default();
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

    /// All records, journal by journal, in order; after them those that contradict one of them.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let others = self.others.values().flat_map(BTreeMap::values).flatten();
        self.records.values().flat_map(BTreeMap::values).chain(others)
    }

    /// Days of the keys that sealed parts of this time open with.
    pub fn days(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> BTreeSet<NaiveDate> {
        self.entries().filter(|entry| (from..to).contains(&entry.record().at)).filter_map(Entry::sealed_day).collect()
    }

    /// What keeps a question from having an answer: nobody may take that for "nobody was there".
    pub fn unanswerable(&self, location: Option<&str>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let times = || self.entries().map(|entry| entry.record().at);
        if !times().any(|at| (from..to).contains(&at)) {
            findings.push(Finding::NoRecordsThen { arrived: times().min().zip(times().max()) });
        }
        let passages = self.entries().filter_map(|entry| entry.record().event.passage());
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
        findings.sort();
        findings.dedup();
        findings
    }
}

/// Device and journal, as their batches' names have them.
fn short((device, journal): &JournalName) -> String {
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
    file.take(BATCH_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > BATCH_BYTES_MAX {
        return Err("it is larger than any batch".into());
    }
    let file: SignedFile = serde_json::from_slice(&bytes).map_err(|_| BatchFault::NotABatch.to_string())?;
    Batch::verify(&file, devices).map_err(|fault| fault.to_string())
}
