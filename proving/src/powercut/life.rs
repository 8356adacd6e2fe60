//! A few days of a kiosk's journal, as short as they can be: the key is made, passages come, segments follow each other, the
//! kiosk restarts, sealed parts are erased when their days are over.

use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use checkpoint::passage::sealed::public_key;
use checkpoint::passage::{Direction, Draft, Identity, Outcome, PassageId, Proof, RuleSetUsed};
use checkpoint::time::{PartialDate, TrustedTime};
use checkpoint::trust::credential::Person;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use kiosk::device::Device;
use kiosk::journal::block::Geometry;
use kiosk::journal::{Journal, mirror};
use simdisk::Acknowledged;

/// Few blocks of the kiosk's own size, so that segments follow each other often.
pub const SMALL: Geometry = Geometry { block_bytes: 16 * 1024, blocks: 8 };

/// The journal's directory in the kiosk's storage, as the kiosk names it.
pub const JOURNAL_DIR: &str = "journal";

/// Where the mirror's disk is, in the recorder's root directory.
pub const MIRROR_DIR: &str = "mirror";

/// How long a mirror may take to catch up; it takes milliseconds.
const LONGEST: Duration = Duration::from_secs(20);

/// Passages of a day, a minute each.
pub const MINUTES_OF_A_DAY: u64 = 24 * 60;

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

/// A life with a mirror: it is plugged in late, and has more to take in than it syncs at once; follows record by record; is there
/// from the start, or missing for a while; forgets with the journal.
///
/// # Errors
/// The disk works, so there should be none.
pub fn mirrored(storage: &Path, told: &mut dyn FnMut(Told)) -> Result<(), Box<dyn Error>> {
    let mut kiosk = WithMirror::start(storage, 0, told)?;
    kiosk.pass(0..70)?;
    kiosk.plug_in()?;
    kiosk.pass(70..80)?;
    drop(kiosk);
    let mut kiosk = WithMirror::start(storage, 80, told)?;
    kiosk.plug_in()?;
    kiosk.pass(81..90)?;
    kiosk.pass_in_a_row(90..96)?;
    drop(kiosk);
    // Away for longer than it takes in one by one, while it holds something already.
    let mut kiosk = WithMirror::start(storage, 100, told)?;
    kiosk.pass(101..168)?;
    kiosk.plug_in()?;
    drop(kiosk);
    let mut kiosk = WithMirror::start(storage, 2 * MINUTES_OF_A_DAY, told)?;
    kiosk.pass(2 * MINUTES_OF_A_DAY..2 * MINUTES_OF_A_DAY + 5)?;
    // The first day is over.
    kiosk.plug_in()?;
    kiosk.pass(2 * MINUTES_OF_A_DAY + 5..2 * MINUTES_OF_A_DAY + 14)
}

/// A restart of it, on whatever is left.
///
/// # Errors
/// The disk works, so there should be none.
pub fn mirrored_again(storage: &Path, told: &mut dyn FnMut(Told)) -> Result<(), Box<dyn Error>> {
    let mut kiosk = WithMirror::start(storage, 2 * MINUTES_OF_A_DAY, told)?;
    kiosk.plug_in()?;
    kiosk.pass(2 * MINUTES_OF_A_DAY..2 * MINUTES_OF_A_DAY + 4)
}

/// A running kiosk that is told to keep a mirror, sooner or later. Where it has one, each record is waited for, so that the steps
/// of both disks are the same in each run.
struct WithMirror<'t> {
    storage: PathBuf,
    device: Device,
    journal: Journal,
    now: u64,
    told: &'t mut dyn FnMut(Told),
}

impl<'t> WithMirror<'t> {
    fn start(storage: &Path, now: u64, told: &'t mut dyn FnMut(Told)) -> Result<Self, Box<dyn Error>> {
        let device = Device::load_or_make(storage, None)?;
        let (mut journal, _) = Journal::open_with(&journal_dir(storage), device.id(), SMALL)?;
        journal.append_restart(at(now), at(now), Some(7))?;
        let mut kiosk = Self { storage: storage.to_owned(), device, journal, now, told };
        kiosk.tell()?;
        Ok(kiosk)
    }

