//! What guard and commander want to see of a time: how many by hour, why some did not pass, how long a scan takes.
//!
//! Data alone: the journal's index fills it (`journal::index::Index::statistics`), `kiosk passages --statistics` writes it, and a
//! screen may plot it. It names nobody.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::passage::Outcome;
use crate::screen::Totals;

/// Statistics of some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By hour of Viet Nam's civil time, in order; hours without passages are left out.
    pub hours: Vec<Hour>,
    /// All of them together.
    pub totals: Totals,
    /// Why passages were refused, referred or overridden: the most frequent first.
    pub reasons: Vec<Cause>,
    /// How long scans took; `None` where no passage says.
    pub scans: Option<ScanTimes>,
}

/// Passages of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When it began.
    pub from: DateTime<Utc>,
    /// Its passages.
    pub totals: Totals,
}

/// How often one reason led to one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Short code of the reason (`Reason::code`).
    pub reason: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How often.
    pub count: u64,
}

/// From the first picture in which a visitor's code was seen to the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanTimes {
    /// Passages that say how long theirs took.
    pub count: u64,
    /// Half of them took no longer.
    pub median: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
    /// The slowest.
    pub longest: Duration,
    /// How many took as long as each band of `SCAN_BANDS` allows, and not of the one before; the last took longer.
    pub spread: [u64; SCAN_BANDS.len() + 1],
}

/// Ends of the bands in which scan times are shown: what feels like at once, a moment, and a queue.
pub const SCAN_BANDS: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Counts times to the millisecond, in a bounded amount of memory.
#[derive(Clone, Debug)]
pub struct ScanHistogram {
    /// By milliseconds; the last bin holds everything that took longer.
    bins: Vec<u32>,
    count: u64,
    longest: Duration,
    spread: [u64; SCAN_BANDS.len() + 1],
}

/// Bins of the histogram: no visit stays open for longer than two minutes (`lane.visit_secs`), and half a MB is little.
const BINS: usize = 120_000;

impl Default for ScanHistogram {
    fn default() -> Self {
        Self { bins: vec![0; BINS], count: 0, longest: Duration::ZERO, spread: Default::default() }
    }
}

impl ScanHistogram {
    /// One more scan.
    pub fn add(&mut self, took: Duration) {
        let bin = usize::try_from(took.as_millis()).unwrap_or(usize::MAX).min(BINS - 1);
        self.bins[bin] = self.bins[bin].saturating_add(1);
        self.count += 1;
        self.longest = self.longest.max(took);
        self.spread[SCAN_BANDS.partition_point(|end| *end < took)] += 1;
    }

    /// What they say together; `None` where there was none.
    pub fn times(&self) -> Option<ScanTimes> {
        let of_percent = |percent: u64| {
            // The smallest time that at least so many of 100 did not exceed (nearest rank).
            let rank = (self.count * percent).div_ceil(100);
            let mut seen = 0;
            let bin = self.bins.iter().position(|count| {
                seen += u64::from(*count);
                seen >= rank
            });
            match bin {
                Some(bin) if bin < BINS - 1 => Duration::from_millis(bin as u64),
                _ => self.longest,
            }
        };
        (self.count > 0).then(|| ScanTimes {
            count: self.count,
            median: of_percent(50),
            p95: of_percent(95),
            longest: self.longest,
            spread: self.spread,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(millis: impl IntoIterator<Item = u64>) -> Option<(u64, u128, u128, u128)> {
        let mut histogram = ScanHistogram::default();
        millis.into_iter().for_each(|millis| histogram.add(Duration::from_millis(millis)));
        histogram
            .times()
            .map(|times| (times.count, times.median.as_millis(), times.p95.as_millis(), times.longest.as_millis()))
    }

    #[test]
    fn every_scan_stands_in_one_band() {
        let mut histogram = ScanHistogram::default();
        [0, 250, 251, 1_000, 1_001, 10_000, 10_001, 90_000]
            .into_iter()
            .for_each(|millis| histogram.add(Duration::from_millis(millis)));
        assert_eq!(histogram.times().map(|times| times.spread), Some([2, 1, 1, 1, 0, 1, 2]));
    }

    #[test]
    fn median_and_p95_are_those_of_the_nearest_rank() {
        assert_eq!(times([]), None);
        assert_eq!(times([7]), Some((1, 7, 7, 7)));
        assert_eq!(times([30, 10, 20]), Some((3, 20, 30, 30)));
        assert_eq!(times(1..=100), Some((100, 50, 95, 100)));
        assert_eq!(times((1..=200).rev()), Some((200, 100, 190, 200)));
        assert_eq!(times([5, 5, 5, 5_000_000]), Some((4, 5, 5_000_000, 5_000_000)), "beyond the last bin");
    }
}
