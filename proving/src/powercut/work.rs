//! What is done on the recording file system, in a process of its own.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use clap::ValueEnum;
use simdisk::{Acknowledged, Model, Op};

use super::controls::Database;
use super::life::{self, Life, Told};
use super::recorder::{ACKNOWLEDGED_FILE, MIRRORED_FILE, Recorder};

/// Passages that a control's database keeps.
const CONTROL_PASSAGES: u64 = 120;

/// What a process works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// The kiosk's journal, in small segments.
    Short,
    /// The kiosk's journal, in segments of its own size.
    Usual,
    /// The kiosk's journal and its mirror, in small segments.
    Mirrored,
    /// The kiosk begins once more with both.
    MirroredAgain,
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
            Self::Mirrored => life::mirrored(dir, &mut |one| told.tell_of(one))?,
            Self::MirroredAgain => life::mirrored_again(dir, &mut |one| told.tell_of(one))?,
            Self::WalNormal => Database::WalNormal.live(dir, CONTROL_PASSAGES, |one| told.tell(one))?,
            Self::DeleteFull => Database::DeleteFull.live(dir, CONTROL_PASSAGES, |one| told.tell(one))?,
        }
        told.end()?;
        Ok(())
    }
}

/// Tells acknowledgements to the recorder, in the order of the steps.
pub struct Teller {
    acknowledged: File,
    mirrored: File,
    fault: std::io::Result<()>,
}

impl Teller {
    /// In a recorder's root directory.
    ///
    /// # Errors
    /// There is no recorder.
    pub fn at(root: &Path) -> std::io::Result<Self> {
        let open = |name| OpenOptions::new().write(true).open(root.join(name));
        Ok(Self { acknowledged: open(ACKNOWLEDGED_FILE)?, mirrored: open(MIRRORED_FILE)?, fault: Ok(()) })
    }

    /// One record was acknowledged; a fault is kept for the end.
    pub fn tell(&mut self, acknowledged: Acknowledged) {
        self.tell_of(Told::Acknowledged(acknowledged));
    }

    /// One more was told; a fault is kept for the end.
    pub fn tell_of(&mut self, told: Told) {
        let written = match told {
            Told::Acknowledged(one) => self.acknowledged.write_all_at(&one.bytes(), 0),
            Told::Mirrored(one) => self.mirrored.write_all_at(&one.bytes(), 0),
        };
        if self.fault.is_ok() {
            self.fault = written;
        }
    }

    /// Nothing more is told.
    ///
    /// # Errors
    /// Something could not be.
    pub fn end(self) -> std::io::Result<()> {
        self.fault
    }
}

/// Lets `program` do this work on a recorder that holds this much already, mounted in a new directory in `scratch`, and returns
/// what was recorded.
///
/// # Errors
/// `Untried` where there is no FUSE here; otherwise the work failed.
pub fn record(work: Work, before: Model, program: &Path, scratch: &Path) -> Result<Vec<Op>, Box<dyn Error>> {
    let root = tempfile::tempdir_in(scratch)?;
    let recorder = Recorder::mount_model(root.path(), before)?;
    let name = work.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let status = Command::new(program).args(["--work", &name, "--dir"]).arg(root.path()).status()?;
    if !status.success() {
        return Err(format!("the work {name} on the recorder failed: {status}").into());
    }
    Ok(recorder.ops())
}
