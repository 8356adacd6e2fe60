//! Reproducible numbers for tests (xorshift).

pub struct Numbers(pub u64);

impl Numbers {
    /// From 0 to `bound` - 1.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
