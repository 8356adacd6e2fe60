//! NZ COVID Passes, sound and forged, each with the reason that it deserves.

mod forge;

use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::{Other, Statement, StatementKind};
use checkpoint::trust::trace::Layer;
use checkpoint::trust::{TrustList, revocation_digest};
use ciborium::{Value as Cbor, cbor};
use forge::nzcp::{ISSUER, code, nzcp};
use forge::table::{Forged, check_forged};
use forge::{Hcert, at, bundle, cbor_bytes, entry, hcert, list, now, remove, shc, verdict};

/// A pass whose subject was changed.
fn subject(edit: impl FnOnce(&mut Cbor)) -> String {
    vc(|vc| edit(entry(vc, "credentialSubject")))
}

/// A pass whose credential was changed.
fn vc(edit: impl FnOnce(&mut Cbor)) -> String {
    nzcp().claims(|claims| edit(entry(claims, "vc"))).pass()
}

/// A pass with another claim.
fn with(claim: i64, value: impl Into<Cbor>) -> String {
    nzcp().claims(|claims| *entry(claims, claim) = value.into()).pass()
}

/// A pass without a claim.
fn without(claim: i64) -> String {
    nzcp().claims(|claims| remove(claims, claim)).pass()
}

/// A pass with another protected header.
fn headed(protected: Vec<(Cbor, Cbor)>, unprotected: Vec<(Cbor, Cbor)>) -> Hcert {
    Hcert { protected: Some(Cbor::Map(protected)), unprotected: Cbor::Map(unprotected), ..nzcp() }
}

fn alg(label: impl Into<Cbor>) -> (Cbor, Cbor) {
    (1.into(), label.into())
}

fn kid(name: &str) -> (Cbor, Cbor) {
    (4.into(), Cbor::Bytes(name.into()))
}

#[test]
fn a_sound_pass_says_what_it_was_given() {
    let credential = verdict(&list(&bundle()), &nzcp().pass(), now()).unwrap();
    assert_eq!(credential.scheme(), Scheme::Nzcp);
    let claims = credential.claims();
    assert_eq!(
        (claims.issuer.as_str(), claims.id.as_deref()),
        (ISSUER, Some("urn:uuid:00010203-0405-0607-0809-0a0b0c0d0e0f"))
    );
    assert_eq!(claims.not_before, Some(at("2026-02-25T06:13:20Z")));
    assert_eq!(claims.not_after, Some(at("2026-05-28T20:26:39Z")), "at the second of exp it has expired");
    assert_eq!(
        (claims.person.name.as_str(), claims.person.birth.to_string().as_str()),
        ("Trần Ngọc Anh", "1990-01-18")
    );
    assert_eq!(claims.statements, [Statement::Other(Other { kind: "PublicCovidPass".into() })]);
}

#[test]
fn what_the_specification_leaves_open_is_accepted() {
    let list = list(&bundle());
    for (what, text) in [
        ("no family name", subject(|subject| remove(subject, "familyName"))),
        ("names of a hundred characters", subject(|subject| *entry(subject, "givenName") = "Ộ".repeat(100).into())),
        ("a member that nobody knows", subject(|subject| *entry(subject, "nhi") = "x".into())),
        ("a claim that nobody knows", with(6, 1_772_000_000)),
        ("one context", vc(|vc| *entry(vc, "@context") = cbor!(["https://www.w3.org/2018/credentials/v1"]).unwrap())),
        ("an unprotected header", headed(vec![alg(-7), kid("key-1")], vec![(99.into(), 1.into())]).pass()),
        ("the last second", with(4, at(forge::NOW).timestamp() + 1)),
        ("the first second", with(5, at(forge::NOW).timestamp())),
    ] {
        assert!(verdict(&list, &text, now()).is_ok(), "{what}");
    }
}

