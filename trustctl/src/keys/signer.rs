//! Whoever can sign files: today a key file, tomorrow a token that never gives its key away.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::fault::Fault;
use checkpoint::dsse::SignedFile;

/// Holds an Ed25519 key, and signs with it. A hardware key implements this and nothing else.
pub trait Signer {
    /// What people call it: "root-3, Mrs Lan".
    fn name(&self) -> &str;
    /// The public half.
    fn public_key(&self) -> VerifyingKey;
    /// Signs exactly these bytes.
    ///
    /// # Errors
    /// `Crypto` where the device refuses or is gone.
    fn sign(&self, message: &[u8]) -> Result<Signature, Fault>;
}

/// A key that was opened from its file.
#[derive(Clone)]
pub struct FileSigner {
    pub(super) name: String,
    pub(super) key: SigningKey,
}

impl Signer for FileSigner {
    fn name(&self) -> &str {
        &self.name
    }

    fn public_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, Fault> {
        Ok(self.key.sign(message))
    }
}

/// Adds a signature to a file, and makes sure that it holds: a token that was given the wrong bytes is found here and not at
/// the kiosks.
///
/// # Errors
/// Those of the signer; `Crypto` where the signature does not hold.
pub fn add_signature(file: &mut SignedFile, signer: &dyn Signer) -> Result<(), Fault> {
    let (message, key) = (file.signed_bytes(), signer.public_key());
    let signature = signer.sign(&message)?;
    key.verify_strict(&message, &signature)
        .map_err(|_| Fault::Crypto(format!("{} gave a signature that does not hold", signer.name())))?;
    file.attach(&key, &signature);
    Ok(())
}
