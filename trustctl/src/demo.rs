//! The demonstration: an authority whose keys everybody knows, and a recording of visitors before a camera.
//!
//! The folder is a recording (`docs/recording.md`) with its trust list in `trust-keys/`, its `kiosk.toml`, and
//! `visitors.json`, which says what must come of each visitor. The same bytes from the same seed on every machine; every time in it is counted from the
//! recording's own start, so that it never goes stale.

pub mod authority;
pub mod carrier;
pub mod dice;
pub mod render;
pub mod script;
pub mod visitors;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde_json::json;

use crate::fault::{Fault, make_dir, write as write_file};
use script::Script;

/// The seed of the demonstration that ships.
pub const SEED: u64 = 20_260_302;

/// Quality of the pictures: below it the artefacts of JPEG would be worse than the camera's own noise.
const JPEG_QUALITY: u8 = 80;

/// The kiosk's settings for the demonstration; what is not there is as the kiosk has it by default.
const SETTINGS: &str = r#"# Settings of the demonstration's checkpoint. Written by `trustctl demo`.

[location]
code = "DEMO-0001"
name = "Chốt kiểm soát thử nghiệm"
province = "Hà Nội"

[lane]
required = ["two-doses-14-days", "declaration-72h"]
# Nobody stands there to touch "next".
others_secs = 5

[trust]
dir = "trust-keys"

[storage]
dir = "state"
"#;

/// What was written.
pub struct Made {
    /// Pictures.
    pub frames: usize,
    /// Visitors.
    pub visitors: usize,
}

/// When the recording begins: a Monday morning.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T08:00:00+07:00".parse().expect("written in this file as RFC 3339")
}

/// Writes the demonstration into a folder. `progress` is told how many of how many pictures are made.
///
/// # Errors
/// `Write`.
pub fn write(folder: &Path, seed: u64, progress: impl Fn(usize, usize) + Sync) -> Result<Made, Fault> {
    make_dir(folder)?;
    authority::write_trust_keys(&folder.join("trust-keys"))?;
    let script = Script::new(seed, start())?;
    let frames = script.frames.len();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<(), Fault> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= frames {
                return Ok(());
            }
            write_file(&folder.join(frame_name(number)), jpeg(&script, number)?)?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, frames);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    write_file(&folder.join("visitors.json"), expectations(&script)?)?;
    write_file(&folder.join("kiosk.toml"), SETTINGS)?;
    // The index last: a folder without it was not finished.
    write_file(&folder.join("recording.jsonl"), index(&script, seed))?;
    Ok(Made { frames, visitors: script.visitors.len() })
}

/// What a kiosk in training plays and shows: the recording's visitors without their pictures, and when their codes are of.
///
/// # Errors
/// `Crypto`, never with the demo's own people.
pub fn practice() -> Result<String, Fault> {
    let cases: Vec<_> = visitors::visitors(start())?
        .iter()
        .map(|visitor| {
            let texts: Vec<_> = visitor.codes.iter().map(|(text, _)| text).collect();
            json!({"id": visitor.id, "outcome": visitor.outcome, "reason": visitor.reason, "codes": texts})
        })
        .collect();
    let practice = json!({"at": start(), "cases": cases});
    serde_json::to_string_pretty(&practice).map(|json| json + "\n").map_err(|error| Fault::Crypto(error.to_string()))
}

/// One picture as a JPEG.
fn jpeg(script: &Script, number: usize) -> Result<Vec<u8>, Fault> {
    let picture = script.picture(number);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::L8)
        .map_err(|error| Fault::Write { path: frame_name(number), source: std::io::Error::other(error) })?;
    Ok(bytes)
}

fn frame_name(number: usize) -> PathBuf {
    format!("{number:06}.jpg").into()
}

fn index(script: &Script, seed: u64) -> String {
    let mut lines = vec![json!({"recording": 1, "start": start(), "seed": seed, "loop": true}).to_string()];
    for (number, frame) in script.frames.iter().enumerate() {
        lines.push(json!({"ms": frame.at_ms, "file": frame_name(number)}).to_string());
    }
    lines.join("\n") + "\n"
}

/// `visitors.json`: what each visitor shows and when, and what must come of it.
fn expectations(script: &Script) -> Result<String, Fault> {
    let visitors: Vec<_> = script
        .visitors
        .iter()
        .zip(&script.stays)
        .map(|(visitor, stay)| {
            let texts: Vec<_> = visitor.codes.iter().map(|(text, _)| text).collect();
            json!({"id": visitor.id, "story": visitor.story, "from_ms": stay.from_ms, "until_ms": stay.until_ms,
                "outcome": visitor.outcome, "reason": visitor.reason, "codes": texts})
        })
        .collect();
    serde_json::to_string_pretty(&visitors).map(|json| json + "\n").map_err(|error| Fault::Crypto(error.to_string()))
}
