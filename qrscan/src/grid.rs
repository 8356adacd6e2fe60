//! Where each module of a symbol lies: a perspective map, and on it a mesh of corrections at the alignment patterns.

use crate::format::{VERSIONS, version_places};
use crate::geometry::{Homography, Point};
use crate::image::Gray;
use crate::locate::Triple;
use crate::version::{self, SIZE_MAX, SIZE_MIN};

/// A level of the image pyramid to sample from: pixels there are `1 / scale` pixels of the image.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    pub gray: Gray<'a>,
    pub scale: f32,
}

impl Level<'_> {
    #[inline]
    pub fn at(&self, p: Point) -> f32 {
        self.gray.at(p.x * self.scale, p.y * self.scale)
    }
}

/// The lie of a symbol of `size` modules a side.
#[derive(Debug, Clone)]
pub struct Grid {
    pub size: usize,
    pub map: Homography,
    /// Module coordinates of the mesh's nodes along either axis; fewer than two: no mesh.
    nodes: Vec<f32>,
    /// Pixels to add to the map at each node, row by row.
    shifts: Vec<Point>,
    /// Alignment patterns found, of those that there are.
    pub found: usize,
    pub sought: usize,
}

impl Grid {
    pub fn new(size: usize, map: Homography) -> Self {
        Self { size, map, nodes: Vec::new(), shifts: Vec::new(), found: 0, sought: 0 }
    }

    /// Pixel of a point given in modules from the symbol's corner.
    pub fn at(&self, p: Point) -> Point {
        self.map.map(p) + self.shift(p)
    }

    fn shift(&self, p: Point) -> Point {
        if self.nodes.len() < 2 {
            return Point::default();
        }
        let (i, u) = self.cell(p.x);
        let (j, v) = self.cell(p.y);
        let side = self.nodes.len();
        let s = |row: usize, column: usize| self.shifts[row * side + column];
        let upper = s(j, i) * (1.0 - u) + s(j, i + 1) * u;
        let lower = s(j + 1, i) * (1.0 - u) + s(j + 1, i + 1) * u;
        upper * (1.0 - v) + lower * v
    }

    /// The mesh's cell that a coordinate falls in, and how far along; beyond the outer nodes their cells go on.
    fn cell(&self, at: f32) -> (usize, f32) {
        let last = self.nodes.len() - 2;
        let i = self.nodes[1..=last].iter().filter(|&&node| node <= at).count();
        (i, (at - self.nodes[i]) / (self.nodes[i + 1] - self.nodes[i]))
    }

    /// Calls `visit` with the row, the column and the pixel of every module's centre.
    pub fn centres(&self, mut visit: impl FnMut(usize, usize, Point)) {
        let h = self.map.coefficients();
        let mesh = self.nodes.len() >= 2;
        let cells: Vec<(usize, f32)> =
            if mesh { (0..self.size).map(|i| self.cell(i as f32 + 0.5)).collect() } else { Vec::new() };
        let side = self.nodes.len();
        let mut row_shifts = vec![Point::default(); side];
        for row in 0..self.size {
            let y = row as f32 + 0.5;
            let (bx, by, bw) = (h[1] * y + h[2], h[4] * y + h[5], h[7] * y + 1.0);
            if mesh {
                let (j, v) = cells[row];
                for (i, shift) in row_shifts.iter_mut().enumerate() {
                    *shift = self.shifts[j * side + i] * (1.0 - v) + self.shifts[(j + 1) * side + i] * v;
                }
            }
            for column in 0..self.size {
                let x = column as f32 + 0.5;
                let w = 1.0 / (h[6] * x + bw);
                let mut p = Point::new((h[0] * x + bx) * w, (h[3] * x + by) * w);
                if let Some(&(i, u)) = cells.get(column) {
                    p = p + row_shifts[i] * (1.0 - u) + row_shifts[i + 1] * u;
                }
                visit(row, column, p);
            }
        }
    }

    /// Corners of the symbol in pixels: top left, top right, bottom right, bottom left as printed.
    pub fn corners(&self) -> [Point; 4] {
        let s = self.size as f32;
        [(0.0, 0.0), (s, 0.0), (s, s), (0.0, s)].map(|(x, y)| self.at(Point::new(x, y)))
    }
}

/// Sizes to try, the likeliest first: what the version information says, then what the distances say.
pub fn sizes(triple: &Triple, level: Level) -> Vec<usize> {
    let measured = triple.size.clamp(SIZE_MIN as f32, SIZE_MAX as f32);
    let mut out = Vec::new();
    if measured > 37.0
        && let Some(version) = read_version(triple, level)
    {
        let size = version::size_of(version);
        if (size as f32 / measured).ln().abs() < 0.35 {
            out.push(size);
        }
    }
    // Sizes are 4 apart; how far the measure can be off grows with it.
    let nearest = (((measured - 17.0) / 4.0).round() as usize).clamp(1, 40);
    let side = if measured > 17.0 + 4.0 * nearest as f32 { 1 } else { -1 };
    for step in [0, side, -side, 2 * side, -2 * side] {
        let version = nearest as isize + step;
        if (1..=40).contains(&version) {
            let size = version::size_of(version as usize);
            let off = (size as f32 - measured).abs();
            if off <= 2.6 + 0.08 * measured && !out.contains(&size) {
                out.push(size);
            }
        }
    }
    out
}

