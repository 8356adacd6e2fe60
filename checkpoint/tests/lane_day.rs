//! What a day at the gate brings beside one visitor after the other: apps that answer, holders who pass back, groups,
//! paper, somebody else's codes, and the hour in which the checkpoint is opened.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod forge;
mod gate;

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::lane::{Event, Lane, Settings};
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::record::{Digest as Hash, Event as Kept, JournalId, device_id};
use checkpoint::passage::{Direction, Location, Note, Outcome, PassageId, Proof};
use checkpoint::passback::{self, Passback};
use checkpoint::presence::Presence;
use checkpoint::screen::{
    Fault, GuardAction, GuardNumber, OverrideReason, Paper, PaperKind, Plate, Sound, Stage, SurgeReason, Totals, Who,
};
use checkpoint::time::{PartialDate, day_in_vietnam};
use ed25519_dalek::{Signer, SigningKey};
use forge::at;
use gate::*;
use serde_json::json;
use sha2::{Digest, Sha256};

fn place() -> Location {
    Location { code: "HN-01".into(), name: "Chốt 1".into(), province: "Hà Nội".into() }
}

/// A gate whose lane remembers holders for ten minutes, and notices who is in twice.
fn remembering(in_twice: bool) -> Gate {
    let mut gate = Gate::new();
    let settings = passback::Settings { again_within: Duration::from_secs(600), in_twice };
    let table = Passback::new(&[9; 32], settings, at(forge::NOW));
    gate.lane = gate.lane.take().map(|lane| lane.with_passback(table));
    gate
}

/// A gate whose screen asks, and that may need the answer.
fn asking(answer_required: bool) -> Gate {
    let mut gate = Gate::new();
    let settings = Settings { answer_required, ..settings() };
    let lane = Lane::new(settings, Totals::default(), day_in_vietnam(at(forge::NOW)));
    gate.lane = Some(lane.with_presence(Presence::new(&[3; 32], &place()).unwrap()));
    gate
}

fn guard(gate: &mut Gate, action: GuardAction) {
    gate.event(Event::Guard(action));
}

fn phone() -> SigningKey {
    SigningKey::from_bytes(&[0x55; 32])
}

/// A complete code of the visitor that its issuer bound to the telephone.
fn bound() -> String {
    code_with(VISITOR, &[doses(2, "2026-01-10"), declared(&[])], |claims| {
        let x = BASE64_URL_SAFE_NO_PAD.encode(phone().verifying_key().as_bytes());
        claims.insert("cnf".into(), json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}}));
    })
}

/// What the app shows when it has scanned `question`.
fn answer(credential: &str, question: &str, key: &SigningKey) -> String {
    let fields: Vec<&str> = question.strip_prefix("VNASK1:").unwrap().split('|').collect();
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{credential}~")));
    let payload = json!({"iat": 1, "aud": fields[0], "nonce": fields[3], "sd_hash": hash});
    let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "EdDSA", "typ": "kb+jwt"})), part(&payload));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    format!("{credential}~{signed}.{signature}")
}

fn question(gate: &Gate) -> String {
    gate.screen.as_ref().unwrap().question.clone().unwrap()
}

#[test]
fn an_app_that_answers_the_screen_is_admitted_and_its_photograph_is_not() {
    let mut gate = asking(true);
    gate.wait(1);
    let shown = answer(&bound(), &question(&gate), &phone());
    gate.scan(&shown);
    assert_eq!(gate.shows(), "admit");
    gate.wait(20);
    gate.scan(&shown);
    assert_eq!(gate.shows(), "refer P-GIVEN");
    gate.wait(200);
    gate.scan(&shown);
    assert_eq!(gate.shows(), "refer P-OLD");
    assert!(gate.records[2].identity.as_ref().is_some_and(|who| who.proof == Proof::Refused), "whose answer it was");
}

