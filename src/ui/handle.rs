//! The way into the window from any thread: a slot for each thing, which holds the newest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use checkpoint::screen::Screen;
use egui::Context;

use super::aim::Aim;
use super::desk::DeskShown;
use super::journal::JournalShown;
use super::latency::Cause;
use super::picture::Tools;
use crate::frame::Frame;

/// Hands screens and pictures to the window, from any thread, before it opens or after. Clones are the same window.
#[derive(Clone, Default)]
pub struct WindowHandle {
    pub(super) shared: Arc<Shared>,
}

#[derive(Default)]
pub(super) struct Shared {
    pub(super) screen: Mutex<Option<(Screen, Option<Cause>)>>,
    pub(super) frame: Mutex<Option<(Frame, bool)>>,
    pub(super) aim: Mutex<Aim>,
    pub(super) tools: Mutex<Tools>,
    pub(super) desk: Mutex<Option<DeskShown>>,
    pub(super) journal: Mutex<Option<JournalShown>>,
    pub(super) closing: AtomicBool,
    pub(super) context: OnceLock<Context>,
}

impl WindowHandle {
    /// Shows this screen from now on. One that was not drawn yet is dropped.
    pub fn show(&self, screen: Screen) {
        self.show_because(screen, None);
    }

    /// The same, of a screen that a frame led to: how long that took is logged once it is drawn.
    pub fn show_because(&self, screen: Screen, cause: Option<Cause>) {
        let mut slot = lock(&self.shared.screen);
        // A screen that was dropped before it was drawn leaves its cause: the delay counts from the first frame.
        let unseen = slot.take().and_then(|(_, cause)| cause);
        *slot = Some((screen, cause.map(|cause| cause.in_place_of(unseen)).or(unseen)));
        drop(slot);
        self.wake();
    }

    /// Shows this picture from now on, as in a mirror where the camera faces whoever looks at the screen. One that was not
    /// drawn yet is dropped.
    pub fn picture(&self, frame: Frame, mirrored: bool) {
        *lock(&self.shared.frame) = Some((frame, mirrored));
        self.wake();
    }

    /// Says what was found in the picture. Nothing is drawn anew where it is the same as before.
    pub fn aim(&self, aim: &Aim) {
        let mut known = lock(&self.shared.aim);
        if *known != *aim {
            known.clone_from(aim);
            drop(known);
            self.wake();
        }
    }

    /// Says what a start found of the journal. Nothing is drawn anew where it is the same as before.
    pub fn journal(&self, journal: &JournalShown) {
        let mut known = lock(&self.shared.journal);
        if known.as_ref() != Some(journal) {
            *known = Some(journal.clone());
            drop(known);
            self.wake();
        }
    }

    /// Says what can be done to the camera.
    pub fn tools(&self, tools: Tools) {
        *lock(&self.shared.tools) = tools;
        self.wake();
    }

    /// Shows what the desk knows from now on.
    pub fn desk(&self, shown: DeskShown) {
        *lock(&self.shared.desk) = Some(shown);
        self.wake();
    }

    /// What the desk showed last, where no window took it.
    #[cfg(test)]
    pub(crate) fn desk_shown(&self) -> Option<DeskShown> {
        lock(&self.shared.desk).clone()
    }

    /// Closes the window: `run` returns.
    pub fn close(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        self.wake();
    }

    pub(super) fn wake(&self) {
        if let Some(context) = self.shared.context.get() {
            // `request_repaint` would paint two passes a call.
            context.request_repaint_after(Duration::from_millis(1));
        }
    }
}

/// A slot is whole at any time, also after a panic of whoever held it.
pub(super) fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_holds_the_newest_and_outlives_a_panic() {
        let handle = WindowHandle::default();
        let other = handle.clone();
        let _ = std::thread::spawn(move || {
            let _held = other.shared.frame.lock();
            panic!("a thread that holds the slot breaks down");
        })
        .join();
        for sequence in 1..=3 {
            handle.picture(Frame::new(vec![0], 1, 1, sequence, Duration::ZERO).unwrap(), false);
        }
        assert_eq!(lock(&handle.shared.frame).take().map(|(frame, _)| frame.sequence), Some(3));
    }
}
