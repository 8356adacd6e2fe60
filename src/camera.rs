//! Pictures: from a camera, or from a recording of one, through one trait into one lane.
//!
//! ```text
//! v4l (backend of ours) → nokhwa::Camera → live ┐
//!                                               ├ Frames → watch (a thread) → slot of one frame → reader, screen
//! folder or motion JPEG → recording ────────────┘                          └→ recorder, when switched on
//! ```
//!
//! The promises of this room: a picture is given once and is never an old one; every wait has an end; a camera that
//! is missing, taken, pulled out or stuck is named as such and tried again for ever; no fault of a driver or of a
//! picture brings the kiosk down.

use std::path::PathBuf;
use std::time::Instant;

use crate::frame::Frame;

pub mod fault;
pub mod lamp;
pub mod live;
pub mod luma;
pub mod mode;
pub mod picture;
pub mod recorder;
pub mod recording;
pub mod slot;
pub mod source;
pub mod v4l;
pub mod watch;

mod jpeg;

pub use fault::{CameraFault, Remedy};
pub use lamp::{Lamp, LampSetting};
pub use mode::{Mode, PixelFormat};
pub use recorder::{Recorder, RecorderFault, RecorderSettings, RecorderState};
pub use recording::{Pace, Recording, RecordingSettings, Repeat};
pub use slot::{Slot, Taken};
pub use source::{CameraSettings, Source};
pub use v4l::{FoundCamera, faces_user, list, list_in};
pub use watch::{CameraState, Light, Switch, Watch, watch};

/// Anything that yields pictures one after the other.
pub trait Frames {
    /// The next picture, waiting for it until `deadline` at most.
    ///
    /// `None`: the deadline passed, the source is in order, ask again. A picture is given once: after a fault or a
    /// deadline the next one is newer, never the one before again.
    ///
    /// # Errors
    /// What is wrong. [`CameraFault::remedy`] says whether to ask again, to open the source anew, or to stop.
    fn next(&mut self, deadline: Instant) -> Result<Option<Frame>, CameraFault>;

    /// What the source was set to, once it is known; a recording has no mode.
    fn mode(&self) -> Option<Mode>;

    /// The device node of a camera; a recording has none.
    fn device(&self) -> Option<PathBuf> {
        None
    }
}
