//! What the reader makes of the picture, as the guard sees it: codes are outlined, and what hinders reading is said.
//!
//! A reader changes its mind thirty times a second; a text that does would be read by nobody. What is said stands for
//! `HOLD` at least, and a code that was read ends it at once.

use std::time::Duration;

/// What hinders reading, the one to mend first before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hint {
    /// More light is needed.
    TooDark,
    /// Something shines: turn the code.
    Glare,
    /// Bring it nearer.
    TooFar,
    /// Hold it still.
    Blurred,
    /// Show all of it.
    Partial,
}

impl Hint {
    /// Every hint.
    pub const ALL: [Self; 5] = [Self::TooDark, Self::Glare, Self::TooFar, Self::Blurred, Self::Partial];

    /// The message's name after `hint-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooDark => "too-dark",
            Self::Glare => "glare",
            Self::TooFar => "too-far",
            Self::Blurred => "blurred",
            Self::Partial => "partial",
        }
    }
}

/// Four corners in parts of the picture's width and height, 0 to 1.
pub type Outline = [[f32; 2]; 4];

/// What is drawn over the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aim {
    /// Codes that were read.
    pub outlines: Vec<Outline>,
    /// What hinders reading.
    pub hint: Option<Hint>,
}

/// How long a hint stands at least, and after it was last true: shorter is not read.
pub const HOLD: Duration = Duration::from_millis(700);
/// How long something must hinder before it is said: a code that comes into the picture is blurred for a moment.
const SETTLE: Duration = Duration::from_millis(150);
/// How long an outline outlives the reading that made it: one frame in five may fail.
const OUTLINED: Duration = Duration::from_millis(200);

/// Turns what each frame says into what is drawn.
#[derive(Clone, Debug, Default)]
pub struct Steady {
    aim: Aim,
    outlined: Duration,
    /// When what is said began, and when it was last true.
    said: (Duration, Duration),
    /// What might be said next, and since when it holds.
    next: Option<(Hint, Duration)>,
}

impl Steady {
    /// One frame, taken `at` since the source was opened: where codes were read in it, and what hindered reading others.
    pub fn frame(&mut self, at: Duration, outlines: Vec<Outline>, hints: &[Hint]) -> &Aim {
        if !outlines.is_empty() {
            (self.aim, self.outlined, self.next) = (Aim { outlines, hint: None }, at, None);
            return &self.aim;
        }
        if at.saturating_sub(self.outlined) > OUTLINED {
            self.aim.outlines.clear();
        }
        let worst = hints.iter().min().copied();
        self.next = worst.map(|hint| match self.next {
            Some((same, since)) if same == hint => (hint, since),
            _ => (hint, at),
        });
        let settled =
            self.next.filter(|(_, since)| at.saturating_sub(*since) >= SETTLE && at >= self.outlined + SETTLE);
        let settled = settled.map(|(hint, _)| hint);
        match self.aim.hint {
            // What is said stays while it is true, whatever else is true too.
            Some(said) if hints.contains(&said) => self.said.1 = at,
            Some(_) => {
                let (began, seen) = self.said;
                if at.saturating_sub(began) >= HOLD && (settled.is_some() || at.saturating_sub(seen) >= HOLD) {
                    self.say(settled, at);
                }
            }
            None => self.say(settled, at),
        }
        &self.aim
    }

    fn say(&mut self, hint: Option<Hint>, at: Duration) {
        self.aim.hint = hint;
        self.said = (at, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Outline = [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.4]];

    fn millis(at: u64) -> Duration {
        Duration::from_millis(at)
    }

    /// What is said after frames thirty milliseconds apart.
    fn after(frames: &[&[Hint]]) -> Option<Hint> {
        let mut steady = Steady::default();
        (0..).zip(frames).map(|(number, hints)| steady.frame(millis(1000 + 30 * number), vec![], hints).hint).last()?
    }

    #[test]
    fn what_hinders_is_said_once_it_has_settled() {
        assert_eq!(after(&[&[Hint::Glare][..]; 5]), None);
        assert_eq!(after(&[&[Hint::Glare][..]; 6]), Some(Hint::Glare));
        assert_eq!(after(&[&[Hint::Partial, Hint::TooDark][..]; 6]), Some(Hint::TooDark));
    }

    #[test]
    fn nothing_that_is_said_changes_faster_than_it_can_be_read() {
        // Every two hints in every rhythm of frames: what is said is never replaced before its time.
        let mut state = 7_u64;
        for one in Hint::ALL {
            for other in Hint::ALL {
                let (mut steady, mut said, mut since) = (Steady::default(), None, Duration::ZERO);
                for frame in 0..3000 {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let hints: &[Hint] = match state >> 61 {
                        0 => &[],
                        1..=3 => &[one],
                        4..=6 => &[other],
                        _ => &[one, other],
                    };
                    let at = millis(frame * 33);
                    let now = steady.frame(at, vec![], hints).hint;
                    if now != said {
                        assert!(said.is_none() || at - since >= HOLD, "{said:?} gave way to {now:?} after {since:?}");
                        (said, since) = (now, at);
                    }
                }
            }
        }
    }

    #[test]
    fn a_code_that_was_read_ends_what_was_said_and_is_outlined_for_a_moment() {
        let mut steady = Steady::default();
        for number in 0..10 {
            steady.frame(millis(30 * number), vec![], &[Hint::Blurred]);
        }
        let read = steady.frame(millis(300), vec![CODE], &[]).clone();
        assert_eq!(read, Aim { outlines: vec![CODE], hint: None });
        assert_eq!(steady.frame(millis(450), vec![], &[]).outlines, [CODE]);
        assert_eq!(steady.frame(millis(550), vec![], &[]), &Aim::default());
    }
}
