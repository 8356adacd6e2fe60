//! Public keys of the list: how their issuers publish them, and what a signature by one is.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_parser::der_parser::oid::Oid;
use x509_parser::oid_registry::{
    OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS, OID_X509_EXT_EXTENDED_KEY_USAGE,
};
use x509_parser::prelude::{ExtendedKeyUsage, FromDer, X509CertificateParser};
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::credential::StatementKind;
use super::curve::{self, Curve};
use super::files::KeyMaterial;
use crate::envelope::Algorithm;

/// First 8 bytes of a SHA-256: how native and HC1 codes name keys.
pub(super) type ShortId = [u8; 8];

/// Extended key usages of the EU's certificate governance: two spellings of each, since issuers used both.
const KEY_USES: [(&str, StatementKind); 6] = [
    ("1.3.6.1.4.1.1847.2021.1.1", StatementKind::Test),
    ("1.3.6.1.4.1.1847.2021.1.2", StatementKind::Vaccination),
    ("1.3.6.1.4.1.1847.2021.1.3", StatementKind::Recovery),
    ("1.3.6.1.4.1.0.1847.2021.1.1", StatementKind::Test),
    ("1.3.6.1.4.1.0.1847.2021.1.2", StatementKind::Vaccination),
    ("1.3.6.1.4.1.0.1847.2021.1.3", StatementKind::Recovery),
];

/// RSA keys below this many bits are for test lists only: nobody should believe them.
const RSA_BITS_MIN: usize = 2048;

/// A public key that can check a signature, and nothing else: whom it belongs to and what it may sign is the list's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Kind);

/// What kinds of key our schemes use.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// RFC 8032, strict.
    Ed25519(VerifyingKey),
    /// The uncompressed point.
    P256(Vec<u8>),
    /// The uncompressed point.
    P384(Vec<u8>),
    /// The uncompressed point.
    P521(Vec<u8>),
    /// brainpoolP256r1: the uncompressed point.
    Brainpool256(Vec<u8>),
    /// brainpoolP384r1: the uncompressed point.
    Brainpool384(Vec<u8>),
    /// PKCS #1 `RSAPublicKey`.
    Rsa {
        /// The DER.
        der: Vec<u8>,
        /// Size of the modulus.
        bits: usize,
    },
}

impl PublicKey {
    /// An Ed25519 key of 32 bytes, unless it is one of the weak ones that sign anything.
    pub fn ed25519(bytes: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        (!key.is_weak()).then_some(Self(Kind::Ed25519(key)))
    }

