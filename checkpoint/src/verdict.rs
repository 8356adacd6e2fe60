//! The three answers, the reason for each, and what the guard does next.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::passage::SeenBefore;
use crate::presence::PresenceFault;
use crate::unsigned::LinkTo;

/// What the rules decided for one visit. Only `rules` and `lane` make one.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    answer: Answer,
    reason: Option<Reason>,
    holds_until: Option<DateTime<Utc>>,
}

/// Three answers, never two. *Refer* is for what the kiosk cannot know: never green, never red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Green: every required rule set is met by verified credentials of one person.
    Admit,
    /// Red: known not to be met.
    Refuse,
    /// Amber: the guard must look.
    Refer,
    /// Blue: a place that only registers who passed.
    Registered,
}

impl Answer {
    /// The word kept in journals and batches.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Refuse => "refuse",
            Self::Refer => "refer",
            Self::Registered => "registered",
        }
    }

    /// Reads what `word` wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Admit, Self::Refuse, Self::Refer, Self::Registered].into_iter().find(|answer| answer.word() == word)
    }
}

impl Verdict {
    /// Every rule set is met. `holds_until` is the earliest moment at which one of them no longer is.
    pub(crate) fn admit(holds_until: Option<DateTime<Utc>>) -> Self {
        Self { answer: Answer::Admit, reason: None, holds_until }
    }

    /// A place that only registers: somebody was named, and nothing was asked that could be green.
    pub(crate) fn registered() -> Self {
        Self { answer: Answer::Registered, reason: None, holds_until: None }
    }

    /// Not admitted, for this reason: the reason knows whether that is red or amber.
    pub(crate) fn because(reason: Reason) -> Self {
        Self { answer: reason.answer(), reason: Some(reason), holds_until: None }
    }

    /// The same, amber in place of red: what the reason compares is what a guard typed, and nobody signed it.
    pub(crate) fn by_eye(self) -> Self {
        Self { answer: Answer::Refer, ..self }
    }

    /// The same, where it holds until a moment.
    pub(crate) fn until(self, holds_until: Option<DateTime<Utc>>) -> Self {
        Self { holds_until, ..self }
    }

    /// Whether the rules are met on the guard's word: never green, and the guard's word lets pass.
    pub(crate) fn is_vouched(&self) -> bool {
        matches!(self.reason, Some(Reason::PaperTyped | Reason::AppChecked))
    }

    /// Admit, refuse, refer or registered.
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// Why not; `None` for an admission.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// Until when an admission holds, or what lets pass for some purposes, where something in it ends.
    pub fn holds_until(&self) -> Option<DateTime<Utc>> {
        self.holds_until
    }

    /// What the guard does next.
    pub fn advice(&self) -> Advice {
        self.reason.as_ref().map_or(Advice::LetPass, Reason::advice)
    }
}

/// Something that a visitor still has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A vaccination certificate.
    ShowCertificate,
    /// A health declaration.
    ShowDeclaration,
    /// An identity card: the rules ask for it, or the codes shown so far match each other too weakly.
    ShowIdentity,
    /// The declaration made at entry to the country.
    ShowEntryDeclaration,
    /// A certificate of vaccination, of recovery or of a test.
    ShowHealthProof,
    /// A test.
    ShowTest,
    /// A travel permit.
    ShowPermit,
    /// The next of the codes over which one card is spread, of which so many were shown.
    ShowNextCode { shown: u8, of: u8 },
    /// The app's answer to the code on this screen.
    AnswerScreen,
    /// The code of whoever picks this pupil up.
    ShowGuardian,
}

