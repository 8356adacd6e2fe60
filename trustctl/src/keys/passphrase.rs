//! Passphrases: typed at a terminal, or read from a file or a descriptor. Never from the command line, which every user of a
//! machine can read.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::refuse_open_secret;
use crate::fault::Fault;

/// Fewest characters of a new passphrase: four words, or twelve letters that mean nothing.
pub const CHARACTERS_MIN: usize = 12;

/// Longest passphrase that is read from a file, in bytes.
const BYTES_MAX: u64 = 1024;

/// A passphrase, zeroed when it is dropped.
pub struct Passphrase(Zeroizing<String>);

/// Secrets never reach a log.
impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

impl From<&str> for Passphrase {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl Passphrase {
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Where passphrases come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Typed, without an echo.
    Terminal,
    /// The first line of a file, the same one for every key of the command. A file must be closed to others; a pipe
    /// (`/dev/fd/3`) need not.
    File(PathBuf),
}

impl Source {
    /// The passphrase of a key that is there.
    ///
    /// # Errors
    /// `Passphrase`; `Read` and `KeyLiesOpen` of the file.
    pub fn existing(&self, whose: &str) -> Result<Passphrase, Fault> {
        match self {
            Self::Terminal => typed(&format!("Passphrase of {whose}: ")),
            Self::File(path) => from_file(path),
        }
    }

    /// A passphrase for a new key, typed twice.
    ///
    /// # Errors
    /// As `existing`; `Passphrase` for one that is too short, or typed differently.
    pub fn new_for(&self, whose: &str) -> Result<Passphrase, Fault> {
        let passphrase = match self {
            Self::Terminal => {
                let first = typed(&format!("New passphrase for {whose}: "))?;
                let second = typed("The same again: ")?;
                if *first.0 != *second.0 {
                    return Err(Fault::Passphrase("the two were not the same: nothing was written".into()));
                }
                first
            }
            Self::File(path) => from_file(path)?,
        };
        if passphrase.0.chars().count() < CHARACTERS_MIN {
            return Err(Fault::Passphrase(format!(
                "take at least {CHARACTERS_MIN} characters, four words for example"
            )));
        }
        Ok(passphrase)
    }
}

fn typed(prompt: &str) -> Result<Passphrase, Fault> {
    let text = rpassword::prompt_password(prompt).map_err(|error| {
        Fault::Passphrase(format!("there is no terminal to type it at ({error}): give --passphrase-file"))
    })?;
    Ok(Passphrase(Zeroizing::new(text)))
}

fn from_file(path: &Path) -> Result<Passphrase, Fault> {
    let fault = |source| Fault::Read { path: path.into(), source };
    let file = std::fs::File::open(path).map_err(fault)?;
    if file.metadata().map_err(fault)?.is_file() {
        refuse_open_secret(path)?;
    }
    let mut line = Zeroizing::new(String::with_capacity(BYTES_MAX as usize));
    BufReader::new(file.take(BYTES_MAX)).read_line(&mut line).map_err(fault)?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Fault::Passphrase(format!("{} is empty", path.display())));
    }
    Ok(Passphrase::from(text))
}
