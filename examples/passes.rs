//! Draws passes of the screen without a graphics card, so that their instructions can be counted.
//!
//! `passes SCENE COUNT [picture]`: with `picture`, each pass brings a new frame of 1280 × 720, as in use; without, none, as when a
//! second passes. What one pass costs is a tenth of what ten more cost (`scripts/bench.sh`).

#[path = "../tests/scenes/mod.rs"]
mod scenes;

use std::hint::black_box;
use std::time::Duration;

use egui::{Context, RawInput, Rect, UiBuilder, Vec2};
use kiosk::frame::Frame;
use kiosk::ui::picture::Picture;
use kiosk::ui::theme::Theme;
use kiosk::ui::view::screen_ui;
use kiosk::words::{Language, Words};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [scene, count, rest @ ..] = arguments.as_slice() else {
        return Err("usage: passes SCENE COUNT [picture]".into());
    };
    let (scene, count): (_, u64) = (scenes::by_name(scene), count.parse()?);
    let (words, theme) = (Words::new(Language::Vietnamese), Theme::built_in());
    let mut local = scene.local(Language::Vietnamese);
    let context = Context::default();
    kiosk::ui::prepare(&context);
    let mut picture = None;
    for number in 0..count {
        if number == 0 || !rest.is_empty() {
            let luma = (0..1280 * 720).map(|pixel: u64| (pixel / 5 + number * 8) as u8).collect();
            let frame = Frame::new(luma, 1280, 720, number, Duration::from_millis(33 * number));
            Picture::put(&mut picture, &context, &frame.ok_or("sides and pixels agree")?, false);
        }
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(1280.0, 800.0))),
            time: Some(number as f64),
            ..RawInput::default()
        };
        let output = context.run_ui(input, |ui| {
            let mut whole = ui.new_child(UiBuilder::new().max_rect(ui.ctx().content_rect()));
            let view = scene.view(&words, &theme, picture.as_ref());
            black_box(screen_ui(&mut whole, &view, &mut local));
        });
        black_box(context.tessellate(output.shapes, output.pixels_per_point));
    }
    Ok(())
}
