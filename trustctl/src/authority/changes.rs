//! What a proposal changes against what was published last, in sentences for the person who is asked to sign.
//!
//! Every member of both files is compared: what has no sentence of its own is shown as it stands, so that nothing is signed unsaid.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use serde::Serialize;
use serde_json::Value;

use super::draft::RoleName;
use checkpoint::time::day_in_vietnam;
use checkpoint::trust::files::{Bundle, CredentialKey, Root};
use checkpoint::trust::places::{ListedPlace, Places};

/// Names of people by key id, as the proposer gives them. They are not signed.
pub type Names = BTreeMap<String, String>;

/// Most places that a sentence names.
const PLACES_SAID: usize = 12;

/// A key as people compare it: the name that is claimed, and the start of the id, which is not.
pub fn key_for_people(id: &str, names: &Names) -> String {
    let short: String = id.chars().take(16).collect();
    names.get(id).map_or(short.clone(), |name| format!("{name} ({short})"))
}

/// What a new root says that the one before did not.
pub fn of_root(before: Option<&Root>, after: &Root, names: &Names) -> Vec<String> {
    let Some(before) = before else {
        let demo = if after.demo { " It is a DEMONSTRATION." } else { "" };
        let mut lines = vec![format!("Root {} founds the authority {:?}.{demo}", after.version, after.authority)];
        for role in RoleName::ALL {
            let people: Vec<_> = role.of(after).keyids.iter().map(|id| key_for_people(id, names)).collect();
            lines.push(format!(
                "  {} of these sign as `{}`: {}.",
                role.of(after).threshold,
                role.word(),
                people.join(", ")
            ));
        }
        return lines;
    };
    let mut lines = vec![format!("Root {} takes the place of root {}.", after.version, before.version)];
    for role in RoleName::ALL {
        let (old, new) = (role.of(before), role.of(after));
        let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        for id in set(&new.keyids).difference(&set(&old.keyids)) {
            lines.push(format!("  {} may now sign as `{}`.", key_for_people(id, names), role.word()));
        }
        for id in set(&old.keyids).difference(&set(&new.keyids)) {
            lines.push(format!("  {} may no longer sign as `{}`.", key_for_people(id, names), role.word()));
        }
        if old.threshold != new.threshold {
            lines.push(format!("  `{}` needs {} signatures, no longer {}.", role.word(), new.threshold, old.threshold));
        }
    }
    for digest in after.distrust_reset.iter().filter(|digest| !before.distrust_reset.contains(digest)) {
        lines.push(format!("  The distrust statement {digest} is WITHDRAWN: what it removed is believed again."));
    }
    if after.revocation_reset != before.revocation_reset {
        lines.push(format!(
            "  Revocations of lists below version {} may be UNDONE by later lists.",
            after.revocation_reset
        ));
    }
    let said = ["version", "keys", "root", "bundle", "distrust", "distrust_reset", "revocation_reset"];
    lines.extend(unsaid(before, after, &said));
    lines
}

/// What a new bundle says that the one before did not.
pub fn of_bundle(before: Option<&Bundle>, after: &Bundle, names: &Names) -> Vec<String> {
    let empty = Bundle {
        version: 0,
        signed_at: DateTime::UNIX_EPOCH,
        soft_days: after.soft_days,
        hard_days: after.hard_days,
        keys: Vec::new(),
        tracing_keys: BTreeMap::new(),
        devices: BTreeMap::new(),
        revoked: Vec::new(),
        revocation: None,
    };
    let mut lines = match before {
        None => vec![
            format!("List {} is the first of this authority, made at {}.", after.version, after.signed_at),
            format!("  Amber after {} days, no green after {}.", after.soft_days, after.hard_days),
        ],
        Some(before) => vec![format!(
            "List {} takes the place of list {}, made at {}, {} after it.",
            after.version,
            before.version,
            after.signed_at,
            span(after.signed_at - before.signed_at)
        )],
    };
    let before = before.unwrap_or(&empty);
    for (name, old, new) in
        [("Amber", before.soft_days, after.soft_days), ("No more green", before.hard_days, after.hard_days)]
    {
        if old != new {
            lines.push(format!("  {name} after {new} days, no longer after {old}."));
        }
    }
    lines.extend(of_keys(&before.keys, &after.keys));
    lines.extend(of_tracing(before, after));
    lines.extend(of_devices(&before.devices, &after.devices, names));
    let set = |revoked: &[String]| revoked.iter().cloned().collect::<BTreeSet<_>>();
    let (old, new) = (set(&before.revoked), set(&after.revoked));
    lines.extend(new.difference(&old).map(|digest| format!("  The credential {digest} is revoked.")));
    lines.extend(old.difference(&new).map(|digest| format!("  The credential {digest} is NO LONGER revoked.")));
    lines.extend(of_revocation_files(before, after));
    let said =
        ["version", "signed_at", "soft_days", "hard_days", "keys", "tracing_keys", "devices", "revoked", "revocation"];
    lines.extend(unsaid(before, after, &said));
    lines
}

