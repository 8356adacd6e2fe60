//! `HC1:`, the EU Digital COVID Certificate's container: base45, zlib, COSE_Sign1 (RFC 9052) over a CWT (RFC 8392).
//!
//! `ehealth`'s Electronic Health Certificate Specification, version 1.0.5, is what we follow; where issuers deviated in
//! the field without harm (untagged COSE, key id or algorithm in the unprotected header only, fractional times, missing
//! issuer), we read what they meant, because their citizens stand at the gate.

pub(super) mod schema;

use chrono::{DateTime, Utc};
use ciborium::Value;
use flate2::{Decompress, FlushDecompress, Status};

use super::cose::{self, Sign1, at, cbor};
use super::{Algorithm, Content, Envelope, Scheme, base45};
use crate::time::PartialDate;
use crate::trust::credential::{Claims, Person, Recovery, Statement, StatementKind, Test, TestResult, Vaccination};
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;

/// Context identifier, version 1.
const PREFIX: &str = "HC1:";
/// Largest inflated envelope, in bytes. A version 40-L code holds 4,296 alphanumeric characters, which is 2,864 bytes
/// after base45; 64 KiB allows inflation of about 22 to 1.
const INFLATED_BYTES_MAX: usize = 64 * 1024;

/// CWT claims (RFC 8392, section 3.1; `hcert` is -260, with the certificate under 1).
const CLAIM_ISSUER: i64 = 1;
const CLAIM_EXPIRES: i64 = 4;
const CLAIM_NOT_BEFORE: i64 = 5;
const CLAIM_ISSUED: i64 = 6;
const CLAIM_HCERT: i64 = -260;
const HCERT_DCC: i64 = 1;

