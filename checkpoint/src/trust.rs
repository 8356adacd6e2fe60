//! Whom the kiosk believes, for what, and when: `Envelope → Credential`.

pub(crate) mod checks;
pub(crate) mod country;
pub mod credential;
mod csca;
mod curve;
pub mod files;
#[cfg(test)]
mod hostile;
pub mod key;
mod load;
pub mod places;
mod removals;
pub mod revoked;
mod roots;
pub mod trace;
mod unsigned;
pub mod update;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::envelope::{Content, Envelope, Scheme};
use crate::passage::Location;
use crate::screen::Freshness;
use crate::time::{Confidence, TrustedTime};
use crate::verdict::Reason;
use checks::{Check, made};
use credential::{Credential, Person, StatementKind};
use csca::{Csca, SignerCertificate};
use files::{EVERYWHERE, RevocationFile};
use key::PublicKey;
use removals::Removals;
use revoked::{Kind, RevokedFiles, Unreadable};
use trace::{Layer, Step, Trace};

pub use country::three_letters;
pub use key::key_digests;
pub use load::{FileName, TrustFault};
pub use removals::issuer_digest;
pub use roots::{RootChain, Statement};
pub use unsigned::UnsignedListFault;

/// Keys, scopes and windows that were signed by the authority. The default is no list: it proves nothing.
#[derive(Clone, Debug, Default)]
pub struct TrustList {
    origin: Origin,
    version: u64,
    root_version: u64,
    /// Bundles below this version need not be gone on with.
    revocation_reset: u64,
    /// SHA-256 of what the bundle says, whoever signed it.
    digest: [u8; 32],
    authority: String,
    demo: bool,
    signed_at: DateTime<Utc>,
    age_soft: Duration,
    age_hard: Duration,
    keys: Vec<Key>,
    tracing_keys: BTreeMap<NaiveDate, [u8; 32]>,
    devices: BTreeMap<String, [u8; 32]>,
    /// What the bundle itself takes away.
    revoked: Removals,
    /// What was distrusted, whatever the bundle says.
    distrusted: Removals,
    /// What the bundle takes away in files.
    revoked_files: RevokedFiles,
    /// How the bundle names them.
    revocation_files: Vec<RevocationFile>,
    /// Where the kiosk stands. Without one, only what counts everywhere counts.
    place: Option<Location>,
}

/// Who vouches for a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    /// There is no list.
    #[default]
    None,
    /// Signed by the authority, all the way from a root.
    Signed,
    /// Nobody: a file that a person handed to `verify --trust`.
    Unsigned,
}

/// One key with what it may sign.
#[derive(Clone, Debug)]
struct Key {
    named: Named,
    /// `None` for a kind that the kiosk cannot use: it denies what it signed, and still says what it was for.
    key: Option<PublicKey>,
    /// `key_digests`.
    digests: Vec<[u8; 32]>,
    scope: Scope,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    /// Country of the certificate's subject: speaks for the issuer where a credential names none.
    country: Option<String>,
}

/// How those whom a key signed for name it.
#[derive(Clone, Debug)]
enum Named {
    /// Codes give its id: a hint, and several keys may have the same.
    KeyId(Vec<u8>),
    /// The certificates of its signers give its name: it signs nothing else.
    Authority(Csca),
}

/// What a key may sign. Everything else is denied.
#[derive(Clone, Debug)]
struct Scope {
    schemes: Vec<Scheme>,
    statements: Vec<StatementKind>,
    issuers: Issuers,
    regions: Regions,
    /// Lists without a signature do not say.
    lifetime_days: Option<u32>,
}

/// Where what a key signs counts.
#[derive(Clone, Debug)]
enum Regions {
    /// At these places, and in these provinces.
    Listed(Vec<String>),
    /// Lists without a signature do not say. No signed list can.
    Unsaid,
}

/// For whom a key may sign.
#[derive(Clone, Debug)]
enum Issuers {
    /// For these, exactly as they stand in credentials.
    Listed(Vec<String>),
    /// Lists without a signature do not say. No signed list can.
    Unsaid,
}

