#!/usr/bin/env bash
# Sets up what is missing, then passes every test: for a person and for CI alike.
#
# KIOSK_VECTORS=DIR also measures against public credentials and photographs in DIR; without it those tests say that
# they skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

need_packages $PACKAGES_TO_BUILD $PACKAGES_TO_SHOW $PACKAGES_FOR_NO_DISPLAY $PACKAGES_TO_TEST
need_rust

if cargo fmt --version >/dev/null 2>&1; then
    say "Layout of the code"
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
else
    say "Layout of the code: skipped, this toolchain has no rustfmt"
fi
if cargo clippy --version >/dev/null 2>&1; then
    say "Lints"
    cargo clippy --workspace --all-targets --locked -- -D warnings
else
    say "Lints: skipped, this toolchain has no clippy"
fi
if cargo deny --version >/dev/null 2>&1; then
    say "Licences and sources of what we link"
    cargo deny --locked check licenses bans sources
else
    say "Licences and sources: skipped, cargo-deny is not installed (cargo install cargo-deny)"
fi

say "Tests"
cargo test --workspace --locked

say "Fuzzing, in short: the kept corpus and seeded changes of it (scripts/fuzz.sh goes on for as long as you like)"
if cargo clippy --version >/dev/null 2>&1; then
    cargo clippy --manifest-path fuzz/Cargo.toml --target-dir target --no-default-features --all-targets -- -D warnings
fi
cargo test --manifest-path fuzz/Cargo.toml --target-dir target --no-default-features
