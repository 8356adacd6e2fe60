//! Names as documents write them, folded so that two writings of one name compare.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most words of a name that are compared. Names of a machine-readable zone have at most 39 letters (ICAO 9303-3).
const WORDS_MAX: usize = 12;
/// Most letters of a word that are compared.
const LETTERS_MAX: usize = 40;
/// A transliterated name is cut at the end of its zone: 30 characters on a card (TD1), 39 in a passport (TD3). The `<` between
/// words count; one that ended the zone may be gone.
const ZONE_CHARS_MIN: usize = 29;

/// What each difference between two writings of one name costs, in points of 100.
///
/// Chosen by hand on the training half of the pairs of `proving --bin match`; `docs/evidence.md` has the figures.
mod cost {
    /// Another tone, where both names are written with their marks: Hoa, Hòa. A slip of the pen, or a sister.
    pub const TONE: u32 = 22;
    /// Another letter under the same base: Đức, Dức; Thảo, Thão is a tone.
    pub const SHAPE: u32 = 24;
    /// Lý and Lí.
    pub const Y_FOR_I: u32 = 3;
    /// V. for Văn.
    pub const INITIAL: u32 = 8;
    /// One letter wrong, missing, too many, or two turned about. In short names that is often another name: An, Anh.
    pub const LETTER: u32 = 38;
    /// Another word altogether.
    pub const WORD: u32 = 70;
    /// Văn or Thị is missing.
    pub const MIDDLE_COMMON: u32 = 6;
    /// Another middle name is missing.
    pub const MIDDLE: u32 = 12;
    /// The first or the last word is missing: the family's or the person's own name.
    pub const END: u32 = 45;
    /// Family name last, or the words turned about.
    pub const TURNED: u32 = 3;
    /// The same words in an order that no custom explains.
    pub const SHUFFLED: u32 = 30;
    /// Words written together.
    pub const JOINED: u32 = 3;
    /// Cut at the end of a machine-readable zone.
    pub const TRUNCATED: u32 = 5;
    /// A single word names nobody, where the other name has more of them.
    pub const SINGLE: u32 = 60;
    /// K'Brơi, SUHARTO: a single word is the whole name. Many bear the same, so a birth date that is not known to the day leaves it open.
    pub const SINGLE_BOTH: u32 = 12;
    /// Two scripts: nothing of the names can be compared.
    pub const SCRIPT: u32 = 40;
}

/// A name, ready to compare.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Name {
    words: Vec<Word>,
    /// Some letter bears a mark: then a letter without one says something.
    marked: bool,
}

#[derive(Clone, PartialEq, Eq)]
struct Word {
    /// Upper-case letters without marks, Đ as D.
    letters: String,
    /// The same letters with the marks that make them other letters: ă â ê ô ơ ư đ.
    shape: String,
    /// The tone, wherever it is written: hoà and hòa are one.
    tone: Option<char>,
}

impl Name {
    /// Reads a name in any form: composed or not, with `<` between words, in any case. `None` where no letter is in it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = vec![Word::empty()];
        for letter in text.nfd().flat_map(char::to_uppercase) {
            match letter {
                // K'Brơi, H'Hen: a machine-readable zone leaves the apostrophe out (ICAO 9303-3, section 4.6).
                '\'' | '’' | 'ʼ' | '`' => {}
                letter if is_combining_mark(letter) => words.last_mut()?.mark(letter),
                letter if letter.is_alphanumeric() => words.last_mut()?.push(letter),
                _ if words.last()?.letters.is_empty() => {}
                _ if words.len() == WORDS_MAX => break,
                _ => words.push(Word::empty()),
            }
        }
        words.retain(|word| !word.letters.is_empty());
        let marked = words.iter().any(|word| word.tone.is_some() || word.shape != word.letters);
        (!words.is_empty()).then_some(Self { words, marked })
    }

    /// What it costs to take two writings for one name: 0 for the same, more for less likely, in points.
    pub(super) fn distance(&self, other: &Self) -> u32 {
        if self.is_in_another_script_than(other) {
            return cost::SCRIPT;
        }
        let (short, long) = if self.words.len() <= other.words.len() { (self, other) } else { (other, self) };
        let marked = short.marked && long.marked;
        let count = long.words.len();
        let in_order = aligned(&short.words, &long.words, marked);
        let turned = (1..count)
            .map(|by| [&long.words[by..], &long.words[..by]].concat())
            .chain([long.words.iter().rev().cloned().collect()])
            .map(|words: Vec<Word>| aligned(&short.words, &words, marked) + cost::TURNED);
        let sorted = |words: &[Word]| {
            let mut words = words.to_vec();
            words.sort_by(|a, b| (&a.letters, &a.shape, a.tone).cmp(&(&b.letters, &b.shape, b.tone)));
            words
        };
        let shuffled = (short.words.len() == count)
            .then(|| aligned(&sorted(&short.words), &sorted(&long.words), marked) + cost::SHUFFLED);
        let joined = (short.letters() == long.letters() && short.words.len() != count).then_some(cost::JOINED);
        let best = turned.chain(shuffled).chain(joined).chain(truncated(self, other)).fold(in_order, u32::min);
        match (short.words.len(), count) {
            (1, 1) => best + cost::SINGLE_BOTH,
            (1, _) if joined.is_none() => best + cost::SINGLE,
            _ => best,
        }
    }

    /// One is in Latin letters, the other has none of them.
    fn is_in_another_script_than(&self, other: &Self) -> bool {
        let latin = |name: &Self| {
            let mut letters =
                name.words.iter().flat_map(|word| word.letters.chars()).filter(|char| char.is_alphabetic());
            let some = letters.clone().any(is_latin);
            (some, letters.all(is_latin))
        };
        let ((some, all), (others, all_others)) = (latin(self), latin(other));
        (some && all && !others) || (others && all_others && !some)
    }

    /// Whether some letter bears a mark.
    pub(super) fn is_marked(&self) -> bool {
        self.marked
    }

    /// All letters, without spaces.
    fn letters(&self) -> String {
        self.words.iter().map(|word| word.letters.as_str()).collect()
    }
}

