//! Reads a directory of photographs with a manifest and prints what share was read, by category, and the time it took.
//!
//! `photographs DIR [--cache DIR] [--only TEXT]...`: `--cache` keeps the gray images, `--only` takes the lines of the
//! manifest that contain a text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qrscan::Reader;

/// Longest side of a photograph, in pixels, as a camera would give it.
const SIDE_MAX: u32 = 1280;

struct Picture {
    id: String,
    category: String,
    kind: String,
    texts: Vec<String>,
    all_known: bool,
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().expect("usage: photographs DIR [--cache DIR] [--only TEXT]..."));
    let (mut cache, mut only, mut verbose, mut peers, mut timed) = (None, Vec::new(), false, None, true);

    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--cache" => cache = args.next().map(PathBuf::from),
            "--only" => only.extend(args.next()),
            "--verbose" => verbose = true,
            // Under valgrind the clock cannot be read.
            "--untimed" => timed = false,
            "--peers" => peers = args.next().map(PathBuf::from),
            other => panic!("unknown argument {other}"),
        }
    }
    let peers: Option<serde_json::Value> = peers
        .map(|path| serde_json::from_slice(&std::fs::read(path).expect("peers file is readable")).expect("valid JSON"));
    let manifest = std::fs::read_to_string(dir.join("manifest.jsonl")).expect("DIR holds manifest.jsonl");
    let pictures: Vec<Picture> = manifest
        .lines()
        .filter(|line| only.is_empty() || only.iter().any(|text| line.contains(text.as_str())))
        .map(|line| load(&dir, cache.as_deref(), line))
        .collect();

    let mut reader = Reader::new();
    let mut table: BTreeMap<(String, String), (usize, usize, Vec<String>)> = BTreeMap::new();
    let (mut wrong, mut times, mut negative_times) = (Vec::new(), Vec::new(), Vec::new());
    let mut unknown_read = Vec::new();
    for picture in &pictures {
        let before = if timed { cpu_ms() } else { 0.0 };
        let reading = reader.read(&picture.luma, picture.width, picture.height);
        let took = if timed { cpu_ms() - before } else { 0.0 };
        let texts: Vec<&str> = reading.codes.iter().map(|c| c.text.as_str()).collect();
        let plain = |text: &str| text.replace('\r', "").trim_end().to_owned();
        let expected: Vec<String> = picture.texts.iter().map(|t| plain(t)).collect();
        let hit = texts.iter().any(|text| expected.contains(&plain(text)));
        if verbose {
            println!("{} {} {took:.2} ms {texts:?}", picture.id, picture.category);
        }
        if picture.all_known || picture.kind == "negative" {
            for code in reading.codes.iter().filter(|c| !expected.contains(&plain(&c.text))) {
                wrong.push(format!(
                    "{} {} {:?} v{} {:?} {:?} expected {:?}",
                    picture.id, picture.category, code.text, code.version, code.level, code.correction, picture.texts
                ));
            }
        }
        match picture.kind.as_str() {
            "photo" => times.push((took, picture.id.clone())),
            "negative" => negative_times.push((took, picture.id.clone())),
            _ => {}
        }
        if picture.kind == "negative" {
            continue;
        }
        if picture.texts.is_empty() {
            if !reading.codes.is_empty() {
                unknown_read.push((
                    picture.id.clone(),
                    picture.category.clone(),
                    reading
                        .codes
                        .iter()
                        .map(|c| (c.text.clone(), c.version, c.correction.margin_percent))
                        .collect::<Vec<_>>(),
                ));
            }
            continue;
        }
        let row = table.entry((picture.kind.clone(), picture.category.clone())).or_default();
        row.1 += 1;
        if hit {
            row.0 += 1;
        } else {
            row.2.push(picture.id.clone());
        }
    }
    let best_peer = |kind: &str, category: &str| -> String {
        let Some(peers) = peers.as_ref().and_then(|p| p.as_object()) else { return String::new() };
        let ids: Vec<&Picture> =
            pictures.iter().filter(|p| p.kind == kind && p.category == category && !p.texts.is_empty()).collect();
        let read = |of: &serde_json::Value, id: &str| of[id][0].as_u64().unwrap_or(0) > 0;
        let best = peers
            .iter()
            .filter(|(name, _)| !name.contains('@'))
            .map(|(_, of)| ids.iter().filter(|p| read(of, &p.id)).count())
            .max()
            .unwrap_or(0);
        let union = ids.iter().filter(|p| peers.values().any(|of| read(of, &p.id))).count();
        format!("best peer {best:>3} union {union:>3}")
    };
    let (mut read, mut of) = (0, 0);
    for ((kind, category), (hits, count, missed)) in &table {
        println!(
            "{kind:5} {category:22} {hits:>3} of {count:>3} {} missed {}",
            best_peer(kind, category),
            missed.join(" ")
        );
        if kind == "photo" {
            read += hits;
            of += count;
        }
    }
    println!("any {read} of {of} = {:.2} %", 100.0 * read as f64 / of.max(1) as f64);
    println!("read of pictures that nobody has read: {}", unknown_read.len());
    for line in &unknown_read {
        println!("  {line:?}");
    }
    println!("wrong {}", wrong.len());
    for line in &wrong {
        println!("  {line}");
    }
    summary("photographs", &mut times);
    summary("negatives", &mut negative_times);
}

