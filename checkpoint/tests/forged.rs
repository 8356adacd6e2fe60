//! Forged and malformed credentials of our own, as tables: none green, none a panic, each with the reason that it deserves, and
//! sound ones beside them, so that rejecting everything passes nothing.

// A forger that fails is a test that fails.
#![allow(clippy::unwrap_used)]

mod forge;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::envelope::Scheme;
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{Bundle, KeyMaterial};
use checkpoint::trust::revocation_digest;
use ciborium::Value as Cbor;
use forge::seal::{
    CSCA, SIGNER, Seal, USE_TLS_SERVER, USE_VDS_NC, X509, authority_key_id, constraints, csca, document_types,
    extension, key_ends, key_usage, key_use, name, seal, sealing_bundle, sha1_with_rsa, signer, subject_key_id,
    test_seal,
};
use forge::table::Table;
use forge::{
    CertificateOf, Hcert, Native, USE_TEST, at, bundle, cbor_bytes, certificate, dcc, der, entry, hc1_text, hcert, key,
    list, native, p256_key, recovery, remove, short_id, test, vaccination,
};
use serde_json::{Value, json};

const FORM: &str = "E-FORM";
const SIZE: &str = "E-SIZE";
const UNKNOWN: &str = "E-UNKNOWN";
const ALG: &str = "E-ALG";
const SIG: &str = "S-SIG";
const KEY: &str = "S-KEY";
const USE: &str = "S-USE";
const WINDOW: &str = "S-WINDOW";
const SCHEMA: &str = "C-SCHEMA";

/// The list of a bundle that was changed.
fn listed(mut bundle: Bundle, edit: impl FnOnce(&mut Bundle)) -> TrustList {
    edit(&mut bundle);
    list(&bundle)
}

