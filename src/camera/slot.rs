//! A place for one thing, where the newest wins.
//!
//! Between the camera and the reader nothing queues up: whoever reads slowly reads the newest picture, not the oldest.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What came of waiting at a [`Slot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken<T> {
    New(T),
    /// Nothing new within the time given.
    TimedOut,
    /// Nothing will ever come again.
    Closed,
}

/// One place, one writer, one reader who takes, and any number who look.
#[derive(Debug)]
pub struct Slot<T> {
    inside: Mutex<Inside<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Inside<T> {
    newest: Option<T>,
    /// Nobody has taken `newest` yet.
    fresh: bool,
    closed: bool,
}

impl<T: Clone> Slot<T> {
    pub fn new() -> Self {
        Self { inside: Mutex::new(Inside { newest: None, fresh: false, closed: false }), changed: Condvar::new() }
    }

    /// Puts the newest in; what was there and not taken is gone.
    pub fn put(&self, thing: T) {
        let old = {
            let mut inside = self.lock();
            inside.fresh = true;
            inside.newest.replace(thing)
        };
        self.changed.notify_all();
        // Dropped outside the lock: freeing a picture must not hold up its readers.
        drop(old);
    }

    /// Empties the slot: what was in it is no longer the present.
    pub fn clear(&self) {
        let mut inside = self.lock();
        inside.fresh = false;
        inside.newest = None;
    }

    /// Nothing will come again. What was put and not taken can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Takes the newest once, waiting up to `timeout` for one that nobody took.
    pub fn take(&self, timeout: Duration) -> Taken<T> {
        let end = Instant::now() + timeout;
        let mut inside = self.lock();
        loop {
            if inside.fresh
                && let Some(thing) = inside.newest.clone()
            {
                inside.fresh = false;
                return Taken::New(thing);
            }
            if inside.closed {
                return Taken::Closed;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::TimedOut;
            }
            inside = self.changed.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The newest, taken or not, and without taking it.
    pub fn peek(&self) -> Option<T> {
        self.lock().newest.clone()
    }

    /// Something was put that nobody took yet.
    #[cfg(test)]
    pub(crate) fn take_is_pending(&self) -> bool {
        self.lock().fresh
    }

    /// A panic elsewhere cannot leave the three fields in disorder, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;

    const SOON: Duration = Duration::from_millis(5);
    const LONG: Duration = Duration::from_secs(10);

    #[test]
    fn the_newest_wins_and_is_taken_once() {
        let slot = Slot::new();
        slot.put(1);
        slot.put(2);
        assert_eq!(slot.take(SOON), Taken::New(2));
        assert_eq!(slot.take(SOON), Taken::TimedOut);
    }

    #[test]
    fn looking_does_not_take() {
        let slot = Slot::new();
        slot.put(1);
        assert_eq!(slot.peek(), Some(1));
        assert_eq!(slot.take(SOON), Taken::New(1));
        assert_eq!(slot.peek(), Some(1));
    }

    #[test]
    fn cleared_means_neither_seen_nor_taken() {
        let slot = Slot::new();
        slot.put(1);
        slot.clear();
        assert_eq!(slot.peek(), None);
        assert_eq!(slot.take(SOON), Taken::TimedOut);
    }

    #[test]
    fn closing_wakes_the_reader_after_the_last_one() {
        let slot = Arc::new(Slot::new());
        let reader = thread::spawn({
            let slot = slot.clone();
            move || (slot.take(LONG), slot.take(LONG))
        });
        slot.put(7);
        slot.close();
        assert_eq!(reader.join().unwrap(), (Taken::New(7), Taken::Closed));
    }
}
