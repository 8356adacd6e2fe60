//! `trust-keys/` on disk → a verified `TrustList`, and newer ones in its place.
//!
//! Two places: the shipped folder, whose first root is the anchor, and a folder of the kiosk's own. What a folder changes is decided in
//! `checkpoint::trust::update`; here files are read, and what was taken is kept: each statement and each root by itself, and a list
//! whole, by one rename. `docs/trust-files.md` is the specification of the files.

mod disk;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use checkpoint::dsse::SignedFile;
use checkpoint::passage::Location;
use checkpoint::screen::Fault;
use checkpoint::trust::places::{PLACES_BYTES_MAX, Places};
use checkpoint::trust::update::{
    BUNDLE_BYTES_MAX, Believed, DISTRUST_BYTES_MAX, DISTRUST_MAX, Incoming, RootFile, Taken, Versions,
};
use checkpoint::trust::{TrustFault, TrustList};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use disk::{
    BeforeStep, REVOKED_ENDING, ROOT_ENDING, Step, exposed, hexadecimal, make_folder, names_if_any, names_in, path_of,
    read_capped, read_roots, revocation_in, sync_names, write_whole,
};

const BUNDLE_FILE: &str = "bundle.json";
const PLACES_FILE: &str = "places.json";
const HIGHEST_FILE: &str = "highest.json";
const LOCK_FILE: &str = "LOCK";
const LIST_PREFIX: &str = "list-";
const INCOMING_PREFIX: &str = "incoming-";
/// Ending of distrust statements: `1.distrust.json`, or any other name.
const DISTRUST_ENDING: &str = "distrust.json";
/// Folders of what is kept beside the lists.
const ROOTS_DIR: &str = "roots";
const DISTRUST_DIR: &str = "distrust";
const REVOKED_DIR: &str = "revoked";
/// Largest memory of what was seen, in bytes: a thousand names of statements have 70 KB.
const HIGHEST_BYTES_MAX: u64 = 256 * 1024;

/// Why a list is not believed, or could not be installed. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TrustStoreFault {
    /// A file or folder is not there.
    #[error("no trust list: {path} is missing; copy the authority's trust-keys folder there")]
    Missing {
        /// What is missing.
        path: PathBuf,
    },
    /// It is there and cannot be read.
    #[error("{path} cannot be read ({source}); check the disk or the stick and its permissions")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Larger than any list that an authority makes.
    #[error("{path} is too large ({what} {most} at most): this is not a trust list")]
    TooLarge {
        /// Which file or folder.
        path: PathBuf,
        /// What is counted.
        what: Counted,
        /// How many there may be.
        most: u64,
    },
    /// Changed, damaged, older than what was seen, signed by too few, or by another authority.
    #[error("the trust list in {path} is refused: {fault}")]
    Refused {
        /// Which folder.
        path: PathBuf,
        /// What is wrong with it.
        fault: TrustFault,
    },
    /// The kiosk's own folder cannot be written. What was taken away is no longer believed all the same, until the kiosk is restarted.
    #[error("the trust list cannot be kept: {path} cannot be written ({source}); the one in force stays")]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than the kiosk can put an older list back.
    #[error("{path} can be changed by others (mode {mode:03o}); if nobody did, run: chmod go-w {path}", path = .path.display())]
    Exposed {
        /// Which folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of a file.
    Bytes,
    /// Root files of a folder.
    Roots,
    /// Distrust statements of a folder.
    Statements,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes:",
            Self::Roots => "root files:",
            Self::Statements => "distrust statements:",
        })
    }
}

impl TrustStoreFault {
    /// What the screen says of it.
    pub fn on_screen(&self) -> Fault {
        match self {
            Self::Missing { .. } => Fault::TrustMissing,
            Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::Unwritable { .. }
            | Self::Exposed { .. } => Fault::TrustRejected,
        }
    }
}

/// What the kiosk has seen and taken, on disk: whatever it has no longer of that was lost, or deleted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Highest {
    /// Hexadecimal SHA-256 of the anchor's payload: another authority starts anew.
    anchor: String,
    seen: Versions,
    /// Names of the statements that were taken and not withdrawn.
    #[serde(default)]
    distrusted: Vec<String>,
}

