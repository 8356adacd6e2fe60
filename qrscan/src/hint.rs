//! What hindered the reading, so that a guard can say what to do about it.

use crate::outline::Finder;

/// Why a code that may be in the image was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hindrance {
    /// Hardly any light in the whole image: more light is needed.
    TooDark,
    /// Much of the image, or a part of the code, is as bright as the camera can tell: tilt the code, or less light.
    Glare,
    /// Parts of a code are seen whose edges are soft: hold it still, or wait for the focus.
    Blurred,
    /// A module is smaller than two pixels: bring the code nearer.
    TooSmall,
    /// Finder patterns are seen, but not the three of one symbol: show all of it.
    PartlySeen,
}

/// Mean gray below which an image is too dark.
const DARK_MEAN: u32 = 30;
/// Share of cells (in percent) that are all but white above which the image has glare, where no code was read.
const GLARE_PERCENT: usize = 30;
/// Mean gray of a cell that is all but white.
const GLARE_GRAY: u8 = 250;
/// Pixels a module below which a camera's blur leaves too little.
const SMALL_MODULE: f32 = 2.0;
/// Distance of a finder pattern's edges from three squares, in modules, above which they are soft.
const SOFT_ERROR: f32 = 0.16;

/// What can be said where nothing was read; `means` are the mean grays of equal
/// parts of the image, `seen` are the finder patterns of any scan, `whole` if three made a symbol.
pub fn hindrances(means: &[u8], seen: &[Finder], whole: bool) -> Vec<Hindrance> {
    let mut out = Vec::new();
    let total: u32 = means.iter().map(|&m| u32::from(m)).sum();
    if total < DARK_MEAN * means.len() as u32 {
        out.push(Hindrance::TooDark);
    }
    let white = means.iter().filter(|&&m| m >= GLARE_GRAY).count();
    if white * 100 > GLARE_PERCENT * means.len() {
        out.push(Hindrance::Glare);
    }
    if seen.is_empty() {
        return out;
    }
    let count = seen.len() as f32;
    if whole && seen.iter().map(|f| f.error).sum::<f32>() / count > SOFT_ERROR {
        out.push(Hindrance::Blurred);
    }
    if seen.iter().map(Finder::module).fold(f32::MAX, f32::min) < SMALL_MODULE {
        out.push(Hindrance::TooSmall);
    }
    if !whole {
        out.push(Hindrance::PartlySeen);
    }
    out
}
