//! From the bytes of a file to the people on it.

use unicode_normalization::UnicodeNormalization;

use super::{CODE_CHARS_MAX, Guardian, Member, code};
use crate::csv;
use crate::screen::acts_on_text;
use crate::time::PartialDate;
use crate::unsigned;

/// Largest file, in bytes: `ROSTER_ROWS_MAX` people with two guardians take about 5 MiB.
pub const ROSTER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most people. The largest schools of Viet Nam have about 6,000 pupils; a campus of several has three times that.
pub const ROSTER_ROWS_MAX: usize = 20_000;
/// Longest line, in bytes: a name, four guardians, and columns that the school has for itself.
const LINE_BYTES_MAX: usize = 4096;
/// Most columns of a file.
const COLUMNS_MAX: usize = 64;
/// Most guardians of one pupil.
const GUARDIANS_MAX: usize = 4;
/// Longest class, relation and telephone, in characters.
const SHORT_CHARS_MAX: usize = 32;

/// A line that was left out. Nothing of it is kept but where it stands, and which column is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Number of the line in the file, from 1.
    pub line: usize,
    /// The column, by its name in `docs/roster.md`; "line" where the whole line cannot be taken apart, "twice" where its number
    /// stands in another line too.
    pub what: &'static str,
}

/// Why a file is no roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterFault {
    /// More than `ROSTER_BYTES_MAX`.
    #[error("larger than 8 MiB: a roster of 20,000 people is smaller")]
    TooLarge,
    /// More than `ROSTER_ROWS_MAX`.
    #[error("more than 20,000 lines: give each gate the roster of its own school")]
    TooMany,
    /// Not UTF-8, or with bytes that no text has.
    #[error("not a text in UTF-8; save the sheet as \"CSV UTF-8\"")]
    NotText,
    /// The heading lacks what every line needs.
    #[error(
        "the first line must name the columns: \"name\" (họ tên), \"number\" (mã số) or \"birth\" (ngày sinh); see docs/roster.md"
    )]
    NoHeading,
    /// A heading, and nobody below it.
    #[error("nobody stands on it")]
    Nobody,
}

impl RosterFault {
    /// The message's name after `roster-fault-`.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::TooMany => "too-many",
            Self::NotText => "not-text",
            Self::NoHeading => "no-heading",
            Self::Nobody => "nobody",
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Number,
    Name,
    Birth,
    Class,
    PickedUp,
    Guardian(usize, OfGuardian),
    /// The school's own business: not kept.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OfGuardian {
    Name,
    Number,
    Birth,
    Phone,
    Relation,
}

impl Column {
    /// Reads a heading in English or Vietnamese, in any case.
    fn named(heading: &str) -> Self {
        let heading: String = heading.trim().nfc().flat_map(char::to_lowercase).collect();
        match heading.as_str() {
            "number" | "code" | "mã" | "mã số" | "mã học sinh" | "mã định danh" => return Self::Number,
            "name" | "họ tên" | "họ và tên" => return Self::Name,
            "birth" | "ngày sinh" => return Self::Birth,
            "class" | "lớp" => return Self::Class,
            "picked_up" | "đón" | "cần đón" => return Self::PickedUp,
            _ => {}
        }
        let of_guardian = |prefix: &str, rest: &str| {
            let (at, what) = match prefix {
                "guardian" => rest.split_once('_').unwrap_or((rest, "")),
                _ => (rest.trim(), ""),
            };
            let at: usize = at.parse().ok().filter(|at| (1..=GUARDIANS_MAX).contains(at))?;
            Some((at - 1, what.to_owned()))
        };
        let forms = [
            ("guardian", None),
            ("người đón", Some(OfGuardian::Name)),
            ("số người đón", Some(OfGuardian::Number)),
            ("năm sinh người đón", Some(OfGuardian::Birth)),
            ("điện thoại người đón", Some(OfGuardian::Phone)),
            ("quan hệ người đón", Some(OfGuardian::Relation)),
        ];
        for (prefix, which) in forms {
            let Some((at, what)) = heading.strip_prefix(prefix).and_then(|rest| of_guardian(prefix, rest)) else {
                continue;
            };
            let which = which.or(match what.as_str() {
                "" => Some(OfGuardian::Name),
                "number" => Some(OfGuardian::Number),
                "birth" => Some(OfGuardian::Birth),
                "phone" => Some(OfGuardian::Phone),
                "relation" => Some(OfGuardian::Relation),
                _ => None,
            });
            return which.map_or(Self::Other, |which| Self::Guardian(at, which));
        }
        Self::Other
    }
}

