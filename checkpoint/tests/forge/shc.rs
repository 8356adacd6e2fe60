//! SMART Health Cards.

use std::io::Write;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{CredentialKey, KeyMaterial};
use checkpoint::trust::key::thumbprint;
use p256::ecdsa::signature::Signer;
use serde_json::{Value, json};

use super::{at, jwk, p256_key};

/// Issuer of the cards.
pub const ISSUER: &str = "https://cards.example.org/issuer";

/// P-256 key 3, for all that a card can state.
pub fn listed() -> CredentialKey {
    use StatementKind::{Other, Test, Vaccination};
    CredentialKey {
        name: "shc".into(),
        key: KeyMaterial::Jwk(jwk(3, None)),
        schemes: vec![Scheme::Shc],
        statements: vec![Vaccination, Test, Other],
        issuers: vec![ISSUER.into()],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2026-12-31T23:59:59Z"),
        regions: vec![checkpoint::trust::files::EVERYWHERE.into()],
        lifetime_days: 12_000,
        distrust_all: false,
        distrust_after: None,
    }
}

/// The name of a P-256 key.
pub fn kid(seed: u8) -> String {
    let jwk = jwk(seed, None);
    thumbprint(&jwk.x, &jwk.y)
}

/// A card in the making.
pub struct Shc {
    pub header: String,
    pub card: Vec<u8>,
    pub seed: u8,
}

/// Two sound doses, signed by P-256 key 3.
pub fn shc() -> Shc {
    Shc {
        header: json!({"zip": "DEF", "alg": "ES256", "kid": kid(3)}).to_string(),
        card: card().to_string().into(),
        seed: 3,
    }
}

/// The claims of two doses.
pub fn card() -> Value {
    json!({
        "iss": ISSUER, "nbf": 1_772_000_000.5,
        "vc": {
            "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization",
                "https://smarthealth.cards#covid19"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": [
                entry(0, patient()),
                entry(1, immunization("208", "2025-12-01")),
                entry(2, immunization("208", "2026-01-10")),
            ]}},
        },
    })
}

pub fn entry(place: usize, resource: Value) -> Value {
    json!({"fullUrl": format!("resource:{place}"), "resource": resource})
}

pub fn patient() -> Value {
    json!({"resourceType": "Patient", "name": [{"family": "Nguyễn", "given": ["Văn", "Thử"]}], "birthDate": "1990-01-18"})
}

pub fn immunization(cvx: &str, day: &str) -> Value {
    json!({"resourceType": "Immunization", "status": "completed", "patient": {"reference": "resource:0"},
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": cvx}]}, "occurrenceDateTime": day,
        "performer": [{"actor": {"display": "Trạm y tế"}}], "lotNumber": "0000001"})
}

pub fn observation(result: &str) -> Value {
    json!({"resourceType": "Observation", "status": "final", "subject": {"reference": "resource:0"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]}, "effectiveDateTime": "2026-03-01T08:00:00+07:00",
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": result}]}})
}

/// Raw DEFLATE.
pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    raw.write_all(bytes).unwrap();
    raw.finish().unwrap()
}

/// A JWS as one code.
pub fn code(jws: &str) -> String {
    format!("shc:/{}", digits(jws))
}

/// A JWS over so many codes.
pub fn codes(jws: &str, of: usize) -> Vec<String> {
    let parts: Vec<_> = jws.as_bytes().chunks(jws.len().div_ceil(of)).collect();
    let part =
        |(n, part): (usize, &&[u8])| format!("shc:/{}/{of}/{}", n + 1, digits(std::str::from_utf8(part).unwrap()));
    parts.iter().enumerate().map(part).collect()
}

pub fn digits(jws: &str) -> String {
    jws.bytes().map(|byte| format!("{:02}", byte - b'-')).collect()
}

impl Shc {
    /// Changes the header's members.
    pub fn header(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut header = serde_json::from_str(&self.header).unwrap();
        edit(&mut header);
        self.header = header.to_string();
        self
    }

    /// Another header's text.
    pub fn header_text(mut self, header: &str) -> Self {
        self.header = header.into();
        self
    }

    /// Changes the claims.
    pub fn card(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut card = serde_json::from_slice(&self.card).unwrap();
        edit(&mut card);
        self.card = card.to_string().into();
        self
    }

    /// Changes the verifiable credential inside.
    pub fn vc(self, edit: impl FnOnce(&mut Value)) -> Self {
        self.card(|card| edit(&mut card["vc"]))
    }

    /// Changes the bundle's entries.
    pub fn entries(self, entries: Vec<Value>) -> Self {
        let entries: Vec<_> = entries.into_iter().enumerate().map(|(place, resource)| entry(place, resource)).collect();
        self.vc(|vc| vc["credentialSubject"]["fhirBundle"]["entry"] = entries.into())
    }

    /// Replaces a piece of the claims' text, for what no JSON value can hold.
    pub fn replaced(mut self, from: &str, to: impl AsRef<[u8]>) -> Self {
        let text = String::from_utf8(self.card).unwrap();
        let (before, after) = text.split_once(from).expect("the piece is there");
        self.card = [before.as_bytes(), to.as_ref(), after.as_bytes()].concat();
        self
    }

    /// Signs.
    pub fn jws(&self) -> String {
        self.jws_over(&deflated(&self.card))
    }

    /// Signs any payload.
    pub fn jws_over(&self, payload: &[u8]) -> String {
        let signed =
            format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(&self.header), BASE64_URL_SAFE_NO_PAD.encode(payload));
        let signature: p256::ecdsa::Signature = p256_key(self.seed).sign(signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    /// Signs, as one code.
    pub fn text(&self) -> String {
        code(&self.jws())
    }
}
