mod places;
pub(crate) mod removals;

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::dsse::key_id;
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, CredentialKey, EVERYWHERE, KeyMaterial, ROOT_TYPE, Role, Root};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;

use super::*;

/// Root keys 1 to 5 of an authority; another authority has another number.
fn key(authority: u8, number: u8) -> SigningKey {
    SigningKey::from_bytes(&[authority * 16 + number; 32])
}

fn role(authority: u8, numbers: &[u8], threshold: usize) -> Role {
    let id = |number: &u8| key_id(&key(authority, *number).verifying_key());
    Role { threshold, keyids: numbers.iter().map(id).collect() }
}

fn signed(payload_type: &str, payload: &impl Serialize, authority: u8, signers: &[u8]) -> Vec<u8> {
    let mut file = SignedFile::unsigned(payload_type, &serde_json::to_vec(payload).unwrap());
    for number in signers {
        file.sign(&key(authority, *number));
    }
    serde_json::to_vec(&file).unwrap()
}

pub(crate) fn root(authority: u8, version: u64) -> Vec<u8> {
    let keys = (1..=8)
        .map(|number| key(authority, number).verifying_key())
        .map(|key| (key_id(&key), BASE64_STANDARD.encode(key.as_bytes())))
        .collect();
    let root = Root {
        version,
        authority: format!("authority {authority}"),
        demo: true,
        keys,
        root: role(authority, &[1, 2, 3, 4, 5], 3),
        bundle: role(authority, &[6, 7, 8], 2),
        distrust: role(authority, &[1], 1),
        distrust_reset: Vec::new(),
        revocation_reset: 0,
    };
    signed(ROOT_TYPE, &root, authority, &[1, 2, 3])
}

pub(crate) fn bundle(authority: u8, version: u64, signers: &[u8]) -> Vec<u8> {
    let bundle = Bundle {
        version,
        signed_at: "2026-03-01T00:00:00Z".parse().unwrap(),
        soft_days: 7,
        hard_days: 30,
        keys: vec![CredentialKey {
            name: "issuer".into(),
            key: KeyMaterial::Ed25519(BASE64_STANDARD.encode(key(1, 9).verifying_key().as_bytes())),
            schemes: vec![Scheme::Native],
            statements: vec![StatementKind::Vaccination],
            issuers: vec!["VN-EX".into()],
            not_before: "2025-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
            regions: vec![EVERYWHERE.into()],
            lifetime_days: 400,
            distrust_all: false,
            distrust_after: None,
        }],
        tracing_keys: BTreeMap::new(),
        devices: BTreeMap::new(),
        revoked: Vec::new(),
        revocation: None,
    };
    signed(BUNDLE_TYPE, &bundle, authority, signers)
}

pub(crate) fn write_list(folder: &Path, roots: &[Vec<u8>], bundle: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    for (place, root) in roots.iter().enumerate() {
        fs::write(folder.join(format!("{}.root.json", place + 1)), root).unwrap();
    }
    fs::write(folder.join("bundle.json"), bundle).unwrap();
}

/// A kiosk whose shipped list is version 1, and a stick.
struct Bench {
    dir: TempDir,
    store: TrustStore,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write_list(&dir.path().join("shipped"), &[root(1, 1)], &bundle(1, 1, &[6, 7]));
        let store = TrustStore::new(dir.path().join("shipped"), dir.path().join("kept"));
        Self { dir, store }
    }

    fn stick(&self) -> PathBuf {
        self.dir.path().join("stick")
    }

    /// Puts a list on the stick and offers it.
    fn offer(&self, roots: &[Vec<u8>], bundle: &[u8]) -> Result<Installed, TrustStoreFault> {
        let _ = fs::remove_dir_all(self.stick());
        write_list(&self.stick(), roots, bundle);
        self.store.install(&self.stick())
    }

    fn version(&self) -> u64 {
        self.store.load().map(|in_force| in_force.list.version()).unwrap_or_default()
    }

    fn installed(&self) -> PathBuf {
        self.store.kept_lists().unwrap().pop().expect("a list was installed")
    }
}

/// Why something was refused.
fn refusal(installed: Result<Installed, TrustStoreFault>) -> TrustStoreFault {
    installed.map(|installed| installed.refused.expect("something is refused")).unwrap_or_else(|fault| fault)
}

fn rolled_back(fault: &TrustStoreFault) -> bool {
    matches!(fault, TrustStoreFault::Refused { fault: TrustFault::RolledBack { .. }, .. })
}

