//! Format and version information, recovered by the best match (ISO/IEC 18004, 7.9 and 7.10, Annexes C and D).

use crate::version::Level;

/// Mask laid over the format information so that it is never all light (7.9.1).
const FORMAT_MASK: u16 = 0b101_0100_0001_0010;

/// Level and mask of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    pub level: Level,
    pub mask: u8,
}

/// Remainder of `value · x^bits` by the generator polynomial of a BCH code with `bits` check bits.
const fn bch(value: u32, generator: u32, bits: u32) -> u32 {
    let mut rest = value << bits;
    let mut place = 31;
    while place >= bits {
        if rest >> place & 1 == 1 {
            rest ^= generator << (place - bits);
        }
        place -= 1;
    }
    value << bits | rest
}

/// The 15 bits of every format, masked, by their five data bits: BCH (15, 5) with x¹⁰+x⁸+x⁵+x⁴+x²+x+1.
pub const FORMATS: [u16; 32] = {
    let mut table = [0; 32];
    let mut i = 0;
    while i < 32 {
        table[i] = bch(i as u32, 0b101_0011_0111, 10) as u16 ^ FORMAT_MASK;
        i += 1;
    }
    table
};

/// The 18 bits of versions 7 to 40: BCH (18, 6) with x¹²+x¹¹+x¹⁰+x⁹+x⁸+x⁵+x²+1.
pub const VERSIONS: [u32; 34] = {
    let mut table = [0; 34];
    let mut i = 0;
    while i < 34 {
        table[i] = bch(i as u32 + 7, 0b1_1111_0010_0101, 12);
        i += 1;
    }
    table
};

impl Format {
    /// The format whose five data bits are `index`, below 32.
    pub fn from_index(index: usize) -> Self {
        let level = match index >> 3 & 3 {
            0 => Level::M,
            1 => Level::L,
            2 => Level::H,
            _ => Level::Q,
        };
        Self { level, mask: (index & 7) as u8 }
    }
}

/// Where bit `i` (14 is the most significant) of both copies of the format lies, as (row, column) in a symbol of `size`.
pub fn format_places(i: usize, size: usize) -> [(usize, usize); 2] {
    let beside_top_left = match i {
        0..=5 => (i, 8),
        6 => (7, 8),
        7 => (8, 8),
        8 => (8, 7),
        _ => (8, 14 - i),
    };
    let beside_others = if i < 8 { (8, size - 1 - i) } else { (size - 15 + i, 8) };
    [beside_top_left, beside_others]
}

/// Where bit `i` (17 is the most significant) of both copies of the version lies, as (row, column).
pub fn version_places(i: usize, size: usize) -> [(usize, usize); 2] {
    let (along, across) = (i / 3, size - 11 + i % 3);
    [(along, across), (across, along)]
}

/// Whether the data mask turns the module at (row, column) over (7.8.2, Table 10).
#[inline]
pub fn masked(mask: u8, row: usize, column: usize) -> bool {
    match mask {
        0 => (row + column).is_multiple_of(2),
        1 => row.is_multiple_of(2),
        2 => column.is_multiple_of(3),
        3 => (row + column).is_multiple_of(3),
        4 => (row / 2 + column / 3).is_multiple_of(2),
        5 => (row * column).is_multiple_of(6),
        6 => (row * column) % 6 < 3,
        _ => ((row + column) % 2 + (row * column) % 3).is_multiple_of(2),
    }
}
