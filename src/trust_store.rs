//! `trust-keys/` on disk → a verified `TrustList`, and newer ones in its place.
//!
//! Two places: the shipped folder, whose first root is the anchor, and a folder of the kiosk's own, to which newer lists are
//! installed. A list is read whole and verified whole before it counts; it becomes visible by one rename. Versions only
//! grow: the highest ever seen is remembered, so that an older list that somebody puts back is refused.
//! `docs/trust-files.md` is the specification of the files.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use checkpoint::dsse::SignedFile;
use checkpoint::screen::Fault;
use checkpoint::trust::{TrustFault, TrustList};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Largest root file, in bytes: a root with 100 keys has about 20 KiB.
pub const ROOT_BYTES_MAX: u64 = 64 * 1024;
/// Most root files in a folder: one a year would last for two generations.
pub const ROOTS_MAX: usize = 64;
/// Largest bundle, in bytes: 100 issuers, 400 days of tracing keys and 50,000 revoked credentials have about 5 MB.
pub const BUNDLE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Ending of root files: `1.root.json`, `2.root.json`, ...
const ROOT_ENDING: &str = ".root.json";
const BUNDLE_FILE: &str = "bundle.json";
const HIGHEST_FILE: &str = "highest.json";
const LOCK_FILE: &str = "LOCK";
const LIST_PREFIX: &str = "list-";
const INCOMING_PREFIX: &str = "incoming-";

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
    /// Changed, damaged, or signed by too few.
    #[error("the trust list in {path} is refused: {fault}")]
    Refused {
        /// Which folder.
        path: PathBuf,
        /// What is wrong with it.
        fault: TrustFault,
    },
    /// Well signed, perhaps, by an authority that this kiosk was not set up for.
    #[error(
        "root {version} in {path} is not the one that this kiosk trusts: the list belongs to another authority, or its root was changed; \
         call the office"
    )]
    AnotherAuthority {
        /// Which folder.
        path: PathBuf,
        /// Which root differs.
        version: u64,
    },
    /// An older list than one that was already seen.
    #[error("the trust list in {path} is older than one already seen ({offered}, seen {seen}): bring the newest one")]
    RolledBack {
        /// Which folder.
        path: PathBuf,
        /// What is offered.
        offered: Versions,
        /// The highest seen.
        seen: Versions,
    },
    /// The kiosk's own folder cannot be written; the list in force stays.
    #[error("the trust list cannot be kept: {path} cannot be written ({source}); the one in force stays")]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of a file.
    Bytes,
    /// Root files of a folder.
    Roots,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes:",
            Self::Roots => "root files:",
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
            | Self::AnotherAuthority { .. }
            | Self::RolledBack { .. }
            | Self::Unwritable { .. } => Fault::TrustRejected,
        }
    }
}

/// Versions of a list, compared root first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// Of the last root.
    pub root: u64,
    /// Of the bundle.
    pub bundle: u64,
}

impl Versions {
    fn of(list: &TrustList) -> Self {
        Self { root: list.root_version(), bundle: list.version() }
    }

    /// Neither of the two is older. A list with a newer root and an older bundle is older.
    fn reach(self, seen: Self) -> bool {
        self.root >= seen.root && self.bundle >= seen.bundle
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "list {} under root {}", self.bundle, self.root)
    }
}

/// The highest versions ever seen, on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Highest {
    /// Hexadecimal SHA-256 of the anchor's payload: another authority starts anew.
    anchor: String,
    seen: Versions,
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

/// What became of an incoming list.
pub enum Installed {
    /// It is in force now.
    Newer(Box<TrustList>),
    /// It is the one that is in force already.
    Already,
}

/// The trust files of one kiosk.
#[derive(Clone, Debug)]
pub struct TrustStore {
    shipped: PathBuf,
    kept: PathBuf,
}

