//! Undoes blur: how a frame spreads each module over its neighbours is learnt from modules whose colour is known, and
//! those modules are sought that explain all frames together.
//!
//! A frame is `y = p ∗ x + noise`: the modules `x` (dark 1, light -1), convolved with a spread `p` of the frame's own, which
//! is defocus, motion and a shift of the grid alike. All that the frames say of the modules is the sum of `p ⋆ y` and of the
//! autocorrelations of `p`, each over its frame's noise: the normal equations of least squares. Learning `p` from the
//! modules and the modules from `p` by turns is expectation maximisation.

use crate::geometry;

/// How far a module spreads, in modules to each side.
pub const REACH: usize = 2;
const SIDE: usize = 2 * REACH + 1;
const TAPS: usize = SIDE * SIDE;
/// Side of the autocorrelation of a spread.
const WIDE: usize = 4 * REACH + 1;
const MIDDLE: usize = 2 * REACH * WIDE + 2 * REACH;
/// Places within a module at which a frame is sampled: modules of two pixels have no more.
pub const PHASES: usize = 4;
/// Room around the modules of a plane.
const PAD: usize = 2 * REACH;
/// Half the window over which light is even, in modules.
const EVEN_REACH: usize = 3;
/// The four samples of a module share pixels, and so their noise.
const NOISE_FACTOR: f32 = 2.0;
/// Least noise, as a share of a frame's power: what the model leaves out.
const NOISE_SHARE_MIN: f32 = 0.04;
/// Keeps taps small that few modules speak for, in modules.
const RIDGE: f64 = 20.0;
/// Last sweeps, in which modules are dark or light by likelihood rather than by least squares.
const SOFT_SWEEPS: usize = 2;
/// Share of a module's own weight below which its neighbour's is left out.
const NEGLIGIBLE: f32 = 0.004;
/// Evidence for either colour before anything is seen of a module, in units of its own weight.
const DOUBT: f32 = 0.3;

/// A plane of `size` · `size` values with room around it, so that neighbours need no test.
#[derive(Debug, Clone)]
pub struct Plane {
    size: usize,
    stride: usize,
    values: Vec<f32>,
}

impl Plane {
    pub fn new(size: usize) -> Self {
        let stride = size + 2 * PAD;
        Self { size, stride, values: vec![0.0; stride * stride] }
    }

    pub fn at(&self, row: usize, column: usize) -> f32 {
        self.values[(row + PAD) * self.stride + column + PAD]
    }

    /// Sets a value, also beside the plane: at most `PAD` before its first or after its last row or column.
    pub fn set(&mut self, row: isize, column: isize, value: f32) {
        let at = (row + PAD as isize) * self.stride as isize + column + PAD as isize;
        self.values[at as usize] = value;
    }

    /// The values row by row, without the room around them.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        (0..self.size).map(|row| self.row(row, PAD, PAD))
    }

    /// A row of the plane, moved `down - PAD` rows and `across - PAD` columns.
    fn row(&self, row: usize, down: usize, across: usize) -> &[f32] {
        let at = (row + down) * self.stride + across;
        &self.values[at..at + self.size]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f32] {
        let at = (row + PAD) * self.stride + PAD;
        &mut self.values[at..at + self.size]
    }
}

/// What one frame shows of a symbol.
#[derive(Debug)]
pub struct View {
    samples: [Plane; PHASES],
    /// 1 where anything is seen, 0 in glare.
    seen: Vec<f32>,
    taps: [[f32; TAPS]; PHASES],
    noise: [f32; PHASES],
    /// What it says of each module, and how far that depends on the modules around.
    told: Plane,
    kernel: [f32; WIDE * WIDE],
}

impl View {
    /// Samples are positive where dark, around 0; exactly 0 where nothing is seen. They reach `REACH` beyond the symbol.
    pub fn new(samples: [Plane; PHASES]) -> Self {
        let size = samples[0].size;
        let place = |i: usize| (i / size, i % size);
        let seen = (0..size * size).map(|i| {
            let (row, column) = place(i);
            f32::from(u8::from(samples.iter().any(|plane| plane.at(row, column) != 0.0)))
        });
        Self {
            seen: seen.collect(),
            taps: [[0.0; TAPS]; PHASES],
            noise: [1.0; PHASES],
            told: Plane::new(size),
            kernel: [0.0; WIDE * WIDE],
            samples,
        }
    }

