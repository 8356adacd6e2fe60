//! What a kiosk does with a folder, by the kiosk's own verification.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::published::{Published, TRACING_DAYS, revocation_name};
use super::to_json;
use crate::fault::{Fault, read};
use checkpoint::screen::Freshness;
use checkpoint::time::{TrustedTime, day_in_vietnam};
use checkpoint::trust::files::{BUNDLE_TYPE, Bundle, RevocationFile};
use checkpoint::trust::revoked::ReadAt;
use checkpoint::trust::{RootChain, TrustList};

/// Days before a key ends at which the authority is told.
const KEY_ENDS_DAYS: i64 = 60;

/// A folder as a kiosk sees it.
pub struct Seen {
    list: TrustList,
    bundle: Bundle,
    statements: usize,
    refused: Vec<String>,
}

/// Verifies a folder as a kiosk does. `installed` is what the kiosk has: its roots come first, and the folder must say the same as far as
/// both go.
///
/// # Errors
/// `DoesNotHold`, in the kiosk's words; `Read` for what is not there.
pub fn verify(folder: &Path, installed: Option<&Path>) -> Result<Seen, Fault> {
    let holds = |error: &dyn std::fmt::Display| Fault::DoesNotHold(format!("{} is refused: {error}", folder.display()));
    let load = |folder: &Path| {
        Published::load(folder)?.ok_or_else(|| Fault::DoesNotHold(format!("{} holds no list", folder.display())))
    };
    let mut offered = load(folder)?;
    let have = installed.map(load).transpose()?;
    if let Some(have) = &have {
        offered.roots = follow(&have.roots, &offered.roots).ok_or_else(|| holds(&"it belongs to another authority"))?;
    }
    let files: Vec<String> = offered.roots.iter().map(to_json).collect::<Result<_, _>>()?;
    let chain = RootChain::verify(&files).map_err(|error| holds(&error))?;
    let (mut statements, mut refused) = (Vec::new(), Vec::new());
    for (name, file) in Published::distrust(folder)? {
        match chain.distrust(&file) {
            Ok(statement) => statements.push(statement),
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    let source = |file: &RevocationFile| -> Option<Arc<dyn ReadAt>> {
        Some(Arc::new(read(&folder.join(revocation_name(file))).ok()?))
    };
    let bundle = to_json(&offered.bundle)?;
    let mut list =
        TrustList::load_under(&chain, bundle.as_bytes(), &statements, source).map_err(|error| holds(&error))?;
    if let (Some(folder), Some(have)) = (installed, &have)
        && have.bundle.payload != offered.bundle.payload
    {
        list = list.newer_than(&have.list(folder)?).map_err(|error| holds(&error))?;
    }
    let bundle = super::payload_of(&offered.bundle, BUNDLE_TYPE)?;
    Ok(Seen { list, bundle, statements: statements.len(), refused })
}

/// The roots that a kiosk has, and those that come after them; `None` where the two do not say the same.
fn follow(
    have: &[checkpoint::dsse::SignedFile],
    offered: &[checkpoint::dsse::SignedFile],
) -> Option<Vec<checkpoint::dsse::SignedFile>> {
    let version = |file: &checkpoint::dsse::SignedFile| {
        super::payload_of::<checkpoint::trust::files::Root>(file, checkpoint::trust::files::ROOT_TYPE)
            .map(|root| root.version)
            .unwrap_or_default()
    };
    let mut all = have.to_vec();
    let last = have.last().map(version)?;
    for root in offered {
        match have.iter().find(|known| version(known) == version(root)) {
            Some(known) if known.payload != root.payload => return None,
            None if version(root) > last => all.push(root.clone()),
            _ => {}
        }
    }
    Some(all)
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
            "A kiosk takes list {} under root {} of {:?}{}.",
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
