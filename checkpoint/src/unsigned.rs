//! Codes that nobody signed: they say who a visitor claims to be, or point somewhere. Never green.
//!
//! A `Card` is *identified, not verified*. It states nothing about health, its fields are private, and no function makes a
//! `Credential` of it: only `TrustList::verify` makes those, and it takes an `Envelope`.
//!
//! ```compile_fail
//! fn admit_on_the_word_of(card: checkpoint::unsigned::Card) -> checkpoint::trust::credential::Credential {
//!     card.into()
//! }
//! ```

mod bhyt;
mod cccd;
mod divoc;
mod link;
mod personal_qr;
pub mod poster;

use std::fmt;

use chrono::NaiveDate;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::passage::Location;
use crate::time::PartialDate;
use crate::verdict::Reason;

pub use link::{Link, LinkTo};

/// Longest text of a card, in bytes: what a version 40-L code holds in byte mode (ISO/IEC 18004, table 7).
const TEXT_BYTES_MAX: usize = 2953;
/// Most fields of a card. The identity card of 2024 adds parents, spouse and cancelled numbers to the seven of 2021.
const FIELDS_MAX: usize = 40;
/// Longest name, in letters with their marks. A chip of an identity card holds 50; Decision 1405 allows 100.
const NAME_CHARS_MAX: usize = 100;
/// Longest other field, in characters: an address.
const FIELD_CHARS_MAX: usize = 400;

/// A code that nobody signed, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Unsigned {
    /// It names a person: identified, not verified.
    Card(Card),
    /// It points to a page on the internet, which the kiosk never opens.
    Link(Link),
    /// The poster of a checkpoint or another place: it names no visitor.
    Poster(Location),
    /// A certificate whose signature the kiosk cannot check: named for what it is.
    Divoc,
}

impl Unsigned {
    /// Takes a text apart that is no signed scheme.
    ///
    /// # Errors
    /// `UnknownCode` for none of ours; `Cut` where a scanner delivered only the beginning of a card; `Malformed` for a known kind
    /// with something else wrong; `TooLarge`.
    pub fn read(text: &str) -> Result<Self, Reason> {
        Read::new(text).map(|read| read.code)
    }
}

/// An unsigned code with everything that stands in it, for a person who looks into it: `kiosk verify`, the conformance runner.
pub struct Read {
    /// What the lane takes of it.
    pub code: Unsigned,
    /// Every field, by the names of `docs/vietnamese-codes.md`. Personal data; the lane drops it.
    pub fields: Value,
}

impl Read {
    /// Takes a text apart and keeps every field.
    ///
    /// # Errors
    /// As `Unsigned::read`.
    pub fn new(text: &str) -> Result<Self, Reason> {
        if let Some(fields) = divoc::read(text) {
            return fields.map(|fields| Self { code: Unsigned::Divoc, fields });
        }
        // A hand scanner ends a text as a keyboard does.
        let text = text.trim_end_matches(['\r', '\n', '\t', ' ']);
        if text.starts_with(poster::PREFIX) {
            let place = poster::read(text).ok_or(Reason::Malformed { layer: "check" })?;
            let fields = serde_json::json!({ "code": place.code, "name": place.name, "province": place.province });
            return Ok(Self { code: Unsigned::Poster(place), fields });
        }
        if let Some(link) = Link::read(text) {
            return Ok(Self { fields: link.fields(), code: Unsigned::Link(link) });
        }
        if !text.contains('|') {
            return Err(Reason::UnknownCode);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(Reason::TooLarge { bytes_max: TEXT_BYTES_MAX });
        }
        let parts: Vec<&str> = text.split('|').take(FIELDS_MAX + 1).collect();
        let read = [cccd::read, bhyt::read, personal_qr::read].into_iter().find_map(|read| read(&parts));
        let (card, fields) = read.unwrap_or(Err(Reason::UnknownCode))?;
        if parts.len() > FIELDS_MAX {
            return Err(Reason::TooLarge { bytes_max: TEXT_BYTES_MAX });
        }
        if !parts.iter().all(|part| is_plain(part)) {
            return Err(Reason::Malformed { layer: "text" });
        }
        Ok(Self { code: Unsigned::Card(card), fields })
    }

    /// Its kind, for people and machine output: "cccd", "personal-qr", "bhyt", "link", "poster", "divoc".
    pub fn kind(&self) -> &'static str {
        match &self.code {
            Unsigned::Card(card) => card.document.word(),
            Unsigned::Link(_) => "link",
            Unsigned::Poster(_) => "poster",
            Unsigned::Divoc => "divoc",
        }
    }
}

/// What one reader makes of the fields of a text: `None` where it is no card of that kind.
type CardRead = Option<Result<(Card, Value), Reason>>;

