//! Private keys of the authority, and the files that they lie in.
//!
//! A key file is text with mode 0600: the name that people call the key by, the private key encrypted by a passphrase, and the
//! public half. It belongs on a stick in a safe, never on a machine that is connected to anything.

pub mod days;
pub mod passphrase;
pub mod pem;
pub mod signer;

use std::fmt;
use std::io::Write;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::fault::{Fault, read_text, write};
use checkpoint::dsse;
use checkpoint::trust::files::KeyMaterial;
use passphrase::{Passphrase, Source};
use pem::{Cost, Curve};
use signer::FileSigner;

/// A private key with the name that people call it by. Both kinds of key are zeroed when they are dropped.
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

/// The public half of a key, with its name: what may be shown, copied and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// For people.
    pub name: String,
    /// The key as a bundle lists it.
    pub material: KeyMaterial,
}

/// 32 bytes from the system's random source.
///
/// # Errors
/// `Crypto` where the system has none: then no key must be made.
pub fn random_bytes() -> Result<Zeroizing<[u8; 32]>, Fault> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|error| Fault::Crypto(format!("no randomness: {error}")))?;
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

    /// The key as one that signs files.
    ///
    /// # Errors
    /// As `as_ed25519`.
    pub fn signer(&self) -> Result<FileSigner, Fault> {
        Ok(FileSigner { name: self.name.clone(), key: self.as_ed25519()?.clone() })
    }

    /// The public half.
    pub fn public(&self) -> Public {
        Public { name: self.name.clone(), material: self.material() }
    }

    /// The public half, as a bundle lists it.
    pub fn material(&self) -> KeyMaterial {
        match &self.key {
            SecretKey::Ed25519(key) => KeyMaterial::Ed25519(BASE64_STANDARD.encode(key.verifying_key().as_bytes())),
            SecretKey::P256 { certificate, .. } => KeyMaterial::Certificate(BASE64_STANDARD.encode(certificate)),
        }
    }

    /// Writes the key, encrypted, to a new file that only its owner can read.
    ///
    /// # Errors
    /// `Write`, also when the file is there already: a key is never overwritten. `Unsound` for a name of several lines.
    pub fn save(&self, path: &Path, passphrase: &Passphrase) -> Result<(), Fault> {
        let der = match &self.key {
            SecretKey::Ed25519(key) => Curve::Ed25519.private_der(&Zeroizing::new(key.to_bytes())),
            SecretKey::P256 { key, .. } => {
                let der =
                    p256::SecretKey::from(key).to_pkcs8_der().map_err(|fault| Fault::Crypto(fault.to_string()))?;
                der.to_bytes()
            }
        };
        let text = self.public().text()? + &pem::encrypt(&der, passphrase, Cost::Signer)?;
        write_secret(path, &text)
    }

    /// Opens a key file.
    ///
    /// # Errors
    /// `KeyLiesOpen` when others can read it; `Read`; `WrongFile`; `Passphrase`.
    pub fn open(path: &Path, passphrases: &Source) -> Result<Self, Fault> {
        refuse_open_secret(path)?;
        let text = read_text(path)?;
        let wrong = |why: &str| Fault::wrong_file(path, "a key file", why);
        let public = Public::read(path, &text)?;
        let der = pem::find(&text, pem::ENCRYPTED_KEY)
            .ok_or_else(|| wrong("it holds no encrypted private key; is it the public half?"))?;
        let passphrase = passphrases.existing(&format!("{} ({})", public.name, path.display()))?;
        let opened = pem::decrypt(&der, &passphrase).ok_or_else(|| Fault::wrong_passphrase(path))?;
        let secret = match &public.material {
            KeyMaterial::Ed25519(_) => Curve::Ed25519
                .private_from_der(opened.as_bytes())
                .map(|bytes| Self::ed25519(&public.name, &bytes))
                .ok_or_else(|| wrong("its private key is no Ed25519 key"))?,
            KeyMaterial::Certificate(text) => {
                let key = p256::SecretKey::from_pkcs8_der(opened.as_bytes())
                    .map_err(|_| wrong("its private key is no P-256 key"))?;
                let certificate = BASE64_STANDARD.decode(text).unwrap_or_default();
                let point = p256::ecdsa::VerifyingKey::from(key.public_key()).to_sec1_point(false);
                // The certificate stands in clear: one that was exchanged for another's is found here.
                if !certificate.windows(point.as_bytes().len()).any(|bytes| bytes == point.as_bytes()) {
                    return Err(wrong("its certificate belongs to another key"));
                }
                Self { name: public.name.clone(), key: SecretKey::P256 { key: key.into(), certificate } }
            }
            _ => return Err(wrong("it is of a kind that signs nothing here")),
        };
        if secret.public() != public {
            return Err(wrong("its public half belongs to another key: it was changed"));
        }
        Ok(secret)
    }
}

