//! The outline of a finder pattern in gray, to a fraction of a pixel: rays from its middle cross three squares' sides.
//!
//! One finder pattern found so gives the place, the size and the slant of its modules, which fixes everything near it.

use crate::finder::Candidate;
use crate::geometry::{LeastSquares, Point};
use crate::image::Gray;

/// A finder pattern with the lie of its modules.
#[derive(Debug, Clone, Copy)]
pub struct Finder {
    pub centre: Point,
    /// One module along each of its two axes, in pixels; which is "right" is not known from one pattern.
    pub axes: [Point; 2],
    /// Gray of its dark and its light modules.
    pub dark: f32,
    pub light: f32,
    /// Root mean square distance of the edges from three squares, in modules.
    pub error: f32,
    pub inverted: bool,
}

impl Finder {
    /// Pixel at (x, y) modules from the centre.
    pub fn at(&self, x: f32, y: f32) -> Point {
        self.centre + self.axes[0] * x + self.axes[1] * y
    }

    /// Pixels a module, as the side of a square of the same area.
    pub fn module(&self) -> f32 {
        self.axes[0].cross(self.axes[1]).abs().sqrt()
    }

    /// Modules from the centre along each axis to a pixel.
    pub fn modules_to(&self, p: Point) -> Point {
        let d = p - self.centre;
        let area = self.axes[0].cross(self.axes[1]);
        Point::new(d.cross(self.axes[1]) / area, self.axes[0].cross(d) / area)
    }

    /// The same pattern with its axes turned by quarter turns so that the first points as nearly as can be along
    /// `right`, and the second clockwise of it on the screen.
    pub fn turned(&self, right: Point) -> Self {
        let [a, b] = self.axes;
        let b = if a.cross(b) < 0.0 { b * -1.0 } else { b };
        let turns = [[a, b], [b, a * -1.0], [a * -1.0, b * -1.0], [b * -1.0, a]];
        let along = |axes: &[Point; 2]| axes[0].dot(right) / axes[0].length().max(1e-6);
        let axes = turns.into_iter().max_by(|p, q| along(p).total_cmp(&along(q))).unwrap_or(self.axes);
        Self { axes, ..*self }
    }
}

const RAYS: usize = 32;
/// Samples along a ray, at most; a quarter of a module apart they reach past a corner at 3.5 · √2 modules.
const SAMPLES: usize = 30;
/// Distances of the three squares' sides from the centre, in modules.
const SIDES: [f32; 3] = [1.5, 2.5, 3.5];

/// How far the dark squares' edges may be moved alike, in modules.
const SPREAD_MAX: f32 = 0.4;

/// An edge found along a ray: where (relative to the start), and at which of the sides.
type Edge = (Point, f32);

/// Fits the outline around a candidate. `gray` is the image scaled by `scale` (pixels of it per pixel of the candidate).
pub fn fit(gray: Gray, candidate: &Candidate, scale: f32) -> Option<Finder> {
    let start = Point::new(candidate.x * scale, candidate.y * scale);
    let unit = (candidate.width + candidate.height) * scale / 14.0;
    let step = unit * 0.25;
    let sign = if candidate.inverted { -1.0 } else { 1.0 };

    let mut profiles = [[0f32; SAMPLES]; RAYS];
    let mut ring = [0f32; RAYS];
    let mut stone = 0.0;
    for (ray, profile) in profiles.iter_mut().enumerate() {
        let (sin, cos) = (ray as f32 * (std::f32::consts::TAU / RAYS as f32)).sin_cos();
        for (i, value) in profile.iter_mut().enumerate() {
            let r = i as f32 * step;
            *value = sign * gray.at(start.x + cos * r, start.y + sin * r);
        }
        stone += profile[..4].iter().sum::<f32>() / 4.0;
        ring[ray] = profile[4..14].iter().copied().fold(f32::MIN, f32::max);
    }
    stone /= RAYS as f32;
    ring.sort_unstable_by(f32::total_cmp);
    let light = ring[RAYS / 2];
    if light - stone < 8.0 {
        return None;
    }
    let threshold = (stone + light) / 2.0;

    let mut edges: [Edge; RAYS * 3] = [(Point::default(), 0.0); RAYS * 3];
    let mut found = 0;
    let mut first_radii = [0f32; RAYS];
    for (ray, profile) in profiles.iter().enumerate() {
        let (sin, cos) = (ray as f32 * (std::f32::consts::TAU / RAYS as f32)).sin_cos();
        let mut side = 0;
        for i in 1..SAMPLES {
            let (before, here) = (profile[i - 1] - threshold, profile[i] - threshold);
            let rising = side != 1;
            if (rising && before < 0.0 && here >= 0.0) || (!rising && before >= 0.0 && here < 0.0) {
                let r = (i as f32 - 1.0 + before / (before - here)) * step;
                edges[found] = (Point::new(cos * r, sin * r), SIDES[side]);
                found += 1;
                if side == 0 {
                    first_radii[ray] = r;
                }
                side += 1;
                if side == 3 {
                    break;
                }
            }
        }
    }
    if found < RAYS {
        return None;
    }
    let edges = &edges[..found];

    // A square's radius over the angle has its fourth harmonic where its corners are.
    let (mut re, mut im, mut mean, mut count) = (0.0, 0.0, 0.0, 0.0f32);
    for (ray, &r) in first_radii.iter().enumerate() {
        if r > 0.0 {
            let (sin, cos) = (4.0 * ray as f32 * (std::f32::consts::TAU / RAYS as f32)).sin_cos();
            re += r * cos;
            im += r * sin;
            mean += r;
            count += 1.0;
        }
    }
    if count < 8.0 {
        return None;
    }
    let turn = (im.atan2(re) - std::f32::consts::PI) / 4.0;
    let module = mean / count / 1.5 / 1.12;
    let mut best: Option<Finder> = None;
    for offset in [0.0, std::f32::consts::FRAC_PI_8] {
        let (sin, cos) = (turn + offset).sin_cos();
        let axes = [Point::new(cos, sin) * module, Point::new(-sin, cos) * module];
        if let Some(fitted) = settle(edges, axes)
            && best.is_none_or(|b| fitted.error < b.error)
        {
            best = Some(fitted);
        }
        if best.is_some_and(|b| b.error < 0.15) {
            break;
        }
    }
    let mut finder = best?;
    finder.centre = (finder.centre + start) * (1.0 / scale);
    finder.axes = finder.axes.map(|axis| axis * (1.0 / scale));
    finder.dark = stone * sign;
    finder.light = light * sign;
    finder.inverted = candidate.inverted;
    Some(finder)
}

