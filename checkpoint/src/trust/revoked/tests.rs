use std::sync::Mutex;

use base64::prelude::{BASE64_STANDARD, Engine};

use super::super::checks::left_out::without;
use super::*;

const KEY: HashKey = [7; 32];

fn digest_of(number: u64) -> [u8; 32] {
    Sha256::digest(number.to_be_bytes()).into()
}

fn whole(number: u64) -> Entry {
    Entry { kind: Kind::Credential, digest: digest_of(number), before: None }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn listing(made: &[Made]) -> Revocation {
    Revocation { key: BASE64_STANDARD.encode(KEY), files: made.iter().map(|made| made.listed.clone()).collect() }
}

fn open(made: &[Made]) -> Result<RevokedFiles, (usize, RevokedFault)> {
    RevokedFiles::open(&listing(made), |listed| {
        let made = made.iter().find(|made| made.listed == *listed)?;
        Some(Arc::new(made.bytes.clone()))
    })
}

/// A disk that may begin to fail, or to lie, after the file was opened.
struct Rotten {
    bytes: Mutex<Vec<u8>>,
    fails: bool,
}

impl ReadAt for Arc<Rotten> {
    fn size(&self) -> Result<u64, Unreadable> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), Unreadable> {
        if self.fails && place > 0 && into.len() < 4096 {
            Err(Unreadable)
        } else {
            self.bytes.lock().unwrap().read_at(place, into)
        }
    }
}

#[test]
fn what_is_revoked_is_found_and_nothing_else() {
    for count in [1, 2, 255, 256, 257, 1_000, 20_000] {
        let made = encode(&KEY, (0..count).map(whole));
        assert_eq!(made[0].listed.entries, count);
        let files = open(&made).unwrap();
        for number in (0..count).step_by(7) {
            assert_eq!(files.revokes(Kind::Credential, &digest_of(number), None), Ok(true), "{number} of {count}");
            assert_eq!(files.revokes(Kind::Key, &digest_of(number), None), Ok(false), "a key is no credential");
        }
        for number in count..count + 2_000 {
            assert_eq!(files.revokes(Kind::Credential, &digest_of(number), None), Ok(false), "{number} of {count}");
        }
    }
    assert!(encode(&KEY, []).is_empty());
}

#[test]
fn a_moment_is_kept_and_the_latest_counts() {
    let before = |end| Entry { kind: Kind::Issuer, digest: digest_of(1), before: Some(at(end)) };
    let made = encode(&KEY, [before(1_000), before(3_000), before(2_000), whole(5)]);
    assert_eq!(made.len(), 2, "one file of each form");
    let files = open(&made).unwrap();
    let revoked = |seconds: Option<i64>| files.revokes(Kind::Issuer, &digest_of(1), seconds.map(at)).unwrap();
    assert!(revoked(Some(0)) && revoked(Some(2_999)) && revoked(None));
    assert!(!revoked(Some(3_000)));
}

#[test]
fn the_order_of_entries_makes_no_difference() {
    assert_eq!(encode(&KEY, (0..999).map(whole)), encode(&KEY, (0..999).rev().chain(3..9).map(whole)));
}

#[test]
fn deltas_add_up() {
    let (base, delta) = (encode(&KEY, (0..500).map(whole)), encode(&KEY, (500..510).map(whole)));
    let files = open(&[base, delta].concat()).unwrap();
    assert_eq!(files.count(), 2);
    assert_eq!(files.revokes(Kind::Credential, &digest_of(3), None), Ok(true));
    assert_eq!(files.revokes(Kind::Credential, &digest_of(505), None), Ok(true));
}

