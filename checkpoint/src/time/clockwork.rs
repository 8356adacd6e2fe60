//! How the kiosk's clock is judged: readings of the system's clock and of the monotonic one come in, trusted time goes out.
//!
//! A clock without a battery wakes up in 1970 or in 2106, somebody sets it back, it jumps while the kiosk runs. What is known of the
//! time: it is no earlier than the floor, which signatures and the journal prove; and between two readings of one run exactly the
//! monotonic time has passed. What is not known: for how long the kiosk was off. A clock that was set back by less than that, while it
//! was off, looks like one that was not touched.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{AHEAD_MAX, Confidence, TrustedTime};

/// How far the system's clock may move against the monotonic one before it counts as set by somebody.
const STEP_MAX: TimeDelta = TimeDelta::seconds(120);

/// How far it may be behind the proven time and still be believed: the authority's clock, which signed, may run ahead of ours.
const BEHIND_MAX: TimeDelta = TimeDelta::minutes(10);

/// What the last record of the run before says of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The best guess then.
    pub at: DateTime<Utc>,
    /// The proven time then.
    pub floor: DateTime<Utc>,
}

/// The clock was found to be moved, or to be right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What it would have shown.
    pub from: DateTime<Utc>,
    /// What it shows.
    pub to: DateTime<Utc>,
    /// How far it is believed from now on.
    pub confidence: Confidence,
}

/// The clock of one run.
#[derive(Clone, Debug)]
pub struct Clockwork {
    floor_at_start: DateTime<Utc>,
    /// The guess that the last run recorded, until something newer is proven.
    remembered: Option<DateTime<Utc>>,
    /// A reading that was believed, as it would have been at the start: it goes on with the monotonic clock.
    line_at_start: Option<DateTime<Utc>>,
    /// The next reading that can be true begins the line anew: at the start, and when something newer was proven.
    ask_the_clock: bool,
    shown: Option<DateTime<Utc>>,
    /// How far the clock was off when it was last looked at; nothing before that.
    off: Option<TimeDelta>,
    moved: Option<Moved>,
}

impl Clockwork {
    /// Starts from the proven times (the build's date, the trust list's signed time), and from what the last record says.
    ///
    /// A time that lies after the clock is still proven: then the clock is wrong, not the signature.
    pub fn start(proven: impl IntoIterator<Item = DateTime<Utc>>, remembered: Option<Remembered>) -> Self {
        let proven = proven.into_iter().max().unwrap_or(DateTime::UNIX_EPOCH);
        // The guess of a clock that was not believed says nothing. And a newer signed time outvotes it: whoever once set the clock
        // ahead by mistake is helped by the next list.
        let guess = remembered
            .filter(|last| last.at.signed_duration_since(last.floor) <= AHEAD_MAX && proven <= last.floor)
            .map(|last| last.at);
        let floor_at_start = remembered.map_or(proven, |last| last.floor.max(proven));
        Self {
            floor_at_start,
            remembered: guess,
            line_at_start: None,
            ask_the_clock: true,
            shown: None,
            off: None,
            moved: None,
        }
    }

    /// A signed time arrived (a newer trust list), so long after the start: the floor may rise, never fall.
    pub fn prove(&mut self, signed: DateTime<Utc>, tick: Duration) {
        let at_start = back(signed, tick);
        if at_start <= self.floor_at_start {
            return;
        }
        self.floor_at_start = at_start;
        self.remembered = None;
        self.ask_the_clock = true;
        // A line that lags behind what is proven was wrong from the beginning.
        self.line_at_start = self.line_at_start.filter(|line| *line + BEHIND_MAX >= at_start);
    }

