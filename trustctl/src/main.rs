//! `trustctl`: makes keys, signs what kiosks believe, issues credentials and draws them.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use trustctl::fault::Fault;

/// Makes the authority's keys, signs what kiosks believe, issues credentials and draws them as QR codes.
///
/// The usual order: `key new` for each person; `root new`, and `root sign` by three of five; `tracing new`; `bundle new`,
/// and `bundle sign` by two of three; then the files `1.root.json` and `bundle.json` go to the kiosks. Every step that
/// signs first prints what it signs. `docs/trust-files.md` describes the files.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done; 1 a signed file does not hold; 2 wrong command line; 3 a file cannot be read \
or written;\n4 a description or file is not what the step needs; 5 a key lies open or cannot sign."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Private keys: make one, or print the public half of one.
    #[command(subcommand)]
    Key(commands::key::KeyCommand),
    /// Roots: who may sign what.
    #[command(subcommand)]
    Root(commands::sign::RootCommand),
    /// Bundles: everything that kiosks believe.
    #[command(subcommand)]
    Bundle(commands::sign::BundleCommand),
    /// Tracing keys: passages of a day are sealed to that day's key.
    #[command(subcommand)]
    Tracing(commands::tracing::TracingCommand),
    /// Signs a health credential from a description (TOML or JSON) and prints the text of its code.
    #[command(subcommand)]
    Issue(commands::issue::IssueCommand),
    /// Draws any text as a QR code.
    Qr(commands::qr::QrArgs),
    /// Says what a signed file or a credential contains, and who signed it.
    Show(commands::show::ShowArgs),
    /// Makes the demonstration: recording, list and expectations. The same files on every machine.
    Demo(commands::demo::DemoArgs),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("trustctl: {fault}");
            ExitCode::from(fault.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), Fault> {
    match command {
        Command::Key(command) => commands::key::run(command),
        Command::Root(command) => commands::sign::root(command),
        Command::Bundle(command) => commands::sign::bundle(command),
        Command::Tracing(command) => commands::tracing::run(command),
        Command::Issue(command) => commands::issue::run(command),
        Command::Qr(args) => commands::qr::run(args),
        Command::Show(args) => commands::show::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
    }
}
