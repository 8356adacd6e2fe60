//! HC1 credentials, sound and forged, each with the reason that it deserves.

mod forge;

use checkpoint::trust::TrustList;
use checkpoint::trust::credential::Statement;
use checkpoint::trust::files::KeyMaterial;
use checkpoint::trust::trace::Layer;
use ciborium::{Value as Cbor, cbor};
use forge::{
    CertificateOf, Hcert, USE_TEST, USE_TLS_CLIENT, USE_VACCINATION, at, bundle, cbor_bytes, certificate, check,
    check_with, dcc, entry, hc1_text, hcert, list, now, recovery, remove, short_id, test, vaccination, verdict,
};

const MALFORMED: &str = "E-FORM scan-again";
const SCHEMA: &str = "C-SCHEMA ask-for-another";
const FORGED: &str = "S-SIG call-supervisor";
const ALGORITHM: &str = "E-ALG call-supervisor";

/// A list whose HC1 key is this certificate.
fn list_with(of: &CertificateOf<'_>) -> TrustList {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let mut bundle = bundle();
    bundle.keys[2].key = KeyMaterial::Certificate(BASE64_STANDARD.encode(certificate(of)));
    list(&bundle)
}

/// The sound credential under the name of another certificate.
fn named_after(of: &CertificateOf<'_>) -> Hcert {
    let mut hcert = hcert();
    *entry(hcert.protected.as_mut().expect("the forger protects its header"), 4) =
        Cbor::Bytes(short_id(&certificate(of)));
    hcert
}

#[test]
fn a_sound_vaccination_says_what_it_was_given() {
    let credential = verdict(&list(&bundle()), &hcert().text(), now()).unwrap();
    let claims = credential.claims();
    assert_eq!((claims.issuer.as_str(), claims.id.as_deref()), ("VN", Some("URN:UVCI:01:VN:1")));
    assert_eq!(
        (claims.issued_at, claims.not_after),
        (Some(at("2026-02-25T06:13:20Z")), Some(at("2026-05-28T20:26:40Z")))
    );
    assert_eq!(claims.person.name, "Nguyễn Văn Thử");
    assert_eq!(claims.person.name_transliterated.as_deref(), Some("NGUYEN VAN THU"));
    assert_eq!(claims.person.birth.to_string(), "1990-01-18");
    let [Statement::Vaccination(dose)] = claims.statements.as_slice() else { panic!("one vaccination") };
    assert_eq!((dose.dose, dose.doses_total, dose.vaccine.as_str()), (2, 2, "EU/1/20/1528"));
    assert_eq!((dose.date.to_string().as_str(), dose.country.as_str()), ("2026-01-10", "VN"));
}

#[test]
fn tests_and_recoveries_are_read() {
    let of = |group, entry| {
        let credential = verdict(&list(&bundle()), &hcert().dcc(|old| *old = dcc(group, entry)).text(), now()).unwrap();
        credential.claims().statements[0].clone()
    };
    let Statement::Test(test) = of("t", test()) else { panic!("a test") };
    assert_eq!(test.sampled_at, Some(at("2026-03-01T01:00:00Z")));
    let Statement::Recovery(recovery) = of("r", recovery()) else { panic!("a recovery") };
    assert_eq!(recovery.valid_until.to_string(), "2026-07-01");
}

#[test]
fn a_birth_date_is_known_as_far_as_it_is_written() {
    for (written, known) in [("1963-07-00", "1963-07"), ("1963-00-00", "1963"), ("1963-00", "1963"), ("", "")] {
        let text = hcert().dcc(|dcc| *entry(dcc, "dob") = written.into()).text();
        let credential = verdict(&list(&bundle()), &text, now()).unwrap();
        assert_eq!(credential.claims().person.birth.to_string(), known);
    }
}

