//! What is published: the chain of roots and the bundle, as kiosks get them.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::proposal::Proposal;
use super::{load_signed, payload_of, to_json};
use crate::fault::{Fault, make_dir, read, write};
use checkpoint::dsse::SignedFile;
use checkpoint::time::day_in_vietnam;
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, ROOT_TYPE, RevocationFile, Root};
use checkpoint::trust::places::{PLACES_TYPE, Places};
use checkpoint::trust::revoked::ReadAt;
use checkpoint::trust::{RootChain, TrustList};

/// Days that a published bundle's tracing keys must reach ahead; the kiosk warns when fewer than 14 are left.
pub const TRACING_DAYS: u64 = 90;

/// Folder of what was published last, in the authority's own folder.
pub const PUBLISHED_DIR: &str = "published";

/// Ending of root files.
const ROOT_ENDING: &str = ".root.json";
const BUNDLE_FILE: &str = "bundle.json";
const PLACES_FILE: &str = "places.json";
/// How every distrust statement is called.
pub const DISTRUST_ENDING: &str = "distrust.json";

/// Signed files that belong together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Every root, in the order of their versions.
    pub roots: Vec<SignedFile>,
    /// The bundle.
    pub bundle: SignedFile,
    /// The list of places, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<SignedFile>,
}

impl Published {
    /// Reads a folder; `None` where nothing was published into it.
    ///
    /// # Errors
    /// `Read`, `WrongFile`.
    pub fn load(folder: &Path) -> Result<Option<Self>, Fault> {
        let bundle = folder.join(BUNDLE_FILE);
        if !bundle.exists() {
            return Ok(None);
        }
        let first = first_root(folder)?;
        let mut roots = Vec::new();
        for version in first.. {
            let path = root_path(folder, version);
            if !path.exists() {
                break;
            }
            roots.push(load_signed(&path)?);
        }
        let places = folder.join(PLACES_FILE);
        let places = places.exists().then(|| load_signed(&places)).transpose()?;
        Ok(Some(Self { roots, bundle: load_signed(&bundle)?, places }))
    }

    /// What the list of places says, vouched for by nobody.
    ///
    /// # Errors
    /// `Unsound`.
    pub fn places(&self) -> Result<Option<Places>, Fault> {
        self.places.as_ref().map(|places| payload_of(places, PLACES_TYPE)).transpose()
    }

    /// What the last root and the bundle say, vouched for by nobody.
    ///
    /// # Errors
    /// `Unsound`.
    pub fn payloads(&self) -> Result<(Root, Bundle), Fault> {
        let root = self.roots.last().ok_or_else(|| Fault::Unsound("there is no root".into()))?;
        Ok((payload_of(root, ROOT_TYPE)?, payload_of(&self.bundle, BUNDLE_TYPE)?))
    }

    /// Proves signatures as a kiosk does, without the revocation files: those lie beside.
    ///
    /// # Errors
    /// `DoesNotHold`, in the kiosk's words.
    pub fn verify(&self) -> Result<(), Fault> {
        let holds = |error: &dyn std::fmt::Display| Fault::DoesNotHold(error.to_string());
        let chain = RootChain::verify(&self.root_bytes()?).map_err(|error| holds(&error))?;
        let (root, bundle) = self.payloads()?;
        debug_assert_eq!(chain.version(), root.version);
        self.verify_places(&chain)?;
        let keys = super::role_keys(&root, &root.bundle)?;
        match self.bundle.verify(BUNDLE_TYPE, &keys, root.bundle.threshold) {
            Some(_) => Ok(()),
            None => Err(Fault::DoesNotHold(format!(
                "list {} is not signed by {} keys of root {}",
                bundle.version, root.bundle.threshold, root.version
            ))),
        }
    }

    fn verify_places(&self, chain: &RootChain) -> Result<(), Fault> {
        let Some(places) = &self.places else { return Ok(()) };
        let proven = Places::verify(chain, to_json(places)?.as_bytes());
        proven.map(drop).map_err(|error| Fault::DoesNotHold(error.to_string()))
    }

    /// What a kiosk would believe, by the kiosk's own code. Revocation files are looked for in `folder`.
    ///
    /// # Errors
    /// `DoesNotHold`, in the kiosk's words.
    pub fn list(&self, folder: &Path) -> Result<TrustList, Fault> {
        let holds = |error: &dyn std::fmt::Display| Fault::DoesNotHold(error.to_string());
        let chain = RootChain::verify(&self.root_bytes()?).map_err(|error| holds(&error))?;
        self.verify_places(&chain)?;
        let source = |file: &RevocationFile| -> Option<Arc<dyn ReadAt>> {
            Some(Arc::new(std::fs::read(folder.join(revocation_name(file))).ok()?))
        };
        TrustList::load_under(&chain, to_json(&self.bundle)?.as_bytes(), &[], source).map_err(|error| holds(&error))
    }

    fn root_bytes(&self) -> Result<Vec<Vec<u8>>, Fault> {
        self.roots.iter().map(|root| to_json(root).map(String::into_bytes)).collect()
    }

    /// The distrust statements of a folder, by name.
    ///
    /// # Errors
    /// `Read`.
    pub fn distrust(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let fault = |source| Fault::Read { path: folder.into(), source };
        let mut statements = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(fault)? {
            let name = entry.map_err(fault)?.file_name().to_string_lossy().into_owned();
            if name.ends_with(DISTRUST_ENDING) {
                statements.push((name.clone(), read(&folder.join(&name))?));
            }
        }
        statements.sort();
        Ok(statements)
    }

