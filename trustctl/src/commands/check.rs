//! `trustctl check`: what a kiosk does with a folder.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;

use trustctl::authority::check;
use trustctl::fault::Fault;

use super::say_all;

#[derive(Args)]
pub struct CheckArgs {
    /// The folder, as it is on the stick.
    folder: PathBuf,
    /// Says what a kiosk says, and nothing else.
    #[arg(long)]
    as_kiosk: bool,
    /// What the kiosk has already; without it, a kiosk that is set up with this folder.
    #[arg(long, value_name = "DIR")]
    installed: Option<PathBuf>,
    /// The kiosk's clock; now, where it is not given.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

pub fn run(args: &CheckArgs) -> Result<(), Fault> {
    let now = args.now.unwrap_or_else(Utc::now);
    let seen = check::verify(&args.folder, args.installed.as_deref())?;
    say_all(&seen.as_kiosk(now))?;
    if !args.as_kiosk {
        say_all(&seen.warnings(now))?;
    }
    Ok(())
}
