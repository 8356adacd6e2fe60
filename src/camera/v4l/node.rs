//! A device node: what it is, what it offers, and setting it to one mode.
//!
//! The structures are the kernel's (`videodev2.h`, through the `v4l` crate). They are read here rather than with that
//! crate's own types, which panic on names that are not UTF-8 and on enumerators they do not know.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use v4l::v4l_sys;
use v4l::v4l2::vidioc;

use crate::camera::fault::CameraFault;
use crate::camera::mode::{Mode, PixelFormat};

pub(super) const VIDEO_CAPTURE: u32 = v4l_sys::v4l2_buf_type_V4L2_BUF_TYPE_VIDEO_CAPTURE;

/// A driver that never says "no more" must not keep us for ever.
const FORMATS_MAX: u32 = 64;
const SIZES_MAX: u32 = 128;
const INTERVALS_MAX: u32 = 32;

/// An open V4L2 device that captures video.
pub(crate) struct Node {
    file: Arc<File>,
    path: PathBuf,
    card: String,
    driver: String,
    bus: String,
}

/// What a camera says it can do.
pub(crate) struct Offer {
    /// The modes we can read.
    pub modes: Vec<Mode>,
    /// All pixel formats by their four characters, for a message.
    pub names: Vec<String>,
}

/// A mode as the driver took it.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub mode: Mode,
    /// Length of a row in bytes, padding included; zero when there are no rows or the driver does not say.
    pub stride: usize,
}

impl Setting {
    /// Bytes that a whole picture has at least.
    pub fn bytes_min(&self) -> usize {
        let (width, height) = (self.mode.width as usize, self.mode.height as usize);
        let row = match self.mode.format {
            // Start and end marker, and something between.
            PixelFormat::Mjpeg => return 64,
            PixelFormat::Yuyv => width * 2,
            PixelFormat::Grey | PixelFormat::Nv12 | PixelFormat::Yu12 => width,
        };
        self.stride.max(row) * (height - 1) + row
    }
}

impl Node {
    /// Opens the device at `path`, if it captures video.
    ///
    /// # Errors
    /// `Missing`, `Permission`, `Busy`, `Unplugged`; `NotACamera` for a metadata node, a codec, or no video device.
    pub fn open(path: &Path) -> Result<Self, CameraFault> {
        let fault = |error: io::Error| CameraFault::of_device(path, "open", &error);
        // `File` closes on exec, so that no program we start keeps the camera; the kernel's wait is ours to bound.
        let file = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path);
        let file = file.map_err(fault)?;

