//! The FHIR R4 bundle of a card, in the one model: Patient, Immunization, Observation. Codes stay what they are, with their
//! system, `system|code` as FHIR writes tokens; what a card does not say is not guessed.

use chrono::DateTime;

use super::super::json::Json;
use super::super::plain_name;
use crate::time::PartialDate;
use crate::trust::credential::{Other, Person, Statement, Test, TestResult, Vaccination};

/// Code systems, as `Coding.system` names them.
const CVX: &str = "http://hl7.org/fhir/sid/cvx";
const SNOMED_CT: &str = "http://snomed.info/sct";

/// SNOMED CT's code of COVID-19.
const COVID_19: &str = "840539006";
/// CVX codes that are COVID-19 vaccines by definition: the CDC's list, as the WHO takes it over ("DDCC", value set
/// `VaccineCovid19CvxValueSet`, February 2023), and 308 to 313, the products of autumn 2023 on the CDC's page. 500 to 520 are
/// products not licensed in the United States, 213 and 500 any product at all.
const CVX_OF_COVID_19: [std::ops::RangeInclusive<u16>; 8] =
    [207..=208, 210..=213, 217..=219, 221..=221, 225..=230, 300..=302, 308..=313, 500..=520];

/// Results beside HC1's two: "positive" and "negative", which the same guide allows.
const POSITIVE: &str = "10828004";
const NEGATIVE: &str = "260385009";

/// The bundle's person and what is said of them. A card without a Patient is about nobody that we know: it says nothing that
/// a rule could count. `types` name what kind of card it is.
///
/// `None` for what is no bundle, and for several Patients: nobody could say whose the card is.
pub(super) fn read(bundle: &Json, types: &[&str]) -> Option<(Person, Vec<Statement>)> {
    if bundle.text("resourceType") != Some("Bundle") {
        return None;
    }
    let entries = bundle.list("entry")?.iter().map(|entry| Some((entry.text("fullUrl"), entry.get("resource")?)));
    let entries: Vec<_> = entries.collect::<Option<_>>()?;
    let mut patients = entries.iter().filter(|(_, resource)| resource.text("resourceType") == Some("Patient"));
    let (patient, None) = (patients.next(), patients.next()) else { return None };
    let (url, person) = match patient {
        Some((url, patient)) => (*url, person(patient)?),
        None => (None, nobody()),
    };
    let about_them = |reference: Option<&Json>| url.is_some() && reference.and_then(|to| to.text("reference")) == url;
    let mut statements: Vec<Statement> = entries
        .iter()
        .filter_map(|(_, resource)| match resource.text("resourceType")? {
            "Immunization" if about_them(resource.get("patient")) => immunization(resource).map(Statement::Vaccination),
            "Observation" if about_them(resource.get("subject")) => observation(resource).map(Statement::Test),
            _ => None,
        })
        .collect();
    count_doses(&mut statements);
    if statements.is_empty() {
        statements.push(Statement::Other(Other { kind: types.join(" ") }));
    }
    Some((person, statements))
}

fn nobody() -> Person {
    Person { name: String::new(), name_transliterated: None, birth: PartialDate::Unknown, number: None }
}

/// The official name, or else the first.
fn person(patient: &Json) -> Option<Person> {
    let names = patient.list("name")?;
    let name = names.iter().find(|name| name.text("use") == Some("official")).or(names.first())?;
    let given = name.list("given").unwrap_or_default().iter().filter_map(Json::as_text);
    let parts: Vec<_> = name.text("family").into_iter().chain(given).map(str::trim).collect();
    let mut full = parts.join(" ").trim().to_owned();
    if full.is_empty() {
        full = name.text("text")?.trim().to_owned();
    }
    let birth = patient.text("birthDate").and_then(PartialDate::parse).unwrap_or(PartialDate::Unknown);
    plain_name(&full).then_some(Person { name: full, name_transliterated: None, birth, number: None })
}