/// The version that the blocks beside the two outer finder patterns spell, if either is near enough to one.
fn read_version(triple: &Triple, level: Level) -> Option<usize> {
    let mut best = (u32::MAX, 0);
    // Bit i lies at (i / 3, i % 3 - 11) from the right edge; seen from the finder pattern's centre, 3.5 to its left.
    for (finder, flipped) in [(&triple.right, false), (&triple.below, true)] {
        let threshold = (finder.dark + finder.light) / 2.0;
        let mut word = 0u32;
        for i in 0..18 {
            let [(row, column), _] = version_places(i, 11);
            let (along, across) = (column as f32 + 0.5 - 11.0 + 3.5, row as f32 + 0.5 - 3.5);
            let p = if flipped { finder.at(across, along) } else { finder.at(along, across) };
            let dark = (level.at(p) < threshold) != finder.inverted;
            word |= u32::from(dark) << i;
        }
        for (i, &version) in VERSIONS.iter().enumerate() {
            best = best.min(((version ^ word).count_ones(), i + 7));
        }
    }
    (best.0 <= 3).then_some(best.1)
}

/// The map that the outlines of three finder patterns give for a symbol of `size`.
pub fn map_of_finders(triple: &Triple, size: usize) -> Option<Homography> {
    let far = size as f32 - 3.5;
    let mut pairs = Vec::with_capacity(12);
    for (finder, x, y) in [(&triple.corner, 3.5, 3.5), (&triple.right, far, 3.5), (&triple.below, 3.5, far)] {
        for (dx, dy) in [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)] {
            pairs.push((Point::new(x + dx, y + dy), finder.at(dx, dy), 1.0));
        }
    }
    Homography::fit(&pairs)
}

/// How far the two timing patterns alternate as they should: 1 in every module, 0 by chance.
pub fn timing(map: &Homography, size: usize, level: Level, triple: &Triple) -> f32 {
    let mut total = 0.0;
    for axis in 0..2 {
        let other = if axis == 0 { &triple.right } else { &triple.below };
        let (near, far) = (&triple.corner, other);
        let sign = if near.inverted { -1.0 } else { 1.0 };
        let (mut sum, mut of) = (0.0, 0.0);
        for i in 8..size - 8 {
            let along = i as f32 + 0.5;
            // The threshold goes over from one finder pattern's to the other's.
            let share = along / size as f32;
            let threshold = (near.dark + near.light) * (0.5 - 0.5 * share) + (far.dark + far.light) * 0.5 * share;
            let p = if axis == 0 { Point::new(along, 6.5) } else { Point::new(6.5, along) };
            let off = ((threshold - level.at(map.map(p))) * sign).clamp(-40.0, 40.0);
            sum += if i % 2 == 0 { off } else { -off };
            of += off.abs();
        }
        total += if of > 0.0 { sum / of } else { 0.0 };
    }
    total / 2.0
}

/// Gray of dark and light modules over the three finder patterns.
pub fn levels(triple: &Triple) -> (f32, f32) {
    let three = [&triple.corner, &triple.right, &triple.below];
    (three.iter().map(|f| f.dark).sum::<f32>() / 3.0, three.iter().map(|f| f.light).sum::<f32>() / 3.0)
}

/// Contrast below which something is not taken for an alignment pattern, as a share of the finder patterns' contrast.
const ALIGNMENT_CONTRAST_MIN: f32 = 0.35;

