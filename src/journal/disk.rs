//! The few things that the journal asks of a disk, behind a trait, so that tests can cut its power at any instant.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

/// A directory of block files.
pub trait Disk: Send + Sync {
    /// Names of the files in it, in no order.
    fn names(&self) -> io::Result<Vec<String>>;
    /// A new, empty file; one of this name that stands there is emptied.
    fn create(&self, name: &str) -> io::Result<Box<dyn BlockFile>>;
    /// A file that exists.
    fn open(&self, name: &str, access: Access) -> io::Result<Box<dyn BlockFile>>;
    /// Gives a file another name; a file that has it disappears.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Takes a file away.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes created, renamed and removed names durable.
    fn sync(&self) -> io::Result<()>;
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To look at.
    Read,
    /// To write into its reserved space too.
    Write,
}

/// One file of the journal.
pub trait BlockFile: Send {
    /// Its length in bytes.
    fn bytes(&self) -> io::Result<u64>;
    /// Fills the buffer from an offset.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all bytes at an offset. After an error, any part of them may have been written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes the file this long, of zeros, with room on the disk for all of it.
    fn reserve(&self, bytes: u64) -> io::Result<()>;
    /// Makes written bytes durable (`fdatasync`).
    fn sync_data(&self) -> io::Result<()>;
    /// Makes bytes, length and room durable (`fsync`).
    fn sync_all(&self) -> io::Result<()>;
}

/// A directory of the real file system.
#[derive(Clone, Debug)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// The directory at a path, which must exist.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }
}

impl Disk for Folder {
    fn names(&self) -> io::Result<Vec<String>> {
        // A name that is not UTF-8 is none of ours.
        fs::read_dir(&self.dir)?
            .filter_map(|entry| entry.map(|e| e.file_name().into_string().ok()).transpose())
            .collect()
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn BlockFile>> {
        let mut new = OpenOptions::new();
        let file = new.read(true).write(true).create(true).truncate(true).mode(0o600).open(self.dir.join(name))?;
        Ok(Box::new(file))
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Box<dyn BlockFile>> {
        let file = OpenOptions::new().read(true).write(access == Access::Write).open(self.dir.join(name))?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.dir.join(from), self.dir.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.dir.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}

impl BlockFile for File {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        loop {
            match rustix::fs::fallocate(self, FallocateFlags::empty(), 0, bytes) {
                Ok(()) => return Ok(()),
                Err(Errno::INTR) => {}
                // FAT and some network shares cannot reserve: zeros take the room as well.
                Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let zeros = [0; 64 * 1024];
        let mut at = 0;
        while at < bytes {
            let part = zeros.len().min((bytes - at) as usize);
            self.write_all_at(&zeros[..part], at)?;
            at += part as u64;
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }
}
