//! Who comes next, and what comes again: a verdict that is looked at is not wiped by another code, and no code counts twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod forge;
mod gate;

use std::time::Duration;

use checkpoint::lane::Event;
use checkpoint::passage::PassageId;
use checkpoint::passback::{self, Passback};
use checkpoint::screen::{GuardAction, OverrideReason, Sound};
use checkpoint::trust::revocation_digest;
use forge::at;
use gate::*;

fn guard(gate: &mut Gate, action: GuardAction) {
    gate.event(Event::Guard(action));
}

fn one_dose(person: (&str, &str)) -> String {
    code(person, &[doses(1, "2026-01-10"), declared(&[])])
}

fn forged(person: (&str, &str)) -> String {
    let good = complete(person);
    format!("{}AAAA", &good[..good.len() - 4])
}

/// A gate whose lane remembers holders for ten minutes.
fn remembering() -> Gate {
    let mut gate = Gate::new();
    let settings = passback::Settings { again_within: Duration::from_secs(600), in_twice: false };
    let table = Passback::new(&[9; 32], settings, at(forge::NOW));
    gate.lane = gate.lane.take().map(|lane| lane.with_passback(table));
    gate
}

#[test]
fn defect_a_held_verdict_was_wiped_by_the_next_persons_code() {
    for other in [complete(ANOTHER), ANOTHERS_CARD.to_owned(), forged(ANOTHER), expired(ANOTHER)] {
        let mut gate = Gate::new();
        gate.scan(&one_dose(VISITOR));
        guard(&mut gate, GuardAction::Hold);
        for _ in 0..20 {
            gate.wait(1);
            gate.scan(&other);
            assert_eq!(gate.shows(), "refuse R-DOSES");
        }
        assert_eq!((gate.recorded().len(), gate.notice().as_deref()), (1, Some("V-NEXT")));
        guard(&mut gate, GuardAction::NotThisPerson);
        assert_eq!(
            gate.records[1].refers_to.map(PassageId::sequence),
            Some(1),
            "the press is about who is on the screen"
        );
    }
}

#[test]
fn after_a_held_verdict_the_code_that_waited_is_looked_at() {
    let mut gate = Gate::new();
    gate.scan(&one_dose(VISITOR));
    guard(&mut gate, GuardAction::Hold);
    gate.scan(&complete(ANOTHER));
    guard(&mut gate, GuardAction::Dismiss);
    assert_eq!(gate.shows(), "waiting");
    gate.scan(&complete(ANOTHER));
    assert_eq!(gate.recorded(), ["refuse R-DOSES", "admit"], "it does not count as seen");
}

#[test]
fn a_held_verdict_still_takes_what_its_own_holder_shows() {
    let mut gate = Gate::new();
    gate.scan(&one_dose(VISITOR));
    guard(&mut gate, GuardAction::Hold);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit");
}

#[test]
fn two_people_in_one_picture_are_two_verdicts_that_can_be_seen() {
    let both = [complete(VISITOR), one_dose(ANOTHER)];
    let mut gate = Gate::new();
    gate.event(Event::Codes(both.to_vec()));
    for _ in 0..19 {
        gate.tick += Duration::from_millis(100);
        gate.event(Event::Codes(both.to_vec()));
        assert_eq!((gate.shows().as_str(), gate.records.len()), ("admit", 1));
    }
    gate.tick += Duration::from_millis(100);
    gate.event(Event::Codes(both.to_vec()));
    assert_eq!(gate.recorded(), ["admit", "refuse R-DOSES"]);
    assert_eq!(gate.sounds, [Sound::Admit, Sound::Refuse]);
}

#[test]
fn who_was_scanned_by_hand_meanwhile_comes_next_without_being_scanned_again() {
    let mut gate = Gate::new();
    gate.scan(&complete(VISITOR));
    gate.scan(&certificate(ANOTHER));
    gate.scan(&declaration(ANOTHER));
    assert_eq!((gate.shows().as_str(), gate.notice()), ("admit", None));
    gate.wait(1);
    assert_eq!(gate.records.len(), 1);
    gate.wait(1);
    assert_eq!(gate.recorded(), ["admit", "admit"]);
    assert_eq!(gate.records[1].identity.as_ref().unwrap().person.name, ANOTHER.0);
    assert_eq!(gate.records[1].scan, Some(Duration::from_secs(2)), "the queue's time is the scan's");
    // A red stands a little longer, and says that somebody waits.
    let mut gate = Gate::new();
    gate.scan(&one_dose(VISITOR));
    gate.scan(&complete(ANOTHER));
    assert_eq!(gate.notice().as_deref(), Some("V-NEXT"));
    gate.wait(2);
    assert_eq!(gate.shows(), "refuse R-DOSES");
    gate.wait(1);
    assert_eq!(gate.shows(), "admit");
    // Next brings them at once.
    let mut gate = Gate::new();
    gate.scan(&one_dose(VISITOR));
    gate.scan(&complete(ANOTHER));
    guard(&mut gate, GuardAction::Dismiss);
    assert_eq!(gate.shows(), "admit");
}

