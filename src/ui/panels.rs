//! What the guard opens over the middle: choices with large buttons, and a keyboard for what must be typed.

use checkpoint::passage::Outcome;
use checkpoint::screen::{GuardAction, OverrideReason, PaperKind, SurgeReason};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::entry::{Entry, Next};
use super::icons;
use super::stage::paper;
use super::text::{self, Type, rect};
use super::theme::{Scale, Theme, Weight};
use crate::words::Words;

/// What the guard is in the middle of.
#[derive(Clone, Default)]
pub enum Panel {
    /// Nothing: the lane's own stage stands there.
    #[default]
    Closed,
    /// Why somebody passes.
    Override,
    /// What is not needed every minute: a group, paper, the open checkpoint.
    More,
    /// What kind of paper.
    Paper,
    /// Why the checkpoint is opened.
    Surge,
    /// Something is typed.
    Entry(Box<Entry>),
}

impl Panel {
    /// Whether anything is open.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Whether it needs the whole width: a keyboard.
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Entry(_))
    }
}

/// What the guard can do that is not needed every minute.
#[derive(Clone, Copy)]
enum More {
    Party,
    Paper,
    Surge,
    Head,
}

/// Draws the panel that is open and takes what was pressed in it.
pub fn panel_ui(
    ui: &Ui,
    place: Rect,
    panel: &mut Panel,
    words: &Words,
    theme: &Theme,
    scale: &Scale,
) -> Option<GuardAction> {
    let choose = |title: &str, labels: &[String]| choices_ui(ui, place, title, labels, words, theme, scale);
    match panel {
        Panel::Closed => None,
        Panel::Override => {
            let labels = OverrideReason::ALL.map(|reason| words.override_reason(reason));
            choose("override", &labels).map(|at| GuardAction::Override(OverrideReason::ALL[at]))
        }
        Panel::More => {
            const ALL: [(&str, More); 4] = [
                ("more-party", More::Party),
                ("more-paper", More::Paper),
                ("more-surge", More::Surge),
                ("more-head", More::Head),
            ];
            let at = choose("more", &ALL.map(|(word, _)| words.get(word)))?;
            match ALL[at].1 {
                More::Party => return Some(GuardAction::BeginParty),
                More::Paper => *panel = Panel::Paper,
                More::Surge => *panel = Panel::Surge,
                More::Head => return Some(GuardAction::ShowHead),
            }
            None
        }
        Panel::Paper => {
            let at = choose("paper", &PaperKind::ALL.map(|kind| words.get(&format!("paper-{}", kind.word()))))?;
            *panel = Panel::Entry(Box::new(Entry::paper(PaperKind::ALL[at])));
            None
        }
        Panel::Surge => {
            let at = choose("surge", &SurgeReason::ALL.map(|reason| words.get(&format!("surge-{}", reason.word()))))?;
            *panel = Panel::Entry(Box::new(Entry::guard(SurgeReason::ALL[at])));
            None
        }
        Panel::Entry(entry) => {
            if !entry_ui(ui, place, entry, words, theme, scale) {
                return None;
            }
            match entry.as_ref().clone().done() {
                Next::Act(action) => Some(action),
                Next::Ask(next) => {
                    **entry = next;
                    None
                }
            }
        }
    }
}

/// Large buttons under a title. Returns which was pressed.
fn choices_ui(
    ui: &Ui,
    place: Rect,
    title: &str,
    labels: &[String],
    words: &Words,
    theme: &Theme,
    scale: &Scale,
) -> Option<usize> {
    let Theme { day, sizes } = theme;
    paper(ui, place, theme, scale);
    let inner = place.shrink(scale.of(24.0));
    let head = inner.with_max_y(inner.top() + inner.height() * 0.22);
    let side = scale.of(54.0).min(head.height());
    let mark = Rect::from_center_size(pos2(head.left() + side / 2.0, head.center().y), Vec2::splat(side));
    let tone = day.overridden;
    icons::outcome(ui.painter(), mark, Outcome::Override, tone.fill.into(), tone.ink.into());
    let beside = head.with_min_x(mark.right() + scale.of(18.0));
    let big = Type::line(scale.of(40.0), sizes.smallest, Weight::ExtraBold, day.ink.into());
    let small = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, day.ink_soft.into()).wrapped();
    let split = beside.top() + beside.height() * 0.6;
    let (title, note) = (format!("{title}-title"), format!("{title}-note"));
    text::text(ui, beside.with_max_y(split), &title, &words.get(&title), big);
    text::text(ui, beside.with_min_y(split), &note, &words.get(&note), small);

    let gap = scale.of(sizes.gap);
    let grid = inner.with_min_y(head.bottom() + gap);
    let columns = if labels.len() == 3 { 1 } else { 2 };
    let rows = labels.len().div_ceil(columns);
    let width = (grid.width() - gap * (columns - 1) as f32) / columns as f32;
    let height = (grid.height() - gap * (rows - 1) as f32) / rows as f32;
    let mut chosen = None;
    for (index, label) in labels.iter().enumerate() {
        let (column, row) = ((index % columns) as f32, (index / columns) as f32);
        let place = rect(grid.left() + column * (width + gap), grid.top() + row * (height + gap), width, height);
        if key_ui(ui, place, &format!("{title}-{index}"), label, scale.of(28.0), theme, scale) {
            chosen = Some(index);
        }
    }
    chosen
}

