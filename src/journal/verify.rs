//! Proving a whole journal: headers, checksums, chain, commitments, the device's signatures, the index beside it, and what
//! witnesses say. Reads only.

mod batches;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::Retention;
use checkpoint::passage::record::{Digest, Entry, Event, Identified, JournalId, Record, device_id};
use chrono::{DateTime, NaiveDate, Utc};
use ed25519_dalek::VerifyingKey;

use super::block::Block;
use super::disk::{Access, Disk, Folder};
use super::index::{Compared, INDEX_FILE, Index};
use super::mirror::{MARK_FILE, Mark};
use super::retention::first_day_kept;
use super::walk::{Place, Segment, segment_name, segment_numbers_found};
use super::{CHECKPOINT_EVERY, INDEX_WAITING_MAX, JournalFault, LOCK_FILE};
pub use batches::batches;

/// Findings of each severity that are listed; the others are counted. Apart, so that no number of small ones hides a bad one.
const FINDINGS_MAX: usize = 100;

/// Days for which sealed parts are kept where nobody ordered otherwise.
const DAYS_KEPT_USUALLY: u32 = 21;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong: power cuts and restarts leave such traces, and so could somebody who copied a block.
    Note,
    /// Something could be missing or forged, and nothing here proves that it is not.
    Unproven,
    /// The journal is not what the device recorded.
    Broken,
}

impl Severity {
    /// For machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Unproven => "unproven",
            Self::Broken => "broken",
        }
    }
}

/// One thing that was found, where it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: String,
    /// Number of the block; `None` where it is about the whole file.
    pub block: Option<u32>,
    /// Number of the record that it is about, where there is one.
    pub sequence: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub todo: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.word(), self.file)?;
        if let Some(block) = self.block {
            write!(f, ", block {block}")?;
        }
        if let Some(sequence) = self.sequence {
            write!(f, ", record {sequence}")?;
        }
        write!(f, ": {}; {}", self.what, self.todo)
    }
}

const KEEP_A_COPY: &str = "keep a copy of the whole directory and call the office";
const BRING_A_WITNESS: &str = "bring a witness: a batch, or a checkpoint that another kiosk scanned";
const NOTHING_TO_DO: &str = "nothing needs to be done";
const REMOVE_THE_INDEX: &str = "keep a copy, then remove index.sqlite: the kiosk makes it again from the segments";

/// What somebody else knows of a journal: it held this record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What it is, for people.
    pub what: Arc<str>,
    /// The journal.
    pub journal: JournalId,
    /// Number of the record.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Witness {
    /// A signed head that was proven.
    pub fn of_checkpoint(checkpoint: &Checkpoint, what: &str) -> Self {
        Self { what: what.into(), journal: checkpoint.journal, sequence: checkpoint.sequence, hash: checkpoint.head }
    }
}

/// What is checked. The proving ground leaves single checks out, to see that what they find is then missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Each block's checksum, and that its rest is zero.
    pub checksums: bool,
    /// Numbers and previous hashes.
    pub chain: bool,
    /// The device's signatures.
    pub signatures: bool,
    /// Each sealed part against its record.
    pub commitments: bool,
    /// Each row of the index against its record.
    pub index: bool,
    /// What witnesses say.
    pub witnesses: bool,
}

impl Checks {
    /// All of them.
    pub const ALL: Self =
        Self { checksums: true, chain: true, signatures: true, commitments: true, index: true, witnesses: true };
}

/// What is known beside the journal itself.
#[derive(Clone, Debug)]
pub struct Known<'k> {
    /// Public keys of devices: this one's, and those that it may have scanned.
    pub devices: &'k [VerifyingKey],
    /// What others know.
    pub witnesses: &'k [Witness],
    /// What is checked.
    pub checks: Checks,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The journal, where a segment says.
    pub journal: Option<JournalId>,
    /// Who recorded it.
    pub device: Option<String>,
    /// Records that follow each other.
    pub records: u64,
    /// Number and hash of the last of them.
    pub head: Option<(u64, Digest)>,
    /// The newest record that a signature of the device covers; 0 if none does.
    pub signed_upto: u64,
    /// The newest record that a witness names, and what the witness is.
    pub witnessed: Option<(u64, Arc<str>)>,
    /// It is a mirror: it has no index.
    pub mirror: bool,
    /// Sealed parts that are there.
    pub sealed: u64,
    /// Sealed parts that were erased.
    pub erased: u64,
    /// Everything that was found, in order.
    pub findings: Vec<Finding>,
    /// Findings that were too many to list.
    pub more: u64,
    /// What is wrong with the files of batches beside it. A damaged stick says nothing of the journal.
    pub of_batches: Vec<Finding>,
}

