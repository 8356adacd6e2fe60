//! The stages from a camera's frame to a verdict, one at a time, to be counted in instructions: `scripts/bench.sh`.
//!
//! Seconds depend on the machine and on what else it does; instructions of the same build do not. Each stage is a function
//! of its own that is never inlined, and callgrind counts within it only.

use std::hint::black_box;
use std::io::Cursor;

use checkpoint::envelope::Envelope;
use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use checkpoint::trust::credential::Credential;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use kiosk::camera::luma::{jpeg_to_luma, yuyv_to_luma};
use kiosk::scan::{Gray, Reading, read_still};
use proving::drawn::{HEIGHT, WIDTH, desk, desk_with_code};
use trustctl::demo::authority::{Issuers, trust_keys};
use trustctl::describe::Description;
use trustctl::keys::SecretKey;

/// Length of the HC1 that is verified. Those of the public set have 400 to 900 characters.
const HC1_CHARS: usize = 800;

/// A stage: its name, which is also that of the function to count, what it is for a reader of the table, and its run.
struct Stage {
    name: &'static str,
    what: &'static str,
    run: fn(),
}

const STAGES: &[Stage] = &[
    Stage { name: "stage_yuyv_to_luma", what: "YUYV to luma", run: yuyv },
    Stage { name: "stage_jpeg_to_luma", what: "MJPEG to luma", run: jpeg },
    Stage { name: "stage_scan", what: "scan, version-10 code", run: scan_version_10 },
    Stage { name: "stage_scan", what: "scan, version-20 code", run: scan_version_20 },
    Stage { name: "stage_scan", what: "scan, no code (every rung)", run: scan_nothing },
    Stage { name: "stage_envelope", what: "native credential: envelope", run: native_envelope },
    Stage { name: "stage_verify", what: "native credential: verify (Ed25519)", run: native_verify },
    Stage { name: "PublicKey*verifies", what: "of it the signature (Ed25519)", run: native_verify },
    Stage { name: "stage_envelope", what: "HC1 of 800 characters: envelope", run: hc1_envelope },
    Stage { name: "stage_verify", what: "HC1 of 800 characters: verify (ES256)", run: hc1_verify },
    Stage { name: "PublicKey*verifies", what: "of it the signature (ES256)", run: hc1_verify },
    Stage { name: "stage_envelope", what: "VDS-NC: envelope", run: vds_nc_envelope },
    Stage { name: "stage_verify", what: "VDS-NC: verify (ES256, under a P-256 authority)", run: vds_nc_verify },
    Stage { name: "PublicKey*verifies", what: "of it the signature (ES256)", run: vds_nc_verify },
    Stage { name: "PublicKey*certifies", what: "of it the authority's (ECDSA, P-256)", run: vds_nc_verify },
    Stage { name: "stage_rqrr", what: "rqrr alone, version-10 code (for comparison)", run: rqrr_version_10 },
    Stage { name: "stage_rqrr", what: "rqrr alone, no code (for comparison)", run: rqrr_nothing },
];

fn main() {
    match std::env::args().nth(1) {
        None => {
            println!("{:<5}{:<22}stage", "", "function");
            for (number, stage) in STAGES.iter().enumerate() {
                println!("{number:<5}{:<22}{}", stage.name, stage.what);
            }
        }
        Some(number) => match number.parse().ok().and_then(|number: usize| STAGES.get(number)) {
            Some(stage) => (stage.run)(),
            None => {
                eprintln!("no stage {number}; without an argument they are listed");
                std::process::exit(2);
            }
        },
    }
}

#[inline(never)]
fn stage_yuyv_to_luma(bytes: &[u8]) -> Vec<u8> {
    yuyv_to_luma(bytes, WIDTH, HEIGHT, WIDTH * 2).expect("a whole picture")
}

#[inline(never)]
fn stage_jpeg_to_luma(bytes: &[u8]) -> usize {
    jpeg_to_luma(bytes).expect("a whole picture").luma.len()
}

#[inline(never)]
fn stage_scan(picture: &Gray) -> Reading {
    read_still(picture)
}

#[inline(never)]
fn stage_envelope(text: &str) -> Envelope {
    Envelope::decode(text).expect("an issued credential")
}

#[inline(never)]
fn stage_verify(list: &TrustList, envelope: Envelope, now: TrustedTime) -> Credential {
    list.verify(envelope, now).expect("the list names the issuer")
}

#[inline(never)]
fn stage_rqrr(luma: &[u8]) -> usize {
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(WIDTH, HEIGHT, |x, y| luma[y * WIDTH + x]);
    prepared.detect_grids().iter().filter(|grid| grid.decode_to(std::io::sink()).is_ok()).count()
}

fn yuyv() {
    let bytes: Vec<u8> = version_10().into_iter().flat_map(|value| [value, 128]).collect();
    black_box(stage_yuyv_to_luma(&bytes));
}