/// Whether a text could be meant as HC1.
pub(super) fn recognises(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Takes an HC1 text apart, down to what was signed. The claims stay bytes.
pub(super) fn decode(text: &str, trace: &mut Trace) -> Result<Envelope, Reason> {
    let text = trace.need(Layer::Prefix, text.strip_prefix(PREFIX).ok_or(Reason::UnknownCode))?;
    let compressed = trace.need(Layer::Base45, base45::decode(text))?;
    let bytes = trace.need(Layer::Inflate, inflate(&compressed))?;
    trace.need(Layer::Structure, signed(&bytes))
}

/// The message, by one of the algorithms that HC1 allows.
fn signed(bytes: &[u8]) -> Result<Envelope, Reason> {
    let Sign1 { algorithm, key_hint, protected, payload, signature } = Sign1::read(bytes)?;
    if !matches!(algorithm, Algorithm::Es256 | Algorithm::Es384 | Algorithm::Ps256) {
        return Err(Reason::AlgorithmNotAllowed);
    }
    let signed = cose::sig_structure(&protected, &[], &payload);
    Ok(Envelope { scheme: Scheme::Hc1, algorithm, key_hint, payload, signed, signature })
}

/// Inflates one whole zlib stream (RFC 1950) with nothing after it. gzip and bare CBOR are refused.
fn inflate(compressed: &[u8]) -> Result<Vec<u8>, Reason> {
    // One byte more than allowed, so that the end of a stream of just that size is seen. Room for a usual certificate first:
    // a stream that does not fit begins anew, since `Finish` in one call skips the window that streaming copies through.
    let room_max = INFLATED_BYTES_MAX + 1;
    for room in [(compressed.len() * 4).min(room_max), room_max] {
        let mut stream = Decompress::new(true);
        let mut bytes = Vec::with_capacity(room);
        let status = stream.decompress_vec(compressed, &mut bytes, FlushDecompress::Finish);
        match status {
            Ok(Status::StreamEnd) if stream.total_in() < compressed.len() as u64 => break,
            Ok(Status::StreamEnd) if bytes.len() <= INFLATED_BYTES_MAX => return Ok(bytes),
            _ if bytes.len() > INFLATED_BYTES_MAX => return Err(Reason::TooLarge { bytes_max: INFLATED_BYTES_MAX }),
            _ if bytes.len() == bytes.capacity() => {}
            Ok(_) | Err(_) => break,
        }
    }
    // Corrupt, cut short, or with bytes after its end.
    Err(Reason::Malformed { layer: "zlib" })
}

/// The claims of a CWT that carries a certificate.
pub(crate) struct Cwt {
    issuer: Option<String>,
    issued_at: Option<DateTime<Utc>>,
    not_before: Option<DateTime<Utc>>,
    not_after: Option<DateTime<Utc>>,
    certificate: Value,
}

/// Reads the claims of a proven payload, down to the certificate itself.
pub(super) fn content(payload: &[u8]) -> Result<Content, Reason> {
    Cwt::read(payload).map(|cwt| Content::Hc1(Box::new(cwt))).ok_or(Reason::SchemaViolated)
}

impl Cwt {
    fn read(payload: &[u8]) -> Option<Self> {
        let Value::Map(mut claims) = cbor(payload)? else { return None };
        let hcert = claims.iter().position(|(key, _)| *key == Value::from(CLAIM_HCERT))?;
        let (_, hcert) = claims.swap_remove(hcert);
        let Value::Map(hcert) = hcert else { return None };
        let dcc = Value::from(HCERT_DCC);
        let (_, certificate) = hcert.into_iter().find(|(key, value)| *key == dcc && value.is_map())?;
        let issuer = match at(&claims, CLAIM_ISSUER) {
            None | Some(Value::Null) => None,
            Some(Value::Text(issuer)) => Some(issuer.clone()),
            Some(_) => return None,
        };
        let time = |claim| match at(&claims, claim) {
            None | Some(Value::Null) => Some(None),
            Some(value) => numeric_date(value).map(Some),
        };
        Some(Self {
            issuer,
            issued_at: time(CLAIM_ISSUED)?,
            not_before: time(CLAIM_NOT_BEFORE)?,
            not_after: time(CLAIM_EXPIRES)?,
            certificate,
        })
    }

    /// `iss`, where it is given.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref().filter(|issuer| !issuer.is_empty())
    }

    /// When it was signed. The specification wants it; `None` where the issuer left it out.
    pub(crate) fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.issued_at
    }

    /// First moment of validity beside `issued_at`.
    pub(crate) fn not_before(&self) -> Option<DateTime<Utc>> {
        self.not_before
    }

    /// Last moment of validity. The specification wants it; `None` where the issuer left it out.
    pub(crate) fn not_after(&self) -> Option<DateTime<Utc>> {
        self.not_after
    }

    /// The kinds of statement that the certificate holds, whether or not they follow the schema.
    pub(crate) fn kinds(&self) -> Vec<StatementKind> {
        GROUPS.into_iter().filter(|(group, _)| !self.entries(group).is_empty()).map(|(_, kind)| kind).collect()
    }

    /// The identifiers of the statements (`ci`).
    pub(crate) fn ids(&self) -> Vec<&str> {
        GROUPS.iter().flat_map(|(group, _)| self.entries(group)).filter_map(|entry| text(entry, "ci")).collect()
    }

    /// Whether the certificate follows the schema of its release.
    pub(crate) fn schema(&self) -> Result<(), Reason> {
        if schema::holds(&self.certificate) { Ok(()) } else { Err(Reason::SchemaViolated) }
    }

    /// The certificate as JSON, for a person who looks into a code.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        json(&self.certificate)
    }

    /// What the certificate says, in our own words. `issuer` stands in where it names none.
    pub(crate) fn claims(&self, issuer: &str) -> Claims {
        let name = field(&self.certificate, "nam").unwrap_or(&Value::Null);
        let join = |a: &str, b: &str| {
            [a, b]
                .into_iter()
                .filter_map(|part| text(name, part))
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let words = join("fnt", "gnt").replace('<', " ");
        let transliterated = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Claims {
            issuer: issuer.into(),
            issued_at: self.issued_at,
            not_before: self.not_before,
            not_after: self.not_after,
            id: self.ids().first().map(ToString::to_string),
            person: Person {
                name: join("fn", "gn"),
                name_transliterated: (!transliterated.is_empty()).then_some(transliterated),
                birth: birth(text(&self.certificate, "dob").unwrap_or_default()),
                number: None,
            },
            statements: GROUPS
                .iter()
                .flat_map(|(group, kind)| self.entries(group).iter().map(move |entry| statement(*kind, entry)))
                .collect(),
        }
    }

    fn entries(&self, group: &str) -> &[Value] {
        field(&self.certificate, group).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// The certificate's groups and what their entries state.
const GROUPS: [(&str, StatementKind); 3] =
    [("v", StatementKind::Vaccination), ("t", StatementKind::Test), ("r", StatementKind::Recovery)];

/// One entry of a group. What the schema lets through and we cannot read becomes unknown, and unknown is never green.
fn statement(kind: StatementKind, entry: &Value) -> Statement {
    let word = |name| text(entry, name).unwrap_or_default().trim().to_owned();
    let day = |name| PartialDate::parse(text(entry, name).unwrap_or_default()).unwrap_or(PartialDate::Unknown);
    let count =
        |name| field(entry, name).and_then(Value::as_integer).and_then(|count| count.try_into().ok()).unwrap_or(0);
    match kind {
        StatementKind::Test => Statement::Test(Test {
            disease: word("tg"),
            kind: word("tt"),
            result: TestResult::from_snomed(&word("tr")),
            sampled_at: text(entry, "sc").and_then(instant),
            country: word("co"),
        }),
        StatementKind::Recovery => Statement::Recovery(Recovery {
            disease: word("tg"),
            first_positive: day("fr"),
            valid_from: day("df"),
            valid_until: day("du"),
            country: word("co"),
        }),
        _ => Statement::Vaccination(Vaccination {
            disease: word("tg"),
            vaccine: word("mp"),
            dose: count("dn"),
            doses_total: count("sd"),
            date: day("dt"),
            country: word("co"),
        }),
    }
}

/// The value of a text key. `null` is as good as absent: some issuers write empty groups so.
fn field<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Map(entries) = map else { return None };
    entries.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value).filter(|value| !value.is_null())
}

