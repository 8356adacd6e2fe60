//! The state machine of one lane: `(state, event, now) → (state, effects)`.
//!
//! A visit opens with the first code of a person, gathers what the rules ask for, and ends with one passage. The
//! verdict is shown only once the journal says that the passage is durable.

mod codes;
mod guard;
mod heads;
mod line;
mod party;
mod record;
mod school;
mod surge;
mod typing;
mod verifier;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use crate::envelope::Chunks;
use crate::evidence::Evidence;
use crate::passage::{self, Direction, Draft, Location, Note, PassageId};
use crate::passback::Passback;
use crate::presence::Presence;
use crate::roster::{Roster, RosterFault};
use crate::screen::{Fault, GuardAction, HeadShown, Screen, Shown, Sound, Totals};
use crate::time::{TrustedTime, day_in_vietnam};
use crate::verdict::{Reason, Step};
use line::{InLine, Read};
use party::{Crowd, Party};
use record::Awaited;
use surge::Surge;
use typing::Typing;

pub use school::School;
pub use verifier::{Found, Verifier};

/// Settings of a lane, from `kiosk.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where the kiosk stands.
    pub location: Location,
    /// Which way visitors pass at the start.
    pub direction: Direction,
    /// How long green stands.
    pub admitted_for: Duration,
    /// How long anything else stands.
    pub others_for: Duration,
    /// After how long nobody's name is on the screen.
    pub masked_after: Duration,
    /// How long a visit waits for what is missing.
    pub visit_for: Duration,
    /// How long a code must be away before it counts again.
    pub away_for: Duration,
    /// Whether a credential that is bound to an app needs the app's answer to the question on the screen.
    pub answer_required: bool,
}

/// The time as one turn of the loop sees it: read once.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For decisions and records.
    pub time: TrustedTime,
    /// Monotonic since the start, for deadlines.
    pub tick: Duration,
}

/// What can happen to a lane. Closed on purpose.
#[derive(Clone, Debug)]
pub enum Event {
    /// Texts read in one picture, or one text of a hand scanner.
    Codes(Vec<String>),
    /// The codes that come next were before the camera for so long until they were read: they were seen, and could not be read
    /// at once. For the statistics alone.
    SeenFor(Duration),
    /// The guard pressed something.
    Guard(GuardAction),
    /// The journal's answer to `Effect::Record`.
    Recorded(Result<PassageId, Fault>),
    /// The journal's answer to `Effect::Sign`.
    Signed(Result<HeadShown, Fault>),
    /// A school's roster was brought, or a file that is none.
    Roster(Result<Arc<Roster>, RosterFault>),
    /// A part of the kiosk became faulty, or whole again.
    Condition {
        /// Which fault.
        fault: Fault,
        /// Whether it is there now.
        present: bool,
    },
    /// Nothing happened until the deadline.
    Tick,
}

/// What a lane wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Make this passage durable and answer with `Event::Recorded`.
    Record(Box<Draft>),
    /// Make this durable, which is no passage, and answer with `Event::Recorded`.
    Note(Box<Note>),
    /// Make this durable, which is no passage; nobody waits for it. Where it cannot be, say so with `Event::Condition`.
    Log(Box<Note>),
    /// Sign the head of the journal, keep the signature as a record, and answer with `Event::Signed`.
    Sign,
    /// Draw this.
    Show(Box<Screen>),
    /// Play this.
    Sound(Sound),
}

/// One turn: what it judges by, and what it wants done.
struct Turn<'a> {
    verifier: &'a Verifier,
    now: Now,
    effects: Vec<Effect>,
}

impl Turn<'_> {
    /// A record of something that is no passage, and that the lane does not wait for.
    fn log(&mut self, event: passage::record::Event) {
        let time = self.now.time;
        self.effects.push(Effect::Log(Box::new(Note { at: time.estimate(), floor: time.floor(), event })));
    }
}

/// One lane.
#[derive(Clone, Debug)]
pub struct Lane {
    settings: Settings,
    direction: Direction,
    totals: Totals,
    totals_of: Option<NaiveDate>,
    faults: BTreeSet<u8>,
    seen: Vec<Seen>,
    /// How long the codes that come next were seen before they were read.
    seen_for: Duration,
    /// When the visit's first code was first seen.
    first_seen: Option<Duration>,
    /// The code that is being read.
    reading: Option<Digest>,
    /// Codes of the next visitors, which wait until the verdict on the screen has stood for a moment.
    in_line: Vec<InLine>,
    /// Codes that were read and need no second passage.
    read: Read,
    chunks: Chunks,
    state: State,
    typing: Option<Typing>,
    drawn: Option<Screen>,
    party: Option<Party>,
    passback: Option<Passback>,
    presence: Option<Presence>,
    school: Option<School>,
}