fn revoked(issuer: &str, id: &str) -> String {
    revocation_digest(issuer, id).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What is true of a key's scope, whatever the scheme: the place of its key in the bundle, a sound text, its issuer and id.
fn scopes(table: &mut Table, sound: &Bundle, place: usize, text: &str, issuer: &str, id: &str) {
    let mut with = |name: &str, edit: &dyn Fn(&mut Bundle), expected| {
        table.case_with(format!("scope: {name}"), listed(sound.clone(), edit), text, expected);
    };
    with("as it was", &|_| {}, "ok");
    with("no statement", &|bundle| bundle.keys[place].statements.clear(), USE);
    with("other statements", &|bundle| bundle.keys[place].statements = vec![StatementKind::TravelPermit], USE);
    with("no issuer", &|bundle| bundle.keys[place].issuers.clear(), USE);
    with("issuer in another case", &|bundle| bundle.keys[place].issuers = vec![issuer.to_lowercase()], USE);
    with("issuer with a space", &|bundle| bundle.keys[place].issuers = vec![format!("{issuer} ")], USE);
    with("issuer is a prefix", &|bundle| bundle.keys[place].issuers = vec![issuer[..1].to_owned()], USE);
    with("issuer is longer", &|bundle| bundle.keys[place].issuers = vec![format!("{issuer}X")], USE);
    with(
        "issuer is a pattern",
        &|bundle| bundle.keys[place].issuers = vec!["*".into(), ".*".into(), String::new()],
        USE,
    );
    with("window not begun", &|bundle| bundle.keys[place].not_before = at("2026-02-28T00:00:00Z"), WINDOW);
    with("window over", &|bundle| bundle.keys[place].not_after = at("2024-12-31T23:59:59Z"), WINDOW);
    with("key not listed", &|bundle| drop(bundle.keys.remove(place)), KEY);
    with("taken back", &|bundle| bundle.revoked.push(revoked(issuer, id)), "S-REVOKED");
    with("another taken back", &|bundle| bundle.revoked.push(revoked(issuer, "another")), "ok");
    with("the same id of another issuer taken back", &|bundle| bundle.revoked.push(revoked("XX", id)), "ok");
    let many = |bundle: &mut Bundle| {
        bundle.revoked = (0..5000).map(|n| revoked(issuer, &n.to_string())).chain([revoked(issuer, id)]).collect();
    };
    with("taken back among many", &many, "S-REVOKED");
    table.case_with("no list", TrustList::default(), text, "S-NOLIST");
    table.case_at("stale list", text, "2026-04-01T00:00:00Z", "S-OLDLIST");
}

// ---- native ------------------------------------------------------------------------------------------------------

#[test]
fn native_credentials() {
    let mut table = Table::new("native", list(&bundle()));
    scopes(&mut table, &bundle(), 0, &native().text(), "VN-HN-CDC", "J-1");
    table.case_with(
        "scope: no scheme",
        listed(bundle(), |bundle| bundle.keys[0].schemes.clear()),
        native().text(),
        USE,
    );
    table.case_with(
        "scope: another scheme",
        listed(bundle(), |bundle| bundle.keys[0].schemes = vec![Scheme::Hc1]),
        native().text(),
        USE,
    );
    native_headers(&mut table);
    native_signatures(&mut table);
    native_claims(&mut table);
    native_names(&mut table);
    table.judge(150);
}

fn native_headers(table: &mut Table) {
    for alg in [
        "none",
        "None",
        "NONE",
        "HS256",
        "HS384",
        "HS512",
        "ES256",
        "ES256K",
        "ES512",
        "RS256",
        "PS256",
        "eddsa",
        "Ed25519",
        "EdDSA ",
        "",
        "EdDSA\u{0}",
        "ＥｄＤＳＡ",
        "EdDSА",
    ] {
        table.case(format!("alg {alg:?}"), native().header(|header| header["alg"] = json!(alg)).text(), ALG);
    }
    for alg in [json!(null), json!(1), json!(["EdDSA"]), json!({}), json!(true)] {
        table.case(format!("alg {alg}"), native().header(|header| header["alg"] = alg).text(), FORM);
    }
    for (name, value) in [
        ("crit", json!([])),
        ("crit", json!(["b64"])),
        ("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key(9).verifying_key())})),
        ("jku", json!("https://example.org/keys")),
        ("x5c", json!([])),
        ("x5u", json!("file:///etc/passwd")),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("typ", json!(1)),
        ("kid", json!(null)),
        ("kid", json!("")),
        ("kid", json!("AAAAAAAAAA")),
        ("kid", json!("AAAAAAAAAAAA")),
        ("kid", json!("AAAAAAAAAAA=")),
        ("kid", json!("AAAAAAAAAA+")),
        ("kid", json!("AAAAAAAAAAB")),
        ("kid", json!(["AAAAAAAAAAA"])),
        ("kid", json!("../../etc/passwd")),
        ("kid", json!("A".repeat(2000))),
    ] {
        let short: String = value.to_string().chars().take(40).collect();
        table.case(format!("header {name} {short}"), native().header(|header| header[name] = value).text(), FORM);
    }
    for typ in [json!("JWT"), json!("HC+JWT"), json!(null)] {
        table.case(format!("header typ {typ}"), native().header(|header| header["typ"] = typ).text(), "E-UNKNOWN");
    }
    for member in ["alg", "kid", "typ"] {
        let missing = native().header(|header| drop(header.as_object_mut().unwrap().remove(member)));
        let expected = if member == "typ" { "E-UNKNOWN" } else { FORM };
        table.case(format!("no {member}"), missing.text(), expected);
        let header = native().header;
        let value = serde_json::from_str::<Value>(&header).unwrap()[member].to_string();
        let twice = Native { header: header.replacen('{', &format!("{{\"{member}\":{value},"), 1), ..native() };
        table.case(format!("{member} twice"), twice.text(), FORM);
        let escaped = format!("{{\"\\u{:04x}{}\":{value},", member.as_bytes()[0], &member[1..]);
        let twice = Native { header: header.replacen('{', &escaped, 1), ..native() };
        table.case(format!("{member} twice, once escaped"), twice.text(), FORM);
    }
    let with_header = |header: &str| Native { header: header.into(), ..native() }.text();
    for (name, header) in [
        ("header with something after it", format!("{} x", native().header)),
        ("header cut", native().header[..20].to_owned()),
        ("header with a half surrogate", native().header.replace("hc+jwt", "\\ud800")),
        ("header nested deep", native().header.replacen('{', &format!("{{\"a\":{}", "[".repeat(1500)), 1)),
    ] {
        table.case(name, with_header(&header), FORM);
    }
    table.case("header of another type", with_header("{\"a\":[]}"), "E-UNKNOWN");
}

fn native_signatures(table: &mut Table) {
    let text = native().text();
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else { panic!("three parts") };
    let signed_as = |bytes: &[u8]| format!("{header}.{payload}.{}", base64url(bytes));
    let signature_bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    for length in [0, 1, 32, 63, 65, 96, 128] {
        table.case(format!("signature of {length} bytes"), signed_as(&vec![1; length]), FORM);
    }
    for (name, text) in [
        ("padding", format!("{text}=")),
        ("space at the end", format!("{text} ")),
        ("newline inside", format!("{header}.\n{payload}.{signature}")),
        ("standard alphabet", format!("{header}.{payload}.{}+", &signature[..85])),
        ("full stop letter of another script", format!("{header}.{payload}．.{signature}")),
        ("stray bits in the payload", format!("{header}.{payload}A.{signature}")),
        ("two parts", format!("{header}.{payload}")),
    ] {
        table.case(name, text, FORM);
    }
    for (name, text) in [
        ("four parts", format!("{text}.")),
        ("five parts", format!("{header}..{payload}.{signature}.")),
        ("JSON serialisation", json!({"protected": header, "payload": payload, "signature": signature}).to_string()),
        ("a space before", format!(" {text}")),
        ("a byte order mark before", format!("\u{feff}{text}")),
        ("a link around it", format!("https://example.org/?c={text}")),
        ("lower case", text.to_lowercase()),
    ] {
        table.case(name, text, UNKNOWN);
    }
    table.case("too long for a code", format!("{header}.{}.{signature}", "A".repeat(4300)), SIZE);
    // Zeros, points of small order (RFC 8032 verification without the cofactor's care), and s + L.
    let mut small_order = [0; 64];
    small_order[0] = 1;
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10u8,
    ];
    let mut malleable = signature_bytes.clone();
    let mut carry = 0;
    for (byte, add) in malleable[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    let mut s_zero = signature_bytes.clone();
    s_zero[32..].fill(0);
    let mut r_zero = signature_bytes.clone();
    r_zero[..32].fill(0);
    let swapped = [&signature_bytes[32..], &signature_bytes[..32]].concat();
    for (name, bytes) in [
        ("signature of zeros", vec![0; 64]),
        ("signature of ones", vec![0xff; 64]),
        ("R of small order, s zero", small_order.to_vec()),
        ("s zero", s_zero),
        ("R zero", r_zero),
        ("s + L, malleable", malleable),
        ("halves swapped", swapped),
    ] {
        table.case(name, signed_as(&bytes), SIG);
    }
    for place in [0, 15, 31, 32, 47, 63] {
        let mut forged = signature_bytes.clone();
        forged[place] ^= 1;
        table.case(format!("bit of byte {place} turned"), signed_as(&forged), SIG);
    }
    let other = native().claims(|claims| claims["nam"] = json!("Trần Thị Khác")).text();
    let other: Vec<&str> = other.split('.').collect();
    table.case("payload of another", format!("{header}.{}.{signature}", other[1]), SIG);
    table.case("signature of another", format!("{header}.{payload}.{}", other[2]), SIG);
    let signs = |bytes: &[u8]| ed25519_dalek::Signer::sign(&key(1), bytes).to_bytes();
    table.case("signed without the header", signed_as(&signs(payload.as_bytes())), SIG);
    table.case("signed before encoding", signed_as(&signs(native().claims.as_bytes())), SIG);
    table.case("signed a hash", signed_as(&signs(&short_id(format!("{header}.{payload}").as_bytes()))), SIG);
    let by = |seed, named| Native { key: key(seed), ..native() }.named_after(&key(named)).text();
    table.case("an unknown key", by(9, 9), KEY);
    table.case("another key of the list", by(2, 1), SIG);
    table.case("a stranger under a known name", by(9, 1), SIG);
    let hc1 = base64url(short_id(&certificate(&CertificateOf::default())));
    table.case("named after a key of another kind", native().header(|header| header["kid"] = json!(hc1)).text(), SIG);
    let weak = listed(bundle(), |bundle| bundle.keys[0].key = KeyMaterial::Ed25519(BASE64_STANDARD.encode([0; 32])));
    let named = base64url(short_id(&[0; 32]));
    table.case_with("a weak key", weak, native().header(|header| header["kid"] = json!(named)).text(), KEY);
    table.case("a key that may sign vaccinations signs a permit", permit(2), USE);
    table.case("a key that may sign permits signs one", permit(1), "ok");
}

fn permit(seed: u8) -> String {
    native().by(seed).claims(|claims| claims["per"] = json!({"pur": "work", "fr": "HN", "to": "HP"})).text()
}

fn native_claims(table: &mut Table) {
    let with = |path: &str, value: Value| {
        native().claims(|claims| *claims.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value).text()
    };
    for name in ["iss", "iat", "exp", "jti", "nam", "dob", "vac"] {
        let missing = native().claims(|claims| drop(claims.as_object_mut().unwrap().remove(name)));
        table.case(format!("no {name}"), missing.text(), SCHEMA);
        for value in [json!(null), json!({}), json!(true)] {
            table.case(format!("{name} {value}"), with(&format!("/{name}"), value), SCHEMA);
        }
    }
    for name in ["iat", "exp"] {
        for time in [
            "1.5",
            "1772000000.0",
            "-1",
            "-0.0",
            "1e9",
            "1e400",
            "\"1772000000\"",
            "[1772000000]",
            "253402300800",
            "18446744073709551615",
            "18446744073709551616",
            "0x69",
            "NaN",
            "Infinity",
            "01772000000",
        ] {
            let number = if name == "iat" { "1772000000" } else { "1780000000" };
            let text = native().claims_text(|text| text.replace(number, time)).text();
            table.case(format!("{name} {time}"), text, SCHEMA);
        }
    }
    table.case("exp at the end of the year 9999", with("/exp", json!(253_402_300_799_i64)), "S-LIFETIME");
    table.case("exp in the past", with("/exp", json!(1_772_000_001)), "C-EXPIRED");
    table.case("exp before iat", with("/exp", json!(1)), "C-EXPIRED");
    table.case("iat in the future", with("/iat", json!(1_779_000_000)), "C-EARLY");
    table.case("nbf in the future", native().claims(|claims| claims["nbf"] = json!(1_779_000_000)).text(), "C-EARLY");
    table.case("signed before its key", with("/iat", json!(0)), WINDOW);
    for (path, values) in [
        ("/vac/0/dn", vec![json!(0), json!(-1), json!(1.0), json!("2"), json!(4_294_967_296_u64), json!(null)]),
        ("/vac/0/sd", vec![json!(0), json!([2])]),
        (
            "/vac/0/dt",
            vec![
                json!("2026-02-30"),
                json!("2026-01"),
                json!("10/01/2026"),
                json!("2026-01-10T00:00:00Z"),
                json!("٢٠٢٦-٠١-١٠"),
                json!(20_260_110),
            ],
        ),
        ("/dob", vec![json!("1990-02-30"), json!("18/01/1990"), json!("1990-1-1"), json!("+990-01-18"), json!(1990)]),
        ("/nam", vec![json!(""), json!(" \t"), json!(["A"])]),
        ("/jti", vec![json!(""), json!(7)]),
        ("/iss", vec![json!("")]),
        ("/vac", vec![json!([]), json!([[]]), json!([{}]), json!([null])]),
    ] {
        for value in values {
            table.case(format!("{path} is {value}"), with(path, value), SCHEMA);
        }
    }
    for (path, name) in [("", "adm"), ("", "cnf2"), ("/vac/0", "lot")] {
        let text = native().claims(|claims| claims.pointer_mut(path).unwrap()[name] = json!("x")).text();
        table.case(format!("a member {name} that nobody knows"), text, SCHEMA);
    }
    for (name, from, to) in [
        ("exp twice", "{", "{\"exp\":1,"),
        ("exp twice, once escaped", "{", "{\"\\u0065xp\":1999999999,"),
        ("dn twice", "\"dn\":2", "\"dn\":1,\"dn\":2"),
        ("a half surrogate", "Nguyễn", "\\ud83d"),
        ("surrogates turned round", "Nguyễn", "\\ude00\\ud83d"),
        ("a control character in a text", "Nguyễn", "Ng\u{1}"),
        ("a comment", "{", "{/**/"),
        ("a comma too many", "}]", "},]"),
        ("single quotes", "\"VN-HN-CDC\"", "'VN-HN-CDC'"),
    ] {
        let text = native().claims_text(|text| text.replacen(from, to, 1)).text();
        table.case(name, text, SCHEMA);
    }
    for (name, payload) in [
        ("an empty payload", String::new()),
        ("a list", "[]".into()),
        ("null", "null".into()),
        ("two values", format!("{}{{}}", native().claims)),
        ("a byte order mark", format!("\u{feff}{}", native().claims)),
        ("1,500 open brackets", "[".repeat(1500)),
        ("400 open objects", "{\"a\":".repeat(400)),
        ("cut", native().claims[..60].to_owned()),
    ] {
        table.case(format!("claims: {name}"), native().claims_text(|_| payload).text(), SCHEMA);
    }
    table.case("a huge id", with("/jti", json!("J".repeat(2000))), "ok");
    let declaration = json!({"at": 1_772_300_000, "sym": [], "con": false, "plc": vec!["X"; 9], "ent": false});
    table.case("nine places", native().claims(|claims| claims["dec"] = declaration).text(), SCHEMA);
}

/// Names that play tricks are not refused: an issuer signed them, and the screen, the match and the table of cells each do what they
/// must (`docs/native-credential.md`, "Names").
fn native_names(table: &mut Table) {
    for name in [
        "=HYPERLINK(\"http://a\")",
        "@SUM(1)",
        "A\u{202e}B",
        "Nguyen\u{200b}",
        "НGUYEN",
        "N\u{301}\u{301}\u{301}\u{301}",
    ] {
        table.case(format!("name {name:?}"), native().claims(|claims| claims["nam"] = json!(name)).text(), "ok");
    }
}

// ---- HC1 ---------------------------------------------------------------------------------------------------------

#[test]
fn hc1_credentials() {
    let mut table = Table::new("hc1", list(&bundle()));
    scopes(&mut table, &bundle(), 2, &hcert().text(), "VN", "URN:UVCI:01:VN:1");
    table.case_with(
        "scope: another scheme",
        listed(bundle(), |bundle| bundle.keys[2].schemes = vec![Scheme::Native]),
        hcert().text(),
        USE,
    );
    hc1_containers(&mut table);
    hc1_cbor(&mut table);
    hc1_headers(&mut table);
    hc1_signatures(&mut table);
    hc1_claims(&mut table);
    table.judge(120);
}

fn hc1_containers(table: &mut Table) {
    let text = hcert().text();
    let zlib = base45::decode(&text[4..]).unwrap();
    let raw = |bytes: &[u8]| format!("HC1:{}", base45::encode(bytes));
    for (name, text) in [
        ("lower case prefix", text.replacen("HC1", "hc1", 1)),
        ("another version", text.replacen("HC1", "HC2", 1)),
        ("no colon", text.replacen("HC1:", "HC1", 1)),
        ("a space before", format!(" {text}")),
        ("a link around it", format!("https://example.org/#{text}")),
    ] {
        table.case(name, text, UNKNOWN);
    }
    for (name, text) in [
        ("a lower case letter", text.to_lowercase().replacen("hc1", "HC1", 1)),
        ("a newline at the end", format!("{text}\n")),
        ("a letter of another alphabet", format!("{}А", &text[..text.len() - 3])),
        ("a group that is too large", format!("{text}:::")),
        ("one letter left over", format!("HC1:{}", "0".repeat(4))),
        ("nothing", "HC1:".to_owned()),
        ("no compression", raw(&hcert().message())),
        ("a byte after the stream", raw(&[zlib.as_slice(), &[0]].concat())),
        ("a stream after the stream", raw(&[zlib.as_slice(), &zlib].concat())),
        ("a stream without its end", raw(&zlib[..zlib.len() - 1])),
        ("half a stream", raw(&zlib[..zlib.len() / 2])),
        ("a stream's head", raw(&zlib[..2])),
        ("raw deflate", raw(&zlib[2..zlib.len() - 4])),
        ("a preset dictionary", raw(b"\x78\xbb\x00\x00\x00\x01\x03\x00\x00\x00\x00\x01")),
        ("a back reference before the beginning", raw(b"\x78\x9c\x4b\x04\x23\x00\x00\x00\x00\x00")),
        ("a checksum of zeros", raw(&[&zlib[..zlib.len() - 4], &[0; 4]].concat())),
        ("exactly as much as may be", hc1_text(&vec![0; 64 * 1024])),
    ] {
        table.case(name, text, FORM);
    }
    for (name, size) in
        [("a byte too much", 64 * 1024 + 1), ("a bomb of 1 MB", 1_000_000), ("a bomb of 2.5 MB", 2_500_000)]
    {
        table.case(name, hc1_text(&vec![0; size]), SIZE);
    }
    table.case("a bomb larger than a code", hc1_text(&vec![0; 10_000_000]), SIZE);
    table.case("too long for a code", format!("HC1:{}", "0".repeat(4293)), SIZE);
}

fn hc1_cbor(table: &mut Table) {
    let nested = |open: &[u8], count: usize| hc1_text(&[open.repeat(count), vec![0]].concat());
    for (name, open) in [
        ("arrays", &[0x81][..]),
        ("arrays without an end", &[0x9f]),
        ("maps", &[0xa1, 0x01]),
        ("maps in keys", &[0xa1]),
        ("tags", &[0xd2]),
        ("tags of 64 bits", b"\xdb\0\0\0\0\0\0\0\x12"),
    ] {
        table.case(format!("{name}, 16 deep"), nested(open, 17), FORM);
        table.case(format!("{name}, 5,000 deep"), nested(open, 5000), FORM);
    }
    for (name, bytes) in [
        ("an array of 2³²", &b"\x9a\xff\xff\xff\xff"[..]),
        ("a map of 2⁶⁴", b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("bytes of 2⁴⁰", b"\x5b\0\0\x01\0\0\0\0\0"),
        ("text of 2⁶³", b"\x7b\x7f\xff\xff\xff\xff\xff\xff\xff"),
        ("a break alone", b"\xff"),
        ("reserved length", b"\x1c"),
        ("reserved simple value", b"\xf8\x18"),
        ("text in chunks of bytes", b"\x7f\x41a\xff"),
        ("bytes without an end", b"\x5f\x41a"),
        ("text that is no UTF-8", b"\x62\xc3\x28"),
        ("a map with half a pair", b"\xbf\x01\xff"),
        ("an integer cut", b"\x19\x01"),
        ("nothing inside", b""),
        ("null", b"\xf6"),
    ] {
        table.case(format!("CBOR: {name}"), hc1_text(bytes), FORM);
    }
    for (name, head, item) in [
        ("numbers", &[0x9f][..], &[0][..]),
        ("empty maps", &[0x9f], &[0xa0]),
        ("lists in lists", &[0x9f], &[0x81, 0x81, 0x81, 0x80]),
        ("texts of one letter", &[0x9f], &[0x61, 0x41]),
        ("pairs", &[0xbf], &[1, 2]),
    ] {
        let bytes: Vec<u8> = head.iter().chain(item.iter().cycle()).copied().take(64 * 1024).collect();
        table.case(format!("64 KiB of {name}"), hc1_text(&bytes), FORM);
    }
    let crowded: Vec<_> = (0..700).map(|n| (Cbor::from(n), Cbor::Null)).collect();
    table.case("a map of 700", hc1_text(&cbor_bytes(&Cbor::Map(crowded))), FORM);

    // Headers written out byte by byte: what the encoder of the forger would not write.
    let kid = short_id(&certificate(&CertificateOf::default()));
    let with_header = |header: Vec<u8>| {
        let payload = cbor_bytes(&hcert().claims);
        let signed = cbor_bytes(&Cbor::Array(vec![
            "Signature1".into(),
            Cbor::Bytes(header.clone()),
            Cbor::Bytes(Vec::new()),
            Cbor::Bytes(payload.clone()),
        ]));
        let signature: p256::ecdsa::Signature = ed25519_dalek::Signer::sign(&p256_key(1), &signed);
        hc1_text(&cbor_bytes(&Cbor::Array(vec![
            Cbor::Bytes(header),
            Cbor::Map(Vec::new()),
            Cbor::Bytes(payload),
            Cbor::Bytes(signature.to_bytes().to_vec()),
        ])))
    };
    let tail = [b"\x04\x48", kid.as_slice()].concat();
    table.case("header written shortest", with_header([b"\xa2\x01\x26", tail.as_slice()].concat()), "ok");
    table.case(
        "header without an end mark's length",
        with_header([b"\xbf\x01\x26", &tail[..], b"\xff"].concat()),
        "ok",
    );
    table.case("label not written shortest", with_header([b"\xa2\x18\x01\x26", tail.as_slice()].concat()), "ok");
    for (name, header) in [
        ("alg twice", [b"\xa3\x01\x26\x01\x26", tail.as_slice()].concat()),
        ("alg twice, once not shortest", [b"\xa3\x01\x26\x18\x01\x38\x24", tail.as_slice()].concat()),
        ("alg twice, once in eight bytes", [b"\xa3\x01\x26\x1b\0\0\0\0\0\0\0\x01\x26", tail.as_slice()].concat()),
        ("kid twice", [b"\xa3\x01\x26", &tail[..], &tail[..]].concat()),
        ("a label of bytes", [b"\xa3\x01\x26\x41\x01\x26", tail.as_slice()].concat()),
        ("a float label", [b"\xa3\x01\x26\xf9\x3c\x00\x26", tail.as_slice()].concat()),
        ("something after it", [b"\xa2\x01\x26", &tail[..], b"\x00"].concat()),
        ("without its end", [b"\xbf\x01\x26", tail.as_slice()].concat()),
    ] {
        table.case(format!("header: {name}"), with_header(header), FORM);
    }
}

fn hc1_headers(table: &mut Table) {
    let with = |label: i64, value: Cbor| {
        let mut hcert = hcert();
        *entry(hcert.protected.as_mut().unwrap(), label) = value;
        hcert.text()
    };
    for alg in [-8, -36, -38, -39, -257, -258, -259, 5, 6, 7, 0, -47, -65535] {
        table.case(format!("alg {alg}"), with(1, alg.into()), ALG);
    }
    for (name, alg) in [
        ("a text", Cbor::from("ES256")),
        ("null", Cbor::Null),
        ("none", "none".into()),
        ("bytes", Cbor::Bytes(vec![0x26])),
        ("a float", (-7.0).into()),
        ("a list", Cbor::Array(vec![(-7).into()])),
        ("too large", u64::MAX.into()),
    ] {
        table.case(format!("alg is {name}"), with(1, alg), ALG);
    }
    table.case("PS256 by a P-256 key", with(1, (-37).into()), SIG);
    table.case("ES384 by a P-256 key", with(1, (-35).into()), SIG);
    for (name, kid, expected) in [
        ("empty", Cbor::Bytes(vec![]), KEY),
        ("a stranger's", Cbor::Bytes(vec![7; 8]), KEY),
        ("7 bytes", Cbor::Bytes(short_id(&certificate(&CertificateOf::default()))[..7].to_vec()), KEY),
        ("9 bytes", Cbor::Bytes(vec![0; 9]), KEY),
        ("2,000 bytes", Cbor::Bytes(vec![0; 2000]), KEY),
        ("a text", "kid".into(), FORM),
        ("null", Cbor::Null, FORM),
        ("a native key's", Cbor::Bytes(short_id(key(1).verifying_key().as_bytes())), SIG),
    ] {
        table.case(format!("kid is {name}"), with(4, kid), expected);
    }
    for label in [2, 1, 4] {
        let mut clash = hcert();
        clash.unprotected = Cbor::Map(vec![(
            label.into(),
            match label {
                2 => Cbor::Array(vec![1.into()]),
                1 => (-37).into(),
                _ => Cbor::Bytes(vec![7; 8]),
            },
        )]);
        let expected = [FORM, ALG, "ok"][[2, 1, 4].iter().position(|other| *other == label).unwrap()];
        table.case(format!("label {label} unprotected says something else"), clash.text(), expected);
    }
    table.case("critical", with(2, Cbor::Array(vec![1.into()])), FORM);
    table.case("critical, and nothing named", with(2, Cbor::Array(vec![])), FORM);
    for tags in [vec![17], vec![98], vec![96], vec![18, 18], vec![18, 61], vec![61, 61, 18], vec![55799, 18], vec![24]]
    {
        table.case(format!("tags {tags:?}"), Hcert { tags, ..hcert() }.text(), FORM);
    }
    for tags in [vec![], vec![18], vec![61, 18]] {
        table.case(format!("tags {tags:?}, as issuers write them"), Hcert { tags, ..hcert() }.text(), "ok");
    }
}

fn hc1_signatures(table: &mut Table) {
    let signed_as = |signature: Vec<u8>| {
        let mut parts = hcert().parts();
        parts[3] = Cbor::Bytes(signature);
        hc1_text(&cbor_bytes(&Cbor::Array(parts)))
    };
    let Cbor::Bytes(signature) = hcert().parts()[3].clone() else { panic!("bytes") };
    let signature_of = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    // n, the order of P-256 (SEC 2, section 2.4.2): the other s of a signature is n - s, and both are right (ECDSA says no more).
    let order = BASE64_STANDARD.decode("/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVE=").unwrap();
    let minus = |number: &[u8]| {
        let mut borrow = 0;
        let mut out = order.clone();
        for (byte, less) in out.iter_mut().zip(number).rev() {
            let difference = i16::from(*byte) - i16::from(*less) - borrow;
            borrow = i16::from(difference < 0);
            *byte = difference as u8;
        }
        out
    };
    table.case("the other s", signed_as([&signature[..32], &minus(&signature[32..])].concat()), "ok");
    for (name, bytes) in [
        ("no signature", vec![]),
        ("a byte short", signature[..63].to_vec()),
        ("a byte more", [&signature[..], &[0]].concat()),
        ("half of it", signature[..32].to_vec()),
        ("in ASN.1", signature_of.to_der().as_bytes().to_vec()),
        ("of P-384's size", vec![1; 96]),
        ("of zeros", vec![0; 64]),
        ("r zero", [&[0; 32], &signature[32..]].concat()),
        ("s zero", [&signature[..32], &[0; 32]].concat()),
        ("r is n", [&order[..], &signature[32..]].concat()),
        ("s is n", [&signature[..32], &order[..]].concat()),
        ("of ones", vec![0xff; 64]),
        ("r and s turned round", [&signature[32..], &signature[..32]].concat()),
        ("r = s = 1", [&[0; 31][..], &[1], &[0; 31], &[1]].concat()),
    ] {
        table.case(format!("signature: {name}"), signed_as(bytes), SIG);
    }
    for place in [0, 31, 32, 63] {
        let mut forged = signature.clone();
        forged[place] ^= 0x80;
        table.case(format!("signature: bit of byte {place} turned"), signed_as(forged), SIG);
    }
    table.case("a stranger under a known name", Hcert { seed: 9, ..hcert() }.text(), SIG);
    let mut parts = hcert().parts();
    parts[2] = Cbor::Bytes(cbor_bytes(&hcert().dcc(|dcc| *entry(dcc, "dob") = "1991-01-18".into()).claims));
    table.case("another birth date after signing", hc1_text(&cbor_bytes(&Cbor::Array(parts))), SIG);
    let mut parts = hcert().parts();
    parts[0] = Cbor::Bytes(cbor_bytes(&Cbor::Map(vec![(1.into(), (-7).into())])));
    parts[1] = Cbor::Map(vec![(4.into(), Cbor::Bytes(short_id(&certificate(&CertificateOf::default()))))]);
    table.case("kid moved out after signing", hc1_text(&cbor_bytes(&Cbor::Array(parts))), SIG);
    for (name, parts) in [
        ("three parts", hcert().parts()[..3].to_vec()),
        ("five parts", [hcert().parts(), vec![Cbor::Null]].concat()),
        ("no part", vec![]),
        ("payload elsewhere", {
            let mut parts = hcert().parts();
            parts[2] = Cbor::Null;
            parts
        }),
    ] {
        table.case(name, hc1_text(&cbor_bytes(&Cbor::Array(parts))), FORM);
    }
    // Several keys under one short id. No list that is signed can be made so on purpose; lists of test suites can.
    let pem =
        |der: &[u8]| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", BASE64_STANDARD.encode(der));
    let kid = BASE64_STANDARD.encode(short_id(&certificate(&CertificateOf::default())));
    let brainpool = der_of_another_curve();
    let colliding = |certificates: &[Vec<u8>]| {
        let entries: Vec<_> = certificates.iter().map(|der| json!({"kid": kid, "pem": pem(der)})).collect();
        TrustList::unsigned(json!({"certificates": entries}).to_string().as_bytes()).unwrap()
    };
    let of = |seed| certificate(&CertificateOf { seed, ..CertificateOf::default() });
    for (name, certificates, expected) in [
        ("its own last", vec![of(3), of(4), of(1)], "ok"),
        ("its own first", vec![of(1), of(3)], "ok"),
        ("only others", vec![of(3), of(4)], SIG),
        ("another, and one that cannot be used", vec![of(3), brainpool.clone()], KEY),
        ("its own after one that cannot be used", vec![brainpool.clone(), of(1)], "ok"),
        ("only one that cannot be used", vec![brainpool.clone()], KEY),
        ("a dozen others", (2..14).map(of).collect(), SIG),
    ] {
        table.case_with(format!("one short id: {name}"), colliding(&certificates), hcert().text(), expected);
    }
    // With the exponent 1 whatever is signed is its own signature: such a key is none.
    let exponent_one = rsa_certificate(&[1]);
    let list =
        TrustList::unsigned(json!({"certificates": [{"kid": kid, "pem": pem(&exponent_one)}]}).to_string().as_bytes());
    let mut rsa = hcert();
    *entry(rsa.protected.as_mut().unwrap(), 1) = (-37).into();
    let mut parts = rsa.parts();
    parts[3] = Cbor::Bytes(vec![1; 256]);
    table.case_with("RSA with the exponent 1", list.unwrap(), hc1_text(&cbor_bytes(&Cbor::Array(parts))), KEY);
}

/// The forger's certificate with a curve that the kiosk does not have (brainpoolP512r1, 1.3.36.3.3.2.8.1.1.13).
fn der_of_another_curve() -> Vec<u8> {
    let algorithm = der(
        0x30,
        &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x02\x01"]), &der(0x06, &[b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"])],
    );
    signer().der_with_key(&der(0x30, &[&algorithm, &der(0x03, &[&[0, 4], &[1; 64]])]))
}

