//! Looks for panics and misreadings with reproducible inputs: `stress modules|pixels FROM COUNT` runs the seeds FROM to
//! FROM + COUNT, so that a long run can be cut into pieces and taken up again. A panic names its seed.
//!
//! Modules: a symbol made by another encoder, damaged by a seeded share; what is read must be what was written, or
//! nothing. Pixels: noise, stripes, squares and pieces of symbols up to 128 pixels a side; what is read must be the text
//! of a piece.

use qrcode::{Color, EcLevel, QrCode, Version};
use qrscan::Reader;
use qrscan::symbol::{Effort, Modules, read};

/// Reproducible numbers (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, what, from, count] = args.as_slice() else { panic!("usage: stress modules|pixels FROM COUNT") };
    let (from, count): (u64, u64) = (from.parse().expect("a number"), count.parse().expect("a number"));
    let codes: Vec<(String, QrCode)> = (0..64)
        .map(|i| {
            let level = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H][i % 4];
            let version = [1, 1, 2, 3, 4, 5, 7, 10][i / 8];
            let text = format!("{}{i}", ["7", "AB", "qr", "Đ"][i / 4 % 4]);
            let code = QrCode::with_version(text.as_bytes(), Version::Normal(version), level).expect("short text");
            (text, code)
        })
        .collect();
    let mut reader = Reader::new();
    let (mut reads, mut wrong) = (0u64, 0u64);
    for seed in from..from + count {
        let mut numbers = Numbers(seed);
        let run = std::panic::AssertUnwindSafe(|| match what.as_str() {
            "modules" => modules(&mut numbers, &codes),
            "pixels" => pixels(&mut numbers, &codes, &mut reader),
            other => panic!("unknown kind {other}"),
        });
        match std::panic::catch_unwind(run) {
            Ok((texts, expected)) => {
                reads += texts.len() as u64;
                for text in texts.iter().filter(|text| !expected.contains(text)) {
                    wrong += 1;
                    println!("seed {seed}: read {text:?}, not one of {expected:?}");
                }
            }
            Err(_) => {
                println!("seed {seed}: panic");
                std::process::exit(1);
            }
        }
    }
    println!("{count} {what} from seed {from}: {reads} read, {wrong} wrong");
    if wrong > 0 {
        std::process::exit(1);
    }
}

fn modules(numbers: &mut Numbers, codes: &[(String, QrCode)]) -> (Vec<String>, Vec<String>) {
    let (text, code) = &codes[numbers.below(codes.len())];
    let noise = numbers.below(4);
    let share = numbers.below(40);
    let blind = numbers.below(30);
    let colors = code.to_colors();
    let seen = colors.iter().map(|&color| {
        let value = if color == Color::Dark { 80 } else { -80 };
        let value = if numbers.below(100) < share { -value } else { value };
        let value = if numbers.below(100) < blind { 0 } else { value };
        if noise == 0 { numbers.below(256) as i16 - 128 } else { value + numbers.below(60) as i16 - 30 }
    });
    let modules = Modules::new(code.width(), seen.collect()).expect("an encoder's symbol has a version's size");
    let symbol = read(&modules, Effort::Thorough);
    (symbol.into_iter().map(|s| s.message.text).collect(), vec![text.clone()])
}

fn pixels(numbers: &mut Numbers, codes: &[(String, QrCode)], reader: &mut Reader) -> (Vec<String>, Vec<String>) {
    let (width, height) = (1 + numbers.below(128), 1 + numbers.below(128));
    let mut luma = vec![numbers.below(256) as u8; width * height];
    let mut expected = Vec::new();
    for _ in 0..numbers.below(6) {
        let (x0, y0) = (numbers.below(width), numbers.below(height));
        let (dark, light) = (numbers.below(256) as i32, numbers.below(256) as i32);
        match numbers.below(4) {
            0 => {
                let amplitude = 1 + numbers.below(128);
                for pixel in &mut luma {
                    *pixel = pixel.wrapping_add(numbers.below(amplitude) as u8);
                }
            }
            1 => {
                let period = 1 + numbers.below(9);
                for (i, pixel) in luma.iter_mut().enumerate() {
                    *pixel = if (i / period).is_multiple_of(2) { dark as u8 } else { light as u8 };
                }
            }
            2 => {
                for ring in 0..numbers.below(12) {
                    let shade = if ring % 2 == 0 { dark } else { light };
                    for y in y0 + ring..(y0 + 30).saturating_sub(ring).min(height) {
                        for x in x0 + ring..(x0 + 30).saturating_sub(ring).min(width) {
                            luma[y * width + x] = shade as u8;
                        }
                    }
                }
            }
            _ => {
                let (text, code) = &codes[numbers.below(codes.len())];
                let colors = code.to_colors();
                let module = 1.0 + numbers.below(40) as f32 / 10.0;
                let (left, top) = (numbers.below(width) as f32 / 3.0, numbers.below(height) as f32 / 3.0);
                for y in 0..height {
                    for x in 0..width {
                        let (u, v) = ((x as f32 - left) / module, (y as f32 - top) / module);
                        if u >= 0.0 && v >= 0.0 && u < code.width() as f32 && v < code.width() as f32 {
                            let is_dark = colors[v as usize * code.width() + u as usize] == Color::Dark;
                            luma[y * width + x] = if is_dark { dark } else { light } as u8;
                        }
                    }
                }
                expected.push(text.clone());
            }
        }
    }
    let reading = reader.read(&luma, width, height);
    (reading.codes.into_iter().map(|c| c.text).collect(), expected)
}
