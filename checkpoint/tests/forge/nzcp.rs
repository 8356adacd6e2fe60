//! NZ COVID Passes, made of the same COSE message as HC1.

use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{CredentialKey, KeyMaterial};
use ciborium::{Value as Cbor, cbor};
use data_encoding::BASE32_NOPAD;

use super::{Hcert, at, jwk};

/// Issuer of the passes.
pub const ISSUER: &str = "did:web:passes.example.nz";

/// P-256 key 4, `key-1` of the issuer's DID document.
pub fn listed() -> CredentialKey {
    CredentialKey {
        name: "nzcp".into(),
        key: KeyMaterial::Jwk(jwk(4, Some("key-1"))),
        schemes: vec![Scheme::Nzcp],
        statements: vec![StatementKind::Other],
        issuers: vec![ISSUER.into()],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2026-12-31T23:59:59Z"),
        regions: vec![checkpoint::trust::files::EVERYWHERE.into()],
        lifetime_days: 12_000,
        distrust_all: false,
        distrust_after: None,
    }
}

/// A sound pass, signed by P-256 key 4.
pub fn nzcp() -> Hcert {
    Hcert {
        protected: Some(Cbor::Map(vec![(4.into(), Cbor::Bytes(b"key-1".to_vec())), (1.into(), (-7).into())])),
        unprotected: Cbor::Map(Vec::new()),
        claims: claims(),
        seed: 4,
        tags: vec![18],
    }
}

/// The claims of a pass.
pub fn claims() -> Cbor {
    let subject = cbor!({"givenName" => "Ngọc Anh", "familyName" => "Trần", "dob" => "1990-01-18"}).unwrap();
    let vc = cbor!({
        "@context" => ["https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"],
        "version" => "1.0.0", "type" => ["VerifiableCredential", "PublicCovidPass"], "credentialSubject" => subject
    });
    Cbor::Map(vec![
        (1.into(), ISSUER.into()),
        (5.into(), 1_772_000_000.into()),
        (4.into(), 1_780_000_000.into()),
        (7.into(), Cbor::Bytes((0u8..16).collect())),
        ("vc".into(), vc.unwrap()),
    ])
}

/// A message as a code.
pub fn code(message: &[u8]) -> String {
    format!("NZCP:/1/{}", BASE32_NOPAD.encode(message))
}

impl Hcert {
    /// Signs, as a pass.
    pub fn pass(&self) -> String {
        code(&self.message())
    }
}
