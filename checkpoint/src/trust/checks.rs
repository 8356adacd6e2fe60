//! The checks of the trust files, each by name, so that tests can show of each that it is needed.
//!
//! What is built for a kiosk makes all of them: `made` is a constant there. In this crate's own unit tests, and in nothing else that can
//! be built, a thread may leave out one; a run over hostile files must then find that something bad is accepted.

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// What is signed says of which type it is.
    TypeIsSigned,
    /// A file is of the type that is asked for.
    PayloadType,
    /// A signature holds.
    Signature,
    /// Two signatures of one key count once.
    DifferentSigners,
    /// As many sign as the role asks for.
    Threshold,
    /// Only the keys of the role sign for it.
    KeysOfTheRole,
    /// Roots have no gaps and no repetitions.
    RootGap,
    /// A root is signed by the threshold of the one before.
    RootByThoseBefore,
    /// A root is signed by its own threshold.
    RootByItsOwn,
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
    /// A bundle takes back no less than the one in force.
    GoesOn,
    /// A statement that arrives is signed by a duty key of the last root.
    DutyOfToday,
    /// Nothing is believed while a statement that was taken is missing.
    LostStatement,
    /// A revocation file has the digest that the bundle says.
    RevokedDigest,
    /// A revocation file was made with the bundle's key.
    RevokedKey,
    /// A block of a revocation file is as it was written.
    RevokedBlockSum,
    /// A list is no older than its hard limit.
    HardLimit,
    /// A key signs in the schemes of its scope.
    ScopeScheme,
    /// A key signs the statements of its scope.
    ScopeStatements,
    /// A key signs for the issuers of its scope.
    ScopeIssuer,
    /// A key signs in its window.
    ScopeWindow,
    /// What a key signs counts in its regions.
    ScopeRegion,
    /// A key gives no longer validity than it may.
    ScopeLifetime,
    /// What was distrusted is not believed.
    Distrusted,
    /// What a bundle takes back is not believed.
    RevokedHere,
    /// What a revocation file takes back is not believed.
    RevokedInFile,
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

    /// Every check.
    pub(crate) const EVERY_CHECK: [Check; 31] = [
        Check::TypeIsSigned,
        Check::PayloadType,
        Check::Signature,
        Check::DifferentSigners,
        Check::Threshold,
        Check::KeysOfTheRole,
        Check::RootGap,
        Check::RootByThoseBefore,
        Check::RootByItsOwn,
        Check::RootSize,
        Check::BundleSize,
        Check::DistrustSize,
        Check::NewerBundle,
        Check::SeenOnArrival,
        Check::SeenAtStart,
        Check::GoesOn,
        Check::DutyOfToday,
        Check::LostStatement,
        Check::RevokedDigest,
        Check::RevokedKey,
        Check::RevokedBlockSum,
        Check::HardLimit,
        Check::ScopeScheme,
        Check::ScopeStatements,
        Check::ScopeIssuer,
        Check::ScopeWindow,
        Check::ScopeRegion,
        Check::ScopeLifetime,
        Check::Distrusted,
        Check::RevokedHere,
        Check::RevokedInFile,
    ];

    /// Works on this thread as if one check were not there.
    pub(crate) fn without<T>(check: Check, work: impl FnOnce() -> T) -> T {
        LEFT_OUT.set(Some(check));
        let done = work();
        LEFT_OUT.set(None);
        done
    }
}
