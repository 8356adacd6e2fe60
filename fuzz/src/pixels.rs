//! Pixels → text, up to 128 a side: pixels as they come; noise, stripes, rings and symbols in any pose; a plain symbol.
//!
//! What is read is the text of a symbol in the picture. A plain symbol must be read.

use std::cell::RefCell;

use arbitrary::{Result, Unstructured};
use qrscan::{Reader, Reading};

use crate::Budget;
use crate::drawing::{Drawn, Layouts, draw};
use crate::numbers::Numbers;

const SIDE_MAX: usize = 128;
/// Largest version that fits with modules of three pixels and a quiet zone of two modules.
const VERSION_MAX: u8 = 5;
/// A camera's picture takes at most 50 ms; so small a one less, even with coverage and checks.
const BUDGET: Budget = Budget { heap_bytes_max: 1024 * 1024, cpu_ms_max: 100 };

thread_local! {
    static LAYOUTS: RefCell<Layouts> = RefCell::default();
    /// Kept from picture to picture, as the kiosk does.
    static READER: RefCell<Reader> = RefCell::default();
}

/// The target.
pub fn check(input: &[u8]) {
    let mut u = Unstructured::new(input);
    // An input that ends early says nothing more: zeros.
    let _ = match input.first().map(|kind| kind % 8) {
        Some(0) => any(&mut u),
        Some(1..=2) => plain(&mut u),
        _ => scene(&mut u),
    };
}

/// Reads with the kept reader; at times also with a new one, which must see the same.
fn read(luma: &[u8], width: usize, height: usize, twice: bool) -> Reading {
    let reading = READER.with_borrow_mut(|reader| BUDGET.spend(|| reader.read(luma, width, height)));
    if twice {
        assert_eq!(reading, Reader::new().read(luma, width, height), "the picture before left a trace");
    }
    for code in &reading.codes {
        assert!(code.corners.as_flattened().iter().all(|place| place.is_finite()), "{code:?}");
    }
    reading
}

/// Pixels as they come, repeated until the picture is full; at times fewer than it needs.
fn any(u: &mut Unstructured) -> Result<()> {
    let choice = u.arbitrary::<u8>()? >> 3;
    let (width, height) = (usize::from(u.arbitrary::<u8>()?), usize::from(u.arbitrary::<u8>()?));
    let (width, height) = (width.min(SIDE_MAX), height.min(SIDE_MAX));
    let given = u.bytes(u.len())?;
    let count = if choice == 0 { given.len().min(width * height) } else { width * height };
    let luma: Vec<u8> = given.iter().copied().chain(std::iter::once(0)).cycle().take(count).collect();
    let reading = read(&luma, width, height, choice == 1);
    assert!(reading.codes.is_empty(), "{reading:?}");
    Ok(())
}

/// A symbol with modules of whole pixels and a quiet zone, turned, mirrored or inverted.
fn plain(u: &mut Unstructured) -> Result<()> {
    let _: u8 = u.arbitrary()?;
    let drawn = LAYOUTS.with_borrow_mut(|layouts| draw(u, layouts, VERSION_MAX))?;
    let size = drawn.layout.size;
    let module = u.int_in_range(3..=SIDE_MAX / (size + 4))?;
    let (turn, dark, light): (u8, u8, u8) = (u.arbitrary()?, u.arbitrary()?, u.arbitrary()?);
    let (dark, light) = (dark % 64, 128 + light % 128);
    let (dark, light) = if turn & 8 == 0 { (dark, light) } else { (light, dark) };
    let side = module * (size + 8).min(SIDE_MAX / module);
    let quiet = (side - module * size) / 2;
    let mut luma = vec![light; side * side];
    for y in 0..module * size {
        for x in 0..module * size {
            let (mut row, mut column) = (y / module, x / module);
            if turn & 1 != 0 {
                row = size - 1 - row;
            }
            if turn & 2 != 0 {
                column = size - 1 - column;
            }
            if turn & 4 != 0 {
                (row, column) = (column, row);
            }
            if drawn.dark[row * size + column] {
                luma[(quiet + y) * side + quiet + x] = dark;
            }
        }
    }
    let reading = read(&luma, side, side, turn & 16 != 0);
    match (&drawn.says, reading.codes.as_slice()) {
        (Some(said), [code]) => assert_eq!(code.bytes, said.bytes),
        (Some(said), codes) => panic!("{said:?} is read as {codes:?}"),
        (None, _) => {}
    }
    Ok(())
}

