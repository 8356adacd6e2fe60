//! The measuring of readers, on pictures of our own and on public ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]
#![cfg(feature = "ours")]

use std::fs;
use std::path::Path;

use proving::drawn::{HEIGHT, WIDTH, desk, desk_with_code};
use proving::scan::manifest::{Kind, Manifest};
use proving::scan::measure;
use proving::scan::picture::Gray;
use proving::scan::readers::{self, Reader};
use proving::scan::score::{self, Figures, Judged, Row};

/// What `reader` does with every picture of `dir`, and the pictures that could not be measured.
fn run(dir: &Path, reader: &mut Reader) -> (Vec<Row>, Vec<String>) {
    let Manifest { entries, mut complaints } = Manifest::read(dir).unwrap();
    let mut rows = Vec::new();
    for entry in entries {
        match Gray::load(&entry.path) {
            Ok(picture) => {
                let judged = vec![Judged::new(&entry, &measure(reader, &picture))];
                rows.push(Row { entry, judged });
            }
            Err(complaint) => complaints.push(complaint),
        }
    }
    (rows, complaints)
}

fn ours() -> Reader {
    readers::all(false).into_iter().find(|reader| reader.name == "ours").unwrap()
}

#[test]
fn a_folder_with_faults_is_measured_as_far_as_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let save = |name: &str, luma: Vec<u8>| {
        image::GrayImage::from_raw(WIDTH as u32, HEIGHT as u32, luma).unwrap().save(dir.path().join(name)).unwrap();
    };
    save("code.png", desk_with_code(1, 5, b"in the picture", 7.0));
    save("bare.png", desk(2));
    fs::write(dir.path().join("broken.png"), b"\x89PNG\r\n\x1a\n and no more").unwrap();
    let list = [
        r#"{"file": "code.png", "kind": "photo", "category": "drawn", "texts": ["in the picture"], "count": 1}"#,
        r#"{"id": "code", "category": "by its id", "texts": ["something else"], "count": 1}"#,
        r#"{"file": "bare.png", "kind": "negative"}"#,
        "",
        r#"{"file": "broken.png"}"#,
        r#"{"file": "missing.png"}"#,
        "not JSON",
    ];
    fs::write(dir.path().join("manifest.jsonl"), list.join("\n")).unwrap();

    let (rows, complaints) = run(dir.path(), &mut ours());
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    assert!(complaints[0].contains("line 7") && complaints[2].contains("missing.png"), "{complaints:?}");
    let figures = Figures::of(rows.iter(), 0);
    let counts = (figures.pictures, figures.known, figures.any, figures.wrong, figures.read, figures.panics);
    assert_eq!(counts, (3, 2, 1, 1, 2, 0));
    let report = score::report(&rows, &["ours"]);
    assert!(report.contains("drawn (photographs): 1, 1 with a known text"), "{report}");
    assert!(score::failures(&rows, &["ours"]).contains("missed, wrong"));
}

/// One worse than what was reached on the public photographs is a step back; see `docs/scan.md`.
#[test]
fn reads_the_public_photographs_without_panic_or_invention() {
    let Some(vectors) = std::env::var_os("KIOSK_VECTORS") else {
        println!("skipped: KIOSK_VECTORS does not name a folder of vectors");
        return;
    };
    let dir = Path::new(&vectors).join("qr");
    if !dir.is_dir() {
        println!("skipped: no folder {}", dir.display());
        return;
    }
    let (rows, complaints) = run(&dir, &mut ours());
    assert!(complaints.is_empty(), "{complaints:?}");
    let of = |kind: Kind| Figures::of(rows.iter().filter(|row| row.entry.kind == kind), 0);
    let (photos, clean, negatives) = (of(Kind::Photo), of(Kind::Clean), of(Kind::Negative));
    println!("photographs {}/{}, clean {}/{}", photos.any, photos.known, clean.any, clean.known);
    assert_eq!([photos.panics, clean.panics, negatives.panics], [0, 0, 0]);
    assert_eq!(negatives.read, 0, "something was read where there is no code");
    // Best single peer: 85.7 % of the photographs.
    assert!(photos.any * 100 >= photos.known * 98, "{} of {}", photos.any, photos.known);
    assert!(clean.any * 100 >= clean.known * 99, "{} of {}", clean.any, clean.known);
}
