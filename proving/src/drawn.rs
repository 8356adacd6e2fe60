//! Pictures for benchmarks and tests, drawn by ourselves: the same pixels on every machine.

use qrcode::{Color, EcLevel, QrCode, Version};

/// Sides of a camera's frame.
pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;

/// A desk with nothing on it: uneven light, sensor noise, a few lines as of a printed page.
pub fn desk(seed: u64) -> Vec<u8> {
    let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut luma = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let light = 150.0 + 60.0 * (x as f32 / WIDTH as f32) - 30.0 * (y as f32 / HEIGHT as f32);
            let print = if (80..400).contains(&x) && y % 24 < 9 && (x / 7 + y / 24 * 5) % 3 != 0 { -90.0 } else { 0.0 };
            luma.push((light + print + noise.next()).clamp(0.0, 255.0) as u8);
        }
    }
    luma
}

/// What fills a whole frame and is no code, each hard on a search for finder patterns in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texture {
    /// Digits eleven pixels high, line after line, as of a page held to the camera.
    Print,
    /// Dots with a ring around each, as of a tiled wall or a patterned cloth; each has a finder pattern's proportions.
    Rings,
    /// Rectangles of all sizes and grays, some within others, as of shelves, windows and signs.
    Boxes,
    /// Blots of six pixels and their shades, as of gravel or leaves.
    Gravel,
}

/// A frame filled with one texture under a desk's light and noise.
pub fn busy(seed: u64, texture: Texture) -> Vec<u8> {
    let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut dark = vec![0.0f32; WIDTH * HEIGHT];
    let mut draw = |x0: usize, y0: usize, width: usize, height: usize, value: f32| {
        for y in y0..(y0 + height).min(HEIGHT) {
            dark[y * WIDTH..][x0.min(WIDTH)..(x0 + width).min(WIDTH)].fill(value);
        }
    };
    match texture {
        Texture::Print => {
            // Seven segments: top, upper left and right, middle, lower left and right, bottom.
            const SEGMENTS: [u8; 10] = [0x77, 0x24, 0x5d, 0x6d, 0x2e, 0x6b, 0x7b, 0x25, 0x7f, 0x6f];
            for y in (8..HEIGHT - 16).step_by(18) {
                for x in (8..WIDTH - 16).step_by(9) {
                    let digit = noise.below(12);
                    let Some(&segments) = SEGMENTS.get(digit) else { continue };
                    let places = [(0, 0), (0, 0), (5, 0), (0, 5), (0, 5), (5, 5), (0, 10)];
                    for (i, (dx, dy)) in places.into_iter().enumerate().filter(|(i, _)| segments >> i & 1 == 1) {
                        let flat = i % 3 == 0;
                        draw(x + dx, y + dy, if flat { 7 } else { 2 }, if flat { 2 } else { 7 }, 110.0);
                    }
                }
            }
        }
        Texture::Rings => {
            for (y, row) in dark.chunks_exact_mut(WIDTH).enumerate() {
                for (x, value) in row.iter_mut().enumerate() {
                    let (dx, dy) = ((x % 30) as f32 - 15.0, (y % 30) as f32 - 15.0);
                    let modules = dx.hypot(dy) / 3.0;
                    *value = if modules < 1.5 || (2.5..3.5).contains(&modules) { 90.0 } else { 0.0 };
                }
            }
        }
        Texture::Boxes => {
            for _ in 0..2500 {
                let (x, y) = (noise.below(WIDTH), noise.below(HEIGHT));
                let (width, height) = (3 + noise.below(70), 3 + noise.below(70));
                draw(x, y, width, height, noise.below(120) as f32);
                draw(x + width / 4, y + height / 4, width / 2, height / 2, noise.below(120) as f32);
            }
        }
        Texture::Gravel => {
            for _ in 0..WIDTH * HEIGHT / 12 {
                let (x, y, value) = (noise.below(WIDTH), noise.below(HEIGHT), noise.below(130) as f32);
                draw(x + 1, y, 4, 6, value);
                draw(x, y + 1, 6, 4, value);
            }
        }
    }
    let light =
        |i: usize| 150.0 + 60.0 * ((i % WIDTH) as f32 / WIDTH as f32) - 30.0 * ((i / WIDTH) as f32 / HEIGHT as f32);
    dark.iter().enumerate().map(|(i, dark)| (light(i) - dark + noise.next()).clamp(0.0, 255.0) as u8).collect()
}

/// The same desk with a code of `version` and level M that says `text`, turned by a few degrees, `module` pixels a module,
/// with the soft edges of a lens.
///
/// Panics if the text does not fit; tests and benchmarks choose one that does.
pub fn desk_with_code(seed: u64, version: i16, text: &[u8], module: f32) -> Vec<u8> {
    let code = QrCode::with_version(text, Version::Normal(version), EcLevel::M).expect("the text fits the version");
    let side = code.width() as f32;
    let colours = code.to_colors();
    let (sin, cos) = 0.12f32.sin_cos();
    let (middle_x, middle_y) = (760.0, 360.0);
    let paper = |x: f32, y: f32| -> Option<f32> {
        // From the frame to modules, the middle of the code in the middle; four modules of quiet zone around it.
        let (dx, dy) = (x - middle_x, y - middle_y);
        let (u, v) = ((dx * cos + dy * sin) / module + side / 2.0, (dy * cos - dx * sin) / module + side / 2.0);
        let on_paper = |value: f32| (-4.0..side + 4.0).contains(&value);
        let on_code = |value: f32| (0.0..side).contains(&value);
        let dark = on_code(u) && on_code(v) && colours[v as usize * code.width() + u as usize] == Color::Dark;
        (on_paper(u) && on_paper(v)).then_some(if dark { 45.0 } else { 205.0 })
    };
    let mut luma = desk(seed);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let samples = [0.17, 0.5, 0.83].map(|dy| [0.17, 0.5, 0.83].map(|dx| paper(x as f32 + dx, y as f32 + dy)));
            let seen: Vec<f32> = samples.into_iter().flatten().flatten().collect();
            if let Some(pixel) = luma.get_mut(y * WIDTH + x).filter(|_| seen.len() == 9) {
                let noise = f32::from(*pixel) % 11.0 - 5.0;
                *pixel = (seen.iter().sum::<f32>() / 9.0 + noise).clamp(0.0, 255.0) as u8;
            }
        }
    }
    luma
}

/// A small generator of noise, a sum of three even draws: about ±12 gray levels.
struct Noise(u64);

impl Noise {
    fn step(&mut self) {
        // xorshift64 (Marsaglia 2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
    }

    fn below(&mut self, bound: usize) -> usize {
        self.step();
        (self.0 >> 20) as usize % bound
    }

    fn next(&mut self) -> f32 {
        self.step();
        [16, 32, 48].iter().map(|shift| (self.0 >> shift & 0x7) as f32 - 3.5).sum()
    }
}
