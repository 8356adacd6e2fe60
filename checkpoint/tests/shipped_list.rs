//! The trust list that lies in this repository: a demonstration, and nothing else.

use checkpoint::trust::TrustList;

#[test]
fn the_shipped_list_loads_and_is_a_demonstration() {
    let root = include_bytes!("../../trust-keys/1.root.json");
    let bundle = include_bytes!("../../trust-keys/bundle.json");
    let list = TrustList::load(&[root], bundle).unwrap();
    assert!(list.demo() && !list.is_unsigned());
    assert!(list.keys_count() > 0);
    assert_eq!(list.keys_unusable(), 0);
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    assert!(list.tracing_days_left(day) >= 90);
}
