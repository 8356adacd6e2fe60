//! One frame, from the card to the eight bits.

use qrcode::{Color, QrCode};

use super::dice::{Dice, sine};
use super::hindrance::Hindrance;
use crate::drawn::{HEIGHT, WIDTH};
use crate::scan::picture::Gray;

/// Points of the fine scale along a pixel.
const FINE: usize = 3;

/// Reflectance of paper and of ink, and of a hand.
const PAPER: f32 = 0.95;
const INK: f32 = 0.05;
const SKIN: f32 = 0.42;

/// Height of one dark band that a dimmed screen leaves, in pixels.
const BAND: f32 = 130.0;

/// Takes one frame of `code`, on paper or on a phone's screen.
pub fn render(code: &QrCode, on_phone: bool, hindrance: &Hindrance, seed: u64, number: u64) -> Gray {
    let scene = Scene::new(code, on_phone, hindrance, seed);
    let region = scene.region(hindrance);
    let mut light: Vec<f32> = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        light.extend((0..WIDTH).map(|x| scene.background(x as f32 + 0.5, y as f32 + 0.5)));
    }
    let fine = scene.look(&region, &light);
    let fine = fine.moved(hindrance).defocused(hindrance.blur * FINE as f32);
    fine.gather(hindrance.fill, &region, &mut light);
    scene.light_up(hindrance, &mut light);
    let mut dice = Dice::new(seed, 3_000 + number);
    let luma = light.into_iter().map(|light| expose(light, hindrance, &mut dice)).collect();
    Gray { luma, width: WIDTH, height: HEIGHT, file_pixels: 1.0 }
}

/// From light (1 fills a pixel of the sensor) to eight bits: electrons with the noise of their number and of their
/// reading, and a gamma of two.
fn expose(light: f32, hindrance: &Hindrance, dice: &mut Dice) -> u8 {
    let electrons = light.max(0.0) * hindrance.electrons;
    let noise = (electrons + hindrance.read_noise * hindrance.read_noise).sqrt() * dice.normal();
    let part = ((electrons + noise) / hindrance.electrons).clamp(0.0, 1.0);
    (part.sqrt() * 255.0 + 0.5) as u8
}

/// What is before the camera.
struct Scene<'a> {
    dark: Vec<bool>,
    side: usize,
    on_phone: bool,
    hindrance: &'a Hindrance,
    /// From modules, the code's middle in the middle, to pixels; and back. Homogeneous.
    to_frame: [[f32; 3]; 3],
    to_code: [[f32; 3]; 3],
    /// Soft things in the room: where, how wide, how bright.
    room: Vec<([f32; 2], f32, f32)>,
    wall: f32,
    thumb: f32,
}

/// A part of the frame, in pixels.
struct Region {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    /// Pixels around it that are drawn too, so that blur has something to take in.
    border: usize,
}

impl<'a> Scene<'a> {
    fn new(code: &QrCode, on_phone: bool, hindrance: &'a Hindrance, seed: u64) -> Self {
        let side = code.width();
        let half = side as f32 / 2.0;
        let turn = hindrance.half_turn;
        let (cos, sin) = ((1.0 - turn * turn) / (1.0 + turn * turn), 2.0 * turn / (1.0 + turn * turn));
        let (near, module, [x, y]) = (hindrance.tilt.map(|tilt| -tilt / half), hindrance.module, hindrance.middle);
        let to_frame = [
            [module * cos + x * near[0], -module * sin + x * near[1], x],
            [module * sin + y * near[0], module * cos + y * near[1], y],
            [near[0], near[1], 1.0],
        ];
        let mut dice = Dice::new(seed, 4_000);
        let room = (0..9).map(|_| {
            let at = [dice.between(0.0, WIDTH as f32), dice.between(0.0, HEIGHT as f32)];
            (at, dice.between(60.0, 330.0), dice.between(-0.25, 0.3))
        });
        Self {
            dark: code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect(),
            side,
            on_phone,
            hindrance,
            to_frame,
            to_code: inverse(&to_frame),
            room: room.collect(),
            wall: dice.between(0.2, 0.45),
            thumb: dice.between(-0.4, 0.6),
        }
    }

