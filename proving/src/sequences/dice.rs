//! Drawn numbers: the same for the same seed, on every machine.

/// A generator of drawn numbers, SplitMix64 (Steele, Lea and Flood 2014).
pub struct Dice(u64);

impl Dice {
    /// The numbers of one purpose (`stream`) under one seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        dice.bits();
        dice
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0, less than `count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Evenly drawn from `low` to `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// About normal, mean 0 and deviation 1: the sum of four even draws, which never leaves ±3.5.
    pub fn normal(&mut self) -> f32 {
        let bits = self.bits();
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        // Four even draws of width 1 have a deviation of the root of a third.
        (sum as f32 / 65_536.0 - 2.0) * 1.732_050_8
    }
}

/// The sine of so many full turns, to one part in a thousand: two parabolas and their correction. The library's sine
/// differs in its last bits from one platform to the next.
pub fn sine(turns: f32) -> f32 {
    let turn = turns - (turns + 0.5).floor();
    let parabola = 8.0 * turn * (1.0 - 2.0 * turn.abs());
    parabola * (0.775 + 0.225 * parabola.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_promised_mean_and_deviation() {
        let mut dice = Dice::new(7, 0);
        let draws: Vec<f32> = (0..100_000).map(|_| dice.normal()).collect();
        let mean = draws.iter().sum::<f32>() / 1e5;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn the_sine_is_a_sine() {
        for step in -40..40 {
            let turns = step as f32 / 13.0;
            assert!((sine(turns) - (turns * std::f32::consts::TAU).sin()).abs() < 0.0015, "{turns}");
        }
    }
}
