//! What a day has beside passages: records that prove how the kiosk was run.
//!
//! A reader that does not know a kind still proves the chain over it, so kinds may be added at any time. Words in them are
//! data for machines, never shown as they stand; none of them names a visitor.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Direction, RuleSetUsed};

/// A start of the kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restart {
    /// Version of the program.
    pub program: String,
    /// Blocks that recovery skipped as torn or abandoned since the start before.
    pub skipped: u64,
    /// Version of the trust list in force, if there was one. Records made before it was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_list: Option<u64>,
    /// How it works from here on. Records made before it was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub works: Option<Works>,
}

/// How a kiosk works: what its settings, and what was chosen at the screen before, make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Works {
    /// Mode, as one word. In training no passage is kept.
    pub mode: String,
    /// Location code.
    pub location: String,
    /// Which way it lets pass.
    pub direction: Direction,
    /// Rule sets that are required.
    pub rule_sets: Vec<RuleSetUsed>,
    /// For how many days sealed parts are kept.
    pub retention_days: u32,
    /// The first 16 hexadecimal digits of the SHA-256 of the settings file: whether anything else in it is another.
    pub settings: String,
}

/// Sealed parts come to the end of their time. Recorded before the first of them is erased, so that whoever finds one missing
/// can tell that it was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Those sealed to the key of a day (+07:00) before this one are erased.
    pub before: NaiveDate,
    /// For how many days they are kept.
    pub days: u32,
}

/// The checkpoint was opened (xả chốt): visitors are waved through and counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurgeBegan {
    /// Location code.
    pub location: String,
    /// Why, as one word: `SurgeReason::word`.
    pub reason: String,
    /// Number of the guard who decided it.
    pub guard: String,
}

/// The checkpoint was closed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurgeEnded {
    /// Sequence number of its beginning.
    pub began: u64,
    /// Visitors or vehicles that were waved through.
    pub waved: u64,
}

/// The kiosk works in another way from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChanged {
    /// What was changed, as one word: `direction`, `rules`, ….
    pub mode: String,
    /// How it was.
    pub from: String,
    /// How it is.
    pub to: String,
    /// Number of the guard who changed it, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
}

/// The clock was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockChanged {
    /// What it showed.
    pub from: DateTime<Utc>,
    /// What it shows.
    pub to: DateTime<Utc>,
    /// What set it, as one word: `system` (it was found moved), `guard`, `time-file`, ….
    pub by: String,
    /// Number of the guard who did it, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// How far it is believed from then on, as one word: `steady` or `doubtful`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
}

/// Something that the kiosk judges by, or works with, was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updated {
    /// What, as one word: `trust-list`, `program`, `settings`, ….
    pub what: String,
    /// The version before, where there was one.
    pub from: Option<String>,
    /// The version now.
    pub to: String,
}

/// The journal was opened again after a fault: between the record before and this one nothing could be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    /// What the screen had said, as one word: `screen::Fault::word`.
    pub fault: String,
    /// Blocks that recovery skipped as torn or abandoned.
    pub skipped: u64,
}

/// A signed head of a chain, as text (`passage::checkpoint`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadText {
    /// `VNCHK1:…`.
    pub text: String,
}

/// A guard took over, or left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftChanged {
    /// Location code.
    pub location: String,
    /// Number of the guard.
    pub guard: String,
    /// `began` or `ended`.
    pub what: String,
    /// Passages since it began, where it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passages: Option<u64>,
}

/// A daily safety checklist was gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Location code.
    pub location: String,
    /// Id of the checklist.
    pub list: String,
    /// Its version: the items are the file's of that version.
    pub version: u32,
    /// Number of the guard who went through it.
    pub guard: String,
    /// Items in order, by number from 1.
    pub good: Vec<u32>,
    /// Items that are not.
    pub bad: Vec<u32>,
}
