//! Why the journal cannot do what it was asked.

use std::io;
use std::path::PathBuf;

use checkpoint::passage::record::RecordFault;
use checkpoint::screen::Fault;

/// Why the journal cannot do what it was asked. Says what to do; never who passed.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// Nothing was written.
    #[error("the disk is full: nothing was recorded; make room, the kiosk goes on by itself")]
    DiskFull,
    /// Nothing was written.
    #[error(
        "the disk cannot be written (it is read-only, or the kiosk may not write there); make it writable: {doing}"
    )]
    ReadOnly {
        /// What was tried.
        doing: &'static str,
    },
    /// Nothing was touched.
    #[error(
        "{file} is of version {version} and this program knows up to {version_max}; start the newer program again, nothing was changed"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        version: u32,
        /// The newest that we read.
        version_max: u32,
    },
    /// Nothing was touched, and nothing may be.
    #[error(
        "the journal is damaged in {file}, block {block}: {what}; keep the directory as it is, call the office, and start with a new directory"
    )]
    Corrupt {
        /// The file.
        file: String,
        /// Number of the block; 0 is the header.
        block: u32,
        /// What is wrong there.
        what: &'static str,
    },
    /// Another program is the writer.
    #[error("another kiosk writes to the journal in {dir}; end it first")]
    Locked {
        /// The journal's directory.
        dir: PathBuf,
    },
    /// The records are another device's.
    #[error(
        "the journal was kept by device {found} and this is device {ours}; bring back its key file, or start with a new directory"
    )]
    OtherDevice {
        /// Who kept it.
        found: String,
        /// Who we are.
        ours: String,
    },
    /// There is none to read.
    #[error("there is no journal in {dir}; name its directory, or start the kiosk once")]
    Missing {
        /// The directory.
        dir: PathBuf,
    },
    /// The record does not fit into a block.
    #[error("the passage cannot be recorded: {0}")]
    Record(#[from] RecordFault),
    /// The disk failed. Whether the record reached it, nobody knows: it was not acknowledged.
    #[error("the disk failed ({doing}): {source}; if it happens again, change the card")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The index cannot be asked, not even one in memory.
    #[error("the journal's index cannot be asked: {0}; remove the file index.sqlite, it is made again")]
    Index(#[from] rusqlite::Error),
}

impl JournalFault {
    /// What the guard is shown.
    pub fn shown(&self) -> Fault {
        match self {
            Self::DiskFull => Fault::DiskFull,
            Self::Newer { .. } => Fault::JournalNewer,
            Self::Corrupt { .. } | Self::OtherDevice { .. } => Fault::JournalCorrupt,
            Self::ReadOnly { .. }
            | Self::Locked { .. }
            | Self::Missing { .. }
            | Self::Record(_)
            | Self::Disk { .. }
            | Self::Index(_) => Fault::DiskFault,
        }
    }

    pub(super) fn from_io(doing: &'static str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly { doing },
            _ => Self::Disk { doing, source },
        }
    }
}
