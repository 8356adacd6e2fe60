//! Arithmetic in GF(2⁸) with the polynomial x⁸ + x⁴ + x³ + x² + 1 (ISO/IEC 18004, 7.5.2).

/// The field's polynomial, with the leading x⁸.
const POLYNOMIAL: u16 = 0x11d;

/// `EXP[i]` is αⁱ; doubled so that a sum of two logarithms needs no reduction.
pub const EXP: [u8; 512] = {
    let mut table = [0u8; 512];
    let mut power: u16 = 1;
    let mut i = 0;
    while i < 255 {
        table[i] = power as u8;
        table[i + 255] = power as u8;
        power <<= 1;
        if power & 0x100 != 0 {
            power ^= POLYNOMIAL;
        }
        i += 1;
    }
    table[510] = table[0];
    table[511] = table[1];
    table
};

/// `LOG[x]` is the i with αⁱ = x; `LOG[0]` is not meaningful.
pub const LOG: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut i = 0;
    while i < 255 {
        table[EXP[i] as usize] = i as u8;
        i += 1;
    }
    table
};

#[inline]
pub fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { EXP[LOG[a as usize] as usize + LOG[b as usize] as usize] }
}

/// The quotient a / b; zero where b is zero, which no caller asks for.
#[inline]
pub fn div(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { EXP[LOG[a as usize] as usize + 255 - LOG[b as usize] as usize] }
}

/// αⁱ for any i ≥ 0.
#[inline]
pub fn exp(i: usize) -> u8 {
    EXP[i % 255]
}
