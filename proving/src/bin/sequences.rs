//! Measures readers of QR codes on recordings: codes that a hand holds before a camera, drawn by ourselves.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use proving::peers;
use proving::scan::alteration::seen_again;
use proving::scan::manifest::{Entry, Kind, Manifest};
use proving::scan::measure;
use proving::scan::picture::Gray;
use proving::scan::readers::{self, Reader};
use proving::scan::score::Judged;
use proving::sequences::{self, FRAME_EVERY, FRAMES, SEEDS, Sequence};
use serde_json::json;

/// Measures readers of QR codes on drawn recordings: 84 sequences of ten frames, 1280x720, gray.
///
/// Every reader starts afresh with each sequence and is given all of its frames in order. A sequence is read if any frame
/// gave the text; "at" is the mean number of the frame, from 1, that gave it first. wrong: other texts, over all frames.
/// ms: thread CPU time a frame, over all frames, over those that gave nothing ("unread"), and the most of one ("worst").
/// "joined" is our reader over frames; all others take each for itself.
///
/// With --scenes, what a camera pays that looks at something without a code all day: each picture of the list without one
/// is shown 100 times with new noise.
///
/// Exit code: 0 measured, 1 nothing could be measured, 2 wrong use.
#[derive(Parser)]
#[command(name = "sequences")]
struct Arguments {
    /// Run zxing-cpp, rxing, rqrr and quircs beside ours (needs the cargo feature `peers`, g++ and cmake)
    #[arg(long)]
    peers: bool,
    /// Write the frames into this folder, as PNG, to be looked at
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only this family (may be repeated)
    #[arg(long, value_name = "NAME")]
    family: Vec<String>,
    /// Draw from the second seeds, which were drawn when the reader over frames was done
    #[arg(long)]
    second: bool,
    /// Run only the reader of this name (may be repeated)
    #[arg(long, value_name = "NAME")]
    reader: Vec<String>,
    /// Show the pictures without a code of this folder (with a manifest.jsonl) instead of the recordings
    #[arg(long, value_name = "DIR")]
    scenes: Option<PathBuf>,
    /// Print one JSON line for each sequence and reader instead of the table
    #[arg(long)]
    json: bool,
}

/// What one reader made of one sequence.
#[derive(Default)]
struct Tally {
    /// The number of the first frame, from 1, that gave the text.
    read_at: Option<usize>,
    wrong: usize,
    panics: usize,
    cpu_ms: f64,
    unread: usize,
    unread_ms: f64,
    worst_ms: f64,
}

