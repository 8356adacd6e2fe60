//! A picture at camera resolution.

use std::path::Path;

use image::ImageReader;

/// Longest side at camera resolution, in pixels: what a tablet's camera gives at a useful rate.
pub const SIDE_MAX: usize = 1280;

/// 8-bit gray pixels, row by row.
#[derive(Clone, Debug)]
pub struct Gray {
    pub luma: Vec<u8>,
    pub width: usize,
    pub height: usize,
    /// Pixels of the file for each pixel of this picture: at least 1.
    pub file_pixels: f64,
}

impl Gray {
    /// Loads a picture: gray by Rec. 601 without regard to transparency or to how the camera was held (EXIF), then
    /// reduced to [`SIDE_MAX`] by area average.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn load(path: &Path) -> Result<Self, String> {
        let complaint = |error: &dyn std::fmt::Display| format!("cannot load {}: {error}", path.display());
        let reader = ImageReader::open(path).map_err(|error| complaint(&error))?;
        let reader = reader.with_guessed_format().map_err(|error| complaint(&error))?;
        let colour = reader.decode().map_err(|error| complaint(&error))?.into_rgb8();
        let (width, height) = (colour.width() as usize, colour.height() as usize);
        if width == 0 || height == 0 {
            return Err(complaint(&"it has no pixels"));
        }
        let luma = colour.pixels().map(|pixel| rec601(pixel.0)).collect();
        Ok(Self { luma, width, height, file_pixels: 1.0 }.reduced(SIDE_MAX))
    }

    /// The same picture with its longest side at most `side_max` pixels, each the average of the area that it covers.
    pub fn reduced(self, side_max: usize) -> Self {
        let longest = self.width.max(self.height);
        if longest <= side_max {
            return self;
        }
        let scale = side_max as f64 / longest as f64;
        let side = |length: usize| ((length as f64 * scale).round() as usize).max(1);
        let (width, height) = (side(self.width), side(self.height));
        let (columns, rows) = (cover(self.width, width), cover(self.height, height));
        let mut luma = Vec::with_capacity(width * height);
        let mut sums = vec![0.0f32; self.width];
        for row in &rows {
            sums.fill(0.0);
            for &(y, weight) in row {
                for (sum, &value) in sums.iter_mut().zip(&self.luma[y * self.width..]) {
                    *sum += weight * f32::from(value);
                }
            }
            luma.extend(columns.iter().map(|column| {
                let value: f32 = column.iter().map(|&(x, weight)| weight * sums[x]).sum();
                value.round() as u8
            }));
        }
        Self { luma, width, height, file_pixels: self.file_pixels / scale }
    }
}

/// Luma of a colour by ITU-R BT.601, in the integer form that most image tools share.
fn rec601([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 19595 + u32::from(green) * 38470 + u32::from(blue) * 7471 + 0x8000) >> 16) as u8
}

/// For each of `to` pixels of a line: which of its `from` pixels it covers, and with which share of its area. The shares
/// of one pixel add up to 1.
fn cover(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let step = from as f64 / to as f64;
    let span = |index: usize| {
        let (start, end) = (index as f64 * step, ((index + 1) as f64 * step).min(from as f64));
        let share = move |pixel: usize| {
            let overlap = end.min(pixel as f64 + 1.0) - start.max(pixel as f64);
            (overlap / (end - start)) as f32
        };
        (start as usize..(end.ceil() as usize).min(from)).map(|pixel| (pixel, share(pixel))).collect()
    };
    (0..to).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_picture_keeps_its_mean() {
        let luma: Vec<u8> = (0..300 * 7).map(|index| (index * 31 % 251) as u8).collect();
        let mean = |luma: &[u8]| luma.iter().map(|&value| f64::from(value)).sum::<f64>() / luma.len() as f64;
        let before = mean(&luma);
        let reduced = Gray { luma, width: 300, height: 7, file_pixels: 1.0 }.reduced(128);
        assert_eq!((reduced.width, reduced.height), (128, 3));
        assert!((mean(&reduced.luma) - before).abs() < 1.0);
        assert!((reduced.file_pixels - 300.0 / 128.0).abs() < 1e-9);
    }

    #[test]
    fn gray_is_rec_601() {
        assert_eq!([[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]].map(rec601), [255, 76, 150, 29]);
    }
}
