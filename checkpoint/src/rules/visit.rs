//! What a rule can see of a visit: verified statements of every scheme in one model. `docs/rules.md` lists the names.

use std::rc::Rc;

use chrono::{DateTime, NaiveDate, Utc};

use super::case::Each;
use super::certlogic::{Stamp, Value};
use super::{Place, RuleSet};
use crate::evidence::Evidence;
use crate::roster::Member;
use crate::screen::{Paper, PaperKind};
use crate::time::{PartialDate, vietnam};
use crate::trust::credential::{
    Credential, Declaration, Recovery, Statement, Test, TestResult, TravelPermit, Vaccination,
};

/// What stands for an issuer where a guard typed from paper.
const BY_EYE: &str = "by-eye";

/// Where `current` stands among the names.
const CURRENT: usize = 0;

/// How far a visitor's phone, or a laboratory's clock, may run ahead of ours before what it dates lies in the future.
const CLOCK_SKEW_MS: i64 = 300_000;

/// One visit as one rule set sees it: by itself, and in turn with each statement as `current`. It holds no time: `now` and
/// `today` follow the clock of each evaluation.
pub(super) struct Visit<'a> {
    /// All names, that at `CURRENT` with another statement each time.
    names: Rc<[(&'a str, Value<'a>)]>,
    vaccinations: Rc<[Value<'a>]>,
    tests: Rc<[Value<'a>]>,
    recoveries: Rc<[Value<'a>]>,
    permits: Rc<[Value<'a>]>,
}

impl<'a> Visit<'a> {
    /// Only statements about the rule set's disease are there; what an unsigned code says of a person is not. What the guard typed
    /// from paper is, as of the disease that the rule set asks about: paper names no code of one.
    ///
    /// `proven` is the latest moment that a signature of this visit proved to have come: what it dates does not lie in the future.
    pub(super) fn new(
        rule_set: &'a RuleSet,
        evidence: &'a Evidence,
        place: &Place<'a>,
        proven: Option<DateTime<Utc>>,
    ) -> Self {
        let of_this_disease = |disease: &str| rule_set.disease.as_deref().is_none_or(|of| of == disease);
        let mut doses: Vec<(&Credential, &Vaccination)> = Vec::new();
        let mut tests: Vec<(&Credential, &Test)> = Vec::new();
        let mut recoveries: Vec<(&Credential, &Recovery)> = Vec::new();
        let mut declarations: Vec<&Declaration> = Vec::new();
        let mut permits: Vec<(&Credential, &TravelPermit)> = Vec::new();
        for (credential, statement) in evidence.statements() {
            match statement {
                Statement::Vaccination(dose) if of_this_disease(&dose.disease) => doses.push((credential, dose)),
                Statement::Test(test) if of_this_disease(&test.disease) => tests.push((credential, test)),
                Statement::Recovery(recovery) if of_this_disease(&recovery.disease) => {
                    recoveries.push((credential, recovery));
                }
                Statement::Vaccination(_) | Statement::Test(_) | Statement::Recovery(_) | Statement::Other(_) => {}
                Statement::Declaration(declaration) => declarations.push(declaration),
                Statement::TravelPermit(permit) => permits.push((credential, permit)),
            }
        }
        // A case takes the first statement for which it holds, and its reason speaks of that one. So the nearest to
        // enough comes first: the highest dose and of several the oldest; the newest test and recovery.
        doses.sort_by_key(|(_, dose)| (std::cmp::Reverse(dose.dose), dose.date));
        tests.sort_by_key(|(_, test)| std::cmp::Reverse(test.sampled_at));
        recoveries.sort_by_key(|(_, recovery)| std::cmp::Reverse(recovery.first_positive));
        declarations.sort_by_key(|declaration| std::cmp::Reverse(declaration.made_at));
        let newest = |at_entry_only: bool| {
            let mut fitting = declarations.iter().filter(|declaration| declaration.at_entry || !at_entry_only);
            fitting.next().map_or(Value::Null, |declaration| declared(declaration))
        };
        let mut vaccinations: Vec<_> = doses.into_iter().map(|(by, dose)| dosed(by, dose, rule_set)).collect();
        let mut tests: Vec<_> = tests.into_iter().map(|(by, test)| tested(by, test)).collect();
        // Last: what is proven is tried first, and typed doses or tests count where that is not enough.
        for paper in evidence.papers() {
            match paper.kind {
                PaperKind::Vaccination => vaccinations.push(dosed_on(paper, rule_set)),
                PaperKind::PcrTest => tests.push(tested_on(paper, "LP6464-4")),
                PaperKind::AntigenTest => tests.push(tested_on(paper, "LP217198-3")),
                PaperKind::Permit | PaperKind::App => {}
            }
        }
        let (vaccinations, tests): (Rc<[_]>, Rc<[_]>) = (vaccinations.into(), tests.into());
        let recoveries: Rc<[_]> = recoveries.into_iter().map(|(by, recovery)| recovered(by, recovery)).collect();
        let permits: Rc<[_]> = permits.into_iter().map(|(by, permit)| permitted(by, permit)).collect();
        let soon = match proven {
            None => Stamp::Now { ahead_ms: CLOCK_SKEW_MS },
            Some(proven) => Stamp::Soon { ahead_ms: CLOCK_SKEW_MS, proven_ms: proven.timestamp_millis() },
        };
        let names = Rc::new([
            ("current", Value::Null),
            ("now", Value::Stamp(Stamp::Now { ahead_ms: 0 })),
            ("soon", Value::Stamp(soon)),
            ("today", Value::Stamp(Stamp::Today)),
            ("place", stood(place)),
            ("visitor", identified(evidence)),
            ("presence", Value::Text(presence(evidence, place))),
            ("roster", listed(evidence, place)),
            ("guardian", Value::Text(evidence.guardianship().word())),
            ("declaration", newest(false)),
            ("entry_declaration", newest(true)),
            ("outbreak_places", Value::list(rule_set.outbreak_places.iter().map(|place| Value::Text(place)))),
            ("vaccinations", Value::List(Rc::clone(&vaccinations))),
            ("tests", Value::List(Rc::clone(&tests))),
            ("recoveries", Value::List(Rc::clone(&recoveries))),
            ("permits", Value::List(Rc::clone(&permits))),
        ]);
        Self { names, vaccinations, tests, recoveries, permits }
    }

    /// How many statements of a kind there are: as often is a case tried. Without a kind, once.
    pub(super) fn count(&self, each: Option<Each>) -> usize {
        each.map_or(1, |each| self.statements(each).len())
    }

    /// What a case is evaluated over: all names, with the statement of this number as `current`.
    pub(super) fn view(&mut self, each: Option<Each>, at: usize) -> Value<'a> {
        let current = each.and_then(|each| self.statements(each).get(at)).cloned().unwrap_or(Value::Null);
        // Nobody else holds the names by now, so this writes in place.
        Rc::make_mut(&mut self.names)[CURRENT].1 = current;
        Value::Object(Rc::clone(&self.names))
    }

    fn statements(&self, each: Each) -> &[Value<'a>] {
        match each {
            Each::Vaccinations => &self.vaccinations,
            Each::Tests => &self.tests,
            Each::Recoveries => &self.recoveries,
            Each::Permits => &self.permits,
        }
    }
}

fn stood<'a>(place: &Place<'a>) -> Value<'a> {
    Value::object([
        ("location", Value::Text(&place.location.code)),
        ("province", Value::Text(&place.location.province)),
        ("direction", Value::Text(place.direction.word())),
    ])
}