#[test]
fn names_keep_one_space_between_words() {
    let spaced = cbor!({"fn" => " STARK ", "fnt" => "STARK<", "gn" => "", "gnt" => "<KATJA<<ANNA"}).unwrap();
    let credential = verdict(&list(&bundle()), &hcert().dcc(|dcc| *entry(dcc, "nam") = spaced).text(), now()).unwrap();
    let person = &credential.claims().person;
    assert_eq!((person.name.as_str(), person.name_transliterated.as_deref()), ("STARK", Some("STARK KATJA ANNA")));
}

#[test]
fn tags_are_a_matter_of_taste() {
    for tags in [vec![], vec![18], vec![61, 18], vec![61]] {
        let text = Hcert { tags, ..hcert() }.text();
        check(&text, "ok");
    }
    for tags in [vec![17], vec![18, 18], vec![18, 61], vec![61, 61, 18]] {
        let text = Hcert { tags, ..hcert() }.text();
        check(&text, MALFORMED);
    }
}

#[test]
fn key_id_and_algorithm_may_stand_unprotected_if_they_were_signed_so() {
    let (Some(Cbor::Map(protected)), _) = (hcert().protected, ()) else { panic!("a map") };
    let [alg, kid] = [protected[0].clone(), protected[1].clone()];
    let with = |protected: Vec<_>, unprotected: Vec<_>| Hcert {
        protected: (!protected.is_empty()).then_some(Cbor::Map(protected)),
        unprotected: Cbor::Map(unprotected),
        ..hcert()
    };
    check(&with(vec![alg.clone()], vec![kid.clone()]).text(), "ok");
    check(&with(vec![kid.clone()], vec![alg.clone()]).text(), "ok");
    check(&with(vec![], vec![alg.clone(), kid.clone()]).text(), "ok");
    // Moved after signing: the signature does not cover what stands there now.
    let mut moved = with(vec![alg.clone(), kid.clone()], vec![]).parts();
    moved[0] = Cbor::Bytes(Vec::new());
    moved[1] = Cbor::Map(vec![alg.clone(), kid.clone()]);
    check(&hc1_text(&cbor_bytes(&Cbor::Array(moved))), FORGED);
    // The protected header speaks first.
    let stranger = (Cbor::from(4), Cbor::Bytes(vec![7; 8]));
    check(&with(vec![alg.clone(), kid.clone()], vec![stranger.clone()]).text(), "ok");
    check(&with(vec![alg.clone(), stranger], vec![kid.clone()]).text(), "S-KEY update-list");
    check(&with(vec![alg], vec![]).text(), "S-KEY update-list");
    check(&with(vec![kid], vec![]).text(), ALGORITHM);
}

#[test]
fn refuses_algorithms_that_the_scheme_does_not_have() {
    let with_alg = |alg: Cbor| {
        let mut hcert = hcert();
        *entry(hcert.protected.as_mut().unwrap(), 1) = alg;
        hcert.text()
    };
    // RS256, EdDSA, HS256, ES512, a text, nothing, none at all.
    for alg in [Cbor::from(-257), (-8).into(), 5.into(), (-36).into(), "ES256".into(), Cbor::Null] {
        check(&with_alg(alg), ALGORITHM);
    }
    // Allowed, and not this key's.
    check(&with_alg((-37).into()), FORGED);
    check(&with_alg((-35).into()), FORGED);
    let mut clash = hcert();
    clash.unprotected = Cbor::Map(vec![(1.into(), (-37).into())]);
    check(&clash.text(), ALGORITHM);
}

#[test]
fn refuses_headers_that_ask_to_be_understood() {
    for place in [true, false] {
        let mut critical = hcert();
        let header = if place { critical.protected.as_mut().unwrap() } else { &mut critical.unprotected };
        *entry(header, 2) = Cbor::Array(vec![1.into()]);
        check(&critical.text(), MALFORMED);
    }
}

#[test]
fn refuses_a_signature_of_somebody_else_or_over_something_else() {
    check(&Hcert { seed: 9, ..hcert() }.text(), FORGED);
    let mut parts = hcert().parts();
    parts[2] = Cbor::Bytes(cbor_bytes(&hcert().dcc(|dcc| *entry(dcc, "dob") = "1991-01-18".into()).claims));
    check(&hc1_text(&cbor_bytes(&Cbor::Array(parts))), FORGED);
    for change in [0usize, 1, 2] {
        let mut parts = hcert().parts();
        let Cbor::Bytes(signature) = &mut parts[3] else { panic!("bytes") };
        match change {
            0 => signature.push(0),
            1 => signature.clear(),
            _ => signature.fill(0),
        }
        check(&hc1_text(&cbor_bytes(&Cbor::Array(parts))), FORGED);
    }
}

