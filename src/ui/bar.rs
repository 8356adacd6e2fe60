//! What a finger presses: the bar below.

use checkpoint::passage::Outcome;
use checkpoint::screen::GuardAction;
use egui::accesskit::Role;
use egui::{Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::desk::Change;
use super::entry::Entry;
use super::icons::{self, Icon};
use super::panels::{Panel, segment_ui};
use super::text::{self, Type, rect};
use super::theme::{Scale, Theme, Weight};
use super::view::{Local, Middle, View};
use crate::words::Language;

/// What the bar offers for what stands in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Let this visitor pass: opens the reasons.
    Override,
    /// Close the panel without choosing.
    Cancel,
    /// What is not needed every minute.
    More,
    /// What stands on paper without a code: opens its kinds.
    Paper,
    /// All of the group were decided on: asks for the plate.
    EndParty,
    /// The visitor is not the person whom the codes name.
    NotThisPerson,
    /// Check again.
    Close,
    /// One more was waved through.
    Wave,
    /// Keep the verdict on the screen.
    Hold,
    /// Let it go again.
    Release,
    /// Back to waiting: the next visitor.
    Dismiss,
    /// Back to waiting from a page of the lane, which is nobody's.
    Leave,
}

/// What the bar offers, from left to right. The main one is last.
pub fn offers(middle: &Middle<'_>, panel_is_open: bool, in_party: bool, faces_visitor: bool) -> Vec<Offer> {
    if panel_is_open {
        return vec![Offer::Cancel];
    }
    if faces_visitor {
        // Nobody lets himself pass.
        return match middle {
            Middle::Waiting => vec![Offer::More],
            Middle::Gathering(_) | Middle::Decided(_) | Middle::Noted(_) => vec![Offer::Dismiss],
            Middle::Head(_) | Middle::Inside(_) => vec![Offer::Leave],
            Middle::Open(_) | Middle::OutOfService(_) => vec![],
        };
    }
    match middle {
        // A group whose passage is not on disk is ended again.
        Middle::OutOfService(_) if in_party => vec![Offer::EndParty],
        Middle::OutOfService(_) => vec![],
        Middle::Open(_) => vec![Offer::Close, Offer::Wave],
        Middle::Noted(_) => vec![Offer::Dismiss],
        Middle::Head(_) | Middle::Inside(_) => vec![Offer::Leave],
        Middle::Waiting if in_party => vec![Offer::Paper, Offer::Override, Offer::EndParty],
        Middle::Waiting => vec![Offer::More, Offer::Override],
        Middle::Gathering(_) if in_party => vec![Offer::Paper, Offer::Override, Offer::EndParty],
        Middle::Gathering(_) => vec![Offer::Paper, Offer::Override, Offer::Dismiss],
        Middle::Decided(card) => {
            let hold = if card.held { Offer::Release } else { Offer::Hold };
            match card.outcome {
                Outcome::Refuse | Outcome::Refer => vec![Offer::Override, hold, Offer::Dismiss],
                Outcome::Admit | Outcome::Registered if card.names_somebody() => {
                    vec![Offer::NotThisPerson, hold, Offer::Dismiss]
                }
                Outcome::Admit | Outcome::Override | Outcome::Registered | Outcome::Waved => vec![hold, Offer::Dismiss],
            }
        }
    }
}

