use std::path::Path;
use std::time::Duration;

use checkpoint::passage::day::{ModeChanged, Updated, Works};
use checkpoint::passage::record::Identified;
use checkpoint::passage::sealed::TracingKey;
use checkpoint::passage::{Direction, Location, Outcome};
use checkpoint::screen::{GuardAction, GuardNumber, OverrideReason, Stage, SurgeReason};
use checkpoint::time::{Clockwork, Confidence, TrustedTime};
use checkpoint::trust::TrustList;
use chrono::NaiveDate;

use super::*;
use crate::commands::place::journal_dir;
use crate::commands::throwaway::Throwaway;
use crate::config::{Config, Under};
use crate::journal::Reader;
use crate::mode::Mode;
use crate::practice::Practice;

#[test]
fn a_clock_that_was_moved_is_a_record_and_the_next_start_remembers_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let mut clock = Clockwork::start([at("2027-03-01T00:00:00Z")], None);
    clock.read(at("2027-03-09T00:00:00Z"), Duration::ZERO);
    let hour = Duration::from_secs(3600);
    let now = Now { time: clock.read(at("2027-03-05T00:00:00Z"), hour), tick: hour };
    let moved = clock.moved().expect("four days back");
    let mut ledger = Ledger::at(folder.path());
    let note = RecordEvent::ClockChanged(changed(moved));
    ledger.append_note(Note { at: now.time.estimate(), floor: now.time.floor(), event: note }).unwrap();
    drop(ledger);
    let reader = Reader::open(&journal_dir(folder.path())).unwrap();
    let events: Vec<RecordEvent> =
        reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.clone()).collect();
    let [.., RecordEvent::ClockChanged(kept)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((kept.from, kept.to), (at("2027-03-09T01:00:00Z"), at("2027-03-05T00:00:00Z")));
    assert_eq!((kept.by.as_str(), kept.confidence.as_deref()), ("system", Some("doubtful")));
    let remembered = Ledger::at(folder.path()).remembered().expect("a record");
    assert_eq!((remembered.at, remembered.floor), (at("2027-03-09T01:00:00Z"), at("2027-03-01T01:00:00Z")));
    let mut next = Clockwork::start([at("2027-03-01T00:00:00Z")], Some(remembered));
    let time = next.read(at("2027-03-05T01:00:00Z"), Duration::ZERO);
    assert_eq!(time.confidence(), checkpoint::time::Confidence::Doubtful, "set back, and not forgotten");
}

#[test]
fn todays_numbers_are_right_once_the_index_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let mut ledger = Ledger::at(folder.path());
    let wave = |ledger: &mut Ledger| {
        let draft = Draft::plain(at(0).time.estimate(), "DEMO-0001", Direction::In, Outcome::Admit);
        ledger.append(&draft, None).unwrap();
    };
    // More than a start takes in before the first visitor.
    (0..2_100).for_each(|_| wave(&mut ledger));
    drop(ledger);
    std::fs::remove_file(journal_dir(folder.path()).join("index.sqlite")).unwrap();
    let ledger = Ledger::at(folder.path());
    let before = ledger.totals(at(0).time.estimate());
    let lane = Lane::new(config.lane.clone(), before, day_in_vietnam(at(0).time.estimate()));
    let mut lane = LaneLoop::new(lane, Verifier::default(), ledger);
    assert!(before.admitted < 2_100);
    let shown = lane.journal_shown().unwrap();
    assert_eq!((shown.records, shown.dropped, shown.indexed), (2_100, 0, Some(0)));
    let mut eyes = Eyes::default();
    let kept = RecordEvent::Updated(Updated { what: "settings".into(), from: None, to: "1".into() });
    assert!(lane.note(at(1), kept, &mut eyes));
    let mut percents = Vec::new();
    while lane.journal_shown().unwrap().indexed.is_some() {
        lane.tend(at(1));
        percents.extend(lane.journal_shown().unwrap().indexed);
        assert!(lane.is_busy() || lane.journal_shown().unwrap().indexed.is_none());
    }
    assert!(percents.len() > 2 && percents.is_sorted(), "{percents:?}");
    lane.turn(at(2), Event::Tick, &mut eyes);
    assert_eq!(eyes.0.unwrap().totals.admitted, 2_100);
}

