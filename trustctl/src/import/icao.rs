//! ICAO: country signing authorities, from a master list (Doc 9303-12: CMS over `CscaMasterList`) or from single certificates.

use base64::prelude::{BASE64_STANDARD, Engine};
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::KeyMaterial;
use checkpoint::trust::key::Hash;
use checkpoint::trust::three_letters;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Found, Imported, Kind, Wanted, certificate, wrong};
use crate::fault::Fault;
use crate::keys::pem;

const KIND: &str = "an ICAO master list or a certificate";

/// Largest certificate of an authority in a bundle, in bytes.
const CSCA_BYTES_MAX: usize = 8 * 1024;

/// `id-signedData` (RFC 5652), `id-icao-cscaMasterList` (Doc 9303-12), `contentType` and `messageDigest`: contents of the identifiers.
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const MASTER_LIST: &[u8] = b"\x67\x81\x08\x01\x01\x02";
const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";

/// Certificates of authorities, DER or PEM, of which nobody vouches for the collection.
///
/// # Errors
/// `WrongFile` for what is neither.
pub fn certificates(source: &[u8], wanted: &Wanted) -> Result<Imported, Fault> {
    let mut imported = Imported::default();
    let text = std::str::from_utf8(source).map(|text| pem::all(text, pem::CERTIFICATE)).unwrap_or_default();
    if text.is_empty() {
        certificate::parse(source).map_err(|why| wrong(KIND, why))?;
        take(&mut imported, source, wanted);
    }
    text.iter().for_each(|der| take(&mut imported, der, wanted));
    Ok(imported)
}

/// A master list, DER. `trusted` is a certificate that the person has by another way: the signer's own, or the authority that certified
/// the signer.
///
/// # Errors
/// `DoesNotHold` where no signature on it leads to that certificate; `WrongFile` for another form.
pub fn master_list(source: &[u8], trusted: &[u8], wanted: &Wanted) -> Result<Imported, Fault> {
    let list =
        MasterList::read(source).ok_or_else(|| wrong(KIND, "its structure is not that of a master list in DER"))?;
    let signer = list.verify(trusted).map_err(Fault::DoesNotHold)?;
    let mut imported = Imported { signed_by: Some(signer), ..Imported::default() };
    list.authorities.iter().for_each(|der| take(&mut imported, der, wanted));
    Ok(imported)
}

/// Takes over an authority.
fn take(imported: &mut Imported, der: &[u8], wanted: &Wanted) {
    let short = crate::authority::revocation::hexadecimal(&Sha256::digest(der))[..12].to_owned();
    let authority = match certificate::parse(der) {
        Ok(authority) => authority,
        Err(why) => return imported.leave_out(short, why),
    };
    let Some(country) = certificate::country(&authority) else {
        return imported.leave_out(short, "it names no country");
    };
    let name = format!("CSCA {country} {short}");
    if !wanted.countries.is_empty() && !wanted.countries.contains(&country) {
        return imported.leave_out(name, format!("{country} is not wanted"));
    }
    if der.len() > CSCA_BYTES_MAX {
        return imported.leave_out(name, format!("{} bytes, and {CSCA_BYTES_MAX} at most fit a bundle", der.len()));
    }
    if let Err(why) = certificate::key(&authority) {
        return imported.leave_out(name, why);
    }
    if !certificate::may_certify(&authority) {
        return imported.leave_out(name, "it may not certify anybody");
    }
    // As seals name their issuer; Germany's travel documents say D.
    let issuers = match (country.len(), three_letters(&country)) {
        (3, _) => vec![country],
        (_, Some("DEU")) => vec!["D".to_owned(), "DEU".to_owned()],
        (_, Some(letters)) => vec![letters.to_owned()],
        (_, None) => return imported.leave_out(name, "its country has no three letters in Doc 9303-3"),
    };
    use StatementKind::{Test, Vaccination};
    let kind = Kind { scheme: Scheme::VdsNc, statements: vec![Vaccination, Test] };
    let key = KeyMaterial::Csca(BASE64_STANDARD.encode(der));
    imported.take(Found { name, key, issuers, window: certificate::window(&authority) }, &kind, wanted);
}

/// One element of DER: its tag, what it holds, all of it, and what follows.
struct Element<'a> {
    tag: u8,
    holds: &'a [u8],
    whole: &'a [u8],
}

/// Reads one element of definite length; `None` where it is cut, or not DER.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
    let (length, head) = match first {
        0..=0x7f => (usize::from(first), 2),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let length = bytes.get(2..2 + count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            (length, 2 + count)
        }
        _ => return None,
    };
    let end = head.checked_add(length)?;
    let holds = bytes.get(head..end)?;
    Some((Element { tag, holds, whole: &bytes[..end] }, &bytes[end..]))
}

/// The elements that something holds; `None` where they do not fill it.
fn elements(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (next, rest) = element(bytes)?;
        found.push(next);
        bytes = rest;
    }
    Some(found)
}

/// What a master list holds, and what is signed.
struct MasterList<'a> {
    /// `eContent`, the bytes that are hashed.
    content: &'a [u8],
    authorities: Vec<&'a [u8]>,
    certificates: Vec<&'a [u8]>,
    signers: Vec<Signer<'a>>,
}

