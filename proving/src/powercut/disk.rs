//! What a disk holds: what is durable, what only waits for a sync, and what a cut of the power makes of it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kiosk::journal::disk::{Access, BlockFile, Disk};

use super::Seeded;

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

const CHUNK: usize = 4096;

/// A file's bytes. Pieces of zeros take no room, and a copy shares the others.
#[derive(Clone, Default)]
pub struct Content {
    bytes: u64,
    chunks: Vec<Option<Arc<[u8; CHUNK]>>>,
}

impl Content {
    /// Its length.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Fills the buffer from an offset; the file is long enough.
    pub fn read(&self, buffer: &mut [u8], offset: u64) {
        let mut done = 0;
        while done < buffer.len() {
            let at = offset as usize + done;
            let (chunk, inside) = (at / CHUNK, at % CHUNK);
            let part = (CHUNK - inside).min(buffer.len() - done);
            let into = &mut buffer[done..done + part];
            match self.chunks.get(chunk).and_then(Option::as_ref) {
                Some(bytes) => into.copy_from_slice(&bytes[inside..inside + part]),
                None => into.fill(0),
            }
            done += part;
        }
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.resize(self.bytes.max(offset + bytes.len() as u64));
        let mut done = 0;
        while done < bytes.len() {
            let at = offset as usize + done;
            let (chunk, inside) = (at / CHUNK, at % CHUNK);
            let part = (CHUNK - inside).min(bytes.len() - done);
            let from = &bytes[done..done + part];
            let into = &mut self.chunks[chunk];
            if into.is_some() || from.iter().any(|byte| *byte != 0) {
                Arc::make_mut(into.get_or_insert_with(|| Arc::new([0; CHUNK])))[inside..inside + part]
                    .copy_from_slice(from);
            }
            done += part;
        }
    }

    fn resize(&mut self, bytes: u64) {
        if bytes < self.bytes {
            // What is cut off reads as zeros should the file grow again.
            let inside = bytes as usize % CHUNK;
            if let Some(Some(chunk)) = self.chunks.get_mut(bytes as usize / CHUNK) {
                Arc::make_mut(chunk)[inside..].fill(0);
            }
        }
        self.bytes = bytes;
        self.chunks.resize(bytes.div_ceil(CHUNK as u64) as usize, None);
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Write(offset, bytes) => self.write(*offset, bytes),
            Change::Resize(bytes) => self.resize(*bytes),
        }
    }
}

/// What waits for a sync.
#[derive(Clone)]
enum Change {
    Write(u64, Arc<[u8]>),
    Resize(u64),
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
pub fn dir_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// What a cut does to writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// None of them reached the disk.
    Nothing,
    /// All of them did.
    Everything,
    /// The first few did.
    Prefix,
    /// Some did, some did not.
    Dropped,
    /// Some pieces of this many bytes did.
    Torn(usize),
    /// As torn, and some pieces hold garbage.
    TornWithGarbage(usize),
    /// Of some, every unit of this many bytes that they touch is destroyed whole, also where part of it was durable.
    Destroyed(usize),
}

