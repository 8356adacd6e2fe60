//! A few days of a kiosk's journal, as short as they can be: the key is made, passages come, segments follow each other, the
//! kiosk restarts, sealed parts are erased when their days are over.

use std::error::Error;
use std::path::{Path, PathBuf};

use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Identity, Outcome, PassageId, Proof, RuleSetUsed};
use checkpoint::time::{PartialDate, TrustedTime};
use checkpoint::trust::credential::Person;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use kiosk::device::Device;
use kiosk::journal::Journal;
use kiosk::journal::block::Geometry;

use super::disk::Acknowledged;

/// Few blocks of the kiosk's own size, so that segments follow each other often.
pub const SMALL: Geometry = Geometry { block_bytes: 16 * 1024, blocks: 8 };

/// The journal's directory in the kiosk's storage, as the kiosk names it.
pub const JOURNAL_DIR: &str = "journal";

const MINUTES_OF_A_DAY: u64 = 24 * 60;

/// What is lived through.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// How segments are divided.
    pub geometry: Geometry,
    /// Passages in all.
    pub passages: u64,
    /// Passages between two restarts.
    pub restart_every: u64,
}

impl Life {
    /// Many segments, many restarts.
    pub const SHORT: Self = Self { geometry: SMALL, passages: 72, restart_every: 17 };
    /// The kiosk's own segments, with the change from one to the next.
    pub const USUAL: Self = Self { geometry: Geometry::USUAL, passages: 530, restart_every: 300 };

    /// Lives it in a storage directory and tells every acknowledgement when it was given.
    ///
    /// # Errors
    /// The disk works, so there should be none.
    pub fn live(&self, storage: &Path, mut told: impl FnMut(Acknowledged)) -> Result<(), Box<dyn Error>> {
        let device = Device::load_or_make(storage, None)?;
        let mut number = 0;
        while number < self.passages {
            let (mut journal, _) = Journal::open_with(&journal_dir(storage), device.id(), self.geometry)?;
            let passage = journal.append_restart(at(number), at(number), Some(7))?;
            told(acknowledged(&journal, passage));
            for _ in 0..self.restart_every.min(self.passages - number) {
                // Half-way, two days have passed.
                let days = if number < self.passages / 2 { 0 } else { 2 };
                let passage = journal.append(&draft(number), tracing_key(days))?;
                told(acknowledged(&journal, passage));
                if number % 10 == 9 {
                    journal.append_checkpoint(device.key(), at(number), at(number))?;
                    told(Acknowledged { sequence: journal.sequence(), hash: journal.head().0 });
                }
                number += 1;
                if number.is_multiple_of(3) {
                    journal.tend()?;
                }
            }
            if number > self.passages / 2 {
                // What was sealed on the first day is over: its segments are written anew.
                let before = journal.sequence();
                while journal.retain(TrustedTime::given(at(2 * MINUTES_OF_A_DAY)), 1)? {
                    journal.tend()?;
                }
                if journal.sequence() > before {
                    told(Acknowledged { sequence: journal.sequence(), hash: journal.head().0 });
                }
            }
        }
        Ok(())
    }
}

/// The record that was just acknowledged.
pub fn acknowledged(journal: &Journal, passage: PassageId) -> Acknowledged {
    Acknowledged { sequence: passage.sequence(), hash: journal.head().0 }
}

/// The journal in a storage directory.
pub fn journal_dir(storage: &Path) -> PathBuf {
    storage.join(JOURNAL_DIR)
}

/// A minute a passage.
pub fn at(number: u64) -> DateTime<Utc> {
    let begin: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().expect("RFC 3339");
    begin + TimeDelta::minutes(number.cast_signed())
}

/// The key to which identities are sealed, so many days after the first.
pub fn tracing_key(days: u64) -> Option<(NaiveDate, [u8; 32])> {
    let key = public_key(&[7; 32]).expect("a scalar");
    Some((NaiveDate::from_ymd_opt(2026, 3, 1)?.checked_add_days(Days::new(days))?, key))
}

/// A passage as the lane hands it over; two of three name somebody.
pub fn draft(number: u64) -> Draft {
    let person = Person {
        name: "Nguyễn Thị Bưởi".into(),
        name_transliterated: Some("NGUYEN THI BUOI".into()),
        birth: PartialDate::Year(1987),
        number: Some("001093029317".into()),
    };
    let identity = Identity::of(person, Proof::Verified, vec!["native VN-MOH x-1 2 doses".into()]);
    let direction = if number.is_multiple_of(2) { Direction::In } else { Direction::Out };
    Draft {
        rule_sets: vec![RuleSetUsed { id: "two-doses-14-days".into(), version: 1, province: Some("Hà Nội".into()) }],
        trust_list: Some(7),
        identity: (!number.is_multiple_of(3)).then_some(identity),
        ..Draft::plain(at(number), "HN-CK-0023", direction, Outcome::ALL[number as usize % 5])
    }
}