    /// A P-256 key by the coordinates of its point, base64url as in a JSON Web Key (RFC 7518, section 6.2.1). `None` for what is
    /// no point of the curve.
    pub fn p256(x: &str, y: &str) -> Option<Self> {
        let coordinate = |text| BASE64_URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32);
        let point = [&[4][..], &coordinate(x)?, &coordinate(y)?].concat();
        p256::PublicKey::from_sec1_bytes(&point).ok()?;
        Some(Self(Kind::P256(point)))
    }

    /// A `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7) in DER: P-256, P-384, P-521, brainpoolP256r1 or brainpoolP384r1 with an
    /// uncompressed point, the curve by its name or by all its parameters (ICAO Doc 9303-12), or RSA. `None` for keys that no scheme of
    /// ours uses.
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        Self::read_spki(&SubjectPublicKeyInfo::from_der(der).ok()?.1)
    }

    pub(super) fn read_spki(spki: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let algorithm = &spki.algorithm.algorithm;
        let bits = &spki.subject_public_key.data;
        if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
            let curve = curve::read(spki.algorithm.parameters.as_ref()?)?;
            let (kind, bytes): (fn(Vec<u8>) -> Kind, usize) = match curve {
                Curve::P256 => (Kind::P256, 65),
                Curve::P384 => (Kind::P384, 97),
                Curve::P521 => (Kind::P521, 133),
                Curve::Brainpool256 => (Kind::Brainpool256, 65),
                Curve::Brainpool384 => (Kind::Brainpool384, 97),
            };
            (bits.first() == Some(&4) && bits.len() == bytes).then(|| Self(kind(bits.to_vec())))
        } else if *algorithm == OID_PKCS1_RSAENCRYPTION || *algorithm == OID_PKCS1_RSASSAPSS {
            let (_, key) = RSAPublicKey::from_der(bits).ok()?;
            // With the exponent 1 whatever is signed is its own signature.
            if matches!(key.exponent, [] | [0 | 1] | [0, 1]) {
                return None;
            }
            Some(Self(Kind::Rsa { der: bits.to_vec(), bits: bits_of(key.modulus) }))
        } else {
            None
        }
    }

    /// An RSA key that is too small to be believed.
    pub(super) fn is_small(&self) -> bool {
        matches!(self.0, Kind::Rsa { bits, .. } if bits < RSA_BITS_MIN)
    }

    /// Whether this key signed these bytes with this algorithm. A key of another kind did not.
    pub fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let by_ring = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8], signature: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(signed, signature).is_ok()
        };
        match (algorithm, &self.0) {
            (Algorithm::EdDsa, Kind::Ed25519(key)) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(signed, &signature).is_ok()),
            (Algorithm::Es256, Kind::P256(point)) => by_ring(&ECDSA_P256_SHA256_FIXED, point, signature),
            (Algorithm::Es256, Kind::P384(point)) => {
                ecdsa_asn1(signature, 48).is_some_and(|signature| by_ring(&ECDSA_P384_SHA256_ASN1, point, &signature))
            }
            (Algorithm::Es384, Kind::P384(point)) => by_ring(&ECDSA_P384_SHA384_FIXED, point, signature),
            (Algorithm::Es512, Kind::P256(point)) => p256_sha512_verifies(point, signed, signature),
            (Algorithm::Es512, Kind::P521(point)) => p521_verifies(point, signed, signature),
            (Algorithm::Ps256, Kind::Rsa { der, bits }) if *bits < RSA_BITS_MIN => {
                small_rsa_verifies(der, signed, signature)
            }
            (Algorithm::Ps256, Kind::Rsa { der, .. }) => by_ring(&RSA_PSS_2048_8192_SHA256, der, signature),
            (Algorithm::Ps384, Kind::Rsa { der, .. }) => by_ring(&RSA_PSS_2048_8192_SHA384, der, signature),
            (Algorithm::Ps512, Kind::Rsa { der, .. }) => by_ring(&RSA_PSS_2048_8192_SHA512, der, signature),
            _ => false,
        }
    }
}

/// How an authority signs the certificates of its signers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateAlgorithm {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(Hash),
    /// RSASSA-PSS with a salt as long as the hash, and that hash in the mask.
    RsaPss(Hash),
    /// ECDSA, in ASN.1.
    Ecdsa(Hash),
}

/// SHA-1 is none of them: whoever signs by it today can be made to sign something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

impl PublicKey {
    /// Whether this key signed the body of a certificate. A key of another kind, and one that is too small, did not.
    pub fn certifies(&self, algorithm: CertificateAlgorithm, signed: &[u8], signature: &[u8]) -> bool {
        use CertificateAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
        let by_ring = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(signed, signature).is_ok()
        };
        match (algorithm, &self.0) {
            (RsaPkcs1(Hash::Sha256), Kind::Rsa { der, .. }) => by_ring(&RSA_PKCS1_2048_8192_SHA256, der),
            (RsaPkcs1(Hash::Sha384), Kind::Rsa { der, .. }) => by_ring(&RSA_PKCS1_2048_8192_SHA384, der),
            (RsaPkcs1(Hash::Sha512), Kind::Rsa { der, .. }) => by_ring(&RSA_PKCS1_2048_8192_SHA512, der),
            (RsaPss(Hash::Sha256), Kind::Rsa { der, .. }) => by_ring(&RSA_PSS_2048_8192_SHA256, der),
            (RsaPss(Hash::Sha384), Kind::Rsa { der, .. }) => by_ring(&RSA_PSS_2048_8192_SHA384, der),
            (RsaPss(Hash::Sha512), Kind::Rsa { der, .. }) => by_ring(&RSA_PSS_2048_8192_SHA512, der),
            (Ecdsa(Hash::Sha256), Kind::P256(point)) => by_ring(&ECDSA_P256_SHA256_ASN1, point),
            (Ecdsa(Hash::Sha384), Kind::P256(point)) => by_ring(&ECDSA_P256_SHA384_ASN1, point),
            (Ecdsa(Hash::Sha256), Kind::P384(point)) => by_ring(&ECDSA_P384_SHA256_ASN1, point),
            (Ecdsa(Hash::Sha384), Kind::P384(point)) => by_ring(&ECDSA_P384_SHA384_ASN1, point),
            (Ecdsa(hash), Kind::Brainpool256(point)) => brainpool_256_verifies(point, &hash.of(signed), signature),
            (Ecdsa(hash), Kind::Brainpool384(point)) => brainpool_384_verifies(point, &hash.of(signed), signature),
            (Ecdsa(Hash::Sha512), Kind::P521(point)) => p521::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| p521_verifies(point, signed, &signature.to_bytes())),
            _ => false,
        }
    }
}