        let mut caps: v4l_sys::v4l2_capability = zeroed();
        let not_a_camera = |what: &str| CameraFault::NotACamera { path: path.to_owned(), what: what.to_owned() };
        match ioctl(&file, vidioc::VIDIOC_QUERYCAP, &mut caps) {
            Ok(()) => {}
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOTTY | libc::EINVAL)) => {
                return Err(not_a_camera("no video device"));
            }
            Err(error) => return Err(fault(error)),
        }
        // Of several nodes of one camera each has its own; only old drivers leave it out.
        let can = match caps.capabilities & v4l_sys::V4L2_CAP_DEVICE_CAPS {
            0 => caps.capabilities,
            _ => caps.device_caps,
        };
        if can & v4l_sys::V4L2_CAP_VIDEO_CAPTURE == 0 {
            return Err(not_a_camera("it does not capture video"));
        }
        if can & v4l_sys::V4L2_CAP_STREAMING == 0 {
            return Err(not_a_camera("it does not stream"));
        }
        let (card, driver, bus) = (text(&caps.card), text(&caps.driver), text(&caps.bus_info));
        Ok(Self { file: Arc::new(file), path: path.to_owned(), card, driver, bus })
    }

    pub fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The camera's name, as its maker wrote it.
    pub fn card(&self) -> &str {
        &self.card
    }

    pub fn driver(&self) -> &str {
        &self.driver
    }

    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// Which way the camera looks, where the driver says: 0 to the user, 1 away, 2 anywhere (on a cable).
    pub fn orientation(&self) -> Option<i32> {
        /// `V4L2_CID_CAMERA_ORIENTATION` of the kernel's `v4l2-controls.h`, since Linux 5.10.
        const ORIENTATION: u32 = 0x009A_0922;
        let mut control = v4l_sys::v4l2_control { id: ORIENTATION, value: 0 };
        ioctl(&self.file, vidioc::VIDIOC_G_CTRL, &mut control).ok().map(|()| control.value)
    }

    /// Everything the driver says it can do. A driver that is silent about sizes or rates is asked for what we want.
    pub fn offer(&self) -> Offer {
        let mut offer = Offer { modes: Vec::new(), names: Vec::new() };
        for index in 0..FORMATS_MAX {
            let mut desc: v4l_sys::v4l2_fmtdesc = zeroed();
            desc.index = index;
            desc.type_ = VIDEO_CAPTURE;
            if ioctl(&self.file, vidioc::VIDIOC_ENUM_FMT, &mut desc).is_err() {
                break;
            }
            let fourcc = desc.pixelformat.to_le_bytes();
            offer.names.push(fourcc.escape_ascii().to_string());
            if let Some(format) = PixelFormat::from_fourcc(fourcc) {
                for (width, height) in self.sizes(desc.pixelformat) {
                    let rates = self.rates(desc.pixelformat, width, height);
                    offer.modes.extend(rates.into_iter().map(|fps| Mode { format, width, height, fps }));
                }
            }
        }
        offer
    }

    /// Sets the camera to `mode` as nearly as it can, and says what became of it.
    ///
    /// # Errors
    /// `Busy`, `Unplugged`, `Driver`; `NoUsableMode` when the driver answers with pixels we do not read.
    pub fn set(&self, mode: &Mode) -> Result<Setting, CameraFault> {
        let mut format: v4l_sys::v4l2_format = zeroed();
        format.type_ = VIDEO_CAPTURE;
        format.fmt.pix = v4l_sys::v4l2_pix_format {
            width: mode.width,
            height: mode.height,
            pixelformat: u32::from_le_bytes(mode.format.fourcc()),
            field: v4l_sys::v4l2_field_V4L2_FIELD_NONE,
            ..zeroed()
        };
        ioctl(&self.file, vidioc::VIDIOC_S_FMT, &mut format)
            .map_err(|error| CameraFault::of_device(&self.path, "take its mode", &error))?;

        // SAFETY: the kernel fills the member that `type_` names, and any bits are a valid `v4l2_pix_format`.
        let pix = unsafe { format.fmt.pix };
        let fourcc = pix.pixelformat.to_le_bytes();
        let taken = PixelFormat::from_fourcc(fourcc).map(|format| Mode {
            format,
            width: pix.width,
            height: pix.height,
            // The rate of the size that was asked for need not hold for the size that was given.
            fps: mode.fps.filter(|_| (pix.width, pix.height) == (mode.width, mode.height)),
        });
        let Some(taken) = taken.filter(|mode| mode.score().is_some()) else {
            let offered = format!("{}x{} {}", pix.width, pix.height, fourcc.escape_ascii());
            return Err(CameraFault::NoUsableMode { path: self.path.clone(), offered });
        };
        let fps = self.set_rate(mode.fps).or(taken.fps);
        Ok(Setting { mode: Mode { fps, ..taken }, stride: pix.bytesperline as usize })
    }

    /// Asks for a rate. Many drivers have no such call, and then give what they give.
    fn set_rate(&self, fps: Option<f32>) -> Option<f32> {
        let mut parm: v4l_sys::v4l2_streamparm = zeroed();
        parm.type_ = VIDEO_CAPTURE;
        let wanted = (fps.unwrap_or(30.0).clamp(1.0, 1000.0) * 1000.0).round() as u32;
        let interval = v4l_sys::v4l2_fract { numerator: 1000, denominator: wanted };
        parm.parm.capture = v4l_sys::v4l2_captureparm { timeperframe: interval, ..zeroed() };
        ioctl(&self.file, vidioc::VIDIOC_S_PARM, &mut parm).ok()?;
        // SAFETY: as above; `v4l2_captureparm` is plain numbers.
        rate(unsafe { parm.parm.capture }.timeperframe)
    }

    fn sizes(&self, pixelformat: u32) -> Vec<(u32, u32)> {
        let mut sizes = Vec::new();
        for index in 0..SIZES_MAX {
            let mut size: v4l_sys::v4l2_frmsizeenum = zeroed();
            size.index = index;
            size.pixel_format = pixelformat;
            if ioctl(&self.file, vidioc::VIDIOC_ENUM_FRAMESIZES, &mut size).is_err() {
                break;
            }
            if size.type_ == v4l_sys::v4l2_frmsizetypes_V4L2_FRMSIZE_TYPE_DISCRETE {
                // SAFETY: `type_` names this member; both are plain numbers.
                let discrete = unsafe { size.__bindgen_anon_1.discrete };
                sizes.push((discrete.width, discrete.height));
            } else {
                // SAFETY: as above.
                let range = unsafe { size.__bindgen_anon_1.stepwise };
                for (width, height) in WANTED {
                    let width = within(width, range.min_width, range.max_width, range.step_width);
                    sizes.push((width, within(height, range.min_height, range.max_height, range.step_height)));
                }
                break;
            }
        }
        if sizes.is_empty() { WANTED.to_vec() } else { sizes }
    }

    fn rates(&self, pixel_format: u32, width: u32, height: u32) -> Vec<Option<f32>> {
        let mut rates = Vec::new();
        for index in 0..INTERVALS_MAX {
            let mut interval: v4l_sys::v4l2_frmivalenum = zeroed();
            (interval.index, interval.pixel_format) = (index, pixel_format);
            (interval.width, interval.height) = (width, height);
            if ioctl(&self.file, vidioc::VIDIOC_ENUM_FRAMEINTERVALS, &mut interval).is_err() {
                break;
            }
            if interval.type_ == v4l_sys::v4l2_frmivaltypes_V4L2_FRMIVAL_TYPE_DISCRETE {
                // SAFETY: `type_` names this member; both are plain numbers.
                rates.extend(rate(unsafe { interval.__bindgen_anon_1.discrete }).map(Some));
            } else {
                // SAFETY: as above.
                let range = unsafe { interval.__bindgen_anon_1.stepwise };
                if let (Some(fastest), Some(slowest)) = (rate(range.min), rate(range.max)) {
                    rates.push(Some(30_f32.min(fastest).max(slowest)));
                }
                break;
            }
        }
        if rates.is_empty() { vec![None] } else { rates }
    }
}

