//! Nothing of a visitor stays in memory once their time on the screen is over: what is freed is overwritten, stacks that held
//! it are overwritten, and no crash writes memory to a disk.
//!
//! `docs/memory.md` says how that is shown. Shown by search: names stay in freed memory without it.

#![expect(unsafe_code, reason = "an allocator is unsafe to write, and so is overwriting the stack below one's feet")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::mem::MaybeUninit;
use std::panic::PanicHookInfo;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Bytes of stack that are overwritten below the caller: four times what verifying the largest code was seen to use.
const STACK_BYTES: usize = 256 * 1024;

/// The system's allocator; everything that is given back to it is zeros.
///
/// Growing a text moves it, so what it grew out of is overwritten too. Allocations of C libraries do not pass here: SQLite holds
/// records without names, and the window system gets pictures, not texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wiping;

// SAFETY: every call goes to the system's allocator with the same layout; only memory that is about to be freed is written to,
// within its size. `realloc` is the trait's own: it allocates, copies and deallocates through the methods below.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller owns `layout.size()` bytes at `at` until this call ends.
        unsafe {
            at.write_bytes(0, layout.size());
            kept(at);
            System.dealloc(at, layout);
        }
    }
}

/// Tells the compiler that somebody looks at what was written there, or it would leave out writes to memory that is freed.
fn kept(at: *mut u8) {
    std::hint::black_box(at);
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
}

/// Overwrites the stack below the caller's frame. For a thread that has just handled what a visitor showed.
#[inline(never)]
pub fn wipe_stack() {
    let mut below = [MaybeUninit::<u8>::uninit(); STACK_BYTES];
    let at = below.as_mut_ptr().cast::<u8>();
    // SAFETY: the array is ours, and bytes may have any value.
    unsafe { at.write_bytes(0, STACK_BYTES) };
    kept(at);
}

/// From here on no crash of this process writes its memory to a disk, and a panic says where it happened and not with what.
///
/// The unit file limits dumps as well (`LimitCORE=0`); this holds without it too. For the start of the program.
pub fn keep_to_ourselves() {
    // A system that refuses has other limits; the kiosk works all the same.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(|info| eprintln!("{}", told(info))));
}

/// What a panic may say: its place, and its message where that was written in the source. One that was made at run time may
/// quote what a visitor showed: cutting a text at the wrong place quotes the text.
fn told(info: &PanicHookInfo<'_>) -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("without a name").to_owned();
    let place = info.location().map(ToString::to_string).unwrap_or_else(|| "an unknown place".to_owned());
    let message = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("its message is withheld");
    format!("thread {name} panicked at {place}: {message}")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn what_is_freed_is_zeros() {
        let layout = Layout::from_size_align(4096, 8).unwrap();
        // SAFETY: the block is ours from `alloc` to `dealloc`; afterwards it is looked at through the allocator's next gift of the
        // same size, which glibc takes from where it was just put.
        unsafe {
            let first = Wiping.alloc(layout);
            first.write_bytes(0xa5, 4096);
            Wiping.dealloc(first, layout);
            let again = Wiping.alloc(layout);
            // Beyond the allocator's own links at the beginning of a free block.
            let left = (64..4096).filter(|at| *again.add(*at) == 0xa5).count();
            Wiping.dealloc(again, layout);
            assert_eq!(left, 0);
        }
    }

    /// Leaves a mark deep in the stack, and says where.
    #[inline(never)]
    fn leave_a_mark() -> usize {
        let mut mark = [0_u8; 64 * 1024];
        mark.fill(0x5a);
        std::hint::black_box(&mut mark).as_ptr() as usize
    }

    #[inline(never)]
    fn marked(at: usize) -> usize {
        // SAFETY: the stack of this thread reaches there and beyond; the bytes are only looked at.
        (0..1024).filter(|byte| unsafe { std::ptr::read_volatile((at + byte) as *const u8) } == 0x5a).count()
    }

    #[test]
    fn the_stack_below_is_overwritten() {
        let at = leave_a_mark();
        assert_eq!(marked(at), 1024, "the control: it stays where nobody overwrites it");
        wipe_stack();
        assert_eq!(marked(at), 0);
    }

    #[test]
    fn a_panic_does_not_quote_a_name() {
        let heard = std::sync::Arc::new(Mutex::new(Vec::new()));
        let (before, hears) = (std::panic::take_hook(), heard.clone());
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() == Some("quoting") {
                hears.lock().unwrap().push(told(info));
            }
        }));
        let quoting = std::thread::Builder::new().name("quoting".into());
        let name = String::from("Nguyễn Thị Bưởi");
        let quoting = quoting.spawn(move || {
            let _ = std::panic::catch_unwind(|| name[..5].len());
            let _ = std::panic::catch_unwind(|| panic!("as it stands in the source"));
        });
        quoting.unwrap().join().unwrap();
        std::panic::set_hook(before);
        let heard = heard.lock().unwrap();
        assert!(heard[0].contains("memory.rs") && heard[0].ends_with("withheld"), "{heard:?}");
        assert!(heard[1].ends_with("as it stands in the source"), "{heard:?}");
        assert!(!format!("{heard:?}").contains("Bưởi"));
    }
}
