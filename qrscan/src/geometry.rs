//! Points, small linear systems and perspective.

/// A place in an image, in pixels, or in a symbol, in modules.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    pub fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// Positive where `other` lies clockwise of `self` as seen on a screen, whose y points down.
    pub fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }
}

impl std::ops::Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl std::ops::Mul<f32> for Point {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }
}

/// Solves the symmetric positive system `a · x = b` in place; `None` where it is singular.
pub fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot = (column..N).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
        if a[pivot][column].abs() < 1e-12 {
            return None;
        }
        a.swap(column, pivot);
        b.swap(column, pivot);
        for row in column + 1..N {
            let factor = a[row][column] / a[column][column];
            if factor != 0.0 {
                let above = a[column];
                for (value, above) in a[row].iter_mut().zip(above).skip(column) {
                    *value -= factor * above;
                }
                b[row] -= factor * b[column];
            }
        }
    }
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|i| a[row][i] * b[i]).sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    b.iter().all(|v| v.is_finite()).then_some(b)
}

/// Sums of a least-squares problem with `N` unknowns.
#[derive(Debug, Clone, Copy)]
pub struct LeastSquares<const N: usize> {
    a: [[f64; N]; N],
    b: [f64; N],
}

impl<const N: usize> LeastSquares<N> {
    pub fn new() -> Self {
        Self { a: [[0.0; N]; N], b: [0.0; N] }
    }

    /// Adds the equation `row · x = value` with a weight.
    pub fn add(&mut self, row: &[f64; N], value: f64, weight: f64) {
        for (i, &factor) in row.iter().enumerate() {
            if factor == 0.0 {
                continue;
            }
            for (sum, &other) in self.a[i].iter_mut().zip(row) {
                *sum += weight * factor * other;
            }
            self.b[i] += weight * factor * value;
        }
    }

    pub fn solve(self) -> Option<[f64; N]> {
        solve(self.a, self.b)
    }
}

/// A perspective map from modules to pixels.
#[derive(Debug, Clone, Copy)]
pub struct Homography {
    h: [f64; 8],
}

impl Homography {
    /// The map nearest to the given pairs (module, pixel, weight) in the least-squares sense; at least four.
    pub fn fit(pairs: &[(Point, Point, f32)]) -> Option<Self> {
        // Hartley's normalisation, so that f64 has digits to spare: modules and pixels to about one.
        let count = pairs.len() as f64;
        if pairs.len() < 4 {
            return None;
        }
        let centre = |pick: &dyn Fn(&(Point, Point, f32)) -> Point| {
            let sum = pairs.iter().fold((0.0, 0.0), |s, p| (s.0 + f64::from(pick(p).x), s.1 + f64::from(pick(p).y)));
            let (cx, cy) = (sum.0 / count, sum.1 / count);
            let spread: f64 = pairs
                .iter()
                .map(|p| ((f64::from(pick(p).x) - cx).powi(2) + (f64::from(pick(p).y) - cy).powi(2)).sqrt())
                .sum::<f64>()
                / count;
            (cx, cy, spread.max(1e-6))
        };
        let (mx, my, ms) = centre(&|p| p.0);
        let (px, py, ps) = centre(&|p| p.1);
        let mut sums = LeastSquares::<8>::new();
        for (module, pixel, weight) in pairs {
            let (x, y) = ((f64::from(module.x) - mx) / ms, (f64::from(module.y) - my) / ms);
            let (u, v) = ((f64::from(pixel.x) - px) / ps, (f64::from(pixel.y) - py) / ps);
            sums.add(&[x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], u, f64::from(*weight));
            sums.add(&[0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y], v, f64::from(*weight));
        }
        let n = sums.solve()?;
        // Undo the normalisation: T_pixel⁻¹ · N · T_module.
        let n = [[n[0], n[1], n[2]], [n[3], n[4], n[5]], [n[6], n[7], 1.0]];
        let mut m = [[0.0; 3]; 3];
        for (row, n) in m.iter_mut().zip(&n) {
            *row = [n[0] / ms, n[1] / ms, n[2] - n[0] * mx / ms - n[1] * my / ms];
        }
        let mut h = [[0.0; 3]; 3];
        for i in 0..3 {
            h[0][i] = m[0][i] * ps + m[2][i] * px;
            h[1][i] = m[1][i] * ps + m[2][i] * py;
            h[2][i] = m[2][i];
        }
        let scale = h[2][2];
        if scale.abs() < 1e-9 {
            return None;
        }
        let h = [
            h[0][0] / scale,
            h[0][1] / scale,
            h[0][2] / scale,
            h[1][0] / scale,
            h[1][1] / scale,
            h[1][2] / scale,
            h[2][0] / scale,
            h[2][1] / scale,
        ];
        h.iter().all(|v| v.is_finite()).then_some(Self { h })
    }

