//! `kiosk.toml` as written → a usable `Config`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use checkpoint::lane::{School, Settings};
use checkpoint::passage::record::Digest;
use checkpoint::passage::{Direction, Location};
use checkpoint::passback;
use checkpoint::rules::{RuleSet, VaccineTable};
use chrono::NaiveTime;
use serde::Deserialize;

use crate::camera::LampSetting;
use crate::mode::{Mode, Ways};
use crate::signals::LampsSetting;
use crate::ui::theme::Look;
use crate::words::Language;

/// Largest `kiosk.toml` or rule-set file, in bytes: thousands of times what a person would write.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Most places to choose from: a button each, on one page.
const PLACES_MAX: usize = 12;

/// Longest location code, in bytes: it stands in every passage and in the location QR.
const LOCATION_CODE_BYTES_MAX: usize = 32;

/// The vaccine tables that come with the kiosk.
const VACCINE_TABLES: [&str; 1] = [include_str!("../assets/rules/covid-19.vaccines.json")];

/// The rule sets that come with the kiosk.
const RULE_SETS: [&str; 9] = [
    include_str!("../assets/rules/two-doses-14-days.json"),
    include_str!("../assets/rules/declaration-72h.json"),
    include_str!("../assets/rules/entry-declaration.json"),
    include_str!("../assets/rules/negative-test.json"),
    include_str!("../assets/rules/travel-permit.json"),
    include_str!("../assets/rules/khanh-hoa-colours.json"),
    include_str!("../assets/rules/school-gate.json"),
    include_str!("../assets/rules/answer-or-card.json"),
    include_str!("../assets/rules/register-only.json"),
];

/// Everything the kiosk needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// The first 16 hexadecimal digits of the SHA-256 of the file.
    pub digest: String,
    /// The lane's settings.
    pub lane: Settings,
    /// What counts as passing back; `None` where holders are not remembered.
    pub passback: Option<passback::Settings>,
    /// Whether the screen asks visitors' apps.
    pub presence: bool,
    /// The required rule sets, in the order in which they are required.
    pub rule_sets: Vec<RuleSet>,
    /// Every rule set that is known here.
    pub known_rules: Vec<RuleSet>,
    /// What the kiosk is used for at the first start.
    pub mode: Mode,
    /// Places to choose from, where the kiosk moves.
    pub places: Vec<Location>,
    /// Folder of more checklists; `None` for none.
    pub checklists_dir: Option<PathBuf>,
    /// Trust files by which training judges; `None` for the real ones.
    pub training_trust_dir: Option<PathBuf>,
    /// The camera device; `None` for the first that gives pictures.
    pub camera: Option<PathBuf>,
    /// Show the picture as in a mirror.
    pub mirror: bool,
    /// Where the camera's lamp is.
    pub light: LampSetting,
    /// Language at the start.
    pub language: Language,
    /// How long after a visit a screen that faces visitors keeps the language that one of them chose.
    pub language_for: Duration,
    /// How the screen is dressed at the start.
    pub look: Look,
    /// Larger texts at the start.
    pub large_text: bool,
    /// Dots an inch of the display; 0 where nobody measured them.
    pub dpi: f32,
    /// Lamps and relay.
    pub lamps: LampsSetting,
    /// Take the whole screen.
    pub fullscreen: bool,
    /// Whether sounds are played.
    pub sound: bool,
    /// Folder of the signed trust files.
    pub trust_dir: PathBuf,
    /// Folder of everything the kiosk writes.
    pub storage_dir: PathBuf,
    /// Folder of the journal's mirror; `None` for none.
    pub mirror_dir: Option<PathBuf>,
    /// Days for which sealed names are kept.
    pub retention_days: u32,
    /// Folder to synchronise with; `None` for none.
    pub sync_dir: Option<PathBuf>,
    /// Time between two synchronisations.
    pub sync_every: Duration,
    /// Folder that brings a school's roster: its own, or else the one to synchronise with.
    pub roster_dir: Option<PathBuf>,
    /// When the school is over (+07:00); `None` where nobody is reminded.
    pub school_over_at: Option<NaiveTime>,
}

