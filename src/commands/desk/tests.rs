use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::*;
use crate::commands::lane_loop::Reformed;
use crate::ui::desk::{Change, Pin};

struct Room {
    works: Works,
    asks: Sender<DeskAsk>,
    messages: Receiver<Message>,
    window: WindowHandle,
    folder: tempfile::TempDir,
}

fn config() -> Config {
    let mut config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
    config.places = ["A-1", "B-2"]
        .map(|code| checkpoint::passage::Location {
            code: code.to_owned(),
            name: format!("Chợ {code}"),
            province: "Hà Nội".to_owned(),
        })
        .to_vec();
    config
}

fn room(folder: tempfile::TempDir) -> Room {
    room_with(config(), folder)
}

fn room_with(config: Config, folder: tempfile::TempDir) -> Room {
    let (sender, messages) = sync_channel(8);
    let window = WindowHandle::default();
    let setup = DeskSetup { config, storage: folder.path().to_owned(), list: String::new() };
    let (asks, works) = Desk::start(setup, true, window.clone(), Mailbox::new(sender)).unwrap();
    Room { works, asks, messages, window, folder }
}

impl Room {
    /// Waits for the lane's next message; it can keep everything.
    fn message(&self) -> Message {
        let message = self.messages.recv_timeout(Duration::from_secs(20)).unwrap();
        if let Message::Reform(_, Some(reply)) = &message {
            reply.send(Reformed::Done).unwrap();
        }
        message
    }

