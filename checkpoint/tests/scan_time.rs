//! How long a scan takes: from the first sight of a visit's first code to the decision.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod forge;
mod gate;

use std::time::Duration;

use checkpoint::lane::Event;
use checkpoint::screen::{GuardAction, OverrideReason};
use gate::*;

/// The scan times of everything recorded so far, in milliseconds.
fn scans(gate: &Gate) -> Vec<Option<u128>> {
    gate.records.iter().map(|draft| draft.scan.map(|scan| scan.as_millis())).collect()
}

#[test]
fn one_code_takes_as_long_as_it_was_seen() {
    let mut gate = Gate::new();
    gate.wait(1);
    gate.event(Event::SeenFor(Duration::from_millis(340)));
    gate.scan(&complete(VISITOR));
    assert_eq!(scans(&gate), [Some(340)]);
    // It stays before the camera, and the next one is read at first sight.
    gate.scan(&complete(VISITOR));
    gate.wait(2);
    gate.scan(&complete(ANOTHER));
    assert_eq!(scans(&gate), [Some(340), Some(0)]);
}

#[test]
fn a_visit_of_two_codes_takes_until_the_second_decides() {
    let mut gate = Gate::new();
    gate.wait(1);
    gate.event(Event::SeenFor(Duration::from_millis(500)));
    gate.scan(&certificate(VISITOR));
    gate.wait(3);
    gate.scan(&declaration(VISITOR));
    assert_eq!(scans(&gate), [Some(3500)]);
}

#[test]
fn what_no_code_decides_has_no_scan_time() {
    let mut gate = Gate::new();
    gate.wait(1);
    gate.scan(&certificate(VISITOR));
    gate.wait(30);
    assert_eq!(gate.records.len(), 1, "it ended by itself");
    gate.event(Event::Guard(GuardAction::Override(OverrideReason::Emergency)));
    assert!(gate.records.len() >= 2);
    assert!(scans(&gate).iter().all(Option::is_none), "{:?}", scans(&gate));
    // And nothing of it is counted to the next visitor.
    gate.wait(70);
    gate.scan(&complete(ANOTHER));
    assert_eq!(scans(&gate).last(), Some(&Some(0)));
}
