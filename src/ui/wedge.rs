//! Scanners that type: their keystrokes, with the time of each.

use std::time::{Duration, Instant};

use egui::{Event, ImeEvent, Key, RawInput};

/// One key of a scanner that acts as a keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keystroke {
    /// What was typed.
    pub stroke: Stroke,
    /// When, as nearly as a window can know.
    pub at: Instant,
}

/// What was typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A character.
    Char(char),
    /// The end of a code.
    Enter,
}

/// A code is personal data: `{:?}` says only which kind of key it was.
impl std::fmt::Debug for Stroke {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Char(_) => "Char(..)",
            Self::Enter => "Enter",
        })
    }
}

/// Longest time over which the keys of one pass are spread.
const PASS_MAX: Duration = Duration::from_millis(250);

/// Takes keystrokes out of a pass's input.
#[derive(Debug, Default)]
pub struct Wedge {
    before: Option<Instant>,
}

impl Wedge {
    /// Takes everything typed out of `input`: a scanner can type anything, and nothing that it types may press a button.
    ///
    /// A window learns of keys once a pass, so many come at once. They are spread evenly over the time since the pass
    /// before: a scanner's steady stream stays steady, however slow the screen is.
    pub fn take(&mut self, input: &mut RawInput, now: Instant) -> Vec<Keystroke> {
        let mut strokes = Vec::new();
        input.events.retain(|event| match event {
            Event::Text(text) | Event::Ime(ImeEvent::Commit(text)) | Event::Paste(text) => {
                // A line break in a pasted or composed text ends a code as Enter does.
                strokes.extend(text.chars().filter_map(|char| match char {
                    '\n' => Some(Stroke::Enter),
                    '\r' => None,
                    char => Some(Stroke::Char(char)),
                }));
                false
            }
            Event::Key { key, pressed, .. } => {
                if *key == Key::Enter && *pressed {
                    strokes.push(Stroke::Enter);
                }
                false
            }
            _ => true,
        });
        let earliest = now.checked_sub(PASS_MAX).unwrap_or(now);
        let start = self.before.unwrap_or(now).max(earliest).min(now);
        self.before = Some(now);
        let parts = strokes.len() as u32 + 1;
        let span = now - start;
        (1..).zip(strokes).map(|(part, stroke)| Keystroke { stroke, at: start + span * part / parts }).collect()
    }
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    fn key(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
    }

    fn typed(text: &str) -> Vec<Event> {
        text.chars().map(|char| Event::Text(char.to_string())).collect()
    }

    fn strokes(keystrokes: &[Keystroke]) -> String {
        keystrokes
            .iter()
            .map(|keystroke| match keystroke.stroke {
                Stroke::Char(char) => char,
                Stroke::Enter => '⏎',
            })
            .collect()
    }

    #[test]
    fn a_code_is_taken_out_whole_and_nothing_is_left_for_buttons() {
        let mut input = RawInput { events: typed("HC1:6B ụ"), ..Default::default() };
        input.events.extend([key(Key::Space), key(Key::Enter), Event::PointerGone]);
        let taken = Wedge::default().take(&mut input, Instant::now());
        assert_eq!(strokes(&taken), "HC1:6B ụ⏎");
        assert_eq!(input.events, [Event::PointerGone]);
    }

    #[test]
    fn keys_of_slow_passes_keep_a_steady_pace() {
        let mut wedge = Wedge::default();
        let start = Instant::now();
        wedge.take(&mut RawInput::default(), start);
        let mut all = Vec::new();
        // A scanner types every 5 ms while the screen is drawn every 50 ms.
        for pass in 1..=4 {
            let mut input = RawInput { events: typed("0123456789"), ..Default::default() };
            all.extend(wedge.take(&mut input, start + Duration::from_millis(50 * pass)));
        }
        assert_eq!(all.len(), 40);
        for pair in all.windows(2) {
            let gap = pair[1].at - pair[0].at;
            assert!(gap < Duration::from_millis(30), "{gap:?}");
        }
    }

    #[test]
    fn keys_typed_by_hand_stay_far_apart() {
        let mut wedge = Wedge::default();
        let start = Instant::now();
        let mut all = Vec::new();
        for pass in 0..40_u32 {
            // Passes every 33 ms while the camera runs, a key in every fourth.
            let events = if pass % 4 == 0 { typed("a") } else { vec![] };
            let mut input = RawInput { events, ..Default::default() };
            all.extend(wedge.take(&mut input, start + Duration::from_millis(33) * pass));
        }
        for pair in all.windows(2) {
            assert!(pair[1].at - pair[0].at > Duration::from_millis(100), "{:?}", pair[1].at - pair[0].at);
        }
    }

    #[test]
    fn debug_output_holds_no_code() {
        assert_eq!(format!("{:?}", Stroke::Char('7')), "Char(..)");
    }
}
