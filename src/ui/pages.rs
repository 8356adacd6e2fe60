//! Pages of a guard's day, over the whole middle: figures, codes to show, a shift, checklists, modes, help.

mod changes;
mod checks;
mod figures;
mod grid;
mod help;
mod inside;
mod place_code;
mod places;
mod practice;
mod shift;

use egui::accesskit::Role;
use egui::{Align2, Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
pub(super) use inside::{inside_ui, school_ui};
pub(super) use places::recent_ui;

use super::desk::{PinSays, Span};
use super::icons::{self, Icon};
use super::panels::{head_ui, key_ui};
use super::text::{self, Type};
use super::theme::{Colour, Scale, Theme, Weight};
use super::view::{Local, Press, View};

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Statistics of these days.
    Figures(Span),
    /// The place's own code.
    PlaceCode,
    /// Taking over, or leaving.
    Shift,
    /// Checklists, and which are due.
    Lists,
    /// One checklist.
    List(usize),
    /// Where the kiosk stands: all, or those of one region.
    Places(Option<String>),
    /// What it is used for.
    Modes,
    /// Rule sets, and which are chosen so far.
    Rules(Vec<bool>),
    /// What became of a PIN.
    Pin,
    /// How it is used.
    Help,
    /// Codes that guards learn with.
    Practice,
    /// One of them, and which of its codes is shown.
    Exercise(usize, usize),
    /// Versions and names.
    About,
}

/// Draws the page that is open and takes what was pressed in it.
pub(super) fn page_ui(ui: &Ui, place: Rect, local: &mut Local, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let super::panels::Panel::Page(page) = local.panel.clone() else { return None };
    let title = match &page {
        Page::Figures(_) => "figures",
        Page::PlaceCode => "place-code",
        Page::Shift => "shift",
        Page::Lists | Page::List(_) => "lists",
        Page::Places(_) if view.desk.places_signed => "places",
        Page::Places(_) => "places-unsigned",
        Page::Modes => "modes",
        Page::Rules(_) => "rules",
        Page::Pin => "pin",
        Page::Help => "help",
        Page::Practice | Page::Exercise(..) => "practice",
        Page::About => "about",
    };
    if page == Page::Modes {
        return changes::modes_ui(ui, place, local, view, scale);
    }
    let body = head_ui(ui, place, title, view.words, view.theme, scale);
    match page {
        Page::Figures(span) => return figures::figures_ui(ui, place, body, span, local, view, scale),
        Page::PlaceCode => return place_code::place_code_ui(ui, body, view, scale),
        Page::Shift => return shift::shift_ui(ui, body, local, view, scale),
        Page::Lists => return checks::lists_ui(ui, body, local, view, scale),
        Page::List(list) => return checks::list_ui(ui, body, list, local, view, scale),
        Page::Rules(chosen) => return changes::rules_ui(ui, body, chosen, local, view, scale),
        Page::Pin => {
            let (text, icon, ink) = pin_says(view);
            said_ui(ui, body, "pin-says", &text, icon, ink, view, scale);
        }
        Page::Help => help::help_ui(ui, body, view, scale),
        Page::Practice => return practice::practice_ui(ui, body, local, view, scale),
        Page::Exercise(exercise, code) => return practice::exercise_ui(ui, body, exercise, code, local, view, scale),
        Page::About => about_ui(ui, body, view, scale),
        Page::Places(region) => return places::places_ui(ui, body, region, local, view, scale),
        Page::Modes => {}
    }
    None
}

/// What became of the PIN that was typed.
fn pin_says(view: &View<'_>) -> (String, Icon, Colour) {
    let (paint, words) = (&view.theme.paint, view.words);
    match view.desk.pin {
        PinSays::Nothing => (words.get("pin-done"), Icon::Tick, paint.admit.fill),
        PinSays::Checking => (words.get("pin-checking"), Icon::Clock, paint.ink_soft),
        PinSays::Wrong { tries_left } => {
            (words.count("pin-wrong", "n", i64::from(tries_left)), Icon::Cross, paint.refuse.fill)
        }
        PinSays::Locked { secs } => {
            (words.count("pin-locked", "n", secs.div_ceil(60) as i64), Icon::Warning, paint.refer.fill)
        }
        PinSays::NotSet => (words.get("pin-not-set"), Icon::Warning, paint.refer.fill),
        PinSays::Engaged => (words.get("engaged"), Icon::Warning, paint.refer.fill),
        PinSays::NotKept => (words.get("pin-not-kept"), Icon::Warning, paint.refer.fill),
    }
}

