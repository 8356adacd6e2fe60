//! What must fail in the same run, or the run proves nothing: other ways to keep passages that are known to lose them.

use std::error::Error;
use std::path::Path;

use rusqlite::Connection;
use simdisk::{Acknowledged, Cut, Model, Op, Seeded};

use super::check::{Recorded, Tally};

/// A database in place of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// Write-ahead log, synced at checkpoints only: passes every test that kills the process.
    WalNormal,
    /// Rollback journal, synced at every commit; that the journal is gone is not.
    DeleteFull,
}

impl Database {
    fn settings(self) -> (&'static str, &'static str) {
        match self {
            Self::WalNormal => ("WAL", "NORMAL"),
            Self::DeleteFull => ("DELETE", "FULL"),
        }
    }

    fn open(self, dir: &Path) -> rusqlite::Result<Connection> {
        let (journal, synchronous) = self.settings();
        let db = Connection::open(dir.join("passages.sqlite"))?;
        // Without shared memory: its pages would reach the recorder when the kernel likes.
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(()))?;
        db.pragma_update(None, "synchronous", synchronous)?;
        Ok(db)
    }

    /// Keeps so many passages in a directory, one commit each, and tells each of them.
    ///
    /// # Errors
    /// The disk works, so there should be none.
    pub fn live(self, dir: &Path, passages: u64, mut told: impl FnMut(Acknowledged)) -> Result<(), Box<dyn Error>> {
        let db = self.open(dir)?;
        db.execute_batch("CREATE TABLE passage (sequence INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT")?;
        for sequence in 1..=passages {
            db.execute("INSERT INTO passage VALUES (?, zeroblob(1500))", [sequence.cast_signed()])?;
            told(Acknowledged { sequence, hash: [0; 32] });
        }
        Ok(())
    }

    /// Cuts the power at every point of what was recorded.
    pub fn explore(self, ops: &[Op], cuts: u64, seed: u64, scratch: &Path) -> Tally {
        let mut tally = Tally::default();
        let (mut model, mut acknowledged) = (Model::default(), 0);
        let points = ops.len() as u64 + 1;
        for point in 0..points {
            for round in 0..(cuts * (point + 1) / points - cuts * point / points) {
                let cut = Cut::ALL[((point + round) % Cut::ALL.len() as u64) as usize];
                let after = model.cut(cut, &mut Seeded::new(seed ^ (point << 20) ^ round));
                let result = self.check(&after, acknowledged, scratch);
                tally.count(cut, || format!("step {point} of {points}, {cut:?}"), result);
            }
            if let Some(op) = ops.get(point as usize) {
                model.apply(op);
                if let Op::Acknowledged(one) = op {
                    acknowledged = one.sequence;
                }
            }
        }
        tally
    }

    fn check(self, model: &Model, acknowledged: u64, scratch: &Path) -> Result<(), String> {
        let _ = std::fs::remove_dir_all(scratch);
        std::fs::create_dir_all(scratch).and_then(|()| model.write_to(scratch)).map_err(|fault| fault.to_string())?;
        if acknowledged == 0 {
            return Ok(());
        }
        let held = self.open(scratch).and_then(|db| {
            db.query_row("SELECT count(*), max(sequence) FROM passage", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
            })
        });
        match held.map_err(|fault| fault.to_string())? {
            (count, newest) if count.unsigned_abs() < acknowledged => {
                Err(format!("{count} of {acknowledged} acknowledged rows are left, the newest is {newest:?}"))
            }
            _ => Ok(()),
        }
    }
}

/// The same record of the real journal, as if it had acknowledged before each sync.
pub fn acknowledged_too_early(recorded: &Recorded) -> Recorded {
    let mut ops: Vec<Op> = Vec::with_capacity(recorded.ops.len());
    for op in &recorded.ops {
        match op {
            Op::Acknowledged(_) => {
                let sync = ops.iter().rposition(|op| matches!(op, Op::Sync { .. })).unwrap_or(ops.len());
                ops.insert(sync, op.clone());
            }
            op => ops.push(op.clone()),
        }
    }
    Recorded { ops, device: recorded.device.clone(), geometry: recorded.geometry }
}
