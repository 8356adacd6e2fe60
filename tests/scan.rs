//! From pixels to texts: drawn codes, pictures that hold none, and real certificates.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use kiosk::frame::Frame;
use kiosk::scan::{Gray, Scanner, read_still};

#[path = "../proving/src/drawn.rs"]
#[allow(dead_code, reason = "the benchmarks use all of it")]
mod picture;

use picture::{HEIGHT, WIDTH, desk, desk_with_code};

fn frame(luma: Vec<u8>) -> Gray {
    Gray::new(luma, WIDTH, HEIGHT).expect("the sides fit")
}

/// Text that fills a version well, in the alphabet of a health certificate.
fn certificate(chars: usize) -> String {
    "HC1:".chars().chain((4..chars).map(|index| char::from(b'A' + (index * 7 % 26) as u8))).collect()
}

#[test]
fn reads_codes_of_every_density_that_a_certificate_has() {
    for (version, chars, module) in [(2, 20, 9.0), (10, 200, 6.0), (16, 400, 5.0), (20, 600, 4.5), (25, 900, 4.0)] {
        let text = certificate(chars);
        let reading = read_still(&frame(desk_with_code(1, version, text.as_bytes(), module)));
        let texts: Vec<&str> = reading.texts.iter().map(|code| code.text.as_str()).collect();
        assert_eq!(texts, [text.as_str()], "version {version}");
        assert_eq!(reading.texts[0].bytes, text.as_bytes());
    }
}