    /// The part of the frame that holds the card, the fingers and their blur.
    fn region(&self, hindrance: &Hindrance) -> Region {
        let reach = self.side as f32 / 2.0 + 22.0;
        let corners = [[-reach, -reach], [reach, -reach], [reach, reach], [-reach, reach]];
        let corners = corners.map(|corner| project(&self.to_frame, corner));
        let of = |axis: usize, limit: usize| {
            let low = corners.iter().map(|corner| corner[axis]).fold(f32::MAX, f32::min).clamp(0.0, limit as f32);
            let high = corners.iter().map(|corner| corner[axis]).fold(0.0, f32::max).clamp(low, limit as f32);
            (low as usize, high as usize - low as usize)
        };
        let ((left, width), (top, height)) = (of(0, WIDTH), of(1, HEIGHT));
        let way = hindrance.motion[0].abs().max(hindrance.motion[1].abs()) + hindrance.bend.abs();
        Region { left, top, width, height, border: (hindrance.blur + way) as usize + 2 }
    }

    /// The light of what is far behind the card, at a pixel: a room out of focus.
    fn background(&self, x: f32, y: f32) -> f32 {
        let mut light = self.wall + 0.08 * y / HEIGHT as f32;
        for &([at_x, at_y], radius, brightness) in &self.room {
            let nearness = 1.0 - ((x - at_x) * (x - at_x) + (y - at_y) * (y - at_y)) / (radius * radius);
            light += brightness * (nearness.max(0.0) * 4.0).min(1.0);
        }
        light.clamp(0.03, 0.9)
    }

    /// Draws the region at the fine scale, two points for each of its cells, before the `room` of the whole frame.
    fn look(&self, region: &Region, room: &[f32]) -> Fine {
        let (width, height) = (region.width + 2 * region.border, region.height + 2 * region.border);
        let (width, height) = (width * FINE, height * FINE);
        let mut light = Vec::with_capacity(width * height);
        let at = |index: usize, offset: f32, start: usize| {
            (index as f32 + offset) / FINE as f32 + start as f32 - region.border as f32
        };
        for y in 0..height {
            for x in 0..width {
                let points = [[0.25, 0.7], [0.75, 0.3]];
                let seen = points.map(|[dx, dy]| {
                    let (x, y) = (at(x, dx, region.left), at(y, dy, region.top));
                    let behind = || room[(y as usize).min(HEIGHT - 1) * WIDTH + (x as usize).min(WIDTH - 1)];
                    self.at(x, y).unwrap_or_else(behind)
                });
                light.push((seen[0] + seen[1]) / 2.0);
            }
        }
        Fine { light, width, height }
    }

    /// The light at a point of the frame, before the lens; none from beside the card and the hand.
    fn at(&self, x: f32, y: f32) -> Option<f32> {
        let [u, v] = project(&self.to_code, [x, y]);
        let half = self.side as f32 / 2.0;
        let (card_u, card_top, card_bottom) = (half + 8.0, half + 8.0, half + 15.0);
        let ellipse = |at: [f32; 2], radii: [f32; 2]| {
            let (du, dv) = ((u - at[0]) / radii[0], (v - at[1]) / radii[1]);
            1.0 - du * du - dv * dv
        };
        // A thumb on the card's right edge, which never reaches the quiet zone of four modules, and the hand behind.
        let thumb = ellipse([card_u + 5.0, half * self.thumb], [8.0, 5.0]);
        if thumb > 0.0 {
            return Some(SKIN * (0.6 + 0.4 * thumb));
        }
        if u.abs() > card_u || v < -card_top || v > card_bottom {
            let hand = ellipse([card_u, half * self.thumb + 4.0], [12.0, 17.0]);
            return (hand > 0.0).then_some(SKIN * (0.35 + 0.3 * hand));
        }
        let edge = self.on_phone && (u.abs() > card_u - 2.5 || v < 2.5 - card_top || v > card_bottom - 2.5);
        if edge {
            return Some(0.03);
        }
        let on_code = |value: f32| (0.0..self.side as f32).contains(&value);
        let (column, row) = (u + half, v + half);
        let ink = if on_code(column) && on_code(row) {
            self.dark[row as usize * self.side + column as usize]
        } else {
            // Two lines of print below the code.
            let (line, letter) = (v - half - 6.0, (column * 0.9) as usize);
            on_code(column)
                && matches!((line * 0.8) as i32, 0 | 3)
                && line > 0.0
                && (letter * letter + letter / 3) % 4 != 0
        };
        let light = if ink { INK } else { PAPER };
        Some(if self.on_phone { light * self.screen(column, row, y) } else { light })
    }

