//! What a kiosk wrote and another reads: records and batches.

use checkpoint::dsse::SignedFile;
use checkpoint::passage::Note;
use checkpoint::passage::batch::{BATCH_TYPE, Batch, BatchFault};
use checkpoint::passage::day::Restart;
use checkpoint::passage::record::{Digest, Entry, Event, JournalId, Place, device_id};
use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;

use crate::Budget;
use crate::forge;

/// A file of 4 KiB takes a few times its length.
const BUDGET: Budget = Budget { heap_bytes_max: 1024 * 1024, cpu_ms_max: 50 };

fn device() -> SigningKey {
    forge::key(9)
}

/// A record, with a sealed part behind a NUL or without one.
pub fn record(input: &[u8]) {
    let (text, sealed) = match input.iter().position(|&byte| byte == 0) {
        Some(end) => (&input[..end], Some(input[end + 1..].to_vec())),
        None => (input, None),
    };
    let text = String::from_utf8_lossy(text);
    let Ok(entry) = BUDGET.spend(|| Entry::read(&text, sealed.clone())) else { return };
    assert_eq!((entry.text(), entry.sealed()), (&*text, sealed.as_deref()));
    assert_eq!(entry.hash(), Digest::of(text.as_bytes()));
    let _ = entry.open(&[1; 32]);
    // What was read can be written, and is then read as the same.
    let written = serde_json::to_string(entry.record()).expect("a record has a form in JSON");
    let again = Entry::read(&written, sealed);
    assert_eq!(again.as_ref().map(Entry::record), Ok(entry.record()), "{written}");
}

/// Seeds of `record`.
pub fn record_seeds() -> Vec<Vec<u8>> {
    let restart = entries(1)[0].text().to_owned();
    let (before, _) = restart.split_once("\"event\"").expect("a record has an event");
    let passage = |identity: &str| {
        format!(
            "{before}\"event\":{{\"kind\":\"passage\",\"location\":\"HN-CK-0023\",\"direction\":\"in\",\"outcome\":\"admit\",\
             \"reason\":null,\"rule_sets\":[{{\"id\":\"two-doses\",\"version\":1}}],\"trust_list\":7,\"refers_to\":1,\
             \"identity\":{identity}}}}}"
        )
    };
    let sealed = b"sealed";
    let commitment =
        format!("{{\"sealed\":{{\"day\":\"2026-03-01\",\"key\":\"0011\",\"sha256\":\"{}\"}}}}", Digest::of(sealed));
    vec![
        restart.clone().into(),
        passage("\"nobody\"").into(),
        passage("\"no-tracing-key\"").into(),
        [passage(&commitment).as_bytes(), &[0], sealed].concat(),
    ]
}

/// A batch: the file, or the payload of one that the device signed.
pub fn batch(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let devices = [device().verifying_key()];
    let verify = |file: &SignedFile| BUDGET.spend(|| Batch::verify(file, &devices));
    if kind % 4 == 0 {
        let Ok(file) = serde_json::from_slice::<SignedFile>(rest) else { return };
        // Signed by nobody but the seed's device.
        if let Ok(batch) = verify(&file) {
            assert_eq!(batch.device(), device_id(&devices[0]));
        }
        return;
    }
    let mut file = SignedFile::unsigned(BATCH_TYPE, rest);
    match verify(&file) {
        Err(BatchFault::BadSignature { .. }) => {}
        Ok(batch) => panic!("nobody signed {batch:?}"),
        Err(_) => return,
    }
    file.sign(&device());
    if let Ok(batch) = verify(&file) {
        assert_eq!(batch.last() - batch.first() + 1, batch.entries().len() as u64);
        assert_eq!(verify(&batch.sign(&device())), Ok(batch));
    }
}

/// Seeds of `batch`.
pub fn batch_seeds() -> Vec<Vec<u8>> {
    let name = device_id(&device().verifying_key());
    let batch = |from: usize, to| Batch::new(&name, JOURNAL, entries(to)[from - 1..].to_vec()).expect("in order");
    let payload = |batch: Batch| batch.sign(&device()).payload_unverified().expect("base64");
    let file = serde_json::to_vec(&batch(1, 2).sign(&device())).expect("a signed file has a form in JSON");
    vec![
        [vec![0], file].concat(),
        [vec![1], payload(batch(1, 1))].concat(),
        [vec![2], payload(batch(1, 3))].concat(),
        [vec![3], payload(batch(2, 4))].concat(),
    ]
}

const JOURNAL: JournalId = JournalId([3; 16]);

/// The first records of a journal.
fn entries(count: u64) -> Vec<Entry> {
    let at: DateTime<Utc> = forge::at(forge::NOW);
    let device = device_id(&device().verifying_key());
    let mut previous = Digest::genesis(JOURNAL);
    (1..=count)
        .map(|sequence| {
            let event = Event::Restart(Restart { program: "0.1.0".into(), skipped: 0, trust_list: None, works: None });
            let place = Place { device: device.clone(), sequence, previous };
            let entry = Entry::note(place, Note { at, floor: at, event }).expect("a short record");
            previous = entry.hash();
            entry
        })
        .collect()
}