/// ES512 by a P-256 key: COSE binds no hash to a curve (RFC 9053, section 2.1), and ring has no such pair.
fn p256_sha512_verifies(point: &[u8], signed: &[u8], signature: &[u8]) -> bool {
    use p256::ecdsa::signature::hazmat::PrehashVerifier;
    use p256::ecdsa::{Signature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(point), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify_prehash(&Sha512::digest(signed), &signature).is_ok()
}

/// ES512 by a P-521 key, a curve that ring does not have.
fn p521_verifies(point: &[u8], signed: &[u8], signature: &[u8]) -> bool {
    use p521::ecdsa::signature::Verifier;
    use p521::ecdsa::{Signature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(point), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify(signed, &signature).is_ok()
}

/// ECDSA by a key of brainpoolP256r1, over a hash of any length, the signature in ASN.1: curves that ring does not have.
fn brainpool_256_verifies(point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    use ecdsa::VerifyingKey;
    use ecdsa::signature::hazmat::PrehashVerifier;
    let key = VerifyingKey::<bp256::BrainpoolP256r1>::from_sec1_bytes(point);
    let signature = bp256::r1::ecdsa::Signature::from_der(signature);
    key.ok().zip(signature.ok()).is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok())
}

/// The same with brainpoolP384r1.
fn brainpool_384_verifies(point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    use ecdsa::VerifyingKey;
    use ecdsa::signature::hazmat::PrehashVerifier;
    let key = VerifyingKey::<bp384::BrainpoolP384r1>::from_sec1_bytes(point);
    let signature = bp384::r1::ecdsa::Signature::from_der(signature);
    key.ok().zip(signature.ok()).is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok())
}

/// RSASSA-PSS with a key that ring finds too small. Only lists without a signature can hold one.
fn small_rsa_verifies(der: &[u8], signed: &[u8], signature: &[u8]) -> bool {
    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::signature::Verifier;
    let (Ok(key), Ok(signature)) = (rsa::RsaPublicKey::from_pkcs1_der(der), rsa::pss::Signature::try_from(signature))
    else {
        return false;
    };
    rsa::pss::VerifyingKey::<Sha256>::new(key).verify(signed, &signature).is_ok()
}

/// `r || s` of so many bytes each (RFC 9053, section 2.1) as `Ecdsa-Sig-Value` (RFC 3279, section 2.2.3).
fn ecdsa_asn1(signature: &[u8], bytes: usize) -> Option<Vec<u8>> {
    if signature.len() != 2 * bytes {
        return None;
    }
    let mut numbers = Vec::with_capacity(2 * bytes + 8);
    for number in signature.chunks_exact(bytes) {
        let start = number.iter().position(|byte| *byte != 0)?;
        let sign = usize::from(number[start] & 0x80 != 0);
        numbers.extend_from_slice(&[0x02, (bytes - start + sign) as u8]);
        numbers.extend_from_slice(&[0][..sign]);
        numbers.extend_from_slice(&number[start..]);
    }
    let mut der = vec![0x30, u8::try_from(numbers.len()).ok().filter(|len| *len < 0x80)?];
    der.append(&mut numbers);
    Some(der)
}

