//! The index of a recording: JSON lines, so that a recording that was cut off is still one.
//!
//! ```text
//! {"recording":1,"start":"2026-03-01T00:30:00Z","seed":7,"loop":true}
//! {"ms":0,"file":"000000.png"}
//! {"ms":100,"file":"000001.png"}
//! ```
//! Beside a motion-JPEG file `visit.mjpeg` it is `visit.mjpeg.jsonl`, and a picture is
//! `{"ms":0,"offset":0,"bytes":51234}`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::camera::fault::CameraFault;

/// Name of the index in a folder of pictures.
pub const FOLDER_INDEX: &str = "recording.jsonl";
/// The only version there is.
pub const VERSION: u32 = 1;
/// Longest line, in bytes: a file name has 255 at most.
const LINE_BYTES_MAX: u64 = 4096;
/// Longest recording, in milliseconds: a week.
const MS_MAX: u64 = 7 * 24 * 3600 * 1000;

/// The first line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub recording: u32,
    /// When it began, as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<DateTime<Utc>>,
    /// What it was made from, if it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Meant to be shown again and again.
    #[serde(default, rename = "loop", skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
}

/// Each further line: one picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the start.
    pub ms: u64,
    #[serde(flatten)]
    pub place: Place,
}

/// Where a picture lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// A file beside the index.
    File { file: String },
    /// A part of the motion-JPEG file, in bytes.
    Part { offset: u64, bytes: u64 },
}

impl Entry {
    pub fn at(&self) -> Duration {
        Duration::from_millis(self.ms)
    }
}

/// The motion-JPEG file's index: its name and `.jsonl`.
pub fn beside(motion: &Path) -> PathBuf {
    let mut path = motion.as_os_str().to_owned();
    path.push(".jsonl");
    path.into()
}

/// An index being read, line by line.
pub struct Lines {
    reader: BufReader<File>,
    path: PathBuf,
    line: usize,
}

impl Lines {
    /// # Errors
    /// `BadIndex` when the first line is not a header of [`VERSION`], `Unreadable`.
    pub fn open(path: &Path) -> Result<(Header, Self), CameraFault> {
        let unreadable =
            |error: io::Error| CameraFault::Unreadable { path: path.to_owned(), problem: error.to_string() };
        let file = File::open(path).map_err(unreadable)?;
        let mut lines = Self { reader: BufReader::new(file), path: path.to_owned(), line: 0 };
        let header = match lines.next_as::<Header>() {
            Some(header) => header?,
            None => return Err(lines.bad("it is empty")),
        };
        match header.recording {
            VERSION => Ok((header, lines)),
            other => Err(lines.bad(&format!("version {other}, and this kiosk knows {VERSION}"))),
        }
    }

    /// The next picture and its line; `None` at the end, and where a recording was cut off within a line.
    pub fn entry(&mut self) -> Option<Result<(Entry, usize), CameraFault>> {
        let entry = self.next_as::<Entry>()?;
        Some(entry.and_then(|entry| match self.problem(&entry) {
            Some(problem) => Err(self.bad(problem)),
            None => Ok((entry, self.line)),
        }))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn problem(&self, entry: &Entry) -> Option<&'static str> {
        if entry.ms > MS_MAX {
            return Some("more than a week");
        }
        match &entry.place {
            // Nothing outside the folder is ever opened.
            Place::File { file } if Path::new(file).file_name() != Some(file.as_ref()) => Some("not a plain file name"),
            _ => None,
        }
    }

    fn next_as<T: for<'a> Deserialize<'a>>(&mut self) -> Option<Result<T, CameraFault>> {
        let mut line = Vec::new();
        loop {
            line.clear();
            self.line += 1;
            match (&mut self.reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => break,
                Err(error) => {
                    let problem = error.to_string();
                    return Some(Err(CameraFault::Unreadable { path: self.path.clone(), problem }));
                }
            }
        }
        let whole = line.ends_with(b"\n");
        match serde_json::from_slice(&line) {
            Ok(value) => Some(Ok(value)),
            Err(_) if !whole && (line.len() as u64) < LINE_BYTES_MAX => None,
            Err(_) if !whole => {
                let skipped = self.reader.skip_until(b'\n').map_err(|error| error.to_string());
                Some(Err(self.bad(skipped.err().as_deref().unwrap_or("longer than a line may be"))))
            }
            Err(error) => Some(Err(self.bad(&error.to_string()))),
        }
    }

    fn bad(&self, problem: &str) -> CameraFault {
        CameraFault::BadIndex { path: self.path.clone(), line: self.line, problem: problem.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything an index yields: milliseconds, or the line that is wrong.
    fn read(text: &str) -> Vec<Result<u64, usize>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let line = |fault| match fault {
            CameraFault::BadIndex { line, .. } => line,
            other => panic!("{other}"),
        };
        match Lines::open(file.path()) {
            Err(fault) => vec![Err(line(fault))],
            Ok((_, mut lines)) => {
                std::iter::from_fn(|| lines.entry()).map(|next| next.map(|(e, _)| e.ms).map_err(line)).collect()
            }
        }
    }

    const HEAD: &str = "{\"recording\":1}\n";

    #[test]
    fn reads_files_and_parts() {
        let text = format!("{HEAD}{{\"ms\":0,\"file\":\"a.png\"}}\n\n{{\"ms\":40,\"offset\":3,\"bytes\":9}}\n");
        assert_eq!(read(&text), [Ok(0), Ok(40)]);
    }

    #[test]
    fn names_the_line_that_is_wrong_and_goes_on() {
        for bad in [
            "{\"ms\":1}",
            "{\"file\":\"a\"}",
            "{\"ms\":-1,\"file\":\"a\"}",
            "nonsense",
            "{\"ms\":9999999999,\"file\":\"a\"}",
        ] {
            assert_eq!(read(&format!("{HEAD}{bad}\n{{\"ms\":5,\"file\":\"a\"}}\n")), [Err(2), Ok(5)], "{bad}");
        }
        let long = "x".repeat(10_000);
        assert_eq!(read(&format!("{HEAD}{long}\n{{\"ms\":5,\"file\":\"a\"}}\n")), [Err(2), Ok(5)]);
    }

    #[test]
    fn never_leaves_the_folder() {
        for file in ["../a.png", "/etc/passwd", "a/b.png", "..", ".", ""] {
            assert_eq!(read(&format!("{HEAD}{{\"ms\":0,\"file\":\"{file}\"}}\n")), [Err(2)], "{file}");
        }
    }

    #[test]
    fn a_cut_last_line_is_the_end() {
        assert_eq!(read(&format!("{HEAD}{{\"ms\":0,\"file\":\"a\"}}\n{{\"ms\":5,\"fi")), [Ok(0)]);
        assert_eq!(read(&format!("{HEAD}{{\"ms\":0,\"file\":\"a\"}}")), [Ok(0)]);
    }

    #[test]
    fn refuses_another_version_or_none() {
        assert_eq!(read("{\"recording\":2}\n"), [Err(1)]);
        assert_eq!(read("{\"ms\":0,\"file\":\"a\"}\n"), [Err(1)]);
        assert_eq!(read(""), [Err(1)]);
    }

    #[test]
    fn headers_round_trip() {
        let text = r#"{"recording":1,"start":"2026-03-01T07:30:00+07:00","seed":7,"loop":true}"#;
        let header: Header = serde_json::from_str(text).unwrap();
        assert_eq!(
            serde_json::to_string(&header).unwrap(),
            r#"{"recording":1,"start":"2026-03-01T00:30:00Z","seed":7,"loop":true}"#
        );
    }
}
