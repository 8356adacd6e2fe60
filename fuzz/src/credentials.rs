//! Codes → credentials, by scheme and by layer: what lies around the layer in question is made sound here, so that the
//! fuzzer begins where its input matters.
//!
//! Explaining and verifying are one walk; nothing is ever proven but what the forger of the tests signed; what only lacks a
//! signature is proven once it has one.

use std::sync::LazyLock;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::json::Json;
use checkpoint::envelope::{Chunk, Chunks, Envelope, Joined, base45};
use checkpoint::evidence::Evidence;
use checkpoint::rules::RuleSet;
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::Credential;
use checkpoint::trust::trace::Layer;
use checkpoint::verdict::Reason;
use ciborium::Value;
use ed25519_dalek::{Signer, VerifyingKey};

use crate::Budget;
use crate::forge::{self, Hcert, Native, nzcp, seal, shc};
use crate::rules;

/// What the specification states for one code (`docs/native-credential.md`, "Cost"): 5 ms, in a build for a tablet, and 1 MiB.
const BUDGET: Budget = Budget { heap_bytes_max: 1024 * 1024, cpu_ms_max: 50 };
/// Explaining a code to a person also keeps its content as JSON.
const EXPLAINED: Budget = Budget { heap_bytes_max: 4 * 1024 * 1024, cpu_ms_max: 100 };

/// The right length for every scheme, and out of the range of every one: refused before any arithmetic, which would take longer
/// than all else.
const NO_SIGNATURE: [u8; 64] = [0xff; 64];

/// What the forger's authority believes.
static LIST: LazyLock<TrustList> = LazyLock::new(|| forge::list(&seal::sealing_bundle()));
/// What it issued: the seeds of the targets below.
static SOUND: LazyLock<Vec<Credential>> = LazyLock::new(|| {
    let texts = [forge::native(), full()].map(|native| native.text());
    let seals = [seal::seal(), seal::test_seal()].map(|seal| seal.text());
    let hcerts = hcerts().into_iter().map(|hcert| hcert.text());
    let others = [shc::shc().text(), nzcp::nzcp().pass()];
    texts
        .into_iter()
        .chain(seals)
        .chain(hcerts)
        .chain(others)
        .map(|text| proven(&text).expect("the forger's own"))
        .collect()
});
/// One of each kind, made once: keys and certificates take long to make.
static HCERT: LazyLock<Hcert> = LazyLock::new(forge::hcert);
static SHC: LazyLock<shc::Shc> = LazyLock::new(shc::shc);
static NZCP: LazyLock<Hcert> = LazyLock::new(nzcp::nzcp);
static SEAL: LazyLock<seal::Seal> = LazyLock::new(seal::seal);
static RULE_SETS: LazyLock<Vec<RuleSet>> = LazyLock::new(rules::shipped);

/// A native credential with every kind of statement.
fn full() -> Native {
    forge::native().claims(|claims| {
        let more = serde_json::json!({
            "tst": [{"tg": "840539006", "tt": "LP6464-4", "tr": "260373001", "sc": 1_772_300_000, "co": "VN"}],
            "rec": [{"tg": "840539006", "fr": "2026-01-01", "df": "2026-01-12", "du": "2026-07-01", "co": "VN"}],
            "dec": {"at": 1_772_400_000, "sym": ["R05"], "con": true, "plc": ["HN-01", "HP-02"], "ent": false},
            "per": {"pur": "work", "fr": "HN", "to": "HP", "plt": "29A-12345"}, "nbf": 1_772_000_001,
        });
        for (name, value) in more.as_object().expect("an object") {
            claims[name] = value.clone();
        }
    })
}

/// A sound native credential that is bound to its holder's key.
pub fn bound(key: &VerifyingKey) -> String {
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes());
    let jwk = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    forge::native().claims(|claims| claims["cnf"] = serde_json::json!({"jwk": jwk})).text()
}

/// A visit of the holder of a sound credential with every kind of statement.
pub fn visit() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.add(SOUND[1].clone()).expect("the first of a visit");
    evidence
}

/// What the authority proves of a text.
pub fn proven(text: &str) -> Result<Credential, Reason> {
    Envelope::decode(text).and_then(|envelope| LIST.verify(envelope, forge::now()))
}

