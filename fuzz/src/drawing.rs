//! Symbols drawn from an input's bytes by another encoder (`qrcode`), with what must be read from them.
//!
//! Segments are written here: that encoder has no structured append, no Chinese characters, and no way to put fields
//! where no sane encoder would.

use std::collections::HashMap;
use std::rc::Rc;

use arbitrary::{Result, Unstructured};
use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern, Module};
use qrcode::ec::construct_codewords;
use qrcode::{Color, EcLevel, Version};
use qrscan::{Level, Message, StructuredAppend};

const LEVELS: [(EcLevel, Level); 4] =
    [(EcLevel::L, Level::L), (EcLevel::M, Level::M), (EcLevel::Q, Level::Q), (EcLevel::H, Level::H)];
const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];
const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// ECI designators of character sets that agree with ASCII, and two that nobody assigned.
const ECI: [u32; 16] = [0, 1, 3, 4, 7, 11, 13, 20, 21, 26, 27, 28, 30, 170, 899, 999_999];

/// A drawn symbol.
pub struct Drawn {
    /// Dark modules, row by row.
    pub dark: Vec<bool>,
    /// Where its codewords lie.
    pub layout: Rc<Layout>,
    pub version: u8,
    pub level: Level,
    pub mask: u8,
    /// What it says; `None` where its data codewords were not written as segments, or hold no character.
    pub says: Option<Said>,
}

/// What was put into a symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub bytes: Vec<u8>,
    pub structured_append: Option<StructuredAppend>,
    pub fnc1: bool,
}

impl Said {
    /// Whether a message says this. The text is compared where every character set in use has the same: for ASCII.
    pub fn is(&self, message: &Message) -> bool {
        message.bytes == self.bytes
            && message.structured_append == self.structured_append
            && message.fnc1 == self.fnc1
            && (!self.bytes.is_ascii() || message.text.as_bytes() == self.bytes)
    }
}

/// Where the codewords of a version and a level lie, as the encoder places them.
pub struct Layout {
    /// Modules a side.
    pub size: usize,
    /// Which bit each module is, row by row: counted from the first codeword's most significant one.
    place: Vec<Option<u16>>,
    /// The block of each codeword, in the order of placement.
    pub block: Vec<u8>,
    /// Check codewords of each block.
    pub check: usize,
    /// Data codewords.
    data: usize,
    /// By mask, the dark modules where every codeword is 0.
    blank: [Vec<bool>; 8],
}

/// Keeps the layouts that were asked for: the larger ones take a while.
#[derive(Default)]
pub struct Layouts(HashMap<(u8, usize), Rc<Layout>>);

impl Layouts {
    fn of(&mut self, version: u8, level: usize) -> Rc<Layout> {
        self.0.entry((version, level)).or_insert_with(|| Rc::new(Layout::new(version, LEVELS[level].0))).clone()
    }
}

impl Layout {
    fn new(version: u8, level: EcLevel) -> Self {
        let version = Version::Normal(version.into());
        let size = version.width() as usize;
        let data = Bits::new(version).max_len(level).expect("a normal version has every level") / 8;
        // One data codeword that is not zero: every check codeword of its block differs from zero, and no other.
        let mut unit = vec![0; data];
        unit[0] = 1;
        let (_, ec) = construct_codewords(&unit, version, level).expect("as long as asked for");
        let check = ec.iter().filter(|&&word| word != 0).count();
        let blocks = ec.len() / check;
        let short = data / blocks * blocks;
        let block = |place: usize| match place {
            place if place < short => place % blocks,
            // The last data codewords of the long blocks, which come last.
            place if place < data => place - short + blocks - (data - short),
            place => (place - data) % blocks,
        };
        let total = data + ec.len();
        let draw = |words: &[u8]| {
            let mut canvas = Canvas::new(version, level);
            canvas.draw_all_functional_patterns();
            canvas.draw_data(&words[..data], &words[data..]);
            canvas
        };
        // Drawn once for each bit of the places' numbers, which count from 1.
        let mut numbers = vec![0u16; size * size];
        for bit in 0..u16::BITS {
            let is_set = |place: usize| u8::from((place + 1) >> bit & 1 == 1);
            let words: Vec<u8> = (0..total).map(|n| (0..8).fold(0, |word, i| word << 1 | is_set(8 * n + i))).collect();
            let canvas = draw(&words);
            for (i, number) in numbers.iter_mut().enumerate() {
                if canvas.get((i % size) as i16, (i / size) as i16) == Module::Unmasked(Color::Dark) {
                    *number |= 1 << bit;
                }
            }
        }
        Self {
            size,
            place: numbers.iter().map(|number| number.checked_sub(1)).collect(),
            block: (0..total).map(|place| block(place) as u8).collect(),
            check,
            data,
            blank: MASKS.map(|mask| {
                let mut canvas = draw(&vec![0; total]);
                canvas.apply_mask(mask);
                canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect()
            }),
        }
    }

