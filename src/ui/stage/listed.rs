//! Somebody of a place's roster, and who picks a pupil up.

use checkpoint::passage::Proof;
use checkpoint::screen::{Listed, PickUp, Who, plain};
use egui::{Rect, Ui};

use crate::ui::text::{self, Type};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::View;

/// Name, class, and who picked up.
pub(super) fn listed_ui(ui: &Ui, place: Rect, listed: &Listed, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let Listed { name, birth_year, class, proof, pick_up } = listed;
    let class = (!class.is_empty()).then(|| view.words.with_text("who-class", "class", class));
    let born = birth_year.map(|year| view.words.with_text("who-birth-year", "year", &year.to_string()));
    let unproven = (*proof != Proof::Verified).then(|| view.words.get("who-unproven"));
    let below: Vec<String> = [class, born, unproven].into_iter().flatten().collect();
    let by = match pick_up {
        PickUp::MayBe(_) => None,
        PickUp::By(by) => Some(view.words.with_text("who-picked-up", "by", by)),
        PickUp::Other(_) => Some(view.words.get("who-not-registered")),
    };
    let rows = if by.is_some() { [0.46, 0.73] } else { [0.6, 1.0] };
    let at = |part: f32| place.top() + place.height() * part;
    let big = Type::line(scale.of(sizes.name), scale.of(18.0), Weight::SemiBold, paint.ink.into());
    let small = Type::line(scale.of(22.0), sizes.smallest, Weight::Regular, paint.ink_soft.into());
    text::text(ui, place.with_max_y(at(rows[0])), "who", &plain(name), big);
    let line = place.with_min_y(at(rows[0])).with_max_y(at(rows[1]));
    text::text(ui, line, "class", &below.join(" · "), small);
    if let Some(by) = by {
        let strong = Type::line(scale.of(22.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
        text::text(ui, place.with_min_y(at(rows[1])), "picked-up", &by, strong);
    }
}

/// Whom the roster names to pick a pupil up: for the guard to call, and to compare.
pub(super) fn guardians_words(who: Option<&Who>, view: &View<'_>) -> Option<String> {
    let Some(Who::Listed(listed)) = who else { return None };
    let (PickUp::MayBe(names) | PickUp::Other(names)) = &listed.pick_up else { return None };
    match names.is_empty() {
        true => Some(view.words.get("guardians-none")),
        false => Some(view.words.with_text("guardians", "names", &names.join("; "))),
    }
}
