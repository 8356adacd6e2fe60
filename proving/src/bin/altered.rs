//! Measures readers of QR codes on altered copies of the pictures of a folder: what they would read of pictures that
//! nobody has tuned them to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use proving::scan::alteration::{ALTERATIONS, Alteration};
use proving::scan::manifest::{self, Entry, Manifest};
use proving::scan::measure;
use proving::scan::picture::Gray;
use proving::scan::readers;
use proving::scan::score::Judged;
use serde_json::json;

/// Measures readers of QR codes on altered copies of the pictures of a folder.
///
/// DIR is laid out as for `scan`. Every picture is turned, mirrored, cropped, scaled, toned, blurred, made noisy and
/// compressed, by seeds, and each copy is shown to each reader. A line for each alteration: how many of the photographs with
/// a known text were read (any), texts that are not in the picture (wrong, over photographs, clean symbols and pictures
/// without a code), mean thread CPU time. Then the same by category, and how steady each reader is: pictures of whose
/// lossless copies it reads some and misses others.
///
/// Exit code: 0 measured, 1 nothing could be measured, 2 wrong use.
#[derive(Parser)]
#[command(name = "altered")]
struct Arguments {
    /// Folder of pictures with a manifest.jsonl
    dir: PathBuf,
    /// Run zxing-cpp and rxing beside ours (needs the cargo feature `peers`, g++ and cmake)
    #[arg(long)]
    peers: bool,
    /// What the alterations are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this alteration (may be repeated)
    #[arg(long, value_name = "NAME")]
    alteration: Vec<String>,
    /// Only pictures of this kind (may be repeated): photo, clean, negative
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only the picture with this id (may be repeated)
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Run only the reader of this name (may be repeated)
    #[arg(long, value_name = "NAME")]
    reader: Vec<String>,
    /// List what the first reader missed, for each picture the alterations
    #[arg(long)]
    list: bool,
    /// Write the altered pictures into this folder, as PNG with a manifest.jsonl, to be looked at or measured on their own
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What one reader made of all copies of one kind.
#[derive(Clone, Copy, Default)]
struct Tally {
    any: usize,
    known: usize,
    wrong: usize,
    cpu_ms: f64,
    shown: usize,
}

impl Tally {
    fn add(&mut self, entry: &Entry, judged: &Judged) {
        self.any += usize::from(judged.any);
        self.known += usize::from(!entry.texts.is_empty());
        self.wrong += judged.wrong;
        self.cpu_ms += judged.cpu_ms;
        self.shown += 1;
    }

