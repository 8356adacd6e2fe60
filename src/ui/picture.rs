//! The live picture: the newest frame, as large as there is room for.

use std::time::Duration;

use checkpoint::screen::Fault;
use egui::accesskit::{Live, Role};
use egui::{
    Align2, ColorImage, Context, CornerRadius, Rect, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

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
            Some(picture) => {
                picture.mirrored = mirrored;
                picture.texture.set(image, TextureOptions::LINEAR);
            }
            None => {
                let texture = context.load_texture("picture", image, TextureOptions::LINEAR);
                *slot = Some(Self { texture, mirrored });
            }
        }
    }
}

/// Something that the guard can do to the camera with one touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CameraTouch {
    /// The lamp, on or off.
    Light,
    /// The middle of the picture, larger; or all of it again.
    Zoom,
    /// The next camera.
    Other,
    /// The camera that faces whoever looks at the screen, or the first one again. No button: the mode asks for it.
    Facing(bool),
}

impl CameraTouch {
    /// Every button, from left to right.
    pub const ALL: [Self; 3] = [Self::Light, Self::Zoom, Self::Other];

    /// The message's name after `camera-`.
    fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Zoom => "zoom",
            Self::Other | Self::Facing(_) => "other",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Light => Icon::Lamp,
            Self::Zoom => Icon::Zoom,
            Self::Other | Self::Facing(_) => Icon::CameraOther,
        }
    }
}

/// One of the three, as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// There is none here: the button says so and does nothing.
    #[default]
    Absent,
    /// It can be switched on.
    Off,
    /// It is on.
    On,
}

/// What the camera can do, and does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    pub light: Tool,
    pub zoom: Tool,
    pub other: Tool,
}

impl Tools {
    /// How this one stands.
    pub fn of(&self, touch: CameraTouch) -> Tool {
        match touch {
            CameraTouch::Light => self.light,
            CameraTouch::Zoom => self.zoom,
            CameraTouch::Other | CameraTouch::Facing(_) => self.other,
        }
    }
}

/// Draws the picture with what was found in it, or why there is none; returns what was touched.
pub fn picture_ui(ui: &Ui, place: Rect, view: &View<'_>, fault: Option<Fault>, scale: &Scale) -> Option<CameraTouch> {
    let Theme { paint, sizes } = view.theme;
    let corner = CornerRadius::same(scale.of(sizes.corner) as u8);
    ui.painter().rect_filled(place, corner, paint.camera);
    let pad = scale.of(6.0);
    let row = place.shrink(pad).with_min_y(place.bottom() - pad - scale.touch());
    let above = place.shrink(pad).with_max_y(row.top() - pad);
    match fault {
        // Light and zoom of a camera that is not there help nobody: what to do takes their room.
        Some(fault) if fault != Fault::CameraDark && view.tools.other == Tool::Absent => {
            fault_ui(ui, place.shrink(pad), fault, view, scale);
            return None;
        }
        Some(fault) => fault_ui(ui, above, fault, view, scale),
        None => live_ui(ui, place, above, view, scale),
    }
    let mut touched = None;
    let width = (row.width() - 2.0 * pad) / 3.0;
    for (index, touch) in CameraTouch::ALL.into_iter().enumerate() {
        let place = text::rect(row.left() + (width + pad) * index as f32, row.top(), width, row.height());
        if tool_ui(ui, place, touch, view, scale) {
            touched = Some(touch);
        }
    }
    touched
}

/// Why there is no picture, and what to do.
fn fault_ui(ui: &Ui, inner: Rect, fault: Fault, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let ink = paint.camera_ink.into();
    let inner = inner.shrink2(vec2(scale.of(8.0), scale.of(4.0)));
    let side = scale.of(56.0).min(inner.height() * 0.28);
    let mark = Rect::from_center_size(pos2(inner.center().x, inner.top() + side / 2.0), Vec2::splat(side));
    icons::icon(ui.painter(), mark, Icon::CameraOff, paint.refer.fill.into());
    let below = inner.with_min_y(mark.bottom() + scale.of(2.0));
    let split = below.top() + below.height() * 0.4;
    let big = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, ink).wrapped();
    let small = Type::line(scale.of(19.0), sizes.smallest, Weight::Regular, ink).wrapped();
    let what = view.words.fault(fault);
    text::text(ui, below.with_max_y(split), "camera-fault", &what, big.at(Align2::CENTER_CENTER));
    let todo = view.words.fault_do(fault);
    text::text(ui, below.with_min_y(split), "camera-fault-do", &todo, small.at(Align2::CENTER_TOP));
}

