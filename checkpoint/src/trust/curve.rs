//! Which curve the parameters of an elliptic key mean: by its name, or written out in full, as ICAO Doc 9303-12 asks of countries'
//! authorities. Written out, every parameter must be the curve's own: another base point makes anybody's key fit (CVE-2020-0601).

use der_parser::asn1_rs::{Any, FromDer, Tag};
use der_parser::oid;
use der_parser::oid::Oid;
use sha2::{Digest, Sha256};
use x509_parser::der_parser;

/// Curves that we can compute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
    Brainpool256,
    Brainpool384,
}

/// A curve with its object identifier, bytes of a coordinate, and SHA-256 of `p || a || b || 04 || Gx || Gy || n`, each as long as a
/// coordinate. Parameters: SEC 2, sections 2.4.2, 2.5.1 and 2.6.1; RFC 5639, sections 3.4 and 3.6.
const CURVES: [(Curve, Oid<'static>, usize, &str); 5] = [
    (Curve::P256, oid!(1.2.840.10045.3.1.7), 32, "0815056d43f2b0abec3447d8d9f6921397252567930d519d532b0998ddb1da88"),
    (Curve::P384, oid!(1.3.132.0.34), 48, "ed45a0a385dca472be657ef6d7dbf03e974d84adb525e3b51e21b93c3a6ea792"),
    (Curve::P521, oid!(1.3.132.0.35), 66, "549f3a34329642ebc6460a9c3a4f93225722a430e5f549ea493aeccc886bcb2a"),
    (
        Curve::Brainpool256,
        oid!(1.3.36.3.3.2.8.1.1.7),
        32,
        "3aa3aff93f25115bd3c80ba6873072b2c256930b28fff9d2140edf5e6e044b82",
    ),
    (
        Curve::Brainpool384,
        oid!(1.3.36.3.3.2.8.1.1.11),
        48,
        "fae1c9cd3db663ade71de3fcebdcfa99bffeb3272fb9562c3de52fd9d03b3d18",
    ),
];

/// The curve of `ECParameters`; `None` for any other.
pub(super) fn read(parameters: &Any<'_>) -> Option<Curve> {
    let mut known = CURVES.into_iter();
    let found = match parameters.tag() {
        Tag::Oid => {
            let name = parameters.as_oid().ok()?;
            known.find(|(_, oid, ..)| *oid == name)
        }
        Tag::Sequence => {
            let (length, digest) = digest_of(parameters.data)?;
            known.find(|(_, _, bytes, of)| *bytes == length && *of == digest)
        }
        _ => None,
    };
    found.map(|(curve, ..)| curve)
}

/// Bytes of a coordinate and the digest of the parameters: version, field, curve with or without its seed, base point (not
/// compressed), order, with or without the cofactor (ANSI X9.62; RFC 3279, section 2.3.5).
fn digest_of(parameters: &[u8]) -> Option<(usize, String)> {
    let [_version, field, curve, base, order] = values::<5>(parameters)?;
    let [_kind, prime] = values::<2>(field)?;
    let [a, b] = values::<2>(curve)?;
    let prime = number(prime);
    let length = prime.len();
    let mut joined = prime.to_vec();
    for part in [a, b] {
        joined.extend(padded(number(part), length)?);
    }
    joined.extend_from_slice(base);
    joined.extend(padded(number(order), length)?);
    let digest: String = Sha256::digest(&joined).iter().map(|byte| format!("{byte:02x}")).collect();
    Some((length, digest))
}

/// The contents of the first values that stand one after the other.
fn values<const N: usize>(bytes: &[u8]) -> Option<[&[u8]; N]> {
    let mut rest = bytes;
    let mut found = [&[][..]; N];
    for value in &mut found {
        let (after, any) = Any::from_der(rest).ok()?;
        *value = any.data;
        rest = after;
    }
    Some(found)
}

/// A number without the zeros before it.
fn number(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    &bytes[start..]
}

/// The same as so many bytes.
fn padded(number: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = length.checked_sub(number.len())?;
    Some([&vec![0; zeros][..], number].concat())
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use x509_parser::x509::SubjectPublicKeyInfo;

    use super::*;

    /// Keys of OpenSSL 3.0 with all parameters of their curves.
    const WRITTEN_OUT: [(Curve, &str); 3] = [
        (
            Curve::P256,
            "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////MFsE\
            IP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\
            NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84z\
            V2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABIf+kz+qdPBg+HD1cYpJX+38\
            6ZMlpOO04op003m2XXZJSz5FJU+3larKgQ/aE1O1q9IvUYtHzaoTDLXVFXKYSQQ=",
        ),
        (
            Curve::P384,
            "MIIBzDCCAWQGByqGSM49AgEwggFXAgEBMDwGByqGSM49AQECMQD//////////////////////////////////////////v//\
            //8AAAAAAAAAAP////8wewQw//////////////////////////////////////////7/////AAAAAAAAAAD////8BDCzMS+n\
            4j7n5JiOBWvj+C0ZGB2cbv6BQRIDFAiPUBOHWsZWOY2KLtGdKoXI7dPsKu8DFQCjNZJqoxmieh0AiWpnc6SCes2scwRhBKqH\
            yiK+iwU3jrHHHvMgrXRuHTtii6ebmFn3QeCCVCo4VQLyXb9VKWw6VF44cnYKtzYX3kqWJixvXZ6Yv5KS3Cn49B29KJoUfOna\
            MRO18LjACmCxzh1+gZ16Qx18kOoOXwIxAP///////////////////////////////8djTYH0Ny3fWBoNskiwp3rs7BlqzMUp\
            cwIBAQNiAATEO0QZOdDNXalDpXccrjN2sC+oLmbYDl3PK6s/ys0J/JtezPr7Idsoyh5Po3Rlb5RYsLMoIqWrNmqc4t7/OoH+\
            PyFevdKA+iETGwe73U5i0rnN6S7VpxOZBVnItEWvFPg=",
        ),
        (
            Curve::P521,
            "MIICXTCCAdAGByqGSM49AgEwggHDAgEBME0GByqGSM49AQECQgH/////////////////////////////////////////////\
            /////////////////////////////////////////zCBnwRCAf//////////////////////////////////////////////\
            ///////////////////////////////////////8BEIAUZU+uWGOHJofkpohoLaFQO6i2nJbmbMV87i0iZGO8QnhVhk5Uex+\
            k3sWUsC9O7G/BzVz34g9LDTx70Uf1GtQPwADFQDQnogAKRy4U5bMZxc5MoSqoNpkugSBhQQAxoWOBrcEBOnNnj7LZiOVtEKc\
            ZIE5BT+1Ifgor2BrTT26oUted+/nWSj+HcEnov+o3jNIs8GFakKb+X5+McLlvWYBGDkpaniaO8AEXIpftCx9G9mY9URJV5tE\
            aBevvRcnPmYsl+5ymV70JkDFULkBP60HYTU8cIaicsJAiL6Udp/RZlACQgH/////////////////////////////////////\
            //////pRhoeDvy+Wa3/MAUj3CaXQO7XJuImcR667b7cekThkCQIBAQOBhgAEAYGkqRQLk7sOsGlLMFRkO+/VqL5YzxUuOWua\
            PZrQ+Gw0OUX7I3OUlqRUEd4Oq/LWRrYJuVuPBVvYweHSpxt53QtCAV7M5ERWAb9QWCHi/CRKvxNLPrmrke0xBFFutvLNkwK3\
            GPJSROVN2hU2EjNICOoa6VazP1CbtfwN3G9wVyA2pvgr",
        ),
    ];

    fn curve_of(spki: &[u8]) -> Option<Curve> {
        read(SubjectPublicKeyInfo::from_der(spki).ok()?.1.algorithm.parameters.as_ref()?)
    }

    #[test]
    fn a_curve_that_is_written_out_is_known_by_all_of_its_parameters() {
        for (curve, spki) in WRITTEN_OUT {
            assert_eq!(curve_of(&BASE64_STANDARD.decode(spki).unwrap()), Some(curve));
        }
    }

    #[test]
    fn another_base_point_or_anything_else_is_another_curve() {
        let spki = BASE64_STANDARD.decode(WRITTEN_OUT[0].1).unwrap();
        // A byte of the prime, of a and b, of the base point and of the order.
        for at in [40, 80, 110, 170, 240] {
            let mut other = spki.clone();
            other[at] ^= 1;
            assert_ne!(curve_of(&other), Some(Curve::P256), "byte {at}");
        }
    }
}
