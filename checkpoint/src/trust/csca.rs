//! Country signing authorities (CSCA) and the certificates of the signers for whom they vouch (ICAO Doc 9303-12, and the
//! profile of barcode signers in the report on VDS-NC).
//!
//! The path is exactly two certificates long: an authority of the list, and the signer's own, which came with the code. Nothing in
//! a code can lengthen it.

use chrono::{DateTime, Utc};
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::oid;
use x509_parser::der_parser::oid::Oid;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{
    OID_NIST_HASH_SHA256, OID_NIST_HASH_SHA384, OID_NIST_HASH_SHA512, OID_PKCS1_RSASSAPSS, OID_PKCS1_SHA256WITHRSA,
    OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384,
    OID_SIG_ECDSA_WITH_SHA512, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_CERTIFICATE_POLICIES, OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_PRIVATE_KEY_USAGE_PERIOD, OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
};
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, X509Name};

use super::country;
use super::credential::StatementKind;
use super::key::{CertificateAlgorithm, Hash, PublicKey, certificate_digests};
use crate::envelope::Algorithm;

/// Largest certificate of an authority, in bytes. Those in the public directory have 1 to 3 KB.
const CSCA_BYTES_MAX: usize = 8 * 1024;

/// Extended key usage of a VDS-NC signer.
const USE_VDS_NC: Oid<'static> = oid!(2.23.136.1.1.14.2);
/// The types of document that a signer may sign (Doc 9303-12, `documentTypeList`).
const DOCUMENT_TYPES: Oid<'static> = oid!(2.23.136.1.1.6.2);
/// What a certificate may demand to be understood: all of it is.
const UNDERSTOOD: [Oid<'static>; 8] = [
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
    OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_CERTIFICATE_POLICIES,
    OID_X509_EXT_EXTENDED_KEY_USAGE,
    OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_PRIVATE_KEY_USAGE_PERIOD,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
    DOCUMENT_TYPES,
];

/// A distinguished name as it is compared: type and value of each part, case and spaces folded (RFC 5280, section 7.1), since
/// countries spelled their own name in two encodings.
type Name = Vec<(String, String)>;

/// What a list keeps of a CSCA certificate, beside its key: how signers name it.
#[derive(Clone, Debug)]
pub(super) struct Csca {
    name: Name,
    key_id: Option<Vec<u8>>,
}

/// A CSCA certificate of a list.
pub(super) struct CscaCertificate {
    pub(super) csca: Csca,
    /// `None` for a kind of key that the kiosk cannot use.
    pub(super) key: Option<PublicKey>,
    pub(super) not_before: DateTime<Utc>,
    pub(super) not_after: DateTime<Utc>,
    /// `C` of the subject, in capitals.
    pub(super) country: String,
}

impl CscaCertificate {
    /// Reads an authority's certificate. `None` for what is none, is too large, names no country, or is the certificate of somebody
    /// who may not certify others. Its own signature plays no part: the list vouches for it.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        if der.len() > CSCA_BYTES_MAX {
            return None;
        }
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some(Self {
            csca: Csca { name: name(certificate.subject()), key_id: subject_key_id(&certificate) },
            key: PublicKey::read_spki(certificate.public_key()),
            not_before: time(certificate.validity().not_before)?,
            not_after: time(certificate.validity().not_after)?,
            country: may_certify(&certificate).then(|| country_of(&certificate))??,
        })
    }
}

/// A signer's certificate, as it came with a code: believed once an authority's key proves it.
pub(super) struct SignerCertificate {
    issuer: Name,
    issuer_key_id: Option<Vec<u8>>,
    signed: Vec<u8>,
    algorithm: Option<CertificateAlgorithm>,
    signature: Vec<u8>,
    key: Option<PublicKey>,
    pub(super) not_before: DateTime<Utc>,
    pub(super) not_after: DateTime<Utc>,
    /// Last moment at which its key signs: the certificate's end, or the end of the private key's use.
    pub(super) signs_until: DateTime<Utc>,
    country: Option<String>,
    /// Every name under which it can be taken away (`key_digests`).
    pub(super) digests: Vec<[u8; 32]>,
    /// What it may sign; empty where it is no signer of seals.
    seals: Vec<StatementKind>,
}

