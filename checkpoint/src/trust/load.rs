//! `trust-keys/` → `TrustList`: the chain of roots, and the bundle that the last of them vouches for.
//!
//! The rules are those of The Update Framework: root N+1 is signed by the thresholds of both N and N+1, and one bundle holds
//! everything, so that nothing can be mixed and matched.

use std::collections::BTreeSet;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::DateTime;
use ed25519_dalek::VerifyingKey;
use thiserror::Error;

use super::csca::CscaCertificate;
use super::files::{BUNDLE_TYPE, Bundle, CredentialKey, Jwk, KeyMaterial, ROOT_TYPE, Role, Root};
use super::key::{Certificate, PublicKey, short_id, thumbprint};
use super::{Issuers, Key, Named, Origin, Revoked, Scope, TrustList};
use crate::dsse::{SignedFile, key_id};
use crate::envelope::Scheme;

/// Why signed files do not make a trust list, and what to do. Names files by their place and version, never by their content.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrustFault {
    /// There is no root.
    #[error("no root file: copy the authority's root files (root.1.json, ...) into trust-keys/")]
    NoRoot,
    /// Not JSON of a signed file.
    #[error("{file} is not a signed file ({detail}): copy it again from the authority's stick")]
    NotSigned {
        /// Which file.
        file: FileName,
        /// What the parser said: a place, never a content.
        detail: String,
    },
    /// Signed, and not what this program understands.
    #[error(
        "{file} holds something that this program does not understand ({detail}): update the kiosk, or ask the authority"
    )]
    NotUnderstood {
        /// Which file.
        file: FileName,
        /// What the parser said.
        detail: String,
    },
    /// The roots do not follow one another.
    #[error("root {found} follows root {before}, and {} is missing: copy every root file from the authority's stick", before + 1)]
    RootGap {
        /// Version of the root before.
        before: u64,
        /// Version found.
        found: u64,
    },
    /// A role that cannot be met or that nobody needs to meet.
    #[error(
        "{file} gives the role \"{role}\" a threshold that its keys cannot meet, or none: ask the authority for a new root"
    )]
    RoleUnsound {
        /// Which file.
        file: FileName,
        /// Which role.
        role: &'static str,
    },
    /// A key that is not what its name says.
    #[error("{file} holds a key that is not a sound Ed25519 key under its own name: ask the authority for a new root")]
    KeyUnsound {
        /// Which file.
        file: FileName,
    },
    /// Too few of the right signatures.
    #[error(
        "{file} is not signed by {threshold} keys of {by}: it was changed, or it belongs to another authority; copy it again, \
         and call the authority if that does not help"
    )]
    NotEnoughSignatures {
        /// Which file.
        file: FileName,
        /// How many keys must sign.
        threshold: usize,
        /// Whose keys.
        by: FileName,
    },
    /// A bundle with values that make no sense.
    #[error("the bundle's {what} cannot be used: ask the authority for a new one")]
    BundleUnsound {
        /// Which part.
        what: &'static str,
    },
    /// Older than what is already believed: someone puts an old list back.
    #[error("trust list {offered} is not newer than {have}, which is already in force: bring the newest one")]
    Older {
        /// Version in force.
        have: u64,
        /// Version offered.
        offered: u64,
    },
}

/// Which signed file a fault speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileName {
    /// The root file at this place of the chain, from 1.
    RootFile(usize),
    /// The root of this version.
    Root(u64),
    /// The bundle.
    Bundle,
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RootFile(place) => write!(f, "root file {place}"),
            Self::Root(version) => write!(f, "root {version}"),
            Self::Bundle => f.write_str("the bundle"),
        }
    }
}

impl TrustList {
    /// Builds a list from the bytes of signed files: the roots in the order of their versions, and the bundle.
    ///
    /// The first root is the anchor: it came with the kiosk. Every later one must be signed by the thresholds of both
    /// itself and the one before.
    ///
    /// # Errors
    /// What is wrong and what to do about it; nothing of the files is then believed.
    pub fn load<R: AsRef<[u8]>>(roots: &[R], bundle: &[u8]) -> Result<Self, TrustFault> {
        let root = last_root(roots)?;
        let payload = open(bundle, FileName::Bundle, BUNDLE_TYPE, &root, &root.bundle, FileName::Root(root.version))?;
        let bundle: Bundle = understand(&payload, FileName::Bundle)?;
        Self::from_bundle(&root, &bundle)
    }