/// What a lane remembers, begun anew: who passed one place is nobody's business at another.
#[derive(Clone, Debug)]
pub struct Afresh {
    /// Holders; `None` for remembering none.
    pub passback: Option<Passback>,
    /// The school whose gate it is.
    pub school: Option<School>,
}

/// SHA-256 of a code's text.
type Digest = [u8; 32];

/// A code that is, or was a moment ago, before the camera. Its text is not kept.
#[derive(Clone, Debug)]
struct Seen {
    digest: Digest,
    last: Duration,
}

/// Whom a visit is about lives in these states alone: with the state, everything personal is gone.
#[derive(Clone, Debug)]
enum State {
    Waiting,
    Visit(Box<Visit>),
    Recording(Awaited),
    Standing(Box<Standing>),
    Open(Surge),
    /// Something about journals, or who is inside, stands there since this tick.
    About(heads::About, Duration),
    OutOfService(Fault),
}

/// Somebody has shown something, and something is missing.
#[derive(Clone, Debug)]
struct Visit {
    evidence: Evidence,
    step: Step,
    notice: Option<Reason>,
    named_at: Option<Duration>,
    until: Duration,
}

/// Decided and durable: a verdict on the screen.
#[derive(Clone, Debug)]
struct Standing {
    shown: Shown,
    evidence: Evidence,
    crowd: Option<Box<Crowd>>,
    since: Duration,
    held: bool,
}

impl Lane {
    /// A lane that waits. `totals` are today's passages so far, from the journal; `today` is the day they count.
    pub fn new(settings: Settings, totals: Totals, today: NaiveDate) -> Self {
        let direction = settings.direction;
        Self {
            settings,
            direction,
            totals,
            totals_of: Some(today),
            faults: BTreeSet::new(),
            seen: Vec::new(),
            seen_for: Duration::ZERO,
            first_seen: None,
            reading: None,
            in_line: Vec::new(),
            read: Read::default(),
            chunks: Chunks::default(),
            state: State::Waiting,
            typing: None,
            drawn: None,
            party: None,
            passback: None,
            presence: None,
            school: None,
        }
    }

    /// The same lane at a school's gate.
    pub fn with_school(self, school: School) -> Self {
        Self { school: Some(school), ..self }
    }

    /// The same lane, which remembers holders until it stops.
    pub fn with_passback(self, passback: Passback) -> Self {
        Self { passback: Some(passback), ..self }
    }

    /// The same lane, which asks visitors' apps.
    pub fn with_presence(self, presence: Presence) -> Self {
        Self { presence: Some(presence), ..self }
    }