impl Word {
    fn empty() -> Self {
        Self { letters: String::new(), shape: String::new(), tone: None }
    }

    fn push(&mut self, letter: char) {
        if self.letters.len() >= LETTERS_MAX {
            return;
        }
        // Đ; and Ð (U+00D0), Ɖ (U+0189), which look alike and stand in old data.
        let plain = if matches!(letter, 'Đ' | 'Ð' | 'Ɖ') { 'D' } else { letter };
        self.letters.push(plain);
        self.shape.push(if plain == letter { letter } else { 'Đ' });
    }

    fn mark(&mut self, mark: char) {
        match mark {
            // Grave, acute, tilde, hook above, dot below.
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => self.tone = Some(mark),
            // Circumflex, breve, horn; and what other languages have.
            _ if !self.shape.is_empty() && self.shape.len() < 3 * LETTERS_MAX => self.shape.push(mark),
            _ => {}
        }
    }

    /// What it costs to take two words for one; `cost::WORD` for another word. `marked`: both names bear marks.
    fn distance(&self, other: &Self, marked: bool) -> u32 {
        if self.letters == other.letters {
            let tone = if marked && self.tone != other.tone { cost::TONE } else { 0 };
            let shape = if marked && self.shape != other.shape { cost::SHAPE } else { 0 };
            return tone + shape;
        }
        if self.with_i() == other.with_i() {
            return cost::Y_FOR_I;
        }
        let (a, b): (Vec<char>, Vec<char>) = (self.letters.chars().collect(), other.letters.chars().collect());
        if a[0] == b[0] && a.len().min(b.len()) == 1 {
            return cost::INITIAL;
        }
        if one_slip(&a, &b) { cost::LETTER } else { cost::WORD }
    }

    /// Lý as Lí, Quý as Quí: the last Y after a consonant, or after QU.
    fn with_i(&self) -> String {
        match self.letters.strip_suffix('Y') {
            Some(rest) if !rest.is_empty() && (rest == "QU" || !rest.ends_with(['A', 'E', 'O', 'U'])) => {
                format!("{rest}I")
            }
            _ => self.letters.clone(),
        }
    }

    /// How much it costs that this word is missing from the middle of a name.
    fn missing(&self) -> u32 {
        if ["VAN", "THI"].contains(&self.letters.as_str()) { cost::MIDDLE_COMMON } else { cost::MIDDLE }
    }
}

/// The cheapest way to lay the shorter name's words in order onto the longer one's.
fn aligned(short: &[Word], long: &[Word], marked: bool) -> u32 {
    // row[j]: the first so many words of `short` laid onto the first j words of `long`.
    let missing = |j: usize| if j == 0 || j + 1 == long.len() { cost::END } else { long[j].missing() };
    let mut row: Vec<u32> = vec![0];
    for j in 0..long.len() {
        row.push(row[j] + missing(j));
    }
    for (i, word) in short.iter().enumerate() {
        let mut next = vec![u32::MAX / 2; long.len() + 1];
        for j in i..long.len() {
            next[j + 1] = (row[j] + word.distance(&long[j], marked)).min(next[j] + missing(j));
        }
        row = next;
    }
    row[long.len()]
}

/// One name may be the beginning of the other, cut at the end of a machine-readable zone.
fn truncated(a: &Name, b: &Name) -> Option<u32> {
    let (short, long) = if a.letters().len() <= b.letters().len() { (a, b) } else { (b, a) };
    // Two `<` behind the family name, one between the others.
    let zone = short.letters().len() + short.words.len();
    let cut = zone >= ZONE_CHARS_MIN && long.letters().starts_with(&short.letters());
    cut.then_some(cost::TRUNCATED)
}

/// Latin letters, also those of other languages; marks are apart.
fn is_latin(letter: char) -> bool {
    matches!(letter, 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// One letter was put in for another, left out, put in, or two neighbours turned about.
fn one_slip(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => {
            short[same + 1..] == long[same + 1..]
                || (same + 1 < long.len()
                    && short[same] == long[same + 1]
                    && short[same + 1] == long[same]
                    && short[same + 2..] == long[same + 2..])
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

/// The words of a name without case, marks and order: "Nguyễn Văn Đức", "NGUYEN<<VAN<DUC" and "Đức Nguyễn Văn" are one. For
/// where names must be equal; whether two of them may be one person's is `Subject::likeness`.
pub(crate) fn folded_tokens(text: &str) -> Vec<String> {
    let mut words: Vec<String> =
        Name::read(text).into_iter().flat_map(|name| name.words).map(|word| word.letters).collect();
    words.sort();
    words
}
