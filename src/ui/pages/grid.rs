//! Many buttons of one size, as many as a finger tells apart, and pages of them where they do not fit.

use egui::{Rect, Ui};

use crate::ui::panels::key_ui;
use crate::ui::text::rect;
use crate::ui::theme::Scale;
use crate::ui::view::View;

/// Draws the buttons of the page that is turned up and returns which was touched. `wide`: least width, in heights of a finger.
#[allow(clippy::too_many_arguments)] // One drawing call: a struct of its own would be read nowhere else.
pub(super) fn grid_ui(
    ui: &Ui,
    place: Rect,
    salt: &str,
    wide: f32,
    labels: &[String],
    turned: &mut usize,
    view: &View<'_>,
    scale: &Scale,
) -> Option<usize> {
    let gap = scale.of(10.0);
    let fit = |room: f32, least: f32| (((room + gap) / (least + gap)) as usize).max(1);
    let lines = fit(place.height(), scale.touch());
    let columns = fit(place.width() - scale.touch(), scale.touch() * wide);
    let (place, shown) = paged(ui, place, labels.len(), columns * lines, turned, view, scale);
    let width = (place.width() - gap * (columns - 1) as f32) / columns as f32;
    let height = ((place.height() - gap * (lines - 1) as f32) / lines as f32).min(scale.touch() * 1.3);
    let mut touched = None;
    for (at, label) in labels[shown.clone()].iter().enumerate() {
        let (column, line) = ((at % columns) as f32, (at / columns) as f32);
        let cell = rect(place.left() + column * (width + gap), place.top() + line * (height + gap), width, height);
        if key_ui(ui, cell, &format!("{salt}-{at}"), label, scale.of(28.0), view.theme, scale) {
            touched = Some(shown.start + at);
        }
    }
    touched
}

/// Which of so many are shown, with a button for the next of them where they do not fit.
pub(super) fn paged(
    ui: &Ui,
    place: Rect,
    count: usize,
    most: usize,
    turned: &mut usize,
    view: &View<'_>,
    scale: &Scale,
) -> (Rect, std::ops::Range<usize>) {
    if count <= most {
        return (place, 0..count);
    }
    let pages = count.div_ceil(most);
    let at = *turned % pages;
    let button = place.with_min_x(place.right() - scale.touch());
    let label = format!("{}/{pages} ›", at + 1);
    if key_ui(ui, button, "grid-next", &label, scale.of(24.0), view.theme, scale) {
        *turned = (at + 1) % pages;
    }
    (place.with_max_x(button.left() - scale.of(12.0)), at * most..((at + 1) * most).min(count))
}
