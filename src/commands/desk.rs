//! The desk: everything of a guard's day that is about no visitor, in a thread that may take its time.
//!
//! It reads the index, checks a PIN, keeps who is on duty and what was checked, and asks the lane to work in another way. The
//! lane never waits for it, and the window shows its answer when there is one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

use checkpoint::passage::day::{Checked, ModeChanged, ShiftChanged};
use checkpoint::passage::record::Event;
use checkpoint::passback::Passback;
use checkpoint::screen::{GuardNumber, Totals};
use checkpoint::time::day_in_vietnam;
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::lane_loop::{Ledger, Reform, Training};
use super::location_qr::{self, LocationQrArgs};
use super::place::{self, journal_dir};
use super::replay::Throwaway;
use super::session::{Mailbox, Message};
use crate::checklist;
use crate::config::{Config, Under};
use crate::device::Device;
use crate::journal::Reader;
use crate::journal::index::{Query, day};
use crate::mode::Mode;
use crate::pin::{PinFault, PinStore, Tried, replace};
use crate::ui::WindowHandle;
use crate::ui::desk::{Change, Checklist, DeskAsk, DeskShown, Figures, PinSays, Shift};
use crate::ui::view::Question;

/// The file in the state folder.
pub const DESK_FILE: &str = "desk.json";

/// What outlives a restart: how the kiosk works, who is on duty, what was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kept {
    mode: Option<Mode>,
    rules: Option<Vec<String>>,
    /// Code of the place that was chosen.
    place: Option<String>,
    /// Badge number, and since when.
    shift: Option<(u32, DateTime<Utc>)>,
    /// Day on which each checklist was done last, by its id.
    done: BTreeMap<String, NaiveDate>,
}

impl Kept {
    /// What was kept; nothing where the file is missing or damaged: then the settings are in force.
    fn load(storage: &Path) -> Self {
        let text = match std::fs::read_to_string(storage.join(DESK_FILE)) {
            Ok(text) => text,
            Err(_) => return Self::default(),
        };
        serde_json::from_str(&text).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "{DESK_FILE} is damaged: the kiosk works as its settings say");
            Self::default()
        })
    }

    fn save(&self, storage: &Path) {
        let saved = serde_json::to_vec(self).map_err(std::io::Error::other);
        if let Err(fault) = saved.and_then(|text| replace(&storage.join(DESK_FILE), &text)) {
            tracing::warn!(%fault, "how the kiosk works could not be kept: a restart will forget it");
        }
    }
}

/// What a desk needs to know at its start.
pub struct DeskSetup {
    /// The settings.
    pub config: Config,
    /// Folder of everything that is kept; of a demonstration one that is thrown away.
    pub storage: PathBuf,
    /// The trust list in a few words.
    pub list: String,
}

/// The desk at work.
pub struct Desk {
    config: Config,
    storage: PathBuf,
    lists: Vec<checklist::Checklist>,
    pin: PinStore,
    kept: Kept,
    shown: DeskShown,
    window: WindowHandle,
    mailbox: Mailbox,
}

