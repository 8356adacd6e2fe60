//! Draws lines, discs and bars in a unit square.

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2};

use super::round_line;

/// Draws in a unit square.
pub(super) struct Pen<'a> {
    painter: &'a Painter,
    square: Rect,
    ink: Color32,
}

impl<'a> Pen<'a> {
    pub(super) fn new(painter: &'a Painter, place: Rect, ink: Color32) -> Self {
        let side = place.width().min(place.height());
        Self { painter, square: Rect::from_center_size(place.center(), Vec2::splat(side)), ink }
    }

    pub(super) fn with(&self, ink: Color32) -> Self {
        Self { painter: self.painter, square: self.square, ink }
    }

    pub(super) fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        self.square.lerp_inside(Vec2::new(x, y))
    }

    pub(super) fn length(&self, part: f32) -> f32 {
        self.square.width() * part
    }

    pub(super) fn line(&self, points: &[(f32, f32)], width: f32) {
        let points: Vec<_> = points.iter().map(|point| self.at(*point)).collect();
        round_line(self.painter, &points, self.length(width), self.ink);
    }

    pub(super) fn polygon(&self, points: &[(f32, f32)]) {
        let points: Vec<_> = points.iter().map(|point| self.at(*point)).collect();
        // The same colour around it rounds the corners a little.
        let edge = Stroke::new(self.length(0.03), self.ink);
        self.painter.add(Shape::convex_polygon(points, self.ink, edge));
    }

    pub(super) fn disc(&self, x: f32, y: f32, radius: f32) {
        self.painter.circle_filled(self.at((x, y)), self.length(radius), self.ink);
    }

    pub(super) fn ring(&self, x: f32, y: f32, radius: f32, width: f32) {
        self.painter.circle_stroke(self.at((x, y)), self.length(radius), Stroke::new(self.length(width), self.ink));
    }

    pub(super) fn bar(&self, left: f32, top: f32, right: f32, bottom: f32) {
        let rect = Rect::from_min_max(self.at((left, top)), self.at((right, bottom)));
        self.painter.rect_filled(rect, self.radius(rect), self.ink);
    }

    pub(super) fn frame(&self, left: f32, top: f32, right: f32, bottom: f32, width: f32) {
        let rect = Rect::from_min_max(self.at((left, top)), self.at((right, bottom)));
        let stroke = Stroke::new(self.length(width), self.ink);
        self.painter.rect_stroke(rect, self.radius(rect), stroke, StrokeKind::Inside);
    }

    pub(super) fn radius(&self, rect: Rect) -> CornerRadius {
        CornerRadius::same((rect.width().min(rect.height()) * 0.12).clamp(0.0, 255.0) as u8)
    }

    pub(super) fn exclamation(&self) {
        self.line(&[(0.5, 0.38), (0.5, 0.62)], 0.11);
        self.disc(0.5, 0.79, 0.065);
    }

    pub(super) fn diamond_outline(&self) {
        self.line(&[(0.5, 0.06), (0.94, 0.5), (0.5, 0.94), (0.06, 0.5), (0.5, 0.06)], 0.07);
    }
}
