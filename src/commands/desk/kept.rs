//! What of the desk outlives a restart.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::mode::Mode;
use crate::pin::replace;

/// The file in the state folder.
pub const DESK_FILE: &str = "desk.json";

/// What outlives a restart: how the kiosk works, who is on duty, what was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kept {
    pub(super) mode: Option<Mode>,
    pub(super) rules: Option<Vec<String>>,
    /// Guards learn; mode and rule sets are what they were before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) training: Option<Training>,
    /// Code of the place that was chosen.
    pub(super) place: Option<String>,
    /// Codes of the places that were chosen last, newest first.
    pub(super) recent: Vec<String>,
    /// Badge number, and since when.
    pub(super) shift: Option<(u32, DateTime<Utc>)>,
    /// Day on which each checklist was done last, by its id.
    pub(super) done: BTreeMap<String, NaiveDate>,
}

/// How guards learn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Training {
    rules: Option<Vec<String>>,
}

impl Kept {
    /// The mode that was chosen; `None`: the settings' one.
    pub(super) fn mode(&self) -> Option<Mode> {
        self.training.as_ref().map(|_| Mode::Training).or(self.mode)
    }

    /// Rule sets that were chosen, by their ids; `None`: those of the mode.
    pub(super) fn rules(&self) -> Option<&[String]> {
        self.training.as_ref().map_or(&self.rules, |training| &training.rules).as_deref()
    }

    pub(super) fn choose_mode(&mut self, mode: Mode) {
        if mode == Mode::Training {
            self.training = Some(Training::default());
        } else {
            (self.mode, self.rules, self.training) = (Some(mode), None, None);
        }
    }

    pub(super) fn choose_rules(&mut self, rules: Vec<String>) {
        *self.training.as_mut().map_or(&mut self.rules, |training| &mut training.rules) = Some(rules);
    }

    /// For a start: after a power cut nobody may take a kiosk that keeps nothing for one at work. Whether guards learnt until then.
    pub(super) fn end_training(&mut self) -> bool {
        // An older program kept it so.
        if self.mode == Some(Mode::Training) {
            (self.mode, self.rules, self.training) = (None, None, Some(Training::default()));
        }
        self.training.take().is_some()
    }

    /// What was kept; nothing where the file is missing or damaged: then the settings are in force.
    pub(super) fn load(storage: &Path) -> Self {
        let text = match std::fs::read_to_string(storage.join(DESK_FILE)) {
            Ok(text) => text,
            Err(_) => return Self::default(),
        };
        serde_json::from_str(&text).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "{DESK_FILE} is damaged: the kiosk works as its settings say");
            Self::default()
        })
    }

    pub(super) fn save(&self, storage: &Path) {
        let saved = serde_json::to_vec(self).map_err(std::io::Error::other);
        if let Err(fault) = saved.and_then(|text| replace(&storage.join(DESK_FILE), &text)) {
            tracing::warn!(%fault, "how the kiosk works could not be kept: a restart will forget it");
        }
    }
}
