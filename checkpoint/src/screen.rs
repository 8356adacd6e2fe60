//! What the guard sees, as a value. The ui draws it and decides nothing; the live picture comes beside it.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::passage::{Direction, Location, Outcome, PassageId, Proof};
use crate::passback::Inside;
use crate::roster::RosterFault;
use crate::time::PartialDate;
use crate::verdict::{Advice, Answer, Reason, Step};

/// One state of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// What stands in the middle.
    pub stage: Stage,
    /// Where the kiosk stands.
    pub location: Location,
    /// Which way visitors pass.
    pub direction: Direction,
    /// Passages since midnight in +07:00.
    pub totals: Totals,
    /// State of the trust list.
    pub trust: TrustStatus,
    /// The authority is a demonstration: the screen says so always.
    pub demo: bool,
    /// What is wrong with the kiosk now, worst first.
    pub faults: Vec<Fault>,
    /// The time shown in the corner, and whether it is in doubt.
    pub clock: DateTime<Utc>,
    /// Text of the code that a visitor's app may answer, where the kiosk asks (`presence`).
    pub question: Option<String>,
    /// Since when holders are remembered (`passback`): what was before is lost with a restart.
    pub remembers_since: Option<DateTime<Utc>>,
    /// The group that is being gathered.
    pub party: Option<PartyShown>,
    /// The school whose gate this is.
    pub school: Option<SchoolShown>,
}

/// How a school's gate stands: counts alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchoolShown {
    /// People on the roster; `None` until one was read.
    pub on_roster: Option<u32>,
    /// Lines of it that were left out.
    pub damaged: u32,
    /// Why the file that was brought last was not taken.
    pub fault: Option<RosterFault>,
    /// Who came in today and did not go out.
    pub inside: Inside,
    /// The school is over for today.
    pub over: bool,
}

/// Who is still inside: classes, and of one of them the names.
#[derive(Clone, PartialEq, Eq)]
pub struct InsideShown {
    /// Since when passages are remembered: what was before is lost with a restart.
    pub since: DateTime<Utc>,
    /// Everybody inside.
    pub inside: Inside,
    /// How many of each class, in the order of their names.
    pub classes: Vec<(String, u32)>,
    /// The class that was asked for, and who of it is inside: name, and since when.
    pub named: Option<(String, Vec<(String, DateTime<Utc>)>)>,
    /// Numbers of lines of the roster that were left out; the first of them.
    pub damaged: Vec<usize>,
}

/// Personal data: `{:?}` says how many.
impl fmt::Debug for InsideShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InsideShown").field("inside", &self.inside).finish_non_exhaustive()
    }
}

impl Screen {
    /// The same without anybody's name, for a screen that others see: what it does not have, nobody can read from it.
    pub fn without_names(mut self) -> Self {
        match &mut self.stage {
            Stage::Gathering(gathering) => gathering.who = gathering.who.take().map(Who::masked),
            Stage::Decided(shown) => shown.who = shown.who.take().map(Who::masked),
            Stage::Inside(inside) => inside.named = None,
            Stage::Waiting | Stage::Open(_) | Stage::Head(_) | Stage::Noted(_) | Stage::OutOfService(_) => {}
        }
        self
    }
}

/// A group or vehicle that becomes one passage: nothing of it is on disk yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartyShown {
    /// Visitors that were decided on.
    pub visitors: u16,
    /// Those of them that are not green.
    pub stopped: u16,
    /// No more fit into one passage.
    pub full: bool,
}

/// The checkpoint stands open: visitors are counted and not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub reason: SurgeReason,
    /// Waved through since then.
    pub waved: u64,
}

/// The signed head of this kiosk's journal (`passage::checkpoint`), for another kiosk to scan at the end of a shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadShown {
    /// What the QR code says: `VNCHK1:…`, for a code of version 9 at level M. Also in `Screen::question`, which is drawn.
    pub text: String,
    /// This device.
    pub device: String,
    /// The last record that it covers.
    pub sequence: u64,
    /// When it was signed.
    pub at: DateTime<Utc>,
}

