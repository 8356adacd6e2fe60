//! Histories of a kiosk whose clock lies, from seeds: set back and forward, waking up in 1970 or in 2106, jumping in a run or while it is
//! off, with new lists, old lists, codes from the far future, and visitors of whom the truth is known.
//!
//! `CLOCK_HISTORIES=100000 cargo test -p checkpoint --test lying_clock -- --nocapture` runs more than a thousand, and prints what was
//! answered.

#![allow(clippy::unwrap_used)]

mod forge;

use std::collections::BTreeMap;
use std::time::Duration;

use checkpoint::envelope::Envelope;
use checkpoint::evidence::Evidence;
use checkpoint::passage::{Direction, Location};
use checkpoint::rules::{Decision, Place, RuleSet, VaccineTable, decide};
use checkpoint::time::{Clockwork, Confidence, Remembered, TrustedTime};
use checkpoint::trust::TrustList;
use checkpoint::verdict::Answer;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use forge::{at, bundle, list, native};

/// Small differences that nobody has to notice: the steps that the clock forgives.
const TOLERANCE: TimeDelta = TimeDelta::minutes(11);

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn minutes(&mut self, from: i64, to: i64) -> TimeDelta {
        TimeDelta::minutes(from + self.below((to - from) as u64) as i64)
    }
}

/// Whose clock the lane believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// Ours.
    Ours,
    /// A control: the wall clock, as it stands.
    BelievesTheWall,
    /// A control: our clock, and while it is steady its estimate alone.
    BelievesASteadyClock,
    /// A control: our clock, whose floor a visitor's code raises.
    LearnsFromVisitors,
}

/// What went wrong in the histories of a lane.
#[derive(Debug, Default)]
struct Wrong {
    green: u64,
    refused: u64,
    disabled: u64,
    /// Wrong answers while the true time lay after every time that the kiosk could know of: a clock that was set back, while the
    /// kiosk was off, by less than it was off.
    unknowable: u64,
    /// Answers, by what they were; and how often it was amber where the truth was green.
    answers: BTreeMap<&'static str, u64>,
    /// The first seed of each kind, to run again.
    seeds: BTreeMap<&'static str, u64>,
}

impl Wrong {
    fn count(&mut self, kind: &'static str, seed: u64) {
        match kind {
            "green" => self.green += 1,
            "refused" => self.refused += 1,
            "disabled" => self.disabled += 1,
            _ => self.unknowable += 1,
        }
        self.seeds.entry(kind).or_insert(seed);
    }
}

/// What is the same in every history.
struct Checkpoint {
    rules: Vec<RuleSet>,
    location: Location,
}

impl Checkpoint {
    fn new() -> Self {
        let vaccines = VaccineTable::parse(include_str!("../../assets/rules/covid-19.vaccines.json")).unwrap();
        let rules = [
            include_str!("../../assets/rules/two-doses-14-days.json"),
            include_str!("../../assets/rules/declaration-72h.json"),
        ]
        .map(|text| RuleSet::parse(text, std::slice::from_ref(&vaccines)).unwrap());
        let location = Location { code: "HN-01".into(), name: "Chốt 1".into(), province: "Hà Nội".into() };
        Self { rules: rules.into(), location }
    }

    fn answer(&self, list: &TrustList, codes: &[String], now: TrustedTime) -> Answer {
        let mut evidence = Evidence::default();
        for code in codes {
            match list.verify(Envelope::decode(code).unwrap(), now) {
                Ok(credential) => evidence.add(credential).unwrap(),
                Err(reason) => return reason.answer(),
            }
        }
        let place = Place { location: &self.location, direction: Direction::In, asks_apps: false, has_roster: false };
        match decide(&self.rules, &evidence, place, now) {
            Decision::Decided(verdict) => verdict.answer(),
            Decision::Needs(_) => Answer::Refer,
        }
    }
}

/// A credential signed at a moment, with a dose of so many days ago, and a declaration made so long ago.
fn code(
    signed_at: DateTime<Utc>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    dose: &str,
    declared: DateTime<Utc>,
) -> String {
    native()
        .claims(|claims| {
            claims["iat"] = json!(signed_at.timestamp());
            claims["nbf"] = json!(from.timestamp());
            claims["exp"] = json!(until.timestamp());
            claims["vac"][0]["dt"] = json!(dose);
            claims["dec"] = json!({"at": declared.timestamp(), "sym": [], "con": false, "plc": [], "ent": false});
        })
        .text()
}

