//! The authority's day, command by command, as `docs/key-ceremony.md` tells it; and what must be refused on the way.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use chrono::Utc;

const PAGE: &str = include_str!("../../docs/key-ceremony.md");
const PASSPHRASE: &str = "correct horse battery";

/// Steps that open or make a key, and steps that ask.
const OPENS: [&str; 5] = ["key new", "tracing new", "sign ", "issue ", "distrust "];
const ASKS: [&str; 3] = ["sign ", "publish ", "distrust "];

/// A folder with a passphrase in it, and a shell line run there.
struct Office(tempfile::TempDir);

impl Office {
    fn new() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        office.write("passphrase", PASSPHRASE);
        set_mode(&office.path("passphrase"), 0o600);
        office
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A line of the page, with what a script says in a person's place.
    fn run(&self, line: &str) -> Output {
        let command = line.strip_prefix("trustctl ").unwrap_or_default();
        let mut line = line.to_owned();
        if OPENS.iter().any(|step| command.starts_with(step)) {
            line += " --passphrase-file passphrase";
        }
        if ASKS.iter().any(|step| command.starts_with(step)) {
            line += " --yes";
        }
        let folder = Path::new(env!("CARGO_BIN_EXE_trustctl")).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        // Sticks are there before anybody writes to them.
        for word in line.split_whitespace().filter(|word| word.starts_with("stick-")) {
            std::fs::create_dir_all(self.path(word.split('/').next().unwrap())).unwrap();
        }
        Command::new("sh").args(["-ec", &line]).current_dir(self.0.path()).env("PATH", path).output().unwrap()
    }

    /// A step that must succeed; gives what it prints.
    fn step(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A step that must fail with this code and word.
    fn refused(&self, line: &str, code: i32, word: &str) {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}: {said}");
        assert!(said.contains(word), "{line}: {said}");
    }

    /// What a kiosk believes of a folder.
    fn list(&self, folder: &str) -> TrustList {
        let read = |name: &str| std::fs::read(self.path(folder).join(name)).unwrap();
        let roots: Vec<_> =
            (1..).map(|n| format!("{n}.root.json")).take_while(|name| self.path(folder).join(name).exists()).collect();
        let roots: Vec<Vec<u8>> = roots.iter().map(|name| read(name)).collect();
        TrustList::load(&roots, &read("bundle.json")).expect("a list without revocation files")
    }
}

