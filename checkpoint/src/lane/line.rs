//! Who comes next: a verdict stands for a moment before another person's code takes its place, and as long as the guard holds it.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Digest, Found, Lane, Standing, State, Turn};
use crate::evidence::likeness::Subject;
use crate::passage::SeenBefore;
use crate::trust::Refused;
use crate::verdict::Reason;

/// How long whoever may pass is on the screen at least: two people with their codes side by side are two verdicts that a guard can see.
const PASSES_FOR_MIN: Duration = Duration::from_secs(2);
/// How long anything else stands at least: what was read of it is read out, or pressed away.
const STOPS_FOR_MIN: Duration = Duration::from_secs(3);
/// Most codes in line: certificate, declaration and card of the next, and one more. Others come again with the next picture.
const IN_LINE_MAX: usize = 4;
/// A telephone on its way back to the pocket is before the camera again within this time.
const PASSED_FOR: Duration = Duration::from_secs(30);
/// How long a code that named nobody is known after the passage that it made: a poster hangs there all day.
const NAMELESS_FOR: Duration = Duration::from_secs(3600);
/// Most codes of either kind.
const READ_MAX: usize = 64;

/// A code of the next visitor. A hand scanner says it once, so its text is kept for the moment.
#[derive(Clone)]
pub(super) struct InLine {
    text: Zeroizing<String>,
    first_seen: Duration,
}

/// A code names somebody: `{:?}` shows none of it.
impl fmt::Debug for InLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InLine(..)")
    }
}

impl InLine {
    pub(super) fn new(text: String, first_seen: Duration) -> Self {
        Self { text: Zeroizing::new(text), first_seen }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// When it was first before the camera.
    pub(super) fn first_seen(&self) -> Duration {
        self.first_seen
    }
}

/// Codes that need no second passage: what just let somebody pass, and what names nobody. Their texts are not kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    passed: Vec<(Digest, Duration, SeenBefore)>,
    nameless: Vec<(Digest, Duration)>,
}

impl Read {
    /// These codes let somebody pass.
    pub(super) fn passed(&mut self, codes: &[Digest], tick: Duration, seen: SeenBefore) {
        self.passed.extend(codes.iter().map(|code| (*code, tick, seen)));
        let over = self.passed.len().saturating_sub(READ_MAX);
        self.passed.drain(..over);
    }

    /// They did not: somebody else showed them.
    pub(super) fn did_not_pass(&mut self, codes: &[Digest]) {
        self.passed.retain(|(code, ..)| !codes.contains(code));
    }

    /// When and which way this code let somebody pass a moment ago.
    pub(super) fn just_passed(&self, code: &Digest) -> Option<(Duration, SeenBefore)> {
        self.passed.iter().rev().find(|(passed, ..)| passed == code).map(|(_, tick, seen)| (*tick, *seen))
    }

    /// A visit in which nobody was named is over. Whether all its codes were known from another such visit; they are from now on.
    pub(super) fn names_nobody(&mut self, codes: &[Digest], tick: Duration) -> bool {
        let known = !codes.is_empty() && codes.iter().all(|code| self.nameless.iter().any(|(known, _)| known == code));
        self.nameless.retain(|(code, _)| !codes.contains(code));
        self.nameless.extend(codes.iter().map(|code| (*code, tick)));
        let over = self.nameless.len().saturating_sub(READ_MAX);
        self.nameless.drain(..over);
        known
    }

    /// Forgets what is over.
    pub(super) fn forget(&mut self, tick: Duration) {
        self.passed.retain(|(_, since, _)| tick.saturating_sub(*since) < PASSED_FOR);
        self.nameless.retain(|(_, since)| tick.saturating_sub(*since) < NAMELESS_FOR);
    }
}

impl Standing {
    /// From when on another person's code may take its place; never while the guard holds it.
    fn gives_way_at(&self) -> Option<Duration> {
        let stands_for = if self.shown.outcome().lets_pass() { PASSES_FOR_MIN } else { STOPS_FOR_MIN };
        (!self.held).then_some(self.since + stands_for)
    }
}

impl Lane {
    /// Whether what was read is another person's, or nobody's as far as can be told, and a verdict stands that does not give way
    /// yet. Where the guard has to settle that one, the screen says so.
    pub(super) fn must_wait(&mut self, turn: &Turn<'_>, read: &Result<Found, Refused>) -> bool {
        let subject = match read {
            Ok(found) => Some(found.subject()),
            Err(refused) if !refused.reason.says_something_about_the_visitor() => return false,
            Err(refused) => refused.person.as_deref().map(Subject::from),
        };
        if subject.as_ref().is_some_and(|subject| self.may_pick_up(subject)) {
            return false;
        }
        let State::Standing(standing) = &mut self.state else { return false };
        let gives_way = standing.gives_way_at().is_some_and(|at| turn.now.tick >= at);
        if gives_way || subject.is_some_and(|subject| standing.is_of(&subject)) {
            return false;
        }
        if standing.held || !standing.shown.outcome().lets_pass() {
            standing.shown.notice(Reason::OneAtATime);
        }
        true
    }

    /// Keeps a code for its turn. While the guard holds the screen nobody knows when that is: then the next picture brings it again.
    pub(super) fn stand_in_line(&mut self, code: InLine) {
        let held = matches!(&self.state, State::Standing(standing) if standing.held);
        if held || self.in_line.len() >= IN_LINE_MAX {
            self.unsee(code.text());
        } else {
            self.in_line.push(code);
        }
    }

    /// When the next in line is looked at.
    pub(super) fn line_moves_at(&self) -> Option<Duration> {
        match &self.state {
            State::Standing(standing) if !self.in_line.is_empty() => standing.gives_way_at(),
            _ => None,
        }
    }

    /// Looks at the codes in line once the verdict before them gave way, or is gone.
    pub(super) fn next_in_line(&mut self, turn: &mut Turn<'_>) {
        let still_stands = match &self.state {
            State::Standing(standing) if standing.held => false,
            State::Standing(_) => self.line_moves_at().is_some_and(|at| turn.now.tick < at),
            _ => false,
        };
        if still_stands {
            return;
        }
        let has_turned = match &self.state {
            State::Waiting => true,
            State::Standing(standing) => !standing.held,
            _ => false,
        };
        for code in std::mem::take(&mut self.in_line) {
            if has_turned && self.takes_codes(turn.now) {
                self.read_code(turn, code);
            } else {
                self.unsee(code.text());
            }
        }
    }
}
