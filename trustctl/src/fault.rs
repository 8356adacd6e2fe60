//! What can go wrong at the authority's desk, and the exit code that a script sees.

use std::path::{Path, PathBuf};

/// Why a step was not done. Every text says what to do; none holds a secret or a person.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A secret lies open.
    #[error("{path} can be read by others (mode {mode:03o}): run `chmod 600 {path}`, and think about who has seen it")]
    KeyLiesOpen {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A passphrase is wrong, too short, or cannot be asked for.
    #[error("passphrase: {0}")]
    Passphrase(String),
    /// Nobody said yes.
    #[error("nothing was done: {0}")]
    NotConfirmed(&'static str),
    /// The file is not what the step needs.
    #[error("{path} is not {wanted}: {why}")]
    WrongFile {
        /// The file.
        path: PathBuf,
        /// What was needed.
        wanted: &'static str,
        /// Where it deviates.
        why: String,
    },
    /// The description asks for something that cannot be signed.
    #[error("this cannot be signed: {0}")]
    Unsound(String),
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Question(String),
    /// A signed file does not hold.
    #[error("{0}")]
    DoesNotHold(String),
    /// The text does not fit a code.
    #[error("{bytes} bytes do not fit a QR code at this error correction: state less, or choose a lower level")]
    TooMuchForOneCode {
        /// Length of the text.
        bytes: usize,
    },
    /// A library of cryptography refused.
    #[error("the signature could not be made: {0}")]
    Crypto(String),
}

impl Fault {
    /// The process's exit code; 0 is success and 2, also clap's, is a wrong command line.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::DoesNotHold(_) => 1,
            Self::Question(_) => 2,
            Self::Read { .. } | Self::Write { .. } => 3,
            Self::WrongFile { .. } | Self::Unsound(_) | Self::TooMuchForOneCode { .. } => 4,
            Self::KeyLiesOpen { .. } | Self::Passphrase(_) | Self::Crypto(_) => 5,
            Self::NotConfirmed(_) => 6,
        }
    }

    /// A key file that the passphrase does not open.
    pub fn wrong_passphrase(path: &Path) -> Self {
        Self::Passphrase(format!(
            "{} does not open with it: type it again; if it is right, the file is damaged",
            path.display()
        ))
    }

    /// A file that is not what it should be.
    pub fn wrong_file(path: &Path, wanted: &'static str, why: impl std::fmt::Display) -> Self {
        Self::WrongFile { path: path.into(), wanted, why: why.to_string() }
    }
}

/// Reads a whole file, with the path in the error.
///
/// # Errors
/// `Fault::Read`.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|source| Fault::Read { path: path.into(), source })
}

/// Reads a whole file of text, with the path in the error.
///
/// # Errors
/// `Fault::Read`, also for bytes that are not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|source| Fault::Read { path: path.into(), source })
}

/// Writes a whole file that anybody may read.
///
/// # Errors
/// `Fault::Write`.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Fault> {
    std::fs::write(path, bytes).map_err(|source| Fault::Write { path: path.into(), source })
}

/// Makes a folder and those above it.
///
/// # Errors
/// `Fault::Write`.
pub fn make_dir(path: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(path).map_err(|source| Fault::Write { path: path.into(), source })
}
