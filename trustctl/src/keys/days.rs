//! The tracing authority's keys: one X25519 key a day (+07:00), a file each, so that a day can be destroyed by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{Days, NaiveDate};
use hpke::{Kem, Serializable, kem::X25519HkdfSha256};
use zeroize::Zeroizing;

use super::passphrase::{Passphrase, Source};
use super::pem::{self, Cost, Curve};
use super::{refuse_open_secret, write_secret};
use crate::fault::{Fault, make_dir, read_text};

/// Ending of a day's key file: `2026-03-01.key`.
const ENDING: &str = ".key";

/// The keys of some days.
pub struct DayKeys {
    /// 32 bytes each. For the tracing authority alone.
    pub secrets: BTreeMap<NaiveDate, Zeroizing<[u8; 32]>>,
    /// Base64 of 32 bytes. For the bundle.
    pub public: BTreeMap<NaiveDate, String>,
}

impl DayKeys {
    /// Makes the keys of `days` days from `first_day`; `seed_of` gives 32 secret bytes for each day.
    ///
    /// # Errors
    /// Those of `seed_of`; `Unsound` for days beyond the calendar.
    pub fn make(
        first_day: NaiveDate,
        days: u64,
        seed_of: impl Fn(NaiveDate) -> Result<Zeroizing<[u8; 32]>, Fault>,
    ) -> Result<Self, Fault> {
        let mut keys = Self { secrets: BTreeMap::new(), public: BTreeMap::new() };
        for offset in 0..days {
            let day = first_day
                .checked_add_days(Days::new(offset))
                .ok_or_else(|| Fault::Unsound(format!("{days} days from {first_day} leave the calendar")))?;
            // RFC 9180, 7.1.3: HPKE's own derivation, so that any seed gives a well-formed key.
            let (secret, public) = X25519HkdfSha256::derive_keypair(&*seed_of(day)?);
            keys.secrets.insert(day, Zeroizing::new(secret.to_bytes().into()));
            keys.public.insert(day, BASE64_STANDARD.encode(public.to_bytes()));
        }
        Ok(keys)
    }

    /// Writes a file a day (mode 0600, encrypted) into a folder; a day that is there already is never written over.
    ///
    /// # Errors
    /// `Write`, `Crypto`.
    pub fn save(&self, folder: &Path, passphrase: &Passphrase) -> Result<(), Fault> {
        make_dir(folder)?;
        for (day, secret) in &self.secrets {
            let text = pem::encrypt(&Curve::X25519.private_der(secret), passphrase, Cost::Day)?;
            write_secret(&path_of(folder, *day), &format!("Name: tracing {day}\n{text}"))?;
        }
        Ok(())
    }
}

fn path_of(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join(format!("{day}{ENDING}"))
}

/// The secrets of some days, as far as they are still there: a day that was destroyed is not among them.
///
/// # Errors
/// `KeyLiesOpen`, `Read`, `WrongFile`, `Passphrase`.
pub fn open(
    folder: &Path,
    days: impl IntoIterator<Item = NaiveDate>,
    source: &Source,
) -> Result<BTreeMap<NaiveDate, Zeroizing<[u8; 32]>>, Fault> {
    let passphrase = source.existing(&format!("the tracing keys in {}", folder.display()))?;
    let mut secrets = BTreeMap::new();
    for day in days {
        let path = path_of(folder, day);
        if !path.exists() {
            continue;
        }
        refuse_open_secret(&path)?;
        let text = read_text(&path)?;
        let wrong = || Fault::wrong_file(&path, "a tracing key", "it holds no encrypted X25519 key");
        let der = pem::find(&text, pem::ENCRYPTED_KEY).ok_or_else(wrong)?;
        let opened = pem::decrypt(&der, &passphrase).ok_or_else(|| Fault::wrong_passphrase(&path))?;
        secrets.insert(day, Curve::X25519.private_from_der(opened.as_bytes()).ok_or_else(wrong)?);
    }
    Ok(secrets)
}
