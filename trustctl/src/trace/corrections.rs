//! Passages that a later one corrects: a guard let somebody pass after all, or saw that the papers were somebody else's.

use std::collections::BTreeMap;

use checkpoint::passage::record::Entry;
use checkpoint::question::shown;
use checkpoint::verdict::Reason;

use super::archive::{Archive, JournalName};

/// Of each passage that was corrected, the record that does so last; and of each that corrects, the one before.
#[derive(Default)]
pub struct Corrections<'a> {
    later: BTreeMap<(&'a JournalName, u64), &'a Entry>,
    earlier: BTreeMap<(&'a JournalName, u64), &'a Entry>,
}

/// What is known of one passage's corrections.
pub struct Corrected<'a> {
    by: Option<&'a Entry>,
    /// The guard had said before that these papers are somebody else's.
    borrowed: Option<&'a Entry>,
}

impl<'a> Corrections<'a> {
    /// Every correction of an archive. What else refers to a record (those who were waved through, to the opening) is none.
    pub fn of(archive: &'a Archive) -> Self {
        let passages = || archive.entries().filter(|(_, entry)| entry.record().event.passage().is_some());
        let known: BTreeMap<(&JournalName, u64), &Entry> =
            passages().map(|(journal, entry)| ((journal, entry.record().sequence), entry)).collect();
        let mut corrections = Self::default();
        for (journal, entry) in passages() {
            let refers_to = entry.record().event.passage().and_then(|passage| passage.refers_to);
            let Some(corrected) = refers_to.and_then(|sequence| known.get(&(journal, sequence))) else { continue };
            corrections.later.insert((journal, corrected.record().sequence), entry);
            corrections.earlier.insert((journal, entry.record().sequence), corrected);
        }
        corrections
    }

    /// What is known of one.
    pub fn of_record<'s>(&'s self, journal: &'s JournalName, sequence: u64) -> Corrected<'s> {
        let mut borrowed = None;
        let mut before = self.earlier.get(&(journal, sequence));
        while let Some(entry) = before {
            if is_not_this_person(entry) {
                borrowed = Some(*entry);
            }
            // Only ever to an earlier one: a chain ends.
            before = self
                .earlier
                .get(&(journal, entry.record().sequence))
                .filter(|earlier| earlier.record().sequence < entry.record().sequence);
        }
        Corrected { by: self.later.get(&(journal, sequence)).copied(), borrowed }
    }
}

impl Corrected<'_> {
    /// Whether a later record says what happened, in place of this one.
    pub fn is_superseded(&self) -> bool {
        self.by.is_some()
    }

    /// What a reader must know.
    pub fn notes(&self) -> Vec<String> {
        let by = self.by.and_then(|entry| Some((entry, entry.record().event.passage()?)));
        let by = by.map(|(entry, passage)| {
            let (at, sequence) = (shown(entry.record().at), entry.record().sequence);
            let reason = passage.reason.as_deref().unwrap_or_else(|| passage.outcome.word());
            format!("corrected by record {sequence} of {at}: {reason}")
        });
        let borrowed = self.borrowed.map(|entry| {
            format!("the guard said before (record {}) that this is not this person", entry.record().sequence)
        });
        by.into_iter().chain(borrowed).collect()
    }
}

fn is_not_this_person(entry: &Entry) -> bool {
    let passage = entry.record().event.passage();
    passage.and_then(|passage| passage.reason.as_deref()) == Some(Reason::NotThisPerson.code())
}