/// Everybody in the file, and the lines that are damaged.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Member>, Vec<Damage>), RosterFault> {
    if bytes.len() > ROSTER_BYTES_MAX {
        return Err(RosterFault::TooLarge);
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(RosterFault::NotText);
    }
    let mut lines = (1..).zip(bytes.split(|byte| *byte == b'\n')).map(|(number, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (number, line)
    });
    let heading = lines.next().and_then(|(_, line)| std::str::from_utf8(line).ok()).ok_or(RosterFault::NotText)?;
    let separator = [',', ';', '\t'].into_iter().max_by_key(|of| (heading.matches(*of).count(), *of == ','));
    let separator = separator.unwrap_or(',');
    let columns: Vec<Column> = match csv::cells(heading, separator, COLUMNS_MAX) {
        Some(cells) if heading.len() <= LINE_BYTES_MAX => cells.iter().map(|cell| Column::named(cell)).collect(),
        _ => return Err(RosterFault::NoHeading),
    };
    let once =
        |column: &Column| *column == Column::Other || columns.iter().filter(|other| *other == column).count() == 1;
    let has = |column| columns.contains(&column);
    if !has(Column::Name) || !(has(Column::Number) || has(Column::Birth)) || !columns.iter().all(once) {
        return Err(RosterFault::NoHeading);
    }
    let (mut people, mut damaged) = (Vec::new(), Vec::new());
    for (line, bytes) in lines.filter(|(_, line)| !line.iter().all(|byte| b" ,;\t".contains(byte))) {
        if people.len() + damaged.len() == ROSTER_ROWS_MAX {
            return Err(RosterFault::TooMany);
        }
        match member(bytes, separator, &columns) {
            Ok(member) => people.push((line, member)),
            Err(what) => damaged.push(Damage { line, what }),
        }
    }
    if people.is_empty() && damaged.is_empty() {
        return Err(RosterFault::Nobody);
    }
    damaged.extend(without_twins(&mut people));
    damaged.sort_by_key(|damage| damage.line);
    Ok((people.into_iter().map(|(_, member)| member).collect(), damaged))
}

/// Takes out whose number stands there twice: nobody knows which of them it is.
fn without_twins(people: &mut Vec<(usize, Member)>) -> Vec<Damage> {
    let mut numbered: Vec<(&str, usize)> = people
        .iter()
        .filter(|(_, member)| !member.number.is_empty())
        .map(|(line, member)| (member.number.as_str(), *line))
        .collect();
    numbered.sort_unstable();
    let twins = numbered.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    let mut lines: Vec<usize> = twins.flatten().map(|(_, line)| *line).collect();
    lines.sort_unstable();
    people.retain(|(line, _)| lines.binary_search(line).is_err());
    lines.into_iter().map(|line| Damage { line, what: "twice" }).collect()
}

/// One line, or the column that is at fault.
fn member(line: &[u8], separator: char, columns: &[Column]) -> Result<Member, &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "line")?;
    if line.len() > LINE_BYTES_MAX {
        return Err("line");
    }
    let cells = csv::cells(line, separator, COLUMNS_MAX).ok_or("line")?;
    // A sheet's export may leave out empty cells at the end; more than the heading names belong to nothing.
    if cells.len() > columns.len() {
        return Err("line");
    }
    let of = |column: Column| {
        let at = columns.iter().position(|of| *of == column)?;
        cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    };
    let name = unsigned::name(of(Column::Name).ok_or("name")?).map_err(|_| "name")?;
    let number = numbered(of(Column::Number)).ok_or("number")?;
    let birth = of(Column::Birth).map_or(Some(PartialDate::Unknown), date).ok_or("birth")?;
    if number.is_empty() && birth == PartialDate::Unknown {
        return Err("number");
    }
    let picked_up = of(Column::PickedUp).map(yes_or_no).transpose()?;
    let class = short(of(Column::Class)).ok_or("class")?;
    let mut guardians = Vec::new();
    for at in 0..GUARDIANS_MAX {
        let of = |which| of(Column::Guardian(at, which));
        let Some(name) = of(OfGuardian::Name) else { continue };
        guardians.push(Guardian {
            name: unsigned::name(name).map_err(|_| "guardian")?,
            number: numbered(of(OfGuardian::Number)).ok_or("guardian_number")?,
            birth: of(OfGuardian::Birth).map_or(Some(PartialDate::Unknown), date).ok_or("guardian_birth")?,
            phone: short(of(OfGuardian::Phone)).ok_or("guardian_phone")?,
            relation: short(of(OfGuardian::Relation)).ok_or("guardian_relation")?,
        });
    }
    Ok(Member { number, name, birth, class, picked_up, guardians })
}

/// A number or code; empty where there is none. `None` for what cannot be one: a sheet writes 1.09E+11 for a long number.
fn numbered(cell: Option<&str>) -> Option<String> {
    let Some(cell) = cell else { return Some(String::new()) };
    let text: String = cell.chars().filter(|letter| *letter != ' ').take(CODE_CHARS_MAX + 1).collect();
    code(&text)
}

/// A class, a relation, a telephone: a few letters that a screen can show.
fn short(cell: Option<&str>) -> Option<String> {
    let text: String = cell.unwrap_or_default().nfc().collect();
    let sound = text.chars().count() <= SHORT_CHARS_MAX && !text.chars().any(acts_on_text);
    sound.then_some(text)
}

/// `2015-09-30`, `30/09/2015`, `9/2015`, `2015`, and the same with points.
fn date(cell: &str) -> Option<PartialDate> {
    if !cell.contains(['/', '.']) {
        return PartialDate::parse(cell).filter(|date| *date != PartialDate::Unknown && !cell.contains('T'));
    }
    let parts: Vec<&str> = cell.split(['/', '.']).collect();
    let year = parts.last().filter(|year| year.len() == 4)?;
    let small = parts[..parts.len() - 1].iter().map(|part| match part.len() {
        1 => Some(format!("0{part}")),
        2 => Some((*part).to_owned()),
        _ => None,
    });
    let small: Option<String> = small.collect();
    unsigned::date_of_digits(&format!("{}{year}", small?))
}

fn yes_or_no(cell: &str) -> Result<bool, &'static str> {
    let cell: String = cell.nfc().flat_map(char::to_lowercase).collect();
    match cell.as_str() {
        "1" | "x" | "yes" | "y" | "có" => Ok(true),
        "0" | "no" | "n" | "không" => Ok(false),
        _ => Err("picked_up"),
    }
}
