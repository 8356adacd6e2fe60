//! Finds a symbol whose finder patterns are too faint for runs and outlines: by how like a finder pattern each place is
//! as a whole (a matched filter), which noise and blur hurt least.

use crate::equalise::Plane;
use crate::format::{VERSIONS, version_places};
use crate::geometry::{Homography, Point};
use crate::patch::Patch;
use crate::symbol;
use crate::version::{self, SIZE_MAX, SIZE_MIN};

/// Sizes of modules that are sought, in pixels of the patch.
const MODULES: [f32; 5] = [1.5, 1.85, 2.25, 2.75, 3.4];
/// Likeness (a correlation) from which on a place may be a finder pattern.
const LIKENESS_MIN: f32 = 0.36;
/// Pixels from one place that is looked at to the next, and what is left of the likeness halfway between two.
const STEP: usize = 2;
const STEP_SHARE: f32 = 0.8;
/// Difference of neighbouring rings, as a share of that of dark and light, below which a place is no finder pattern.
const RING_SHARE_MIN: f32 = 0.25;
/// Modules within which two places are one.
const TWIN_MODULES: f32 = 3.5;
/// Places looked at, a quarter of the pixels, for the time that a module takes.
const PLACES_A_MODULE: usize = 4;
/// Places kept.
const PLACES_MAX: usize = 14;

/// A place like a finder pattern, in pixels of the patch.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: Point,
    module: f32,
    likeness: f32,
}

/// Sums from the patch's corner.
struct Sums {
    stride: usize,
    values: Vec<f32>,
    squares: Vec<f32>,
}

impl Sums {
    fn of(patch: &Patch, smooth: bool) -> Self {
        let smoothed = if smooth { patch.smoothed() } else { Vec::new() };
        let of_squares = if smooth { &smoothed } else { &patch.values };
        let stride = patch.width + 1;
        let mut values = vec![0.0; stride * (patch.height + 1)];
        let mut squares = values.clone();
        for y in 0..patch.height {
            let (mut sum, mut square) = (0.0, 0.0);
            for x in 0..patch.width {
                let value = patch.values[y * patch.width + x];
                sum += value;
                let smooth = of_squares[y * patch.width + x];
                square += smooth * smooth;
                let at = (y + 1) * stride + x + 1;
                values[at] = values[at - stride] + sum;
                squares[at] = squares[at - stride] + square;
            }
        }
        Self { stride, values, squares }
    }

    #[inline]
    fn around(&self, table: &[f32], at: usize, reach: usize) -> f32 {
        let (low, high) = (at - reach * self.stride, at + (reach + 1) * self.stride);
        table[high + reach + 1] - table[high - reach] - table[low + reach + 1] + table[low - reach]
    }
}

/// Squares about a middle, as wide as those of a finder pattern and of the light around it, in pixels.
struct Squares {
    /// Half their sides, without the middle pixel.
    reach: [usize; 4],
    area: [f32; 4],
}

impl Squares {
    fn new(module: f32) -> Self {
        let reach = [1.5, 2.5, 3.5, 4.5].map(|half: f32| (half * module - 0.5).round() as usize);
        Self { reach, area: reach.map(|r| ((2 * r + 1) * (2 * r + 1)) as f32) }
    }

    /// Correlation of what is around a place with a finder pattern; 0 where it is none.
    fn likeness(&self, sums: &Sums, at: usize) -> f32 {
        let [first, second, third, fourth] = self.area;
        let inner = sums.around(&sums.values, at, self.reach[0]);
        let two = sums.around(&sums.values, at, self.reach[1]);
        if inner * second > two * first {
            return 0.0;
        }
        let three = sums.around(&sums.values, at, self.reach[2]);
        let all = sums.around(&sums.values, at, self.reach[3]);
        let (core, ring) = (inner / first, (two - inner) / (second - first));
        let (outer, quiet) = ((three - two) / (third - second), (all - three) / (fourth - third));
        let (dark_area, light_area) = (first + third - second, second - first + fourth - third);
        let contrast = (two - inner + all - three) / light_area - (inner + three - two) / dark_area;
        let least = contrast * RING_SHARE_MIN;
        if ring - core < least || ring - outer < least * 0.5 || quiet - outer < least {
            return 0.0;
        }
        let (mean, share) = (all / fourth, dark_area / fourth);
        let variance = sums.around(&sums.squares, at, self.reach[3]) / fourth - mean * mean;
        contrast * (share * (1.0 - share) / variance.max(0.05)).sqrt()
    }
}