/// What became of another kiosk's signed head that was scanned. It is about no visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It is on disk as a witness.
    Kept {
        /// Whose it is.
        device: String,
        /// The last record that it covers.
        sequence: u64,
        /// When it was signed.
        at: DateTime<Utc>,
    },
    /// The trust list does not name the device: nothing was kept.
    UnknownDevice {
        /// What it says.
        device: String,
    },
    /// The device did not sign it: nothing was kept.
    Forged {
        /// What it says.
        device: String,
    },
    /// It was cut off, or a newer program made it: nothing was kept.
    Damaged,
}

impl Noted {
    /// The message's name after `noted-`; what to do follows after `-do`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept { .. } => "kept",
            Self::UnknownDevice { .. } => "unknown-device",
            Self::Forged { .. } => "forged",
            Self::Damaged => "damaged",
        }
    }

    /// The device, where it names one.
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Kept { device, .. } | Self::UnknownDevice { device } | Self::Forged { device } => Some(device),
            Self::Damaged => None,
        }
    }
}

/// What stands in the middle of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Nobody is being checked.
    Waiting,
    /// A visit is open: something was read and something is missing.
    Gathering(Gathering),
    /// A passage was decided and is on disk.
    Decided(Box<Shown>),
    /// The checkpoint stands open (xả chốt).
    Open(Open),
    /// The signed head of this kiosk's journal, for another kiosk.
    Head(HeadShown),
    /// What became of another kiosk's.
    Noted(Noted),
    /// Who is still inside.
    Inside(Box<InsideShown>),
    /// The kiosk cannot work.
    OutOfService(Fault),
}

/// An open visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathering {
    /// What is missing next.
    pub step: Step,
    /// Whom the codes name so far.
    pub who: Option<Who>,
    /// Why the last code did not help, where it did not.
    pub notice: Option<Reason>,
    /// How long the visit still waits.
    pub remaining: Duration,
}

/// A verdict on the screen. Built by the lane alone, from a durable passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    passage: PassageId,
    outcome: Outcome,
    reason: Option<Reason>,
    advice: Advice,
    who: Option<Who>,
    holds_until: Option<DateTime<Utc>>,
    notice: Option<Reason>,
    held: bool,
    remaining: Option<Duration>,
}

impl Shown {
    /// A verdict that is on disk as `passage`.
    pub(crate) fn new(
        passage: PassageId,
        outcome: Outcome,
        reason: Option<Reason>,
        who: Option<Who>,
        holds_until: Option<DateTime<Utc>>,
    ) -> Self {
        let advice = if outcome.lets_pass() {
            Advice::LetPass
        } else {
            reason.as_ref().map_or(Advice::CheckKiosk, Reason::advice)
        };
        Self { passage, outcome, reason, advice, who, holds_until, notice: None, held: false, remaining: None }
    }

    /// The lane's clock moved on: whether the guard holds the screen, how long it stays, and whether names are masked.
    pub(crate) fn refresh(&mut self, held: bool, remaining: Option<Duration>, masked: bool) {
        self.held = held;
        self.remaining = remaining;
        if masked {
            // Dropped, not hidden: what the screen does not have, nobody can read from its memory.
            self.who = self.who.take().map(Who::masked);
        }
    }

    /// Another code was shown meanwhile, and it does not help: the verdict stands, and the guard learns why nothing happens.
    pub(crate) fn notice(&mut self, reason: Reason) {
        self.notice = Some(reason);
    }

    /// Why the last code, shown while this stands, changed nothing.
    pub fn last_notice(&self) -> Option<&Reason> {
        self.notice.as_ref()
    }

    /// The record behind it.
    pub fn passage(&self) -> PassageId {
        self.passage
    }

    /// Colour, shape and word follow from this.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Why not.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// What the guard does next.
    pub fn advice(&self) -> Advice {
        self.advice
    }

    /// Whom it is about.
    pub fn who(&self) -> Option<&Who> {
        self.who.as_ref()
    }

