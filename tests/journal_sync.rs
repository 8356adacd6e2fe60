//! Passages on their way out, and trust files on their way in, through a folder that fails at every step.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use checkpoint::dsse::SignedFile;
use checkpoint::passage::batch::Batch;
use checkpoint::passage::record::{Entry, JournalId};
use checkpoint::passage::{Direction, Draft, Outcome};
use chrono::{DateTime, Utc};
use clap::Parser;
use kiosk::commands::journal::{VerifyJournalArgs, prove};
use kiosk::commands::sync::{describe, keep_in_sync, sync, sync_from};
use kiosk::courier::{Bare, Courier, CourierFault, Source, Step};
use kiosk::device::Device;
use kiosk::journal::verify::Severity;
use kiosk::journal::{Journal, Reader};

/// A kiosk's storage with its journal and its key, and a stick.
struct Site {
    kiosk: tempfile::TempDir,
    stick: tempfile::TempDir,
}

impl Site {
    fn new(records: usize) -> Self {
        let site = Self { kiosk: tempfile::tempdir().unwrap(), stick: tempfile::tempdir().unwrap() };
        site.record(records);
        site
    }

    fn journal(&self) -> PathBuf {
        self.kiosk.path().join("journal")
    }

    fn device(&self) -> Device {
        Device::load_or_make(self.kiosk.path(), None).unwrap()
    }

    /// More passages, in a new run of the kiosk.
    fn record(&self, records: usize) {
        let device = self.device();
        let mut journal = Journal::open(&self.journal(), device.id()).unwrap().0;
        for _ in 0..records {
            journal.append(&draft(), None).unwrap();
        }
    }

    /// One run of the courier that is stopped before the step of this number, as if the power went.
    fn send(&self, stop_before: usize, error: fn(Step) -> io::Error) -> Result<u64, CourierFault> {
        let device = self.device();
        let courier = Courier { device: device.id(), key: device.key(), storage: self.kiosk.path() };
        let mut steps = 0;
        let reader = Reader::open(&self.journal()).unwrap();
        let sent = courier.send(self.stick.path(), Bare::Begin, &Records(reader), &mut |step| {
            steps += 1;
            if steps > stop_before { Err(error(step)) } else { Ok(()) }
        })?;
        Ok(sent.records)
    }

    fn batches(&self) -> Vec<Batch> {
        let device = self.device();
        let mut batches: Vec<Batch> = files(&self.stick.path().join("passages"))
            .into_values()
            .map(|bytes| {
                let file: SignedFile = serde_json::from_slice(&bytes).unwrap();
                Batch::verify(&file, &[device.public_key()]).unwrap()
            })
            .collect();
        batches.sort_by_key(Batch::first);
        batches
    }

    /// What the receiver holds: every number once, each batch following the one before.
    fn received(&self) -> Vec<u64> {
        let batches = self.batches();
        for pair in batches.windows(2) {
            assert!(pair[1].follows(&pair[0]));
        }
        batches.iter().flat_map(Batch::entries).map(|entry| entry.record().sequence).collect()
    }
}

struct Records(Reader);

impl Source for Records {
    fn journal(&self) -> JournalId {
        self.0.id()
    }

    fn entries(&self, from: u64) -> Box<dyn Iterator<Item = Result<Entry, Box<dyn Error + Send + Sync>>> + '_> {
        Box::new(self.0.settled(from).unwrap().map(|entry| entry.map_err(Into::into)))
    }
}

fn draft() -> Draft {
    let at: DateTime<Utc> = "2026-03-01T01:00:00Z".parse().unwrap();
    Draft::plain(at, "HN-CK-0023", Direction::In, Outcome::Admit)
}

/// Every finished file of a directory.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let listed = fs::read_dir(dir).into_iter().flatten().map(Result::unwrap);
    listed
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "json"))
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect()
}

