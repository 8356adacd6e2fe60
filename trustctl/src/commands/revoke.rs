//! `trustctl revoke`: takes credentials, keys and issuers back, in the next list.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use checkpoint::trust::files::KeyMaterial;
use trustctl::authority::draft::Draft;
use trustctl::authority::revocation::{self, Taken};
use trustctl::describe::whole_seconds;
use trustctl::fault::{Fault, read_text};
use trustctl::keys::Public;

use super::{AuthorityArgs, say};

#[derive(Subcommand)]
pub enum RevokeCommand {
    /// One credential.
    Credential {
        /// Its issuer, exactly as it stands in it.
        #[arg(long)]
        issuer: String,
        /// Its id (`jti`; of an HC1 `ci`; of a SMART Health Card `kid/rid`).
        #[arg(long)]
        id: String,
        #[command(flatten)]
        common: RevokeArgs,
    },
    /// Many credentials: a file with a line for each, issuer and id with a tab between.
    List {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        common: RevokeArgs,
    },
    /// Everything that a key signed, wherever it is listed.
    Key {
        /// Its name in the draft, or a file with its public half.
        key: String,
        #[command(flatten)]
        common: RevokeArgs,
    },
    /// Everything of an issuer.
    Issuer {
        /// Its name, exactly as it stands in credentials.
        issuer: String,
        #[command(flatten)]
        common: RevokeArgs,
    },
}

#[derive(Args)]
pub struct RevokeArgs {
    /// Only what was signed before this moment.
    #[arg(long)]
    before: Option<DateTime<Utc>>,
    #[command(flatten)]
    authority: AuthorityArgs,
}

pub fn run(command: RevokeCommand) -> Result<(), Fault> {
    let now = whole_seconds(Utc::now());
    let (common, taken) = match command {
        RevokeCommand::Credential { issuer, id, common } => {
            let taken = vec![Taken::credential(&issuer, &id, common.before, now)];
            (common, taken)
        }
        RevokeCommand::List { file, common } => {
            let taken = read_list(&file, common.before, now)?;
            (common, taken)
        }
        RevokeCommand::Key { key, common } => {
            let material = material_of(&key, &Draft::load(&common.authority.folder)?)?;
            let taken = Taken::key(&key, &material, common.before, now)?;
            (common, taken)
        }
        RevokeCommand::Issuer { issuer, common } => {
            let taken = vec![Taken::issuer(&issuer, common.before, now)];
            (common, taken)
        }
    };
    let folder = &common.authority.folder;
    let mut draft = Draft::load(folder)?;
    revocation::take_back(&mut draft, folder, &taken)?;
    draft.save(folder)?;
    let what = taken.first().map(|taken| taken.what.clone()).unwrap_or_default();
    let how_much =
        common.before.map_or("whole".to_owned(), |before| format!("as far as it was signed before {before}"));
    say(&format!("{} entries ({what}) are revoked {how_much}, in the next list.", taken.len()))?;
    say("Kiosks act on it when they have that list. In a hurry: `trustctl distrust`.")
}

/// A key by its name in the draft, or its file.
pub fn material_of(key: &str, draft: &Draft) -> Result<KeyMaterial, Fault> {
    match draft.keys.iter().find(|listed| listed.name == key) {
        Some(listed) => Ok(listed.key.clone()),
        None if Path::new(key).exists() => Ok(Public::load(Path::new(key))?.material),
        None => Err(Fault::Unsound(format!("the draft names no key {key:?}, and there is no such file"))),
    }
}

fn read_list(file: &Path, before: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Vec<Taken>, Fault> {
    let text = read_text(file)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let (issuer, id) = line.split_once('\t').ok_or_else(|| {
                Fault::wrong_file(file, "a list of credentials", format!("line {} has no tab", number + 1))
            })?;
            Ok(Taken::credential(issuer, id.trim_end(), before, now))
        })
        .collect()
}
