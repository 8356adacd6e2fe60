//! How the screen looks, as data: `assets/theme.toml`, and the font.

use std::sync::Arc;

use checkpoint::passage::Outcome;
use egui::{Color32, FontData, FontDefinitions, FontFamily, FontId, Vec2};
use serde::Deserialize;

use crate::words::Language;

/// How the screen is dressed. Each is a table of colours in the theme file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// For daylight.
    #[default]
    Day,
    /// Dark, for eyes that have to see the road at night.
    Night,
    /// Black, white and few colours: noon sun, or weak eyes.
    Contrast,
}

impl Look {
    /// Every look, in the order in which one touch goes through them.
    pub const ALL: [Self; 3] = [Self::Day, Self::Night, Self::Contrast];

    /// The message's name after `look-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Night => "night",
            Self::Contrast => "contrast",
        }
    }

    /// The look that one touch changes to.
    pub fn next(self) -> Self {
        match self {
            Self::Day => Self::Night,
            Self::Night => Self::Contrast,
            Self::Contrast => Self::Day,
        }
    }
}

/// A theme file: colours for each look, and sizes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeFile {
    day: Palette,
    night: Palette,
    contrast: Palette,
    sizes: Sizes,
    /// How much larger texts are where large text is asked for.
    large_text: f32,
}

impl ThemeFile {
    /// The theme that comes with the kiosk.
    pub fn built_in() -> Self {
        Self::parse(include_str!("../../assets/theme.toml")).expect("a test reads the built-in theme")
    }

    /// Reads a theme file.
    ///
    /// # Errors
    /// `BrokenTheme`: a key is missing, unknown or no colour.
    pub fn parse(file: &str) -> Result<Self, BrokenTheme> {
        Ok(toml::from_str(file)?)
    }

    /// What is drawn with: one look, with texts of the usual size or larger. `dpi` are the display's dots an inch as a person
    /// measured them, divided by its scale factor; 0 where nobody did.
    pub fn dress(&self, look: Look, text: TextSize, dpi: f32) -> Theme {
        let paint = match look {
            Look::Day => self.day.clone(),
            Look::Night => self.night.clone(),
            Look::Contrast => self.contrast.clone(),
        };
        let mut sizes = self.sizes.clone();
        if text == TextSize::Large {
            // What does not fit may shrink as far as ever: a whole sentence is read better than half a large one.
            let Sizes { verdict, title, name, advice, reason, button, label, .. } = &mut sizes;
            for size in [verdict, title, name, advice, reason, button, label] {
                *size *= self.large_text;
            }
        }
        sizes.touch_min = sizes.touch_min.min(sizes.touch).max(TOUCH_MM / MM_PER_INCH * dpi);
        Theme { paint, sizes }
    }
}

/// How large texts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextSize {
    /// As designed.
    #[default]
    Usual,
    /// Larger by `large_text` of the theme file, where there is room.
    Large,
}

/// Least side of what a finger in a glove must hit, in millimetres.
pub const TOUCH_MM: f32 = 12.0;
const MM_PER_INCH: f32 = 25.4;

/// Colours and sizes of one look.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Colours.
    pub paint: Palette,
    /// Lengths in points on a screen of 1280 × 800.
    pub sizes: Sizes,
}

/// Colours.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    pub ground: Colour,
    pub paper: Colour,
    pub ink: Colour,
    pub ink_soft: Colour,
    pub line: Colour,
    pub camera: Colour,
    pub camera_ink: Colour,
    pub button: Colour,
    pub button_ink: Colour,
    pub demo: Colour,
    pub demo_ink: Colour,
    pub fault: Colour,
    pub fault_ink: Colour,
    pub hint: Colour,
    pub hint_ink: Colour,
    pub outline: Colour,
    pub admit: Tone,
    pub refuse: Tone,
    pub refer: Tone,
    #[serde(rename = "override")]
    pub overridden: Tone,
    pub registered: Tone,
    pub gathering: Tone,
    pub out_of_service: Tone,
}

/// The colours of one outcome.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tone {
    /// Behind the big word.
    pub fill: Colour,
    /// The big word.
    pub ink: Colour,
    /// Behind what to do.
    pub tint: Colour,
}

/// Lengths in points on a screen of 1280 × 800.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    pub verdict: f32,
    pub title: f32,
    pub name: f32,
    pub advice: f32,
    pub reason: f32,
    pub button: f32,
    pub label: f32,
    pub smallest: f32,
    pub gap: f32,
    pub corner: f32,
    pub touch: f32,
    pub touch_min: f32,
}

/// An opaque colour, written "#RRGGBB".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Colour(pub Color32);

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let [_, red, green, blue] =
            value.ok_or_else(|| format!("{text:?} is not a colour: write it as \"#12AB9F\""))?.to_be_bytes();
        Ok(Self(Color32::from_rgb(red, green, blue)))
    }
}

impl From<Colour> for Color32 {
    fn from(colour: Colour) -> Self {
        colour.0
    }
}

/// A theme file that cannot be used; the text names line and key.
#[derive(Debug, thiserror::Error)]
#[error("theme file: {0}")]
pub struct BrokenTheme(#[from] toml::de::Error);

impl Theme {
    /// The day look of the theme that comes with the kiosk.
    pub fn built_in() -> Self {
        ThemeFile::built_in().dress(Look::Day, TextSize::Usual, 0.0)
    }

    /// The colours of an outcome.
    pub fn tone(&self, outcome: Outcome) -> Tone {
        match outcome {
            Outcome::Admit => self.paint.admit,
            Outcome::Refuse => self.paint.refuse,
            Outcome::Refer => self.paint.refer,
            Outcome::Override => self.paint.overridden,
            Outcome::Registered | Outcome::Waved => self.paint.registered,
        }
    }
}

/// Lengths for one size of screen.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    unit: f32,
    touch: f32,
    /// Higher than wide.
    pub portrait: bool,
}

