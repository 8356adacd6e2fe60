//! Signed files: DSSE envelopes (Dead Simple Signing Envelope, protocol version 1) with Ed25519 signatures by key id.
//!
//! What is signed is the payload's bytes with its type, so there is nothing to canonicalise.

use std::collections::BTreeSet;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::trust::checks::{Check, made};

/// A DSSE envelope as the file holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SignedFile {
    /// What the payload is, for example `application/vnd.checkpoint.bundle+json`.
    pub payload_type: String,
    /// The signed bytes in base64 (RFC 4648, padded).
    pub payload: String,
    /// Signatures by different keys, in any order.
    pub signatures: Vec<KeySignature>,
}

/// One signature of a `SignedFile`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySignature {
    /// `key_id` of the public key.
    pub keyid: String,
    /// Ed25519 signature over `PAE(type, payload)`, 64 bytes in base64.
    pub sig: String,
}

/// The name of an Ed25519 public key: lower-case hexadecimal of the SHA-256 of its 32 bytes.
pub fn key_id(key: &VerifyingKey) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is really signed: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body` (DSSE protocol, "Pre-Authentication
/// Encoding").
fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let payload_type = if made(Check::TypeIsSigned) { payload_type } else { "" };
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

impl SignedFile {
    /// An envelope that nobody has signed yet.
    pub fn unsigned(payload_type: &str, payload: &[u8]) -> Self {
        Self { payload_type: payload_type.into(), payload: BASE64_STANDARD.encode(payload), signatures: Vec::new() }
    }

    /// Adds the signature of one key; a second one by the same key takes the place of the first.
    pub fn sign(&mut self, key: &SigningKey) {
        self.attach(&key.verifying_key(), &key.sign(&self.signed_bytes()));
    }

    /// What a key signs: for a key that this program does not hold itself.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let payload = BASE64_STANDARD.decode(&self.payload).unwrap_or_default();
        pre_authentication_encoding(&self.payload_type, &payload)
    }

    /// Adds a signature over `signed_bytes` that was made elsewhere; a second one by the same key takes the place of the first.
    pub fn attach(&mut self, key: &VerifyingKey, signature: &Signature) {
        let keyid = key_id(key);
        self.signatures.retain(|signature| signature.keyid != keyid);
        self.signatures.push(KeySignature { keyid, sig: BASE64_STANDARD.encode(signature.to_bytes()) });
    }

    /// The payload, if it is base64. Vouched for by nobody: only to show what a proposal says.
    pub fn payload_unverified(&self) -> Option<Vec<u8>> {
        BASE64_STANDARD.decode(&self.payload).ok()
    }

    /// The payload, if it has this type and at least `threshold` different keys of `keys` signed it.
    ///
    /// Strict Ed25519 verification; two signatures of one key count once; signatures by other keys are ignored.
    /// `None` also when `threshold` is 0: a role that needs nobody admits nothing.
    pub fn verify(&self, payload_type: &str, keys: &[VerifyingKey], threshold: usize) -> Option<Vec<u8>> {
        if made(Check::PayloadType) && self.payload_type != payload_type || threshold == 0 {
            return None;
        }
        let payload = BASE64_STANDARD.decode(&self.payload).ok()?;
        let signed = pre_authentication_encoding(&self.payload_type, &payload);
        let signers: Vec<[u8; 32]> = self
            .signatures
            .iter()
            .filter_map(|signature| {
                let key = keys.iter().find(|key| key_id(key) == signature.keyid)?;
                let bytes: [u8; 64] = BASE64_STANDARD.decode(&signature.sig).ok()?.try_into().ok()?;
                let good = key.verify_strict(&signed, &Signature::from_bytes(&bytes)).is_ok();
                (good || !made(Check::Signature)).then(|| key.to_bytes())
            })
            .collect();
        let different = signers.iter().collect::<BTreeSet<_>>().len();
        let count = if made(Check::DifferentSigners) { different } else { signers.len() };
        let needed = if made(Check::Threshold) { threshold } else { 1 };
        (count >= needed).then_some(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "application/vnd.checkpoint.test+json";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn signed_by(seeds: &[u8]) -> SignedFile {
        let mut file = SignedFile::unsigned(TYPE, b"{}");
        for seed in seeds {
            file.sign(&key(*seed));
        }
        file
    }

    fn accepts(file: &SignedFile, threshold: usize) -> bool {
        let keys: Vec<_> = [1, 2, 3].map(|seed| key(seed).verifying_key()).into();
        file.verify(TYPE, &keys, threshold).is_some()
    }

    #[test]
    fn enough_different_keys_are_needed() {
        assert!(accepts(&signed_by(&[1, 2]), 2));
        assert!(!accepts(&signed_by(&[1]), 2));
        assert!(!accepts(&signed_by(&[1, 9]), 2), "a stranger's signature does not count");
    }

    #[test]
    fn one_key_that_signs_twice_counts_once() {
        let mut file = signed_by(&[1]);
        file.signatures.push(file.signatures[0].clone());
        assert!(!accepts(&file, 2));
    }

    #[test]
    fn a_threshold_of_nobody_admits_nothing() {
        assert!(!accepts(&signed_by(&[1, 2, 3]), 0));
    }

    #[test]
    fn payload_and_type_are_both_signed() {
        let mut file = signed_by(&[1, 2]);
        file.payload = BASE64_STANDARD.encode(b"{ }");
        assert!(!accepts(&file, 2));
        let mut file = signed_by(&[1, 2]);
        file.payload_type = "application/vnd.checkpoint.other+json".into();
        assert!(!accepts(&file, 2));
    }
}
