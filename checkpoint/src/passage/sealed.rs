//! The sealed part: who it was and what was shown, readable only with the tracing authority's private key of that day.
//!
//! HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, one message for each passage.
//! A sealed part is the encapsulated key (32 bytes) followed by the ciphertext with its tag.

use std::fmt;

use chrono::NaiveDate;
use hpke::aead::{AeadCtxS, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::CryptoRng;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::{Identity, Outcome, Proof};
use crate::time::PartialDate;
use crate::trust::credential::Person;

/// `info` of the key schedule: this message belongs to this format and to no other use of the key.
const INFO: &[u8] = b"checkpoint passage identity 1";

/// The plaintext is padded to one of these sizes, in bytes, so that its length says next to nothing: one certificate of any
/// name takes the first, a visit of several codes the second.
const PADDED_BYTES: [usize; 4] = [1024, 2048, 4096, 8192];

/// Largest sealed part, in bytes: encapsulated key, largest padded plaintext, tag.
pub const SEALED_BYTES_MAX: usize = 32 + 8192 + 16;

/// Characters that remain of each name or number when even they alone are too long to seal. Only a hostile issuer gets
/// here: ICAO 9303 ends names at 39 characters, HC1 at 80.
const SHORTENED_CHARS: usize = 200;

/// The tracing authority's public key for one day in +07:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracingKey {
    /// The day whose passages are sealed to it.
    pub day: NaiveDate,
    /// X25519 public key.
    pub key: [u8; 32],
}

impl TracingKey {
    /// A short name by which a tracer finds the private key: the first 8 bytes of the SHA-256 of the key, in hexadecimal.
    pub fn hint(&self) -> String {
        Sha256::digest(self.key).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a sealed part is bound to (HPKE `aad`): it opens nowhere but in the record that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound<'a> {
    /// Device that recorded the passage.
    pub device: &'a str,
    /// Location code of the passage.
    pub location: &'a str,
    /// Sequence number of the record.
    pub sequence: u64,
    /// Day of the tracing key.
    pub day: NaiveDate,
}

impl Bound<'_> {
    /// Each text with its length before it (32 bits, big-endian), then the sequence number (64 bits, big-endian): no two
    /// different places read alike.
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for text in [self.device, self.location, &self.day.to_string()] {
            out.extend_from_slice(&(text.len() as u32).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out
    }
}

/// Why something could not be sealed or opened. Says nothing about what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// The tracing key is not a usable X25519 key.
    #[error("the tracing key is not a usable X25519 key; ask the authority for a new trust list")]
    BadKey,
    /// Another key, another record, or changed bytes.
    #[error("the sealed part does not open: it was sealed to another key, moved from another record, or changed")]
    DoesNotOpen,
    /// It opened, and what is inside is not an identity.
    #[error("the sealed part opens, but holds no identity in a form that this program knows")]
    NotAnIdentity,
}

/// The plaintext, before padding.
#[derive(Serialize)]
struct Plain<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_transliterated: Option<&'a str>,
    birth: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    #[serde(skip_serializing_if = "is_verified")]
    proof: Proof,
    shown: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    companions: Vec<Plain<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// Something was left out because it did not fit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shortened: bool,
}

/// The plaintext as it is read back.
#[derive(Deserialize)]
struct PlainOwned {
    name: String,
    name_transliterated: Option<String>,
    birth: String,
    number: Option<String>,
    /// Absent where it is verified, as in everything that was sealed before there was another proof.
    #[serde(default)]
    proof: Proof,
    shown: Vec<String>,
    #[serde(default)]
    companions: Vec<PlainOwned>,
    plate: Option<String>,
    outcome: Option<Outcome>,
}

impl<'a> Plain<'a> {
    fn of(identity: &'a Identity, shortened: bool) -> Self {
        Self {
            name: &identity.person.name,
            name_transliterated: identity.person.name_transliterated.as_deref(),
            birth: identity.person.birth.to_string(),
            number: identity.person.number.as_deref(),
            proof: identity.proof,
            shown: &identity.shown,
            companions: identity.companions.iter().map(|companion| Plain::of(companion, false)).collect(),
            plate: identity.plate.as_deref(),
            outcome: identity.outcome,
            shortened,
        }
    }
}

