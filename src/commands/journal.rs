//! `kiosk journal verify`, `kiosk journal restore` and `kiosk checkpoint-qr`: proof that nothing was added, changed or removed, and
//! the way back from the mirror.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use checkpoint::passage::checkpoint::{Checkpoint, CheckpointFault};
use checkpoint::passage::record::{Digest, JournalId, device_id};
use checkpoint::time::vietnam;
use chrono::{SubsecRound, Utc};
use clap::{Args, Subcommand};
use ed25519_dalek::VerifyingKey;
use qrcode::{EcLevel, QrCode};
use serde_json::json;

use super::place::{self, PlaceArgs, journal_dir};
use crate::courier::sent_upto;
use crate::device::Device;
use crate::journal::mirror::{self, MARK_FILE, Mirrored};
use crate::journal::restore::restore;
use crate::journal::verify::{Checks, Finding, Known, Report, Severity, Witness, batches, verify};
use crate::journal::{JournalFault, Reader};

/// What can be done with a journal.
#[derive(Clone, Debug, Subcommand)]
pub enum JournalCommand {
    /// Proves checksums, chain, commitments, signatures, index and witnesses, and says where it breaks.
    Verify {
        #[command(flatten)]
        args: VerifyJournalArgs,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Brings a lost or damaged journal back from its mirror, while the kiosk does not run.
    Restore {
        #[command(flatten)]
        args: RestoreArgs,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

/// Bring the journal back from its mirror on another device (storage.mirror_dir).
///
/// The mirror is proven first: chain, signatures, commitments. The journal that stands there is set aside as journal.aside-N,
/// never removed. Where the journal is sound and holds all that the mirror holds, nothing is done.
#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// The mirror.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
}

/// Prove that nothing was added to the journal, changed in it or removed from it. Works while the kiosk runs, and reads only.
///
/// That nothing was cut off at the end can be proven only against something that knows a later record: a batch, a checkpoint
/// that another kiosk scanned, what the courier noted. Without one it is reported as unproven. Ends with 1 where something is
/// broken, in the journal or in a file of batches; the two are judged apart.
#[derive(Args, Clone, Debug)]
pub struct VerifyJournalArgs {
    /// The journal's directory, if it is not the one of the settings file.
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// Folder with batches of this kiosk: a stick's `passages`. Each of their records must be in the journal.
    #[arg(long, value_name = "DIR")]
    pub batches: Vec<PathBuf>,
    /// A checkpoint of this kiosk (VNCHK1:...), or a file with such texts, one a line.
    #[arg(long, value_name = "TEXT-OR-FILE")]
    pub witness: Vec<String>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyJournalFault {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// A witness that cannot be believed proves nothing.
    #[error("the witness {text}: {fault}")]
    Witness {
        /// Its first letters.
        text: String,
        /// What is wrong with it.
        fault: CheckpointFault,
    },
    /// A file that was given as a witness and holds none.
    #[error(
        "the witness file {path} holds no checkpoint: give a file with texts VNCHK1:..., one a line, or such a text"
    )]
    NoWitness {
        /// Which.
        path: String,
    },
    /// A folder that was given as a witness and holds none.
    #[error(
        "{dir} holds no batch of this kiosk (batch-{device}-*.json): name the stick's folder `passages`, or leave --batches out",
        dir = .dir.display()
    )]
    NoBatches {
        /// Which.
        dir: PathBuf,
        /// Who recorded the journal.
        device: String,
    },
    /// A file of witnesses.
    #[error("cannot read the witness file {path}: {fault}")]
    File {
        /// Which.
        path: String,
        /// What the system says.
        fault: io::Error,
    },
}