    /// What a reading of the system's clock is worth, so long after the start.
    pub fn read(&mut self, wall: DateTime<Utc>, tick: Duration) -> TrustedTime {
        let floor = on(self.floor_at_start, tick);
        let remembered = self.remembered.map(|guess| on(guess, tick));
        let earliest = remembered.map_or(floor - BEHIND_MAX, |guess| guess.max(floor) - STEP_MAX);
        let plausible = wall >= earliest && wall.signed_duration_since(floor) <= AHEAD_MAX;
        if plausible && (self.ask_the_clock || self.line_at_start.is_none()) {
            self.line_at_start = Some(back(wall, tick));
            self.ask_the_clock = false;
            self.shown = None;
        }
        let time = match self.line_at_start.map(|line| on(line, tick)) {
            None if wall > floor => {
                TrustedTime::measured(floor, remembered.unwrap_or(wall).max(floor), Confidence::Doubtful)
                    .or_as_late_as(wall)
            }
            None => TrustedTime::unmeasured(floor, remembered.unwrap_or(floor)),
            Some(line) if wall.signed_duration_since(line).abs() <= STEP_MAX => {
                // Small corrections never turn the time back within a run.
                let shown = self.shown.map_or(wall, |shown| shown.max(wall).min(line + STEP_MAX));
                self.shown = Some(shown);
                TrustedTime::measured(floor, shown.max(floor), Confidence::Steady)
            }
            // The line goes on: a step makes no clock wrong that was right, nor one right that was wrong.
            Some(line) => {
                let time = TrustedTime::measured(floor, line.max(floor), Confidence::Doubtful);
                if plausible { time.or_as_late_as(wall) } else { time }
            }
        };
        self.notice(wall, time);
        time
    }

    /// What was noticed since it was last asked: for the journal.
    pub fn moved(&mut self) -> Option<Moved> {
        self.moved.take()
    }

    /// Whether the clock is off by something else than at the reading before.
    fn notice(&mut self, wall: DateTime<Utc>, time: TrustedTime) {
        let expected = time.estimate();
        let (off, before) = (wall.signed_duration_since(expected), self.off.unwrap_or_default());
        if (off - before).abs() > STEP_MAX {
            let from = expected.checked_add_signed(before).unwrap_or(expected);
            self.moved = Some(Moved { from, to: wall, confidence: time.confidence() });
            self.off = Some(off);
        }
    }
}

