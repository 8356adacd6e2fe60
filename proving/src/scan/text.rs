//! The text of a code's bytes, by one rule for every reader.

use encoding_rs::SHIFT_JIS;

/// Text of bytes that no ECI designator describes: UTF-8 if valid, else Shift-JIS if valid, else Latin-1.
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
        assert_eq!(of_bytes("Đỗ Văn".as_bytes()), "Đỗ Văn");
        assert_eq!(of_bytes(&[0x83, 0x65, 0x83, 0x58]), "テス");
        assert_eq!(of_bytes(&[0xFF, 0x41]), "ÿA");
    }
}
