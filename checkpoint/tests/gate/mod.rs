//! A gate with a lane, a visitor's codes and a journal that can fail: what the tests of the lane share.

#![allow(dead_code, reason = "each test uses its part")]

use std::time::Duration;

use checkpoint::lane::{Effect, Event, Lane, Now, Settings, Verifier};
use checkpoint::passage::{Direction, Draft, Location, Note, PassageId};
use checkpoint::rules::{RuleSet, VaccineTable};
use checkpoint::screen::{Fault, HeadShown, Screen, Sound, Stage, Totals, Who};
use checkpoint::time::{TrustedTime, day_in_vietnam};
use serde_json::json;

use crate::forge::{self, at, bundle, list, native};

pub const VISITOR: (&str, &str) = ("Nguyễn Văn An", "1990-01-18");
pub const ANOTHER: (&str, &str) = ("Trần Thị Bình", "1985-07-05");

/// A native code of a person with these statements.
pub fn code(person: (&str, &str), statements: &[(&str, serde_json::Value)]) -> String {
    code_with(person, statements, |_| {})
}

/// The same with something else changed.
pub fn code_with(
    person: (&str, &str),
    statements: &[(&str, serde_json::Value)],
    edit: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>),
) -> String {
    native()
        .claims(|claims| {
            let claims = claims.as_object_mut().unwrap();
            for kind in ["vac", "tst", "rec", "dec", "per", "sub"] {
                claims.remove(kind);
            }
            claims.insert("nam".into(), json!(person.0));
            claims.insert("dob".into(), json!(person.1));
            for (kind, statement) in statements {
                claims.insert((*kind).into(), statement.clone());
            }
            edit(claims);
        })
        .text()
}

pub fn doses(number: u32, date: &str) -> (&'static str, serde_json::Value) {
    ("vac", json!([{"tg": "840539006", "mp": "EU/1/20/1528", "dn": number, "sd": 2, "dt": date, "co": "VN"}]))
}

pub fn declared(symptoms: &[&str]) -> (&'static str, serde_json::Value) {
    let made_at = at(forge::NOW).timestamp() - 3600;
    ("dec", json!({"at": made_at, "sym": symptoms, "con": false, "plc": [], "ent": false}))
}

pub fn certificate(person: (&str, &str)) -> String {
    code(person, &[doses(2, "2026-01-10")])
}

pub fn declaration(person: (&str, &str)) -> String {
    code(person, &[declared(&[])])
}

pub fn complete(person: (&str, &str)) -> String {
    code(person, &[doses(2, "2026-01-10"), declared(&[])])
}

/// A certificate that ended a day ago.
pub fn expired(person: (&str, &str)) -> String {
    let yesterday = at(forge::NOW).timestamp() - 86_400;
    code_with(person, &[doses(2, "2026-01-10")], |claims| {
        claims.insert("iat".into(), json!(yesterday - 86_400));
        claims.insert("nbf".into(), json!(yesterday - 86_400));
        claims.insert("exp".into(), json!(yesterday));
    })
}

/// The visitor's identity card, and another's. Nobody signed them.
pub const CARD: &str = "001090000001|012345678|Nguyễn Văn An|18011990|Nam|Hà Nội|15042021";
pub const ANOTHERS_CARD: &str = "001185000002||Trần Thị Bình|05071985|Nữ|Huế|15042021";

/// The lane's settings of these tests.
pub fn settings() -> Settings {
    Settings {
        location: Location { code: "HN-01".into(), name: "Chốt 1".into(), province: "Hà Nội".into() },
        direction: Direction::In,
        admitted_for: Duration::from_secs(5),
        others_for: Duration::from_secs(60),
        masked_after: Duration::from_secs(15),
        visit_for: Duration::from_secs(20),
        away_for: Duration::from_secs(3),
        answer_required: false,
    }
}

/// A lane with a journal that can fail, and everything it has done.
pub struct Gate {
    pub lane: Option<Lane>,
    pub verifier: Verifier,
    pub tick: Duration,
    pub journal: Result<u64, Fault>,
    pub records: Vec<Draft>,
    pub notes: Vec<Note>,
    pub sounds: Vec<Sound>,
    pub screen: Option<Screen>,
}

impl Gate {
    pub fn new() -> Self {
        let vaccines = VaccineTable::parse(include_str!("../../../assets/rules/covid-19.vaccines.json")).unwrap();
        let rule_sets = [
            include_str!("../../../assets/rules/two-doses-14-days.json"),
            include_str!("../../../assets/rules/declaration-72h.json"),
        ]
        .map(|text| RuleSet::parse(text, std::slice::from_ref(&vaccines)).unwrap());
        let settings = settings();
        Self {
            lane: Some(Lane::new(settings, Totals::default(), day_in_vietnam(at(forge::NOW)))),
            verifier: Verifier { trust: list(&bundle()), rule_sets: rule_sets.into() },
            tick: Duration::ZERO,
            journal: Ok(0),
            records: Vec::new(),
            notes: Vec::new(),
            sounds: Vec::new(),
            screen: None,
        }
    }

