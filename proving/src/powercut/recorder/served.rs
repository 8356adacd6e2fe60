//! The side of the recorder that the kernel talks to.

use std::ffi::OsStr;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, InitFlags,
    KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use simdisk::{Acknowledged, FileId, Node, Op};

use super::{ACKNOWLEDGED_FILE, MIRRORED_FILE, ROOT, State};

/// The kernel asks for everything anew: what a process sees is what the recorder holds.
const TTL: Duration = Duration::ZERO;

/// Numbers of these files.
const ACKNOWLEDGED: u64 = u64::MAX / 2;
const MIRRORED: u64 = ACKNOWLEDGED + 1;

/// Number of the file of this name in the root directory, if it only seems to be there.
fn told_in(name: &OsStr) -> Option<u64> {
    [(ACKNOWLEDGED_FILE, ACKNOWLEDGED), (MIRRORED_FILE, MIRRORED)]
        .into_iter()
        .find(|(file, _)| name == *file)
        .map(|(_, number)| number)
}

/// What is mounted.
pub(super) struct Served(pub(super) Arc<Mutex<State>>);

impl State {
    fn attr_of(&self, path: &str) -> Result<FileAttr, Errno> {
        match self.model.node(path) {
            Some(Node::File(file)) => Ok(self.file_attr(file)),
            Some(Node::Dir) => {
                let number = self.dirs.iter().find(|(_, dir)| *dir == path).map(|(number, _)| *number);
                number.map(dir_attr).ok_or(Errno::ENOENT)
            }
            None => Err(Errno::ENOENT),
        }
    }

    fn file_attr(&self, file: FileId) -> FileAttr {
        let bytes = self.model.content(file).map_or(0, |content| content.len());
        let mode = self.modes.get(&file).copied().unwrap_or(0o600);
        attr(file, bytes, FileType::RegularFile, mode as u16 & 0o7777)
    }
}

fn dir_attr(number: u64) -> FileAttr {
    attr(number, 0, FileType::Directory, 0o700)
}

