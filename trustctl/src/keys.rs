//! Private keys of the authority, and the files that they lie in.
//!
//! A key file is JSON with mode 0600. It is not yet encrypted by a passphrase: keep it on a stick in a safe, never on a
//! machine that is connected to anything.

use std::fmt;
use std::io::Write;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fault::{Fault, read};
use checkpoint::dsse;
use checkpoint::trust::files::KeyMaterial;

/// A private key with the name that people call it by.
#[derive(Clone)]
pub struct Secret {
    /// For people: "root-3, Mrs Lan".
    pub name: String,
    /// The key itself.
    pub key: SecretKey,
}

/// The key itself.
#[derive(Clone)]
pub enum SecretKey {
    /// Signs roots, bundles and native credentials.
    Ed25519(SigningKey),
    /// Signs HC1 with ES256, under a certificate (DER).
    P256 {
        /// The private key.
        key: p256::ecdsa::SigningKey,
        /// Its self-signed certificate, DER: the trust list carries it, and HC1's short key id is made from it.
        certificate: Vec<u8>,
    },
}

/// Secrets never reach a log: `{:?}` shows the name only.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A key file as it stands in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    kind: Kind,
    name: String,
    /// Base64 of the 32 bytes.
    secret: String,
    /// Base64 of the DER; P-256 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
}

/// Which algorithm a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Ed25519.
    Ed25519,
    /// ECDSA over P-256 with SHA-256.
    P256,
}

/// 32 bytes from the system's random source.
///
/// # Errors
/// `Crypto` where the system has none: then no key must be made.
pub fn random_bytes() -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Crypto(format!("no randomness: {error}")))?;
    Ok(bytes)
}

impl Secret {
    /// An Ed25519 key from its 32 bytes.
    pub fn ed25519(name: &str, bytes: &[u8; 32]) -> Self {
        Self { name: name.into(), key: SecretKey::Ed25519(SigningKey::from_bytes(bytes)) }
    }

    /// The Ed25519 key.
    ///
    /// # Errors
    /// `Unsound` for a key of another kind: roots, bundles and native credentials are signed with Ed25519 alone.
    pub fn as_ed25519(&self) -> Result<&SigningKey, Fault> {
        match &self.key {
            SecretKey::Ed25519(key) => Ok(key),
            SecretKey::P256 { .. } => Err(Fault::Unsound(format!("{} is a P-256 key, Ed25519 is needed", self.name))),
        }
    }

    /// The public half, as a bundle lists it.
    pub fn material(&self) -> KeyMaterial {
        match &self.key {
            SecretKey::Ed25519(key) => KeyMaterial::Ed25519(BASE64_STANDARD.encode(key.verifying_key().as_bytes())),
            SecretKey::P256 { certificate, .. } => KeyMaterial::Certificate(BASE64_STANDARD.encode(certificate)),
        }
    }

    /// Writes the key to a new file that only its owner can read.
    ///
    /// # Errors
    /// `Write`, also when the file is there already: a key is never overwritten.
    pub fn save(&self, path: &Path) -> Result<(), Fault> {
        let file = match &self.key {
            SecretKey::Ed25519(key) => KeyFile {
                kind: Kind::Ed25519,
                name: self.name.clone(),
                secret: BASE64_STANDARD.encode(key.to_bytes()),
                certificate: None,
            },
            SecretKey::P256 { key, certificate } => KeyFile {
                kind: Kind::P256,
                name: self.name.clone(),
                secret: BASE64_STANDARD.encode(key.to_bytes()),
                certificate: Some(BASE64_STANDARD.encode(certificate)),
            },
        };
        let json = serde_json::to_string_pretty(&file).map_err(|error| Fault::Crypto(error.to_string()))?;
        write_secret(path, &json)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// `KeyLiesOpen` when others can read it; `Read`; `WrongFile`.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        refuse_open_secret(path)?;
        let wrong = |why: &dyn fmt::Display| Fault::wrong_file(path, "a key file", why);
        let file: KeyFile = serde_json::from_slice(&read(path)?).map_err(|error| wrong(&error))?;
        let bytes: [u8; 32] = BASE64_STANDARD
            .decode(&file.secret)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| wrong(&"`secret` is not 32 bytes in base64"))?;
        match file.kind {
            Kind::Ed25519 => Ok(Self::ed25519(&file.name, &bytes)),
            Kind::P256 => {
                let key = p256::ecdsa::SigningKey::from_bytes(&bytes.into()).map_err(|error| wrong(&error))?;
                let certificate = file
                    .certificate
                    .and_then(|text| BASE64_STANDARD.decode(text).ok())
                    .ok_or_else(|| wrong(&"`certificate` is missing or not base64"))?;
                Ok(Self { name: file.name, key: SecretKey::P256 { key, certificate } })
            }
        }
    }
}

/// Writes text that only its owner may read, to a file that was not there.
///
/// # Errors
/// `Write`.
pub fn write_secret(path: &Path, text: &str) -> Result<(), Fault> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        })
        .map_err(|source| Fault::Write { path: path.into(), source })
}

/// Refuses a secret that others than its owner can read.
fn refuse_open_secret(path: &Path) -> Result<(), Fault> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(path).map_err(|source| Fault::Read { path: path.into(), source })?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Fault::KeyLiesOpen { path: path.into(), mode });
        }
    }
    Ok(())
}

/// The short id that credentials carry: the first 8 bytes of the SHA-256 of the key's (or certificate's) bytes.
pub fn short_id(bytes: &[u8]) -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&Sha256::digest(bytes)[..8]);
    id
}

/// An Ed25519 public key from its base64.
///
/// # Errors
/// `Unsound` where it is none.
pub fn public_key(text: &str) -> Result<VerifyingKey, Fault> {
    BASE64_STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
        .ok_or_else(|| Fault::Unsound(format!("{text:?} is not an Ed25519 public key in base64")))
}

/// The name that signed files call a public key by, shortened for people to compare.
pub fn key_id_for_people(key: &VerifyingKey) -> String {
    dsse::key_id(key)[..16].to_string()
}
