//! The journal as the lane writes it: opened again after a fault, signed, mirrored, and what of it the guard is shown.

use std::path::{Path, PathBuf};

use checkpoint::lane::Now;
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::{ModeChanged, Restart, Updated, Works};
use checkpoint::passage::record::Event;
use checkpoint::passage::{Draft, Note, PassageId};
use checkpoint::screen::{Fault, Totals};
use checkpoint::statistics::Statistics;
use checkpoint::time::{Remembered, day_in_vietnam};
use chrono::{DateTime, NaiveDate, Utc};

use crate::commands::place::journal_dir;
use crate::device::{Device, DeviceFault};
use crate::journal::{Journal, JournalFault, Recovery, index, mirror};
use crate::ui::journal::JournalShown;

/// The journal, or why there is none at the moment. A kiosk without one admits nobody, and tries again.
pub struct Ledger {
    pub(super) state: Result<Journal, LedgerFault>,
    /// With what the device signs; `None` while its key cannot be read.
    device: Option<Device>,
    /// The index knew of more records than the journal has: its tail was cut, or an older copy was put back.
    pub(super) cut: bool,
    /// Where it can be opened again; `None` for one that is thrown away.
    storage: Option<PathBuf>,
    /// Of one that is thrown away: what is sealed is sealed to this, a random point whose private key nobody ever had. The tracing
    /// keys of a demonstration are published, and real cards come before a demonstration too.
    pub(super) nobodys_key: Option<[u8; 32]>,
    mirroring: Option<Mirroring>,
    /// What was found when it was opened last.
    recovery: Option<Recovery>,
    /// There is more to do in quiet moments.
    pub(super) busy: bool,
    /// What the lane heard of it, until it hears that it is over.
    pub(super) told: Vec<Fault>,
}

/// The journal's mirror, as the lane follows it.
struct Mirroring {
    settings: mirror::Settings,
    /// How it was when a record last said so; at the start as it should be.
    noted: mirror::State,
    /// What the guard is shown of it.
    shown: Option<Fault>,
}

/// Why no passage can be recorded.
#[derive(Debug, thiserror::Error)]
pub enum LedgerFault {
    /// The journal's own fault.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// The device's key cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceFault),
    /// A journal that is thrown away needs a key that nobody has.
    #[error("the system gives no random numbers")]
    NoRandomNumbers,
    /// Nobody opened it yet.
    #[error("the journal is closed")]
    Closed,
}

impl LedgerFault {
    /// What the guard is shown.
    fn shown(&self) -> Fault {
        match self {
            Self::Journal(fault) => fault.shown(),
            Self::Device(_) | Self::NoRandomNumbers | Self::Closed => Fault::DiskFault,
        }
    }
}

impl Ledger {
    /// The journal and the device's key in this folder; both are made where they are missing.
    pub fn at(storage: &Path) -> Self {
        let mut ledger = Self {
            state: Err(LedgerFault::Closed),
            device: None,
            cut: false,
            storage: Some(storage.into()),
            nobodys_key: None,
            mirroring: None,
            recovery: None,
            busy: false,
            told: Vec::new(),
        };
        ledger.open(storage);
        if let Err(fault) = &ledger.state {
            tracing::error!(%fault, "the journal cannot be opened: nobody is admitted");
        }
        ledger
    }

    /// The same, whose journal is kept on another device too.
    pub fn mirrored(mut self, settings: Option<mirror::Settings>) -> Self {
        self.mirroring = settings.map(|settings| Mirroring { settings, noted: mirror::State::Follows, shown: None });
        self.mirror();
        self
    }

    /// Begins to mirror the journal, where both are there.
    fn mirror(&mut self) {
        if let (Ok(journal), Some(mirroring), Some(storage)) = (&mut self.state, &self.mirroring, &self.storage) {
            journal.mirror_to(&mirroring.settings, &journal_dir(storage));
        }
    }

    /// What the last opening found, and how much of the index is made.
    pub(super) fn journal_shown(&self) -> Option<JournalShown> {
        // That its end is missing is a fault of its own.
        let recovery = self.recovery.as_ref().filter(|recovery| recovery.index_ahead.is_none())?;
        let journal = self.state.as_ref().ok()?;
        Some(JournalShown {
            records: recovery.sequence,
            newest: recovery.newest,
            dropped: recovery.skipped,
            indexed: journal.index_progress(),
            fresh: true,
        })
    }

