//! The device's signatures over its own chain, and what is left open when the last record was read.

use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::record::{Digest, device_id};

use super::Audit;
use crate::journal::CHECKPOINT_EVERY;
use crate::journal::verify::report::{BRING_A_WITNESS, Severity};
use crate::journal::walk::{Place, segment_name};

impl Audit<'_> {
    /// The device's signature over the record before.
    pub(super) fn signed(&mut self, place: Place, sequence: u64, previous: Digest, text: &str) {
        if !self.known.checks.signatures {
            return;
        }
        let file = segment_name(place.segment);
        let device = self.report.device.clone().unwrap_or_default();
        let key = self.known.devices.iter().find(|key| device_id(key) == device).copied();
        let Some(key) = key else { return };
        match Checkpoint::verify(text, &[key]) {
            Ok(head)
                if Some(head.journal) == self.report.journal
                    && head.sequence + 1 == sequence
                    && head.head == previous =>
            {
                self.report.signed_upto = head.sequence;
                self.unsigned_is_short(&file, place.block, sequence);
                self.unsigned_from = sequence;
            }
            Ok(head) => {
                let what = format!(
                    "the device signed record {} of its journal as it was then, and that is not the record before",
                    head.sequence
                );
                self.broken(&file, Some(place.block), Some(sequence), what);
            }
            Err(fault) => self.broken(&file, Some(place.block), Some(sequence), fault.to_string()),
        }
    }

    /// Whoever forges records without the device's key has to leave its signatures out.
    fn unsigned_is_short(&mut self, file: &str, block: u32, upto: u64) {
        let unsigned = upto.saturating_sub(self.unsigned_from);
        if unsigned > 2 * CHECKPOINT_EVERY {
            let what = format!("the {unsigned} records before it carry no signature of the device");
            self.finding(Severity::Unproven, file, Some(block), Some(upto), what, BRING_A_WITNESS);
        }
    }

    /// The last record that was read, and what no signature covers.
    pub(in crate::journal::verify) fn end(&mut self) {
        if let Some((place, sequence)) = self.repeated.take() {
            let what = "the last record stands twice: power was cut at a start, or somebody copied it".to_owned();
            self.note(&segment_name(place.segment), Some(place.block), Some(sequence), what);
        }
        self.erased_is_excused();
        let device = self.report.device.clone();
        let Some(last) = self.last().map(|last| last.sequence) else { return };
        if let Some(device) = device.filter(|device| !self.known.devices.iter().any(|key| device_id(key) == *device)) {
            let what = format!("the key of device {device} is not known here: signatures were not checked");
            self.finding(
                Severity::Unproven,
                "journal",
                None,
                None,
                what,
                "bring the device's key or a trust list that names it",
            );
            return;
        }
        if self.known.checks.signatures {
            self.unsigned_is_short("journal", 0, last + 1);
        }
    }
}
