//! Passages on their way out: a signed run of records, which the receiver proves before it keeps them.

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::record::{Digest, Entry, JournalId, RecordFault, device_id};
use crate::dsse::{SignedFile, key_id};

/// DSSE payload type of a batch.
pub const BATCH_TYPE: &str = "application/vnd.checkpoint.batch+json";

/// Version of the payload.
pub const BATCH_VERSION: u32 = 1;

/// Most records in one batch: about 1.5 MiB as a file, so that a slow stick takes it in a second or two.
pub const BATCH_RECORDS_MAX: usize = 500;

/// Largest file that is read as a batch, in bytes: five times the size of a full one.
pub const BATCH_FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The payload as it is signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Payload {
    v: u32,
    device: String,
    journal: JournalId,
    first: u64,
    last: u64,
    previous: Digest,
    head: Digest,
    records: Vec<PayloadRecord>,
}

/// One record of the payload.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PayloadRecord {
    /// The record's exact text.
    record: String,
    /// Its sealed part in base64, where it has one that was not erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

/// A run of records of one journal, in order and without gaps: signature, chain and commitments hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    device: String,
    journal: JournalId,
    entries: Vec<Entry>,
}

/// Why a file is not a batch that can be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    /// Not JSON of this form, or no records, or too many.
    #[error("the file is not a batch of passages")]
    NotABatch,
    /// Written by a newer program.
    #[error("the batch has version {version} and this program reads up to {version_max}; install the newer program")]
    Newer { version: u32, version_max: u32 },
    /// No known key belongs to the device that the batch names.
    #[error("device {device} is not known here; enrol it, then read the batch again")]
    UnknownDevice { device: String },
    /// The device did not sign this.
    #[error("the signature of device {device} does not hold: the file was changed or forged")]
    BadSignature { device: String },
    /// One record cannot be read.
    #[error("record {sequence}: {fault}")]
    Record { sequence: u64, fault: RecordFault },
    /// The batch is whole, and more stands in its file.
    #[error("something stands in the file that its signature does not cover")]
    MoreThanSigned,
    /// A record is missing, doubled, out of order, of another device, or does not continue the chain.
    #[error("the chain breaks at record {sequence}: a record was added, removed, changed or moved")]
    ChainBroken { sequence: u64 },
}

impl Batch {
    /// A batch of records that follow each other in one journal.
    ///
    /// # Errors
    /// `NotABatch` for none or too many, `ChainBroken`.
    pub fn new(device: &str, journal: JournalId, entries: Vec<Entry>) -> Result<Self, BatchFault> {
        if entries.is_empty() || entries.len() > BATCH_RECORDS_MAX {
            return Err(BatchFault::NotABatch);
        }
        let first = entries[0].record();
        let broken = |sequence| Err(BatchFault::ChainBroken { sequence });
        if first.sequence == 0 || (first.sequence == 1) != (first.previous == Digest::genesis(journal)) {
            return broken(first.sequence);
        }
        let (mut sequence, mut previous) = (first.sequence, first.previous);
        for entry in &entries {
            let record = entry.record();
            if record.sequence != sequence || record.previous != previous || record.device != device {
                return broken(sequence);
            }
            sequence += 1;
            previous = entry.hash();
        }
        Ok(Self { device: device.to_owned(), journal, entries })
    }

    /// The file that carries it, signed by the device.
    pub fn sign(&self, key: &SigningKey) -> SignedFile {
        let records = self.entries.iter().map(|entry| PayloadRecord {
            record: entry.text().to_owned(),
            sealed: entry.sealed().map(|sealed| BASE64_STANDARD.encode(sealed)),
        });
        let payload = Payload {
            v: BATCH_VERSION,
            device: self.device.clone(),
            journal: self.journal,
            first: self.first(),
            last: self.last(),
            previous: self.previous(),
            head: self.head(),
            records: records.collect(),
        };
        let json = serde_json::to_vec(&payload).expect("texts and numbers have a form in JSON");
        let mut file = SignedFile::unsigned(BATCH_TYPE, &json);
        file.sign(key);
        file
    }