/// Improves the axes: each edge is assigned to one of the four directions, then each axis is fitted to its edges.
fn settle(edges: &[Edge], axes: [Point; 2]) -> Option<Finder> {
    let area = axes[0].cross(axes[1]);
    // Rows (a, b, c) with a·x + b·y + c = modules from the centre.
    let mut rows = [
        [f64::from(axes[1].y / area), f64::from(-axes[1].x / area), 0.0],
        [f64::from(-axes[0].y / area), f64::from(axes[0].x / area), 0.0],
    ];
    let mut error = f32::MAX;
    // Ink that spreads or light that blooms moves the dark squares' edges outward or inward, all by the same amount.
    let mut spread = 0.0f32;
    for round in 0..4 {
        let mut sums = [LeastSquares::<3>::new(), LeastSquares::<3>::new()];
        let mut used = [[0u32; 2]; 2];
        let (mut squares, mut spreads) = (0.0, 0.0);
        let limit = if round == 0 { 0.9 } else { 0.6 };
        for &(p, side) in edges {
            let (x, y) = (f64::from(p.x), f64::from(p.y));
            let m = rows.map(|r| (r[0] * x + r[1] * y + r[2]) as f32);
            let axis = usize::from(m[1].abs() > m[0].abs());
            let (own, other) = (m[axis], m[1 - axis]);
            // Near a corner the edge may belong to either side.
            let outward = if side == SIDES[1] { -1.0 } else { 1.0 };
            let expected = side + outward * spread;
            let off = own.abs() - expected;
            if other.abs() > own.abs() * 0.92 || off.abs() > limit {
                continue;
            }
            let target = expected.copysign(own);
            sums[axis].add(&[x, y, 1.0], f64::from(target), 1.0);
            used[axis][usize::from(own > 0.0)] += 1;
            squares += off * off;
            spreads += off * outward;
        }
        if used.iter().flatten().any(|&count| count < 4) {
            return None;
        }
        let count: u32 = used.iter().flatten().sum();
        let missed = edges.len() as f32 - count as f32;
        error = (squares / count as f32).sqrt() + 0.3 * (missed / edges.len() as f32 - 0.12).max(0.0);
        spread = (spread + spreads / count as f32).clamp(-SPREAD_MAX, SPREAD_MAX);
        let [first, second] = sums;
        rows = [first.solve()?, second.solve()?];
    }
    let [[a, b, c], [d, e, f]] = rows;
    let determinant = a * e - b * d;
    if determinant.abs() < 1e-9 {
        return None;
    }
    let axes = [
        Point::new((e / determinant) as f32, (-d / determinant) as f32),
        Point::new((-b / determinant) as f32, (a / determinant) as f32),
    ];
    let (long, short) = (axes[0].length().max(axes[1].length()), axes[0].length().min(axes[1].length()));
    if long > short * 4.0 || axes[0].cross(axes[1]).abs() < 0.3 * long * short || error > 0.4 {
        return None;
    }
    let centre = Point::new(((b * f - c * e) / determinant) as f32, ((c * d - a * f) / determinant) as f32);
    Some(Finder { centre, axes, dark: 0.0, light: 0.0, error, inverted: false })
}