    /// Until when an admission holds.
    pub fn holds_until(&self) -> Option<DateTime<Utc>> {
        self.holds_until
    }

    /// The guard holds the screen: it does not return by itself.
    pub fn held(&self) -> bool {
        self.held
    }

    /// How long it still stands; `None` while held.
    pub fn remaining(&self) -> Option<Duration> {
        self.remaining
    }
}

/// Who stands there, with as little as the guard needs to compare with a card.
#[derive(Clone, PartialEq, Eq)]
pub enum Who {
    /// Name and birth year are shown.
    Named {
        /// The name as the credential writes it.
        name: String,
        /// Year of birth, where it is known.
        birth_year: Option<i32>,
        /// What stands behind the name: the screen says so where it is no verified credential.
        proof: Proof,
    },
    /// Somebody of the place's roster.
    Listed(Box<Listed>),
    /// A group.
    Party {
        /// How many.
        visitors: u16,
        /// How many of them are not green.
        stopped: u16,
    },
    /// Their time on the screen is over.
    Masked,
}

/// Somebody of the place's roster, for the screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name as the roster writes it.
    pub name: String,
    /// Year of birth, where it is known.
    pub birth_year: Option<i32>,
    /// The class; empty where it is not said.
    pub class: String,
    /// What stands behind the name: the roster proves nothing.
    pub proof: Proof,
    /// Who picks this pupil up.
    pub pick_up: PickUp,
}

/// Who picks a pupil up: name, what they are to the pupil, telephone.
#[derive(Clone, PartialEq, Eq)]
pub enum PickUp {
    /// Nobody came yet. These may.
    MayBe(Vec<String>),
    /// One who may.
    By(String),
    /// Somebody came who is none of these.
    Other(Vec<String>),
}

impl Who {
    /// What remains when the time of a name on the screen is over: how many a group was is nobody's name.
    pub(crate) fn masked(self) -> Self {
        match self {
            party @ Self::Party { .. } => party,
            Self::Named { .. } | Self::Listed(_) | Self::Masked => Self::Masked,
        }
    }

    /// A person, with as much of the birth date as the guard needs.
    pub(crate) fn named(name: &str, birth: PartialDate, proof: Proof) -> Self {
        Self::Named { name: plain(name), birth_year: birth.year(), proof }
    }
}

/// Personal data: `{:?}` says only whether there is a name.
impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named { .. } => "Named(..)",
            Self::Listed(_) => "Listed(..)",
            Self::Party { .. } => "Party(..)",
            Self::Masked => "Masked",
        })
    }
}

/// Passages since midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Green.
    pub admitted: u64,
    /// Red.
    pub refused: u64,
    /// Amber.
    pub referred: u64,
    /// Let pass by the guard.
    pub overridden: u64,
    /// Blue.
    pub registered: u64,
    /// Counted while the checkpoint stood open.
    pub waved: u64,
}

impl Totals {
    /// One more of this outcome.
    pub fn count(&mut self, outcome: Outcome) {
        self.add(outcome, 1);
    }

    /// So many more of this outcome.
    pub fn add(&mut self, outcome: Outcome, more: u64) {
        *match outcome {
            Outcome::Admit => &mut self.admitted,
            Outcome::Refuse => &mut self.refused,
            Outcome::Refer => &mut self.referred,
            Outcome::Override => &mut self.overridden,
            Outcome::Registered => &mut self.registered,
            Outcome::Waved => &mut self.waved,
        } += more;
    }

    /// How many of this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Admit => self.admitted,
            Outcome::Refuse => self.refused,
            Outcome::Refer => self.referred,
            Outcome::Override => self.overridden,
            Outcome::Registered => self.registered,
            Outcome::Waved => self.waved,
        }
    }

    /// All of them.
    pub fn all(&self) -> u64 {
        Outcome::ALL.into_iter().map(|outcome| self.of(outcome)).sum()
    }
}

