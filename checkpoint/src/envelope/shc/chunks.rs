//! One card over several codes: `shc:/2/3/...` is the second of three. The framework calls this deprecated; papers with such
//! codes are still in people's pockets.

use std::time::Duration;

use super::{PREFIX, TEXT_BYTES_MAX};
use crate::verdict::{Reason, Step};

/// Most codes of one card. The framework's chunks hold 1,191 characters each, so this is far more than what inflates to the
/// bound; smaller chunks are allowed.
const CHUNKS_MAX: u8 = 32;

/// One code of several.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// From 1 to `of`.
    number: u8,
    of: u8,
    digits: &'a str,
}

impl<'a> Chunk<'a> {
    /// Reads `shc:/NUMBER/OF/DIGITS`. `None` for what is no code of several.
    ///
    /// # Errors
    /// `Malformed` for numbers that cannot be: 0, more than `of`, more than 32, a leading zero, none or an odd number of digits.
    pub fn parse(text: &'a str) -> Option<Result<Self, Reason>> {
        let (number, rest) = text.strip_prefix(PREFIX)?.split_once('/')?;
        let chunk = rest.split_once('/').and_then(|(of, digits)| {
            let (number, of) = (small(number)?, small(of)?);
            let sound = (1..=of).contains(&number)
                && of <= CHUNKS_MAX
                && !digits.is_empty()
                && digits.len() % 2 == 0
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            sound.then_some(Self { number, of, digits })
        });
        Some(chunk.ok_or(Reason::Malformed { layer: "chunk" }))
    }

    /// How many codes the card has.
    pub fn of(&self) -> u8 {
        self.of
    }

    /// What it says when it stands alone.
    pub(super) fn missing(&self) -> Reason {
        Reason::Incomplete { missing: Step::ShowNextCode { shown: 1, of: self.of } }
    }
}

/// A decimal number without leading zeros.
fn small(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok())?
}

/// The codes of one card that were shown so far, in any order. They are forgotten when the next does not come in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunks {
    parts: Vec<Option<String>>,
    until: Duration,
}

/// What a further code makes of those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The text of the whole card, as if it had been one code. Nobody vouches for the codes' belonging together but its
    /// signature.
    Whole(String),
    /// The next code is to be shown.
    Missing(Step),
}

impl Chunks {
    /// Forgets codes whose next did not come in time: they name a person.
    pub fn forget_late(&mut self, now: Duration) {
        if now >= self.until {
            *self = Self::default();
        }
    }

    /// Adds a code at a tick of the lane's clock and waits for the next until `until`. Another number of codes, or another text
    /// at the same place, is another card: what was gathered before is dropped.
    ///
    /// # Errors
    /// `TooLarge`: nothing is kept.
    pub fn add(&mut self, chunk: &Chunk<'_>, now: Duration, until: Duration) -> Result<Joined, Reason> {
        let place = usize::from(chunk.number - 1);
        let another = self.parts.len() != usize::from(chunk.of)
            || self.parts[place].as_ref().is_some_and(|part| part != chunk.digits);
        if another || now >= self.until {
            self.parts = vec![None; usize::from(chunk.of)];
        }
        self.parts[place] = Some(chunk.digits.to_owned());
        self.until = until;
        let bytes: usize = PREFIX.len() + self.parts.iter().flatten().map(String::len).sum::<usize>();
        if bytes > TEXT_BYTES_MAX {
            *self = Self::default();
            return Err(Reason::TooLarge { bytes_max: TEXT_BYTES_MAX });
        }
        let shown = self.parts.iter().flatten().count();
        if shown < self.parts.len() {
            return Ok(Joined::Missing(Step::ShowNextCode { shown: shown as u8, of: chunk.of }));
        }
        let digits: String = std::mem::take(self).parts.into_iter().flatten().collect();
        Ok(Joined::Whole(format!("{PREFIX}{digits}")))
    }
}

/// The texts of one picture, in which the codes of a card stand as one text where all of them are there.
pub fn join(texts: &[String]) -> Vec<String> {
    let mut chunks = Chunks::default();
    let add = |chunk: Chunk<'_>| match chunks.add(&chunk, Duration::ZERO, Duration::MAX) {
        Ok(Joined::Whole(text)) => Some(text),
        Ok(Joined::Missing(_)) | Err(_) => None,
    };
    match texts.iter().filter_map(|text| Chunk::parse(text)?.ok()).find_map(add) {
        Some(whole) => texts.iter().filter(|text| Chunk::parse(text).is_none()).cloned().chain([whole]).collect(),
        None => texts.to_vec(),
    }
}

/// Personal data: `{:?}` says where it stands.
impl std::fmt::Debug for Chunk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunk({} of {})", self.number, self.of)
    }
}
