//! `trustctl`: makes keys, signs what kiosks believe, issues credentials and draws them.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use trustctl::fault::Fault;

/// Makes the authority's keys, signs what kiosks believe, issues credentials and draws them as QR codes.
///
/// `docs/key-ceremony.md` is the page to follow: `init`; `key new` for each person, `key add` for each public half; `tracing new` and
/// `tracing add`; `propose`; `sign` by each signer; `publish`; `check`. Nothing counts before it is signed, and every step says what
/// it will change before it is done. `docs/trust-files.md` describes the files.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done; 1 a signed file does not hold; 2 wrong command line; 3 a file cannot be read \
or written;\n4 a description or file is not what the step needs; 5 a key lies open, its passphrase is wrong, or it cannot sign; \
6 nobody said yes."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes an authority's folder.
    Init(commands::init::InitArgs),
    /// Keys: make one, print one, say what it may do, end it.
    #[command(subcommand)]
    Key(commands::key::KeyCommand),
    /// Kiosks: their public keys, so that their batches and checkpoints are believed.
    #[command(subcommand)]
    Device(commands::device::DeviceCommand),
    /// Places: where kiosks may be set up, in a signed list of its own.
    #[command(subcommand)]
    Places(commands::places::PlacesCommand),
    /// Converts foreign lists of keys into entries for a person to read.
    #[command(subcommand)]
    Import(commands::import::ImportCommand),
    /// Tracing keys: passages of a day are sealed to that day's key.
    #[command(subcommand)]
    Tracing(commands::tracing::TracingCommand),
    /// Contact tracing: who was where, from the kiosks' batches and the days' private keys.
    #[command(subcommand)]
    Trace(commands::trace::TraceCommand),
    /// Takes credentials, keys and issuers back, in the next list.
    #[command(subcommand)]
    Revoke(commands::revoke::RevokeCommand),
    /// Writes what the draft changes against what was published last: one file, carried to everybody who signs.
    Propose(commands::propose::ProposeArgs),
    /// Signs a proposal: says what it changes, asks, and adds a signature wherever the key has a part.
    Sign(commands::sign::SignArgs),
    /// Brings signatures together that were made on different copies of one proposal.
    Merge(commands::propose::MergeArgs),
    /// Writes the folder for the kiosks, once enough have signed.
    Publish(commands::publish::PublishArgs),
    /// Says what a kiosk does with a folder.
    Check(commands::check::CheckArgs),
    /// Takes trust away at once: a statement that one duty key signs, and that can only remove.
    Distrust(commands::distrust::DistrustArgs),
    /// Signs a health credential from a description (TOML or JSON) and prints the text of its code.
    #[command(subcommand)]
    Issue(commands::issue::IssueCommand),
    /// Draws any text as a QR code.
    Qr(commands::qr::QrArgs),
    /// Says what a signed file, a proposal or a credential contains, and who signed it.
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
        Command::Init(args) => commands::init::run(&args),
        Command::Key(command) => commands::key::run(command),
        Command::Device(command) => commands::device::run(command),
        Command::Places(command) => commands::places::run(command),
        Command::Import(command) => commands::import::run(command),
        Command::Tracing(command) => commands::tracing::run(command),
        Command::Trace(command) => commands::trace::run(&command),
        Command::Revoke(command) => commands::revoke::run(command),
        Command::Propose(args) => commands::propose::run(&args),
        Command::Sign(args) => commands::sign::run(&args),
        Command::Merge(args) => commands::propose::merge(&args),
        Command::Publish(args) => commands::publish::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Distrust(args) => commands::distrust::run(&args),
        Command::Issue(command) => commands::issue::run(command),
        Command::Qr(args) => commands::qr::run(args),
        Command::Show(args) => commands::show::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
