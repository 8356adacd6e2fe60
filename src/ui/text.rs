//! Text that always fits its place: it grows smaller before it would overflow, and every piece has a name for AccessKit.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Align, Align2, Color32, Galley, Id, Pos2, Rect, Sense, Ui, Vec2, WidgetInfo};

use super::theme::Weight;

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// Height of the font in points, where there is room.
    pub size: f32,
    /// It is never smaller. What still does not fit then ends in "…".
    pub size_min: f32,
    /// Weight of the font.
    pub weight: Weight,
    /// Its colour.
    pub ink: Color32,
    /// Where it stands in its place.
    pub align: Align2,
    /// Most lines.
    pub rows_max: usize,
}

impl Type {
    /// One line at the left.
    pub fn line(size: f32, size_min: f32, weight: Weight, ink: Color32) -> Self {
        Self { size, size_min: size_min.min(size), weight, ink, align: Align2::LEFT_CENTER, rows_max: 1 }
    }

    /// As many lines as there is room for.
    pub fn wrapped(self) -> Self {
        Self { rows_max: usize::MAX, ..self }
    }

    /// Standing elsewhere in its place.
    pub fn at(self, align: Align2) -> Self {
        Self { align, ..self }
    }
}

/// Writes `text` into `place` and names it for AccessKit under `salt`. Returns where it stands.
pub fn text(ui: &Ui, place: Rect, salt: &str, text: &str, style: Type) -> Rect {
    let (rect, elided) = paint(ui, place, text, style);
    name(ui, rect, ui.scope_id().with(salt), Role::Label, text);
    if elided {
        ui.ctx().accesskit_node_builder(ui.scope_id().with(salt), |node| node.set_description(ELIDED));
    }
    rect
}

/// Description of a text of which the end could not be shown. Tests look for it.
pub const ELIDED: &str = "elided";

/// Writes `text` into `place` without a name, for what carries one as a whole: a button. Returns where it stands, and
/// whether its end is missing.
pub fn paint(ui: &Ui, place: Rect, text: &str, style: Type) -> (Rect, bool) {
    let galley = fit(ui, place.size(), text, style);
    let rect = style.align.align_size_within_rect(galley.size(), place);
    // A galley that is aligned to the centre or the right has its origin there.
    let origin = match style.align.x() {
        Align::Min => rect.left_top(),
        Align::Center => rect.center_top(),
        Align::Max => rect.right_top(),
    };
    let elided = galley.elided;
    ui.painter().galley(origin, galley, style.ink);
    (rect, elided)
}

/// Size that `text` takes in one line at full size.
pub fn width(ui: &Ui, text: &str, style: Type) -> f32 {
    lay_out(ui, f32::INFINITY, text, style, style.size, 1).size().x
}

/// Height of the font with which `text` fits into this room, and the size that it takes there; both in points.
pub fn measure(ui: &Ui, room: Vec2, text: &str, style: Type) -> (f32, Vec2) {
    let galley = fit(ui, room, text, style);
    let size = galley.job.sections.first().map_or(style.size, |section| section.format.font_id.size);
    (size, galley.size())
}

/// Gives something painted a name in the accessibility tree.
pub fn name(ui: &Ui, rect: Rect, id: Id, role: Role, label: &str) {
    ui.interact(rect, id, Sense::hover()).widget_info(|| WidgetInfo::labeled(role, true, label));
}

/// The largest setting that fits.
fn fit(ui: &Ui, place: Vec2, text: &str, style: Type) -> Arc<Galley> {
    let mut size = style.size;
    while size > style.size_min {
        let galley = lay_out(ui, place.x, text, style, size, style.rows_max);
        if galley.size().y <= place.y && galley.size().x <= place.x && !galley.elided && !breaks_a_word(&galley) {
            return balance(ui, place.x, text, style, size, galley);
        }
        size *= 0.94;
    }
    let row = lay_out(ui, f32::INFINITY, "Ệ", style, style.size_min, 1).size().y;
    let rows = ((place.y / row).floor() as usize).clamp(1, style.rows_max);
    lay_out(ui, place.x, text, style, style.size_min, rows)
}

/// The same number of lines: two are broken where the sentence pauses if that can be, otherwise all are as even as can
/// be. No last line of one short word.
fn balance(ui: &Ui, width: f32, text: &str, style: Type, size: f32, whole: Arc<Galley>) -> Arc<Galley> {
    const STEPS: u8 = 10;
    let mut best = whole;
    let rows = best.rows.len();
    if rows < 2 {
        return best;
    }
    if rows == 2 {
        let mut pauses: Vec<_> =
            [". ", ": ", "; ", ", "].iter().flat_map(|pause| text.match_indices(pause)).map(|(at, _)| at + 1).collect();
        pauses.sort_by_key(|at| at.abs_diff(text.len() / 2));
        for at in pauses {
            let broken = format!("{}\n{}", &text[..at], &text[at + 1..]);
            let galley = lay_out(ui, width, &broken, style, size, style.rows_max);
            if galley.rows.len() == 2 {
                return galley;
            }
        }
    }
    for step in 1..STEPS {
        let narrower = width * (1.0 - 0.5 * f32::from(step) / f32::from(STEPS));
        let galley = lay_out(ui, narrower, text, style, size, style.rows_max);
        if galley.rows.len() != rows || galley.elided || breaks_a_word(&galley) {
            break;
        }
        best = galley;
    }
    best
}

fn lay_out(ui: &Ui, width: f32, text: &str, style: Type, size: f32, rows: usize) -> Arc<Galley> {
    let mut job = LayoutJob::simple(unbroken(text), style.weight.font(size), style.ink, width);
    job.wrap.max_rows = rows;
    job.wrap.break_anywhere = rows == 1;
    job.halign = style.align.x();
    ui.painter().layout_job(job)
}

/// Keeps a time and its date in one line: a space between two digits does not break.
fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let between = out.ends_with(|c: char| c.is_ascii_digit()) && chars.peek().is_some_and(char::is_ascii_digit);
        out.push(if char == ' ' && between { '\u{a0}' } else { char });
    }
    out
}

/// A word is cut between two lines because it alone is wider than the place.
fn breaks_a_word(galley: &Galley) -> bool {
    let rows = &galley.rows;
    rows.iter().take(rows.len().saturating_sub(1)).any(|row| {
        let last = row.row.glyphs.last().map(|glyph| glyph.chr);
        !row.ends_with_newline && last.is_some_and(char::is_alphanumeric)
    })
}

/// A rectangle from its left top and size.
pub fn rect(left: f32, top: f32, width: f32, height: f32) -> Rect {
    Rect::from_min_size(Pos2::new(left, top), Vec2::new(width.max(0.0), height.max(0.0)))
}
