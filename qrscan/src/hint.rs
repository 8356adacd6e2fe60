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
/// Share of cells (in percent) that are all but white above which the image has glare, where a part of a code is seen; and
/// where none is, since white paper is no glare.
const GLARE_PERCENT: usize = 30;
const GLARE_PERCENT_ALONE: usize = 70;
/// Mean gray of a cell that is all but white.
const GLARE_GRAY: u8 = 250;
/// Pixels a module below which a camera's blur leaves too little.
const SMALL_MODULE: f32 = 2.0;
/// Distance of a finder pattern's edges from three squares, in modules, below which it is one, and above which it is soft.
const SURE_ERROR: f32 = 0.2;
const SOFT_ERROR: f32 = 0.12;

/// What can be said where nothing was read; `means` are the mean grays of equal parts of the image, `seen` the finder
/// patterns of any scan, the surest first; `whole` if three made a symbol.
pub fn hindrances(means: &[u8], seen: &[Finder], whole: bool) -> Vec<Hindrance> {
    let sure = &seen[..seen.iter().take_while(|f| f.error < SURE_ERROR).count()];
    let mut out = Vec::new();
    let total: u32 = means.iter().map(|&m| u32::from(m)).sum();
    if total < DARK_MEAN * means.len() as u32 {
        out.push(Hindrance::TooDark);
    }
    let white = means.iter().filter(|&&m| m >= GLARE_GRAY).count();
    if white * 100 > means.len() * if sure.is_empty() { GLARE_PERCENT_ALONE } else { GLARE_PERCENT } {
        out.push(Hindrance::Glare);
    }
    let Some(surest) = sure.first() else { return out };
    if surest.error > SOFT_ERROR {
        out.push(Hindrance::Blurred);
    }
    if surest.module() < SMALL_MODULE {
        out.push(Hindrance::TooSmall);
    }
    if !whole {
        out.push(Hindrance::PartlySeen);
    }
    out
}