fn rsa_certificate(exponent: &[u8]) -> Vec<u8> {
    let algorithm = der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"]), b"\x05\x00"]);
    let key = der(0x30, &[&der(0x02, &[&[0], &[0xff; 256]]), &der(0x02, &[exponent])]);
    signer().der_with_key(&der(0x30, &[&algorithm, &der(0x03, &[&[0], &key])]))
}

fn hc1_claims(table: &mut Table) {
    let with = |claim: i64, value: Cbor| hcert().claims(|claims| *entry(claims, claim) = value).text();
    for claim in [4, 6] {
        table.case(format!("no claim {claim}"), hcert().claims(|claims| remove(claims, claim)).text(), SCHEMA);
        for (name, value) in [
            ("null", Cbor::Null),
            ("NaN", f64::NAN.into()),
            ("infinite", f64::INFINITY.into()),
            ("1e300", 1e300.into()),
            ("negative", (-1).into()),
            ("a negative float", (-0.5).into()),
            ("a text", "1780000000".into()),
            ("a date", Cbor::Tag(0, Box::new("2026-05-28T00:00:00Z".into()))),
            ("2⁶⁴ - 1", u64::MAX.into()),
            ("-2⁶³", i64::MIN.into()),
            ("a bignum", Cbor::Tag(2, Box::new(Cbor::Bytes(vec![0xff; 9])))),
            ("the year 10000", 253_402_300_800_i64.into()),
            ("a list", Cbor::Array(vec![1_772_000_000.into()])),
        ] {
            table.case(format!("claim {claim} is {name}"), with(claim, value), SCHEMA);
        }
    }
    table.case("exp fractional", with(4, 1_780_000_000.5.into()), "ok");
    table.case("exp over", with(4, 1_772_000_001.into()), "C-EXPIRED");
    table.case("iat not yet", with(6, 1_779_000_000.into()), "C-EARLY");
    table.case("nbf not yet", with(5, 1_779_000_000.into()), "C-EARLY");
    table.case("signed before its key", with(6, 1.into()), WINDOW);
    table.case("iss of another", with(1, "LA".into()), USE);
    table.case("iss is a number", with(1, 84.into()), SCHEMA);
    table.case("no hcert", hcert().claims(|claims| remove(claims, -260)).text(), SCHEMA);
    table.case("hcert is a list", with(-260, Cbor::Array(vec![])), SCHEMA);
    table.case("hcert is empty", with(-260, Cbor::Map(vec![])), SCHEMA);
    let twice = |claims: &mut Cbor| claims.as_map_mut().unwrap().push((4.into(), 1_999_999_999.into()));
    table.case("exp twice", hcert().claims(twice).text(), SCHEMA);
    let edited = |edit: &dyn Fn(&mut Cbor)| hcert().dcc(edit).text();
    for (name, edit) in [
        ("no version", &(|dcc: &mut Cbor| remove(dcc, "ver")) as &dyn Fn(&mut Cbor)),
        ("no name", &|dcc| remove(dcc, "nam")),
        ("name is a text", &|dcc| *entry(dcc, "nam") = "A".into()),
        ("no birth date", &|dcc| remove(dcc, "dob")),
        ("birth date of another century", &|dcc| *entry(dcc, "dob") = "1890-01-18".into()),
        ("no group", &|dcc| remove(dcc, "v")),
        ("an empty group", &|dcc| *entry(dcc, "v") = Cbor::Array(vec![])),
        ("two groups", &|dcc| *entry(dcc, "t") = Cbor::Array(vec![test()])),
        ("birth date twice", &|dcc| dcc.as_map_mut().unwrap().push(("dob".into(), "1991-01-18".into()))),
        ("transliteration with a script", &|dcc| *entry(entry(dcc, "nam"), "fnt") = "=A1".into()),
        ("transliteration in lower case", &|dcc| *entry(entry(dcc, "nam"), "fnt") = "nguyen".into()),
        ("a name too long", &|dcc| *entry(entry(dcc, "nam"), "fn") = "A".repeat(81).into()),
        ("a huge id", &|dcc| {
            let Cbor::Array(entries) = entry(dcc, "v") else { panic!("a list") };
            *entry(&mut entries[0], "ci") = "U".repeat(1000).into();
        }),
        ("dose nought", &|dcc| {
            let Cbor::Array(entries) = entry(dcc, "v") else { panic!("a list") };
            *entry(&mut entries[0], "dn") = 0.into();
        }),
        ("a fractional dose", &|dcc| {
            let Cbor::Array(entries) = entry(dcc, "v") else { panic!("a list") };
            *entry(&mut entries[0], "dn") = 1.5.into();
        }),
    ] {
        table.case(format!("schema: {name}"), edited(edit), SCHEMA);
    }
    let of = CertificateOf { uses: &[USE_TEST], ..CertificateOf::default() };
    let list = listed(bundle(), |bundle| {
        bundle.keys[2].key = KeyMaterial::Certificate(BASE64_STANDARD.encode(certificate(&of)));
    });
    let mut named = hcert();
    *entry(named.protected.as_mut().unwrap(), 4) = Cbor::Bytes(short_id(&certificate(&of)));
    table.case_with("a signer of tests signs a vaccination", list.clone(), named.text(), USE);
    let tested = named.dcc(|old| *old = dcc("t", test()));
    table.case_with("a signer of tests signs a test", list, tested.text(), "ok");
    table.case("a recovery", hcert().dcc(|old| *old = dcc("r", recovery())).text(), "ok");
    table.case("a vaccination", hcert().dcc(|old| *old = dcc("v", vaccination())).text(), "ok");
}

