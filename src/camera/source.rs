//! Where pictures come from, as configured.

use std::path::PathBuf;

use super::Frames;
use super::fault::CameraFault;
use super::live::LiveCamera;
use super::recording::{Recording, RecordingSettings};

/// A camera or a recording.
#[derive(Clone, Debug)]
pub enum Source {
    Camera(CameraSettings),
    Recording(RecordingSettings),
}

/// Which camera.
#[derive(Clone, Debug)]
pub struct CameraSettings {
    /// The device node, such as `/dev/video0` or a link in `/dev/v4l/by-id`; `None` takes the first that captures.
    pub device: Option<PathBuf>,
    /// Where device nodes are; anything but `/dev` is for tests.
    pub nodes: PathBuf,
}

impl Default for CameraSettings {
    fn default() -> Self {
        Self { device: None, nodes: PathBuf::from(super::v4l::DEV) }
    }
}

impl Source {
    /// What to call it in a message: the device, the directory that is searched for one, or the recording.
    pub fn name(&self) -> PathBuf {
        match self {
            Self::Camera(settings) => settings.device.clone().unwrap_or_else(|| settings.nodes.clone()),
            Self::Recording(settings) => settings.path.clone(),
        }
    }

    /// Opens it. The result stays in the thread that opened it: nokhwa's camera cannot be sent to another.
    ///
    /// # Errors
    /// What keeps it from opening, each with what to do.
    pub fn open(&self) -> Result<Box<dyn Frames>, CameraFault> {
        Ok(match self {
            Self::Camera(settings) => Box::new(LiveCamera::open(settings)?),
            Self::Recording(settings) => Box::new(Recording::open(settings)?),
        })
    }
}
