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

    /// Proves an envelope: key known, allowed for this kind and issuer, good signature, valid now, not revoked, schema
    /// met. There is no second call to forget.
    ///
    /// # Errors
    /// The reason that the guard is shown.
    pub fn verify(&self, _envelope: Envelope, _now: TrustedTime) -> Result<Credential, Reason> {
        Err(Reason::NoTrustList)
    }
}