impl Desk {
    /// Starts to listen, in a thread of its own; the lane works as was kept from then on.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        setup: DeskSetup,
        sound: bool,
        window: WindowHandle,
        mailbox: Mailbox,
    ) -> std::io::Result<Sender<DeskAsk>> {
        let DeskSetup { config, storage, list } = setup;
        let kept = Kept::load(&storage);
        let lists = checklist::load(config.checklists_dir.as_deref()).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "only the checklists that came with the kiosk are shown");
            checklist::load(None).unwrap_or_default()
        });
        let about = vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("device", "–".to_owned()),
            ("list", list),
            ("storage", storage.display().to_string()),
            ("fonts", "Be Vietnam Pro (SIL OFL 1.1)".to_owned()),
        ];
        let places = config.places.clone();
        let shown = DeskShown { places, sound, about, ..DeskShown::default() };
        let pin = PinStore::at(&storage);
        let mut desk = Self { config, storage, lists, pin, kept, shown, window, mailbox };
        desk.begin();
        let (sender, asks) = channel();
        super::session::spawn("desk", move || desk.run(&asks))?;
        Ok(sender)
    }

    /// The kiosk works as it did before the restart. That it does is no change, and no record.
    fn begin(&mut self) {
        let under = match self.under(&self.kept) {
            Ok(under) => under,
            Err(fault) => {
                tracing::warn!(fault, "what was kept cannot be used: the kiosk works as its settings say");
                self.kept =
                    Kept { shift: self.kept.shift, done: std::mem::take(&mut self.kept.done), ..Kept::default() };
                match self.under(&self.kept) {
                    Ok(under) => under,
                    Err(_) => return self.tell(),
                }
            }
        };
        let as_configured = self.kept.mode.is_none() && self.kept.place.is_none() && self.kept.rules.is_none();
        if !(as_configured && self.config.mode == Mode::Checkpoint) {
            match self.reform(under, true, Vec::new()) {
                Ok(reform) => {
                    self.mailbox.send(Message::Reform(Box::new(reform), None));
                }
                Err(fault) => tracing::error!(fault, "the kiosk works as its settings say"),
            }
        }
        self.tell();
    }

    fn run(mut self, asks: &Receiver<DeskAsk>) {
        for ask in asks {
            self.answer(ask);
            self.tell();
        }
    }

    fn answer(&mut self, ask: DeskAsk) {
        match ask {
            DeskAsk::Figures(of) => match self.figures(of) {
                Ok(figures) => self.shown.figures = Some(figures),
                Err(fault) => tracing::warn!(%fault, "the day cannot be counted"),
            },
            DeskAsk::PlaceCode => {
                self.shown.saved = None;
                match self
                    .under(&self.kept)
                    .and_then(|under| location_qr::text(&under.settings.location).map_err(|fault| fault.to_string()))
                {
                    Ok(text) => self.shown.place_code = Question::of(&text, self.shown.place_code.take()),
                    Err(fault) => self.shown.saved = Some(Err(fault)),
                }
            }
            DeskAsk::SavePlaceCode => self.shown.saved = Some(self.save_poster()),
            DeskAsk::TrySound => {
                self.mailbox.send(Message::TrySound);
            }
            DeskAsk::ShiftBegins(guard, at) => self.shift_begins(guard, at),
            DeskAsk::ShiftFigures => {
                self.shown.shift_figures = self.since_shift_began();
                self.shown.head_code = self.head();
            }
            DeskAsk::ShiftEnds => self.shift_ends(),
            DeskAsk::Checked(list, done, guard, at) => self.checked(list, &done, guard, at),
            DeskAsk::Stand(at) => self.stand(at),
            DeskAsk::Change(change, pin) => {
                self.shown.pin = PinSays::Checking;
                self.tell();
                self.shown.pin = match self.pin.check(&pin.0, Utc::now()) {
                    Ok(Tried::Right) => self.change(change),
                    Ok(Tried::Wrong { tries_left }) => PinSays::Wrong { tries_left },
                    Ok(Tried::Locked { secs }) => PinSays::Locked { secs },
                    Ok(Tried::NotSet) => PinSays::NotSet,
                    Err(
                        fault @ (PinFault::Disk { .. }
                        | PinFault::Damaged { .. }
                        | PinFault::Hash(_)
                        | PinFault::NotAPin),
                    ) => {
                        tracing::error!(%fault, "the PIN was not checked");
                        PinSays::NotKept
                    }
                };
            }
        }
    }

    /// What the settings say under what was kept.
    fn under(&self, kept: &Kept) -> Result<Under, String> {
        let place = match &kept.place {
            None => None,
            Some(code) => {
                let known = self.config.places.iter().find(|place| place.code == *code);
                Some(known.ok_or_else(|| format!("{code} is none of the [[places]] of the settings"))?)
            }
        };
        self.config.under(kept.mode.unwrap_or(self.config.mode), kept.rules.as_deref(), place)
    }

    /// What the lane is asked for. A new memory of holders where the mode is another: who passed a school's gate is nobody's
    /// business on a road.
    fn reform(&self, under: Under, another_mode: bool, events: Vec<Event>) -> Result<Reform, String> {
        let training = match under.ways.records {
            true => None,
            false => Some(self.training()?),
        };
        let passback = match under.passback.filter(|_| another_mode) {
            None => None,
            Some(settings) => {
                let mut secret = Zeroizing::new([0; 32]);
                getrandom::fill(&mut *secret)
                    .map_err(|fault| format!("the system gives no random numbers: {fault}"))?;
                Some(Passback::new(&secret, settings, Utc::now()))
            }
        };
        let Under { settings, rule_sets, ways, .. } = under;
        Ok(Reform { settings, rule_sets, passback, training, names: ways.names, events })
    }

    fn training(&self) -> Result<Training, String> {
        let throwaway = Throwaway::new()?;
        let ledger = Ledger::throwaway(throwaway.dir()).map_err(|fault| fault.to_string())?;
        let trust = match &self.config.training_trust_dir {
            None => None,
            Some(dir) => Some(place::trust_in(dir).map_err(|fault| fault.to_string())?),
        };
        Ok(Training { ledger, throwaway, trust })
    }

    /// Asks the lane and waits until it is done: `false` where the journal could not keep it.
    fn ask_lane(&self, reform: Reform) -> bool {
        let (reply, kept) = sync_channel(1);
        self.mailbox.send(Message::Reform(Box::new(reform), Some(reply))) && kept.recv().unwrap_or(false)
    }

    fn change(&mut self, change: Change) -> PinSays {
        let before = self.under(&self.kept);
        let mut next = self.kept.clone();
        let (mode, to) = match change {
            Change::Mode(mode) => {
                (next.mode, next.rules) = (Some(mode), None);
                ("mode", mode.word().to_owned())
            }
            Change::Rules(rules) => {
                let to = rules.join(" ");
                next.rules = Some(rules);
                ("rules", to)
            }
        };
        let from = match (mode, &before) {
            ("mode", _) => self.kept.mode.unwrap_or(self.config.mode).word().to_owned(),
            (_, Ok(under)) => ids(under).join(" "),
            (_, Err(_)) => String::new(),
        };
        let guard = self.kept.shift.map(|(guard, _)| guard.to_string());
        let event = Event::ModeChanged(ModeChanged { mode: mode.to_owned(), from, to, guard });
        let done = self.under(&next).and_then(|under| self.reform(under, mode == "mode", vec![event]));
        match done.map(|reform| self.ask_lane(reform)) {
            Ok(true) => {
                self.kept = next;
                self.kept.save(&self.storage);
                self.shown.changes += 1;
                PinSays::Nothing
            }
            Ok(false) => PinSays::NotKept,
            Err(fault) => {
                tracing::error!(fault, "the change cannot be made");
                PinSays::NotKept
            }
        }
    }

    fn stand(&mut self, at: usize) {
        let Some(place) = self.config.places.get(at).cloned() else { return };
        let from = self.kept.place.clone().unwrap_or_else(|| self.config.lane.location.code.clone());
        let next = Kept { place: Some(place.code.clone()), ..self.kept.clone() };
        let guard = self.kept.shift.map(|(guard, _)| guard.to_string());
        let event = Event::ModeChanged(ModeChanged { mode: "place".to_owned(), from, to: place.code, guard });
        match self.under(&next).and_then(|under| self.reform(under, false, vec![event])) {
            Ok(reform) => {
                if self.ask_lane(reform) {
                    self.kept = next;
                    self.kept.save(&self.storage);
                    (self.shown.place_code, self.shown.saved) = (None, None);
                }
            }
            Err(fault) => tracing::warn!(fault, "the kiosk stays where it is"),
        }
    }

    fn location(&self) -> String {
        self.kept.place.clone().unwrap_or_else(|| self.config.lane.location.code.clone())
    }

    fn shift_begins(&mut self, guard: GuardNumber, at: DateTime<Utc>) {
        let event = ShiftChanged {
            location: self.location(),
            guard: guard.0.to_string(),
            what: "began".to_owned(),
            passages: None,
        };
        self.mailbox.send(Message::Note(Event::ShiftChanged(event)));
        self.kept.shift = Some((guard.0, at));
        self.kept.save(&self.storage);
        self.shown.shift_figures = Some(Totals::default());
        self.shown.head_code = self.head();
    }

    fn shift_ends(&mut self) {
        let Some((guard, _)) = self.kept.shift else { return };
        let passages = self.since_shift_began().map(|totals| totals.all());
        let event =
            ShiftChanged { location: self.location(), guard: guard.to_string(), what: "ended".to_owned(), passages };
        self.mailbox.send(Message::Note(Event::ShiftChanged(event)));
        self.kept.shift = None;
        self.kept.save(&self.storage);
        self.shown.head_code = self.head();
    }

    fn checked(&mut self, list: usize, done: &[bool], guard: GuardNumber, at: DateTime<Utc>) {
        let Some(id) = self.due().get(list).map(|list| list.id.clone()) else { return };
        let Some(list) = self.lists.iter().find(|list| list.id == id) else { return };
        let numbers = |wanted: bool| {
            let of = |(number, done): (u32, &bool)| (*done == wanted).then_some(number);
            (1..).zip(done).filter_map(of).collect()
        };
        let event = Checked {
            location: self.location(),
            list: list.id.clone(),
            version: list.version,
            guard: guard.0.to_string(),
            good: numbers(true),
            bad: numbers(false),
        };
        self.mailbox.send(Message::Note(Event::Checked(event)));
        self.kept.done.insert(id, day_in_vietnam(at));
        self.kept.save(&self.storage);
    }

    /// Checklists of this mode.
    fn due(&self) -> Vec<&checklist::Checklist> {
        let mode = self.kept.mode.unwrap_or(self.config.mode);
        self.lists.iter().filter(|list| list.modes.is_empty() || list.modes.contains(&mode)).collect()
    }

    fn figures(&self, of: NaiveDate) -> Result<Figures, Box<dyn std::error::Error>> {
        let mut hours = [Totals::default(); 24];
        // Training keeps nothing, and counts nothing.
        let index = Reader::open(&journal_dir(&self.storage))?.index()?;
        for hour in index.count_by_hour(&day(of))? {
            let at = hour.from.with_timezone(&checkpoint::time::vietnam()).hour() as usize;
            hours[at] = hour.totals;
        }
        Ok(Figures { day: of, hours })
    }

    fn since_shift_began(&self) -> Option<Totals> {
        let (_, since) = self.kept.shift?;
        let index = Reader::open(&journal_dir(&self.storage)).ok()?.index().ok()?;
        index.count(&Query { since: Some(since), passages_only: true, ..Query::default() }).ok()
    }

    /// The signed head of the journal as a code.
    fn head(&self) -> Option<Question> {
        let (reply, text) = sync_channel(1);
        let asked = self.mailbox.send(Message::Seal(reply));
        let text = asked.then(|| text.recv().ok().flatten()).flatten()?;
        Question::of(&text, self.shown.head_code.clone())
    }

    /// The poster's files, on the stick where there is one.
    fn save_poster(&self) -> Result<String, String> {
        let stick = self.config.sync_dir.clone().filter(|dir| dir.is_dir());
        let out = stick.unwrap_or_else(|| self.storage.clone()).join("poster");
        let location = self.under(&self.kept)?.settings.location;
        location_qr::run(&location, &LocationQrArgs { out: out.clone() }).map_err(|fault| fault.to_string())?;
        Ok(out.display().to_string())
    }

    /// Gives the window what is known now.
    fn tell(&mut self) {
        let mode = self.kept.mode.unwrap_or(self.config.mode);
        let under = self.under(&self.kept);
        (self.shown.mode, self.shown.ways) = (mode, mode.ways());
        // The key is made with the journal, at the first start after the desk.
        if let Some((_, id)) = self.shown.about.iter_mut().find(|(name, id)| *name == "device" && id == "–")
            && let Ok(device) = Device::load(&self.storage, None)
        {
            device.id().clone_into(id);
        }
        let required = under.as_ref().map(ids).unwrap_or_default();
        let here =
            under.as_ref().map_or(&self.config.lane.location.province, |under| &under.settings.location.province);
        self.shown.rules = self
            .config
            .known_rules
            .iter()
            .filter(|rule_set| rule_set.holds_in(here))
            .map(|rule_set| (rule_set.id.clone(), required.contains(&rule_set.id)))
            .collect();
        self.shown.shift = self.kept.shift.map(|(guard, since)| Shift { guard: GuardNumber(guard), since });
        let texts =
            |texts: &BTreeMap<String, String>| texts.iter().map(|(tag, text)| (tag.clone(), text.clone())).collect();
        self.shown.checklists = self
            .due()
            .into_iter()
            .map(|list| Checklist {
                title: texts(&list.title),
                items: list.items.iter().map(texts).collect(),
                done: self.kept.done.get(&list.id).copied(),
            })
            .collect();
        self.window.desk(self.shown.clone());
    }
}

