//! `kiosk demo`: a recording before the same kiosk, with the recording's own time, list and settings.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use checkpoint::lane::Verifier;
use checkpoint::screen::Totals;
use clap::Args;

use super::desk::DeskSetup;
use super::lane_loop::{LaneLoop, Ledger, Memory, new_lane};
use super::place;
use super::replay::{settings_for, trust_dir_for};
use super::session::{Session, Timekeeper, WindowArgs};
use super::throwaway::Throwaway;
use crate::camera::{Frames, Pace, Recording, RecordingSettings, Repeat, Source};

/// Arguments of `kiosk demo`.
#[derive(Args, Debug)]
#[command(
    after_help = "`trustctl demo --out DIR` makes one. Only a demonstration authority is accepted, and the screen says DEMO. While it repeats, nobody is \
noticed as having passed before; with --once the settings' [passback] counts."
)]
pub struct DemoArgs {
    /// The demonstration: a recording with its own kiosk.toml and trust-keys/.
    pub recording: PathBuf,
    /// Play it once and close, in place of for ever.
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub window: WindowArgs,
}

/// Plays the demonstration.
///
/// # Errors
/// No recording, no demonstration authority, no window.
pub fn demo(args: DemoArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut config = settings_for(&args.recording, None)?;
    config.mode = args.window.mode.unwrap_or(config.mode);
    let trust = place::trust_in(&trust_dir_for(&args.recording, None, &config))?;
    if !trust.demo() {
        return Err("this recording's trust list is not a demonstration's: `kiosk replay` shows real recordings".into());
    }
    let settings = RecordingSettings {
        pace: Pace::RealTime,
        repeat: if args.once { Repeat::Once } else { Repeat::Forever },
        ..RecordingSettings::new(&args.recording)
    };
    let start = first_taken_at(&settings)?;
    let throwaway = Throwaway::new()?;
    let ledger = Ledger::throwaway(throwaway.dir())?;
    let list = place::list_in_words(&trust);
    let meanwhile = super::run::recovering(&config, &trust);
    let verifier = Verifier { trust, rule_sets: config.rule_sets.clone() };
    // A recording that repeats brings the same visitors again and again: they are not passing back.
    let memory = if args.once { Memory::AsSet } else { Memory::QuestionsAlone };
    let lane = new_lane(&config, Totals::default(), start, memory)?;
    let taken_at = Arc::new(Mutex::new(start));
    let timekeeper = Timekeeper::Recording { started: Instant::now(), taken_at: taken_at.clone() };
    let lane = LaneLoop::new(lane, verifier, ledger);
    let session = Session {
        source: Source::Recording(settings),
        prepare: Box::new(|_| Ok((lane, timekeeper))),
        meanwhile,
        calendar: Some(taken_at),
        window: args.window.options(&config),
        light: config.light.clone(),
        mirror: config.mirror,
        signals: super::session::signal(&config),
        desk: DeskSetup { config: config.clone(), storage: throwaway.dir().to_owned(), list },
        print: true,
        close_at_end: args.once,
        record: None,
    };
    session.run(|_| ())?;
    Ok(ExitCode::SUCCESS)
}

/// When the recording begins by its own calendar.
fn first_taken_at(settings: &RecordingSettings) -> Result<chrono::DateTime<chrono::Utc>, Box<dyn std::error::Error>> {
    let mut recording = Recording::open(&RecordingSettings { pace: Pace::AsFastAsPossible, ..settings.clone() })?;
    let deadline = Instant::now() + std::time::Duration::from_secs(5);
    let first = recording.next(deadline)?.and_then(|frame| frame.recorded_at);
    first.ok_or_else(|| format!("{} does not say when it was taken", settings.path.display()).into())
}