#[test]
fn refuses_texts_that_are_no_pass() {
    let text = nzcp().pass();
    let body = &text["NZCP:/1/".len()..];
    let with_body = |body: &str| format!("NZCP:/1/{body}");
    let long = format!("{body}{}", "A".repeat(4296 - text.len() + 1));
    // One character of 5 bits whose last bits no byte needs.
    let odd = &body[..body.len() - body.len() % 8];
    let cases: Vec<Forged> = vec![
        ("lower case", text.replacen("NZCP", "nzcp", 1), "E-UNKNOWN"),
        ("another scheme", text.replacen("NZCP", "AUCP", 1), "E-UNKNOWN"),
        ("no slash", text.replacen(":/", ":", 1), "E-UNKNOWN"),
        ("version 2", text.replacen("/1/", "/2/", 1), "E-UNKNOWN"),
        ("version 01", text.replacen("/1/", "/01/", 1), "E-UNKNOWN"),
        ("version 1.0", text.replacen("/1/", "/1.0/", 1), "E-UNKNOWN"),
        ("no version", text.replacen("/1/", "/", 1), "E-UNKNOWN"),
        ("nothing behind", "NZCP:/1".into(), "E-UNKNOWN"),
        ("an empty pass", "NZCP:/1/".into(), "E-FORM cose"),
        ("letters in lower case", with_body(&body.to_lowercase()), "E-FORM base32"),
        ("padding", with_body(&format!("{odd}AA======")), "E-FORM base32"),
        ("padding of nothing", with_body(&format!("{odd}========")), "E-FORM base32"),
        ("a digit that is none", with_body(&format!("{odd}A1")), "E-FORM base32"),
        ("a digit that looks like a letter", with_body(&body.replacen('O', "0", 1)), "E-FORM base32"),
        ("a space", with_body(&format!("{body} ")), "E-FORM base32"),
        ("a line end", with_body(&format!("{body}\n")), "E-FORM base32"),
        ("a letter of another script", with_body(&body.replacen('A', "\u{410}", 1)), "E-FORM base32"),
        ("a letter too many", with_body(&format!("{odd}A")), "E-FORM base32"),
        ("three letters too many", with_body(&format!("{odd}AAA")), "E-FORM base32"),
        ("six letters too many", with_body(&format!("{odd}AAAAAA")), "E-FORM base32"),
        ("bits to spare", with_body(&format!("{odd}AB")), "E-FORM base32"),
        ("more than any code", with_body(&long), "E-SIZE"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_messages_that_are_not_cose_sign1() {
    let message = nzcp().message();
    let parts = nzcp().parts();
    let shaped = |parts: Vec<Cbor>| code(&cbor_bytes(&Cbor::Tag(18, Box::new(Cbor::Array(parts)))));
    let replaced = |place: usize, value: Cbor| {
        let mut parts = parts.clone();
        parts[place] = value;
        shaped(parts)
    };
    let tagged = |tags: Vec<u64>| Hcert { tags, ..nzcp() }.pass();
    let nested = |open: &[u8]| code(&[&[0xd2][..], &open.repeat(2600 / open.len()), &[0]].concat());
    let crowded: Vec<_> = (0..33).map(|n| (Cbor::from(n), Cbor::Null)).collect();
    let cases: Vec<Forged> = vec![
        ("no tag", tagged(vec![]), "E-FORM cose"),
        ("COSE_Sign", tagged(vec![98]), "E-FORM cose"),
        ("COSE_Mac0", tagged(vec![17]), "E-FORM cose"),
        ("a tag in a tag", tagged(vec![18, 18]), "E-FORM cose"),
        ("a CWT tag around", tagged(vec![61, 18]), "E-FORM cose"),
        ("a tag in three bytes", code(&[&[0xd9, 0, 18], &message[1..]].concat()), "E-FORM cose"),
        ("three parts", shaped(parts[..3].to_vec()), "E-FORM cose"),
        ("five parts", shaped([parts.clone(), vec![Cbor::Null]].concat()), "E-FORM cose"),
        ("a header that is a map", replaced(0, Cbor::Map(vec![])), "E-FORM cose"),
        ("a header that is no map", replaced(0, Cbor::Bytes(cbor_bytes(&Cbor::Array(vec![])))), "E-FORM cose"),
        ("a header that is no CBOR", replaced(0, Cbor::Bytes(vec![0xff])), "E-FORM cose"),
        (
            "a header twice",
            replaced(0, Cbor::Bytes([cbor_bytes(&Cbor::Map(vec![])), vec![0xa0]].concat())),
            "E-FORM cose",
        ),
        ("no header", replaced(0, Cbor::Bytes(vec![])), "E-ALG"),
        ("an empty header", replaced(0, Cbor::Bytes(vec![0xa0])), "E-ALG"),
        ("an unprotected header that is a list", replaced(1, Cbor::Array(vec![])), "E-FORM cose"),
        ("no payload", replaced(2, Cbor::Null), "E-FORM cose"),
        ("a payload that is a text", replaced(2, "x".into()), "E-FORM cose"),
        ("a signature that is a text", replaced(3, "x".into()), "E-FORM cose"),
        ("a map", code(&[&[0xd2][..], &cbor_bytes(&Cbor::Map(vec![]))].concat()), "E-FORM cose"),
        ("a byte behind", code(&[&message[..], &[0]].concat()), "E-FORM cose"),
        ("a byte too few", code(&message[..message.len() - 1]), "E-FORM cose"),
        ("half", code(&message[..message.len() / 2]), "E-FORM cose"),
        ("a tag alone", code(&[0xd2]), "E-FORM cose"),
        ("lists in lists", nested(&[0x81]), "E-FORM cose"),
        ("endless lists in endless lists", nested(&[0x9f]), "E-FORM cose"),
        ("maps in maps", nested(&[0xa1, 0x01]), "E-FORM cose"),
        ("tags in tags", nested(&[0xd2]), "E-FORM cose"),
        ("an endless list without an end", code(&[0xd2, 0x9f, 0x40, 0xa0]), "E-FORM cose"),
        ("an end without a beginning", code(&[0xd2, 0xff]), "E-FORM cose"),
        ("a list of four thousand million", code(b"\xd2\x9a\xff\xff\xff\xff"), "E-FORM cose"),
        ("bytes of a terabyte", code(b"\xd2\x5b\0\0\x01\0\0\0\0\0"), "E-FORM cose"),
        ("a text of all memory", code(b"\xd2\x7b\x7f\xff\xff\xff\xff\xff\xff\xff"), "E-FORM cose"),
        ("a crowded header", replaced(1, Cbor::Map(crowded)), "E-FORM cose"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_headers_that_confuse() {
    let both = |label: i64| headed(vec![alg(label), kid("key-1")], vec![]).pass();
    let text_kid = (Cbor::from(4), Cbor::from("key-1"));
    let thumbprint = forge::shc::kid(3);
    let cases: Vec<Forged> = vec![
        ("ES384", both(-35), "E-ALG"),
        ("ES512", both(-36), "E-ALG"),
        ("PS256", both(-37), "E-ALG"),
        ("EdDSA", both(-8), "E-ALG"),
        ("HMAC 256", both(5), "E-ALG"),
        ("RS256", both(-257), "E-ALG"),
        ("zero", both(0), "E-ALG"),
        ("a text", headed(vec![alg("ES256"), kid("key-1")], vec![]).pass(), "E-ALG"),
        ("null", headed(vec![alg(Cbor::Null), kid("key-1")], vec![]).pass(), "E-ALG"),
        ("no algorithm", headed(vec![kid("key-1")], vec![]).pass(), "E-ALG"),
        ("an algorithm that anybody could have written", headed(vec![kid("key-1")], vec![alg(-7)]).pass(), "E-ALG"),
        ("two algorithms", headed(vec![alg(-7), kid("key-1")], vec![alg(-37)]).pass(), "E-ALG"),
        ("an algorithm twice", headed(vec![alg(-7), kid("key-1"), alg(-37)], vec![]).pass(), "E-FORM cose"),
        ("a key twice", headed(vec![alg(-7), kid("key-1"), kid("key-2")], vec![]).pass(), "E-FORM cose"),
        ("no key", headed(vec![alg(-7)], vec![]).pass(), "E-FORM cose"),
        ("a key that anybody could have written", headed(vec![alg(-7)], vec![kid("key-1")]).pass(), "E-FORM cose"),
        ("a key by text", headed(vec![alg(-7), text_kid], vec![]).pass(), "E-FORM cose"),
        ("a key by number", headed(vec![alg(-7), (4.into(), 1.into())], vec![]).pass(), "E-FORM cose"),
        ("crit", headed(vec![alg(-7), kid("key-1"), (2.into(), cbor!([1]).unwrap())], vec![]).pass(), "E-FORM cose"),
        (
            "crit that anybody could have written",
            headed(vec![alg(-7), kid("key-1")], vec![(2.into(), cbor!([1]).unwrap())]).pass(),
            "E-FORM cose",
        ),
        ("a key that nobody has", headed(vec![alg(-7), kid("key-2")], vec![]).pass(), "S-KEY"),
        ("a key without a name", headed(vec![alg(-7), kid("")], vec![]).pass(), "S-KEY"),
        (
            "a key by its whole name",
            headed(vec![alg(-7), kid("did:web:passes.example.nz#key-1")], vec![]).pass(),
            "S-KEY",
        ),
        ("a card's key", Hcert { seed: 3, ..headed(vec![alg(-7), kid(&thumbprint)], vec![]) }.pass(), "S-USE"),
        ("a card's key under this name", Hcert { seed: 3, ..nzcp() }.pass(), "S-SIG"),
        ("somebody else's signature", Hcert { seed: 9, ..nzcp() }.pass(), "S-SIG"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_signatures_over_something_else() {
    let parts = nzcp().parts();
    let signed = |signature: Vec<u8>| {
        let mut parts = parts.clone();
        parts[3] = Cbor::Bytes(signature);
        code(&cbor_bytes(&Cbor::Tag(18, Box::new(Cbor::Array(parts)))))
    };
    let raw = parts[3].as_bytes().unwrap();
    let der = p256::ecdsa::Signature::from_slice(raw).unwrap().to_der();
    let mut changed = parts.clone();
    changed[2] = Cbor::Bytes(cbor_bytes(&nzcp().claims(|claims| *entry(claims, 4) = 1_999_999_999.into()).claims));
    let changed = code(&cbor_bytes(&Cbor::Tag(18, Box::new(Cbor::Array(changed)))));
    let cases: Vec<Forged> = vec![
        ("another payload", changed, "S-SIG"),
        ("no signature", signed(vec![]), "S-SIG"),
        ("zeros", signed(vec![0; 64]), "S-SIG"),
        ("ones", signed(vec![0xff; 64]), "S-SIG"),
        ("a byte too few", signed(raw[..63].to_vec()), "S-SIG"),
        ("a byte too many", signed([&raw[..], &[0]].concat()), "S-SIG"),
        ("DER", signed(der.as_bytes().to_vec()), "S-SIG"),
        ("s before r", signed([&raw[32..], &raw[..32]].concat()), "S-SIG"),
        ("a card's text under a pass's prefix", shc::shc().text().replacen("shc:/", "NZCP:/1/", 1), "E-FORM base32"),
        ("a certificate under a pass's prefix", code(&hcert().message()), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn refuses_claims_that_do_not_hold() {
    let now = at(forge::NOW).timestamp();
    let over = |payload: &[u8]| code(&cbor_bytes(&Cbor::Tag(18, Box::new(Cbor::Array(nzcp().parts_over(payload))))));
    let twice = |claim: i64, value: Cbor| {
        nzcp().claims(|claims| claims.as_map_mut().unwrap().push((claim.into(), value))).pass()
    };
    let deep = (0..20).fold(Cbor::from(1), |inner, _| Cbor::Array(vec![inner]));
    let crowd = (100..140).map(|n| (Cbor::from(n), Cbor::Null));
    let endless_bytes = [&cbor_bytes(&nzcp().claims)[..], &[0xff]].concat();
    let cases: Vec<Forged> = vec![
        ("no CBOR", over(&[0xff]), "C-SCHEMA"),
        ("nothing", over(&[]), "C-SCHEMA"),
        ("a list", over(&[0x80]), "C-SCHEMA"),
        ("something behind", over(&endless_bytes), "C-SCHEMA"),
        ("an issuer twice", twice(1, "did:web:evil.example".into()), "C-SCHEMA"),
        ("an end twice", twice(4, 1_999_999_999.into()), "C-SCHEMA"),
        ("depth", with(99, deep), "C-SCHEMA"),
        ("a crowd", nzcp().claims(|claims| claims.as_map_mut().unwrap().extend(crowd)).pass(), "C-SCHEMA"),
        (
            "a claim under bytes",
            nzcp().claims(|claims| *entry(claims, Cbor::Bytes(vec![1])) = 1.into()).pass(),
            "C-SCHEMA",
        ),
        ("no issuer", without(1), "C-SCHEMA"),
        ("an issuer that is no DID", with(1, "passes.example.nz"), "C-SCHEMA"),
        ("an issuer of another method", with(1, "did:key:z6Mk"), "C-SCHEMA"),
        ("an issuer by number", with(1, 1), "C-SCHEMA"),
        ("another issuer", with(1, "did:web:evil.example"), "S-USE"),
        ("the issuer with something behind", with(1, "did:web:passes.example.nz.evil.example"), "S-USE"),
        ("the issuer in another case", with(1, "did:web:Passes.example.nz"), "S-USE"),
        ("no beginning", without(5), "C-SCHEMA"),
        ("null for a beginning", with(5, Cbor::Null), "C-SCHEMA"),
        ("a fraction for a beginning", with(5, 1_772_000_000.5), "C-SCHEMA"),
        ("a float for a beginning", with(5, 1_772_000_000.0), "C-SCHEMA"),
        ("a text for a beginning", with(5, "1772000000"), "C-SCHEMA"),
        ("a tagged beginning", with(5, Cbor::Tag(1, Box::new(1_772_000_000.into()))), "C-SCHEMA"),
        ("a large number for a beginning", with(5, Cbor::Tag(2, Box::new(Cbor::Bytes(vec![1; 9])))), "C-SCHEMA"),
        ("before 1970", with(5, -1), "C-SCHEMA"),
        ("before all time", with(5, i64::MIN), "C-SCHEMA"),
        ("milliseconds", with(5, 1_772_000_000_000_i64), "C-SCHEMA"),
        ("not yet", with(5, now + 1), "C-EARLY"),
        ("before the key", with(5, 1_700_000_000), "S-WINDOW"),
        ("after the key", with(5, 1_800_000_000), "S-WINDOW"),
        ("no end", without(4), "C-SCHEMA"),
        ("a fraction for an end", with(4, 1_780_000_000.5), "C-SCHEMA"),
        ("not a number for an end", with(4, f64::NAN), "C-SCHEMA"),
        ("no end of time", with(4, f64::INFINITY), "C-SCHEMA"),
        ("64 bits for an end", with(4, u64::MAX), "C-SCHEMA"),
        ("the second of its end", with(4, now), "C-EXPIRED"),
        ("long ago", with(4, 0), "C-EXPIRED"),
        ("no identifier", without(7), "C-SCHEMA"),
        ("a short identifier", with(7, Cbor::Bytes(vec![0; 15])), "C-SCHEMA"),
        ("a long identifier", with(7, Cbor::Bytes(vec![0; 17])), "C-SCHEMA"),
        ("an identifier in letters", with(7, "urn:uuid:00010203-0405-0607-0809-0a0b0c0d0e0f"), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
    let mut bundle = bundle();
    let digest = revocation_digest(ISSUER, "urn:uuid:00010203-0405-0607-0809-0a0b0c0d0e0f");
    bundle.revoked = vec![digest.iter().map(|byte| format!("{byte:02x}")).collect()];
    check_forged(&list(&bundle), &[("taken back", nzcp().pass(), "S-REVOKED")]);
}

#[test]
fn refuses_credentials_of_another_kind() {
    let types = |types: Cbor| vc(|vc| *entry(vc, "type") = types);
    let in_subject = |name: &str, value: Cbor| subject(|subject| *entry(subject, name) = value);
    let given = |name: &str| in_subject("givenName", name.into());
    let born = |day: &str| in_subject("dob", day.into());
    let cases: Vec<Forged> = vec![
        ("no credential", nzcp().claims(|claims| remove(claims, "vc")).pass(), "C-SCHEMA"),
        ("a credential that is a text", nzcp().claims(|claims| *entry(claims, "vc") = "x".into()).pass(), "C-SCHEMA"),
        ("no context", vc(|vc| remove(vc, "@context")), "C-SCHEMA"),
        (
            "a context that is no list",
            vc(|vc| *entry(vc, "@context") = "https://www.w3.org/2018/credentials/v1".into()),
            "C-SCHEMA",
        ),
        ("no contexts", vc(|vc| *entry(vc, "@context") = cbor!([]).unwrap()), "C-SCHEMA"),
        ("another context", vc(|vc| *entry(vc, "@context") = cbor!(["https://evil.example"]).unwrap()), "C-SCHEMA"),
        ("no type", vc(|vc| remove(vc, "type")), "C-SCHEMA"),
        ("one type", types(cbor!(["VerifiableCredential"]).unwrap()), "C-SCHEMA"),
        ("the pass's type alone", types(cbor!(["PublicCovidPass"]).unwrap()), "C-SCHEMA"),
        ("types turned around", types(cbor!(["PublicCovidPass", "VerifiableCredential"]).unwrap()), "C-SCHEMA"),
        ("three types", types(cbor!(["VerifiableCredential", "PublicCovidPass", "x"]).unwrap()), "C-SCHEMA"),
        ("another type", types(cbor!(["VerifiableCredential", "DomesticPass"]).unwrap()), "C-SCHEMA"),
        ("a type that is no text", types(cbor!(["VerifiableCredential", 1]).unwrap()), "C-SCHEMA"),
        ("another version", vc(|vc| *entry(vc, "version") = "1.0.1".into()), "C-SCHEMA"),
        ("no version", vc(|vc| remove(vc, "version")), "C-SCHEMA"),
        ("a version by number", vc(|vc| *entry(vc, "version") = 1.into()), "C-SCHEMA"),
        ("no subject", vc(|vc| remove(vc, "credentialSubject")), "C-SCHEMA"),
        ("two subjects", vc(|vc| *entry(vc, "credentialSubject") = cbor!([{}, {}]).unwrap()), "C-SCHEMA"),
        ("no given name", subject(|subject| remove(subject, "givenName")), "C-SCHEMA"),
        ("a given name by number", in_subject("givenName", 1.into()), "C-SCHEMA"),
        ("a long given name", given(&"x".repeat(101)), "C-SCHEMA"),
        ("a long family name", in_subject("familyName", "x".repeat(101).into()), "C-SCHEMA"),
        ("null for a family name", in_subject("familyName", Cbor::Null), "C-SCHEMA"),
        ("a name turned around", given("\u{202e}hnA"), "C-SCHEMA"),
        ("a name isolated", given("\u{2068}Anh"), "C-SCHEMA"),
        ("a name of two lines", given("Anh\nADMIT"), "C-SCHEMA"),
        ("a name with a zero byte", given("Anh\0"), "C-SCHEMA"),
        (
            "a date of birth twice",
            subject(|subject| subject.as_map_mut().unwrap().push(("dob".into(), "1991-01-18".into()))),
            "C-SCHEMA",
        ),
        ("no date of birth", subject(|subject| remove(subject, "dob")), "C-SCHEMA"),
        ("an empty date of birth", born(""), "C-SCHEMA"),
        ("a year of birth", born("1990"), "C-SCHEMA"),
        ("a date as people write it", born("18/01/1990"), "C-SCHEMA"),
        ("a date without its zeros", born("1990-1-18"), "C-SCHEMA"),
        ("a month that is none", born("1990-13-01"), "C-SCHEMA"),
        ("a day that is none", born("1990-02-30"), "C-SCHEMA"),
        ("a date with a time", born("1990-01-18T00:00:00Z"), "C-SCHEMA"),
    ];
    check_forged(&list(&bundle()), &cases);
}

#[test]
fn a_key_is_held_to_its_scheme_and_to_its_issuer() {
    for scheme in [Scheme::Native, Scheme::Hc1, Scheme::Shc] {
        let mut bundle = bundle();
        bundle.keys[4].schemes = vec![scheme];
        // A card's key has no other name than its thumbprint.
        bundle.keys[4].key = checkpoint::trust::files::KeyMaterial::Jwk(forge::jwk(4, None));
        let named = headed(vec![alg(-7), kid(&forge::shc::kid(4))], vec![]).pass();
        check_forged(&list(&bundle), &[("a pass by another scheme's key", named, "S-USE")]);
    }
    let mut bundle = bundle();
    bundle.keys[4].statements = vec![StatementKind::Vaccination];
    check_forged(&list(&bundle), &[("a pass by a key for vaccinations", nzcp().pass(), "S-USE")]);
    // Two issuers may call a key by one name: each is tried, and each may sign for its own issuer only.
    let mut bundle = forge::bundle();
    let mut other = forge::nzcp::listed();
    other.key = checkpoint::trust::files::KeyMaterial::Jwk(forge::jwk(9, Some("key-1")));
    other.issuers = vec!["did:web:other.example".into()];
    bundle.keys.insert(0, other);
    let list = list(&bundle);
    assert!(verdict(&list, &nzcp().pass(), now()).is_ok());
    let theirs = Hcert { seed: 9, ..nzcp() }.claims(|claims| *entry(claims, 1) = "did:web:other.example".into());
    assert!(verdict(&list, &theirs.pass(), now()).is_ok());
    check_forged(
        &list,
        &[
            ("their key for our issuer", Hcert { seed: 9, ..nzcp() }.pass(), "S-USE"),
            ("our key for their issuer", with(1, "did:web:other.example"), "S-USE"),
        ],
    );
    let unsigned = serde_json::json!({"keys": [{"scheme": "nzcp", "jwk": forge::jwk(4, Some("key-1"))}]}).to_string();
    let unsigned = TrustList::unsigned(unsigned.as_bytes()).unwrap();
    assert!(verdict(&unsigned, &nzcp().pass(), now()).is_ok());
    check_forged(&unsigned, &[("HC1 by a pass's key", Hcert { claims: hcert().claims, ..nzcp() }.text(), "S-USE")]);
}

#[test]
fn explaining_goes_on_after_a_fault() {
    let text = Hcert { seed: 9, ..nzcp() }.claims(|claims| *entry(claims, 4) = 1.into()).pass();
    let explained = list(&bundle()).explain(&text, now());
    let failed: Vec<_> = explained.steps.iter().filter(|step| step.result.is_err()).map(|step| step.layer).collect();
    assert_eq!(failed, [Layer::Signature, Layer::Validity]);
    assert_eq!(explained.content.unwrap()["vc"]["credentialSubject"]["givenName"], "Ngọc Anh");
}

#[test]
fn no_mutation_of_a_sound_pass_is_accepted() {
    let list = list(&bundle());
    let message = nzcp().message();
    for place in 0..message.len() {
        for change in [0x01, 0xff] {
            let mut forged = message.clone();
            forged[place] ^= change;
            assert!(verdict(&list, &code(&forged), now()).is_err(), "changed at {place}");
        }
        assert!(verdict(&list, &code(&message[..place]), now()).is_err(), "cut at {place}");
    }
}