impl TrustStore {
    /// `shipped` holds the anchor and the first list, and is only read; `kept` is the kiosk's own folder for newer lists,
    /// made when the first one comes.
    pub fn new(shipped: impl Into<PathBuf>, kept: impl Into<PathBuf>) -> Self {
        Self { shipped: shipped.into(), kept: kept.into() }
    }

    /// The newest list that is verified and no older than any seen. Writes nothing.
    ///
    /// # Errors
    /// Why there is none: everything is then referred.
    pub fn load(&self) -> Result<InForce, TrustStoreFault> {
        let anchors = self.anchors()?;
        let mut refused = Vec::new();
        // A damaged memory is as good as none, and is said: whoever can damage the file can remove it too.
        let seen = self.seen(&anchors).unwrap_or_else(|fault| {
            refused.push(fault);
            Versions::default()
        });
        let mut best: Option<(PathBuf, TrustList)> = None;
        for folder in self.kept_folders()?.into_iter().chain([self.shipped.clone()]) {
            match verified(&folder, &anchors) {
                Ok((list, _)) if best.as_ref().is_none_or(|(_, best)| Versions::of(&list) > Versions::of(best)) => {
                    best = Some((folder, list));
                }
                Ok(_) => {}
                Err(fault) => refused.push(fault),
            }
        }
        let Some((folder, list)) = best else {
            return Err(refused.pop().unwrap_or(TrustStoreFault::Missing { path: self.shipped.clone() }));
        };
        let offered = Versions::of(&list);
        if !offered.reach(seen) {
            return Err(TrustStoreFault::RolledBack { path: folder, offered, seen });
        }
        Ok(InForce { list, folder, refused })
    }

    /// Takes a newer list from a folder: a stick, a share, a download. It is verified whole, kept durably, and then put in
    /// force by one rename. Whatever goes wrong, the list in force stays.
    ///
    /// # Errors
    /// Why the incoming list was refused, or could not be kept.
    pub fn install(&self, incoming: &Path) -> Result<Installed, TrustStoreFault> {
        let _lock = self.lock()?;
        let anchors = self.anchors()?;
        // Where nothing of ours is sound any more, a newer list from the stick is what heals the kiosk.
        let ours = self.load().ok();
        let known = match &ours {
            Some(ours) => follow(&anchors, Roots::read(&ours.folder)?, &ours.folder)?,
            None => anchors.clone(),
        };
        let (list, files) = verified(incoming, &known)?;
        // What cannot be read is written anew below.
        let (offered, mut seen) = (Versions::of(&list), self.seen(&anchors).unwrap_or_default());
        if let Some(ours) = &ours {
            let current = Versions::of(&ours.list);
            let bundle = read_bundle(&ours.folder)?;
            if offered == current && payload_of(&files.bundle) == payload_of(&bundle) {
                return Ok(Installed::Already);
            }
            seen = Versions { root: seen.root.max(current.root), bundle: seen.bundle.max(current.bundle) };
        }
        // The same version with other words is refused too: an authority never signs two lists of one version.
        let older_clock = ours.as_ref().is_some_and(|ours| list.signed_at() < ours.list.signed_at());
        let newer = offered.reach(seen) && (ours.is_none() || offered.bundle > seen.bundle) && !older_clock;
        if !newer {
            return Err(TrustStoreFault::RolledBack { path: incoming.into(), offered, seen });
        }
        let folder = self.keep(&files, offered)?;
        self.remember_versions(&anchors, offered)?;
        self.remove_all_but(&folder);
        Ok(Installed::Newer(Box::new(list)))
    }

    /// Remembers the versions of the list in force, so that nothing older is believed later. `run` calls it at its start.
    ///
    /// # Errors
    /// `Unwritable`, and the faults of reading.
    pub fn remember(&self, list: &TrustList) -> Result<(), TrustStoreFault> {
        let _lock = self.lock()?;
        let anchors = self.anchors()?;
        let (offered, seen) = (Versions::of(list), self.seen(&anchors).unwrap_or_default());
        if offered > seen && offered.reach(seen) { self.remember_versions(&anchors, offered) } else { Ok(()) }
    }