/// Layers over each other.
fn scene(u: &mut Unstructured) -> Result<()> {
    let _: u8 = u.arbitrary()?;
    let (width, height) = (u.int_in_range(1..=SIDE_MAX)?, u.int_in_range(1..=SIDE_MAX)?);
    let mut luma = vec![u.arbitrary()?; width * height];
    let mut drawn = Vec::new();
    let choice: u8 = u.arbitrary()?;
    for _ in 0..1 + choice % 6 {
        layer(u, &mut luma, (width, height), &mut drawn)?;
    }
    let reading = read(&luma, width, height, choice >= 240);
    for code in reading.codes {
        // Codewords that were not written as segments may say anything.
        let right = drawn.iter().any(|drawn| drawn.says.as_ref().is_none_or(|said| said.bytes == code.bytes));
        assert!(right, "{code:?} in a picture without it");
    }
    Ok(())
}

fn layer(u: &mut Unstructured, luma: &mut [u8], (width, height): (usize, usize), drawn: &mut Vec<Drawn>) -> Result<()> {
    let kind: u8 = u.arbitrary()?;
    let (x0, y0) = (usize::from(u.arbitrary::<u8>()?) % width, usize::from(u.arbitrary::<u8>()?) % height);
    let (dark, light): (u8, u8) = (u.arbitrary()?, u.arbitrary()?);
    match kind % 8 {
        0 => {
            let (mut numbers, amplitude) = (Numbers(u.arbitrary()?), 1 + usize::from(dark) / 2);
            for pixel in luma {
                *pixel = pixel.saturating_add_signed((numbers.below(amplitude) as i16 - amplitude as i16 / 2) as i8);
            }
        }
        1 => {
            let period = 1 + usize::from(kind / 8);
            for (i, pixel) in luma.iter_mut().enumerate() {
                let along = if kind & 8 == 0 { i % width } else { i / width };
                *pixel = if (along / period).is_multiple_of(2) { dark } else { light };
            }
        }
        2 => {
            // Squares in squares, as finder patterns are.
            for ring in 0..usize::from(kind / 8) {
                let shade = if ring % 2 == 0 { dark } else { light };
                for y in y0 + ring..(y0 + 30).saturating_sub(ring).min(height) {
                    for x in x0 + ring..(x0 + 30).saturating_sub(ring).min(width) {
                        luma[y * width + x] = shade;
                    }
                }
            }
        }
        3 => {
            // Light that falls off along the rows.
            for (i, pixel) in luma.iter_mut().enumerate() {
                *pixel = (usize::from(*pixel) * (64 + 192 * (i / width) / height) / 256) as u8;
            }
        }
        4 => {
            // The mean of neighbours.
            let before = luma.to_vec();
            for (i, pixel) in luma.iter_mut().enumerate() {
                let near = [i, i.saturating_sub(1), (i + 1).min(before.len() - 1), i.saturating_sub(width)];
                *pixel = (near.iter().map(|&i| u16::from(before[i])).sum::<u16>() / 4) as u8;
            }
        }
        _ => {
            let symbol = LAYOUTS.with_borrow_mut(|layouts| draw(u, layouts, VERSION_MAX))?;
            place(u, luma, (width, height), &symbol, (dark, light), (x0, y0))?;
            drawn.push(symbol);
        }
    }
    Ok(())
}

/// Draws a symbol turned, slanted and in perspective.
fn place(
    u: &mut Unstructured,
    luma: &mut [u8],
    (width, height): (usize, usize),
    symbol: &Drawn,
    (dark, light): (u8, u8),
    (x0, y0): (usize, usize),
) -> Result<()> {
    let size = symbol.layout.size;
    let module = 1.0 + f32::from(u.arbitrary::<u8>()?) / 50.0;
    let mut small = || Ok(f32::from(u.arbitrary::<i8>()?) / 128.0);
    let (turn, slant, near_x, near_y) = (small()? * std::f32::consts::PI, small()? * 0.5, small()?, small()?);
    let (sin, cos) = turn.sin_cos();
    for y in 0..height {
        for x in 0..width {
            let (dx, dy) = (x as f32 - x0 as f32 / 2.0, y as f32 - y0 as f32 / 2.0);
            let depth = 1.0 + (near_x * dx + near_y * dy) / 400.0;
            let (a, b) = ((cos * dx + sin * dy) / module / depth, (cos * dy - sin * dx) / module / depth);
            let (column, row) = (a + slant * b, b);
            // A quiet zone of two modules.
            let inside = -2.0..size as f32 + 2.0;
            if inside.contains(&column) && inside.contains(&row) {
                let on = column >= 0.0 && row >= 0.0 && column < size as f32 && row < size as f32;
                let is_dark = on && symbol.dark[row as usize * size + column as usize];
                luma[y * width + x] = if is_dark { dark } else { light };
            }
        }
    }
    Ok(())
}
