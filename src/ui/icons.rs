//! Our own icons, drawn with a few strokes so that they are sharp at every size. Shape alone tells outcomes apart.

mod pen;

use checkpoint::passage::{Direction, Outcome};
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2};
use pen::Pen;

/// What can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Where the kiosk stands.
    Pin,
    /// The trust list.
    Shield,
    /// Somebody.
    Person,
    /// Time.
    Clock,
    /// Something is wrong.
    Warning,
    /// No picture.
    CameraOff,
    /// On to the next.
    Next,
    /// Back.
    Back,
    /// Keep on the screen.
    Hold,
    /// Let pass by hand.
    LetPass,
    /// Another language.
    Language,
    /// What to do.
    Todo,
    /// Another code.
    Code,
    /// More choices.
    More,
    /// The camera's lamp.
    Lamp,
    /// Larger.
    Zoom,
    /// The other camera.
    CameraOther,
    /// Figures as bars.
    Bars,
    /// Things to do, ticked off.
    Checklist,
    /// Somebody comes or goes: a shift.
    Shift,
    /// What the kiosk is used for.
    Mode,
    /// How it looks.
    Look,
    /// How it is used.
    Help,
    /// Several people.
    Group,
    /// A sheet of paper.
    Paper,
    /// An open barrier.
    Surge,
    /// Something that is in order.
    Tick,
    /// Something that is not.
    Cross,
}