impl Report {
    /// The worst of what was found in the journal itself.
    pub fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note)
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.iter().filter(|other| other.severity == finding.severity).count() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// Proves the journal in a directory. Damage is what it reports, not an error.
///
/// # Errors
/// `Missing`, and a disk that cannot be read.
pub fn verify(dir: &Path, known: &Known<'_>) -> Result<Report, JournalFault> {
    let missing = || JournalFault::Missing { dir: dir.to_owned() };
    if !dir.is_dir() {
        return Err(missing());
    }
    let disk: Arc<dyn Disk> = Arc::new(Folder::new(dir));
    let names = disk.names().map_err(|error| JournalFault::from_io("list the journal's files", error))?;
    let numbers = segment_numbers_found(&names);
    if numbers.is_empty() {
        return Err(missing());
    }
    let report = Report {
        journal: None,
        device: None,
        records: 0,
        head: None,
        signed_upto: 0,
        witnessed: None,
        mirror: false,
        sealed: 0,
        erased: 0,
        findings: Vec::new(),
        more: 0,
        of_batches: Vec::new(),
    };
    let mut of_record: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (number, witness) in known.witnesses.iter().enumerate() {
        of_record.entry(witness.sequence).or_default().push(number);
    }
    let mut audit = Audit {
        known,
        of_record,
        report,
        before: Before::Beginning,
        days_kept: DAYS_KEPT_USUALLY,
        erased_by: None,
        repeated: None,
        unsigned_from: 1,
        erased: BTreeMap::new(),
        witnessed: BTreeSet::new(),
        mark: None,
    };
    for name in names.iter().filter(|name| !is_ours(name)) {
        audit.note(name, None, None, "this file is none of the journal's".to_owned());
    }
    if let Ok(Some(mark)) = Mark::read(dir) {
        audit.mark = mark.erased_before;
        audit.report.mirror = true;
    }
    let mut expected = 1;
    for number in numbers {
        if number > expected {
            audit.missing(expected..number);
        }
        audit.segment(&*disk, number)?;
        expected = number + 1;
    }
    audit.end();
    audit.index_end(dir);
    audit.witnesses();
    Ok(audit.report)
}

/// Whether a name is one that the journal gives.
fn is_ours(name: &str) -> bool {
    name == LOCK_FILE
        || name == MARK_FILE
        || ["", "-wal", "-shm", "-journal"].iter().any(|suffix| name == format!("{INDEX_FILE}{suffix}"))
        || name.starts_with("segment-") && (name.ends_with(".journal") || name.ends_with(".journal.new"))
}

/// What stands before the next record.
enum Before {
    /// Nothing: it is the first of the journal, wherever it stands.
    Beginning,
    /// A file that is missing or cannot be read: the next record can be compared with nothing.
    Gap,
    /// The last record that continued the chain.
    Record(Last),
}

struct Last {
    sequence: u64,
    previous: Digest,
    hash: Digest,
    at: DateTime<Utc>,
}

struct Audit<'k> {
    known: &'k Known<'k>,
    /// Numbers of the witnesses of a record.
    of_record: BTreeMap<u64, Vec<usize>>,
    report: Report,
    before: Before,
    /// For how many days sealed parts are kept, as far as records have said.
    days_kept: u32,
    /// The proven time by which sealed parts were erased, and the number of the record that says so.
    erased_by: Option<(DateTime<Utc>, u64)>,
    /// A record that stands twice, where: a start writes the last one once more, and then says that it started.
    repeated: Option<(Place, u64)>,
    unsigned_from: u64,
    /// Days whose sealed parts are missing, each with the first record that lacks its own, until a later record says that
    /// they were to be erased.
    erased: BTreeMap<NaiveDate, (Place, u64)>,
    witnessed: BTreeSet<usize>,
    /// A mirror erases before it has the record that says so: sealed parts of days before this one.
    mark: Option<NaiveDate>,
}

