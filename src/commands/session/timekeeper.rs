//! Where a session's time comes from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use checkpoint::lane::Now;
use checkpoint::time::{Moved, TrustedTime};
use chrono::{DateTime, Utc};

use crate::clock::Clock;

/// Where a session's time comes from.
pub enum Timekeeper {
    /// The system's clock, held against proven time.
    Live(Box<Clock>),
    /// The recording's own calendar: the demonstration never goes stale.
    Recording {
        /// When the session began.
        started: Instant,
        /// When the newest picture was taken.
        taken_at: Arc<Mutex<DateTime<Utc>>>,
    },
}

impl Timekeeper {
    pub(super) fn now(&mut self) -> Now {
        match self {
            Self::Live(clock) => clock.now(),
            Self::Recording { started, taken_at } => {
                let at = *taken_at.lock().unwrap_or_else(PoisonError::into_inner);
                Now { time: TrustedTime::given(at), tick: started.elapsed() }
            }
        }
    }

    pub(super) fn moved(&mut self) -> Option<Moved> {
        match self {
            Self::Live(clock) => clock.moved(),
            Self::Recording { .. } => None,
        }
    }

    pub(super) fn prove(&mut self, signed: DateTime<Utc>) {
        if let Self::Live(clock) = self {
            clock.prove(signed);
        }
    }
}
