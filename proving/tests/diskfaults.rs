//! A few of the disk's steps fail, and the memory runs out twice: the short form of the program `diskfaults`.

#![cfg(feature = "ours")]

mod short;

#[test]
fn nobody_is_shown_as_passed_who_is_not_on_disk() {
    short::run(env!("CARGO_BIN_EXE_diskfaults"), &["--stride", "41", "--hungry", "2"]);
}
