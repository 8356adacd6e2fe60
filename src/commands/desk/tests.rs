use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::*;
use crate::ui::desk::{Change, Pin};

struct Room {
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
    let (sender, messages) = sync_channel(8);
    let window = WindowHandle::default();
    let setup = DeskSetup { config: config(), storage: folder.path().to_owned(), list: String::new() };
    let asks = Desk::start(setup, true, window.clone(), Mailbox::new(sender)).unwrap();
    Room { asks, messages, window, folder }
}

impl Room {
    /// Waits for the lane's next message; it can keep everything.
    fn message(&self) -> Message {
        let message = self.messages.recv_timeout(Duration::from_secs(20)).unwrap();
        if let Message::Reform(_, Some(reply)) = &message {
            reply.send(true).unwrap();
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
    // It works as before, and that is no change.
    let Message::Reform(reform, None) = again.message() else { panic!("not as it was") };
    assert!(reform.events.is_empty() && reform.rule_sets.len() == 1);
    again.until(|shown| shown.mode == Mode::School);
}

#[test]
fn a_place_is_one_touch_and_goes_into_the_passages() {
    let here = room(tempfile::tempdir().unwrap());
    here.asks.send(DeskAsk::Stand("B-2".to_owned())).unwrap();
    let Message::Reform(reform, _) = here.message() else { panic!("not what was asked") };
    assert!(reform.settings.location.code == "B-2" && reform.afresh.is_none());
    let shown = here.until(|shown| shown.places[0].location.code == "B-2");
    assert!(!shown.places_signed && shown.places.len() == 2);
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
