//! The one entry point: gray pixels in, what was read and what hindered it out.

use crate::binarize::Thresholds;
use crate::finder::{self, Candidate};
use crate::geometry::{Homography, Point};
use crate::grid::{self, Grid, Level, Size, Trust};
use crate::hint::{self, Hindrance};
use crate::image::{Gray, halve};
use crate::locate::{self, Triple};
use crate::outline::{self, Care, Finder};
use crate::register;
use crate::sample::{Grays, Pick};
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
    /// What hindered the reading; empty where a code was read, and where nothing is known to have hindered it.
    pub hindrances: Vec<Hindrance>,
}

/// Reads codes; keeps its buffers from one image to the next.
#[derive(Debug, Default)]
pub struct Reader {
    levels: Vec<Vec<u8>>,
    thresholds: Thresholds,
    words: Vec<u64>,
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

    /// Reads the codes in an image of 8-bit gray, row by row.
    ///
    /// Nothing is read where `luma` is shorter than `width · height` or a side is below 16 or above 32,768 pixels.
    pub fn read(&mut self, luma: &[u8], width: usize, height: usize) -> Reading {
        self.read_or(luma, width, height, WORK_MAX, &mut |_| None)
    }

    /// As [`Reader::read`] with a bound of its own on the work; where that reads nothing, `otherwise` may, from what was
    /// located.
    pub(crate) fn read_or(
        &mut self,
        luma: &[u8],
        width: usize,
        height: usize,
        work_max: usize,
        otherwise: &mut dyn FnMut(Unread) -> Option<Code>,
    ) -> Reading {
        let mut reading = Reading::default();
        if width > SIDE_MAX || height > SIDE_MAX || width < 16 || height < 16 || luma.len() < width * height {
            return reading;
        }
        let full = Gray { pixels: &luma[..width * height], width, height };
        let mut levels = std::mem::take(&mut self.levels);
        let pyramid = Pyramid::build(full, &mut levels);
        let order: &[usize] = if pyramid.is_large() { &[1, 0, 2, 3] } else { &[0, 1, 2] };
        let mut search = Search { work: Work { done: 0, max: work_max }, ..Search::default() };
        let care = if width * height <= SMALL_AREA { Care::Patient } else { Care::Brisk };
        for &index in order {
            if index >= pyramid.count {
                continue;
            }
            if self.find(&pyramid, index, care, &mut search) {
                self.read_found(&pyramid, &mut search);
            }
            if !search.codes.is_empty() {
                break;
            }
        }
        // One good finder pattern says that there is a code: look again, more patiently.
        if search.codes.is_empty() && search.finders.iter().any(|f| f.error < EVIDENCE_ERROR) {
            for index in [1, 0] {
                let open = index < pyramid.count && search.codes.is_empty();
                if open && self.find(&pyramid, index, Care::Patient, &mut search) {
                    self.read_found(&pyramid, &mut search);
                }
            }
        }
        if search.codes.is_empty() {
            self.read_completed(&pyramid, &mut search);
        }
        if search.codes.is_empty() {
            let mut work = search.work;
            search.pending.sort_by(|a, b| b.agreement.total_cmp(&a.agreement));
            let code = search
                .pending
                .iter()
                .filter(|p| p.agreement >= THOROUGH_AGREEMENT_MIN)
                .take(PENDING_MAX)
                .find_map(|one| self.try_thoroughly(&pyramid, one, &mut work));
            search.codes.extend(code);
            search.work = work;
        }
        if search.codes.is_empty() {
            let levels: Vec<Level> = (0..pyramid.count).map(|index| pyramid.level(index)).collect();
            let located = |one: &Pending| one.agreement >= THOROUGH_AGREEMENT_MIN;
            let located: Vec<&Pending> = search.pending.iter().filter(|one| located(one)).collect();
            let located = located.into_iter().map(|one| Located {
                grid: &one.grid,
                module: one.module,
                inverted: one.inverted,
                level: pyramid.for_module(one.module),
            });
            let located = located.collect::<Vec<_>>();
            let code = otherwise(Unread { levels: &levels, located: &located, work: search.work.done });
            search.codes.extend(code);
        }
        if search.codes.is_empty() {
            let whole = search.pending.iter().any(|p| p.agreement >= THOROUGH_AGREEMENT_MIN);
            reading.hindrances = hint::hindrances(self.thresholds.cell_means(), &search.finders, whole);
        }
        reading.codes = outermost(search.codes);
        self.levels = levels;
        reading
    }

