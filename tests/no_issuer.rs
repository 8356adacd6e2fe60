//! Nothing that goes onto a kiosk can issue a health statement, and no private key but its own is there. The search is the script's, so that a
//! person runs the same on what is shipped.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

fn search(what: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/no-issuer.sh");
    Command::new(script).arg(what).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn the_kiosk_holds_no_code_that_issues() {
    let found = search(env!("CARGO_BIN_EXE_kiosk"));
    assert_eq!(found.status.code(), Some(0), "{}", said(&found));
    let tree = search("--tree");
    assert_eq!(tree.status.code(), Some(0), "{}", said(&tree));
}

/// The control: this test is linked with the authority's tool, and the search finds it.
#[test]
fn the_search_finds_a_program_that_issues() {
    let issuers = trustctl::demo::authority::Issuers::new().unwrap();
    let description: trustctl::describe::Description = toml::from_str(
        "issuer = \"VN-DEMO\"\nissued_at = \"2026-03-02T07:00:00+07:00\"\nexpires_at = \"2026-03-09T07:00:00+07:00\"\n[person]\n\
         name = \"Nguyễn Văn Thử\"\nbirth = \"1990-01-18\"\n[declaration]\nmade_at = \"2026-03-02T06:00:00+07:00\"",
    )
    .unwrap();
    trustctl::native::issue(&description, issuers.health.as_ed25519().unwrap()).unwrap();
    let trustctl::keys::SecretKey::P256 { key, certificate } = &issuers.hc1.key else { panic!("a P-256 key") };
    assert!(trustctl::hc1::issue(&description, key, certificate).is_err(), "HC1 carries no declaration");
    let found = search(std::env::current_exe().unwrap().to_str().unwrap());
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
}

#[test]
fn nothing_that_is_installed_holds_a_private_key() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("kiosk.toml")];
    let mut folders = vec![root.join("trust-keys"), root.join("systemd")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.len() > 3);
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let secret =
            text.contains("PRIVATE KEY-----") || text.contains("checkpoint-device-key") || text.contains("\"secret\"");
        assert!(!secret, "{} holds a private key", file.display());
    }
}
