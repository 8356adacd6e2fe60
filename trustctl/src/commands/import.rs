//! `trustctl import`: foreign lists of keys → entries to read.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use checkpoint::trust::files::EVERYWHERE;
use trustctl::fault::{Fault, read, read_text, write};
use trustctl::import::{Imported, Wanted, dcc, did, icao, smart};
use trustctl::keys::pem;

use super::say;

#[derive(Subcommand)]
pub enum ImportCommand {
    /// EU DCC, the German signed form: a line with a signature, then JSON.
    DccSigned {
        /// The signer's public key (P-256, PEM), which you have by another way.
        #[arg(long)]
        key: PathBuf,
        #[command(flatten)]
        common: ImportArgs,
    },
    /// EU DCC, lists of key ids with certificates that nobody signed.
    Dcc(ImportArgs),
    /// SMART Health Cards: the key set of one issuer.
    Smart {
        /// The issuer's address, as it stands in its cards.
        #[arg(long)]
        issuer: String,
        #[command(flatten)]
        common: ImportArgs,
    },
    /// SMART Health Cards: a snapshot of the VCI directory.
    SmartDirectory(ImportArgs),
    /// A DID document: New Zealand's COVID Passes, or a trust list of the WHO's network (GDHCN).
    Did(ImportArgs),
    /// ICAO: certificates of country signing authorities, DER or PEM.
    Csca(ImportArgs),
    /// ICAO: a master list of country signing authorities (CMS).
    MasterList {
        /// The certificate of its signer, or of the authority that certified the signer, which you have by another way.
        #[arg(long)]
        key: PathBuf,
        #[command(flatten)]
        common: ImportArgs,
    },
}

#[derive(Args)]
pub struct ImportArgs {
    /// The source, as it was fetched.
    source: PathBuf,
    /// Where the entries go (TOML): read them, then `trustctl key add`.
    #[arg(long)]
    out: PathBuf,
    /// Only these countries, as in certificates: two letters.
    #[arg(long, value_delimiter = ',')]
    countries: Vec<String>,
    /// At which places the credentials count: codes of locations or provinces.
    #[arg(long, value_delimiter = ',', default_value = EVERYWHERE)]
    regions: Vec<String>,
    /// Longest validity that the keys may give, in days.
    #[arg(long, default_value_t = 366)]
    lifetime_days: u32,
    /// Last moment of keys whose source does not say when they end; a year from now, where it is not given.
    #[arg(long)]
    until: Option<DateTime<Utc>>,
}

pub fn run(command: ImportCommand) -> Result<(), Fault> {
    let (common, make): (ImportArgs, Box<dyn FnOnce(&[u8], &Wanted) -> Result<Imported, Fault>>) = match command {
        ImportCommand::DccSigned { key, common } => {
            let key = read_text(&key)?;
            (common, Box::new(move |source, wanted| dcc::signed(source, &key, wanted)))
        }
        ImportCommand::Dcc(common) => (common, Box::new(dcc::plain)),
        ImportCommand::Smart { issuer, common } => {
            (common, Box::new(move |source, wanted| smart::key_set(source, &issuer, wanted)))
        }
        ImportCommand::SmartDirectory(common) => (common, Box::new(smart::directory)),
        ImportCommand::Did(common) => (common, Box::new(did::document)),
        ImportCommand::Csca(common) => (common, Box::new(icao::certificates)),
        ImportCommand::MasterList { key, common } => {
            let bytes = read(&key)?;
            let text = std::str::from_utf8(&bytes).ok().and_then(|text| pem::find(text, pem::CERTIFICATE));
            let trusted = text.unwrap_or(bytes);
            (common, Box::new(move |source, wanted| icao::master_list(source, &trusted, wanted)))
        }
    };
    let now = Utc::now();
    let wanted = Wanted {
        now,
        regions: common.regions,
        lifetime_days: common.lifetime_days,
        until: common.until.unwrap_or(now + TimeDelta::days(365)),
        countries: common.countries,
    };
    let source = read(&common.source)?;
    let imported = make(&source, &wanted).map_err(|fault| match fault {
        Fault::WrongFile { wanted, why, .. } => Fault::WrongFile { path: common.source.clone(), wanted, why },
        other => other,
    })?;
    if common.out.exists() {
        return Err(Fault::Unsound(format!("{} is there already", common.out.display())));
    }
    write(&common.out, imported.to_toml(&source, &wanted)?)?;
    for (what, why) in &imported.left_out {
        eprintln!("left out: {what}: {why}");
    }
    say(&format!("{} keys in {}, {} left out.", imported.keys.len(), common.out.display(), imported.left_out.len()))?;
    say(&match &imported.signed_by {
        Some(who) => format!("The source's signature holds, by {who}."),
        None => "Nobody signed the source: compare its SHA-256 with the publisher's, by another way.".into(),
    })
}
