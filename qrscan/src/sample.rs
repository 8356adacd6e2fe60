//! From grays at the modules' centres to modules: dark, light, and how sure.

use crate::geometry::Point;
use crate::grid::{Grid, Level};
use crate::symbol::Modules;

/// Which gray of a module is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    Middle,
    /// The darkest of the middle and four places around it: for dark modules that are thin, or dots.
    Darkest,
    /// The lightest: for ink that has spread.
    Lightest,
}

/// How far around the middle is looked, in modules.
const PICK_REACH: f32 = 0.3;

/// Grays of the modules, row by row.
#[derive(Debug, Default)]
pub struct Grays {
    pub size: usize,
    pub values: Vec<i16>,
    /// Gray from which on a module is blinded by glare.
    ceiling: i16,
    threshold: Vec<i16>,
    sums: Vec<i32>,
    values_below: Vec<i16>,
    sharpened: Vec<i16>,
}

/// Share of the contrast above the light modules' gray from which on it is glare.
const GLARE_SHARE: f32 = 0.7;
/// Gray of a saturated pixel, and how far below it light modules must be for that to be glare.
const SATURATED: f32 = 252.0;
const GLARE_ROOM: f32 = 25.0;

/// Side of the window whose mean is the threshold, in modules: the masks keep dark and light even over that much.
const WINDOW: usize = 9;

impl Grays {
    /// Takes the gray at the centre of each module, times four so that averages keep their digits.
    ///
    /// `light` and `dark` are the grays of the symbol's light and dark modules, where it is light on dark the other way
    /// round: what is far lighter than either is glare, and tells nothing.
    pub fn take(&mut self, grid: &Grid, level: Level, (dark, light): (f32, f32), pick: Pick) {
        self.size = grid.size;
        self.values.clear();
        self.values.resize(grid.size * grid.size, 0);
        let values = &mut self.values;
        let size = grid.size;
        let (low, high) = (dark.min(light), dark.max(light));
        let far = high + GLARE_SHARE * (high - low);
        let blind = if high < SATURATED - GLARE_ROOM { far.min(SATURATED) } else { far };
        self.ceiling = (blind.min(300.0) * 4.0) as i16;
        let half = size as f32 / 2.0;
        let (right, down) = grid.map.axes(Point::new(half, half));
        let around = [right, right * -1.0, down, down * -1.0].map(|step| step * PICK_REACH);
        grid.centres(|row, column, p| {
            let middle = level.at(p);
            let picked = match pick {
                Pick::Middle => middle,
                Pick::Darkest => around.iter().map(|&step| level.at(p + step)).fold(middle, f32::min),
                Pick::Lightest => around.iter().map(|&step| level.at(p + step)).fold(middle, f32::max),
            };
            values[row * size + column] = (picked * 4.0) as i16;
        });
    }

    /// The threshold last taken for a module, in grays.
    pub fn threshold_at(&self, row: usize, column: usize) -> f32 {
        f32::from(self.threshold[row * self.size + column]) / 4.0
    }

    /// Modules by the mean around each; `inverted` symbols are light on dark.
    pub fn modules(&mut self, inverted: bool, sharpen: i16, out: &mut Modules) {
        let size = self.size;
        self.sharpen(sharpen, self.ceiling);
        box_mean(&self.sharpened, size, WINDOW / 2, &mut self.sums, &mut self.threshold);
        out.resize(size);
        for row in 0..size {
            for column in 0..size {
                let at = row * size + column;
                let off = self.threshold[at] - self.sharpened[at];
                let off = if self.values[at] >= self.ceiling { 0 } else { off };
                out.set(row, column, if inverted { -off } else { off });
            }
        }
    }

    /// Modules by the grays of the dark and of the light ones around each, whose difference is the measure of how sure a
    /// module is: where a veil of light lies over a part of the symbol, as behind scratched glass, dark modules are lighter
    /// there than light ones elsewhere, and still dark.
    ///
    /// What is far lighter than the light modules around it, or saturated, tells nothing.
    pub fn modules_by_levels(&mut self, inverted: bool, sharpen: i16, out: &mut Modules) {
        let size = self.size;
        let saturated = (SATURATED * 4.0) as i16;
        self.sharpen(sharpen, saturated);
        box_mean(&self.sharpened, size, WINDOW / 2, &mut self.sums, &mut self.threshold);
        out.resize(size);
        let mut dark = Class::default();
        let mut light = Class::default();
        dark.take(&self.sharpened, size, |at, value| value < self.threshold[at]);
        light.take(&self.sharpened, size, |at, value| value >= self.threshold[at] && self.values[at] < saturated);
        let glare = |at: usize, value: i16, dark: &Class, light: &Class| {
            let share = i32::from(light.mean[at] - dark.mean[at]) * GLARE_SHARE_PERCENT / 100;
            self.values[at] >= saturated || i32::from(value) > i32::from(light.mean[at]) + share
        };
        // Once more without what is glare, which draws the light ones' mean up.
        let blind: Vec<bool> =
            self.sharpened.iter().enumerate().map(|(at, &value)| glare(at, value, &dark, &light)).collect();
        light.take(&self.sharpened, size, |at, value| value >= self.threshold[at] && !blind[at]);
        for at in 0..size * size {
            let value = self.sharpened[at];
            let (low, high) = (i32::from(dark.mean[at]), i32::from(light.mean[at]));
            let off = (low + high) / 2 - i32::from(value);
            let off = LEVEL_SURE * off / ((high - low).max(0) / 2 + LEVEL_NOISE);
            let off = off.clamp(-2 * LEVEL_SURE, 2 * LEVEL_SURE) as i16;
            let off = if glare(at, value, &dark, &light) { 0 } else { off };
            out.set(at / size, at % size, if inverted { -off } else { off });
        }
    }

