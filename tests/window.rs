//! The real window, by touch and by a scanner that types. Needs Xvfb and xdotool, and says that it skipped without them.

#![allow(clippy::unwrap_used)] // A helper that fails fails its test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use checkpoint::passage::record::Event as RecordEvent;
use kiosk::commands::place::journal_dir;
use kiosk::journal::Reader;

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display of its own.
struct Display {
    name: String,
    _server: Program,
}

/// A display, with the example window on it.
struct Desk {
    window: Program,
    display: Display,
    lines: Receiver<String>,
}

/// The example that cargo built beside this test.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("examples/window")
}

/// `None`, said aloud, where something is not installed.
fn display() -> Option<Display> {
    let missing = ["Xvfb", "xdotool"].into_iter().find(|tool| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        !std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
    });
    if let Some(tool) = missing {
        println!("skipped: {tool} is not installed (Debian: xvfb xdotool)");
        return None;
    }
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut number).unwrap();
    Some(Display { name: format!(":{}", number.trim()), _server: Program(server) })
}

/// `None`, said aloud, where something is not installed.
fn desk(screenshots: Option<&Path>) -> Option<Desk> {
    if !example().is_file() {
        println!("skipped: the example `window` is not built; `cargo build --examples` builds it");
        return None;
    }
    let display = display()?;
    let mut window = Command::new(example())
        .arg("1280x800")
        .args(screenshots)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (line, lines) = channel();
    let output = BufReader::new(window.stdout.take().unwrap());
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
    Some(Desk { window: Program(window), display, lines })
}

impl Display {
    fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.name).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Desk {
    fn xdotool(&self, arguments: &[&str]) -> String {
        self.display.xdotool(arguments)
    }

    fn touch(&self, x: u32, y: u32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "sleep", "0.2", "click", "1"]);
        // A machine that does other things too draws when it can.
        std::thread::sleep(Duration::from_millis(250));
    }

    #[track_caller]
    fn expect(&mut self, text: &str) {
        let line = self.next();
        assert_eq!(line, text);
    }

    /// What the window says next.
    #[track_caller]
    fn next(&mut self) -> String {
        match self.lines.recv_timeout(Duration::from_secs(20)) {
            Ok(line) => line,
            Err(_) => {
                let _ = self.window.0.kill();
                let mut errors = String::new();
                self.window.0.stderr.take().map(|mut stderr| stderr.read_to_string(&mut errors));
                panic!("the window said nothing; {errors}");
            }
        }
    }
}

#[test]
fn a_guard_touches_and_a_scanner_types() {
    let folder = tempfile::tempdir().unwrap();
    let shots = folder.path().join("shots");
    let Some(mut desk) = desk(Some(&shots)) else { return };
    let begun = Instant::now();
    let window = loop {
        let found = desk.xdotool(&["search", "--class", "kiosk"]);
        if let Some(window) = found.lines().last().filter(|_| shots.join("001-waiting.png").is_file()) {
            break window.to_owned();
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no window appeared");
        std::thread::sleep(Duration::from_millis(100));
    };
    // There is no window manager here that gives the focus.
    desk.xdotool(&["windowfocus", "--sync", &window]);

    desk.touch(130, 742);
    desk.expect("pressed Turn");
    // A scanner after a touch: no key, not even a space or Enter, presses the button again.
    desk.xdotool(&["type", "--delay", "8", "HC1:6BF+7079 0T9WJ *4GO0"]);
    desk.xdotool(&["key", "Return"]);
    desk.expect("typed HC1:6BF+7079 0T9WJ *4GO0");
    // Let pass, without a code, in two touches.
    desk.touch(916, 742);
    desk.touch(690, 370);
    desk.expect("pressed Override(Emergency)");
    std::thread::sleep(Duration::from_millis(2000));
    desk.touch(1134, 742);
    desk.expect("pressed Dismiss");
    // The third picture closes the window.
    desk.expect("closed");
    let mut pictures: Vec<_> =
        std::fs::read_dir(&shots).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    pictures.sort();
    assert_eq!(pictures, ["001-waiting.png", "002-gathering.png", "003-out-of-service.png"]);
}

/// Middles of what is touched, at 1280 × 800.
const MORE: (u32, u32) = (1154, 742);
const BACK: (u32, u32) = (1154, 742);
const DONE: (u32, u32) = (1054, 555);

/// A tile of `More`, by its number from 0: five in a row.
fn tile(number: u32) -> (u32, u32) {
    (151 + 244 * (number % 5), 301 + 147 * (number / 5))
}

/// A key of the number pad.
fn digit(digit: u32) -> (u32, u32) {
    match digit {
        0 => (442, 621),
        1..=9 => (166 + 276 * ((digit - 1) % 3), 328 + 97 * ((digit - 1) / 3)),
        _ => panic!("{digit} is no digit"),
    }
}

#[test]
fn a_whole_shift_by_touch() {
    let Some(mut desk) = desk(None) else { return };
    let begun = Instant::now();
    while desk.xdotool(&["search", "--class", "kiosk"]).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no window appeared");
        std::thread::sleep(Duration::from_millis(100));
    }
    std::thread::sleep(Duration::from_secs(2));
    let touch = |desk: &Desk, places: &[(u32, u32)]| places.iter().for_each(|(x, y)| desk.touch(*x, *y));
    let number = |desk: &Desk, digits: &[u32]| digits.iter().for_each(|of| touch(desk, &[digit(*of)]));

    // Taking over: the sound is tried, the badge number typed.
    touch(&desk, &[MORE, tile(5), (232, 620)]);
    desk.expect("asked TrySound");
    touch(&desk, &[(1047, 620)]);
    number(&desk, &[4, 1, 7]);
    touch(&desk, &[DONE]);
    desk.expect("asked ShiftBegins(417)");
    // The daily checklist: the first item is in order, the others are not.
    touch(&desk, &[BACK, MORE, tile(6), (640, 280), (300, 280), (1060, 620)]);
    number(&desk, &[4, 1, 7]);
    touch(&desk, &[DONE]);
    desk.expect("asked Checked(0, [true, false, false, false, false, false], 417)");
    touch(&desk, &[BACK]);
    // A visitor by hand scanner, light on, today's count, the place's code.
    let window = desk.xdotool(&["search", "--class", "kiosk"]);
    desk.xdotool(&["windowfocus", "--sync", window.lines().last().unwrap()]);
    desk.xdotool(&["type", "--delay", "8", "HC1:NCF"]);
    desk.xdotool(&["key", "Return"]);
    desk.expect("typed HC1:NCF");
    touch(&desk, &[(90, 396)]);
    desk.expect("touched Light");
    touch(&desk, &[MORE, tile(3)]);
    assert!(desk.next().starts_with("asked Figures("));
    touch(&desk, &[BACK, MORE, tile(4)]);
    desk.expect("asked PlaceCode");
    touch(&desk, &[(950, 620)]);
    desk.expect("asked SavePlaceCode");
    // School is out: another mode, with the PIN.
    touch(&desk, &[BACK, MORE, tile(8), (1050, 330)]);
    number(&desk, &[4, 9, 1, 7]);
    touch(&desk, &[DONE]);
    desk.expect("asked Change(Mode(School))");
    // The other way, and the queue is waved through.
    touch(&desk, &[BACK, (130, 742)]);
    desk.expect("pressed Turn");
    touch(&desk, &[MORE, tile(2), (690, 370)]);
    desk.expect("pressed Types(true)");
    number(&desk, &[4, 1, 7]);
    touch(&desk, &[DONE]);
    let mut typed = desk.next();
    while typed == "pressed Types(true)" {
        typed = desk.next();
    }
    assert!(typed.starts_with("pressed Open(") && typed.ends_with("GuardNumber(417))"), "{typed}");
    desk.expect("pressed Types(false)");
    // A finger that trembles: where "check again" stood, "let pass" stands now.
    desk.xdotool(&["mousemove", "876", "742", "sleep", "0.5", "click", "--repeat", "2", "--delay", "60", "1"]);
    desk.expect("pressed Close");
    std::thread::sleep(Duration::from_millis(600));
    touch(&desk, &[MORE, tile(3)]);
    let mut next = desk.next();
    while next == "pressed Close" {
        next = desk.next();
    }
    assert!(next.starts_with("asked Figures("), "nothing else was opened: {next}");
}

