//! What a visitor holds up: a printed slip or a telephone, with a code on it, drawn flat.

use super::dice::Dice;
use crate::qr::{QUIET_MODULES, Symbol};

/// Pixels on the drawing for one side of the code with its quiet zone: about twice what the camera will see.
const CODE_PIXELS: usize = 1100;

/// What a code is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Printed on paper: matt, a little gray.
    Slip,
    /// A laminated card: glossy.
    Card,
    /// The screen of a telephone: bright, with moiré.
    Phone,
}

/// A flat drawing of what is held up. Lengths are in sides of the code with its quiet zone; (0, 0) is the code's centre.
pub struct Drawing {
    /// On what.
    pub carrier: Carrier,
    width: usize,
    height: usize,
    /// Where the code's centre is, in pixels of the drawing.
    centre: (f32, f32),
    scale: f32,
    luma: Vec<u8>,
    /// 255 where there is something, 0 where one sees past it.
    cover: Vec<u8>,
}

/// What a place of the drawing looks like.
#[derive(Clone, Copy)]
pub struct Look {
    /// 0 to 255.
    pub luma: f32,
    /// 0 to 1.
    pub cover: f32,
}

impl Drawing {
    /// Draws a code on its carrier. `dice` decides the lengths of the lines of writing around it.
    pub fn new(symbol: &Symbol, carrier: Carrier, dice: &mut Dice) -> Self {
        let side = symbol.side + 2 * QUIET_MODULES;
        let module = (CODE_PIXELS / side).max(2);
        let code = side * module;
        let part = |share: f32| (code as f32 * share) as usize;
        let (margin, above, below) = match carrier {
            Carrier::Slip => (part(0.06), part(0.26), part(0.42)),
            Carrier::Card => (part(0.10), part(0.20), part(0.22)),
            Carrier::Phone => (part(0.09), part(0.34), part(0.62)),
        };
        let (width, height) = (code + 2 * margin, code + above + below);
        let mut drawing = Self {
            carrier,
            width,
            height,
            centre: (margin as f32 + code as f32 / 2.0, above as f32 + code as f32 / 2.0),
            scale: code as f32,
            luma: vec![paper(carrier); width * height],
            cover: vec![255; width * height],
        };
        if carrier == Carrier::Phone {
            drawing.fill(0, 0, width, height, 28);
            let bezel = margin / 3;
            drawing.fill(bezel, bezel * 3, width - 2 * bezel, height - 6 * bezel, 248);
            drawing.fill(bezel, bezel * 3, width - 2 * bezel, above / 3, 122);
        }
        drawing.writing(margin, above / 2, width - 2 * margin, above / 2 - module * 2, dice);
        drawing.writing(margin, above + code + module, width - 2 * margin, below - 3 * module, dice);
        drawing.fill(margin, above, code, code, if carrier == Carrier::Phone { 250 } else { paper(carrier) });
        for y in 0..symbol.side {
            for x in (0..symbol.side).filter(|x| symbol.dark(*x, y)) {
                let (left, top) = (margin + (x + QUIET_MODULES) * module, above + (y + QUIET_MODULES) * module);
                drawing.fill(left, top, module, module, ink(carrier));
            }
        }
        drawing.round_corners(match carrier {
            Carrier::Slip => 2,
            Carrier::Card => part(0.05),
            Carrier::Phone => part(0.09),
        });
        drawing.fingers(code, dice);
        drawing
    }

    /// How far the drawing reaches from the code's centre: left, top, right, bottom.
    pub fn reach(&self) -> [f32; 4] {
        let (x, y) = self.centre;
        [-x, -y, self.width as f32 - x, self.height as f32 - y].map(|pixels| pixels / self.scale)
    }

    /// What is at a place, between its four neighbours.
    pub fn look(&self, u: f32, v: f32) -> Look {
        let x = u * self.scale + self.centre.0 - 0.5;
        let y = v * self.scale + self.centre.1 - 0.5;
        if x < 0.0 || y < 0.0 || x >= (self.width - 1) as f32 || y >= (self.height - 1) as f32 {
            return Look { luma: 0.0, cover: 0.0 };
        }
        let (left, top) = (x as usize, y as usize);
        let (right, down) = (x - left as f32, y - top as f32);
        let at = top * self.width + left;
        let blend = |plane: &[u8]| {
            let row = |at: usize| {
                let (a, b) = (f32::from(plane[at]), f32::from(plane[at + 1]));
                a + (b - a) * right
            };
            let (a, b) = (row(at), row(at + self.width));
            a + (b - a) * down
        };
        Look { luma: blend(&self.luma), cover: blend(&self.cover) / 255.0 }
    }

    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, luma: u8) {
        for y in top..(top + height).min(self.height) {
            let row = y * self.width;
            self.luma[row + left.min(self.width)..row + (left + width).min(self.width)].fill(luma);
        }
    }

    /// Lines of writing as a camera sees them from afar: gray words of different lengths.
    fn writing(&mut self, left: usize, top: usize, width: usize, height: usize, dice: &mut Dice) {
        let line = (self.scale as usize / 34).max(4);
        let mut y = top;
        while y + line < top + height {
            let mut x = left + line;
            let end = left + width - (dice.unit() * width as f32 * 0.35) as usize;
            while x + line < end {
                let word = (line as f32 * dice.between(1.2, 4.5)) as usize;
                self.fill(x, y, word.min(end - x), line * 2 / 3, 105 + (dice.unit() * 50.0) as u8);
                x += word + line / 2;
            }
            y += line * 2;
        }
    }

    fn round_corners(&mut self, radius: usize) {
        for y in 0..radius {
            for x in 0..radius {
                let (dx, dy) = (radius - x, radius - y);
                if dx * dx + dy * dy <= radius * radius {
                    continue;
                }
                let (right, bottom) = (self.width - 1 - x, self.height - 1 - y);
                for at in [(x, y), (right, y), (x, bottom), (right, bottom)] {
                    self.cover[at.1 * self.width + at.0] = 0;
                }
            }
        }
    }

    /// Two finger tips that hold the lower edges, beside the code's quiet zone.
    fn fingers(&mut self, code: usize, dice: &mut Dice) {
        let size = code as f32 * 0.075;
        let height = self.centre.1 + code as f32 * 0.5 + size * 1.4;
        for x in [0.0, self.width as f32] {
            let y = height + dice.between(0.0, size);
            let tone = dice.between(120.0, 165.0);
            let (long, thick) = (size * 1.5, size * 0.8);
            let rows = (y - thick).max(0.0) as usize..((y + thick) as usize).min(self.height);
            for row in rows {
                for column in (x - long).max(0.0) as usize..((x + long) as usize).min(self.width) {
                    let (dx, dy) = ((column as f32 - x) / long, (row as f32 - y) / thick);
                    let away = dx * dx + dy * dy;
                    if away < 1.0 {
                        let at = row * self.width + column;
                        self.luma[at] = (tone * (1.0 - 0.35 * away)) as u8;
                        self.cover[at] = 255;
                    }
                }
            }
        }
    }
}

/// What the lightest part looks like under even light.
fn paper(carrier: Carrier) -> u8 {
    match carrier {
        Carrier::Slip => 218,
        Carrier::Card => 232,
        Carrier::Phone => 250,
    }
}

/// What the darkest part looks like: toner is not black, a telephone's black glows.
fn ink(carrier: Carrier) -> u8 {
    match carrier {
        Carrier::Slip => 34,
        Carrier::Card => 26,
        Carrier::Phone => 38,
    }
}