/// Places like a finder pattern, the likest first.
fn places(patch: &Patch, smooth: bool) -> Vec<Place> {
    let sums = Sums::of(patch, smooth);
    let mut found: Vec<Place> = Vec::new();
    for module in MODULES {
        let squares = Squares::new(module);
        let margin = squares.reach[3] + 2;
        if patch.width <= 2 * margin || patch.height <= 2 * margin {
            continue;
        }
        let at = |x: usize, y: usize| y * sums.stride + x;
        for y in (margin..patch.height - margin).step_by(STEP) {
            for x in (margin..patch.width - margin).step_by(STEP) {
                if squares.likeness(&sums, at(x, y)) < LIKENESS_MIN * STEP_SHARE {
                    continue;
                }
                let near = (y - 1..=y + 1).flat_map(|y| (x - 1..=x + 1).map(move |x| (x, y)));
                let scored = near.map(|(x, y)| (squares.likeness(&sums, at(x, y)), x, y));
                let Some((likeness, x, y)) = scored.max_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
                let place = Place { at: Point::new(x as f32 + 0.5, y as f32 + 0.5), module, likeness };
                let twin = |p: &&mut Place| (p.at - place.at).length() < TWIN_MODULES * module;
                match found.iter_mut().find(twin) {
                    Some(known) if known.likeness < likeness => *known = place,
                    Some(_) => {}
                    None if likeness >= LIKENESS_MIN => found.push(place),
                    None => {}
                }
            }
        }
    }
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    found.truncate(PLACES_MAX);
    found
}

/// A finder pattern with the lie of its modules, in pixels of the patch.
#[derive(Debug, Clone, Copy)]
struct Eye {
    centre: Point,
    axes: [Point; 2],
    likeness: f32,
}

impl Eye {
    fn at(&self, x: f32, y: f32) -> Point {
        self.centre + self.axes[0] * x + self.axes[1] * y
    }

    fn module(&self) -> f32 {
        self.axes[0].cross(self.axes[1]).abs().sqrt()
    }

    fn score(&self, patch: &Patch) -> f32 {
        let (mut dark, mut light, mut squares) = (0.0, 0.0, 0.0);
        for y in -4..=4i32 {
            for x in -4..=4i32 {
                let p = self.at(x as f32, y as f32);
                let value = patch.here(p.x, p.y);
                squares += value * value;
                if matches!(x.abs().max(y.abs()), 0 | 1 | 3) { dark += value } else { light += value }
            }
        }
        let mean = (dark + light) / 81.0;
        let deviation = (squares / 81.0 - mean * mean).max(0.01).sqrt();
        (light / 48.0 - dark / 33.0) / deviation
    }

    /// Moves the centre and the axes until the place is likest.
    fn settle(&mut self, patch: &Patch) {
        self.likeness = self.score(patch);
        for step in [0.3, 0.15, 0.08] {
            for _ in 0..3 {
                let before = self.likeness;
                let [a, b] = self.axes;
                let module = self.module();
                for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                    let step = Point::new(dx, dy) * (module * step);
                    let moved = Self { centre: self.centre + step, ..*self };
                    self.keep(moved, patch);
                    // The corner modules are four from the middle.
                    for moved in
                        [Self { axes: [a + step * 0.2, b], ..*self }, Self { axes: [a, b + step * 0.2], ..*self }]
                    {
                        self.keep(moved, patch);
                    }
                }
                for factor in [1.0 + step * 0.2, 1.0 - step * 0.2] {
                    self.keep(Self { axes: self.axes.map(|axis| axis * factor), ..*self }, patch);
                }
                if self.likeness <= before {
                    break;
                }
            }
        }
    }

    fn keep(&mut self, other: Self, patch: &Patch) {
        let likeness = other.score(patch);
        if likeness > self.likeness {
            *self = Self { likeness, ..other };
        }
    }
}

/// Colours that the standard fixes in a symbol of `size`, row by row: 1 dark, -1 light, 0 data.
pub fn fixed_colours(size: usize) -> Vec<i8> {
    let mut fixed = vec![0i8; size * size];
    symbol::fixed_modules(size, |row, column, dark| fixed[row * size + column] = if dark { 1 } else { -1 });
    if let Some(version) = version::of_size(size).filter(|&version| version >= 7) {
        for i in 0..18 {
            for (row, column) in version_places(i, size) {
                fixed[row * size + column] = if VERSIONS[version - 7] >> i & 1 == 1 { 1 } else { -1 };
            }
        }
    }
    fixed
}

