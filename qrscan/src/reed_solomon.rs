//! Reed–Solomon correction of errors and erasures over one block (ISO/IEC 18004, 7.5 and Annex B).
//!
//! An erasure is a codeword whose place is known to be bad: it costs one check codeword, an error of unknown place two.

use crate::galois::{EXP, LOG, div, exp, mul};

/// Check codewords in one block, at most (ISO/IEC 18004, Table 9).
pub const CHECK_MAX: usize = 68;

/// What a successful correction had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrected {
    /// Codewords corrected at places not named beforehand.
    pub errors: usize,
    /// Places named beforehand.
    pub erasures: usize,
}

type Poly = [u8; CHECK_MAX + 2];

/// Corrects `block` (data codewords, then `check` check codewords) in place; `erased` names suspect places.
///
/// Returns `None`, and leaves the block as it was, when no codeword lies within `2 · errors + erasures ≤ check`.
pub fn correct(block: &mut [u8], check: usize, erased: &[usize]) -> Option<Corrected> {
    let n = block.len();
    if check == 0 || check > CHECK_MAX || n > 255 || n <= check || erased.len() > check {
        return None;
    }
    let mut syndromes = [0u8; CHECK_MAX];
    if !syndromes_of(block, &mut syndromes[..check]) {
        return Some(Corrected { errors: 0, erasures: 0 });
    }
    // The erasure locator: product of (1 - x·X) over the erased places. Berlekamp–Massey starts from it (Blahut).
    let mut locator: Poly = [0; CHECK_MAX + 2];
    locator[0] = 1;
    for (count, &place) in erased.iter().enumerate() {
        if place >= n {
            return None;
        }
        let root = exp(n - 1 - place);
        for i in (1..=count + 1).rev() {
            locator[i] ^= mul(locator[i - 1], root);
        }
    }
    let degree = berlekamp_massey(&syndromes[..check], &mut locator, erased.len())?;
    if degree * 2 > check + erased.len() {
        return None;
    }
    apply(block, &syndromes[..check], &locator, degree, erased.len())
}

/// Fills in the syndromes; true if any is not zero.
fn syndromes_of(block: &[u8], syndromes: &mut [u8]) -> bool {
    let mut any = 0;
    for (i, syndrome) in syndromes.iter_mut().enumerate() {
        let mut sum = 0u8;
        for &codeword in block {
            let scaled = if sum == 0 { 0 } else { EXP[LOG[sum as usize] as usize + i] };
            sum = scaled ^ codeword;
        }
        *syndrome = sum;
        any |= sum;
    }
    any != 0
}

/// Extends the erasure locator to the locator of all bad places; returns its degree.
fn berlekamp_massey(syndromes: &[u8], locator: &mut Poly, erasures: usize) -> Option<usize> {
    let mut previous = *locator;
    let mut length = erasures;
    for r in erasures..syndromes.len() {
        let mut discrepancy = 0;
        for i in 0..=length.min(r) {
            discrepancy ^= mul(locator[i], syndromes[r - i]);
        }
        // previous · x
        previous.copy_within(0..CHECK_MAX + 1, 1);
        previous[0] = 0;
        if discrepancy == 0 {
            continue;
        }
        let before = *locator;
        for i in 0..locator.len() {
            locator[i] ^= mul(discrepancy, previous[i]);
        }
        if 2 * length <= r + erasures {
            length = r + 1 + erasures - length;
            for i in 0..previous.len() {
                previous[i] = div(before[i], discrepancy);
            }
        }
    }
    let degree = locator.iter().rposition(|&c| c != 0)?;
    (degree == length).then_some(degree)
}

