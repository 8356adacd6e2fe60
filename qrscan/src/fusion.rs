//! Reads from several frames what no single one holds.
//!
//! A symbol that is located and not read is followed from frame to frame. Each frame is a view of the same modules, with a
//! blur, a shift and a noise of its own; what the views say of each module is added up (`equalise.rs`), and decoded under
//! the bound that guards single images against misreading. A view that contradicts the ones before begins afresh, so
//! that two visitors' codes are never mixed.

use std::time::Duration;

use crate::equalise::{Estimate, PHASES, Plane, REACH, View};
use crate::faint;
use crate::geometry::{Homography, Point};
use crate::grid::{Grid, Level};
use crate::image::Gray;
use crate::patch::{Area, Patch};
use crate::reader::{Code, Located, Reader, Reading, Unread, WORK_MAX, code};
use crate::symbol::{self, Correction, Effort, Modules, Symbol};
use crate::unrest::Unrest;
use crate::version;

/// Reads codes from the frames of a camera, one after the other.
///
/// What one frame holds is read from that frame, as [`Reader`] does; only where a frame gives nothing are the frames of the
/// last second joined. At most three symbols are followed, with ten views each.
#[derive(Debug, Default)]
pub struct FrameReader {
    reader: Reader,
    fuser: Fuser,
}

impl FrameReader {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the codes in the next frame: 8-bit gray, row by row, and when it was taken. A time before the last frame's is
    /// another recording's: nothing is joined with what came before.
    ///
    /// Nothing is read where [`Reader::read`] would read nothing for its sides.
    pub fn read(&mut self, luma: &[u8], width: usize, height: usize, at: Duration) -> Reading {
        let fuser = &mut self.fuser;
        fuser.forget(at, (width, height));
        let work_max = if fuser.tracks.is_empty() { READER_WORK_MAX } else { READER_WORK_FOLLOWED };
        let reading = self.reader.read_or(luma, width, height, work_max, &mut |unread| fuser.add(&unread, at));
        if !reading.codes.is_empty() {
            // What is read next must be seen anew.
            fuser.tracks.clear();
            fuser.idle = Idle::default();
        }
        reading
    }
}

/// How long a view counts. A visitor holds a code longer, and the next one takes longer to come.
const AGE_MAX: Duration = Duration::from_secs(1);
/// Views of one symbol, and symbols followed.
const VIEWS_MAX: usize = 10;
const TRACKS_MAX: usize = 3;
/// Grids of one frame that are taken up.
const LOCATED_MAX: usize = 2;
/// Views of one symbol from which on another size is only looked for now and then.
const VIEWS_SURE: usize = 4;
/// Longest side of a part that is searched, in pixels; a larger one is searched in a reduction, for its modules are larger.
const AREA_SIDE_MAX: f32 = 480.0;
/// Half the window of light around a pixel where the modules' size is not known, in pixels.
const WINDOW: usize = 14;
/// The same in modules, and its bounds in pixels.
const WINDOW_MODULES: f32 = 6.0;
const WINDOW_PIXELS: (f32, f32) = (10.0, 30.0);
/// Pixels a module from which on a reduction holds as much.
const MODULE_MAX: f32 = 4.5;
/// Rounds of learning a new view's spread and solving for the modules, and sweeps in each.
const ROUNDS: usize = 1;
const SWEEPS: usize = 5;
/// Modules that may be looked at in one frame, some five nanoseconds each; what the reader of single frames did counts
/// too, at so many for each module that it laid and read.
const FRAME_WORK_MAX: usize = 3_000_000;
const READER_WORK: usize = 9;
/// What one module costs in a round of learning and solving.
const ROUND_WORK: usize = 60;
/// What the reader of single frames may do, by its own count: less where a symbol is followed, for which joining does more.
const READER_WORK_MAX: usize = WORK_MAX / 2;
const READER_WORK_FOLLOWED: usize = WORK_MAX / 8;
/// Deviations from chance from which on a view shows the same modules as those before.
const KIN_DEVIATIONS_MIN: f32 = 5.0;
/// Likeness to the views before, as a share of that to the modules that the standard fixes, below which a view shows
/// another symbol: two credentials of one kind have some codewords in common.
const KIN_SHARE_MIN: f32 = 0.35;
/// Bits by which a whole symbol must be unlikely to be chance: beyond the 28 of a single image, some 2⁸ trials more on
/// as many frames.
const PROOF_BITS_MIN: f32 = 36.0;
/// Evidence of a module that counts as one step of how sure it is.
const EVIDENCE_STEPS: f32 = 8.0;

