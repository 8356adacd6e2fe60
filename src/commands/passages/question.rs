//! Whether a question about passages has an answer: an empty list for a reason that does not exist, or for a time that ends
//! before it begins, would be read as a quiet day.

use std::collections::BTreeSet;

use checkpoint::question::{nearest, shown};
use checkpoint::screen::OverrideReason;
use checkpoint::verdict::Reason;
use chrono::{DateTime, Utc};

use super::{PassagesArgs, PassagesFault};
use crate::journal::JournalFault;

/// Why a question has no answer, and what to ask in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionFault {
    /// The time ends before it begins.
    #[error(
        "no time lies between --since {} and --until {} (+07:00): give the earlier one as --since",
        shown(*since),
        shown(*until)
    )]
    NoTime {
        /// Its beginning.
        since: DateTime<Utc>,
        /// Its end.
        until: DateTime<Utc>,
    },
    /// The time has not begun.
    #[error("--since {} (+07:00) has not come yet: it is {}", shown(*since), shown(*now))]
    NotYet {
        /// Its beginning.
        since: DateTime<Utc>,
        /// The clock, or the newest record where that is later.
        now: DateTime<Utc>,
    },
    /// No reason has this code.
    #[error(
        "no reason has the code {reason}{}; {}",
        .nearest.as_ref().map(|code| format!(", did you mean {code}?")).unwrap_or_default(),
        if .held.is_empty() { "no passage of this journal has one".to_owned() }
        else { format!("passages of this journal have {}", .held.iter().cloned().collect::<Vec<_>>().join(", ")) }
    )]
    NoSuchReason {
        /// What was asked for.
        reason: String,
        /// The code that was probably meant.
        nearest: Option<String>,
        /// Codes that passages carry.
        held: BTreeSet<String>,
    },
}

/// Asks whether the question can have an answer. `now` is the latest time that anything may be of; `held` are the codes that
/// passages carry, which an older or newer program may have written.
pub(super) fn check(
    args: &PassagesArgs,
    now: DateTime<Utc>,
    held: impl FnOnce() -> rusqlite::Result<BTreeSet<String>>,
) -> Result<(), PassagesFault> {
    if let (Some(since), Some(until)) = (args.since, args.until)
        && since >= until
    {
        return Err(QuestionFault::NoTime { since, until }.into());
    }
    if let Some(since) = args.since.filter(|since| *since > now) {
        return Err(QuestionFault::NotYet { since, now }.into());
    }
    let Some(reason) = &args.reason else { return Ok(()) };
    let held = held().map_err(JournalFault::from)?;
    let ours = Reason::examples().iter().map(|reason| reason.code().to_owned()).collect::<BTreeSet<_>>();
    let known: BTreeSet<String> =
        ours.into_iter().chain(OverrideReason::ALL.map(OverrideReason::code)).chain(held.iter().cloned()).collect();
    if !reason.trim().is_empty() && reason.split_whitespace().all(|code| known.contains(code)) {
        return Ok(());
    }
    let nearest = nearest(reason, known.iter().map(String::as_str)).map(str::to_owned);
    Err(QuestionFault::NoSuchReason { reason: reason.clone(), nearest, held }.into())
}
