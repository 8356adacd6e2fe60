//! The certificate's schema, releases 1.0.0 to 1.3.3 of the eHealth Network's "EU DCC" JSON schema, as few differences.
//!
//! A certificate passes when it follows the release that it declares or the last one: issuers moved on and kept the old
//! number. Two things hold in every release: exactly one group (v, t or r) is filled, and required fields are there. The
//! schema checks shape, not meaning: codes are looked up by rules, dates are read where they are used.

use ciborium::Value;

use super::{field, text};

/// What differs between releases.
struct Release {
    /// Longest name, issuer, certificate identifier and testing centre, in characters.
    chars_max: usize,
    /// Largest dose number.
    dose_max: i128,
    /// Entries in the one group that is filled.
    entries_max: usize,
    /// How a date of birth looks.
    birth: Birth,
    /// The transliterated family name must be there; otherwise either transliteration will do.
    family_name: bool,
    /// The testing centre must be there.
    testing_centre: bool,
    /// The date of the result (`dr`), where given, must be a date.
    result_date: bool,
}

/// How much of a date of birth must be there. Years are 1900 to 2099.
enum Birth {
    /// Year, month and day.
    Full,
    /// At least the year.
    Partial,
    /// At least the year, or nothing.
    PartialOrEmpty,
}

const RELEASE_1_0: Release = Release {
    chars_max: 50,
    dose_max: 9,
    entries_max: usize::MAX,
    birth: Birth::Full,
    family_name: true,
    testing_centre: true,
    result_date: true,
};
const RELEASE_1_1: Release = Release { birth: Birth::Partial, ..RELEASE_1_0 };
const RELEASE_1_2: Release = Release { result_date: false, ..RELEASE_1_1 };
const RELEASE_1_3_0: Release = Release {
    chars_max: 80,
    dose_max: i128::MAX,
    entries_max: 1,
    birth: Birth::PartialOrEmpty,
    family_name: true,
    testing_centre: false,
    result_date: false,
};
const RELEASE_1_3_2: Release = Release { family_name: false, ..RELEASE_1_3_0 };

/// Whether a certificate follows the release that it declares, or the last one.
pub(super) fn holds(certificate: &Value) -> bool {
    let Some(version) = text(certificate, "ver") else { return false };
    let declared = match version {
        "1.0.0" | "1.0.1" => Some(&RELEASE_1_0),
        "1.1.0" => Some(&RELEASE_1_1),
        "1.2.0" | "1.2.1" => Some(&RELEASE_1_2),
        "1.3.0" | "1.3.1" => Some(&RELEASE_1_3_0),
        _ => None,
    };
    let parts = version.split('.').filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    (parts.count() == 3 && RELEASE_1_3_2.holds(certificate))
        || declared.is_some_and(|release| release.holds(certificate))
}

impl Release {
    fn holds(&self, certificate: &Value) -> bool {
        let mut groups = ["v", "t", "r"].into_iter().filter_map(|group| Some((group, field(certificate, group)?)));
        let (Some((group, entries)), None) = (groups.next(), groups.next()) else { return false };
        let Some(entries) = entries.as_array() else { return false };
        (1..=self.entries_max).contains(&entries.len())
            && text(certificate, "dob").is_some_and(|birth| self.birth(birth))
            && field(certificate, "nam").is_some_and(|name| self.name(name))
            && entries.iter().all(|entry| self.entry(group, entry))
    }

    fn birth(&self, birth: &str) -> bool {
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let year = |part: &[u8]| digits(part) && (part.starts_with(b"19") || part.starts_with(b"20"));
        match (&self.birth, birth.as_bytes()) {
            (Birth::PartialOrEmpty, []) => true,
            // The pattern of the first releases is not anchored, and issuers appended a time of day.
            (Birth::Full, all) => all.windows(10).any(|part| {
                year(&part[..4]) && part[4] == b'-' && digits(&part[5..7]) && part[7] == b'-' && digits(&part[8..])
            }),
            (_, all) => match all.len() {
                4 => year(all),
                7 => year(&all[..4]) && all[4] == b'-' && digits(&all[5..]),
                10 => year(&all[..4]) && all[4] == b'-' && digits(&all[5..7]) && all[7] == b'-' && digits(&all[8..]),
                _ => false,
            },
        }
    }

    fn name(&self, name: &Value) -> bool {
        let transliterated = |name, part| {
            self.text(name, part, Presence::Optional)
                && text(name, part).unwrap_or_default().bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'<')
        };
        let given = |part| field(name, part).is_some();
        name.is_map()
            && self.text(name, "fn", Presence::Optional)
            && self.text(name, "gn", Presence::Optional)
            && transliterated(name, "fnt")
            && transliterated(name, "gnt")
            && (given("fnt") || (!self.family_name && given("gnt")))
    }

    fn entry(&self, group: &str, entry: &Value) -> bool {
        use Presence::{Optional, Required};
        let texts = |names: &[&str]| names.iter().all(|name| text(entry, name).is_some());
        let dose = |name| matches!(field(entry, name), Some(Value::Integer(count)) if (1..=self.dose_max).contains(&i128::from(*count)));
        let common = entry.is_map()
            && texts(&["tg"])
            && text(entry, "co").is_some_and(|country| country.bytes().any(|byte| byte.is_ascii_uppercase()))
            && self.text(entry, "is", Required)
            && self.text(entry, "ci", Required);
        common
            && match group {
                "v" => texts(&["vp", "mp", "ma", "dt"]) && dose("dn") && dose("sd"),
                "t" => {
                    let centre = if self.testing_centre { Required } else { Optional };
                    texts(&["tt", "tr", "sc"])
                        && self.text(entry, "tc", centre)
                        && self.text_of(entry, "nm", Optional, if self.testing_centre { usize::MAX } else { 80 })
                        && self.text_of(entry, "ma", Optional, usize::MAX)
                        && (!self.result_date || self.text_of(entry, "dr", Optional, usize::MAX))
                }
                _ => texts(&["fr", "df", "du"]),
            }
    }

    fn text(&self, map: &Value, name: &str, presence: Presence) -> bool {
        self.text_of(map, name, presence, self.chars_max)
    }

    /// A text of at most so many characters. An explicit `null` is not an absent field here.
    fn text_of(&self, map: &Value, name: &str, presence: Presence, chars_max: usize) -> bool {
        let Value::Map(entries) = map else { return false };
        match entries.iter().find(|(key, _)| key.as_text() == Some(name)) {
            None => presence == Presence::Optional,
            Some(_) => text(map, name).is_some_and(|text| text.len() <= chars_max || text.chars().count() <= chars_max),
        }
    }
}

/// Whether a field may be missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}
