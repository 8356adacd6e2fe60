//! Dark and light pixels by a threshold that follows the light (one pass for the statistics, one for the bits).

use crate::image::Gray;

/// Side of a cell of statistics, in pixels. Eight pixels make one byte of bits, so a threshold holds for whole bytes.
const CELL: usize = 8;

/// Cells on each side that a threshold takes into account: a window of 40 pixels spans the largest pattern that is
/// looked for at one scale; larger ones are found at a smaller scale.
const REACH: usize = 2;

/// Dark pixels as set bits, row by row, 64 to a word, the lowest bit leftmost.
#[derive(Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
    stride: usize,
    pub width: usize,
    pub height: usize,
    cells: Cells,
}

#[derive(Debug, Default)]
struct Cells {
    least: Vec<u8>,
    most: Vec<u8>,
    mean: Vec<u8>,
    threshold: Vec<u8>,
    column_least: Vec<u8>,
    column_most: Vec<u8>,
    column_sum: Vec<u16>,
    window: Vec<u16>,
}

impl Bits {
    #[inline]
    pub fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.stride..(y + 1) * self.stride]
    }

    /// Whether the pixel is dark; outside the image it is light.
    #[inline]
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.height && self.words[y * self.stride + x / 64] >> (x % 64) & 1 == 1
    }

    /// Mean gray of every cell of 8×8 pixels of the image last taken.
    pub fn cell_means(&self) -> &[u8] {
        &self.cells.mean
    }

    /// Sets the bits of `gray`. A window whose grays differ by too little is all light.
    pub fn fill(&mut self, gray: Gray) {
        (self.width, self.height) = (gray.width, gray.height);
        self.stride = gray.width.div_ceil(64);
        self.words.clear();
        self.words.resize(self.stride * gray.height, 0);
        let across = gray.width.div_ceil(CELL);
        let down = gray.height.div_ceil(CELL);
        self.cells.measure(gray, across, down);
        self.cells.thresholds(across, down);
        for (y, words) in self.words.chunks_exact_mut(self.stride).enumerate() {
            let thresholds = &self.cells.threshold[y / CELL * across..(y / CELL + 1) * across];
            pack_row(gray.row(y), thresholds, words);
        }
    }
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

fn pack_row(pixels: &[u8], thresholds: &[u8], words: &mut [u64]) {
    for ((word, pixels), thresholds) in words.iter_mut().zip(pixels.chunks(64)).zip(thresholds.chunks(CELL)) {
        let mut bits = 0;
        let whole = pixels.chunks_exact(CELL);
        let rest = whole.remainder();
        for (i, (pixels, &threshold)) in whole.zip(thresholds).enumerate() {
            let Ok(eight) = <[u8; CELL]>::try_from(pixels) else { continue };
            let spread = u64::from(threshold).wrapping_mul(0x0101_0101_0101_0101);
            bits |= below(u64::from_le_bytes(eight), spread) << (8 * i);
        }
        if let Some(&threshold) = thresholds.last() {
            let start = pixels.len() - rest.len();
            for (i, &pixel) in rest.iter().enumerate() {
                bits |= u64::from(pixel < threshold) << (start + i);
            }
        }
        *word = bits;
    }
}

/// Difference of gray below which a window whose lightest gray is `high` is flat. Print absorbs half of the light or
/// more, in bright light as in the dark; a camera's noise grows with the light.
fn contrast_min(high: u8) -> u8 {
    (6 + high / 8).min(20)
}

impl Cells {
    /// Least, greatest and mean gray of every cell.
    fn measure(&mut self, gray: Gray, across: usize, down: usize) {
        let padded = across * CELL;
        for cells in [&mut self.least, &mut self.most, &mut self.mean, &mut self.threshold] {
            cells.clear();
            cells.resize(across * down, 0);
        }
        self.column_least.resize(padded, 0);
        self.column_most.resize(padded, 0);
        self.column_sum.resize(padded, 0);
        for cell_row in 0..down {
            let rows = cell_row * CELL..((cell_row + 1) * CELL).min(gray.height);
            let count = rows.len() as u32;
            let least = &mut self.column_least[..padded];
            let most = &mut self.column_most[..padded];
            let sum = &mut self.column_sum[..padded];
            least.fill(255);
            most.fill(0);
            sum.fill(0);
            for y in rows {
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
            let out = cell_row * across;
            let cells = least.chunks_exact(CELL).zip(most.chunks_exact(CELL)).zip(sum.chunks_exact(CELL));
            for (i, ((least, most), sum)) in cells.enumerate() {
                let columns = CELL.min(gray.width - i * CELL) as u32;
                self.least[out + i] = least.iter().copied().fold(255, u8::min);
                self.most[out + i] = most.iter().copied().fold(0, u8::max);
                let total: u32 = sum.iter().map(|&s| u32::from(s)).sum();
                self.mean[out + i] =
                    if columns == 8 && count == 8 { total >> 6 } else { total / (columns * count) } as u8;
            }
        }
    }

    /// A threshold for each cell from the cells around it.
    fn thresholds(&mut self, across: usize, down: usize) {
        // Sums over a column of cells, and the extremes there; then the same along the row.
        self.window.resize(across, 0);
        self.column_least.resize(across.max(self.column_least.len()), 0);
        for cell_row in 0..down {
            let rows = cell_row.saturating_sub(REACH)..(cell_row + REACH + 1).min(down);
            let count = rows.len() as u32;
            let sum = &mut self.window[..across];
            let least = &mut self.column_least[..across];
            let most = &mut self.column_most[..across];
            sum.fill(0);
            least.fill(255);
            most.fill(0);
            for row in rows {
                let cells = row * across..(row + 1) * across;
                for (s, &v) in sum.iter_mut().zip(&self.mean[cells.clone()]) {
                    *s += u16::from(v);
                }
                for (l, &v) in least.iter_mut().zip(&self.least[cells.clone()]) {
                    *l = (*l).min(v);
                }
                for (m, &v) in most.iter_mut().zip(&self.most[cells]) {
                    *m = (*m).max(v);
                }
            }
            for i in 0..across {
                let columns = i.saturating_sub(REACH)..(i + REACH + 1).min(across);
                let cells = count * columns.len() as u32;
                let total: u32 = sum[columns.clone()].iter().map(|&s| u32::from(s)).sum();
                let low = least[columns.clone()].iter().copied().fold(255, u8::min);
                let high = most[columns].iter().copied().fold(0, u8::max);
                let mean = if cells == 25 { (total * 2622) >> 16 } else { total / cells } as u8;
                self.threshold[cell_row * across + i] = if high - low < contrast_min(high) { 0 } else { mean };
            }
        }
    }
}
