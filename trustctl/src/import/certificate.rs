//! What the importers need of a certificate, read as leniently as the kiosk reads it.

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Utc};
use x509_parser::nom::Parser;
use x509_parser::oid_registry::OID_X509_EXT_BASIC_CONSTRAINTS;
use x509_parser::prelude::{ASN1Time, BasicConstraints, FromDer, X509Certificate, X509CertificateParser};

use super::{Found, Imported, Kind, Wanted};
use checkpoint::trust::files::KeyMaterial;
use checkpoint::trust::key::{CertificateAlgorithm, Hash, PublicKey};

/// RSA keys below this many bits are nobody's to believe; the kiosk does not either.
const RSA_BITS_MIN: usize = 2048;

/// Reads DER; nothing may follow it.
pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
    match parser.parse(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err("something follows the certificate".into()),
        Err(_) => Err("it is no certificate".into()),
    }
}

/// The key in it, where the kiosk can use it.
pub(super) fn key(certificate: &X509Certificate<'_>) -> Result<PublicKey, String> {
    let bits = match certificate.public_key().parsed() {
        Ok(x509_parser::public_key::PublicKey::RSA(key)) => Some(key.key_size()),
        _ => None,
    };
    if let Some(bits) = bits.filter(|bits| *bits < RSA_BITS_MIN) {
        return Err(format!("an RSA key of {bits} bits: {RSA_BITS_MIN} are needed"));
    }
    PublicKey::from_spki(certificate.public_key().raw).ok_or_else(|| {
        format!("a kind of key that kiosks cannot use ({})", certificate.public_key().algorithm.algorithm)
    })
}

pub(super) fn country(certificate: &X509Certificate<'_>) -> Option<String> {
    let country = certificate.subject().iter_country().next()?.as_str().ok()?.trim().to_uppercase();
    (country.len() == 2 || country.len() == 3).then_some(country)
}

/// Whether it may certify others (RFC 5280, section 4.2.1.9).
pub(super) fn may_certify(certificate: &X509Certificate<'_>) -> bool {
    let constraints = certificate.extensions().iter().find(|it| it.oid == OID_X509_EXT_BASIC_CONSTRAINTS);
    constraints.and_then(|it| BasicConstraints::from_der(it.value).ok()).is_some_and(|(_, constraints)| constraints.ca)
}

pub(super) fn window(certificate: &X509Certificate<'_>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let time = |time: ASN1Time| DateTime::from_timestamp(time.timestamp(), 0);
    time(certificate.validity().not_before).zip(time(certificate.validity().not_after))
}

/// How a certificate was signed, where the kiosk can tell.
pub(super) fn algorithm(oid: &str, hash: Option<Hash>) -> Option<CertificateAlgorithm> {
    use CertificateAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
    Some(match oid {
        "1.2.840.113549.1.1.1" => RsaPkcs1(hash?),
        "1.2.840.113549.1.1.10" => RsaPss(hash?),
        "1.2.840.113549.1.1.11" => RsaPkcs1(Hash::Sha256),
        "1.2.840.113549.1.1.12" => RsaPkcs1(Hash::Sha384),
        "1.2.840.113549.1.1.13" => RsaPkcs1(Hash::Sha512),
        "1.2.840.10045.4.3.2" => Ecdsa(Hash::Sha256),
        "1.2.840.10045.4.3.3" => Ecdsa(Hash::Sha384),
        "1.2.840.10045.4.3.4" => Ecdsa(Hash::Sha512),
        _ => return None,
    })
}

/// Takes over a certificate of somebody who signs HC1. A country that the source gives must be the certificate's.
pub(super) fn take(imported: &mut Imported, name: &str, said: Option<&str>, der: &[u8], wanted: &Wanted) {
    let kind = Kind::hc1();
    let certificate = match parse(der) {
        Ok(certificate) => certificate,
        Err(why) => return imported.leave_out(name, why),
    };
    if let Err(why) = key(&certificate) {
        return imported.leave_out(name, why);
    }
    let own = country(&certificate);
    let issuer = match (said, own) {
        (Some(said), Some(own)) if !said.eq_ignore_ascii_case(&own) => {
            return imported.leave_out(name, format!("the source says {said}, and the certificate {own}"));
        }
        (Some(said), _) => said.to_uppercase(),
        (None, Some(own)) => own,
        (None, None) => return imported.leave_out(name, "neither the source nor the certificate names a country"),
    };
    if !wanted.countries.is_empty() && !wanted.countries.contains(&issuer) {
        return imported.leave_out(name, format!("{issuer} is not wanted"));
    }
    let found = Found {
        name: format!("{issuer} {name}"),
        key: KeyMaterial::Certificate(BASE64_STANDARD.encode(der)),
        issuers: vec![issuer],
        window: window(&certificate),
    };
    imported.take(found, &kind, wanted);
}
