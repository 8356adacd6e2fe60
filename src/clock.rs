//! Reads the system's clocks; `checkpoint::time::Clockwork` judges them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::time::{ClockId, clock_gettime};

use checkpoint::lane::Now;
use checkpoint::time::{Clockwork, Moved, Remembered};

/// No kiosk with this code ran before this moment: moved on with every release.
const RELEASED_AT: &str = "2026-11-01T00:00:00Z";

/// The clock of a running kiosk.
#[derive(Debug)]
pub struct Clock {
    started: Duration,
    clockwork: Clockwork,
}

impl Clock {
    /// Starts from the proven times (the trust list's signed time, where there is a list), and from what the journal's last record
    /// says.
    pub fn start(proven: impl IntoIterator<Item = DateTime<Utc>>, remembered: Option<Remembered>) -> Self {
        let released: DateTime<Utc> = RELEASED_AT.parse().expect("the release date is RFC 3339");
        let clockwork = Clockwork::start(proven.into_iter().chain([released]), remembered);
        Self { started: since_boot(), clockwork }
    }

    /// A signed time arrived (a newer trust list): the floor may rise, never fall.
    pub fn prove(&mut self, signed: DateTime<Utc>) {
        let tick = self.tick();
        self.clockwork.prove(signed, tick);
    }

    /// The time for one turn of the lane.
    pub fn now(&mut self) -> Now {
        let tick = self.tick();
        Now { time: self.clockwork.read(Utc::now(), tick), tick }
    }

    /// How the clock was moved, where it was since the last question: for the journal.
    pub fn moved(&mut self) -> Option<Moved> {
        self.clockwork.moved()
    }

    fn tick(&self) -> Duration {
        since_boot().saturating_sub(self.started)
    }
}

/// Time since the machine started, also while it slept: a tablet whose lid was closed for a night has not stood still.
fn since_boot() -> Duration {
    let at = clock_gettime(ClockId::Boottime);
    Duration::new(at.tv_sec.try_into().unwrap_or_default(), at.tv_nsec.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use checkpoint::time::Confidence;

    #[test]
    fn the_floor_is_never_before_the_release_and_grows_with_the_machine() {
        let mut clock = Clock::start([], None);
        let first = clock.now();
        std::thread::sleep(Duration::from_millis(20));
        let second = clock.now();
        assert!(first.time.floor() >= RELEASED_AT.parse::<DateTime<Utc>>().unwrap());
        assert!(second.time.floor() - first.time.floor() >= chrono::TimeDelta::milliseconds(20));
        assert!(second.tick > first.tick);
    }

    #[test]
    fn a_time_that_is_proven_later_than_the_clock_makes_it_doubtful() {
        let mut clock = Clock::start([], None);
        let tomorrow = Utc::now() + chrono::TimeDelta::days(1);
        clock.prove(tomorrow);
        let now = clock.now();
        assert_eq!(now.time.confidence(), Confidence::Doubtful);
        assert!(now.time.floor() >= tomorrow - chrono::TimeDelta::seconds(1));
        assert!(clock.moved().is_some(), "and it is noticed");
    }
}
