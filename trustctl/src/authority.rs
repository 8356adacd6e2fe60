//! Roots and bundles: from a readable description to a DSSE file that enough people have signed.

use std::collections::BTreeMap;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Days, NaiveDate, Utc};
use ed25519_dalek::VerifyingKey;
use hpke::{Kem, Serializable, kem::X25519HkdfSha256};
use serde::{Deserialize, Serialize};

use crate::describe::{read_described, whole_seconds};
use crate::fault::{Fault, read};
use crate::keys::{key_id_for_people, public_key};
use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, CredentialKey, KeyMaterial, ROOT_TYPE, Role, Root};

/// Days that a bundle's tracing keys should reach ahead; the kiosk warns when fewer than 14 are left.
pub const TRACING_DAYS: u64 = 90;

/// A root as a file describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootDescription {
    /// From 1, without gaps.
    pub version: u64,
    /// Name of the authority, for people.
    pub authority: String,
    /// A demonstration.
    #[serde(default)]
    pub demo: bool,
    /// Who signs the next root: 3 of 5 by default.
    pub root: RoleDescription,
    /// Who signs bundles: 2 of 3 by default.
    pub bundle: RoleDescription,
    /// Who may take trust away; any one of them.
    pub distrust: RoleDescription,
    /// Distrust statements that are withdrawn: hexadecimal SHA-256 of their payloads.
    #[serde(default)]
    pub distrust_reset: Vec<String>,
    /// Bundles below this version need not be gone on with.
    #[serde(default)]
    pub revocation_reset: u64,
}

/// A role as a file describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDescription {
    /// How many must sign.
    pub threshold: usize,
    /// Ed25519 public keys, base64, as `trustctl key show` prints them.
    pub keys: Vec<String>,
}

impl RootDescription {
    /// Reads a description, TOML or JSON.
    ///
    /// # Errors
    /// `Read`; `WrongFile` with line and key.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        read_described(path, "a description of a root")
    }

    /// The root that it describes.
    ///
    /// # Errors
    /// `Unsound` for a key that is none, a key named twice in a role, or a threshold that cannot be met.
    pub fn build(&self) -> Result<Root, Fault> {
        let mut keys = BTreeMap::new();
        let mut role = |name: &str, described: &RoleDescription| -> Result<Role, Fault> {
            let mut keyids = Vec::new();
            for text in &described.keys {
                let id = key_id(&public_key(text)?);
                if keyids.contains(&id) {
                    return Err(Fault::Unsound(format!("the role `{name}` names the key {} twice", &id[..16])));
                }
                keys.insert(id.clone(), text.clone());
                keyids.push(id);
            }
            if described.threshold == 0 || described.threshold > keyids.len() {
                return Err(Fault::Unsound(format!(
                    "the role `{name}` asks for {} of {} signatures",
                    described.threshold,
                    keyids.len()
                )));
            }
            Ok(Role { threshold: described.threshold, keyids })
        };
        let (root, bundle, distrust) =
            (role("root", &self.root)?, role("bundle", &self.bundle)?, role("distrust", &self.distrust)?);
        if self.version == 0 {
            return Err(Fault::Unsound("versions begin at 1".into()));
        }
        Ok(Root {
            version: self.version,
            authority: self.authority.clone(),
            demo: self.demo,
            keys,
            root,
            bundle,
            distrust,
            distrust_reset: self.distrust_reset.clone(),
            revocation_reset: self.revocation_reset,
        })
    }
}

/// A bundle as a file describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleDescription {
    /// Only grows.
    pub version: u64,
    /// When it is signed; now, where it is not given.
    #[serde(default)]
    pub signed_at: Option<DateTime<Utc>>,
    /// Older than this many days: amber.
    pub soft_days: u32,
    /// Older than this many days: no more green.
    pub hard_days: u32,
    /// Keys that sign credentials.
    #[serde(default)]
    pub keys: Vec<CredentialKey>,
    /// File of the tracing keys' public halves (`trustctl tracing new`), beside the description.
    pub tracing_keys: String,
    /// Ed25519 public keys of the authority's kiosks by device name.
    #[serde(default)]
    pub devices: BTreeMap<String, String>,
    /// Credentials that were taken back: hexadecimal SHA-256 of `issuer, NUL, credential id`.
    #[serde(default)]
    pub revoked: Vec<String>,
}

