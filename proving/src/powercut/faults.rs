//! Every n-th step of the disk fails while the kiosk's lane works on it; and memory runs out.

use std::cell::RefCell;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use checkpoint::lane::{Event, Lane, Now, Settings, Verifier};
use checkpoint::passage::{Direction, Draft, Location, PassageId};
use checkpoint::screen::{Fault, GuardAction, OverrideReason, Screen, Sound, Stage, Totals};
use checkpoint::time::{TrustedTime, day_in_vietnam};
use checkpoint::trust::TrustList;
use kiosk::commands::lane_loop::{Audience, LaneLoop, Ledger};
use kiosk::journal::Journal;
use kiosk::journal::block::Geometry;
use kiosk::journal::walk::Entries;
use rustix::io::Errno;
use simdisk::{Acknowledged, Cut, Failing, MemoryDisk, Model, Op, Seeded};

use super::life::{JOURNAL_DIR, at};
use super::recorder::Recorder;
use super::work::Teller;

/// Visitors that come at least.
const VISITORS_MIN: u64 = 12;
/// Visitors after whom a kiosk that still admits nobody has not gone on.
const VISITORS_MAX: u64 = 120;
/// Visitors who must pass one after the other at the end.
const PASSED_AT_END: u64 = 3;

/// What a lane shows, and whom it let pass.
struct Watching<'t> {
    told: &'t RefCell<Teller>,
    passed: bool,
    stage: Option<Stage>,
}

impl Audience for Watching<'_> {
    fn show(&mut self, screen: &Screen) {
        self.stage = Some(screen.stage.clone());
    }

    fn play(&mut self, _: Sound) {}

    fn passed(&mut self, passage: PassageId, draft: &Draft, _: Duration) {
        self.passed = true;
        // Number and time say which record it is: a number alone may be another one's, if it was given away too early.
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&draft.at.timestamp_millis().to_le_bytes());
        self.told.borrow_mut().tell(Acknowledged { sequence: passage.sequence(), hash });
    }
}

/// The kiosk's lane on a disk that fails: visitors come until three in a row passed. With `leak`, so many bytes are lost with
/// each of them, and there is no end.
///
/// # Errors
/// The screen showed a verdict that is not recorded, or no clear fault, or the lane did not go on.
pub fn lane(storage: &Path, leak: Option<usize>) -> Result<(), Box<dyn Error>> {
    let told = RefCell::new(Teller::at(storage)?);
    let now = |visitor: u64| Now { time: TrustedTime::given(at(visitor)), tick: Duration::from_secs(60 * visitor) };
    let mut ledger = Ledger::at(storage);
    ledger.started(now(0), None, None);
    let settings = Settings {
        location: Location { code: "HN-01".into(), name: "Chốt 1".into(), province: "Hà Nội".into() },
        direction: Direction::In,
        admitted_for: Duration::from_secs(5),
        others_for: Duration::from_secs(50),
        masked_after: Duration::from_secs(15),
        visit_for: Duration::from_secs(20),
        away_for: Duration::from_secs(3),
        answer_required: false,
    };
    let lane = Lane::new(settings, Totals::default(), day_in_vietnam(at(0)));
    let verifier = Verifier { trust: TrustList::default(), rule_sets: Vec::new() };
    let mut lane = LaneLoop::new(lane, verifier, ledger);
    let mut in_a_row = 0;
    let mut watching = Watching { told: &told, passed: false, stage: None };
    for visitor in 1.. {
        for (fault, present) in lane.tend(now(visitor)) {
            lane.turn(now(visitor), Event::Condition { fault, present }, &mut watching);
        }
        lane.turn(now(visitor), Event::Guard(GuardAction::Dismiss), &mut watching);
        watching.passed = false;
        lane.turn(now(visitor), Event::Guard(GuardAction::Override(OverrideReason::Order)), &mut watching);
        match (&watching.stage, watching.passed) {
            (Some(Stage::Decided(_)), true) => in_a_row += 1,
            (Some(Stage::OutOfService(Fault::DiskFull | Fault::DiskFault)), false) => in_a_row = 0,
            (stage, passed) => return Err(format!("visitor {visitor}: passed: {passed}, shown: {stage:?}").into()),
        }
        match leak {
            Some(bytes) => {
                // What is never used is never given by the system.
                std::hint::black_box(vec![visitor as u8 | 1; bytes].leak());
            }
            None if visitor >= VISITORS_MIN && in_a_row >= PASSED_AT_END => return Ok(()),
            None if visitor == VISITORS_MAX => return Err("the lane did not go on when the disk did".into()),
            None => {}
        }
    }
    Ok(())
}

/// What a run of failing steps showed.
#[derive(Clone, Debug, Default)]
pub struct Troubles {
    /// Runs.
    pub runs: u64,
    /// Steps that failed in them.
    pub failed: u64,
    /// Passages that were acknowledged in them.
    pub acknowledged: u64,
    /// What went wrong: must be empty.
    pub wrong: Vec<String>,
}

