//! A part of an image made even: how far each pixel's light is from the light around it.

use crate::geometry::Point;
use crate::grid::Level;

/// A rectangle of an image, in pixels of the level that it is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    /// What is within `room` pixels of some points, as far as the image reaches.
    pub fn around(points: &[Point], room: f32, (width, height): (usize, usize)) -> Self {
        let span = |pick: fn(&Point) -> f32, limit: usize| {
            let low = (points.iter().map(pick).fold(f32::MAX, f32::min) - room).clamp(0.0, limit as f32) as usize;
            let high = (points.iter().map(pick).fold(f32::MIN, f32::max) + room).clamp(0.0, limit as f32) as usize;
            (low, high.saturating_sub(low))
        };
        let ((left, width), (top, height)) = (span(|p| p.x, width), span(|p| p.y, height));
        Self { left, top, width, height }
    }

    /// The same in pixels of a level.
    pub fn scaled(self, scale: f32) -> Self {
        let [left, top, width, height] =
            [self.left, self.top, self.width, self.height].map(|value| (value as f32 * scale) as usize);
        Self { left, top, width, height }
    }
}

/// Pixels of an area as light against the light around each: mean 0, deviation 1; exactly 0 where nothing is to be told.
#[derive(Debug, Default)]
pub struct Patch {
    left: f32,
    top: f32,
    /// Pixels of the patch per pixel of the image.
    scale: f32,
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
    columns: Vec<Sums>,
}

/// Deviation of light below which nothing is to be told: of 16,256, which is full.
const DEVIATION_MIN: f32 = 40.0;

/// Light and its squares, added up over pixels.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    light: u32,
    squares: u64,
}

impl Sums {
    fn add(&mut self, light: u32) {
        self.light += light;
        self.squares += u64::from(light * light);
    }

    fn subtract(&mut self, light: u32) {
        self.light -= light;
        self.squares -= u64::from(light * light);
    }

    fn with(self, other: &Self) -> Self {
        Self { light: self.light + other.light, squares: self.squares + other.squares }
    }

    fn without(self, other: &Self) -> Self {
        Self { light: self.light - other.light, squares: self.squares - other.squares }
    }
}

/// Light of a gray: cameras store about its root (a gamma of 2), and blur adds up light, not grays.
fn light(gray: u8) -> u32 {
    (u32::from(gray) * u32::from(gray)) >> 2
}

impl Patch {
    /// Takes an area of a level; each pixel is compared with those at most `reach` pixels away along either axis, which is
    /// best some six modules.
    pub fn take(&mut self, level: Level, area: Area, reach: usize) {
        let gray = level.gray;
        let right = (area.left + area.width).min(gray.width);
        let bottom = (area.top + area.height).min(gray.height);
        let (left, top) = (area.left.min(right), area.top.min(bottom));
        (self.width, self.height) = (right - left, bottom - top);
        (self.left, self.top, self.scale) = (left as f32, top as f32, level.scale);
        self.values.clear();
        self.values.reserve(self.width * self.height);
        self.columns.clear();
        self.columns.resize(self.width, Sums::default());
        let row = |y: usize| &gray.row(y)[left..right];
        for y in top..bottom.min(top + reach) {
            self.columns.iter_mut().zip(row(y)).for_each(|(column, &gray)| column.add(light(gray)));
        }
        for y in top..bottom {
            if y + reach < bottom {
                self.columns.iter_mut().zip(row(y + reach)).for_each(|(column, &gray)| column.add(light(gray)));
            }
            if y > top + reach {
                let left_behind = row(y - reach - 1);
                self.columns.iter_mut().zip(left_behind).for_each(|(column, &gray)| column.subtract(light(gray)));
            }
            let rows = (y + reach + 1).min(bottom) - y.saturating_sub(reach).max(top);
            let first = &self.columns[..reach.min(self.width)];
            let mut window = first.iter().fold(Sums::default(), |sums, column| sums.with(column));
            for (x, &pixel) in row(y).iter().enumerate() {
                if let Some(column) = self.columns.get(x + reach) {
                    window = window.with(column);
                }
                if x > reach {
                    window = window.without(&self.columns[x - reach - 1]);
                }
                let count = ((x + reach + 1).min(self.width) - x.saturating_sub(reach)) * rows;
                let mean = window.light as f32 / count as f32;
                let variance = window.squares as f32 / count as f32 - mean * mean;
                let off = light(pixel) as f32 - mean;
                let deviation = variance.max(0.0).sqrt();
                let even = if deviation < DEVIATION_MIN { 0.0 } else { (off / deviation).clamp(-3.0, 3.0) };
                self.values.push(even);
            }
        }
    }

