//! Correction of one block bit by bit, by how sure each module is: ordered statistics (Fossorier and Lin, 1995).
//!
//! Reed–Solomon correction over codewords counts a codeword with one bad module as lost. Scratches, flakes and dust spoil
//! single modules, in more codewords than can be corrected, while the check codewords still give as many equations over
//! *bits*: with the least sure bits as unknowns, the equations say what they are, and of the few ways to also turn over one
//! or two of the other bits, the one is taken that turns over the least that seemed sure.

use crate::galois::{exp, mul};

/// Check codewords in one block, at most: Table 9 has 30, and words hold 32.
const CHECK_MAX: usize = 32;
/// Bits in the longest block: 30 check codewords and up to 123 data codewords (Table 9).
const BITS_MAX: usize = 8 * 153;
/// Words of 64 bits for one equation: its bits, and what they add up to.
const WORDS: usize = BITS_MAX / 64 + 1;
/// Place of what an equation's bits add up to.
const SUM: usize = WORDS * 64 - 1;
/// Bits beside the unknowns that are turned over one at a time, the least sure ones.
const SINGLES: usize = 256;
/// Of these, those that are turned over two at a time.
const PAIRS: usize = 40;

type Equation = [u64; WORDS];

/// Whether an equation holds the bit.
fn holds(equation: &Equation, bit: usize) -> bool {
    equation[bit / 64] >> (bit % 64) & 1 == 1
}

/// Corrects `block` (data codewords, then `check` check codewords) in place; `sure` says for each bit, the most
/// significant of the first codeword first, how sure it is, from 0. How many codewords changed.
///
/// Returns `None`, and leaves the block as it was, where chance would find a correction as good in more than one of
/// 2^`proof` blocks.
pub fn correct(block: &mut [u8], sure: &[u16], check: usize, proof: f32) -> Option<usize> {
    let bits = block.len() * 8;
    if check == 0 || check > CHECK_MAX || bits > BITS_MAX || sure.len() != bits || block.len() <= check {
        return None;
    }
    let mut order: Vec<usize> = (0..bits).collect();
    order.sort_unstable_by_key(|&bit| sure[bit]);
    let (equations, unknowns) = solve(block, check, &order);
    // For every other bit that may be turned over: which unknowns turn over with it.
    let mut unknown = vec![false; bits];
    unknowns.iter().for_each(|&bit| unknown[bit] = true);
    let others: Vec<usize> = order.iter().copied().filter(|&bit| !unknown[bit]).take(SINGLES).collect();
    let column = |bit: usize| -> Column {
        let mut column = [0; CHECK_MAX / 8];
        for (i, equation) in equations.iter().enumerate() {
            column[i / 64] |= u64::from(holds(equation, bit)) << (i % 64);
        }
        column
    };
    let base = column(SUM);
    let columns: Vec<Column> = others.iter().map(|&bit| column(bit)).collect();
    // What it costs to turn over the unknowns of each byte of a column, so that a column costs a look-up for each.
    let costs: Vec<[u32; 256]> = unknowns
        .chunks(8)
        .map(|eight| {
            let mut table = [0u32; 256];
            for value in 1..256usize {
                let lowest = value.trailing_zeros() as usize;
                let own = eight.get(lowest).map_or(0, |&bit| u32::from(sure[bit]));
                table[value] = table[value & (value - 1)] + own;
            }
            table
        })
        .collect();
    let cost = |column: &Column| -> u32 {
        costs.iter().enumerate().map(|(i, table)| table[(column[i / 8] >> (i % 8 * 8) & 0xff) as usize]).sum()
    };
    let mut best = (cost(&base), base, [None, None]);
    for (i, first) in columns.iter().enumerate() {
        let single = xor(&base, first);
        let own = u32::from(sure[others[i]]);
        let total = own + cost(&single);
        if total < best.0 {
            best = (total, single, [Some(i), None]);
        }
        if i >= PAIRS {
            continue;
        }
        for (j, second) in columns.iter().enumerate().take(i) {
            let pair = xor(&single, second);
            let total = own + u32::from(sure[others[j]]) + cost(&pair);
            if total < best.0 {
                best = (total, pair, [Some(i), Some(j)]);
            }
        }
    }
    let (total, turned, also) = best;
    if proof_bits(8 * check, sure, total) < proof {
        return None;
    }
    let before = block.to_vec();
    let turned = unknowns.iter().enumerate().filter(|&(i, _)| turned[i / 64] >> (i % 64) & 1 == 1).map(|(_, &bit)| bit);
    for bit in turned.chain(also.into_iter().flatten().map(|i| others[i])) {
        block[bit / 8] ^= 0x80 >> (bit % 8);
    }
    Some(block.iter().zip(&before).filter(|(now, then)| now != then).count())
}

/// One bit for each equation.
type Column = [u64; CHECK_MAX / 8];

fn xor(a: &Column, b: &Column) -> Column {
    std::array::from_fn(|i| a[i] ^ b[i])
}

