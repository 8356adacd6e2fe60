//! Retention: sealed parts are erased when their days are over. The chain and the commitments stay.
//!
//! A block whose record was acknowledged is never rewritten. So a segment that holds sealed parts whose days are over is
//! written anew without them, record for record and block for block, synced, and takes the old one's place by a rename;
//! whenever the power goes, one of the two is there whole. The writer never writes to either: where its own segment has
//! become old, it goes on in the next one first. All of it happens in small steps between visitors.
//!
//! Days are counted by the floor of the trusted time alone. A clock that says 2106 erases nothing; one that lags erases late,
//! and the authority, which destroys a day's key when its time is over, has then erased that day everywhere already.

use std::sync::Arc;

use checkpoint::passage::Note;
use checkpoint::passage::day::Retention;
use checkpoint::passage::record::Event;
use checkpoint::time::{TrustedTime, day_in_vietnam};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::block::{Block, Geometry, Rewritten, SegmentHeader};
use super::disk::{Access, BlockFile, Disk};
use super::mirror::{MARK_FILE, Mark};
use super::walk::{Found, Segment, Walk, segment_name, segment_numbers};
use super::writer::{PREPARE_STEP, unfinished_name};
use super::{Journal, JournalFault};

/// Records that one step reads, or writes: as many as a walk reads at once, some ten milliseconds on a slow card.
const STEP_RECORDS: usize = 64;

/// Headers that one step looks at.
const STEP_SEGMENTS: usize = 64;

/// How long a pass that a fault ended waits before it is begun again.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Smallest block: what a segment's header takes.
const BLOCK_BYTES_MIN: usize = 512;

/// How far retention came, for the journal.
#[derive(Default)]
pub(super) struct Progress {
    /// The pass under way.
    pass: Option<Pass>,
    /// Everything sealed to days before this one is gone.
    done_before: Option<NaiveDate>,
    /// No segment before this one holds a sealed part.
    clean_to: u64,
    /// What a mirror had erased was looked for, in case the journal was brought back from it, and said.
    mark_said: bool,
    /// Not to be tried before this proven time.
    not_before: Option<DateTime<Utc>>,
}

impl Progress {
    /// A fault: not again at once.
    fn wait(&mut self, floor: DateTime<Utc>) {
        self.not_before = floor.checked_add_signed(AGAIN_AFTER);
    }
}

/// The first day whose sealed parts are still kept, at this proven time. A day's are erased once `days` days have begun after
/// it: those of day D on D + `days`.
pub fn first_day_kept(floor: DateTime<Utc>, days: u32) -> NaiveDate {
    let back = Days::new(u64::from(days.max(1)) - 1);
    day_in_vietnam(floor).checked_sub_days(back).unwrap_or(NaiveDate::MIN)
}