#[test]
fn refuses_messages_that_are_not_cose_sign1() {
    let parts = hcert().parts();
    let shaped = |parts: Vec<Cbor>| hc1_text(&cbor_bytes(&Cbor::Tag(18, Box::new(Cbor::Array(parts)))));
    check(&shaped(parts[..3].to_vec()), MALFORMED);
    check(&shaped([parts.clone(), vec![Cbor::Null]].concat()), MALFORMED);
    let replaced = |place: usize, value: Cbor| {
        let mut parts = parts.clone();
        parts[place] = value;
        shaped(parts)
    };
    check(&replaced(0, Cbor::Map(vec![])), MALFORMED);
    check(&replaced(0, Cbor::Bytes(cbor_bytes(&Cbor::Array(vec![])))), MALFORMED);
    check(&replaced(0, Cbor::Bytes(vec![0xff])), MALFORMED);
    check(&replaced(1, Cbor::Array(vec![])), MALFORMED);
    check(&replaced(2, Cbor::Null), MALFORMED);
    check(&replaced(3, Cbor::Text("x".into())), MALFORMED);
    check(&hc1_text(&[]), MALFORMED);
    check(&hc1_text(&[hcert().message(), vec![0]].concat()), MALFORMED);
}

#[test]
fn refuses_a_key_given_twice() {
    let mut header = hcert();
    let Some(Cbor::Map(entries)) = &mut header.protected else { panic!("a map") };
    entries.push((1.into(), (-37).into()));
    check(&header.text(), MALFORMED);
    let twice = |edit: fn(&mut Cbor)| hcert().claims(edit).text();
    check(&twice(|claims| claims.as_map_mut().unwrap().push((4.into(), 1_999_999_999.into()))), SCHEMA);
    check(
        &twice(|claims| entry(entry(claims, -260), 1).as_map_mut().unwrap().push(("dob".into(), "1991-01-18".into()))),
        SCHEMA,
    );
}

#[test]
fn refuses_what_is_not_one_zlib_stream() {
    let message = hcert().message();
    let raw = |bytes: &[u8]| format!("HC1:{}", base45::encode(bytes));
    let zlib = base45::decode(&hc1_text(&message)[4..]).unwrap();
    check(&raw(&zlib), "ok");
    check(&raw(&message), MALFORMED);
    check(&raw(&[zlib.as_slice(), &[0]].concat()), MALFORMED);
    check(&raw(&zlib[..zlib.len() - 1]), MALFORMED);
    check(&raw(&zlib[..zlib.len() / 2]), MALFORMED);
    check(&raw(&[]), MALFORMED);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, &message).unwrap();
    check(&raw(&gzip.finish().unwrap()), MALFORMED);
    let mut checksum = zlib.clone();
    *checksum.last_mut().unwrap() ^= 1;
    check(&raw(&checksum), MALFORMED);
}

#[test]
fn refuses_a_bomb_before_it_goes_off() {
    for size in [64 * 1024 + 1, 1_000_000, 2_500_000] {
        check(&hc1_text(&vec![0; size]), "E-SIZE ask-for-another");
    }
    check(&hc1_text(&vec![0; 64 * 1024]), MALFORMED);
    check(&hc1_text(&vec![0; 10_000_000]), "E-SIZE ask-for-another");
}

