//! Keeps what the camera sees, in the format that `recording` plays.
//!
//! Pictures of cards and faces are sensitive, so this is off unless somebody switches it on, has a limit in minutes
//! and in bytes, leaves room on the disk for the journal, and writes files that only the kiosk's user can read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::recording::index::{self, Entry, Header, Place};
use super::slot::{Slot, Taken};
use crate::frame::Frame;

/// Whether, where and how much to record.
#[derive(Clone, Debug)]
pub struct RecorderSettings {
    /// The folder in which each recording gets a place of its own, named by its start. It must exist.
    pub into: PathBuf,
    pub form: Form,
    /// Longest recording.
    pub minutes_max: u32,
    /// Largest recording, in bytes.
    pub bytes_max: u64,
    /// Bytes to leave free on the disk: the journal needs them more.
    pub free_bytes_min: u64,
    /// Most pictures a second; the rest are left out.
    pub fps_max: u32,
}

impl RecorderSettings {
    /// Ten minutes or 1 GiB of JPEG at five pictures a second, leaving 1 GiB free.
    pub fn new(into: impl Into<PathBuf>) -> Self {
        Self {
            into: into.into(),
            form: Form::MotionJpeg { quality: 85 },
            minutes_max: 10,
            bytes_max: 1 << 30,
            free_bytes_min: 1 << 30,
            fps_max: 5,
        }
    }
}

/// How pictures are kept. `quality` is 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A folder of PNG: exactly what was seen.
    Png,
    /// A folder of JPEG.
    Jpeg { quality: u8 },
    /// One file of JPEGs.
    MotionJpeg { quality: u8 },
}

/// Why a recording ended. What was written until then can be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecorderFault {
    #[error("the recording has reached its {minutes_max} minutes: start another if more is needed")]
    TimeLimit { minutes_max: u32 },
    #[error("the recording has reached its {bytes_max} bytes: start another if more is needed")]
    SizeLimit { bytes_max: u64 },
    #[error("the disk under {} is full: make room, then start another recording", .path.display())]
    DiskFull { path: PathBuf },
    #[error("cannot write the recording {} ({problem}): check that the disk is there and may be written", .path.display())]
    NotWritable { path: PathBuf, problem: String },
}

impl RecorderFault {
    fn of(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::NotWritable { path, problem: error.to_string() },
        }
    }
}

/// Writes one recording, picture by picture.
pub struct RecordingWriter {
    path: PathBuf,
    form: Form,
    index: File,
    /// The one file of motion JPEG.
    motion: Option<File>,
    pictures: u64,
    bytes: u64,
}

impl RecordingWriter {
    /// Begins a recording at `path`: a folder for [`Form::Png`] and [`Form::Jpeg`], a file for [`Form::MotionJpeg`].
    /// It must not exist. `header.recording` is set here.
    ///
    /// # Errors
    /// `DiskFull`, `NotWritable`.
    pub fn create(path: &Path, form: Form, header: Header) -> Result<Self, RecorderFault> {
        let fault = |error: io::Error| RecorderFault::of(path, &error);
        match form {
            Form::Png | Form::Jpeg { .. } => {
                DirBuilder::new().mode(0o700).create(path).map_err(fault)?;
                let index = create_private(&path.join(index::FOLDER_INDEX)).map_err(fault)?;
                Self::begin(path, form, header, index, None)
            }
            Form::MotionJpeg { .. } => {
                let motion = create_private(path).map_err(fault)?;
                let index = create_private(&index::beside(path)).map_err(fault)?;
                Self::begin(path, form, header, index, Some(motion))
            }
        }
    }

    fn begin(
        path: &Path,
        form: Form,
        header: Header,
        mut index: File,
        motion: Option<File>,
    ) -> Result<Self, RecorderFault> {
        let header = Header { recording: index::VERSION, ..header };
        let bytes = write_line(&mut index, &header).map_err(|error| RecorderFault::of(path, &error))?;
        Ok(Self { path: path.to_owned(), form, index, motion, pictures: 0, bytes })
    }

