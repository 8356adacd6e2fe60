//! The search: every form in which a name, a number or a code's text may lie in memory or on a disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};

use super::visitors::{name_mark, number_mark};

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// Characters of each code's text that are looked for, from its middle.
const SLICE_CHARS: usize = 24;

/// What was found: how often each form, and an example of where.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Form, and how often.
    pub forms: BTreeMap<&'static str, u64>,
    /// The first few: form, and where.
    pub examples: Vec<String>,
    /// Bytes that were searched.
    pub searched: u64,
}

impl Traces {
    /// How many in all.
    pub fn count(&self) -> u64 {
        self.forms.values().sum()
    }

    fn add(&mut self, form: &'static str, place: String) {
        *self.forms.entry(form).or_default() += 1;
        if self.examples.len() < 12 {
            self.examples.push(format!("{form} at {place}"));
        }
    }
}

/// Looks for all forms at once.
pub struct Search {
    patterns: AhoCorasick,
    forms: Vec<&'static str>,
    longest: usize,
}

impl Search {
    /// For the visitors' names and numbers, for the texts of their codes, and for pixels of pictures of them: as the camera gives
    /// them, and as the window gives them to the graphics.
    ///
    /// # Errors
    /// Too many texts.
    pub fn new(texts: &[String], pixels: &[Vec<u8>]) -> Result<Self, aho_corasick::BuildError> {
        let mut patterns: Vec<(&'static str, Vec<u8>)> = Vec::new();
        let name = name_mark();
        for mark in [name.to_uppercase(), name.to_lowercase(), name, number_mark()] {
            let bytes = mark.as_bytes();
            patterns.push(("as text", bytes.to_vec()));
            patterns.push(("in UTF-16", mark.encode_utf16().flat_map(u16::to_le_bytes).collect()));
            patterns.push(("in UTF-32", mark.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()));
            patterns.push(("four bits aside, as in a QR code", nibbles_aside(bytes)));
            for shift in 0..3 {
                let shifted = [vec![0; shift], bytes.to_vec()].concat();
                // Without what the bytes before and after it have a part in.
                let whole = |text: String| {
                    let from = (shift * 8).div_ceil(6);
                    let to = (shift + bytes.len()) * 8 / 6;
                    text.as_bytes()[from..to].to_vec()
                };
                patterns.push(("in base64", whole(BASE64_STANDARD.encode(&shifted))));
                patterns.push(("in base64url", whole(BASE64_URL_SAFE_NO_PAD.encode(&shifted))));
            }
        }
        for text in texts {
            let middle = text.len() / 2;
            let slice = text.as_bytes().get(middle - middle.min(SLICE_CHARS / 2)..).unwrap_or_default();
            let slice = &slice[..slice.len().min(SLICE_CHARS)];
            patterns.push(("a code's text", slice.to_vec()));
            patterns.push(("a code's text, four bits aside", nibbles_aside(slice)));
        }
        for pixels in pixels {
            patterns.push(("a code's pixels", pixels.clone()));
            // Red, green, blue and what covers: gray is as much of each. A part is as unique as the whole.
            let drawn = pixels[..pixels.len() / 2].iter().flat_map(|gray| [*gray, *gray, *gray, 255]).collect();
            patterns.push(("a code's pixels, as drawn", drawn));
        }
        let longest = patterns.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
        let built =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns.iter().map(|(_, bytes)| bytes))?;
        Ok(Self { patterns: built, forms: patterns.iter().map(|(form, _)| *form).collect(), longest })
    }

    /// Searches some bytes.
    pub fn bytes(&self, bytes: &[u8], traces: &mut Traces, place: impl Fn(usize) -> String) {
        traces.searched += bytes.len() as u64;
        for found in self.patterns.find_overlapping_iter(bytes) {
            traces.add(self.forms[found.pattern().as_usize()], place(found.start()));
        }
    }

