//! Languages: each a file of messages, and a font where its letters need one.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{LazyLock, OnceLock};

use unic_langid::LanguageIdentifier;

use super::{Words, resource};

/// A language that the kiosk speaks: one file of messages, found by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Language(usize);

/// A message file, and a font where its letters need one.
struct Source {
    /// BCP 47 tag, the file's name.
    tag: String,
    messages: Cow<'static, str>,
    font: Option<Vec<u8>>,
}

/// The files of `assets/messages`, by tag.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// Files that a place brings itself.
static BROUGHT: OnceLock<Vec<Source>> = OnceLock::new();

/// Every language: ours, Vietnamese first, then those that were brought.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let mut sources: Vec<Source> = BUILT_IN
        .iter()
        .map(|(tag, messages)| Source { tag: (*tag).to_owned(), messages: Cow::Borrowed(messages), font: None })
        .collect();
    sources.sort_by_key(|source| match source.tag.as_str() {
        "vi" => 0,
        "en" => 1,
        _ => 2,
    });
    sources
});

#[allow(non_upper_case_globals)] // They are read as the names of values, as those of an enum.
impl Language {
    /// Tiếng Việt.
    pub const Vietnamese: Self = Self(0);
    /// English: what another language's file leaves out is said in it.
    pub const English: Self = Self(1);

    /// The languages that are complete, and that our tests hold so.
    pub const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// Every language that there is a file for, in the order in which one touch goes through them.
    pub fn every() -> impl Iterator<Item = Self> {
        let brought = BROUGHT.get().map_or(0, Vec::len);
        (0..SOURCES.len() + brought).map(Self)
    }

    /// Takes the message files of a folder (`TAG.ftl`, with its font beside it as `TAG.ttf` where our own lacks its letters).
    /// One of a tag that is known replaces messages of the same names. Once in a program's life; later calls change nothing.
    ///
    /// # Errors
    /// `LanguageFault`: a file cannot be read, is no message file, or its name is no tag.
    pub fn bring(folder: &Path) -> Result<(), LanguageFault> {
        let fault = |path: &Path, what: String| LanguageFault { path: path.into(), what };
        let entries = std::fs::read_dir(folder).map_err(|error| fault(folder, error.to_string()))?;
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "ftl"));
        paths.sort();
        let mut sources = Vec::new();
        for path in paths {
            let messages = std::fs::read_to_string(&path).map_err(|error| fault(&path, error.to_string()))?;
            let tag = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            if tag.parse::<LanguageIdentifier>().is_err() {
                return Err(fault(&path, "its name is no language's tag, such as lo.ftl".to_owned()));
            }
            resource(&messages).map_err(|broken| fault(&path, broken.to_string()))?;
            let font = std::fs::read(path.with_extension("ttf")).ok();
            sources.push(Source { tag, messages: messages.into(), font });
        }
        let _ = BROUGHT.set(sources);
        Ok(())
    }

    /// Fonts that were brought, each with its language's tag.
    pub fn fonts() -> impl Iterator<Item = (&'static str, &'static [u8])> {
        let brought = BROUGHT.get().map_or(&[][..], Vec::as_slice);
        brought.iter().filter_map(|source| Some((source.tag.as_str(), source.font.as_deref()?)))
    }

    /// BCP 47 tag, and the name of the message file.
    pub fn tag(self) -> &'static str {
        &self.source().tag
    }

    /// What its own people call it.
    pub fn name(self) -> String {
        Words::new(self).get("language-name")
    }

    /// Every language once: a file of a tag that comes before replaces messages and is no language of its own.
    pub fn own() -> impl Iterator<Item = Self> {
        Self::every().filter(|language| Self::every().find(|other| other.tag() == language.tag()) == Some(*language))
    }

    /// The language that one touch changes to.
    pub fn next(self) -> Self {
        Self::own().find(|language| language.0 > self.0).unwrap_or(Self::Vietnamese)
    }

    fn source(self) -> &'static Source {
        let brought = || BROUGHT.get().and_then(|brought| brought.get(self.0 - SOURCES.len()));
        SOURCES.get(self.0).or_else(brought).unwrap_or(&SOURCES[0])
    }

    pub(super) fn messages(self) -> &'static str {
        &self.source().messages
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::Vietnamese
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        Self::every().find(|language| language.tag() == tag).ok_or_else(|| {
            let known: Vec<_> = Self::every().map(|language| format!("\"{}\"", language.tag())).collect();
            UnknownLanguage { tag: tag.to_owned(), known: known.join(", ") }
        })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A language that has no message file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no messages for language {tag:?}: use one of {known}, or bring its file (screen.messages_dir)")]
pub struct UnknownLanguage {
    tag: String,
    known: String,
}

/// A file of a language that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}")]
pub struct LanguageFault {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}
