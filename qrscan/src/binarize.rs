//! Dark and light pixels by a threshold that follows the light.

use crate::image::Gray;

/// Side of a cell of statistics, in pixels. Eight pixels make one byte of bits, so a threshold holds for whole bytes.
const CELL: usize = 8;
/// The same in the image reduced by two.
const CELL_OF_HALF: usize = CELL / 2;

/// Rows of a cell that are looked at: one in two tells as much, at half the time.
const CELL_ROW_STEP: usize = 2;

/// Cells on each side that a threshold takes into account: a window of 40 pixels spans the largest pattern that is
/// looked for at one scale; larger ones are found at a smaller scale.
const REACH: usize = 2;

/// A threshold for every cell of 8×8 pixels of an image.
#[derive(Debug, Default)]
pub struct Thresholds {
    across: usize,
    least: Vec<u8>,
    most: Vec<u8>,
    mean: Vec<u8>,
    threshold: Vec<u8>,
    column_least: Vec<u8>,
    column_most: Vec<u8>,
    column_sum: Vec<u16>,
    total: Vec<u16>,
    low: Vec<u8>,
    high: Vec<u8>,
}

/// An image with its thresholds.
#[derive(Debug, Clone, Copy)]
pub struct Binary<'a> {
    gray: Gray<'a>,
    thresholds: &'a Thresholds,
}

/// Top bit of each of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// Gathers the lowest bit of each of eight bytes into the top byte, the first byte's bit lowest.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// One bit for each of eight pixels that is below its threshold.
#[inline]
fn below(pixels: u64, thresholds: u64) -> u64 {
    // Per byte: the borrow of pixels - thresholds, without carries from byte to byte.
    let difference = (pixels | HIGH).wrapping_sub(thresholds & !HIGH);
    let not_below = (pixels & !thresholds) | (!(pixels ^ thresholds) & difference);
    ((!not_below & HIGH) >> 7).wrapping_mul(GATHER) >> 56
}

impl Binary<'_> {
    pub fn width(&self) -> usize {
        self.gray.width
    }

    pub fn height(&self) -> usize {
        self.gray.height
    }

    /// Whether the pixel is dark; outside the image it is light.
    #[inline]
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.gray.width
            && y < self.gray.height
            && self.gray.pixels[y * self.gray.width + x]
                < self.thresholds.threshold[y / CELL * self.thresholds.across + x / CELL]
    }

    /// How many pixels after (x, y) in steps of (dx, dy), each -1 to 1, are dark, or light: `most` at most, and none beyond
    /// the image.
    #[inline]
    pub fn run(&self, (x, y): (usize, usize), (dx, dy): (isize, isize), dark: bool, most: usize) -> usize {
        let room = |at: usize, step: isize, length: usize| match step {
            0 => usize::MAX,
            1 => (length - 1).saturating_sub(at),
            _ => at,
        };
        let most = most.min(room(x, dx, self.gray.width)).min(room(y, dy, self.gray.height));
        let (pixels, across) = (self.gray.pixels, self.thresholds.across);
        let thresholds = self.thresholds.threshold.as_slice();
        let stride = self.gray.width as isize * dy + dx;
        let (mut x, mut y, mut at) = (x, y, y * self.gray.width + x);
        for passed in 0..most {
            x = x.wrapping_add_signed(dx);
            y = y.wrapping_add_signed(dy);
            at = at.wrapping_add_signed(stride);
            if (pixels[at] < thresholds[y / CELL * across + x / CELL]) != dark {
                return passed;
            }
        }
        most
    }

    /// The dark pixels of a row as set bits, 64 to a word, the lowest bit leftmost.
    pub fn row(&self, y: usize, words: &mut Vec<u64>) {
        let across = self.thresholds.across;
        let thresholds = &self.thresholds.threshold[y / CELL * across..(y / CELL + 1) * across];
        words.clear();
        for (pixels, thresholds) in self.gray.row(y).chunks(64).zip(thresholds.chunks(CELL)) {
            if thresholds.first_chunk() == Some(&[0; CELL]) {
                words.push(0);
                continue;
            }
            let mut bits = 0;
            let (whole, rest) = pixels.as_chunks::<CELL>();
            for (i, (&eight, &threshold)) in whole.iter().zip(thresholds).enumerate() {
                let spread = u64::from(threshold).wrapping_mul(0x0101_0101_0101_0101);
                bits |= below(u64::from_le_bytes(eight), spread) << (8 * i);
            }
            if let Some(&threshold) = thresholds.last() {
                for (i, &pixel) in rest.iter().enumerate() {
                    bits |= u64::from(pixel < threshold) << (pixels.len() - rest.len() + i);
                }
            }
            words.push(bits);
        }
    }
}

