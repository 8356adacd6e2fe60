//! A keyboard for what must be typed.

use egui::{CornerRadius, Rect, Ui, vec2};

use super::key_ui;
use crate::ui::entry::Entry;
use crate::ui::stage::paper;
use crate::ui::text::{self, Type, rect};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::words::Words;

/// What is typed, and the keys. Returns whether the answer is complete.
pub(super) fn entry_ui(ui: &Ui, place: Rect, entry: &mut Entry, words: &Words, theme: &Theme, scale: &Scale) -> bool {
    let Theme { paint, sizes } = theme;
    paper(ui, place, theme, scale);
    let inner = place.shrink(scale.of(18.0));
    let ask = entry.ask();
    let head = inner.with_max_y(inner.top() + inner.height() * 0.26);
    let split = head.top() + head.height() * 0.5;
    let title = Type::line(scale.of(30.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    let hint = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    let wrong = Type::line(scale.of(20.0), sizes.smallest, Weight::SemiBold, paint.refuse.fill.into());
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
    ui.painter().rect_filled(field, CornerRadius::same(scale.of(sizes.corner * 0.7) as u8), paint.ground);
    let style = Type::line(scale.of(38.0), scale.of(16.0), Weight::SemiBold, paint.ink.into());
    // A bar where the next character comes. It does not blink: nothing is redrawn for it.
    let typed = format!("{}|", entry.shown());
    text::text(ui, field.shrink2(vec2(scale.of(16.0), 0.0)), "typed", &typed, style);

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
