//! A sheet of the photographs that only the first reader reads, each with the text: claims that a person can check.

use std::path::Path;

use font8x8::UnicodeFonts;
use image::{ExtendedColorType, GrayImage, Luma, imageops};

use super::picture::Gray;

/// Side of a picture on the sheet, in pixels.
const SIDE: u32 = 300;
/// Pictures in a row.
const ACROSS: u32 = 5;
/// Lines of text below a picture, and pixels of a line: letters are 8×8.
const LINES: usize = 5;
const LINE: u32 = 11;
/// Pixels of a cell: a picture, its lines, and a margin.
const CELL: (u32, u32) = (SIDE + 12, SIDE + LINES as u32 * LINE + 12);

/// One photograph with what was read of it.
pub struct Cell {
    picture: GrayImage,
    lines: Vec<String>,
}

impl Cell {
    /// `title` stands above the texts. The picture is cut to the code, with as much around it as it is wide.
    pub fn new(gray: &Gray, title: &str, text: &str, corners: &[[f32; 2]]) -> Self {
        let bounds = |axis: usize, length: usize| {
            let (low, high) = corners
                .iter()
                .fold((f32::MAX, f32::MIN), |(low, high), corner| (low.min(corner[axis]), high.max(corner[axis])));
            let room = (high - low).max(40.0) * 0.5;
            let from = (low - room).clamp(0.0, length as f32 - 1.0) as usize;
            (from, ((high + room).clamp(0.0, length as f32) as usize).max(from + 1))
        };
        let (left, right) = bounds(0, gray.width);
        let (top, bottom) = bounds(1, gray.height);
        let cut = GrayImage::from_fn((right - left) as u32, (bottom - top) as u32, |x, y| {
            Luma([gray.luma[(top + y as usize) * gray.width + left + x as usize]])
        });
        let scale = SIDE as f32 / cut.width().max(cut.height()) as f32;
        let side = |length: u32| ((length as f32 * scale) as u32).clamp(1, SIDE);
        let picture = imageops::resize(&cut, side(cut.width()), side(cut.height()), imageops::FilterType::Triangle);
        let across = (SIDE / 8) as usize;
        let letters: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut lines = vec![title.to_owned()];
        lines.extend(letters.chunks(across).take(LINES - 1).map(|line| line.iter().collect()));
        Self { picture, lines }
    }
}

/// Writes the sheet as a PNG file.
///
/// # Errors
/// A sentence that names the file.
pub fn write(path: &Path, cells: &[Cell]) -> Result<(), String> {
    let rows = (cells.len() as u32).div_ceil(ACROSS).max(1);
    let mut sheet = GrayImage::from_pixel(CELL.0 * ACROSS, CELL.1 * rows, Luma([255]));
    for (cell, number) in cells.iter().zip(0..) {
        let (left, top) = (number % ACROSS * CELL.0, number / ACROSS * CELL.1);
        imageops::replace(&mut sheet, &cell.picture, i64::from(left), i64::from(top));
        for (line, below) in cell.lines.iter().zip(0..) {
            write_line(&mut sheet, line, left, top + SIDE + 4 + below * LINE);
        }
    }
    image::save_buffer(path, &sheet, sheet.width(), sheet.height(), ExtendedColorType::L8)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Letters that the font does not have are shown as a box.
fn write_line(sheet: &mut GrayImage, line: &str, left: u32, top: u32) {
    for (letter, number) in line.chars().zip(0..) {
        let glyph = font8x8::BASIC_FONTS.get(letter).or_else(|| font8x8::LATIN_FONTS.get(letter)).unwrap_or([0x7e; 8]);
        for (row, y) in glyph.iter().zip(top..) {
            for x in (0..8).filter(|x| row >> x & 1 == 1) {
                if let Some(pixel) = sheet.get_pixel_mut_checked(left + number * 8 + x, y) {
                    *pixel = Luma([0]);
                }
            }
        }
    }
}
