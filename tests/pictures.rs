//! One small picture of each mode, drawn by the real window and compared with the one that somebody looked at.
//!
//! `WRITE_PICTURES=1 cargo test --test pictures` draws them anew: look at them before they are committed. Needs Xvfb, and says that it
//! skipped without it.

#![allow(clippy::unwrap_used)] // A helper that fails fails its test.

use std::path::Path;
use std::process::{Command, Stdio};

use image::RgbImage;
use image::imageops::{FilterType, resize};
use kiosk::mode::Mode;

/// Small enough to be kept, large enough to show what stands where.
const SIZE: (u32, u32) = (160, 100);

/// Most mean difference of a channel, of 255: graphics libraries draw edges differently.
const MEAN_MAX: f64 = 2.5;

/// Squares in which the mean may not differ by more than `SQUARE_MAX`: something that is gone is found there.
const SQUARE: u32 = 10;
const SQUARE_MAX: f64 = 26.0;

/// Mean difference of all, and the largest of a square's.
fn difference(one: &RgbImage, other: &RgbImage) -> (f64, f64) {
    let of = |x: u32, y: u32| {
        let pixels = one.get_pixel(x, y).0.into_iter().zip(other.get_pixel(x, y).0);
        pixels.map(|(one, other)| f64::from(one.abs_diff(other))).sum::<f64>() / 3.0
    };
    let mean = |left: u32, top: u32, wide: u32, high: u32| {
        let sum: f64 =
            (top..top + high).flat_map(|y| (left..left + wide).map(move |x| (x, y))).map(|(x, y)| of(x, y)).sum();
        sum / f64::from(wide * high)
    };
    let squares = (0..SIZE.1 / SQUARE).flat_map(|row| (0..SIZE.0 / SQUARE).map(move |column| (column, row)));
    let worst = squares.map(|(column, row)| mean(column * SQUARE, row * SQUARE, SQUARE, SQUARE)).fold(0.0, f64::max);
    (mean(0, 0, SIZE.0, SIZE.1), worst)
}

#[test]
fn each_mode_looks_as_it_did_when_somebody_looked() {
    let test = std::env::current_exe().unwrap();
    let screens = test.parent().and_then(Path::parent).unwrap().join("examples/screens");
    let has_xvfb = Command::new("xvfb-run").arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if has_xvfb.is_err() || !screens.is_file() {
        println!(
            "skipped: xvfb-run (Debian: xvfb) or the example `screens` is missing; `cargo build --examples` builds it"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let drawn = Command::new("xvfb-run")
        .args(["-a", "-s", "-screen 0 1280x800x24"])
        .arg(&screens)
        .arg(folder.path())
        .args(["1280x800", "mode-"])
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let mut seen: Vec<RgbImage> = Vec::new();
    for mode in Mode::ALL {
        let name = format!("mode-{}-verdict-vi.png", mode.word());
        let large = image::open(folder.path().join(&name)).unwrap().into_rgb8();
        let small = resize(&large, SIZE.0, SIZE.1, FilterType::Triangle);
        let path = kept.join(format!("{}.png", mode.word()));
        if std::env::var_os("WRITE_PICTURES").is_some() {
            small.save(&path).unwrap();
        }
        let expected = image::open(&path).unwrap().into_rgb8();
        let (mean, worst) = difference(&small, &expected);
        assert!(mean <= MEAN_MAX && worst <= SQUARE_MAX, "{name}: {mean:.2} in the mean, {worst:.1} in one square");
        // A comparison that tells no two modes apart compares nothing.
        assert!(seen.iter().all(|other| difference(other, &small).1 > 4.0), "{name} looks like another mode");
        seen.push(small);
    }
}
