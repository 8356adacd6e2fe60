//! What is distrusted or revoked, on a real disk: at once, for good, through power cuts and full disks.

use std::os::unix::fs::PermissionsExt;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::files::{DISTRUST_TYPE, Distrust, Removal, Removed, Revocation, Signed};
use checkpoint::trust::revocation_digest;
use checkpoint::trust::revoked::{self, Entry, Kind, Made};
use checkpoint::verdict::Reason;
use ed25519_dalek::Signer;
use serde_json::json;

use super::*;

/// A statement by a duty key (1): the issuers' key 9 is stolen.
pub fn statement(reason: &str, signer: u8) -> Vec<u8> {
    let digest = hexadecimal(&Sha256::digest(key(1, 9).verifying_key().as_bytes()));
    let said = Distrust {
        made_at: "2026-03-02T00:00:00Z".parse().unwrap(),
        reason: reason.into(),
        removed: vec![Removal { what: Removed::Key(digest), signed: Signed::All }],
    };
    signed(DISTRUST_TYPE, &said, 1, &[signer])
}

fn name_of(statement: &[u8]) -> String {
    hexadecimal(&Sha256::digest(payload_of(statement)))
}

/// What a list says of a vaccination that the issuers' key signed.
pub fn says(list: &TrustList, id: &str) -> Result<(), Reason> {
    let encode = |part: String| BASE64_URL_SAFE_NO_PAD.encode(part);
    let kid = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(key(1, 9).verifying_key().as_bytes())[..8]);
    let header = json!({"alg": "EdDSA", "typ": "hc+jwt", "kid": kid}).to_string();
    let claims = json!({
        "iss": "VN-EX", "iat": 1_772_000_000, "exp": 1_780_000_000, "jti": id, "nam": "Nguyễn Văn Thử", "dob": "1990-01-18",
        "vac": [{"tg": "840539006", "mp": "EU/1/20/1528", "dn": 2, "sd": 2, "dt": "2026-01-10", "co": "VN"}],
    });
    let text = format!("{}.{}", encode(header), encode(claims.to_string()));
    let signature = key(1, 9).sign(text.as_bytes());
    let text = format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    let now = TrustedTime::given("2026-03-02T01:00:00Z".parse().unwrap());
    Envelope::decode(&text).and_then(|envelope| list.verify(envelope, now)).map(|_| ())
}

impl Bench {
    fn in_force(&self) -> TrustList {
        self.store.load().unwrap_or_else(|fault| panic!("{fault}")).list
    }

    /// A stick with these files alone.
    fn bring(&self, files: &[(&str, &[u8])]) -> Installed {
        let _ = fs::remove_dir_all(self.stick());
        fs::create_dir_all(self.stick()).unwrap();
        for (name, bytes) in files {
            fs::write(self.stick().join(name), bytes).unwrap();
        }
        self.store.install(&self.stick()).unwrap_or_else(|fault| panic!("{fault}"))
    }
}

#[test]
fn a_statement_alone_holds_at_once_and_for_good() {
    let bench = Bench::new();
    assert_eq!(says(&bench.in_force(), "J"), Ok(()));
    let brought = bench.bring(&[("1.distrust.json", &statement("stolen", 1))]);
    assert_eq!((brought.distrusted, brought.newer, brought.refused.is_none()), (1, false, true));
    assert_eq!(says(&brought.list.expect("it changed"), "J"), Err(Reason::Revoked));
    assert_eq!(says(&bench.in_force(), "J"), Err(Reason::Revoked), "after a restart");
    for version in [2, 3, 9] {
        assert!(bench.offer(&[root(1, 1)], &bundle(1, version, &[6, 7])).unwrap().newer);
        assert_eq!(says(&bench.in_force(), "J"), Err(Reason::Revoked), "list {version} lists the key again");
    }
    let again = bench.bring(&[("x.distrust.json", &statement("stolen", 1))]);
    assert!(again.list.is_none() && again.distrusted == 0 && again.refused.is_none(), "it is known");
}

