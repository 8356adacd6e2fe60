//! What a card in the middle is made of: who, why, until when, what to do.

use std::time::Duration;

use checkpoint::passage::Proof;
use checkpoint::screen::{Who, plain};
use checkpoint::verdict::Reason;
use egui::accesskit::{Live, Role};
use egui::{Align2, Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use super::listed::listed_ui;
use crate::ui::icons::{self, Icon};
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Tone, Weight};
use crate::ui::view::View;
use crate::words;

/// Name and birth year, or that they are hidden.
pub(super) fn who_ui(ui: &Ui, place: Rect, who: Option<&Who>, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    // A pupil has a line more: who picks it up.
    let high = scale.of(if matches!(who, Some(Who::Listed(_))) { 124.0 } else { 92.0 });
    let place = Rect::from_center_size(place.center(), vec2(place.width(), place.height().min(high)));
    let side = place.height().min(scale.of(60.0));
    let mark = Rect::from_center_size(pos2(place.left() + side / 2.0, place.center().y), Vec2::splat(side));
    let beside = place.with_min_x(mark.right() + scale.of(16.0));
    let big = Type::line(scale.of(sizes.name), scale.of(18.0), Weight::SemiBold, paint.ink.into());
    let small = Type::line(scale.of(22.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    icons::icon(ui.painter(), mark.shrink(side * 0.06), Icon::Person, paint.ink_soft.into());
    match who {
        Some(Who::Named { name, birth_year, proof }) => {
            let born = birth_year.map(|year| view.words.with_text("who-birth-year", "year", &year.to_string()));
            let unproven = (*proof != Proof::Verified).then(|| view.words.get("who-unproven"));
            let born = born.into_iter().chain(unproven).reduce(|born, unproven| format!("{born} · {unproven}"));
            let above = match born {
                Some(_) => beside.with_max_y(beside.top() + beside.height() * 0.64),
                None => beside,
            };
            text::text(ui, above, "who", &plain(name), big.wrapped());
            if let Some(born) = born {
                text::text(ui, beside.with_min_y(above.bottom()), "born", &born, small);
            }
        }
        Some(Who::Listed(listed)) => listed_ui(ui, beside, listed, view, scale),
        Some(Who::Party { visitors, stopped }) => {
            let split = beside.top() + beside.height() * 0.6;
            let all = view.words.count("party-visitors", "n", i64::from(*visitors));
            text::text(ui, beside.with_max_y(split), "who", &all, big);
            let stopped = view.words.count("party-stopped", "n", i64::from(*stopped));
            text::text(ui, beside.with_min_y(split), "stopped", &stopped, small);
        }
        Some(Who::Masked) => {
            let hidden = view.words.get("who-masked");
            let split = beside.top() + beside.height() * 0.6;
            text::paint(ui, beside.with_max_y(split), "•••••", big);
            text::text(ui, beside.with_min_y(split), "who", &hidden, small);
        }
        None => {
            text::text(ui, beside, "who", &view.words.get("who-unknown"), small);
        }
    }
}

/// Why, with the short code for the telephone.
pub(super) fn reason_ui(ui: &Ui, place: Rect, reason: &str, code: &str, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    rule(ui, place, view.theme);
    let inner = place.with_min_y(place.top() + scale.of(10.0));
    let heading = inner.with_max_y(inner.top() + scale.of(28.0));
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::SemiBold, paint.ink_soft.into());
    text::text(ui, heading, "why", &view.words.get("why"), small);
    let label = view.words.with_text("code-label", "code", code);
    let wide = text::width(ui, &label, small) + scale.of(20.0);
    let chip = rect(heading.right() - wide, heading.top(), wide, heading.height());
    ui.painter().rect_filled(chip, CornerRadius::same(scale.of(7.0) as u8), paint.ground);
    text::text(ui, chip, "code", &label, small.at(Align2::CENTER_CENTER));
    let style = Type::line(scale.of(sizes.reason), sizes.smallest, Weight::SemiBold, paint.ink.into()).wrapped();
    let below = inner.with_min_y(heading.bottom() + scale.of(4.0));
    text::text(ui, below, "reason", reason, style.at(Align2::LEFT_TOP));
}

/// One small line at the foot about the last code, which changed nothing. Returns the room that is left.
pub(super) fn notice_ui(ui: &Ui, place: Rect, notice: &Reason, view: &View<'_>, scale: &Scale) -> Rect {
    let Theme { paint, sizes } = view.theme;
    let line = place.with_min_y(place.bottom() - scale.of(58.0)).shrink2(vec2(scale.of(24.0), scale.of(4.0)));
    let words = format!("{} {} [{}]", view.words.get("last-code"), view.words.reason(notice), notice.code());
    let style = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, paint.ink_soft.into()).wrapped();
    text::text(ui, line, "notice", &words, style);
    live(ui, "notice", Live::Polite);
    place.with_max_y(line.top())
}