    pub fn now(&self) -> Now {
        let elapsed = chrono::TimeDelta::from_std(self.tick).unwrap();
        Now { time: TrustedTime::given(at(forge::NOW) + elapsed), tick: self.tick }
    }

    /// One event with the journal's answers, as the kiosk's main loop gives them.
    pub fn event(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let (lane, effects) = self.lane.take().unwrap().handle(&self.verifier, self.now(), event);
            self.lane = Some(lane);
            for effect in effects {
                match effect {
                    Effect::Record(draft) => {
                        let answer = match &mut self.journal {
                            Ok(sequence) => {
                                *sequence += 1;
                                self.records.push(*draft);
                                Ok(durable(*sequence))
                            }
                            Err(fault) => Err(*fault),
                        };
                        events.push(Event::Recorded(answer));
                    }
                    Effect::Note(note) => {
                        let answer = self.journal.as_mut().map_err(|fault| *fault).map(|sequence| {
                            *sequence += 1;
                            durable(*sequence)
                        });
                        if answer.is_ok() {
                            self.notes.push(*note);
                        }
                        events.push(Event::Recorded(answer));
                    }
                    Effect::Sign => events.push(Event::Signed(self.journal.map(|sequence| HeadShown {
                        text: "VNCHK1:HEAD".to_owned(),
                        device: "0123456789abcdef".to_owned(),
                        sequence,
                        at: at(forge::NOW),
                    }))),
                    Effect::Log(note) => match &mut self.journal {
                        Ok(sequence) => {
                            *sequence += 1;
                            self.notes.push(*note);
                        }
                        Err(fault) => events.push(Event::Condition { fault: *fault, present: true }),
                    },
                    Effect::Show(screen) => self.screen = Some(*screen),
                    Effect::Sound(sound) => self.sounds.push(sound),
                }
            }
        }
    }

    pub fn scan(&mut self, text: &str) {
        self.event(Event::Codes(vec![text.into()]));
    }

    /// Lets time pass with every tick that the lane asks for.
    pub fn wait(&mut self, secs: u64) {
        let end = self.tick + Duration::from_secs(secs);
        loop {
            let due = self.lane.as_ref().unwrap().deadline(self.now());
            assert!(due > self.tick, "a deadline in the past would make the kiosk spin");
            if due > end {
                break;
            }
            self.tick = due;
            self.event(Event::Tick);
        }
        self.tick = end;
        self.event(Event::Tick);
    }

    /// The middle of the screen in a word or two.
    pub fn shows(&self) -> String {
        match &self.screen.as_ref().expect("something was drawn").stage {
            Stage::Waiting => "waiting".into(),
            Stage::Gathering(gathering) => format!("needs {}", gathering.step.word()),
            Stage::Decided(shown) => {
                let reason = shown.reason().map_or(String::new(), |reason| format!(" {}", reason.code()));
                format!("{}{reason}", shown.outcome().word())
            }
            Stage::Open(open) => format!("open {}", open.waved),
            Stage::Head(head) => format!("head {}", head.sequence),
            Stage::Noted(noted) => format!("noted {}", noted.word()),
            Stage::Inside(inside) => format!("inside {}", inside.inside.listed),
            Stage::OutOfService(fault) => format!("out of service: {}", fault.word()),
        }
    }

    pub fn who(&self) -> Option<Who> {
        match &self.screen.as_ref().unwrap().stage {
            Stage::Decided(shown) => shown.who().cloned(),
            Stage::Gathering(gathering) => gathering.who.clone(),
            Stage::Waiting
            | Stage::Open(_)
            | Stage::Head(_)
            | Stage::Noted(_)
            | Stage::Inside(_)
            | Stage::OutOfService(_) => None,
        }
    }

    /// Code of what the guard is told about the last code, if it did not help.
    pub fn notice(&self) -> Option<String> {
        let reason = match &self.screen.as_ref().unwrap().stage {
            Stage::Gathering(gathering) => gathering.notice.as_ref(),
            Stage::Decided(shown) => shown.last_notice(),
            Stage::Waiting
            | Stage::Open(_)
            | Stage::Head(_)
            | Stage::Noted(_)
            | Stage::Inside(_)
            | Stage::OutOfService(_) => None,
        };
        reason.map(|reason| reason.code().to_owned())
    }

    /// Every record so far: outcome and reason.
    pub fn recorded(&self) -> Vec<String> {
        let word = |draft: &Draft| match &draft.reason {
            Some(reason) => format!("{} {reason}", draft.outcome.word()),
            None => draft.outcome.word().into(),
        };
        self.records.iter().map(word).collect()
    }
}

/// What the journal alone does in the kiosk; here the gate is the journal.
#[expect(clippy::disallowed_methods, reason = "the gate of this test is its own journal")]
pub fn durable(sequence: u64) -> PassageId {
    PassageId::durable(sequence)
}
