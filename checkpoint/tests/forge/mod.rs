//! The one forger of the tests: an authority, its issuers, and credentials of which each test changes one thing.

// Every test file takes what it needs, and a forger that fails is a test that fails.
#![allow(dead_code, clippy::unwrap_used)]

mod der;
pub mod nzcp;
pub mod seal;
pub mod shc;
pub mod table;

pub use der::der;

use std::io::Write;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::envelope::{Envelope, Scheme};
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::{Credential, StatementKind};
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, CredentialKey, Jwk, KeyMaterial, ROOT_TYPE, Role, Root};
use checkpoint::verdict::Reason;
use chrono::{DateTime, Utc};
use ciborium::Value as Cbor;
use ciborium::cbor;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The moment at which the forger's visitors stand at the gate.
pub const NOW: &str = "2026-03-02T01:00:00Z";
/// Issuer of the native credentials.
pub const ISSUER: &str = "VN-HN-CDC";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn now() -> TrustedTime {
    TrustedTime::given(at(NOW))
}

/// An Ed25519 key by a number.
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// A P-256 key by a number.
pub fn p256_key(seed: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_bytes(&[seed; 32].into()).unwrap()
}

/// A P-256 key by a number, as its issuer publishes it.
pub fn jwk(seed: u8, kid: Option<&str>) -> Jwk {
    let point = p256_key(seed).verifying_key().to_sec1_point(false);
    let coordinate = |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(&point.as_bytes()[range]);
    let (kty, crv) = ("EC".into(), "P-256".into());
    Jwk { kty, crv, x: coordinate(1..33), y: coordinate(33..65), kid: kid.map(Into::into) }
}

pub fn short_id(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes)[..8].to_vec()
}

// ---- the authority -----------------------------------------------------------------------------------------------

/// A root of this version with keys 201.. for roots, 211.. for bundles, 221 for distrust.
pub fn root(version: u64) -> Root {
    let role = |seeds: &[u8], threshold| Role {
        threshold,
        keyids: seeds.iter().map(|seed| key_id(&key(*seed).verifying_key())).collect(),
    };
    Root {
        version,
        authority: "Forged".into(),
        demo: true,
        keys: [201, 202, 203, 211, 212, 213, 221]
            .iter()
            .map(|seed| {
                let key = key(*seed).verifying_key();
                (key_id(&key), BASE64_STANDARD.encode(key.as_bytes()))
            })
            .collect(),
        root: role(&[201, 202, 203], 2),
        bundle: role(&[211, 212, 213], 2),
        distrust: role(&[221], 1),
        distrust_reset: Vec::new(),
        revocation_reset: 0,
    }
}

/// A signed file of any value.
pub fn signed(payload_type: &str, payload: &impl serde::Serialize, seeds: &[u8]) -> Vec<u8> {
    let mut file = SignedFile::unsigned(payload_type, &serde_json::to_vec(payload).unwrap());
    for seed in seeds {
        file.sign(&key(*seed));
    }
    serde_json::to_vec(&file).unwrap()
}

pub fn signed_root(root: &Root, seeds: &[u8]) -> Vec<u8> {
    signed(ROOT_TYPE, root, seeds)
}

pub fn signed_bundle(bundle: &Bundle) -> Vec<u8> {
    signed(BUNDLE_TYPE, bundle, &[211, 212])
}

