//! Frame → texts of the QR codes in it.
//!
//! Readers stand on a [`Ladder`], the cheapest first; a frame climbs until one of them reads something. A reader of
//! somebody else's making may panic or take seconds, so each climbs inside a panic guard and, before a live camera, on a
//! thread that can be left behind: the worst that a frame can do is to be "scan again".
//!
//! A text is personal data. It is never logged, and its `Debug` form shows only how long it is.

mod append;
mod gray;
mod guard;
mod ladder;
mod rungs;
mod scanner;
pub mod wedge;

use std::fmt;

pub use gray::Gray;
pub use ladder::{Found, Ladder, Reading, Rung, RungFigures, Seen};
pub use qrscan::Hindrance;
pub use rungs::LADDER;
pub use scanner::{ScanFigures, Scanned, Scanner};

/// Most characters that one symbol holds: 7,089 digits in version 40-L (ISO/IEC 18004, table 7); letters and bytes are
/// fewer. A longer text is not a reading.
pub const TEXT_CHARS_MAX: usize = 7089;

/// What one code says, and where it is.
#[derive(Clone, PartialEq)]
pub struct QrText {
    /// By the code's own ECI designator, else UTF-8 if valid, else Shift-JIS if valid, else Latin-1.
    pub text: String,
    /// The bytes that the text was made of.
    pub bytes: Vec<u8>,
    /// Corners in pixels of the frame: the code's own top left, top right, bottom right, bottom left.
    pub corners: [[f32; 2]; 4],
    /// The rung that read it.
    pub rung: &'static str,
}

impl fmt::Debug for QrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QrText")
            .field("chars", &self.text.chars().count())
            .field("corners", &self.corners)
            .field("rung", &self.rung)
            .finish_non_exhaustive()
    }
}

/// Reads one picture that will not come again: a file, a measurement.
///
/// Every rung is tried until one reads something, however long it takes, on this thread. The answer depends on the picture
/// alone.
pub fn read_still(picture: &Gray) -> Reading {
    Ladder::unhurried(LADDER).read_still(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_text() {
        let text = QrText {
            text: "001093029317|NGUYEN VAN A".into(),
            bytes: b"001093029317|NGUYEN VAN A".to_vec(),
            corners: [[0.0; 2]; 4],
            rung: "a rung",
        };
        let shown = format!("{text:?}");
        assert!(shown.contains("chars: 25") && shown.contains("a rung"), "{shown}");
        assert!(!shown.contains("NGUYEN") && !shown.contains("0010") && !shown.contains("48, 48"), "{shown}");
    }
}
