//! The outline of a finder pattern in gray, to a fraction of a pixel: rays from its middle cross three squares' sides.
//!
//! One finder pattern found so gives the place, the size and the slant of its modules, which fixes everything near it.

use crate::finder::Candidate;
use crate::geometry::Point;
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
    /// As good as a circle: its axes are not known.
    pub round: bool,
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
        if self.round {
            let right = right * (self.module() / right.length().max(1e-6));
            return Self { axes: [right, Point::new(-right.y, right.x)], ..*self };
        }
        let [a, b] = self.axes;
        let b = if a.cross(b) < 0.0 { b * -1.0 } else { b };
        let turns = [[a, b], [b, a * -1.0], [a * -1.0, b * -1.0], [b * -1.0, a]];
        let along = |axes: &[Point; 2]| axes[0].dot(right) / axes[0].length().max(1e-6);
        let axes = turns.into_iter().max_by(|p, q| along(p).total_cmp(&along(q))).unwrap_or(self.axes);
        Self { axes, ..*self }
    }
}

/// How much is made of what little there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// What is whole, quickly.
    Brisk,
    /// What is damaged too: for images that show a part of a code.
    Patient,
}

/// Directions in which edges are sought.
const RAYS: usize = 28;
/// From one ray to the next that is followed; shares no factor with their number.
const RAY_STRIDE: usize = 11;
/// Steps along a ray, at most; a quarter of a module apart they reach past a corner at 3.5 · √2 modules.
const STEPS: usize = 30;
/// Rays after which a candidate is given up at a brisk look where fewer than so many have crossed three sides as they
/// should: of the finder patterns of symbols read, 99 in 100 have 5 of 7 and 21 of 28, and those without a quiet zone at the
/// image's edge half of each; what is none has 4 and 14 or fewer in half of the cases.
const WHOLE_MIN: [(usize, usize); 3] = [(RAYS / 4, 4), (RAYS / 2, 8), (RAYS, 15)];
/// Distances of the three squares' sides from the centre, in modules.
const SIDES: [f32; 3] = [1.5, 2.5, 3.5];
/// The second side's distance against the first one's along a ray, 1.67 in theory, and the third one's against the second
/// one's, 1.4.
const SECOND_SIDE: std::ops::Range<f32> = 1.2..2.6;
const THIRD_SIDE: std::ops::Range<f32> = 1.1..1.9;
/// Error above which an outline is chance: real ones stay below 0.1 in 19 of 20, and below 0.27 in blur.
const ERROR_MAX: f32 = 0.27;
/// How far the dark squares' edges may be moved alike, in modules.
const SPREAD_MAX: f32 = 0.4;
/// Fourth harmonic of the radius, as a share of its mean, below which a shape counts as round; a square has 0.07.
const ROUND_MAX: f32 = 0.02;
/// How light the outer ring may be, as a share of the contrast.
const OUTER_RING_MAX: f32 = 0.7;
/// Difference of dark and light below which there is nothing to fit.
const CONTRAST_MIN: f32 = 8.0;
/// The same as a share of the lighter one: print absorbs far more; what absorbs less is a wall's or a cloth's texture.
const CONTRAST_SHARE_MIN: f32 = 0.17;

/// Unit vectors of the rays.
fn directions() -> [Point; RAYS] {
    std::array::from_fn(|ray| {
        let (sin, cos) = (ray as f32 * (std::f32::consts::TAU / RAYS as f32)).sin_cos();
        Point::new(cos, sin)
    })
}

/// An edge found along a ray: where, in candidate's modules from the start, and at which of the sides.
type Edge = (Point, f32);