/// Whatever keeps room for more from being made: there is room for the next visitors, and nothing is lost.
#[test]
fn a_journal_that_has_room_is_in_service_and_the_warning_goes_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
    let mut lane = LaneLoop::new(lane, Verifier::default(), Ledger::at(folder.path()));
    let wave = |lane: &mut LaneLoop| {
        let draft = Draft::plain(at(0).time.estimate(), "DEMO-0001", Direction::In, Outcome::Admit);
        lane.ledger.append(&draft, None)
    };
    (0..300).for_each(|_| {
        wave(&mut lane).unwrap();
    });
    // Where the next segment would be made.
    let in_the_way = journal_dir(folder.path()).join("segment-00000002.journal.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let mut eyes = Eyes::default();
    let mut tend = |lane: &mut LaneLoop, secs: u64| {
        for (fault, present) in lane.tend(at(secs)) {
            lane.turn(at(secs), Event::Condition { fault, present }, &mut eyes);
        }
        lane.turn(at(secs), Event::Tick, &mut eyes);
        let screen = eyes.0.as_ref().unwrap();
        let faults: Vec<_> = screen.faults.iter().copied().filter(|fault| *fault != Fault::TrustMissing).collect();
        (screen.stage.clone(), faults)
    };
    // The index takes in first what it has not yet.
    let warned = (1..50).map(|secs| tend(&mut lane, secs)).find(|(_, faults)| !faults.is_empty()).unwrap();
    assert_eq!(warned, (Stage::Waiting, vec![Fault::RoomLow]));
    assert_eq!(tend(&mut lane, 51), warned, "as long as it lasts");
    std::fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(tend(&mut lane, 52), (Stage::Waiting, vec![]));
    assert!(lane.ledger.told.is_empty());
}

#[test]
fn a_journal_without_room_is_out_of_service_until_there_is_some() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
    let mut lane = LaneLoop::new(lane, Verifier::default(), Ledger::at(folder.path()));
    let in_the_way = journal_dir(folder.path()).join("segment-00000002.journal.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let wave = |lane: &mut LaneLoop| {
        let draft = Draft::plain(at(0).time.estimate(), "DEMO-0001", Direction::In, Outcome::Admit);
        lane.ledger.append(&draft, None)
    };
    while lane.ledger.state.as_ref().unwrap().room() > 0 {
        wave(&mut lane).unwrap();
    }
    let mut eyes = Eyes::default();
    let mut tend = |lane: &mut LaneLoop, secs: u64| {
        for (fault, present) in lane.tend(at(secs)) {
            lane.turn(at(secs), Event::Condition { fault, present }, &mut eyes);
        }
        lane.turn(at(secs), Event::Tick, &mut eyes);
        let screen = eyes.0.as_ref().unwrap();
        let faults: Vec<_> = screen.faults.iter().copied().filter(|fault| *fault != Fault::TrustMissing).collect();
        (screen.stage.clone(), faults)
    };
    let out = (Stage::OutOfService(Fault::DiskFault), vec![Fault::DiskFault]);
    let told = (1..50).map(|secs| tend(&mut lane, secs)).find(|(_, faults)| !faults.is_empty()).unwrap();
    assert_eq!(told, out, "nobody has come yet, and nobody could be recorded");
    assert_eq!(wave(&mut lane), Err(Fault::DiskFault));
    assert_eq!(tend(&mut lane, 51), out);
    std::fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(tend(&mut lane, 52), (Stage::Waiting, vec![]));
    wave(&mut lane).unwrap();
}

#[derive(Default)]
struct Eyes(Option<Screen>);

impl Audience for Eyes {
    fn show(&mut self, screen: &Screen) {
        self.0 = Some(screen.clone());
    }

    fn play(&mut self, _sound: Sound) {}

    fn passed(&mut self, _passage: PassageId, _draft: &Draft, _synced: Duration) {}
}