impl Audit<'_> {
    fn finding(
        &mut self,
        severity: Severity,
        file: &str,
        block: Option<u32>,
        sequence: Option<u64>,
        what: String,
        todo: &'static str,
    ) {
        self.report.find(Finding { severity, file: file.to_owned(), block, sequence, what, todo });
    }

    fn broken(&mut self, file: &str, block: Option<u32>, sequence: Option<u64>, what: String) {
        self.finding(Severity::Broken, file, block, sequence, what, KEEP_A_COPY);
    }

    fn note(&mut self, file: &str, block: Option<u32>, sequence: Option<u64>, what: String) {
        self.finding(Severity::Note, file, block, sequence, what, NOTHING_TO_DO);
    }

    /// Segments whose files are not there. A long run of them is one finding.
    fn missing(&mut self, numbers: Range<u64>) {
        let what = if numbers.start == 1 { "gone" } else { "missing between two others" };
        let what = match numbers.end - numbers.start {
            1 => format!("the file is {what}"),
            count => format!("this file and {} more, up to {}, are {what}", count - 1, segment_name(numbers.end - 1)),
        };
        self.broken(&segment_name(numbers.start), None, None, what);
        self.before = Before::Gap;
    }

    fn last(&self) -> Option<&Last> {
        match &self.before {
            Before::Record(last) => Some(last),
            Before::Beginning | Before::Gap => None,
        }
    }

    fn segment(&mut self, disk: &dyn Disk, number: u64) -> Result<(), JournalFault> {
        let file = segment_name(number);
        let segment = match Segment::open(disk, number, Access::Read) {
            Ok(Some(segment)) => segment,
            Ok(None) => {
                self.broken(&file, None, None, "the file disappeared while it was read".to_owned());
                self.before = Before::Gap;
                return Ok(());
            }
            Err(JournalFault::Corrupt { what, .. }) => {
                self.broken(&file, Some(0), None, what.to_owned());
                self.before = Before::Gap;
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        match self.report.journal {
            None => self.report.journal = Some(segment.header.journal),
            Some(journal) if journal != segment.header.journal => {
                self.broken(&file, Some(0), None, "the file is of another journal".to_owned());
                return Ok(());
            }
            Some(_) => {}
        }
        let read = |error| JournalFault::from_io("read a segment of the journal", error);
        let geometry = segment.header.geometry;
        let bytes = segment.file.bytes().map_err(read)?;
        if bytes != geometry.bytes() {
            // A power cut cannot do this: a segment gets its name when it is whole. A reader's disk may have lost it.
            let what = format!("the file has {bytes} bytes and should have {}", geometry.bytes());
            self.broken(&file, None, None, what);
        }
        let mut block = vec![0; geometry.block_bytes as usize];
        for number in 0..segment.whole_blocks {
            segment.file.read_at(&mut block, geometry.offset(number)).map_err(read)?;
            let place = Place { segment: segment.header.number, block: number };
            if number == 0 {
                if self.known.checks.checksums && block[512..].iter().any(|byte| *byte != 0) {
                    self.note(
                        &file,
                        Some(0),
                        None,
                        "there is something behind the header, where nothing should be".to_owned(),
                    );
                }
                continue;
            }
            self.block(place, &block);
        }
        Ok(())
    }

    fn block(&mut self, place: Place, bytes: &[u8]) {
        let file = segment_name(place.segment);
        let checks = self.known.checks;
        let block = Block::decode_with(bytes, checks.checksums, checks.commitments);
        match block {
            Block::Empty => {}
            Block::Torn => {
                let what = "it holds no whole record: power was cut, a write failed, or it was damaged".to_owned();
                self.note(&file, Some(place.block), None, what);
            }
            Block::Newer { version } => {
                let what = format!("a newer program wrote it (version {version}): install that one to verify");
                self.finding(Severity::Unproven, &file, Some(place.block), None, what, "install the newer program");
            }
            Block::Record(entry) => self.record(place, &entry),
        }
    }

    fn record(&mut self, place: Place, entry: &Entry) {
        let file = segment_name(place.segment);
        let record = entry.record();
        let (block, sequence) = (Some(place.block), Some(record.sequence));
        match &self.report.device {
            None => self.report.device = Some(record.device.clone()),
            Some(device) if *device != record.device => {
                let what = format!("device {} recorded this, the others are of device {device}", record.device);
                self.broken(&file, block, sequence, what);
            }
            Some(_) => {}
        }
        if self.known.checks.chain {
            let (expected, previous) = match &self.before {
                Before::Record(last) if record.sequence == last.sequence && record.previous == last.previous => {
                    return self.again(place, entry);
                }
                Before::Record(last) => (last.sequence + 1, Some(last.hash)),
                // Also in a later segment: all that stood in the first one may have been overwritten.
                Before::Beginning => (1, self.report.journal.map(Digest::genesis)),
                Before::Gap => (record.sequence, None),
            };
            if record.sequence != expected {
                let what = format!("record {expected} should stand here: records were removed, moved or added");
                self.broken(&file, block, sequence, what);
            } else if previous.is_some_and(|previous| previous != record.previous) {
                let what = "it does not carry the hash of the record before: one of both was changed".to_owned();
                self.broken(&file, block, sequence, what);
            }
        }
        self.repeats_are_explained(&record.event);
        self.report.records += 1;
        self.accept(place, entry);
    }

    /// A record that stands where it did, once more: at a start, or after a sync that failed.
    fn again(&mut self, place: Place, entry: &Entry) {
        let sequence = entry.record().sequence;
        if self.repeated.is_some() {
            let what =
                "it stands there more than twice: starts that were cut off, syncs that failed, or somebody copied it";
            self.note(&segment_name(place.segment), Some(place.block), Some(sequence), what.to_owned());
        }
        self.repeated = Some((place, sequence));
        if self.last().is_some_and(|last| last.hash != entry.hash()) {
            let what = "it takes the place of another record of this number, whose sync had failed".to_owned();
            self.note(&segment_name(place.segment), Some(place.block), Some(sequence), what);
        }
        self.accept(place, entry);
    }

    /// Says so where a record stands twice and no start or fault explains it.
    fn repeats_are_explained(&mut self, next: &Event) {
        if let Some((place, sequence)) = self.repeated.take()
            && !matches!(next, Event::Restart(_) | Event::Reopened(_))
        {
            let what =
                "it stands twice, and no start of the kiosk says why: a sync failed, or somebody copied it".to_owned();
            self.note(&segment_name(place.segment), Some(place.block), Some(sequence), what);
        }
    }

    fn accept(&mut self, place: Place, entry: &Entry) {
        let file = segment_name(place.segment);
        let record = entry.record();
        let (block, sequence) = (Some(place.block), Some(record.sequence));
        match &record.event {
            Event::Passage(passage) => {
                if let Identified::Sealed(commitment) = &passage.identity {
                    if entry.sealed().is_some() {
                        self.report.sealed += 1;
                    } else {
                        self.report.erased += 1;
                        self.erased.entry(commitment.day).or_insert((place, record.sequence));
                    }
                }
            }
            Event::Retention(retention) => self.retention(place, record, *retention),
            _ => {}
        }
        self.floor_holds(place, record);
        if let Event::Checkpoint(head) = &record.event {
            self.signed(place, record.sequence, record.previous, &head.text);
        }
        if let Event::Witness(head) = &record.event
            && self.known.checks.signatures
        {
            use checkpoint::passage::checkpoint::CheckpointFault;
            match Checkpoint::verify(&head.text, self.known.devices) {
                // Whoever verifies may not know every device that this kiosk knew.
                Ok(_) | Err(CheckpointFault::UnknownDevice { .. }) => {}
                Err(fault) => self.broken(&file, block, sequence, format!("the witness that it holds: {fault}")),
            }
        }
        self.before = Before::Record(Last {
            sequence: record.sequence,
            previous: record.previous,
            hash: entry.hash(),
            at: record.at,
        });
        self.report.head = Some((record.sequence, entry.hash()));
        for number in self.of_record.get(&record.sequence).into_iter().flatten().copied() {
            let witness = &self.known.witnesses[number];
            if Some(witness.journal) != self.report.journal {
                continue;
            }
            if witness.hash == entry.hash() {
                self.witnessed.insert(number);
                if self.report.witnessed.as_ref().is_none_or(|(upto, _)| *upto <= witness.sequence) {
                    self.report.witnessed = Some((witness.sequence, witness.what.clone()));
                }
            } else {
                // Another record has taken this one's place.
                self.witnessed.remove(&number);
            }
        }
    }

    /// A record that says which sealed parts are erased from here on. It excuses those that are missing, so what it says is
    /// held against the proven time: whoever wants names gone early can write one.
    fn retention(&mut self, place: Place, record: &Record, retention: Retention) {
        let (file, block, sequence) = (segment_name(place.segment), Some(place.block), Some(record.sequence));
        let first_kept = first_day_kept(record.floor, retention.days);
        if self.known.checks.commitments && retention.before > first_kept {
            let what = format!(
                "it says that what was sealed before {} is erased; kept for {} days, only what is older than {first_kept}                  was over by its proven time",
                retention.before, retention.days
            );
            self.broken(&file, block, sequence, what);
        }
        let kept_before = std::mem::replace(&mut self.days_kept, retention.days);
        if retention.days != kept_before {
            let what =
                format!("from here on sealed parts are kept for {} days, before it {kept_before}", retention.days);
            self.note(&file, block, sequence, what);
        }
        self.erased = self.erased.split_off(&retention.before.min(first_kept));
        self.erased_by = self.erased_by.max(Some((record.floor, record.sequence)));
    }

    /// Proven time never falls, but where a journal could not be opened at a start. What was erased by a time that nobody knew
    /// of afterwards may have been erased too early.
    fn floor_holds(&mut self, place: Place, record: &Record) {
        if let Some((floor, by)) = self.erased_by.filter(|(floor, _)| record.floor < *floor) {
            let what = format!(
                "its proven time ({}) lies before that of record {by} ({}), by which sealed parts were erased",
                record.floor.to_rfc3339(),
                floor.to_rfc3339()
            );
            let file = segment_name(place.segment);
            self.finding(Severity::Unproven, &file, Some(place.block), Some(record.sequence), what, BRING_A_WITNESS);
            self.erased_by = None;
        }
    }

    /// The device's signature over the record before.
    fn signed(&mut self, place: Place, sequence: u64, previous: Digest, text: &str) {
        if !self.known.checks.signatures {
            return;
        }
        let file = segment_name(place.segment);
        let device = self.report.device.clone().unwrap_or_default();
        let key = self.known.devices.iter().find(|key| device_id(key) == device).copied();
        let Some(key) = key else { return };
        match Checkpoint::verify(text, &[key]) {
            Ok(head)
                if Some(head.journal) == self.report.journal
                    && head.sequence + 1 == sequence
                    && head.head == previous =>
            {
                self.report.signed_upto = head.sequence;
                self.unsigned_is_short(&file, place.block, sequence);
                self.unsigned_from = sequence;
            }
            Ok(head) => {
                let what = format!(
                    "the device signed record {} of its journal as it was then, and that is not the record before",
                    head.sequence
                );
                self.broken(&file, Some(place.block), Some(sequence), what);
            }
            Err(fault) => self.broken(&file, Some(place.block), Some(sequence), fault.to_string()),
        }
    }

    /// Whoever forges records without the device's key has to leave its signatures out.
    fn unsigned_is_short(&mut self, file: &str, block: u32, upto: u64) {
        let unsigned = upto.saturating_sub(self.unsigned_from);
        if unsigned > 2 * CHECKPOINT_EVERY {
            let what = format!("the {unsigned} records before it carry no signature of the device");
            self.finding(Severity::Unproven, file, Some(block), Some(upto), what, BRING_A_WITNESS);
        }
    }

    /// The last record that was read, and what no signature covers.
    fn end(&mut self) {
        if let Some((place, sequence)) = self.repeated.take() {
            let what = "the last record stands twice: power was cut at a start, or somebody copied it".to_owned();
            self.note(&segment_name(place.segment), Some(place.block), Some(sequence), what);
        }
        for (day, (place, sequence)) in std::mem::take(&mut self.erased) {
            if self.known.checks.commitments && self.mark.is_some_and(|before| day < before) {
                let what = format!(
                    "its sealed part, of {day}, is gone, and the record that says so is not in this mirror yet, if there is one"
                );
                let (file, block) = (segment_name(place.segment), Some(place.block));
                self.finding(
                    Severity::Unproven,
                    &file,
                    block,
                    Some(sequence),
                    what,
                    "let the kiosk catch up, then ask again",
                );
            } else if self.known.checks.commitments {
                let what =
                    format!("its sealed part, of {day}, is gone, and no later record says that it was to be erased");
                self.broken(&segment_name(place.segment), Some(place.block), Some(sequence), what);
            }
        }
        let device = self.report.device.clone();
        let Some(last) = self.last().map(|last| last.sequence) else { return };
        if let Some(device) = device.filter(|device| !self.known.devices.iter().any(|key| device_id(key) == *device)) {
            let what = format!("the key of device {device} is not known here: signatures were not checked");
            self.finding(
                Severity::Unproven,
                "journal",
                None,
                None,
                what,
                "bring the device's key or a trust list that names it",
            );
            return;
        }
        if self.known.checks.signatures {
            self.unsigned_is_short("journal", 0, last + 1);
        }
    }

    /// Compares the whole index with the journal: row by row, from the segments.
    fn index_end(&mut self, dir: &Path) {
        let (true, Some(journal)) = (self.known.checks.index, self.report.journal) else { return };
        let path = dir.join(INDEX_FILE);
        if !path.exists() && self.report.mirror {
            return;
        }
        if !path.exists() {
            self.note(INDEX_FILE, None, None, "there is none: the kiosk makes it at its next start".to_owned());
            return;
        }
        let compared = Index::compare(&path, journal, &(Arc::new(Folder::new(dir)) as Arc<dyn Disk>));
        let newest = self.report.head.map_or(0, |(sequence, _)| sequence);
        match compared {
            Ok(Compared { outdated: true, .. }) => {
                let what = "an older program made it, so it is no witness: the kiosk makes it anew at its next start"
                    .to_owned();
                self.finding(
                    Severity::Unproven,
                    INDEX_FILE,
                    None,
                    None,
                    what,
                    "start the kiosk once, then verify again",
                );
            }
            Ok(Compared { foreign: true, .. }) => {
                let what = "it is of another journal or a newer version, or not made as the kiosk makes it".to_owned();
                self.finding(Severity::Broken, INDEX_FILE, None, None, what, REMOVE_THE_INDEX);
            }
            Ok(Compared { ahead: Some(ahead), .. }) => {
                let what = format!(
                    "it knows of record {ahead} and the segments end with {newest}: records were cut off, or an older copy was put back"
                );
                self.broken(INDEX_FILE, None, Some(ahead), what);
            }
            Ok(Compared { differs: Some(sequence), .. }) => {
                let what = "its row is not what the segments hold".to_owned();
                self.finding(Severity::Broken, INDEX_FILE, None, Some(sequence), what, REMOVE_THE_INDEX);
            }
            Ok(Compared { miscounted: true, .. }) => {
                let what = "its counts by hour are not those of its rows".to_owned();
                self.finding(Severity::Broken, INDEX_FILE, None, None, what, REMOVE_THE_INDEX);
            }
            Ok(Compared { newest: indexed, .. }) if newest.saturating_sub(indexed) > INDEX_WAITING_MAX as u64 => {
                let what =
                    format!("it ends with record {indexed}, the segments with {newest}: it is being made, or old");
                self.note(INDEX_FILE, None, Some(indexed), what);
            }
            Ok(_) => {}
            Err(fault) => {
                let what = format!("it is damaged: {fault}");
                self.finding(Severity::Broken, INDEX_FILE, None, None, what, REMOVE_THE_INDEX);
            }
        }
    }

    /// What witnesses know and the journal does not hold.
    fn witnesses(&mut self) {
        if !self.known.checks.witnesses {
            return;
        }
        let mut told = BTreeSet::new();
        let (newest, at) = self.last().map_or((0, None), |last| (last.sequence, Some(last.at)));
        for (number, witness) in self.known.witnesses.iter().enumerate() {
            let Witness { what, journal, sequence, .. } = witness;
            let said = if Some(*journal) != self.report.journal {
                format!("{what} names another journal ({journal}): this one was put in its place")
            } else if *sequence > newest {
                format!(
                    "{what} names record {sequence} and the journal ends with {newest}: it was cut off, or is an older copy"
                )
            } else if !self.witnessed.contains(&number) {
                format!("{what} names another record {sequence} than the journal holds: it was changed, or replaced")
            } else {
                continue;
            };
            // A batch is a witness of five hundred records.
            if told.insert(what.clone()) {
                self.broken("journal", None, Some(*sequence), said);
            }
        }
        let upto = self.report.witnessed.as_ref().map_or(0, |(upto, _)| *upto);
        if upto < newest {
            let at = at.map(|at| at.to_rfc3339()).unwrap_or_default();
            let what = match upto {
                0 => format!("no witness was given: that nothing followed record {newest} ({at}) is not provable"),
                _ => format!(
                    "the newest witness names record {upto}: that nothing followed record {newest} ({at}) is not provable"
                ),
            };
            self.finding(Severity::Unproven, "journal", None, Some(newest), what, BRING_A_WITNESS);
        }
    }
}
