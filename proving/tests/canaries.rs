//! The short form of `--bin canaries`: a few visitors before the real window.

#![cfg(feature = "ours")]

mod short;

#[test]
fn nothing_is_left_of_a_few_visitors() {
    short::run(env!("CARGO_BIN_EXE_canaries"), &["--visitors", "12", "--control", "12"]);
}
