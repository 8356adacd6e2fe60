//! A person and what is stated about them, as a file describes it before it is signed (TOML or JSON; times as quoted
//! RFC 3339 with any offset, days as "YYYY-MM-DD").

use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::fault::{Fault, read_text};
use checkpoint::time::PartialDate;

/// Most places that a declaration may name (`docs/native-credential.md`).
pub const PLACES_MAX: usize = 8;

/// Everything that one credential will say.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Who vouches, as the key's scope names it: "VN-HN-CDC"; for HC1 the country, "VN".
    pub issuer: String,
    /// When it is signed; now, where it is not given.
    #[serde(default)]
    pub issued_at: Option<DateTime<Utc>>,
    /// First moment of validity, where it is later than the signature.
    #[serde(default)]
    pub not_before: Option<DateTime<Utc>>,
    /// Last moment of validity.
    pub expires_at: DateTime<Utc>,
    /// The credential's own name, by which it can be revoked; a random one, where it is not given.
    #[serde(default)]
    pub id: Option<String>,
    /// Whom it is about.
    pub person: Person,
    /// Doses of vaccine.
    #[serde(default)]
    pub vaccinations: Vec<Vaccination>,
    /// Tests.
    #[serde(default)]
    pub tests: Vec<Test>,
    /// Recoveries.
    #[serde(default)]
    pub recoveries: Vec<Recovery>,
    /// The visitor's own declaration; native only.
    #[serde(default)]
    pub declaration: Option<Declaration>,
    /// Leave to travel; native only.
    #[serde(default)]
    pub travel_permit: Option<TravelPermit>,
}

/// Whom it is about.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Full name as written in Viet Nam, family name first.
    pub name: String,
    /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
    pub birth: String,
    /// Identity number; native only.
    #[serde(default)]
    pub number: Option<String>,
}

/// A dose of vaccine.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vaccination {
    /// SNOMED CT code.
    #[serde(default = "covid_19")]
    pub disease: String,
    /// Product, as in HC1 `mp`.
    pub vaccine: String,
    /// Number of the dose, from 1.
    pub dose: u32,
    /// Doses in the series.
    pub doses_total: u32,
    /// Day.
    pub date: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default = "viet_nam")]
    pub country: String,
    /// What kind of vaccine, HC1 `vp`; HC1 only.
    #[serde(default = "mrna")]
    pub prophylaxis: String,
    /// Who makes it, HC1 `ma`; HC1 only.
    #[serde(default = "biontech")]
    pub maker: String,
}

/// A test with its result.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// SNOMED CT code.
    #[serde(default = "covid_19")]
    pub disease: String,
    /// LOINC code: "LP6464-4" nucleic acid, "LP217198-3" rapid antigen.
    pub kind: String,
    /// SNOMED CT code: "260415000" not detected, "260373001" detected.
    pub result: String,
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// ISO 3166-1 alpha-2.
    #[serde(default = "viet_nam")]
    pub country: String,
}

/// Recovered after a positive test.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// SNOMED CT code.
    #[serde(default = "covid_19")]
    pub disease: String,
    /// Day of the first positive test.
    pub first_positive: String,
    /// First day on which it holds.
    pub valid_from: String,
    /// Last day on which it holds.
    pub valid_until: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default = "viet_nam")]
    pub country: String,
}

/// The visitor's own declaration of health.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Codes of symptoms; empty means none.
    #[serde(default)]
    pub symptoms: Vec<String>,
    /// Contact with a case.
    #[serde(default)]
    pub contact: bool,
    /// Places of the last 21 days, at most 8.
    #[serde(default)]
    pub places: Vec<String>,
    /// Made at entry to the country.
    #[serde(default)]
    pub at_entry: bool,
}

/// Leave to travel.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TravelPermit {
    /// What for.
    pub purpose: String,
    /// Place of departure.
    pub from: String,
    /// Destination.
    pub to: String,
    /// Vehicle plate.
    #[serde(default)]
    pub plate: Option<String>,
}

fn covid_19() -> String {
    "840539006".into()
}

fn viet_nam() -> String {
    "VN".into()
}

fn mrna() -> String {
    "1119349007".into()
}

fn biontech() -> String {
    "ORG-100030215".into()
}

