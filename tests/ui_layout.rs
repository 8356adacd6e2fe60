//! Every text stands whole, inside the window and over no other, and every button is large enough for a glove: in every state, mode,
//! language and size. Nothing is painted: what is compared is where the accessibility tree says that everything stands.

mod scenes;
mod shown;

use std::collections::BTreeSet;
use std::path::Path;

use checkpoint::screen::{Stage, Who};
use egui::accesskit::{Action, Role};
use egui::{Rect, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::NodeT;
use kiosk::mode::Mode;
use kiosk::ui::text::ELIDED;
use kiosk::ui::theme::{Look, TextSize, ThemeFile};
use kiosk::words::Language;
use scenes::{Scene, all_texts, scenes};
use shown::{SIZES, give_a_picture, leaves, show_in, text_of, turn_to};

/// On the displays for which the sizes are made.
fn check_layout(language: Language, size: Vec2) {
    let dpi = if size.y < 700.0 { 170.0 } else { 186.0 };
    check_layout_in(all_texts(), language, size, TextSize::Usual, dpi);
}

/// The same on a display of so many dots an inch.
fn check_layout_in(all: Vec<Scene>, language: Language, size: Vec2, text: TextSize, dpi: f32) {
    let window = Rect::from_min_size(egui::Pos2::ZERO, size).expand(0.5);
    let touch = 12.0 / 25.4 * dpi;
    let theme = ThemeFile::built_in().dress(Look::Day, text, dpi);
    let mut harness = show_in(scenes()[0].clone(), language, size, theme);
    give_a_picture(&mut harness);
    for scene in all {
        let (name, scene_is_verdict) = (scene.name.clone(), scene.decided.is_some() && !scene.panel.is_open());
        let shown = turn_to(&mut harness, scene, language);
        let touched = |node: &Node<'_>| node.accesskit_node().data().supports_action(Action::Click);
        let nameless = shown.root().children_recursive().find(|node| touched(node) && text_of(node).is_none());
        assert!(nameless.is_none(), "{name} {size}: {nameless:?} can be touched and has no name");
        let leaves = leaves(shown);
        assert!(leaves.len() > 10, "{name}: nothing was drawn");
        // Where a node is depends on all above it: asked once.
        let leaves: Vec<_> = leaves.into_iter().map(|(node, text)| (node.rect(), node, text)).collect();
        for (rect, node, text) in &leaves {
            let rect = *rect;
            assert!(window.contains_rect(rect), "{name} {size}: {text:?} at {rect} leaves the window");
            let elided = node.accesskit_node().data().description() == Some(ELIDED);
            assert!(!elided, "{name} {size}: the end of {text:?} is missing");
            if node.accesskit_node().role() == Role::Button {
                let side = rect.height().min(rect.width());
                // A keyboard of letters is typed on, not struck at: 9 mm a key, as on a telephone turned sideways.
                let touch = if name.starts_with("entry") { touch * 0.75 } else { touch };
                assert!(side >= touch - 0.5, "{name} {size}: {text:?} is only {side} high");
            }
        }
        if scene_is_verdict {
            // Beside the word of the verdict nothing else reads like it: who listens hears one answer.
            let mut said = BTreeSet::new();
            let labels = leaves.iter().filter(|(_, node, _)| node.accesskit_node().role() == Role::Label);
            for (_, _, text) in labels {
                assert!(said.insert(text), "{name}: {text:?} is said twice");
            }
        }
        // Over the live picture lie buttons, outlines and what hinders reading.
        let picture = |node: &Node<'_>| node.accesskit_node().role() == Role::Image;
        let texts: Vec<_> = leaves.iter().filter(|(_, node, _)| !picture(node)).collect();
        for (index, (one, _, text)) in texts.iter().enumerate() {
            for (other, _, beside) in &texts[index + 1..] {
                let common = one.intersect(*other);
                // Rows of text have room above and below their letters: that much may be shared.
                let slack = 0.2 * one.height().min(other.height());
                let apart = common.width() <= 1.0 || common.height() <= slack;
                assert!(apart, "{name} {size}: {text:?} {one} and {beside:?} {other} overlap");
            }
        }
    }
}

#[test]
fn everything_fits_in_vietnamese() {
    for size in SIZES {
        check_layout(Language::Vietnamese, size);
    }
}

#[test]
fn everything_fits_in_large_text_and_on_dense_displays() {
    for language in Language::ALL {
        check_layout_in(scenes(), language, SIZES[0], TextSize::Large, 186.0);
        check_layout_in(scenes(), language, SIZES[1], TextSize::Large, 170.0);
    }
    // Seven inches of 1280 × 800, eight inches upright, ten inches of 1920 × 1080.
    check_layout_in(scenes(), Language::Vietnamese, SIZES[0], TextSize::Usual, 215.6);
    check_layout_in(scenes(), Language::Vietnamese, SIZES[3], TextSize::Usual, 188.7);
    check_layout_in(scenes(), Language::Vietnamese, SIZES[2], TextSize::Usual, 218.1);
}

#[test]
fn everything_fits_in_english() {
    for size in SIZES {
        check_layout(Language::English, size);
    }
}

/// What can stand in the middle, once each, with what makes it fullest.
fn states() -> Vec<Scene> {
    let wanted = [
        "waiting-question",
        "waiting-party",
        "waiting-due",
        "waiting-faults",
        "waiting-glare",
        "gathering-notice",
        "gathering-unsigned",
        "admit-until",
        "refuse-wrong-code",
        "refer-clock",
        "override",
        "registered",
        "refuse-party",
        "open",
        "head",
        "noted-kept",
        "school-inside",
        "out-of-service",
    ];
    let states: Vec<_> = scenes().into_iter().filter(|scene| wanted.contains(&scene.name.as_str())).collect();
    assert_eq!(states.len(), wanted.len());
    // No variant of the lane's stage is left out: a new one does not compile before somebody looks.
    for scene in &states {
        match scene.screen.stage {
            Stage::Waiting | Stage::Gathering(_) | Stage::Decided(_) | Stage::Open(_) | Stage::Head(_) => {}
            Stage::Noted(_) | Stage::OutOfService(_) | Stage::Inside(_) => {}
        }
    }
    states
}

/// The same state as another mode shows it.
fn in_mode(mut scene: Scene, mode: Mode) -> Scene {
    (scene.desk.mode, scene.desk.ways) = (mode, mode.ways());
    scene.name = format!("{} in {}", scene.name, mode.word());
    if !scene.desk.ways.names
        && let Some(decided) = &mut scene.decided
        && matches!(decided.who, Some(Who::Named { .. }))
    {
        decided.who = Some(Who::Masked);
    }
    scene
}

fn complete(language: Language) -> bool {
    Language::ALL.contains(&language)
}

fn check_modes(size: Vec2) {
    let dpi = if size.y < 700.0 { 170.0 } else { 186.0 };
    Language::bring(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/languages")))
        .expect("they come with the kiosk");
    for language in Language::own() {
        // A language of the borders speaks to visitors.
        let modes = || Mode::ALL.into_iter().filter(move |mode| complete(language) || mode.ways().faces_visitor);
        let all = || modes().flat_map(|mode| states().into_iter().map(move |scene| in_mode(scene, mode)));
        check_layout_in(all().collect(), language, size, TextSize::Usual, dpi);
        // Large texts only where a mode stands elsewhere: it shares everything else with another.
        let apart = |scene: &Scene| matches!(scene.desk.mode, Mode::Patrol | Mode::Unattended | Mode::Training);
        check_layout_in(all().filter(apart).collect(), language, size, TextSize::Large, dpi);
    }
}

#[test]
fn every_state_fits_in_every_mode_at_1280_by_800() {
    check_modes(SIZES[0]);
}

#[test]
fn every_state_fits_in_every_mode_at_1024_by_600() {
    check_modes(SIZES[1]);
}

#[test]
fn every_state_fits_in_every_mode_at_1920_by_1080() {
    check_modes(SIZES[2]);
}

#[test]
fn every_state_fits_in_every_mode_upright() {
    check_modes(SIZES[3]);
}

/// Looks are colours alone: what fits in one fits in all.
#[test]
fn looks_change_no_size() {
    let file = ThemeFile::built_in();
    for text in [TextSize::Usual, TextSize::Large] {
        let sizes = Look::ALL.map(|look| format!("{:?}", file.dress(look, text, 186.0).sizes));
        assert!(sizes.iter().all(|of| *of == sizes[0]));
    }
}