#[test]
fn no_changed_byte_is_believed() {
    let made = encode(&KEY, (0..600).map(whole));
    for place in 0..made[0].bytes.len() {
        let mut changed = made.clone();
        changed[0].bytes[place] ^= 0x10;
        assert_eq!(open(&changed).err(), Some((0, RevokedFault::Another)), "byte {place}");
        // Even where a bundle listed it so: the format's own checks find every one.
        changed[0].listed.sha256 = super::super::hexadecimal(&Sha256::digest(&changed[0].bytes));
        assert!(open(&changed).is_err(), "byte {place}");
    }
    for length in [0, 10, HEADER_BYTES, 100, made[0].bytes.len() - 1] {
        let mut cut = made.clone();
        cut[0].bytes.truncate(length);
        assert!(open(&cut).is_err(), "{length} bytes");
        cut[0].listed.bytes = length as u64;
        cut[0].listed.sha256 = super::super::hexadecimal(&Sha256::digest(&cut[0].bytes));
        assert!(open(&cut).is_err(), "{length} bytes, listed so");
    }
}

#[test]
fn a_card_that_rots_after_it_was_opened_is_found() {
    let made = encode(&KEY, (0..600).map(whole));
    for fails in [true, false] {
        let disk = Arc::new(Rotten { bytes: Mutex::new(made[0].bytes.clone()), fails: false });
        let rotten =
            |disk: &Arc<Rotten>| RevokedFiles::open(&listing(&made), |_| Some(Arc::new(disk.clone()))).unwrap();
        let files = if fails {
            let mut files = rotten(&disk);
            let failing = Arc::new(Rotten { bytes: Mutex::new(made[0].bytes.clone()), fails });
            let file = RevokedFile { source: Arc::new(failing), ..files.files[0].clone() };
            files.files = Arc::new([file]);
            files
        } else {
            let files = rotten(&disk);
            let last = made[0].bytes.len() - 20;
            disk.bytes.lock().unwrap()[last..].fill(0);
            files
        };
        let answers: Vec<_> =
            (0..900).map(|number| files.revokes(Kind::Credential, &digest_of(number), None)).collect();
        assert!(answers.contains(&Err(Unreadable)), "a failing disk: {fails}");
        for (number, answer) in answers.iter().enumerate() {
            assert!(*answer != Ok(number >= 600), "{number}: never the wrong answer");
        }
    }
}

#[test]
fn a_block_that_nobody_checks_would_lie() {
    let made = encode(&KEY, (0..600).map(whole));
    let lies = || {
        let disk = Arc::new(Rotten { bytes: Mutex::new(made[0].bytes.clone()), fails: false });
        let files = RevokedFiles::open(&listing(&made), |_| Some(Arc::new(disk.clone()))).unwrap();
        let last = made[0].bytes.len() - 20;
        disk.bytes.lock().unwrap()[last] ^= 1;
        (0..600).any(|number| files.revokes(Kind::Credential, &digest_of(number), None) == Ok(false))
    };
    assert!(!lies());
    assert!(without(Check::RevokedBlockSum, lies));
}

#[test]
fn a_list_goes_on_with_another_where_nothing_is_missing() {
    let base = encode(&KEY, (0..500).map(whole));
    let delta = encode(&KEY, (500..510).map(whole));
    let all = encode(&KEY, (0..600).map(whole));
    let [small, large, both] = [&base, &all, &[base.clone(), delta.clone()].concat()].map(|made| open(made).unwrap());
    for (after, before, goes_on) in [
        (&both, &small, true),
        (&large, &both, true),
        (&small, &both, false),
        (&both, &large, false),
        (&RevokedFiles::default(), &small, false),
        (&small, &RevokedFiles::default(), true),
    ] {
        assert_eq!(after.go_on_from(before), Ok(goes_on));
    }
    let timed = |end| Entry { before: Some(at(end)), ..whole(1) };
    let [early, late] = [100, 200].map(|end| open(&encode(&KEY, [timed(end)])).unwrap());
    assert_eq!((late.go_on_from(&early), early.go_on_from(&late)), (Ok(true), Ok(false)));
    assert_eq!(
        (small.go_on_from(&late), late.go_on_from(&small)),
        (Ok(true), Ok(false)),
        "whole is more than a moment"
    );
}