/// How fresh the trust list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustStatus {
    /// None is loaded: everything is referred.
    Missing,
    /// Loaded.
    Loaded {
        /// Its version.
        version: u64,
        /// Since it was signed.
        age: Duration,
        /// Fresh, ageing or past its hard limit.
        freshness: Freshness,
        /// How long it still makes green, in whole hours; `None` where that does not end.
        green_for: Option<Duration>,
    },
}

/// Graded staleness. The limits are in the list itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As it should be.
    Fresh,
    /// Older than the soft limit: bring a newer one.
    Ageing,
    /// Older than the hard limit: no more green.
    Stale,
}

/// Something wrong with the kiosk: what it is, what to do and what still works stand in the message files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No camera is connected.
    CameraMissing,
    /// Another program holds the camera.
    CameraBusy,
    /// The camera gives no picture.
    CameraWedged,
    /// The picture is black: covered lens or no light.
    CameraDark,
    /// The recording that is played has ended or cannot be read.
    RecordingEnded,
    /// No room for passages.
    DiskFull,
    /// Passages are written, and room for more after them cannot be reserved.
    RoomLow,
    /// Passages cannot be written: read-only or broken disk.
    DiskFault,
    /// The journal was written by a newer program.
    JournalNewer,
    /// The journal is damaged: keep the file, call the office.
    JournalCorrupt,
    /// The journal is being put in order after a power cut.
    JournalRecovering,
    /// The journal's tail is missing: it was cut off, or an older copy was put back.
    JournalCut,
    /// The journal's mirror on another device is not there, or cannot be written.
    MirrorLost,
    /// The mirror has no room.
    MirrorFull,
    /// What stands where the mirror should is another device's, or damaged.
    MirrorRefused,
    /// The mirror works, and is a minute or more behind.
    MirrorBehind,
    /// No trust list.
    TrustMissing,
    /// The trust list on disk was refused; an older one may still be in force.
    TrustRejected,
    /// The trust list is past its hard limit.
    TrustStale,
    /// No tracing key for today: passages are kept without names.
    TracingKeyMissing,
    /// Nothing speaks for the clock.
    ClockInDoubt,
}

impl Fault {
    /// Every fault, for tables and tests.
    pub const ALL: [Self; 21] = [
        Self::CameraMissing,
        Self::CameraBusy,
        Self::CameraWedged,
        Self::CameraDark,
        Self::RecordingEnded,
        Self::DiskFull,
        Self::DiskFault,
        Self::JournalNewer,
        Self::JournalCorrupt,
        Self::JournalRecovering,
        Self::JournalCut,
        Self::RoomLow,
        Self::TrustMissing,
        Self::TrustRejected,
        Self::TrustStale,
        Self::TracingKeyMissing,
        Self::ClockInDoubt,
        Self::MirrorLost,
        Self::MirrorFull,
        Self::MirrorRefused,
        Self::MirrorBehind,
    ];

    /// The message's name in the message files: `fault-WORD` says what is wrong, `fault-WORD-do` what to do.
    pub fn word(self) -> &'static str {
        match self {
            Self::CameraMissing => "camera-missing",
            Self::CameraBusy => "camera-busy",
            Self::CameraWedged => "camera-wedged",
            Self::CameraDark => "camera-dark",
            Self::RecordingEnded => "recording-ended",
            Self::DiskFull => "disk-full",
            Self::RoomLow => "room-low",
            Self::DiskFault => "disk-fault",
            Self::JournalNewer => "journal-newer",
            Self::JournalCorrupt => "journal-corrupt",
            Self::JournalRecovering => "journal-recovering",
            Self::JournalCut => "journal-cut",
            Self::MirrorLost => "mirror-lost",
            Self::MirrorFull => "mirror-full",
            Self::MirrorRefused => "mirror-refused",
            Self::MirrorBehind => "mirror-behind",
            Self::TrustMissing => "trust-missing",
            Self::TrustRejected => "trust-rejected",
            Self::TrustStale => "trust-stale",
            Self::TracingKeyMissing => "tracing-key-missing",
            Self::ClockInDoubt => "clock-in-doubt",
        }
    }
}

