//! The journal's part of `kiosk doctor`: passages, retention, mirror.

use checkpoint::time::Remembered;
use chrono::{Days, NaiveDate};

use super::Health;
use crate::commands::place;
use crate::config::Config;
use crate::device::Device;
use crate::journal::mirror::{self, Mirrored};
use crate::journal::retention::first_day_kept;
use crate::journal::{JournalFault, Reader};

/// Records that a mirror may lack without a word: what passes while one asks.
const BEHIND: u64 = 256;

/// What was found in the journal.
pub(super) struct Journal {
    /// Whether it can be read to its end.
    pub passages: (String, Health),
    /// For how long names are kept, and until when the oldest are.
    pub retention: (String, Health),
    /// The floor of its last record.
    pub remembered: Option<Remembered>,
    /// Number of its last record.
    newest: u64,
}

/// Reads the whole journal.
pub(super) fn journal(config: &Config) -> Journal {
    let mut found = Journal {
        passages: ("none kept yet".into(), Health::Good),
        retention: (format!("{} days", config.retention_days), Health::Good),
        remembered: None,
        newest: 0,
    };
    let mut oldest: Option<NaiveDate> = None;
    let unreadable = |fault: JournalFault| ("cannot be read".to_owned(), Health::Bad(fault.to_string()));
    let reader = match Reader::open(&place::journal_dir(&config.storage_dir)) {
        Ok(reader) => reader,
        Err(JournalFault::Missing { .. }) => return found,
        Err(fault) => return Journal { passages: unreadable(fault), ..found },
    };
    let entries = match reader.settled(1) {
        Ok(entries) => entries,
        Err(fault) => return Journal { passages: unreadable(fault), ..found },
    };
    let mut count = 0_u64;
    let mut damage = None;
    for entry in entries {
        match entry {
            Ok(entry) => {
                count += 1;
                oldest = oldest.into_iter().chain(entry.sealed_day()).min();
                found.newest = entry.record().sequence;
                found.remembered = Some(Remembered { at: entry.record().at, floor: entry.record().floor });
            }
            Err(fault) => damage = Some(fault),
        }
    }
    found.passages = match damage {
        None if count < found.newest => {
            let advice = "the first ones are gone: keep a copy of the whole directory and run `kiosk journal verify`";
            (format!("{count} records, and the last has number {}", found.newest), Health::Bad(advice.into()))
        }
        None => (format!("{count} records, unbroken"), Health::Good),
        Some(fault) => (format!("{count} records, then a fault"), Health::Bad(fault.to_string())),
    };
    if let Some(remembered) = found.remembered {
        found.retention = retention(oldest, remembered, config.retention_days);
    }
    found
}

/// The day of the oldest sealed part, and when it goes.
fn retention(oldest: Option<NaiveDate>, remembered: Remembered, days: u32) -> (String, Health) {
    let Some(oldest) = oldest else {
        return (format!("{days} days; no sealed names are kept"), Health::Good);
    };
    let goes = oldest.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    let what = format!("{days} days; the oldest sealed names are of {oldest} and are erased on {goes}");
    if oldest < first_day_kept(remembered.floor, days) {
        let advice =
            "they are over: the kiosk erases them within minutes of its next start; where it runs, see its log";
        return (what, Health::Attention(advice.into()));
    }
    (what, Health::Good)
}

/// The journal on its other device, where one is wanted.
pub(super) fn mirror(config: &Config, journal: &Journal) -> Option<(String, Health)> {
    let dir = config.mirror_dir.as_ref()?;
    let shown = dir.display();
    let attention = |what: String, advice: &str| Some((what, Health::Attention(advice.into())));
    if !dir.is_dir() {
        return attention(
            format!("{shown} is not there"),
            "put the card or stick in place, and make the folder on it; passages are recorded all the same",
        );
    }
    let Mirrored { mark, last } = match mirror::look(dir) {
        Ok(Some(mirrored)) => mirrored,
        Ok(None) => return attention(format!("{shown} is empty"), "the kiosk begins it at its next start"),
        Err(fault) => return Some((shown.to_string(), Health::Attention(fault.to_string()))),
    };
    let (newest, until) = match &last {
        Some((sequence, _, at)) => {
            (*sequence, at.with_timezone(&checkpoint::time::vietnam()).format(", to %d/%m/%Y %H:%M").to_string())
        }
        None => (0, String::new()),
    };
    let erased = mark.erased_before.map(|day| format!("; sealed names before {day} are erased")).unwrap_or_default();
    let what = format!("{shown}: {newest} records{until}{erased}");
    if let Ok(device) = Device::load(&config.storage_dir, None)
        && device.id() != mark.device
    {
        return attention(what, "it is another device's and is left as it is: give this kiosk a folder of its own");
    }
    let id = Reader::open(&place::journal_dir(&config.storage_dir)).ok().map(|reader| reader.id());
    if id != Some(mark.journal) || newest > journal.newest {
        let advice = "it holds what the journal does not: end the kiosk, `kiosk journal restore --from` this folder";
        return Some((what, Health::Bad(advice.into())));
    }
    if journal.newest - newest > BEHIND {
        return attention(what, "it is behind: the kiosk catches up by itself while it runs");
    }
    Some((what, Health::Good))
}
