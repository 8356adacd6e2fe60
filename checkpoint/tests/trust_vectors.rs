//! Folders of trust files and what must come of each, for whoever implements `docs/trust-files.md`.
//!
//! `WRITE_VECTORS=1 cargo test -p checkpoint --test trust_vectors our_own` makes them anew; their keys are the forger's, which anybody can compute.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on ends, and reads its vectors"
)]

mod forge;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::trust::files::{
    Bundle, DISTRUST_TYPE, Distrust, Removal, Removed, Revocation, RevocationFile, Root, Signed,
};
use checkpoint::trust::revoked::{self, Entry, Kind, Made, ReadAt};
use checkpoint::trust::update::{Believed, Incoming};
use checkpoint::trust::{issuer_digest, key_digests, revocation_digest};
use forge::{ISSUER, at, key, native, now, root, signed, signed_root, verdict};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const HASH_KEY: [u8; 32] = [0x5a; 32];

/// What must come of a folder, for a kiosk that was set up with `shipped`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Expected {
    /// What it is about.
    what: String,
    /// A newer bundle is in force afterwards.
    newer: bool,
    /// Versions of the list in force.
    bundle: u64,
    root: u64,
    /// How many statements were new.
    distrusted: usize,
    /// Something of the folder was refused.
    refused: bool,
    /// What the list says at `forge::NOW` of the credentials of `credentials.json`.
    says: BTreeMap<String, String>,
}

type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust_vectors")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Two keys, four credentials.
fn credentials() -> BTreeMap<String, String> {
    let with = |seed: u8, id: &str| native().by(seed).claims(|claims| claims["jti"] = id.into()).text();
    [("key 1, J-1", with(1, "J-1")), ("key 1, J-2", with(1, "J-2")), ("key 2, J-1", with(2, "J-1"))]
        .map(|(name, text)| (name.to_owned(), text))
        .into()
}

fn bundle(version: u64, edit: impl FnOnce(&mut Bundle)) -> Bundle {
    let mut bundle = forge::bundle();
    bundle.keys.truncate(2);
    bundle.tracing_keys.clear();
    bundle.version = version;
    edit(&mut bundle);
    bundle
}

fn rooted(version: u64, edit: impl FnOnce(&mut Root)) -> Vec<u8> {
    let mut root = root(version);
    edit(&mut root);
    signed_root(&root, &[201, 202])
}

fn statement(what: Removed, how: Signed, signer: u8) -> Vec<u8> {
    let removed = vec![Removal { what, signed: how }];
    signed(
        DISTRUST_TYPE,
        &Distrust { made_at: at("2026-03-01T12:00:00Z"), reason: "a test".into(), removed },
        &[signer],
    )
}

fn key_1() -> Removed {
    Removed::Key(hex(&Sha256::digest(key(1).verifying_key().as_bytes())))
}

fn revoking(entries: &[Entry]) -> Vec<Made> {
    revoked::encode(&HASH_KEY, entries.iter().copied())
}

fn listing(made: &[Made]) -> Option<Revocation> {
    let files = made.iter().map(|made| made.listed.clone()).collect();
    Some(Revocation { key: BASE64_STANDARD.encode(HASH_KEY), files })
}

fn with_files(version: u64, made: &[Made]) -> Files {
    let bundle = bundle(version, |bundle| bundle.revocation = listing(made));
    let mut files: Files = [("bundle.json".to_owned(), forge::signed_bundle(&bundle))].into();
    files.extend(made.iter().map(|made| (format!("{}.revoked", made.listed.sha256), made.bytes.clone())));
    files
}

