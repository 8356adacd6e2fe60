//! How far the courier came, in a file of its own in the kiosk's storage.

use std::fs;
use std::io;
use std::path::Path;

use checkpoint::passage::record::{Digest, JournalId};
use serde::{Deserialize, Serialize};

use super::{BeforeStep, CourierFault, Source, write_whole};

/// Name of the file.
const CURSOR_FILE: &str = "courier.json";

/// The last record that is durably out, and its hash: a witness against an older copy of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    v: u32,
    journal: JournalId,
    /// Its number; 0 if none is out.
    pub sent: u64,
    /// Its hash.
    pub head: Option<Digest>,
}

/// What the cursor in a storage directory says was sent: the journal, its last record that is out, and that record's hash.
pub fn sent_upto(storage: &Path) -> Option<(JournalId, u64, Digest)> {
    let cursor: Cursor = serde_json::from_slice(&fs::read(storage.join(CURSOR_FILE)).ok()?).ok()?;
    Some((cursor.journal, cursor.sent, cursor.head?))
}

impl Cursor {
    /// The cursor for a journal. A cursor that is missing, damaged or of another journal begins at the start: batches that
    /// are out already are found in the folder, or sent again, and the receiver keeps one of each.
    pub fn load(storage: &Path, journal: JournalId) -> Self {
        let read = fs::read(storage.join(CURSOR_FILE)).ok();
        let read: Option<Self> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.filter(|cursor| cursor.v == 1 && cursor.journal == journal && (cursor.sent == 0) == cursor.head.is_none())
            .unwrap_or(Self { v: 1, journal, sent: 0, head: None })
    }

    /// The cursor before an earlier record.
    pub fn back_to(&self, from: u64, source: &impl Source) -> Result<Self, CourierFault> {
        let sent = from.saturating_sub(1);
        let before = (sent > 0).then(|| source.entries(sent).next().transpose().map_err(CourierFault::Journal));
        let before = before.transpose()?.flatten().filter(|entry| entry.record().sequence == sent);
        if sent > 0 && before.is_none() {
            return Err(CourierFault::NotWhatWasSent { sequence: sent });
        }
        Ok(Self { v: self.v, journal: self.journal, sent, head: before.map(|entry| entry.hash()) })
    }

    /// Makes it durable.
    pub fn store(&self, storage: &Path, before: &mut BeforeStep<'_>) -> io::Result<()> {
        write_whole(storage, CURSOR_FILE, &serde_json::to_vec(self)?, before)
    }
}
