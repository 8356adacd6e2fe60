//! The subcommands, a file each.

pub mod check;
pub mod demo;
pub mod device;
pub mod distrust;
pub mod import;
pub mod init;
pub mod issue;
pub mod key;
pub mod places;
pub mod propose;
pub mod publish;
pub mod qr;
pub mod revoke;
pub mod show;
pub mod sign;
pub mod trace;
pub mod tracing;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use trustctl::fault::Fault;
use trustctl::keys::passphrase::Source;
use trustctl::terminal::harmless;

/// Where passphrases come from.
#[derive(Args)]
pub struct PassphraseArgs {
    /// Reads the passphrase from the first line of this file (mode 0600) or descriptor (/dev/fd/3); without it, it is asked for at
    /// the terminal.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    pub fn source(&self) -> Source {
        self.passphrase_file.clone().map_or(Source::Terminal, Source::File)
    }
}

/// Whether a person is asked.
#[derive(Args)]
pub struct ConsentArgs {
    /// Asks nothing: for scripts.
    #[arg(long)]
    yes: bool,
}

impl ConsentArgs {
    /// Asks at the terminal; only a written "yes" counts.
    ///
    /// # Errors
    /// `NotConfirmed`, also where there is no terminal to ask at.
    pub fn ask(&self, question: &str) -> Result<(), Fault> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Fault::NotConfirmed("there is no terminal to ask at; give --yes to a script"));
        }
        eprint!("{question} Write yes: ");
        let mut answer = String::new();
        std::io::stdin()
            .read_line(&mut answer)
            .map_err(|source| Fault::Read { path: "standard input".into(), source })?;
        if answer.trim() == "yes" { Ok(()) } else { Err(Fault::NotConfirmed("the answer was not yes")) }
    }
}

/// The authority's own folder.
#[derive(Args)]
pub struct AuthorityArgs {
    /// The authority's folder, as `trustctl init` made it.
    #[arg(id = "authority", long = "in", value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

/// One line of the result. What files say may hold anything: nothing of it steers a terminal.
pub fn say(line: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout();
    // A file keeps the letters as they are: a program reads it.
    let line =
        if out.is_terminal() { harmless(line) } else { line.replace(|letter: char| letter.is_control(), "\u{fffd}") };
    writeln!(out, "{line}").map_err(|source| Fault::Write { path: "standard output".into(), source })
}

pub fn say_all(lines: &[String]) -> Result<(), Fault> {
    lines.iter().try_for_each(|line| say(line))
}
