//! What a finger presses: the bar below.

use checkpoint::passage::Outcome;
use checkpoint::screen::{GuardAction, Who};
use egui::accesskit::Role;
use egui::{Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

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

impl Offer {
    /// The message's name.
    fn word(self) -> &'static str {
        match self {
            Self::Override => "action-override",
            Self::Cancel | Self::Leave => "action-cancel",
            Self::Hold => "action-hold",
            Self::Release => "action-release",
            Self::Dismiss => "action-dismiss",
            Self::More => "action-more",
            Self::Paper => "action-paper",
            Self::EndParty => "action-end-party",
            Self::NotThisPerson => "action-not-this-person",
            Self::Close => "action-close",
            Self::Wave => "action-wave",
        }
    }
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
        // Last is what does least harm where a finger was too quick: the place of "next" a moment ago.
        Middle::Waiting => vec![Offer::Override, Offer::More],
        Middle::Gathering(_) if in_party => vec![Offer::Paper, Offer::Override, Offer::EndParty],
        Middle::Gathering(_) => vec![Offer::Paper, Offer::Override, Offer::Dismiss],
        Middle::Decided(card) => {
            let hold = if card.held { Offer::Release } else { Offer::Hold };
            match card.outcome {
                // What a group showed is settled for each of them.
                Outcome::Refuse | Outcome::Refer if matches!(card.who, Some(Who::Party { .. })) => {
                    vec![Offer::Override, hold, Offer::Dismiss]
                }
                Outcome::Refuse | Outcome::Refer => vec![Offer::Paper, Offer::Override, hold, Offer::Dismiss],
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
        let size = letters_of(ui, language.width(), language.height(), &other, view.theme, scale);
        if button(ui, language, "language", &other, Icon::Language, Kind::Quiet, size, view.theme, scale) {
            local.language = local.language.next();
        }
    }

    let offers = offers(&view.middle, local.panel.is_open(), view.screen.party.is_some(), faces_visitor);
    let main = scale.of(if scale.portrait { 250.0 } else { 264.0 });
    let other = scale.of(if scale.portrait { 236.0 } else { 224.0 });
    let is_main =
        |at: usize| at + 1 == offers.len() && matches!(offers[at], Offer::Dismiss | Offer::EndParty | Offer::Wave);
    let wanted: f32 = (0..offers.len()).map(|at| if is_main(at) { main } else { other }).sum();
    let left = if scale.portrait { moment.left() } else { language.right() + gap };
    let room = moment.right() - left - gap * offers.len().saturating_sub(1) as f32;
    // Four of them share what there is.
    let narrower = (room / wanted).min(1.0);
    let width = |at: usize| narrower * if is_main(at) { main } else { other };
    // Letters of one size: no answer weighs less than another.
    let size = offers
        .iter()
        .enumerate()
        .map(|(at, offer)| letters_of(ui, width(at), moment.height(), &view.words.get(offer.word()), view.theme, scale))
        .fold(f32::INFINITY, f32::min);
    let mut right = moment.right();
    for (index, offer) in offers.iter().enumerate().rev() {
        let width = width(index);
        let place = moment.with_max_x(right).with_min_x(right - width);
        right -= width + gap;
        let word = offer.word();
        let icon = match offer {
            Offer::Override => Icon::LetPass,
            Offer::Cancel | Offer::Leave | Offer::Close => Icon::Back,
            Offer::Hold | Offer::Release => Icon::Hold,
            Offer::Dismiss | Offer::EndParty | Offer::Wave => Icon::Next,
            Offer::More => Icon::More,
            Offer::Paper => Icon::Paper,
            Offer::NotThisPerson => Icon::Person,
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
        if button(ui, place, word, &words.get(word), icon, kind, size, view.theme, scale) {
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

/// Side of a button's sign, the space between it and the word, and what is left free at the edges.
const SIGN: f32 = 30.0;
const SPACE: f32 = 12.0;
const EDGES: f32 = 28.0;

/// How a button's word is set: in two lines where one is too long.
fn lettering(theme: &Theme, size: f32, ink: Color32) -> Type {
    Type { rows_max: 2, ..Type::line(size, theme.sizes.smallest, Weight::SemiBold, ink) }
}

fn room_of(width: f32, height: f32, scale: &Scale) -> Vec2 {
    vec2(width - scale.of(SIGN + SPACE + EDGES), height)
}

/// The size in which a word fits on a button, in points.
fn letters_of(ui: &Ui, width: f32, height: f32, label: &str, theme: &Theme, scale: &Scale) -> f32 {
    let style = lettering(theme, scale.of(theme.sizes.button), Color32::BLACK);
    text::measure(ui, room_of(width, height, scale), label, style).0
}

#[allow(clippy::too_many_arguments)] // One drawing call: a struct of its own would be read nowhere else.
fn button(
    ui: &Ui,
    place: Rect,
    salt: &str,
    label: &str,
    icon: Icon,
    kind: Kind,
    size: f32,
    theme: &Theme,
    scale: &Scale,
) -> bool {
    let response = ui.interact(place, ui.scope_id().with(("button", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let ink = plate(ui, place, kind, response.is_pointer_button_down_on(), theme, scale);
    let style = lettering(theme, size, ink);
    let (side, space) = (scale.of(SIGN), scale.of(SPACE));
    let room = room_of(place.width(), place.height(), scale);
    let wide = text::measure(ui, room, label, style).1.x;
    let left = place.center().x - (side + space + wide) / 2.0;
    // An arrow points onward, so it stands behind its word.
    let (mark, words) = if icon == Icon::Next { (left + wide + space, left) } else { (left, left + side + space) };
    icons::icon(ui.painter(), rect(mark, place.center().y - side / 2.0, side, side), icon, ink);
    // In the room in which it was measured: a narrower one would break its lines elsewhere.
    text::paint(ui, rect(words, place.top(), room.x, room.y), label, style);
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
