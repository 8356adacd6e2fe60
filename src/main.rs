//! The kiosk's command line: one `match` on the subcommand.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiosk::commands::place::{PlaceArgs, journal_dir};
use kiosk::commands::{demo, doctor, exchange, journal, location_qr, passages, pin, replay, run, sync, verify};
use kiosk::memory::{self, Wiping};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A visitor's name is gone from memory when it is gone from the screen.
#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

/// Offline checkpoint verifier: reads QR codes from a camera, verifies signed health credentials, keeps the passages.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0   done; for `verify`: admitted
  1   something failed, the last line says what and what to do
  2   the command line is wrong
  10  `verify`: refused
  11  `verify`: referred, or something is still missing
  12  `verify`: no code could be read from the picture

Every command says more with --help. Times are shown in +07:00 and given as RFC 3339 (2026-03-02T08:00:00+07:00).";

#[derive(Subcommand)]
enum Command {
    /// Starts the checkpoint: camera, window, journal.
    Run(run::RunArgs),
    /// Plays a demonstration recording before the same kiosk; nothing of it is kept.
    Demo(demo::DemoArgs),
    /// Puts recorded frames through the same lane and prints the passages.
    Replay(replay::ReplayArgs),
    /// Explains one code or picture: every layer, the verdict, the reason.
    Verify(verify::VerifyArgs),
    /// Lists and counts the passages that were kept.
    Passages {
        #[command(flatten)]
        args: passages::PassagesArgs,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Proves the journal.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Shows the signed head of the journal, for another kiosk to scan.
    CheckpointQr {
        #[command(flatten)]
        args: journal::CheckpointQrArgs,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Draws the checkpoint's own code as PNG, SVG and a poster to print.
    LocationQr {
        #[command(flatten)]
        args: location_qr::LocationQrArgs,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Takes passages out to a folder (a stick, a share) and brings a newer trust list in.
    Sync {
        #[command(flatten)]
        args: sync::SyncArgs,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Sets the PIN that guards the mode and the rule sets at the screen.
    Pin(PlaceArgs),
    /// Says what is wrong with this kiosk and what to do.
    Doctor(doctor::DoctorArgs),
}

/// Draws the checkpoint's own code and says where the files are.
fn location_qr(args: &location_qr::LocationQrArgs, place: &PlaceArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    for file in location_qr::run(&place.load()?.lane.location, args)? {
        println!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists or counts the passages.
fn passages(args: &passages::PassagesArgs, place: &PlaceArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let journal = journal_dir(&place.load()?.storage_dir);
    if let Some(nothing) = passages::passages(args, &journal, chrono::Utc::now(), std::io::stdout().lock())? {
        eprintln!("{nothing}");
    }
    Ok(ExitCode::SUCCESS)
}

/// What the kiosk itself has to say, and nothing else: a library of the window may write down every key that a scanner types.
fn log_to_stderr() {
    let wanted = EnvFilter::try_from_env("KIOSK_LOG").unwrap_or_else(|_| "warn".into());
    let ours = filter_fn(|about| ["kiosk", "checkpoint", "qrscan"].iter().any(|own| about.target().starts_with(own)));
    let format = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    tracing_subscriber::registry().with(wanted).with(format.with_filter(ours)).init();
}

fn main() -> ExitCode {
    memory::keep_to_ourselves();
    log_to_stderr();
    let done = match Cli::parse().command {
        Command::Run(args) => run::run(args),
        Command::Demo(args) => demo::demo(args),
        Command::Replay(args) => replay::replay(args),
        Command::Verify(args) => verify::verify(args),
        Command::Passages { args, place } => passages(&args, &place),
        Command::Journal(command) => journal::journal(&command),
        Command::CheckpointQr { args, place } => journal::checkpoint_qr(&args, &place),
        Command::LocationQr { args, place } => location_qr(&args, &place),
        Command::Sync { args, place } => exchange::by_hand(&args, &place),
        Command::Pin(place) => pin::pin(&place),
        Command::Doctor(args) => doctor::doctor(args),
    };
    done.unwrap_or_else(|fault| {
        eprintln!("error: {fault}");
        ExitCode::FAILURE
    })
}