/// A symbol of `size` modules as far as it could be found.
#[derive(Debug, Clone)]
pub struct Found {
    pub size: usize,
    /// From modules to pixels of the patch.
    pub map: Homography,
    /// Mean agreement of the fixed modules outside the finder patterns, in deviations of a pixel.
    pub agreement: f32,
}

/// Places at which a hypothesis is judged at first.
const MARKS_FEW: usize = 160;

/// Module places and signs that a map is judged by.
struct Marks {
    marks: Vec<(f32, f32, f32)>,
}

impl Marks {
    fn new(size: usize, fixed: &[i8], finders: bool) -> Self {
        let mut marks = Vec::new();
        let far = size - 8;
        let in_finder = |r: usize, c: usize| (r < 8 && (c < 8 || c >= far)) || (r >= far && c < 8);
        for row in 0..size {
            for column in 0..size {
                let colour = fixed[row * size + column];
                if colour != 0 && (finders || !in_finder(row, column)) {
                    marks.push((column as f32 + 0.5, row as f32 + 0.5, -f32::from(colour)));
                }
            }
        }
        // As much dark as light, so that an even light adds nothing.
        let sum: f32 = marks.iter().map(|m| m.2).sum();
        let mean = sum / marks.len().max(1) as f32;
        marks.iter_mut().for_each(|m| m.2 -= mean);
        Self { marks }
    }

    /// At most `most` of them, evenly chosen.
    fn thinned(self, most: usize) -> Self {
        let step = self.marks.len().div_ceil(most).max(1);
        Self { marks: self.marks.into_iter().step_by(step).collect() }
    }

    fn score(&self, map: &Homography, patch: &Patch) -> f32 {
        self.mean(map, |x, y| patch.here(x, y))
    }

    /// The same by the nearest pixel of each mark, at a third of the cost.
    fn glance(&self, map: &Homography, patch: &Patch) -> f32 {
        self.mean(map, |x, y| patch.nearest(x, y))
    }

    fn mean(&self, map: &Homography, value: impl Fn(f32, f32) -> f32) -> f32 {
        let h = map.coefficients();
        let mut sum = 0.0;
        for &(x, y, sign) in &self.marks {
            let w = 1.0 / (h[6] * x + h[7] * y + 1.0);
            sum += sign * value((h[0] * x + h[1] * y + h[2]) * w, (h[3] * x + h[4] * y + h[5]) * w);
        }
        sum / self.marks.len().max(1) as f32
    }
}

/// Agreement below which three finder patterns are not taken for a symbol's.
const AGREEMENT_MIN: f32 = 0.12;
/// Agreement above which no other three are looked at.
const AGREEMENT_SURE: f32 = 0.35;

/// Finds the symbol in a patch: of all sizes, or of one that is known.
///
/// `work` is how many modules may yet be looked at; once they are used up nothing more is begun.
pub fn find(patch: &Patch, known_size: Option<usize>, work: &mut usize) -> Option<Found> {
    find_in(patch, known_size, false, work).or_else(|| find_in(patch, known_size, true, work))
}

fn find_in(patch: &Patch, known_size: Option<usize>, smooth: bool, work: &mut usize) -> Option<Found> {
    if *work == 0 {
        return None;
    }
    *work = work.saturating_sub(patch.values.len() * MODULES.len() / PLACES_A_MODULE);
    let places = places(patch, smooth);
    trace!("  faint: {} places in {}x{}", places.len(), patch.width, patch.height);
    for p in &places {
        trace!("    {:.0?} module {:.2} likeness {:.2}", patch.to_image(p.at), p.module, p.likeness);
    }
    let mut triples = triples(&places);
    triples.sort_by(|p, q| q.0.total_cmp(&p.0));
    let mut best: Option<Found> = None;
    for (_, [corner, right, below]) in triples.into_iter().take(TRIPLES_MAX) {
        let (along, down) = (right.at - corner.at, below.at - corner.at);
        let [corner, right, below] = [corner, right, below].map(|place| {
            let axes = [along, down].map(|side| side * (place.module / side.length()));
            let mut eye = Eye { centre: place.at, axes, likeness: 0.0 };
            eye.settle(patch);
            trace!(
                "    eye {:.0?} module {:.2} likeness {:.2}",
                patch.to_image(eye.centre),
                eye.module(),
                eye.likeness
            );
            eye
        });
        let found = fit(patch, [corner, right, below], known_size, work);
        if let Some(found) = found
            && best.as_ref().is_none_or(|b| found.agreement > b.agreement)
        {
            let sure = found.agreement > AGREEMENT_SURE;
            best = Some(found);
            if sure {
                break;
            }
        }
    }
    best.filter(|found| found.agreement > AGREEMENT_MIN)
}

