//! Which of a camera's modes to use: the cheapest one that a code can be read in.

use std::fmt;

/// How pixels come, of the kinds we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PixelFormat {
    /// 8-bit gray.
    Grey,
    /// A plane of luma, then one of chroma; we take the first.
    Nv12,
    /// A plane of luma, then two of chroma; we take the first.
    Yu12,
    /// 4:2:2 packed; every second byte is luma.
    Yuyv,
    /// One JPEG a picture.
    Mjpeg,
}

impl PixelFormat {
    pub const ALL: [Self; 5] = [Self::Grey, Self::Nv12, Self::Yu12, Self::Yuyv, Self::Mjpeg];

    /// The four characters by which V4L2 knows it (`videodev2.h`).
    pub fn fourcc(self) -> [u8; 4] {
        match self {
            Self::Grey => *b"GREY",
            Self::Nv12 => *b"NV12",
            Self::Yu12 => *b"YU12",
            Self::Yuyv => *b"YUYV",
            Self::Mjpeg => *b"MJPG",
        }
    }

    /// The kind with these four characters. `JPEG` is what some drivers call their motion JPEG.
    pub fn from_fourcc(fourcc: [u8; 4]) -> Option<Self> {
        match &fourcc {
            b"JPEG" => Some(Self::Mjpeg),
            _ => Self::ALL.into_iter().find(|format| format.fourcc() == fourcc),
        }
    }

    /// What it costs to make luma of it, in instructions a pixel. Measured with callgrind at 1280×720: JPEG 30 M a
    /// picture, YUYV 3.5 M; a plane is copied.
    fn instructions_a_pixel(self) -> f64 {
        match self {
            Self::Grey | Self::Nv12 | Self::Yu12 => 0.5,
            Self::Yuyv => 3.8,
            Self::Mjpeg => 32.5,
        }
    }

    /// Bytes a pixel on the wire, for uncompressed kinds.
    fn bytes_a_pixel(self) -> Option<f64> {
        match self {
            Self::Grey => Some(1.0),
            Self::Nv12 | Self::Yu12 => Some(1.5),
            Self::Yuyv => Some(2.0),
            Self::Mjpeg => None,
        }
    }
}

/// One way in which a camera can deliver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    pub format: PixelFormat,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pictures a second; `None` when the driver does not say.
    pub fps: Option<f32>,
}

/// The size that a code of version 16 at arm's length needs, and that the reader's time was measured at.
const WIDTH_WANTED: u32 = 1280;
const HEIGHT_WANTED: u32 = 720;
/// Below this a hand that moves is missed; above twice of it nothing is gained.
const FPS_WANTED: f64 = 15.0;
const FPS_MAX: f64 = 30.0;

impl Mode {
    /// How well this mode suits, for comparison only; larger is better, and `None` is one we do not read.
    ///
    /// Three things count: enough pixels for a dense code, but not more, since the reader pays for each; at least
    /// 15 pictures a second; and the decoding work that they take from the reader.
    pub fn score(&self) -> Option<f64> {
        let side_max = super::luma::SIDE_MAX as u32;
        if !(1..=side_max).contains(&self.width) || !(1..=side_max).contains(&self.height) {
            return None;
        }
        let pixels = f64::from(self.width) * f64::from(self.height);
        let fps = self.fps.map_or_else(|| self.fps_assumed(pixels), f64::from);
        if !(fps.is_finite() && fps > 0.0) {
            return None;
        }

        let scale = f64::min(
            f64::from(self.width) / f64::from(WIDTH_WANTED),
            f64::from(self.height) / f64::from(HEIGHT_WANTED),
        );
        let readable = if scale < 1.0 { scale } else { scale.powf(-0.5) };
        // A smoother picture than needed is worth a tenth at most.
        let fluent = f64::min(fps / FPS_WANTED, 1.0) + 0.1 * ((fps.min(FPS_MAX) - FPS_WANTED) / FPS_WANTED).max(0.0);
        // A gigainstruction a second, about a core of a small tablet, costs a fifth of a good mode.
        let work = 0.2 * self.format.instructions_a_pixel() * pixels * fps / 1e9;
        Some(readable * fluent - work)
    }

    /// What to expect when the driver does not say: 24 MB a second, the most that a USB 2 camera may send
    /// (isochronous, 3 × 1024 bytes in each of 8,000 microframes), but at most 30 pictures.
    fn fps_assumed(&self, pixels: f64) -> f64 {
        const USB2_BYTES_A_SECOND: f64 = 24_576_000.0;
        let possible = |bytes: f64| USB2_BYTES_A_SECOND / (bytes * pixels);
        self.format.bytes_a_pixel().map_or(FPS_MAX, possible).min(FPS_MAX)
    }
}

