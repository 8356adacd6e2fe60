//! Where each module of a symbol lies: a perspective map, and on it a mesh of corrections at the alignment patterns.

use crate::format::{VERSIONS, version_places};
use crate::geometry::{Homography, Point};
use crate::image::Gray;
use crate::locate::Triple;
use crate::outline::Finder;
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

    /// Lays the mesh's nodes about `step` modules apart, evenly from edge to edge, and leaves the modules where they are.
    pub fn refine(&mut self, step: f32) {
        let size = self.size as f32;
        let gaps = (size / step).round().max(1.0);
        let nodes: Vec<f32> = (0..=gaps as usize).map(|i| i as f32 * size / gaps).collect();
        let shifts = nodes.iter().flat_map(|&y| nodes.iter().map(move |&x| Point::new(x, y)));
        self.shifts = shifts.map(|p| self.shift(p)).collect();
        self.nodes = nodes;
    }

    /// Module coordinates of the mesh's nodes along either axis.
    pub fn nodes(&self) -> &[f32] {
        &self.nodes
    }

    /// Moves one node of the mesh, counted row by row, by some pixels.
    pub fn shift_node(&mut self, node: usize, pixels: Point) {
        self.shifts[node] = self.shifts[node] + pixels;
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

/// A size that a symbol may have, in modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub modules: usize,
    /// Both copies of the version information say so.
    pub spelled: bool,
}

/// Sizes to try, the likeliest first: what the version information says, then what the distances say.
pub fn sizes(triple: &Triple, level: Level) -> Vec<Size> {
    let measured = triple.size.clamp(SIZE_MIN as f32, SIZE_MAX as f32);
    let mut out: Vec<Size> = Vec::new();
    if measured > SPELLED_SIZE_MIN
        && let Some(size) = read_version(triple, level)
        && (size.modules as f32 / measured).ln().abs() < 0.35
    {
        out.push(size);
        if size.spelled {
            return out;
        }
    }
    // Sizes are 4 apart; how far the measure can be off grows with it.
    let nearest = (((measured - 17.0) / 4.0).round() as usize).clamp(1, 40);
    let side = if measured > 17.0 + 4.0 * nearest as f32 { 1 } else { -1 };
    for step in [0, side, -side, 2 * side, -2 * side] {
        let version = nearest as isize + step;
        if (1..=40).contains(&version) {
            let modules = version::size_of(version as usize);
            let off = (modules as f32 - measured).abs();
            if off <= 2.6 + 0.08 * measured && out.iter().all(|s| s.modules != modules) {
                out.push(Size { modules, spelled: false });
            }
        }
    }
    out
}

/// Modules measured from which on a symbol may have version information (version 7 has 45).
const SPELLED_SIZE_MIN: f32 = 37.0;

/// The size that the blocks beside the two outer finder patterns spell, if either is near enough to a version's.
fn read_version(triple: &Triple, level: Level) -> Option<Size> {
    let mut distances = [[0u32; VERSIONS.len()]; 2];
    // Bit i lies at (i / 3, i % 3 - 11) from the right edge; seen from the finder pattern's centre, 3.5 to its left.
    for (copy, finder) in [&triple.right, &triple.below].into_iter().enumerate() {
        let threshold = (finder.dark + finder.light) / 2.0;
        let mut word = 0u32;
        for i in 0..18 {
            let [(row, column), _] = version_places(i, 11);
            let (along, across) = (column as f32 + 0.5 - 11.0 + 3.5, row as f32 + 0.5 - 3.5);
            let p = if copy == 1 { finder.at(across, along) } else { finder.at(along, across) };
            let dark = (level.at(p) < threshold) != finder.inverted;
            word |= u32::from(dark) << i;
        }
        for (distance, &version) in distances[copy].iter_mut().zip(&VERSIONS) {
            *distance = (version ^ word).count_ones();
        }
    }
    // The code keeps versions 8 bits apart: 3 wrong bits are certain to be told.
    let best = (0..VERSIONS.len())
        .min_by_key(|&v| (distances[0][v].min(distances[1][v]), distances[0][v] + distances[1][v]))?;
    let (a, b) = (distances[0][best], distances[1][best]);
    (a.min(b) <= 3).then_some(Size { modules: version::size_of(best + 7), spelled: a <= 3 && b <= 3 })
}