pub(super) fn at(secs: u64) -> Now {
    let time = DateTime::from_timestamp(1_780_000_000 + secs as i64, 0).unwrap();
    Now { time: TrustedTime::given(time), tick: Duration::from_secs(secs) }
}

#[test]
fn a_patrol_that_moves_takes_its_trust_list_along() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let home = config.lane.location.clone();
    let away = Location { code: "KH-TT-0101".into(), name: "Chợ Đầm".into(), province: "Khánh Hòa".into() };
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
    let verifier = Verifier { trust: TrustList::default().at(home.clone()), ..Verifier::default() };
    let mut lane = LaneLoop::new(lane, verifier, Ledger::at(folder.path()));
    let mut eyes = Eyes::default();
    let reform = |mode: Mode, place: &Location| {
        let Under { settings, .. } = config.under(mode, None, Some(place)).unwrap();
        let training = (mode == Mode::Training).then(|| {
            let throwaway = Throwaway::new().unwrap();
            let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
            Training { ledger, throwaway, trust: Some(TrustList::default()), at: None }
        });
        Reform { settings, rule_sets: Vec::new(), afresh: None, training, names: true, events: Vec::new() }
    };
    assert_eq!(lane.reform(at(1), reform(Mode::Patrol, &away), &mut eyes), Reformed::Done);
    assert_eq!(lane.verifier.trust.place(), Some(&away));
    lane.replace_trust(at(2), TrustList::default().at(home.clone()), &mut eyes);
    assert_eq!(lane.verifier.trust.place(), Some(&away), "a newer list from a stick");
    assert_eq!(lane.reform(at(3), reform(Mode::Training, &home), &mut eyes), Reformed::Done);
    lane.replace_trust(at(4), TrustList::default().at(away.clone()), &mut eyes);
    assert_eq!(lane.verifier.trust.place(), None, "a recording's list stands nowhere");
    assert_eq!(lane.reform(at(5), reform(Mode::Patrol, &home), &mut eyes), Reformed::Done);
    assert_eq!(lane.verifier.trust.place(), Some(&home));
}

/// One touch moves a patrol: what was begun at the place before is neither forgotten nor taken along.
#[test]
fn whoever_is_being_checked_is_recorded_before_another_place_and_a_group_or_an_open_checkpoint_forbids_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let away = Location { code: "KH-TT-0101".into(), name: "Chợ Đầm".into(), province: "Khánh Hòa".into() };
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
    let verifier = Verifier { rule_sets: config.rule_sets.clone(), ..Verifier::default() };
    let mut lane = LaneLoop::new(lane, verifier, Ledger::at(folder.path()));
    let mut eyes = Eyes::default();
    let reform = |place: &Location| {
        let under = config.under(Mode::Patrol, None, Some(place)).unwrap();
        let (from, to) = (config.lane.location.code.clone(), place.code.clone());
        let events = vec![RecordEvent::ModeChanged(ModeChanged { mode: "place".into(), from, to, guard: None })];
        let Under { settings, rule_sets, .. } = under;
        Reform { settings, rule_sets, afresh: None, training: None, names: true, events }
    };
    let guard = |lane: &mut LaneLoop, secs: u64, action: GuardAction, eyes: &mut Eyes| {
        lane.turn(at(secs), Event::Guard(action), eyes);
        eyes.0.as_ref().unwrap().clone()
    };
    guard(&mut lane, 1, GuardAction::BeginParty, &mut eyes);
    guard(&mut lane, 2, GuardAction::Override(OverrideReason::Order), &mut eyes);
    assert_eq!(lane.reform(at(3), reform(&away), &mut eyes), Reformed::Engaged);
    let screen = eyes.0.clone().unwrap();
    assert_eq!((screen.party.map(|party| party.visitors), screen.location.code), (Some(1), "DEMO-0001".to_owned()));
    guard(&mut lane, 4, GuardAction::EndParty(None), &mut eyes);
    guard(&mut lane, 5, GuardAction::Dismiss, &mut eyes);
    guard(&mut lane, 6, GuardAction::Open(SurgeReason::Queue, GuardNumber(417)), &mut eyes);
    assert_eq!(lane.reform(at(7), reform(&away), &mut eyes), Reformed::Engaged);
    let screen = guard(&mut lane, 8, GuardAction::Wave, &mut eyes);
    assert!(matches!(screen.stage, Stage::Open(open) if open.waved == 1), "{:?}", screen.stage);
    guard(&mut lane, 9, GuardAction::Close, &mut eyes);
    // Nobody signed a card: it names somebody, and the rest is missing.
    let card = "001090000001|012345678|Nguyễn Văn An|18011990|Nam|Hà Nội|15042021";
    lane.turn(at(10), Event::Codes(vec![card.to_owned()]), &mut eyes);
    assert!(matches!(eyes.0.as_ref().unwrap().stage, Stage::Gathering(_)));
    assert_eq!(lane.reform(at(11), reform(&away), &mut eyes), Reformed::Done);
    let screen = eyes.0.clone().unwrap();
    assert_eq!((screen.stage, screen.location.code.as_str()), (Stage::Waiting, "KH-TT-0101"));
    drop(lane);
    let reader = Reader::open(&journal_dir(folder.path())).unwrap();
    let events: Vec<_> = reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.clone()).collect();
    let kinds: Vec<_> = events.iter().map(RecordEvent::kind).collect();
    assert_eq!(kinds, ["passage", "surge-began", "passage", "surge-ended", "passage", "mode-changed"]);
    let RecordEvent::Passage(last) = &events[4] else { panic!("{events:?}") };
    assert_eq!((last.location.as_str(), last.outcome), ("DEMO-0001", Outcome::Refer));
}

