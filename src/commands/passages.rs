//! `kiosk passages`: lists and counts what the journal holds. Never anything sealed.

mod question;
mod statistics;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use checkpoint::csv;
use checkpoint::passage::checkpoint::Checkpoint;
use checkpoint::passage::day::Works;
use checkpoint::passage::record::{Event, Identified, Passage, Record};
use checkpoint::passage::{Direction, Outcome};
use checkpoint::question::{instant, shown};
use checkpoint::screen::Totals;
use checkpoint::time::vietnam;
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::journal::index::{Hour, Query, Span};
use crate::journal::{JournalFault, Reader};

pub use question::QuestionFault;

/// List or count the passages in the journal. Works while the kiosk runs.
///
/// Times are Viet Nam's civil time (+07:00): 2026-03-01, "2026-03-01 07:30" or RFC 3339. Names are sealed and not shown.
#[derive(Clone, Debug, clap::Args)]
pub struct PassagesArgs {
    /// The journal's directory, if it is not the one of the settings file.
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// From this time on.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub since: Option<DateTime<Utc>>,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub until: Option<DateTime<Utc>>,
    /// Only this outcome: admit, refuse, refer, override, registered or waved.
    #[arg(long, value_parser = parse_outcome)]
    pub outcome: Option<Outcome>,
    /// Only this direction: in or out.
    #[arg(long, value_parser = parse_direction)]
    pub direction: Option<Direction>,
    /// Only this reason, by its short code, for example R-DOSES; G-PAPER-TYPED is whatever a guard typed from paper.
    #[arg(long, value_name = "CODE")]
    pub reason: Option<String>,
    /// Count by outcome and by hour instead of listing.
    #[arg(long)]
    pub count: bool,
    /// By hour, why visitors did not pass, and how long scans took (median, p95), instead of listing.
    #[arg(long, conflicts_with = "count")]
    pub statistics: bool,
    /// One JSON object a line.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values with a header.
    #[arg(long)]
    pub csv: bool,
}

/// Why nothing could be shown.
#[derive(Debug, thiserror::Error)]
pub enum PassagesFault {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// The question has no answer.
    #[error(transparent)]
    Question(#[from] QuestionFault),
    /// Nobody takes the output. A pipe that was closed is no fault.
    #[error("cannot write the list: {0}")]
    Output(#[from] io::Error),
}

/// Nothing matches, and what there is: for whoever would take an empty list for a quiet day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nothing {
    held: Option<Span>,
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.held {
            None => f.write_str("nothing was recorded yet"),
            Some(Span { records, first, last }) => {
                write!(
                    f,
                    "nothing matches; the journal holds {records} records from {} to {} (+07:00)",
                    shown(first),
                    shown(last)
                )
            }
        }
    }
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Table,
    Json,
    Csv,
}