#[test]
fn without_a_display_it_says_what_to_do() {
    if !example().is_file() {
        println!("skipped: the example `window` is not built; `cargo build --examples` builds it");
        return;
    }
    let run = |display: Option<&str>| {
        let mut command = Command::new(example());
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
            command.env_remove(name);
        }
        command.envs(display.map(|display| ("DISPLAY", display))).arg("1280x800").output().unwrap()
    };
    for (display, expected) in [(None, "no display"), (Some(":4095"), "could not be opened")] {
        let output = run(display);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && errors.contains(expected), "{display:?}: {errors}");
        assert!(!errors.contains("panicked"), "{display:?}: {errors}");
    }
}

/// Records of the kiosk in this folder, as far as another one follows them; none before there is a journal.
fn records(state: &Path) -> Vec<RecordEvent> {
    let Ok(reader) = Reader::open(&journal_dir(state)) else { return Vec::new() };
    reader.entries(1).unwrap().map(|stored| stored.unwrap().entry.record().event.clone()).collect()
}

/// `systemctl stop` and power-off end a run as the closed window does.
#[test]
fn a_kiosk_that_is_asked_to_stop_signs_what_it_recorded() {
    let Some(display) = display() else { return };
    let state = tempfile::tempdir().unwrap();
    let mut kiosk = Program(
        Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["run", "--windowed", "--state"])
            .arg(state.path())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("DISPLAY", &display.name)
            .env("HOME", state.path())
            .env_remove("WAYLAND_DISPLAY")
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let begun = Instant::now();
    let until = |done: &dyn Fn() -> bool| {
        while !done() {
            assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", records(state.path()));
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    until(&|| !display.xdotool(&["search", "--class", "kiosk"]).is_empty());
    std::thread::sleep(Duration::from_secs(1));
    let window = display.xdotool(&["search", "--class", "kiosk"]);
    display.xdotool(&["windowfocus", "--sync", window.lines().last().unwrap()]);
    display.xdotool(&["type", "--delay", "8", "HC1:NOT A CERTIFICATE"]);
    display.xdotool(&["key", "Return"]);
    until(&|| matches!(records(state.path()).last(), Some(RecordEvent::Passage(_))));
    let id = kiosk.0.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    let ended = kiosk.0.wait().unwrap();
    let records = records(state.path());
    let Some([RecordEvent::Passage(_), RecordEvent::Checkpoint(_)]) = records.last_chunk() else {
        panic!("{records:?}")
    };
    assert!(ended.success(), "{ended}");
}
