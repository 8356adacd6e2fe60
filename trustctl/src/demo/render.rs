//! Camera-like pictures of a code that somebody holds up: perspective, blur, dim light, gloss, moiré, noise.
//!
//! The same bytes on every machine: additions, multiplications and divisions of `f32` are exact by IEEE 754, and no sine,
//! exponential or fused operation is used.

use image::GrayImage;

use super::carrier::{Carrier, Drawing};
use super::dice::Dice;
use crate::fault::Fault;
use crate::qr::Symbol;

/// Size of every picture, in pixels.
pub const WIDTH: usize = 1280;
/// See `WIDTH`.
pub const HEIGHT: usize = 720;

/// Entries of the table of noise: a power of two, several rows long.
const NOISE: usize = 1 << 16;

/// Where the code is before the camera, and how the light is.
#[derive(Clone, Debug)]
pub struct Pose {
    /// Centre of the code in the picture, in pixels.
    pub centre: (f32, f32),
    /// Side of the code with its quiet zone, in pixels.
    pub side: f32,
    /// Rotation in the picture: tangent of half the angle (0.1 is 11 degrees).
    pub turn: f32,
    /// Perspective: share by which things shrink for each side of the code to the right, and downwards.
    pub tilt: (f32, f32),
    /// Radius of the blur in pixels, across and down; up to 0.5 is sharp. A moving hand blurs more one way.
    pub blur: (f32, f32),
}

/// What the camera does with the light that it gets.
#[derive(Clone, Debug)]
pub struct Light {
    /// Brightness: 1.0 is good light, 0.3 is dusk.
    pub gain: f32,
    /// Standard deviation of the noise, in gray levels.
    pub noise: f32,
    /// Strength of a lamp's reflection on glossy things, in gray levels.
    pub gloss: f32,
    /// Strength of the moiré on telephones, as a share of the brightness.
    pub moire: f32,
}

impl Light {
    /// A checkpoint by day.
    pub const DAY: Self = Self { gain: 0.85, noise: 2.0, gloss: 40.0, moire: 0.05 };
    /// A checkpoint at dusk.
    pub const DUSK: Self = Self { gain: 0.42, noise: 3.6, gloss: 25.0, moire: 0.08 };
}

/// What stands still while the camera runs: the room, perhaps a visitor in it, and the camera's own faults.
pub struct Room {
    behind: Vec<u8>,
    /// Darker towards the corners, in 1/256.
    vignette: Vec<u16>,
    noise: Vec<i8>,
}

impl Room {
    /// A room with or without somebody in it.
    pub fn new(seed: u64, visitor: bool) -> Self {
        Self { behind: behind(seed, visitor), vignette: vignette(), noise: noise(seed) }
    }

    /// What the camera sees: the room, and what is held up. `frame` makes the noise of each picture its own.
    pub fn picture(&self, held: Option<(&Drawing, &Pose)>, light: &Light, seed: u64, frame: u64) -> GrayImage {
        let mut luma = self.behind.clone();
        if let Some((drawing, pose)) = held {
            hold_up(&mut luma, drawing, pose, light);
        }
        self.expose(&mut luma, light, &mut Dice::new(seed, frame.wrapping_add(0x66_7261_6d65)));
        GrayImage::from_raw(WIDTH as u32, HEIGHT as u32, luma).expect("the room is as large as the picture")
    }

    fn expose(&self, luma: &mut [u8], light: &Light, dice: &mut Dice) {
        let gain = (light.gain * 256.0) as i32;
        let noise = (light.noise * 256.0 / 32.0) as i32;
        for (row, vignette) in luma.chunks_exact_mut(WIDTH).zip(self.vignette.chunks_exact(WIDTH)) {
            let from = dice.bits() as usize % (NOISE - WIDTH);
            for ((pixel, vignette), grain) in row.iter_mut().zip(vignette).zip(&self.noise[from..]) {
                let lit = (((i32::from(*pixel) * gain) >> 8) * i32::from(*vignette)) >> 8;
                *pixel = (lit + 6 + ((i32::from(*grain) * noise) >> 8)).clamp(0, 255) as u8;
            }
        }
    }
}

