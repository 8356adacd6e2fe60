//! The personal code of Decision 1405/QĐ-BTTTT (11 September 2021), version 1.1, as Bluezone, NCOVI, VHD, VNeID and PC-Covid
//! show it: `SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`.
//!
//! EXT may be empty; it is split by `<`: QID of whoever declared for the person, sex, health-insurance number, telephone,
//! signature. The signature is not checked: nobody has published its key. By default the first six characters of the number
//! and the day and month of birth are hidden as `*`.

use serde_json::json;

use super::bhyt::is_insurance;
use super::{Card, CardRead, Document, arrived, bounded, is_hidden, name, partial};
use crate::time::PartialDate;
use crate::verdict::Reason;

/// Fields, EXT among them.
const FIELDS: usize = 6;
/// Longest number of a paper, in bytes: 12 digits of an identity card; passports of the world have at most 9 (ICAO 9303-3), with
/// room for residence papers.
const NUMBER_BYTES_MAX: usize = 20;
/// Longest QID, in digits: 18 in the published example.
const QID_DIGITS_MAX: usize = 24;

/// Reads the fields of a text: it is one of these where the third field is a date of this form, or where a scanner cut it
/// before the end of that date.
pub(super) fn read(parts: &[&str]) -> CardRead {
    let [number, holder, ..] = *parts else { return None };
    let number_possible = number.len() <= NUMBER_BYTES_MAX
        && number.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'*');
    if !number_possible {
        return None;
    }
    match *parts {
        [_, _, birth, ..] if has_form(birth) => Some(fields(parts, number, birth)),
        [_, _] | [_, _, _] if matches!(number.len(), 9 | 12) && name(holder).is_ok() => {
            let begins_a_date = parts.get(2).is_none_or(|birth| birth.len() < 10 && FORM.starts_with(&form(birth)));
            begins_a_date.then_some(Err(Reason::Cut { fields: arrived(parts), fields_min: FIELDS - 1 }))
        }
        _ => None,
    }
}

fn fields(parts: &[&str], number: &str, birth: &str) -> Result<(Card, serde_json::Value), Reason> {
    let birth = date(birth).ok_or(Reason::Malformed { layer: "birth" })?;
    let [_, holder, _, kind, qid, ext] = *parts else {
        return Err(if parts.len() < FIELDS {
            Reason::Cut { fields: arrived(parts), fields_min: FIELDS - 1 }
        } else {
            Reason::Malformed { layer: "fields" }
        });
    };
    // A child's number may be missing: then somebody else declared (type 1).
    let of_another = match kind {
        "0" => false,
        "1" => true,
        _ => return Err(Reason::Malformed { layer: "type" }),
    };
    if number.is_empty() && !of_another {
        return Err(Reason::Malformed { layer: "number" });
    }
    if !(1..=QID_DIGITS_MAX).contains(&qid.len()) || !qid.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::Malformed { layer: "qid" });
    }
    let holder = name(holder)?;
    let mut ext = bounded(ext, "ext")?.split('<');
    let [declarer, sex, insurance, phone] = std::array::from_fn(|_| ext.next().unwrap_or_default());
    let fields = json!({
        "so_giay_to": number, "ho_ten": holder, "ngay_sinh": parts[2], "loai_dinh_danh": kind, "qid": qid,
        "ext": { "qid_khai_ho": declarer, "gioi_tinh": sex, "bhyt": insurance, "dien_thoai": phone },
    });
    let card = Card {
        document: Document::PersonalQr,
        name: holder,
        birth,
        number: (!number.is_empty() && !is_hidden(number)).then(|| number.into()),
        number_old: None,
        insurance: is_insurance(insurance).then(|| insurance.into()),
    };
    Ok((card, fields))
}

/// `yyyy-mm-dd`, where `*` hides a digit.
const FORM: &str = "0000-00-00";

fn has_form(text: &str) -> bool {
    form(text) == FORM
}

/// A text with every digit and `*` written as `0`.
fn form(text: &str) -> String {
    text.chars().map(|char| if char.is_ascii_digit() || char == '*' { '0' } else { char }).collect()
}

fn date(text: &str) -> Option<PartialDate> {
    let mut parts = text.split('-');
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    partial(day, month, year)
}
