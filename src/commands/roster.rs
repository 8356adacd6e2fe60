//! A school's roster: from the stick into memory, and nowhere else.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use checkpoint::roster::{ROSTER_BYTES_MAX, Roster, RosterFault};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::session::{Mailbox, Message, spawn};
use crate::memory::wipe_stack;

/// The file on the stick.
pub const ROSTER_FILE: &str = "roster.csv";

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks for a roster while the kiosk stands at a school's gate.
pub struct RosterWatch {
    wanted: Arc<AtomicBool>,
}

impl RosterWatch {
    /// Begins to look into this folder, in a thread of its own: a stick may take its time. Nothing is read before it is wanted.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(dir: Option<PathBuf>, mailbox: Mailbox) -> std::io::Result<Self> {
        let watch = Self { wanted: Arc::default() };
        let Some(dir) = dir else { return Ok(watch) };
        let wanted = Arc::downgrade(&watch.wanted);
        spawn("roster", move || {
            let (file, mut known) = (dir.join(ROSTER_FILE), Known::default());
            // Nobody holds it any more: the desk is gone.
            while let Some(wanted) = wanted.upgrade() {
                let brought = known.look(&file, wanted.load(Ordering::Relaxed));
                drop(wanted);
                if brought.is_some_and(|brought| !mailbox.send(Message::Roster(brought))) {
                    return;
                }
                thread::sleep(LOOK_EVERY);
            }
        })?;
        Ok(watch)
    }

    /// Whether a roster is wanted from now on.
    pub fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
    }
}

/// What was seen of the file, and what of it was taken. No word of it.
#[derive(Default)]
struct Known {
    /// Its size and when it was written.
    seen: Option<(u64, Option<SystemTime>)>,
    /// SHA-256 of the one that was taken last: the same stick plugged in again is no other roster.
    taken: Option<[u8; 32]>,
}

impl Known {
    /// What the file brings, where it is another one than before.
    fn look(&mut self, file: &Path, wanted: bool) -> Option<Result<Arc<Roster>, RosterFault>> {
        if !wanted {
            *self = Self::default();
            return None;
        }
        // A pipe on a stick must not stop the thread.
        let Some(about) = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file) else {
            self.seen = None;
            return None;
        };
        let now = (about.len(), about.modified().ok());
        if self.seen.replace(now) == Some(now) {
            return None;
        }
        let bytes = match read(file, about.len()) {
            Ok(bytes) => bytes,
            Err(fault) => {
                tracing::warn!(%fault, "the roster cannot be read; it is tried again");
                self.seen = None;
                return None;
            }
        };
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        if self.taken == Some(digest) {
            return None;
        }
        let parsed = Roster::parse(&bytes).map(Arc::new);
        drop(bytes);
        wipe_stack();
        match &parsed {
            Ok(roster) => {
                self.taken = Some(digest);
                let lines: Vec<_> = roster.damaged().iter().map(|damage| damage.line).take(12).collect();
                tracing::info!(people = roster.members().len(), ?lines, "a roster was read; the lines are damaged");
            }
            Err(fault) => tracing::warn!(%fault, "this is no roster"),
        }
        Some(parsed)
    }
}

/// The whole file, as far as one that is too large shows itself. Overwritten when it goes; it is never moved while it grows.
fn read(file: &Path, length: u64) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let most = ROSTER_BYTES_MAX as u64 + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.min(most) as usize + 1));
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roster_is_read_once_for_each_change_and_only_while_it_is_wanted() {
        let stick = tempfile::tempdir().unwrap();
        let file = stick.path().join(ROSTER_FILE);
        let mut known = Known::default();
        assert!(known.look(&file, true).is_none());
        std::fs::write(&file, "name,number\nAn,HS-1\nbroken\n").unwrap();
        assert!(known.look(&file, false).is_none());
        let roster = known.look(&file, true).unwrap().unwrap();
        assert_eq!((roster.members().len(), roster.damaged().len()), (1, 1));
        assert!(known.look(&file, true).is_none());
        // Pulled out and plugged in again: the same.
        let away = stick.path().join("away");
        std::fs::rename(&file, &away).unwrap();
        assert!(known.look(&file, true).is_none());
        std::fs::rename(&away, &file).unwrap();
        assert!(known.look(&file, true).is_none());
        std::fs::write(&file, "name,number\nAn,HS-1\nBình,HS-2\nCường,HS-3\n").unwrap();
        assert_eq!(known.look(&file, true).unwrap().unwrap().members().len(), 3);
        std::fs::write(&file, vec![b'x'; ROSTER_BYTES_MAX + 7]).unwrap();
        assert_eq!(known.look(&file, true).unwrap().unwrap_err(), RosterFault::TooLarge);
        // Another mode, and back: read again.
        std::fs::write(&file, "name,number\nAn,HS-1\n").unwrap();
        assert!(known.look(&file, true).is_some() && known.look(&file, true).is_none());
        assert!(known.look(&file, false).is_none() && known.look(&file, true).is_some());
    }
}
