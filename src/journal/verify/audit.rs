//! Going through the segments block by block: headers, checksums, chain, commitments.

mod beside;
mod erased;
mod heads;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use checkpoint::passage::checkpoint::{Checkpoint, CheckpointFault};
use checkpoint::passage::record::{Digest, Entry, Event, Identified};
use chrono::{DateTime, NaiveDate, Utc};

use super::Known;
use super::report::{Finding, KEEP_A_COPY, NOTHING_TO_DO, Report, Severity};
use crate::journal::JournalFault;
use crate::journal::block::Block;
use crate::journal::disk::{Access, Disk};
use crate::journal::walk::{Place, Segment, segment_name};

/// Days for which sealed parts are kept where nobody ordered otherwise.
const DAYS_KEPT_USUALLY: u32 = 21;

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

/// A verification under way.
pub(super) struct Audit<'k> {
    known: &'k Known<'k>,
    /// Numbers of the witnesses of a record.
    of_record: BTreeMap<u64, Vec<usize>>,
    pub(super) report: Report,
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

impl<'k> Audit<'k> {
    pub(super) fn new(known: &'k Known<'k>) -> Self {
        let mut of_record: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (number, witness) in known.witnesses.iter().enumerate() {
            of_record.entry(witness.sequence).or_default().push(number);
        }
        Self {
            known,
            of_record,
            report: Report::default(),
            before: Before::Beginning,
            days_kept: DAYS_KEPT_USUALLY,
            erased_by: None,
            repeated: None,
            unsigned_from: 1,
            erased: BTreeMap::new(),
            witnessed: BTreeSet::new(),
            mark: None,
        }
    }

    /// It is a mirror, and sealed parts of days before this one were erased in it.
    pub(super) fn is_mirror(&mut self, erased_before: Option<NaiveDate>) {
        self.mark = erased_before;
        self.report.mirror = true;
    }
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

    pub(super) fn note(&mut self, file: &str, block: Option<u32>, sequence: Option<u64>, what: String) {
        self.finding(Severity::Note, file, block, sequence, what, NOTHING_TO_DO);
    }

    /// Segments whose files are not there. A long run of them is one finding.
    pub(super) fn missing(&mut self, numbers: Range<u64>) {
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

    pub(super) fn segment(&mut self, disk: &dyn Disk, number: u64) -> Result<(), JournalFault> {
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
        self.ask_witnesses(entry);
    }
}
