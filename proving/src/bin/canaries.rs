//! Whether anything of a visitor is left once their time on the screen is over.
//!
//! A day of invented visitors with unmistakable names passes before the kiosk: `kiosk demo` with its window on a virtual
//! display, its journal, its index. Then batches are made of the journal. Afterwards the memory of the process and everything
//! that it wrote is searched for names, numbers and texts of codes, in every form in which they may lie there.

#![expect(unsafe_code, reason = "the control needs an allocator that can be told to leave everything where it is")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use kiosk::commands::demo::{DemoArgs, demo};
use kiosk::commands::replay::{ReplayArgs, replay};
use kiosk::commands::session::WindowArgs;
use kiosk::commands::sync::sync;
use kiosk::courier::Bare;
use kiosk::memory::Wiping;
use kiosk::mode::Mode;
use proving::at_work::AtWork;
use proving::canaries::search::{Search, Traces};
use proving::canaries::visitors::{self, Day};
use proving::screen::{Display, Living};
use proving::{Untried, ended};

/// The kiosk's allocator, or in the control the system's.
struct Switch;

static WIPES: AtomicBool = AtomicBool::new(true);

// SAFETY: both allocators take their memory from the same one, the system's, with the same layouts.
unsafe impl GlobalAlloc for Switch {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that is asked for; so below.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: see `alloc`.
        unsafe { if WIPES.load(Ordering::Relaxed) { Wiping.dealloc(at, layout) } else { System.dealloc(at, layout) } }
    }
}

#[global_allocator]
static ALLOCATOR: Switch = Switch;

/// Searches memory and disk for visitors after a day at the checkpoint. Needs Xvfb, and the right to read another process's
/// memory (root, or the same user where that is allowed).
///
/// Exit codes: 0 nothing was left, and the control found what it must; 1 something was left, or the control is blind; 77 there is
/// no virtual display here, or nobody may look.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Role>,
    /// Visitors of the day
    #[arg(long, default_value_t = 3000)]
    visitors: u64,
    /// Visitors of the control, in which freed memory is left as it is
    #[arg(long, default_value_t = 40)]
    control: u64,
    /// The real program, in place of the same code in this one: target/release/kiosk
    #[arg(long)]
    kiosk: Option<PathBuf>,
    /// What the kiosk is used for: checkpoint, patrol, school, unattended, register or training
    #[arg(long, default_value = "checkpoint")]
    mode: String,
    /// Keep the folder with recording and traces here
    #[arg(long)]
    keep: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Role {
    /// The kiosk's part; started by the program itself.
    #[command(hide = true)]
    Kiosk {
        recording: PathBuf,
        /// Leave freed memory as it is.
        #[arg(long)]
        leave: bool,
        #[arg(long)]
        mode: String,
    },
    /// Plays a recording without a window, to count instructions with and without overwriting:
    /// `valgrind --tool=none` or `perf stat` before it.
    Replay {
        recording: PathBuf,
        /// Leave freed memory as it is.
        #[arg(long)]
        leave: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(Role::Kiosk { recording, leave, mode }) => {
            WIPES.store(!leave, Ordering::Relaxed);
            let mode = Mode::ALL.into_iter().find(|known| known.word() == mode);
            let window = WindowArgs { language: None, mode, windowed: true, screenshots: None };
            demo(DemoArgs { recording: recording.clone(), once: true, window })
        }
        Some(Role::Replay { recording, leave }) => {
            WIPES.store(!leave, Ordering::Relaxed);
            replay(ReplayArgs { recording: recording.clone(), now: None, json: false, config: None, trust: None })
        }
        None => prove(&arguments),
    };
    ended(done)
}