impl PlainOwned {
    fn identity(self) -> Result<Identity, SealFault> {
        Ok(Identity {
            person: Person {
                name: self.name,
                name_transliterated: self.name_transliterated,
                birth: PartialDate::parse(&self.birth).ok_or(SealFault::NotAnIdentity)?,
                number: self.number,
            },
            proof: self.proof,
            shown: self.shown,
            companions: self.companions.into_iter().map(Self::identity).collect::<Result<_, _>>()?,
            plate: self.plate,
            outcome: self.outcome,
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_verified(proof: &Proof) -> bool {
    *proof == Proof::Verified
}

/// A sealing that is ready for one identity. The curve arithmetic, nearly all of its cost, is done when it is made, so that
/// it can be made before a visitor comes. It is used up by sealing: no two identities ever share a key.
pub struct Sealer {
    key: TracingKey,
    hint: String,
    encapsulated: Vec<u8>,
    context: AeadCtxS<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>,
}

impl Sealer {
    /// A sealing to the tracing key of a day.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn new(key: TracingKey, rng: &mut impl CryptoRng) -> Result<Self, SealFault> {
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key.key).map_err(|_| SealFault::BadKey)?;
        let (encapsulated, context) =
            hpke::setup_sender_with_rng::<_, _, X25519HkdfSha256>(&OpModeS::Base, &public, INFO, rng)
                .map_err(|_| SealFault::BadKey)?;
        Ok(Self { key, hint: key.hint(), encapsulated: encapsulated.to_bytes().to_vec(), context })
    }

    /// The key that it seals to.
    pub fn key(&self) -> &TracingKey {
        &self.key
    }

    /// Its `TracingKey::hint`.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// Seals an identity.
    ///
    /// What does not fit into the largest padded size is left out from the end of what was shown, and the plaintext says so.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn seal(mut self, identity: &Identity, bound: &Bound<'_>) -> Result<Vec<u8>, SealFault> {
        let plain = padded(identity);
        let ciphertext = self.context.seal(&plain, &bound.bytes()).map_err(|_| SealFault::BadKey)?;
        Ok([self.encapsulated, ciphertext].concat())
    }
}

/// The key can be seen, the rest is secret.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Opens what a `Sealer` made, with the day's private key.
///
/// # Errors
/// `BadKey` if `private` is no key, `DoesNotOpen`, `NotAnIdentity`.
pub fn open(sealed: &[u8], private: &[u8; 32], bound: &Bound<'_>) -> Result<Identity, SealFault> {
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private).map_err(|_| SealFault::BadKey)?;
    let (encapsulated, ciphertext) = sealed.split_at_checked(32).ok_or(SealFault::DoesNotOpen)?;
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealFault::DoesNotOpen)?;
    let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        INFO,
        ciphertext,
        &bound.bytes(),
    )
    .map_err(|_| SealFault::DoesNotOpen)?;
    let plain = Zeroizing::new(plain);
    let (length, rest) = plain.split_first_chunk::<4>().ok_or(SealFault::NotAnIdentity)?;
    let json = rest.get(..u32::from_be_bytes(*length) as usize).ok_or(SealFault::NotAnIdentity)?;
    let read: PlainOwned = serde_json::from_slice(json).map_err(|_| SealFault::NotAnIdentity)?;
    read.identity()
}

/// The public half of a tracing key.
///
/// # Errors
/// `BadKey`.
pub fn public_key(private: &[u8; 32]) -> Result<[u8; 32], SealFault> {
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private).map_err(|_| SealFault::BadKey)?;
    <[u8; 32]>::try_from(X25519HkdfSha256::sk_to_pk(&private).to_bytes().as_slice()).map_err(|_| SealFault::BadKey)
}

/// Overwrites every text of an identity.
pub(super) fn wipe(identity: &mut Identity) {
    identity.person.name.zeroize();
    identity.person.name_transliterated.zeroize();
    identity.person.number.zeroize();
    identity.person.birth = PartialDate::Unknown;
    identity.shown.zeroize();
    identity.plate.zeroize();
    identity.companions.iter_mut().for_each(wipe);
}

/// Length (32 bits, big-endian), JSON, zeros up to a padded size. Never grown, so that no copy of a name stays behind in memory
/// that was grown out of.
fn padded(identity: &Identity) -> Zeroizing<Vec<u8>> {
    let filled = |size: usize, json: &dyn Fn(&mut [u8]) -> Option<usize>| {
        let mut out = Zeroizing::new(vec![0; size]);
        let json = json(&mut out[4..])?;
        out[..4].copy_from_slice(&(json as u32).to_be_bytes());
        Some((out, json))
    };
    // Nearly always the first one.
    let whole = PADDED_BYTES.into_iter().find_map(|size| filled(size, &|out| json_into(identity, false, out)));
    if let Some((out, _)) = whole {
        return out;
    }
    let largest = PADDED_BYTES[PADDED_BYTES.len() - 1];
    let shortened = filled(largest, &|out| Some(shortened_into(identity.clone(), out)));
    shortened.map_or_else(Zeroizing::default, |(mut out, json)| {
        out.truncate(PADDED_BYTES.into_iter().find(|size| json + 4 <= *size).unwrap_or(largest));
        out
    })
}