    /// This list, if it is newer than the one in force.
    ///
    /// # Errors
    /// `Older`: versions only grow, of roots and of bundles alike, and so does the time of signing.
    pub fn newer_than(self, current: &Self) -> Result<Self, TrustFault> {
        let newer = !current.is_loaded()
            || (self.version > current.version
                && self.root_version >= current.root_version
                && self.signed_at >= current.signed_at);
        if newer { Ok(self) } else { Err(TrustFault::Older { have: current.version, offered: self.version }) }
    }

    fn from_bundle(root: &Root, bundle: &Bundle) -> Result<Self, TrustFault> {
        let unsound = |what| TrustFault::BundleUnsound { what };
        if bundle.version == 0 {
            return Err(unsound("version (0)"));
        }
        if bundle.soft_days > bundle.hard_days || bundle.hard_days == 0 {
            return Err(unsound("limits of age (soft_days, hard_days)"));
        }
        let key_32 = |text: &String, what| -> Result<[u8; 32], TrustFault> {
            BASE64_STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(unsound(what))
        };
        let days = |days: u32| std::time::Duration::from_secs(u64::from(days) * 86_400);
        Ok(Self {
            origin: Origin::Signed,
            version: bundle.version,
            root_version: root.version,
            authority: root.authority.clone(),
            demo: root.demo,
            signed_at: bundle.signed_at,
            age_soft: days(bundle.soft_days),
            age_hard: days(bundle.hard_days),
            keys: bundle
                .keys
                .iter()
                .map(|entry| Key::listed(entry).ok_or(unsound("keys")))
                .collect::<Result<_, _>>()?,
            tracing_keys: bundle
                .tracing_keys
                .iter()
                .map(|(day, key)| Ok((*day, key_32(key, "tracing keys")?)))
                .collect::<Result<_, TrustFault>>()?,
            devices: bundle
                .devices
                .iter()
                .map(|(device, key)| Ok((device.clone(), key_32(key, "device keys")?)))
                .collect::<Result<_, TrustFault>>()?,
            revoked: revoked(&bundle.revoked).ok_or(unsound("list of revoked credentials"))?,
        })
    }
}

impl Key {
    /// A key of a signed bundle. `None` where the entry is not what it says it is: not base64, or no certificate. A key that is
    /// weak, or of a kind that the kiosk cannot use, is listed without one.
    fn listed(entry: &CredentialKey) -> Option<Self> {
        let seals = entry.schemes.contains(&Scheme::VdsNc);
        let (named, key, country, uses) = match &entry.key {
            KeyMaterial::Csca(der) if entry.schemes == [Scheme::VdsNc] => {
                let CscaCertificate { csca, key, country, .. } =
                    CscaCertificate::from_der(&BASE64_STANDARD.decode(der).ok()?)?;
                (Named::Authority(csca), key.filter(|key| !key.is_small()), Some(country), None)
            }
            // An authority that signs credentials, or a signer of seals without one: neither is what it says it is.
            KeyMaterial::Csca(_) => return None,
            _ if seals => return None,
            KeyMaterial::Ed25519(key) => {
                let bytes = BASE64_STANDARD.decode(key).ok()?;
                (Named::KeyId(short_id(&bytes).to_vec()), PublicKey::ed25519(&bytes), None, None)
            }
            KeyMaterial::Certificate(der) => {
                let Certificate { short_id, key, country, uses, .. } =
                    Certificate::from_der(&BASE64_STANDARD.decode(der).ok()?)?;
                (Named::KeyId(short_id.to_vec()), key.filter(|key| !key.is_small()), country, uses)
            }
            KeyMaterial::Jwk(jwk) => {
                let (key_id, key) = jwk.read(&entry.schemes)?;
                (Named::KeyId(key_id), Some(key), None, None)
            }
        };
        // The certificate narrows what the authority allows; it never widens it.
        let narrowed = |kind: &_| uses.as_ref().is_none_or(|uses| uses.contains(kind));
        Some(Self {
            named,
            key,
            scope: Scope {
                schemes: entry.schemes.clone(),
                statements: entry.statements.iter().filter(|kind| narrowed(kind)).copied().collect(),
                issuers: Issuers::Listed(entry.issuers.clone()),
            },
            not_before: entry.not_before,
            not_after: entry.not_after,
            country,
        })
    }
}

impl Jwk {
    /// Whether a kiosk can use the key in these schemes: one that it cannot spoils the bundle.
    pub fn is_usable(&self, schemes: &[Scheme]) -> bool {
        self.read(schemes).is_some()
    }

    /// What codes call the key, and the key. `None` for what is no P-256 key, or is called otherwise than its schemes ask for.
    pub(super) fn read(&self, schemes: &[Scheme]) -> Option<(Vec<u8>, PublicKey)> {
        let thumbprint = thumbprint(&self.x, &self.y);
        let key_id = self.kid.as_ref().unwrap_or(&thumbprint);
        let sound =
            self.kty == "EC" && self.crv == "P-256" && (*key_id == thumbprint || !schemes.contains(&Scheme::Shc));
        sound.then(|| Some((key_id.as_bytes().to_vec(), PublicKey::p256(&self.x, &self.y)?)))?
    }
}

