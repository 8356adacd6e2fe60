//! A recording played as if it were a camera.
//!
//! The format is described in `docs/recording.md`: a folder of PNG or JPEG pictures, or one motion-JPEG file, each with
//! or without an index that says when every picture was taken.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::Frames;
use super::fault::CameraFault;
use super::luma::Gray;
use super::mode::Mode;
use super::picture;
use crate::frame::Frame;

pub mod index;
pub mod motion;
mod reel;

use index::Header;
use reel::{Piece, Reel};

/// Pictures a second of a recording that does not say when they were taken.
pub const FPS_ASSUMED: u32 = 10;

/// What to play, and how.
#[derive(Clone, Debug)]
pub struct RecordingSettings {
    /// A folder, a `.mjpeg` file, or one picture.
    pub path: PathBuf,
    pub pace: Pace,
    pub repeat: Repeat,
    /// Pictures a second where there is no index.
    pub fps_assumed: u32,
}

impl RecordingSettings {
    /// As it was recorded, in real time.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), pace: Pace::RealTime, repeat: Repeat::AsRecorded, fps_assumed: FPS_ASSUMED }
    }
}

/// When the next picture comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// When it was taken, counted from the first.
    RealTime,
    /// At once: for replays and tests.
    AsFastAsPossible,
}

/// What comes after the last picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    Once,
    /// The first again, for ever. Its calendar begins again too, so that what it shows never goes out of date.
    Forever,
    /// What the index says; once without one.
    AsRecorded,
}

/// An open recording. It holds one picture at a time, however long it is.
pub struct Recording {
    settings: RecordingSettings,
    header: Header,
    reel: Reel,
    /// Picture read and not yet due.
    pending: Option<Due>,
    /// The moment of `at` zero, once the first picture was asked for.
    zero: Option<Instant>,
    /// `at` of the first picture of this pass.
    pass_began: Duration,
    /// Time since the recording's start of the picture read last in this pass, and how many came before.
    read_at: Duration,
    read: u32,
    step: Duration,
    shown: u64,
    shown_in_pass: u64,
    ended: bool,
}

/// A picture and its time since the recording's start.
struct Due {
    at: Duration,
    name: PathBuf,
    bytes: Vec<u8>,
}

impl Recording {
    /// # Errors
    /// `NoRecording`, `EmptyRecording` for a folder without pictures, `BadIndex` for an index without its first line,
    /// `Unreadable`.
    pub fn open(settings: &RecordingSettings) -> Result<Self, CameraFault> {
        let (header, reel) = Reel::open(&settings.path)?;
        let step = Duration::from_secs(1) / settings.fps_assumed.clamp(1, 1000);
        Ok(Self {
            settings: settings.clone(),
            header,
            reel,
            pending: None,
            zero: None,
            pass_began: Duration::ZERO,
            read_at: Duration::ZERO,
            read: 0,
            step,
            shown: 0,
            shown_in_pass: 0,
            ended: false,
        })
    }

    /// When it began, by its own calendar.
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.header.start
    }

    /// The seed it was made from, if it was made and not filmed.
    pub fn seed(&self) -> Option<u64> {
        self.header.seed
    }

    /// The next picture's bytes, going on to the next pass where there is one.
    fn read(&mut self) -> Result<Due, CameraFault> {
        loop {
            if self.ended {
                return Err(CameraFault::EndOfRecording);
            }
            match self.reel.next() {
                Some(piece) => return self.due(piece?),
                None if self.shown_in_pass == 0 => {
                    self.ended = true;
                    return Err(CameraFault::EmptyRecording { path: self.settings.path.clone() });
                }
                None => self.turn_back()?,
            }
        }
    }

    fn due(&mut self, piece: Piece) -> Result<Due, CameraFault> {
        let at = piece.at.unwrap_or_else(|| self.step * self.read);
        if at < self.read_at {
            let problem = format!("{} ms comes after {} ms", at.as_millis(), self.read_at.as_millis());
            return Err(CameraFault::BadIndex { path: self.reel.index_path(), line: piece.line, problem });
        }
        if self.read > 0 {
            self.step = if piece.at.is_some() { at - self.read_at } else { self.step };
        }
        self.read += 1;
        self.read_at = at;
        Ok(Due { at, name: piece.name, bytes: piece.bytes })
    }

    /// The last picture was read: begin again, or end.
    fn turn_back(&mut self) -> Result<(), CameraFault> {
        let forever = match self.settings.repeat {
            Repeat::Once => false,
            Repeat::Forever => true,
            Repeat::AsRecorded => self.header.repeat,
        };
        if !forever {
            self.ended = true;
            return Ok(());
        }
        (self.header, self.reel) = Reel::open(&self.settings.path)?;
        self.pass_began += self.read_at + self.step.max(Duration::from_millis(1));
        (self.read_at, self.read, self.shown_in_pass) = (Duration::ZERO, 0, 0);
        Ok(())
    }

    /// Waits until `due`, or `deadline` if that is earlier; whether it is due now.
    fn wait(&mut self, due: Duration, deadline: Instant) -> bool {
        /// After a pause of the whole machine, go on from here rather than hurry after the clock.
        const LATE_MAX: Duration = Duration::from_secs(1);
        let now = Instant::now();
        let zero = *self.zero.get_or_insert_with(|| now.checked_sub(due).unwrap_or(now));
        let moment = zero + due;
        if now.saturating_duration_since(moment) > LATE_MAX {
            self.zero = now.checked_sub(due);
        }
        thread::sleep(moment.min(deadline).saturating_duration_since(now));
        moment <= deadline
    }
}

impl Frames for Recording {
    fn next(&mut self, deadline: Instant) -> Result<Option<Frame>, CameraFault> {
        let due = match self.pending.take() {
            Some(due) => due,
            None => self.read()?,
        };
        let at = self.pass_began + due.at;
        if self.settings.pace == Pace::RealTime && !self.wait(at, deadline) {
            self.pending = Some(due);
            return Ok(None);
        }
        let bad = |problem: String| CameraFault::BadPicture { path: due.name.clone(), problem };
        let Gray { luma, width, height } = picture::decode(&due.bytes).map_err(|damaged| bad(damaged.to_string()))?;
        let mut frame = Frame::new(luma, width, height, self.shown, at);
        if let Some(frame) = &mut frame {
            let since_start = TimeDelta::from_std(due.at).ok();
            frame.recorded_at = self.header.start.zip(since_start).and_then(|(start, at)| start.checked_add_signed(at));
        }
        self.shown += 1;
        self.shown_in_pass += 1;
        Ok(frame)
    }

    fn mode(&self) -> Option<Mode> {
        None
    }
}