/// Key 1 may sign everything native for `ISSUER`, key 2 vaccinations only; P-256 key 1 signs HC1 for VN, key 3 SMART Health
/// Cards, key 4 NZ COVID Passes.
pub fn bundle() -> Bundle {
    use StatementKind::{Declaration, Recovery, Test, TravelPermit, Vaccination};
    let native = |seed: u8, statements: &[StatementKind]| CredentialKey {
        name: format!("native {seed}"),
        key: KeyMaterial::Ed25519(BASE64_STANDARD.encode(key(seed).verifying_key().as_bytes())),
        schemes: vec![Scheme::Native],
        statements: statements.into(),
        issuers: vec![ISSUER.into()],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2026-12-31T23:59:59Z"),
        regions: vec![checkpoint::trust::files::EVERYWHERE.into()],
        lifetime_days: 12_000,
        distrust_all: false,
        distrust_after: None,
    };
    Bundle {
        version: 7,
        signed_at: at("2026-03-01T00:00:00Z"),
        soft_days: 7,
        hard_days: 30,
        keys: vec![
            native(1, &[Vaccination, Test, Recovery, Declaration, TravelPermit]),
            native(2, &[Vaccination]),
            CredentialKey {
                name: "hc1".into(),
                key: KeyMaterial::Certificate(BASE64_STANDARD.encode(certificate(&CertificateOf::default()))),
                schemes: vec![Scheme::Hc1],
                statements: vec![Vaccination, Test, Recovery],
                issuers: vec!["VN".into()],
                not_before: at("2025-01-01T00:00:00Z"),
                not_after: at("2026-12-31T23:59:59Z"),
                regions: vec![checkpoint::trust::files::EVERYWHERE.into()],
                lifetime_days: 12_000,
                distrust_all: false,
                distrust_after: None,
            },
            shc::listed(),
            nzcp::listed(),
        ],
        tracing_keys: [("2026-03-02", 1u8), ("2026-03-03", 2), ("2026-03-05", 3)]
            .iter()
            .map(|(day, byte)| (day.parse().unwrap(), BASE64_STANDARD.encode([*byte; 32])))
            .collect(),
        devices: [("gate-1".to_owned(), BASE64_STANDARD.encode([9; 32]))].into(),
        revoked: Vec::new(),
        revocation: None,
    }
}

/// The list that a bundle makes.
pub fn list(bundle: &Bundle) -> TrustList {
    TrustList::load(&[signed_root(&root(1), &[201, 202])], &signed_bundle(bundle)).unwrap()
}

// ---- the verdict -------------------------------------------------------------------------------------------------

/// What a list says of a text: also asserts that explaining it gives the same answer.
pub fn verdict(list: &TrustList, text: &str, now: TrustedTime) -> Result<Credential, Reason> {
    let verified = Envelope::decode(text).and_then(|envelope| list.verify(envelope, now));
    assert_eq!(list.explain(text, now).outcome, verified, "explaining and verifying must be one walk");
    verified
}

/// Asserts what the sound list says now: `"S-USE call-supervisor"`, or `"ok"`.
#[track_caller]
pub fn check(text: &str, expected: &str) {
    check_with(&list(&bundle()), text, now(), expected);
}

/// Asserts what a list says at a time.
#[track_caller]
pub fn check_with(list: &TrustList, text: &str, now: TrustedTime, expected: &str) {
    let got = match verdict(list, text, now) {
        Ok(_) => "ok".to_owned(),
        Err(reason) => format!("{} {}", reason.code(), reason.advice().word()),
    };
    assert_eq!(got, expected);
}

// ---- native ------------------------------------------------------------------------------------------------------

/// A native credential in the making.
pub struct Native {
    pub header: String,
    pub claims: String,
    pub key: SigningKey,
}

/// A sound vaccination, signed by key 1.
pub fn native() -> Native {
    Native { header: String::new(), claims: claims().to_string(), key: key(1) }.named_after(&key(1))
}

/// The claims of a sound vaccination.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "iat": 1_772_000_000, "exp": 1_780_000_000, "jti": "J-1", "sub": "001090000001",
        "nam": "Nguyễn Văn Thử", "dob": "1990-01-18",
        "vac": [{"tg": "840539006", "mp": "EU/1/20/1528", "dn": 2, "sd": 2, "dt": "2026-01-10", "co": "VN"}],
    })
}

impl Native {
    /// Names a key in the header, whoever signs.
    pub fn named_after(mut self, key: &SigningKey) -> Self {
        let kid = BASE64_URL_SAFE_NO_PAD.encode(short_id(key.verifying_key().as_bytes()));
        self.header = json!({"alg": "EdDSA", "typ": "hc+jwt", "kid": kid}).to_string();
        self
    }

    pub fn by(mut self, seed: u8) -> Self {
        self.key = key(seed);
        self.named_after(&key(seed))
    }

    /// Changes the header's members.
    pub fn header(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut header = serde_json::from_str(&self.header).unwrap();
        edit(&mut header);
        self.header = header.to_string();
        self
    }

    /// Changes the claims.
    pub fn claims(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut claims = serde_json::from_str(&self.claims).unwrap();
        edit(&mut claims);
        self.claims = claims.to_string();
        self
    }

