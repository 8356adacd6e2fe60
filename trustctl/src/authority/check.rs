//! What a kiosk does with a folder, by the kiosk's own verification.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::published::{Published, TRACING_DAYS, revocation_name};
use super::to_json;
use crate::fault::{Fault, read};
use checkpoint::dsse::SignedFile;
use checkpoint::screen::Freshness;
use checkpoint::time::{TrustedTime, day_in_vietnam};
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, ROOT_TYPE, RevocationFile, Root};
use checkpoint::trust::revoked::ReadAt;
use checkpoint::trust::update::{Believed, Incoming, Taken};
use checkpoint::trust::{FileName, TrustList};

/// Days before a key ends at which the authority is told.
const KEY_ENDS_DAYS: i64 = 60;

/// A folder as a kiosk sees it.
pub struct Seen {
    list: TrustList,
    bundle: Bundle,
    /// A kiosk that was given before takes the list; else it has it already.
    newer: bool,
    statements: usize,
    refused: Vec<String>,
}

/// The files of a folder, as a kiosk reads them.
fn read_folder(folder: &Path) -> Result<Incoming, Fault> {
    let published =
        Published::load(folder)?.ok_or_else(|| Fault::DoesNotHold(format!("{} holds no list", folder.display())))?;
    let version = |file: &SignedFile| super::payload_of::<Root>(file, ROOT_TYPE).map(|root| root.version);
    let roots = published.roots.iter().map(|root| Ok((version(root)?, to_json(root)?.into_bytes())));
    Ok(Incoming {
        roots: roots.collect::<Result<_, Fault>>()?,
        bundle: Some(to_json(&published.bundle)?.into_bytes()),
        distrust: Published::distrust(folder)?.into_iter().map(|(_, file)| file).collect(),
    })
}

/// Takes a folder as a kiosk does, by the kiosk's own code. `installed` is what the kiosk has; without it, it is set up with this folder.
///
/// # Errors
/// `DoesNotHold`, in the kiosk's words, where it does not believe the list; `Read` for what is not there.
pub fn verify(folder: &Path, installed: Option<&Path>) -> Result<Seen, Fault> {
    let refused =
        |error: &dyn std::fmt::Display| Fault::DoesNotHold(format!("{} is refused: {error}", folder.display()));
    let take = |believed: &mut Believed, folder: &Path| -> Result<Taken, Fault> {
        let source = |file: &RevocationFile| -> Option<Arc<dyn ReadAt>> {
            Some(Arc::new(read(&folder.join(revocation_name(file))).ok()?))
        };
        Ok(believed.take(&read_folder(folder)?, source))
    };
    let anchors = read_folder(installed.unwrap_or(folder))?.roots;
    let mut believed = Believed::anchored(anchors).map_err(|error| refused(&error))?;
    if let Some(installed) = installed {
        take(&mut believed, installed)?;
        believed.list().map_err(|error| Fault::DoesNotHold(format!("{} is refused: {error}", installed.display())))?;
    }
    let taken = take(&mut believed, folder)?;
    // Statements are taken or refused each for itself; the bundle comes last.
    let (of_statements, of_list): (Vec<_>, Vec<_>) =
        taken.refused.iter().partition(|fault| fault.to_string().contains(&FileName::Distrust.to_string()));
    if let Some(fault) = of_list.first() {
        return Err(refused(fault));
    }
    let list = believed.list().map_err(|error| refused(&error))?.clone();
    let bundle = Published::load(folder)?.map(|published| super::payload_of(&published.bundle, BUNDLE_TYPE));
    Ok(Seen {
        list,
        bundle: bundle.transpose()?.ok_or_else(|| refused(&"there is no list"))?,
        newer: taken.newer,
        statements: believed.distrusted().len(),
        refused: of_statements.iter().map(ToString::to_string).collect(),
    })
}

impl Seen {
    /// What the kiosk believes by it.
    pub fn list(&self) -> &TrustList {
        &self.list
    }

    /// What the kiosk says of it at a time.
    pub fn as_kiosk(&self, now: DateTime<Utc>) -> Vec<String> {
        let list = &self.list;
        let mut lines = vec![format!(
            "A kiosk {} list {} under root {} of {:?}{}.",
            if self.newer { "takes" } else { "has already" },
            list.version(),
            list.root_version(),
            list.authority(),
            if list.demo() { ", a DEMONSTRATION" } else { "" }
        )];
        let freshness = list.freshness(TrustedTime::given(now));
        lines.push(match freshness.map(|(age, freshness)| (age.as_secs() / 86_400, freshness)) {
            Some((days, Freshness::Fresh)) => format!("It is {days} days old: green as the rules say."),
            Some((days, Freshness::Ageing)) => {
                format!("It is {days} days old: green, and the screen asks for a newer one.")
            }
            Some((days, Freshness::Stale)) => format!("It is {days} days old: nobody is green any more."),
            None => "There is no list.".into(),
        });
        lines.push(format!("{} keys can be used, {} cannot.", list.keys_count(), list.keys_unusable()));
        lines.push(format!("Tracing keys reach {} days ahead.", list.tracing_days_left(day_in_vietnam(now))));
        let entries: u64 =
            self.bundle.revocation.iter().flat_map(|revocation| &revocation.files).map(|file| file.entries).sum();
        lines.push(format!(
            "{} entries are revoked; {} distrust statements hold.",
            entries + self.bundle.revoked.len() as u64,
            self.statements
        ));
        lines.extend(self.refused.iter().map(|why| format!("Refused: {why}")));
        lines
    }

    /// What the authority should do before it becomes urgent.
    pub fn warnings(&self, now: DateTime<Utc>) -> Vec<String> {
        let mut lines = Vec::new();
        let days = u64::from(self.list.tracing_days_left(day_in_vietnam(now)));
        if days < TRACING_DAYS {
            lines.push(format!("Soon: tracing keys reach {days} days ahead, the next list needs {TRACING_DAYS}."));
        }
        let soon = now + TimeDelta::days(KEY_ENDS_DAYS);
        for key in self.bundle.keys.iter().filter(|key| key.not_after > now && key.not_after < soon) {
            lines.push(format!("Soon: the key {:?} may sign until {}.", key.name, key.not_after));
        }
        let limit = self.bundle.signed_at + TimeDelta::days(self.bundle.hard_days.into());
        if limit > now && limit - now < TimeDelta::days(7) {
            lines.push(format!("Soon: nobody is green by this list after {limit}."));
        }
        lines
    }
}