/// Writes the list or the counts to `out`. `journal` is the journal's directory unless the arguments name another; `now` tells
/// what has not come yet. `Some` where nothing matched.
///
/// # Errors
/// `PassagesFault`.
pub fn passages(
    args: &PassagesArgs,
    journal: &Path,
    now: DateTime<Utc>,
    out: impl Write,
) -> Result<Option<Nothing>, PassagesFault> {
    let index = Reader::open(args.journal.as_deref().unwrap_or(journal))?.index()?;
    let held = index.span().map_err(JournalFault::from)?;
    question::check(args, now.max(held.map_or(now, |held| held.last)), || index.reasons())?;
    let query = Query {
        since: args.since,
        until: args.until,
        outcome: args.outcome,
        direction: args.direction,
        reason: args.reason.clone(),
        passages_only: args.outcome.is_some() || args.direction.is_some() || args.reason.is_some(),
    };
    let form = match (args.json, args.csv) {
        (true, _) => Form::Json,
        (_, true) => Form::Csv,
        _ => Form::Table,
    };
    let mut out = BufWriter::new(out);
    let mut found = false;
    let written = if args.statistics {
        let statistics = index.statistics(&query).map_err(JournalFault::from)?;
        found = statistics.totals.all() > 0;
        statistics::write(&statistics, form, &mut out)
    } else if args.count {
        let (hours, totals) = index
            .count_by_hour(&query)
            .and_then(|hours| Ok((hours, index.count(&query)?)))
            .map_err(JournalFault::from)?;
        found = totals.all() > 0;
        counts(&hours, &totals, form, &mut out)
    } else {
        let mut written = head(form, &mut out);
        let listed = index.list(&query, |record, text| {
            found = true;
            if written.is_ok() {
                written = line(&record, text, form, &mut out);
            }
            written.is_ok()
        });
        listed.map_err(JournalFault::from)?;
        written
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok((!found).then_some(Nothing { held }))
}

fn head(form: Form, out: &mut impl Write) -> io::Result<()> {
    match form {
        Form::Json => Ok(()),
        Form::Csv => writeln!(
            out,
            "sequence,time,kind,location,direction,outcome,reason,rule_sets,trust_list,refers_to,identity,device"
        ),
        Form::Table => writeln!(
            out,
            "{:>7}  {:<19}  {:<3}  {:<10}  {:<16}  {:<14}  {:<6}  {:<14}  RULE SETS",
            "NO", "TIME (+07:00)", "DIR", "OUTCOME", "REASON", "LOCATION", "LIST", "IDENTITY"
        ),
    }
}

fn how_it_works(works: &Works) -> String {
    let Works { mode, location, direction, rule_sets, retention_days, settings } = works;
    let rules: Vec<_> = rule_sets.iter().map(|used| format!("{}@{}", used.id, used.version)).collect();
    let (direction, rules) = (direction.word(), rules.join(" "));
    format!(", {mode} at {location}, {direction}, rules {rules}, names for {retention_days} days, settings {settings}")
}

fn line(record: &Record, text: &str, form: Form, out: &mut impl Write) -> io::Result<()> {
    let time = record.at.with_timezone(&vietnam());
    let sequence = record.sequence;
    let kind = record.event.kind();
    let passage = record.event.passage();
    match (form, passage) {
        // The record's own text: what is hashed is what is shown.
        (Form::Json, _) => writeln!(out, "{text}"),
        (Form::Csv, passage) => {
            let or_empty = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
            let cells = [
                sequence.to_string(),
                time.to_rfc3339(),
                kind.to_owned(),
                passage.map(|passage| passage.location.clone()).unwrap_or_default(),
                passage.map(|passage| passage.direction.word().to_owned()).unwrap_or_default(),
                passage.map(|passage| passage.outcome.word().to_owned()).unwrap_or_default(),
                passage.and_then(|passage| passage.reason.clone()).unwrap_or_default(),
                passage.map(rule_sets).unwrap_or_default(),
                or_empty(passage.and_then(|passage| passage.trust_list)),
                or_empty(passage.and_then(|passage| passage.refers_to)),
                passage.map(|passage| identity(passage).to_owned()).unwrap_or_default(),
                record.device.clone(),
            ];
            writeln!(out, "{}", csv::line(cells.iter().map(String::as_str)))
        }
        (Form::Table, None) => {
            let what = match &record.event {
                Event::Restart(restart) => {
                    let works = restart.works.as_ref().map(how_it_works).unwrap_or_default();
                    format!("kiosk started, program {}{works}", restart.program)
                }
                Event::SurgeBegan(surge) => format!("checkpoint opened, {}, guard {}", surge.reason, surge.guard),
                Event::SurgeEnded(surge) => {
                    format!("checkpoint closed again, {} waved through, #{}", surge.waved, surge.began)
                }
                Event::Retention(retention) => {
                    format!("sealed parts of days before {} erased, after {} days", retention.before, retention.days)
                }
                Event::ModeChanged(changed) => {
                    format!("{} changed from {} to {}", changed.mode, changed.from, changed.to)
                }
                Event::ClockChanged(changed) => {
                    let shown =
                        |at: DateTime<Utc>| at.with_timezone(&vietnam()).format("%Y-%m-%d %H:%M:%S").to_string();
                    format!("clock set from {} to {} by {}", shown(changed.from), shown(changed.to), changed.by)
                }
                Event::Updated(updated) => {
                    let from = updated.from.as_deref().unwrap_or("none");
                    format!("{} changed from version {from} to {}", updated.what, updated.to)
                }
                Event::Reopened(reopened) => format!("recording again after {}", reopened.fault),
                Event::Checkpoint(_) => "the device signed the journal up to the record before".to_owned(),
                Event::Witness(head) => {
                    let device = Checkpoint::device_unverified(&head.text).unwrap_or_default();
                    format!("witness: signed head of device {device}")
                }
                Event::ShiftChanged(shift) => {
                    let count = shift.passages.map(|count| format!(", {count} passages")).unwrap_or_default();
                    format!("shift {}, guard {}{count}", shift.what, shift.guard)
                }
                Event::Checked(checked) => {
                    let (list, version, guard) = (&checked.list, checked.version, &checked.guard);
                    let (good, bad) = (checked.good.len(), checked.bad.len());
                    format!("checklist {list} {version}: {good} in order, {bad} not, guard {guard}")
                }
                Event::Passage(_) | Event::Unknown => "an event that this program does not know".to_owned(),
            };
            writeln!(out, "{sequence:>7}  {}  -    {what}", time.format("%Y-%m-%d %H:%M:%S"))
        }
        (Form::Table, Some(passage)) => {
            let reason = match (&passage.reason, passage.refers_to) {
                (Some(reason), Some(corrected)) => format!("{reason} #{corrected}"),
                (Some(reason), None) => reason.clone(),
                (None, Some(corrected)) => format!("#{corrected}"),
                (None, None) => "-".to_owned(),
            };
            writeln!(
                out,
                "{sequence:>7}  {}  {:<3}  {:<10}  {reason:<16}  {:<14}  {:<6}  {:<14}  {}",
                time.format("%Y-%m-%d %H:%M:%S"),
                passage.direction.word(),
                passage.outcome.word(),
                passage.location,
                passage.trust_list.map_or("-".to_owned(), |version| version.to_string()),
                identity(passage),
                rule_sets(passage),
            )
        }
    }
}

/// Whether there is an identity in the record, never whose.
fn identity(passage: &Passage) -> &'static str {
    match passage.identity {
        Identified::Nobody => "nobody",
        Identified::NoTracingKey => "no-tracing-key",
        Identified::Sealed(_) => "sealed",
    }
}

