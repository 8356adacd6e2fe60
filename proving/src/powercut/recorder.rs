//! A file system in user space that keeps every step, and can let steps fail.
//!
//! Who works on it is another process: one that waits for its own memory's pages to be written, as SQLite's do, would wait for
//! itself. It tells its acknowledgements by writing them into a file that only seems to be there.

mod served;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fuser::{BackgroundSession, Config, Errno, INodeNo};
use served::Served;
use simdisk::{Failing, FileId, Model, Node, Op};

use crate::Untried;

/// The file in the root directory into which acknowledgements are written, each as its number (64 bits, little-endian) and its
/// hash. It is not part of the disk.
pub const ACKNOWLEDGED_FILE: &str = "acknowledged";

/// The same for what the mirror says that it holds.
pub const MIRRORED_FILE: &str = "mirrored";

/// Number of the root directory (`FUSE_ROOT_ID`).
const ROOT: u64 = 1;

#[derive(Default)]
struct State {
    model: Model,
    ops: Vec<Op>,
    modes: BTreeMap<FileId, u32>,
    dirs: BTreeMap<u64, String>,
    /// Directories that are being listed.
    listings: BTreeMap<u64, Vec<(String, Node)>>,
    failing: Option<Failing>,
    steps: u64,
    failed: u64,
}

impl State {
    fn perform(&mut self, op: Op) {
        self.model.apply(&op);
        self.ops.push(op);
    }

    fn path(&self, dir: INodeNo, name: &OsStr) -> Result<String, Errno> {
        let dir = self.dirs.get(&dir.0).ok_or(Errno::ENOENT)?;
        let name = name.to_str().ok_or(Errno::EINVAL)?;
        Ok(if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") })
    }

    /// Counts one step; an error where the plan says so.
    fn step(&mut self) -> Result<(), Errno> {
        self.steps += 1;
        match self.failing.and_then(|failing| failing.at(self.steps)) {
            Some(errno) => {
                self.failed += 1;
                Err(Errno::from_i32(errno.raw_os_error()))
            }
            None => Ok(()),
        }
    }
}

/// The mounted file system. It is unmounted when it is dropped.
pub struct Recorder {
    state: Arc<Mutex<State>>,
    session: Option<BackgroundSession>,
    root: PathBuf,
}

impl Recorder {
    /// Mounts an empty one at a directory.
    ///
    /// # Errors
    /// There is no FUSE here, or we may not mount.
    pub fn mount(root: &Path) -> Result<Self, Untried> {
        Self::mount_model(root, Model::default())
    }

    /// Mounts one that holds something already, all of it durable.
    ///
    /// # Errors
    /// As `mount`.
    pub fn mount_model(root: &Path, model: Model) -> Result<Self, Untried> {
        let mut state = State { model, ..State::default() };
        // Numbers of directories and files are drawn from one row.
        state.dirs.insert(ROOT, String::new());
        if state.model.next_file() == ROOT {
            state.model.next_file();
        }
        let dirs: Vec<String> =
            state.model.paths_in("").filter(|(_, node)| *node == Node::Dir).map(|(path, _)| path.to_owned()).collect();
        for dir in dirs {
            let number = state.model.next_file();
            state.dirs.insert(number, dir);
        }
        let state = Arc::new(Mutex::new(state));
        let session = fuser::spawn_mount(Served(state.clone()), root, &Config::default()).map_err(|fault| {
            Untried(format!("cannot mount a file system in user space ({fault}); it needs /dev/fuse and root"))
        })?;
        Ok(Self { state, session: Some(session), root: root.to_owned() })
    }

    /// Where it is mounted.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Lets steps fail, counted from now: opening, making, writing, syncing, renaming, removing, resizing.
    pub fn fail(&self, failing: Option<Failing>) {
        let mut state = self.lock();
        (state.failing, state.steps, state.failed) = (failing, 0, 0);
    }

    /// Steps since `fail` was called, and how many of them failed.
    pub fn steps(&self) -> (u64, u64) {
        let state = self.lock();
        (state.steps, state.failed)
    }

    /// Everything that happened.
    pub fn ops(&self) -> Vec<Op> {
        self.lock().ops.clone()
    }

    /// The disk as it stands.
    pub fn model(&self) -> Model {
        self.lock().model.clone()
    }

    /// Lets every step wait until what is returned is dropped: a disk that hangs.
    pub fn hang(&self) -> Hung<'_> {
        Hung { _held: self.lock() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A disk that answers nobody.
pub struct Hung<'r> {
    _held: MutexGuard<'r, State>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            // What cannot be unmounted now goes with the process.
            let _ = session.umount_and_join();
        }
    }
}
