//! What has to be put right in a camera's JPEG before a decoder sees it.
//!
//! Motion JPEG in UVC may rely on the Huffman tables of ITU-T T.81 (JPEG), Annex K.3, without carrying them; a decoder
//! needs them spelt out, in a DHT segment before the scan. And a decoder that meets the end marker too early fills up
//! what is missing and says nothing; without the marker it says so.

use super::luma::Damaged;

/// One table: how many codes there are of each length 1 to 16, then the symbols in order of their codes.
struct Table {
    /// Class (0 DC, 1 AC) in the upper half, destination (0 luma, 1 chroma) in the lower (T.81 B.2.4.2).
    class_and_destination: u8,
    counts: [u8; 16],
    symbols: &'static [u8],
}

/// T.81, tables K.3 to K.6.
const ANNEX_K: [Table; 4] = [
    Table {
        class_and_destination: 0x00,
        counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
        symbols: &DC_SYMBOLS,
    },
    Table {
        class_and_destination: 0x10,
        counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
        symbols: &AC_LUMA_SYMBOLS,
    },
    Table {
        class_and_destination: 0x01,
        counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
        symbols: &DC_SYMBOLS,
    },
    Table {
        class_and_destination: 0x11,
        counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
        symbols: &AC_CHROMA_SYMBOLS,
    },
];

const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

#[rustfmt::skip]
const AC_LUMA_SYMBOLS: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
    0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
    0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37,
    0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
    0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
    0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3,
    0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

#[rustfmt::skip]
const AC_CHROMA_SYMBOLS: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
    0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
    0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36,
    0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
    0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
    0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
    0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
    0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const DHT: u8 = 0xC4;
const SOS: u8 = 0xDA;
/// Baseline and extended sequential, Huffman coded: what cameras send.
const SEQUENTIAL: [u8; 2] = [0xC0, 0xC1];

/// Zeros in place of the end marker. A decoder reads ahead by up to eight bytes; whoever needs more has lost his data.
const READ_AHEAD: [u8; 8] = [0; 8];

/// A JPEG for a decoder that is to be strict: with Huffman tables, and not ending before its last block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    pub jpeg: Vec<u8>,
    /// Chroma has fewer rows than luma but not fewer columns by the same factor (4:4:0). zune-jpeg 0.5.15 loses its
    /// way, or panics, when it is asked for the luma alone of such a picture.
    pub tall_chroma: bool,
}