/// The text under a text key. A date and time may be tagged as one (tag 0, RFC 8949, section 3.4.1).
fn text<'a>(map: &'a Value, name: &str) -> Option<&'a str> {
    match field(map, name)? {
        Value::Text(text) => Some(text),
        Value::Tag(0, inner) => inner.as_text(),
        _ => None,
    }
}

/// NumericDate (RFC 8392, section 2): seconds since 1970, an integer or a finite float, which is cut to whole seconds.
fn numeric_date(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = match value {
        Value::Integer(seconds) => i64::try_from(*seconds).ok()?,
        Value::Float(seconds) if seconds.is_finite() && seconds.abs() < 1e12 => seconds.floor() as i64,
        Value::Tag(1, inner) if !matches!(**inner, Value::Tag(..)) => return numeric_date(inner),
        _ => return None,
    };
    (0..=super::SECONDS_MAX).contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0))?
}

/// A date and time as issuers write it: RFC 3339, or with an offset without its colon.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|instant| instant.to_utc())
}

/// A date of birth as far as it can be read: issuers write 00 for an unknown month or day.
fn birth(text: &str) -> PartialDate {
    PartialDate::parse(text)
        .or_else(|| PartialDate::parse(text.get(..7)?))
        .or_else(|| PartialDate::parse(text.get(..4)?))
        .unwrap_or(PartialDate::Unknown)
}

/// CBOR as JSON, as far as JSON can say it.
fn json(value: &Value) -> serde_json::Value {
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