/// Until when an admission holds, and how long that still is.
pub(super) fn until_ui(ui: &Ui, place: Rect, until: chrono::DateTime<chrono::Utc>, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    rule(ui, place, view.theme);
    let inner = place.with_min_y(place.top() + scale.of(10.0));
    let side = scale.of(40.0);
    let mark = rect(inner.left() + scale.of(10.0), inner.center().y - side / 2.0, side, side);
    icons::icon(ui.painter(), mark, Icon::Clock, paint.ink_soft.into());
    let [until, left] = until_words(until, view);
    let beside = inner.with_min_x(mark.right() + scale.of(26.0));
    let big = Type::line(scale.of(sizes.reason), sizes.smallest, Weight::SemiBold, paint.ink.into());
    let small = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    let half = inner.center().y;
    text::text(ui, beside.with_max_y(half), "until", &until, big.at(Align2::LEFT_BOTTOM));
    text::text(ui, beside.with_min_y(half), "left", &left, small.at(Align2::LEFT_TOP));
}

/// Until when, and how long that still is.
pub(super) fn until_words(until: chrono::DateTime<chrono::Utc>, view: &View<'_>) -> [String; 2] {
    let left: Duration = (until - view.now()).to_std().unwrap_or_default();
    let until = view.words.with_text("holds-until", "time", &words::time(until));
    [until, view.words.with_text("holds-left", "left", &view.words.duration(left))]
}

/// What the guard does next.
pub(super) fn todo_ui(ui: &Ui, place: Rect, todo: &str, tint: Color32, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    ui.painter().rect_filled(place, CornerRadius::same(scale.of(sizes.corner * 0.8) as u8), tint);
    let side = scale.of(34.0).min(place.height() * 0.6);
    let mark = rect(place.left() + scale.of(18.0), place.center().y - side / 2.0, side, side);
    icons::icon(ui.painter(), mark, Icon::Todo, paint.ink.into());
    let beside = place.with_min_x(mark.right() + scale.of(18.0)).shrink2(vec2(scale.of(6.0), scale.of(5.0)));
    let style = Type::line(scale.of(sizes.advice), sizes.smallest, Weight::ExtraBold, paint.ink.into()).wrapped();
    text::text(ui, beside, "todo", todo, style);
}

/// Where who, why and what to do stand below the head.
pub(super) struct Rows {
    pub(super) who: Rect,
    pub(super) why: Rect,
    pub(super) todo: Rect,
}

impl Rows {
    pub(super) fn new(body: Rect, scale: &Scale, why: bool) -> Self {
        let pad = body.shrink2(vec2(scale.of(24.0), scale.of(16.0)));
        let gap = scale.of(10.0);
        let who = pad.with_max_y(pad.top() + pad.height() * if why { 0.26 } else { 0.40 });
        let todo = pad.with_min_y(pad.bottom() - pad.height() * if why { 0.29 } else { 0.40 });
        let why = pad.with_min_y(who.bottom() + gap).with_max_y(todo.top() - gap);
        Self { who, why, todo }
    }
}

/// A card of which `part` is a coloured head: returns head and body.
pub(super) fn card(ui: &Ui, place: Rect, part: f32, tone: Tone, theme: &Theme, scale: &Scale) -> (Rect, Rect) {
    paper(ui, place, theme, scale);
    let corner = scale.of(theme.sizes.corner) as u8;
    let head = place.with_max_y(place.top() + place.height() * part);
    ui.painter().rect_filled(head, CornerRadius { nw: corner, ne: corner, sw: 0, se: 0 }, tone.fill);
    (head, place.with_min_y(head.bottom()))
}

/// The mark at the left of a head, and the room beside it.
pub(super) fn beside(head: Rect, scale: &Scale) -> (Rect, Rect) {
    let pad = head.shrink2(vec2(scale.of(28.0), scale.of(18.0)));
    let side = pad.height().min(pad.width() * 0.22).min(scale.of(150.0));
    let mark = Rect::from_center_size(pos2(pad.left() + side / 2.0, pad.center().y), Vec2::splat(side));
    (mark, pad.with_min_x(mark.right() + scale.of(28.0)))
}

/// A white card.
pub(in crate::ui) fn paper(ui: &Ui, place: Rect, theme: &Theme, scale: &Scale) {
    let corner = CornerRadius::same(scale.of(theme.sizes.corner) as u8);
    ui.painter().rect_filled(place, corner, theme.paint.paper);
    ui.painter().rect_stroke(place, corner, Stroke::new(1.0, theme.paint.line), StrokeKind::Inside);
}

pub(super) fn rule(ui: &Ui, place: Rect, theme: &Theme) {
    ui.painter().hline(place.x_range(), place.top(), Stroke::new(1.0, theme.paint.line));
}

/// A screen reader says a change of this text at once.
pub(super) fn live(ui: &Ui, salt: &str, live: Live) {
    ui.ctx().accesskit_node_builder(ui.scope_id().with(salt), |node| {
        node.set_live(live);
        if live == Live::Assertive {
            node.set_role(Role::Label);
        }
    });
}