#[test]
fn refuses_depth_before_it_is_reached() {
    let nested = |open: &[u8], count: usize| hc1_text(&[open.repeat(count), vec![0]].concat());
    for open in [&[0x81][..], &[0x9f], &[0xa1, 0x01], &[0xd2], &[0xc1]] {
        check(&nested(open, 20_000), MALFORMED);
    }
    // Counter signatures hold headers that hold counter signatures, each in a byte string of its own: depth that no reader
    // of nested items sees.
    let mut header = cbor_bytes(&Cbor::Map(vec![]));
    let mut parts = hcert().parts();
    let mut text = String::new();
    for depth in 1.. {
        let signature = Cbor::Array(vec![Cbor::Bytes(header), Cbor::Map(vec![]), Cbor::Bytes(vec![])]);
        header = cbor_bytes(&Cbor::Map(vec![(7.into(), signature)]));
        if depth % 25 == 0 {
            parts[0] = Cbor::Bytes(header.clone());
            let deeper = hc1_text(&cbor_bytes(&Cbor::Array(parts.clone())));
            if deeper.len() > 4296 {
                assert!(depth > 400, "{depth}");
                break;
            }
            text = deeper;
        }
    }
    check(&text, ALGORITHM);
}

#[test]
fn refuses_lengths_that_nothing_follows() {
    for head in [
        &b"\x9a\xff\xff\xff\xff"[..],
        b"\xba\xff\xff\xff\xff",
        b"\x5b\0\0\x01\0\0\0\0\0",
        b"\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
    ] {
        check(&hc1_text(head), MALFORMED);
    }
    let crowded: Vec<_> = (0..700).map(|n| (Cbor::from(n), Cbor::Null)).collect();
    check(&hc1_text(&cbor_bytes(&Cbor::Map(crowded))), MALFORMED);
}

#[test]
fn times_may_be_fractional_and_must_be_times() {
    let with = |claim: i64, value: Cbor| hcert().claims(|claims| *entry(claims, claim) = value).text();
    check(&with(4, 1_780_000_000.75.into()), "ok");
    check(&with(6, 1_772_000_000.5.into()), "ok");
    check(&with(4, Cbor::Tag(1, Box::new(1_780_000_000.into()))), "ok");
    for claim in [4, 5, 6] {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1.0] {
            check(&with(claim, value.into()), SCHEMA);
        }
        check(&with(claim, "1780000000".into()), SCHEMA);
        check(&with(claim, u64::MAX.into()), SCHEMA);
        check(&with(claim, i64::MIN.into()), SCHEMA);
        check(&with(claim, Cbor::Bytes(vec![1])), SCHEMA);
    }
    // Without them it would hold for ever.
    for claim in [4, 6] {
        check(&hcert().claims(|claims| remove(claims, claim)).text(), SCHEMA);
        check(&with(claim, Cbor::Null), SCHEMA);
    }
    check(&with(4, 1_772_400_000.into()), "C-EXPIRED ask-for-another");
    check(&with(6, 1_772_500_000.into()), "C-EARLY ask-for-another");
    check(&with(5, 1_772_500_000.into()), "C-EARLY ask-for-another");
    check(&with(6, at("2024-12-31T23:59:59Z").timestamp().into()), "S-WINDOW call-supervisor");
}

#[test]
fn the_key_speaks_for_an_issuer_that_is_not_named() {
    check(&hcert().claims(|claims| remove(claims, 1)).text(), "ok");
    check(&hcert().claims(|claims| *entry(claims, 1) = Cbor::Null).text(), "ok");
    check(&hcert().claims(|claims| *entry(claims, 1) = "LA".into()).text(), "S-USE call-supervisor");
    check(&hcert().claims(|claims| *entry(claims, 1) = 84.into()).text(), SCHEMA);
    let laos = CertificateOf { country: "LA", ..CertificateOf::default() };
    check_with(
        &list_with(&laos),
        &named_after(&laos).claims(|claims| remove(claims, 1)).text(),
        now(),
        "S-USE call-supervisor",
    );
}

