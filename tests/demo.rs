//! The demonstration through the kiosk's own rooms: pixels are read, credentials verified, and every visitor gets the
//! outcome that the demonstration promises.

use std::time::Duration;

use checkpoint::lane::{Effect, Event, Lane, Now, Verifier};
use checkpoint::passage::PassageId;
use checkpoint::screen::Totals;
use checkpoint::time::{TrustedTime, day_in_vietnam};
use chrono::TimeDelta;
use kiosk::config::Config;
use kiosk::scan::{Gray, read_still};
use kiosk::trust_store::TrustStore;
use trustctl::demo::carrier::Carrier;
use trustctl::demo::render::{HEIGHT, Light, Pose, WIDTH, text_before_camera};
use trustctl::demo::{self, authority, script::Script};

/// The texts that the kiosk reads in one picture of the demonstration.
fn read(script: &Script, number: usize) -> Vec<String> {
    let picture = Gray::new(script.picture(number).into_raw(), WIDTH, HEIGHT).expect("a picture of this size");
    read_still(&picture).texts.into_iter().map(|read| read.text).collect()
}

/// What the passages must be, as "outcome reason".
fn promised(script: &Script) -> Vec<String> {
    let word = |visitor: &demo::visitors::Visitor| format!("{} {}", visitor.outcome, visitor.reason.unwrap_or("-"));
    script.visitors.iter().map(word).collect()
}

/// Plays the demonstration to a lane; `see` says which texts a picture holds.
fn play(script: &Script, see: impl Fn(usize) -> Vec<String>) -> Vec<String> {
    let config =
        Config::load(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml").as_ref()).expect("the shipped settings");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shipped = folder.path().join("shipped");
    authority::write_trust_keys(&shipped).expect("the demo's list");
    let trust = TrustStore::new(shipped, folder.path().join("kept")).load().expect("a verified list").list;
    assert!(trust.demo(), "it says DEMO");
    let verifier = Verifier { trust, rule_sets: config.rule_sets };
    let mut lane = Lane::new(config.lane, Totals::default(), day_in_vietnam(demo::start()));
    let mut passages = Vec::new();
    for (number, frame) in script.frames.iter().enumerate() {
        let now = Now {
            time: TrustedTime::given(demo::start() + TimeDelta::milliseconds(i64::from(frame.at_ms))),
            tick: Duration::from_millis(u64::from(frame.at_ms)),
        };
        let texts = see(number);
        let mut event = if texts.is_empty() { Event::Tick } else { Event::Codes(texts) };
        loop {
            let (next, effects) = lane.handle(&verifier, now, event);
            lane = next;
            let Some(draft) = effects.into_iter().find_map(|effect| match effect {
                Effect::Record(draft) => Some(draft),
                _ => None,
            }) else {
                break;
            };
            passages.push(format!("{} {}", draft.outcome.word(), draft.reason.as_deref().unwrap_or("-")));
            #[expect(clippy::disallowed_methods, reason = "this test is the journal")]
            let passage = PassageId::durable(passages.len() as u64);
            event = Event::Recorded(Ok(passage));
        }
    }
    passages
}

#[test]
fn every_visitor_gets_the_outcome_that_the_demonstration_promises() {
    let script = Script::new(demo::SEED, demo::start()).expect("the demo's own visitors");
    let seen = |number: usize| {
        let text = |at: demo::script::Showing| script.visitors[at.visitor].codes[at.code].0.clone();
        script.showing(number).map(text).into_iter().collect()
    };
    assert_eq!(play(&script, seen), promised(&script));
}

#[test]
fn a_code_too_blurred_to_read_is_not_read_and_is_read_once_sharp() {
    let script = Script::new(demo::SEED, demo::start()).expect("the demo's own visitors");
    let visitor = script.visitors.iter().position(|visitor| visitor.blurred_at_first).expect("somebody is blurred");
    let from = script.frames.iter().position(|frame| frame.at_ms >= script.stays[visitor].from_ms + 1000);
    let sharp = (0..script.frames.len()).find(|number| script.showing(*number).is_some_and(|at| at.visitor == visitor));
    assert_eq!(read(&script, from.expect("a picture")), Vec::<String>::new());
    assert_eq!(read(&script, sharp.expect("a picture") + 4), [script.visitors[visitor].codes[0].0.clone()]);
}

#[test]
fn any_text_can_be_held_before_the_camera() {
    let text = "VNLOC1:HN-CK-0023|Chốt cầu Giẽ|Hà Nội|ac314b04";
    for (carrier, light) in [(Carrier::Slip, Light::DAY), (Carrier::Card, Light::DUSK), (Carrier::Phone, Light::DUSK)] {
        let picture = text_before_camera(text, carrier, &Pose::default(), &light, 7).expect("it fits a code");
        let reading = read_still(&Gray::new(picture.into_raw(), WIDTH, HEIGHT).expect("a picture"));
        assert_eq!(reading.texts.first().map(|read| read.text.as_str()), Some(text), "{carrier:?}");
    }
}