#[test]
fn a_statement_is_taken_beside_what_is_bad() {
    let statement = statement("stolen", 1);
    for (name, bytes) in [
        ("bundle.json", bundle(1, 0, &[6, 7])),
        ("bundle.json", b"nothing".to_vec()),
        ("bundle.json", vec![b' '; BUNDLE_BYTES_MAX as usize + 1]),
        ("1.root.json", root(2, 1)),
        ("2.root.json", b"nothing".to_vec()),
        ("2.root.json", vec![b' '; 70_000]),
        ("0.distrust.json", b"nothing".to_vec()),
        ("0.distrust.json", vec![b' '; 70_000]),
    ] {
        let bench = Bench::new();
        let brought = bench.bring(&[(name, &bytes), ("7.distrust.json", &statement)]);
        assert_eq!(brought.distrusted, 1, "beside a bad {name}");
        assert!(brought.refused.is_some(), "a bad {name} is said");
        assert_eq!(says(&bench.in_force(), "J"), Err(Reason::Revoked), "beside a bad {name}");
    }
}

#[test]
fn a_statement_of_nobody_on_duty_is_refused() {
    let bench = Bench::new();
    for signer in [2, 6, 9] {
        let brought = bench.bring(&[("distrust.json", &statement("stolen", signer))]);
        assert!(brought.list.is_none() && brought.refused.is_some(), "key {signer}");
    }
    assert_eq!(says(&bench.in_force(), "J"), Ok(()));
}

#[test]
fn a_statement_that_was_deleted_is_missed() {
    let bench = Bench::new();
    let file = statement("stolen", 1);
    bench.bring(&[("distrust.json", &file)]);
    let kept = bench.store.kept.join(DISTRUST_DIR).join(format!("{}.distrust.json", name_of(&file)));
    for damage in ["deleted", "torn"] {
        match damage {
            "deleted" => fs::remove_file(&kept).unwrap(),
            _ => fs::write(&kept, &file[..file.len() / 2]).unwrap(),
        }
        let Err(fault) = bench.store.load() else { panic!("{damage}: nobody knows what it took away") };
        assert!(fault.to_string().contains("distrust statements"), "{fault}");
        let newer = bench.offer(&[root(1, 1)], &bundle(1, 5, &[6, 7])).unwrap();
        assert!(newer.list.is_none(), "{damage}: no bundle heals it");
        let brought = bench.bring(&[("distrust.json", &file)]);
        assert_eq!(says(&brought.list.expect("it is healed"), "J"), Err(Reason::Revoked), "{damage}");
    }
    // Without the memory too, nothing on this disk tells: the journal does.
    fs::remove_file(&kept).unwrap();
    fs::remove_file(bench.store.kept.join(HIGHEST_FILE)).unwrap();
    assert_eq!(says(&bench.in_force(), "J"), Ok(()));
}

#[test]
fn a_root_withdraws_a_statement_and_nothing_else_does() {
    let bench = Bench::new();
    let file = statement("stolen", 1);
    bench.bring(&[("distrust.json", &file)]);
    let withdrawing = |signers: &[u8]| {
        let anchor: SignedFile = serde_json::from_slice(&root(1, 2)).unwrap();
        let mut root: Root = serde_json::from_slice(&anchor.payload_unverified().unwrap()).unwrap();
        root.distrust_reset = vec![name_of(&file)];
        signed(ROOT_TYPE, &root, 1, signers)
    };
    let brought = bench.bring(&[("2.root.json", &withdrawing(&[1, 2]))]);
    assert!(brought.list.is_none() && brought.refused.is_some(), "two of three");
    assert_eq!(says(&bench.in_force(), "J"), Err(Reason::Revoked));
    let brought = bench.bring(&[("2.root.json", &withdrawing(&[1, 2, 3]))]);
    assert_eq!(says(&brought.list.expect("it changed"), "J"), Ok(()));
    assert_eq!(says(&bench.in_force(), "J"), Ok(()), "after a restart");
    assert!(bench.bring(&[("distrust.json", &file)]).list.is_none(), "withdrawn for good");
    let anew = bench.bring(&[("distrust.json", &statement("stolen again", 1))]);
    assert_eq!(says(&anew.list.expect("another statement"), "J"), Err(Reason::Revoked));
}

fn revoking(ids: &[&str]) -> Made {
    let entry = |id: &&str| Entry { kind: Kind::Credential, digest: revocation_digest("VN-EX", id), before: None };
    revoked::encode(&[5; 32], ids.iter().map(entry)).remove(0)
}

