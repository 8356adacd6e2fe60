//! `kiosk doctor`: camera, display, disk, clock, trust list: what is wrong and what to do.

mod journal;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::screen::Freshness;
use checkpoint::time::{Remembered, TrustedTime, day_in_vietnam, vietnam};
use chrono::{DateTime, Utc};
use clap::Args;

use super::place::{self, PlaceArgs};
use crate::camera;
use crate::clock::Clock;
use crate::config::Config;
use crate::device::{Device, DeviceFault};

/// Below this many free bytes the disk is named: room for about 60,000 passages.
const FREE_BYTES_MIN: u64 = 1 << 30;

/// Fewer days of tracing keys than this: bring a newer list.
const TRACING_DAYS_MIN: u32 = 14;

/// Arguments of `kiosk doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// How one part of the kiosk is.
enum Health {
    Good,
    /// It works, with something to do soon.
    Attention(String),
    /// It does not work until this is done.
    Bad(String),
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "ok       ",
            Self::Attention(_) => "attention",
            Self::Bad(_) => "WRONG    ",
        })
    }
}

/// Looks at every part.
///
/// # Errors
/// None: what is wrong is what it prints. The exit code is 1 where something does not work.
pub fn doctor(args: DoctorArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut findings = Vec::new();
    let config = args.place.load();
    findings.push((
        "settings",
        match &config {
            Ok(config) => (format!("{} ({})", config.lane.location.code, args.place.config.display()), Health::Good),
            Err(fault) => (args.place.config.display().to_string(), Health::Bad(fault.to_string())),
        },
    ));
    findings.push(("camera", camera_health(config.as_ref().ok())));
    findings.push(("display", display_health()));
    if let Ok(config) = &config {
        findings.push(("disk", disk_health(&config.storage_dir)));
        findings.push(("device", device_health(&config.storage_dir)));
        let journal = journal::journal(config);
        let (mirror, remembered) = (journal::mirror(config, &journal), journal.remembered);
        findings.push(("passages", journal.passages));
        findings.push(("retention", journal.retention));
        findings.extend(mirror.map(|mirror| ("mirror", mirror)));
        let (trust, signed_at) = trust_health(config);
        findings.push(("trust list", trust));
        findings.push(("places", places_health(config)));
        findings.push(("clock", clock_health(signed_at, remembered)));
    }
    let mut wrong = false;
    for (part, (what, health)) in findings {
        println!("{health}  {part:<10}  {what}");
        if let Health::Attention(advice) | Health::Bad(advice) = &health {
            println!("{:23}{advice}", "");
        }
        wrong |= matches!(health, Health::Bad(_));
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The authority's list of places, or what the settings name instead.
fn places_health(config: &Config) -> (String, Health) {
    match place::trust_store(config).places() {
        Ok(Some(list)) => (format!("version {}, {} places, signed", list.version, list.places.len()), Health::Good),
        Ok(None) if config.places.is_empty() => ("none to choose from".into(), Health::Good),
        Ok(None) => (
            format!("{} of the settings, signed by nobody", config.places.len()),
            Health::Attention("ask the authority for a list of places (places.json, in the trust-keys folder)".into()),
        ),
        Err(fault) => ("none".into(), Health::Attention(fault.to_string())),
    }
}

fn camera_health(config: Option<&Config>) -> (String, Health) {
    let wanted = config.and_then(|config| config.camera.clone());
    let found = camera::list();
    let what = if found.is_empty() {
        "none".to_owned()
    } else {
        let names = found
            .iter()
            .map(|camera| format!("{} {}", camera.path.display(), camera.name.as_deref().unwrap_or("(no name)")));
        names.collect::<Vec<_>>().join(", ")
    };
    let settings = camera::CameraSettings { device: wanted, ..Default::default() };
    match camera::Source::Camera(settings).open(0) {
        Ok(source) => match source.mode() {
            Some(mode) => (format!("{what}: {mode}"), Health::Good),
            None => (what, Health::Good),
        },
        Err(fault) => (what, Health::Bad(fault.to_string())),
    }
}

fn display_health() -> (String, Health) {
    for variable in ["WAYLAND_DISPLAY", "DISPLAY"] {
        if let Some(value) = std::env::var_os(variable).filter(|value| !value.is_empty()) {
            return (format!("{variable}={}", value.display()), Health::Good);
        }
    }
    let advice =
        "neither WAYLAND_DISPLAY nor DISPLAY is set: start the kiosk from a desktop, or by its service under cage";
    ("none".into(), Health::Bad(advice.into()))
}

fn disk_health(dir: &Path) -> (String, Health) {
    if let Err(fault) = place::make_state_dir(dir) {
        return (dir.display().to_string(), Health::Bad(fault));
    }
    let free = match rustix::fs::statvfs(dir) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(fault) => return (dir.display().to_string(), Health::Bad(format!("{fault}: check the disk"))),
    };
    let what = format!("{}, {} MiB free", dir.display(), free >> 20);
    let probe = dir.join(".doctor");
    if let Err(fault) = std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe)) {
        return (
            what,
            Health::Bad(format!("nothing can be written there ({fault}): free space, or mount it writable")),
        );
    }
    if free < FREE_BYTES_MIN {
        return (
            what,
            Health::Attention("little room is left: synchronise, then remove what is not the kiosk's".into()),
        );
    }
    (what, Health::Good)
}

