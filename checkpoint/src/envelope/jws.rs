//! The native credential: compact JWS (RFC 7515) with EdDSA (RFC 8037), as `docs/native-credential.md` fixes it.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;

use super::{Algorithm, Content, Envelope, Scheme};
use crate::time::PartialDate;
use crate::trust::credential::{
    Claims, Declaration, Person, Recovery, Statement, Test, TestResult, TravelPermit, Vaccination,
};
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;

/// What every compact JWS begins with: `{"` in base64url.
const JSON_OBJECT: &str = "eyJ";
/// `typ` of a native credential.
const TYP: &str = "hc+jwt";
/// The last second of the year 9999, the last that RFC 3339 can write.
const SECONDS_MAX: u64 = 253_402_300_799;
/// Places in one declaration.
const PLACES_MAX: usize = 8;

/// Whether a text could be meant as a native credential: a compact JWS, or the beginning of one that says that it is ours.
pub(super) fn recognises(text: &str) -> bool {
    let dots = text.bytes().filter(|byte| *byte == b'.').count();
    text.starts_with(JSON_OBJECT) && (dots == 2 || (dots == 1 && says_that_it_is_ours(text)))
}

fn says_that_it_is_ours(text: &str) -> bool {
    let header = text.split_once('.').and_then(|(header, _)| BASE64_URL_SAFE_NO_PAD.decode(header).ok());
    header.and_then(|header| serde_json::from_slice(&header).ok()).is_some_and(|header: Claimed| header.is_ours())
}

/// What a header says that the whole is (RFC 7515, section 4.1.9), whatever else it says.
#[derive(Deserialize)]
struct Claimed {
    alg: Option<String>,
    typ: Option<String>,
}

impl Claimed {
    /// Any website's token is a JWS too, and no forgery of ours. What says nothing and is not signed at all is meant as ours: no
    /// website sends it.
    fn is_ours(&self) -> bool {
        match &self.typ {
            Some(typ) => typ == TYP,
            None => self.alg.as_deref() == Some("none"),
        }
    }
}

/// Takes a compact JWS apart. The claims stay bytes.
pub(super) fn decode(text: &str, trace: &mut Trace) -> Result<Envelope, Reason> {
    trace.need(Layer::Structure, take_apart(text))
}

fn take_apart(text: &str) -> Result<Envelope, Reason> {
    let malformed = |layer| Reason::Malformed { layer };
    let (signed, signature) = text.rsplit_once('.').ok_or(malformed("jws"))?;
    let (header, payload) = signed.split_once('.').ok_or(malformed("jws"))?;
    // Strict: no padding, no characters of other alphabets, no stray bits in the last character.
    let bytes = |part: &str, layer| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed(layer));
    let header = bytes(header, "header")?;
    let claimed: Claimed = serde_json::from_slice(&header).map_err(|_| malformed("header"))?;
    if !claimed.is_ours() {
        return Err(Reason::UnknownCode);
    }
    let header: Header = serde_json::from_slice(&header).map_err(|_| malformed("header"))?;
    if header.alg != "EdDSA" {
        return Err(Reason::AlgorithmNotAllowed);
    }
    let key_hint = bytes(header.kid.as_deref().ok_or(malformed("header"))?, "header")?;
    if key_hint.len() != 8 {
        return Err(malformed("header"));
    }
    let signature = bytes(signature, "signature")?;
    if signature.len() != 64 {
        return Err(malformed("signature"));
    }
    Ok(Envelope {
        scheme: Scheme::Native,
        algorithm: Algorithm::EdDsa,
        key_hint,
        payload: bytes(payload, "payload")?,
        signed: signed.as_bytes().to_vec(),
        signature,
    })
}

/// RFC 7515, section 4. Unknown members are refused, `crit` with them. `typ` and `kid` are optional here only so that `alg:
/// none` is called by its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(rename = "typ")]
    _typ: Option<String>,
    kid: Option<String>,
}

/// RFC 7519 claims and ours. The types hold depth, duplicates and unknown names at bay.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    iat: Seconds,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<Seconds>,
    exp: Seconds,
    jti: String,
    #[serde(default, deserialize_with = "present")]
    sub: Option<String>,
    nam: String,
    dob: String,
    #[serde(default)]
    vac: Vec<Vac>,
    #[serde(default)]
    tst: Vec<Tst>,
    #[serde(default)]
    rec: Vec<Rec>,
    #[serde(default, deserialize_with = "present")]
    dec: Option<Dec>,
    #[serde(default, deserialize_with = "present")]
    per: Option<Per>,
    #[serde(default, deserialize_with = "present")]
    cnf: Option<Confirmation>,
}

/// RFC 7800, section 3.2: the key that the holder's app proves to hold (`presence`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jwk: HolderKey,
}

/// An Ed25519 public key (RFC 8037, section 2).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolderKey {
    kty: String,
    crv: String,
    x: String,
}

