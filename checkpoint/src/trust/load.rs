//! `trust-keys/` → `TrustList`: the chain of roots, and the bundle that the last of them vouches for.
//!
//! The rules are those of The Update Framework: root N+1 is signed by the thresholds of both N and N+1, and one bundle holds
//! everything, so that nothing can be mixed and matched.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::checks::{Check, made};
use super::csca::CscaCertificate;
use super::files::{BUNDLE_TYPE, Bundle, CredentialKey, Jwk, KeyMaterial, RevocationFile, Signed};
use super::key::{Certificate, PublicKey, key_digests, short_id, thumbprint};
use super::removals::{Removals, RevokedUntil};
use super::revoked::{Kind, ReadAt, RevokedFault, RevokedFiles, Unreadable};
use super::roots::{RootChain, Statement, open, understand};
use super::update::Versions;
use super::{Issuers, Key, Named, Origin, Regions, Scope, TrustList, hex_32};
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
    /// A revocation file that is not the one of this bundle.
    #[error("revocation file {} of the bundle cannot be used: {fault}; copy the whole trust-keys folder again", place + 1)]
    RevocationFile {
        /// Its place in the bundle's list, from 0.
        place: usize,
        /// What is wrong with it.
        fault: RevokedFault,
    },
    /// A bundle with values that make no sense.
    #[error("the bundle's {what} cannot be used: ask the authority for a new one")]
    BundleUnsound {
        /// Which part.
        what: &'static str,
    },
    /// It takes back less than the list in force.
    #[error(
        "trust list {offered} no longer takes back what list {have} does: the authority must publish one that does, or a root that allows it"
    )]
    RevocationUndone {
        /// Version in force.
        have: u64,
        /// Version offered.
        offered: u64,
    },
    /// A revocation file of the list in force cannot be read, so nobody can tell whether the new list goes on with it.
    #[error("a revocation file of the list in force cannot be read: bring the whole trust-keys folder again")]
    RevocationUnreadable,
    /// Older than what is already believed or was ever seen: someone puts an old list back.
    #[error("it is older than one already seen ({offered}; seen: {seen}): bring the newest one")]
    RolledBack {
        /// Versions offered.
        offered: Versions,
        /// The highest seen.
        seen: Versions,
    },
    /// Well signed, perhaps, by an authority that this kiosk was not set up for.
    #[error(
        "root {version} is not the one that this kiosk trusts: the list belongs to another authority, or its root was changed; call the \
         office"
    )]
    AnotherAuthority {
        /// Which root differs.
        version: u64,
    },
    /// Larger than any that an authority makes.
    #[error("{file} is too large (bytes: {most} at most): this is not a trust list")]
    TooLarge {
        /// Which file.
        file: FileName,
        /// How many bytes it may have.
        most: u64,
    },
    /// More than any authority makes.
    #[error("there are too many root files ({most} at most): this is not a trust list")]
    TooManyRoots {
        /// How many there may be.
        most: usize,
    },
    /// A kiosk that was never given a bundle.
    #[error("there is no bundle: copy the authority's trust-keys folder")]
    NoBundle,
    /// Somebody deleted what was distrusted, or the disk lost it.
    #[error(
        "{count} distrust statements that this kiosk took are gone from its disk, and nobody knows what they took away: bring a trust-keys \
         folder with all distrust files"
    )]
    DistrustLost {
        /// How many.
        count: usize,
    },
    /// As many statements as a kiosk keeps.
    #[error(
        "the kiosk holds as many distrust statements as it can: ask the authority for a root that withdraws old ones"
    )]
    DistrustFull,
}

impl TrustFault {
    /// Whether it is a distrust statement that was refused.
    pub fn is_of_a_statement(&self) -> bool {
        match self {
            Self::NotSigned { file, .. }
            | Self::NotUnderstood { file, .. }
            | Self::NotEnoughSignatures { file, .. }
            | Self::TooLarge { file, .. } => *file == FileName::Distrust,
            Self::DistrustFull => true,
            _ => false,
        }
    }
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
    /// A distrust statement.
    Distrust,
    /// The list of places.
    Places,
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RootFile(place) => write!(f, "root file {place}"),
            Self::Root(version) => write!(f, "root {version}"),
            Self::Bundle => f.write_str("the bundle"),
            Self::Distrust => f.write_str("the distrust statement"),
            Self::Places => f.write_str("the list of places"),
        }
    }
}

impl TrustList {
    /// Builds a list from the bytes of signed files: the roots in the order of their versions, and a bundle that names no
    /// revocation files.
    ///
    /// # Errors
    /// As `RootChain::verify` and `load_under`.
    pub fn load<R: AsRef<[u8]>>(roots: &[R], bundle: &[u8]) -> Result<Self, TrustFault> {
        Self::load_under(&RootChain::verify(roots)?, bundle, &[], |_| None)
    }

