//! Scanners that type: their keystrokes, with the time of each.

use std::time::Instant;

use egui::{Event, ImeEvent, Key, RawInput};

/// One key of a scanner that acts as a keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keystroke {
    /// What was typed.
    pub stroke: Stroke,
    /// When the window learned of it: once a pass, so that keys of one pass share one time.
    pub at: Instant,
}

/// What was typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A character.
    Char(char),
    /// The end of a code.
    Enter,
    /// The end of a code too: some scanners are set to jump to the next field of a form.
    Tab,
}

/// A code is personal data: `{:?}` says only which kind of key it was.
impl std::fmt::Debug for Stroke {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Char(_) => "Char(..)",
            Self::Enter => "Enter",
            Self::Tab => "Tab",
        })
    }
}

/// Takes everything typed out of a pass's input: a scanner can type anything, and nothing that it types may press a
/// button.
pub fn take(input: &mut RawInput, at: Instant) -> Vec<Keystroke> {
    let mut strokes = Vec::new();
    input.events.retain(|event| match event {
        Event::Text(text) | Event::Ime(ImeEvent::Commit(text)) | Event::Paste(text) => {
            // A line break in a pasted or composed text ends a code as Enter does.
            strokes.extend(text.chars().filter_map(|char| match char {
                '\n' => Some(Stroke::Enter),
                '\t' => Some(Stroke::Tab),
                '\r' => None,
                char => Some(Stroke::Char(char)),
            }));
            false
        }
        Event::Key { key, pressed, .. } => {
            match key {
                Key::Enter if *pressed => strokes.push(Stroke::Enter),
                Key::Tab if *pressed => strokes.push(Stroke::Tab),
                _ => {}
            }
            false
        }
        _ => true,
    });
    strokes.into_iter().map(|stroke| Keystroke { stroke, at }).collect()
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
                Stroke::Tab => '⇥',
            })
            .collect()
    }

    #[test]
    fn a_code_is_taken_out_whole_and_nothing_is_left_for_buttons() {
        let mut input = RawInput { events: typed("HC1:6B ụ"), ..Default::default() };
        input.events.extend([key(Key::Space), key(Key::Tab), key(Key::Enter), Event::PointerGone]);
        let taken = take(&mut input, Instant::now());
        assert_eq!(strokes(&taken), "HC1:6B ụ⇥⏎");
        assert_eq!(input.events, [Event::PointerGone]);
    }

    #[test]
    fn debug_output_holds_no_code() {
        assert_eq!(format!("{:?}", Stroke::Char('7')), "Char(..)");
    }
}
