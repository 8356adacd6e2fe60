//! A window without a display that shows one state, for the tests that read its accessibility tree.

// Each of those tests uses a part.
#![allow(dead_code)]

use checkpoint::screen::GuardAction;
use egui::{UiBuilder, Vec2};
use egui_kittest::kittest::NodeT;
use egui_kittest::{Harness, Node};
use kiosk::ui::desk::DeskAsk;
use kiosk::ui::picture::{CameraTouch, Picture};
use kiosk::ui::theme::Theme;
use kiosk::ui::view::{Local, Press, screen_ui};
use kiosk::words::{Language, Words};

use crate::scenes::Scene;

pub const SIZES: [Vec2; 4] =
    [Vec2::new(1280.0, 800.0), Vec2::new(1024.0, 600.0), Vec2::new(1920.0, 1080.0), Vec2::new(800.0, 1280.0)];

/// A window that shows one scene, and what was pressed in it.
pub struct Shown {
    pub scene: Scene,
    pub words: Words,
    pub theme: Theme,
    pub local: Local,
    pub pressed: Vec<GuardAction>,
    pub camera: Vec<CameraTouch>,
    pub desk: Vec<DeskAsk>,
    pub picture: Option<Picture>,
}

pub fn show(scene: Scene, language: Language, size: Vec2) -> Harness<'static, Shown> {
    show_in(scene, language, size, Theme::built_in())
}

pub fn show_in(scene: Scene, language: Language, size: Vec2, theme: Theme) -> Harness<'static, Shown> {
    let local = scene.local(language);
    let (words, pressed, camera) = (scene.words(language), Vec::new(), Vec::new());
    let shown = Shown { scene, words, theme, local, pressed, camera, desk: vec![], picture: None };
    let mut prepared = false;
    let mut harness = Harness::builder().with_size(size).build_ui_state(
        move |ui, shown: &mut Shown| {
            if !std::mem::replace(&mut prepared, true) {
                // Fonts arrive with the next pass.
                kiosk::ui::prepare(ui.ctx());
                ui.ctx().request_repaint();
                return;
            }
            let view = shown.scene.view(&shown.words, &shown.theme, shown.picture.as_ref());
            // The harness leaves a margin; a window has none.
            let mut whole = ui.new_child(UiBuilder::new().max_rect(ui.ctx().content_rect()));
            match screen_ui(&mut whole, &view, &mut shown.local) {
                Some(Press::Guard(action)) => shown.pressed.push(action),
                Some(Press::Camera(touch)) => shown.camera.push(touch),
                Some(Press::Desk(ask)) => shown.desk.push(ask),
                None => {}
            }
        },
        shown,
    );
    harness.run_steps(3);
    harness
}

/// Another scene in the same window: fonts are laid out once.
pub fn turn_to<'h>(
    window: &'h mut Harness<'static, Shown>,
    scene: Scene,
    language: Language,
) -> &'h Harness<'static, Shown> {
    let shown = window.state_mut();
    (shown.local, shown.words, shown.scene) = (scene.local(language), scene.words(language), scene);
    window.step();
    window
}

/// Text of every leaf: labels keep theirs as a value, everything else as a label.
pub fn text_of(node: &Node<'_>) -> Option<String> {
    let node = node.accesskit_node();
    node.value().or_else(|| node.label()).filter(|text| !text.is_empty())
}

pub fn leaves<'a>(harness: &'a Harness<'_, Shown>) -> Vec<(Node<'a>, String)> {
    let root = harness.root();
    root.children_recursive().filter_map(|node| text_of(&node).map(|text| (node, text))).collect()
}

#[track_caller]
pub fn assert_shows(harness: &Harness<'_, Shown>, texts: &[&str]) {
    let shown: Vec<_> = leaves(harness).into_iter().map(|(_, text)| text).collect();
    for text in texts {
        assert!(shown.iter().any(|shown| shown == text), "{text:?} is not among {shown:#?}");
    }
}

/// A gray frame, as from a camera.
pub fn give_a_picture(harness: &mut Harness<'_, Shown>) {
    let frame = kiosk::frame::Frame::new(vec![120; 64 * 36], 64, 36, 1, std::time::Duration::ZERO);
    let mut picture = None;
    Picture::put(&mut picture, &harness.ctx.clone(), &frame.expect("sides and pixels agree"), false);
    harness.state_mut().picture = picture;
    harness.run_steps(2);
}
