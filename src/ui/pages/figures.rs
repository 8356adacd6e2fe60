//! How many passed, hour by hour: bars in the colours of the outcomes.

use checkpoint::passage::Outcome;
use checkpoint::screen::Totals;
use egui::accesskit::Role;
use egui::{Align2, Rect, Stroke, Ui, Vec2, pos2};

use crate::ui::icons;
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::View;
use crate::words;

/// Draws the day's bars, and how many of each outcome.
pub(super) fn figures_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let today = words::day(view.now());
    let Some(figures) = view.desk.figures.as_ref().filter(|figures| figures.day == today) else {
        let style = Type::line(scale.of(26.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
        text::text(ui, place, "figures-wait", &view.words.get("figures-wait"), style.at(Align2::CENTER_CENTER));
        return;
    };
    let all = figures.all();
    let legend = place.with_max_y(place.top() + scale.of(64.0));
    legend_ui(ui, legend, &all, view, scale);

    let chart = place.with_min_y(legend.bottom() + scale.of(12.0));
    let labels = chart.with_min_y(chart.bottom() - scale.of(28.0));
    let bars = chart.with_max_y(labels.top() - scale.of(2.0)).with_min_x(chart.left() + scale.of(52.0));
    let most = figures.hours.iter().map(Totals::all).max().unwrap_or_default();
    let top = round_up(most);
    let small = Type::line(scale.of(17.0), sizes.smallest * 0.9, Weight::Regular, paint.ink_soft.into());
    for part in [0, 1, 2] {
        let y = bars.bottom() - bars.height() * part as f32 / 2.0;
        ui.painter().hline(bars.x_range(), y, Stroke::new(1.0, paint.line));
        let place = rect(chart.left(), y - scale.of(14.0), scale.of(44.0), scale.of(28.0));
        let place = place.translate(Vec2::new(0.0, if part == 2 { scale.of(10.0) } else { 0.0 }));
        text::paint(ui, place, &(top * part / 2).to_string(), small.at(Align2::RIGHT_CENTER));
    }
    let width = bars.width() / 24.0;
    for (hour, totals) in figures.hours.iter().enumerate() {
        let left = bars.left() + width * hour as f32;
        let mut bottom = bars.bottom();
        for (outcome, count) in parts(totals) {
            let high = bars.height() * count as f32 / top.max(1) as f32;
            let part = rect(left + width * 0.14, bottom - high, width * 0.72, high);
            ui.painter().rect_filled(part, 0.0, view.theme.tone(outcome).fill);
            bottom -= high;
        }
        if totals.all() > 0 {
            let bar = Rect::from_min_max(pos2(left, bottom), pos2(left + width, bars.bottom()));
            let passed = view.words.count("totals-all", "n", totals.all() as i64);
            let name = format!("{hour:02}:00: {passed}");
            text::name(ui, bar, ui.scope_id().with(("hour", hour)), Role::Image, &name);
        }
        if hour % 3 == 0 {
            let place = rect(left - width, labels.top(), width * 3.0, labels.height());
            let place = place.with_min_x(place.left().max(chart.left()));
            text::paint(ui, place, &format!("{hour:02}"), small.at(Align2::CENTER_CENTER));
        }
    }
}

/// How many of each outcome, with its shape.
fn legend_ui(ui: &Ui, place: Rect, all: &Totals, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let width = place.width() / 7.0;
    let big = Type::line(scale.of(30.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    let total = view.words.count("totals-all", "n", all.all() as i64);
    text::text(ui, place.with_max_x(place.left() + width - scale.of(6.0)), "figures-all", &total, big);
    for (index, (outcome, count)) in parts(all).into_iter().enumerate() {
        let cell = rect(place.left() + width * (index + 1) as f32, place.top(), width, place.height());
        let side = scale.of(32.0).min(cell.width() * 0.3);
        let mark = Rect::from_center_size(pos2(cell.left() + side / 2.0, cell.center().y), Vec2::splat(side));
        let tone = view.theme.tone(outcome);
        icons::outcome(ui.painter(), mark, outcome, tone.fill.into(), tone.ink.into());
        let beside = cell.with_min_x(mark.right() + scale.of(6.0)).with_max_x(cell.right() - scale.of(8.0));
        let (written, _) = text::paint(ui, beside, &count.to_string(), big);
        let name = format!("{}: {count}", view.words.outcome_short(outcome));
        text::name(ui, written, ui.scope_id().with(("figure", outcome.word())), Role::Label, &name);
    }
}

fn parts(totals: &Totals) -> [(Outcome, u64); 6] {
    Outcome::ALL.map(|outcome| (outcome, totals.of(outcome)))
}

/// The next number that reads well on an axis: 2, 4, 10, 20, 40, 100, …
fn round_up(most: u64) -> u64 {
    let mut step = 1_u64;
    loop {
        for top in [2, 4, 10] {
            if step.saturating_mul(top) >= most {
                return step.saturating_mul(top);
            }
        }
        step = step.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_number_that_reads_well_and_is_never_too_short() {
        for (most, top) in [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (21, 40), (99, 100), (101, 200), (9_786, 10_000)]
        {
            assert_eq!(round_up(most), top, "{most}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }
}
