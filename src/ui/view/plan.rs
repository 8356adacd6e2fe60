//! Where everything stands on screens of every shape.

use egui::Rect;

use crate::mode::Ways;
use crate::ui::text::rect;
use crate::ui::theme::{Scale, Theme};

/// Where everything stands.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub place: Rect,
    pub demo: Option<Rect>,
    pub picture: Rect,
    pub totals: Rect,
    pub trust: Rect,
    /// In the place of the trust list's card: what is wrong with the list is a fault too.
    pub faults: Option<Rect>,
    /// Everything between the head and the bar.
    pub middle: Rect,
    pub stage: Rect,
    pub bar: Rect,
}

impl Plan {
    /// Divides `whole`: picture beside the verdict where it is wide, below it where it is high.
    pub fn new(whole: Rect, scale: &Scale, theme: &Theme, ways: &Ways, demo: bool, faults: usize) -> Self {
        let gap = scale.of(theme.sizes.gap);
        let (left, width) = (whole.left() + gap, whole.width() - 2.0 * gap);
        // Where the place is chosen, its line is a button.
        let high = if ways.picks_place { scale.touch() } else { scale.of(72.0) };
        let place = rect(whole.left(), whole.top(), whole.width(), high);
        let demo = demo.then(|| rect(whole.left(), place.bottom(), whole.width(), scale.of(36.0)));
        let top = demo.map_or(place.bottom(), |demo| demo.bottom()) + gap;
        let bar_rows = if scale.portrait { 2.0 } else { 1.0 };
        let bar_height = bar_rows * scale.touch() + (bar_rows - 1.0) * gap;
        let bar = rect(left, whole.bottom() - gap - bar_height, width, bar_height);
        let middle = Rect::from_min_max(egui::pos2(left, top), egui::pos2(left + width, bar.top() - gap));

        let (totals_height, trust_height) = (scale.of(122.0), scale.of(88.0));
        let rows = faults.min(FAULTS_MAX) as f32;
        // A line says how many more there are.
        let more = if faults > FAULTS_MAX { scale.of(30.0) } else { 0.0 };
        let faults_height = (rows > 0.0).then(|| rows * fault_height(scale) + (rows - 1.0) * gap * 0.5 + more);

        if scale.portrait {
            let stage = middle.with_max_y(middle.top() + middle.height() * 0.57);
            // Faults need the whole width.
            let faults_place = faults_height.map(|height| middle.with_min_y(middle.bottom() - height));
            let bottom = faults_place.map_or(middle.bottom(), |faults| faults.top() - gap);
            let row = middle.with_min_y(stage.bottom() + gap).with_max_y(bottom);
            let picture = row.with_max_x(row.left() + row.width() * if ways.faces_visitor { 1.0 } else { 0.52 });
            let side = row.with_min_x(picture.right() + gap);
            let trust = side.with_min_y(side.bottom() - trust_height.min(side.height() * 0.42));
            let totals = if faults_place.is_some() { side } else { side.with_max_y(trust.top() - gap) };
            Self { place, demo, picture, totals, trust, faults: faults_place, middle, stage, bar }
        } else {
            // Visitors look for themselves in the picture.
            let part = if ways.faces_visitor { 0.46 } else { 0.36 };
            let column = middle.with_max_x(middle.left() + middle.width() * part);
            let stage = middle.with_min_x(column.right() + gap);
            let trust = column.with_min_y(column.bottom() - faults_height.unwrap_or(trust_height));
            let totals = rect(left, trust.top() - gap - totals_height, column.width(), totals_height);
            let picture = column.with_max_y(match (ways.faces_visitor, faults_height) {
                (false, _) => totals.top() - gap,
                (true, Some(_)) => trust.top() - gap,
                (true, None) => column.bottom(),
            });
            Self { place, demo, picture, totals, trust, faults: faults_height.map(|_| trust), middle, stage, bar }
        }
    }
}

/// Height of one fault's card: two lines in the smallest letters always fit.
pub fn fault_height(scale: &Scale) -> f32 {
    scale.of(84.0).max(76.0)
}

/// As many faults as are written out; the others are counted.
pub const FAULTS_MAX: usize = 1;