/// Reads digests, each with `.` and seconds behind it or not. Where one is there twice, more is revoked.
pub(super) fn revoked(entries: &[String]) -> Option<Revoked> {
    let mut revoked = Revoked::with_capacity(entries.len());
    for entry in entries {
        let (digest, end) = match entry.split_once('.') {
            None => (entry.as_str(), None),
            Some((digest, seconds)) => (digest, Some(DateTime::from_timestamp(seconds.parse().ok()?, 0)?)),
        };
        let known = revoked.entry(hex_32(digest)?).or_insert(end);
        *known = known.zip(end).map(|(a, b)| a.max(b));
    }
    Some(revoked)
}

/// The last root of a chain in which each is signed by itself and by the one before.
fn last_root<R: AsRef<[u8]>>(files: &[R]) -> Result<Root, TrustFault> {
    let mut last: Option<Root> = None;
    for (place, file) in files.iter().enumerate() {
        let name = FileName::RootFile(place + 1);
        let signed = parse(file.as_ref(), name)?;
        // Read before it is proven, to learn whose signatures prove it; believed only after.
        let payload =
            signed.payload_unverified().ok_or(TrustFault::NotSigned { file: name, detail: "base64".into() })?;
        let root: Root = understand(&payload, name)?;
        let name = FileName::Root(root.version);
        for (role, label) in [(&root.root, "root"), (&root.bundle, "bundle"), (&root.distrust, "distrust")] {
            sound(role, label, &root, name)?;
        }
        if let Some(before) = &last {
            if root.version != before.version + 1 {
                return Err(TrustFault::RootGap { before: before.version, found: root.version });
            }
            check(&signed, name, ROOT_TYPE, before, &before.root, FileName::Root(before.version))?;
        }
        check(&signed, name, ROOT_TYPE, &root, &root.root, name)?;
        last = Some(root);
    }
    last.ok_or(TrustFault::NoRoot)
}

/// A role that somebody must meet, and that its keys can.
fn sound(role: &Role, label: &'static str, root: &Root, file: FileName) -> Result<(), TrustFault> {
    let names: BTreeSet<_> = role.keyids.iter().collect();
    let meetable = role.threshold >= 1
        && names.len() == role.keyids.len()
        && role.threshold <= names.len()
        && names.iter().all(|name| root.keys.contains_key(*name));
    if !meetable {
        return Err(TrustFault::RoleUnsound { file, role: label });
    }
    keys_of(root, role, file).map(|_| ())
}

/// The keys of a role.
fn keys_of(root: &Root, role: &Role, file: FileName) -> Result<Vec<VerifyingKey>, TrustFault> {
    role.keyids
        .iter()
        .map(|name| {
            let bytes: [u8; 32] = BASE64_STANDARD.decode(root.keys.get(name)?).ok()?.try_into().ok()?;
            let key = VerifyingKey::from_bytes(&bytes).ok()?;
            (!key.is_weak() && key_id(&key) == *name).then_some(key)
        })
        .collect::<Option<_>>()
        .ok_or(TrustFault::KeyUnsound { file })
}

fn parse(file: &[u8], name: FileName) -> Result<SignedFile, TrustFault> {
    serde_json::from_slice(file).map_err(|error| TrustFault::NotSigned { file: name, detail: place_of(&error) })
}

fn understand<T: serde::de::DeserializeOwned>(payload: &[u8], name: FileName) -> Result<T, TrustFault> {
    serde_json::from_slice(payload).map_err(|error| TrustFault::NotUnderstood { file: name, detail: error.to_string() })
}

fn place_of(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

fn check(
    signed: &SignedFile,
    file: FileName,
    payload_type: &str,
    root: &Root,
    role: &Role,
    by: FileName,
) -> Result<Vec<u8>, TrustFault> {
    signed.verify(payload_type, &keys_of(root, role, by)?, role.threshold).ok_or(TrustFault::NotEnoughSignatures {
        file,
        threshold: role.threshold,
        by,
    })
}

fn open(
    file: &[u8],
    name: FileName,
    payload_type: &str,
    root: &Root,
    role: &Role,
    by: FileName,
) -> Result<Vec<u8>, TrustFault> {
    check(&parse(file, name)?, name, payload_type, root, role, by)
}

/// 32 bytes in lower-case hexadecimal.
fn hex_32(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut out = [0; 32];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != out.len() {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}
