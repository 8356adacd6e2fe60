//! The one entry point: gray pixels in, what was read and what hindered it out.

use crate::binarize::Bits;
use crate::finder::{self, Candidate};
use crate::geometry::Point;
use crate::grid::{self, Grid, Level};
use crate::image::{Gray, halve};
use crate::locate::{self, Triple};
use crate::outline::{self, Finder};
use crate::sample::Grays;
use crate::segments::StructuredAppend;
use crate::symbol::{self, Correction, Effort, Modules, Symbol};
use crate::version;

/// A code read.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// By ECI; else UTF-8 where valid; else Shift-JIS where valid; else Latin-1.
    pub text: String,
    /// The bytes as encoded.
    pub bytes: Vec<u8>,
    /// Corners as printed: top left, top right, bottom right, bottom left; in pixels, (0, 0) the image's corner.
    pub corners: [[f32; 2]; 4],
    /// 1 to 40.
    pub version: u8,
    pub level: version::Level,
    /// Seen from behind or in a mirror.
    pub mirrored: bool,
    /// Light on dark.
    pub inverted: bool,
    pub correction: Correction,
    pub structured_append: Option<StructuredAppend>,
    /// FNC1: the text follows GS1 or an industry's own format.
    pub fnc1: bool,
}

/// What one image gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub codes: Vec<Code>,
}

/// Reads codes; keeps its buffers from one image to the next.
#[derive(Debug, Default)]
pub struct Reader {
    levels: Vec<Vec<u8>>,
    bits: Bits,
    edges: Vec<u16>,
    candidates: Vec<Candidate>,
    grays: Grays,
    modules: Modules,
}

/// Longest side that is taken; more is cut to nothing rather than risk an overflow.
const SIDE_MAX: usize = 32_768;

impl Reader {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the codes in an image of 8-bit gray, row by row. `luma` shorter than `width · height` reads nothing.
    pub fn read(&mut self, luma: &[u8], width: usize, height: usize) -> Reading {
        let mut reading = Reading::default();
        if width > SIDE_MAX || height > SIDE_MAX || width < 16 || height < 16 || luma.len() < width * height {
            return reading;
        }
        let full = Gray { pixels: &luma[..width * height], width, height };
        let mut levels = std::mem::take(&mut self.levels);
        let pyramid = Pyramid::build(full, &mut levels);
        let order: &[usize] = if width.max(height) > 500 { &[1, 0, 2] } else { &[0, 1] };
        for &index in order {
            if index >= pyramid.count {
                continue;
            }
            self.pass(&pyramid, index, &mut reading);
            if !reading.codes.is_empty() {
                break;
            }
        }
        self.levels = levels;
        reading
    }

    /// One scan for finder patterns at one level of the pyramid, and the codes that they lead to.
    fn pass(&mut self, pyramid: &Pyramid, index: usize, reading: &mut Reading) {
        let scanned = pyramid.level(index);
        self.bits.fill(scanned.gray, 20);
        finder::scan(&self.bits, 1, &mut self.edges, &mut self.candidates);
        let to_full = 1.0 / scanned.scale;
        let mut finders: Vec<Finder> = Vec::new();
        self.candidates.sort_by(|a, b| (b.rows as f32 / b.height).total_cmp(&(a.rows as f32 / a.height)));
        for candidate in self.candidates.iter().take(100) {
            let module = (candidate.width + candidate.height) / 14.0 * to_full;
            let level = pyramid.for_module(module);
            if let Some(mut finder) = outline::fit(level.gray, candidate, to_full * level.scale) {
                finder.centre = finder.centre * to_full;
                finder.axes = finder.axes.map(|a| a * to_full);
                let twin = finders.iter().any(|f| (f.centre - finder.centre).length() < finder.module() * 2.0);
                if !twin {
                    finders.push(finder);
                }
            }
        }
        if std::env::var("QRSCAN_DEBUG").is_ok() {
            eprintln!("level {index}: {} candidates {} finders", self.candidates.len(), finders.len());
            for f in &finders {
                eprintln!("  {:?} module {:.2} error {:.3} {:.0}-{:.0} inv {}", f.centre, f.module(), f.error, f.dark, f.light, f.inverted);
            }
        }
        let mut taken = vec![false; finders.len()];
        for triple in locate::triples(&finders, 200) {
            if triple.members.iter().any(|&m| taken[m]) {
                continue;
            }
            if let Some(code) = self.try_triple(pyramid, &triple) {
                for member in triple.members {
                    taken[member] = true;
                }
                if !reading.codes.iter().any(|known| known.text == code.text && near(known, &code)) {
                    reading.codes.push(code);
                }
            }
        }
    }