impl Cut {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Nothing,
        Self::Everything,
        Self::Prefix,
        Self::Dropped,
        Self::Torn(4096),
        Self::Torn(512),
        Self::TornWithGarbage(4096),
        Self::TornWithGarbage(512),
        Self::Destroyed(4096),
        Self::Destroyed(16384),
    ];
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
    /// A number for a file that is about to be made.
    pub fn next_file(&mut self) -> FileId {
        self.made += 1;
        self.made
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
                        file.durable.apply(&change);
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
            Op::Acknowledged(_) => {}
        }
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.names);
        self.waiting_names.push(naming);
    }

    fn change(&mut self, file: FileId, change: Change) {
        if let Some(file) = self.files.get_mut(&file) {
            file.cached.apply(&change);
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
                    Cut::Prefix if number < first => bytes.apply(change),
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

/// What becomes of one change that was not synced.
fn survives(bytes: &mut Content, change: &Change, cut: Cut, seeded: &mut Seeded) {
    let Change::Write(offset, written) = change else {
        if cut == Cut::Everything || (cut != Cut::Nothing && seeded.below(2) == 0) {
            bytes.apply(change);
        }
        return;
    };
    let (piece, kinds) = match cut {
        Cut::Nothing => return,
        Cut::Everything => return bytes.apply(change),
        Cut::Prefix | Cut::Dropped => (usize::MAX, 2),
        Cut::Torn(piece) => (piece, 2),
        Cut::TornWithGarbage(piece) => (piece, 3),
        Cut::Destroyed(unit) => {
            match seeded.below(4) {
                0 => {}
                1 => bytes.apply(change),
                _ => {
                    let unit = unit as u64;
                    let first = offset / unit * unit;
                    // Nothing is destroyed behind the end of the file.
                    let end = (offset + written.len() as u64).div_ceil(unit) * unit;
                    let end = end.min(bytes.len().max(offset + written.len() as u64));
                    let mut garbage = vec![0; (end - first) as usize];
                    seeded.fill(&mut garbage);
                    bytes.write(first, &garbage);
                }
            }
            return;
        }
    };
    let mut done = 0;
    while done < written.len() {
        // Pieces are those of the disk, wherever the write began.
        let at = *offset as usize + done;
        let part = if piece == usize::MAX { written.len() } else { (piece - at % piece).min(written.len() - done) };
        let old = &written[done..done + part];
        match seeded.below(kinds) {
            0 => {}
            1 => bytes.write(at as u64, old),
            _ => {
                let mut garbage = vec![0; part];
                seeded.fill(&mut garbage);
                bytes.write(at as u64, &garbage);
            }
        }
        done += part;
    }
}

/// A directory of a model as the journal's disk. It may keep every step.
#[derive(Clone)]
pub struct MemoryDisk {
    inner: Arc<Mutex<Inner>>,
    dir: String,
}

struct Inner {
    model: Model,
    steps: Vec<Op>,
}

struct MemoryFile(MemoryDisk, FileId);

impl MemoryDisk {
    /// The directory `dir` of a disk.
    pub fn new(model: Model, dir: &str) -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { model, steps: Vec::new() })), dir: dir.to_owned() }
    }

    /// Every step since it was made.
    pub fn steps(&self) -> Vec<Op> {
        std::mem::take(&mut self.lock().steps)
    }

    /// Makes its directory where the power took it, as the kiosk does when it opens the journal.
    pub fn make_dir(&self) {
        if self.lock().model.node(&self.dir).is_none() {
            self.step(Op::MakeDir { path: self.dir.clone() });
        }
        self.step(Op::SyncNames { dir: dir_of(&self.dir).to_owned() });
    }

    /// Notes an acknowledgement between the steps.
    pub fn acknowledged(&self, acknowledged: Acknowledged) {
        self.lock().steps.push(Op::Acknowledged(acknowledged));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, op: Op) {
        let mut inner = self.lock();
        inner.model.apply(&op);
        inner.steps.push(op);
    }

    fn path(&self, name: &str) -> String {
        if self.dir.is_empty() { name.to_owned() } else { format!("{}/{name}", self.dir) }
    }
}

impl Disk for MemoryDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        let inner = self.lock();
        Ok(inner.model.paths_in(&self.dir).filter_map(|(path, _)| path.rsplit('/').next().map(str::to_owned)).collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn BlockFile>> {
        let file = self.lock().model.next_file();
        self.step(Op::Create { path: self.path(name), file });
        Ok(Box::new(MemoryFile(self.clone(), file)))
    }

    fn open(&self, name: &str, _: Access) -> io::Result<Box<dyn BlockFile>> {
        match self.lock().model.node(&self.path(name)) {
            Some(Node::File(file)) => Ok(Box::new(MemoryFile(self.clone(), file))),
            Some(Node::Dir) | None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(Op::Rename { from: self.path(from), to: self.path(to) });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step(Op::Remove { path: self.path(name) });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.step(Op::SyncNames { dir: self.dir.clone() });
        Ok(())
    }
}

impl BlockFile for MemoryFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.0.lock().model.content(self.1).map_or(0, Content::len))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let inner = self.0.lock();
        let content = inner.model.content(self.1).ok_or(io::ErrorKind::NotFound)?;
        if offset + buffer.len() as u64 > content.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        content.read(buffer, offset);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.step(Op::Write { file: self.1, offset, bytes: bytes.into() });
        Ok(())
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.0.step(Op::Resize { file: self.1, bytes });
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.step(Op::Sync { file: self.1 });
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}