// ---- VDS-NC ------------------------------------------------------------------------------------------------------

#[test]
fn vds_nc_seals() {
    let mut table = Table::new("vds-nc", list(&sealing_bundle()));
    scopes(&mut table, &sealing_bundle(), 3, &seal().text(), "VNM", "VN-1");
    seal_forms(&mut table);
    seal_signatures(&mut table);
    seal_chains(&mut table);
    seal_data(&mut table);
    table.judge(120);
}

fn seal_forms(table: &mut Table) {
    let text = seal().text();
    for (name, text) in [
        ("no seal at all", "{\"isThisAVDS\": false}".to_owned()),
        ("data alone", json!({"data": seal().data}).to_string()),
        ("sig alone", json!({"sig": seal().json()["sig"]}).to_string()),
        ("a list of it", format!("[{text}]")),
        ("a text of it", Value::String(text.clone()).to_string()),
        ("a byte order mark before", format!("\u{feff}{text}")),
    ] {
        table.case(name, text, UNKNOWN);
    }
    for (name, text) in [
        ("something after it", format!("{text}{{}}")),
        ("cut", text[..text.len() - 1].to_owned()),
        ("cut in the middle", text[..text.len() / 2].to_owned()),
        ("a comma too many", text.replacen("}}", ",}}", 1)),
        ("comments", text.replacen('{', "{/* */", 1)),
        ("deep", text.replacen("\"v\":1", &format!("\"v\":{}", "[".repeat(1500)), 1)),
        ("a half surrogate", text.replacen("CDC", "\\ud800", 1)),
        ("a control character", text.replacen("CDC", "C\u{2}", 1)),
        ("a number too large", text.replacen("\"v\":1", "\"v\":1e999", 1)),
        ("a name twice", text.replacen("\"dob\"", "\"n\":\"X\",\"dob\"", 1)),
        ("a name twice, once escaped", text.replacen("\"dob\"", "\"\\u006e\":\"X\",\"dob\"", 1)),
        ("data twice", text.replacen("{\"data\"", "{\"data\":{},\"data\"", 1)),
        ("sig twice", text.replacen("{\"data\"", "{\"sig\":{},\"data\"", 1)),
        ("alg twice", text.replacen("\"alg\"", "\"alg\":\"none\",\"alg\"", 1)),
        ("a member beside", seal().text_with(|json| json["new"] = json!(1))),
        ("a member beside the signature", seal().text_with(|json| json["sig"]["jku"] = json!("https://a"))),
        ("no algorithm", seal().text_with(|json| drop(json["sig"].as_object_mut().unwrap().remove("alg")))),
        ("no certificate", seal().text_with(|json| drop(json["sig"].as_object_mut().unwrap().remove("cer")))),
        ("no signature", seal().text_with(|json| drop(json["sig"].as_object_mut().unwrap().remove("sigvl")))),
        ("an empty certificate", seal().text_with(|json| json["sig"]["cer"] = json!(""))),
        ("an empty signature", seal().text_with(|json| json["sig"]["sigvl"] = json!(""))),
        ("a signature of another alphabet", seal().text_with(|json| json["sig"]["sigvl"] = json!("+/+/"))),
        ("a signature with a newline", seal().text_with(|json| json["sig"]["sigvl"] = json!("AAAA\nAAAA"))),
        ("stray bits", seal().text_with(|json| json["sig"]["sigvl"] = json!("AB"))),
        ("a certificate in PEM", seal().text_with(|json| json["sig"]["cer"] = json!("-----BEGIN CERTIFICATE-----"))),
        ("a certificate list", seal().text_with(|json| json["sig"]["cer"] = json!([base64url(signer().der())]))),
        ("a certificate that is none", seal().text_with(|json| json["sig"]["cer"] = json!("AAAA"))),
        (
            "a certificate with something after it",
            Seal { certificate: [signer().der(), vec![0]].concat(), ..seal() }.text(),
        ),
        ("two certificates in one", Seal { certificate: [signer().der(), csca().der()].concat(), ..seal() }.text()),
        ("half a certificate", Seal { certificate: signer().der()[..200].to_vec(), ..seal() }.text()),
        ("sig is a list", seal().text_with(|json| json["sig"] = json!([]))),
        ("data is a list", seal().text_with(|json| json["data"] = json!([]))),
        ("data is a text of it", seal().text_with(|json| json["data"] = json!(json["data"].to_string()))),
    ] {
        table.case(name, text, FORM);
    }
    for alg in ["none", "", "HS256", "RS256", "PS256", "EdDSA", "es256", "ES256K"] {
        table.case(format!("alg {alg:?}"), seal().text_with(|json| json["sig"]["alg"] = json!(alg)), ALG);
    }
    table.case("too long for a code", seal().data(|data| data["x"] = json!("x".repeat(4000))).text(), SIZE);
    table.case(
        "padding",
        seal().text_with(|json| json["sig"]["sigvl"] = json!(format!("{}==", json["sig"]["sigvl"].as_str().unwrap()))),
        "ok",
    );
}