    fn until(&self, done: impl Fn(&DeskShown) -> bool) -> DeskShown {
        let begun = Instant::now();
        loop {
            if let Some(shown) = self.window.desk_shown().filter(|shown| done(shown)) {
                return shown;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the desk did not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn change(&self, change: Change, pin: &str) {
        self.asks.send(DeskAsk::Change(change, Pin(Zeroizing::new(pin.to_owned())))).unwrap();
    }
}

#[test]
fn a_mode_takes_the_pin_is_recorded_and_outlives_a_restart() {
    let here = room(tempfile::tempdir().unwrap());
    here.change(Change::Mode(Mode::School), "4917");
    here.until(|shown| shown.pin == PinSays::NotSet);
    PinStore::at(here.folder.path()).set("4917").unwrap();
    here.change(Change::Mode(Mode::School), "4918");
    here.until(|shown| shown.pin == PinSays::Wrong { tries_left: 4 } && shown.mode == Mode::Checkpoint);
    here.change(Change::Mode(Mode::School), "4917");
    let Message::Reform(reform, _) = here.message() else { panic!("not what was asked") };
    let Some(Event::ModeChanged(changed)) = reform.events.first() else { panic!("no record") };
    assert_eq!((changed.mode.as_str(), changed.from.as_str(), changed.to.as_str()), ("mode", "checkpoint", "school"));
    let ids: Vec<_> = reform.rule_sets.iter().map(|rule_set| rule_set.id.as_str()).collect();
    let afresh = reform.afresh.as_ref().unwrap();
    assert!(ids == ["school-gate"] && reform.training.is_none());
    assert!(afresh.passback.is_some() && afresh.school.is_some());
    let shown = here.until(|shown| shown.mode == Mode::School);
    assert_eq!((shown.pin, shown.changes), (PinSays::Nothing, 1));

    let Room { folder, .. } = here;
    let again = room(folder);
    // It works as before, and that is no change: the record of the start says it.
    let Works { mode, rule_sets, .. } = &again.works;
    assert_eq!((mode.as_str(), rule_sets.len(), rule_sets[0].id.as_str()), ("school", 1, "school-gate"));
    let Message::Reform(reform, None) = again.message() else { panic!("not as it was") };
    assert!(reform.events.is_empty() && reform.rule_sets.len() == 1);
    again.until(|shown| shown.mode == Mode::School);
}

/// A power cut must not leave a kiosk at which nothing is recorded and only the PIN helps.
#[test]
fn training_ends_with_a_restart_which_is_a_record_and_said_on_the_screen() {
    let here = room(tempfile::tempdir().unwrap());
    PinStore::at(here.folder.path()).set("4917").unwrap();
    for (mode, rules) in [(Mode::Patrol, Some("register-only")), (Mode::Training, Some("school-gate"))] {
        here.change(Change::Mode(mode), "4917");
        assert!(matches!(here.message(), Message::Reform(..)));
        here.until(|shown| shown.mode == mode);
        if let Some(rules) = rules {
            here.change(Change::Rules(vec![rules.to_owned()]), "4917");
            assert!(matches!(here.message(), Message::Reform(..)));
            here.until(|shown| shown.rules.iter().filter(|(_, chosen)| *chosen).all(|(id, _)| id == rules));
        }
    }
    let Room { folder, .. } = here;
    for restart in 0..2 {
        let (sender, messages) = sync_channel(8);
        let window = WindowHandle::default();
        let setup = DeskSetup { config: config(), storage: folder.path().to_owned(), list: String::new() };
        let _asks = Desk::start(setup, true, window.clone(), Mailbox::new(sender)).unwrap();
        let Message::Reform(reform, None) = messages.recv().unwrap() else { panic!("not as it was") };
        let ids: Vec<_> = reform.rule_sets.iter().map(|rule_set| rule_set.id.as_str()).collect();
        assert!(reform.training.is_none() && ids == ["register-only"], "{ids:?}");
        let shown = window.desk_shown().unwrap();
        assert_eq!((shown.mode, shown.training_over), (Mode::Patrol, restart == 0), "once");
        if restart == 0 {
            let Message::Note(Event::ModeChanged(changed)) = messages.recv().unwrap() else { panic!("no record") };
            assert_eq!(
                (changed.mode.as_str(), changed.from.as_str(), changed.to.as_str()),
                ("mode", "training", "patrol")
            );
            assert_eq!(changed.guard, None, "nobody chose it");
        }
    }
    // Kept by an older program.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DESK_FILE), "{\"mode\":\"training\"}").unwrap();
    let here = room(folder);
    assert!(matches!(here.message(), Message::Note(Event::ModeChanged(changed)) if changed.to == "checkpoint"));
    here.until(|shown| shown.mode == Mode::Checkpoint && shown.training_over);
}

#[test]
fn a_place_is_one_touch_and_goes_into_the_passages() {
    let here = room(tempfile::tempdir().unwrap());
    here.asks.send(DeskAsk::Stand("B-2".to_owned())).unwrap();
    let Message::Reform(reform, _) = here.message() else { panic!("not what was asked") };
    assert_eq!(reform.settings.location.code, "B-2");
    assert!(
        reform.afresh.is_some_and(|afresh| afresh.passback.is_some()),
        "who passed there is nobody's business here"
    );
    let shown = here.until(|shown| shown.places[0].location.code == "B-2");
    assert!(!shown.places_signed && shown.places.len() == 2);
    // There it stands: no change, and no record.
    here.asks.send(DeskAsk::Stand("B-2".to_owned())).unwrap();
    here.asks.send(DeskAsk::TrySound).unwrap();
    assert!(matches!(here.message(), Message::TrySound));
    here.asks.send(DeskAsk::PlaceCode).unwrap();
    here.until(|shown| shown.place_code.is_some());
    here.asks.send(DeskAsk::SavePlaceCode).unwrap();
    let shown = here.until(|shown| shown.poster.is_some());
    let Some(Poster::Here(folder)) = shown.poster else { panic!("{:?}", shown.poster) };
    assert!(Path::new(&folder).join("B-2.pdf").is_file(), "{folder}");
}

#[test]
fn a_shift_and_a_checklist_are_records_and_known_after_a_restart() {
    let here = room(tempfile::tempdir().unwrap());
    let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
    here.asks.send(DeskAsk::ShiftBegins(GuardNumber(417), now)).unwrap();
    assert!(matches!(here.message(), Message::Note(Event::ShiftChanged(shift)) if shift.what == "began"));
    here.asks.send(DeskAsk::Checked(0, vec![true, false, true, true, true, true], GuardNumber(9), now)).unwrap();
    let Message::Note(Event::Checked(checked)) = here.message() else { panic!("not what was asked") };
    assert_eq!((checked.list.as_str(), checked.bad.as_slice(), checked.good.len()), ("checkpoint", &[2][..], 5));
    here.until(|shown| shown.checklists[0].done.is_some());
    let Room { folder, .. } = here;
    let again = room(folder);
    let shown = again.until(|shown| shown.shift.is_some());
    assert_eq!(shown.checklists[0].done, Some(day_in_vietnam(now)));
    again.asks.send(DeskAsk::ShiftEnds).unwrap();
    assert!(matches!(again.message(), Message::Note(Event::ShiftChanged(shift)) if shift.what == "ended"));
    assert!(matches!(again.message(), Message::Guard(GuardAction::ShowHead)));
    again.until(|shown| shown.shift.is_none());
}

#[test]
fn a_damaged_file_leaves_the_settings_in_force() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DESK_FILE), "{\"mode\":\"moon\"}").unwrap();
    room(folder).until(|shown| shown.mode == Mode::Checkpoint);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DESK_FILE), "{\"rules\":[\"gone\"],\"mode\":\"patrol\"}").unwrap();
    room(folder).until(|shown| shown.mode == Mode::Checkpoint);
    // A place that a newer list no longer names takes the mode with it as little.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DESK_FILE), "{\"place\":\"gone\",\"mode\":\"patrol\"}").unwrap();
    room(folder).until(|shown| shown.mode == Mode::Patrol);
}