/// Every folder, with what it is about.
fn folders() -> Vec<(&'static str, &'static str, Files)> {
    let files = |files: &[(&str, Vec<u8>)]| -> Files {
        files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect()
    };
    let sound = |version| forge::signed_bundle(&bundle(version, |_| {}));
    let j_1 = Entry { kind: Kind::Credential, digest: revocation_digest(ISSUER, "J-1"), before: None };
    let issuer = Entry { kind: Kind::Issuer, digest: issuer_digest(ISSUER), before: Some(at("2026-02-26T00:00:00Z")) };
    let key_2 =
        Entry { kind: Kind::Key, digest: Sha256::digest(key(2).verifying_key().as_bytes()).into(), before: None };
    let mut cut = with_files(8, &revoking(&[j_1]));
    for (_, bytes) in cut.iter_mut().filter(|(name, _)| name.ends_with(".revoked")) {
        bytes.pop();
    }
    let mut renamed =
        serde_json::from_slice::<serde_json::Value>(&signed(DISTRUST_TYPE, &bundle(8, |_| {}), &[211, 212])).unwrap();
    renamed["payloadType"] = checkpoint::trust::files::BUNDLE_TYPE.into();
    let after = Signed::After(at("2026-02-01T00:00:00Z"));
    let withdrawn = hex(&Sha256::digest(payload(&statement(key_1(), Signed::All, 221))));
    vec![
        ("newer", "the next bundle", files(&[("bundle.json", sound(8))])),
        ("same", "the bundle that is in force", files(&[("bundle.json", sound(7))])),
        ("older", "an older bundle", files(&[("bundle.json", sound(6))])),
        (
            "same-version",
            "the version in force with other words",
            files(&[("bundle.json", forge::signed_bundle(&bundle(7, |bundle| bundle.hard_days = 99)))]),
        ),
        (
            "one-signature",
            "a bundle by one of two",
            files(&[("bundle.json", signed(checkpoint::trust::files::BUNDLE_TYPE, &bundle(8, |_| {}), &[211]))]),
        ),
        (
            "root-keys",
            "a bundle by the keys of the root",
            files(&[(
                "bundle.json",
                signed(checkpoint::trust::files::BUNDLE_TYPE, &bundle(8, |_| {}), &[201, 202, 203]),
            )]),
        ),
        (
            "renamed-type",
            "signed as a statement, renamed to a bundle",
            files(&[("bundle.json", serde_json::to_vec(&renamed).unwrap())]),
        ),
        (
            "next-root",
            "a root and a bundle under it",
            files(&[("2.root.json", rooted(2, |_| {})), ("bundle.json", sound(8))]),
        ),
        ("root-gap", "root 3 without root 2", files(&[("3.root.json", rooted(3, |_| {})), ("bundle.json", sound(8))])),
        (
            "other-authority",
            "another root 1",
            files(&[("1.root.json", rooted(1, |root| root.authority = "Other".into())), ("bundle.json", sound(8))]),
        ),
        (
            "distrust-key",
            "a statement alone: all of key 1",
            files(&[("1.distrust.json", statement(key_1(), Signed::All, 221))]),
        ),
        (
            "distrust-after",
            "what key 1 signed after a moment",
            files(&[("1.distrust.json", statement(key_1(), after, 221))]),
        ),
        (
            "distrust-issuer",
            "an issuer before a moment that has passed when it signed",
            files(&[(
                "1.distrust.json",
                statement(Removed::Issuer(ISSUER.into()), Signed::Before(at("2026-01-01T00:00:00Z")), 221),
            )]),
        ),
        (
            "distrust-credential",
            "one credential, beside a bundle that is refused",
            files(&[
                (
                    "a.distrust.json",
                    statement(Removed::Credential(hex(&revocation_digest(ISSUER, "J-2"))), Signed::All, 221),
                ),
                ("bundle.json", sound(6)),
            ]),
        ),
        (
            "distrust-by-a-bundle-key",
            "a statement by somebody who is not on duty",
            files(&[("1.distrust.json", statement(key_1(), Signed::All, 211))]),
        ),
        (
            "distrust-withdrawn",
            "a statement and the root that withdraws it",
            files(&[
                ("1.distrust.json", statement(key_1(), Signed::All, 221)),
                ("2.root.json", rooted(2, |root| root.distrust_reset = vec![withdrawn.clone()])),
            ]),
        ),
        (
            "distrust-in-the-bundle",
            "key 2 by the bundle",
            files(&[("bundle.json", forge::signed_bundle(&bundle(8, |bundle| bundle.keys[1].distrust_all = true)))]),
        ),
        ("revoked-file", "one credential in a revocation file", with_files(8, &revoking(&[j_1]))),
        (
            "revoked-files",
            "two files: a key, and an issuer before a moment",
            with_files(8, &revoking(&[key_2, issuer])),
        ),
        ("revoked-file-cut", "a revocation file without its last byte", cut),
        (
            "regions",
            "key 1 counts in another province",
            files(&[(
                "bundle.json",
                forge::signed_bundle(&bundle(8, |bundle| bundle.keys[0].regions = vec!["Khánh Hòa".into()])),
            )]),
        ),
        (
            "lifetime",
            "key 2 may give a day",
            files(&[("bundle.json", forge::signed_bundle(&bundle(8, |bundle| bundle.keys[1].lifetime_days = 1)))]),
        ),
    ]
}

fn payload(file: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<checkpoint::dsse::SignedFile>(file).unwrap().payload_unverified().unwrap()
}

fn shipped() -> Files {
    [
        ("1.root.json".to_owned(), rooted(1, |_| {})),
        ("bundle.json".to_owned(), forge::signed_bundle(&bundle(7, |_| {}))),
    ]
    .into()
}