fn seal_signatures(table: &mut Table) {
    let signature = seal().signature();
    let signed_as = |bytes: &[u8]| seal().text_with(|json| json["sig"]["sigvl"] = json!(base64url(bytes)));
    for (name, bytes) in [
        ("a byte short", signature[..63].to_vec()),
        ("a byte more", [&signature[..], &[0]].concat()),
        ("zeros", vec![0; 64]),
        ("ones", vec![0xff; 64]),
        ("r zero", [&[0; 32], &signature[32..]].concat()),
        ("s zero", [&signature[..32], &[0; 32]].concat()),
        ("in ASN.1", p256::ecdsa::Signature::from_slice(&signature).unwrap().to_der().as_bytes().to_vec()),
        ("turned round", [&signature[32..], &signature[..32]].concat()),
    ] {
        table.case(format!("signature: {name}"), signed_as(&bytes), SIG);
    }
    for (name, path, value) in [
        ("name", "/data/msg/pid/n", json!("TRAN  THI KHAC")),
        ("birth date", "/data/msg/pid/dob", json!("1991-01-18")),
        ("dose's date", "/data/msg/ve/0/vd/1/dvc", json!("2026-02-10")),
        ("issuer", "/data/hdr/is", json!("LAO")),
        ("type", "/data/hdr/t", json!("icao.test")),
        ("id", "/data/msg/uvci", json!("VN-2")),
        ("dose's number", "/data/msg/ve/0/vd/1/seq", json!(3)),
    ] {
        let text = seal().text_with(|json| *json.pointer_mut(path).unwrap() = value);
        table.case(format!("changed after signing: {name}"), text, SIG);
    }
    table.case("a member added after signing", seal().text_with(|json| json["data"]["msg"]["opt"] = json!("x")), SIG);
    table.case(
        "doses turned round after signing",
        seal().text_with(|json| json["data"]["msg"]["ve"][0]["vd"].as_array_mut().unwrap().reverse()),
        SIG,
    );
    table.case(
        "signature of another",
        seal().text_with(|json| json["sig"]["sigvl"] = test_seal().json()["sig"]["sigvl"].clone()),
        SIG,
    );
    table.case("another key than the certificate's", Seal { seed: 103, ..seal() }.text(), SIG);
    table.case("signed by the authority", Seal { seed: CSCA, ..seal() }.text(), SIG);
    table.case("ES384 by a P-256 key", Seal { alg: "ES384", ..seal() }.text(), SIG);
}