#[test]
fn a_bound_credential_alone_is_asked_for_the_answer_where_that_is_required() {
    let mut gate = asking(true);
    gate.scan(&bound());
    assert_eq!(gate.shows(), "needs answer");
    let shown = answer(&bound(), &question(&gate), &phone());
    gate.scan(&shown);
    assert_eq!(gate.shows(), "admit");
    let mut gate = asking(false);
    gate.scan(&bound());
    assert_eq!(gate.shows(), "admit", "asked, not required");
}

#[test]
fn an_answer_of_another_telephone_is_refused_and_one_without_a_key_proves_nothing() {
    let mut gate = asking(false);
    gate.wait(1);
    let forged = answer(&bound(), &question(&gate), &SigningKey::from_bytes(&[1; 32]));
    gate.scan(&forged);
    assert_eq!(gate.shows(), "refuse P-FORGED");
    gate.wait(70);
    let unbound = answer(&complete(ANOTHER), &question(&gate), &phone());
    gate.scan(&unbound);
    assert_eq!(gate.shows(), "refer P-NOKEY");
}

#[test]
fn the_question_changes_by_itself_and_the_screen_with_it() {
    let mut gate = asking(false);
    gate.wait(1);
    let before = question(&gate);
    gate.wait(30);
    assert_ne!(question(&gate), before);
}

#[test]
fn a_holder_who_passes_again_is_referred_with_when_and_which_way() {
    let mut gate = remembering(false);
    gate.scan(&complete(VISITOR));
    gate.wait(60);
    let other_code = code(VISITOR, &[doses(3, "2026-01-10"), declared(&[])]);
    gate.scan(&other_code);
    assert_eq!(gate.shows(), "refer V-AGAIN");
    let seen = gate.records[1].seen_before.unwrap();
    assert_eq!((seen.at, seen.direction), (at(forge::NOW), Direction::In));
    guard(&mut gate, GuardAction::Dismiss);
    guard(&mut gate, GuardAction::Turn);
    gate.wait(5);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit", "out again");
}

#[test]
fn who_was_refused_did_not_pass() {
    let mut gate = remembering(true);
    gate.scan(&code(VISITOR, &[doses(2, "2026-01-10"), declared(&["fever"])]));
    assert_eq!(gate.shows(), "refuse R-SYMPTOMS");
    gate.wait(90);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit");
    gate.wait(3600);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "refer V-AGAIN", "in twice without out");
    guard(&mut gate, GuardAction::Override(OverrideReason::Order));
    assert_eq!(gate.shows(), "override G-OVERRIDE");
}

#[test]
fn codes_of_somebody_else_are_a_second_record_that_refers_to_the_first() {
    let mut gate = remembering(true);
    gate.scan(&complete(VISITOR));
    guard(&mut gate, GuardAction::NotThisPerson);
    assert_eq!(gate.shows(), "refuse G-NOT-THIS-PERSON");
    assert_eq!(gate.recorded(), ["admit", "refuse G-NOT-THIS-PERSON"]);
    assert_eq!(gate.records[1].refers_to.map(PassageId::sequence), Some(1));
    assert!(gate.records[1].identity.is_some());
    gate.wait(600);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit", "the holder never passed");
}

#[test]
fn a_group_is_one_passage_as_good_as_the_worst_of_it() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "waiting");
    gate.scan(&code(ANOTHER, &[doses(1, "2026-01-10"), declared(&[])]));
    let party = gate.screen.as_ref().unwrap().party.unwrap();
    assert_eq!((party.visitors, party.stopped, party.full), (2, 1, false));
    assert!(gate.records.is_empty(), "nothing yet");
    guard(&mut gate, GuardAction::EndParty(Plate::parse("29a-123.45")));
    assert_eq!(gate.shows(), "refuse R-DOSES");
    assert_eq!(gate.who(), Some(Who::Party { visitors: 2, stopped: 1 }));
    let draft = &gate.records[0];
    let identity = draft.identity.as_ref().unwrap();
    assert_eq!((draft.visitors, identity.plate.as_deref()), (2, Some("29A-123.45")));
    assert_eq!((identity.person.name.as_str(), identity.companions[0].person.name.as_str()), (VISITOR.0, ANOTHER.0));
    let own = (identity.outcome, identity.companions[0].outcome);
    assert_eq!(own, (Some(Outcome::Admit), Some(Outcome::Refuse)), "a tracer sees who was in order");
    guard(&mut gate, GuardAction::Override(OverrideReason::Order));
    assert_eq!(gate.records[1].identity.as_ref().map(|who| who.companions.len()), Some(1), "all of them, again");
    assert_eq!(gate.records[1].visitors, 2);
}

