//! The readers that are measured, each behind one function.

use std::time::Duration;

use super::picture::Gray;

/// One code that a reader read.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub text: String,
    /// Corners in pixels of the measured picture, as many as the reader gives.
    pub corners: Vec<[f32; 2]>,
}

/// A reader with a name: that of its crate, or "ours".
pub struct Reader {
    pub name: &'static str,
    read: Read,
}

type Read = Box<dyn FnMut(&Gray) -> Vec<Hit>>;

impl Reader {
    fn new(name: &'static str, read: impl FnMut(&Gray) -> Vec<Hit> + 'static) -> Self {
        Self { name, read: Box::new(read) }
    }

    /// Reads one picture. May panic if the reader does.
    pub fn read(&mut self, picture: &Gray) -> Vec<Hit> {
        (self.read)(picture)
    }
}

/// Whether this build holds the peers.
pub const HAS_PEERS: bool = cfg!(feature = "peers");

/// The readers of this build, ours first. What the peers are set to: QR codes only, one symbol, otherwise their defaults.
pub fn all(with_peers: bool) -> Vec<Reader> {
    let mut readers = ours();
    readers.push(Reader::new("qrscan", qrscan()));
    if with_peers {
        readers.extend(peers());
    }
    readers
}

/// Our reader over frames, for recordings: each picture is the next frame, taken so much later. The first may be empty.
pub fn joined(every: Duration) -> Reader {
    let mut reader = qrscan::FrameReader::new();
    let mut at = Duration::ZERO;
    Reader::new("joined", move |picture| {
        at += every;
        let reading = reader.read(&picture.luma, picture.width, picture.height, at);
        reading.codes.into_iter().map(|code| Hit { text: code.text, corners: code.corners.to_vec() }).collect()
    })
}

/// The kiosk's one way to read a picture that will not come again: every rung of its ladder, with one setting for all.
#[cfg(feature = "ours")]
fn ours() -> Vec<Reader> {
    let read = |picture: &Gray| {
        let Some(gray) = kiosk::scan::Gray::new(picture.luma.as_slice(), picture.width, picture.height) else {
            return Vec::new();
        };
        let reading = kiosk::scan::read_still(&gray);
        reading.texts.into_iter().map(|code| Hit { text: code.text, corners: code.corners.to_vec() }).collect()
    };
    vec![Reader::new("ours", read)]
}

/// Our own reader alone, one rung of the ladder.
fn qrscan() -> impl FnMut(&Gray) -> Vec<Hit> {
    let mut reader = qrscan::Reader::new();
    move |picture| {
        let reading = reader.read(&picture.luma, picture.width, picture.height);
        reading.codes.into_iter().map(|code| Hit { text: code.text, corners: code.corners.to_vec() }).collect()
    }
}

#[cfg(not(feature = "ours"))]
fn ours() -> Vec<Reader> {
    Vec::new()
}

#[cfg(not(feature = "peers"))]
fn peers() -> Vec<Reader> {
    Vec::new()
}

#[cfg(feature = "peers")]
fn peers() -> Vec<Reader> {
    vec![
        Reader::new("zxing-cpp", peers::zxing_cpp()),
        Reader::new("rxing", peers::rxing_filtered),
        Reader::new("rxing-cpp-port", peers::rxing_cpp_port),
        Reader::new("rqrr", peers::rqrr),
        Reader::new("quircs", peers::quircs()),
    ]
}

#[cfg(feature = "peers")]
mod peers {
    use std::collections::HashSet;

    use rxing::common::HybridBinarizer;
    use rxing::qrcode::cpp_port::QrReader;
    use rxing::{
        BarcodeFormat, BinaryBitmap, DecodeHints, FilteredImageReader, Luma8Source, RXingResult,
        RXingResultMetadataType, RXingResultMetadataValue, Reader,
    };

    use super::{Gray, Hit};
    use qrscan::text;

