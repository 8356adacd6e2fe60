//! The desk: everything of a guard's day that is about no visitor, in a thread that may take its time.
//!
//! It reads the index, checks a PIN, keeps who is on duty and what was checked, and asks the lane to work in another way. The
//! lane never waits for it, and the window shows its answer when there is one.

mod changes;
mod kept;
mod places;
mod poster;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use checkpoint::lane::Settings;
use checkpoint::passage::day::{Checked, ModeChanged, ShiftChanged, Works};
use checkpoint::passage::record::Event;
use checkpoint::rules::RuleSet;
use checkpoint::screen::{GuardAction, GuardNumber, Totals};
use checkpoint::time::day_in_vietnam;
use chrono::{DateTime, NaiveDate, Utc};
pub use kept::{DESK_FILE, Kept};
use places::Known;

use super::location_qr;
use super::place::journal_dir;
use super::roster::RosterWatch;
use super::session::{Mailbox, Message};
use crate::checklist;
use crate::config::{Config, Under};
use crate::device::Device;
use crate::journal::Reader;
use crate::journal::index::{Query, day};
use crate::mode::Mode;
use crate::pin::{PinFault, PinStore, Tried};
use crate::practice::Practice;
use crate::ui::WindowHandle;
use crate::ui::desk::{Checklist, DeskAsk, DeskShown, Exercise, Figures, PinSays, Poster, Shift, Span};
use crate::ui::view::Question;

/// Between two practice codes of one visitor: long enough to read what is still asked for.
const BETWEEN_CODES: Duration = Duration::from_millis(2500);

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
    practice: Practice,
    kept: Kept,
    shown: DeskShown,
    window: WindowHandle,
    mailbox: Mailbox,
    roster: RosterWatch,
    places: Known,
}

