//! What says whose a mirror is, and what it knows.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use checkpoint::passage::record::{Digest, JournalId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::journal::JournalFault;
use crate::journal::disk::{Access, Disk, Folder};
use crate::journal::walk;

/// The file that says that a folder is a mirror.
pub const MARK_FILE: &str = "MIRROR";

/// Version of the mark that this program writes; it touches no mirror with a newer one.
const MARK_VERSION: u32 = 1;

/// Largest mark, in bytes: ten times what one takes.
const MARK_BYTES_MAX: u64 = 4096;

/// Whose mirror it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// `MARK_VERSION`.
    pub v: u32,
    /// The device whose journal it is (`device_id`).
    pub device: String,
    /// The journal.
    pub journal: JournalId,
    /// Sealed parts of days before this one were erased here, also where the record that says so was not copied yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_before: Option<NaiveDate>,
}

impl Mark {
    /// The mark of a new mirror.
    pub(super) fn new(device: &str, journal: JournalId) -> Self {
        Self { v: MARK_VERSION, device: device.to_owned(), journal, erased_before: None }
    }

    /// The mark in a folder; `None` where there is none.
    ///
    /// # Errors
    /// What the disk says; `InvalidData` where the file is no mark, or a newer program's.
    pub fn read(dir: &Path) -> io::Result<Option<Self>> {
        Self::on(&Folder::new(dir))
    }

    /// The same, on any disk.
    pub(in crate::journal) fn on(disk: &dyn Disk) -> io::Result<Option<Self>> {
        let file = match disk.open(MARK_FILE, Access::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = vec![0; file.bytes()?.min(MARK_BYTES_MAX) as usize];
        file.read_at(&mut bytes, 0)?;
        let mark: Self = serde_json::from_slice(&bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        if mark.v > MARK_VERSION {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Some(mark))
    }

    /// Writes it, durable; the one before stands until then.
    pub(in crate::journal) fn write(&self, dir: &Path) -> io::Result<()> {
        let unfinished = dir.join(format!("{MARK_FILE}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(&serde_json::to_vec(self).map_err(io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, dir.join(MARK_FILE))?;
        Folder::new(dir).sync()
    }
}

/// What a mirror holds, as anybody can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// Whose it is.
    pub mark: Mark,
    /// Number, hash and time of its last record.
    pub last: Option<(u64, Digest, DateTime<Utc>)>,
}

/// Looks at a mirror; `None` where there is none. Reads its last segments only.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn look(dir: &Path) -> Result<Option<Mirrored>, JournalFault> {
    let marked = Mark::read(dir).map_err(|error| JournalFault::from_io("read the mark of the mirror", error))?;
    let Some(mark) = marked else { return Ok(None) };
    let disk: Arc<dyn Disk> = Arc::new(Folder::new(dir));
    let tail = walk::tail(&disk)?;
    let last = tail.and_then(|tail| tail.last).map(|found| {
        let record = found.entry.record();
        (record.sequence, found.entry.hash(), record.at)
    });
    Ok(Some(Mirrored { mark, last }))
}
