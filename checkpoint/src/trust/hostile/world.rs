//! An authority, its files, and a kiosk that believes some of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signer, SigningKey};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::dsse::{SignedFile, key_id};
use crate::envelope::{Envelope, Scheme};
use crate::passage::Location;
use crate::time::TrustedTime;
use crate::trust::credential::StatementKind;
use crate::trust::files::{
    BUNDLE_TYPE, Bundle, CredentialKey, DISTRUST_TYPE, Distrust, EVERYWHERE, KeyMaterial, ROOT_TYPE, Removal, Removed,
    Revocation, RevocationFile, Role, Root, Signed,
};
use crate::trust::revoked::{self, Entry, HashKey, Kind, Made, ReadAt};
use crate::trust::update::{Believed, Incoming, RootFile};
use crate::trust::{TrustList, hexadecimal, revocation_digest};

/// Random numbers that a seed repeats (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// When the list in force was signed.
pub const SIGNED_AT: &str = "2026-03-01T00:00:00Z";
pub const ISSUER: &str = "VN-EX";
/// The issuers' keys, by number: one for everything, one for vaccinations of one province, one that was distrusted.
pub const SOUND: u64 = 1;
pub const NARROW: u64 = 2;
pub const STOLEN: u64 = 3;
/// Credentials that were taken back: in the bundle, and in a file.
pub const REVOKED_HERE: &str = "J-HERE";
pub const REVOKED_IN_FILE: &str = "J-FILE";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A kiosk's usual moment: a day after signing.
pub fn now() -> TrustedTime {
    TrustedTime::given(at(SIGNED_AT) + TimeDelta::days(1))
}

