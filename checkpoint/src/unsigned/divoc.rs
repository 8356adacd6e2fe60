//! The archive of a DIVOC certificate (India, Jamaica, the Philippines, Sri Lanka): a ZIP file with one JSON-LD credential,
//! `certificate.json`, one letter for each byte.
//!
//! Its issuer signed it, over the canonical form of its RDF graph (URDNA2015) with contexts that are fetched from the network. The
//! kiosk has neither, and a signature that is not checked proves nothing: such a code is named, and it neither identifies nor counts.
//!
//! Archive: PKWARE, APPNOTE 6.3, section 4.3.7. Names: <https://github.com/egovernments/DIVOC>, `vaccination-context`.

use serde_json::{Value, json};

use super::TEXT_BYTES_MAX;
use crate::envelope::inflate::{Wrapping, inflate};
use crate::verdict::Reason;

/// What a local file header begins with.
const HEADER: &str = "PK\u{3}\u{4}";
/// Largest certificate inside, in bytes: those seen have 1,200, and everything read of it is held in memory as JSON.
const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a local file header before the name.
const HEADER_BYTES: usize = 30;
/// Encrypted, or with the sizes behind the data.
const FLAGS_NOT_READ: u16 = 0b1001;

/// Takes an archive apart: `None` for what is none, or holds something else. The fields are whom and what it names, unproven.
pub(super) fn read(text: &str) -> Option<Result<Value, Reason>> {
    if !text.starts_with(HEADER) {
        return None;
    }
    if text.chars().count() > TEXT_BYTES_MAX {
        return Some(Err(Reason::TooLarge { bytes_max: TEXT_BYTES_MAX }));
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    let json = match bytes.as_deref().and_then(certificate) {
        Some(Ok(json)) => json,
        Some(Err(reason)) => return Some(Err(reason)),
        None => return Some(Err(Reason::Malformed { layer: "zip" })),
    };
    if json.len() > CERTIFICATE_BYTES_MAX {
        return Some(Err(Reason::TooLarge { bytes_max: CERTIFICATE_BYTES_MAX }));
    }
    let Ok(certificate) = serde_json::from_slice::<Value>(&json) else {
        return Some(Err(Reason::Malformed { layer: "json" }));
    };
    let is = |of: &Value| of == "ProofOfVaccinationCredential" || of == "VaccinationCertificate";
    certificate["type"].as_array().is_some_and(|types| types.iter().any(is)).then(|| Ok(fields(&certificate)))
}

/// The one file, inflated; `None` where the archive is not of this form.
fn certificate(archive: &[u8]) -> Option<Result<Vec<u8>, Reason>> {
    let (header, rest) = archive.split_at_checked(HEADER_BYTES)?;
    let short = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let long = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (flags, method) = (short(6), short(8));
    let (stored_bytes, name_bytes, extra_bytes) = (long(18), short(26), short(28));
    let (name, rest) = rest.split_at_checked(name_bytes.into())?;
    let data = rest.get(extra_bytes.into()..)?.get(..usize::try_from(stored_bytes).ok()?)?;
    if flags & FLAGS_NOT_READ != 0 || name != b"certificate.json" {
        return None;
    }
    match method {
        0 => Some(Ok(data.to_vec())),
        8 => Some(inflate(data, Wrapping::Raw)),
        _ => None,
    }
}

fn fields(certificate: &Value) -> Value {
    let (subject, dose) = (&certificate["credentialSubject"], &certificate["evidence"][0]);
    json!({
        "issuer": certificate["issuer"], "name": subject["name"], "birth": subject["dob"],
        "vaccine": dose["vaccine"], "dose": dose["dose"], "doses_total": dose["totalDoses"], "date": dose["date"],
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::super::{Read, Unsigned};
    use super::*;

    const CERTIFICATE: &str = r#"{"type":["VerifiableCredential","ProofOfVaccinationCredential"],"issuer":"https://example.org",
        "credentialSubject":{"name":"Nguyễn Văn An","dob":"1990-01-18"},"evidence":[{"vaccine":"X","dose":2,"totalDoses":2}]}"#;

    fn archive(name: &str, method: u16, flags: u16, json: &[u8]) -> Vec<u8> {
        let data = match method {
            0 => json.to_vec(),
            _ => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(json).unwrap();
                encoder.finish().unwrap()
            }
        };
        let mut out = b"PK\x03\x04\x14\x00".to_vec();
        out.extend([flags, method].into_iter().flat_map(u16::to_le_bytes));
        out.extend([0; 8]);
        out.extend([data.len() as u32, json.len() as u32].into_iter().flat_map(u32::to_le_bytes));
        out.extend([name.len() as u16, 0].into_iter().flat_map(u16::to_le_bytes));
        [out, name.into(), data, b"PK\x01\x02 and so on".to_vec()].concat()
    }

    fn text(archive: &[u8]) -> String {
        archive.iter().copied().map(char::from).collect()
    }

    #[test]
    fn an_archive_is_named_and_its_fields_are_for_the_person_who_looks() {
        for method in [0, 8] {
            let read = Read::new(&text(&archive("certificate.json", method, 0, CERTIFICATE.as_bytes()))).ok().unwrap();
            assert_eq!((&read.code, read.kind()), (&Unsigned::Divoc, "divoc"));
            assert_eq!(read.fields["name"], "Nguyễn Văn An");
        }
    }

    #[test]
    fn what_is_no_such_archive_has_a_reason_of_its_own() {
        let good = archive("certificate.json", 8, 0, CERTIFICATE.as_bytes());
        let bomb = archive("certificate.json", 8, 0, &vec![b' '; 1 << 20]);
        let large = archive("certificate.json", 8, 0, format!("[{}0]", "0,".repeat(9_000)).as_bytes());
        let zip = "E-FORM";
        for (archive, code) in [
            (good[..20].to_vec(), zip),
            (good[..60].to_vec(), zip),
            (archive("other.json", 8, 0, CERTIFICATE.as_bytes()), zip),
            (archive("certificate.json", 9, 0, CERTIFICATE.as_bytes()), zip),
            (archive("certificate.json", 8, 8, CERTIFICATE.as_bytes()), zip),
            (archive("certificate.json", 8, 1, CERTIFICATE.as_bytes()), zip),
            (archive("certificate.json", 8, 0, b"{"), "E-FORM"),
            (archive("certificate.json", 8, 0, br#"{"type":["VerifiableCredential"]}"#), "E-UNKNOWN"),
            (archive("certificate.json", 8, 0, b"[]"), "E-UNKNOWN"),
            (bomb, "E-SIZE"),
            (large, "E-SIZE"),
            ([good.clone(), vec![b' '; 3000], good].concat(), "E-SIZE"),
        ] {
            assert_eq!(Unsigned::read(&text(&archive)).unwrap_err().code(), code, "{} bytes", archive.len());
        }
        assert_eq!(Unsigned::read("PK\u{3}\u{4}Đ"), Err(Reason::Malformed { layer: "zip" }));
    }
}
