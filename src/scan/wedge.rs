//! Hardware scanners that pretend to be a keyboard ("keyboard wedge").
//!
//! A pure state machine: keys with their times in, whole texts out. Such a scanner types faster than a person can and ends
//! with Enter, with Tab, or with silence. What a person types never becomes a scan, and while a text field has the focus
//! nothing is taken.

use std::time::Duration;

/// Characters of one scan follow each other in less than this. A person types ten a second, a held key repeats every 33 ms.
const PACE: Duration = Duration::from_millis(30);
/// Silence of this length ends a scan that no Enter ended.
const SILENCE: Duration = Duration::from_millis(100);
/// Fewest characters of a scan: the number of a health-insurance card has ten. An input method that commits a
/// Vietnamese word at once brings seven at most.
const CHARS_MIN: usize = 10;
/// Most characters of a scan: what the largest symbol holds, see [`super::TEXT_CHARS_MAX`].
const CHARS_MAX: usize = super::TEXT_CHARS_MAX;

/// What a keyboard sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// One character as it came out of the keyboard layout: composed by a dead key, or a combining mark of its own.
    Char(char),
    /// Ends a scan.
    Enter,
    /// Ends a scan: some scanners are set so, to jump to the next field of a form.
    Tab,
    /// A key that makes no text: Shift, a dead key not yet composed, a function key. It neither adds nor ends anything.
    Other,
}

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Nowhere: a scanner may be typing.
    Nothing,
    /// A person is typing into a text field: nothing is a scan, and what was begun is forgotten.
    TextField,
}

/// Gathers keys until they make a scan.
///
/// The time of a key may be that of the screen's turn in which it arrived, so that several keys share one time. A gap
/// longer than the pace is then a slow turn of the screen, not a slow typist, if keys came in a heap on either side of it.
/// The mean pace of the whole text must hold all the same.
#[derive(Default)]
pub struct Wedge {
    text: String,
    chars: usize,
    /// More characters than a symbol holds: nothing is kept until the burst ends.
    overflowed: bool,
    first: Duration,
    last: Option<Duration>,
    /// The last two characters shared one time.
    heaped: bool,
    /// A gap longer than the pace whose cause the next key tells.
    doubt: Option<Doubt>,
}

#[derive(Clone, Copy)]
struct Doubt {
    /// Length in bytes of what came before the gap.
    bytes: usize,
    /// Characters before the gap.
    chars: usize,
    /// When the last one before it came, and the first one after it.
    before: Duration,
    after: Duration,
}

impl Wedge {
    /// Takes one key; `at` is monotonic. Gives a text that this key completed: usually by ending it, sometimes by coming so
    /// late that silence had ended the one before.
    pub fn key(&mut self, key: Key, at: Duration, focus: Focus) -> Option<String> {
        if focus == Focus::TextField {
            *self = Self::default();
            return None;
        }
        match key {
            Key::Char('\r' | '\n' | '\t') | Key::Enter | Key::Tab => self.tick(at).or_else(|| self.finish()),
            // Start and end of text, and other control characters that scanners send around a text.
            Key::Char(c) if c.is_control() => self.tick(at),
            Key::Char(c) => self.character(c, at),
            Key::Other => self.tick(at),
        }
    }

    /// Tells that time has passed. Gives a text that silence ended.
    pub fn tick(&mut self, at: Duration) -> Option<String> {
        let last = self.last?;
        if at.saturating_sub(last) >= SILENCE { self.finish() } else { None }
    }

    /// When to call [`Wedge::tick`] if no key comes before; `None` while nothing is begun.
    pub fn deadline(&self) -> Option<Duration> {
        self.last.map(|last| last + SILENCE)
    }

    fn character(&mut self, c: char, at: Duration) -> Option<String> {
        let mut done = self.tick(at);
        let gap = self.last.map(|last| at.saturating_sub(last));
        let in_heap = gap.is_some_and(|gap| gap.is_zero());
        // The key after a doubtful gap tells: in one heap with the key before it, the screen was slow.
        if let Some(doubt) = self.doubt.take()
            && !in_heap
        {
            done = self.cut(doubt).or(done);
        }
        if let Some(last) = self.last
            && gap.is_some_and(|gap| gap >= PACE)
            && !self.heaped
        {
            self.doubt = Some(Doubt { bytes: self.text.len(), chars: self.chars, before: last, after: at });
        }
        if self.last.is_none() {
            self.first = at;
        }
        self.heaped = in_heap;
        self.last = Some(at);
        if self.chars == CHARS_MAX {
            self.overflowed = true;
        }
        if self.overflowed {
            self.text.clear();
            self.doubt = None;
        } else {
            self.text.push(c);
            self.chars += 1;
        }
        done
    }

