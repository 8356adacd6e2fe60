use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::cut::{Change, survives};
use crate::{Content, Cut, Seeded};

/// A file, whatever its names are.
pub type FileId = u64;

/// One step that reached the disk, in the order in which it did.
#[derive(Clone, Debug)]
pub enum Op {
    /// A new, empty file.
    Create { path: String, file: FileId },
    /// A new directory.
    MakeDir { path: String },
    /// One more name.
    Link { file: FileId, path: String },
    /// Another name; a file that has it loses it.
    Rename { from: String, to: String },
    /// A name less.
    Remove { path: String },
    /// Bytes, not yet durable.
    Write { file: FileId, offset: u64, bytes: Arc<[u8]> },
    /// Another length, not yet durable.
    Resize { file: FileId, bytes: u64 },
    /// `fsync` or `fdatasync` of a file.
    Sync { file: FileId },
    /// A sync that failed: what waited may be durable or not, and no later sync will write it.
    SyncFailed { file: FileId },
    /// `fsync` of a directory.
    SyncNames { dir: String },
    /// The journal said that this is durable.
    Acknowledged(Acknowledged),
    /// The journal's mirror said that it holds this record, and all before it, durable.
    Mirrored(Acknowledged),
}

/// A record that was acknowledged: its number and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub sequence: u64,
    pub hash: [u8; 32],
}

impl Acknowledged {
    /// As it is told to the recorder.
    pub fn bytes(&self) -> [u8; 40] {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[8..].copy_from_slice(&self.hash);
        bytes
    }

    /// What the recorder was told.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sequence, hash) = bytes.split_first_chunk()?;
        Some(Self { sequence: u64::from_le_bytes(*sequence), hash: hash.try_into().ok()? })
    }
}

#[derive(Clone, Default)]
struct File {
    durable: Content,
    cached: Content,
    waiting: Vec<Change>,
    /// A sync failed on it.
    lost: Vec<Change>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A directory.
    Dir,
    /// A file.
    File(FileId),
}

#[derive(Clone)]
enum Naming {
    Add(String, Node),
    Rename(String, String),
    Remove(String),
}

impl Naming {
    fn dir(&self) -> &str {
        let (Self::Add(path, _) | Self::Rename(path, _) | Self::Remove(path)) = self;
        dir_of(path)
    }

    fn apply(&self, names: &mut BTreeMap<String, Node>) {
        match self {
            Self::Add(path, node) => drop(names.insert(path.clone(), *node)),
            Self::Rename(from, to) => {
                if let Some(node) = names.remove(from) {
                    names.insert(to.clone(), node);
                }
            }
            Self::Remove(path) => drop(names.remove(path)),
        }
    }
}

/// The directory of a path; "" is the root.
pub(crate) fn dir_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// A disk: files, names, and which of both are durable.
#[derive(Clone, Default)]
pub struct Model {
    files: BTreeMap<FileId, File>,
    names: BTreeMap<String, Node>,
    durable_names: BTreeMap<String, Node>,
    waiting_names: Vec<Naming>,
    made: FileId,
}

impl Model {
    /// A disk with a directory in its root.
    pub fn with_dir(dir: &str) -> Self {
        let names = BTreeMap::from([(dir.to_owned(), Node::Dir)]);
        Self { durable_names: names.clone(), names, ..Self::default() }
    }

    /// This disk and another one, whose directories and files are others, side by side.
    #[must_use]
    pub fn beside(mut self, mut other: Self) -> Self {
        self.files.append(&mut other.files);
        self.names.append(&mut other.names);
        self.durable_names.append(&mut other.durable_names);
        self.waiting_names.append(&mut other.waiting_names);
        self.made = self.made.max(other.made);
        self
    }

    /// A number for a file that is about to be made.
    pub fn next_file(&mut self) -> FileId {
        self.made += 1;
        self.made
    }

