//! The readers on the ladder, the cheapest first.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use qrscan::text;
use rxing::common::HybridBinarizer;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, RXingResult, RXingResultMetadataType,
    RXingResultMetadataValue, Reader,
};

use super::Gray;
use super::ladder::{Found, Rung, Seen};

/// The order of reading. Code, not data: an order that was not measured is not offered.
///
/// What each adds, of the 426 public photographs whose text is known, is in `docs/scan.md`.
pub static LADDER: &[Rung] = &[
    Rung { name: "qrscan", budget: Duration::from_millis(25), read: qrscan },
    Rung { name: "rxing", budget: Duration::from_millis(15), read: rxing },
    Rung { name: "rqrr", budget: Duration::from_millis(10), read: rqrr },
];

/// Our own reader. Frames are joined where one alone gives nothing; a still is read for itself.
fn qrscan(picture: &Gray, at: Option<Duration>) -> Seen {
    thread_local! {
        static STILLS: RefCell<Option<qrscan::Reader>> = const { RefCell::new(None) };
        static FRAMES: RefCell<Option<qrscan::FrameReader>> = const { RefCell::new(None) };
    }
    let (luma, width, height) = (picture.luma(), picture.width(), picture.height());
    // Taken out while it reads: should it panic, the next frame gets a fresh one.
    let reading = match at {
        Some(at) => {
            let mut reader = FRAMES.take().unwrap_or_default();
            let reading = reader.read(luma, width, height, at);
            FRAMES.set(Some(reader));
            reading
        }
        None => {
            let mut reader = STILLS.take().unwrap_or_default();
            let reading = reader.read(luma, width, height);
            STILLS.set(Some(reader));
            reading
        }
    };
    let found = reading.codes.into_iter().map(|code| Found {
        text: code.text,
        bytes: code.bytes,
        corners: code.corners,
        part: code.structured_append,
    });
    Seen { found: found.collect(), hindrances: reading.hindrances }
}

/// The port of zxing-cpp's reader: dense codes that ours loses.
fn rxing(picture: &Gray, _: Option<Duration>) -> Seen {
    let (Ok(width), Ok(height)) = (u32::try_from(picture.width()), u32::try_from(picture.height())) else {
        return Seen::default();
    };
    let Ok(source) = Luma8Source::new_with_slice(picture.luma(), width, height) else { return Seen::default() };
    let hints = DecodeHints {
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let found = QrReader.decode_with_hints(&mut bitmap, &hints).ok().as_ref().and_then(found_by_rxing);
    Vec::from_iter(found).into()
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
    Some(Found { text, bytes, corners: corners.try_into().ok()?, part: None })
}

/// A third family, with a grid from one homography: it reads a few that the others lose, hardly any dense one.
fn rqrr(picture: &Gray, _: Option<Duration>) -> Seen {
    let (luma, width) = (picture.luma(), picture.width());
    let pixel = |x: usize, y: usize| luma[y * width + x];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, picture.height(), pixel);
    let mut found = Vec::new();
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        if grid.decode_to(&mut bytes).is_ok() {
            let corners = grid.bounds.map(|point| [point.x as f32, point.y as f32]);
            found.push(Found { text: text::of_bytes(&bytes), bytes, corners, part: None });
        }
    }
    found.into()
}
