//! Where the kiosk stands: the places that were chosen last, one touch away, and the whole list.

use std::collections::BTreeMap;

use egui::{Rect, Ui};

use super::grid::grid_ui;
use super::{Page, said_ui};
use crate::ui::desk::{DeskAsk, PlaceShown};
use crate::ui::icons::Icon;
use crate::ui::panels::{Panel, key_ui};
use crate::ui::text::rect;
use crate::ui::theme::Scale;
use crate::ui::view::{Local, Press, View};

/// From so many places on they are asked for by region first.
const REGIONS_FROM: usize = 24;

/// The list, by region where it is long. A touch on a place is all that it takes.
pub(super) fn places_ui(
    ui: &Ui,
    place: Rect,
    region: Option<String>,
    local: &mut Local,
    view: &View<'_>,
    scale: &Scale,
) -> Option<Press> {
    if view.is_engaged() {
        said_ui(
            ui,
            place,
            "engaged",
            &view.words.get("engaged"),
            Icon::Warning,
            view.theme.paint.refer.fill,
            view,
            scale,
        );
        return None;
    }
    let places = &view.desk.places;
    let mut regions = BTreeMap::<&str, usize>::new();
    for shown in places {
        *regions.entry(shown.region.as_str()).or_default() += 1;
    }
    if region.is_none() && places.len() >= REGIONS_FROM && regions.len() > 1 {
        let names: Vec<_> = regions.keys().map(|region| (*region).to_owned()).collect();
        let named =
            |region: &str| if region.is_empty() { view.words.get("places-no-region") } else { region.to_owned() };
        let labels: Vec<_> = regions.iter().map(|(region, count)| format!("{}: {count}", named(region))).collect();
        let at = grid_ui(ui, place, "region", 2.2, &labels, &mut local.turned, view, scale)?;
        (local.panel, local.turned) = (Panel::Page(Page::Places(Some(names[at].clone()))), 0);
        return None;
    }
    let listed: Vec<&PlaceShown> =
        places.iter().filter(|shown| region.as_ref().is_none_or(|region| shown.region == *region)).collect();
    let here = &view.screen.location.code;
    let label = |shown: &&PlaceShown| {
        let tick = if shown.location.code == *here { "• " } else { "" };
        format!("{tick}{}\n{}", shown.location.name, shown.location.code)
    };
    let labels: Vec<_> = listed.iter().map(label).collect();
    let at = grid_ui(ui, place, "place", 3.2, &labels, &mut local.turned, view, scale)?;
    (local.panel, local.turned) = (Panel::Closed, 0);
    Some(DeskAsk::Stand(listed[at].location.code.clone()).into())
}

/// Buttons above the invitation: the places that were chosen last, each one touch away. Returns the room that is left.
pub fn recent_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) -> (Rect, Option<Press>) {
    let here = &view.screen.location.code;
    let gap = scale.of(10.0);
    let most = (((place.width() + gap) / (scale.touch() * 2.2 + gap)) as usize).clamp(1, 4);
    let offered: Vec<_> =
        view.desk.places.iter().map(|shown| &shown.location).filter(|place| place.code != *here).take(most).collect();
    if offered.is_empty() || view.is_engaged() {
        return (place, None);
    }
    let width = (place.width() - gap * (most - 1) as f32) / most as f32;
    let row = place.with_max_y(place.top() + scale.touch());
    let mut touched = None;
    for (at, location) in offered.into_iter().enumerate() {
        let cell = rect(row.left() + at as f32 * (width + gap), row.top(), width, row.height());
        if key_ui(ui, cell, &format!("recent-{at}"), &location.name, scale.of(24.0), view.theme, scale) {
            touched = Some(DeskAsk::Stand(location.code.clone()).into());
        }
    }
    (place.with_min_y(row.bottom() + scale.of(12.0)), touched)
}