/// The map that the outlines of three finder patterns give for a symbol of `size`.
pub fn map_of_finders(triple: &Triple, size: usize) -> Option<Homography> {
    Homography::fit(&pairs_of_finders(triple, size, Trust::Slants))
}

/// What of a finder pattern a grid goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Its outline: size and slant as well as place. Right for prints as they should be, flat or bent.
    Slants,
    /// Its place above all. Right where ink has spread unevenly.
    Centres,
}

/// Modules and pixels of the three finder patterns with their weights.
fn pairs_of_finders(triple: &Triple, size: usize, trust: Trust) -> Vec<(Point, Point, f32)> {
    let (centre, slant) = match trust {
        Trust::Slants => (0.0, 1.0),
        Trust::Centres => (4.0, 0.2),
    };
    let far = size as f32 - 3.5;
    let mut pairs = Vec::with_capacity(16);
    for (finder, x, y) in [(&triple.corner, 3.5, 3.5), (&triple.right, far, 3.5), (&triple.below, 3.5, far)] {
        pairs.push((Point::new(x, y), finder.centre, centre));
        for (dx, dy) in [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)] {
            pairs.push((Point::new(x + dx, y + dy), finder.at(dx, dy), slant));
        }
    }
    pairs
}

/// A timing pattern's course between two finder patterns: a cubic (Hermite) with the place and the slant of the modules
/// at both ends, which follows perspective and bent paper alike.
pub struct Course {
    start: Point,
    end: Point,
    leave: Point,
    arrive: Point,
    length: f32,
}

impl Course {
    /// The course along the top (axis 0) or the left (axis 1) timing pattern of a symbol of `size`.
    pub fn new(triple: &Triple, axis: usize, size: usize) -> Self {
        // From module 6.5 to its counterpart, three modules inside the centres of the finder patterns.
        let length = size as f32 - 13.0;
        let (other, end) = if axis == 0 {
            (&triple.right, triple.right.at(-3.0, 3.0))
        } else {
            (&triple.below, triple.below.at(3.0, -3.0))
        };
        Self {
            start: triple.corner.at(3.0, 3.0),
            end,
            leave: triple.corner.axes[axis] * length,
            arrive: other.axes[axis] * length,
            length,
        }
    }

    /// Pixel at `along` modules from the symbol's edge.
    pub fn at(&self, along: f32) -> Point {
        let t = (along - 6.5) / self.length;
        let (t2, t3) = (t * t, t * t * t);
        self.start * (2.0 * t3 - 3.0 * t2 + 1.0)
            + self.leave * (t3 - 2.0 * t2 + t)
            + self.end * (3.0 * t2 - 2.0 * t3)
            + self.arrive * (t3 - t2)
    }
}

