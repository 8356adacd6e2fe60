//! From what a camera or a file gives to 8-bit gray.
//!
//! Gray means luma as ITU-R BT.601 defines it, because that is what YUYV and JPEG carry already. The functions check
//! that the bytes are as many as the picture needs: what is too short is damaged, never filled up with older bytes.

use std::borrow::Cow;
use std::panic::catch_unwind;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::jpeg::{self, Ready};

/// Longest side of a picture, in pixels. Cameras for this work give 1280 to 1920; 4096 allows any test picture and
/// bounds what a broken header can make us allocate: 16 MiB of luma.
pub const SIDE_MAX: usize = 4096;

/// A gray picture: `width * height` values, row by row, without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gray {
    pub luma: Vec<u8>,
    pub width: usize,
    pub height: usize,
}

/// Why some bytes are not a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    #[error("{have} bytes where {need} are needed")]
    TooShort { have: usize, need: usize },
    #[error("{width}x{height} pixels; at most {SIDE_MAX} a side are read")]
    TooLarge { width: usize, height: usize },
    #[error("the end is missing")]
    Cut,
    #[error("neither PNG nor JPEG")]
    Unknown,
    #[error("{0}")]
    Undecodable(String),
}

/// YUYV (YUY2, 4:2:2 packed: Y0 U Y1 V) to its luma: every second byte.
///
/// `stride` is the length of a row in bytes, padding included; the last row may lack its padding.
///
/// # Errors
/// `TooShort` when rows are missing, `TooLarge` beyond [`SIDE_MAX`].
pub fn yuyv_to_luma(bytes: &[u8], width: usize, height: usize, stride: usize) -> Result<Vec<u8>, Damaged> {
    let rows = rows(bytes, width, height, stride, 2)?;
    let mut luma = vec![0; width * height];
    for (gray, row) in luma.chunks_exact_mut(width).zip(rows) {
        for (gray, pixel) in gray.iter_mut().zip(row.chunks_exact(2)) {
            *gray = pixel[0];
        }
    }
    Ok(luma)
}

/// GREY, or the Y plane that NV12 and YU12 begin with: rows of luma, without their padding.
///
/// # Errors
/// As [`yuyv_to_luma`].
pub fn plane_to_luma(bytes: &[u8], width: usize, height: usize, stride: usize) -> Result<Vec<u8>, Damaged> {
    let rows = rows(bytes, width, height, stride, 1)?;
    let mut luma = Vec::with_capacity(width * height);
    for row in rows {
        luma.extend_from_slice(row);
    }
    Ok(luma)
}

/// JPEG to its luma, with the standard Huffman tables when it brings none.
///
/// Strict: a picture that ends early or whose scan breaks off is damaged, not half gray. One that makes the decoder
/// panic is undecodable.
///
/// # Errors
/// `Cut` without an end marker, `TooLarge` beyond [`SIDE_MAX`], `Undecodable` with what the decoder said.
pub fn jpeg_to_luma(jpeg: &[u8]) -> Result<Gray, Damaged> {
    let ready = jpeg::for_decoder(jpeg)?;
    catch_unwind(|| decode_jpeg(&ready)).unwrap_or_else(|_| Err(Damaged::Undecodable("the decoder gave up".to_owned())))
}

fn decode_jpeg(ready: &Ready) -> Result<Gray, Damaged> {
    let undecodable = |error: zune_jpeg::errors::DecodeErrors| Damaged::Undecodable(error.to_string());
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(SIDE_MAX).set_max_height(SIDE_MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&ready.jpeg), options);
    decoder.decode_headers().map_err(undecodable)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| Damaged::Undecodable("no size".to_owned()))?;
    let wanted = match decoder.input_colorspace() {
        Some(ColorSpace::YCbCr) if ready.tall_chroma => ColorSpace::YCbCr,
        Some(ColorSpace::YCbCr | ColorSpace::Luma) => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let pixels = decoder.decode().map_err(undecodable)?;
    let luma = match wanted {
        ColorSpace::Luma => pixels,
        ColorSpace::YCbCr => pixels.chunks_exact(3).map(|pixel| pixel[0]).collect(),
        _ => rgb_to_luma(&pixels),
    };
    Gray::new(luma, width, height)
}

/// Red, green, blue to luma: 0.299 R + 0.587 G + 0.114 B (BT.601), rounded.
pub fn rgb_to_luma(rgb: &[u8]) -> Vec<u8> {
    rgb.chunks_exact(3).map(|pixel| luma_of(pixel[0], pixel[1], pixel[2])).collect()
}

