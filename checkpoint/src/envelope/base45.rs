//! Base45 (RFC 9285): three letters of a QR code's alphanumeric mode for two bytes.
//!
//! Written here because the crate that we tried cuts a last pair of letters that stands for more than 255 down to a byte,
//! so that two texts would mean the same credential.

use crate::verdict::Reason;

/// Value of each ASCII character, 255 for those outside of the alphabet (RFC 9285, table 1).
const VALUES: [u8; 128] = {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut values = [255; 128];
    let mut value = 0;
    while value < alphabet.len() {
        values[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// Decodes a whole text.
///
/// # Errors
/// `Malformed` for a character outside of the alphabet, a group that stands for more than its bytes can hold, or a single
/// character at the end.
pub fn decode(text: &str) -> Result<Vec<u8>, Reason> {
    let value = |letter: u8| match VALUES.get(usize::from(letter)) {
        Some(&value) if value < 45 => Some(u32::from(value)),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    let (groups, rest) = text.as_bytes().as_chunks::<3>();
    let decoded = (|| {
        for &[a, b, c] in groups {
            let group = value(a)? + 45 * value(b)? + 45 * 45 * value(c)?;
            bytes.extend_from_slice(&u16::try_from(group).ok()?.to_be_bytes());
        }
        match rest {
            [] => {}
            &[a, b] => bytes.push(u8::try_from(value(a)? + 45 * value(b)?).ok()?),
            _ => return None,
        }
        Some(bytes)
    })();
    decoded.ok_or(Reason::Malformed { layer: "base45" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_examples_of_the_specification() {
        for (text, bytes) in
            [("BB8", "AB"), ("%69 VD92EX0", "Hello!!"), ("UJCLQE7W581", "base-45"), ("QED8WEX0", "ietf!"), ("", "")]
        {
            assert_eq!(decode(text).unwrap(), bytes.as_bytes(), "{text}");
        }
    }

    #[test]
    fn refuses_what_no_encoder_writes() {
        for text in ["GGW", "::", ":::", "A", "AAAA", "bb8", "BB8\n", "é12", "=69"] {
            assert_eq!(decode(text), Err(Reason::Malformed { layer: "base45" }), "{text}");
        }
    }
}
