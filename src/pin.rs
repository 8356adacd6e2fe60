//! The PIN that guards the kiosk's mode and rule sets: argon2id (RFC 9106), and a lock after too many tries.
//!
//! A try is counted on disk before it is checked, so that pulling the plug gives no free ones. While it is locked the kiosk
//! checks visitors as before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The file in the state folder.
pub const PIN_FILE: &str = "pin.json";

/// Wrong tries before it is locked, and for how long then; each further one doubles that, up to the longest.
pub const TRIES: u32 = 5;
const LOCKED_SECS_FIRST: u64 = 60;
const LOCKED_SECS_MAX: u64 = 3600;

/// Digits that a PIN may have.
pub const DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// Memory in KiB, passes and lanes: RFC 9106 leaves them to the machine; these are OWASP's for argon2id, and take 0.1 s on a
/// tablet's processor.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    Right,
    /// So many more before it is locked.
    Wrong {
        tries_left: u32,
    },
    /// For so many seconds more; by this try, or by one before.
    Locked {
        secs: u64,
        newly: bool,
    },
    /// Nobody has set one.
    NotSet,
}

/// Why a PIN cannot be set or tried.
#[derive(Debug, thiserror::Error)]
pub enum PinFault {
    /// Not digits, or too few or too many.
    #[error("a PIN has 4 to 12 digits and nothing else")]
    NotAPin,
    /// The file cannot be read or written.
    #[error("{path}: {source}; the state folder must be on a disk that can be written")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not what we write.
    #[error("{path} is damaged; set the PIN anew: kiosk pin")]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// A library gave up.
    #[error("the PIN cannot be hashed: {0}")]
    Hash(String),
}

/// What is kept of a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
    /// Wrong tries since the last right one.
    wrong: u32,
    /// When the last wrong try locked it.
    locked_at: Option<DateTime<Utc>>,
}

/// The PIN of a kiosk, on disk.
#[derive(Clone, Debug)]
pub struct PinStore {
    path: PathBuf,
}

impl PinStore {
    /// The PIN in this state folder.
    pub fn at(storage: &Path) -> Self {
        Self { path: storage.join(PIN_FILE) }
    }

    /// Sets the PIN, in place of any before; forgets wrong tries.
    ///
    /// # Errors
    /// `NotAPin`, `Disk`, `Hash`.
    pub fn set(&self, pin: &str) -> Result<(), PinFault> {
        if !DIGITS.contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinFault::NotAPin);
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|fault| PinFault::Hash(fault.to_string()))?;
        let (memory_kib, passes, lanes) = COST;
        let hash = hash(pin, &salt, memory_kib, passes, lanes)?;
        self.write(&Kept { memory_kib, passes, lanes, salt, hash, wrong: 0, locked_at: None })
    }

    /// Tries a PIN at `now`, as the wall clock shows it. A clock that was set back does not open the lock earlier.
    ///
    /// # Errors
    /// `Disk`, `Damaged`, `Hash`: the PIN was not checked, and nothing may be changed.
    pub fn check(&self, pin: &str, now: DateTime<Utc>) -> Result<Tried, PinFault> {
        let Some(mut kept) = self.read()? else { return Ok(Tried::NotSet) };
        if let Some(secs) = kept.locked_for(now) {
            if kept.locked_at.is_some_and(|at| at > now) {
                kept.locked_at = Some(now);
                self.write(&kept)?;
            }
            return Ok(Tried::Locked { secs, newly: false });
        }
        kept.wrong = kept.wrong.saturating_add(1);
        kept.locked_at = (kept.wrong >= TRIES).then_some(now);
        self.write(&kept)?;
        let given = hash(pin, &kept.salt, kept.memory_kib, kept.passes, kept.lanes)?;
        // Every byte is compared, whichever differs first.
        let differs = given.iter().zip(&kept.hash).fold(0, |differs, (a, b)| differs | (a ^ b));
        if differs == 0 {
            (kept.wrong, kept.locked_at) = (0, None);
            self.write(&kept)?;
            return Ok(Tried::Right);
        }
        Ok(match kept.locked_for(now) {
            Some(secs) => Tried::Locked { secs, newly: true },
            None => Tried::Wrong { tries_left: TRIES.saturating_sub(kept.wrong) },
        })
    }

    fn read(&self) -> Result<Option<Kept>, PinFault> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(PinFault::Disk { path: self.path.clone(), source }),
        };
        match serde_json::from_str(&text) {
            Ok(kept) => Ok(Some(kept)),
            Err(_) => Err(PinFault::Damaged { path: self.path.clone() }),
        }
    }

    /// Whole or not at all, also when the power is cut.
    fn write(&self, kept: &Kept) -> Result<(), PinFault> {
        let text = serde_json::to_string(kept).map_err(|fault| PinFault::Hash(fault.to_string()))?;
        replace(&self.path, text.as_bytes()).map_err(|source| PinFault::Disk { path: self.path.clone(), source })
    }
}

