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

impl CameraSettings {
    /// Every camera that can be used, the one that was named first. Looks at each node; nothing is set or started.
    pub fn all(&self) -> Vec<PathBuf> {
        let named = self.device.iter().cloned();
        let usable = super::v4l::list_in(&self.nodes).into_iter().filter(|found| found.fault.is_none());
        let mut all: Vec<PathBuf> = Vec::new();
        for path in named.chain(usable.map(|found| found.path)) {
            // A link in /dev/v4l/by-id and its node are one camera.
            let same = |known: &PathBuf| *known == path || known.canonicalize().ok() == path.canonicalize().ok();
            if !all.iter().any(same) {
                all.push(path);
            }
        }
        all
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

    /// Opens it; of cameras the next one with every `turn`. The result stays in the thread that opened it: nokhwa's camera cannot be sent to another.
    ///
    /// # Errors
    /// What keeps it from opening, each with what to do.
    pub fn open(&self, turn: usize) -> Result<Box<dyn Frames>, CameraFault> {
        Ok(match self {
            Self::Camera(settings) => Box::new(LiveCamera::open(settings, turn)?),
            Self::Recording(settings) => Box::new(Recording::open(settings)?),
        })
    }
}