fn bundle_with(version: u64, files: &[&Made]) -> Vec<u8> {
    let file: SignedFile = serde_json::from_slice(&bundle(1, version, &[])).unwrap();
    let mut bundle: Bundle = serde_json::from_slice(&file.payload_unverified().unwrap()).unwrap();
    bundle.revocation = Some(Revocation {
        key: BASE64_STANDARD.encode([5; 32]),
        files: files.iter().map(|made| made.listed.clone()).collect(),
    });
    signed(BUNDLE_TYPE, &bundle, 1, &[6, 7])
}

#[test]
fn revocation_files_are_kept_with_their_list() {
    let bench = Bench::new();
    let (base, delta) = (revoking(&["A", "B"]), revoking(&["C"]));
    let name = |made: &Made| format!("{}.revoked", made.listed.sha256);
    let missing = bench.bring(&[("bundle.json", &bundle_with(2, &[&base]))]);
    assert!(!missing.newer && missing.refused.is_some(), "the file is not there");
    let brought = bench.bring(&[("bundle.json", &bundle_with(2, &[&base])), (&name(&base), &base.bytes)]);
    fs::remove_dir_all(bench.stick()).unwrap();
    let list = brought.list.expect("it changed");
    assert_eq!(says(&list, "A"), Err(Reason::Revoked), "the stick is not needed any more");
    assert_eq!(says(&list, "C"), Ok(()));
    // The base is on the kiosk: a stick brings what is new.
    let brought = bench.bring(&[("bundle.json", &bundle_with(3, &[&base, &delta])), (&name(&delta), &delta.bytes)]);
    assert!(brought.newer, "{:?}", brought.refused);
    assert_eq!(
        (says(&bench.in_force(), "A"), says(&bench.in_force(), "C")),
        (Err(Reason::Revoked), Err(Reason::Revoked))
    );
    let undone = bench.bring(&[("bundle.json", &bundle_with(4, &[&delta]))]);
    assert!(!undone.newer && undone.refused.unwrap().to_string().contains("no longer takes back"));
    // A card that rots: nothing is believed, and the same stick heals.
    fs::write(bench.store.kept.join(REVOKED_DIR).join(name(&base)), &base.bytes[..base.bytes.len() - 1]).unwrap();
    assert!(bench.store.load().is_err());
    let files = [("bundle.json", bundle_with(3, &[&base, &delta])), ("x", Vec::new())];
    let healed =
        bench.bring(&[("bundle.json", &files[0].1), (&name(&base), &base.bytes), (&name(&delta), &delta.bytes)]);
    assert_eq!(says(&healed.list.expect("it is healed"), "A"), Err(Reason::Revoked));
}

#[test]
fn what_is_kept_is_for_the_kiosk_alone() {
    let bench = Bench::new();
    bench.bring(&[("distrust.json", &statement("stolen", 1)), ("bundle.json", &bundle(1, 3, &[6, 7]))]);
    let mut folders = vec![bench.store.kept.clone()];
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "{}", folder.display());
        for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            match file.is_dir() {
                true => folders.push(file),
                false => {
                    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display())
                }
            }
        }
    }
    fs::set_permissions(&bench.store.kept, fs::Permissions::from_mode(0o770)).unwrap();
    let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{fault}"));
    assert!(matches!(in_force.refused[..], [TrustStoreFault::Exposed { mode: 0o770, .. }]), "it is said");
}

/// What a power cut leaves of the step at which it comes.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// Nothing that was not durable.
    Nothing,
    /// Half of what was not durable, and names that were given.
    Half,
}

/// Lets `cut_at` steps happen, and then none: the disk is as the power cut leaves it.
fn until(cut_at: usize, cut: Cut) -> impl FnMut(Step<'_>) -> io::Result<()> {
    let (mut step, mut renamed) = (0, None::<(PathBuf, PathBuf)>);
    move |before| {
        step += 1;
        if step <= cut_at {
            match before {
                Step::Rename(from, to) => renamed = Some((from.into(), to.into())),
                Step::SyncNames(_) => renamed = None,
                _ => {}
            }
            return Ok(());
        }
        if step == cut_at + 1 {
            match (before, cut, &renamed) {
                (Step::Sync(path) | Step::Write(path), Cut::Half, _) => {
                    let bytes = fs::read(path)?;
                    fs::write(path, &bytes[..bytes.len() / 2])?;
                }
                (Step::Sync(path) | Step::Write(path), Cut::Nothing, _) => fs::remove_file(path)?,
                (Step::SyncNames(_), Cut::Nothing, Some((from, to))) => fs::rename(to, from)?,
                _ => {}
            }
        }
        Err(io::Error::from(io::ErrorKind::StorageFull))
    }
}

