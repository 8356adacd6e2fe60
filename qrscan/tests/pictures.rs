//! Symbols drawn into images, read back from the pixels.

use qrcode::{Color, EcLevel, QrCode, Version};
use qrscan::{Hindrance, Reader};

struct Drawing {
    luma: Vec<u8>,
    side: usize,
}

/// Draws a code of `module` pixels a module in the middle of a square image, turned by `degrees`.
fn draw(code: &QrCode, module: f32, degrees: f32, dark: u8, light: u8) -> Drawing {
    let modules = code.width() as f32;
    let side = ((modules + 8.0) * module * 1.45) as usize;
    let colors = code.to_colors();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let gray = |x: f32, y: f32| {
        let (dx, dy) = (x - side as f32 / 2.0, y - side as f32 / 2.0);
        let (u, v) = ((cos * dx + sin * dy) / module + modules / 2.0, (cos * dy - sin * dx) / module + modules / 2.0);
        let inside = u >= 0.0 && v >= 0.0 && u < modules && v < modules;
        let is_dark = inside && colors[v as usize * code.width() + u as usize] == Color::Dark;
        u32::from(if is_dark { dark } else { light })
    };
    let mut luma = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let mut sum = 0;
            for sub in 0..16 {
                sum += gray(x as f32 + (sub % 4) as f32 / 4.0 + 0.125, y as f32 + (sub / 4) as f32 / 4.0 + 0.125);
            }
            luma.push((sum / 16) as u8);
        }
    }
    Drawing { luma, side }
}

fn texts(drawing: &Drawing) -> Vec<String> {
    Reader::new().read(&drawing.luma, drawing.side, drawing.side).codes.into_iter().map(|c| c.text).collect()
}

#[test]
fn reads_turned_codes_of_many_versions() {
    for (version, module) in [(1, 4.0), (2, 3.0), (5, 2.6), (10, 3.1), (20, 3.0), (32, 3.0), (40, 3.0)] {
        let code = QrCode::with_version(b"HC1:TURNED", Version::Normal(version), EcLevel::M).unwrap();
        for degrees in [0.0, 8.0, 45.0, 90.0, 137.0, 200.0, 288.0] {
            let drawing = draw(&code, module, degrees, 30, 220);
            assert_eq!(texts(&drawing), ["HC1:TURNED"], "version {version} turned by {degrees}");
        }
    }
}

#[test]
fn reads_light_on_dark() {
    let code = QrCode::with_version(b"INVERTED", Version::Normal(4), EcLevel::Q).unwrap();
    let drawing = draw(&code, 5.0, 10.0, 220, 30);
    let codes = Reader::new().read(&drawing.luma, drawing.side, drawing.side).codes;
    assert_eq!(codes.len(), 1);
    assert!(codes[0].inverted && codes[0].text == "INVERTED");
}

#[test]
fn reads_mirrored_codes() {
    for version in [1, 3, 9] {
        let code = QrCode::with_version(b"MIRRORED", Version::Normal(version), EcLevel::M).unwrap();
        let mut drawing = draw(&code, 5.0, 20.0, 20, 200);
        for row in drawing.luma.chunks_exact_mut(drawing.side) {
            row.reverse();
        }
        let codes = Reader::new().read(&drawing.luma, drawing.side, drawing.side).codes;
        assert_eq!(codes.len(), 1, "version {version}");
        assert!(codes[0].mirrored && codes[0].text == "MIRRORED");
    }
}

#[test]
fn names_the_corners_as_printed() {
    let code = QrCode::with_version(b"CORNERS", Version::Normal(3), EcLevel::M).unwrap();
    let drawing = draw(&code, 6.0, 90.0, 20, 200);
    let codes = Reader::new().read(&drawing.luma, drawing.side, drawing.side).codes;
    let half = code.width() as f32 * 3.0;
    let middle = drawing.side as f32 / 2.0;
    // Turned clockwise by a quarter: the printed top left is at the top right of the image.
    let expected = [[half, -half], [half, half], [-half, half], [-half, -half]];
    for (corner, wanted) in codes[0].corners.iter().zip(expected) {
        assert!((corner[0] - middle - wanted[0]).abs() < 3.0 && (corner[1] - middle - wanted[1]).abs() < 3.0);
    }
}

#[test]
fn reads_two_codes_side_by_side() {
    let left = draw(&QrCode::with_version(b"LEFT", Version::Normal(2), EcLevel::M).unwrap(), 5.0, 0.0, 20, 220);
    let right = draw(&QrCode::with_version(b"RIGHT", Version::Normal(2), EcLevel::M).unwrap(), 5.0, 30.0, 20, 220);
    let rows = left.luma.chunks_exact(left.side).zip(right.luma.chunks_exact(right.side));
    let both: Vec<u8> = rows.flat_map(|(a, b)| a.iter().chain(b).copied().collect::<Vec<u8>>()).collect();
    let mut texts: Vec<String> =
        Reader::new().read(&both, left.side * 2, left.side).codes.into_iter().map(|c| c.text).collect();
    texts.sort();
    assert_eq!(texts, ["LEFT", "RIGHT"]);
}

#[test]
fn says_that_it_is_dark() {
    let reading = Reader::new().read(&vec![5; 640 * 480], 640, 480);
    assert!(reading.codes.is_empty());
    assert_eq!(reading.hindrances, [Hindrance::TooDark]);
}

#[test]
fn says_that_a_part_is_missing() {
    let code = QrCode::with_version(b"ONLY A PART OF THIS CODE IS SEEN", Version::Normal(6), EcLevel::L).unwrap();
    let drawing = draw(&code, 6.0, 0.0, 30, 200);
    // The left third: two finder patterns, and too little of the rest.
    let width = drawing.side * 2 / 5;
    let luma: Vec<u8> = drawing.luma.chunks_exact(drawing.side).flat_map(|row| row[..width].to_vec()).collect();
    let reading = Reader::new().read(&luma, width, drawing.side);
    assert!(reading.codes.is_empty());
    assert_eq!(reading.hindrances, [Hindrance::PartlySeen]);
}

#[test]
fn says_nothing_of_a_plain_page() {
    let reading = Reader::new().read(&vec![180; 640 * 480], 640, 480);
    assert!(reading.codes.is_empty() && reading.hindrances.is_empty());
}

#[test]
fn takes_any_size_without_a_panic() {
    let mut reader = Reader::new();
    let noise: Vec<u8> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (width, height) in [(0, 0), (1, 1), (15, 16), (16, 16), (17, 33), (64, 64), (65, 47), (129, 1000), (1000, 31)] {
        reader.read(&noise[..width * height], width, height);
    }
    assert!(reader.read(&noise, usize::MAX, 2).codes.is_empty());
    assert!(reader.read(&noise, 1000, 1000).codes.is_empty());
}