/// Puts right what a camera leaves out.
///
/// # Errors
/// `Unknown` when it does not begin as a JPEG, `Cut` when it has no end, `Undecodable` when it has no scan.
pub(crate) fn for_decoder(jpeg: &[u8]) -> Result<Ready, Damaged> {
    if !jpeg.starts_with(&[0xFF, SOI]) {
        return Err(Damaged::Unknown);
    }
    let end = end(jpeg).ok_or(Damaged::Cut)?;
    let mut ready = Vec::with_capacity(end + 512);
    let (mut tables, mut sequential, mut tall_chroma) = (false, false, false);
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = jpeg.get(at..at + 4) {
        match marker {
            SOS => {
                ready.extend_from_slice(&jpeg[..at]);
                if !tables {
                    ready.extend(annex_k_segment());
                }
                // More than one scan: markers follow each, and the decoder finds its way by them.
                let one_scan = !jpeg[at + 2..end].windows(2).any(|pair| pair == [0xFF, SOS]);
                if sequential && one_scan {
                    ready.extend_from_slice(&jpeg[at..end - 2]);
                    ready.extend(READ_AHEAD);
                } else {
                    ready.extend_from_slice(&jpeg[at..end]);
                }
                return Ok(Ready { jpeg: ready, tall_chroma });
            }
            // A fill byte before a marker (T.81 B.1.1.2).
            0xFF => at += 1,
            _ => {
                tables |= marker == DHT;
                sequential |= SEQUENTIAL.contains(&marker);
                tall_chroma |= matches!(marker, 0xC0..=0xC2) && has_tall_chroma(&jpeg[at + 4..]);
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    Err(Damaged::Undecodable("it has no scan".to_owned()))
}

/// Whether the sampling factors of a frame header (T.81 B.2.2, from its precision on) differ in rows and columns.
fn has_tall_chroma(frame: &[u8]) -> bool {
    let count = frame.get(5).map_or(0, |&count| usize::from(count));
    let factors = frame.get(6..).unwrap_or_default().chunks_exact(3).take(count).map(|component| component[1]);
    let (mut columns, mut rows) = (0, 0);
    for factor in factors {
        columns = columns.max(factor >> 4);
        rows = rows.max(factor & 0x0F);
    }
    rows > 1 && rows != columns
}

/// Where the JPEG ends, behind its end marker. Cameras pad what follows: with zeros, or with a few bytes of anything.
fn end(jpeg: &[u8]) -> Option<usize> {
    const PADDING_MAX: usize = 64;
    let last = jpeg.iter().rposition(|&byte| byte != 0)? + 1;
    let from = last.saturating_sub(PADDING_MAX);
    let marker = jpeg[from..last].windows(2).rposition(|pair| pair == [0xFF, EOI])?;
    Some(from + marker + 2)
}

/// A DHT segment with all four tables (T.81 B.2.4.2).
fn annex_k_segment() -> Vec<u8> {
    let body: usize = ANNEX_K.iter().map(|table| 1 + table.counts.len() + table.symbols.len()).sum();
    let mut segment = vec![0xFF, DHT];
    segment.extend(((2 + body) as u16).to_be_bytes());
    for table in &ANNEX_K {
        segment.push(table.class_and_destination);
        segment.extend(table.counts);
        segment.extend(table.symbols);
    }
    segment
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The JPEG without its DHT segments, as such cameras send it.
    pub(crate) fn without_huffman_tables(jpeg: &[u8]) -> Vec<u8> {
        let mut bare = jpeg[..2].to_vec();
        let mut at = 2;
        loop {
            let marker = jpeg[at + 1];
            if marker == SOS {
                bare.extend(&jpeg[at..]);
                return bare;
            }
            let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            if marker != DHT {
                bare.extend(&jpeg[at..end]);
            }
            at = end;
        }
    }

    #[test]
    fn counts_and_symbols_agree() {
        for table in &ANNEX_K {
            assert_eq!(table.counts.iter().map(|&count| usize::from(count)).sum::<usize>(), table.symbols.len());
        }
    }

    /// Markers of a JPEG with one scan, `body` being its coded data.
    fn jpeg(sof: u8, body: &[u8]) -> Vec<u8> {
        [&[0xFF, SOI, 0xFF, DHT, 0, 2, 0xFF, sof, 0, 2, 0xFF, SOS, 0, 2], body, &[0xFF, EOI]].concat()
    }

    #[test]
    fn tables_are_added_where_there_are_none() {
        let whole = jpeg(0xC2, &[1, 2]);
        assert_eq!(for_decoder(&whole).unwrap().jpeg, whole);
        let bare = without_huffman_tables(&whole);
        let ready = for_decoder(&bare).unwrap().jpeg;
        assert_eq!(ready.len(), bare.len() + 420);
        assert_eq!(ready[..6], bare[..6]);
        assert_eq!(without_huffman_tables(&ready), bare);
    }

    #[test]
    fn the_end_marker_is_taken_from_one_sequential_scan_only() {
        let ends = |jpeg: &[u8]| for_decoder(jpeg).unwrap().jpeg.ends_with(&[0xFF, EOI]);
        assert!(!ends(&jpeg(0xC0, &[1, 2])));
        assert!(ends(&jpeg(0xC2, &[1, 2])));
        assert!(ends(&jpeg(0xC0, &[1, 0xFF, SOS, 0, 2, 3])));
    }

    #[test]
    fn knows_where_chroma_is_sampled_in_rows_alone() {
        let frame = |luma: u8| [8, 0, 16, 0, 16, 3, 1, luma, 0, 2, 0x11, 1, 3, 0x11, 1];
        assert!(has_tall_chroma(&frame(0x12)));
        assert!(![0x11, 0x21, 0x22, 0x41].iter().any(|&luma| has_tall_chroma(&frame(luma))));
        assert!(!has_tall_chroma(&[]));
    }

    #[test]
    fn what_has_no_beginning_scan_or_end_is_none() {
        for bad in [&[][..], &[0xFF], &[0xFF, SOI, 0xFF], &[0xFF, SOI, 0xFF, EOI], &[7; 100], &[0; 100]] {
            assert!(for_decoder(bad).is_err(), "{bad:?}");
        }
        let whole = jpeg(0xC0, &[9; 200]);
        assert_eq!(for_decoder(&whole[..whole.len() - 1]), Err(Damaged::Cut));
        let padded = |padding: &[u8]| for_decoder(&[&whole[..], padding].concat());
        assert_eq!(padded(&[0; 5000]), for_decoder(&whole));
        assert_eq!(padded(&[3; 60]), for_decoder(&whole));
        assert_eq!(padded(&[3; 70]), Err(Damaged::Cut));
    }
}