#[test]
fn the_shipped_list_is_in_force_until_a_newer_one_comes() {
    let bench = Bench::new();
    assert_eq!(bench.version(), 1);
    assert!(matches!(
        bench.offer(&[root(1, 1)], &bundle(1, 2, &[6, 8])),
        Ok(Installed { newer: true, refused: None, .. })
    ));
    assert_eq!(bench.version(), 2);
    assert!(matches!(
        bench.store.install(&bench.stick()),
        Ok(Installed { newer: false, refused: None, list: None, .. })
    ));
    assert!(matches!(
        bench.offer(&[root(1, 1), root(1, 2)], &bundle(1, 3, &[7, 8])),
        Ok(Installed { newer: true, refused: None, .. })
    ));
    assert_eq!(bench.version(), 3);
    assert_eq!(bench.store.kept_lists().unwrap().len(), 1, "older lists are removed");
}

#[test]
fn a_stick_with_later_roots_alone_is_enough() {
    let bench = Bench::new();
    write_list(&bench.stick(), &[], &bundle(1, 2, &[6, 7]));
    fs::write(bench.stick().join("2.root.json"), root(1, 2)).unwrap();
    assert!(matches!(bench.store.install(&bench.stick()), Ok(Installed { newer: true, refused: None, .. })));
    assert_eq!(bench.version(), 2);
}