#[test]
fn who_waits_is_not_lost_when_the_guard_decides_or_the_verdict_ends() {
    let mut gate = Gate::new();
    gate.scan(&one_dose(VISITOR));
    gate.scan(&complete(ANOTHER));
    guard(&mut gate, GuardAction::NotThisPerson);
    assert_eq!(gate.shows(), "refuse G-NOT-THIS-PERSON");
    gate.wait(3);
    gate.scan(&complete(ANOTHER));
    assert_eq!(gate.shows(), "admit", "the next picture brings it again");
    let lane = format!("{:?}", gate.lane.as_ref().unwrap());
    assert!(lane.contains("in_line: []"), "{lane}");
}

#[test]
fn defect_after_not_this_person_the_same_code_was_green_again() {
    let mut gate = remembering();
    gate.scan(&complete(VISITOR));
    guard(&mut gate, GuardAction::NotThisPerson);
    for code in [complete(VISITOR), CARD.to_owned(), code(VISITOR, &[doses(3, "2026-01-10"), declared(&[])])] {
        gate.wait(4);
        gate.scan(&code);
        assert_eq!((gate.shows().as_str(), gate.records.len()), ("refuse G-NOT-THIS-PERSON", 2));
    }
    gate.wait(4);
    gate.scan(&expired(VISITOR));
    assert_eq!(gate.shows(), "refuse G-NOT-THIS-PERSON");
    // Once the red is gone their codes are amber for as long as passing again is noticed, whoever shows them.
    gate.wait(70);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "refer V-BORROWED");
    gate.wait(600);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit", "the holder never passed");
}

#[test]
fn whom_the_guard_lets_pass_after_somebody_else_borrowed_the_codes_has_passed() {
    let mut gate = remembering();
    gate.scan(&complete(VISITOR));
    guard(&mut gate, GuardAction::NotThisPerson);
    guard(&mut gate, GuardAction::Dismiss);
    gate.wait(4);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "refer V-BORROWED");
    guard(&mut gate, GuardAction::Override(OverrideReason::KnownVisitor));
    gate.wait(60);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "refer V-AGAIN");
}

#[test]
fn defect_a_holders_own_expired_copy_wiped_the_green() {
    for sheet in [[complete(VISITOR), expired(VISITOR)], [expired(VISITOR), complete(VISITOR)]] {
        let mut gate = Gate::new();
        for _ in 0..8 {
            gate.event(Event::Codes(sheet.to_vec()));
            gate.tick += Duration::from_millis(250);
        }
        assert_eq!(gate.shows(), "admit");
        gate.wait(10);
        assert_eq!(gate.recorded().last().map(String::as_str), Some("admit"));
    }
    let mut gate = Gate::new();
    gate.scan(&complete(VISITOR));
    gate.wait(1);
    gate.scan(&expired(VISITOR));
    assert_eq!((gate.shows().as_str(), gate.notice().as_deref()), ("admit", Some("C-EXPIRED")));
    // In a visit that is still open, too.
    let mut gate = Gate::new();
    gate.scan(&certificate(VISITOR));
    gate.scan(&expired(VISITOR));
    assert_eq!((gate.shows().as_str(), gate.notice().as_deref()), ("needs declaration", Some("C-EXPIRED")));
    gate.scan(&declaration(VISITOR));
    assert_eq!(gate.recorded(), ["admit"]);
    let shown = &gate.records[0].identity.as_ref().unwrap().shown;
    assert!(shown.iter().any(|line| line.starts_with("refused C-EXPIRED")), "the tracer reads of it: {shown:?}");
}

