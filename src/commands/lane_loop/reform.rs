//! Working in another way: other settings and rules, another trust list, or training, which keeps nothing.

use std::time::Duration;

use checkpoint::lane::{Afresh, Event, Lane, Now, Settings};
use checkpoint::passage::Direction;
use checkpoint::passage::day::Updated;
use checkpoint::passage::record::Event as RecordEvent;
use checkpoint::rules::RuleSet;
use checkpoint::screen::GuardAction;
use checkpoint::time::{TrustedTime, day_in_vietnam};
use checkpoint::trust::TrustList;
use chrono::{DateTime, Utc};

use super::{Audience, LaneLoop, Ledger};
use crate::commands::throwaway::Throwaway;

/// Another way to work: other settings, rules, or a journal that is thrown away.
pub struct Reform {
    /// Settings from here on.
    pub settings: Settings,
    /// Rule sets from here on.
    pub rule_sets: Vec<RuleSet>,
    /// What the lane remembers, begun anew; `None` keeps it.
    pub afresh: Option<Afresh>,
    /// Guards learn: nothing is kept. `None`: passages are kept.
    pub training: Option<Training>,
    /// Whether names are shown.
    pub names: bool,
    /// What the journal keeps of the change, before it happens.
    pub events: Vec<RecordEvent>,
}

/// What became of another way to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reformed {
    /// It is in force.
    Done,
    /// A group is being gathered or the checkpoint stands open: nothing is changed before the guard ends that.
    Engaged,
    /// The journal could not keep it: nothing is changed.
    NotKept,
}

/// What training needs instead of the real.
pub struct Training {
    /// Thrown away with its folder.
    pub ledger: Ledger,
    /// The folder.
    pub throwaway: Throwaway,
    /// A demonstration's list, so that demonstration codes can be shown; `None` judges by the real one.
    pub trust: Option<TrustList>,
    /// When training begins by the calendar of those codes; `None`: now.
    pub at: Option<DateTime<Utc>>,
}

/// The real, while guards learn.
pub(super) struct Aside {
    pub(super) ledger: Ledger,
    trust: Option<TrustList>,
    /// Which way visitors passed: that guards turned the lane while they learnt is forgotten with the rest.
    direction: Direction,
    /// The calendar of the codes that guards learn with: when it began, and by which tick.
    calendar: Option<(DateTime<Utc>, Duration)>,
    _throwaway: Throwaway,
}

impl LaneLoop {
    /// Whether guards learn: nothing is kept.
    pub fn in_training(&self) -> bool {
        self.aside.is_some()
    }

    /// The time by which visitors are judged: while guards learn with codes of their own calendar, that one's.
    pub(super) fn of_lane(&self, now: Now) -> Now {
        match self.aside.as_ref().and_then(|aside| aside.calendar) {
            None => now,
            Some((at, began)) => Now { time: TrustedTime::given(at + now.tick.saturating_sub(began)), tick: now.tick },
        }
    }

    /// The journal that is kept.
    pub(super) fn real(&mut self) -> &mut Ledger {
        self.aside.as_mut().map_or(&mut self.ledger, |aside| &mut aside.ledger)
    }

    /// Works in another way from the next visitor on. Whoever has shown only a part until now is recorded, here and by the rules of here.
    pub fn reform(&mut self, now: Now, reform: Reform, audience: &mut impl Audience) -> Reformed {
        if self.lane.as_ref().is_some_and(Lane::is_engaged) {
            return Reformed::Engaged;
        }
        self.turn(now, Event::Guard(GuardAction::Dismiss), audience);
        if !reform.events.into_iter().all(|event| self.note(now, event, audience)) {
            return Reformed::NotKept;
        }
        let mut heard = self.ledger.told.clone();
        if let Some(aside) = self.aside.take() {
            self.ledger = aside.ledger;
            self.lane = self.lane.take().map(|lane| lane.facing(aside.direction));
            if let Some(trust) = aside.trust {
                self.verifier.trust = trust;
            }
        }
        // Keys count by province and place: a patrol that moves leaves some behind.
        self.verifier.trust.stand_at(reform.settings.location.clone());
        if let Some(Training { ledger, throwaway, trust, at }) = reform.training {
            let trust = trust.map(|trust| std::mem::replace(&mut self.verifier.trust, trust));
            let ledger = std::mem::replace(&mut self.ledger, ledger);
            let calendar = at.map(|at| (at, now.tick));
            let direction = self.lane.as_ref().map_or(reform.settings.direction, Lane::direction);
            self.aside = Some(Aside { ledger, trust, direction, calendar, _throwaway: throwaway });
        }
        self.verifier.rule_sets = reform.rule_sets;
        let at = self.of_lane(now).time.estimate();
        let (totals, today) = (self.ledger.totals(at), day_in_vietnam(at));
        self.lane = self.lane.take().map(|lane| lane.under(reform.settings, reform.afresh, totals, today));
        // What was wrong with a journal that is put aside, or thrown away, is not wrong with this one.
        let told = self.ledger.told.clone();
        heard.retain(|heard| !told.contains(heard));
        let over = heard.into_iter().map(|over| (over, false));
        for (fault, present) in over.chain(told.into_iter().map(|fault| (fault, true))) {
            self.turn(now, Event::Condition { fault, present }, audience);
        }
        self.turn(now, Event::Tick, audience);
        Reformed::Done
    }

    /// A newer trust list takes effect with the next code. That it does is a record.
    pub fn replace_trust(&mut self, now: Now, mut trust: TrustList, audience: &mut impl Audience) {
        let before = match &mut self.aside {
            Some(Aside { trust: Some(real), .. }) => real,
            _ => &mut self.verifier.trust,
        };
        let event = RecordEvent::Updated(Updated {
            what: "trust-list".into(),
            from: before.is_loaded().then(|| before.version().to_string()),
            to: trust.version().to_string(),
        });
        // Where the kiosk stands is the lane's to say: whoever brought the list knows the settings' place only.
        if let Some(place) = before.place() {
            trust.stand_at(place.clone());
        }
        *before = trust;
        self.note(now, event, audience);
    }
}
