//! Where this kiosk's settings and files are: the arguments that most commands share.

use std::path::{Path, PathBuf};

use checkpoint::trust::TrustList;
use clap::Args;

use crate::config::{Config, ConfigFault};
use crate::trust_store::{TrustStore, TrustStoreFault};

/// Settings file and state folder.
#[derive(Args, Clone, Debug)]
pub struct PlaceArgs {
    /// The settings file; every key is explained in it.
    #[arg(long, value_name = "FILE", default_value = "kiosk.toml")]
    pub config: PathBuf,
    /// Folder for passages, keys and the newest trust list, in place of `storage.dir` of the settings.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

impl PlaceArgs {
    /// Reads the settings, with `--state` in force.
    ///
    /// # Errors
    /// As `Config::load`.
    pub fn load(&self) -> Result<Config, ConfigFault> {
        let mut config = Config::load(&self.config)?;
        if let Some(state) = &self.state {
            config.storage_dir.clone_from(state);
        }
        Ok(config)
    }
}

/// The folder of the journal's segments and its index, in the state folder.
pub fn journal_dir(storage: &Path) -> PathBuf {
    storage.join("journal")
}

/// The trust files of this kiosk: those that its settings name, and newer ones that came by synchronisation.
pub fn trust_store(config: &Config) -> TrustStore {
    TrustStore::new(&config.trust_dir, config.storage_dir.join("trust")).at(config.lane.location.clone())
}

/// Trust files that stand for themselves, without anything that was received: a recording's.
///
/// # Errors
/// As `TrustStore::load`.
pub fn trust_in(dir: &Path) -> Result<TrustList, TrustStoreFault> {
    Ok(TrustStore::new(dir, dir.join("received")).load()?.list)
}

/// Authority, version and day of a trust list, for a person on the telephone.
pub fn list_in_words(list: &TrustList) -> String {
    match list.is_loaded() {
        true => format!(
            "{}, {}, {}",
            list.authority(),
            list.version(),
            crate::words::date(crate::words::day(list.signed_at()))
        ),
        false => "–".to_owned(),
    }
}

/// Makes the state folder, for its owner alone.
///
/// # Errors
/// What the system says, with the folder and what to do.
pub fn make_state_dir(dir: &Path) -> Result<(), String> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|fault| {
        format!(
            "cannot make the state folder {}: {fault}. Give a folder that can be written with --state DIR",
            dir.display()
        )
    })
}
