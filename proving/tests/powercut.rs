//! The power cut a few thousand times: the short form of the program `powercut`.

#![cfg(feature = "journal")]

mod short;

#[test]
fn nothing_acknowledged_is_lost_and_every_control_fails() {
    short::run(env!("CARGO_BIN_EXE_powercut"), &["--cuts", "1500"]);
}
