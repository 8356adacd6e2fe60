//! Bends a grid until its modules are told apart best: for prints that are squeezed, smeared or bent between the patterns
//! that the other steps go by.

use crate::geometry::Point;
use crate::grid::{Grid, Level};
use crate::sample::Grays;

/// Shapes that a grid is bent by, over coordinates from -1 to 1 across the symbol: shift, stretch and slant, perspective,
/// bend. Each moves along x and along y.
pub const SHAPES: usize = 8;

/// Weights of the shapes along x and along y, in modules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bend {
    pub weights: [Point; SHAPES],
}

fn shapes(s: f32, t: f32) -> [f32; SHAPES] {
    [1.0, s, t, s * t, s * s - 0.5, t * t - 0.5, s * s * t, s * t * t]
}

impl Bend {
    /// Modules that a point moves by; `s` and `t` run from -1 to 1.
    pub fn shift(&self, s: f32, t: f32) -> Point {
        shapes(s, t).iter().zip(&self.weights).fold(Point::default(), |sum, (&shape, &weight)| sum + weight * shape)
    }
}

/// Modules looked at for one trial, about: enough to tell, few enough to try a hundred times.
const TRIAL_MODULES: usize = 1200;
/// Steps of a weight, in modules, from coarse to fine.
const STEPS: [f32; 3] = [0.3, 0.15, 0.08];

/// One module that a trial looks at.
struct Trial {
    centre: Point,
    s: f32,
    t: f32,
    /// Pixels for one module along x and along y.
    axes: (Point, Point),
    threshold: f32,
}

/// Improves `grid` by the grays taken through it; how much clearer the modules became, as a factor.
pub fn improve(grid: &mut Grid, grays: &Grays, level: Level) -> f32 {
    let size = grid.size;
    let stride = (size * size).div_ceil(TRIAL_MODULES).max(1);
    let mut trials = Vec::with_capacity(TRIAL_MODULES + 1);
    let mut n = 0;
    let half = size as f32 / 2.0;
    grid.centres(|row, column, centre| {
        n += 1;
        // A stride that shares a factor with the size would look at the same columns in every row.
        if (n + row) % stride != 0 {
            return;
        }
        let (s, t) = ((column as f32 + 0.5) / half - 1.0, (row as f32 + 0.5) / half - 1.0);
        let threshold = grays.threshold_at(row, column);
        trials.push(Trial { centre, s, t, axes: (Point::default(), Point::default()), threshold });
    });
    for trial in &mut trials {
        trial.axes = grid.map.axes(Point::new((trial.s + 1.0) * half, (trial.t + 1.0) * half));
    }
    let clearness = |bend: &Bend| -> f32 {
        trials
            .iter()
            .map(|trial| {
                let shift = bend.shift(trial.s, trial.t);
                let p = trial.centre + trial.axes.0 * shift.x + trial.axes.1 * shift.y;
                (level.at(p) - trial.threshold).abs()
            })
            .sum()
    };
    let mut bend = Bend::default();
    let before = clearness(&bend);
    let mut best = before;
    for step in STEPS {
        for _ in 0..2 {
            let start = best;
            for shape in 0..SHAPES {
                for direction in [Point::new(step, 0.0), Point::new(0.0, step)] {
                    for sign in [1.0, -1.0] {
                        let mut trial = bend;
                        trial.weights[shape] = trial.weights[shape] + direction * sign;
                        let value = clearness(&trial);
                        if value > best {
                            best = value;
                            bend = trial;
                            break;
                        }
                    }
                }
            }
            if best <= start * 1.002 {
                break;
            }
        }
    }
    grid.bend(bend);
    best / before.max(1e-6)
}
