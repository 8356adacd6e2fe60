//! The real window with canned screens: prints what is pressed and typed. For tests by touch and keyboard wedge, and to
//! try a theme. `cargo run --example window -- [WIDTHxHEIGHT] [SCREENSHOT-FOLDER]`

#[path = "../tests/scenes/mod.rs"]
mod scenes;

use std::sync::mpsc;
use std::time::Duration;

use checkpoint::screen::{Fault, GuardAction, Stage};
use kiosk::ui::{Keystroke, Options, Outbox, Screenshots, Stroke, WindowHandle};

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().unwrap_or_else(|| "1280x800".to_owned());
    let (width, height) = size.split_once('x').ok_or("the size is written 1280x800")?;
    let screenshots = arguments.next().map(|folder| Screenshots { folder: folder.into(), count_max: Some(3) });
    let options =
        Options { fullscreen: false, size: [width.parse()?, height.parse()?], screenshots, ..Options::default() };
    let (actions, pressed) = mpsc::channel();
    let (keys, typed) = mpsc::channel::<Keystroke>();
    let handle = WindowHandle::default();

    let lane = handle.clone();
    std::thread::spawn(move || {
        lane.show(scenes::screen(Stage::Waiting));
        for action in pressed {
            println!("pressed {action:?}");
            // As a lane would: another stage for each press.
            match action {
                GuardAction::Override(_) => lane.show(scenes::scenes()[1].screen.clone()),
                GuardAction::Dismiss => lane.show(scenes::screen(Stage::OutOfService(Fault::DiskFull))),
                GuardAction::BeginParty => lane.show(scenes::by_name("waiting-party").screen),
                GuardAction::Open(..) => lane.show(scenes::by_name("open").screen),
                GuardAction::Types(_) => {}
                _ => lane.show(scenes::screen(Stage::Waiting)),
            }
        }
    });
    std::thread::spawn(move || {
        let mut line = String::new();
        for keystroke in typed {
            match keystroke.stroke {
                Stroke::Char(char) => line.push(char),
                Stroke::Enter | Stroke::Tab => println!("typed {}", std::mem::take(&mut line)),
            }
        }
    });
    let frames = handle.clone();
    std::thread::spawn(move || {
        for sequence in 0.. {
            let luma = (0..1280 * 720).map(|pixel: u64| (pixel / 5 + sequence * 8) as u8).collect();
            let at = Duration::from_millis(33 * sequence);
            if let Some(frame) = kiosk::frame::Frame::new(luma, 1280, 720, sequence, at) {
                frames.picture(frame, false);
            }
            std::thread::sleep(Duration::from_millis(33));
        }
    });
    let (camera, touches) = mpsc::channel();
    std::thread::spawn(move || touches.into_iter().for_each(|touch| println!("touched {touch:?}")));
    let (desk, asks) = mpsc::channel();
    std::thread::spawn(move || asks.into_iter().for_each(|ask| println!("asked {ask:?}")));
    handle.desk(scenes::desk());
    handle.tools(scenes::by_name("waiting-glare").tools);
    kiosk::ui::run(&handle, Outbox { actions, camera, desk, keys }, options)?;
    println!("closed");
    Ok(())
}
