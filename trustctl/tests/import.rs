//! Foreign lists become entries that a kiosk takes, what cannot become one is said, and a signature that does not hold stops the import.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{BUNDLE_TYPE, CredentialKey, ROOT_TYPE};
use chrono::{DateTime, TimeDelta, Utc};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::pkcs8::{EncodePublicKey, LineEnding};
use serde_json::json;
use sha2::{Digest, Sha256};
use trustctl::authority::draft::{Draft, RoleName};
use trustctl::authority::{envelope, to_json};
use trustctl::certificate::self_signed;
use trustctl::import::{Imported, Wanted, dcc, did, icao, smart};
use trustctl::keys::{Secret, pem};

fn now() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

fn wanted() -> Wanted {
    Wanted {
        now: now(),
        regions: vec!["*".into()],
        lifetime_days: 366,
        until: now() + TimeDelta::days(365),
        countries: Vec::new(),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32].into()).unwrap()
}

fn certificate(seed: u8, country: &str, until: DateTime<Utc>) -> Vec<u8> {
    let from = now() - TimeDelta::days(900);
    self_signed(&key(seed), &format!("CN=Signer {seed},C={country}"), &[StatementKind::Vaccination], from, until)
        .unwrap()
}

/// A kiosk takes a bundle of these keys, and can use every one.
fn a_kiosk_takes(keys: &[CredentialKey]) -> TrustList {
    let secret = |name: &str, seed: u8| Secret::ed25519(name, &[seed; 32]);
    let mut draft = Draft::new("Importer");
    (draft.root.threshold, draft.bundle.threshold) = (1, 1);
    let people =
        [(RoleName::Root, secret("r", 1)), (RoleName::Bundle, secret("b", 2)), (RoleName::Distrust, secret("d", 3))];
    people.iter().for_each(|(role, secret)| draft.add_person(*role, &secret.public()).unwrap());
    keys.iter().for_each(|key| draft.add_key(key.clone()).unwrap());
    let day = checkpoint::time::day_in_vietnam(now());
    draft.tracing_keys.insert(day, BASE64_STANDARD.encode([9; 32]));
    let mut root = envelope(ROOT_TYPE, &draft.root(1).unwrap()).unwrap();
    let mut bundle = envelope(BUNDLE_TYPE, &draft.bundle(1, now(), day).unwrap()).unwrap();
    root.sign(people[0].1.as_ed25519().unwrap());
    bundle.sign(people[1].1.as_ed25519().unwrap());
    let list = TrustList::load(&[to_json(&root).unwrap()], to_json(&bundle).unwrap().as_bytes()).unwrap();
    assert_eq!((list.keys_count(), list.keys_unusable()), (keys.len(), 0));
    list
}

fn why(imported: &Imported, what: &str) -> String {
    imported.left_out.iter().find(|(name, _)| name.contains(what)).map(|(_, why)| why.clone()).unwrap_or_default()
}

/// A German list with good and bad entries, and its text.
fn german_list() -> String {
    let entry = |kid: &str, kind: &str, country: &str, der: &[u8]| json!({"kid": kid, "certificateType": kind, "country": country, "rawData": BASE64_STANDARD.encode(der)});
    let good = certificate(11, "DE", now() + TimeDelta::days(300));
    json!({"certificates": [
        entry("good", "DSC", "DE", &good),
        entry("twice", "DSC", "DE", &good),
        entry("authority", "CSCA", "DE", &good),
        entry("another", "DSC", "FR", &good),
        entry("ended", "DSC", "DE", &certificate(12, "DE", now() - TimeDelta::days(400))),
        entry("lately", "DSC", "DE", &certificate(13, "DE", now() - TimeDelta::days(100))),
        entry("rubbish", "DSC", "DE", b"rubbish"),
    ]})
    .to_string()
}