/// Fits the outline around a candidate. `gray` is the image scaled by `scale` (pixels of it per pixel of the candidate).
pub fn fit(gray: Gray, candidate: &Candidate, scale: f32, care: Care) -> Option<Finder> {
    let start = Point::new(candidate.x * scale, candidate.y * scale);
    let unit = (candidate.width + candidate.height) * scale / 14.0;
    let sign = if candidate.inverted { -1.0 } else { 1.0 };
    let at = |p: Point| sign * gray.at(start.x + p.x * unit, start.y + p.y * unit);
    let rays = directions();

    let mut stone = at(Point::default());
    let mut rings = [0f32; RAYS / 4];
    for (ring, &ray) in rings.iter_mut().zip(rays.iter().step_by(4)) {
        stone += at(ray * 0.7);
        *ring = [1.3, 1.7, 2.1, 2.5, 2.9].iter().map(|&r| at(ray * r)).fold(f32::MIN, f32::max);
    }
    stone /= (1 + rings.len()) as f32;
    rings.sort_unstable_by(f32::total_cmp);
    let light = rings[rings.len() / 2];
    let brighter = if candidate.inverted { -stone } else { light };
    if light - stone < CONTRAST_MIN.max(brighter * CONTRAST_SHARE_MIN) {
        return None;
    }
    // In blur the outer ring, one module wide, stays lighter than the middle, three modules wide.
    for (ring, &ray) in rings.iter_mut().zip(rays.iter().step_by(4)) {
        *ring = [2.6, 2.9, 3.2, 3.5, 3.8, 4.2].iter().map(|&r| at(ray * r)).fold(f32::MAX, f32::min);
    }
    rings.sort_unstable_by(f32::total_cmp);
    let outer = rings[rings.len() / 2].clamp(stone, stone + (light - stone) * OUTER_RING_MAX);
    let thresholds = [(stone + light) / 2.0, (outer + light) / 2.0];

    let mut edges: [Edge; RAYS * 3] = [(Point::default(), 0.0); RAYS * 3];
    let mut found = 0;
    // A square's radius over the angle has its fourth harmonic where its corners are.
    let (mut re, mut im, mut radii, mut count) = (0.0, 0.0, 0.0, 0usize);
    let mut wholes = 0;
    for i in 0..RAYS {
        // Evenly spread from the first on, so that a few rays tell chance from a pattern.
        let n = i * RAY_STRIDE % RAYS;
        let ray = rays[n];
        let mut side = 0;
        let mut radii_of_ray = [0f32; 3];
        let mut before = at(ray * 0.5);
        // Beyond this the next side would be too far away to count.
        let mut reach = f32::MAX;
        for i in 3..STEPS {
            let r = i as f32 * 0.25;
            if r - 0.25 >= reach {
                break;
            }
            let gray = at(ray * r);
            let threshold = thresholds[usize::from(side > 0)];
            let (last, here) = (before - threshold, gray - threshold);
            before = gray;
            if (last < 0.0) != (here < 0.0) && (here >= 0.0) == (side != 1) {
                let r = r - 0.25 + 0.25 * last / (last - here);
                radii_of_ray[side] = r;
                side += 1;
                match (side, care) {
                    (1, Care::Brisk) => reach = r * SECOND_SIDE.end,
                    (2, Care::Brisk) => reach = r * THIRD_SIDE.end,
                    (3, _) => break,
                    _ => {}
                }
            }
        }
        // Along every line through the middle, however slanted the pattern is, the sides are as 1.5 : 2.5 : 3.5.
        let [first, second, third] = radii_of_ray;
        let whole = side == 3 && THIRD_SIDE.contains(&(third / second));
        let sound = side >= 2 && SECOND_SIDE.contains(&(second / first));
        wholes += usize::from(whole && sound);
        if care == Care::Brisk && WHOLE_MIN.iter().any(|&(rays, least)| i + 1 == rays && wholes < least) {
            return None;
        }
        let sides = match care {
            Care::Brisk if !sound => continue,
            Care::Brisk if !whole => 2,
            // What is damaged keeps what edges it has.
            Care::Brisk | Care::Patient => side,
        };
        if sides == 0 {
            continue;
        }
        for (&r, &side) in radii_of_ray.iter().zip(&SIDES).take(sides) {
            edges[found] = (ray * r, side);
            found += 1;
        }
        let quadrupled = rays[4 * n % RAYS];
        re += first * quadrupled.x;
        im += first * quadrupled.y;
        radii += first;
        count += 1;
    }
    if found < RAYS * 3 / 2 || count < RAYS / 2 {
        return None;
    }
    let edges = &edges[..found];
    let turn = (im.atan2(re) - std::f32::consts::PI) / 4.0;
    // A square's mean radius is 1.12 times half its side.
    let module = radii / count as f32 / (SIDES[0] * 1.12);
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
    finder.centre = (finder.centre * unit + start) * (1.0 / scale);
    finder.axes = finder.axes.map(|axis| axis * (unit / scale));
    finder.dark = stone * sign;
    finder.light = light * sign;
    finder.inverted = candidate.inverted;
    finder.round = re.hypot(im) < ROUND_MAX * radii;
    Some(finder)
}