/// The luma of one pixel, in 1/65536: the three weights add up to exactly one, so white stays white.
pub(crate) fn luma_of(red: u8, green: u8, blue: u8) -> u8 {
    const RED: u32 = 19_595; // 0.299
    const GREEN: u32 = 38_470; // 0.587
    const BLUE: u32 = 7_471; // 0.114
    ((RED * u32::from(red) + GREEN * u32::from(green) + BLUE * u32::from(blue) + 32_768) >> 16) as u8
}

/// The mean of the picture, 0 to 255, from every 16th pixel of every 16th row: enough to tell a covered lens.
pub fn mean_luma(luma: &[u8], width: usize) -> u8 {
    let (mut sum, mut count) = (0_u64, 0_u64);
    for row in luma.chunks(width.max(1)).step_by(16) {
        for &gray in row.iter().step_by(16) {
            sum += u64::from(gray);
            count += 1;
        }
    }
    sum.checked_div(count).unwrap_or(0) as u8
}

impl Gray {
    /// # Errors
    /// `TooShort` when pixels are missing or too many, `TooLarge` beyond [`SIDE_MAX`].
    pub fn new(luma: Vec<u8>, width: usize, height: usize) -> Result<Self, Damaged> {
        let need = area(width, height)?;
        if luma.len() != need {
            return Err(Damaged::TooShort { have: luma.len(), need });
        }
        Ok(Self { luma, width, height })
    }
}

/// Pixels of a picture, when it is one we read.
fn area(width: usize, height: usize) -> Result<usize, Damaged> {
    match (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height) {
        true => Ok(width * height),
        false => Err(Damaged::TooLarge { width, height }),
    }
}

/// The rows of a picture without their padding.
fn rows(
    bytes: &[u8],
    width: usize,
    height: usize,
    stride: usize,
    pixel_bytes: usize,
) -> Result<impl Iterator<Item = &[u8]>, Damaged> {
    area(width, height)?;
    let row_bytes = width * pixel_bytes;
    // Drivers that do not know the padding say zero.
    let stride = stride.max(row_bytes);
    let need = stride * (height - 1) + row_bytes;
    if bytes.len() < need {
        return Err(Damaged::TooShort { have: bytes.len(), need });
    }
    Ok(bytes.chunks(stride).take(height).map(move |row| &row[..row_bytes]))
}

