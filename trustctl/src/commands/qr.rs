//! `trustctl qr`: draws any text.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use trustctl::fault::{Fault, write};
use trustctl::qr::Symbol;

#[derive(Args)]
pub struct QrArgs {
    /// The text, or `-` to read it from standard input.
    text: String,
    /// The picture: a file ending in .png or .svg.
    #[arg(long)]
    out: PathBuf,
    /// Error correction: l 7 %, m 15 %, q 25 %, h 30 %.
    #[arg(long, value_enum, default_value_t = Level::M)]
    level: Level,
    /// Pixels to a module (PNG).
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pixels: u32,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Level {
    L,
    M,
    Q,
    H,
}

impl From<Level> for qrcode::EcLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::L => Self::L,
            Level::M => Self::M,
            Level::Q => Self::Q,
            Level::H => Self::H,
        }
    }
}

pub fn run(args: QrArgs) -> Result<(), Fault> {
    let text = if args.text == "-" { read_standard_input()? } else { args.text };
    draw(&text, &args.out, args.level.into(), args.pixels)
}

/// Draws a text into a new picture, as its name's ending says.
pub fn draw(text: &str, out: &Path, level: qrcode::EcLevel, pixels: u32) -> Result<(), Fault> {
    let symbol = Symbol::new(text, level)?;
    let extension = out.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "svg" => write(out, symbol.svg())?,
        "png" => symbol
            .picture(pixels)
            .save(out)
            .map_err(|error| Fault::Write { path: out.into(), source: std::io::Error::other(error) })?,
        _ => return Err(Fault::Unsound(format!("{} ends neither in .png nor in .svg", out.display()))),
    }
    eprintln!("{}: {} modules on a side", out.display(), symbol.side);
    Ok(())
}

fn read_standard_input() -> Result<String, Fault> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|source| Fault::Read { path: "standard input".into(), source })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_string())
}
