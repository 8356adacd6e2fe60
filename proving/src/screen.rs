//! A virtual display of our own, and what stands on it: pixels as a person before it would see them.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use egui::{Rect, Vec2, pos2};
use kiosk::mode::Mode;
use kiosk::ui::theme::{Scale, Theme};
use kiosk::ui::view::Plan;
use rustix::process::{Pid, Signal, kill_process};

use crate::Untried;

/// Width and height of the display, in pixels.
pub const SIDES: [usize; 2] = [1280, 800];

/// An X server without a screen. It ends with its value.
pub struct Display {
    server: Child,
    name: String,
    memory: tempfile::TempDir,
}

impl Display {
    /// Where there is none to start.
    pub fn missing() -> Untried {
        Untried("Xvfb is not installed (Debian: xvfb)".into())
    }

    /// Starts one; `None` where Xvfb is not installed.
    ///
    /// # Errors
    /// It does not start.
    pub fn start() -> io::Result<Option<Self>> {
        let memory = tempfile::tempdir()?;
        let server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SIDES[0], SIDES[1]), "-fbdir"])
            .arg(memory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = match server {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            server => server?,
        };
        let mut number = String::new();
        if let Some(out) = server.stdout.as_mut() {
            BufReader::new(out).read_line(&mut number)?;
        }
        Ok(Some(Self { server, name: format!(":{}", number.trim()), memory }))
    }

    /// What `DISPLAY` is for programs that are to use it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands on it now.
    ///
    /// # Errors
    /// The server's memory is not laid out as X dumps are (XWD, version 7).
    pub fn picture(&self) -> io::Result<Picture> {
        let dump = std::fs::read(self.memory.path().join("Xvfb_screen0"))?;
        let word = |index: usize| {
            let bytes = dump.get(index * 4..).and_then(|rest| rest.first_chunk());
            bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes) as usize)
        };
        // Words of the header: its length, the version, width, height, whether the most significant byte comes first, bits a pixel,
        // bytes a row, and how many colours of twelve bytes follow the header.
        let (header, row, colours) = (word(0), word(12), word(19));
        let laid_out = [word(1), word(4), word(5), word(11)] == [7, SIDES[0], SIDES[1], 32];
        let pixels = dump.get(header + colours * 12..).filter(|pixels| laid_out && pixels.len() >= row * SIDES[1]);
        let pixels = pixels.ok_or_else(|| io::Error::other("the display's memory is laid out in another way"))?;
        let rows = pixels.chunks_exact(row.max(1)).take(SIDES[1]).map(|row| row[..SIDES[0] * 4].to_vec());
        Ok(Picture(rows.collect()))
    }

    /// Lets the display hang, and whoever draws on it, until what is returned is dropped.
    ///
    /// # Errors
    /// It cannot be stopped.
    pub fn hang(&self) -> io::Result<Hung> {
        let server = Pid::from_child(&self.server);
        kill_process(server, Signal::STOP)?;
        Ok(Hung(server))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A display that answers nobody.
pub struct Hung(Pid);

impl Drop for Hung {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// Pixels of four bytes, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<Vec<u8>>);

impl Picture {
    /// Whether anything within this part differs.
    pub fn differs_in(&self, other: &Self, part: Rect) -> bool {
        self.differences(other).any(|[x, y]| part.contains(pos2(x as f32 + 0.5, y as f32 + 0.5)))
    }

    /// The first pixel outside all of these parts that differs.
    pub fn differs_outside(&self, other: &Self, parts: &[Rect]) -> Option<[usize; 2]> {
        self.differences(other)
            .find(|[x, y]| !parts.iter().any(|part| part.contains(pos2(*x as f32 + 0.5, *y as f32 + 0.5))))
    }

    fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = [usize; 2]> + 'a {
        let rows = self.0.iter().zip(&other.0).enumerate().filter(|(_, (one, other))| one != other);
        rows.flat_map(|(y, (one, other))| {
            let pixels = one.chunks_exact(4).zip(other.chunks_exact(4)).enumerate();
            // The fourth byte is nobody's.
            pixels.filter(|(_, (one, other))| one[..3] != other[..3]).map(move |(x, _)| [x, y])
        })
    }
}

/// Where the kiosk's screen changes by itself at a checkpoint with a demonstration's list: the live picture, the count of the day,
/// the clock, and the line where for a minute stands what a start found of the journal, and then the visitor's hint.
pub struct Living {
    pub picture: Rect,
    pub totals: Rect,
    pub clock: Rect,
    pub line: Rect,
}

impl Living {
    /// As the window divides the display.
    pub fn of_checkpoint() -> Self {
        let whole = Rect::from_min_size(pos2(0.0, 0.0), Vec2::new(SIDES[0] as f32, SIDES[1] as f32));
        let theme = Theme::built_in();
        let scale = Scale::new(whole.size(), &theme.sizes);
        let plan = Plan::new(whole, &scale, &theme, &Mode::Checkpoint.ways(), true, 0);
        let clock = plan.place.with_min_x(plan.place.right() - scale.of(200.0));
        let line = plan.stage.with_min_y(plan.stage.bottom() - plan.stage.height() * 0.25);
        // Round corners and thin lines reach over an edge by part of a pixel.
        let [picture, totals, clock, line] = [plan.picture, plan.totals, clock, line].map(|part| part.expand(2.0));
        Self { picture, totals, clock, line }
    }

    /// All of them.
    pub fn parts(&self) -> [Rect; 4] {
        [self.picture, self.totals, self.clock, self.line]
    }
}