    fn percent(&self) -> f64 {
        100.0 * self.any as f64 / self.known.max(1) as f64
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.peers && !readers::HAS_PEERS {
        eprintln!(
            "altered: this build holds no peers; use: cargo run --release -p proving --features peers --bin altered"
        );
        return ExitCode::from(2);
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("altered: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let wanted = |list: &[String], name: &str| list.is_empty() || list.iter().any(|item| item == name);
    let mut readers = readers::all(arguments.peers);
    // The peers that are slow and read less would only take the time.
    let best = ["ours", "qrscan", "zxing-cpp", "rxing"];
    readers.retain(|reader| wanted(&arguments.reader, reader.name) && best.contains(&reader.name));
    let names: Vec<&str> = readers.iter().map(|reader| reader.name).collect();
    let Manifest { mut entries, complaints } = Manifest::read(&arguments.dir)?;
    for complaint in &complaints {
        eprintln!("altered: not measured: {complaint}");
    }
    entries.retain(|entry| wanted(&arguments.only, &entry.id) && wanted(&arguments.kind, entry.kind.name()));
    let chosen: Vec<&Alteration> =
        ALTERATIONS.iter().filter(|alteration| wanted(&arguments.alteration, alteration.name)).collect();
    if names.is_empty() || entries.is_empty() || chosen.is_empty() {
        return Err("no reader, no picture or no alteration of that name".into());
    }
    let mut list = match &arguments.out {
        Some(dir) => Some(list_of_copies(dir)?),
        None => None,
    };

    let mut by_alteration = vec![vec![Tally::default(); names.len()]; chosen.len()];
    let mut by_category: BTreeMap<String, Vec<Vec<Tally>>> = BTreeMap::new();
    // For each reader the pictures of whose lossless copies it read some, and those of which it missed some.
    let mut some_read = vec![BTreeSet::new(); names.len()];
    let mut some_missed = vec![BTreeSet::new(); names.len()];
    let mut missed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        if std::io::stderr().is_terminal() {
            eprint!("\r{}/{} {:<20}", number + 1, entries.len(), entry.id);
        }
        let picture = match Gray::load(&entry.path) {
            Ok(picture) => picture,
            Err(complaint) => {
                eprintln!("altered: not measured: {complaint}");
                continue;
            }
        };
        let category = by_category
            .entry(entry.category.clone())
            .or_insert_with(|| vec![vec![Tally::default(); names.len()]; chosen.len()]);
        for (which, alteration) in chosen.iter().enumerate() {
            let copy = alteration.of(&picture, &entry.id, arguments.seed);
            if let (Some(dir), Some(list)) = (&arguments.out, &mut list) {
                write_copy(dir, list, entry, alteration, &copy)?;
            }
            for (number, reader) in readers.iter_mut().enumerate() {
                let judged = Judged::new(entry, &measure(reader, &copy));
                by_alteration[which][number].add(entry, &judged);
                category[which][number].add(entry, &judged);
                if entry.texts.is_empty() {
                    continue;
                }
                if alteration.lossless {
                    if judged.any { &mut some_read[number] } else { &mut some_missed[number] }
                        .insert(entry.id.as_str());
                }
                if number == 0 && (!judged.any || judged.wrong > 0) {
                    missed.entry(entry.id.as_str()).or_default().push(alteration.name);
                }
            }
        }
    }

    println!("{} pictures, seed {}, thread CPU time, readers: {}", entries.len(), arguments.seed, names.join(", "));
    print!("{:24}", "\nalteration");
    names.iter().for_each(|name| print!("{name:>12} {:>5} {:>6}", "wrong", "ms"));
    println!();
    let line = |title: &str, tallies: &[Tally]| {
        print!("{title:23}");
        for tally in tallies {
            let mean = tally.cpu_ms / tally.shown.max(1) as f64;
            print!("{:>5} {:>5.1}% {:>5} {mean:>6.2}", tally.any, tally.percent(), tally.wrong);
        }
        println!();
    };
    for (alteration, tallies) in chosen.iter().zip(&by_alteration) {
        line(alteration.name, tallies);
    }
    println!("\nall alterations by category; where the first reader is behind another, and how far, by alteration");
    for (category, per_alteration) in &by_category {
        let sum = |number: usize| {
            per_alteration.iter().fold(Tally::default(), |sum, tallies| Tally {
                any: sum.any + tallies[number].any,
                known: sum.known + tallies[number].known,
                wrong: sum.wrong + tallies[number].wrong,
                cpu_ms: sum.cpu_ms + tallies[number].cpu_ms,
                shown: sum.shown + tallies[number].shown,
            })
        };
        line(category, &(0..names.len()).map(sum).collect::<Vec<_>>());
        for (alteration, tallies) in chosen.iter().zip(per_alteration) {
            let best = tallies.iter().map(|tally| tally.any).max().unwrap_or(0);
            if tallies[0].any < best {
                println!("    behind: {}, {} against {best}", alteration.name, tallies[0].any);
            }
        }
    }
    println!("\npictures of whose lossless copies some were read and some missed");
    for (name, (read, missed)) in names.iter().zip(some_read.iter().zip(&some_missed)) {
        let of_both: Vec<&str> = read.intersection(missed).copied().collect();
        println!("  {name}: {}", of_both.len());
    }
    if arguments.list {
        println!("\nmissed or wrong by {}", names[0]);
        for entry in &entries {
            if let Some(alterations) = missed.get(entry.id.as_str()) {
                println!("  {} {} {}: {}", entry.id, entry.category, alterations.len(), alterations.join("; "));
            }
        }
    }
    Ok(())
}

/// Starts the list of the copies that are written.
fn list_of_copies(dir: &Path) -> Result<fs::File, String> {
    let path = dir.join(manifest::FILE_NAME);
    fs::create_dir_all(dir)
        .and_then(|()| fs::File::create(&path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn write_copy(
    dir: &Path,
    list: &mut fs::File,
    entry: &Entry,
    alteration: &Alteration,
    copy: &Gray,
) -> Result<(), String> {
    let name: String = alteration.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let id = format!("{}-{name}", entry.id);
    let file = format!("{id}.png");
    let path = dir.join(&file);
    let line = json!({
        "id": id, "file": file, "kind": entry.kind.name(), "category": entry.category, "texts": entry.texts,
        "count": entry.count
    });
    image::save_buffer(&path, &copy.luma, copy.width as u32, copy.height as u32, image::ExtendedColorType::L8)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    writeln!(list, "{line}").map_err(|error| format!("cannot write the list: {error}"))
}
