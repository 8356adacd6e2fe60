//! What a verified credential says, in one model for all schemes.

use std::fmt;

use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;

use crate::envelope::Scheme;
use crate::time::PartialDate;

/// Claims whose signature, key scope, validity and schema were checked. `TrustList::verify` is the only constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    claims: Claims,
    scheme: Scheme,
    holder_key: Option<VerifyingKey>,
}

impl Credential {
    pub(super) fn new(claims: Claims, scheme: Scheme, holder_key: Option<VerifyingKey>) -> Self {
        Self { claims, scheme, holder_key }
    }

    /// As if verified: for tests of what comes after verification.
    #[cfg(test)]
    pub(crate) fn as_if_verified(claims: Claims) -> Self {
        Self::new(claims, Scheme::Native, None)
    }

    /// As if verified, of nobody, and bound to this key: for tests of what asks for the key.
    #[cfg(test)]
    pub(crate) fn as_if_bound(holder_key: Option<VerifyingKey>, scheme: Scheme) -> Self {
        let person = Person { name: "X".into(), name_transliterated: None, birth: PartialDate::Unknown, number: None };
        let claims = Claims {
            issuer: "X".into(),
            issued_at: None,
            not_before: None,
            not_after: None,
            id: None,
            person,
            statements: Vec::new(),
        };
        Self::new(claims, scheme, holder_key)
    }

    /// What it says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// How it was carried.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The key of the holder's app, where the issuer bound the credential to one: `presence` asks the app to prove it.
    pub fn holder_key(&self) -> Option<VerifyingKey> {
        self.holder_key
    }
}

/// What one signed code says about one person.
#[derive(Clone, PartialEq)]
pub struct Claims {
    /// Who vouches: `iss`, a country code for HC1.
    pub issuer: String,
    /// When it was signed, where it says so.
    pub issued_at: Option<DateTime<Utc>>,
    /// First moment of validity, where it says so.
    pub not_before: Option<DateTime<Utc>>,
    /// Last moment of validity, where it says so.
    pub not_after: Option<DateTime<Utc>>,
    /// The credential's own name (`jti`, certificate identifier), for revocation.
    pub id: Option<String>,
    /// Whom it is about.
    pub person: Person,
    /// What it states; at least one.
    pub statements: Vec<Statement>,
}

/// Claims are personal data: `{:?}` shows their shape only.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer)
            .field("statements", &self.statements.iter().map(Statement::kind).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A person as a credential names them.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The name as people write it, family name first for Vietnamese credentials; may be empty where only the
    /// transliteration is given.
    pub name: String,
    /// The name in the letters of a machine-readable zone (ICAO 9303), words separated by spaces, family name first.
    pub name_transliterated: Option<String>,
    /// Date of birth, as far as it is known.
    pub birth: PartialDate,
    /// Identity number, where the credential carries one.
    pub number: Option<String>,
}

/// Personal data: `{:?}` says only that there is a person.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(..)")
    }
}

/// One thing that a credential states.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// A dose of vaccine.
    Vaccination(Vaccination),
    /// A test with its result.
    Test(Test),
    /// Recovered after a positive test.
    Recovery(Recovery),
    /// The visitor's own declaration of health.
    Declaration(Declaration),
    /// Leave to travel.
    TravelPermit(TravelPermit),
    /// Something that this model has no words for.
    Other(Other),
}

impl Statement {
    /// Its kind, as key scopes name it.
    pub fn kind(&self) -> StatementKind {
        match self {
            Self::Vaccination(_) => StatementKind::Vaccination,
            Self::Test(_) => StatementKind::Test,
            Self::Recovery(_) => StatementKind::Recovery,
            Self::Declaration(_) => StatementKind::Declaration,
            Self::TravelPermit(_) => StatementKind::TravelPermit,
            Self::Other(_) => StatementKind::Other,
        }
    }
}

/// The kinds of statement that a key's scope may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// A dose of vaccine.
    Vaccination,
    /// A test with its result.
    Test,
    /// Recovered after a positive test.
    Recovery,
    /// The visitor's own declaration of health.
    Declaration,
    /// Leave to travel.
    TravelPermit,
    /// Something that this model has no words for: a pass by the issuer's own rules, a laboratory's report.
    Other,
}

/// A dose of vaccine.
#[derive(Clone, Debug, PartialEq)]
pub struct Vaccination {
    /// Disease: SNOMED CT code, as in HC1 `tg` ("840539006" is COVID-19); empty where the credential does not say.
    pub disease: String,
    /// Product: EU or national code, as in HC1 `mp` ("EU/1/20/1528"); with its system where the credential names one
    /// ("http://hl7.org/fhir/sid/cvx|207").
    pub vaccine: String,
    /// Number of this dose, from 1.
    pub dose: u32,
    /// Doses in the series, as the issuer counts them; 0 where the credential does not say.
    pub doses_total: u32,
    /// Day of this dose.
    pub date: PartialDate,
    /// Country that gave it, ISO 3166-1 alpha-2 (some issuers use longer codes); empty where the credential does not say.
    pub country: String,
}

/// A test with its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Disease: SNOMED CT code; empty where the credential does not say.
    pub disease: String,
    /// Kind of test: LOINC code as in HC1 `tt` ("LP6464-4" nucleic acid, "LP217198-3" rapid antigen); with its system where the
    /// credential names one ("http://loinc.org|94500-6").
    pub kind: String,
    /// What it found.
    pub result: TestResult,
    /// When the sample was taken; `None` where the issuer's form of it could not be read.
    pub sampled_at: Option<DateTime<Utc>>,
    /// Country that made it; empty where the credential does not say.
    pub country: String,
}

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestResult {
    /// SNOMED CT 260415000.
    NotDetected,
    /// SNOMED CT 260373001.
    Detected,
    /// A code that we do not know.
    Unknown,
}

impl TestResult {
    /// Reads a SNOMED CT code.
    pub fn from_snomed(code: &str) -> Self {
        match code {
            "260415000" => Self::NotDetected,
            "260373001" => Self::Detected,
            _ => Self::Unknown,
        }
    }
}

/// Recovered after a positive test.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Disease: SNOMED CT code.
    pub disease: String,
    /// Day of the first positive test.
    pub first_positive: PartialDate,
    /// First day on which it holds.
    pub valid_from: PartialDate,
    /// Last day on which it holds.
    pub valid_until: PartialDate,
    /// Country that made the test.
    pub country: String,
}

/// The visitor's own declaration of health.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Symptoms that the visitor has, by the codes of the form; empty means "none".
    pub symptoms: Vec<String>,
    /// Contact with a case within the form's window.
    pub contact: bool,
    /// Places of the last 21 days, at most 8, by location code or name. Never shown; sealed with the passage.
    pub places: Vec<String>,
    /// Made at entry to the country.
    pub at_entry: bool,
}

/// Leave to travel.
#[derive(Clone, Debug, PartialEq)]
pub struct TravelPermit {
    /// What for, as the issuer words it.
    pub purpose: String,
    /// Place of departure, code or name.
    pub from: String,
    /// Destination, code or name.
    pub to: String,
    /// Vehicle plate, where it is bound to one.
    pub plate: Option<String>,
}

/// Something that this model has no words for. No rule counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// What the issuer calls it ("PublicCovidPass").
    pub kind: String,
}