pub struct World {
    seed: u64,
    /// Thresholds of root and bundle, of one key more each.
    root_threshold: usize,
    bundle_threshold: usize,
    pub roots: Vec<RootFile>,
    pub bundle: Bundle,
    pub revoked: Vec<Made>,
    pub statement: Vec<u8>,
    pub kiosk: Believed,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed ^ 0x6f72_6967_696e);
        let (root_threshold, bundle_threshold) = (1 + dice.below(3) as usize, 2 + dice.below(2) as usize);
        let count = 2 + dice.below(3);
        let bundle = Bundle {
            version: 10 + dice.below(1000),
            signed_at: at(SIGNED_AT),
            soft_days: 7,
            hard_days: 30,
            keys: Vec::new(),
            tracing_keys: BTreeMap::new(),
            devices: BTreeMap::new(),
            revoked: vec![hexadecimal(&revocation_digest(ISSUER, REVOKED_HERE))],
            revocation: None,
        };
        let mut world = Self {
            seed,
            root_threshold: root_threshold + 1,
            bundle_threshold,
            roots: Vec::new(),
            bundle,
            revoked: Vec::new(),
            statement: Vec::new(),
            // Replaced below: a kiosk needs an anchor.
            kiosk: anchor_of_nobody(),
        };
        world.bundle.keys = vec![world.listed(SOUND), world.listed(NARROW), world.listed(STOLEN)];
        world.bundle.keys[1].statements = vec![StatementKind::Vaccination];
        world.bundle.keys[1].regions = vec!["Hà Nội".into()];
        world.roots = (1..=count).map(|version| world.root_file(version)).collect();
        world.revoked = world.revocation_files(300, [7; 32]);
        world.bundle.revocation = Some(listing(&world.revoked, [7; 32]));
        world.statement = world.distrust_file(
            &[Removal { what: Removed::Key(world.key_digest(STOLEN)), signed: Signed::All }],
            &[("duty", count)],
        );
        let mut kiosk = Believed::anchored(world.roots[..1].to_vec()).unwrap();
        let incoming = Incoming {
            roots: world.roots.clone(),
            bundle: Some(world.signed_bundle(&world.bundle)),
            distrust: vec![world.statement.clone()],
        };
        let taken = kiosk.take(&incoming, world.source());
        assert!(taken.newer && taken.distrust.len() == 1 && taken.refused.is_empty(), "{:?}", taken.refused);
        world.kiosk = kiosk;
        world
    }

    pub fn version(&self) -> u64 {
        self.bundle.version
    }

    pub fn root_version(&self) -> u64 {
        self.roots.len() as u64
    }

    // ---- keys --------------------------------------------------------------------------------------------------

    /// A key of this authority, by what it is for and a number.
    pub fn key(&self, role: &str, number: u64) -> SigningKey {
        SigningKey::from_bytes(&Sha256::digest(format!("{} {role} {number}", self.seed)).into())
    }

    /// Keys of roots change with every version, those of bundles never, and the one on duty with every root.
    pub fn root_signers(&self, version: u64) -> Vec<(&'static str, u64)> {
        (0..self.root_threshold as u64).map(|number| ("root", version * 10 + number)).collect()
    }

    pub fn bundle_signers(&self) -> Vec<(&'static str, u64)> {
        (0..self.bundle_threshold as u64).map(|number| ("bundle", number)).collect()
    }

    fn role(&self, threshold: usize, keys: &[(&str, u64)]) -> Role {
        let keyids = keys.iter().map(|(role, number)| key_id(&self.key(role, *number).verifying_key())).collect();
        Role { threshold, keyids }
    }

    fn public(&self, role: &str, number: u64) -> String {
        BASE64_STANDARD.encode(self.key(role, number).verifying_key().as_bytes())
    }

    pub fn key_digest(&self, issuer_key: u64) -> String {
        hexadecimal(&Sha256::digest(self.key("issuer", issuer_key).verifying_key().as_bytes()))
    }

    pub fn listed(&self, number: u64) -> CredentialKey {
        CredentialKey {
            name: format!("issuer {number}"),
            key: KeyMaterial::Ed25519(self.public("issuer", number)),
            schemes: vec![Scheme::Native],
            statements: vec![StatementKind::Vaccination, StatementKind::Test],
            issuers: vec![ISSUER.into()],
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2026-12-31T00:00:00Z"),
            regions: vec![EVERYWHERE.into()],
            lifetime_days: 400,
            distrust_all: false,
            distrust_after: None,
        }
    }

    // ---- files -------------------------------------------------------------------------------------------------

    pub fn signed(&self, payload_type: &str, payload: &impl Serialize, keys: &[(&str, u64)]) -> SignedFile {
        let mut file = SignedFile::unsigned(payload_type, &serde_json::to_vec(payload).unwrap());
        for (role, number) in keys {
            file.sign(&self.key(role, *number));
        }
        file
    }

    /// A root: its root role has one key more than must sign.
    pub fn root(&self, version: u64) -> Root {
        let mut roots = self.root_signers(version);
        roots.push(("root", version * 10 + 9));
        let mut bundles = self.bundle_signers();
        bundles.push(("bundle", 9));
        let duty = [("duty", version)];
        let all = roots.iter().chain(&bundles).chain(&duty);
        Root {
            version,
            authority: "World".into(),
            demo: true,
            keys: all
                .map(|(role, number)| (key_id(&self.key(role, *number).verifying_key()), self.public(role, *number)))
                .collect(),
            root: self.role(self.root_threshold, &roots),
            bundle: self.role(self.bundle_threshold, &bundles),
            distrust: self.role(1, &duty),
            distrust_reset: Vec::new(),
            revocation_reset: 0,
        }
    }

    /// Signed as it must be: by its own keys, and by those of the one before.
    pub fn sign_root(&self, root: &Root) -> RootFile {
        let mut signers = self.root_signers(root.version);
        if root.version > 1 {
            signers.extend(self.root_signers(root.version - 1));
        }
        (root.version, bytes(&self.signed(ROOT_TYPE, root, &signers)))
    }

    fn root_file(&self, version: u64) -> RootFile {
        self.sign_root(&self.root(version))
    }

    pub fn signed_bundle(&self, bundle: &Bundle) -> Vec<u8> {
        bytes(&self.signed(BUNDLE_TYPE, bundle, &self.bundle_signers()))
    }

    pub fn distrust(&self, removed: &[Removal]) -> Distrust {
        Distrust { made_at: at(SIGNED_AT), reason: "stolen".into(), removed: removed.into() }
    }

    pub fn distrust_file(&self, removed: &[Removal], keys: &[(&str, u64)]) -> Vec<u8> {
        bytes(&self.signed(DISTRUST_TYPE, &self.distrust(removed), keys))
    }

    /// Revocation files with so many others beside the one that is looked for.
    pub fn revocation_files(&self, others: u64, key: HashKey) -> Vec<Made> {
        let entry = |id: &str| Entry { kind: Kind::Credential, digest: revocation_digest(ISSUER, id), before: None };
        let others = (0..others).map(|number| entry(&format!("O-{number}")));
        revoked::encode(&key, others.chain([entry(REVOKED_IN_FILE)]))
    }

    /// The files of the list in force.
    pub fn source(&self) -> impl Fn(&RevocationFile) -> Option<Arc<dyn ReadAt>> {
        among(self.revoked.clone())
    }

    /// The next bundle, with something changed.
    pub fn next(&self, edit: impl FnOnce(&mut Bundle)) -> Bundle {
        let mut bundle = self.bundle.clone();
        bundle.version += 1;
        bundle.signed_at += TimeDelta::hours(20);
        edit(&mut bundle);
        bundle
    }

    /// So many new roots, and a bundle of this version.
    pub fn rotated(&self, count: u64, version: u64) -> Incoming {
        let first = self.root_version() + 1;
        Incoming {
            roots: (first..first + count).map(|version| self.root_file(version)).collect(),
            bundle: Some(self.signed_bundle(&self.next(|bundle| bundle.version = version))),
            distrust: Vec::new(),
        }
    }

    // ---- credentials -------------------------------------------------------------------------------------------

    /// A native credential by one of the issuers' keys, which this changes.
    pub fn credential(&self, key: u64, edit: impl FnOnce(&mut Value)) -> String {
        let signer = self.key("issuer", key);
        let kid = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(signer.verifying_key().as_bytes())[..8]);
        let header = json!({"alg": "EdDSA", "typ": "hc+jwt", "kid": kid}).to_string();
        let mut claims = json!({
            "iss": ISSUER, "iat": at("2026-02-01T00:00:00Z").timestamp(), "exp": at("2026-12-01T00:00:00Z").timestamp(),
            "jti": "J-1", "sub": "001090000001", "nam": "Nguyễn Văn Thử", "dob": "1990-01-18",
            "vac": [{"tg": "840539006", "mp": "EU/1/20/1528", "dn": 2, "sd": 2, "dt": "2026-01-10", "co": "VN"}],
        });
        edit(&mut claims);
        let encode = |part: String| BASE64_URL_SAFE_NO_PAD.encode(part);
        let signed = format!("{}.{}", encode(header), encode(claims.to_string()));
        let signature = signer.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    /// Everything that an honest authority does is taken, and does what it says.
    pub fn takes_what_is_honest(&self) -> bool {
        let take = |incoming: &Incoming, files: &[Made]| {
            let mut kiosk = self.kiosk.clone();
            let taken = kiosk.take(incoming, among(files.to_vec()));
            (kiosk, taken)
        };
        let bundle = |bundle: Bundle| Incoming { bundle: Some(self.signed_bundle(&bundle)), ..Incoming::default() };
        let sound = self.credential(SOUND, |_| {});
        let stolen = self.credential(STOLEN, |_| {});

        let (kiosk, taken) = take(&bundle(self.next(|_| {})), &self.revoked);
        let newer = taken.newer && taken.refused.is_empty() && green(kiosk.list().unwrap(), &sound, now());

        let (_, taken) = take(&bundle(self.bundle.clone()), &self.revoked);
        let already = !taken.changed() && taken.refused.is_empty();

        let (kiosk, taken) = take(&self.rotated(2, self.version() + 7), &self.revoked);
        let rotated = taken.newer && kiosk.list().unwrap().root_version() == self.root_version() + 2;

        // A new base that holds more, under the same key.
        let more = self.revocation_files(900, [7; 32]);
        let (_, taken) = take(&bundle(self.next(|next| next.revocation = Some(listing(&more, [7; 32])))), &more);
        let grown = taken.newer;

        // A root withdraws the statement, and lets the next bundle take back less.
        let name = hexadecimal(&self.kiosk_statement());
        let mut root = self.root(self.root_version() + 1);
        (root.distrust_reset, root.revocation_reset) = (vec![name], self.version() + 1);
        let fewer = self.next(|next| (next.revoked, next.revocation) = (Vec::new(), None));
        let incoming = Incoming { roots: vec![self.sign_root(&root)], ..bundle(fewer) };
        let (kiosk, taken) = take(&incoming, &[]);
        let forgiven = taken.newer && green(kiosk.list().unwrap(), &stolen, now());

        // A statement alone, by who is on duty today.
        let all = Removal { what: Removed::Key(self.key_digest(SOUND)), signed: Signed::All };
        let file = self.distrust_file(&[all], &[("duty", self.root_version())]);
        let (kiosk, taken) = take(&Incoming { distrust: vec![file], ..Incoming::default() }, &[]);
        let distrusted = taken.distrust.len() == 1 && kiosk.list().is_ok();

        newer && already && rotated && grown && forgiven && distrusted
    }

    /// The name of the statement that the kiosk took.
    pub fn kiosk_statement(&self) -> [u8; 32] {
        let file: SignedFile = serde_json::from_slice(&self.statement).unwrap();
        Sha256::digest(file.payload_unverified().unwrap()).into()
    }
}

