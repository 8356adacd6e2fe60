//! VDS-NC in the making: a country's authority, the certificates of its signers, and seals.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{Bundle, CredentialKey, KeyMaterial};
use serde_json::{Value, json};

use super::{at, bundle, der, p256_key};

/// Seed of the authority's key, and of the signer's.
pub const CSCA: u8 = 101;
pub const SIGNER: u8 = 102;

/// 2.23.136.1.1.14.2, a signer of VDS-NC; and 1.3.6.1.5.5.7.3.1, a TLS server.
pub const USE_VDS_NC: &[u8] = b"\x67\x81\x08\x01\x01\x0e\x02";
pub const USE_TLS_SERVER: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";

/// An X.509 certificate in the making.
#[derive(Clone)]
pub struct X509 {
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    /// `UTCTime`s.
    pub window: (&'static str, &'static str),
    pub seed: u8,
    pub signed_by: u8,
    /// DER of each extension, in order.
    pub extensions: Vec<Vec<u8>>,
    /// The algorithm said inside of the signed part.
    pub algorithm_inside: Vec<u8>,
    /// The algorithm said beside the signature, by which it is made whatever it says.
    pub algorithm: Vec<u8>,
}

/// A distinguished name of a country and a common name.
pub fn name(country: &str, common: &str) -> Vec<u8> {
    let part =
        |oid: &[u8], tag, text: &str| der(0x31, &[&der(0x30, &[&der(0x06, &[oid]), &der(tag, &[text.as_bytes()])])]);
    der(0x30, &[&part(b"\x55\x04\x06", 0x13, country), &part(b"\x55\x04\x03", 0x0c, common)])
}

/// One extension.
pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { &b"\x01\x01\xff"[..] } else { b"" };
    der(0x30, &[&der(0x06, &[oid]), critical, &der(0x04, &[value])])
}

pub fn key_use(uses: &[&[u8]]) -> Vec<u8> {
    let uses: Vec<_> = uses.iter().map(|oid| der(0x06, &[oid])).collect();
    extension(b"\x55\x1d\x25", true, &der(0x30, &[&uses.concat()]))
}

pub fn document_types(types: &[&str]) -> Vec<u8> {
    let types: Vec<_> = types.iter().map(|code| der(0x13, &[code.as_bytes()])).collect();
    let list = der(0x30, &[b"\x02\x01\x00", &der(0x31, &[&types.concat()])]);
    extension(b"\x67\x81\x08\x01\x01\x06\x02", false, &list)
}

pub fn authority_key_id(id: u8) -> Vec<u8> {
    extension(b"\x55\x1d\x23", false, &der(0x30, &[&der(0x80, &[&[id; 20]])]))
}

pub fn subject_key_id(id: u8) -> Vec<u8> {
    extension(b"\x55\x1d\x0e", false, &der(0x04, &[&[id; 20]]))
}

pub fn constraints(authority: bool) -> Vec<u8> {
    let value = if authority { der(0x30, &[b"\x01\x01\xff"]) } else { der(0x30, &[]) };
    extension(b"\x55\x1d\x13", true, &value)
}

/// `keyUsage` as one byte of bits: 0x80 digitalSignature, 0x04 keyCertSign.
pub fn key_usage(bits: u8) -> Vec<u8> {
    extension(b"\x55\x1d\x0f", true, &der(0x03, &[&[bits.trailing_zeros() as u8, bits]]))
}

/// `privateKeyUsagePeriod` that ends so.
pub fn key_ends(time: &str) -> Vec<u8> {
    extension(b"\x55\x1d\x10", false, &der(0x30, &[&der(0x81, &[time.as_bytes()])]))
}

pub fn ecdsa_with_sha256() -> Vec<u8> {
    der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x04\x03\x02"])])
}

pub fn sha1_with_rsa() -> Vec<u8> {
    der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"]), b"\x05\x00"])
}

/// The certificate of Viet Nam's authority.
pub fn csca() -> X509 {
    X509 {
        issuer: name("VN", "CSCA Forged"),
        subject: name("VN", "CSCA Forged"),
        window: ("240101000000Z", "391231235959Z"),
        seed: CSCA,
        signed_by: CSCA,
        extensions: vec![constraints(true), key_usage(0x04), subject_key_id(CSCA)],
        algorithm_inside: ecdsa_with_sha256(),
        algorithm: ecdsa_with_sha256(),
    }
}

/// The certificate of a signer of both kinds of seal.
pub fn signer() -> X509 {
    X509 {
        subject: name("VN", "Signer 1"),
        window: ("250101000000Z", "361231235959Z"),
        seed: SIGNER,
        extensions: vec![document_types(&["NV", "NT"]), key_use(&[USE_VDS_NC]), authority_key_id(CSCA)],
        ..csca()
    }
}

impl X509 {
    pub fn der(&self) -> Vec<u8> {
        let algorithm = der(
            0x30,
            &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x02\x01"]), &der(0x06, &[b"\x2a\x86\x48\xce\x3d\x03\x01\x07"])],
        );
        let point = p256_key(self.seed).verifying_key().to_sec1_point(false);
        let key = der(0x30, &[&algorithm, &der(0x03, &[&[0], point.as_bytes()])]);
        self.der_with_key(&key)
    }