    /// The value at a point of the image, interpolated; 0 outside.
    #[inline]
    pub fn at(&self, p: Point) -> f32 {
        self.here(p.x * self.scale - self.left, p.y * self.scale - self.top)
    }

    /// The same at a point of the patch.
    #[inline]
    pub fn here(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        // Neither not-a-number nor infinity passes.
        if !(x >= 0.0 && y >= 0.0 && x + 1.0 < self.width as f32 && y + 1.0 < self.height as f32) {
            return 0.0;
        }
        let (px, py) = (x as usize, y as usize);
        let at = py * self.width + px;
        let (u, v) = (x - px as f32, y - py as f32);
        let (a, b) = (&self.values[at..at + 2], &self.values[at + self.width..at + self.width + 2]);
        (a[0] + (a[1] - a[0]) * u) * (1.0 - v) + (b[0] + (b[1] - b[0]) * u) * v
    }

    /// The value of the pixel at a point of the patch; 0 outside.
    #[inline]
    pub fn nearest(&self, x: f32, y: f32) -> f32 {
        if x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32 {
            self.values[y as usize * self.width + x as usize]
        } else {
            0.0
        }
    }

    /// The point of the patch that a point of the image is.
    pub fn to_patch(&self, p: Point) -> Point {
        Point::new(p.x * self.scale - self.left, p.y * self.scale - self.top)
    }

    /// Each value with a half of each of its neighbours': against noise.
    pub fn smoothed(&self) -> Vec<f32> {
        let pass = |from: &[f32], step: usize| {
            let mut to = from.to_vec();
            for i in step..from.len().saturating_sub(step) {
                to[i] = 0.5 * from[i] + 0.25 * (from[i - step] + from[i + step]);
            }
            to
        };
        pass(&pass(&self.values, 1), self.width)
    }

    /// The image's point that a point of the patch is.
    pub fn to_image(&self, p: Point) -> Point {
        Point::new((p.x + self.left) / self.scale, (p.y + self.top) / self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Gray;

    #[test]
    fn a_slope_of_light_is_taken_away_and_flat_paper_says_nothing() {
        let (width, height) = (120, 90);
        // A checkerboard of squares of three pixels on light that doubles from left to right; flat paper below it.
        let gray = |x: usize, y: usize| {
            let light = 60.0 + x as f32 * 0.5;
            if y >= 50 {
                200
            } else if (x / 3 + y / 3).is_multiple_of(2) {
                (light * 0.4) as u8
            } else {
                light as u8
            }
        };
        let pixels: Vec<u8> = (0..width * height).map(|i| gray(i % width, i / width)).collect();
        let level = Level { gray: Gray { pixels: &pixels, width, height }, scale: 1.0 };
        let mut patch = Patch::default();
        patch.take(level, Area { left: 10, top: 5, width: 100, height: 85 }, 12);
        assert_eq!((patch.width, patch.height), (100, 85));
        for (x, y) in [(30_usize, 20_usize), (60, 30), (90, 15)] {
            let value = patch.at(Point::new(x as f32 + 0.5, y as f32 + 0.5));
            let expected = if (x / 3 + y / 3).is_multiple_of(2) { -1.0 } else { 1.0 };
            assert!((value - expected).abs() < 0.25, "{value} at {x}, {y}");
        }
        assert_eq!(patch.at(Point::new(60.0, 75.0)), 0.0, "flat");
        for (x, y) in [(5.0, 20.0), (1e30, 20.0), (f32::INFINITY, 20.0), (f32::NAN, 20.0), (20.0, -f32::INFINITY)] {
            assert_eq!(patch.at(Point::new(x, y)), 0.0, "outside: {x}, {y}");
        }
        let there = patch.to_image(patch.to_patch(Point::new(33.0, 44.0)));
        assert!((there - Point::new(33.0, 44.0)).length() < 1e-3);
    }
}
