//! Who stands before the camera when, and how they hold what they show.

use chrono::{DateTime, Utc};
use image::GrayImage;

use super::carrier::Drawing;
use super::dice::{Dice, Sway, ease};
use super::render::{Light, Pose, Room};
use super::visitors::{Visitor, visitors};
use crate::fault::Fault;
use crate::qr::Symbol;

/// Milliseconds from picture to picture while something is held up: eight a second.
const STEP_MS: u32 = 125;
/// The same while nothing happens.
const IDLE_STEP_MS: u32 = 500;
/// The same while a visit waits to end by itself.
const LONG_IDLE_STEP_MS: u32 = 1000;
/// Time to bring a code before the camera, and to take it away.
const MOVE_MS: u32 = 500;
/// How long a code is held still.
const HOLD_MS: u32 = 1900;
/// How long it is held out of focus first, by those who do.
const BLURRED_MS: u32 = 1800;
/// Between two codes of one visitor.
const BETWEEN_CODES_MS: u32 = 500;
/// Between two visitors.
const BETWEEN_VISITORS_MS: u32 = 2500;
/// Before a visitor who waits until green, which stands for 5 s, is gone.
const EMPTY_SCREEN_MS: u32 = 6_000;
/// Until an unfinished visit has ended by itself: the kiosk waits 20 s.
const UNFINISHED_MS: u32 = 22_000;

/// The whole recording before it is drawn: pictures are drawn one by one, as they are asked for.
pub struct Script {
    /// Who comes, in order.
    pub visitors: Vec<Visitor>,
    /// When each of them is there.
    pub stays: Vec<Stay>,
    /// Every picture, in order.
    pub frames: Vec<Frame>,
    seed: u64,
    empty: Room,
    rooms: Vec<Room>,
    acts: Vec<Act>,
}

/// From when until when a visitor stands before the camera, in milliseconds since the start.
pub struct Stay {
    /// The first code comes before the camera.
    pub from_ms: u32,
    /// The last code is gone.
    pub until_ms: u32,
}

/// One picture.
pub struct Frame {
    /// Milliseconds since the start.
    pub at_ms: u32,
    visitor: Option<usize>,
    act: Option<usize>,
}

/// What a picture shows well: in the middle of its place, at rest and in focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Showing {
    /// Place in `Script::visitors`.
    pub visitor: usize,
    /// Place in that visitor's codes.
    pub code: usize,
}

/// One code that is held up.
struct Act {
    showing: Showing,
    from_ms: u32,
    drawing: Drawing,
    light: Light,
    pose: Pose,
    blurred_ms: u32,
    sways: [Sway; 5],
}

impl Act {
    fn new(symbol: &Symbol, showing: Showing, visitor: &Visitor, from_ms: u32, seed: u64) -> Self {
        let carrier = visitor.codes[showing.code].1;
        let mut dice = Dice::new(seed, u64::from(from_ms) ^ 0x61_6374);
        let drawing = Drawing::new(symbol, carrier, &mut dice);
        // A dense code is held nearer, so that its modules are about as large for the camera.
        let side = (symbol.side as f32 * dice.between(5.2, 5.7)).clamp(300.0, 600.0);
        let pose = Pose {
            centre: (640.0 + 70.0 * dice.signed(), 352.0 + 14.0 * dice.signed()),
            side,
            turn: 0.07 * dice.signed(),
            tilt: (0.09 * dice.signed(), dice.between(0.02, 0.13)),
            blur: (dice.between(0.3, 0.8), dice.between(0.3, 0.8)),
        };
        let sway = |ms| Sway::new(&mut Dice::new(seed, u64::from(from_ms) << 16 | u64::from(ms)), ms);
        Self {
            showing,
            from_ms,
            drawing,
            light: if visitor.at_dusk { Light::DUSK } else { Light::DAY },
            pose,
            blurred_ms: if visitor.blurred_at_first { BLURRED_MS } else { 0 },
            sways: [sway(310), sway(370), sway(450), sway(530), sway(610)],
        }
    }

    fn until_ms(&self) -> u32 {
        self.from_ms + MOVE_MS + self.blurred_ms + HOLD_MS + MOVE_MS
    }

