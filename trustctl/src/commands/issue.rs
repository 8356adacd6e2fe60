//! `trustctl issue`: signs a credential and prints the text of its code.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use trustctl::describe::Description;
use trustctl::fault::{Fault, write};
use trustctl::keys::{Secret, SecretKey};
use trustctl::{hc1, native};

use super::{PassphraseArgs, qr, say};

#[derive(Subcommand)]
pub enum IssueCommand {
    /// The native credential: compact JWS, Ed25519 (`docs/native-credential.md`).
    Native(IssueArgs),
    /// HC1, the EU DCC container: COSE, ES256.
    Hc1(IssueArgs),
}

#[derive(Args)]
pub struct IssueArgs {
    /// The person and the statements (TOML or JSON).
    description: PathBuf,
    /// The issuer's key file.
    #[arg(long)]
    key: PathBuf,
    /// Where the text goes; standard output, where it is not given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Also draws the code: a file ending in .png or .svg.
    #[arg(long)]
    qr: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

pub fn run(command: IssueCommand) -> Result<(), Fault> {
    match command {
        IssueCommand::Native(args) => {
            let secret = Secret::open(&args.key, &args.passphrase.source())?;
            let key = secret.as_ed25519()?;
            issue(&args, &secret.name, |description| native::issue(description, key))
        }
        IssueCommand::Hc1(args) => {
            let secret = Secret::open(&args.key, &args.passphrase.source())?;
            let SecretKey::P256 { key, certificate } = &secret.key else {
                return Err(Fault::Unsound(format!("{} is an Ed25519 key, HC1 is signed with P-256", secret.name)));
            };
            issue(&args, &secret.name, |description| hc1::issue(description, key, certificate))
        }
    }
}

fn issue(
    args: &IssueArgs,
    signer: &str,
    make: impl FnOnce(&Description) -> Result<String, Fault>,
) -> Result<(), Fault> {
    let description = Description::load(&args.description)?;
    for line in description.summary() {
        eprintln!("{line}");
    }
    let text = make(&description)?;
    eprintln!("signed with {signer}: {} characters", text.len());
    match &args.out {
        Some(out) => write(out, text.clone() + "\n")?,
        None => say(&text)?,
    }
    match &args.qr {
        Some(out) => qr::draw(&text, out, qrcode::EcLevel::M, 8),
        None => Ok(()),
    }
}