/// Sums for the plane `a·x + b·y + c = value` that fits best.
#[derive(Default)]
struct Plane {
    xx: f32,
    xy: f32,
    yy: f32,
    x: f32,
    y: f32,
    n: f32,
    xv: f32,
    yv: f32,
    v: f32,
}

impl Plane {
    fn add(&mut self, p: Point, value: f32) {
        self.xx += p.x * p.x;
        self.xy += p.x * p.y;
        self.yy += p.y * p.y;
        self.x += p.x;
        self.y += p.y;
        self.n += 1.0;
        self.xv += p.x * value;
        self.yv += p.y * value;
        self.v += value;
    }

    /// (a, b, c) by Cramer's rule.
    fn solve(&self) -> Option<[f32; 3]> {
        let m0 = self.yy * self.n - self.y * self.y;
        let m1 = self.xy * self.n - self.y * self.x;
        let m2 = self.xy * self.y - self.yy * self.x;
        let determinant = self.xx * m0 - self.xy * m1 + self.x * m2;
        if determinant.abs() < 1e-6 {
            return None;
        }
        let a = self.xv * m0 - self.xy * (self.yv * self.n - self.y * self.v)
            + self.x * (self.yv * self.y - self.yy * self.v);
        let b = self.xx * (self.yv * self.n - self.y * self.v) - self.xv * m1
            + self.x * (self.xy * self.v - self.yv * self.x);
        let c = self.xx * (self.yy * self.v - self.yv * self.y) - self.xy * (self.xy * self.v - self.yv * self.x)
            + self.xv * m2;
        Some([a / determinant, b / determinant, c / determinant])
    }
}

/// Improves the axes: each edge is assigned to one of the four directions, then each axis is fitted to its edges.
fn settle(edges: &[Edge], axes: [Point; 2]) -> Option<Finder> {
    let area = axes[0].cross(axes[1]);
    // Rows (a, b, c) with a·x + b·y + c = modules from the centre.
    let mut rows = [[axes[1].y / area, -axes[1].x / area, 0.0], [-axes[0].y / area, axes[0].x / area, 0.0]];
    let mut error = f32::MAX;
    // Ink that spreads or light that blooms moves the dark squares' edges outward or inward, all by the same amount.
    let mut spread = 0.0f32;
    for round in 0..4 {
        let mut sums = [Plane::default(), Plane::default()];
        let mut used = [[0u32; 2]; 2];
        let (mut squares, mut spreads) = (0.0, 0.0);
        let limit = if round == 0 { 0.9 } else { 0.6 };
        for &(p, side) in edges {
            let m = rows.map(|r| r[0] * p.x + r[1] * p.y + r[2]);
            let axis = usize::from(m[1].abs() > m[0].abs());
            let (own, other) = (m[axis], m[1 - axis]);
            // Near a corner the edge may belong to either side.
            let outward = if side == SIDES[1] { -1.0 } else { 1.0 };
            let expected = side + outward * spread;
            let off = own.abs() - expected;
            if other.abs() > own.abs() * 0.92 || off.abs() > limit {
                continue;
            }
            sums[axis].add(p, expected.copysign(own));
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
        if round == 1 && error > 2.0 * ERROR_MAX {
            return None;
        }
        spread = (spread + spreads / count as f32).clamp(-SPREAD_MAX, SPREAD_MAX);
        rows = [sums[0].solve()?, sums[1].solve()?];
    }
    let [[a, b, c], [d, e, f]] = rows;
    let determinant = a * e - b * d;
    if determinant.abs() < 1e-6 {
        return None;
    }
    let axes = [Point::new(e / determinant, -d / determinant), Point::new(-b / determinant, a / determinant)];
    let (long, short) = (axes[0].length().max(axes[1].length()), axes[0].length().min(axes[1].length()));
    // Not-a-number fails these comparisons too.
    let sound = long <= short * 4.0 && axes[0].cross(axes[1]).abs() >= 0.3 * long * short && error <= ERROR_MAX;
    if !sound {
        return None;
    }
    let centre = Point::new((b * f - c * e) / determinant, (c * d - a * f) / determinant);
    Some(Finder { centre, axes, dark: 0.0, light: 0.0, error, inverted: false, round: false })
}
