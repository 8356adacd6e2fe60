//! `HC1:`, the EU Digital COVID Certificate's container: base45, zlib, COSE_Sign1 (RFC 9052) over a CWT (RFC 8392).
//!
//! `ehealth`'s Electronic Health Certificate Specification, version 1.0.5, is what we follow; where issuers deviated in
//! the field without harm (untagged COSE, key id or algorithm in the unprotected header only, fractional times, missing
//! issuer), we read what they meant, because their citizens stand at the gate.

pub(super) mod schema;

use chrono::{DateTime, Utc};
use ciborium::Value;

use super::cose::{
    self, CLAIM_EXPIRES, CLAIM_ISSUED, CLAIM_ISSUER, CLAIM_NOT_BEFORE, Sign1, at, cbor, json, numeric_date,
};
use super::inflate::{Wrapping, inflate};
use super::{Algorithm, Content, Envelope, Scheme, base45};
use crate::time::PartialDate;
use crate::trust::credential::{Claims, Person, Recovery, Statement, StatementKind, Test, TestResult, Vaccination};
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;

/// Context identifier, version 1.
const PREFIX: &str = "HC1:";
/// The CWT claim that carries health certificates, and the key of the EU's among them.
const CLAIM_HCERT: i64 = -260;
const HCERT_DCC: i64 = 1;

/// Whether a text could be meant as HC1.
pub(super) fn recognises(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Takes an HC1 text apart, down to what was signed. The claims stay bytes.
pub(super) fn decode(text: &str, trace: &mut Trace) -> Result<Envelope, Reason> {
    let text = trace.need(Layer::Prefix, text.strip_prefix(PREFIX).ok_or(Reason::UnknownCode))?;
    let compressed = trace.need(Layer::Letters, base45::decode(text))?;
    let bytes = trace.need(Layer::Inflate, inflate(&compressed, Wrapping::Zlib))?;
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
