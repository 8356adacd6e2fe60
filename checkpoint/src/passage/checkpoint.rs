//! The signed head of a chain, small enough for a QR code: whoever keeps it can tell later whether a journal was cut off or
//! replaced by an older copy. `docs/journal.md` is the specification.

use chrono::{DateTime, SubsecRound, Utc};
use data_encoding::BASE32_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::record::{Digest, Entry, JournalId, device_id};

/// What every text of this kind begins with, in any version.
const FAMILY: &str = "VNCHK";

/// What the texts of this version begin with. Upper case and a colon, as the rest: a QR's alphanumeric mode takes them.
pub const CHECKPOINT_PREFIX: &str = "VNCHK1:";

/// Signed before the bytes, so that the signature says nothing else anywhere.
const SIGNED_PREFIX: &[u8] = b"checkpoint journal head 1 ";

/// Device, journal, sequence, head, time: 8 + 16 + 8 + 32 + 8.
const HEAD_BYTES: usize = 72;
const SIGNATURE_BYTES: usize = 64;

/// Head of a journal's chain at one moment, as its device vouched for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Who signed it: `device_id`.
    pub device: String,
    /// The journal.
    pub journal: JournalId,
    /// Number of its last record then.
    pub sequence: u64,
    /// Hash of that record.
    pub head: Digest,
    /// When, UTC, to the millisecond: the device's best guess.
    pub at: DateTime<Utc>,
}

/// Why a text is no checkpoint that can be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// Another text.
    #[error("this is no checkpoint of a journal; it should begin with {CHECKPOINT_PREFIX}")]
    NotACheckpoint,
    /// It begins as one and is cut off, or was made by a newer program.
    #[error("the checkpoint is damaged, or a newer program made it; scan it again, or install the newer program")]
    Damaged,
    /// No known key belongs to the device that it names.
    #[error("device {device} is not known here; enrol it, then read the checkpoint again")]
    UnknownDevice {
        /// What it names.
        device: String,
    },
    /// The device did not sign this.
    #[error("the signature of device {device} does not hold: the checkpoint was changed or forged")]
    BadSignature {
        /// What it names.
        device: String,
    },
}

impl Checkpoint {
    /// Whether a text wants to be one, of any version: then it is no visitor's code.
    pub fn is_meant_by(text: &str) -> bool {
        text.starts_with(FAMILY)
    }

    /// The device that a text names. Vouched for by nobody.
    ///
    /// # Errors
    /// `NotACheckpoint`, `Damaged`.
    pub fn device_unverified(text: &str) -> Result<String, CheckpointFault> {
        parse(text).map(|(checkpoint, _)| checkpoint.device)
    }

    /// The text that carries it, signed by the device: 225 characters, a QR of version 9 at level M.
    pub fn sign(&self, key: &SigningKey) -> String {
        let bytes = self.bytes();
        let signature = key.sign(&[SIGNED_PREFIX, &bytes].concat());
        format!("{CHECKPOINT_PREFIX}{}", BASE32_NOPAD.encode(&[bytes.as_slice(), &signature.to_bytes()].concat()))
    }

    /// Proves a text: signed by the device that it names, whose key is one of `devices`.
    ///
    /// # Errors
    /// Every `CheckpointFault`.
    pub fn verify(text: &str, devices: &[VerifyingKey]) -> Result<Self, CheckpointFault> {
        let (checkpoint, signature) = parse(text)?;
        let device = checkpoint.device.clone();
        let Some(key) = devices.iter().find(|key| device_id(key) == device) else {
            return Err(CheckpointFault::UnknownDevice { device });
        };
        match key.verify_strict(&[SIGNED_PREFIX, &checkpoint.bytes()].concat(), &signature) {
            Ok(()) => Ok(checkpoint),
            Err(_) => Err(CheckpointFault::BadSignature { device }),
        }
    }

    /// Whether a record is the one that was the head.
    pub fn is_of(&self, entry: &Entry) -> bool {
        self.sequence == entry.record().sequence && self.head == entry.hash() && self.device == entry.record().device
    }

    fn bytes(&self) -> [u8; HEAD_BYTES] {
        let mut out = [0; HEAD_BYTES];
        let device = u64::from_str_radix(&self.device, 16).unwrap_or_default();
        out[..8].copy_from_slice(&device.to_be_bytes());
        out[8..24].copy_from_slice(&self.journal.0);
        out[24..32].copy_from_slice(&self.sequence.to_be_bytes());
        out[32..64].copy_from_slice(&self.head.0);
        out[64..].copy_from_slice(&self.at.trunc_subsecs(3).timestamp_millis().to_be_bytes());
        out
    }
}

