//! The draft: what the authority wants kiosks to believe, in one file that people read and commands edit.
//!
//! It holds no version and no time: those are given when it is proposed, against what was published last.

use std::collections::BTreeMap;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::describe::{read_described, whole_seconds};
use crate::fault::{Fault, write};
use crate::keys::{Public, public_key};
use checkpoint::dsse::key_id;
use checkpoint::passage::record::device_id;
use checkpoint::trust::files::{Bundle, CredentialKey, KeyMaterial, Revocation, Role, Root};
use checkpoint::trust::places::{ListedPlace, Places};

/// Name of the draft in the authority's folder.
pub const DRAFT_FILE: &str = "authority.toml";

/// What stands above the draft.
const HEAD: &str = "# What this authority wants its kiosks to believe. `trustctl` writes this file: comments are not kept.\n\
# `trustctl propose` turns it into what is signed; nothing counts before that.\n\n";

/// The draft as it stands in TOML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Name of the authority, for people.
    pub authority: String,
    /// A demonstration: kiosks say DEMO always.
    #[serde(default)]
    pub demo: bool,
    /// Older than this many days: amber.
    pub soft_days: u32,
    /// Older than this many days: no more green.
    pub hard_days: u32,
    /// Credentials that were taken back: hexadecimal SHA-256 of `issuer, NUL, credential id`, perhaps `.` and a second.
    #[serde(default)]
    pub revoked: Vec<String>,
    /// Distrust statements that the next root withdraws: hexadecimal SHA-256 of their payloads.
    #[serde(default)]
    pub distrust_reset: Vec<String>,
    /// Bundles below this version may be followed by one that revokes less.
    #[serde(default)]
    pub revocation_reset: u64,
    /// Who signs the next root: 3 of 5 by default.
    pub root: RoleDraft,
    /// Who signs bundles: 2 of 3 by default.
    pub bundle: RoleDraft,
    /// Who may take trust away; any one of them.
    pub distrust: RoleDraft,
    /// X25519 public keys of days, base64.
    #[serde(default)]
    pub tracing_keys: BTreeMap<NaiveDate, String>,
    /// The authority's kiosks. Lists name them by their id; the name is for people.
    #[serde(default)]
    pub devices: Vec<Holder>,
    /// People and kiosks that were retired: so that what changes can still name them.
    #[serde(default)]
    pub former: Vec<Holder>,
    /// Files of revocations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
    /// Keys that sign credentials.
    #[serde(default)]
    pub keys: Vec<CredentialKey>,
    /// Where kiosks may be set up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<ListedPlace>,
}

/// A role, with the names of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDraft {
    /// How many must sign.
    pub threshold: usize,
    /// Who may.
    #[serde(default)]
    pub people: Vec<Holder>,
}

/// Somebody who holds a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// For people. It is not signed: people compare key ids.
    pub name: String,
    /// Ed25519 public key, base64.
    pub key: String,
}

/// The roles of a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleName {
    /// Signs the next root.
    Root,
    /// Signs bundles.
    Bundle,
    /// Takes trust away.
    Distrust,
}

impl RoleName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Root, Self::Bundle, Self::Distrust];

    /// Its name in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Bundle => "bundle",
            Self::Distrust => "distrust",
        }
    }

    /// The role in a root.
    pub fn of(self, root: &Root) -> &Role {
        match self {
            Self::Root => &root.root,
            Self::Bundle => &root.bundle,
            Self::Distrust => &root.distrust,
        }
    }
}