    /// What changed about the mirror; that it was lost or came back is a record.
    fn tend_mirror(&mut self, now: Now) -> Vec<(Fault, bool)> {
        let (Ok(journal), Some(mirroring)) = (&mut self.state, &mut self.mirroring) else { return Vec::new() };
        let Some((state, shown)) = journal.tend_mirror() else { return Vec::new() };
        let mut changed = Vec::new();
        if shown != mirroring.shown {
            let over = std::mem::replace(&mut mirroring.shown, shown);
            changed.extend(over.filter(|fault| *fault != Fault::JournalCut || !self.cut).map(|fault| (fault, false)));
            changed.extend(shown.map(|fault| (fault, true)));
        }
        if state != mirror::State::CatchingUp && state != mirroring.noted {
            let (from, to) =
                (std::mem::replace(&mut mirroring.noted, state).word().to_owned(), state.word().to_owned());
            let event = Event::ModeChanged(ModeChanged { mode: "mirror".into(), from, to, guard: None });
            let note = Note { at: now.time.estimate(), floor: now.time.floor(), event };
            if let Err(fault) = self.append_note(note) {
                changed.push((fault, true));
            }
        }
        changed
    }

    /// Keeps that the kiosk started and how it works, and that its program or its settings file is another one than at the start
    /// before: each is a record.
    pub fn started(&mut self, now: Now, trust_list: Option<u64>, works: Option<Works>) {
        let Ok(journal) = &mut self.state else { return };
        let before = journal.restart_before();
        let restart = journal.restart(trust_list, works);
        let of_settings = |restart: &Restart| restart.works.as_ref().map(|works| works.settings.clone());
        let updated = |what: &str, of: &dyn Fn(&Restart) -> Option<String>| {
            let (from, to) = (of(before.as_ref()?)?, of(&restart)?);
            (from != to).then(|| Event::Updated(Updated { what: what.into(), from: Some(from), to }))
        };
        let updates = [updated("program", &|restart| Some(restart.program.clone())), updated("settings", &of_settings)];
        let events = [Event::Restart(restart)].into_iter().chain(updates.into_iter().flatten());
        let (at, floor) = (now.time.estimate(), now.time.floor());
        let kept = events.map(|event| journal.append_note(Note { at, floor, event })).collect::<Result<Vec<_>, _>>();
        if let Err(fault) = kept {
            tracing::error!(%fault, "the start could not be recorded: nobody is admitted");
            self.state = Err(fault.into());
        }
        // If it cannot be signed now, the next quiet moment tries it.
        let _ = self.sign(now);
    }

    /// The device signs the head of the chain; a record keeps the signature. Its text is for another kiosk to scan.
    ///
    /// # Errors
    /// What the guard is shown: nothing was signed.
    pub fn sign(&mut self, now: Now) -> Result<(Checkpoint, String), Fault> {
        let Some(device) = &self.device else {
            return Err(self.state.as_ref().err().map_or(Fault::DiskFault, LedgerFault::shown));
        };
        let key = device.key().clone();
        self.write(|journal| journal.append_checkpoint(&key, now.time.estimate(), now.time.floor()))
    }

    /// Opens the journal and reads the device's key; both are made where they are missing.
    fn open(&mut self, storage: &Path) {
        let opened = Device::load_or_make(storage, None).map_err(LedgerFault::from).and_then(|device| {
            let (journal, recovery) = Journal::open(&journal_dir(storage), device.id())?;
            tracing::info!("{recovery}");
            Ok((device, journal, recovery))
        });
        match opened {
            Ok((device, journal, recovery)) => {
                (self.device, self.state) = (Some(device), Ok(journal));
                self.cut |= recovery.index_ahead.is_some();
                self.recovery = Some(recovery);
            }
            Err(fault) => self.state = Err(fault),
        }
    }

    /// What the last record says of the time, where there is one.
    pub fn remembered(&self) -> Option<Remembered> {
        self.state.as_ref().ok().and_then(Journal::remembered)
    }

    /// A new journal in an empty folder that somebody throws away.
    ///
    /// # Errors
    /// As the journal and the device's key.
    pub fn throwaway(storage: &Path) -> Result<Self, LedgerFault> {
        let mut point = [0; 32];
        getrandom::fill(&mut point).map_err(|_| LedgerFault::NoRandomNumbers)?;
        let mut ledger = Self {
            state: Err(LedgerFault::Closed),
            device: None,
            cut: false,
            storage: None,
            nobodys_key: Some(point),
            mirroring: None,
            recovery: None,
            busy: false,
            told: Vec::new(),
        };
        ledger.open(storage);
        match ledger.state {
            Ok(_) => Ok(ledger),
            Err(fault) => Err(fault),
        }
    }

