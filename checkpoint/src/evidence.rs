//! What one visitor has shown so far, and whether it is all one person.

use unicode_normalization::UnicodeNormalization;

use crate::passage::Identity;
use crate::screen::{Who, plain};
use crate::trust::credential::{Credential, Person, Statement};
use crate::verdict::Reason;

/// Most credentials that one visit gathers. A visitor shows a certificate, a declaration and a card; a few more are
/// older copies. More is a mistake or an attack on memory.
const CREDENTIALS_MAX: usize = 8;

/// Verified credentials of one visit; the first names the person, the others must name the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    credentials: Vec<Credential>,
}

impl Evidence {
    /// Adds what was verified.
    ///
    /// # Errors
    /// `AnotherPerson` where it does not name the person of this visit: nothing is added.
    pub fn add(&mut self, credential: Credential) -> Result<(), Reason> {
        if !self.is_empty() && !self.is_of(&credential.claims().person) {
            return Err(Reason::AnotherPerson);
        }
        if self.credentials.len() < CREDENTIALS_MAX && !self.credentials.contains(&credential) {
            self.credentials.push(credential);
        }
        Ok(())
    }

    /// Nothing was verified yet.
    pub fn is_empty(&self) -> bool {
        self.credentials.is_empty()
    }

    /// Whether everything shown so far is about this person. False while nothing was shown.
    pub fn is_of(&self, person: &Person) -> bool {
        !self.is_empty() && self.credentials.iter().all(|credential| same_person(&credential.claims().person, person))
    }

    /// The credentials, in the order in which they were shown.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// Every statement, with the credential that makes it.
    pub fn statements(&self) -> impl Iterator<Item = (&Credential, &Statement)> {
        self.credentials
            .iter()
            .flat_map(|credential| credential.claims().statements.iter().map(move |statement| (credential, statement)))
    }

    /// Name and birth year for the screen.
    pub fn who(&self) -> Option<Who> {
        let person = &self.credentials.first()?.claims().person;
        let name = match (&person.name, &person.name_transliterated) {
            (name, Some(letters)) if name.trim().is_empty() => letters.clone(),
            (name, _) => name.clone(),
        };
        Some(Who::Named { name: plain(&name), birth_year: person.birth.year() })
    }

    /// What is sealed with the passage: the person, and a line for each credential.
    pub fn identity(&self) -> Option<Identity> {
        let person = self.credentials.first()?.claims().person.clone();
        let shown = self.credentials.iter().map(describe).collect();
        Some(Identity { person, shown })
    }
}

/// One line about a credential, for the contact tracer who opens the sealed part.
fn describe(credential: &Credential) -> String {
    let claims = credential.claims();
    let statements: Vec<String> = claims
        .statements
        .iter()
        .map(|statement| match statement {
            Statement::Vaccination(dose) => {
                format!("vaccination {} {}/{} {}", dose.vaccine, dose.dose, dose.doses_total, dose.date)
            }
            Statement::Test(test) => format!("test {} {:?}", test.kind, test.result),
            Statement::Recovery(recovery) => format!("recovery {}", recovery.first_positive),
            Statement::Declaration(declaration) => format!(
                "declaration {} symptoms [{}] contact {} places [{}]",
                declaration.made_at,
                declaration.symptoms.join(", "),
                declaration.contact,
                declaration.places.join("; ")
            ),
            Statement::TravelPermit(permit) => format!("permit {} to {}", permit.from, permit.to),
            Statement::Other(other) => other.kind.clone(),
        })
        .collect();
    format!("{} {}: {}", claims.issuer, claims.id.as_deref().unwrap_or("-"), statements.join(" + "))
}

/// Whether two credentials name one person: by number where both have one, else by birth date and name.
///
/// Not knowing is not the same: without a birth date on both sides the guard must look.
fn same_person(a: &Person, b: &Person) -> bool {
    if let (Some(a), Some(b)) = (&a.number, &b.number) {
        return a == b;
    }
    let births_known = a.birth.year().is_some() && b.birth.year().is_some();
    births_known && a.birth.agrees_with(&b.birth) && names(a).iter().any(|name| names(b).contains(name))
}

/// The ways in which a person's name can be compared: as written, and as transliterated.
fn names(person: &Person) -> Vec<Vec<String>> {
    let mut forms = vec![folded_tokens(&person.name)];
    forms.extend(person.name_transliterated.as_deref().map(folded_tokens));
    forms.retain(|tokens| !tokens.is_empty());
    forms
}

/// The words of a name without case, marks and order: "Nguyễn Văn Đức", "NGUYEN<<VAN<DUC" and "Đức Nguyễn Văn" are one.
pub(crate) fn folded_tokens(name: &str) -> Vec<String> {
    let folded: String = name
        .nfd()
        .filter(|letter| !unicode_normalization::char::is_combining_mark(*letter))
        .map(|letter| match letter {
            'đ' | 'Đ' => 'D',
            other => other,
        })
        .flat_map(char::to_uppercase)
        .collect();
    let mut tokens: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(Into::into)
        .collect();
    tokens.sort();
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::PartialDate;

    fn person(name: &str, birth: &str, number: Option<&str>) -> Person {
        Person {
            name: name.into(),
            name_transliterated: None,
            birth: PartialDate::parse(birth).unwrap(),
            number: number.map(Into::into),
        }
    }

    #[test]
    fn a_name_is_the_same_without_marks_case_and_order() {
        let full = person("Nguyễn Văn Đức", "1990-01-18", None);
        for same in ["NGUYEN VAN DUC", "NGUYEN<<VAN<DUC", "Văn Đức Nguyễn", "Nguye\u{302}\u{303}n Va\u{306}n Đức"]
        {
            assert!(same_person(&full, &person(same, "1990-01-18", None)), "{same}");
        }
        assert!(!same_person(&full, &person("Nguyễn Văn Đạt", "1990-01-18", None)));
    }

    #[test]
    fn the_birth_date_must_agree_as_far_as_it_is_known() {
        let full = person("TRAN THI B", "1990-01-18", None);
        assert!(same_person(&full, &person("TRAN THI B", "1990", None)));
        assert!(!same_person(&full, &person("TRAN THI B", "1991", None)));
        assert!(!same_person(&full, &person("TRAN THI B", "", None)), "unknown is not the same");
    }

    #[test]
    fn numbers_decide_where_both_have_one() {
        let a = person("TRAN THI B", "1990-01-18", Some("001090000001"));
        assert!(same_person(&a, &person("TRAN B", "1990", Some("001090000001"))));
        assert!(!same_person(&a, &person("TRAN THI B", "1990-01-18", Some("001090000002"))));
    }

    #[test]
    fn two_people_without_a_name_are_not_one() {
        assert!(!same_person(&person("", "1990-01-18", None), &person("", "1990-01-18", None)));
    }
}