impl SignerCertificate {
    /// Reads a whole certificate with nothing after it. `None` for anything else, and for extensions given twice.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() || certificate.extensions_map().is_err() {
            return None;
        }
        // Said twice, inside of what is signed and outside: the same, or a trick.
        let algorithm = (certificate.signature_algorithm == certificate.tbs_certificate.signature)
            .then(|| certificate_algorithm(&certificate.signature_algorithm))?;
        let not_after = time(certificate.validity().not_after)?;
        Some(Self {
            issuer: name(certificate.issuer()),
            issuer_key_id: issuer_key_id(&certificate),
            signed: certificate.tbs_certificate.as_ref().to_vec(),
            algorithm,
            signature: certificate.signature_value.data.to_vec(),
            key: PublicKey::read_spki(certificate.public_key()),
            not_before: time(certificate.validity().not_before)?,
            not_after,
            signs_until: key_ends(&certificate).map_or(not_after, |end| end.min(not_after)),
            country: country_of(&certificate),
            digests: certificate_digests(der)?,
            seals: seals(&certificate),
        })
    }

    /// Whether it names this authority as its issuer.
    pub(super) fn names(&self, authority: &Csca) -> bool {
        let same_key = self.issuer_key_id.as_ref().zip(authority.key_id.as_ref()).is_none_or(|(a, b)| a == b);
        self.issuer == authority.name && same_key
    }

    /// Whether an authority's key signed it; `None` where the kiosk cannot tell.
    pub(super) fn is_signed_by(&self, authority: &PublicKey) -> Option<bool> {
        Some(authority.certifies(self.algorithm?, &self.signed, &self.signature))
    }

    /// Whether its key signed these bytes; `None` where the kiosk cannot use the key.
    pub(super) fn signed(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Option<bool> {
        Some(self.key.as_ref()?.verifies(algorithm, signed, signature))
    }

    /// Whether it may seal this kind of statement for this issuer, under an authority of this country. All three must be one country.
    pub(super) fn may_seal(&self, kinds: &[StatementKind], issuer: Option<&str>, authority: Option<&str>) -> bool {
        let country = self.country.as_deref();
        kinds.iter().all(|kind| self.seals.contains(kind))
            && country.is_some()
            && country == authority
            && country == issuer.and_then(country::two_letters)
    }
}

/// The statements that a certificate may seal. None where it is an authority's own, does not name the use, or demands something
/// that we do not understand. Without a list of document types it is both.
fn seals(certificate: &X509Certificate<'_>) -> Vec<StatementKind> {
    let unknown = certificate.extensions().iter().any(|extension| {
        extension.critical
            && (!UNDERSTOOD.contains(&extension.oid)
                || matches!(extension.parsed_extension(), ParsedExtension::ParseError { .. }))
    });
    let signs = match certificate.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.digital_signature()),
        Err(_) => false,
    };
    let named = certificate
        .extended_key_usage()
        .is_ok_and(|usage| usage.is_some_and(|usage| usage.value.other.contains(&USE_VDS_NC)));
    if unknown || !signs || !named || is_authority(certificate) {
        return Vec::new();
    }
    let all = [("NV", StatementKind::Vaccination), ("NT", StatementKind::Test)];
    let listed = certificate.extensions().iter().find(|extension| extension.oid == DOCUMENT_TYPES);
    match listed.map(|extension| document_types(extension.value)) {
        None => all.map(|(_, kind)| kind).to_vec(),
        Some(types) => {
            let types = types.unwrap_or_default();
            all.into_iter().filter(|(code, _)| types.contains(code)).map(|(_, kind)| kind).collect()
        }
    }
}

/// `DocumentTypeList ::= SEQUENCE { version INTEGER (0), docTypeList SET OF PrintableString }`.
fn document_types(der: &[u8]) -> Option<Vec<&str>> {
    let (0x30, list, []) = element(der)? else { return None };
    let (0x02, [0], types) = element(list)? else { return None };
    let (0x31, mut types, []) = element(types)? else { return None };
    let mut codes = Vec::new();
    while !types.is_empty() {
        let (0x13, code, rest) = element(types)? else { return None };
        codes.push(std::str::from_utf8(code).ok()?);
        types = rest;
    }
    Some(codes)
}

/// The first DER element of at most 127 bytes: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length @ 0..=0x7f, rest @ ..] = der else { return None };
    let (content, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((*tag, content, rest))
}

