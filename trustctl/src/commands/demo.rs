//! `trustctl demo`: the demonstration's files.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use trustctl::demo;
use trustctl::fault::{Fault, write};

use super::say;

#[derive(Args)]
pub struct DemoArgs {
    /// The folder to write: recording, `trust-keys/`, `visitors.json`.
    #[arg(long, required_unless_present_any = ["trust_keys", "practice"])]
    out: Option<PathBuf>,
    /// Another seed moves the hands and the noise; the visitors stay the same.
    #[arg(long, default_value_t = demo::SEED)]
    seed: u64,
    /// Writes only the demo authority's list into this folder: how the repository's `trust-keys/` is made.
    #[arg(long, conflicts_with = "out")]
    trust_keys: Option<PathBuf>,
    /// Writes only the visitors' codes into this file: how the repository's `assets/training/codes.json` is made.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    practice: Option<PathBuf>,
}

pub fn run(args: &DemoArgs) -> Result<(), Fault> {
    if let Some(folder) = &args.trust_keys {
        demo::authority::write_trust_keys(folder)?;
        eprintln!("{} holds the DEMO authority's list; its private keys are published.", folder.display());
    }
    if let Some(file) = &args.practice {
        write(file, demo::practice()?)?;
    }
    if let Some(folder) = &args.out {
        let begun = std::time::Instant::now();
        let made = demo::write(folder, args.seed, |done, all| {
            eprint!("\rframe {done} of {all}");
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        })?;
        eprintln!();
        say(&format!("{} frames of {} visitors in {}", made.frames, made.visitors, folder.display()))?;
        eprintln!("made in {:.1} s", begun.elapsed().as_secs_f32());
    }
    Ok(())
}
