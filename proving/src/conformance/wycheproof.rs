//! Project Wycheproof's edge cases of the signatures in use: each must hold or not hold for the product's own keys.

use std::fs;
use std::io;
use std::path::Path;

use checkpoint::envelope::Algorithm;
use checkpoint::trust::key::PublicKey;
use serde::Deserialize;

use super::{Score, bytes};

/// Files of algorithms that our schemes use. ECDSA in ASN.1 is in none of them, so that file is left out; salts of another
/// length than PS256's make every signature wrong.
const FILES: [(&str, Algorithm); 6] = [
    ("ed25519", Algorithm::EdDsa),
    ("ecdsa_secp256r1_sha256_p1363", Algorithm::Es256),
    ("rsa_pss_2048_sha256_mgf1_0", Algorithm::Ps256),
    ("rsa_pss_2048_sha256_mgf1_32", Algorithm::Ps256),
    ("rsa_pss_3072_sha256_mgf1_32", Algorithm::Ps256),
    ("rsa_pss_4096_sha256_mgf1_32", Algorithm::Ps256),
];

/// Length of PS256's salt, in bytes (RFC 7518, section 3.5).
const PS256_SALT_BYTES: usize = 32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    public_key: Option<RawKey>,
    public_key_der: String,
    s_len: Option<usize>,
    tests: Vec<Case>,
}

/// An Ed25519 key beside its DER.
#[derive(Deserialize)]
struct RawKey {
    pk: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    tc_id: u64,
    comment: String,
    msg: String,
    sig: String,
    result: String,
}

/// Scores every file that is there.
///
/// # Errors
/// A file that cannot be read or is not what it should be, named.
pub fn score_all(dir: &Path, score: &mut Score) -> Result<(), String> {
    for (name, algorithm) in FILES {
        let path = dir.join(format!("{name}_test.json"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        let file: File = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for group in &file.test_groups {
            score_group(name, algorithm, group, score);
        }
    }
    Ok(())
}

fn score_group(name: &str, algorithm: Algorithm, group: &Group, score: &mut Score) {
    let key = match group.public_key.as_ref().and_then(|key| key.pk.as_deref()) {
        Some(raw) => PublicKey::ed25519(&bytes(raw)),
        None => PublicKey::from_spki(&bytes(&group.public_key_der)),
    };
    let salt_fits = group.s_len.is_none_or(|len| len == PS256_SALT_BYTES);
    for case in &group.tests {
        let expected = match case.result.as_str() {
            "valid" if salt_fits => "valid",
            "valid" => "invalid",
            "invalid" if salt_fits => "invalid",
            // What Wycheproof leaves open, we leave open; with another salt, what it calls wrong may be right for us.
            _ => continue,
        };
        let holds = key.as_ref().is_some_and(|key| key.verifies(algorithm, &bytes(&case.msg), &bytes(&case.sig)));
        let got = if holds { "valid" } else { "invalid" };
        score.count_case("wycheproof", &format!("{name}/{}", case.tc_id), name, expected, got, &case.comment);
    }
}