/// What the kiosk takes from an issuer's certificate. The list vouches for it, so the certificate's own signature and chain
/// play no part.
pub(super) struct Certificate {
    /// First 8 bytes of the SHA-256 of the DER.
    pub(super) short_id: ShortId,
    /// `None` for a kind of key that no scheme of ours uses.
    pub(super) key: Option<PublicKey>,
    pub(super) not_before: DateTime<Utc>,
    pub(super) not_after: DateTime<Utc>,
    /// `C` of the subject.
    pub(super) country: Option<String>,
    /// What its extended key usage narrows it to; `None` where it does not speak of health certificates.
    pub(super) uses: Option<Vec<StatementKind>>,
}

impl Certificate {
    /// Reads what is needed of an X.509 certificate, leniently in everything else: issuers' certificates are not all strict
    /// DER. `None` for what is no certificate.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let (_, certificate) = x509_parser::nom::Parser::parse(&mut parser, der).ok()?;
        let key = PublicKey::read_spki(certificate.public_key());
        let uses: Vec<StatementKind> = certificate
            .extensions()
            .iter()
            .filter(|extension| extension.oid == OID_X509_EXT_EXTENDED_KEY_USAGE)
            .filter_map(|extension| ExtendedKeyUsage::from_der(extension.value).ok())
            .flat_map(|(_, usage)| usage.other.iter().filter_map(health_use).collect::<Vec<_>>())
            .collect();
        let time = |time: x509_parser::time::ASN1Time| DateTime::from_timestamp(time.timestamp(), 0);
        Some(Self {
            short_id: short_id(der),
            key,
            not_before: time(certificate.validity().not_before)?,
            not_after: time(certificate.validity().not_after)?,
            country: certificate
                .subject()
                .iter_country()
                .next()
                .and_then(|country| country.as_str().ok())
                .map(|country| country.trim().to_owned()),
            uses: (!uses.is_empty()).then_some(uses),
        })
    }
}

/// The kind of statement that an extended key usage stands for; `None` for usages that have nothing to do with health.
fn health_use(oid: &Oid<'_>) -> Option<StatementKind> {
    let oid = oid.to_id_string();
    KEY_USES.iter().find(|(key_use, _)| *key_use == oid).map(|(_, kind)| *kind)
}

/// Bits of a big-endian number.
fn bits_of(modulus: &[u8]) -> usize {
    let start = modulus.iter().position(|byte| *byte != 0).unwrap_or(modulus.len());
    modulus.get(start).map_or(0, |first| (modulus.len() - start) * 8 - first.leading_zeros() as usize)
}

