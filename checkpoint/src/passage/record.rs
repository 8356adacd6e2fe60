//! The record: what the journal keeps of one event, its place in the chain, and its commitment to what is sealed.
//!
//! A record is a line of JSON. Its hash is the SHA-256 of exactly these bytes, and the next record carries that hash, so
//! there is nothing to canonicalise. The sealed part stands beside the text; the text holds only its hash, so that the
//! sealed part can be erased and the chain still proves that no record was added, changed or removed.

use std::fmt;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::day::{
    Checked, ClockChanged, HeadText, ModeChanged, Reopened, Restart, Retention, ShiftChanged, SurgeBegan, SurgeEnded,
    Updated,
};
use super::sealed::{self, Bound, Sealer};
use super::{Direction, Draft, Note, Outcome, PassageId, RuleSetUsed, SeenBefore};
use crate::dsse;

/// Version of the record's text. It grows when an older reader would misunderstand, not when a kind of event is added.
pub const RECORD_VERSION: u32 = 1;

/// Largest text of a record, in bytes. A passage takes about 500; the rest is for long names of rule sets.
pub const RECORD_BYTES_MAX: usize = 4096;

/// Room for the text of nearly every record, in bytes: it is made while a visitor waits, and need not grow.
const RECORD_BYTES_USUAL: usize = 1024;

/// A SHA-256, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// What the first record of a journal carries as the hash of the one before: the SHA-256 of
    /// `"checkpoint journal 1 " ‖ id`. Two journals of one device never continue each other.
    pub fn genesis(journal: JournalId) -> Self {
        Self::of(&[b"checkpoint journal 1 ".as_slice(), &journal.0].concat())
    }
}

/// The random name of one journal: a device that lost its disk begins a new journal, and its numbers begin again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JournalId(pub [u8; 16]);

/// Text forms of fixed numbers of bytes: lower-case hexadecimal.
macro_rules! hexadecimal {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // A record carries two or three of them and is made while a visitor waits: the machinery of `{:02x}` costs more
                // than the hash itself.
                let mut digits = [0; 2 * size_of::<Self>()];
                for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
                    pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
                    pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
                }
                f.write_str(str::from_utf8(&digits).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $type {
            type Err = NotHexadecimal;

            fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
                let mut out = Self(Default::default());
                if text.len() != 2 * out.0.len()
                    || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
                {
                    return Err(NotHexadecimal);
                }
                for (at, byte) in out.0.iter_mut().enumerate() {
                    *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| NotHexadecimal)?;
                }
                Ok(out)
            }
        }

        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hexadecimal!(Digest);
hexadecimal!(JournalId);

/// A text that should be lower-case hexadecimal of a fixed length, and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not lower-case hexadecimal of the right length")]
pub struct NotHexadecimal;

/// The name of a device in records and batches: the first 16 digits of its key's `dsse::key_id`.
pub fn device_id(key: &VerifyingKey) -> String {
    dsse::key_id(key).chars().take(16).collect()
}

/// What the journal keeps of one event. The order of the fields is their order in the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// `RECORD_VERSION`.
    pub v: u32,
    /// Number of the record on this device, from 1, without gaps.
    pub sequence: u64,
    /// Hash of the record before.
    pub previous: Digest,
    /// Who recorded it: `device_id`.
    pub device: String,
    /// Best guess of the time, UTC, to the millisecond.
    pub at: DateTime<Utc>,
    /// Proven time, UTC, to the millisecond.
    pub floor: DateTime<Utc>,
    /// What happened.
    pub event: Event,
}

/// What a record is about. A reader that does not know a kind still proves the chain over it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// A visitor was decided on.
    Passage(Passage),
    /// The kiosk started.
    Restart(Restart),
    /// The guard opened the checkpoint: from here on visitors are counted and not checked.
    SurgeBegan(SurgeBegan),
    /// The guard closed it again.
    SurgeEnded(SurgeEnded),
    /// The kiosk works in another way from here on.
    ModeChanged(ModeChanged),
    /// The clock was set.
    ClockChanged(ClockChanged),
    /// The trust list, the program or the settings were replaced.
    Updated(Updated),
    /// The journal was opened again after a fault.
    Reopened(Reopened),
    /// The device signed the head of its chain: the record before this one. Whoever changes a record before it, and every
    /// hash after that, must sign anew: they need the device's key.
    Checkpoint(HeadText),
    /// Another kiosk's signed head, as it was scanned here: a witness against cutting that one's tail.
    Witness(HeadText),
    /// From here on sealed parts of older days are being erased.
    Retention(Retention),
    /// A guard took over, or left.
    ShiftChanged(ShiftChanged),
    /// A daily safety checklist was gone through.
    Checked(Checked),
    /// A kind that a newer program wrote.
    #[serde(other)]
    Unknown,
}

