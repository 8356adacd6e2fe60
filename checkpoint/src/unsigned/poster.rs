//! The poster of a checkpoint (`docs/location-qr.md`): it names the place, and nobody signs it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::passage::Location;

/// What every text of this version begins with.
pub const PREFIX: &str = "VNLOC1:";

/// Longest location code, in bytes.
pub const CODE_BYTES_MAX: usize = 32;
/// Longest name of a place or province, in letters.
pub const NAME_LETTERS_MAX: usize = 80;
/// Hexadecimal digits of the check.
const CHECK_DIGITS: usize = 8;

/// What cannot stand in a poster's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PosterFault {
    /// The location code.
    #[error("the location code must be 1 to {CODE_BYTES_MAX} of A-Z, a-z, 0-9, '.', '_' and '-'")]
    Code,
    /// A name.
    #[error("the {0} must be 1 to {NAME_LETTERS_MAX} letters on one line, without '|'")]
    Name(&'static str),
}

/// The text of a location's poster.
///
/// # Errors
/// `Code` and `Name` for what cannot stand in it.
pub fn write(location: &Location) -> Result<String, PosterFault> {
    Ok(with_check(format!("{PREFIX}{}|", fields(location)?)))
}

/// Code, name and province with a bar between them, as they stand in a code of the place.
///
/// # Errors
/// As `write`.
pub(crate) fn fields(location: &Location) -> Result<String, PosterFault> {
    let (name, province): (String, String) = (location.name.nfc().collect(), location.province.nfc().collect());
    if !is_code(&location.code) {
        return Err(PosterFault::Code);
    }
    for (field, value) in [("name", &name), ("province", &province)] {
        if !is_name(value) {
            return Err(PosterFault::Name(field));
        }
    }
    Ok(format!("{}|{name}|{province}", location.code))
}

/// A text that ends with a bar, and its check behind it.
pub(crate) fn with_check(body: String) -> String {
    let check = check(&body);
    body + &check
}

/// Reads what `write` wrote; `None` for anything else, cut or changed.
pub fn read(text: &str) -> Option<Location> {
    let (body, found) = text.split_at_checked(text.len().checked_sub(CHECK_DIGITS)?)?;
    let fields = body.strip_prefix(PREFIX)?.strip_suffix('|')?;
    let mut fields = fields.split('|');
    let (code, name, province) = (fields.next()?, fields.next()?, fields.next()?);
    let sound = fields.next().is_none() && is_code(code) && is_name(name) && is_name(province) && check(body) == found;
    sound.then(|| Location { code: code.into(), name: name.into(), province: province.into() })
}

fn is_code(code: &str) -> bool {
    (1..=CODE_BYTES_MAX).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && !code.starts_with('.')
}

fn is_name(name: &str) -> bool {
    (1..=NAME_LETTERS_MAX).contains(&name.chars().count())
        && !name.chars().any(|letter| letter == '|' || crate::screen::acts_on_text(letter))
}

fn check(body: &str) -> String {
    let mut digits = String::new();
    for byte in &Sha256::digest(body)[..CHECK_DIGITS / 2] {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Location {
        Location { code: "HN-CK-0023".into(), name: "Chốt cầu Giẽ".into(), province: "Hà Nội".into() }
    }

    #[test]
    fn the_example_of_the_specification_holds() {
        let written = write(&place()).unwrap();
        let specification = include_str!("../../../docs/location-qr.md");
        assert!(specification.contains(&format!("    {written}\n")), "{written}");
        assert_eq!(read(&written), Some(place()));
    }

    #[test]
    fn a_text_that_was_cut_or_changed_is_not_read() {
        let written = write(&place()).unwrap();
        for end in (0..written.len()).filter(|end| written.is_char_boundary(*end)) {
            assert_eq!(read(&written[..end]), None, "cut at {end}");
        }
        for (part, other) in [("0023", "0024"), ("Giẽ", "Gie"), ("VNLOC1", "VNLOC2"), ("|Hà", "||Hà")] {
            assert_eq!(read(&written.replace(part, other)), None, "{other}");
        }
    }

    #[test]
    fn what_cannot_stand_in_the_text_is_named() {
        for (code, name, fault) in [
            ("", "A", PosterFault::Code),
            ("../etc", "A", PosterFault::Code),
            ("HN CK", "A", PosterFault::Code),
            ("HN", "", PosterFault::Name("name")),
            ("HN", "A|B", PosterFault::Name("name")),
            ("HN", "A\nB", PosterFault::Name("name")),
            ("HN", "A\u{202e}B", PosterFault::Name("name")),
        ] {
            let place = Location { code: code.into(), name: name.into(), province: "Hà Nội".into() };
            assert_eq!(write(&place), Err(fault));
        }
    }

    #[test]
    fn decomposed_letters_are_composed() {
        let decomposed = Location { name: place().name.nfd().collect(), ..place() };
        assert_ne!(decomposed.name, place().name);
        assert_eq!(write(&decomposed), write(&place()));
    }
}