#[test]
fn bad_lists_are_refused_and_the_old_one_stays() {
    let bench = Bench::new();
    bench.offer(&[root(1, 1)], &bundle(1, 5, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
    let good = bundle(1, 6, &[6, 7]);
    let truncated = &good[..good.len() / 2];
    let mut tampered: SignedFile = serde_json::from_slice(&good).unwrap();
    tampered.payload = BASE64_STANDARD.encode(
        String::from_utf8(tampered.payload_unverified().unwrap())
            .unwrap()
            .replace("\"hard_days\":30", "\"hard_days\":99"),
    );
    let tampered = serde_json::to_vec(&tampered).unwrap();
    // What it is, root files, bundle file, and the fault's own words.
    type Case<'a> = (&'a str, Vec<Vec<u8>>, &'a [u8], &'a str);
    let cases: [Case; 8] = [
        ("one signature", vec![root(1, 1)], &bundle(1, 6, &[6]), "not signed by 2 keys"),
        ("root keys sign a bundle", vec![root(1, 1)], &bundle(1, 6, &[1, 2]), "not signed by 2 keys"),
        ("tampered", vec![root(1, 1)], &tampered, "not signed by 2 keys"),
        ("truncated", vec![root(1, 1)], truncated, "not a signed file"),
        ("another authority", vec![root(2, 1)], &bundle(2, 6, &[6, 7]), "another authority"),
        ("another's next root", vec![root(1, 1), root(2, 2)], &bundle(2, 6, &[6, 7]), "root 2 is not signed"),
        ("older", vec![root(1, 1)], &bundle(1, 4, &[6, 7]), "older than one already seen"),
        ("huge", vec![root(1, 1)], &vec![b' '; BUNDLE_BYTES_MAX as usize + 1], "too large"),
    ];
    for (name, roots, bundle, complaint) in cases {
        match bench.offer(&roots, bundle) {
            Ok(Installed { list: None, newer: false, refused: Some(fault), .. }) => {
                assert!(fault.to_string().contains(complaint), "{name}: {fault}");
                assert_eq!(fault.on_screen(), Fault::TrustRejected, "{name}");
            }
            Ok(_) => panic!("{name} was accepted"),
            Err(fault) => panic!("{name}: {fault}"),
        }
        assert_eq!(bench.version(), 5, "{name}: the old list stays");
    }
}

#[test]
fn two_lists_of_one_version_cannot_both_be_believed() {
    let bench = Bench::new();
    bench.offer(&[root(1, 1)], &bundle(1, 5, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(
        matches!(
            bench.offer(&[root(1, 1)], &bundle(1, 5, &[7, 8])),
            Ok(Installed { newer: false, refused: None, list: None, .. })
        ),
        "signers may differ"
    );
    let mut other: SignedFile = serde_json::from_slice(&bundle(1, 5, &[])).unwrap();
    let said = String::from_utf8(other.payload_unverified().unwrap()).unwrap();
    other.payload = BASE64_STANDARD.encode(said.replace("\"hard_days\":30", "\"hard_days\":60"));
    other.sign(&key(1, 6));
    other.sign(&key(1, 7));
    let offered = bench.offer(&[root(1, 1)], &serde_json::to_vec(&other).unwrap());
    assert!(rolled_back(&refusal(offered)));
}

#[test]
fn an_older_list_put_back_on_the_disk_is_refused() {
    let bench = Bench::new();
    bench.offer(&[root(1, 1)], &bundle(1, 7, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
    fs::remove_dir_all(bench.installed()).unwrap();
    assert!(rolled_back(&bench.store.load().err().expect("the shipped list is older")));
    write_list(&bench.store.kept.join("list-x"), &[root(1, 1)], &bundle(1, 6, &[6, 7]));
    assert!(rolled_back(&bench.store.load().err().expect("older than what was seen")));
    assert!(
        matches!(bench.offer(&[root(1, 1)], &bundle(1, 8, &[6, 7])), Ok(Installed { newer: true, refused: None, .. })),
        "a newer one heals"
    );
    assert_eq!(bench.version(), 8);
}

#[test]
fn the_same_list_from_the_stick_heals_a_damaged_one() {
    let bench = Bench::new();
    let good = bundle(1, 7, &[6, 7]);
    bench.offer(&[root(1, 1)], &good).unwrap_or_else(|fault| panic!("{fault}"));
    fs::write(bench.installed().join("bundle.json"), &good[..100]).unwrap();
    assert_eq!(bench.version(), 0, "nothing is believed that is older than what was seen");
    assert!(matches!(bench.offer(&[root(1, 1)], &good), Ok(Installed { newer: true, refused: None, .. })));
    assert_eq!(bench.version(), 7);
}

#[test]
fn what_a_power_cut_leaves_behind_is_not_believed() {
    let bench = Bench::new();
    write_list(&bench.store.kept.join("incoming-0000000009"), &[root(1, 1)], &bundle(1, 9, &[6, 7]));
    assert_eq!(bench.version(), 1);
    assert!(bench.offer(&[root(1, 1)], &bundle(1, 2, &[6, 7])).is_ok());
    assert!(!bench.store.kept.join("incoming-0000000009").exists(), "it is cleared away");
}

#[test]
fn a_list_that_was_seen_is_remembered() {
    let bench = Bench::new();
    bench.store.remember().unwrap_or_else(|fault| panic!("{fault}"));
    write_list(&bench.store.shipped, &[root(1, 1)], &bundle(1, 0, &[6, 7]));
    assert_eq!(bench.version(), 0);
}

#[test]
fn a_damaged_memory_is_said_and_mended() {
    let bench = Bench::new();
    bench.offer(&[root(1, 1)], &bundle(1, 7, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
    let highest = bench.store.kept.join("highest.json");
    fs::write(&highest, b"{\"anchor\":").unwrap();
    let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(in_force.list.version(), 7, "a torn file stops nobody");
    assert!(matches!(in_force.refused[..], [TrustStoreFault::Unreadable { .. }]), "and it is said");
    assert!(matches!(
        bench.offer(&[root(1, 1)], &bundle(1, 8, &[6, 7])),
        Ok(Installed { newer: true, refused: None, .. })
    ));
    assert!(bench.store.load().is_ok_and(|in_force| in_force.refused.is_empty()));
}

#[test]
fn another_anchor_starts_anew() {
    let bench = Bench::new();
    bench.offer(&[root(1, 1)], &bundle(1, 7, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
    write_list(&bench.store.shipped, &[root(2, 1)], &bundle(2, 1, &[6, 7]));
    let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!((in_force.list.version(), in_force.list.authority()), (1, "authority 2"));
    assert!(
        matches!(in_force.refused[..], [TrustStoreFault::Refused { fault: TrustFault::AnotherAuthority { .. }, .. }]),
        "and it is said"
    );
}

#[test]
fn a_missing_list_is_called_missing() {
    let dir = tempfile::tempdir().unwrap();
    let store = TrustStore::new(dir.path().join("nothing"), dir.path().join("kept"));
    let Err(fault) = store.load() else { panic!("nothing was believed") };
    assert_eq!(fault.on_screen(), Fault::TrustMissing, "{fault}");
    let bench = Bench::new();
    fs::remove_file(bench.store.shipped.join("bundle.json")).unwrap();
    let Err(fault) = bench.store.load() else { panic!("nothing was believed") };
    assert_eq!(fault.on_screen(), Fault::TrustMissing, "{fault}");
}

#[test]
fn a_pipe_on_the_stick_does_not_stop_the_kiosk() {
    let bench = Bench::new();
    fs::create_dir_all(bench.stick()).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let pipe = bench.stick().join("bundle.json");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(matches!(refusal(bench.store.install(&bench.stick())), TrustStoreFault::Unreadable { .. }));
    assert_eq!(bench.version(), 1);
}

#[test]
fn twenty_rotations_of_the_root_are_followed() {
    let bench = Bench::new();
    let roots: Vec<_> = (1..=20).map(|version| root(1, version)).collect();
    assert!(matches!(bench.offer(&roots, &bundle(1, 2, &[6, 7])), Ok(Installed { newer: true, refused: None, .. })));
    let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(in_force.list.root_version(), 20);
    assert!(bench.offer(&roots[..1], &bundle(1, 3, &[6, 7])).is_ok(), "known roots are not asked for again");
    let behind = Bench::new();
    assert!(behind.offer(&[root(1, 1)], &bundle(1, 2, &[6, 7])).is_ok());
    fs::remove_dir_all(behind.stick()).unwrap();
    write_list(&behind.stick(), &[root(1, 1)], &bundle(1, 3, &[6, 7]));
    fs::write(behind.stick().join("3.root.json"), root(1, 3)).unwrap();
    assert!(matches!(refusal(behind.store.install(&behind.stick())), TrustStoreFault::Refused { .. }), "a gap");
}