impl Event {
    /// Its kind, for tables and machine output.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Passage(_) => "passage",
            Self::Restart(_) => "restart",
            Self::SurgeBegan(_) => "surge-began",
            Self::SurgeEnded(_) => "surge-ended",
            Self::ModeChanged(_) => "mode-changed",
            Self::ClockChanged(_) => "clock-changed",
            Self::Updated(_) => "updated",
            Self::Reopened(_) => "reopened",
            Self::Checkpoint(_) => "checkpoint",
            Self::Witness(_) => "witness",
            Self::Retention(_) => "retention",
            Self::ShiftChanged(_) => "shift-changed",
            Self::Checked(_) => "checked",
            Self::Unknown => "unknown",
        }
    }

    /// The passage, where it is one.
    pub fn passage(&self) -> Option<&Passage> {
        match self {
            Self::Passage(passage) => Some(passage),
            Self::Restart(_)
            | Self::SurgeBegan(_)
            | Self::SurgeEnded(_)
            | Self::ModeChanged(_)
            | Self::ClockChanged(_)
            | Self::Updated(_)
            | Self::Reopened(_)
            | Self::Checkpoint(_)
            | Self::Witness(_)
            | Self::Retention(_)
            | Self::ShiftChanged(_)
            | Self::Checked(_)
            | Self::Unknown => None,
        }
    }
}

/// The clear part of a passage: nothing that names a visitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Location code.
    pub location: String,
    /// In or out.
    pub direction: Direction,
    /// What happened.
    pub outcome: Outcome,
    /// Short code of the reason; none for a plain admission.
    pub reason: Option<String>,
    /// Rule sets that were required.
    pub rule_sets: Vec<RuleSetUsed>,
    /// Version of the trust list in force, if there was one.
    pub trust_list: Option<u64>,
    /// Sequence number of the record that this one belongs to: the verdict that it corrects, the opening in which it was counted.
    pub refers_to: Option<u64>,
    /// Visitors, where there was more than one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub visitors: u16,
    /// When its holder passed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_before: Option<SeenBefore>,
    /// A pupil left with somebody whom the school's roster names for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_guardian: bool,
    /// Milliseconds from the first picture in which a code of the visit was seen to the decision, where codes decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan_ms: Option<u32>,
    /// What is known of the visitor, and where it went.
    pub identity: Identified,
}

/// What is known of the visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identified {
    /// No code named anybody.
    Nobody,
    /// Somebody was named and not kept: there was no usable tracing key for the day.
    NoTracingKey,
    /// Somebody was named and sealed.
    Sealed(Commitment),
}

/// The commitment to a sealed part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Day (+07:00) of the tracing key.
    pub day: NaiveDate,
    /// `TracingKey::hint`.
    pub key: String,
    /// SHA-256 of the sealed part.
    pub sha256: Digest,
}

fn one() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_one(visitors: &u16) -> bool {
    *visitors == 1
}

/// Where the next record stands in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Device that records.
    pub device: String,
    /// Number of the new record.
    pub sequence: u64,
    /// Hash of the record before, or `Digest::genesis`.
    pub previous: Digest,
}

/// Why a record cannot be made or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// More text than a block takes.
    #[error(
        "the record takes {bytes} bytes and may take {bytes_max}; shorten the location code or the names of the rule sets"
    )]
    TooLarge { bytes: usize, bytes_max: usize },
    /// Not a record.
    #[error("this is not a record of a journal")]
    NotARecord,
    /// Written by a newer program.
    #[error("the record has version {version} and this program reads up to {version_max}; install the newer program")]
    Newer { version: u32, version_max: u32 },
    /// The sealed part is not the one that the record commits to.
    #[error("the sealed part is not the one that was recorded")]
    SealedPartChanged,
}

/// A record with its exact text, its hash and its sealed part, as journals and batches carry it.
#[derive(Clone, PartialEq)]
pub struct Entry {
    record: Record,
    text: String,
    hash: Digest,
    sealed: Option<Vec<u8>>,
}