/// `kiosk journal`.
///
/// # Errors
/// Broken settings, no journal, a witness that is none.
pub fn journal(command: &JournalCommand) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (JournalCommand::Verify { place, .. } | JournalCommand::Restore { place, .. }) = command;
    let config = place.load()?;
    let mut devices: Vec<VerifyingKey> =
        Device::load(&config.storage_dir, None).map(|own| own.public_key()).into_iter().collect();
    if let Ok(in_force) = place::trust_store(&config).load() {
        devices.extend(in_force.list.device_keys());
    }
    let args = match command {
        JournalCommand::Verify { args, .. } => args,
        JournalCommand::Restore { args, .. } => {
            let device = Device::load(&config.storage_dir, None)?;
            let restored = restore(&journal_dir(&config.storage_dir), &args.from, device.id(), &devices)?;
            let mut out = io::stdout().lock();
            write_report(&restored.report, &mut out)?;
            writeln!(out, "restored {} records from {}", restored.report.records, args.from.display())?;
            if let Some(aside) = restored.set_aside {
                writeln!(out, "the journal that stood there is kept in {}: give it to the office", aside.display())?;
            }
            return Ok(ExitCode::SUCCESS);
        }
    };
    let journal = args.journal.clone().unwrap_or_else(|| journal_dir(&config.storage_dir));
    let mirror = config.mirror_dir.as_deref().filter(|mirror| *mirror != journal);
    let report = prove(args, &journal, Some(&config.storage_dir), mirror, &devices)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", as_json(&report))?
    } else {
        write_report(&report, &mut out)?
    }
    let is_whole = report.severity() != Severity::Broken && damaged_batches(&report) == 0;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Gathers what is known beside the journal, and proves it. Of `devices` the first is this kiosk's own key: whose journal it is,
/// where no record says.
///
/// # Errors
/// `VerifyJournalFault`.
pub fn prove(
    args: &VerifyJournalArgs,
    journal: &Path,
    storage: Option<&Path>,
    mirror: Option<&Path>,
    devices: &[VerifyingKey],
) -> Result<Report, VerifyJournalFault> {
    let device = recorded_by(journal).or_else(|| devices.first().map(device_id)).unwrap_or_default();
    let mut witnesses = Vec::new();
    let (mut findings, mut of_batches) = (Vec::new(), Vec::new());
    for witness in &args.witness {
        for text in texts_of(witness)? {
            let checkpoint = Checkpoint::verify(&text, devices)
                .map_err(|fault| VerifyJournalFault::Witness { text: text.chars().take(24).collect(), fault })?;
            let shown = checkpoint.at.with_timezone(&vietnam()).format("%Y-%m-%d %H:%M");
            if checkpoint.device == device {
                witnesses.push(Witness::of_checkpoint(&checkpoint, &format!("the checkpoint of {shown}")));
            } else {
                // What another kiosk signed says nothing of this one.
                findings.push(Finding {
                    severity: Severity::Unproven,
                    file: "journal".into(),
                    block: None,
                    sequence: None,
                    what: format!(
                        "the checkpoint of {shown} is of device {}, and this is the journal of device {device}",
                        checkpoint.device
                    ),
                    todo: "bring a witness of this device, or verify the other device's journal with this one",
                });
            }
        }
    }
    if let Some((journal, sequence, hash)) = storage.and_then(sent_upto) {
        witnesses.push(Witness { what: "the courier's cursor".into(), journal, sequence, hash });
    }
    match mirror.map(mirror::look).transpose() {
        Ok(Some(Some(Mirrored { mark, last: Some((sequence, hash, _)) }))) => {
            witnesses.push(Witness { what: "the mirror".into(), journal: mark.journal, sequence, hash });
        }
        // One that is not there, or holds nothing yet, knows nothing.
        Ok(_) => {}
        Err(fault) => findings.push(Finding {
            severity: Severity::Unproven,
            file: MARK_FILE.into(),
            block: None,
            sequence: None,
            what: format!("the mirror is no witness: {fault}"),
            todo: "put the mirror in place, or change its card or stick",
        }),
    }
    for dir in &args.batches {
        let (more, wrong) = batches(dir, &device, devices)?;
        if more.is_empty() && wrong.is_empty() {
            return Err(VerifyJournalFault::NoBatches { dir: dir.clone(), device });
        }
        witnesses.extend(more);
        of_batches.extend(wrong);
    }
    let known = Known { devices, witnesses: &witnesses, checks: Checks::ALL };
    let mut report = verify(journal, &known)?;
    report.findings.extend(findings);
    report.of_batches = of_batches;
    Ok(report)
}

/// The device of a journal's first record; `None` where nothing was recorded, or that one cannot be read.
fn recorded_by(journal: &Path) -> Option<String> {
    let first = Reader::open(journal).ok()?.entries(1).ok()?.next()?.ok()?;
    Some(first.entry.record().device.clone())
}

