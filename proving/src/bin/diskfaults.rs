//! Lets every step of the disk fail in turn while the kiosk's lane works on it, and lets its memory run out.
//!
//! `cargo run --release -p proving --bin diskfaults`: on a file system in user space each
//! opening, making, writing, syncing, renaming and removing fails in turn (no space, an I/O error, read-only), once and several
//! times in a row. A visitor whose passage is not on disk is never shown as passed, the screen says what is wrong, and the lane
//! goes on when the disk does. A process that has no memory left may end; what it acknowledged is there.
//!
//! Needs `/dev/fuse` and the right to mount (root). Ends with 1 where something went wrong; with 77 where it cannot be tried.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use proving::powercut::faults::{Troubles, every_step, lane, out_of_memory};
use proving::{exit_code, scratch};

#[derive(Clone, Copy, ValueEnum)]
enum Work {
    Lane,
    Hungry,
}

#[derive(Parser)]
#[command(about = "Lets every step of the disk fail while the kiosk works on it", max_term_width = 100)]
struct Args {
    /// Every how many-th step fails.
    #[arg(long, default_value_t = 1)]
    stride: u64,
    /// How often the memory runs out.
    #[arg(long, default_value_t = 20)]
    hungry: u64,
    /// Works in this directory, a recorder's, and ends: what this program starts itself for.
    #[arg(long, hide = true, requires = "dir")]
    work: Option<Work>,
    #[arg(long, hide = true)]
    dir: Option<PathBuf>,
    #[arg(long, hide = true)]
    leak: Option<usize>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match (args.work, &args.dir) {
        (Some(Work::Lane), Some(dir)) => lane(dir, None).map(|()| true),
        (Some(Work::Hungry), Some(dir)) => lane(dir, args.leak).map(|()| true),
        _ => proceed(&args),
    };
    exit_code(done)
}

fn proceed(args: &Args) -> Result<bool, Box<dyn Error>> {
    let scratch = scratch()?;
    let program = std::env::current_exe()?;
    let told = |what: &str, troubles: &Troubles| {
        println!(
            "{what}: {} runs, {} steps failed, {} passages acknowledged, {} runs went wrong",
            troubles.runs,
            troubles.failed,
            troubles.acknowledged,
            troubles.wrong.len()
        );
        for wrong in troubles.wrong.iter().take(12) {
            println!("  {wrong}");
        }
        troubles.wrong.is_empty()
    };
    let steps = every_step(&program, scratch.path(), args.stride)?;
    let mut good = told("failing steps", &steps);
    let hungry = out_of_memory(&program, scratch.path(), args.hungry)?;
    good &= told("memory that runs out", &hungry);
    println!("{}", if good { "good" } else { "NOT GOOD" });
    Ok(good)
}