/// The device's name in records, and the public key that the authority enrols (`trustctl device add`).
fn device_health(storage: &Path) -> (String, Health) {
    match Device::load(storage, None) {
        Ok(device) => {
            let key = BASE64_STANDARD.encode(device.public_key().as_bytes());
            (format!("{}, public key {key}", device.id()), Health::Good)
        }
        Err(DeviceFault::Disk { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            ("its key is made at the first start".into(), Health::Good)
        }
        Err(fault) => ("its key cannot be used".into(), Health::Bad(fault.to_string())),
    }
}

/// The trust list's state, and when it was signed.
fn trust_health(config: &Config) -> ((String, Health), Option<DateTime<Utc>>) {
    let in_force = match place::trust_store(config).load() {
        Ok(in_force) => in_force,
        Err(fault) => return ((config.trust_dir.display().to_string(), Health::Bad(fault.to_string())), None),
    };
    let list = &in_force.list;
    let now = TrustedTime::given(Utc::now());
    let demo = if list.demo() { "DEMO, " } else { "" };
    let signed = list.signed_at().with_timezone(&vietnam()).format("%d/%m/%Y %H:%M");
    let what =
        format!("{demo}{}, version {}, signed {signed}, {} keys", list.authority(), list.version(), list.keys_count());
    let days_left = list.tracing_days_left(day_in_vietnam(now.floor()));
    let bring = "bring a newer list (kiosk sync DIR)";
    let health = match list.freshness(now) {
        None => Health::Bad(format!("no list is loaded: {bring}")),
        Some((_, Freshness::Stale)) => Health::Bad(format!("it is past its limit, nobody is shown green: {bring}")),
        Some((_, Freshness::Ageing)) => Health::Attention(format!("it is getting old: {bring}")),
        Some((_, Freshness::Fresh)) if days_left == 0 => {
            Health::Attention(format!("no tracing key for today, passages are kept without names: {bring}"))
        }
        Some((_, Freshness::Fresh)) if days_left < TRACING_DAYS_MIN => {
            Health::Attention(format!("tracing keys for {days_left} more days: {bring}"))
        }
        Some((_, Freshness::Fresh)) => match in_force.refused.first() {
            Some(fault) => Health::Attention(format!("another list was refused: {fault}")),
            None => Health::Good,
        },
    };
    ((what, health), Some(list.signed_at()))
}

fn clock_health(signed_at: Option<DateTime<Utc>>, remembered: Option<Remembered>) -> (String, Health) {
    use checkpoint::time::Confidence;
    let wall = Utc::now();
    let now = Clock::start(signed_at, remembered).now().time;
    let shown = wall.with_timezone(&vietnam()).format("%d/%m/%Y %H:%M:%S");
    let what = format!("{shown} (+07:00)");
    match now.confidence() {
        Confidence::Given | Confidence::Steady => (what, Health::Good),
        Confidence::Doubtful => {
            let floor = now.floor().with_timezone(&vietnam()).format("%d/%m/%Y %H:%M");
            let advice = format!("it is at least {floor}; set the clock (timedatectl set-time), or bring a newer list");
            (what, Health::Attention(advice))
        }
    }
}
