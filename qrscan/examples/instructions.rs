//! Reads one drawn camera frame of 1280×720, for counting instructions and for seeing where they go:
//!
//! `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*reader*Reader*read*' target/release/examples/instructions desk`
//!
//! Frames: `desk`, `print`, `rings`, `boxes`, `gravel` (no code), `version-10`, `version-20`. `scripts/bench.sh` counts the
//! same frames beside the kiosk's other stages; this program builds without the kiosk.

#[path = "../../proving/src/drawn.rs"]
mod drawn;

use drawn::{HEIGHT, Texture, WIDTH, busy, desk, desk_with_code};
use qrscan::Reader;

fn main() {
    let text: Vec<u8> = (0..800).map(|i| b'A' + (i * 7 % 26) as u8).collect();
    let frame = std::env::args().nth(1).unwrap_or_default();
    let luma = match frame.as_str() {
        "desk" => desk(1),
        "print" => busy(1, Texture::Print),
        "rings" => busy(1, Texture::Rings),
        "boxes" => busy(1, Texture::Boxes),
        "gravel" => busy(1, Texture::Gravel),
        "version-10" => desk_with_code(1, 10, &text[..250], 6.0),
        "version-20" => desk_with_code(1, 20, &text, 4.5),
        _ => panic!("usage: instructions desk|print|rings|boxes|gravel|version-10|version-20"),
    };
    let reading = Reader::new().read(&luma, WIDTH, HEIGHT);
    println!("{} codes, hindered by {:?}", reading.codes.len(), reading.hindrances);
    if let Some(path) = std::env::args().nth(2) {
        let pgm = [format!("P5\n{WIDTH} {HEIGHT}\n255\n").into_bytes(), luma].concat();
        std::fs::write(path, pgm).expect("the picture can be written");
    }
}
