//! Finder patterns by their runs: dark, light, dark, light, dark as 1:1:3:1:1 (ISO/IEC 18004, 6.3.3 and 12).

use crate::binarize::Binary;

/// A place that looks like a finder pattern along its row and its column, in pixels of the scanned image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub x: f32,
    pub y: f32,
    /// Length of the five runs along the row and along the column.
    pub width: f32,
    pub height: f32,
    /// The same along a diagonal, in its steps from pixel to pixel.
    pub diagonal: f32,
    /// Rows that showed it.
    pub rows: u32,
    /// Light on dark.
    pub inverted: bool,
}

impl Candidate {
    /// Pixels a module.
    pub fn module(&self) -> f32 {
        (self.width + self.height) / 14.0
    }

    /// Pixels of its height whose rows should show it.
    ///
    /// Not turned, these are the middle square's, three sevenths. Turned by 45° the squares are diamonds, nearer to their
    /// tips the middle run soon is too short, and 0.57 of so many are left; there the diagonal crosses the pattern in half
    /// as many steps as the row.
    fn shown_height(&self) -> f32 {
        let turn = (self.diagonal / self.width.min(self.height)).clamp(0.5, 1.0);
        self.height * (3.0 / 7.0) * (1.0 + 6.0 * turn) / 7.0
    }

    /// How much it is like a finder pattern seen head on, of 1: as wide as high, and shown by every row that should.
    pub fn likeness(&self, row_step: usize) -> f32 {
        let rows = (self.rows as usize * row_step) as f32 / self.shown_height();
        rows.min(1.0) * (self.width / self.height).min(self.height / self.width)
    }

    /// Whether half of the rows showed it that should, to one: chance and text fall away.
    pub fn is_steady(&self, row_step: usize) -> bool {
        (self.rows as usize * row_step) as f32 >= self.shown_height() * 0.5 - 1.0
    }
}

/// Candidates kept from one scan. A page of 140 codes has 420, and as many again in its data.
const CANDIDATES_MAX: usize = 2000;

/// Columns that may be looked at in one scan, at its start and more for each row; where there are more, two rows must show
/// what is to be looked at: of the scans that showed a symbol that was read, 19 in 20 needed fewer.
const CHECKS_AHEAD: usize = 100;
const CHECKS_A_ROW: usize = 5;

/// Columns looked at in one scan, which bounds the time that gravel or text can cost.
const CROSS_CHECKS_MAX: usize = 20_000;

/// Whether five runs are near enough to 1:1:3:1:1.
///
/// Sums of neighbours are compared first: ink that spreads or light that blooms moves all edges of one kind alike, which
/// leaves the distance from one rising edge to the next as it was.
#[inline]
fn is_finder(runs: [i32; 5]) -> bool {
    let total = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
    if total < 7 {
        return false;
    }
    let near = |sum: i32, low: i32, high: i32| sum * 70 >= total * low && sum * 70 <= total * high;
    near(runs[2], 17, 44)
        && near(runs[1] + runs[2], 29, 51)
        && near(runs[2] + runs[3], 29, 51)
        && near(runs[0] + runs[1], 11, 29)
        && near(runs[3] + runs[4], 11, 29)
        && near(runs[0], 3, 21)
        && near(runs[1], 3, 21)
        && near(runs[3], 3, 21)
        && near(runs[4], 3, 21)
}

/// Whether five runs are near enough, where one of the outer two may be anything: something dark may touch the pattern,
/// or cover its edge. The module that the others say, if so.
fn is_most_of_a_finder(runs: [i32; 5]) -> Option<f32> {
    if is_finder(runs) {
        return Some(runs.iter().sum::<i32>() as f32 / 7.0);
    }
    let inner = runs[1] + runs[2] + runs[3];
    let near = |sum: i32, low: i32, high: i32| sum * 50 >= inner * low && sum * 50 <= inner * high;
    let most = inner >= 5
        && near(runs[2], 19, 40)
        && near(runs[1], 4, 18)
        && near(runs[3], 4, 18)
        && (near(runs[0], 4, 18) || near(runs[4], 4, 18));
    most.then_some(inner as f32 / 5.0)
}