fn set_mode(path: &Path, mode: u32) {
    std::os::unix::fs::PermissionsExt::set_mode(&mut std::fs::metadata(path).unwrap().permissions(), mode);
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// The page's commands and files, in order: lines of `sh` blocks, and blocks that name a file.
fn steps() -> Vec<(Option<String>, String)> {
    let mut steps = Vec::new();
    for block in PAGE.split("```").skip(1).step_by(2) {
        let (head, body) = block.split_once('\n').unwrap();
        match head.split_once(' ') {
            Some((_, file)) => steps.push((Some(file.to_owned()), body.to_owned())),
            None if head == "sh" => steps.extend(body.lines().map(|line| (None, line.to_owned()))),
            None => panic!("a block of the page that is neither commands nor a file: {head}"),
        }
    }
    steps
}

/// The whole page, with what must hold on the way.
#[test]
fn the_ceremony_is_followed_command_by_command() {
    let office = Office::new();
    let mut done = 0;
    for (file, text) in steps() {
        if let Some(file) = file {
            office.write(&file, &text);
            continue;
        }
        if text.starts_with("trustctl publish") && done < 40 {
            publication_is_refused_until_enough_have_signed(&office);
        }
        let said = office.step(&text);
        done += 1;
        match text.as_str() {
            line if line.starts_with("trustctl propose --out proposal") => {
                assert!(said.contains("founds the authority \"Department of Health, Example Province\""), "{said}");
                assert!(said.contains("The device gate 1 ("), "{said}");
                assert!(
                    said.contains("2 places are added: EX-CK-0001 (Northern checkpoint, Example Province)"),
                    "{said}"
                );
                assert!(said.contains("the places of list 1: 0 of 2 signatures"), "{said}");
                assert!(said.contains("It may sign declaration as native, for VN-EX."), "{said}");
                office.refused(line, 4, "is there already");
                office.refused("trustctl publish early --proposal proposal.json --in office", 1, "too few have signed");
            }
            "trustctl sign proposal.json --key stick-a/root.key" => {
                assert!(said.contains("root 1, by its own keys: 1 of 3 signatures, by A, root"), "{said}");
                office.refused("trustctl sign proposal.json --key stick-i/duty.key", 4, "has no part");
            }
            "trustctl show proposal.json" => {
                assert!(said.contains("3 of 3 signatures") && said.contains("2 of 2 signatures"), "{said}");
            }
            line if line.starts_with("trustctl issue") => {
                let text = std::fs::read_to_string(office.path("person.txt")).unwrap();
                let list = office.list("trust-keys");
                let now = TrustedTime::given(Utc::now());
                // The page's credential is described for longer than its key may give.
                let refused =
                    list.verify(Envelope::decode(text.trim()).unwrap(), now).err().map(|reason| reason.code());
                assert!(refused.is_some_and(|code| code.starts_with("S-") || code.starts_with("C-")), "{refused:?}");
                let soon = (Utc::now() + chrono::TimeDelta::days(5)).to_rfc3339();
                let person = std::fs::read_to_string(office.path("person.toml")).unwrap();
                office.write(
                    "soon.toml",
                    &format!("id = \"J-1\"\n{}", person.replace("2099-01-01T00:00:00+07:00", &soon)),
                );
                office.step("trustctl issue native soon.toml --key stick-issuer/declarations.key --out soon.txt");
                let text = std::fs::read_to_string(office.path("soon.txt")).unwrap();
                let credential = list.verify(Envelope::decode(text.trim()).unwrap(), TrustedTime::given(Utc::now()));
                assert_eq!(credential.expect("the kiosk believes the issuer").claims().issuer, "VN-EX");
                assert!(image::open(office.path("person.png")).unwrap().width() > 400);
            }
            "trustctl propose --out second.json --in office" => {
                assert!(said.contains("List 2 takes the place of list 1"), "{said}");
                another_beginning_is_noticed(&office, &said);
                assert!(said.contains("A revocation file of 1 entries is added"), "{said}");
                assert!(!said.contains("Root"), "the root stays: {said}");
                assert!(!said.contains("places"), "so do the places: {said}");
            }
            line if line.starts_with("trustctl check") && office.path("third.json").exists() => {}
            line if line.starts_with("trustctl check") && office.path("second.json").exists() => {
                // What was issued in step 8 is taken back, by the kiosk's own verification.
                let seen = trustctl::authority::check::verify(&office.path("trust-keys"), None).unwrap();
                let text = std::fs::read_to_string(office.path("soon.txt")).unwrap();
                let answer = seen.list().verify(Envelope::decode(text.trim()).unwrap(), TrustedTime::given(Utc::now()));
                assert_eq!(answer.err().map(|reason| reason.code()), Some("S-REVOKED"));
            }
            "trustctl propose --out third.json --in office" => {
                assert!(said.contains("K, root") && said.contains("may now sign as `root`"), "{said}");
                assert!(said.contains("E, root (") && said.contains("may no longer sign as `root`"), "{said}");
                assert!(said.contains("The device gate 1 ("), "{said}");
                assert!(said.contains("`not_after` is"), "{said}");
            }
            _ => {}
        }
    }
    assert_eq!(done, steps().iter().filter(|(file, _)| file.is_none()).count());
    let said = office.step("trustctl check trust-keys --as-kiosk");
    assert!(
        said.contains("list 3 under root 2") && said.contains("2 entries are revoked; 1 distrust statements hold"),
        "{said}"
    );
    // The root is another one, so the places were signed again, and a kiosk believes them.
    let read = |name: &str| std::fs::read(office.path("trust-keys").join(name)).unwrap();
    let chain = checkpoint::trust::RootChain::verify(&[read("1.root.json"), read("2.root.json")]).unwrap();
    let places = checkpoint::trust::places::Places::verify(&chain, &read("places.json")).unwrap();
    assert_eq!((places.version, places.places.len()), (3, 2));
    a_bad_list_of_places_is_named_by_its_line(&office);
    what_no_kiosk_would_take_is_found(&office);
}

fn a_bad_list_of_places_is_named_by_its_line(office: &Office) {
    for (csv, word) in [
        ("code,name\nA,B\n", "no column `province`"),
        ("code,name,province\nA,B,C\n../x,B,C\n", "line 3"),
        ("code,name,province\nA,\"B,C\n", "line 2"),
        ("code,name,province\nA,B,C\nA,D,C\n", "stands there twice"),
    ] {
        office.write("bad.csv", csv);
        office.refused("trustctl places import bad.csv --in office", 4, word);
    }
    assert_eq!(office.step("trustctl places list --in office").lines().count(), 2, "the draft is as it was");
}

fn publication_is_refused_until_enough_have_signed(office: &Office) {
    let text = std::fs::read_to_string(office.path("proposal.json")).unwrap();
    // A signature that is changed counts no longer.
    let place = text.find("\"sig\": \"").unwrap() + 8;
    let letter = if &text[place..=place] == "A" { "B" } else { "A" };
    office.write("changed.json", &format!("{}{letter}{}", &text[..place], &text[place + 1..]));
    office.refused("trustctl publish early --proposal changed.json --in office", 1, "too few have signed");
    assert!(!office.path("early").exists(), "nothing was written");
}

/// Somebody shows a beginning of their own, in which the change was made already: the first line is another, and the signers' keys may do
/// nothing in it.
fn another_beginning_is_noticed(office: &Office, said: &str) {
    let first = office.step("trustctl show proposal.json");
    assert_eq!(first.lines().next(), said.lines().next(), "one authority has one name");
    let mut second: serde_json::Value =
        serde_json::from_slice(&std::fs::read(office.path("second.json")).unwrap()).unwrap();
    // The list of today as the one before, with the signatures of the first.
    second["before"]["bundle"]["payload"] = second["bundle"]["payload"].clone();
    office.write("forged.json", &second.to_string());
    office.refused("trustctl sign forged.json --key stick-g/list.key", 1, "is not signed by 2 keys");
    office.refused("trustctl sign second.json --key stick-g/list.key --published nothing", 1, "begins at another list");
}

/// After three publications.
fn what_no_kiosk_would_take_is_found(office: &Office) {
    office.refused("trustctl publish trust-keys --proposal second.json --in office", 1, "another list");
    // The folder of the first list, put back on a stick.
    office.step("cp -r trust-keys old");
    let proposal: serde_json::Value =
        serde_json::from_slice(&std::fs::read(office.path("proposal.json")).unwrap()).unwrap();
    office.write("old/bundle.json", &proposal["bundle"].to_string());
    office.refused("trustctl check old --as-kiosk --installed trust-keys", 1, "is refused");
    // The other way round it is an update, and a second look says so.
    assert!(
        office
            .step("trustctl check trust-keys --as-kiosk --installed old")
            .contains("A kiosk takes list 3 under root 2")
    );
    assert!(office.step("trustctl check trust-keys --installed trust-keys").contains("A kiosk has already list 3"));
    // Another authority.
    office.step("trustctl init other --name Other --root-threshold 1 --bundle-threshold 1");
    office.step("trustctl key new --name X --out stick-x/x.key");
    office.refused("trustctl propose --out other.json --in other", 4, "asks for 1 of 0 signatures");
    office.step("trustctl key add stick-x/x.pub --role root --in other");
    office.refused("trustctl key add stick-x/x.pub --role bundle --in other", 4, "one key has one duty");
    for role in ["bundle", "distrust"] {
        office.step(&format!("trustctl key new --name {role} --out stick-x/{role}.key"));
        office.step(&format!("trustctl key add stick-x/{role}.pub --role {role} --in other"));
    }
    office.refused("trustctl propose --out other.json --in other", 4, "no tracing keys");
    office.step("trustctl tracing new --days 3 --secrets other-tracing --public other-tracing.json");
    office.step("trustctl tracing add other-tracing.json --in other");
    office.step("trustctl propose --out other.json --in other");
    office.step("trustctl sign other.json --key stick-x/x.key --key stick-x/bundle.key");
    office.refused("trustctl publish short --proposal other.json --in other", 1, "tracing keys reach 3 days ahead");
    office.refused("trustctl merge other.json third.json", 4, "propose different things");
    // Two keys of one day cannot both be right.
    office.step("trustctl tracing new --days 1 --secrets again --public again.json");
    office.refused("trustctl tracing add again.json --in other", 4, "another tracing key");
    // A distrust statement by somebody who may not.
    office.refused(
        "trustctl distrust --of-issuer VN-EX --reason r --key stick-f/list.key --in office",
        4,
        "may not distrust",
    );
    // A script that does not say yes.
    let folder = office.0.path();
    let output = Command::new(env!("CARGO_BIN_EXE_trustctl"))
        .args(["sign", "other.json", "--key", "stick-x/x.key", "--passphrase-file", "passphrase"])
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn keys_lie_closed_encrypted_and_are_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::new();
    let said = office.step("trustctl key new --name 'A, root' --out stick-a/root.key");
    let path = office.path("stick-a/root.key");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("BEGIN ENCRYPTED PRIVATE KEY") && !text.contains("BEGIN PRIVATE KEY"), "{text}");
    assert_eq!(office.step("trustctl key show stick-a/root.pub"), said);
    office.refused("trustctl key new --name again --out stick-a/root.key", 3, "cannot write");
    set_mode(&path, 0o644);
    office.write("person.toml", PERSON);
    office.refused("trustctl issue native person.toml --key stick-a/root.key", 5, "chmod 600");
    set_mode(&path, 0o600);
    office.write("passphrase", "another horse battery");
    office.refused("trustctl issue native person.toml --key stick-a/root.key", 5, "does not open");
    office.write("passphrase", "short");
    office.refused("trustctl key new --name short --out stick-a/short.key", 5, "at least 12");
    set_mode(&office.path("passphrase"), 0o644);
    office.refused("trustctl key new --name open --out stick-a/open.key", 5, "can be read by others");
    assert!(!office.path("stick-a/short.key").exists() && !office.path("stick-a/open.key").exists());
    // The public half of another key in its place.
    office.write("passphrase", PASSPHRASE);
    set_mode(&office.path("passphrase"), 0o600);
    office.step("trustctl key new --name B --out stick-a/b.key");
    let half =
        |text: &str| text[text.find("-----BEGIN PUBLIC").unwrap()..text.find("-----BEGIN ENC").unwrap()].to_owned();
    let other = std::fs::read_to_string(office.path("stick-a/b.key")).unwrap();
    std::fs::write(&path, text.replace(&half(&text), &half(&other))).unwrap();
    office.refused("trustctl issue native person.toml --key stick-a/root.key", 4, "belongs to another key");
}

