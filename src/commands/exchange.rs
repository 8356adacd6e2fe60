//! Synchronisation as the kiosk does it: the courier takes passages out, the trust store takes a newer list in.

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use super::place::{self, PlaceArgs, journal_dir};
use super::session::{Mailbox, Message};
use super::sync::{self, SyncArgs};
use crate::config::Config;
use crate::courier::{Bare, TRUST_DIR};
use crate::journal::JournalFault;
use crate::trust_store::{Installed, TrustStore, TrustStoreFault};

/// `kiosk sync DIR`.
///
/// # Errors
/// What kept passages from going out, or the list from coming in. What was done before stays done.
pub fn by_hand(args: &SyncArgs, place: &PlaceArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = place.load()?;
    let journal = args.journal.clone().unwrap_or_else(|| journal_dir(&config.storage_dir));
    let store = place::trust_store(&config);
    match sync::sync(&journal, &config.storage_dir, &args.dir, Bare::Begin) {
        Ok(sent) => println!("passages: {}", sync::describe(&sent)),
        // A kiosk that has not run yet has nothing to send, and may still be brought a list.
        Err(sync::SyncFault::Journal(JournalFault::Missing { .. })) => println!("passages: none kept yet"),
        Err(fault) => return Err(fault.into()),
    }
    match bring(&store, &args.dir)? {
        None => println!("trust list: none in {}", args.dir.join(TRUST_DIR).display()),
        Some(Installed::Already) => println!("trust list: the same as in force"),
        Some(Installed::Newer(list)) => println!("trust list: version {} is in force now", list.version()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Synchronises with the settings' folder, again and again, in a thread of its own. Does nothing where none is set.
pub fn in_the_background(config: &Config, store: TrustStore, mailbox: Mailbox) {
    let Some(dir) = config.sync_dir.clone() else { return };
    let (storage, every) = (config.storage_dir.clone(), config.sync_every);
    let courier = thread::Builder::new().name("courier".into()).spawn(move || {
        let (_never_stopped, stop) = mpsc::channel();
        sync::keep_in_sync(&journal_dir(&storage), &storage, &dir, every, &stop, |result| {
            match result {
                Ok(sent) => tracing::info!("passages: {}", sync::describe(&sent)),
                Err(fault) => tracing::info!(%fault, "not synchronised; it is tried again by itself"),
            }
            match bring(&store, &dir) {
                Ok(Some(Installed::Newer(list))) => {
                    mailbox.send(Message::Trust(list));
                }
                Ok(Some(Installed::Already) | None) => {}
                Err(fault) => {
                    tracing::warn!(%fault, "the list that was brought is refused; the old one stays in force");
                    mailbox.send(Message::TrustRejected);
                }
            }
        });
    });
    if let Err(fault) = courier {
        tracing::error!(%fault, "the courier's thread cannot start: synchronise by hand");
    }
}

/// Takes in the list that lies in a folder, where there is one.
fn bring(store: &TrustStore, dir: &Path) -> Result<Option<Installed>, TrustStoreFault> {
    let incoming = dir.join(TRUST_DIR);
    if !incoming.is_dir() {
        return Ok(None);
    }
    store.install(&incoming).map(Some)
}
