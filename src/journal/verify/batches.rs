//! Batches as witnesses: each must be whole, and each record in it must be in the journal.

use std::path::Path;
use std::sync::Arc;

use checkpoint::passage::batch::{BATCH_FILE_BYTES_MAX, Batch};
use ed25519_dalek::VerifyingKey;

use super::Witness;
use super::report::{Finding, KEEP_A_COPY, Severity};
use crate::journal::JournalFault;

const WRITE_ANEW: &str =
    "plug the stick into the kiosk and run `kiosk sync` with it: the kiosk writes the batch anew from its journal";
const NAME_BACK: &str =
    "run `kiosk sync` with this stick; if this is said again after that, give the file that name back";
const SEND_AGAIN: &str = "if the office has no batch with them either, run `kiosk sync --from` with that number";

/// Reads the batches of one device in a folder: what each record in them is a witness of, and what is wrong with them.
///
/// # Errors
/// The folder cannot be read.
pub fn batches(
    dir: &Path,
    device: &str,
    devices: &[VerifyingKey],
) -> Result<(Vec<Witness>, Vec<Finding>), JournalFault> {
    let fault = |error| JournalFault::from_io("read the folder of batches", error);
    let prefix = format!("batch-{device}-");
    let mut names = Vec::new();
    for file in std::fs::read_dir(dir).map_err(fault)? {
        let name = file.map_err(fault)?.file_name().into_string().unwrap_or_default();
        if name.starts_with(&prefix) && name.ends_with(".json") {
            names.push(name);
        }
    }
    names.sort();
    let (mut witnesses, mut findings) = (Vec::new(), Vec::new());
    let mut before: Option<Batch> = None;
    for name in names {
        let find = |severity, sequence, what, todo| Finding {
            severity,
            file: name.clone(),
            block: None,
            sequence,
            what,
            todo,
        };
        let batch = match read(&dir.join(&name), devices) {
            Ok(batch) => batch,
            Err(what) => {
                findings.push(find(Severity::Broken, None, what, WRITE_ANEW));
                continue;
            }
        };
        let named =
            format!("{prefix}{}-{:010}-{:010}.json", &batch.journal().to_string()[..8], batch.first(), batch.last());
        if batch.device() != device || named != name {
            let what = format!("it is the batch {named} under another name");
            findings.push(find(Severity::Broken, Some(batch.first()), what, NAME_BACK));
            continue;
        }
        let what: Arc<str> = format!("batch {name}").into();
        witnesses.extend(batch.entries().iter().map(|entry| Witness {
            what: what.clone(),
            journal: batch.journal(),
            sequence: entry.record().sequence,
            hash: entry.hash(),
        }));
        let same_journal = before.as_ref().filter(|before| before.journal() == batch.journal());
        if let Some(before) = same_journal.filter(|before| batch.first() > before.last() + 1) {
            // The office may have taken it: only whoever receives knows.
            let what = format!("the batch with the records from {} on is not here", before.last() + 1);
            findings.push(find(Severity::Note, Some(before.last() + 1), what, SEND_AGAIN));
        } else if let Some(before) = same_journal
            && batch.first() == before.last() + 1
            && !batch.follows(before)
        {
            let what = format!("it does not continue the batch before, which ends with record {}", before.last());
            findings.push(find(Severity::Broken, Some(batch.first()), what, KEEP_A_COPY));
        }
        // Batches may overlap, where some were sent again; each record of each is compared with the journal.
        if same_journal.is_none_or(|before| before.last() <= batch.last()) {
            before = Some(batch);
        }
    }
    Ok((witnesses, findings))
}

fn read(path: &Path, devices: &[VerifyingKey]) -> Result<Batch, String> {
    let bytes = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if bytes > BATCH_FILE_BYTES_MAX {
        return Err("it is larger than any batch".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Batch::read(&bytes, devices).map_err(|fault| fault.to_string())
}
