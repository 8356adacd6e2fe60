//! Takes a picture of every state of the screen, in every language, from the real window.
//!
//! `cargo run --example screens -- DIR [WIDTHxHEIGHT [PART [LOOK [TEXT [MESSAGES]]]]]`, under a display of that size, for example
//! `xvfb-run -s "-screen 0 1280x800x24" cargo run --example screens -- /tmp/screens 1280x800`. PART: only states whose names hold one
//! of these words, parted by commas; LOOK: "day", "night" or "contrast" in place of each mode's own; TEXT: "usual" or "large"; MESSAGES: a folder
//! of more languages.

#[path = "../tests/scenes/mod.rs"]
mod scenes;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egui::{ColorImage, ViewportBuilder, ViewportCommand};
use kiosk::frame::Frame;
use kiosk::ui::picture::Picture;
use kiosk::ui::theme::{Look, TextSize, ThemeFile};
use kiosk::ui::view::screen_ui;
use kiosk::words::Language;
use scenes::Scene;

struct Gallery {
    folder: PathBuf,
    scenes: Vec<(Language, Scene)>,
    next: usize,
    passes: u32,
    saved: Arc<AtomicUsize>,
    theme: ThemeFile,
    look: Option<Look>,
    text: TextSize,
    picture: Option<Picture>,
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let Some((language, scene)) = self.scenes.get(self.next) else {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            return;
        };
        let words = scene.words(*language);
        let look = self.look.or(scene.desk.ways.look).unwrap_or_default();
        let theme = self.theme.dress(look, self.text, 0.0);
        let view = scene.view(&words, &theme, self.picture.as_ref());
        screen_ui(ui, &view, &mut scene.local(*language));
        // Two passes until everything is laid out, then one picture, then the next state.
        self.passes += 1;
        if self.passes == 3 {
            let path = self.folder.join(format!("{}-{language}.png", scene.name));
            let saved = self.saved.clone();
            ui.ctx().request_screenshot(move |picture| {
                if let Err(error) = save(&path, &picture) {
                    eprintln!("{}: {error}", path.display());
                }
                saved.fetch_add(1, Ordering::Relaxed);
            });
        }
        if self.saved.load(Ordering::Relaxed) > self.next {
            self.next += 1;
            self.passes = 0;
        }
        ui.ctx().request_repaint_after(Duration::from_millis(5));
    }
}

fn save(path: &std::path::Path, picture: &ColorImage) -> Result<(), image::ImageError> {
    let [width, height] = picture.size;
    let rgb: Vec<u8> = picture.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    image::save_buffer(path, &rgb, width as u32, height as u32, image::ExtendedColorType::Rgb8)
}

/// A hand-held code before a soft background: drawn, nobody's.
fn pretend_frame() -> Frame {
    let (width, height) = (1280_usize, 720_usize);
    let code = qrcode::QrCode::new(b"DEMO: nobody's code").expect("a short text fits");
    let modules = code.width();
    let colors = code.to_colors();
    let luma = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)))
        .map(|(x, y)| {
            // A sheet of paper, turned a little.
            let (dx, dy) = (x - 660.0, y - 370.0);
            let (u, v) = (dx * 0.985 + dy * 0.17, dy * 0.985 - dx * 0.17);
            let back = 70.0 + 40.0 * (x / 190.0).sin() * (y / 140.0).cos() + 25.0 * (y / 720.0);
            if u.abs() < 270.0 && v.abs() < 300.0 {
                let module = 420.0 / modules as f32;
                let (column, row) = ((u + 210.0) / module, (v + 210.0) / module);
                let inside = (0.0..modules as f32).contains(&column) && (0.0..modules as f32).contains(&row);
                let dark = inside && colors[row as usize * modules + column as usize] == qrcode::Color::Dark;
                return if dark { 38 } else { 214 };
            }
            back as u8
        })
        .collect();
    Frame::new(luma, width, height, 1, Duration::ZERO).expect("sides and pixels agree")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: screens DIR [WIDTHxHEIGHT]")?);
    let size = arguments.next().unwrap_or_else(|| "1280x800".to_owned());
    let (width, height) = size.split_once('x').ok_or("the size is written 1280x800")?;
    let size = [width.parse::<f32>()?, height.parse::<f32>()?];
    let part = arguments.next().unwrap_or_default();
    let look =
        arguments.next().map(|word| Look::ALL.into_iter().find(|look| look.word() == word).ok_or("LOOK is unknown"));
    let text = match arguments.next().as_deref() {
        None | Some("usual") => TextSize::Usual,
        Some("large") => TextSize::Large,
        Some(_) => return Err("TEXT is usual or large".into()),
    };
    if let Some(messages) = arguments.next() {
        Language::bring(std::path::Path::new(&messages))?;
    }
    let wanted = |scene: &Scene| part.split(',').any(|word| scene.name.contains(word));
    std::fs::create_dir_all(&folder)?;
    let native = eframe::NativeOptions {
        viewport: ViewportBuilder::default().with_inner_size(size).with_position([0.0, 0.0]),
        ..Default::default()
    };
    let all = Language::own().flat_map(|language| scenes::scenes().into_iter().map(move |s| (language, s)));
    let mut gallery = Gallery {
        folder,
        scenes: all.filter(|(_, scene)| wanted(scene)).collect(),
        next: 0,
        passes: 0,
        saved: Arc::default(),
        theme: ThemeFile::built_in(),
        look: look.transpose()?,
        text,
        picture: None,
    };
    eframe::run_native(
        "screens",
        native,
        Box::new(move |created| {
            kiosk::ui::prepare(&created.egui_ctx);
            Picture::put(&mut gallery.picture, &created.egui_ctx, &pretend_frame(), false);
            Ok(Box::new(gallery))
        }),
    )?;
    Ok(())
}