    /// Writes every file into a folder; revocation files come from `revocations`. The bundle goes last, by a rename: who reads in
    /// between finds the old list whole.
    ///
    /// # Errors
    /// `Read`, `Write`.
    pub fn save(&self, folder: &Path, revocations: &Path) -> Result<(), Fault> {
        make_dir(folder)?;
        for root in &self.roots {
            let version = payload_of::<Root>(root, ROOT_TYPE)?.version;
            write(&root_path(folder, version), to_json(root)?)?;
        }
        let (_, bundle) = self.payloads()?;
        for file in bundle.revocation.iter().flat_map(|revocation| &revocation.files) {
            let name = revocation_name(file);
            if folder.join(&name) != revocations.join(&name) {
                write(&folder.join(&name), read(&revocations.join(&name))?)?;
            }
        }
        if let Some(places) = &self.places {
            write(&folder.join(PLACES_FILE), to_json(places)?)?;
        }
        let (path, new) = (folder.join(BUNDLE_FILE), folder.join(format!("{BUNDLE_FILE}.new")));
        write(&new, to_json(&self.bundle)?)?;
        std::fs::rename(&new, &path).map_err(|source| Fault::Write { path, source })
    }
}

/// Publishes a proposal that enough people have signed: into the authority's own folder, and into the one for the kiosks.
///
/// # Errors
/// `DoesNotHold` for what no kiosk would take, or would be harmed by: too few signatures, a proposal against another list than the
/// last one, versions that do not grow, tracing keys that do not reach 90 days ahead. Nothing is written then.
pub fn publish(proposal: &Proposal, authority: &Path, to: &Path, now: DateTime<Utc>) -> Result<Published, Fault> {
    let ours = authority.join(PUBLISHED_DIR);
    let revocations = authority.join(super::revocation::FOLDER);
    check(proposal, &ours, &revocations, now)?;
    let published = proposal.published();
    refuse_older(&published, to)?;
    published.save(&ours, &revocations)?;
    for (name, file) in Published::distrust(&ours)? {
        make_dir(to)?;
        write(&to.join(name), file)?;
    }
    published.save(to, &revocations)?;
    Ok(published)
}

/// Everything that `publish` asks before it writes.
fn check(proposal: &Proposal, ours: &Path, revocations: &Path, now: DateTime<Utc>) -> Result<(), Fault> {
    if let Some(missing) = proposal.standing()?.iter().find(|standing| !standing.is_met()) {
        return Err(Fault::DoesNotHold(format!("too few have signed. {missing}")));
    }
    let last = Published::load(ours)?;
    let payload = |published: Option<&Published>| published.map(|published| published.bundle.payload.clone());
    // Publishing once more, for another stick, is no new publication.
    if payload(last.as_ref()).as_ref() == Some(&proposal.published().bundle.payload) {
        return Ok(());
    }
    if payload(last.as_ref()) != payload(proposal.before()) {
        return Err(Fault::DoesNotHold(
            "the proposal was made against another list than the one that was published last: propose again".into(),
        ));
    }
    proposal.check_time(now)?;
    let list = proposal.published().list(revocations)?;
    if let Some(last) = &last {
        let last = last.list(ours)?;
        list.clone().newer_than(&last).map_err(|error| Fault::DoesNotHold(error.to_string()))?;
    }
    let days = u64::from(list.tracing_days_left(day_in_vietnam(now)));
    if days < TRACING_DAYS {
        return Err(Fault::DoesNotHold(format!(
            "tracing keys reach {days} days ahead, {TRACING_DAYS} are needed: `trustctl tracing new`, `tracing add`, and propose again"
        )));
    }
    Ok(())
}

/// A folder that holds a list already must hold an older one of the same authority.
fn refuse_older(published: &Published, to: &Path) -> Result<(), Fault> {
    let Some(there) = Published::load(to)? else { return Ok(()) };
    let (first_there, first) = (there.roots.first(), published.roots.first());
    if first_there.map(|root| &root.payload) != first.map(|root| &root.payload) {
        return Err(Fault::DoesNotHold(format!("{} holds the list of another authority", to.display())));
    }
    let (old, new) = (there.payloads()?.1, published.payloads()?.1);
    if new.version <= old.version && there.bundle.payload != published.bundle.payload {
        return Err(Fault::DoesNotHold(format!(
            "{} holds list {} already, and this is list {}",
            to.display(),
            old.version,
            new.version
        )));
    }
    Ok(())
}

/// The lowest version of a root file in a folder; 1 where there is none, so that the missing one is named.
fn first_root(folder: &Path) -> Result<u64, Fault> {
    let names = std::fs::read_dir(folder).map_err(|source| Fault::Read { path: folder.into(), source })?;
    let versions = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(ROOT_ENDING)?.parse().ok());
    Ok(versions.min().unwrap_or(1))
}

fn root_path(folder: &Path, version: u64) -> std::path::PathBuf {
    folder.join(format!("{version}{ROOT_ENDING}"))
}

/// Name of a revocation file beside the bundle.
pub fn revocation_name(file: &RevocationFile) -> String {
    format!("{}.revoked", file.sha256)
}