impl Draft {
    /// A draft that names nobody yet.
    pub fn new(authority: &str) -> Self {
        let role = |threshold| RoleDraft { threshold, people: Vec::new() };
        Self {
            authority: authority.into(),
            demo: false,
            soft_days: 7,
            hard_days: 30,
            revoked: Vec::new(),
            distrust_reset: Vec::new(),
            revocation_reset: 0,
            root: role(3),
            bundle: role(2),
            distrust: role(1),
            tracing_keys: BTreeMap::new(),
            devices: Vec::new(),
            former: Vec::new(),
            revocation: None,
            keys: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Reads the draft of a folder.
    ///
    /// # Errors
    /// `Read`; `WrongFile` with line and key.
    pub fn load(folder: &Path) -> Result<Self, Fault> {
        read_described(&folder.join(DRAFT_FILE), "the draft of an authority (`trustctl init` makes one)")
    }

    /// Writes it back, whole.
    ///
    /// # Errors
    /// `Write`; `Crypto` where it cannot be written as TOML.
    pub fn save(&self, folder: &Path) -> Result<(), Fault> {
        let text = toml::to_string(self).map_err(|error| Fault::Crypto(error.to_string()))?;
        let (path, new) = (folder.join(DRAFT_FILE), folder.join(format!("{DRAFT_FILE}.new")));
        write(&new, format!("{HEAD}{text}"))?;
        std::fs::rename(&new, &path).map_err(|source| Fault::Write { path, source })
    }

    /// A role.
    pub fn role(&self, name: RoleName) -> &RoleDraft {
        match name {
            RoleName::Root => &self.root,
            RoleName::Bundle => &self.bundle,
            RoleName::Distrust => &self.distrust,
        }
    }

    /// A role, to change.
    pub fn role_mut(&mut self, name: RoleName) -> &mut RoleDraft {
        match name {
            RoleName::Root => &mut self.root,
            RoleName::Bundle => &mut self.bundle,
            RoleName::Distrust => &mut self.distrust,
        }
    }

    /// Adds somebody to a role.
    ///
    /// # Errors
    /// `Unsound` for a key that is no Ed25519 key, that signs files already, or that signs credentials: one key has one duty.
    pub fn add_person(&mut self, role: RoleName, person: &Public) -> Result<(), Fault> {
        let id = key_id(&person.as_ed25519()?);
        for taken in RoleName::ALL {
            if let Some(holder) = self.role(taken).people.iter().find(|holder| holder.id().is_ok_and(|held| held == id))
            {
                return Err(Fault::Unsound(format!(
                    "the key of {} is {}'s in the role `{}` already: one key has one duty",
                    person.name,
                    holder.name,
                    taken.word()
                )));
            }
        }
        if let Some(key) = self.keys.iter().find(|key| key.key == person.material) {
            return Err(Fault::Unsound(format!("the key of {} signs credentials ({})", person.name, key.name)));
        }
        let KeyMaterial::Ed25519(key) = &person.material else {
            return Err(Fault::Unsound("not an Ed25519 key".into()));
        };
        self.role_mut(role).people.push(Holder { name: person.name.clone(), key: key.clone() });
        Ok(())
    }

    /// Adds a key that signs credentials.
    ///
    /// # Errors
    /// `Unsound` for a key that could sign nothing, that is listed already for the same, or that signs files.
    pub fn add_key(&mut self, key: CredentialKey) -> Result<(), Fault> {
        check_key(&key)?;
        if self.keys.iter().any(|known| known.name == key.name) {
            return Err(Fault::Unsound(format!("there is a key {:?} already: give another name", key.name)));
        }
        if let Some(same) = self.keys.iter().find(|known| known.key == key.key && known.schemes == key.schemes) {
            return Err(Fault::Unsound(format!("{:?} is listed already, as {:?}", key.name, same.name)));
        }
        if let KeyMaterial::Ed25519(text) = &key.key
            && let Some(holder) =
                RoleName::ALL.iter().flat_map(|role| &self.role(*role).people).find(|it| it.key == *text)
        {
            return Err(Fault::Unsound(format!(
                "{:?} is {}'s key for signing files: one key has one duty",
                key.name, holder.name
            )));
        }
        self.keys.push(key);
        Ok(())
    }

    /// Names of people by key id, and of kiosks by device id.
    ///
    /// # Errors
    /// `Unsound` for a key that is none.
    pub fn names(&self) -> Result<BTreeMap<String, String>, Fault> {
        let people = RoleName::ALL.iter().flat_map(|role| &self.role(*role).people);
        let people = people.map(|holder| Ok((holder.id()?, holder.name.clone())));
        let devices = self.devices.iter().map(|device| Ok((device.device_id()?, device.name.clone())));
        let former = self
            .former
            .iter()
            .flat_map(|it| [it.id().map(|id| (id, it.name.clone())), it.device_id().map(|id| (id, it.name.clone()))]);
        // Whoever is there today has the name that counts.
        former.chain(people).chain(devices).collect()
    }

    /// The root that it describes, in this version.
    ///
    /// # Errors
    /// `Unsound` for a key that is none, a key named twice in a role, or a threshold that cannot be met.
    pub fn root(&self, version: u64) -> Result<Root, Fault> {
        let mut keys = BTreeMap::new();
        let mut role = |name: RoleName| -> Result<Role, Fault> {
            let RoleDraft { threshold, people } = self.role(name);
            let mut keyids = Vec::new();
            for holder in people {
                let id = holder.id()?;
                if keyids.contains(&id) {
                    return Err(Fault::Unsound(format!(
                        "the role `{}` names the key {} twice",
                        name.word(),
                        &id[..16]
                    )));
                }
                keys.insert(id.clone(), holder.key.clone());
                keyids.push(id);
            }
            if *threshold == 0 || *threshold > keyids.len() {
                return Err(Fault::Unsound(format!(
                    "the role `{}` asks for {threshold} of {} signatures: add people with `trustctl key add --role {}`",
                    name.word(),
                    keyids.len(),
                    name.word()
                )));
            }
            Ok(Role { threshold: *threshold, keyids })
        };
        let (root, bundle, distrust) = (role(RoleName::Root)?, role(RoleName::Bundle)?, role(RoleName::Distrust)?);
        Ok(Root {
            version,
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

    /// The bundle that it describes, in this version, signed at this time. Tracing keys of days before `first_day` are left out.
    ///
    /// # Errors
    /// `Unsound` for what no kiosk would accept, or what would stop every kiosk at once.
    pub fn bundle(&self, version: u64, signed_at: DateTime<Utc>, first_day: NaiveDate) -> Result<Bundle, Fault> {
        self.keys.iter().try_for_each(check_key)?;
        let bundle = Bundle {
            version,
            signed_at: whole_seconds(signed_at),
            soft_days: self.soft_days,
            hard_days: self.hard_days,
            keys: self.keys.clone(),
            tracing_keys: self.tracing_keys.range(first_day..).map(|(day, key)| (*day, key.clone())).collect(),
            devices: self
                .devices
                .iter()
                .map(|device| Ok((device.device_id()?, device.key.clone())))
                .collect::<Result<_, Fault>>()?,
            revoked: self.revoked.clone(),
            revocation: self.revocation.clone(),
        };
        check_bundle(&bundle)?;
        Ok(bundle)
    }
}

impl Draft {
    /// The list of places that it describes, in this version.
    ///
    /// # Errors
    /// `Unsound` for what no kiosk would accept.
    pub fn places(&self, version: u64) -> Result<Places, Fault> {
        let places = Places { version, places: self.places.clone() };
        places.check().map_err(|why| Fault::Unsound(format!("the places: {why}")))?;
        Ok(places)
    }
}

impl Holder {
    /// What a kiosk's records and batches call it.
    ///
    /// # Errors
    /// `Unsound` for a key that is none.
    pub fn device_id(&self) -> Result<String, Fault> {
        Ok(device_id(&public_key(&self.key)?))
    }

    fn id(&self) -> Result<String, Fault> {
        Ok(key_id(&public_key(&self.key)?))
    }
}

/// Refuses a key that could not sign anything, or that is none.
///
/// # Errors
/// `Unsound`.
pub fn check_key(key: &CredentialKey) -> Result<(), Fault> {
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
    if key.schemes.is_empty() || key.statements.is_empty() || key.issuers.is_empty() || key.regions.is_empty() {
        return Err(Fault::Unsound(format!(
            "{:?} may sign nothing: list its `schemes`, `statements`, `issuers` and `regions`",
            key.name
        )));
    }
    if key.not_after <= key.not_before {
        return Err(Fault::Unsound(format!("the window of {:?} ends before it begins", key.name)));
    }
    if key.lifetime_days == 0 {
        return Err(Fault::Unsound(format!("{:?} may give no validity: `lifetime_days` is 0", key.name)));
    }
    Ok(())
}

/// Refuses a bundle that would stop the kiosks.
fn check_bundle(bundle: &Bundle) -> Result<(), Fault> {
    if bundle.soft_days == 0 || bundle.hard_days < bundle.soft_days {
        return Err(Fault::Unsound("`soft_days` must be at least 1, and `hard_days` no less than `soft_days`".into()));
    }
    if bundle.tracing_keys.is_empty() {
        return Err(Fault::Unsound(
            "no tracing keys: passages would be kept without names; bring them with `trustctl tracing add`".into(),
        ));
    }
    for text in bundle.devices.values() {
        public_key(text)?;
    }
    for entry in &bundle.revoked {
        let (digest, second) =
            entry.split_once('.').map_or((entry.as_str(), None), |(digest, end)| (digest, Some(end)));
        let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digest.len() != 64
            || !digest.bytes().all(hexadecimal)
            || second.is_some_and(|end| end.parse::<i64>().is_err())
        {
            return Err(Fault::Unsound(format!("{entry:?} in `revoked` is not 64 lower-case hexadecimal digits")));
        }
    }
    Ok(())
}
