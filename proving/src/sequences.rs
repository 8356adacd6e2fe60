//! Recordings drawn by ourselves: one code that a hand holds before a camera, ten frames long.
//!
//! A frame is made in the order in which a camera makes it: the code on its card or screen, seen in perspective at a
//! fine scale; the lens and the hand's motion blur it; the sensor's pixels gather it; light and reflections add up; then
//! come the noise of electrons and the eight bits. Every number is drawn from the sequence's seed, and no function of the
//! platform's mathematics library takes part, so that the pixels are the same on every machine.

pub(crate) mod dice;
mod frame;
mod hindrance;

use std::time::Duration;

use qrcode::{EcLevel, QrCode, Version};

use crate::scan::picture::Gray;
use dice::Dice;
use hindrance::Hindrance;

/// Frames in a sequence: half a second before a camera that gives twenty a second.
pub const FRAMES: usize = 10;

/// Time from one frame to the next.
pub const FRAME_EVERY: Duration = Duration::from_millis(50);

/// Sequences in a family, from the easiest to the hardest.
pub const SEQUENCES: usize = 12;

/// What hinders the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// So little light that single electrons count.
    Dim,
    /// The lens hunts for its focus.
    Defocus,
    /// The hand moves while the shutter is open.
    Motion,
    /// A phone's screen, whose pixels beat against the camera's.
    Moire,
    /// A lamp's reflection moves over the code.
    Glare,
    /// Fewer pixels a module than anywhere else.
    Far,
    /// Some of everything.
    Mixed,
}

/// The seed of every sequence. They were drawn once, before any reader saw a frame, and stay.
pub const SEEDS: [(Family, [u64; SEQUENCES]); 7] = [
    (
        Family::Dim,
        [
            0xf048_86dc,
            0x2cb6_47ea,
            0x5939_ca11,
            0x9bf1_1509,
            0x5667_12e1,
            0x0108_f5ec,
            0x2e41_2909,
            0x5c90_59ba,
            0x2bb2_2a09,
            0x985f_5d32,
            0x64c7_59e2,
            0x5815_9a1e,
        ],
    ),
    (
        Family::Defocus,
        [
            0xe693_1d8a,
            0x3eaa_68b4,
            0xeb04_13e7,
            0x7806_142c,
            0x53fe_260d,
            0x1788_3b04,
            0xadd9_35c7,
            0x5ed8_00a1,
            0xe8e3_59ec,
            0x855d_c029,
            0xdcb0_e794,
            0xa4ff_6e70,
        ],
    ),
    (
        Family::Motion,
        [
            0x0676_37a7,
            0x320a_de1b,
            0x9ddb_2cd5,
            0x21e5_4350,
            0x9ec0_b600,
            0xd684_9ed8,
            0x5ee3_e34a,
            0x5fac_627b,
            0x6f2c_ee88,
            0x9545_a930,
            0xe339_7592,
            0x6e85_43f2,
        ],
    ),
    (
        Family::Moire,
        [
            0x84e0_050c,
            0x381d_990d,
            0xb0cd_fcc1,
            0x3e7f_e07c,
            0x77ca_b5c3,
            0x86ea_78f6,
            0x655c_7b7e,
            0x761e_1dcd,
            0xdbc5_a92f,
            0x7fed_9672,
            0xbdbc_5cbe,
            0xcf25_c44a,
        ],
    ),
    (
        Family::Glare,
        [
            0xb18f_134b,
            0x6470_1e2e,
            0x7619_57e4,
            0xfdf0_4f85,
            0xfd0b_d985,
            0x1894_2e46,
            0xf376_4ea9,
            0xec9a_310a,
            0x43c2_01f7,
            0x93a9_64e7,
            0x5fd1_7a67,
            0xcf00_bbb3,
        ],
    ),
    (
        Family::Far,
        [
            0x4ed3_505b,
            0x07d3_79de,
            0xee6f_ad78,
            0xe771_8a9e,
            0x228a_69fa,
            0xc37e_9e18,
            0x9262_b4a3,
            0x8e9e_20b8,
            0x84c6_c7f3,
            0xafd8_aafa,
            0x8913_838e,
            0x79b5_38bf,
        ],
    ),
    (
        Family::Mixed,
        [
            0xd3f2_7df3,
            0x19a7_d38c,
            0xc2b8_5804,
            0x1055_6179,
            0x4dee_3f28,
            0xbe61_9565,
            0x402d_a64b,
            0x060d_e560,
            0x0a6b_fee7,
            0x9918_3c0e,
            0x2bac_a0cd,
            0x9f6f_efde,
        ],
    ),
];

/// What turns the seeds into the second seeds: digits of the golden ratio.
const SECOND: u64 = 0x9e37_79b9;

/// One code before a camera.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    pub family: Family,
    /// Place in the family: 0 is the easiest.
    pub number: usize,
    pub seed: u64,
}