/// Why there is no `Config`. The text names the file, the line and the key, and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// The file is not there or cannot be read.
    #[error("cannot read {path}: {fault}. Give the settings file with --config FILE")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// It is far too large to be a settings file.
    #[error("{path} is larger than 1 MiB: this is not a settings file")]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{path}: {fault}")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// The parser's words, with line and key.
        fault: Box<toml::de::Error>,
    },
    /// A value outside its bounds.
    #[error("{path}, line {line}: {key} = {value} is not allowed: {allowed}")]
    OutOfBounds {
        /// Which file.
        path: PathBuf,
        /// Line of the key, from 1.
        line: usize,
        /// The key with its table, for example `lane.visit_secs`.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A rule-set file is broken.
    #[error("rule set {path}: {fault}")]
    RuleSet {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
}

/// The settings under one mode, at one place.
#[derive(Clone, Debug)]
pub struct Under {
    /// The lane's settings.
    pub settings: Settings,
    /// The required rule sets.
    pub rule_sets: Vec<RuleSet>,
    /// What counts as passing back.
    pub passback: Option<passback::Settings>,
    /// The school whose gate it is, without its roster.
    pub school: Option<School>,
    /// What the mode changes.
    pub ways: Ways,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AsWritten {
    location: LocationAsWritten,
    #[serde(default)]
    places: Vec<LocationAsWritten>,
    #[serde(default)]
    mode: ModeAsWritten,
    #[serde(default)]
    lane: LaneAsWritten,
    #[serde(default)]
    passback: PassbackAsWritten,
    #[serde(default)]
    presence: PresenceAsWritten,
    #[serde(default)]
    camera: CameraAsWritten,
    #[serde(default)]
    screen: ScreenAsWritten,
    #[serde(default)]
    sound: SoundAsWritten,
    #[serde(default)]
    signals: SignalsAsWritten,
    #[serde(default)]
    trust: TrustAsWritten,
    #[serde(default)]
    storage: StorageAsWritten,
    #[serde(default)]
    sync: SyncAsWritten,
    #[serde(default)]
    school: SchoolAsWritten,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SchoolAsWritten {
    roster_dir: String,
    over_at: String,
}

impl Default for SchoolAsWritten {
    fn default() -> Self {
        Self { roster_dir: String::new(), over_at: "17:30".into() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LocationAsWritten {
    code: String,
    name: String,
    province: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ModeAsWritten {
    start: Mode,
    checklists_dir: String,
    training_trust_dir: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LaneAsWritten {
    direction: Direction,
    required: Vec<String>,
    rules_dir: String,
    admitted_secs: u64,
    others_secs: u64,
    masked_secs: u64,
    visit_secs: u64,
    away_secs: u64,
}

impl Default for LaneAsWritten {
    fn default() -> Self {
        Self {
            direction: Direction::In,
            required: vec!["two-doses-14-days".into(), "declaration-72h".into()],
            rules_dir: String::new(),
            admitted_secs: 5,
            others_secs: 60,
            masked_secs: 15,
            visit_secs: 20,
            away_secs: 3,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CameraAsWritten {
    device: String,
    mirror: bool,
    light: String,
}

impl Default for CameraAsWritten {
    fn default() -> Self {
        Self { device: "auto".into(), mirror: false, light: "auto".into() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ScreenAsWritten {
    language: String,
    language_secs: u64,
    messages_dir: String,
    fullscreen: bool,
    look: Look,
    large_text: bool,
    dpi: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignalsAsWritten {
    admit_lamp: String,
    refuse_lamp: String,
    refer_lamp: String,
    relay: String,
    lamp_secs: u64,
    relay_millis: u64,
}

impl Default for SignalsAsWritten {
    fn default() -> Self {
        let none = String::new;
        Self {
            admit_lamp: none(),
            refuse_lamp: none(),
            refer_lamp: none(),
            relay: none(),
            lamp_secs: 3,
            relay_millis: 500,
        }
    }
}

impl Default for ScreenAsWritten {
    fn default() -> Self {
        Self {
            language: "vi".into(),
            language_secs: 15,
            messages_dir: String::new(),
            fullscreen: true,
            look: Look::Day,
            large_text: false,
            dpi: 0.0,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SoundAsWritten {
    enabled: bool,
}

impl Default for SoundAsWritten {
    fn default() -> Self {
        Self { enabled: true }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TrustAsWritten {
    dir: PathBuf,
}

impl Default for TrustAsWritten {
    fn default() -> Self {
        Self { dir: "trust-keys".into() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StorageAsWritten {
    dir: PathBuf,
    mirror_dir: String,
    retention_days: u32,
}

impl Default for StorageAsWritten {
    fn default() -> Self {
        Self { dir: "/var/lib/kiosk".into(), mirror_dir: String::new(), retention_days: 21 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PassbackAsWritten {
    again_minutes: u64,
    in_twice: bool,
}

impl Default for PassbackAsWritten {
    fn default() -> Self {
        Self { again_minutes: 5, in_twice: false }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PresenceAsWritten {
    ask: AskAsWritten,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AskAsWritten {
    #[default]
    Never,
    Offered,
    Required,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SyncAsWritten {
    dir: String,
    every_minutes: u64,
}

impl Default for SyncAsWritten {
    fn default() -> Self {
        Self { dir: String::new(), every_minutes: 15 }
    }
}

impl Config {
    /// Reads `kiosk.toml` and the rule sets that it names.
    ///
    /// # Errors
    /// `ConfigFault`, with file, line and key.
    pub fn load(path: &Path) -> Result<Self, ConfigFault> {
        let text = read_small(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, path, folder)
    }

    /// The settings as one mode changes them: with these rule sets in place of its own, and at this place of the list.
    ///
    /// # Errors
    /// A rule set that is not known, or that does not hold in the place's province.
    pub fn under(&self, mode: Mode, rules: Option<&[String]>, place: Option<&Location>) -> Result<Under, String> {
        let ways = mode.ways();
        let mut settings = self.lane.clone();
        if let Some(place) = place {
            settings.location = place.clone();
        }
        let ids: Vec<String> = match (rules, &ways.required) {
            (Some(rules), _) => rules.to_vec(),
            (None, Some(required)) => required.clone(),
            (None, None) => self.rule_sets.iter().map(|rule_set| rule_set.id.clone()).collect(),
        };
        let find = |id: &String| {
            let known = self.known_rules.iter().find(|rule_set| rule_set.id == *id);
            let known = known.ok_or_else(|| format!("the rule set {id} is not known here"))?;
            match known.holds_in(&settings.location.province) {
                true => Ok(known.clone()),
                false => Err(format!("the rule set {id} does not hold in {}", settings.location.province)),
            }
        };
        let rule_sets = ids.iter().map(find).collect::<Result<_, _>>()?;
        let mut passback = self.passback;
        if ways.in_twice {
            let again_within = passback.map_or(Duration::ZERO, |settings| settings.again_within);
            passback = Some(passback::Settings { again_within, in_twice: true });
        }
        let school = ways.roster.then(|| School::new(self.school_over_at));
        Ok(Under { settings, rule_sets, passback, school, ways })
    }

    fn parse(text: &str, path: &Path, folder: &Path) -> Result<Self, ConfigFault> {
        let written: AsWritten = toml::from_str(text)
            .map_err(|fault| ConfigFault::Malformed { path: path.into(), fault: Box::new(fault) })?;
        let out_of_bounds = |key: &'static str, value: String, allowed: String| ConfigFault::OutOfBounds {
            path: path.into(),
            line: line_of(text, key),
            key,
            value,
            allowed,
        };
        let secs = |key: &'static str, value: u64, from: u64, to: u64| {
            if (from..=to).contains(&value) {
                Ok(Duration::from_secs(value))
            } else {
                Err(out_of_bounds(key, value.to_string(), format!("a whole number of seconds from {from} to {to}")))
            }
        };
        let lane = &written.lane;
        let settings = Settings {
            location: location("location", written.location, &out_of_bounds)?,
            direction: lane.direction,
            admitted_for: secs("lane.admitted_secs", lane.admitted_secs, 1, 60)?,
            others_for: secs("lane.others_secs", lane.others_secs, 5, 600)?,
            masked_after: secs("lane.masked_secs", lane.masked_secs, 1, 60)?,
            visit_for: secs("lane.visit_secs", lane.visit_secs, 3, 120)?,
            away_for: secs("lane.away_secs", lane.away_secs, 1, 60)?,
            answer_required: written.presence.ask == AskAsWritten::Required,
        };
        let again_minutes = written.passback.again_minutes;
        if again_minutes > 1440 {
            let allowed = "a whole number of minutes from 0 to 1440; 0 remembers nobody for passing again".into();
            return Err(out_of_bounds("passback.again_minutes", again_minutes.to_string(), allowed));
        }
        let passback = passback::Settings {
            again_within: Duration::from_secs(60 * again_minutes),
            in_twice: written.passback.in_twice,
        };
        if !(1..=1440).contains(&written.sync.every_minutes) {
            let allowed = "a whole number of minutes from 1 to 1440".into();
            return Err(out_of_bounds("sync.every_minutes", written.sync.every_minutes.to_string(), allowed));
        }
        if !(1..=365).contains(&written.storage.retention_days) {
            let allowed = "a whole number of days from 1 to 365".into();
            return Err(out_of_bounds("storage.retention_days", written.storage.retention_days.to_string(), allowed));
        }
        let storage_dir = folder.join(&written.storage.dir);
        let mirror_dir = (!written.storage.mirror_dir.is_empty()).then(|| folder.join(&written.storage.mirror_dir));
        if mirror_dir.as_ref().is_some_and(|mirror| mirror.starts_with(&storage_dir)) {
            let allowed = "a folder on another device than storage.dir, or \"\" for none".into();
            return Err(out_of_bounds("storage.mirror_dir", written.storage.mirror_dir, allowed));
        }
        if !written.screen.messages_dir.is_empty() {
            Language::bring(&folder.join(&written.screen.messages_dir))
                .map_err(|fault| out_of_bounds("screen.messages_dir", fault.path.display().to_string(), fault.what))?;
        }
        let language = written.screen.language.parse::<Language>().map_err(|fault| {
            out_of_bounds("screen.language", format!("\"{}\"", written.screen.language), fault.to_string())
        })?;
        let dpi = written.screen.dpi;
        if dpi != 0.0 && !(60.0..=600.0).contains(&dpi) {
            let allowed = "dots an inch from 60 to 600, or 0 where nobody measured them".into();
            return Err(out_of_bounds("screen.dpi", dpi.to_string(), allowed));
        }
        let places: Vec<_> = written
            .places
            .into_iter()
            .map(|place| location("places", place, &out_of_bounds))
            .collect::<Result<_, _>>()?;
        if places.len() > PLACES_MAX {
            let allowed = format!("up to {PLACES_MAX} places: each has a button of its own");
            return Err(out_of_bounds("places.code", places.len().to_string(), allowed));
        }
        let signals = &written.signals;
        if !(50..=10_000).contains(&signals.relay_millis) {
            let allowed = "a whole number of milliseconds from 50 to 10000".into();
            return Err(out_of_bounds("signals.relay_millis", signals.relay_millis.to_string(), allowed));
        }
        let file = |path: &str| (!path.is_empty()).then(|| folder.join(path));
        let lamps = LampsSetting {
            admit: file(&signals.admit_lamp),
            refuse: file(&signals.refuse_lamp),
            refer: file(&signals.refer_lamp),
            relay: file(&signals.relay),
            lit_for: secs("signals.lamp_secs", signals.lamp_secs, 1, 60)?,
            closed_for: Duration::from_millis(signals.relay_millis),
        };
        let over_at = match written.school.over_at.as_str() {
            "" => None,
            text => Some(NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
                let allowed = "a time of day such as 17:30, or \"\" for never".into();
                out_of_bounds("school.over_at", format!("\"{text}\""), allowed)
            })?),
        };
        let known = known_rule_sets(&folder.join(&lane.rules_dir), lane.rules_dir.is_empty())?;
        let mut rule_sets = Vec::new();
        for id in &lane.required {
            let Some(rule_set) = known.iter().find(|rule_set| rule_set.id == *id) else {
                let names: Vec<_> = known.iter().map(|rule_set| rule_set.id.as_str()).collect();
                let allowed = format!("the rule sets known here are {}", names.join(", "));
                return Err(out_of_bounds("lane.required", format!("\"{id}\""), allowed));
            };
            if !rule_set.holds_in(&settings.location.province) {
                let allowed =
                    format!("at a place in {}; location.province is another", rule_set.provinces.join(" or "));
                return Err(out_of_bounds("lane.required", format!("\"{id}\""), allowed));
            }
            rule_sets.push(rule_set.clone());
        }
        let folder_of = |path: &str| (!path.is_empty()).then(|| folder.join(path));
        let sync_dir = folder_of(&written.sync.dir);
        Ok(Self {
            digest: Digest::of(text.as_bytes()).to_string().chars().take(16).collect(),
            lane: settings,
            passback: (again_minutes > 0 || passback.in_twice).then_some(passback),
            presence: written.presence.ask != AskAsWritten::Never,
            rule_sets,
            known_rules: known,
            mode: written.mode.start,
            places,
            checklists_dir: folder_of(&written.mode.checklists_dir),
            training_trust_dir: folder_of(&written.mode.training_trust_dir),
            camera: (written.camera.device != "auto").then(|| written.camera.device.into()),
            mirror: written.camera.mirror,
            light: match written.camera.light.as_str() {
                "auto" => LampSetting::Auto,
                "none" => LampSetting::None,
                path => LampSetting::File(folder.join(path)),
            },
            look: written.screen.look,
            large_text: written.screen.large_text,
            dpi,
            lamps,
            language,
            language_for: secs("screen.language_secs", written.screen.language_secs, 5, 300)?,
            fullscreen: written.screen.fullscreen,
            sound: written.sound.enabled,
            trust_dir: folder.join(written.trust.dir),
            storage_dir,
            mirror_dir,
            retention_days: written.storage.retention_days,
            roster_dir: folder_of(&written.school.roster_dir).or_else(|| sync_dir.clone()),
            school_over_at: over_at,
            sync_dir,
            sync_every: Duration::from_secs(written.sync.every_minutes * 60),
        })
    }
}

/// `table` is the one that it stands in.
fn location(
    table: &str,
    written: LocationAsWritten,
    out_of_bounds: &impl Fn(&'static str, String, String) -> ConfigFault,
) -> Result<Location, ConfigFault> {
    let code_is_good = !written.code.is_empty()
        && written.code.len() <= LOCATION_CODE_BYTES_MAX
        && written.code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !code_is_good {
        let allowed =
            format!("1 to {LOCATION_CODE_BYTES_MAX} letters A-Z, digits and hyphens, as the province gave it");
        let key = if table == "location" { "location.code" } else { "places.code" };
        return Err(out_of_bounds(key, format!("\"{}\"", written.code), allowed));
    }
    let keys =
        if table == "location" { ["location.name", "location.province"] } else { ["places.name", "places.province"] };
    for (key, value) in keys.into_iter().zip([&written.name, &written.province]) {
        if value.trim().is_empty() || value.chars().count() > 80 || value.chars().any(char::is_control) {
            return Err(out_of_bounds(key, format!("\"{value}\""), "1 to 80 letters on one line".into()));
        }
    }
    Ok(Location { code: written.code, name: written.name, province: written.province })
}

/// Those that come with the kiosk, then those of a folder: `*.vaccines.json` are vaccine tables, other `*.json` rule sets.
fn known_rule_sets(folder: &Path, none: bool) -> Result<Vec<RuleSet>, ConfigFault> {
    let came_with_the_kiosk = Path::new("(that came with the kiosk)");
    let at = |path: &Path| {
        let path = path.to_owned();
        move |fault| ConfigFault::RuleSet { path, fault }
    };
    let mut tables = Vec::new();
    for text in VACCINE_TABLES {
        tables.push(VaccineTable::parse(text).map_err(at(came_with_the_kiosk))?);
    }
    let mut known = Vec::new();
    for text in RULE_SETS {
        known.push(RuleSet::parse(text, &tables).map_err(at(came_with_the_kiosk))?);
    }
    if none {
        return Ok(known);
    }
    let unreadable = |fault| ConfigFault::Unreadable { path: folder.into(), fault };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let is_table = |path: &PathBuf| path.to_string_lossy().ends_with(".vaccines.json");
    let (of_vaccines, of_rules): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_table);
    for path in of_vaccines {
        let table = VaccineTable::parse(&read_small(&path)?).map_err(at(&path))?;
        if tables.iter().any(|other| other.id == table.id && other.version == table.version) {
            let fault = format!("the vaccine table {}/{} is taken: give it another version", table.id, table.version);
            return Err(at(&path)(fault));
        }
        tables.push(table);
    }
    for path in of_rules {
        let rule_set = RuleSet::parse(&read_small(&path)?, &tables).map_err(at(&path))?;
        if known.iter().any(|other| other.id == rule_set.id) {
            let fault =
                format!("the id \"{}\" is taken: two rule sets of one name could not be told apart", rule_set.id);
            return Err(at(&path)(fault));
        }
        known.push(rule_set);
    }
    Ok(known)
}

fn read_small(path: &Path) -> Result<String, ConfigFault> {
    let unreadable = |fault| ConfigFault::Unreadable { path: path.into(), fault };
    if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
        return Err(ConfigFault::TooLarge { path: path.into() });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// Line of a key `table.name`, from 1; the table's line, or 1, where the key stands only by its default.
fn line_of(text: &str, key: &str) -> usize {
    let (table, name) = key.split_once('.').unwrap_or(("", key));
    let header = format!("[{table}]");
    let mut inside = false;
    let mut found = 1;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with('[') {
            inside = line.starts_with(&header);
            if inside {
                found = number + 1;
            }
        } else if inside && line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return number + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../kiosk.toml");

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("kiosk.toml"), Path::new("/etc/kiosk")).map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_shipped_file_is_complete_and_right() {
        let config = parse(SHIPPED).unwrap();
        assert_eq!(config.rule_sets.len(), 2);
        assert_eq!(config.trust_dir, Path::new("/etc/kiosk/trust-keys"));
        assert_eq!(config.camera, None);
    }

    #[test]
    fn the_shipped_file_shows_every_default() {
        let location =
            "[location]\ncode = \"DEMO-0001\"\nname = \"Chốt kiểm soát thử nghiệm\"\nprovince = \"Hà Nội\"\n";
        let (shipped, bare) = (parse(SHIPPED).unwrap(), parse(location).unwrap());
        assert_ne!(shipped.digest, bare.digest, "of the file, not of what it says");
        let bare = Config { digest: shipped.digest.clone(), ..bare };
        assert_eq!(format!("{shipped:?}"), format!("{bare:?}"));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let fault = parse(&SHIPPED.replace("visit_secs", "visit_seconds")).unwrap_err();
        assert!(fault.contains("visit_seconds") && fault.contains("line"), "{fault}");
    }

    #[test]
    fn a_value_outside_its_bounds_is_named_with_its_line_and_what_is_allowed() {
        let text = SHIPPED.replace("visit_secs = 20", "visit_secs = 0");
        let line = text.lines().position(|line| line == "visit_secs = 0").unwrap() + 1;
        let fault = parse(&text).unwrap_err();
        assert!(fault.contains(&format!("line {line}: lane.visit_secs = 0")) && fault.contains("3 to 120"), "{fault}");
    }

    #[test]
    fn an_unknown_rule_set_is_named_beside_those_that_are_known() {
        let fault = parse(&SHIPPED.replace("\"declaration-72h\"", "\"declaration-24h\"")).unwrap_err();
        assert!(fault.contains("declaration-24h") && fault.contains("two-doses-14-days"), "{fault}");
    }

    #[test]
    fn a_rule_set_of_another_province_is_refused() {
        let text = SHIPPED.replace("\"two-doses-14-days\"", "\"khanh-hoa-colours\"");
        let fault = parse(&text).unwrap_err();
        assert!(fault.contains("khanh-hoa-colours") && fault.contains("Khánh Hòa"), "{fault}");
        assert!(parse(&text.replace("\"Hà Nội\"", "\"Khánh Hòa\"")).is_ok());
    }

    #[test]
    fn a_folder_brings_rule_sets_and_vaccine_tables() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put("next.vaccines.json", &VACCINE_TABLES[0].replace("\"version\": 1", "\"version\": 2"));
        let mine = RULE_SETS[0].replace("covid-19/1", "covid-19/2").replace("two-doses-14-days", "mine");
        put("mine.json", &mine);
        let known = known_rule_sets(folder.path(), false).unwrap();
        assert!(known.iter().any(|rule_set| rule_set.id == "mine") && known.len() == RULE_SETS.len() + 1);
        put("mine.json", &mine.replace("\"days_min\": 14", "\"days_min\": 14.5"));
        let fault = known_rule_sets(folder.path(), false).unwrap_err().to_string();
        assert!(fault.contains("mine.json") && fault.contains("line"), "{fault}");
        put("mine.json", RULE_SETS[0]);
        let fault = known_rule_sets(folder.path(), false).unwrap_err().to_string();
        assert!(fault.contains("\"two-doses-14-days\" is taken"), "{fault}");
        put("next.vaccines.json", VACCINE_TABLES[0]);
        let fault = known_rule_sets(folder.path(), false).unwrap_err().to_string();
        assert!(fault.contains("covid-19/1 is taken"), "{fault}");
    }

    #[test]
    fn a_location_without_a_code_is_refused() {
        for code in ["", "CHỐT 1", "A\\nB", &"X".repeat(33)] {
            let fault = parse(&SHIPPED.replace("DEMO-0001", code)).unwrap_err();
            assert!(fault.contains("location.code"), "{code}: {fault}");
        }
    }

    #[test]
    fn broken_toml_is_named_with_its_line() {
        let fault = parse("[location]\ncode = \n").unwrap_err();
        assert!(fault.contains("line 2"), "{fault}");
    }
}