/// Whether the visitor's app proved to be here.
fn presence(evidence: &Evidence, place: &Place) -> &'static str {
    if evidence.answered() {
        "proven"
    } else if !place.asks_apps {
        "not-asked"
    } else if evidence.lacks_answer() {
        "missing"
    } else {
        // Paper, or an issuer that binds to no app: nobody could answer.
        "impossible"
    }
}

/// What the place's roster says of the visitor. Nobody signed it.
fn listed<'a>(evidence: &'a Evidence, place: &Place<'a>) -> Value<'a> {
    let member = evidence.member();
    let word = match (place.has_roster, member) {
        (false, _) => "not-loaded",
        (true, None) => "not-on",
        (true, Some(_)) => "on",
    };
    let picked_up = match member.map(Member::picked_up) {
        None => "",
        Some(None) => "not-said",
        Some(Some(true)) => "yes",
        Some(Some(false)) => "no",
    };
    let [first, last] = days(member.map_or(PartialDate::Unknown, Member::birth));
    Value::object([
        ("listed", Value::Text(word)),
        ("class", member.map_or(Value::Null, |member| Value::Text(member.class()))),
        ("picked_up", Value::Text(picked_up)),
        ("born_first", first),
        ("born_last", last),
    ])
}

fn identified(evidence: &Evidence) -> Value<'_> {
    let birth = evidence.credentials().iter().map(|credential| credential.claims().person.birth);
    // The one that says most: a full day before a month, a month before a year.
    let birth = birth.max().unwrap_or(PartialDate::Unknown);
    let [first, last] = days(birth);
    Value::object([
        ("identified", Value::Bool(!evidence.is_empty())),
        ("verified", Value::Bool(!evidence.credentials().is_empty())),
        ("card", Value::Bool(!evidence.cards().is_empty())),
        ("born_first", first),
        ("born_last", last),
    ])
}

