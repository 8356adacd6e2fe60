//! A backend for nokhwa that holds: V4L2 cameras on Linux.
//!
//! nokhwa's own V4L2 backend gives the previous picture again when a buffer comes empty, waits for ever on a camera
//! that stalls, and never recovers from one error. This one does not; `docs/decisions/002-camera-backend.md` says why
//! it exists and what it costs. It promises: every wait ends at the deadline, a picture is given once, and what comes
//! empty, short or marked as damaged is counted, not given.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nokhwa::camera_traits::CaptureBackendTrait;
use nokhwa::utils::{
    ApiBackend, CameraControl, CameraFormat, CameraIndex, CameraInfo, ControlValueSetter, FrameFormat,
    KnownCameraControl, Resolution,
};
use nokhwa::{Buffer, NokhwaError};

use super::fault::CameraFault;
use super::luma;
use super::mode::{self, Mode, PixelFormat};

mod list;
mod node;
mod ring;

pub(crate) use list::{DEV, nodes};
pub use list::{FoundCamera, faces_user, list, list_in};
use node::{Node, Setting};
use ring::{Filled, Ring};

/// Longest wait for a picture when nobody named a deadline.
const WAIT_DEFAULT: Duration = Duration::from_millis(1500);
/// How many modes are tried when the driver takes back what it offered.
const MODES_TRIED_MAX: usize = 8;

/// What nokhwa's trait has no room for: the deadline on the way in; the fault, the damaged pictures and the driver's
/// count on the way out.
#[derive(Clone, Debug, Default)]
pub struct Aside(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    deadline: Option<Instant>,
    fault: Option<CameraFault>,
    damaged: u32,
    sequence: u32,
}

impl Aside {
    pub fn set_deadline(&self, deadline: Instant) {
        self.said().deadline = Some(deadline);
    }

    /// What went wrong in the last call; `None` when it only took too long.
    pub fn take_fault(&self) -> Option<CameraFault> {
        self.said().fault.take()
    }

    /// Buffers that held no whole picture, since this was last asked.
    pub fn take_damaged(&self) -> u32 {
        std::mem::take(&mut self.said().damaged)
    }