/// Whether all but the signature holds. Asserts what holds of any text.
fn lacks_a_signature(text: &str) -> bool {
    let explained = EXPLAINED.spend(|| LIST.explain(text, forge::now()));
    let outcome = BUDGET.spend(|| proven(text));
    assert_eq!(explained.outcome, outcome, "explaining and verifying are one walk");
    match outcome {
        Ok(credential) => assert!(SOUND.contains(&credential), "forged: {credential:?}"),
        Err(reason) => assert!(!reason.code().is_empty() && reason.args().len() < 9),
    }
    let signature = |step: &&checkpoint::trust::trace::Step| step.layer == Layer::Signature;
    explained.steps.iter().filter(|step| step.result.is_err()).all(|step| signature(&step))
        && explained.steps.iter().any(|step| signature(&step) && step.result.is_err())
}

/// What was signed after all is proven, names a person, and can be decided on.
fn decided(text: &str) {
    let credential = match BUDGET.spend(|| proven(text)) {
        Ok(credential) => credential,
        // Whether the key was valid is asked of the one that signed.
        Err(Reason::KeyOutsideItsWindow { .. }) => return,
        Err(reason) => panic!("{reason:?}, and nothing but the signature was missing"),
    };
    assert!(!credential.claims().statements.is_empty());
    let mut evidence = visit();
    // Another person, most of the time.
    let _ = evidence.add(credential.clone());
    let mut evidence = Evidence::default();
    assert_eq!(evidence.add(credential), Ok(()));
    assert!(evidence.who().is_some() && evidence.identity().is_some());
    rules::decided(&RULE_SETS, &evidence, forge::now());
}

/// Signing takes longer than all else: one in so many inputs that deserve it, by their bytes.
fn is_chosen(input: &[u8]) -> bool {
    input.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)) & 15 == 0
}

/// Any text: the choice among the schemes.
pub fn text(input: &[u8]) {
    lacks_a_signature(&String::from_utf8_lossy(input));
}

/// Seeds of `text`.
pub fn texts() -> Vec<Vec<u8>> {
    vec![forge::native().text().into(), forge::hcert().text().into(), seal::seal().text().into(), b"HC1:".into()]
}

/// A native credential: its payload, its header, or all three parts as they are written.
pub fn jws(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let sound = forge::native();
    let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    match kind % 4 {
        0 | 1 => {
            let text = format!("{}.{}.{}", encoded(sound.header.as_bytes()), encoded(rest), encoded(&NO_SIGNATURE));
            if lacks_a_signature(&text) && is_chosen(rest) {
                let claims = String::from_utf8(rest.into()).expect("JSON that was read");
                decided(&Native { claims, ..sound }.text());
            }
        }
        2 => {
            let payload = encoded(sound.claims.as_bytes());
            lacks_a_signature(&format!("{}.{payload}.{}", encoded(rest), encoded(&NO_SIGNATURE)));
        }
        _ => {
            let text = format!("eyJ{}", String::from_utf8_lossy(rest));
            lacks_a_signature(&text);
            // One credential has one text.
            if Envelope::decode(&text).is_ok() {
                let canonical =
                    |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).is_ok_and(|bytes| encoded(&bytes) == part);
                assert!(text.split('.').all(canonical), "{text}");
            }
        }
    }
}

/// Seeds of `jws`.
pub fn jws_seeds() -> Vec<Vec<u8>> {
    let of = |kind: &[u8], rest: &[u8]| [kind, rest].concat();
    let (sound, full) = (forge::native(), full());
    let text = sound.text();
    vec![
        of(&[0], sound.claims.as_bytes()),
        of(&[1], full.claims.as_bytes()),
        of(&[2], sound.header.as_bytes()),
        of(&[3], &text.as_bytes()[3..]),
    ]
}

/// HC1 from its letters on.
pub fn hcert_base45(input: &[u8]) {
    let letters = String::from_utf8_lossy(input);
    if let Ok(bytes) = base45::decode(&letters) {
        assert_eq!(::base45::encode(&bytes), letters, "two texts mean the same bytes");
    }
    lacks_a_signature(&format!("HC1:{letters}"));
}

/// HC1 from its zlib stream on.
pub fn hcert_zlib(input: &[u8]) {
    lacks_a_signature(&hc1(input));
}

/// HC1 from its COSE message on.
pub fn hcert_cose(input: &[u8]) {
    lacks_a_signature(&hc1(&stored(input)));
}