/// The modes we can read, best first; equal ones in a fixed order.
pub fn ranked(modes: impl IntoIterator<Item = Mode>) -> Vec<Mode> {
    let mut scored: Vec<(f64, Mode)> =
        modes.into_iter().filter_map(|mode| mode.score().map(|score| (score, mode))).collect();
    scored.sort_by(|(a_score, a), (b_score, b)| {
        b_score.total_cmp(a_score).then_with(|| (a.format, a.width, a.height).cmp(&(b.format, b.width, b.height)))
    });
    scored.into_iter().map(|(_, mode)| mode).collect()
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fourcc = self.format.fourcc();
        write!(f, "{}x{} {}", self.width, self.height, String::from_utf8_lossy(&fourcc))?;
        match self.fps {
            Some(fps) => write!(f, " {fps:.0} fps"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PixelFormat::{Grey, Mjpeg, Yuyv};
    use super::*;

    fn mode(format: PixelFormat, width: u32, height: u32, fps: f32) -> Mode {
        Mode { format, width, height, fps: (fps > 0.0).then_some(fps) }
    }

    /// The first of `modes` is preferred to each of the others.
    fn prefers(modes: &[Mode]) {
        for other in &modes[1..] {
            assert_eq!(ranked([*other, modes[0]])[0], modes[0], "{} over {other}", modes[0]);
        }
    }

    #[test]
    fn a_usb2_camera_sends_jpeg_at_full_size() {
        prefers(&[
            mode(Mjpeg, 1280, 720, 30.0),
            mode(Yuyv, 1280, 720, 10.0),
            mode(Yuyv, 640, 480, 30.0),
            mode(Mjpeg, 640, 480, 30.0),
            mode(Mjpeg, 1920, 1080, 30.0),
            mode(Yuyv, 1920, 1080, 5.0),
        ]);
    }

    #[test]
    fn uncompressed_wins_where_it_is_fast_enough() {
        prefers(&[mode(Yuyv, 1280, 720, 15.0), mode(Mjpeg, 1280, 720, 30.0), mode(Yuyv, 1280, 720, 10.0)]);
        prefers(&[mode(Yuyv, 1280, 720, 30.0), mode(Yuyv, 1280, 720, 15.0), mode(Mjpeg, 1280, 720, 30.0)]);
        prefers(&[mode(Grey, 1280, 720, 30.0), mode(Yuyv, 1280, 720, 30.0)]);
    }

    #[test]
    fn sizes_near_the_wanted_one_win() {
        prefers(&[
            mode(Mjpeg, 1280, 720, 30.0),
            mode(Mjpeg, 1280, 960, 30.0),
            mode(Mjpeg, 2560, 1440, 30.0),
            mode(Mjpeg, 3840, 2160, 30.0),
            mode(Mjpeg, 800, 600, 30.0),
            mode(Mjpeg, 320, 240, 120.0),
        ]);
        prefers(&[mode(Yuyv, 1024, 768, 15.0), mode(Yuyv, 640, 480, 30.0)]);
    }

    #[test]
    fn what_the_driver_does_not_say_is_guessed() {
        // 1.84 MB a picture: 13 a second through USB 2, so JPEG is the safer choice.
        prefers(&[mode(Mjpeg, 1280, 720, 0.0), mode(Yuyv, 1280, 720, 0.0)]);
        prefers(&[mode(Yuyv, 1280, 720, 20.0), mode(Mjpeg, 1280, 720, 0.0)]);
    }

    #[test]
    fn nonsense_is_not_a_mode() {
        for (width, height, fps) in [(0, 720, 30.0), (1280, 0, 30.0), (9000, 720, 30.0), (1280, 720, f32::NAN)] {
            let mode = Mode { format: Yuyv, width, height, fps: Some(fps) };
            assert_eq!(mode.score(), None, "{mode:?}");
        }
        assert_eq!(ranked([]), []);
    }

    #[test]
    fn gray_is_called_grey() {
        assert_eq!(PixelFormat::from_fourcc(*b"GREY"), Some(Grey));
        assert_eq!(PixelFormat::from_fourcc(*b"JPEG"), Some(Mjpeg));
        assert_eq!(PixelFormat::from_fourcc(*b"H264"), None);
    }

    #[test]
    fn reads_well() {
        assert_eq!(mode(Mjpeg, 1280, 720, 29.97).to_string(), "1280x720 MJPG 30 fps");
        assert_eq!(mode(Yuyv, 640, 480, 0.0).to_string(), "640x480 YUYV");
    }
}
