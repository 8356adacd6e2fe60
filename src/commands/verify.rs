//! `kiosk verify`: one code or picture, every layer, the verdict, the reason.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use checkpoint::envelope;
use checkpoint::evidence::Evidence;
use checkpoint::rules::{self, Decision, Place};
use checkpoint::screen::acts_on_text;
use checkpoint::time::TrustedTime;
use checkpoint::trust::{Explained, TrustList};
use checkpoint::unsigned::{Read as UnsignedRead, Unsigned};
use checkpoint::verdict::{Answer, Reason};
use chrono::{DateTime, Utc};
use clap::Args;

use super::place::{self, PlaceArgs};
use crate::camera::picture;
use crate::config::Config;
use crate::scan;
use crate::words::{Language, Words};

/// Longest text that is taken from standard input or the command line, in bytes: a hundred times the longest code.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// `verify` found a credential, and it is refused.
const REFUSED: u8 = 10;
/// `verify` cannot say: referred, or something is still missing.
const REFERRED: u8 = 11;
/// No code could be read from the picture.
const NOTHING_READ: u8 = 12;

/// Arguments of `kiosk verify`.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 admitted, 10 refused, 11 referred or something is missing, 12 no code could be read, 1 a fault.
Personal data is printed: this is a tool for the office, not for the gate.")]
pub struct VerifyArgs {
    /// A picture (PNG, JPEG), the text of a code, or - for text on standard input.
    pub file_or_text: String,
    /// Verify as if it were this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub now: Option<DateTime<Utc>>,
    /// One JSON object in place of the text.
    #[arg(long)]
    pub json: bool,
    /// Believe this list in place of the signed one: a JSON file {"certificates": [{"pem", ...}], "keys": [{"jwk", "scheme", "issuers"}]}. Nobody vouches for it.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Language of the text: vi or en.
    #[arg(long, default_value = "en")]
    pub language: Language,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Explains one code or picture.
///
/// # Errors
/// A file that cannot be read, a broken trust list or settings file.
pub fn verify(args: VerifyArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = args.place.load()?;
    let trust = match &args.trust {
        Some(path) => unsigned_list(path)?,
        None => place::trust_store(&config).load()?.list,
    };
    if trust.is_unsigned() {
        eprintln!(
            "WARNING: this trust list is UNSIGNED. Nobody vouches for its keys; never let anybody pass on its word."
        );
    }
    if trust.demo() {
        eprintln!("DEMO: this trust list is a demonstration's. It says nothing about anybody.");
    }
    let texts = envelope::join(&texts_of(&args.file_or_text)?);
    if texts.is_empty() {
        eprintln!("no code could be read: take the picture nearer, steadier, brighter, with the whole code in it");
        return Ok(ExitCode::from(NOTHING_READ));
    }
    let now = TrustedTime::given(args.now.unwrap_or_else(Utc::now));
    let words = Words::new(args.language);
    let told: Vec<_> = texts.iter().map(|text| Told::new(&trust, text, now)).collect();
    let decision = decide(&told, &config, now);
    if args.json {
        println!("{}", printable(&as_json(&told, &decision, &trust)));
    } else {
        print!("{}", as_text(&told, &decision, &words));
    }
    Ok(match &decision {
        Decision::Needs(_) => ExitCode::from(REFERRED),
        Decision::Decided(verdict) => match verdict.answer() {
            Answer::Admit | Answer::Registered => ExitCode::SUCCESS,
            Answer::Refuse => ExitCode::from(REFUSED),
            Answer::Refer => ExitCode::from(REFERRED),
        },
    })
}

fn unsigned_list(path: &Path) -> Result<TrustList, Box<dyn std::error::Error>> {
    let json = std::fs::read(path).map_err(|fault| format!("cannot read {}: {fault}", path.display()))?;
    TrustList::unsigned(&json).map_err(|fault| format!("{}: {fault}", path.display()).into())
}

/// The texts of all codes of a picture, or the text itself.
fn texts_of(file_or_text: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    if file_or_text == "-" {
        let mut text = String::new();
        std::io::stdin().take(TEXT_BYTES_MAX).read_to_string(&mut text)?;
        return Ok(vec![text.trim_end_matches(['\r', '\n']).to_owned()]);
    }
    let path = Path::new(file_or_text);
    if !path.is_file() {
        let looks_like_a_path =
            file_or_text.to_lowercase().ends_with(".png") || file_or_text.to_lowercase().ends_with(".jpg");
        if looks_like_a_path {
            return Err(format!("there is no picture {file_or_text}").into());
        }
        return Ok(vec![file_or_text.to_owned()]);
    }
    let gray = picture::read(path)?;
    let picture = scan::Gray::new(gray.luma, gray.width, gray.height).ok_or("an empty picture")?;
    Ok(scan::read_still(&picture).texts.into_iter().map(|read| read.text).collect())
}

/// All that can be told of one code.
struct Told {
    /// The walk of a signed scheme. For a code that nobody signed its outcome is the reason of `unsigned`.
    walk: Explained,
    /// What a code is that no signed scheme knows.
    unsigned: Option<UnsignedRead>,
}

impl Told {
    fn new(trust: &TrustList, text: &str, now: TrustedTime) -> Self {
        let mut walk = trust.explain(text, now);
        let mut unsigned = None;
        if walk.outcome == Err(Reason::UnknownCode) {
            match UnsignedRead::new(text) {
                Ok(read) => {
                    walk.steps.clear();
                    unsigned = Some(read);
                }
                Err(reason) => walk.outcome = Err(reason),
            }
        }
        Self { walk, unsigned }
    }