    /// Scans one level of the pyramid and adds the finder patterns that it shows; whether there are any to add.
    fn find(&mut self, pyramid: &Pyramid, index: usize, care: Care, search: &mut Search) -> bool {
        let scanned = pyramid.level(index);
        let half = (index == 0 && pyramid.is_large()).then(|| pyramid.level(1).gray);
        let binary = self.thresholds.take(scanned.gray, half);
        let row_step = match care {
            Care::Patient => 1,
            Care::Brisk if index == 0 => ROW_STEP_FULL,
            Care::Brisk => ROW_STEP,
        };
        finder::scan(&binary, row_step, (&mut self.words, &mut self.edges), &mut self.candidates);
        let to_full = 1.0 / scanned.scale;
        self.candidates.sort_by(|a, b| b.likeness(row_step).total_cmp(&a.likeness(row_step)));
        let (mut chances, mut any) = (0, false);
        // A few candidates may be looked at patiently from the start.
        let care = if self.candidates.len() <= FEW { Care::Patient } else { care };
        for candidate in self.candidates.iter().take(OUTLINES_MAX) {
            if care == Care::Brisk && search.finders.len() >= locate::FINDERS_MAX {
                break;
            }
            if care == Care::Brisk && !candidate.is_steady(row_step) {
                continue;
            }
            let module = candidate.module() * to_full;
            let level = pyramid.for_module(module);
            let Some(mut finder) = outline::fit(level.gray, candidate, to_full * level.scale, care) else {
                chances += 1;
                if care == Care::Brisk && chances > CHANCES_MAX {
                    break;
                }
                continue;
            };
            finder.centre = finder.centre * to_full;
            finder.axes = finder.axes.map(|a| a * to_full);
            let twin = |f: &&mut Finder| (f.centre - finder.centre).length() < finder.module() * 2.0;
            match search.finders.iter_mut().find(twin) {
                Some(known) if finder.error < known.error => *known = finder,
                Some(_) => continue,
                None => search.finders.push(finder),
            }
            any = true;
        }
        search.finders.sort_by(|a, b| a.error.total_cmp(&b.error));
        trace!("level {index}: {} candidates, {} finders", self.candidates.len(), search.finders.len());
        for f in &search.finders {
            let (module, error) = (f.module(), f.error);
            trace!(
                "  {:.0?} module {module:.2} error {error:.3} {:.0}-{:.0} {}",
                f.centre, f.dark, f.light, f.inverted
            );
        }
        any
    }

    /// Reads what the finder patterns found so far lead to.
    fn read_found(&mut self, pyramid: &Pyramid, search: &mut Search) {
        let triples = locate::triples(&search.finders, TRIPLES_MAX);
        self.read_triples(pyramid, &triples, search);
    }

    /// Reads where only two finder patterns of a symbol are whole.
    fn read_completed(&mut self, pyramid: &Pyramid, search: &mut Search) {
        let triples = locate::completed(&search.finders, PAIRS_MAX, |place, like, reach| {
            grid::find_finder(pyramid.for_module(like.module()), place, like, reach)
        });
        self.read_triples(pyramid, &triples, search);
    }

