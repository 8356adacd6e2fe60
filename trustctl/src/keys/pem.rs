//! Key files as text: PEM (RFC 7468) of PKCS #8 private keys (RFC 5958), encrypted by PBES2 (RFC 8018) with scrypt (RFC 7914)
//! and AES-256-CBC. `openssl pkey -in FILE` opens them too.

use base64::prelude::{BASE64_STANDARD, Engine};
use pkcs8::der::{Decode, SecretDocument, pem::LineEnding};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::passphrase::Passphrase;
use crate::fault::Fault;

/// Label of an encrypted private key.
pub const ENCRYPTED_KEY: &str = "ENCRYPTED PRIVATE KEY";
/// Label of a public key (`SubjectPublicKeyInfo`).
pub const PUBLIC_KEY: &str = "PUBLIC KEY";
/// Label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";

/// What a passphrase is made to cost who guesses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// One key that signs: scrypt N = 2^14, r = 8, p = 5 (OWASP's least, 2024), in the 32 MiB that openssl allows itself.
    Signer,
    /// One of a hundred keys of days that are opened together: p = 1.
    Day,
}

impl Cost {
    fn parallel(self) -> u32 {
        match self {
            Self::Signer => 5,
            Self::Day => 1,
        }
    }
}

/// A curve of RFC 8410, whose keys are 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Signs.
    Ed25519,
    /// Is sealed to.
    X25519,
}

impl Curve {
    /// Last byte of its object identifier, 1.3.101.x (RFC 8410, section 3).
    fn oid_end(self) -> u8 {
        match self {
            Self::Ed25519 => 0x70,
            Self::X25519 => 0x6e,
        }
    }

    /// PKCS #8 of a private key: version 0, the algorithm, and the 32 bytes in an octet string of their own (section 7).
    pub fn private_der(self, secret: &[u8; 32]) -> Zeroizing<Vec<u8>> {
        let mut der = Zeroizing::new(Vec::with_capacity(48));
        der.extend([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, self.oid_end(), 4, 0x22, 4, 0x20]);
        der.extend(secret);
        der
    }

    /// The 32 bytes of a private key; `None` where it is none of this curve. A newer form, with attributes or the public key behind
    /// it, is read too.
    pub fn private_from_der(self, der: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let info = PrivateKeyInfoRef::from_der(der).ok()?;
        let oid = [0x2b, 0x65, self.oid_end()];
        let inner = info.private_key.as_bytes();
        if info.algorithm.oid.as_bytes() != oid || inner.len() != 34 || inner[..2] != [4, 0x20] {
            return None;
        }
        Some(Zeroizing::new(inner[2..].try_into().ok()?))
    }

    /// `SubjectPublicKeyInfo` of a public key (section 4).
    pub fn public_der(self, public: &[u8; 32]) -> Vec<u8> {
        let mut der = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, self.oid_end(), 3, 0x21, 0];
        der.extend(public);
        der
    }

    /// The 32 bytes of a public key; `None` where it is none of this curve.
    pub fn public_from_der(self, der: &[u8]) -> Option<[u8; 32]> {
        let (head, key) = der.split_at_checked(12)?;
        let key: [u8; 32] = key.try_into().ok()?;
        (self.public_der(&key)[..12] == *head).then_some(key)
    }
}

/// Encrypts a private key (PKCS #8, DER).
///
/// # Errors
/// `Crypto` where there is no randomness, or the key is none.
pub fn encrypt(der: &[u8], passphrase: &Passphrase, cost: Cost) -> Result<String, Fault> {
    let crypto = |error: &dyn std::fmt::Display| Fault::Crypto(error.to_string());
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    getrandom::fill(&mut salt).map_err(|error| crypto(&error))?;
    getrandom::fill(&mut iv).map_err(|error| crypto(&error))?;
    let params = scrypt::Params::new(14, 8, cost.parallel()).map_err(|error| crypto(&error))?;
    let params = pbes2::Parameters::generate_scrypt_aes256cbc(params, &salt, iv).map_err(|error| crypto(&error))?;
    let info = PrivateKeyInfoRef::from_der(der).map_err(|error| crypto(&error))?;
    let encrypted = info.encrypt_with_params(params, passphrase.bytes()).map_err(|error| crypto(&error))?;
    encrypted.to_pem(ENCRYPTED_KEY, LineEnding::LF).map(|pem| (*pem).clone()).map_err(|error| crypto(&error))
}

/// Decrypts a private key; `None` for a wrong passphrase or a damaged file, which look the same.
pub fn decrypt(der: &[u8], passphrase: &Passphrase) -> Option<SecretDocument> {
    EncryptedPrivateKeyInfoRef::from_der(der).ok()?.decrypt(passphrase.bytes()).ok()
}

/// A block of PEM.
pub fn block(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The DER of the first block of a label; what stands before and between blocks is for people (RFC 7468, section 2).
pub fn find(text: &str, label: &str) -> Option<Vec<u8>> {
    all(text, label).into_iter().next()
}

/// The DER of every block of a label.
pub fn all(text: &str, label: &str) -> Vec<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    text.split(&begin)
        .skip(1)
        .filter_map(|rest| {
            let body: String = rest.split_once(&end)?.0.split_ascii_whitespace().collect();
            BASE64_STANDARD.decode(body).ok()
        })
        .collect()
}

/// The value of a line `Name: value` before the first block.
pub fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .take_while(|line| !line.starts_with("-----BEGIN"))
        .find_map(|line| line.split_once(':').filter(|(found, _)| *found == name).map(|(_, value)| value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The private and the public key of RFC 8410, section 10.3 and 10.1.
    const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn keys_stand_as_in_rfc_8410() {
        let (private, public) = (BASE64_STANDARD.decode(PRIVATE).unwrap(), BASE64_STANDARD.decode(PUBLIC).unwrap());
        let secret = Curve::Ed25519.private_from_der(&private).unwrap();
        assert_eq!(*Curve::Ed25519.private_der(&secret), private);
        let key = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().to_bytes();
        assert_eq!(Curve::Ed25519.public_der(&key), public);
        assert_eq!(Curve::Ed25519.public_from_der(&public), Some(key));
        assert!(Curve::X25519.private_from_der(&private).is_none(), "of another curve");
        assert!(Curve::X25519.public_from_der(&public).is_none(), "of another curve");
    }

    #[test]
    fn a_key_opens_with_its_passphrase_alone() {
        let der = BASE64_STANDARD.decode(PRIVATE).unwrap();
        let text = encrypt(&der, &Passphrase::from("correct horse battery"), Cost::Day).unwrap();
        let encrypted = find(&text, ENCRYPTED_KEY).unwrap();
        assert!(!encrypted.windows(32).any(|bytes| bytes == &der[16..48]), "nothing of it is readable");
        assert_eq!(decrypt(&encrypted, &Passphrase::from("correct horse battery")).unwrap().as_bytes(), der);
        assert!(decrypt(&encrypted, &Passphrase::from("correct horse batterz")).is_none());
    }

    #[test]
    fn blocks_are_found_behind_what_is_for_people() {
        let text =
            format!("Name: root A\nNote: with: colons\n{}{}", block(PUBLIC_KEY, &[1; 70]), block(CERTIFICATE, &[2]));
        assert_eq!((find(&text, PUBLIC_KEY), find(&text, CERTIFICATE)), (Some(vec![1; 70]), Some(vec![2])));
        assert_eq!((header(&text, "Name"), header(&text, "Note")), (Some("root A"), Some("with: colons")));
        assert_eq!(find(&text, ENCRYPTED_KEY), None);
    }
}