#[test]
fn the_german_form_is_taken_with_its_signature_alone() {
    let signer = key(21);
    let body = german_list();
    let signature: Signature = signer.sign(body.as_bytes());
    let text = format!("{}\n{body}", BASE64_STANDARD.encode(signature.to_bytes()));
    let pem_of = |key: &SigningKey| key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
    let imported = dcc::signed(text.as_bytes(), &pem_of(&signer), &wanted()).unwrap();
    assert!(imported.signed_by.is_some());
    let names: Vec<_> = imported.keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["DE good", "DE lately"]);
    assert_eq!(imported.keys[0].issuers, ["DE"]);
    for (what, reason) in [
        ("twice", "there already"),
        ("authority", "its kind is CSCA"),
        ("another", "the source says FR"),
        ("ended", "it ended on"),
        ("rubbish", "no certificate"),
    ] {
        assert!(why(&imported, what).contains(reason), "{what}: {:?}", imported.left_out);
    }
    a_kiosk_takes(&imported.keys);
    let toml = imported.to_toml(text.as_bytes(), &wanted()).unwrap();
    assert!(toml.contains("Its signature holds") && toml.contains("# left out: rubbish"), "{toml}");
    for (text, key) in [
        (text.clone(), pem_of(&key(22))),
        (text.replace("\"DE\"", "\"FR\""), pem_of(&signer)),
        (body.clone(), pem_of(&signer)),
        (text.clone(), "no key".into()),
    ] {
        assert!(dcc::signed(text.as_bytes(), &key, &wanted()).is_err());
    }
}

#[test]
fn lists_of_key_ids_are_taken_in_every_usual_form() {
    let der = certificate(11, "DE", now() + TimeDelta::days(300));
    let text = BASE64_STANDARD.encode(&der);
    for source in [
        json!({"abc=": text}),
        json!([{"kid": "abc=", "certificate": text}]),
        json!([{"kid": "abc=", "x5c": [text]}]),
        json!({"certificates": [{"kid": "abc=", "country": "DE", "pem": pem::block(pem::CERTIFICATE, &der)}]}),
    ] {
        let imported = dcc::plain(source.to_string().as_bytes(), &wanted()).unwrap();
        assert_eq!((imported.keys.len(), imported.keys[0].name.as_str()), (1, "DE abc="), "{source}");
        assert!(imported.signed_by.is_none());
    }
    let only = Wanted { countries: vec!["CH".into()], ..wanted() };
    assert!(dcc::plain(json!({"a": text}).to_string().as_bytes(), &only).unwrap().keys.is_empty());
    for source in ["", "[]", "{}", "7", "[1]", "{\"a\": \"b\"}"] {
        assert!(dcc::plain(source.as_bytes(), &wanted()).is_err(), "{source}");
    }
}

fn jwk(seed: u8) -> serde_json::Value {
    let point = key(seed).verifying_key().to_sec1_point(false);
    let part = |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(&point.as_bytes()[range]);
    let (x, y) = (part(1..33), part(33..65));
    let kid = checkpoint::trust::key::thumbprint(&x, &y);
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "x": x, "y": y, "kid": kid})
}

#[test]
fn smart_key_sets_and_the_directory_are_taken() {
    let mut private = jwk(33);
    private["d"] = json!("secret");
    let mut another = jwk(34);
    another["kid"] = json!("a name of its own");
    let rsa = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa"});
    let keys = json!({"keys": [jwk(31), jwk(31), private, another, rsa]});
    let imported = smart::key_set(keys.to_string().as_bytes(), "https://example.org/issuer", &wanted()).unwrap();
    assert_eq!(imported.keys.len(), 1);
    assert_eq!(imported.keys[0].issuers, ["https://example.org/issuer"]);
    assert!(imported.left_out.iter().any(|(_, why)| why.contains("PRIVATE")));
    assert!(why(&imported, "rsa").contains("cannot use"));
    assert!(why(&imported, "a name").contains("thumbprint"), "{:?}", imported.left_out);
    a_kiosk_takes(&imported.keys);
    assert!(smart::key_set(keys.to_string().as_bytes(), "http://example.org", &wanted()).unwrap().keys.is_empty());
    let directory = json!({"issuerInfo": [
        {"issuer": {"iss": "https://a.example", "name": "A"}, "keys": [jwk(35)]},
        {"issuer": {"iss": "https://b.example", "name": "B"}, "keys": []},
        {"issuer": {"iss": "https://c.example", "name": "C"}, "keys": [jwk(35)]},
    ]});
    let imported = smart::directory(directory.to_string().as_bytes(), &wanted()).unwrap();
    assert_eq!((imported.keys.len(), why(&imported, "b.example").contains("could not fetch")), (1, true));
    assert_eq!(imported.keys[0].issuers, ["https://a.example", "https://c.example"], "one key of two issuers");
}

