//! The power cut a few thousand times: the short form of the program `powercut`.

#![cfg(feature = "journal")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

#[test]
fn nothing_acknowledged_is_lost_and_every_control_fails() {
    if !Path::new("/dev/fuse").exists() || !rustix::process::geteuid().is_root() {
        println!("skipped: a file system in user space needs /dev/fuse and root");
        return;
    }
    let ran = Command::new(env!("CARGO_BIN_EXE_powercut")).args(["--cuts", "1500"]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if err.contains("cannot mount") {
        println!("skipped: {err}");
        return;
    }
    assert!(ran.status.success(), "{out}{err}");
    println!("{out}");
}
