//! Presence: the visitor's app answers what stands on this kiosk's screen, now.
//!
//! The screen shows a question: the place's code and a nonce that changes every half minute. The visitor's app scans it and
//! shows its credential with a key-binding JWT (RFC 9901, section 4.3) behind it, signed by the key that the issuer bound
//! the credential to. A photograph of an old answer is worth nothing, here or elsewhere. `docs/presence.md` has the format.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ed25519_dalek::{Signature, VerifyingKey};
use ring::hmac;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::passage::Location;
use crate::trust::credential::Credential;
use crate::unsigned::poster::{self, PosterFault};
use crate::verdict::Reason;

/// What every question of this version begins with.
pub const QUESTION_PREFIX: &str = "VNASK1:";
/// How long one nonce stands on the screen.
pub const NONCE_STANDS: Duration = Duration::from_secs(30);
/// How many earlier nonces are still answered: an app is found, a code is scanned, a telephone is turned round. An answer is
/// good for one and a half to two minutes after its nonce appeared.
const NONCES_BEFORE: u64 = 3;
/// Bytes of a nonce before base64url: nobody guesses 128 bits in two minutes.
const NONCE_BYTES: usize = 16;
/// Most answers remembered as given. Two minutes of a busy gate are 40.
const GIVEN_MAX: usize = 256;

/// The questions of one kiosk and the answers that were given to them. Lives in memory only: with a new start every
/// answer to an old question is void.
#[derive(Clone)]
pub struct Presence {
    secret: hmac::Key,
    place: String,
    /// Code, name and province as they stand in the question.
    fields: String,
    given: VecDeque<Given>,
}

/// An answer that was accepted once.
#[derive(Clone)]
struct Given {
    slot: u64,
    digest: [u8; 32],
}

/// The secret stays out of `{:?}`.
impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A text that carries an answer: the credential, and the key-binding JWT behind its tilde.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The credential alone, as it would be shown without an answer.
    pub credential: &'a str,
    binding: &'a str,
}

impl<'a> Answer<'a> {
    /// Takes a text apart; `None` where it carries no answer.
    pub fn of(text: &'a str) -> Option<Self> {
        let (credential, binding) = text.split_once('~')?;
        (credential.starts_with("eyJ") && !binding.is_empty()).then_some(Self { credential, binding })
    }
}

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceFault {
    /// The issuer bound the credential to no key, so nothing was proven.
    KeyMissing,
    /// Another key signed it, or it was made for another credential.
    Forged,
    /// It answers another place.
    Elsewhere,
    /// It answers a code that no longer stands on this screen, or never did.
    Old,
    /// It was shown before.
    Given,
}

impl PresenceFault {
    /// The short code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::KeyMissing => "P-NOKEY",
            Self::Forged => "P-FORGED",
            Self::Elsewhere => "P-PLACE",
            Self::Old => "P-OLD",
            Self::Given => "P-GIVEN",
        }
    }
}

impl From<PresenceFault> for Reason {
    fn from(fault: PresenceFault) -> Self {
        Self::Presence(fault)
    }
}

/// RFC 9901, section 4.3. Unknown members are refused, `crit` with them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
}

/// `iat` is the visitor's telephone's clock: it must be there, and nothing depends on it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    #[serde(rename = "iat")]
    _iat: u64,
    aud: String,
    nonce: String,
    sd_hash: String,
}

impl Presence {
    /// Questions of this place. `secret` is random and new at every start.
    ///
    /// # Errors
    /// What of the location cannot stand in a code: as `unsigned::poster::write`.
    pub fn new(secret: &[u8; 32], location: &Location) -> Result<Self, PosterFault> {
        Ok(Self {
            secret: hmac::Key::new(hmac::HMAC_SHA256, secret),
            place: location.code.clone(),
            fields: poster::fields(location)?,
            given: VecDeque::new(),
        })
    }

    /// Asks at another place from here on. Answers to the questions of the one before are not for this one.
    ///
    /// # Errors
    /// As `new`: it asks where it asked before.
    pub fn stand_at(&mut self, location: &Location) -> Result<(), PosterFault> {
        self.fields = poster::fields(location)?;
        self.place.clone_from(&location.code);
        Ok(())
    }

    /// The text of the code that stands on the screen at this tick.
    pub fn question(&self, tick: Duration) -> String {
        poster::with_check(format!("{QUESTION_PREFIX}{}|{}|", self.fields, self.nonce(tick)))
    }

    /// The nonce that stands on the screen at this tick (monotonic since the start).
    pub fn nonce(&self, tick: Duration) -> String {
        self.nonce_of(slot(tick))
    }

    /// How long that nonce still stands.
    pub fn remaining(&self, tick: Duration) -> Duration {
        let next = Duration::from_secs((slot(tick) + 1) * NONCE_STANDS.as_secs());
        next.saturating_sub(tick)
    }

