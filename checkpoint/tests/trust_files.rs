//! Signed files, sound and forged: what makes a trust list, and what does not.

mod forge;

use checkpoint::screen::Freshness;
use checkpoint::time::TrustedTime;
use checkpoint::trust::files::{BUNDLE_TYPE, ROOT_TYPE};
use checkpoint::trust::{TrustFault, TrustList};
use forge::{at, bundle, list, root, signed, signed_bundle, signed_root};
use serde_json::{Value, json};

/// The fault of a list that must not load.
#[track_caller]
fn fault(roots: &[Vec<u8>], bundle: &[u8]) -> TrustFault {
    TrustList::load(roots, bundle).expect_err("must not load")
}

#[test]
fn a_sound_list_says_what_it_was_given() {
    let list = list(&bundle());
    assert_eq!((list.version(), list.root_version(), list.keys_count()), (7, 1, 5));
    assert!(list.demo() && list.is_loaded() && !list.is_unsigned());
    assert_eq!(list.authority(), "Forged");
    assert_eq!(list.signed_at(), at("2026-03-01T00:00:00Z"));
    assert_eq!(list.tracing_key("2026-03-03".parse().unwrap()), Some([2; 32]));
    assert_eq!(list.tracing_key("2026-03-04".parse().unwrap()), None);
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let to = |first, last| list.sealing_key(day(first)..=day(last));
    assert_eq!(to("2026-03-02", "2026-03-03"), Some((day("2026-03-03"), [2; 32])));
    assert_eq!(to("2026-03-02", "2026-03-04"), Some((day("2026-03-03"), [2; 32])), "the last one before it");
    assert_eq!(to("2026-03-02", "2026-03-20"), Some((day("2026-03-05"), [3; 32])));
    assert_eq!(to("2026-03-06", "2026-03-20"), None, "never a day before the proven one");
    assert_eq!(to("2026-03-05", "2026-03-03"), None);
    assert_eq!(list.tracing_days_left("2026-03-02".parse().unwrap()), 2, "a gap ends the count");
    assert_eq!(list.tracing_days_left("2026-03-04".parse().unwrap()), 0);
    assert_eq!(list.device_key("gate-1"), Some([9; 32]));
}

#[test]
fn freshness_is_graded_by_the_lists_own_limits() {
    let list = list(&bundle());
    let of = |time| list.freshness(TrustedTime::given(at(time))).map(|(_, freshness)| freshness);
    assert_eq!(of("2026-02-01T00:00:00Z"), Some(Freshness::Fresh));
    assert_eq!(of("2026-03-08T00:00:00Z"), Some(Freshness::Fresh));
    assert_eq!(of("2026-03-08T00:00:01Z"), Some(Freshness::Ageing));
    assert_eq!(of("2026-03-31T00:00:01Z"), Some(Freshness::Stale));
    assert_eq!(TrustList::default().freshness(TrustedTime::given(at("2026-03-01T00:00:00Z"))), None);
}

#[test]
fn without_a_root_nothing_is_believed() {
    assert_eq!(fault(&[], &signed_bundle(&bundle())), TrustFault::NoRoot);
}

#[test]
fn a_root_is_signed_by_its_own_threshold() {
    let bundle = signed_bundle(&bundle());
    assert!(TrustList::load(&[signed_root(&root(1), &[203, 201])], &bundle).is_ok());
    for seeds in [&[][..], &[201], &[201, 201], &[201, 211], &[211, 212, 213]] {
        assert!(matches!(
            fault(&[signed_root(&root(1), seeds)], &bundle),
            TrustFault::NotEnoughSignatures { threshold: 2, .. }
        ));
    }
}

#[test]
fn the_next_root_needs_both_thresholds() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let bundle = signed_bundle(&bundle());
    let first = signed_root(&root(1), &[201, 202]);
    let mut next = root(2);
    next.root.keyids.clear();
    for seed in [205, 206] {
        let key = forge::key(seed).verifying_key();
        let name = checkpoint::dsse::key_id(&key);
        next.keys.insert(name.clone(), BASE64_STANDARD.encode(key.as_bytes()));
        next.root.keyids.push(name);
    }
    let load = |seeds: &[u8]| TrustList::load(&[first.clone(), signed_root(&next, seeds)], &bundle);
    assert_eq!(load(&[201, 202, 205, 206]).unwrap().root_version(), 2);
    for seeds in [&[205, 206][..], &[201, 202], &[201, 205, 206], &[201, 202, 205]] {
        assert!(matches!(load(seeds), Err(TrustFault::NotEnoughSignatures { .. })), "{seeds:?}");
    }
    assert_eq!(
        fault(&[first.clone(), signed_root(&root(3), &[201, 202])], &bundle),
        TrustFault::RootGap { before: 1, found: 3 }
    );
    assert_eq!(fault(&[first.clone(), first], &bundle), TrustFault::RootGap { before: 1, found: 1 });
}