/// What is typed, and the keys. Returns whether the answer is complete.
fn entry_ui(ui: &Ui, place: Rect, entry: &mut Entry, words: &Words, theme: &Theme, scale: &Scale) -> bool {
    let Theme { day, sizes } = theme;
    paper(ui, place, theme, scale);
    let inner = place.shrink(scale.of(18.0));
    let ask = entry.ask();
    let head = inner.with_max_y(inner.top() + inner.height() * 0.26);
    let split = head.top() + head.height() * 0.5;
    let title = Type::line(scale.of(30.0), sizes.smallest, Weight::ExtraBold, day.ink.into());
    let hint = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, day.ink_soft.into());
    let wrong = Type::line(scale.of(20.0), sizes.smallest, Weight::SemiBold, day.refuse.fill.into());
    let above = head.with_max_y(split);
    let middle = above.top() + above.height() * 0.58;
    text::text(ui, above.with_max_y(middle), "ask", &words.get(&format!("ask-{}", ask.word())), title);
    let below = above.with_min_y(middle);
    if entry.is_wrong() {
        text::text(ui, below, "ask-wrong", &words.get("ask-wrong"), wrong);
    } else {
        text::text(ui, below, "ask-hint", &words.get(&format!("ask-{}-hint", ask.word())), hint);
    }
    let field = head.with_min_y(split + scale.of(4.0)).with_max_y(head.bottom() - scale.of(6.0));
    ui.painter().rect_filled(field, CornerRadius::same(scale.of(sizes.corner * 0.7) as u8), day.ground);
    let style = Type::line(scale.of(38.0), scale.of(16.0), Weight::SemiBold, day.ink.into());
    // A bar where the next character comes. It does not blink: nothing is redrawn for it.
    let typed = format!("{}|", entry.text());
    text::text(ui, field.shrink2(egui::vec2(scale.of(16.0), 0.0)), "typed", &typed, style);

    let keys = inner.with_min_y(head.bottom() + scale.of(6.0));
    let rows: &[&str] = if ask.letters() {
        &["1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM. "]
    } else {
        &["123", "456", "789", "0"]
    };
    let columns = if ask.letters() { 10 } else { 3 };
    // Erase and done stand beside the keys, or below them where the screen is high.
    let gap = scale.of(7.0);
    let (board, erase, done) = if scale.portrait {
        let row = keys.with_min_y(keys.bottom() - keys.height() * 0.2);
        let split = row.left() + row.width() * 0.4;
        (keys.with_max_y(row.top() - gap), row.with_max_x(split - gap), row.with_min_x(split))
    } else {
        let side = keys.width() * if ask.letters() { 0.16 } else { 0.32 };
        let column = keys.with_min_x(keys.right() - side);
        let split = column.top() + column.height() * 0.42;
        (keys.with_max_x(column.left() - gap), column.with_max_y(split - gap), column.with_min_y(split))
    };
    let width = (board.width() - gap * (columns - 1) as f32) / columns as f32;
    let height = (board.height() - gap * (rows.len() - 1) as f32) / rows.len() as f32;
    for (row, line) in rows.iter().enumerate() {
        let indent = if *line == "0" { 1 } else { 0 };
        for (column, key) in line.chars().enumerate() {
            let left = board.left() + (column + indent) as f32 * (width + gap);
            let wide = if key == ' ' { board.right() - left } else { width };
            let place = rect(left, board.top() + row as f32 * (height + gap), wide, height);
            let label = if key == ' ' { words.get("key-space") } else { key.to_string() };
            if key_ui(ui, place, &format!("key-{key}"), &label, scale.of(30.0), theme, scale) {
                entry.key(key);
            }
        }
    }
    if key_ui(ui, erase, "key-erase", &words.get("key-erase"), scale.of(26.0), theme, scale) {
        entry.erase();
    }
    key_ui(ui, done, "key-done", &words.get("key-done"), scale.of(30.0), theme, scale)
}

/// One button of a panel.
fn key_ui(ui: &Ui, place: Rect, salt: &str, label: &str, size: f32, theme: &Theme, scale: &Scale) -> bool {
    let Theme { day, sizes } = theme;
    let response = ui.interact(place, ui.scope_id().with(("panel", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let down = response.is_pointer_button_down_on();
    let tint = if down { day.overridden.fill } else { day.overridden.tint };
    let ink = if down { day.overridden.ink } else { day.ink };
    ui.painter().rect_filled(place, CornerRadius::same(scale.of(sizes.corner * 0.8) as u8), tint);
    let style = Type::line(size, sizes.smallest, Weight::SemiBold, ink.into()).wrapped();
    let inner = place.shrink2(Vec2::new((place.width() * 0.06).min(scale.of(20.0)), scale.of(4.0)));
    text::paint(ui, inner, label, style.at(Align2::CENTER_CENTER));
    response.clicked()
}