    /// What a screen lets through at a place in modules and in a row of the frame: the gaps of its pixels are dark, and
    /// so is it at times while the rows are taken.
    fn screen(&self, column: f32, row: f32, y: f32) -> f32 {
        let pixel = |value: f32| {
            let place = value * self.hindrance.screen_pixels;
            place - place.floor()
        };
        let gap = if pixel(column) < 0.35 || pixel(row) < 0.2 { 1.0 - self.hindrance.gap } else { 1.0 };
        let wave = 0.5 + 0.5 * sine(y / BAND + self.hindrance.band_start);
        gap * (1.0 - self.hindrance.band * wave)
    }

    /// Uneven light over the frame, the lens that is darker at its edge, and the lamp's reflection on the card.
    fn light_up(&self, hindrance: &Hindrance, light: &mut [f32]) {
        let half = self.side as f32 / 2.0;
        for (y, row) in light.chunks_exact_mut(WIDTH).enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                let (right, down) = (x as f32 / WIDTH as f32 - 0.5, y as f32 / HEIGHT as f32 - 0.5);
                let lens = 1.0 - 0.5 * (right * right + down * down);
                *pixel *= hindrance.light * lens * (1.0 + 0.25 * right - 0.15 * down);
                if hindrance.glare > 0.0 {
                    let [u, v] = project(&self.to_code, [x as f32 + 0.5, y as f32 + 0.5]);
                    let on_card = u.abs() < half + 8.0 && v > -half - 8.0 && v < half + 15.0;
                    let (du, dv) = (u / half - hindrance.glare_at[0], v / half - hindrance.glare_at[1]);
                    let nearness = 1.0 - (du * du + 1.4 * dv * dv) / (hindrance.glare_radius * hindrance.glare_radius);
                    if on_card && nearness > 0.0 {
                        *pixel += hindrance.glare * nearness * nearness;
                    }
                }
            }
        }
    }
}

/// Light at the fine scale, row by row.
struct Fine {
    light: Vec<f32>,
    width: usize,
    height: usize,
}

impl Fine {
    /// The mean over the way that the code takes while the shutter is open.
    fn moved(self, hindrance: &Hindrance) -> Self {
        let [way_x, way_y] = hindrance.motion.map(|way| way * FINE as f32);
        let length = (way_x * way_x + way_y * way_y).sqrt();
        let steps = length as usize + 1;
        if steps == 1 {
            return self;
        }
        let bend = hindrance.bend * FINE as f32 / length;
        let mut light = vec![0.0f32; self.light.len()];
        for step in 0..steps {
            let along = step as f32 / (steps - 1) as f32 - 0.5;
            let aside = bend * (along * along - 0.08) * 4.0;
            let shift_x = (way_x * along - way_y * aside + 0.5).floor() as isize;
            let shift_y = (way_y * along + way_x * aside + 0.5).floor() as isize;
            for y in 0..self.height {
                let from = self.row(y as isize + shift_y);
                let to = &mut light[y * self.width..][..self.width];
                let start = shift_x.unsigned_abs().min(self.width);
                if shift_x >= 0 {
                    to.iter_mut().zip(&from[start..]).for_each(|(sum, light)| *sum += light);
                } else {
                    to[start..].iter_mut().zip(from).for_each(|(sum, light)| *sum += light);
                }
            }
        }
        light.iter_mut().for_each(|sum| *sum /= steps as f32);
        Self { light, ..self }
    }

