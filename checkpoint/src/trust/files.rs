//! The signed files of `trust-keys/`, as they stand in JSON inside their DSSE envelopes.
//!
//! Numbers are plain, times are RFC 3339 in UTC, keys are base64. Unknown fields are refused: a kiosk that does not
//! understand a restriction must not skip it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::credential::StatementKind;
use crate::envelope::Scheme;

/// Payload type of a root.
pub const ROOT_TYPE: &str = "application/vnd.checkpoint.root+json";
/// Payload type of a bundle.
pub const BUNDLE_TYPE: &str = "application/vnd.checkpoint.bundle+json";

/// Who may sign what. Root N+1 is signed by the thresholds of both N and N+1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// From 1, without gaps.
    pub version: u64,
    /// Name of the authority, for people.
    pub authority: String,
    /// A demonstration: the kiosk says DEMO always.
    pub demo: bool,
    /// Ed25519 public keys (32 bytes, base64) by `dsse::key_id`.
    pub keys: BTreeMap<String, String>,
    /// Who signs the next root.
    pub root: Role,
    /// Who signs bundles.
    pub bundle: Role,
    /// Who may take trust away in a hurry; any one of them.
    pub distrust: Role,
}

/// Some keys, of which a number must sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// How many different keys must sign; at least 1.
    pub threshold: usize,
    /// Names of the keys, all of them in `Root::keys`.
    pub keyids: Vec<String>,
}

/// Everything a kiosk believes, in one file, so that nothing can be mixed and matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Only grows.
    pub version: u64,
    /// The authority's clock when it signed: a proven time.
    pub signed_at: DateTime<Utc>,
    /// Older than this many days: amber.
    pub soft_days: u32,
    /// Older than this many days: no more green.
    pub hard_days: u32,
    /// Keys that sign credentials.
    pub keys: Vec<CredentialKey>,
    /// X25519 public keys (32 bytes, base64) to which passages of a day (+07:00) are sealed.
    pub tracing_keys: BTreeMap<NaiveDate, String>,
    /// Ed25519 public keys of the authority's kiosks (32 bytes, base64) by device name.
    #[serde(default)]
    pub devices: BTreeMap<String, String>,
    /// Hexadecimal SHA-256 of `issuer, NUL, credential id` of single credentials that were taken back. With `.` and seconds since
    /// 1970 behind it, only those signed before that second.
    #[serde(default)]
    pub revoked: Vec<String>,
}

/// One key that signs credentials, with what it may sign. Everything not listed is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialKey {
    /// Whose it is, for people.
    pub name: String,
    /// The key itself.
    pub key: KeyMaterial,
    /// In which schemes it may sign.
    pub schemes: Vec<Scheme>,
    /// Which statements it may sign.
    pub statements: Vec<StatementKind>,
    /// Issuers (`iss`) for which it may sign, exactly as they stand in credentials.
    pub issuers: Vec<String>,
    /// First moment at which it may have signed.
    pub not_before: DateTime<Utc>,
    /// Last moment at which it may have signed.
    pub not_after: DateTime<Utc>,
}

/// A public key in the form in which its issuer published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum KeyMaterial {
    /// 32 bytes, base64. Its short id in a code is the first 8 bytes of the SHA-256 of these bytes.
    Ed25519(String),
    /// X.509 certificate, DER in base64 (P-256, P-384 or RSA). Its short id is the first 8 bytes of the SHA-256 of the DER.
    Certificate(String),
    /// X.509 certificate of a country's signing authority (CSCA), DER in base64, at most 8 KiB. It signs the certificates of signers,
    /// never a credential itself: for the scheme `vds-nc`, and for no other.
    Csca(String),
    /// A JSON Web Key, as SMART Health Cards' issuers and DID documents publish it.
    Jwk(Jwk),
}

/// A P-256 key as a JSON Web Key (RFC 7517; RFC 7518, section 6.2), as far as the kiosk needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// Coordinates, 32 bytes each in base64url.
    pub x: String,
    /// See `x`.
    pub y: String,
    /// What codes call it: the fragment of its name in a DID document. Absent or its RFC 7638 thumbprint for a key that signs SMART
    /// Health Cards: there no other name is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
}
