//! Examples of the COSE working group: the reading of a message, and its signature by a key that comes as a JWK (RFC 7517).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::cose::{Sign1, sig_structure};
use checkpoint::trust::key::PublicKey;
use serde_json::Value;

use super::{Line, Score, bytes};
use der::der;

#[path = "../../../checkpoint/tests/forge/der.rs"]
mod der;

/// Scores one line.
pub fn score(line: &Line, score: &mut Score) {
    let Some(expected) = line.expects("signature").and_then(Value::as_str) else { return };
    let message = Sign1::read(&bytes(line.cbor.as_deref().unwrap_or_default()));
    let key = line.key.as_ref().and_then(|key| public_key(key.get("jwk")?));
    let holds = message.as_ref().is_ok_and(|message| {
        let external_aad = bytes(line.external_aad.as_deref().unwrap_or_default());
        let signed = sig_structure(&message.protected, &external_aad, &message.payload);
        key.as_ref().is_some_and(|key| key.verifies(message.algorithm, &signed, &message.signature))
    });
    let detail = match (&message, &key) {
        (Err(reason), _) => reason.code(),
        (_, None) => "no key that we can use",
        _ => "",
    };
    score.count(line, "signature", expected, if holds { "valid" } else { "invalid" }, detail);
}

/// The public key of a JWK: Ed25519 (RFC 8037), or one of the curves and RSA by way of the `SubjectPublicKeyInfo` that
/// certificates carry.
pub fn public_key(jwk: &Value) -> Option<PublicKey> {
    let member = |name| jwk.get(name).and_then(Value::as_str);
    let number = |name| BASE64_URL_SAFE_NO_PAD.decode(member(name)?).ok();
    let curve: &[u8] = match (member("kty")?, member("crv")) {
        ("OKP", Some("Ed25519")) => return PublicKey::ed25519(&number("x")?),
        ("RSA", _) => return PublicKey::from_spki(&rsa(&number("n")?, &number("e")?)),
        ("EC", Some("P-256")) => b"\x2a\x86\x48\xce\x3d\x03\x01\x07",
        ("EC", Some("P-384")) => b"\x2b\x81\x04\x00\x22",
        ("EC", Some("P-521")) => b"\x2b\x81\x04\x00\x23",
        _ => return None,
    };
    let algorithm = der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x02\x01"]), &der(0x06, &[curve])]);
    PublicKey::from_spki(&der(0x30, &[&algorithm, &der(0x03, &[&[0, 4], &number("x")?, &number("y")?])]))
}

/// `SubjectPublicKeyInfo` of an RSA key (RFC 3279, section 2.3.1).
fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let unsigned =
        |number: &[u8]| der(0x02, &[if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] }, number]);
    let key = der(0x30, &[&unsigned(modulus), &unsigned(exponent)]);
    let algorithm = der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"]), b"\x05\x00"]);
    der(0x30, &[&algorithm, &der(0x03, &[&[0], &key])])
}
