//! Lists the message files, so that another language is a file in `assets/messages` and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("assets/messages");
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed=build.rs");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "ftl"));
    files.sort();
    let mut list = String::from("&[\n");
    for path in files {
        let tag =
            path.file_stem().and_then(|stem| stem.to_str()).ok_or("a message file is named by its language's tag")?;
        writeln!(list, "    ({tag:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("messages.rs"), list)?;
    Ok(())
}
