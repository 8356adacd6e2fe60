//! A journal, its index and its batches changed a few hundred times: the short form of the program `tamper`.

#![cfg(feature = "journal")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

#[test]
fn every_mutation_is_found_and_every_check_left_out_is_missed() {
    let ran = Command::new(env!("CARGO_BIN_EXE_tamper")).args(["--mutations", "200"]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    println!("{out}");
}
