//! What the guard opens over the middle: choices with large buttons, and a keyboard for what must be typed.

mod keyboard;
mod more;

use checkpoint::passage::Outcome;
use checkpoint::screen::{GuardAction, OverrideReason, PaperKind, SurgeReason};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, Vec2, WidgetInfo, pos2};
use keyboard::entry_ui;
use more::More;

use super::desk::DeskAsk;
use super::entry::{Entry, Next};
use super::icons::{self, Icon};
use super::pages::{Page, page_ui};
use super::stage::paper;
use super::text::{self, Type, rect};
use super::theme::{Scale, Theme, Weight};
use super::view::{Local, Press, View};
use crate::words::Words;

/// What the guard is in the middle of.
#[derive(Clone, Default)]
pub enum Panel {
    /// Nothing: the lane's own stage stands there.
    #[default]
    Closed,
    /// Why somebody passes.
    Override,
    /// What is not needed every minute.
    More,
    /// What kind of paper.
    Paper,
    /// Why the checkpoint is opened.
    Surge,
    /// Something is typed.
    Entry(Box<Entry>),
    /// A page of the day: figures, a shift, a checklist.
    Page(Page),
}

impl Panel {
    /// Whether anything is open.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Whether something is typed that is about a visitor: he waits for it, and so do codes.
    pub fn is_about_visitor(&self) -> bool {
        matches!(self, Self::Entry(entry) if entry.is_about_visitor())
    }

    /// Whether it needs the whole width: a keyboard, many tiles, a page.
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Entry(_) | Self::More | Self::Page(_))
    }
}

/// Draws the panel that is open and takes what was pressed in it.
pub fn panel_ui(ui: &Ui, place: Rect, local: &mut Local, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let View { words, theme, .. } = *view;
    let choose = |title: &str, labels: &[String]| choices_ui(ui, place, title, labels, words, theme, scale);
    match &mut local.panel {
        Panel::Closed => None,
        Panel::Override => {
            let labels = OverrideReason::ALL.map(|reason| words.override_reason(reason));
            let at = choose("override", &labels)?;
            close(local, GuardAction::Override(OverrideReason::ALL[at]))
        }
        Panel::More => {
            let offered = More::offered(view);
            let tiles: Vec<_> = offered.iter().map(|more| (more.icon(), more.label(local, words))).collect();
            offered[tiles_ui(ui, place, "more", &tiles, words, theme, scale)?].open(local, view)
        }
        Panel::Paper => {
            let at = choose("paper", &PaperKind::ALL.map(|kind| words.get(&format!("paper-{}", kind.word()))))?;
            local.panel = Panel::Entry(Box::new(Entry::paper(PaperKind::ALL[at])));
            None
        }
        Panel::Surge => {
            let at = choose("surge", &SurgeReason::ALL.map(|reason| words.get(&format!("surge-{}", reason.word()))))?;
            local.panel = Panel::Entry(Box::new(Entry::guard(SurgeReason::ALL[at])));
            None
        }
        Panel::Entry(entry) => {
            if !entry_ui(ui, place, entry, words, theme, scale) {
                return None;
            }
            match entry.as_ref().clone().done(view.now()) {
                Next::Act(action) => close(local, action),
                Next::Desk(ask) => {
                    local.panel = match ask {
                        DeskAsk::Change(..) => Panel::Page(Page::Pin),
                        DeskAsk::Checked(..) => Panel::Page(Page::Lists),
                        _ => Panel::Page(Page::Shift),
                    };
                    Some(ask.into())
                }
                Next::Ask(next) => {
                    **entry = next;
                    None
                }
            }
        }
        Panel::Page(_) => page_ui(ui, place, local, view, scale),
    }
}

fn close(local: &mut Local, action: GuardAction) -> Option<Press> {
    local.panel = Panel::Closed;
    Some(Press::Guard(action))
}

/// A title with a line below it, at the top of a panel. Returns the room below.
pub(super) fn head_ui(ui: &Ui, place: Rect, title: &str, words: &Words, theme: &Theme, scale: &Scale) -> Rect {
    let Theme { paint, sizes } = theme;
    paper(ui, place, theme, scale);
    let inner = place.shrink(scale.of(20.0));
    let head = inner.with_max_y(inner.top() + scale.of(84.0));
    let side = scale.of(54.0).min(head.height());
    let mark = Rect::from_center_size(pos2(head.left() + side / 2.0, head.center().y), Vec2::splat(side));
    match sign_of(title) {
        Some(sign) => icons::icon(ui.painter(), mark.shrink(side * 0.06), sign, paint.button.into()),
        None => {
            let tone = paint.overridden;
            icons::outcome(ui.painter(), mark, Outcome::Override, tone.fill.into(), tone.ink.into());
        }
    }
    let beside = head.with_min_x(mark.right() + scale.of(18.0));
    let big = Type::line(scale.of(38.0), sizes.smallest, Weight::ExtraBold, paint.ink.into());
    let small = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, paint.ink_soft.into()).wrapped();
    let split = beside.top() + beside.height() * 0.6;
    let (title, note) = (format!("{title}-title"), format!("{title}-note"));
    text::text(ui, beside.with_max_y(split), &title, &words.get(&title), big);
    text::text(ui, beside.with_min_y(split), &note, &words.get(&note), small);
    inner.with_min_y(head.bottom() + scale.of(sizes.gap) * 0.5)
}