#[test]
fn a_revoked_copy_beside_a_good_one_is_the_guards_in_either_order() {
    let revoked = || {
        code_with(VISITOR, &[doses(2, "2026-01-10")], |claims| {
            claims.insert("jti".into(), "taken-back".into());
        })
    };
    let gate = || {
        let mut gate = Gate::new();
        let mut bundle = forge::bundle();
        let digest = revocation_digest(forge::ISSUER, "taken-back");
        bundle.revoked.push(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        gate.verifier.trust = forge::list(&bundle);
        gate
    };
    let mut alone = gate();
    alone.scan(&revoked());
    assert_eq!(alone.shows(), "refuse S-REVOKED");
    let mut after = gate();
    after.scan(&complete(VISITOR));
    after.scan(&revoked());
    assert_eq!(after.recorded(), ["admit", "refer S-REVOKED"]);
    let mut before = gate();
    before.scan(&revoked());
    before.scan(&complete(VISITOR));
    assert_eq!(before.recorded(), ["refuse S-REVOKED", "refer S-REVOKED"]);
    assert!(!before.sounds.contains(&Sound::Admit));
}

#[test]
fn a_forged_code_names_nobody_and_is_red_once_the_verdict_before_it_was_seen() {
    let mut gate = Gate::new();
    gate.scan(&complete(VISITOR));
    gate.scan(&forged(VISITOR));
    assert_eq!(gate.shows(), "admit");
    gate.wait(2);
    assert_eq!(gate.recorded(), ["admit", "refuse S-SIG"]);
}

#[test]
fn defect_a_telephone_that_crossed_the_camera_again_was_amber() {
    for codes in [vec![complete(VISITOR)], vec![certificate(VISITOR), declaration(VISITOR)]] {
        let mut gate = remembering();
        codes.iter().for_each(|code| gate.scan(code));
        assert_eq!(gate.recorded(), ["admit"]);
        gate.wait(6);
        gate.scan(codes.last().unwrap());
        assert_eq!((gate.shows().as_str(), gate.notice().as_deref()), ("needs certificate", Some("V-AGAIN")));
        gate.wait(21);
        assert_eq!((gate.shows().as_str(), gate.recorded().len()), ("waiting", 1));
        assert!(!gate.sounds[1..].contains(&Sound::Refer));
        gate.wait(4);
        codes.iter().for_each(|code| gate.scan(code));
        assert_eq!(gate.recorded(), ["admit", "refer V-AGAIN"], "half a minute later it is somebody who comes again");
    }
    // Another code of the same person is no telephone on its way to the pocket.
    let mut gate = remembering();
    gate.scan(&complete(VISITOR));
    gate.wait(6);
    gate.scan(&code(VISITOR, &[doses(3, "2026-01-10"), declared(&[])]));
    assert_eq!(gate.shows(), "refer V-AGAIN");
}

#[test]
fn defect_a_posters_code_was_a_passage_each_time_it_was_seen() {
    let mut gate = Gate::new();
    for _ in 0..5 {
        gate.scan("https://example.com/menu");
        gate.wait(30);
    }
    assert_eq!(gate.recorded(), ["refer E-LINK"]);
    gate.scan("BEGIN:VCARD");
    gate.wait(30);
    assert_eq!(gate.recorded(), ["refer E-LINK", "refer E-UNKNOWN"]);
    for _ in 0..2 {
        gate.scan(&forged(VISITOR));
        gate.wait(70);
    }
    assert_eq!(gate.recorded()[2..], ["refuse S-SIG", "refuse S-SIG"], "a forgery is a record each time");
    gate.scan("https://example.com/menu");
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit");
    // In a group nobody is no member of it.
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan("https://example.com/menu");
    gate.wait(21);
    assert_eq!(gate.screen.as_ref().unwrap().party.as_ref().unwrap().visitors, 0);
}

#[test]
fn defect_a_group_forgot_what_one_of_it_had_shown() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&certificate(VISITOR));
    gate.wait(21);
    assert_eq!(gate.screen.as_ref().unwrap().party.as_ref().unwrap().stopped, 1);
    gate.scan(&declaration(VISITOR));
    let party = gate.screen.as_ref().unwrap().party.unwrap();
    assert_eq!((party.visitors, party.stopped), (1, 0));
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!(gate.recorded(), ["admit"]);
}

#[test]
fn defect_a_forged_code_shown_twice_was_two_of_a_group() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    for _ in 0..3 {
        gate.scan(&forged(ANOTHER));
        gate.wait(4);
    }
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!((gate.recorded().as_slice(), gate.records[0].visitors), (["refuse S-SIG".to_owned()].as_slice(), 2));
}
