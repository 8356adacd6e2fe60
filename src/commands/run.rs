//! `kiosk run`: the checkpoint.

use std::path::PathBuf;
use std::process::ExitCode;

use checkpoint::lane::Verifier;
use checkpoint::screen::{Fault, Screen, Stage, Totals, TrustStatus};
use checkpoint::trust::TrustList;
use chrono::Utc;
use clap::Args;

use super::desk::DeskSetup;
use super::exchange;
use super::lane_loop::{LaneLoop, Ledger, Memory, new_lane};
use super::place::{self, PlaceArgs};
use super::session::{Session, Timekeeper, WindowArgs};
use super::throwaway;
use crate::camera::{CameraSettings, RecorderSettings, Source};
use crate::clock::Clock;
use crate::config::Config;
use crate::journal::mirror;

/// Arguments of `kiosk run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub window: WindowArgs,
    /// Write what the camera sees to this folder. Pictures of cards are sensitive: for training and fault reports only.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
}

/// Runs the checkpoint until its window is closed or the system asks it to stop.
///
/// # Errors
/// Broken settings, a state folder that cannot be made, no window. Everything else has a face on the screen.
pub fn run(args: RunArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut config = args.place.load()?;
    config.mode = args.window.mode.unwrap_or(config.mode);
    place::make_state_dir(&config.storage_dir)?;
    throwaway::clear_temporary();
    let store = place::trust_store(&config);
    let (trust, trust_rejected) = match store.load() {
        Ok(in_force) => {
            for fault in &in_force.refused {
                tracing::warn!(%fault, "a trust list was refused");
            }
            if let Err(fault) = store.remember() {
                tracing::warn!(%fault, "the trust list's version could not be remembered");
            }
            (in_force.list, !in_force.refused.is_empty())
        }
        Err(fault) => {
            tracing::error!(%fault, "no trust list: everything is referred");
            (TrustList::default(), fault.on_screen() == Fault::TrustRejected)
        }
    };
    let signed_at = trust.is_loaded().then(|| trust.signed_at());
    let list = place::list_in_words(&trust);
    let meanwhile = recovering(&config, &trust);
    let of_lane = config.clone();
    let prepare = move |works| {
        let trust_version = trust.is_loaded().then(|| trust.version());
        let mirror = of_lane.mirror_dir.clone().map(mirror::Settings::on_another_device);
        let mut ledger = Ledger::at(&of_lane.storage_dir).mirrored(mirror);
        let mut clock = Clock::start(signed_at, ledger.remembered());
        let now = clock.now();
        ledger.started(now, trust_version, Some(works));
        let totals = ledger.totals(now.time.estimate());
        let lane = new_lane(&of_lane, totals, now.time.estimate(), Memory::AsSet).map_err(|fault| fault.to_string())?;
        let verifier = Verifier { trust, rule_sets: of_lane.rule_sets.clone() };
        let lane = LaneLoop::new(lane, verifier, ledger).with_retention(of_lane.retention_days);
        Ok((lane, Timekeeper::Live(Box::new(clock))))
    };
    let session = Session {
        source: Source::Camera(CameraSettings { device: config.camera.clone(), ..Default::default() }),
        prepare: Box::new(prepare),
        meanwhile,
        calendar: None,
        window: args.window.options(&config),
        light: config.light.clone(),
        mirror: config.mirror,
        signals: super::session::signal(&config),
        desk: DeskSetup { config: config.clone(), storage: config.storage_dir.clone(), list },
        print: false,
        close_at_end: false,
        record: args.record.map(RecorderSettings::new),
    };
    session.run(|mailbox| {
        if trust_rejected {
            mailbox.send(super::session::Message::TrustRejected);
        }
        exchange::in_the_background(&config, store, mailbox);
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What is shown while the journal is put in order.
pub(super) fn recovering(config: &Config, trust: &TrustList) -> Screen {
    Screen {
        stage: Stage::OutOfService(Fault::JournalRecovering),
        location: config.lane.location.clone(),
        direction: config.lane.direction,
        totals: Totals::default(),
        trust: TrustStatus::Missing,
        demo: trust.demo(),
        faults: vec![Fault::JournalRecovering],
        clock: Utc::now(),
        question: None,
        remembers_since: None,
        party: None,
        school: None,
    }
}
