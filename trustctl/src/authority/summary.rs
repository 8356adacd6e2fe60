//! What a signed file says, in lines for the person who looks at it.

use super::{Payload, changes};
use checkpoint::trust::files::{Bundle, Distrust, Removed, Root, Signed};
use checkpoint::trust::places::{ListedPlace, Places};

impl Payload {
    /// What it says, in lines for the person who signs or looks.
    pub fn summary(&self) -> Vec<String> {
        match self {
            Self::Root(root) => of_root(root),
            Self::Bundle(bundle) => of_bundle(bundle),
            Self::Distrust(distrust) => of_distrust(distrust),
            Self::Places(places) => of_places(places),
        }
    }
}

fn of_root(root: &Root) -> Vec<String> {
    let demo = if root.demo { ", a DEMONSTRATION" } else { "" };
    let mut lines = vec![format!("root        version {} of {:?}{demo}", root.version, root.authority)];
    for (name, role) in [("root", &root.root), ("bundle", &root.bundle), ("distrust", &root.distrust)] {
        lines.push(format!("{name:<11} {} of {} sign", role.threshold, role.keyids.len()));
        lines.extend(role.keyids.iter().map(|id| format!("              {}", id.chars().take(16).collect::<String>())));
    }
    lines
}

fn of_places(places: &Places) -> Vec<String> {
    let head = format!("places      version {}, {} of them", places.version, places.places.len());
    let place = |place: &ListedPlace| format!("              {}  {}, {}", place.code, place.name, place.province);
    std::iter::once(head).chain(places.places.iter().map(place)).collect()
}

fn of_bundle(bundle: &Bundle) -> Vec<String> {
    let mut lines = vec![
        format!("bundle      version {}, signed at {}", bundle.version, bundle.signed_at),
        format!("ages        amber after {} days, no green after {}", bundle.soft_days, bundle.hard_days),
    ];
    for key in &bundle.keys {
        lines.push(format!("key         {}", key.name));
        lines.extend(changes::scope(key).into_iter().map(|line| format!("              {line}")));
    }
    if let (Some((first, _)), Some((last, _))) =
        (bundle.tracing_keys.first_key_value(), bundle.tracing_keys.last_key_value())
    {
        lines.push(format!("tracing     {} days, {first} to {last}", bundle.tracing_keys.len()));
    }
    lines.push(format!("devices     {}", bundle.devices.len()));
    lines.extend(bundle.devices.iter().map(|(name, key)| format!("              {name}  {key}")));
    let files = bundle.revocation.iter().flat_map(|revocation| &revocation.files);
    let entries: u64 = files.map(|file| file.entries).sum();
    lines.push(format!("revoked     {} here, {entries} in files", bundle.revoked.len()));
    lines
}

/// A distrust statement in sentences.
pub fn of_distrust(distrust: &Distrust) -> Vec<String> {
    let mut lines = vec![format!("distrust    made at {}: {}", distrust.made_at, distrust.reason)];
    for removal in &distrust.removed {
        let what = match &removal.what {
            Removed::Key(digest) => format!("the key {digest}"),
            Removed::Issuer(issuer) => format!("the issuer {issuer}"),
            Removed::Credential(digest) => format!("the credential {digest}"),
        };
        let signed = match removal.signed {
            Signed::All => "all that was ever signed".to_owned(),
            Signed::Before(moment) => format!("what was signed before {moment}"),
            Signed::After(moment) => format!("what was signed after {moment}"),
        };
        lines.push(format!("removed     {what}: {signed}"));
    }
    lines
}
