//! While the guard types what stands on a paper, the visitor before him waits, and so does everybody else's code: a verdict in between
//! would be hidden by the keyboard, and what is typed would be about nobody.

use std::time::Duration;

use super::{Lane, Now, State, Turn};

/// The window says so every two seconds; without a word for so long nobody types.
const TYPES_FOR: Duration = Duration::from_secs(5);

/// What was heard of it last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typing {
    still: bool,
    at: Duration,
}

impl Typing {
    /// When it was heard (monotonic since the start).
    pub(super) fn at(self) -> Duration {
        self.at
    }
}

impl Lane {
    pub(super) fn types(&mut self, turn: &Turn<'_>, still: bool) {
        let at = turn.now.tick;
        self.typing = Some(Typing { still, at });
        if let State::Visit(visit) = &mut self.state {
            visit.until = visit.until.max(at + self.settings.visit_for);
        }
    }

    /// Codes wait: whoever holds one before the camera holds it there afterwards.
    pub(super) fn is_typing(&self, now: Now) -> bool {
        self.typing.is_some_and(|typing| typing.still && now.tick < typing.at + TYPES_FOR)
    }
}
