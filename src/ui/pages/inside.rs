//! A school's gate: who is still inside, by class, and the names of one class.

use checkpoint::screen::{GuardAction, InsideShown, SchoolShown};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::grid::{grid_ui, paged};
use super::rows;
use crate::ui::icons::{self, Icon};
use crate::ui::panels::{head_ui, key_ui};
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::{Press, View};
use crate::words;

/// Draws who is inside and returns what was asked for: a class, or all of them again. `turned`: pages of a long list.
pub fn inside_ui(
    ui: &Ui,
    place: Rect,
    inside: &InsideShown,
    turned: &mut usize,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    let Theme { paint, sizes } = view.theme;
    let body = head_ui(ui, place, "inside", view.words, view.theme, scale);
    let counts = body.with_max_y(body.top() + scale.of(48.0));
    let foot = body.with_min_y(body.bottom() - if inside.named.is_some() { scale.touch() } else { scale.of(52.0) });
    let room = body.with_min_y(counts.bottom() + scale.of(8.0)).with_max_y(foot.top() - scale.of(6.0));
    let big = Type::line(scale.of(32.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    text::text(ui, counts, "inside-counts", &counted(inside.inside, view), big);
    let since = view.words.with_text("inside-since", "time", &words::time_of_day(inside.since));
    let note = match damaged_words(inside, view) {
        Some(damaged) => format!("{since} {damaged}"),
        None => since,
    };
    let small = Type::line(scale.of(19.0), sizes.smallest, Weight::Regular, paint.ink_soft.into()).wrapped();
    match &inside.named {
        None => {
            text::text(ui, foot, "inside-note", &note, small);
            classes_ui(ui, room, inside, turned, view, scale)
        }
        Some((class, names)) => {
            let back = foot.with_max_x(foot.left() + foot.width() * 0.42);
            names_ui(ui, room, class, names, turned, view, scale);
            let label = view.words.get("inside-all");
            key_ui(ui, back, "inside-all", &label, scale.of(24.0), view.theme, scale)
                .then_some(Press::Guard(GuardAction::ShowInside(None)))
        }
    }
}

/// How many, of the roster and others.
fn counted(inside: checkpoint::passback::Inside, view: &View<'_>) -> String {
    let listed = view.words.count("inside-listed", "n", i64::from(inside.listed));
    match inside.others {
        0 => listed,
        others => format!("{listed} · {}", view.words.count("inside-others", "n", i64::from(others))),
    }
}

/// A button for each class with how many of it are inside.
fn classes_ui(
    ui: &Ui,
    place: Rect,
    inside: &InsideShown,
    turned: &mut usize,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    let labels: Vec<_> = inside
        .classes
        .iter()
        .map(|(class, count)| {
            let name = if class.is_empty() { view.words.get("inside-no-class") } else { class.clone() };
            format!("{name}: {count}")
        })
        .collect();
    let at = grid_ui(ui, place, "class", 1.5, &labels, turned, view, scale)?;
    *turned = 0;
    Some(Press::Guard(GuardAction::ShowInside(Some(inside.classes[at].0.clone()))))
}

/// The names of one class, and since when each is in. They stand here alone, and go when names go.
fn names_ui(
    ui: &Ui,
    place: Rect,
    class: &str,
    names: &[(String, chrono::DateTime<chrono::Utc>)],
    turned: &mut usize,
    view: &View<'_>,
    scale: &Scale,
) {
    let Theme { paint, sizes } = view.theme;
    let heading = place.with_max_y(place.top() + scale.of(40.0));
    let bold = Type::line(scale.of(26.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    let named = if class.is_empty() { view.words.get("inside-no-class") } else { class.to_owned() };
    let label = format!("{}: {}", view.words.with_text("who-class", "class", &named), names.len());
    text::text(ui, heading, "inside-class", &label, bold);
    let below = place.with_min_y(heading.bottom());
    // The longest name of two lines needs so much.
    let columns = if below.width() - scale.touch() > 44.0 * view.theme.sizes.smallest { 2 } else { 1 };
    let high = scale.of(50.0).max(view.theme.sizes.smallest * 2.9);
    let lines = ((below.height() / high) as usize).max(1);
    let (below, shown) = paged(ui, below, names.len(), columns * lines, turned, view, scale);
    let rows = rows(below, lines, high * 1.3);
    let big = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, paint.ink.into()).wrapped();
    let small = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    for (at, (name, since)) in names[shown].iter().enumerate() {
        let row = rows[at % lines];
        let width = row.width() / columns as f32;
        let cell = rect(row.left() + width * (at / lines) as f32, row.top(), width - scale.of(18.0), row.height());
        let time = cell.with_min_x(cell.right() - scale.of(66.0));
        text::text(ui, cell.with_max_x(time.left() - scale.of(6.0)), &format!("inside-{at}"), name, big);
        let since = words::time_of_day(*since);
        text::text(ui, time, &format!("inside-since-{at}"), &since, small.at(Align2::RIGHT_CENTER));
        ui.painter().hline(cell.x_range(), cell.bottom(), Stroke::new(1.0, paint.line));
    }
}

/// Lines of the roster that were left out, by their numbers.
fn damaged_words(inside: &InsideShown, view: &View<'_>) -> Option<String> {
    let lines: Vec<_> = inside.damaged.iter().map(usize::to_string).collect();
    let all = view.screen.school.map_or(0, |school| school.damaged as usize);
    let more = if all > lines.len() { "…" } else { "" };
    (!lines.is_empty()).then(|| view.words.with_text("roster-damaged", "lines", &format!("{}{more}", lines.join(", "))))
}

/// One line above the invitation: the roster, and who is inside. A button to the page. Returns the room that is left.
pub fn school_ui(ui: &Ui, place: Rect, school: SchoolShown, view: &View<'_>, scale: &Scale) -> (Rect, Option<Press>) {
    let Theme { paint, sizes } = view.theme;
    let late = school.over && school.inside.listed > 0;
    let wrong = school.fault.is_some() || school.on_roster.is_none();
    let tone = if late || wrong { paint.refer } else { paint.registered };
    let line = place.with_max_y(place.top() + scale.touch());
    let response = ui.interact(line, ui.scope_id().with("school"), Sense::click());
    let roster = match (school.fault, school.on_roster) {
        (Some(fault), _) => view.words.get(&format!("roster-fault-{}", fault.word())),
        (None, None) => view.words.get("roster-none"),
        (None, Some(people)) => view.words.count("roster-people", "n", i64::from(people)),
    };
    let damaged = (school.damaged > 0).then(|| view.words.count("roster-lines", "n", i64::from(school.damaged)));
    let below = [Some(roster), damaged].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let above = match late {
        true => view.words.count("inside-late", "n", i64::from(school.inside.listed)),
        false => counted(school.inside, view),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{above}. {below}")));
    ui.painter().rect_filled(line, CornerRadius::same(scale.of(sizes.corner * 0.7) as u8), tone.tint);
    let side = scale.of(40.0);
    let mark =
        Rect::from_center_size(pos2(line.left() + scale.of(18.0) + side / 2.0, line.center().y), Vec2::splat(side));
    icons::icon(ui.painter(), mark, if late { Icon::Warning } else { Icon::Group }, paint.ink.into());
    let beside = line.with_min_x(mark.right() + scale.of(16.0)).shrink2(Vec2::new(scale.of(8.0), scale.of(5.0)));
    let split = beside.top() + beside.height() * 0.56;
    let big = Type::line(scale.of(26.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
    let small = Type::line(scale.of(19.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    text::paint(ui, beside.with_max_y(split), &above, big);
    text::paint(ui, beside.with_min_y(split), &below, small);
    let rest = place.with_min_y(line.bottom() + scale.of(14.0));
    (rest, response.clicked().then_some(Press::Guard(GuardAction::ShowInside(None))))
}
