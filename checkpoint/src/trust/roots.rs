//! The chain of roots: who may sign what, and what is withdrawn.

use std::collections::BTreeSet;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use super::checks::{Check, made};
use super::files::{DISTRUST_TYPE, Distrust, ROOT_TYPE, Role, Root};
use super::hex_32;
use super::load::{FileName, TrustFault};
use super::removals::Removals;
use crate::dsse::{SignedFile, key_id};

/// Roots that follow one another: the first came with the kiosk, and each later one is signed by the thresholds of both itself and the
/// one before. Never empty.
#[derive(Clone, Debug)]
pub struct RootChain {
    roots: Vec<Root>,
    withdrawn: BTreeSet<[u8; 32]>,
}

/// What takes trust away, signed by a duty key.
#[derive(Clone, Debug)]
pub struct Statement {
    digest: [u8; 32],
    said: Distrust,
    pub(super) removals: Removals,
}

impl Statement {
    /// Its name: SHA-256 of its payload, whoever signed it.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What it says.
    pub fn said(&self) -> &Distrust {
        &self.said
    }
}

impl RootChain {
    /// Proves the bytes of root files, in the order of their versions.
    ///
    /// # Errors
    /// What is wrong with the first file that does not follow.
    pub fn verify<R: AsRef<[u8]>>(files: &[R]) -> Result<Self, TrustFault> {
        let empty = Self { roots: Vec::new(), withdrawn: BTreeSet::new() };
        let chain = files.iter().try_fold(empty, |chain, file| chain.followed_by(file.as_ref()))?;
        if chain.roots.is_empty() { Err(TrustFault::NoRoot) } else { Ok(chain) }
    }

    /// The chain with one more root.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn followed_by(mut self, file: &[u8]) -> Result<Self, TrustFault> {
        let name = FileName::RootFile(self.roots.len() + 1);
        let signed = parse(file, name)?;
        // Read before it is proven, to learn whose signatures prove it; believed only after.
        let payload =
            signed.payload_unverified().ok_or(TrustFault::NotSigned { file: name, detail: "base64".into() })?;
        let root: Root = understand(&payload, name)?;
        let name = FileName::Root(root.version);
        for (role, label) in [(&root.root, "root"), (&root.bundle, "bundle"), (&root.distrust, "distrust")] {
            sound(role, label, &root, name)?;
        }
        if let Some(before) = self.roots.last() {
            if made(Check::RootGap) && root.version != before.version + 1 {
                return Err(TrustFault::RootGap { before: before.version, found: root.version });
            }
            if made(Check::RootByThoseBefore) {
                check(&signed, name, ROOT_TYPE, before, &before.root, FileName::Root(before.version))?;
            }
        }
        if made(Check::RootByItsOwn) {
            check(&signed, name, ROOT_TYPE, &root, &root.root, name)?;
        }
        for text in &root.distrust_reset {
            let detail = "distrust_reset holds something else than hexadecimal SHA-256".into();
            self.withdrawn.insert(hex_32(text).ok_or(TrustFault::NotUnderstood { file: name, detail })?);
        }
        self.roots.push(root);
        Ok(self)
    }

    /// The root that counts.
    pub(super) fn last(&self) -> &Root {
        self.roots.last().expect("a chain has a root")
    }

    /// Version of the last root.
    pub fn version(&self) -> u64 {
        self.last().version
    }

    /// Bundles below this version need not be gone on with.
    pub fn revocation_reset(&self) -> u64 {
        self.roots.iter().map(|root| root.revocation_reset).max().unwrap_or_default()
    }

    /// Whether a root of the chain takes a statement back.
    pub fn withdraws(&self, digest: &[u8; 32]) -> bool {
        self.withdrawn.contains(digest)
    }

    /// A statement that arrives, signed by a duty key of the last root.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn distrust(&self, file: &[u8]) -> Result<Statement, TrustFault> {
        if !made(Check::DutyOfToday) {
            return self.distrust_kept(file);
        }
        statement(self.last(), file)
    }

    /// A statement that this kiosk took when it arrived: it stays, whoever is on duty today.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn distrust_kept(&self, file: &[u8]) -> Result<Statement, TrustFault> {
        let mut fault = TrustFault::NoRoot;
        for root in self.roots.iter().rev() {
            match statement(root, file) {
                Ok(statement) => return Ok(statement),
                Err(of_this_root) => fault = of_this_root,
            }
        }
        Err(fault)
    }
}

/// What a signed file says; its own bytes where it is none, so that it equals only itself.
pub(super) fn payload_of(file: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<SignedFile>(file)
        .ok()
        .and_then(|signed| signed.payload_unverified())
        .unwrap_or_else(|| file.to_vec())
}

fn statement(root: &Root, file: &[u8]) -> Result<Statement, TrustFault> {
    let name = FileName::Distrust;
    let payload = open(file, name, DISTRUST_TYPE, root, &root.distrust, FileName::Root(root.version))?;
    let said: Distrust = understand(&payload, name)?;
    let removals =
        Removals::of(&said.removed).filter(|_| !said.removed.is_empty()).ok_or(TrustFault::NotUnderstood {
            file: name,
            detail: "it names nothing, or something else than SHA-256".into(),
        })?;
    Ok(Statement { digest: Sha256::digest(&payload).into(), said, removals })
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

/// A role that any key of the root has.
fn anybody(root: &Root, role: &Role) -> Role {
    Role { threshold: role.threshold, keyids: root.keys.keys().cloned().collect() }
}

fn parse(file: &[u8], name: FileName) -> Result<SignedFile, TrustFault> {
    serde_json::from_slice(file).map_err(|error| TrustFault::NotSigned { file: name, detail: place_of(&error) })
}

pub(super) fn understand<T: serde::de::DeserializeOwned>(payload: &[u8], name: FileName) -> Result<T, TrustFault> {
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
    let role = if made(Check::KeysOfTheRole) { role } else { &anybody(root, role) };
    signed.verify(payload_type, &keys_of(root, role, by)?, role.threshold).ok_or(TrustFault::NotEnoughSignatures {
        file,
        threshold: role.threshold,
        by,
    })
}

pub(super) fn open(
    file: &[u8],
    name: FileName,
    payload_type: &str,
    root: &Root,
    role: &Role,
    by: FileName,
) -> Result<Vec<u8>, TrustFault> {
    check(&parse(file, name)?, name, payload_type, root, role, by)
}
