//! NZ COVID Pass, technical specification v1: `NZCP:/1/`, base32 (RFC 4648) without padding, COSE_Sign1 (RFC 9052) with ES256,
//! a CWT (RFC 8392) with a Verifiable Credential. `docs/nzcp.md` says what we accept and what we refuse.

use chrono::{DateTime, TimeDelta, Utc};
use ciborium::Value;
use data_encoding::BASE32_NOPAD;

use super::cose::{
    self, CLAIM_EXPIRES, CLAIM_ID, CLAIM_ISSUER, CLAIM_NOT_BEFORE, HEADER_ALGORITHM, HEADER_KEY_ID, Sign1, at, cbor,
    json,
};
use super::{Algorithm, Content, Envelope, Scheme, plain_name};
use crate::time::PartialDate;
use crate::trust::credential::{Claims, Other, Person, Statement};
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;

/// The scheme of the URI, and the specification's major version.
const PREFIX: &str = "NZCP:/";
const VERSION: &str = "1/";
/// How a message begins: tag 18 (section "Cryptographic Digital Signature Algorithm Selection" asks for it).
const TAGGED_SIGN1: u8 = 0xd2;
/// Longest name, in characters (section "PublicCovidPass").
const NAME_CHARS_MAX: usize = 100;

/// Whether a text could be meant as a pass.
pub(super) fn recognises(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Takes a pass apart, down to what was signed. The claims stay bytes.
pub(super) fn decode(text: &str, trace: &mut Trace) -> Result<Envelope, Reason> {
    let unknown = Reason::UnknownCode;
    let letters = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(VERSION)).ok_or(unknown);
    let letters = trace.need(Layer::Prefix, letters)?;
    let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| Reason::Malformed { layer: "base32" });
    let bytes = trace.need(Layer::Letters, bytes)?;
    trace.need(Layer::Structure, signed(&bytes))
}

/// A tagged message whose protected header names ES256 and the key.
fn signed(bytes: &[u8]) -> Result<Envelope, Reason> {
    let malformed = Reason::Malformed { layer: "cose" };
    if bytes.first() != Some(&TAGGED_SIGN1) {
        return Err(malformed);
    }
    let Sign1 { algorithm, key_hint, protected, payload, signature } = Sign1::read(bytes)?;
    let Some(Value::Map(header)) = cbor(&protected) else { return Err(malformed) };
    if algorithm != Algorithm::Es256 || at(&header, HEADER_ALGORITHM).is_none() {
        return Err(Reason::AlgorithmNotAllowed);
    }
    if at(&header, HEADER_KEY_ID).is_none() {
        return Err(malformed);
    }
    let signed = cose::sig_structure(&protected, &[], &payload);
    Ok(Envelope { scheme: Scheme::Nzcp, algorithm, key_hint, payload, signed, signature })
}

/// Reads the claims of a proven payload.
pub(super) fn content(payload: &[u8]) -> Result<Content, Reason> {
    let claims = claims(payload).ok_or(Reason::SchemaViolated)?;
    Ok(Content::Read(Box::new(claims)))
}

/// The claims as JSON, for a person who looks into a code.
pub(super) fn to_json(payload: &[u8]) -> serde_json::Value {
    cbor(payload).as_ref().map(json).unwrap_or_default()
}

/// `None` where something is not what the specification asks for.
fn claims(payload: &[u8]) -> Option<Claims> {
    let Value::Map(claims) = cbor(payload)? else { return None };
    let issuer = at(&claims, CLAIM_ISSUER)?.as_text().filter(|issuer| issuer.starts_with("did:web:"))?;
    let not_before = whole_seconds(at(&claims, CLAIM_NOT_BEFORE)?)?;
    // The specification's `exp` is the first moment at which a pass has expired; the model's is the last at which it has not.
    let not_after = whole_seconds(at(&claims, CLAIM_EXPIRES)?)? - TimeDelta::seconds(1);
    let id = uuid(at(&claims, CLAIM_ID)?.as_bytes()?)?;
    let vc = claims.iter().find(|(name, _)| name.as_text() == Some("vc")).map(|(_, vc)| vc)?;
    let texts = |name| field(vc, name)?.as_array()?.iter().map(Value::as_text).collect::<Option<Vec<_>>>();
    let context = texts("@context")?;
    let kind = match texts("type")?.as_slice() {
        ["VerifiableCredential", kind @ "PublicCovidPass"] => (*kind).to_owned(),
        _ => return None,
    };
    if context.first() != Some(&"https://www.w3.org/2018/credentials/v1")
        || field(vc, "version")?.as_text() != Some("1.0.0")
    {
        return None;
    }
    Some(Claims {
        issuer: issuer.into(),
        issued_at: Some(not_before),
        not_before: Some(not_before),
        not_after: Some(not_after),
        id: Some(id),
        person: person(field(vc, "credentialSubject")?)?,
        statements: vec![Statement::Other(Other { kind })],
    })
}

fn person(subject: &Value) -> Option<Person> {
    let given = field(subject, "givenName")?.as_text()?;
    let family = match field(subject, "familyName") {
        None => "",
        Some(family) => family.as_text()?,
    };
    let short = |name: &str| name.len() <= NAME_CHARS_MAX || name.chars().count() <= NAME_CHARS_MAX;
    let name = format!("{} {}", family.trim(), given.trim()).trim().to_owned();
    let birth = match field(subject, "dob")?.as_text()? {
        text if text.len() == 10 => PartialDate::parse(text)?,
        _ => return None,
    };
    (short(given) && short(family) && plain_name(&name)).then_some(Person {
        name,
        name_transliterated: None,
        birth,
        number: None,
    })
}

/// The value of a text key.
fn field<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// NumericDate as an integer: the specification allows no fractions.
fn whole_seconds(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(value.as_integer()?).ok()?;
    (0..=super::SECONDS_MAX).contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0))?
}

/// `cti` as the URI that it stands for (section "Mapping JTI <-> CTI").
fn uuid(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let mut text = String::from("urn:uuid:");
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    Some(text)
}
