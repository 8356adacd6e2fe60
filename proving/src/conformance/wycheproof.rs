//! Project Wycheproof's edge cases of the signatures in use: each must hold or not hold for the product's own keys.

use std::fs;
use std::io;
use std::path::Path;

use checkpoint::envelope::Algorithm;
use checkpoint::trust::key::{CertificateAlgorithm, Hash, PublicKey};
use serde::Deserialize;

use super::{Score, bytes};

/// Who makes such a signature.
#[derive(Clone, Copy)]
enum Made {
    /// Signers of codes.
    InCodes(Algorithm),
    /// Authorities, in certificates.
    InCertificates(CertificateAlgorithm),
}

/// Files of signatures that we read, and who makes them. Salts of another length than the hash make every signature wrong. JWS
/// and JWK are left out: no scheme of ours reads a JWS that is not its own.
const FILES: [(&str, Made); 27] = {
    use Algorithm::{EdDsa, Es256, Es384, Es512, Ps256, Ps384, Ps512};
    use CertificateAlgorithm::{Ecdsa, RsaPkcs1};
    use Made::{InCertificates, InCodes};
    [
        ("ed25519", InCodes(EdDsa)),
        ("ecdsa_secp256r1_sha256_p1363", InCodes(Es256)),
        ("ecdsa_secp256r1_sha512_p1363", InCodes(Es512)),
        ("ecdsa_secp384r1_sha384_p1363", InCodes(Es384)),
        ("ecdsa_secp521r1_sha512_p1363", InCodes(Es512)),
        ("rsa_pss_2048_sha256_mgf1_0", InCodes(Ps256)),
        ("rsa_pss_2048_sha256_mgf1_32", InCodes(Ps256)),
        ("rsa_pss_3072_sha256_mgf1_32", InCodes(Ps256)),
        ("rsa_pss_4096_sha256_mgf1_32", InCodes(Ps256)),
        ("rsa_pss_2048_sha384_mgf1_48", InCodes(Ps384)),
        ("rsa_pss_4096_sha384_mgf1_48", InCodes(Ps384)),
        ("rsa_pss_4096_sha512_mgf1_32", InCodes(Ps512)),
        ("rsa_pss_4096_sha512_mgf1_64", InCodes(Ps512)),
        ("ecdsa_secp256r1_sha256", InCertificates(Ecdsa(Hash::Sha256))),
        ("ecdsa_secp384r1_sha256", InCertificates(Ecdsa(Hash::Sha256))),
        ("ecdsa_secp384r1_sha384", InCertificates(Ecdsa(Hash::Sha384))),
        ("ecdsa_secp521r1_sha512", InCertificates(Ecdsa(Hash::Sha512))),
        ("rsa_signature_2048_sha256", InCertificates(RsaPkcs1(Hash::Sha256))),
        ("rsa_signature_2048_sha384", InCertificates(RsaPkcs1(Hash::Sha384))),
        ("rsa_signature_2048_sha512", InCertificates(RsaPkcs1(Hash::Sha512))),
        ("rsa_signature_3072_sha256", InCertificates(RsaPkcs1(Hash::Sha256))),
        ("rsa_signature_3072_sha384", InCertificates(RsaPkcs1(Hash::Sha384))),
        ("rsa_signature_3072_sha512", InCertificates(RsaPkcs1(Hash::Sha512))),
        ("rsa_signature_4096_sha256", InCertificates(RsaPkcs1(Hash::Sha256))),
        ("rsa_signature_4096_sha384", InCertificates(RsaPkcs1(Hash::Sha384))),
        ("rsa_signature_4096_sha512", InCertificates(RsaPkcs1(Hash::Sha512))),
        ("rsa_signature_8192_sha256", InCertificates(RsaPkcs1(Hash::Sha256))),
    ]
};

/// Length of the salt, in bytes: that of the hash (RFC 7518, section 3.5).
fn salt_bytes(made: Made) -> Option<usize> {
    match made {
        Made::InCodes(Algorithm::Ps256) => Some(32),
        Made::InCodes(Algorithm::Ps384) => Some(48),
        Made::InCodes(Algorithm::Ps512) => Some(64),
        Made::InCodes(_) | Made::InCertificates(_) => None,
    }
}

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
    for (name, made) in FILES {
        let path = dir.join(format!("{name}_test.json"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        let file: File = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for group in &file.test_groups {
            score_group(name, made, group, score);
        }
    }
    Ok(())
}

fn score_group(name: &str, made: Made, group: &Group, score: &mut Score) {
    let key = match group.public_key.as_ref().and_then(|key| key.pk.as_deref()) {
        Some(raw) => PublicKey::ed25519(&bytes(raw)),
        None => PublicKey::from_spki(&bytes(&group.public_key_der)),
    };
    let salt_fits = group.s_len == salt_bytes(made);
    for case in &group.tests {
        let expected = match case.result.as_str() {
            "valid" if salt_fits => "valid",
            "valid" => "invalid",
            "invalid" if salt_fits => "invalid",
            // What Wycheproof leaves open, we leave open; with another salt, what it calls wrong may be right for us.
            _ => continue,
        };
        let (signed, signature) = (bytes(&case.msg), bytes(&case.sig));
        let holds = key.as_ref().is_some_and(|key| match made {
            Made::InCodes(algorithm) => key.verifies(algorithm, &signed, &signature),
            Made::InCertificates(algorithm) => key.certifies(algorithm, &signed, &signature),
        });
        let got = if holds { "valid" } else { "invalid" };
        score.count_case("wycheproof", &format!("{name}/{}", case.tc_id), name, expected, got, &case.comment);
    }
}
