//! `kiosk verify`: one code or picture, every layer, the verdict, the reason.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use checkpoint::envelope;
use checkpoint::evidence::Evidence;
use checkpoint::rules::{self, Decision};
use checkpoint::time::TrustedTime;
use checkpoint::trust::{Explained, TrustList};
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
    let explained: Vec<_> = texts.iter().map(|text| trust.explain(text, now)).collect();
    let decision = decide(&explained, &config, now);
    if args.json {
        println!("{:#}", as_json(&explained, &decision, &trust));
    } else {
        print!("{}", as_text(&explained, &decision, &words));
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

/// The verdict on all codes together, as one visit.
fn decide(explained: &[Explained], config: &Config, now: TrustedTime) -> Decision {
    let mut evidence = Evidence::default();
    let mut fault: Option<Reason> = None;
    for one in explained {
        let added = one.outcome.clone().and_then(|credential| evidence.add(credential));
        fault = fault.or(added.err());
    }
    match fault {
        Some(reason) => rules::refuse_or_refer(reason),
        None => rules::decide(&config.rule_sets, &evidence, now),
    }
}

fn as_text(explained: &[Explained], decision: &Decision, words: &Words) -> String {
    let mut out = String::new();
    for one in explained {
        let scheme = one.scheme.map_or("-", |scheme| scheme.word());
        out += &format!("{}: {scheme}\n", words.get("verify-scheme"));
        for step in &one.steps {
            let (mark, why) = match &step.result {
                Ok(()) => ("ok  ", String::new()),
                Err(reason) => ("FAIL", format!("  {} [{}]", words.reason(reason), reason.code())),
            };
            out += &format!("  {mark} {}{why}\n", words.get(&format!("layer-{}", step.layer.word())));
        }
        if let Some(content) = &one.content {
            let vouched = if one.outcome.is_ok() { "verify-content" } else { "verify-content-unproven" };
            out += &format!("{}:\n{content:#}\n", words.get(vouched));
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

fn as_json(explained: &[Explained], decision: &Decision, trust: &TrustList) -> serde_json::Value {
    let codes: Vec<_> = explained
        .iter()
        .map(|one| {
            let steps: Vec<_> = one
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
                "scheme": one.scheme.map(|scheme| scheme.word()),
                "steps": steps,
                "verified": one.outcome.is_ok(),
                "reason": one.outcome.as_ref().err().map(Reason::code),
                "content": one.content,
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