fn read(folder: &Path) -> Files {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

fn incoming(files: &Files) -> Incoming {
    let roots =
        files.iter().filter_map(|(name, file)| Some((name.strip_suffix(".root.json")?.parse().ok()?, file.clone())));
    let distrust = files.iter().filter(|(name, _)| name.ends_with("distrust.json")).map(|(_, file)| file.clone());
    Incoming { roots: roots.collect(), bundle: files.get("bundle.json").cloned(), distrust: distrust.collect() }
}

/// What our kiosk makes of a folder.
fn outcome(shipped: &Files, brought: &Files, what: &str, credentials: &BTreeMap<String, String>) -> Expected {
    let shipped = incoming(shipped);
    let mut kiosk = Believed::anchored(shipped.roots.clone()).unwrap();
    kiosk.consider(&shipped.roots, shipped.bundle.as_deref().unwrap(), |_| None).unwrap();
    let source = |listed: &RevocationFile| -> Option<Arc<dyn ReadAt>> {
        Some(Arc::new(brought.get(&format!("{}.revoked", listed.sha256))?.clone()))
    };
    let taken = kiosk.take(&incoming(brought), source);
    let list = kiosk.list().unwrap();
    let says = |text: &String| match verdict(list, text, now()) {
        Ok(_) => "ok".to_owned(),
        Err(reason) => reason.code().to_owned(),
    };
    Expected {
        what: what.into(),
        newer: taken.newer,
        bundle: list.version(),
        root: list.root_version(),
        distrusted: taken.distrust.len(),
        refused: !taken.refused.is_empty(),
        says: credentials.iter().map(|(name, text)| (name.clone(), says(text))).collect(),
    }
}

#[test]
fn every_folder_comes_out_as_it_must() {
    let at = folder();
    let expected: BTreeMap<String, Expected> =
        serde_json::from_slice(&fs::read(at.join("expected.json")).unwrap()).unwrap();
    let credentials: BTreeMap<String, String> =
        serde_json::from_slice(&fs::read(at.join("credentials.json")).unwrap()).unwrap();
    let shipped = read(&at.join("shipped"));
    let mut folders: Vec<_> =
        fs::read_dir(&at).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir()).collect();
    folders.retain(|entry| entry.file_name() != "shipped");
    assert_eq!(folders.len(), expected.len());
    for entry in folders {
        let name = entry.file_name().into_string().unwrap();
        let expected = &expected[&name];
        assert_eq!(&outcome(&shipped, &read(&entry.path()), &expected.what, &credentials), expected, "{name}");
    }
}

#[test]
fn the_vectors_are_what_our_own_tools_make() {
    if std::env::var_os("WRITE_VECTORS").is_some() {
        write(&folder());
    }
    assert_eq!(read(&folder().join("shipped")), shipped());
    for (name, _, files) in folders() {
        assert!(read(&folder().join(name)) == files, "{name}: run with WRITE_VECTORS=1 and look at what changed");
    }
}

#[test]
fn hashes_are_those_of_the_page() {
    // A second opinion, from Python's hmac and hashlib.
    let digest = revocation_digest(ISSUER, "J-1");
    assert_eq!(hex(&digest), "3ec6f4c05c1bdea052a97cae6e45a08f6e488c36715c58f2fe7791b2de05adab");
    assert_eq!(format!("{:016x}", revoked::keyed_hash(&HASH_KEY, Kind::Credential, &digest)), "805048a0c2f03feb");
    assert_eq!(
        format!("{:016x}", revoked::keyed_hash(&HASH_KEY, Kind::Issuer, &issuer_digest(ISSUER))),
        "4b7b36da443cd293"
    );
    let listed = forge::bundle().keys;
    assert_eq!(
        key_digests(&listed[0].key).unwrap(),
        [<[u8; 32]>::from(Sha256::digest(key(1).verifying_key().as_bytes()))]
    );
    assert_eq!(key_digests(&listed[2].key).unwrap().len(), 2, "a certificate, and the key in it");
}

fn write(at: &Path) {
    let _ = fs::remove_dir_all(at);
    let put = |folder: &Path, files: &Files| {
        fs::create_dir_all(folder).unwrap();
        files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    };
    put(&at.join("shipped"), &shipped());
    let credentials = credentials();
    let mut expected = BTreeMap::new();
    for (name, what, files) in folders() {
        put(&at.join(name), &files);
        expected.insert(name, outcome(&shipped(), &files, what, &credentials));
    }
    fs::write(at.join("expected.json"), pretty(&expected)).unwrap();
    fs::write(at.join("credentials.json"), pretty(&credentials)).unwrap();
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}
