//! What is done on the recording file system, in a process of its own.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use clap::ValueEnum;

use super::controls::Database;
use super::disk::{Acknowledged, Op};
use super::life::Life;
use super::recorder::{ACKNOWLEDGED_FILE, Recorder};

/// Passages that a control's database keeps.
const CONTROL_PASSAGES: u64 = 120;

/// What a process works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// The kiosk's journal, in small segments.
    Short,
    /// The kiosk's journal, in segments of its own size.
    Usual,
    /// A control.
    WalNormal,
    /// A control.
    DeleteFull,
}

impl Work {
    /// Works in a directory and tells its acknowledgements to the recorder that is mounted there.
    ///
    /// # Errors
    /// The disk works, so there should be none.
    pub fn perform(self, dir: &Path) -> Result<(), Box<dyn Error>> {
        let mut told = Teller::at(dir)?;
        match self {
            Self::Short => Life::SHORT.live(dir, |one| told.tell(one))?,
            Self::Usual => Life::USUAL.live(dir, |one| told.tell(one))?,
            Self::WalNormal => Database::WalNormal.live(dir, CONTROL_PASSAGES, |one| told.tell(one))?,
            Self::DeleteFull => Database::DeleteFull.live(dir, CONTROL_PASSAGES, |one| told.tell(one))?,
        }
        told.0?;
        Ok(())
    }
}

/// Tells acknowledgements to the recorder, in the order of the steps.
pub struct Teller(std::io::Result<File>);

impl Teller {
    /// In a recorder's root directory.
    ///
    /// # Errors
    /// There is no recorder.
    pub fn at(root: &Path) -> std::io::Result<Self> {
        OpenOptions::new().write(true).open(root.join(ACKNOWLEDGED_FILE)).map(|file| Self(Ok(file)))
    }

    /// One more; a fault is kept for the end.
    pub fn tell(&mut self, acknowledged: Acknowledged) {
        if let Ok(file) = &mut self.0
            && let Err(fault) = file.write_all_at(&acknowledged.bytes(), 0)
        {
            self.0 = Err(fault);
        }
    }
}

/// Lets `program` do this work on a recorder that is mounted in a new directory in `scratch`, and returns what was recorded.
///
/// # Errors
/// There is no FUSE here, or the work failed.
pub fn record(work: Work, program: &Path, scratch: &Path) -> Result<Vec<Op>, Box<dyn Error>> {
    let root = tempfile::tempdir_in(scratch)?;
    let recorder = Recorder::mount(root.path())
        .map_err(|fault| format!("cannot mount a file system in user space ({fault}); it needs /dev/fuse and root"))?;
    let name = work.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let status = Command::new(program).args(["--work", &name, "--dir"]).arg(root.path()).status()?;
    if !status.success() {
        return Err(format!("the work on the recorder failed: {status}").into());
    }
    Ok(recorder.ops())
}
