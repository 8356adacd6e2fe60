//! Whom the kiosk believes, for what, and when: `Envelope → Credential`.

pub mod credential;
pub mod files;

use crate::envelope::Envelope;
use crate::time::TrustedTime;
use crate::verdict::Reason;
use credential::Credential;

/// Keys, scopes and windows that were signed by the authority.
#[derive(Clone, Debug, Default)]
pub struct TrustList {
    version: u64,
    demo: bool,
}

impl TrustList {
    /// Version of the bundle; grows with every publication.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The authority is a demonstration.
    pub fn demo(&self) -> bool {
        self.demo
    }

    /// Since when it was signed, and how fresh that is by its own limits; `None` where none is loaded.
    pub fn freshness(&self, _now: TrustedTime) -> Option<(std::time::Duration, crate::screen::Freshness)> {
        None
    }

    /// The X25519 public key to which passages of a day (+07:00) are sealed.
    pub fn tracing_key(&self, _day: chrono::NaiveDate) -> Option<[u8; 32]> {
        None
    }

    /// Proves an envelope: key known, allowed for this kind and issuer, good signature, valid now, not revoked, schema
    /// met. There is no second call to forget.
    ///
    /// # Errors
    /// The reason that the guard is shown.
    pub fn verify(&self, _envelope: Envelope, _now: TrustedTime) -> Result<Credential, Reason> {
        Err(Reason::NoTrustList)
    }
}