fn attr(number: u64, size: u64, kind: FileType, perm: u16) -> FileAttr {
    FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm,
        nlink: 1,
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

impl Served {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(
        &self,
        dir: INodeNo,
        name: &OsStr,
        op: impl FnOnce(&mut State, String) -> Result<Op, Errno>,
    ) -> Result<(), Errno> {
        let mut state = self.lock();
        state.step()?;
        let path = state.path(dir, name)?;
        let op = op(&mut state, path)?;
        state.perform(op);
        Ok(())
    }
}

fn answer(reply: ReplyEmpty, done: Result<(), Errno>) {
    match done {
        Ok(()) => reply.ok(),
        Err(errno) => reply.error(errno),
    }
}

impl Filesystem for Served {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // Where the kernel can, one write is one step.
        let _ = config.add_capabilities(InitFlags::FUSE_BIG_WRITES | InitFlags::FUSE_MAX_PAGES);
        Ok(())
    }

    fn lookup(&self, _: &Request, dir: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let state = self.lock();
        if let Some(number) = told_in(name).filter(|_| dir.0 == ROOT) {
            return reply.entry(&TTL, &attr(number, 0, FileType::RegularFile, 0o600), Generation(0));
        }
        match state.path(dir, name).and_then(|path| state.attr_of(&path)) {
            Ok(attr) => reply.entry(&TTL, &attr, Generation(0)),
            Err(errno) => reply.error(errno),
        }
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        let state = self.lock();
        let attr = if state.dirs.contains_key(&number.0) { dir_attr(number.0) } else { state.file_attr(number.0) };
        reply.attr(&TTL, &attr);
    }

    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let mut state = self.lock();
        if let Some(bytes) = size {
            if let Err(errno) = state.step() {
                return reply.error(errno);
            }
            state.perform(Op::Resize { file: number.0, bytes });
        }
        if let Some(mode) = mode {
            state.modes.insert(number.0, mode);
        }
        let attr = if state.dirs.contains_key(&number.0) { dir_attr(number.0) } else { state.file_attr(number.0) };
        reply.attr(&TTL, &attr);
    }

    fn mkdir(&self, _: &Request, dir: INodeNo, name: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        let mut made = 0;
        let done = self.named(dir, name, |state, path| {
            made = state.model.next_file();
            state.dirs.insert(made, path.clone());
            Ok(Op::MakeDir { path })
        });
        match done {
            Ok(()) => reply.entry(&TTL, &dir_attr(made), Generation(0)),
            Err(errno) => reply.error(errno),
        }
    }

    fn create(&self, _: &Request, dir: INodeNo, name: &OsStr, mode: u32, umask: u32, _: i32, reply: ReplyCreate) {
        let mut made = 0;
        let done = self.named(dir, name, |state, path| {
            made = state.model.next_file();
            state.modes.insert(made, mode & !umask);
            Ok(Op::Create { path, file: made })
        });
        match done {
            Ok(()) => {
                let attr = self.lock().file_attr(made);
                reply.created(&TTL, &attr, Generation(0), FileHandle(0), FopenFlags::empty());
            }
            Err(errno) => reply.error(errno),
        }
    }

    fn open(&self, _: &Request, file: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        if matches!(file.0, ACKNOWLEDGED | MIRRORED) {
            return reply.opened(FileHandle(0), FopenFlags::empty());
        }
        match self.lock().step() {
            Ok(()) => reply.opened(FileHandle(0), FopenFlags::empty()),
            Err(errno) => reply.error(errno),
        }
    }

    fn link(&self, _: &Request, file: INodeNo, dir: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let done = self.named(dir, name, |state, path| match state.model.node(&path) {
            Some(_) => Err(Errno::EEXIST),
            None => Ok(Op::Link { file: file.0, path }),
        });
        match done {
            Ok(()) => {
                let attr = self.lock().file_attr(file.0);
                reply.entry(&TTL, &attr, Generation(0));
            }
            Err(errno) => reply.error(errno),
        }
    }

    fn unlink(&self, _: &Request, dir: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(reply, self.named(dir, name, |_, path| Ok(Op::Remove { path })));
    }

    fn rename(
        &self,
        _: &Request,
        dir: INodeNo,
        name: &OsStr,
        new_dir: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let done = self.named(dir, name, |state, from| Ok(Op::Rename { from, to: state.path(new_dir, new_name)? }));
        answer(reply, done);
    }

    fn read(
        &self,
        _: &Request,
        file: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let state = self.lock();
        let Some(content) = state.model.content(file.0) else { return reply.error(Errno::ENOENT) };
        let left = content.len().saturating_sub(offset).min(u64::from(size));
        let mut bytes = vec![0; left as usize];
        content.read(&mut bytes, offset);
        reply.data(&bytes);
    }

    fn write(
        &self,
        _: &Request,
        file: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut state = self.lock();
        if matches!(file.0, ACKNOWLEDGED | MIRRORED) {
            let Some(told) = Acknowledged::from_bytes(bytes) else { return reply.error(Errno::EINVAL) };
            state.perform(if file.0 == MIRRORED { Op::Mirrored(told) } else { Op::Acknowledged(told) });
            return reply.written(bytes.len() as u32);
        }
        match state.step() {
            Ok(()) => {
                state.perform(Op::Write { file: file.0, offset, bytes: bytes.into() });
                reply.written(bytes.len() as u32);
            }
            Err(errno) => {
                // Some of it got through before the disk failed.
                state.perform(Op::Write { file: file.0, offset, bytes: bytes[..bytes.len() / 2].into() });
                reply.error(errno);
            }
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, file: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let mut state = self.lock();
        let done = state.step();
        state.perform(if done.is_ok() { Op::Sync { file: file.0 } } else { Op::SyncFailed { file: file.0 } });
        answer(reply, done);
    }

    fn fsyncdir(&self, _: &Request, dir: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let mut state = self.lock();
        let done = state.step();
        if let (Ok(()), Some(dir)) = (&done, state.dirs.get(&dir.0).cloned()) {
            state.perform(Op::SyncNames { dir });
        }
        answer(reply, done);
    }

    fn fallocate(
        &self,
        _: &Request,
        file: INodeNo,
        _: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        if mode != 0 {
            return reply.error(Errno::EOPNOTSUPP);
        }
        let mut state = self.lock();
        let done = state.step().map(|()| {
            let bytes = state.model.content(file.0).map_or(0, |content| content.len()).max(offset + length);
            state.perform(Op::Resize { file: file.0, bytes });
        });
        answer(reply, done);
    }

    /// A directory is listed as it stood when it was opened: a name that comes or goes meanwhile would move the others, and one of
    /// them would be told twice or not at all.
    fn opendir(&self, _: &Request, dir: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let mut state = self.lock();
        let Some(path) = state.dirs.get(&dir.0) else { return reply.error(Errno::ENOENT) };
        let names = state.model.paths_in(path);
        let names = names.map(|(path, node)| (path.rsplit('/').next().unwrap_or(path).to_owned(), node)).collect();
        let number = state.listings.keys().next_back().map_or(1, |last| last + 1);
        state.listings.insert(number, names);
        reply.opened(FileHandle(number), FopenFlags::empty());
    }

    fn releasedir(&self, _: &Request, _: INodeNo, listing: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.lock().listings.remove(&listing.0);
        reply.ok();
    }

    fn readdir(&self, _: &Request, _: INodeNo, listing: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let state = self.lock();
        let Some(names) = state.listings.get(&listing.0) else { return reply.error(Errno::EBADF) };
        for (number, (name, node)) in names.iter().enumerate().skip(offset as usize) {
            let (inode, kind) = match node {
                Node::File(file) => (*file, FileType::RegularFile),
                Node::Dir => (ROOT, FileType::Directory),
            };
            if reply.add(INodeNo(inode), number as u64 + 1, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let blocks = 1 << 20;
        reply.statfs(blocks, blocks, blocks, blocks, blocks, 4096, 255, 4096);
    }
}
