//! What may be shown in a terminal: a name comes from a code that anybody may print.

/// A text in which nothing steers the terminal or turns the letters after it about: control characters, line separators and the
/// controls of writing direction become U+FFFD.
pub fn harmless(text: &str) -> String {
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_and_names_stay() {
        assert_eq!(harmless("Nguyễn Văn Ấn · 阮 · 한"), "Nguyễn Văn Ấn · 阮 · 한");
        for steering in
            ["\u{1b}[2J", "\u{202e}", "\u{2066}", "\u{200f}", "\u{61c}", "\u{2028}", "\u{9b}", "\r", "\u{7f}"]
        {
            let text = harmless(&format!("a{steering}b"));
            assert!(text.contains('\u{fffd}') && !text.contains(steering.chars().next().unwrap()), "{steering:?}");
        }
    }
}