/// What a native credential says.
pub(crate) struct Native {
    pub(crate) claims: Claims,
    /// The holder's key, where the credential is bound to one.
    pub(crate) holder_key: Option<VerifyingKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vac {
    tg: String,
    mp: String,
    dn: u32,
    sd: u32,
    dt: String,
    co: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tst {
    tg: String,
    tt: String,
    tr: String,
    sc: Seconds,
    co: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rec {
    tg: String,
    fr: String,
    df: String,
    du: String,
    co: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dec {
    at: Seconds,
    sym: Vec<String>,
    con: bool,
    plc: Vec<String>,
    ent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Per {
    pur: String,
    fr: String,
    to: String,
    #[serde(default, deserialize_with = "present")]
    plt: Option<String>,
}

/// An optional member that is there has a value: `null` is not another way to leave it out.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Seconds since 1970 as a JSON integer from 0 to the end of the year 9999.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
struct Seconds(DateTime<Utc>);

impl TryFrom<u64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: u64) -> Result<Self, Self::Error> {
        let seconds = i64::try_from(seconds.min(SECONDS_MAX + 1)).map_err(|_| "out of range")?;
        if seconds > SECONDS_MAX as i64 {
            return Err("out of range");
        }
        DateTime::from_timestamp(seconds, 0).map(Self).ok_or("out of range")
    }
}

/// Reads the claims of a proven payload, and checks everything that the types alone do not.
pub(super) fn content(payload: &[u8]) -> Result<Content, Reason> {
    let payload: Payload = serde_json::from_slice(payload).map_err(|_| Reason::SchemaViolated)?;
    let claims = claims(&payload).ok_or(Reason::SchemaViolated)?;
    let holder_key = match &payload.cnf {
        None => None,
        Some(confirmation) => Some(holder_key(&confirmation.jwk).ok_or(Reason::SchemaViolated)?),
    };
    Ok(Content::Native(Box::new(Native { claims, holder_key })))
}

fn holder_key(jwk: &HolderKey) -> Option<VerifyingKey> {
    let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(&jwk.x).ok()?.try_into().ok()?;
    let key = VerifyingKey::from_bytes(&bytes).ok()?;
    (jwk.kty == "OKP" && jwk.crv == "Ed25519" && !key.is_weak()).then_some(key)
}

/// `None` where a value is not what `docs/native-credential.md` allows.
fn claims(payload: &Payload) -> Option<Claims> {
    let day = |text: &str| match PartialDate::parse(text)? {
        PartialDate::Day(day) if text.len() == 10 => Some(PartialDate::Day(day)),
        _ => None,
    };
    let mut statements = Vec::new();
    for Vac { tg, mp, dn, sd, dt, co } in &payload.vac {
        statements.push(Statement::Vaccination(Vaccination {
            disease: tg.clone(),
            vaccine: mp.clone(),
            dose: (*dn > 0).then_some(*dn)?,
            doses_total: (*sd > 0).then_some(*sd)?,
            date: day(dt)?,
            country: co.clone(),
        }));
    }
    for Tst { tg, tt, tr, sc, co } in &payload.tst {
        statements.push(Statement::Test(Test {
            disease: tg.clone(),
            kind: tt.clone(),
            result: TestResult::from_snomed(tr),
            sampled_at: Some(sc.0),
            country: co.clone(),
        }));
    }
    for Rec { tg, fr, df, du, co } in &payload.rec {
        statements.push(Statement::Recovery(Recovery {
            disease: tg.clone(),
            first_positive: day(fr)?,
            valid_from: day(df)?,
            valid_until: day(du)?,
            country: co.clone(),
        }));
    }
    if let Some(Dec { at, sym, con, plc, ent }) = &payload.dec {
        statements.push(Statement::Declaration(Declaration {
            made_at: at.0,
            symptoms: sym.clone(),
            contact: *con,
            places: (plc.len() <= PLACES_MAX).then(|| plc.clone())?,
            at_entry: *ent,
        }));
    }
    if let Some(Per { pur, fr, to, plt }) = &payload.per {
        statements.push(Statement::TravelPermit(TravelPermit {
            purpose: pur.clone(),
            from: fr.clone(),
            to: to.clone(),
            plate: plt.clone(),
        }));
    }
    let named = !payload.iss.is_empty() && !payload.jti.is_empty() && !payload.nam.trim().is_empty();
    let birth = match PartialDate::parse(&payload.dob)? {
        PartialDate::Day(_) if payload.dob.len() != 10 => return None,
        birth => birth,
    };
    (named && !statements.is_empty()).then(|| Claims {
        issuer: payload.iss.clone(),
        issued_at: Some(payload.iat.0),
        not_before: payload.nbf.map(|seconds| seconds.0),
        not_after: Some(payload.exp.0),
        id: Some(payload.jti.clone()),
        person: Person { name: payload.nam.clone(), name_transliterated: None, birth, number: payload.sub.clone() },
        statements,
    })
}
