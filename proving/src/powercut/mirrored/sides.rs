//! Which steps are made on the mirror's disk; and orders of steps that no mirror may have.

use std::collections::BTreeSet;

use simdisk::{FileId, Model, Op};

use crate::powercut::life::MIRROR_DIR;

/// Whose disk a step is made on.
pub(super) struct Sides {
    mirrors: BTreeSet<FileId>,
}

impl Sides {
    pub(super) fn of(mirror: &Model) -> Self {
        Self { mirrors: mirror.files().collect() }
    }

    pub(super) fn is_mirrors(&mut self, op: &Op) -> bool {
        let stands = |path: &str| path.split('/').next() == Some(MIRROR_DIR);
        match op {
            Op::Create { path, file } | Op::Link { file, path } => {
                let stands = stands(path);
                if stands {
                    self.mirrors.insert(*file);
                }
                stands
            }
            Op::MakeDir { path }
            | Op::Remove { path }
            | Op::Rename { from: path, .. }
            | Op::SyncNames { dir: path } => stands(path),
            Op::Write { file, .. } | Op::Resize { file, .. } | Op::Sync { file } | Op::SyncFailed { file } => {
                self.mirrors.contains(file)
            }
            Op::Acknowledged(_) => false,
            Op::Mirrored(_) => true,
        }
    }
}

/// The same steps, as if the mirror had said that it holds a record before each sync: a control.
pub fn told_too_early(ops: &[Op], mirror: &Model) -> Vec<Op> {
    let mut sides = Sides::of(mirror);
    let (mut early, mut synced) = (Vec::new(), 0);
    for op in ops {
        match op {
            Op::Mirrored(_) => early.insert(synced, op.clone()),
            op => {
                if sides.is_mirrors(op) && matches!(op, Op::Sync { .. }) {
                    synced = early.len();
                }
                early.push(op.clone());
            }
        }
    }
    early
}

/// The same steps, as if the mirror had been handed each record before the journal wrote it: a control.
pub fn handed_over_too_early(ops: &[Op], mirror: &Model) -> Vec<Op> {
    let mut sides = Sides::of(mirror);
    let (mut early, mut written) = (Vec::new(), 0);
    for op in ops {
        if sides.is_mirrors(op) {
            early.insert(written, op.clone());
            written += 1;
        } else {
            if matches!(op, Op::Write { .. }) {
                written = early.len();
            }
            early.push(op.clone());
        }
    }
    early
}
