//! What a version and a level fix: size, alignment patterns, blocks (ISO/IEC 18004, Tables 1 and 9, Annex E).

/// Error correction level, from the least (about 7 % of the codewords) to the most (about 30 %).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    L,
    M,
    Q,
    H,
}

/// Smallest and largest symbol, in modules a side.
pub const SIZE_MIN: usize = 21;
pub const SIZE_MAX: usize = 177;

/// Check codewords in a block, by level and version (Table 9).
const CHECK: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks, by level and version (Table 9).
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// How the codewords of a symbol fall into blocks: the first `short` blocks hold one data codeword fewer than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    pub count: usize,
    pub short: usize,
    /// Data codewords in a short block.
    pub short_data: usize,
    /// Check codewords in every block.
    pub check: usize,
}

/// The version of a symbol of `size` modules a side, if there is one.
pub fn of_size(size: usize) -> Option<usize> {
    ((SIZE_MIN..=SIZE_MAX).contains(&size) && size % 4 == 1).then(|| (size - 17) / 4)
}

/// Modules a side.
pub fn size_of(version: usize) -> usize {
    17 + 4 * version
}

/// Codewords in a symbol of this version (1 to 40), data and check together.
pub fn codewords(version: usize) -> usize {
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let side = version / 7 + 2;
        modules -= (25 * side - 10) * side - 55;
        if version >= 7 {
            modules -= 36;
        }
    }
    modules / 8
}

pub fn blocks(version: usize, level: Level) -> Blocks {
    let count = BLOCKS[level as usize][version - 1] as usize;
    let check = CHECK[level as usize][version - 1] as usize;
    let total = codewords(version);
    Blocks { count, short: count - total % count, short_data: total / count - check, check }
}

/// Centres of the alignment patterns along one axis, in modules from the symbol's edge; how many count (Annex E).
pub fn alignment(version: usize) -> ([usize; 7], usize) {
    let mut centres = [0; 7];
    if version < 2 {
        return (centres, 0);
    }
    let count = version / 7 + 2;
    let step = if version == 32 { 26 } else { (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
    for (i, centre) in centres.iter_mut().enumerate().take(count) {
        *centre = if i == 0 { 6 } else { size_of(version) - 7 - (count - 1 - i) * step };
    }
    (centres, count)
}
