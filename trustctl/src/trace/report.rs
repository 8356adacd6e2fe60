//! Answers as a table, CSV or JSON.

use checkpoint::csv;
use checkpoint::evidence::likeness::Sameness;
use checkpoint::passage::Proof;
use checkpoint::time::vietnam;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::people::{Known, Opened, Sighting};
use super::stays::Contact;

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

/// Rows of one kind.
pub struct Rows {
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    /// Everybody who was seen in these sightings.
    pub fn sightings<'a>(opened: &Opened, sightings: impl IntoIterator<Item = (&'a Sighting, Sameness)>) -> Self {
        let columns = vec![
            "time",
            "location",
            "direction",
            "outcome",
            "name",
            "birth",
            "number",
            "proof",
            "match",
            "plate",
            "record",
        ];
        let rows = sightings.into_iter().map(|(sighting, sameness)| {
            let mut row = vec![
                time(sighting.at),
                sighting.location.clone(),
                sighting.direction.word().into(),
                sighting.outcome.word().into(),
            ];
            row.extend(person(&opened.people[sighting.person]));
            row.extend([
                proof(sighting.proof).into(),
                match_word(sameness).into(),
                sighting.plate.clone().unwrap_or_default(),
                format!("{}/{}", sighting.device, sighting.sequence),
            ]);
            row
        });
        Self { columns, rows: rows.collect() }
    }

    /// Contacts, the longest first.
    pub fn contacts(opened: &Opened, contacts: &[Contact]) -> Self {
        let columns = vec!["minutes", "location", "from", "until", "name", "birth", "number", "ends"];
        let rows = contacts.iter().map(|contact| {
            let mut row =
                vec![contact.minutes().to_string(), contact.location.clone(), time(contact.from), time(contact.until)];
            row.extend(person(&opened.people[contact.person]));
            row.push(if contact.assumed { "assumed" } else { "recorded" }.into());
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
            Form::Csv => {
                let lines = std::iter::once(csv::line(self.columns.iter().copied()))
                    .chain(self.rows.iter().map(|row| csv::line(row.iter().map(String::as_str))));
                lines.map(|line| line + "\n").collect()
            }
            Form::Json => self
                .rows
                .iter()
                .map(|row| {
                    let pairs = self.columns.iter().zip(row);
                    let object: Map<String, Value> =
                        pairs.map(|(column, cell)| ((*column).to_owned(), json!(cell))).collect();
                    Value::Object(object).to_string() + "\n"
                })
                .collect(),
            Form::Table => {
                let width = |column: usize| {
                    let cells = self.rows.iter().map(|row| row[column].chars().count());
                    cells.chain([self.columns[column].len()]).max().unwrap_or(0)
                };
                let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
                let line = |cells: Vec<String>| {
                    let padded = cells.into_iter().zip(&widths).map(|(cell, width)| {
                        let pad = width - cell.chars().count();
                        cell + &" ".repeat(pad)
                    });
                    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
                };
                let head = self.columns.iter().map(|column| column.to_uppercase()).collect();
                // A name comes from a code that anybody may print: nothing of it may steer the terminal.
                let printable =
                    |cell: &String| cell.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
                std::iter::once(line(head))
                    .chain(self.rows.iter().map(|row| line(row.iter().map(printable).collect())))
                    .collect()
            }
        }
    }
}

fn person(known: &Known) -> [String; 3] {
    let person = &known.person;
    [person.name.clone(), person.birth.to_string(), person.number.clone().unwrap_or_default()]
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