impl Kept {
    fn locked_for(&self, now: DateTime<Utc>) -> Option<u64> {
        let at = self.locked_at?;
        let doublings = self.wrong.saturating_sub(TRIES).min(16);
        let secs = (LOCKED_SECS_FIRST << doublings).min(LOCKED_SECS_MAX);
        // A clock before the lock was set back: the whole time counts anew.
        let since = (now - at).max(TimeDelta::zero()).num_seconds() as u64;
        secs.checked_sub(since).filter(|left| *left > 0)
    }
}

fn hash(pin: &str, salt: &[u8], memory: u32, passes: u32, lanes: u32) -> Result<[u8; HASH_BYTES], PinFault> {
    let fault = |fault: argon2::Error| PinFault::Hash(fault.to_string());
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES)).map_err(fault)?;
    let mut out = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut out)
        .map_err(fault)?;
    Ok(out)
}

/// Puts a file in the place of another so that either the old or the new one is there, whole, after a power cut. For its
/// owner's eyes alone.
///
/// # Errors
/// What the system says; the old file is as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, PinStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = PinStore::at(folder.path());
        store.set("4917").unwrap();
        (folder, store)
    }

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + secs, 0).unwrap()
    }

    #[test]
    fn the_right_pin_opens_and_a_wrong_one_counts() {
        let (_folder, store) = store();
        assert_eq!(store.check("4917", at(0)).unwrap(), Tried::Right);
        assert_eq!(store.check("4918", at(1)).unwrap(), Tried::Wrong { tries_left: 4 });
        assert_eq!(store.check("", at(2)).unwrap(), Tried::Wrong { tries_left: 3 });
        assert_eq!(store.check("4917", at(3)).unwrap(), Tried::Right);
        assert_eq!(store.check("4918", at(4)).unwrap(), Tried::Wrong { tries_left: 4 });
    }

    #[test]
    fn it_locks_for_longer_and_longer_and_a_restart_or_a_clock_set_back_opens_nothing() {
        let (folder, store) = store();
        for second in 0..4 {
            store.check("0000", at(second)).unwrap();
        }
        assert_eq!(store.check("0000", at(4)).unwrap(), Tried::Locked { secs: 60, newly: true });
        // A restart: another store over the same file. Even the right PIN waits.
        let store = PinStore::at(folder.path());
        assert_eq!(store.check("4917", at(5)).unwrap(), Tried::Locked { secs: 59, newly: false });
        assert_eq!(store.check("4917", at(-10_000)).unwrap(), Tried::Locked { secs: 60, newly: false });
        assert_eq!(store.check("4917", at(-9_950)).unwrap(), Tried::Locked { secs: 10, newly: false });
        assert_eq!(store.check("1111", at(-9_940)).unwrap(), Tried::Locked { secs: 120, newly: true });
        assert_eq!(store.check("4917", at(-9_819)).unwrap(), Tried::Right);
    }

    #[test]
    fn a_try_is_on_disk_before_it_is_checked() {
        let (folder, store) = store();
        store.check("0000", at(0)).unwrap();
        let written = fs::read_to_string(folder.path().join(PIN_FILE)).unwrap();
        assert!(written.contains("\"wrong\":1") && !written.contains("4917"), "{written}");
    }

    #[test]
    fn without_a_pin_nothing_opens_and_only_digits_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = PinStore::at(folder.path());
        assert_eq!(store.check("4917", at(0)).unwrap(), Tried::NotSet);
        for pin in ["", "123", "12a4", "1234567890123", "１２３４"] {
            assert!(matches!(store.set(pin), Err(PinFault::NotAPin)), "{pin}");
        }
        fs::write(folder.path().join(PIN_FILE), "{}").unwrap();
        assert!(matches!(store.check("4917", at(0)), Err(PinFault::Damaged { .. })));
    }
}
