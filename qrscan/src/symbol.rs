//! From modules to a message: format, codewords, blocks, correction, segments.

use crate::format::{FORMATS, Format, format_places, masked};
use crate::reed_solomon;
use crate::segments::{self, Message};
use crate::soft;
use crate::version::{self, Level};

/// A square of modules as seen: positive is dark, negative light, the size is how sure, 0 is not seen at all.
#[derive(Debug, Clone, Default)]
pub struct Modules {
    size: usize,
    seen: Vec<i16>,
}

impl Modules {
    /// Modules row by row. `None` unless `seen` is square and of a size that a version has.
    pub fn new(size: usize, seen: Vec<i16>) -> Option<Self> {
        (version::of_size(size).is_some() && seen.len() == size * size).then_some(Self { size, seen })
    }

    /// Modules a side.
    pub fn size(&self) -> usize {
        self.size
    }

    #[inline]
    pub fn at(&self, row: usize, column: usize) -> i16 {
        self.seen[row * self.size + column]
    }

    /// Swaps rows and columns: a mirrored symbol read so is upright.
    pub fn transposed(&self) -> Self {
        let mut seen = vec![0; self.seen.len()];
        for row in 0..self.size {
            for column in 0..self.size {
                seen[column * self.size + row] = self.at(row, column);
            }
        }
        Self { size: self.size, seen }
    }

    pub(crate) fn resize(&mut self, size: usize) {
        self.size = size;
        self.seen.clear();
        self.seen.resize(size * size, 0);
    }

    /// Adds what another look at the same modules says, dark or light and how sure.
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, &seen) in self.seen.iter_mut().zip(&other.seen) {
            *sum = sum.saturating_add(seen);
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, row: usize, column: usize, value: i16) {
        self.seen[row * self.size + column] = value;
    }
}

/// How well a symbol could be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// Codewords corrected whose place was not known.
    pub errors: usize,
    /// Codewords corrected that were known not to be seen.
    pub erasures: usize,
    /// Share of the correction that was left in the worst block, in percent: 100 is a flawless symbol.
    pub margin_percent: u8,
}

/// A symbol read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    pub message: Message,
    pub version: u8,
    pub level: Level,
    pub mask: u8,
    pub correction: Correction,
}

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// The likeliest format, erasures only where nothing was seen.
    Quick,
    /// Further formats; the least sure codewords are erased, more and more of them.
    Thorough,
    /// Bits are turned over too, those that are the least sure: for modules that are as sure as they seem.
    Soft,
}

/// Bits by which a corrected block must be unlikely to be chance: log₂ of one over the share of random blocks that would
/// pass with as many errors and erasures. 28 lets every correction pass that ISO/IEC 18004 Table 9 allows (version 1-L
/// with two errors has 31) and refuses those it reserves against misreading.
const PROOF_BITS_MIN: f32 = 28.0;

/// Marks the modules that carry no data.
fn function_modules(version: usize, out: &mut Vec<bool>) {
    let size = version::size_of(version);
    out.clear();
    out.resize(size * size, false);
    let mut fill = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
        for row in rows {
            out[row * size + columns.start..row * size + columns.end].fill(true);
        }
    };
    fill(0..9, 0..9);
    fill(0..9, size - 8..size);
    fill(size - 8..size, 0..9);
    fill(6..7, 0..size);
    fill(0..size, 6..7);
    if version >= 7 {
        fill(0..6, size - 11..size - 8);
        fill(size - 11..size - 8, 0..6);
    }
    let (centres, count) = version::alignment(version);
    for (i, &row) in centres[..count].iter().enumerate() {
        for (j, &column) in centres[..count].iter().enumerate() {
            let in_finder = (i == 0 && (j == 0 || j == count - 1)) || (i == count - 1 && j == 0);
            if !in_finder {
                fill(row - 2..row + 3, column - 2..column + 3);
            }
        }
    }
}

/// Formats by how well they match both copies, the best first.
fn formats(modules: &Modules) -> [(i32, usize); 32] {
    let mut seen = [0i32; 15];
    for (i, sum) in seen.iter_mut().enumerate() {
        // Both copies of a bit are one piece of evidence; a very sure module must not outvote everything.
        for (row, column) in format_places(i, modules.size) {
            *sum += i32::from(modules.at(row, column).clamp(-64, 64));
        }
    }
    let mut ranked = [(0, 0); 32];
    for (index, (slot, &word)) in ranked.iter_mut().zip(&FORMATS).enumerate() {
        let score = seen.iter().enumerate().map(|(i, &sum)| if word >> i & 1 == 1 { sum } else { -sum }).sum();
        *slot = (score, index);
    }
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked
}

