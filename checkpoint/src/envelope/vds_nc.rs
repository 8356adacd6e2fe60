//! ICAO VDS-NC (Visible Digital Seal for non-constrained environments), version 1: proofs of vaccination and of testing.
//!
//! JSON `{"data": {"hdr", "msg"}, "sig": {"alg", "cer", "sigvl"}}`. Signed is the canonical form (RFC 8785) of `data`; the
//! signer's certificate travels along, and the country's signing authority (CSCA) vouches for it. Source: ICAO technical
//! report "VDS-NC", 2021, and Doc 9303, parts 3, 12 and 13; the members of a test as in the WHO's model `CertICAO`.

use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::hcert::instant;
use super::json::Json;
use super::{Algorithm, Content, Envelope, Scheme};
use crate::time::PartialDate;
use crate::trust::country;
use crate::trust::credential::{Claims, Person, Statement, StatementKind, Test, TestResult, Vaccination};
use crate::trust::trace::{Layer, Trace};
use crate::verdict::Reason;

/// Base64url (RFC 4648, section 5). The samples pad the signature and leave the certificate bare: both are read.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The version of the message that we read.
const VERSION: u32 = 1;
/// Types of message.
const VACCINATION: &str = "icao.vacc";
const TEST: &str = "icao.test";
/// SNOMED CT code of COVID-19, the disease for which version 1 was made.
const COVID_19: &str = "840539006";
/// Codes of COVID-19 in ICD-11: the disease under RA01, its vaccines as extension codes under XM68M6.
const COVID_19_ICD_11: [&str; 3] = ["RA01", "RA01.0", "RA01.1"];
const COVID_19_VACCINES_ICD_11: [&str; 9] =
    ["XM68M6", "XM1NL1", "XM5DF6", "XM9QW8", "XM0CX4", "XM5JC5", "XM1J92", "XM6AT1", "XM0GQ8"];
/// Brands that other schemes name by a code (HC1 `mp`, EU value set "vaccines-covid-19-names").
const BRANDS: [(&str, &str); 12] = [
    ("comirnaty", "EU/1/20/1528"),
    ("spikevax", "EU/1/20/1507"),
    ("vaxzevria", "EU/1/21/1529"),
    ("jcovden", "EU/1/20/1525"),
    ("janssen", "EU/1/20/1525"),
    ("nuvaxovid", "EU/1/21/1618"),
    ("covishield", "Covishield"),
    ("covaxin", "Covaxin"),
    ("coronavac", "CoronaVac"),
    ("convidecia", "Convidecia"),
    ("bbibp-corv", "BBIBP-CorV"),
    ("abdala", "Abdala"),
];
/// Kinds of test, and the LOINC codes that other schemes use for them (HC1 `tt`).
const TEST_KINDS: [(&str, &str); 3] =
    [("molecular(pcr)", "LP6464-4"), ("molecular(other)", "LP6464-4"), ("antigen", "LP217198-3")];
/// Earliest zone of the world, in hours: a day that is given without one may have begun there.
const EARLIEST_ZONE_HOURS: i64 = 14;

/// Whether a text could be meant as a seal: an object that names both of its halves.
pub(super) fn recognises(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"data\"") && text.contains("\"sig\"")
}

/// Takes a seal apart. The data stay bytes, in their canonical form; the key's hint is the signer's certificate in DER.
pub(super) fn decode(text: &str, trace: &mut Trace) -> Result<Envelope, Reason> {
    trace.need(Layer::Structure, take_apart(text))
}

fn take_apart(text: &str) -> Result<Envelope, Reason> {
    let malformed = |layer| Reason::Malformed { layer };
    let seal = Json::read(text.as_bytes()).filter(Json::is_unambiguous).ok_or(malformed("json"))?;
    let (Some(data @ Json::Object(_)), Some(sig)) = (seal.get("data"), seal.get("sig")) else {
        return Err(malformed("seal"));
    };
    // Nothing beside them, since nothing beside `data` is signed.
    if seal.members() != 2 || sig.members() != 3 {
        return Err(malformed("seal"));
    }
    let algorithm = match sig.text("alg").ok_or(malformed("seal"))? {
        "ES256" => Algorithm::Es256,
        "ES384" => Algorithm::Es384,
        "ES512" => Algorithm::Es512,
        _ => return Err(Reason::AlgorithmNotAllowed),
    };
    let bytes = |name, layer| {
        let text = sig.text(name).ok_or(malformed("seal"))?;
        BASE64_URL.decode(text).ok().filter(|bytes| !bytes.is_empty()).ok_or(malformed(layer))
    };
    let key_hint = bytes("cer", "certificate")?;
    let signature = bytes("sigvl", "signature")?;
    let signed = data.canonical().ok_or(malformed("json"))?;
    Ok(Envelope { scheme: Scheme::VdsNc, algorithm, key_hint, payload: signed.clone(), signed, signature })
}