/// What the guard can do at the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum GuardAction {
    /// Back to waiting.
    Dismiss,
    /// Keep the verdict on the screen, or let it go again.
    Hold,
    /// Let this visitor pass against the verdict.
    Override(OverrideReason),
    /// The visitor is not the person that the codes name: a second record that refers to the first.
    NotThisPerson,
    /// Change between in and out.
    Turn,
    /// The next visitors are one passage: a group or a vehicle.
    BeginParty,
    /// That was all of them. With the vehicle's plate, where there is one.
    EndParty(Option<Plate>),
    /// The guard is typing what is about a visitor, or has stopped. Whoever is being checked waits meanwhile, and so do codes; said again
    /// every few seconds, for a window that is gone types nothing.
    Types(bool),
    /// What the guard read of paper without a code, or of an app, and vouches for.
    Vouch(Box<Paper>),
    /// Open the checkpoint: from here on visitors are counted and not checked.
    Open(SurgeReason, GuardNumber),
    /// One more was waved through.
    Wave,
    /// Check again.
    Close,
    /// Show the signed head of the journal, for another kiosk to scan.
    ShowHead,
    /// Show who is still inside: classes, or the names of one class.
    ShowInside(Option<String>),
}

/// The number on a guard's badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardNumber(pub u32);

/// A vehicle's plate: upper-case letters, digits, `-` and `.`, up to 12 of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Plate(String);

impl Plate {
    /// Longest plate, in characters.
    pub const CHARS_MAX: usize = 12;

    /// Reads a plate as a guard types it, with spaces or without; `None` for anything that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
        let sound = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        let some = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        (sound && some && text.len() <= Self::CHARS_MAX).then_some(Self(text))
    }

    /// Its characters.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A plate leads to a person: `{:?}` shows none of it.
impl fmt::Debug for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plate(..)")
    }
}

/// What a guard saw that no machine can read, and vouches for.
#[derive(Clone, PartialEq)]
pub struct Paper {
    /// Where it stood.
    pub kind: PaperKind,
    /// The name as written.
    pub name: String,
    /// Date of birth, as far as it is written.
    pub birth: PartialDate,
    /// Identity number, where it is written.
    pub number: Option<String>,
    /// Doses of vaccine that it states.
    pub doses: Option<u8>,
    /// The vaccine of the last dose, as written.
    pub vaccine: Option<String>,
    /// Day of the last dose, of the test's sample, or of the permit, in +07:00.
    pub date: Option<NaiveDate>,
    /// Time of that day, where it is a test's and written.
    pub time: Option<NaiveTime>,
}

/// Personal data: `{:?}` says only what kind of paper it was.
impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paper").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Where a guard read something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaperKind {
    /// A vaccination slip or book.
    Vaccination,
    /// A negative result of a nucleic acid test (PCR).
    PcrTest,
    /// A negative result of a rapid antigen test.
    AntigenTest,
    /// A travel permit or an order.
    Permit,
    /// The visitor's app.
    App,
}

impl PaperKind {
    /// Every kind, in the order of the buttons.
    pub const ALL: [Self; 5] = [Self::Vaccination, Self::PcrTest, Self::AntigenTest, Self::Permit, Self::App];

    /// The message's name after `paper-`, and the word kept in the sealed record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Vaccination => "vaccination",
            Self::PcrTest => "pcr-test",
            Self::AntigenTest => "antigen-test",
            Self::Permit => "permit",
            Self::App => "app",
        }
    }

    /// Whether the rules can judge what the guard types of it. Of a permit and of an app the guard types whose it is, and vouches for
    /// the rest.
    pub fn is_judged(self) -> bool {
        match self {
            Self::Vaccination | Self::PcrTest | Self::AntigenTest => true,
            Self::Permit | Self::App => false,
        }
    }
}

/// Why a checkpoint is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SurgeReason {
    /// The queue blocks the road.
    Queue,
    /// An accident, a fire, a storm.
    Emergency,
    /// An order of the officer in charge.
    Order,
}

