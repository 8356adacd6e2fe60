//! What an answer must be read with, so that nobody takes "found nothing" for "was not there".

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use checkpoint::question::shown;
use chrono::{DateTime, Utc};

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
    /// A head that another kiosk scanned names another record than the one that arrived.
    WitnessContradicts {
        /// The journal.
        journal: String,
        /// Number of the record.
        sequence: u64,
        /// Who scanned it, and the number of its record.
        by: String,
    },
    /// What a kiosk kept as another's signed head is none that holds.
    WitnessUnreadable {
        /// Who kept it, and the number of its record.
        by: String,
        /// Why.
        why: String,
    },
    /// A head that another kiosk scanned names a later record than any that arrived.
    Behind {
        /// The journal.
        journal: String,
        /// Its last record that arrived; 0 where none did.
        arrived: u64,
        /// The record that the head names.
        witnessed: u64,
        /// Who scanned it, and the number of its record.
        by: String,
    },
    /// A device that began a journal anew: what the one before held after its last record that arrived may be lost.
    TwoJournals {
        /// The device.
        device: String,
        /// Each with its last record that arrived, and the time of its first and of that one.
        journals: Vec<(String, u64, DateTime<Utc>, DateTime<Utc>)>,
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
    /// Whether the answer says nothing, or rests on what somebody forged, changed or put back; what did not arrive still may.
    pub fn is_grave(&self) -> bool {
        !matches!(self, Self::Gap { .. } | Self::Behind { .. } | Self::TwoJournals { .. })
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
            Self::WitnessContradicts { .. } => "witness-contradicts",
            Self::WitnessUnreadable { .. } => "witness-unreadable",
            Self::Behind { .. } => "behind",
            Self::TwoJournals { .. } => "two-journals",
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
            Self::WitnessContradicts { journal, sequence, by } => write!(
                f,
                "journal {journal}: record {sequence} is not the one whose signed head {by} keeps: it was replaced, or its key is used elsewhere"
            ),
            Self::WitnessUnreadable { by, why } => write!(f, "{by} keeps a signed head that does not hold: {why}"),
            Self::Behind { journal, arrived: 0, witnessed, by } => {
                write!(f, "journal {journal}: none of its records arrived, and {by} saw record {witnessed}")
            }
            Self::Behind { journal, arrived, witnessed, by } => write!(
                f,
                "journal {journal}: records {} to {witnessed} did not arrive, or were cut off: {by} saw record {witnessed}",
                arrived + 1
            ),
            Self::TwoJournals { device, journals } => {
                write!(f, "device {device} has {} journals:", journals.len())?;
                for (at, (journal, last, from, to)) in journals.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    write!(f, "{comma} {journal} with records up to {last} of {} to {}", shown(*from), shown(*to))?;
                }
                write!(f, " (+07:00); what one of them held after that did not arrive, or was wiped")
            }
            Self::Gap { journal, first, last } => {
                write!(f, "journal {journal}: records {first} to {last} did not arrive")
            }
        }
    }
}