/// What we write, openssl opens, and what openssl writes, we open: no key depends on this program.
#[test]
fn openssl_opens_our_keys_and_we_open_its() {
    let office = Office::new();
    if !Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no openssl");
        return;
    }
    let said = office.step("trustctl key new --name A --out stick-a/a.key");
    let public = said.lines().find_map(|line| line.strip_prefix("public key  ")).unwrap();
    let theirs = office
        .step("openssl pkey -in stick-a/a.key -passin file:passphrase -pubout -outform DER | tail -c 32 | base64");
    assert_eq!(theirs.trim(), public);
    office.step("openssl pkey -in stick-a/a.pub -pubin -noout");
    office.step("trustctl key new --name P --kind p256 --out stick-a/p.key");
    office.step("openssl pkey -in stick-a/p.key -passin file:passphrase -noout");
    office.step("openssl x509 -in stick-a/p.pub -noout");
    office.step("trustctl tracing new --days 1 --secrets t --public t.json");
    office.step("openssl pkey -in t/*.key -passin file:passphrase -noout");
    // A key that openssl made: its own name, and its public half in front.
    office.step("openssl genpkey -algorithm ed25519 -out stick-a/raw.pem && openssl pkey -in stick-a/raw.pem -pubout -out stick-a/o.key");
    office.step("openssl pkcs8 -topk8 -in stick-a/raw.pem -scrypt -passout file:passphrase >> stick-a/o.key && chmod 600 stick-a/o.key");
    office.write("person.toml", PERSON);
    office.step("trustctl issue native person.toml --key stick-a/o.key --out o.txt");
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
fn an_hc1_is_issued_under_a_certificate() {
    let office = Office::new();
    office.step("trustctl key new --kind p256 --name hc1 --out stick-x/hc1.key");
    let person = PERSON.replace(
        "[declaration]\nmade_at = \"2026-03-02T07:30:00+07:00\"",
        "[[vaccinations]]\nvaccine = \"EU/1/20/1528\"",
    ) + "dose = 2\ndoses_total = 2\ndate = \"2025-09-01\"\n";
    office.write("person.toml", &person);
    let text = office.step("trustctl issue hc1 person.toml --key stick-x/hc1.key --qr person.svg");
    assert!(text.starts_with("HC1:"));
    office.write("person.txt", &text);
    let shown = office.step("trustctl show person.txt");
    assert!(shown.contains("NGUYEN") && shown.contains("VAN<THU") && shown.contains("EU/1/20/1528"), "{shown}");
    assert!(std::fs::read_to_string(office.path("person.svg")).unwrap().starts_with("<svg"));
}

#[test]
fn what_no_verifier_would_accept_is_not_signed() {
    let office = Office::new();
    office.step("trustctl key new --name issuer --out stick-x/issuer.key");
    let cases = [
        ("made_at = \"2026-03-02T07:30:00+07:00\"", "made_at = \"2026-03-02T07:32:00+07:00\"", "after it is signed"),
        ("2026-03-05T08:00:00", "2026-03-01T08:00:00", "`expires_at`"),
        ("1990-01-18", "18/01/1990", "person.birth"),
        ("issuer = \"VN-EX\"", "issuer = \"\"", "`issuer` is empty"),
        ("name = ", "nam = ", "unknown field `nam`"),
    ];
    for (good, bad, complaint) in cases {
        office.write("person.toml", &PERSON.replace(good, bad));
        office.refused("trustctl issue native person.toml --key stick-x/issuer.key", 4, complaint);
    }
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
fn the_repository_holds_the_codes_that_training_plays() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/training/codes.json");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    let how = "run `cargo run --bin trustctl -- demo --practice assets/training/codes.json`";
    assert!(committed == trustctl::demo::practice().unwrap(), "the codes differ: {how}");
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
