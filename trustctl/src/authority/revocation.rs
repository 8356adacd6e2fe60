//! What the authority has taken back: a ledger that people can read, and the files of hashes that kiosks get.

use std::path::Path;
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::published::revocation_name;
use crate::fault::{Fault, make_dir, read_text, write};
use crate::keys::random_bytes;
use checkpoint::trust::files::{KeyMaterial, Revocation};
use checkpoint::trust::revoked::{self, Entry, Kind};
use checkpoint::trust::{issuer_digest, key_digests, revocation_digest};

/// Folder of the ledger and of the files, in the authority's own folder.
pub const FOLDER: &str = "revocation";
/// The ledger: a line of JSON for each thing that was taken back.
const LEDGER: &str = "ledger.jsonl";

/// Files beside one another before they are joined: a kiosk opens each of them.
const FILES_MAX: usize = 32;

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// What it is.
    pub kind: TakenKind,
    /// Its SHA-256, hexadecimal.
    pub digest: String,
    /// Only what was signed before this moment; all of it, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<DateTime<Utc>>,
    /// When it was entered.
    pub at: DateTime<Utc>,
    /// For people.
    pub what: String,
}

/// What can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenKind {
    /// One credential.
    Credential,
    /// A key.
    Key,
    /// An issuer.
    Issuer,
}

impl From<TakenKind> for Kind {
    fn from(kind: TakenKind) -> Self {
        match kind {
            TakenKind::Credential => Self::Credential,
            TakenKind::Key => Self::Key,
            TakenKind::Issuer => Self::Issuer,
        }
    }
}

impl Taken {
    /// A credential of an issuer, by its id.
    pub fn credential(issuer: &str, id: &str, before: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Self {
        let digest = hexadecimal(&revocation_digest(issuer, id));
        Self { kind: TakenKind::Credential, digest, before, at, what: format!("a credential of {issuer}") }
    }

    /// Everything of an issuer.
    pub fn issuer(issuer: &str, before: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Self {
        let digest = hexadecimal(&issuer_digest(issuer));
        Self { kind: TakenKind::Issuer, digest, before, at, what: format!("the issuer {issuer}") }
    }

    /// Everything of a key, by each name that a kiosk knows it by.
    ///
    /// # Errors
    /// `Unsound` for a key that is none.
    pub fn key(
        name: &str,
        key: &KeyMaterial,
        before: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Vec<Self>, Fault> {
        let digests = key_digests(key).ok_or_else(|| Fault::Unsound(format!("{name:?} is no key")))?;
        let taken = |digest: [u8; 32]| Self {
            kind: TakenKind::Key,
            digest: hexadecimal(&digest),
            before,
            at,
            what: format!("the key {name:?}"),
        };
        Ok(digests.into_iter().map(taken).collect())
    }

    fn entry(&self) -> Result<Entry, Fault> {
        let fault = || Fault::Unsound(format!("{:?} is not 64 hexadecimal digits", self.digest));
        let digest = checkpoint::passage::record::Digest::from_str(&self.digest).map_err(|_| fault())?;
        Ok(Entry { kind: self.kind.into(), digest: digest.0, before: self.before })
    }
}

/// Enters what was taken back into the ledger, and makes the files for it; the draft then names them.
///
/// A file is added to those that are there, so that kiosks that have the others need only the new one. Where there are many they are
/// joined, under the same key of hashes: a kiosk can then see that nothing was left out.
///
/// # Errors
/// `Read`, `Write`, `WrongFile` for a ledger that was damaged.
pub fn take_back(draft: &mut Draft, authority: &Path, taken: &[Taken]) -> Result<(), Fault> {
    let folder = authority.join(FOLDER);
    make_dir(&folder)?;
    let path = folder.join(LEDGER);
    let mut ledger = if path.exists() { read_ledger(&path)? } else { Vec::new() };
    ledger.extend_from_slice(taken);
    let mut text = String::new();
    for line in &ledger {
        text += &serde_json::to_string(line).map_err(|error| Fault::Crypto(error.to_string()))?;
        text.push('\n');
    }
    let (key, mut files) = match draft.revocation.take() {
        None => (BASE64_STANDARD.encode(*random_bytes()?), Vec::new()),
        Some(Revocation { key, files }) => (key, files),
    };
    let hash_key = BASE64_STANDARD
        .decode(&key)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Fault::Unsound("the key of the revocation's hashes is not 32 bytes in base64".into()))?;
    let entries = if files.len() + 2 > FILES_MAX {
        std::mem::take(&mut files);
        &ledger[..]
    } else {
        taken
    };
    let entries: Vec<Entry> = entries.iter().map(Taken::entry).collect::<Result<_, _>>()?;
    for made in revoked::encode(&hash_key, entries) {
        write(&folder.join(revocation_name(&made.listed)), &made.bytes)?;
        if !files.contains(&made.listed) {
            files.push(made.listed);
        }
    }
    draft.revocation = Some(Revocation { key, files });
    write(&path, text)
}

fn read_ledger(path: &Path) -> Result<Vec<Taken>, Fault> {
    read_text(path)?
        .lines()
        .map(|line| {
            serde_json::from_str(line).map_err(|error| Fault::wrong_file(path, "the ledger of revocations", error))
        })
        .collect()
}

/// Lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
