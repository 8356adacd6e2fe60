//! What changes how the kiosk works: mode, rule sets, place. The lane takes it up, and the journal keeps that it did.

use std::sync::mpsc::sync_channel;

use checkpoint::lane::Afresh;
use checkpoint::passage::day::ModeChanged;
use checkpoint::passage::record::Event;
use checkpoint::passback::{self, Passback};
use chrono::Utc;
use zeroize::Zeroizing;

use super::{Desk, Kept, ids};
use crate::commands::lane_loop::{Ledger, Reform, Training};
use crate::commands::place;
use crate::commands::session::Message;
use crate::commands::throwaway::Throwaway;
use crate::config::Under;
use crate::practice::Practice;
use crate::ui::desk::{Change, PinSays};

/// Most places that are offered first because they were chosen last.
const RECENT_MAX: usize = 8;

impl Desk {
    /// What the settings say under what was kept.
    pub(super) fn under(&self, kept: &Kept) -> Result<Under, String> {
        let place = match &kept.place {
            None => None,
            Some(code) => {
                let known = self.places.find(code);
                Some(known.ok_or_else(|| format!("{code} is none of the places that can be chosen"))?)
            }
        };
        self.config.under(kept.mode.unwrap_or(self.config.mode), kept.rules.as_deref(), place.as_ref())
    }

    /// What the lane is asked for. A new memory of holders where the mode is another: who passed a school's gate is nobody's
    /// business on a road.
    pub(super) fn reform(&self, under: Under, another_mode: bool, events: Vec<Event>) -> Result<Reform, String> {
        let training = match under.ways.records {
            true => None,
            false => Some(self.training()?),
        };
        let Under { settings, rule_sets, passback, school, ways } = under;
        let afresh = match another_mode {
            false => None,
            true => Some(Afresh { passback: passback.map(remember).transpose()?, school }),
        };
        Ok(Reform { settings, rule_sets, afresh, training, names: ways.names, events })
    }

    pub(super) fn training(&self) -> Result<Training, String> {
        let throwaway = Throwaway::new()?;
        let ledger = Ledger::throwaway(throwaway.dir()).map_err(|fault| fault.to_string())?;
        let (trust, at) = match &self.config.training_trust_dir {
            None => (Practice::trust(), Some(self.practice.at)),
            Some(dir) => (Some(place::trust_in(dir).map_err(|fault| fault.to_string())?), None),
        };
        Ok(Training { ledger, throwaway, trust, at })
    }

    /// Asks the lane and waits until it is done: `false` where the journal could not keep it.
    pub(super) fn ask_lane(&self, reform: Reform) -> bool {
        let (reply, kept) = sync_channel(1);
        self.mailbox.send(Message::Reform(Box::new(reform), Some(reply))) && kept.recv().unwrap_or(false)
    }

    pub(super) fn change(&mut self, change: Change) -> PinSays {
        let before = self.under(&self.kept);
        let mut next = self.kept.clone();
        let (mode, to) = match change {
            // Nothing is changed, and nothing is recorded.
            Change::Open => {
                self.shown.opened += 1;
                return PinSays::Nothing;
            }
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

    pub(super) fn stand(&mut self, code: &str) {
        let Some(place) = self.places.find(code) else { return };
        let from = self.kept.place.clone().unwrap_or_else(|| self.config.lane.location.code.clone());
        let mut recent = self.kept.recent.clone();
        recent.retain(|known| known != code);
        recent.insert(0, code.to_owned());
        recent.truncate(RECENT_MAX);
        let next = Kept { place: Some(place.code.clone()), recent, ..self.kept.clone() };
        let guard = self.kept.shift.map(|(guard, _)| guard.to_string());
        let event = Event::ModeChanged(ModeChanged { mode: "place".to_owned(), from, to: place.code, guard });
        match self.under(&next).and_then(|under| self.reform(under, false, vec![event])) {
            Ok(reform) => {
                if self.ask_lane(reform) {
                    self.kept = next;
                    self.kept.save(&self.storage);
                    (self.shown.place_code, self.shown.poster) = (None, None);
                }
            }
            Err(fault) => tracing::warn!(fault, "the kiosk stays where it is"),
        }
    }
}

/// An empty memory of holders, under a key that is new.
fn remember(settings: passback::Settings) -> Result<Passback, String> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).map_err(|fault| format!("the system gives no random numbers: {fault}"))?;
    Ok(Passback::new(&secret, settings, Utc::now()))
}