    fn read_triples(&mut self, pyramid: &Pyramid, triples: &[Triple], search: &mut Search) {
        let mut hypotheses = Vec::new();
        for (n, triple) in triples.iter().enumerate() {
            // The same three come up in each pass; what was tried once is not tried again.
            let key = [triple.corner, triple.right, triple.below].map(|f| [f.centre.x.to_bits(), f.centre.y.to_bits()]);
            if search.tried.contains(&key) {
                continue;
            }
            search.tried.push(key);
            let level = pyramid.for_module(triple.module());
            for Size { modules: size, spelled } in grid::sizes(triple, level) {
                let timing = grid::timing(size, level, triple) + if spelled { 1.0 } else { 0.0 };
                trace!(
                    "    {:?} {:.1} as {size}: strain {:.2} timing {timing:.2}",
                    triple.members, triple.size, triple.strain
                );
                if timing >= timing_min(size)
                    && let Some(map) = grid::map_of_finders(triple, size)
                {
                    hypotheses.push(Hypothesis { triple: n, size, map, timing });
                }
                if timing > TIMING_SURE {
                    break;
                }
            }
        }
        trace!("{} triples, {} hypotheses", triples.len(), hypotheses.len());
        hypotheses.sort_by(|a, b| b.timing.total_cmp(&a.timing));
        let mut taken = vec![false; search.finders.len()];
        for hypothesis in hypotheses.iter().take(HYPOTHESES_MAX) {
            let triple = &triples[hypothesis.triple];
            if triple.members.iter().any(|&m| taken[m]) {
                continue;
            }
            if !search.work.allows(hypothesis.size * hypothesis.size) {
                return;
            }
            if let Some(code) = self.try_quickly(pyramid, triple, hypothesis, search) {
                trace!(
                    "READ errors {:.3} {:.3} {:.3} strain {:.2} timing {:.2}",
                    triple.corner.error, triple.right.error, triple.below.error, triple.strain, hypothesis.timing
                );
                for member in triple.members {
                    taken[member] = true;
                }
                search.codes.push(code);
            }
        }
    }

    fn try_quickly(
        &mut self,
        pyramid: &Pyramid,
        triple: &Triple,
        hypothesis: &Hypothesis,
        search: &mut Search,
    ) -> Option<Code> {
        let module = triple.module();
        let level = pyramid.for_module(module);
        let inverted = triple.corner.inverted;
        let grid = grid::lay(triple, hypothesis.size, hypothesis.map, level, Trust::Slants)?;
        self.grays.take(&grid, level, grid::levels(triple), Pick::Middle);
        self.grays.modules(inverted, 0, &mut self.modules);
        let agreement = symbol::agreement(&self.modules);
        trace!(
            "triple {:?} size {:.1} as {} strain {:.2} timing {:.2} alignment {}/{} agreement {agreement:.2} module {module:.1}",
            triple.members, triple.size, grid.size, triple.strain, hypothesis.timing, grid.found, grid.sought
        );
        if agreement < AGREEMENT_MIN {
            return None;
        }
        if let Some(code) = self.decode(&grid, inverted, Effort::Quick) {
            return Some(code);
        }
        self.grays.modules(inverted, SHARPEN_SOME, &mut self.modules);
        if let Some(code) = self.decode(&grid, inverted, Effort::Quick) {
            return Some(code);
        }
        // The same symbol comes up again in further passes.
        let middle = |grid: &Grid| grid.at(Point::new(grid.size as f32 / 2.0, grid.size as f32 / 2.0));
        let (size, place) = (grid.size, middle(&grid));
        let twin = |p: &&mut Pending| p.grid.size == size && (middle(&p.grid) - place).length() < module * 2.0;
        let one = Pending { agreement, grid, module, inverted, triple: *triple, map: hypothesis.map };
        match search.pending.iter_mut().find(twin) {
            Some(known) if known.agreement < one.agreement => *known = one,
            Some(_) => {}
            None => search.pending.push(one),
        }
        None
    }

    fn decode(&mut self, grid: &Grid, inverted: bool, effort: Effort) -> Option<Code> {
        let flipped = self.modules.transposed();
        let (straight, mirrored) = (symbol::format_match(&self.modules), symbol::format_match(&flipped));
        trace!("    format {straight:.2} mirrored {mirrored:.2}");
        if (straight >= mirrored || effort != Effort::Quick)
            && let Some(symbol) = symbol::read(&self.modules, effort)
        {
            return Some(code(symbol, grid, false, inverted));
        }
        if mirrored >= straight - 0.1
            && let Some(symbol) = symbol::read(&flipped, effort)
        {
            return Some(code(symbol, grid, true, inverted));
        }
        None
    }