/// Three places (corner, right, below) that may belong to one symbol, and how likely that looks.
fn triples(places: &[Place]) -> Vec<(f32, [&Place; 3])> {
    let mut found = Vec::new();
    for corner in places {
        for right in places {
            for below in places {
                let (along, down) = (right.at - corner.at, below.at - corner.at);
                let (a, b) = (along.length(), down.length());
                // The sine of the angle, clockwise on the screen: a mirrored symbol is read transposed. One place twice has 0.
                let turn = along.cross(down) / (a * b).max(1e-3);
                let ratio = (a / b).max(b / a);
                let modules = [corner.module, right.module, below.module];
                let most = modules.iter().copied().fold(0.0, f32::max);
                let spread = most / modules.iter().copied().fold(f32::MAX, f32::min);
                let size = (a + b) * 1.5 / modules.iter().sum::<f32>() + 7.0;
                let sizes = SIZE_MIN as f32 * 0.75..=SIZE_MAX as f32 * 1.2;
                if turn < TURN_MIN || ratio > RATIO_MAX || spread > SPREAD_MAX || !sizes.contains(&size) {
                    continue;
                }
                let likeness = corner.likeness + right.likeness + below.likeness;
                found.push((likeness + turn - ratio - 0.3 * spread, [corner, right, below]));
            }
        }
    }
    found
}

/// What three finder patterns of one symbol keep to: the sine of the angle at the corner, the ratio of the two sides, and
/// of the modules' sizes.
const TURN_MIN: f32 = 0.75;
const RATIO_MAX: f32 = 1.5;
const SPREAD_MAX: f32 = 1.6;

/// Finds a symbol again that moved a little, by all that is known of its modules: `map` leads from modules to pixels of
/// the image, where it was last.
pub fn follow(
    patch: &Patch,
    (size, map): (usize, &Homography),
    modules: &Plane,
    fixed: &[i8],
    work: &mut usize,
) -> Option<Found> {
    let steps = (2 * FOLLOW_STEPS + 1) as usize;
    *work = work.checked_sub(steps * steps * MARKS_FOLLOWED)?;
    let s = size as f32;
    let ends = [(0.0, 0.0), (s, 0.0), (0.0, s), (s, s)].map(|(x, y)| Point::new(x, y));
    let places = ends.map(|end| patch.to_patch(map.map(end)));
    let mut colours = fixed.to_vec();
    for (row, colours) in modules.rows().zip(colours.chunks_exact_mut(size)) {
        for (x, colour) in row.iter().zip(colours) {
            if x.abs() > SURE {
                *colour = if *x > 0.0 { 1 } else { -1 };
            }
        }
    }
    let marks = Marks::new(size, &colours, true).thinned(MARKS_FOLLOWED);
    let mut best: Option<(f32, Homography)> = None;
    for i in -FOLLOW_STEPS..=FOLLOW_STEPS {
        for j in -FOLLOW_STEPS..=FOLLOW_STEPS {
            let by = Point::new(j as f32, i as f32) * FOLLOW_STEP;
            let Some(map) = Homography::of_square(0.0, s, places.map(|place| place + by)) else { continue };
            let score = marks.score(&map, patch);
            if best.is_none_or(|b| score > b.0) {
                best = Some((score, map));
            }
        }
    }
    let (_, map) = best?;
    let found = polish(patch, size, map, fixed);
    (found.agreement > AGREEMENT_MIN).then_some(found)
}

/// How far a symbol is followed to each side: steps, and pixels a step.
const FOLLOW_STEPS: i32 = 8;
const FOLLOW_STEP: f32 = 1.5;
/// Modules by which it is followed, and how sure they must be.
const MARKS_FOLLOWED: usize = 400;
const SURE: f32 = 0.5;

