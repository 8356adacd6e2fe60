//! From data codewords to text: modes, character sets, structured append (ISO/IEC 18004, 7.3 and 7.4).

use encoding_rs::Encoding;

/// Place of one symbol among several that carry one message together (ISO/IEC 18004, 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StructuredAppend {
    /// Place of this symbol, from 0.
    pub index: u8,
    /// Symbols in all, 1 to 16.
    pub count: u8,
    /// XOR of all bytes of the whole message.
    pub parity: u8,
}

/// What the data codewords say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// By ECI; else UTF-8 where valid; else Shift-JIS where valid; else Latin-1.
    pub text: String,
    /// The bytes as encoded, Kanji as Shift-JIS.
    pub bytes: Vec<u8>,
    pub structured_append: Option<StructuredAppend>,
    /// FNC1 in first or second position: the text follows GS1 or an industry's own format.
    pub fnc1: bool,
    /// The bits after the terminator are what the standard asks for. Some encoders pad otherwise.
    pub padded_as_specified: bool,
}

/// The 45 characters of alphanumeric mode (Table 5).
const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// How the bytes of a run become text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Charset {
    /// Nothing said: guessed over the whole run.
    Unsaid,
    Latin1,
    Named(&'static Encoding),
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    /// The next `count` bits, at most 16, as a number.
    fn take(&mut self, count: usize) -> Option<usize> {
        if count > self.left() {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | usize::from(self.bytes[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// Bits of the character count of a mode, by versions 1–9, 10–26, 27–40 (Table 3).
fn count_bits(widths: [usize; 3], version: usize) -> usize {
    widths[usize::from(version >= 10) + usize::from(version >= 27)]
}

/// Runs of bytes with the charset that was in force.
#[derive(Default)]
struct Runs(Vec<(Option<Charset>, Vec<u8>)>);

impl Runs {
    /// `None` is for digits and letters, which are ASCII and join whatever run they stand in.
    fn push(&mut self, charset: Option<Charset>, bytes: &[u8]) {
        match self.0.last_mut() {
            Some((last, run)) if charset.is_none() || last.is_none() || *last == charset => {
                *last = last.or(charset);
                run.extend_from_slice(bytes);
            }
            _ => self.0.push((charset, bytes.to_vec())),
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(|(charset, bytes)| to_text(charset.unwrap_or(Charset::Unsaid), bytes)).collect()
    }
}

fn to_text(charset: Charset, bytes: &[u8]) -> String {
    match charset {
        Charset::Latin1 => bytes.iter().map(|&b| char::from(b)).collect(),
        Charset::Named(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        Charset::Unsaid => crate::text::of_bytes(bytes),
    }
}

/// The charset of an ECI designator (AIM ITS/04-023); `None` where none is assigned that we know.
fn charset_of(designator: usize) -> Option<Charset> {
    let named = match designator {
        1 | 3 => return Some(Charset::Latin1),
        0 | 2 => encoding_rs::IBM866, // Code page 437 is not at hand; digits and letters agree.
        4 => encoding_rs::ISO_8859_2,
        5 => encoding_rs::ISO_8859_3,
        6 => encoding_rs::ISO_8859_4,
        7 => encoding_rs::ISO_8859_5,
        8 => encoding_rs::ISO_8859_6,
        9 => encoding_rs::ISO_8859_7,
        10 => encoding_rs::ISO_8859_8,
        11 => encoding_rs::WINDOWS_1254, // ISO 8859-9 with C1 controls replaced
        12 => encoding_rs::ISO_8859_10,
        13 => encoding_rs::WINDOWS_874, // ISO 8859-11
        15 => encoding_rs::ISO_8859_13,
        16 => encoding_rs::ISO_8859_14,
        17 => encoding_rs::ISO_8859_15,
        18 => encoding_rs::ISO_8859_16,
        20 => encoding_rs::SHIFT_JIS,
        21 => encoding_rs::WINDOWS_1250,
        22 => encoding_rs::WINDOWS_1251,
        23 => encoding_rs::WINDOWS_1252,
        24 => encoding_rs::WINDOWS_1256,
        25 => encoding_rs::UTF_16BE,
        26 | 27 | 170 => encoding_rs::UTF_8,
        28 => encoding_rs::BIG5,
        29 | 31 | 32 => encoding_rs::GB18030,
        30 => encoding_rs::EUC_KR,
        33 => encoding_rs::UTF_16LE,
        _ => return None,
    };
    Some(Charset::Named(named))
}

/// Reads the segments of the data codewords of a symbol of this version.
///
/// `None`: an unknown mode, a count beyond the data, a value out of its range, or nothing said at all.
pub fn read(data: &[u8], version: usize) -> Option<Message> {
    let mut bits = Bits { bytes: data, at: 0 };
    let mut runs = Runs::default();
    let mut charset = Charset::Unsaid;
    let mut fnc1 = false;
    let mut structured_append = None;
    loop {
        let mode = if bits.left() < 4 { 0 } else { bits.take(4)? };
        match mode {
            0b0000 => break,
            0b0001 => numeric(&mut bits, &mut runs, count_bits([10, 12, 14], version))?,
            0b0010 => alphanumeric(&mut bits, &mut runs, count_bits([9, 11, 13], version), fnc1)?,
            0b0011 => {
                let (index, last) = (bits.take(4)?, bits.take(4)?);
                let parity = bits.take(8)? as u8;
                if index > last {
                    return None;
                }
                structured_append = Some(StructuredAppend { index: index as u8, count: last as u8 + 1, parity });
            }
            0b0100 => {
                let count = bits.take(count_bits([8, 16, 16], version))?;
                if count * 8 > bits.left() {
                    return None;
                }
                let mut bytes = Vec::with_capacity(count);
                for _ in 0..count {
                    bytes.push(bits.take(8)? as u8);
                }
                runs.push(Some(charset), &bytes);
            }
            0b0101 => fnc1 = true,
            0b0111 => charset = charset_of(designator(&mut bits)?).unwrap_or(Charset::Unsaid),
            0b1000 => double_bytes(&mut bits, &mut runs, version, encoding_rs::SHIFT_JIS, |value| {
                let (lead, trail) = (value / 0xc0, value % 0xc0);
                let joined = lead << 8 | trail;
                Some(joined + if joined < 0x1f00 { 0x8140 } else { 0xc140 })
            })?,
            0b1001 => {
                // The second position's application indicator is not part of the message.
                bits.take(8)?;
                fnc1 = true;
            }
            0b1101 => {
                // Chinese characters (GB/T 18284): a subset indicator, then as Kanji.
                if bits.take(4)? != 1 {
                    return None;
                }
                double_bytes(&mut bits, &mut runs, version, encoding_rs::GBK, |value| {
                    let joined = ((value / 0x60) << 8) | (value % 0x60);
                    Some(joined + if joined < 0xa00 { 0xa1a1 } else { 0xa6a1 })
                })?;
            }
            _ => return None,
        }
    }
    let bytes: Vec<u8> = runs.0.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
    if bytes.is_empty() {
        return None;
    }
    let text = runs.text();
    let padded_as_specified = padding_as_specified(&mut bits);
    Some(Message { text, bytes, structured_append, fnc1, padded_as_specified })
}

fn designator(bits: &mut Bits) -> Option<usize> {
    let first = bits.take(8)?;
    match first {
        0..0x80 => Some(first),
        0x80..0xc0 => Some((first & 0x3f) << 8 | bits.take(8)?),
        0xc0..0xe0 => Some((first & 0x1f) << 16 | bits.take(16)?),
        _ => None,
    }
}

fn numeric(bits: &mut Bits, runs: &mut Runs, width: usize) -> Option<()> {
    let mut left = bits.take(width)?;
    if left * 10 / 3 > bits.left() {
        return None;
    }
    let mut digits = Vec::with_capacity(left);
    while left > 0 {
        let (count, width, bound) = match left {
            1 => (1, 4, 10),
            2 => (2, 7, 100),
            _ => (3, 10, 1000),
        };
        let value = bits.take(width)?;
        if value >= bound {
            return None;
        }
        for place in (0..count).rev() {
            digits.push(b'0' + (value / [1, 10, 100][place] % 10) as u8);
        }
        left -= count;
    }
    runs.push(None, &digits);
    Some(())
}

fn alphanumeric(bits: &mut Bits, runs: &mut Runs, width: usize, fnc1: bool) -> Option<()> {
    let mut left = bits.take(width)?;
    if left * 11 / 2 > bits.left() {
        return None;
    }
    let mut letters = Vec::with_capacity(left);
    while left > 1 {
        let value = bits.take(11)?;
        letters.push(*ALPHANUMERIC.get(value / 45)?);
        letters.push(ALPHANUMERIC[value % 45]);
        left -= 2;
    }
    if left == 1 {
        letters.push(*ALPHANUMERIC.get(bits.take(6)?)?);
    }
    if fnc1 {
        letters = separated(&letters);
    }
    runs.push(None, &letters);
    Some(())
}

/// Under FNC1 `%` stands for the separator GS and `%%` for `%` (7.4.8.3).
fn separated(letters: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(letters.len());
    let mut rest = letters.iter().peekable();
    while let Some(&letter) = rest.next() {
        match letter {
            b'%' if rest.next_if(|&&next| next == b'%').is_some() => out.push(b'%'),
            b'%' => out.push(0x1d),
            _ => out.push(letter),
        }
    }
    out
}

fn double_bytes(
    bits: &mut Bits,
    runs: &mut Runs,
    version: usize,
    encoding: &'static Encoding,
    unpack: impl Fn(usize) -> Option<usize>,
) -> Option<()> {
    let count = bits.take(count_bits([8, 10, 12], version))?;
    if count * 13 > bits.left() {
        return None;
    }
    let mut bytes = Vec::with_capacity(count * 2);
    for _ in 0..count {
        let pair = unpack(bits.take(13)?)?;
        bytes.extend_from_slice(&[(pair >> 8) as u8, pair as u8]);
    }
    runs.push(Some(Charset::Named(encoding)), &bytes);
    Some(())
}

/// After the terminator: zero bits to the byte, then 0xEC and 0x11 in turn (7.4.10).
fn padding_as_specified(bits: &mut Bits) -> bool {
    while !bits.at.is_multiple_of(8) {
        if bits.take(1) != Some(0) {
            return false;
        }
    }
    let mut wanted = 0xec;
    while let Some(byte) = bits.take(8) {
        if byte != wanted {
            return false;
        }
        wanted ^= 0xec ^ 0x11;
    }
    true
}
