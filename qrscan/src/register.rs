//! Moves a grid until its modules are told apart best: for prints that are squeezed, smeared, creased or bent between the
//! patterns that the other steps go by.
//!
//! A grid lies well where each module's middle is clearly dark or clearly light, and dark where the standard says so.

use crate::geometry::Point;
use crate::grid::{Grid, Level};
use crate::sample::Grays;
use crate::symbol;

/// Modules from one node of the finer mesh to the next.
const NODE_STEP: f32 = 5.0;
/// Steps of a node along either axis, in modules, from coarse to fine.
const STEPS: [f32; 3] = [0.35, 0.2, 0.1];
/// Gray (as a share of the contrast, per module nearby) that a node must win for each module squared that it strays from
/// its neighbours: paper bends smoothly.
const STIFFNESS: f32 = 0.35;
/// Weight of a module whose colour is fixed, against one whose colour is not known.
const FIXED_WEIGHT: f32 = 1.5;

/// One module that a trial looks at.
#[derive(Clone, Copy)]
struct Trial {
    centre: Point,
    threshold: f32,
    /// 1: dark; -1: light; 0: either.
    fixed: f32,
    x: f32,
    y: f32,
}

impl Trial {
    /// How clear the module is with its middle at `p`; more is better.
    fn clearness(&self, level: Level, p: Point, inverted: f32, limit: f32) -> f32 {
        let off = ((self.threshold - level.at(p)) * inverted).clamp(-limit, limit);
        if self.fixed == 0.0 { off.abs() } else { FIXED_WEIGHT * self.fixed * off }
    }
}

/// Improves `grid`, through which `grays` were taken and their thresholds found; `contrast` is light less dark.
///
/// How much clearer the modules became, as a factor.
pub fn improve(grid: &mut Grid, grays: &Grays, level: Level, inverted: bool, contrast: f32) -> f32 {
    let size = grid.size;
    let inverted = if inverted { -1.0 } else { 1.0 };
    let limit = contrast.abs() * 0.5;
    grid.refine(NODE_STEP);
    let mut trials = Vec::with_capacity(size * size);
    grid.centres(|row, column, centre| {
        let threshold = grays.threshold_at(row, column);
        trials.push(Trial { centre, threshold, fixed: 0.0, x: column as f32 + 0.5, y: row as f32 + 0.5 });
    });
    symbol::fixed_modules(size, |row, column, dark| {
        trials[row * size + column].fixed = if dark { 1.0 } else { -1.0 };
    });
    let side = grid.nodes().len();
    let nodes = grid.nodes().to_vec();
    let total =
        |trials: &[Trial]| -> f32 { trials.iter().map(|t| t.clearness(level, t.centre, inverted, limit)).sum() };
    let before = total(&trials);
    let mut moved = vec![Point::default(); side * side];
    for step in STEPS {
        for j in 0..side {
            for i in 0..side {
                let at = j * side + i;
                let (gap_x, gap_y) = (gap(&nodes, i), gap(&nodes, j));
                let columns = span(&nodes, i, size);
                let rows = span(&nodes, j, size);
                let axes = grid.map.axes(Point::new(nodes[i], nodes[j]));
                let count = (columns.len() * rows.len()) as f32;
                let mean = neighbours(&moved, side, i, j);
                let value = |shift: Point, trials: &[Trial]| -> f32 {
                    let extra = shift - moved[at];
                    let mut sum = 0.0;
                    for row in rows.clone() {
                        for trial in &trials[row * size + columns.start..row * size + columns.end] {
                            let weight = hat((trial.x - nodes[i]) / gap_x) * hat((trial.y - nodes[j]) / gap_y);
                            let p = trial.centre + (axes.0 * extra.x + axes.1 * extra.y) * weight;
                            sum += trial.clearness(level, p, inverted, limit);
                        }
                    }
                    let stray = shift - mean;
                    sum - STIFFNESS * stray.dot(stray) * count * limit * 2.0
                };
                let mut best = (value(moved[at], &trials), moved[at]);
                for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                    let shift = moved[at] + Point::new(dx, dy) * step;
                    let gain = value(shift, &trials);
                    if gain > best.0 {
                        best = (gain, shift);
                    }
                }
                if best.1 == moved[at] {
                    continue;
                }
                let extra = best.1 - moved[at];
                let pixels = axes.0 * extra.x + axes.1 * extra.y;
                for row in rows {
                    for trial in &mut trials[row * size + columns.start..row * size + columns.end] {
                        let weight = hat((trial.x - nodes[i]) / gap_x) * hat((trial.y - nodes[j]) / gap_y);
                        trial.centre = trial.centre + pixels * weight;
                    }
                }
                moved[at] = best.1;
                grid.shift_node(at, pixels);
            }
        }
    }
    total(&trials) / before.max(1e-6)
}

/// How much of a node's move a point takes part in, by its distance in gaps.
fn hat(distance: f32) -> f32 {
    (1.0 - distance.abs()).max(0.0)
}

/// Distance to the next node.
fn gap(nodes: &[f32], i: usize) -> f32 {
    if i + 1 < nodes.len() { nodes[i + 1] - nodes[i] } else { nodes[i] - nodes[i - 1] }
}

/// Modules between a node's neighbours.
fn span(nodes: &[f32], i: usize, size: usize) -> std::ops::Range<usize> {
    let gap = gap(nodes, i);
    let from = (nodes[i] - gap).max(0.0) as usize;
    from..((nodes[i] + gap).ceil().max(0.0) as usize).min(size)
}

/// Mean move of the nodes beside one.
fn neighbours(moved: &[Point], side: usize, i: usize, j: usize) -> Point {
    let mut sum = Point::default();
    let mut count = 0.0;
    for (di, dj) in [(-1isize, 0isize), (1, 0), (0, -1), (0, 1)] {
        let (i, j) = (i.wrapping_add_signed(di), j.wrapping_add_signed(dj));
        if i < side && j < side {
            sum = sum + moved[j * side + i];
            count += 1.0;
        }
    }
    sum * (1.0 / f32::max(count, 1.0))
}
