//! One picture in a file: PNG or JPEG, gray or colour.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::fault::CameraFault;
use super::luma::{self, Damaged, Gray, SIDE_MAX};

/// Largest file of one picture, in bytes: an uncompressed 4096 × 4096 RGB picture is 48 MiB, and none comes near it.
pub const FILE_BYTES_MAX: u64 = 48 * 1024 * 1024;

/// Reads the picture at `path`.
///
/// # Errors
/// `BadPicture` with its path and what is wrong with it.
pub fn read(path: &Path) -> Result<Gray, CameraFault> {
    let bad = |problem: String| CameraFault::BadPicture { path: path.to_owned(), problem };
    let bytes = read_bytes(path)?;
    decode(&bytes).map_err(|damaged| bad(damaged.to_string()))
}

/// The file's bytes, when it is a plain file of a size we read.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, CameraFault> {
    let bad = |problem: String| CameraFault::BadPicture { path: path.to_owned(), problem };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| bad(error.to_string()))?;
    // A pipe or a device would make us wait for ever.
    if !file.metadata().map_err(|error| bad(error.to_string()))?.is_file() {
        return Err(bad("not a file".to_owned()));
    }
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| bad(error.to_string()))?;
    match bytes.len() as u64 > FILE_BYTES_MAX {
        true => Err(bad(format!("more than {FILE_BYTES_MAX} bytes"))),
        false => Ok(bytes),
    }
}

/// PNG or JPEG to gray. Transparent pixels are seen on white, as a code without background is meant.
///
/// # Errors
/// What is wrong with it, [`SIDE_MAX`] included.
pub fn decode(bytes: &[u8]) -> Result<Gray, Damaged> {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => luma::jpeg_to_luma(bytes),
        Ok(ImageFormat::Png) => png_to_luma(bytes),
        _ => Err(Damaged::Unknown),
    }
}

fn png_to_luma(png: &[u8]) -> Result<Gray, Damaged> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX as u32);
    limits.max_image_height = Some(SIDE_MAX as u32);
    // 16-bit RGBA at the largest size, once decoded and once for the decoder's rows.
    limits.max_alloc = Some(SIDE_MAX as u64 * SIDE_MAX as u64 * 8 + FILE_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| Damaged::Undecodable(error.to_string()))?;

    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let luma = match picture {
        DynamicImage::ImageLuma8(gray) => gray.into_raw(),
        DynamicImage::ImageRgb8(rgb) => luma::rgb_to_luma(rgb.as_raw()),
        other => other.to_rgba8().pixels().map(|pixel| on_white(pixel.0)).collect(),
    };
    Gray::new(luma, width, height)
}

fn on_white([red, green, blue, alpha]: [u8; 4]) -> u8 {
    let (luma, alpha) = (u32::from(luma::luma_of(red, green, blue)), u32::from(alpha));
    ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(picture: DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn gray_png_stays_as_it_is() {
        let gray = image::GrayImage::from_fn(5, 3, |x, y| image::Luma([(x * 40 + y) as u8]));
        let read = decode(&png(gray.clone().into())).unwrap();
        assert_eq!((read.luma, read.width, read.height), (gray.into_raw(), 5, 3));
    }

    #[test]
    fn colour_depth_and_transparency_become_luma() {
        let rgb = image::RgbImage::from_pixel(1, 1, image::Rgb([255, 0, 0]));
        assert_eq!(decode(&png(rgb.into())).unwrap().luma, [76]);
        let deep = image::ImageBuffer::from_pixel(1, 1, image::Luma([0x8000_u16]));
        assert_eq!(decode(&png(DynamicImage::ImageLuma16(deep))).unwrap().luma, [128]);
        let clear = image::RgbaImage::from_pixel(1, 1, image::Rgba([0, 0, 0, 0]));
        assert_eq!(decode(&png(clear.into())).unwrap().luma, [255]);
    }

    #[test]
    fn names_the_file_that_is_no_picture() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.png");
        std::fs::write(&path, "not a picture").unwrap();
        let fault = read(&path).unwrap_err();
        assert!(fault.to_string().contains("note.png"), "{fault}");
        assert!(matches!(read(folder.path()), Err(CameraFault::BadPicture { .. })));
        assert!(matches!(read(&folder.path().join("none.png")), Err(CameraFault::BadPicture { .. })));
    }

    #[test]
    fn refuses_a_png_that_claims_to_be_huge() {
        let mut bytes = png(image::GrayImage::new(8, 8).into());
        bytes[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
        assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_cut_png_is_no_picture() {
        let whole = png(image::GrayImage::from_fn(64, 64, |x, y| image::Luma([(x * y) as u8])).into());
        for end in 0..whole.len() - 16 {
            assert!(decode(&whole[..end]).is_err(), "{end} of {}", whole.len());
        }
    }
}