#[test]
fn roles_that_nobody_or_anybody_could_meet_are_refused() {
    let edits: [fn(&mut checkpoint::trust::files::Root); 5] = [
        |root| root.bundle.threshold = 0,
        |root| root.bundle.threshold = 4,
        |root| root.root.keyids[1] = root.root.keyids[0].clone(),
        |root| root.distrust.keyids = vec!["00".repeat(32)],
        |root| root.distrust.keyids.clear(),
    ];
    for edit in edits {
        let mut root = root(1);
        edit(&mut root);
        let fault = fault(&[signed_root(&root, &[201, 202, 203])], &signed_bundle(&bundle()));
        assert!(matches!(fault, TrustFault::RoleUnsound { .. }), "{fault:?}");
    }
}

#[test]
fn a_key_stands_under_its_own_name_and_is_not_weak() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    for bytes in [forge::key(99).verifying_key().to_bytes().to_vec(), vec![0; 32], vec![1; 31]] {
        let mut root = root(1);
        let name = root.bundle.keyids[2].clone();
        root.keys.insert(name, BASE64_STANDARD.encode(bytes));
        let fault = fault(&[signed_root(&root, &[201, 202])], &signed_bundle(&bundle()));
        assert!(matches!(fault, TrustFault::KeyUnsound { .. }), "{fault:?}");
    }
}

#[test]
fn a_bundle_is_signed_by_the_bundle_role_alone() {
    let roots = [signed_root(&root(1), &[201, 202])];
    for seeds in [&[][..], &[211], &[201, 202, 203], &[211, 221], &[211, 99]] {
        let fault = fault(&roots, &signed(BUNDLE_TYPE, &bundle(), seeds));
        assert!(matches!(fault, TrustFault::NotEnoughSignatures { threshold: 2, .. }), "{seeds:?}: {fault:?}");
    }
    assert!(TrustList::load(&roots, &signed(BUNDLE_TYPE, &bundle(), &[212, 213])).is_ok());
}

#[test]
fn a_file_of_one_kind_is_never_taken_for_another() {
    let roots = [signed_root(&root(1), &[201, 202])];
    let fault_of = |payload_type| fault(&roots, &signed(payload_type, &bundle(), &[211, 212]));
    assert!(matches!(fault_of(ROOT_TYPE), TrustFault::NotEnoughSignatures { .. }));
    assert!(matches!(fault_of("application/json"), TrustFault::NotEnoughSignatures { .. }));
}

#[test]
fn what_is_signed_and_not_understood_is_refused() {
    let roots = [signed_root(&root(1), &[201, 202])];
    let with = |edit: &dyn Fn(&mut Value)| {
        let mut value = serde_json::to_value(bundle()).unwrap();
        edit(&mut value);
        fault(&roots, &signed(BUNDLE_TYPE, &value, &[211, 212]))
    };
    let edits: [&dyn Fn(&mut Value); 8] = [
        &|bundle| bundle["regions"] = json!([]),
        &|bundle| bundle["keys"][0]["districts"] = json!([]),
        &|bundle| drop(bundle["keys"][0].as_object_mut().unwrap().remove("regions")),
        &|bundle| drop(bundle["keys"][0].as_object_mut().unwrap().remove("lifetime_days")),
        &|bundle| bundle["keys"][0]["statements"] = json!(["everything"]),
        &|bundle| bundle["keys"][0]["key"] = json!({"rsa": ""}),
        &|bundle| bundle["version"] = json!(7.5),
        &|bundle| drop(bundle.as_object_mut().unwrap().remove("hard_days")),
    ];
    for edit in edits {
        let fault = with(edit);
        assert!(matches!(fault, TrustFault::NotUnderstood { .. }), "{fault:?}");
    }
    for (name, value) in
        [("version", json!(0)), ("hard_days", json!(3)), ("tracing_keys", json!({"2026-03-02": "AAAA"}))]
    {
        let fault = with(&|bundle| bundle[name] = value.clone());
        assert!(matches!(fault, TrustFault::BundleUnsound { .. }), "{fault:?}");
    }
    for digest in ["", "00", &"0".repeat(63), &"AB".repeat(32), &"zz".repeat(32)] {
        let fault = with(&|bundle| bundle["revoked"] = json!([digest]));
        assert!(matches!(fault, TrustFault::BundleUnsound { .. }), "{digest}: {fault:?}");
    }
}

