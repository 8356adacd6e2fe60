//! What a verification found, and how it is said.

use std::fmt;
use std::sync::Arc;

use checkpoint::passage::record::{Digest, JournalId};

/// Findings of each severity that are listed; the others are counted. Apart, so that no number of small ones hides a bad one.
const FINDINGS_MAX: usize = 100;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong: power cuts and restarts leave such traces, and so could somebody who copied a block.
    Note,
    /// Something could be missing or forged, and nothing here proves that it is not.
    Unproven,
    /// The journal is not what the device recorded.
    Broken,
}

impl Severity {
    /// For machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Unproven => "unproven",
            Self::Broken => "broken",
        }
    }
}

/// One thing that was found, where it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: String,
    /// Number of the block; `None` where it is about the whole file.
    pub block: Option<u32>,
    /// Number of the record that it is about, where there is one.
    pub sequence: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub todo: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.word(), self.file)?;
        if let Some(block) = self.block {
            write!(f, ", block {block}")?;
        }
        if let Some(sequence) = self.sequence {
            write!(f, ", record {sequence}")?;
        }
        write!(f, ": {}; {}", self.what, self.todo)
    }
}

pub(super) const KEEP_A_COPY: &str = "keep a copy of the whole directory and call the office";
pub(super) const BRING_A_WITNESS: &str = "bring a witness: a batch, or a checkpoint that another kiosk scanned";
pub(super) const NOTHING_TO_DO: &str = "nothing needs to be done";
pub(super) const REMOVE_THE_INDEX: &str =
    "keep a copy, then remove index.sqlite: the kiosk makes it again from the segments";

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The journal, where a segment says.
    pub journal: Option<JournalId>,
    /// Who recorded it.
    pub device: Option<String>,
    /// Records that follow each other.
    pub records: u64,
    /// Number and hash of the last of them.
    pub head: Option<(u64, Digest)>,
    /// The newest record that a signature of the device covers; 0 if none does.
    pub signed_upto: u64,
    /// The newest record that a witness names, and what the witness is.
    pub witnessed: Option<(u64, Arc<str>)>,
    /// It is a mirror: it has no index.
    pub mirror: bool,
    /// Sealed parts that are there.
    pub sealed: u64,
    /// Sealed parts that were erased.
    pub erased: u64,
    /// Everything that was found, in order.
    pub findings: Vec<Finding>,
    /// Findings that were too many to list.
    pub more: u64,
    /// What is wrong with the files of batches beside it. A damaged stick says nothing of the journal.
    pub of_batches: Vec<Finding>,
}

impl Report {
    /// The worst of what was found in the journal itself.
    pub fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note)
    }

    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.iter().filter(|other| other.severity == finding.severity).count() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}
