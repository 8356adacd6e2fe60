//! Statistics as plots: how many passed and when, why some did not, how long a scan takes. Each bar's name carries its number.

mod passed;
mod reasons;
mod scans;

use egui::{Align2, Rect, Ui, vec2};

use super::Page;
use crate::ui::desk::{DeskAsk, Span};
use crate::ui::panels::{Panel, segment_ui};
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::{Local, Press, View};
use crate::words;

/// Draws the plots of the days that are chosen, and the buttons that choose others. `place` is the whole page, `body` what its head
/// leaves.
pub(super) fn figures_ui(
    ui: &Ui,
    place: Rect,
    body: Rect,
    chosen: Span,
    local: &mut Local,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    let today = words::day(view.now());
    let gap = scale.of(sizes.gap) * 0.6;
    // Beside the title where there is room, else below it.
    let row = if scale.portrait {
        body.with_max_y(body.top() + scale.touch())
    } else {
        let top = place.top() + scale.of(14.0);
        rect(body.left() + body.width() * 0.5, top, body.width() * 0.5, scale.touch())
    };
    let body = body.with_min_y(body.top().max(row.bottom() + gap));
    let width = (row.width() - 2.0 * gap) / 3.0;
    let mut pressed = None;
    for (index, span) in Span::ALL.into_iter().enumerate() {
        let button = rect(row.left() + (width + gap) * index as f32, row.top(), width, row.height());
        let word = format!("span-{}", span.word());
        if segment_ui(ui, button, &word, &view.words.get(&word), span == chosen, view.theme, scale) {
            local.panel = Panel::Page(Page::Figures(span));
            pressed = Some(DeskAsk::Figures(span, today).into());
        }
    }

    let known = view.desk.figures.as_ref().filter(|figures| figures.span == chosen && figures.today == today);
    let Some(figures) = known else {
        let style = Type::line(scale.of(26.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
        text::text(ui, body, "figures-wait", &view.words.get("figures-wait"), style.at(Align2::CENTER_CENTER));
        return pressed;
    };
    let between = scale.of(26.0);
    let (left, right) = if scale.portrait {
        let split = body.top() + body.height() * 0.46;
        (body.with_max_y(split - between / 2.0), body.with_min_y(split + between / 2.0))
    } else {
        let split = body.left() + body.width() * 0.54;
        (body.with_max_x(split - between / 2.0), body.with_min_x(split + between / 2.0))
    };
    let split = right.top() + right.height() * 0.56;
    passed::passed_ui(ui, left, figures, view, scale);
    reasons::reasons_ui(ui, right.with_max_y(split - gap), &figures.statistics, view, scale);
    scans::scans_ui(ui, right.with_min_y(split + gap), figures.statistics.scans, view, scale);
    pressed
}

/// A heading above a plot, and a few words at its end. Returns the room below.
fn heading_ui(ui: &Ui, place: Rect, word: &str, note: &str, view: &View<'_>, scale: &Scale) -> Rect {
    let Theme { paint, sizes } = view.theme;
    let row = place.with_max_y(place.top() + scale.of(30.0).max(sizes.smallest * 1.4));
    let style = Type::line(scale.of(22.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    let written = text::text(ui, row, word, &view.words.get(word), style);
    if !note.is_empty() {
        let soft = Type::line(scale.of(19.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
        let end = row.with_min_x(written.right() + scale.of(14.0));
        text::text(ui, end, &format!("{word}-note"), note, soft.at(Align2::RIGHT_CENTER));
    }
    place.with_min_y(row.bottom() + scale.of(4.0))
}

/// Says in the middle that there is nothing to plot.
fn nothing_ui(ui: &Ui, place: Rect, word: &str, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let style = Type::line(scale.of(22.0), sizes.smallest, Weight::Regular, paint.ink_soft.into()).wrapped();
    let inner = place.shrink2(vec2(place.width() * 0.04, 0.0));
    text::text(ui, inner, word, &view.words.get(word), style.at(Align2::CENTER_CENTER));
}