/// A visitor whose papers are near the edges of the rules, on one side or the other.
fn visitor(dice: &mut Dice, truth: DateTime<Utc>) -> Vec<String> {
    let day = |days: i64| checkpoint::time::day_in_vietnam(truth - TimeDelta::days(days)).to_string();
    let dose = day([12, 13, 14, 15, 20, 60][dice.below(6) as usize]);
    let hours = [10, 71, 80][dice.below(3) as usize];
    let declared = truth - dice.minutes(1, 60 * hours);
    let signed_at = declared + TimeDelta::minutes(dice.below(2) as i64);
    let signed_at = signed_at.min(truth);
    let until = match dice.below(3) {
        0 => truth + TimeDelta::days(200),
        1 => truth + dice.minutes(5, 3000),
        _ => (truth - dice.minutes(5, 3000)).max(signed_at + TimeDelta::minutes(1)),
    };
    let from = if dice.below(8) == 0 { truth + dice.minutes(-2000, 2000) } else { signed_at };
    vec![code(signed_at, from.max(signed_at).min(until), until, &dose, declared)]
}

/// Somebody whose papers are in order whatever the rules' edges.
fn honest(truth: DateTime<Utc>) -> Vec<String> {
    let day = checkpoint::time::day_in_vietnam(truth - TimeDelta::days(60)).to_string();
    let declared = truth - TimeDelta::minutes(30);
    vec![code(declared, declared, truth + TimeDelta::days(90), &day, declared)]
}

/// A code that an issuer's fault dated a lifetime ahead.
fn from_the_future(truth: DateTime<Utc>) -> String {
    let (from, until) = (at("2106-01-01T00:00:00Z"), at("2107-01-01T00:00:00Z"));
    code(from, from, until, &checkpoint::time::day_in_vietnam(truth - TimeDelta::days(60)).to_string(), from)
}

/// One history.
struct World<'a> {
    gate: &'a Checkpoint,
    lane: Lane,
    dice: Dice,
    truth: DateTime<Utc>,
    wall: DateTime<Utc>,
    list: TrustList,
    version: u64,
    /// While it runs: the clock, and when it started.
    running: Option<(Clockwork, DateTime<Utc>)>,
    remembered: Option<Remembered>,
    learnt: Option<DateTime<Utc>>,
    /// The latest time that our clock could not exclude.
    latest: DateTime<Utc>,
}

impl<'a> World<'a> {
    fn new(gate: &'a Checkpoint, lane: Lane, seed: u64) -> Self {
        let truth = at("2026-03-02T01:00:00Z");
        let mut world = Self {
            gate,
            lane,
            dice: Dice(seed),
            truth,
            wall: truth,
            list: list(&bundle()),
            version: 7,
            running: None,
            remembered: None,
            learnt: None,
            latest: truth,
        };
        world.power(true);
        world
    }

    fn pass(&mut self, span: TimeDelta) {
        self.truth += span;
        self.wall += span;
    }

    fn power(&mut self, on: bool) {
        self.running = on.then(|| (Clockwork::start([self.list.signed_at()], self.remembered), self.truth));
    }

    /// What the kiosk knows of the time now.
    fn now(&mut self) -> Option<TrustedTime> {
        let (wall, truth) = (self.wall, self.truth);
        let (clock, since) = self.running.as_mut()?;
        let tick = (truth - *since).to_std().unwrap_or(Duration::ZERO);
        let ours = clock.read(wall, tick);
        self.latest = ours.latest();
        Some(match self.lane {
            Lane::Ours => ours,
            Lane::BelievesTheWall => TrustedTime::given(wall),
            Lane::BelievesASteadyClock if ours.confidence() == Confidence::Steady => {
                TrustedTime::given(ours.estimate())
            }
            Lane::BelievesASteadyClock => ours,
            Lane::LearnsFromVisitors => match self.learnt {
                Some(learnt) if learnt > ours.floor() => {
                    TrustedTime::measured(learnt, ours.estimate().max(learnt), ours.confidence())
                }
                _ => ours,
            },
        })
    }

    fn publish(&mut self, age: TimeDelta) {
        let signed_at = self.truth - age;
        if signed_at < self.list.signed_at() {
            return;
        }
        self.version += 1;
        let mut next = bundle();
        (next.version, next.signed_at) = (self.version, signed_at);
        self.list = list(&next);
        if let Some((clock, since)) = self.running.as_mut() {
            clock.prove(signed_at, (self.truth - *since).to_std().unwrap_or(Duration::ZERO));
        }
    }

    /// Something happens to the clock.
    fn lie(&mut self) {
        self.wall = match self.dice.below(8) {
            0 => self.wall - self.dice.minutes(3, 60 * 24 * 20),
            1 => self.wall - self.dice.minutes(3, 60 * 12),
            2 => self.wall + self.dice.minutes(3, 60 * 24 * 40),
            3 => self.wall + self.dice.minutes(3, 60 * 12),
            4 => at("1970-01-01T00:00:00Z"),
            5 => at("2106-02-07T06:28:15Z"),
            _ => self.truth,
        };
    }