/// Joins frames.
#[derive(Debug, Default)]
struct Fuser {
    unrest: Unrest,
    patch: Patch,
    tracks: Vec<Track>,
    idle: Idle,
    sides: (usize, usize),
    last: Duration,
    frames: usize,
}

/// What a frame's image is good for, after searches in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Search,
    /// This frame is left out.
    Rest,
    /// As before, and nothing moved since the searches began.
    Sleep,
}

/// Searches in vain, so that what has no code to read costs little however long a camera looks at it.
#[derive(Debug, Default)]
struct Idle {
    /// The smallest reduction when the searches began.
    picture: Vec<u8>,
    in_vain: u32,
    /// Frames yet to be left out.
    rest: u32,
    /// Frames since the searches began, and those of them in which nothing moved.
    frames: u32,
    still: u32,
    /// How often they began anew because something moved, in vain.
    begun: u32,
}

/// Searches of one picture that are made in any case: as many as there are views, and some; fewer where nothing moves, for
/// all that is new in a view is its noise.
const IN_VAIN_MAX: u32 = 12;
const IN_VAIN_STILL: u32 = 6;
/// Most frames left out from one search to the next while something moves, and while nothing does, as powers of two.
const REST_MOVING: u32 = 3;
const REST_STILL: u32 = 10;
/// Where all moves all the time and no code is read, searches begin anew after `IN_VAIN_MAX` frames, and twice as many each
/// time up to this power of two.
const BEGUN_MAX: u32 = 3;
/// Frames without a movement after which the next movement is somebody new.
const STILL_FRAMES: u32 = 30;
/// Grays by which a pixel of the smallest reduction has changed, and one part in so many that must have: the smallest
/// card with a code, 55 pixels wide, is one in 300 of a frame.
const MOVED_GRAYS: u8 = 12;
const MOVED_PART: usize = 300;

impl Idle {
    fn turn(&mut self, picture: Gray) -> Turn {
        let pixels = &picture.pixels[..picture.width * picture.height];
        let changed = self.picture.iter().zip(pixels).filter(|(before, now)| before.abs_diff(**now) > MOVED_GRAYS);
        let moved = self.picture.len() != pixels.len() || changed.count() * MOVED_PART > pixels.len();
        self.frames += 1;
        self.still = if moved { 0 } else { self.still + 1 };
        if self.still >= STILL_FRAMES {
            self.begun = 0;
        }
        if self.picture.is_empty() || moved && self.frames > IN_VAIN_MAX << self.begun {
            let begun = if self.picture.is_empty() { 0 } else { (self.begun + 1).min(BEGUN_MAX) };
            *self = Self { picture: pixels.to_vec(), begun, ..Self::default() };
        }
        if moved {
            self.rest = self.rest.min(1 << REST_MOVING);
        }
        if self.rest > 0 {
            self.rest -= 1;
            return if moved { Turn::Rest } else { Turn::Sleep };
        }
        self.in_vain += 1;
        let (enough, most) = if moved { (IN_VAIN_MAX, REST_MOVING) } else { (IN_VAIN_STILL, REST_STILL) };
        if self.in_vain > enough {
            self.rest = 1 << (self.in_vain - enough).min(most);
        }
        Turn::Search
    }
}

/// A symbol that is followed.
#[derive(Debug)]
struct Track {
    size: usize,
    fixed: Vec<i8>,
    views: Vec<(Duration, View)>,
    estimate: Estimate,
    /// Where it was last: modules to pixels of the image.
    map: Homography,
    /// The old view that learns again next.
    turn: usize,
}