fn dosed<'a>(by: &'a Credential, dose: &'a Vaccination, rule_set: &RuleSet) -> Value<'a> {
    let doses_min = rule_set.vaccines.as_ref().and_then(|table| table.doses_of(&dose.vaccine));
    let [first, last] = days(dose.date);
    Value::object([
        ("vaccine", Value::Text(&dose.vaccine)),
        ("dose", Value::Integer(dose.dose.into())),
        ("doses_total", Value::Integer(total_of(dose.doses_total, dose.dose, doses_min).into())),
        ("doses_min", doses_min.map_or(Value::Null, |doses| Value::Integer(doses.into()))),
        ("date_first", first),
        ("date_last", last),
        ("country", Value::Text(&dose.country)),
        ("issuer", Value::Text(&by.claims().issuer)),
    ])
}

/// Doses of the series as the issuer counts them. Where it does not say, as the table does: a second dose of an unsaid total is no
/// "2 of 0", which would be a booster and hold at once.
fn total_of(said: u32, dose: u32, doses_min: Option<u32>) -> u32 {
    if said > 0 { said } else { doses_min.unwrap_or(dose) }
}

/// A dose as a guard typed it. What was left out is not known.
fn dosed_on<'a>(paper: &'a Paper, rule_set: &RuleSet) -> Value<'a> {
    let vaccine = paper.vaccine.as_deref().unwrap_or_default();
    let doses_min = rule_set.vaccines.as_ref().and_then(|table| table.doses_of_name(vaccine));
    let date = paper.date.map_or(Value::Null, |day| Value::Stamp(Stamp::day(day)));
    Value::object([
        ("vaccine", Value::Text(vaccine)),
        ("dose", Value::Integer(paper.doses.unwrap_or(0).into())),
        ("doses_total", Value::Integer(total_of(0, paper.doses.unwrap_or(0).into(), doses_min).into())),
        ("doses_min", doses_min.map_or(Value::Null, |doses| Value::Integer(doses.into()))),
        ("date_first", date.clone()),
        ("date_last", date),
        ("country", Value::Text("")),
        ("issuer", Value::Text(BY_EYE)),
    ])
}

/// A negative test as a guard typed it: a day without a time is no time of sampling.
fn tested_on<'a>(paper: &'a Paper, kind: &'static str) -> Value<'a> {
    let local = paper.date.zip(paper.time).map(|(day, time)| day.and_time(time));
    let sampled_at = local.and_then(|local| local.and_local_timezone(vietnam()).single());
    Value::object([
        ("kind", Value::Text(kind)),
        ("result", Value::Text("not-detected")),
        ("sampled_at", sampled_at.map_or(Value::Null, |at| Value::Stamp(Stamp::instant(at.to_utc())))),
        ("country", Value::Text("")),
        ("issuer", Value::Text(BY_EYE)),
    ])
}

fn tested<'a>(by: &'a Credential, test: &'a Test) -> Value<'a> {
    let result = match test.result {
        TestResult::NotDetected => "not-detected",
        TestResult::Detected => "detected",
        TestResult::Unknown => "unknown",
    };
    Value::object([
        ("kind", Value::Text(&test.kind)),
        ("result", Value::Text(result)),
        ("sampled_at", test.sampled_at.map_or(Value::Null, |at| Value::Stamp(Stamp::instant(at)))),
        ("country", Value::Text(&test.country)),
        ("issuer", Value::Text(&by.claims().issuer)),
    ])
}

fn recovered<'a>(by: &'a Credential, recovery: &'a Recovery) -> Value<'a> {
    let [positive_first, positive_last] = days(recovery.first_positive);
    let [_, valid_from] = days(recovery.valid_from);
    let [valid_until, _] = days(recovery.valid_until);
    Value::object([
        ("positive_first", positive_first),
        ("positive_last", positive_last),
        ("valid_from", valid_from),
        ("valid_until", valid_until),
        ("country", Value::Text(&recovery.country)),
        ("issuer", Value::Text(&by.claims().issuer)),
    ])
}

fn declared(declaration: &Declaration) -> Value<'_> {
    Value::object([
        ("made_at", Value::Stamp(Stamp::instant(declaration.made_at))),
        ("symptoms", Value::list(declaration.symptoms.iter().map(|symptom| Value::Text(symptom)))),
        ("contact", Value::Bool(declaration.contact)),
        ("places", Value::list(declaration.places.iter().map(|place| Value::Text(place)))),
        ("at_entry", Value::Bool(declaration.at_entry)),
    ])
}

fn permitted<'a>(by: &'a Credential, permit: &'a TravelPermit) -> Value<'a> {
    Value::object([
        ("purpose", Value::Text(&permit.purpose)),
        ("from", Value::Text(&permit.from)),
        ("to", Value::Text(&permit.to)),
        ("plate", permit.plate.as_deref().map_or(Value::Null, Value::Text)),
        ("issuer", Value::Text(&by.claims().issuer)),
    ])
}

/// The first and the last day that a partly known date can be; nothing where nothing of it is known.
fn days<'a>(date: PartialDate) -> [Value<'a>; 2] {
    let day = |day: NaiveDate| Value::Stamp(Stamp::day(day));
    date.days().map_or([Value::Null, Value::Null], |(first, last)| [day(first), day(last)])
}