#[test]
fn did_documents_of_passes_and_of_the_network_are_taken() {
    let method = |id: &str, key: serde_json::Value| json!({"id": id, "type": "JsonWebKey2020", "controller": "did:web:nz.example", "publicKeyJwk": key});
    let mut listed = jwk(41);
    listed.as_object_mut().unwrap().remove("kid");
    let mut network = jwk(43);
    network["x5c"] = json!([BASE64_STANDARD.encode(certificate(43, "BR", now() + TimeDelta::days(90)))]);
    let document = json!({
        "id": "did:web:nz.example",
        "verificationMethod": [
            method("did:web:nz.example#key-1", listed.clone()),
            method("did:web:nz.example#unlisted", jwk(42)),
            method("did:web:other.example#key-1", listed),
            method("did:web:nz.example#kid%3D", network),
            "did:web:elsewhere.example:BRA#x",
        ],
        "assertionMethod": ["did:web:nz.example#key-1"],
    });
    let imported = did::document(document.to_string().as_bytes(), &wanted()).unwrap();
    let named: Vec<_> = imported.keys.iter().map(|key| (key.name.as_str(), key.issuers[0].as_str())).collect();
    assert_eq!(named, [("did:web:nz.example#key-1", "did:web:nz.example"), ("BR kid=", "BR")]);
    for (what, reason) in
        [("unlisted", "does not list it"), ("other.example", "another subject"), ("elsewhere", "another document")]
    {
        assert!(why(&imported, what).contains(reason), "{what}: {:?}", imported.left_out);
    }
    a_kiosk_takes(&imported.keys);
    assert!(did::document(b"{\"id\": \"https://x\"}", &wanted()).is_err());
}

// ---- ICAO ----------------------------------------------------------------------------------------------------------

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    match body.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length => out.extend([&[0x82][..], &(length as u16).to_be_bytes()].concat()),
    }
    [out, body].concat()
}

const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const ECDSA_SHA256: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const MASTER_LIST: &[u8] = b"\x67\x81\x08\x01\x01\x02";
const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";

/// A certificate by hand: whose, by whom, and whether it may certify.
fn x509(seed: u8, country: &str, by: u8, of: &str, authority: bool) -> Vec<u8> {
    let name = |country: &str| {
        let part =
            |oid: &[u8], text: &str| der(0x31, &[&der(0x30, &[&der(6, &[oid]), &der(0x0c, &[text.as_bytes()])])]);
        der(0x30, &[&part(b"\x55\x04\x06", country), &part(b"\x55\x04\x03", "Authority")])
    };
    let time = |text: &str| der(0x17, &[text.as_bytes()]);
    let algorithm = der(0x30, &[&der(6, &[ECDSA_SHA256])]);
    let spki = key(seed).verifying_key().to_public_key_der().unwrap();
    let may = der(0x30, &[if authority { &[1, 1, 0xff] } else { &[] }]);
    let constraints = der(0x30, &[&der(6, &[b"\x55\x1d\x13"]), &[1, 1, 0xff], &der(4, &[&may])]);
    let body = der(
        0x30,
        &[
            &der(0xa0, &[&der(2, &[&[2]])]),
            &der(2, &[&[1, seed]]),
            &algorithm,
            &name(of),
            &der(0x30, &[&time("240101000000Z"), &time("340101000000Z")]),
            &name(country),
            spki.as_bytes(),
            &der(0xa3, &[&der(0x30, &[&constraints])]),
        ],
    );
    let signature: DerSignature = key(by).sign(&body);
    der(0x30, &[&body, &algorithm, &der(3, &[&[0], signature.as_bytes()])])
}

/// A master list of these authorities, signed by a key under a certificate.
fn master_list(authorities: &[Vec<u8>], signer: u8, certificate: &[u8]) -> Vec<u8> {
    let all: Vec<&[u8]> = authorities.iter().map(Vec::as_slice).collect();
    let content = der(0x30, &[&der(2, &[&[0]]), &der(0x31, &all)]);
    let attribute = |oid: &[u8], value: &[u8]| der(0x30, &[&der(6, &[oid]), &der(0x31, &[value])]);
    let attributes = [
        attribute(CONTENT_TYPE, &der(6, &[MASTER_LIST])),
        attribute(MESSAGE_DIGEST, &der(4, &[&Sha256::digest(&content)])),
    ]
    .concat();
    let signature: DerSignature = key(signer).sign(&der(0x31, &[&attributes]));
    let sha256 = der(0x30, &[&der(6, &[SHA256])]);
    let info = der(
        0x30,
        &[
            &der(2, &[&[1]]),
            &der(0x30, &[]),
            &sha256,
            &der(0xa0, &[&attributes]),
            &der(0x30, &[&der(6, &[ECDSA_SHA256])]),
            &der(4, &[signature.as_bytes()]),
        ],
    );
    let signed = der(
        0x30,
        &[
            &der(2, &[&[3]]),
            &der(0x31, &[&sha256]),
            &der(0x30, &[&der(6, &[MASTER_LIST]), &der(0xa0, &[&der(4, &[&content])])]),
            &der(0xa0, &[certificate]),
            &der(0x31, &[&info]),
        ],
    );
    der(0x30, &[&der(6, &[SIGNED_DATA]), &der(0xa0, &[&signed])])
}