/// Triples that are looked at.
const TRIPLES_MAX: usize = 3;
/// Sizes tried to each side of the measured one.
const SIZES_ASIDE: isize = 3;

fn fit(patch: &Patch, eyes: [Eye; 3], known_size: Option<usize>, work: &mut usize) -> Option<Found> {
    let [corner, right, below] = eyes;
    let across = (right.centre - corner.centre).length() / (corner.axes[0].length() * right.axes[0].length()).sqrt();
    let down = (below.centre - corner.centre).length() / (corner.axes[1].length() * below.axes[1].length()).sqrt();
    let measured = (across + down) / 2.0 + 7.0;
    let nearest = ((measured - 17.0) / 4.0).round() as isize;
    let sizes: Vec<usize> = match known_size {
        Some(size) => vec![size],
        None => (nearest - SIZES_ASIDE..=nearest + SIZES_ASIDE)
            .filter(|version| (1..=40).contains(version))
            .map(|version| version::size_of(version as usize))
            .filter(|&size| (size as f32 - measured).abs() < 3.0 + 0.09 * measured)
            .collect(),
    };
    let mut best: Option<(f32, usize, Homography)> = None;
    for size in sizes {
        let s = size as f32;
        let fixed = fixed_colours(size);
        let marks = Marks::new(size, &fixed, false).thinned(MARKS_FEW);
        let near = [corner.centre, right.centre, below.centre];
        // The parallelogram's corner, and as far around it as perspective moves it.
        let flat = right.centre + below.centre - corner.centre;
        let module = (corner.module() + right.module() + below.module()) / 3.0;
        let reach = (0.16 * s).clamp(3.0, 14.0);
        let step = (s / 60.0).clamp(0.6, 1.6);
        let steps = (reach / step) as i32;
        let cost = (2 * steps as usize + 1).pow(2) * marks.marks.len();
        if *work < cost {
            *work = 0;
            break;
        }
        *work -= cost;
        for i in -steps..=steps {
            for j in -steps..=steps {
                let far = flat + Point::new(i as f32, j as f32) * (step * module);
                let Some(map) = Homography::of_square(3.5, s - 3.5, [near[0], near[1], near[2], far]) else { continue };
                let score = marks.glance(&map, patch);
                if best.is_none_or(|b| score > b.0) {
                    best = Some((score, size, map));
                }
            }
        }
        trace!(
            "      size {size} (measured {measured:.1}): best so far {:.3} at {}",
            best.map_or(0.0, |b| b.0),
            best.map_or(0, |b| b.1)
        );
    }
    let (_, size, map) = best?;
    let fixed = fixed_colours(size);
    *work = work.saturating_sub(POLISH_LOOKS * fixed.iter().filter(|&&colour| colour != 0).count());
    Some(polish(patch, size, map, &fixed))
}

/// Moves a map's four ends until the fixed modules agree best.
fn polish(patch: &Patch, size: usize, map: Homography, fixed: &[i8]) -> Found {
    let s = size as f32;
    let all = Marks::new(size, fixed, true);
    let ends = [(3.5, 3.5), (s - 3.5, 3.5), (3.5, s - 3.5), (s - 3.5, s - 3.5)].map(|(x, y)| Point::new(x, y));
    let mut places = ends.map(|end| map.map(end));
    let module = (places[1] - places[0]).length() / (s - 7.0);
    let mut best = (all.score(&map, patch), map);
    for step in POLISH_STEPS {
        for _ in 0..2 {
            let before = best.0;
            for end in [3, 0, 1, 2] {
                for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                    let mut moved = places;
                    moved[end] = moved[end] + Point::new(dx, dy) * (step * module);
                    let Some(map) = Homography::of_square(3.5, s - 3.5, moved) else { continue };
                    let score = all.score(&map, patch);
                    if score > best.0 {
                        (best, places) = ((score, map), moved);
                    }
                }
            }
            if best.0 <= before {
                break;
            }
        }
    }
    let agreement = Marks::new(size, fixed, false).score(&best.1, patch);
    trace!("      polished: size {size} agreement {agreement:.3} all {:.3}", best.0);
    Found { size, map: best.1, agreement }
}

/// About how often all fixed modules are looked at while a map is polished.
const POLISH_LOOKS: usize = 64;
/// Steps of an end, in modules.
const POLISH_STEPS: [f32; 3] = [0.6, 0.3, 0.15];