/// The list in force.
pub struct InForce {
    /// What the kiosk believes.
    pub list: TrustList,
    /// Where it lies.
    pub folder: PathBuf,
    /// What else lies there and was refused: the screen and `doctor` say so.
    pub refused: Vec<TrustStoreFault>,
}

/// What became of a folder that was brought.
pub struct Installed {
    /// What the kiosk believes now, where that is something else than before.
    pub list: Option<Box<TrustList>>,
    /// A newer bundle is in force.
    pub newer: bool,
    /// How many distrust statements were new.
    pub distrusted: usize,
    /// How many places a newer list of them names; `None` where none was brought.
    pub places: Option<usize>,
    /// Why something was refused or could not be kept. What else was brought holds all the same.
    pub refused: Option<TrustStoreFault>,
}

/// The trust files of one kiosk.
#[derive(Clone, Debug)]
pub struct TrustStore {
    shipped: PathBuf,
    kept: PathBuf,
    place: Option<Location>,
}

/// What was read from the kiosk's own disk.
struct OnDisk {
    believed: Believed,
    /// Where the list lies.
    folder: PathBuf,
    refused: Vec<TrustStoreFault>,
    /// Names the authority.
    anchor: String,
}

impl TrustStore {
    /// `shipped` holds the anchor and the first list, and is only read; `kept` is the kiosk's own folder, made when something comes.
    pub fn new(shipped: impl Into<PathBuf>, kept: impl Into<PathBuf>) -> Self {
        Self { shipped: shipped.into(), kept: kept.into(), place: None }
    }

    /// The same, for a kiosk that stands there: without a place, only keys count that count everywhere.
    pub fn at(self, place: Location) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The newest list that is verified and no older than any seen, less what was distrusted. Writes nothing.
    ///
    /// # Errors
    /// Why there is none: everything is then referred.
    pub fn load(&self) -> Result<InForce, TrustStoreFault> {
        let OnDisk { believed, folder, mut refused, .. } = self.read()?;
        match believed.list() {
            Ok(list) => Ok(InForce { list: self.placed(list), folder, refused }),
            Err(TrustFault::NoBundle) => {
                Err(refused.pop().unwrap_or(TrustStoreFault::Missing { path: self.shipped.clone() }))
            }
            Err(fault) => Err(TrustStoreFault::Refused { path: folder, fault }),
        }
    }

    /// Takes what a folder brings: a stick, a share, a download. Distrust statements first: they hold at once, whatever else lies
    /// there. A newer list is verified whole, kept durably, and then put in force by one rename. Whatever goes wrong, the list in
    /// force stays.
    ///
    /// # Errors
    /// The kiosk's own anchor cannot be read, or nothing lies in the folder.
    pub fn install(&self, incoming: &Path) -> Result<Installed, TrustStoreFault> {
        self.install_step_by_step(incoming, &mut |_| Ok(()))
    }

