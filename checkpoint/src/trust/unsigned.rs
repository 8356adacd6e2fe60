//! A list of signer certificates that nobody signed: what test suites and curious people bring to `verify --trust`.
//!
//! It proves that a code was signed by a key of the file, and the file is as good as whoever wrote it. The kiosk's lane
//! never loads one.

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use thiserror::Error;

use super::credential::StatementKind;
use super::csca::CscaCertificate;
use super::key::Certificate;
use super::{Issuers, Key, Named, Origin, Scope, TrustList};
use crate::envelope::Scheme;

/// Why a file is not an unsigned list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnsignedListFault {
    /// Not the form.
    #[error("not a list of certificates, {{\"certificates\": [{{\"kid\", \"country\", \"pem\"}}, ...]}}: {0}")]
    Form(String),
    /// None of its certificates can be read.
    #[error("none of the {0} entries holds a certificate that can be read (\"pem\")")]
    NoCertificate(usize),
}

/// The file. Fields that we do not need are allowed here: nothing in such a file can restrict anything.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    certificates: Vec<Entry>,
    /// Country signing authorities, for VDS-NC.
    #[serde(default)]
    csca: Vec<Entry>,
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

impl TrustList {
    /// A list in the form of open test suites: `{"certificates": [{"kid", "country", "pem", "not_before", "not_after"}]}`.
    /// `csca` beside it, of the same form, holds country signing authorities for VDS-NC.
    /// It is marked `is_unsigned`, never stale, allows HC1 only (and authorities their seals), any issuer, and the statements that each certificate's extended
    /// key usage allows.
    ///
    /// # Errors
    /// Another form, or not one certificate. Entries that hold none are passed over; certificates of keys that the kiosk cannot use
    /// are counted in `keys_unusable`.
    pub fn unsigned(json: &[u8]) -> Result<Self, UnsignedListFault> {
        let listed: Listed =
            serde_json::from_slice(json).map_err(|error| UnsignedListFault::Form(error.to_string()))?;
        let count = listed.certificates.len() + listed.csca.len();
        let signers = listed.certificates.into_iter().filter_map(Entry::key);
        let keys: Vec<Key> = signers.chain(listed.csca.into_iter().filter_map(Entry::authority)).collect();
        if keys.is_empty() {
            return Err(UnsignedListFault::NoCertificate(count));
        }
        Ok(Self { origin: Origin::Unsigned, authority: "UNSIGNED".into(), keys, ..Self::default() })
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
            scope: Scope {
                schemes: vec![Scheme::VdsNc],
                statements: vec![StatementKind::Vaccination, StatementKind::Test],
                issuers: Issuers::Unsaid,
            },
            not_before: self.not_before.unwrap_or(not_before),
            not_after: self.not_after.unwrap_or(not_after),
            country: Some(self.country.unwrap_or(country)),
        })
    }

    fn key(self) -> Option<Key> {
        let certificate = Certificate::from_der(&self.der()?)?;
        let all = vec![StatementKind::Vaccination, StatementKind::Test, StatementKind::Recovery];
        let short_id = match self.kid {
            Some(kid) => BASE64_STANDARD.decode(kid).ok()?.try_into().ok()?,
            None => certificate.short_id,
        };
        Some(Key {
            named: Named::ShortId(short_id),
            key: certificate.key,
            scope: Scope {
                schemes: vec![Scheme::Hc1],
                statements: certificate.uses.unwrap_or(all),
                issuers: Issuers::Unsaid,
            },
            not_before: self.not_before.unwrap_or(certificate.not_before),
            not_after: self.not_after.unwrap_or(certificate.not_after),
            country: self.country.or(certificate.country),
        })
    }
}
