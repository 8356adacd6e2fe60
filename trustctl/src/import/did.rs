//! DID documents: New Zealand's COVID Passes, and trust lists of the WHO's Global Digital Health Certification Network.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

use super::{Found, Imported, Kind, Wanted, certificate, smart, wrong};
use crate::fault::Fault;
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::KeyMaterial;

const KIND: &str = "a DID document";

/// `verificationMethod` of the document: keys with a certificate chain (`x5c`) sign HC1 for the certificate's country; the others, of those
/// that `assertionMethod` lists, sign NZ COVID Passes.
///
/// A `proof` in the document is over JSON-LD and is not verified: nobody counts as its signer.
///
/// # Errors
/// `WrongFile` for another form.
pub fn document(source: &[u8], wanted: &Wanted) -> Result<Imported, Fault> {
    let value: Value = serde_json::from_slice(source).map_err(|error| wrong(KIND, error))?;
    let controller = value.get("id").and_then(Value::as_str).filter(|id| id.starts_with("did:web:"));
    let controller = controller.ok_or_else(|| wrong(KIND, "its `id` is no did:web"))?;
    let methods = value.get("verificationMethod").and_then(Value::as_array);
    let methods = methods.ok_or_else(|| wrong(KIND, "it has no `verificationMethod`"))?;
    let asserting: Vec<&str> = value
        .get("assertionMethod")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut imported = Imported::default();
    for (place, method) in methods.iter().enumerate() {
        if let Some(reference) = method.as_str() {
            imported.leave_out(reference, "it stands in another document: import that one");
            continue;
        }
        let Some(id) = method.get("id").and_then(Value::as_str) else {
            imported.leave_out(format!("method {place}"), "it has no `id`");
            continue;
        };
        let Some(jwk) = method.get("publicKeyJwk") else {
            imported.leave_out(id, "it has no `publicKeyJwk`");
            continue;
        };
        if jwk.get("x5c").is_some() {
            signer(&mut imported, id, jwk, wanted);
        } else {
            pass(&mut imported, controller, id, jwk, &asserting, wanted);
        }
    }
    Ok(imported)
}

/// A document signer of a member of the network.
fn signer(imported: &mut Imported, id: &str, jwk: &Value, wanted: &Wanted) {
    let chain = jwk.get("x5c").and_then(Value::as_array);
    let der = chain.and_then(|chain| chain.first()?.as_str()).and_then(|text| BASE64_STANDARD.decode(text).ok());
    let Some(der) = der else { return imported.leave_out(id, "`x5c` holds no certificate") };
    let kid = id.rsplit_once('#').map_or(id, |(_, fragment)| fragment).replace("%3D", "=").replace("%2F", "/");
    certificate::take(imported, &kid.replace("%2B", "+"), None, &der, wanted);
}

/// A key of COVID Passes: known by its fragment, for the document's own subject.
fn pass(imported: &mut Imported, controller: &str, id: &str, jwk: &Value, asserting: &[&str], wanted: &Wanted) {
    let Some((subject, fragment)) = id.split_once('#').filter(|(subject, _)| *subject == controller) else {
        return imported.leave_out(id, "it is another subject's");
    };
    if !asserting.contains(&id) {
        return imported.leave_out(id, "`assertionMethod` does not list it: it signs no passes");
    }
    let mut key = match smart::jwk_of(jwk) {
        Ok(key) => key,
        Err(why) => return imported.leave_out(id, why),
    };
    key.kid = Some(fragment.into());
    let kind = Kind { scheme: Scheme::Nzcp, statements: vec![StatementKind::Other] };
    let found = Found { name: id.into(), key: KeyMaterial::Jwk(key), issuers: vec![subject.into()], window: None };
    imported.take(found, &kind, wanted);
}