/// Lengths of five runs along a line of pixels through `at`, which lies in the middle one, and how far along the line from
/// that pixel's centre the middle one's middle is.
///
/// `longest` bounds the middle run; the outer ones are given up where they grow longer than the middle one.
fn cross(
    bits: &Binary,
    (x, y): (usize, usize),
    (dx, dy): (isize, isize),
    inverted: bool,
    longest: usize,
) -> Option<([i32; 5], f32)> {
    if bits.dark(x, y) == inverted {
        return None;
    }
    // Pixels from the one so far along on, away from `at`.
    let run = |along: usize, sign: isize, dark: bool, most: usize| {
        let step = (dx * sign, dy * sign);
        let along = along as isize;
        let from = (x.wrapping_add_signed(step.0 * along), y.wrapping_add_signed(step.1 * along));
        bits.run(from, step, dark != inverted, most)
    };
    let before = run(0, -1, true, longest);
    let after = run(0, 1, true, longest);
    let middle = before + after + 1;
    if middle > longest {
        return None;
    }
    // The light runs beside the middle one are a third of it; most of what is none fails here.
    let ring = middle + 1;
    let light = |along: usize, sign: isize| {
        let length = run(along, sign, false, ring + 1);
        (1..=ring).contains(&length).then_some(length)
    };
    let light_before = light(before, -1)?;
    let light_after = light(after, 1)?;
    let dark_before = run(before + light_before, -1, true, middle + 1);
    let dark_after = run(after + light_after, 1, true, middle + 1);
    let runs = [dark_before, light_before, middle, light_after, dark_after].map(|run| run as i32);
    Some((runs, (after as f32 - before as f32) / 2.0))
}

/// A row's five runs that look like a finder pattern.
#[derive(Debug, Clone, Copy)]
struct Hit {
    inverted: bool,
    middle: f32,
    total: f32,
}

impl Hit {
    /// Share of its length that one's middle may be from that of another like it; row by row they lie in this order.
    const APART_MAX: f32 = 0.2;

    /// Whether it may be the same pattern's as one of the row before.
    fn is_like(&self, other: &Self) -> bool {
        self.inverted == other.inverted
            && (self.middle - other.middle).abs() < other.total * 0.15
            && (self.total - other.total).abs() < other.total * 0.25
    }
}

/// Length of five runs, in row steps, from which on two rows must show them: the middle square then has four rows.
const LARGE: f32 = 11.0;

