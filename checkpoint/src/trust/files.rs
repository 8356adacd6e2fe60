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
/// Payload type of a distrust statement.
pub const DISTRUST_TYPE: &str = "application/vnd.checkpoint.distrust+json";
/// A region of a key's scope that means every place.
pub const EVERYWHERE: &str = "*";

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
    /// Distrust statements that are withdrawn: hexadecimal SHA-256 of their payloads. Withdrawn by one root is withdrawn for good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distrust_reset: Vec<String>,
    /// Bundles below this version need not be gone on with: the next one may revoke less than they did. 0: every one must.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revocation_reset: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
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
    /// Files of more revocations than fit here; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
}

/// The revocation files that belong to a bundle: these, whole, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Key of the hashes in the files: 32 bytes, base64. Public; drawn anew with each first file of a series, so that nobody can look
    /// for a credential whose hash is another's before it is known.
    pub key: String,
    /// The files: the base first, then what was added to it. What one of them revokes is revoked.
    pub files: Vec<RevocationFile>,
}

/// One revocation file, which lies beside the bundle as `SHA256.revoked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationFile {
    /// Hexadecimal SHA-256 of the whole file; also its name, before `.revoked`.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// How many entries it holds.
    pub entries: u64,
}

/// A statement that takes trust away, signed by any one duty key. It can only remove, and it counts until a root withdraws it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distrust {
    /// The signer's clock, for people: nothing is decided by it.
    pub made_at: DateTime<Utc>,
    /// Why, for people.
    pub reason: String,
    /// What is no longer believed; at least one.
    pub removed: Vec<Removal>,
}

/// One thing that is no longer believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Which.
    pub what: Removed,
    /// How much of what it signed.
    pub signed: Signed,
}

/// What is no longer believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Removed {
    /// A key: any of its `key_digests` in hexadecimal.
    Key(String),
    /// An issuer, exactly as it stands in credentials.
    Issuer(String),
    /// A credential: hexadecimal `revocation_digest`.
    Credential(String),
}

/// How much of what was signed is no longer believed. A credential that does not say when it was signed never escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Signed {
    /// All of it.
    All,
    /// What was signed before this moment.
    Before(DateTime<Utc>),
    /// What was signed after this moment.
    After(DateTime<Utc>),
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
    /// Where its credentials count: codes of places, and provinces as the kiosks' settings name them; `EVERYWHERE` for all. Nowhere
    /// where it is empty.
    pub regions: Vec<String>,
    /// The longest validity that it may give, in days from signing. A credential without an end ends then.
    pub lifetime_days: u32,
    /// Nothing that it signed is believed any more. Holds for the key, wherever else it is listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub distrust_all: bool,
    /// Nothing that it signed after this moment is believed. Holds for the key, wherever else it is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distrust_after: Option<DateTime<Utc>>,
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