#[test]
fn a_power_cut_at_any_step_leaves_a_list_and_the_next_stick_goes_on() {
    let (base, delta) = (revoking(&["A", "B"]), revoking(&["C"]));
    let mut steps = 0;
    for cut in [Cut::Nothing, Cut::Half] {
        for cut_at in 0.. {
            let bench = Bench::new();
            let name = |made: &Made| format!("{}.revoked", made.listed.sha256);
            bench.bring(&[("bundle.json", &bundle_with(2, &[&base])), (&name(&base), &base.bytes)]);
            let _ = fs::remove_dir_all(bench.stick());
            write_list(&bench.stick(), &[root(1, 1), root(1, 2)], &bundle_with(3, &[&base, &delta]));
            fs::write(bench.stick().join(name(&delta)), &delta.bytes).unwrap();
            fs::write(bench.stick().join("1.distrust.json"), statement("stolen", 1)).unwrap();
            let cut_off = bench.store.install_step_by_step(&bench.stick(), &mut until(cut_at, cut)).unwrap();
            // As long as the program runs, what is distrusted holds, whatever the disk says.
            assert_eq!(says(&cut_off.list.expect("it changed"), "J"), Err(Reason::Revoked), "{cut:?} at {cut_at}");
            let in_force = bench.store.load().unwrap_or_else(|fault| panic!("{cut:?} at {cut_at}: {fault}"));
            assert!([2, 3].contains(&in_force.list.version()), "{cut:?} at {cut_at}");
            assert_eq!(says(&in_force.list, "A"), Err(Reason::Revoked), "{cut:?} at {cut_at}");
            if in_force.list.version() == 3 {
                assert_eq!(says(&in_force.list, "C"), Err(Reason::Revoked), "{cut:?} at {cut_at}");
            }
            // The next stick, or the next look at the same one.
            let _ = bench.store.install(&bench.stick()).unwrap_or_else(|fault| panic!("{cut:?} at {cut_at}: {fault}"));
            let list = bench.in_force();
            assert_eq!((list.version(), list.root_version()), (3, 2), "{cut:?} at {cut_at}");
            assert_eq!(says(&list, "J"), Err(Reason::Revoked), "{cut:?} at {cut_at}");
            if cut_off.refused.is_none() {
                steps += cut_at;
                break;
            }
        }
    }
    assert!(steps > 60, "{steps} steps: the cuts hit nothing");
}

#[test]
fn hostile_sticks_change_nothing_on_the_disk() {
    let bench = Bench::new();
    bench.offer(&[root(1, 1)], &bundle(1, 50, &[6, 7])).unwrap_or_else(|fault| panic!("{fault}"));
    let state = || {
        let mut files = Vec::new();
        let mut folders = vec![bench.store.kept.clone()];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
                if path.is_dir() { folders.push(path) } else { files.push((path.clone(), fs::read(path).unwrap())) }
            }
        }
        files.sort();
        files
    };
    let before = state();
    for seed in 0..400_u64 {
        let n = seed / 8;
        let mut good = bundle(1, 51 + n, &[6, 7]);
        let (roots, bundle) = match seed % 8 {
            0 => (vec![root(1, 1)], bundle(1, n, &[6, 7])),
            1 => (vec![root(1, 1)], bundle(1, 51 + n, &[6 + (n % 3) as u8])),
            2 => (vec![root(1, 1)], bundle(1, 51 + n, &[1, 2, 3, 4, 5])),
            3 => (vec![root(2, 1)], bundle(2, 51 + n, &[6, 7])),
            4 => (vec![root(1, 1), root(2, 2)], good),
            5 => {
                let place = (n as usize * 7919) % good.len();
                good.truncate(place);
                (vec![root(1, 1)], good)
            }
            6 => (vec![root(1, 1), root(1, 3)], good),
            _ => (vec![root(1, 1), root(1, 2)[..100 + n as usize].to_vec()], good),
        };
        let offered = bench.offer(&roots, &bundle).unwrap_or_else(|fault| panic!("{seed}: {fault}"));
        assert!(offered.refused.is_some() && offered.list.is_none() && !offered.newer, "{seed}");
    }
    assert_eq!(state(), before);
}
