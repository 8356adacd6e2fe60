//! `trustctl publish`: the folder that kiosks get.

use std::path::PathBuf;

use chrono::Utc;
use clap::Args;

use trustctl::authority::proposal::Proposal;
use trustctl::authority::{check, published};
use trustctl::fault::Fault;

use super::{AuthorityArgs, ConsentArgs, say, say_all};

#[derive(Args)]
pub struct PublishArgs {
    /// The folder for the kiosks: on a stick, a share or a web server. Names a list of another authority or a newer one are refused.
    folder: PathBuf,
    /// The proposal, with enough signatures.
    #[arg(long)]
    proposal: PathBuf,
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

pub fn run(args: &PublishArgs) -> Result<(), Fault> {
    let proposal = Proposal::load(&args.proposal)?;
    say_all(&proposal.changes()?)?;
    args.consent.ask("Publish this?")?;
    let published = published::publish(&proposal, &args.authority.folder, &args.folder, Utc::now())?;
    let (root, bundle) = published.payloads()?;
    say(&format!("List {} under root {} is published in {}.", bundle.version, root.version, args.folder.display()))?;
    // What lies on the stick now, and not what should.
    say_all(&check::verify(&args.folder, None)?.as_kiosk(Utc::now()))
}
