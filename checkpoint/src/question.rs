//! Questions that people type: the time they mean, and the word they probably meant.
//!
//! Whoever asks for a reason that does not exist would otherwise be told that nobody was stopped for it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::time::vietnam;

/// What an instant looks like, for the message to whoever wrote another one.
pub const INSTANT_FORMS: &str = "a day (2026-03-01), a time (\"2026-03-01 07:30\") or RFC 3339";

/// Reads a day, a day with a time of day, or RFC 3339. Without an offset it is Viet Nam's civil time; a day is its midnight.
///
/// # Errors
/// What to give instead, for whoever typed it.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let local = day.ok().or_else(|| forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()));
    let at = local.and_then(|local| local.and_local_timezone(vietnam()).single());
    at.map(|at| at.with_timezone(&Utc)).ok_or_else(|| format!("give {INSTANT_FORMS}"))
}

/// The same the other way round, to the second: `2026-03-01 07:30:15`.
pub fn shown(at: DateTime<Utc>) -> String {
    at.with_timezone(&vietnam()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The known word that somebody who typed `text` probably meant: at most one letter in three is wrong, missing or too many, and
/// capitals do not count. `None` where none is near.
pub fn nearest<'w>(text: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let far = |word: &str| edits(&text, &word.to_lowercase().chars().collect::<Vec<_>>());
    let (edits, word) = known.into_iter().map(|word| (far(word), word)).min()?;
    (edits * 3 <= text.len()).then_some(word)
}

/// Letters to change, add or leave out to make one word the other (Levenshtein).
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_an_offset_are_viet_nams() {
        for (text, utc) in [
            ("2026-03-01", "2026-02-28T17:00:00Z"),
            ("2026-03-01 07:30", "2026-03-01T00:30:00Z"),
            ("2026-03-01T07:30:15", "2026-03-01T00:30:15Z"),
            ("2026-03-01T07:30:15Z", "2026-03-01T07:30:15Z"),
        ] {
            assert_eq!(instant(text), Ok(utc.parse().unwrap()), "{text}");
        }
        for bad in ["", "yesterday", "2026-13-01", "2026-03-01 25:00"] {
            assert!(instant(bad).is_err(), "{bad}");
        }
        assert_eq!(instant(&shown("2026-03-01T00:30:15Z".parse().unwrap())), instant("2026-03-01T07:30:15"));
    }

    #[test]
    fn a_slip_of_the_hand_still_names_the_word() {
        let known = ["R-DOSES", "R-RECENT", "C-EXPIRED", "HN-CK-0023", "HN-CK-0024"];
        for (typed, meant) in [
            ("R-DOSE", Some("R-DOSES")),
            ("r-doses", Some("R-DOSES")),
            ("RDOSES", Some("R-DOSES")),
            ("EXPIRED", Some("C-EXPIRED")),
            ("HN-CK-24", Some("HN-CK-0024")),
            ("HN-CK-0023", Some("HN-CK-0023")),
            ("R-", None),
            ("", None),
            ("symptoms", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(nearest("R-DOSES", []), None);
    }
}