    /// The roots that came with the kiosk.
    fn anchors(&self) -> Result<Roots, TrustStoreFault> {
        let roots = Roots::read(&self.shipped)?;
        if roots.files.is_empty() {
            return Err(TrustStoreFault::Missing { path: self.shipped.join(format!("1{ROOT_ENDING}")) });
        }
        Ok(roots)
    }

    /// The highest versions that are remembered of this authority; none, where nothing was ever remembered.
    fn seen(&self, anchors: &Roots) -> Result<Versions, TrustStoreFault> {
        let path = self.kept.join(HIGHEST_FILE);
        let bytes = match read_capped(&path, ROOT_BYTES_MAX) {
            Err(TrustStoreFault::Missing { .. }) => return Ok(Versions::default()),
            other => other?,
        };
        let highest: Highest = serde_json::from_slice(&bytes)
            .map_err(|error| TrustStoreFault::Unreadable { path, source: io::Error::other(error) })?;
        Ok(if highest.anchor == anchors.anchor() { highest.seen } else { Versions::default() })
    }

    /// Folders of installed lists, in the order of their names.
    fn kept_folders(&self) -> Result<Vec<PathBuf>, TrustStoreFault> {
        let mut folders: Vec<PathBuf> = names_in(&self.kept)
            .or_else(
                |fault| if matches!(fault, TrustStoreFault::Missing { .. }) { Ok(Vec::new()) } else { Err(fault) },
            )?
            .into_iter()
            .filter(|name| name.starts_with(LIST_PREFIX))
            .map(|name| self.kept.join(name))
            .collect();
        folders.sort();
        Ok(folders)
    }

    /// One installation at a time, whoever runs it.
    fn lock(&self) -> Result<File, TrustStoreFault> {
        let path = self.kept.join(LOCK_FILE);
        let unwritable = |source| TrustStoreFault::Unwritable { path: path.clone(), source };
        fs::create_dir_all(&self.kept).map_err(unwritable)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unwritable)?;
        file.lock().map_err(unwritable)?;
        Ok(file)
    }

    /// Writes a verified list into a folder of its own, durably, and shows it by one rename.
    fn keep(&self, files: &ListFiles, versions: Versions) -> Result<PathBuf, TrustStoreFault> {
        let digest = hexadecimal(&Sha256::digest(&files.bundle)[..4]);
        let name = format!("{:010}-{:05}-{digest}", versions.bundle, versions.root);
        let hidden = self.kept.join(format!("{INCOMING_PREFIX}{name}"));
        let shown = self.kept.join(format!("{LIST_PREFIX}{name}"));
        let unwritable = |path: &Path| {
            let path = path.to_owned();
            move |source| TrustStoreFault::Unwritable { path, source }
        };
        // What a power cut left of an earlier attempt, or a list of the same name that was damaged since.
        for left_over in [&hidden, &shown] {
            match fs::remove_dir_all(left_over) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(left_over)(error)),
                _ => {}
            }
        }
        fs::create_dir(&hidden).map_err(unwritable(&hidden))?;
        for (version, bytes) in &files.roots.files {
            let path = hidden.join(format!("{version}{ROOT_ENDING}"));
            write_durably(&path, bytes).map_err(unwritable(&path))?;
        }
        let path = hidden.join(BUNDLE_FILE);
        write_durably(&path, &files.bundle).map_err(unwritable(&path))?;
        sync_folder(&hidden).map_err(unwritable(&hidden))?;
        fs::rename(&hidden, &shown).map_err(unwritable(&shown))?;
        sync_folder(&self.kept).map_err(unwritable(&self.kept))?;
        Ok(shown)
    }

    fn remember_versions(&self, anchors: &Roots, seen: Versions) -> Result<(), TrustStoreFault> {
        let (path, new) = (self.kept.join(HIGHEST_FILE), self.kept.join(format!("{HIGHEST_FILE}.new")));
        let write = || -> io::Result<()> {
            let json = serde_json::to_vec_pretty(&Highest { anchor: anchors.anchor(), seen })?;
            write_durably(&new, &json)?;
            fs::rename(&new, &path)?;
            sync_folder(&self.kept)
        };
        write().map_err(|source| TrustStoreFault::Unwritable { path: path.clone(), source })
    }

    /// Older lists, and what power cuts left, take room and serve nothing. What cannot be removed now is removed next time.
    fn remove_all_but(&self, folder: &Path) {
        let names = names_in(&self.kept).unwrap_or_default();
        let ours = names.iter().filter(|name| name.starts_with(LIST_PREFIX) || name.starts_with(INCOMING_PREFIX));
        for old in ours.map(|name| self.kept.join(name)).filter(|old| old != folder) {
            let _ = fs::remove_dir_all(old);
        }
    }
}

