//! A panic in somebody else's reader becomes "nothing read".

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; `None` if it panicked. Such a panic prints nothing: its message could quote what was read, and a picture that
/// stays before the camera would fill the log.
///
/// What `work` borrows mutably must be thrown away or reset after `None`.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    hush();
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    result.ok()
}

/// Puts a hook before the present one, once, that stays silent on a guarded thread.
fn hush() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_none_and_the_guard_ends() {
        assert_eq!(guarded(|| 5), Some(5));
        assert_eq!(guarded(|| -> i32 { panic!("out of range") }), None);
        assert!(!GUARDED.get());
        assert_eq!(guarded(|| guarded(|| -> i32 { panic!("within") })), Some(None));
        assert!(!GUARDED.get());
    }
}