impl SurgeReason {
    /// Every reason, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Queue, Self::Emergency, Self::Order];

    /// The message's name after `surge-`, and the word kept in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Emergency => "emergency",
            Self::Order => "order",
        }
    }
}

/// Why a guard lets somebody pass against the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverrideReason {
    /// Emergency: ambulance, birth, fire.
    Emergency,
    /// Paper papers were checked by eye.
    PaperChecked,
    /// An order of the officer in charge.
    Order,
    /// The code cannot be read, and the visitor is known.
    KnownVisitor,
}

impl OverrideReason {
    /// Every reason, in the order of the buttons.
    pub const ALL: [Self; 4] = [Self::Emergency, Self::PaperChecked, Self::Order, Self::KnownVisitor];

    /// The message's name after `override-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::PaperChecked => "paper-checked",
            Self::Order => "order",
            Self::KnownVisitor => "known-visitor",
        }
    }

    /// The code kept in the journal, in the manner of `Reason::code`.
    pub fn code(self) -> String {
        format!("G-{}", self.word().to_uppercase())
    }
}

/// What to play. One distinct sound for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sound {
    /// Green.
    Admit,
    /// Red.
    Refuse,
    /// Amber.
    Refer,
    /// Blue, or a code was read and another is asked for.
    Read,
}

impl From<Answer> for Sound {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Admit => Self::Admit,
            Answer::Refuse => Self::Refuse,
            Answer::Refer => Self::Refer,
            Answer::Registered => Self::Read,
        }
    }
}

/// Most letters of a name on the screen; the longest that HC1 allows has twice 80.
const NAME_CHARS_MAX: usize = 160;
/// Most marks on one letter: Vietnamese needs two (a hook and a tone), and a tower of them covers the lines above.
const MARKS_MAX: usize = 3;

/// Whether a letter moves, turns or hides the text around it: what no code that we read strictly may hold.
pub fn acts_on_text(letter: char) -> bool {
    letter.is_control() || is_hidden(letter) || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Marks of direction, joiners without a width, tags.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name as one line of visible letters: whoever made the code must not move, turn or hide what else the screen says.
///
/// An issuer signed the name, so it is not refused, and what is sealed keeps it as it stands; but control characters never come
/// past here, nor marks of direction, joiners without a width and tags (Unicode, general categories Cc, Cf, Zl, Zp). Letters that
/// look like others stay as they are: a person's match is the machine's, and to it they are other letters.
pub fn plain(name: &str) -> String {
    let mut marks = 0;
    let visible: String = name
        .chars()
        .map(|letter| if letter.is_control() || letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| {
            marks = if unicode_normalization::char::is_combining_mark(*letter) { marks + 1 } else { 0 };
            !is_hidden(*letter) && marks <= MARKS_MAX
        })
        .take(NAME_CHARS_MAX)
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_visible_letters() {
        for (name, shown) in [
            ("Nguyễn  Văn\tThử", "Nguyễn Văn Thử"),
            ("NGUYEN\u{202e}NAV", "NGUYENNAV"),
            ("\u{2066}A\u{2069}\u{200f}B\u{61c}", "AB"),
            ("A\u{1b}[31mB\u{9b}2J\r\nC\u{0}", "A [31mB 2J C"),
            ("A\u{2028}B\u{85}C", "A B C"),
            ("ti\u{200b}n\u{feff}y\u{ad}", "tiny"),
            ("A\u{e0041}\u{e007f}", "A"),
            ("e\u{302}\u{301}", "e\u{302}\u{301}"),
            ("=1+1", "=1+1"),
            ("\u{202e}", ""),
        ] {
            assert_eq!(plain(name), shown, "{name:?}");
        }
        assert_eq!(plain(&format!("Z{}", "\u{301}".repeat(50))).chars().count(), 4);
        assert_eq!(plain(&"A".repeat(5000)).len(), NAME_CHARS_MAX);
    }
}