/// So much later, as far as the calendar goes.
fn on(at: DateTime<Utc>, tick: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(tick).ok().and_then(|tick| at.checked_add_signed(tick)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// So much earlier.
fn back(at: DateTime<Utc>, tick: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(tick).ok().and_then(|tick| at.checked_sub_signed(tick)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn clock(proven: &str) -> Clockwork {
        Clockwork::start([at(proven)], None)
    }

    fn after(guess: &str, floor: &str) -> Option<Remembered> {
        Some(Remembered { at: at(guess), floor: at(floor) })
    }

    /// Floor, estimate and latest, and whether it is believed.
    fn read(clock: &mut Clockwork, wall: &str, tick: Duration) -> (String, String, bool) {
        let time = clock.read(at(wall), tick);
        let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H").to_string();
        (
            text(time.floor()),
            format!("{} {}", text(time.estimate()), text(time.latest())),
            time.confidence() == Confidence::Steady,
        )
    }

    #[test]
    fn a_clock_near_the_proven_time_is_steady_and_the_floor_moves_with_the_monotonic_one() {
        let mut clock = clock("2027-03-01T00:00:00Z");
        read(&mut clock, "2027-03-09T00:00:00Z", Duration::ZERO);
        assert_eq!(
            read(&mut clock, "2027-03-09T01:00:00Z", HOUR),
            ("2027-03-01T01".into(), "2027-03-09T01 2027-03-09T01".into(), true)
        );
        assert_eq!(clock.moved(), None);
    }

    #[test]
    fn a_clock_that_woke_up_in_1970_says_nothing() {
        let mut clock =
            Clockwork::start([at("2027-03-01T00:00:00Z")], after("2027-03-05T00:00:00Z", "2027-03-02T00:00:00Z"));
        assert_eq!(
            read(&mut clock, "1970-01-01T00:00:00Z", HOUR),
            ("2027-03-02T01".into(), "2027-03-05T01 2127-03-02T01".into(), false)
        );
        let moved = clock.moved().expect("it is for the journal");
        assert_eq!((moved.to, moved.confidence), (at("1970-01-01T00:00:00Z"), Confidence::Doubtful));
        assert!(read(&mut clock, "2027-03-06T00:00:00Z", HOUR).2, "it is set right: believed at once");
        assert_eq!(clock.moved().map(|moved| moved.confidence), Some(Confidence::Steady));
    }

    #[test]
    fn a_step_in_the_run_does_not_move_the_time() {
        let mut clock = clock("2027-03-01T00:00:00Z");
        read(&mut clock, "2027-03-09T00:00:00Z", Duration::ZERO);
        let ahead = ("2027-03-01T01".into(), "2027-03-09T01 2027-03-12T00".into(), false);
        assert_eq!(read(&mut clock, "2027-03-12T00:00:00Z", HOUR), ahead);
        let moved = clock.moved().expect("it is for the journal");
        assert_eq!((moved.from, moved.to), (at("2027-03-09T01:00:00Z"), at("2027-03-12T00:00:00Z")));
        assert_eq!(read(&mut clock, "2027-03-12T00:00:00Z", HOUR), ahead);
        assert_eq!(clock.moved(), None, "it is said once");
        let behind = ("2027-03-01T01".into(), "2027-03-09T01 2027-03-09T01".into(), false);
        assert_eq!(read(&mut clock, "2027-03-04T00:00:00Z", HOUR), behind);
        assert_eq!(read(&mut clock, "2106-02-07T00:00:00Z", HOUR), behind, "nobody believes that");
        assert!(read(&mut clock, "2027-03-09T01:00:30Z", HOUR).2, "set right: believed again");
    }

    #[test]
    fn a_clock_years_ahead_never_raises_the_floor_and_is_forgotten_by_the_next_start() {
        let mut ahead = clock("2027-03-01T00:00:00Z");
        let time = ahead.read(at("2106-02-07T00:00:00Z"), Duration::ZERO);
        assert_eq!((time.floor(), time.latest()), (at("2027-03-01T00:00:00Z"), at("2106-02-07T00:00:00Z")));
        assert_eq!(time.confidence(), Confidence::Doubtful);
        let last = Some(Remembered { at: time.estimate(), floor: time.floor() });
        let mut next = Clockwork::start([at("2027-03-01T00:00:00Z")], last);
        assert!(read(&mut next, "2027-03-09T00:00:00Z", HOUR).2);
    }

    #[test]
    fn a_clock_set_back_while_it_was_off_is_noticed_and_two_starts_do_not_wash_it_clean() {
        let mut last = after("2027-03-09T00:00:00Z", "2027-03-02T00:00:00Z");
        for _ in 0..3 {
            let mut clock = Clockwork::start([at("2027-03-01T00:00:00Z")], last);
            let time = clock.read(at("2027-03-08T00:00:00Z"), Duration::ZERO);
            assert_eq!(time.confidence(), Confidence::Doubtful);
            last = Some(Remembered { at: time.estimate(), floor: time.floor() });
            // Nor does a run with a clock that nobody can believe.
            let mut wild = Clockwork::start([at("2027-03-01T00:00:00Z")], last);
            let time = wild.read(at("2106-02-07T00:00:00Z"), Duration::ZERO);
            last = Some(Remembered { at: time.estimate(), floor: time.floor() });
        }
    }

    #[test]
    fn a_newer_list_outvotes_what_a_wrong_clock_left_behind() {
        let last = after("2027-03-20T00:00:00Z", "2027-03-02T00:00:00Z");
        let mut clock = Clockwork::start([at("2027-03-01T00:00:00Z")], last);
        assert!(!read(&mut clock, "2027-03-09T00:00:00Z", Duration::ZERO).2);
        clock.prove(at("2027-03-08T00:00:00Z"), Duration::ZERO);
        assert_eq!(
            read(&mut clock, "2027-03-09T00:00:00Z", Duration::ZERO),
            ("2027-03-08T00".into(), "2027-03-09T00 2027-03-09T00".into(), true)
        );
        clock.prove(at("2027-01-01T00:00:00Z"), Duration::ZERO);
        assert_eq!(
            read(&mut clock, "2027-03-09T00:00:00Z", Duration::ZERO).0,
            "2027-03-08T00",
            "an older one changes nothing"
        );
    }

    #[test]
    fn a_list_signed_by_a_clock_that_runs_a_little_ahead_stops_nobody() {
        let mut clock = clock("2027-03-09T00:05:00Z");
        let time = clock.read(at("2027-03-09T00:00:00Z"), Duration::ZERO);
        assert_eq!((time.confidence(), time.estimate()), (Confidence::Steady, at("2027-03-09T00:05:00Z")));
    }
}
