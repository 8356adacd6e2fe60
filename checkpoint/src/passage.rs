//! One passage through the checkpoint: the record that outlives the moment.

pub mod batch;
pub mod checkpoint;
pub mod day;
pub mod record;
pub mod sealed;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::trust::credential::Person;

/// A passage that is on disk: it would survive a power cut. The journal alone makes one.
///
/// The screen that says HỢP LỆ can only be built from it: green is never shown for a passage that can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PassageId {
    sequence: u64,
}

impl PassageId {
    /// Says that the passage of this sequence number is durable. Only the journal may (clippy holds everybody else).
    pub fn durable(sequence: u64) -> Self {
        Self { sequence }
    }

    /// Number of the passage on this device, from 1, without gaps.
    pub fn sequence(self) -> u64 {
        self.sequence
    }
}

/// Into the place or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Vào.
    In,
    /// Ra.
    Out,
}

impl Direction {
    /// The word kept in journals and shown in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Where the checkpoint stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The location code that every passage carries, for example "HN-CK-0023".
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Province, by name or ISO 3166-2 code.
    pub province: String,
}

/// A rule set that took part in a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSetUsed {
    /// Its name, for example "two-doses-14-days".
    pub id: String,
    /// Its version: grows with every change.
    pub version: u32,
    /// Province of the place where it was used. Records made before rule sets could be bound to one have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
}

/// What happened to the visitor, as the journal keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Green.
    Admit,
    /// Red.
    Refuse,
    /// Amber.
    Refer,
    /// Let pass by the guard, against or without a verdict.
    Override,
    /// Blue: registered only.
    Registered,
    /// Counted and not checked: waved through while the checkpoint stood open (xả chốt).
    Waved,
}

impl Outcome {
    /// Every outcome, in the order of counters and tables.
    pub const ALL: [Self; 6] = [Self::Admit, Self::Refuse, Self::Refer, Self::Override, Self::Registered, Self::Waved];

    /// The word kept in journals and shown in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Refuse => "refuse",
            Self::Refer => "refer",
            Self::Override => "override",
            Self::Registered => "registered",
            Self::Waved => "waved",
        }
    }

    /// Whether the visitor may go on. No `_` arm: a new outcome compiles once somebody decides.
    pub fn lets_pass(self) -> bool {
        match self {
            Self::Admit | Self::Override | Self::Registered | Self::Waved => true,
            Self::Refuse | Self::Refer => false,
        }
    }
}

impl From<crate::verdict::Answer> for Outcome {
    fn from(answer: crate::verdict::Answer) -> Self {
        use crate::verdict::Answer;
        match answer {
            Answer::Admit => Self::Admit,
            Answer::Refuse => Self::Refuse,
            Answer::Refer => Self::Refer,
            Answer::Registered => Self::Registered,
        }
    }
}

/// When a holder passed before, as `passback` noticed. Says nothing of who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenBefore {
    /// When, to the second.
    pub at: DateTime<Utc>,
    /// Which way.
    pub direction: Direction,
}

/// A passage as the lane hands it to the journal: not yet numbered, chained, sealed or durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Best guess of the time (`TrustedTime::estimate`).
    pub at: DateTime<Utc>,
    /// Proven time (`TrustedTime::floor`).
    pub floor: DateTime<Utc>,
    /// Location code.
    pub location: String,
    /// In or out.
    pub direction: Direction,
    /// What happened.
    pub outcome: Outcome,
    /// Short code of the reason (`Reason::code`); `None` for a plain admission.
    pub reason: Option<String>,
    /// Rule sets that were required, with their versions.
    pub rule_sets: Vec<RuleSetUsed>,
    /// Version of the trust list in force; `None` when there was none.
    pub trust_list: Option<u64>,
    /// The passage that this one corrects: an override names the verdict that it overrides.
    pub refers_to: Option<PassageId>,
    /// Visitors in this passage: more than one for a group or a vehicle.
    pub visitors: u16,
    /// When its holder passed before, where that is why it was referred.
    pub seen_before: Option<SeenBefore>,
    /// A pupil left with somebody whom the school's roster names for it. Who that was is sealed.
    pub with_guardian: bool,
    /// From the first picture in which a code of the visit was seen to the decision; `None` where codes did not decide.
    pub scan: Option<Duration>,
    /// Who it was and what was shown: leaves the process only sealed. `None` when nobody was identified.
    pub identity: Option<Identity>,
}

impl Draft {
    /// One visitor whom nobody named, at a proven time, judged by no rule set and no list.
    pub fn plain(at: DateTime<Utc>, location: &str, direction: Direction, outcome: Outcome) -> Self {
        Self {
            at,
            floor: at,
            location: location.to_owned(),
            direction,
            outcome,
            reason: None,
            rule_sets: Vec::new(),
            trust_list: None,
            refers_to: None,
            visitors: 1,
            seen_before: None,
            with_guardian: false,
            scan: None,
            identity: None,
        }
    }
}

/// Something of the day that is no passage, as the lane hands it to the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Best guess of the time (`TrustedTime::estimate`).
    pub at: DateTime<Utc>,
    /// Proven time (`TrustedTime::floor`).
    pub floor: DateTime<Utc>,
    /// What happened.
    pub event: record::Event,
}

/// What stands behind a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// A verified credential names the person.
    #[default]
    Verified,
    /// The guard read the name on paper or on the visitor's screen, and vouches for it.
    ByEye,
    /// A credential with a good signature names them, and it was refused for another cause: expired, out of its key's scope.
    Refused,
    /// Only a code that nobody signed names them: whom the visitor claims to be.
    Unsigned,
}

/// Identity and health details of one visit. Sealed to the day's tracing key before it reaches a disk.
#[derive(Clone, PartialEq)]
pub struct Identity {
    /// Whom the codes name.
    pub person: Person,
    /// What stands behind that.
    pub proof: Proof,
    /// What each shown credential said, in a few words that a contact tracer needs: scheme, issuer, id, statements.
    pub shown: Vec<String>,
    /// The others of a group, each with what they showed. They have no companions of their own.
    pub companions: Vec<Identity>,
    /// The vehicle's plate.
    pub plate: Option<String>,
    /// What was decided on this one of a group, which is recorded as the one of them who is worst off. `None` for somebody alone, and
    /// in what was sealed before it was kept.
    pub outcome: Option<Outcome>,
}

impl Identity {
    /// One person, alone and on foot.
    pub fn of(person: Person, proof: Proof, shown: Vec<String>) -> Self {
        Self { person, proof, shown, companions: Vec::new(), plate: None, outcome: None }
    }
}

/// What is no longer needed is overwritten, not only given back to the allocator.
impl Drop for Identity {
    fn drop(&mut self) {
        sealed::wipe(self);
    }
}

/// Personal data: `{:?}` says only that there is an identity.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}
