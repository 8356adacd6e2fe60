//! The authority's files: its draft, proposals, what was published, and how they become signed files.

pub mod changes;
pub mod check;
pub mod draft;
pub mod proposal;
pub mod published;
pub mod revocation;
mod summary;

use std::path::Path;

use ed25519_dalek::VerifyingKey;
use serde::{Serialize, de::DeserializeOwned};

use crate::fault::{Fault, read};
use crate::keys::{key_id_for_people, public_key};
use checkpoint::dsse::SignedFile;
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, DISTRUST_TYPE, Distrust, ROOT_TYPE, Role, Root};
use checkpoint::trust::places::{PLACES_TYPE, Places};

/// Puts a root or a bundle into an envelope that nobody has signed yet.
///
/// # Errors
/// `Crypto` where it cannot be written as JSON.
pub fn envelope(payload_type: &str, payload: &impl Serialize) -> Result<SignedFile, Fault> {
    let payload = serde_json::to_vec(payload).map_err(|error| Fault::Crypto(error.to_string()))?;
    Ok(SignedFile::unsigned(payload_type, &payload))
}

/// A signed file as it is stored: JSON with a line to a member, so that a person sees who signed.
///
/// # Errors
/// `Crypto` where it cannot be written as JSON.
pub fn to_json(file: &SignedFile) -> Result<String, Fault> {
    serde_json::to_string_pretty(file).map(|json| json + "\n").map_err(|error| Fault::Crypto(error.to_string()))
}

/// Reads a signed file.
///
/// # Errors
/// `Read`; `WrongFile`.
pub fn load_signed(path: &Path) -> Result<SignedFile, Fault> {
    serde_json::from_slice(&read(path)?).map_err(|error| Fault::wrong_file(path, "a signed file (DSSE)", error))
}

/// What a signed file of a type says, vouched for by nobody.
///
/// # Errors
/// `Unsound` for another type, or another form.
pub fn payload_of<T: DeserializeOwned>(file: &SignedFile, payload_type: &str) -> Result<T, Fault> {
    let fault = |why: &dyn std::fmt::Display| Fault::Unsound(format!("a signed file is not {payload_type}: {why}"));
    if file.payload_type != payload_type {
        return Err(fault(&format!("it is {:?}", file.payload_type)));
    }
    let bytes = file.payload_unverified().ok_or_else(|| fault(&"not base64"))?;
    serde_json::from_slice(&bytes).map_err(|error| fault(&error))
}

/// What the payload of a signed file is, vouched for by nobody.
pub enum Payload {
    /// Who may sign what.
    Root(Root),
    /// What kiosks believe.
    Bundle(Bundle),
    /// What they no longer believe.
    Distrust(Distrust),
    /// Where they may be set up.
    Places(Places),
}

/// Takes the payload apart without asking who signed it.
///
/// # Errors
/// `WrongFile` for a type or a form that is none of them.
pub fn payload(path: &Path, file: &SignedFile) -> Result<Payload, Fault> {
    let bytes = file.payload_unverified().ok_or_else(|| Fault::wrong_file(path, "a signed file", "not base64"))?;
    let wrong = |error: serde_json::Error| Fault::wrong_file(path, "a root, a bundle or a distrust statement", error);
    match file.payload_type.as_str() {
        ROOT_TYPE => serde_json::from_slice(&bytes).map(Payload::Root).map_err(wrong),
        BUNDLE_TYPE => serde_json::from_slice(&bytes).map(Payload::Bundle).map_err(wrong),
        PLACES_TYPE => serde_json::from_slice(&bytes).map(Payload::Places).map_err(wrong),
        DISTRUST_TYPE => serde_json::from_slice(&bytes).map(Payload::Distrust).map_err(wrong),
        other => {
            Err(Fault::wrong_file(path, "a root, a bundle or a distrust statement", format!("its type is {other:?}")))
        }
    }
}

/// The keys of a role, as a root lists them.
///
/// # Errors
/// `Unsound` for a key that is none.
pub fn role_keys(root: &Root, role: &Role) -> Result<Vec<VerifyingKey>, Fault> {
    role.keyids.iter().filter_map(|id| root.keys.get(id)).map(|text| public_key(text)).collect()
}

/// Who signed a file, by the keys of a role: how many of them, and the names of the others.
pub struct Signers {
    /// Signatures by different keys of the role that hold.
    pub good: Vec<String>,
    /// Key ids that signed badly, or are not of the role.
    pub others: Vec<String>,
}

/// Tries every signature against the keys of a role.
pub fn signers(file: &SignedFile, keys: &[VerifyingKey]) -> Signers {
    let mut good: Vec<String> = keys
        .iter()
        .filter(|key| file.verify(&file.payload_type, std::slice::from_ref(key), 1).is_some())
        .map(key_id_for_people)
        .collect();
    good.sort();
    good.dedup();
    let short = |id: &str| id.chars().take(16).collect::<String>();
    let others = file.signatures.iter().map(|by| short(&by.keyid)).filter(|id| !good.contains(id)).collect();
    Signers { good, others }
}