/// JWK thumbprint (RFC 7638) of a P-256 key, SHA-256 in base64url: how SMART Health Cards name keys.
pub fn thumbprint(x: &str, y: &str) -> String {
    let digest = Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

/// Every name under which a key can be taken away. An Ed25519 key: SHA-256 of its 32 bytes. A certificate: of its DER, and of the
/// `SubjectPublicKeyInfo` in it, which stands for the key in every certificate that was made of it. A JSON Web Key: its RFC 7638
/// thumbprint, and the SHA-256 of its `SubjectPublicKeyInfo`. `None` for what is not base64, or no certificate.
pub fn key_digests(key: &KeyMaterial) -> Option<Vec<[u8; 32]>> {
    match key {
        KeyMaterial::Ed25519(key) => Some(vec![Sha256::digest(BASE64_STANDARD.decode(key).ok()?).into()]),
        KeyMaterial::Certificate(der) | KeyMaterial::Csca(der) => {
            certificate_digests(&BASE64_STANDARD.decode(der).ok()?)
        }
        KeyMaterial::Jwk(jwk) => {
            let coordinate = |text: &String| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
            let spki = [&P256_SPKI[..], &coordinate(&jwk.x)?, &coordinate(&jwk.y)?].concat();
            let thumbprint: [u8; 32] =
                BASE64_URL_SAFE_NO_PAD.decode(thumbprint(&jwk.x, &jwk.y)).ok()?.try_into().ok()?;
            Some(vec![thumbprint, Sha256::digest(spki).into()])
        }
    }
}

/// What comes before the coordinates in the `SubjectPublicKeyInfo` of a P-256 key with an uncompressed point (RFC 5480).
const P256_SPKI: [u8; 27] =
    *b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";

/// SHA-256 of a certificate's DER, and of the key in it.
pub(super) fn certificate_digests(der: &[u8]) -> Option<Vec<[u8; 32]>> {
    let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
    let (_, certificate) = x509_parser::nom::Parser::parse(&mut parser, der).ok()?;
    Some(vec![Sha256::digest(der).into(), Sha256::digest(certificate.public_key().raw).into()])
}

/// First 8 bytes of the SHA-256.
pub(super) fn short_id(bytes: &[u8]) -> ShortId {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    digest[..8].try_into().expect("a SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn fixed_signatures_become_the_shortest_asn1() {
        let mut fixed = [0; 8];
        fixed[3] = 0x7f;
        fixed[4] = 0x80;
        assert_eq!(ecdsa_asn1(&fixed, 4).unwrap(), [0x30, 10, 2, 1, 0x7f, 2, 5, 0, 0x80, 0, 0, 0]);
        assert_eq!(ecdsa_asn1(&[1; 8], 3), None, "another length");
        assert_eq!(ecdsa_asn1(&[0; 8], 4), None, "zero is no part of a signature");
        assert_eq!(ecdsa_asn1(&[0xff; 96], 48).unwrap().len(), 2 + 2 * (2 + 1 + 48));
    }

    #[test]
    fn weak_and_foreign_keys_are_no_keys() {
        assert!(PublicKey::ed25519(&[0; 32]).is_none());
        assert!(PublicKey::ed25519(&[1; 31]).is_none());
        assert!(PublicKey::from_spki(b"").is_none());
        assert!(PublicKey::from_spki(&[0x30; 64]).is_none());
    }

    #[test]
    fn a_thumbprint_is_that_of_the_framework() {
        // The example of the SMART Health Cards Framework, section "Determining keys associated with an issuer".
        let (x, y) = ("7xbC_9ZmFwKqOHpwX6-LnlhIh5SMIuNwl0PW1yVI_sk", "7k2fdIRNDHdf93vL76wxdXEPtj_GiMTTyecm7EUUMQo");
        assert_eq!(thumbprint(x, y), "_IY9W2kRRFUigDfSB9r8jHgMRrT0w4p5KN93nGThdH8");
        assert!(PublicKey::p256(x, y).is_some());
        assert!(PublicKey::p256(y, x).is_none(), "not on the curve");
        assert!(PublicKey::p256(x, "7k2fdIRNDHdf").is_none());
    }

    /// Keys and signatures that OpenSSL 3.0 made, the keys once with the name of their curve and once with all its parameters.
    const BY_OPENSSL: [(&str, &str, Hash, &str); 2] = [
        (
            "MFowFAYHKoZIzj0CAQYJKyQDAwIIAQEHA0IABGYGD2rI1cM2QsCCmksOyt5BEqyC41R/m3xDzfmtiNXJgaVGxomZVTxCP24B\
            1B0x8e4W5DIB16jOqRyMCn8ag7I=",
            "MIIBMzCB7AYHKoZIzj0CATCB4AIBATAsBgcqhkjOPQEBAiEAqftX26Huqbw+ZgqQnYONcm479iPVJiAoIBNIHR9uU3cwRAQg\
            fVoJdfwsMFfu9nUwQXr/5/uAVcEm3Fxs6UpLRPMwtdkEICbcXGzpSktE8zC12bvXfL+VhBYpXPfhzmvM3Bj/jAe2BEEEi9Ku\
            uct+V8ssS0gv/IG3r7neJ+HjvSPCOkRTvZrOMmJUfvg1w9rE/Zf4RhoUYR3JwndFEy3tjlRcHVTHLwRplwIhAKn7V9uh7qm8\
            PmYKkJ2DjXGMOXqjtWGm95AeDoKXSFanAgEBA0IABGYGD2rI1cM2QsCCmksOyt5BEqyC41R/m3xDzfmtiNXJgaVGxomZVTxC\
            P24B1B0x8e4W5DIB16jOqRyMCn8ag7I=",
            Hash::Sha256,
            "MEQCIFfjtbuvTPJHyJxU2c8yzU/ydan2Cc4vgP3Qmn6it5SNAiBxrWPUS/RQirV4obdSp21OVm56OlcDuyzVcyi4CaLK0A==",
        ),
        (
            "MHowFAYHKoZIzj0CAQYJKyQDAwIIAQELA2IABF6leTU8Xl9yhrgbas+aTE7Jb8Ad2z5b8w1cizdlu8Mm326osDtxgF3Z2F8I\
            Wv2Qg4bLBWFAh+XrKc2iNRiQLm3iYa6m9NUKu9NbsgApQMerwlJ833g2aOGr0IuxfOvCqQ==",
            "MIIBtTCCAU0GByqGSM49AgEwggFAAgEBMDwGByqGSM49AQECMQCMuR6CozhtKA9db35Q5kHfFS9xCe1UVrQSsdoZf7cRI6zT\
            pymQHRpxh0cAEzEH7FMwZAQwe8OCxj2MFQw8cggKzgWvoMK+oo5PsieHE5Fl77qR+Q+KpYFKUDrU6wSox90izigmBDAEqMfd\
            Is4oJos5tVQW8ER8L7d94Qfc0qYuiA6lPuti1Xy0OQKV28mUOreGlvpQTBEEYQQdHGTwaM9F/6KmOoG3wT9riEej537xT+Pb\
            f8r+DL0Q6Ogm4DQ21kaq74ey4kfUrx6Kvh11IPnCpFyx646Vz9VSYrcLKf7sWGThnAVP+ZEpKA5GRiF3kYERQoIDQSY8UxUC\
            MQCMuR6CozhtKA9db35Q5kHfFS9xCe1UVrMfFm5srAQlp886tq9rf8MQO4gyAukEZWUCAQEDYgAEXqV5NTxeX3KGuBtqz5pM\
            TslvwB3bPlvzDVyLN2W7wybfbqiwO3GAXdnYXwha/ZCDhssFYUCH5espzaI1GJAubeJhrqb01Qq701uyAClAx6vCUnzfeDZo\
            4avQi7F868Kp",
            Hash::Sha384,
            "MGQCMD0PKHY0VlRcYmbxBJUUzy8oSdSj4FAoXK/aPZtxXuTLpmb2rUSY2e0R+WFtWpGvnwIwLaAhoVbgl+ErClW2QpsvejGI\
            qKu/zipXwxoLwpFe3necWWpRaLy4xYQx/A2io8wh",
        ),
    ];

    #[test]
    fn authorities_with_brainpool_keys_certify_whether_the_curve_is_named_or_written_out() {
        let bytes = |text: &str| BASE64_STANDARD.decode(text).unwrap();
        for (named, explicit, hash, signature) in BY_OPENSSL {
            let key = PublicKey::from_spki(&bytes(named)).unwrap();
            assert_eq!(PublicKey::from_spki(&bytes(explicit)), Some(key.clone()));
            let (body, signature) = (b"the body of a certificate", bytes(signature));
            let certifies =
                |hash, body: &[u8], signature: &[u8]| key.certifies(CertificateAlgorithm::Ecdsa(hash), body, signature);
            assert!(certifies(hash, body, &signature));
            assert!(!certifies(hash, b"another body", &signature));
            assert!(!certifies(Hash::Sha512, body, &signature));
            assert!(!certifies(hash, body, &signature[..signature.len() - 1]));
            assert!(!key.verifies(Algorithm::Es256, body, &[1; 64]), "an authority's key signs no codes");
        }
    }

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        for (modulus, bits) in [(&[][..], 0), (&[0, 0], 0), (&[0, 1], 1), (&[0x80, 0], 16), (&[0, 0x7f, 0], 15)] {
            assert_eq!(bits_of(modulus), bits);
        }
    }
}