    fn install_step_by_step(&self, incoming: &Path, before: &mut BeforeStep<'_>) -> Result<Installed, TrustStoreFault> {
        // Where the disk takes nothing, not even a lock, what is distrusted must hold all the same.
        let lock = self.lock();
        let OnDisk { mut believed, anchor, .. } = self.read()?;
        let had_list = believed.list().is_ok();
        let mut refused = Vec::new();
        let found = read_incoming(incoming, &mut refused)?;

        let removals = Incoming { bundle: None, ..found.clone() };
        let mut taken = believed.take(&removals, |_| None);
        let mut changed = taken.changed();
        let distrusted = taken.distrust.len();
        let of_folder = |fault| TrustStoreFault::Refused { path: incoming.into(), fault };
        let of_removals: Vec<_> = std::mem::take(&mut taken.refused).into_iter().map(of_folder).collect();
        if changed && let Err(fault) = self.keep_removals(&taken, &believed, &anchor, before) {
            refused.push(fault);
        }

        let mut newer = false;
        if found.bundle.is_some() {
            // The folder's own file first: ours may be what is broken.
            let sources = [incoming.to_owned(), self.kept.join(REVOKED_DIR), self.shipped.clone()];
            let mut with_bundle = believed.clone();
            let taken = with_bundle.take(&Incoming { distrust: Vec::new(), ..found.clone() }, revocation_in(&sources));
            let statements_refused = of_removals.into_iter().filter(names_a_statement);
            refused.extend(statements_refused.chain(taken.refused.into_iter().map(of_folder)));
            if taken.newer {
                match self.keep_list(&with_bundle, &found, incoming, &anchor, before) {
                    Ok(()) => {
                        (newer, changed) = (true, true);
                        // Decided by what lies on our disk, not by what lay on the stick.
                        believed = self.read()?.believed;
                    }
                    Err(fault) => refused.push(fault),
                }
            }
        } else {
            refused.extend(of_removals);
        }
        let places = self.take_places(incoming, &believed, before).unwrap_or_else(|fault| {
            refused.push(fault);
            None
        });
        if let Err(fault) = lock {
            refused.push(fault);
        }
        let list = match believed.list() {
            Ok(list) if changed || !had_list => Some(Box::new(self.placed(list))),
            _ => None,
        };
        Ok(Installed { list, newer, distrusted, places, refused: refused.into_iter().next() })
    }

    /// The newest list of places that the bundle role of the last root signed. `None`: there is none. One that is refused is as good
    /// as none, and is said.
    ///
    /// # Errors
    /// The kiosk's own trust files cannot be read.
    pub fn places(&self) -> Result<Option<Places>, TrustStoreFault> {
        Ok(self.places_under(&self.read()?.believed))
    }

    fn places_under(&self, believed: &Believed) -> Option<Places> {
        let read = |folder: &PathBuf| match places_in(folder, believed) {
            Ok(places) => places.map(|(places, _)| places),
            Err(fault) => {
                tracing::warn!(%fault, "a list of places is not used");
                None
            }
        };
        [&self.kept, &self.shipped].into_iter().filter_map(read).max_by_key(|places| places.version)
    }

    /// Keeps the places that a folder brings, where they are newer than those that there are. It is one file, and shown by one rename.
    fn take_places(
        &self,
        incoming: &Path,
        believed: &Believed,
        before: &mut BeforeStep<'_>,
    ) -> Result<Option<usize>, TrustStoreFault> {
        let Some((brought, bytes)) = places_in(incoming, believed)? else { return Ok(None) };
        if self.places_under(believed).is_some_and(|ours| ours.version >= brought.version) {
            return Ok(None);
        }
        let path = self.kept.join(PLACES_FILE);
        make_folder(&self.kept)
            .and_then(|()| write_whole(&path, bytes.as_slice(), before))
            .map_err(unwritable(&path))?;
        sync_names(&self.kept, before).map_err(unwritable(&self.kept))?;
        Ok(Some(brought.places.len()))
    }

    /// Remembers what is in force, so that nothing older is believed later. `run` calls it at its start.
    ///
    /// # Errors
    /// `Unwritable`, and the faults of reading.
    pub fn remember(&self) -> Result<(), TrustStoreFault> {
        let _lock = self.lock()?;
        let OnDisk { believed, anchor, .. } = self.read()?;
        let remembered = self.highest(&anchor).unwrap_or(None);
        let known = remembered
            .is_some_and(|known| known.seen == believed.seen() && known.distrusted.iter().eq(&believed.distrusted()));
        if known { Ok(()) } else { self.remember_all(&believed, &anchor, &mut |_| Ok(())) }
    }

    fn placed(&self, list: &TrustList) -> TrustList {
        match &self.place {
            Some(place) => list.clone().at(place.clone()),
            None => list.clone(),
        }
    }

    // ---- reading -----------------------------------------------------------------------------------------------

