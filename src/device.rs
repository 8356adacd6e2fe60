//! The device's own key: it signs what leaves the kiosk, and its short id stands in every record.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::passage::record::device_id;
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// Name of the key's file in the kiosk's storage.
pub const KEY_FILE: &str = "device.key";

/// What the file begins with; the key's 32 secret bytes in base64 and a line end follow.
const KEY_PREFIX: &str = "checkpoint-device-key-1 ";

/// Length of the file, in bytes: prefix, 44 characters, line end.
const KEY_FILE_BYTES: usize = KEY_PREFIX.len() + 44 + 1;

/// The device, with its secret. `{:?}` shows its id only.
pub struct Device {
    key: SigningKey,
    id: String,
    name: Option<String>,
}

/// Why there is no device key to use.
#[derive(Debug, thiserror::Error)]
pub enum DeviceFault {
    /// Others could have read it.
    #[error("{path} can be read or changed by others (mode {mode:03o}); if nobody did, run: chmod 600 {path}", path = path.display())]
    Exposed {
        /// The key's file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another user owns it.
    #[error("{path} belongs to user {owner}, and the kiosk runs as user {ours}; run: chown {ours} {path}", path = path.display())]
    Foreign {
        /// The key's file.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who we are.
        ours: u32,
    },
    /// It is no key.
    #[error("{path} is not a device key; bring it back from its copy, or move it away: the kiosk then makes a new one, which the authority must enrol", path = path.display())]
    Damaged {
        /// The key's file.
        path: PathBuf,
    },
    /// The disk failed.
    #[error("cannot {doing} the device key {path}: {source}", path = path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// The key's file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Device {
    /// The device whose key is in a directory, which must exist; the key is made if there is none. `name` is what people
    /// call the device.
    ///
    /// # Errors
    /// Every `DeviceFault`. An existing file is never changed.
    pub fn load_or_make(dir: &Path, name: Option<String>) -> Result<Self, DeviceFault> {
        let path = dir.join(KEY_FILE);
        match Self::load(dir, name.clone()) {
            Err(DeviceFault::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                make(dir, &path)?;
                Self::load(dir, name)
            }
            loaded => loaded,
        }
    }

    /// The device whose key is in a directory.
    ///
    /// # Errors
    /// Every `DeviceFault`; `Disk` with `NotFound` where none was made yet.
    pub fn load(dir: &Path, name: Option<String>) -> Result<Self, DeviceFault> {
        let path = dir.join(KEY_FILE);
        let key = read(&path)?;
        Ok(Self { id: device_id(&key.verifying_key()), key, name })
    }

    /// Short id: the first 16 hexadecimal digits of the key's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What people call it; its id where it has no name.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// The secret key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The public key, for the authority's list of devices.
    pub fn public_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<SigningKey, DeviceFault> {
    let disk = |source| DeviceFault::Disk { doing: "read", path: path.to_owned(), source };
    let damaged = || DeviceFault::Damaged { path: path.to_owned() };
    let mut file = File::open(path).map_err(disk)?;
    // Of the file that is open, so that nobody can put another one in its place after the question.
    let about = file.metadata().map_err(disk)?;
    let (mode, owner, ours) = (about.mode() & 0o777, about.uid(), rustix::process::geteuid().as_raw());
    if mode & 0o077 != 0 {
        return Err(DeviceFault::Exposed { path: path.to_owned(), mode });
    }
    if owner != ours && ours != 0 {
        return Err(DeviceFault::Foreign { path: path.to_owned(), owner, ours });
    }
    if about.len() != KEY_FILE_BYTES as u64 {
        return Err(damaged());
    }
    let mut text = Zeroizing::new([0; KEY_FILE_BYTES]);
    file.read_exact(&mut *text).map_err(disk)?;
    let text =
        text.strip_prefix(KEY_PREFIX.as_bytes()).and_then(|text| text.strip_suffix(b"\n")).ok_or_else(damaged)?;
    let secret = Zeroizing::new(BASE64_STANDARD.decode(text).map_err(|_| damaged())?);
    SigningKey::try_from(secret.as_slice()).map_err(|_| damaged())
}

/// Makes a key. It gets its name only when it is whole and durable, and never the name of one that is there.
fn make(dir: &Path, path: &Path) -> Result<(), DeviceFault> {
    let disk = |source| DeviceFault::Disk { doing: "make", path: path.to_owned(), source };
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).map_err(|error| disk(io::Error::other(error)))?;
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(*secret));
    let text = Zeroizing::new(format!("{KEY_PREFIX}{}\n", *encoded));
    let unfinished = dir.join(format!("{KEY_FILE}.{}.new", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(&unfinished, path) {
            // Another process was quicker: its key is the key.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // FAT has no links; there, nobody else can be as quick as to matter.
            Err(error) if error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(1) => {
                fs::rename(&unfinished, path)
            }
            linked => linked,
        }?;
        let _ = fs::remove_file(&unfinished);
        File::open(dir)?.sync_all()
    };
    write().map_err(|source| {
        let _ = fs::remove_file(&unfinished);
        disk(source)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = Device::load_or_make(dir.path(), Some("Gate 1".into())).unwrap();
        let again = Device::load_or_make(dir.path(), None).unwrap();
        assert_eq!(first.public_key(), again.public_key());
        assert_eq!(first.id().len(), 16);
        assert_eq!((first.name(), again.name()), ("Gate 1", again.id()));
        let mode = fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing unfinished stays behind");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        Device::load_or_make(dir.path(), None).unwrap();
        let path = dir.path().join(KEY_FILE);
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let fault = Device::load_or_make(dir.path(), None).err().unwrap();
            assert!(matches!(fault, DeviceFault::Exposed { .. }), "{mode:o}");
            assert!(fault.to_string().contains("chmod 600"), "{fault}");
        }
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        Device::load_or_make(dir.path(), None).unwrap();
        let path = dir.path().join(KEY_FILE);
        let good = fs::read(&path).unwrap();
        for bad in
            [&b""[..], b"x", &good[..good.len() - 1], &[good.as_slice(), b"\n"].concat(), &vec![b'!'; good.len()]]
        {
            fs::write(&path, bad).unwrap();
            assert!(matches!(Device::load_or_make(dir.path(), None).err(), Some(DeviceFault::Damaged { .. })));
            assert_eq!(fs::read(&path).unwrap(), bad);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let device = Device::load_or_make(dir.path(), None).unwrap();
        let secret = BASE64_STANDARD.encode(device.key().to_bytes());
        assert!(!format!("{device:?}").contains(&secret));
    }
}
