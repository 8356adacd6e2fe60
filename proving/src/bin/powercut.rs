//! Cuts the power at every instant of the kiosk's journal, on a recording file system.
//!
//! `cargo run --release -p proving --bin powercut -- --cuts 100000`: the real journal runs once on a file system in user space
//! that sees every write, every sync, every change of a name and every acknowledgement. Then the power is cut at each point,
//! in ten ways, also while the journal recovers from an earlier cut, and the real journal begins again on what is left. It
//! must hold every acknowledged record, without a gap, and take the next passage. Three ways that are known to lose passages
//! must lose some in the same run.
//!
//! Needs `/dev/fuse` and the right to mount (root). Ends with 1 where something was lost, or where a control lost nothing.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use proving::powercut::check::{Recorded, Tally};
use proving::powercut::controls::{Database, acknowledged_too_early};
use proving::powercut::life::Life;
use proving::powercut::work::{Work, record};
use proving::{exit_code, scratch};

/// Of the cuts, one in so many is made on segments of the kiosk's own size; the others on small ones, which change often.
const USUAL_ONE_IN: u64 = 40;

/// Cuts of each control.
const CONTROL_CUTS: u64 = 1_000;

#[derive(Parser)]
#[command(about = "Cuts the power at every instant of the kiosk's journal", max_term_width = 100)]
struct Args {
    /// How often the power is cut.
    #[arg(long, default_value_t = 100_000)]
    cuts: u64,
    /// What the cuts that are not told apart otherwise depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Works in this directory, a recorder's, and ends: what this program starts itself for.
    #[arg(long, hide = true, requires = "dir")]
    work: Option<Work>,
    #[arg(long, hide = true)]
    dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match (args.work, &args.dir) {
        (Some(work), Some(dir)) => work.perform(dir).map(|()| true),
        _ => run(&args),
    };
    exit_code(done)
}

fn run(args: &Args) -> Result<bool, Box<dyn Error>> {
    let scratch = scratch()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let mut good = true;

    let program = std::env::current_exe()?;
    let record = |work: Work| record(work, &program, scratch.path());
    let short = Recorded::of(record(Work::Short)?, Life::SHORT.geometry)?;
    let usual = Recorded::of(record(Work::Usual)?, Life::USUAL.geometry)?;
    let of_usual = args.cuts / USUAL_ONE_IN;
    let mut all = Tally::default();
    for (what, recorded, cuts) in
        [("small segments", &short, args.cuts - of_usual), ("the kiosk's segments", &usual, of_usual)]
    {
        let start = Instant::now();
        let tally = recorded.explore(cuts, args.seed, threads, scratch.path());
        let secs = start.elapsed().as_secs_f64();
        println!(
            "{what}: {} steps, {} cuts ({} during recovery, {} on files too) in {secs:.0} s, {} lost something",
            recorded.ops.len(),
            tally.cuts,
            tally.in_recovery,
            tally.on_files,
            tally.lost_count()
        );
        all.add(tally);
    }
    for (kind, (cuts, lost)) in &all.kinds {
        println!("  {kind:<24} {cuts:>8} cuts, {lost} lost something");
    }
    for loss in &all.lost {
        println!("  {loss}");
    }
    good &= all.lost_count() == 0;

    println!("controls, which must lose passages:");
    let early = acknowledged_too_early(&short).explore(CONTROL_CUTS, args.seed, threads, scratch.path());
    good &= control("the journal, acknowledging before the sync", &early);
    for (what, work, database) in [
        ("SQLite, WAL + NORMAL", Work::WalNormal, Database::WalNormal),
        ("SQLite, DELETE + FULL", Work::DeleteFull, Database::DeleteFull),
    ] {
        let ops = record(work)?;
        let tally = database.explore(&ops, CONTROL_CUTS, args.seed, &scratch.path().join("control"));
        good &= control(what, &tally);
    }
    println!("{}", if good { "good: nothing acknowledged was lost, and every control failed" } else { "NOT GOOD" });
    Ok(good)
}

/// Whether a control failed as it must.
fn control(what: &str, tally: &Tally) -> bool {
    let lost = tally.lost_count();
    println!("  {what}: {lost} of {} cuts lost something", tally.cuts);
    if lost == 0 {
        println!("  this control lost nothing: the checks are blind");
    }
    lost > 0
}