/// Whether a list believes a credential, at a place in Hải Phòng.
pub fn green(list: &TrustList, text: &str, now: TrustedTime) -> bool {
    let place = Location { code: "HP-1".into(), name: "Chốt 1".into(), province: "Hải Phòng".into() };
    Envelope::decode(text).and_then(|envelope| list.clone().at(place).verify(envelope, now)).is_ok()
}

pub fn bytes(file: &SignedFile) -> Vec<u8> {
    serde_json::to_vec(file).unwrap()
}

pub fn listing(made: &[Made], key: HashKey) -> Revocation {
    Revocation { key: BASE64_STANDARD.encode(key), files: made.iter().map(|made| made.listed.clone()).collect() }
}

/// Finds files by the name that a bundle gives them, as on a stick: whatever is in them.
pub fn among(files: Vec<Made>) -> impl Fn(&RevocationFile) -> Option<Arc<dyn ReadAt>> {
    move |listed| {
        let made = files.iter().find(|made| made.listed.sha256 == listed.sha256)?;
        Some(Arc::new(made.bytes.clone()))
    }
}

fn anchor_of_nobody() -> Believed {
    let key = SigningKey::from_bytes(&[1; 32]);
    let id = key_id(&key.verifying_key());
    let role = Role { threshold: 1, keyids: vec![id.clone()] };
    let root = Root {
        version: 1,
        authority: String::new(),
        demo: true,
        keys: [(id, BASE64_STANDARD.encode(key.verifying_key().as_bytes()))].into(),
        root: role.clone(),
        bundle: role.clone(),
        distrust: role,
        distrust_reset: Vec::new(),
        revocation_reset: 0,
    };
    let mut file = SignedFile::unsigned(ROOT_TYPE, &serde_json::to_vec(&root).unwrap());
    file.sign(&key);
    Believed::anchored(vec![(1, bytes(&file))]).unwrap()
}
