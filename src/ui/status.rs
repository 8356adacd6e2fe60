//! Around the middle: place and clock, today's passages, the trust list, faults.

use std::time::Duration;

use checkpoint::passage::Outcome;
use checkpoint::screen::{Fault, Freshness, Totals, TrustStatus};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::icons::{self, Icon};
use super::stage::paper;
use super::text::{self, Type, rect};
use super::theme::{Scale, Theme, Weight};
use super::view::{FAULTS_MAX, View, fault_height};
use crate::mode::Mode;
use crate::words::{self, Words};

/// Where the kiosk stands, and what time it is. Where the place is chosen, says whether it was touched.
pub fn place_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) -> bool {
    let Theme { paint, sizes } = view.theme;
    ui.painter().rect_filled(place, 0.0, paint.paper);
    ui.painter().hline(place.x_range(), place.bottom() - 0.5, Stroke::new(1.0, paint.line));
    let inner = place.shrink2(vec2(scale.of(18.0), scale.of(7.0)));
    let clock = inner.with_min_x(inner.right() - scale.of(170.0));
    let side = scale.of(40.0);
    let mark = Rect::from_center_size(pos2(inner.left() + side / 2.0, inner.center().y), Vec2::splat(side));
    icons::icon(ui.painter(), mark, Icon::Pin, paint.button.into());
    let beside = inner.with_min_x(mark.right() + scale.of(12.0)).with_max_x(clock.left() - scale.of(12.0));
    let split = inner.top() + inner.height() * 0.56;

    let location = &view.screen.location;
    let mut touched = false;
    let is_button = view.desk.ways.picks_place && !view.desk.places.is_empty();
    if is_button {
        let button = inner.with_max_x(clock.left() - scale.of(6.0)).expand2(vec2(0.0, scale.of(7.0)));
        let response = ui.interact(button, ui.scope_id().with("pick-place"), Sense::click());
        let label = format!("{}: {}, {}", view.words.get("places-title"), location.name, location.code);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        let edge = Stroke::new(scale.of(2.5), paint.button);
        let corner = CornerRadius::same(scale.of(sizes.corner * 0.7) as u8);
        ui.painter().rect_stroke(button.shrink(scale.of(3.0)), corner, edge, StrokeKind::Inside);
        touched = response.clicked();
    }
    let big = Type::line(scale.of(25.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    // A button carries one name as a whole.
    let write = |place: Rect, salt: &str, words: &str, style: Type| match is_button {
        true => text::paint(ui, place, words, style).0,
        false => text::text(ui, place, salt, words, style),
    };
    write(beside.with_max_y(split), "place", &location.name, big);
    // What the kiosk is used for, unless it is what everybody expects.
    let mode = (view.desk.mode != Mode::Checkpoint).then(|| view.words.get(&format!("mode-{}", view.desk.mode.word())));
    let mode = mode.map(|mode| format!(" · {mode}")).unwrap_or_default();
    let below = format!("{} · {}{mode}", location.code, location.province);
    write(beside.with_min_y(split), "place-code", &below, small);

    let doubt = view.screen.faults.contains(&Fault::ClockInDoubt);
    let now = view.now();
    let time = Type::line(scale.of(33.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    let shown =
        text::text(ui, clock.with_max_y(split), "clock", &words::time_of_day(now), time.at(Align2::RIGHT_CENTER));
    let date = words::date(words::day(now));
    text::text(ui, clock.with_min_y(split), "date", &date, small.at(Align2::RIGHT_CENTER));
    if doubt {
        let side = shown.height() * 0.72;
        let mark = Rect::from_center_size(pos2(shown.left() - side * 0.75, shown.center().y), Vec2::splat(side));
        icons::outcome(ui.painter(), mark, Outcome::Refer, paint.refer.fill.into(), paint.refer.ink.into());
        text::name(ui, mark, ui.scope_id().with("clock-doubt"), Role::Image, &view.words.get("clock-in-doubt"));
    }
    touched
}

/// Passages since midnight, by outcome.
pub fn totals_ui(ui: &Ui, place: Rect, totals: &Totals, words: &Words, theme: &Theme, scale: &Scale) {
    let Theme { paint, sizes } = theme;
    paper(ui, place, theme, scale);
    let inner = place.shrink2(vec2(scale.of(16.0), scale.of(10.0)));
    let heading = inner.with_max_y(inner.top() + scale.of(26.0));
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::SemiBold, paint.ink_soft.into());
    text::text(ui, heading.with_max_x(heading.center().x), "totals", &words.get("totals-title"), small);
    let all = words.count("totals-all", "n", totals.all() as i64);
    let end = heading.with_min_x(heading.center().x);
    text::text(ui, end, "totals-all", &all, small.at(Align2::RIGHT_CENTER));

    let room = inner.with_min_y(heading.bottom() + scale.of(4.0));
    let high = room.height().min(scale.of(84.0));
    let cells = Rect::from_center_size(room.center(), vec2(room.width(), high));
    let width = cells.width() / Outcome::ALL.len() as f32;
    for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
        let count = totals.of(outcome);
        let cell = rect(cells.left() + width * index as f32, cells.top(), width, cells.height());
        let above = cell.with_max_y(cell.top() + cell.height() * 0.46);
        let tone = theme.tone(outcome);
        let mark = Rect::from_center_size(above.center(), Vec2::splat(above.height().min(scale.of(30.0))));
        icons::outcome(ui.painter(), mark, outcome, tone.fill.into(), tone.ink.into());
        let style = Type::line(scale.of(28.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
        let below = cell.with_min_y(above.bottom()).shrink2(vec2(scale.of(3.0), 0.0));
        let (written, _) = text::paint(ui, below, &count.to_string(), style.at(Align2::CENTER_CENTER));
        let name = format!("{}: {count}", words.outcome_short(outcome));
        text::name(ui, written, ui.scope_id().with(("total", outcome.word())), Role::Label, &name);
    }
}

/// Version, age and freshness of the trust list.
pub fn trust_ui(ui: &Ui, place: Rect, trust: &TrustStatus, words: &Words, theme: &Theme, scale: &Scale) {
    let Theme { paint, sizes } = theme;
    paper(ui, place, theme, scale);
    let inner = place.shrink2(vec2(scale.of(16.0), scale.of(9.0)));
    let side = inner.height().min(scale.of(46.0));
    let mark = Rect::from_center_size(pos2(inner.left() + side / 2.0, inner.center().y), Vec2::splat(side));
    let beside = inner.with_min_x(mark.right() + scale.of(14.0));
    let split = beside.center().y;
    let (tone, state, detail) = match trust {
        TrustStatus::Missing => (paint.refuse, words.get("trust-missing"), String::new()),
        TrustStatus::Loaded { version, age, freshness, green_for } => {
            let days = (age.as_secs() / 86_400) as i64;
            let signed = match days {
                0 => words.get("trust-age-today"),
                days => words.count("trust-age-days", "days", days),
            };
            let version = words.with_text("trust-version", "version", &version.to_string());
            let (tone, state) = match freshness {
                Freshness::Fresh => (paint.admit, "trust-fresh"),
                Freshness::Ageing => (paint.refer, "trust-ageing"),
                Freshness::Stale => (paint.refuse, "trust-stale"),
            };
            let detail = match green_for {
                Some(left) if *freshness == Freshness::Ageing => green_for_words(*left, words),
                _ => signed,
            };
            (tone, words.get(state), format!("{version}, {detail}"))
        }
    };
    let outcome = match trust {
        TrustStatus::Loaded { freshness: Freshness::Fresh, .. } => None,
        TrustStatus::Loaded { freshness: Freshness::Ageing, .. } => Some(Outcome::Refer),
        TrustStatus::Loaded { freshness: Freshness::Stale, .. } | TrustStatus::Missing => Some(Outcome::Refuse),
    };
    match outcome {
        None => icons::icon(ui.painter(), mark, Icon::Shield, tone.fill.into()),
        Some(outcome) => icons::outcome(ui.painter(), mark.shrink(2.0), outcome, tone.fill.into(), tone.ink.into()),
    }
    let big = Type::line(scale.of(21.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    let title = format!("{}: {}", words.get("trust-title"), state.to_lowercase());
    let above = if detail.is_empty() { beside } else { beside.with_max_y(split) };
    text::text(ui, above, "trust", &title, big);
    if !detail.is_empty() {
        text::text(ui, beside.with_min_y(split), "trust-detail", &detail, small);
    }
}

/// How long the list still makes green: in days, and in hours on its last two days.
fn green_for_words(left: Duration, words: &Words) -> String {
    let hours = (left.as_secs() / 3600) as i64;
    if hours < 48 {
        words.count("trust-green-hours", "hours", hours)
    } else {
        words.count("trust-green-days", "days", hours / 24)
    }
}

/// What is wrong with the kiosk and what to do, worst first.
pub fn faults_ui(ui: &Ui, place: Rect, faults: &[Fault], words: &Words, theme: &Theme, scale: &Scale) {
    let Theme { paint, sizes } = theme;
    let shown = faults.len().min(FAULTS_MAX);
    let more = faults.len() - shown;
    let gap = scale.of(sizes.gap) * 0.5;
    let height = fault_height(scale);
    for (index, fault) in faults.iter().take(shown).enumerate() {
        let card = rect(place.left(), place.top() + (height + gap) * index as f32, place.width(), height);
        let corner = CornerRadius::same(scale.of(sizes.corner) as u8);
        ui.painter().rect_filled(card, corner, paint.fault);
        let inner = card.shrink2(vec2(scale.of(14.0), scale.of(7.0)));
        let side = inner.height().min(scale.of(40.0));
        let mark = Rect::from_center_size(pos2(inner.left() + side / 2.0, inner.center().y), Vec2::splat(side));
        icons::icon(ui.painter(), mark, Icon::Warning, paint.fault_ink.into());
        let beside = inner.with_min_x(mark.right() + scale.of(12.0));
        let split = beside.top() + beside.height() * 0.40;
        let big = Type::line(scale.of(20.0), sizes.smallest, Weight::SemiBold, paint.fault_ink.into());
        let small = Type::line(scale.of(17.0), sizes.smallest, Weight::Regular, paint.ink.into()).wrapped();
        let salt = format!("fault-{index}");
        text::text(ui, beside.with_max_y(split), &salt, &words.fault(*fault), big);
        let todo = beside.with_min_y(split);
        text::text(ui, todo, &format!("{salt}-do"), &words.fault_do(*fault), small);
    }
    if more > 0 {
        let style = Type::line(scale.of(sizes.label), sizes.smallest, Weight::SemiBold, paint.ink.into());
        let line = place.with_min_y(place.bottom() - scale.of(26.0));
        text::text(ui, line, "faults-more", &words.count("faults-more", "n", more as i64), style);
    }
}
