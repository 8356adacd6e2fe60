//! The proposal: one file, carried from signer to signer, with what shall be published and what was published before, so that
//! every signer's own machine says what will change.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::changes::{self, Names, key_for_people};
use super::draft::{Draft, RoleName};
use super::published::Published;
use super::revocation::hexadecimal;
use super::{envelope, role_keys};
use crate::fault::{Fault, read, write};
use crate::keys::signer::{Signer, add_signature};
use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::time::day_in_vietnam;
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, ROOT_TYPE, Role, Root};
use checkpoint::trust::places::{PLACES_TYPE, Places};

/// What a proposal's first member says.
const FORMAT: &str = "checkpoint-proposal-1";

/// How far the proposal's time may lie after the clock of a machine that signs it: a signed time that is not true yet would
/// raise every kiosk's floor.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(1);

/// How long before it a proposal may have been made: its time of signing should be near the truth.
const BEHIND_MAX: TimeDelta = TimeDelta::days(14);

/// What shall be published, with the signatures so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    format: String,
    /// Names of people by key id: for reading alone.
    names: Names,
    /// What was published last.
    before: Option<Published>,
    /// The next root, where it changes.
    root: Option<SignedFile>,
    /// The next bundle.
    bundle: SignedFile,
    /// The next list of places, where it changes, or where others sign it from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    places: Option<SignedFile>,
}

/// Which signatures are there and which are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What must be signed: "root 2, by the keys of root 1".
    pub what: String,
    /// How many are needed.
    pub threshold: usize,
    /// Who has signed.
    pub signed: Vec<String>,
    /// Who has not.
    pub open: Vec<String>,
}

impl Standing {
    /// Enough have signed.
    pub fn is_met(&self) -> bool {
        self.threshold > 0 && self.signed.len() >= self.threshold
    }
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} of {} signatures", self.what, self.signed.len(), self.threshold)?;
        if !self.signed.is_empty() {
            write!(f, ", by {}", self.signed.join(", "))?;
        }
        match self.threshold.saturating_sub(self.signed.len()) {
            0 => Ok(()),
            missing => write!(f, "; {missing} more of {}", self.open.join(", ")),
        }
    }
}

impl Proposal {
    /// What a draft changes against what was published last.
    ///
    /// # Errors
    /// `Unsound` for a draft that no kiosk would accept, and for a clock that stands before the last list's.
    pub fn make(draft: &Draft, before: Option<Published>, now: DateTime<Utc>) -> Result<Self, Fault> {
        let (root, bundle) = match &before {
            None => (Some(draft.root(1)?), draft.bundle(1, now, day_in_vietnam(now))?),
            Some(published) => {
                let (old_root, old_bundle) = published.payloads()?;
                if now < old_bundle.signed_at {
                    return Err(Fault::Unsound(format!(
                        "this machine's clock says {now}, and list {} was made at {}: set the clock right",
                        old_bundle.version, old_bundle.signed_at
                    )));
                }
                let root = (draft.root(old_root.version)? != old_root)
                    .then(|| draft.root(old_root.version + 1))
                    .transpose()?;
                (root, draft.bundle(old_bundle.version + 1, now, day_in_vietnam(now))?)
            }
        };
        let places = Self::places(draft, before.as_ref(), root.is_some(), bundle.version)?;
        Ok(Self {
            format: FORMAT.into(),
            names: draft.names()?,
            before,
            places: places.map(|places| envelope(PLACES_TYPE, &places)).transpose()?,
            root: root.map(|root| envelope(ROOT_TYPE, &root)).transpose()?,
            bundle: envelope(BUNDLE_TYPE, &bundle)?,
        })
    }

    /// The list of places, where it says something else than before, or must be signed under another root.
    fn places(
        draft: &Draft,
        before: Option<&Published>,
        new_root: bool,
        version: u64,
    ) -> Result<Option<Places>, Fault> {
        let before = before.map(Published::places).transpose()?.flatten().unwrap_or_default();
        let changed = before.places != draft.places || (new_root && !draft.places.is_empty());
        changed.then(|| draft.places(version)).transpose()
    }

