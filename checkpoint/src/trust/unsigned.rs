//! A list of keys that nobody signed: what test suites and curious people bring to `verify --trust`.
//!
//! It proves that a code was signed by a key of the file, and the file is as good as whoever wrote it. The kiosk's lane
//! never loads one.

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use thiserror::Error;

use super::credential::StatementKind;
use super::csca::CscaCertificate;
use super::files::Jwk;
use super::key::Certificate;
use super::load::revoked;
use super::{Issuers, Key, Named, Origin, Regions, Scope, TrustList};
use crate::envelope::Scheme;

/// Why a file is not an unsigned list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnsignedListFault {
    /// Not the form.
    #[error("not a list of certificates, {{\"certificates\": [{{\"kid\", \"country\", \"pem\"}}, ...]}}: {0}")]
    Form(String),
    /// None of its keys can be read.
    #[error("none of the {0} entries holds a key that can be read (\"pem\" or \"jwk\")")]
    NoKey(usize),
    /// What it takes back is not said as a bundle says it.
    #[error("\"revoked\" holds something else than hexadecimal SHA-256, with a dot and seconds or not")]
    Revoked,
}

/// The file. Fields that we do not need are allowed here: nothing in such a file can restrict anything.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    certificates: Vec<Entry>,
    /// Country signing authorities, for VDS-NC.
    #[serde(default)]
    csca: Vec<Entry>,
    #[serde(default)]
    keys: Vec<JwkEntry>,
    #[serde(default)]
    revoked: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    /// First 8 bytes of the SHA-256 of the DER, base64; computed where it is absent.
    kid: Option<String>,
    /// Stands in for the certificate's own.
    country: Option<String>,
    pem: String,
    not_before: Option<DateTime<Utc>>,
    not_after: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct JwkEntry {
    jwk: Jwk,
    scheme: Scheme,
    /// For any issuer where it is absent.
    issuers: Option<Vec<String>>,
}

impl TrustList {
    /// A list in the form of open test suites: `{"certificates": [{"kid", "country", "pem", "not_before", "not_after"}], "csca":
    /// [...], "keys": [{"jwk", "scheme", "issuers"}], "revoked": [...]}`, every member optional; `csca` of the form of
    /// `certificates`, `jwk` and `revoked` as in a bundle. It is marked `is_unsigned` and never stale. A certificate allows HC1
    /// only, any issuer, and the statements that its extended key usage allows; a country signing authority allows the seals of
    /// VDS-NC; a JSON Web Key allows one scheme and all statements.
    ///
    /// # Errors
    /// Another form, or not one key. Entries that hold none are passed over; certificates of keys that the kiosk cannot use are
    /// counted in `keys_unusable`.
    pub fn unsigned(json: &[u8]) -> Result<Self, UnsignedListFault> {
        let listed: Listed =
            serde_json::from_slice(json).map_err(|error| UnsignedListFault::Form(error.to_string()))?;
        let count = listed.certificates.len() + listed.csca.len() + listed.keys.len();
        let signers = listed.certificates.into_iter().filter_map(Entry::key);
        let authorities = listed.csca.into_iter().filter_map(Entry::authority);
        let jwks = listed.keys.into_iter().filter_map(JwkEntry::key);
        let keys: Vec<Key> = signers.chain(authorities).chain(jwks).collect();
        if keys.is_empty() {
            return Err(UnsignedListFault::NoKey(count));
        }
        let revoked = revoked(&listed.revoked).ok_or(UnsignedListFault::Revoked)?;
        Ok(Self { origin: Origin::Unsigned, authority: "UNSIGNED".into(), keys, revoked, ..Self::default() })
    }
}

impl Entry {
    fn der(&self) -> Option<Vec<u8>> {
        let body: String = self.pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        BASE64_STANDARD.decode(body).ok()
    }

    fn authority(self) -> Option<Key> {
        let CscaCertificate { csca, key, not_before, not_after, country, .. } =
            CscaCertificate::from_der(&self.der()?)?;
        Some(Key {
            named: Named::Authority(csca),
            key,
            digests: Vec::new(),
            scope: Scope {
                schemes: vec![Scheme::VdsNc],
                statements: vec![StatementKind::Vaccination, StatementKind::Test],
                issuers: Issuers::Unsaid,
                regions: Regions::Unsaid,
                lifetime_days: None,
            },
            not_before: self.not_before.unwrap_or(not_before),
            not_after: self.not_after.unwrap_or(not_after),
            country: Some(self.country.unwrap_or(country)),
        })
    }

    fn key(self) -> Option<Key> {
        let certificate = Certificate::from_der(&self.der()?)?;
        let all = vec![StatementKind::Vaccination, StatementKind::Test, StatementKind::Recovery];
        let key_id = match self.kid {
            Some(kid) => BASE64_STANDARD.decode(kid).ok()?,
            None => certificate.short_id.to_vec(),
        };
        Some(Key {
            named: Named::KeyId(key_id),
            key: certificate.key,
            digests: Vec::new(),
            scope: Scope {
                schemes: vec![Scheme::Hc1],
                statements: certificate.uses.unwrap_or(all),
                issuers: Issuers::Unsaid,
                regions: Regions::Unsaid,
                lifetime_days: None,
            },
            not_before: self.not_before.unwrap_or(certificate.not_before),
            not_after: self.not_after.unwrap_or(certificate.not_after),
            country: self.country.or(certificate.country),
        })
    }
}

impl JwkEntry {
    fn key(self) -> Option<Key> {
        use StatementKind::{Other, Recovery, Test, Vaccination};
        let (key_id, key) = self.jwk.read(&[self.scheme])?;
        Some(Key {
            named: Named::KeyId(key_id),
            key: Some(key),
            digests: Vec::new(),
            scope: Scope {
                schemes: vec![self.scheme],
                statements: vec![Vaccination, Test, Recovery, Other],
                issuers: self.issuers.map_or(Issuers::Unsaid, Issuers::Listed),
                regions: Regions::Unsaid,
                lifetime_days: None,
            },
            not_before: DateTime::<Utc>::MIN_UTC,
            not_after: DateTime::<Utc>::MAX_UTC,
            country: None,
        })
    }
}