fn prove(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let temporary = std::env::temp_dir().join(format!("canaries-{}", std::process::id()));
    let folder = arguments.keep.clone().unwrap_or_else(|| temporary.clone());
    let _removed = Removed((arguments.keep.is_none()).then(|| temporary.clone()));
    if Display::start()?.is_none() {
        return Err(Display::missing().into());
    }
    let ours = std::env::current_exe()?;
    let written_control = visitors::write(&folder.join("control"), arguments.control)?;
    let mut left = Command::new(&ours);
    left.args(["kiosk", "--leave", "--mode", &arguments.mode]).arg(folder.join("control"));
    let written = visitors::write(&folder.join("day"), arguments.visitors)?;
    let mut kiosk = match &arguments.kiosk {
        Some(kiosk) => {
            let mut kiosk = Command::new(kiosk);
            kiosk.args(["demo", "--once", "--windowed"]);
            kiosk
        }
        None => {
            let mut kiosk = Command::new(&ours);
            kiosk.arg("kiosk");
            kiosk
        }
    };
    kiosk.args(["--mode", &arguments.mode]).arg(folder.join("day"));
    println!("{} visitors before the kiosk; beside it {} as a control", arguments.visitors, arguments.control);
    // A day is mostly waiting.
    let (control, kiosk) = std::thread::scope(|scope| {
        let control = scope.spawn(|| day(left, &written_control, arguments.control, &folder.join("a")));
        let kiosk = day(kiosk, &written, arguments.visitors, &folder.join("b"));
        (control.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), kiosk)
    });
    let told = |fault: Fault| -> Box<dyn Error> { fault };
    let (Some(control), Some(kiosk)) = (control.map_err(told)?, kiosk.map_err(told)?) else {
        return Err(Untried("the memory of another process cannot be read here; run as root".into()).into());
    };
    control.print("the control, freed memory left as it is");
    kiosk.print("the kiosk");
    // In other modes other parts of the screen count and remind too: their pixels are told and not judged.
    let judged = arguments.mode == Mode::Checkpoint.word();
    let sees = control.during.count() > 0 && control.memory.count() > 0 && kiosk.during.count() > 0 && kiosk.screen.1;
    if !sees {
        println!(
            "FAILED: the search is blind: it must find visitors while they are before the camera, and in the control"
        );
    }
    let clean = kiosk.memory.count() == 0 && kiosk.disk.count() == 0 && (kiosk.screen.0.is_none() || !judged);
    if clean && sees {
        println!("nothing is left of {} visitors", arguments.visitors);
    }
    Ok(if clean && sees { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// From whichever thread.
type Fault = Box<dyn Error + Send + Sync>;

/// What was found while visitors were there, in memory afterwards, and on the disk.
struct Found {
    passages: u64,
    records: u64,
    during: Traces,
    memory: Traces,
    disk: Traces,
    /// The first pixel of the waiting screen that is another one afterwards, and whether it was another one meanwhile.
    screen: (Option<[usize; 2]>, bool),
}

/// One day; `None` where nobody may look into the process.
fn day(kiosk: Command, day: &Day, visitors: u64, folder: &Path) -> Result<Option<Found>, Fault> {
    let display = Display::start()?.ok_or("there is no Xvfb")?;
    let search = Search::new(&day.texts, &day.pixels)?;
    // Everything that it may write to is here.
    let home = folder.join("home");
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home)?;
    let mut running = AtWork::start(kiosk, &display, &home, "trace")?;
    let begun = Instant::now();
    let patience = Duration::from_millis(day.last_ms) * 2 + Duration::from_secs(60);
    let mut during = Traces::default();
    let parts = Living::of_checkpoint().parts();
    let (mut waiting, mut differed) = (None, false);
    // A visitor may be missed by a slow machine: nearly all must have passed.
    while running.passages() < visitors * 9 / 10 || begun.elapsed() < Duration::from_millis(day.last_ms) {
        if let Some(status) = running.ended()? {
            return Err(format!("the kiosk ended ({status}): {}", running.logged()).into());
        }
        if begun.elapsed() > patience {
            return Err(format!("only {} of {visitors} visitors passed", running.passages()).into());
        }
        let shown = display.picture()?;
        match &waiting {
            // The newest from before the first visitor was read.
            _ if running.passages() == 0 => waiting = Some(shown),
            Some(waiting) => differed |= shown.differs_outside(waiting, &parts).is_some(),
            None => return Err("the first visitor came before there was a window".into()),
        }
        // Somebody stands on the screen: now, for a search takes its time.
        if during.count() == 0 && differed {
            match search.process(running.id(), &mut during) {
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Ok(None),
                searched => searched?,
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    // Nothing stands on the screen for longer than five seconds here, and a visit waits for three.
    std::thread::sleep(Duration::from_secs(10));
    let passed = running.passages();
    let after = display.picture()?;
    let screen = (waiting.and_then(|waiting| after.differs_outside(&waiting, &parts)), differed);
    let mut memory = Traces::default();
    search.process(running.id(), &mut memory)?;
    let mut disk = Traces::default();
    let state = state_folder(&home)?;
    let sent = sync(&state.join("journal"), &state, &home, Bare::Begin)?;
    search.folder(&home, &mut disk)?;
    for (name, text) in [("what it printed", running.printed()), ("what it logged", running.logged())] {
        search.bytes(text.as_bytes(), &mut disk, |at| format!("{name}, byte {at}"));
    }
    drop(running);
    Ok(Some(Found { passages: passed, records: sent.records, during, memory, disk, screen }))
}

impl Found {
    fn print(&self, whose: &str) {
        println!("{whose}: {} passages, {} records", self.passages, self.records);
        for (what, traces) in [
            ("in memory while they passed", &self.during),
            ("in memory afterwards", &self.memory),
            ("on disk, in batches and logs", &self.disk),
        ] {
            println!("  {what}: {} traces in {} MiB {:?}", traces.count(), traces.searched >> 20, traces.forms);
        }
        match self.screen.0 {
            None => println!(
                "  on the screen: outside picture, clock, count and hint, every pixel is as before the first of them"
            ),
            Some([x, y]) => {
                println!("  on the screen: the pixel at {x}, {y} is another one than before the first of them")
            }
        }
        for example in self.memory.examples.iter().chain(&self.disk.examples).take(8) {
            println!("    {example}");
        }
    }
}

/// The folder of the journal that the demonstration throws away at its end.
fn state_folder(home: &Path) -> Result<PathBuf, Fault> {
    for entry in std::fs::read_dir(home)? {
        let path = entry?.path();
        if path.join("journal").is_dir() {
            return Ok(path);
        }
    }
    Err("the kiosk keeps no journal".into())
}

/// Removed with its value.
struct Removed(Option<PathBuf>);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
