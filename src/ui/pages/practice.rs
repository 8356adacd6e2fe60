//! Codes that guards learn with: a list, and each as a code that another kiosk or this one reads.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::place_code::halves;
use super::{Page, button_ui, foot};
use crate::ui::desk::DeskAsk;
use crate::ui::icons;
use crate::ui::panels::{Panel, segment_ui};
use crate::ui::stage::code_ui;
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::{Local, Press, View};

/// Every exercise, a button each, with the sign of what comes of it where the usual rule sets are required.
pub(super) fn practice_ui(ui: &Ui, place: Rect, local: &mut Local, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    let exercises = &view.desk.practice;
    let columns = if scale.portrait { 2 } else { 5 };
    let lines = exercises.len().div_ceil(columns).max(1);
    let gap = scale.of(sizes.gap) * 0.6;
    let width = (place.width() - gap * (columns - 1) as f32) / columns as f32;
    let height = ((place.height() - gap * (lines - 1) as f32) / lines as f32).min(scale.of(130.0));
    for (index, exercise) in exercises.iter().enumerate() {
        let (column, line) = ((index % columns) as f32, (index / columns) as f32);
        let cell = rect(place.left() + column * (width + gap), place.top() + line * (height + gap), width, height);
        let label = view.words.get(&format!("practice-{}", exercise.id));
        let response = ui.interact(cell, ui.scope_id().with(("exercise", index)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        let tone = view.theme.tone(exercise.outcome);
        let ground = if response.is_pointer_button_down_on() { paint.line } else { tone.tint };
        ui.painter().rect_filled(cell, CornerRadius::same(scale.of(sizes.corner * 0.7) as u8), ground);
        let side = (cell.height() * 0.5).min(scale.of(44.0));
        let mark =
            Rect::from_center_size(pos2(cell.left() + scale.of(14.0) + side / 2.0, cell.center().y), Vec2::splat(side));
        icons::outcome(ui.painter(), mark, exercise.outcome, tone.fill.into(), tone.ink.into());
        let beside = cell.with_min_x(mark.right() + scale.of(14.0)).with_max_x(cell.right() - scale.of(10.0));
        let style = Type::line(scale.of(23.0), sizes.smallest, Weight::SemiBold, paint.ink.into()).wrapped();
        text::paint(ui, beside.shrink2(Vec2::new(0.0, scale.of(4.0))), &label, style);
        if response.clicked() {
            local.panel = Panel::Page(Page::Exercise(index, 0));
        }
    }
    None
}

/// One exercise: its code to be photographed, and a button that plays it here.
pub(super) fn exercise_ui(
    ui: &Ui,
    place: Rect,
    index: usize,
    shown: usize,
    local: &mut Local,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    let exercise = view.desk.practice.get(index)?;
    let (left, right) = halves(place, scale);
    if let Some(code) = exercise.codes.get(shown) {
        code_ui(ui, left, code, &view.words.get("practice-code"));
    }
    let (above, row) = foot(right, scale);
    let many = exercise.codes.len();
    let above = if many > 1 {
        let gap = scale.of(8.0);
        let line = above.with_min_y(above.bottom() - scale.touch());
        let width = (line.width() - gap * (many - 1) as f32) / many as f32;
        for code in 0..many {
            let button = rect(line.left() + (width + gap) * code as f32, line.top(), width, line.height());
            let label = view.words.count("practice-number", "n", code as i64 + 1);
            if segment_ui(ui, button, &format!("code-{code}"), &label, code == shown, view.theme, scale) {
                local.panel = Panel::Page(Page::Exercise(index, code));
            }
        }
        above.with_max_y(line.top() - gap)
    } else {
        above
    };
    let split = above.top() + above.height() * 0.5;
    let big = Type::line(scale.of(32.0), sizes.smallest, Weight::ExtraBold, paint.ink.into()).wrapped();
    let name = view.words.get(&format!("practice-{}", exercise.id));
    text::text(ui, above.with_max_y(split), "exercise", &name, big.at(Align2::LEFT_CENTER));
    let small = Type::line(scale.of(22.0), sizes.smallest, Weight::Regular, paint.ink_soft.into()).wrapped();
    let hint = view.words.get("practice-hint");
    text::text(ui, above.with_min_y(split), "exercise-hint", &hint, small.at(Align2::LEFT_TOP));
    if button_ui(ui, row, "practice-try", view, scale) {
        local.panel = Panel::Closed;
        return Some(DeskAsk::Practise(index).into());
    }
    None
}