    /// One small step of erasing sealed parts older than `days`; `true` while there is more to do.
    pub(super) fn retain(&mut self, now: Now, days: u32) -> bool {
        let Ok(journal) = &mut self.state else { return false };
        journal.retain(now.time, days).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "sealed parts that are over could not be erased; it is tried again by itself");
            false
        })
    }

    /// Statistics of the day of `now` (+07:00); `None` while there is no index.
    pub(super) fn statistics(&self, now: DateTime<Utc>) -> Option<Statistics> {
        let index = self.state.as_ref().ok()?.index()?;
        index.statistics(&index::day(day_in_vietnam(now))).ok()
    }

    /// What passed on the day of `now` (+07:00); nothing while the journal is closed.
    pub fn totals(&self, now: DateTime<Utc>) -> Totals {
        self.state.as_ref().map_or(Totals::default(), |journal| journal.totals(now))
    }

    pub(super) fn append(
        &mut self,
        draft: &Draft,
        tracing_key: Option<(NaiveDate, [u8; 32])>,
    ) -> Result<PassageId, Fault> {
        self.write(|journal| journal.append(draft, tracing_key))
    }

    pub(super) fn append_note(&mut self, note: Note) -> Result<PassageId, Fault> {
        self.write(|journal| journal.append_note(note))
    }

    fn write<T>(&mut self, append: impl FnOnce(&mut Journal) -> Result<T, JournalFault>) -> Result<T, Fault> {
        let appended = match &mut self.state {
            Ok(journal) => append(journal),
            Err(fault) => return Err(fault.shown()),
        };
        appended.map_err(|fault| {
            tracing::error!(%fault, "nothing was recorded, so nobody is shown a verdict");
            let fault = LedgerFault::from(fault);
            let shown = fault.shown();
            self.state = Err(fault);
            self.told.push(shown);
            shown
        })
    }

    /// Does what can wait for a quiet moment; opens the journal again after a fault. What changed for the screen.
    pub(super) fn tend(&mut self, now: Now) -> Vec<(Fault, bool)> {
        let mut changed = self.tend_journal(now);
        changed.extend(self.tend_mirror(now));
        changed
    }

    fn tend_journal(&mut self, now: Now) -> Vec<(Fault, bool)> {
        if self.state.as_ref().is_ok_and(Journal::checkpoint_due)
            && let Err(fault) = self.sign(now)
        {
            return vec![(fault, true)];
        }
        let before = match &mut self.state {
            Ok(journal) => {
                let tended = journal.tend();
                self.busy = matches!(tended, Ok(true));
                let room = journal.room();
                let short = tended.err().map(|fault| {
                    // While there is room, nothing is lost: nobody is sent away for what the next hour may bring.
                    let shown = if room > 0 { Fault::RoomLow } else { fault.shown() };
                    if !self.told.contains(&shown) {
                        tracing::warn!(%fault, "room for more passages could not be reserved; {room} are still taken");
                    }
                    shown
                });
                return self.tell(short);
            }
            Err(fault) => fault.shown(),
        };
        let Some(storage) = self.storage.clone() else { return Vec::new() };
        self.open(&storage);
        self.mirror();
        self.told.push(before);
        if self.state.is_ok() {
            // A disk that takes this takes passages again. If it does not, it is still out of service.
            let (at, floor) = (now.time.estimate(), now.time.floor());
            let _ = self.write(|journal| journal.append_reopened(at, floor, before));
        }
        self.tell(self.state.as_ref().err().map(LedgerFault::shown))
    }

    /// What the lane must hear so that it knows of this fault and of no other.
    fn tell(&mut self, fault: Option<Fault>) -> Vec<(Fault, bool)> {
        let heard = std::mem::replace(&mut self.told, Vec::from_iter(fault));
        let over = heard.into_iter().filter(|over| fault != Some(*over)).map(|over| (over, false));
        over.chain(fault.map(|fault| (fault, true))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::commands::lane_loop::tests::at;
    use crate::journal::Reader;

    #[test]
    fn a_mirror_that_is_lost_and_back_is_told_and_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (storage, stick) = (folder.path().join("kiosk"), folder.path().join("stick"));
        std::fs::create_dir_all(&storage).unwrap();
        let look_every = Duration::from_millis(10);
        let settings = mirror::Settings { dir: stick.clone(), on: mirror::On::AnyDevice, look_every };
        let mut ledger = Ledger::at(&storage).mirrored(Some(settings));
        ledger.started(at(0), None, None);
        let began = Instant::now();
        let told = |ledger: &mut Ledger, expected: &[(Fault, bool)]| {
            let mut changed = Vec::new();
            while changed != expected {
                ledger.retain(at(1), 21);
                changed.extend(ledger.tend(at(1)));
                assert!(began.elapsed() < Duration::from_secs(20), "{changed:?} instead of {expected:?}");
                std::thread::sleep(look_every);
            }
        };
        told(&mut ledger, &[(Fault::MirrorLost, true)]);
        std::fs::create_dir(&stick).unwrap();
        told(&mut ledger, &[(Fault::MirrorLost, false)]);
        while ledger.mirroring.as_ref().unwrap().noted != mirror::State::Follows {
            told(&mut ledger, &[]);
            ledger.tend(at(2));
        }
        drop(ledger);
        let reader = Reader::open(&journal_dir(&storage)).unwrap();
        let changes = reader.settled(1).unwrap().filter_map(|entry| match &entry.unwrap().record().event {
            Event::ModeChanged(ModeChanged { mode, from, to, .. }) => Some(format!("{mode} {from} {to}")),
            _ => None,
        });
        assert_eq!(changes.collect::<Vec<_>>(), ["mirror follows lost", "mirror lost follows"]);
    }
}