    /// Its scheme or kind, for people and machine output.
    fn kind(&self) -> Option<&'static str> {
        self.walk.scheme.map(|scheme| scheme.word()).or(self.unsigned.as_ref().map(UnsignedRead::kind))
    }

    /// What stands in it.
    fn content(&self) -> Option<&serde_json::Value> {
        self.walk.content.as_ref().or(self.unsigned.as_ref().map(|read| &read.fields))
    }

    /// Adds it to a visit.
    ///
    /// # Errors
    /// Why it adds nothing.
    fn add_to(&self, evidence: &mut Evidence) -> Result<(), Reason> {
        match self.unsigned.as_ref().map(|read| &read.code) {
            None => evidence.add(self.walk.outcome.clone()?),
            Some(Unsigned::Card(card)) => evidence.add_card(card.clone()),
            Some(Unsigned::Link(link)) => Err(Reason::Link { to: link.to() }),
            Some(Unsigned::Poster(_)) => Err(Reason::Poster),
            Some(Unsigned::Divoc) => Err(Reason::Unprovable { what: "DIVOC" }),
        }
    }
}

/// The verdict on all codes together, as one visit.
fn decide(told: &[Told], config: &Config, now: TrustedTime) -> Decision {
    let mut evidence = Evidence::default();
    let mut fault: Option<Reason> = None;
    for one in told {
        fault = fault.or(one.add_to(&mut evidence).err());
    }
    match fault {
        Some(reason) => rules::refuse_or_refer(reason),
        None => {
            let place = Place {
                location: &config.lane.location,
                direction: config.lane.direction,
                asks_apps: false,
                has_roster: false,
            };
            rules::decide(&config.rule_sets, &evidence, place, now)
        }
    }
}

/// JSON as text in which nothing acts on the terminal that shows it: control characters of both kinds, marks of direction and hidden
/// letters stand as JSON's own escapes, so that it says the same.
fn printable(json: &serde_json::Value) -> String {
    let mut out = String::new();
    for letter in format!("{json:#}").chars() {
        if letter != '\n' && acts_on_text(letter) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                out += &format!("\\u{unit:04x}");
            }
        } else {
            out.push(letter);
        }
    }
    out
}

fn as_text(told: &[Told], decision: &Decision, words: &Words) -> String {
    let mut out = String::new();
    for one in told {
        out += &format!("{}: {}\n", words.get("verify-scheme"), one.kind().unwrap_or("-"));
        if one.unsigned.is_some() {
            out += &format!("  {}\n", words.get("verify-unsigned"));
        }
        for step in &one.walk.steps {
            let (mark, why) = match &step.result {
                Ok(()) => ("ok  ", String::new()),
                Err(reason) => ("FAIL", format!("  {} [{}]", words.reason(reason), reason.code())),
            };
            out += &format!("  {mark} {}{why}\n", words.get(&format!("layer-{}", step.layer.word())));
        }
        if let Some(content) = one.content() {
            let vouched = if one.walk.outcome.is_ok() { "verify-content" } else { "verify-content-unproven" };
            out += &format!("{}:\n{}\n", words.get(vouched), printable(content));
        }
    }
    match decision {
        Decision::Needs(step) => out += &format!("{}: {}\n", words.get("verify-verdict"), words.step(*step)),
        Decision::Decided(verdict) => {
            out += &format!("{}: {}\n", words.get("verify-verdict"), words.outcome(verdict.answer().into()));
            if let Some(reason) = verdict.reason() {
                out += &format!("{} [{}]\n", words.reason(reason), reason.code());
            }
            out += &format!("{}\n", words.advice(verdict.advice()));
        }
    }
    out
}

fn as_json(told: &[Told], decision: &Decision, trust: &TrustList) -> serde_json::Value {
    let codes: Vec<_> = told
        .iter()
        .map(|one| {
            let steps: Vec<_> = one
                .walk
                .steps
                .iter()
                .map(|step| {
                    serde_json::json!({
                        "layer": step.layer.word(),
                        "ok": step.result.is_ok(),
                        "reason": step.result.as_ref().err().map(Reason::code),
                    })
                })
                .collect();
            serde_json::json!({
                "scheme": one.kind(),
                "signed": one.walk.scheme.is_some(),
                "steps": steps,
                "verified": one.walk.outcome.is_ok(),
                "reason": one.add_to(&mut Evidence::default()).err().as_ref().map(Reason::code),
                "content": one.content(),
            })
        })
        .collect();
    let (verdict, reason) = match decision {
        Decision::Needs(step) => ("needs", Some(step.word())),
        Decision::Decided(verdict) => (verdict.answer().word(), verdict.reason().map(Reason::code)),
    };
    serde_json::json!({
        "codes": codes,
        "verdict": verdict,
        "reason": reason,
        "trust_list": { "version": trust.version(), "unsigned": trust.is_unsigned(), "demo": trust.demo() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defect_controls_and_marks_of_direction_of_a_credential_reached_the_terminal_raw() {
        let name = "A\u{1b}[2J\u{9b}31m\u{7f}\u{202e}B\u{2066}\u{200b}\u{feff}\u{2028}\u{e0041}Đ\n";
        let content = serde_json::json!({ "nam": name, "\u{85}": ["\u{200f}"] });
        let printed = printable(&content);
        assert!(printed.chars().all(|letter| letter == '\n' || !acts_on_text(letter)), "{printed}");
        assert!(printed.contains(r"\u009b31m\u007f\u202eB\u2066") && printed.contains(r"\udb40\udc41Đ\n"), "{printed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).expect("JSON"), content, "it says the same");
    }
}