impl Scale {
    /// Lengths in a window of `size` points.
    pub fn new(size: Vec2, sizes: &Sizes) -> Self {
        let portrait = size.y > size.x;
        let (wide, high) = if portrait { (800.0, 1280.0) } else { (1280.0, 800.0) };
        let unit = (size.x / wide).min(size.y / high).clamp(0.5, 3.0);
        Self { unit, touch: (sizes.touch * unit).max(sizes.touch_min), portrait }
    }

    /// A length that is written for 1280 × 800.
    pub fn of(&self, points: f32) -> f32 {
        points * self.unit
    }

    /// Height of everything that a finger in a glove must hit: at least 12 mm.
    pub fn touch(&self) -> f32 {
        self.touch
    }
}

/// How heavy a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
    ExtraBold,
}

impl Weight {
    /// The font of this weight, `points` high.
    pub fn font(self, points: f32) -> FontId {
        FontId::new(points, self.family())
    }

    fn family(self) -> FontFamily {
        match self {
            Self::Regular => FontFamily::Proportional,
            Self::SemiBold => FontFamily::Name("semi-bold".into()),
            Self::ExtraBold => FontFamily::Name("extra-bold".into()),
        }
    }
}

/// Be Vietnam Pro in three weights, behind it fonts of languages that were brought, and nothing else: text looks the same on every
/// machine.
pub fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (weight, name, file) in [
        (Weight::Regular, "regular", &include_bytes!("../../assets/fonts/BeVietnamPro-Regular.ttf")[..]),
        (Weight::SemiBold, "semi-bold", &include_bytes!("../../assets/fonts/BeVietnamPro-SemiBold.ttf")[..]),
        (Weight::ExtraBold, "extra-bold", &include_bytes!("../../assets/fonts/BeVietnamPro-ExtraBold.ttf")[..]),
    ] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(file)));
        fonts.families.insert(weight.family(), vec![name.to_owned()]);
    }
    fonts.families.insert(FontFamily::Monospace, vec!["regular".to_owned()]);
    for (tag, file) in Language::fonts() {
        fonts.font_data.insert(tag.to_owned(), Arc::new(FontData::from_static(file)));
        fonts.families.values_mut().for_each(|family| family.push(tag.to_owned()));
    }
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(one: Colour, other: Colour) -> f32 {
        let luminance = |colour: Colour| {
            let linear = |value: u8| {
                let value = f32::from(value) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(colour.0.r()) + 0.7152 * linear(colour.0.g()) + 0.0722 * linear(colour.0.b())
        };
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_in_every_look() {
        for (look, least) in [(Look::Day, 4.5), (Look::Night, 4.5), (Look::Contrast, 7.0)] {
            let paint = ThemeFile::built_in().dress(look, TextSize::Usual, 0.0).paint;
            let mut pairs = vec![
                (paint.ink, paint.paper),
                (paint.ink, paint.ground),
                (paint.ink_soft, paint.paper),
                (paint.ink_soft, paint.ground),
                (paint.camera_ink, paint.camera),
                (paint.button_ink, paint.button),
                (paint.button, paint.paper),
                (paint.demo_ink, paint.demo),
                (paint.fault_ink, paint.fault),
                (paint.ink, paint.fault),
                (paint.hint_ink, paint.hint),
            ];
            let tones = [
                paint.admit,
                paint.refuse,
                paint.refer,
                paint.overridden,
                paint.registered,
                paint.gathering,
                paint.out_of_service,
            ];
            pairs.extend(tones.iter().map(|tone| (tone.ink, tone.fill)));
            pairs.extend(tones.iter().map(|tone| (paint.ink, tone.tint)));
            for (ink, ground) in pairs {
                let ratio = contrast(ink, ground);
                assert!(ratio >= least, "{look:?}: {ink:?} on {ground:?}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn a_broken_theme_names_its_key_and_what_to_write() {
        let file = include_str!("../../assets/theme.toml").replace("#DDE3EA", "grey");
        let error = ThemeFile::parse(&file).unwrap_err().to_string();
        assert!(error.contains("ground") && error.contains("write it as"), "{error}");
    }

    #[test]
    fn a_finger_in_a_glove_hits_on_every_display() {
        let file = ThemeFile::built_in();
        // Width and height in pixels and the diagonal in inches: tablets and panels that are sold, the densest of each size.
        for (width, height, inches) in [
            (1024.0_f32, 600.0_f32, 7.0_f32),
            (1280.0, 800.0, 7.0),
            (1280.0, 800.0, 10.1),
            (800.0, 1280.0, 8.0),
            (1920.0, 1080.0, 10.1),
            (1920.0, 1080.0, 24.0),
        ] {
            let dpi = width.hypot(height) / inches;
            let theme = file.dress(Look::Day, TextSize::Usual, dpi);
            let touch = Scale::new(Vec2::new(width, height), &theme.sizes).touch();
            assert!(touch / dpi * 25.4 >= 11.99, "{width} x {height}, {inches} inches: {touch} px");
        }
    }

    #[test]
    fn large_text_is_larger_and_no_button_smaller() {
        let file = ThemeFile::built_in();
        let (usual, large) = (file.dress(Look::Day, TextSize::Usual, 0.0), file.dress(Look::Day, TextSize::Large, 0.0));
        assert!(large.sizes.label >= 1.2 * usual.sizes.label && large.sizes.reason >= 1.2 * usual.sizes.reason);
        assert!(large.sizes.touch >= usual.sizes.touch);
    }
}