/// Writes as much of an identity as there is room for. Returns the JSON's bytes.
fn shortened_into(mut identity: Identity, out: &mut [u8]) -> usize {
    loop {
        if let Some(json) = json_into(&identity, true, out) {
            return json;
        }
        if !leave_out_one(&mut identity) {
            break;
        }
    }
    shorten_names(&mut identity);
    loop {
        if let Some(json) = json_into(&identity, true, out) {
            return json;
        }
        if identity.companions.pop().is_none() {
            // One person's shortened names fit; were they not to, nothing is better than half of somebody's.
            return 0;
        }
    }
}

/// Leaves out the last line of what was shown, of whoever has most lines; who it was stays. `false` when no line is left.
fn leave_out_one(identity: &mut Identity) -> bool {
    let companions = identity.companions.iter_mut().map(|companion| &mut companion.shown);
    let longest = companions.chain(std::iter::once(&mut identity.shown)).max_by_key(|shown| shown.len());
    match longest.and_then(Vec::pop) {
        Some(mut left_out) => {
            left_out.zeroize();
            true
        }
        None => false,
    }
}

/// Cuts every name and number to what surely fits for one person.
fn shorten_names(identity: &mut Identity) {
    let person = &mut identity.person;
    let texts = [Some(&mut person.name), person.name_transliterated.as_mut(), person.number.as_mut()];
    for text in texts.into_iter().flatten() {
        let end = text.char_indices().nth(SHORTENED_CHARS).map_or(text.len(), |(at, _)| at);
        text.truncate(end);
    }
    identity.companions.iter_mut().for_each(shorten_names);
}

