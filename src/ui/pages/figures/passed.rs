//! How many passed, hour by hour or day by day: bars in the colours of the outcomes.

use checkpoint::passage::Outcome;
use checkpoint::screen::Totals;
use checkpoint::statistics::Hour;
use checkpoint::time::vietnam;
use chrono::{Days, NaiveDate, Timelike};
use egui::accesskit::Role;
use egui::{Align2, Rect, Stroke, Ui, Vec2, pos2};

use crate::ui::desk::{Figures, Span};
use crate::ui::icons;
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::View;
use crate::words;

/// Draws the bars, and how many of each outcome above them.
pub(super) fn passed_ui(ui: &Ui, place: Rect, figures: &Figures, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let legend = place.with_max_y(place.top() + scale.of(52.0));
    legend_ui(ui, legend, &figures.statistics.totals, view, scale);

    let columns = columns(figures);
    let chart = place.with_min_y(legend.bottom() + scale.of(12.0));
    let labels = chart.with_min_y(chart.bottom() - scale.of(26.0).max(sizes.smallest * 1.4));
    let bars = chart.with_max_y(labels.top() - scale.of(2.0)).with_min_x(chart.left() + scale.of(52.0));
    let most = columns.iter().map(|column| column.totals.all()).max().unwrap_or_default();
    let top = round_up(most);
    let small = Type::line(scale.of(17.0), sizes.smallest * 0.9, Weight::Regular, paint.ink_soft.into());
    for part in [0, 1, 2] {
        let y = bars.bottom() - bars.height() * part as f32 / 2.0;
        ui.painter().hline(bars.x_range(), y, Stroke::new(1.0, paint.line));
        let place = rect(chart.left(), y - scale.of(14.0), scale.of(44.0), scale.of(28.0));
        let place = place.translate(Vec2::new(0.0, if part == 2 { scale.of(10.0) } else { 0.0 }));
        text::paint(ui, place, &(top / 2 * part).to_string(), small.at(Align2::RIGHT_CENTER));
    }
    let width = bars.width() / columns.len() as f32;
    // As many labels as can be read.
    let every = columns.len().div_ceil(8);
    for (index, Column { label, name, totals }) in columns.iter().enumerate() {
        let left = bars.left() + width * index as f32;
        let mut bottom = bars.bottom();
        for outcome in Outcome::ALL {
            let high = bars.height() * totals.of(outcome) as f32 / top.max(1) as f32;
            let part = rect(left + width * 0.14, bottom - high, width * 0.72, high);
            ui.painter().rect_filled(part, 0.0, view.theme.tone(outcome).fill);
            bottom -= high;
        }
        if totals.all() > 0 {
            let bar = Rect::from_min_max(pos2(left, bottom), pos2(left + width, bars.bottom()));
            let passed = view.words.count("totals-all", "n", totals.all() as i64);
            text::name(ui, bar, ui.scope_id().with(("column", index)), Role::Image, &format!("{name}: {passed}"));
        }
        if index % every == 0 {
            let wide = width * every as f32;
            let place = rect(left + width / 2.0 - wide / 2.0, labels.top(), wide, labels.height());
            text::paint(ui, place, label, small.at(Align2::CENTER_CENTER));
        }
    }
}

/// One bar.
struct Column {
    /// Below it.
    label: String,
    /// For whom the bar is read aloud.
    name: String,
    totals: Totals,
}

/// Hours of one day, or days of a week, those without passages too.
fn columns(figures: &Figures) -> Vec<Column> {
    let sum = |of: &dyn Fn(&Hour) -> bool| {
        let hours = figures.statistics.hours.iter().filter(|hour| of(hour));
        hours.fold(Totals::default(), |mut all, hour| {
            Outcome::ALL.into_iter().for_each(|outcome| all.add(outcome, hour.totals.of(outcome)));
            all
        })
    };
    let (first, last) = figures.span.days(figures.today);
    match figures.span {
        Span::Today | Span::Yesterday => (0..24)
            .map(|at| Column {
                label: format!("{at:02}"),
                name: format!("{at:02}:00"),
                totals: sum(&|hour| hour.from.with_timezone(&vietnam()).hour() == at),
            })
            .collect(),
        Span::Week => std::iter::successors(Some(first), |day: &NaiveDate| day.checked_add_days(Days::new(1)))
            .take_while(|day| *day <= last)
            .map(|day| Column {
                label: day.format("%d/%m").to_string(),
                name: words::date(day),
                totals: sum(&|hour| words::day(hour.from) == day),
            })
            .collect(),
    }
}

/// How many of each outcome, with its shape.
fn legend_ui(ui: &Ui, place: Rect, all: &Totals, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let first = place.width() * 0.25;
    let width = (place.width() - first) / Outcome::ALL.len() as f32;
    let big = Type::line(scale.of(28.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    let total = view.words.count("totals-all", "n", all.all() as i64);
    text::text(ui, place.with_max_x(place.left() + first - scale.of(8.0)), "figures-all", &total, big);
    for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
        let count = all.of(outcome);
        let cell = rect(place.left() + first + width * index as f32, place.top(), width, place.height());
        let side = scale.of(28.0).min(cell.width() * 0.34);
        let mark = Rect::from_center_size(pos2(cell.left() + side / 2.0, cell.center().y), Vec2::splat(side));
        let tone = view.theme.tone(outcome);
        icons::outcome(ui.painter(), mark, outcome, tone.fill.into(), tone.ink.into());
        let beside = cell.with_min_x(mark.right() + scale.of(4.0)).with_max_x(cell.right() - scale.of(4.0));
        let style = Type::line(scale.of(24.0), sizes.smallest * 0.8, Weight::SemiBold, paint.ink.into());
        let (written, _) = text::paint(ui, beside, &count.to_string(), style);
        let name = format!("{}: {count}", view.words.outcome_short(outcome));
        text::name(ui, written, ui.scope_id().with(("figure", outcome.word())), Role::Label, &name);
    }
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
    use checkpoint::statistics::Statistics;
    use chrono::{TimeZone, Utc};

    use super::*;

    #[test]
    fn an_axis_ends_at_a_number_that_reads_well_and_is_never_too_short() {
        for (most, top) in [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (21, 40), (99, 100), (101, 200), (9_786, 10_000)]
        {
            assert_eq!(round_up(most), top, "{most}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn hours_and_days_are_those_of_viet_nam() {
        // 18:00 in UTC is one in the morning of the next day.
        let from = Utc.with_ymd_and_hms(2026, 6, 30, 18, 0, 0).unwrap();
        let totals = Totals { admitted: 3, ..Totals::default() };
        let statistics = Statistics { hours: vec![Hour { from, totals }], totals, ..Statistics::default() };
        let today = NaiveDate::from_ymd_opt(2026, 7, 2).unwrap();
        let full = |span| {
            let columns = columns(&Figures { span, today, statistics: statistics.clone() });
            let full: Vec<_> =
                columns.iter().filter(|column| column.totals == totals).map(|of| of.name.clone()).collect();
            (columns.len(), full)
        };
        assert_eq!(full(Span::Yesterday), (24, vec!["01:00".to_owned()]));
        assert_eq!(full(Span::Week), (7, vec!["01/07/2026".to_owned()]));
    }
}
