//! A display that hangs, and a disk that does: the program `hangs` as it is.

#![cfg(feature = "ours")]

mod short;

#[test]
fn nobody_waits_for_the_display_nor_the_picture_for_the_disk() {
    short::run(env!("CARGO_BIN_EXE_hangs"), &[]);
}
