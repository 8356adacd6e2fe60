//! EU DCC: lists of document signers' certificates.

use base64::prelude::{BASE64_STANDARD, Engine};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use serde_json::Value;

use super::{Imported, Wanted, certificate, wrong};
use crate::fault::Fault;
use crate::keys::pem;

const KIND: &str = "a list of DCC signers";

/// The German signed form: a line with the ECDSA signature (P-256, SHA-256, 64 bytes, base64) over everything that follows it, JSON.
///
/// # Errors
/// `DoesNotHold` where the signature is not by that key (PEM, `PUBLIC KEY`); `WrongFile` for another form.
pub fn signed(source: &[u8], key: &str, wanted: &Wanted) -> Result<Imported, Fault> {
    let text = std::str::from_utf8(source).map_err(|error| wrong(KIND, error))?;
    let (signature, body) =
        text.split_once('\n').ok_or_else(|| wrong(KIND, "there is no first line with a signature"))?;
    let key = VerifyingKey::from_public_key_pem(key.trim())
        .map_err(|_| Fault::Unsound("the key to verify with is no P-256 key in PEM".into()))?;
    let signature = BASE64_STANDARD
        .decode(signature.trim())
        .ok()
        .and_then(|bytes| Signature::from_slice(&bytes).ok())
        .ok_or_else(|| wrong(KIND, "its first line is no signature"))?;
    // Some servers end the file with a line break that was not signed.
    let holds = [body, body.trim_end()].iter().any(|body| key.verify(body.as_bytes(), &signature).is_ok());
    if !holds {
        return Err(Fault::DoesNotHold(
            "the list is not signed by that key: it was changed, or the key is another's".into(),
        ));
    }
    let mut imported = plain(body.trim_end().as_bytes(), wanted)?;
    imported.signed_by = Some(format!("the P-256 key {}", hex_of(&key)));
    Ok(imported)
}

fn hex_of(key: &VerifyingKey) -> String {
    use sha2::{Digest, Sha256};
    crate::authority::revocation::hexadecimal(&Sha256::digest(key.to_sec1_point(false).as_bytes()))[..16].to_owned()
}

/// Lists without a signature: `{"kid": "certificate"}`, `[{"kid", "certificate"}]`, the same under `certificates` or `certs`, and
/// certificates called `rawData`, `certificate`, `pem`, `x5c` or `cert`; base64 of the DER, or PEM.
///
/// # Errors
/// `WrongFile` for what is none of these.
pub fn plain(source: &[u8], wanted: &Wanted) -> Result<Imported, Fault> {
    let value: Value = serde_json::from_slice(source).map_err(|error| wrong(KIND, error))?;
    let list = ["certificates", "certs", "trustList", "keys"].iter().find_map(|name| value.get(name)).unwrap_or(&value);
    let mut imported = Imported::default();
    match list {
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let kid = item.get("kid").and_then(Value::as_str).map_or_else(|| format!("entry {place}"), Into::into);
                one(&mut imported, &kid, item, wanted);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (kid, item) in members {
                match item {
                    Value::Array(several) => several.iter().for_each(|item| one(&mut imported, kid, item, wanted)),
                    item => one(&mut imported, kid, item, wanted),
                }
            }
        }
        _ => return Err(wrong(KIND, "there is no list of certificates in it")),
    }
    if imported.keys.is_empty() && imported.left_out.iter().all(|(_, why)| why == NO_CERTIFICATE) {
        return Err(wrong(KIND, "there is no certificate in it"));
    }
    Ok(imported)
}

const NO_CERTIFICATE: &str = "it holds no certificate";

fn one(imported: &mut Imported, kid: &str, item: &Value, wanted: &Wanted) {
    let text = item.as_str().or_else(|| {
        let named = ["rawData", "certificate", "pem", "cert", "x5c"].iter().find_map(|name| item.get(name))?;
        named.as_str().or_else(|| named.get(0)?.as_str())
    });
    let kind = item.get("certificateType").and_then(Value::as_str);
    if let Some(kind) = kind.filter(|kind| *kind != "DSC") {
        return imported.leave_out(kid, format!("its kind is {kind}, and only DSC sign certificates of health"));
    }
    let Some(der) = text.and_then(der_of) else { return imported.leave_out(kid, NO_CERTIFICATE) };
    certificate::take(imported, kid, item.get("country").and_then(Value::as_str), &der, wanted);
}

/// Base64 of DER, or PEM.
fn der_of(text: &str) -> Option<Vec<u8>> {
    pem::find(text, pem::CERTIFICATE).or_else(|| {
        let text: String = text.split_ascii_whitespace().collect();
        BASE64_STANDARD.decode(text).ok()
    })
}
