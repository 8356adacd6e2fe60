//! `kiosk run`: the checkpoint.

use std::path::PathBuf;
use std::process::ExitCode;

use checkpoint::lane::Verifier;
use checkpoint::screen::Fault;
use checkpoint::trust::TrustList;
use clap::Args;

use super::exchange;
use super::lane_loop::{LaneLoop, Ledger, Memory, new_lane};
use super::place::{self, PlaceArgs};
use super::session::{Session, Timekeeper, WindowArgs};
use crate::camera::{CameraSettings, RecorderSettings, Source};
use crate::clock::Clock;

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

/// Runs the checkpoint until its window is closed.
///
/// # Errors
/// Broken settings, a state folder that cannot be made, no window. Everything else has a face on the screen.
pub fn run(args: RunArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = args.place.load()?;
    place::make_state_dir(&config.storage_dir)?;
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
    let mut ledger = Ledger::at(&config.storage_dir);
    let mut clock = Clock::start(signed_at, ledger.remembered());
    let now = clock.now();
    ledger.started(now, trust.is_loaded().then(|| trust.version()));
    let totals = ledger.totals(now.time.estimate());
    let lane = new_lane(&config, totals, now.time.estimate(), Memory::AsSet)?;
    let verifier = Verifier { trust, rule_sets: config.rule_sets.clone() };
    let session = Session {
        source: Source::Camera(CameraSettings { device: config.camera.clone(), ..Default::default() }),
        timekeeper: Timekeeper::Live(Box::new(clock)),
        lane: LaneLoop::new(lane, verifier, ledger).with_retention(config.retention_days),
        window: args.window.options(&config),
        signals: super::session::signal(config.sound),
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
