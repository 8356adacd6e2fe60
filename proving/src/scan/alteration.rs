//! Altered copies of a picture: what the same code looks like held otherwise, farther off, in other light, by another
//! camera.
//!
//! They stand in for pictures that nobody has seen. Turns by quarters, the mirror and moves by whole pixels take nothing from a
//! picture, so a reader that misses a copy of what it reads goes by chance; the others take a little.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};

use super::picture::Gray;
use crate::sequences::dice::{Dice, sine};

/// One way to alter a picture.
#[derive(Clone, Copy, Debug)]
pub struct Alteration {
    pub name: &'static str,
    /// Whether all of the picture is still there, pixel by pixel.
    pub lossless: bool,
    apply: fn(&Gray, &mut Dice) -> Gray,
}

/// All of them; the first leaves the picture as it is.
pub const ALTERATIONS: [Alteration; 22] = {
    const fn lossless(name: &'static str, apply: fn(&Gray, &mut Dice) -> Gray) -> Alteration {
        Alteration { name, lossless: true, apply }
    }
    const fn lossy(name: &'static str, apply: fn(&Gray, &mut Dice) -> Gray) -> Alteration {
        Alteration { name, lossless: false, apply }
    }
    [
        lossless("as it is", |gray, _| gray.clone()),
        lossless("quarter turn", |gray, _| quarter(gray)),
        lossless("half turn", |gray, _| quarter(&quarter(gray))),
        lossless("three quarters", |gray, _| quarter(&quarter(&quarter(gray)))),
        lossless("mirror", |gray, _| mirror(gray)),
        lossless("moved by 1 to 9", moved),
        lossless("moved by 1 to 9, 2", moved),
        lossy("turned by 2 to 8°", |gray, dice| turned_either_way(gray, dice, 2.0, 8.0)),
        lossy("turned by 8 to 20°", |gray, dice| turned_either_way(gray, dice, 8.0, 20.0)),
        lossy("turned by 20 to 45°", |gray, dice| turned_either_way(gray, dice, 20.0, 45.0)),
        lossy("half a pixel aside", |gray, _| resampled(gray, gray.width, gray.height, |x, y| (x + 0.5, y + 0.5))),
        lossy("scaled by 0.9", |gray, _| scaled(gray, 0.9)),
        lossy("scaled by 0.75", |gray, _| scaled(gray, 0.75)),
        lossy("scaled by 0.6", |gray, _| scaled(gray, 0.6)),
        lossy("gamma 0.6", |gray, _| toned(gray, |share| share.powf(0.6))),
        lossy("gamma 1.6", |gray, _| toned(gray, |share| share.powf(1.6))),
        lossy("contrast halved", |gray, _| toned(gray, |share| 0.2 + 0.5 * share)),
        lossy("noise of 6", |gray, dice| noisy(gray, dice, 6.0)),
        lossy("blur of 0.7 px", blurred),
        lossy("JPEG at 40", |gray, _| compressed(gray, 40)),
        lossy("another camera", another_camera),
        lossy("another camera, 2", another_camera),
    ]
};

impl Alteration {
    /// The copy of the picture `id` under `seed`: the same on every machine but for the last digit of a gray.
    pub fn of(&self, gray: &Gray, id: &str, seed: u64) -> Gray {
        // FNV-1a, so that every picture and every alteration has its own draws.
        let stream = id
            .bytes()
            .chain(self.name.bytes())
            .fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        (self.apply)(gray, &mut Dice::new(seed, stream))
    }
}

/// Turned clockwise by a quarter.
fn quarter(gray: &Gray) -> Gray {
    let (width, height) = (gray.height, gray.width);
    let luma = (0..width * height).map(|i| gray.luma[(gray.height - 1 - i % width) * gray.width + i / width]);
    Gray { luma: luma.collect(), width, height, file_pixels: gray.file_pixels }
}

fn mirror(gray: &Gray) -> Gray {
    let luma = gray.luma.chunks_exact(gray.width).flat_map(|row| row.iter().rev().copied()).collect();
    Gray { luma, ..*gray }
}

