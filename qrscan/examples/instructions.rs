//! Reads one drawn camera frame of 1280×720, for counting instructions:
//!
//! `valgrind --tool=callgrind target/release/examples/instructions code`, less the same with `code-unread`; and `empty`,
//! `empty-unread` for a frame without a code. Inclusive figures of `Reader::read` say the same.

use qrcode::{Color, EcLevel, QrCode, Version};
use qrscan::Reader;

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
/// Pixels a module: a version 20 code fills most of the frame's height.
const MODULE: f32 = 5.6;

fn main() {
    let what = std::env::args().nth(1).unwrap_or_default();
    let code =
        QrCode::with_version(vec![b'7'; 300], Version::Normal(20), EcLevel::M).expect("300 bytes fit version 20");
    let colors = code.to_colors();
    let side = code.width() as f32;
    let (sin, cos) = 0.12f32.sin_cos();
    let mut seed = 1u32;
    let mut luma = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 24) as f32 / 32.0 - 4.0;
            let mut sum = 0.0;
            for sub in 0..4 {
                let dx = x as f32 + (sub % 2) as f32 * 0.5 + 0.25 - WIDTH as f32 / 2.0;
                let dy = y as f32 + (sub / 2) as f32 * 0.5 + 0.25 - HEIGHT as f32 / 2.0;
                let (u, v) = ((cos * dx + sin * dy) / MODULE + side / 2.0, (cos * dy - sin * dx) / MODULE + side / 2.0);
                let inside = u >= 0.0 && v >= 0.0 && u < side && v < side;
                let paper = u >= -4.0 && v >= -4.0 && u < side + 4.0 && v < side + 4.0;
                // Behind the paper: a wall with furniture edges and something like lines of print.
                let wall =
                    90.0 + 40.0 * (x as f32 / WIDTH as f32) + if (x / 160 + y / 180) % 2 == 0 { 25.0 } else { 0.0 };
                let print = y % 24 < 9 && x % 360 > 200 && (x * 7 + y / 24 * 13) % 11 < 5;
                sum += match () {
                    () if what.starts_with("code") && inside => {
                        if colors[v as usize * code.width() + u as usize] == Color::Dark { 45.0 } else { 195.0 }
                    }
                    () if what.starts_with("code") && paper => 200.0,
                    () if print => wall - 50.0,
                    () => wall,
                };
            }
            luma.push((sum / 4.0 + noise).clamp(0.0, 255.0) as u8);
        }
    }
    if what.ends_with("unread") {
        println!("{}", luma.len());
        return;
    }
    let reading = Reader::new().read(&luma, WIDTH, HEIGHT);
    println!("{} codes", reading.codes.len());
}