/// Writes the JSON and zeros behind it. Returns its bytes; `None` where there is no room for it.
fn json_into(identity: &Identity, shortened: bool, out: &mut [u8]) -> Option<usize> {
    let room = out.len();
    let mut rest = &mut *out;
    // Only the room can be missing: there is nothing in it that JSON cannot say.
    let fits = serde_json::to_writer(&mut rest, &Plain::of(identity, shortened)).is_ok();
    let left = rest.len();
    let json = if fits { room - left } else { 0 };
    // Half a text where there was no room, or the end of a longer one before.
    out[json..].fill(0);
    fits.then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: [u8; 32] = [7; 32];

    /// Counts up: enough to make a test repeatable.
    struct Counter(u8);

    impl hpke::rand_core::TryRng for Counter {
        type Error = std::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            self.0 = self.0.wrapping_add(1);
            Ok(u32::from(self.0))
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            self.try_next_u32().map(u64::from)
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            for byte in bytes {
                self.0 = self.0.wrapping_add(1);
                *byte = self.0;
            }
            Ok(())
        }
    }

    impl hpke::rand_core::TryCryptoRng for Counter {}

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
    }

    fn key() -> TracingKey {
        TracingKey { day: day(), key: public_key(&PRIVATE).unwrap() }
    }

    fn seal(identity: Identity, key: &TracingKey, bound: &Bound<'_>, rng: &mut Counter) -> Result<Vec<u8>, SealFault> {
        Sealer::new(*key, rng)?.seal(&identity, bound)
    }

    fn bound() -> Bound<'static> {
        Bound { device: "0123456789abcdef", location: "HN-CK-0023", sequence: 17, day: day() }
    }

    fn identity(name: &str, shown: &[&str]) -> Identity {
        Identity {
            person: Person {
                name: name.into(),
                name_transliterated: Some("NGUYEN VAN A".into()),
                birth: PartialDate::parse("1987-01").unwrap(),
                number: Some("001093029317".into()),
            },
            proof: Proof::Refused,
            shown: shown.iter().map(|text| text.to_string()).collect(),
            companions: Vec::new(),
            plate: None,
            outcome: None,
        }
    }

    #[test]
    fn opens_with_the_private_key_of_the_day_and_gives_the_same_identity() {
        let sealed = seal(identity("Nguyễn Văn A", &["native VN x"]), &key(), &bound(), &mut Counter(0)).unwrap();
        assert!(open(&sealed, &PRIVATE, &bound()).unwrap() == identity("Nguyễn Văn A", &["native VN x"]));
    }

    #[test]
    fn each_of_a_group_keeps_its_own_outcome_and_older_parts_have_none() {
        let mut group = identity("Nguyễn Văn A", &["x"]);
        group.outcome = Some(Outcome::Admit);
        let mut refused = identity("Trần Thị B", &["y"]);
        refused.outcome = Some(Outcome::Refuse);
        group.companions.push(refused);
        let sealed = seal(group.clone(), &key(), &bound(), &mut Counter(0)).unwrap();
        assert!(open(&sealed, &PRIVATE, &bound()).unwrap() == group);
        let older: PlainOwned = serde_json::from_str(r#"{"name":"A","birth":"1987","shown":[]}"#).unwrap();
        assert_eq!(older.identity().unwrap().outcome, None);
    }

    #[test]
    fn does_not_open_in_another_record_or_with_another_key() {
        let sealed = seal(identity("A", &[]), &key(), &bound(), &mut Counter(0)).unwrap();
        for other in [
            Bound { sequence: 18, ..bound() },
            Bound { device: "0123456789abcdee", ..bound() },
            Bound { location: "HN-CK-0024", ..bound() },
            Bound { day: day().succ_opt().unwrap(), ..bound() },
        ] {
            assert_eq!(open(&sealed, &PRIVATE, &other).err(), Some(SealFault::DoesNotOpen), "{other:?}");
        }
        assert_eq!(open(&sealed, &[8; 32], &bound()).err(), Some(SealFault::DoesNotOpen));
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_found() {
        let sealed = seal(identity("A", &[]), &key(), &bound(), &mut Counter(0)).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &PRIVATE, &bound()).is_err(), "byte {at}");
        }
        for end in [0, 1, 31, 32, 33, sealed.len() - 1] {
            assert!(open(&sealed[..end], &PRIVATE, &bound()).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn the_length_does_not_tell_the_name() {
        let length = |name: &str| seal(identity(name, &["one"]), &key(), &bound(), &mut Counter(0)).unwrap().len();
        assert_eq!(length("A"), length(&"Công Tằng Tôn Nữ ".repeat(10)));
    }

    #[test]
    fn what_is_too_long_is_shortened_and_the_person_kept() {
        let long = "x".repeat(5000);
        let sealed = seal(identity("Trần Thị B", &["first", &long, &long]), &key(), &bound(), &mut Counter(0)).unwrap();
        assert!(sealed.len() <= SEALED_BYTES_MAX);
        let opened = open(&sealed, &PRIVATE, &bound()).unwrap();
        assert_eq!(opened.person.name, "Trần Thị B");
        assert_eq!(opened.shown.len(), 2, "the second long one did not fit");
        let sealed = seal(identity(&"Đ".repeat(60_000), &[&long]), &key(), &bound(), &mut Counter(0)).unwrap();
        assert!(sealed.len() <= SEALED_BYTES_MAX);
        assert_eq!(open(&sealed, &PRIVATE, &bound()).unwrap().person.name.chars().count(), SHORTENED_CHARS);
    }

    #[test]
    fn a_group_is_sealed_whole_and_shortened_before_anybody_is_left_out() {
        let member = |name: &str, shown: &str| identity(name, &[shown]);
        let mut group = member("Nguyễn Văn A", "x");
        group.plate = Some("29A-12345".into());
        group.companions = (0..23).map(|n| member(&format!("Trần Thị B{n}"), &"y".repeat(400))).collect();
        let sealed = seal(group.clone(), &key(), &bound(), &mut Counter(0)).unwrap();
        assert!(sealed.len() <= SEALED_BYTES_MAX);
        let opened = open(&sealed, &PRIVATE, &bound()).unwrap();
        assert_eq!(opened.plate.as_deref(), Some("29A-12345"));
        let names = |group: &Identity| group.companions.iter().map(|one| one.person.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&opened), names(&group));
        assert!(opened.companions.iter().any(|one| one.shown.is_empty()), "what was shown had to give way");
    }

    #[test]
    fn a_key_that_is_no_key_is_refused() {
        let zero = TracingKey { day: day(), key: [0; 32] };
        assert_eq!(seal(identity("A", &[]), &zero, &bound(), &mut Counter(0)).err(), Some(SealFault::BadKey));
    }
}