    /// Adds a picture that was taken `at` since the recording's start; never earlier than the one before.
    ///
    /// # Errors
    /// `DiskFull`, `NotWritable`. What was written before stays whole, and this picture leaves nothing behind.
    pub fn add(&mut self, frame: &Frame, at: Duration) -> Result<(), RecorderFault> {
        let fault = |error: io::Error| RecorderFault::of(&self.path, &error);
        let picture = encode(frame, self.form).map_err(fault)?;
        let ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let place = match &mut self.motion {
            Some(motion) => {
                let offset = append(motion, &picture).map_err(fault)?;
                Place::Part { offset, bytes: picture.len() as u64 }
            }
            None => {
                let extension = if self.form == Form::Png { "png" } else { "jpg" };
                let file = format!("{:06}.{extension}", self.pictures);
                write_whole(&self.path.join(&file), &picture).map_err(fault)?;
                Place::File { file }
            }
        };
        let line = write_line(&mut self.index, &Entry { ms, place }).map_err(fault)?;
        self.bytes += picture.len() as u64 + line;
        self.pictures += 1;
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Pictures written.
    pub fn pictures(&self) -> u64 {
        self.pictures
    }

    /// Bytes written, index included.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes sure that everything is on the disk.
    ///
    /// # Errors
    /// `DiskFull`, `NotWritable`.
    pub fn finish(self) -> Result<(), RecorderFault> {
        let synced = self.motion.as_ref().map_or(Ok(()), File::sync_all).and_then(|()| self.index.sync_all());
        synced.map_err(|error| RecorderFault::of(&self.path, &error))
    }
}

/// How a recording is going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecorderState {
    /// No picture has come yet.
    Waiting,
    Recording {
        path: PathBuf,
        pictures: u64,
        bytes: u64,
    },
    /// It is over; `why` unless it was told to stop.
    Ended {
        path: Option<PathBuf>,
        pictures: u64,
        why: Option<RecorderFault>,
    },
}

/// A thread that writes pictures as they are offered. A slow disk loses pictures of the recording, nothing else.
pub struct Recorder {
    slot: Arc<Slot<Frame>>,
    state: Arc<Mutex<RecorderState>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    pub fn start(settings: RecorderSettings) -> Self {
        let slot = Arc::new(Slot::new());
        let state = Arc::new(Mutex::new(RecorderState::Waiting));
        let thread = thread::Builder::new().name("recorder".to_owned()).spawn({
            let (slot, state) = (slot.clone(), state.clone());
            move || record(&settings, &slot, &state)
        });
        if let Err(error) = &thread {
            let fault = RecorderFault::NotWritable { path: PathBuf::new(), problem: error.to_string() };
            *lock(&state) = RecorderState::Ended { path: None, pictures: 0, why: Some(fault) };
        }
        Self { slot, state, thread: thread.ok() }
    }

    /// Offers a picture; never waits.
    pub fn offer(&self, frame: &Frame) {
        self.slot.put(frame.clone());
    }

    pub fn state(&self) -> RecorderState {
        lock(&self.state).clone()
    }

    /// Writes what was offered, closes the recording, and says how it ended.
    pub fn stop(mut self) -> RecorderState {
        self.join();
        self.state()
    }

