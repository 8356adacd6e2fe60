//! The authority's day, command by command, as `docs/trust-files.md` tells it.

use std::path::Path;
use std::process::{Command, Output};

use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;

/// Runs `trustctl` in a folder.
fn trustctl(folder: &Path, line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trustctl"))
        .current_dir(folder)
        .args(line.split_whitespace())
        .output()
        .expect("trustctl starts")
}

/// Runs a step that must succeed; gives what it prints.
fn step(folder: &Path, line: &str) -> String {
    let output = trustctl(folder, line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs a step that must fail with this code; gives the complaint.
fn refused(folder: &Path, line: &str, code: i32) -> String {
    let output = trustctl(folder, line);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{line}: {complaint}");
    complaint
}

/// Makes keys; gives their public halves, quoted for TOML.
fn make_keys(folder: &Path, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| {
            let printed = step(folder, &format!("key new --name {name} --out {name}.key"));
            let public = printed.lines().find_map(|line| line.strip_prefix("public key  ")).expect("a public key");
            format!("{public:?}")
        })
        .collect()
}

/// An authority with a signed root (3 of 5) and an unsigned bundle in a folder.
fn found_authority(folder: &Path) {
    let roots = make_keys(folder, &["A", "B", "C", "D", "E"]).join(",");
    let bundlers = make_keys(folder, &["F", "G", "H"]).join(",");
    let duty = make_keys(folder, &["I"]).join(",");
    let root = format!(
        "version = 1\nauthority = \"Example\"\n[root]\nthreshold = 3\nkeys = [{roots}]\n[bundle]\nthreshold = 2\nkeys = \
         [{bundlers}]\n[distrust]\nthreshold = 1\nkeys = [{duty}]\n"
    );
    std::fs::write(folder.join("root.toml"), root).expect("a temporary folder");
    step(folder, "root new root.toml --out 1.root.json");
    let issuer = make_keys(folder, &["issuer"]).join("");
    let bundle = format!(
        "version = 1\nsoft_days = 7\nhard_days = 30\ntracing_keys = \"tracing-public.json\"\n[[keys]]\nname = \"Example\"\nkey = {{ \
         ed25519 = {issuer} }}\nschemes = [\"native\"]\nstatements = [\"declaration\"]\nissuers = [\"VN-EX\"]\nregions = [\"*\"]\nlifetime_days = 30\nnot_before = \
         \"2025-01-01T00:00:00+07:00\"\nnot_after = \"2099-12-31T23:59:59+07:00\"\n"
    );
    std::fs::write(folder.join("bundle.toml"), bundle).expect("a temporary folder");
    step(folder, "tracing new --first-day 2026-03-01 --days 3 --secrets tracing.key --public tracing-public.json");
    step(folder, "bundle new bundle.toml --out bundle.json");
}

const PERSON: &str = r#"
issuer = "VN-EX"
issued_at = "2026-03-02T07:31:00+07:00"
expires_at = "2026-03-05T08:00:00+07:00"
[person]
name = "Nguyễn Văn Thử"
birth = "1990-01-18"
[declaration]
made_at = "2026-03-02T07:30:00+07:00"
"#;

#[test]
fn an_authority_is_founded_signs_its_files_and_issues_a_declaration() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    found_authority(folder);

    step(folder, "root sign 1.root.json --key A.key --key B.key");
    assert!(refused(folder, "show 1.root.json", 1).contains("2 good signatures, 3 are needed"));
    assert!(step(folder, "root sign 1.root.json --key C.key").contains("\"Example\""), "it says what it signs");
    assert!(step(folder, "show 1.root.json").contains("3 of 3 that are needed"));

    step(folder, "bundle sign bundle.json --key F.key --key A.key");
    assert!(refused(folder, "show bundle.json --root 1.root.json", 1).contains("1 good"), "a root key signs no bundle");
    step(folder, "bundle sign bundle.json --key G.key");
    let shown = step(folder, "show bundle.json --root 1.root.json");
    assert!(shown.contains("tracing     3 days, 2026-03-01 to 2026-03-03") && shown.contains("2 of 2 that are needed"));

    std::fs::write(folder.join("person.toml"), PERSON).unwrap();
    step(folder, "issue native person.toml --key issuer.key --out person.txt --qr person.png");
    let text = std::fs::read_to_string(folder.join("person.txt")).unwrap();
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let list = TrustList::load(&[read("1.root.json")], &read("bundle.json")).expect("the kiosk takes the list");
    let now = TrustedTime::given("2026-03-02T08:00:00+07:00".parse().unwrap());
    let credential = list.verify(Envelope::decode(text.trim()).unwrap(), now).expect("the kiosk believes the issuer");
    assert_eq!(credential.claims().issuer, "VN-EX");
    assert!(step(folder, "show person.txt").contains("Nguyễn Văn Thử"));
    assert!(image::open(folder.join("person.png")).unwrap().width() > 400);
}

