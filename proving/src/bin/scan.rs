//! Measures readers of QR codes on a folder of pictures: how much they read, how wrong, how long.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use proving::peers;
use proving::scan::manifest::Kind;
use proving::scan::manifest::{Entry, Manifest};
use proving::scan::picture::Gray;
use proving::scan::plot;
use proving::scan::readers::{self, Reader};
use proving::scan::score::{self, Figures, Judged, Row};
use proving::scan::sheet::{self, Cell};
use proving::scan::{Outcome, measure};
use serde_json::json;

/// Measures readers of QR codes on a folder of pictures.
///
/// DIR holds pictures and `manifest.jsonl`: a line for each picture with `file`, `kind` (photo, clean, negative),
/// `category`, `texts` (what its codes say) and `count` (how many codes). Every reader sees the same pixels: 8-bit gray by
/// Rec. 601, the longest side at most 1280 px by area average, EXIF ignored, loaded beforehand. Times are thread CPU time.
///
/// any %: at least one expected text was read, over the photographs with a known text. wrong: texts that are not in a
/// picture all of whose texts are known. x mean, x median: against zxing-cpp in the same run.
///
/// Exit code: 0 measured, 1 nothing could be measured, 2 wrong use.
#[derive(Parser)]
#[command(name = "scan")]
struct Arguments {
    /// Folder of pictures with a manifest.jsonl
    dir: PathBuf,
    /// Run zxing-cpp, rxing, rqrr and quircs beside ours (needs the cargo feature `peers`, g++ and cmake)
    #[arg(long)]
    peers: bool,
    /// Write one JSON line for each picture and reader: {"id", "dec", "ms", "panicked", "hits": [{"hex": the text's UTF-8,
    /// "pts": corners in pixels of the file}]}
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Measure only the picture with this id (may be repeated)
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Measure only pictures of this category (may be repeated)
    #[arg(long, value_name = "NAME")]
    category: Vec<String>,
    /// Run only the reader of this name (may be repeated)
    #[arg(long, value_name = "NAME")]
    reader: Vec<String>,
    /// Draw the share read of the photographs against the mean time, a point for each reader, as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Draw the photographs of which the first reader alone reads a text, each with the text, as PNG; first those of which
    /// the list knows no text
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
    /// List the pictures on which the first reader failed
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.peers && !readers::HAS_PEERS {
        return peers::run_again_with_them("scan");
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("scan: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let mut readers = readers::all(arguments.peers);
    readers.retain(|reader| arguments.reader.is_empty() || arguments.reader.iter().any(|name| name == reader.name));
    if readers.is_empty() {
        return Err("no reader of that name in this build".into());
    }
    let Manifest { mut entries, mut complaints } = Manifest::read(&arguments.dir)?;
    let wanted = |list: &[String], name: &str| list.is_empty() || list.iter().any(|item| item == name);
    entries.retain(|entry| wanted(&arguments.only, &entry.id) && wanted(&arguments.category, &entry.category));
    let mut out = match &arguments.out {
        Some(path) => {
            let file = File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            Some(BufWriter::new(file))
        }
        None => None,
    };

    let mut rows = Vec::new();
    // Photographs whose text nobody knew, and the others.
    let mut alone = [Vec::new(), Vec::new()];
    let count = entries.len();
    for (number, entry) in entries.into_iter().enumerate() {
        progress(number, count, &entry.id);
        let picture = match Gray::load(&entry.path) {
            Ok(picture) => picture,
            Err(complaint) => {
                complaints.push(complaint);
                continue;
            }
        };
        if rows.is_empty() {
            // The first picture once for nothing: pages, caches and tables that a reader makes at its first use.
            readers.iter_mut().for_each(|reader| drop(measure(reader, &picture)));
        }
        let mut judged = Vec::new();
        let mut first = None;
        for reader in &mut readers {
            let outcome = measure(reader, &picture);
            first = first.or_else(|| Some(outcome.hits.clone()));
            if let Some(out) = &mut out {
                write_line(out, &entry, reader, &outcome, picture.file_pixels)
                    .map_err(|error| format!("cannot write the results: {error}"))?;
            }
            judged.push(Judged::new(&entry, &outcome));
        }
        let unknown = entry.texts.is_empty();
        let reads = |judged: &Judged| if unknown { judged.read > 0 } else { judged.any };
        let [own, others @ ..] = judged.as_slice() else { continue };
        if arguments.sheet.is_some() && entry.kind == Kind::Photo && reads(own) && !others.iter().any(reads) {
            let hits = first.unwrap_or_default();
            let title = if unknown { format!("{} nobody before", entry.id) } else { entry.id.clone() };
            let cells = hits.iter().map(|hit| Cell::new(&picture, &title, &hit.text, &hit.corners));
            alone[usize::from(!unknown)].extend(cells);
        }
        rows.push(Row { entry, judged });
    }
    progress(count, count, "");
    if let Some(mut out) = out {
        out.flush().map_err(|error| format!("cannot write the results: {error}"))?;
    }

    for complaint in &complaints {
        eprintln!("scan: not measured: {complaint}");
    }
    if rows.is_empty() {
        return Err("no picture was measured".into());
    }
    let names: Vec<&str> = readers.iter().map(|reader| reader.name).collect();
    print_report(&rows, &names, arguments.list);
    if let Some(path) = &arguments.sheet {
        sheet::write(path, &alone.into_iter().flatten().collect::<Vec<_>>())?;
    }
    if let Some(path) = &arguments.plot {
        let photographs = || rows.iter().filter(|row| row.entry.kind == Kind::Photo);
        let point = |(index, &name)| {
            let figures = Figures::of(photographs(), index);
            let any_percent = 100.0 * figures.any as f64 / figures.known.max(1) as f64;
            plot::Point { name, mean_ms: figures.mean_ms, any_percent }
        };
        let points: Vec<plot::Point> = names.iter().enumerate().map(point).collect();
        std::fs::write(path, plot::svg(&points))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    if !complaints.is_empty() {
        println!("\n{} pictures were NOT measured (see above)", complaints.len());
    }
    Ok(())
}

fn print_report(rows: &[Row], names: &[&str], list: bool) {
    let categories: BTreeSet<&str> = rows.iter().map(|row| row.entry.category.as_str()).collect();
    println!(
        "{} pictures, {} categories, thread CPU time, readers: {}",
        rows.len(),
        categories.len(),
        names.join(", ")
    );
    print!("{}", score::report(rows, names));
    if names.len() > 1 {
        let behind = score::behind(rows, names);
        println!("\ncategories in which {} reads less than the best single peer: {}", names[0], behind.len());
        for (category, own, best, name) in behind {
            println!("  {category}: {own}, {name} {best}");
        }
        let photos = rows.iter().filter(|row| row.judged.iter().any(|judged| judged.any)).count();
        println!("pictures that at least one of these readers reads: {photos}");
    }
    if list {
        println!("\nfailures of {}:", names[0]);
        print!("{}", score::failures(rows, names));
    }
}

fn write_line(
    out: &mut impl Write,
    entry: &Entry,
    reader: &Reader,
    outcome: &Outcome,
    file_pixels: f64,
) -> std::io::Result<()> {
    let in_file = |value: f32| (f64::from(value) * file_pixels * 10.0).round() / 10.0;
    let hits = outcome.hits.iter().map(|hit| {
        let hex: String = hit.text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let points: Vec<_> = hit.corners.iter().map(|corner| corner.map(in_file)).collect();
        json!({ "hex": hex, "pts": points })
    });
    let line = json!({
        "id": entry.path.file_stem().map(|stem| stem.to_string_lossy()),
        "dec": reader.name,
        "ms": (outcome.cpu_ms * 1000.0).round() / 1000.0,
        "panicked": outcome.panicked,
        "hits": hits.collect::<Vec<_>>(),
    });
    writeln!(out, "{line}")
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
