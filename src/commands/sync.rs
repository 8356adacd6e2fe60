//! `kiosk sync DIR`: batches out, trust files in, by hand; and the same in the background of `kiosk run`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use checkpoint::passage::record::{Entry, JournalId};

use crate::courier::{Bare, Courier, CourierFault, Sent, Source};
use crate::device::{Device, DeviceFault};
use crate::journal::{JournalFault, Reader};

/// First pause after a run that failed; it doubles up to the usual pause.
const BACKOFF_FIRST: Duration = Duration::from_secs(5);

/// Bring passages to a folder (a stick or a share), and a newer trust list back.
///
/// Passages go to DIR/passages in signed batches; what is there already is not sent again, a run that was cut off is gone on
/// with, and a batch that was damaged there is written anew. Trust files are read from DIR/trust-keys.
#[derive(Clone, Debug, clap::Args)]
pub struct SyncArgs {
    /// The folder. It may be empty: a run by hand begins with it.
    pub dir: PathBuf,
    /// Send again from this record on, as far as the folder does not hold it: where a stick was lost before the office had it.
    #[arg(long, value_name = "RECORD", value_parser = clap::value_parser!(u64).range(1..))]
    pub from: Option<u64>,
    /// The journal's directory, if it is not the one of the settings file.
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

/// Why nothing could be sent.
#[derive(Debug, thiserror::Error)]
pub enum SyncFault {
    /// No journal to send from.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// No key to sign with.
    #[error(transparent)]
    Device(#[from] DeviceFault),
    /// The folder.
    #[error(transparent)]
    Courier(#[from] CourierFault),
}

/// The journal as the courier's source.
struct Records<'a>(&'a Reader);

impl Source for Records<'_> {
    fn journal(&self) -> JournalId {
        self.0.id()
    }

    fn entries(&self, from: u64) -> Box<dyn Iterator<Item = Result<Entry, Box<dyn Error + Send + Sync>>> + '_> {
        match self.0.settled(from) {
            Ok(entries) => Box::new(entries.map(|entry| entry.map_err(Into::into))),
            Err(fault) => Box::new(std::iter::once(Err(fault.into()))),
        }
    }
}

/// One run: `journal` is the journal's directory, `storage` holds the device's key and the courier's cursor. Takes no lock,
/// so it works beside `kiosk run`. Trust files that lie there are for the trust store.
///
/// # Errors
/// Every `SyncFault`; what was sent before it stays sent.
pub fn sync(journal: &Path, storage: &Path, dir: &Path, bare: Bare) -> Result<Sent, SyncFault> {
    sync_from(None, journal, storage, dir, bare)
}

/// The same, and from this record on also what was sent before and the folder does not hold.
///
/// # Errors
/// Every `SyncFault`; what was sent before it stays sent.
pub fn sync_from(from: Option<u64>, journal: &Path, storage: &Path, dir: &Path, bare: Bare) -> Result<Sent, SyncFault> {
    let reader = Reader::open(journal)?;
    let device = Device::load(storage, None)?;
    let courier = Courier { device: device.id(), key: device.key(), storage };
    Ok(courier.send_from(from, dir, bare, &Records(&reader), &mut |_| Ok(()))?)
}

/// Runs until `stop` says so or is dropped: at once, then every `every`; sooner after a fault. For a thread of its own.
///
/// Each result goes to `tell`.
pub fn keep_in_sync(
    journal: &Path,
    storage: &Path,
    dir: &Path,
    every: Duration,
    stop: &Receiver<()>,
    mut tell: impl FnMut(Result<Sent, SyncFault>),
) {
    let mut backoff = BACKOFF_FIRST;
    loop {
        let result = sync(journal, storage, dir, Bare::Refuse);
        let pause = if result.is_ok() {
            backoff = BACKOFF_FIRST;
            every
        } else {
            let pause = backoff.min(every);
            backoff = backoff.saturating_mul(2).min(every);
            pause
        };
        tell(result);
        match stop.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What a run did, for people.
pub fn describe(sent: &Sent) -> String {
    let mut text = match sent {
        Sent { records: 0, found: 0, upto: 0, .. } => "no passages yet".to_owned(),
        Sent { records: 0, found: 0, upto, .. } => format!("nothing new; all records up to {upto} were sent before"),
        Sent { records, batches, found: 0, upto, .. } => {
            format!("{records} records sent in {batches} batch(es), up to record {upto}")
        }
        Sent { records, batches, found, upto, .. } => format!(
            "{records} records sent in {batches} batch(es), {found} found there from a run that was cut off, up to record {upto}"
        ),
    };
    if sent.mended > 0 {
        text += &format!("; {} damaged batch(es) there made good", sent.mended);
    }
    text
}
