//! The DEMO authority. Its private keys are hashes of published words, so that everybody can see that they are
//! worthless: production never trusts them, and a kiosk that does says DEMO always.

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use crate::authority::draft::{Draft, RoleName};
use crate::authority::{envelope, to_json};
use crate::certificate::self_signed;
use crate::fault::{Fault, make_dir, write};
use crate::keys::days::DayKeys;
use crate::keys::{Secret, SecretKey};
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{BUNDLE_TYPE, CredentialKey, ROOT_TYPE};
use zeroize::Zeroizing;

/// Published on purpose: a demo key's 32 bytes are the SHA-256 of these words followed by the key's name.
pub const PUBLISHED_SEED: &str = "checkpoint kiosk DEMO key, worthless on purpose: ";
/// Name of the authority, for people.
pub const AUTHORITY: &str = "DEMO - not a health authority";
/// Issuer of the demo's native credentials.
pub const ISSUER: &str = "VN-DEMO";
/// Issuer (country) of the demo's HC1.
pub const ISSUER_HC1: &str = "VN";
/// First day with a tracing key, (+07:00).
pub const FIRST_DAY: &str = "2026-03-01";
/// Days with a tracing key: until the end of November 2028.
pub const TRACING_DAYS: u64 = 1000;
/// The demo's list never blocks a demonstration: ten years.
pub const HARD_DAYS: u32 = 3650;

/// The private keys of the demo authority's issuers, for credentials of invented people.
pub struct Issuers {
    /// The health office: may sign every kind of native statement.
    pub health: Secret,
    /// A hospital: may sign vaccinations alone.
    pub hospital: Secret,
    /// Signs HC1.
    pub hc1: Secret,
    /// Somebody whom the list does not name.
    pub stranger: Secret,
}

/// 32 bytes that everybody can compute.
fn published_bytes(name: &str) -> [u8; 32] {
    Sha256::digest(format!("{PUBLISHED_SEED}{name}")).into()
}

fn demo_key(name: &str) -> Secret {
    Secret::ed25519(name, &published_bytes(name))
}

/// An instant that is written in this file.
fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("written in this file as RFC 3339")
}

/// When the demo's list was signed: before the demo's recording begins.
pub fn signed_at() -> DateTime<Utc> {
    instant("2026-03-01T00:00:00Z")
}

/// First moment at which demo keys may have signed.
fn not_before() -> DateTime<Utc> {
    instant("2025-01-01T00:00:00Z")
}

/// Last moment at which demo keys may have signed.
fn not_after() -> DateTime<Utc> {
    instant("2036-12-31T23:59:59Z")
}

impl Issuers {
    /// The same on every machine.
    ///
    /// # Errors
    /// `Crypto`, never with these seeds.
    pub fn new() -> Result<Self, Fault> {
        let name = "demo hc1 signer";
        let key = p256::ecdsa::SigningKey::from_bytes(&published_bytes(name).into())
            .map_err(|error| Fault::Crypto(error.to_string()))?;
        let kinds = [StatementKind::Test, StatementKind::Vaccination, StatementKind::Recovery];
        let certificate = self_signed(&key, "CN=DEMO HC1 signer,O=DEMO,C=VN", &kinds, not_before(), not_after())?;
        Ok(Self {
            health: demo_key("demo health office"),
            hospital: demo_key("demo hospital"),
            hc1: Secret { name: name.into(), key: SecretKey::P256 { key, certificate } },
            stranger: demo_key("demo stranger"),
        })
    }

    /// What the demo's list says of them. The stranger is not in it.
    fn listed(&self) -> Vec<CredentialKey> {
        use StatementKind::{Declaration, Recovery, Test, TravelPermit, Vaccination};
        let listed = |secret: &Secret, scheme: Scheme, statements: &[StatementKind], issuer: &str| CredentialKey {
            name: secret.name.clone(),
            key: secret.material(),
            schemes: vec![scheme],
            statements: statements.into(),
            issuers: vec![issuer.into()],
            not_before: not_before(),
            not_after: not_after(),
            regions: vec![checkpoint::trust::files::EVERYWHERE.into()],
            lifetime_days: 4000,
            distrust_all: false,
            distrust_after: None,
        };
        vec![
            listed(&self.health, Scheme::Native, &[Vaccination, Test, Recovery, Declaration, TravelPermit], ISSUER),
            listed(&self.hospital, Scheme::Native, &[Vaccination], ISSUER),
            listed(&self.hc1, Scheme::Hc1, &[Vaccination, Test, Recovery], ISSUER_HC1),
        ]
    }
}

/// Writes the demo authority's `1.root.json` and `bundle.json`: the same bytes on every machine.
///
/// # Errors
/// `Write`.
pub fn write_trust_keys(folder: &Path) -> Result<(), Fault> {
    make_dir(folder)?;
    let [root, bundle] = trust_keys()?;
    write(&folder.join("1.root.json"), root)?;
    write(&folder.join("bundle.json"), bundle)
}

/// `1.root.json` and `bundle.json` of the demo authority, as text.
///
/// # Errors
/// `Crypto`, never with these seeds.
pub fn trust_keys() -> Result<[String; 2], Fault> {
    let named = |role: &str, count: usize| -> Vec<Secret> {
        (1..=count).map(|number| demo_key(&format!("demo {role} {number}"))).collect()
    };
    let (roots, bundlers, duty) = (named("root", 5), named("bundle", 3), named("duty", 3));
    let first_day: NaiveDate = FIRST_DAY.parse().expect("a day written in this file");
    let tracing = DayKeys::make(first_day, TRACING_DAYS, |day| {
        Ok(Zeroizing::new(published_bytes(&format!("demo tracing {day}"))))
    })?;
    let mut draft = Draft { demo: true, soft_days: HARD_DAYS, hard_days: HARD_DAYS, ..Draft::new(AUTHORITY) };
    for (role, secrets) in [(RoleName::Root, &roots), (RoleName::Bundle, &bundlers), (RoleName::Distrust, &duty)] {
        secrets.iter().try_for_each(|secret| draft.add_person(role, &secret.public()))?;
    }
    draft.tracing_keys = tracing.public;
    draft.keys = Issuers::new()?.listed();
    let mut root = envelope(ROOT_TYPE, &draft.root(1)?)?;
    for secret in &roots[..3] {
        root.sign(secret.as_ed25519()?);
    }
    let mut bundle = envelope(BUNDLE_TYPE, &draft.bundle(1, signed_at(), first_day)?)?;
    for secret in &bundlers[..2] {
        bundle.sign(secret.as_ed25519()?);
    }
    Ok([to_json(&root)?, to_json(&bundle)?])
}