    /// A row; beyond the ends, the last one.
    fn row(&self, y: isize) -> &[f32] {
        let y = y.clamp(0, self.height as isize - 1) as usize;
        &self.light[y * self.width..][..self.width]
    }

    /// Every point spread over a disc of `radius` fine points, the ends of its rows by their parts.
    fn defocused(self, radius: f32) -> Self {
        let reach = radius as isize;
        // Sums from the row's start, so that a row of the disc costs one subtraction. Doubles: no error that adds up.
        let mut sums = vec![0.0f64; (self.width + 1) * self.height];
        for (row, sums) in self.light.chunks_exact(self.width).zip(sums.chunks_exact_mut(self.width + 1)) {
            let mut sum = 0.0f64;
            for (light, next) in row.iter().zip(&mut sums[1..]) {
                sum += f64::from(*light);
                *next = sum;
            }
        }
        let mut light = vec![0.0f32; self.light.len()];
        let mut area = 0.0;
        for dy in -reach..=reach {
            let half = (radius * radius - (dy * dy) as f32).max(0.0).sqrt();
            let (whole, part) = (half as usize, half - half.floor());
            area += (2 * whole + 1) as f32 + 2.0 * part;
            for y in 0..self.height {
                let from_y = (y as isize + dy).clamp(0, self.height as isize - 1) as usize;
                let sums = &sums[from_y * (self.width + 1)..][..self.width + 1];
                let from = self.row(from_y as isize);
                let to = &mut light[y * self.width..][..self.width];
                for x in whole + 1..self.width.saturating_sub(whole + 1) {
                    let inside = (sums[x + whole + 1] - sums[x - whole]) as f32;
                    to[x] += inside + part * (from[x - whole - 1] + from[x + whole + 1]);
                }
            }
        }
        light.iter_mut().for_each(|sum| *sum /= area);
        Self { light, ..self }
    }

    /// What the pixels of the region gather, the outer parts of each counting `fill`.
    fn gather(&self, fill: f32, region: &Region, frame: &mut [f32]) {
        let weights = [fill, 1.0, fill];
        let whole = (1.0 + 2.0 * fill) * (1.0 + 2.0 * fill);
        for y in 0..region.height {
            for x in 0..region.width {
                let mut sum = 0.0;
                for (dy, down) in weights.into_iter().enumerate() {
                    let start = ((y + region.border) * FINE + dy) * self.width + (x + region.border) * FINE;
                    let row = &self.light[start..start + FINE];
                    sum += down * row.iter().zip(weights).map(|(light, across)| light * across).sum::<f32>();
                }
                frame[(y + region.top) * WIDTH + x + region.left] = sum / whole;
            }
        }
    }
}

/// Where a homography takes a point.
fn project(map: &[[f32; 3]; 3], [x, y]: [f32; 2]) -> [f32; 2] {
    let [across, down, depth] = map.map(|row| row[0] * x + row[1] * y + row[2]);
    [across / depth, down / depth]
}

/// The way back of a homography: the adjugate, since its scale does not matter.
fn inverse(map: &[[f32; 3]; 3]) -> [[f32; 3]; 3] {
    let minor = |row: usize, column: usize| {
        let at = |down: usize, across: usize| f64::from(map[(row + down) % 3][(column + across) % 3]);
        (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) as f32
    };
    std::array::from_fn(|row| std::array::from_fn(|column| minor(column, row)))
}
