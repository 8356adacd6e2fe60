//! COSE_Sign1 (RFC 9052, section 4.2) over plain CBOR (RFC 8949), for every scheme that carries one.
//!
//! Written over plain CBOR and not with coset 0.4, because coset follows counter signatures inside of headers inside of
//! counter signatures without a bound: a header of 8 KB overflows a thread's stack, and the kiosk with it.

use chrono::{DateTime, Utc};
use ciborium::Value;

use super::Algorithm;
use crate::verdict::Reason;

/// Deepest nesting of CBOR. An HC1 certificate needs 7: claims, hcert, certificate, group, entry, a tag, a value.
const DEPTH_MAX: usize = 16;
/// Items of one CBOR text, nested ones among them. A certificate has about 60; 64 KiB of one-byte items would take 8 ms to read,
/// and 7 MB.
const ITEMS_MAX: usize = 1024;
/// Entries of one CBOR map. The largest map of HC1's schema has 11, and issuers add a few of their own.
const MAP_ENTRIES_MAX: usize = 32;

/// CBOR tags: COSE_Sign1 (RFC 9052, table 1) and CWT (RFC 8392, section 6).
const TAG_COSE_SIGN1: u64 = 18;
const TAG_CWT: u64 = 61;

/// COSE header parameters (RFC 9052, table 3).
pub(super) const HEADER_ALGORITHM: i64 = 1;
const HEADER_CRITICAL: i64 = 2;
pub(super) const HEADER_KEY_ID: i64 = 4;

/// CWT claims (RFC 8392, section 3.1).
pub(super) const CLAIM_ISSUER: i64 = 1;
pub(super) const CLAIM_EXPIRES: i64 = 4;
pub(super) const CLAIM_NOT_BEFORE: i64 = 5;
pub(super) const CLAIM_ISSUED: i64 = 6;
pub(super) const CLAIM_ID: i64 = 7;

/// `[protected: bstr, unprotected: map, payload: bstr, signature: bstr]`, taken apart. Vouched for by nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign1 {
    /// From the protected header, or else from the other one.
    pub algorithm: Algorithm,
    /// From the protected header, or else from the other one; empty where neither names a key.
    pub key_hint: Vec<u8>,
    /// The protected header's own bytes, as they were signed.
    pub protected: Vec<u8>,
    /// What the message carries.
    pub payload: Vec<u8>,
    /// As the algorithm writes it (RFC 9053, section 2).
    pub signature: Vec<u8>,
}

impl Sign1 {
    /// Reads a message with tag 18 or without, in a CWT tag or not.
    ///
    /// # Errors
    /// `Malformed` for anything else, and for headers that ask to be understood (`crit`); `AlgorithmNotAllowed` for no algorithm,
    /// one that no scheme of ours uses, or two that differ.
    pub fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let malformed = Reason::Malformed { layer: "cose" };
        let mut value = cbor(bytes).ok_or(malformed.clone())?;
        for tag in [TAG_CWT, TAG_COSE_SIGN1] {
            value = match value {
                Value::Tag(found, inner) if found == tag => *inner,
                other => other,
            };
        }
        let Value::Array(parts) = value else { return Err(malformed) };
        let Ok([Value::Bytes(protected), Value::Map(unprotected), Value::Bytes(payload), Value::Bytes(signature)]) =
            <[Value; 4]>::try_from(parts)
        else {
            return Err(malformed);
        };
        let header = match protected.as_slice() {
            [] => Vec::new(),
            bytes => match cbor(bytes) {
                Some(Value::Map(header)) => header,
                _ => return Err(malformed),
            },
        };
        if at(&header, HEADER_CRITICAL).is_some() || at(&unprotected, HEADER_CRITICAL).is_some() {
            // Something that we would have to understand, and do not.
            return Err(malformed);
        }
        // The protected header speaks first. A second algorithm that says something else is a trick, not a habit.
        let algorithm = match (at(&header, HEADER_ALGORITHM), at(&unprotected, HEADER_ALGORITHM)) {
            (Some(a), Some(b)) if a != b => return Err(Reason::AlgorithmNotAllowed),
            (Some(algorithm), _) | (None, Some(algorithm)) => algorithm,
            (None, None) => return Err(Reason::AlgorithmNotAllowed),
        };
        let algorithm = algorithm
            .as_integer()
            .and_then(|label| i64::try_from(label).ok())
            .and_then(Algorithm::from_cose)
            .ok_or(Reason::AlgorithmNotAllowed)?;
        let key_hint = match at(&header, HEADER_KEY_ID).or(at(&unprotected, HEADER_KEY_ID)) {
            Some(Value::Bytes(key_id)) => key_id.clone(),
            Some(_) => return Err(malformed),
            None => Vec::new(),
        };
        Ok(Self { algorithm, key_hint, protected, payload, signature })
    }
}

