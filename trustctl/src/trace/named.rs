//! Whom the lines name that were sealed with a passage: others who stood at the gate, and other papers of the visitor.

use checkpoint::time::PartialDate;
use checkpoint::trust::credential::Person;

/// What somebody was there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The passage is theirs.
    Visitor,
    /// They picked a pupil up, as the roster allows.
    PickedUp,
    /// They came to pick a pupil up and are not on its roster.
    CameToPickUp,
    /// Their code was shown in somebody else's visit.
    CodeShown,
}

impl Role {
    /// The word in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::PickedUp => "picked-up",
            Self::CameToPickUp => "came-to-pick-up",
            Self::CodeShown => "code-shown",
        }
    }
}

/// How lines begin that are about somebody else than the visitor (`Evidence::identity`).
const OTHERS: [(&str, Role); 3] = [
    ("another person: ", Role::CodeShown),
    ("picked up by: ", Role::PickedUp),
    ("came to pick up: ", Role::CameToPickUp),
];

/// How lines begin that are about a paper of the visitor's and name its holder; a word follows, then a colon.
const PAPERS: [&str; 3] = ["refused ", "unsigned ", "roster"];

/// Whom a line names: somebody else in this role, or the visitor on another paper. `None` for a line that names nobody.
pub fn named_in(line: &str) -> Option<(Role, Person)> {
    let other = OTHERS.iter().find_map(|(begins, role)| Some((*role, line.strip_prefix(begins)?)));
    let (role, rest) = other.unwrap_or((Role::Visitor, line));
    let is_paper = PAPERS.iter().any(|begins| rest.starts_with(begins));
    let after_word = rest.split_once(": ").filter(|_| is_paper).map(|(_, named)| named);
    let named = match (role, after_word) {
        (_, Some(named)) => named,
        (Role::Visitor, None) => return None,
        (_, None) => rest,
    };
    // "name, birth, number"; what the paper said follows a semicolon, a pupil's class another comma.
    let named = named.split_once("; ").map_or(named, |(named, _)| named);
    person(named).map(|person| (role, person))
}

fn person(named: &str) -> Option<Person> {
    let parts: Vec<&str> = named.split(", ").map(str::trim).collect();
    let born = |part: &&str| PartialDate::parse(part).filter(|birth| *birth != PartialDate::Unknown || part.is_empty());
    // A name may hold a comma, a birth date never does.
    let at = (1..parts.len()).find(|at| born(&parts[*at]).is_some());
    let name = parts[..at.unwrap_or(1)].join(", ");
    let birth = at.and_then(|at| born(&parts[at])).unwrap_or(PartialDate::Unknown);
    let number = at.and_then(|at| parts.get(at + 1)).filter(|number| !number.is_empty() && **number != "-");
    let person = Person { name, name_transliterated: None, birth, number: number.map(|number| (*number).to_owned()) };
    (!person.name.is_empty() || person.number.is_some()).then_some(person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_whom_they_name() {
        for (line, expected) in [
            (
                "picked up by: Trần Thị Mẫu, 1985, 001185000002",
                Some((Role::PickedUp, "Trần Thị Mẫu", "1985", "001185000002")),
            ),
            ("picked up by: Trần Thị Mẫu", Some((Role::PickedUp, "Trần Thị Mẫu", "", ""))),
            (
                "came to pick up: Lê Văn B, 1980-02-03, -; by eye: identity-card",
                Some((Role::CameToPickUp, "Lê Văn B", "1980-02-03", "")),
            ),
            (
                "another person: unsigned cccd: Phạm Văn C, 1970-01-01, 001070000009",
                Some((Role::CodeShown, "Phạm Văn C", "1970-01-01", "001070000009")),
            ),
            (
                "another person: Phạm C, Jr, 1970, C1234567; VN-MOH x-1: test pcr Negative",
                Some((Role::CodeShown, "Phạm C, Jr", "1970", "C1234567")),
            ),
            ("another person: refused T-OLD: D, , 0123", Some((Role::CodeShown, "D", "", "0123"))),
            (
                "unsigned cccd: Nguyễn Văn A, 1987-01-18, 012345678",
                Some((Role::Visitor, "Nguyễn Văn A", "1987-01-18", "012345678")),
            ),
            ("refused C-EXPIRED: Nguyễn Văn A, 1987-01, -", Some((Role::Visitor, "Nguyễn Văn A", "1987-01", ""))),
            ("roster: Bé Na, 2017-01-01, HS-1, 3A", Some((Role::Visitor, "Bé Na", "2017-01-01", "HS-1"))),
            ("VN-MOH x-1: vaccination AZ 2/2 2026-01-01", None),
            ("by eye: certificate, AZ, doses 2", None),
            ("picked up by: ", None),
        ] {
            let named = named_in(line)
                .map(|(role, person)| (role, person.name, person.birth.to_string(), person.number.unwrap_or_default()));
            let expected = expected.map(|(role, name, birth, number)| (role, name.into(), birth.into(), number.into()));
            assert_eq!(named, expected, "{line}");
        }
    }
}
