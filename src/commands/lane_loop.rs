//! The main loop's turn: one event through the lane, and its effects into the world.

use std::collections::VecDeque;
use std::time::Duration;

use checkpoint::lane::{Effect, Event, Lane, Now, Verifier};
use checkpoint::passage::{Draft, PassageId};
use checkpoint::screen::{Fault, Screen, Sound};
use checkpoint::time::day_in_vietnam;

use crate::journal::Journal;

/// What a lane shows and plays. `run` has a window and a loudspeaker, `replay` prints.
pub trait Audience {
    /// Draw this.
    fn show(&mut self, screen: &Screen);
    /// Play this.
    fn play(&mut self, sound: Sound);
    /// A passage is durable.
    fn passed(&mut self, passage: PassageId, draft: &Draft);
}

/// A lane with what it judges by and what it writes to: the sole writer of the journal.
pub struct LaneLoop {
    lane: Option<Lane>,
    verifier: Verifier,
    journal: Journal,
}

impl LaneLoop {
    /// A lane at its start.
    pub fn new(lane: Lane, verifier: Verifier, journal: Journal) -> Self {
        Self { lane: Some(lane), verifier, journal }
    }

    /// What it judges by.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// A newer trust list, or other rules, take effect with the next code.
    pub fn replace_verifier(&mut self, verifier: Verifier) {
        self.verifier = verifier;
    }

    /// When the next turn is due if nothing happens.
    pub fn deadline(&self, now: Now) -> Duration {
        self.lane.as_ref().map_or(now.tick, |lane| lane.deadline(now))
    }

    /// One event, and every answer that it causes, until the lane rests.
    pub fn turn(&mut self, now: Now, event: Event, audience: &mut impl Audience) {
        let mut events = VecDeque::from([event]);
        while let (Some(event), Some(lane)) = (events.pop_front(), self.lane.take()) {
            let (next, effects) = lane.handle(&self.verifier, now, event);
            self.lane = Some(next);
            for effect in effects {
                match effect {
                    Effect::Record(draft) => events.push_back(Event::Recorded(self.record(now, &draft, audience))),
                    Effect::Show(screen) => audience.show(&screen),
                    Effect::Sound(sound) => audience.play(sound),
                }
            }
        }
    }

    fn record(&mut self, now: Now, draft: &Draft, audience: &mut impl Audience) -> Result<PassageId, Fault> {
        // In doubt the floor's day: its key is the one that the authority destroys first.
        let day = day_in_vietnam(now.time.floor());
        let sealed_to = self.verifier.trust.tracing_key(day).map(|key| (day, key));
        match self.journal.append(draft, sealed_to) {
            Ok(passage) => {
                audience.passed(passage, draft);
                Ok(passage)
            }
            Err(fault) => {
                tracing::error!(%fault, "the passage was not recorded, so nobody was shown a verdict");
                Err(fault.shown())
            }
        }
    }
}