/// HC1 from its claims on.
pub fn hcert_claims(input: &[u8]) {
    let sound = &*HCERT;
    let message = |parts| stored(&forge::cbor_bytes(&Value::Tag(18, Box::new(Value::Array(parts)))));
    if lacks_a_signature(&hc1(&message(unsigned(sound, input)))) && is_chosen(input) {
        decided(&hc1(&message(sound.parts_over(input))));
    }
}

/// The forger's certificates, of every group.
fn hcerts() -> Vec<Hcert> {
    let groups = [("v", forge::vaccination()), ("t", forge::test()), ("r", forge::recovery())];
    groups.map(|(group, entry)| Hcert { claims: forge::cwt(forge::dcc(group, entry)), ..forge::hcert() }).into()
}

/// Seeds of `hcert_base45`.
pub fn base45_seeds() -> Vec<Vec<u8>> {
    hcerts().iter().map(|hcert| hcert.text()[4..].into()).collect()
}

/// Seeds of `hcert_zlib`.
pub fn zlib_seeds() -> Vec<Vec<u8>> {
    let texts = hcerts().into_iter().map(|hcert| hcert.text());
    texts.map(|text| base45::decode(&text[4..]).expect("the forger's own")).chain([stored(b"\x80")]).collect()
}

/// Seeds of `hcert_cose`.
pub fn cose_seeds() -> Vec<Vec<u8>> {
    let untagged = Hcert { tags: Vec::new(), ..forge::hcert() };
    let nested = Hcert { tags: vec![61, 18], ..forge::hcert() };
    hcerts().iter().chain([&untagged, &nested]).map(Hcert::message).collect()
}

/// Seeds of `hcert_claims`.
pub fn claims_seeds() -> Vec<Vec<u8>> {
    hcerts().iter().map(|hcert| forge::cbor_bytes(&hcert.claims)).collect()
}

/// A SMART Health Card: its claims, its DEFLATE stream, its header, or its digits.
pub fn shc(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let sound = &*SHC;
    let text = |header: &[u8], payload: &[u8]| {
        let parts = [header, payload, &NO_SIGNATURE].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        shc::code(&parts.join("."))
    };
    match kind % 4 {
        0 => {
            let stream = stored_block(rest);
            if lacks_a_signature(&text(sound.header.as_bytes(), &stream)) && is_chosen(rest) {
                decided(&shc::code(&sound.jws_over(&stream)));
            }
        }
        1 => drop(lacks_a_signature(&text(sound.header.as_bytes(), rest))),
        2 => drop(lacks_a_signature(&text(rest, &stored_block(&sound.card)))),
        _ => drop(lacks_a_signature(&format!("shc:/{}", String::from_utf8_lossy(rest)))),
    }
}

/// Seeds of `shc`.
pub fn shc_seeds() -> Vec<Vec<u8>> {
    let sound = shc::shc();
    let tested = shc::shc().entries(vec![shc::patient(), shc::observation("260415000")]);
    vec![
        [&[0], sound.card.as_slice()].concat(),
        [&[0], tested.card.as_slice()].concat(),
        [&[1], shc::deflated(&sound.card).as_slice()].concat(),
        [&[2], sound.header.as_bytes()].concat(),
        [&[3], &sound.text().as_bytes()[5..]].concat(),
    ]
}

/// The codes of a card over several, one a line, in any order.
pub fn shc_chunks(input: &[u8]) {
    let mut chunks = Chunks::default();
    for (number, line) in String::from_utf8_lossy(input).lines().enumerate() {
        let Some(Ok(chunk)) = Chunk::parse(line) else { continue };
        let now = Duration::from_secs(number as u64);
        let joined = BUDGET.spend(|| chunks.add(&chunk, now, now + Duration::from_secs(1 + number as u64 % 3)));
        if let Ok(Joined::Whole(text)) = joined {
            assert!(Chunk::parse(&text).is_none(), "a whole card is one code");
            lacks_a_signature(&text);
        }
    }
}

/// Seeds of `shc_chunks`.
pub fn shc_chunks_seeds() -> Vec<Vec<u8>> {
    let jws = shc::shc().jws();
    [2, 3].map(|of| shc::codes(&jws, of).join("\n").into()).into()
}