/// What a seal says.
pub(crate) struct Seal {
    data: Json,
    signer: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Reads the data of a seal, of what was signed and of nothing else.
pub(super) fn content(payload: &[u8]) -> Result<Content, Reason> {
    let data = Json::read(payload).ok_or(Reason::SchemaViolated)?;
    Ok(Content::VdsNc(Box::new(Seal { data, signer: None })))
}

impl Seal {
    /// A seal says nothing of its own end: it holds while its signer's certificate does, which outlives the documents that it
    /// was made to sign (Doc 9303-12, section 4.2).
    pub(crate) fn sealed_by(&mut self, not_before: DateTime<Utc>, not_after: DateTime<Utc>) {
        self.signer = Some((not_before, not_after));
    }

    /// The issuing country, three letters as in Doc 9303-3.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.header().text("is").filter(|issuer| !issuer.is_empty())
    }

    /// It cannot have been signed before this: the test's report was issued, or the last dose was given.
    pub(crate) fn signed_from(&self) -> Option<DateTime<Utc>> {
        match self.kind()? {
            StatementKind::Test => instant(self.message().get("dat")?.text("ri")?),
            _ => {
                let days = self.doses().filter_map(|(_, dose)| match PartialDate::parse(dose.text("dvc")?)? {
                    PartialDate::Day(day) => Some(day),
                    _ => None,
                });
                let begun = days.max()?.and_time(NaiveTime::MIN).and_utc();
                begun.checked_sub_signed(TimeDelta::hours(EARLIEST_ZONE_HOURS))
            }
        }
    }

    /// First moment at which it holds; `None` where nobody says who sealed it.
    pub(crate) fn valid_from(&self) -> Option<DateTime<Utc>> {
        let (not_before, _) = self.signer?;
        self.signed_from().map(|signed_from| signed_from.max(not_before))
    }

    /// Last moment at which it holds.
    pub(crate) fn not_after(&self) -> Option<DateTime<Utc>> {
        self.signer.map(|(_, not_after)| not_after)
    }

    /// What it states: one kind.
    pub(crate) fn kind(&self) -> Option<StatementKind> {
        match self.header().text("t")? {
            VACCINATION => Some(StatementKind::Vaccination),
            TEST => Some(StatementKind::Test),
            _ => None,
        }
    }

    /// Its identifier: UVCI or UTCI.
    pub(crate) fn id(&self) -> Option<&str> {
        self.message().text(if self.kind()? == StatementKind::Test { "utci" } else { "uvci" })
    }

    /// Whether it has what the report requires of its type. Members that we do not know are signed, and left alone.
    pub(crate) fn schema(&self) -> Result<(), Reason> {
        if self.holds() { Ok(()) } else { Err(Reason::SchemaViolated) }
    }

    fn holds(&self) -> bool {
        let filled = |json: &Json, name| json.text(name).is_some_and(|text| !text.trim().is_empty());
        let (message, person) = (self.message(), self.person());
        let common = self.header().count("v") == Some(VERSION)
            && self.issuer().is_some_and(country::is_code)
            && self.id().is_some_and(|id| !id.trim().is_empty())
            && filled(person, "n")
            && person.get("dob").is_none_or(|_| person.text("dob").is_some_and(|text| birth(text).is_some()))
            && self.signed_from().is_some();
        let kind = match self.kind() {
            Some(StatementKind::Vaccination) => {
                let sound = |dose: &Json| {
                    dose.text("dvc").is_some_and(|day| day.len() == 10 && PartialDate::parse(day).is_some())
                        && dose.count("seq").is_some_and(|number| number > 0)
                        && filled(dose, "ctr")
                };
                let events = message.list("ve").unwrap_or_default();
                (filled(person, "i") || filled(person, "dob"))
                    && !events.is_empty()
                    && events.iter().all(|event| {
                        let doses = event.list("vd").unwrap_or_default();
                        filled(event, "des") && filled(event, "nam") && !doses.is_empty() && doses.iter().all(sound)
                    })
            }
            Some(StatementKind::Test) => {
                let part = |name| message.get(name).unwrap_or(&Json::Null);
                filled(person, "dob")
                    && filled(person, "dn")
                    && filled(part("sp"), "ctr")
                    && part("dat").text("sc").is_some_and(|text| instant(text).is_some())
                    && filled(part("tr"), "tc")
                    && filled(part("tr"), "r")
            }
            _ => false,
        };
        common && kind
    }