/// Codewords in the order of placement with how sure the least sure of their bits is, and how sure each bit is.
fn codewords(modules: &Modules, function: &[bool], mask: u8, out: &mut Vec<(u8, i16)>, bits_sure: &mut Vec<u16>) {
    let size = modules.size;
    out.clear();
    bits_sure.clear();
    let mut byte = 0u8;
    let mut sure = i16::MAX;
    let mut bits = 0;
    let mut right = size as isize - 1;
    let mut upward = true;
    while right > 0 {
        if right == 6 {
            right -= 1;
        }
        for step in 0..size {
            let row = if upward { size - 1 - step } else { step };
            for column in [right as usize, right as usize - 1] {
                if function[row * size + column] {
                    continue;
                }
                let seen = modules.at(row, column);
                byte = byte << 1 | u8::from((seen > 0) != masked(mask, row, column));
                sure = sure.min(seen.saturating_abs());
                bits_sure.push(seen.unsigned_abs());
                bits += 1;
                if bits == 8 {
                    out.push((byte, sure));
                    bits = 0;
                    sure = i16::MAX;
                }
            }
        }
        upward = !upward;
        right -= 2;
    }
}

/// log₂ of the ways to choose `k` of `n`.
fn log2_choose(n: usize, k: usize) -> f32 {
    (0..k).map(|i| ((n - i) as f32 / (i + 1) as f32).log2()).sum()
}

/// Bits by which a correction is unlikely to be chance, of `check` of `n` codewords.
pub(crate) fn proof_bits(n: usize, check: usize, errors: usize, erasures: usize) -> f32 {
    8.0 * (check as f32 - erasures as f32 - errors as f32) - log2_choose(n, errors)
}

/// Whether a correction is far enough from chance to be believed.
fn believable(n: usize, check: usize, errors: usize, erasures: usize) -> bool {
    proof_bits(n, check, errors, erasures) >= PROOF_BITS_MIN
}

/// Corrects one block; `sure` is how sure each codeword is.
fn correct_block(block: &mut [u8], sure: &[i16], check: usize, effort: Effort) -> Option<reed_solomon::Corrected> {
    let n = block.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by_key(|&place| sure[place]);
    let unseen = order.iter().take_while(|&&place| sure[place] == 0).count();
    let mut attempt = |erasures: usize| {
        let before = block.to_vec();
        let corrected = reed_solomon::correct(block, check, &order[..erasures])?;
        if believable(n, check, corrected.errors, corrected.erasures) {
            return Some(corrected);
        }
        block.copy_from_slice(&before);
        None
    };
    if unseen <= check
        && let Some(corrected) = attempt(unseen)
    {
        return Some(corrected);
    }
    if unseen > 0
        && let Some(corrected) = attempt(0)
    {
        return Some(corrected);
    }
    if effort == Effort::Quick {
        return None;
    }
    // Generalised minimum distance (Forney 1966): erase the least sure, a few more each time.
    let step = (check / 7).max(2);
    let mut erasures = step;
    while erasures + 3 <= check {
        if let Some(corrected) = attempt(erasures) {
            return Some(corrected);
        }
        erasures += step;
    }
    None
}

/// Calls `visit` with the row, the column and whether it is dark for every module whose colour the standard fixes: finder
/// patterns with their separators, timing and alignment patterns. A few are visited twice.
pub fn fixed_modules(size: usize, mut visit: impl FnMut(usize, usize, bool)) {
    let Some(version) = version::of_size(size) else { return };
    for (top, left) in [(0, 0), (0, size - 8), (size - 8, 0)] {
        for row in 0..8 {
            for column in 0..8 {
                // The separator is the eighth row and column, on the side of the data.
                let (r, c): (usize, usize) =
                    (if top == 0 { row } else { 7 - row }, if left == 0 { column } else { 7 - column });
                let from_middle = r.abs_diff(3).max(c.abs_diff(3));
                visit(top + row, left + column, from_middle < 2 || from_middle == 3);
            }
        }
    }
    for i in 8..size - 8 {
        visit(6, i, i % 2 == 0);
        visit(i, 6, i % 2 == 0);
    }
    let (centres, count) = version::alignment(version);
    for (i, &row) in centres[..count].iter().enumerate() {
        for (j, &column) in centres[..count].iter().enumerate() {
            if (i == 0 || j == 0) && (i == j || i == count - 1 || j == count - 1) {
                continue;
            }
            for r in 0..5usize {
                for c in 0..5usize {
                    visit(row + r - 2, column + c - 2, r.abs_diff(2).max(c.abs_diff(2)) != 1);
                }
            }
        }
    }
}

