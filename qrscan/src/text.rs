//! The text of a code's bytes: one rule, for our reader and for every other that gives bytes.

use encoding_rs::SHIFT_JIS;

/// Text of bytes that no ECI designator describes.
///
/// ISO/IEC 18004 says Latin-1 (in 2000: Shift-JIS), while nearly every generator writes UTF-8: so UTF-8 if valid, else
/// Shift-JIS if valid, else Latin-1, which takes anything.
pub fn of_bytes(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    match SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None => bytes.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::of_bytes;

    #[test]
    fn three_encodings_in_order() {
        let cases: [(&[u8], &str); 6] = [
            (b"", ""),
            (b"HC1:6BF", "HC1:6BF"),
            ("Đỗ Thị Bưởi".as_bytes(), "Đỗ Thị Bưởi"),
            ("Đỗ Văn".as_bytes(), "Đỗ Văn"),
            (&[0x83, 0x65, 0x83, 0x58], "テス"),
            (&[0xFF, 0x41], "ÿA"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(of_bytes(bytes), expected);
        }
    }
}