fn upto(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

#[test]
fn passages_go_out_in_bounded_batches_once() {
    let site = Site::new(1234);
    let first = sync(&site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    assert_eq!((first.batches, first.records, first.upto), (3, 1234, 1234));
    assert_eq!(site.received(), upto(1234));
    let before = files(&site.stick.path().join("passages"));
    let again = sync(&site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    assert_eq!((again.batches, again.records, again.found), (0, 0, 0), "the second run sends nothing");
    assert_eq!(describe(&again), "nothing new; all records up to 1234 were sent before");
    assert!(before == files(&site.stick.path().join("passages")));
    site.record(2);
    let more = sync(&site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    assert!(more.records >= 2, "and the third run only what is new");
    assert_eq!(site.received(), upto(more.upto));
}

#[test]
fn a_run_that_stops_at_any_step_is_gone_on_with() {
    let errors: [fn(Step) -> io::Error; 3] = [
        |_| io::Error::from_raw_os_error(5),
        |_| io::ErrorKind::StorageFull.into(),
        |_| io::ErrorKind::ReadOnlyFilesystem.into(),
    ];
    let site = Site::new(520);
    // The look at the folder, then two batches and two cursors of five steps each.
    for stop in 0..21 {
        let _ = fs::remove_file(site.kiosk.path().join("courier.json"));
        let _ = fs::remove_dir_all(site.stick.path().join("passages"));
        let error = errors[stop % errors.len()];
        assert!(site.send(stop, error).is_err(), "there are more than {stop} steps");
        site.send(usize::MAX, error).unwrap();
        assert_eq!(site.received(), upto(520), "stopped before step {stop}");
        assert_eq!(site.send(usize::MAX, error).unwrap(), 0);
    }
}

#[test]
fn a_run_that_was_killed_while_it_wrote_leaves_nothing_that_counts() {
    let site = Site::new(700);
    // The half file of a process that could not clear up after itself.
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    let passages = site.stick.path().join("passages");
    let (name, bytes) = files(&passages).into_iter().next_back().unwrap();
    fs::remove_file(passages.join(&name)).unwrap();
    fs::write(passages.join(format!("{name}.part")), &bytes[..bytes.len() / 2]).unwrap();
    fs::remove_file(site.kiosk.path().join("courier.json")).unwrap();
    assert_eq!(site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap(), 200);
    assert_eq!(site.received(), upto(700));
    assert!(!passages.join(format!("{name}.part")).exists());
}

#[test]
fn a_batch_that_the_stick_damaged_is_written_again() {
    let site = Site::new(600);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    let passages = site.stick.path().join("passages");
    let (name, mut bytes) = files(&passages).into_iter().next().unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(passages.join(&name), &bytes).unwrap();
    fs::remove_file(site.kiosk.path().join("courier.json")).unwrap();
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    assert_eq!(site.received(), upto(600));
}

/// The severities of the journal and of the batches beside it, and what to do about each batch.
fn proof(site: &Site) -> (Severity, Vec<(Severity, &'static str)>) {
    let passages = site.stick.path().join("passages");
    let args = VerifyJournalArgs { journal: None, batches: vec![passages], witness: Vec::new(), json: false };
    let report = prove(&args, &site.journal(), None, None, &[site.device().public_key()]).unwrap();
    (report.severity(), report.of_batches.iter().map(|finding| (finding.severity, finding.todo)).collect())
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, &bytes).unwrap();
}

#[test]
fn a_damaged_batch_is_written_anew_by_the_next_run_by_hand_and_is_no_fault_of_the_journal() {
    let site = Site::new(510);
    let send = || sync(&site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    send();
    let passages = site.stick.path().join("passages");
    let whole = files(&passages);
    assert_eq!(proof(&site), (Severity::Note, vec![]));
    for change in [
        damage,
        |path: &Path| fs::write(path, "").unwrap(),
        |path: &Path| {
            fs::write(path, [fs::read(path).unwrap(), b" ".to_vec()].concat()).unwrap();
        },
    ] {
        change(&passages.join(whole.keys().next().unwrap()));
        let (journal, batches) = proof(&site);
        assert_eq!(journal, Severity::Note, "the journal is what the device recorded");
        assert_eq!(batches.len(), 1);
        assert!(batches[0].0 == Severity::Broken && batches[0].1.contains("`kiosk sync` with it"), "{batches:?}");
        // What the finding says to do is done.
        let again = send();
        assert_eq!(
            describe(&again),
            "nothing new; all records up to 510 were sent before; 1 damaged batch(es) there made good"
        );
        assert!(files(&passages) == whole);
        assert_eq!(proof(&site), (Severity::Note, vec![]));
    }
    assert_eq!(send().mended, 0);
    // Two whole ones, each under the other's name: whoever removed both as told would lose both.
    let names: Vec<_> = whole.keys().collect();
    fs::write(passages.join(names[0]), &whole[names[1]]).unwrap();
    fs::write(passages.join(names[1]), &whole[names[0]]).unwrap();
    let (journal, batches) = proof(&site);
    assert_eq!((journal, batches.len()), (Severity::Unproven, 2), "no witness is left, and nothing is broken");
    assert!(batches.iter().all(|(_, todo)| todo.contains("`kiosk sync`") && !todo.contains("remove")), "{batches:?}");
    assert_eq!(send().mended, 2);
    assert!(files(&passages) == whole);
}

#[test]
fn a_damaged_batch_goes_once_a_longer_one_holds_its_records() {
    let site = Site::new(301);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    let passages = site.stick.path().join("passages");
    let name = files(&passages).into_keys().next().unwrap();
    damage(&passages.join(&name));
    // It was cut off before it could note what it sent, and then the journal grew.
    fs::remove_file(site.kiosk.path().join("courier.json")).unwrap();
    site.record(100);
    // The background run does it too: it comes upon the file on its way.
    sync(&site.journal(), site.kiosk.path(), site.stick.path(), Bare::Refuse).unwrap();
    assert_eq!(files(&passages).len(), 1, "the damaged one is gone");
    let received = site.received();
    assert_eq!(received, upto(received.len() as u64));
    assert!(received.len() > 400);
}

#[test]
fn a_damaged_batch_is_not_removed_before_its_records_are_durable_elsewhere() {
    let site = Site::new(301);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    let passages = site.stick.path().join("passages");
    let name = files(&passages).into_keys().next().unwrap();
    damage(&passages.join(&name));
    site.record(100);
    for stop in 0.. {
        fs::remove_file(site.kiosk.path().join("courier.json")).unwrap_or_default();
        let stopped = site.send(stop, |_| io::Error::from_raw_os_error(5)).is_err();
        let others = files(&passages).len() - usize::from(passages.join(&name).exists());
        assert!(passages.join(&name).exists() || others == 1, "stopped before step {stop}");
        if !stopped {
            assert!(stop > 8 && site.received().len() > 400);
            break;
        }
        // As it was, for the next step.
        let made: Vec<_> = files(&passages).into_keys().filter(|made| *made != name).collect();
        made.iter().for_each(|made| fs::remove_file(passages.join(made)).unwrap());
        fs::write(passages.join(&name), "damaged").unwrap();
    }
}

#[test]
fn records_of_a_lost_stick_are_sent_again_from_a_number_on() {
    let site = Site::new(1234);
    let send = |from| sync_from(from, &site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    send(None);
    let passages = site.stick.path().join("passages");
    let whole = files(&passages);
    let cursor = fs::read(site.kiosk.path().join("courier.json")).unwrap();
    // All of it, and the middle one alone.
    for lost in [0..3, 1..2] {
        whole.keys().skip(lost.start).take(lost.len()).for_each(|name| fs::remove_file(passages.join(name)).unwrap());
        assert_eq!(send(None).records, 0, "a stick that was emptied is not filled again by itself");
        let again = send(Some(1));
        assert_eq!((again.batches, again.found, again.upto), (lost.len() as u64, 0, 1234), "what is there stays");
        assert!(files(&passages) == whole);
        assert_eq!(fs::read(site.kiosk.path().join("courier.json")).unwrap(), cursor, "the witness stays");
    }
    let other = tempfile::tempdir().unwrap();
    let sent = sync_from(Some(1200), &site.journal(), site.kiosk.path(), other.path(), Bare::Begin).unwrap();
    assert_eq!((sent.records, sent.upto), (35, 1234));
    let sent = sync_from(Some(9999), &site.journal(), site.kiosk.path(), other.path(), Bare::Begin).unwrap();
    assert_eq!((sent.records, sent.upto), (0, 1234), "nothing is left out");
}

#[test]
fn batches_that_overlap_are_sound_and_one_under_another_name_is_told() {
    let site = Site::new(40);
    let send = |from| sync_from(from, &site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    send(None);
    let passages = site.stick.path().join("passages");
    let (name, bytes) = files(&passages).into_iter().next().unwrap();
    fs::remove_file(passages.join(&name)).unwrap();
    send(Some(20));
    fs::write(passages.join(&name), bytes).unwrap();
    assert_eq!(files(&passages).len(), 2);
    assert_eq!(proof(&site), (Severity::Note, vec![]));
    fs::rename(passages.join(&name), passages.join(name.replace(".json", " (1).json"))).unwrap();
    let (journal, batches) = proof(&site);
    assert!(journal == Severity::Note && batches.len() == 1 && batches[0].1.contains("that name back"), "{batches:?}");
}

#[test]
fn a_batch_of_another_past_is_not_written_over() {
    let site = Site::new(5);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    let passages = site.stick.path().join("passages");
    let segment = site.journal().join("segment-00000001.journal");
    let before = fs::read(&segment).unwrap();
    fs::remove_file(site.kiosk.path().join("courier.json")).unwrap();
    site.record(3);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    // An older copy is put back, other people pass, and the cursor is gone too.
    fs::write(&segment, before).unwrap();
    fs::remove_file(site.kiosk.path().join("courier.json")).unwrap();
    let _ = fs::remove_file(site.journal().join("index.sqlite"));
    let mut journal = Journal::open(&site.journal(), site.device().id()).unwrap().0;
    for _ in 0..9 {
        journal.append(&Draft { direction: Direction::Out, ..draft() }, None).unwrap();
    }
    let evidence = files(&passages);
    let fault = site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap_err();
    assert!(matches!(fault, CourierFault::NotWhatWasSent { .. }), "{fault}");
    assert!(files(&passages) == evidence);
}

#[test]
fn what_keeps_a_run_from_sending_is_said() {
    let site = Site::new(3);
    let storage = site.kiosk.path();
    let gone = sync(&site.journal(), storage, Path::new("/nonexistent/stick"), Bare::Begin).unwrap_err();
    assert!(gone.to_string().contains("plug the stick in"), "{gone}");
    let bare = sync(&site.journal(), storage, site.stick.path(), Bare::Refuse).unwrap_err();
    assert!(bare.to_string().contains("is the stick plugged in?"), "{bare}");
    assert_eq!(fs::read_dir(site.stick.path()).unwrap().count(), 0, "nothing is written where the stick should be");
    for (error, says) in [
        ((|_| io::ErrorKind::StorageFull.into()) as fn(Step) -> io::Error, "is full; bring another stick"),
        (|_| io::ErrorKind::ReadOnlyFilesystem.into(), "is read-only"),
        (|_| io::Error::from_raw_os_error(5), "if the stick was pulled out"),
    ] {
        let fault = site.send(2, error).unwrap_err();
        assert!(fault.to_string().contains(says), "{fault}");
    }
    let none = sync(&storage.join("nowhere"), storage, site.stick.path(), Bare::Begin).unwrap_err();
    assert!(none.to_string().contains("there is no journal"), "{none}");
}

#[test]
fn an_older_copy_of_the_journal_is_found_by_what_was_sent() {
    let site = Site::new(5);
    let copy = tempfile::tempdir().unwrap();
    let segment = "segment-00000001.journal";
    fs::copy(site.journal().join(segment), copy.path().join(segment)).unwrap();
    site.record(5);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    fs::remove_dir_all(site.journal()).unwrap();
    fs::create_dir(site.journal()).unwrap();
    fs::copy(copy.path().join(segment), site.journal().join(segment)).unwrap();
    let fault = site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap_err();
    assert!(matches!(fault, CourierFault::NotWhatWasSent { sequence: 10 }), "{fault}");
    // Others passed since: the numbers are the same, the records are not.
    let mut journal = Journal::open(&site.journal(), site.device().id()).unwrap().0;
    for _ in 0..9 {
        journal.append(&Draft { direction: Direction::Out, ..draft() }, None).unwrap();
    }
    let fault = site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap_err();
    assert!(matches!(fault, CourierFault::NotWhatWasSent { sequence: 10 }), "{fault}");
}

#[test]
fn a_new_journal_of_the_same_device_is_sent_from_its_start() {
    let site = Site::new(5);
    site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap();
    fs::remove_dir_all(site.journal()).unwrap();
    site.record(3);
    assert_eq!(site.send(usize::MAX, |_| io::ErrorKind::Other.into()).unwrap(), 3);
    assert_eq!(files(&site.stick.path().join("passages")).len(), 2, "both are kept: their names differ");
}

#[test]
fn the_background_run_goes_on_until_it_is_stopped() {
    let site = Site::new(4);
    fs::create_dir(site.stick.path().join("passages")).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel();
    let mut runs = Vec::new();
    let pause = Duration::from_millis(1);
    keep_in_sync(&site.journal(), site.kiosk.path(), site.stick.path(), pause, &stopped, |result| {
        runs.push(result.map(|sent| sent.records).map_err(|fault| fault.to_string()));
        if runs.len() == 3 {
            stop.send(()).unwrap();
        }
    });
    assert_eq!(runs, [Ok(4), Ok(0), Ok(0)]);
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: VerifyJournalArgs,
}

/// What a proof of the site's journal says, with these witnesses: how bad it is, or why there is no proof.
fn proven(site: &Site, line: &[&str]) -> String {
    let line = Line::parse_from([&["verify"], line].concat());
    match prove(&line.args, &site.journal(), None, None, &[site.device().public_key()]) {
        Ok(report) => report.severity().word().to_owned(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn a_witness_that_is_none_is_told_from_one_that_was_asked() {
    let site = Site::new(3);
    let nothing_sent = proven(&site, &["--batches", site.stick.path().to_str().unwrap()]);
    assert!(nothing_sent.contains("holds no batch of this kiosk"), "{nothing_sent}");
    sync(&site.journal(), site.kiosk.path(), site.stick.path(), Bare::Begin).unwrap();
    let passages = site.stick.path().join("passages");
    assert_eq!(proven(&site, &["--batches", passages.to_str().unwrap()]), "note", "all of it was sent");
    let beside = proven(&site, &["--batches", site.stick.path().to_str().unwrap()]);
    assert!(beside.contains("name the stick's folder `passages`"), "{beside}");

    // All records were cut off, so that none says whose journal it is: the batches are witnesses all the same.
    let segment = site.journal().join("segment-00000001.journal");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[16_384..].fill(0);
    fs::write(&segment, bytes).unwrap();
    assert_eq!(proven(&site, &["--batches", passages.to_str().unwrap()]), "broken");
    fs::remove_file(site.journal().join("index.sqlite")).unwrap();
    assert_eq!(proven(&site, &["--batches", passages.to_str().unwrap()]), "broken");
    assert_eq!(proven(&site, &[]), "unproven", "an empty journal is not proven to have been empty");

    let empty = site.stick.path().join("witnesses.txt");
    fs::write(&empty, "\n\n").unwrap();
    let said = proven(&site, &["--witness", empty.to_str().unwrap()]);
    assert!(said.contains("holds no checkpoint: give a file with texts VNCHK1:"), "{said}");
}
