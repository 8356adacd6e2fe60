//! What stands in the middle: an invitation, the next step, a verdict, or that the kiosk cannot work.

mod listed;
mod parts;

use checkpoint::passage::Outcome;
use checkpoint::screen::{Fault, Gathering, HeadShown, Noted, Open, PartyShown};
use checkpoint::verdict::{Advice, Step};
use egui::accesskit::{Live, Role};
use egui::{Align2, Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use listed::guardians_words;
pub(super) use parts::paper;
use parts::{Rows, beside, card, live, notice_ui, reason_ui, todo_ui, until_ui, until_words, who_ui};

use super::icons::{self, Icon};
use super::pages::{Page, recent_ui, school_ui};
use super::panels::Panel;
use super::text::{self, Type, rect};
use super::theme::{Scale, Theme, Weight};
use super::view::{Card, Local, Press, Question, View};
use crate::words;

/// Light modules around a code (ISO/IEC 18004, 5.3.8).
const QUIET_MODULES: usize = 4;

/// A checklist that was not done today says so where the guard looks, and one touch opens it. Returns the room that is left.
pub fn due_ui(ui: &Ui, place: Rect, view: &View<'_>, local: &mut Local, scale: &Scale) -> Rect {
    let Theme { paint, sizes } = view.theme;
    let today = words::day(view.now());
    let lists = &view.desk.checklists;
    let due: Vec<_> = (0..lists.len()).filter(|list| lists[*list].done != Some(today)).collect();
    let (Some(first), false, None) = (due.first(), view.desk.ways.faces_visitor, view.screen.party) else {
        return place;
    };
    let strip = place.with_max_y(place.top() + scale.touch());
    let response = ui.interact(strip, ui.scope_id().with("due"), Sense::click());
    let (title, hint) = (view.words.get("due-title"), view.words.get("due-hint"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title}. {hint}")));
    let down = response.is_pointer_button_down_on();
    let ground = if down { paint.line } else { paint.fault };
    let corner = CornerRadius::same(scale.of(sizes.corner) as u8);
    ui.painter().rect_filled(strip, corner, ground);
    ui.painter().rect_stroke(strip, corner, Stroke::new(scale.of(2.5), paint.fault_ink), StrokeKind::Inside);
    let inner = strip.shrink2(vec2(scale.of(20.0), scale.of(8.0)));
    let side = scale.of(46.0).min(inner.height());
    let mark = Rect::from_center_size(pos2(inner.left() + side / 2.0, inner.center().y), Vec2::splat(side));
    icons::icon(ui.painter(), mark, Icon::Checklist, paint.fault_ink.into());
    let end = Rect::from_center_size(pos2(inner.right() - side / 4.0, inner.center().y), Vec2::splat(side * 0.7));
    icons::icon(ui.painter(), end, Icon::Next, paint.fault_ink.into());
    let beside = inner.with_min_x(mark.right() + scale.of(18.0)).with_max_x(end.left() - scale.of(10.0));
    let split = beside.top() + beside.height() * 0.56;
    let big = Type::line(scale.of(26.0), sizes.smallest, Weight::SemiBold, paint.fault_ink.into());
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::Regular, paint.fault_ink.into());
    text::paint(ui, beside.with_max_y(split), &title, big);
    text::paint(ui, beside.with_min_y(split), &hint, small);
    if response.clicked() {
        local.panel = Panel::Page(if due.len() == 1 { Page::List(*first) } else { Page::Lists });
    }
    place.with_min_y(strip.bottom() + scale.of(sizes.gap))
}

/// Nobody is being checked: what a visitor does.
pub fn waiting_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    paper(ui, place, view.theme, scale);
    let inner = place.shrink(scale.of(32.0));
    let (inner, asked) = match view.screen.school.filter(|_| !view.desk.ways.faces_visitor) {
        Some(school) => school_ui(ui, inner, school, view, scale),
        None if view.desk.ways.picks_place => recent_ui(ui, inner, view, scale),
        None => (inner, None),
    };
    let title = inner.with_min_y(inner.bottom() - inner.height() * 0.40);
    let above = inner.with_max_y(title.top() - scale.of(18.0));

    let (show, ask) = match view.question {
        Some(_) => above.split_left_right_at_fraction(0.5),
        None => (above, above),
    };
    let side = show.width().min(show.height());
    let target = Rect::from_center_size(show.center(), Vec2::splat(side));
    icons::corners(ui.painter(), target.shrink(scale.of(6.0)), paint.button.into(), scale.of(11.0));
    icons::icon(ui.painter(), target.shrink(side * 0.23), Icon::Code, paint.ink.into());
    if let Some(question) = view.question {
        question_ui(ui, ask, question, "question", view, scale);
    }
    let title = match view.screen.party {
        Some(party) => {
            let strip = title.with_max_y(title.top() + scale.of(48.0));
            party_ui(ui, strip, party, view, scale);
            title.with_min_y(strip.bottom() + scale.of(6.0))
        }
        None => title,
    };

    let style = Type::line(scale.of(sizes.title), scale.of(24.0), Weight::ExtraBold, paint.ink.into());
    let words = view.words.get("waiting-title");
    let upper = title.with_max_y(title.top() + title.height() * 0.62);
    let written = text::text(ui, upper, "waiting", &words, style.wrapped().at(Align2::CENTER_CENTER));
    live(ui, "waiting", Live::Polite);
    let hint = view.words.get("waiting-hint");
    let style = Type::line(scale.of(24.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    let below = title.with_min_y(written.bottom() + scale.of(6.0));
    // After a start the guard reads what was found of the journal; a minute later the other lines stand there again.
    let journal = view.desk.journal.as_ref().filter(|journal| journal.fresh && !view.desk.ways.faces_visitor);
    let below = match view.screen.remembers_since.filter(|_| journal.is_none() && !view.desk.ways.faces_visitor) {
        Some(since) => {
            let since = view.words.with_text("remembers-since", "time", &words::time_of_day(since));
            let foot = below.with_min_y((below.bottom() - scale.of(26.0)).max(below.top()));
            let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::Regular, paint.ink_soft.into());
            text::text(ui, foot, "remembers", &since, small.at(Align2::CENTER_CENTER));
            below.with_max_y(foot.top())
        }
        None => below,
    };
    let told = match journal {
        _ if view.desk.training_over && !view.desk.ways.faces_visitor => {
            Some(("training-over", view.words.get("training-over")))
        }
        journal => journal.map(|journal| ("journal", journal.line(view.words))),
    };
    match told {
        Some((salt, line)) => {
            let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::SemiBold, paint.ink.into());
            text::text(ui, below, salt, &line, small.wrapped().at(Align2::CENTER_TOP));
        }
        None => {
            text::text(ui, below, "waiting-hint", &hint, style.wrapped().at(Align2::CENTER_TOP));
        }
    }
    asked
}

