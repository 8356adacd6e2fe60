//! The proving ground: what the programs in `bin/` share. Nothing here is shipped.

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

/// What a program ends with: 0 where all is good, 1 where it is not, or where a fault kept it from saying.
pub fn exit_code(done: Result<bool, Box<dyn std::error::Error>>) -> std::process::ExitCode {
    match done {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault}");
            std::process::ExitCode::FAILURE
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