impl Journal {
    /// One small step of erasing the sealed parts of days that are over, where there are any. For moments in which no visitor
    /// waits. `true` while there is more to do; a pass begins when the day of the floor has changed, and at start.
    ///
    /// # Errors
    /// What keeps a segment from being rewritten: every record, and every sealed part that was to go, is still there. It is
    /// tried again after ten minutes.
    pub fn retain(&mut self, time: TrustedTime, days: u32) -> Result<bool, JournalFault> {
        // The last record of an earlier run may stand in memory only: not before it was written again.
        if self.unsettled {
            return Ok(false);
        }
        let before = first_day_kept(time.floor(), days);
        if let Some(mirror) = &mut self.mirror {
            mirror.keep_from(before);
        }
        let mut pass = match self.retention.pass.take() {
            Some(pass) => pass,
            None => {
                let done = self.retention.done_before.is_some_and(|done| done >= before);
                if done || self.retention.not_before.is_some_and(|at| time.floor() < at) {
                    return Ok(false);
                }
                let said = self.say_what_a_mirror_erased(time, days);
                said.inspect_err(|_| self.retention.wait(time.floor()))?;
                let (first, writers) = (self.retention.clean_to.max(1), self.writer.segment());
                let begun = Pass::begin(self.disk.clone(), before, first, writers);
                begun.inspect_err(|_| self.retention.wait(time.floor()))?
            }
        };
        let stepped = pass.step(self.writer.segment()).and_then(|step| {
            match step {
                Step::More | Step::Done => {}
                Step::GoOnElsewhere if self.writer.is_prepared() => self.writer.next_segment()?,
                Step::GoOnElsewhere => self.writer.prepare(PREPARE_STEP)?,
                Step::Announce => {
                    let event = Event::Retention(Retention { before: pass.before, days });
                    self.append_note(Note { at: time.estimate(), floor: time.floor(), event })?;
                    pass.announced = true;
                }
            }
            Ok(matches!(step, Step::Done))
        });
        self.retention.clean_to = pass.clean_to;
        match stepped {
            Ok(true) => {
                self.retention.done_before = Some(pass.before);
                if pass.erased > 0 {
                    tracing::info!(
                        "retention: {} sealed parts of days before {} were erased",
                        pass.erased,
                        pass.before
                    );
                }
                Ok(false)
            }
            Ok(false) => {
                self.retention.pass = Some(pass);
                Ok(true)
            }
            Err(fault) => {
                pass.give_up();
                self.retention.wait(time.floor());
                Err(fault)
            }
        }
    }

    /// A journal that was brought back from a mirror may lack sealed parts, and the record that says so: the mirror erases first and
    /// takes in records then. Its mark came along; the record follows now, and the mark goes.
    fn say_what_a_mirror_erased(&mut self, time: TrustedTime, days: u32) -> Result<(), JournalFault> {
        if self.retention.mark_said {
            return Ok(());
        }
        match Mark::on(&*self.disk) {
            // By a time that nobody can prove yet: as long as that is so, nor can anybody say that it was over.
            Ok(Some(mark)) if mark.erased_before > Some(first_day_kept(time.floor(), days)) => return Ok(()),
            Ok(Some(mark)) => {
                if let Some(before) = mark.erased_before {
                    let event = Event::Retention(Retention { before, days });
                    self.append_note(Note { at: time.estimate(), floor: time.floor(), event })?;
                }
                let removed = self.disk.remove(MARK_FILE).and_then(|()| self.disk.sync());
                removed.map_err(|error| JournalFault::from_io("remove the mark of the mirror", error))?;
            }
            Ok(None) => {}
            // A later start may read it. Until then its sealed parts count as missing.
            Err(error) => tracing::warn!(%error, "the mark of the mirror that the journal came from cannot be read"),
        }
        self.retention.mark_said = true;
        Ok(())
    }
}

/// What a step found.
pub(super) enum Step {
    /// There is more to do.
    More,
    /// Something is to be erased, and no record says so yet.
    Announce,
    /// The writer's own segment holds something that is to be erased.
    GoOnElsewhere,
    /// Nothing is left to erase.
    Done,
}

/// One pass through the segments, oldest first.
pub(super) struct Pass {
    disk: Arc<dyn Disk>,
    before: NaiveDate,
    /// The segment in hand, and what is done with it.
    segment: u64,
    work: Work,
    clean_to: u64,
    /// Somebody said that this pass erases something.
    pub(super) announced: bool,
    pub(super) erased: u64,
}

enum Work {
    /// Nothing yet.
    Begin,
    /// Reads what is in it.
    Look(Walk, Plan),
    /// Writes its successor.
    Write(Walk, Plan, Successor),
}

/// What a segment holds.
#[derive(Clone, Copy, Default)]
struct Plan {
    /// Most bytes that a record will take in its block.
    bytes_max: usize,
    /// Block of the last record.
    last_block: u32,
    /// Sealed parts that go, and that stay.
    expired: u64,
    kept: u64,
}