#[test]
fn a_certificates_key_usage_narrows_and_never_widens() {
    let with = |uses, group, statement| {
        let of = CertificateOf { uses, ..CertificateOf::default() };
        let text = named_after(&of).dcc(|old| *old = dcc(group, statement)).text();
        (list_with(&of), text)
    };
    for (uses, group, statement, expected) in [
        (&[USE_VACCINATION][..], "v", vaccination(), "ok"),
        (&[USE_VACCINATION], "t", test(), "S-USE call-supervisor"),
        (&[USE_TEST], "v", vaccination(), "S-USE call-supervisor"),
        (&[USE_TEST, USE_VACCINATION], "v", vaccination(), "ok"),
        // Viet Nam's own signer is such a one.
        (&[USE_TLS_CLIENT], "v", vaccination(), "ok"),
        (&[USE_TLS_CLIENT, USE_TEST], "v", vaccination(), "S-USE call-supervisor"),
    ] {
        let (list, text) = with(uses, group, statement);
        check_with(&list, &text, now(), expected);
    }
}

#[test]
fn a_key_is_held_to_its_scheme() {
    let mut bundle = bundle();
    bundle.keys[2].schemes = vec![checkpoint::envelope::Scheme::Native];
    check_with(&list(&bundle), &hcert().text(), now(), "S-USE call-supervisor");
}

#[test]
fn every_key_whose_short_name_matches_is_tried() {
    let pem = |seed| {
        use base64::prelude::{BASE64_STANDARD, Engine};
        let der = certificate(&CertificateOf { seed, ..CertificateOf::default() });
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(der))
    };
    let same = "AAAAAAAAAAA=";
    let list =
        serde_json::json!({"certificates": [{"kid": same, "pem": pem(5)}, {"kid": same, "pem": pem(1)}]}).to_string();
    let list = TrustList::unsigned(list.as_bytes()).unwrap();
    assert!(list.is_unsigned());
    let mut hcert = hcert();
    *entry(hcert.protected.as_mut().unwrap(), 4) = Cbor::Bytes(vec![0; 8]);
    check_with(&list, &hcert.text(), now(), "ok");
    check_with(&list, &Hcert { seed: 6, ..hcert }.text(), now(), FORGED);
}

#[test]
fn any_of_a_certificates_identifiers_can_be_taken_back() {
    let mut bundle = bundle();
    let digest = checkpoint::trust::revocation_digest("VN", "URN:UVCI:01:VN:1");
    bundle.revoked = vec![digest.iter().map(|byte| format!("{byte:02x}")).collect()];
    check_with(&list(&bundle), &hcert().text(), now(), "S-REVOKED call-supervisor");
    check_with(&list(&bundle), &hcert().dcc(|old| *old = dcc("t", test())).text(), now(), "ok");
}

#[test]
fn the_schema_is_that_of_the_release_or_of_the_last_one() {
    let edited = |edit: &dyn Fn(&mut Cbor)| hcert().dcc(|dcc| edit(dcc)).text();
    let with = |name: &str, value: Cbor| edited(&|dcc| *entry(dcc, name) = value.clone());
    let in_entry = |name: &str, value: Cbor| {
        edited(&|dcc| *entry(&mut entry(dcc, "v").as_array_mut().unwrap()[0], name) = value.clone())
    };
    for birth in ["", "1990", "1990-01", "1990-13-77"] {
        check(&with("dob", birth.into()), "ok");
    }
    for birth in ["1890-01-01", "90", "1990-XX-XX", "18/01/1990", "1990-01-01T00:00:00"] {
        check(&with("dob", birth.into()), SCHEMA);
    }
    // Empty groups as null are as good as absent; two groups are one too many.
    check(&with("t", Cbor::Null), "ok");
    check(&with("t", Cbor::Array(vec![])), SCHEMA);
    check(&with("t", Cbor::Array(vec![test()])), SCHEMA);
    check(&with("v", Cbor::Array(vec![vaccination(), vaccination()])), SCHEMA);
    check(
        &edited(&|dcc| {
            *entry(dcc, "ver") = "1.0.0".into();
            *entry(dcc, "v") = Cbor::Array(vec![vaccination(), vaccination()]);
        }),
        "ok",
    );
    check(&with("v", Cbor::Null), "C-SCHEMA ask-for-another");
    check(&with("ver", "1.3".into()), SCHEMA);
    check(&with("ver", "2.0.0".into()), "ok");
    for (name, value) in
        [("dn", Cbor::from(0)), ("sd", 0.into()), ("dn", "2".into()), ("dn", 2.0.into()), ("co", "".into())]
    {
        check(&in_entry(name, value), SCHEMA);
    }
    check(&in_entry("ci", "X".repeat(80).into()), "ok");
    check(&in_entry("ci", "X".repeat(81).into()), SCHEMA);
    check(&in_entry("is", "Ộ".repeat(80).into()), "ok");
    for name in ["tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci"] {
        check(&edited(&|dcc| remove(&mut entry(dcc, "v").as_array_mut().unwrap()[0], name)), SCHEMA);
    }
    for (name, expected) in [("fnt", "ok"), ("gnt", "ok"), ("fn", "ok")] {
        check(&edited(&|dcc| remove(entry(dcc, "nam"), name)), expected);
    }
    check(&edited(&|dcc| *entry(entry(dcc, "nam"), "fnt") = "Nguyen".into()), SCHEMA);
    check(&edited(&|dcc| *entry(dcc, "nam") = Cbor::Map(vec![("fn".into(), "Thử".into())])), SCHEMA);
}