impl Desk {
    /// Starts to listen, in a thread of its own; the lane works as was kept from then on. How that is, the record of the start says.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        setup: DeskSetup,
        sound: bool,
        window: WindowHandle,
        mailbox: Mailbox,
    ) -> std::io::Result<(Sender<DeskAsk>, Works)> {
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
        let shown = DeskShown { sound, about, ..DeskShown::default() };
        let places = Known::load(&config);
        let pin = PinStore::at(&storage);
        let roster = RosterWatch::start(config.roster_dir.clone(), mailbox.clone())?;
        let practice = Practice::built_in();
        let mut desk = Self { config, storage, lists, pin, practice, kept, shown, window, mailbox, roster, places };
        let works = desk.begin();
        let (sender, asks) = channel();
        super::session::spawn("desk", move || desk.run(&asks))?;
        Ok((sender, works))
    }

    /// The kiosk works as it did before the restart. That it does is no change: the record of the start says how it works.
    fn begin(&mut self) -> Works {
        let learnt = self.kept.end_training();
        if let Some(gone) = self.kept.place.take_if(|code| self.places.find(code).is_none()) {
            tracing::warn!(
                gone,
                "the place that was chosen is no longer one to choose: the kiosk stands where its settings say"
            );
        }
        let began = self.work_as_kept().or_else(|fault| {
            tracing::warn!(fault, "what was kept cannot be used: the kiosk works as its settings say");
            self.forget_ways(None);
            self.work_as_kept()
        });
        let works = began.unwrap_or_else(|fault| {
            // The lane works so from its start.
            tracing::error!(fault, "the mode of the settings cannot be begun: the kiosk works as a checkpoint");
            self.forget_ways(Some(Mode::Checkpoint));
            self.works(&self.config.lane, &self.config.rule_sets)
        });
        if learnt {
            self.training_is_over();
        }
        self.tell();
        works
    }

    fn forget_ways(&mut self, mode: Option<Mode>) {
        let done = std::mem::take(&mut self.kept.done);
        self.kept = Kept { mode, shift: self.kept.shift, done, ..Kept::default() };
    }

    /// Asks the lane to work as was kept, where that is another way than the one of its start.
    fn work_as_kept(&self) -> Result<Works, String> {
        let under = self.under(&self.kept)?;
        let works = self.works(&under.settings, &under.rule_sets);
        let as_configured = self.kept.mode().is_none() && self.kept.place.is_none() && self.kept.rules().is_none();
        if !(as_configured && self.config.mode == Mode::Checkpoint) {
            let reform = self.reform(under, true, Vec::new())?;
            self.mailbox.send(Message::Reform(Box::new(reform), None));
        }
        Ok(works)
    }

    fn works(&self, settings: &Settings, rule_sets: &[RuleSet]) -> Works {
        Works {
            mode: self.mode().word().to_owned(),
            location: settings.location.code.clone(),
            direction: settings.direction,
            rule_sets: rule_sets.iter().map(|rule_set| rule_set.used(&settings.location)).collect(),
            retention_days: self.config.retention_days,
            settings: self.config.digest.clone(),
        }
    }

    /// A restart ended training: a record, and one line on the screen.
    fn training_is_over(&mut self) {
        self.kept.save(&self.storage);
        if self.mode() == Mode::Training {
            return; // The settings want it so.
        }
        let (mode, from, to) = ("mode".to_owned(), Mode::Training.word().to_owned(), self.mode().word().to_owned());
        self.mailbox.send(Message::Note(Event::ModeChanged(ModeChanged { mode, from, to, guard: None })));
        self.shown.training_over = true;
    }

    fn run(mut self, asks: &Receiver<DeskAsk>) {
        for ask in asks {
            self.answer(ask);
            self.tell();
        }
    }

    fn answer(&mut self, ask: DeskAsk) {
        match ask {
            DeskAsk::Figures(span, today) => match self.figures(span, today) {
                Ok(figures) => self.shown.figures = Some(figures),
                Err(fault) => tracing::warn!(%fault, "the day cannot be counted"),
            },
            DeskAsk::PlaceCode => {
                self.shown.poster = None;
                self.shown.printer = poster::printer();
                match self
                    .under(&self.kept)
                    .and_then(|under| location_qr::text(&under.settings.location).map_err(|fault| fault.to_string()))
                {
                    Ok(text) => self.shown.place_code = Question::of(&text, self.shown.place_code.take()),
                    Err(fault) => self.shown.poster = Some(Poster::Failed(fault)),
                }
            }
            DeskAsk::SavePlaceCode => self.shown.poster = Some(self.save_poster()),
            DeskAsk::PrintPlaceCode => self.shown.poster = Some(self.print_poster()),
            DeskAsk::TrySound => {
                self.mailbox.send(Message::TrySound);
            }
            DeskAsk::ShiftBegins(guard, at) => self.shift_begins(guard, at),
            DeskAsk::ShiftFigures => {
                self.shown.shift_figures = self.since_shift_began();
            }
            DeskAsk::ShiftEnds => self.shift_ends(),
            DeskAsk::Checked(list, done, guard, at) => self.checked(list, &done, guard, at),
            DeskAsk::Places => self.places.refresh(&self.config, self.kept.place.as_deref()),
            DeskAsk::Stand(code) => self.stand(&code),
            DeskAsk::Practise(case) => self.practise(case),
            DeskAsk::Change(change, pin) => {
                self.shown.pin = PinSays::Checking;
                self.tell();
                self.shown.pin = match self.pin.check(&pin.0, Utc::now()) {
                    Ok(Tried::Right) => self.change(change),
                    Ok(Tried::Wrong { tries_left }) => PinSays::Wrong { tries_left },
                    Ok(Tried::Locked { secs, newly }) => {
                        if newly {
                            self.pin_locked();
                        }
                        PinSays::Locked { secs }
                    }
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

    /// Somebody tries PINs, or guesses them: that is for the office.
    fn pin_locked(&self) {
        let guard = self.kept.shift.map(|(guard, _)| guard.to_string());
        let (mode, from, to) = ("pin".to_owned(), "asked".to_owned(), "locked".to_owned());
        self.mailbox.send(Message::Note(Event::ModeChanged(ModeChanged { mode, from, to, guard })));
    }

    /// What the kiosk is used for.
    fn mode(&self) -> Mode {
        self.kept.mode().unwrap_or(self.config.mode)
    }

    fn location(&self) -> String {
        self.kept.place.clone().unwrap_or_else(|| self.config.lane.location.code.clone())
    }

    /// Plays a case's codes one after the other, as a visitor shows them. The lane takes them only while guards learn.
    fn practise(&self, case: usize) {
        let Some(case) = self.practice.cases.get(case) else { return };
        let (codes, lane) = (case.codes.clone(), self.mailbox.clone());
        let played = super::session::spawn("practice", move || {
            for (number, text) in codes.into_iter().enumerate() {
                if number > 0 {
                    std::thread::sleep(BETWEEN_CODES);
                }
                lane.send(Message::Practise(text));
            }
        });
        if let Err(fault) = played {
            tracing::warn!(%fault, "the practice code was not played");
        }
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
    }

    fn shift_ends(&mut self) {
        let Some((guard, _)) = self.kept.shift else { return };
        let passages = self.since_shift_began().map(|totals| totals.all());
        let event =
            ShiftChanged { location: self.location(), guard: guard.to_string(), what: "ended".to_owned(), passages };
        self.mailbox.send(Message::Note(Event::ShiftChanged(event)));
        self.kept.shift = None;
        self.kept.save(&self.storage);
        // For another kiosk to witness what this guard leaves behind.
        self.mailbox.send(Message::Guard(GuardAction::ShowHead));
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
        let mode = self.mode();
        self.lists.iter().filter(|list| list.modes.is_empty() || list.modes.contains(&mode)).collect()
    }

    /// Training keeps nothing, and counts nothing: these are of the journal that is kept.
    fn figures(&self, span: Span, today: NaiveDate) -> Result<Figures, Box<dyn std::error::Error>> {
        let (first, last) = span.days(today);
        let index = Reader::open(&journal_dir(&self.storage))?.index()?;
        let statistics = index.statistics(&Query { since: day(first).since, ..day(last) })?;
        Ok(Figures { span, today, statistics })
    }

    fn since_shift_began(&self) -> Option<Totals> {
        let (_, since) = self.kept.shift?;
        let index = Reader::open(&journal_dir(&self.storage)).ok()?.index().ok()?;
        index.count(&Query { since: Some(since), passages_only: true, ..Query::default() }).ok()
    }

    /// Gives the window what is known now.
    fn tell(&mut self) {
        let mode = self.mode();
        let under = self.under(&self.kept);
        (self.shown.mode, self.shown.ways) = (mode, mode.ways());
        self.roster.want(self.shown.ways.roster);
        (self.shown.places, self.shown.places_signed) = self.places.shown(&self.kept.recent);
        // A list of one's own vouches for codes of one's own.
        let offered = !self.shown.ways.records && self.config.training_trust_dir.is_none();
        if offered == self.shown.practice.is_empty() {
            let cases = if offered { self.practice.cases.as_slice() } else { &[] };
            self.shown.practice = cases.iter().filter_map(Exercise::of).collect();
        }
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