#[test]
fn training_keeps_nothing_and_that_it_began_and_ended_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
    let mut lane = LaneLoop::new(lane, Verifier::default(), Ledger::at(folder.path()));
    let mut eyes = Eyes::default();
    let pass = |lane: &mut LaneLoop, eyes: &mut Eyes, secs: u64| {
        lane.turn(at(secs), Event::Guard(GuardAction::Override(OverrideReason::Order)), eyes);
        lane.turn(at(secs + 1), Event::Guard(GuardAction::Dismiss), eyes);
        eyes.0.as_ref().unwrap().totals.overridden
    };
    assert_eq!(pass(&mut lane, &mut eyes, 1), 1);
    let reform = |to: Mode| {
        let throwaway = Throwaway::new().unwrap();
        let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
        let training = (to == Mode::Training).then_some(Training { ledger, throwaway, trust: None, at: None });
        let changed = ModeChanged { mode: "mode".into(), from: String::new(), to: to.word().into(), guard: None };
        let events = vec![RecordEvent::ModeChanged(changed)];
        let under = config.under(to, None, None).unwrap();
        Reform { settings: under.settings, rule_sets: under.rule_sets, afresh: None, training, names: true, events }
    };
    assert_eq!(lane.reform(at(10), reform(Mode::Training), &mut eyes), Reformed::Done);
    assert_eq!(eyes.0.as_ref().unwrap().totals, Totals::default());
    assert_eq!((pass(&mut lane, &mut eyes, 11), pass(&mut lane, &mut eyes, 21)), (1, 2));
    lane.turn(at(29), Event::Guard(GuardAction::Turn), &mut eyes);
    assert_ne!(eyes.0.as_ref().unwrap().direction, config.lane.direction);
    assert_eq!(lane.reform(at(30), reform(Mode::Checkpoint), &mut eyes), Reformed::Done);
    let screen = eyes.0.as_ref().unwrap();
    assert!(screen.totals.overridden == 1 && screen.stage == Stage::Waiting);
    assert_eq!(screen.direction, config.lane.direction, "that they turned it is forgotten");
    assert_eq!(pass(&mut lane, &mut eyes, 31), 2);
    drop(lane);
    let reader = Reader::open(&journal_dir(folder.path())).unwrap();
    let kinds: Vec<_> =
        reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.kind().to_owned()).collect();
    assert_eq!(kinds, ["passage", "mode-changed", "mode-changed", "passage"]);
}

