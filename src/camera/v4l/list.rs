//! Which cameras there are.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::node::Node;
use crate::camera::fault::CameraFault;
use crate::camera::mode::{self, Mode};

/// Where the kernel puts device nodes.
pub(crate) const DEV: &str = "/dev";

/// One device node, for `kiosk doctor`.
#[derive(Clone, Debug)]
pub struct FoundCamera {
    pub path: PathBuf,
    /// The maker's name, the driver and the bus; `None` when it cannot be opened or is no camera.
    pub name: Option<String>,
    /// The mode that the kiosk would ask for first.
    pub mode: Option<Mode>,
    /// Why it cannot be used.
    pub fault: Option<CameraFault>,
}

/// All video devices in `/dev`, in the order in which the kiosk tries them. Nothing is set or started.
pub fn list() -> Vec<FoundCamera> {
    list_in(Path::new(DEV))
}

/// As [`list`], in another directory.
pub fn list_in(dev: &Path) -> Vec<FoundCamera> {
    nodes(dev).into_iter().map(found).collect()
}

fn found(path: PathBuf) -> FoundCamera {
    match Node::open(&path) {
        Err(fault) => FoundCamera { path, name: None, mode: None, fault: Some(fault) },
        Ok(node) => {
            let offer = node.offer();
            let mode = mode::ranked(offer.modes).first().copied();
            let fault = match mode {
                Some(_) => None,
                None => Some(CameraFault::NoUsableMode { path: path.clone(), offered: offer.names.join(", ") }),
            };
            let name = format!("{} ({}, {})", node.card(), node.driver(), node.bus());
            FoundCamera { path, name: Some(name), mode, fault }
        }
    }
}

/// Whether the device says that this camera faces whoever looks at the screen: by its control of the orientation, else by its name.
/// Most cameras on a cable say neither.
pub fn faces_user(path: &Path) -> bool {
    Node::open(path).is_ok_and(|node| match node.orientation() {
        Some(orientation) => orientation == ORIENTATION_FRONT,
        None => node.card().to_lowercase().contains("front"),
    })
}

/// `V4L2_CAMERA_ORIENTATION_FRONT` of the kernel's `v4l2-controls.h`.
const ORIENTATION_FRONT: i32 = 0;

/// The nodes named `video` and a number, by number. `/dev` may hold anything else, such as `video-front` by a rule.
pub(crate) fn nodes(dev: &Path) -> Vec<PathBuf> {
    let number = |name: &OsStr| name.to_str()?.strip_prefix("video")?.parse::<u32>().ok();
    let Ok(entries) = fs::read_dir(dev) else {
        return Vec::new();
    };
    let mut nodes: Vec<(u32, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((number(&entry.file_name())?, entry.path()))).collect();
    nodes.sort();
    nodes.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_by_number_and_odd_names_do_not() {
        let dev = tempfile::tempdir().unwrap();
        for name in ["video10", "video2", "video-front", "video", "videoX", "null"] {
            fs::write(dev.path().join(name), "").unwrap();
        }
        let names: Vec<_> = list_in(dev.path()).into_iter().map(|found| found.path).collect();
        assert_eq!(names, [dev.path().join("video2"), dev.path().join("video10")]);
    }

    #[test]
    fn no_directory_is_no_camera() {
        assert!(list_in(Path::new("/nowhere")).is_empty());
    }
}