    /// What a quick look did not read: more ways to tell dark from light, and erasures.
    fn try_thoroughly(&mut self, pyramid: &Pyramid, pending: &Pending, work: &mut Work) -> Option<Code> {
        let modules = pending.grid.size * pending.grid.size;
        let level = pyramid.for_module(pending.module);
        let (dark, light) = grid::levels(&pending.triple);
        let contrast = light - dark;
        let (size, map) = (pending.grid.size, pending.map);
        // What was taken for the only alignment pattern may be something else, and draws the grid away.
        let by_corner = (pending.grid.found <= 1 && work.done < work.max / 2)
            .then(|| grid::lay_by_corner(&pending.triple, size, map, level))
            .flatten();
        work.done += usize::from(by_corner.is_some()) * CORNER_WORK * modules;
        let by_centres =
            if pending.grid.found == 0 { None } else { grid::lay(&pending.triple, size, map, level, Trust::Centres) };
        let mut votes = Modules::default();
        for grid in [Some(pending.grid.clone()), by_corner, by_centres].into_iter().flatten() {
            let mut grid = grid;
            votes.resize(size);
            let coarser = pyramid.for_module(pending.module * 2.0);
            // As laid; moved until the modules are clear; each module more of a mean; thin dark ones; thin light ones.
            let rounds: [(Level, Pick, &[i16]); 5] = [
                (level, Pick::Middle, &[0, SHARPEN_SOME]),
                (level, Pick::Middle, &[0, SHARPEN_SOME]),
                (coarser, Pick::Middle, &[0]),
                (level, Pick::Darkest, &[0, SHARPEN_SOME]),
                (level, Pick::Lightest, &[0]),
            ];
            for (round, &(level, pick, sharpens)) in rounds.iter().enumerate() {
                if !work.allows(2 * modules * (sharpens.len() + usize::from(round > 0))) {
                    return None;
                }
                self.grays.take(&grid, level, (dark, light), pick);
                for &sharpen in sharpens {
                    self.grays.modules(pending.inverted, sharpen, &mut self.modules);
                    if let Some(code) = self.decode(&grid, pending.inverted, Effort::Thorough) {
                        return Some(code);
                    }
                }
                if round == 0 {
                    if !work.allows(IMPROVE_WORK * modules) {
                        return None;
                    }
                    self.grays.modules(pending.inverted, 0, &mut self.modules);
                    let clearer = register::improve(&mut grid, &self.grays, level, pending.inverted, contrast);
                    trace!("  registered: clearer by {clearer:.3}");
                } else {
                    self.grays.modules_by_levels(pending.inverted, 0, &mut self.modules);
                    votes.add(&self.modules);
                }
            }
            // What one look gets wrong the others outvote, and where they differ it is not sure.
            std::mem::swap(&mut self.modules, &mut votes);
            if let Some(code) = self.decode(&grid, pending.inverted, Effort::Soft) {
                trace!("  BY VOTES");
                return Some(code);
            }
        }
        None
    }
}

/// Error of an outline below which it is a finder pattern and no chance.
const EVIDENCE_ERROR: f32 = 0.15;
/// Pixels of an image that may be looked at patiently from the start: it takes no time to speak of.
const SMALL_AREA: usize = 200 * 200;
/// Rows from one that is scanned to the next: the middle square of a finder pattern of one-pixel modules has three.
const ROW_STEP: usize = 2;
/// The same at full size, where only patterns are new whose modules are too small for the reductions.
const ROW_STEP_FULL: usize = 4;
/// Candidates that take no time to speak of.
const FEW: usize = 10;
/// Candidates whose outline was none after which a brisk scan's others are given up: of the finder patterns of symbols
/// read, 98 in 100 are among the best eight of what looks like one in their scan. Of altered copies, 24 read a few more than 16;
/// more than 24 read next to none more for as much time again.
const CHANCES_MAX: usize = 24;
/// Outlines fitted after one scan.
const OUTLINES_MAX: usize = 100;
/// Share of the fixed modules seen right below which a thorough look is not worth its time.
const THOROUGH_AGREEMENT_MIN: f32 = 0.8;
/// Modules that may be laid and read in one image, each a hundred instructions or two: it bounds the time to some 30 ms.
pub(crate) const WORK_MAX: usize = 700_000;
/// Work of finding a grid's far corner, against that of laying it.
const CORNER_WORK: usize = 8;
/// Work of moving a grid's nodes, against that of laying it.
const IMPROVE_WORK: usize = 15;
/// Symbols that are looked at thoroughly in one image.
const PENDING_MAX: usize = 3;
/// Thirty-seconds of a module's difference from its four neighbours that are added to it against blur.
const SHARPEN_SOME: i16 = 8;
/// Triples looked at in one pass; a page of many codes has many that cross from one code to the next.
const TRIPLES_MAX: usize = 60;
/// Pairs of finder patterns whose third is sought.
const PAIRS_MAX: usize = 6;
/// Grids laid in one pass.
const HYPOTHESES_MAX: usize = 40;
/// Agreement of the timing patterns below which a triple is no symbol: chance gives 0 ± 1/√(modules in them), and a
/// bent symbol's long timing patterns stray from where three finder patterns say they are.
fn timing_min(size: usize) -> f32 {
    (0.1 + 1.5 / (2.0 * (size as f32 - 16.0)).sqrt()).min(0.35)
}

