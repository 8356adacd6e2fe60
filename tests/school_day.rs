//! A day at a school's gate, with the real journal: nothing of the roster reaches a disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use checkpoint::lane::{Afresh, Event, Lane, Now, School, Verifier};
use checkpoint::passage::record::{Event as RecordEvent, Identified};
use checkpoint::passage::{Direction, Draft, PassageId};
use checkpoint::passback::{self, Passback};
use checkpoint::roster::Roster;
use checkpoint::screen::{GuardAction, OverrideReason, Screen, Sound, Totals};
use checkpoint::time::{TrustedTime, day_in_vietnam};
use chrono::DateTime;
use kiosk::commands::lane_loop::{Audience, LaneLoop, Ledger, Reform, Reformed};
use kiosk::commands::place::{journal_dir, trust_in};
use kiosk::config::Config;
use kiosk::journal::Reader;
use kiosk::mode::Mode;

/// Names and numbers that occur nowhere else.
const ROSTER: &str = "number,name,birth,class,picked_up,guardian1,guardian1_number,guardian1_birth,guardian1_phone\n\
    KQX-7701,Quách Tửu Khoằm,2017-03-04,3A,x,Vưu Thị Xoáy,079185440071,1985,0999 440 071\n\
    KQX-7702,Mạc Đĩnh Ngoẵng,2014-05-06,5B,không,,,,\n";
const CANARIES: [&str; 9] = [
    "KQX-7701",
    "KQX-7702",
    "Quách Tửu Khoằm",
    "QUÁCH TỬU KHOẰM",
    "QUACH TUU KHOAM",
    "Mạc Đĩnh Ngoẵng",
    "Vưu Thị Xoáy",
    "079185440071",
    "440 071",
];

#[derive(Default)]
struct Eyes(Vec<String>);

impl Audience for Eyes {
    fn show(&mut self, _screen: &Screen) {}

    fn play(&mut self, _sound: Sound) {}

    fn passed(&mut self, _passage: PassageId, draft: &Draft, _synced: Duration) {
        let guardian = if draft.with_guardian { " with guardian" } else { "" };
        self.0.push(format!("{} {}{guardian}", draft.direction.word(), draft.outcome.word()));
    }
}

fn at(secs: u64) -> Now {
    let time = DateTime::from_timestamp(1_780_000_000 + secs as i64, 0).expect("a time of this century");
    Now { time: TrustedTime::given(time), tick: Duration::from_secs(secs) }
}

/// Which of the canaries stand in any file below a folder.
fn found_in(folder: &Path) -> Vec<&'static str> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(found_in(&path));
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        found.extend(
            CANARIES.into_iter().filter(|canary| bytes.windows(canary.len()).any(|window| window == canary.as_bytes())),
        );
    }
    found
}

#[test]
fn nothing_of_a_roster_is_on_a_disk_after_a_school_day() {
    let (storage, stick) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(stick.path().join("roster.csv"), ROSTER).unwrap();
    assert!(found_in(stick.path()).len() >= 5, "the control: the search finds what is there");

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = Config::load(&here.join("kiosk.toml")).unwrap();
    let under = config.under(Mode::School, None, None).unwrap();
    let settings = checkpoint::lane::Settings { direction: Direction::In, ..under.settings };
    let passback = Passback::new(
        &[3; 32],
        passback::Settings { again_within: Duration::ZERO, in_twice: true },
        at(0).time.estimate(),
    );
    let lane = Lane::new(settings.clone(), Totals::default(), day_in_vietnam(at(0).time.estimate()))
        .with_passback(passback)
        .with_school(School::new(None));
    let trust = trust_in(&here.join("trust-keys")).unwrap();
    let verifier = Verifier { trust, rule_sets: under.rule_sets };
    let mut lane = LaneLoop::new(lane, verifier, Ledger::at(storage.path()));
    let mut eyes = Eyes::default();
    let roster = Arc::new(Roster::parse(ROSTER.as_bytes()).unwrap());
    let held = Arc::downgrade(&roster);
    lane.turn(at(1), Event::Roster(Ok(roster)), &mut eyes);

    let mut secs = 10;
    let mut happen = |lane: &mut LaneLoop, eyes: &mut Eyes, event: Event| {
        lane.turn(at(secs), event, eyes);
        secs += 5;
    };
    let scan = |text: &str| Event::Codes(vec![text.to_owned()]);
    for event in [
        scan("KQX-7701"),
        Event::Guard(GuardAction::Dismiss),
        scan("kqx-7702"),
        Event::Guard(GuardAction::Dismiss),
        Event::Guard(GuardAction::ShowInside(Some("3A".into()))),
        Event::Guard(GuardAction::Turn),
        scan("KQX-7701"),
        scan("001190000009||Phạm Văn Dũng|05071990|Nam|Huế|15042021"),
        Event::Guard(GuardAction::Override(OverrideReason::Order)),
        Event::Guard(GuardAction::Dismiss),
        scan("KQX-7702"),
        Event::Guard(GuardAction::Dismiss),
        scan("KQX-7701"),
        scan("079185440071||Vưu Thị Xoáy|05071985|Nữ|Huế|15042021"),
    ] {
        happen(&mut lane, &mut eyes, event);
    }
    assert_eq!(
        eyes.0,
        [
            "in registered",
            "in registered",
            "out refer",
            "out override",
            "out registered",
            "out registered with guardian"
        ]
    );
    // The mode is left, and with it goes the roster.
    let next = config.under(Mode::Checkpoint, None, None).unwrap();
    let reform = Reform {
        settings: next.settings,
        rule_sets: next.rule_sets,
        afresh: Some(Afresh { passback: None, school: None }),
        training: None,
        names: true,
        events: Vec::new(),
    };
    assert_eq!(lane.reform(at(secs + 60), reform, &mut eyes), Reformed::Done);
    assert!(held.upgrade().is_none(), "somebody still holds the roster");
    lane.stopped(at(secs + 61));
    drop(lane);

    let reader = Reader::open(&journal_dir(storage.path())).unwrap();
    let passages: Vec<_> = reader
        .settled(1)
        .unwrap()
        .filter_map(|entry| match entry.unwrap().record().event.clone() {
            RecordEvent::Passage(passage) => Some(passage),
            _ => None,
        })
        .collect();
    assert_eq!(passages.len(), 6);
    assert!(passages.iter().all(|passage| matches!(passage.identity, Identified::Sealed(_))), "who it was is sealed");
    let with: Vec<bool> = passages.iter().map(|passage| passage.with_guardian).collect();
    assert_eq!(with, [false, false, false, false, false, true]);
    reader.index().ok();
    assert_eq!(found_in(storage.path()), Vec::<&str>::new());
}
