//! A school's gate: the roster names pupils, the table of passages knows who is inside, a guardian picks up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod forge;
mod gate;

use std::sync::Arc;
use std::time::Duration;

use checkpoint::lane::{Afresh, Event, Lane, School};
use checkpoint::passage::{Direction, Outcome};
use checkpoint::passback::{self, Inside, Passback};
use checkpoint::roster::{Roster, RosterFault};
use checkpoint::rules::{RuleSet, VaccineTable};
use checkpoint::screen::{GuardAction, OverrideReason, Paper, PaperKind, PickUp, SchoolShown, Stage, Totals, Who};
use checkpoint::time::{PartialDate, day_in_vietnam};
use chrono::NaiveTime;
use forge::at;
use gate::{CARD, Gate, complete, settings};

/// An is picked up by Bình; Cường goes alone.
const ROSTER: &str = "number,name,birth,class,picked_up,guardian1,guardian1_number,guardian1_birth,guardian1_relation,guardian2,guardian2_number\n\
    HS-1,Nguyễn Văn An,2015-09-30,3A,x,Trần Thị Bình,001185000002,1985,mẹ,Nguyễn Văn Ba,PH-17\n\
    HS-2,Lê Văn Cường,2014-01-02,3A,không,,,,,,\n\
    HS-3,Đỗ Thị Em,2014-05-06,4B,không,,,,,,\n\
    broken\n";

const MOTHER: &str = "001185000002||Trần Thị Bình|05071985|Nữ|Huế|15042021";
const STRANGER: &str = "001190000009||Phạm Văn Dũng|05071990|Nam|Huế|15042021";
/// Nguyễn Văn An's own identity card.
const AN: &str = "001215000001||Nguyễn Văn An|30092015|Nam|Huế|15042021";

fn lane(direction: Direction) -> Lane {
    let again_within = Duration::ZERO;
    let passback = Passback::new(&[7; 32], passback::Settings { again_within, in_twice: true }, at(forge::NOW));
    let settings = checkpoint::lane::Settings { direction, ..settings() };
    Lane::new(settings, Totals::default(), day_in_vietnam(at(forge::NOW)))
        .with_passback(passback)
        .with_school(School::new(NaiveTime::from_hms_opt(17, 30, 0)))
}

fn gate(direction: Direction) -> Gate {
    let vaccines = VaccineTable::parse(include_str!("../../assets/rules/covid-19.vaccines.json")).unwrap();
    let rules = RuleSet::parse(include_str!("../../assets/rules/school-gate.json"), &[vaccines]).unwrap();
    let mut gate = Gate::new();
    gate.verifier.rule_sets = vec![rules];
    gate.lane = Some(lane(direction));
    gate.event(Event::Roster(Ok(roster())));
    gate
}

fn roster() -> Arc<Roster> {
    Arc::new(Roster::parse(ROSTER.as_bytes()).unwrap())
}

impl Gate {
    /// A code, away long enough to be shown again, and no verdict in the way of the next.
    fn shown(&mut self, text: &str) -> String {
        self.scan(text);
        let shows = self.shows();
        self.wait(4);
        shows
    }

    fn next(&mut self) {
        self.event(Event::Guard(GuardAction::Dismiss));
    }

    fn school(&self) -> SchoolShown {
        self.screen.as_ref().unwrap().school.unwrap()
    }

