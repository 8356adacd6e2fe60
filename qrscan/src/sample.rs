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
        let ceiling = self.ceiling;
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
            values[row * size + column] = ((picked * 4.0) as i16).min(ceiling);
        });
    }

    /// The threshold last taken for a module, in grays.
    pub fn threshold_at(&self, row: usize, column: usize) -> f32 {
        f32::from(self.threshold[row * self.size + column]) / 4.0
    }

    /// Modules by the mean around each; `inverted` symbols are light on dark.
    pub fn modules(&mut self, inverted: bool, sharpen: i16, out: &mut Modules) {
        let size = self.size;
        self.sharpened.clear();
        self.sharpened.extend_from_slice(&self.values);
        if sharpen != 0 {
            for row in 0..size {
                for column in 0..size {
                    let here = self.values[row * size + column];
                    let mut around = 0;
                    for (dr, dc) in [(-1isize, 0isize), (1, 0), (0, -1), (0, 1)] {
                        let r = row.wrapping_add_signed(dr);
                        let c = column.wrapping_add_signed(dc);
                        around += if r < size && c < size { self.values[r * size + c] } else { here };
                    }
                    let value = i32::from(here) + (4 * i32::from(here) - i32::from(around)) * i32::from(sharpen) / 32;
                    self.sharpened[row * size + column] = value.clamp(-4096, 4096) as i16;
                }
            }
        }
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
}

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