/// Root files of a folder, by version.
#[derive(Clone)]
struct Roots {
    files: Vec<(u64, Vec<u8>)>,
}

impl Roots {
    fn read(folder: &Path) -> Result<Self, TrustStoreFault> {
        let mut versions: Vec<u64> = names_in(folder)?
            .iter()
            .filter_map(|name| name.strip_suffix(ROOT_ENDING)?.parse().ok())
            // "01.root.json" and "1.root.json" would be one version twice.
            .filter(|version| folder.join(format!("{version}{ROOT_ENDING}")).exists())
            .collect();
        versions.sort_unstable();
        versions.dedup();
        if versions.len() > ROOTS_MAX {
            return Err(TrustStoreFault::TooLarge {
                path: folder.into(),
                what: Counted::Roots,
                most: ROOTS_MAX as u64,
            });
        }
        let read = |version: u64| {
            let bytes = read_capped(&folder.join(format!("{version}{ROOT_ENDING}")), ROOT_BYTES_MAX)?;
            Ok((version, bytes))
        };
        Ok(Self { files: versions.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Names the authority: the SHA-256 of what its first root says, however many have signed it.
    fn anchor(&self) -> String {
        let payload = self.files.first().map(|(_, file)| payload_of(file)).unwrap_or_default();
        hexadecimal(&Sha256::digest(&payload))
    }

    fn bytes(&self) -> Vec<&[u8]> {
        self.files.iter().map(|(_, bytes)| bytes.as_slice()).collect()
    }
}

/// What a list was verified from.
struct ListFiles {
    roots: Roots,
    bundle: Vec<u8>,
}

/// Reads and verifies a folder, whose roots must go on from those that the kiosk knows.
fn verified(folder: &Path, known: &Roots) -> Result<(TrustList, ListFiles), TrustStoreFault> {
    let roots = follow(known, Roots::read(folder)?, folder)?;
    let bundle = read_bundle(folder)?;
    let list = TrustList::load(&roots.bytes(), &bundle)
        .map_err(|fault| TrustStoreFault::Refused { path: folder.into(), fault })?;
    Ok((list, ListFiles { roots, bundle }))
}

/// The known roots and those that come after them. Where both have a version, they must say the same: anybody can sign a
/// whole chain of their own.
fn follow(known: &Roots, found: Roots, folder: &Path) -> Result<Roots, TrustStoreFault> {
    let mut all = known.clone();
    let last = known.files.last().map_or(0, |(version, _)| *version);
    for (version, file) in found.files {
        match known.files.iter().find(|(known, _)| *known == version) {
            Some((_, known)) if payload_of(known) != payload_of(&file) => {
                return Err(TrustStoreFault::AnotherAuthority { path: folder.into(), version });
            }
            Some(_) => {}
            None if version > last => all.files.push((version, file)),
            None => {} // From before the anchor: nothing follows from it.
        }
    }
    Ok(all)
}

/// What a signed file says; its own bytes where it is none, so that it equals only itself.
fn payload_of(file: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<SignedFile>(file)
        .ok()
        .and_then(|signed| signed.payload_unverified())
        .unwrap_or_else(|| file.to_vec())
}

fn read_bundle(folder: &Path) -> Result<Vec<u8>, TrustStoreFault> {
    read_capped(&folder.join(BUNDLE_FILE), BUNDLE_BYTES_MAX)
}

fn names_in(folder: &Path) -> Result<Vec<String>, TrustStoreFault> {
    let fault = |source: io::Error| named(folder, source);
    fs::read_dir(folder)
        .map_err(fault)?
        .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
        .collect::<Result<_, _>>()
        .map_err(fault)
}

/// Reads a plain file up to a size. A pipe on a stick must not stop the kiosk, hence no blocking open.
fn read_capped(path: &Path, most: u64) -> Result<Vec<u8>, TrustStoreFault> {
    let fault = |source: io::Error| named(path, source);
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(fault)?;
    if !file.metadata().map_err(fault)?.is_file() {
        return Err(fault(io::Error::other("it is not a file")));
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() as u64 > most {
        return Err(TrustStoreFault::TooLarge { path: path.into(), what: Counted::Bytes, most });
    }
    Ok(bytes)
}

fn named(path: &Path, source: io::Error) -> TrustStoreFault {
    match source.kind() {
        io::ErrorKind::NotFound => TrustStoreFault::Missing { path: path.into() },
        _ => TrustStoreFault::Unreadable { path: path.into(), source },
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use base64::prelude::{BASE64_STANDARD, Engine};
    use checkpoint::dsse::key_id;
    use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, ROOT_TYPE, Role, Root};
    use ed25519_dalek::SigningKey;
    use tempfile::TempDir;

    use super::*;

    /// Root keys 1 to 5 of an authority; another authority has another number.
    fn key(authority: u8, number: u8) -> SigningKey {
        SigningKey::from_bytes(&[authority * 16 + number; 32])
    }

    fn role(authority: u8, numbers: &[u8], threshold: usize) -> Role {
        let id = |number: &u8| key_id(&key(authority, *number).verifying_key());
        Role { threshold, keyids: numbers.iter().map(id).collect() }
    }

    fn signed(payload_type: &str, payload: &impl Serialize, authority: u8, signers: &[u8]) -> Vec<u8> {
        let mut file = SignedFile::unsigned(payload_type, &serde_json::to_vec(payload).unwrap());
        for number in signers {
            file.sign(&key(authority, *number));
        }
        serde_json::to_vec(&file).unwrap()
    }

    fn root(authority: u8, version: u64) -> Vec<u8> {
        let keys = (1..=8)
            .map(|number| key(authority, number).verifying_key())
            .map(|key| (key_id(&key), BASE64_STANDARD.encode(key.as_bytes())))
            .collect();
        let root = Root {
            version,
            authority: format!("authority {authority}"),
            demo: true,
            keys,
            root: role(authority, &[1, 2, 3, 4, 5], 3),
            bundle: role(authority, &[6, 7, 8], 2),
            distrust: role(authority, &[1], 1),
            distrust_reset: Vec::new(),
            revocation_reset: 0,
        };
        signed(ROOT_TYPE, &root, authority, &[1, 2, 3])
    }

    fn bundle(authority: u8, version: u64, signers: &[u8]) -> Vec<u8> {
        let bundle = Bundle {
            version,
            signed_at: "2026-03-01T00:00:00Z".parse().unwrap(),
            soft_days: 7,
            hard_days: 30,
            keys: Vec::new(),
            tracing_keys: BTreeMap::new(),
            devices: BTreeMap::new(),
            revoked: Vec::new(),
            revocation: None,
        };
        signed(BUNDLE_TYPE, &bundle, authority, signers)
    }

    fn write_list(folder: &Path, roots: &[Vec<u8>], bundle: &[u8]) {
        fs::create_dir_all(folder).unwrap();
        for (place, root) in roots.iter().enumerate() {
            fs::write(folder.join(format!("{}.root.json", place + 1)), root).unwrap();
        }
        fs::write(folder.join("bundle.json"), bundle).unwrap();
    }

    /// A kiosk whose shipped list is version 1, and a stick.
    struct Bench {
        dir: TempDir,
        store: TrustStore,
    }

    impl Bench {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            write_list(&dir.path().join("shipped"), &[root(1, 1)], &bundle(1, 1, &[6, 7]));
            let store = TrustStore::new(dir.path().join("shipped"), dir.path().join("kept"));
            Self { dir, store }
        }

        fn stick(&self) -> PathBuf {
            self.dir.path().join("stick")
        }

        /// Puts a list on the stick and offers it.
        fn offer(&self, roots: &[Vec<u8>], bundle: &[u8]) -> Result<Installed, TrustStoreFault> {
            let _ = fs::remove_dir_all(self.stick());
            write_list(&self.stick(), roots, bundle);
            self.store.install(&self.stick())
        }

        fn version(&self) -> u64 {
            self.store.load().map(|in_force| in_force.list.version()).unwrap_or_default()
        }

        fn installed(&self) -> PathBuf {
            self.store.kept_folders().unwrap().pop().expect("a list was installed")
        }
    }

    #[test]
    fn the_shipped_list_is_in_force_until_a_newer_one_comes() {
        let bench = Bench::new();
        assert_eq!(bench.version(), 1);
        assert!(matches!(bench.offer(&[root(1, 1)], &bundle(1, 2, &[6, 8])), Ok(Installed::Newer(_))));
        assert_eq!(bench.version(), 2);
        assert!(matches!(bench.store.install(&bench.stick()), Ok(Installed::Already)));
        assert!(matches!(bench.offer(&[root(1, 1), root(1, 2)], &bundle(1, 3, &[7, 8])), Ok(Installed::Newer(_))));
        assert_eq!(bench.version(), 3);
        assert_eq!(bench.store.kept_folders().unwrap().len(), 1, "older lists are removed");
    }

    #[test]
    fn a_stick_with_later_roots_alone_is_enough() {
        let bench = Bench::new();
        write_list(&bench.stick(), &[], &bundle(1, 2, &[6, 7]));
        fs::write(bench.stick().join("2.root.json"), root(1, 2)).unwrap();
        assert!(matches!(bench.store.install(&bench.stick()), Ok(Installed::Newer(_))));
        assert_eq!(bench.version(), 2);
    }

    #[test]
    fn bad_lists_are_refused_and_the_old_one_stays() {
        let bench = Bench::new();
        bench.offer(&[root(1, 1)], &bundle(1, 5, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
        let good = bundle(1, 6, &[6, 7]);
        let truncated = &good[..good.len() / 2];
        let mut tampered: SignedFile = serde_json::from_slice(&good).unwrap();
        tampered.payload = BASE64_STANDARD.encode(
            String::from_utf8(tampered.payload_unverified().unwrap())
                .unwrap()
                .replace("\"hard_days\":30", "\"hard_days\":99"),
        );
        let tampered = serde_json::to_vec(&tampered).unwrap();
        // What it is, root files, bundle file, and the fault's own words.
        type Case<'a> = (&'a str, Vec<Vec<u8>>, &'a [u8], &'a str);
        let cases: [Case; 8] = [
            ("one signature", vec![root(1, 1)], &bundle(1, 6, &[6]), "not signed by 2 keys"),
            ("root keys sign a bundle", vec![root(1, 1)], &bundle(1, 6, &[1, 2]), "not signed by 2 keys"),
            ("tampered", vec![root(1, 1)], &tampered, "not signed by 2 keys"),
            ("truncated", vec![root(1, 1)], truncated, "not a signed file"),
            ("another authority", vec![root(2, 1)], &bundle(2, 6, &[6, 7]), "another authority"),
            ("another's next root", vec![root(1, 1), root(2, 2)], &bundle(2, 6, &[6, 7]), "root 2 is not signed"),
            ("older", vec![root(1, 1)], &bundle(1, 4, &[6, 7]), "older than one already seen"),
            ("huge", vec![root(1, 1)], &vec![b' '; BUNDLE_BYTES_MAX as usize + 1], "too large"),
        ];
        for (name, roots, bundle, complaint) in cases {
            match bench.offer(&roots, bundle) {
                Err(fault) => {
                    assert!(fault.to_string().contains(complaint), "{name}: {fault}");
                    assert_eq!(fault.on_screen(), Fault::TrustRejected, "{name}");
                }
                Ok(_) => panic!("{name} was accepted"),
            }
            assert_eq!(bench.version(), 5, "{name}: the old list stays");
        }
    }

    #[test]
    fn two_lists_of_one_version_cannot_both_be_believed() {
        let bench = Bench::new();
        bench.offer(&[root(1, 1)], &bundle(1, 5, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(
            matches!(bench.offer(&[root(1, 1)], &bundle(1, 5, &[7, 8])), Ok(Installed::Already)),
            "signers may differ"
        );
        let mut other: SignedFile = serde_json::from_slice(&bundle(1, 5, &[])).unwrap();
        let said = String::from_utf8(other.payload_unverified().unwrap()).unwrap();
        other.payload = BASE64_STANDARD.encode(said.replace("\"hard_days\":30", "\"hard_days\":60"));
        other.sign(&key(1, 6));
        other.sign(&key(1, 7));
        let offered = bench.offer(&[root(1, 1)], &serde_json::to_vec(&other).unwrap());
        assert!(matches!(offered, Err(TrustStoreFault::RolledBack { .. })));
    }

    #[test]
    fn an_older_list_put_back_on_the_disk_is_refused() {
        let bench = Bench::new();
        bench.offer(&[root(1, 1)], &bundle(1, 7, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
        fs::remove_dir_all(bench.installed()).unwrap();
        assert!(matches!(bench.store.load(), Err(TrustStoreFault::RolledBack { .. })), "the shipped list is older");
        write_list(&bench.store.kept.join("list-x"), &[root(1, 1)], &bundle(1, 6, &[6, 7]));
        assert!(matches!(bench.store.load(), Err(TrustStoreFault::RolledBack { .. })));
        assert!(
            matches!(bench.offer(&[root(1, 1)], &bundle(1, 8, &[6, 7])), Ok(Installed::Newer(_))),
            "a newer one heals"
        );
        assert_eq!(bench.version(), 8);
    }

    #[test]
    fn the_same_list_from_the_stick_heals_a_damaged_one() {
        let bench = Bench::new();
        let good = bundle(1, 7, &[6, 7]);
        bench.offer(&[root(1, 1)], &good).unwrap_or_else(|fault| panic!("{fault}"));
        fs::write(bench.installed().join("bundle.json"), &good[..100]).unwrap();
        assert_eq!(bench.version(), 0, "nothing is believed that is older than what was seen");
        assert!(matches!(bench.offer(&[root(1, 1)], &good), Ok(Installed::Newer(_))));
        assert_eq!(bench.version(), 7);
    }

    #[test]
    fn what_a_power_cut_leaves_behind_is_not_believed() {
        let bench = Bench::new();
        write_list(&bench.store.kept.join("incoming-0000000009"), &[root(1, 1)], &bundle(1, 9, &[6, 7]));
        assert_eq!(bench.version(), 1);
        assert!(bench.offer(&[root(1, 1)], &bundle(1, 2, &[6, 7])).is_ok());
        assert!(!bench.store.kept.join("incoming-0000000009").exists(), "it is cleared away");
    }

    #[test]
    fn a_list_that_was_seen_is_remembered() {
        let bench = Bench::new();
        let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
        bench.store.remember(&in_force.list).unwrap_or_else(|fault| panic!("{fault}"));
        write_list(&bench.store.shipped, &[root(1, 1)], &bundle(1, 0, &[6, 7]));
        assert_eq!(bench.version(), 0);
    }

    #[test]
    fn a_damaged_memory_is_said_and_mended() {
        let bench = Bench::new();
        bench.offer(&[root(1, 1)], &bundle(1, 7, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
        let highest = bench.store.kept.join("highest.json");
        fs::write(&highest, b"{\"anchor\":").unwrap();
        let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(in_force.list.version(), 7, "a torn file stops nobody");
        assert!(matches!(in_force.refused[..], [TrustStoreFault::Unreadable { .. }]), "and it is said");
        assert!(matches!(bench.offer(&[root(1, 1)], &bundle(1, 8, &[6, 7])), Ok(Installed::Newer(_))));
        assert!(bench.store.load().is_ok_and(|in_force| in_force.refused.is_empty()));
    }

    #[test]
    fn another_anchor_starts_anew() {
        let bench = Bench::new();
        bench.offer(&[root(1, 1)], &bundle(1, 7, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
        write_list(&bench.store.shipped, &[root(2, 1)], &bundle(2, 1, &[6, 7]));
        let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!((in_force.list.version(), in_force.list.authority()), (1, "authority 2"));
        assert!(matches!(in_force.refused[..], [TrustStoreFault::AnotherAuthority { .. }]), "and it is said");
    }

    #[test]
    fn a_missing_list_is_called_missing() {
        let dir = tempfile::tempdir().unwrap();
        let store = TrustStore::new(dir.path().join("nothing"), dir.path().join("kept"));
        let Err(fault) = store.load() else { panic!("nothing was believed") };
        assert_eq!(fault.on_screen(), Fault::TrustMissing, "{fault}");
        let bench = Bench::new();
        fs::remove_file(bench.store.shipped.join("bundle.json")).unwrap();
        let Err(fault) = bench.store.load() else { panic!("nothing was believed") };
        assert_eq!(fault.on_screen(), Fault::TrustMissing, "{fault}");
    }

    #[test]
    fn a_pipe_on_the_stick_does_not_stop_the_kiosk() {
        let bench = Bench::new();
        fs::create_dir_all(bench.stick()).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let pipe = bench.stick().join("bundle.json");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(matches!(bench.store.install(&bench.stick()), Err(TrustStoreFault::Unreadable { .. })));
        assert_eq!(bench.version(), 1);
    }

    #[test]
    fn twenty_rotations_of_the_root_are_followed() {
        let bench = Bench::new();
        let roots: Vec<_> = (1..=20).map(|version| root(1, version)).collect();
        assert!(matches!(bench.offer(&roots, &bundle(1, 2, &[6, 7])), Ok(Installed::Newer(_))));
        let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(in_force.list.root_version(), 20);
        assert!(bench.offer(&roots[..1], &bundle(1, 3, &[6, 7])).is_ok(), "known roots are not asked for again");
        let behind = Bench::new();
        assert!(behind.offer(&[root(1, 1)], &bundle(1, 2, &[6, 7])).is_ok());
        fs::remove_dir_all(behind.stick()).unwrap();
        write_list(&behind.stick(), &[root(1, 1)], &bundle(1, 3, &[6, 7]));
        fs::write(behind.stick().join("3.root.json"), root(1, 3)).unwrap();
        assert!(matches!(behind.store.install(&behind.stick()), Err(TrustStoreFault::Refused { .. })), "a gap");
    }
}