/// Every practice code through the kiosk's own lane: what must come of it comes, at the codes' own time, and the real journal
/// holds no trace but that training began.
#[test]
fn practice_codes_are_judged_at_their_own_time_and_nothing_of_them_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()));
    let mut lane = LaneLoop::new(lane, Verifier::default(), Ledger::at(folder.path()));
    let mut eyes = Eyes::default();
    let throwaway = Throwaway::new().unwrap();
    let thrown_away = throwaway.dir().to_owned();
    let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
    let practice = Practice::built_in();
    let training = Training { ledger, throwaway, trust: Practice::trust(), at: Some(practice.at) };
    let under = config.under(Mode::Training, None, None).unwrap();
    let changed = ModeChanged { mode: "mode".into(), from: String::new(), to: "training".into(), guard: None };
    let reform = Reform {
        settings: under.settings,
        rule_sets: under.rule_sets,
        afresh: None,
        training: Some(training),
        names: true,
        events: vec![RecordEvent::ModeChanged(changed)],
    };
    assert!(!lane.in_training());
    assert_eq!(lane.reform(at(5), reform, &mut eyes), Reformed::Done);
    assert!(lane.in_training());
    let mut secs = 10;
    for case in practice.cases {
        for text in case.codes {
            lane.turn(at(secs), Event::Codes(vec![text]), &mut eyes);
            secs += 1;
        }
        if !matches!(eyes.0.as_ref().unwrap().stage, Stage::Decided(_)) {
            // A visit that stays incomplete ends by itself.
            secs += 30;
            lane.turn(at(secs), Event::Tick, &mut eyes);
        }
        let screen = eyes.0.as_ref().unwrap();
        let Stage::Decided(shown) = &screen.stage else { panic!("{}: {:?}", case.id, screen.stage) };
        let reason = shown.reason().map(|reason| reason.code().to_owned());
        assert_eq!((shown.outcome().word(), reason), (case.outcome.as_str(), case.reason), "{}", case.id);
        assert_eq!(day_in_vietnam(screen.clock), day_in_vietnam(practice.at), "{}", case.id);
        lane.turn(at(secs + 1), Event::Guard(GuardAction::Dismiss), &mut eyes);
        secs += 10;
    }
    // A guard who learns shows their own card, too: the journal that is thrown away has no names either.
    let named: Vec<_> =
        events(&thrown_away).iter().filter_map(|event| event.passage().map(|of| of.identity.clone())).collect();
    assert!(named.contains(&Identified::NoTracingKey), "{named:?}");
    assert!(!named.iter().any(|of| matches!(of, Identified::Sealed(_))), "{named:?}");
    drop(lane);
    assert!(!thrown_away.exists());
    let reader = Reader::open(&journal_dir(folder.path())).unwrap();
    let kinds: Vec<_> =
        reader.settled(1).unwrap().map(|entry| entry.unwrap().record().event.kind().to_owned()).collect();
    assert_eq!(kinds, ["mode-changed"]);
}

/// Records of the journal in this folder.
fn events(storage: &Path) -> Vec<RecordEvent> {
    let reader = Reader::open(&journal_dir(storage)).unwrap();
    reader.entries(1).unwrap().map(|stored| stored.unwrap().entry.record().event.clone()).collect()
}

#[test]
fn a_start_under_other_settings_is_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let works = |mode: &str, retention_days, settings: &str| Works {
        mode: mode.into(),
        location: "DEMO-0001".into(),
        direction: Direction::In,
        rule_sets: Vec::new(),
        retention_days,
        settings: settings.into(),
    };
    let starts = [works("training", 1, "a"), works("training", 1, "a"), works("register", 21, "b")];
    for works in &starts {
        Ledger::at(folder.path()).started(at(0), None, Some(works.clone()));
    }
    let events = events(folder.path());
    let said: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            RecordEvent::Restart(restart) => restart.works.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(said, starts);
    let updates: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            RecordEvent::Updated(updated) => Some((updated.what.as_str(), updated.from.as_deref(), &*updated.to)),
            _ => None,
        })
        .collect();
    assert_eq!(updates, [("settings", Some("a"), "b")]);
}

