//! What the guard can do that is not needed every minute.

use checkpoint::screen::GuardAction;

use super::Panel;
use crate::ui::desk::{DeskAsk, Span};
use crate::ui::icons::Icon;
use crate::ui::pages::Page;
use crate::ui::theme::TextSize;
use crate::ui::view::{Local, Press, View};
use crate::words::{self, Words};

/// What the guard can do that is not needed every minute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Party,
    Paper,
    Surge,
    Inside,
    Practice,
    Figures,
    PlaceCode,
    Shift,
    Lists,
    Places,
    Modes,
    Rules,
    Look,
    Text,
    Help,
    About,
}

impl More {
    const ALL: [Self; 16] = [
        Self::Party,
        Self::Paper,
        Self::Surge,
        Self::Inside,
        Self::Practice,
        Self::Figures,
        Self::PlaceCode,
        Self::Shift,
        Self::Lists,
        Self::Places,
        Self::Modes,
        Self::Rules,
        Self::Look,
        Self::Text,
        Self::Help,
        Self::About,
    ];

    /// What is offered here. On a screen that faces visitors the PIN has opened it.
    pub(super) fn offered(view: &View<'_>) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|more| *more != Self::Inside || view.screen.school.is_some())
            .filter(|more| *more != Self::Practice || !view.desk.practice.is_empty())
            .filter(|more| *more != Self::Places || !view.desk.places.is_empty())
            .filter(|more| *more != Self::Lists || !view.desk.checklists.is_empty())
            .collect()
    }

    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Party => Icon::Group,
            Self::Paper => Icon::Paper,
            Self::Surge => Icon::Surge,
            Self::Inside => Icon::Group,
            Self::Practice => Icon::Help,
            Self::Figures => Icon::Bars,
            Self::PlaceCode => Icon::Code,
            Self::Shift => Icon::Shift,
            Self::Lists => Icon::Checklist,
            Self::Places => Icon::Pin,
            Self::Modes => Icon::Mode,
            Self::Rules => Icon::Shield,
            Self::Look => Icon::Look,
            Self::Text => Icon::Zoom,
            Self::Help => Icon::Help,
            Self::About => Icon::Todo,
        }
    }

    pub(super) fn label(self, local: &Local, words: &Words) -> String {
        words.get(&match self {
            Self::Party => "more-party".to_owned(),
            Self::Paper => "more-paper".to_owned(),
            Self::Surge => "more-surge".to_owned(),
            Self::Inside => "inside-title".to_owned(),
            Self::Practice => "practice-title".to_owned(),
            Self::Figures => "figures-title".to_owned(),
            Self::PlaceCode => "place-code-title".to_owned(),
            Self::Shift => "shift-title".to_owned(),
            Self::Lists => "lists-title".to_owned(),
            Self::Places => "places-title".to_owned(),
            Self::Modes => "modes-title".to_owned(),
            Self::Rules => "rules-title".to_owned(),
            Self::Look => format!("look-{}", local.look.next().word()),
            Self::Text if local.text == TextSize::Large => "text-usual".to_owned(),
            Self::Text => "text-large".to_owned(),
            Self::Help => "help-title".to_owned(),
            Self::About => "about-title".to_owned(),
        })
    }

    /// Opens it, and asks the desk for what it shows.
    pub(super) fn open(self, local: &mut Local, view: &View<'_>) -> Option<Press> {
        let page = |page| Panel::Page(page);
        let (panel, press) = match self {
            Self::Party => (Panel::Closed, Some(Press::Guard(GuardAction::BeginParty))),
            Self::Paper => (Panel::Paper, None),
            Self::Surge => (Panel::Surge, None),
            Self::Inside => (Panel::Closed, Some(Press::Guard(GuardAction::ShowInside(None)))),
            Self::Practice => (page(Page::Practice), None),
            Self::Figures => {
                let span = Span::default();
                (page(Page::Figures(span)), Some(DeskAsk::Figures(span, words::day(view.now())).into()))
            }
            Self::PlaceCode => (page(Page::PlaceCode), Some(DeskAsk::PlaceCode.into())),
            Self::Shift => (page(Page::Shift), view.desk.shift.map(|_| DeskAsk::ShiftFigures.into())),
            Self::Lists => (page(Page::Lists), None),
            Self::Places => (page(Page::Places(None)), Some(DeskAsk::Places.into())),
            Self::Modes => (page(Page::Modes), None),
            Self::Rules => (page(Page::Rules(view.desk.rules.iter().map(|(_, required)| *required).collect())), None),
            Self::Look => {
                local.look = local.look.next();
                return None;
            }
            Self::Text => {
                local.text = match local.text {
                    TextSize::Usual => TextSize::Large,
                    TextSize::Large => TextSize::Usual,
                };
                return None;
            }
            Self::Help => (page(Page::Help), None),
            Self::About => (page(Page::About), None),
        };
        local.panel = panel;
        press
    }
}