    /// The mirror is there from now on.
    fn plug_in(&mut self) -> Result<(), Box<dyn Error>> {
        self.journal.mirror_to(&mirror_settings(&self.storage), &journal_dir(&self.storage));
        self.journal.append_checkpoint(self.device.key(), at(self.now), at(self.now))?;
        let before = self.journal.sequence();
        (self.told)(Told::Acknowledged(last(&self.journal)));
        while self.journal.retain(TrustedTime::given(at(self.now)), 1)? {
            self.journal.tend()?;
        }
        if self.journal.sequence() > before {
            (self.told)(Told::Acknowledged(last(&self.journal)));
        }
        self.follow()
    }

    fn pass(&mut self, minutes: Range<u64>) -> Result<(), Box<dyn Error>> {
        for minute in minutes {
            self.now = minute;
            self.journal.append(&draft(minute), tracing_key(minute / MINUTES_OF_A_DAY))?;
            self.tell()?;
            if minute % 10 == 9 {
                self.journal.append_checkpoint(self.device.key(), at(minute), at(minute))?;
                self.tell()?;
            }
            if minute % 3 == 2 {
                self.journal.tend()?;
            }
        }
        Ok(())
    }

    /// Visitors who come faster than the mirror follows.
    fn pass_in_a_row(&mut self, minutes: Range<u64>) -> Result<(), Box<dyn Error>> {
        for minute in minutes {
            self.now = minute;
            self.journal.append(&draft(minute), tracing_key(minute / MINUTES_OF_A_DAY))?;
            (self.told)(Told::Acknowledged(last(&self.journal)));
        }
        self.follow()
    }

    /// Waits for the mirror, and tells what it holds.
    fn follow(&mut self) -> Result<(), Box<dyn Error>> {
        let found = |fault| format!("{fault}; what stands there: {:?}", mirror::look(&self.storage.join(MIRROR_DIR)));
        follow(&self.journal).map_err(found)?;
        (self.told)(Told::Mirrored(last(&self.journal)));
        Ok(())
    }

    fn tell(&mut self) -> Result<(), Box<dyn Error>> {
        (self.told)(Told::Acknowledged(last(&self.journal)));
        if self.journal.mirror().is_some() { self.follow() } else { Ok(()) }
    }
}

/// What is told of the last record.
#[derive(Clone, Copy, Debug)]
pub enum Told {
    /// The journal says that it is durable.
    Acknowledged(Acknowledged),
    /// The mirror says that it holds it, and all before it.
    Mirrored(Acknowledged),
}

/// The last record.
fn last(journal: &Journal) -> Acknowledged {
    Acknowledged { sequence: journal.sequence(), hash: journal.head().0 }
}

/// The mirror in a storage directory: on any device, since the recorder is one.
pub fn mirror_settings(storage: &Path) -> mirror::Settings {
    let look_every = Duration::from_millis(5);
    mirror::Settings { dir: storage.join(MIRROR_DIR), on: mirror::On::AnyDevice, look_every }
}

/// Waits until the mirror says that it holds every record.
///
/// # Errors
/// It says something else.
pub fn follow(journal: &Journal) -> Result<(), String> {
    let mirror = journal.mirror().ok_or("there is no mirror")?;
    match known(journal)? {
        mirror::State::Follows if mirror.upto() >= journal.sequence() => Ok(()),
        state => Err(format!("the mirror is {} and holds {} of {}", state.word(), mirror.upto(), journal.sequence())),
    }
}

/// Waits until the mirror holds every record, or says why it does not. One that is lost is looked at again: the thread of the
/// run before may hold its lock for a moment.
///
/// # Errors
/// It says nothing.
pub fn known(journal: &Journal) -> Result<mirror::State, String> {
    let mirror = journal.mirror().ok_or("there is no mirror")?;
    let began = Instant::now();
    loop {
        let state = mirror.state();
        let waits = match state {
            mirror::State::CatchingUp | mirror::State::Lost => true,
            mirror::State::Follows => mirror.upto() < journal.sequence(),
            mirror::State::Full | mirror::State::Refused | mirror::State::Ahead => false,
        };
        match waits {
            false => return Ok(state),
            true if began.elapsed() > LONGEST => return Err(format!("the mirror stays {}", state.word())),
            true => std::thread::sleep(Duration::from_micros(200)),
        }
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
