//! What stands beside the segments and knows of their records: the index, and witnesses.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use checkpoint::passage::record::Entry;

use super::Audit;
use crate::journal::INDEX_WAITING_MAX;
use crate::journal::disk::{Disk, Folder};
use crate::journal::index::{Compared, INDEX_FILE, Index};
use crate::journal::verify::Witness;
use crate::journal::verify::report::{BRING_A_WITNESS, REMOVE_THE_INDEX, Severity};

impl Audit<'_> {
    /// What witnesses of this record say.
    pub(super) fn ask_witnesses(&mut self, entry: &Entry) {
        for number in self.of_record.get(&entry.record().sequence).into_iter().flatten().copied() {
            let witness = &self.known.witnesses[number];
            if Some(witness.journal) != self.report.journal {
                continue;
            }
            if witness.hash == entry.hash() {
                self.witnessed.insert(number);
                if self.report.witnessed.as_ref().is_none_or(|(upto, _)| *upto <= witness.sequence) {
                    self.report.witnessed = Some((witness.sequence, witness.what.clone()));
                }
            } else {
                // Another record has taken this one's place.
                self.witnessed.remove(&number);
            }
        }
    }

    /// Compares the whole index with the journal: row by row, from the segments.
    pub(in crate::journal::verify) fn index_end(&mut self, dir: &Path) {
        let (true, Some(journal)) = (self.known.checks.index, self.report.journal) else { return };
        let path = dir.join(INDEX_FILE);
        if !path.exists() && self.report.mirror {
            return;
        }
        if !path.exists() {
            self.note(INDEX_FILE, None, None, "there is none: the kiosk makes it at its next start".to_owned());
            return;
        }
        let compared = Index::compare(&path, journal, &(Arc::new(Folder::new(dir)) as Arc<dyn Disk>));
        let newest = self.report.head.map_or(0, |(sequence, _)| sequence);
        match compared {
            Ok(Compared { outdated: true, .. }) => {
                let what = "an older program made it, so it is no witness: the kiosk makes it anew at its next start"
                    .to_owned();
                self.finding(
                    Severity::Unproven,
                    INDEX_FILE,
                    None,
                    None,
                    what,
                    "start the kiosk once, then verify again",
                );
            }
            Ok(Compared { foreign: true, .. }) => {
                let what = "it is of another journal or a newer version, or not made as the kiosk makes it".to_owned();
                self.finding(Severity::Broken, INDEX_FILE, None, None, what, REMOVE_THE_INDEX);
            }
            Ok(Compared { ahead: Some(ahead), .. }) => {
                let what = format!(
                    "it knows of record {ahead} and the segments end with {newest}: records were cut off, or an older copy was put back"
                );
                self.broken(INDEX_FILE, None, Some(ahead), what);
            }
            Ok(Compared { differs: Some(sequence), .. }) => {
                let what = "its row is not what the segments hold".to_owned();
                self.finding(Severity::Broken, INDEX_FILE, None, Some(sequence), what, REMOVE_THE_INDEX);
            }
            Ok(Compared { miscounted: true, .. }) => {
                let what = "its counts by hour are not those of its rows".to_owned();
                self.finding(Severity::Broken, INDEX_FILE, None, None, what, REMOVE_THE_INDEX);
            }
            Ok(Compared { newest: indexed, .. }) if newest.saturating_sub(indexed) > INDEX_WAITING_MAX as u64 => {
                let what =
                    format!("it ends with record {indexed}, the segments with {newest}: it is being made, or old");
                self.note(INDEX_FILE, None, Some(indexed), what);
            }
            Ok(_) => {}
            Err(fault) => {
                let what = format!("it is damaged: {fault}");
                self.finding(Severity::Broken, INDEX_FILE, None, None, what, REMOVE_THE_INDEX);
            }
        }
    }

    /// What witnesses know and the journal does not hold.
    pub(in crate::journal::verify) fn witnesses(&mut self) {
        if !self.known.checks.witnesses {
            return;
        }
        let mut told = BTreeSet::new();
        let (newest, at) = self.last().map_or((0, None), |last| (last.sequence, Some(last.at)));
        for (number, witness) in self.known.witnesses.iter().enumerate() {
            let Witness { what, journal, sequence, .. } = witness;
            let said = if Some(*journal) != self.report.journal {
                format!("{what} names another journal ({journal}): this one was put in its place")
            } else if *sequence > newest {
                format!(
                    "{what} names record {sequence} and the journal ends with {newest}: it was cut off, or is an older copy"
                )
            } else if !self.witnessed.contains(&number) {
                format!("{what} names another record {sequence} than the journal holds: it was changed, or replaced")
            } else {
                continue;
            };
            // A batch is a witness of five hundred records.
            if told.insert(what.clone()) {
                self.broken("journal", None, Some(*sequence), said);
            }
        }
        let upto = self.report.witnessed.as_ref().map_or(0, |(upto, _)| *upto);
        if upto < newest || self.report.records == 0 {
            let at = at.map(|at| at.to_rfc3339()).unwrap_or_default();
            let what = match upto {
                _ if self.report.records == 0 => {
                    "it holds no record: that it never held one is not provable".to_owned()
                }
                0 => format!("no witness was given: that nothing followed record {newest} ({at}) is not provable"),
                _ => format!(
                    "the newest witness names record {upto}: that nothing followed record {newest} ({at}) is not provable"
                ),
            };
            self.finding(Severity::Unproven, "journal", None, Some(newest), what, BRING_A_WITNESS);
        }
    }
}