    /// Builds a list from a bundle, the statements that were taken, and the bundle's revocation files: `source` finds one by what the
    /// bundle says of it.
    ///
    /// # Errors
    /// What is wrong and what to do about it; nothing of the bundle is then believed.
    pub fn load_under(
        roots: &RootChain,
        bundle: &[u8],
        distrust: &[Statement],
        source: impl FnMut(&RevocationFile) -> Option<Arc<dyn ReadAt>>,
    ) -> Result<Self, TrustFault> {
        let root = roots.last();
        let payload = open(bundle, FileName::Bundle, BUNDLE_TYPE, root, &root.bundle, FileName::Root(root.version))?;
        let bundle: Bundle = understand(&payload, FileName::Bundle)?;
        let mut list = Self::from_bundle(roots, &bundle)?;
        if let Some(revocation) = &bundle.revocation {
            list.revocation_files.clone_from(&revocation.files);
            list.revoked_files = RevokedFiles::open(revocation, source)
                .map_err(|(place, fault)| TrustFault::RevocationFile { place, fault })?;
        }
        list.digest = Sha256::digest(&payload).into();
        list.set_distrust(roots, distrust);
        Ok(list)
    }

    /// Takes over what was distrusted, but for what a root of the chain withdraws.
    pub(super) fn set_distrust(&mut self, roots: &RootChain, distrust: &[Statement]) {
        self.distrusted = Removals::default();
        for statement in distrust.iter().filter(|statement| !roots.withdraws(&statement.digest())) {
            self.distrusted.join(&statement.removals);
        }
    }

    /// This list, if it is newer than the one in force and goes on with it.
    ///
    /// # Errors
    /// `RolledBack`: versions only grow, of roots and of bundles alike, and so does the time of signing; an authority never signs two
    /// lists of one version. `RevocationUndone`: what was taken back stays taken back, unless a root says otherwise.
    pub fn newer_than(self, current: &Self) -> Result<Self, TrustFault> {
        if !current.is_loaded() {
            return Ok(self);
        }
        let (offered, seen) = (Versions::of(&self), Versions::of(current));
        let newer = offered.bundle > seen.bundle && offered.reach(seen) && self.signed_at >= current.signed_at;
        if made(Check::NewerBundle) && !newer {
            return Err(TrustFault::RolledBack { offered, seen });
        }
        let bound = current.version >= self.revocation_reset;
        if made(Check::GoesOn) && bound {
            let goes_on = self.goes_on_from(current).map_err(|Unreadable| TrustFault::RevocationUnreadable)?;
            if !goes_on {
                return Err(TrustFault::RevocationUndone { have: current.version, offered: self.version });
            }
        }
        Ok(self)
    }

    /// Whether everything that an older bundle takes back is taken back by this one too.
    ///
    /// # Errors
    /// `Unreadable`: a revocation file cannot be read, and nobody knows.
    pub(super) fn goes_on_from(&self, before: &Self) -> Result<bool, Unreadable> {
        // What stood in the older bundle itself may stand in a file now; a file knows nothing of "after".
        for (kind, digest, end) in before.revoked.missing_in(&self.revoked) {
            let moment = match end {
                RevokedUntil::Ever => DateTime::<Utc>::MAX_UTC,
                RevokedUntil::Before(end) => end - TimeDelta::seconds(1),
            };
            if !self.revoked_files.revokes(kind, &digest, Some(moment))? {
                return Ok(false);
            }
        }
        self.revoked_files.go_on_from(&before.revoked_files)
    }

    fn from_bundle(roots: &RootChain, bundle: &Bundle) -> Result<Self, TrustFault> {
        let root = roots.last();
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
            digest: [0; 32],
            revocation_reset: roots.revocation_reset(),
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
            revoked: {
                let mut revoked = revoked(&bundle.revoked).ok_or(unsound("list of revoked credentials"))?;
                distrusted_keys(&bundle.keys, &mut revoked).ok_or(unsound("keys"))?;
                revoked
            },
            distrusted: Removals::default(),
            revoked_files: RevokedFiles::default(),
            revocation_files: Vec::new(),
            place: None,
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
            digests: key_digests(&entry.key)?,
            scope: Scope {
                schemes: entry.schemes.clone(),
                statements: entry.statements.iter().filter(|kind| narrowed(kind)).copied().collect(),
                issuers: Issuers::Listed(entry.issuers.clone()),
                regions: Regions::Listed(entry.regions.clone()),
                lifetime_days: Some(entry.lifetime_days),
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
pub(super) fn revoked(entries: &[String]) -> Option<Removals> {
    let mut revoked = Removals::default();
    for entry in entries {
        let (digest, signed) = match entry.split_once('.') {
            None => (entry.as_str(), Signed::All),
            Some((digest, seconds)) => {
                (digest, Signed::Before(DateTime::<Utc>::from_timestamp(seconds.parse().ok()?, 0)?))
            }
        };
        revoked.add(Kind::Credential, hex_32(digest)?, signed);
    }
    Some(revoked)
}

/// What the bundle says of single keys: it holds for the key, wherever else it is listed.
fn distrusted_keys(entries: &[CredentialKey], revoked: &mut Removals) -> Option<()> {
    for entry in entries {
        let all = entry.distrust_all.then_some(Signed::All);
        for signed in all.into_iter().chain(entry.distrust_after.map(Signed::After)) {
            for digest in key_digests(&entry.key)? {
                revoked.add(Kind::Key, digest, signed);
            }
        }
    }
    Some(())
}