/// The code that the visitor's app may answer, and what to do with it.
fn question_ui(ui: &Ui, place: Rect, question: &Question, word: &str, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let above = place.with_max_y(place.bottom() - scale.of(34.0));
    let words = view.words.get(word);
    code_ui(ui, above, question, &words);
    let style = Type::line(scale.of(20.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    text::text(ui, place.with_min_y(above.bottom()), word, &words, style.at(Align2::CENTER_CENTER));
}

/// The signed head of the journal as a code that another kiosk scans: a witness of what was recorded until now.
pub fn head_ui(ui: &Ui, place: Rect, head: &HeadShown, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    paper(ui, place, view.theme, scale);
    let inner = place.shrink(scale.of(24.0));
    let title = inner.with_max_y(inner.top() + scale.of(52.0));
    let foot = inner.with_min_y(inner.bottom() - scale.of(34.0));
    let big = Type::line(scale.of(38.0), scale.of(20.0), Weight::ExtraBold, paint.ink.into()).at(Align2::CENTER_CENTER);
    text::text(ui, title, "head", &view.words.get("head-title"), big);
    live(ui, "head", Live::Polite);
    if let Some(question) = view.question {
        let code = inner.with_min_y(title.bottom()).with_max_y(foot.top());
        question_ui(ui, code, question, "head-hint", view, scale);
    }
    let number = view.words.count("head-record", "n", head.sequence as i64);
    let said = format!("{} · {number} · {}", head.device, words::time_of_day(head.at));
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    text::text(ui, foot, "head-record", &said, small.at(Align2::CENTER_CENTER));
}

/// What became of another kiosk's signed head: it is about no visitor, so it has no colour of a verdict.
pub fn noted_ui(ui: &Ui, place: Rect, noted: &Noted, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let tone = paint.gathering;
    let (head, body) = card(ui, place, 0.42, tone, view.theme, scale);
    let (left, right) = beside(head, scale);
    icons::icon(ui.painter(), left, Icon::Code, tone.ink.into());
    let word = format!("noted-{}", noted.word());
    let big = Type::line(scale.of(40.0), scale.of(18.0), Weight::ExtraBold, tone.ink.into()).wrapped();
    text::text(ui, right, "noted", &view.words.get(&word), big);
    live(ui, "noted", Live::Polite);
    let pad = body.shrink(scale.of(24.0));
    let todo = pad.with_min_y(pad.bottom() - pad.height() * 0.5);
    let small = Type::line(scale.of(26.0), sizes.smallest, Weight::SemiBold, paint.ink_soft.into());
    let device = match noted {
        Noted::Kept { device, sequence, .. } => {
            format!("{device} · {}", view.words.count("head-record", "n", *sequence as i64))
        }
        other => other.device().unwrap_or_default().to_owned(),
    };
    if !device.is_empty() {
        text::text(ui, pad.with_max_y(todo.top()), "noted-device", &device, small);
    }
    todo_ui(ui, todo, &view.words.get(&format!("{word}-do")), tone.tint.into(), view, scale);
}

/// A code with its light margin, as large as there is room for.
pub(super) fn code_ui(ui: &Ui, place: Rect, code: &Question, name: &str) {
    let side = place.width().min(place.height());
    // Whole pixels to a module: a telephone's camera sees straight edges.
    let module = (side / (code.side + 2 * QUIET_MODULES) as f32).floor().max(1.0);
    let square = Rect::from_center_size(place.center(), Vec2::splat(module * code.side as f32));
    let origin = pos2(square.left().round(), square.top().round());
    ui.painter().rect_filled(square.expand(module * QUIET_MODULES as f32), 0.0, Color32::WHITE);
    for (at, _) in code.dark.iter().enumerate().filter(|(_, dark)| **dark) {
        let (x, y) = ((at % code.side) as f32, (at / code.side) as f32);
        let dark = rect(origin.x + x * module, origin.y + y * module, module, module);
        ui.painter().rect_filled(dark, 0.0, Color32::BLACK);
    }
    text::name(ui, square, ui.scope_id().with("code"), Role::Image, name);
}

/// How many of a group were decided on, and that none of it is kept yet.
fn party_ui(ui: &Ui, place: Rect, party: PartyShown, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let tone = if party.stopped > 0 { paint.refer } else { paint.registered };
    ui.painter().rect_filled(place, CornerRadius::same(scale.of(sizes.corner * 0.6) as u8), tone.tint);
    let visitors = view.words.count("party-visitors", "n", i64::from(party.visitors));
    let stopped = view.words.count("party-stopped", "n", i64::from(party.stopped));
    let more = view.words.get(if party.full { "party-full" } else { "party-next" });
    let style =
        Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, paint.ink.into()).at(Align2::CENTER_CENTER);
    text::text(
        ui,
        place.shrink2(vec2(scale.of(12.0), 0.0)),
        "party",
        &format!("{visitors} · {stopped} · {more}"),
        style,
    );
    live(ui, "party", Live::Polite);
}

/// The checkpoint stands open: how many went through, since when and why.
pub fn open_ui(ui: &Ui, place: Rect, open: &Open, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let tone = view.theme.tone(Outcome::Waved);
    let (head, body) = card(ui, place, 0.36, tone, view.theme, scale);
    let (left, right) = beside(head, scale);
    icons::outcome(ui.painter(), left, Outcome::Waved, tone.ink.into(), tone.fill.into());
    let big = Type::line(scale.of(sizes.verdict * 0.86), scale.of(28.0), Weight::ExtraBold, tone.ink.into());
    text::text(ui, right, "open", &view.words.get("open-title"), big);
    live(ui, "open", Live::Assertive);
    let pad = body.shrink(scale.of(24.0));
    let todo = pad.with_min_y(pad.bottom() - pad.height() * 0.3);
    let above = pad.with_max_y(todo.top() - scale.of(12.0));
    let split = above.top() + above.height() * 0.66;
    let count = Type::line(scale.of(80.0), scale.of(30.0), Weight::ExtraBold, paint.ink.into());
    let waved = view.words.count("open-waved", "n", open.waved as i64);
    text::text(ui, above.with_max_y(split), "waved", &waved, count);
    live(ui, "waved", Live::Polite);
    let why = view.words.get(&format!("surge-{}", open.reason.word()));
    let since = view.words.with_text("open-since", "time", &words::time_of_day(open.since));
    let small = Type::line(scale.of(26.0), sizes.smallest, Weight::SemiBold, paint.ink_soft.into());
    text::text(ui, above.with_min_y(split), "since", &format!("{since} · {why}"), small);
    todo_ui(ui, todo, &view.words.get("open-do"), tone.tint.into(), view, scale);
}

/// Something was read and something is missing.
pub fn gathering_ui(ui: &Ui, place: Rect, gathering: &Gathering, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let tone = paint.gathering;
    let (head, body) = card(ui, place, 0.42, tone, view.theme, scale);

    let (left, right) = beside(head, scale);
    icons::icon(ui.painter(), left, Icon::Code, tone.ink.into());
    let small = right.with_max_y(right.top() + right.height() * 0.22);
    let step = right.with_min_y(small.bottom()).with_max_y(right.bottom() - right.height() * 0.19);
    let style = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, tone.ink.into());
    text::text(ui, small, "gathering", &view.words.get("gathering-title"), style);
    let big = Type::line(scale.of(sizes.title), scale.of(20.0), Weight::ExtraBold, tone.ink.into()).wrapped();
    text::text(ui, step, "step", &view.words.step(gathering.step), big);
    live(ui, "step", Live::Assertive);
    let seconds = view.seconds_left(gathering.remaining);
    let remaining = view.words.count("gathering-remaining", "seconds", seconds);
    text::text(ui, right.with_min_y(step.bottom()), "remaining", &remaining, style);

    let rows = Rows::new(body, scale, gathering.notice.is_some());
    who_ui(ui, rows.who, gathering.who.as_ref(), view, scale);
    match &gathering.notice {
        Some(reason) => {
            reason_ui(ui, rows.why, &view.words.reason(reason), reason.code(), view, scale);
            todo_ui(ui, rows.todo, &view.words.advice(reason.advice()), paint.refer.tint.into(), view, scale);
        }
        None => {
            let guardians = guardians_words(gathering.who.as_ref(), view);
            let guardians = guardians.filter(|_| gathering.step == Step::ShowGuardian);
            let hint = guardians.unwrap_or_else(|| view.words.get("waiting-hint"));
            todo_ui(ui, rows.todo, &hint, tone.tint.into(), view, scale);
        }
    }
}