impl BundleDescription {
    /// Reads a description, TOML or JSON.
    ///
    /// # Errors
    /// `Read`; `WrongFile` with line and key.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        read_described(path, "a description of a bundle")
    }

    /// The bundle that it describes; files that it names are looked for beside it, in `folder`.
    ///
    /// # Errors
    /// `Unsound` for what no kiosk would accept, or what would stop every kiosk at once.
    pub fn build(&self, folder: &Path) -> Result<Bundle, Fault> {
        let path = folder.join(&self.tracing_keys);
        let tracing_keys = serde_json::from_slice(&read(&path)?)
            .map_err(|error| Fault::wrong_file(&path, "a file of public tracing keys", error))?;
        self.keys.iter().try_for_each(check_key)?;
        let bundle = Bundle {
            version: self.version,
            signed_at: whole_seconds(self.signed_at.unwrap_or_else(Utc::now)),
            soft_days: self.soft_days,
            hard_days: self.hard_days,
            keys: self.keys.clone(),
            tracing_keys,
            devices: self.devices.clone(),
            revoked: self.revoked.clone(),
            revocation: None,
        };
        check_bundle(&bundle)?;
        Ok(bundle)
    }
}

/// Refuses a key that could not sign anything, or that is none.
fn check_key(key: &CredentialKey) -> Result<(), Fault> {
    match &key.key {
        KeyMaterial::Ed25519(text) => public_key(text).map(|_| ())?,
        KeyMaterial::Certificate(text) | KeyMaterial::Csca(text) => {
            BASE64_STANDARD
                .decode(text)
                .map_err(|_| Fault::Unsound(format!("the certificate of {:?} is not base64", key.name)))?;
        }
        KeyMaterial::Jwk(jwk) if jwk.is_usable(&key.schemes) => {}
        KeyMaterial::Jwk(_) => {
            return Err(Fault::Unsound(format!(
                "the JSON Web Key of {:?} is no P-256 key, or its `kid` is not the thumbprint that `shc` asks for",
                key.name
            )));
        }
    }
    if key.schemes.is_empty() || key.statements.is_empty() || key.issuers.is_empty() {
        return Err(Fault::Unsound(format!(
            "{:?} may sign nothing: list its `schemes`, `statements` and `issuers`",
            key.name
        )));
    }
    if key.not_after <= key.not_before {
        return Err(Fault::Unsound(format!("the window of {:?} ends before it begins", key.name)));
    }
    Ok(())
}

/// Refuses a bundle that would stop the kiosks.
fn check_bundle(bundle: &Bundle) -> Result<(), Fault> {
    if bundle.version == 0 {
        return Err(Fault::Unsound("versions begin at 1".into()));
    }
    if bundle.soft_days == 0 || bundle.hard_days < bundle.soft_days {
        return Err(Fault::Unsound("`soft_days` must be at least 1, and `hard_days` no less than `soft_days`".into()));
    }
    if bundle.tracing_keys.is_empty() {
        return Err(Fault::Unsound("no tracing keys: passages would be kept without names".into()));
    }
    for text in bundle.devices.values() {
        public_key(text)?;
    }
    for digest in &bundle.revoked {
        if digest.len() != 64 || !digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Fault::Unsound(format!("{digest:?} in `revoked` is not 64 lower-case hexadecimal digits")));
        }
    }
    Ok(())
}

/// Puts a root or a bundle into an envelope that nobody has signed yet.
///
/// # Errors
/// `Crypto` where it cannot be written as JSON.
pub fn envelope(payload_type: &str, payload: &impl Serialize) -> Result<SignedFile, Fault> {
    let payload = serde_json::to_vec(payload).map_err(|error| Fault::Crypto(error.to_string()))?;
    Ok(SignedFile::unsigned(payload_type, &payload))
}

/// A signed file as it is stored: JSON with a line to a member, so that a person sees who signed.
///
/// # Errors
/// `Crypto` where it cannot be written as JSON.
pub fn to_json(file: &SignedFile) -> Result<String, Fault> {
    serde_json::to_string_pretty(file).map(|json| json + "\n").map_err(|error| Fault::Crypto(error.to_string()))
}

/// Reads a signed file.
///
/// # Errors
/// `Read`; `WrongFile`.
pub fn load_signed(path: &Path) -> Result<SignedFile, Fault> {
    serde_json::from_slice(&read(path)?).map_err(|error| Fault::wrong_file(path, "a signed file (DSSE)", error))
}

/// What the payload of a signed file is, vouched for by nobody.
pub enum Payload {
    /// Who may sign what.
    Root(Root),
    /// What kiosks believe.
    Bundle(Bundle),
}

/// Takes the payload apart without asking who signed it.
///
/// # Errors
/// `WrongFile` for a type or a form that is neither root nor bundle.
pub fn payload(path: &Path, file: &SignedFile) -> Result<Payload, Fault> {
    let bytes = file.payload_unverified().ok_or_else(|| Fault::wrong_file(path, "a signed file", "not base64"))?;
    let wrong = |error: serde_json::Error| Fault::wrong_file(path, "a root or a bundle", error);
    match file.payload_type.as_str() {
        ROOT_TYPE => serde_json::from_slice(&bytes).map(Payload::Root).map_err(wrong),
        BUNDLE_TYPE => serde_json::from_slice(&bytes).map(Payload::Bundle).map_err(wrong),
        other => Err(Fault::wrong_file(path, "a root or a bundle", format!("its type is {other:?}"))),
    }
}

