//! The journal as everybody but its writer sees it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use checkpoint::passage::record::{Digest, Entry, JournalId};

use super::JournalFault;
use super::disk::{Access, Disk, Folder};
use super::index::{INDEX_FILE, Index};
use super::walk::{self, Entries, Segment, Stored};

/// Records that an index in memory takes in at once.
const INDEX_STEP: usize = 500;

/// The journal as everybody but the writer sees it: without a lock, also while the writer writes.
pub struct Reader {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    id: JournalId,
}

impl Reader {
    /// Opens the journal in a directory to read.
    ///
    /// # Errors
    /// `Missing`, `Newer`, `Corrupt`, and what the disk says.
    pub fn open(dir: &Path) -> Result<Self, JournalFault> {
        let missing = || JournalFault::Missing { dir: dir.to_owned() };
        if !dir.is_dir() {
            return Err(missing());
        }
        let disk: Arc<dyn Disk> = Arc::new(Folder::new(dir));
        let first = walk::segment_numbers(&*disk)?.first().copied().ok_or_else(missing)?;
        let segment = Segment::open(&*disk, first, Access::Read)?.ok_or_else(missing)?;
        Ok(Self { dir: dir.to_owned(), disk, id: segment.header.journal })
    }

    /// The journal's name.
    pub fn id(&self) -> JournalId {
        self.id
    }

    /// The records from a sequence number on, in order.
    ///
    /// # Errors
    /// What keeps the first of them from being found; the iterator gives what comes later.
    pub fn entries(&self, from: u64) -> Result<Entries, JournalFault> {
        Entries::from(self.disk.clone(), from)
    }

    /// The records from a sequence number on that can no longer change: all but a last one of which nobody knows whether
    /// it was acknowledged. The index knows: the writer adds a record to it only afterwards.
    ///
    /// # Errors
    /// As `entries`.
    pub fn settled(&self, from: u64) -> Result<impl Iterator<Item = Result<Entry, JournalFault>>, JournalFault> {
        let index = Index::open_to_read(&self.dir.join(INDEX_FILE), self.id);
        let known = index.and_then(|index| index.newest().ok().flatten());
        Ok(self.entries(from)?.filter_map(move |stored| match stored {
            Ok(Stored { entry, settled, .. }) => {
                let acknowledged = settled || known == Some((entry.record().sequence, entry.hash().0));
                acknowledged.then_some(Ok(entry))
            }
            Err(fault) => Some(Err(fault)),
        }))
    }

    /// The last records that can no longer change: of a journal of any length, those from the index's newest on.
    ///
    /// # Errors
    /// As `settled`.
    pub fn settled_near_end(&self) -> Result<impl Iterator<Item = Result<Entry, JournalFault>>, JournalFault> {
        let index = Index::open_to_read(&self.dir.join(INDEX_FILE), self.id);
        let newest = index.and_then(|index| index.newest().ok().flatten()).map_or(1, |(sequence, _)| sequence);
        self.settled(newest)
    }

    /// An index that holds every record: the writer's and what it lacks, or one in memory where that is missing or damaged. It is to be
    /// let go soon: while it lives, the writer's file cannot shrink.
    ///
    /// # Errors
    /// What keeps the segments from being read.
    pub fn index(&self) -> Result<Index, JournalFault> {
        let of = |stored: Result<Stored, JournalFault>| stored.map(|stored| stored.entry);
        if let Ok(Some((mut index, newest, hash))) = Index::beside_writers(&self.dir.join(INDEX_FILE), self.id) {
            let mut entries = self.entries(newest)?.map(of);
            let same = |entry: &Entry| entry.record().sequence == newest && entry.hash() == Digest(hash);
            if entries.next().transpose()?.as_ref().is_some_and(same) {
                take_in(&mut index, entries)?;
                return Ok(index.with_writers()?);
            }
        }
        let mut index = Index::in_memory(self.id)?;
        take_in(&mut index, self.entries(1)?.map(of))?;
        Ok(index)
    }
}

/// Adds all records, in memory that does not grow with them but for their rows.
fn take_in(
    index: &mut Index,
    mut entries: impl Iterator<Item = Result<Entry, JournalFault>>,
) -> Result<(), JournalFault> {
    loop {
        let batch: Vec<Entry> = entries.by_ref().take(INDEX_STEP).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            return Ok(());
        }
        index.add(&batch)?;
    }
}
