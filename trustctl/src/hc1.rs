//! Issues HC1, the EU DCC container that Viet Nam took over (Decision 5772/QĐ-BYT): CBOR Web Token in COSE_Sign1 with
//! ES256, deflated, in base45 (eHealth Network, Guidelines on Technical Specifications, volumes 1 and 3; JSON schema 1.3.0).

use std::io::Write;

use ciborium::value::Value as Cbor;
use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use flate2::{Compression, write::ZlibEncoder};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::describe::Description;
use crate::fault::Fault;
use crate::keys::short_id;
use crate::native::credential_id;

/// CWT claim that holds health certificates (`hcert`), and the key of the EU DCC in it.
const HCERT: i64 = -260;
const EU_DCC: i64 = 1;
/// CWT claims `iss`, `exp` and `iat` (RFC 8392, section 3.1).
const ISS: i64 = 1;
const EXP: i64 = 4;
const IAT: i64 = 6;

/// Signs a description: the text for the QR code.
///
/// # Errors
/// `Unsound` for what HC1 cannot carry: more than one statement, a declaration, a permit, an identity number.
pub fn issue(description: &Description, key: &SigningKey, certificate: &[u8]) -> Result<String, Fault> {
    description.check()?;
    if description.declaration.is_some() || description.travel_permit.is_some() {
        return Err(Fault::Unsound("HC1 carries no declaration and no permit: issue a native credential".into()));
    }
    if description.vaccinations.len() + description.tests.len() + description.recoveries.len() != 1 {
        return Err(Fault::Unsound("HC1 carries exactly one vaccination, test or recovery".into()));
    }
    if description.person.number.is_some() {
        return Err(Fault::Unsound("HC1 carries no identity number: leave `person.number` out".into()));
    }
    if description.not_before.is_some() {
        return Err(Fault::Unsound("HC1 carries no `not_before`: leave it out".into()));
    }
    encode(&certificate_json(description)?, description, key, certificate)
}

/// The `eu_dcc_v1` object, by the names of the DCC schema.
fn certificate_json(description: &Description) -> Result<Value, Fault> {
    let id = credential_id(description)?;
    let name: String = description.person.name.nfc().collect();
    let (family, given) = split_name(&name);
    let mut dcc = json!({
        "ver": "1.3.0",
        "nam": {"fn": family, "fnt": transliterate(family), "gn": given, "gnt": transliterate(given)},
        "dob": description.person.birth,
    });
    let by = &description.issuer;
    if let Some(dose) = description.vaccinations.first() {
        dcc["v"] = json!([{"tg": dose.disease, "vp": dose.prophylaxis, "mp": dose.vaccine, "ma": dose.maker,
            "dn": dose.dose, "sd": dose.doses_total, "dt": dose.date, "co": dose.country, "is": by, "ci": id}]);
    }
    if let Some(test) = description.tests.first() {
        dcc["t"] = json!([{"tg": test.disease, "tt": test.kind, "tr": test.result, "sc": test.sampled_at.to_rfc3339(),
            "tc": by, "co": test.country, "is": by, "ci": id}]);
    }
    if let Some(held) = description.recoveries.first() {
        dcc["r"] = json!([{"tg": held.disease, "fr": held.first_positive, "df": held.valid_from,
            "du": held.valid_until, "co": held.country, "is": by, "ci": id}]);
    }
    Ok(dcc)
}

fn encode(dcc: &Value, description: &Description, key: &SigningKey, certificate: &[u8]) -> Result<String, Fault> {
    let crypto = |error: &dyn std::fmt::Display| Fault::Crypto(error.to_string());
    let dcc = Cbor::serialized(dcc).map_err(|error| crypto(&error))?;
    let token = Cbor::Map(vec![
        (Cbor::from(ISS), Cbor::from(description.issuer.as_str())),
        (Cbor::from(EXP), Cbor::from(description.expires_at.timestamp())),
        (Cbor::from(IAT), Cbor::from(description.signed_at().timestamp())),
        (Cbor::from(HCERT), Cbor::Map(vec![(Cbor::from(EU_DCC), dcc)])),
    ]);
    let payload = token.to_vec().map_err(|error| crypto(&error))?;
    let protected =
        HeaderBuilder::new().algorithm(iana::Algorithm::ES256).key_id(short_id(certificate).to_vec()).build();
    let message = CoseSign1Builder::new()
        .protected(protected)
        .payload(payload)
        .create_signature(&[], |signed| {
            let signature: Signature = key.sign(signed);
            signature.to_bytes().to_vec()
        })
        .build()
        .to_tagged_vec()
        .map_err(|error| crypto(&error))?;
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::best());
    let deflated = deflate.write_all(&message).and_then(|()| deflate.finish()).map_err(|error| crypto(&error))?;
    Ok(format!("HC1:{}", base45::encode(&deflated)))
}

/// A Vietnamese name is written family name first.
fn split_name(name: &str) -> (&str, &str) {
    let name = name.trim();
    name.split_once(' ').unwrap_or((name, ""))
}

/// The letters of a machine-readable zone (ICAO 9303, part 3): A to Z, words joined by `<`, Đ as D.
pub fn transliterate(name: &str) -> String {
    let letters: String = name
        .nfd()
        .filter_map(|letter| match letter {
            'đ' | 'Đ' => Some('D'),
            ' ' | '-' => Some(' '),
            letter => letter.is_ascii_alphabetic().then(|| letter.to_ascii_uppercase()),
        })
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join("<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_names_lose_their_marks_and_keep_their_words() {
        assert_eq!(transliterate("Nguyễn Thị Hường"), "NGUYEN<THI<HUONG");
        assert_eq!(transliterate("Đặng Đức Ưng"), "DANG<DUC<UNG");
        assert_eq!(transliterate(""), "");
    }
}
