//! What hinders each frame of a sequence: the family says what, the level how much, the seed the rest.

use super::dice::{Dice, sine};
use super::{FRAMES, Family};

/// Everything that a frame is made with. Lengths are in pixels of the frame where nothing else is said.
#[derive(Clone, Debug)]
pub struct Hindrance {
    /// Pixels a module in the middle of the code.
    pub module: f32,
    /// Where the code's middle is.
    pub middle: [f32; 2],
    /// Half the angle by which the code is turned, as its tangent.
    pub half_turn: f32,
    /// How much nearer the code's right and lower ends are, as parts of the distance for half a code.
    pub tilt: [f32; 2],
    /// Radius of the disc into which a point is spread; a lens in focus has half a pixel.
    pub blur: f32,
    /// The way of the code while the shutter is open, and how far the middle of that way bends aside.
    pub motion: [f32; 2],
    pub bend: f32,
    /// Light of a white paper as the sensor's full range sees it, 0 to 1.
    pub light: f32,
    /// Electrons of a pixel that is full, and those that reading it out adds.
    pub electrons: f32,
    pub read_noise: f32,
    /// The lamp's reflection: where (in half codes from the middle), how wide (in half codes) and how bright (in full
    /// ranges of the sensor).
    pub glare_at: [f32; 2],
    pub glare_radius: f32,
    pub glare: f32,
    /// The phone's screen: its pixels a module, how dark the gaps between them are, how dark the bands that its dimming
    /// leaves in a frame taken row by row, and where those begin (in bands).
    pub screen_pixels: f32,
    pub gap: f32,
    pub band: f32,
    pub band_start: f32,
    /// What the outer two thirds of a pixel's width count: 1 gathers light everywhere, 0 skips lines and columns.
    pub fill: f32,
}

impl Hindrance {
    /// A good camera and a still hand.
    pub fn none() -> Self {
        Self {
            module: 5.0,
            middle: [640.0, 360.0],
            half_turn: 0.01,
            tilt: [0.0; 2],
            blur: 0.5,
            motion: [0.0; 2],
            bend: 0.0,
            light: 0.8,
            electrons: 20_000.0,
            read_noise: 5.0,
            glare_at: [0.0; 2],
            glare_radius: 1.0,
            glare: 0.0,
            screen_pixels: 4.0,
            gap: 0.0,
            band: 0.0,
            band_start: 0.0,
            fill: 1.0,
        }
    }

    /// The frames of one sequence. `level` is 0 for the easiest sequence of a family, 1 for the hardest.
    pub fn over_frames(family: Family, level: f32, seed: u64) -> [Self; FRAMES] {
        let mut dice = Dice::new(seed, 2_000);
        let grade = |easy: f32, hard: f32| easy + (hard - easy) * level;
        let module = match family {
            Family::Far => grade(1.8, 1.5),
            Family::Mixed => dice.between(1.9, 2.4),
            _ => dice.between(2.0, 2.5),
        };
        let middle = [dice.between(440.0, 840.0), dice.between(320.0, 400.0)];
        let half_turn = dice.between(-0.12, 0.12);
        let tilt = [dice.between(-0.07, 0.07), dice.between(-0.07, 0.07)];
        // The hand sways twice or less in half a second, and trembles from frame to frame.
        let sway = [dice.between(2.0, 9.0), dice.between(2.0, 9.0), dice.between(0.003, 0.012)];
        let (pace, start) = (dice.between(0.08, 0.2), dice.between(0.0, 1.0));
        let screen_pixels = dice.between(1.3, 2.3);
        let glare_from = [dice.between(-0.7, 0.7), dice.between(-0.7, 0.7)];
        let glare_way = [dice.between(-0.6, 0.6), dice.between(-0.6, 0.6)];

        std::array::from_fn(|number| {
            let moment = start + pace * number as f32;
            let towards = dice.between(0.0, 1.0);
            let length = dice.between(0.4, 1.4);
            let focus = dice.between(0.6, 1.4);
            let tremor = [dice.normal(), dice.normal(), dice.normal()];
            let still = dice.between(0.0, 0.5);
            let bend = dice.between(-0.25, 0.25);
            let band_start = dice.between(0.0, 1.0);
            let path = number as f32 / (FRAMES - 1) as f32 - 0.5;
            let mut frame = Self {
                module: module * (1.0 + 0.01 * sine(moment * 0.7)),
                middle: [
                    middle[0] + sway[0] * sine(moment) + 0.7 * tremor[0],
                    middle[1] + sway[1] * sine(moment + 0.3) + 0.7 * tremor[1],
                ],
                half_turn: half_turn + sway[2] * sine(moment * 0.8 + 0.1) + 0.0015 * tremor[2],
                tilt: [tilt[0] + 0.01 * sine(moment + 0.6), tilt[1] + 0.01 * sine(moment * 1.3)],
                blur: 0.55,
                light: 0.7,
                electrons: 6_000.0,
                read_noise: 6.0,
                ..Self::none()
            };
            let mut motion = still;
            match family {
                Family::Dim => {
                    frame.light = grade(0.45, 0.25);
                    frame.electrons = grade(150.0, 12.0);
                    frame.read_noise = grade(2.0, 1.0);
                }
                Family::Defocus => frame.blur = focus * module * grade(0.55, 1.2),
                Family::Motion => motion = length * module * grade(1.0, 4.0),
                Family::Moire => {
                    frame.screen_pixels = screen_pixels;
                    frame.gap = grade(0.5, 0.97);
                    frame.blur = 0.4;
                    frame.band = grade(0.3, 0.93);
                    frame.band_start = band_start;
                    frame.fill = grade(0.6, 0.1);
                    frame.electrons = grade(800.0, 50.0);
                }
                Family::Glare => {
                    frame.glare = grade(1.0, 2.5);
                    frame.glare_radius = grade(0.45, 1.1);
                    frame.glare_at = [0, 1].map(|axis| glare_from[axis] + path * glare_way[axis]);
                }
                Family::Far => {
                    frame.blur = grade(0.6, 1.0);
                    frame.electrons = grade(1_500.0, 150.0);
                    motion = length * grade(0.4, 1.0);
                }
                Family::Mixed => {
                    frame.light = grade(0.6, 0.35);
                    frame.electrons = grade(500.0, 40.0);
                    frame.read_noise = 2.0;
                    frame.blur = focus * module * grade(0.45, 0.85);
                    motion = length * module * grade(0.6, 1.8);
                    frame.glare = grade(0.6, 1.8);
                    frame.glare_radius = grade(0.4, 0.7);
                    frame.glare_at = [0, 1].map(|axis| glare_from[axis] + path * glare_way[axis]);
                }
            }
            frame.motion = [motion * sine(towards + 0.25), motion * sine(towards)];
            frame.bend = motion * bend;
            frame
        })
    }
}
