//! Lets the display hang, then the journal's disk, while visitors pass before the real kiosk.
//!
//! Verification never waits for the screen: while nothing can be drawn, passages are recorded as before. The screen never waits for
//! a disk: while nothing can be written, and so nobody passes, the picture stays live; afterwards everybody is recorded who came
//! meanwhile. And it stays live while a verdict stands.
//!
//! `cargo run --release -p proving --bin hangs`. Needs Xvfb, `/dev/fuse` and the right to mount (root): ends with 77 where one is
//! missing, with 1 where something waited that must not.

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use kiosk::commands::demo::{DemoArgs, demo};
use kiosk::commands::session::WindowArgs;
use proving::at_work::AtWork;
use proving::canaries::visitors;
use proving::ended;
use proving::powercut::recorder::Recorder;
use proving::screen::{Display, Living};

/// Visitors before the kiosk, one each `EACH_MS`; after the 4th nobody comes for 3.6 s more.
const VISITORS: u64 = 16;
/// How many have passed when the display begins to hang, when the disk does, and when nothing does: in the stream that follows.
const BEFORE: [u64; 3] = [5, 9, 11];
/// How many of a stream may have come by the end of a hang and not be through yet.
const BEHIND_MAX: u64 = 2;

#[derive(Parser)]
#[command(about = "Lets the display hang, then the disk, while visitors pass", max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Option<Role>,
    /// How long each hangs, in milliseconds
    #[arg(long, default_value_t = 10_000)]
    millis: u64,
    /// The real program, in place of the same code in this one: target/release/kiosk
    #[arg(long)]
    kiosk: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Role {
    /// The kiosk's part; started by the program itself.
    #[command(hide = true)]
    Kiosk { recording: PathBuf },
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.command {
        Some(Role::Kiosk { recording }) => {
            let window = WindowArgs { language: None, mode: None, windowed: true, screenshots: None };
            demo(DemoArgs { recording: recording.clone(), once: true, window })
        }
        None => proceed(&args),
    };
    ended(done)
}

fn proceed(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let display = Display::start()?.ok_or_else(Display::missing)?;
    let home = folder.path().join("home");
    std::fs::create_dir_all(&home)?;
    let disk = Recorder::mount(&home)?;
    let day = folder.path().join("day");
    visitors::write(&day, VISITORS)?;
    let mut kiosk = match &args.kiosk {
        Some(kiosk) => Command::new(kiosk),
        None => Command::new(std::env::current_exe()?),
    };
    match &args.kiosk {
        Some(_) => kiosk.args(["demo", "--once", "--windowed"]),
        None => kiosk.arg("kiosk"),
    };
    kiosk.arg(&day);
    let kiosk = Watched { kiosk: AtWork::start(kiosk, &display, &home, "kiosk::latency=debug,kiosk=info")?, display };
    let held = Duration::from_millis(args.millis);

    kiosk.until_passed(BEFORE[0])?;
    let hung = kiosk.display.hang()?;
    // What was under way when it stopped is drawn no more, but logged.
    std::thread::sleep(Duration::from_millis(300));
    let (drawn, passed) = (kiosk.drawn(), kiosk.kiosk.passages());
    std::thread::sleep(held);
    let (drawn, passed) = (kiosk.drawn() - drawn, kiosk.kiosk.passages() - passed);
    drop(hung);
    println!("the display hung for {held:?}: {passed} passages recorded, {drawn} verdicts drawn");
    let mut good = drawn == 0 && passed + BEHIND_MAX >= args.millis / visitors::EACH_MS;

    kiosk.until_passed(BEFORE[1])?;
    let hung = disk.hang();
    std::thread::sleep(Duration::from_millis(300));
    let passed = kiosk.kiosk.passages();
    let pictures = kiosk.pictures(held)?;
    let waited = kiosk.kiosk.passages() - passed;
    drop(hung);
    println!("the disk hung for {held:?}: {waited} passages recorded, the picture changed {pictures} times");
    // It changes where a code comes and where it goes.
    good &= waited == 0 && pictures >= args.millis / visitors::EACH_MS;
    // A verdict stands for two or five seconds here.
    kiosk.until_passed(BEFORE[2])?;
    let pictures = kiosk.pictures(Duration::from_millis(2 * visitors::EACH_MS))?;
    println!("while verdicts stood, the picture changed {pictures} times");
    good &= pictures >= 2;
    kiosk.until_passed(VISITORS - 4)?;
    let dropped = kiosk.kiosk.logged().matches("was dropped").count();
    println!("afterwards {} of {VISITORS} visitors are recorded; {dropped} messages dropped", kiosk.kiosk.passages());
    good &= dropped == 0;
    println!("{}", if good { "good: nobody waited for the display, nor the picture for the disk" } else { "NOT GOOD" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The kiosk and its display.
struct Watched {
    kiosk: AtWork,
    display: Display,
}

impl Watched {
    /// Waits until so many visitors have passed.
    fn until_passed(&self, visitors: u64) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        while self.kiosk.passages() < visitors {
            if begun.elapsed() > Duration::from_secs(90) {
                let logged = self.kiosk.logged();
                return Err(format!("only {} of {visitors} visitors passed: {logged}", self.kiosk.passages()).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Verdicts that were drawn so far.
    fn drawn(&self) -> usize {
        self.kiosk.logged().matches("drawn_ms").count()
    }

    /// How often the live picture changed within this time.
    fn pictures(&self, within: Duration) -> Result<u64, Box<dyn Error>> {
        let place = Living::of_checkpoint().picture;
        let (begun, mut shown, mut changed) = (Instant::now(), self.display.picture()?, 0);
        while begun.elapsed() < within {
            std::thread::sleep(Duration::from_millis(50));
            let now = self.display.picture()?;
            changed += u64::from(now.differs_in(&shown, place));
            shown = now;
        }
        Ok(changed)
    }
}