#[test]
fn a_group_whose_last_visitor_showed_half_counts_that_too_and_ends_by_itself() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    gate.scan(&certificate(ANOTHER));
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!(gate.recorded(), ["refer V-MISSING"]);
    assert_eq!(gate.records[0].visitors, 2);
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    gate.wait(299);
    assert!(gate.records.is_empty());
    gate.wait(2);
    assert_eq!(gate.recorded(), ["admit"], "five minutes after the last of them nothing is lost");
}

#[test]
fn a_group_takes_no_more_than_fit_into_one_record() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    for number in 0..30 {
        let name = format!("Lê Văn Số{}", (b'A' + number) as char);
        gate.scan(&complete((&name, "1990-01-18")));
        gate.wait(1);
    }
    assert!(gate.screen.as_ref().unwrap().party.unwrap().full);
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!(gate.records[0].visitors, 24);
}

#[test]
fn an_empty_group_is_no_passage() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    guard(&mut gate, GuardAction::EndParty(Plate::parse("29A12345")));
    assert!(gate.records.is_empty());
    assert_eq!(gate.screen.as_ref().unwrap().party, None);
}

#[test]
fn plates_are_letters_digits_and_little_else() {
    for good in ["29A-123.45", " 30f1 ", "51C12345", "29A 123.45"] {
        assert!(Plate::parse(good).is_some(), "{good}");
    }
    for bad in ["", "   ", "=1+1|", "29A-1234567890", "Đ9A1", "--.--"] {
        assert!(Plate::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn paper_is_kept_as_checked_by_eye_and_never_as_verified() {
    let mut gate = remembering(false);
    let paper = Paper {
        kind: PaperKind::Vaccination,
        name: "NGUYEN VAN AN".into(),
        birth: PartialDate::parse("1990-01-18").unwrap(),
        number: Some("001090000001".into()),
        doses: Some(2),
        vaccine: Some("PFIZER".into()),
        date: chrono::NaiveDate::from_ymd_opt(2026, 1, 10),
        time: None,
    };
    guard(&mut gate, GuardAction::Vouch(Box::new(paper.clone())));
    assert_eq!(gate.shows(), "needs declaration", "paper says nothing of it");
    gate.scan(&declaration(VISITOR));
    assert_eq!(gate.recorded(), ["override G-PAPER-TYPED"]);
    assert_eq!(gate.shows(), "override G-PAPER-TYPED");
    assert_eq!(
        gate.records[0].identity.as_ref().unwrap().proof,
        Proof::Verified,
        "the declaration names the same person"
    );
    let mut gate = remembering(false);
    gate.verifier.rule_sets.truncate(1);
    guard(&mut gate, GuardAction::Vouch(Box::new(paper.clone())));
    assert_eq!(gate.recorded(), ["override G-PAPER-TYPED"]);
    assert!(gate.sounds.iter().all(|sound| *sound != Sound::Admit), "never green");
    let identity = gate.records[0].identity.as_ref().unwrap();
    assert_eq!((identity.proof, identity.person.name.as_str()), (Proof::ByEye, "NGUYEN VAN AN"));
    assert_eq!(identity.shown, ["by eye: vaccination, PFIZER, doses 2, 2026-01-10"]);
    gate.wait(20);
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "refer V-AGAIN", "the same holder, now with a code");
    let app = Paper { kind: PaperKind::App, ..paper };
    guard(&mut gate, GuardAction::Vouch(Box::new(app)));
    assert_eq!(gate.recorded()[2], "override G-APP-CHECKED");
    assert_eq!(gate.records[2].refers_to.map(PassageId::sequence), Some(2));
    let shown = &gate.records[2].identity.as_ref().unwrap().shown;
    assert!(shown.len() == 2 && shown[1].starts_with("by eye: app"), "behind what the code said: {shown:?}");
}

/// A vaccination slip of the visitor.
fn slip(doses: u8, date: &str) -> GuardAction {
    GuardAction::Vouch(Box::new(Paper {
        kind: PaperKind::Vaccination,
        name: "NGUYEN VAN AN".into(),
        birth: PartialDate::parse("1990-01-18").unwrap(),
        number: None,
        doses: Some(doses),
        vaccine: Some("ASTRAZENECA".into()),
        date: date.parse().ok(),
        time: None,
    }))
}

#[test]
fn paper_that_the_rules_refuse_says_why_and_the_guard_may_still_let_pass() {
    let mut gate = Gate::new();
    gate.verifier.rule_sets.truncate(1);
    guard(&mut gate, slip(1, "2026-01-10"));
    assert_eq!(gate.shows(), "refer R-DOSES", "amber: nobody signed it");
    assert_eq!(gate.recorded(), ["refer G-PAPER-TYPED R-DOSES"]);
    guard(&mut gate, GuardAction::Override(OverrideReason::Order));
    assert_eq!(gate.recorded()[1], "override G-ORDER");
    let record = &gate.records[1];
    assert_eq!(record.refers_to.map(PassageId::sequence), Some(1));
    assert_eq!(record.identity.as_ref().unwrap().proof, Proof::ByEye);
    let mut gate = Gate::new();
    gate.verifier.rule_sets.truncate(1);
    guard(&mut gate, slip(1, "2026-01-10"));
    gate.scan(&certificate(VISITOR));
    assert_eq!(gate.shows(), "admit", "the code that was found after all needs no paper");
    assert_eq!(gate.recorded()[1], "admit");
}

#[test]
fn paper_of_another_person_is_noticed() {
    let mut gate = Gate::new();
    gate.scan(&declaration(ANOTHER));
    guard(&mut gate, slip(2, "2026-01-10"));
    assert_eq!(gate.shows(), "refer V-PERSON");
}

#[test]
fn a_rule_set_that_asks_for_the_answer_gets_it_in_the_visit() {
    let mut gate = asking(false);
    let answer_or_card = include_str!("../../assets/rules/answer-or-card.json");
    gate.verifier.rule_sets.push(checkpoint::rules::RuleSet::parse(answer_or_card, &[]).unwrap());
    gate.scan(&bound());
    assert_eq!(gate.shows(), "needs answer");
    let shown = answer(&bound(), &question(&gate), &phone());
    gate.scan(&shown);
    assert_eq!(gate.shows(), "admit");
    gate.wait(60);
    gate.scan(&complete(ANOTHER));
    assert_eq!(gate.shows(), "needs identity");
    gate.scan(ANOTHERS_CARD);
    assert_eq!(gate.shows(), "admit");
}

#[test]
fn defect_a_group_lost_what_was_typed_and_the_reason_that_the_guard_chose() {
    let mut gate = Gate::new();
    gate.verifier.rule_sets.truncate(1);
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&certificate(ANOTHER));
    guard(&mut gate, slip(2, "2026-01-10"));
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!(gate.recorded(), ["override G-PAPER-TYPED"]);
    let companion = &gate.records[0].identity.as_ref().unwrap().companions[0];
    assert_eq!((companion.proof, companion.person.name.as_str()), (Proof::ByEye, "NGUYEN VAN AN"));
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    guard(&mut gate, GuardAction::Override(OverrideReason::Emergency));
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!(gate.recorded(), ["override G-EMERGENCY"]);
    assert_eq!(gate.records[0].visitors, 2);
}

#[test]
fn defect_a_group_was_lost_when_the_disk_failed_at_its_end() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    gate.scan(&complete(ANOTHER));
    gate.journal = Err(Fault::DiskFull);
    guard(&mut gate, GuardAction::EndParty(Plate::parse("29A-123.45")));
    assert_eq!(gate.shows(), "out of service: disk-full");
    assert_eq!(gate.screen.as_ref().unwrap().party.unwrap().visitors, 2, "still gathered");
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.screen.as_ref().unwrap().party.unwrap().visitors, 2, "and nobody twice");
    guard(&mut gate, GuardAction::EndParty(None));
    assert!(gate.records.is_empty() && gate.screen.as_ref().unwrap().totals.all() == 0);
    gate.journal = Ok(0);
    guard(&mut gate, GuardAction::EndParty(None));
    assert_eq!(gate.shows(), "admit");
    let identity = gate.records[0].identity.as_ref().unwrap();
    assert_eq!((gate.records[0].visitors, identity.plate.as_deref()), (2, Some("29A-123.45")));
    assert_eq!(gate.screen.as_ref().unwrap().party, None);
}