impl Public {
    /// As the file of a public half, or the head of a key file, has it.
    ///
    /// # Errors
    /// `Unsound` for a name of several lines, and for keys that have no such file.
    pub fn text(&self) -> Result<String, Fault> {
        if self.name.is_empty() || self.name.chars().any(char::is_control) {
            return Err(Fault::Unsound("a key's name is one line of text".into()));
        }
        let block = match &self.material {
            KeyMaterial::Ed25519(text) => {
                pem::block(pem::PUBLIC_KEY, &Curve::Ed25519.public_der(public_key(text)?.as_bytes()))
            }
            KeyMaterial::Certificate(text) => pem::block(
                pem::CERTIFICATE,
                &BASE64_STANDARD.decode(text).map_err(|_| Fault::Unsound("a certificate is not base64".into()))?,
            ),
            _ => return Err(Fault::Unsound(format!("{:?} is not a key of ours", self.name))),
        };
        Ok(format!("Name: {}\n{block}", self.name))
    }

    /// Writes the public half to a file.
    ///
    /// # Errors
    /// `Write`, and those of `text`.
    pub fn save(&self, path: &Path) -> Result<(), Fault> {
        write(path, self.text()?)
    }

    /// Reads the public half, of its own file or of a key file, which need not be opened for it.
    ///
    /// # Errors
    /// `Read`, `WrongFile`.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        Self::read(path, &read_text(path)?)
    }

    fn read(path: &Path, text: &str) -> Result<Self, Fault> {
        let wrong = |why: &str| Fault::wrong_file(path, "a key file", why);
        let name = pem::header(text, "Name").unwrap_or("unnamed").to_owned();
        if let Some(der) = pem::find(text, pem::CERTIFICATE) {
            return Ok(Self { name, material: KeyMaterial::Certificate(BASE64_STANDARD.encode(der)) });
        }
        let der = pem::find(text, pem::PUBLIC_KEY)
            .ok_or_else(|| wrong("it holds neither a public key nor a certificate in PEM"))?;
        let key = Curve::Ed25519.public_from_der(&der).ok_or_else(|| wrong("its public key is no Ed25519 key"))?;
        Ok(Self { name, material: KeyMaterial::Ed25519(BASE64_STANDARD.encode(key)) })
    }

    /// The Ed25519 key.
    ///
    /// # Errors
    /// `Unsound` for a key of another kind.
    pub fn as_ed25519(&self) -> Result<VerifyingKey, Fault> {
        match &self.material {
            KeyMaterial::Ed25519(text) => public_key(text),
            _ => Err(Fault::Unsound(format!("{} is not an Ed25519 key", self.name))),
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
            file.sync_all()
        })
        .map_err(|source| Fault::Write { path: path.into(), source })
}

/// Refuses a secret that others than its owner can read.
///
/// # Errors
/// `KeyLiesOpen`; `Read`.
pub fn refuse_open_secret(path: &Path) -> Result<(), Fault> {
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