    /// Proves a file: signed by the device that it names, whose key is one of `devices`; records without gap, chained,
    /// each with the sealed part that it commits to.
    ///
    /// Whether it continues what was received before is for the caller to ask: `follows`.
    ///
    /// # Errors
    /// Every `BatchFault`.
    pub fn verify(file: &SignedFile, devices: &[VerifyingKey]) -> Result<Self, BatchFault> {
        #[derive(Deserialize)]
        struct Named {
            v: u32,
            device: String,
        }
        if file.payload_type != BATCH_TYPE {
            return Err(BatchFault::NotABatch);
        }
        let unproven = file.payload_unverified().ok_or(BatchFault::NotABatch)?;
        let Named { v: version, device } = serde_json::from_slice(&unproven).map_err(|_| BatchFault::NotABatch)?;
        if version > BATCH_VERSION {
            return Err(BatchFault::Newer { version, version_max: BATCH_VERSION });
        }
        let key = devices.iter().find(|key| device_id(key) == device);
        let key = key.ok_or_else(|| BatchFault::UnknownDevice { device: device.clone() })?;
        let proven = file.verify(BATCH_TYPE, std::slice::from_ref(key), 1);
        let proven = proven.ok_or_else(|| BatchFault::BadSignature { device: device.clone() })?;

        let payload: Payload = serde_json::from_slice(&proven).map_err(|_| BatchFault::NotABatch)?;
        let mut entries = Vec::with_capacity(payload.records.len().min(BATCH_RECORDS_MAX));
        for (sequence, PayloadRecord { record, sealed }) in (payload.first..).zip(payload.records) {
            let sealed = sealed.map(|text| BASE64_STANDARD.decode(text)).transpose();
            let sealed = sealed.map_err(|_| BatchFault::NotABatch)?;
            entries.push(Entry::read(&record, sealed).map_err(|fault| BatchFault::Record { sequence, fault })?);
        }
        let batch = Self::new(&payload.device, payload.journal, entries)?;
        let ends = (batch.first(), batch.last(), batch.previous(), batch.head());
        if ends != (payload.first, payload.last, payload.previous, payload.head) {
            return Err(BatchFault::ChainBroken { sequence: payload.first });
        }
        Ok(batch)
    }

    /// Proves a file as a kiosk writes it: `verify`, and nothing in it that the signature does not cover.
    ///
    /// # Errors
    /// Every `BatchFault`.
    pub fn read(bytes: &[u8], devices: &[VerifyingKey]) -> Result<Self, BatchFault> {
        let file: SignedFile = serde_json::from_slice(bytes).map_err(|_| BatchFault::NotABatch)?;
        let batch = Self::verify(&file, devices)?;
        let key = devices.iter().find(|key| device_id(key) == batch.device());
        let by_it_alone = matches!(&*file.signatures, [one] if key.is_some_and(|key| one.keyid == key_id(key)));
        if by_it_alone && serde_json::to_vec(&file).ok().as_deref() == Some(bytes) {
            Ok(batch)
        } else {
            Err(BatchFault::MoreThanSigned)
        }
    }

    /// Whether its first record is the next one after `earlier`'s last.
    pub fn follows(&self, earlier: &Self) -> bool {
        self.device == earlier.device
            && self.journal == earlier.journal
            && self.first() == earlier.last() + 1
            && self.previous() == earlier.head()
    }

    /// Who recorded it.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The journal that it is from.
    pub fn journal(&self) -> JournalId {
        self.journal
    }

    /// Sequence number of the first record.
    pub fn first(&self) -> u64 {
        self.entries[0].record().sequence
    }

    /// Sequence number of the last record.
    pub fn last(&self) -> u64 {
        self.entries[self.entries.len() - 1].record().sequence
    }

    /// Hash of the record before the first.
    pub fn previous(&self) -> Digest {
        self.entries[0].record().previous
    }

    /// Hash of the last record.
    pub fn head(&self) -> Digest {
        self.entries[self.entries.len() - 1].hash()
    }

    /// The records, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::passage::Note;
    use crate::passage::day::Restart;
    use crate::passage::record::{Event, Place};

    const JOURNAL: JournalId = JournalId([3; 16]);

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn device() -> String {
        device_id(&key(1).verifying_key())
    }

    /// The first records of a journal.
    fn entries(count: u64) -> Vec<Entry> {
        let at: DateTime<Utc> = "2026-03-01T01:02:03Z".parse().unwrap();
        let mut previous = Digest::genesis(JOURNAL);
        (1..=count)
            .map(|sequence| {
                let event =
                    Event::Restart(Restart { program: "0.1.0".into(), skipped: 0, trust_list: None, works: None });
                let place = Place { device: device(), sequence, previous };
                let entry = Entry::note(place, Note { at, floor: at, event }).unwrap();
                previous = entry.hash();
                entry
            })
            .collect()
    }

    fn batch(from: usize, to: usize) -> Batch {
        Batch::new(&device(), JOURNAL, entries(to as u64)[from - 1..].to_vec()).unwrap()
    }

    fn verify(file: &SignedFile) -> Result<Batch, BatchFault> {
        Batch::verify(file, &[key(2).verifying_key(), key(1).verifying_key()])
    }

