//! What a credential's text says, vouched for by nobody: for the issuer's own eyes.

use std::io::Read;
use std::path::Path;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ciborium::value::Value as Cbor;
use coset::{CborSerializable, CoseSign1, TaggedCborSerializable};
use flate2::read::ZlibDecoder;

use crate::fault::Fault;

/// Largest inflated message that is shown, in bytes: far above what a QR code can hold.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;

/// Header and claims of a native credential or an HC1, as lines of text.
///
/// # Errors
/// `WrongFile` where it is neither, or damaged.
pub fn credential(path: &Path, text: &str) -> Result<Vec<String>, Fault> {
    let wrong = |why: &dyn std::fmt::Display| Fault::wrong_file(path, "a signed file or the text of a credential", why);
    if let Some(body) = text.strip_prefix("HC1:") {
        let deflated = base45::decode(body).map_err(|error| wrong(&error))?;
        let mut message = Vec::new();
        ZlibDecoder::new(&deflated[..])
            .take(MESSAGE_BYTES_MAX)
            .read_to_end(&mut message)
            .map_err(|error| wrong(&error))?;
        let signed = CoseSign1::from_tagged_slice(&message).map_err(|error| wrong(&error))?;
        let payload = signed.payload.unwrap_or_default();
        let claims = Cbor::from_slice(&payload).map_err(|error| wrong(&error))?;
        let kid: String = signed.protected.header.key_id.iter().map(|byte| format!("{byte:02x}")).collect();
        return Ok(vec![
            format!("scheme      HC1, {:?}, key {kid}", signed.protected.header.alg),
            format!("claims      {}", json_of(&claims)),
            "signature   not checked".into(),
        ]);
    }
    let mut parts = text.split('.');
    let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(wrong(&"neither HC1 nor three parts joined by dots"));
    };
    let decode = |part: &str| -> Result<String, Fault> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|error| wrong(&error))?;
        String::from_utf8(bytes).map_err(|error| wrong(&error))
    };
    Ok(vec![
        format!("scheme      native, {}", decode(header)?),
        format!("claims      {}", decode(claims)?),
        "signature   not checked".into(),
    ])
}

/// CBOR for people to read; keys that are numbers become text.
fn json_of(value: &Cbor) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Cbor::Integer(number) => Json::from(i64::try_from(*number).unwrap_or_default()),
        Cbor::Text(text) => Json::from(text.as_str()),
        Cbor::Bool(flag) => Json::from(*flag),
        Cbor::Array(items) => items.iter().map(json_of).collect(),
        Cbor::Map(pairs) => {
            let name = |key: &Cbor| key.as_text().map_or_else(|| json_of(key).to_string(), str::to_string);
            Json::Object(pairs.iter().map(|(key, value)| (name(key), json_of(value))).collect())
        }
        Cbor::Tag(_, inner) => json_of(inner),
        other => Json::from(format!("{other:?}")),
    }
}