    /// Changes the claims' text, for what no JSON value can hold.
    pub fn claims_text(mut self, edit: impl FnOnce(String) -> String) -> Self {
        self.claims = edit(self.claims);
        self
    }

    /// Signs.
    pub fn text(&self) -> String {
        let signed =
            format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(&self.header), BASE64_URL_SAFE_NO_PAD.encode(&self.claims));
        let signature = Signer::sign(&self.key, signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

// ---- HC1 ---------------------------------------------------------------------------------------------------------

/// What goes into a certificate.
pub struct CertificateOf<'a> {
    pub seed: u8,
    pub country: &'a str,
    /// Extended key usages, as the last arcs' DER content bytes.
    pub uses: &'a [&'a [u8]],
}

impl Default for CertificateOf<'_> {
    fn default() -> Self {
        Self { seed: 1, country: "VN", uses: &[] }
    }
}

/// 1.3.6.1.4.1.1847.2021.1.2, vaccinations.
pub const USE_VACCINATION: &[u8] = b"\x2b\x06\x01\x04\x01\x8e\x37\x8f\x65\x01\x02";
/// 1.3.6.1.4.1.1847.2021.1.1, tests.
pub const USE_TEST: &[u8] = b"\x2b\x06\x01\x04\x01\x8e\x37\x8f\x65\x01\x01";
/// 1.3.6.1.5.5.7.3.2, TLS client: nothing about health.
pub const USE_TLS_CLIENT: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

/// An X.509 certificate of a P-256 key. Nobody checks its signature: the list vouches for it.
pub fn certificate(of: &CertificateOf<'_>) -> Vec<u8> {
    let ecdsa = der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x04\x03\x02"])]);
    let country = der(0x30, &[&der(0x06, &[b"\x55\x04\x06"]), &der(0x13, &[of.country.as_bytes()])]);
    let name = der(0x30, &[&der(0x31, &[&country])]);
    let validity = der(0x30, &[&der(0x17, &[b"250101000000Z"]), &der(0x17, &[b"261231235959Z"])]);
    let algorithm = der(
        0x30,
        &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x02\x01"]), &der(0x06, &[b"\x2a\x86\x48\xce\x3d\x03\x01\x07"])],
    );
    let point = p256_key(of.seed).verifying_key().to_sec1_point(false);
    let spki = der(0x30, &[&algorithm, &der(0x03, &[&[0], point.as_bytes()])]);
    let uses: Vec<_> = of.uses.iter().map(|oid| der(0x06, &[oid])).collect();
    let uses = der(0x30, &[&uses.concat()]);
    let extension = der(0x30, &[&der(0x06, &[b"\x55\x1d\x25"]), &der(0x04, &[&uses])]);
    let extensions = if of.uses.is_empty() { Vec::new() } else { der(0xa3, &[&der(0x30, &[&extension])]) };
    let version = der(0xa0, &[&der(0x02, &[&[2]])]);
    let serial = der(0x02, &[&[1]]);
    let tbs = der(0x30, &[&version, &serial, &ecdsa, &name, &validity, &name, &spki, &extensions]);
    der(0x30, &[&tbs, &ecdsa, &der(0x03, &[&[0], &[0; 8]])])
}

/// HC1 in the making. Header maps are CBOR values; `None` for a protected header leaves it empty.
pub struct Hcert {
    pub protected: Option<Cbor>,
    pub unprotected: Cbor,
    pub claims: Cbor,
    pub seed: u8,
    pub tags: Vec<u64>,
}

/// A sound vaccination by P-256 key 1.
pub fn hcert() -> Hcert {
    let kid = Cbor::Bytes(short_id(&certificate(&CertificateOf::default())));
    Hcert {
        protected: Some(Cbor::Map(vec![(1.into(), (-7).into()), (4.into(), kid)])),
        unprotected: Cbor::Map(Vec::new()),
        claims: cwt(dcc("v", vaccination())),
        seed: 1,
        tags: vec![18],
    }
}

pub fn vaccination() -> Cbor {
    cbor!({"tg" => "840539006", "vp" => "1119349007", "mp" => "EU/1/20/1528", "ma" => "ORG-100030215", "dn" => 2, "sd" => 2,
        "dt" => "2026-01-10", "co" => "VN", "is" => "Bo Y te", "ci" => "URN:UVCI:01:VN:1"})
    .unwrap()
}