impl Key {
    /// Whether the key may sign all these statements in this scheme for the issuer that the content names.
    fn may_sign(&self, scheme: Scheme, content: &Content) -> bool {
        let kinds = content.kinds();
        let issuer_allowed = match &self.scope.issuers {
            Issuers::Listed(issuers) => issuers.iter().any(|issuer| issuer == self.issuer_of(content)),
            Issuers::Unsaid => true,
        };
        let kinds_allowed = !kinds.is_empty() && kinds.iter().all(|kind| self.scope.statements.contains(kind));
        (issuer_allowed || !made(Check::ScopeIssuer))
            && (self.scope.schemes.contains(&scheme) || !made(Check::ScopeScheme))
            && (kinds_allowed || !made(Check::ScopeStatements))
    }

    /// Whether what it signs counts at a place.
    fn counts_at(&self, place: Option<&Location>) -> bool {
        match &self.scope.regions {
            Regions::Unsaid => true,
            Regions::Listed(regions) => regions.iter().any(|region| {
                region == EVERYWHERE || place.is_some_and(|place| *region == place.province || *region == place.code)
            }),
        }
    }

    /// Last moment of validity that it can give to something that was signed then.
    fn lifetime_end(&self, signed_at: DateTime<Utc>) -> DateTime<Utc> {
        let end = |days: u32| signed_at.checked_add_signed(TimeDelta::days(days.into()));
        self.scope.lifetime_days.and_then(end).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Who issued: as the content says, or else the country of the key's certificate.
    fn issuer_of<'a>(&'a self, content: &'a Content) -> &'a str {
        content.issuer().or(self.country.as_deref()).unwrap_or_default()
    }
}

/// Everything about one code, for a person who asks why: `kiosk verify` and the conformance runner show it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Every layer that could be looked at, in the order of the walk.
    pub steps: Vec<Step>,
    /// The envelope's scheme, if it was one.
    pub scheme: Option<Scheme>,
    /// What the code says, in its scheme's own form. Not vouched for unless `outcome` is a credential.
    pub content: Option<serde_json::Value>,
    /// What `verify` answers: a credential, or the first fault.
    pub outcome: Result<Credential, Reason>,
}

/// Why an envelope makes no credential, and whom it names all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// What the guard is shown.
    pub reason: Reason,
    /// The person in content that a key of the list signed, and that was refused for another cause: expired, out of the key's
    /// scope, revoked. Sealed with the passage, so that a tracer finds them; it proves nothing and cannot become a credential.
    pub person: Option<Box<Person>>,
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self { reason, person: None }
    }
}

impl TrustList {
    /// The same list, for a kiosk that stands there: keys whose credentials count only elsewhere are no longer believed.
    pub fn at(mut self, place: Location) -> Self {
        self.stand_at(place);
        self
    }

    /// The kiosk stands there from now on.
    pub fn stand_at(&mut self, place: Location) {
        self.place = Some(place);
    }

    /// Where the kiosk stands that this list is for; `None` where it does not say.
    pub fn place(&self) -> Option<&Location> {
        self.place.as_ref()
    }

    /// Version of the bundle; grows with every publication.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Version of the last root of the chain.
    pub fn root_version(&self) -> u64 {
        self.root_version
    }

    /// Name of the authority, for people.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The authority is a demonstration.
    pub fn demo(&self) -> bool {
        self.demo
    }

    /// A list is loaded.
    pub fn is_loaded(&self) -> bool {
        self.origin != Origin::None
    }

    /// Nobody signed this list: whoever wrote the file decides what is believed.
    pub fn is_unsigned(&self) -> bool {
        self.origin == Origin::Unsigned
    }

    /// When the authority signed it: a proven time, for the floor of `TrustedTime`. The epoch for an unsigned list.
    pub fn signed_at(&self) -> DateTime<Utc> {
        self.signed_at
    }

    /// The revocation files that belong to it.
    pub fn revocation_files(&self) -> &[RevocationFile] {
        &self.revocation_files
    }

    /// How many keys it holds that the kiosk can use.
    pub fn keys_count(&self) -> usize {
        self.keys.iter().filter(|key| key.key.is_some()).count()
    }