    /// The grays, none above `ceiling`, with so many thirty-seconds of each one's difference from its four neighbours
    /// added to it.
    fn sharpen(&mut self, sharpen: i16, ceiling: i16) {
        let size = self.size;
        self.values_below.clear();
        self.values_below.extend(self.values.iter().map(|&value| value.min(ceiling)));
        let values = &self.values_below;
        self.sharpened.clear();
        self.sharpened.extend_from_slice(values);
        if sharpen == 0 {
            return;
        }
        for row in 0..size {
            for column in 0..size {
                let here = values[row * size + column];
                let mut around = 0;
                for (dr, dc) in [(-1isize, 0isize), (1, 0), (0, -1), (0, 1)] {
                    let r = row.wrapping_add_signed(dr);
                    let c = column.wrapping_add_signed(dc);
                    around += if r < size && c < size { values[r * size + c] } else { here };
                }
                let value = i32::from(here) + (4 * i32::from(here) - i32::from(around)) * i32::from(sharpen) / 32;
                self.sharpened[row * size + column] = value.clamp(-4096, 4096) as i16;
            }
        }
    }
}

/// The mean gray of some modules, the dark or the light ones, in the window around each module.
#[derive(Default)]
struct Class {
    mean: Vec<i16>,
}

impl Class {
    /// Takes the mean of the modules that `belongs` names; where the window holds none, the module's own gray.
    fn take(&mut self, values: &[i16], size: usize, belongs: impl Fn(usize, i16) -> bool) {
        let (mut own, mut share, mut sums) = (Vec::new(), Vec::new(), Vec::new());
        let member = |(at, &value): (usize, &i16)| if belongs(at, value) { (value, WHOLE) } else { (0, 0) };
        let (grays, members): (Vec<i16>, Vec<i16>) = values.iter().enumerate().map(member).unzip();
        box_mean(&grays, size, WINDOW / 2, &mut sums, &mut own);
        box_mean(&members, size, WINDOW / 2, &mut sums, &mut share);
        let mean = |((&gray, &share), &value): ((&i16, &i16), &i16)| {
            if share == 0 { value } else { (i32::from(gray) * i32::from(WHOLE) / i32::from(share)) as i16 }
        };
        self.mean.clear();
        self.mean.extend(own.iter().zip(&share).zip(values).map(mean));
    }
}

/// One as a share in whole numbers.
const WHOLE: i16 = 8192;
/// How sure a module is that is as dark or as light as those around it; the format takes no module for surer than that.
const LEVEL_SURE: i32 = 64;
/// Gray levels, times four, of noise: where dark and light differ by less than that, no module is sure.
const LEVEL_NOISE: i32 = 16;
/// The same share of the contrast as `GLARE_SHARE`.
const GLARE_SHARE_PERCENT: i32 = (GLARE_SHARE * 100.0) as i32;

/// Mean over the window of `reach` to each side, cut off at the edges.
fn box_mean(values: &[i16], size: usize, reach: usize, sums: &mut Vec<i32>, out: &mut Vec<i16>) {
    out.clear();
    out.resize(size * size, 0);
    sums.clear();
    sums.resize(size, 0);
    let add = |sums: &mut [i32], row: usize, sign: i32| {
        for (sum, &value) in sums.iter_mut().zip(&values[row * size..(row + 1) * size]) {
            *sum += sign * i32::from(value);
        }
    };
    for row in 0..reach.min(size) {
        add(sums, row, 1);
    }
    for row in 0..size {
        if row + reach < size {
            add(sums, row + reach, 1);
        }
        if row > reach {
            add(sums, row - reach - 1, -1);
        }
        let rows = (row + reach + 1).min(size) - row.saturating_sub(reach);
        let mut sum: i32 = sums[..reach.min(size)].iter().sum();
        for column in 0..size {
            if column + reach < size {
                sum += sums[column + reach];
            }
            if column > reach {
                sum -= sums[column - reach - 1];
            }
            let columns = (column + reach + 1).min(size) - column.saturating_sub(reach);
            out[row * size + column] = (sum / (rows * columns) as i32) as i16;
        }
    }
}