impl Description {
    /// Reads a description, TOML or (by its name's ending) JSON.
    ///
    /// # Errors
    /// `Read`; `WrongFile` with line and key.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        read_described(path, "a description of a credential")
    }

    /// When it will say that it was signed.
    pub fn signed_at(&self) -> DateTime<Utc> {
        self.issued_at.unwrap_or_else(|| whole_seconds(Utc::now()))
    }

    /// Refuses what no verifier would accept, before it is signed.
    ///
    /// # Errors
    /// `Unsound`, which says what to change and never repeats the person.
    pub fn check(&self) -> Result<(), Fault> {
        let unsound = |why: &str| Err(Fault::Unsound(why.into()));
        let statements = self.vaccinations.len()
            + self.tests.len()
            + self.recoveries.len()
            + usize::from(self.declaration.is_some())
            + usize::from(self.travel_permit.is_some());
        if statements == 0 {
            return unsound(
                "nothing is stated: add [[vaccinations]], [[tests]], [[recoveries]], [declaration] or [travel_permit]",
            );
        }
        if self.issuer.is_empty() {
            return unsound("`issuer` is empty");
        }
        if self.person.name.trim().is_empty() {
            return unsound("`person.name` is empty");
        }
        if PartialDate::parse(&self.person.birth).is_none() {
            return unsound("`person.birth` is not YYYY-MM-DD, YYYY-MM, YYYY or empty");
        }
        if self.expires_at <= self.signed_at() {
            return unsound("`expires_at` is not after `issued_at`");
        }
        let days =
            self.vaccinations.iter().map(|dose| &dose.date).chain(
                self.recoveries.iter().flat_map(|held| [&held.first_positive, &held.valid_from, &held.valid_until]),
            );
        for day in days {
            if !matches!(PartialDate::parse(day), Some(PartialDate::Day(_))) {
                return Err(Fault::Unsound(format!("{day:?} is not a day of the form YYYY-MM-DD")));
            }
        }
        if self.vaccinations.iter().any(|dose| dose.dose == 0 || dose.doses_total == 0) {
            return unsound("doses are counted from 1");
        }
        if self.declaration.as_ref().is_some_and(|declaration| declaration.places.len() > PLACES_MAX) {
            return Err(Fault::Unsound(format!("a declaration names at most {PLACES_MAX} places")));
        }
        if let Some(declaration) = &self.declaration
            && declaration.made_at > self.signed_at()
        {
            return unsound("the declaration is made after it is signed");
        }
        Ok(())
    }

    /// What will be signed, in lines for the person who signs.
    pub fn summary(&self) -> Vec<String> {
        let mut lines = vec![
            format!("issuer      {}", self.issuer),
            format!("signed at   {}", self.signed_at()),
            format!("expires at  {} ({} days)", self.expires_at, (self.expires_at - self.signed_at()).num_days()),
            format!("person      {}, born {}", self.person.name, self.person.birth),
        ];
        for dose in &self.vaccinations {
            lines.push(format!("vaccination {} of {}, {}, {}", dose.dose, dose.doses_total, dose.vaccine, dose.date));
        }
        for test in &self.tests {
            lines.push(format!("test        {} found {}, sample of {}", test.kind, test.result, test.sampled_at));
        }
        for held in &self.recoveries {
            lines.push(format!("recovery    {} to {}", held.valid_from, held.valid_until));
        }
        if let Some(declaration) = &self.declaration {
            lines.push(format!(
                "declaration {}, {} symptoms, contact: {}, {} places",
                declaration.made_at,
                declaration.symptoms.len(),
                declaration.contact,
                declaration.places.len()
            ));
        }
        if let Some(permit) = &self.travel_permit {
            lines.push(format!("permit      {} to {}: {}", permit.from, permit.to, permit.purpose));
        }
        lines
    }
}

/// Reads a TOML file, or JSON where its name says so.
///
/// # Errors
/// `Read`; `WrongFile` with line and key.
pub fn read_described<T: for<'a> Deserialize<'a>>(path: &Path, wanted: &'static str) -> Result<T, Fault> {
    let text = read_text(path)?;
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        serde_json::from_str(&text).map_err(|error| Fault::wrong_file(path, wanted, error))
    } else {
        toml::from_str(&text).map_err(|error| Fault::wrong_file(path, wanted, error))
    }
}

/// Signed times are whole seconds.
pub fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    at - Duration::nanoseconds(i64::from(at.timestamp_subsec_nanos()))
}