    /// The map of the square of modules from `low` to `high` along both axes to four points: top left, top right, bottom left,
    /// bottom right. In closed form (Heckbert 1989, Fundamentals of Texture Mapping, 2.2.3), a twentieth of the cost of
    /// [`Homography::fit`].
    pub fn of_square(low: f32, high: f32, [p, q, r, s]: [Point; 4]) -> Option<Self> {
        let wide = |p: Point| (f64::from(p.x), f64::from(p.y));
        let ((px, py), (qx, qy), (rx, ry), (sx, sy)) = (wide(p), wide(q), wide(r), wide(s));
        let (ux, uy, vx, vy) = (qx - sx, qy - sy, rx - sx, ry - sy);
        let (tx, ty) = (px - qx + sx - rx, py - qy + sy - ry);
        let turn = ux * vy - vx * uy;
        let (g, h) = ((tx * vy - vx * ty) / turn, (ux * ty - tx * uy) / turn);
        let side = f64::from(high - low);
        let row = |a: f64, b: f64, c: f64| [a / side, b / side, c - (a + b) / side * f64::from(low)];
        let x = row(qx - px + g * qx, rx - px + h * rx, px);
        let y = row(qy - py + g * qy, ry - py + h * ry, py);
        let w = row(g, h, 1.0);
        let h = [x[0], x[1], x[2], y[0], y[1], y[2], w[0], w[1]].map(|value| value / w[2]);
        h.iter().all(|v| v.is_finite()).then_some(Self { h })
    }

    pub fn map(&self, p: Point) -> Point {
        let (x, y) = (f64::from(p.x), f64::from(p.y));
        let h = &self.h;
        let w = 1.0 / (h[6] * x + h[7] * y + 1.0);
        Point::new(((h[0] * x + h[1] * y + h[2]) * w) as f32, ((h[3] * x + h[4] * y + h[5]) * w) as f32)
    }

    /// How the pixel moves for one module along x, and along y, at `p`.
    pub fn axes(&self, p: Point) -> (Point, Point) {
        let here = self.map(p);
        (self.map(p + Point::new(1.0, 0.0)) - here, self.map(p + Point::new(0.0, 1.0)) - here)
    }

    /// Coefficients in single precision, for sampling.
    pub fn coefficients(&self) -> [f32; 8] {
        self.h.map(|v| v as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closed_form_is_the_map_that_is_fitted() {
        let (low, high) = (3.5, 41.5);
        let square = [(low, low), (high, low), (low, high), (high, high)].map(|(x, y)| Point::new(x, y));
        for slant in [0.0, 7.0, -13.0] {
            let seen = [(100.0, 80.0), (220.0, 90.0 + slant), (95.0 - slant, 200.0), (230.0 + slant, 215.0)];
            let seen = seen.map(|(x, y)| Point::new(x, y));
            let pairs: Vec<_> = square.iter().zip(seen).map(|(&module, pixel)| (module, pixel, 1.0)).collect();
            let fitted = Homography::fit(&pairs).expect("four corners fix a map");
            let closed = Homography::of_square(low, high, seen).expect("four corners fix a map");
            for module in [(0.0, 0.0), (20.0, 7.0), (45.0, 45.0)].map(|(x, y)| Point::new(x, y)) {
                assert!((fitted.map(module) - closed.map(module)).length() < 1e-2, "{module:?}, slant {slant}");
            }
        }
    }

    #[test]
    fn corners_in_one_line_have_no_map() {
        let line = [0.0, 1.0, 2.0, 3.0].map(|x| Point::new(x, x));
        assert!(Homography::of_square(0.0, 21.0, line).is_none());
    }
}