fn parse(text: &str) -> Result<(Checkpoint, Signature), CheckpointFault> {
    let Some(encoded) = text.strip_prefix(CHECKPOINT_PREFIX) else {
        return Err(if Checkpoint::is_meant_by(text) {
            CheckpointFault::Damaged
        } else {
            CheckpointFault::NotACheckpoint
        });
    };
    let decoded = BASE32_NOPAD.decode(encoded.as_bytes()).map_err(|_| CheckpointFault::Damaged)?;
    let parts = decoded.split_first_chunk::<HEAD_BYTES>();
    let Some((bytes, Ok(signature))) = parts.map(|(head, rest)| (head, <[u8; SIGNATURE_BYTES]>::try_from(rest))) else {
        return Err(CheckpointFault::Damaged);
    };
    let number = |at: usize| bytes[at..at + 8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut checkpoint = Checkpoint {
        device: format!("{:016x}", number(0)),
        journal: JournalId([0; 16]),
        sequence: number(24),
        head: Digest([0; 32]),
        at: DateTime::from_timestamp_millis(number(64).cast_signed()).ok_or(CheckpointFault::Damaged)?,
    };
    checkpoint.journal.0.copy_from_slice(&bytes[8..24]);
    checkpoint.head.0.copy_from_slice(&bytes[32..64]);
    Ok((checkpoint, Signature::from_bytes(&signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            device: device_id(&key(1).verifying_key()),
            journal: JournalId([3; 16]),
            sequence: 3_021,
            head: Digest::of(b"the last record"),
            at: "2026-03-01T10:15:00.250Z".parse().unwrap(),
        }
    }

    #[test]
    fn what_was_signed_is_what_is_read() {
        let text = checkpoint().sign(&key(1));
        assert_eq!(text.len(), CHECKPOINT_PREFIX.len() + 218);
        assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b':'));
        assert_eq!(Checkpoint::verify(&text, &[key(2).verifying_key(), key(1).verifying_key()]), Ok(checkpoint()));
        assert!(Checkpoint::is_meant_by(&text));
    }

    #[test]
    fn the_text_is_as_documented() {
        // Made with openssl and Python from docs/journal.md alone.
        let text = concat!(
            "VNCHK1:GR2Q7GF5LH6PYAYDAMBQGAYDAMBQGAYDAMBQGAYAAAAAAAAABPG237Y2HJBR7JYRJ4LZRBLWOA4JT3WN2YSMOLZSH7JJKGVFCWGP",
            "NQYAAAAZZKHE5GNMVR3YC2BQFDFUVNLVQRDOYMY6VYWUBDYAKVZ66UGEW4HYHQ2OH7SLGRE7N3SXKZSAKXSLMQUY252GX5WMQZ36MEIOJYTL",
            "ZUSMQJGQAY"
        );
        assert_eq!(checkpoint().sign(&key(1)), text);
    }

    #[test]
    fn every_changed_letter_and_every_cut_is_found() {
        let text = checkpoint().sign(&key(1));
        let devices = [key(1).verifying_key()];
        for at in 0..text.len() {
            for letter in [b'A', b'7', b'2', b'a', b'='] {
                let mut changed = text.clone().into_bytes();
                if std::mem::replace(&mut changed[at], letter) != letter {
                    let changed = String::from_utf8(changed).unwrap();
                    assert!(Checkpoint::verify(&changed, &devices).is_err(), "letter {at}: {changed}");
                }
            }
            assert!(Checkpoint::verify(&text[..at], &devices).is_err(), "cut at {at}");
        }
        assert!(Checkpoint::verify(&format!("{text}A"), &devices).is_err());
    }

    #[test]
    fn another_devices_signature_does_not_hold() {
        let device = checkpoint().device;
        let forged = checkpoint().sign(&key(2));
        let bad = Err(CheckpointFault::BadSignature { device: device.clone() });
        assert_eq!(Checkpoint::verify(&forged, &[key(1).verifying_key()]), bad);
        let unknown = Err(CheckpointFault::UnknownDevice { device });
        assert_eq!(Checkpoint::verify(&checkpoint().sign(&key(1)), &[key(2).verifying_key()]), unknown);
        assert_eq!(Checkpoint::verify("HC1:ABC", &[]), Err(CheckpointFault::NotACheckpoint));
        assert_eq!(Checkpoint::verify("VNCHK2:ABC", &[]), Err(CheckpointFault::Damaged));
    }
}
