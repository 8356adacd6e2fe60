//! The other build of a program, that with the peers in it.

use std::process::{Command, ExitCode};

/// Starts the program of this name again with the peers and the same arguments, and gives its exit code. Cargo builds a
/// program without the peers unless told; started by cargo, a program can ask cargo for the other build itself. Otherwise it
/// says what to type, and the exit code is 2.
pub fn run_again_with_them(program: &str) -> ExitCode {
    let mut line = vec!["run", "--release", "-p", "proving", "--features", "peers", "--bin", program, "--"];
    if !cfg!(feature = "ours") {
        line.insert(4, "--no-default-features");
    }
    let Some(cargo) = std::env::var_os("CARGO") else {
        eprintln!("{program}: this build holds no peers; use: cargo {} ... --peers", line.join(" "));
        return ExitCode::from(2);
    };
    eprintln!("{program}: building the peers: cargo {} ...", line.join(" "));
    match Command::new(cargo).args(line).args(std::env::args_os().skip(1)).status() {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("{program}: cannot start cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
