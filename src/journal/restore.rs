//! Bringing a journal back from its mirror. What stood there is set aside, never removed.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;

use super::disk::{Disk, Folder};
use super::mirror::{self, Mirrored};
use super::verify::{Checks, Known, Report, Severity, verify};
use super::walk::{segment_name, segment_numbers_found};
use super::{JournalFault, LOCK_FILE, lock, sync_parent};

/// What was brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the proof of the mirror found.
    pub report: Report,
    /// Where the journal that stood there is now; `None` where none did.
    pub set_aside: Option<PathBuf>,
}

/// Why nothing was brought back. The journal stands as it did.
#[derive(Debug, thiserror::Error)]
pub enum RestoreFault {
    /// There is no mirror.
    #[error("there is no mirror in {dir}: name the folder that storage.mirror_dir names, with the stick in place")]
    NoMirror {
        /// Where.
        dir: PathBuf,
    },
    /// Somebody else's.
    #[error("this is the mirror of device {found} and this is device {ours}; bring back its key file first")]
    OtherDevice {
        /// Whose it is.
        found: String,
        /// Who we are.
        ours: String,
    },
    /// It is not what the device recorded.
    #[error("the mirror is broken and nothing was touched: {what}")]
    Broken {
        /// The first thing that is wrong.
        what: String,
    },
    /// The journal is sound and holds everything.
    #[error("the journal is sound and holds all {records} records of the mirror: there is nothing to restore")]
    NothingToRestore {
        /// Records of the mirror.
        records: u64,
    },
    /// The journal's or the mirror's fault: a kiosk runs, or a disk fails.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// A file could not be copied or moved.
    #[error("cannot {doing}: {source}; the journal stands as it did")]
    File {
        /// What was tried.
        doing: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

fn failed(doing: &'static str) -> impl Fn(io::Error) -> RestoreFault {
    move |source| RestoreFault::File { doing, source }
}

/// Brings the journal in `journal` back from the mirror in `from`, of this device: proves the mirror, copies it beside the
/// journal, proves the copy, sets the journal aside and puts the copy in its place. May be cut off at any step and begun again.
///
/// # Errors
/// `RestoreFault`: the journal stands as it did, or, cut off between two renames, aside.
pub fn restore(journal: &Path, from: &Path, device: &str, devices: &[VerifyingKey]) -> Result<Restored, RestoreFault> {
    let Mirrored { mark, last } = mirror::look(from)?.ok_or_else(|| RestoreFault::NoMirror { dir: from.to_owned() })?;
    if mark.device != device {
        return Err(RestoreFault::OtherDevice { found: mark.device, ours: device.to_owned() });
    }
    // Nobody writes to either meanwhile. A mirror that cannot be written needs no lock.
    let _mirrors = match lock(from) {
        Err(JournalFault::ReadOnly { .. }) => None,
        locked => Some(locked?),
    };
    let existed = journal.is_dir();
    if !existed {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(journal)
            .map_err(failed("make the journal's directory"))?;
    }
    let _journals = lock(journal)?;

    let known = Known { devices, witnesses: &[], checks: Checks::ALL };
    let report = proven(from, &known)?;
    let held = match verify(journal, &known) {
        Ok(ours) if ours.severity() != Severity::Broken && ours.journal == report.journal => {
            let holds = |&(sequence, hash): &_| {
                let reader =
                    super::Reader::open(journal).and_then(|reader| reader.entries(sequence)?.next().transpose());
                reader
                    .ok()
                    .flatten()
                    .is_some_and(|stored| stored.entry.record().sequence == sequence && stored.entry.hash() == hash)
            };
            last.as_ref().is_none_or(|(sequence, hash, _)| holds(&(*sequence, *hash)))
        }
        _ => false,
    };
    if held {
        return Err(RestoreFault::NothingToRestore { records: report.records });
    }

    let copy = beside(journal, "restoring");
    match fs::remove_dir_all(&copy) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("clear up after an earlier restore")(error));
        }
        _ => {}
    }
    copy_segments(from, &copy)?;
    if mark.erased_before.is_some() {
        // What was erased there before the record that says so came: the journal says it when it is opened again.
        mark.write(&copy).map_err(failed("copy the mirror's mark"))?;
    }
    let copied = proven(&copy, &known)?;
    if copied.head != report.head {
        return Err(RestoreFault::Broken { what: "the copy is not what the mirror holds".into() });
    }
    let set_aside = set_aside(journal)?;
    fs::rename(&copy, journal).map_err(failed("put the copy in the journal's place"))?;
    sync_parent(journal).map_err(failed("make the journal's place durable"))?;
    Ok(Restored { report, set_aside })
}

/// Proves a journal that must not be broken.
fn proven(dir: &Path, known: &Known<'_>) -> Result<Report, RestoreFault> {
    let report = verify(dir, known)?;
    match report.findings.iter().find(|finding| finding.severity == Severity::Broken) {
        Some(finding) => Err(RestoreFault::Broken { what: finding.to_string() }),
        None => Ok(report),
    }
}

/// `journal` → `journal.WORD`.
fn beside(journal: &Path, word: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    name.into()
}

/// Copies every segment, durable. The index is made again.
fn copy_segments(from: &Path, to: &Path) -> Result<(), RestoreFault> {
    let doing = "copy the mirror";
    DirBuilder::new().mode(0o700).create(to).map_err(failed(doing))?;
    let disk = Folder::new(from);
    for number in segment_numbers_found(&disk.names().map_err(failed(doing))?) {
        let name = segment_name(number);
        let mut source = File::open(from.join(&name)).map_err(failed(doing))?;
        let mut new = File::options();
        let mut file = new.write(true).create_new(true).mode(0o600).open(to.join(&name)).map_err(failed(doing))?;
        io::copy(&mut source, &mut file).and_then(|_| file.sync_all()).map_err(failed(doing))?;
    }
    Folder::new(to).sync().map_err(failed(doing))
}

/// Moves the journal away; `None` where there was nothing but a lock.
fn set_aside(journal: &Path) -> Result<Option<PathBuf>, RestoreFault> {
    let names = Folder::new(journal).names().map_err(failed("list the journal's files"))?;
    if names.iter().all(|name| name == LOCK_FILE) {
        fs::remove_dir_all(journal).map_err(failed("make room for the copy"))?;
        return Ok(None);
    }
    let free = (1_u32..).map(|number| beside(journal, &format!("aside-{number}"))).find(|path| !path.exists());
    let Some(aside) = free else { return Err(failed("set the journal aside")(io::ErrorKind::AlreadyExists.into())) };
    fs::rename(journal, &aside).map_err(failed("set the journal aside"))?;
    Ok(Some(aside))
}