/// One to nine pixels more at the left and at the top, like those at the edge: blocks, halves and scanned rows fall elsewhere.
fn moved(gray: &Gray, dice: &mut Dice) -> Gray {
    let (left, top) = (1 + dice.below(9), 1 + dice.below(9));
    let (width, height) = (gray.width + left, gray.height + top);
    let pixel = |i: usize| gray.luma[(i / width).saturating_sub(top) * gray.width + (i % width).saturating_sub(left)];
    Gray { luma: (0..width * height).map(pixel).collect(), width, height, file_pixels: gray.file_pixels }
}

fn turned_either_way(gray: &Gray, dice: &mut Dice, least: f32, most: f32) -> Gray {
    let degrees = dice.between(least, most);
    turned(gray, if dice.below(2) == 0 { degrees } else { -degrees })
}

/// Turned about its middle; the frame grows so that it holds all, and the edges go on.
fn turned(gray: &Gray, degrees: f32) -> Gray {
    let (sin, cos) = (sine(degrees / 360.0), sine(degrees / 360.0 + 0.25));
    let (across, down) = (gray.width as f32, gray.height as f32);
    let width = (across * cos.abs() + down * sin.abs()).ceil();
    let height = (across * sin.abs() + down * cos.abs()).ceil();
    resampled(gray, width as usize, height as usize, |x, y| {
        let (x, y) = (x - width / 2.0, y - height / 2.0);
        (x * cos + y * sin + across / 2.0, y * cos - x * sin + down / 2.0)
    })
}

/// Farther off.
fn scaled(gray: &Gray, scale: f64) -> Gray {
    let longest = gray.width.max(gray.height);
    gray.clone().reduced(((longest as f64 * scale).round() as usize).max(1))
}

/// Each gray as a share of white, by a curve.
fn toned(gray: &Gray, curve: fn(f32) -> f32) -> Gray {
    let table: Vec<u8> = (0..256).map(|value| (curve(value as f32 / 255.0) * 255.0).round() as u8).collect();
    Gray { luma: gray.luma.iter().map(|&value| table[usize::from(value)]).collect(), ..*gray }
}

/// Noise of a sensor, by its deviation in grays.
/// The picture as a camera that stands still sees it once more: with noise of so many grays, another in each frame.
pub fn seen_again(gray: &Gray, frame: usize, deviation: f32) -> Gray {
    noisy(gray, &mut Dice::new(frame as u64, 0), deviation)
}

fn noisy(gray: &Gray, dice: &mut Dice, deviation: f32) -> Gray {
    let luma = gray.luma.iter().map(|&value| (f32::from(value) + deviation * dice.normal()).round() as u8).collect();
    Gray { luma, ..*gray }
}

/// Out of focus by a deviation of 0.7 pixels: two times the kernel 1 : 2 : 1 along each axis.
fn blurred(gray: &Gray, _: &mut Dice) -> Gray {
    let once = |gray: &Gray| {
        let luma: Vec<u8> = gray
            .luma
            .chunks_exact(gray.width)
            .flat_map(|row| {
                (0..row.len()).map(|x| {
                    let at = |x: usize| u16::from(row[x.min(row.len() - 1)]);
                    ((at(x.saturating_sub(1)) + 2 * at(x) + at(x + 1) + 2) / 4) as u8
                })
            })
            .collect();
        quarter(&Gray { luma, ..*gray })
    };
    // Each pass blurs the rows and turns the picture by a quarter: four passes blur each axis twice.
    once(&once(&once(&once(gray))))
}

/// Through a JPEG file of this quality.
fn compressed(gray: &Gray, quality: u8) -> Gray {
    let mut file = Vec::new();
    let (width, height) = (gray.width as u32, gray.height as u32);
    let written =
        JpegEncoder::new_with_quality(&mut file, quality).encode(&gray.luma, width, height, ExtendedColorType::L8);
    let read = image::load_from_memory_with_format(&file, ImageFormat::Jpeg);
    match (written, read) {
        (Ok(()), Ok(picture)) => Gray { luma: picture.into_luma8().into_raw(), ..*gray },
        // A picture wider than JPEG allows; camera resolution is far below that.
        _ => gray.clone(),
    }
}