    /// A visitor, judged here and by one who knows the time.
    fn visit(&mut self, seed: u64, wrong: &mut Wrong) {
        let Some(now) = self.now() else { return };
        let codes = visitor(&mut self.dice, self.truth);
        let (said, true_answer) = (
            self.gate.answer(&self.list, &codes, now),
            self.gate.answer(&self.list, &codes, TrustedTime::given(self.truth)),
        );
        self.remembered = Some(Remembered { at: now.estimate(), floor: now.floor() });
        let kind = match (said, true_answer) {
            (Answer::Admit, other) if other != Answer::Admit => Some("green"),
            (Answer::Refuse, Answer::Admit) => Some("refused"),
            _ => None,
        };
        *wrong.answers.entry(word(said)).or_default() += 1;
        if (said, true_answer) == (Answer::Refer, Answer::Admit) {
            *wrong.answers.entry("amber instead of green").or_default() += 1;
        }
        if let Some(kind) = kind {
            // Every time up to `latest` was looked at. What lies after it, no kiosk can know of.
            let unknowable = self.truth > self.latest + TOLERANCE;
            if unknowable {
                let what = if kind == "green" { "unknowable, green" } else { "unknowable, red" };
                *wrong.answers.entry(what).or_default() += 1;
            }
            wrong.count(if unknowable { "unknowable" } else { kind }, seed);
        }
    }

    /// A code of the far future: it changes nothing for whoever comes next.
    fn far_future(&mut self, seed: u64, wrong: &mut Wrong) {
        let honest = honest(self.truth);
        let Some(before) = self.now() else { return };
        let answer = self.gate.answer(&self.list, &honest, before);
        if self.gate.answer(&self.list, &[from_the_future(self.truth)], before) == Answer::Admit {
            wrong.count("green", seed);
        }
        self.learnt = Some(at("2106-01-01T00:00:00Z"));
        let after = self.now().unwrap();
        if self.gate.answer(&self.list, &honest, after) != answer {
            wrong.count("disabled", seed);
        }
    }

    fn run(mut self, seed: u64, wrong: &mut Wrong) {
        for _ in 0..24 {
            let span = match self.dice.below(3) {
                0 => self.dice.minutes(1, 60),
                1 => self.dice.minutes(60, 60 * 14),
                _ => self.dice.minutes(60 * 14, 60 * 60),
            };
            self.pass(span);
            match self.dice.below(8) {
                0 => {
                    let on = self.running.is_none();
                    self.power(on);
                }
                1 | 2 => self.lie(),
                3 => {
                    let age = self.dice.minutes(0, 60 * 24 * 3);
                    self.publish(age);
                }
                4 => self.far_future(seed, wrong),
                _ => {}
            }
            self.visit(seed, wrong);
        }
        // The clock is set right and a new list comes: green again at once, whatever happened before.
        if self.running.is_none() {
            self.power(true);
        }
        self.wall = self.truth;
        self.publish(TimeDelta::minutes(5));
        let honest = honest(self.truth);
        let now = self.now().unwrap();
        if self.gate.answer(&self.list, &honest, now) != Answer::Admit {
            wrong.count("disabled", seed);
        }
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Admit => "green",
        Answer::Refuse => "red",
        Answer::Refer => "amber",
        Answer::Registered => "blue",
    }
}

fn histories(lane: Lane, count: u64) -> Wrong {
    let gate = Checkpoint::new();
    let mut wrong = Wrong::default();
    for seed in 0..count {
        World::new(&gate, lane, seed).run(seed, &mut wrong);
    }
    println!("{lane:?}: {wrong:?}");
    wrong
}

#[expect(clippy::disallowed_methods, reason = "a person may ask for more histories")]
fn wanted(default: u64) -> u64 {
    std::env::var("CLOCK_HISTORIES").ok().and_then(|count| count.parse().ok()).unwrap_or(default)
}

#[test]
fn a_thousand_histories_of_a_lying_clock_make_no_wrong_green_and_refuse_nobody() {
    let wrong = histories(Lane::Ours, wanted(1000));
    assert_eq!((wrong.green, wrong.refused, wrong.disabled), (0, 0, 0), "{wrong:?}");
    assert!(wrong.answers["green"] > 500, "a kiosk that is always amber would pass too: {wrong:?}");
}

/// Controls: the histories find each of these lanes, or they prove nothing of ours.
#[test]
fn the_histories_find_a_lane_that_believes_the_wall_clock() {
    let wrong = histories(Lane::BelievesTheWall, 40);
    assert!(wrong.green > 0 && wrong.refused > 0 && wrong.disabled == 0, "{wrong:?}");
}

#[test]
fn the_histories_find_a_lane_that_believes_a_steady_clock() {
    let wrong = histories(Lane::BelievesASteadyClock, 100);
    assert!(wrong.green > 0 || wrong.refused > 0, "{wrong:?}");
}

#[test]
fn the_histories_find_a_lane_that_a_visitors_code_can_disable() {
    let wrong = histories(Lane::LearnsFromVisitors, 30);
    assert!(wrong.disabled > 0, "{wrong:?}");
}
