//! The checks of the trust files, each by name, so that tests can show of each that it is needed.
//!
//! What is built for a kiosk makes all of them: `made` is a constant there. In this crate's own unit tests, and in nothing else that can
//! be built, a thread may leave out one; a run over hostile files must then find that something bad is accepted.

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Roots have no gaps and no repetitions.
    RootGap,
    /// A root is signed by the threshold of the one before.
    RootByThoseBefore,
    /// A root is signed by its own threshold.
    RootByItsOwn,
    /// Roots that the kiosk has say the same as those that are brought.
    SameRoots,
    /// A root file is no larger than a root can be.
    RootSize,
    /// A bundle is no larger than a bundle can be.
    BundleSize,
    /// A statement is no larger than a statement can be.
    DistrustSize,
    /// A bundle is newer than the one in force, by version and by clock.
    NewerBundle,
    /// A bundle that arrives is no older than any that was seen.
    SeenOnArrival,
    /// A list on the disk is no older than any that was seen.
    SeenAtStart,
    /// Nothing is believed while a statement that was taken is missing.
    LostStatement,
    /// A bundle takes back no less than the one in force.
    GoesOn,
    /// A revocation file has the size that the bundle says.
    RevokedSize,
    /// A revocation file has the digest that the bundle says.
    RevokedDigest,
    /// A revocation file was made with the bundle's key.
    RevokedKey,
    /// A block of a revocation file is as it was written.
    RevokedBlockSum,
}

/// Whether a check is made.
#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn made(_: Check) -> bool {
    true
}

#[cfg(test)]
pub(crate) use left_out::made;

#[cfg(test)]
pub(crate) mod left_out {
    use std::cell::Cell;

    use super::Check;

    thread_local! {
        static LEFT_OUT: Cell<Option<Check>> = const { Cell::new(None) };
    }

    /// Whether a check is made.
    pub(crate) fn made(check: Check) -> bool {
        LEFT_OUT.get() != Some(check)
    }

    /// Works on this thread as if one check were not there.
    pub(crate) fn without<T>(check: Check, work: impl FnOnce() -> T) -> T {
        LEFT_OUT.set(Some(check));
        let done = work();
        LEFT_OUT.set(None);
        done
    }
}
