//! Files of the authority: roots and bundle, and lists of certificates that nobody signed.

use std::sync::LazyLock;

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::dsse::SignedFile;
use checkpoint::trust::TrustList;
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, ROOT_TYPE, Root};
use serde_json::json;

use crate::Budget;
use crate::forge;

/// A file of 4 KiB takes a few times its length, most of it for JSON's texts.
const BUDGET: Budget = Budget { heap_bytes_max: 1024 * 1024, cpu_ms_max: 100 };

static ROOT: LazyLock<Vec<u8>> = LazyLock::new(|| forge::signed_root(&forge::root(1), &[201, 202]));
static BUNDLE: LazyLock<Vec<u8>> = LazyLock::new(|| forge::signed_bundle(&forge::bundle()));

/// A root or a bundle, as a file or as the payload of one, signed where it can be understood.
pub fn files(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let load = |roots: &[&[u8]], bundle: &[u8]| BUDGET.spend(|| TrustList::load(roots, bundle));
    match kind % 6 {
        // Files as they come: no signature of ours is in them but that of the seeds, which are the files themselves.
        0 => {
            if let Ok(list) = load(&[rest], &BUNDLE) {
                assert_eq!(list.root_version(), 1);
            }
        }
        1 => {
            if let Ok(list) = load(&[&ROOT], rest) {
                assert_eq!(list.version(), forge::bundle().version);
            }
        }
        // The first root is the anchor: it signs itself.
        2 => {
            let known = serde_json::from_slice::<Root>(rest).is_ok();
            let file = signed(ROOT_TYPE, rest, if known { &[201, 202] } else { &[] });
            if let Ok(list) = load(&[&file], &BUNDLE) {
                assert!(known && list.is_loaded());
            }
        }
        // The next root is signed by both; it must follow.
        3 => {
            let root = serde_json::from_slice::<Root>(rest);
            let file = signed(ROOT_TYPE, rest, if root.is_ok() { &[201, 202] } else { &[] });
            if let Ok(list) = load(&[&ROOT, &file], &BUNDLE) {
                let root = root.expect("what was believed was understood");
                assert!(root.version == 2 && list.root_version() == 2 && root.root.threshold > 0);
            }
        }
        4 => {
            let bundle = serde_json::from_slice::<Bundle>(rest);
            let file = signed(BUNDLE_TYPE, rest, if bundle.is_ok() { &[211, 212] } else { &[] });
            if let Ok(list) = load(&[&ROOT], &file) {
                let bundle = bundle.expect("what was believed was understood");
                assert_eq!(list.version(), bundle.version);
                assert_eq!(list.keys_count() + list.keys_unusable(), bundle.keys.len());
                list.freshness(forge::now());
                list.explain(&forge::native().text(), forge::now());
                assert!(list.clone().newer_than(&list).is_err(), "it is not newer than itself");
            }
        }
        // Too few signatures: nothing of it is believed.
        _ => assert!(load(&[&ROOT], &signed(BUNDLE_TYPE, rest, &[])).is_err()),
    }
}

/// Seeds of `files`.
pub fn files_seeds() -> Vec<Vec<u8>> {
    let json = |kind: u8, value: &[u8]| [&[kind], value].concat();
    let root = |version| serde_json::to_vec(&forge::root(version)).expect("a root has a form in JSON");
    let bundle = serde_json::to_vec(&forge::bundle()).expect("a bundle has a form in JSON");
    let mut small = forge::bundle();
    small.keys.truncate(1);
    let small = serde_json::to_vec(&small).expect("a bundle has a form in JSON");
    vec![
        json(0, &ROOT),
        json(1, &BUNDLE),
        json(2, &root(1)),
        json(3, &root(2)),
        json(4, &bundle),
        json(4, &small),
        json(5, &small),
    ]
}

fn signed(payload_type: &str, payload: &[u8], seeds: &[u8]) -> Vec<u8> {
    let mut file = SignedFile::unsigned(payload_type, payload);
    for seed in seeds {
        file.sign(&forge::key(*seed));
    }
    serde_json::to_vec(&file).expect("a signed file has a form in JSON")
}

/// The DER of an issuer's certificate, in a list that nobody signed; or such a list.
pub fn certificates(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let list = if kind % 4 == 0 {
        BUDGET.spend(|| TrustList::unsigned(rest))
    } else {
        let pem = BASE64_STANDARD.encode(rest);
        let list = json!({"certificates": [{"pem": pem, "kid": BASE64_STANDARD.encode(forge::short_id(rest))}]});
        BUDGET.spend(|| TrustList::unsigned(list.to_string().as_bytes()))
    };
    if let Ok(list) = list {
        assert!(list.is_unsigned() && list.keys_count() + list.keys_unusable() > 0);
        if kind & 0x80 != 0 {
            BUDGET.spend(|| list.explain(&forge::hcert().text(), forge::now()));
        }
    }
}

/// Seeds of `certificates`.
pub fn certificates_seeds() -> Vec<Vec<u8>> {
    let uses: [&[&[u8]]; 3] = [&[], &[forge::USE_TEST, forge::USE_TLS_CLIENT], &[forge::USE_VACCINATION]];
    let mut seeds: Vec<Vec<u8>> = uses
        .iter()
        .map(|uses| forge::certificate(&forge::CertificateOf { uses, ..Default::default() }))
        .map(|der| [vec![0x81], der].concat())
        .collect();
    let pem = BASE64_STANDARD.encode(&seeds[0][1..]);
    let list = json!({"certificates": [{"pem": pem, "country": "VN", "not_before": forge::NOW}]});
    seeds.push([&[0x80], list.to_string().as_bytes()].concat());
    seeds
}
