//! How the kiosk is used, in pictures: six cards, each a sign and a sentence.

use checkpoint::passage::Outcome;
use egui::{Align2, CornerRadius, Rect, Ui, Vec2, pos2};

use crate::ui::icons::{self, Icon};
use crate::ui::text::{self, Type};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::View;

/// What a card shows.
enum Sign {
    Icon(Icon),
    Outcome(Outcome),
}

const CARDS: [(&str, Sign); 6] = [
    ("help-show", Sign::Icon(Icon::Code)),
    ("help-green", Sign::Outcome(Outcome::Admit)),
    ("help-red", Sign::Outcome(Outcome::Refuse)),
    ("help-amber", Sign::Outcome(Outcome::Refer)),
    ("help-override", Sign::Outcome(Outcome::Override)),
    ("help-hold", Sign::Icon(Icon::Hold)),
];

/// Draws the cards.
pub(super) fn help_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let columns = if scale.portrait { 2 } else { 3 };
    let rows = CARDS.len().div_ceil(columns);
    let gap = scale.of(sizes.gap) * 0.8;
    let width = (place.width() - gap * (columns - 1) as f32) / columns as f32;
    let height = (place.height() - gap * (rows - 1) as f32) / rows as f32;
    for (index, (word, sign)) in CARDS.into_iter().enumerate() {
        let (column, row) = ((index % columns) as f32, (index / columns) as f32);
        let card = text::rect(place.left() + column * (width + gap), place.top() + row * (height + gap), width, height);
        ui.painter().rect_filled(card, CornerRadius::same(scale.of(sizes.corner) as u8), paint.ground);
        let inner = card.shrink(scale.of(12.0));
        let side = (inner.height() * 0.46).min(scale.of(96.0));
        let mark = Rect::from_center_size(pos2(inner.center().x, inner.top() + side / 2.0), Vec2::splat(side));
        match sign {
            Sign::Icon(icon) => icons::icon(ui.painter(), mark, icon, paint.button.into()),
            Sign::Outcome(outcome) => {
                let tone = view.theme.tone(outcome);
                icons::outcome(ui.painter(), mark, outcome, tone.fill.into(), tone.ink.into());
            }
        }
        let style = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, paint.ink.into()).wrapped();
        let below = inner.with_min_y(mark.bottom() + scale.of(8.0));
        text::text(ui, below, word, &view.words.get(word), style.at(Align2::CENTER_CENTER));
    }
}
