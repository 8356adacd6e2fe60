//! Changes a journal, its index and its batches in thousands of ways, and asks `kiosk journal verify` each time.
//!
//! `cargo run --release -p proving --no-default-features --features journal --bin tamper -- --mutations 10000`: every mutation
//! must be found. Cutting the tail, putting back an older copy, and forging what no signature covers yet can be found only by
//! a witness: without one the journal must be reported as not provable, with one they must be found. Then each check is left
//! out in turn until something is missed; if nothing is, the run proves nothing.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use proving::tamper::{Original, Tally, Until, run};
use proving::{exit_code, scratch};

#[derive(Parser)]
#[command(about = "Changes a journal in thousands of ways and asks whether it is found", max_term_width = 100)]
struct Args {
    /// How many mutations.
    #[arg(long, default_value_t = 10_000)]
    mutations: u64,
    /// What they depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Mutations until which a control must have missed one, at least: twenty of each kind.
const CONTROL_MIN: u64 = 380;

fn main() -> ExitCode {
    exit_code(proceed(&Args::parse()))
}

fn proceed(args: &Args) -> Result<bool, Box<dyn Error>> {
    let scratch = scratch()?;
    let original = Original::make(&scratch.path().join("original"))?;
    let Tally { kinds, missed, .. } = run(&original, Until::All(args.mutations), args.seed, scratch.path())?;
    for (kind, counts) in &kinds {
        println!(
            "  {kind:<32} {:>6} mutations: {} found, {} not provable without a witness and found with one, {} without any effect, {} MISSED",
            counts.all(),
            counts.found,
            counts.by_witness,
            counts.harmless,
            counts.missed
        );
    }
    for miss in &missed {
        println!("  missed: {miss}");
    }
    let mut good = missed.is_empty();
    println!("controls: with a check left out something must be missed");
    for (what, original) in original.with_checks_left_out() {
        let most = (args.mutations / 20).max(CONTROL_MIN);
        let control = run(&original, Until::Missed(most), args.seed, scratch.path())?;
        let missed = !control.missed.is_empty();
        println!(
            "  without {what}: {} of {} mutations",
            if missed { "one missed" } else { "NONE missed" },
            control.mutations()
        );
        good &= missed;
    }
    println!("{}", if good { "good: every mutation was found, and every control failed" } else { "NOT GOOD" });
    Ok(good)
}
