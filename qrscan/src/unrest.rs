//! Where an image is restless: a code is a patch of edges in all directions, whatever blur and noise leave of it.

use crate::image::Gray;
use crate::patch::Area;

/// Pixels of the first reduction along a cell of the map of unrest.
const CELL: usize = 8;

/// What is kept of the frames before, each time.
const MEMORY: f32 = 0.6;
/// How much more restless than the image's middle a part must be: as a factor, and in grays over a cell.
const UNREST_FACTOR_MIN: f32 = 1.5;
const UNREST_MIN: f32 = 50.0;
/// Share of the way from the middle to the most at which a restless part ends.
const EDGE_SHARE: f32 = 0.4;

/// How restless each part of an image is, averaged over frames.
#[derive(Debug, Default)]
pub struct Unrest {
    width: usize,
    height: usize,
    cells: Vec<f32>,
}

impl Unrest {
    /// Takes a frame's first reduction into account.
    pub fn add(&mut self, gray: Gray) {
        let (width, height) = (gray.width / CELL, gray.height / CELL);
        if (width, height) != (self.width, self.height) {
            *self = Self { width, height, cells: vec![0.0; width * height] };
        }
        let mut sums = vec![0u32; width];
        for (j, cells) in self.cells.chunks_exact_mut(width.max(1)).enumerate() {
            sums.fill(0);
            for y in (j * CELL..(j + 1) * CELL).step_by(2) {
                let below = gray.row((y + 1).min(gray.height - 1));
                for ((sum, a), b) in sums.iter_mut().zip(gray.row(y).chunks_exact(CELL)).zip(below.chunks_exact(CELL)) {
                    let across: u32 = a.iter().zip(&a[1..]).map(|(p, q)| u32::from(p.abs_diff(*q))).sum();
                    let down: u32 = a.iter().zip(b).map(|(p, q)| u32::from(p.abs_diff(*q))).sum();
                    *sum += across.min(down);
                }
            }
            for (cell, &sum) in cells.iter_mut().zip(&sums) {
                *cell = MEMORY * *cell + (1.0 - MEMORY) * sum as f32;
            }
        }
    }

    /// The largest restless part, in pixels of the image itself, with some room around it.
    pub fn area(&self) -> Option<Area> {
        let (width, height) = (self.width, self.height);
        if width < 4 || height < 4 {
            return None;
        }
        let mut smooth = vec![0.0f32; width * height];
        for y in 1..height - 1 {
            for x in 1..width - 1 {
                smooth[y * width + x] = (y - 1..=y + 1)
                    .flat_map(|y| (x - 1..=x + 1).map(move |x| (x, y)))
                    .map(|(x, y)| self.cells[y * width + x])
                    .sum::<f32>();
            }
        }
        let mut sorted = smooth.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let (middle, most) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
        if most < middle * UNREST_FACTOR_MIN + UNREST_MIN {
            return None;
        }
        let least = middle + (most - middle) * EDGE_SHARE;
        let mut best: Option<(usize, [usize; 4])> = None;
        let mut seen = vec![false; width * height];
        let mut open = Vec::new();
        for start in 0..width * height {
            if seen[start] || smooth[start] < least {
                continue;
            }
            seen[start] = true;
            open.push(start);
            let (mut count, mut bounds) = (0, [usize::MAX, usize::MAX, 0, 0]);
            while let Some(at) = open.pop() {
                let (x, y) = (at % width, at / width);
                count += 1;
                bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
                let near = [at.wrapping_sub(1), at + 1, at.wrapping_sub(width), at + width];
                for next in near {
                    if next < width * height && !seen[next] && smooth[next] >= least {
                        seen[next] = true;
                        open.push(next);
                    }
                }
            }
            if best.is_none_or(|(most, _)| count > most) {
                best = Some((count, bounds));
            }
        }
        let (_, [left, top, right, bottom]) = best?;
        let (left, top) = (left.saturating_sub(1), top.saturating_sub(1));
        let step = 2 * CELL;
        Some(Area {
            left: left * step,
            top: top * step,
            width: (right + 2 - left) * step,
            height: (bottom + 2 - top) * step,
        })
    }
}
