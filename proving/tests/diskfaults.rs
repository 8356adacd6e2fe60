//! A few of the disk's steps fail, and the memory runs out twice: the short form of the program `diskfaults`.

#![cfg(feature = "ours")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

#[test]
fn nobody_is_shown_as_passed_who_is_not_on_disk() {
    if !Path::new("/dev/fuse").exists() || !rustix::process::geteuid().is_root() {
        println!("skipped: a file system in user space needs /dev/fuse and root");
        return;
    }
    let short = ["--stride", "41", "--hungry", "2"];
    let ran = Command::new(env!("CARGO_BIN_EXE_diskfaults")).args(short).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if err.contains("cannot mount") {
        println!("skipped: {err}");
        return;
    }
    assert!(ran.status.success(), "{out}{err}");
    println!("{out}");
}
