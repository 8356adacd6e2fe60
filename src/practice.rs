//! Codes that guards learn with: a demonstration's visitors, as data. `trustctl demo --practice` makes them; no key that could make
//! another is here.
//!
//! Their times count from the demonstration's own morning. Training judges them by the demonstration's list at that morning, so they
//! never go stale.

use checkpoint::trust::TrustList;
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The demonstration's root and list, as the repository holds them for a kiosk's first start.
const ROOT: &str = include_str!("../trust-keys/1.root.json");
const BUNDLE: &str = include_str!("../trust-keys/bundle.json");

/// Everything that training plays.
#[derive(Clone, Debug, Deserialize)]
pub struct Practice {
    /// When training begins by the codes' calendar.
    pub at: DateTime<Utc>,
    /// What can be tried, in the order of the buttons.
    pub cases: Vec<Case>,
}

/// One visitor of the demonstration.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// The message's name after `practice-`.
    pub id: String,
    /// Word of what comes of it with the rule sets `two-doses-14-days` and `declaration-72h`.
    pub outcome: String,
    /// Short code of the reason; none for an admission.
    pub reason: Option<String>,
    /// Texts of the codes, in the order in which they are shown.
    pub codes: Vec<String>,
}

impl Practice {
    /// The codes that come with the kiosk.
    pub fn built_in() -> Self {
        serde_json::from_str(include_str!("../assets/training/codes.json")).expect("a test reads the built-in codes")
    }

    /// The list that vouches for them.
    pub fn trust() -> Option<TrustList> {
        TrustList::load(&[ROOT], BUNDLE.as_bytes()).ok().filter(TrustList::demo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::view::Question;
    use crate::words::{Language, Words};

    #[test]
    fn every_code_can_be_shown_and_has_a_name() {
        assert!(Practice::trust().is_some());
        let Practice { cases, .. } = Practice::built_in();
        assert!(
            cases.len() > 8
                && ["admit", "refuse", "refer"].iter().all(|word| cases.iter().any(|of| of.outcome == *word))
        );
        for case in cases {
            assert!(case.codes.iter().all(|text| Question::of(text, None).is_some()), "{}", case.id);
            for language in Language::ALL {
                let id = format!("practice-{}", case.id);
                assert_ne!(Words::new(language).get(&id), id, "{language}");
            }
        }
    }
}
