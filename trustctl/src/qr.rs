//! Draws a text as a QR code.

use image::{GrayImage, Luma};
use qrcode::{EcLevel, QrCode};

use crate::fault::Fault;

/// Light modules around the symbol (ISO/IEC 18004, 5.3.8).
pub const QUIET_MODULES: usize = 4;

/// The modules of a symbol without its quiet zone.
pub struct Symbol {
    /// Modules on a side.
    pub side: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// The smallest symbol for a text at an error correction level (7, 15, 25 or 30 % for L, M, Q, H).
    ///
    /// # Errors
    /// `TooMuchForOneCode`.
    pub fn new(text: &str, level: EcLevel) -> Result<Self, Fault> {
        let code = QrCode::with_error_correction_level(text, level)
            .map_err(|_| Fault::TooMuchForOneCode { bytes: text.len() })?;
        let dark = code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
        Ok(Self { side: code.width(), dark })
    }

    /// Whether a module is dark; outside the symbol everything is light.
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }

    /// A picture with the quiet zone, `pixels` to a module.
    pub fn picture(&self, pixels: u32) -> GrayImage {
        let side = (self.side + 2 * QUIET_MODULES) as u32 * pixels;
        GrayImage::from_fn(side, side, |x, y| {
            let module = |at: u32| (at / pixels) as usize;
            let (x, y) = (module(x).wrapping_sub(QUIET_MODULES), module(y).wrapping_sub(QUIET_MODULES));
            Luma([if self.dark(x, y) { 0 } else { 255 }])
        })
    }

    /// An SVG of the same, one unit to a module.
    pub fn svg(&self) -> String {
        let side = self.side + 2 * QUIET_MODULES;
        let mut path = String::new();
        for y in 0..self.side {
            for x in (0..self.side).filter(|x| self.dark(*x, y)) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET_MODULES, y + QUIET_MODULES));
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>\n"
        )
    }
}
