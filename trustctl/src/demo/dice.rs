//! Pseudo-random numbers that are the same on every machine and in every release: SplitMix64 (Steele, Lea and Flood,
//! 2014). For pictures only, never for keys.

/// A stream of numbers.
#[derive(Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of a seed and of what it is for, so that two purposes never share numbers.
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Self { state: seed ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03) };
        dice.bits();
        dice
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number in [0, 1), with 24 bits: exact in `f32`.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// A number in [-1, 1).
    pub fn signed(&mut self) -> f32 {
        self.unit() * 2.0 - 1.0
    }

    /// A number in [low, high).
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + self.unit() * (high - low)
    }
}

/// A hand's unsteadiness: a smooth curve through random knots, in [-1, 1].
pub struct Sway {
    knots: Vec<f32>,
    ms_per_knot: u32,
}

impl Sway {
    /// A curve of its own for each purpose, `ms_per_knot` from one knot to the next.
    pub fn new(dice: &mut Dice, ms_per_knot: u32) -> Self {
        Self { knots: (0..32).map(|_| dice.signed()).collect(), ms_per_knot: ms_per_knot.max(1) }
    }

    /// Where it is at a time; it repeats after 32 knots.
    pub fn at(&self, ms: u32) -> f32 {
        let knot = (ms / self.ms_per_knot) as usize;
        let (a, b) = (self.knots[knot % self.knots.len()], self.knots[(knot + 1) % self.knots.len()]);
        a + (b - a) * ease((ms % self.ms_per_knot) as f32 / self.ms_per_knot as f32)
    }
}

/// From 0 to 1 with a soft start and a soft end.
pub fn ease(part: f32) -> f32 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}
