//! `trustctl trace`: who was where, from batches and the tracing keys.

use std::path::PathBuf;

use checkpoint::evidence::likeness::Sameness;
use checkpoint::question::{instant, shown};
use checkpoint::time::PartialDate;
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use super::PassphraseArgs;
use trustctl::fault::Fault;
use trustctl::keys::write_secret;
use trustctl::terminal::harmless;
use trustctl::trace::archive::{Archive, devices};
use trustctl::trace::day_keys::DayKeys;
use trustctl::trace::findings::Finding;
use trustctl::trace::people::{Opened, Wanted, whole_number};
use trustctl::trace::remarks::{Remark, of_answer};
use trustctl::trace::report::{Form, Rows};
use trustctl::trace::stays::{Lengths, contacts, stays};

#[derive(Subcommand)]
pub enum TraceCommand {
    /// Who was at a place between two times: passages then, and stays that share a moment with that time.
    Place {
        /// The location code.
        location: String,
        #[command(flatten)]
        lengths: LengthArgs,
        #[command(flatten)]
        source: Source,
    },
    /// Where a person was: passages, and stays.
    Person {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        lengths: LengthArgs,
        #[command(flatten)]
        source: Source,
    },
    /// Who was at the same places at the same times as a person, with minutes.
    Contacts {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        lengths: LengthArgs,
        /// Only contacts of at least so many minutes.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        at_least: i64,
        #[command(flatten)]
        source: Source,
    },
    /// Only says what arrived, what is missing or wrong, and which days can be opened.
    Check {
        #[command(flatten)]
        source: Source,
    },
}

/// What stands in for records that there are not.
#[derive(Args)]
pub struct LengthArgs {
    /// Minutes that somebody stays of whom only one end was recorded.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(i64).range(0..=10_080))]
    stay: i64,
    /// Hours that nobody stays longer: where in and out are further apart, the stay is marked as assumed.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=1_000))]
    longest: i64,
}

impl LengthArgs {
    fn lengths(&self) -> Lengths {
        Lengths { assumed: TimeDelta::minutes(self.stay), longest: TimeDelta::hours(self.longest) }
    }
}