#[test]
fn a_master_list_is_taken_with_a_signature_that_leads_to_the_persons_certificate() {
    let authority = x509(51, "AU", 51, "AU", true);
    let german = x509(52, "DE", 52, "DE", true);
    let not_one = x509(53, "FR", 53, "FR", false);
    let signer = x509(54, "AU", 51, "AU", false);
    let list = master_list(&[authority.clone(), german, not_one.clone(), authority.clone()], 54, &signer);
    for trusted in [&signer, &authority] {
        let imported = icao::master_list(&list, trusted, &wanted()).unwrap();
        assert!(imported.signed_by.is_some());
        let issuers: Vec<_> = imported.keys.iter().map(|key| key.issuers.join("+")).collect();
        assert_eq!(issuers, ["AUS", "D+DEU"]);
        assert!(why(&imported, "FR").contains("may not certify") && why(&imported, "AU").contains("there already"));
        a_kiosk_takes(&imported.keys);
    }
    let refused = |list: &[u8], trusted: &[u8]| assert!(icao::master_list(list, trusted, &wanted()).is_err());
    refused(&list, &not_one);
    refused(&list[..list.len() - 1], &signer);
    refused(b"", &signer);
    // Another key, another content, a signer that its authority did not certify.
    refused(&master_list(std::slice::from_ref(&not_one), 53, &signer), &signer);
    let place = list.windows(4).position(|bytes| bytes == b"\x0c\x02AU").unwrap();
    let mut changed = list.clone();
    changed[place + 3] = b'N';
    refused(&changed, &signer);
    refused(&master_list(std::slice::from_ref(&authority), 55, &x509(55, "AU", 55, "AU", false)), &authority);
    let imported = icao::certificates(&authority, &wanted()).unwrap();
    assert_eq!((imported.keys.len(), imported.signed_by), (1, None));
    let both = pem::block(pem::CERTIFICATE, &authority) + &pem::block(pem::CERTIFICATE, &not_one);
    assert_eq!(icao::certificates(both.as_bytes(), &wanted()).unwrap().keys.len(), 1);
}

/// Real lists, where a folder of vectors is given.
#[test]
fn real_lists_are_taken() {
    let Ok(folder) = std::env::var("KIOSK_VECTORS") else {
        println!("skipped: KIOSK_VECTORS is not set");
        return;
    };
    let folder = PathBuf::from(folder).join("credentials");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let then = Wanted { now: "2022-06-01T00:00:00Z".parse().unwrap(), ..wanted() };
    let key = String::from_utf8(read("trust/de-acc-dsc-list-signing-key.pem")).unwrap();
    let all = [
        ("German list", dcc::signed(&read("trust/de-acc-dsc-list.signed.txt"), &key, &then).unwrap(), 500),
        ("key ids", dcc::plain(&read("trust_dcc.json"), &then).unwrap(), 50),
        ("VCI directory", smart::directory(&read("trust/vci_snapshot.json"), &then).unwrap(), 100),
        (
            "key set",
            smart::key_set(
                &read("trust/shc_spec_example_jwks.json"),
                "https://spec.smarthealth.cards/examples/issuer",
                &then,
            )
            .unwrap(),
            1,
        ),
        ("NZ", did::document(&read("trust/nz_did_live.json"), &then).unwrap(), 1),
    ];
    for (name, imported, least) in all {
        println!("{name}: {} taken, {} left out", imported.keys.len(), imported.left_out.len());
        let mut reasons = std::collections::BTreeMap::<&str, usize>::new();
        imported
            .left_out
            .iter()
            .for_each(|(_, why)| *reasons.entry(why.split([':', ',']).next().unwrap_or(why)).or_default() += 1);
        println!("  {reasons:?}");
        assert!(imported.keys.len() >= least, "{name}: {:?}", imported.left_out);
        a_kiosk_takes(&imported.keys);
    }
}