/// A NZ COVID Pass: its claims, its COSE message, or its letters.
pub fn nzcp(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    match kind % 4 {
        0 | 1 => {
            let sound = &*NZCP;
            let text = |parts| nzcp::code(&forge::cbor_bytes(&Value::Tag(18, Box::new(Value::Array(parts)))));
            if lacks_a_signature(&text(unsigned(sound, rest))) && is_chosen(rest) {
                decided(&text(sound.parts_over(rest)));
            }
        }
        2 => drop(lacks_a_signature(&nzcp::code(rest))),
        _ => drop(lacks_a_signature(&format!("NZCP:/{}", String::from_utf8_lossy(rest)))),
    }
}

/// Seeds of `nzcp`.
pub fn nzcp_seeds() -> Vec<Vec<u8>> {
    let sound = nzcp::nzcp();
    vec![
        [vec![0], forge::cbor_bytes(&sound.claims)].concat(),
        [vec![2], sound.message()].concat(),
        [&[3], &sound.pass().as_bytes()[6..]].concat(),
    ]
}

/// The parts of a COSE message over a payload, with a signature that is none.
fn unsigned(sound: &Hcert, payload: &[u8]) -> Vec<Value> {
    let header = sound.protected.as_ref().map(forge::cbor_bytes).unwrap_or_default();
    vec![Value::Bytes(header), Value::Map(Vec::new()), Value::Bytes(payload.into()), Value::Bytes(NO_SIGNATURE.into())]
}

/// A seal (VDS-NC): its data, its signer's certificate, or all of it.
pub fn vds_nc(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let sound = &*SEAL;
    match kind % 4 {
        0 => drop(lacks_a_signature(&String::from_utf8_lossy(rest))),
        1 => drop(lacks_a_signature(&sealed(&sound.data.to_string(), rest, &NO_SIGNATURE))),
        _ => {
            let data = String::from_utf8_lossy(rest);
            if lacks_a_signature(&sealed(&data, &sound.certificate, &NO_SIGNATURE)) && is_chosen(rest) {
                let value: serde_json::Value = serde_json::from_str(&data).expect("JSON that was read");
                let canonical = serde_json_canonicalizer::to_vec(&value).expect("JSON that was read");
                let signature: p256::ecdsa::Signature = forge::p256_key(sound.seed).sign(&canonical);
                decided(&sealed(&data, &sound.certificate, &signature.to_bytes()));
            }
        }
    }
}

/// Seeds of `vds_nc`.
pub fn vds_nc_seeds() -> Vec<Vec<u8>> {
    let (vaccination, test) = (seal::seal(), seal::test_seal());
    vec![
        [&[0], vaccination.text().as_bytes()].concat(),
        [&[1], vaccination.certificate.as_slice()].concat(),
        [&[2], vaccination.data.to_string().as_bytes()].concat(),
        [&[3], test.data.to_string().as_bytes()].concat(),
    ]
}

/// The text of a seal.
fn sealed(data: &str, signer: &[u8], signature: &[u8]) -> String {
    let [signer, signature] = [signer, signature].map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes));
    format!(r#"{{"data":{data},"sig":{{"alg":"ES256","cer":"{signer}","sigvl":"{signature}"}}}}"#)
}

/// JSON that is signed as it stands.
pub fn json(input: &[u8]) {
    let Some(json) = BUDGET.spend(|| Json::read(input)) else { return };
    BUDGET.spend(|| json.is_unambiguous());
    let written = serde_json::to_vec(&json).expect("JSON that was read can be written");
    assert_eq!(Json::read(&written), Some(json), "what was written is read as the same");
}

/// Seeds of `json`.
pub fn json_seeds() -> Vec<Vec<u8>> {
    vec![br#"{"a":[1,-0.5e-7,true,null],"\u20ac":{"":"\ud83d\ude00"},"a":""}"#.into()]
}

/// The text of a zlib stream.
fn hc1(stream: &[u8]) -> String {
    format!("HC1:{}", ::base45::encode(stream))
}

/// A zlib stream that stores and does not compress (RFC 1950).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (a + b) % 65_521)
    });
    [&[0x78, 0x01], stored_block(bytes).as_slice(), &(b << 16 | a).to_be_bytes()].concat()
}

/// A DEFLATE stream that stores and does not compress (RFC 1951, section 3.2.4), of an input's few bytes.
fn stored_block(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().min(usize::from(u16::MAX)) as u16;
    [&[0x01], length.to_le_bytes().as_slice(), &(!length).to_le_bytes(), &bytes[..length.into()]].concat()
}