/// Difference of gray below which a window whose lightest gray is `high` is flat. Print absorbs half of the light or
/// more, in bright light as in the dark; a camera's noise grows with the light.
fn contrast_min(high: u8) -> u8 {
    (6 + high / 8).min(20)
}

impl Thresholds {
    /// Takes the thresholds of an image. A window whose grays differ by too little is all light.
    ///
    /// `half` is the same image reduced by two where that is to be measured in its place: at a quarter of the cost, and with
    /// half of the noise, which at full size differs as much as faint print does.
    pub fn take<'a>(&'a mut self, gray: Gray<'a>, half: Option<Gray>) -> Binary<'a> {
        self.across = gray.width.div_ceil(CELL);
        let down = gray.height.div_ceil(CELL);
        match half {
            Some(half) => self.measure::<CELL_OF_HALF>(half, down),
            None => self.measure::<CELL>(gray, down),
        }
        self.smooth(down);
        Binary { gray, thresholds: self }
    }

    /// Mean gray of every cell of the image last taken.
    pub fn cell_means(&self) -> &[u8] {
        &self.mean
    }

    /// Least, greatest and mean gray of every cell of `SIDE` pixels.
    fn measure<const SIDE: usize>(&mut self, gray: Gray, down: usize) {
        let across = self.across;
        let padded = across * SIDE;
        for cells in [&mut self.least, &mut self.most, &mut self.mean, &mut self.threshold] {
            cells.resize(across * down, 0);
        }
        self.column_least.resize(padded, 0);
        self.column_most.resize(padded, 0);
        self.column_sum.resize(padded, 0);
        let last = padded - gray.width;
        for cell_row in 0..down {
            let rows = (cell_row * SIDE..((cell_row + 1) * SIDE).min(gray.height)).step_by(CELL_ROW_STEP);
            let count = rows.len() as u32;
            if count == 0 {
                // A reduction leaves out an odd last row, which may be all that a cell had.
                for cells in [&mut self.least, &mut self.most, &mut self.mean] {
                    cells.copy_within((cell_row - 1) * across..cell_row * across, cell_row * across);
                }
                continue;
            }
            let least = &mut self.column_least[..padded];
            let most = &mut self.column_most[..padded];
            let sum = &mut self.column_sum[..padded];
            least.fill(255);
            most.fill(0);
            sum.fill(0);
            for y in rows {
                // Three loops: each becomes a few vector instructions.
                let row = gray.row(y);
                for (l, &p) in least.iter_mut().zip(row) {
                    *l = (*l).min(p);
                }
                for (m, &p) in most.iter_mut().zip(row) {
                    *m = (*m).max(p);
                }
                for (s, &p) in sum.iter_mut().zip(row) {
                    *s += u16::from(p);
                }
            }
            let out = cell_row * across..(cell_row + 1) * across;
            let (least, _) = least.as_chunks::<SIDE>();
            let (most, _) = most.as_chunks::<SIDE>();
            let (sum, _) = sum.as_chunks::<SIDE>();
            for (cell, columns) in self.least[out.clone()].iter_mut().zip(least) {
                *cell = columns.iter().copied().fold(255, u8::min);
            }
            for (cell, columns) in self.most[out.clone()].iter_mut().zip(most) {
                *cell = columns.iter().copied().fold(0, u8::max);
            }
            let means = &mut self.mean[out];
            // 65,536 over the pixels of a cell, so that a product and a shift divide.
            let whole = (1 << 16) / (SIDE as u32 * count);
            for (cell, columns) in means.iter_mut().zip(sum) {
                *cell = ((columns.iter().map(|&s| u32::from(s)).sum::<u32>() * whole) >> 16) as u8;
            }
            if last == SIDE {
                // The same of an odd last column.
                for cells in [&mut self.least, &mut self.most, &mut self.mean] {
                    cells[(cell_row + 1) * across - 1] = cells[(cell_row + 1) * across - 2];
                }
            } else if last > 0
                && let (Some(cell), Some(columns)) = (means.last_mut(), sum.last())
            {
                let total: u32 = columns.iter().map(|&s| u32::from(s)).sum();
                *cell = (total / ((SIDE - last) as u32 * count)) as u8;
            }
        }
    }

