//! Batches as witnesses: each must be whole, and each record in it must be in the journal.

use std::path::Path;
use std::sync::Arc;

use checkpoint::dsse::SignedFile;
use checkpoint::passage::batch::Batch;
use ed25519_dalek::VerifyingKey;

use super::{Finding, KEEP_A_COPY, Severity, Witness};
use crate::journal::JournalFault;

/// Largest batch that is read, in bytes: five times the size of a full one.
const BATCH_FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

const READ_AGAIN: &str = "remove it, and run `kiosk sync` again: the kiosk writes it anew";

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
        let mut broken = |sequence, what: String, todo| {
            findings.push(Finding {
                severity: Severity::Broken,
                file: name.clone(),
                block: None,
                sequence,
                what,
                todo,
            });
        };
        let batch = match read(&dir.join(&name), devices) {
            Ok(batch) => batch,
            Err(what) => {
                broken(None, what, READ_AGAIN);
                continue;
            }
        };
        let named =
            format!("{prefix}{}-{:010}-{:010}.json", &batch.journal().to_string()[..8], batch.first(), batch.last());
        if batch.device() != device || named != name {
            broken(Some(batch.first()), format!("it is the batch {named} under another name"), READ_AGAIN);
            continue;
        }
        let what: Arc<str> = format!("batch {name}").into();
        witnesses.extend(batch.entries().iter().map(|entry| Witness {
            what: what.clone(),
            journal: batch.journal(),
            sequence: entry.record().sequence,
            hash: entry.hash(),
        }));
        if let Some(before) = &before
            && before.journal() == batch.journal()
            && !batch.follows(before)
            && batch.first() > before.last() + 1
        {
            // The office may have taken it: only whoever receives knows.
            let what = format!("the batch with the records from {} on is not here", before.last() + 1);
            let severity = Severity::Note;
            let todo = "if nobody took it to the office, run `kiosk sync` again without courier.json";
            findings.push(Finding {
                severity,
                file: name.clone(),
                block: None,
                sequence: Some(before.last() + 1),
                what,
                todo,
            });
        } else if let Some(before) = &before
            && before.journal() == batch.journal()
            && !batch.follows(before)
        {
            let what = format!("it does not continue the batch before, which ends with record {}", before.last());
            findings.push(Finding {
                severity: Severity::Broken,
                file: name.clone(),
                block: None,
                sequence: Some(batch.first()),
                what,
                todo: KEEP_A_COPY,
            });
        }
        before = Some(batch);
    }
    Ok((witnesses, findings))
}

/// A batch exactly as the kiosk writes it: nothing in the file that the signature does not cover.
fn read(path: &Path, devices: &[VerifyingKey]) -> Result<Batch, String> {
    let bytes = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if bytes > BATCH_FILE_BYTES_MAX {
        return Err("it is larger than any batch".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let file: SignedFile = serde_json::from_slice(&bytes).map_err(|_| "it is not a batch of passages".to_owned())?;
    let batch = Batch::verify(&file, devices).map_err(|fault| fault.to_string())?;
    let key = devices.iter().find(|key| checkpoint::passage::record::device_id(key) == batch.device());
    let names_its_key =
        file.signatures.len() == 1 && key.is_some_and(|key| file.signatures[0].keyid == checkpoint::dsse::key_id(key));
    if !names_its_key || serde_json::to_vec(&file).ok().as_deref() != Some(bytes.as_slice()) {
        return Err("something stands in the file that its signature does not cover".to_owned());
    }
    Ok(batch)
}