#[test]
fn a_group_whose_disk_came_back_ends_by_itself_where_nobody_ends_it() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&complete(VISITOR));
    gate.journal = Err(Fault::DiskFull);
    guard(&mut gate, GuardAction::EndParty(None));
    gate.wait(400);
    gate.journal = Ok(0);
    gate.event(Event::Condition { fault: Fault::DiskFull, present: false });
    assert_eq!(gate.recorded(), ["admit"]);
}

#[test]
fn one_person_of_a_group_is_one_visitor_however_often_a_code_is_shown() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::BeginParty);
    gate.scan(&code(VISITOR, &[doses(1, "2026-01-10"), declared(&[])]));
    assert_eq!(gate.screen.as_ref().unwrap().party.unwrap().stopped, 1);
    gate.wait(10);
    gate.scan(&complete(VISITOR));
    let party = gate.screen.as_ref().unwrap().party.unwrap();
    assert_eq!((party.visitors, party.stopped), (1, 0), "a better answer takes the place of the first");
    gate.wait(10);
    gate.scan(&code(VISITOR, &[doses(1, "2026-01-11"), declared(&[])]));
    let party = gate.screen.as_ref().unwrap().party.unwrap();
    assert_eq!((party.visitors, party.stopped), (1, 0), "and a worse one does not");
}