    /// A threshold for each cell from the cells around it; beyond the image its edge goes on.
    fn smooth(&mut self, down: usize) {
        let across = self.across;
        let padded = across + 2 * REACH;
        self.total.resize(across, 0);
        self.low.resize(across, 0);
        self.high.resize(across, 0);
        self.column_least.resize(padded.max(self.column_least.len()), 0);
        self.column_most.resize(padded.max(self.column_most.len()), 0);
        self.column_sum.resize(padded.max(self.column_sum.len()), 0);
        for cell_row in 0..down {
            let sum = &mut self.column_sum[..padded];
            let least = &mut self.column_least[..padded];
            let most = &mut self.column_most[..padded];
            sum.fill(0);
            least.fill(255);
            most.fill(0);
            for step in 0..=2 * REACH {
                let row = (cell_row + step).saturating_sub(REACH).min(down - 1);
                let cells = row * across..(row + 1) * across;
                for (s, &v) in sum[REACH..].iter_mut().zip(&self.mean[cells.clone()]) {
                    *s += u16::from(v);
                }
                for (l, &v) in least[REACH..].iter_mut().zip(&self.least[cells.clone()]) {
                    *l = (*l).min(v);
                }
                for (m, &v) in most[REACH..].iter_mut().zip(&self.most[cells]) {
                    *m = (*m).max(v);
                }
            }
            extend_edges(sum);
            extend_edges(least);
            extend_edges(most);
            let (total, low, high) = (&mut self.total[..across], &mut self.low[..across], &mut self.high[..across]);
            total.fill(0);
            low.fill(255);
            high.fill(0);
            for step in 0..=2 * REACH {
                for (t, &v) in total.iter_mut().zip(&sum[step..]) {
                    *t += v;
                }
                for (l, &v) in low.iter_mut().zip(&least[step..]) {
                    *l = (*l).min(v);
                }
                for (h, &v) in high.iter_mut().zip(&most[step..]) {
                    *h = (*h).max(v);
                }
            }
            let out = &mut self.threshold[cell_row * across..(cell_row + 1) * across];
            for (((threshold, &total), &low), &high) in out.iter_mut().zip(&*total).zip(&*low).zip(&*high) {
                // 2622 / 65,536 is 1 / 25.
                let mean = ((u32::from(total) * 2622) >> 16) as u8;
                *threshold = if high - low < contrast_min(high) { 0 } else { mean };
            }
        }
    }
}

/// Copies the first and the last value that are not padding over the padding.
fn extend_edges<T: Copy>(values: &mut [T]) {
    let last = values.len() - 1 - REACH;
    let (first_value, last_value) = (values[REACH], values[last]);
    values[..REACH].fill(first_value);
    values[last + 1..].fill(last_value);
}
