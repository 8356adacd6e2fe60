use std::fmt;
use std::sync::Arc;

use crate::{Content, Seeded};

/// A change of a file that waits for a sync.
#[derive(Clone)]
pub(crate) enum Change {
    Write(u64, Arc<[u8]>),
    Resize(u64),
}

impl Change {
    pub(crate) fn apply(&self, to: &mut Content) {
        match self {
            Self::Write(offset, bytes) => to.write(*offset, bytes),
            Self::Resize(bytes) => to.resize(*bytes),
        }
    }
}

/// What a cut does to writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// None of them reached the disk.
    Nothing,
    /// All of them did.
    Everything,
    /// The first few did.
    Prefix,
    /// Some did, some did not.
    Dropped,
    /// Some pieces of this many bytes did.
    Torn(usize),
    /// As torn, and some pieces hold garbage.
    TornWithGarbage(usize),
    /// Of some, every unit of this many bytes that they touch is destroyed whole, also where part of it was durable.
    Destroyed(usize),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Everything => f.write_str("everything"),
            Self::Prefix => f.write_str("prefix"),
            Self::Dropped => f.write_str("dropped"),
            Self::Torn(piece) => write!(f, "torn {piece}"),
            Self::TornWithGarbage(piece) => write!(f, "torn with garbage {piece}"),
            Self::Destroyed(unit) => write!(f, "destroyed {unit}"),
        }
    }
}

impl Cut {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Nothing,
        Self::Everything,
        Self::Prefix,
        Self::Dropped,
        Self::Torn(4096),
        Self::Torn(512),
        Self::TornWithGarbage(4096),
        Self::TornWithGarbage(512),
        Self::Destroyed(4096),
        Self::Destroyed(16384),
    ];
}

/// What becomes of one change that was not synced.
pub(crate) fn survives(bytes: &mut Content, change: &Change, cut: Cut, seeded: &mut Seeded) {
    let Change::Write(offset, written) = change else {
        if cut == Cut::Everything || (cut != Cut::Nothing && seeded.below(2) == 0) {
            change.apply(bytes);
        }
        return;
    };
    let (piece, kinds) = match cut {
        Cut::Nothing => return,
        Cut::Everything => return change.apply(bytes),
        Cut::Prefix | Cut::Dropped => (usize::MAX, 2),
        Cut::Torn(piece) => (piece, 2),
        Cut::TornWithGarbage(piece) => (piece, 3),
        Cut::Destroyed(unit) => {
            match seeded.below(4) {
                0 => {}
                1 => change.apply(bytes),
                _ => {
                    let unit = unit as u64;
                    let first = offset / unit * unit;
                    // Nothing is destroyed behind the end of the file.
                    let end = (offset + written.len() as u64).div_ceil(unit) * unit;
                    let end = end.min(bytes.len().max(offset + written.len() as u64));
                    let mut garbage = vec![0; (end - first) as usize];
                    seeded.fill(&mut garbage);
                    bytes.write(first, &garbage);
                }
            }
            return;
        }
    };
    let mut done = 0;
    while done < written.len() {
        // Pieces are those of the disk, wherever the write began.
        let at = *offset as usize + done;
        let part = if piece == usize::MAX { written.len() } else { (piece - at % piece).min(written.len() - done) };
        let old = &written[done..done + part];
        match seeded.below(kinds) {
            0 => {}
            1 => bytes.write(at as u64, old),
            _ => {
                let mut garbage = vec![0; part];
                seeded.fill(&mut garbage);
                bytes.write(at as u64, &garbage);
            }
        }
        done += part;
    }
}
