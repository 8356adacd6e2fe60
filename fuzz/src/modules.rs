//! Modules → text: a true symbol, damaged; or modules as they come.
//!
//! What is read is what was written, or nothing. Where the damage is within what ISO/IEC 18004 can correct and the reader
//! promises to believe, it must be read.

use std::cell::RefCell;

use arbitrary::{Result, Unstructured};
use qrscan::symbol::{Effort, Modules, read};

use crate::Budget;
use crate::drawing::{Drawn, Layout, Layouts, draw};
use crate::numbers::Numbers;

/// How sure an undamaged module is.
const SURE: i16 = 100;
/// The heap holds what says which modules of the largest version carry data (31 KiB), and its codewords a few times.
const BUDGET: Budget = Budget { heap_bytes_max: 256 * 1024, cpu_ms_max: 100 };
/// The reader believes a correction from 28 bits of proof on (`docs/qrscan.md`); one more where both round.
const PROOF_BITS_MIN: f64 = 29.0;

thread_local! {
    static LAYOUTS: RefCell<Layouts> = RefCell::default();
}

/// The target.
pub fn check(input: &[u8]) {
    let mut u = Unstructured::new(input);
    // An input that ends early says nothing more: zeros.
    let misread = if input.first().is_some_and(|kind| kind % 8 == 7) { any(&mut u) } else { damaged(&mut u) };
    // Beyond what can be corrected: by chance at most once in 2²⁸ attempts at a block. `scripts/fuzz.sh` counts these lines.
    if let Ok(Some(what)) = misread {
        eprintln!("misread: {what}; input {input:02x?}");
    }
}

/// Modules as they come, in the size of a small version. What was read is a misreading.
fn any(u: &mut Unstructured) -> Result<Option<String>> {
    let choice = u.arbitrary::<u8>()? >> 3;
    let size = 21 + 4 * usize::from(choice & 3);
    // Up to the ends of the range: a module of i16::MIN has no opposite.
    let scale = if choice & 4 == 0 { 1 } else { 256 };
    let mut bytes = vec![0; size * size];
    u.fill_buffer(&mut bytes)?;
    let seen = bytes.iter().map(|&byte| i16::from(byte as i8) * scale).collect();
    let modules = Modules::new(size, seen).expect("the size of a version");
    let symbol = BUDGET.spend(|| read(&modules, effort(choice & 8 == 0)));
    Ok(symbol.map(|symbol| format!("{symbol:?} in modules without a symbol")))
}

/// A symbol with some damage. What was read and not written is a misreading.
fn damaged(u: &mut Unstructured) -> Result<Option<String>> {
    let choice: u8 = u.arbitrary()?;
    let drawn = LAYOUTS.with_borrow_mut(|layouts| draw(u, layouts, 40))?;
    let mut seen: Vec<i16> = drawn.dark.iter().map(|&dark| if dark { SURE } else { -SURE }).collect();
    for _ in 0..u.int_in_range(0..=7u8)? {
        damage(u, &mut seen, &drawn.layout)?;
    }
    let must = must_be_read(&drawn, &seen);
    let modules = Modules::new(drawn.layout.size, seen).expect("an encoder's symbol has a version's size");
    let symbol = BUDGET.spend(|| read(&modules, effort(choice & 0x80 == 0)));
    match (symbol, &drawn.says) {
        (Some(symbol), Some(said)) => {
            // A codeword of a higher level is one of a lower level too, where both have as many blocks: where the format is
            // damaged, the text may be right and the level not.
            let right = said.is(&symbol.message);
            let whole = (symbol.version, symbol.level, symbol.mask) == (drawn.version, drawn.level, drawn.mask)
                && symbol.message.padded_as_specified;
            assert!(!must || right && whole, "{symbol:?}, and the symbol says {said:?}");
            Ok((!right).then(|| format!("{symbol:?}, and the symbol says {said:?}")))
        }
        (None, Some(said)) => {
            assert!(!must, "{said:?} is not read");
            Ok(None)
        }
        // Codewords that were not written as segments may say anything, and what says nothing is not read.
        (_, None) => Ok(None),
    }
}