/// A little of everything: held otherwise, a little farther off, in other light, noise, a file.
fn another_camera(gray: &Gray, dice: &mut Dice) -> Gray {
    let quarters = dice.below(4);
    let gray = (0..quarters).fold(gray.clone(), |gray, _| quarter(&gray));
    let gray = turned_either_way(&gray, dice, 0.0, 12.0);
    let gray = scaled(&gray, f64::from(dice.between(0.8, 1.0)));
    let exponent = dice.between(0.75, 1.35);
    let (black, white) = (dice.between(0.0, 0.1), dice.between(0.85, 1.0));
    let curve = |value: u8| (black + (white - black) * (f32::from(value) / 255.0).powf(exponent)) * 255.0;
    let luma = gray.luma.iter().map(|&value| curve(value).round() as u8).collect();
    let deviation = dice.between(1.0, 4.0);
    compressed(&noisy(&Gray { luma, ..gray }, dice, deviation), 75)
}

/// A picture of `width` × `height` whose pixel at (x, y) is the old one's at `source`(x, y), by Catmull and Rom's cubic,
/// which keeps edges; pixel (0, 0) has its middle at (0.5, 0.5).
fn resampled(gray: &Gray, width: usize, height: usize, source: impl Fn(f32, f32) -> (f32, f32)) -> Gray {
    let clamped = |at: isize, length: usize| at.clamp(0, length as isize - 1) as usize;
    let weights = |t: f32| {
        let (t2, t3) = (t * t, t * t * t);
        [0.5 * (2.0 * t2 - t3 - t), 0.5 * (3.0 * t3 - 5.0 * t2) + 1.0, 0.5 * (4.0 * t2 - 3.0 * t3 + t), 0.5 * (t3 - t2)]
    };
    let mut luma = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = source(x as f32 + 0.5, y as f32 + 0.5);
            let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
            let across = weights(x - 0.5 - left);
            let down = weights(y - 0.5 - top);
            let mut value = 0.0;
            for (j, weight) in down.iter().enumerate() {
                let row = clamped(top as isize + j as isize - 1, gray.height) * gray.width;
                let pixel = |i: isize| f32::from(gray.luma[row + clamped(left as isize + i - 1, gray.width)]);
                let sum: f32 = across.iter().zip(0..).map(|(weight, i)| weight * pixel(i)).sum();
                value += weight * sum;
            }
            luma.push(value.round() as u8);
        }
    }
    Gray { luma, width, height, file_pixels: gray.file_pixels }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Gray {
        let luma = (0..width * height).map(|i| ((i % width) * 3 + i / width) as u8).collect();
        Gray { luma, width, height, file_pixels: 1.0 }
    }

    #[test]
    fn four_quarters_are_a_whole_turn() {
        let gray = ramp(40, 30);
        let once = quarter(&gray);
        assert_eq!((once.width, once.height), (30, 40));
        // What was at the lower left is at the upper left.
        assert_eq!(once.luma[0], gray.luma[29 * 40]);
        assert_eq!(quarter(&quarter(&quarter(&once))).luma, gray.luma);
    }

    #[test]
    fn a_turn_forth_and_back_leaves_the_middle() {
        let gray = ramp(61, 41);
        let back = turned(&turned(&gray, 17.0), -17.0);
        let (x, y) = (back.width / 2, back.height / 2);
        let (before, after) = (gray.luma[20 * 61 + 30], back.luma[y * back.width + x]);
        assert!(before.abs_diff(after) <= 3, "{before} {after}");
    }

    #[test]
    fn blur_keeps_the_mean_and_spreads_a_point() {
        let mut luma = vec![0; 21 * 21];
        luma[10 * 21 + 10] = 255;
        let spread = blurred(&Gray { luma, width: 21, height: 21, file_pixels: 1.0 }, &mut Dice::new(1, 1));
        // 6/16 along each axis stays.
        assert!(spread.luma[10 * 21 + 10].abs_diff(36) <= 2, "{}", spread.luma[10 * 21 + 10]);
    }

    #[test]
    fn the_same_seed_draws_the_same_copy() {
        let gray = ramp(210, 220);
        for alteration in &ALTERATIONS {
            let [one, same, other] = [("a", 1), ("a", 1), ("a", 2)].map(|(id, seed)| alteration.of(&gray, id, seed));
            assert_eq!(one.luma, same.luma, "{}", alteration.name);
            if alteration.name == "noise of 6" {
                assert_ne!(one.luma, other.luma);
            }
        }
    }
}
