//! The code on the citizen identity card (căn cước công dân, since 2021), and on the identity card of 2024:
//!
//! `number|old number|name|ddmmyyyy|Nam or Nữ|address|ddmmyyyy of issue`, and on the newer card more fields behind.
//!
//! Fields as the Ministry of Public Security lists them (ictnews.vietnamnet.vn, April 2021; baobariavungtau.com.vn, December
//! 2022); what the newer card adds (luatvietnam.vn on the draft circular of 2024) is not read.

use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::{Card, CardRead, Document, arrived, bounded, date_of_digits, is_digits, name};
use crate::time::PartialDate;
use crate::verdict::Reason;

/// Fields of the card of 2021.
const FIELDS_MIN: usize = 7;

/// Reads the fields of a text. A text that begins like a card and ends too early was cut by the scanner. The number before
/// has 9 digits, or the 12 of the card with a bar code (2012 to 2020).
pub(super) fn read(parts: &[&str]) -> CardRead {
    let [number, number_old, ..] = *parts else { return None };
    let old_possible = match number_old.len() {
        0 | 9 | 12 => true,
        length => parts.len() == 2 && length < 12,
    };
    let begins_like_one = is_digits(number, 12) && old_possible && number_old.bytes().all(|byte| byte.is_ascii_digit());
    begins_like_one.then(|| fields(parts, number, number_old))
}

fn fields(parts: &[&str], number: &str, number_old: &str) -> Result<(Card, serde_json::Value), Reason> {
    let cut = Reason::Cut { fields: arrived(parts), fields_min: FIELDS_MIN };
    let [_, _, holder, birth, sex, address, issued, ..] = *parts else { return Err(cut) };
    let last = parts.len() == FIELDS_MIN;
    let issued = match date(issued).filter(|_| issued.len() == 8) {
        Some(issued) => issued,
        None if last && issued.len() < 8 && issued.bytes().all(|byte| byte.is_ascii_digit()) => return Err(cut),
        None => return Err(Reason::Malformed { layer: "issued" }),
    };
    let sex: String = sex.nfc().collect();
    if !["Nam", "Nữ", "Nu"].contains(&sex.as_str()) {
        return Err(Reason::Malformed { layer: "sex" });
    }
    let birth = date(birth).filter(|birth| *birth != PartialDate::Unknown);
    let birth = birth.ok_or(Reason::Malformed { layer: "birth" })?;
    let holder = name(holder)?;
    let address: String = bounded(address, "address")?.nfc().collect();
    let fields = json!({
        "so_cccd": number, "so_cmnd": number_old, "ho_ten": holder, "ngay_sinh": birth.to_string(), "gioi_tinh": sex,
        "dia_chi": address, "ngay_cap": issued.to_string(),
    });
    let card = Card {
        document: Document::Cccd,
        name: holder,
        birth,
        number: Some(number.into()),
        number_old: (!number_old.is_empty()).then(|| number_old.into()),
        insurance: None,
    };
    Ok((card, fields))
}

/// `ddmmyyyy`; zeros, or nothing but the year, where the register knows no more of an old person.
fn date(text: &str) -> Option<PartialDate> {
    date_of_digits(text).filter(|_| text.len() != 6)
}