    /// Reads a proposal.
    ///
    /// # Errors
    /// `Read`, `WrongFile`.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        let wrong = |why: &dyn std::fmt::Display| Fault::wrong_file(path, "a proposal", why);
        let proposal: Self = serde_json::from_slice(&read(path)?).map_err(|error| wrong(&error))?;
        if proposal.format != FORMAT {
            return Err(wrong(&format!("its format is {:?}", proposal.format)));
        }
        proposal.next()?;
        Ok(proposal)
    }

    /// Writes it, with the signatures so far.
    ///
    /// # Errors
    /// `Write`.
    pub fn save(&self, path: &Path) -> Result<(), Fault> {
        let json = serde_json::to_string_pretty(self).map_err(|error| Fault::Crypto(error.to_string()))?;
        write(path, json + "\n")
    }

    /// What was published when it was made.
    pub fn before(&self) -> Option<&Published> {
        self.before.as_ref()
    }

    /// The root (the new one, or the last) and the bundle that kiosks would believe.
    ///
    /// # Errors
    /// `Unsound` for payloads that are neither.
    pub fn next(&self) -> Result<(Root, Bundle), Fault> {
        let old = self.before.as_ref().map(Published::payloads).transpose()?;
        let root = match (&self.root, old) {
            (Some(root), _) => super::payload_of(root, ROOT_TYPE)?,
            (None, Some((root, _))) => root,
            (None, None) => return Err(Fault::Unsound("a proposal without any root".into())),
        };
        Ok((root, super::payload_of(&self.bundle, BUNDLE_TYPE)?))
    }

    /// The files as they would be published.
    pub fn published(&self) -> Published {
        let mut roots = self.before.as_ref().map(|before| before.roots.clone()).unwrap_or_default();
        roots.extend(self.root.clone());
        let before = || self.before.as_ref().and_then(|before| before.places.clone());
        Published { roots, bundle: self.bundle.clone(), places: self.places.clone().or_else(before) }
    }

    /// What will change, in sentences.
    ///
    /// # Errors
    /// `DoesNotHold` where what is said to be published before was not signed by the authority: then the sentences would mislead.
    pub fn changes(&self) -> Result<Vec<String>, Fault> {
        if let Some(before) = &self.before {
            before.verify()?;
        }
        let old = self.before.as_ref().map(Published::payloads).transpose()?;
        let (root, bundle) = self.next()?;
        let mut lines = vec![format!(
            "This is of the authority {:?}, whose first root is {}: compare it with the paper.",
            root.authority,
            self.anchor()
        )];
        lines.extend(match &self.root {
            Some(_) => changes::of_root(old.as_ref().map(|(root, _)| root), &root, &self.names),
            None => Vec::new(),
        });
        lines.extend(changes::of_bundle(old.as_ref().map(|(_, bundle)| bundle), &bundle, &self.names));
        if let Some(places) = &self.places {
            let old = self.before.as_ref().map(Published::places).transpose()?.flatten().unwrap_or_default();
            lines.extend(changes::of_places(&old, &super::payload_of(places, PLACES_TYPE)?));
        }
        Ok(lines)
    }

    /// Names the authority: the start of the SHA-256 of what its first root says. Whoever shows another beginning than the one that
    /// was published, so that a change does not look like one, shows another name here.
    pub fn anchor(&self) -> String {
        let first = self.published().roots.first().and_then(SignedFile::payload_unverified).unwrap_or_default();
        hexadecimal(&Sha256::digest(first))[..16].to_owned()
    }

    /// Refuses a proposal whose time cannot be true on this machine.
    ///
    /// # Errors
    /// `Unsound`.
    pub fn check_time(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let at = self.next()?.1.signed_at;
        let fault =
            |why| Err(Fault::Unsound(format!("the proposal was made at {at}, and the clock here says {now}: {why}")));
        if at > now + AHEAD_MAX {
            return fault("one of the two clocks is wrong");
        }
        if at < now - BEHIND_MAX {
            return fault("propose again, so that kiosks learn the right time");
        }
        Ok(())
    }

    /// What must be signed, and by whom: each with the file, the root and the role.
    fn demands(&self) -> Result<Vec<(String, Target, Root, RoleName)>, Fault> {
        let (next, bundle) = self.next()?;
        let mut demands = Vec::new();
        if self.root.is_some() {
            if let Some((old, _)) = self.before.as_ref().map(Published::payloads).transpose()? {
                let what = format!("root {}, by the keys of root {}", next.version, old.version);
                demands.push((what, Target::Root, old, RoleName::Root));
            }
            let what = format!("root {}, by its own keys", next.version);
            demands.push((what, Target::Root, next.clone(), RoleName::Root));
        }
        if self.places.is_some() {
            let what = format!("the places of list {}", bundle.version);
            demands.push((what, Target::Places, next.clone(), RoleName::Bundle));
        }
        demands.push((format!("list {}", bundle.version), Target::Bundle, next, RoleName::Bundle));
        Ok(demands)
    }

    fn file(&self, target: Target) -> Option<&SignedFile> {
        match target {
            Target::Root => self.root.as_ref(),
            Target::Bundle => Some(&self.bundle),
            Target::Places => self.places.as_ref(),
        }
    }

    /// Who has signed, and who is missing.
    ///
    /// # Errors
    /// `Unsound` for a root with a key that is none.
    pub fn standing(&self) -> Result<Vec<Standing>, Fault> {
        let standing = |(what, target, root, role): (String, Target, Root, RoleName)| -> Result<Standing, Fault> {
            let file = self.file(target).ok_or_else(|| Fault::Unsound("nothing to sign".into()))?;
            let role: &Role = role.of(&root);
            let mut standing = Standing { what, threshold: role.threshold, signed: Vec::new(), open: Vec::new() };
            for key in role_keys(&root, role)? {
                let holds = file.verify(&file.payload_type, std::slice::from_ref(&key), 1).is_some();
                let list = if holds { &mut standing.signed } else { &mut standing.open };
                list.push(key_for_people(&key_id(&key), &self.names));
            }
            Ok(standing)
        };
        self.demands()?.into_iter().map(standing).collect()
    }

    /// Signs everything in which this key has a part; gives what was signed.
    ///
    /// # Errors
    /// `Unsound` for a key that has no part in it; those of the signer.
    pub fn sign(&mut self, signer: &dyn Signer) -> Result<Vec<String>, Fault> {
        let key = signer.public_key();
        let mut signed = BTreeSet::new();
        let mut what = Vec::new();
        for (name, target, root, role) in self.demands()? {
            if !role_keys(&root, role.of(&root))?.contains(&key) {
                continue;
            }
            what.push(name);
            if signed.insert(target) {
                let file = match target {
                    Target::Root => self.root.as_mut(),
                    Target::Bundle => Some(&mut self.bundle),
                    Target::Places => self.places.as_mut(),
                };
                add_signature(file.ok_or_else(|| Fault::Unsound("nothing to sign".into()))?, signer)?;
            }
        }
        if what.is_empty() {
            return Err(Fault::Unsound(format!(
                "{} ({}) has no part in this proposal",
                signer.name(),
                &key_id(&key)[..16]
            )));
        }
        Ok(what)
    }

    /// Takes over the signatures of another copy of the same proposal; gives how many were new. Signatures that do not hold are
    /// left behind.
    ///
    /// # Errors
    /// `Unsound` where the other proposes something else.
    pub fn merge(&mut self, other: &Self) -> Result<usize, Fault> {
        let same = |a: &SignedFile, b: &SignedFile| a.payload_type == b.payload_type && a.payload == b.payload;
        let same_or_none = |a: &Option<SignedFile>, b: &Option<SignedFile>| match (a, b) {
            (Some(a), Some(b)) => same(a, b),
            (None, None) => true,
            _ => false,
        };
        if !same_or_none(&self.root, &other.root)
            || !same_or_none(&self.places, &other.places)
            || !same(&self.bundle, &other.bundle)
        {
            return Err(Fault::Unsound("the two files propose different things: sign copies of one proposal".into()));
        }
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for (_, _, root, role) in self.demands()? {
            keys.extend(role_keys(&root, role.of(&root))?);
        }
        let root = self.root.as_mut().zip(other.root.as_ref());
        let places = self.places.as_mut().zip(other.places.as_ref());
        let merged: usize =
            [root, places].into_iter().flatten().map(|(ours, theirs)| take_over(ours, theirs, &keys)).sum();
        Ok(merged + take_over(&mut self.bundle, &other.bundle, &keys))
    }
}

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Root,
    Bundle,
    Places,
}

/// Signatures by these keys that hold and are not there yet.
fn take_over(ours: &mut SignedFile, theirs: &SignedFile, keys: &[VerifyingKey]) -> usize {
    let mut taken = 0;
    for key in keys {
        let (one, id) = (std::slice::from_ref(key), key_id(key));
        if ours.verify(&ours.payload_type, one, 1).is_some() || theirs.verify(&theirs.payload_type, one, 1).is_none() {
            continue;
        }
        ours.signatures.retain(|signature| signature.keyid != id);
        // One of them holds; one that does not would stand beside it and harm nobody.
        ours.signatures.extend(theirs.signatures.iter().filter(|signature| signature.keyid == id).cloned());
        taken += 1;
    }
    taken
}
