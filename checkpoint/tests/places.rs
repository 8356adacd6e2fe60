//! The signed list of places: vectors for whoever implements `docs/trust-files.md`, and what is refused.
//!
//! `WRITE_VECTORS=1 cargo test -p checkpoint --test places` makes them anew; their keys are the forger's, which anybody can compute.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on ends, and reads its vectors"
)]

mod forge;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use checkpoint::trust::files::BUNDLE_TYPE;
use checkpoint::trust::places::{ListedPlace, PLACES_BYTES_MAX, PLACES_MAX, PLACES_TYPE, Places};
use checkpoint::trust::{RootChain, TrustFault};
use forge::{root, signed, signed_root};
use serde_json::json;

fn place(code: &str, name: &str) -> ListedPlace {
    ListedPlace { code: code.into(), name: name.into(), province: "Hà Nội".into(), region: "Thường Tín".into() }
}

fn sound() -> Places {
    let other = ListedPlace { region: String::new(), ..place("HN-TT-0102", "Bến xe Giáp Bát") };
    Places { version: 7, places: vec![place("HN-CK-0023", "Chốt cầu Giẽ"), other] }
}

/// Every vector: its name, its bytes, and how many places it names; `None` where it is refused.
fn vectors() -> Vec<(&'static str, Vec<u8>, Option<usize>)> {
    let by = |places: &Places, seeds: &[u8]| signed(PLACES_TYPE, places, seeds);
    let edited = |edit: &dyn Fn(&mut Places)| {
        let mut places = sound();
        edit(&mut places);
        by(&places, &[211, 212])
    };
    let unknown = json!({"version": 7, "places": [], "zones": []});
    vec![
        ("sound.json", by(&sound(), &[211, 212]), Some(2)),
        ("none.json", edited(&|places| places.places.clear()), Some(0)),
        ("one-signature.json", by(&sound(), &[211]), None),
        ("duty-keys.json", by(&sound(), &[221, 211]), None),
        ("renamed-type.json", signed(BUNDLE_TYPE, &sound(), &[211, 212]), None),
        ("twice.json", edited(&|places| places.places[1].code = "HN-CK-0023".into()), None),
        ("no-version.json", edited(&|places| places.version = 0), None),
        ("bad-code.json", edited(&|places| places.places[0].code = "../etc".into()), None),
        ("bidi-name.json", edited(&|places| places.places[0].name = "Chốt\u{202e}A".into()), None),
        ("unknown-member.json", signed(PLACES_TYPE, &unknown, &[211, 212]), None),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/place_vectors")
}

fn chain(root: &[u8]) -> RootChain {
    RootChain::verify(&[root.to_vec()]).unwrap()
}

#[test]
fn our_own_vectors_are_what_they_were() {
    let root = signed_root(&root(1), &[201, 202]);
    let expected: BTreeMap<_, _> = vectors().into_iter().map(|(name, _, count)| (name.to_owned(), count)).collect();
    if std::env::var_os("WRITE_VECTORS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(folder().join("1.root.json"), &root).unwrap();
        for (name, bytes, _) in vectors() {
            fs::write(folder().join(name), bytes).unwrap();
        }
        let json = serde_json::to_string_pretty(&expected).unwrap() + "\n";
        fs::write(folder().join("expected.json"), json).unwrap();
    }
    for (name, bytes, _) in vectors() {
        assert!(fs::read(folder().join(name)).unwrap() == bytes, "{name} is of yesterday");
    }
}

#[test]
fn every_vector_is_believed_or_refused_as_it_says() {
    let expected: BTreeMap<String, Option<usize>> =
        serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap();
    assert!(expected.len() >= 10);
    let chain = chain(&fs::read(folder().join("1.root.json")).unwrap());
    for (name, count) in expected {
        let read = Places::verify(&chain, &fs::read(folder().join(&name)).unwrap());
        assert_eq!(read.as_ref().ok().map(|places| places.places.len()), count, "{name}: {read:?}");
    }
}

#[test]
fn a_list_is_bounded_and_what_is_wrong_with_it_is_named() {
    let chain = chain(&signed_root(&root(1), &[201, 202]));
    let many = |count: usize| Places {
        version: 1,
        places: (0..count).map(|number| place(&format!("HN-{number}"), "Chốt")).collect(),
    };
    let read = |places: &Places| Places::verify(&chain, &signed(PLACES_TYPE, places, &[211, 213]));
    assert_eq!(read(&many(PLACES_MAX)).unwrap().places.len(), PLACES_MAX);
    let Err(TrustFault::NotUnderstood { detail, .. }) = read(&many(PLACES_MAX + 1)) else { panic!("too many") };
    assert!(detail.contains("2001 places: at most 2000"), "{detail}");
    let longest = |number: usize| ListedPlace {
        code: format!("{number:032}"),
        name: "Ễ".repeat(80),
        province: "Ễ".repeat(80),
        region: "Ễ".repeat(80),
    };
    let longest = |count: usize| Places { version: 1, places: (0..count).map(longest).collect() };
    let bytes = signed(PLACES_TYPE, &longest(900), &[211, 212]).len() as u64;
    assert!(read(&longest(900)).is_ok() && bytes <= PLACES_BYTES_MAX, "{bytes}");
    let Err(TrustFault::NotUnderstood { detail, .. }) = read(&longest(1_100)) else { panic!("too large a file") };
    assert!(detail.contains("at most 1048576"), "{detail}");
    let Err(TrustFault::NotEnoughSignatures { threshold, .. }) =
        Places::verify(&chain, &signed(PLACES_TYPE, &sound(), &[213]))
    else {
        panic!("one signature is not enough")
    };
    assert_eq!(threshold, 2);
}