impl Step {
    /// Every step, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::ShowCertificate,
        Self::ShowDeclaration,
        Self::ShowIdentity,
        Self::ShowEntryDeclaration,
        Self::ShowHealthProof,
        Self::ShowTest,
        Self::ShowPermit,
        Self::ShowNextCode { shown: 1, of: 3 },
        Self::AnswerScreen,
        Self::ShowGuardian,
    ];

    /// The message's name in the message files, after `step-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::ShowCertificate => "certificate",
            Self::ShowDeclaration => "declaration",
            Self::ShowNextCode { .. } => "next-code",
            Self::ShowIdentity => "identity",
            Self::ShowEntryDeclaration => "entry-declaration",
            Self::ShowHealthProof => "health-proof",
            Self::ShowTest => "test",
            Self::ShowPermit => "permit",
            Self::AnswerScreen => "answer",
            Self::ShowGuardian => "guardian",
        }
    }

    /// A step that a rule set asks for, by its word. The next code of a card is the lane's to ask for.
    pub fn of_rules(word: &str) -> Option<Self> {
        let asked_by_the_lane = |step: &Self| matches!(step, Self::ShowNextCode { .. });
        Self::ALL.into_iter().find(|step| !asked_by_the_lane(step) && step.word() == word)
    }

    /// Its numbers, by the names that the message files use: the same for every step, since a message of all steps asks for all.
    pub fn args(self) -> [(&'static str, Arg); 2] {
        let (shown, of) = match self {
            Self::ShowNextCode { shown, of } => (shown, of),
            Self::ShowCertificate
            | Self::ShowDeclaration
            | Self::ShowIdentity
            | Self::ShowEntryDeclaration
            | Self::ShowHealthProof
            | Self::ShowTest
            | Self::ShowPermit
            | Self::AnswerScreen
            | Self::ShowGuardian => (0, 0),
        };
        [("shown", Arg::Number(i64::from(shown))), ("of", Arg::Number(i64::from(of)))]
    }
}

/// What the guard does next, in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Nothing is in the way.
    LetPass,
    /// Hold the code again: steadier, nearer, brighter.
    ScanAgain,
    /// Another or a newer code of this visitor may do.
    AskForAnother,
    /// The visitor shows what is still missing.
    ShowMissing,
    /// The visitor scans the code on this screen anew.
    AnswerAgain,
    /// The visitor fills in a new declaration.
    DeclareAgain,
    /// It holds later: the reason says when.
    ComeBackLater,
    /// The visitor goes to the health post.
    SendToHealthPost,
    /// Compare with the identity card by eye.
    CheckIdentity,
    /// Compare the card with the certificate and with the person: the machine is not sure that they are one.
    CompareCard,
    /// Ask what the way is for: the rules of the place let pass for some purposes.
    AskPurpose,
    /// Call the officer in charge: this may be a fraud.
    CallSupervisor,
    /// Bring a newer trust list, by stick or network.
    UpdateTrustList,
    /// Set the clock, or bring a newer trust list.
    CheckClock,
    /// The kiosk itself is at fault: go on by eye and tell the office.
    CheckKiosk,
    /// Ask whom the visitor comes to see, and write it into the book of visitors.
    WriteVisitor,
    /// Ring whoever is registered before the pupil leaves.
    RingGuardian,
}

impl Advice {
    /// Every advice, for tables and tests.
    pub const ALL: [Self; 17] = [
        Self::LetPass,
        Self::ScanAgain,
        Self::AskForAnother,
        Self::ShowMissing,
        Self::AnswerAgain,
        Self::DeclareAgain,
        Self::ComeBackLater,
        Self::SendToHealthPost,
        Self::CheckIdentity,
        Self::CompareCard,
        Self::AskPurpose,
        Self::CallSupervisor,
        Self::UpdateTrustList,
        Self::CheckClock,
        Self::CheckKiosk,
        Self::WriteVisitor,
        Self::RingGuardian,
    ];

    /// The message's name in the message files, after `advice-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::LetPass => "let-pass",
            Self::ScanAgain => "scan-again",
            Self::AskForAnother => "ask-for-another",
            Self::ShowMissing => "show-missing",
            Self::AnswerAgain => "answer-again",
            Self::DeclareAgain => "declare-again",
            Self::ComeBackLater => "come-back-later",
            Self::SendToHealthPost => "send-to-health-post",
            Self::CheckIdentity => "check-identity",
            Self::CompareCard => "compare-card",
            Self::AskPurpose => "ask-purpose",
            Self::CallSupervisor => "call-supervisor",
            Self::UpdateTrustList => "update-list",
            Self::CheckClock => "check-clock",
            Self::CheckKiosk => "check-kiosk",
            Self::WriteVisitor => "write-visitor",
            Self::RingGuardian => "ring-guardian",
        }
    }
}

