//! Daily safety checklists as data: `assets/checklists/*.toml`, and files of one's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::mode::Mode;

/// Most items: they stand on one page, each large enough for a finger.
pub const ITEMS_MAX: usize = 8;

/// Those that come with the kiosk.
const BUILT_IN: [(&str, &str); 3] = [
    ("checkpoint.toml", include_str!("../assets/checklists/checkpoint.toml")),
    ("school.toml", include_str!("../assets/checklists/school.toml")),
    ("clinic.toml", include_str!("../assets/checklists/clinic.toml")),
];

/// A checklist as written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Its name in records: lower-case letters, digits and hyphens.
    pub id: String,
    /// Grows with every change of its items.
    pub version: u32,
    /// Modes in which it is due; none at all means every one.
    #[serde(default)]
    pub modes: Vec<Mode>,
    /// Its name by language tag.
    pub title: BTreeMap<String, String>,
    /// What is looked at, by language tag.
    #[serde(rename = "item")]
    pub items: Vec<BTreeMap<String, String>>,
}

/// A checklist file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("checklist {path}: {fault}")]
pub struct ChecklistFault {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong, and what to write.
    pub fault: String,
}

/// Every checklist: those that come with the kiosk, then those of a folder (`*.toml`), which replace others of the same id.
///
/// # Errors
/// `ChecklistFault`: a file of the folder cannot be used.
pub fn load(dir: Option<&Path>) -> Result<Vec<Checklist>, ChecklistFault> {
    let mut all = BTreeMap::new();
    for (name, text) in BUILT_IN {
        let list = parse(Path::new(name), text)?;
        all.insert(list.id.clone(), list);
    }
    let Some(dir) = dir else { return Ok(all.into_values().collect()) };
    let fault = |path: &Path, fault: String| ChecklistFault { path: path.into(), fault };
    let entries = std::fs::read_dir(dir).map_err(|error| fault(dir, error.to_string()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml")) {
        let text = std::fs::read_to_string(path).map_err(|error| fault(path, error.to_string()))?;
        let list = parse(path, &text)?;
        all.insert(list.id.clone(), list);
    }
    Ok(all.into_values().collect())
}

fn parse(path: &Path, text: &str) -> Result<Checklist, ChecklistFault> {
    let fault = |fault: String| ChecklistFault { path: path.into(), fault };
    let list: Checklist = toml::from_str(text).map_err(|error| fault(error.to_string()))?;
    let good_id =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !good_id(&list.id) || list.id.len() > 40 {
        return Err(fault("id: up to 40 lower-case letters, digits and hyphens".to_owned()));
    }
    if !(1..=ITEMS_MAX).contains(&list.items.len()) {
        return Err(fault(format!("it has {} items; 1 to {ITEMS_MAX} fit on its page", list.items.len())));
    }
    if list.title.is_empty() || list.items.iter().any(BTreeMap::is_empty) {
        return Err(fault("the title and every item need a text in one language at least".to_owned()));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_come_with_the_kiosk_speak_both_languages() {
        for list in load(None).unwrap() {
            for texts in list.items.iter().chain([&list.title]) {
                assert!(texts.contains_key("vi") && texts.contains_key("en"), "{}: {texts:?}", list.id);
            }
        }
    }

    #[test]
    fn a_file_of_ones_own_replaces_one_of_the_same_id_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mine = "id = \"school\"\nversion = 9\n[title]\nvi = \"Của tôi\"\n[[item]]\nvi = \"Cửa\"\n";
        std::fs::write(folder.path().join("mine.toml"), mine).unwrap();
        let all = load(Some(folder.path())).unwrap();
        assert_eq!(all.iter().find(|list| list.id == "school").map(|list| list.version), Some(9));
        for (broken, expected) in [
            (mine.replace("school", "Sch ool"), "id:"),
            (mine.replace("[[item]]\nvi = \"Cửa\"\n", ""), "item"),
            (format!("{mine}{}", "[[item]]\nvi = \"x\"\n".repeat(8)), "9 items"),
            (mine.replace("version", "verzion"), "verzion"),
        ] {
            std::fs::write(folder.path().join("mine.toml"), broken).unwrap();
            let fault = load(Some(folder.path())).unwrap_err().to_string();
            assert!(fault.contains("mine.toml") && fault.contains(expected), "{fault}");
        }
    }
}