/// An authority's certificate: it says so, or may sign certificates.
fn is_authority(certificate: &X509Certificate<'_>) -> bool {
    let constraints = certificate.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca);
    let usage = certificate.key_usage().ok().flatten().is_some_and(|usage| usage.value.key_cert_sign());
    constraints || usage
}

/// An authority that may certify signers (RFC 5280, sections 4.2.1.3 and 4.2.1.9).
fn may_certify(certificate: &X509Certificate<'_>) -> bool {
    let constraints = certificate.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca);
    let usage = match certificate.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.key_cert_sign()),
        Err(_) => false,
    };
    constraints && usage
}

/// The algorithm of a certificate's signature; `None` for those that nobody should use, or the kiosk cannot.
fn certificate_algorithm(identifier: &AlgorithmIdentifier<'_>) -> Option<CertificateAlgorithm> {
    let hash = |oid: &Oid<'_>| match oid {
        oid if *oid == OID_NIST_HASH_SHA256 => Some(Hash::Sha256),
        oid if *oid == OID_NIST_HASH_SHA384 => Some(Hash::Sha384),
        oid if *oid == OID_NIST_HASH_SHA512 => Some(Hash::Sha512),
        _ => None,
    };
    let algorithm = &identifier.algorithm;
    [
        (OID_PKCS1_SHA256WITHRSA, CertificateAlgorithm::RsaPkcs1(Hash::Sha256)),
        (OID_PKCS1_SHA384WITHRSA, CertificateAlgorithm::RsaPkcs1(Hash::Sha384)),
        (OID_PKCS1_SHA512WITHRSA, CertificateAlgorithm::RsaPkcs1(Hash::Sha512)),
        (OID_SIG_ECDSA_WITH_SHA256, CertificateAlgorithm::Ecdsa(Hash::Sha256)),
        (OID_SIG_ECDSA_WITH_SHA384, CertificateAlgorithm::Ecdsa(Hash::Sha384)),
        (OID_SIG_ECDSA_WITH_SHA512, CertificateAlgorithm::Ecdsa(Hash::Sha512)),
    ]
    .into_iter()
    .find(|(oid, _)| oid == algorithm)
    .map(|(_, algorithm)| algorithm)
    .or_else(|| {
        let parameters = RsaSsaPssParams::try_from(identifier.parameters.as_ref()?).ok()?;
        let digest = hash(parameters.hash_algorithm_oid())?;
        let salt = match digest {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        };
        let mask = hash(&parameters.mask_gen_algorithm().ok()?.hash)?;
        (*algorithm == OID_PKCS1_RSASSAPSS && mask == digest && parameters.salt_length() == salt)
            .then_some(CertificateAlgorithm::RsaPss(digest))
    })
}

fn name(name: &X509Name<'_>) -> Name {
    name.iter_attributes()
        .map(|part| {
            let value = part.as_str().map_or_else(
                |_| part.as_slice().iter().map(|byte| format!("{byte:02x}")).collect(),
                |text| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(),
            );
            (part.attr_type().to_id_string(), value)
        })
        .collect()
}

/// `C` of the subject, once, in capitals.
fn country_of(certificate: &X509Certificate<'_>) -> Option<String> {
    let mut countries = certificate.subject().iter_country();
    let (country, None) = (countries.next()?, countries.next()) else { return None };
    Some(country.as_str().ok()?.trim().to_ascii_uppercase())
}

fn subject_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    })
}

fn issuer_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    })
}

/// End of the private key's use (`PrivateKeyUsagePeriod`, RFC 3280, section 4.2.1.4): `notAfter [1] GeneralizedTime`.
fn key_ends(certificate: &X509Certificate<'_>) -> Option<DateTime<Utc>> {
    let extension =
        certificate.extensions().iter().find(|extension| extension.oid == OID_X509_EXT_PRIVATE_KEY_USAGE_PERIOD)?;
    let (0x30, mut fields, []) = element(extension.value)? else { return None };
    while !fields.is_empty() {
        let (tag, value, rest) = element(fields)?;
        if tag == 0x81 {
            let text = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
            return chrono::NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc());
        }
        fields = rest;
    }
    None
}

fn time(time: x509_parser::time::ASN1Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.timestamp(), 0)
}
