//! The day's visitors: invented people whose names and numbers occur nowhere else, as a recording for the real kiosk.

use std::error::Error;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::json;
use trustctl::demo;
use trustctl::demo::authority::{ISSUER, ISSUER_HC1, Issuers, write_trust_keys};
use trustctl::describe::{Declaration, Description, Person, Vaccination};
use trustctl::keys::SecretKey;
use trustctl::qr::Symbol;
use trustctl::{hc1, native};

/// The marks, each letter moved on by one: the search must not find itself in the program's own constants.
const NAME_MARK_MOVED: &str = "[rylxkwrq";
const NUMBER_MARK_MOVED: &str = ":::2968";

fn moved_back(text: &str) -> String {
    std::hint::black_box(text).bytes().map(|byte| char::from(byte - 1)).collect()
}

/// Begins a given name that nobody bears; four letters end it. The family and middle names are everybody's.
pub fn name_mark() -> String {
    moved_back(NAME_MARK_MOVED)
}

/// Begins every number: province 999 does not exist. Five digits end it.
pub fn number_mark() -> String {
    moved_back(NUMBER_MARK_MOVED)
}

/// Milliseconds from one code of a visitor to the next, and from one picture to the next.
const CODE_MS: u64 = 200;
const PICTURE_MS: u64 = 100;

/// Milliseconds in which nobody comes: a verdict stands for up to three seconds before the next one takes its place.
const BETWEEN_MS: u64 = 3_100;

/// Milliseconds from one visitor with one code to the next.
pub const EACH_MS: u64 = CODE_MS + BETWEEN_MS;

/// Every so many visitors one comes whose papers are not enough. Nobody comes while their visit is open.
const UNFINISHED_EVERY: u64 = 20;
const UNFINISHED_MS: u64 = 3_600;

/// Milliseconds of empty pictures at the beginning: the window opens in them.
const LEAD_MS: u64 = 4_000;

/// Milliseconds of empty pictures at the end: longer than anything stands on the screen with these settings.
const TAIL_MS: u64 = 300_000;

/// Sides of a picture: a card held close fills a camera's frame in the same way.
const SIDES: (u32, u32) = (640, 480);

/// Pixels of a code that are looked for: random enough that they are found nowhere else.
const PIXELS: u32 = 96;

const SETTINGS: &str = r#"# Settings of a day of canaries.
[location]
code = "DEMO-0001"
name = "Chốt kiểm soát thử nghiệm"
province = "Hà Nội"

[lane]
required = ["two-doses-14-days", "declaration-72h"]
admitted_secs = 2
others_secs = 5
masked_secs = 3
visit_secs = 3
away_secs = 1

[sound]
enabled = false

[trust]
dir = "trust-keys"

[storage]
dir = "state"
"#;

/// What a visitor shows, in turn: everything that is green, or an expired credential; now and then a certificate and an identity
/// card, or an identity card alone.
fn codes(number: u64, issuers: &Issuers, start: DateTime<Utc>) -> Result<Vec<String>, Box<dyn Error>> {
    let (name, id) = (name(number), format!("{}{number:05}", number_mark()));
    let day = checkpoint::time::day_in_vietnam(start);
    let dose = Vaccination {
        disease: "840539006".into(),
        vaccine: "EU/1/20/1528".into(),
        dose: 2,
        doses_total: 2,
        date: (day - Days::new(60)).to_string(),
        country: "VN".into(),
        prophylaxis: "1119349007".into(),
        maker: "ORG-100030215".into(),
    };
    let declaration = Declaration {
        made_at: start - TimeDelta::hours(30),
        symptoms: Vec::new(),
        contact: false,
        places: Vec::new(),
        at_entry: false,
    };
    let whole = Description {
        issuer: ISSUER.into(),
        issued_at: Some(start - TimeDelta::hours(24)),
        not_before: None,
        expires_at: start + TimeDelta::days(7),
        id: Some(format!("canary-{number}")),
        person: Person { name: name.clone(), birth: "1985-04-12".into(), number: Some(id.clone()) },
        vaccinations: vec![dose],
        tests: Vec::new(),
        recoveries: Vec::new(),
        declaration: Some(declaration),
        travel_permit: None,
    };
    let card = format!("{id}||{name}|12041985|Nữ|Số 5, Hà Nội|01062021");
    let key = issuers.health.as_ed25519()?;
    let kind = match number % UNFINISHED_EVERY {
        3 if (number / UNFINISHED_EVERY).is_multiple_of(2) => 2,
        3 => 3,
        other => other % 2,
    };
    Ok(match kind {
        0 => vec![native::issue(&whole, key)?],
        2 => {
            let mut certificate = Description { issuer: ISSUER_HC1.into(), declaration: None, ..whole };
            certificate.person.number = None;
            let SecretKey::P256 { key, certificate: der } = &issuers.hc1.key else {
                return Err("the demo's HC1 key is not P-256".into());
            };
            vec![hc1::issue(&certificate, key, der)?, card]
        }
        1 => vec![native::issue(&Description { expires_at: start - TimeDelta::hours(2), ..whole }, key)?],
        _ => vec![card],
    })
}

