//! Daily safety checklists: which are due, and one of them to tick off.

use egui::{Rect, Ui};

use super::{Page, button_ui, foot, rows, tick_ui};
use crate::ui::desk::Checklist;
use crate::ui::entry::Entry;
use crate::ui::panels::Panel;
use crate::ui::theme::Scale;
use crate::ui::view::{Local, Press, View};
use crate::words;

/// Every checklist of the place: a tick where it was done today.
pub(super) fn lists_ui(ui: &Ui, place: Rect, local: &mut Local, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let today = words::day(view.now());
    let language = view.words.language().tag();
    let high = scale.touch() + scale.of(12.0);
    for (index, (list, row)) in
        view.desk.checklists.iter().zip(rows(place, view.desk.checklists.len(), high)).enumerate()
    {
        let note = match list.done {
            Some(day) if day == today => view.words.get("lists-done"),
            _ => view.words.get("lists-due"),
        };
        let title = Checklist::text(&list.title, language);
        let row = row.with_max_y(row.bottom() - scale.of(8.0));
        if tick_ui(ui, row, &format!("list-{index}"), list.done == Some(today), title, &note, view, scale) {
            local.panel = Panel::Page(Page::List(index));
            let fresh = local.ticks.as_ref().is_none_or(|(ticked, _)| *ticked != index);
            if fresh {
                local.ticks = Some((index, vec![false; list.items.len()]));
            }
        }
    }
    None
}

/// The items of one checklist. What is not ticked is recorded as not in order.
pub(super) fn list_ui(
    ui: &Ui,
    place: Rect,
    list: usize,
    local: &mut Local,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    let known = view.desk.checklists.get(list)?;
    let (above, row) = foot(place, scale);
    let language = view.words.language().tag();
    let mut ticks = match local.ticks.take() {
        Some((of, ticks)) if of == list && ticks.len() == known.items.len() => ticks,
        _ => vec![false; known.items.len()],
    };
    let columns = if scale.portrait { 1 } else { 2 };
    let lines = rows(above, known.items.len().div_ceil(columns), scale.touch() + scale.of(10.0));
    for (index, item) in known.items.iter().enumerate() {
        let line = lines[index / columns];
        let width = line.width() / columns as f32;
        let cell = super::text::rect(
            line.left() + width * (index % columns) as f32,
            line.top(),
            width - if columns > 1 { scale.of(8.0) } else { 0.0 },
            line.height() - scale.of(6.0),
        );
        let text = Checklist::text(item, language);
        if tick_ui(ui, cell, &format!("item-{index}"), ticks[index], text, "", view, scale) {
            ticks[index] = !ticks[index];
        }
    }
    let button = row.with_min_x(row.right() - row.width() / 3.0);
    if button_ui(ui, button, "lists-sign", view, scale) {
        local.panel = Panel::Entry(Box::new(Entry::checked(list, ticks.clone())));
    }
    local.ticks = Some((list, ticks));
    None
}