/// The rows of a raw picture without padding, as nokhwa expects them; borrowed when there is none.
pub(crate) fn packed(
    bytes: &[u8],
    width: usize,
    height: usize,
    stride: usize,
    pixel_bytes: usize,
) -> Result<Cow<'_, [u8]>, Damaged> {
    let rows = rows(bytes, width, height, stride, pixel_bytes)?;
    let row_bytes = width * pixel_bytes;
    Ok(match stride <= row_bytes {
        true => Cow::Borrowed(&bytes[..row_bytes * height]),
        false => Cow::Owned(rows.flatten().copied().collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::jpeg::tests::without_huffman_tables;

    /// A picture with slow and fast changes.
    fn scene(width: usize, height: usize) -> Vec<u8> {
        let gray = |x: usize, y: usize| if (x / 16 + y / 16).is_multiple_of(2) { (x * 255 / width) as u8 } else { 230 };
        (0..width * height).map(|i| gray(i % width, i / width)).collect()
    }

    fn jpeg_of(luma: &[u8], width: usize, height: usize, colour: bool) -> Vec<u8> {
        let mut jpeg = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
        let (w, h) = (width as u32, height as u32);
        use image::ImageEncoder;
        match colour {
            false => encoder.write_image(luma, w, h, image::ExtendedColorType::L8).unwrap(),
            true => {
                let rgb: Vec<u8> = luma.iter().flat_map(|&gray| [gray; 3]).collect();
                encoder.write_image(&rgb, w, h, image::ExtendedColorType::Rgb8).unwrap();
            }
        }
        jpeg
    }

    fn worst(a: &[u8], b: &[u8]) -> u8 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
    }

    #[test]
    fn takes_every_second_byte_of_yuyv_and_leaves_the_padding() {
        let bytes = [1, 90, 2, 91, 99, 99, 3, 92, 4, 93, 99, 99];
        assert_eq!(yuyv_to_luma(&bytes, 2, 2, 6).unwrap(), [1, 2, 3, 4]);
        // The last row without its padding.
        assert_eq!(yuyv_to_luma(&bytes[..10], 2, 2, 6).unwrap(), [1, 2, 3, 4]);
        // A driver that says nothing about its rows.
        assert_eq!(yuyv_to_luma(&bytes[..4], 2, 1, 0).unwrap(), [1, 2]);
        assert_eq!(yuyv_to_luma(&bytes[..9], 2, 2, 6), Err(Damaged::TooShort { have: 9, need: 10 }));
    }

    #[test]
    fn takes_the_first_plane() {
        assert_eq!(plane_to_luma(&[1, 2, 0, 3, 4, 0, 77, 77], 2, 2, 3).unwrap(), [1, 2, 3, 4]);
        assert_eq!(plane_to_luma(&[], 2, 2, 2), Err(Damaged::TooShort { have: 0, need: 4 }));
    }

    #[test]
    fn packs_rows_only_when_they_are_padded() {
        assert!(matches!(packed(&[1, 2, 3, 4, 9], 2, 2, 2, 1), Ok(Cow::Borrowed(&[1, 2, 3, 4]))));
        assert_eq!(*packed(&[1, 2, 0, 3, 4], 2, 2, 3, 1).unwrap(), [1, 2, 3, 4]);
    }

    #[test]
    fn refuses_sizes_that_nobody_sends() {
        assert!(matches!(yuyv_to_luma(&[], 0, 4, 0), Err(Damaged::TooLarge { .. })));
        assert!(matches!(plane_to_luma(&[], usize::MAX, 2, 0), Err(Damaged::TooLarge { .. })));
        let wide = jpeg_of(&[0; 4104], 4104, 1, false);
        assert!(jpeg_to_luma(&wide).is_err());
    }

    #[test]
    fn reads_gray_and_colour_jpeg() {
        let luma = scene(160, 96);
        for colour in [false, true] {
            let gray = jpeg_to_luma(&jpeg_of(&luma, 160, 96, colour)).unwrap();
            assert_eq!((gray.width, gray.height), (160, 96));
            assert!(worst(&gray.luma, &luma) < 24, "colour {colour}: {}", worst(&gray.luma, &luma));
        }
    }

    #[test]
    fn reads_jpeg_without_huffman_tables_as_with_them() {
        let luma = scene(160, 96);
        for colour in [false, true] {
            let whole = jpeg_of(&luma, 160, 96, colour);
            let bare = without_huffman_tables(&whole);
            assert!(bare.len() < whole.len());
            assert_eq!(jpeg_to_luma(&bare).unwrap(), jpeg_to_luma(&whole).unwrap());
        }
    }

    #[test]
    fn a_cut_jpeg_is_no_picture() {
        let whole = jpeg_of(&scene(160, 96), 160, 96, true);
        for end in 2..whole.len() - 24 {
            let mut cut = whole[..end].to_vec();
            assert!(jpeg_to_luma(&cut).is_err(), "{end} of {}", whole.len());
            // A camera that closes what it cut.
            cut.extend([0xFF, 0xD9]);
            assert!(jpeg_to_luma(&cut).is_err(), "{end} of {} with an end marker", whole.len());
        }
        assert!(jpeg_to_luma(&[]).is_err());
    }

    #[test]
    fn padding_after_the_end_is_allowed() {
        let mut jpeg = jpeg_of(&scene(64, 64), 64, 64, true);
        let alone = jpeg_to_luma(&jpeg).unwrap();
        jpeg.extend([0; 3000]);
        assert_eq!(jpeg_to_luma(&jpeg).unwrap(), alone);
    }

    #[test]
    fn survives_any_flipped_byte() {
        let whole = jpeg_of(&scene(64, 48), 64, 48, true);
        for at in 0..whole.len() {
            let mut jpeg = whole.clone();
            jpeg[at] ^= 0x5A;
            // Any answer will do: the point is that there is one, and of the size it says.
            if let Ok(gray) = jpeg_to_luma(&jpeg) {
                assert_eq!(gray.luma.len(), gray.width * gray.height);
            }
        }
    }

    #[test]
    fn weighs_colours_as_bt_601() {
        assert_eq!(rgb_to_luma(&[255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]), [255, 0, 76, 150, 29]);
    }

    #[test]
    fn tells_a_covered_lens() {
        assert_eq!(mean_luma(&[3; 1280 * 720], 1280), 3);
        assert_eq!(mean_luma(&[], 0), 0);
    }
}