/// Times that a scene is shown, those of them after which a reader has seen it for long, and the noise in grays.
const SHOWN: usize = 100;
const SETTLED: usize = 50;
const SCENE_NOISE: f32 = 2.0;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.peers && !readers::HAS_PEERS {
        return peers::run_again_with_them("sequences");
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("sequences: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let wanted = |list: &[String], name: &str| list.is_empty() || list.iter().any(|item| item == name);
    let fresh_readers = || {
        let mut readers = vec![readers::joined(FRAME_EVERY)];
        readers.extend(readers::all(arguments.peers));
        readers.retain(|reader| wanted(&arguments.reader, reader.name));
        readers
    };
    let names: Vec<&str> = fresh_readers().iter().map(|reader| reader.name).collect();
    if let Some(dir) = &arguments.scenes {
        return show_scenes(dir, &fresh_readers);
    }
    let chosen = sequences::all().map(|sequence| if arguments.second { sequence.second() } else { sequence });
    let chosen: Vec<Sequence> = chosen.filter(|sequence| wanted(&arguments.family, sequence.family.name())).collect();
    if names.is_empty() || chosen.is_empty() {
        let families = SEEDS.map(|(family, _)| family.name()).join(", ");
        return Err(format!("no reader or no family of that name in this build; families: {families}"));
    }
    if let Some(dir) = &arguments.out {
        fs::create_dir_all(dir).map_err(|error| format!("cannot make {}: {error}", dir.display()))?;
    }
    let blank = Gray { luma: vec![128; 1280 * 720], width: 1280, height: 720, file_pixels: 1.0 };
    let mut rows = Vec::new();
    for (done, sequence) in chosen.iter().enumerate() {
        progress(done, chosen.len(), &sequence.id());
        let mut readers = fresh_readers();
        // An empty frame for nothing: pages, caches and tables that a reader makes at its first use.
        readers.iter_mut().for_each(|reader| drop(measure(reader, &blank)));
        let entry = Entry {
            id: sequence.id(),
            path: PathBuf::new(),
            category: sequence.family.name().to_owned(),
            kind: Kind::Photo,
            texts: vec![sequence.text()],
            count: Some(1),
        };
        let mut tallies: Vec<Tally> = readers.iter().map(|_| Tally::default()).collect();
        for number in 0..FRAMES {
            let picture = sequence.frame(number);
            if let Some(dir) = &arguments.out {
                write(&dir.join(format!("{}-{number}.png", sequence.id())), &picture)?;
            }
            for (reader, tally) in readers.iter_mut().zip(&mut tallies) {
                let judged = Judged::new(&entry, &measure(reader, &picture));
                tally.cpu_ms += judged.cpu_ms;
                tally.worst_ms = tally.worst_ms.max(judged.cpu_ms);
                if !judged.any {
                    tally.unread += 1;
                    tally.unread_ms += judged.cpu_ms;
                }
                tally.wrong += judged.wrong;
                tally.panics += usize::from(judged.panicked);
                if judged.any {
                    tally.read_at.get_or_insert(number + 1);
                }
            }
        }
        if arguments.json {
            print_json(sequence, &names, &tallies);
        }
        rows.push((*sequence, tallies));
    }
    progress(chosen.len(), chosen.len(), "");
    if !arguments.json {
        print_table(&names, &rows);
    }
    Ok(())
}

/// Shows pictures without a code again and again, and prints what that costs: in the first frames, and once settled.
fn show_scenes(dir: &Path, fresh_readers: &dyn Fn() -> Vec<Reader>) -> Result<(), String> {
    let Manifest { entries, complaints } = Manifest::read(dir)?;
    complaints.iter().for_each(|complaint| eprintln!("sequences: {complaint}"));
    let scenes: Vec<Entry> = entries.into_iter().filter(|entry| entry.kind == Kind::Negative).collect();
    if scenes.is_empty() {
        return Err(format!("no picture without a code in {}", dir.display()));
    }
    println!("{} scenes without a code, {SHOWN} frames each, thread CPU time in ms", scenes.len());
    println!("  {:<20}{:<15}{:>9}{:>9}{:>9}{:>7}", "scene", "reader", "first", "settled", "worst", "texts");
    let mut sums: Vec<(&str, [f64; 3], usize)> =
        fresh_readers().iter().map(|reader| (reader.name, [0.0; 3], 0)).collect();
    for scene in &scenes {
        let picture = Gray::load(&scene.path)?;
        let mut readers = fresh_readers();
        readers.iter_mut().for_each(|reader| drop(measure(reader, &picture)));
        let mut costs = vec![([0.0f64; 3], 0); readers.len()];
        for number in 0..SHOWN {
            let frame = seen_again(&picture, number, SCENE_NOISE);
            for (reader, (ms, texts)) in readers.iter_mut().zip(&mut costs) {
                let outcome = measure(reader, &frame);
                ms[usize::from(number >= SETTLED)] += outcome.cpu_ms;
                ms[2] = ms[2].max(outcome.cpu_ms);
                *texts += outcome.hits.len();
            }
        }
        for ((name, sum, all), (mut ms, texts)) in sums.iter_mut().zip(costs) {
            ms[0] /= SETTLED as f64;
            ms[1] /= (SHOWN - SETTLED) as f64;
            println!("  {:<20}{name:<15}{:>9.2}{:>9.2}{:>9.1}{texts:>7}", scene.id, ms[0], ms[1], ms[2]);
            *sum = [sum[0] + ms[0], sum[1] + ms[1], sum[2].max(ms[2])];
            *all += texts;
        }
    }
    let count = scenes.len() as f64;
    for (name, [first, settled, worst], texts) in sums {
        println!("  {:<20}{name:<15}{:>9.2}{:>9.2}{worst:>9.1}{texts:>7}", "all", first / count, settled / count);
    }
    Ok(())
}

fn print_json(sequence: &Sequence, names: &[&str], tallies: &[Tally]) {
    for (name, tally) in names.iter().zip(tallies) {
        let line = json!({
            "family": sequence.family.name(),
            "number": sequence.number,
            "seed": sequence.seed,
            "dec": name,
            "read_at": tally.read_at,
            "wrong": tally.wrong,
            "panics": tally.panics,
            "ms": (tally.cpu_ms / FRAMES as f64 * 1000.0).round() / 1000.0,
        });
        println!("{line}");
    }
}

fn print_table(names: &[&str], rows: &[(Sequence, Vec<Tally>)]) {
    println!("{} sequences of {FRAMES} frames, thread CPU time", rows.len());
    let families = SEEDS.iter().map(|(family, _)| Some(*family)).chain([None]);
    for family in families {
        let of = |sequence: &Sequence| family.is_none_or(|family| family == sequence.family);
        let chosen: Vec<&Vec<Tally>> = rows.iter().filter(|(row, _)| of(row)).map(|(_, tallies)| tallies).collect();
        if chosen.is_empty() {
            continue;
        }
        println!("\n{}", family.map_or("all", |family| family.name()));
        println!(
            "  {:<15}{:>9}{:>7}{:>7}{:>8}{:>9}{:>9}{:>9}",
            "reader", "read", "at", "wrong", "panics", "ms", "unread", "worst"
        );
        for (index, name) in names.iter().enumerate() {
            let tallies = || chosen.iter().map(|tallies| &tallies[index]);
            let read: Vec<usize> = tallies().filter_map(|tally| tally.read_at).collect();
            let at = match read.len() {
                0 => "-".to_owned(),
                count => format!("{:.1}", read.iter().sum::<usize>() as f64 / count as f64),
            };
            println!(
                "  {name:<15}{:>9}{at:>7}{:>7}{:>8}{:>9.2}{:>9.2}{:>9.1}",
                format!("{}/{}", read.len(), chosen.len()),
                tallies().map(|tally| tally.wrong).sum::<usize>(),
                tallies().map(|tally| tally.panics).sum::<usize>(),
                tallies().map(|tally| tally.cpu_ms).sum::<f64>() / (chosen.len() * FRAMES) as f64,
                tallies().map(|tally| tally.unread_ms).sum::<f64>()
                    / tallies().map(|tally| tally.unread).sum::<usize>().max(1) as f64,
                tallies().map(|tally| tally.worst_ms).fold(0.0, f64::max),
            );
        }
    }
}

fn write(path: &Path, picture: &Gray) -> Result<(), String> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    image::save_buffer(path, &picture.luma, width, height, image::ExtendedColorType::L8)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// How far the run is, on a terminal only.
fn progress(done: usize, count: usize, id: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{done}/{count} {id:<20}");
        if done == count {
            eprintln!();
        }
    }
}
