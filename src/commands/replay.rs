//! `kiosk replay`: recorded frames through the same lane, as fast as they can be read.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use checkpoint::lane::{Event, Now, Verifier};
use checkpoint::passage::{Draft, PassageId};
use checkpoint::screen::{Screen, Sound, Totals};
use checkpoint::time::TrustedTime;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::lane_loop::{Audience, LaneLoop, Ledger, Memory, new_lane};
use super::throwaway::Throwaway;
use super::{place, report};
use crate::camera::{CameraFault, Frames, Pace, Recording, RecordingSettings, Repeat};
use crate::config::Config;
use crate::scan;

/// Most lane turns between two frames: what a visit and its verdict can need in any gap, many times over.
const TURNS_PER_GAP_MAX: usize = 10_000;

/// Arguments of `kiosk replay`.
#[derive(Args, Debug)]
#[command(after_help = "\
A recording is a folder of PNG or JPEG pictures, or one motion-JPEG file (docs/recording.md). Its own kiosk.toml and \
trust-keys/, where it has them, are used unless others are given. Nothing is kept: the passages go to a journal that is \
thrown away.

The lane is that of the settings, [passback] with it: whoever passed before in the recording is noticed. What it was asked by the \
kiosk that made the recording nobody can know again, so an app's answer is not checked and its credential counts by itself.")]
pub struct ReplayArgs {
    /// The recording.
    pub recording: PathBuf,
    /// Begin at this time in place of the recording's own (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub now: Option<DateTime<Utc>>,
    /// One JSON object a passage.
    #[arg(long)]
    pub json: bool,
    /// The settings file; else the recording's own kiosk.toml, else ./kiosk.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of signed trust files; else the recording's own trust-keys/, else the settings'.
    #[arg(long, value_name = "DIR")]
    pub trust: Option<PathBuf>,
}

/// Settings of a recording: the given file, the recording's own, or the one in the working folder.
///
/// # Errors
/// As `Config::load`.
pub fn settings_for(recording: &Path, given: Option<&Path>) -> Result<Config, Box<dyn std::error::Error>> {
    let own = recording.join("kiosk.toml");
    let path = given.unwrap_or(if own.is_file() { &own } else { Path::new("kiosk.toml") });
    Ok(Config::load(path)?)
}

/// Trust files of a recording: the given folder, the recording's own, or the settings'.
pub fn trust_dir_for(recording: &Path, given: Option<&Path>, config: &Config) -> PathBuf {
    let own = recording.join("trust-keys");
    match given {
        Some(given) => given.into(),
        None if own.is_dir() => own,
        None => config.trust_dir.clone(),
    }
}

struct Printer {
    json: bool,
}

impl Audience for Printer {
    fn show(&mut self, _screen: &Screen) {}

    fn play(&mut self, _sound: Sound) {}

    fn passed(&mut self, _passage: PassageId, draft: &Draft, _synced: Duration) {
        if self.json {
            println!("{}", report::json(draft));
        } else {
            println!("{}", report::line(draft));
        }
    }
}

/// Replays a recording.
///
/// # Errors
/// What keeps it from being read to its end.
pub fn replay(args: ReplayArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = settings_for(&args.recording, args.config.as_deref())?;
    let trust = place::trust_in(&trust_dir_for(&args.recording, args.trust.as_deref(), &config))?;
    let mut frames = Recording::open(&RecordingSettings {
        pace: Pace::AsFastAsPossible,
        repeat: Repeat::Once,
        ..RecordingSettings::new(&args.recording)
    })?;
    let throwaway = Throwaway::new()?;
    let ledger = Ledger::throwaway(throwaway.dir())?;
    let mut printer = Printer { json: args.json };
    let mut started: Option<(DateTime<Utc>, LaneLoop)> = None;
    let mut bench = Some((ledger, Verifier { trust, rule_sets: config.rule_sets.clone() }));
    // As before a camera, frames are joined; but every rung takes its time, so that a recording gives the same passages on
    // every machine.
    let mut ladder = scan::Ladder::unhurried(scan::LADDER);
    let mut tick = Duration::ZERO;
    let mut unreadable = 0;
    loop {
        let frame = match frames.next(Instant::now() + Duration::from_secs(5)) {
            Ok(Some(frame)) => frame,
            Ok(None) => continue,
            Err(CameraFault::EndOfRecording) => break,
            Err(fault @ CameraFault::BadPicture { .. }) => {
                eprintln!("warning: {fault}");
                unreadable += 1;
                continue;
            }
            Err(fault) => return Err(fault.into()),
        };
        if let Some((ledger, verifier)) = bench.take() {
            let start = args.now.or(frame.recorded_at.map(|at| at - delta(frame.at))).ok_or_else(|| {
                format!("{} does not say when it was taken: give --now TIME", args.recording.display())
            })?;
            let lane = new_lane(&config, Totals::default(), start, Memory::HoldersAlone)?;
            started = Some((start, LaneLoop::new(lane, verifier, ledger)));
        }
        let Some((start, lane)) = &mut started else { continue };
        pass_time(lane, *start, tick, frame.at, &mut printer);
        tick = tick.max(frame.at);
        let picture = scan::Gray::new(frame.luma.clone(), frame.width, frame.height).ok_or("an empty picture")?;
        let texts: Vec<_> = ladder.read_frame(&picture, frame.at).texts.into_iter().map(|read| read.text).collect();
        if !texts.is_empty() {
            lane.turn(at(*start, tick), Event::Codes(texts), &mut printer);
        }
    }
    let Some((start, lane)) = &mut started else {
        return Err(format!("{}: no picture could be read", args.recording.display()).into());
    };
    // A visit that was open when the recording ended still ends as it would have.
    let end = tick + config.lane.visit_for + Duration::from_secs(1);
    pass_time(lane, *start, tick, end, &mut printer);
    if unreadable > 0 {
        eprintln!("warning: {unreadable} pictures could not be read and were left out");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the lane's deadlines come between two frames.
fn pass_time(lane: &mut LaneLoop, start: DateTime<Utc>, from: Duration, to: Duration, printer: &mut Printer) {
    let mut tick = from;
    for _ in 0..TURNS_PER_GAP_MAX {
        let due = lane.deadline(at(start, tick)).max(tick + Duration::from_millis(1));
        if due >= to {
            return;
        }
        tick = due;
        lane.turn(at(start, tick), Event::Tick, printer);
    }
}

fn at(start: DateTime<Utc>, tick: Duration) -> Now {
    Now { time: TrustedTime::given(start + delta(tick)), tick }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_default()
}