/// The bar: direction and language at the left, what belongs to the moment at the right.
pub fn bar_ui(ui: &Ui, place: Rect, view: &View<'_>, local: &mut Local, scale: &Scale) -> Option<GuardAction> {
    let words = view.words;
    let gap = scale.of(view.theme.sizes.gap);
    let (moment, standing) = if scale.portrait {
        let height = scale.touch();
        let (above, below) = (place.with_max_y(place.top() + height), place.with_min_y(place.bottom() - height));
        // Held in one hand, what is pressed most stands under the thumb.
        if view.desk.ways.one_hand { (below, above) } else { (above, below) }
    } else {
        (place, place)
    };
    let mut pressed = None;

    let direction = view.screen.direction;
    let faces_visitor = view.desk.ways.faces_visitor;
    let turn_width = if faces_visitor { -gap } else { scale.of(236.0) };
    let turn = standing.with_max_x(standing.left() + turn_width);
    let label = format!("{}: {}", words.get("action-turn"), words.direction(direction));
    if !faces_visitor && turn_ui(ui, turn, &words.direction(direction), &words.get("action-turn"), &label, view, scale)
    {
        pressed = Some(GuardAction::Turn);
    }
    let language = rect(turn.right() + gap, standing.top(), scale.of(184.0), standing.height());
    if faces_visitor {
        let room =
            if scale.portrait { standing } else { standing.with_max_x(standing.left() + standing.width() * 0.74) };
        languages_ui(ui, room, view, local, scale);
    } else {
        let other = local.language.next().name();
        if button(ui, language, "language", &other, Icon::Language, Kind::Quiet, view.theme, scale) {
            local.language = local.language.next();
        }
    }

    let offers = offers(&view.middle, local.panel.is_open(), view.screen.party.is_some(), faces_visitor);
    let main = scale.of(if scale.portrait { 250.0 } else { 264.0 });
    let other = scale.of(if scale.portrait { 236.0 } else { 224.0 });
    let mut right = moment.right();
    for (index, offer) in offers.iter().enumerate().rev() {
        let is_main = index + 1 == offers.len() && matches!(offer, Offer::Dismiss | Offer::EndParty | Offer::Wave);
        let width = if is_main { main } else { other };
        let place = moment.with_max_x(right).with_min_x(right - width);
        right -= width + gap;
        let (word, icon) = match offer {
            Offer::Override => ("action-override", Icon::LetPass),
            Offer::Cancel | Offer::Leave => ("action-cancel", Icon::Back),
            Offer::Hold => ("action-hold", Icon::Hold),
            Offer::Release => ("action-release", Icon::Hold),
            Offer::Dismiss => ("action-dismiss", Icon::Next),
            Offer::More => ("action-more", Icon::More),
            Offer::Paper => ("action-paper", Icon::More),
            Offer::EndParty => ("action-end-party", Icon::Next),
            Offer::NotThisPerson => ("action-not-this-person", Icon::Person),
            Offer::Close => ("action-close", Icon::Back),
            Offer::Wave => ("action-wave", Icon::Next),
        };
        let kind = match offer {
            Offer::Dismiss | Offer::EndParty | Offer::Wave => Kind::Main,
            Offer::Release => Kind::Pressed,
            Offer::Override
            | Offer::Cancel
            | Offer::Leave
            | Offer::Hold
            | Offer::More
            | Offer::Paper
            | Offer::NotThisPerson
            | Offer::Close => Kind::Quiet,
        };
        if button(ui, place, word, &words.get(word), icon, kind, view.theme, scale) {
            match offer {
                Offer::Override => local.panel = Panel::Override,
                // Whoever stands before a screen that faces visitors is a visitor until the PIN says otherwise.
                Offer::More if faces_visitor => local.panel = Panel::Entry(Box::new(Entry::pin(Change::Open))),
                Offer::More => local.panel = Panel::More,
                Offer::Paper => local.panel = Panel::Paper,
                Offer::EndParty => local.panel = Panel::Entry(Box::new(Entry::plate())),
                Offer::Cancel => local.panel = Panel::Closed,
                Offer::NotThisPerson => pressed = Some(GuardAction::NotThisPerson),
                Offer::Close => pressed = Some(GuardAction::Close),
                Offer::Wave => pressed = Some(GuardAction::Wave),
                Offer::Hold | Offer::Release => pressed = Some(GuardAction::Hold),
                Offer::Dismiss | Offer::Leave => pressed = Some(GuardAction::Dismiss),
            }
        }
    }
    pressed
}