/// One picture of a text in a code, held before the camera: for tests that need a realistic frame.
///
/// # Errors
/// `TooMuchForOneCode`.
pub fn text_before_camera(
    text: &str,
    carrier: Carrier,
    pose: &Pose,
    light: &Light,
    seed: u64,
) -> Result<GrayImage, Fault> {
    let symbol = Symbol::new(text, qrcode::EcLevel::M)?;
    let drawing = Drawing::new(&symbol, carrier, &mut Dice::new(seed, 1));
    Ok(Room::new(seed, true).picture(Some((&drawing, pose)), light, seed, 0))
}

impl Default for Pose {
    /// In the middle, slightly turned, sharp: as a patient visitor holds it.
    fn default() -> Self {
        Self { centre: (640.0, 350.0), side: 560.0, turn: 0.03, tilt: (0.06, 0.09), blur: (0.8, 0.8) }
    }
}

/// The plane of the drawing as the camera sees it: (u, v) → ((a·u + b·v)/w, (c·u + d·v)/w) with w = 1 + p·u + q·v, and back.
struct View {
    across: (f32, f32),
    down: (f32, f32),
    tilt: (f32, f32),
    centre: (f32, f32),
}

impl View {
    fn new(pose: &Pose) -> Self {
        // The rational form of cosine and sine: no trigonometry, so no difference between machines.
        let half = pose.turn * pose.turn;
        let (cos, sin) = ((1.0 - half) / (1.0 + half), 2.0 * pose.turn / (1.0 + half));
        Self {
            across: (pose.side * cos, -pose.side * sin),
            down: (pose.side * sin, pose.side * cos),
            tilt: pose.tilt,
            centre: pose.centre,
        }
    }

    fn to_picture(&self, u: f32, v: f32) -> (f32, f32) {
        let w = 1.0 + self.tilt.0 * u + self.tilt.1 * v;
        let x = (self.across.0 * u + self.across.1 * v) / w;
        let y = (self.down.0 * u + self.down.1 * v) / w;
        (x + self.centre.0, y + self.centre.1)
    }

    /// Solves `to_picture` for u and v (Cramer's rule).
    fn to_drawing(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (x - self.centre.0, y - self.centre.1);
        let (a, b) = (self.across.0 - self.tilt.0 * x, self.across.1 - self.tilt.1 * x);
        let (c, d) = (self.down.0 - self.tilt.0 * y, self.down.1 - self.tilt.1 * y);
        let det = a * d - b * c;
        ((x * d - b * y) / det, (a * y - x * c) / det)
    }
}

/// A rectangle of pixels.
#[derive(Clone, Copy)]
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

fn hold_up(luma: &mut [u8], drawing: &Drawing, pose: &Pose, light: &Light) {
    let view = View::new(pose);
    let [left, top, right, bottom] = drawing.reach();
    let corners = [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(u, v)| view.to_picture(u, v));
    let bound =
        |pick: fn(f32, f32) -> f32, of: fn(&(f32, f32)) -> f32| corners.iter().map(of).reduce(pick).unwrap_or(0.0);
    let pixel = |at: f32, most: usize| at.clamp(0.0, most as f32) as usize;
    let area = Area {
        left: pixel(bound(f32::min, |at| at.0), WIDTH),
        top: pixel(bound(f32::min, |at| at.1), HEIGHT),
        right: pixel(bound(f32::max, |at| at.0) + 1.0, WIDTH),
        bottom: pixel(bound(f32::max, |at| at.1) + 1.0, HEIGHT),
    };
    if area.left >= area.right || area.top >= area.bottom {
        return;
    }
    let phone = drawing.carrier == Carrier::Phone;
    let gloss = if drawing.carrier == Carrier::Slip { 0.0 } else { light.gloss };
    for y in area.top..area.bottom {
        for x in area.left..area.right {
            let (mut sum, mut cover) = (0.0, 0.0);
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (u, v) = view.to_drawing(x as f32 + dx, y as f32 + dy);
                let look = drawing.look(u, v);
                sum += look.luma * look.cover;
                cover += look.cover;
            }
            if cover == 0.0 {
                continue;
            }
            let (mut seen, cover) = (sum / cover, cover / 4.0);
            let (u, v) = view.to_drawing(x as f32, y as f32);
            if phone {
                // A screen's rows and the camera's rows beat with each other.
                seen *=
                    1.0 - light.moire * (zigzag(x as f32 * 0.071 + y as f32 * 0.013) + zigzag(y as f32 * 0.083)) / 2.0;
            }
            if gloss > 0.0 {
                // A lamp above, mirrored in the upper right.
                seen += gloss * blob((u - 0.28) / 0.34, (v + 0.30) / 0.16);
            }
            let pixel = &mut luma[y * WIDTH + x];
            *pixel = (f32::from(*pixel) * (1.0 - cover) + seen * cover).clamp(0.0, 255.0) as u8;
        }
    }
    blur(luma, area, pose.blur);
}