    /// Mean of a module's samples, moved by at most `REACH` modules: rows of the plane.
    pub fn mean_row(&self, row: usize, (down, across): (isize, isize)) -> Vec<f32> {
        let (down, across) = ((PAD as isize + down) as usize, (PAD as isize + across) as usize);
        let mut mean = vec![0.0; self.told.size];
        for plane in &self.samples {
            mean.iter_mut().zip(plane.row(row, down, across)).for_each(|(sum, y)| *sum += y / PHASES as f32);
        }
        mean
    }

    /// Learns the spread and the noise from what is known of the modules.
    pub fn learn(&mut self, known: &Known) {
        let size = self.told.size;
        let count = self.seen.iter().sum::<f32>().max(1.0);
        let mut normal = [[0.0f64; TAPS]; TAPS];
        for (i, row) in normal.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell = f64::from(known.lags[lag(i, j)]);
            }
            row[i] += RIDGE;
        }
        for (phase, plane) in self.samples.iter().enumerate() {
            let mut correlation = [0.0f64; TAPS];
            for (tap, sum) in correlation.iter_mut().enumerate() {
                let (down, across) = (PAD - REACH + tap / SIDE, PAD - REACH + tap % SIDE);
                let rows = (0..size).map(|row| dot(known.modules.row(row, down, across), plane.row(row, PAD, PAD)));
                *sum = f64::from(rows.sum::<f32>());
            }
            let power = plane.rows().map(|row| dot(row, row)).sum::<f32>() / count;
            self.taps[phase] = geometry::solve(normal, correlation).unwrap_or([0.0; TAPS]).map(|tap| tap as f32);
            // Modules are as good as independent, with a power of 1: what they explain is the sum of squares.
            let explained: f32 = self.taps[phase].iter().map(|tap| tap * tap).sum();
            self.noise[phase] = (power - explained).max(NOISE_SHARE_MIN * power).max(1e-3) * NOISE_FACTOR;
        }
    }

    /// Takes away what the modules do not explain over a wider part: uneven light, and the paper around the symbol.
    pub fn even_out(&mut self, known: &Known) {
        let size = self.told.size;
        let mut taps = [0.0f32; TAPS];
        for phase in &self.taps {
            taps.iter_mut().zip(phase).for_each(|(sum, tap)| *sum += tap / PHASES as f32);
        }
        let mut rest = Vec::with_capacity(size * size);
        for row in 0..size {
            let mut line = self.mean_row(row, (0, 0));
            for (tap, &value) in taps.iter().enumerate() {
                let (down, across) = (PAD - REACH + tap / SIDE, PAD - REACH + tap % SIDE);
                let modules = known.modules.row(row, down, across);
                line.iter_mut().zip(modules).for_each(|(sum, x)| *sum -= value * x);
            }
            rest.extend(line.iter().zip(&self.seen[row * size..]).map(|(rest, seen)| rest * seen));
        }
        let (sums, counts) = (box_sums(&rest, size), box_sums(&self.seen, size));
        for plane in &mut self.samples {
            for row in 0..size {
                let line = row * size..(row + 1) * size;
                let even = sums[line.clone()].iter().zip(&counts[line.clone()]).zip(&self.seen[line]);
                for (y, ((sum, count), seen)) in plane.row_mut(row).iter_mut().zip(even) {
                    *y -= seen * sum / count.max(1.0);
                }
            }
        }
    }

    /// Works out what the frame says of the modules, by the spread that was learnt.
    pub fn tell(&mut self) {
        let size = self.told.size;
        self.told.values.fill(0.0);
        self.kernel = [0.0; WIDE * WIDE];
        for (plane, (taps, noise)) in self.samples.iter().zip(self.taps.iter().zip(&self.noise)) {
            for (tap, &value) in taps.iter().enumerate() {
                let weight = value / noise;
                let (down, across) = (PAD + REACH - tap / SIDE, PAD + REACH - tap % SIDE);
                for row in 0..size {
                    let from = plane.row(row, down, across);
                    self.told.row_mut(row).iter_mut().zip(from).for_each(|(sum, y)| *sum += weight * y);
                }
                for (other, &second) in taps.iter().enumerate() {
                    self.kernel[lag(tap, other)] += weight * second;
                }
            }
        }
    }
}

/// The place in an autocorrelation of the step from one tap to another.
fn lag(from: usize, to: usize) -> usize {
    let down = from / SIDE + 2 * REACH - to / SIDE;
    let across = from % SIDE + 2 * REACH - to % SIDE;
    down * WIDE + across
}