/// One thing to say on a whole page.
#[allow(clippy::too_many_arguments)] // One drawing call: a struct of its own would be read nowhere else.
fn said_ui(ui: &Ui, place: Rect, salt: &str, text: &str, icon: Icon, ink: Colour, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let side = scale.of(110.0).min(place.height() * 0.3);
    let mark = Rect::from_center_size(pos2(place.center().x, place.top() + place.height() * 0.28), Vec2::splat(side));
    icons::icon(ui.painter(), mark, icon, ink.into());
    let style = Type::line(scale.of(sizes.advice), sizes.smallest, Weight::SemiBold, paint.ink.into()).wrapped();
    let below = place.with_min_y(mark.bottom() + scale.of(20.0)).shrink2(vec2(place.width() * 0.08, 0.0));
    text::text(ui, below, salt, text, style.at(Align2::CENTER_TOP));
}

/// Versions and names, a line each.
fn about_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) {
    let journal = view.desk.journal.as_ref().map(|journal| ("journal", journal.line(view.words)));
    let about: Vec<_> = view.desk.about.iter().cloned().chain(journal).collect();
    let rows = rows(place, about.len(), scale.of(58.0));
    for ((name, value), row) in about.iter().zip(rows) {
        let label = view.words.get(&format!("about-{name}"));
        line_ui(ui, row, name, &label, value, view, scale);
    }
}

/// A name at the left and a value beside it.
fn line_ui(ui: &Ui, row: Rect, salt: &str, label: &str, value: &str, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let split = row.left() + row.width() * 0.34;
    let soft = Type::line(scale.of(22.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    let big = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    text::text(ui, row.with_max_x(split - scale.of(10.0)), &format!("{salt}-label"), label, soft);
    text::text(ui, row.with_min_x(split), salt, value, big);
    ui.painter().hline(row.x_range(), row.bottom(), Stroke::new(1.0, paint.line));
}

/// So many rows, one below the other, each at most so high.
fn rows(place: Rect, count: usize, high: f32) -> Vec<Rect> {
    let height = (place.height() / count.max(1) as f32).min(high);
    (0..count).map(|row| text::rect(place.left(), place.top() + row as f32 * height, place.width(), height)).collect()
}

/// A row that can be ticked: a box, a text, and behind it a few words. Returns whether it was touched.
#[allow(clippy::too_many_arguments)] // One drawing call: a struct of its own would be read nowhere else.
fn tick_ui(
    ui: &Ui,
    row: Rect,
    salt: &str,
    ticked: bool,
    label: &str,
    note: &str,
    view: &View<'_>,
    scale: &Scale,
) -> bool {
    let Theme { paint, sizes } = view.theme;
    let response = ui.interact(row, ui.scope_id().with(("tick", salt)), Sense::click());
    let name = if note.is_empty() { label.to_owned() } else { format!("{label}: {note}") };
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, ticked, &name));
    let corner = CornerRadius::same(scale.of(sizes.corner * 0.7) as u8);
    let ground: Color32 = if ticked { paint.admit.tint.into() } else { paint.ground.into() };
    ui.painter().rect_filled(row, corner, ground);
    let side = (row.height() * 0.5).min(scale.of(46.0));
    let mark =
        Rect::from_center_size(pos2(row.left() + scale.of(18.0) + side / 2.0, row.center().y), Vec2::splat(side));
    let edge = Stroke::new(scale.of(3.0), paint.button);
    ui.painter().rect_stroke(mark, CornerRadius::same(scale.of(6.0) as u8), edge, StrokeKind::Inside);
    if ticked {
        icons::icon(ui.painter(), mark.shrink(side * 0.16), Icon::Tick, paint.button.into());
    }
    let wide = if note.is_empty() { 0.0 } else { row.width() * 0.24 };
    let beside = row.with_min_x(mark.right() + scale.of(16.0)).with_max_x(row.right() - scale.of(14.0) - wide);
    let style = Type::line(scale.of(25.0), sizes.smallest, Weight::SemiBold, paint.ink.into()).wrapped();
    text::paint(ui, beside, label, style);
    if !note.is_empty() {
        let style = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
        let end = row.with_min_x(beside.right()).with_max_x(row.right() - scale.of(14.0));
        text::paint(ui, end, note, style.at(Align2::RIGHT_CENTER));
    }
    response.clicked()
}

/// A button of a page.
fn button_ui(ui: &Ui, place: Rect, word: &str, view: &View<'_>, scale: &Scale) -> bool {
    key_ui(ui, place, word, &view.words.get(word), scale.of(26.0), view.theme, scale)
}

/// The lowest part of a page, for its buttons, and what is left above.
fn foot(place: Rect, scale: &Scale) -> (Rect, Rect) {
    let row = place.with_min_y(place.bottom() - scale.touch());
    (place.with_max_y(row.top() - scale.of(10.0)), row)
}