    /// How many of its keys are of a kind that the kiosk cannot use. What they signed is `UnknownKey`.
    pub fn keys_unusable(&self) -> usize {
        self.keys.len() - self.keys_count()
    }

    /// How long ago it was signed, and how fresh that is by its own limits; `None` where none is loaded.
    pub fn freshness(&self, now: TrustedTime) -> Option<(Duration, Freshness)> {
        let age = self.age(now.estimate());
        let freshness = match self.origin {
            Origin::None => return None,
            Origin::Unsigned => return Some((Duration::ZERO, Freshness::Fresh)),
            Origin::Signed if age > self.age_hard => Freshness::Stale,
            Origin::Signed if age > self.age_soft => Freshness::Ageing,
            Origin::Signed => Freshness::Fresh,
        };
        Some((age, freshness))
    }

    /// How long it still makes green, by its hard limit; `None` where it never ends, or none is loaded.
    pub fn green_for(&self, now: TrustedTime) -> Option<Duration> {
        (self.origin == Origin::Signed).then(|| self.age_hard.saturating_sub(self.age(now.estimate())))
    }

    /// The X25519 public key to which passages of a day (+07:00) are sealed.
    pub fn tracing_key(&self, day: NaiveDate) -> Option<[u8; 32]> {
        self.tracing_keys.get(&day).copied()
    }

    /// The tracing key of the last of these days that has one, and its day: `TrustedTime::sealing_days`. A day without a key is no
    /// reason to keep no name while one before it has a key.
    pub fn sealing_key(&self, days: RangeInclusive<NaiveDate>) -> Option<(NaiveDate, [u8; 32])> {
        if days.is_empty() {
            return None;
        }
        self.tracing_keys.range(days).next_back().map(|(day, key)| (*day, *key))
    }

    /// For how many days in a row, from `day` on, there is a tracing key.
    pub fn tracing_days_left(&self, day: NaiveDate) -> u32 {
        day.iter_days().take_while(|day| self.tracing_keys.contains_key(day)).count() as u32
    }

    /// Ed25519 public key of one of the authority's kiosks.
    pub fn device_key(&self, device: &str) -> Option<[u8; 32]> {
        self.devices.get(device).copied()
    }

    /// Ed25519 public keys of all of the authority's kiosks. What a kiosk signs names its key, not the name that the list has.
    pub fn device_keys(&self) -> impl Iterator<Item = ed25519_dalek::VerifyingKey> {
        self.devices.values().filter_map(|key| ed25519_dalek::VerifyingKey::from_bytes(key).ok())
    }

    /// Proves an envelope: key known, good signature, schema met, key allowed for this kind and issuer at that time, valid
    /// now, not revoked. There is no second call to forget.
    ///
    /// The order makes the reason the true one: nothing that an envelope claims counts before its signature.
    ///
    /// # Errors
    /// The reason that the guard is shown.
    pub fn verify(&self, envelope: Envelope, now: TrustedTime) -> Result<Credential, Reason> {
        self.verify_naming(envelope, now).map_err(|refused| refused.reason)
    }

    /// As `verify`; what is refused also says whom it names, where a key of the list signed it. For the sealed record alone.
    ///
    /// # Errors
    /// The reason that the guard is shown, with that person.
    pub fn verify_naming(&self, envelope: Envelope, now: TrustedTime) -> Result<Credential, Refused> {
        self.prove(&envelope, now, &mut Trace::brief(), &mut None)
    }

    /// The same walk as `Envelope::decode` and `verify`, which writes down every layer and goes on after a fault as far as
    /// it can.
    pub fn explain(&self, text: &str, now: TrustedTime) -> Explained {
        let mut trace = Trace::thorough();
        let mut content = None;
        let envelope = Envelope::decode_traced(text, &mut trace);
        let scheme = envelope.as_ref().ok().map(Envelope::scheme);
        let outcome = envelope.and_then(|envelope| {
            self.prove(&envelope, now, &mut trace, &mut content).map_err(|refused| refused.reason)
        });
        Explained { steps: trace.into_steps(), scheme, content, outcome }
    }