    fn nonce_of(&self, slot: u64) -> String {
        let tag = hmac::sign(&self.secret, format!("presence 1 {slot}").as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(&tag.as_ref()[..NONCE_BYTES])
    }

    /// Checks the answer that came behind a verified credential, and remembers it.
    ///
    /// # Errors
    /// `Malformed` for another form, `AlgorithmNotAllowed`, `KeyMissing` where the issuer bound the credential to no
    /// key, `Forged` where another key signed or another credential was meant, `Elsewhere` for another place,
    /// `Old` for a nonce that no longer counts, `Given` for an answer that was shown before.
    pub fn check(&mut self, answer: Answer, credential: &Credential, tick: Duration) -> Result<(), Reason> {
        let malformed = || Reason::Malformed { layer: "presence" };
        let (signed, signature) = answer.binding.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        let bytes = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| malformed())?;
        if header.alg != "EdDSA" {
            return Err(Reason::AlgorithmNotAllowed);
        }
        if header.typ != "kb+jwt" {
            return Err(malformed());
        }
        let payload: Payload = serde_json::from_slice(&bytes(payload)?).map_err(|_| malformed())?;
        let signature: [u8; 64] = bytes(signature)?.try_into().map_err(|_| malformed())?;
        let key: VerifyingKey = credential.holder_key().ok_or(PresenceFault::KeyMissing)?;
        let credential_hash = Sha256::new().chain_update(answer.credential).chain_update("~").finalize();
        if key.verify_strict(signed.as_bytes(), &Signature::from_bytes(&signature)).is_err()
            || payload.sd_hash != BASE64_URL_SAFE_NO_PAD.encode(credential_hash)
        {
            return Err(PresenceFault::Forged.into());
        }
        if payload.aud != self.place {
            return Err(PresenceFault::Elsewhere.into());
        }
        let now = slot(tick);
        let answered = (now.saturating_sub(NONCES_BEFORE)..=now)
            .find(|slot| self.nonce_of(*slot) == payload.nonce)
            .ok_or(PresenceFault::Old)?;
        self.give(answered, now, Sha256::digest(signed.as_bytes()).into())
    }

    /// One answer is good once: a photograph of it is not, even a moment later.
    fn give(&mut self, slot: u64, now: u64, digest: [u8; 32]) -> Result<(), Reason> {
        self.given.retain(|given| given.slot + NONCES_BEFORE >= now);
        if self.given.iter().any(|given| given.digest == digest) {
            return Err(PresenceFault::Given.into());
        }
        if self.given.len() == GIVEN_MAX {
            // More answers than a gate can see: nobody knows any longer which were given.
            return Err(PresenceFault::Old.into());
        }
        self.given.push_back(Given { slot, digest });
        Ok(())
    }
}