    fn listed(&self) -> checkpoint::screen::Listed {
        match self.who() {
            Some(Who::Listed(listed)) => *listed,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_pupil_is_named_with_class_and_is_blue_never_green() {
    let mut gate = gate(Direction::In);
    assert_eq!(gate.shown("hs-2"), "registered");
    let listed = gate.listed();
    assert_eq!((listed.name.as_str(), listed.class.as_str(), listed.birth_year), ("Lê Văn Cường", "3A", Some(2014)));
    gate.next();
    assert_eq!(gate.shown(AN), "registered");
    assert_eq!(gate.listed().class, "3A");
    gate.next();
    assert_eq!(gate.shown(STRANGER), "refer V-ROSTER");
    gate.next();
    // Proven codes of somebody who is not on it do not make that green, and not red.
    assert_eq!(gate.shown(&complete(("Phạm Văn Dũng", "1990-07-05"))), "refer V-ROSTER");
    gate.next();
    assert_eq!(gate.shown("HS-9"), "needs identity");
    assert_eq!(gate.notice().as_deref(), Some("E-UNKNOWN"));
    assert_eq!(gate.school().inside, Inside { listed: 2, others: 0 });
    gate.wait(30);
    gate.event(Event::Guard(GuardAction::Dismiss));
    // In twice is the guard's to look at, by whichever code.
    assert_eq!(gate.shown("HS-1"), "refer V-AGAIN");
}

#[test]
fn a_visitor_is_written_down_and_counted_apart() {
    let mut gate = gate(Direction::In);
    gate.shown(STRANGER);
    gate.event(Event::Guard(GuardAction::Override(OverrideReason::KnownVisitor)));
    assert_eq!((gate.shows().as_str(), gate.school().inside), ("override G-OVERRIDE", Inside { listed: 0, others: 1 }));
    gate.next();
    let paper = Paper {
        kind: PaperKind::Permit,
        name: "VO THI GIANG".into(),
        birth: PartialDate::parse("1970").unwrap(),
        number: Some("001170000001".into()),
        doses: None,
        vaccine: None,
        date: None,
        time: None,
    };
    gate.event(Event::Guard(GuardAction::Vouch(Box::new(paper))));
    assert_eq!(gate.school().inside, Inside { listed: 0, others: 2 });
}

#[test]
fn a_pupil_leaves_with_a_guardian_whom_the_roster_names() {
    for (code, by) in [(MOTHER, "Trần Thị Bình"), ("ph-17", "Nguyễn Văn Ba")] {
        let mut gate = gate(Direction::Out);
        assert_eq!(gate.shown("HS-1"), "needs guardian");
        let PickUp::MayBe(names) = gate.listed().pick_up else { panic!("nobody came yet") };
        assert_eq!(names, ["Trần Thị Bình · mẹ", "Nguyễn Văn Ba"]);
        // The pupil's own card again changes nothing, and is no fraud.
        assert_eq!(gate.shown(AN), "needs guardian");
        assert_eq!(gate.shown(code), "registered", "{code}");
        assert!(gate.listed().pick_up == PickUp::By(by.into()));
        let [record] = &gate.records[..] else { panic!("one passage") };
        assert!(record.with_guardian && record.outcome == Outcome::Registered);
        let identity = record.identity.as_ref().unwrap();
        assert_eq!(identity.person.name, "Nguyễn Văn An");
        assert!(identity.shown.contains(&format!("picked up by: {by}")), "{:?}", identity.shown);
    }
}

#[test]
fn another_person_is_the_guards_to_decide_and_the_right_one_may_still_come() {
    let mut gate = gate(Direction::Out);
    gate.shown("HS-1");
    assert_eq!(gate.shown(STRANGER), "refer V-GUARDIAN");
    assert!(!gate.records[0].with_guardian);
    assert!(gate.records[0].identity.as_ref().unwrap().shown.iter().any(|line| line.contains("Phạm Văn Dũng")));
    assert!(matches!(gate.listed().pick_up, PickUp::Other(names) if names.len() == 2));
    // Somebody else's code meanwhile is nobody's guardian; the mother's is.
    assert_eq!(gate.shown(MOTHER), "registered");
    assert_eq!(gate.recorded(), ["refer V-GUARDIAN", "registered"]);

    let mut gate = self::gate(Direction::Out);
    gate.shown("HS-1");
    gate.shown(STRANGER);
    gate.event(Event::Guard(GuardAction::Override(OverrideReason::KnownVisitor)));
    assert_eq!(gate.recorded(), ["refer V-GUARDIAN", "override G-KNOWN-VISITOR"]);
    assert!(!gate.records[1].with_guardian, "the guard's word is not the roster's");
}

#[test]
fn a_guardian_who_does_not_come_leaves_the_pupil_with_the_guard() {
    let mut gate = gate(Direction::Out);
    gate.shown("HS-1");
    gate.wait(20);
    assert_eq!(gate.shows(), "refer V-MISSING");
    assert_eq!(gate.shown("PH-17"), "registered");
    // A guardian's code that is no good decides nothing about the pupil.
    let mut gate = self::gate(Direction::Out);
    gate.shown("HS-1");
    assert_eq!(gate.shown(&gate::expired(("Trần Thị Bình", "1985-07-05"))), "needs guardian");
    assert_eq!(gate.notice().as_deref(), Some("C-EXPIRED"));
    assert_eq!(gate.shown(MOTHER), "registered");
}

#[test]
fn who_is_inside_is_shown_by_class_and_names_go() {
    let mut gate = gate(Direction::In);
    for code in ["HS-1", "HS-2", "HS-3"] {
        gate.shown(code);
        gate.next();
    }
    gate.event(Event::Guard(GuardAction::Turn));
    gate.shown("HS-2");
    gate.next();
    let inside = |gate: &mut Gate, class: Option<&str>| {
        gate.event(Event::Guard(GuardAction::ShowInside(class.map(Into::into))));
        match &gate.screen.as_ref().unwrap().stage {
            Stage::Inside(inside) => (**inside).clone(),
            other => panic!("{other:?}"),
        }
    };
    let classes = inside(&mut gate, None);
    assert!(classes.named.is_none() && classes.inside == Inside { listed: 2, others: 0 });
    assert_eq!(classes.classes, [("3A".to_owned(), 1), ("4B".to_owned(), 1)]);
    assert_eq!(classes.damaged, [5]);
    let (class, names) = inside(&mut gate, Some("3A")).named.unwrap();
    let names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
    assert_eq!((class.as_str(), names), ("3A", vec!["Nguyễn Văn An".to_owned()]));
    assert!(!format!("{:?}", gate.screen).contains("Nguy"));
    gate.wait(15);
    assert_eq!(gate.shows(), "waiting", "names go when names go");
    // The next day nobody is inside.
    gate.tick += Duration::from_secs(24 * 3600);
    gate.event(Event::Tick);
    assert_eq!(gate.school().inside, Inside::default());
}

#[test]
fn a_roster_is_replaced_refused_and_gone_with_the_mode() {
    let mut gate = gate(Direction::In);
    assert!(gate.school().on_roster == Some(3) && gate.school().damaged == 1);
    gate.event(Event::Roster(Err(RosterFault::NotText)));
    assert!(gate.school().on_roster == Some(3) && gate.school().fault == Some(RosterFault::NotText));
    let next = Arc::new(Roster::parse("name,number,class\nMai Văn Minh,HS-7,5A\n".as_bytes()).unwrap());
    gate.event(Event::Roster(Ok(next)));
    assert!(gate.school().on_roster == Some(1) && gate.school().fault.is_none());
    assert_eq!(gate.shown("HS-7"), "registered");
    let kept: Vec<_> = gate.notes.iter().map(|note| format!("{:?}", note.event)).collect();
    assert!(kept.len() == 2 && kept[1].contains("\"roster\"") && !kept[1].contains("Mai"), "{kept:?}");

    let held = Arc::new(Roster::parse(ROSTER.as_bytes()).unwrap());
    let weak = Arc::downgrade(&held);
    gate.event(Event::Roster(Ok(held)));
    gate.next();
    gate.shown("HS-1");
    let lane = gate.lane.take().unwrap();
    let afresh = Afresh { passback: None, school: None };
    let lane = lane.under(settings(), Some(afresh), Totals::default(), day_in_vietnam(at(forge::NOW)));
    assert!(weak.upgrade().is_none(), "with the mode the roster is gone");
    gate.lane = Some(lane);
    gate.event(Event::Roster(Ok(roster())));
    assert!(gate.screen.as_ref().unwrap().school.is_none(), "no other mode takes one");
}

#[test]
fn without_a_roster_the_gate_is_as_it_was() {
    let mut gate = gate(Direction::In);
    gate.lane = Some(lane(Direction::In));
    assert_eq!(gate.shown(CARD), "needs declaration");
}

/// Every sequence of four of what can happen at the way out: nobody is ever green or red by the roster, a pupil whom somebody picks
/// up is never let pass by the machine without one who may, nobody else is taken for them, and the count is never wrong.
#[test]
fn no_short_sequence_lets_a_pupil_go_alone() {
    const LONG: u32 = 4;
    let happen: [&dyn Fn(&mut Gate); 9] = [
        &|gate| gate.scan("HS-1"),
        &|gate| gate.scan("HS-2"),
        &|gate| gate.scan("PH-17"),
        &|gate| gate.scan(MOTHER),
        &|gate| gate.scan(STRANGER),
        &|gate| gate.scan("https://example.vn/"),
        &|gate| gate.next(),
        &|gate| gate.wait(21),
        &|gate| gate.event(Event::Guard(GuardAction::Turn)),
    ];
    let mut gate = gate(Direction::Out);
    let begin = gate.lane.clone();
    let mut picked_up = 0;
    for sequence in 0..happen.len().pow(LONG) {
        gate.lane = begin.clone();
        gate.records.clear();
        let (mut rest, mut steps) = (sequence, Vec::new());
        for _ in 0..LONG {
            let step = rest % happen.len();
            steps.push(step);
            rest /= happen.len();
            happen[step](&mut gate);
            gate.tick += Duration::from_secs(4);
            gate.event(Event::Tick);
        }
        let came = |code: usize| steps.contains(&code);
        let mut inside = std::collections::BTreeSet::new();
        for record in &gate.records {
            assert!(!matches!(record.outcome, Outcome::Admit | Outcome::Refuse), "{steps:?}");
            assert_ne!(record.reason.as_deref(), Some("V-PERSON"), "{steps:?}");
            let Some(identity) = record.identity.as_ref().filter(|_| record.outcome.lets_pass()) else { continue };
            let name = identity.person.name.clone();
            if name == "Nguyễn Văn An" && record.direction == Direction::Out {
                assert!(record.with_guardian && (came(2) || came(3)), "{steps:?}");
                picked_up += 1;
            }
            assert!(!record.with_guardian || name == "Nguyễn Văn An", "{steps:?}");
            match record.direction {
                Direction::In => inside.insert(name),
                Direction::Out => inside.remove(&name),
            };
        }
        assert_eq!(gate.school().inside.listed as usize, inside.len(), "{steps:?}");
    }
    assert!(picked_up > 100, "{picked_up}");
}