/// Finds the bad places (Chien) and their values (Forney), and corrects them.
fn apply(block: &mut [u8], syndromes: &[u8], locator: &Poly, degree: usize, erasures: usize) -> Option<Corrected> {
    let n = block.len();
    let check = syndromes.len();
    let mut evaluator = [0u8; CHECK_MAX];
    for (i, value) in evaluator.iter_mut().enumerate().take(check) {
        for j in 0..=i.min(degree) {
            *value ^= mul(locator[j], syndromes[i - j]);
        }
    }
    let mut fixes = [(0usize, 0u8); CHECK_MAX];
    let mut found = 0;
    // The terms' logarithms at X⁻¹ = α^-power, stepped from place to place; (exponent, logarithm) of what is not zero.
    let mut terms = [(0u8, 0u8); CHECK_MAX + 2];
    let mut count = 0;
    for (i, &coefficient) in locator.iter().enumerate().take(degree + 1) {
        if coefficient != 0 {
            terms[count] = (i as u8, LOG[coefficient as usize]);
            count += 1;
        }
    }
    for power in 0..n {
        let (mut even, mut odd) = (0, 0);
        for (i, log) in &mut terms[..count] {
            let value = EXP[*log as usize];
            if *i & 1 == 1 {
                odd ^= value;
            } else {
                even ^= value;
            }
            *log = if *log >= *i { *log - *i } else { (u16::from(*log) + 255 - u16::from(*i)) as u8 };
        }
        if even != odd {
            continue;
        }
        if odd == 0 || found == degree {
            return None;
        }
        let inverse = (255 - power % 255) % 255;
        let mut numerator = 0;
        for (i, &coefficient) in evaluator.iter().enumerate().take(check) {
            if coefficient != 0 {
                numerator ^= exp(LOG[coefficient as usize] as usize + inverse * i);
            }
        }
        // With the first root α⁰, the value is X · Ω(X⁻¹) / Λ'(X⁻¹), and Λ'(X⁻¹) is X times the odd terms.
        fixes[found] = (n - 1 - power, div(numerator, odd));
        found += 1;
    }
    if found != degree {
        return None;
    }
    for &(place, value) in &fixes[..found] {
        block[place] ^= value;
    }
    let mut again = [0u8; CHECK_MAX];
    if syndromes_of(block, &mut again[..check]) {
        for &(place, value) in &fixes[..found] {
            block[place] ^= value;
        }
        return None;
    }
    Some(Corrected { errors: degree - erasures, erasures })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::Numbers;

    fn encode(data: &[u8], check: usize) -> Vec<u8> {
        let mut generator = vec![1u8];
        for i in 0..check {
            let mut next = vec![0; generator.len() + 1];
            for (j, &g) in generator.iter().enumerate() {
                next[j] ^= g;
                next[j + 1] ^= mul(g, exp(i));
            }
            generator = next;
        }
        let mut rest = data.to_vec();
        rest.resize(data.len() + check, 0);
        for i in 0..data.len() {
            let factor = rest[i];
            for (j, &g) in generator.iter().enumerate() {
                rest[i + j] ^= mul(g, factor);
            }
        }
        let mut block = data.to_vec();
        block.extend_from_slice(&rest[data.len()..]);
        block
    }

    #[test]
    fn corrects_errors_and_erasures_up_to_the_bound() {
        let mut numbers = Numbers(7);
        for round in 0..2000 {
            let check = [7, 10, 13, 17, 18, 22, 24, 26, 28, 30][round % 10];
            let data: Vec<u8> = (0..1 + numbers.below(120)).map(|_| numbers.below(256) as u8).collect();
            let good = encode(&data, check);
            let erasures = numbers.below(check + 1).min(good.len());
            let errors = numbers.below((check - erasures) / 2 + 1).min(good.len() - erasures);
            let mut places: Vec<usize> = (0..good.len()).collect();
            for i in 0..places.len() {
                let j = numbers.below(places.len());
                places.swap(i, j);
            }
            let mut bad = good.clone();
            for &place in &places[..erasures] {
                bad[place] = numbers.below(256) as u8;
            }
            for &place in &places[erasures..erasures + errors] {
                bad[place] ^= 1 + numbers.below(255) as u8;
            }
            let corrected = correct(&mut bad, check, &places[..erasures]);
            assert!(corrected.is_some(), "round {round}: {errors} errors, {erasures} erasures, {check} check");
            assert_eq!(bad, good, "round {round}");
        }
    }

    #[test]
    fn leaves_what_it_cannot_correct_as_it_was() {
        let mut numbers = Numbers(11);
        let mut refused = 0;
        for _ in 0..500 {
            let noise: Vec<u8> = (0..70).map(|_| numbers.below(256) as u8).collect();
            let mut block = noise.clone();
            if correct(&mut block, 26, &[]).is_none() {
                assert_eq!(block, noise);
                refused += 1;
            }
        }
        assert!(refused >= 499, "noise must hardly ever pass: {refused}");
    }
}
