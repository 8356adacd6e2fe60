//! The pixels that readers see.

use std::sync::Arc;

use crate::frame::Frame;

/// An 8-bit gray picture, row by row from the top left, without padding. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gray {
    luma: Arc<[u8]>,
    width: usize,
    height: usize,
}

impl From<&Frame> for Gray {
    fn from(frame: &Frame) -> Self {
        Self { luma: Arc::clone(&frame.luma), width: frame.width, height: frame.height }
    }
}

impl Gray {
    /// The picture, if the pixels are as many as the sides say and there is at least one.
    pub fn new(luma: impl Into<Arc<[u8]>>, width: usize, height: usize) -> Option<Self> {
        let luma = luma.into();
        (width > 0 && height > 0 && width.checked_mul(height) == Some(luma.len())).then_some(Self {
            luma,
            width,
            height,
        })
    }

    /// `width * height` luma values, 0 black to 255 white.
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Black for white: some screens and prints show a light code on dark.
    pub fn inverted(&self) -> Self {
        Self { luma: self.luma.iter().map(|&value| 255 - value).collect(), ..*self }
    }

    /// Each pixel the mean of `factor` by `factor` pixels; what is left over at the right and at the bottom is dropped. `None`
    /// if that would leave nothing.
    pub fn shrunk(&self, factor: usize) -> Option<Self> {
        let (width, height) = (self.width.checked_div(factor)?, self.height.checked_div(factor)?);
        if width == 0 || height == 0 {
            return None;
        }
        let area = u32::try_from(factor * factor).ok()?;
        let mut luma = Vec::with_capacity(width * height);
        let mut sums = vec![0u32; width];
        for rows in self.luma.chunks_exact(self.width * factor) {
            sums.fill(area / 2);
            for row in rows.chunks_exact(self.width) {
                for (sum, pixels) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                    *sum += pixels.iter().map(|&value| u32::from(value)).sum::<u32>();
                }
            }
            luma.extend(sums.iter().map(|sum| (sum / area) as u8));
        }
        Self::new(luma, width, height)
    }

    /// The same picture with its longest side at most `side_max` pixels, each the mean of the area that it covers, and how
    /// many pixels of this picture make one of that: at least 1.
    pub fn at_most(&self, side_max: usize) -> (Self, f32) {
        let longest = self.width.max(self.height);
        if longest <= side_max || side_max == 0 {
            return (self.clone(), 1.0);
        }
        let step = longest as f64 / side_max as f64;
        let side = |length: usize| ((length as f64 / step).round() as usize).max(1);
        let (width, height) = (side(self.width), side(self.height));
        let (columns, rows) = (spans(self.width, width), spans(self.height, height));
        let mut luma = Vec::with_capacity(width * height);
        let mut sums = vec![0.0f32; self.width];
        for row in &rows {
            sums.fill(0.0);
            for y in row.start..row.end {
                let share = row.share(y);
                for (sum, &value) in sums.iter_mut().zip(&self.luma[y * self.width..]) {
                    *sum += share * f32::from(value);
                }
            }
            luma.extend(columns.iter().map(|column| {
                let sum: f32 = (column.start..column.end).map(|x| column.share(x) * sums[x]).sum();
                (sum / (column.length * row.length)).round() as u8
            }));
        }
        let reduced = Self { luma: luma.into(), width, height };
        (reduced, step as f32)
    }
}

/// The pixels that one larger pixel covers along a line: `start..end`, the first and the last perhaps in part.
struct Span {
    start: usize,
    end: usize,
    first: f32,
    last: f32,
    length: f32,
}

impl Span {
    /// How much of the pixel at `index` is covered, 0 to 1.
    fn share(&self, index: usize) -> f32 {
        if index == self.start {
            self.first
        } else if index + 1 == self.end {
            self.last
        } else {
            1.0
        }
    }
}

/// Divides a line of `from` pixels into `to` spans of equal length.
fn spans(from: usize, to: usize) -> Vec<Span> {
    let length = from as f64 / to as f64;
    (0..to)
        .map(|index| {
            let (left, right) = (index as f64 * length, ((index + 1) as f64 * length).min(from as f64));
            let (start, end) = (left as usize, (right.ceil() as usize).min(from));
            Span {
                start,
                end,
                first: (right.min(start as f64 + 1.0) - left) as f32,
                last: (right - (end as f64 - 1.0)) as f32,
                length: (right - left) as f32,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: usize, height: usize) -> Gray {
        let luma: Vec<u8> = (0..width * height).map(|index| (index * 7919 % 251) as u8).collect();
        Gray::new(luma, width, height).unwrap()
    }

    fn mean(picture: &Gray) -> f64 {
        picture.luma().iter().map(|&value| f64::from(value)).sum::<f64>() / picture.luma().len() as f64
    }

    #[test]
    fn pixels_must_fit_the_sides() {
        assert!(Gray::new(vec![0; 6], 3, 2).is_some());
        for (count, width, height) in [(5, 3, 2), (0, 0, 0), (0, 0, 5), (1, usize::MAX, 2)] {
            assert!(Gray::new(vec![0; count], width, height).is_none(), "{count} {width} {height}");
        }
    }

    #[test]
    fn shrinking_keeps_the_mean_and_drops_the_rest() {
        let shrunk = noise(302, 151).shrunk(3).unwrap();
        assert_eq!((shrunk.width(), shrunk.height()), (100, 50));
        assert!((mean(&shrunk) - 125.0).abs() < 1.0);
        for factor in [0, 4, 200] {
            assert!(noise(3, 3).shrunk(factor).is_none());
        }
    }

    #[test]
    fn reducing_keeps_the_mean_and_tells_the_step() {
        for (width, height, side_max) in [(301, 200, 300), (1000, 31, 333), (64, 640, 100), (5, 900, 7)] {
            let picture = noise(width, height);
            let (reduced, step) = picture.at_most(side_max);
            assert_eq!(reduced.width().max(reduced.height()), side_max);
            assert!((mean(&reduced) - mean(&picture)).abs() < 1.5, "{width} {height} {side_max}");
            assert!((step * side_max as f32 - width.max(height) as f32).abs() < 0.01);
        }
        let (same, step) = noise(30, 20).at_most(30);
        assert_eq!((same.width(), step), (30, 1.0));
    }

    #[test]
    fn inverting_twice_is_nothing() {
        let picture = noise(9, 9);
        assert_eq!(picture.inverted().inverted().luma(), picture.luma());
        assert_eq!(picture.inverted().luma()[1], 255 - picture.luma()[1]);
    }
}