fn jpeg() {
    // Slightly coloured, as a camera's picture is, so that the chroma planes are not empty.
    let rgb: Vec<u8> = version_10().into_iter().flat_map(|value| [value, value, value.saturating_sub(8)]).collect();
    let mut file = Cursor::new(Vec::new());
    let (width, height) = (WIDTH as u32, HEIGHT as u32);
    JpegEncoder::new_with_quality(&mut file, 85)
        .encode(&rgb, width, height, ExtendedColorType::Rgb8)
        .expect("writing to memory does not fail");
    black_box(stage_jpeg_to_luma(file.get_ref()));
}

/// As many letters as a certificate has that fills this version at level M.
fn certificate(chars: usize) -> Vec<u8> {
    b"HC1:".iter().copied().chain((4..chars).map(|index| b'A' + (index * 7 % 26) as u8)).collect()
}

fn version_10() -> Vec<u8> {
    desk_with_code(1, 10, &certificate(250), 6.0)
}

fn version_20() -> Vec<u8> {
    desk_with_code(1, 20, &certificate(800), 4.5)
}

fn scan(luma: Vec<u8>, codes: usize) {
    let picture = Gray::new(luma, WIDTH, HEIGHT).expect("the sides fit");
    assert_eq!(black_box(stage_scan(&picture)).texts.len(), codes);
}

fn scan_version_10() {
    scan(version_10(), 1);
}

fn scan_version_20() {
    scan(version_20(), 1);
}

fn scan_nothing() {
    scan(desk(1), 0);
}

fn rqrr_version_10() {
    black_box(stage_rqrr(&version_10()));
}

fn rqrr_nothing() {
    black_box(stage_rqrr(&desk(1)));
}

/// Two doses of an invented person.
fn description(issuer: &str) -> Description {
    serde_json::from_value(serde_json::json!({
        "issuer": issuer,
        "issued_at": "2026-03-01T01:00:00Z",
        "expires_at": "2027-03-01T01:00:00Z",
        "id": "stage-1",
        "person": { "name": "NGUYỄN VĂN A", "birth": "1987-01-18" },
        "vaccinations": [
            { "vaccine": "EU/1/20/1528", "dose": 1, "doses_total": 2, "date": "2025-11-01" },
            { "vaccine": "EU/1/20/1528", "dose": 2, "doses_total": 2, "date": "2025-12-01" },
        ],
    }))
    .expect("a description of a credential")
}

fn native() -> String {
    let issuers = Issuers::new().expect("published keys");
    let SecretKey::Ed25519(key) = &issuers.health.key else { unreachable!("the health office signs Ed25519") };
    trustctl::native::issue(&description("VN-DEMO"), key).expect("a sound description")
}

fn hc1() -> String {
    let issuers = Issuers::new().expect("published keys");
    let SecretKey::P256 { key, certificate } = &issuers.hc1.key else { unreachable!("HC1 is signed with P-256") };
    let mut description = description("VN");
    // HC1 holds one statement.
    description.vaccinations.remove(0);
    let issue =
        |description: &Description| trustctl::hc1::issue(description, key, certificate).expect("a sound description");
    // Letters that do not deflate, in a field without a limit, make up what is missing.
    let mut letter = 1_u32;
    while issue(&description).len() < HC1_CHARS {
        letter = letter.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        description.vaccinations[0].maker.push(char::from(b'A' + (letter >> 24) as u8 % 26));
    }
    issue(&description)
}

fn verify(text: &str) {
    let [root, bundle] = trust_keys().expect("published keys");
    let list = TrustList::load(&[root], bundle.as_bytes()).expect("the demo's list");
    let now = TrustedTime::given("2026-03-02T01:00:00Z".parse().expect("RFC 3339"));
    black_box(stage_verify(&list, stage_envelope(text), now));
}

fn native_envelope() {
    black_box(stage_envelope(&native()));
}

fn native_verify() {
    verify(&native());
}

fn hc1_envelope() {
    black_box(stage_envelope(&hc1()));
}

fn hc1_verify() {
    verify(&hc1());
}

/// The specimen of the specification: our own, and nobody's key.
fn vds_nc() -> (TrustList, String) {
    let blocks: Vec<&str> = include_str!("../../../docs/vds-nc.md").split("```").collect();
    let block = |name: &str| {
        let found = blocks.iter().find_map(|block| block.strip_prefix(name)).expect("the page shows a specimen");
        found.lines().map(str::trim).collect::<String>()
    };
    let list = serde_json::json!({ "csca": [{ "pem": block("csca") }] });
    (TrustList::unsigned(list.to_string().as_bytes()).expect("an authority's certificate"), block("seal"))
}

fn vds_nc_envelope() {
    black_box(stage_envelope(&vds_nc().1));
}

fn vds_nc_verify() {
    let (list, text) = vds_nc();
    let now = TrustedTime::given("2026-03-02T01:00:00Z".parse().expect("RFC 3339"));
    black_box(stage_verify(&list, stage_envelope(&text), now));
}