fn texts_of(witness: &str) -> Result<Vec<String>, VerifyJournalFault> {
    if Checkpoint::is_meant_by(witness) {
        return Ok(vec![witness.to_owned()]);
    }
    let read = fs::read_to_string(witness);
    let text = read.map_err(|fault| VerifyJournalFault::File { path: witness.to_owned(), fault })?;
    let texts: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if texts.is_empty() {
        return Err(VerifyJournalFault::NoWitness { path: witness.to_owned() });
    }
    Ok(texts)
}

fn write_report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let device = report.device.as_deref().unwrap_or("unknown");
    let journal = report.journal.map(|journal| journal.to_string()).unwrap_or_default();
    writeln!(out, "journal {journal} of device {device}: {} records", report.records)?;
    writeln!(out, "sealed parts: {} there, {} erased", report.sealed, report.erased)?;
    match report.signed_upto {
        0 => writeln!(out, "signed by the device: nothing")?,
        upto => writeln!(out, "signed by the device: up to record {upto}")?,
    }
    match &report.witnessed {
        Some((upto, what)) => writeln!(out, "witnessed: up to record {upto} by {what}")?,
        None => writeln!(out, "witnessed: nothing")?,
    }
    for finding in report.findings.iter().chain(&report.of_batches) {
        writeln!(out, "{finding}")?;
    }
    if report.more > 0 {
        writeln!(out, "and {} more", report.more)?;
    }
    let verdict = match report.severity() {
        Severity::Note => "proven: nothing was added, changed or removed",
        Severity::Unproven => {
            "nothing was added, changed or removed as far as it can be proven; see what is unproven above"
        }
        Severity::Broken => "BROKEN: this is not what the device recorded",
    };
    writeln!(out, "{verdict}")?;
    match damaged_batches(report) {
        0 => Ok(()),
        damaged => {
            let files = "file(s) of batches are damaged or contradict each other: see above; the journal is judged by the others";
            writeln!(out, "{damaged} {files}")
        }
    }
}

/// Files of batches that say nothing, or not what their device said elsewhere.
fn damaged_batches(report: &Report) -> usize {
    report.of_batches.iter().filter(|finding| finding.severity == Severity::Broken).count()
}

fn as_json(report: &Report) -> serde_json::Value {
    let findings = report.findings.iter().chain(&report.of_batches).map(|finding| {
        json!({
            "severity": finding.severity.word(), "file": finding.file, "block": finding.block,
            "sequence": finding.sequence, "what": finding.what, "do": finding.todo,
        })
    });
    json!({
        "journal": report.journal.map(|journal: JournalId| journal.to_string()),
        "device": report.device,
        "records": report.records,
        "head": report.head.map(|(sequence, hash): (u64, Digest)| json!({"sequence": sequence, "hash": hash.to_string()})),
        "sealed": report.sealed,
        "erased": report.erased,
        "signed_upto": report.signed_upto,
        "witnessed_upto": report.witnessed.as_ref().map(|(upto, _)| upto),
        "severity": report.severity().word(),
        "findings": findings.collect::<Vec<_>>(),
        "more": report.more,
        "damaged_batches": damaged_batches(report),
    })
}

/// Show the device-signed head of this kiosk's journal, as text and as a QR code in the terminal, for another kiosk to scan:
/// a witness against cutting off what was recorded until now. Works while the kiosk runs.
#[derive(Args, Clone, Debug)]
pub struct CheckpointQrArgs {
    /// The text alone.
    #[arg(long)]
    pub text: bool,
}

/// `kiosk checkpoint-qr`.
///
/// # Errors
/// Broken settings, no journal, no key, nothing recorded yet.
pub fn checkpoint_qr(args: &CheckpointQrArgs, place: &PlaceArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = place.load()?;
    let device = Device::load(&config.storage_dir, None)?;
    let reader = Reader::open(&journal_dir(&config.storage_dir))?;
    let mut last = None;
    for entry in reader.settled_near_end()? {
        last = Some(entry?);
    }
    let last = last.ok_or("nothing was recorded yet: there is nothing to sign")?;
    let checkpoint = Checkpoint {
        device: device.id().to_owned(),
        journal: reader.id(),
        sequence: last.record().sequence,
        head: last.hash(),
        at: Utc::now().trunc_subsecs(3),
    };
    let text = checkpoint.sign(device.key());
    if !args.text {
        let code = QrCode::with_error_correction_level(&text, EcLevel::M)?;
        println!("{}", code.render::<qrcode::render::unicode::Dense1x2>().quiet_zone(true).build());
        println!("record {} of device {}", checkpoint.sequence, checkpoint.device);
    }
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}