pub fn test() -> Cbor {
    cbor!({"tg" => "840539006", "tt" => "LP6464-4", "tr" => "260415000", "sc" => "2026-03-01T08:00:00+07:00",
        "tc" => "Ha Noi", "co" => "VN", "is" => "Bo Y te", "ci" => "URN:UVCI:01:VN:2"})
    .unwrap()
}

pub fn recovery() -> Cbor {
    cbor!({"tg" => "840539006", "fr" => "2026-01-01", "df" => "2026-01-12", "du" => "2026-07-01", "co" => "VN",
        "is" => "Bo Y te", "ci" => "URN:UVCI:01:VN:3"})
    .unwrap()
}

/// A certificate with one group of one entry.
pub fn dcc(group: &str, entry: Cbor) -> Cbor {
    let name = cbor!({"fn" => "Nguyễn", "fnt" => "NGUYEN", "gn" => "Văn Thử", "gnt" => "VAN<THU"}).unwrap();
    cbor!({"ver" => "1.3.0", "nam" => name, "dob" => "1990-01-18", group => [entry]}).unwrap()
}

/// The claims around a certificate.
pub fn cwt(dcc: Cbor) -> Cbor {
    Cbor::Map(vec![
        (1.into(), "VN".into()),
        (4.into(), 1_780_000_000.into()),
        (6.into(), 1_772_000_000.into()),
        ((-260).into(), Cbor::Map(vec![(1.into(), dcc)])),
    ])
}

/// The value under a key of a map, to be changed; added where it is missing.
pub fn entry(map: &mut Cbor, key: impl Into<Cbor>) -> &mut Cbor {
    let key = key.into();
    let Cbor::Map(entries) = map else { panic!("a map") };
    let place = entries.iter().position(|(k, _)| *k == key).unwrap_or_else(|| {
        entries.push((key, Cbor::Null));
        entries.len() - 1
    });
    &mut entries[place].1
}

pub fn remove(map: &mut Cbor, key: impl Into<Cbor>) {
    let key = key.into();
    let Cbor::Map(entries) = map else { panic!("a map") };
    entries.retain(|(k, _)| *k != key);
}

pub fn cbor_bytes(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// Deflates and writes a text.
pub fn hc1_text(bytes: &[u8]) -> String {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(bytes).unwrap();
    format!("HC1:{}", base45::encode(zlib.finish().unwrap()))
}

impl Hcert {
    /// Changes the claims.
    pub fn claims(mut self, edit: impl FnOnce(&mut Cbor)) -> Self {
        edit(&mut self.claims);
        self
    }

    /// Changes the certificate inside of the claims.
    pub fn dcc(mut self, edit: impl FnOnce(&mut Cbor)) -> Self {
        edit(entry(entry(&mut self.claims, -260), 1));
        self
    }

    /// The COSE message: protected header's bytes, and the array with its signature, before the tags.
    pub fn parts(&self) -> Vec<Cbor> {
        self.parts_over(&cbor_bytes(&self.claims))
    }

    /// The same over any payload.
    pub fn parts_over(&self, payload: &[u8]) -> Vec<Cbor> {
        let protected = self.protected.as_ref().map(cbor_bytes).unwrap_or_default();
        let signed = cbor_bytes(&Cbor::Array(vec![
            "Signature1".into(),
            Cbor::Bytes(protected.clone()),
            Cbor::Bytes(Vec::new()),
            Cbor::Bytes(payload.to_vec()),
        ]));
        let signature: p256::ecdsa::Signature = p256_key(self.seed).sign(&signed);
        vec![
            Cbor::Bytes(protected),
            self.unprotected.clone(),
            Cbor::Bytes(payload.to_vec()),
            Cbor::Bytes(signature.to_bytes().to_vec()),
        ]
    }

    /// The message's bytes with its tags.
    pub fn message(&self) -> Vec<u8> {
        let mut message = Cbor::Array(self.parts());
        for tag in self.tags.iter().rev() {
            message = Cbor::Tag(*tag, Box::new(message));
        }
        cbor_bytes(&message)
    }

    /// Signs.
    pub fn text(&self) -> String {
        hc1_text(&self.message())
    }
}