fn seal_chains(table: &mut Table) {
    let by = |signer: X509| seal().by(&signer).text();
    let with = |extensions: Vec<Vec<u8>>| X509 { extensions, ..signer() };
    let sound = signer().extensions;
    let types = |types: &[&str]| with(vec![document_types(types), sound[1].clone(), sound[2].clone()]);
    for (name, signer, expected) in [
        ("as it should be", signer(), "ok"),
        ("without a key id of the authority", with(sound[..2].to_vec()), "ok"),
        ("without document types", with(sound[1..].to_vec()), "ok"),
        ("with a usage of signing", with([&sound[..], &[key_usage(0x80)]].concat()), "ok"),
        ("that is no authority, and says so", with([&sound[..], &[constraints(false)]].concat()), "ok"),
        // The path.
        ("signed by a stranger", X509 { signed_by: 120, ..signer() }, SIG),
        ("signed by itself under the authority's name", X509 { signed_by: SIGNER, ..signer() }, SIG),
        ("of an authority that is not listed", X509 { issuer: name("VN", "CSCA Other"), ..signer() }, KEY),
        ("of an authority of another country", X509 { issuer: name("LA", "CSCA Forged"), ..signer() }, KEY),
        ("of an authority's other key", with(vec![sound[0].clone(), sound[1].clone(), authority_key_id(7)]), KEY),
        ("of an authority with nothing to its name", X509 { issuer: der(0x30, &[]), ..signer() }, KEY),
        ("signed by itself under its own name", X509 { issuer: signer().subject, signed_by: SIGNER, ..signer() }, KEY),
        ("the authority's own", csca(), USE),
        ("with the name of its authority", X509 { subject: csca().subject, ..signer() }, "ok"),
        ("that makes itself an authority", with([&sound[..], &[constraints(true)]].concat()), USE),
        ("that may sign certificates", with([&sound[..], &[key_usage(0x84)]].concat()), USE),
        ("that may sign certificates only", with([&sound[..], &[key_usage(0x04)]].concat()), USE),
        // What is said twice.
        ("with two algorithms", X509 { algorithm: sha1_with_rsa(), ..signer() }, FORM),
        ("with another algorithm inside", X509 { algorithm_inside: sha1_with_rsa(), ..signer() }, FORM),
        ("by SHA-1", X509 { algorithm: sha1_with_rsa(), algorithm_inside: sha1_with_rsa(), ..signer() }, KEY),
        ("with an extension twice", with([&sound[..], &[key_use(&[USE_VDS_NC])]].concat()), FORM),
        // What it may do.
        ("for nothing", with(vec![]), USE),
        ("for a TLS server", with(vec![sound[0].clone(), key_use(&[USE_TLS_SERVER]), sound[2].clone()]), USE),
        ("for a TLS server too", with(vec![key_use(&[USE_TLS_SERVER, USE_VDS_NC]), sound[2].clone()]), "ok"),
        ("of a passport's signer", with(vec![document_types(&["P"]), sound[2].clone()]), USE),
        ("for tests only", types(&["NT"]), USE),
        ("for vaccinations only", types(&["NV"]), "ok"),
        ("for passports only", types(&["P"]), USE),
        ("for no document", types(&[]), USE),
        ("for documents in lower case", types(&["nv"]), USE),
        (
            "with document types that are none",
            with(vec![extension(b"\x67\x81\x08\x01\x01\x06\x02", false, b"\x05\x00"), sound[1].clone()]),
            USE,
        ),
        (
            "with a demand that nobody knows",
            with([&sound[..], &[extension(b"\x2a\x03\x04", true, b"\x05\x00")]].concat()),
            USE,
        ),
        (
            "with a word that nobody knows",
            with([&sound[..], &[extension(b"\x2a\x03\x04", false, b"\x05\x00")]].concat()),
            "ok",
        ),
        // Where and when.
        ("of another country", X509 { subject: name("LA", "Signer 1"), ..signer() }, USE),
        ("of no country", X509 { subject: der(0x30, &[]), ..signer() }, USE),
        ("in lower case", X509 { subject: name("vn", "Signer 1"), ..signer() }, "ok"),
        ("over", X509 { window: ("250101000000Z", "260301000000Z"), ..signer() }, "C-EXPIRED"),
        ("not begun", X509 { window: ("260401000000Z", "361231235959Z"), ..signer() }, "C-EARLY"),
        ("over before the last dose", X509 { window: ("250101000000Z", "260101000000Z"), ..signer() }, WINDOW),
        (
            "made before the authority was believed",
            X509 { window: ("231231235959Z", "361231235959Z"), ..signer() },
            WINDOW,
        ),
        ("whose key ended before the last dose", with([&sound[..], &[key_ends("20260101000000Z")]].concat()), WINDOW),
        ("whose key ended after it", with([&sound[..], &[key_ends("20260201000000Z")]].concat()), "ok"),
    ] {
        table.case(format!("signer {name}"), by(signer), expected);
    }
    let curve = Seal { certificate: der_of_another_curve(), ..seal() };
    table.case("signer with a curve that we do not have", curve.text(), KEY);
    // The authorities of the list.
    let with_authority = |edit: &dyn Fn(&mut X509)| {
        let mut authority = csca();
        edit(&mut authority);
        listed(sealing_bundle(), |bundle| {
            bundle.keys[3].key = KeyMaterial::Csca(BASE64_STANDARD.encode(authority.der()));
        })
    };
    let text = seal().text();
    table.case_with("authority with another key", with_authority(&|csca| csca.seed = 111), text.clone(), SIG);
    table.case_with(
        "authority of another country",
        with_authority(&|csca| csca.subject = name("LA", "CSCA Forged")),
        text.clone(),
        KEY,
    );
    table.case_with(
        "authority with another key id",
        with_authority(&|csca| csca.extensions[2] = subject_key_id(9)),
        text.clone(),
        KEY,
    );
    table.case_with(
        "authority whose own time is over",
        with_authority(&|csca| csca.window.1 = "250101000000Z"),
        text.clone(),
        "ok",
    );
    let both = listed(sealing_bundle(), |bundle| bundle.keys[3].issuers = vec!["LAO".into(), "VNM".into()]);
    let lao = seal().data(|data| data["hdr"]["is"] = json!("LAO")).text();
    table.case_with("an authority that is listed for two countries speaks for its own", both, lao, USE);
    for code in ["ZZZ", "UTO", "D"] {
        let list = listed(sealing_bundle(), |bundle| bundle.keys[3].issuers = vec![code.into()]);
        table.case_with(
            format!("issuer {code}"),
            list,
            seal().data(|data| data["hdr"]["is"] = json!(code)).text(),
            USE,
        );
    }
    // A key of one scheme is none of another.
    let native_text = native().text();
    table.case_with("a native credential among seals", list(&sealing_bundle()), native_text, "ok");
}