/// The keys of a role, as a root lists them.
///
/// # Errors
/// `Unsound` for a key that is none.
pub fn role_keys(root: &Root, role: &Role) -> Result<Vec<VerifyingKey>, Fault> {
    role.keyids.iter().filter_map(|id| root.keys.get(id)).map(|text| public_key(text)).collect()
}

impl Payload {
    /// What it says, in lines for the person who signs or looks.
    pub fn summary(&self) -> Vec<String> {
        match self {
            Self::Root(root) => root_summary(root),
            Self::Bundle(bundle) => bundle_summary(bundle),
        }
    }
}

fn root_summary(root: &Root) -> Vec<String> {
    let demo = if root.demo { ", a DEMONSTRATION" } else { "" };
    let mut lines = vec![format!("root        version {} of {:?}{demo}", root.version, root.authority)];
    for (name, role) in [("root", &root.root), ("bundle", &root.bundle), ("distrust", &root.distrust)] {
        lines.push(format!("{name:<11} {} of {} sign", role.threshold, role.keyids.len()));
        lines.extend(role.keyids.iter().map(|id| format!("              {}", &id[..id.len().min(16)])));
    }
    lines
}

fn bundle_summary(bundle: &Bundle) -> Vec<String> {
    let mut lines = vec![
        format!("bundle      version {}, signed at {}", bundle.version, bundle.signed_at),
        format!("ages        amber after {} days, no green after {}", bundle.soft_days, bundle.hard_days),
    ];
    for key in &bundle.keys {
        let schemes: Vec<_> = key.schemes.iter().map(word).collect();
        let statements: Vec<_> = key.statements.iter().map(word).collect();
        lines.push(format!("key         {}", key.name));
        lines.push(format!("              {} {}", schemes.join("+"), statements.join(" ")));
        lines.push(format!("              for {}, {} to {}", key.issuers.join(" "), key.not_before, key.not_after));
    }
    if let (Some((first, _)), Some((last, _))) =
        (bundle.tracing_keys.first_key_value(), bundle.tracing_keys.last_key_value())
    {
        lines.push(format!("tracing     {} days, {first} to {last}", bundle.tracing_keys.len()));
    }
    lines.push(format!("devices     {}", bundle.devices.len()));
    lines.push(format!("revoked     {}", bundle.revoked.len()));
    lines
}

/// The word by which a value stands in files.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_string)).unwrap_or_default()
}

/// Who signed a file, by the keys of a role: how many of them, and the names of the others.
pub struct Signers {
    /// Signatures by different keys of the role that hold.
    pub good: Vec<String>,
    /// Key ids that signed badly, or are not of the role.
    pub others: Vec<String>,
}

/// Tries every signature against the keys of a role.
pub fn signers(file: &SignedFile, keys: &[VerifyingKey]) -> Signers {
    let mut good: Vec<String> = keys
        .iter()
        .filter(|key| file.verify(&file.payload_type, std::slice::from_ref(key), 1).is_some())
        .map(key_id_for_people)
        .collect();
    good.sort();
    good.dedup();
    let short = |id: &str| id.chars().take(16).collect::<String>();
    let others = file.signatures.iter().map(|by| short(&by.keyid)).filter(|id| !good.contains(id)).collect();
    Signers { good, others }
}

/// Pairs of X25519 keys, one for each day (+07:00): whoever destroys a day's secret has erased that day's names.
pub struct TracingKeys {
    /// Base64 of 32 bytes. For the tracing authority alone.
    pub secrets: BTreeMap<NaiveDate, String>,
    /// Base64 of 32 bytes. For the bundle.
    pub public: BTreeMap<NaiveDate, String>,
}

/// Makes the tracing keys of `days` days from `first_day`; `seed_of` gives at least 32 secret bytes for each day.
///
/// # Errors
/// Those of `seed_of`; `Unsound` for days beyond the calendar.
pub fn tracing_keys(
    first_day: NaiveDate,
    days: u64,
    seed_of: impl Fn(NaiveDate) -> Result<[u8; 32], Fault>,
) -> Result<TracingKeys, Fault> {
    let mut keys = TracingKeys { secrets: BTreeMap::new(), public: BTreeMap::new() };
    for offset in 0..days {
        let day = first_day
            .checked_add_days(Days::new(offset))
            .ok_or_else(|| Fault::Unsound(format!("{days} days from {first_day} leave the calendar")))?;
        // RFC 9180, 7.1.3: HPKE's own derivation, so that any seed gives a well-formed key.
        let (secret, public) = X25519HkdfSha256::derive_keypair(&seed_of(day)?);
        keys.secrets.insert(day, BASE64_STANDARD.encode(secret.to_bytes()));
        keys.public.insert(day, BASE64_STANDARD.encode(public.to_bytes()));
    }
    Ok(keys)
}