    /// The only maker of credentials.
    fn prove(
        &self,
        envelope: &Envelope,
        now: TrustedTime,
        trace: &mut Trace,
        shown: &mut Option<serde_json::Value>,
    ) -> Result<Credential, Refused> {
        trace.judge(Layer::TrustList, self.usable(now))?;
        let certificate = match envelope.scheme() {
            Scheme::VdsNc => {
                let certificate = SignerCertificate::from_der(envelope.key_hint());
                Some(trace.need(Layer::Structure, certificate.ok_or(Reason::Malformed { layer: "certificate" }))?)
            }
            Scheme::Native | Scheme::Hc1 | Scheme::Shc | Scheme::Nzcp => None,
        };
        let signers = match &certificate {
            None => trace.judge(Layer::Signature, self.signers(envelope))?,
            Some(certificate) => {
                let authorities = trace.judge(Layer::Chain, self.certifiers(certificate))?;
                trace.judge(Layer::Signature, sealed(envelope, certificate))?;
                authorities
            }
        }
        .unwrap_or_default();
        let mut content = trace.need(Layer::Content, envelope.content())?;
        if let Some(certificate) = &certificate {
            content.sealed_by(certificate.not_before, certificate.not_after);
        }
        if trace.is_thorough() {
            *shown = Some(content.to_json(envelope));
        }
        // One key may be listed more than once: what one of the entries allows is allowed.
        let allows = |signer: &&Key| {
            self.key_use(envelope, Some(signer), certificate.as_ref(), &content).is_ok()
                && self.key_window(signer, certificate.as_ref(), &content).is_ok()
        };
        let signer = signers.iter().copied().find(allows).or_else(|| signers.first().copied());
        let issuer =
            signer.map_or_else(|| content.issuer().unwrap_or_default(), |signer| signer.issuer_of(&content)).to_owned();
        let judge = |trace: &mut Trace| -> Result<(), Reason> {
            trace.judge(Layer::Schema, content.schema())?;
            trace.judge(Layer::KeyUse, self.key_use(envelope, signer, certificate.as_ref(), &content))?;
            if let Some(signer) = signer {
                trace.judge(Layer::KeyWindow, self.key_window(signer, certificate.as_ref(), &content))?;
            }
            trace.judge(Layer::Validity, validity(&content, signer, now))?;
            let revoked = self.revocation(&issuer, signer, certificate.as_ref(), &content);
            trace.judge(Layer::Revocation, revoked)?;
            trace.verdict()
        };
        let judged = judge(trace);
        let holder_key = content.holder_key();
        let end = valid_until(&content, signer);
        let mut claims = content.into_claims(&issuer);
        claims.not_after = claims.not_after.or(end);
        match judged {
            Ok(()) => Ok(Credential::new(claims, envelope.scheme(), holder_key)),
            Err(reason) => Err(Refused { reason, person: signer.map(|_| Box::new(claims.person)) }),
        }
    }

    /// There is a list, and it is not past its hard limit.
    fn usable(&self, now: TrustedTime) -> Result<(), Reason> {
        match self.origin {
            Origin::None => Err(Reason::NoTrustList),
            Origin::Unsigned => Ok(()),
            Origin::Signed => {
                // Where the clock is believed, it is the list's age that the guard can do something about.
                if now.confidence() == Confidence::Doubtful {
                    now.judge(|now| self.age(now) > self.age_hard)?;
                }
                if made(Check::HardLimit) && self.age(now.estimate()) > self.age_hard {
                    return Err(Reason::TrustListStale { age: self.age(now.estimate()), age_max: self.age_hard });
                }
                Ok(())
            }
        }
    }

    /// Time since it was signed; zero for a clock that stands before that.
    fn age(&self, now: DateTime<Utc>) -> Duration {
        (now - self.signed_at).max(TimeDelta::zero()).to_std().unwrap_or_default()
    }