fn effort(thorough: bool) -> Effort {
    if thorough { Effort::Thorough } else { Effort::Quick }
}

fn damage(u: &mut Unstructured, seen: &mut [i16], layout: &Layout) -> Result<()> {
    let size = layout.size;
    let kind: u8 = u.arbitrary()?;
    match kind % 8 {
        // A rectangle that is turned over, not seen, dark, or light.
        0..=3 => {
            let (row, column) = (u.int_in_range(0..=size - 1)?, u.int_in_range(0..=size - 1)?);
            let side = u.arbitrary::<u8>()?;
            let (height, width) = (1 + usize::from(side >> 4), 1 + usize::from(side & 15));
            for row in row..(row + height).min(size) {
                for module in &mut seen[row * size + column..row * size + (column + width).min(size)] {
                    *module = [-*module, 0, SURE, -SURE][usize::from(kind % 4)];
                }
            }
        }
        // Single modules.
        4 => {
            for _ in 0..1 + kind / 32 {
                let module = &mut seen[u.int_in_range(0..=size * size - 1)?];
                *module = if kind & 8 == 0 { -*module } else { 0 };
            }
        }
        // Whole codewords, which is what correction counts.
        5 => {
            let first = u.int_in_range(0..=layout.block.len() - 1)?;
            let hit = first..=first + usize::from(kind / 8);
            for (i, module) in seen.iter_mut().enumerate() {
                if layout.word(i).is_some_and(|word| hit.contains(&word)) {
                    *module = if kind & 8 == 0 { -*module } else { 0 };
                }
            }
        }
        // A share of all modules turned over or not seen.
        6 => {
            let (mut numbers, percent) = (Numbers(u.arbitrary()?), 1 + usize::from(kind / 8));
            for module in seen {
                if numbers.below(100) < percent {
                    *module = if kind & 8 == 0 { -*module } else { 0 };
                }
            }
        }
        // All modules less or more sure, some of them wrong.
        _ => {
            let (mut numbers, noise) = (Numbers(u.arbitrary()?), 1 + usize::from(kind / 8) * 8);
            for module in seen {
                *module += numbers.below(2 * noise + 1) as i16 - noise as i16;
            }
        }
    }
    Ok(())
}

/// Whether the format is as drawn and the damage to each block can be corrected with enough proof.
fn must_be_read(drawn: &Drawn, seen: &[i16]) -> bool {
    let Layout { size, ref block, check, .. } = *drawn.layout;
    let right = |i: usize| if drawn.dark[i] { seen[i] > 0 } else { seen[i] < 0 };
    let format = (0..9).chain(size - 8..size).flat_map(|i| [8 * size + i, i * size + 8]);
    if !format.clone().all(right) {
        return false;
    }
    let (mut unseen, mut wrong) = (vec![false; block.len()], vec![false; block.len()]);
    for (i, &module) in seen.iter().enumerate() {
        if let Some(word) = drawn.layout.word(i) {
            unseen[word] |= module == 0;
            wrong[word] |= !right(i);
        }
    }
    let blocks = usize::from(block.iter().copied().max().unwrap_or(0)) + 1;
    let mut counts = vec![(0, 0, 0); blocks];
    for (place, block) in block.iter().enumerate() {
        let (length, erasures, errors) = &mut counts[usize::from(*block)];
        *length += 1;
        *erasures += usize::from(unseen[place]);
        *errors += usize::from(wrong[place] && !unseen[place]);
    }
    counts.iter().all(|&(length, erasures, errors)| {
        let ways: f64 = (0..errors).map(|i| ((length - i) as f64 / (i + 1) as f64).log2()).sum();
        2 * errors + erasures <= check && 8.0 * (check as f64 - (erasures + errors) as f64) - ways >= PROOF_BITS_MIN
    })
}
