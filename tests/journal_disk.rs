//! The journal and the courier on a file system that is really full, and really read-only. Needs leave to mount one; says so
//! where it has none (`src/journal/power.rs` and `tests/journal_sync.rs` inject the same faults everywhere).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use checkpoint::passage::{Direction, Draft, Outcome};
use checkpoint::screen::Fault;
use chrono::{DateTime, Utc};
use kiosk::commands::sync::sync;
use kiosk::courier::Bare;
use kiosk::device::Device;
use kiosk::journal::mirror::{Settings, State};
use kiosk::journal::{Journal, JournalFault, Reader};

/// A small file system in memory, gone at the end of the test.
struct Mounted {
    dir: tempfile::TempDir,
}

impl Mounted {
    fn of_size(mebibytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(dir.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { dir });
        }
        println!("skipped: no leave to mount a file system");
        None
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.path()).status().unwrap().success());
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        use std::io::Write;
        let path = self.path().join("filler");
        let mut file = fs::File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        path
    }
}

#[test]
fn a_mirror_on_another_file_system_follows_and_a_full_one_is_told_and_fills_nothing() {
    let Some(stick) = Mounted::of_size(4) else { return };
    let kiosk = tempfile::tempdir().unwrap();
    let journal_dir = kiosk.path().join("journal");
    let (mut journal, _) = Journal::open(&journal_dir, "0123456789abcdef").unwrap();
    let settings = Settings {
        look_every: std::time::Duration::from_millis(20),
        ..Settings::on_another_device(stick.path().into())
    };
    journal.mirror_to(&settings, &journal_dir);
    journal.append(&draft(), None).unwrap();
    while journal.retain(checkpoint::time::TrustedTime::given(draft().at), 21).unwrap() {}
    let settled = |journal: &Journal| journal.mirror().unwrap().settle(std::time::Duration::from_secs(30));
    assert_eq!(settled(&journal), State::Full);
    assert_eq!(journal.tend_mirror(), Some((State::Full, Some(Fault::MirrorFull))));
    let left = fs::read_dir(stick.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.starts_with("segment-")), "what was begun is taken away again");
    for _ in 0..5 {
        journal.append(&draft(), None).unwrap();
    }
    stick.remount("size=40m");
    let began = std::time::Instant::now();
    while settled(&journal) != State::Follows {
        assert!(began.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(Reader::open(stick.path()).unwrap().entries(1).unwrap().count(), 6);
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn draft() -> Draft {
    let at: DateTime<Utc> = "2026-03-01T01:00:00Z".parse().unwrap();
    Draft::plain(at, "HN-CK-0023", Direction::In, Outcome::Admit)
}

const DEVICE: &str = "0123456789abcdef";

#[test]
fn a_full_disk_is_told_loses_nothing_and_is_gone_on_with() {
    let Some(disk) = Mounted::of_size(12) else { return };
    let dir = disk.path().join("journal");
    let (mut journal, _) = Journal::open(&dir, DEVICE).unwrap();
    let filler = disk.fill();
    let mut taken = 0;
    let fault = loop {
        match journal.append(&draft(), None) {
            Ok(passage) => taken = passage.sequence(),
            Err(fault) => break fault,
        }
    };
    assert_eq!(taken, 511, "all for which room was reserved, also with a full disk");
    assert!(matches!(fault, JournalFault::DiskFull), "{fault}");
    assert_eq!(fault.shown(), Fault::DiskFull);
    assert!(journal.append(&draft(), None).is_err());
    drop(journal);
    let (mut journal, recovery) = Journal::open(&dir, DEVICE).unwrap();
    assert_eq!(recovery.sequence, 511, "it opens on a full disk too");
    assert!(journal.append(&draft(), None).is_err());
    fs::remove_file(filler).unwrap();
    disk.remount("size=64m");
    assert_eq!(journal.append(&draft(), None).unwrap().sequence(), 512);
    drop(journal);
    assert_eq!(Reader::open(&dir).unwrap().entries(1).unwrap().map(Result::unwrap).count(), 512);
}

#[test]
fn a_disk_that_is_full_from_the_start_is_told() {
    let Some(disk) = Mounted::of_size(4) else { return };
    let fault = Journal::open(&disk.path().join("journal"), DEVICE).err().unwrap();
    assert!(matches!(fault, JournalFault::DiskFull), "{fault}");
}

#[test]
fn a_read_only_disk_is_told_and_still_read() {
    let Some(disk) = Mounted::of_size(40) else { return };
    let dir = disk.path().join("journal");
    let (mut journal, _) = Journal::open(&dir, DEVICE).unwrap();
    for _ in 0..3 {
        journal.append(&draft(), None).unwrap();
    }
    drop(journal);
    disk.remount("ro");
    let fault = Journal::open(&dir, DEVICE).err().unwrap();
    assert!(matches!(fault, JournalFault::ReadOnly { .. }), "{fault}");
    let index = Reader::open(&dir).unwrap().index().unwrap();
    assert_eq!(index.count(&Default::default()).unwrap().admitted, 3, "listing needs no writing");
}

#[test]
fn a_full_and_a_read_only_stick_are_told_and_the_next_one_gets_everything() {
    let Some(stick) = Mounted::of_size(1) else { return };
    let kiosk = tempfile::tempdir().unwrap();
    let device = Device::load_or_make(kiosk.path(), None).unwrap();
    let dir = kiosk.path().join("journal");
    let (mut journal, _) = Journal::open(&dir, device.id()).unwrap();
    for _ in 0..600 {
        journal.append(&draft(), None).unwrap();
    }
    drop(journal);
    let filler = stick.fill();
    let full = sync(&dir, kiosk.path(), stick.path(), Bare::Begin).unwrap_err();
    assert!(full.to_string().contains("is full"), "{full}");
    fs::remove_file(filler).unwrap();
    stick.remount("ro");
    let read_only = sync(&dir, kiosk.path(), stick.path(), Bare::Begin).unwrap_err();
    assert!(read_only.to_string().contains("is read-only"), "{read_only}");
    stick.remount("rw,size=20m");
    assert_eq!(sync(&dir, kiosk.path(), stick.path(), Bare::Begin).unwrap().records, 600);
    assert!(
        fs::read_dir(stick.path().join("passages"))
            .unwrap()
            .all(|file| { file.unwrap().path().extension().is_some_and(|extension| extension == "json") })
    );
}
