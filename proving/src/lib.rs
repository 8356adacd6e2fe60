//! The proving ground: what the programs in `bin/` share. Nothing here is shipped.

use std::error::Error;
use std::process::ExitCode;

#[cfg(feature = "ours")]
pub mod at_work;
#[cfg(feature = "ours")]
pub mod canaries;
pub mod conformance;
pub mod drawn;
pub mod pairs;
pub mod peers;
#[cfg(feature = "journal")]
pub mod powercut;
pub mod scan;
#[cfg(feature = "ours")]
pub mod screen;
pub mod sequences;
#[cfg(feature = "journal")]
pub mod tamper;

/// Something that a program needs is not here: the program ends with `CANNOT_BE_TRIED`, and its test is skipped.
#[derive(Debug)]
pub struct Untried(pub String);

/// What a program ends with that cannot be tried here, as in other suites.
pub const CANNOT_BE_TRIED: u8 = 77;

impl std::fmt::Display for Untried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Untried {}

/// What a program ends with: 0 where all is good, 1 where it is not.
pub fn exit_code(done: Result<bool, Box<dyn Error>>) -> ExitCode {
    ended(done.map(|good| if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}

/// What a program ends with: what it says itself; 1 where a fault kept it from saying; 77 where it cannot be tried here.
pub fn ended(done: Result<ExitCode, Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(fault) if fault.is::<Untried>() => {
            println!("skipped: {fault}");
            ExitCode::from(CANNOT_BE_TRIED)
        }
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// A folder that is gone at the end, in memory where that is possible: what is written thousands of times would wear a disk
/// for nothing.
///
/// # Errors
/// It cannot be made.
#[cfg(feature = "journal")]
pub fn scratch() -> std::io::Result<tempfile::TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}