fn ids(under: &Under) -> Vec<String> {
    under.rule_sets.iter().map(|rule_set| rule_set.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::ui::desk::Pin;

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
            loop {
                let message = self.messages.recv_timeout(Duration::from_secs(20)).unwrap();
                match &message {
                    Message::Reform(_, Some(reply)) => reply.send(true).unwrap(),
                    Message::Seal(reply) => {
                        reply.send(Some("VNCHK1:A".to_owned())).unwrap();
                        continue;
                    }
                    _ => {}
                }
                return message;
            }
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
        assert_eq!(
            (changed.mode.as_str(), changed.from.as_str(), changed.to.as_str()),
            ("mode", "checkpoint", "school")
        );
        let ids: Vec<_> = reform.rule_sets.iter().map(|rule_set| rule_set.id.as_str()).collect();
        assert!(ids == ["school-gate"] && reform.passback.is_some() && reform.training.is_none());
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
        here.asks.send(DeskAsk::Stand(1)).unwrap();
        let Message::Reform(reform, _) = here.message() else { panic!("not what was asked") };
        assert!(reform.settings.location.code == "B-2" && reform.passback.is_none());
        here.asks.send(DeskAsk::PlaceCode).unwrap();
        here.until(|shown| shown.place_code.is_some());
        here.asks.send(DeskAsk::SavePlaceCode).unwrap();
        let shown = here.until(|shown| shown.saved.is_some());
        let folder = shown.saved.unwrap().unwrap();
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
        assert!(matches!(again.messages.recv_timeout(Duration::from_secs(20)).unwrap(), Message::Seal(_)));
        again.until(|shown| shown.shift.is_none());
    }

    #[test]
    fn a_damaged_file_leaves_the_settings_in_force() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DESK_FILE), "{\"mode\":\"moon\"}").unwrap();
        room(folder).until(|shown| shown.mode == Mode::Checkpoint);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DESK_FILE), "{\"place\":\"gone\",\"mode\":\"patrol\"}").unwrap();
        room(folder).until(|shown| shown.mode == Mode::Checkpoint);
    }
}
