//! The list of pictures and of what they hold.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The name of the list inside a folder.
pub const FILE_NAME: &str = "manifest.jsonl";

/// Why a picture is in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A photograph or screenshot of one or more codes.
    Photo,
    /// A symbol as it was drawn: nothing hinders its reading.
    Clean,
    /// No code at all: whatever is read is wrong.
    Negative,
}

impl Kind {
    /// As the list spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Clean => "clean",
            Self::Negative => "negative",
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    pub path: PathBuf,
    pub category: String,
    pub kind: Kind,
    /// The texts that are known, as text. Empty: nobody has read the picture yet, or there is no code in it.
    pub texts: Vec<String>,
    /// How many codes are in the picture, where somebody counted them.
    pub count: Option<usize>,
}

impl Entry {
    /// Whether every code's text is known, so that any other text is a wrong read.
    pub fn is_fully_known(&self) -> bool {
        self.kind == Kind::Negative || self.count == Some(self.texts.len())
    }
}

/// The pictures of a folder, and the lines of its list that say too little to be used.
#[derive(Debug)]
pub struct Manifest {
    pub entries: Vec<Entry>,
    pub complaints: Vec<String>,
}

impl Manifest {
    /// Reads the list of the folder `dir`: one JSON object a line. Only `file` or `id` is needed; what else is missing
    /// has a meaning: `kind` a photograph, `category` "uncategorised", `texts` nothing known, `count` not counted.
    ///
    /// # Errors
    /// A sentence that names what to do, if there is no list.
    pub fn read(dir: &Path) -> Result<Self, String> {
        let path = dir.join(FILE_NAME);
        let list = std::fs::read_to_string(&path).map_err(|error| {
            format!("cannot read {}: {error}; give a folder that holds {FILE_NAME} and its pictures", path.display())
        })?;
        let (mut entries, mut complaints) = (Vec::new(), Vec::new());
        for (number, line) in list.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match Self::entry(dir, line) {
                Ok(entry) => entries.push(entry),
                Err(complaint) => complaints.push(format!("{FILE_NAME} line {}: {complaint}", number + 1)),
            }
        }
        Ok(Self { entries, complaints })
    }

    fn entry(dir: &Path, line: &str) -> Result<Entry, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let word = |key: &str| value.get(key).and_then(Value::as_str);
        let path = match (word("file"), word("id")) {
            (Some(file), _) => dir.join(file),
            (None, Some(id)) => file_of(dir, id).ok_or_else(|| format!("no file is named {id} in the folder"))?,
            (None, None) => return Err("neither `file` nor `id`".into()),
        };
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let kind = match word("kind") {
            None | Some("photo") => Kind::Photo,
            Some("clean") => Kind::Clean,
            Some("negative") => Kind::Negative,
            Some(other) => return Err(format!("kind `{other}` is none of photo, clean, negative")),
        };
        let texts = value.get("texts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Entry {
            id: word("id").map(str::to_owned).or(stem).ok_or("the file has no name")?,
            path,
            category: word("category").unwrap_or("uncategorised").to_owned(),
            kind,
            texts: texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            count: value.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok()),
        })
    }
}

/// The file of the folder whose name without its ending is `id`.
fn file_of(dir: &Path, id: &str) -> Option<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(dir).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files.into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_leave_out_all_but_its_file() {
        let entry = Manifest::entry(Path::new("there"), r#"{"file": "a.png", "colour": "red"}"#).unwrap();
        assert_eq!((entry.id.as_str(), entry.kind, entry.category.as_str()), ("a", Kind::Photo, "uncategorised"));
        assert!(entry.texts.is_empty() && entry.count.is_none() && !entry.is_fully_known());
    }

    #[test]
    fn a_line_that_names_no_picture_is_a_complaint() {
        for line in ["{}", "nonsense", r#"{"file": "a.png", "kind": "moving"}"#, r#"{"id": "nowhere"}"#] {
            assert!(Manifest::entry(Path::new("/nowhere"), line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_picture_is_fully_known_when_all_its_codes_have_texts() {
        let known = |line: &str| Manifest::entry(Path::new("d"), line).unwrap().is_fully_known();
        assert!(known(r#"{"file": "a.png", "texts": ["A"], "count": 1}"#));
        assert!(!known(r#"{"file": "a.png", "texts": ["A"], "count": 2}"#));
        assert!(!known(r#"{"file": "a.png", "texts": [], "count": 1}"#));
        assert!(known(r#"{"file": "a.png", "kind": "negative"}"#));
    }
}
