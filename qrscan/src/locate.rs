//! Three finder patterns that may belong to one symbol.

use crate::geometry::Point;
use crate::outline::Finder;
use crate::version::{SIZE_MAX, SIZE_MIN};

/// Three finder patterns in their roles, their axes turned to the symbol's right and down.
#[derive(Debug, Clone, Copy)]
pub struct Triple {
    pub corner: Finder,
    pub right: Finder,
    pub below: Finder,
    /// Places of the three in the list they came from: corner, right, below.
    pub members: [usize; 3],
    /// Modules a side, as measured by the modules of the three.
    pub size: f32,
    /// How far from a symbol's geometry; 0 is a square seen head on.
    pub strain: f32,
}

impl Triple {
    /// Pixels a module where they are smallest.
    pub fn module(&self) -> f32 {
        self.corner.module().min(self.right.module()).min(self.below.module())
    }
}

/// One finder pattern as seen from another.
#[derive(Debug, Clone, Copy)]
struct Link {
    to: usize,
    /// Unit vector in the image.
    direction: Point,
    /// Which axis of the first it lies along: 0 or 1.
    axis: usize,
    /// Modules from centre to centre, the geometric mean of both measures.
    modules: f32,
    strain: f32,
}

impl Link {
    /// The nearer of two alike is the likelier: others may belong to the next symbol.
    fn unlikeliness(&self) -> f32 {
        self.strain + 0.01 * self.modules
    }
}

/// Links of one finder pattern that are combined in twos; a page of symbols side by side gives it dozens.
const LINKS_MAX: usize = 20;

/// Distances between the centres of two finder patterns of one symbol, in modules, with room for slant.
const DISTANCE: std::ops::RangeInclusive<f32> = (SIZE_MIN as f32 - 7.0) * 0.7..=(SIZE_MAX as f32 - 7.0) * 1.25;

fn link(from: &Finder, to: &Finder, index: usize) -> Option<Link> {
    if from.inverted != to.inverted {
        return None;
    }
    let there = from.modules_to(to.centre);
    let back = to.modules_to(from.centre);
    let along = |p: Point, round: bool| {
        if round { (p.length(), 0.0) } else { (p.x.abs().max(p.y.abs()), p.x.abs().min(p.y.abs())) }
    };
    let (far, aside) = along(there, from.round);
    let (far_back, aside_back) = along(back, to.round);
    let modules = (far * far_back).sqrt();
    if !DISTANCE.contains(&modules) {
        return None;
    }
    let slant = aside / far + aside_back / far_back;
    let stretch = (far / far_back).ln().abs();
    if slant > 0.9 || stretch > 0.9 {
        return None;
    }
    let d = to.centre - from.centre;
    Some(Link {
        to: index,
        direction: d * (1.0 / d.length().max(1e-6)),
        axis: usize::from(there.y.abs() > there.x.abs()),
        modules,
        strain: slant + stretch,
    })
}

/// Finder patterns that are combined, at most.
pub const FINDERS_MAX: usize = 64;

/// Strain above which three finder patterns are not taken for one symbol's; those of symbols read stay below 3.2.
const STRAIN_MAX: f32 = 3.4;

/// All plausible triples, the least strained first, `most` of them at most. `finders` are sorted, the surest first.
pub fn triples(finders: &[Finder], most: usize) -> Vec<Triple> {
    let finders = &finders[..finders.len().min(FINDERS_MAX)];
    let modules: Vec<f32> = finders.iter().map(Finder::module).collect();
    let mut found = Vec::new();
    let mut links = Vec::new();
    for (i, corner) in finders.iter().enumerate() {
        links.clear();
        links.extend(finders.iter().enumerate().filter(|&(j, _)| j != i).filter_map(|(j, to)| link(corner, to, j)));
        if links.len() > LINKS_MAX {
            links.select_nth_unstable_by(LINKS_MAX, |a, b| a.unlikeliness().total_cmp(&b.unlikeliness()));
            links.truncate(LINKS_MAX);
        }
        for (n, a) in links.iter().enumerate() {
            for b in &links[n + 1..] {
                if a.axis == b.axis && !corner.round {
                    continue;
                }
                let ratio = (a.modules / b.modules).max(b.modules / a.modules);
                let turn = a.direction.cross(b.direction);
                if ratio > 1.65 || turn.abs() < 0.25 {
                    continue;
                }
                // Clockwise on the screen from right to below; a mirrored symbol is read transposed.
                let (right, below) = if turn > 0.0 { (a, b) } else { (b, a) };
                // The other diagonal's patterns must be of like size too.
                let kin = (modules[a.to] / modules[b.to]).max(modules[b.to] / modules[a.to]) - 1.0;
                let errors = corner.error + finders[a.to].error + finders[b.to].error;
                let size = (a.modules + b.modules) * 0.5 + 7.0;
                let strain = 2.0 * (ratio - 1.0) + a.strain + b.strain + kin + 4.0 * errors + 0.002 * size;
                if strain < STRAIN_MAX {
                    found.push((strain, size, i, *right, *below));
                }
            }
        }
    }
    if found.len() > most {
        found.select_nth_unstable_by(most, |p, q| p.0.total_cmp(&q.0));
        found.truncate(most);
    }
    found.sort_unstable_by(|p, q| p.0.total_cmp(&q.0));
    found
        .into_iter()
        .map(|(strain, size, i, right, below)| Triple {
            corner: finders[i].turned(right.direction),
            right: finders[right.to].turned(right.direction),
            below: finders[below.to].turned(right.direction),
            members: [i, right.to, below.to],
            size,
            strain,
        })
        .collect()
}