fn slot(tick: Duration) -> u64 {
    tick.as_secs() / NONCE_STANDS.as_secs()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::envelope::Scheme;

    const CREDENTIAL: &str = "eyJhbGciOiJFZERTQSJ9.e30.c2ln";
    const PLACE: &str = "HN-CK-0023";

    fn asking(seed: u8) -> Presence {
        let location = Location { code: PLACE.into(), name: "Chốt cầu Giẽ".into(), province: "Hà Nội".into() };
        Presence::new(&[seed; 32], &location).unwrap()
    }

    fn phone(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn bound_to(key: Option<&SigningKey>) -> Credential {
        Credential::as_if_bound(key.map(SigningKey::verifying_key), Scheme::Native)
    }

    fn hash_of(credential: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{credential}~")))
    }

    fn sign(key: &SigningKey, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(payload));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
        format!("{CREDENTIAL}~{signed}.{signature}")
    }

    fn answer(key: &SigningKey, place: &str, nonce: &str, iat: u64) -> String {
        let payload =
            format!(r#"{{"iat":{iat},"aud":"{place}","nonce":"{nonce}","sd_hash":"{}"}}"#, hash_of(CREDENTIAL));
        sign(key, r#"{"alg":"EdDSA","typ":"kb+jwt"}"#, &payload)
    }

    fn check(presence: &mut Presence, text: &str, key: Option<&SigningKey>, secs: u64) -> Result<(), Reason> {
        presence.check(Answer::of(text).expect("an answer"), &bound_to(key), Duration::from_secs(secs))
    }

    #[test]
    fn a_fresh_answer_counts_once() {
        let mut presence = asking(1);
        let text = answer(&phone(5), PLACE, &presence.nonce(Duration::from_secs(10)), 1);
        assert_eq!(check(&mut presence, &text, Some(&phone(5)), 40), Ok(()));
        assert_eq!(check(&mut presence, &text, Some(&phone(5)), 45), Err(PresenceFault::Given.into()), "a photograph");
        let again = answer(&phone(5), PLACE, &presence.nonce(Duration::from_secs(46)), 2);
        assert_eq!(check(&mut presence, &again, Some(&phone(5)), 46), Ok(()), "the same phone may answer anew");
    }

    #[test]
    fn an_old_or_a_future_or_another_kiosks_nonce_is_not_an_answer() {
        let mut presence = asking(1);
        let at = |presence: &Presence, secs| answer(&phone(5), PLACE, &presence.nonce(Duration::from_secs(secs)), 1);
        let text = at(&presence, 29);
        assert_eq!(check(&mut presence.clone(), &text, Some(&phone(5)), 119), Ok(()), "three nonces later");
        assert_eq!(check(&mut presence, &text, Some(&phone(5)), 120), Err(PresenceFault::Old.into()));
        let text = at(&presence, 300);
        assert_eq!(check(&mut presence, &text, Some(&phone(5)), 200), Err(PresenceFault::Old.into()));
        let text = at(&asking(2), 0);
        assert_eq!(check(&mut presence, &text, Some(&phone(5)), 0), Err(PresenceFault::Old.into()), "after a restart");
        assert_eq!(
            check(&mut presence, &answer(&phone(5), PLACE, "", 1), Some(&phone(5)), 0),
            Err(PresenceFault::Old.into())
        );
    }

    #[test]
    fn another_place_another_phone_another_credential() {
        let mut presence = asking(1);
        let nonce = presence.nonce(Duration::ZERO);
        let elsewhere = answer(&phone(5), "HN-CK-0024", &nonce, 1);
        assert_eq!(check(&mut presence, &elsewhere, Some(&phone(5)), 0), Err(PresenceFault::Elsewhere.into()));
        let here = answer(&phone(5), PLACE, &nonce, 1);
        assert_eq!(check(&mut presence, &here, Some(&phone(6)), 0), Err(PresenceFault::Forged.into()));
        assert_eq!(check(&mut presence, &here, None, 0), Err(PresenceFault::KeyMissing.into()));
        let moved = here.replacen("c2ln", "c2lo", 1);
        assert_eq!(check(&mut presence, &moved, Some(&phone(5)), 0), Err(PresenceFault::Forged.into()));
    }

    #[test]
    fn what_is_not_a_key_binding_jwt_is_malformed() {
        let mut presence = asking(1);
        let nonce = presence.nonce(Duration::ZERO);
        let good = format!(r#"{{"iat":1,"aud":"{PLACE}","nonce":"{nonce}","sd_hash":"{}"}}"#, hash_of(CREDENTIAL));
        let key = phone(5);
        let malformed = Err(Reason::Malformed { layer: "presence" });
        let header = r#"{"alg":"EdDSA","typ":"kb+jwt"}"#;
        for text in [
            format!("{CREDENTIAL}~x"),
            format!("{CREDENTIAL}~a.b.c"),
            sign(&key, r#"{"alg":"EdDSA","typ":"hc+jwt"}"#, &good),
            sign(&key, r#"{"alg":"EdDSA","typ":"kb+jwt","crit":["b64"]}"#, &good),
            sign(&key, header, &good.replace("\"iat\":1,", "")),
            sign(&key, header, &good.replace("\"iat\":1,", "\"iat\":1,\"iat\":2,")),
            sign(&key, header, &good.replace("\"iat\":1,", "\"iat\":1,\"adm\":true,")),
            format!("{}~", answer(&key, PLACE, &nonce, 1)),
        ] {
            assert_eq!(check(&mut presence, &text, Some(&key), 0), malformed, "{text}");
        }
        let none = sign(&key, r#"{"alg":"none","typ":"kb+jwt"}"#, &good);
        assert_eq!(check(&mut presence, &none, Some(&key), 0), Err(Reason::AlgorithmNotAllowed));
        assert!(Answer::of(CREDENTIAL).is_none() && Answer::of("HC1:A~B").is_none() && Answer::of("eyJ~").is_none());
    }

    #[test]
    fn the_question_names_the_place_and_carries_the_nonce() {
        let presence = asking(1);
        let question = presence.question(Duration::ZERO);
        let nonce = presence.nonce(Duration::ZERO);
        let body = format!("VNASK1:HN-CK-0023|Chốt cầu Giẽ|Hà Nội|{nonce}|");
        assert_eq!(question, poster::with_check(body));
    }

    #[test]
    fn a_nonce_stands_for_half_a_minute_and_says_nothing_of_the_next() {
        let presence = asking(1);
        let nonce = |secs| presence.nonce(Duration::from_secs(secs));
        assert_eq!(nonce(0), nonce(29));
        assert_ne!(nonce(29), nonce(30));
        assert_eq!(nonce(0).len(), 22);
        assert_eq!(presence.remaining(Duration::from_secs(29)), Duration::from_secs(1));
        assert!(!format!("{presence:?}").contains(&nonce(0)));
    }
}