/// How far the two timing patterns alternate as they should: 1 in every module, 0 by chance.
pub fn timing(size: usize, level: Level, triple: &Triple) -> f32 {
    let mut total = 0.0;
    for axis in 0..2 {
        let course = Course::new(triple, axis, size);
        let other = if axis == 0 { &triple.right } else { &triple.below };
        let (near, far) = (&triple.corner, other);
        let sign = if near.inverted { -1.0 } else { 1.0 };
        let (mut sum, mut of) = (0.0, 0.0);
        for i in 8..size - 8 {
            let along = i as f32 + 0.5;
            // The threshold goes over from one finder pattern's to the other's.
            let share = along / size as f32;
            let threshold = (near.dark + near.light) * (0.5 - 0.5 * share) + (far.dark + far.light) * 0.5 * share;
            let off = ((threshold - level.at(course.at(along))) * sign).clamp(-40.0, 40.0);
            sum += if i % 2 == 0 { off } else { -off };
            of += off.abs();
        }
        let share = if of > 0.0 { sum / of } else { 0.0 };
        if axis == 0 && share < 0.0 {
            // The other axis alone would not do.
            return share;
        }
        total += share;
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

/// The finder pattern near `p` within `reach` modules, where `like` has the size and the slant that it should have.
///
/// It need not be whole: what counts is that its dark modules are darker than its light ones on the whole.
pub fn find_finder(level: Level, p: Point, like: &Finder, reach: f32) -> Option<Finder> {
    let sign = if like.inverted { -1.0 } else { 1.0 };
    let lie = |x: i32, y: i32| like.axes[0] * x as f32 + like.axes[1] * y as f32;
    let ring = |&(x, y): &(i32, i32)| x.abs().max(y.abs());
    let modules = (-4..=4).flat_map(|y| (-4..=4).map(move |x| (x, y)));
    let is_dark = |module: &(i32, i32)| ring(module) <= 1 || ring(module) == 3;
    let is_light = |module: &(i32, i32)| ring(module) == 2 || ring(module) == 4 && (module.0 + module.1) % 2 == 0;
    let dark_modules: Vec<(i32, i32)> = modules.clone().filter(is_dark).collect();
    let light_modules: Vec<(i32, i32)> = modules.filter(is_light).collect();
    let mean = |centre: Point, modules: &[(i32, i32)]| {
        modules.iter().map(|&(x, y)| level.at(centre + lie(x, y))).sum::<f32>() / modules.len() as f32
    };
    let score = |centre: Point| (mean(centre, &light_modules) - mean(centre, &dark_modules)) * sign;
    // The places looked at first are a module apart, as the pattern's own modules are: each gray is taken once.
    let steps = reach as i32;
    let around = steps + 4;
    let side = (2 * around + 1) as usize;
    let grays: Vec<f32> = (-around..=around)
        .flat_map(|y| (-around..=around).map(move |x| (x, y)))
        .map(|(x, y)| level.at(p + lie(x, y)))
        .collect();
    let offsets = |modules: &[(i32, i32)]| -> Vec<usize> {
        modules.iter().map(|&(x, y)| (y + 4) as usize * side + (x + 4) as usize).collect()
    };
    let (dark_offsets, light_offsets) = (offsets(&dark_modules), offsets(&light_modules));
    let mut best = (f32::MIN, p);
    for y in -steps..=steps {
        for x in -steps..=steps {
            let corner = (y + steps) as usize * side + (x + steps) as usize;
            let mean =
                |offsets: &[usize]| offsets.iter().map(|&o| grays[corner + o]).sum::<f32>() / offsets.len() as f32;
            let value = (mean(&light_offsets) - mean(&dark_offsets)) * sign;
            if value > best.0 {
                best = (value, p + lie(x, y));
            }
        }
    }
    if best.0 < PART_CONTRAST_MIN * 0.5 * (like.light - like.dark) * sign {
        return None;
    }
    let mut step = 1.0;
    while step > 0.1 {
        step /= 2.0;
        let from = best.1;
        for (x, y) in [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)] {
            let at = from + like.axes[0] * (x as f32 * step) + like.axes[1] * (y as f32 * step);
            let value = score(at);
            if value > best.0 {
                best = (value, at);
            }
        }
    }
    let (dark, light) = (mean(best.1, &dark_modules), mean(best.1, &light_modules));
    let enough = best.0 > PART_CONTRAST_MIN * (like.light - like.dark) * sign;
    enough.then_some(Finder { centre: best.1, dark, light, error: PART_ERROR, ..*like })
}

/// Contrast of a finder pattern that is only partly there, as a share of a whole one's.
const PART_CONTRAST_MIN: f32 = 0.35;
/// Error that is assumed for such a pattern: its slant is another one's.
const PART_ERROR: f32 = 0.2;

/// Lays a grid over the symbol: the finder patterns' map, then every alignment pattern that is found.
pub fn lay(triple: &Triple, size: usize, map: Homography, level: Level, trust: Trust) -> Option<Grid> {
    let version = version::of_size(size)?;
    let mut grid = Grid::new(size, map);
    let (centres, count) = version::alignment(version);
    if count == 0 {
        return Some(grid);
    }
    let levels = levels(triple);
    // The pattern farthest from the finder patterns fixes the perspective.
    let last = Point::new(size as f32 - 6.5, size as f32 - 6.5);
    let reach = (2.0 + size as f32 * 0.05).min(6.0);
    let anchor = find_alignment(level, grid.map.map(last), grid.map.axes(last), reach, levels);
    if let Some(anchor) = anchor {
        let mut pairs = pairs_of_finders(triple, size, trust);
        pairs.push((last, anchor, if trust == Trust::Slants { 6.0 } else { 4.0 }));
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
    // From the timing patterns outward: each node is sought where its three neighbours say it should be.
    let courses = [Course::new(triple, 0, size), Course::new(triple, 1, size)];
    for ring in 0..2 * count - 1 {
        for j in 0..count {
            let Some(i) = ring.checked_sub(j).filter(|&i| i < count) else { continue };
            let at = j * count + i;
            if shifts[at].is_some() {
                continue;
            }
            let module = Point::new(nodes[i], nodes[j]);
            let mapped = grid.map.map(module);
            let expected = if j == 0 {
                courses[0].at(nodes[i])
            } else if i == 0 {
                courses[1].at(nodes[j])
            } else if let (Some(left), Some(above), Some(corner)) =
                (shifts[at - 1], shifts[at - count], shifts[at - count - 1])
            {
                mapped + left + above - corner
            } else {
                mapped
            };
            let found = find_alignment(level, expected, grid.map.axes(module), NODE_REACH, levels);
            grid.found += usize::from(found.is_some());
            shifts[at] = Some(found.unwrap_or(expected) - mapped);
        }
    }
    grid.shifts = shifts.into_iter().map(Option::unwrap_or_default).collect();
    Some(grid)
}

/// Lays a grid where no alignment pattern fixes the perspective: the far corner is moved until the modules are clearest.
pub fn lay_by_corner(triple: &Triple, size: usize, map: Homography, level: Level) -> Option<Grid> {
    let (dark, light) = levels(triple);
    let middle = (dark + light) / 2.0;
    let far = Point::new(size as f32, size as f32);
    let (corner, axes) = (map.map(far), map.axes(far));
    // Far from the finder patterns the corner tells most; a third of the modules is enough.
    let clearness = |map: &Homography| -> f32 {
        let grid = Grid::new(size, *map);
        let mut sum = 0.0;
        grid.centres(|row, column, p| {
            if row + column > size / 2 && (row + column) % 2 == 0 {
                sum += (level.at(p) - middle).abs();
            }
        });
        sum
    };
    let with = |offset: Point| {
        let mut pairs = pairs_of_finders(triple, size, Trust::Slants);
        pairs.push((far, corner + axes.0 * offset.x + axes.1 * offset.y, 8.0));
        Homography::fit(&pairs)
    };
    let mut best = (clearness(&map), map, Point::default());
    for step in [1.2, 0.6, 0.3, 0.15] {
        let reach = if step > 1.0 { 3 } else { 1 };
        let from = best.2;
        for i in -reach..=reach {
            for j in -reach..=reach {
                let offset = from + Point::new(i as f32, j as f32) * step;
                let Some(map) = with(offset) else { continue };
                let value = clearness(&map);
                if value > best.0 {
                    best = (value, map, offset);
                }
            }
        }
    }
    Some(Grid::new(size, best.1))
}

/// How far from its expected place an alignment pattern is sought, in modules.
const NODE_REACH: f32 = 1.5;
