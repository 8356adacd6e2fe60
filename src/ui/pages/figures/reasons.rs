//! Why visitors were refused or referred: a bar for each reason, the most frequent first.

use checkpoint::passage::Outcome;
use checkpoint::statistics::{Cause, Statistics};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Ui, Vec2, pos2};

use super::{heading_ui, nothing_ui};
use crate::ui::icons;
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::View;

/// Draws as many as there is room for; how many more there are stands beside the heading.
pub(super) fn reasons_ui(ui: &Ui, place: Rect, statistics: &Statistics, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let stops = |cause: &&Cause| matches!(cause.outcome, Outcome::Refuse | Outcome::Refer);
    let causes: Vec<_> = statistics.reasons.iter().filter(stops).collect();
    let high = scale.of(44.0).max(sizes.smallest * 2.0);
    let heading = scale.of(34.0).max(sizes.smallest * 1.4 + scale.of(4.0));
    let room = (((place.height() - heading) / high).floor() as usize).max(1);
    let more = causes.len().saturating_sub(room);
    let note = if more > 0 { view.words.count("figures-more", "n", more as i64) } else { String::new() };
    let below = heading_ui(ui, place, "figures-reasons", &note, view, scale);
    let Some(most) = causes.first().map(|cause| cause.count) else {
        return nothing_ui(ui, below, "figures-no-reasons", view, scale);
    };
    for (index, cause) in causes.into_iter().take(room).enumerate() {
        let row = rect(below.left(), below.top() + high * index as f32, below.width(), high - scale.of(6.0));
        let tone = view.theme.tone(cause.outcome);
        let long = row.width() * cause.count as f32 / most.max(1) as f32;
        let corner = CornerRadius::same(scale.of(sizes.corner * 0.5) as u8);
        ui.painter().rect_filled(row, corner, paint.ground);
        ui.painter().rect_filled(row.with_max_x(row.left() + long.max(scale.of(8.0))), corner, tone.tint);
        let side = (row.height() * 0.62).min(scale.of(28.0));
        let left = row.left() + scale.of(8.0);
        let mark = Rect::from_center_size(pos2(left + side / 2.0, row.center().y), Vec2::splat(side));
        icons::outcome(ui.painter(), mark, cause.outcome, tone.fill.into(), tone.ink.into());
        let end = row.right() - scale.of(10.0);
        let bold = Type::line(scale.of(22.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
        let count = cause.count.to_string();
        let wide = text::width(ui, &count, bold).min(row.width() * 0.2);
        text::paint(ui, row.with_min_x(end - wide - 2.0).with_max_x(end), &count, bold.at(Align2::RIGHT_CENTER));
        let plain = Type::line(scale.of(20.0), sizes.smallest * 0.9, Weight::SemiBold, paint.ink.into());
        let why = format!("{} · {}", cause.reason, view.words.cause(&cause.reason));
        let beside = row.with_min_x(mark.right() + scale.of(10.0)).with_max_x(end - wide - scale.of(12.0));
        text::paint(ui, beside, &why, plain);
        let name = format!("{}: {why}: {count}", view.words.outcome_short(cause.outcome));
        text::name(ui, row, ui.scope_id().with(("cause", index)), Role::Label, &name);
    }
}
