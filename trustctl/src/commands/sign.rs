//! `trustctl root` and `trustctl bundle`: files that nobody has signed yet, and signatures.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::trust::files::{BUNDLE_TYPE, ROOT_TYPE};
use trustctl::authority::{self, BundleDescription, Payload, RootDescription, load_signed, payload};
use trustctl::fault::{Fault, write};
use trustctl::keys::Secret;

use super::say_all;

#[derive(Subcommand)]
pub enum RootCommand {
    /// Makes a root that nobody has signed yet, from a description (TOML or JSON).
    New(DescribedArgs),
    /// Adds signatures to a root. Root N+1 needs the thresholds of both N and N+1.
    Sign(SignArgs),
}

#[derive(Subcommand)]
pub enum BundleCommand {
    /// Makes a bundle that nobody has signed yet, from a description (TOML or JSON).
    New(DescribedArgs),
    /// Adds signatures to a bundle.
    Sign(SignArgs),
}

#[derive(Args)]
pub struct DescribedArgs {
    /// The description; `docs/trust-files.md` has examples.
    description: PathBuf,
    /// Where the file goes: `1.root.json`, `bundle.json`.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
pub struct SignArgs {
    /// The file to sign; it is changed in place.
    file: PathBuf,
    /// Key files, one for each signature.
    #[arg(long = "key", required = true)]
    keys: Vec<PathBuf>,
    /// Prints what would be signed, and signs nothing.
    #[arg(long)]
    dry_run: bool,
}

pub fn root(command: RootCommand) -> Result<(), Fault> {
    match command {
        RootCommand::New(args) => {
            let root = RootDescription::load(&args.description)?.build()?;
            save_proposal(&args.out, authority::envelope(ROOT_TYPE, &root)?)
        }
        RootCommand::Sign(args) => sign(&args, ROOT_TYPE),
    }
}

pub fn bundle(command: BundleCommand) -> Result<(), Fault> {
    match command {
        BundleCommand::New(args) => {
            let folder = args.description.parent().unwrap_or(Path::new("."));
            let bundle = BundleDescription::load(&args.description)?.build(folder)?;
            save_proposal(&args.out, authority::envelope(BUNDLE_TYPE, &bundle)?)
        }
        BundleCommand::Sign(args) => sign(&args, BUNDLE_TYPE),
    }
}

fn save_proposal(out: &Path, file: SignedFile) -> Result<(), Fault> {
    say_all(&payload(out, &file)?.summary())?;
    write(out, authority::to_json(&file)?)?;
    eprintln!("{} says this, and nobody has signed it yet.", out.display());
    Ok(())
}

fn sign(args: &SignArgs, payload_type: &'static str) -> Result<(), Fault> {
    let mut file = load_signed(&args.file)?;
    if file.payload_type != payload_type {
        let why = format!("its type is {:?}", file.payload_type);
        return Err(Fault::wrong_file(&args.file, payload_type, why));
    }
    let says = payload(&args.file, &file)?;
    say_all(&says.summary())?;
    let secrets = args.keys.iter().map(|path| Secret::load(path)).collect::<Result<Vec<_>, _>>()?;
    for secret in &secrets {
        let key = secret.as_ed25519()?;
        let id = key_id(&key.verifying_key());
        if let Payload::Root(root) = &says
            && !root.root.keyids.contains(&id)
        {
            eprintln!(
                "{} is not a root key of this root: its signature counts only if the root before names it.",
                secret.name
            );
        }
        if !args.dry_run {
            file.sign(key);
            eprintln!("signed with {} ({})", secret.name, &id[..16]);
        }
    }
    if args.dry_run {
        eprintln!("nothing was signed (--dry-run)");
        return Ok(());
    }
    write(&args.file, authority::to_json(&file)?)
}