/// What a new list of places says that the one before did not.
pub fn of_places(before: &Places, after: &Places) -> Vec<String> {
    let by_code = |places: &Places| -> BTreeMap<String, ListedPlace> {
        places.places.iter().map(|place| (place.code.clone(), place.clone())).collect()
    };
    let (old, new) = (by_code(before), by_code(after));
    let shown = |place: &ListedPlace| format!("{} ({}, {})", place.code, place.name, place.province);
    let mut lines = vec![format!("  The list of places names {}, before it were {}.", new.len(), old.len())];
    let mut some = |what: &str, places: Vec<String>| {
        let (count, more) = (places.len(), places.len().saturating_sub(PLACES_SAID));
        let named = places.into_iter().take(PLACES_SAID).collect::<Vec<_>>().join("; ");
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        if count > 0 {
            lines.push(format!("  {count} places are {what}: {named}{more}."));
        }
    };
    some("added", new.values().filter(|place| !old.contains_key(&place.code)).map(shown).collect());
    some("REMOVED", old.values().filter(|place| !new.contains_key(&place.code)).map(shown).collect());
    let changed = new.values().filter(|place| old.get(&place.code).is_some_and(|known| known != *place));
    some("changed", changed.map(shown).collect());
    lines
}

fn of_keys(before: &[CredentialKey], after: &[CredentialKey]) -> Vec<String> {
    let mut lines = Vec::new();
    // By what it is, not by its name: a name that moves to another key is two changes.
    let same = |a: &CredentialKey, b: &CredentialKey| a.key == b.key && a.schemes == b.schemes;
    for key in after {
        match before.iter().find(|old| same(old, key)) {
            None => {
                lines.push(format!("  The key {:?} is added.", key.name));
                lines.extend(scope(key).into_iter().map(|line| format!("    {line}")));
            }
            Some(old) if old != key => {
                lines.push(format!("  The key {:?} is changed.", key.name));
                lines.extend(differences(old, key, &[]).into_iter().map(|line| format!("    {line}")));
            }
            Some(_) => {}
        }
    }
    for old in before.iter().filter(|old| !after.iter().any(|key| same(old, key))) {
        lines.push(format!("  The key {:?} is removed: what it signed becomes unknown.", old.name));
    }
    lines
}

/// What a key may do, in lines.
pub fn scope(key: &CredentialKey) -> Vec<String> {
    let words = |values: Vec<String>| values.join(", ");
    let mut lines = vec![
        format!(
            "It may sign {} as {}, for {}.",
            words(key.statements.iter().map(word).collect()),
            words(key.schemes.iter().map(word).collect()),
            words(key.issuers.clone())
        ),
        format!(
            "From {} to {}, for at most {} days, in {}.",
            key.not_before,
            key.not_after,
            key.lifetime_days,
            if key.regions.iter().any(|region| region == checkpoint::trust::files::EVERYWHERE) {
                "every place".into()
            } else {
                words(key.regions.clone())
            }
        ),
    ];
    if key.distrust_all {
        lines.push("Nothing that it signed is believed.".into());
    }
    if let Some(moment) = key.distrust_after {
        lines.push(format!("Nothing that it signed after {moment} is believed."));
    }
    lines
}

