//! `QrText → Envelope`: which scheme, size caps, structure. Vouched for by nobody.

use crate::verdict::Reason;

/// How a credential is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Our own: compact JWS, EdDSA (`docs/native-credential.md`).
    Native,
    /// `HC1:`, the EU DCC container that Viet Nam took over (Decision 5772/QĐ-BYT).
    Hc1,
}

/// Decoded, vouched for by nobody. It can name its key; it cannot be read.
pub struct Envelope {
    scheme: Scheme,
}

impl Envelope {
    /// Takes a code's text apart.
    ///
    /// # Errors
    /// `UnknownCode` for no scheme of ours; `Malformed`, `TooLarge`, `AlgorithmNotAllowed` for a scheme's own faults.
    pub fn decode(_text: &str) -> Result<Self, Reason> {
        Err(Reason::UnknownCode)
    }

    /// How it was carried.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }
}
