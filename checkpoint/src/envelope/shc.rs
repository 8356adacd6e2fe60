//! SMART Health Cards Framework 1.4: `shc:/` and pairs of digits, a compact JWS (RFC 7515) signed with ES256, a deflated
//! Verifiable Credential, a FHIR R4 bundle. `docs/smart-health-cards.md` says what we accept and what we refuse.

pub mod chunks;
mod fhir;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};

use super::inflate::{Wrapping, inflate};
use super::json::Json;
use super::{Algorithm, Content, Envelope, Scheme};
use crate::trust::credential::Claims;
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;
use chunks::Chunk;

/// The registered URI scheme, and the start of its path.
const PREFIX: &str = "shc:/";
/// Longest text, in bytes, also where several codes were joined to one. A version 40-L code holds 7,089 digits (ISO/IEC 18004,
/// table 7); four of them are more than what inflates to the bound.
pub(super) const TEXT_BYTES_MAX: usize = 28 * 1024;
/// What two digits stand for is this much less than the character (section "Encoding QRs").
const CHARACTER_MIN: u8 = b'-';
/// Longest revocation identifier, in characters (section "Revocation").
const RID_CHARS_MAX: usize = 24;
/// The type that every card has.
const HEALTH_CARD: &str = "https://smarthealth.cards#health-card";
/// Header parameters of RFC 7515 and RFC 7797 that change what a signature means, or bring a key along.
const HEADERS_REFUSED: [&str; 6] = ["crit", "b64", "jwk", "jku", "x5c", "x5u"];

/// Whether a text could be meant as a SMART Health Card.
pub(super) fn recognises(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Takes a card's text apart, down to its inflated claims. They stay bytes.
///
/// # Errors
/// `Incomplete` for one code of several (`Chunks` joins them), else as `Envelope::decode`.
pub(super) fn decode(text: &str, trace: &mut Trace) -> Result<Envelope, Reason> {
    let digits = trace.need(Layer::Prefix, text.strip_prefix(PREFIX).ok_or(Reason::UnknownCode))?;
    if let Some(chunk) = Chunk::parse(text) {
        return trace.need(Layer::Letters, Err(chunk.map_or_else(|fault| fault, |chunk| chunk.missing())));
    }
    let jws = trace.need(Layer::Letters, characters(digits))?;
    let mut envelope = trace.need(Layer::Structure, take_apart(&jws))?;
    envelope.payload = trace.need(Layer::Inflate, inflate(&envelope.payload, Wrapping::Raw))?;
    Ok(envelope)
}

/// Pairs of digits to characters.
fn characters(digits: &str) -> Result<String, Reason> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return Err(Reason::Malformed { layer: "digits" }) };
    pairs
        .iter()
        .map(|&[tens, ones]| Some(char::from(digit(tens)? * 10 + digit(ones)? + CHARACTER_MIN)))
        .collect::<Option<String>>()
        .filter(|jws| jws.is_ascii())
        .ok_or(Reason::Malformed { layer: "digits" })
}

/// A compact JWS. The payload is still deflated: that is what was signed.
fn take_apart(jws: &str) -> Result<Envelope, Reason> {
    let malformed = |layer| Reason::Malformed { layer };
    let (signed, signature) = jws.rsplit_once('.').ok_or(malformed("jws"))?;
    let (header, payload) = signed.split_once('.').ok_or(malformed("jws"))?;
    // Strict: no padding, no characters of other alphabets, no stray bits in the last character.
    let bytes = |part: &str, layer| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed(layer));
    let header = Json::read(&bytes(header, "header")?).filter(Json::is_unambiguous).ok_or(malformed("header"))?;
    if header.text("alg") != Some("ES256") {
        return Err(Reason::AlgorithmNotAllowed);
    }
    if header.text("zip") != Some("DEF") || HEADERS_REFUSED.iter().any(|name| header.get(name).is_some()) {
        return Err(malformed("header"));
    }
    let key_hint = header.text("kid").ok_or(malformed("header"))?.as_bytes().to_vec();
    let signature = bytes(signature, "signature")?;
    if signature.len() != 64 {
        return Err(malformed("signature"));
    }
    Ok(Envelope {
        scheme: Scheme::Shc,
        algorithm: Algorithm::Es256,
        key_hint,
        payload: bytes(payload, "payload")?,
        signed: signed.as_bytes().to_vec(),
        signature,
    })
}

/// Reads the claims of a proven payload. `key_id` is the header's: revocation goes by it.
pub(super) fn content(payload: &[u8], key_id: &[u8]) -> Result<Content, Reason> {
    let card = Json::read(payload).filter(Json::is_unambiguous).ok_or(Reason::SchemaViolated)?;
    let claims = claims(&card, key_id).ok_or(Reason::SchemaViolated)?;
    Ok(Content::Read(Box::new(claims)))
}

/// `None` where something is not what the framework asks for.
fn claims(card: &Json, key_id: &[u8]) -> Option<Claims> {
    let issuer = card.text("iss").filter(|issuer| !issuer.is_empty())?;
    let issued_at = numeric_date(card.get("nbf")?)?;
    let not_after = match card.get("exp") {
        None => None,
        Some(end) => Some(numeric_date(end)?),
    };
    let vc = card.get("vc")?;
    let types = vc.list("type")?.iter().map(Json::as_text).collect::<Option<Vec<_>>>()?;
    if !types.contains(&HEALTH_CARD) {
        return None;
    }
    let id = match vc.get("rid") {
        None => None,
        // A list of revoked cards belongs to one key of the issuer.
        Some(rid) => Some(format!("{}/{}", String::from_utf8_lossy(key_id), rid.as_text().filter(|rid| is_rid(rid))?)),
    };
    let subject = vc.get("credentialSubject")?;
    subject.text("fhirVersion")?;
    let (person, statements) = fhir::read(subject.get("fhirBundle")?, &types)?;
    Some(Claims {
        issuer: issuer.into(),
        issued_at: Some(issued_at),
        not_before: None,
        not_after,
        id,
        person,
        statements,
    })
}

/// NumericDate (RFC 7519, section 2), cut to whole seconds: issuers write fractions.
fn numeric_date(value: &Json) -> Option<DateTime<Utc>> {
    let Json::Number(seconds) = value else { return None };
    let seconds = seconds.floor();
    (0.0..=super::SECONDS_MAX as f64).contains(&seconds).then(|| DateTime::from_timestamp(seconds as i64, 0))?
}

/// At most 24 characters of the base64url alphabet.
fn is_rid(rid: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=RID_CHARS_MAX).contains(&rid.len()) && rid.bytes().all(known)
}