    /// The codeword that a module is a part of.
    pub fn word(&self, module: usize) -> Option<usize> {
        self.place[module].map(|place| usize::from(place / 8))
    }
}

/// Draws a symbol of one of the versions up to `version_max`, the small ones most of the time.
pub fn draw(u: &mut Unstructured, layouts: &mut Layouts, version_max: u8) -> Result<Drawn> {
    let version = match u.arbitrary::<u8>()? {
        byte @ 0..=191 => 1 + byte % 2,
        byte @ 192..=239 => 3 + byte % 2,
        byte @ 240..=251 => 5 + byte % 6,
        _ => u.int_in_range(11..=40)?,
    };
    let version = version.min(version_max);
    let choice: u8 = u.arbitrary()?;
    let (level, mask) = (usize::from(choice & 3), choice >> 2 & 7);
    let layout = layouts.of(version, level);
    let (words, says) = if choice >> 5 == 0 {
        // Data codewords as they come: any mode, any count.
        let mut words = vec![0; layout.data];
        u.fill_buffer(&mut words)?;
        (words, None)
    } else {
        segments(u, version.into(), layout.data)?
    };
    let (data, ec) = construct_codewords(&words, Version::Normal(version.into()), LEVELS[level].0)
        .expect("as long as the version and the level ask for");
    let mut dark = layout.blank[usize::from(mask)].clone();
    let words = [data, ec].concat();
    for (dark, place) in dark.iter_mut().zip(&layout.place) {
        *dark ^= place.is_some_and(|place| words[usize::from(place / 8)] << (place % 8) & 0x80 != 0);
    }
    Ok(Drawn { dark, layout, version, level: LEVELS[level].1, mask, says })
}

/// Bits on their way into codewords.
#[derive(Clone, Default)]
struct Writer(Vec<bool>);

impl Writer {
    fn put(&mut self, count: usize, value: u32) {
        self.0.extend((0..count).rev().map(|place| value >> place & 1 == 1));
    }
}

