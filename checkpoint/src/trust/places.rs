//! The authority's list of places, in a file of its own beside the bundle: a kiosk of an older program passes over it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::load::{FileName, TrustFault};
use super::roots::{RootChain, open, understand};
use crate::passage::Location;
use crate::unsigned::poster;

/// Payload type of the list of places.
pub const PLACES_TYPE: &str = "application/vnd.checkpoint.places+json";
/// Largest file, in bytes: `PLACES_MAX` places with names of 30 letters have about 600 KB in base64.
pub const PLACES_BYTES_MAX: u64 = 1024 * 1024;
/// Most places. The fifteen gates of Ha Noi of 2021 had some 200 posts behind them; a province of 2,000 has one in each village.
pub const PLACES_MAX: usize = 2_000;

/// Room for the envelope and its signatures, in bytes: twenty of them.
const SIGNATURES_BYTES: u64 = 8 * 1024;

/// Places that a kiosk may be set up at, signed by the bundle role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Only grows: the version of the bundle with which it was published first.
    pub version: u64,
    /// In the order in which they are shown.
    pub places: Vec<ListedPlace>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedPlace {
    /// Location code: it stands in every passage.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Province, as rule sets and scopes name it.
    pub province: String,
    /// District or another part of the province, for finding it. It decides nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
}

impl ListedPlace {
    /// As a passage carries it.
    pub fn location(&self) -> Location {
        Location { code: self.code.clone(), name: self.name.clone(), province: self.province.clone() }
    }
}

impl Places {
    /// Proves a file: signed by the bundle role of the last root.
    ///
    /// # Errors
    /// What is wrong with it; nothing of it is then believed.
    pub fn verify(roots: &RootChain, file: &[u8]) -> Result<Self, TrustFault> {
        let root = roots.last();
        let name = FileName::Places;
        let payload = open(file, name, PLACES_TYPE, root, &root.bundle, FileName::Root(root.version))?;
        let places: Self = understand(&payload, name)?;
        places.check().map_err(|detail| TrustFault::NotUnderstood { file: name, detail })?;
        Ok(places)
    }

    /// Whether a kiosk can use all of it: every place can stand in a passage and in a code, and none stands there twice.
    ///
    /// # Errors
    /// Which place is at fault, and why.
    pub fn check(&self) -> Result<(), String> {
        if self.version == 0 {
            return Err("its version is 0".into());
        }
        if self.places.len() > PLACES_MAX {
            return Err(format!("{} places: at most {PLACES_MAX}", self.places.len()));
        }
        // Base64 takes four bytes for three, and the signatures a few hundred each.
        let bytes =
            serde_json::to_vec(self).map_err(|error| error.to_string())?.len() as u64 / 3 * 4 + SIGNATURES_BYTES;
        if bytes > PLACES_BYTES_MAX {
            return Err(format!("{bytes} bytes as a signed file: at most {PLACES_BYTES_MAX}; shorten the names"));
        }
        let mut codes = BTreeSet::new();
        for (number, place) in (1..).zip(&self.places) {
            poster::write(&place.location()).map_err(|fault| format!("place {number}: {fault}"))?;
            let long = place.region.chars().count() > poster::NAME_LETTERS_MAX;
            if long || place.region.chars().any(crate::screen::acts_on_text) {
                return Err(format!("place {number}: the region must be at most 80 letters on one line"));
            }
            if !codes.insert(place.code.as_str()) {
                return Err(format!("place {number}: the code {} stands there twice", place.code));
            }
        }
        Ok(())
    }
}