/// An identity card, which names somebody and which nobody signed.
const CARD: &str = "001090000001|012345678|Nguyễn Văn A|01011990|Nam|Hà Nội|15042021";

/// The passage of that card at this time, before a lane with the demonstration's list.
fn passage_of_card(ledger: Ledger, time: TrustedTime, storage: &Path) -> Identified {
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let lane = Lane::new(config.lane.clone(), Totals::default(), day_in_vietnam(time.estimate()));
    let verifier = Verifier { trust: Practice::trust().unwrap(), rule_sets: config.rule_sets };
    let mut lane = LaneLoop::new(lane, verifier, ledger);
    let mut eyes = Eyes::default();
    let after = |secs| Now { time, tick: Duration::from_secs(secs) };
    lane.turn(after(1), Event::Codes(vec![CARD.into()]), &mut eyes);
    lane.turn(after(60), Event::Tick, &mut eyes);
    drop(lane);
    let mut passages = events(storage).into_iter().filter_map(|event| event.passage().cloned());
    passages.next_back().expect("a visit that stays incomplete is a passage").identity
}

fn sealed_day(time: TrustedTime) -> Option<NaiveDate> {
    let folder = tempfile::tempdir().unwrap();
    match passage_of_card(Ledger::at(folder.path()), time, folder.path()) {
        Identified::Sealed(commitment) => Some(commitment.day),
        Identified::Nobody | Identified::NoTracingKey => None,
    }
}

#[test]
fn a_kiosk_that_was_off_for_weeks_seals_to_the_day_that_its_clock_says() {
    let floor = Practice::built_in().at;
    let first = day_in_vietnam(floor);
    let days = |days| chrono::TimeDelta::days(days);
    let steady = |ahead| TrustedTime::measured(floor, floor + days(ahead), Confidence::Steady);
    assert_eq!(sealed_day(steady(0)), Some(first));
    assert_eq!(sealed_day(steady(25)), Some(first + days(25)), "off for 25 days: that day's key is not destroyed");
    let doubtful = TrustedTime::measured(floor, floor + days(25), Confidence::Doubtful);
    assert_eq!(sealed_day(doubtful), Some(first), "in doubt the floor's");
    let set_back = TrustedTime::measured(floor, floor - days(3), Confidence::Steady);
    assert_eq!(sealed_day(set_back), Some(first), "never before the floor's");
    // The list names no key for the clock's day: the last day before it that has one.
    let left = i64::from(Practice::trust().unwrap().tracing_days_left(first));
    let end = TrustedTime::measured(floor + days(left - 5), floor + days(left + 5), Confidence::Steady);
    assert_eq!(sealed_day(end), Some(first + days(left - 1)));
    let past = TrustedTime::measured(floor + days(left), floor + days(left + 5), Confidence::Steady);
    assert_eq!(sealed_day(past), None);
}

#[test]
fn a_proven_time_that_stands_in_the_journal_is_proven_for_the_next_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::at(folder.path());
    let kept = |what: &str| RecordEvent::Updated(Updated { what: what.into(), from: None, to: "1".into() });
    for secs in [900, 5, 6] {
        let time = at(secs).time;
        ledger.append_note(Note { at: time.estimate(), floor: time.floor(), event: kept("x") }).unwrap();
        assert_eq!(ledger.remembered().unwrap().floor, at(900).time.floor());
    }
}

#[test]
fn what_is_thrown_away_is_sealed_to_nobody() {
    let throwaway = Throwaway::new().unwrap();
    let ledger = Ledger::throwaway(throwaway.dir()).unwrap();
    let time = TrustedTime::given(Practice::built_in().at);
    let identity = passage_of_card(ledger, time, throwaway.dir());
    let Identified::Sealed(commitment) = identity else { panic!("{identity:?}") };
    let (day, key) = Practice::trust().unwrap().sealing_key(time.sealing_days()).unwrap();
    assert_eq!(commitment.day, day);
    assert_ne!(commitment.key, TracingKey { day, key }.hint(), "the demonstration's keys are published");
}