    /// Everything that lies on the kiosk's own disk, verified.
    fn read(&self) -> Result<OnDisk, TrustStoreFault> {
        let anchors = read_roots(&self.shipped)?;
        let [(_, anchor), ..] = &anchors[..] else {
            return Err(TrustStoreFault::Missing { path: self.shipped.join(format!("1{ROOT_ENDING}")) });
        };
        let anchor = hexadecimal(&Sha256::digest(payload_of(anchor)));
        let of_shipped = |fault| TrustStoreFault::Refused { path: self.shipped.clone(), fault };
        let mut refused = Vec::new();
        if let Some(mode) = exposed(&self.kept) {
            refused.push(TrustStoreFault::Exposed { path: self.kept.clone(), mode });
        }
        // A damaged memory is as good as none, and is said: whoever can damage the file can remove it too.
        let highest = self.highest(&anchor).unwrap_or_else(|fault| {
            refused.push(fault);
            None
        });
        let (seen, names) = highest.map(|highest| (highest.seen, highest.distrusted)).unwrap_or_default();
        let statements = self.kept_statements(&mut refused)?;
        let folders = self.kept_lists()?;
        let mut roots: Vec<Vec<RootFile>> = Vec::new();
        for folder in [self.kept.join(ROOTS_DIR)].iter().chain(&folders) {
            match read_roots(folder) {
                Ok(of_folder) => roots.push(of_folder),
                Err(TrustStoreFault::Missing { .. }) => {}
                Err(fault) => refused.push(fault),
            }
        }
        let mut believed =
            Believed::anchored(anchors).map_err(of_shipped)?.remembering(&roots, &statements, seen, &names);
        let mut best = self.shipped.clone();
        for folder in folders.into_iter().chain([self.shipped.clone()]) {
            match self.consider(&mut believed, &folder) {
                Ok(true) => best = folder,
                Ok(false) => {}
                Err(fault) => refused.push(fault),
            }
        }
        Ok(OnDisk { believed, folder: best, refused, anchor })
    }

    fn consider(&self, believed: &mut Believed, folder: &Path) -> Result<bool, TrustStoreFault> {
        let (roots, bundle) = (read_roots(folder)?, read_bundle(folder)?);
        let sources = [self.kept.join(REVOKED_DIR), folder.to_owned()];
        believed
            .consider(&roots, &bundle, revocation_in(&sources))
            .map_err(|fault| TrustStoreFault::Refused { path: folder.into(), fault })
    }

    /// What is remembered of this authority.
    fn highest(&self, anchor: &str) -> Result<Option<Highest>, TrustStoreFault> {
        let path = self.kept.join(HIGHEST_FILE);
        let bytes = match read_capped(&path, HIGHEST_BYTES_MAX) {
            Err(TrustStoreFault::Missing { .. }) => return Ok(None),
            other => other?,
        };
        let highest: Highest = serde_json::from_slice(&bytes)
            .map_err(|error| TrustStoreFault::Unreadable { path, source: io::Error::other(error) })?;
        Ok(Some(highest).filter(|highest| highest.anchor == anchor))
    }

    fn kept_statements(&self, refused: &mut Vec<TrustStoreFault>) -> Result<Vec<Vec<u8>>, TrustStoreFault> {
        let folder = self.kept.join(DISTRUST_DIR);
        let names = names_if_any(&folder)?.into_iter().filter(|name| name.ends_with(DISTRUST_ENDING));
        let mut statements = Vec::new();
        for name in names {
            match read_capped(&folder.join(name), DISTRUST_BYTES_MAX) {
                Ok(bytes) => statements.push(bytes),
                Err(fault) => refused.push(fault),
            }
        }
        Ok(statements)
    }

    /// Folders of installed lists, in the order of their names.
    fn kept_lists(&self) -> Result<Vec<PathBuf>, TrustStoreFault> {
        let names = names_if_any(&self.kept)?.into_iter().filter(|name| name.starts_with(LIST_PREFIX));
        Ok(names.map(|name| self.kept.join(name)).collect())
    }

    // ---- keeping -----------------------------------------------------------------------------------------------

    /// One installation at a time, whoever runs it.
    fn lock(&self) -> Result<File, TrustStoreFault> {
        let path = self.kept.join(LOCK_FILE);
        let unwritable = |source| TrustStoreFault::Unwritable { path: path.clone(), source };
        make_folder(&self.kept).map_err(unwritable)?;
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(unwritable)?;
        file.lock().map_err(unwritable)?;
        Ok(file)
    }