    fn candidates<'a>(&'a self, envelope: &'a Envelope) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(|key| matches!(&key.named, Named::KeyId(id) if id == envelope.key_hint()))
    }

    /// The keys that signed, of those that the hint can mean: one key may be listed more than once. Where one of them cannot be
    /// tried, nobody knows that the signature is bad.
    fn signers<'a>(&'a self, envelope: &'a Envelope) -> Result<Vec<&'a Key>, Reason> {
        found(self.candidates(envelope).map(|listed| {
            let key = listed.key.as_ref();
            (listed, key.map(|key| key.verifies(envelope.algorithm(), envelope.signed(), envelope.signature())))
        }))
    }

    /// The authorities that signed a signer's certificate: every one of its name is tried, as for credentials.
    fn certifiers(&self, certificate: &SignerCertificate) -> Result<Vec<&Key>, Reason> {
        let named = |key: &&Key| matches!(&key.named, Named::Authority(csca) if certificate.names(csca));
        found(
            self.keys
                .iter()
                .filter(named)
                .map(|listed| (listed, listed.key.as_ref().and_then(|key| certificate.is_signed_by(key)))),
        )
    }

    /// Whether the signer may sign this. Without a signer (a thorough walk only) the question is whether any key that the
    /// envelope can mean, or else any of the list, would be allowed to.
    fn key_use(
        &self,
        envelope: &Envelope,
        signer: Option<&Key>,
        certificate: Option<&SignerCertificate>,
        content: &Content,
    ) -> Result<(), Reason> {
        let allowed = |key: &Key| {
            key.may_sign(envelope.scheme(), content)
                && certificate.is_none_or(|certificate| {
                    certificate.may_seal(&content.kinds(), content.issuer(), key.country.as_deref())
                })
        };
        let allowed = match signer {
            Some(signer) => allowed(signer),
            None if self.candidates(envelope).next().is_some() => self.candidates(envelope).any(allowed),
            None => self.keys.iter().any(allowed),
        };
        if allowed { Ok(()) } else { Err(Reason::KeyNotForThisUse) }
    }

    /// Signed while the key was valid, for a place where it counts, and for no longer than it may. A credential that does not say when
    /// it was signed fails `validity`.
    ///
    /// Where a certificate came along, the list's window is for its making; and its own key must still have signed when the credential
    /// can have been signed at the earliest.
    fn key_window(
        &self,
        signer: &Key,
        certificate: Option<&SignerCertificate>,
        content: &Content,
    ) -> Result<(), Reason> {
        let Key { not_before, not_after, .. } = *signer;
        match certificate {
            None => within(content.issued_at(), not_before, not_after)?,
            Some(certificate) => {
                within(Some(certificate.not_before), not_before, not_after)?;
                let signed_from = content.signed_from().map(|signed_from| signed_from.max(certificate.not_before));
                within(signed_from, certificate.not_before, certificate.signs_until)?;
            }
        }
        if made(Check::ScopeRegion) && !signer.counts_at(self.place.as_ref()) {
            return Err(Reason::KeyElsewhere);
        }
        let (signed_at, end) = (content.issued_at().or(content.valid_from()), content.valid_until());
        if let Some(((signed_at, end), days_max)) = signed_at.zip(end).zip(signer.scope.lifetime_days)
            && end > signer.lifetime_end(signed_at)
            && made(Check::ScopeLifetime)
        {
            return Err(Reason::LifetimeTooLong { days: (end - signed_at).num_days(), days_max: days_max.into() });
        }
        Ok(())
    }

    /// Neither it, nor its key, nor its issuer was taken back. What one source says is enough; where one cannot be read and no other
    /// knows, nobody knows.
    fn revocation(
        &self,
        issuer: &str,
        signer: Option<&Key>,
        certificate: Option<&SignerCertificate>,
        content: &Content,
    ) -> Result<(), Reason> {
        let signed_at = content.issued_at();
        let credentials = content.ids().into_iter().map(|id| (Kind::Credential, revocation_digest(issuer, id)));
        let keys = signer.map(|signer| &signer.digests).into_iter();
        let keys = keys.chain(certificate.map(|certificate| &certificate.digests)).flatten();
        let named =
            credentials.chain(keys.map(|digest| (Kind::Key, *digest))).chain([(Kind::Issuer, issuer_digest(issuer))]);
        let mut known = true;
        for (kind, digest) in named {
            let distrusted = made(Check::Distrusted) && self.distrusted.cover(kind, &digest, signed_at);
            if distrusted || made(Check::RevokedHere) && self.revoked.cover(kind, &digest, signed_at) {
                return Err(Reason::Revoked);
            }
            match self.revoked_files.revokes(kind, &digest, signed_at) {
                _ if !made(Check::RevokedInFile) => {}
                Ok(true) => return Err(Reason::Revoked),
                Ok(false) => {}
                Err(Unreadable) => known = false,
            }
        }
        if known { Ok(()) } else { Err(Reason::RevocationUnreadable) }
    }
}

