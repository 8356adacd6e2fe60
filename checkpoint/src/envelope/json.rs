//! JSON (RFC 8259) as it stands in a signed text: no member is lost, so that one given twice is seen and refused.
//!
//! serde_json reads it: strict grammar, no half surrogates, at most 128 levels. Its own `Value` keeps the last of two members
//! with one name, and the next reader may keep the first.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Most values of one text, members' values and lists among them. A SMART Health Card of ten doses has about 300.
const VALUES_MAX: u32 = 4096;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An IEEE 754 double, as RFC 7493 and RFC 8785 have it; always finite.
    Number(f64),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Json>),
    /// Members in the order of the text, one given twice among them.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one whole text; white space around it is part of the grammar. Only its grammar is judged: see `is_unambiguous`.
    ///
    /// More values than `VALUES_MAX` are none of ours: they would take far more memory than the text.
    pub fn read(text: &[u8]) -> Option<Self> {
        let left = Cell::new(VALUES_MAX);
        let mut source = serde_json::Deserializer::from_slice(text);
        let value = Reader { left: &left }.deserialize(&mut source).ok()?;
        source.end().ok().map(|()| value)
    }

    /// No object anywhere inside gives a member twice.
    pub fn is_unambiguous(&self) -> bool {
        match self {
            Self::List(values) => values.iter().all(Self::is_unambiguous),
            Self::Object(members) => {
                // Sorted: a hostile object has thousands of members.
                let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
                names.sort_unstable();
                names.windows(2).all(|pair| pair[0] != pair[1])
                    && members.iter().all(|(_, value)| value.is_unambiguous())
            }
            _ => true,
        }
    }

    /// The canonical form (RFC 8785) of an unambiguous value: what such schemes sign.
    pub(super) fn canonical(&self) -> Option<Vec<u8>> {
        serde_json_canonicalizer::to_vec(self).ok()
    }

    /// The value of a member; `None` also for what is no object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// How many members an object has; none for anything else.
    pub(super) fn members(&self) -> usize {
        if let Self::Object(members) = self { members.len() } else { 0 }
    }

    /// The text that this is.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a member.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    /// The whole number of a member, from 0 to 2³² − 1.
    pub(super) fn count(&self, name: &str) -> Option<u32> {
        match self.get(name)? {
            Self::Number(number) if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number) => {
                Some(*number as u32)
            }
            _ => None,
        }
    }

    /// The values of a member that is a list.
    pub(super) fn list(&self, name: &str) -> Option<&[Self]> {
        match self.get(name)? {
            Self::List(values) => Some(values),
            _ => None,
        }
    }
}

/// Reads one value, and counts it.
#[derive(Clone, Copy)]
struct Reader<'c> {
    left: &'c Cell<u32>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| D::Error::custom("too many values"))?;
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(self)? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key()? {
            object.push((name, members.next_value_seed(self)?));
        }
        Ok(Json::Object(object))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(Json::read(text.as_bytes()).unwrap().canonical().unwrap()).unwrap()
    }

    #[test]
    fn the_canonical_form_is_that_of_the_specification() {
        // RFC 8785, section 3.2.2.
        let text = r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#;
        let expected = concat!(
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
            r#""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        assert_eq!(canonical(text), expected);
        // Section 3.2.3: by UTF-16 code units, not by UTF-8 bytes or code points.
        let text = r#"{"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7}"#;
        assert_eq!(canonical(text), "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}");
    }

    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        // RFC 8785, appendix B, and what its text says of zero.
        for (text, expected) in [
            ("-0", "0"),
            ("0.0", "0"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "9007199254740992"),
            ("295147905179352830000", "295147905179352830000"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e21", "1e+21"),
            ("333333333.3333332", "333333333.3333332"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn what_means_two_things_is_seen() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"\u0061":3}}]"#] {
            assert!(!Json::read(text.as_bytes()).unwrap().is_unambiguous(), "{text}");
        }
        assert!(Json::read(br#"{"a":{"a":1},"A":1}"#).unwrap().is_unambiguous());
        for text in [r#""\ud800""#, r#""\udc00\ud800""#, "1e400", "01", "[1,]", "{} {}", "", "NaN", "\u{feff}1"] {
            assert_eq!(Json::read(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Json::read("[".repeat(2000).as_bytes()), None, "deep");
        let list = |values: u32| format!("[{}0]", "0,".repeat(values as usize - 2));
        assert!(Json::read(list(VALUES_MAX).as_bytes()).is_some());
        assert_eq!(Json::read(list(VALUES_MAX + 1).as_bytes()), None, "many");
    }

    #[test]
    fn counts_are_whole_and_small() {
        let json = Json::read(br#"{"a":2,"b":2.0,"c":2.5,"d":-1,"e":4294967296,"f":"2"}"#).unwrap();
        assert_eq!(
            ["a", "b", "c", "d", "e", "f"].map(|name| json.count(name)),
            [Some(2), Some(2), None, None, None, None]
        );
    }
}
