//! Gray pixels and their reductions by two.

/// A gray image: 8 bits a pixel, row by row, 0 black.
#[derive(Debug, Clone, Copy)]
pub struct Gray<'a> {
    pub pixels: &'a [u8],
    pub width: usize,
    pub height: usize,
}

impl<'a> Gray<'a> {
    #[inline]
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// The gray at a point, interpolated between the four pixels around it; outside the image its edge goes on.
    ///
    /// Pixel (0, 0) has its centre at (0.5, 0.5).
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> f32 {
        // 1/256 of a pixel is finer than anything that is measured here. A float out of range saturates, NaN is 0.
        let fx = ((x * 256.0) as i32).saturating_sub(128).clamp(0, (self.width as i32 - 1) * 256 - 1);
        let fy = ((y * 256.0) as i32).saturating_sub(128).clamp(0, (self.height as i32 - 1) * 256 - 1);
        let (px, py) = ((fx >> 8) as usize, (fy >> 8) as usize);
        let (wx, wy) = (fx & 255, fy & 255);
        let at = py * self.width + px;
        let upper = &self.pixels[at..at + 2];
        let lower = &self.pixels[at + self.width..at + self.width + 2];
        let top = i32::from(upper[0]) * 256 + (i32::from(upper[1]) - i32::from(upper[0])) * wx;
        let bottom = i32::from(lower[0]) * 256 + (i32::from(lower[1]) - i32::from(lower[0])) * wx;
        (top * 256 + (bottom - top) * wy) as f32 * (1.0 / 65536.0)
    }
}

/// Every second byte of eight.
const EVEN: u64 = 0x00ff_00ff_00ff_00ff;

/// Averages 2×2 pixels into one; an odd last row or column is left out.
pub fn halve(gray: Gray, out: &mut Vec<u8>) -> (usize, usize) {
    let (width, height) = (gray.width / 2, gray.height / 2);
    out.clear();
    out.resize(width * height, 0);
    for (y, row) in out.chunks_exact_mut(width.max(1)).enumerate() {
        let upper = &gray.row(2 * y)[..2 * width];
        let lower = &gray.row(2 * y + 1)[..2 * width];
        // Eight pixels above and eight below make four, in 16-bit lanes of one word.
        let (fours, rest) = row.as_chunks_mut::<4>();
        let whole = fours.len() * 8;
        for ((four, a), b) in fours.iter_mut().zip(upper.as_chunks::<8>().0).zip(lower.as_chunks::<8>().0) {
            let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
            let sums = (a & EVEN) + (a >> 8 & EVEN) + (b & EVEN) + (b >> 8 & EVEN) + 0x0002_0002_0002_0002;
            let lanes = sums >> 2 & EVEN;
            let pairs = (lanes | lanes >> 8) & 0x0000_ffff_0000_ffff;
            *four = ((pairs | pairs >> 16) as u32).to_le_bytes();
        }
        for ((pixel, a), b) in rest.iter_mut().zip(upper[whole..].chunks_exact(2)).zip(lower[whole..].chunks_exact(2)) {
            let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
            *pixel = ((sum + 2) >> 2) as u8;
        }
    }
    (width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_to_the_rounded_mean_at_every_width() {
        for width in 2..40 {
            let pixels: Vec<u8> = (0..width * 4).map(|i| (i * 97 % 256) as u8).collect();
            let gray = Gray { pixels: &pixels, width, height: 4 };
            let mut out = Vec::new();
            assert_eq!(halve(gray, &mut out), (width / 2, 2));
            for (i, &pixel) in out.iter().enumerate() {
                let (x, y) = (i % (width / 2) * 2, i / (width / 2) * 2);
                let sum: u32 = [(0, 0), (1, 0), (0, 1), (1, 1)]
                    .map(|(dx, dy)| u32::from(pixels[(y + dy) * width + x + dx]))
                    .iter()
                    .sum();
                assert_eq!(u32::from(pixel), (sum + 2) / 4, "width {width}, pixel {i}");
            }
        }
    }
}
