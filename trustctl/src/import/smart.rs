//! SMART Health Cards: an issuer's key set, and the directory of issuers.

use serde_json::Value;

use super::{Found, Imported, Kind, Wanted, wrong};
use crate::fault::Fault;
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{Jwk, KeyMaterial};

const KIND: &str = "a JSON Web Key Set of SMART Health Cards";

fn kind() -> Kind {
    use StatementKind::{Other, Test, Vaccination};
    Kind { scheme: Scheme::Shc, statements: vec![Vaccination, Test, Other] }
}

/// One issuer's key set, as it stands at `ISSUER/.well-known/jwks.json`.
///
/// # Errors
/// `WrongFile` for another form.
pub fn key_set(source: &[u8], issuer: &str, wanted: &Wanted) -> Result<Imported, Fault> {
    let value: Value = serde_json::from_slice(source).map_err(|error| wrong(KIND, error))?;
    let keys = value.get("keys").and_then(Value::as_array).ok_or_else(|| wrong(KIND, "it has no `keys`"))?;
    let mut imported = Imported::default();
    take_all(&mut imported, keys, issuer, issuer, wanted);
    Ok(imported)
}

/// A snapshot of the VCI directory: `{"issuerInfo": [{"issuer": {"iss", "name"}, "keys": [...]}]}`.
///
/// # Errors
/// `WrongFile` for another form.
pub fn directory(source: &[u8], wanted: &Wanted) -> Result<Imported, Fault> {
    let kind = "a snapshot of the VCI directory";
    let value: Value = serde_json::from_slice(source).map_err(|error| wrong(kind, error))?;
    let issuers =
        value.get("issuerInfo").and_then(Value::as_array).ok_or_else(|| wrong(kind, "it has no `issuerInfo`"))?;
    let mut imported = Imported::default();
    for (place, info) in issuers.iter().enumerate() {
        let text = |name: &str| info.get("issuer").and_then(|issuer| issuer.get(name)).and_then(Value::as_str);
        let Some(issuer) = text("iss") else {
            imported.leave_out(format!("issuer {place}"), "it has no `iss`");
            continue;
        };
        match info.get("keys").and_then(Value::as_array) {
            Some(keys) if !keys.is_empty() => {
                take_all(&mut imported, keys, issuer, text("name").unwrap_or(issuer), wanted)
            }
            _ => imported.leave_out(issuer, "the directory could not fetch its keys"),
        }
    }
    Ok(imported)
}

fn take_all(imported: &mut Imported, keys: &[Value], issuer: &str, name: &str, wanted: &Wanted) {
    for key in keys {
        let kid = key.get("kid").and_then(Value::as_str).unwrap_or("without kid");
        let name = format!("{name} {}", kid.chars().take(12).collect::<String>());
        if !issuer.starts_with("https://") || issuer.ends_with('/') {
            imported.leave_out(name, "an issuer of SMART Health Cards is an https address without a slash at its end");
            continue;
        }
        match jwk_of(key) {
            Ok(jwk) => {
                let found = Found { name, key: KeyMaterial::Jwk(jwk), issuers: vec![issuer.into()], window: None };
                imported.take(found, &kind(), wanted);
            }
            Err(why) => imported.leave_out(name, why),
        }
    }
}

/// The members that a kiosk needs; what a key says beside them (a certificate chain, a use) was looked at here.
pub(super) fn jwk_of(key: &Value) -> Result<Jwk, String> {
    let text = |name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
    let word = |name: &str| text(name).unwrap_or_default();
    if key.get("d").is_some() {
        return Err("it holds a PRIVATE key: tell its owner at once".into());
    }
    if (word("kty"), word("crv")) != ("EC".into(), "P-256".into()) {
        return Err(format!("a kind of key that kiosks cannot use ({} {})", word("kty"), word("crv")));
    }
    if text("use").is_some_and(|usage| usage != "sig") || text("alg").is_some_and(|algorithm| algorithm != "ES256") {
        return Err("it is not for signing with ES256".into());
    }
    let coordinate = |name: &str| text(name).ok_or_else(|| format!("`{name}` is missing"));
    Ok(Jwk { kty: "EC".into(), crv: "P-256".into(), x: coordinate("x")?, y: coordinate("y")?, kid: text("kid") })
}
