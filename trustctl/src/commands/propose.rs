//! `trustctl propose`, `sign` and `merge`: what will change, and who agrees.

use std::path::PathBuf;

use chrono::Utc;
use clap::Args;

use checkpoint::time::day_in_vietnam;
use trustctl::authority::draft::Draft;
use trustctl::authority::proposal::Proposal;
use trustctl::authority::published::{PUBLISHED_DIR, Published, TRACING_DAYS};
use trustctl::fault::Fault;

use super::{AuthorityArgs, say, say_all};

#[derive(Args)]
pub struct ProposeArgs {
    /// The proposal, a new file: carry copies of it to those who sign.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    authority: AuthorityArgs,
}

pub fn run(args: &ProposeArgs) -> Result<(), Fault> {
    let folder = &args.authority.folder;
    let before = Published::load(&folder.join(PUBLISHED_DIR))?;
    let proposal = Proposal::make(&Draft::load(folder)?, before, Utc::now())?;
    if args.out.exists() {
        return Err(Fault::Unsound(format!("{} is there already: it may hold signatures", args.out.display())));
    }
    say_all(&proposal.changes()?)?;
    proposal.save(&args.out)?;
    let (_, bundle) = proposal.next()?;
    let today = day_in_vietnam(bundle.signed_at);
    let days = today.iter_days().take_while(|day| bundle.tracing_keys.contains_key(day)).count();
    if (days as u64) < TRACING_DAYS {
        eprintln!("Its tracing keys reach {days} days ahead: it cannot be published before they reach {TRACING_DAYS}.");
    }
    eprintln!("{} proposes this, and nobody has signed it yet.", args.out.display());
    say_standing(&proposal)
}

#[derive(Args)]
pub struct MergeArgs {
    /// The proposal that takes the signatures over.
    proposal: PathBuf,
    /// Copies of it that others have signed.
    #[arg(required = true)]
    others: Vec<PathBuf>,
}

pub fn merge(args: &MergeArgs) -> Result<(), Fault> {
    let mut proposal = Proposal::load(&args.proposal)?;
    for path in &args.others {
        let taken = proposal.merge(&Proposal::load(path)?)?;
        eprintln!("{}: {taken} signatures that were not here yet", path.display());
    }
    proposal.save(&args.proposal)?;
    say_standing(&proposal)
}

pub fn say_standing(proposal: &Proposal) -> Result<(), Fault> {
    proposal.standing()?.iter().try_for_each(|standing| say(&standing.to_string()))
}