/// What we ask of a driver that takes any size or says none.
const WANTED: [(u32, u32); 2] = [(1280, 720), (640, 480)];

/// The value nearest below `wanted` that a range with steps allows.
fn within(wanted: u32, min: u32, max: u32, step: u32) -> u32 {
    let wanted = wanted.min(max).max(min);
    wanted - (wanted - min) % step.max(1)
}

/// Pictures a second from an interval in seconds, such as 1001/30000.
fn rate(interval: v4l_sys::v4l2_fract) -> Option<f32> {
    let v4l_sys::v4l2_fract { numerator, denominator } = interval;
    (numerator > 0 && denominator > 0).then(|| (f64::from(denominator) / f64::from(numerator)) as f32)
}

/// Bytes up to the first zero, whatever they are.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// The kernel's structures: numbers only, for which any bits are a value, all zeros included.
///
/// # Safety
/// Implement it for such structures only.
pub(super) unsafe trait Argument: Copy {}
// SAFETY: C structures and unions of integers and of pointers that we leave null.
unsafe impl Argument for v4l_sys::v4l2_capability {}
unsafe impl Argument for v4l_sys::v4l2_fmtdesc {}
unsafe impl Argument for v4l_sys::v4l2_frmsizeenum {}
unsafe impl Argument for v4l_sys::v4l2_frmivalenum {}
unsafe impl Argument for v4l_sys::v4l2_format {}
unsafe impl Argument for v4l_sys::v4l2_pix_format {}
unsafe impl Argument for v4l_sys::v4l2_streamparm {}
unsafe impl Argument for v4l_sys::v4l2_captureparm {}
unsafe impl Argument for v4l_sys::v4l2_requestbuffers {}
unsafe impl Argument for v4l_sys::v4l2_buffer {}
unsafe impl Argument for v4l_sys::v4l2_control {}
unsafe impl Argument for libc::c_int {}

pub(super) fn zeroed<A: Argument>() -> A {
    // SAFETY: `Argument` says that all zeros is a value.
    unsafe { std::mem::zeroed() }
}

/// One call to the driver, again when a signal came between.
///
/// # Errors
/// What the driver said. `InvalidInput` when `argument` is not what `request` takes.
pub(super) fn ioctl<A: Argument>(file: &File, request: vidioc::_IOC_TYPE, argument: &mut A) -> io::Result<()> {
    const TRIES: usize = 5;
    // A request carries the size of its argument in bits 16 to 29 (`asm-generic/ioctl.h`).
    if (request as usize >> 16) & 0x3FFF != size_of::<A>() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut result = Ok(());
    for _ in 0..TRIES {
        // SAFETY: the kernel reads and writes as many bytes as the request says, which is the size of `argument`.
        result = unsafe { v4l::v4l2::ioctl(file.as_raw_fd(), request, (&raw mut *argument).cast()) };
        match &result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_into_ranges() {
        assert_eq!(within(1280, 160, 2592, 16), 1280);
        assert_eq!(within(1280, 160, 1000, 16), 992);
        assert_eq!(within(1280, 1600, 2592, 2), 1600);
        assert_eq!(within(1280, 1, 4000, 0), 1280);
    }

    #[test]
    fn knows_odd_rates() {
        let ntsc = v4l_sys::v4l2_fract { numerator: 1001, denominator: 30_000 };
        assert!((rate(ntsc).unwrap() - 29.97).abs() < 0.01);
        assert_eq!(rate(v4l_sys::v4l2_fract { numerator: 2, denominator: 25 }), Some(12.5));
        assert_eq!(rate(v4l_sys::v4l2_fract { numerator: 0, denominator: 25 }), None);
    }

    #[test]
    fn names_may_be_anything() {
        assert_eq!(text(b"USB Camera\0rubbish"), "USB Camera");
        assert_eq!(text(&[0xFF, b'a']), "\u{FFFD}a");
    }

    #[test]
    fn a_file_is_no_camera() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Node::open(file.path()), Err(CameraFault::NotACamera { .. })));
        assert!(matches!(Node::open(Path::new("/nowhere/video0")), Err(CameraFault::Missing { .. })));
    }

    #[test]
    fn an_argument_of_the_wrong_size_never_reaches_the_kernel() {
        let file = File::open("/dev/null").unwrap();
        let error = ioctl(&file, vidioc::VIDIOC_QUERYCAP, &mut 0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
