//! One picture on its way from a camera to a reader.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// An 8-bit gray picture, row by row from the top left, without padding.
///
/// Cheap to clone: the reader and the screen look at the same pixels.
#[derive(Clone)]
pub struct Frame {
    /// `width * height` luma values, 0 black to 255 white.
    pub luma: Arc<[u8]>,
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Counts up by at least one from picture to picture of one source. A gap means dropped pictures.
    pub sequence: u64,
    /// When it was taken, since the source was opened: monotonic, for deadlines and rates.
    pub at: Duration,
    /// When it was taken by the recording's own calendar; `None` from a live camera, whose time the clock knows.
    pub recorded_at: Option<DateTime<Utc>>,
    /// When this program had it: what a verdict's delay counts from.
    pub made: Instant,
}

impl Frame {
    /// The picture, if the pixels are as many as the sides say.
    pub fn new(luma: Vec<u8>, width: usize, height: usize, sequence: u64, at: Duration) -> Option<Self> {
        (width > 0 && height > 0 && width.checked_mul(height) == Some(luma.len())).then(|| Self {
            luma: luma.into(),
            width,
            height,
            sequence,
            at,
            recorded_at: None,
            made: Instant::now(),
        })
    }

    /// The middle of it, half as wide and half as high: what a guard sees larger, and the only part that is read then.
    pub fn middle(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let (left, top) = ((self.width - width) / 2, (self.height - height) / 2);
        let rows = self.luma.chunks_exact(self.width).skip(top).take(height);
        let luma: Vec<u8> = rows.flat_map(|row| &row[left..left + width]).copied().collect();
        Self { luma: luma.into(), width, height, ..self.clone() }
    }
}

/// Without the pixels: faces and cards do not go into logs.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame {} of {}x{} at {} ms", self.sequence, self.width, self.height, self.at.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_cut_out_whole() {
        let luma = (0..8 * 6).collect();
        let middle = Frame::new(luma, 8, 6, 7, Duration::ZERO).unwrap().middle();
        assert_eq!((middle.width, middle.height, middle.sequence), (4, 3, 7));
        assert_eq!(&middle.luma[..], [10, 11, 12, 13, 18, 19, 20, 21, 26, 27, 28, 29]);
        let least = Frame::new(vec![9], 1, 1, 0, Duration::ZERO).unwrap().middle();
        assert_eq!((&least.luma[..], least.width, least.height), (&[9][..], 1, 1));
    }
}
