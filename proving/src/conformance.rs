//! Holds the verifier against suites that nobody on this project made: for every line, what the product's own verifier
//! says of each layer, compared with what the suite expects. An unexpected success fails like an unexpected failure.

pub mod base45;
pub mod certlogic;
pub mod cose;
pub mod demo;
pub mod hcert;
pub mod json;
pub mod nzcp;
pub mod shc;
pub mod unsigned;
pub mod vds_nc;
pub mod wycheproof;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// One line of a suite, as far as every scheme has it.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// Its name in reports.
    pub id: String,
    /// Which scheme it is of.
    pub scheme: String,
    /// The code's text.
    pub qr_text: Option<String>,
    /// The bytes of a code that holds no text, base64.
    pub qr_bytes_b64: Option<String>,
    /// The text of a parser's case.
    pub text: Option<String>,
    /// A parser's case that need not be text, base64.
    pub bytes_b64: Option<String>,
    /// A COSE message, hexadecimal.
    pub cbor: Option<String>,
    /// What a COSE message's signature covers beside it, hexadecimal.
    pub external_aad: Option<String>,
    /// The texts of the codes over which one card is spread.
    pub qr_chunks: Option<Vec<String>>,
    /// A SMART Health Card as its issuer signed it.
    pub jws: Option<String>,
    /// Which format a line of an unsigned suite is in.
    pub kind: Option<String>,
    /// Signer's key.
    pub key: Option<Value>,
    /// The issuers that the suite trusts with that key; any where it says none.
    pub trusted_iss: Option<Vec<String>>,
    /// The revocation list of that key.
    pub crl: Option<Value>,
    /// The time to take for now, RFC 3339.
    pub clock: Option<String>,
    /// What each layer must give; `null` says nothing.
    #[serde(default)]
    pub expected: BTreeMap<String, Value>,
    /// Main fields of the credential, as upstream gives them.
    pub fields: Option<Value>,
    /// What the credential says, as its maker wrote it down.
    pub upstream_json: Option<Value>,
    /// Expression of a CertLogic case.
    pub expression: Option<Value>,
    /// What it is evaluated over.
    pub data: Option<Value>,
    /// Business rule.
    pub rule: Option<Value>,
    /// Certificate that it judges.
    pub payload: Option<Value>,
    /// Parameters that it sees beside the certificate.
    pub external: Option<Value>,
    /// File of the value sets among them.
    pub value_sets_ref: Option<String>,
    /// Expectations that contradict themselves: not scored.
    #[serde(default)]
    quarantine: Option<Vec<Quarantine>>,
}

#[derive(Debug, Deserialize)]
struct Quarantine {
    expectation: String,
}

impl Line {
    /// What is expected of a layer, if the suite says and stands by it.
    pub fn expects(&self, expectation: &str) -> Option<&Value> {
        self.says(expectation).filter(|value| !value.is_null())
    }

    /// The same where `null` is something to expect.
    pub fn says(&self, expectation: &str) -> Option<&Value> {
        let quarantined = self.quarantine.iter().flatten().any(|entry| entry.expectation == expectation);
        self.expected.get(expectation).filter(|_| !quarantined)
    }
}

/// How a run went.
#[derive(Debug, Default)]
pub struct Score {
    /// By scheme and expectation: how many passed, of how many.
    pub rows: BTreeMap<(String, String), (usize, usize)>,
    /// Each failure in words.
    pub failures: Vec<String>,
    /// Lines that no verifier of ours reads yet, by scheme.
    pub not_built: BTreeMap<String, usize>,
    /// Hostile lines: how many, and the longest thread CPU time of one, in milliseconds.
    pub hostile: Option<(usize, f64)>,
}

impl Score {
    /// Counts one expectation of a line. `detail` is said of a failure only.
    pub fn count(&mut self, line: &Line, expectation: &str, expected: &str, got: &str, detail: &str) {
        self.count_case(&line.scheme, &line.id, expectation, expected, got, detail);
    }

    /// Counts one expectation of any case.
    pub fn count_case(&mut self, scheme: &str, id: &str, expectation: &str, expected: &str, got: &str, detail: &str) {
        let row = self.rows.entry((scheme.into(), expectation.into())).or_default();
        row.1 += 1;
        if expected == got {
            row.0 += 1;
        } else {
            self.failures
                .push(format!("{id} {expectation}: expected {expected}, got {got} {detail}").trim_end().to_owned());
        }
    }

    /// All that passed, of all.
    pub fn total(&self) -> (usize, usize) {
        self.rows.values().fold((0, 0), |(passed, total), row| (passed + row.0, total + row.1))
    }
}

/// Runs every suite that lies in a folder; any file may be absent.
///
/// # Errors
/// A file that cannot be read or is not what it should be, named.
pub fn run(dir: &Path) -> Result<Score, String> {
    let mut score = Score::default();
    for line in lines(&dir.join("dcc.jsonl"))? {
        hcert::score(&line, &mut score);
    }
    for line in lines(&dir.join("vds_nc.jsonl"))? {
        vds_nc::score(&line, &mut score);
    }
    for line in lines(&dir.join("shc.jsonl"))? {
        shc::score(&line, &mut score);
    }
    for line in lines(&dir.join("nzcp.jsonl"))? {
        nzcp::score(&line, &mut score);
    }
    for line in lines(&dir.join("hostile.jsonl"))? {
        match line.scheme.as_str() {
            "dcc" => hcert::score_hostile(line, hcert::explain, &mut score),
            "shc" => hcert::score_hostile(line, shc::explain, &mut score),
            other => *score.not_built.entry(format!("hostile {other}")).or_default() += 1,
        }
    }
    for line in lines(&dir.join("parsers/base45.jsonl"))? {
        base45::score(&line, &mut score);
    }
    for line in lines(&dir.join("parsers/json.jsonl"))? {
        json::score(&line, &mut score);
    }
    for line in lines(&dir.join("demo.jsonl"))? {
        demo::score(&line, &mut score);
    }
    for line in lines(&dir.join("cose.jsonl"))? {
        cose::score(&line, &mut score);
    }
    for line in lines(&dir.join("vn.jsonl"))? {
        unsigned::score(&line, &mut score);
    }
    certlogic::score_all(dir, &mut score)?;
    wycheproof::score_all(&dir.join("wycheproof"), &mut score)?;
    Ok(score)
}

/// The lines of a file; none where there is no file.
fn lines(path: &Path) -> Result<Vec<Line>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), n + 1)))
        .collect()
}

/// Hexadecimal to bytes; what is none of it is nothing.
fn bytes(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
    hex.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
