//! `trustctl key`: makes private keys, and prints their public halves.

use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{Days, Utc};
use clap::{Args, Subcommand, ValueEnum};

use checkpoint::dsse::key_id;
use checkpoint::trust::credential::StatementKind;
use trustctl::certificate::self_signed;
use trustctl::describe::whole_seconds;
use trustctl::fault::Fault;
use trustctl::keys::{Kind, Secret, SecretKey, random_bytes};

use super::say;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Makes a private key in a new file that only its owner can read (mode 0600).
    ///
    /// The file is not encrypted: keep it on a stick in a safe. A P-256 key (for HC1) gets a self-signed certificate.
    New(KeyNewArgs),
    /// Prints the public half of a key file, as roots and bundles name it.
    Show {
        /// The key file.
        file: PathBuf,
    },
}

#[derive(Args)]
pub struct KeyNewArgs {
    /// The new file; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Whose key it is, for people: "root-3 Lan".
    #[arg(long, default_value = "unnamed")]
    name: String,
    /// `ed25519` signs roots, bundles and native credentials; `p256` signs HC1.
    #[arg(long, value_enum, default_value_t = KindArg::Ed25519)]
    kind: KindArg,
    /// Subject of the certificate of a P-256 key.
    #[arg(long, default_value = "CN=Health credential signer,C=VN")]
    subject: String,
    /// Days for which the certificate of a P-256 key holds.
    #[arg(long, default_value_t = 730)]
    days: u64,
    /// Statements that a P-256 key signs, in the certificate's extended key usage.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [UsageArg::Vaccination, UsageArg::Test, UsageArg::Recovery])]
    statements: Vec<UsageArg>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    Ed25519,
    P256,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UsageArg {
    Vaccination,
    Test,
    Recovery,
}

impl From<UsageArg> for StatementKind {
    fn from(usage: UsageArg) -> Self {
        match usage {
            UsageArg::Vaccination => Self::Vaccination,
            UsageArg::Test => Self::Test,
            UsageArg::Recovery => Self::Recovery,
        }
    }
}

pub fn run(command: KeyCommand) -> Result<(), Fault> {
    match command {
        KeyCommand::New(args) => key_new(&args),
        KeyCommand::Show { file } => key_show(&Secret::load(&file)?),
    }
}

fn key_new(args: &KeyNewArgs) -> Result<(), Fault> {
    let secret = match args.kind {
        KindArg::Ed25519 => Secret::ed25519(&args.name, &random_bytes()?),
        KindArg::P256 => {
            let key = p256::ecdsa::SigningKey::from_bytes(&random_bytes()?.into())
                .map_err(|error| Fault::Crypto(error.to_string()))?;
            let not_before = whole_seconds(Utc::now());
            let not_after = not_before
                .checked_add_days(Days::new(args.days))
                .ok_or_else(|| Fault::Unsound(format!("{} days leave the calendar", args.days)))?;
            let kinds: Vec<StatementKind> = args.statements.iter().map(|kind| (*kind).into()).collect();
            let certificate = self_signed(&key, &args.subject, &kinds, not_before, not_after)?;
            Secret { name: args.name.clone(), key: SecretKey::P256 { key, certificate } }
        }
    };
    secret.save(&args.out)?;
    eprintln!("{} holds a private key that is not encrypted: keep it on a stick in a safe.", args.out.display());
    key_show(&secret)
}

fn key_show(secret: &Secret) -> Result<(), Fault> {
    let kind = match secret.key {
        SecretKey::Ed25519(_) => Kind::Ed25519,
        SecretKey::P256 { .. } => Kind::P256,
    };
    say(&format!("name        {}", secret.name))?;
    match &secret.key {
        SecretKey::Ed25519(key) => {
            say(&format!("kind        {kind:?}"))?;
            say(&format!("key id      {}", key_id(&key.verifying_key())))?;
            say(&format!("public key  {}", BASE64_STANDARD.encode(key.verifying_key().as_bytes())))
        }
        SecretKey::P256 { certificate, .. } => {
            say(&format!("kind        {kind:?}"))?;
            say(&format!("certificate {}", BASE64_STANDARD.encode(certificate)))
        }
    }
}
