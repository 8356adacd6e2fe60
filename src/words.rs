//! What the kiosk says, in the guard's language. The texts are data: `assets/messages/*.ftl`, one file a language.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use checkpoint::passage::{Direction, Outcome};
use checkpoint::screen::{Fault, OverrideReason};
use checkpoint::verdict::{Advice, Arg, Reason, Step};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

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

    /// The language that one touch changes to. A file of a tag that comes before replaces messages and is no language of its own.
    pub fn next(self) -> Self {
        let own = |language: &Self| Self::every().find(|other| other.tag() == language.tag()) == Some(*language);
        let later = Self::every().find(|language| language.0 > self.0 && own(language));
        later.unwrap_or(Self::Vietnamese)
    }

    fn source(self) -> &'static Source {
        let brought = || BROUGHT.get().and_then(|brought| brought.get(self.0 - SOURCES.len()));
        SOURCES.get(self.0).or_else(brought).unwrap_or(&SOURCES[0])
    }

    fn messages(self) -> &'static str {
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

/// A message file that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("message file, byte {at}: {what}; correct that line, or take the file away to use the built-in messages")]
pub struct BrokenMessages {
    /// Offset in the file, in bytes.
    pub at: usize,
    /// What the parser says.
    pub what: String,
}

/// The messages of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.language)
    }
}

impl Words {
    /// The built-in messages of a language.
    pub fn new(language: Language) -> Self {
        // A file that does not parse as a whole still yields its good messages; a test holds that there is no other.
        let read = |language: Language| match FluentResource::try_new(language.messages().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let identifier: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // Isolation marks protect text that runs in two directions; here they would only show as boxes.
        bundle.set_use_isolating(false);
        // What a file leaves out is said in English, and what a file that was brought says of ours counts more.
        let same_tag = Language::every().filter(|other| *other != Language::English && other.tag() == language.tag());
        for of in [Language::English].into_iter().chain(same_tag) {
            bundle.add_resource_overriding(read(of));
        }
        Self { language, bundle }
    }

    /// Puts the messages of `file` in place of those of the same names.
    ///
    /// # Errors
    /// `BrokenMessages`: the file does not follow the Fluent syntax; nothing was changed.
    pub fn with(mut self, file: &str) -> Result<Self, BrokenMessages> {
        self.bundle.add_resource_overriding(resource(file)?);
        Ok(self)
    }

    /// Which language this is.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The message of this name, for example "action-hold". An unknown name is returned as it is: it can at least be
    /// read out.
    pub fn get(&self, id: &str) -> String {
        self.fill(id, &FluentArgs::new())
    }

    /// The message of this name with one number in it.
    pub fn count(&self, id: &str, name: &str, number: i64) -> String {
        let mut args = FluentArgs::new();
        args.set(name, number);
        self.fill(id, &args)
    }

    /// The message of this name with one text in it.
    pub fn with_text(&self, id: &str, name: &str, text: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(name, text.to_owned());
        self.fill(id, &args)
    }

    /// Why a visitor is not admitted, with both sides of the comparison.
    pub fn reason(&self, reason: &Reason) -> String {
        let mut args = FluentArgs::new();
        for (name, arg) in reason.args() {
            args.set(name, self.value(&arg));
        }
        self.fill(&format!("reason-{}", reason.code()), &args)
    }

    /// What the guard does next.
    pub fn advice(&self, advice: Advice) -> String {
        self.get(&format!("advice-{}", advice.word()))
    }

    /// What a visitor still has to show.
    pub fn step(&self, step: Step) -> String {
        let mut args = FluentArgs::new();
        for (name, arg) in step.args() {
            args.set(name, self.value(&arg));
        }
        self.fill(&format!("step-{}", step.word()), &args)
    }

    /// What is wrong with the kiosk.
    pub fn fault(&self, fault: Fault) -> String {
        self.get(&format!("fault-{}", fault.word()))
    }

    /// What to do about it, and what still works.
    pub fn fault_do(&self, fault: Fault) -> String {
        self.get(&format!("fault-{}-do", fault.word()))
    }

    /// The one word of a verdict, in capitals.
    pub fn outcome(&self, outcome: Outcome) -> String {
        self.get(&format!("outcome-{}", outcome.word()))
    }

    /// The same in a running text.
    pub fn outcome_short(&self, outcome: Outcome) -> String {
        self.get(&format!("outcome-{}-short", outcome.word()))
    }

    /// Why a guard lets somebody pass.
    pub fn override_reason(&self, reason: OverrideReason) -> String {
        self.get(&format!("override-{}", reason.word()))
    }

    /// Into the place or out of it.
    pub fn direction(&self, direction: Direction) -> String {
        self.get(&format!("direction-{}", direction.word()))
    }

    /// How long, in the largest unit of which there are at least two: "31 giờ", "3 ngày". Rounded down, so that nobody
    /// is told of time that is not there.
    pub fn duration(&self, duration: Duration) -> String {
        let minutes = (duration.as_secs() / 60) as i64;
        match minutes {
            0..120 => self.count("duration-minutes", "n", minutes),
            120..2880 => self.count("duration-hours", "n", minutes / 60),
            _ => self.count("duration-days", "n", minutes / 1440),
        }
    }

    fn value(&self, arg: &Arg) -> FluentValue<'static> {
        match arg {
            Arg::Number(number) => FluentValue::from(*number),
            Arg::Date(day) => FluentValue::from(date(*day)),
            Arg::Time(at) => FluentValue::from(time(*at)),
            Arg::Word(word) => FluentValue::from(*word),
        }
    }