/// Those whose signature holds, of those that were tried; `None` for one that could not be.
fn found<'a>(tried: impl Iterator<Item = (&'a Key, Option<bool>)>) -> Result<Vec<&'a Key>, Reason> {
    let (mut good, mut bad, mut untried) = (Vec::new(), false, false);
    for (listed, result) in tried {
        match result {
            Some(true) => good.push(listed),
            Some(false) => bad = true,
            None => untried = true,
        }
    }
    match good.is_empty() {
        false => Ok(good),
        true if bad && !untried => Err(Reason::BadSignature),
        true => Err(Reason::UnknownKey),
    }
}

/// How a bundle names one credential that was taken back: SHA-256 of `issuer, NUL, credential id`. The id of a SMART Health
/// Card is `kid/rid`, since its issuers keep a list for each key.
pub fn revocation_digest(issuer: &str, id: &str) -> [u8; 32] {
    Sha256::new().chain_update(issuer).chain_update([0]).chain_update(id).finalize().into()
}

/// Sealed by the key of the certificate that came along.
fn sealed(envelope: &Envelope, certificate: &SignerCertificate) -> Result<(), Reason> {
    match certificate.signed(envelope.algorithm(), envelope.signed(), envelope.signature()) {
        Some(true) => Ok(()),
        Some(false) => Err(Reason::BadSignature),
        None => Err(Reason::UnknownKey),
    }
}

/// Signed in a window, where it says when.
fn within(signed_at: Option<DateTime<Utc>>, not_before: DateTime<Utc>, not_after: DateTime<Utc>) -> Result<(), Reason> {
    match signed_at {
        Some(signed_at) if made(Check::ScopeWindow) && (signed_at < not_before || signed_at > not_after) => {
            Err(Reason::KeyOutsideItsWindow { signed_at, not_before, not_after })
        }
        _ => Ok(()),
    }
}

/// The last moment of validity: its own, or where its scheme lets it have none, the one that its key can give.
fn valid_until(content: &Content, signer: Option<&Key>) -> Option<DateTime<Utc>> {
    content.valid_until().or_else(|| {
        signer?.scope.lifetime_days.filter(|_| content.may_lack_an_end())?;
        Some(signer?.lifetime_end(content.issued_at()?))
    })
}

/// Valid from the second of signing (or `nbf`, if later) through the second of `exp`. Both must be there where the scheme asks
/// for both: a credential without them would hold for ever.
fn validity(content: &Content, signer: Option<&Key>, now: TrustedTime) -> Result<(), Reason> {
    let not_before = content.valid_from().ok_or(Reason::SchemaViolated)?;
    let not_after = match valid_until(content, signer) {
        None if content.may_lack_an_end() => DateTime::<Utc>::MAX_UTC,
        not_after => not_after.ok_or(Reason::SchemaViolated)?,
    };
    #[derive(PartialEq)]
    enum Side {
        Early,
        Within,
        Late,
    }
    let now = content.issued_at().map_or(now, |signed_at| now.for_what_was_signed_at(signed_at));
    // Late first: what has expired stays expired, whatever it says of its beginning.
    let side = now.judge(|now| match now.timestamp() {
        now if now > not_after.timestamp() => Side::Late,
        now if now < not_before.timestamp() => Side::Early,
        _ => Side::Within,
    })?;
    match side {
        Side::Early => Err(Reason::NotYetValid { now: now.estimate(), not_before }),
        Side::Within => Ok(()),
        Side::Late => Err(Reason::Expired { now: now.estimate(), not_after }),
    }
}

/// 32 bytes in lower-case hexadecimal.
fn hex_32(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut out = [0; 32];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != out.len() {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

/// Lower-case hexadecimal.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
