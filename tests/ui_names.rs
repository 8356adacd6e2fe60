//! Who was before the camera is in no node of the accessibility tree once their time is over: in every mode, for every verdict.

#![allow(clippy::unwrap_used)] // A helper that fails fails its test.

mod post;

use std::collections::BTreeSet;
use std::path::Path;

use checkpoint::lane::{Event, Verifier};
use checkpoint::screen::{GuardAction, OverrideReason, Paper, PaperKind, Stage};
use checkpoint::time::{PartialDate, day_in_vietnam};
use checkpoint::trust::TrustList;
use chrono::{DateTime, TimeDelta, Utc};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use kiosk::commands::place::trust_in;
use kiosk::config::Config;
use kiosk::mode::Mode;
use kiosk::ui::desk::DeskShown;
use trustctl::demo::authority::{ISSUER, Issuers, write_trust_keys};
use trustctl::describe::{Declaration, Description, Person, Vaccination};

use post::{Post, happens, passes, window};

/// What must go: parts of a name, a number and a year that occur in no other text of the screen.
const NAME: &str = "Trần Thị Zăqxkwja";
const NUMBER: &str = "001131000417";
const MARKS: [&str; 5] = ["zăqxkwja", "zaqxkwja", NUMBER, "000417", "1931"];

fn post_in(mode: Mode, trust: TrustList) -> Post {
    let config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    let under = config.under(mode, None, None).unwrap();
    let verifier = Verifier { trust, rule_sets: under.rule_sets };
    let desk = DeskShown { mode, ways: mode.ways(), ..DeskShown::default() };
    Post::new(under.settings, verifier, trustctl::demo::start(), desk)
}

/// What stands in the middle, in one word.
fn middle(post: &Post) -> &'static str {
    match &post.screen.as_ref().unwrap().stage {
        Stage::Decided(shown) => shown.outcome().word(),
        Stage::Gathering(_) => "gathering",
        Stage::Waiting => "waiting",
        _ => "other",
    }
}

/// Which marks any property of any node holds.
fn marks(harness: &Harness<'_, Post>) -> Vec<&'static str> {
    let nodes = harness.root().children_recursive();
    let tree: String = nodes.map(|node| format!("{:?}\n", node.accesskit_node().data())).collect();
    assert!(tree.lines().count() > 15, "a screen has more in it: {tree}");
    let tree = tree.to_lowercase();
    MARKS.into_iter().filter(|mark| tree.contains(mark)).collect()
}

/// A visitor's credential, signed by the demonstration's health office.
fn credential(declared: bool, expires_in: TimeDelta) -> String {
    let start = trustctl::demo::start();
    let dose = |days: i64| Vaccination {
        disease: "840539006".into(),
        vaccine: "EU/1/20/1528".into(),
        dose: 2,
        doses_total: 2,
        date: day_in_vietnam(start - TimeDelta::days(days)).to_string(),
        country: "VN".into(),
        prophylaxis: "1119349007".into(),
        maker: "ORG-100030215".into(),
    };
    let declaration = |made_at: DateTime<Utc>| Declaration {
        made_at,
        symptoms: Vec::new(),
        contact: false,
        places: Vec::new(),
        at_entry: false,
    };
    let description = Description {
        issuer: ISSUER.into(),
        issued_at: Some(start - TimeDelta::hours(24)),
        not_before: None,
        expires_at: start + expires_in,
        id: Some("a-visitor".into()),
        person: Person { name: NAME.into(), birth: "1931-04-12".into(), number: Some(NUMBER.into()) },
        vaccinations: vec![dose(60)],
        tests: Vec::new(),
        recoveries: Vec::new(),
        declaration: declared.then(|| declaration(start - TimeDelta::hours(30))),
        travel_permit: None,
    };
    let issuers = Issuers::new().unwrap();
    trustctl::native::issue(&description, issuers.health.as_ed25519().unwrap()).unwrap()
}

/// What a visitor or the guard does, one after the other.
fn visits() -> Vec<Vec<Event>> {
    let codes = |text: String| Event::Codes(vec![text]);
    let whole = || codes(credential(true, TimeDelta::days(7)));
    let expired = || codes(credential(true, -TimeDelta::hours(2)));
    let card = || codes(format!("{NUMBER}||{NAME}|12041931|Nữ|Số 5, Hà Nội|01062021"));
    let slip = Paper {
        kind: PaperKind::Vaccination,
        name: NAME.to_uppercase(),
        birth: PartialDate::parse("1931-04-12").unwrap(),
        number: Some(NUMBER.into()),
        doses: Some(2),
        vaccine: None,
        date: None,
        time: None,
    };
    let guard = |action| Event::Guard(action);
    vec![
        vec![whole()],
        vec![expired()],
        vec![card()],
        vec![codes(credential(false, TimeDelta::days(7)))],
        vec![codes(credential(false, TimeDelta::days(7))), card()],
        vec![guard(GuardAction::Vouch(Box::new(slip)))],
        vec![expired(), guard(GuardAction::Hold)],
        vec![expired(), guard(GuardAction::Override(OverrideReason::Order))],
        vec![whole(), guard(GuardAction::NotThisPerson)],
        vec![expired(), codes("a ticket to the zoo".into())],
    ]
}

#[test]
fn no_node_holds_a_name_or_a_number_after_its_time() {
    let folder = tempfile::tempdir().unwrap();
    write_trust_keys(folder.path()).unwrap();
    let mut named = BTreeSet::new();
    for mode in Mode::ALL {
        for (number, visit) in visits().into_iter().enumerate() {
            let mut harness = window(post_in(mode, trust_in(folder.path()).unwrap()));
            assert_eq!(marks(&harness), [""; 0]);
            for event in visit {
                happens(&mut harness, event);
            }
            let (stage, shown) = (middle(harness.state()), marks(&harness));
            let place = format!("{mode:?}, visit {number}, {stage}");
            if mode.ways().names {
                named.extend((!shown.is_empty()).then_some((mode.word(), stage)));
            } else {
                assert_eq!(shown, [""; 0], "{place}: this mode shows no names");
            }
            passes(&mut harness, 15);
            assert_eq!(marks(&harness), [""; 0], "{place}: masked after 15 s");
            for action in [GuardAction::Dismiss, GuardAction::Dismiss] {
                happens(&mut harness, Event::Guard(action));
            }
            assert_eq!((middle(harness.state()), marks(&harness)), ("waiting", vec![]), "{place}: over");
        }
    }
    // The control: a name is seen in each of these at first, so the search can see one.
    for mode in Mode::ALL.into_iter().filter(|mode| mode.ways().names) {
        for stage in ["gathering", "admit", "refuse"] {
            assert!(named.contains(&(mode.word(), stage)), "no name was seen: {mode:?}, {stage}, of {named:?}");
        }
    }
    assert!(named.iter().any(|(_, stage)| *stage == "refer"), "{named:?}");
}
