//! The place's own code.

use egui::{Align2, Rect, Ui, vec2};

use super::{button_ui, foot, line_ui, rows};
use crate::ui::desk::{DeskAsk, Poster};
use crate::ui::stage::code_ui;
use crate::ui::text::{self, Type};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::{Press, View};

/// The place's code, and a button for its poster.
pub(super) fn place_code_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    let (left, right) = halves(place, scale);
    if let Some(code) = &view.desk.place_code {
        code_ui(ui, left, code, &view.words.get("place-code-name"));
    }
    let (above, button) = foot(right, scale);
    let location = &view.screen.location;
    let lines = [
        ("place-name", location.name.as_str()),
        ("place-number", location.code.as_str()),
        ("place-province", location.province.as_str()),
    ];
    let top = above.with_max_y(above.top() + above.height() * 0.55);
    for ((word, value), row) in lines.into_iter().zip(rows(top, lines.len(), scale.of(58.0))) {
        line_ui(ui, row, word, &view.words.get(word), value, view, scale);
    }
    let words = view.words;
    let note = match &view.desk.poster {
        None => words.get("place-code-hint"),
        Some(Poster::OnStick(folder)) => words.with_text("place-code-on-stick", "folder", folder),
        Some(Poster::Here(folder)) => words.with_text("place-code-here", "folder", folder),
        Some(Poster::Printed(printer)) => words.with_text("place-code-printed", "printer", printer),
        Some(Poster::Failed(fault)) => words.with_text("place-code-not-saved", "fault", fault),
    };
    let style = Type::line(scale.of(22.0), sizes.smallest, Weight::Regular, paint.ink.into()).wrapped();
    let below = above.with_min_y(top.bottom() + scale.of(10.0));
    text::text(ui, below, "place-code-note", &note, style.at(Align2::LEFT_TOP));
    let save = match view.desk.printer {
        None => button,
        Some(_) => {
            let half = (button.width() - scale.of(10.0)) / 2.0;
            if button_ui(ui, button.with_max_x(button.left() + half), "place-code-print", view, scale) {
                return Some(DeskAsk::PrintPlaceCode.into());
            }
            button.with_min_x(button.right() - half)
        }
    };
    button_ui(ui, save, "place-code-save", view, scale).then(|| DeskAsk::SavePlaceCode.into())
}

/// A code's half and a writing's half.
pub(super) fn halves(place: Rect, scale: &Scale) -> (Rect, Rect) {
    if scale.portrait {
        let split = place.top() + place.height() * 0.56;
        (place.with_max_y(split), place.with_min_y(split + scale.of(14.0)))
    } else {
        let (left, right) = place.split_left_right_at_fraction(0.46);
        (left, right.shrink2(vec2(scale.of(14.0), 0.0)))
    }
}