impl Fuser {
    /// Drops what is too old, or was seen by another camera.
    fn forget(&mut self, now: Duration, sides: (usize, usize)) {
        if self.sides != sides || now < self.last {
            *self = Self { sides, ..Self::default() };
        }
        self.last = now;
        for track in &mut self.tracks {
            track.views.retain(|(at, _)| now.saturating_sub(*at) <= AGE_MAX);
        }
        self.tracks.retain(|track| !track.views.is_empty());
    }

    /// Takes up what a frame shows of symbols that it does not let read; gives what can be read by now.
    fn add(&mut self, unread: &Unread, at: Duration) -> Option<Code> {
        self.frames += 1;
        let turn = self.idle.turn(unread.levels.last()?.gray);
        if turn == Turn::Sleep {
            self.unrest = Unrest::default();
            return None;
        }
        self.unrest.add(unread.levels.get(1)?.gray);
        if turn == Turn::Rest {
            return None;
        }
        let mut work = FRAME_WORK_MAX.saturating_sub(unread.work * READER_WORK);
        for located in unread.located.iter().take(LOCATED_MAX) {
            self.take_located(located, unread.levels);
            if let Some(code) = self.join(located.grid, located.inverted, at, &mut work) {
                return Some(code);
            }
        }
        if !unread.located.is_empty() {
            return None;
        }
        let grid = self.find(unread.levels, &mut work)?;
        self.join(&grid, false, at, &mut work)
    }

    /// The pixels around a grid.
    fn take_located(&mut self, located: &Located, levels: &[Level]) {
        let mut level = located.level;
        let mut module = located.module * level.scale;
        if module > MODULE_MAX
            && let Some(next) = levels.iter().find(|next| next.scale < level.scale)
        {
            module *= next.scale / level.scale;
            level = *next;
        }
        let window = (module * WINDOW_MODULES).clamp(WINDOW_PIXELS.0, WINDOW_PIXELS.1);
        let corners = located.grid.corners().map(|corner| corner * level.scale);
        let area = Area::around(&corners, window, (level.gray.width, level.gray.height));
        self.patch.take(level, area, window as usize);
    }

    /// Looks where the image is restless for a symbol that no other step has found.
    fn find(&mut self, levels: &[Level], work: &mut usize) -> Option<Grid> {
        let known = self.tracks.iter().max_by_key(|track| track.views.len());
        let area = self.unrest.area()?;
        let side = area.width.max(area.height) as f32;
        let level = *levels.iter().find(|level| side * level.scale <= AREA_SIDE_MAX)?;
        self.patch.take(level, area.scaled(level.scale), WINDOW);
        let size = known
            .filter(|track| track.views.len() >= VIEWS_SURE && !self.frames.is_multiple_of(4))
            .map(|track| track.size);
        let found = faint::find(&self.patch, size, work).or_else(|| {
            let track = known?;
            let place = (track.size, &track.map);
            faint::follow(&self.patch, place, &track.estimate.modules, &track.fixed, work)
        });
        let found = found?;
        let s = found.size as f32;
        let pairs = [(0.0, 0.0), (s, 0.0), (s, s), (0.0, s)].map(|(x, y)| {
            let module = Point::new(x, y);
            (module, self.patch.to_image(found.map.map(module)), 1.0)
        });
        Some(Grid::new(found.size, Homography::fit(&pairs)?))
    }

    /// Adds the view through `grid` to the symbol that it shows, and tries to read that.
    fn join(&mut self, grid: &Grid, inverted: bool, at: Duration, work: &mut usize) -> Option<Code> {
        let size = grid.size;
        if *work < size * size * ROUND_WORK {
            return None;
        }
        let mut view = view(&self.patch, grid, inverted);
        let kin = |track: &Track| (track.size == size).then(|| track.kinship(&view)).flatten();
        let known = self.tracks.iter().enumerate().filter_map(|(i, track)| Some((kin(track)?, i)));
        let known = known.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, i)| i);
        let index = known.unwrap_or_else(|| {
            if self.tracks.len() >= TRACKS_MAX {
                let latest = |track: &Track| track.views.last().map(|(at, _)| *at);
                let oldest =
                    (0..self.tracks.len()).min_by_key(|&i| (latest(&self.tracks[i]), self.tracks[i].views.len()));
                self.tracks.remove(oldest.unwrap_or_default());
            }
            let fixed = faint::fixed_colours(size);
            let estimate = Estimate::of_fixed(size, &fixed);
            self.tracks.push(Track { size, fixed, views: Vec::new(), estimate, map: grid.map, turn: 0 });
            self.tracks.len() - 1
        });
        let track = &mut self.tracks[index];
        track.map = grid.map;
        let known = track.estimate.known(false);
        view.learn(&known);
        view.even_out(&known);
        if track.views.len() >= VIEWS_MAX {
            track.views.remove(0);
        }
        track.views.push((at, view));
        track.solve(work);
        let (symbol, mirrored) = track.read()?;
        Some(code(symbol, grid, mirrored, inverted))
    }
}