/// Errors of two finder patterns together above which no third is sought: 0.3 loses three photographs, and no limit costs
/// pictures without a code a thirtieth of their time for 2 of 1,040 altered copies.
const PAIR_ERROR_MAX: f32 = 0.4;

/// Triples from two finder patterns each, where the third is not whole: `find` looks for it near a place, given the size
/// and slant that it should have and how far to look in modules.
pub fn completed(
    finders: &[Finder],
    most: usize,
    mut find: impl FnMut(Point, &Finder, f32) -> Option<Finder>,
) -> Vec<Triple> {
    let mut pairs = Vec::new();
    for (i, a) in finders.iter().enumerate() {
        for (j, b) in finders.iter().enumerate().skip(i + 1) {
            let ratio = a.module() / b.module();
            let errors = a.error + b.error;
            if a.inverted == b.inverted && ratio < 1.7 && ratio > 0.6 && errors < PAIR_ERROR_MAX {
                pairs.push((errors + (ratio - 1.0).abs(), i, j));
            }
        }
    }
    pairs.sort_unstable_by(|p, q| p.0.total_cmp(&q.0));
    let mut out = Vec::new();
    for &(_, i, j) in pairs.iter().take(most) {
        let (a, b) = (&finders[i], &finders[j]);
        let there = a.modules_to(b.centre);
        if there.x.abs() < 2.0 * there.y.abs() && there.y.abs() < 2.0 * there.x.abs() {
            // The two lie on a diagonal: the corner is at one of the other ends.
            let d = (there.x.abs() + there.y.abs()) * 0.5;
            if !DISTANCE.contains(&d) {
                continue;
            }
            for place in [a.at(there.x, 0.0), a.at(0.0, there.y)] {
                let Some(corner) = find(place, a, 1.5 + 0.06 * d) else { continue };
                let (to_a, to_b) = (a.centre - corner.centre, b.centre - corner.centre);
                let (right, below) = if to_a.cross(to_b) > 0.0 { (a, b) } else { (b, a) };
                let along = right.centre - corner.centre;
                let (corner, right, below) = (corner.turned(along), right.turned(along), below.turned(along));
                out.push(Triple { corner, right, below, members: [i, i, j], size: d + 7.0, strain: 0.5 });
            }
            continue;
        }
        // The third lies across from the line between the two: both ends may be the corner, on both sides of the line.
        let Some(link) = link(a, b, j) else { continue };
        if link.strain > 0.6 {
            continue;
        }
        let d = link.modules;
        let along = b.centre - a.centre;
        for (corner, other, members, right) in [(a, b, [i, j, i], along), (b, a, [j, i, j], along * -1.0)] {
            for side in [1.0, -1.0] {
                let corner = corner.turned(right);
                let other = other.turned(right);
                // Slants of both ends, so that perspective is met halfway.
                let across = corner.axes[1] * side;
                let place = corner.centre + across * d;
                let Some(third) = find(place, &corner, 1.5 + 0.06 * d) else { continue };
                let third = third.turned(right);
                let far = corner.modules_to(third.centre);
                let size = d * 0.5 + far.y.abs() * 0.5 + 7.0;
                let (corner, right_finder, below) = if side > 0.0 {
                    (corner, other, third)
                } else {
                    // The line found is the left edge: what lies across is to the right of it.
                    let right = third.centre - corner.centre;
                    (corner.turned(right), third.turned(right), other.turned(right))
                };
                out.push(Triple { corner, right: right_finder, below, members, size, strain: link.strain });
            }
        }
    }
    out
}