/// The sign of a page.
fn sign_of(title: &str) -> Option<Icon> {
    Some(match title {
        "more" => Icon::More,
        "paper" => Icon::Paper,
        "surge" => Icon::Surge,
        "inside" => Icon::Group,
        "practice" => Icon::Help,
        "figures" => Icon::Bars,
        "place-code" => Icon::Code,
        "shift" => Icon::Shift,
        "lists" => Icon::Checklist,
        "places" | "places-unsigned" => Icon::Pin,
        "modes" => Icon::Mode,
        "rules" | "pin" => Icon::Shield,
        "help" => Icon::Help,
        "about" => Icon::Todo,
        _ => return None,
    })
}

/// Large buttons with a sign above their word, under a title. Returns which was pressed.
pub(super) fn tiles_ui(
    ui: &Ui,
    place: Rect,
    title: &str,
    tiles: &[(Icon, String)],
    words: &Words,
    theme: &Theme,
    scale: &Scale,
) -> Option<usize> {
    let Theme { paint, sizes } = theme;
    let grid = head_ui(ui, place, title, words, theme, scale);
    let gap = scale.of(sizes.gap) * 0.7;
    let columns = match (tiles.len(), scale.portrait) {
        (0..=6, _) | (_, true) => 3,
        (7..=12, false) => 4,
        _ => 5,
    };
    let rows = tiles.len().div_ceil(columns);
    let width = (grid.width() - gap * (columns - 1) as f32) / columns as f32;
    let height = ((grid.height() - gap * (rows - 1) as f32) / rows as f32).min(scale.of(230.0));
    let mut chosen = None;
    for (index, (icon, label)) in tiles.iter().enumerate() {
        let (column, row) = ((index % columns) as f32, (index / columns) as f32);
        let place = rect(grid.left() + column * (width + gap), grid.top() + row * (height + gap), width, height);
        let response = ui.interact(place, ui.scope_id().with(("tile", title, index)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
        let down = response.is_pointer_button_down_on();
        let (ground, ink) =
            if down { (paint.overridden.fill, paint.overridden.ink) } else { (paint.overridden.tint, paint.ink) };
        ui.painter().rect_filled(place, CornerRadius::same(scale.of(sizes.corner * 0.8) as u8), ground);
        let inner = place.shrink2(Vec2::new(scale.of(8.0), scale.of(6.0)));
        let split = inner.top() + inner.height() * 0.48;
        let side = (split - inner.top()).min(scale.of(56.0)) * 0.9;
        let mark = Rect::from_center_size(pos2(inner.center().x, (inner.top() + split) / 2.0), Vec2::splat(side));
        icons::icon(ui.painter(), mark, *icon, ink.into());
        let style = Type::line(scale.of(22.0), sizes.smallest, Weight::SemiBold, ink.into()).wrapped();
        text::paint(ui, inner.with_min_y(split), label, style.at(Align2::CENTER_CENTER));
        if response.clicked() {
            chosen = Some(index);
        }
    }
    chosen
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
    let grid = head_ui(ui, place, title, words, theme, scale);
    let gap = scale.of(theme.sizes.gap);
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

/// One button of a panel.
pub(super) fn key_ui(ui: &Ui, place: Rect, salt: &str, label: &str, size: f32, theme: &Theme, scale: &Scale) -> bool {
    let Theme { paint, sizes } = theme;
    let response = ui.interact(place, ui.scope_id().with(("panel", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let down = response.is_pointer_button_down_on();
    let tint = if down { paint.overridden.fill } else { paint.overridden.tint };
    let ink = if down { paint.overridden.ink } else { paint.ink };
    ui.painter().rect_filled(place, CornerRadius::same(scale.of(sizes.corner * 0.8) as u8), tint);
    let style = Type::line(size, sizes.smallest, Weight::SemiBold, ink.into()).wrapped();
    let inner = place.shrink2(Vec2::new((place.width() * 0.06).min(scale.of(20.0)), scale.of(4.0)));
    text::paint(ui, inner, label, style.at(Align2::CENTER_CENTER));
    response.clicked()
}

/// One of a few buttons of which one is chosen.
pub(super) fn segment_ui(
    ui: &Ui,
    place: Rect,
    salt: &str,
    label: &str,
    chosen: bool,
    theme: &Theme,
    scale: &Scale,
) -> bool {
    let Theme { paint, sizes } = theme;
    let response = ui.interact(place, ui.scope_id().with(("segment", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, label));
    let (fill, ink) = if chosen != response.is_pointer_button_down_on() {
        (paint.button, paint.button_ink)
    } else {
        (paint.overridden.tint, paint.ink)
    };
    ui.painter().rect_filled(place, CornerRadius::same(scale.of(sizes.corner * 0.8) as u8), fill);
    let style = Type::line(scale.of(26.0), sizes.smallest, Weight::SemiBold, ink.into()).wrapped();
    let inner = place.shrink2(Vec2::new(scale.of(10.0), scale.of(4.0)));
    text::paint(ui, inner, label, style.at(Align2::CENTER_CENTER));
    response.clicked()
}
