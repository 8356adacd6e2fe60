//! The signed list of places, by way of a stick.

use checkpoint::trust::places::{ListedPlace, PLACES_TYPE, Places};

use super::*;

fn places(version: u64, codes: &[&str], signers: &[u8]) -> Vec<u8> {
    let place = |code: &&str| ListedPlace {
        code: (*code).into(),
        name: format!("Chợ {code}"),
        province: "Hà Nội".into(),
        region: String::new(),
    };
    let list = Places { version, places: codes.iter().map(place).collect() };
    signed(PLACES_TYPE, &list, 1, signers)
}

impl Bench {
    /// Puts a list of places on the stick, and nothing else.
    fn offer_places(&self, file: &[u8]) -> Result<Installed, TrustStoreFault> {
        let _ = fs::remove_dir_all(self.stick());
        fs::create_dir_all(self.stick()).unwrap();
        fs::write(self.stick().join(PLACES_FILE), file).unwrap();
        self.store.install(&self.stick())
    }

    fn codes(&self) -> Vec<String> {
        let places = self.store.places().unwrap();
        places.into_iter().flat_map(|list| list.places).map(|place| place.code).collect()
    }
}

#[test]
fn the_newest_signed_list_is_kept_and_the_trust_list_stays() {
    let bench = Bench::new();
    assert!(bench.codes().is_empty());
    let taken = bench.offer_places(&places(2, &["HN-1", "HN-2"], &[6, 7])).unwrap();
    assert!(taken.places == Some(2) && taken.list.is_none() && taken.refused.is_none() && !taken.newer);
    assert_eq!((bench.codes(), bench.version()), (vec!["HN-1".to_owned(), "HN-2".to_owned()], 1));
    // An older one, or the same, is nothing new.
    for version in [1, 2] {
        assert!(bench.offer_places(&places(version, &["OLD"], &[6, 7])).unwrap().places.is_none());
    }
    assert_eq!(bench.codes(), ["HN-1", "HN-2"]);
    assert_eq!(bench.offer_places(&places(3, &["HN-3"], &[7, 8])).unwrap().places, Some(1));
    assert_eq!(bench.codes(), ["HN-3"]);
}

#[test]
fn what_the_bundle_role_did_not_sign_is_refused_and_the_old_list_stays() {
    let bench = Bench::new();
    bench.offer_places(&places(2, &["HN-1"], &[6, 7])).unwrap();
    for bad in [places(3, &["X"], &[6]), places(3, &["X"], &[1, 2, 3]), b"{}".to_vec(), vec![b'x'; 2 << 20]] {
        let refused = bench.offer_places(&bad).unwrap();
        assert!(refused.refused.is_some() && refused.places.is_none());
        assert_eq!((bench.codes(), bench.version()), (vec!["HN-1".to_owned()], 1));
    }
    // Damaged on our own disk: as good as none.
    fs::write(bench.dir.path().join("kept").join(PLACES_FILE), "damaged").unwrap();
    assert!(bench.codes().is_empty() && bench.version() == 1);
}

#[test]
fn a_list_comes_with_a_bundle_and_a_shipped_one_counts() {
    let bench = Bench::new();
    fs::write(bench.dir.path().join("shipped").join(PLACES_FILE), places(1, &["SHIPPED"], &[6, 8])).unwrap();
    assert_eq!(bench.codes(), ["SHIPPED"]);
    let _ = fs::remove_dir_all(bench.stick());
    write_list(&bench.stick(), &[root(1, 1)], &bundle(1, 2, &[6, 7]));
    fs::write(bench.stick().join(PLACES_FILE), places(2, &["HN-9"], &[6, 7])).unwrap();
    let taken = bench.store.install(&bench.stick()).unwrap();
    assert!(taken.newer && taken.places == Some(1));
    assert_eq!((bench.codes(), bench.version()), (vec!["HN-9".to_owned()], 2));
}
