//! Symbols made by another encoder, read back from their modules.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};
use qrscan::Level;
use qrscan::symbol::{Effort, Modules, read};

const LEVELS: [(EcLevel, Level); 4] =
    [(EcLevel::L, Level::L), (EcLevel::M, Level::M), (EcLevel::Q, Level::Q), (EcLevel::H, Level::H)];

fn modules_of(code: &QrCode) -> Modules {
    let seen = code.to_colors().iter().map(|&c| if c == Color::Dark { 100 } else { -100 }).collect();
    Modules::new(code.width(), seen).expect("an encoder's symbol has a version's size")
}

fn encode(version: i16, level: EcLevel, fill: impl Fn(&mut Bits)) -> QrCode {
    let mut bits = Bits::new(Version::Normal(version));
    fill(&mut bits);
    bits.push_terminator(level).expect("the text fits");
    QrCode::with_bits(bits, level).expect("the text fits")
}

/// A reproducible number below `bound` from a seed.
fn number(seed: &mut u64, bound: usize) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed % bound as u64) as usize
}

#[test]
fn reads_every_version_level_and_mode() {
    for version in 1..=40 {
        for (theirs, ours) in LEVELS {
            for mode in 0..4 {
                let (code, expected) = match mode {
                    0 => {
                        (encode(version, theirs, |b| b.push_numeric_data(b"01234567").unwrap()), "01234567".to_owned())
                    }
                    1 => (
                        encode(version, theirs, |b| b.push_alphanumeric_data(b"HC1:A+9").unwrap()),
                        "HC1:A+9".to_owned(),
                    ),
                    2 => (encode(version, theirs, |b| b.push_byte_data("Việt".as_bytes()).unwrap()), "Việt".to_owned()),
                    _ => (
                        encode(version, theirs, |b| b.push_kanji_data(b"\x93\x5f\xe4\xaa").unwrap()),
                        "点茗".to_owned(),
                    ),
                };
                let symbol =
                    read(&modules_of(&code), Effort::Quick).unwrap_or_else(|| panic!("{version} {ours:?} {mode}"));
                assert_eq!(symbol.message.text, expected);
                assert_eq!((i16::from(symbol.version), symbol.level), (version, ours));
                assert!(symbol.message.padded_as_specified);
                assert_eq!(symbol.correction.margin_percent, 100);
            }
        }
    }
}

#[test]
fn reads_what_fills_a_symbol_and_was_damaged() {
    let mut seed = 3;
    for version in [1, 2, 5, 7, 10, 14, 20, 27, 40] {
        for (theirs, ours) in LEVELS {
            let text: String =
                (0..16 + version as usize * version as usize / 2).map(|i| char::from(b'a' + (i % 26) as u8)).collect();
            let Ok(code) = QrCode::with_version(text.as_bytes(), Version::Normal(version), theirs) else { continue };
            let clean = modules_of(&code);
            let size = clean.size();
            // One in three hundred modules turned over; one in a hundred and fifty not seen.
            let seen = (0..size * size).map(|i| {
                let value = clean.at(i / size, i % size);
                if number(&mut seed, 300) == 0 && version > 1 {
                    -value
                } else if number(&mut seed, 150) == 0 && version > 1 {
                    0
                } else {
                    value
                }
            });
            let damaged = Modules::new(size, seen.collect()).unwrap();
            if let Some(symbol) = read(&damaged, Effort::Thorough) {
                assert_eq!(symbol.message.text, text, "{version} {ours:?}");
            } else {
                assert!(matches!(ours, Level::L), "{version} {ours:?} must stand this much");
            }
        }
    }
}

#[test]
fn names_the_character_set() {
    let latin = encode(2, EcLevel::M, |b| {
        b.push_eci_designator(3).unwrap();
        b.push_byte_data(b"caf\xe9").unwrap();
    });
    assert_eq!(read(&modules_of(&latin), Effort::Quick).unwrap().message.text, "café");
    let unsaid = encode(2, EcLevel::M, |b| b.push_byte_data(b"\x93\x5f").unwrap());
    assert_eq!(read(&modules_of(&unsaid), Effort::Quick).unwrap().message.text, "点");
    let neither = encode(2, EcLevel::M, |b| b.push_byte_data(b"\xe9\xff").unwrap());
    assert_eq!(read(&modules_of(&neither), Effort::Quick).unwrap().message.text, "éÿ");
}

#[test]
fn separates_gs1_fields() {
    let code = encode(2, EcLevel::M, |b| {
        b.push_fnc1_first_position().unwrap();
        b.push_alphanumeric_data(b"10A%%B%21C").unwrap();
    });
    let message = read(&modules_of(&code), Effort::Quick).unwrap().message;
    assert!(message.fnc1);
    assert_eq!(message.text, "10A%B\u{1d}21C");
}

#[test]
fn noise_is_no_symbol() {
    let mut seed = 5;
    for round in 0..3000 {
        let size = 17 + 4 * (1 + round % 4);
        let seen = (0..size * size).map(|_| number(&mut seed, 201) as i16 - 100).collect();
        assert!(read(&Modules::new(size, seen).unwrap(), Effort::Thorough).is_none(), "round {round}");
    }
}

#[test]
fn uniform_areas_are_no_symbol() {
    for size in (21..=177).step_by(4) {
        for value in [-100, 0, 100] {
            assert!(read(&Modules::new(size, vec![value; size * size]).unwrap(), Effort::Thorough).is_none());
        }
    }
}