#[test]
fn a_damaged_file_is_named() {
    let root = signed_root(&root(1), &[201, 202]);
    let good = signed_bundle(&bundle());
    for bad in [&b""[..], b"{}", b"not json", &good[..good.len() - 2]] {
        let fault = fault(std::slice::from_ref(&root), bad);
        assert!(fault.to_string().starts_with("the bundle is not a signed file"), "{fault}");
        assert!(matches!(TrustList::load(&[bad], &good), Err(TrustFault::NotSigned { .. })));
    }
}

#[test]
fn no_changed_byte_of_a_bundle_is_believed() {
    let roots = [signed_root(&root(1), &[201, 202])];
    let good = signed_bundle(&bundle());
    let sound = TrustList::load(&roots, &good).unwrap();
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 1;
        // White space and the spare signature's name may change; what is believed may not.
        if let Ok(list) = TrustList::load(&roots, &bad) {
            assert_eq!((list.version(), list.keys_count()), (sound.version(), sound.keys_count()), "byte {place}");
        }
    }
}

#[test]
fn a_key_that_cannot_be_used_denies_itself_and_nothing_else() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use checkpoint::trust::files::KeyMaterial;
    let mut bundle = bundle();
    bundle.keys[1].key = KeyMaterial::Ed25519(BASE64_STANDARD.encode([0; 32]));
    // Another curve: P-256's name, prime256v1, with one arc changed.
    let mut certificate = forge::certificate(&forge::CertificateOf::default());
    let curve = certificate.windows(8).position(|part| part == b"\x2a\x86\x48\xce\x3d\x03\x01\x07").unwrap();
    certificate[curve + 7] = 6;
    bundle.keys[2].key = KeyMaterial::Certificate(BASE64_STANDARD.encode(&certificate));
    let list = list(&bundle);
    assert_eq!((list.keys_count(), list.keys_unusable()), (3, 2));
    forge::check_with(&list, &forge::native().text(), forge::now(), "ok");
    // Nobody knows whether it is forged: amber, not red.
    let mut hcert = forge::hcert();
    *forge::entry(hcert.protected.as_mut().unwrap(), 4) = ciborium::Value::Bytes(forge::short_id(&certificate));
    forge::check_with(&list, &hcert.text(), forge::now(), "S-KEY update-list");
}

#[test]
fn a_key_that_is_none_spoils_the_bundle() {
    use checkpoint::trust::files::KeyMaterial;
    for key in [KeyMaterial::Ed25519("!".into()), KeyMaterial::Certificate("AAAA".into())] {
        let mut bundle = bundle();
        bundle.keys[1].key = key;
        let fault = fault(&[signed_root(&root(1), &[201, 202])], &signed_bundle(&bundle));
        assert_eq!(fault, TrustFault::BundleUnsound { what: "keys" });
    }
}

#[test]
fn versions_only_grow() {
    let versioned = |version, day: &str| {
        let mut bundle = bundle();
        bundle.version = version;
        bundle.signed_at = at(day);
        list(&bundle)
    };
    let current = versioned(7, "2026-03-01T00:00:00Z");
    assert!(versioned(8, "2026-03-02T00:00:00Z").newer_than(&current).is_ok());
    assert!(versioned(1, "2026-01-01T00:00:00Z").newer_than(&TrustList::default()).is_ok());
    for (version, day) in [(7, "2026-03-02T00:00:00Z"), (6, "2026-03-02T00:00:00Z"), (8, "2026-02-01T00:00:00Z")] {
        let refused = versioned(version, day).newer_than(&current);
        assert!(matches!(refused.err(), Some(TrustFault::RolledBack { offered, .. }) if offered.bundle == version));
    }
}

#[test]
fn an_unsigned_list_must_be_one() {
    for bad in ["", "[]", "{}", r#"{"certificates": []}"#, r#"{"certificates": [{"pem": "x"}]}"#] {
        assert!(TrustList::unsigned(bad.as_bytes()).is_err(), "{bad}");
    }
}