#[test]
fn an_open_checkpoint_counts_and_checks_nobody() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::Open(SurgeReason::Queue, GuardNumber(417)));
    assert_eq!(gate.shows(), "open 0");
    gate.scan(&complete(VISITOR));
    for _ in 0..3 {
        guard(&mut gate, GuardAction::Wave);
        gate.wait(2);
    }
    assert_eq!(gate.shows(), "open 3");
    guard(&mut gate, GuardAction::Dismiss);
    guard(&mut gate, GuardAction::Override(OverrideReason::Order));
    assert_eq!(gate.shows(), "open 3", "only its own button ends it");
    assert_eq!(gate.recorded(), ["waved", "waved", "waved"]);
    assert!(gate.records.iter().all(|draft| draft.refers_to.map(PassageId::sequence) == Some(1)));
    assert!(gate.records.iter().all(|draft| draft.rule_sets.is_empty() && draft.identity.is_none()));
    guard(&mut gate, GuardAction::Close);
    assert_eq!(gate.shows(), "waiting");
    let kept: Vec<_> = gate.notes.iter().map(|note| note.event.clone()).collect();
    assert!(matches!(&kept[0], Kept::SurgeBegan(began) if began.reason == "queue" && began.guard == "417"));
    assert!(matches!(&kept[1], Kept::SurgeEnded(ended) if (ended.began, ended.waved) == (1, 3)));
    assert_eq!(gate.screen.as_ref().unwrap().totals.waved, 3);
}

#[test]
fn a_wave_that_is_not_on_disk_does_not_count() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::Open(SurgeReason::Order, GuardNumber(1)));
    gate.journal = Err(Fault::DiskFull);
    guard(&mut gate, GuardAction::Wave);
    assert_eq!(gate.shows(), "out of service: disk-full");
    assert_eq!(gate.screen.as_ref().unwrap().totals.waved, 0);
    assert_eq!(gate.sounds.last(), Some(&Sound::Refer));
}