/// The picture in `whole`, seen best in `above`: the buttons lie over the rest.
fn live_ui(ui: &Ui, whole: Rect, above: Rect, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let ink: egui::Color32 = paint.camera_ink.into();
    let Some(picture) = view.picture else {
        let style = Type::line(scale.of(20.0), sizes.smallest, Weight::Regular, ink).at(Align2::CENTER_CENTER);
        text::text(ui, above, "no-picture", &view.words.get("picture-none"), style);
        return;
    };
    let size = picture.texture.size_vec2();
    let room = above.size();
    // Where the picture would be small above the buttons, it may lie under their upper half.
    let high = room.y + (whole.bottom() - above.bottom()) * 0.4;
    let factor = (room.x / size.x).min(high / size.y);
    let rect = Rect::from_center_size(pos2(above.center().x, 0.0), size * factor);
    let top = if rect.height() <= above.height() { above.center().y - rect.height() / 2.0 } else { above.top() };
    let rect = rect.translate(vec2(0.0, top - rect.top()));
    let uv = if picture.mirrored {
        Rect::from_min_max(pos2(1.0, 0.0), pos2(0.0, 1.0))
    } else {
        Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0))
    };
    ui.painter().image(picture.texture.id(), rect, uv, egui::Color32::WHITE);
    text::name(ui, rect, ui.scope_id().with("picture"), Role::Image, &view.words.get("picture-name"));
    let target = rect.shrink2(vec2(rect.width() * 0.04, rect.height() * 0.05));
    icons::corners(ui.painter(), target, egui::Color32::from_white_alpha(150), scale.of(3.0));
    let Some(aim) = view.aim else { return };
    for (index, outline) in aim.outlines.iter().enumerate() {
        let place = |[x, y]: [f32; 2]| rect.lerp_inside(vec2(if picture.mirrored { 1.0 - x } else { x }, y));
        let mut corners: Vec<_> = outline.iter().map(|corner| place(*corner)).collect();
        corners.extend(corners.first().copied());
        // Dark under bright: seen on white paper and in the night.
        icons::round_line(ui.painter(), &corners, scale.of(9.0), egui::Color32::from_black_alpha(150));
        icons::round_line(ui.painter(), &corners, scale.of(5.0), paint.outline.into());
        let around = Rect::from_points(&corners);
        text::name(ui, around, ui.scope_id().with(("outline", index)), Role::Image, &view.words.get("outline-name"));
    }
    if let Some(hint) = aim.hint {
        let high = scale.of(46.0).max(sizes.smallest * 2.0);
        let band = text::rect(above.left(), above.top(), above.width(), high);
        ui.painter().rect_filled(band, CornerRadius::same(scale.of(sizes.corner * 0.7) as u8), paint.hint);
        let style = Type::line(scale.of(26.0), sizes.smallest, Weight::ExtraBold, paint.hint_ink.into());
        let words = view.words.get(&format!("hint-{}", hint.word()));
        let inner = band.shrink2(vec2(scale.of(10.0), 0.0));
        text::text(ui, inner, "hint", &words, style.at(Align2::CENTER_CENTER));
        ui.ctx().accesskit_node_builder(ui.scope_id().with("hint"), |node| node.set_live(Live::Polite));
    }
}

/// One button over the picture: a sign and a word. Where there is no such thing it says so.
fn tool_ui(ui: &Ui, place: Rect, touch: CameraTouch, view: &View<'_>, scale: &Scale) -> bool {
    let Theme { paint, sizes } = view.theme;
    let tool = view.tools.of(touch);
    let present = tool != Tool::Absent;
    let word = match tool {
        Tool::Absent => view.words.get(&format!("camera-{}-absent", touch.word())),
        Tool::Off => view.words.get(&format!("camera-{}", touch.word())),
        Tool::On => view.words.get(&format!("camera-{}-on", touch.word())),
    };
    let sense = if present { Sense::click() } else { Sense::hover() };
    let response = ui.interact(place, ui.scope_id().with(("camera", touch.word())), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, present, &word));
    let on = present && ((tool == Tool::On) != response.is_pointer_button_down_on());
    let ground = if on { paint.camera_ink.into() } else { egui::Color32::from_black_alpha(185) };
    let ink = if on { paint.camera } else { paint.camera_ink };
    let ink: egui::Color32 = if present { ink.into() } else { egui::Color32::from(ink).gamma_multiply(0.72) };
    let corner = CornerRadius::same(scale.of(sizes.corner * 0.7) as u8);
    ui.painter().rect_filled(place, corner, ground);
    ui.painter().rect_stroke(place, corner, Stroke::new(scale.of(1.5), ink.gamma_multiply(0.6)), StrokeKind::Inside);
    let split = place.top() + place.height() * 0.56;
    let side = place.height() * 0.40;
    let mark = Rect::from_center_size(pos2(place.center().x, place.top() + place.height() * 0.32), Vec2::splat(side));
    icons::icon(ui.painter(), mark, touch.icon(), ink);
    let style = Type::line(scale.of(17.0), sizes.smallest * 0.85, Weight::SemiBold, ink).wrapped();
    let below = place.with_min_y(split).shrink2(vec2(scale.of(4.0), scale.of(1.0)));
    text::paint(ui, below, &word, style.at(Align2::CENTER_CENTER));
    present && response.clicked()
}

