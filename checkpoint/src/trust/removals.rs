//! What is no longer believed, from wherever it was said: it only grows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::files::{Removal, Removed, Signed};
use super::hex_32;
use super::revoked::Kind;

/// Keys, issuers and credentials by their digests, each with how much of what was signed is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Removals(HashMap<(Kind, [u8; 32]), Span>);

/// How much of what was signed: the union of everything that was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    all: bool,
    before: Option<DateTime<Utc>>,
    after: Option<DateTime<Utc>>,
}

/// What a file of hashes can say of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RevokedUntil {
    /// All of it.
    Ever,
    /// What was signed before this moment.
    Before(DateTime<Utc>),
}

impl Span {
    fn join(&mut self, other: Self) {
        self.all |= other.all;
        self.before = self.before.max(other.before);
        self.after = match (self.after, other.after) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// What a file of hashes would have to say to mean at least this.
    fn until(&self) -> RevokedUntil {
        match self {
            Self { all: false, before: Some(before), after: None } => RevokedUntil::Before(*before),
            _ => RevokedUntil::Ever,
        }
    }

    /// What does not say when it was signed never escapes.
    fn covers(&self, signed_at: Option<DateTime<Utc>>) -> bool {
        self.all
            || signed_at.is_none_or(|signed_at| {
                self.before.is_some_and(|before| signed_at < before)
                    || self.after.is_some_and(|after| signed_at > after)
            })
    }
}

impl From<Signed> for Span {
    fn from(signed: Signed) -> Self {
        match signed {
            Signed::All => Self { all: true, ..Self::default() },
            Signed::Before(before) => Self { before: Some(before), ..Self::default() },
            Signed::After(after) => Self { after: Some(after), ..Self::default() },
        }
    }
}

impl Removals {
    /// What a statement names. `None` for a digest that is none.
    pub(super) fn of(removed: &[Removal]) -> Option<Self> {
        let mut removals = Self::default();
        for Removal { what, signed } in removed {
            let (kind, digest) = match what {
                Removed::Key(digest) => (Kind::Key, hex_32(digest)?),
                Removed::Issuer(name) => (Kind::Issuer, issuer_digest(name)),
                Removed::Credential(digest) => (Kind::Credential, hex_32(digest)?),
            };
            removals.add(kind, digest, *signed);
        }
        Some(removals)
    }

    /// One more.
    pub(super) fn add(&mut self, kind: Kind, digest: [u8; 32], signed: Signed) {
        self.0.entry((kind, digest)).or_default().join(signed.into());
    }

    /// All of another.
    pub(super) fn join(&mut self, other: &Self) {
        for (named, span) in &other.0 {
            self.0.entry(*named).or_default().join(*span);
        }
    }

    /// Whether something that was signed at a moment is meant.
    pub(super) fn cover(&self, kind: Kind, digest: &[u8; 32], signed_at: Option<DateTime<Utc>>) -> bool {
        self.0.get(&(kind, *digest)).is_some_and(|span| span.covers(signed_at))
    }

    /// What of `self` is not also in `other`, at least as widely.
    pub(super) fn missing_in<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (Kind, [u8; 32], RevokedUntil)> + 'a {
        let wider = |named: &(Kind, [u8; 32]), span: &Span| {
            other.0.get(named).is_some_and(|wider| {
                let mut joined = *wider;
                joined.join(*span);
                wider.all || joined == *wider
            })
        };
        self.0
            .iter()
            .filter(move |(named, span)| !wider(named, span))
            .map(|((kind, digest), span)| (*kind, *digest, span.until()))
    }
}

/// How an issuer is named in revocations: SHA-256 of its name, exactly as it stands in credentials.
pub fn issuer_digest(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}