/// Draws an icon into the largest square within `place`.
pub fn icon(painter: &Painter, place: Rect, icon: Icon, ink: Color32) {
    let pen = Pen::new(painter, place, ink);
    match icon {
        Icon::Pin => {
            pen.disc(0.5, 0.38, 0.30);
            pen.polygon(&[(0.235, 0.52), (0.765, 0.52), (0.5, 0.96)]);
            pen.with(opposite(ink)).disc(0.5, 0.38, 0.12);
        }
        Icon::Shield => {
            pen.polygon(&[
                (0.5, 0.04),
                (0.88, 0.18),
                (0.86, 0.52),
                (0.72, 0.78),
                (0.5, 0.96),
                (0.28, 0.78),
                (0.14, 0.52),
                (0.12, 0.18),
            ]);
            pen.with(opposite(ink)).line(&[(0.32, 0.50), (0.45, 0.64), (0.69, 0.36)], 0.10);
        }
        Icon::Person => {
            pen.disc(0.5, 0.29, 0.21);
            let shoulders: Vec<_> = (0..=24)
                .map(|step| {
                    let angle = std::f32::consts::PI * (1.0 + step as f32 / 24.0);
                    (0.5 + 0.40 * angle.cos(), 0.94 + 0.38 * angle.sin())
                })
                .collect();
            pen.polygon(&shoulders);
        }
        Icon::Clock => {
            pen.ring(0.5, 0.5, 0.40, 0.09);
            pen.line(&[(0.5, 0.27), (0.5, 0.52), (0.66, 0.62)], 0.09);
        }
        Icon::Warning => {
            pen.polygon(&triangle());
            pen.with(opposite(ink)).exclamation();
        }
        Icon::CameraOff => {
            pen.frame(0.08, 0.28, 0.68, 0.78, 0.07);
            pen.polygon(&[(0.72, 0.46), (0.92, 0.32), (0.92, 0.74), (0.72, 0.60)]);
            pen.line(&[(0.14, 0.10), (0.86, 0.94)], 0.08);
        }
        Icon::Next => pen.line(&[(0.36, 0.18), (0.68, 0.5), (0.36, 0.82)], 0.13),
        Icon::Back => pen.line(&[(0.64, 0.18), (0.32, 0.5), (0.64, 0.82)], 0.13),
        Icon::Hold => {
            pen.bar(0.26, 0.18, 0.42, 0.82);
            pen.bar(0.58, 0.18, 0.74, 0.82);
        }
        Icon::LetPass => {
            pen.diamond_outline();
            pen.line(&[(0.30, 0.5), (0.66, 0.5)], 0.09);
            pen.line(&[(0.52, 0.35), (0.67, 0.5), (0.52, 0.65)], 0.09);
        }
        Icon::Language => {
            pen.ring(0.5, 0.5, 0.40, 0.07);
            pen.line(&[(0.12, 0.5), (0.88, 0.5)], 0.06);
            for side in [-1.0, 1.0] {
                let meridian: Vec<_> = (0..=12)
                    .map(|step| {
                        let angle = std::f32::consts::PI * (step as f32 / 12.0 - 0.5);
                        (0.5 + side * 0.17 * angle.cos(), 0.5 + 0.39 * angle.sin())
                    })
                    .collect();
                pen.line(&meridian, 0.06);
            }
        }
        Icon::Todo => {
            pen.line(&[(0.12, 0.5), (0.80, 0.5)], 0.13);
            pen.line(&[(0.54, 0.22), (0.84, 0.5), (0.54, 0.78)], 0.13);
        }
        Icon::Lamp => {
            pen.disc(0.5, 0.40, 0.27);
            pen.bar(0.39, 0.60, 0.61, 0.78);
            pen.line(&[(0.42, 0.88), (0.58, 0.88)], 0.07);
            for (from, to) in [
                ((0.5, 0.0), (0.5, 0.05)),
                ((0.12, 0.14), (0.17, 0.18)),
                ((0.88, 0.14), (0.83, 0.18)),
                ((0.02, 0.48), (0.08, 0.47)),
                ((0.98, 0.48), (0.92, 0.47)),
            ] {
                pen.line(&[from, to], 0.07);
            }
        }
        Icon::Zoom => {
            pen.ring(0.42, 0.42, 0.30, 0.09);
            pen.line(&[(0.64, 0.64), (0.92, 0.92)], 0.12);
            pen.line(&[(0.28, 0.42), (0.56, 0.42)], 0.08);
            pen.line(&[(0.42, 0.28), (0.42, 0.56)], 0.08);
        }
        Icon::CameraOther => {
            pen.frame(0.04, 0.24, 0.96, 0.86, 0.07);
            pen.bar(0.34, 0.12, 0.66, 0.26);
            pen.line(&[(0.32, 0.46), (0.66, 0.46), (0.58, 0.38)], 0.06);
            pen.line(&[(0.68, 0.66), (0.34, 0.66), (0.42, 0.74)], 0.06);
        }
        Icon::Bars => {
            pen.bar(0.10, 0.54, 0.30, 0.92);
            pen.bar(0.40, 0.12, 0.60, 0.92);
            pen.bar(0.70, 0.36, 0.90, 0.92);
        }
        Icon::Checklist => {
            for y in [0.22, 0.5, 0.78] {
                pen.line(&[(0.06, y), (0.15, y + 0.09), (0.30, y - 0.10)], 0.08);
                pen.line(&[(0.44, y), (0.94, y)], 0.09);
            }
        }
        Icon::Shift => {
            pen.disc(0.30, 0.30, 0.17);
            let shoulders: Vec<_> = (0..=16)
                .map(|step| {
                    let angle = std::f32::consts::PI * (1.0 + step as f32 / 16.0);
                    (0.30 + 0.27 * angle.cos(), 0.86 + 0.32 * angle.sin())
                })
                .collect();
            pen.polygon(&shoulders);
            pen.line(&[(0.62, 0.5), (0.94, 0.5)], 0.09);
            pen.line(&[(0.80, 0.34), (0.96, 0.5), (0.80, 0.66)], 0.09);
        }
        Icon::Mode => {
            for (x, y) in [(0.10, 0.10), (0.56, 0.10), (0.10, 0.56)] {
                pen.frame(x, y, x + 0.34, y + 0.34, 0.08);
            }
            pen.bar(0.56, 0.56, 0.90, 0.90);
        }
        Icon::Look => {
            pen.ring(0.5, 0.5, 0.42, 0.08);
            let half: Vec<_> = (0..=16)
                .map(|step| {
                    let angle = std::f32::consts::PI * (step as f32 / 16.0 - 0.5);
                    (0.5 + 0.36 * angle.cos(), 0.5 + 0.36 * angle.sin())
                })
                .collect();
            pen.polygon(&half);
        }
        Icon::Help => {
            pen.ring(0.5, 0.5, 0.44, 0.08);
            pen.line(&[(0.36, 0.38), (0.42, 0.28), (0.56, 0.27), (0.64, 0.37), (0.60, 0.47), (0.5, 0.55)], 0.09);
            pen.disc(0.5, 0.72, 0.06);
        }
        Icon::Group => {
            for (x, y, size) in [(0.26, 0.30, 0.9), (0.74, 0.30, 0.9), (0.5, 0.36, 1.1)] {
                pen.disc(x, y, 0.14 * size);
                let shoulders: Vec<_> = (0..=16)
                    .map(|step| {
                        let angle = std::f32::consts::PI * (1.0 + step as f32 / 16.0);
                        (x + 0.22 * size * angle.cos(), y + 0.50 * size + 0.26 * size * angle.sin())
                    })
                    .collect();
                pen.polygon(&shoulders);
            }
        }
        Icon::Paper => {
            pen.frame(0.18, 0.06, 0.82, 0.94, 0.08);
            for y in [0.30, 0.48, 0.66] {
                pen.line(&[(0.32, y), (0.68, y)], 0.07);
            }
        }
        Icon::Surge => {
            pen.bar(0.10, 0.40, 0.26, 0.94);
            pen.line(&[(0.20, 0.46), (0.90, 0.10)], 0.12);
        }
        Icon::Tick => pen.line(&[(0.16, 0.52), (0.40, 0.76), (0.86, 0.24)], 0.15),
        Icon::Cross => {
            pen.line(&[(0.2, 0.2), (0.8, 0.8)], 0.15);
            pen.line(&[(0.8, 0.2), (0.2, 0.8)], 0.15);
        }
        Icon::More => {
            for y in [0.26, 0.5, 0.74] {
                pen.line(&[(0.16, y), (0.84, y)], 0.11);
            }
        }
        Icon::Code => {
            for (x, y) in [(0.06, 0.06), (0.58, 0.06), (0.06, 0.58)] {
                pen.frame(x, y, x + 0.36, y + 0.36, 0.07);
                pen.bar(x + 0.13, y + 0.13, x + 0.23, y + 0.23);
            }
            for (x, y) in [(0.58, 0.58), (0.84, 0.58), (0.71, 0.71), (0.58, 0.84), (0.84, 0.84)] {
                pen.bar(x, y, x + 0.12, y + 0.12);
            }
        }
    }
}