/// A dose that was given. `None` for one that was not, or that was entered in error.
fn immunization(resource: &Json) -> Option<Vaccination> {
    if resource.text("status") != Some("completed") || resource.get("isSubpotent") == Some(&Json::Bool(true)) {
        return None;
    }
    let codes = codings(resource.get("vaccineCode"));
    let cvx = codes.iter().find(|(system, _)| *system == CVX);
    let protocol = resource.list("protocolApplied").unwrap_or_default().first();
    let target = protocol.and_then(|protocol| protocol.list("targetDisease")?.first());
    let disease = match codings(target).into_iter().find(|(system, _)| *system == SNOMED_CT) {
        Some((_, disease)) => disease,
        None if cvx.is_some_and(|(_, code)| is_covid_19(code)) => COVID_19,
        None => "",
    };
    let said = |name| protocol.and_then(|protocol| protocol.count(name)).unwrap_or(0);
    Some(Vaccination {
        disease: disease.into(),
        vaccine: cvx.or(codes.first()).map(token).unwrap_or_default(),
        dose: said("doseNumberPositiveInt"),
        doses_total: said("seriesDosesPositiveInt"),
        date: resource.text("occurrenceDateTime").and_then(PartialDate::parse).unwrap_or(PartialDate::Unknown),
        country: String::new(),
    })
}

/// A test whose result stands.
fn observation(resource: &Json) -> Option<Test> {
    if !matches!(resource.text("status")?, "final" | "amended" | "corrected") {
        return None;
    }
    let result = codings(resource.get("valueCodeableConcept")).into_iter().find(|(system, _)| *system == SNOMED_CT);
    let taken = resource.text("effectiveDateTime").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    Some(Test {
        disease: String::new(),
        kind: codings(resource.get("code")).first().map(token).unwrap_or_default(),
        result: match result {
            Some((_, POSITIVE)) => TestResult::Detected,
            Some((_, NEGATIVE)) => TestResult::NotDetected,
            Some((_, code)) => TestResult::from_snomed(code),
            None => TestResult::Unknown,
        },
        sampled_at: taken.map(|taken| taken.to_utc()),
        country: String::new(),
    })
}

/// Most cards do not number their doses. A dose has then at least the number of days before it on which the card has another
/// against the same disease (or of the same product, where the disease is not said): one dose written down twice counts once.
fn count_doses(statements: &mut [Statement]) {
    let given: Vec<_> = statements
        .iter()
        .filter_map(|statement| match statement {
            Statement::Vaccination(dose) => Some((series(dose).to_owned(), dose.date)),
            _ => None,
        })
        .collect();
    for statement in statements {
        let Statement::Vaccination(dose) = statement else { continue };
        if dose.dose == 0 {
            let mut before: Vec<_> = given
                .iter()
                .filter(|(other, date)| *other == series(dose) && is_before(*date, dose.date))
                .map(|(_, date)| *date)
                .collect();
            before.sort_unstable();
            before.dedup();
            dose.dose = u32::try_from(before.len()).unwrap_or(u32::MAX).saturating_add(1);
        }
    }
}

/// What a dose is counted within.
fn series(dose: &Vaccination) -> &str {
    if dose.disease.is_empty() { &dose.vaccine } else { &dose.disease }
}

/// Known to the day, and earlier.
fn is_before(a: PartialDate, b: PartialDate) -> bool {
    matches!((a, b), (PartialDate::Day(a), PartialDate::Day(b)) if a < b)
}

fn is_covid_19(cvx: &str) -> bool {
    cvx.parse().is_ok_and(|code: u16| CVX_OF_COVID_19.iter().any(|range| range.contains(&code)))
}

/// System and code of each coding of a concept.
fn codings(concept: Option<&Json>) -> Vec<(&str, &str)> {
    let codings = concept.and_then(|concept| concept.list("coding")).unwrap_or_default();
    codings
        .iter()
        .filter_map(|coding| Some((coding.text("system").unwrap_or_default(), coding.text("code")?)))
        .collect()
}

/// A code with its system, as FHIR's searches write it.
fn token((system, code): &(&str, &str)) -> String {
    format!("{system}|{code}")
}