/// The name of a visitor.
pub fn name(number: u64) -> String {
    let letter = |place: u32| char::from(b'a' + (number / 26_u64.pow(place) % 26) as u8);
    format!("Trần Thị {}{}{}{}{}", name_mark(), letter(3), letter(2), letter(1), letter(0))
}

/// A day in a folder.
pub struct Day {
    /// Every text that was in a code.
    pub texts: Vec<String>,
    /// Of every picture of a code, some pixels beside each other in a row through its middle.
    pub pixels: Vec<Vec<u8>>,
    /// Milliseconds after which the last visitor has left the camera.
    pub last_ms: u64,
}

/// Writes a day of `visitors` into a folder, as a recording that `kiosk demo` plays.
///
/// # Errors
/// What cannot be written.
pub fn write(folder: &Path, visitors: u64) -> Result<Day, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    write_trust_keys(&folder.join("trust-keys"))?;
    fs::write(folder.join("kiosk.toml"), SETTINGS)?;
    let (issuers, start) = (Issuers::new()?, demo::start());
    let mut lines = vec![json!({"recording": 1, "start": start, "seed": 6}).to_string()];
    let (mut texts, mut pixels, mut at) = (Vec::new(), Vec::new(), LEAD_MS);
    image::GrayImage::from_pixel(SIDES.0, SIDES.1, image::Luma([200])).save(folder.join("empty.png"))?;
    let empty = |from: u64, to: u64| {
        (from..to).step_by(PICTURE_MS as usize).map(|at| json!({"ms": at, "file": "empty.png"}).to_string())
    };
    lines.extend(empty(0, LEAD_MS));
    for number in 0..visitors {
        let codes = codes(number, &issuers, start)?;
        for (place, text) in codes.into_iter().enumerate() {
            let file = format!("{number:05}-{place}.png");
            let shown = picture(&text)?;
            shown.save(folder.join(&file))?;
            pixels.push(middle_of(&shown));
            for picture in 0..2 {
                lines.push(json!({"ms": at + picture * PICTURE_MS, "file": file}).to_string());
            }
            at += CODE_MS;
            texts.push(text);
        }
        let next = at + BETWEEN_MS + if number % UNFINISHED_EVERY == 3 { UNFINISHED_MS } else { 0 };
        lines.extend(empty(at, next));
        at = next;
    }
    let last_ms = at;
    lines.extend(empty(at, at + TAIL_MS));
    fs::write(folder.join("recording.jsonl"), lines.join("\n") + "\n")?;
    Ok(Day { texts, pixels, last_ms })
}

/// Pixels of a picture that stand beside each other, in its middle: a dozen modules and more of the code.
fn middle_of(picture: &image::GrayImage) -> Vec<u8> {
    let (left, row) = ((SIDES.0 - PIXELS) / 2, SIDES.1 / 2);
    (left..left + PIXELS).map(|x| picture.get_pixel(x, row).0[0]).collect()
}

/// A code in the middle of a picture.
fn picture(text: &str) -> Result<image::GrayImage, Box<dyn Error>> {
    let symbol = Symbol::new(text, qrcode::EcLevel::M)?;
    let modules = symbol.picture(1);
    let pixels = (SIDES.1 / modules.height()).clamp(1, 5);
    let code = symbol.picture(pixels);
    let mut out = image::GrayImage::from_pixel(SIDES.0, SIDES.1, image::Luma([200]));
    let (left, top) = ((SIDES.0 - code.width()) / 2, (SIDES.1 - code.height()) / 2);
    image::imageops::replace(&mut out, &code, left.into(), top.into());
    Ok(out)
}