    /// Searches every file below a folder: names too, and files that were removed are not there.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn folder(&self, folder: &Path, traces: &mut Traces) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            self.bytes(path.to_string_lossy().as_bytes(), traces, |_| format!("the name of {}", path.display()));
            if path.is_dir() && !path.is_symlink() {
                self.folder(&path, traces)?;
            } else if path.is_file() {
                self.bytes(&fs::read(&path)?, traces, |at| format!("{}, byte {at}", path.display()));
            }
        }
        Ok(())
    }

    /// Searches everything that a process can read of its own memory.
    ///
    /// # Errors
    /// Nobody may look: being root helps.
    pub fn process(&self, id: u32, traces: &mut Traces) -> io::Result<()> {
        let maps = fs::read_to_string(format!("/proc/{id}/maps"))?;
        let memory = File::open(format!("/proc/{id}/mem"))?;
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (Some(range), Some(rights)) = (words.next(), words.next()) else { continue };
            let what = words.nth(3).unwrap_or("(no name)");
            let range = range
                .split_once('-')
                .and_then(|(from, to)| Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?)));
            let Some((from, to)) = range else { continue };
            if !rights.starts_with('r') || what.starts_with("[v") {
                continue;
            }
            let mut at = from;
            let mut buffer = vec![0; CHUNK_BYTES + self.longest];
            while at < to {
                let wanted = buffer.len().min((to - at) as usize);
                // Pages of devices cannot be read.
                let Ok(read) = memory.read_at(&mut buffer[..wanted], at) else { break };
                if read == 0 {
                    break;
                }
                let part = &buffer[..read];
                traces.searched += read.min(CHUNK_BYTES) as u64;
                for found in self.patterns.find_overlapping_iter(part).filter(|found| found.start() < CHUNK_BYTES) {
                    let place = format!("{what}, {:#x}: {}", at + found.start() as u64, around(part, found.start()));
                    traces.add(self.forms[found.pattern().as_usize()], place);
                }
                at += read.min(CHUNK_BYTES) as u64;
            }
        }
        Ok(())
    }
}

/// What stands around a trace, for whoever looks for its source. These people are invented.
fn around(bytes: &[u8], at: usize) -> String {
    let part = &bytes[at.saturating_sub(24)..(at + 56).min(bytes.len())];
    part.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }).collect()
}

/// The bytes as they lie in a QR code's data: after four bits of the mode. Without the first and the last half byte.
fn nibbles_aside(bytes: &[u8]) -> Vec<u8> {
    bytes.windows(2).map(|pair| pair[0] << 4 | pair[1] >> 4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_form_and_nothing_else() {
        let text = "999185700001||Trần Thị Zqxkwjvqpaaaa|12041985|Nữ|Số 5, Hà Nội|01062021".to_owned();
        let search = Search::new(std::slice::from_ref(&text), &[vec![0, 0, 9, 9, 9, 0, 9, 0]]).unwrap();
        let count = |bytes: &[u8]| {
            let mut traces = Traces::default();
            search.bytes(bytes, &mut traces, |at| at.to_string());
            traces.forms.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(count(text.as_bytes()), ["a code's text", "as text"]);
        assert_eq!(count(b"TRAN<<THI<ZQXKWJVQPAAAA"), ["as text"]);
        assert_eq!(
            count(&nibbles_aside(text.as_bytes())),
            ["a code's text, four bits aside", "four bits aside, as in a QR code"]
        );
        let utf32: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(count(&utf32), ["in UTF-32"]);
        for shift in 0..3 {
            let json = format!("{}{{\"nam\":\"Trần Thị Zqxkwjvqpaaaa\"}}", " ".repeat(shift));
            assert_eq!(count(BASE64_URL_SAFE_NO_PAD.encode(json).as_bytes()), ["in base64", "in base64url"]);
        }
        assert!(count("Trần Thị Bưởi 001093029317".as_bytes()).is_empty());
        assert_eq!(count(&[7, 0, 0, 9, 9, 9, 0, 9, 0, 0]), ["a code's pixels"]);
        let drawn = [[0, 0, 0, 255], [0, 0, 0, 255], [9, 9, 9, 255], [9, 9, 9, 255]].concat();
        assert_eq!(count(&drawn), ["a code's pixels, as drawn"]);
    }
}
