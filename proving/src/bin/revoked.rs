//! What a revocation list of a million entries takes: bytes on the disk, memory, and time of a look-up.
//!
//! The file is read at places, as the kiosk reads it; the entries are numbers, so that every answer is known.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::trust::files::Revocation;
use checkpoint::trust::issuer_digest;
use checkpoint::trust::revoked::{self, Entry, Kind, ReadAt, RevokedFiles, Unreadable};
use clap::Parser;

/// Bytes of a million entries, at most.
const BYTES_MAX: u64 = 6_500_000;
/// Time of a look-up, at most, in microseconds.
const LOOK_UP_US_MAX: f64 = 5.0;
const KEY: [u8; 32] = [0x42; 32];

/// Measures a revocation file: its size, and what a look-up takes.
#[derive(Parser)]
struct Args {
    /// How many entries.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// How many look-ups, half of them of what is revoked.
    #[arg(long, default_value_t = 400_000)]
    look_ups: u64,
}

struct OnDisk(File);

impl ReadAt for OnDisk {
    fn size(&self) -> Result<u64, Unreadable> {
        self.0.metadata().map(|about| about.len()).map_err(|_| Unreadable)
    }

    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), Unreadable> {
        self.0.read_exact_at(into, place).map_err(|_| Unreadable)
    }
}

fn digest(number: u64) -> [u8; 32] {
    issuer_digest(&number.to_string())
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let args = Args::parse();
    let entry = |number| Entry { kind: Kind::Credential, digest: digest(number), before: None };
    let began = Instant::now();
    let made = revoked::encode(&KEY, (0..args.entries).map(entry)).pop().ok_or("no entries")?;
    println!("made      {} entries in {:.2} s", args.entries, began.elapsed().as_secs_f64());
    let bytes = made.listed.bytes;
    println!("size      {bytes} bytes, {:.3} an entry", bytes as f64 / args.entries as f64);
    // Without a name from the start: nothing is left behind.
    let path = std::env::temp_dir().join(format!("revoked-{}", std::process::id()));
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    file.write_all(&made.bytes)?;
    let listed = Revocation { key: BASE64_STANDARD.encode(KEY), files: vec![made.listed] };
    drop(made.bytes);

    let mut file = Some(file);
    let began = Instant::now();
    let files = RevokedFiles::open(&listed, |_| Some(Arc::new(OnDisk(file.take()?))))
        .map_err(|(place, fault)| format!("file {place}: {fault}"))?;
    println!("opened    in {:.3} s: the whole digest, every block's checksum", began.elapsed().as_secs_f64());

    // Digests beforehand: a credential's is computed once, whatever the list.
    let stride = (args.entries / (args.look_ups / 2).max(1)).max(1);
    let asked: Vec<(bool, [u8; 32])> = (0..args.look_ups)
        .map(|number| match number % 2 {
            0 => (true, digest((number / 2 * stride) % args.entries)),
            _ => (false, digest(args.entries + number)),
        })
        .collect();
    let began = Instant::now();
    let wrong =
        asked.iter().filter(|(revoked, digest)| files.revokes(Kind::Credential, digest, None) != Ok(*revoked)).count();
    let look_up_us = began.elapsed().as_secs_f64() * 1e6 / asked.len() as f64;
    println!("look-up   {look_up_us:.2} µs with its hash, in the system's cache; {wrong} of {} wrong", asked.len());
    let of_a_million = bytes as f64 * 1e6 / args.entries as f64;
    let good = wrong == 0 && look_up_us <= LOOK_UP_US_MAX && of_a_million <= BYTES_MAX as f64;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