/// The shape of an outcome: disc with a check, octagon with a cross, triangle with "!", diamond with an arrow, square
/// with lines. `fill` is the shape, `ink` the sign on it.
pub fn outcome(painter: &Painter, place: Rect, outcome: Outcome, fill: Color32, ink: Color32) {
    let shape = Pen::new(painter, place, fill);
    let sign = Pen::new(painter, place, ink);
    match outcome {
        Outcome::Admit => {
            shape.disc(0.5, 0.5, 0.48);
            sign.line(&[(0.28, 0.52), (0.44, 0.68), (0.73, 0.35)], 0.12);
        }
        Outcome::Refuse => {
            let octagon: Vec<_> = (0..8)
                .map(|corner| {
                    let angle = std::f32::consts::FRAC_PI_4 * (corner as f32 + 0.5);
                    (0.5 + 0.51 * angle.cos(), 0.5 + 0.51 * angle.sin())
                })
                .collect();
            shape.polygon(&octagon);
            sign.line(&[(0.33, 0.33), (0.67, 0.67)], 0.12);
            sign.line(&[(0.67, 0.33), (0.33, 0.67)], 0.12);
        }
        Outcome::Refer => {
            shape.polygon(&triangle());
            sign.exclamation();
        }
        Outcome::Override => {
            shape.polygon(&[(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)]);
            sign.line(&[(0.26, 0.5), (0.70, 0.5)], 0.11);
            sign.line(&[(0.53, 0.32), (0.72, 0.5), (0.53, 0.68)], 0.11);
        }
        Outcome::Registered => {
            shape.bar(0.06, 0.06, 0.94, 0.94);
            for (y, end) in [(0.32, 0.74), (0.5, 0.74), (0.68, 0.56)] {
                sign.line(&[(0.26, y), (end, y)], 0.09);
            }
        }
        Outcome::Waved => {
            shape.bar(0.06, 0.06, 0.94, 0.94);
            for x in [0.24, 0.50] {
                sign.line(&[(x, 0.28), (x + 0.24, 0.5), (x, 0.72)], 0.11);
            }
        }
    }
}