#[test]
fn corners_go_round_the_code() {
    let (version, module) = (10, 6.0);
    let reading = read_still(&frame(desk_with_code(2, version, b"corners", module)));
    // Half a side of the code, turned by 0.12 rad about its middle, as it was drawn.
    let half = f32::from(version * 4 + 17) * module / 2.0;
    let (sin, cos) = 0.12f32.sin_cos();
    for (corner, (dx, dy)) in reading.texts[0].corners.iter().zip([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    {
        let drawn = [760.0 + half * (dx * cos - dy * sin), 360.0 + half * (dx * sin + dy * cos)];
        let off = (corner[0] - drawn[0]).hypot(corner[1] - drawn[1]);
        assert!(off < 2.0 * module, "{corner:?} is {off} px from {drawn:?}");
    }
}

#[test]
fn texts_keep_their_letters() {
    let japanese = [0x83, 0x65, 0x83, 0x58, 0x83, 0x67];
    let cases: [(&[u8], &str); 3] =
        [("Đỗ Thị Bưởi|Nữ|Huế".as_bytes(), "Đỗ Thị Bưởi|Nữ|Huế"), (&japanese, "テスト"), (&[0xFF, b'a', 0xE9], "ÿaé")];
    for (bytes, text) in cases {
        let reading = read_still(&frame(desk_with_code(3, 6, bytes, 7.0)));
        assert_eq!(reading.texts[0].text, text);
        assert_eq!(reading.texts[0].bytes, bytes);
    }
}

#[test]
fn a_picture_without_a_code_says_nothing() {
    assert!(read_still(&frame(desk(4))).texts.is_empty());
    for value in [0, 128, 255] {
        assert!(read_still(&frame(vec![value; WIDTH * HEIGHT])).texts.is_empty());
    }
    for (width, height) in [(1, 1), (1, 500), (500, 1), (2, 3), (15, 15), (40, 40), (5000, 2), (3, 9000)] {
        let luma: Vec<u8> = (0..width * height).map(|index| (index * index % 255) as u8).collect();
        let picture = Gray::new(luma, width, height).expect("the sides fit");
        assert!(read_still(&picture).texts.is_empty(), "{width} x {height}");
    }
}

#[test]
fn a_code_in_a_picture_of_many_megapixels_is_read_where_it_is() {
    let small = desk_with_code(5, 10, b"large", 6.0);
    let (width, height) = (WIDTH * 3, HEIGHT * 3);
    let luma: Vec<u8> = (0..width * height).map(|index| small[index / width / 3 * WIDTH + index % width / 3]).collect();
    let reading = read_still(&Gray::new(luma, width, height).expect("the sides fit"));
    assert_eq!(reading.texts[0].text, "large");
    let middle = reading.texts[0].corners.iter().fold([0.0, 0.0], |sum, c| [sum[0] + c[0] / 4.0, sum[1] + c[1] / 4.0]);
    assert!((middle[0] - 2280.0).abs() < 10.0 && (middle[1] - 1080.0).abs() < 10.0, "{middle:?}");
}

#[test]
fn the_scanner_sends_what_it_reads_and_counts() {
    let pictures = [desk(6), desk_with_code(6, 10, b"first", 6.0), desk(7), desk_with_code(7, 10, b"second", 6.0)];
    let mut frames = pictures.into_iter().enumerate().map(|(index, luma)| {
        Frame::new(luma, WIDTH, HEIGHT, index as u64, Duration::from_millis(66 * index as u64)).expect("the sides fit")
    });
    let (results, scanned) = sync_channel(8);
    let scanner = Scanner::start(move || frames.next(), results, |_, _, _| ()).expect("a thread");
    let read: Vec<(u64, String)> =
        scanned.iter().map(|scanned| (scanned.frame.sequence, scanned.texts[0].text.clone())).collect();
    assert_eq!(read, [(1, "first".to_owned()), (3, "second".to_owned())]);
    let figures = scanner.join();
    assert_eq!((figures.frames, figures.read, figures.dropped), (4, 2, 0));
    assert!(figures.longest >= figures.mean() && figures.mean() > Duration::ZERO);
    assert_eq!(figures.rungs[0].runs, 4);
}

#[test]
fn the_scanner_goes_on_when_nobody_takes_its_results_and_ends_when_nobody_is_left() {
    let code = desk_with_code(8, 4, b"busy lane", 8.0);
    let make = move |index: u64| Frame::new(code.clone(), WIDTH, HEIGHT, index, Duration::ZERO);
    let (results, scanned) = sync_channel(1);
    let several = make.clone();
    let mut left = 0..3;
    let figures = Scanner::start(move || several(left.next()?), results, |_, _, _| ()).expect("a thread").join();
    assert_eq!((figures.read, figures.dropped), (3, 2));
    drop(scanned);

    let (results, scanned) = sync_channel(1);
    drop(scanned);
    let mut taken = 0;
    let endless = move || {
        taken += 1;
        make(taken)
    };
    assert_eq!(Scanner::start(endless, results, |_, _, _| ()).expect("a thread").join().frames, 1);
}

/// Every picture of a real EU certificate is read, to the letter.
#[test]
fn reads_the_pictures_of_real_certificates() {
    let Some(vectors) = std::env::var_os("KIOSK_VECTORS") else {
        println!("skipped: KIOSK_VECTORS does not name a folder of vectors");
        return;
    };
    let folder = Path::new(&vectors).join("credentials");
    let list = match std::fs::read_to_string(folder.join("dcc.jsonl")) {
        Ok(list) => list,
        Err(error) => return println!("skipped: no dcc.jsonl in {}: {error}", folder.display()),
    };
    let (mut pictures, mut failed) = (0, Vec::new());
    for line in list.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let (Some(file), Some(text)) = (line["png"].as_str(), line["qr_text"].as_str()) else { continue };
        // By its content: some pictures carry the ending of another format.
        let picture = image::ImageReader::open(folder.join(file)).and_then(image::ImageReader::with_guessed_format);
        let Some(image) = picture.ok().and_then(|picture| picture.decode().ok()) else {
            failed.push(format!("{file}: no picture"));
            continue;
        };
        pictures += 1;
        let image = image.into_luma8();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let reading = read_still(&Gray::new(image.into_raw(), width, height).expect("a picture has pixels"));
        match reading.texts.first() {
            Some(code) if code.text == text => {}
            Some(_) => failed.push(format!("{file}: read another text")),
            None => failed.push(format!("{file}: not read")),
        }
    }
    println!("{} of {pictures} pictures of certificates read", pictures - failed.len());
    assert!(failed.is_empty(), "{failed:#?}");
}
