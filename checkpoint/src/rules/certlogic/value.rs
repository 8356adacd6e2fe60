//! What an expression works on and evaluates to.

use std::rc::Rc;

use super::time::{Stamp, Time};
use super::{Fault, INTEGER_MAX};

/// A JSON value, or a time that `plusTime` made of one. Texts are borrowed from the data or from the expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing, and what is not there.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, at most `INTEGER_MAX` away from zero.
    Integer(i64),
    /// Any other number. The specification knows whole numbers only: it is neither truthy nor falsy.
    OtherNumber,
    /// A text.
    Text(&'a str),
    /// A date or a time of ours: a text for `plusTime`, already read. It may follow the clock.
    Stamp(Stamp),
    /// What `plusTime` and `dccDateOfBirth` make: the only values that can be compared as times.
    Time(Time),
    /// An array.
    List(Rc<[Value<'a>]>),
    /// An object. No key stands twice.
    Object(Rc<[(&'a str, Value<'a>)]>),
}

impl<'a> Value<'a> {
    /// An object of named values.
    pub fn object(entries: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Self {
        Self::Object(entries.into_iter().collect())
    }

    /// A list of values.
    pub fn list(items: impl IntoIterator<Item = Value<'a>>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// What JSON says. A number written as `1.0` is the whole number 1, as in JavaScript.
    pub fn from_json(json: &'a serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => number
                .as_i64()
                .or_else(|| whole(number.as_f64()?))
                .filter(|number| number.unsigned_abs() <= INTEGER_MAX.unsigned_abs())
                .map_or(Self::OtherNumber, Self::Integer),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::list(items.iter().map(Self::from_json)),
            serde_json::Value::Object(entries) => {
                Self::object(entries.iter().map(|(key, value)| (key.as_str(), Self::from_json(value))))
            }
        }
    }

    /// Whether a condition holds. `None` for what is neither truthy nor falsy.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Null => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Integer(number) => Some(*number != 0),
            Self::Text(text) => Some(!text.is_empty()),
            Self::Stamp(_) => Some(true),
            Self::List(items) => Some(!items.is_empty()),
            Self::Object(entries) => Some(!entries.is_empty()),
            Self::OtherNumber | Self::Time(_) => None,
        }
    }

    /// One step of a path into the value. `None` for what is not there.
    pub(super) fn step(&self, fragment: &str, index: Option<usize>) -> Option<&Self> {
        match self {
            Self::List(items) => items.get(index?),
            Self::Object(entries) => entries.iter().find(|(key, _)| *key == fragment).map(|(_, value)| value),
            _ => None,
        }
    }

    fn has_parts_or_precision(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object(_) | Self::OtherNumber | Self::Stamp(_) | Self::Time(_))
    }

    /// `===`: whether both are the same null, truth, whole number or text.
    pub(super) fn is(&self, other: &Self) -> Result<bool, Fault> {
        match (self, other) {
            (Self::Null, Self::Null) => Ok(true),
            (Self::Bool(a), Self::Bool(b)) => Ok(a == b),
            (Self::Integer(a), Self::Integer(b)) => Ok(a == b),
            (Self::Text(a), Self::Text(b)) => Ok(a == b),
            // Implementations differ in which of these are equal, so nothing may rest on it.
            (Self::Stamp(_), Self::Text(_)) | (Self::Text(_), Self::Stamp(_)) => Err(NOT_COMPARED),
            (a, b) if a.has_parts_or_precision() && b.has_parts_or_precision() => Err(NOT_COMPARED),
            _ => Ok(false),
        }
    }
}

const NOT_COMPARED: Fault = Fault::Type("\"===\" and \"in\" compare texts, whole numbers, truths and nulls");

/// A float that is a whole number.
pub(super) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= INTEGER_MAX as f64).then_some(number as i64)
}
