//! What the kiosk says, in the guard's language. The texts are data: `assets/messages/*.ftl`, one file a language.

mod language;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use checkpoint::passage::{Direction, Outcome};
use checkpoint::screen::{Fault, OverrideReason};
use checkpoint::verdict::{Advice, Arg, Reason, Step};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
pub use language::{Language, LanguageFault, UnknownLanguage};
use unic_langid::LanguageIdentifier;

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
    visitor: bool,
    /// Names of the messages that the language's own files have; the others are said in English.
    own: BTreeSet<String>,
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
        let mut own = BTreeSet::new();
        for of in [Language::English].into_iter().chain(same_tag) {
            if of.tag() == language.tag() {
                own.extend(names(of.messages()));
            }
            bundle.add_resource_overriding(read(of));
        }
        Self { language, visitor: false, own, bundle }
    }

    /// The same, speaking to the visitor who looks at the screen: a message that has a form of its own for them (`NAME-visitor`) is
    /// said in it.
    pub fn for_visitor(self, visitor: bool) -> Self {
        Self { visitor, ..self }
    }

    /// Whether the visitor is spoken to.
    pub fn speaks_to_visitor(&self) -> bool {
        self.visitor
    }

    /// Puts the messages of `file` in place of those of the same names.
    ///
    /// # Errors
    /// `BrokenMessages`: the file does not follow the Fluent syntax; nothing was changed.
    pub fn with(mut self, file: &str) -> Result<Self, BrokenMessages> {
        self.bundle.add_resource_overriding(resource(file)?);
        self.own.extend(names(file));
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

    /// A reason in a few words, by its code, as the journal keeps it; nothing where it is not known.
    pub fn cause(&self, code: &str) -> String {
        let id = format!("cause-{code}");
        Some(self.get(&id)).filter(|text| *text != id).unwrap_or_default()
    }

    /// A length of time in seconds, with a tenth or hundredth where it says something: "0,25 giây", "2 giây".
    pub fn seconds(&self, time: Duration) -> String {
        let secs = time.as_secs_f64();
        let digits = if secs < 1.0 { 2 } else { 1 };
        let number = format!("{secs:.digits$}");
        let number = number.trim_end_matches('0').trim_end_matches('.');
        self.with_text("seconds", "n", &number.replace('.', &self.get("decimal-mark")))
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
        // What is to be done is not the visitor's.
        match self.visitor {
            true => self.get("fault-visitor"),
            false => self.get(&format!("fault-{}-do", fault.word())),
        }
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
        let find = |id: &str| self.bundle.get_message(id).and_then(|message| message.value());
        // A plain form in the visitor's own language says more than one in English that is made for visitors.
        let to_visitor = format!("{id}-visitor");
        let prefers = self.visitor && (self.own.contains(&to_visitor) || !self.own.contains(id));
        let own = prefers.then(|| find(&to_visitor)).flatten();
        let Some(pattern) = own.or_else(|| find(id)) else { return id.to_owned() };
        // A value that is missing is shown by its name in braces: seldom pretty, never silent.
        self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }
}

/// Names of the messages of a file: a message begins at the left with its name.
fn names(file: &str) -> impl Iterator<Item = String> {
    let name = |line: &str| line.split_once(" =").map(|(name, _)| name.to_owned());
    file.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).filter_map(name)
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