/// All sequences, family by family.
pub fn all() -> impl Iterator<Item = Sequence> {
    SEEDS.into_iter().flat_map(|(family, seeds)| {
        seeds.into_iter().enumerate().map(move |(number, seed)| Sequence { family, number, seed })
    })
}

impl Family {
    /// As on the command line and in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dim => "dim",
            Self::Defocus => "defocus",
            Self::Motion => "motion",
            Self::Moire => "moire",
            Self::Glare => "glare",
            Self::Far => "far",
            Self::Mixed => "mixed",
        }
    }
}

impl Sequence {
    /// "glare-07": the family and the place in it.
    pub fn id(&self) -> String {
        format!("{}-{:02}", self.family.name(), self.number)
    }

    /// The sequence of the same family and difficulty with another seed: nobody looked at these while the reader over
    /// frames was made.
    pub fn second(self) -> Self {
        Self { seed: self.seed ^ SECOND, ..self }
    }

    /// What the code says: one in six a short ticket, the others as long as a health credential, half of them in the
    /// alphabet of base45 (RFC 9285) and half in that of base64url (RFC 4648 section 5). The letters are drawn: a reader
    /// of codes does not look into a credential.
    pub fn text(&self) -> String {
        const BASE45: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut dice = Dice::new(self.seed, 1_000);
        let (start, alphabet) = if self.number.is_multiple_of(2) { ("HC1:", BASE45) } else { ("", BASE64URL) };
        let length = if self.number % 6 == 5 { dice.between(30.0, 90.0) } else { dice.between(300.0, 900.0) };
        let mut text = start.to_owned();
        while text.len() < length as usize {
            // No space at the end, which a reader of texts might trim.
            let letter = alphabet[dice.below(alphabet.len())];
            if letter != b' ' || text.len() + 1 < length as usize {
                text.push(char::from(letter));
            }
        }
        text
    }

    /// The code, at level L, M or Q; at M where Q would need more than version 25.
    fn code(&self) -> QrCode {
        let level = [EcLevel::L, EcLevel::M, EcLevel::M, EcLevel::Q][Dice::new(self.seed, 1_001).below(4)];
        let text = self.text();
        let drawn =
            |level| QrCode::with_error_correction_level(&text, level).expect("900 letters fit a code at every level");
        let code = drawn(level);
        if matches!(code.version(), Version::Normal(26..)) { drawn(EcLevel::M) } else { code }
    }

    /// The frame of this number, from 0, as the camera gives it.
    pub fn frame(&self, number: usize) -> Gray {
        let level = self.number as f32 / (SEQUENCES - 1) as f32;
        let hindrances = Hindrance::over_frames(self.family, level, self.seed);
        let hindrance = &hindrances[number.min(FRAMES - 1)];
        frame::render(&self.code(), self.family == Family::Moire, hindrance, self.seed, number as u64)
    }

    /// The same code straight before a good camera, five pixels a module: whoever misses it here cannot read it at all.
    pub fn unhindered(&self) -> Gray {
        frame::render(&self.code(), false, &Hindrance::none(), self.seed, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::measure;
    use crate::scan::readers;

    /// FNV-1a, 64 bits.
    fn digest(picture: &Gray) -> u64 {
        picture
            .luma
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn sequence(family: Family, number: usize) -> Sequence {
        all().find(|sequence| sequence.family == family && sequence.number == number).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_pixels() {
        let mixed = sequence(Family::Mixed, 3);
        assert_eq!(digest(&mixed.frame(4)), digest(&mixed.frame(4)));
        assert_eq!(digest(&mixed.frame(4)), PINNED, "a change of the generator makes the measured tables incomparable");
    }

    const PINNED: u64 = 0x5eaa_e88a_4bfd_eec1;

    #[test]
    fn other_seeds_and_other_frames_give_other_pixels() {
        let one = sequence(Family::Motion, 6);
        let other = Sequence { seed: one.seed + 1, ..one };
        assert_ne!(digest(&one.frame(0)), digest(&other.frame(0)));
        assert_ne!(digest(&one.frame(0)), digest(&one.frame(1)));
        assert_ne!(one.text(), other.text());
    }

    #[test]
    fn no_seed_is_used_twice() {
        let mut seeds: Vec<u64> = all().flat_map(|sequence| [sequence.seed, sequence.second().seed]).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 2 * SEEDS.len() * SEQUENCES);
    }

    #[test]
    fn every_code_is_readable_without_hindrance() {
        let mut reader = readers::all(false).into_iter().find(|reader| reader.name == "qrscan").unwrap();
        for sequence in all() {
            let hits = measure(&mut reader, &sequence.unhindered()).hits;
            let texts: Vec<&str> = hits.iter().map(|hit| hit.text.as_str()).collect();
            assert_eq!(texts, [sequence.text()], "{} {:?}", sequence.id(), sequence.code().version());
        }
    }
}