    /// zxing-cpp's own wrapper. It tries harder, turned, inverted and downscaled pictures by default.
    pub fn zxing_cpp() -> impl FnMut(&Gray) -> Vec<Hit> {
        let reader = zxingcpp::read()
            .formats(zxingcpp::BarcodeFormat::QRCode)
            .max_number_of_symbols(1)
            .text_mode(zxingcpp::TextMode::Plain);
        move |picture| {
            let lum = zxingcpp::ImageFormat::Lum;
            let Ok(view) = zxingcpp::ImageView::from_slice(&picture.luma, picture.width, picture.height, lum) else {
                return Vec::new();
            };
            let barcodes = reader.from(&view).unwrap_or_default();
            let hit = |barcode: &zxingcpp::Barcode| {
                let at = barcode.position();
                let corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left];
                Hit {
                    text: if barcode.has_eci() { barcode.text() } else { text::of_bytes(&barcode.bytes()) },
                    corners: corners.map(|point| [point.x as f32, point.y as f32]).to_vec(),
                }
            };
            barcodes.iter().filter(|barcode| barcode.is_valid()).map(hit).collect()
        }
    }

    /// rxing with its pyramid and its closing filter, around the port of zxing-cpp's reader.
    pub fn rxing_filtered(picture: &Gray) -> Vec<Hit> {
        rxing_with(&mut FilteredImageReader::new(QrReader), picture)
    }

    /// The port of zxing-cpp's reader alone.
    pub fn rxing_cpp_port(picture: &Gray) -> Vec<Hit> {
        rxing_with(&mut QrReader, picture)
    }

    fn rxing_with(reader: &mut impl Reader, picture: &Gray) -> Vec<Hit> {
        let hints = DecodeHints {
            PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let Ok(source) = Luma8Source::new_with_slice(&picture.luma, picture.width as u32, picture.height as u32) else {
            return Vec::new();
        };
        let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
        reader.decode_with_hints(&mut bitmap, &hints).map(|result| rxing_hit(&result)).into_iter().collect()
    }

    fn rxing_hit(result: &RXingResult) -> Hit {
        // Modifiers 2, 4 and 6 of "]Q" say that the symbol used the ECI protocol (ISO/IEC 15424).
        let has_eci = match result.getRXingResultMetadata().get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER) {
            Some(RXingResultMetadataValue::SymbologyIdentifier(name)) => name.ends_with(['2', '4', '6']),
            _ => false,
        };
        Hit {
            text: if has_eci { result.getText().to_owned() } else { text::of_bytes(result.getRawBytes()) },
            corners: result.getPoints().iter().map(|point| [point.x, point.y]).collect(),
        }
    }

    /// All codes that rqrr finds: it has no way to stop at the first.
    pub fn rqrr(picture: &Gray) -> Vec<Hit> {
        let luma = |x: usize, y: usize| picture.luma[y * picture.width + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, luma);
        let mut hits = Vec::new();
        for grid in prepared.detect_grids() {
            let mut bytes = Vec::new();
            if grid.decode_to(&mut bytes).is_ok() {
                let corners = grid.bounds.iter().map(|point| [point.x as f32, point.y as f32]).collect();
                hits.push(Hit { text: text::of_bytes(&bytes), corners });
            }
        }
        hits
    }

    /// All codes that quircs finds: it has no way to stop at the first.
    pub fn quircs() -> impl FnMut(&Gray) -> Vec<Hit> {
        let mut reader = quircs::Quirc::default();
        move |picture| {
            let codes = reader.identify(picture.width, picture.height, &picture.luma);
            let hit = |code: quircs::Code| {
                let data = code.decode().ok()?;
                let corners = code.corners.iter().map(|point| [point.x as f32, point.y as f32]).collect();
                Some(Hit { text: text::of_bytes(&data.payload), corners })
            };
            codes.filter_map(Result::ok).filter_map(hit).collect()
        }
    }
}
