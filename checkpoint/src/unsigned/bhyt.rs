//! The code on the health-insurance card (bảo hiểm y tế): 15 fields, name and address as hexadecimal digits of their UTF-8,
//! ends with `|$`.
//!
//! Pattern of a sample in client code of a hospital system (VNPT HIS), of which many public copies exist.

use serde_json::json;

use super::{Card, CardRead, Document, arrived, bounded, is_digits, is_plain, name, partial};
use crate::time::PartialDate;
use crate::verdict::Reason;

/// Fields of a card, the closing `$` among them.
const FIELDS: usize = 15;

/// Reads the fields of a text. A text that begins like a card and ends too early was cut by the scanner.
pub(super) fn read(parts: &[&str]) -> CardRead {
    let [number, holder, ..] = *parts else { return None };
    let hexadecimal = holder.bytes().all(|byte| byte.is_ascii_hexdigit());
    let begins_like_one = is_insurance(number) && hexadecimal && (parts.len() == 2 || !holder.is_empty());
    begins_like_one.then(|| fields(parts, number, holder))
}

fn fields(parts: &[&str], number: &str, holder: &str) -> Result<(Card, serde_json::Value), Reason> {
    let cut = Reason::Cut { fields: arrived(parts), fields_min: FIELDS };
    if parts.len() < FIELDS || (parts.len() == FIELDS && parts[FIELDS - 1].is_empty()) {
        return Err(cut);
    }
    let [_, _, birth, sex, address, hospital, from, to, ..] = *parts else { return Err(cut) };
    if parts.len() != FIELDS || parts[FIELDS - 1] != "$" {
        return Err(Reason::Malformed { layer: "fields" });
    }
    if !["1", "2"].contains(&sex) {
        return Err(Reason::Malformed { layer: "sex" });
    }
    let birth = date(birth).ok_or(Reason::Malformed { layer: "birth" })?;
    let holder = name(&hex_text(holder)?)?;
    let address = hex_text(bounded(address, "address")?)?;
    let day = |text: &str| date(text).map(|day| day.to_string());
    let fields = json!({
        "so_the": number, "ho_ten": holder, "ngay_sinh": birth.to_string(), "gioi_tinh": sex, "dia_chi": address,
        "ma_kcb": bounded(hospital, "hospital")?, "tu_ngay": day(from), "den_ngay": day(to),
    });
    let card = Card {
        document: Document::Bhyt,
        name: holder,
        birth,
        number: None,
        number_old: None,
        insurance: Some(number.into()),
    };
    Ok((card, fields))
}

/// Two letters and 13 digits, or the 10 digits that cards bear since 2021 (Decision 1666/QĐ-BHXH).
pub(super) fn is_insurance(text: &str) -> bool {
    let long = text.len() == 15
        && text.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && text.bytes().skip(2).all(|byte| byte.is_ascii_digit());
    long || is_digits(text, 10)
}

/// UTF-8 from hexadecimal digits; nothing that acts on the text around it.
///
/// # Errors
/// `Malformed { layer: "hex" }`.
fn hex_text(digits: &str) -> Result<String, Reason> {
    let fault = Reason::Malformed { layer: "hex" };
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(fault);
    }
    let bytes: Option<Vec<u8>> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| is_plain(text));
    text.ok_or(fault)
}

/// `dd/mm/yyyy`, `mm/yyyy` or `yyyy`.
fn date(text: &str) -> Option<PartialDate> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] => partial(day, month, year),
        [month, year] => partial("00", month, year),
        [year] => partial("00", "00", year),
        _ => None,
    }
}