fn rule_sets(passage: &Passage) -> String {
    passage.rule_sets.iter().map(|used| format!("{}@{}", used.id, used.version)).collect::<Vec<_>>().join(" ")
}

/// Totals in the order of `Outcome::ALL`, and all of them together.
fn columns(totals: &Totals) -> [u64; 7] {
    let [admitted, refused, referred, overridden, registered, waved] = Outcome::ALL.map(|outcome| totals.of(outcome));
    [admitted, refused, referred, overridden, registered, waved, totals.all()]
}

fn counts(hours: &[Hour], totals: &Totals, form: Form, out: &mut impl Write) -> io::Result<()> {
    let names = Outcome::ALL.map(Outcome::word);
    let started = |hour: &Hour| hour.from.with_timezone(&vietnam());
    match form {
        Form::Json => {
            let object = |totals: &Totals| {
                let pairs = names.into_iter().chain(["all"]).zip(columns(totals));
                pairs.map(|(name, count)| (name.to_owned(), json!(count))).collect::<serde_json::Map<_, _>>()
            };
            for hour in hours {
                let mut line = object(&hour.totals);
                line.insert("hour".into(), json!(started(hour).to_rfc3339()));
                writeln!(out, "{}", serde_json::Value::Object(line))?;
            }
            let mut line = object(totals);
            line.insert("hour".into(), serde_json::Value::Null);
            writeln!(out, "{}", serde_json::Value::Object(line))
        }
        Form::Csv => {
            writeln!(out, "hour,{},all", names.join(","))?;
            for hour in hours {
                writeln!(
                    out,
                    "{},{}",
                    started(hour).to_rfc3339(),
                    columns(&hour.totals).map(|n| n.to_string()).join(",")
                )?;
            }
            writeln!(out, "all,{}", columns(totals).map(|n| n.to_string()).join(","))
        }
        Form::Table => {
            let row = |out: &mut dyn Write, name: &str, cells: [String; 7]| {
                writeln!(out, "{name:<16}{}", cells.map(|cell| format!("  {cell:>10}")).concat())
            };
            let [a, b, c, d, e, f] = names.map(str::to_owned);
            row(out, "HOUR (+07:00)", [a, b, c, d, e, f, "all".to_owned()])?;
            for hour in hours {
                let name = started(hour).format("%Y-%m-%d %H:00").to_string();
                row(out, &name, columns(&hour.totals).map(|n| n.to_string()))?;
            }
            row(out, "all", columns(totals).map(|n| n.to_string()))
        }
    }
}

fn parse_outcome(text: &str) -> Result<Outcome, String> {
    Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.word() == text)
        .ok_or_else(|| format!("give one of: {}", Outcome::ALL.map(Outcome::word).join(", ")))
}

fn parse_direction(text: &str) -> Result<Direction, String> {
    [Direction::In, Direction::Out]
        .into_iter()
        .find(|direction| direction.word() == text)
        .ok_or_else(|| "give in or out".to_owned())
}