#[test]
fn nothing_of_a_day_is_done_twice_or_in_the_wrong_place() {
    let mut gate = Gate::new();
    for action in [GuardAction::Wave, GuardAction::Close, GuardAction::NotThisPerson, GuardAction::EndParty(None)] {
        guard(&mut gate, action);
    }
    guard(&mut gate, GuardAction::BeginParty);
    guard(&mut gate, GuardAction::Open(SurgeReason::Queue, GuardNumber(1)));
    assert!(gate.records.is_empty() && gate.notes.is_empty());
    assert!(matches!(gate.screen.as_ref().unwrap().stage, Stage::Waiting));
    assert!(Outcome::ALL.contains(&Outcome::Waved));
}

/// A device that the list names, and the head that it signed.
fn head_of_another(gate: &mut Gate) -> String {
    let key = SigningKey::from_bytes(&[21; 32]);
    let mut bundle = forge::bundle();
    bundle.devices.insert("gate-2".to_owned(), BASE64_STANDARD.encode(key.verifying_key().as_bytes()));
    gate.verifier.trust = forge::list(&bundle);
    let head = Checkpoint {
        device: device_id(&key.verifying_key()),
        journal: JournalId([3; 16]),
        sequence: 812,
        head: Hash::of(b"x"),
        at: forge::at(forge::NOW),
    };
    head.sign(&key)
}

#[test]
fn another_kiosks_signed_head_is_kept_as_a_witness_and_judges_nobody() {
    let mut gate = Gate::new();
    let text = head_of_another(&mut gate);
    gate.scan(&text);
    assert_eq!(gate.shows(), "noted kept");
    assert!(gate.records.is_empty(), "it is no visitor");
    assert!(matches!(&gate.notes[..], [Note { event: Kept::Witness(head), .. }] if head.text == text));
    gate.wait(6);
    assert_eq!(gate.shows(), "waiting");
    // While somebody is being checked it is kept all the same, and the visit stays.
    gate.scan(&certificate(VISITOR));
    gate.scan(&text);
    assert_eq!((gate.shows().as_str(), gate.notes.len()), ("needs declaration", 2));
}

#[test]
fn a_head_that_cannot_be_believed_is_told_and_not_kept() {
    let mut gate = Gate::new();
    let good = head_of_another(&mut gate);
    let mut changed = good.clone();
    changed.replace_range(60..61, if &good[60..61] == "A" { "B" } else { "A" });
    let stranger = SigningKey::from_bytes(&[22; 32]);
    let mut unknown = Checkpoint::verify(&good, &[SigningKey::from_bytes(&[21; 32]).verifying_key()]).unwrap();
    unknown.device = device_id(&stranger.verifying_key());
    for (text, shown) in [
        (changed, "noted forged"),
        (unknown.sign(&stranger), "noted unknown-device"),
        (good[..100].to_owned(), "noted damaged"),
    ] {
        gate.scan(&text);
        assert_eq!(gate.shows(), shown);
    }
    assert!(gate.notes.is_empty() && gate.records.is_empty());
}

#[test]
fn the_signed_head_is_shown_when_the_guard_asks_and_gives_way_to_a_visitor() {
    let mut gate = Gate::new();
    guard(&mut gate, GuardAction::ShowHead);
    assert_eq!(gate.shows(), "head 0");
    assert_eq!(gate.screen.as_ref().unwrap().question.as_deref(), Some("VNCHK1:HEAD"));
    gate.scan(&complete(VISITOR));
    assert_eq!(gate.shows(), "admit");
    guard(&mut gate, GuardAction::ShowHead);
    assert_eq!(gate.shows(), "head 1");
    guard(&mut gate, GuardAction::Dismiss);
    assert_eq!(gate.shows(), "waiting");
    gate.journal = Err(Fault::DiskFull);
    guard(&mut gate, GuardAction::ShowHead);
    assert_eq!(gate.shows(), "out of service: disk-full");
}