    /// Ends what came before a slow gap; what came after it begins anew.
    fn cut(&mut self, doubt: Doubt) -> Option<String> {
        let rest = self.text.split_off(doubt.bytes.min(self.text.len()));
        let head = std::mem::replace(&mut self.text, rest);
        let whole = is_scan(doubt.chars, doubt.before.saturating_sub(self.first));
        self.chars = self.chars.saturating_sub(doubt.chars);
        self.first = doubt.after;
        whole.then_some(head)
    }

    /// Ends the burst. Gives its text if a scanner typed it.
    fn finish(&mut self) -> Option<String> {
        let mut burst = std::mem::take(self);
        if burst.overflowed {
            return None;
        }
        if let Some(doubt) = burst.doubt.take() {
            // A single key after a slow gap, then the end: a stray key behind a scan, or a slow typist.
            return burst.cut(doubt);
        }
        let lasted = burst.last?.saturating_sub(burst.first);
        is_scan(burst.chars, lasted).then_some(burst.text)
    }
}

/// Whether so many characters in such a time were typed by a machine.
fn is_scan(chars: usize, lasted: Duration) -> bool {
    let gaps = u32::try_from(chars.saturating_sub(1)).unwrap_or(u32::MAX);
    chars >= CHARS_MIN && lasted < PACE.saturating_mul(gaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "001093029317|NGUYEN VAN A";

    /// Keys as (milliseconds since the key before, key).
    fn type_keys(keys: &[(u64, Key)]) -> Vec<String> {
        let mut wedge = Wedge::default();
        let mut at = Duration::from_secs(5);
        let mut texts = Vec::new();
        for &(gap, key) in keys {
            at += Duration::from_millis(gap);
            texts.extend(wedge.key(key, at, Focus::Nothing));
        }
        texts.extend(wedge.tick(at + Duration::from_secs(1)));
        assert_eq!(wedge.deadline(), None, "silence ends everything");
        texts
    }

    /// `text` with `gap` ms before each character.
    fn typed(text: &str, gap: u64) -> Vec<(u64, Key)> {
        text.chars().map(|c| (gap, Key::Char(c))).collect()
    }

    fn join(parts: &[&[(u64, Key)]]) -> Vec<(u64, Key)> {
        parts.concat()
    }

    /// Characters in heaps: `heap` at one time, then `gap` ms until the next heap.
    fn heaped(text: &str, heap: usize, gap: u64) -> Vec<(u64, Key)> {
        text.chars().enumerate().map(|(index, c)| (if index % heap == 0 { gap } else { 0 }, Key::Char(c))).collect()
    }

    #[test]
    fn pace_and_length_make_a_scan() {
        let long = "7".repeat(CHARS_MAX);
        type Case<'a> = (&'a str, Vec<(u64, Key)>, &'a [&'a str]);
        let cases: &[Case] = &[
            ("5 ms apart, ended by silence", typed(CARD, 5), &[CARD]),
            ("29 ms apart", typed(CARD, 29), &[CARD]),
            ("30 ms apart", typed(CARD, 30), &[]),
            ("a held key", typed(&"a".repeat(60), 33), &[]),
            ("slow typing", typed(CARD, 150), &[]),
            ("brisk typing", typed(CARD, 60), &[]),
            ("slow typing, then Enter", join(&[&typed(CARD, 80), &[(80, Key::Enter)]]), &[]),
            ("nine characters", typed("123456789", 5), &[]),
            ("ten characters", typed("1234567890", 5), &["1234567890"]),
            ("the most that a symbol holds", typed(&long, 1), &[&long]),
            ("one more", join(&[&typed(&long, 1), &typed("7", 1)]), &[]),
            ("nothing but Enter", vec![(5, Key::Enter), (5, Key::Enter)], &[]),
        ];
        for (name, keys, expected) in cases {
            assert_eq!(type_keys(keys), *expected, "{name}");
        }
    }

    #[test]
    fn every_ending_ends() {
        let endings: &[&[Key]] = &[
            &[],
            &[Key::Enter],
            &[Key::Tab],
            &[Key::Enter, Key::Enter],
            &[Key::Char('\r')],
            &[Key::Char('\r'), Key::Char('\n')],
            &[Key::Char('\t')],
            &[Key::Char('\u{3}'), Key::Enter],
        ];
        for ending in endings {
            let ending: Vec<_> = ending.iter().map(|&key| (5, key)).collect();
            assert_eq!(type_keys(&join(&[&typed(CARD, 5), &ending])), [CARD], "{ending:?}");
        }
    }

    #[test]
    fn two_scans_back_to_back_are_two() {
        let second = "DN4010123456789|54726e";
        let cases = [
            ("Enter between", join(&[&typed(CARD, 5), &[(5, Key::Enter)], &typed(second, 5), &[(5, Key::Enter)]])),
            ("Tab between", join(&[&typed(CARD, 2), &[(2, Key::Tab)], &typed(second, 2)])),
            ("silence between", join(&[&typed(CARD, 5), &[(110, Key::Other)], &typed(second, 5)])),
            (
                "silence that nobody told of",
                join(&[&typed(CARD, 5), &[(500, Key::Char('D'))], &typed(&second[1..], 5)]),
            ),
            ("a short pause between", join(&[&typed(CARD, 5), &[(60, Key::Char('D'))], &typed(&second[1..], 5)])),
        ];
        for (name, keys) in cases {
            assert_eq!(type_keys(&keys), [CARD, second], "{name}");
        }
    }

    #[test]
    fn stray_keys_stay_out() {
        let cases = [
            ("a key long before", join(&[&[(0, Key::Char('x'))], &[(300, Key::Other)], &typed(CARD, 5)])),
            ("a key just before", join(&[&[(0, Key::Char('x')), (70, Key::Char('0'))], &typed(&CARD[1..], 5)])),
            ("a key just behind", join(&[&typed(CARD, 5), &[(70, Key::Char('x'))]])),
            ("a key behind Enter", join(&[&typed(CARD, 5), &[(5, Key::Enter), (5, Key::Char('x'))]])),
            ("Shift within", join(&[&typed(&CARD[..8], 5), &[(2, Key::Other)], &typed(&CARD[8..], 5)])),
            ("start of text", join(&[&[(0, Key::Char('\u{2}'))], &typed(CARD, 5)])),
        ];
        for (name, keys) in cases {
            assert_eq!(type_keys(&keys), [CARD], "{name}");
        }
    }

    #[test]
    fn a_slow_screen_does_not_break_a_scan() {
        for (heap, gap) in [(2, 33), (6, 33), (8, 70), (12, 95)] {
            assert_eq!(type_keys(&heaped(CARD, heap, gap)), [CARD], "{heap} keys every {gap} ms");
        }
        // One key in the first turn of the screen, the rest in the next ones.
        let late = join(&[&[(0, Key::Char('0'))], &heaped(&CARD[1..], 8, 60)]);
        assert_eq!(type_keys(&late), [CARD]);
        // A held key, two in each turn of 70 ms, is still no scan.
        assert!(type_keys(&heaped(&"a".repeat(40), 2, 70)).is_empty());
    }

    #[test]
    fn accents_arrive_as_they_were_typed() {
        let composed = "ĐỖ THỊ BƯỞI|Nữ|Huế";
        let decomposed = "DO\u{302}\u{303} THI\u{323} BU\u{31b}O\u{31b}\u{309}I";
        for text in [composed, decomposed] {
            assert_eq!(type_keys(&typed(text, 5)), [text]);
        }
        let dead_key = join(&[&typed("Nguyen Th", 5), &[(5, Key::Other), (1, Key::Char('ế'))], &typed(" Lan", 5)]);
        assert_eq!(type_keys(&dead_key), ["Nguyen Thế Lan"]);
    }

    #[test]
    fn a_text_field_takes_everything() {
        let mut wedge = Wedge::default();
        let mut at = Duration::ZERO;
        let mut press = |key, focus| {
            at += Duration::from_millis(5);
            wedge.key(key, at, focus)
        };
        for c in CARD.chars() {
            assert_eq!(press(Key::Char(c), Focus::TextField), None);
        }
        assert_eq!(press(Key::Enter, Focus::TextField), None);
        // Begun before the field was touched: forgotten.
        for c in CARD.chars() {
            assert_eq!(press(Key::Char(c), Focus::Nothing), None);
        }
        assert_eq!(press(Key::Char('1'), Focus::TextField), None);
        assert_eq!(press(Key::Enter, Focus::Nothing), None);
    }

    #[test]
    fn the_deadline_is_the_end_of_silence() {
        let mut wedge = Wedge::default();
        assert_eq!(wedge.deadline(), None);
        let at = Duration::from_millis(40);
        wedge.key(Key::Char('x'), at, Focus::Nothing);
        assert_eq!(wedge.deadline(), Some(at + SILENCE));
        assert_eq!(wedge.tick(at + SILENCE), None);
        assert_eq!(wedge.deadline(), None);
    }
}
