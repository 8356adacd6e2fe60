//! The command line before bad input: a clear message, an exit code, nothing lost, no panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn kiosk(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("KIOSK_LOG")
        .output()
        .unwrap()
}

/// Asserts the exit code, every word in what was said, and that nothing panicked.
#[track_caller]
fn check(output: &Output, code: i32, words: &[&str]) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing in: {said}");
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_unreadable_picture_is_named() {
    let folder = TempDir::new().unwrap();
    let broken = folder.path().join("broken.png");
    fs::write(&broken, b"\x89PNG\r\n\x1a\n and then nothing").unwrap();
    check(&kiosk(&["verify", path(&broken)]), 1, &["broken.png"]);
    check(&kiosk(&["verify", path(&folder.path().join("missing.png"))]), 1, &["missing.png"]);
}

#[test]
fn a_picture_without_a_code_says_how_to_take_a_better_one() {
    let folder = TempDir::new().unwrap();
    let blank = folder.path().join("blank.png");
    image::GrayImage::from_pixel(320, 240, image::Luma([200])).save(&blank).unwrap();
    check(&kiosk(&["verify", path(&blank)]), 12, &["no code could be read"]);
}

#[test]
fn a_text_that_is_no_credential_is_referred_with_its_code() {
    check(&kiosk(&["verify", "https://example.com/"]), 11, &["E-LINK"]);
    check(&kiosk(&["verify", "BEGIN:VCARD"]), 11, &["E-UNKNOWN"]);
    check(&kiosk(&["verify", "HC1:NOT REALLY"]), 11, &["E-FORM"]);
    check(&kiosk(&["verify", "--json", "HC1:"]), 11, &["\"verdict\": \"refer\""]);
}

#[test]
fn an_unsigned_code_is_named_and_is_never_green() {
    let card = "001090000001|012345678|Nguyễn Văn A|01011990|Nam|Hà Nội|15042021";
    check(&kiosk(&["verify", card]), 11, &["cccd", "identified, not verified", "Nguyễn Văn A"]);
    check(&kiosk(&["verify", "--json", card]), 11, &["\"signed\": false", "\"verified\": false"]);
    check(&kiosk(&["verify", &card[..40]]), 11, &["E-CUT"]);
    check(&kiosk(&["verify", "VNLOC1:HN-CK-0023|Chốt cầu Giẽ|Hà Nội|ac314b04"]), 11, &["poster", "E-POSTER"]);
}

#[test]
fn an_empty_folder_is_no_recording() {
    let folder = TempDir::new().unwrap();
    check(&kiosk(&["replay", path(folder.path())]), 1, &["holds no picture"]);
    check(&kiosk(&["replay", path(&folder.path().join("nowhere"))]), 1, &["no recording"]);
}

#[test]
fn broken_settings_are_named_with_line_and_key() {
    let folder = TempDir::new().unwrap();
    let settings = folder.path().join("kiosk.toml");
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk.toml")).unwrap();
    fs::write(&settings, shipped.replace("masked_secs", "mask_secs")).unwrap();
    check(&kiosk(&["doctor", "--config", path(&settings)]), 1, &["mask_secs", "line"]);
    fs::write(&settings, shipped.replace("visit_secs = 20", "visit_secs = 9999")).unwrap();
    check(&kiosk(&["passages", "--config", path(&settings)]), 1, &["lane.visit_secs", "3 to 120", "line"]);
    check(&kiosk(&["passages", "--config", "/nowhere/kiosk.toml"]), 1, &["/nowhere/kiosk.toml", "--config"]);
}

/// Settings with their own trust folder and storage.
fn settings(folder: &Path) -> String {
    let settings = folder.join("kiosk.toml");
    fs::write(
        &settings,
        "[location]\ncode = \"T-1\"\nname = \"T\"\nprovince = \"T\"\n[trust]\ndir = \"trust\"\n[storage]\ndir = \"state\"\n",
    )
    .unwrap();
    settings.to_str().unwrap().to_owned()
}

#[test]
fn a_missing_and_a_tampered_trust_list_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let settings = settings(folder.path());
    let trust = folder.path().join("trust");
    fs::create_dir(&trust).unwrap();
    check(&kiosk(&["verify", "--config", &settings, "HC1:X"]), 1, &["trust"]);
    for file in ["1.root.json", "bundle.json"] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("trust-keys").join(file), trust.join(file)).unwrap();
    }
    check(&kiosk(&["verify", "--config", &settings, "HC1:X"]), 11, &["DEMO", "E-FORM"]);
    let bundle = fs::read_to_string(trust.join("bundle.json")).unwrap();
    let place = bundle.find("\"sig\": \"").map(|at| at + 12).or(bundle.find("\"sig\":\"").map(|at| at + 11)).unwrap();
    let mut tampered = bundle.into_bytes();
    tampered[place] = if tampered[place] == b'A' { b'B' } else { b'A' };
    fs::write(trust.join("bundle.json"), tampered).unwrap();
    let output = kiosk(&["doctor", "--config", &settings]);
    check(&output, 1, &["trust list"]);
}

#[test]
fn a_picture_of_a_demo_code_is_explained_layer_by_layer() {
    let folder = TempDir::new().unwrap();
    let script = trustctl::demo::script::Script::new(trustctl::demo::SEED, trustctl::demo::start()).unwrap();
    let (text, _) = &script.visitors[0].codes[0];
    let picture = folder.path().join("code.png");
    let code = qrcode::QrCode::new(text).unwrap();
    let side = code.width();
    let image = image::GrayImage::from_fn((side as u32 + 8) * 4, (side as u32 + 8) * 4, |x, y| {
        let (x, y) = ((x / 4) as usize, (y / 4) as usize);
        let inside = (4..side + 4).contains(&x) && (4..side + 4).contains(&y);
        let dark = inside && code[(x - 4, y - 4)] == qrcode::Color::Dark;
        image::Luma([if dark { 0 } else { 255 }])
    });
    image.save(&picture).unwrap();
    let at = ["--now", "2026-03-02T08:00:00+07:00"];
    check(&kiosk(&["verify", path(&picture), at[0], at[1]]), 0, &["VALID", "signature"]);
    check(&kiosk(&["verify", path(&picture), "--now", "2026-03-20T08:00:00+07:00"]), 10, &["NOT VALID", "C-EXPIRED"]);
    check(&kiosk(&["verify", path(&picture), at[0], at[1], "--language", "vi"]), 0, &["HỢP LỆ", "chữ ký"]);
}

#[test]
fn the_location_code_is_drawn_in_three_forms() {
    let folder = TempDir::new().unwrap();
    check(&kiosk(&["location-qr", "--out", path(folder.path())]), 0, &[".png", ".svg", ".pdf"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn passages_of_a_kiosk_that_never_ran_are_no_fault_of_the_command() {
    let folder = TempDir::new().unwrap();
    let settings = settings(folder.path());
    check(&kiosk(&["passages", "--config", &settings]), 1, &["journal"]);
    check(&kiosk(&["sync", "--config", &settings, path(folder.path())]), 0, &["none kept yet"]);
}

#[test]
fn help_names_every_command_and_exit_code() {
    check(
        &kiosk(&["--help"]),
        0,
        &["run", "demo", "replay", "verify", "passages", "location-qr", "sync", "doctor", "Exit codes"],
    );
}
