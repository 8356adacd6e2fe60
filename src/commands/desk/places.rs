//! Where the kiosk can be told to stand: the authority's list, or what the settings name where there is none.

use checkpoint::passage::Location;
use checkpoint::trust::places::Places;

use crate::commands::place;
use crate::config::Config;
use crate::ui::desk::PlaceShown;

/// The places that can be chosen.
pub(super) struct Known {
    places: Vec<PlaceShown>,
    signed: bool,
    /// Where the kiosk stands, though a newer list no longer names it: nobody is moved by a list.
    standing: Option<Location>,
}

impl Known {
    /// Those of the signed list that lie in the kiosk's province; those of the settings where it names none there.
    pub(super) fn load(config: &Config) -> Self {
        let signed = place::trust_store(config).places().unwrap_or_else(|fault| {
            tracing::warn!(%fault, "the signed list of places cannot be read");
            None
        });
        Self::of(signed, config)
    }

    fn of(signed: Option<Places>, config: &Config) -> Self {
        let here = &config.lane.location.province;
        let of_province = signed.into_iter().flat_map(|list| list.places).filter(|place| place.province == *here);
        let places: Vec<_> =
            of_province.map(|place| PlaceShown { location: place.location(), region: place.region }).collect();
        let signed = !places.is_empty();
        let own = || config.places.iter().map(|place| PlaceShown { location: place.clone(), region: String::new() });
        Self { places: if signed { places } else { own().collect() }, signed, standing: None }
    }

    /// Looks again: a stick may have brought another list.
    pub(super) fn refresh(&mut self, config: &Config, here: Option<&str>) {
        let standing = here.and_then(|code| self.find(code));
        *self = Self { standing, ..Self::load(config) };
    }

    /// The place of this code.
    pub(super) fn find(&self, code: &str) -> Option<Location> {
        let listed = self.places.iter().map(|place| &place.location).find(|location| location.code == code);
        listed.or(self.standing.as_ref().filter(|standing| standing.code == code)).cloned()
    }

    /// What the window offers: those that were chosen last, then the list; and whether it is signed.
    pub(super) fn shown(&self, recent: &[String]) -> (Vec<PlaceShown>, bool) {
        let mut places = self.places.clone();
        // Stable: the others keep the order of the list.
        places.sort_by_key(|place| recent.iter().position(|code| *code == place.location.code).unwrap_or(recent.len()));
        (places, self.signed)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use checkpoint::trust::places::ListedPlace;

    use super::*;

    fn config() -> Config {
        let mut config = Config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk.toml"))).unwrap();
        config.places = vec![Location { code: "OWN-1".into(), name: "A".into(), province: "Hà Nội".into() }];
        config
    }

    fn list(places: &[(&str, &str)]) -> Places {
        let place = |(code, province): &(&str, &str)| ListedPlace {
            code: (*code).into(),
            name: format!("Chợ {code}"),
            province: (*province).into(),
            region: String::new(),
        };
        Places { version: 1, places: places.iter().map(place).collect() }
    }

    fn codes(known: &Known, recent: &[&str]) -> Vec<String> {
        let recent: Vec<String> = recent.iter().map(|code| (*code).to_owned()).collect();
        known.shown(&recent).0.into_iter().map(|place| place.location.code).collect()
    }

    #[test]
    fn a_signed_list_of_the_province_takes_the_place_of_the_settings() {
        let config = config();
        let known = Known::of(Some(list(&[("HN-1", "Hà Nội"), ("HP-1", "Hải Phòng"), ("HN-2", "Hà Nội")])), &config);
        assert!(known.signed && known.find("OWN-1").is_none() && known.find("HP-1").is_none());
        assert_eq!(codes(&known, &[]), ["HN-1", "HN-2"]);
        assert_eq!(codes(&known, &["HN-2", "gone"]), ["HN-2", "HN-1"], "the one that was chosen last comes first");
        for none in [None, Some(list(&[])), Some(list(&[("HP-1", "Hải Phòng")]))] {
            let known = Known::of(none, &config);
            assert!(!known.signed && codes(&known, &[]) == ["OWN-1"]);
        }
    }

    #[test]
    fn nobody_is_moved_by_a_list() {
        let mut known = Known::of(Some(list(&[("HN-1", "Hà Nội")])), &config());
        known.refresh(&config(), Some("HN-1"));
        assert!(!known.signed, "there is no signed list in the shipped folder");
        assert_eq!(known.find("HN-1").unwrap().name, "Chợ HN-1");
    }
}
