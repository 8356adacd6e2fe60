//! `trustctl sign`: one person's signature under a proposal.

use std::path::PathBuf;

use chrono::Utc;
use clap::Args;

use trustctl::authority::proposal::Proposal;
use trustctl::authority::published::Published;
use trustctl::fault::Fault;
use trustctl::keys::Secret;
use trustctl::keys::signer::Signer;

use super::propose::say_standing;
use super::{ConsentArgs, PassphraseArgs, say_all};

#[derive(Args)]
pub struct SignArgs {
    /// The proposal; it is changed in place.
    proposal: PathBuf,
    /// Key files, one for each signature.
    #[arg(long = "key", required = true)]
    keys: Vec<PathBuf>,
    /// The signer's own copy of what was published last: then nobody can show another beginning.
    #[arg(long, value_name = "DIR")]
    published: Option<PathBuf>,
    /// Prints what would be signed, and signs nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

pub fn run(args: &SignArgs) -> Result<(), Fault> {
    let mut proposal = Proposal::load(&args.proposal)?;
    say_all(&proposal.changes()?)?;
    proposal.check_time(Utc::now())?;
    if let Some(folder) = &args.published {
        let ours = Published::load(folder)?;
        let payload = |published: Option<&Published>| published.map(|published| published.bundle.payload.clone());
        if payload(ours.as_ref()) != payload(proposal.before()) {
            return Err(Fault::DoesNotHold(format!(
                "the proposal begins at another list than the one in {}: ask which of them is the newest",
                folder.display()
            )));
        }
    }
    if args.dry_run {
        eprintln!("nothing was signed (--dry-run)");
        return say_standing(&proposal);
    }
    args.consent.ask("Is all of this meant?")?;
    for path in &args.keys {
        let signer = Secret::open(path, &args.passphrase.source())?.signer()?;
        for what in proposal.sign(&signer)? {
            eprintln!("{} has signed {what}", signer.name());
        }
    }
    proposal.save(&args.proposal)?;
    say_standing(&proposal)
}
