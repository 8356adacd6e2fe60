//! What can be wrong with a source of pictures, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why there is no picture.
///
/// The text names the thing and the next step, for `doctor` and the log; the screen has its own words for [`code`].
///
/// [`code`]: CameraFault::code
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraFault {
    #[error("no camera found{}: plug one in; it is used as soon as it appears", at(.path))]
    Missing { path: Option<PathBuf> },
    #[error("{} is not a camera ({what}): choose another device in kiosk.toml", .path.display())]
    NotACamera { path: PathBuf, what: String },
    #[error("not allowed to open {}: add the kiosk's user to the group `video`", .path.display())]
    Permission { path: PathBuf },
    #[error("{} is used by another program: close that program", .path.display())]
    Busy { path: PathBuf },
    #[error("{} was unplugged: plug it in again", .path.display())]
    Unplugged { path: PathBuf },
    #[error("{} offers nothing the kiosk can read ({offered}): use a camera with MJPEG, YUYV or gray pictures", .path.display())]
    NoUsableMode { path: PathBuf, offered: String },
    /// The camera is open, and no whole picture came for `waited`; `damaged` ones came instead.
    #[error(
        "{} gave no picture for {} ms ({damaged} damaged ones): check cable and hub; it is opened again by itself",
        .path.display(), .waited.as_millis()
    )]
    NoPicture { path: PathBuf, waited: Duration, damaged: u32 },
    /// Anything else the driver said, or a panic in a library below us.
    #[error("{} failed to {doing} ({problem}): it is opened again by itself; if this stays, plug it in again", .path.display())]
    Driver { path: PathBuf, doing: &'static str, problem: String },

    #[error("no recording at {}: name a folder of PNG or JPEG pictures, or one .mjpeg file", .path.display())]
    NoRecording { path: PathBuf },
    #[error("the recording {} holds no picture that can be shown: record it again, or name another", .path.display())]
    EmptyRecording { path: PathBuf },
    #[error("line {line} of {} is not understood ({problem}): see docs/recording.md", .path.display())]
    BadIndex { path: PathBuf, line: usize, problem: String },
    #[error("the picture {} cannot be read ({problem}): it must be a whole PNG or JPEG", .path.display())]
    BadPicture { path: PathBuf, problem: String },
    #[error("the recording {} cannot be read ({problem}): check the disk or the stick", .path.display())]
    Unreadable { path: PathBuf, problem: String },
    #[error("the recording is at its end")]
    EndOfRecording,
}

/// What whoever asked for a picture does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Ask the same source again: only one picture is lost.
    AskAgain,
    /// Drop the source, wait a little, open it anew.
    Reopen,
    /// There will be no more pictures.
    Stop,
}

impl CameraFault {
    /// A short code that a guard can read out over the radio.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "CAM-NONE",
            Self::NotACamera { .. } => "CAM-KIND",
            Self::Permission { .. } => "CAM-PERM",
            Self::Busy { .. } => "CAM-BUSY",
            Self::Unplugged { .. } => "CAM-PLUG",
            Self::NoUsableMode { .. } => "CAM-MODE",
            Self::NoPicture { .. } => "CAM-STILL",
            Self::Driver { .. } => "CAM-FAIL",
            Self::NoRecording { .. } => "REC-NONE",
            Self::EmptyRecording { .. } => "REC-EMPTY",
            Self::BadIndex { .. } => "REC-INDEX",
            Self::BadPicture { .. } => "REC-PICTURE",
            Self::Unreadable { .. } => "REC-READ",
            Self::EndOfRecording => "REC-END",
        }
    }

    /// What to do next.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::BadIndex { .. } | Self::BadPicture { .. } => Remedy::AskAgain,
            Self::Missing { .. }
            | Self::NotACamera { .. }
            | Self::Permission { .. }
            | Self::Busy { .. }
            | Self::Unplugged { .. }
            | Self::NoUsableMode { .. }
            | Self::NoPicture { .. }
            | Self::Driver { .. }
            | Self::NoRecording { .. }
            | Self::EmptyRecording { .. }
            | Self::Unreadable { .. } => Remedy::Reopen,
            Self::EndOfRecording => Remedy::Stop,
        }
    }

    /// What an error of the operating system means while `doing` something with the camera at `path`.
    pub(crate) fn of_device(path: &Path, doing: &'static str, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.raw_os_error() {
            Some(libc::ENOENT) => Self::Missing { path: Some(path) },
            // ENXIO: the node is there, the device behind it is not. The kernel says ENODEV once it was pulled out.
            Some(libc::ENODEV | libc::ENXIO) => Self::Unplugged { path },
            Some(libc::EACCES | libc::EPERM) => Self::Permission { path },
            Some(libc::EBUSY) => Self::Busy { path },
            // What the USB driver says when the bus cannot carry another camera's pictures.
            Some(libc::ENOSPC) => Self::Driver { path, doing, problem: "the USB bus has no bandwidth left".to_owned() },
            _ => Self::Driver { path, doing, problem: error.to_string() },
        }
    }
}

fn at(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!(" at {}", path.display())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_the_system_said() {
        let path = Path::new("/dev/video0");
        let of = |errno| CameraFault::of_device(path, "open", &io::Error::from_raw_os_error(errno)).code();
        assert_eq!(of(libc::ENOENT), "CAM-NONE");
        assert_eq!(of(libc::ENODEV), "CAM-PLUG");
        assert_eq!(of(libc::EACCES), "CAM-PERM");
        assert_eq!(of(libc::EBUSY), "CAM-BUSY");
        assert_eq!(of(libc::EIO), "CAM-FAIL");
    }

    #[test]
    fn says_what_to_do() {
        let fault = CameraFault::Busy { path: "/dev/video0".into() };
        assert_eq!(fault.to_string(), "/dev/video0 is used by another program: close that program");
        assert_eq!(fault.remedy(), Remedy::Reopen);
        assert_eq!(CameraFault::Missing { path: None }.remedy(), Remedy::Reopen);
        assert_eq!(CameraFault::EndOfRecording.remedy(), Remedy::Stop);
    }
}
