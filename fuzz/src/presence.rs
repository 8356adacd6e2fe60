//! The answer of a visitor's app: a key-binding JWT behind a sound credential.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use checkpoint::passage::Location;
use checkpoint::presence::{Answer, Presence, PresenceFault};
use checkpoint::verdict::Reason;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

use crate::Budget;
use crate::credentials::{bound, proven};
use crate::forge;

/// A text of 4 KiB takes a few times its length.
const BUDGET: Budget = Budget { heap_bytes_max: 64 * 1024, cpu_ms_max: 50 };

const PLACE: &str = "HN-CK-0023";
const TICK: Duration = Duration::from_secs(1000);
const HEADER: &str = r#"{"alg":"EdDSA","typ":"kb+jwt"}"#;

fn phone() -> SigningKey {
    forge::key(8)
}

fn presence() -> Presence {
    let location = Location { code: PLACE.into(), name: "Chốt cầu Giẽ".into(), province: "Hà Nội".into() };
    Presence::new(&[7; 32], &location).expect("a place that can stand in a code")
}

/// An answer: its payload or its header, signed by the holder's key; or the text behind the tilde.
pub fn answer(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let credential_text = bound(&phone().verifying_key());
    let text = match kind % 4 {
        0 | 1 => format!("{credential_text}~{}", signed(HEADER.as_bytes(), rest)),
        2 => format!("{credential_text}~{}", signed(rest, payload(&credential_text).as_bytes())),
        _ => format!("{credential_text}~{}", String::from_utf8_lossy(rest)),
    };
    let Some(answer) = Answer::of(&text) else { return };
    let credential = proven(answer.credential).expect("the forger's own");
    let mut presence = presence();
    match BUDGET.spend(|| presence.check(answer, &credential, TICK)) {
        Ok(()) => {
            let again = presence.check(answer, &credential, TICK);
            assert_eq!(again, Err(Reason::Presence(PresenceFault::Given)), "one answer is good once");
            let later = presence.check(answer, &credential, TICK + Duration::from_secs(300));
            assert_eq!(later, Err(Reason::Presence(PresenceFault::Old)), "an answer grows old");
        }
        Err(reason) => assert!(kind % 4 > 1 || reason != Reason::AlgorithmNotAllowed),
    }
}

/// Seeds of `presence`.
pub fn answer_seeds() -> Vec<Vec<u8>> {
    let payload = payload(&bound(&phone().verifying_key()));
    vec![
        [&[0], payload.as_bytes()].concat(),
        [&[2], HEADER.as_bytes()].concat(),
        [&[3], signed(HEADER.as_bytes(), payload.as_bytes()).as_bytes()].concat(),
    ]
}

/// The payload of a sound answer.
fn payload(credential: &str) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{credential}~")));
    let nonce = presence().nonce(TICK);
    format!(r#"{{"iat":1772413200,"aud":"{PLACE}","nonce":"{nonce}","sd_hash":"{hash}"}}"#)
}

fn signed(header: &[u8], payload: &[u8]) -> String {
    let [header, payload] = [header, payload].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    let signed = format!("{header}.{payload}");
    let signature = BASE64_URL_SAFE_NO_PAD.encode(phone().sign(signed.as_bytes()).to_bytes());
    format!("{signed}.{signature}")
}
