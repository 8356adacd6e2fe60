//! A display that hangs, and a disk that does: the program `hangs` as it is.

#![cfg(feature = "ours")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

#[test]
fn nobody_waits_for_the_display_nor_the_picture_for_the_disk() {
    let ran = Command::new(env!("CARGO_BIN_EXE_hangs")).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    match ran.status.code() {
        Some(77) => println!("skipped: {said}"),
        code => assert_eq!(code, Some(0), "{said}"),
    }
    println!("{said}");
}