/// Settings are read at a start and never again: what they and the screen make of the kiosk is in the record of the start.
#[test]
fn the_record_of_a_start_says_how_the_kiosk_works() {
    let works = |change: &dyn Fn(&mut Config), kept: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DESK_FILE), kept).unwrap();
        let mut config = config();
        change(&mut config);
        room_with(config, folder).works
    };
    let usual = works(&|_| (), "{}");
    let Works { mode, location, direction, rule_sets, retention_days, settings } = &usual;
    assert_eq!((mode.as_str(), location.as_str(), direction.word()), ("checkpoint", "DEMO-0001", "in"));
    let province = Some("Hà Nội".to_owned());
    assert!(!rule_sets.is_empty() && rule_sets.iter().all(|used| used.province == province));
    assert_eq!((*retention_days, settings.len()), (21, 16));
    let training = works(&|config| (config.mode, config.retention_days) = (Mode::Training, 1), "{}");
    assert_eq!((training.mode.as_str(), training.retention_days), ("training", 1));
    let moved = works(&|_| (), "{\"mode\":\"patrol\",\"place\":\"B-2\",\"rules\":[\"register-only\"]}");
    let rules: Vec<_> = moved.rule_sets.iter().map(|used| used.id.as_str()).collect();
    assert_eq!((moved.mode.as_str(), moved.location.as_str(), rules), ("patrol", "B-2", vec!["register-only"]));
    let register = works(&|config| config.mode = Mode::Register, "{\"rules\":[\"gone\"]}");
    assert_eq!((register.mode.as_str(), register.rule_sets.len()), ("register", 1), "what was kept is of no use");
}

#[test]
fn a_mode_that_cannot_be_begun_leaves_a_checkpoint_and_the_screen_says_so() {
    let nowhere = |config: &mut Config| {
        (config.mode, config.training_trust_dir) = (Mode::Training, Some("/nonexistent".into()));
    };
    let mut config = config();
    nowhere(&mut config);
    let here = room_with(config, tempfile::tempdir().unwrap());
    assert_eq!(here.works.mode, "checkpoint");
    here.until(|shown| shown.mode == Mode::Checkpoint);
}

#[test]
fn a_pin_that_is_guessed_at_is_a_record_once() {
    let here = room(tempfile::tempdir().unwrap());
    PinStore::at(here.folder.path()).set("4917").unwrap();
    here.asks
        .send(DeskAsk::ShiftBegins(GuardNumber(417), DateTime::from_timestamp(1_780_000_000, 0).unwrap()))
        .unwrap();
    assert!(matches!(here.message(), Message::Note(Event::ShiftChanged(_))));
    for _ in 0..6 {
        here.change(Change::Mode(Mode::School), "0000");
    }
    here.until(|shown| matches!(shown.pin, PinSays::Locked { .. }));
    let Message::Note(Event::ModeChanged(changed)) = here.message() else { panic!("no record") };
    assert_eq!((changed.mode.as_str(), changed.to.as_str()), ("pin", "locked"));
    assert_eq!(changed.guard.as_deref(), Some("417"));
    // The sixth try, while it is locked, says nothing new.
    here.asks.send(DeskAsk::TrySound).unwrap();
    assert!(matches!(here.message(), Message::TrySound));
}