/// The centre of the alignment pattern near `p` within `reach` modules; `axes` are one module along x and y in pixels.
pub fn find_alignment(
    level: Level,
    p: Point,
    axes: (Point, Point),
    reach: f32,
    (dark, light): (f32, f32),
) -> Option<Point> {
    let range = light - dark;
    let score = |centre: Point| -> f32 {
        // Middle dark, eight around it light, sixteen around those dark: weighted so that a flat area scores zero.
        let middle = level.at(centre);
        let mut ring = 0.0;
        for (x, y) in [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)] {
            ring += level.at(centre + axes.0 * x as f32 + axes.1 * y as f32);
        }
        ring /= 8.0;
        if (ring - middle) / range < 0.2 {
            return 0.0;
        }
        let mut outer = 0.0;
        for i in -2..2 {
            let (i, far) = (i as f32, 2.0);
            outer += level.at(centre + axes.0 * i - axes.1 * far);
            outer += level.at(centre + axes.0 * far + axes.1 * i);
            outer += level.at(centre - axes.0 * i + axes.1 * far);
            outer += level.at(centre - axes.0 * far - axes.1 * i);
        }
        outer /= 16.0;
        // The middle is one module against sixteen, yet it tells the place best.
        (ring - 0.35 * middle - 0.65 * outer) / range
    };
    let step = 0.5;
    let steps = (reach / step) as i32;
    let mut best = (0.0, p, 0.0);
    for i in -steps..=steps {
        for j in -steps..=steps {
            let (dx, dy) = (i as f32 * step, j as f32 * step);
            let at = p + axes.0 * dx + axes.1 * dy;
            let contrast = score(at);
            // Of two alike the nearer one; data can look like a pattern.
            let value = contrast - 0.03 * (dx * dx + dy * dy).sqrt();
            if contrast > 0.0 && value > best.0 {
                best = (value, at, contrast);
            }
        }
    }
    if best.2 < ALIGNMENT_CONTRAST_MIN * 0.6 {
        return None;
    }
    let (mut at, mut contrast) = (best.1, best.2);
    for step in [0.25, 0.12] {
        let from = at;
        for (x, y) in [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)] {
            let near = from + axes.0 * (x as f32 * step) + axes.1 * (y as f32 * step);
            let value = score(near);
            if value > contrast {
                (at, contrast) = (near, value);
            }
        }
    }
    (contrast >= ALIGNMENT_CONTRAST_MIN).then_some(at)
}

/// Lays a grid over the symbol: the finder patterns' map, then every alignment pattern that is found.
pub fn lay(triple: &Triple, size: usize, map: Homography, level: Level) -> Option<Grid> {
    let version = version::of_size(size)?;
    let mut grid = Grid::new(size, map);
    let (centres, count) = version::alignment(version);
    if count == 0 {
        return Some(grid);
    }
    let levels = levels(triple);
    let far = size as f32 - 3.5;
    // The pattern farthest from the finder patterns fixes the perspective.
    let last = Point::new(size as f32 - 6.5, size as f32 - 6.5);
    let reach = (2.0 + size as f32 * 0.05).min(6.0);
    let anchor = find_alignment(level, grid.map.map(last), grid.map.axes(last), reach, levels);
    if let Some(anchor) = anchor {
        let mut pairs = vec![(last, anchor, 6.0)];
        for (finder, x, y) in [(&triple.corner, 3.5, 3.5), (&triple.right, far, 3.5), (&triple.below, 3.5, far)] {
            for (dx, dy) in [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)] {
                pairs.push((Point::new(x + dx, y + dy), finder.at(dx, dy), 1.0));
            }
        }
        grid.map = Homography::fit(&pairs)?;
    }
    grid.sought = count * count - 3;
    grid.nodes = centres[..count].iter().map(|&c| c as f32 + 0.5).collect();
    let nodes = grid.nodes.clone();
    let mut shifts = vec![None; count * count];
    for (finder, i, j, dx, dy) in [
        (&triple.corner, 0, 0, 3.0, 3.0),
        (&triple.right, count - 1, 0, -3.0, 3.0),
        (&triple.below, 0, count - 1, 3.0, -3.0),
    ] {
        let module = Point::new(nodes[i], nodes[j]);
        shifts[j * count + i] = Some(finder.at(dx, dy) - grid.map.map(module));
    }
    if let Some(anchor) = anchor {
        shifts[count * count - 1] = Some(anchor - grid.map.map(last));
        grid.found += 1;
    }
    // From what is known outward: each node is sought where its known neighbours say it should be.
    for ring in 0..2 * count - 1 {
        for j in 0..count {
            let Some(i) = ring.checked_sub(j).filter(|&i| i < count) else { continue };
            if shifts[j * count + i].is_some() {
                continue;
            }
            let module = Point::new(nodes[i], nodes[j]);
            let expected = grid.map.map(module) + neighbourhood(&shifts, count, i, j);
            if let Some(found) = find_alignment(level, expected, grid.map.axes(module), 1.5, levels) {
                shifts[j * count + i] = Some(found - grid.map.map(module));
                grid.found += 1;
            }
        }
    }
    grid.shifts = (0..count * count)
        .map(|at| shifts[at].unwrap_or_else(|| neighbourhood(&shifts, count, at % count, at / count)))
        .collect();
    Some(grid)
}

/// The shift that the known nodes near (i, j) suggest: their mean, the nearer the heavier.
fn neighbourhood(shifts: &[Option<Point>], count: usize, i: usize, j: usize) -> Point {
    let mut sum = Point::default();
    let mut weights = 0.0;
    for (at, shift) in shifts.iter().enumerate() {
        if let Some(shift) = shift {
            let (dx, dy) = ((at % count).abs_diff(i) as f32, (at / count).abs_diff(j) as f32);
            let distance = dx * dx + dy * dy;
            if distance > 0.0 {
                let weight = 1.0 / (distance * distance);
                sum = sum + *shift * weight;
                weights += weight;
            }
        }
    }
    if weights > 0.0 { sum * (1.0 / weights) } else { sum }
}