    /// The driver's number of the last picture; drivers may well leave it at zero.
    pub fn sequence(&self) -> u32 {
        self.said().sequence
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A V4L2 camera behind nokhwa's trait, to be given to `nokhwa::Camera::with_custom`.
pub struct V4lBackend {
    node: Node,
    setting: Setting,
    ring: Option<Ring>,
    info: CameraInfo,
    aside: Aside,
    /// The driver's number and time of the picture given last.
    last: Option<(u32, Duration)>,
}

impl V4lBackend {
    /// Opens the camera at `path` and sets it to the best of its modes that it really takes.
    ///
    /// # Errors
    /// What keeps it from working: missing, not allowed, busy, not a camera, no mode that we read.
    pub fn open(path: &Path, aside: Aside) -> Result<Self, CameraFault> {
        let node = Node::open(path)?;
        let offer = node.offer();
        let mut refused = None;
        for mode in mode::ranked(offer.modes).into_iter().take(MODES_TRIED_MAX) {
            match node.set(&mode) {
                Ok(setting) => {
                    let index = CameraIndex::String(path.display().to_string());
                    let info = CameraInfo::new(node.card(), node.driver(), node.bus(), index);
                    return Ok(Self { node, setting, ring: None, info, aside, last: None });
                }
                // Taken or gone is so in every mode.
                Err(fault @ (CameraFault::Busy { .. } | CameraFault::Unplugged { .. })) => return Err(fault),
                Err(fault) => refused = Some(fault),
            }
        }
        let nothing = || CameraFault::NoUsableMode { path: path.to_owned(), offered: offer.names.join(", ") };
        Err(refused.unwrap_or_else(nothing))
    }

    /// As [`V4lBackend::open`], but for a device that nobody named: not a part of a processor's image pipeline. Those
    /// of the Raspberry Pi capture too, and wait for ever unless they are fed.
    ///
    /// # Errors
    /// As [`V4lBackend::open`]; `NotACamera` for such a part.
    pub(crate) fn open_camera(path: &Path, aside: Aside) -> Result<Self, CameraFault> {
        const HELPERS: [&str; 4] = ["bcm2835-isp", "bcm2835-codec", "pispbe", "rpi-hevc-dec"];
        let backend = Self::open(path, aside)?;
        match HELPERS.iter().any(|helper| backend.node.driver().starts_with(helper)) {
            true => {
                Err(CameraFault::NotACamera { path: path.to_owned(), what: "part of an image pipeline".to_owned() })
            }
            false => Ok(backend),
        }
    }

    /// What the driver made of the mode that was asked for.
    pub fn mode(&self) -> Mode {
        self.setting.mode
    }

    fn set(&mut self, mode: &Mode) -> Result<(), NokhwaError> {
        let streaming = self.ring.take().is_some();
        match self.node.set(mode) {
            Ok(setting) => self.setting = setting,
            Err(fault) => return Err(self.failed(fault, NokhwaError::GeneralError)),
        }
        if streaming { self.open_stream() } else { Ok(()) }
    }

    /// Keeps the fault as it is, beside nokhwa's text of it.
    fn failed(&self, fault: CameraFault, error: impl FnOnce(String) -> NokhwaError) -> NokhwaError {
        let error = error(fault.to_string());
        self.aside.said().fault = Some(fault);
        error
    }

    /// Waits for a buffer with a whole, new picture in it.
    fn wait(&mut self) -> Result<Filled, NokhwaError> {
        /// A driver that gives bad buffers without pause must not keep a core busy.
        const PAUSE_AFTER_DAMAGE: Duration = Duration::from_millis(2);

        let deadline = self.aside.said().deadline.unwrap_or_else(|| Instant::now() + WAIT_DEFAULT);
        loop {
            let Some(ring) = &mut self.ring else {
                return Err(NokhwaError::ReadFrameError("the stream is not open".to_owned()));
            };
            let filled = match ring.wait(deadline) {
                Ok(Some(filled)) => filled,
                Ok(None) => return Err(NokhwaError::ReadFrameError("no picture by the deadline".to_owned())),
                Err(error) => {
                    let fault = CameraFault::of_device(self.node.path(), "deliver", &error);
                    return Err(self.failed(fault, NokhwaError::ReadFrameError));
                }
            };
            let stamp = (filled.sequence, filled.timestamp);
            let again = !filled.timestamp.is_zero() && self.last.replace(stamp) == Some(stamp);
            if !filled.damaged && !again && filled.bytes >= self.setting.bytes_min() {
                self.aside.said().sequence = filled.sequence;
                return Ok(filled);
            }
            self.aside.said().damaged += 1;
            thread::sleep(PAUSE_AFTER_DAMAGE);
        }
    }
}

impl CaptureBackendTrait for V4lBackend {
    fn backend(&self) -> ApiBackend {
        ApiBackend::Video4Linux
    }

    fn camera_info(&self) -> &CameraInfo {
        &self.info
    }

    /// What we set is what the driver answered; there is nothing to refresh.
    fn refresh_camera_format(&mut self) -> Result<(), NokhwaError> {
        Ok(())
    }

    fn camera_format(&self) -> CameraFormat {
        CameraFormat::new(self.resolution(), self.frame_format(), self.frame_rate())
    }

    fn set_camera_format(&mut self, wanted: CameraFormat) -> Result<(), NokhwaError> {
        let format = match wanted.format() {
            FrameFormat::MJPEG => PixelFormat::Mjpeg,
            FrameFormat::YUYV => PixelFormat::Yuyv,
            FrameFormat::NV12 => PixelFormat::Nv12,
            FrameFormat::GRAY => PixelFormat::Grey,
            FrameFormat::RAWRGB | FrameFormat::RAWBGR => {
                return Err(NokhwaError::UnsupportedOperationError(self.backend()));
            }
        };
        let fps = Some(wanted.frame_rate() as f32).filter(|&fps| fps > 0.0);
        self.set(&Mode { format, width: wanted.width(), height: wanted.height(), fps })
    }

    fn compatible_list_by_resolution(
        &mut self,
        wanted: FrameFormat,
    ) -> Result<HashMap<Resolution, Vec<u32>>, NokhwaError> {
        let mut list: HashMap<Resolution, Vec<u32>> = HashMap::new();
        for mode in self.node.offer().modes {
            if frame_format(mode.format) == wanted {
                let rates = list.entry(Resolution::new(mode.width, mode.height)).or_default();
                rates.extend(mode.fps.map(|fps| fps.round() as u32));
            }
        }
        Ok(list)
    }

    fn compatible_fourcc(&mut self) -> Result<Vec<FrameFormat>, NokhwaError> {
        let mut formats: Vec<_> = self.node.offer().modes.iter().map(|mode| frame_format(mode.format)).collect();
        formats.sort();
        formats.dedup();
        Ok(formats)
    }

    fn resolution(&self) -> Resolution {
        Resolution::new(self.setting.mode.width, self.setting.mode.height)
    }

    fn set_resolution(&mut self, wanted: Resolution) -> Result<(), NokhwaError> {
        self.set(&Mode { width: wanted.width(), height: wanted.height(), ..self.setting.mode })
    }

    fn frame_rate(&self) -> u32 {
        self.setting.mode.fps.map_or(0, |fps| fps.round() as u32)
    }

    fn set_frame_rate(&mut self, wanted: u32) -> Result<(), NokhwaError> {
        self.set(&Mode { fps: Some(wanted as f32), ..self.setting.mode })
    }

    fn frame_format(&self) -> FrameFormat {
        frame_format(self.setting.mode.format)
    }

    fn set_frame_format(&mut self, wanted: FrameFormat) -> Result<(), NokhwaError> {
        self.set_camera_format(CameraFormat::new(self.resolution(), wanted, self.frame_rate()))
    }

    fn camera_control(&self, _: KnownCameraControl) -> Result<CameraControl, NokhwaError> {
        Err(NokhwaError::UnsupportedOperationError(self.backend()))
    }

    fn camera_controls(&self) -> Result<Vec<CameraControl>, NokhwaError> {
        Ok(Vec::new())
    }

    fn set_camera_control(&mut self, _: KnownCameraControl, _: ControlValueSetter) -> Result<(), NokhwaError> {
        Err(NokhwaError::UnsupportedOperationError(self.backend()))
    }

    fn open_stream(&mut self) -> Result<(), NokhwaError> {
        // The old buffers go before new ones are asked for.
        self.ring = None;
        match Ring::start(self.node.file()) {
            Ok(ring) => {
                self.ring = Some(ring);
                Ok(())
            }
            Err(error) => {
                let fault = CameraFault::of_device(self.node.path(), "start", &error);
                Err(self.failed(fault, NokhwaError::OpenStreamError))
            }
        }
    }

    fn is_stream_open(&self) -> bool {
        self.ring.is_some()
    }

    fn frame(&mut self) -> Result<Buffer, NokhwaError> {
        let (resolution, format) = (self.resolution(), self.frame_format());
        Ok(Buffer::new(resolution, &self.frame_raw()?, format))
    }

    /// The bytes of the next picture: rows without padding, or a JPEG. Of NV12 and YU12 only the luma, as gray.
    fn frame_raw(&mut self) -> Result<Cow<'_, [u8]>, NokhwaError> {
        let filled = self.wait()?;
        let Setting { mode, stride } = self.setting;
        let bytes = self.ring.as_ref().map_or(&[][..], |ring| ring.bytes(&filled));
        let pixel_bytes = match mode.format {
            PixelFormat::Mjpeg => return Ok(bytes.into()),
            PixelFormat::Yuyv => 2,
            PixelFormat::Grey | PixelFormat::Nv12 | PixelFormat::Yu12 => 1,
        };
        luma::packed(bytes, mode.width as usize, mode.height as usize, stride, pixel_bytes)
            .map_err(|damaged| NokhwaError::ReadFrameError(damaged.to_string()))
    }

    /// Never fails: `nokhwa::Camera` would panic on it when dropped.
    fn stop_stream(&mut self) -> Result<(), NokhwaError> {
        self.ring = None;
        Ok(())
    }
}

/// How a picture leaves this backend, in nokhwa's words.
fn frame_format(format: PixelFormat) -> FrameFormat {
    match format {
        PixelFormat::Mjpeg => FrameFormat::MJPEG,
        PixelFormat::Yuyv => FrameFormat::YUYV,
        PixelFormat::Grey | PixelFormat::Nv12 | PixelFormat::Yu12 => FrameFormat::GRAY,
    }
}
