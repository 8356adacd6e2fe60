//! A program of the proving ground in its short form.

use std::process::Command;

/// Runs a program, which must end well, and prints what it said; where it says that it cannot be tried here, the test is skipped.
pub fn run(program: &str, args: &[&str]) {
    let ran = Command::new(program).args(args).output();
    let ran = ran.unwrap_or_else(|fault| panic!("{program} cannot be started: {fault}"));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    let untried = ran.status.code() == Some(proving::CANNOT_BE_TRIED.into());
    assert!(untried || ran.status.success(), "{said}");
    println!("{said}");
}
