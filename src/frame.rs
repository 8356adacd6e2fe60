//! One picture on its way from a camera to a reader.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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
        })
    }
}

/// Without the pixels: faces and cards do not go into logs.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame {} of {}x{} at {} ms", self.sequence, self.width, self.height, self.at.as_millis())
    }
}
