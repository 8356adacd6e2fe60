//! A folder for a journal that nobody keeps. A power cut leaves one behind, so whoever needs the next one takes the old ones away.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::place;

/// What its name begins with in the system's folder of temporary files; 16 hexadecimal digits follow.
const PREFIX: &str = "kiosk-";

/// How often another name is tried where somebody takes the folder away before it is locked.
const TRIES: usize = 8;

/// A folder for a journal that nobody keeps; it goes with this value.
pub struct Throwaway {
    dir: PathBuf,
    /// Its own lock: whoever finds the folder without one may take it away. It ends with the process, however that ends.
    _lock: File,
}

impl Throwaway {
    /// A new empty folder; those that nobody uses any more are gone.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> Result<Self, String> {
        Self::within(&std::env::temp_dir())
    }

    fn within(temporary: &Path) -> Result<Self, String> {
        clear(temporary);
        for _ in 0..TRIES {
            let mut name = [0; 8];
            getrandom::fill(&mut name).map_err(|fault| format!("the system gives no random numbers: {fault}"))?;
            let dir = temporary.join(format!("{PREFIX}{:016x}", u64::from_ne_bytes(name)));
            place::make_state_dir(&dir)?;
            let locked = File::open(&dir).and_then(|folder| folder.lock().map(|()| folder));
            match locked {
                Ok(lock) if dir.is_dir() => return Ok(Self { dir, _lock: lock }),
                // Another program cleared up in that moment.
                Ok(_) => {}
                Err(fault) => return Err(format!("cannot lock {}: {fault}", dir.display())),
            }
        }
        Err(format!("folders in {} disappear as soon as they are made", temporary.display()))
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Err(fault) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(%fault, "a folder of temporary files stays until the next start");
        }
    }
}

/// Takes away what an earlier run left in the system's folder of temporary files. For the start of the kiosk: perhaps nobody will ever
/// train here again.
pub fn clear_temporary() {
    clear(&std::env::temp_dir());
}

fn clear(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    for path in entries.flatten().filter(|entry| is_named_so(&entry.file_name())).map(|entry| entry.path()) {
        let ours = fs::symlink_metadata(&path)
            .is_ok_and(|about| about.is_dir() && about.uid() == rustix::process::geteuid().as_raw());
        let unused = ours && File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok());
        if unused && let Err(fault) = fs::remove_dir_all(&path) {
            tracing::warn!(%fault, "what an earlier run left behind cannot be taken away: {}", path.display());
        }
    }
}

fn is_named_so(name: &std::ffi::OsStr) -> bool {
    let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_power_cut_left_is_gone_at_the_next_start_and_what_is_used_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        fs::create_dir_all(at("kiosk-00112233445566ff").join("journal")).unwrap();
        fs::write(at("kiosk-00112233445566ff").join("journal/segment-00000001.journal"), "sealed").unwrap();
        for name in ["kiosk-short", "kiosk-00112233445566fg", "other"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("kiosk-0011223344556600"), "a file").unwrap();
        std::os::unix::fs::symlink(at("other"), at("kiosk-0011223344556611")).unwrap();
        let used = Throwaway::within(temporary.path()).unwrap();
        let other = Throwaway::within(temporary.path()).unwrap();
        let mut names: Vec<_> = fs::read_dir(temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let mut expected =
            ["kiosk-short", "kiosk-00112233445566fg", "other", "kiosk-0011223344556600", "kiosk-0011223344556611"]
                .map(at)
                .to_vec();
        expected.extend([used.dir().to_owned(), other.dir().to_owned()]);
        expected.sort();
        assert_eq!(names, expected);
        let gone = used.dir().to_owned();
        drop(used);
        assert!(!gone.exists() && other.dir().is_dir());
    }
}