/// The sealed part is left out of `{:?}`.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("text", &self.text)
            .field("sealed", &self.sealed.is_some())
            .finish_non_exhaustive()
    }
}

impl Entry {
    /// Makes the record of a passage. Its identity is sealed; where there is no usable tracing key to seal it to, it is left
    /// out and the record says so.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn passage(place: Place, draft: &Draft, sealer: Option<Sealer>) -> Result<Self, RecordFault> {
        let (identity, sealed) = match (&draft.identity, sealer) {
            (None, _) => (Identified::Nobody, None),
            (Some(_), None) => (Identified::NoTracingKey, None),
            (Some(identity), Some(sealer)) => {
                let (key, hint) = (*sealer.key(), sealer.hint().to_owned());
                let bound =
                    Bound { device: &place.device, location: &draft.location, sequence: place.sequence, day: key.day };
                match sealer.seal(identity, &bound) {
                    Ok(sealed) => {
                        let commitment = Commitment { day: key.day, key: hint, sha256: Digest::of(&sealed) };
                        (Identified::Sealed(commitment), Some(sealed))
                    }
                    Err(_) => (Identified::NoTracingKey, None),
                }
            }
        };
        let passage = Passage {
            location: draft.location.clone(),
            direction: draft.direction,
            outcome: draft.outcome,
            reason: draft.reason.clone(),
            rule_sets: draft.rule_sets.clone(),
            trust_list: draft.trust_list,
            refers_to: draft.refers_to.map(PassageId::sequence),
            visitors: draft.visitors,
            seen_before: draft.seen_before,
            with_guardian: draft.with_guardian,
            scan_ms: draft.scan.map(|scan| u32::try_from(scan.as_millis()).unwrap_or(u32::MAX)),
            identity,
        };
        Self::write(place, draft.at, draft.floor, Event::Passage(passage), sealed)
    }

    /// Makes the record of something that is no passage: it has no sealed part.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn note(place: Place, note: Note) -> Result<Self, RecordFault> {
        Self::write(place, note.at, note.floor, note.event, None)
    }

    fn write(
        place: Place,
        at: DateTime<Utc>,
        floor: DateTime<Utc>,
        event: Event,
        sealed: Option<Vec<u8>>,
    ) -> Result<Self, RecordFault> {
        let record = Record {
            v: RECORD_VERSION,
            sequence: place.sequence,
            previous: place.previous,
            device: place.device,
            at: at.trunc_subsecs(3),
            floor: floor.trunc_subsecs(3),
            event,
        };
        let mut text = Vec::with_capacity(RECORD_BYTES_USUAL);
        serde_json::to_writer(&mut text, &record).map_err(|_| RecordFault::NotARecord)?;
        let text = String::from_utf8(text).map_err(|_| RecordFault::NotARecord)?;
        if text.len() > RECORD_BYTES_MAX {
            return Err(RecordFault::TooLarge { bytes: text.len(), bytes_max: RECORD_BYTES_MAX });
        }
        Ok(Self { hash: Digest::of(text.as_bytes()), record, text, sealed })
    }

    /// Reads a record as a journal or a batch holds it. A sealed part that was erased is `None`, and that is no fault.
    ///
    /// # Errors
    /// `NotARecord`, `Newer`, `SealedPartChanged`.
    pub fn read(text: &str, sealed: Option<Vec<u8>>) -> Result<Self, RecordFault> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let Version { v: version } = serde_json::from_str(text).map_err(|_| RecordFault::NotARecord)?;
        if version > RECORD_VERSION {
            return Err(RecordFault::Newer { version, version_max: RECORD_VERSION });
        }
        let record: Record = serde_json::from_str(text).map_err(|_| RecordFault::NotARecord)?;
        let committed = match &record.event {
            Event::Passage(Passage { identity: Identified::Sealed(commitment), .. }) => Some(commitment.sha256),
            _ => None,
        };
        if sealed.as_ref().is_some_and(|sealed| committed != Some(Digest::of(sealed))) {
            return Err(RecordFault::SealedPartChanged);
        }
        Ok(Self { record, hash: Digest::of(text.as_bytes()), text: text.to_owned(), sealed })
    }

    /// What the text says.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The exact text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text: what the next record carries as `previous`.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The sealed part; `None` where there never was one, and where it was erased.
    pub fn sealed(&self) -> Option<&[u8]> {
        self.sealed.as_deref()
    }

    /// Day of the tracing key that the sealed part opens with; `None` where there is no sealed part, or no longer.
    pub fn sealed_day(&self) -> Option<NaiveDate> {
        match &self.record.event {
            Event::Passage(Passage { identity: Identified::Sealed(commitment), .. }) => {
                self.sealed.as_ref().map(|_| commitment.day)
            }
            _ => None,
        }
    }

    /// The same record without its sealed part: the text, and with it the hash and the commitment, stay.
    pub fn erased(self) -> Self {
        Self { sealed: None, ..self }
    }

    /// Opens the sealed part with the private key of its day. `Ok(None)` where there is none.
    ///
    /// # Errors
    /// As `sealed::open`.
    pub fn open(&self, private: &[u8; 32]) -> Result<Option<super::Identity>, sealed::SealFault> {
        let (Event::Passage(passage), Some(sealed)) = (&self.record.event, &self.sealed) else { return Ok(None) };
        let Identified::Sealed(commitment) = &passage.identity else { return Ok(None) };
        let bound = Bound {
            device: &self.record.device,
            location: &passage.location,
            sequence: self.record.sequence,
            day: commitment.day,
        };
        sealed::open(sealed, private, &bound).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restart() -> Entry {
        let at: DateTime<Utc> = "2026-03-01T01:02:03.456789Z".parse().unwrap();
        let place =
            Place { device: "0123456789abcdef".into(), sequence: 1, previous: Digest::genesis(JournalId([0; 16])) };
        let event = Event::Restart(Restart { program: "0.1.0".into(), skipped: 2, trust_list: None, works: None });
        Entry::note(place, Note { at, floor: at, event }).unwrap()
    }

    #[test]
    fn the_text_is_as_documented() {
        let expected = "{\"v\":1,\"sequence\":1,\
            \"previous\":\"d2859691440093864920cf751831b40c6ba4fa76c461fab71c782fd5549386f9\",\
            \"device\":\"0123456789abcdef\",\"at\":\"2026-03-01T01:02:03.456Z\",\"floor\":\"2026-03-01T01:02:03.456Z\",\
            \"event\":{\"kind\":\"restart\",\"program\":\"0.1.0\",\"skipped\":2}}";
        assert_eq!(restart().text(), expected);
    }

    #[test]
    fn a_record_is_read_back_as_it_was_written() {
        assert_eq!(Entry::read(restart().text(), None), Ok(restart()));
    }

    #[test]
    fn a_passage_of_before_provinces_groups_and_passback_is_read() {
        let text = restart().text().replace(
            "{\"kind\":\"restart\",\"program\":\"0.1.0\",\"skipped\":2}",
            "{\"kind\":\"passage\",\"location\":\"HN-01\",\"direction\":\"in\",\"outcome\":\"admit\",\"reason\":null,\
             \"rule_sets\":[{\"id\":\"two-doses-14-days\",\"version\":1}],\"trust_list\":7,\"refers_to\":null,\
             \"identity\":\"nobody\"}",
        );
        let entry = Entry::read(&text, None).unwrap();
        let passage = entry.record().event.passage().unwrap();
        let used = RuleSetUsed { id: "two-doses-14-days".into(), version: 1, province: None };
        assert_eq!((&passage.rule_sets, passage.visitors, passage.seen_before), (&vec![used], 1, None));
        assert_eq!(entry.hash(), Digest::of(text.as_bytes()), "and its place in the chain is that of its own text");
        assert_eq!(serde_json::to_string(entry.record()).unwrap(), text, "nothing is added where it is written again");
    }

    #[test]
    fn an_event_of_a_newer_program_is_unknown_and_still_chained() {
        let text = restart().text().replace("\"kind\":\"restart\"", "\"kind\":\"eclipse\"");
        let entry = Entry::read(&text, None).unwrap();
        assert_eq!(entry.record().event, Event::Unknown);
        assert_eq!(entry.hash(), Digest::of(text.as_bytes()));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in ["", "{}", "[]", "{\"v\":1}", "{\"v\":-1}", "\u{0}"] {
            assert_eq!(Entry::read(text, None), Err(RecordFault::NotARecord), "{text}");
        }
        let upper = restart().text().replace("\"previous\":\"", "\"previous\":\"A");
        assert_eq!(Entry::read(&upper, None), Err(RecordFault::NotARecord));
    }
}