    fn join(&mut self) {
        self.slot.close();
        if let Some(thread) = self.thread.take() {
            // A panic there has left its state as it was; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.join();
    }
}

fn record(settings: &RecorderSettings, slot: &Slot<Frame>, state: &Mutex<RecorderState>) {
    let mut writer = None;
    let why = record_until(settings, slot, state, &mut writer).err();
    let (path, pictures) = writer.as_ref().map_or((None, 0), |writer| (Some(writer.path.clone()), writer.pictures));
    let finished = writer.map_or(Ok(()), RecordingWriter::finish).err();
    *lock(state) = RecorderState::Ended { path, pictures, why: why.or(finished) };
}

/// Records until the slot is closed or something ends it; what is written is left in `writer`.
fn record_until(
    settings: &RecorderSettings,
    slot: &Slot<Frame>,
    state: &Mutex<RecorderState>,
    writer: &mut Option<RecordingWriter>,
) -> Result<(), RecorderFault> {
    const LOOK_UP: Duration = Duration::from_secs(1);
    let step = Duration::from_secs(1) / settings.fps_max.max(1);
    let length_max = Duration::from_secs(60) * settings.minutes_max;
    let mut began = Duration::ZERO;
    let mut next = Duration::ZERO;
    loop {
        let frame = match slot.take(LOOK_UP) {
            Taken::New(frame) => frame,
            Taken::TimedOut => continue,
            Taken::Closed => return Ok(()),
        };
        let writer = match writer {
            Some(writer) => writer,
            None => {
                (began, next) = (frame.at, frame.at);
                writer.insert(create_named(settings, frame.recorded_at.unwrap_or_else(Utc::now))?)
            }
        };
        if frame.at < next {
            continue;
        }
        // Counted from when it was due, so that the rate does not drift down to the next divisor of the camera's.
        next = (next + step).max(frame.at.saturating_sub(step));

        let since = frame.at.saturating_sub(began);
        if since >= length_max {
            return Err(RecorderFault::TimeLimit { minutes_max: settings.minutes_max });
        }
        if writer.bytes() >= settings.bytes_max {
            return Err(RecorderFault::SizeLimit { bytes_max: settings.bytes_max });
        }
        if free_bytes(&settings.into).is_some_and(|free| free < settings.free_bytes_min) {
            return Err(RecorderFault::DiskFull { path: settings.into.clone() });
        }
        writer.add(&frame, since)?;
        let (path, pictures, bytes) = (writer.path.clone(), writer.pictures, writer.bytes);
        *lock(state) = RecorderState::Recording { path, pictures, bytes };
    }
}

fn create_named(settings: &RecorderSettings, start: DateTime<Utc>) -> Result<RecordingWriter, RecorderFault> {
    let name = start.format("recording-%Y%m%dT%H%M%S%.3fZ").to_string();
    let extension = if matches!(settings.form, Form::MotionJpeg { .. }) { ".mjpeg" } else { "" };
    let path = settings.into.join(name + extension);
    RecordingWriter::create(&path, settings.form, Header { start: Some(start), ..Header::default() })
}

/// Bytes that a user may still write; `None` when the system does not say.
fn free_bytes(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    about.f_bavail.checked_mul(about.f_frsize)
}

fn encode(frame: &Frame, form: Form) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = (frame.width as u32, frame.height as u32);
    let encoded = match form {
        // A camera's noise hardly compresses; the fast way keeps up with it.
        Form::Png => PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up).write_image(
            &frame.luma,
            width,
            height,
            ExtendedColorType::L8,
        ),
        Form::Jpeg { quality } | Form::MotionJpeg { quality } => JpegEncoder::new_with_quality(
            &mut bytes,
            quality.clamp(1, 100),
        )
        .write_image(&frame.luma, width, height, ExtendedColorType::L8),
    };
    match encoded {
        Ok(()) => Ok(bytes),
        Err(ImageError::IoError(error)) => Err(error),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// A new file that only its owner can read.
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Writes a new file, or none.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = create_private(path)?.write_all(bytes);
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(path);
    }
    written
}

/// Appends, or leaves the file as long as it was; the offset of what was appended.
fn append(file: &mut File, bytes: &[u8]) -> io::Result<u64> {
    let offset = io::Seek::stream_position(file)?;
    if let Err(error) = file.write_all(bytes) {
        let _ = file.set_len(offset);
        return Err(error);
    }
    Ok(offset)
}

fn write_line(file: &mut File, line: &impl serde::Serialize) -> io::Result<u64> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    append(file, &text)?;
    Ok(text.len() as u64)
}

