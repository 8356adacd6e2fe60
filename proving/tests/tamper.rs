//! A journal, its index and its batches changed a few hundred times: the short form of the program `tamper`.

#![cfg(feature = "journal")]

mod short;

#[test]
fn every_mutation_is_found_and_every_check_left_out_is_missed() {
    short::run(env!("CARGO_BIN_EXE_tamper"), &["--mutations", "200"]);
}
