//! Issues the native credential (`docs/native-credential.md`): compact JWS, EdDSA.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::describe::Description;
use crate::fault::Fault;
use crate::keys::{random_bytes, short_id};

/// Signs a description: the text for the QR code.
///
/// # Errors
/// `Unsound` for a description that no verifier would accept.
pub fn issue(description: &Description, key: &SigningKey) -> Result<String, Fault> {
    description.check()?;
    let claims = claims(description)?;
    Ok(sign(&claims, key))
}

/// The compact JWS over claims that nobody has checked: tests forge with it.
pub fn sign(claims: &Value, key: &SigningKey) -> String {
    let kid = BASE64_URL_SAFE_NO_PAD.encode(short_id(key.verifying_key().as_bytes()));
    let header = format!(r#"{{"alg":"EdDSA","typ":"hc+jwt","kid":"{kid}"}}"#);
    let signed =
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The claims that a description becomes.
///
/// # Errors
/// `Crypto` where no id is given and the system has no randomness.
pub fn claims(description: &Description) -> Result<Value, Fault> {
    let mut claims = Map::new();
    claims.insert("iss".into(), json!(description.issuer));
    claims.insert("iat".into(), json!(description.signed_at().timestamp()));
    if let Some(not_before) = description.not_before {
        claims.insert("nbf".into(), json!(not_before.timestamp()));
    }
    claims.insert("exp".into(), json!(description.expires_at.timestamp()));
    claims.insert("jti".into(), json!(credential_id(description)?));
    if let Some(number) = &description.person.number {
        claims.insert("sub".into(), json!(number));
    }
    claims.insert("nam".into(), json!(description.person.name.nfc().collect::<String>()));
    claims.insert("dob".into(), json!(description.person.birth));
    if !description.vaccinations.is_empty() {
        let doses = description.vaccinations.iter().map(|dose| {
            json!({"tg": dose.disease, "mp": dose.vaccine, "dn": dose.dose, "sd": dose.doses_total, "dt": dose.date,
                   "co": dose.country})
        });
        claims.insert("vac".into(), doses.collect());
    }
    if !description.tests.is_empty() {
        let tests = description.tests.iter().map(|test| {
            json!({"tg": test.disease, "tt": test.kind, "tr": test.result, "sc": test.sampled_at.timestamp(),
                   "co": test.country})
        });
        claims.insert("tst".into(), tests.collect());
    }
    if !description.recoveries.is_empty() {
        let recoveries = description.recoveries.iter().map(|held| {
            json!({"tg": held.disease, "fr": held.first_positive, "df": held.valid_from, "du": held.valid_until,
                   "co": held.country})
        });
        claims.insert("rec".into(), recoveries.collect());
    }
    if let Some(made) = &description.declaration {
        claims.insert(
            "dec".into(),
            json!({"at": made.made_at.timestamp(), "sym": made.symptoms, "con": made.contact, "plc": made.places,
                   "ent": made.at_entry}),
        );
    }
    if let Some(permit) = &description.travel_permit {
        let mut value = json!({"pur": permit.purpose, "fr": permit.from, "to": permit.to});
        if let Some(plate) = &permit.plate {
            value["plt"] = json!(plate);
        }
        claims.insert("per".into(), value);
    }
    Ok(Value::Object(claims))
}

/// The id that the description gives, or 96 random bits.
pub(crate) fn credential_id(description: &Description) -> Result<String, Fault> {
    match &description.id {
        Some(id) => Ok(id.clone()),
        None => Ok(BASE64_URL_SAFE_NO_PAD.encode(&random_bytes()?[..12])),
    }
}