fn lock(state: &Mutex<RecorderState>) -> std::sync::MutexGuard<'_, RecorderState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{CameraFault, Frames, Pace, Recording, RecordingSettings, Repeat};
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    fn frame(number: u64) -> Frame {
        let gray = |i: usize| (i * 7 + i / 64 * 13 + number as usize * 40) as u8;
        let luma: Vec<u8> = (0..64 * 48).map(|i| gray(i) / 3 + 80).collect();
        Frame::new(luma, 64, 48, number, Duration::from_millis(number * 125)).unwrap()
    }

    fn start() -> DateTime<Utc> {
        "2026-03-01T07:30:00+07:00".parse().unwrap()
    }

    fn play(path: &Path) -> Vec<Result<Frame, CameraFault>> {
        let settings = RecordingSettings { pace: Pace::AsFastAsPossible, ..RecordingSettings::new(path) };
        let mut recording = Recording::open(&settings).unwrap();
        let mut played = Vec::new();
        loop {
            match recording.next(Instant::now()) {
                Ok(frame) => played.push(Ok(frame.unwrap())),
                Err(CameraFault::EndOfRecording) => return played,
                Err(fault) => played.push(Err(fault)),
            }
        }
    }

    fn frames(path: &Path) -> Vec<Frame> {
        play(path).into_iter().map(Result::unwrap).collect()
    }

    fn write(path: &Path, form: Form, count: u64) {
        let header = Header { start: Some(start()), ..Header::default() };
        let mut writer = RecordingWriter::create(path, form, header).unwrap();
        for number in 0..count {
            let frame = frame(number);
            writer.add(&frame, frame.at).unwrap();
        }
        writer.finish().unwrap();
    }

    fn worst(a: &Frame, b: &Frame) -> u8 {
        a.luma.iter().zip(b.luma.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
    }

    #[test]
    fn png_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit");
        write(&path, Form::Png, 5);
        let played = frames(&path);
        assert_eq!(played.len(), 5);
        for (number, played) in (0..).zip(&played) {
            let frame = frame(number);
            assert_eq!((&played.luma, played.width, played.height), (&frame.luma, 64, 48));
            assert_eq!((played.sequence, played.at), (number, frame.at));
            assert_eq!(played.recorded_at, Some(start() + frame.at));
        }
    }

    #[test]
    fn jpeg_comes_back_nearly_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        for (name, form) in [("a", Form::Jpeg { quality: 95 }), ("b.mjpeg", Form::MotionJpeg { quality: 95 })] {
            let path = folder.path().join(name);
            write(&path, form, 3);
            let played = frames(&path);
            assert_eq!(played.len(), 3);
            for (number, played) in (0..).zip(&played) {
                let frame = frame(number);
                assert!(worst(played, &frame) <= 24, "{name}: {}", worst(played, &frame));
                assert_eq!((played.at, played.recorded_at), (frame.at, Some(start() + frame.at)));
            }
        }
    }

    #[test]
    fn plays_without_its_index_too() {
        let folder = tempfile::tempdir().unwrap();
        let motion = folder.path().join("visit.mjpeg");
        write(&motion, Form::MotionJpeg { quality: 95 }, 4);
        let with = frames(&motion);
        fs::remove_file(index::beside(&motion)).unwrap();
        let without = frames(&motion);
        assert_eq!(without.len(), 4);
        assert!(with.iter().zip(&without).all(|(a, b)| a.luma == b.luma));
        assert_eq!(without[3].at, Duration::from_millis(300));
        assert_eq!(without[3].recorded_at, None);
    }

    #[test]
    fn only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("a"), Form::Png, 1);
        write(&folder.path().join("b.mjpeg"), Form::MotionJpeg { quality: 80 }, 1);
        for (name, mode) in [
            ("a", 0o700),
            ("a/000000.png", 0o600),
            ("a/recording.jsonl", 0o600),
            ("b.mjpeg", 0o600),
            ("b.mjpeg.jsonl", 0o600),
        ] {
            let about = fs::metadata(folder.path().join(name)).unwrap();
            assert_eq!(about.permissions().mode() & 0o777, mode, "{name}");
        }
    }

    #[test]
    fn never_writes_over_another_recording() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit");
        write(&path, Form::Png, 1);
        assert!(matches!(
            RecordingWriter::create(&path, Form::Png, Header::default()),
            Err(RecorderFault::NotWritable { .. })
        ));
        assert_eq!(frames(&path).len(), 1);
    }

    #[test]
    fn a_full_disk_ends_it_and_leaves_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit.mjpeg");
        write(&path, Form::MotionJpeg { quality: 80 }, 2);
        // The third picture meets a device that takes nothing.
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let index = OpenOptions::new().append(true).open(index::beside(&path)).unwrap();
        let mut writer = RecordingWriter {
            path: path.clone(),
            form: Form::MotionJpeg { quality: 80 },
            index,
            motion: Some(full),
            pictures: 2,
            bytes: 0,
        };
        let fault = writer.add(&frame(2), Duration::from_secs(1)).unwrap_err();
        assert_eq!(fault, RecorderFault::DiskFull { path: path.clone() });
        assert!(fault.to_string().contains("full"));
        assert_eq!(frames(&path).len(), 2);
    }

    fn settings(into: &Path) -> RecorderSettings {
        RecorderSettings { form: Form::Png, free_bytes_min: 0, fps_max: 100, ..RecorderSettings::new(into) }
    }

    /// Offers pictures, each once the one before is written.
    fn record_all(settings: RecorderSettings, numbers: impl Iterator<Item = u64>) -> RecorderState {
        let recorder = Recorder::start(settings);
        for number in numbers {
            recorder.offer(&frame(number));
            let end = Instant::now() + Duration::from_secs(10);
            while recorder.slot.take_is_pending() && Instant::now() < end {
                thread::sleep(Duration::from_millis(1));
                if matches!(recorder.state(), RecorderState::Ended { .. }) {
                    break;
                }
            }
        }
        recorder.stop()
    }

    #[test]
    fn records_what_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        let RecorderState::Ended { path: Some(path), pictures: 4, why: None } =
            record_all(settings(folder.path()), 0..4)
        else {
            panic!("not recorded");
        };
        let played = frames(&path);
        assert_eq!(played.iter().map(|frame| frame.at.as_millis()).collect::<Vec<_>>(), [0, 125, 250, 375]);
        assert!(played[0].recorded_at.is_some());
    }

    #[test]
    fn leaves_pictures_out_to_keep_its_rate() {
        let folder = tempfile::tempdir().unwrap();
        // Eight pictures a second are offered, and four wanted.
        let state = record_all(RecorderSettings { fps_max: 4, ..settings(folder.path()) }, 0..9);
        assert!(matches!(state, RecorderState::Ended { pictures: 5, why: None, .. }), "{state:?}");
    }

    #[test]
    fn stops_at_its_limits() {
        let folder = tempfile::tempdir().unwrap();
        let why = |settings, numbers: std::ops::Range<u64>| match record_all(settings, numbers) {
            RecorderState::Ended { why, pictures, .. } => (why, pictures),
            other => panic!("{other:?}"),
        };
        let short = RecorderSettings { minutes_max: 1, ..settings(folder.path()) };
        let (fault, pictures) = why(short, 478..500);
        assert_eq!((fault, pictures), (None, 22));
        let folder = tempfile::tempdir().unwrap();
        let long = RecorderSettings { minutes_max: 0, ..settings(folder.path()) };
        assert_eq!(why(long, 0..2), (Some(RecorderFault::TimeLimit { minutes_max: 0 }), 0));
        let folder = tempfile::tempdir().unwrap();
        let small = RecorderSettings { bytes_max: 500, ..settings(folder.path()) };
        assert_eq!(why(small, 0..3), (Some(RecorderFault::SizeLimit { bytes_max: 500 }), 1));
        let folder = tempfile::tempdir().unwrap();
        let crowded = RecorderSettings { free_bytes_min: u64::MAX, ..settings(folder.path()) };
        assert_eq!(why(crowded, 0..3), (Some(RecorderFault::DiskFull { path: folder.path().to_owned() }), 0));
    }

    #[test]
    fn says_when_it_cannot_begin() {
        let nowhere = Path::new("/nowhere/at/all");
        let state = record_all(settings(nowhere), 0..1);
        assert!(matches!(state, RecorderState::Ended { path: None, why: Some(RecorderFault::NotWritable { .. }), .. }));
    }

    #[test]
    fn a_bad_picture_is_named_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit");
        write(&path, Form::Png, 4);
        fs::write(path.join("000001.png"), "torn").unwrap();
        fs::remove_file(path.join("000002.png")).unwrap();
        let played = play(&path);
        let said: Vec<_> =
            played.iter().map(|frame| frame.as_ref().map(|f| f.at.as_millis()).map_err(|f| f.to_string())).collect();
        assert_eq!((said.len(), &said[0], &said[3]), (4, &Ok(0), &Ok(375)));
        assert!(said[1].as_ref().unwrap_err().contains("000001.png"));
        assert!(said[2].as_ref().unwrap_err().contains("000002.png"));
    }

    #[test]
    fn a_folder_without_an_index_plays_in_name_order() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        write(&source, Form::Png, 3);
        let bare = folder.path().join("bare");
        fs::create_dir(&bare).unwrap();
        for (from, to) in [("000000.png", "c.png"), ("000001.png", "A.PNG"), ("000002.png", "b.png")] {
            fs::copy(source.join(from), bare.join(to)).unwrap();
        }
        fs::write(bare.join("notes.txt"), "").unwrap();
        let played = frames(&bare);
        let order: Vec<_> = played.iter().map(|f| (0..3).find(|&n| frame(n).luma == f.luma).unwrap()).collect();
        assert_eq!(order, [1, 2, 0]);
        assert_eq!(played[2].at, Duration::from_millis(200));
    }

    #[test]
    fn a_recording_without_pictures_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path| Recording::open(&RecordingSettings::new(path)).err();
        let empty = CameraFault::EmptyRecording { path: folder.path().to_owned() };
        assert_eq!(open(folder.path()), Some(empty.clone()));
        let none = folder.path().join("none");
        assert_eq!(open(&none), Some(CameraFault::NoRecording { path: none.clone() }));
        let text = folder.path().join("text.mjpeg");
        fs::write(&text, "no pictures").unwrap();
        assert_eq!(open(&text), Some(CameraFault::NoRecording { path: text.clone() }));
        fs::remove_file(&text).unwrap();

        // All pictures bad: each is named, and a loop of nothing ends.
        fs::write(folder.path().join("a.png"), "torn").unwrap();
        let settings = RecordingSettings { repeat: Repeat::Forever, ..RecordingSettings::new(folder.path()) };
        let mut recording = Recording::open(&settings).unwrap();
        let mut next = || recording.next(Instant::now() + Duration::from_secs(1)).unwrap_err();
        assert!(matches!(next(), CameraFault::BadPicture { .. }));
        assert_eq!(next(), empty);
        assert_eq!(next(), CameraFault::EndOfRecording);
    }

    #[test]
    fn a_loop_goes_on_in_time_and_begins_again_in_calendar() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit");
        write(&path, Form::Png, 2);
        let repeat = Repeat::Forever;
        let settings = RecordingSettings { pace: Pace::AsFastAsPossible, repeat, ..RecordingSettings::new(&path) };
        let mut recording = Recording::open(&settings).unwrap();
        let mut next = || recording.next(Instant::now()).unwrap().unwrap();
        let played: Vec<_> = (0..5).map(|_| next()).collect();
        assert_eq!(played.iter().map(|f| f.at.as_millis()).collect::<Vec<_>>(), [0, 125, 250, 375, 500]);
        assert_eq!(played.iter().map(|f| f.sequence).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(played[2].recorded_at, Some(start()));
    }

    #[test]
    fn time_never_goes_backwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit");
        write(&path, Form::Png, 2);
        let lines = "{\"recording\":1}\n{\"ms\":50,\"file\":\"000000.png\"}\n{\"ms\":49,\"file\":\"000001.png\"}\n";
        fs::write(path.join(index::FOLDER_INDEX), lines).unwrap();
        let played = play(&path);
        assert!(played[0].is_ok());
        assert!(matches!(played[1], Err(CameraFault::BadIndex { line: 3, .. })), "{:?}", played[1]);
    }

    #[test]
    fn real_time_takes_as_long_as_the_recording_and_keeps_deadlines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit");
        write(&path, Form::Png, 3);
        let mut recording = Recording::open(&RecordingSettings::new(&path)).unwrap();
        let began = Instant::now();
        let mut late = 0;
        let mut played = 0;
        loop {
            let asked = Instant::now();
            match recording.next(asked + Duration::from_millis(20)) {
                Ok(Some(_)) => played += 1,
                Ok(None) => late += 1,
                Err(fault) => break assert_eq!(fault, CameraFault::EndOfRecording),
            }
        }
        assert_eq!(played, 3);
        assert!(late >= 5, "{late} deadlines passed");
        assert!(began.elapsed() >= Duration::from_millis(250));
    }
}
