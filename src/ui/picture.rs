//! The live picture: the newest frame, as large as there is room for.

use checkpoint::screen::Fault;
use egui::accesskit::Role;
use egui::{Align2, ColorImage, Context, CornerRadius, Rect, TextureHandle, TextureOptions, Ui, Vec2, pos2, vec2};

use super::icons::{self, Icon};
use super::text::{self, Type};
use super::theme::{Scale, Theme, Weight};
use super::view::View;
use crate::frame::Frame;

/// Widest picture that is drawn, in pixels: wider frames are reduced first, which costs less than to upload them.
const WIDTH_MAX: usize = 720;

/// The newest frame on the graphics card. Its pixels are overwritten by the next.
pub struct Picture {
    texture: TextureHandle,
    mirrored: bool,
}

impl Picture {
    /// Puts a frame in the place of the one before.
    pub fn put(slot: &mut Option<Self>, context: &Context, frame: &Frame, mirrored: bool) {
        let image = reduce(frame);
        match slot {
            Some(picture) => picture.texture.set(image, TextureOptions::LINEAR),
            None => {
                let texture = context.load_texture("picture", image, TextureOptions::LINEAR);
                *slot = Some(Self { texture, mirrored });
            }
        }
    }
}

/// Draws the picture, or why there is none.
pub fn picture_ui(ui: &Ui, place: Rect, view: &View<'_>, fault: Option<Fault>, scale: &Scale) {
    let Theme { day, sizes } = view.theme;
    let corner = CornerRadius::same(scale.of(sizes.corner) as u8);
    ui.painter().rect_filled(place, corner, day.camera);
    let ink = day.camera_ink.into();
    let inner = place.shrink(scale.of(14.0));
    if let Some(fault) = fault {
        let side = scale.of(64.0).min(inner.height() * 0.34);
        let mark = Rect::from_center_size(pos2(inner.center().x, inner.top() + side / 2.0), Vec2::splat(side));
        icons::icon(ui.painter(), mark, Icon::CameraOff, day.refer.fill.into());
        let below = inner.with_min_y(mark.bottom() + scale.of(6.0));
        let split = below.top() + below.height() * 0.42;
        let big = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, ink).wrapped();
        let small = Type::line(scale.of(19.0), sizes.smallest, Weight::Regular, ink).wrapped();
        let what = view.words.fault(fault);
        text::text(ui, below.with_max_y(split), "camera-fault", &what, big.at(Align2::CENTER_CENTER));
        let todo = view.words.fault_do(fault);
        text::text(ui, below.with_min_y(split), "camera-fault-do", &todo, small.at(Align2::CENTER_TOP));
        return;
    }
    let Some(picture) = view.picture else {
        let style = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, ink).at(Align2::CENTER_CENTER);
        text::text(ui, inner, "no-picture", &view.words.get("picture-none"), style);
        return;
    };
    let size = picture.texture.size_vec2();
    let room = place.shrink(scale.of(4.0)).size();
    let factor = (room.x / size.x).min(room.y / size.y);
    let rect = Rect::from_center_size(place.center(), size * factor);
    let uv = if picture.mirrored {
        Rect::from_min_max(pos2(1.0, 0.0), pos2(0.0, 1.0))
    } else {
        Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0))
    };
    ui.painter().image(picture.texture.id(), rect, uv, egui::Color32::WHITE);
    text::name(ui, rect, ui.scope_id().with("picture"), Role::Image, &view.words.get("picture-name"));
    let target = rect.shrink2(vec2(rect.width() * 0.04, rect.height() * 0.05));
    icons::corners(ui.painter(), target, egui::Color32::from_white_alpha(150), scale.of(3.0));
}

/// The frame at no more than `WIDTH_MAX`, each pixel the mean of a square of the frame's.
fn reduce(frame: &Frame) -> ColorImage {
    let factor = frame.width.div_ceil(WIDTH_MAX).max(1).min(frame.width).min(frame.height);
    if factor == 1 {
        return ColorImage::from_gray([frame.width, frame.height], &frame.luma);
    }
    let (width, height) = (frame.width / factor, frame.height / factor);
    let area = (factor * factor) as u32;
    let mut sums = vec![0_u32; width];
    let mut gray = Vec::with_capacity(width * height);
    for y in 0..height {
        sums.fill(0);
        for row in frame.luma[y * factor * frame.width..].chunks_exact(frame.width).take(factor) {
            for (sum, square) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                *sum += square.iter().map(|pixel| u32::from(*pixel)).sum::<u32>();
            }
        }
        gray.extend(sums.iter().map(|sum| (sum / area) as u8));
    }
    ColorImage::from_gray([width, height], &gray)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn frame(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Frame {
        let luma = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| pixel(x, y)).collect();
        Frame::new(luma, width, height, 1, Duration::ZERO).unwrap()
    }

    #[test]
    fn a_wide_frame_is_averaged_down() {
        let image = reduce(&frame(1280, 720, |x, _| if x % 2 == 0 { 0 } else { 100 }));
        assert_eq!(image.size, [640, 360]);
        assert!(image.pixels.iter().all(|pixel| pixel.r() == 50 && pixel.g() == 50));
    }

    #[test]
    fn odd_and_tiny_frames_are_drawn() {
        for (width, height) in [(1, 1), (720, 1), (721, 1), (1921, 3), (5000, 1)] {
            let image = reduce(&frame(width, height, |_, _| 7));
            assert_eq!(image.size[0] * image.size[1], image.pixels.len(), "{width} x {height}");
            assert!(image.pixels.iter().all(|pixel| pixel.r() == 7), "{width} x {height}");
        }
    }
}