    fn fill(&self, id: &str, args: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        // A value that is missing is shown by its name in braces: seldom pretty, never silent.
        self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }
}

fn resource(file: &str) -> Result<FluentResource, BrokenMessages> {
    FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| {
        errors.first().map_or_else(
            || BrokenMessages { at: 0, what: "unreadable".to_owned() },
            |first| BrokenMessages { at: first.pos.start, what: first.to_string() },
        )
    })
}

/// A day as people here write it: dd/mm/yyyy.
pub fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// An instant in +07:00: HH:MM dd/mm/yyyy.
pub fn time(at: DateTime<Utc>) -> String {
    in_viet_nam(at).format("%H:%M %d/%m/%Y").to_string()
}

/// The time of day in +07:00: HH:MM.
pub fn time_of_day(at: DateTime<Utc>) -> String {
    in_viet_nam(at).format("%H:%M").to_string()
}

/// The calendar day in +07:00.
pub fn day(at: DateTime<Utc>) -> NaiveDate {
    in_viet_nam(at).date_naive()
}

/// Viet Nam keeps +07:00 all year round.
fn in_viet_nam(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    const OFFSET: FixedOffset = match FixedOffset::east_opt(7 * 3600) {
        Some(offset) => offset,
        None => panic!("seven hours are an offset"),
    };
    at.with_timezone(&OFFSET)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use checkpoint::verdict::Answer;
    use chrono::TimeZone;

    use super::*;

    /// Name → the values that it asks for, as written in the file.
    fn written(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in language.messages().lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if !line.starts_with([' ', '}']) {
                current = line.split_once(" =").expect("a message has a name").0.to_owned();
                assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{current} stands twice");
            }
            let values = line
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>());
            messages.entry(current.clone()).or_default().extend(values);
        }
        messages
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_values() {
        assert_eq!(written(Language::Vietnamese), written(Language::English));
    }

    #[test]
    fn every_message_file_parses_as_a_whole() {
        for language in Language::ALL {
            let parsed = FluentResource::try_new(language.messages().to_owned());
            assert!(parsed.is_ok(), "{language}: {:?}", parsed.err().map(|(_, errors)| errors));
        }
    }

    /// Everything that the contracts can ask for, as text.
    fn everything(words: &Words) -> Vec<String> {
        let mut texts = Vec::new();
        texts.extend(Reason::examples().iter().map(|reason| words.reason(reason)));
        texts.extend(Step::ALL.map(|missing| words.reason(&Reason::Incomplete { missing })));
        texts.extend(Advice::ALL.map(|advice| words.advice(advice)));
        texts.extend(Step::ALL.map(|step| words.step(step)));
        texts.extend(Fault::ALL.map(|fault| words.fault(fault)));
        texts.extend(Fault::ALL.map(|fault| words.fault_do(fault)));
        texts.extend(Outcome::ALL.map(|outcome| words.outcome(outcome)));
        texts.extend(Outcome::ALL.map(|outcome| words.outcome_short(outcome)));
        texts.extend(OverrideReason::ALL.map(|reason| words.override_reason(reason)));
        texts.extend([Direction::In, Direction::Out].map(|direction| words.direction(direction)));
        texts
    }

    #[test]
    fn no_text_is_missing_and_no_value_is_left_open() {
        for language in Language::ALL {
            for text in everything(&Words::new(language)) {
                // A missing message is returned by its name.
                let names = ["reason-", "advice-", "step-", "fault-", "outcome-", "override-", "direction-"];
                assert!(!names.iter().any(|name| text.starts_with(name)), "{language}: no message {text}");
                assert!(!text.contains(['{', '}', '$']), "{language}: a value is open in {text}");
                assert!(!text.contains(['\u{2068}', '\u{2069}']), "{language}: isolation marks in {text:?}");
            }
        }
    }

    /// `docs/reasons.md`: every reason as the guard is told of it. Counts are examples; days and times stand for themselves.
    fn page_of_reasons() -> String {
        let languages = Language::ALL.map(Words::new);
        let mut page = String::from(
            "# Why a visitor is not let pass: every code\n\n\
             A guard reads the code out on the telephone. Red (đỏ): known not to be met. Amber (vàng): the kiosk cannot know, and the guard\n\
             decides. Numbers are examples. This page is written by a test from the program's own messages:\n\n    \
             WRITE_DOCS=1 cargo test -p kiosk --lib reasons\n\n\
             | mã / code | màu / colour | lý do và việc cần làm | reason and what to do |\n| --- | --- | --- | --- |\n",
        );
        for reason in Reason::examples() {
            let told = |words: &Words| {
                let mut args = FluentArgs::new();
                for (name, arg) in reason.args() {
                    args.set(
                        name,
                        match arg {
                            Arg::Date(_) => "dd/mm/yyyy".into(),
                            Arg::Time(_) => "hh:mm dd/mm/yyyy".into(),
                            Arg::Number(_) | Arg::Word(_) => words.value(&arg),
                        },
                    );
                }
                let why = words.fill(&format!("reason-{}", reason.code()), &args);
                format!("{why} **{}**", words.advice(reason.advice())).replace('|', "\\|")
            };
            let colour = match reason.answer() {
                Answer::Refuse => "đỏ / red",
                Answer::Refer => "vàng / amber",
                answer => panic!("{} is {}, and a reason never is", reason.code(), answer.word()),
            };
            let [vi, en] = &languages;
            page += &format!("| `{}` | {colour} | {} | {} |\n", reason.code(), told(vi), told(en));
        }
        page
    }

    #[test]
    fn the_table_of_reasons_is_what_the_kiosk_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reasons.md");
        let page = page_of_reasons();
        if std::env::var_os("WRITE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == page, "docs/reasons.md is of yesterday: WRITE_DOCS=1 cargo test -p kiosk --lib reasons");
    }

    #[test]
    fn a_reason_carries_both_sides_of_its_comparison() {
        let at = Utc.with_ymd_and_hms(2026, 7, 1, 18, 5, 0).unwrap();
        let recent = Reason::DoseTooRecent { days: 12, days_min: 14, holds_from: day(at) };
        let expired = Reason::Expired { now: at, not_after: at - chrono::TimeDelta::hours(2) };
        for (language, reason, expected) in [
            (Language::Vietnamese, &recent, "Mũi cuối mới được 12 ngày: đủ 14 ngày sau 2 ngày nữa, từ 02/07/2026."),
            (Language::English, &recent, "Last dose 12 days ago: 14 days are reached in 2 days, on 02/07/2026."),
            (Language::Vietnamese, &expired, "Mã hết hạn lúc 23:05 01/07/2026 (bây giờ là 01:05 02/07/2026)."),
        ] {
            assert_eq!(Words::new(language).reason(reason), expected);
        }
    }

    #[test]
    fn durations_are_rounded_down_to_a_unit_that_reads_well() {
        let words = Words::new(Language::Vietnamese);
        for (minutes, expected) in [
            (0, "0 phút"),
            (119, "119 phút"),
            (120, "2 giờ"),
            (31 * 60 + 59, "31 giờ"),
            (2879, "47 giờ"),
            (2880, "2 ngày"),
        ] {
            assert_eq!(words.duration(Duration::from_secs(minutes * 60 + 59)), expected);
        }
    }

    #[test]
    fn a_file_of_ones_own_replaces_messages_by_name() {
        let words = Words::new(Language::English).with("action-hold = Keep\n").unwrap();
        assert_eq!(words.get("action-hold"), "Keep");
        assert_eq!(words.get("action-dismiss"), "Next");
        let broken = Words::new(Language::English).with("action-hold\n").unwrap_err();
        assert!(broken.to_string().contains("built-in"), "{broken}");
    }

    #[test]
    fn an_unknown_name_is_shown_rather_than_nothing() {
        assert_eq!(Words::new(Language::English).get("no-such-message"), "no-such-message");
    }

    #[test]
    fn languages_are_read_from_their_tags() {
        assert_eq!("vi".parse(), Ok(Language::Vietnamese));
        assert!("xx".parse::<Language>().unwrap_err().to_string().contains("\"vi\""));
    }

    #[test]
    fn a_language_is_a_file_and_what_it_leaves_out_is_said_in_english() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("qx broken.ftl"), "a = b").unwrap();
        let fault = Language::bring(folder.path()).unwrap_err().to_string();
        assert!(fault.contains("qx broken.ftl") && fault.contains("tag"), "{fault}");
        std::fs::remove_file(folder.path().join("qx broken.ftl")).unwrap();
        std::fs::write(folder.path().join("hmn.ftl"), "language-name = Hmoob\naction-hold = Tuav\n").unwrap();
        Language::bring(folder.path()).unwrap();
        let brought: Language = "hmn".parse().unwrap();
        let words = Words::new(brought);
        assert_eq!((brought.name(), words.get("action-hold")), ("Hmoob".to_owned(), "Tuav".to_owned()));
        assert_eq!(words.get("action-dismiss"), "Next");
        // One touch goes through all of them, and round.
        let round: Vec<_> = std::iter::successors(Some(Language::Vietnamese), |language| Some(language.next()))
            .take(Language::every().count() + 1)
            .collect();
        assert!(round.contains(&brought) && round.first() == round.last(), "{round:?}");
    }
}