    /// Keeps roots and statements, each for itself: what was not kept when the power was cut comes again with the next stick.
    fn keep_removals(
        &self,
        taken: &Taken,
        believed: &Believed,
        anchor: &str,
        before: &mut BeforeStep<'_>,
    ) -> Result<(), TrustStoreFault> {
        let distrust =
            taken.distrust.iter().map(|(name, bytes)| (DISTRUST_DIR, format!("{name}.{DISTRUST_ENDING}"), bytes));
        let roots = taken.roots.iter().map(|(version, bytes)| (ROOTS_DIR, format!("{version}{ROOT_ENDING}"), bytes));
        for (folder, name, bytes) in distrust.chain(roots) {
            let folder = self.kept.join(folder);
            let path = folder.join(name);
            make_folder(&folder)
                .and_then(|()| write_whole(&path, bytes.as_slice(), before))
                .map_err(unwritable(&path))?;
        }
        sync_names(&self.kept, before).map_err(unwritable(&self.kept))?;
        self.remember_all(believed, anchor, before)
    }

    /// Writes a verified list into a folder of its own, durably, and shows it by one rename. Its revocation files are kept before.
    fn keep_list(
        &self,
        believed: &Believed,
        found: &Incoming,
        incoming: &Path,
        anchor: &str,
        before: &mut BeforeStep<'_>,
    ) -> Result<(), TrustStoreFault> {
        let revoked = believed.newest().map(TrustList::revocation_files).unwrap_or_default();
        for listed in revoked {
            let kept = self.kept.join(REVOKED_DIR);
            let (Some(ours), Some(theirs)) = (path_of(&kept, listed), path_of(incoming, listed)) else { continue };
            if disk::digest_of(&ours).is_ok_and(|digest| digest == listed.sha256) {
                continue;
            }
            let from = if theirs.exists() { theirs } else { path_of(&self.shipped, listed).unwrap_or(theirs) };
            make_folder(&kept)
                .and_then(|()| write_whole(&ours, File::open(&from)?, before))
                .map_err(unwritable(&ours))?;
        }
        let bundle = found.bundle.as_deref().unwrap_or_default();
        let versions = believed.seen();
        let digest = hexadecimal(&Sha256::digest(bundle)[..4]);
        let name = format!("{:010}-{:05}-{digest}", versions.bundle, versions.root);
        let hidden = self.kept.join(format!("{INCOMING_PREFIX}{name}"));
        let shown = self.kept.join(format!("{LIST_PREFIX}{name}"));
        // What a power cut left of an earlier attempt, or a list of the same name that was damaged since.
        for left_over in [&hidden, &shown] {
            before(Step::Remove(left_over)).map_err(unwritable(left_over))?;
            match fs::remove_dir_all(left_over) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(left_over)(error)),
                _ => {}
            }
        }
        make_folder(&hidden).map_err(unwritable(&hidden))?;
        for (version, bytes) in believed.roots() {
            let path = hidden.join(format!("{version}{ROOT_ENDING}"));
            write_whole(&path, bytes.as_slice(), before).map_err(unwritable(&path))?;
        }
        let path = hidden.join(BUNDLE_FILE);
        write_whole(&path, bundle, before).map_err(unwritable(&path))?;
        disk::rename(&hidden, &shown, before).map_err(unwritable(&shown))?;
        sync_names(&self.kept, before).map_err(unwritable(&self.kept))?;
        self.remember_all(believed, anchor, before)?;
        self.remove_all_but(&shown, believed, before);
        Ok(())
    }

    fn remember_all(
        &self,
        believed: &Believed,
        anchor: &str,
        before: &mut BeforeStep<'_>,
    ) -> Result<(), TrustStoreFault> {
        let path = self.kept.join(HIGHEST_FILE);
        let distrusted = believed.distrusted().into_iter().collect();
        let highest = Highest { anchor: anchor.into(), seen: believed.seen(), distrusted };
        let json = serde_json::to_vec_pretty(&highest).map_err(|error| unwritable(&path)(error.into()))?;
        write_whole(&path, json.as_slice(), before).map_err(unwritable(&path))
    }

    /// Older lists, and what power cuts left, take room and serve nothing. What cannot be removed now is removed next time.
    fn remove_all_but(&self, folder: &Path, believed: &Believed, before: &mut BeforeStep<'_>) {
        let names = names_in(&self.kept).unwrap_or_default();
        let ours = names.iter().filter(|name| name.starts_with(LIST_PREFIX) || name.starts_with(INCOMING_PREFIX));
        for old in ours.map(|name| self.kept.join(name)).filter(|old| old != folder) {
            if before(Step::Remove(&old)).is_ok() {
                let _ = fs::remove_dir_all(old);
            }
        }
        let kept = self.kept.join(REVOKED_DIR);
        let wanted: Vec<String> = believed
            .newest()
            .into_iter()
            .flat_map(TrustList::revocation_files)
            .map(|listed| format!("{}{REVOKED_ENDING}", listed.sha256))
            .collect();
        let old = names_if_any(&kept).unwrap_or_default().into_iter().filter(|name| !wanted.contains(name));
        for old in old.map(|name| kept.join(name)) {
            if before(Step::Remove(&old)).is_ok() {
                let _ = fs::remove_file(old);
            }
        }
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> TrustStoreFault + use<> {
    let path = path.to_owned();
    move |source| TrustStoreFault::Unwritable { path, source }
}

/// Whether a statement, and not a root, was refused.
fn names_a_statement(fault: &TrustStoreFault) -> bool {
    matches!(fault, TrustStoreFault::Refused { fault, .. } if fault.is_of_a_statement())
}

/// The files of a folder that was brought. What cannot be read is said, and the rest is looked at.
fn read_incoming(folder: &Path, refused: &mut Vec<TrustStoreFault>) -> Result<Incoming, TrustStoreFault> {
    let mut names = names_in(folder)?;
    names.retain(|name| name.ends_with(DISTRUST_ENDING));
    if names.len() > DISTRUST_MAX {
        let most = DISTRUST_MAX as u64;
        refused.push(TrustStoreFault::TooLarge { path: folder.into(), what: Counted::Statements, most });
        names.truncate(DISTRUST_MAX);
    }
    let mut distrust = Vec::new();
    for name in names {
        match read_capped(&folder.join(name), DISTRUST_BYTES_MAX) {
            Ok(bytes) => distrust.push(bytes),
            Err(fault) => refused.push(fault),
        }
    }
    let mut sound = true;
    let roots = read_roots(folder).unwrap_or_else(|fault| {
        refused.push(fault);
        sound = false;
        Vec::new()
    });
    let bundle = match read_bundle(folder) {
        Ok(bundle) => Some(bundle).filter(|_| sound),
        Err(TrustStoreFault::Missing { .. })
            if !roots.is_empty() || !distrust.is_empty() || folder.join(PLACES_FILE).exists() =>
        {
            None
        }
        Err(fault) => {
            refused.push(fault);
            None
        }
    };
    Ok(Incoming { roots, bundle, distrust })
}

/// What a signed file says; its own bytes where it is none, so that it equals only itself.
fn payload_of(file: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<SignedFile>(file)
        .ok()
        .and_then(|signed| signed.payload_unverified())
        .unwrap_or_else(|| file.to_vec())
}

/// The places of a folder, proven, and the bytes that prove them; `None` where it has no such file.
fn places_in(folder: &Path, believed: &Believed) -> Result<Option<(Places, Vec<u8>)>, TrustStoreFault> {
    let path = folder.join(PLACES_FILE);
    let bytes = match read_capped(&path, PLACES_BYTES_MAX) {
        Err(TrustStoreFault::Missing { .. }) => return Ok(None),
        bytes => bytes?,
    };
    let places = Places::verify(believed.chain(), &bytes);
    let places = places.map_err(|fault| TrustStoreFault::Refused { path, fault })?;
    Ok(Some((places, bytes)))
}

fn read_bundle(folder: &Path) -> Result<Vec<u8>, TrustStoreFault> {
    read_capped(&folder.join(BUNDLE_FILE), BUNDLE_BYTES_MAX)
}