/// Why a visitor is not admitted, with both sides of the comparison that failed. Holds no personal data.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    // E: the envelope, before anything is vouched for.
    /// No scheme that the kiosk knows.
    UnknownCode,
    /// The scheme is known and the code is damaged, or never was one. `layer` names where: "base45", "zlib", ...
    Malformed { layer: &'static str },
    /// Larger, or inflating to more, than a code of this scheme can be.
    TooLarge { bytes_max: usize },
    /// A card of which the scanner delivered only the beginning.
    Cut { fields: usize, fields_min: usize },
    /// A web address: what it points to cannot be verified offline, and is never opened.
    Link { to: LinkTo },
    /// The poster of a place: it names no visitor.
    Poster,
    /// A signed certificate of a scheme whose signature the kiosk cannot check.
    Unprovable { what: &'static str },
    /// It names an algorithm that the scheme does not allow.
    AlgorithmNotAllowed,

    // S: the signature and the key.
    /// No list is loaded.
    NoTrustList,
    /// The list is older than its hard limit.
    TrustListStale { age: Duration, age_max: Duration },
    /// The list does not hold the key that the code names.
    UnknownKey,
    /// The key is known, and did not sign this.
    BadSignature,
    /// A good signature by a key that may not sign this kind of statement, or for this issuer.
    KeyNotForThisUse,
    /// Signed at a time at which the key was not valid.
    KeyOutsideItsWindow { signed_at: DateTime<Utc>, not_before: DateTime<Utc>, not_after: DateTime<Utc> },
    /// The key's credentials count in other regions only.
    KeyElsewhere,
    /// Valid for longer than its key may give.
    LifetimeTooLong { days: i64, days_max: i64 },
    /// This credential, or every one of its key or issuer, was taken back.
    Revoked,
    /// A list of what was taken back cannot be read: nobody knows.
    RevocationUnreadable,

    // C: what the credential says.
    /// A good signature over something that does not follow its scheme's schema.
    SchemaViolated,
    /// Its validity has ended.
    Expired { now: DateTime<Utc>, not_after: DateTime<Utc> },
    /// Its validity has not begun.
    NotYetValid { now: DateTime<Utc>, not_before: DateTime<Utc> },

    // V: the visit.
    /// Two codes of one visit name two people.
    AnotherPerson,
    /// Two codes of one visit may name one person, and may not.
    WeakMatch { score: u8, score_min: u8 },
    /// Another person's code, while a verdict stands that is to be settled first.
    OneAtATime,
    /// The visit ended before everything was shown.
    Incomplete { missing: Step },
    /// The answer to the code on this screen does not count.
    Presence(PresenceFault),
    /// The same holder passed a moment ago, or is in already.
    PassedBefore(SeenBefore),
    /// A moment ago the guard saw somebody else show this holder's codes.
    Borrowed { at: DateTime<Utc> },
    /// The visit ended, and all that was shown is a code that nobody signed: identified, not verified.
    Unverified { missing: Step },
    /// The place's roster does not name the visitor, or names several who are alike.
    NotOnRoster,
    /// Whoever came to pick the pupil up is none of those whom the roster names.
    NotTheGuardian,

    // R: the rules.
    /// No rule set is required here: an empty rule set admits nobody.
    NoRules,
    /// A product that the rule set does not know.
    UnknownVaccine,
    /// Too few doses for the product.
    TooFewDoses { doses: u32, doses_min: u32 },
    /// The last dose is too young. Days are calendar days in +07:00; `holds_from` is the first day that does.
    DoseTooRecent { days: i64, days_min: i64, holds_from: NaiveDate },
    /// The last dose is too old.
    DoseTooOld { days: i64, days_max: i64 },
    /// The day of a dose or of a recovery is only partly known, or not yet come, and the answer depends on it.
    DateUncertain,
    /// The declaration is too old.
    DeclarationTooOld { hours: i64, hours_max: i64 },
    /// The visitor declares a symptom.
    Symptoms { count: usize },
    /// The visitor declares contact with a case.
    Contact,
    /// The visitor declares places that are on the rule set's list of outbreaks.
    OutbreakPlaces { count: usize },
    /// The newest test is too old.
    TestTooOld { hours: i64, hours_max: i64 },
    /// A test found the disease.
    TestPositive,
    /// A kind of test, a result or a time of sampling that the rule set cannot judge.
    UnknownTest,
    /// Recovered too long ago.
    RecoveryTooOld { days: i64, days_max: i64 },
    /// Between green and red: the province lets pass for some purposes.
    Yellow,
    /// The travel permit names neither this place nor this province.
    PermitElsewhere,
    /// The rule set is another province's.
    RulesElsewhere,
    /// The rule set could not be evaluated: `fault` is the word of `certlogic::Fault`.
    RulesFault { fault: &'static str },

    // K: the kiosk.
    /// The comparison depends on a clock that nothing speaks for.
    ClockInDoubt { floor: DateTime<Utc>, estimate: DateTime<Utc> },
    /// The passage could not be made durable, so nobody is shown green.
    JournalFault,

    // G: the guard.
    /// The guard let somebody pass against the verdict, and says why.
    Override,
    /// The rules are met by what the guard typed from paper: nobody signed it, so the guard vouches for it.
    PaperTyped,
    /// The guard looked at the visitor's app, or at a paper that the rules cannot judge, and vouches for it.
    AppChecked,
    /// The guard says that the visitor is not the person whom the codes name.
    NotThisPerson,
}

/// One value of a reason, for the message files. Names of arguments are in `Reason::args`.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A count.
    Number(i64),
    /// A day, shown as people write it here.
    Date(NaiveDate),
    /// An instant, shown in +07:00.
    Time(DateTime<Utc>),
    /// A technical word, the same in every language.
    Word(&'static str),
}

impl Reason {
    /// Red or amber. No `_` arm: a new reason compiles once somebody decides.
    pub fn answer(&self) -> Answer {
        match self {
            Self::AlgorithmNotAllowed
            | Self::BadSignature
            | Self::KeyNotForThisUse
            | Self::KeyOutsideItsWindow { .. }
            | Self::KeyElsewhere
            | Self::LifetimeTooLong { .. }
            | Self::Revoked
            | Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::TooFewDoses { .. }
            | Self::DoseTooRecent { .. }
            | Self::DoseTooOld { .. }
            | Self::DeclarationTooOld { .. }
            | Self::Symptoms { .. }
            | Self::Contact
            | Self::TestTooOld { .. }
            | Self::TestPositive
            | Self::RecoveryTooOld { .. }
            | Self::NotThisPerson => Answer::Refuse,
            Self::UnknownCode
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::Cut { .. }
            | Self::Link { .. }
            | Self::Poster
            | Self::Unprovable { .. }
            | Self::NoTrustList
            | Self::TrustListStale { .. }
            | Self::UnknownKey
            | Self::RevocationUnreadable
            | Self::SchemaViolated
            | Self::AnotherPerson
            | Self::WeakMatch { .. }
            | Self::OneAtATime
            | Self::Borrowed { .. }
            | Self::Incomplete { .. }
            | Self::PassedBefore(_)
            | Self::Unverified { .. }
            | Self::NotOnRoster
            | Self::NotTheGuardian
            | Self::NoRules
            | Self::UnknownVaccine
            | Self::DateUncertain
            | Self::OutbreakPlaces { .. }
            | Self::UnknownTest
            | Self::Yellow
            | Self::PermitElsewhere
            | Self::RulesElsewhere
            | Self::RulesFault { .. }
            | Self::ClockInDoubt { .. }
            | Self::JournalFault
            | Self::PaperTyped
            | Self::AppChecked
            | Self::Override => Answer::Refer,
            Self::Presence(PresenceFault::Forged) => Answer::Refuse,
            Self::Presence(_) => Answer::Refer,
        }
    }

    /// Whether it is about the visitor. A bank's code, a poster, a card that was cut are not: the right code may still come.
    pub(crate) fn says_something_about_the_visitor(&self) -> bool {
        !matches!(
            self,
            Self::UnknownCode
                | Self::Malformed { .. }
                | Self::TooLarge { .. }
                | Self::Cut { .. }
                | Self::Link { .. }
                | Self::Poster
                | Self::Unprovable { .. }
                | Self::OneAtATime
        )
    }

    /// Whether a current document of the same person makes it not matter: a copy that ended, or that does not count yet or here.
    pub(crate) fn is_outweighed(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::NotYetValid { .. } | Self::KeyElsewhere)
    }

    /// Whether a current document of the same person leaves it for the guard: one that was taken back, or that its key may not sign. What
    /// only ended, or counts elsewhere, is no fault of who shows a good one beside it; and who answers the screen wrongly may
    /// answer again.
    pub(crate) fn is_blemish(&self) -> bool {
        matches!(
            self,
            Self::Revoked
                | Self::RevocationUnreadable
                | Self::KeyNotForThisUse
                | Self::KeyOutsideItsWindow { .. }
                | Self::LifetimeTooLong { .. }
                | Self::SchemaViolated
        )
    }

    /// Whether it is about a code that is nobody's document: a poster, a shop's, one that just let somebody pass.
    pub(crate) fn is_of_nobody(&self) -> bool {
        matches!(self, Self::UnknownCode | Self::Poster | Self::Link { .. } | Self::PassedBefore(_))
    }

    /// The short code that a guard reads out on the telephone.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCode => "E-UNKNOWN",
            Self::Malformed { .. } => "E-FORM",
            Self::TooLarge { .. } => "E-SIZE",
            Self::Cut { .. } => "E-CUT",
            Self::Link { .. } => "E-LINK",
            Self::Poster => "E-POSTER",
            Self::Unprovable { .. } => "E-NOPROOF",
            Self::AlgorithmNotAllowed => "E-ALG",
            Self::NoTrustList => "S-NOLIST",
            Self::TrustListStale { .. } => "S-OLDLIST",
            Self::UnknownKey => "S-KEY",
            Self::BadSignature => "S-SIG",
            Self::KeyNotForThisUse => "S-USE",
            Self::KeyOutsideItsWindow { .. } => "S-WINDOW",
            Self::KeyElsewhere => "S-REGION",
            Self::LifetimeTooLong { .. } => "S-LIFETIME",
            Self::Revoked => "S-REVOKED",
            Self::RevocationUnreadable => "S-REVLIST",
            Self::SchemaViolated => "C-SCHEMA",
            Self::Expired { .. } => "C-EXPIRED",
            Self::NotYetValid { .. } => "C-EARLY",
            Self::AnotherPerson => "V-PERSON",
            Self::WeakMatch { .. } => "V-MATCH",
            Self::OneAtATime => "V-NEXT",
            Self::Incomplete { .. } => "V-MISSING",
            Self::Presence(fault) => fault.code(),
            Self::PassedBefore(_) => "V-AGAIN",
            Self::Borrowed { .. } => "V-BORROWED",
            Self::Unverified { .. } => "V-UNSIGNED",
            Self::NotOnRoster => "V-ROSTER",
            Self::NotTheGuardian => "V-GUARDIAN",
            Self::NoRules => "R-NONE",
            Self::UnknownVaccine => "R-VACCINE",
            Self::TooFewDoses { .. } => "R-DOSES",
            Self::DoseTooRecent { .. } => "R-RECENT",
            Self::DoseTooOld { .. } => "R-OLD",
            Self::DateUncertain => "R-DATE",
            Self::DeclarationTooOld { .. } => "R-DECLOLD",
            Self::Symptoms { .. } => "R-SYMPTOMS",
            Self::Contact => "R-CONTACT",
            Self::OutbreakPlaces { .. } => "R-PLACES",
            Self::TestTooOld { .. } => "R-TESTOLD",
            Self::TestPositive => "R-POSITIVE",
            Self::UnknownTest => "R-TEST",
            Self::RecoveryTooOld { .. } => "R-RECOVERED",
            Self::Yellow => "R-YELLOW",
            Self::PermitElsewhere => "R-ROUTE",
            Self::RulesElsewhere => "R-PROVINCE",
            Self::RulesFault { .. } => "R-FAULT",
            Self::ClockInDoubt { .. } => "K-CLOCK",
            Self::JournalFault => "K-JOURNAL",
            Self::Override => "G-OVERRIDE",
            Self::PaperTyped => "G-PAPER-TYPED",
            Self::AppChecked => "G-APP-CHECKED",
            Self::NotThisPerson => "G-NOT-THIS-PERSON",
        }
    }

    /// What the guard does next. No `_` arm, as above.
    pub fn advice(&self) -> Advice {
        match self {
            Self::Malformed { .. } | Self::Cut { .. } | Self::OneAtATime => Advice::ScanAgain,
            Self::NotTheGuardian | Self::Incomplete { missing: Step::ShowGuardian } => Advice::RingGuardian,
            Self::UnknownCode
            | Self::TooLarge { .. }
            | Self::Link { .. }
            | Self::Poster
            | Self::Unprovable { .. }
            | Self::SchemaViolated
            | Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::KeyElsewhere
            | Self::TooFewDoses { .. }
            | Self::DoseTooOld { .. }
            | Self::TestTooOld { .. }
            | Self::RecoveryTooOld { .. } => Advice::AskForAnother,
            Self::Incomplete { .. } | Self::Unverified { .. } => Advice::ShowMissing,
            Self::WeakMatch { .. } => Advice::CompareCard,
            Self::NotOnRoster => Advice::WriteVisitor,
            Self::DeclarationTooOld { .. } => Advice::DeclareAgain,
            Self::DoseTooRecent { .. } => Advice::ComeBackLater,
            Self::Symptoms { .. } | Self::Contact | Self::OutbreakPlaces { .. } | Self::TestPositive => {
                Advice::SendToHealthPost
            }
            Self::Yellow => Advice::AskPurpose,
            Self::AnotherPerson
            | Self::PassedBefore(_)
            | Self::Borrowed { .. }
            | Self::DateUncertain
            | Self::UnknownVaccine
            | Self::UnknownTest
            | Self::PermitElsewhere
            | Self::Override
            | Self::PaperTyped
            | Self::AppChecked
            | Self::Presence(PresenceFault::KeyMissing) => Advice::CheckIdentity,
            Self::Presence(PresenceFault::Forged) => Advice::CallSupervisor,
            Self::Presence(PresenceFault::Elsewhere | PresenceFault::Old | PresenceFault::Given) => Advice::AnswerAgain,
            Self::AlgorithmNotAllowed
            | Self::BadSignature
            | Self::KeyNotForThisUse
            | Self::KeyOutsideItsWindow { .. }
            | Self::LifetimeTooLong { .. }
            | Self::Revoked
            | Self::NotThisPerson => Advice::CallSupervisor,
            Self::NoTrustList | Self::TrustListStale { .. } | Self::UnknownKey | Self::RevocationUnreadable => {
                Advice::UpdateTrustList
            }
            Self::ClockInDoubt { .. } => Advice::CheckClock,
            Self::NoRules | Self::RulesElsewhere | Self::RulesFault { .. } | Self::JournalFault => Advice::CheckKiosk,
        }
    }

    /// Both sides of the comparison, by the names that the message files use.
    pub fn args(&self) -> Vec<(&'static str, Arg)> {
        match self {
            Self::Malformed { layer } => vec![("layer", Arg::Word(layer))],
            Self::Unprovable { what } => vec![("what", Arg::Word(what))],
            Self::TooLarge { bytes_max } => vec![("kib_max", Arg::Number((bytes_max / 1024) as i64))],
            Self::TrustListStale { age, age_max } => {
                vec![("days", Arg::Number(days(*age))), ("days_max", Arg::Number(days(*age_max)))]
            }
            Self::KeyOutsideItsWindow { signed_at, not_before, not_after } => vec![
                ("signed_at", Arg::Time(*signed_at)),
                ("not_before", Arg::Time(*not_before)),
                ("not_after", Arg::Time(*not_after)),
            ],
            Self::LifetimeTooLong { days, days_max } => {
                vec![("days", Arg::Number(*days)), ("days_max", Arg::Number(*days_max))]
            }
            Self::Expired { now, not_after } => vec![("now", Arg::Time(*now)), ("not_after", Arg::Time(*not_after))],
            Self::NotYetValid { now, not_before } => {
                vec![("now", Arg::Time(*now)), ("not_before", Arg::Time(*not_before))]
            }
            Self::PassedBefore(seen) => {
                vec![("at", Arg::Time(seen.at)), ("direction", Arg::Word(seen.direction.word()))]
            }
            Self::Borrowed { at } => vec![("at", Arg::Time(*at))],
            Self::Incomplete { missing } | Self::Unverified { missing } => {
                [("missing", Arg::Word(missing.word()))].into_iter().chain(missing.args()).collect()
            }
            Self::Cut { fields, fields_min } => {
                vec![("fields", Arg::Number(*fields as i64)), ("fields_min", Arg::Number(*fields_min as i64))]
            }
            Self::Link { to } => vec![("to", Arg::Word(to.word()))],
            Self::WeakMatch { score, score_min } => {
                vec![("score", Arg::Number(i64::from(*score))), ("score_min", Arg::Number(i64::from(*score_min)))]
            }
            Self::TooFewDoses { doses, doses_min } => {
                vec![("doses", Arg::Number(i64::from(*doses))), ("doses_min", Arg::Number(i64::from(*doses_min)))]
            }
            Self::DoseTooRecent { days, days_min, holds_from } => vec![
                ("days", Arg::Number(*days)),
                ("days_min", Arg::Number(*days_min)),
                ("days_left", Arg::Number(days_min - days)),
                ("holds_from", Arg::Date(*holds_from)),
            ],
            Self::DoseTooOld { days, days_max } => {
                vec![("days", Arg::Number(*days)), ("days_max", Arg::Number(*days_max))]
            }
            Self::DeclarationTooOld { hours, hours_max } => {
                vec![("hours", Arg::Number(*hours)), ("hours_max", Arg::Number(*hours_max))]
            }
            Self::Symptoms { count } | Self::OutbreakPlaces { count } => vec![("count", Arg::Number(*count as i64))],
            Self::TestTooOld { hours, hours_max } => {
                vec![("hours", Arg::Number(*hours)), ("hours_max", Arg::Number(*hours_max))]
            }
            Self::RecoveryTooOld { days, days_max } => {
                vec![("days", Arg::Number(*days)), ("days_max", Arg::Number(*days_max))]
            }
            Self::RulesFault { fault } => vec![("fault", Arg::Word(fault))],
            Self::ClockInDoubt { floor, estimate } => {
                vec![("floor", Arg::Time(*floor)), ("estimate", Arg::Time(*estimate))]
            }
            Self::UnknownCode
            | Self::Poster
            | Self::AlgorithmNotAllowed
            | Self::NoTrustList
            | Self::UnknownKey
            | Self::BadSignature
            | Self::KeyNotForThisUse
            | Self::KeyElsewhere
            | Self::Revoked
            | Self::RevocationUnreadable
            | Self::SchemaViolated
            | Self::AnotherPerson
            | Self::OneAtATime
            | Self::Presence(_)
            | Self::NotOnRoster
            | Self::NotTheGuardian
            | Self::NoRules
            | Self::UnknownVaccine
            | Self::DateUncertain
            | Self::Contact
            | Self::TestPositive
            | Self::UnknownTest
            | Self::Yellow
            | Self::PermitElsewhere
            | Self::RulesElsewhere
            | Self::JournalFault
            | Self::Override
            | Self::PaperTyped
            | Self::AppChecked
            | Self::NotThisPerson => Vec::new(),
        }
    }

    /// One example of every reason, for the guard's table and for the test that no text is missing.
    pub fn examples() -> Vec<Self> {
        let time = DateTime::UNIX_EPOCH;
        let date = time.date_naive();
        vec![
            Self::UnknownCode,
            Self::Malformed { layer: "base45" },
            Self::TooLarge { bytes_max: 65_536 },
            Self::Cut { fields: 5, fields_min: 7 },
            Self::Link { to: LinkTo::Declaration },
            Self::Poster,
            Self::Unprovable { what: "DIVOC" },
            Self::AlgorithmNotAllowed,
            Self::NoTrustList,
            Self::TrustListStale { age: Duration::from_secs(40 * 86_400), age_max: Duration::from_secs(30 * 86_400) },
            Self::UnknownKey,
            Self::BadSignature,
            Self::KeyNotForThisUse,
            Self::KeyOutsideItsWindow { signed_at: time, not_before: time, not_after: time },
            Self::KeyElsewhere,
            Self::LifetimeTooLong { days: 4000, days_max: 400 },
            Self::Revoked,
            Self::RevocationUnreadable,
            Self::SchemaViolated,
            Self::Expired { now: time, not_after: time },
            Self::NotYetValid { now: time, not_before: time },
            Self::AnotherPerson,
            Self::WeakMatch { score: 64, score_min: 84 },
            Self::OneAtATime,
            Self::Incomplete { missing: Step::ShowDeclaration },
            Self::Unverified { missing: Step::ShowCertificate },
            Self::NotOnRoster,
            Self::NotTheGuardian,
            Self::Presence(PresenceFault::KeyMissing),
            Self::Presence(PresenceFault::Forged),
            Self::Presence(PresenceFault::Elsewhere),
            Self::Presence(PresenceFault::Old),
            Self::Presence(PresenceFault::Given),
            Self::PassedBefore(SeenBefore { at: time, direction: crate::passage::Direction::In }),
            Self::Borrowed { at: time },
            Self::NoRules,
            Self::UnknownVaccine,
            Self::TooFewDoses { doses: 1, doses_min: 2 },
            Self::DoseTooRecent { days: 12, days_min: 14, holds_from: date },
            Self::DoseTooOld { days: 400, days_max: 365 },
            Self::DateUncertain,
            Self::DeclarationTooOld { hours: 80, hours_max: 72 },
            Self::Symptoms { count: 2 },
            Self::Contact,
            Self::OutbreakPlaces { count: 1 },
            Self::TestTooOld { hours: 80, hours_max: 72 },
            Self::TestPositive,
            Self::UnknownTest,
            Self::RecoveryTooOld { days: 200, days_max: 180 },
            Self::Yellow,
            Self::PermitElsewhere,
            Self::RulesElsewhere,
            Self::RulesFault { fault: "type" },
            Self::ClockInDoubt { floor: time, estimate: time },
            Self::JournalFault,
            Self::Override,
            Self::PaperTyped,
            Self::AppChecked,
            Self::NotThisPerson,
        ]
    }
}

/// Whole days in a duration.
fn days(duration: Duration) -> i64 {
    (duration.as_secs() / 86_400) as i64
}

impl From<crate::time::InDoubt> for Reason {
    fn from(doubt: crate::time::InDoubt) -> Self {
        Self::ClockInDoubt { floor: doubt.floor, estimate: doubt.estimate }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_own() {
        let examples = Reason::examples();
        let codes: HashSet<_> = examples.iter().map(Reason::code).collect();
        assert_eq!(codes.len(), examples.len());
    }

    #[test]
    fn no_reason_is_green() {
        for reason in Reason::examples() {
            assert!(matches!(reason.answer(), Answer::Refuse | Answer::Refer), "{}", reason.code());
            assert_ne!(reason.advice(), Advice::LetPass, "{}", reason.code());
        }
    }

    #[test]
    fn answers_are_read_back_from_their_words() {
        for answer in [Answer::Admit, Answer::Refuse, Answer::Refer, Answer::Registered] {
            assert_eq!(Answer::from_word(answer.word()), Some(answer));
        }
        assert_eq!(Answer::from_word(""), None);
    }
}
