//! How long a scan takes, from the first picture with the code to the decision.

use checkpoint::statistics::{SCAN_BANDS, ScanTimes};
use egui::accesskit::Role;
use egui::{Align2, Rect, Stroke, Ui, pos2};

use super::{heading_ui, nothing_ui};
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::View;

/// Draws median and p95 in words, and a bar for each band of times.
pub(super) fn scans_ui(ui: &Ui, place: Rect, scans: Option<ScanTimes>, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let words = view.words;
    let below = heading_ui(ui, place, "figures-scans", "", view, scale);
    let Some(ScanTimes { median, p95, spread, .. }) = scans else {
        return nothing_ui(ui, below, "figures-no-scans", view, scale);
    };
    let line = below.with_max_y(below.top() + scale.of(34.0).max(sizes.smallest * 1.4));
    let style = Type::line(scale.of(21.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    let half = line.width() / 2.0;
    let median = words.with_text("scan-median", "time", &words.seconds(median));
    text::text(ui, line.with_max_x(line.left() + half - scale.of(6.0)), "scan-median", &median, style);
    let p95 = words.with_text("scan-p95", "time", &words.seconds(p95));
    text::text(ui, line.with_min_x(line.left() + half), "scan-p95", &p95, style);

    let chart = below.with_min_y(line.bottom() + scale.of(8.0));
    let labels = chart.with_min_y(chart.bottom() - scale.of(24.0).max(sizes.smallest * 1.3));
    let bars = chart.with_max_y(labels.top());
    ui.painter().hline(bars.x_range(), bars.bottom(), Stroke::new(1.0, paint.line));
    let most = spread.iter().copied().max().unwrap_or_default().max(1);
    let width = bars.width() / spread.len() as f32;
    let small = Type::line(scale.of(17.0), sizes.smallest * 0.8, Weight::Regular, paint.ink_soft.into());
    for (index, count) in spread.into_iter().enumerate() {
        let left = bars.left() + width * index as f32;
        let high = (bars.height() * count as f32 / most as f32).max(if count > 0 { 2.0 } else { 0.0 });
        let bar =
            Rect::from_min_max(pos2(left + width * 0.1, bars.bottom() - high), pos2(left + width * 0.9, bars.bottom()));
        ui.painter().rect_filled(bar, 0.0, paint.registered.fill);
        let (label, name) = match SCAN_BANDS.get(index) {
            Some(end) => (words.seconds(*end), words.with_text("scan-up-to", "time", &words.seconds(*end))),
            None => {
                let last = words.seconds(SCAN_BANDS[SCAN_BANDS.len() - 1]);
                (format!("> {last}"), words.with_text("scan-beyond", "time", &last))
            }
        };
        text::paint(ui, rect(left, labels.top(), width, labels.height()), &label, small.at(Align2::CENTER_CENTER));
        let passed = words.count("totals-all", "n", count as i64);
        text::name(ui, bar, ui.scope_id().with(("scan", index)), Role::Image, &format!("{name}: {passed}"));
    }
}
