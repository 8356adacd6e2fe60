//! The readers on the ladder, the cheapest first.

use std::collections::HashSet;
use std::time::Duration;

use rxing::common::HybridBinarizer;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, RXingResult, RXingResultMetadataType,
    RXingResultMetadataValue, Reader,
};

use super::ladder::{Found, Rung};
use super::{Gray, text};

/// The order of reading. Code, not data: an order that was not measured is not offered.
pub static LADDER: &[Rung] = &[
    Rung { name: "rxing/3", budget: Duration::from_millis(10), read: rxing_at_third },
    Rung { name: "rxing", budget: Duration::from_millis(25), read: rxing_at_full },
    Rung { name: "rqrr", budget: Duration::from_millis(40), read: rqrr },
];

/// The port of zxing-cpp's reader on a third of the size: a ninth of the cost, and the moiré of a photographed screen is gone.
fn rxing_at_third(picture: &Gray) -> Vec<Found> {
    const FACTOR: usize = 3;
    let Some(small) = picture.shrunk(FACTOR) else { return Vec::new() };
    let mut found = rxing_at_full(&small);
    for corner in found.iter_mut().flat_map(|found| &mut found.corners) {
        *corner = corner.map(|value| value * FACTOR as f32);
    }
    found
}

/// The port of zxing-cpp's reader: dense codes.
fn rxing_at_full(picture: &Gray) -> Vec<Found> {
    let (Ok(width), Ok(height)) = (u32::try_from(picture.width()), u32::try_from(picture.height())) else {
        return Vec::new();
    };
    let Ok(source) = Luma8Source::new_with_slice(picture.luma(), width, height) else { return Vec::new() };
    let hints = DecodeHints {
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    QrReader.decode_with_hints(&mut bitmap, &hints).ok().as_ref().and_then(found_by_rxing).into_iter().collect()
}

fn found_by_rxing(result: &RXingResult) -> Option<Found> {
    // The symbology identifiers ]Q2, ]Q4 and ]Q6 say that the code names its encodings (ISO/IEC 15424).
    let names_encodings = match result.getRXingResultMetadata().get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER) {
        Some(RXingResultMetadataValue::SymbologyIdentifier(name)) => name.ends_with(['2', '4', '6']),
        _ => false,
    };
    let bytes = result.getRawBytes().to_vec();
    let text = if names_encodings { result.getText().to_owned() } else { text::of_bytes(&bytes) };
    let corners: Vec<[f32; 2]> = result.getPoints().iter().map(|point| [point.x, point.y]).collect();
    Some(Found { text, bytes, corners: corners.try_into().ok()? })
}

/// Another family: it reads codes whose finders are in order where the port loses them, and few dense ones.
fn rqrr(picture: &Gray) -> Vec<Found> {
    let (luma, width) = (picture.luma(), picture.width());
    let pixel = |x: usize, y: usize| luma[y * width + x];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, picture.height(), pixel);
    let mut found = Vec::new();
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        if grid.decode_to(&mut bytes).is_ok() {
            let corners = grid.bounds.map(|point| [point.x as f32, point.y as f32]);
            found.push(Found { text: text::of_bytes(&bytes), bytes, corners });
        }
    }
    found
}