/// A triangle wave of period 1 between 0 and 1.
fn zigzag(at: f32) -> f32 {
    let part = at - at.floor();
    if part < 0.5 { part * 2.0 } else { 2.0 - part * 2.0 }
}

/// A soft spot: 1 in the middle, 0 from the unit circle on.
fn blob(x: f32, y: f32) -> f32 {
    let inside = (1.0 - x * x - y * y).max(0.0);
    inside * inside
}

/// Weights of a blur in 1/4096, from the middle outwards: the biweight kernel, a polynomial.
fn weights(radius: f32) -> Vec<u32> {
    let reach = radius + 1.0;
    let raw: Vec<f32> = (0..).map(|at| at as f32 / reach).take_while(|at| *at < 1.0).map(|at| blob(at, 0.0)).collect();
    let sum = raw.iter().sum::<f32>() * 2.0 - raw[0];
    let mut weights: Vec<u32> = raw.iter().map(|weight| (weight / sum * 4096.0) as u32).collect();
    // What rounding took goes to the middle, so that a blurred area is as bright as before.
    let outer: u32 = weights[1..].iter().sum::<u32>() * 2;
    weights[0] = 4096 - outer;
    weights
}

/// Blurs what is held up, and a little around it.
fn blur(luma: &mut [u8], area: Area, (across, down): (f32, f32)) {
    let (horizontal, vertical) = (weights(across), weights(down));
    let margin = horizontal.len().max(vertical.len());
    let area = Area {
        left: area.left.saturating_sub(margin),
        top: area.top.saturating_sub(margin),
        right: (area.right + margin).min(WIDTH),
        bottom: (area.bottom + margin).min(HEIGHT),
    };
    if horizontal.len() > 1 {
        let reach = horizontal.len() - 1;
        let mut row = vec![0u8; area.right - area.left + 2 * reach];
        for y in area.top..area.bottom {
            let line = &mut luma[y * WIDTH..(y + 1) * WIDTH];
            for (at, pixel) in row.iter_mut().enumerate() {
                *pixel = line[(area.left + at).saturating_sub(reach).min(WIDTH - 1)];
            }
            for (at, pixel) in line[area.left..area.right].iter_mut().enumerate() {
                *pixel = weighed(&row[at..at + 2 * reach + 1], &horizontal);
            }
        }
    }
    if vertical.len() > 1 {
        let reach = vertical.len() - 1;
        let before = luma.to_vec();
        let width = area.right - area.left;
        let mut sums = vec![0u32; width];
        for y in area.top..area.bottom {
            sums.fill(2048);
            for step in 0..=2 * reach {
                let from = (y + step).saturating_sub(reach).min(HEIGHT - 1) * WIDTH + area.left;
                let weight = vertical[step.abs_diff(reach)];
                for (sum, pixel) in sums.iter_mut().zip(&before[from..from + width]) {
                    *sum += weight * u32::from(*pixel);
                }
            }
            let to = y * WIDTH + area.left;
            for (pixel, sum) in luma[to..to + width].iter_mut().zip(&sums) {
                *pixel = (sum >> 12) as u8;
            }
        }
    }
}

fn weighed(pixels: &[u8], weights: &[u32]) -> u8 {
    let middle = weights.len() - 1;
    let mut sum = weights[0] * u32::from(pixels[middle]) + 2048;
    for (at, weight) in weights.iter().enumerate().skip(1) {
        sum += weight * (u32::from(pixels[middle - at]) + u32::from(pixels[middle + at]));
    }
    (sum >> 12) as u8
}