    /// The same around any `SubjectPublicKeyInfo`.
    pub fn der_with_key(&self, key: &[u8]) -> Vec<u8> {
        let validity = der(0x30, &[&der(0x17, &[self.window.0.as_bytes()]), &der(0x17, &[self.window.1.as_bytes()])]);
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            extensions => der(0xa3, &[&der(0x30, &[&extensions.concat()])]),
        };
        let parts = [b"\xa0\x03\x02\x01\x02\x02\x01\x01", self.algorithm_inside.as_slice(), &self.issuer];
        let body = der(0x30, &[&parts.concat(), &validity, &self.subject, key, &extensions]);
        let signature: p256::ecdsa::Signature = ed25519_dalek::Signer::sign(&p256_key(self.signed_by), &body);
        der(0x30, &[&body, &self.algorithm, &der(0x03, &[&[0], signature.to_der().as_bytes()])])
    }
}

/// The sound bundle with an authority for the seals of Viet Nam.
pub fn sealing_bundle() -> Bundle {
    let mut bundle = bundle();
    bundle.keys.insert(
        3,
        CredentialKey {
            name: "csca".into(),
            key: KeyMaterial::Csca(BASE64_STANDARD.encode(csca().der())),
            schemes: vec![Scheme::VdsNc],
            statements: vec![StatementKind::Vaccination, StatementKind::Test],
            issuers: vec!["VNM".into()],
            not_before: at("2024-01-01T00:00:00Z"),
            not_after: at("2028-12-31T23:59:59Z"),
            regions: vec![checkpoint::trust::files::EVERYWHERE.into()],
            lifetime_days: 12_000,
            distrust_all: false,
            distrust_after: None,
        },
    );
    bundle
}

/// A seal in the making.
pub struct Seal {
    pub data: Value,
    pub alg: &'static str,
    pub certificate: Vec<u8>,
    pub seed: u8,
}

/// A sound proof of vaccination.
pub fn seal() -> Seal {
    Seal {
        data: json!({
            "hdr": {"t": "icao.vacc", "v": 1, "is": "VNM"},
            "msg": {
                "uvci": "VN-1",
                "pid": {"n": "NGUYEN  VAN THU", "dob": "1990-01-18", "sex": "M", "i": "C1234567"},
                "ve": [{"des": "XM68M6", "nam": "Comirnaty", "dis": "RA01.0", "vd": [
                    {"dvc": "2025-12-10", "seq": 1, "ctr": "VNM", "adm": "CDC", "lot": "L1", "dvn": "2026-01-10"},
                    {"dvc": "2026-01-10", "seq": 2, "ctr": "VNM", "adm": "CDC", "lot": "L2"}
                ]}]
            }
        }),
        alg: "ES256",
        certificate: signer().der(),
        seed: SIGNER,
    }
}

/// A sound proof of testing.
pub fn test_seal() -> Seal {
    Seal {
        data: json!({
            "hdr": {"t": "icao.test", "v": 1, "is": "VNM"},
            "msg": {
                "utci": "VN-T1",
                "pid": {"n": "NGUYEN  VAN THU", "dob": "1990-01-18", "dt": "I", "dn": "001090000001"},
                "sp": {"spn": "Bệnh viện", "ctr": "VNM", "cd": {"p": "+84", "e": "a@b.vn", "a": "Hà Nội"}},
                "dat": {"sc": "2026-03-01T08:00:00+07:00", "ri": "2026-03-01T15:00:00+07:00"},
                "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "nasopharyngeal"}
            }
        }),
        ..seal()
    }
}

impl Seal {
    /// Changes what is signed.
    pub fn data(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        edit(&mut self.data);
        self
    }

    /// Puts another signer's certificate and key in.
    pub fn by(mut self, signer: &X509) -> Self {
        self.certificate = signer.der();
        self.seed = signer.seed;
        self
    }

    /// The signature over the canonical form. Here every name is ASCII and every number a small integer, so that sorted members
    /// without spaces are that form, and serde_json sorts them.
    pub fn signature(&self) -> Vec<u8> {
        let signature: p256::ecdsa::Signature =
            ed25519_dalek::Signer::sign(&p256_key(self.seed), self.data.to_string().as_bytes());
        signature.to_bytes().to_vec()
    }

    /// Its two halves.
    pub fn json(&self) -> Value {
        json!({"data": self.data, "sig": {
            "alg": self.alg,
            "cer": BASE64_URL_SAFE_NO_PAD.encode(&self.certificate),
            "sigvl": BASE64_URL_SAFE_NO_PAD.encode(self.signature()),
        }})
    }

    /// Signs.
    pub fn text(&self) -> String {
        self.json().to_string()
    }

    /// The signed text with one thing changed afterwards.
    pub fn text_with(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut json = self.json();
        edit(&mut json);
        json.to_string()
    }
}