/// A verdict: its shape and word, who, why, and what to do.
pub fn verdict_ui(ui: &Ui, place: Rect, shown: &Card<'_>, view: &View<'_>, scale: &Scale) {
    let Theme { sizes, .. } = view.theme;
    let tone = view.theme.tone(shown.outcome);
    let (head, body) = card(ui, place, 0.36, tone, view.theme, scale);

    let (left, right) = beside(head, scale);
    icons::outcome(ui.painter(), left, shown.outcome, tone.ink.into(), tone.fill.into());
    let foot = right.with_min_y(right.bottom() - right.height() * 0.22);
    let big = Type::line(scale.of(sizes.verdict), scale.of(30.0), Weight::ExtraBold, tone.ink.into());
    text::text(ui, right.with_max_y(foot.top()), "outcome", &view.words.outcome(shown.outcome), big);
    live(ui, "outcome", Live::Assertive);

    let small = Type::line(scale.of(sizes.label + 1.0), sizes.smallest, Weight::SemiBold, tone.ink.into());
    let stays = match shown.remaining {
        _ if shown.held => view.words.get("held"),
        Some(remaining) => view.words.count("closes-in", "seconds", view.seconds_left(remaining)),
        None => String::new(),
    };
    if !stays.is_empty() {
        text::text(ui, foot.with_max_x(foot.left() + foot.width() * 0.62), "stays", &stays, small);
    }
    let number = view.words.count("passage-number", "n", shown.passage.sequence() as i64);
    let end = foot.with_min_x(foot.left() + foot.width() * 0.64);
    text::text(ui, end, "passage", &number, small.at(Align2::RIGHT_CENTER));

    let body = shown.notice.map_or(body, |notice| notice_ui(ui, body, notice, view, scale));
    let until = shown.holds_until;
    let rows = Rows::new(body, scale, shown.reason.is_some() || until.is_some());
    who_ui(ui, rows.who, shown.who, view, scale);
    if let Some(reason) = shown.reason {
        let mut why = view.words.reason(reason);
        if let Some(guardians) = guardians_words(shown.who, view).filter(|_| reason.advice() == Advice::RingGuardian) {
            why += &format!(" {guardians}");
        }
        if let Some(until) = until {
            let [until, left] = until_words(until, view);
            why += &format!(" {until}: {left}.");
        }
        reason_ui(ui, rows.why, &why, reason.code(), view, scale);
    } else if let Some(until) = until {
        until_ui(ui, rows.why, until, view, scale);
    }
    todo_ui(ui, rows.todo, &view.words.advice(shown.advice), tone.tint.into(), view, scale);
}

/// The kiosk cannot work: what is wrong, and what to do.
pub fn out_of_service_ui(ui: &Ui, place: Rect, fault: Fault, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let tone = paint.out_of_service;
    let (head, body) = card(ui, place, 0.36, tone, view.theme, scale);
    let (left, right) = beside(head, scale);
    icons::no_entry(ui.painter(), left, tone.ink.into(), tone.fill.into());
    let big = Type::line(scale.of(sizes.verdict * 0.86), scale.of(28.0), Weight::ExtraBold, tone.ink.into());
    text::text(ui, right, "out", &view.words.get("out-of-service"), big);
    live(ui, "out", Live::Assertive);

    let pad = body.shrink(scale.of(24.0));
    let todo = pad.with_min_y(pad.bottom() - pad.height() * 0.5);
    let style = Type::line(scale.of(36.0), scale.of(16.0), Weight::SemiBold, paint.ink.into()).wrapped();
    let what = pad.with_max_y(todo.top() - scale.of(12.0));
    text::text(ui, what, "fault", &view.words.fault(fault), style);
    todo_ui(ui, todo, &view.words.fault_do(fault), tone.tint.into(), view, scale);
}