    /// Which way visitors pass.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The same lane, passed this way from the next visitor on.
    pub fn facing(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// A group is being gathered or the checkpoint stands open: the guard ends it first, for what is of one place and one way to
    /// work is recorded there.
    pub fn is_engaged(&self) -> bool {
        self.party.is_some() || matches!(self.state, State::Open(_))
    }

    /// The same lane under other settings, from the next visitor on: what stood on the screen is gone, and nobody is half
    /// checked by the old ones. `afresh` in place of what it remembers; `None` keeps that. `totals` are those of `today` there.
    pub fn under(self, settings: Settings, afresh: Option<Afresh>, totals: Totals, today: NaiveDate) -> Self {
        let mut presence = self.presence;
        if let Some(presence) = &mut presence
            && settings.location != self.settings.location
        {
            // A place that cannot stand in a question is none to move to; if it is moved to, nobody's answer counts there.
            let _ = presence.stand_at(&settings.location);
        }
        let Afresh { passback, school } = afresh.unwrap_or(Afresh { passback: self.passback, school: self.school });
        Self {
            settings,
            passback,
            presence,
            school,
            totals,
            totals_of: Some(today),
            seen: Vec::new(),
            in_line: Vec::new(),
            read: Read::default(),
            chunks: Chunks::default(),
            state: match self.state {
                out @ State::OutOfService(_) => out,
                _ => State::Waiting,
            },
            drawn: None,
            party: None,
            ..self
        }
    }

    /// When `Event::Tick` is due if nothing else happens: the screen's next change.
    pub fn deadline(&self, now: Now) -> Duration {
        let next_second = |until: Duration| {
            let left = until.saturating_sub(now.tick);
            now.tick + Duration::from_nanos(u64::from(left.subsec_nanos()).max(1_000_000))
        };
        let of_state = match &self.state {
            State::Visit(visit) => Some(next_second(visit.until)),
            State::Standing(standing) if !standing.held => Some(next_second(self.stands_until(standing))),
            State::Standing(standing) => {
                Some(standing.since + self.settings.masked_after).filter(|due| *due > now.tick)
            }
            State::About(about, since) => Some(self.about_until(about, *since)).filter(|due| *due > now.tick),
            State::Waiting | State::Recording(_) | State::Open(_) | State::OutOfService(_) => None,
        };
        let of_line = self.line_moves_at().filter(|due| *due > now.tick);
        let of_party = self.party.as_ref().map(Party::until).filter(|_| matches!(self.state, State::Waiting));
        let of_question = self.presence.as_ref().map(|presence| now.tick + presence.remaining(now.tick));
        let of_state = [of_state, of_line, of_party, of_question].into_iter().flatten().min();
        let into_minute = now.time.estimate().timestamp().rem_euclid(60).unsigned_abs();
        let next_minute = now.tick + Duration::from_secs(60 - into_minute);
        of_state.map_or(next_minute, |due| due.min(next_minute))
    }

    /// One turn.
    pub fn handle(mut self, verifier: &Verifier, now: Now, event: Event) -> (Self, Vec<Effect>) {
        let mut turn = Turn { verifier, now, effects: Vec::new() };
        self.turn_the_day(now);
        self.forget_codes_that_left(now);
        self.read.forget(now.tick);
        self.chunks.forget_late(now.tick);
        if let Some(passback) = &mut self.passback {
            passback.forget(now);
        }
        match event {
            Event::Codes(texts) => self.codes(&mut turn, texts),
            Event::SeenFor(waited) => self.seen_for = waited,
            Event::Guard(action) => self.guard(&mut turn, action),
            Event::Recorded(Ok(passage)) => self.recorded(&mut turn, passage),
            Event::Signed(signed) => self.signed(&mut turn, signed),
            Event::Recorded(Err(fault)) => {
                self.not_recorded(&turn, fault);
                turn.effects.push(Effect::Sound(Sound::Refer));
            }
            Event::Condition { fault, present } => self.condition(fault, present),
            Event::Roster(brought) => self.roster_brought(&mut turn, brought),
            Event::Tick => {}
        }
        self.expire(&mut turn);
        self.next_in_line(&mut turn);
        let screen = self.screen(&turn);
        if self.drawn.as_ref() != Some(&screen) {
            self.drawn = Some(screen.clone());
            turn.effects.push(Effect::Show(Box::new(screen)));
        }
        (self, turn.effects)
    }

    /// The journal counted anew: today's passages so far are these.
    #[must_use]
    pub fn recounted(self, totals: Totals) -> Self {
        Self { totals, ..self }
    }

    fn condition(&mut self, fault: Fault, present: bool) {
        let rank = Fault::ALL.iter().position(|known| *known == fault).unwrap_or_default() as u8;
        if present {
            self.faults.insert(rank);
            let nothing_can_be_recorded =
                matches!(fault, Fault::DiskFull | Fault::DiskFault | Fault::JournalNewer | Fault::JournalCorrupt);
            if nothing_can_be_recorded
                && matches!(self.state, State::Waiting | State::About(..) | State::OutOfService(_))
            {
                self.state = State::OutOfService(fault);
            }
        } else {
            self.faults.remove(&rank);
            if matches!(self.state, State::OutOfService(out) if out == fault) {
                self.state = State::Waiting;
            }
        }
    }

    /// Counts who is inside, at a school's gate.
    fn count_inside(&mut self, now: Now) {
        if let Some(school) = &mut self.school {
            school.count(self.passback.as_ref(), now);
        }
    }

    fn turn_the_day(&mut self, now: Now) {
        let today = day_in_vietnam(now.time.estimate());
        if self.totals_of != Some(today) {
            self.totals = Totals::default();
            self.totals_of = Some(today);
            self.count_inside(now);
        }
    }
}
