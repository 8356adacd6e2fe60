//! `trustctl init`: an authority's folder.

use std::path::PathBuf;

use clap::Args;

use trustctl::authority::draft::{DRAFT_FILE, Draft};
use trustctl::authority::published::PUBLISHED_DIR;
use trustctl::authority::revocation;
use trustctl::fault::{Fault, make_dir};

use super::say;

#[derive(Args)]
pub struct InitArgs {
    /// The new folder.
    folder: PathBuf,
    /// Name of the authority, as kiosks and people read it.
    #[arg(long)]
    name: String,
    /// How many of the root's people must sign the next root.
    #[arg(long, default_value_t = 3)]
    root_threshold: usize,
    /// How many of the bundle's people must sign a list.
    #[arg(long, default_value_t = 2)]
    bundle_threshold: usize,
    /// Days after which a list is amber.
    #[arg(long, default_value_t = 7)]
    soft_days: u32,
    /// Days after which nobody is green by it.
    #[arg(long, default_value_t = 30)]
    hard_days: u32,
}

pub fn run(args: &InitArgs) -> Result<(), Fault> {
    if args.folder.join(DRAFT_FILE).exists() {
        return Err(Fault::Unsound(format!("{} holds an authority already", args.folder.display())));
    }
    let mut draft = Draft::new(&args.name);
    (draft.root.threshold, draft.bundle.threshold) = (args.root_threshold, args.bundle_threshold);
    (draft.soft_days, draft.hard_days) = (args.soft_days, args.hard_days);
    for folder in [PUBLISHED_DIR, revocation::FOLDER] {
        make_dir(&args.folder.join(folder))?;
    }
    draft.save(&args.folder)?;
    say(&format!("{} is the folder of {:?}.", args.folder.display(), args.name))?;
    say(&format!(
        "Next: add {} or more people who sign roots, {} or more who sign lists, and who may distrust (`trustctl key add --role`).",
        args.root_threshold, args.bundle_threshold
    ))
}