/// Some segments that fit, terminated and padded (ISO/IEC 18004, 7.4), and what they say.
fn segments(u: &mut Unstructured, version: usize, data: usize) -> Result<(Vec<u8>, Option<Said>)> {
    let (mut bits, mut said) = (Writer::default(), Said::default());
    for _ in 0..u.int_in_range(1..=5)? {
        let (before_bits, before_said) = (bits.0.len(), said.clone());
        segment(u, &mut bits, &mut said, usize::from(version >= 10) + usize::from(version >= 27), data * 8)?;
        if bits.0.len() > data * 8 {
            bits.0.truncate(before_bits);
            said = before_said;
            break;
        }
    }
    bits.put(4.min(data * 8 - bits.0.len()), 0);
    bits.put((8 - bits.0.len() % 8) % 8, 0);
    let mut words: Vec<u8> =
        bits.0.chunks(8).map(|byte| byte.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect();
    words.extend([0xec, 0x11].iter().cycle().take(data - words.len()));
    Ok((words, (!said.bytes.is_empty()).then_some(said)))
}

/// One segment; `class` is 0 for versions 1–9, 1 for 10–26, 2 for 27–40 (Table 3).
fn segment(u: &mut Unstructured, bits: &mut Writer, said: &mut Said, class: usize, room: usize) -> Result<()> {
    let mode: u8 = u.arbitrary()?;
    // Often a few characters, at times as many as there is room for.
    let long = if mode & 0x80 == 0 { 12 } else { (room / 4).min(0xff) };
    let count = u.int_in_range(0..=long as u32)?;
    match mode & 7 {
        0 => {
            bits.put(4, 0b0001);
            bits.put([10, 12, 14][class], count);
            let mut left = count;
            while left > 0 {
                let digits = left.min(3);
                let value = u32::from(u.arbitrary::<u16>()?) % 10u32.pow(digits);
                bits.put([4, 7, 10][digits as usize - 1], value);
                said.bytes.extend(format!("{value:0width$}", width = digits as usize).bytes());
                left -= digits;
            }
        }
        1 => {
            bits.put(4, 0b0010);
            bits.put([9, 11, 13][class], count);
            let mut places = vec![0; count as usize];
            u.fill_buffer(&mut places)?;
            for place in &mut places {
                *place %= 45;
                // Under FNC1 a percent sign is not itself (7.4.8.3).
                *place = if said.fnc1 && ALPHANUMERIC[usize::from(*place)] == b'%' { 0 } else { *place };
            }
            for pair in places.chunks(2) {
                match *pair {
                    [a, b] => bits.put(11, u32::from(a) * 45 + u32::from(b)),
                    [a] => bits.put(6, a.into()),
                    _ => {}
                }
            }
            said.bytes.extend(places.iter().map(|&place| ALPHANUMERIC[usize::from(place)]));
        }
        2 | 3 => {
            bits.put(4, 0b0100);
            bits.put([8, 16, 16][class], count);
            let mut bytes = vec![0; count as usize];
            u.fill_buffer(&mut bytes)?;
            for byte in bytes {
                let byte = if mode & 1 == 0 { byte } else { byte & 0x7f };
                bits.put(8, byte.into());
                said.bytes.push(byte);
            }
        }
        4 => {
            let chinese = mode & 8 != 0;
            if chinese {
                bits.put(8, 0b1101_0001);
            } else {
                bits.put(4, 0b1000);
            }
            bits.put([8, 10, 12][class], count);
            for _ in 0..count {
                let value = u.arbitrary::<u16>()? & 0x1fff;
                bits.put(13, value.into());
                // GB/T 18284, 7.4.7; ISO/IEC 18004, 7.4.6.
                let pair = if chinese {
                    let pair = ((value / 0x60) << 8) | (value % 0x60);
                    pair + if pair < 0xa00 { 0xa1a1 } else { 0xa6a1 }
                } else {
                    let pair = ((value / 0xc0) << 8) | (value % 0xc0);
                    pair + if pair < 0x1f00 { 0x8140 } else { 0xc140 }
                };
                said.bytes.extend(pair.to_be_bytes());
            }
        }
        5 => {
            bits.put(4, 0b0111);
            match *u.choose(&ECI)? {
                designator @ 0..128 => bits.put(8, designator),
                designator @ 128..0x4000 => bits.put(16, 0x8000 | designator),
                designator => bits.put(24, 0xc0_0000 | designator),
            }
        }
        6 => {
            let (index, last, parity): (u8, u8, u8) = (u.arbitrary()?, u.arbitrary()?, u.arbitrary()?);
            let last = last & 15;
            let index = (index & 15).min(last);
            bits.put(4, 0b0011);
            bits.put(8, u32::from(index << 4 | last));
            bits.put(8, parity.into());
            said.structured_append = Some(StructuredAppend { index, count: last + 1, parity });
        }
        _ => {
            if mode & 8 == 0 {
                bits.put(4, 0b0101);
            } else {
                bits.put(4, 0b1001);
                bits.put(8, u.arbitrary::<u8>()?.into());
            }
            said.fnc1 = true;
        }
    }
    Ok(())
}
