//! Measures readers of QR codes on a folder of pictures with known texts.
//!
//! Every reader sees the same pixels: *camera resolution*, that is 8-bit gray with the longest side at most 1280 px. A
//! picture is loaded before the clock starts, each reader runs on one thread, and time is thread CPU time, so that a busy
//! machine spoils less. Compare readers within one run on one machine only.

pub mod alteration;
pub mod manifest;
pub mod picture;
pub mod plot;
pub mod readers;
pub mod score;
pub mod sheet;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use picture::Gray;
use readers::{Hit, Reader};

/// What one reader did with one picture.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Thread CPU time, in milliseconds.
    pub cpu_ms: f64,
    /// What it read; empty after a panic.
    pub hits: Vec<Hit>,
    /// Whether it panicked.
    pub panicked: bool,
}

/// Runs one reader on one picture. A panic is an outcome, not the end of the run, and prints nothing.
pub fn measure(reader: &mut Reader, picture: &Gray) -> Outcome {
    hush_panics();
    GUARDED.set(true);
    let started = thread_cpu_time();
    let read = catch_unwind(AssertUnwindSafe(|| reader.read(picture)));
    let spent = thread_cpu_time().saturating_sub(started);
    GUARDED.set(false);
    Outcome { cpu_ms: spent.as_secs_f64() * 1000.0, panicked: read.is_err(), hits: read.unwrap_or_default() }
}

/// CPU time that this thread has used.
fn thread_cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    // The kernel keeps both parts non-negative for this clock.
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the panics of measured readers off the terminal; any other panic prints as before.
fn hush_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                before(info);
            }
        }));
    });
}