/// Agreement above which no other size is tried.
const TIMING_SURE: f32 = 0.9;
/// Share of the fixed modules seen right below which a grid is not decoded; chance gives 0.5.
const AGREEMENT_MIN: f32 = 0.7;

/// A size for three finder patterns, with the map that follows.
struct Hypothesis {
    triple: usize,
    size: usize,
    map: Homography,
    timing: f32,
}

/// Modules laid and read so far in one image, and the most of them.
#[derive(Clone, Copy, Default)]
struct Work {
    done: usize,
    max: usize,
}

impl Work {
    /// Counts so many more; whether there may be as many.
    fn allows(&mut self, modules: usize) -> bool {
        self.done += modules;
        self.done <= self.max
    }
}

/// What one image has shown so far.
#[derive(Default)]
struct Search {
    finders: Vec<Finder>,
    work: Work,
    /// Centres of the triples that were looked at.
    tried: Vec<[[u32; 2]; 3]>,
    pending: Vec<Pending>,
    codes: Vec<Code>,
}

/// What an image shows of symbols that could not be read.
pub(crate) struct Unread<'a> {
    /// The image and its reductions.
    pub levels: &'a [Level<'a>],
    /// The surest first.
    pub located: &'a [Located<'a>],
    /// What was spent on it, against `WORK_MAX`.
    pub work: usize,
}

/// A symbol that was located.
pub(crate) struct Located<'a> {
    pub grid: &'a Grid,
    /// Pixels a module where they are smallest.
    pub module: f32,
    pub inverted: bool,
    /// What it is best sampled from.
    pub level: Level<'a>,
}

/// A grid that looks like a symbol and was not read.
struct Pending {
    agreement: f32,
    grid: Grid,
    module: f32,
    inverted: bool,
    triple: Triple,
    map: Homography,
}

/// Leaves out what lies within a larger code: it is a part of that code's picture, and what is shown is the whole.
fn outermost(codes: Vec<Code>) -> Vec<Code> {
    let around = |code: &Code| code.corners.iter().fold(Point::default(), |s, p| s + Point::new(p[0], p[1])) * 0.25;
    let side = |code: &Code| {
        let [a, _, c, _] = code.corners;
        Point::new(c[0] - a[0], c[1] - a[1]).length()
    };
    let mut kept: Vec<Code> = Vec::with_capacity(codes.len());
    let mut codes = codes;
    codes.sort_by(|a, b| side(b).total_cmp(&side(a)));
    for code in codes {
        let middle = around(&code);
        let inside = |outer: &Code| {
            (0..4).all(|i| {
                let [from, to] = [outer.corners[i], outer.corners[(i + 1) % 4]].map(|p| Point::new(p[0], p[1]));
                ((to - from).cross(middle - from) > 0.0) != outer.mirrored
            })
        };
        if !kept.iter().any(inside) {
            kept.push(code);
        }
    }
    kept
}

pub(crate) fn code(symbol: Symbol, grid: &Grid, mirrored: bool, inverted: bool) -> Code {
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

    /// Whether it is a camera's frame rather than a cut-out, which costs little and whose modules may be of one pixel.
    fn is_large(&self) -> bool {
        self.count > 1 && self.levels[0].width.max(self.levels[0].height) > 500
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
