//! What `trustctl` issues, the kiosk's verifier reads: the two are different code and must not drift apart.

use checkpoint::envelope::{Envelope, Scheme};
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::{Credential, StatementKind};
use checkpoint::verdict::Reason;
use trustctl::demo::authority::{Issuers, trust_keys};
use trustctl::describe::Description;
use trustctl::keys::SecretKey;
use trustctl::{hc1, native};

const PERSON: &str = r#"
issued_at = "2026-03-02T07:00:00+07:00"
expires_at = "2026-03-09T07:00:00+07:00"
[person]
name = "Đặng Thị Ngọc Ánh"
birth = "1990-01-18"
"#;

const VACCINATION: &str = r#"
[[vaccinations]]
vaccine = "EU/1/20/1528"
dose = 2
doses_total = 2
date = "2025-11-01"
"#;

const TEST: &str = r#"
[[tests]]
kind = "LP6464-4"
result = "260415000"
sampled_at = "2026-03-01T09:00:00+07:00"
"#;

const RECOVERY: &str = r#"
[[recoveries]]
first_positive = "2026-01-02"
valid_from = "2026-01-13"
valid_until = "2026-07-01"
"#;

const DECLARATION: &str = r#"
[declaration]
made_at = "2026-03-02T06:00:00+07:00"
symptoms = ["cough"]
contact = true
places = ["HN-CK-0023", "Chợ Đồng Xuân"]
at_entry = true
"#;

const TRAVEL_PERMIT: &str = r#"
[travel_permit]
purpose = "chở hàng thiết yếu"
from = "Hà Nội"
to = "Hải Phòng"
plate = "29C-123.45"
"#;

fn describe(issuer: &str, statements: &str) -> Description {
    toml::from_str(&format!("issuer = \"{issuer}\"\n{PERSON}{statements}")).expect("a description of this file")
}

/// What a kiosk with the demo's list says of a text, an hour after it was signed.
fn verify(text: &str) -> Result<Credential, Reason> {
    let [root, bundle] = trust_keys().expect("the demo's list");
    let list = TrustList::load(&[root], bundle.as_bytes()).expect("the demo's list is sound");
    let now = TrustedTime::given("2026-03-02T08:00:00+07:00".parse().expect("a time of this file"));
    list.verify(Envelope::decode(text)?, now)
}

fn kinds(credential: &Credential) -> Vec<StatementKind> {
    credential.claims().statements.iter().map(|statement| statement.kind()).collect()
}

#[test]
fn every_kind_of_native_statement_is_read_as_it_was_described() {
    use StatementKind::{Declaration, Recovery, Test, TravelPermit, Vaccination};
    let issuers = Issuers::new().unwrap();
    let all = [VACCINATION, TEST, RECOVERY, DECLARATION, TRAVEL_PERMIT].concat();
    for (statements, expected) in [
        (VACCINATION, vec![Vaccination]),
        (TEST, vec![Test]),
        (RECOVERY, vec![Recovery]),
        (DECLARATION, vec![Declaration]),
        (TRAVEL_PERMIT, vec![TravelPermit]),
        (all.as_str(), vec![Vaccination, Test, Recovery, Declaration, TravelPermit]),
    ] {
        let text = native::issue(&describe("VN-DEMO", statements), issuers.health.as_ed25519().unwrap()).unwrap();
        let credential = verify(&text).unwrap_or_else(|reason| panic!("{expected:?}: {}", reason.code()));
        assert_eq!((credential.scheme(), kinds(&credential)), (Scheme::Native, expected));
        assert_eq!(credential.claims().person.name, "Đặng Thị Ngọc Ánh");
    }
}

#[test]
fn every_kind_of_hc1_statement_is_read_as_it_was_described() {
    let issuers = Issuers::new().unwrap();
    let SecretKey::P256 { key, certificate } = &issuers.hc1.key else { panic!("a P-256 key") };
    for (statements, expected) in
        [(VACCINATION, StatementKind::Vaccination), (TEST, StatementKind::Test), (RECOVERY, StatementKind::Recovery)]
    {
        let text = hc1::issue(&describe("VN", statements), key, certificate).unwrap();
        let credential = verify(&text).unwrap_or_else(|reason| panic!("{expected:?}: {}", reason.code()));
        assert_eq!((credential.scheme(), kinds(&credential)), (Scheme::Hc1, vec![expected]));
        assert_eq!(credential.claims().person.name_transliterated.as_deref(), Some("DANG THI NGOC ANH"));
    }
}

#[test]
fn hc1_refuses_what_it_cannot_carry() {
    let issuers = Issuers::new().unwrap();
    let SecretKey::P256 { key, certificate } = &issuers.hc1.key else { panic!("a P-256 key") };
    let two = [VACCINATION, TEST].concat();
    for (statements, complaint) in [(DECLARATION, "no declaration"), (two.as_str(), "exactly one")] {
        let fault = hc1::issue(&describe("VN", statements), key, certificate).unwrap_err();
        assert!(fault.to_string().contains(complaint), "{fault}");
    }
}

#[test]
fn a_key_is_held_to_its_scope_and_a_stranger_is_not_believed() {
    let issuers = Issuers::new().unwrap();
    let reason = |secret: &trustctl::keys::Secret, issuer: &str, statements: &str| {
        let text = native::issue(&describe(issuer, statements), secret.as_ed25519().unwrap()).unwrap();
        verify(&text).err()
    };
    assert_eq!(reason(&issuers.hospital, "VN-DEMO", VACCINATION), None);
    assert_eq!(reason(&issuers.hospital, "VN-DEMO", DECLARATION), Some(Reason::KeyNotForThisUse));
    assert_eq!(reason(&issuers.health, "VN-OTHER", VACCINATION), Some(Reason::KeyNotForThisUse));
    assert_eq!(reason(&issuers.stranger, "VN-DEMO", VACCINATION), Some(Reason::UnknownKey));
}