impl Track {
    /// How far a view is like the views before, in deviations from chance; `None` where it shows another symbol.
    fn kinship(&self, view: &View) -> Option<f32> {
        let (mut fixed, mut data) = (Correlation::default(), [Correlation::default(); 9]);
        for (row, (modules, colours)) in
            self.estimate.modules.rows().zip(self.fixed.chunks_exact(self.size)).enumerate()
        {
            for (step, data) in data.iter_mut().enumerate() {
                let seen = view.mean_row(row, (step as isize / 3 - 1, step as isize % 3 - 1));
                for ((&x, &y), &colour) in modules.iter().zip(&seen).zip(colours) {
                    if colour == 0 {
                        data.add(x, y);
                    } else if step == 4 {
                        fixed.add(x, y);
                    }
                }
            }
        }
        let best = data.iter().map(Correlation::value).fold(f32::MIN, f32::max);
        let deviations = best * data[4].count.sqrt();
        trace!("    kin {best:.3} fixed {:.3} deviations {deviations:.1} of {} views", fixed.value(), self.views.len());
        (deviations > KIN_DEVIATIONS_MIN && best > KIN_SHARE_MIN * fixed.value()).then_some(deviations)
    }

    /// Lets the newest view, and by turns an older one, learn from the modules, and the modules from all views; in fewer
    /// rounds where there is little work left.
    fn solve(&mut self, work: &mut usize) {
        let cost = self.size * self.size * ROUND_WORK;
        let last = self.views.len() - 1;
        let rounds = if last == 0 { ROUNDS + 1 } else { ROUNDS };
        for round in 0..=rounds {
            let Some(left) = work.checked_sub(cost) else { break };
            *work = left;
            if round > 0 {
                let known = self.estimate.known(true);
                self.turn = (self.turn + 1) % last.max(1);
                for index in if last > 0 { vec![self.turn, last] } else { vec![last] } {
                    let view = &mut self.views[index].1;
                    view.even_out(&known);
                    view.learn(&known);
                    view.tell();
                }
            } else {
                let known = self.estimate.known(false);
                let view = &mut self.views[last].1;
                view.learn(&known);
                view.tell();
            }
            self.estimate.solve(self.views.iter().map(|(_, view)| view), &self.fixed, SWEEPS);
        }
    }

    /// What the modules say by now, and whether they are mirrored.
    fn read(&self) -> Option<(Symbol, bool)> {
        let mut modules = Modules::default();
        modules.resize(self.size);
        for (row, evidence) in self.estimate.evidence.rows().enumerate() {
            for (column, &evidence) in evidence.iter().enumerate() {
                modules.set(row, column, (evidence * EVIDENCE_STEPS).clamp(-1000.0, 1000.0) as i16);
            }
        }
        let mirrored = modules.transposed();
        let upright = symbol::format_match(&modules) >= symbol::format_match(&mirrored);
        let (modules, mirrored) = if upright { (modules, false) } else { (mirrored, true) };
        let symbol = symbol::read(&modules, Effort::Thorough)?;
        (proof_bits(&symbol) >= PROOF_BITS_MIN).then_some((symbol, mirrored))
    }
}