/// A module's colour by expectation: near enough to the hyperbolic tangent of half the evidence, at a tenth of its cost.
fn expected(evidence: f32) -> f32 {
    let half = evidence * 0.5;
    half / (1.0 + half * half).sqrt()
}

/// Sums over the window around each module, cut off at the edges.
fn box_sums(values: &[f32], size: usize) -> Vec<f32> {
    let along = |from: &[f32], step: usize, start: usize, to: &mut [f32]| {
        let mut sum: f32 = (0..EVEN_REACH.min(size)).map(|i| from[start + i * step]).sum();
        for i in 0..size {
            if i + EVEN_REACH < size {
                sum += from[start + (i + EVEN_REACH) * step];
            }
            if i > EVEN_REACH {
                sum -= from[start + (i - EVEN_REACH - 1) * step];
            }
            to[start + i * step] = sum;
        }
    };
    let (mut rows, mut out) = (vec![0.0; values.len()], vec![0.0; values.len()]);
    (0..size).for_each(|row| along(values, 1, row * size, &mut rows));
    (0..size).for_each(|column| along(&rows, size, column, &mut out));
    out
}

/// Eight sums side by side, which the compiler makes vectors of.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((eights_a, rest_a), (eights_b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0f32; 8];
    for (a, b) in eights_a.iter().zip(eights_b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f32>()
}

/// What is known of the modules, to learn from.
pub struct Known<'a> {
    modules: &'a Plane,
    lags: [f32; WIDE * WIDE],
}

/// The modules that explain the views.
#[derive(Debug)]
pub struct Estimate {
    /// How dark each module is by expectation, -1 to 1.
    pub modules: Plane,
    /// How much speaks for dark; its size is how sure that is.
    pub evidence: Plane,
}

impl Estimate {
    /// Only the modules whose colour the standard fixes: 1, -1, or 0 where it does not.
    pub fn of_fixed(size: usize, fixed: &[i8]) -> Self {
        let mut modules = Plane::new(size);
        for (row, colours) in fixed.chunks_exact(size).enumerate() {
            modules.row_mut(row).iter_mut().zip(colours).for_each(|(x, &colour)| *x = f32::from(colour));
        }
        Self { modules, evidence: Plane::new(size) }
    }