/// A disc with a bar, as at a closed road.
pub fn no_entry(painter: &Painter, place: Rect, fill: Color32, ink: Color32) {
    Pen::new(painter, place, fill).disc(0.5, 0.5, 0.48);
    Pen::new(painter, place, ink).bar(0.20, 0.41, 0.80, 0.59);
}

/// A door and an arrow that goes into it or out of it.
pub fn direction(painter: &Painter, place: Rect, direction: Direction, ink: Color32) {
    let pen = Pen::new(painter, place, ink);
    pen.line(&[(0.56, 0.10), (0.90, 0.10), (0.90, 0.90), (0.56, 0.90)], 0.09);
    pen.line(&[(0.10, 0.5), (0.60, 0.5)], 0.11);
    match direction {
        Direction::In => pen.line(&[(0.42, 0.30), (0.63, 0.5), (0.42, 0.70)], 0.11),
        Direction::Out => pen.line(&[(0.28, 0.30), (0.07, 0.5), (0.28, 0.70)], 0.11),
    }
}

/// Four corners around where a code belongs.
pub fn corners(painter: &Painter, place: Rect, ink: Color32, stroke: f32) {
    let arm = place.width().min(place.height()) * 0.2;
    for (corner, x, y) in [
        (place.left_top(), 1.0, 1.0),
        (place.right_top(), -1.0, 1.0),
        (place.left_bottom(), 1.0, -1.0),
        (place.right_bottom(), -1.0, -1.0),
    ] {
        round_line(painter, &[corner + Vec2::new(x * arm, 0.0), corner, corner + Vec2::new(0.0, y * arm)], stroke, ink);
    }
}

/// Slanting stripes, as on a barrier.
pub fn stripes(painter: &Painter, place: Rect, ink: Color32) {
    let painter = painter.with_clip_rect(place);
    let step = place.height();
    let mut left = place.left() - step;
    while left < place.right() {
        painter.add(Shape::convex_polygon(
            vec![
                pos2(left, place.bottom()),
                pos2(left + step * 0.5, place.bottom()),
                pos2(left + step * 1.5, place.top()),
                pos2(left + step, place.top()),
            ],
            ink,
            Stroke::NONE,
        ));
        left += step;
    }
}

fn triangle() -> [(f32, f32); 3] {
    [(0.5, 0.04), (1.0, 0.93), (0.0, 0.93)]
}

/// What can be seen on `ink`: white on dark, black on light.
fn opposite(ink: Color32) -> Color32 {
    if ink.intensity() > 0.5 { Color32::from_gray(0x14) } else { Color32::WHITE }
}

pub fn round_line(painter: &Painter, points: &[Pos2], width: f32, ink: Color32) {
    painter.line(points.to_vec(), Stroke::new(width, ink));
    for point in points {
        painter.circle_filled(*point, width / 2.0, ink);
    }
}
