//! What is asserted of every parser, whatever its input: one function of bytes for each target.
//!
//! The programs of `fuzz_targets/` hand them what libFuzzer makes up; `tests/short.rs` hands them the kept corpus and
//! seeded changes of it, with a stable compiler and in seconds. `docs/fuzzing.md` says how to run them.

#![forbid(unsafe_code)]

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

pub mod credentials;
mod drawing;
#[path = "../../checkpoint/tests/forge/mod.rs"]
mod forge;
pub mod modules;
pub mod numbers;
pub mod passages;
pub mod pixels;
pub mod presence;
pub mod roster;
pub mod rules;
pub mod trust;
pub mod unsigned;

/// One thing that is fuzzed.
pub struct Target {
    /// Its program and its corpus.
    pub name: &'static str,
    /// Panics where an assertion does not hold; writes down in `LATE` what took too long.
    assertions: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Everything that is fuzzed.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    Target { name: "modules", assertions: modules::check, seeds: Vec::new },
    Target { name: "pixels", assertions: pixels::check, seeds: Vec::new },
    Target { name: "text", assertions: credentials::text, seeds: credentials::texts },
    Target { name: "jws", assertions: credentials::jws, seeds: credentials::jws_seeds },
    Target { name: "hcert_base45", assertions: credentials::hcert_base45, seeds: credentials::base45_seeds },
    Target { name: "hcert_zlib", assertions: credentials::hcert_zlib, seeds: credentials::zlib_seeds },
    Target { name: "hcert_cose", assertions: credentials::hcert_cose, seeds: credentials::cose_seeds },
    Target { name: "hcert_claims", assertions: credentials::hcert_claims, seeds: credentials::claims_seeds },
    Target { name: "shc", assertions: credentials::shc, seeds: credentials::shc_seeds },
    Target { name: "shc_chunks", assertions: credentials::shc_chunks, seeds: credentials::shc_chunks_seeds },
    Target { name: "nzcp", assertions: credentials::nzcp, seeds: credentials::nzcp_seeds },
    Target { name: "vds_nc", assertions: credentials::vds_nc, seeds: credentials::vds_nc_seeds },
    Target { name: "json", assertions: credentials::json, seeds: credentials::json_seeds },
    Target { name: "presence", assertions: presence::answer, seeds: presence::answer_seeds },
    Target { name: "unsigned", assertions: unsigned::code, seeds: unsigned::seeds },
    Target { name: "trust_files", assertions: trust::files, seeds: trust::files_seeds },
    Target { name: "certificates", assertions: trust::certificates, seeds: trust::certificates_seeds },
    Target { name: "record", assertions: passages::record, seeds: passages::record_seeds },
    Target { name: "batch", assertions: passages::batch, seeds: passages::batch_seeds },
    Target { name: "rule_set", assertions: rules::rule_set, seeds: rules::rule_set_seeds },
    Target { name: "roster", assertions: roster::file, seeds: roster::seeds },
    Target { name: "certlogic", assertions: rules::certlogic, seeds: rules::certlogic_seeds },
];

/// How often an input is tried that takes too long: a machine that is shared charges a thread for what others did, once.
const TRIES: usize = 4;

thread_local! {
    /// What one call took, and the milliseconds that it was allowed, where it took too long.
    static LATE: Cell<Option<(Duration, u64)>> = const { Cell::new(None) };
}

impl Target {
    /// Checks what is asserted of an input.
    ///
    /// # Panics
    /// An assertion does not hold, or the input took too long each time.
    pub fn check(&self, input: &[u8]) {
        let late = || {
            LATE.set(None);
            (self.assertions)(input);
            LATE.get()
        };
        if let Some((spent, allowed)) = (0..TRIES).map_while(|_| late()).nth(TRIES - 1) {
            panic!("{spent:?}, and {allowed} ms are allowed");
        }
    }
}

/// Checks what a target asserts of an input.
///
/// # Panics
/// There is no such target, or it finds something.
pub fn check(name: &str, input: &[u8]) {
    TARGETS.iter().find(|target| target.name == name).expect("a target").check(input);
}

/// Writes a target's seeds into the folder that `FUZZ_SEEDS` names: what libFuzzer begins with.
///
/// # Panics
/// There is no such target, or the folder cannot be written.
pub fn sow(name: &str) {
    let Some(folder) = std::env::var_os("FUZZ_SEEDS") else { return };
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    for (number, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(Path::new(&folder).join(format!("seed-{number}")), seed).expect("a folder that can be written");
    }
}

/// What one call may cost. Several times what it does cost, since coverage and overflow checks take their part: it finds
/// what grows without bound.
struct Budget {
    /// Heap held at any moment.
    heap_bytes_max: u64,
    /// Time of this thread on a processor: waiting does not count.
    cpu_ms_max: u64,
}

impl Budget {
    /// Calls `call`; panics where it took more of the heap, and writes down where it took more time.
    fn spend<T>(&self, call: impl FnOnce() -> T) -> T {
        let before = cpu_time();
        let mut result = None;
        let heap = allocation_counter::measure(|| result = Some(call())).bytes_max;
        let spent = cpu_time() - before;
        assert!(heap <= self.heap_bytes_max, "{heap} bytes of heap, and {} are allowed", self.heap_bytes_max);
        if spent.as_millis() > self.cpu_ms_max.into() {
            LATE.set(Some((spent, self.cpu_ms_max)));
        }
        result.expect("what was measured was called")
    }
}

/// Time that this thread has had on a processor.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