    /// Every file that was made on it.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.files.keys().copied()
    }

    /// What a path leads to now.
    pub fn node(&self, path: &str) -> Option<Node> {
        self.names.get(path).copied()
    }

    /// Paths in a directory, now.
    pub fn paths_in<'m>(&'m self, dir: &'m str) -> impl Iterator<Item = (&'m str, Node)> {
        self.names.iter().filter(move |(path, _)| dir_of(path) == dir).map(|(path, node)| (path.as_str(), *node))
    }

    /// A file's bytes now.
    pub fn content(&self, file: FileId) -> Option<&Content> {
        self.files.get(&file).map(|file| &file.cached)
    }

    /// Makes one step.
    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Create { path, file } => {
                self.made = self.made.max(*file);
                self.files.insert(*file, File::default());
                self.name(Naming::Add(path.clone(), Node::File(*file)));
            }
            Op::MakeDir { path } => self.name(Naming::Add(path.clone(), Node::Dir)),
            Op::Link { file, path } => self.name(Naming::Add(path.clone(), Node::File(*file))),
            Op::Rename { from, to } => self.name(Naming::Rename(from.clone(), to.clone())),
            Op::Remove { path } => self.name(Naming::Remove(path.clone())),
            Op::Write { file, offset, bytes } => self.change(*file, Change::Write(*offset, bytes.clone())),
            Op::Resize { file, bytes } => self.change(*file, Change::Resize(*bytes)),
            Op::Sync { file } => {
                if let Some(file) = self.files.get_mut(file) {
                    for change in std::mem::take(&mut file.waiting) {
                        change.apply(&mut file.durable);
                    }
                }
            }
            Op::SyncFailed { file } => {
                if let Some(file) = self.files.get_mut(file) {
                    file.lost.append(&mut file.waiting);
                }
            }
            Op::SyncNames { dir } => {
                let (now, later): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut self.waiting_names).into_iter().partition(|naming| naming.dir() == dir);
                now.iter().for_each(|naming| naming.apply(&mut self.durable_names));
                self.waiting_names = later;
            }
            Op::Acknowledged(_) | Op::Mirrored(_) => {}
        }
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.names);
        self.waiting_names.push(naming);
    }

    fn change(&mut self, file: FileId, change: Change) {
        if let Some(file) = self.files.get_mut(&file) {
            change.apply(&mut file.cached);
            file.waiting.push(change);
        }
    }

    /// The disk after the power came back. Everything on it is durable.
    pub fn cut(&self, cut: Cut, seeded: &mut Seeded) -> Self {
        let mut names = self.durable_names.clone();
        let survive = match cut {
            Cut::Nothing => 0,
            Cut::Everything => self.waiting_names.len(),
            // File systems change names in order, or in a journal of their own.
            _ => seeded.below(self.waiting_names.len() as u64 + 1) as usize,
        };
        self.waiting_names[..survive].iter().for_each(|naming| naming.apply(&mut names));
        // What stands in a directory that did not survive is gone with it.
        let stands = |path: &str| dir_of(path).is_empty() || names.get(dir_of(path)) == Some(&Node::Dir);
        let names: BTreeMap<_, _> =
            names.iter().filter(|(path, _)| stands(path)).map(|(path, node)| (path.clone(), *node)).collect();
        let mut files = BTreeMap::new();
        for node in names.values() {
            let Node::File(id) = node else { continue };
            let Some(file) = self.files.get(id) else { continue };
            let mut bytes = file.durable.clone();
            for change in &file.lost {
                survives(&mut bytes, change, Cut::TornWithGarbage(512), seeded);
            }
            let first = seeded.below(file.waiting.len() as u64 + 1) as usize;
            for (number, change) in file.waiting.iter().enumerate() {
                match cut {
                    Cut::Prefix if number < first => change.apply(&mut bytes),
                    Cut::Prefix => {}
                    cut => survives(&mut bytes, change, cut, seeded),
                }
            }
            files.insert(*id, File { cached: bytes.clone(), durable: bytes, ..File::default() });
        }
        Self { files, durable_names: names.clone(), names, waiting_names: Vec::new(), made: self.made }
    }

    /// Writes everything into a real directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_to(&self, root: &Path) -> io::Result<()> {
        use std::io::Write;
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        for (path, node) in &self.names {
            match node {
                Node::Dir => std::fs::DirBuilder::new().recursive(true).mode(0o700).create(root.join(path))?,
                // SQLite's shared memory is no file: nothing of it outlives the power.
                Node::File(_) if path.ends_with("-shm") => {}
                Node::File(id) => {
                    let content = &self.files[id].cached;
                    let mut bytes = vec![0; content.len() as usize];
                    content.read(&mut bytes, 0);
                    let mut new = std::fs::OpenOptions::new();
                    new.write(true).create(true).truncate(true).mode(0o600).open(root.join(path))?.write_all(&bytes)?;
                }
            }
        }
        Ok(())
    }
}