/// A `SignerInfo` (RFC 5652, section 5.3).
struct Signer<'a> {
    digest: &'a [u8],
    attributes: Element<'a>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> MasterList<'a> {
    fn read(source: &'a [u8]) -> Option<Self> {
        let (whole, []) = element(source)? else { return None };
        let [kind, wrapped] = elements(whole.holds)?.try_into().ok()?;
        if kind.holds != SIGNED_DATA || wrapped.tag != 0xa0 {
            return None;
        }
        let (signed, []) = element(wrapped.holds)? else { return None };
        let parts = elements(signed.holds)?;
        let [kind, wrapped] = elements(parts.get(2)?.holds)?.try_into().ok()?;
        let (octets, []) = element(wrapped.holds)? else { return None };
        if kind.holds != MASTER_LIST || octets.tag != 4 {
            return None;
        }
        let (list, []) = element(octets.holds)? else { return None };
        let [_version, authorities] = elements(list.holds)?.try_into().ok()?;
        let certificates = parts.iter().find(|part| part.tag == 0xa0).map(|part| elements(part.holds));
        let certificates = certificates.unwrap_or_else(|| Some(Vec::new()))?;
        let signers = elements(parts.last().filter(|part| part.tag == 0x31)?.holds)?;
        Some(Self {
            content: octets.holds,
            authorities: elements(authorities.holds)?.iter().map(|it| it.whole).collect(),
            certificates: certificates.iter().map(|it| it.whole).collect(),
            signers: signers.iter().map(|signer| Signer::read(signer.holds)).collect::<Option<_>>()?,
        })
    }

    /// Who signed it, where that leads to the trusted certificate.
    fn verify(&self, trusted: &[u8]) -> Result<String, String> {
        let trusted_certificate =
            certificate::parse(trusted).map_err(|why| format!("the certificate to verify with: {why}"))?;
        let trusted_key = certificate::key(&trusted_certificate)?;
        for signer in &self.signers {
            for der in self.certificates.iter().copied().chain([trusted]) {
                let Ok(candidate) = certificate::parse(der) else { continue };
                let Ok(key) = certificate::key(&candidate) else { continue };
                let certified = der == trusted || {
                    let oid = candidate.signature_algorithm.algorithm.to_id_string();
                    certificate::algorithm(&oid, Some(Hash::Sha256)).is_some_and(|algorithm| {
                        let body = candidate.tbs_certificate.as_ref();
                        candidate.issuer().as_raw() == trusted_certificate.subject().as_raw()
                            && trusted_key.certifies(algorithm, body, &candidate.signature_value.data)
                    })
                };
                if certified && signer.signed(self.content, &key) {
                    return Ok(candidate.subject().to_string());
                }
            }
        }
        Err("the master list is not signed by that certificate, nor by one that it certified".into())
    }
}

impl<'a> Signer<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut parts = elements(bytes)?.into_iter();
        let (_version, _sid, digest) = (parts.next()?, parts.next()?, parts.next()?);
        // Without attributes the content would be signed itself: Doc 9303-12 asks for them.
        let attributes = parts.next().filter(|it| it.tag == 0xa0)?;
        let (algorithm, signature) = (parts.next()?, parts.next()?);
        Some(Self {
            digest: element(digest.holds)?.0.holds,
            attributes,
            algorithm: element(algorithm.holds)?.0.holds,
            signature: (signature.tag == 4).then_some(signature.holds)?,
        })
    }

    /// Whether this key signed that content.
    fn signed(&self, content: &[u8], key: &checkpoint::trust::key::PublicKey) -> bool {
        let (hash, digest) = match self.digest {
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => (Hash::Sha256, Sha256::digest(content).to_vec()),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => (Hash::Sha384, Sha384::digest(content).to_vec()),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => (Hash::Sha512, Sha512::digest(content).to_vec()),
            _ => return false,
        };
        let attribute = |kind: &[u8]| -> Option<&[u8]> {
            elements(self.attributes.holds)?.iter().find_map(|attribute| {
                let [name, values] = elements(attribute.holds)?.try_into().ok()?;
                (name.holds == kind).then(|| element(values.holds).map(|(value, _)| value.holds))?
            })
        };
        if attribute(MESSAGE_DIGEST) != Some(&digest[..]) || attribute(CONTENT_TYPE) != Some(MASTER_LIST) {
            return false;
        }
        // Signed as a SET, though written as [0] (RFC 5652, section 5.4).
        let mut signed = self.attributes.whole.to_vec();
        signed[0] = 0x31;
        let Some(oid) = oid(self.algorithm) else { return false };
        certificate::algorithm(&oid, Some(hash))
            .is_some_and(|algorithm| key.certifies(algorithm, &signed, self.signature))
    }
}

/// An object identifier in dots.
fn oid(bytes: &[u8]) -> Option<String> {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in bytes {
        number = number.checked_mul(128)? + u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let first = numbers.first()?;
    let (top, second) = if *first < 80 { (first / 40, first % 40) } else { (2, first - 80) };
    let rest: String = numbers[1..].iter().map(|number| format!(".{number}")).collect();
    Some(format!("{top}.{second}{rest}"))
}
