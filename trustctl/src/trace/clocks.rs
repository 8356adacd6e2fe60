//! Whether a kiosk doubted its clock when it recorded something: the time that stands there is then a guess.

use std::collections::BTreeMap;

use checkpoint::passage::record::{Event, Record};
use checkpoint::time::{AHEAD_MAX, Confidence};
use chrono::TimeDelta;

use super::archive::{Archive, JournalName};

/// The records at which each journal's clock fell in doubt, or was right again.
pub struct Clocks<'a>(BTreeMap<&'a JournalName, BTreeMap<u64, bool>>);

impl<'a> Clocks<'a> {
    /// Those of an archive.
    pub fn of(archive: &'a Archive) -> Self {
        let mut clocks: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (journal, entry) in archive.entries() {
            if let Event::ClockChanged(changed) = &entry.record().event
                && let Some(confidence) = &changed.confidence
            {
                let in_doubt = confidence == Confidence::Doubtful.word();
                clocks.entry(journal).or_default().insert(entry.record().sequence, in_doubt);
            }
        }
        Self(clocks)
    }

    /// Whether a record says when it may have been, and not when it was: its clock was in doubt, before the proven time, or further ahead
    /// of it than a kiosk believes.
    pub fn is_in_doubt(&self, journal: &JournalName, record: &Record) -> bool {
        let changes = self.0.get(journal);
        let last = changes.and_then(|changes| changes.range(..record.sequence).next_back());
        let ahead = record.at - record.floor;
        last.is_some_and(|(_, in_doubt)| *in_doubt) || ahead < TimeDelta::zero() || ahead > AHEAD_MAX
    }
}
