use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kiosk::journal::disk::{Access, BlockFile, Disk};
use rustix::io::Errno;

use crate::model::dir_of;
use crate::{Acknowledged, Content, FileId, Model, Node, Op, Seeded};

/// Which steps fail, counted from 1, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Failing {
    /// The first step that fails.
    pub first: u64,
    /// How many fail in a row.
    pub count: u64,
    /// With what.
    pub errno: Errno,
}

impl Failing {
    /// What the step of this number fails with, if it does.
    pub fn at(&self, step: u64) -> Option<Errno> {
        (self.first..self.first.saturating_add(self.count)).contains(&step).then_some(self.errno)
    }
}

/// What happens at each step: making, writing, syncing, renaming, removing.
#[derive(Clone, Debug)]
pub enum Steps {
    /// It works.
    Work,
    /// One step in so many fails, with any of three errors.
    Fail(Seeded, u64),
    /// These fail.
    FailAt(Failing),
    /// Syncs only pretend.
    Lie,
}

/// A directory of a model as the journal's disk. Every step is kept.
#[derive(Clone)]
pub struct MemoryDisk {
    inner: Arc<Mutex<Inner>>,
    dir: String,
}

struct Inner {
    model: Model,
    plan: Steps,
    /// Steps made so far, those that failed too.
    made: u64,
    steps: Vec<Op>,
}

struct MemoryFile(MemoryDisk, FileId);

impl MemoryDisk {
    /// The directory `dir` of a disk, "" for its root.
    pub fn new(model: Model, dir: &str) -> Self {
        let inner = Inner { model, plan: Steps::Work, made: 0, steps: Vec::new() };
        Self { inner: Arc::new(Mutex::new(inner)), dir: dir.to_owned() }
    }

    /// The disk as it stands.
    pub fn model(&self) -> Model {
        self.lock().model.clone()
    }

    /// Everything that happened since it was made, or since this was asked last.
    pub fn steps(&self) -> Vec<Op> {
        std::mem::take(&mut self.lock().steps)
    }

    /// What happens at each step from here on. Steps go on to be counted from when the disk was made.
    pub fn plan(&self, plan: Steps) {
        self.lock().plan = plan;
    }

    /// How many steps were made.
    pub fn made(&self) -> u64 {
        self.lock().made
    }

    /// Makes its directory where the power took it, as the kiosk does when it opens the journal.
    pub fn make_dir(&self) {
        let mut inner = self.lock();
        if inner.model.node(&self.dir).is_none() {
            inner.perform(Op::MakeDir { path: self.dir.clone() });
        }
        inner.perform(Op::SyncNames { dir: dir_of(&self.dir).to_owned() });
    }

    /// Notes an acknowledgement between the steps.
    pub fn acknowledged(&self, acknowledged: Acknowledged) {
        self.lock().steps.push(Op::Acknowledged(acknowledged));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> String {
        if self.dir.is_empty() { name.to_owned() } else { format!("{}/{name}", self.dir) }
    }

    /// A step that is made whole, or not at all.
    fn step(&self, op: Op) -> io::Result<()> {
        let mut inner = self.lock();
        inner.count()?;
        inner.perform(op);
        Ok(())
    }
}

impl Inner {
    /// Counts one step; an error where the plan says so.
    fn count(&mut self) -> io::Result<()> {
        self.made += 1;
        let errno = match &mut self.plan {
            Steps::Work | Steps::Lie => None,
            Steps::Fail(seeded, one_in) => {
                (seeded.below(*one_in) == 0).then(|| [Errno::IO, Errno::NOSPC, Errno::ROFS][seeded.below(3) as usize])
            }
            Steps::FailAt(failing) => failing.at(self.made),
        };
        errno.map_or(Ok(()), |errno| Err(errno.into()))
    }

    fn perform(&mut self, op: Op) {
        self.model.apply(&op);
        self.steps.push(op);
    }
}

impl Disk for MemoryDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        let inner = self.lock();
        Ok(inner.model.paths_in(&self.dir).filter_map(|(path, _)| path.rsplit('/').next().map(str::to_owned)).collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn BlockFile>> {
        let file = self.lock().model.next_file();
        self.step(Op::Create { path: self.path(name), file })?;
        Ok(Box::new(MemoryFile(self.clone(), file)))
    }

    fn open(&self, name: &str, _: Access) -> io::Result<Box<dyn BlockFile>> {
        match self.lock().model.node(&self.path(name)) {
            Some(Node::File(file)) => Ok(Box::new(MemoryFile(self.clone(), file))),
            Some(Node::Dir) | None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(Op::Rename { from: self.path(from), to: self.path(to) })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step(Op::Remove { path: self.path(name) })
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.lock();
        inner.count()?;
        if !matches!(inner.plan, Steps::Lie) {
            inner.perform(Op::SyncNames { dir: self.dir.clone() });
        }
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
        let mut inner = self.0.lock();
        let counted = inner.count();
        // Some of it gets through before a disk fails.
        let taken = if counted.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        inner.perform(Op::Write { file: self.1, offset, bytes: taken.into() });
        counted
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.0.step(Op::Resize { file: self.1, bytes })
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut inner = self.0.lock();
        let counted = inner.count();
        match (&counted, &inner.plan) {
            (Ok(()), Steps::Lie) => {}
            (Ok(()), _) => inner.perform(Op::Sync { file: self.1 }),
            (Err(_), _) => inner.perform(Op::SyncFailed { file: self.1 }),
        }
        counted
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}