/// What is really signed: `["Signature1", protected, external_aad, payload]` (RFC 9052, section 4.4), written out with the
/// protected header's own bytes.
pub fn sig_structure(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    // A protected header that is an empty map is signed as an empty string (section 4.4, step 1).
    let protected = if protected == [0xa0] { &[] } else { protected };
    let mut out = Vec::with_capacity(protected.len() + external_aad.len() + payload.len() + 24);
    out.extend_from_slice(b"\x84\x6aSignature1");
    let mut byte_string = |bytes: &[u8]| {
        match bytes.len() {
            len @ 0..=23 => out.push(0x40 | len as u8),
            len @ 24..=0xff => out.extend_from_slice(&[0x58, len as u8]),
            len @ 0x100..=0xffff => {
                out.push(0x59);
                out.extend_from_slice(&(len as u16).to_be_bytes());
            }
            len => {
                out.push(0x5a);
                out.extend_from_slice(&(len as u32).to_be_bytes());
            }
        }
        out.extend_from_slice(bytes);
    };
    byte_string(protected);
    byte_string(external_aad);
    byte_string(payload);
    out
}

/// Reads one CBOR item that fills the bytes. The depth is bounded before the recursion.
pub(super) fn cbor(mut bytes: &[u8]) -> Option<Value> {
    if !items_are_few(bytes) {
        return None;
    }
    let value = ciborium::de::from_reader_with_recursion_limit(&mut bytes, DEPTH_MAX).ok()?;
    (bytes.is_empty() && maps_are_sound(&value)).then_some(value)
}

/// Counts the heads of items (RFC 8949, section 3) without looking at how they nest. What is cut or reserved is left to the reader.
fn items_are_few(mut bytes: &[u8]) -> bool {
    for _ in 0..ITEMS_MAX {
        let [head, rest @ ..] = bytes else { return true };
        let argument_bytes = match head & 0x1f {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let Some((argument, rest)) = rest.split_at_checked(argument_bytes) else { return true };
        let is_string = matches!(head >> 5, 2 | 3) && head & 0x1f != 31;
        let length = match argument {
            [] => u64::from(head & 0x1f),
            bytes => bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        bytes = match usize::try_from(length) {
            Ok(length) if is_string && length <= rest.len() => &rest[length..],
            _ if is_string => return true,
            _ => rest,
        };
    }
    bytes.is_empty()
}

/// No map gives a key twice, uses a key that is neither text nor integer, or has more entries than any certificate needs.
fn maps_are_sound(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(maps_are_sound),
        Value::Tag(_, inner) => maps_are_sound(inner),
        Value::Map(entries) => {
            entries.len() <= MAP_ENTRIES_MAX
                && entries.iter().enumerate().all(|(n, (key, value))| {
                    (key.is_text() || key.is_integer())
                        && entries[..n].iter().all(|(earlier, _)| earlier != key)
                        && maps_are_sound(value)
                })
        }
        _ => true,
    }
}

/// The value under an integer key.
pub(super) fn at(map: &[(Value, Value)], label: i64) -> Option<&Value> {
    map.iter()
        .find(|(key, _)| matches!(key, Value::Integer(key) if i128::from(*key) == i128::from(label)))
        .map(|(_, v)| v)
}

/// NumericDate (RFC 8392, section 2): seconds since 1970, an integer or a finite float, which is cut to whole seconds.
pub(super) fn numeric_date(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = match value {
        Value::Integer(seconds) => i64::try_from(*seconds).ok()?,
        Value::Float(seconds) if seconds.is_finite() && seconds.abs() < 1e12 => seconds.floor() as i64,
        Value::Tag(1, inner) if !matches!(**inner, Value::Tag(..)) => return numeric_date(inner),
        _ => return None,
    };
    (0..=super::SECONDS_MAX).contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0))?
}

/// CBOR as JSON, as far as JSON can say it.
pub(super) fn json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Integer(number) => {
            let number = i128::from(*number);
            i64::try_from(number).map_or_else(|_| Json::String(number.to_string()), Json::from)
        }
        Value::Float(number) => Json::from(*number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Bytes(bytes) => Json::String(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        Value::Array(items) => Json::Array(items.iter().map(json).collect()),
        Value::Tag(_, inner) => json(inner),
        Value::Map(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = key.as_text().map_or_else(|| json(key).to_string(), str::to_owned);
                    (key, json(value))
                })
                .collect(),
        ),
        _ => Json::Null,
    }
}
