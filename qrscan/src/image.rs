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
    /// Pixel (0, 0) has its centre at (0.5, 0.5). The image has at least 2×2 pixels, and at most 32,768 a side.
    #[inline(always)]
    pub fn at(&self, x: f32, y: f32) -> f32 {
        // 1/256 of a pixel is finer than anything that is measured here.
        let (fx, fy) = (fixed(x, self.width), fixed(y, self.height));
        let (wx, wy) = ((fx & 255) as i32, (fy & 255) as i32);
        let from = (fy >> 8) as usize * self.width + (fx >> 8) as usize;
        let Some(window) = self.pixels.get(from..from + self.width + 2) else { return 0.0 };
        let (&[a, b, ..], &[.., c, d]) = (window, window) else { return 0.0 };
        let [a, b, c, d] = [a, b, c, d].map(i32::from);
        let top = a * 256 + (b - a) * wx;
        let bottom = c * 256 + (d - c) * wx;
        (top * 256 + (bottom - top) * wy) as f32 * (1.0 / 65536.0)
    }
}

/// A coordinate along a side of `length` pixels in 256ths, from the first pixel's centre to short of the last one's.
///
/// A number that is none is 0. Adding 2²³ leaves a float's digits with the nearest whole number alone, which is faster than a
/// conversion that looks out for every number that an integer cannot hold; half a 256th less makes that the one below.
#[inline(always)]
fn fixed(at: f32, length: usize) -> u32 {
    const WHOLE: f32 = (1 << 23) as f32;
    let at = at * 256.0 - 128.5;
    let at = if at > 0.0 { at } else { 0.0 };
    let at = if at < WHOLE - 1.0 { at } else { WHOLE - 1.0 };
    ((at + WHOLE).to_bits() & 0x7f_ffff).min((length as u32 - 1) * 256 - 1)
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
