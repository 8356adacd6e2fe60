//! Makes `TrustedTime`: the system's clock, held against what is proven.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use checkpoint::lane::Now;
use checkpoint::time::{Confidence, TrustedTime};

/// No kiosk with this code ran before this moment: moved on with every release.
const RELEASED_AT: &str = "2026-11-01T00:00:00Z";

/// How far the clock may be ahead of the proven time before it is doubted. A kiosk that was off, or without a newer
/// list, for longer needs a person to look at its clock.
const AHEAD_MAX: TimeDelta = TimeDelta::days(31);

/// How far the system's clock may move against the monotonic one before it counts as set by somebody.
const STEP_MAX: TimeDelta = TimeDelta::seconds(120);

/// The clock of a running kiosk.
#[derive(Debug)]
pub struct Clock {
    started: Instant,
    floor_at_start: DateTime<Utc>,
    estimate_at_start: DateTime<Utc>,
    stepped: bool,
}

impl Clock {
    /// Starts from the proven times: the trust list's signed time and the floor of the last passage, where there are any.
    ///
    /// A time that lies after the wall clock is still proven: then the clock is wrong, not the signature.
    pub fn start(proven: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        Self::start_at(proven, Utc::now())
    }

    fn start_at(proven: impl IntoIterator<Item = DateTime<Utc>>, wall: DateTime<Utc>) -> Self {
        let released: DateTime<Utc> = RELEASED_AT.parse().expect("the release date is RFC 3339");
        let floor_at_start = proven.into_iter().fold(released, DateTime::max);
        Self { started: Instant::now(), floor_at_start, estimate_at_start: wall, stepped: false }
    }

    /// A signed time arrived (a newer trust list): the floor may rise, never fall.
    pub fn prove(&mut self, signed: DateTime<Utc>) {
        let elapsed = TimeDelta::from_std(self.started.elapsed()).unwrap_or_default();
        self.floor_at_start = self.floor_at_start.max(signed - elapsed);
    }

    /// The time for one turn of the lane.
    pub fn now(&mut self) -> Now {
        let tick = self.started.elapsed();
        self.read(Utc::now(), tick)
    }

    fn read(&mut self, wall: DateTime<Utc>, tick: Duration) -> Now {
        let elapsed = TimeDelta::from_std(tick).unwrap_or(TimeDelta::MAX);
        let step = wall.signed_duration_since(self.estimate_at_start).checked_sub(&elapsed).unwrap_or(TimeDelta::MAX);
        if step.abs() > STEP_MAX {
            self.stepped = true;
        }
        let floor = self.floor_at_start.checked_add_signed(elapsed).unwrap_or(self.floor_at_start);
        let ahead = wall.signed_duration_since(floor);
        let confidence = if self.stepped || ahead > AHEAD_MAX { Confidence::Doubtful } else { Confidence::Steady };
        Now { time: TrustedTime::measured(floor, wall, confidence), tick }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn clock(proven: &str, wall: &str) -> Clock {
        Clock::start_at([at(proven)], at(wall))
    }

    #[test]
    fn a_clock_near_the_proven_time_is_steady() {
        let mut clock = clock("2027-03-01T00:00:00Z", "2027-03-09T00:00:00Z");
        let now = clock.read(at("2027-03-09T01:00:00Z"), Duration::from_secs(3600));
        assert_eq!(now.time.confidence(), Confidence::Steady);
        assert_eq!(now.time.floor(), at("2027-03-01T01:00:00Z"), "the floor moves with the monotonic clock");
    }

    #[test]
    fn a_clock_that_woke_up_in_1970_is_doubted_and_never_before_the_floor() {
        let mut clock = clock("2027-03-01T00:00:00Z", "1970-01-01T00:00:00Z");
        let now = clock.read(at("1970-01-01T00:00:01Z"), Duration::from_secs(1));
        assert_eq!(now.time.confidence(), Confidence::Doubtful);
        assert_eq!(now.time.estimate(), at("2027-03-01T00:00:01Z"));
    }

    #[test]
    fn a_clock_set_in_the_run_is_doubted_from_then_on() {
        let mut clock = clock("2027-03-01T00:00:00Z", "2027-03-09T00:00:00Z");
        let now = clock.read(at("2027-03-12T00:00:00Z"), Duration::from_secs(60));
        assert_eq!(now.time.confidence(), Confidence::Doubtful);
        let back = clock.read(at("2027-03-09T00:02:00Z"), Duration::from_secs(120));
        assert_eq!(back.time.confidence(), Confidence::Doubtful, "what was touched once is not believed again");
    }

    #[test]
    fn a_clock_years_ahead_is_doubted_and_never_raises_the_floor() {
        let mut clock = clock("2027-03-01T00:00:00Z", "2106-02-07T00:00:00Z");
        let now = clock.read(at("2106-02-07T00:00:00Z"), Duration::ZERO);
        assert_eq!(now.time.confidence(), Confidence::Doubtful);
        assert_eq!(now.time.floor(), at("2027-03-01T00:00:00Z"));
    }

    #[test]
    fn a_newer_list_raises_the_floor_and_an_older_one_does_not() {
        let mut clock = clock("2027-03-01T00:00:00Z", "2027-03-09T00:00:00Z");
        clock.prove(at("2027-03-08T00:00:00Z"));
        clock.prove(at("2027-01-01T00:00:00Z"));
        let now = clock.read(at("2027-03-09T00:00:00Z"), Duration::ZERO);
        assert!(now.time.floor() >= at("2027-03-07T23:59:00Z"));
    }
}