/// The frame at no more than `WIDTH_MAX`, each pixel the mean of a square of the frame's.
fn reduce(frame: &Frame) -> ColorImage {
    match frame.width.div_ceil(WIDTH_MAX).max(1).min(frame.width).min(frame.height) {
        1 => ColorImage::from_gray([frame.width, frame.height], &frame.luma),
        // Usual cameras: with a factor that is known, eight pixels are summed at once.
        2 => means(frame, 2),
        3 => means(frame, 3),
        factor => means(frame, factor),
    }
}

#[inline(always)]
fn means(frame: &Frame, factor: usize) -> ColorImage {
    let (width, height) = (frame.width / factor, frame.height / factor);
    let area = (factor * factor) as u32;
    let mut columns = vec![0_u32; frame.width];
    let mut gray = Vec::with_capacity(width * height);
    for y in 0..height {
        columns.fill(0);
        for row in frame.luma[y * factor * frame.width..].chunks_exact(frame.width).take(factor) {
            for (sum, pixel) in columns.iter_mut().zip(row) {
                *sum += u32::from(*pixel);
            }
        }
        gray.extend(columns.chunks_exact(factor).map(|square| (square.iter().sum::<u32>() / area) as u8));
    }
    ColorImage::from_gray([width, height], &gray)
}

/// Notices whether anything moves, so that a picture that stands still is not drawn thirty times a second.
#[derive(Debug, Default)]
pub struct Stillness {
    shown: Option<(Vec<u8>, Duration)>,
}

impl Stillness {
    /// Squares in a row, and rows of them.
    const SQUARES: [usize; 2] = [32, 18];
    /// A square whose mean differs by more moved; a camera's noise moves the mean of many pixels by one or two.
    const MOVED: u8 = 3;
    /// A picture is drawn so often at least: who looks at it sees that it lives.
    const PULSE: Duration = Duration::from_secs(1);

    /// Whether this frame is worth drawing: it differs from the one that was drawn last, or that one is a second old.
    pub fn moved(&mut self, frame: &Frame) -> bool {
        let now = squares(frame);
        let moved = self.shown.as_ref().is_none_or(|(before, at)| {
            frame.at.saturating_sub(*at) >= Self::PULSE
                || before.len() != now.len()
                || before.iter().zip(&now).any(|(before, now)| before.abs_diff(*now) > Self::MOVED)
        });
        if moved {
            self.shown = Some((now, frame.at));
        }
        moved
    }
}

/// Means of a few hundred squares, each of a few dozen of its pixels.
fn squares(frame: &Frame) -> Vec<u8> {
    const SAMPLES: usize = 6;
    let [across, down] = Stillness::SQUARES;
    let (columns, rows) = (across * SAMPLES, down * SAMPLES);
    let mut sums = vec![0_u32; across * down];
    for row in 0..rows {
        let line = &frame.luma[row * frame.height / rows * frame.width..][..frame.width];
        for column in 0..columns {
            let pixel = line[column * frame.width / columns];
            sums[row / SAMPLES * across + column / SAMPLES] += u32::from(pixel);
        }
    }
    sums.into_iter().map(|sum| (sum / (SAMPLES * SAMPLES) as u32) as u8).collect()
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_picture_that_stands_still_is_drawn_once_a_second_and_one_that_moves_at_once() {
        let mut stillness = Stillness::default();
        let mut noise = 1_u32;
        let mut still = |at: u64, card: bool| {
            let mut frame = frame(640, 360, |x, y| if card && x < 60 && y < 60 { 200 } else { 90 });
            let noisy = frame.luma.iter().map(|pixel| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                pixel.saturating_add_signed(((noise >> 24) % 9) as i8 - 4)
            });
            frame.luma = noisy.collect();
            frame.at = Duration::from_millis(at);
            stillness.moved(&frame)
        };
        assert!(still(0, false));
        let drawn = (1..30).filter(|number| still(number * 33, false)).count();
        assert_eq!(drawn, 0);
        assert!(still(1000, false));
        assert!(still(1033, true) && !still(1066, true) && still(1100, false));
    }

    #[test]
    fn tiny_pictures_have_squares_too() {
        for (width, height) in [(1, 1), (31, 17), (5000, 1)] {
            assert!(Stillness::default().moved(&frame(width, height, |_, _| 7)), "{width} x {height}");
        }
    }
}