#[test]
fn an_hc1_is_issued_under_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    step(folder, "key new --kind p256 --name hc1 --out hc1.key");
    let person = PERSON.replace(
        "[declaration]\nmade_at = \"2026-03-02T07:30:00+07:00\"",
        "[[vaccinations]]\nvaccine = \"EU/1/20/1528\"",
    ) + "dose = 2\ndoses_total = 2\ndate = \"2025-09-01\"\n";
    std::fs::write(folder.join("person.toml"), person).unwrap();
    let text = step(folder, "issue hc1 person.toml --key hc1.key --qr person.svg");
    assert!(text.starts_with("HC1:"));
    std::fs::write(folder.join("person.txt"), &text).unwrap();
    let shown = step(folder, "show person.txt");
    assert!(shown.contains("NGUYEN") && shown.contains("VAN<THU") && shown.contains("EU/1/20/1528"), "{shown}");
    assert!(std::fs::read_to_string(folder.join("person.svg")).unwrap().starts_with("<svg"));
}

#[test]
fn what_no_verifier_would_accept_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make_keys(folder, &["issuer"]);
    let cases = [
        ("made_at = \"2026-03-02T07:30:00+07:00\"", "made_at = \"2026-03-02T07:32:00+07:00\"", "after it is signed"),
        ("2026-03-05T08:00:00", "2026-03-01T08:00:00", "`expires_at`"),
        ("1990-01-18", "18/01/1990", "person.birth"),
        ("issuer = \"VN-EX\"", "issuer = \"\"", "`issuer` is empty"),
        ("name = ", "nam = ", "unknown field `nam`"),
    ];
    for (good, bad, complaint) in cases {
        std::fs::write(folder.join("person.toml"), PERSON.replace(good, bad)).unwrap();
        let said = refused(folder, "issue native person.toml --key issuer.key", 4);
        assert!(said.contains(complaint), "{bad}: {said}");
        assert!(!said.contains("trustctl: this cannot be signed: Nguyễn"), "no person in an error");
    }
}

#[test]
fn keys_lie_closed_and_are_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make_keys(folder, &["A"]);
    let path = folder.join("A.key");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    refused(folder, "key new --out A.key", 3);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(folder, "key show A.key", 5).contains("chmod 600"));
}

#[test]
fn nothing_that_the_kiosk_is_built_from_can_issue_a_statement() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let names = |table: &str| manifest[table].as_table().unwrap().contains_key("trustctl");
    assert!(!names("dependencies"), "the kiosk must not be able to sign health statements");
    assert!(names("dev-dependencies"), "its tests make their credentials with it");
}

#[test]
fn the_repository_holds_the_list_that_the_demo_authority_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trust-keys");
    let made = trustctl::demo::authority::trust_keys().unwrap();
    for (name, made) in ["1.root.json", "bundle.json"].into_iter().zip(made) {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(committed == made, "{name} differs: run `cargo run --bin trustctl -- demo --trust-keys trust-keys`");
    }
}
