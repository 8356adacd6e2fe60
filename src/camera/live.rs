//! A live camera, through nokhwa.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nokhwa::utils::{ApiBackend, CameraIndex, FrameFormat};
use nokhwa::{Camera, NokhwaError};

use super::Frames;
use super::fault::CameraFault;
use super::luma::{self, Damaged, Gray};
use super::mode::Mode;
use super::source::CameraSettings;
use super::v4l::{self, Aside, V4lBackend};
use crate::frame::Frame;

/// Longest wait for the first picture: a camera that wakes up and finds its exposure takes up to two seconds.
const FIRST_PICTURE_MAX: Duration = Duration::from_secs(4);
/// Longest pause between pictures afterwards. A camera in the dark may go down to five pictures a second.
const PAUSE_MAX: Duration = Duration::from_millis(1500);

/// An open camera that streams.
pub struct LiveCamera {
    camera: Camera,
    aside: Aside,
    path: PathBuf,
    mode: Mode,
    opened: Instant,
    /// When the last whole picture came, or the camera was opened, and how long to wait from then.
    alive: (Instant, Duration),
    damaged: u32,
    sequence: u64,
    driver_sequence: Option<u32>,
}

impl LiveCamera {
    /// Opens the camera that `settings` names, or the first that works, and starts it. `turn` counts how often another one was
    /// asked for: with every turn the next one that can be used.
    ///
    /// # Errors
    /// `Missing`, `Permission`, `Busy`, `NotACamera`, `NoUsableMode`, `Unplugged`, `Driver`. Where any camera will do:
    /// what is wrong with the first of them, and `Missing` when there is none.
    pub fn open(settings: &CameraSettings, turn: usize) -> Result<Self, CameraFault> {
        let mut cameras = settings.all();
        if let Some(path) = settings.device.as_ref().filter(|_| cameras.len() < 2 || turn.is_multiple_of(cameras.len()))
        {
            return Self::start(path.clone(), V4lBackend::open);
        }
        if cameras.is_empty() {
            cameras = v4l::nodes(&settings.nodes);
        } else {
            let first = turn % cameras.len();
            cameras.rotate_left(first);
        }
        let mut first_fault = None;
        for path in cameras {
            match Self::start(path, V4lBackend::open_camera) {
                Ok(camera) => return Ok(camera),
                // A camera's second node carries metadata; that says nothing about the camera.
                Err(CameraFault::NotACamera { .. }) => {}
                Err(fault) => {
                    first_fault.get_or_insert(fault);
                }
            }
        }
        Err(first_fault.unwrap_or(CameraFault::Missing { path: None }))
    }

    fn start(
        path: PathBuf,
        open: impl FnOnce(&Path, Aside) -> Result<V4lBackend, CameraFault>,
    ) -> Result<Self, CameraFault> {
        let aside = Aside::default();
        let backend = open(&path, aside.clone())?;
        let mode = backend.mode();
        let index = CameraIndex::String(path.display().to_string());
        let mut camera = Camera::with_custom(index, ApiBackend::Video4Linux, Box::new(backend));
        camera.open_stream().map_err(|error| {
            let driver = |problem| CameraFault::Driver { path: path.clone(), doing: "start", problem };
            aside.take_fault().unwrap_or_else(|| driver(error.to_string()))
        })?;
        let opened = Instant::now();
        let alive = (opened, FIRST_PICTURE_MAX);
        Ok(Self { camera, aside, path, mode, opened, alive, damaged: 0, sequence: 0, driver_sequence: None })
    }

    /// The next picture from the backend, as gray.
    fn gray(&mut self) -> Result<Result<Gray, Damaged>, NokhwaError> {
        let format = self.camera.camera_format();
        let (width, height) = (format.width() as usize, format.height() as usize);
        let bytes = self.camera.frame_raw()?;
        let sized = |luma| Gray::new(luma, width, height);
        Ok(match format.format() {
            FrameFormat::MJPEG => luma::jpeg_to_luma(&bytes),
            FrameFormat::YUYV => luma::yuyv_to_luma(&bytes, width, height, width * 2).and_then(sized),
            FrameFormat::GRAY | FrameFormat::NV12 => luma::plane_to_luma(&bytes, width, height, width).and_then(sized),
            FrameFormat::RAWRGB => sized(luma::rgb_to_luma(&bytes)),
            FrameFormat::RAWBGR => Err(Damaged::Unknown),
        })
    }

    /// Our count goes on where the driver's does: a gap there is a gap here.
    fn count(&mut self) -> u64 {
        /// A larger step is a driver's counter gone wrong, not pictures lost.
        const LOST_MAX: u32 = 1000;
        let now = self.aside.sequence();
        if let Some(before) = self.driver_sequence.replace(now) {
            let step = now.wrapping_sub(before);
            self.sequence += u64::from(if (1..=LOST_MAX).contains(&step) { step } else { 1 });
        }
        self.sequence
    }
}

impl Frames for LiveCamera {
    fn next(&mut self, deadline: Instant) -> Result<Option<Frame>, CameraFault> {
        self.aside.set_deadline(deadline);
        loop {
            let gray = self.gray();
            self.damaged += self.aside.take_damaged();
            match gray {
                Ok(Ok(Gray { luma, width, height })) => {
                    self.alive = (Instant::now(), PAUSE_MAX);
                    self.damaged = 0;
                    return Ok(Frame::new(luma, width, height, self.count(), self.opened.elapsed()));
                }
                Ok(Err(_)) => self.damaged += 1,
                Err(error) => match self.aside.take_fault() {
                    Some(fault) => return Err(fault),
                    // Late is no fault yet; anything else that comes before the deadline is.
                    None if Instant::now() < deadline => {
                        let (path, problem) = (self.path.clone(), error.to_string());
                        return Err(CameraFault::Driver { path, doing: "deliver", problem });
                    }
                    None => {}
                },
            }
            let (since, patience) = self.alive;
            if since.elapsed() > patience {
                let (path, damaged) = (self.path.clone(), self.damaged);
                return Err(CameraFault::NoPicture { path, waited: since.elapsed(), damaged });
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }

    fn mode(&self) -> Option<Mode> {
        Some(self.mode)
    }

    fn device(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_camera_it_is_missing() {
        let nodes = tempfile::tempdir().unwrap();
        let settings = CameraSettings { device: None, nodes: nodes.path().to_owned() };
        let missing = Some(CameraFault::Missing { path: None });
        assert_eq!(LiveCamera::open(&settings, 0).err(), missing);
        // A file that is no device does not count as a camera, unless it was named.
        let device = nodes.path().join("video0");
        std::fs::write(&device, "").unwrap();
        assert_eq!(LiveCamera::open(&settings, 0).err(), missing);
        let named = CameraSettings { device: Some(device), ..settings };
        assert!(matches!(LiveCamera::open(&named, 0).err(), Some(CameraFault::NotACamera { .. })));
    }
}
