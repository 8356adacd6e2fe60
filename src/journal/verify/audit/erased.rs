//! Sealed parts that are gone: whether a record says so, and whether it may.

use checkpoint::passage::day::Retention;
use checkpoint::passage::record::Record;

use super::Audit;
use crate::journal::retention::first_day_kept;
use crate::journal::verify::report::{BRING_A_WITNESS, Severity};
use crate::journal::walk::{Place, segment_name};

impl Audit<'_> {
    /// A record that says which sealed parts are erased from here on. It excuses those that are missing, so what it says is
    /// held against the proven time: whoever wants names gone early can write one.
    pub(super) fn retention(&mut self, place: Place, record: &Record, retention: Retention) {
        let (file, block, sequence) = (segment_name(place.segment), Some(place.block), Some(record.sequence));
        let first_kept = first_day_kept(record.floor, retention.days);
        if self.known.checks.commitments && retention.before > first_kept {
            let what = format!(
                "it says that what was sealed before {} is erased; kept for {} days, only what is older than {first_kept} \
                 was over by its proven time",
                retention.before, retention.days
            );
            self.broken(&file, block, sequence, what);
        }
        let kept_before = std::mem::replace(&mut self.days_kept, retention.days);
        if retention.days != kept_before {
            let what =
                format!("from here on sealed parts are kept for {} days, before it {kept_before}", retention.days);
            self.note(&file, block, sequence, what);
        }
        self.erased = self.erased.split_off(&retention.before.min(first_kept));
        self.erased_by = self.erased_by.max(Some((record.floor, record.sequence)));
    }

    /// Proven time never falls, but where a journal could not be opened at a start. What was erased by a time that nobody knew
    /// of afterwards may have been erased too early.
    pub(super) fn floor_holds(&mut self, place: Place, record: &Record) {
        if let Some((floor, by)) = self.erased_by.filter(|(floor, _)| record.floor < *floor) {
            let what = format!(
                "its proven time ({}) lies before that of record {by} ({}), by which sealed parts were erased",
                record.floor.to_rfc3339(),
                floor.to_rfc3339()
            );
            let file = segment_name(place.segment);
            self.finding(Severity::Unproven, &file, Some(place.block), Some(record.sequence), what, BRING_A_WITNESS);
            self.erased_by = None;
        }
    }

    /// Says so where sealed parts are gone and no later record speaks of their day.
    pub(super) fn erased_is_excused(&mut self) {
        for (day, (place, sequence)) in std::mem::take(&mut self.erased) {
            if self.known.checks.commitments && self.mark.is_some_and(|before| day < before) {
                let what = format!(
                    "its sealed part, of {day}, is gone, and the record that says so is not in this mirror yet, if there is one"
                );
                let (file, block) = (segment_name(place.segment), Some(place.block));
                self.finding(
                    Severity::Unproven,
                    &file,
                    block,
                    Some(sequence),
                    what,
                    "let the kiosk catch up, then ask again",
                );
            } else if self.known.checks.commitments {
                let what =
                    format!("its sealed part, of {day}, is gone, and no later record says that it was to be erased");
                self.broken(&segment_name(place.segment), Some(place.block), Some(sequence), what);
            }
        }
    }
}