/// Where answers come from, and how they are written.
#[derive(Args)]
pub struct Source {
    /// Batches: folders (sticks as they came, `passages` in them) or files.
    #[arg(long, required = true, num_args = 1..)]
    batches: Vec<PathBuf>,
    /// The folder that was published: its bundle names the kiosks' keys.
    #[arg(long)]
    trust: PathBuf,
    /// Folders of the days' private keys (`trustctl tracing new`).
    #[arg(long, num_args = 1..)]
    secrets: Vec<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// From this time on: a day, "2026-03-01 07:30" in Viet Nam, or RFC 3339.
    #[arg(long, value_parser = instant)]
    from: Option<DateTime<Utc>>,
    /// Before this time.
    #[arg(long, value_parser = instant)]
    to: Option<DateTime<Utc>>,
    /// One JSON object a line; the findings follow as the last object.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Comma-separated values with a header.
    #[arg(long)]
    csv: bool,
    /// A new file for the answer, that only its owner can read, in place of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// A person: by number, or by name and birth date.
#[derive(Args)]
pub struct Whom {
    /// Identity number.
    #[arg(long, required_unless_present = "name", value_parser = parse_number)]
    number: Option<String>,
    /// Name, with or without accents.
    #[arg(long, requires = "birth")]
    name: Option<String>,
    /// Birth date: YYYY-MM-DD, YYYY-MM or YYYY.
    #[arg(long, value_parser = parse_birth, requires = "name")]
    birth: Option<PartialDate>,
    /// Also those who may be this person, where papers leave it open.
    #[arg(long)]
    unsure: bool,
}

impl Whom {
    /// Who is meant, of those who were seen; says so where that is nobody, or not one person.
    fn among(&self, opened: &Opened, remarks: &mut Vec<Remark>) -> Vec<(usize, Sameness)> {
        let birth = self.birth.unwrap_or(PartialDate::Unknown);
        let mut found = opened.find(&Wanted::new(self.name.as_deref(), birth, self.number.as_deref()));
        if found.is_empty() {
            remarks.push(Remark::Nobody { people: opened.people.len() });
        }
        let unsure = found.iter().filter(|(_, sameness)| *sameness == Sameness::Unsure).count();
        if unsure > 0 && !self.unsure {
            remarks.push(Remark::Unsure { people: unsure });
            found.retain(|(_, sameness)| *sameness == Sameness::Same);
        }
        if self.name.is_none() && found.len() > 1 {
            remarks.push(Remark::OneNumber { people: found.len() });
        }
        found
    }
}

pub fn run(command: &TraceCommand) -> Result<(), Fault> {
    match command {
        TraceCommand::Place { location, lengths, source } => {
            source.answer(Asked::Place(location), |opened, from, to, remarks| {
                remarks.extend(of_answer(opened, from, to));
                let seen = opened.sightings.iter().filter(|sighting| (from..to).contains(&sighting.at));
                let stays = stays(opened, lengths.lengths());
                let stays = stays.iter().filter(|stay| stay.is_within(from, to)).map(|stay| (stay, Sameness::Same));
                Rows::seen(opened, seen.map(|sighting| (sighting, Sameness::Same)), stays)
            })
        }
        TraceCommand::Person { whom, lengths, source } => source.answer(Asked::Person, |opened, from, to, remarks| {
            let people = whom.among(opened, remarks);
            remarks.extend(of_answer(opened, from, to));
            let is_meant = |person: usize| people.iter().find(|(meant, _)| *meant == person).map(|(_, same)| *same);
            let seen = opened.sightings.iter().filter(|sighting| (from..to).contains(&sighting.at));
            let seen = seen.filter_map(|sighting| Some((sighting, is_meant(sighting.person)?)));
            let stays = stays(opened, lengths.lengths());
            let stays = stays.iter().filter(|stay| stay.is_within(from, to));
            Rows::seen(opened, seen, stays.filter_map(|stay| Some((stay, is_meant(stay.person)?))))
        }),
        TraceCommand::Contacts { whom, lengths, at_least, source } => {
            source.answer(Asked::Person, |opened, from, to, remarks| {
                let people: Vec<usize> = whom.among(opened, remarks).into_iter().map(|(person, _)| person).collect();
                remarks.extend(of_answer(opened, from, to));
                let mut found = contacts(&stays(opened, lengths.lengths()), &people);
                found.retain(|contact| contact.minutes() >= *at_least && contact.until >= from && contact.from < to);
                Rows::contacts(opened, &found)
            })
        }
        TraceCommand::Check { source } => source.answer(Asked::Batches, |opened, from, to, remarks| {
            remarks.extend(of_answer(opened, from, to));
            Rows::none()
        }),
    }
}

/// What a question is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked<'q> {
    Place(&'q str),
    Person,
    /// The batches themselves: no rows are an answer.
    Batches,
}

impl Source {
    /// Opens what is asked for, writes the answer, and says what it must be read with.
    fn answer(
        &self,
        asked: Asked<'_>,
        of: impl FnOnce(&Opened, DateTime<Utc>, DateTime<Utc>, &mut Vec<Remark>) -> Rows,
    ) -> Result<(), Fault> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            let (from, to) = (shown(from), shown(to));
            return Err(Fault::Question(format!(
                "no time lies between --from {from} and --to {to} (+07:00): give the earlier one as --from"
            )));
        }
        let archive = Archive::read(&self.batches, &devices(&self.trust)?)?;
        let (from, to) = (self.from.unwrap_or(DateTime::<Utc>::MIN_UTC), self.to.unwrap_or(DateTime::<Utc>::MAX_UTC));
        let location = if let Asked::Place(location) = asked { Some(location) } else { None };
        let days = archive.days(location);
        let keys = DayKeys::open(&self.secrets, &days, &self.passphrase.source())?;
        let opened = Opened::of(&archive, &keys, location);
        let mut remarks = Vec::new();
        let rows = of(&opened, from, to, &mut remarks);
        let mut findings = archive.findings();
        findings.extend(archive.unanswerable(location, from, to));
        let form = match (self.json, self.csv) {
            (true, _) => Form::Json,
            (_, true) => Form::Csv,
            _ => Form::Table,
        };
        let mut text = rows.text(form);
        if form == Form::Json {
            text += &about_json(&archive, &opened, &findings, &remarks);
        } else {
            about(&archive, &opened, &findings, &remarks);
            if rows.is_empty() && asked != Asked::Batches {
                eprintln!("nothing was found in what could be opened");
            }
        }
        match &self.out {
            Some(out) => write_secret(out, text.trim_end())?,
            None => text.lines().try_for_each(super::say)?,
        }
        match findings.iter().filter(|finding| finding.is_grave()).count() {
            0 => Ok(()),
            grave => {
                Err(Fault::DoesNotHold(format!("{grave} finding(s): the answer may lack records, or rest on others")))
            }
        }
    }
}

fn about(archive: &Archive, opened: &Opened, findings: &[Finding], remarks: &[Remark]) {
    let (records, journals) = archive.size();
    eprintln!(
        "{} batches, {records} records of {journals} journal(s), {} of them again",
        archive.batches, archive.again
    );
    eprintln!("{} people in {} sightings could be opened", opened.people.len(), opened.sightings.len());
    for ((day, why), count) in &opened.closed {
        eprintln!("{day}: {count} passage(s) cannot be opened ({})", why.word());
    }
    for remark in remarks {
        eprintln!("{}: {remark}", remark.word());
    }
    for finding in findings {
        eprintln!("{}: {}", finding.word(), harmless(&finding.to_string()));
    }
}

fn about_json(archive: &Archive, opened: &Opened, findings: &[Finding], remarks: &[Remark]) -> String {
    let (records, journals) = archive.size();
    let closed: Vec<_> = opened
        .closed
        .iter()
        .map(|((day, why), count)| json!({"day": day.to_string(), "why": why.word(), "passages": count}))
        .collect();
    let findings: Vec<_> =
        findings.iter().map(|finding| json!({"kind": finding.word(), "text": finding.to_string()})).collect();
    let remarks: Vec<_> =
        remarks.iter().map(|remark| json!({"kind": remark.word(), "text": remark.to_string()})).collect();
    let about = json!({"about": {"batches": archive.batches, "records": records, "journals": journals,
        "again": archive.again, "people": opened.people.len(), "sightings": opened.sightings.len(),
        "closed": closed, "remarks": remarks, "findings": findings}});
    about.to_string() + "\n"
}

fn parse_birth(text: &str) -> Result<PartialDate, String> {
    let birth = PartialDate::parse(text).filter(|birth| *birth != PartialDate::Unknown);
    birth.ok_or_else(|| "give YYYY-MM-DD, YYYY-MM or YYYY".to_owned())
}

fn parse_number(text: &str) -> Result<String, String> {
    whole_number(text).ok_or_else(|| "give the whole number: one of which a part is hidden finds nobody".to_owned())
}