/// Out-of-focus surroundings, and perhaps a visitor's head and shoulders.
fn behind(seed: u64, visitor: bool) -> Vec<u8> {
    const STEP: usize = 8;
    let (columns, rows) = (WIDTH / STEP + 2, HEIGHT / STEP + 2);
    let mut dice = Dice::new(seed, 0x726f_6f6d);
    let octaves: Vec<(usize, f32, Vec<f32>)> = [(48, 34.0), (17, 14.0), (5, 6.0)]
        .into_iter()
        .map(|(size, strength)| {
            let count = (columns / size + 3) * (rows / size + 3);
            (size, strength, (0..count).map(|_| dice.signed()).collect())
        })
        .collect();
    let figure = (dice.between(0.42, 0.58), dice.between(0.0, 26.0));
    let mut coarse = vec![0.0f32; columns * rows];
    for y in 0..rows {
        for x in 0..columns {
            let mut value = 96.0 - 28.0 * y as f32 / rows as f32;
            for (size, strength, knots) in &octaves {
                value += strength * lattice(knots, columns / size + 3, x, y, *size);
            }
            // A door frame and a counter: straight edges are what a reader of codes stumbles over.
            if x > columns / 12 && x < columns / 9 {
                value += 38.0;
            }
            if visitor {
                let (u, v) = (x as f32 / columns as f32 - figure.0, y as f32 / rows as f32);
                let head = blob(u / 0.11, (v - 0.24) / 0.26);
                let body = blob(u / 0.34, (v - 1.05) / 0.62);
                value += (head * 2.2).min(1.0) * (58.0 - figure.1) - (body * 2.6).min(1.0) * 34.0;
            }
            coarse[y * columns + x] = value;
        }
    }
    let mut luma = vec![0; WIDTH * HEIGHT];
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let at = y / STEP * columns + x / STEP;
            let (right, down) = ((x % STEP) as f32 / STEP as f32, (y % STEP) as f32 / STEP as f32);
            let top = coarse[at] + (coarse[at + 1] - coarse[at]) * right;
            let bottom = coarse[at + columns] + (coarse[at + columns + 1] - coarse[at + columns]) * right;
            luma[y * WIDTH + x] = (top + (bottom - top) * down).clamp(0.0, 255.0) as u8;
        }
    }
    luma
}

/// Value noise: a smooth surface through random knots.
fn lattice(knots: &[f32], stride: usize, x: usize, y: usize, size: usize) -> f32 {
    let ease = |at: usize| super::dice::ease((at % size) as f32 / size as f32);
    let at = y / size * stride + x / size;
    let top = knots[at] + (knots[at + 1] - knots[at]) * ease(x);
    let bottom = knots[at + stride] + (knots[at + stride + 1] - knots[at + stride]) * ease(x);
    top + (bottom - top) * ease(y)
}

fn vignette() -> Vec<u16> {
    let mut table = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (u, v) = (x as f32 / WIDTH as f32 - 0.5, y as f32 / HEIGHT as f32 - 0.5);
            table.push((256.0 * (1.0 - 0.55 * (u * u + v * v))) as u16);
        }
    }
    table
}

/// Grains with a standard deviation of about 32: the sum of four even numbers is nearly a bell.
fn noise(seed: u64) -> Vec<i8> {
    let mut dice = Dice::new(seed, 0x6e_6f69_7365);
    (0..NOISE)
        .map(|_| {
            let bits = dice.bits();
            let sum: u64 = (0..4).map(|part| (bits >> (part * 16)) & 0x3f).sum();
            // Four numbers from 0 to 63: mean 126, standard deviation 37.
            ((sum as i32 - 126) * 7 / 8).clamp(-127, 127) as i8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_the_drawing_is_found_again_from_its_pixel() {
        let pose = Pose { turn: 0.2, tilt: (0.1, -0.15), ..Pose::default() };
        let view = View::new(&pose);
        for (u, v) in [(0.0, 0.0), (0.5, -0.5), (-0.4, 0.7)] {
            let (x, y) = view.to_picture(u, v);
            let (u_again, v_again) = view.to_drawing(x, y);
            assert!((u - u_again).abs() < 1e-4 && (v - v_again).abs() < 1e-4, "({u}, {v})");
        }
    }

    #[test]
    fn a_blur_keeps_the_brightness() {
        for radius in [0.0, 0.4, 0.8, 3.5, 9.0] {
            let weights = weights(radius);
            assert_eq!(weights[0] + 2 * weights[1..].iter().sum::<u32>(), 4096, "radius {radius}");
        }
        assert_eq!(weights(0.0).len(), 1, "no radius, no blur");
    }
}