    fn try_triple(&mut self, pyramid: &Pyramid, triple: &Triple) -> Option<Code> {
        let module = triple.corner.module().min(triple.right.module()).min(triple.below.module());
        let level = pyramid.for_module(module);
        let debug = std::env::var("QRSCAN_DEBUG").is_ok();
        if debug {
            eprintln!("triple {:?} size {:.1} strain {:.2}", triple.members, triple.size, triple.strain);
        }
        let mut best = Vec::new();
        for size in grid::sizes(triple, level) {
            let Some(grid) = grid::lay(triple, size, level) else { continue };
            let timing = grid::timing(&grid, level, triple);
            if debug {
                eprintln!("  size {size} timing {timing:.2} alignment {}/{}", grid.found, grid.sought);
            }
            best.push((timing, grid));
            if timing > 0.9 {
                break;
            }
        }
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (timing, grid) in best.iter().take(2) {
            if *timing < 0.3 {
                break;
            }
            if let Some(code) = self.decode(grid, level, triple) {
                return Some(code);
            }
        }
        None
    }

    fn decode(&mut self, grid: &Grid, level: Level, triple: &Triple) -> Option<Code> {
        self.grays.take(grid, level);
        let inverted = triple.corner.inverted;
        for sharpen in [0, 8] {
            self.grays.modules(inverted, sharpen, &mut self.modules);
            if let Some(symbol) = symbol::read(&self.modules, Effort::Thorough) {
                return Some(code(symbol, grid, false, inverted));
            }
            if let Some(symbol) = symbol::read(&self.modules.transposed(), Effort::Quick) {
                return Some(code(symbol, grid, true, inverted));
            }
        }
        None
    }
}

fn near(a: &Code, b: &Code) -> bool {
    let middle = |c: &Code| {
        let sum = c.corners.iter().fold(Point::default(), |s, p| s + Point::new(p[0], p[1]));
        sum * 0.25
    };
    let side = Point::new(a.corners[1][0] - a.corners[0][0], a.corners[1][1] - a.corners[0][1]).length();
    (middle(a) - middle(b)).length() < side * 0.5
}

fn code(symbol: Symbol, grid: &Grid, mirrored: bool, inverted: bool) -> Code {
    let corners = grid.corners().map(|p| [p.x, p.y]);
    let corners = if mirrored { [corners[0], corners[3], corners[2], corners[1]] } else { corners };
    Code {
        text: symbol.message.text,
        bytes: symbol.message.bytes,
        corners,
        version: symbol.version,
        level: symbol.level,
        mirrored,
        inverted,
        correction: symbol.correction,
        structured_append: symbol.message.structured_append,
        fnc1: symbol.message.fnc1,
    }
}

/// The image, and its reductions by two, four and eight.
struct Pyramid<'a> {
    levels: [Gray<'a>; 4],
    count: usize,
}

impl<'a> Pyramid<'a> {
    fn build(full: Gray<'a>, buffers: &'a mut Vec<Vec<u8>>) -> Self {
        buffers.resize_with(3, Vec::new);
        let mut sizes = [(full.width, full.height); 4];
        let mut count = 1;
        for i in 0..3 {
            let (done, rest) = buffers.split_at_mut(i);
            let (width, height) = sizes[i];
            if width < 48 || height < 48 {
                break;
            }
            let from = if i == 0 { full } else { Gray { pixels: &done[i - 1], width, height } };
            sizes[i + 1] = halve(from, &mut rest[0]);
            count = i + 2;
        }
        let mut levels = [full; 4];
        for i in 1..count {
            levels[i] = Gray { pixels: &buffers[i - 1], width: sizes[i].0, height: sizes[i].1 };
        }
        Self { levels, count }
    }

    fn level(&self, index: usize) -> Level<'a> {
        Level { gray: self.levels[index], scale: 1.0 / (1 << index) as f32 }
    }

    /// The level where a module of `pixels` is three to six pixels wide: there a pixel is the mean of what it covers.
    fn for_module(&self, pixels: f32) -> Level<'a> {
        let mut index = 0;
        let mut module = pixels;
        while module >= 6.0 && index + 1 < self.count {
            index += 1;
            module /= 2.0;
        }
        self.level(index)
    }
}
