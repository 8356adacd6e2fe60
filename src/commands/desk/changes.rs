//! What changes how the kiosk works: mode, rule sets, place. The lane takes it up, and the journal keeps that it did.

use std::sync::mpsc::sync_channel;

use checkpoint::lane::Afresh;
use checkpoint::passage::day::ModeChanged;
use checkpoint::passage::record::Event;
use checkpoint::passback::{self, Passback};
use chrono::Utc;
use zeroize::Zeroizing;

use super::{Desk, Kept, ids};
use crate::commands::lane_loop::{Ledger, Reform, Reformed, Training};
use crate::commands::session::Message;
use crate::commands::throwaway::Throwaway;
use crate::commands::{location_qr, place};
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
        self.config.under(kept.mode().unwrap_or(self.config.mode), kept.rules(), place.as_ref())
    }

    /// What the lane is asked for. A new memory of holders where mode or place is another: who passed a school's gate is
    /// nobody's business on a road.
    pub(super) fn reform(&self, under: Under, anew: bool, events: Vec<Event>) -> Result<Reform, String> {
        let training = match under.ways.records {
            true => None,
            false => Some(self.training()?),
        };
        let Under { settings, rule_sets, passback, school, ways } = under;
        let afresh = match anew {
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

    /// Asks the lane and waits until it is done, or cannot be.
    pub(super) fn ask_lane(&self, reform: Reform) -> Reformed {
        let (reply, reformed) = sync_channel(1);
        self.mailbox.send(Message::Reform(Box::new(reform), Some(reply)));
        reformed.recv().unwrap_or(Reformed::NotKept)
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
                next.choose_mode(mode);
                ("mode", mode.word().to_owned())
            }
            Change::Rules(rules) => {
                let to = rules.join(" ");
                next.choose_rules(rules);
                ("rules", to)
            }
        };
        let from = match (mode, &before) {
            ("mode", _) => self.mode().word().to_owned(),
            (_, Ok(under)) => ids(under).join(" "),
            (_, Err(_)) => String::new(),
        };
        let guard = self.kept.shift.map(|(guard, _)| guard.to_string());
        let event = Event::ModeChanged(ModeChanged { mode: mode.to_owned(), from, to, guard });
        let done = self.under(&next).and_then(|under| self.reform(under, mode == "mode", vec![event]));
        match done.map(|reform| self.ask_lane(reform)) {
            Ok(Reformed::Done) => {
                self.kept = next;
                self.kept.save(&self.storage);
                self.shown.changes += 1;
                PinSays::Nothing
            }
            Ok(Reformed::NotKept) => PinSays::NotKept,
            Ok(Reformed::Engaged) => PinSays::Engaged,
            Err(fault) => {
                tracing::error!(fault, "the change cannot be made");
                PinSays::NotKept
            }
        }
    }

    pub(super) fn stand(&mut self, code: &str) {
        let Some(place) = self.places.find(code) else { return };
        let from = self.location();
        if from == place.code {
            return; // It stands there.
        }
        if let Err(fault) = location_qr::text(&place) {
            tracing::warn!(%fault, code, "a place that can have no code of its own is none to stand at");
            return;
        }
        let mut recent = self.kept.recent.clone();
        recent.retain(|known| known != code);
        recent.insert(0, code.to_owned());
        recent.truncate(RECENT_MAX);
        let next = Kept { place: Some(place.code.clone()), recent, ..self.kept.clone() };
        let guard = self.kept.shift.map(|(guard, _)| guard.to_string());
        let event = Event::ModeChanged(ModeChanged { mode: "place".to_owned(), from, to: place.code, guard });
        // A school's roster is its own wherever its gate is.
        let reform = self.under(&next).and_then(|under| {
            let anew = under.school.is_none();
            self.reform(under, anew, vec![event])
        });
        match reform {
            Ok(reform) => {
                if self.ask_lane(reform) == Reformed::Done {
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