#[test]
fn a_sample_may_carry_its_time_as_a_tag_and_not_as_a_number() {
    let sampled = |value: Cbor| {
        let mut sample = test();
        *entry(&mut sample, "sc") = value;
        hcert().dcc(|old| *old = dcc("t", sample)).text()
    };
    let read = |text: &str| {
        let credential = verdict(&list(&bundle()), text, now()).unwrap();
        let Statement::Test(test) = &credential.claims().statements[0] else { panic!("a test") };
        test.sampled_at
    };
    let taken = Some(at("2026-03-01T01:00:00Z"));
    assert_eq!(read(&sampled(Cbor::Tag(0, Box::new("2026-03-01T08:00:00+07:00".into())))), taken);
    assert_eq!(read(&sampled("2026-03-01T08:00:00.000+0700".into())), taken);
    assert_eq!(read(&sampled("this morning".into())), None);
    check(&sampled(1_772_326_800.into()), SCHEMA);
}

#[test]
fn letters_outside_of_base45_are_a_misread_code() {
    let text = hcert().text();
    check(&text.to_lowercase().replacen("hc1:", "HC1:", 1), MALFORMED);
    check(&format!("{text}\n"), MALFORMED);
    check(&text.replacen("HC1:", "HC2:", 1), "E-UNKNOWN ask-for-another");
    check(&text.replacen("HC1:", "hc1:", 1), "E-UNKNOWN ask-for-another");
    check(&text[4..], "E-UNKNOWN ask-for-another");
    check("HC1:", MALFORMED);
    check(&format!("HC1:{}", "0".repeat(4293)), "E-SIZE ask-for-another");
}

#[test]
fn explaining_goes_on_after_a_fault() {
    let text = Hcert { seed: 9, ..hcert() }.dcc(|dcc| *entry(dcc, "dob") = "1890-01-01".into()).text();
    let explained = list(&bundle()).explain(&text, now());
    let failed: Vec<_> = explained.steps.iter().filter(|step| step.result.is_err()).map(|step| step.layer).collect();
    assert_eq!(failed, [Layer::Signature, Layer::Schema]);
    assert_eq!(explained.outcome.unwrap_err().code(), "S-SIG");
    assert_eq!(explained.content.unwrap()["dob"], "1890-01-01");
}

#[test]
fn no_mutation_of_a_sound_code_is_accepted() {
    let list = list(&bundle());
    let message = hcert().message();
    let mut accepted = Vec::new();
    for place in 0..message.len() {
        for change in [0x01, 0xff] {
            let mut forged = message.clone();
            forged[place] ^= change;
            if verdict(&list, &hc1_text(&forged), now()).is_ok() {
                accepted.push((place, change));
            }
        }
        assert!(verdict(&list, &hc1_text(&message[..place]), now()).is_err(), "cut at {place}");
    }
    assert_eq!(accepted, []);
}
