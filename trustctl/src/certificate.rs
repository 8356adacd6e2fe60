//! Self-signed certificates for the keys that sign HC1, as the EU DCC container asks for (eHealth Network, Guidelines on
//! Technical Specifications for Digital Green Certificates, volume 1, and its certificate governance).

use std::str::FromStr;
use std::time::Duration;

use checkpoint::trust::credential::StatementKind;
use chrono::{DateTime, Utc};
use p256::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha256};
use x509_cert::TbsCertificate;
use x509_cert::builder::{Builder, CertificateBuilder, profile::BuilderProfile};
use x509_cert::der::flagset::FlagSet;
use x509_cert::der::{DateTime as DerDateTime, Encode, asn1::ObjectIdentifier};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use crate::fault::Fault;

/// A signer of documents: not an authority of certificates, only for what its extended key usage names.
struct DocumentSigner {
    subject: Name,
    usages: Vec<ObjectIdentifier>,
}

impl BuilderProfile for DocumentSigner {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _issuer_key: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let mut extensions: Vec<Extension> = Vec::new();
        let subject = tbs.subject();
        extensions.push(SubjectKeyIdentifier::try_from(key)?.to_extension(subject, &extensions)?);
        let usage = KeyUsage(FlagSet::from(KeyUsages::DigitalSignature));
        extensions.push(usage.to_extension(subject, &extensions)?);
        if !self.usages.is_empty() {
            extensions.push(ExtendedKeyUsage(self.usages.clone()).to_extension(subject, &extensions)?);
        }
        Ok(extensions)
    }
}

/// The extended key usage that DCC names for a kind of statement; `None` for kinds that HC1 does not carry.
fn usage(kind: StatementKind) -> Option<ObjectIdentifier> {
    match kind {
        StatementKind::Test => Some(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.1")),
        StatementKind::Vaccination => Some(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.2")),
        StatementKind::Recovery => Some(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.3")),
        StatementKind::Declaration | StatementKind::TravelPermit | StatementKind::Other => None,
    }
}

/// A self-signed certificate (DER) for a key that signs HC1. The same arguments give the same bytes: the serial number
/// comes from the key, and the signature is deterministic (RFC 6979).
///
/// # Errors
/// `Unsound` for a subject that is no distinguished name ("CN=..., C=VN"), for dates before 1970 or an empty window.
pub fn self_signed(
    key: &SigningKey,
    subject: &str,
    kinds: &[StatementKind],
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
) -> Result<Vec<u8>, Fault> {
    if not_after <= not_before {
        return Err(Fault::Unsound(format!("the certificate would end ({not_after}) before it begins ({not_before})")));
    }
    let profile = DocumentSigner {
        subject: Name::from_str(subject)
            .map_err(|error| Fault::Unsound(format!("{subject:?} is no distinguished name: {error}")))?,
        usages: kinds.iter().copied().filter_map(usage).collect(),
    };
    let crypto = |error: &dyn std::fmt::Display| Fault::Crypto(error.to_string());
    let point = key.verifying_key().to_sec1_point(true);
    let serial = SerialNumber::new(&serial_bytes(point.as_bytes())).map_err(|error| crypto(&error))?;
    let validity = Validity::new(time(not_before)?, time(not_after)?);
    let public = SubjectPublicKeyInfo::from_key(key.verifying_key()).map_err(|error| crypto(&error))?;
    let builder = CertificateBuilder::new(profile, serial, validity, public).map_err(|error| crypto(&error))?;
    let certificate = builder.build::<_, DerSignature>(key).map_err(|error| crypto(&error))?;
    certificate.to_der().map_err(|error| crypto(&error))
}

/// Eight bytes that name this certificate among those of its subject: positive, not zero.
fn serial_bytes(public: &[u8]) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&Sha256::digest(public)[..8]);
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    bytes
}

fn time(at: DateTime<Utc>) -> Result<Time, Fault> {
    let since = u64::try_from(at.timestamp()).map_err(|_| Fault::Unsound(format!("{at} is before 1970")))?;
    let at = DerDateTime::from_unix_duration(Duration::from_secs(since))
        .map_err(|error| Fault::Unsound(format!("{at} cannot stand in a certificate: {error}")))?;
    Ok(Time::from(at))
}