fn of_tracing(before: &Bundle, after: &Bundle) -> Vec<String> {
    let mut lines = Vec::new();
    let today = day_in_vietnam(after.signed_at);
    if let Some(last) = last_day_in_a_row(after, today) {
        if Some(last) != last_day_in_a_row(before, today) {
            let ahead = (last - today).num_days() + 1;
            lines.push(format!("  Tracing keys reach without a gap until {last}, for {ahead} days."));
        }
    } else {
        lines.push("  There is NO tracing key for today: kiosks would keep passages without names.".into());
    }
    let changed: Vec<_> = after
        .tracing_keys
        .iter()
        .filter(|(day, key)| before.tracing_keys.get(day).is_some_and(|old| old != *key))
        .map(|(day, _)| day.to_string())
        .collect();
    if !changed.is_empty() {
        lines.push(format!("  The tracing keys of these days are EXCHANGED for others: {}.", changed.join(", ")));
    }
    let gone = before.tracing_keys.keys().filter(|day| !after.tracing_keys.contains_key(day));
    let (over, lost): (Vec<&NaiveDate>, Vec<&NaiveDate>) = gone.partition(|day| **day < today);
    if !over.is_empty() {
        lines.push(format!("  Tracing keys of {} days that are over are left out.", over.len()));
    }
    if !lost.is_empty() {
        lines.push(format!("  Tracing keys of {} days to come are REMOVED.", lost.len()));
    }
    lines
}

/// The last day up to which there is a tracing key for each, from a day on.
fn last_day_in_a_row(bundle: &Bundle, from: NaiveDate) -> Option<NaiveDate> {
    from.iter_days().take_while(|day| bundle.tracing_keys.contains_key(day)).last()
}

fn of_devices(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, key) in after {
        let name = key_for_people(id, names);
        match before.get(id) {
            None => {
                lines.push(format!("  The device {name} is added: its batches and checkpoints are believed ({key})."))
            }
            Some(old) if old != key => lines.push(format!("  The device {name} gets ANOTHER key ({key}).")),
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|id| !after.contains_key(*id));
    lines.extend(gone.map(|id| {
        format!("  The device {} is retired: what it signs is no longer believed.", key_for_people(id, names))
    }));
    lines
}

fn of_revocation_files(before: &Bundle, after: &Bundle) -> Vec<String> {
    let files = |bundle: &Bundle| -> BTreeMap<String, u64> {
        let files = bundle.revocation.iter().flat_map(|revocation| &revocation.files);
        files.map(|file| (file.sha256.clone(), file.entries)).collect()
    };
    let (old, new) = (files(before), files(after));
    let short = |digest: &str| digest.chars().take(16).collect::<String>();
    let mut lines = Vec::new();
    for (digest, entries) in new.iter().filter(|(digest, _)| !old.contains_key(*digest)) {
        lines.push(format!("  A revocation file of {entries} entries is added ({}).", short(digest)));
    }
    for (digest, entries) in old.iter().filter(|(digest, _)| !new.contains_key(*digest)) {
        lines.push(format!("  A revocation file of {entries} entries is LEFT OUT ({}).", short(digest)));
    }
    lines
}

/// Members without a sentence of their own, as they stand.
fn unsaid<T: Serialize>(before: &T, after: &T, said: &[&str]) -> Vec<String> {
    differences(before, after, said).into_iter().map(|line| format!("  {line}")).collect()
}

/// Members that differ, but for some.
fn differences<T: Serialize>(before: &T, after: &T, but: &[&str]) -> Vec<String> {
    let members = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (members(before), members(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| !but.contains(&name.as_str()) && old.get(*name) != new.get(*name))
        .map(|name| {
            let shown = |value: Option<&Value>| value.map_or("nothing".into(), Value::to_string);
            format!("`{name}` is {}, no longer {}.", shown(new.get(name)), shown(old.get(name)))
        })
        .collect()
}

/// The word by which a value stands in files.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_string)).unwrap_or_default()
}

/// A span of time for people.
fn span(span: chrono::TimeDelta) -> String {
    match span.num_hours() {
        hours if hours < 0 => format!("{} hours BEFORE", -hours),
        hours if hours < 48 => format!("{hours} hours"),
        _ => format!("{} days", span.num_days()),
    }
}
