//! Files of trust on a disk: read with limits, written durably.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checkpoint::trust::files::RevocationFile;
use checkpoint::trust::revoked::{ReadAt, Unreadable};
use checkpoint::trust::update::{ROOT_BYTES_MAX, ROOTS_MAX, RootFile};
use sha2::{Digest, Sha256};

use super::{Counted, TrustStoreFault};

/// Ending of root files: `1.root.json`, `2.root.json`, ...
pub const ROOT_ENDING: &str = ".root.json";
/// Ending of revocation files, behind their SHA-256.
pub const REVOKED_ENDING: &str = ".revoked";
/// How the name of a file ends that is being written.
const UNFINISHED: &str = ".part";

/// One step that touches the disk, before it is made. Tests stop there, as a power cut does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A file is opened to be written.
    Create(&'a Path),
    /// The second half of a file is written.
    Write(&'a Path),
    /// A file is made durable.
    Sync(&'a Path),
    /// A file or folder gets its name.
    Rename(&'a Path, &'a Path),
    /// Names of a folder are made durable.
    SyncNames(&'a Path),
    /// Something old is removed.
    Remove(&'a Path),
}

/// Asked before every step; an error is taken for the step's own.
pub type BeforeStep<'a> = dyn FnMut(Step<'_>) -> io::Result<()> + 'a;

/// Reads the root files of a folder, in the order of their versions.
pub fn read_roots(folder: &Path) -> Result<Vec<RootFile>, TrustStoreFault> {
    let mut versions: Vec<u64> = names_in(folder)?
        .iter()
        .filter_map(|name| name.strip_suffix(ROOT_ENDING)?.parse().ok())
        // "01.root.json" and "1.root.json" would be one version twice.
        .filter(|version| folder.join(format!("{version}{ROOT_ENDING}")).exists())
        .collect();
    versions.sort_unstable();
    versions.dedup();
    if versions.len() > ROOTS_MAX {
        let most = ROOTS_MAX as u64;
        return Err(TrustStoreFault::TooLarge { path: folder.into(), what: Counted::Roots, most });
    }
    let read = |version: u64| {
        let bytes = read_capped(&folder.join(format!("{version}{ROOT_ENDING}")), ROOT_BYTES_MAX)?;
        Ok((version, bytes))
    };
    versions.into_iter().map(read).collect()
}

/// Names of a folder's files, sorted.
pub fn names_in(folder: &Path) -> Result<Vec<String>, TrustStoreFault> {
    let fault = |source: io::Error| named(folder, source);
    let mut names: Vec<String> = fs::read_dir(folder)
        .map_err(fault)?
        .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
        .collect::<Result<_, _>>()
        .map_err(fault)?;
    names.sort();
    Ok(names)
}

/// The same, and none where there is no folder.
pub fn names_if_any(folder: &Path) -> Result<Vec<String>, TrustStoreFault> {
    match names_in(folder) {
        Err(TrustStoreFault::Missing { .. }) => Ok(Vec::new()),
        names => names,
    }
}

/// Opens a plain file. A pipe on a stick must not stop the kiosk, hence no blocking open.
fn open_plain(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a file")) }
}

/// Reads a plain file up to a size.
pub fn read_capped(path: &Path, most: u64) -> Result<Vec<u8>, TrustStoreFault> {
    let fault = |source: io::Error| named(path, source);
    let mut bytes = Vec::new();
    open_plain(path).map_err(fault)?.take(most + 1).read_to_end(&mut bytes).map_err(fault)?;
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

/// A revocation file on a disk: a look-up reads one block of it.
struct OnDisk(File);

impl ReadAt for OnDisk {
    fn size(&self) -> Result<u64, Unreadable> {
        self.0.metadata().map(|about| about.len()).map_err(|_| Unreadable)
    }

    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), Unreadable> {
        self.0.read_exact_at(into, place).map_err(|_| Unreadable)
    }
}

/// Finds revocation files in these folders: the first of the right name and size.
pub fn revocation_in(folders: &[PathBuf]) -> impl FnMut(&RevocationFile) -> Option<Arc<dyn ReadAt>> {
    move |listed| {
        let path = folders
            .iter()
            .filter_map(|folder| path_of(folder, listed))
            .find(|path| fs::metadata(path).is_ok_and(|about| about.len() == listed.bytes))?;
        Some(Arc::new(OnDisk(open_plain(&path).ok()?)))
    }
}

/// Where a revocation file lies in a folder. `None` for a name that is no digest: it could lead anywhere.
pub fn path_of(folder: &Path, listed: &RevocationFile) -> Option<PathBuf> {
    let digest = &listed.sha256;
    let sound = digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    sound.then(|| folder.join(format!("{digest}{REVOKED_ENDING}")))
}

/// SHA-256 of a file, in lower-case hexadecimal.
pub fn digest_of(path: &Path) -> io::Result<String> {
    let (mut file, mut sha256, mut chunk) = (open_plain(path)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hexadecimal(&sha256.finalize())),
            count => sha256.update(&chunk[..count]),
        }
    }
}

/// Makes a folder for its owner alone.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Gives a file its name only when it is whole and durable; an older file of this name is replaced at that moment.
pub fn write_whole(path: &Path, mut bytes: impl Read, before: &mut BeforeStep<'_>) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let unfinished = path.with_added_extension(&UNFINISHED[1..]);
    before(Step::Create(&unfinished))?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match bytes.read(&mut chunk)? {
            0 => break,
            count => {
                let (first, second) = chunk[..count].split_at(count / 2);
                file.write_all(first)?;
                before(Step::Write(&unfinished))?;
                file.write_all(second)?;
            }
        }
    }
    before(Step::Sync(&unfinished))?;
    file.sync_all()?;
    drop(file);
    rename(&unfinished, path, before)?;
    sync_names(folder, before)
}

/// Gives something its name, not yet durably.
pub fn rename(from: &Path, to: &Path, before: &mut BeforeStep<'_>) -> io::Result<()> {
    before(Step::Rename(from, to))?;
    fs::rename(from, to)
}

/// Makes the names of a folder durable.
pub fn sync_names(folder: &Path, before: &mut BeforeStep<'_>) -> io::Result<()> {
    before(Step::SyncNames(folder))?;
    File::open(folder)?.sync_all()
}

/// Whether others than the owner, who is us or root, may change what is in a folder; its mode then.
pub fn exposed(folder: &Path) -> Option<u32> {
    let about = fs::metadata(folder).ok()?;
    let ours = rustix::process::geteuid().as_raw();
    let foreign = about.uid() != ours && about.uid() != 0;
    (about.mode() & 0o022 != 0 || foreign).then_some(about.mode() & 0o7777)
}

/// Lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
