//! The short form of `--bin canaries`: a few visitors before the real window.

#![cfg(feature = "ours")]

use std::process::Command;

#[test]
fn nothing_is_left_of_a_few_visitors() {
    let ran =
        Command::new(env!("CARGO_BIN_EXE_canaries")).args(["--visitors", "12", "--control", "12"]).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    match ran.status.code() {
        Some(77) => println!("skipped: {said}"),
        code => assert_eq!(code, Some(0), "{said}"),
    }
}
