//! Cuts the power at every instant of the kiosk's journal, on a recording file system.
//!
//! `cargo run --release -p proving --bin powercut -- --cuts 100000`: the real journal runs once on a file system in user space
//! that sees every write, every sync, every change of a name and every acknowledgement. Then the power is cut at each point,
//! in ten ways, also while the journal recovers from an earlier cut, and the real journal begins again on what is left. It
//! must hold every acknowledged record, without a gap, and take the next passage. Three ways that are known to lose passages
//! must lose some in the same run.
//!
//! Of the cuts, some are made on a journal and its mirror: on both at once, on the mirror alone, on one that was behind, and with
//! an older copy of the journal beside it. The mirror never makes the journal lose anything; whatever it said that it holds comes
//! back from it, and nothing that was not acknowledged; and in the end it is the journal again. Two mirrors that speak or listen too early
//! must fail.
//!
//! Needs `/dev/fuse` and the right to mount (root). Ends with 1 where something was lost, or where a control lost nothing; with 77
//! where it cannot be tried.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use proving::powercut::check::{Recorded, Tally};
use proving::powercut::controls::{Database, acknowledged_too_early};
use proving::powercut::life::{Life, MIRROR_DIR};
use proving::powercut::mirrored::{Mirrored, Point, handed_over_too_early, told_too_early};
use proving::powercut::work::{Work, record};
use proving::{exit_code, scratch};
use simdisk::{Model, Seeded};

/// Of the cuts, one in so many is made on segments of the kiosk's own size; the others on small ones, which change often.
const USUAL_ONE_IN: u64 = 40;

/// One in so many is made on a journal and its mirror.
const MIRRORED_ONE_IN: u64 = 16;

/// Of these, one in so many while the kiosk begins again with both after an earlier cut.
const AGAIN_ONE_IN: u64 = 3;

/// So many beginnings are recorded, each after another cut.
const AGAIN: u64 = 8;

/// Cuts of each control.
const CONTROL_CUTS: u64 = 1_000;

/// Those of a mirror: each takes some twenty milliseconds.
const MIRROR_CONTROL_CUTS: u64 = 500;

#[derive(Parser)]
#[command(about = "Cuts the power at every instant of the kiosk's journal", max_term_width = 100)]
struct Args {
    /// How often the power is cut.
    #[arg(long, default_value_t = 100_000)]
    cuts: u64,
    /// What the cuts that are not told apart otherwise depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the disks of the first cut of a mirror after which something was lost are kept, as the power left them.
    #[arg(long, default_value = "powercut-lost")]
    keep: PathBuf,
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
    let record_on = |work: Work, before: Model| record(work, before, &program, scratch.path());
    let record = |work: Work| record_on(work, Model::default());
    let short = Recorded::of(record(Work::Short)?, Life::SHORT.geometry)?;
    let usual = Recorded::of(record(Work::Usual)?, Life::USUAL.geometry)?;
    let of_usual = args.cuts / USUAL_ONE_IN;
    let of_mirror = args.cuts / MIRRORED_ONE_IN;
    let mut all = Tally::default();
    for (what, recorded, cuts) in
        [("small segments", &short, args.cuts - of_usual - of_mirror), ("the kiosk's segments", &usual, of_usual)]
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
    print_kinds(&all);
    good &= all.lost_count() == 0;

    // The kiosk's disk is empty; the stick is there.
    let mirror = || Point { disk: Model::with_dir(MIRROR_DIR), told: 0 };
    let ops = record_on(Work::Mirrored, mirror().disk)?;
    let explore =
        |mirrored: &Mirrored, cuts: u64, seed: u64| mirrored.explore(cuts, seed, threads, scratch.path(), &args.keep);
    let start = Instant::now();
    let mirrored = Mirrored::of(Point::default(), mirror(), &ops)?;
    let of_again = of_mirror / AGAIN_ONE_IN;
    let mut all = explore(&mirrored, of_mirror - of_again, args.seed);
    let (mut steps, mut seeded) = (mirrored.steps(), Seeded::new(args.seed));
    for number in 0..AGAIN {
        let (journal, mirror) = mirrored.somewhere(&mut seeded);
        let both = journal.disk.clone().beside(mirror.disk.clone());
        let again = Mirrored::of(journal, mirror, &record_on(Work::MirroredAgain, both)?)?;
        steps += again.steps();
        let mut tally = explore(&again, of_again / AGAIN, args.seed + 1 + number);
        tally.in_recovery = tally.cuts;
        all.add(tally);
    }
    println!(
        "journal and mirror: {steps} steps, {} cuts ({} during recovery) in {:.0} s, {} lost something",
        all.cuts,
        all.in_recovery,
        start.elapsed().as_secs_f64(),
        all.lost_count()
    );
    print_kinds(&all);
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
    for (what, early) in [
        ("a mirror that says what it holds before its sync", told_too_early(&ops, &mirror().disk)),
        ("a mirror that is handed a record before it is written", handed_over_too_early(&ops, &mirror().disk)),
    ] {
        let nowhere = scratch.path().join("control");
        std::fs::create_dir_all(&nowhere)?;
        let early = Mirrored::of(Point::default(), mirror(), &early)?;
        good &= control(what, &early.explore(MIRROR_CONTROL_CUTS, args.seed, threads, scratch.path(), &nowhere));
    }
    println!("{}", if good { "good: nothing acknowledged was lost, and every control failed" } else { "NOT GOOD" });
    Ok(good)
}

fn print_kinds(tally: &Tally) {
    for (kind, (cuts, lost)) in &tally.kinds {
        println!("  {kind:<24} {cuts:>8} cuts, {lost} lost something");
    }
    for loss in &tally.lost {
        println!("  {loss}");
    }
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
