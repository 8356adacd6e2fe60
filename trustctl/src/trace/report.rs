//! Answers as a table, CSV or JSON.

use std::collections::BTreeSet;

use checkpoint::csv;
use checkpoint::evidence::likeness::Sameness;
use checkpoint::passage::Proof;
use checkpoint::time::vietnam;
use checkpoint::trust::credential::Person;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::people::{Opened, Sighting};
use super::stays::{Contact, Doubt, Stay};
use crate::terminal::harmless;

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For people.
    #[default]
    Table,
    /// One object a line.
    Json,
    /// With a header; no cell is a formula.
    Csv,
}

/// Before everything in CSV: without it, Excel takes UTF-8 for the system's code page and garbles every Vietnamese name.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    Text(String),
    Number(i64),
    /// A number that a row of this kind has not: `null` in JSON.
    Nothing,
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Nothing => String::new(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Nothing => json!(null),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Rows of one kind.
pub struct Rows {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// Columns of sightings and stays.
const SEEN: [&str; 21] = [
    "what",
    "time",
    "until",
    "minutes",
    "ends",
    "why",
    "location",
    "direction",
    "outcome",
    "name",
    "birth",
    "number",
    "proof",
    "match",
    "as",
    "plate",
    "known_as",
    "shown",
    "notes",
    "device",
    "record",
];

impl Rows {
    /// No rows and no head: the answer is what stands beside them.
    pub fn none() -> Self {
        Self { columns: Vec::new(), rows: Vec::new() }
    }

    /// Passages, and stays longer than a moment, in the order of time.
    pub fn seen<'a>(
        opened: &Opened,
        sightings: impl IntoIterator<Item = (&'a Sighting, Sameness)>,
        stays: impl IntoIterator<Item = (&'a Stay, Sameness)>,
    ) -> Self {
        let passages = sightings.into_iter().map(|(sighting, sameness)| {
            let mut row = vec!["passage".into(), time(sighting.at).into(), "".into(), Cell::Nothing, "".into()];
            row.push(if sighting.clock_in_doubt { Doubt::Clock.word() } else { "" }.into());
            row.extend([
                sighting.location.as_str().into(),
                sighting.direction.word().into(),
                sighting.outcome.word().into(),
            ]);
            row.extend(who(opened, sighting, sameness));
            (sighting.at, row)
        });
        let stays = stays.into_iter().map(|(stay, sameness)| {
            let mut row = vec!["stay".into(), time(stay.from).into(), time(stay.until).into()];
            row.extend([Cell::Number(stay.minutes()), ends(&stay.doubts).into(), words(&stay.doubts).into()]);
            row.extend([stay.location.as_str().into(), "".into(), "".into()]);
            row.extend(who(opened, &opened.sightings[stay.sighting], sameness));
            (stay.from, row)
        });
        let mut rows: Vec<_> = passages.chain(stays).collect();
        rows.sort_by_key(|(at, _)| *at);
        Self { columns: SEEN.to_vec(), rows: rows.into_iter().map(|(_, row)| row).collect() }
    }

    /// Contacts, the longest first.
    pub fn contacts(opened: &Opened, contacts: &[Contact]) -> Self {
        let columns = vec![
            "minutes",
            "location",
            "from",
            "until",
            "name",
            "birth",
            "number",
            "proof",
            "known_as",
            "as",
            "ends",
            "why",
            "contact_of",
            "notes",
        ];
        let rows = contacts.iter().map(|contact| {
            let [case, other] = contact.sightings.map(|sighting| &opened.sightings[sighting]);
            let mut row = vec![
                Cell::Number(contact.minutes()),
                contact.location.as_str().into(),
                time(contact.from).into(),
                time(contact.until).into(),
            ];
            row.extend(person(&other.named));
            row.extend([proof(other.proof).into(), known_as(opened, other).into(), other.role.word().into()]);
            row.extend([ends(&contact.doubts).into(), words(&contact.doubts).into()]);
            row.push(format!("{} ({})", name(&case.named), proof(case.proof)).into());
            let of_case = case.notes.iter().map(|note| format!("{}: {note}", name(&case.named)));
            row.push(other.notes.iter().cloned().chain(of_case).collect::<Vec<_>>().join(" | ").into());
            row
        });
        Self { columns, rows: rows.collect() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole text, with line ends.
    pub fn text(&self, form: Form) -> String {
        match form {
            _ if self.columns.is_empty() => String::new(),
            Form::Csv => {
                let rows = self.rows.iter().map(|row| row.iter().map(Cell::text).collect::<Vec<_>>());
                let lines = rows.map(|row| csv::line(row.iter().map(String::as_str)));
                let lines = std::iter::once(csv::line(self.columns.iter().copied())).chain(lines);
                BYTE_ORDER_MARK.to_owned() + &lines.map(|line| line + "\n").collect::<String>()
            }
            Form::Json => self
                .rows
                .iter()
                .map(|row| {
                    let pairs = self.columns.iter().zip(row);
                    let object: Map<String, Value> =
                        pairs.map(|(column, cell)| ((*column).to_owned(), cell.json())).collect();
                    Value::Object(object).to_string() + "\n"
                })
                .collect(),
            Form::Table => self.table(),
        }
    }

    /// Columns in which nothing stands are left out.
    fn table(&self) -> String {
        let texts: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| harmless(&cell.text())).collect()).collect();
        let used = |column: &usize| texts.is_empty() || texts.iter().any(|row| !row[*column].is_empty());
        let columns: Vec<usize> = (0..self.columns.len()).filter(used).collect();
        let head: Vec<String> = self.columns.iter().map(|column| column.to_uppercase()).collect();
        let width = |column: usize| {
            let cells = std::iter::once(&head).chain(&texts).map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<usize> = columns.iter().map(|column| width(*column)).collect();
        let line = |row: &Vec<String>| {
            let padded = columns.iter().zip(&widths).map(|(column, width)| {
                let cell = &row[*column];
                cell.clone() + &" ".repeat(width - cell.chars().count())
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        std::iter::once(&head).chain(&texts).map(line).collect()
    }
}

/// As this record names them, and under which name the same person is known better.
fn who(opened: &Opened, sighting: &Sighting, sameness: Sameness) -> Vec<Cell> {
    let mut row = person(&sighting.named).to_vec();
    row.extend([
        proof(sighting.proof).into(),
        match_word(sameness).into(),
        sighting.role.word().into(),
        sighting.plate.as_deref().unwrap_or_default().into(),
        known_as(opened, sighting).into(),
        sighting.shown.join(" | ").into(),
        sighting.notes.join(" | ").into(),
        sighting.device.as_str().into(),
        Cell::Number(sighting.sequence.cast_signed()),
    ]);
    row
}

/// The best proven name of the same person, where this record has another.
fn known_as<'o>(opened: &'o Opened, sighting: &Sighting) -> &'o str {
    let known = &opened.people[sighting.person].person;
    if name(known) == name(&sighting.named) { "" } else { name(known) }
}

fn name(person: &Person) -> &str {
    if person.name.is_empty() { person.name_transliterated.as_deref().unwrap_or_default() } else { &person.name }
}

fn person(person: &Person) -> [Cell; 3] {
    [name(person).into(), person.birth.to_string().into(), person.number.as_deref().unwrap_or_default().into()]
}

/// How its ends are known.
fn ends(doubts: &BTreeSet<Doubt>) -> &'static str {
    if doubts.is_empty() { "recorded" } else { "assumed" }
}

fn words(doubts: &BTreeSet<Doubt>) -> String {
    doubts.iter().map(|doubt| doubt.word()).collect::<Vec<_>>().join(" ")
}

/// Viet Nam's civil time, to the second.
fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&vietnam()).format("%Y-%m-%dT%H:%M:%S+07:00").to_string()
}

fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::Verified => "verified",
        Proof::ByEye => "by-eye",
        Proof::Refused => "refused",
        Proof::Unsigned => "unsigned",
    }
}

fn match_word(sameness: Sameness) -> &'static str {
    match sameness {
        Sameness::Same => "same",
        Sameness::Unsure => "unsure",
        Sameness::Another => "another",
    }
}