    /// A batch whose payload was changed and signed again by the device, as only a stolen key could.
    fn resigned(change: impl FnOnce(&mut Payload)) -> Result<Batch, BatchFault> {
        let file = batch(1, 6).sign(&key(1));
        let mut payload: Payload = serde_json::from_slice(&file.payload_unverified().unwrap()).unwrap();
        change(&mut payload);
        let mut file = SignedFile::unsigned(BATCH_TYPE, &serde_json::to_vec(&payload).unwrap());
        file.sign(&key(1));
        verify(&file)
    }

    #[test]
    fn what_was_signed_is_what_is_read() {
        let sent = batch(2, 6);
        assert_eq!(verify(&sent.sign(&key(1))), Ok(sent.clone()));
        assert_eq!((sent.first(), sent.last()), (2, 6));
        assert!(sent.follows(&batch(1, 1)));
        assert!(!sent.follows(&batch(1, 2)), "record 2 would be there twice");
        assert!(!batch(4, 6).follows(&batch(1, 2)), "record 3 would be missing");
    }

    #[test]
    fn another_devices_signature_does_not_hold() {
        assert_eq!(verify(&batch(1, 3).sign(&key(2))), Err(BatchFault::BadSignature { device: device() }));
        let unknown = Batch::verify(&batch(1, 3).sign(&key(1)), &[key(2).verifying_key()]);
        assert_eq!(unknown, Err(BatchFault::UnknownDevice { device: device() }));
    }

    #[test]
    fn a_file_holds_nothing_that_is_not_signed() {
        let keys = [key(2).verifying_key(), key(1).verifying_key()];
        let file = batch(1, 3).sign(&key(1));
        let bytes = serde_json::to_vec(&file).unwrap();
        assert_eq!(Batch::read(&bytes, &keys), Ok(batch(1, 3)));
        let spaced = [bytes.as_slice(), b" "].concat();
        assert_eq!(Batch::read(&spaced, &keys), Err(BatchFault::MoreThanSigned));
        let mut signed_twice = file.clone();
        signed_twice.sign(&key(2));
        assert_eq!(
            Batch::read(&serde_json::to_vec(&signed_twice).unwrap(), &keys),
            Err(BatchFault::MoreThanSigned),
            "the signature of the other one is not needed"
        );
        assert_eq!(Batch::read(&bytes[..bytes.len() / 2], &keys), Err(BatchFault::NotABatch));
    }

    #[test]
    fn every_changed_byte_of_the_payload_is_found() {
        let file = batch(1, 2).sign(&key(1));
        let payload = file.payload_unverified().unwrap();
        for at in 0..payload.len() {
            let mut changed = payload.clone();
            changed[at] ^= 1;
            let changed = SignedFile { payload: BASE64_STANDARD.encode(changed), ..file.clone() };
            assert!(verify(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn records_removed_added_swapped_or_changed_break_the_chain_even_when_signed() {
        assert!(resigned(|_| ()).is_ok());
        type Change = fn(&mut Payload);
        let changes: [(&str, Change); 9] = [
            ("one removed", |payload| drop(payload.records.remove(2))),
            ("first removed", |payload| drop(payload.records.remove(0))),
            ("last removed", |payload| drop(payload.records.pop())),
            ("one doubled", |payload| payload.records.insert(2, payload.records[2].clone())),
            ("two swapped", |payload| payload.records.swap(2, 3)),
            ("one changed", |payload| payload.records[2].record = payload.records[2].record.replace("0.1.0", "0.1.1")),
            ("last changed", |payload| payload.records[5].record = payload.records[5].record.replace("0.1.0", "0.1.1")),
            ("another journal", |payload| payload.journal = JournalId([4; 16])),
            ("a sealed part where none was", |payload| payload.records[2].sealed = Some("AAAA".into())),
        ];
        for (what, change) in changes {
            assert!(resigned(change).is_err(), "{what}");
        }
    }

    #[test]
    fn a_newer_batch_and_a_newer_record_are_named() {
        assert_eq!(resigned(|payload| payload.v = 2), Err(BatchFault::Newer { version: 2, version_max: 1 }));
        let newer =
            resigned(|payload| payload.records[0].record = payload.records[0].record.replace("\"v\":1", "\"v\":2"));
        assert!(matches!(newer, Err(BatchFault::Record { sequence: 1, fault: RecordFault::Newer { version: 2, .. } })));
    }

    #[test]
    fn none_and_too_many_are_no_batch() {
        assert_eq!(Batch::new(&device(), JOURNAL, Vec::new()), Err(BatchFault::NotABatch));
        let many = entries(BATCH_RECORDS_MAX as u64 + 1);
        assert_eq!(Batch::new(&device(), JOURNAL, many.clone()), Err(BatchFault::NotABatch));
        assert!(Batch::new(&device(), JOURNAL, many[1..].to_vec()).is_ok());
    }
}