/// The block's check equations over bits, solved for as many unknowns, the earliest in `order` that can be: each equation
/// holds one of them, which no other holds, and its sum says whether that bit is to be turned over.
fn solve(block: &[u8], check: usize, order: &[usize]) -> (Vec<Equation>, Vec<usize>) {
    let n = block.len();
    let mut equations = vec![[0u64; WORDS]; 8 * check];
    for (i, eight) in equations.chunks_exact_mut(8).enumerate() {
        // The i-th syndrome: the sum of codeword · α^(i · power), where the last codeword has power 0.
        let mut sum = 0u8;
        for (place, &codeword) in block.iter().enumerate() {
            let factor = exp(i * (n - 1 - place));
            sum ^= mul(codeword, factor);
            for b in 0..8 {
                let share = mul(0x80 >> b, factor);
                let bit = place * 8 + b;
                for (row, equation) in eight.iter_mut().enumerate() {
                    equation[bit / 64] |= u64::from(share >> row & 1) << (bit % 64);
                }
            }
        }
        for (row, equation) in eight.iter_mut().enumerate() {
            equation[SUM / 64] |= u64::from(sum >> row & 1) << (SUM % 64);
        }
    }
    let mut unknowns = Vec::with_capacity(equations.len());
    for &bit in order {
        let done = unknowns.len();
        if done == equations.len() {
            break;
        }
        let Some(pivot) = (done..equations.len()).find(|&i| holds(&equations[i], bit)) else { continue };
        equations.swap(done, pivot);
        let own = equations[done];
        for (i, equation) in equations.iter_mut().enumerate() {
            if i != done && holds(equation, bit) {
                equation.iter_mut().zip(&own).for_each(|(word, own)| *word ^= own);
            }
        }
        unknowns.push(bit);
    }
    (equations, unknowns)
}

/// log₂ of one over the share of random blocks in which some way to turn over bits costs no more than `cost` and meets
/// all of `equations`: so many ways there are at most (Chernoff's bound), and each meets them once in 2^`equations`.
fn proof_bits(equations: usize, sure: &[u16], cost: u32) -> f32 {
    // The bound holds for every λ; the least of some is near the best.
    let scale = sure.iter().map(|&s| f32::from(s)).sum::<f32>() / sure.len().max(1) as f32;
    let ways = (1..40).map(|step| {
        let lambda = step as f32 * 0.25 / scale.max(1.0);
        let sum: f32 = sure.iter().map(|&s| (-lambda * f32::from(s)).exp().ln_1p()).sum();
        (lambda * cost as f32 + sum) * std::f32::consts::LOG2_E
    });
    equations as f32 - ways.fold(f32::MAX, f32::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::Numbers;

    /// A block of the code: random data with check codewords, found as 8 · `check` unknown bits.
    fn block(numbers: &mut Numbers, n: usize, check: usize) -> Vec<u8> {
        let mut block: Vec<u8> = (0..n).map(|_| numbers.below(256) as u8).collect();
        let last_first: Vec<usize> = (0..8 * n).rev().collect();
        let (equations, unknowns) = solve(&block, check, &last_first);
        for (equation, bit) in equations.iter().zip(unknowns) {
            if holds(equation, SUM) {
                block[bit / 8] ^= 0x80 >> (bit % 8);
            }
        }
        block
    }

    #[test]
    fn more_single_bits_than_codewords_could_be_corrected() {
        let mut numbers = Numbers(17);
        for round in 0..20 {
            let good = block(&mut numbers, 100, 20);
            assert!(reed_solomon_accepts(&good, 20), "round {round}");
            let mut bad = good.clone();
            let mut sure: Vec<u16> = (0..800).map(|_| 80 + numbers.below(80) as u16).collect();
            // Sixteen codewords with one bad bit each, and bits as unsure that are right.
            for place in 0..16 {
                bad[place * 6] ^= 0x80 >> (place % 8);
                sure[place * 48 + place % 8] = numbers.below(40) as u16;
                sure[place * 48 + 17] = numbers.below(40) as u16;
            }
            assert_eq!(correct(&mut bad, &sure, 20, 28.0), Some(16), "round {round}");
            assert_eq!(bad, good, "round {round}");
        }
    }

    fn reed_solomon_accepts(block: &[u8], check: usize) -> bool {
        let mut copy = block.to_vec();
        crate::reed_solomon::correct(&mut copy, check, &[]).is_some_and(|done| done.errors == 0)
    }

    #[test]
    fn noise_is_left_as_it_was() {
        let mut numbers = Numbers(23);
        for round in 0..200 {
            let noise: Vec<u8> = (0..44).map(|_| numbers.below(256) as u8).collect();
            let sure: Vec<u16> = (0..44 * 8).map(|_| numbers.below(160) as u16).collect();
            let mut copy = noise.clone();
            assert_eq!(correct(&mut copy, &sure, 10 + round % 8, 28.0), None, "round {round}");
            assert_eq!(copy, noise, "round {round}");
        }
    }

    #[test]
    fn the_bound_counts_no_fewer_ways_than_there_are() {
        // Of twelve bits with these weights, the ways of each cost are counted one by one.
        let sure: Vec<u16> = vec![1, 2, 3, 5, 8, 9, 12, 15, 20, 25, 30, 40];
        for limit in [0u32, 5, 17, 40, 80] {
            let cost = |way: usize| -> u32 { (0..12).map(|i| (way >> i & 1) as u32 * u32::from(sure[i])).sum() };
            let ways = (0..1usize << 12).filter(|&way| cost(way) <= limit).count() as f32;
            assert!(proof_bits(64, &sure, limit) <= 64.0 - ways.log2() + 1e-3, "cost {limit}");
        }
    }
}
