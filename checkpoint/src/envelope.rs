//! `QrText → Envelope`: which scheme, size caps, structure. Vouched for by nobody.

pub mod base45;
pub mod cose;
mod hcert;
pub(crate) mod inflate;
pub mod json;
mod jws;
mod nzcp;
mod shc;
mod vds_nc;

use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;

use crate::trust::credential::{Claims, StatementKind};
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;

pub use shc::chunks::{Chunk, Chunks, Joined, join};

/// Longest text of a code in letters, in bytes: a version 40-L code in alphanumeric mode (ISO/IEC 18004, table 7). What is
/// longer came from a file or a paste.
const TEXT_BYTES_MAX: usize = 4296;
/// The last second of the year 9999, the last that RFC 3339 can write.
const SECONDS_MAX: i64 = 253_402_300_799;

/// How a credential is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Our own: compact JWS, EdDSA (`docs/native-credential.md`).
    Native,
    /// `HC1:`, the EU DCC container that Viet Nam took over (Decision 5772/QĐ-BYT).
    Hc1,
    /// ICAO VDS-NC, proofs of vaccination and of testing (`docs/vds-nc.md`).
    VdsNc,
    /// `shc:/`, a SMART Health Card (`docs/smart-health-cards.md`).
    Shc,
    /// `NZCP:/`, a New Zealand COVID Pass (`docs/nzcp.md`).
    Nzcp,
}

impl Scheme {
    /// Its name for people and machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Hc1 => "hc1",
            Self::VdsNc => "vds-nc",
            Self::Shc => "shc",
            Self::Nzcp => "nzcp",
        }
    }
}

/// The algorithms that a scheme may name. Which of them fits is the key's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// ECDSA with SHA-256.
    Es256,
    /// ECDSA with SHA-384.
    Es384,
    /// ECDSA with SHA-512.
    Es512,
    /// RSASSA-PSS with SHA-256, a salt of 32 bytes.
    Ps256,
    /// RSASSA-PSS with SHA-384, a salt of 48 bytes.
    Ps384,
    /// RSASSA-PSS with SHA-512, a salt of 64 bytes.
    Ps512,
}

impl Algorithm {
    /// COSE algorithm identifiers (RFC 9053, tables 1 and 2; RFC 8230, table 1).
    fn from_cose(label: i64) -> Option<Self> {
        match label {
            -8 => Some(Self::EdDsa),
            -7 => Some(Self::Es256),
            -35 => Some(Self::Es384),
            -36 => Some(Self::Es512),
            -37 => Some(Self::Ps256),
            -38 => Some(Self::Ps384),
            -39 => Some(Self::Ps512),
            _ => None,
        }
    }
}