    /// What it says, in the one model.
    pub(crate) fn claims(&self) -> Claims {
        let word = |json: &Json, name| json.text(name).unwrap_or_default().trim().to_owned();
        let land = |json: &Json| {
            let code = word(json, "ctr");
            country::two_letters(&code).map_or(code, str::to_owned)
        };
        let message = self.message();
        let statements = match self.kind() {
            Some(StatementKind::Test) => {
                let part = |name| message.get(name).unwrap_or(&Json::Null);
                let kind = word(part("tr"), "tc");
                vec![Statement::Test(Test {
                    disease: COVID_19.into(),
                    kind: translated(&TEST_KINDS, &kind).map_or(kind, str::to_owned),
                    result: match part("tr").text("r").map(str::to_ascii_lowercase).as_deref() {
                        Some("negative") => TestResult::NotDetected,
                        Some("positive") => TestResult::Detected,
                        // "normal" and "abnormal" speak of antibodies: they say nothing of an infection.
                        _ => TestResult::Unknown,
                    },
                    sampled_at: part("dat").text("sc").and_then(instant),
                    country: land(part("sp")),
                })]
            }
            _ => self
                .doses()
                .map(|(event, dose)| {
                    Statement::Vaccination(Vaccination {
                        disease: disease(&word(event, "dis"), &word(event, "des")),
                        vaccine: vaccine(&word(event, "nam")),
                        dose: dose.count("seq").unwrap_or(0),
                        // A seal does not say how many doses make a series: it is the rule set that knows.
                        doses_total: 0,
                        date: PartialDate::parse(&word(dose, "dvc")).unwrap_or(PartialDate::Unknown),
                        country: land(dose),
                    })
                })
                .collect(),
        };
        Claims {
            issuer: self.issuer().unwrap_or_default().into(),
            issued_at: None,
            not_before: None,
            not_after: self.not_after(),
            id: self.id().map(str::to_owned),
            person: self.named(),
            statements,
        }
    }

    fn named(&self) -> Person {
        let person = self.person();
        // Doc 9303-3: primary identifier, two spaces, secondary identifier: family name first.
        let name = person.text("n").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let letters =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-' | b'\''));
        // The number of a passport is not the number of an identity card, and comparing them would find two people in one. Twelve
        // digits are a Vietnamese identity number wherever they stand.
        let number = ["i", "ai", "dn"]
            .into_iter()
            .filter_map(|member| person.text(member))
            .find(|text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()));
        Person {
            name_transliterated: letters(&name).then(|| name.clone()),
            name,
            birth: person.text("dob").and_then(birth).unwrap_or(PartialDate::Unknown),
            number: number.map(str::to_owned),
        }
    }

    /// The data as JSON, for a person who looks into a code.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.data).unwrap_or_default()
    }

    fn header(&self) -> &Json {
        self.data.get("hdr").unwrap_or(&Json::Null)
    }

    fn message(&self) -> &Json {
        self.data.get("msg").unwrap_or(&Json::Null)
    }

    fn person(&self) -> &Json {
        self.message().get("pid").unwrap_or(&Json::Null)
    }

    /// Every dose with the event that names its vaccine.
    fn doses(&self) -> impl Iterator<Item = (&Json, &Json)> {
        let events = self.message().list("ve").unwrap_or_default();
        events.iter().flat_map(|event| event.list("vd").unwrap_or_default().iter().map(move |dose| (event, dose)))
    }
}

/// A date of birth, of which parts may be unknown: Doc 9303-3 writes `XX` or `<<` for them.
fn birth(text: &str) -> Option<PartialDate> {
    let known = text.trim_end_matches(['X', 'x', '<', '-']);
    PartialDate::parse(known)
}

/// The disease, by the SNOMED CT code of the other schemes where it is COVID-19; else as it is written.
fn disease(disease: &str, vaccine: &str) -> String {
    let covid_19 = if disease.is_empty() {
        COVID_19_VACCINES_ICD_11.contains(&vaccine)
    } else {
        COVID_19_ICD_11.contains(&disease)
    };
    if covid_19 { COVID_19.into() } else { disease.into() }
}

/// The product, by the code of the other schemes where one of the name's words is a brand that we know; else as it is written.
fn vaccine(name: &str) -> String {
    let mut words = name.split(|letter: char| !(letter.is_alphanumeric() || letter == '-'));
    words.find_map(|word| translated(&BRANDS, word)).unwrap_or(name).into()
}

/// The second of a pair whose first is this word, in any case.
fn translated(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_become_those_of_the_other_schemes_and_unknown_ones_stay() {
        for (name, code) in [
            ("AstraZeneca Vaxzevria", "EU/1/21/1529"),
            ("COMIRNATY", "EU/1/20/1528"),
            ("Comirnaty (Pfizer/BioNTech)", "EU/1/20/1528"),
            ("Nanocovax", "Nanocovax"),
            ("Comirnatyx", "Comirnatyx"),
            ("", ""),
        ] {
            assert_eq!(vaccine(name), code);
        }
        for (written, product, code) in
            [("RA01.0", "XM68M6", COVID_19), ("", "XM0GQ8", COVID_19), ("1F03", "XM68M6", "1F03"), ("", "XM28X5", "")]
        {
            assert_eq!(disease(written, product), code);
        }
    }

    #[test]
    fn a_birth_date_is_known_as_far_as_it_is_written() {
        for (written, known) in [
            ("1961-05-15", Some("1961-05-15")),
            ("1961-05-XX", Some("1961-05")),
            ("1961-XX-XX", Some("1961")),
            ("XXXX-XX-XX", Some("")),
            ("15/05/1961", None),
            ("1961-13-01", None),
        ] {
            assert_eq!(birth(written).map(|date| date.to_string()).as_deref(), known, "{written}");
        }
    }
}