/// log₂ of one over the share of random symbols that would be corrected with as much.
fn proof_bits(symbol: &Symbol) -> f32 {
    let Correction { errors, erasures, .. } = symbol.correction;
    let version = usize::from(symbol.version);
    let blocks = version::blocks(version, symbol.level);
    let check = blocks.count * blocks.check;
    symbol::proof_bits(version::codewords(version), check, errors, erasures)
}

/// Sums of a correlation.
#[derive(Debug, Clone, Copy, Default)]
struct Correlation {
    count: f32,
    x: f32,
    y: f32,
    xx: f32,
    yy: f32,
    xy: f32,
}

impl Correlation {
    fn add(&mut self, x: f32, y: f32) {
        self.count += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.yy += y * y;
        self.xy += x * y;
    }

    fn value(&self) -> f32 {
        let n = self.count.max(1.0);
        let spread = (self.xx - self.x * self.x / n) * (self.yy - self.y * self.y / n);
        (self.xy - self.x * self.y / n) / spread.max(1e-6).sqrt()
    }
}

/// What a patch shows of a symbol through a grid: four places within each module, positive where dark.
fn view(patch: &Patch, grid: &Grid, inverted: bool) -> View {
    let size = grid.size as isize;
    let half = size as f32 / 2.0;
    let (right, down) = grid.map.axes(Point::new(half, half));
    let sign = if inverted { 1.0 } else { -1.0 };
    let offsets = [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)];
    let mut samples: [Plane; PHASES] = std::array::from_fn(|_| Plane::new(grid.size));
    let mut take = |row: isize, column: isize, p: Point| {
        for (plane, (dx, dy)) in samples.iter_mut().zip(offsets) {
            plane.set(row, column, sign * patch.at(p + right * dx + down * dy));
        }
    };
    grid.centres(|row, column, p| take(row as isize, column as isize, p));
    let reach = REACH as isize;
    for row in -reach..size + reach {
        for column in -reach..size + reach {
            if !(0..size).contains(&row) || !(0..size).contains(&column) {
                take(row, column, grid.at(Point::new(column as f32 + 0.5, row as f32 + 0.5)));
            }
        }
    }
    View::new(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 160;
    const HEIGHT: usize = 90;

    /// A gray wall, and a card on it so many pixels from the left, if any.
    fn picture(card: Option<usize>) -> Vec<u8> {
        let on_card = |i: usize| {
            card.is_some_and(|left| (left..left + 10).contains(&(i % WIDTH)) && (30..40).contains(&(i / WIDTH)))
        };
        (0..WIDTH * HEIGHT).map(|i| if on_card(i) { 200 } else { 90 + (i % 7) as u8 }).collect()
    }

    /// The frames, of so many, in which is searched.
    fn searched(idle: &mut Idle, frames: usize, mut card: impl FnMut(usize) -> Option<usize>) -> Vec<usize> {
        let mut turn = |number: usize| {
            let pixels = picture(card(number));
            idle.turn(Gray { pixels: &pixels, width: WIDTH, height: HEIGHT })
        };
        (0..frames).filter(|&number| turn(number) == Turn::Search).collect()
    }

    #[test]
    fn what_stands_still_is_searched_ever_more_seldom() {
        let mut idle = Idle::default();
        let first = searched(&mut idle, 2000, |_| None);
        assert_eq!(first[..6], [0, 1, 2, 3, 4, 5], "every frame at first");
        assert!(first.len() < 20, "{first:?}");
        assert!(searched(&mut idle, 10_000, |_| None).len() < 12, "one in a thousand in the end");
    }

    #[test]
    fn whoever_comes_after_a_quiet_time_is_looked_at_from_the_first_frame() {
        let mut idle = Idle::default();
        searched(&mut idle, 2000, |_| None);
        let card = searched(&mut idle, 10, |number| Some(40 + 3 * number));
        assert_eq!(card, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn what_moves_all_the_time_is_searched_in_a_third_of_the_frames_at_most() {
        let mut idle = Idle::default();
        searched(&mut idle, 500, |number| Some(number * 37 % 140));
        let later = searched(&mut idle, 960, |number| Some(number * 37 % 140)).len();
        assert!((96..320).contains(&later), "{later} of 960");
    }
}