/// Which document a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// Citizen identity card (căn cước công dân).
    Cccd,
    /// Personal code of Decision 1405/QĐ-BTTTT, from a visitor's telephone.
    PersonalQr,
    /// Health-insurance card (bảo hiểm y tế).
    Bhyt,
}

impl Document {
    /// Its name in machine output and in what is sealed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cccd => "cccd",
            Self::PersonalQr => "personal-qr",
            Self::Bhyt => "bhyt",
        }
    }
}

/// Whom a code that nobody signed names. It keeps what tells people apart and nothing else: no address, no telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    document: Document,
    name: String,
    birth: PartialDate,
    number: Option<String>,
    number_old: Option<String>,
    insurance: Option<String>,
}

impl Card {
    /// Which document it is.
    pub fn document(&self) -> Document {
        self.document
    }

    /// The name as it stands there, composed (NFC).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Date of birth, as far as it is shown.
    pub fn birth(&self) -> PartialDate {
        self.birth
    }

    /// Identity number: 12 digits, 9 digits or a passport's; `*` stands for a hidden character.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// The number of the card before this one: 9 digits.
    pub fn number_old(&self) -> Option<&str> {
        self.number_old.as_deref()
    }

    /// Number of the health insurance: 15 characters, or the 10 digits of cards since 2021.
    pub fn insurance(&self) -> Option<&str> {
        self.insurance.as_deref()
    }
}

/// Personal data: `{:?}` says only which document it is.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({}, ..)", self.document.word())
    }
}

/// What is no longer needed is overwritten, not only given back to the allocator.
impl Drop for Card {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.name.zeroize();
        self.number.zeroize();
        self.number_old.zeroize();
        self.insurance.zeroize();
        self.birth = PartialDate::Unknown;
    }
}

/// Whether a text can stand on a screen as it is: no control character, nothing that acts on the text around it.
fn is_plain(text: &str) -> bool {
    !text.chars().any(crate::screen::acts_on_text)
}

/// A name, composed: letters of any script with their marks, spaces, and `'`, `’`, `.`, `-`, `<`.
///
/// # Errors
/// `Malformed { layer: "name" }`.
pub(crate) fn name(text: &str) -> Result<String, Reason> {
    let name: String = text.trim().nfc().collect();
    let is_of_a_name = |char: char| char.is_alphabetic() || is_combining_mark(char) || " '’.-<".contains(char);
    let sound = (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && name.chars().all(is_of_a_name)
        && name.chars().any(char::is_alphabetic);
    if sound { Ok(name) } else { Err(Reason::Malformed { layer: "name" }) }
}

/// Any other field: within its bound.
///
/// # Errors
/// `Malformed` at that layer.
fn bounded<'a>(text: &'a str, layer: &'static str) -> Result<&'a str, Reason> {
    if text.chars().count() <= FIELD_CHARS_MAX { Ok(text) } else { Err(Reason::Malformed { layer }) }
}

/// A date of which day, or day and month, may be unknown: written as zeros, or hidden as `*`.
fn partial(day: &str, month: &str, year: &str) -> Option<PartialDate> {
    let known = |part: &str| !part.bytes().all(|byte| byte == b'0') && !is_hidden(part);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
    let sound = |part: &str, length| {
        part.len() == length && (is_hidden(part) || part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if !(sound(day, 2) && sound(month, 2) && sound(year, 4)) {
        return None;
    }
    match (known(year), known(month), known(day)) {
        (false, false, false) => Some(PartialDate::Unknown),
        (true, false, false) => Some(PartialDate::Year(digits(year)? as i32)),
        (true, true, false) => {
            let month = digits(month)?;
            (1..=12).contains(&month).then_some(PartialDate::Month(digits(year)? as i32, month))
        }
        (true, true, true) => {
            NaiveDate::from_ymd_opt(digits(year)? as i32, digits(month)?, digits(day)?).map(PartialDate::Day)
        }
        _ => None,
    }
}

/// A date as people here write it in digits alone: `ddmmyyyy`, `mmyyyy` or `yyyy`, zeros for what is not known. `None` for anything
/// else.
pub fn date_of_digits(text: &str) -> Option<PartialDate> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        4 => partial("00", "00", text),
        6 => partial("00", &text[..2], &text[2..]),
        8 => partial(&text[..2], &text[2..4], &text[4..]),
        _ => None,
    }
}

/// All of it is hidden.
fn is_hidden(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte == b'*')
}

/// So many digits and nothing else.
fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// How many fields arrived: a separator with nothing behind it brings none.
fn arrived(parts: &[&str]) -> usize {
    parts.len() - usize::from(parts.last() == Some(&""))
}

#[cfg(test)]
mod tests;