/// A visitor's languages, a button each, by the names that their own people give them.
fn languages_ui(ui: &Ui, room: Rect, view: &View<'_>, local: &mut Local, scale: &Scale) {
    let gap = scale.of(view.theme.sizes.gap);
    let all: Vec<_> = Language::own().collect();
    let width = ((room.width() - gap * (all.len() - 1) as f32) / all.len() as f32).min(scale.of(236.0));
    for (index, language) in all.into_iter().enumerate() {
        let place = rect(room.left() + (width + gap) * index as f32, room.top(), width, room.height());
        let salt = format!("language-{language}");
        let chosen = language == local.language;
        if segment_ui(ui, place, &salt, &language.name(), chosen, view.theme, scale) {
            local.language = language;
        }
    }
}

/// How much weight a button has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Main,
    Quiet,
    Pressed,
}

#[allow(clippy::too_many_arguments)] // One drawing call: a struct of its own would be read nowhere else.
fn button(ui: &Ui, place: Rect, salt: &str, label: &str, icon: Icon, kind: Kind, theme: &Theme, scale: &Scale) -> bool {
    let sizes = &theme.sizes;
    let response = ui.interact(place, ui.scope_id().with(("button", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let ink = plate(ui, place, kind, response.is_pointer_button_down_on(), theme, scale);
    let style = Type::line(scale.of(sizes.button), sizes.smallest, Weight::SemiBold, ink);
    let side = scale.of(30.0);
    let space = scale.of(12.0);
    let room = place.width() - side - space - scale.of(28.0);
    let wide = text::width(ui, label, style).min(room);
    let left = place.center().x - (side + space + wide) / 2.0;
    // An arrow points onward, so it stands behind its word.
    let (mark, words) = if icon == Icon::Next { (left + wide + space, left) } else { (left, left + side + space) };
    icons::icon(ui.painter(), rect(mark, place.center().y - side / 2.0, side, side), icon, ink);
    text::paint(ui, rect(words, place.top(), wide + 1.0, place.height()), label, style);
    response.clicked()
}

fn turn_ui(ui: &Ui, place: Rect, word: &str, hint: &str, label: &str, view: &View<'_>, scale: &Scale) -> bool {
    let sizes = &view.theme.sizes;
    let response = ui.interact(place, ui.scope_id().with("turn"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let ink = plate(ui, place, Kind::Quiet, response.is_pointer_button_down_on(), view.theme, scale);
    let side = scale.of(50.0);
    let mark = rect(place.left() + scale.of(24.0), place.center().y - side / 2.0, side, side);
    icons::direction(ui.painter(), mark, view.screen.direction, ink);
    let beside = place.with_min_x(mark.right() + scale.of(20.0)).shrink2(vec2(scale.of(6.0), scale.of(10.0)));
    let split = beside.top() + beside.height() * 0.58;
    let big = Type::line(scale.of(34.0), sizes.smallest, Weight::ExtraBold, ink);
    let small = Type::line(scale.of(sizes.label), sizes.smallest, Weight::Regular, ink);
    text::paint(ui, beside.with_max_y(split), word, big);
    text::paint(ui, beside.with_min_y(split), hint, small);
    response.clicked()
}

/// A button's ground. Returns the ink on it.
fn plate(ui: &Ui, place: Rect, kind: Kind, down: bool, theme: &Theme, scale: &Scale) -> Color32 {
    let paint = &theme.paint;
    let corner = CornerRadius::same(scale.of(theme.sizes.corner) as u8);
    let dark = (kind == Kind::Quiet) == down;
    let (fill, ink) = if dark { (paint.button, paint.button_ink) } else { (paint.paper, paint.button) };
    ui.painter().rect_filled(place, corner, fill);
    ui.painter().rect_stroke(place, corner, Stroke::new(scale.of(2.5), paint.button), StrokeKind::Inside);
    ink.into()
}
