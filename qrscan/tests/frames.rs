//! Codes that no single frame holds, drawn with noise.

use std::time::Duration;

use qrcode::{Color, EcLevel, QrCode};
use qrscan::{FrameReader, Reader};

const WIDTH: usize = 400;
const HEIGHT: usize = 300;
/// Pixels a module.
const MODULE: f32 = 2.3;

/// A small generator (Numerical Recipes' constants), so that a failure can be repeated.
struct Dice(u32);

impl Dice {
    /// About normal, mean 0 and deviation 1.
    fn normal(&mut self) -> f32 {
        let mut sum = 0.0;
        for _ in 0..4 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += (self.0 >> 8) as f32 / 16_777_216.0;
        }
        (sum - 2.0) * 1.732
    }
}

/// The code on a gray table, moved by some pixels, under noise of so many grays.
fn frame(text: &str, (left, top): (f32, f32), noise: f32, seed: u32) -> Vec<u8> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("240 letters fit a code");
    let side = code.width() as f32;
    let colours = code.to_colors();
    let light = |x: f32, y: f32| {
        let (column, row) = ((x - left) / MODULE, (y - top) / MODULE);
        let within = |room: f32| column > -room && row > -room && column < side + room && row < side + room;
        if !within(6.0) {
            110.0
        } else if within(0.0) && colours[row as usize * code.width() + column as usize] == Color::Dark {
            40.0
        } else {
            180.0
        }
    };
    let mut dice = Dice(seed);
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let points = (0..16).map(|i| light(x as f32 + (i % 4) as f32 / 4.0, y as f32 + (i / 4) as f32 / 4.0));
            pixels.push((points.sum::<f32>() / 16.0 + noise * dice.normal()) as u8);
        }
    }
    pixels
}

/// A place that sways from frame to frame.
fn place(number: u32) -> (f32, f32) {
    (90.0 + 3.3 * (number % 3) as f32, 40.0 + 2.7 * (number % 4) as f32)
}

fn text(kind: char) -> String {
    // As long as a health credential's half: version 11 at level M.
    (0..240u32).map(|i| char::from(b'A' + ((i * i + i * kind as u32) % 23) as u8)).collect()
}

/// Noise in which one frame is not enough.
const NOISE: f32 = 66.0;

#[test]
fn ten_frames_tell_what_no_single_frame_tells() {
    let expected = text('x');
    let frames: Vec<Vec<u8>> = (0..10).map(|i| frame(&expected, place(i), NOISE, 7 + i)).collect();
    let mut single = Reader::new();
    assert!(frames.iter().all(|frame| single.read(frame, WIDTH, HEIGHT).codes.is_empty()), "too easy to show anything");
    let mut reader = FrameReader::new();
    let mut read = None;
    for (i, frame) in frames.iter().enumerate() {
        for code in reader.read(frame, WIDTH, HEIGHT, Duration::from_millis(50 * i as u64)).codes {
            assert_eq!(code.text, expected);
            let (left, top) = place(i as u32);
            let [x, y] = code.corners[0];
            assert!((x - left).abs() < MODULE && (y - top).abs() < MODULE, "corner at {x}, {y}");
            read.get_or_insert(i + 1);
        }
    }
    assert!(read.is_some_and(|frames| frames > 1), "read at {read:?}");
}

#[test]
fn frames_that_lie_seconds_apart_are_not_joined() {
    let expected = text('x');
    let mut reader = FrameReader::new();
    for i in 0..10 {
        let frame = frame(&expected, place(i), NOISE, 7 + i);
        let reading = reader.read(&frame, WIDTH, HEIGHT, Duration::from_secs(2 * u64::from(i)));
        assert!(reading.codes.is_empty(), "frame {i} was joined with one two seconds before");
    }
}

#[test]
fn two_visitors_codes_are_never_mixed() {
    let texts = [text('x'), text('y')];
    for change in 1..6 {
        let mut reader = FrameReader::new();
        let mut read = Vec::new();
        for i in 0..16 {
            let shown = usize::from(i >= change);
            let frame = frame(&texts[shown], place(i), NOISE, 100 * change + i);
            for code in reader.read(&frame, WIDTH, HEIGHT, Duration::from_millis(50 * u64::from(i))).codes {
                assert_eq!(code.text, texts[shown], "frame {i}, change at {change}");
                read.push(shown);
            }
        }
        assert!(read.contains(&1), "the second code was not read after a change at {change}");
    }
}

#[test]
fn a_code_that_reads_at_once_reads_in_every_frame_as_from_a_single_one() {
    let expected = text('x');
    let (mut single, mut joined) = (Reader::new(), FrameReader::new());
    for i in 0..4 {
        let frame = frame(&expected, place(i), 8.0, i);
        let reading = joined.read(&frame, WIDTH, HEIGHT, Duration::from_millis(50 * u64::from(i)));
        assert_eq!(reading, single.read(&frame, WIDTH, HEIGHT));
        assert_eq!(reading.codes[0].text, expected);
    }
}

#[test]
fn noise_alone_reads_nothing() {
    let mut reader = FrameReader::new();
    let mut dice = Dice(3);
    for i in 0..30 {
        let pixels: Vec<u8> = (0..WIDTH * HEIGHT).map(|_| (110.0 + 60.0 * dice.normal()) as u8).collect();
        assert!(reader.read(&pixels, WIDTH, HEIGHT, Duration::from_millis(50 * i)).codes.is_empty());
    }
}