/// Lets each step fail in turn, with each error, once and several times in a row, until no step is left to fail. Of many steps
/// in a row, every `stride`-th beginning.
///
/// # Errors
/// There is no FUSE here.
pub fn every_step(program: &Path, scratch: &Path, stride: u64) -> Result<Troubles, Box<dyn Error>> {
    let mut troubles = Troubles::default();
    for errno in [Errno::NOSPC, Errno::IO, Errno::ROFS] {
        for (count, stride) in [(1, stride), (5, 3 * stride), (60, 9 * stride)] {
            let mut first = 1;
            loop {
                let failing = Failing { first, count, errno };
                let place = format!("{errno:?}, steps {first} to {}", first + count - 1);
                let (failed, wrong) = run(program, scratch, Some(failing), None, &mut troubles)?;
                troubles.runs += 1;
                troubles.failed += failed;
                troubles.wrong.extend(wrong.map(|wrong| format!("{place}: {wrong}")));
                if failed == 0 {
                    break;
                }
                first += stride;
            }
        }
    }
    Ok(troubles)
}

/// Lets the memory run out at different moments.
///
/// # Errors
/// There is no FUSE here.
pub fn out_of_memory(program: &Path, scratch: &Path, runs: u64) -> Result<Troubles, Box<dyn Error>> {
    let mut troubles = Troubles::default();
    let mut seeded = Seeded::new(1);
    for number in 0..runs {
        let leak = 200_000 + seeded.below(800_000);
        let (_, wrong) = run(program, scratch, None, Some(leak), &mut troubles)?;
        troubles.runs += 1;
        troubles.wrong.extend(wrong.map(|wrong| format!("run {number}, {leak} bytes a visitor: {wrong}")));
    }
    Ok(troubles)
}

/// One process on one disk; then what it acknowledged must be there, with and without what was not synced.
fn run(
    program: &Path,
    scratch: &Path,
    failing: Option<Failing>,
    leak: Option<u64>,
    troubles: &mut Troubles,
) -> Result<(u64, Option<String>), Box<dyn Error>> {
    let root = tempfile::tempdir_in(scratch)?;
    let recorder = Recorder::mount(root.path())?;
    recorder.fail(failing);
    let ended = match leak {
        None => Command::new(program).args(["--work", "lane", "--dir"]).arg(root.path()).output()?,
        Some(bytes) => Command::new("sh")
            .args(["-c", "ulimit -v 400000; ulimit -c 0; exec \"$0\" --work hungry --leak \"$2\" --dir \"$1\""])
            .arg(program)
            .arg(root.path())
            .arg(bytes.to_string())
            .output()?,
    };
    let (_, failed) = recorder.steps();
    let (model, ops) = (recorder.model(), recorder.ops());
    drop(recorder);
    let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
    let said = stderr.trim().lines().last().unwrap_or_default().to_owned();
    if leak.is_none() && !ended.status.success() {
        return Ok((failed, Some(said)));
    }
    if leak.is_some() && !stderr.contains("memory allocation") {
        return Ok((failed, Some(format!("it did not end for want of memory: {}, {said}", ended.status))));
    }
    let acknowledged: Vec<Acknowledged> =
        ops.iter().filter_map(|op| if let Op::Acknowledged(one) = op { Some(*one) } else { None }).collect();
    troubles.acknowledged += acknowledged.len() as u64;
    let wrong = [Cut::Everything, Cut::Nothing].into_iter().find_map(|cut| {
        let after = model.cut(cut, &mut Seeded::new(1));
        holds(after, &acknowledged).err().map(|loss| format!("after a cut ({cut:?}): {loss}"))
    });
    Ok((failed, wrong))
}

fn holds(model: Model, acknowledged: &[Acknowledged]) -> Result<(), String> {
    let disk = MemoryDisk::new(model, JOURNAL_DIR);
    let device = Entries::from(Arc::new(disk.clone()), 1).ok().and_then(|mut entries| {
        let first = entries.next()?.ok()?;
        Some(first.entry.record().device.clone())
    });
    let device = match (device, acknowledged.is_empty()) {
        (Some(device), _) => device,
        (None, true) => return Ok(()),
        (None, false) => return Err("no record is left".to_owned()),
    };
    let opened = Journal::open_on(Arc::new(disk.clone()), None, &device, Geometry::USUAL, None);
    opened.map_err(|fault| format!("does not open: {fault}"))?;
    let mut times = Vec::new();
    for stored in Entries::from(Arc::new(disk), 1).map_err(|fault| fault.to_string())? {
        let record = stored.map_err(|fault| format!("cannot be read: {fault}"))?.entry;
        times.push(record.record().event.passage().map(|_| record.record().at.timestamp_millis()));
    }
    for one in acknowledged {
        let (time, _) = one.hash.split_first_chunk().ok_or("a time has eight bytes")?;
        if times.get(one.sequence as usize - 1) != Some(&Some(i64::from_le_bytes(*time))) {
            return Err(format!("acknowledged passage {} is lost", one.sequence));
        }
    }
    Ok(())
}