fn seal_data(table: &mut Table) {
    let with = |seal: Seal, path: &str, value: Value| {
        let (parent, member) = path.rsplit_once('/').unwrap();
        seal.data(|data| {
            let parent = data.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"));
            match parent {
                Value::Array(list) => list[member.parse::<usize>().unwrap()] = value,
                _ => parent[member] = value,
            }
        })
        .text()
    };
    for (path, values) in [
        ("/hdr/v", vec![json!(0), json!(2), json!("1"), json!(1.5), json!(null)]),
        ("/hdr/t", vec![json!("icao.dta"), json!("ICAO.VACC"), json!(""), json!(1)]),
        ("/hdr/is", vec![json!("VN"), json!("vnm"), json!(""), json!(null), json!("VNM ")]),
        ("/msg/uvci", vec![json!(""), json!(" "), json!(null), json!(7)]),
        ("/msg/pid/n", vec![json!(""), json!("  "), json!(["A"])]),
        ("/msg/pid/dob", vec![json!("18/01/1990"), json!("1990-13-01"), json!(1990), json!(null)]),
        ("/msg/pid", vec![json!(null), json!([]), json!("NGUYEN")]),
        ("/msg/ve", vec![json!([]), json!({}), json!(null), json!([{}])]),
        ("/msg/ve/0/des", vec![json!(""), json!(null)]),
        ("/msg/ve/0/nam", vec![json!("")]),
        ("/msg/ve/0/vd", vec![json!([]), json!([{}])]),
        ("/msg/ve/0/vd/0/dvc", vec![json!("2026-02-30"), json!("2026"), json!("10.12.2025"), json!(null)]),
        ("/msg/ve/0/vd/0/seq", vec![json!(0), json!(-1), json!(1.5), json!("1"), json!(4_294_967_296_u64)]),
        ("/msg/ve/0/vd/0/ctr", vec![json!("")]),
        ("/msg", vec![json!(null), json!([])]),
    ] {
        for value in values {
            table.case(format!("{path} is {value}"), with(seal(), path, value), SCHEMA);
        }
    }
    for (path, values) in [
        ("/msg/utci", vec![json!(""), json!(null)]),
        ("/msg/pid/dn", vec![json!(""), json!(null)]),
        ("/msg/pid/dob", vec![json!("")]),
        ("/msg/sp/ctr", vec![json!("")]),
        ("/msg/dat/sc", vec![json!("2026-03-01"), json!("yesterday"), json!(1_772_300_000), json!(null)]),
        ("/msg/dat/ri", vec![json!(""), json!("2026-02-30T00:00:00Z")]),
        ("/msg/tr/tc", vec![json!("")]),
        ("/msg/tr/r", vec![json!(null)]),
        ("/msg/tr", vec![json!([])]),
    ] {
        for value in values {
            table.case(format!("test: {path} is {value}"), with(test_seal(), path, value), SCHEMA);
        }
    }
    table.case("a test", test_seal().text(), "ok");
    table.case(
        "a test's report of tomorrow",
        with(test_seal(), "/msg/dat/ri", json!("2026-03-03T00:00:00Z")),
        "C-EARLY",
    );
    table.case("a test as a vaccination", with(test_seal(), "/hdr/t", json!("icao.vacc")), SCHEMA);
    table.case("a dose of next week", with(seal(), "/msg/ve/0/vd/1/dvc", json!("2026-03-09")), "C-EARLY");
    table.case("a dose of today in the far east", with(seal(), "/msg/ve/0/vd/1/dvc", json!("2026-03-02")), "ok");
    table.case("a member that nobody knows", with(seal(), "/msg/opt", json!("x")), "ok");
    table.case("a birth date known in part", with(seal(), "/msg/pid/dob", json!("1990-XX-XX")), "ok");
    for name in ["=1+1", "NGUYEN\u{202e}NAV", "<script>"] {
        table.case(format!("name {name:?}"), with(seal(), "/msg/pid/n", json!(name)), "ok");
    }
}