/// Whether a name looks like what it is: not blank, no control characters, nothing that turns the direction of writing around.
fn plain_name(name: &str) -> bool {
    let treacherous = |letter: char| {
        letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    !name.trim().is_empty() && !name.contains(treacherous)
}

/// Decoded, vouched for by nobody. It can name its key; it cannot be read.
pub struct Envelope {
    scheme: Scheme,
    algorithm: Algorithm,
    key_hint: Vec<u8>,
    payload: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Envelope {
    /// Takes a code's text apart.
    ///
    /// # Errors
    /// `UnknownCode` for no scheme of ours; `Malformed`, `TooLarge`, `AlgorithmNotAllowed` for a scheme's own faults.
    pub fn decode(text: &str) -> Result<Self, Reason> {
        Self::decode_traced(text, &mut Trace::brief())
    }

    pub(crate) fn decode_traced(text: &str, trace: &mut Trace) -> Result<Self, Reason> {
        let bytes_max = if shc::recognises(text) { shc::TEXT_BYTES_MAX } else { TEXT_BYTES_MAX };
        if text.len() > bytes_max {
            return trace.need(Layer::Prefix, Err(Reason::TooLarge { bytes_max }));
        }
        if hcert::recognises(text) {
            hcert::decode(text, trace)
        } else if shc::recognises(text) {
            shc::decode(text, trace)
        } else if nzcp::recognises(text) {
            nzcp::decode(text, trace)
        } else if jws::recognises(text) {
            jws::decode(text, trace)
        } else if vds_nc::recognises(text) {
            vds_nc::decode(text, trace)
        } else {
            trace.need(Layer::Prefix, Err(Reason::UnknownCode))
        }
    }

    /// How it was carried.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What it says of the key that signed it: a hint, often the first 8 bytes of a SHA-256, sometimes nothing; for VDS-NC
    /// the certificate of the signer.
    pub fn key_hint(&self) -> &[u8] {
        &self.key_hint
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes that the signature covers.
    pub(crate) fn signed(&self) -> &[u8] {
        &self.signed
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads the payload. For `trust` alone, which asks once it has dealt with the signature.
    pub(crate) fn content(&self) -> Result<Content, Reason> {
        match self.scheme {
            Scheme::Native => jws::content(&self.payload),
            Scheme::Hc1 => hcert::content(&self.payload),
            Scheme::VdsNc => vds_nc::content(&self.payload),
            Scheme::Shc => shc::content(&self.payload, &self.key_hint),
            Scheme::Nzcp => nzcp::content(&self.payload),
        }
    }
}

/// What a payload says, in its scheme's own form, before it counts.
pub(crate) enum Content {
    /// A native credential, read by its types.
    Native(Box<jws::Native>),
    /// A certificate of the EU form, its schema not yet checked.
    Hc1(Box<hcert::Cwt>),
    /// A seal, what it says not yet checked.
    VdsNc(Box<vds_nc::Seal>),
    /// A SMART Health Card or a New Zealand COVID Pass, read into the one model.
    Read(Box<Claims>),
}

impl Content {
    /// Who says that they issued it; `None` where the scheme lets the key speak for the issuer.
    pub(crate) fn issuer(&self) -> Option<&str> {
        match self {
            Self::Native(native) => Some(&native.claims.issuer),
            Self::Read(claims) => Some(&claims.issuer),
            Self::Hc1(cwt) => cwt.issuer(),
            Self::VdsNc(seal) => seal.issuer(),
        }
    }

    /// When it was signed, by its own account.
    pub(crate) fn issued_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Native(native) => native.claims.issued_at,
            Self::Read(claims) => claims.issued_at,
            Self::Hc1(cwt) => cwt.issued_at(),
            Self::VdsNc(_) => None,
        }
    }

    /// The later of the moment of signing and the first moment of validity.
    pub(crate) fn valid_from(&self) -> Option<DateTime<Utc>> {
        let (issued_at, not_before) = match self {
            Self::Native(native) => (native.claims.issued_at, native.claims.not_before),
            Self::Read(claims) => (claims.issued_at, claims.not_before),
            Self::Hc1(cwt) => (cwt.issued_at(), cwt.not_before()),
            Self::VdsNc(seal) => return seal.valid_from(),
        };
        issued_at.map(|issued_at| not_before.map_or(issued_at, |not_before| not_before.max(issued_at)))
    }

    /// Whether its scheme lets it hold for ever: a SMART Health Card states what was done, and that stays true.
    pub(crate) fn may_lack_an_end(&self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// The last second of validity.
    pub(crate) fn valid_until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Native(native) => native.claims.not_after,
            Self::Read(claims) => claims.not_after,
            Self::Hc1(cwt) => cwt.not_after(),
            Self::VdsNc(seal) => seal.not_after(),
        }
    }

    /// The kinds of statement in it.
    pub(crate) fn kinds(&self) -> Vec<StatementKind> {
        match self {
            Self::Native(native) => kinds(&native.claims),
            Self::Read(claims) => kinds(claims),
            Self::Hc1(cwt) => cwt.kinds(),
            Self::VdsNc(seal) => seal.kind().into_iter().collect(),
        }
    }

    /// The names under which it, or a part of it, can be taken back.
    pub(crate) fn ids(&self) -> Vec<&str> {
        match self {
            Self::Native(native) => native.claims.id.as_deref().into_iter().collect(),
            Self::Read(claims) => claims.id.as_deref().into_iter().collect(),
            Self::Hc1(cwt) => cwt.ids(),
            Self::VdsNc(seal) => seal.id().into_iter().collect(),
        }
    }

    /// Whether it follows its scheme's schema.
    pub(crate) fn schema(&self) -> Result<(), Reason> {
        match self {
            Self::Native(_) | Self::Read(_) => Ok(()),
            Self::Hc1(cwt) => cwt.schema(),
            Self::VdsNc(seal) => seal.schema(),
        }
    }

    /// The earliest moment at which a seal can have been signed; `None` for schemes that say when they were.
    pub(crate) fn signed_from(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Native(_) | Self::Hc1(_) | Self::Read(_) => None,
            Self::VdsNc(seal) => seal.signed_from(),
        }
    }

    /// Tells a seal the window of its signer's certificate, which is its own.
    pub(crate) fn sealed_by(&mut self, not_before: DateTime<Utc>, not_after: DateTime<Utc>) {
        if let Self::VdsNc(seal) = self {
            seal.sealed_by(not_before, not_after);
        }
    }

    /// The key of the holder's app, where the credential is bound to one.
    pub(crate) fn holder_key(&self) -> Option<VerifyingKey> {
        match self {
            Self::Native(native) => native.holder_key,
            Self::Hc1(_) | Self::VdsNc(_) | Self::Read(_) => None,
        }
    }

    /// What it says, in the one model. `issuer` stands in where it names none.
    pub(crate) fn into_claims(self, issuer: &str) -> Claims {
        match self {
            Self::Native(native) => native.claims,
            Self::Read(claims) => *claims,
            Self::Hc1(cwt) => cwt.claims(issuer),
            Self::VdsNc(seal) => seal.claims(),
        }
    }

    /// The signed certificate as JSON, for a person who looks into a code.
    pub(crate) fn to_json(&self, envelope: &Envelope) -> serde_json::Value {
        match self {
            Self::Native(_) => serde_json::from_slice(&envelope.payload).unwrap_or_default(),
            Self::Hc1(cwt) => cwt.to_json(),
            Self::VdsNc(seal) => seal.to_json(),
            Self::Read(_) => match envelope.scheme {
                Scheme::Nzcp => nzcp::to_json(&envelope.payload),
                _ => serde_json::from_slice(&envelope.payload).unwrap_or_default(),
            },
        }
    }
}

fn kinds(claims: &Claims) -> Vec<StatementKind> {
    claims.statements.iter().map(crate::trust::credential::Statement::kind).collect()
}
