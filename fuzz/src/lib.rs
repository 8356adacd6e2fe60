//! What is asserted of every parser, whatever its input: one function of bytes for each target.
//!
//! The programs of `fuzz_targets/` hand them what libFuzzer makes up; `tests/short.rs` hands them the kept corpus and
//! seeded changes of it, with a stable compiler and in seconds. `docs/fuzzing.md` says how to run them.

#![forbid(unsafe_code)]

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

mod drawing;
pub mod modules;
pub mod numbers;
pub mod pixels;

/// One thing that is fuzzed.
pub struct Target {
    /// Its program and its corpus.
    pub name: &'static str,
    /// Panics where an assertion does not hold.
    pub check: fn(&[u8]),
}

/// Everything that is fuzzed.
pub const TARGETS: &[Target] =
    &[Target { name: "modules", check: modules::check }, Target { name: "pixels", check: pixels::check }];

/// What one call may cost. Several times what it does cost, since coverage and overflow checks take their part: it finds
/// what grows without bound.
struct Budget {
    /// Heap held at any moment.
    heap_bytes_max: u64,
    /// Time of this thread on a processor: waiting does not count.
    cpu_ms_max: u64,
}

impl Budget {
    /// Calls `call`, and panics where it cost more.
    fn spend<T>(&self, call: impl FnOnce() -> T) -> T {
        let before = cpu_time();
        let mut result = None;
        let heap = allocation_counter::measure(|| result = Some(call())).bytes_max;
        let spent = cpu_time() - before;
        assert!(heap <= self.heap_bytes_max, "{heap} bytes of heap, and {} are allowed", self.heap_bytes_max);
        assert!(spent.as_millis() <= self.cpu_ms_max.into(), "{spent:?}, and {} ms are allowed", self.cpu_ms_max);
        result.expect("what was measured was called")
    }
}

/// Time that this thread has had on a processor.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
