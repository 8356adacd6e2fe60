//! Foreign lists of keys → entries of a bundle, for a person to read before anybody signs them.
//!
//! What cannot be converted is said, with the reason. Where a source is signed, its signature is verified against a key that the person
//! brings by another way; where it is not, the person is told so.

mod certificate;
pub mod dcc;
pub mod did;
pub mod icao;
pub mod smart;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::authority::draft::check_key;
use crate::authority::revocation::hexadecimal;
use crate::describe::whole_seconds;
use crate::fault::Fault;
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{CredentialKey, KeyMaterial};

/// What holds for every entry of one import.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// When it is imported.
    pub now: DateTime<Utc>,
    /// Where the entries shall count.
    pub regions: Vec<String>,
    /// Longest validity that the keys may give, in days.
    pub lifetime_days: u32,
    /// Last moment of keys whose source does not say when they end.
    pub until: DateTime<Utc>,
    /// Countries, where only some are wanted.
    pub countries: Vec<String>,
}

/// What became of a source.
#[derive(Debug, Default)]
pub struct Imported {
    /// Entries, with names of their own.
    pub keys: Vec<CredentialKey>,
    /// What was not converted, and why.
    pub left_out: Vec<(String, String)>,
    /// Who vouches for the source; `None`: nobody.
    pub signed_by: Option<String>,
}

/// The scope that a source's kind of key gets.
struct Kind {
    scheme: Scheme,
    statements: Vec<StatementKind>,
}

impl Kind {
    fn hc1() -> Self {
        use StatementKind::{Recovery, Test, Vaccination};
        Self { scheme: Scheme::Hc1, statements: vec![Vaccination, Test, Recovery] }
    }
}

/// A key as a source gives it.
struct Found {
    name: String,
    key: KeyMaterial,
    issuers: Vec<String>,
    window: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Imported {
    fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left_out.push((what.into(), why.into()));
    }

    /// Takes a key over, or says why not.
    fn take(&mut self, found: Found, kind: &Kind, wanted: &Wanted) {
        let Found { name, key, issuers, window } = found;
        let (not_before, not_after) = window.unwrap_or((whole_seconds(wanted.now), wanted.until));
        let gone = wanted.now - TimeDelta::days(wanted.lifetime_days.into());
        if not_after < gone {
            let why = format!("it ended on {}, and nothing that it signed holds for longer", not_after.date_naive());
            return self.leave_out(name, why);
        }
        if let Some(known) = self.keys.iter_mut().find(|known| known.key == key && known.schemes == [kind.scheme]) {
            let more: Vec<String> = issuers.into_iter().filter(|issuer| !known.issuers.contains(issuer)).collect();
            if more.is_empty() {
                return self.leave_out(name, "it is there already");
            }
            // One key of several issuers: one entry.
            known.issuers.extend(more);
            return;
        }
        let same_name =
            self.keys.iter().filter(|known| known.name == name || known.name.starts_with(&format!("{name} #"))).count();
        let entry = CredentialKey {
            name: if same_name == 0 { name.clone() } else { format!("{name} #{}", same_name + 1) },
            key,
            schemes: vec![kind.scheme],
            statements: kind.statements.clone(),
            issuers,
            not_before,
            not_after,
            regions: wanted.regions.clone(),
            lifetime_days: wanted.lifetime_days,
            distrust_all: false,
            distrust_after: None,
        };
        match check_key(&entry) {
            Ok(()) => self.keys.push(entry),
            Err(fault) => self.leave_out(name, fault.to_string()),
        }
    }

    /// The entries as TOML, under a head that says where they come from: for `trustctl key add`.
    ///
    /// # Errors
    /// `Crypto` where they cannot be written as TOML.
    pub fn to_toml(&self, source: &[u8], wanted: &Wanted) -> Result<String, Fault> {
        #[derive(Serialize)]
        struct Entries<'a> {
            keys: &'a [CredentialKey],
        }
        let mut text = format!(
            "# Imported at {}, from a file with the SHA-256 {}.\n# {}\n# {} keys; {} left out. Read each before it is added to the draft: \
             `trustctl key add` with this file.\n",
            whole_seconds(wanted.now).to_rfc3339(),
            hexadecimal(&Sha256::digest(source)),
            match &self.signed_by {
                Some(who) => format!("Its signature holds, by {who}."),
                None => "NOBODY signed it: compare that SHA-256 with the publisher's, by another way.".into(),
            },
            self.keys.len(),
            self.left_out.len()
        );
        let one_line = |text: &str| text.replace(|letter: char| letter.is_control(), " ");
        for (what, why) in &self.left_out {
            text += &format!("# left out: {}: {}\n", one_line(what), one_line(why));
        }
        text.push('\n');
        text += &toml::to_string(&Entries { keys: &self.keys }).map_err(|error| Fault::Crypto(error.to_string()))?;
        Ok(text)
    }
}

/// A source that cannot be read at all.
fn wrong(kind: &'static str, why: impl std::fmt::Display) -> Fault {
    Fault::WrongFile { path: "the source".into(), wanted: kind, why: why.to_string() }
}
