//! Motion JPEG: one JPEG after the other, with nothing between.

use std::io::{self, BufRead, Read};

use crate::camera::luma::Damaged;
use crate::camera::picture::FILE_BYTES_MAX;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

/// Splits a stream into its JPEGs by their markers (ITU-T T.81, B.1.1), so that a thumbnail within one does not end it.
pub struct Split<R> {
    reader: R,
    /// A start marker was met where the picture before should have gone on.
    started: bool,
}

/// What ends a picture before its end marker.
enum Broken {
    Read(io::Error),
    Damaged(Damaged),
}

impl<R: BufRead> Split<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, started: false }
    }

    /// The next JPEG, whole; what is damaged is told once and then passed over. `None` at the end.
    ///
    /// # Errors
    /// When the stream cannot be read any further.
    pub fn jpeg(&mut self) -> io::Result<Option<Result<Vec<u8>, Damaged>>> {
        if !std::mem::take(&mut self.started) && !self.find_start()? {
            return Ok(None);
        }
        let mut jpeg = vec![0xFF, SOI];
        match self.rest(&mut jpeg) {
            Ok(()) => Ok(Some(Ok(jpeg))),
            Err(Broken::Damaged(damaged)) => Ok(Some(Err(damaged))),
            Err(Broken::Read(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Some(Err(Damaged::Cut))),
            Err(Broken::Read(error)) => Err(error),
        }
    }

    fn find_start(&mut self) -> io::Result<bool> {
        loop {
            if self.reader.skip_until(0xFF)? == 0 {
                return Ok(false);
            }
            // One or more 0xFF, then the marker.
            while let Some(byte) = self.peek()? {
                if byte == 0xFF {
                    self.reader.consume(1);
                    continue;
                }
                if byte == SOI {
                    self.reader.consume(1);
                    return Ok(true);
                }
                break;
            }
        }
    }

    /// Reads segment by segment up to the end marker.
    fn rest(&mut self, jpeg: &mut Vec<u8>) -> Result<(), Broken> {
        let mut marker = self.marker(jpeg)?;
        loop {
            match marker {
                EOI => return Ok(()),
                SOI => {
                    self.started = true;
                    return Err(Broken::Damaged(Damaged::Cut));
                }
                // Markers without a segment.
                0x01 | 0xD0..=0xD7 => marker = self.marker(jpeg)?,
                SOS => {
                    self.segment(jpeg)?;
                    marker = self.scan(jpeg)?;
                }
                _ => {
                    self.segment(jpeg)?;
                    marker = self.marker(jpeg)?;
                }
            }
        }
    }

    fn marker(&mut self, jpeg: &mut Vec<u8>) -> Result<u8, Broken> {
        if self.byte(jpeg)? != 0xFF {
            return Err(Broken::Damaged(Damaged::Undecodable("a marker is missing".to_owned())));
        }
        loop {
            match self.byte(jpeg)? {
                0xFF => {}
                marker => return Ok(marker),
            }
        }
    }

    fn segment(&mut self, jpeg: &mut Vec<u8>) -> Result<(), Broken> {
        let length = u16::from_be_bytes([self.byte(jpeg)?, self.byte(jpeg)?]);
        let body = u64::from(length.saturating_sub(2));
        let read = (&mut self.reader).take(body).read_to_end(jpeg).map_err(Broken::Read)?;
        match read as u64 == body {
            true => self.within_limit(jpeg),
            false => Err(Broken::Damaged(Damaged::Cut)),
        }
    }

    /// Reads the coded data of a scan, up to and with the marker that ends it.
    fn scan(&mut self, jpeg: &mut Vec<u8>) -> Result<u8, Broken> {
        loop {
            let left = FILE_BYTES_MAX.saturating_sub(jpeg.len() as u64);
            (&mut self.reader).take(left).read_until(0xFF, jpeg).map_err(Broken::Read)?;
            self.within_limit(jpeg)?;
            if jpeg.last() != Some(&0xFF) {
                return Err(Broken::Damaged(Damaged::Cut));
            }
            loop {
                match self.byte(jpeg)? {
                    0xFF => {}
                    // A stuffed zero, or a restart within the scan.
                    0x00 | 0xD0..=0xD7 => break,
                    marker => return Ok(marker),
                }
            }
        }
    }

    fn within_limit(&self, jpeg: &[u8]) -> Result<(), Broken> {
        match (jpeg.len() as u64) < FILE_BYTES_MAX {
            true => Ok(()),
            false => Err(Broken::Damaged(Damaged::Undecodable(format!("more than {FILE_BYTES_MAX} bytes")))),
        }
    }

    fn byte(&mut self, jpeg: &mut Vec<u8>) -> Result<u8, Broken> {
        let byte = self.peek().map_err(Broken::Read)?.ok_or(Broken::Damaged(Damaged::Cut))?;
        self.reader.consume(1);
        jpeg.push(byte);
        Ok(byte)
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.reader.fill_buf()?.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG's markers with `coded` as its scan, and an application segment that holds an end marker.
    fn jpeg(coded: &[u8]) -> Vec<u8> {
        [&[0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9, 0xFF, 0xDA, 0, 3, 7][..], coded, &[0xFF, 0xD9]]
            .concat()
    }

    fn split(stream: &[u8]) -> Vec<Result<Vec<u8>, Damaged>> {
        let mut split = Split::new(io::BufReader::with_capacity(3, stream));
        std::iter::from_fn(|| split.jpeg().unwrap()).collect()
    }

    #[test]
    fn splits_at_the_end_marker_of_the_picture_itself() {
        let (a, b) = (jpeg(&[1, 2, 3, 0xFF, 0, 4, 0xFF, 0xD0, 5]), jpeg(&[6]));
        assert_eq!(split(&[&a[..], &b[..]].concat()), [Ok(a.clone()), Ok(b.clone())]);
        // Anything between them is passed over.
        assert_eq!(
            split(&[&b"--boundary\r\n"[..], &a[..], &[0, 0xFF, 0xFF], &b[..], &[0xFF]].concat()),
            [Ok(a), Ok(b)]
        );
    }

    #[test]
    fn a_cut_picture_does_not_cost_the_next() {
        let (cut, whole) = (jpeg(&[1, 2, 3]), jpeg(&[4]));
        let stream = [&cut[..cut.len() - 2], &whole[..]].concat();
        assert_eq!(split(&stream), [Err(Damaged::Cut), Ok(whole.clone())]);
        let stream = [&whole[..], &cut[..cut.len() - 1]].concat();
        assert_eq!(split(&stream), [Ok(whole), Err(Damaged::Cut)]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(split(&[]), []);
        assert_eq!(split(b"no pictures here"), []);
        assert_eq!(split(&[0xFF; 100]), []);
    }

    #[test]
    fn every_prefix_ends() {
        let stream = [jpeg(&[1, 0xFF, 0, 2]), jpeg(&[3])].concat();
        for end in 0..stream.len() {
            assert!(split(&stream[..end]).len() <= 2);
        }
    }
}