    /// How it is held at a time.
    fn pose(&self, at_ms: u32) -> Pose {
        let since = at_ms - self.from_ms;
        let left = self.until_ms() - at_ms;
        let [x, y, turn, tilt, size] = &self.sways;
        let mut pose = self.pose.clone();
        pose.centre.0 += 9.0 * x.at(since);
        pose.centre.1 += 7.0 * y.at(since);
        pose.turn += 0.012 * turn.at(since);
        pose.tilt.0 += 0.02 * tilt.at(since);
        pose.side *= 1.0 + 0.02 * size.at(since);
        // In from below, out again below; what moves is smeared downwards.
        let out = 1.0 - ease(since.min(left) as f32 / MOVE_MS as f32);
        pose.centre.1 += out * 620.0;
        pose.blur.1 += (out * (1.0 - out)) * 22.0;
        // Out of focus at first, nearer to the lens than it should be.
        if self.blurred_ms > 0 {
            let far = 1.0 - ease(since.saturating_sub(MOVE_MS + self.blurred_ms - 400) as f32 / 400.0);
            pose.blur.0 += far * 9.0;
            pose.blur.1 += far * 9.0;
            pose.side *= 1.0 + far * 0.12;
        }
        pose
    }
}

impl Script {
    /// The recording of a seed.
    ///
    /// # Errors
    /// Those of `visitors` and of codes that are too long, never with the visitors that are there.
    pub fn new(seed: u64, start: DateTime<Utc>) -> Result<Self, Fault> {
        let visitors = visitors(start)?;
        let mut script = Self {
            rooms: (0..visitors.len()).map(|number| Room::new(seed.wrapping_add(number as u64 + 1), true)).collect(),
            empty: Room::new(seed, false),
            visitors: Vec::new(),
            stays: Vec::new(),
            frames: Vec::new(),
            acts: Vec::new(),
            seed,
        };
        let mut now = script.idle(0, BETWEEN_VISITORS_MS, IDLE_STEP_MS, None);
        for (number, visitor) in visitors.iter().enumerate() {
            if visitor.waits_for_an_empty_screen {
                now = script.idle(now, EMPTY_SCREEN_MS - BETWEEN_VISITORS_MS, IDLE_STEP_MS, None);
            }
            let from_ms = now;
            for (code, (text, _)) in visitor.codes.iter().enumerate() {
                if code > 0 {
                    now = script.idle(now, BETWEEN_CODES_MS, STEP_MS * 2, Some(number));
                }
                let symbol = Symbol::new(text, qrcode::EcLevel::M)?;
                let act = Act::new(&symbol, Showing { visitor: number, code }, visitor, now, seed);
                let until_ms = act.until_ms();
                script.acts.push(act);
                while now < until_ms {
                    script.frames.push(Frame { at_ms: now, visitor: Some(number), act: Some(script.acts.len() - 1) });
                    now += STEP_MS;
                }
            }
            script.stays.push(Stay { from_ms, until_ms: now });
            now = if visitor.leaves_unfinished {
                script.idle(now, UNFINISHED_MS, LONG_IDLE_STEP_MS, None)
            } else {
                script.idle(now, BETWEEN_VISITORS_MS, IDLE_STEP_MS, None)
            };
        }
        script.visitors = visitors;
        Ok(script)
    }

    /// Nothing before the camera for a while; gives when it ends.
    fn idle(&mut self, from_ms: u32, for_ms: u32, step_ms: u32, visitor: Option<usize>) -> u32 {
        let until_ms = from_ms + for_ms;
        self.frames.extend((from_ms..until_ms).step_by(step_ms as usize).map(|at_ms| Frame {
            at_ms,
            visitor,
            act: None,
        }));
        until_ms
    }

    /// What a picture shows at rest and in focus; `None` while something moves, is blurred, or nothing is there.
    pub fn showing(&self, number: usize) -> Option<Showing> {
        let frame = self.frames.get(number)?;
        let act = &self.acts[frame.act?];
        let at_rest = act.from_ms + MOVE_MS + act.blurred_ms..act.until_ms() - MOVE_MS;
        at_rest.contains(&frame.at_ms).then_some(act.showing)
    }

    /// What the camera sees. `number` counts `frames` from 0; there is no picture beyond the last.
    pub fn picture(&self, number: usize) -> GrayImage {
        let frame = &self.frames[number];
        let room = frame.visitor.map_or(&self.empty, |visitor| &self.rooms[visitor]);
        match frame.act.map(|act| &self.acts[act]) {
            Some(act) => {
                let pose = act.pose(frame.at_ms);
                room.picture(Some((&act.drawing, &pose)), &act.light, self.seed, number as u64)
            }
            None => room.picture(None, &Light::DAY, self.seed, number as u64),
        }
    }
}
