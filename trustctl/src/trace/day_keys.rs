//! The private keys of the days that are asked for: whoever destroys a day's has erased that day's names everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::keys::days;
use crate::keys::passphrase::Source;

/// Ending of a day's key, and of the note that stands where one was destroyed.
const KEY: &str = "key";
const DESTROYED: &str = "destroyed";

/// How long after its day a key may be needed: kiosks keep sealed parts as long (`storage.retention_days`).
pub const DAYS_KEPT: TimeDelta = TimeDelta::days(21);

/// Why a day cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoKey {
    /// It was destroyed, as it must be when retention ends: nobody can open that day.
    Destroyed,
    /// No folder has one: perhaps another has.
    Missing,
}

impl NoKey {
    /// The word in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Destroyed => "destroyed",
            Self::Missing => "missing",
        }
    }
}

/// The keys of some days.
#[derive(Default)]
pub struct DayKeys {
    keys: BTreeMap<NaiveDate, Zeroizing<[u8; 32]>>,
    destroyed: BTreeSet<NaiveDate>,
}

impl DayKeys {
    /// Opens the keys of these days, from folders of `trustctl tracing new`. The passphrase is asked for once a folder, and only
    /// where the folder has one of the days.
    ///
    /// # Errors
    /// `KeyLiesOpen`, `Read`, `WrongFile`, `Passphrase`.
    pub fn open(folders: &[PathBuf], days: &BTreeSet<NaiveDate>, source: &Source) -> Result<Self, Fault> {
        let mut opened = Self::default();
        for folder in folders {
            let (here, destroyed) = list(folder)?;
            let wanted: Vec<NaiveDate> =
                here.intersection(days).filter(|day| !opened.keys.contains_key(day)).copied().collect();
            if !wanted.is_empty() {
                opened.keys.extend(days::open(folder, wanted, source)?);
            }
            opened.destroyed.extend(destroyed);
        }
        Ok(opened)
    }

    /// The private key of a day.
    ///
    /// # Errors
    /// `NoKey`.
    pub fn of(&self, day: NaiveDate) -> Result<&[u8; 32], NoKey> {
        let why = if self.destroyed.contains(&day) { NoKey::Destroyed } else { NoKey::Missing };
        self.keys.get(&day).map(|key| &**key).ok_or(why)
    }
}

/// Days with a key in a folder, and days whose key was destroyed there.
fn list(folder: &Path) -> Result<(BTreeSet<NaiveDate>, BTreeSet<NaiveDate>), Fault> {
    let failed = |source| Fault::Read { path: folder.into(), source };
    let (mut keys, mut destroyed) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let day = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<NaiveDate>().ok());
        let Some(day) = day else { continue };
        if path.extension().is_some_and(|ending| ending == KEY) {
            keys.insert(day);
        } else if path.extension().is_some_and(|ending| ending == DESTROYED) {
            destroyed.insert(day);
        }
    }
    if keys.is_empty() && destroyed.is_empty() {
        return Err(Fault::wrong_file(
            folder,
            "a folder of the days' keys",
            "it holds no DAY.key (`trustctl tracing new`)",
        ));
    }
    Ok((keys, destroyed))
}

/// Days with a key in a folder that are before this one.
///
/// # Errors
/// `Read`, `WrongFile`.
pub fn before(folder: &Path, before: NaiveDate) -> Result<Vec<NaiveDate>, Fault> {
    Ok(list(folder)?.0.range(..before).copied().collect())
}

/// The first of these days that is kept for longer than until today: a key is destroyed `DAYS_KEPT` days after its own.
pub fn too_young(days: &[NaiveDate], today: NaiveDate) -> Option<NaiveDate> {
    days.iter().copied().find(|day| today.signed_duration_since(*day) < DAYS_KEPT)
}

/// Destroys the keys of these days in a folder: no batch, journal or backup of them can be opened any more with it.
///
/// Each file is overwritten before it is removed, and a note that it was destroyed stays. Copies are beyond this, and so is what
/// a solid-state disk kept of the old bytes: those are encrypted by the passphrase, and must be destroyed as things.
///
/// # Errors
/// `Write`; the days before the one that failed are destroyed.
pub fn destroy(folder: &Path, days: &[NaiveDate]) -> Result<(), Fault> {
    for day in days {
        let path = folder.join(format!("{day}.{KEY}"));
        destroy_one(&path, &folder.join(format!("{day}.{DESTROYED}")))
            .map_err(|source| Fault::Write { path, source })?;
    }
    if days.is_empty() {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| Fault::Write { path: folder.into(), source })
}

fn destroy_one(path: &Path, note: &Path) -> std::io::Result<()> {
    File::create(note)?.sync_all()?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    file.write_all(&vec![0; length as usize])?;
    file.sync_all()?;
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::passphrase::Passphrase;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn destroyed_days_are_gone_and_noted() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, passphrase) = (folder.path().join("keys"), folder.path().join("passphrase"));
        crate::keys::write_secret(&passphrase, "correct horse battery").unwrap();
        let made = days::DayKeys::make(day("2026-03-01"), 3, |_| crate::keys::random_bytes()).unwrap();
        made.save(&keys, &Passphrase::from("correct horse battery")).unwrap();
        let link = folder.path().join("link");
        fs::hard_link(keys.join("2026-03-01.key"), &link).unwrap();
        let open = || {
            let all = (1..=4).map(|number| day(&format!("2026-03-0{number}"))).collect();
            DayKeys::open(std::slice::from_ref(&keys), &all, &Source::File(passphrase.clone())).unwrap()
        };
        assert!(open().of(day("2026-03-01")).is_ok());

        assert_eq!(before(&keys, day("2026-03-02")).unwrap(), [day("2026-03-01")]);
        destroy(&keys, &[day("2026-03-01")]).unwrap();
        let opened = open();
        assert_eq!(opened.of(day("2026-03-01")), Err(NoKey::Destroyed));
        assert_eq!(opened.of(day("2026-03-02")), Ok(&*made.secrets[&day("2026-03-02")]));
        assert_eq!(opened.of(day("2026-03-04")), Err(NoKey::Missing));
        assert!(fs::read(&link).unwrap().iter().all(|byte| *byte == 0), "the file's bytes are overwritten");
        assert_eq!(before(&keys, day("2026-03-02")).unwrap(), [], "once");
        assert_eq!(before(&keys, day("2027-01-01")).unwrap().len(), 2);
        assert!(matches!(before(&folder.path().join("nowhere"), day("2027-01-01")), Err(Fault::Read { .. })));
        assert!(matches!(before(folder.path(), day("2027-01-01")), Err(Fault::WrongFile { .. })), "the folder above");
    }

    #[test]
    fn a_key_is_kept_for_21_days_after_its_own() {
        let days = [day("2026-03-01"), day("2026-03-02")];
        assert_eq!(too_young(&days, day("2026-03-23")), None);
        assert_eq!(too_young(&days, day("2026-03-22")), Some(day("2026-03-02")), "the first of them is over");
        assert_eq!(too_young(&days, day("2026-02-01")), Some(day("2026-03-01")), "a day to come");
        assert_eq!(too_young(&[], day("2026-03-22")), None);
    }
}
