//! What the kiosk is used for: six modes, each a few switches in `assets/modes.toml`.

use serde::{Deserialize, Serialize};

use crate::ui::theme::Look;

/// What the kiosk is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A post on a road.
    #[default]
    Checkpoint,
    /// A team on foot, at night, with one hand free.
    Patrol,
    /// Children and parents, in and out.
    School,
    /// Nobody stands beside it: the visitor looks at the screen.
    Unattended,
    /// Everybody is registered, nobody is judged.
    Register,
    /// Guards learn: nothing is kept.
    Training,
}

impl Mode {
    /// Every mode, in the order of the buttons.
    pub const ALL: [Self; 6] =
        [Self::Checkpoint, Self::Patrol, Self::School, Self::Unattended, Self::Register, Self::Training];

    /// The message's name after `mode-`, and the word kept in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Patrol => "patrol",
            Self::School => "school",
            Self::Unattended => "unattended",
            Self::Register => "register",
            Self::Training => "training",
        }
    }

    /// How it works.
    pub fn ways(self) -> Ways {
        let file = Modes::built_in();
        match self {
            Self::Checkpoint => file.checkpoint,
            Self::Patrol => file.patrol,
            Self::School => file.school,
            Self::Unattended => file.unattended,
            Self::Register => file.register,
            Self::Training => file.training,
        }
    }
}

/// How a mode works. `assets/modes.toml` says what each switch does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ways {
    pub look: Option<Look>,
    pub required: Option<Vec<String>>,
    pub names: bool,
    pub faces_visitor: bool,
    pub one_hand: bool,
    pub picks_place: bool,
    pub in_twice: bool,
    pub roster: bool,
    pub records: bool,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            look: None,
            required: None,
            names: false,
            faces_visitor: false,
            one_hand: false,
            picks_place: false,
            in_twice: false,
            roster: false,
            records: true,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Modes {
    checkpoint: Ways,
    patrol: Ways,
    school: Ways,
    unattended: Ways,
    register: Ways,
    training: Ways,
}

impl Modes {
    fn built_in() -> Self {
        toml::from_str(include_str!("../assets/modes.toml")).expect("a test reads the built-in modes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_has_its_ways_and_only_training_keeps_nothing() {
        for mode in Mode::ALL {
            let ways = mode.ways();
            assert_eq!(ways.records, mode != Mode::Training, "{mode:?}");
            assert_eq!(ways.faces_visitor, mode == Mode::Unattended, "{mode:?}");
            // A screen that visitors see, or one that judges nobody, needs no names.
            assert_eq!(ways.names, !matches!(mode, Mode::Unattended | Mode::Register), "{mode:?}");
        }
    }

    #[test]
    fn a_switch_that_is_not_known_is_refused() {
        let file = include_str!("../assets/modes.toml").replace("one_hand = true", "two_hands = true");
        assert!(toml::from_str::<Modes>(&file).is_err());
    }
}