    /// The modules to learn from. Where they were made from the very views that will learn from them, their doubt counts.
    pub fn known(&self, from_these_views: bool) -> Known<'_> {
        let modules = &self.modules;
        let size = modules.size;
        let mut lags = [0.0; WIDE * WIDE];
        for down in 0..=2 * REACH {
            for across in 0..WIDE {
                if down == 0 && across < 2 * REACH {
                    continue;
                }
                let pairs =
                    |row| dot(modules.row(row, PAD, PAD), modules.row(row, PAD + down, PAD + across - 2 * REACH));
                let sum: f32 = (0..size).map(pairs).sum();
                lags[MIDDLE + down * WIDE + across - 2 * REACH] = sum;
                lags[MIDDLE + 2 * REACH - across - down * WIDE] = sum;
            }
        }
        if from_these_views {
            lags[MIDDLE] = (size * size) as f32;
        }
        Known { modules, lags }
    }

    /// Solves for the modules by Gauss and Seidel, starting from those that there are.
    pub fn solve<'a>(&mut self, views: impl Iterator<Item = &'a View>, fixed: &[i8], sweeps: usize) {
        let (size, stride) = (self.modules.size, self.modules.stride);
        let mut told = vec![0.0f32; size * size];
        let mut seen = vec![0.0f32; size * size];
        let mut kernel = [0.0f32; WIDE * WIDE];
        for view in views {
            for (row, sums) in told.chunks_exact_mut(size).enumerate() {
                sums.iter_mut().zip(view.told.row(row, PAD, PAD)).for_each(|(sum, y)| *sum += y);
            }
            seen.iter_mut().zip(&view.seen).for_each(|(sum, seen)| *sum += seen * view.kernel[MIDDLE]);
            kernel.iter_mut().zip(&view.kernel).for_each(|(sum, value)| *sum += value);
        }
        let own = kernel[MIDDLE].max(1e-6);
        seen.iter_mut().for_each(|seen| *seen /= own);
        let mut others = vec![0.0f32; size];
        for sweep in 0..sweeps {
            let soft = sweep + SOFT_SWEEPS >= sweeps;
            for row in 0..size {
                others.fill(0.0);
                for (down, kernel) in kernel.chunks_exact(WIDE).enumerate().filter(|&(down, _)| down != 2 * REACH) {
                    let felt = |&(_, weight): &(usize, &f32)| weight.abs() > NEGLIGIBLE * own;
                    for (across, &weight) in kernel.iter().enumerate().filter(felt) {
                        let from = self.modules.row(row, down, across);
                        others.iter_mut().zip(from).for_each(|(sum, x)| *sum += weight * x);
                    }
                }
                let middle = &kernel[2 * REACH * WIDE..(2 * REACH + 1) * WIDE];
                let line = &mut self.modules.values[(row + PAD) * stride..(row + PAD + 1) * stride];
                let evidence = self.evidence.row_mut(row);
                for column in 0..size {
                    let near: f32 = line[column..column + WIDE].iter().zip(middle).map(|(x, weight)| x * weight).sum();
                    let x = line[column + PAD];
                    let i = row * size + column;
                    let here = told[i] - seen[i] * (others[column] + near - own * x);
                    evidence[column] = here;
                    line[column + PAD] = match fixed[i] {
                        // Halfway, since modules that wait for each other would swing.
                        0 if soft => 0.7 * expected(here) + 0.3 * x,
                        0 => (here / (own * seen[i] + DOUBT)).clamp(-1.0, 1.0),
                        colour => f32::from(colour),
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faint;

    /// Modules drawn by a small generator, those that the standard fixes as it says.
    fn modules(size: usize, fixed: &[i8]) -> Vec<f32> {
        let mut state = 0x1234_5678_u32;
        let drawn = fixed.iter().map(|&colour| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if colour != 0 {
                f32::from(colour)
            } else if state >> 31 == 1 {
                1.0
            } else {
                -1.0
            }
        });
        let drawn: Vec<f32> = drawn.collect();
        assert_eq!(drawn.len(), size * size);
        drawn
    }

    /// A view through a spread of three modules along one axis, moved by `shift`.
    fn view(size: usize, modules: &[f32], along_rows: bool, shift: isize) -> View {
        let at = |row: isize, column: isize| {
            let inside = (0..size as isize).contains(&row) && (0..size as isize).contains(&column);
            if inside { modules[row as usize * size + column as usize] } else { -1.0 }
        };
        let mut plane = Plane::new(size);
        let reach = REACH as isize;
        for row in -reach..size as isize + reach {
            for column in -reach..size as isize + reach {
                let spread = (-1..=1).map(|i| if along_rows { at(row, column + i) } else { at(row + i, column) });
                let noise = ((row * 31 + column * 17 + shift * 7).rem_euclid(13) - 6) as f32 * 0.03;
                plane.set(row, column, spread.sum::<f32>() / 3.0 + noise);
            }
        }
        View::new(std::array::from_fn(|_| plane.clone()))
    }

    fn errors(estimate: &Estimate, modules: &[f32]) -> usize {
        let seen = estimate.modules.rows().flatten();
        seen.zip(modules).filter(|(x, truth)| (**x > 0.0) != (**truth > 0.0)).count()
    }

    #[test]
    fn two_directions_of_motion_tell_what_neither_tells() {
        let size = 57;
        let fixed = faint::fixed_colours(size);
        let truth = modules(size, &fixed);
        let mut estimate = Estimate::of_fixed(size, &fixed);
        let mut views = vec![view(size, &truth, true, 0), view(size, &truth, false, 1)];
        for round in 0..4 {
            for view in &mut views {
                view.learn(&estimate.known(round > 0));
                view.even_out(&estimate.known(round > 0));
                view.tell();
            }
            estimate.solve(views.iter(), &fixed, 6);
        }
        assert!(errors(&estimate, &truth) < size * size / 100, "{} of {}", errors(&estimate, &truth), size * size);
    }

    #[test]
    fn what_is_not_seen_leaves_no_evidence() {
        let size = 25;
        let fixed = faint::fixed_colours(size);
        let mut estimate = Estimate::of_fixed(size, &fixed);
        let mut blind = View::new(std::array::from_fn(|_| Plane::new(size)));
        blind.learn(&estimate.known(false));
        blind.even_out(&estimate.known(false));
        blind.tell();
        estimate.solve([blind].iter(), &fixed, 4);
        assert!(estimate.evidence.rows().flatten().all(|&evidence| evidence == 0.0));
    }
}
