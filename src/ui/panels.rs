//! What the guard opens over the middle: choices with large buttons, and a keyboard for what must be typed.

use checkpoint::passage::Outcome;
use checkpoint::screen::{GuardAction, OverrideReason, PaperKind, SurgeReason};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::desk::DeskAsk;
use super::entry::{Entry, Next};
use super::icons::{self, Icon};
use super::pages::{Page, page_ui};
use super::stage::paper;
use super::text::{self, Type, rect};
use super::theme::{Scale, TextSize, Theme, Weight};
use super::view::{Local, Press, View};
use crate::words::{self, Words};

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

    /// Whether it needs the whole width: a keyboard, many tiles, a page.
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Entry(_) | Self::More | Self::Page(_))
    }
}

/// What the guard can do that is not needed every minute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    Party,
    Paper,
    Surge,
    Head,
    Figures,
    PlaceCode,
    Shift,
    Lists,
    Places,
    Modes,
    Rules,
    Look,
    Text,
    Help,
    About,
}

impl More {
    const ALL: [Self; 15] = [
        Self::Party,
        Self::Paper,
        Self::Surge,
        Self::Figures,
        Self::PlaceCode,
        Self::Shift,
        Self::Lists,
        Self::Places,
        Self::Modes,
        Self::Rules,
        Self::Look,
        Self::Text,
        Self::Head,
        Self::Help,
        Self::About,
    ];

    /// What is offered here: a visitor alone with the screen is offered nothing that is the guard's.
    fn offered(view: &View<'_>) -> Vec<Self> {
        let for_visitors =
            |more: &Self| matches!(more, Self::Modes | Self::Look | Self::Text | Self::Help | Self::About);
        Self::ALL
            .into_iter()
            .filter(|more| !view.desk.ways.faces_visitor || for_visitors(more))
            .filter(|more| *more != Self::Places || !view.desk.places.is_empty())
            .filter(|more| *more != Self::Lists || !view.desk.checklists.is_empty())
            .collect()
    }

    fn icon(self) -> Icon {
        match self {
            Self::Party => Icon::Group,
            Self::Paper => Icon::Paper,
            Self::Surge => Icon::Surge,
            Self::Head => Icon::Code,
            Self::Figures => Icon::Bars,
            Self::PlaceCode => Icon::Code,
            Self::Shift => Icon::Shift,
            Self::Lists => Icon::Checklist,
            Self::Places => Icon::Pin,
            Self::Modes => Icon::Mode,
            Self::Rules => Icon::Shield,
            Self::Look => Icon::Look,
            Self::Text => Icon::Zoom,
            Self::Help => Icon::Help,
            Self::About => Icon::Todo,
        }
    }

    fn label(self, local: &Local, words: &Words) -> String {
        words.get(&match self {
            Self::Party => "more-party".to_owned(),
            Self::Paper => "more-paper".to_owned(),
            Self::Surge => "more-surge".to_owned(),
            Self::Head => "more-head".to_owned(),
            Self::Figures => "figures-title".to_owned(),
            Self::PlaceCode => "place-code-title".to_owned(),
            Self::Shift => "shift-title".to_owned(),
            Self::Lists => "lists-title".to_owned(),
            Self::Places => "places-title".to_owned(),
            Self::Modes => "modes-title".to_owned(),
            Self::Rules => "rules-title".to_owned(),
            Self::Look => format!("look-{}", local.look.next().word()),
            Self::Text if local.text == TextSize::Large => "text-usual".to_owned(),
            Self::Text => "text-large".to_owned(),
            Self::Help => "help-title".to_owned(),
            Self::About => "about-title".to_owned(),
        })
    }

    /// Opens it, and asks the desk for what it shows.
    fn open(self, local: &mut Local, view: &View<'_>) -> Option<Press> {
        let page = |page| Panel::Page(page);
        let (panel, press) = match self {
            Self::Party => (Panel::Closed, Some(Press::Guard(GuardAction::BeginParty))),
            Self::Paper => (Panel::Paper, None),
            Self::Surge => (Panel::Surge, None),
            Self::Head => (Panel::Closed, Some(Press::Guard(GuardAction::ShowHead))),
            Self::Figures => (page(Page::Figures), Some(DeskAsk::Figures(words::day(view.now())).into())),
            Self::PlaceCode => (page(Page::PlaceCode), Some(DeskAsk::PlaceCode.into())),
            Self::Shift => (page(Page::Shift), view.desk.shift.map(|_| DeskAsk::ShiftFigures.into())),
            Self::Lists => (page(Page::Lists), None),
            Self::Places => (page(Page::Places), None),
            Self::Modes => (page(Page::Modes), None),
            Self::Rules => (page(Page::Rules(view.desk.rules.iter().map(|(_, required)| *required).collect())), None),
            Self::Look => {
                local.look = local.look.next();
                return None;
            }
            Self::Text => {
                local.text = match local.text {
                    TextSize::Usual => TextSize::Large,
                    TextSize::Large => TextSize::Usual,
                };
                return None;
            }
            Self::Help => (page(Page::Help), None),
            Self::About => (page(Page::About), None),
        };
        local.panel = panel;
        press
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
        "figures" => Icon::Bars,
        "place-code" => Icon::Code,
        "shift" => Icon::Shift,
        "lists" => Icon::Checklist,
        "places" => Icon::Pin,
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

/// What is typed, and the keys. Returns whether the answer is complete.
fn entry_ui(ui: &Ui, place: Rect, entry: &mut Entry, words: &Words, theme: &Theme, scale: &Scale) -> bool {
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