/// The segment that will take the other's place.
struct Successor {
    header: SegmentHeader,
    file: Box<dyn BlockFile>,
    /// The next block to be written.
    next: u32,
}

impl Pass {
    /// A pass through the segments from this one on. `writers` is the one that is written to.
    ///
    /// # Errors
    /// What an earlier pass left cannot be taken away.
    pub(super) fn begin(
        disk: Arc<dyn Disk>,
        before: NaiveDate,
        segment: u64,
        writers: u64,
    ) -> Result<Self, JournalFault> {
        // What a cut left of an earlier pass holds sealed parts too.
        for number in segment_numbers(&*disk)?.into_iter().filter(|number| *number < writers) {
            match disk.remove(&unfinished_name(number)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(JournalFault::from_io("clear up after an earlier retention", error));
                }
                _ => {}
            }
        }
        Ok(Self { disk, before, segment, work: Work::Begin, clean_to: segment, announced: false, erased: 0 })
    }

    /// One small step.
    ///
    /// # Errors
    /// What keeps a segment from being rewritten: it stands as it was.
    pub(super) fn step(&mut self, writers: u64) -> Result<Step, JournalFault> {
        match std::mem::replace(&mut self.work, Work::Begin) {
            Work::Begin => self.find(writers),
            Work::Look(walk, plan) => match self.look(walk, plan, writers) {
                // The file is evidence now. Whoever opens the journal is told where it is damaged.
                Err(fault @ (JournalFault::Corrupt { .. } | JournalFault::Newer { .. })) => {
                    tracing::warn!(%fault, "retention leaves this segment as it is");
                    self.segment += 1;
                    Ok(Step::More)
                }
                looked => looked,
            },
            Work::Write(walk, plan, successor) => self.write(walk, plan, successor),
        }
    }

    /// The next segment that may hold sealed parts.
    fn find(&mut self, writers: u64) -> Result<Step, JournalFault> {
        for _ in 0..STEP_SEGMENTS {
            if self.segment > writers {
                return Ok(Step::Done);
            }
            let opened = Segment::open(&*self.disk, self.segment, Access::Read);
            match opened {
                Ok(Some(segment)) if segment.header.rewritten != Rewritten::Wholly => {
                    let walk = Walk::from_segment(self.disk.clone(), self.segment);
                    self.work = Work::Look(walk, Plan::default());
                    return Ok(Step::More);
                }
                Ok(Some(_)) => self.passed(true),
                Ok(None) => return Ok(Step::Done),
                Err(fault @ (JournalFault::Corrupt { .. } | JournalFault::Newer { .. })) => {
                    tracing::warn!(%fault, "retention leaves this segment as it is");
                    self.passed(false);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(Step::More)
    }

    /// On to the next segment.
    fn passed(&mut self, clean: bool) {
        if clean && self.clean_to == self.segment {
            self.clean_to += 1;
        }
        self.segment += 1;
    }

    fn look(&mut self, mut walk: Walk, mut plan: Plan, writers: u64) -> Result<Step, JournalFault> {
        for _ in 0..STEP_RECORDS {
            let found = walk.step()?.filter(|found| found.place.segment == self.segment);
            let Some(Found { entry, place }) = found else {
                return self.looked(plan, writers);
            };
            match entry.sealed_day() {
                Some(day) if day < self.before => {
                    plan.expired += 1;
                    if self.segment == writers {
                        return Ok(Step::GoOnElsewhere);
                    }
                    plan.bytes_max = plan.bytes_max.max(Block::bytes_of(&entry.erased()));
                }
                sealed => {
                    // Nothing is sealed to a day before its record's floor, and the floor never goes back: nothing after this is of
                    // an earlier day. Its own day says nothing: a clock that ran ahead sealed to a later one than those after it.
                    if plan.expired == 0 && day_in_vietnam(entry.record().floor) >= self.before {
                        return Ok(Step::Done);
                    }
                    plan.kept += u64::from(sealed.is_some());
                    plan.bytes_max = plan.bytes_max.max(Block::bytes_of(&entry));
                }
            }
            plan.last_block = place.block;
        }
        self.work = Work::Look(walk, plan);
        Ok(Step::More)
    }

    fn looked(&mut self, plan: Plan, writers: u64) -> Result<Step, JournalFault> {
        if self.segment == writers {
            return Ok(Step::Done);
        }
        if plan.expired == 0 {
            self.passed(plan.kept == 0);
            return Ok(Step::More);
        }
        if !self.announced {
            // It is looked at once more afterwards: a segment takes a second, and this happens once a day.
            return Ok(Step::Announce);
        }
        let Some(old) = Segment::open(&*self.disk, self.segment, Access::Read)? else { return Ok(Step::Done) };
        let block_bytes = plan.bytes_max.max(BLOCK_BYTES_MIN).next_power_of_two() as u32;
        let header = SegmentHeader {
            geometry: Geometry { block_bytes, blocks: plan.last_block + 1 },
            rewritten: if plan.kept == 0 { Rewritten::Wholly } else { Rewritten::Partly },
            ..old.header
        };
        let file = self
            .disk
            .create(&unfinished_name(self.segment))
            .and_then(|file| file.reserve(header.geometry.bytes()).map(|()| file))
            .map_err(rewriting)?;
        let walk = Walk::from_segment(self.disk.clone(), self.segment);
        self.work = Work::Write(walk, plan, Successor { header, file, next: 1 });
        Ok(Step::More)
    }

    fn write(&mut self, mut walk: Walk, plan: Plan, mut successor: Successor) -> Result<Step, JournalFault> {
        let geometry = successor.header.geometry;
        let first = successor.next;
        let mut bytes = Vec::new();
        let mut ended = false;
        for _ in 0..STEP_RECORDS {
            let found = walk.step()?.filter(|found| found.place.segment == self.segment);
            let Some(Found { entry, place }) = found else {
                ended = true;
                break;
            };
            let expired = entry.sealed_day().is_some_and(|day| day < self.before);
            let entry = if expired { entry.erased() } else { entry };
            let block = Block::encode(&entry, geometry.block_bytes).filter(|_| place.block <= plan.last_block);
            let block = block.ok_or_else(|| JournalFault::Corrupt {
                file: segment_name(self.segment),
                block: place.block,
                what: "the file changed while it was read",
            })?;
            // Blocks between that hold no record become empty.
            bytes.resize(geometry.offset(place.block - first) as usize, 0);
            bytes.extend_from_slice(&block);
            successor.next = place.block + 1;
        }
        if !bytes.is_empty() {
            successor.file.write_at(&bytes, geometry.offset(first)).map_err(rewriting)?;
        }
        if !ended {
            successor.file.sync_data().map_err(rewriting)?;
            self.work = Work::Write(walk, plan, successor);
            return Ok(Step::More);
        }
        if successor.next != plan.last_block + 1 {
            let what = "the file changed while it was read";
            return Err(JournalFault::Corrupt { file: segment_name(self.segment), block: successor.next, what });
        }
        successor.file.write_at(&successor.header.encode(), 0).map_err(rewriting)?;
        successor.file.sync_all().map_err(rewriting)?;
        let (from, to) = (unfinished_name(self.segment), segment_name(self.segment));
        self.disk.rename(&from, &to).and_then(|()| self.disk.sync()).map_err(rewriting)?;
        self.erased += plan.expired;
        self.passed(plan.kept == 0);
        Ok(Step::More)
    }

    /// A fault ended it: what was begun is of no use, and its room may be all that is left.
    pub(super) fn give_up(self) {
        // The next pass removes it otherwise.
        let _ = self.disk.remove(&unfinished_name(self.segment));
    }
}

fn rewriting(error: std::io::Error) -> JournalFault {
    JournalFault::from_io("rewrite a segment without what is over", error)
}