fn summary(name: &str, times: &mut [(f64, String)]) {
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(worst) = times.last() else { return };
    let mean = times.iter().map(|t| t.0).sum::<f64>() / times.len() as f64;
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0;
    println!(
        "{name}: mean {mean:.3} ms, median {:.3}, p95 {:.2}, worst {:.2} ({})",
        at(0.5),
        at(0.95),
        worst.0,
        worst.1
    );
}

fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn load(dir: &Path, cache: Option<&Path>, line: &str) -> Picture {
    let entry: serde_json::Value = serde_json::from_str(line).expect("a line of the manifest is JSON");
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let texts: Vec<String> = entry["texts"]
        .as_array()
        .map(|texts| texts.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let id = text("id");
    let cached = cache.map(|cache| cache.join(format!("{id}.pgm")));
    let (width, height, luma) = cached.as_ref().and_then(|path| read_pgm(path)).unwrap_or_else(|| {
        let (width, height, luma) = gray(&dir.join(text("file")));
        if let Some(path) = &cached {
            let mut pgm = format!("P5\n{width} {height}\n255\n").into_bytes();
            pgm.extend_from_slice(&luma);
            std::fs::write(path, pgm).expect("the cache is writable");
        }
        (width, height, luma)
    });
    let all_known = entry["count"].as_u64() == Some(texts.len() as u64);
    Picture { id, category: text("category"), kind: text("kind"), texts, all_known, width, height, luma }
}

fn read_pgm(path: &Path) -> Option<(usize, usize, Vec<u8>)> {
    let bytes = std::fs::read(path).ok()?;
    let header_end = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(2)?.0;
    let header = std::str::from_utf8(&bytes[..header_end]).ok()?;
    let mut fields = header.split_whitespace().skip(1).map(|f| f.parse().ok());
    let (width, height): (usize, usize) = (fields.next()??, fields.next()??);
    Some((width, height, bytes[header_end + 1..].to_vec()))
}

/// Gray by Rec. 601, the longest side at most `SIDE_MAX` by area averages.
fn gray(path: &Path) -> (usize, usize, Vec<u8>) {
    let reader = image::ImageReader::open(path).expect("the picture opens").with_guessed_format().expect("readable");
    let rgb = reader.decode().expect("the picture decodes").to_rgb8();
    let (width, height) = rgb.dimensions();
    let luma: Vec<f32> = rgb
        .pixels()
        .map(|p| 0.299 * f32::from(p.0[0]) + 0.587 * f32::from(p.0[1]) + 0.114 * f32::from(p.0[2]))
        .collect();
    let longest = width.max(height);
    if longest <= SIDE_MAX {
        return (width as usize, height as usize, luma.iter().map(|v| v.round() as u8).collect());
    }
    let scaled = |side: u32| ((f64::from(side) * f64::from(SIDE_MAX) / f64::from(longest)).round() as usize).max(1);
    let (out_width, out_height) = (scaled(width), scaled(height));
    let across = shrink(&luma, width as usize, height as usize, out_width);
    let turned = transpose(&across, out_width, height as usize);
    let down = shrink(&turned, height as usize, out_width, out_height);
    let luma = transpose(&down, out_height, out_width);
    (out_width, out_height, luma.iter().map(|v| v.round().clamp(0.0, 255.0) as u8).collect())
}

fn shrink(values: &[f32], width: usize, height: usize, out_width: usize) -> Vec<f32> {
    let ratio = width as f64 / out_width as f64;
    let mut out = Vec::with_capacity(out_width * height);
    for row in values.chunks_exact(width) {
        for i in 0..out_width {
            let (from, to) = (i as f64 * ratio, (i as f64 + 1.0) * ratio);
            let mut sum = 0.0;
            for (x, &value) in row.iter().enumerate().take(to.ceil() as usize).skip(from as usize) {
                let cover = (to.min(x as f64 + 1.0) - from.max(x as f64)).max(0.0);
                sum += f64::from(value) * cover;
            }
            out.push((sum / ratio) as f32);
        }
    }
    out
}

fn transpose(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    (0..width * height).map(|i| values[i % height * width + i / height]).collect()
}