/// Finds finder patterns, dark on light and light on dark, looking at one row in `row_step`.
pub fn scan(bits: &Binary, row_step: usize, (words, edges): (&mut Vec<u64>, &mut Vec<u16>), out: &mut Vec<Candidate>) {
    out.clear();
    let mut checks = 0;
    // Candidates that a row may still meet: those below it are not known yet, those above are done with.
    let mut live: Vec<usize> = Vec::new();
    // Hits of this row and of the one scanned before, from left to right.
    let (mut hits, mut hits_before): (Vec<Hit>, Vec<Hit>) = (Vec::new(), Vec::new());
    let mut y = row_step / 2;
    while y < bits.height() {
        bits.row(y, words);
        edges_of(words, bits.width(), edges);
        std::mem::swap(&mut hits, &mut hits_before);
        hits.clear();
        live.retain(|&i| out[i].y + out[i].height * 0.3 > y as f32);
        let busy = row_step > 1 && checks > CHECKS_AHEAD + y / row_step * CHECKS_A_ROW;
        for (i, e) in edges.array_windows::<6>().enumerate() {
            // Most runs fail here: the middle one is longer than each of its neighbours.
            let middle = e[3] - e[2];
            if middle <= e[2] - e[1] || middle <= e[4] - e[3] {
                continue;
            }
            let runs: [i32; 5] = std::array::from_fn(|run| i32::from(e[run + 1]) - i32::from(e[run]));
            if !is_finder(runs) {
                continue;
            }
            let inverted = i & 1 == 1;
            let middle = f32::from(e[2] + e[3]) / 2.0;
            let total = f32::from(e[5] - e[0]);
            let known = live.iter().copied().find(|&i| {
                let c = &out[i];
                c.inverted == inverted
                    && (c.x - middle).abs() < c.width * 0.2
                    && (c.y - y as f32).abs() < c.height * 0.3
                    && total < c.width * 1.6
                    && total * 1.6 > c.width
            });
            if let Some(known) = known {
                out[known].rows += 1;
                continue;
            }
            // A pattern of large modules shows in the next row too; chance seldom does.
            let hit = Hit { inverted, middle, total };
            hits.push(hit);
            let first = hits_before.partition_point(|before| before.middle < middle - total * Hit::APART_MAX);
            let before = hits_before[first..]
                .iter()
                .take_while(|before| before.middle < middle + total * Hit::APART_MAX)
                .any(|before| before.is_like(&hit));
            if row_step > 1 && (busy || total > LARGE * row_step as f32) && !before {
                continue;
            }
            checks += 1;
            if checks > CROSS_CHECKS_MAX || out.len() >= CANDIDATES_MAX {
                return;
            }
            if let Some(candidate) = verify(bits, (middle as usize, y), total, inverted) {
                live.push(out.len());
                out.push(Candidate { rows: 1 + u32::from(before), ..candidate });
            }
        }
        y += row_step;
    }
}

/// Checks the column through a row's hit, then the row through the column's middle.
fn verify(bits: &Binary, (x, y): (usize, usize), total: f32, inverted: bool) -> Option<Candidate> {
    let longest = (total * 1.4) as usize + 1;
    let (column, off) = cross(bits, (x, y), (0, 1), inverted, longest)?;
    let height = is_most_of_a_finder(column)? * 7.0;
    if height < total * 0.3 || height > total * 3.3 {
        return None;
    }
    let centre_y = y as f32 + 0.5 + off;
    let y = centre_y as usize;
    let (row, off) = cross(bits, (x, y), (1, 0), inverted, longest)?;
    let width = is_most_of_a_finder(row)? * 7.0;
    let centre_x = x as f32 + 0.5 + off;
    let x = centre_x as usize;
    // Squares about one centre keep the proportions along every line through it, however slanted they are.
    let diagonal = |step| cross(bits, (x, y), step, inverted, longest).and_then(|(runs, _)| is_most_of_a_finder(runs));
    let diagonal = diagonal((1, 1)).or_else(|| diagonal((1, -1)))? * 7.0;
    Some(Candidate { x: centre_x, y: centre_y, width, height, diagonal, rows: 1, inverted })
}

/// Columns where the row changes between light and dark: even ones to dark, odd ones to light. The row's ends count as
/// changes too, since a pattern may touch them.
fn edges_of(row: &[u64], width: usize, edges: &mut Vec<u16>) {
    edges.clear();
    if row.first().is_some_and(|word| word & 1 == 0) {
        // No dark pixels, then light ones from the start.
        edges.extend_from_slice(&[0, 0]);
    }
    let mut before = 0u64;
    for (i, &word) in row.iter().enumerate() {
        let mut changes = word ^ (word << 1 | before);
        before = word >> 63;
        while changes != 0 {
            edges.push((i * 64) as u16 + changes.trailing_zeros() as u16);
            changes &= changes - 1;
        }
    }
    // Beyond the width a last word is light, which ends a dark run there already where the width is no multiple of 64.
    if edges.last().is_some_and(|&last| usize::from(last) < width) {
        edges.push(width as u16);
    }
}
