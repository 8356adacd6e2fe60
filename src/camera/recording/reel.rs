//! One pass through a recording's bytes, whichever of its forms it has.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::vec;

use super::index::{self, Header, Lines, Place};
use super::motion::Split;
use crate::camera::fault::CameraFault;
use crate::camera::picture::{self, FILE_BYTES_MAX};

/// Most pictures of a folder without an index: their names are held to be sorted.
const NAMES_MAX: usize = 200_000;

pub(super) enum Reel {
    /// Pictures of a folder, in the order of their names.
    Names { folder: PathBuf, names: vec::IntoIter<String> },
    /// Pictures of a folder, as its index says.
    Folder { folder: PathBuf, lines: Lines },
    /// A motion-JPEG file from its beginning to its end.
    Motion { path: PathBuf, split: Split<BufReader<File>>, count: usize },
    /// A motion-JPEG file, as its index says.
    Parts { path: PathBuf, file: File, lines: Lines },
}

/// The bytes of one picture.
pub(super) struct Piece {
    /// Since the recording's start, if the recording says.
    pub at: Option<Duration>,
    /// Line of the index.
    pub line: usize,
    /// What to call it when it turns out to be bad.
    pub name: PathBuf,
    pub bytes: Vec<u8>,
}

impl Reel {
    pub fn open(path: &Path) -> Result<(Header, Self), CameraFault> {
        let about = fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CameraFault::NoRecording { path: path.to_owned() },
            _ => unreadable(path, &error),
        })?;
        if about.is_dir() { open_folder(path) } else { open_file(path) }
    }

    /// The next picture, or what is wrong with it; `None` at the end.
    pub fn next(&mut self) -> Option<Result<Piece, CameraFault>> {
        match self {
            Self::Names { folder, names } => {
                let name = folder.join(names.next()?);
                Some(picture::read_bytes(&name).map(|bytes| Piece { at: None, line: 0, name, bytes }))
            }
            Self::Folder { folder, lines } => Some(lines.entry()?.and_then(|(entry, line)| match &entry.place {
                Place::File { file } => {
                    let name = folder.join(file);
                    Ok(Piece { at: Some(entry.at()), line, bytes: picture::read_bytes(&name)?, name })
                }
                Place::Part { .. } => Err(misplaced(lines, line, "`file` is missing")),
            })),
            Self::Motion { path, split, count } => {
                let name = numbered(path, *count);
                *count += 1;
                let bad = |damaged: String| CameraFault::BadPicture { path: name.clone(), problem: damaged };
                match split.jpeg() {
                    Ok(None) => None,
                    Ok(Some(Ok(bytes))) => Some(Ok(Piece { at: None, line: 0, name, bytes })),
                    Ok(Some(Err(damaged))) => Some(Err(bad(damaged.to_string()))),
                    Err(error) => Some(Err(unreadable(path, &error))),
                }
            }
            Self::Parts { path, file, lines } => Some(lines.entry()?.and_then(|(entry, line)| match entry.place {
                Place::Part { offset, bytes } => {
                    let name = numbered(path, line.saturating_sub(2));
                    let bad =
                        |error: io::Error| CameraFault::BadPicture { path: name.clone(), problem: error.to_string() };
                    let bytes = part(file, offset, bytes).map_err(bad)?;
                    Ok(Piece { at: Some(entry.at()), line, name, bytes })
                }
                Place::File { .. } => Err(misplaced(lines, line, "`offset` and `bytes` are missing")),
            })),
        }
    }

    /// The index, or the recording itself where there is none.
    pub fn index_path(&self) -> PathBuf {
        match self {
            Self::Names { folder, .. } => folder.clone(),
            Self::Motion { path, .. } => path.clone(),
            Self::Folder { lines, .. } | Self::Parts { lines, .. } => lines.path().to_owned(),
        }
    }
}

fn open_folder(folder: &Path) -> Result<(Header, Reel), CameraFault> {
    let index = folder.join(index::FOLDER_INDEX);
    if index.exists() {
        let (header, lines) = Lines::open(&index)?;
        return Ok((header, Reel::Folder { folder: folder.to_owned(), lines }));
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let name = entry.map_err(|error| unreadable(folder, &error))?.file_name();
        names.extend(name.into_string().ok().filter(|name| is_picture(Path::new(name))));
        if names.len() > NAMES_MAX {
            let problem = format!("more than {NAMES_MAX} pictures and no {}", index::FOLDER_INDEX);
            return Err(CameraFault::Unreadable { path: folder.to_owned(), problem });
        }
    }
    if names.is_empty() {
        return Err(CameraFault::EmptyRecording { path: folder.to_owned() });
    }
    names.sort();
    Ok((Header::default(), Reel::Names { folder: folder.to_owned(), names: names.into_iter() }))
}

fn open_file(path: &Path) -> Result<(Header, Reel), CameraFault> {
    if is_picture(path) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let names: Vec<String> = name.into_iter().collect();
        return Ok((Header::default(), Reel::Names { folder, names: names.into_iter() }));
    }
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut start = [0; 2];
    if file.read_exact(&mut start).is_err() || start != [0xFF, 0xD8] {
        return Err(CameraFault::NoRecording { path: path.to_owned() });
    }
    file.rewind().map_err(|error| unreadable(path, &error))?;
    let index = index::beside(path);
    if index.exists() {
        let (header, lines) = Lines::open(&index)?;
        return Ok((header, Reel::Parts { path: path.to_owned(), file, lines }));
    }
    let split = Split::new(BufReader::with_capacity(64 * 1024, file));
    Ok((Header::default(), Reel::Motion { path: path.to_owned(), split, count: 0 }))
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["png", "jpg", "jpeg"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn part(file: &mut File, offset: u64, bytes: u64) -> io::Result<Vec<u8>> {
    if bytes > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("more than {FILE_BYTES_MAX} bytes")));
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut part = Vec::new();
    file.take(bytes).read_to_end(&mut part)?;
    match part.len() as u64 == bytes {
        true => Ok(part),
        false => Err(io::Error::other("the file ends before it")),
    }
}

/// A picture within a file: `visit.mjpeg#3`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    PathBuf::from(format!("{}#{number}", path.display()))
}

fn misplaced(lines: &Lines, line: usize, problem: &str) -> CameraFault {
    CameraFault::BadIndex { path: lines.path().to_owned(), line, problem: problem.to_owned() }
}

fn unreadable(path: &Path, error: &io::Error) -> CameraFault {
    CameraFault::Unreadable { path: path.to_owned(), problem: error.to_string() }
}
