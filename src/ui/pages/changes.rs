//! What changes how the kiosk works: mode and rule sets. They ask for a PIN.

use egui::{Rect, Ui};

use super::{Page, button_ui, foot, rows, tick_ui};
use crate::mode::Mode;
use crate::ui::desk::Change;
use crate::ui::entry::Entry;
use crate::ui::icons::Icon;
use crate::ui::panels::{Panel, tiles_ui};
use crate::ui::theme::Scale;
use crate::ui::view::{Local, Press, View};

/// Modes, a tile each; the one in force has a tick.
pub(super) fn modes_ui(ui: &Ui, place: Rect, local: &mut Local, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let sign = |mode: Mode| if mode == view.desk.mode { Icon::Tick } else { icon_of(mode) };
    let tiles = Mode::ALL.map(|mode| (sign(mode), view.words.get(&format!("mode-{}", mode.word()))));
    let at = tiles_ui(ui, place, "modes", &tiles, view.words, view.theme, scale)?;
    local.panel = match Mode::ALL[at] {
        same if same == view.desk.mode => Panel::Closed,
        other => Panel::Entry(Box::new(Entry::pin(Change::Mode(other)))),
    };
    None
}

fn icon_of(mode: Mode) -> Icon {
    match mode {
        Mode::Checkpoint => Icon::Surge,
        Mode::Patrol => Icon::Pin,
        Mode::School => Icon::Group,
        Mode::Unattended => Icon::Person,
        Mode::Register => Icon::Paper,
        Mode::Training => Icon::Help,
    }
}

/// Rule sets to tick, and a button that asks for the PIN.
pub(super) fn rules_ui(
    ui: &Ui,
    place: Rect,
    mut chosen: Vec<bool>,
    local: &mut Local,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    let (above, row) = foot(place, scale);
    let rules = &view.desk.rules;
    chosen.resize(rules.len(), false);
    let columns = 2;
    let lines = rows(above, rules.len().div_ceil(columns), scale.touch() + scale.of(10.0));
    let mut touched = None;
    for (index, (id, _)) in rules.iter().enumerate() {
        let line = lines[index / columns];
        let width = line.width() / columns as f32;
        let cell = super::text::rect(
            line.left() + width * (index % columns) as f32,
            line.top(),
            width - scale.of(8.0),
            line.height() - scale.of(6.0),
        );
        // A rule set of the place's own has no message: its id is its name.
        let message = format!("rule-{id}");
        let name = Some(view.words.get(&message)).filter(|name| *name != message).unwrap_or_else(|| id.clone());
        if tick_ui(ui, cell, &message, chosen[index], &name, "", view, scale) {
            touched = Some(index);
        }
    }
    if let Some(index) = touched {
        chosen[index] = !chosen[index];
    }
    let button = row.with_min_x(row.right() - row.width() / 3.0);
    let some = chosen.iter().any(|chosen| *chosen);
    if some && button_ui(ui, button, "rules-use", view, scale) {
        let ids = rules.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|((id, _), _)| id.clone()).collect();
        local.panel = Panel::Entry(Box::new(Entry::pin(Change::Rules(ids))));
    } else {
        local.panel = Panel::Page(Page::Rules(chosen));
    }
    None
}
