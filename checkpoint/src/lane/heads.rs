//! Signed heads of journals: this kiosk's own, shown for another to scan, and another's, kept as a witness.
//!
//! No visitor stands behind such a code: nobody is judged by it, an open visit waits on, and a verdict keeps standing.

use std::time::Duration;

use super::record::Awaited;
use super::{Effect, Lane, State, Turn};
use crate::passage::Note;
use crate::passage::checkpoint::{Checkpoint, CheckpointFault};
use crate::passage::day::HeadText;
use crate::passage::record::Event;
use crate::screen::{Fault, HeadShown, InsideShown, Noted, Sound};

/// Something about journals on the screen, and since when.
#[derive(Clone, Debug)]
pub(super) enum About {
    /// The own head, for another kiosk.
    Head(HeadShown),
    /// What became of another's.
    Noted(Noted),
    /// Who is still inside: it is about no journal, and stands as they do.
    Inside(Box<InsideShown>),
}

impl Lane {
    /// The guard wants the signed head on the screen.
    pub(super) fn show_head(&mut self, turn: &mut Turn<'_>) {
        if matches!(self.state, State::Waiting | State::Standing(_) | State::About(..)) && self.party.is_none() {
            turn.effects.push(Effect::Sign);
            self.state = State::Recording(Awaited::Head);
        }
    }

    /// The journal's answer to `Effect::Sign`.
    pub(super) fn signed(&mut self, turn: &mut Turn<'_>, signed: Result<HeadShown, Fault>) {
        if !matches!(self.state, State::Recording(Awaited::Head)) {
            return; // An answer that nobody waits for changes nothing.
        }
        match signed {
            Ok(head) => self.state = State::About(About::Head(head), turn.now.tick),
            Err(fault) => {
                self.state = State::OutOfService(fault);
                turn.effects.push(Effect::Sound(Sound::Refer));
            }
        }
    }

    /// A code that wants to be a journal's signed head. Kept where a device of the list signed it.
    pub(super) fn head_scanned(&mut self, turn: &mut Turn<'_>, text: &str) {
        let devices: Vec<_> = turn.verifier.trust.device_keys().collect();
        let noted = match Checkpoint::verify(text, &devices) {
            Ok(Checkpoint { device, sequence, at, .. }) => Noted::Kept { device, sequence, at },
            Err(CheckpointFault::UnknownDevice { device }) => Noted::UnknownDevice { device },
            Err(CheckpointFault::BadSignature { device }) => Noted::Forged { device },
            Err(CheckpointFault::NotACheckpoint | CheckpointFault::Damaged) => Noted::Damaged,
        };
        let time = turn.now.time;
        let event = Event::Witness(HeadText { text: text.to_owned() });
        let note = Note { at: time.estimate(), floor: time.floor(), event };
        let idle = matches!(self.state, State::Waiting | State::About(..)) && self.party.is_none();
        match (noted, idle) {
            (kept @ Noted::Kept { .. }, true) => {
                turn.effects.push(Effect::Note(Box::new(note)));
                self.state = State::Recording(Awaited::Witness(kept));
            }
            // Whoever is being checked stays on the screen.
            (Noted::Kept { .. }, false) => turn.effects.push(Effect::Log(Box::new(note))),
            (refused, true) => {
                self.state = State::About(About::Noted(refused), turn.now.tick);
                turn.effects.push(Effect::Sound(Sound::Refer));
            }
            (_, false) => {}
        }
    }

    /// The witness is on disk.
    pub(super) fn witness_recorded(&mut self, turn: &mut Turn<'_>, kept: Noted) {
        turn.effects.push(Effect::Sound(Sound::Read));
        self.state = State::About(About::Noted(kept), turn.now.tick);
    }

    /// Until when it stands: a head as long as a verdict that needs the guard, a note as long as green, names until they are masked.
    pub(super) fn about_until(&self, about: &About, since: Duration) -> Duration {
        match about {
            About::Head(_) => since + self.settings.others_for,
            // Names go when names go.
            About::Inside(inside) if inside.named.is_some() => since + self.settings.masked_after,
            About::Inside(_) => since + self.settings.others_for,
            About::Noted(_) => since + self.settings.admitted_for.max(Duration::from_secs(5)),
        }
    }
}