/// Share of the modules whose colour the standard fixes that are seen so, from 0 to 1; chance gives a half.
pub fn agreement(modules: &Modules) -> f32 {
    let (mut right, mut all) = (0u32, 0u32);
    fixed_modules(modules.size, |row, column, dark| {
        all += 1;
        right += u32::from((modules.at(row, column) > 0) == dark);
    });
    right as f32 / all.max(1) as f32
}

/// How well the likeliest format matches, from -1 to 1 of what both copies could say together.
pub fn format_match(modules: &Modules) -> f32 {
    let full: i32 = (0..15)
        .flat_map(|i| format_places(i, modules.size))
        .map(|(row, column)| i32::from(modules.at(row, column).clamp(-64, 64)).abs())
        .sum();
    formats(modules)[0].0 as f32 / full.max(1) as f32
}

/// Reads a symbol whose version follows from its size.
pub fn read(modules: &Modules, effort: Effort) -> Option<Symbol> {
    let version = version::of_size(modules.size)?;
    let mut function = Vec::new();
    function_modules(version, &mut function);
    let ranked = formats(modules);
    let tries = if effort == Effort::Quick { 1 } else { 3 };
    let (mut words, mut bits_sure) = (Vec::new(), Vec::new());
    for &(score, index) in &ranked[..tries] {
        if score <= 0 || score * 3 < ranked[0].0 * 2 {
            break;
        }
        let format = Format::from_index(index);
        codewords(modules, &function, format.mask, &mut words, &mut bits_sure);
        if let Some(symbol) = read_words(&words, &bits_sure, version, format, effort) {
            return Some(symbol);
        }
    }
    None
}

fn read_words(
    words: &[(u8, i16)],
    bits_sure: &[u16],
    version: usize,
    format: Format,
    effort: Effort,
) -> Option<Symbol> {
    let blocks = version::blocks(version, format.level);
    let mut data = Vec::with_capacity(words.len());
    let mut correction = Correction { errors: 0, erasures: 0, margin_percent: 100 };
    let mut block = Vec::with_capacity(256);
    let mut sure = Vec::with_capacity(256);
    let mut block_bits = Vec::with_capacity(256 * 8);
    let data_interleaved = blocks.short_data * blocks.count + (blocks.count - blocks.short);
    for b in 0..blocks.count {
        let own = blocks.short_data + usize::from(b >= blocks.short);
        block.clear();
        sure.clear();
        block_bits.clear();
        for i in 0..own + blocks.check {
            let place = if i < blocks.short_data {
                i * blocks.count + b
            } else if i < own {
                // The long blocks' last data codewords stand after all others.
                blocks.short_data * blocks.count + (b - blocks.short)
            } else {
                data_interleaved + (i - own) * blocks.count + b
            };
            let &(word, certainty) = words.get(place)?;
            block.push(word);
            sure.push(certainty);
            block_bits.extend_from_slice(bits_sure.get(8 * place..8 * place + 8)?);
        }
        let corrected = match correct_block(&mut block, &sure, blocks.check, effort) {
            Some(corrected) => corrected,
            None if effort == Effort::Soft => {
                let errors = soft::correct(&mut block, &block_bits, blocks.check, PROOF_BITS_MIN)?;
                reed_solomon::Corrected { errors, erasures: 0 }
            }
            None => return None,
        };
        let spent = (2 * corrected.errors + corrected.erasures) * 100 / blocks.check;
        correction.errors += corrected.errors;
        correction.erasures += corrected.erasures;
        correction.margin_percent = correction.margin_percent.min(100 - spent.min(100) as u8);
        data.extend_from_slice(&block[..own]);
    }
    let message = segments::read(&data, version)?;
    Some(Symbol { message, version: version as u8, level: format.level, mask: format.mask, correction })
}
